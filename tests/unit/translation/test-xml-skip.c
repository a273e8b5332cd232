/* SPDX-License-Identifier: MIT */
/* Stanzas that pass a limit: refused to their sender (D-13), and nothing else is lost. */
#include "tests/unit/translation/xml-watch.h"

#include <malloc.h>
#include <string.h>

#define ADDRESSES     "from='b@partner.example' to=\"a@contoso.example\" id='7' type='chat'"
#define HEAD          "from=b@partner.example to=a@contoso.example id=7 type=chat[]\n"
#define HEAD_OF(name) "refused {jabber:component:accept}" name " " HEAD
#define N100                                                                                       \
    "01234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901" \
    "23"                                                                                           \
    "456789"

/* Within `small`: 1000 bytes, depth 4, 3 attributes (so that ADDRESSES alone are too many), 10 nodes, 100 bytes of text. */
typedef struct {
    const char *name, *stanza, *seen, *limit;
} SkipCase;

static const SkipCase skips[] = {
    {"attributes-of-the-stanza", "<m " ADDRESSES "><b>x</b></m>", HEAD_OF("m"),
     "too many attributes in one element"},
    {"attributes-of-an-empty-stanza", "<m " ADDRESSES "/>", HEAD_OF("m"),
     "too many attributes in one element"},
    {"attributes-of-a-child", "<m id='7'><b w='' x='' y='>' z=\"'/>\"><c/></b></m>",
     "refused {jabber:component:accept}m id=7[]\n", "too many attributes in one element"},
    {"attributes-of-an-empty-child", "<m id='7'><b w='' x='' y='>' z=\"'/>\"/><c>x</c></m >",
     "refused {jabber:component:accept}m id=7[]\n", "too many attributes in one element"},
    {"depth", "<m id='7'><b><c><d><e>x</e></d></c></b></m>",
     "refused {jabber:component:accept}m id=7[]\n", "elements too deeply nested"},
    {"depth-of-an-empty-element", "<m id='7'><b><c><d><e/></d></c></b><m><m/></m></m>",
     "refused {jabber:component:accept}m id=7[]\n", "elements too deeply nested"},
    {"depth-twice-as-deep", "<m><b><c><d><e><f><g a='/>'><h/></g></f></e></d></c></b></m>",
     "refused {jabber:component:accept}m[]\n", "elements too deeply nested"},
    {"nodes", "<m><a/><a/><a/><a/><a/><a/><a/><a/><a/><a/><a></a></m>",
     "refused {jabber:component:accept}m[]\n", "too many elements"},
    {"text", "<m><b>" N100 "1</b>&lt;/m></m>", "refused {jabber:component:accept}m[]\n",
     "too much text"},
    {"text-of-an-attribute", "<m id='7' x='" N100 "'/>",
     "refused {jabber:component:accept}m id=7[]\n", "too much text"},
    {"text-in-cdata", "<m><![CDATA[" N100 "</m>]] ]>]>>]]]]><b/></m>",
     "refused {jabber:component:accept}m[]\n", "too much text"},
    {"cdata-behind", "<m>" N100 "1<![CDATA[</m>]]><![CDATA[]]></m>",
     "refused {jabber:component:accept}m[]\n", "too much text"},
    {"text-that-ends-in-brackets", "<m><![CDATA[" N100 "]]]]]]]]></m>",
     "refused {jabber:component:accept}m[]\n", "too much text"},
    {"one-bracket-too-many", "<m><![CDATA[" N100 "]]]></m>",
     "refused {jabber:component:accept}m[]\n", "too much text"},
    {"brackets-that-end-nothing", "<m><![CDATA[" N100 "]]x]]]y]]]]></m>",
     "refused {jabber:component:accept}m[]\n", "too much text"},
    {"mistakes-are-not-looked-at", "<m><a>" N100 "1&x;\xFF\x01</b><p:q x x/></m>",
     "refused {jabber:component:accept}m[]\n", "too much text"},
    {"namespaces", "<p:m xmlns:p='u:p' p:id='6' id='7'><b w='' x='' y='' p:y=''/></p:m>",
     "refused {u:p}m id=7[]\n", "too many attributes in one element"},
    {"language", "<m xml:lang='de' w='' x='' y='' z=''/>",
     "refused {jabber:component:accept}m http://www.w3.org/XML/1998/namespace lang=de[]\n",
     "too many attributes in one element"},
};

#define GOOD      "<g/>"
#define GOOD_SEEN "{jabber:component:accept}g[]\n"

/* Between good ones and twice in a row, cut into two at every byte, and byte by byte. */
static void test_skip(const void *data)
{
    const SkipCase *c = data;
    g_autofree char *text = g_strconcat(HEADER GOOD " ", c->stanza, GOOD, c->stanza, c->stanza,
                                        " " GOOD "</stream:stream>", NULL);
    g_autofree char *seen = g_strconcat(OPENED GOOD_SEEN, c->seen, GOOD_SEEN, c->seen, c->seen,
                                        GOOD_SEEN "closed\n", NULL);
    g_autofree char *limit = g_strdup_printf("%s\n%s\n%s\n", c->limit, c->limit, c->limit);
    size_t n = strlen(text);

    for (size_t cut = 0; cut <= n; cut++) {
        GError *error = NULL;
        Watch watch;

        watch_init(&watch, &small);
        g_assert_true(watch_feed(&watch, text, cut, MAX(cut, 1), &error));
        g_assert_true(watch_feed(&watch, text + cut, n - cut, cut ? n : 1, &error));
        g_assert_no_error(error);
        g_assert_cmpstr(watch.seen->str, ==, seen);
        g_assert_cmpstr(watch.limits->str, ==, limit);
        watch_clear(&watch);
    }
}

/* The same for the limit on bytes, wherever in the stanza it is passed. */
static void test_skip_bytes(void)
{
    static const StoxXmlLimits tight = {
        .max_bytes = 60, .max_depth = 9, .max_attrs = 9, .max_nodes = 99, .max_text = 1000};
    static const char stanza[] = "<m id='7'>text<b x='>y'/><![CDATA[</m>]]&x;]]]><c>&#65;\r\n"
                                 "<d e=\"'\"></d></c ><!"
                                 "[CDATA[]]></m >";

    for (size_t max = 1; max < strlen(stanza); max++) {
        StoxXmlLimits limit = tight;
        g_autofree char *text = g_strconcat("<s>" GOOD, stanza, GOOD, stanza, NULL);
        g_autofree char *words = NULL;
        size_t n = strlen(text);

        limit.max_bytes = MAX(max, strlen(GOOD));
        words = g_strdup_printf("larger than %zu bytes\n", limit.max_bytes);
        for (size_t piece = 1; piece < n; piece += piece < 8 ? 1 : 37) {
            Watch watch;

            watch_init(&watch, &limit);
            g_assert_true(watch_feed(&watch, text, n, piece, NULL));
            g_assert_cmpstr(watch.seen->str, ==,
                            "open {}s[]\n{}g[]\nrefused {}m id=7[]\n{}g[]\nrefused {}m id=7[]\n");
            g_assert_true(g_str_has_prefix(watch.limits->str, words));
            watch_clear(&watch);
        }
    }
}

/* What no stanza may hold ends the stream in a skipped one too. */
static void test_skip_refused(void)
{
    static const struct {
        const char *bad;
        StoxXmlError code;
    } rows[] = {
        {"<!-- c -->", STOX_XML_ERROR_RESTRICTED},
        {"<!DOCTYPE x>", STOX_XML_ERROR_RESTRICTED},
        {"<![CDAT[", STOX_XML_ERROR_RESTRICTED},
        {"<?p i?>", STOX_XML_ERROR_RESTRICTED},
        {"<<", STOX_XML_ERROR_MALFORMED},
        {"<a <", STOX_XML_ERROR_MALFORMED},
        {"</a<", STOX_XML_ERROR_MALFORMED},
        {"<>", STOX_XML_ERROR_MALFORMED},
        {"< a>", STOX_XML_ERROR_MALFORMED},
        {"]]]>", STOX_XML_ERROR_MALFORMED},
        {"]]<a>>]<![CDATA[]]]>]>]", STOX_XML_ERROR_LIMIT},
        {"<a><b", STOX_XML_ERROR_LIMIT}, /* just unfinished */
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *text = g_strconcat("<s><m>" N100 "1", rows[i].bad, NULL);

        for (size_t piece = 1; piece <= 1000; piece += 999) {
            g_autoptr(GError) error = NULL;
            size_t n = strlen(text);
            bool live;
            Watch watch;

            watch_init(&watch, &small);
            live = watch_feed(&watch, text, n, piece, &error);
            g_assert_true(live == (rows[i].code == STOX_XML_ERROR_LIMIT));
            if (!live)
                g_assert_error(error, STOX_XML_ERROR, (int) rows[i].code);
            g_assert_cmpuint(watch.refusals, ==, 0);
            watch_clear(&watch);
        }
    }
}

/* Values that are longer than an address are not kept, and neither are long names. */
static void test_skip_long_head(void)
{
    g_autofree char *good = g_strnfill(3071, 'x'), *bad = g_strnfill(3072, 'x');
    g_autofree char *text = g_strdup_printf("<s><m id='%s' to='%s' from='y'>" N100
                                            "</m><%s/><m xmlns='%s'>" N100 "1</m><g/>",
                                            good, bad, bad, bad);
    g_autofree char *seen = g_strdup_printf(
        "open {}s[]\nrefused {}m id=%s from=y[]\nrefused {}[]\nrefused {}m[]\n{}g[]\n", good);
    StoxXmlLimits limit = small;
    Watch watch;

    limit.max_bytes = 3000;
    watch_init(&watch, &limit);
    g_assert_true(stox_xml_stream_feed(watch.stream, text, strlen(text), NULL));
    g_assert_cmpstr(watch.seen->str, ==, seen);
    watch_clear(&watch);
}

/* As large as Prosody lets a stanza be (512 KiB), in whatever form: told, without anything being kept. */
static void test_skip_half_a_mebibyte(void)
{
    static const struct {
        const char *name, *head, *again, *tail;
    } rows[] = {
        {"text", "<m id='7'>", "x", "</m>"},
        {"cdata", "<m id='7'><![CDATA[", "]", "]]></m>"},
        {"attribute", "<m id='7' x='", "x", "'></m>"},
        {"attribute-of-an-empty-one", "<m id='7' x='", ">", "'/>"},
        {"attribute-of-a-child", "<m id='7'><b x='", "x", "'/></m>"},
        {"end-tag", "<m id='7'></m", " ", ">"},
        {"end-tag-of-a-child", "<m id='7'><b></b", " ", "></m>"},
        {"references", "<m id='7'>", "&lt;", "</m>"},
        {"elements", "<m id='7'>", "<b>x</b>", "</m>"},
        {"empty-elements", "<m id='7'>", "<b/>", "</m>"},
        {"line-ends", "<m id='7'>", "\r\n", "</m>"},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *stanza =
            repeat(rows[i].head, rows[i].again, 512 * KIB / strlen(rows[i].again), rows[i].tail);
        size_t n = strlen(stanza);

        g_test_message("%s", rows[i].name);
        for (size_t piece = 1000; piece <= 1000 * 1000; piece *= 10) {
            Watch watch;

            watch_init(&watch, &stox_xml_limits_stanza);
            g_assert_true(stox_xml_stream_feed(watch.stream, "<s><g/>", 7, NULL));
            g_assert_true(watch_feed(&watch, stanza, n, piece, NULL));
            g_assert_true(stox_xml_stream_feed(watch.stream, "<g/></s>", 8, NULL));
            g_assert_cmpstr(watch.seen->str, ==,
                            "open {}s[]\n{}g[]\nrefused {}m id=7[]\n{}g[]\nclosed\n");
            watch_clear(&watch);
        }
    }
}

/* Elements without end, each with a name of its own, inside one another or not: nothing is kept of them. */
static void test_skip_keeps_nothing(void)
{
    for (unsigned nested = 0; nested <= 1; nested++) {
        size_t before = mallinfo2().uordblks, sent = 0; /* 0 under a sanitizer */
        Watch watch;

        watch_init(&watch, &stox_xml_limits_stanza);
        g_assert_true(stox_xml_stream_feed(watch.stream, "<s><m>", 6, NULL));
        for (unsigned i = 0; sent < 15 * KIB * KIB; i++) {
            char element[80];
            int n = g_snprintf(element, sizeof element, "<n%u a%u='' xmlns:p%u='u:%u'%s>", i, i, i,
                               i, nested ? "" : "/");

            g_assert_true(stox_xml_stream_feed(watch.stream, element, (size_t) n, NULL));
            g_assert_cmpuint(mallinfo2().uordblks, <, before + 3 * KIB * KIB);
            sent += (size_t) n;
        }
        g_assert_cmpuint(mallinfo2().uordblks, <, before + 100 * KIB);
        if (!nested) {
            g_assert_true(stox_xml_stream_feed(watch.stream, "</m><g/>", 8, NULL));
            g_assert_cmpstr(watch.seen->str, ==, "open {}s[]\nrefused {}m[]\n{}g[]\n");
        }
        watch_clear(&watch);
    }
}

/* Refused ones in thousands, between good ones that need the header's namespaces: the parsers are replaced, nothing piles up. */
static void test_skip_many(void)
{
    size_t before = mallinfo2().uordblks;
    Watch watch;

    watch_init(&watch, &small);
    watch.quiet = true;
    g_assert_true(stox_xml_stream_feed(watch.stream, HEADER, strlen(HEADER), NULL));
    for (unsigned i = 0; i < 5000; i++) {
        g_autofree char *text = g_strdup_printf(
            "<n%u " ADDRESSES "><x%u/></n%u> <stream:g%u>x</stream:g%u>", i, i, i, i, i);

        g_assert_true(stox_xml_stream_feed(watch.stream, text, strlen(text), NULL));
    }
    g_assert_cmpuint(watch.refusals, ==, 5000);
    g_assert_cmpuint(watch.stanzas, ==, 5000);
    g_assert_cmpuint(mallinfo2().uordblks, <, before + 100 * KIB);
    watch_clear(&watch);
}

/* Nobody has to listen; a stream may be freed in the middle; a stop inside the callback is one. */
static void test_skip_callback(void)
{
    StoxXmlStreamFuncs deaf = watch_funcs;
    static const char text[] = "<s><m " ADDRESSES "/><g/>";
    Watch watch;

    watch_init(&watch, &small);
    stox_xml_stream_free(watch.stream);
    deaf.refused = NULL;
    watch.stream = stox_xml_stream_new(&small, &deaf, &watch);
    g_assert_true(stox_xml_stream_feed(watch.stream, text, strlen(text), NULL));
    g_assert_cmpstr(watch.seen->str, ==, "open {}s[]\n{}g[]\n");
    g_assert_true(stox_xml_stream_feed(watch.stream, "<m " ADDRESSES ">", 30, NULL));
    watch_clear(&watch);

    watch_init(&watch, &small);
    watch.stop_after = 1;
    g_assert_true(stox_xml_stream_feed(watch.stream, text, strlen(text), NULL));
    g_assert_cmpstr(watch.seen->str, ==, "open {}s[]\nrefused {}m " HEAD);
    watch_clear(&watch);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD_TABLE("/xml/stream/skip/D-13", skips, test_skip)
    g_test_add_func("/xml/stream/skip/bytes", test_skip_bytes);
    g_test_add_func("/xml/stream/skip/refused", test_skip_refused);
    g_test_add_func("/xml/stream/skip/long-head", test_skip_long_head);
    g_test_add_func("/xml/stream/skip/half-a-mebibyte", test_skip_half_a_mebibyte);
    g_test_add_func("/xml/stream/skip/keeps-nothing", test_skip_keeps_nothing);
    g_test_add_func("/xml/stream/skip/many", test_skip_many);
    g_test_add_func("/xml/stream/skip/callback", test_skip_callback);
    return g_test_run();
}
