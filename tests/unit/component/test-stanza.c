/* SPDX-License-Identifier: MIT */
/* Messages and pings as stanzas: which kind, read, written (rows M-11, M-28, M-50 to M-63, X-05, X-10). What is written is read back as a server would see it inside the stream. */
#include "tests/unit/component/stanza-fixture.h"

#include <string.h>

/* */
static void test_kind(void)
{
    static const struct {
        const char *text;
        StoxStanzaKind kind;
    } rows[] = {
        {"<message " STANZA_NS "/>", STOX_STANZA_MESSAGE},
        {"<message xmlns='jabber:client'/>", STOX_STANZA_MESSAGE},
        {"<presence " STANZA_NS "/>", STOX_STANZA_PRESENCE},
        {"<iq " STANZA_NS "/>", STOX_STANZA_IQ},
        {"<iq/>", STOX_STANZA_OTHER},
        {"<iq xmlns='jabber:server'/>", STOX_STANZA_OTHER},
        {"<handshake " STANZA_NS "/>", STOX_STANZA_OTHER},
        {"<Message " STANZA_NS "/>", STOX_STANZA_OTHER},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(StoxXmlTree) tree = stanza_parse(rows[i].text);

        g_test_message("%s", rows[i].text);
        g_assert_cmpint(stox_stanza_kind(stox_xml_tree_root(tree)), ==, rows[i].kind);
    }
}

static void test_addresses_missing(void)
{
    static const char *const rows[] = {
        "<message " STANZA_NS " from='a@contoso.example'><body>x</body></message>",
        "<message " STANZA_NS " to='a@contoso.example'><body>x</body></message>",
        "<message " STANZA_NS "/>",
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(StoxXmlTree) tree = stanza_parse(rows[i]);

        g_assert_null(stox_stanza_read_message(stox_xml_tree_root(tree)));
        g_assert_null(stox_stanza_read_presence(stox_xml_tree_root(tree), STANZA_NOW));
    }
}

static void test_message(void)
{
    g_autoptr(StoxMessage) message = stanza_message(
        " id='m1' type='chat' xml:lang='de'",
        "<subject>S</subject><body>Hall\xC3\xB6 &lt;du&gt;</body><thread>t1</thread>"
        "<origin-id xmlns='urn:xmpp:sid:0' id='o1'/>"
        "<delay xmlns='urn:xmpp:delay' from='contoso.example' stamp='2002-09-10T23:08:25.123Z'/>");

    g_assert_cmpstr(message->from, ==, "alice@contoso.example/pc");
    g_assert_cmpstr(message->to, ==, "bob@partner.example");
    g_assert_cmpstr(message->id, ==, "m1");
    g_assert_cmpstr(message->origin_id, ==, "o1");
    g_assert_cmpint(message->type, ==, STOX_MESSAGE_CHAT);
    g_assert_cmpstr(message->lang, ==, "de");
    g_assert_cmpstr(message->subject, ==, "S");
    g_assert_cmpstr(message->body, ==, "Hall\xC3\xB6 <du>");
    g_assert_cmpstr(message->thread, ==, "t1");
    g_assert_cmpint(message->delay_wall_ms, ==, G_GINT64_CONSTANT(1031699305123));
}

/* M-50 to M-54 */
static void test_message_types(void)
{
    static const struct {
        const char *attrs;
        StoxMessageType type;
    } rows[] = {
        {"", STOX_MESSAGE_NORMAL},
        {" type='normal'", STOX_MESSAGE_NORMAL},
        {" type='shout'", STOX_MESSAGE_NORMAL},
        {" type='chat'", STOX_MESSAGE_CHAT},
        {" type='headline'", STOX_MESSAGE_HEADLINE},
        {" type='groupchat'", STOX_MESSAGE_GROUPCHAT},
        {" type='error'", STOX_MESSAGE_ERROR},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(StoxMessage) message = stanza_message(rows[i].attrs, "<body>x</body>");

        g_test_message("%s", rows[i].attrs);
        g_assert_cmpint(message->type, ==, rows[i].type);
    }
}

/* M-11 */
static void test_body_choice(void)
{
    static const struct {
        const char *name, *attrs, *content, *body, *lang;
    } rows[] = {
        {"one", "", "<body>a</body>", "a", NULL},
        {"none", " xml:lang='en'", "", NULL, "en"},
        {"empty", "", "<body/>", NULL, NULL},
        {"inherits", " xml:lang='en'", "<body>a</body>", "a", "en"},
        {"the stanza's", " xml:lang='de'",
         "<body>a</body><body xml:lang='en'>b</body><body xml:lang='DE'>c</body>", "c", "DE"},
        {"without language", " xml:lang='fr'", "<body xml:lang='en'>b</body><body>a</body>", "a",
         "fr"},
        {"first", "", "<body xml:lang='en'>b</body><body xml:lang='de'>c</body>", "b", "en"},
        {"other namespace", "", "<body xmlns='http://www.w3.org/1999/xhtml'>h</body>", NULL, NULL},
        {"nested only", "", "<x xmlns='a'><body xmlns='jabber:component:accept'>n</body></x>", NULL,
         NULL},
        /* M-110, M-111, M-114: fallback bodies pass */
        {"correction", "", "<replace xmlns='urn:xmpp:message-correct:0' id='1'/><body>n</body>",
         "n", NULL},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(StoxMessage) message = stanza_message(rows[i].attrs, rows[i].content);

        g_test_message("%s", rows[i].name);
        g_assert_cmpstr(message->body, ==, rows[i].body);
        g_assert_cmpstr(message->lang, ==, rows[i].lang);
    }
}

/* M-63, XEP-0082 */
static void test_delay(void)
{
    static const struct {
        const char *stamp;
        int64_t ms;
    } rows[] = {
        {"1970-01-01T00:00:01Z", 1000},
        {"2002-09-10T23:08:25Z", G_GINT64_CONSTANT(1031699305000)},
        {"2002-09-11T01:08:25+02:00", G_GINT64_CONSTANT(1031699305000)},
        {"2002-09-10T23:08:25", 0}, /* no zone: not XEP-0082 */
        {"20020910T23:08:25", 0},   /* XEP-0091 */
        {"1969-01-01T00:00:00Z", 0},
        {"yesterday", 0},
        {"", 0},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *content =
            g_strdup_printf("<delay xmlns='urn:xmpp:delay' stamp='%s'/>", rows[i].stamp);
        g_autoptr(StoxMessage) message = stanza_message("", content);

        g_test_message("%s", rows[i].stamp);
        g_assert_cmpint(message->delay_wall_ms, ==, rows[i].ms);
    }
}

static void test_write_message(void)
{
    g_autoptr(StoxStanzaWriter) writer = stox_stanza_writer_new();
    g_autoptr(StoxMessage) message =
        stox_message_new(STOX_MESSAGE_CHAT, "bob@partner.example", "alice@contoso.example/pc");
    g_autofree char *text = NULL;
    g_autoptr(StoxXmlTree) tree = NULL;
    const StoxXmlNode *node, *delay;
    g_autoptr(StoxMessage) back = NULL;
    size_t length = 0;

    message->id = g_strdup("m'1\"<&>");
    message->origin_id = g_strdup("o1");
    message->lang = g_strdup("de");
    message->subject = g_strdup("<S>");
    /* one of these would end the stream for everybody */
    message->body = g_strdup("a\x01\x0B<b> & \"c\" 'd' \xEF\xBF\xBE\xC3\n\xF0\x9F\x98\x80");
    message->thread = g_strdup("t\x08");
    message->delay_wall_ms = G_GINT64_CONSTANT(1031699305123);
    text = stox_stanza_write_message(writer, message, &length);
    g_assert_cmpuint(length, ==, strlen(text));
    g_assert_true(g_str_has_prefix(text, "<message "));
    g_assert_null(strstr(text, "jabber:"));
    tree = stanza_parse_in_stream(text);
    node = stox_xml_tree_root(tree)->first_child;
    g_assert_cmpstr(stox_xml_attr(node, "type"), ==, "chat");
    g_assert_cmpstr(stox_xml_attr(node, STOX_XML_LANG), ==, "de");
    /* M-61, M-62 */
    delay = stox_xml_child(node, "urn:xmpp:delay", "delay");
    g_assert_cmpstr(stox_xml_attr(delay, "stamp"), ==, "2002-09-10T23:08:25Z");
    g_assert_cmpstr(stox_xml_attr(delay, "from"), ==, "partner.example");
    back = stox_stanza_read_message(node);
    g_assert_cmpstr(back->from, ==, message->from);
    g_assert_cmpstr(back->to, ==, message->to);
    g_assert_cmpstr(back->id, ==, message->id);
    g_assert_cmpstr(back->origin_id, ==, "o1");
    g_assert_cmpstr(back->subject, ==, "<S>");
    g_assert_cmpstr(back->body, ==, "a<b> & \"c\" 'd' \xEF\xBF\xBD\n\xF0\x9F\x98\x80");
    g_assert_cmpstr(back->thread, ==, "t");
}

/* M-28: no type; nothing empty */
static void test_write_normal(void)
{
    g_autoptr(StoxStanzaWriter) writer = stox_stanza_writer_new();
    g_autoptr(StoxMessage) message =
        stox_message_new(STOX_MESSAGE_NORMAL, "b@partner.example", "a@contoso.example");
    g_autofree char *text = NULL;
    g_autoptr(StoxXmlTree) tree = NULL;
    const StoxXmlNode *node;

    message->subject = g_strdup("");
    message->body = g_strdup("x");
    text = stox_stanza_write_message(writer, message, NULL);
    tree = stanza_parse_in_stream(text);
    node = stox_xml_tree_root(tree)->first_child;
    g_assert_null(stox_xml_attr(node, "type"));
    g_assert_null(stox_xml_attr(node, "id"));
    g_assert_true(stox_xml_is(node->first_child, "jabber:component:accept", "body"));
    g_assert_null(node->first_child->next);
}

static void test_write_ping(void)
{
    g_autoptr(StoxStanzaWriter) writer = stox_stanza_writer_new();
    g_autofree char *text =
        stox_stanza_write_ping(writer, "p1", "contoso.example", "partner.example", NULL);
    g_autoptr(StoxXmlTree) tree = stanza_parse_in_stream(text);
    const StoxXmlNode *iq = stox_xml_tree_root(tree)->first_child;

    g_assert_cmpstr(stox_xml_attr(iq, "type"), ==, "get");
    g_assert_cmpstr(stox_xml_attr(iq, "id"), ==, "p1");
    g_assert_cmpstr(stox_xml_attr(iq, "from"), ==, "contoso.example");
    g_assert_cmpstr(stox_xml_attr(iq, "to"), ==, "partner.example");
    g_assert_true(stox_xml_is(iq->first_child, "urn:xmpp:ping", "ping"));
}

/* libstrophe renders a white-space character of an attribute raw, where a reader sees a blank: written as a blank. */
static void test_write_attribute_space(void)
{
    g_autoptr(StoxStanzaWriter) writer = stox_stanza_writer_new();
    g_autofree char *text =
        stox_stanza_write_ping(writer, "a\r\n\tb\x02", "contoso.example", "partner.example", NULL);

    g_assert_nonnull(strstr(text, "id=\"a   b\""));
}

/* A long body costs time in proportion, not its square. */
static void test_write_large(void)
{
    g_autoptr(StoxStanzaWriter) writer = stox_stanza_writer_new();
    g_autoptr(StoxMessage) message =
        stox_message_new(STOX_MESSAGE_CHAT, "b@partner.example", "a@contoso.example");
    g_autofree char *text = NULL;
    size_t length = 0;

    message->body = g_strnfill(4 * 1024 * 1024, '<');
    g_test_timer_start();
    text = stox_stanza_write_message(writer, message, &length);
    g_assert_cmpuint(length, >, 16 * 1024 * 1024);
    g_assert_cmpfloat(g_test_timer_elapsed(), <, 5.0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/stanza/kind/X-05", test_kind);
    g_test_add_func("/stanza/read/addresses-missing", test_addresses_missing);
    g_test_add_func("/stanza/read/message", test_message);
    g_test_add_func("/stanza/read/message-types/M-50", test_message_types);
    g_test_add_func("/stanza/read/body-choice/M-11", test_body_choice);
    g_test_add_func("/stanza/read/delay/M-63", test_delay);
    g_test_add_func("/stanza/write/message/X-10", test_write_message);
    g_test_add_func("/stanza/write/normal/M-28", test_write_normal);
    g_test_add_func("/stanza/write/ping", test_write_ping);
    g_test_add_func("/stanza/write/attribute-space", test_write_attribute_space);
    g_test_add_func("/stanza/write/large", test_write_large);
    return g_test_run();
}
