/* SPDX-License-Identifier: MIT */
/* The reader of documents and the writer of XML: trees, limits, what is refused (rows X-10, RFC 6120 s11). */
#include "tests/unit/translation/xml-watch.h"

#include <string.h>

/* ---- Documents ---- */

#define OK -1

typedef struct {
    const char *name, *input, *expected;
    int code;
} DocumentCase;

static const DocumentCase documents[] = {
    {"empty-element", "<a/>", "{}a[]", OK},
    {"namespaces", "<a xmlns='u:1' xmlns:p='u:2' p:x='1' y='2'><p:b/><c xmlns=''/></a>",
     "{u:1}a u:2 x=1 y=2[{u:2}b[]{}c[]]", OK},
    {"xml-lang", "<a xml:lang='de'/>", "{}a http://www.w3.org/XML/1998/namespace lang=de[]", OK},
    {"text-around-children", "<a>one<b>two</b>three<c>four</c>five</a>",
     "{}a[onethreefive{}b[two]{}c[four]]", OK},
    {"predefined-entities", "<a>&lt;&gt;&amp;&apos;&quot;&#65;</a>", "{}a[<>&'\"A]", OK},
    {"cdata", "<a><![CDATA[<b>]]></a>", "{}a[<b>]", OK},
    {"comments-and-instructions-are-skipped", "<?x y?><a>1<!-- c -->2<?p i?></a><!-- d -->",
     "{}a[12]", OK},
    {"lync-4.3-says-utf-16-is-utf-8", "<?xml version='1.0' encoding='utf-16'?><a>\xC3\xA4</a>",
     "{}a[\xC3\xA4]", OK},
    {"latin-1", "<?xml version='1.0' encoding='iso-8859-1'?><a>\xE4</a>", "{}a[\xC3\xA4]", OK},
    {"bom", "\xEF\xBB\xBF<a/>", "{}a[]", OK},
    {"empty", "", NULL, STOX_XML_ERROR_MALFORMED},
    {"unclosed", "<a>", NULL, STOX_XML_ERROR_MALFORMED},
    {"two-roots", "<a/><b/>", NULL, STOX_XML_ERROR_MALFORMED},
    {"unbound-prefix", "<p:a/>", NULL, STOX_XML_ERROR_MALFORMED},
    {"double-attribute", "<a x='1' x='2'/>", NULL, STOX_XML_ERROR_MALFORMED},
    {"forbidden-character", "<a>\x01</a>", NULL, STOX_XML_ERROR_MALFORMED},
    {"invalid-utf-8", "<a>\xFF</a>", NULL, STOX_XML_ERROR_MALFORMED},
    {"blank-in-namespace", "<a xmlns='u 1'/>", NULL, STOX_XML_ERROR_MALFORMED},
    {"unknown-encoding", "<?xml version='1.0' encoding='x-none'?><a/>", NULL,
     STOX_XML_ERROR_MALFORMED},
    {"doctype", "<!DOCTYPE a><a/>", NULL, STOX_XML_ERROR_RESTRICTED},
    {"external-subset", "<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>", NULL,
     STOX_XML_ERROR_RESTRICTED},
    {"entity-bomb", "<!DOCTYPE a [<!ENTITY l 'ha'><!ENTITY m '&l;&l;&l;'>]><a>&m;&m;</a>", NULL,
     STOX_XML_ERROR_RESTRICTED},
    {"doctype-with-wrong-encoding",
     "<?xml version='1.0' encoding='utf-16'?><!DOCTYPE a [<!ENTITY l 'ha'>]><a>&l;</a>", NULL,
     STOX_XML_ERROR_RESTRICTED},
    {"undefined-entity", "<a>&nbsp;</a>", NULL, STOX_XML_ERROR_RESTRICTED},
};

static void test_document(const void *data)
{
    const DocumentCase *c = data;
    GError *error = NULL;
    g_autoptr(StoxXmlTree) tree =
        stox_xml_parse(c->input, strlen(c->input), &stox_xml_limits_document, &error);
    g_autofree char *line = tree ? tree_to_line(tree) : NULL;

    if (c->code == OK)
        g_assert_no_error(error);
    else
        g_assert_error(error, STOX_XML_ERROR, c->code);
    g_assert_cmpstr(line, ==, c->expected);
    g_clear_error(&error);
}

static void test_utf16(void)
{
    static const char bytes[] = "\xFF\xFE<\0a\0>\0\xE4\0<\0/\0a\0>\0";
    g_autoptr(StoxXmlTree) tree =
        stox_xml_parse(bytes, sizeof bytes - 1, &stox_xml_limits_document, NULL);
    g_autofree char *line = tree_to_line(tree);

    g_assert_cmpstr(line, ==, "{}a[\xC3\xA4]");
}

static void test_lookups(void)
{
    static const char text[] = "<a xmlns='u:1' x='1' xml:lang='en'>"
                               "<b n='1'/><c xmlns='u:2'/><b xmlns='u:2' n='2'/><b n='3'/></a>";
    g_autoptr(StoxXmlTree) tree =
        stox_xml_parse(text, strlen(text), &stox_xml_limits_document, NULL);
    const StoxXmlNode *root = stox_xml_tree_root(tree), *b;

    g_assert_true(stox_xml_is(root, "u:1", "a"));
    g_assert_true(stox_xml_is(root, NULL, "a"));
    g_assert_false(stox_xml_is(root, "u:2", "a"));
    g_assert_false(stox_xml_is(root, "u:1", "b"));
    g_assert_cmpstr(stox_xml_attr(root, "x"), ==, "1");
    g_assert_cmpstr(stox_xml_attr(root, STOX_XML_LANG), ==, "en");
    g_assert_null(stox_xml_attr(root, "lang"));
    g_assert_null(stox_xml_child(root, "u:1", "c"));
    g_assert_nonnull(stox_xml_child(root, "u:2", "c"));
    b = stox_xml_child(root, "u:1", "b");
    g_assert_cmpstr(stox_xml_attr(b, "n"), ==, "1");
    g_assert_cmpstr(stox_xml_attr(stox_xml_next(b, NULL, "b"), "n"), ==, "2");
    b = stox_xml_next(b, "u:1", "b");
    g_assert_cmpstr(stox_xml_attr(b, "n"), ==, "3");
    g_assert_null(stox_xml_next(b, NULL, "b"));
}

/* Where children stand in their parent's text. */
static void test_mixed_content(void)
{
    static const char text[] = "<a>one<b>two<i/></b>three<c>four</c><d/>five</a>";
    static const size_t places[] = {3, 8, 8};
    g_autoptr(StoxXmlTree) tree =
        stox_xml_parse(text, strlen(text), &stox_xml_limits_document, NULL);
    const StoxXmlNode *root = stox_xml_tree_root(tree);
    unsigned i = 0;

    for (const StoxXmlNode *at = root->first_child; at; at = at->next)
        g_assert_cmpuint(at->text_at, ==, places[i++]);
    g_assert_cmpuint(i, ==, G_N_ELEMENTS(places));
    g_assert_cmpuint(root->first_child->first_child->text_at, ==, 3);
    g_assert_cmpuint(root->text_at, ==, 0);
}

/* ---- Limits: the last good size and the first bad one ---- */

typedef struct {
    const char *name, *head, *what, *tail;
    size_t last_good;
} LimitCase;

static const LimitCase limits[] = {
    {"bytes", "<a>", "<!---->", "</a>", 141},
    {"depth", "<a><b><c>", "<d/>", "</c></b></a>", 7},
    {"nodes", "<a>", "<b/>", "</a>", 9},
    {"text", "<a>", "x", "</a>", 100},
    {"attribute-text", "<a y='", "x", "'/>", 100},
    {"text-of-several", "<a>", "<b>0123456789</b>12", "</a>", 8},
};

static void test_limit(const void *data)
{
    const LimitCase *c = data;
    g_autofree char *good = repeat(c->head, c->what, c->last_good, c->tail);
    g_autofree char *bad = repeat(c->head, c->what, c->last_good + 1, c->tail);
    g_autoptr(GError) error = NULL;
    g_autoptr(StoxXmlTree) tree = stox_xml_parse(good, strlen(good), &small, &error);

    g_assert_no_error(error);
    g_assert_nonnull(tree);
    g_assert_null(stox_xml_parse(bad, strlen(bad), &small, &error));
    g_assert_error(error, STOX_XML_ERROR, STOX_XML_ERROR_LIMIT);
}

static void test_limit_depth_and_attributes(void)
{
    static const char *good[] = {"<a><b><c><d/></c></b></a>", "<a x='' y='' z=''/>"};
    static const char *bad[] = {"<a><b><c><d><e/></d></c></b></a>", "<a w='' x='' y='' z=''/>"};

    for (size_t i = 0; i < G_N_ELEMENTS(good); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(StoxXmlTree) tree = stox_xml_parse(good[i], strlen(good[i]), &small, &error);

        g_assert_no_error(error);
        g_assert_null(stox_xml_parse(bad[i], strlen(bad[i]), &small, &error));
        g_assert_error(error, STOX_XML_ERROR, STOX_XML_ERROR_LIMIT);
    }
}

/* ---- Writing (X-10) ---- */

typedef struct {
    const char *name, *input, *text, *attr, *clean;
} WriteCase;

static const WriteCase writes[] = {
    {"plain", "hello", "hello", "hello", "hello"},
    {"empty", "", "", "", ""},
    {"markup", "<a b='\"'>&", "&lt;a b=&apos;&quot;&apos;&gt;&amp;",
     "&lt;a b=&apos;&quot;&apos;&gt;&amp;", "<a b='\"'>&"},
    {"white-space", "a\tb\nc\rd", "a\tb\nc\rd", "a&#9;b&#10;c&#13;d", "a\tb\nc\rd"},
    {"controls",
     "a\x01\x08\x0B\x0C\x1F\x7F"
     "b",
     "a\x7F"
     "b",
     "a\x7F"
     "b",
     "a\x7F"
     "b"},
    {"c1-controls-are-legal", "\xC2\x80", "\xC2\x80", "\xC2\x80", "\xC2\x80"},
    {"wide", "\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80", "\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80",
     "\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80", "\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80"},
    {"non-characters",
     "a\xEF\xBF\xBE\xEF\xBF\xBF"
     "b",
     "ab", "ab", "ab"},
    {"surrogates",
     "a\xED\xA0\xBD\xED\xB8\x80"
     "b",
     "ab", "ab", "ab"},
    {"cut-off", "a\xE2\x82", "a\xEF\xBF\xBD\xEF\xBF\xBD", "a\xEF\xBF\xBD\xEF\xBF\xBD",
     "a\xEF\xBF\xBD\xEF\xBF\xBD"},
    {"overlong", "\xC0\xAF", "\xEF\xBF\xBD\xEF\xBF\xBD", "\xEF\xBF\xBD\xEF\xBF\xBD",
     "\xEF\xBF\xBD\xEF\xBF\xBD"},
    {"beyond-unicode", "\xF4\x90\x80\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD",
     "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD",
     "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},
    {"cdata-end", "]]>", "]]&gt;", "]]&gt;", "]]>"},
};

static void test_write(const void *data)
{
    const WriteCase *c = data;
    g_autofree char *clean = stox_xml_clean(c->input);
    g_autofree char *attr = g_strdup_printf(" n='%s'", c->attr);
    g_autofree char *element = g_strdup_printf("<e>%s</e>", c->text);
    g_autoptr(GString) out = g_string_new(NULL);

    g_assert_cmpstr(clean, ==, c->clean);
    stox_xml_append_text(out, c->input);
    g_assert_cmpstr(out->str, ==, c->text);
    g_string_truncate(out, 0);
    stox_xml_append_attr(out, "n", c->input);
    g_assert_cmpstr(out->str, ==, attr);
    g_string_truncate(out, 0);
    stox_xml_append_element(out, "e", c->input);
    g_assert_cmpstr(out->str, ==, element);
}

static void test_write_nothing(void)
{
    g_autoptr(GString) out = g_string_new("x");

    stox_xml_append_text(out, NULL);
    stox_xml_append_attr(out, "n", NULL);
    stox_xml_append_element(out, "e", NULL);
    g_assert_cmpstr(out->str, ==, "x");
}

/* Whatever is written can be read, and comes back clean. */
static void test_write_and_read(void)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(1);

    for (unsigned i = 0; i < 2000; i++) {
        char raw[40] = "";
        g_autoptr(GString) out = g_string_new("<a");
        g_autofree char *clean = NULL;
        g_autoptr(GError) error = NULL;
        g_autoptr(StoxXmlTree) tree = NULL;

        for (unsigned k = 0; k < sizeof raw - 1; k++)
            raw[k] = (char) g_rand_int_range(rand, 1, 256);
        g_strdelimit(raw, "\r", '\n'); /* a reader makes newlines of them */
        clean = stox_xml_clean(raw);
        stox_xml_append_attr(out, "x", raw);
        g_string_append_c(out, '>');
        stox_xml_append_text(out, raw);
        g_string_append(out, "</a>");
        tree = stox_xml_parse(out->str, out->len, &stox_xml_limits_document, &error);
        g_assert_no_error(error);
        g_assert_cmpstr(stox_xml_tree_root(tree)->text, ==, clean);
        g_assert_cmpstr(stox_xml_attr(stox_xml_tree_root(tree), "x"), ==, clean);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD_TABLE("/xml/document", documents, test_document)
    ADD_TABLE("/xml/limit", limits, test_limit)
    ADD_TABLE("/xml/write", writes, test_write)
    g_test_add_func("/xml/document/utf-16", test_utf16);
    g_test_add_func("/xml/lookups", test_lookups);
    g_test_add_func("/xml/mixed-content", test_mixed_content);
    g_test_add_func("/xml/limit/depth-and-attributes", test_limit_depth_and_attributes);
    g_test_add_func("/xml/write/nothing", test_write_nothing);
    g_test_add_func("/xml/write/and-read", test_write_and_read);
    return g_test_run();
}
