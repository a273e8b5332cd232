/* SPDX-License-Identifier: MIT */
/* What never gets through HTML (XEP-0071 s8), in either direction (M-14, M-29), and what holds for any soup. */
#include "translation/html.h"
#include "translation/xml.h"

#include <string.h>
#include <time.h>

typedef struct {
    const char *name, *html;
    const char *xhtml;
} Case;

#define X_STYLE(css) "<b style=\"" css "\">x</b>"
#define X            "<p><strong>x</strong></p>"
#define X_WITH(css)  "<p><strong style='" css "'>x</strong></p>"

static const Case cases[] = {
    {"script", "<b>x</b><script>alert(1)</script>", X},
    {"script-self-closed", "<b>x</b><script/>alert(1)</script>", X},
    {"script-prefixed", "<b>x</b><h:script xmlns:h='http://www.w3.org/1999/xhtml'>y</h:script>", X},
    {"script-split", "<b>x</b><scr<script>y</script>", "<p><strong>x</strong>y</p>"},
    {"style-element", "<style>b{background:url(http://x.example)}</style><b>x</b>", X},
    {"foreign", "<svg onload=alert(1)><b>y</b></svg><math>z</math><b>x</b>", X},
    {"frames", "<iframe src=http://x.example>y</iframe><object data=x>z</object><b>x</b>", X},
    {"forms", "<form action=http://x.example><input value=y><b>x</b></form>", X},
    {"meta", "<meta http-equiv=refresh content=0><base href=http://x.example><b>x</b>", X},
    {"pictures", "<b>x</b><img src=http://x.example/p onerror=alert(1)>", X},
    {"events", "<b onclick='alert(1)' onmouseover=alert(1)>x</b>", X},
    {"class-and-id",
     "<b class=c id=i title=t dir=rtl lang=de xml:lang=de data-x=y xmlns='urn:x'>x</b>", X},
    {"javascript", "<a href='javascript:alert(1)'><b>x</b></a>", X},
    {"javascript-case", "<a href='JaVaScRiPt:alert(1)'><b>x</b></a>", X},
    {"javascript-entities", "<a href='&#106;&#x61;vascript&#58;alert(1)'><b>x</b></a>", X},
    {"javascript-bare-entities", "<a href='&#0000106avascript:alert(1)'><b>x</b></a>", X},
    {"javascript-blanks", "<a href=' \t\n java\nscript\t:alert(1)'><b>x</b></a>", X},
    {"javascript-controls", "<a href='\x01java\x02script:alert(1)'><b>x</b></a>", X},
    {"javascript-control-entities", "<a href='&#1;java&#9;scr&#10;ipt:alert(1)'><b>x</b></a>", X},
    {"javascript-nul", "<a href='java&#0;script:alert(1)'><b>x</b></a>", X},
    {"javascript-behind-http", "<a href='http:javascript:alert(1)'><b>x</b></a>", X},
    {"vbscript", "<a href='vbscript:x'><b>x</b></a>", X},
    {"data", "<a href='data:text/html,<script>'><b>x</b></a>", X},
    {"file", "<a href='file://x.example/y'><b>x</b></a>", X},
    {"link-over-two-lines", "<a href='http://x.example/\n\ty'>z</a>",
     "<p><a href='http://x.example/y'>z</a></p>"},
    {"quotes-in-link", "<a href=\"http://x.example/'onclick='y\">z</a>",
     "<p><a href='http://x.example/%27onclick=%27y'>z</a></p>"},
    {"css-good", X_STYLE("COLOR : Red ;font-size:1.5em;; x;:y;background:#FFF !important"),
     X_WITH("background-color: #fff; color: red; font-size: 1.5em")},
    {"css-white-space-first", "<span style='white-space:pre;color:red'>a  b</span>",
     "<p><span style='color: red'>a\xC2\xA0 b</span></p>"},
    {"css-last-counts", X_STYLE("color:red;color:blue;color:rgb(1,2"), X_WITH("color: blue")},
    {"css-rgb", X_STYLE("color:rgb( 1, 20 ,300 )"), X_WITH("color: #0114ff")},
    {"css-expression", X_STYLE("color:expression(alert(1))"), X},
    {"css-expression-comment", X_STYLE("color:exp/**/ression(alert(1))"), X},
    {"css-escape", X_STYLE("color:\\65xpression(alert(1));\\63olor:red"), X},
    {"css-url", X_STYLE("background:url(http://x.example);background-color:url('y')"), X},
    {"css-url-entity", X_STYLE("background:u&#114;l(http://x.example)"), X},
    {"css-image", X_STYLE("background-image:url(x);list-style-image:url(x);content:'y'"), X},
    {"css-position", X_STYLE("position:fixed;top:0;left:0;width:100%;height:100%;z-index:9"), X},
    {"css-margin-outside", X_STYLE("margin-left:-9999px;text-align:center"), X},
    {"css-size", X_STYLE("font-size:9999pt"), X},
    {"css-size-zero", X_STYLE("font-size:0"), X},
    {"css-size-tiny", X_STYLE("font-size:0.1px"), X},
    {"css-size-word", X_STYLE("font-size:1e9px"), X},
    {"css-behaviour", X_STYLE("behavior:url(x);-moz-binding:url(x)"), X},
    {"css-import", X_STYLE("@import 'x';color:red}"), X},
    {"css-import-alone", X_STYLE("color:red}b{color:blue"), X},
    {"css-family", X_STYLE("font-family:'a);b','\"x\"'"), X},
    {"css-family-quotes", X_STYLE("font-family: Segoe  UI,'Arial'"),
     X_WITH("font-family: Segoe UI, Arial")},
    {"css-decoration", X_STYLE("text-decoration:blink underline line-through"),
     X_WITH("text-decoration: underline line-through")},
    {"css-weight", X_STYLE("font-weight:700;font-style:italic;font-weight:x"),
     X_WITH("font-style: italic; font-weight: 700")},
};

static void test_case(const void *data)
{
    const Case *c = data;
    g_autofree char *xhtml = NULL;
    g_autofree char *plain = stox_html_read(c->html, &xhtml);

    g_assert_cmpstr(xhtml, ==, c->xhtml);
}

/* ---- XHTML-IM toward SIP (M-14) ---- */

static const Case from_xhtml[] = {
    {"psi",
     "<p style='font-size:large'><span style='font-style: italic'>OMG</span>, I&apos;m <span "
     "style='color:green'>green</span>!</p>",
     "<p><span style='font-size: large'><span style='font-style: italic'>OMG</span>, I'm <span "
     "style='color: green'>green</span>!</span></p>"},
    {"picture",
     "<p>a <a href='http://x.example/'>b</a></p><p><img src='http://x.example/p' alt='c' "
     "height='1' width='1'/></p>",
     "<p>a <a href='http://x.example/'>b</a><br/>c</p>"},
    {"list", "<ul><li>a</li><li><strong>b</strong></li></ul>",
     "<ul><li>a</li><li><strong>b</strong></li></ul>"},
    {"cdata", "<em><![CDATA[<b>]]></em>", "<p><em>&lt;b&gt;</em></p>"},
    {"script", "<b>x</b><script>alert(1)</script>", X},
    {"other-namespace", "<b>x</b><y xmlns='urn:y'><script>z</script></y>", X},
    {"plain-only", "<p>hi</p>", NULL},
    {"empty", "", NULL},
    {"nothing-to-see", "<b> </b>", NULL},
    {"not-well-formed", "<b>x", NULL},
    {"not-well-formed-name", "<b>x</i>", NULL},
    {"not-xml", "<b>x&nbsp;</b>", NULL},
    {"out-of-its-element", "</body><body>", NULL},
};

static void test_from_xhtml(const void *data)
{
    const Case *c = data;
    g_autofree char *html = stox_html_from_xhtml(c->html);

    g_assert_cmpstr(html, ==, c->xhtml);
}

/* ---- Any soup ---- */

static const char *const pieces[] = {
    "<b>",
    "</b>",
    "<i>",
    "</i>",
    "<u style='color:red'>",
    "</u>",
    "<p>",
    "</p>",
    "<p align=center>",
    "<div>",
    "</div>",
    "<div style='margin-left:1em;color:blue'>",
    "<br>",
    "<br/>",
    " ",
    "  ",
    "\n",
    "&nbsp;",
    "a",
    "b ",
    " c",
    "<ul>",
    "</ul>",

    "</ol>",
    "<li>",
    "</li>",
    "<li style='color:red'>",
    "<blockquote>",
    "</blockquote>",
    "<pre>",
    "</pre>",
    "\n\n",
    "\t",

    "<a href=javascript:x>",
    "</a>",
    "<img alt=d>",
    "<img>",
    "<hr>",
    "<q>",
    "</q>",
    "<span style='white-space:pre'>",
    "<span style='display:none'>",
    "</span>",
    "<h1>",
    "</h1>",
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
    "<script>",
    "</script>",
    "<svg>",
    "</svg>",
    "&lt;",
    "&#",
    "&amp;x",
    "<",
    ">",
    "'",
    "\"",
    "<font color=red size=7>",
    "</font>",
    "<x y",
    "<head>",
    "<body>",
    "\xFF",
    "\x01",
    "\xC3\xA9",
    "<th>",
    "<dl><dt>",
    "<dd/>",
};
/* Their plain text is more than their markup says: numbers of lists that do not begin with 1 or are cut, tabs, and addresses of links that blocks cut or that are alike. */
static const char *const extras[] = {"<a href=http://x.example/>",
                                     "<a href=http://x.example/y>",
                                     "<table>",
                                     "</table>",
                                     "<tr>",
                                     "<td>",
                                     "</td>",
                                     "<ol start=7>",
                                     "<ol>"};

static char *make_soup(GRand *rand, bool with_extras)
{
    GString *soup = g_string_new(NULL);

    for (int n = g_rand_int_range(rand, 1, 60); n > 0; n--) {
        if (with_extras && g_rand_int_range(rand, 0, 6) == 0)
            g_string_append(soup, extras[g_rand_int_range(rand, 0, G_N_ELEMENTS(extras))]);
        else
            g_string_append(soup, pieces[g_rand_int_range(rand, 0, G_N_ELEMENTS(pieces))]);
    }
    return g_string_free(soup, FALSE);
}

static void check_tree(const StoxXmlNode *node)
{
    static const char *const names[] = {"p",  "br", "span", "strong",     "em", "a",
                                        "ul", "ol", "li",   "blockquote", NULL};
    static const char *const blocks[] = {"body", "p", "ul", "ol", "li", "blockquote", NULL};

    for (const StoxXmlNode *child = node->first_child; child; child = child->next) {
        g_assert_true(g_strv_contains(names, child->name));
        if (strcmp(node->name, "ul") == 0 || strcmp(node->name, "ol") == 0)
            g_assert_cmpstr(child->name, ==, "li");
        else
            g_assert_cmpstr(child->name, !=, "li");
        if (!g_strv_contains(blocks, node->name) || strcmp(node->name, "p") == 0)
            g_assert_false(g_strv_contains(blocks, child->name));
        for (const char **attr = child->attrs; *attr; attr += 2)
            g_assert_true(strcmp(attr[0], "style") == 0 ||
                          (strcmp(attr[0], "href") == 0 && strcmp(child->name, "a") == 0));
        check_tree(child);
    }
}

/* What is promised of every markup that leaves. */
static void check_xhtml(const char *xhtml)
{
    g_autofree char *whole = g_strconcat("<body>", xhtml, "</body>", NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(StoxXmlTree) tree =
        stox_xml_parse(whole, strlen(whole), &stox_xml_limits_stanza, &error);
    g_autofree char *again = NULL;
    g_autofree char *plain = stox_html_read(xhtml, &again);
    g_autofree char *html = stox_html_from_xhtml(xhtml);

    g_assert_no_error(error);
    check_tree(stox_xml_tree_root(tree));
    g_assert_cmpstr(again, ==, xhtml);
    g_assert_cmpstr(html, ==, xhtml);
}

static void check_soup(const char *soup, bool same_plain)
{
    g_autofree char *xhtml = NULL;
    g_autofree char *plain = stox_html_read(soup, &xhtml);
    g_autofree char *clean = stox_xml_clean(plain);
    g_autofree char *plain_again = NULL;

    g_assert_cmpstr(plain, ==, clean);
    g_assert_null(strchr(plain, '\r'));
    if (!xhtml)
        return;
    check_xhtml(xhtml);
    plain_again = stox_html_read(xhtml, NULL);
    if (same_plain)
        g_assert_cmpstr(plain_again, ==, plain);
}

/* The markup is well-formed and harmless, sanitising it again changes nothing, and it says what the plain text says. */
static void test_soup(void)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(29);

    for (int i = 0; i < 10000; i++) {
        bool with_extras = i % 2 == 0;
        g_autofree char *soup = make_soup(rand, with_extras);
        g_autofree char *shown = g_strescape(soup, NULL); /* TAP is UTF-8 */

        g_test_message("%s", shown);
        check_soup(soup, !with_extras);
    }
}

/* Any text comes back as it was, escaped and read. */
static void test_text(void)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(7);

    for (int i = 0; i < 2000; i++) {
        g_autoptr(GString) text = g_string_new("x");
        g_autoptr(GString) html = g_string_new(NULL);
        g_autofree char *plain = NULL;

        for (int n = g_rand_int_range(rand, 1, 40); n > 0; n--) {
            gunichar c = (gunichar) g_rand_int_range(rand, 0x21, i % 2 ? 0x7F : 0x20000);

            if (g_unichar_validate(c) && (c < 0x7F || c > 0xA0) && (c & 0xFFFE) != 0xFFFE)
                g_string_append_unichar(text, c);
        }
        stox_xml_append_text(html, text->str);
        plain = stox_html_read(html->str, NULL);
        g_assert_cmpstr(plain, ==, text->str);
    }
}

/* ---- Limits ---- */

static char *repeat(const char *unit, size_t size)
{
    GString *out = g_string_sized_new(size + strlen(unit));

    while (out->len < size)
        g_string_append(out, unit);
    return g_string_free(out, FALSE);
}

/* A megabyte of what would hurt a parser that looks back, nests or copies. */
static void test_cost(void)
{
    static const char *const units[] = {
        "<",
        "<b",
        "<b>",
        "<b>x",
        "</b>",
        "<b><i></b>",
        "<!--",
        "<!-- -",
        "<a href='",
        "<a href=\"x\" ",
        "<p>",
        "<div>x",
        "<li>",
        "<ul><li>x",
        "<blockquote><br>",
        "<br>",
        "<table><tr><td>x",
        "<td>x",
        "&",
        "&#",
        "&#x",
        "&a",
        "&amp",
        "<script>",
        "<script></scrip",
        "</script>",
        "<![CDATA[",
        "a ",
        " ",
        "&nbsp;",
        "<pre>\t",
        "<svg>",
        "<svg></svg>",
        "<a href=http://x.example/y>z",
        "<span style='color:red;color:red;color:red'>x",
        "<span style='font-family:a,a,a,a'>x</span>",
        "<b x=1 x=2 x=3 x=4 x=5>",
        "<q>",
        "<x/",
        "<img alt='x'>",
        "<b>x</b><i>y</i>",
        "\n",
        "]]>",
    };

    for (size_t i = 0; i < G_N_ELEMENTS(units); i++) {
        g_autofree char *soup = repeat(units[i], 1024 * 1024);
        clock_t start = clock(), took;

        check_soup(soup, false);
        took = clock() - start;
        g_test_message("%s: %d ms", units[i], (int) (took / (CLOCKS_PER_SEC / 1000)));
        /* of the processor; far more than it takes, for sanitizers. Quadratic would be minutes. */
        g_assert_cmpint(took, <, 10 * CLOCKS_PER_SEC);
    }
}

/* What is beyond the limit of markup is there as text. */
static void test_much_markup(void)
{
    g_autoptr(GString) soup = g_string_new(NULL);
    g_autofree char *xhtml = NULL;
    g_autofree char *plain = NULL;

    for (int i = 0; i < 300; i++)
        g_string_append_printf(soup, "<a href='http://x.example/%0150d'>w%d</a> ", i, i);
    plain = stox_html_read(soup->str, &xhtml);
    g_assert_nonnull(xhtml);
    g_assert_true(g_str_has_suffix(xhtml, " w298 w299</p>"));
    g_assert_nonnull(strstr(xhtml, ">w100</a>"));
    g_assert_cmpuint(strlen(xhtml), <, 40 * 1024);
    g_assert_true(g_str_has_prefix(plain, "w0 (http://x.example/"));
    check_xhtml(xhtml);
}

/* Elements inside each other: 40 count, in the output. */
static void test_deep(void)
{
    g_autoptr(GString) soup = g_string_new(NULL);
    g_autofree char *xhtml = NULL;
    g_autofree char *plain = NULL;

    for (int i = 10; i < 80; i++)
        g_string_append_printf(soup, "<blockquote style='font-size:%dpx'>%d", i, i);
    plain = stox_html_read(soup->str, &xhtml);
    g_assert_nonnull(strstr(xhtml, "28px"));
    g_assert_null(strstr(xhtml, "29px"));
    g_assert_nonnull(strstr(xhtml, "79"));
    check_xhtml(xhtml);
}

/* Too many lines or bytes: the plain text is all. */
static void test_too_much(void)
{
    g_autofree char *lines = repeat("x<br>", 5 * 3000);
    g_autofree char *text = repeat("x", 70 * 1024);
    const char *const soups[] = {lines, text};

    for (size_t i = 0; i < G_N_ELEMENTS(soups); i++) {
        g_autofree char *soup = g_strconcat("<b>y</b>", soups[i], NULL);
        g_autofree char *xhtml = NULL;
        g_autofree char *plain = stox_html_read(soup, &xhtml);

        g_assert_null(xhtml);
        g_assert_true(g_str_has_prefix(plain, "yx"));
    }
}

static void add_cases(const char *folder, const Case *list, size_t n, GTestDataFunc func)
{
    for (size_t i = 0; i < n; i++) {
        g_autofree char *path = g_strconcat(folder, list[i].name, NULL);

        g_test_add_data_func(path, &list[i], func);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    add_cases("/html-safety/M-29/", cases, G_N_ELEMENTS(cases), test_case);
    add_cases("/html-safety/M-14/", from_xhtml, G_N_ELEMENTS(from_xhtml), test_from_xhtml);
    g_test_add_func("/html-safety/soup", test_soup);
    g_test_add_func("/html-safety/text", test_text);
    g_test_add_func("/html-safety/cost", test_cost);
    g_test_add_func("/html-safety/much-markup", test_much_markup);
    g_test_add_func("/html-safety/deep", test_deep);
    g_test_add_func("/html-safety/too-much", test_too_much);
    return g_test_run();
}
