/* SPDX-License-Identifier: MIT */
/* What is left of each element of HTML (row M-29; XEP-0071 s7.8): one line for each kind, with the elements that are of it. */
#include "translation/html.h"

#include <glib.h>

typedef struct {
    const char *kind;
    const char *names; /* with blanks between; in `html` each stands for %s */
    const char *html, *plain;
    const char *xhtml; /* NULL: no more than the plain text */
} Kind;

#define NBSP        "\xC2\xA0"
#define SPAN(style) "<p>a<span style='" style "'>x</span>b</p>"

static const Kind kinds[] = {
    {"says-nothing",
     "applet audio canvas datalist math object select svg template video xml head script style "
     "title",
     "a<%s>x</%s>b", "ab", NULL},
    {"block",
     "address article aside body caption dd div dl dt fieldset figure footer form header html main "
     "nav p section table tr",
     "a<%s>x</%s>b", "a\nx\nb", NULL},
    {"list", "dir menu ul", "a<%s><li>x</%s>b", "a\n- x\nb", "<p>a</p><ul><li>x</li></ul><p>b</p>"},
    {"numbered", "ol", "a<%s><li>x</%s>b", "a\n1. x\nb", "<p>a</p><ol><li>x</li></ol><p>b</p>"},
    {"heading", "h1 h2 h3 h4 h5 h6", "a<%s>x</%s>b", "a\nx\nb",
     "<p>a<br/><strong>x</strong><br/>b</p>"},
    {"as-it-is-typed", "listing pre xmp", "a<%s>x\ny</%s>b", "a\nx\ny\nb",
     "<p>a<br/><span style='font-family: monospace'>x<br/>y</span><br/>b</p>"},
    {"quoted", "blockquote", "a<%s>x</%s>b", "a\n> x\nb",
     "<p>a</p><blockquote><p>x</p></blockquote><p>b</p>"},
    {"centred", "center", "a<%s>x</%s>b", "a\nx\nb",
     "<p>a</p><p style='text-align: center'>x</p><p>b</p>"},
    {"strong", "b strong", "a<%s>x</%s>b", "axb", "<p>a<strong>x</strong>b</p>"},
    {"emphasis", "cite dfn em i var", "a<%s>x</%s>b", "axb", "<p>a<em>x</em>b</p>"},
    {"monospace", "code kbd samp tt", "a<%s>x</%s>b", "axb", SPAN("font-family: monospace")},
    {"struck", "del s strike", "a<%s>x</%s>b", "axb", SPAN("text-decoration: line-through")},
    {"underlined", "ins u", "a<%s>x</%s>b", "axb", SPAN("text-decoration: underline")},
    {"larger", "big", "a<%s>x</%s>b", "axb", SPAN("font-size: larger")},
    {"smaller", "small", "a<%s>x</%s>b", "axb", SPAN("font-size: smaller")},
    {"marked", "mark", "a<%s>x</%s>b", "axb", SPAN("background-color: yellow")},
    {"in-quotation-marks", "q", "a<%s>x</%s>b", "a\"x\"b", NULL},
    {"text-alone", "a font span unheard-of", "a<%s>x</%s>b", "axb", NULL},
    {"without-an-end", "base img link meta", "a<%s>x", "ax", NULL},
    {"line", "br", "a<%s>x", "a\nx", NULL},
    {"rule", "hr", "a<%s>x", "a\n----\nx", NULL},
    {"cell", "td", "<table><tr><td>a<%s>x</%s><td>b</table>", "a\tx\tb", NULL},
    {"cell-of-a-heading", "th", "<table><tr><td>a<%s>x</%s><td>b</table>", "a\tx\tb",
     "<p>a " NBSP " <strong>x</strong> " NBSP " b</p>"},
    {"inside-the-head", "base link meta", "<head><%s>x</head>y", "y", NULL},
    /* what ends the head lets what follows be seen */
    {"of-the-head", "base link meta", "<head><%s></head>x", "x", NULL},
};

static char *named(const char *html, const char *name)
{
    g_auto(GStrv) parts = g_strsplit(html, "%s", -1);

    return g_strjoinv(name, parts);
}

static void test_kind(const void *data)
{
    const Kind *kind = data;
    g_auto(GStrv) names = g_strsplit(kind->names, " ", -1);

    for (char **name = names; *name; name++) {
        g_autofree char *html = named(kind->html, *name), *xhtml = NULL;
        g_autofree char *plain = stox_html_read(html, &xhtml);

        g_test_message("%s", html);
        g_assert_cmpstr(plain, ==, kind->plain);
        g_assert_cmpstr(xhtml, ==, kind->xhtml);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
        g_autofree char *path = g_strconcat("/html-elements/M-29-", kinds[i].kind, NULL);

        g_test_add_data_func(path, &kinds[i], test_kind);
    }
    return g_test_run();
}
