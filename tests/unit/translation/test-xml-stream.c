/* SPDX-License-Identifier: MIT */
/* The reader of streams: cut anywhere, long tags, what ends a stream, and when (RFC 6120 s4 and s11). */
#include "tests/unit/translation/xml-watch.h"

#include <string.h>

static const char conversation[] =
    HEADER "<handshake/> \n\t<message from='bob@partner.example' to=\"alice@contoso.example\">"
           "<body>Gr\xC3\xBC\xC3\x9F\x65 &amp; <![CDATA[<3]]> \xF0\x9F\x98\x80</body></message>"
           "<presence from='a>b'><x xmlns='u:x'/></presence>\r\n"
           "<stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>"
           "</stream:stream>\n";
static const char conversation_seen[] = OPENED
    "{jabber:component:accept}handshake[]\n"
    "{jabber:component:accept}message from=bob@partner.example to=alice@contoso.example["
    "{jabber:component:accept}body[Gr\xC3\xBC\xC3\x9F\x65 & <3 \xF0\x9F\x98\x80]]\n"
    "{jabber:component:accept}presence from=a>b[{u:x}x[]]\n"
    "{http://etherx.jabber.org/streams}error[{urn:ietf:params:xml:ns:xmpp-streams}conflict[]]\n"
    "closed\n";

static void test_stream_cut_anywhere(void)
{
    size_t n = strlen(conversation);

    for (size_t cut = 0; cut <= n; cut++) {
        GError *error = NULL;
        Watch watch;

        watch_init(&watch, &stox_xml_limits_stanza);
        g_assert_true(stox_xml_stream_feed(watch.stream, conversation, cut, &error));
        g_assert_true(stox_xml_stream_feed(watch.stream, conversation + cut, n - cut, &error));
        g_assert_no_error(error);
        g_assert_cmpstr(watch.seen->str, ==, conversation_seen);
        watch_clear(&watch);
    }
}

static void test_stream_byte_by_byte(void)
{
    Watch watch;

    watch_init(&watch, &stox_xml_limits_stanza);
    for (const char *at = conversation; *at; at++)
        g_assert_true(stox_xml_stream_feed(watch.stream, at, 1, NULL));
    g_assert_cmpstr(watch.seen->str, ==, conversation_seen);
    watch_clear(&watch);
}

/* A tag that is longer than what expat is trusted with, with the characters that could end it, in pieces of every size. */
static void test_stream_long_tag(void)
{
    g_autofree char *value = repeat("", "a>\"/b ", 500, "");
    g_autofree char *text =
        g_strdup_printf(HEADER "<a x='%s' y=\"'>\"/><b/></stream:stream>", value);
    g_autofree char *seen = g_strdup_printf(OPENED "{jabber:component:accept}a x=%s y='>[]\n"
                                                   "{jabber:component:accept}b[]\nclosed\n",
                                            value);
    size_t n = strlen(text);

    for (size_t piece = 1; piece < 1200; piece += piece < 20 ? 1 : 97) {
        Watch watch;

        watch_init(&watch, &stox_xml_limits_stanza);
        g_assert_true(watch_feed(&watch, text, n, piece, NULL));
        g_assert_cmpstr(watch.seen->str, ==, seen);
        watch_clear(&watch);
    }
}

/* The same for a stream header, whose raw bytes a replacement parser needs. */
static void test_stream_long_header(void)
{
    g_autofree char *padding = repeat("", "p>", 1500, "");
    g_autofree char *header =
        g_strdup_printf("<s xmlns='u:s' padding='%s' xmlns:q='u:q'>", padding);
    g_autofree char *value = repeat("", "v", 3000, "");
    g_autofree char *stanza = g_strdup_printf("<q:m x='%s'/>", value);
    GError *error = NULL;
    Watch watch;

    watch_init(&watch, &stox_xml_limits_stanza);
    watch.quiet = true;
    for (const char *at = header; *at; at++)
        g_assert_true(stox_xml_stream_feed(watch.stream, at, 1, &error));
    for (unsigned i = 0; i < 300; i++) /* about 900 kB: several parsers */
        g_assert_true(stox_xml_stream_feed(watch.stream, stanza, strlen(stanza), &error));
    g_assert_no_error(error);
    g_assert_cmpuint(watch.stanzas, ==, 300);
    g_assert_true(g_str_has_prefix(watch.seen->str, "open {u:s}s"));
    g_assert_true(g_str_has_suffix(watch.seen->str, "[]\n"));
    g_assert_null(strstr(watch.seen->str + 1, "open"));
    watch_clear(&watch);
}

/* Parsers are replaced at stanza ends, wherever the pieces are cut, and the namespaces stay. */
static void test_stream_many_stanzas(void)
{
    static const size_t pieces[] = {1000, 4096, 16384, 65537, 10000000};
    GString *text = g_string_new(HEADER);

    for (unsigned i = 0; i < 20000; i++)
        g_string_append_printf(text, "<name%u xmlns:p%u='u:%u'><p%u:x>text</p%u:x></name%u> ", i, i,
                               i, i, i, i);
    g_string_append(text, "<presence/></stream:stream>");
    for (size_t i = 0; i < G_N_ELEMENTS(pieces); i++) {
        Watch watch;

        watch_init(&watch, &stox_xml_limits_stanza);
        watch.quiet = true;
        g_assert_true(watch_feed(&watch, text->str, text->len, pieces[i], NULL));
        g_assert_cmpuint(watch.stanzas, ==, 20001);
        g_assert_cmpstr(watch.seen->str, ==, OPENED "closed\n");
        watch_clear(&watch);
    }
    g_string_free(text, TRUE);
}

typedef struct {
    const char *name, *input, *seen;
    StoxXmlError code;
} RefusedCase;

static const RefusedCase refused[] = {
    {"comment", HEADER "<a/><!-- c -->", OPENED "{jabber:component:accept}a[]\n",
     STOX_XML_ERROR_RESTRICTED},
    {"comment-before-header", "<!-- c -->" HEADER, "", STOX_XML_ERROR_RESTRICTED},
    {"instruction-in-stanza", HEADER "<a><?p i?></a>", OPENED, STOX_XML_ERROR_RESTRICTED},
    {"doctype", "<!DOCTYPE a [<!ENTITY e 'x'>]><a>", "", STOX_XML_ERROR_RESTRICTED},
    {"entity", HEADER "<a>&nbsp;</a>", OPENED, STOX_XML_ERROR_RESTRICTED},
    {"text-between-stanzas", HEADER "<a/> x", OPENED "{jabber:component:accept}a[]\n",
     STOX_XML_ERROR_MALFORMED},
    {"other-encoding", "<?xml version='1.0' encoding='iso-8859-1'?><s>", "",
     STOX_XML_ERROR_MALFORMED},
    {"not-xml", "HTTP/1.1 400 Bad Request\r\n", "", STOX_XML_ERROR_MALFORMED},
    {"crossed-tags", HEADER "<a><b></a>", OPENED, STOX_XML_ERROR_MALFORMED},
    {"invalid-utf-8", HEADER "<a>\xC3(</a>", OPENED, STOX_XML_ERROR_MALFORMED},
    {"forbidden-character", HEADER "<a>&#1;</a>", OPENED, STOX_XML_ERROR_MALFORMED},
};

static void test_refused(const void *data)
{
    const RefusedCase *c = data;
    size_t n = strlen(c->input);

    for (size_t piece = 1; piece <= n; piece += n - 1) {
        g_autoptr(GError) error = NULL;
        Watch watch;

        watch_init(&watch, &stox_xml_limits_stanza);
        g_assert_false(watch_feed(&watch, c->input, n, piece, &error));
        g_assert_error(error, STOX_XML_ERROR, (int) c->code);
        g_assert_cmpstr(watch.seen->str, ==, c->seen);
        /* dead for good */
        g_assert_false(stox_xml_stream_feed(watch.stream, "<a/>", 4, NULL));
        g_assert_cmpstr(watch.seen->str, ==, c->seen);
        watch_clear(&watch);
    }
}

static void test_utf16_stream(void)
{
    static const char bytes[] = "\xFF\xFE<\0a\0>\0";
    static const char plain[] = "<\0a\0>\0";
    Watch watch;

    watch_init(&watch, &stox_xml_limits_stanza);
    g_assert_false(stox_xml_stream_feed(watch.stream, bytes, sizeof bytes - 1, NULL));
    watch_clear(&watch);
    watch_init(&watch, &stox_xml_limits_stanza);
    g_assert_false(stox_xml_stream_feed(watch.stream, plain, sizeof plain - 1, NULL));
    watch_clear(&watch);
}

/* Bytes without end, that must be refused soon after the limit, whatever the size of the pieces. */
typedef struct {
    const char *name, *head, *again;
    int code;
    size_t within; /* bytes */
} EndlessCase;

#define LIMIT STOX_XML_ERROR_LIMIT
/* Beyond 256 KiB: a tag has to be kept, the rest of a stanza is followed without. */
#define TAG    (1281 * KIB)
#define STANZA (16642 * KIB)

static const EndlessCase endless[] = {
    {"open-brackets", HEADER, "<", STOX_XML_ERROR_MALFORMED, 1 * KIB},
    {"tag-name", HEADER "<", "a", LIMIT, TAG},
    {"attribute-value", HEADER "<a x='", "x", LIMIT, TAG},
    {"attribute-value-of-ends", HEADER "<a x='", ">", LIMIT, TAG},
    {"attributes", HEADER "<a ", "x='' ", LIMIT, TAG},
    {"attributes-of-a-child", HEADER "<a><b ", "x='' ", LIMIT, TAG},
    {"quotes", HEADER "<a ", "x='\">' y=\"'>\" ", LIMIT, TAG},
    {"text", HEADER "<a>", "x", LIMIT, STANZA},
    {"brackets-behind-text", HEADER "<a>", "x<", STOX_XML_ERROR_MALFORMED, 1 * KIB},
    {"cdata", HEADER "<a><![CDATA[", "]>", LIMIT, STANZA},
    {"empty-elements", HEADER "<a>", "<b/>", LIMIT, STANZA},
    {"elements", HEADER "<a>", "<b>x</b>", LIMIT, STANZA},
    {"depth", HEADER, "<a>", LIMIT, STANZA},
    {"depth-with-namespaces", HEADER, "<a xmlns:p='u:p' p:x=\">\">", LIMIT, STANZA},
    {"entity-name", HEADER "<a>&", "e", STOX_XML_ERROR_RESTRICTED, 2 * KIB},
    {"comment", HEADER "<!--", "c", STOX_XML_ERROR_RESTRICTED, 2 * KIB},
    {"doctype", "<!DOCTYPE ", "d", STOX_XML_ERROR_MALFORMED, 9 * KIB},
    {"header", "<s x='", "x", LIMIT, 9 * KIB},
    {"white-space-first", "", " ", LIMIT, 9 * KIB},
    {"end-tag", HEADER "<a></", "a", LIMIT, TAG},
    {"end-tag-of-blanks", HEADER "<a></a", " ", LIMIT, TAG},
};

static void feed_endless(const EndlessCase *c, size_t piece)
{
    g_autofree char *more = repeat("", c->again, 1 + piece / strlen(c->again), "");
    g_autoptr(GError) error = NULL;
    size_t total = 0;
    Watch watch;

    watch_init(&watch, &stox_xml_limits_stanza);
    watch.quiet = true;
    g_assert_true(stox_xml_stream_feed(watch.stream, c->head, strlen(c->head), &error));
    /* `more` is a whole number of repetitions, so that any piece may follow any other */
    if (piece < strlen(c->again))
        piece = strlen(c->again);
    piece -= piece % strlen(c->again);
    while (stox_xml_stream_feed(watch.stream, more, piece, &error)) {
        total += piece;
        g_assert_cmpuint(total, <, c->within);
    }
    g_assert_nonnull(error);
    g_assert_cmpuint(watch.stanzas, ==, 0);
    g_assert_cmpuint(watch.refusals, ==, 0); /* only what is over is told */
    if (c->code != STOX_XML_ERROR_MALFORMED || !g_str_has_prefix(c->name, "doctype"))
        g_assert_error(error, STOX_XML_ERROR, c->code);
    watch_clear(&watch);
}

static void test_endless(const void *data)
{
    const EndlessCase *c = data;

    feed_endless(c, 1);
    feed_endless(c, 1000);
    feed_endless(c, 512 * KIB);
}

static void test_keepalives_are_free(void)
{
    g_autofree char *blanks = repeat("", " \n\t\r", 64 * KIB, "");
    Watch watch;

    watch_init(&watch, &stox_xml_limits_stanza);
    g_assert_true(stox_xml_stream_feed(watch.stream, HEADER, strlen(HEADER), NULL));
    for (unsigned i = 0; i < 100; i++)
        g_assert_true(stox_xml_stream_feed(watch.stream, blanks, strlen(blanks), NULL));
    g_assert_true(stox_xml_stream_feed(watch.stream, "<a/>", 4, NULL));
    g_assert_cmpstr(watch.seen->str, ==, OPENED "{jabber:component:accept}a[]\n");
    watch_clear(&watch);
}

static void test_stanza_limit_is_per_stanza(void)
{
    g_autofree char *largest = repeat("<a x='", "x", 90, "'/>");
    Watch watch;

    watch_init(&watch, &small);
    g_assert_true(stox_xml_stream_feed(watch.stream, "<s>", 3, NULL));
    for (unsigned i = 0; i < 1000; i++)
        g_assert_true(stox_xml_stream_feed(watch.stream, largest, strlen(largest), NULL));
    g_assert_cmpuint(watch.stanzas, ==, 1000);
    watch_clear(&watch);
}

/* 1000 bytes exactly pass, 1001 do not, in one piece and in many; blanks in the end tag count like anything else. */
static void test_stanza_limit_is_exact(void)
{
    for (size_t size = 1000; size <= 1001; size++)
        for (size_t piece = 1; piece <= 2000; piece += 1999) {
            g_autofree char *stanza = repeat("<a></a", " ", size - 7, ">");
            Watch watch;

            g_assert_cmpuint(strlen(stanza), ==, size);
            watch_init(&watch, &small);
            g_assert_true(stox_xml_stream_feed(watch.stream, "<s>", 3, NULL));
            g_assert_true(watch_feed(&watch, stanza, size, piece, NULL));
            g_assert_cmpuint(watch.stanzas, ==, size == 1000);
            g_assert_cmpuint(watch.refusals, ==, size == 1001);
            watch_clear(&watch);
        }
}

static void test_stop_inside_callback(void)
{
    static const char text[] = HEADER "<a/><b/><c/></stream:stream>";
    Watch watch;

    watch_init(&watch, &stox_xml_limits_stanza);
    watch.stop_after = 2;
    g_assert_true(stox_xml_stream_feed(watch.stream, text, strlen(text), NULL));
    g_assert_cmpstr(watch.seen->str, ==,
                    OPENED "{jabber:component:accept}a[]\n{jabber:component:accept}b[]\n");
    g_assert_true(stox_xml_stream_feed(watch.stream, "<d/>", 4, NULL));
    g_assert_cmpuint(watch.stanzas, ==, 2);
    watch_clear(&watch);
}

static void test_stop_outside_callback(void)
{
    Watch watch;

    watch_init(&watch, &stox_xml_limits_stanza);
    stox_xml_stream_stop(watch.stream);
    g_assert_true(stox_xml_stream_feed(watch.stream, HEADER, strlen(HEADER), NULL));
    g_assert_cmpstr(watch.seen->str, ==, "");
    watch_clear(&watch);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD_TABLE("/xml/stream/refused", refused, test_refused)
    ADD_TABLE("/xml/stream/endless", endless, test_endless)
    g_test_add_func("/xml/stream/cut-anywhere", test_stream_cut_anywhere);
    g_test_add_func("/xml/stream/byte-by-byte", test_stream_byte_by_byte);
    g_test_add_func("/xml/stream/long-tag", test_stream_long_tag);
    g_test_add_func("/xml/stream/long-header", test_stream_long_header);
    g_test_add_func("/xml/stream/many-stanzas", test_stream_many_stanzas);
    g_test_add_func("/xml/stream/refused/utf-16", test_utf16_stream);
    g_test_add_func("/xml/stream/keep-alives-are-free", test_keepalives_are_free);
    g_test_add_func("/xml/stream/limit-is-per-stanza", test_stanza_limit_is_per_stanza);
    g_test_add_func("/xml/stream/limit-is-exact", test_stanza_limit_is_exact);
    g_test_add_func("/xml/stream/stop-inside", test_stop_inside_callback);
    g_test_add_func("/xml/stream/stop-outside", test_stop_outside_callback);
    return g_test_run();
}
