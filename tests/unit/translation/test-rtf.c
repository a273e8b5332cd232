/* SPDX-License-Identifier: MIT */
/* RTF of Lync and its forerunners to plain text and XHTML-IM (rows M-29, M-30, M-32, V-95; lync.md 4.4). */
#include "translation/rtf.h"
#include "translation/xml.h"

#include <string.h>

typedef struct {
    const char *name, *rtf;
    const char *text;  /* NULL: it is no RTF */
    const char *xhtml; /* inside its paragraph; NULL: no more than the text */
} Case;

#define LYNC                                                                                       \
    "{\\rtf1\\fbidis\\ansi\\ansicpg1252\\deff0\\nouicompat\\deflang1033{\\fonttbl{\\f0\\fnil\\"    \
    "fcharset0 Segoe UI;}{\\f1\\fnil Segoe UI;}{\\f2\\fnil\\fcharset204 Segoe UI;}}\r\n"           \
    "{\\colortbl ;\\red0\\green0\\blue0;\\red255\\green0\\blue0;}\r\n"                             \
    "{\\*\\generator Riched20 15.0.4420}{\\*\\mmathPr\\mnaryLim0\\mdispDef1\\mwrapIndent1440 "     \
    "}\\viewkind4\\uc1 \r\n\\pard\\cf1\\embo\\f0\\fs20 "
#define LYNC_END "\\embo0\\f1\\par\r\n{\\*\\lyncflags<rtf=1>}}\r\n\0"

static const Case cases[] = {
    {"lync", LYNC "Hello Bob" LYNC_END, "Hello Bob", NULL},
    {"lync-lines", LYNC "one\\par\r\n\\par\r\ntwo\\line three" LYNC_END, "one\n\ntwo\nthree", NULL},
    {"lync-bold-and-colour", LYNC "a \\b b\\b0  \\cf2\\i c\\ul d\\ulnone\\i0\\cf1 e" LYNC_END,
     "a b cde",
     "a <strong>b</strong> <span style='color:#ff0000'><em>c</em></span><span "
     "style='color:#ff0000;text-decoration:underline'><em>d</em></span>e"},
    {"lync-cyrillic", LYNC "\\f2\\'cf\\'f0\\'e8\\'e2\\'e5\\'f2\\f0 !" LYNC_END,
     "\xD0\x9F\xD1\x80\xD0\xB8\xD0\xB2\xD0\xB5\xD1\x82!", NULL},
    {"lync-emoji", LYNC "\\u-10179?\\u-8704? ok" LYNC_END, "\xF0\x9F\x98\x80 ok", NULL},
    {"communicator",
     "{\\rtf1\\ansi\\ansicpg1252\\deff0\\deflang1031{\\fonttbl{\\f0\\fnil\\fcharset0 MS Shell Dlg "
     "2;}}\r\n{\\colortbl ;\\red0\\green0\\blue255;}\r\n\\viewkind4\\uc1\\pard\\cf1\\f0\\fs20 "
     "Gr\\'fc\\'dfe\\cf0\\fs17\\par\r\n}\r\n",
     "Gr\xC3\xBC\xC3\x9F"
     "e",
     "<span style='color:#0000ff'>Gr\xC3\xBC\xC3\x9F"
     "e</span>"},
    {"utf-8-of-richedit",
     "{\\urtf1\\ansi\\ansicpg1252 Gr\xC3\xBC\xC3\x9F"
     "e\\par}",
     "Gr\xC3\xBC\xC3\x9F"
     "e",
     NULL},
    {"utf-8-as-labelled", "{\\rtf1\\ansi \xE2\x82\xAC \\'80}", "\xE2\x82\xAC \xE2\x82\xAC", NULL},
    {"raw-bytes-of-the-page", "{\\rtf1\\ansi\\ansicpg1251 \xCF\xF0}", "\xD0\x9F\xD1\x80", NULL},

    {"utf-8-that-an-escape-cuts",
     "{\\rtf1 a\\\xC3\xBC"
     "b\\bin1 \xC3\xBC"
     "c}",
     "a\xC2\xBC"
     "b\xC2\xBC"
     "c",
     NULL},

    /* \uN */
    {"unicode", "{\\rtf1 \\u8364?x}", "\xE2\x82\xACx", NULL},
    {"unicode-blank-delimits", "{\\rtf1 \\u8364 ?x}", "\xE2\x82\xACx", NULL},
    {"unicode-negative", "{\\rtf1 \\u-3913?}", "\xEF\x82\xB7", NULL},
    {"unicode-above-32767", "{\\rtf1 \\u65509?}", "\xEF\xBF\xA5", NULL},
    {"unicode-whole-code-point", "{\\rtf1 \\u128512?}", "\xF0\x9F\x98\x80", NULL},
    {"unicode-beyond", "{\\rtf1 \\u1114112?\\u99999999999?}", "\xEF\xBF\xBD\xEF\xBF\xBD", NULL},
    {"unicode-stand-in-is-hex", "{\\rtf1 \\u8364\\'80x}", "\xE2\x82\xACx", NULL},
    {"unicode-stand-in-is-a-word", "{\\rtf1 \\u8212\\emdash x}", "\xE2\x80\x94x", NULL},
    {"unicode-stand-in-is-escaped", "{\\rtf1 \\u8364\\{x}", "\xE2\x82\xACx", NULL},
    {"unicode-stand-in-is-binary", "{\\rtf1 \\u8364\\bin3 a}bx}", "\xE2\x82\xACx", NULL},
    {"unicode-uc-0", "{\\rtf1\\uc0 \\u8364 x}", "\xE2\x82\xACx", NULL},
    {"unicode-uc-2", "{\\rtf1\\uc2 \\u12354\\'82\\'a0x}", "\xE3\x81\x82x", NULL},
    {"unicode-uc-ends-with-its-group", "{\\rtf1{\\uc0 \\u8364 a}\\u8364?b}",
     "\xE2\x82\xAC"
     "a\xE2\x82\xAC"
     "b",
     NULL},
    {"unicode-uc-ends-at-a-group", "{\\rtf1\\uc3 \\u8364?{a}}",
     "\xE2\x82\xAC"
     "a",
     NULL},
    {"unicode-without-stand-in", "{\\rtf1 \\u8364\\u8364??}", "\xE2\x82\xAC\xE2\x82\xAC?", NULL},
    {"unicode-pair-across-words", "{\\rtf1 \\u-10179?\\f1\\uc1\\u-8704?}", "\xF0\x9F\x98\x80",
     NULL},
    {"unicode-half-pair", "{\\rtf1 \\u-10179?x\\u-8704?y}", "\xEF\xBF\xBDx\xEF\xBF\xBDy", NULL},
    {"unicode-half-pair-at-the-end", "{\\rtf1 x\\u-10179?}", "x\xEF\xBF\xBD", NULL},
    {"unicode-half-pair-unseen", "{\\rtf1{\\*\\x \\u-10179?}x}", "x", NULL},
    {"V-95-unicode-forbidden",
     "{\\rtf1 a\\u1?\\u0?\\u65535?\\u65534?\\'01\x02"
     "b}",
     "ab", NULL},

    /* code pages */
    {"page-default", "{\\rtf1 \\'80}", "\xE2\x82\xAC", NULL},
    {"page-ansicpg", "{\\rtf1\\ansi\\ansicpg1250 \\'e8}", "\xC4\x8D", NULL},
    {"page-ansicpg-unknown", "{\\rtf1\\ansi\\ansicpg4711 \\'fc}", "\xC3\xBC", NULL},
    {"page-mac", "{\\rtf1\\mac \\'8a}", "\xC3\xA4", NULL},
    {"page-pc", "{\\rtf1\\pc \\'e1}", "\xC3\x9F", NULL},
    {"page-pca", "{\\rtf1\\pca \\'d1}", "\xC3\x90", NULL},
    {"page-utf-8", "{\\rtf1\\ansi\\ansicpg65001 \\'e2\\'82\\'ac}", "\xE2\x82\xAC", NULL},
    {"page-of-font",
     "{\\rtf1\\ansicpg1252{\\fonttbl{\\f0\\fcharset161 A;}{\\f7\\fcharset238 B;}}"
     "\\'e1\\f7\\'e8}",
     "\xCE\xB1\xC4\x8D", NULL},
    {"page-of-font-without-groups",
     "{\\rtf1{\\fonttbl\\f0\\fcharset0 A;\\f1\\fcharset177 "
     "B;}\\f1\\'e0\\f0\\'e0}",
     "\xD7\x90\xC3\xA0", NULL},
    {"page-of-font-cpg", "{\\rtf1{\\fonttbl{\\f0\\fnil\\cpg866 A;}}\\'80}", "\xD0\x90", NULL},
    {"page-of-charset-1", "{\\rtf1\\ansicpg1251{\\fonttbl{\\f0\\fcharset1 A;}}\\f0\\'e0}",
     "\xD0\xB0", NULL},
    {"page-of-deff", "{\\rtf1\\deff3{\\fonttbl{\\f3\\fcharset204 A;}}\\'e0\\f1\\'e0\\plain\\'e0}",
     "\xD0\xB0\xC3\xA0\xD0\xB0", NULL},
    {"page-in-its-group", "{\\rtf1{\\fonttbl{\\f1\\fcharset204 A;}}{\\f1\\'e0}\\'e0}",
     "\xD0\xB0\xC3\xA0", NULL},
    {"page-japanese", "{\\rtf1{\\fonttbl{\\f0\\fcharset128 A;}}\\f0\\'82\\'a0\\'83A\\'83\\\\}",
     "\xE3\x81\x82\xE3\x82\xA2\xE3\x82\xBD", NULL},
    {"page-japanese-across-lines", "{\\rtf1\\ansicpg932 \\'82\r\n\\'a0}", "\xE3\x81\x82", NULL},
    {"page-chinese", "{\\rtf1\\ansicpg936 \\'c4\\'e3}", "\xE4\xBD\xA0", NULL},
    {"page-taiwan", "{\\rtf1\\ansicpg950 \\'a7\\'41}", "\xE4\xBD\xA0", NULL},
    {"page-korean", "{\\rtf1\\ansicpg949 \\'b0\\'a1}", "\xEA\xB0\x80", NULL},
    {"page-thai", "{\\rtf1\\ansicpg874 \\'a1}", "\xE0\xB8\x81", NULL},
    {"page-vietnamese-held-back", "{\\rtf1\\ansicpg1258 a\\'ec\\par b}", "\xC3\xA1\nb", NULL},
    {"page-undefined-byte", "{\\rtf1 a\\'81b}",
     "a\xEF\xBF\xBD"
     "b",
     NULL},
    {"page-half-character", "{\\rtf1\\ansicpg932 a\\'82}", "a\xEF\xBF\xBD", NULL},
    {"page-symbol-bullet",
     "{\\rtf1{\\fonttbl{\\f2\\fnil\\fcharset2 Symbol;}}"
     "{\\pntext\\f2\\'B7\\tab}{\\*\\pn\\pnlvlblt}one\\par}",
     "\xC2\xB7\tone", NULL},

    /* what stands for characters */
    {"characters",
     "{\\rtf1 a\\tab b\\emdash\\endash\\bullet\\lquote\\rquote\\ldblquote\\rdblquote c}",
     "a\tb\xE2\x80\x94\xE2\x80\x93\xE2\x80\xA2\xE2\x80\x98\xE2\x80\x99\xE2\x80\x9C\xE2\x80\x9D"
     "c",
     NULL},
    {"spaces", "{\\rtf1 \\emspace\\enspace\\qmspace\\zwj\\zwnj\\zwbo\\zwnbo\\ltrmark\\rtlmark}",
     "\xE2\x80\x83\xE2\x80\x82\xE2\x80\x85\xE2\x80\x8D\xE2\x80\x8C\xE2\x80\x8B\xE2\x81\xA0\xE2\x80"
     "\x8E"
     "\xE2\x80\x8F",
     NULL},
    {"symbols", "{\\rtf1 a\\~b\\_c\\-d\\\\\\{\\}\\:\\|}",
     "a\xC2\xA0"
     "b\xE2\x80\x91"
     "c\xC2\xAD"
     "d\\{}",
     NULL},
    {"line-ends", "{\\rtf1 a\\par b\\line c\\page d\\sect e\\column f\\softline g\\\nh\\\ri}",
     "a\nb\nc\nd\ne\nf\ng\nh\ni", NULL},
    {"table",
     "{\\rtf1\\trowd a\\cell b\\cell\\row c\\nestcell d\\nestcell{\\*\\nesttableprops"
     "\\nestrow}{\\nonesttables\\par}\\nestrow e}",
     "a\tb\t\nc\td\t\ne", NULL},
    {"source-newlines", "{\\rtf1 a\r\nb\nc\td}", "abc\td", NULL},
    {"V-95-nul", "{\\rtf1 a\\'00b}", "ab", NULL},
    {"last-lines-are-not-written", "{\\rtf1 a\\par\\b\\par\\par}", "a", NULL},
    {"empty", "{\\rtf1\\ansi}", "", NULL},
    {"markup-is-text", "{\\rtf1 <b>&amp;]]>\\b x}", "<b>&amp;]]>x",
     "&lt;b&gt;&amp;amp;]]&gt;<strong>x</strong>"},

    /* what is not shown */
    {"skipped",
     "{\\rtf1{\\fonttbl{\\f0 Font;}}{\\colortbl;}{\\stylesheet{\\s0 Normal;}}{\\info{\\author "
     "Eve}}{\\pict\\pngblip 89504e47}{\\object{\\*\\objdata 00}{\\result r}}{\\header h}{\\footer "
     "f}{\\footnote n}{\\*\\unknown{\\b u}}{\\*\\b u}{\\nonshppict p}x}",
     "x", NULL},
    {"unknown-words-are-shown-through",
     "{\\rtf1{\\unknown a}\\averyveryveryveryveryverylongword b}", "ab", NULL},
    {"binary", "{\\rtf1{\\pict\\bin5 }}}\\{}a\\bin2 {{b}", "ab", NULL},
    {"binary-beyond-the-end", "{\\rtf1 a{\\pict\\bin99999999 x}}", NULL, NULL},
    {"hidden", "{\\rtf1 a{\\v b\\par}{\\deleted c}\\v d\\v0 e}", "ae", NULL},
    {"alternatives", "{\\rtf1 {\\upr{ansi}{\\*\\ud{\\u8364?}}}x}", "\xE2\x82\xACx", NULL},
    {"behind-the-end", "{\\rtf1 a}b}{\\rtf1 c}", "a", NULL},

    /* looks */
    {"looks", "{\\rtf1 \\b a{\\i b}\\b0{\\strike c}\\ul d\\ul0 {\\uldb e}\\b f\\plain g}",
     "abcdefg",
     "<strong>a</strong><strong><em>b</em></strong><span style='text-decoration:line-through'>c"
     "</span><span style='text-decoration:underline'>de</span><strong>f</strong>g"},
    {"looks-combined", "{\\rtf1 {\\colortbl ;\\red1\\green2\\blue300;}\\cf1\\ul\\strike\\b a}", "a",
     "<span style='color:#0102ff;text-decoration:underline "
     "line-through'><strong>a</strong></span>"},
    {"looks-colour-unknown", "{\\rtf1{\\colortbl ;}\\cf7 a\\cf-1 b\\cf0 c}", "abc", NULL},
    {"looks-without-text", "{\\rtf1 a\\b\\i\\b0\\i0 b}", "ab", NULL},
    {"looks-lines", "{\\rtf1 a\\par\\b b\\par\\par c\\par}", "a\nb\n\nc",
     "a<br/><strong>b<br/><br/>c</strong>"},
    {"looks-blanks", "{\\rtf1  a   b\\b c}", " a   bc",
     "\xC2\xA0"
     "a \xC2\xA0\xC2\xA0"
     "b<strong>c</strong>"},

    /* links */
    {"link-of-richedit",
     "{\\rtf1 {\\colortbl ;\\red0\\green0\\blue255;}see {{\\field{\\*\\fldinst{HYPERLINK "
     "http://www.contoso.example/a }}{\\fldrslt{http://www.contoso.example/a\\ul0\\cf0}}}}\\f0  "
     "now}",
     "see http://www.contoso.example/a now",
     "see <a href='http://www.contoso.example/a'>http://www.contoso.example/a</a> now"},
    {"link-of-word",
     "{\\rtf1 {\\field{\\*\\fldinst{HYPERLINK \"https://contoso.example/?a=b&c=d\" \\\\o "
     "\"tip\"}}{\\fldrslt{\\ul\\b here}}}!}",
     "here (https://contoso.example/?a=b&c=d)!",
     "<a href='https://contoso.example/?a=b&amp;c=d'><strong>here</strong></a>!"},
    {"link-that-says-where",
     "{\\rtf1 {\\field{\\*\\fldinst HYPERLINK \"mailto:bob@partner.example\"}"
     "{\\fldrslt bob@partner.example}}}",
     "bob@partner.example", "<a href='mailto:bob@partner.example'>bob@partner.example</a>"},
    {"link-without-its-slash",
     "{\\rtf1 {\\field{\\*\\fldinst HYPERLINK \"http://contoso.example/\"}"
     "{\\fldrslt contoso.example}}}",
     "contoso.example", "<a href='http://contoso.example/'>contoso.example</a>"},
    {"link-without-words",
     "{\\rtf1 {\\field{\\*\\fldinst HYPERLINK \"http://contoso.example\"}"
     "{\\fldrslt }}}",
     "http://contoso.example", "<a href='http://contoso.example'>http://contoso.example</a>"},
    {"link-of-a-scheme-for-text-only",
     "{\\rtf1 {\\field{\\*\\fldinst HYPERLINK "
     "\"sip:bob@partner.example\"}{\\fldrslt \\b a}}}",
     "a (sip:bob@partner.example)", "<strong>a</strong>"},
    {"link-of-an-unknown-scheme",
     "{\\rtf1 {\\field{\\*\\fldinst HYPERLINK "
     "\"file://server/a\"}{\\fldrslt a}}}",
     "a", NULL},
    {"link-that-is-code",
     "{\\rtf1 {\\field{\\*\\fldinst HYPERLINK \"JavaScript:alert(1)\"}"
     "{\\fldrslt a}}}",
     "a", NULL},
    {"link-inside-the-document",
     "{\\rtf1 {\\field{\\*\\fldinst HYPERLINK \\\\l \"mark\"}"
     "{\\fldrslt a}}}",
     "a", NULL},
    {"link-in-unicode",
     "{\\rtf1 {\\field{\\*\\fldinst HYPERLINK \"http://contoso.example/\\u8364?\"}"
     "{\\fldrslt a}}b}",
     "a (http://contoso.example/\xE2\x82\xAC)b",
     "<a href='http://contoso.example/\xE2\x82\xAC'>a</a>b"},
    {"link-not-of-that-name",
     "{\\rtf1 {\\field{\\*\\fldinst HYPERLINKS \"http://x\"}{\\fldrslt a}}}", "a", NULL},
    {"field-of-another-kind", "{\\rtf1 {\\field{\\*\\fldinst PAGE}{\\fldrslt 7}}}", "7", NULL},
    {"field-in-an-instruction",
     "{\\rtf1 {\\field{\\*\\fldinst IF {\\field{\\*\\fldinst PAGE}"
     "{\\fldrslt 7}}}{\\fldrslt a}}}",
     "a", NULL},

    /* what is none */
    {"none-text", "hello", NULL, NULL},
    {"none-nothing", "", NULL, NULL},
    {"none-prefix", "{\\rt", NULL, NULL},
    {"none-prefix-alone", "{\\rtf", NULL, NULL},
    {"none-another-word", "{\\rtfa b}", NULL, NULL},
    {"none-blank-first", " {\\rtf1 a}", NULL, NULL},
    {"none-cut", "{\\rtf1 a", NULL, NULL},
    {"none-cut-in-a-group", "{\\rtf1 {a}", NULL, NULL},
    {"none-cut-escape", "{\\rtf1 a\\", NULL, NULL},
    {"none-bad-hex", "{\\rtf1 \\'8}", NULL, NULL},
};

static void check_markup(const char *xhtml)
{
    g_autofree char *whole = g_strdup_printf("<body>%s</body>", xhtml);
    g_autoptr(GError) error = NULL;
    g_autoptr(StoxXmlTree) tree =
        stox_xml_parse(whole, strlen(whole), &stox_xml_limits_document, &error);

    g_assert_no_error(error);
    g_assert_nonnull(tree);
}

static void test_case(const void *data)
{
    const Case *c = data;
    g_autoptr(GBytes) bytes = g_bytes_new_static(c->rtf, strlen(c->rtf));
    g_autofree char *xhtml = NULL;
    g_autofree char *text = stox_rtf_read(bytes, &xhtml);
    g_autofree char *alone = stox_rtf_read(bytes, NULL);
    g_autofree char *expected = c->xhtml ? g_strdup_printf("<p>%s</p>", c->xhtml) : NULL;

    g_assert_cmpstr(text, ==, c->text);
    g_assert_cmpstr(xhtml, ==, expected);
    g_assert_cmpstr(alone, ==, text);
    if (xhtml)
        check_markup(xhtml);
}

/* ---- Bounds ---- */

static char *read_string(GString *rtf, char **ret_xhtml)
{
    g_autoptr(GBytes) bytes = g_bytes_new(rtf->str, rtf->len);

    return stox_rtf_read(bytes, ret_xhtml);
}

/* 128 groups inside each other are read, 129 are not. */
static void test_groups(void)
{
    for (unsigned groups = 128; groups <= 129; groups++) {
        g_autoptr(GString) rtf = g_string_new("{\\rtf1 ");
        g_autofree char *text = NULL;

        for (unsigned i = 1; i < groups; i++)
            g_string_append_c(rtf, '{');
        g_string_append_c(rtf, 'x');
        for (unsigned i = 0; i < groups; i++)
            g_string_append_c(rtf, '}');
        text = read_string(rtf, NULL);
        g_assert_cmpstr(text, ==, groups == 128 ? "x" : NULL);
    }
}

static void test_bytes(void)
{
    for (unsigned more = 0; more <= 1; more++) {
        g_autoptr(GString) rtf = g_string_new("{\\rtf1 x}");
        g_autofree char *text = NULL;

        while (rtf->len < 1024 * 1024 + more)
            g_string_append_c(rtf, ' ');
        text = read_string(rtf, NULL);
        g_assert_cmpstr(text, ==, more ? NULL : "x");
    }
}

/* Too much markup: only the text is left. */
static void test_markup(void)
{
    g_autoptr(GString) rtf = g_string_new("{\\rtf1 ");
    g_autofree char *text = NULL, *xhtml = NULL;

    for (unsigned i = 0; i < 20000; i++)
        g_string_append(rtf, "\\b a\\b0 b");
    g_string_append_c(rtf, '}');
    text = read_string(rtf, &xhtml);
    g_assert_cmpuint(strlen(text), ==, 40000);
    g_assert_null(xhtml);
}

/* Half a megabyte of anything takes no time. */
static void test_linear(void)
{
    static const char *const pieces[] = {
        "{}",
        "{\\b a}",
        "\\'80\\b",
        "\\u-10179?",
        "\\par",
        "\\'82",
        "\\f9",
        "{\\*\\a}",
        "\\~",
        "{\\fonttbl\\f1\\fcharset204}",
        "{\\field{\\*\\fldinst HYPERLINK http://contoso.example}{\\fldrslt a}}",
        "{\\colortbl;;;;}",
        "\\bin0 ",
        "  ",
        "\\'ec\\'81",
    };
    int64_t start = g_get_monotonic_time();

    for (size_t i = 0; i < G_N_ELEMENTS(pieces); i++) {
        g_autoptr(GString) rtf = g_string_new("{\\rtf1\\ansicpg1258 ");
        g_autofree char *text = NULL, *xhtml = NULL;

        while (rtf->len < 500000)
            g_string_append(rtf, pieces[i]);
        g_string_append(rtf, "x}");
        text = read_string(rtf, &xhtml);
        g_assert_nonnull(text);
    }
    g_assert_cmpint(g_get_monotonic_time() - start, <, 20 * G_TIME_SPAN_SECOND);
}

/* ---- Random documents ---- */

static void check_output(const char *text, const char *xhtml)
{
    g_autofree char *clean = stox_xml_clean(text);

    g_assert_true(g_utf8_validate(text, -1, NULL));
    g_assert_cmpstr(text, ==, clean);
    g_assert_null(strchr(text, '\r'));
    if (xhtml)
        check_markup(xhtml);
}

/* Pieces that mean something, in any order, and bytes that mean nothing (V-95). */
static void test_random(void)
{
    static const char *const pieces[] = {
        "{",
        "}",
        "\\b ",
        "\\b0",
        "\\i",
        "\\cf1",
        "\\par",
        "\\u8364?",
        "\\u-10179?",
        "\\u-8704?",
        "\\'e0",
        "\\'82",
        "\\uc0",
        "\\uc2",
        "\\bin2 ",
        "\\*",
        "\\field",
        "\\fldinst ",
        "\\fldrslt ",
        "HYPERLINK \"http://a'<\" ",
        "\\fonttbl",
        "\\f1",
        "\\v",
        "\\colortbl;",
        "\\red9",
        "\\fcharset128",
        "\\upr",
        "\\ud",
        "\\ansicpg1258",
        "\\plain",
        "<&'\">",
        "\xFF",
        "\xC3\xBC",
        "\x01",
        "text ",
    };
    GRand *random = g_rand_new_with_seed(20260729);

    for (unsigned round = 0; round < 3000; round++) {
        g_autoptr(GString) rtf = g_string_new("{\\rtf1{\\colortbl;\\red255;}");
        g_autofree char *text = NULL, *xhtml = NULL;
        int depth = 1, length = g_rand_int_range(random, 1, 60);

        for (int i = 0; i < length; i++) {
            const char *piece = pieces[g_rand_int_range(random, 0, G_N_ELEMENTS(pieces))];

            depth += *piece == '{';
            if (*piece == '}' && depth-- == 1)
                depth = 1;
            else
                g_string_append(rtf, piece);
            if (g_rand_int_range(random, 0, 40) == 0)
                g_string_append_c(rtf, (char) g_rand_int_range(random, 0, 256));
        }
        while (depth-- > 0)
            g_string_append_c(rtf, '}');
        text = read_string(rtf, &xhtml);
        if (text)
            check_output(text, xhtml);
    }
    g_rand_free(random);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *full = g_strdup_printf("/rtf/M-29/%s", cases[i].name);

        g_test_add_data_func(full, &cases[i], test_case);
    }
    g_test_add_func("/rtf/M-29/bound-groups", test_groups);
    g_test_add_func("/rtf/M-29/bound-bytes", test_bytes);
    g_test_add_func("/rtf/M-29/bound-markup", test_markup);
    g_test_add_func("/rtf/M-29/linear", test_linear);
    g_test_add_func("/rtf/V-95/random", test_random);
    return g_test_run();
}
