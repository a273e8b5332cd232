/* SPDX-License-Identifier: MIT */
/* The readers and the writer of XML: trees, limits, what is refused, streams cut anywhere (rows X-10, RFC 6120 s4 and s11). */
#include "translation/xml.h"

#include <malloc.h>
#include <string.h>

/* ---- A tree as one line, for comparing ---- */

static void print_node(GString *out, const StoxXmlNode *node)
{
    g_string_append_printf(out, "{%s}%s", node->ns, node->name);
    for (const char **attr = node->attrs; *attr; attr += 2)
        g_string_append_printf(out, " %s=%s", attr[0], attr[1]);
    g_string_append_printf(out, "[%s", node->text);
    for (const StoxXmlNode *child = node->first_child; child; child = child->next) {
        g_assert_true(child->parent == node);
        print_node(out, child);
        if (!child->next)
            g_assert_true(node->last_child == child);
    }
    g_string_append_c(out, ']');
}

static char *tree_to_line(StoxXmlTree *tree)
{
    GString *out = g_string_new(NULL);

    print_node(out, stox_xml_tree_root(tree));
    return g_string_free(out, FALSE);
}

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

/* ---- Limits: the last good size and the first bad one ---- */

static const StoxXmlLimits small = {
    .max_bytes = 1000, .max_depth = 4, .max_attrs = 3, .max_nodes = 10, .max_text = 100};

static char *repeat(const char *head, const char *what, size_t n, const char *tail)
{
    GString *out = g_string_new(head);

    for (size_t i = 0; i < n; i++)
        g_string_append(out, what);
    g_string_append(out, tail);
    return g_string_free(out, FALSE);
}

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

/* ---- Streams ---- */

typedef struct {
    GString *seen;   /* one line for each callback */
    GString *limits; /* one line for each stanza refused */
    StoxXmlStream *stream;
    unsigned stanzas, refusals;
    unsigned stop_after; /* stanzas and refusals; 0 never */
    bool quiet;          /* count only */
} Watch;

static void on_opened(const StoxXmlNode *header, void *user)
{
    Watch *watch = user;

    g_string_append(watch->seen, "open ");
    print_node(watch->seen, header);
    g_string_append_c(watch->seen, '\n');
}

static void on_stanza(StoxXmlTree *stanza, void *user)
{
    Watch *watch = user;

    if (!watch->quiet) {
        print_node(watch->seen, stox_xml_tree_root(stanza));
        g_string_append_c(watch->seen, '\n');
    }
    stox_xml_tree_free(stanza);
    if (++watch->stanzas + watch->refusals == watch->stop_after)
        stox_xml_stream_stop(watch->stream);
}

static void on_refused(StoxXmlTree *head, const char *limit, void *user)
{
    Watch *watch = user;

    g_assert_null(stox_xml_tree_root(head)->first_child);
    g_assert_null(stox_xml_tree_root(head)->parent);
    if (!watch->quiet) {
        g_string_append(watch->seen, "refused ");
        print_node(watch->seen, stox_xml_tree_root(head));
        g_string_append_c(watch->seen, '\n');
        g_string_append_printf(watch->limits, "%s\n", limit);
    }
    stox_xml_tree_free(head);
    if (++watch->refusals + watch->stanzas == watch->stop_after)
        stox_xml_stream_stop(watch->stream);
}

static void on_closed(void *user)
{
    Watch *watch = user;

    g_string_append(watch->seen, "closed\n");
}

static const StoxXmlStreamFuncs funcs = {on_opened, on_stanza, on_closed, on_refused};

static void watch_init(Watch *watch, const StoxXmlLimits *stanza_limits)
{
    *watch = (Watch){.seen = g_string_new(NULL), .limits = g_string_new(NULL)};
    watch->stream = stox_xml_stream_new(stanza_limits, &funcs, watch);
}

static void watch_clear(Watch *watch)
{
    stox_xml_stream_free(watch->stream);
    g_string_free(watch->seen, TRUE);
    g_string_free(watch->limits, TRUE);
}

#define HEADER                                                                                     \
    "<?xml version='1.0' encoding='utf-8'?><stream:stream xmlns='jabber:component:accept' "        \
    "xmlns:stream='http://etherx.jabber.org/streams' id='3BF96D32' from='contoso.example'>"
#define OPENED "open {http://etherx.jabber.org/streams}stream id=3BF96D32 from=contoso.example[]\n"

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
        for (size_t at = 0; at < n; at += piece)
            g_assert_true(stox_xml_stream_feed(watch.stream, text + at, MIN(piece, n - at), NULL));
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
        for (size_t at = 0; at < text->len; at += pieces[i])
            g_assert_true(stox_xml_stream_feed(watch.stream, text->str + at,
                                               MIN(pieces[i], text->len - at), NULL));
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
        bool live = true;
        Watch watch;

        watch_init(&watch, &stox_xml_limits_stanza);
        for (size_t at = 0; at < n && live; at += piece)
            live = stox_xml_stream_feed(watch.stream, c->input + at, MIN(piece, n - at), &error);
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
#define KIB   ((size_t) 1024)
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
            for (size_t at = 0; at < size; at += piece)
                g_assert_true(
                    stox_xml_stream_feed(watch.stream, stanza + at, MIN(piece, size - at), NULL));
            g_assert_cmpuint(watch.stanzas, ==, size == 1000);
            g_assert_cmpuint(watch.refusals, ==, size == 1001);
            watch_clear(&watch);
        }
}

/* ---- Stanzas that pass a limit (promise: what is bad is refused to its sender, and nothing else is lost) ---- */

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
        for (size_t at = 0; cut == 0 && at < n; at++)
            g_assert_true(stox_xml_stream_feed(watch.stream, text + at, 1, &error));
        if (cut > 0) {
            g_assert_true(stox_xml_stream_feed(watch.stream, text, cut, &error));
            g_assert_true(stox_xml_stream_feed(watch.stream, text + cut, n - cut, &error));
        }
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
            for (size_t at = 0; at < n; at += piece)
                g_assert_true(
                    stox_xml_stream_feed(watch.stream, text + at, MIN(piece, n - at), NULL));
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
        {"<a><b", STOX_XML_ERROR_LIMIT}, /* just unfinished */
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *text = g_strconcat("<s><m>" N100 "1", rows[i].bad, NULL);

        for (size_t piece = 1; piece <= 1000; piece += 999) {
            g_autoptr(GError) error = NULL;
            size_t n = strlen(text);
            bool live = true;
            Watch watch;

            watch_init(&watch, &small);
            for (size_t at = 0; at < n && live; at += piece)
                live = stox_xml_stream_feed(watch.stream, text + at, MIN(piece, n - at), &error);
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
            for (size_t at = 0; at < n; at += piece)
                g_assert_true(
                    stox_xml_stream_feed(watch.stream, stanza + at, MIN(piece, n - at), NULL));
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
    static const StoxXmlStreamFuncs deaf = {on_opened, on_stanza, on_closed, NULL};
    static const char text[] = "<s><m " ADDRESSES "/><g/>";
    Watch watch;

    watch_init(&watch, &small);
    stox_xml_stream_free(watch.stream);
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

#define ADD_TABLE(path, table, function)                                                           \
    for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {                                             \
        g_autofree char *full = g_strdup_printf(path "/%s", table[i].name);                        \
        g_test_add_data_func(full, &table[i], function);                                           \
    }

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD_TABLE("/xml/document", documents, test_document)
    ADD_TABLE("/xml/limit", limits, test_limit)
    ADD_TABLE("/xml/stream/refused", refused, test_refused)
    ADD_TABLE("/xml/stream/endless", endless, test_endless)
    ADD_TABLE("/xml/stream/skip/D-13", skips, test_skip)
    ADD_TABLE("/xml/write", writes, test_write)
    g_test_add_func("/xml/document/utf-16", test_utf16);
    g_test_add_func("/xml/lookups", test_lookups);
    g_test_add_func("/xml/limit/depth-and-attributes", test_limit_depth_and_attributes);
    g_test_add_func("/xml/stream/cut-anywhere", test_stream_cut_anywhere);
    g_test_add_func("/xml/stream/byte-by-byte", test_stream_byte_by_byte);
    g_test_add_func("/xml/stream/long-tag", test_stream_long_tag);
    g_test_add_func("/xml/stream/long-header", test_stream_long_header);
    g_test_add_func("/xml/stream/many-stanzas", test_stream_many_stanzas);
    g_test_add_func("/xml/stream/refused/utf-16", test_utf16_stream);
    g_test_add_func("/xml/stream/keep-alives-are-free", test_keepalives_are_free);
    g_test_add_func("/xml/stream/limit-is-per-stanza", test_stanza_limit_is_per_stanza);
    g_test_add_func("/xml/stream/limit-is-exact", test_stanza_limit_is_exact);
    g_test_add_func("/xml/stream/skip/bytes", test_skip_bytes);
    g_test_add_func("/xml/stream/skip/refused", test_skip_refused);
    g_test_add_func("/xml/stream/skip/long-head", test_skip_long_head);
    g_test_add_func("/xml/stream/skip/half-a-mebibyte", test_skip_half_a_mebibyte);
    g_test_add_func("/xml/stream/skip/keeps-nothing", test_skip_keeps_nothing);
    g_test_add_func("/xml/stream/skip/many", test_skip_many);
    g_test_add_func("/xml/stream/skip/callback", test_skip_callback);
    g_test_add_func("/xml/stream/stop-inside", test_stop_inside_callback);
    g_test_add_func("/xml/stream/stop-outside", test_stop_outside_callback);
    g_test_add_func("/xml/write/nothing", test_write_nothing);
    g_test_add_func("/xml/write/and-read", test_write_and_read);
    return g_test_run();
}
