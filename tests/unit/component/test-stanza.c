/* SPDX-License-Identifier: MIT */
#include "component/stanza.h"

#include <glib.h>

#include <string.h>

#define NS "xmlns='jabber:component:accept'"

static StoxXmlTree *parse(const char *text)
{
    g_autoptr(GError) error = NULL;
    StoxXmlTree *tree = stox_xml_parse(text, strlen(text), &stox_xml_limits_stanza, &error);

    g_assert_no_error(error);
    return tree;
}

static StoxMessage *read_message(const char *attrs, const char *content)
{
    g_autofree char *text = g_strdup_printf("<message " NS " from='alice@contoso.example/pc' "
                                            "to='bob@partner.example'%s>%s</message>",
                                            attrs, content);
    g_autoptr(StoxXmlTree) tree = parse(text);

    g_assert_cmpint(stox_stanza_kind(stox_xml_tree_root(tree)), ==, STOX_STANZA_MESSAGE);
    return stox_stanza_read_message(stox_xml_tree_root(tree));
}

#define NOW INT64_C(1767261600250) /* 2026-01-01T10:00:00.250Z */

static StoxPresence *read_presence(const char *attrs, const char *content)
{
    g_autofree char *text = g_strdup_printf("<presence " NS " from='alice@contoso.example/pc' "
                                            "to='bob@partner.example'%s>%s</presence>",
                                            attrs, content);
    g_autoptr(StoxXmlTree) tree = parse(text);

    g_assert_cmpint(stox_stanza_kind(stox_xml_tree_root(tree)), ==, STOX_STANZA_PRESENCE);
    return stox_stanza_read_presence(stox_xml_tree_root(tree), NOW);
}

/* */
static void test_kind(void)
{
    static const struct {
        const char *text;
        StoxStanzaKind kind;
    } rows[] = {
        {"<message " NS "/>", STOX_STANZA_MESSAGE},
        {"<message xmlns='jabber:client'/>", STOX_STANZA_MESSAGE},
        {"<presence " NS "/>", STOX_STANZA_PRESENCE},
        {"<iq " NS "/>", STOX_STANZA_IQ},
        {"<iq/>", STOX_STANZA_OTHER},
        {"<iq xmlns='jabber:server'/>", STOX_STANZA_OTHER},
        {"<handshake " NS "/>", STOX_STANZA_OTHER},
        {"<Message " NS "/>", STOX_STANZA_OTHER},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(StoxXmlTree) tree = parse(rows[i].text);

        g_test_message("%s", rows[i].text);
        g_assert_cmpint(stox_stanza_kind(stox_xml_tree_root(tree)), ==, rows[i].kind);
    }
}

static void test_addresses_missing(void)
{
    static const char *const rows[] = {
        "<message " NS " from='a@contoso.example'><body>x</body></message>",
        "<message " NS " to='a@contoso.example'><body>x</body></message>",
        "<message " NS "/>",
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(StoxXmlTree) tree = parse(rows[i]);

        g_assert_null(stox_stanza_read_message(stox_xml_tree_root(tree)));
        g_assert_null(stox_stanza_read_presence(stox_xml_tree_root(tree), NOW));
    }
}

static void test_message(void)
{
    g_autoptr(StoxMessage) message = read_message(
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
        g_autoptr(StoxMessage) message = read_message(rows[i].attrs, "<body>x</body>");

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
        g_autoptr(StoxMessage) message = read_message(rows[i].attrs, rows[i].content);

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
        g_autoptr(StoxMessage) message = read_message("", content);

        g_test_message("%s", rows[i].stamp);
        g_assert_cmpint(message->delay_wall_ms, ==, rows[i].ms);
    }
}

#define STANZAS "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'"

/* D-16, D-17, RFC 6120 s8.3.2 */
static void test_errors(void)
{
    static const struct {
        const char *content;
        StoxCondition condition;
        StoxErrorType type;
        const char *text, *address;
    } rows[] = {
        {"<error type='cancel'><item-not-found " STANZAS "/><text " STANZAS " xml:lang='en'>gone "
         "fishing</text></error>",
         STOX_CONDITION_ITEM_NOT_FOUND, STOX_ERROR_CANCEL, "gone fishing", NULL},
        {"<error type='wait'><remote-server-timeout " STANZAS "/><not-connected "
         "xmlns='xmpp:prosody.im/mod_component'/></error>",
         STOX_CONDITION_REMOTE_SERVER_TIMEOUT, STOX_ERROR_WAIT, NULL, NULL},
        {"<error type='modify'><redirect " STANZAS ">xmpp:c@partner.example</redirect></error>",
         STOX_CONDITION_REDIRECT, STOX_ERROR_MODIFY, NULL, "xmpp:c@partner.example"},
        {"<error><forbidden " STANZAS "/></error>", STOX_CONDITION_FORBIDDEN, STOX_ERROR_AUTH, NULL,
         NULL},
        {"<error type='cancel'><brand-new " STANZAS "/></error>",
         STOX_CONDITION_UNDEFINED_CONDITION, STOX_ERROR_CANCEL, NULL, NULL},
        {"<error type='cancel'><text " STANZAS ">t</text></error>",
         STOX_CONDITION_UNDEFINED_CONDITION, STOX_ERROR_CANCEL, "t", NULL},
        /* ejabberd echoes what it refuses */
        {"<body>secret</body><status>secret</status><error type='cancel'><service-unavailable " //
         STANZAS "/></error>",
         STOX_CONDITION_SERVICE_UNAVAILABLE, STOX_ERROR_CANCEL, NULL, NULL},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(StoxMessage) message = read_message(" type='error'", rows[i].content);
        g_autoptr(StoxPresence) presence = read_presence(" type='error'", rows[i].content);

        g_test_message("%s", rows[i].content);
        g_assert_cmpint(message->type, ==, STOX_MESSAGE_ERROR);
        g_assert_cmpint(message->error.condition, ==, rows[i].condition);
        g_assert_cmpint(message->error.type, ==, rows[i].type);
        g_assert_cmpstr(message->error.text, ==, rows[i].text);
        g_assert_cmpstr(message->error.address, ==, rows[i].address);
        g_assert_null(message->body);
        g_assert_cmpint(presence->type, ==, STOX_PRESENCE_ERROR);
        g_assert_cmpint(presence->error.condition, ==, rows[i].condition);
        g_assert_null(presence->status);
    }
}

static void test_presence(void)
{
    static const struct {
        const char *attrs, *content;
        StoxPresenceType type;
        StoxShow show;
        const char *status;
        int priority;
        const char *nick;
        bool muc;
    } rows[] = {
        {"", "", STOX_PRESENCE_AVAILABLE, STOX_SHOW_ONLINE, NULL, 0, NULL, false},
        {"", "<show>dnd</show><status>busy</status><priority>-5</priority>",
         STOX_PRESENCE_AVAILABLE, STOX_SHOW_DND, "busy", -5, NULL, false},
        {"", "<show>chat</show>", STOX_PRESENCE_AVAILABLE, STOX_SHOW_CHAT, NULL, 0, NULL, false},
        {"", "<show>away</show>", STOX_PRESENCE_AVAILABLE, STOX_SHOW_AWAY, NULL, 0, NULL, false},
        {"", "<show>xa</show>", STOX_PRESENCE_AVAILABLE, STOX_SHOW_XA, NULL, 0, NULL, false},
        {"", "<show>lunch</show><priority>128</priority>", STOX_PRESENCE_AVAILABLE,
         STOX_SHOW_ONLINE, NULL, 0, NULL, false},
        {"", "<priority>5x</priority>", STOX_PRESENCE_AVAILABLE, STOX_SHOW_ONLINE, NULL, 0, NULL,
         false},
        {"", "<x xmlns='http://jabber.org/protocol/muc'/>", STOX_PRESENCE_AVAILABLE,
         STOX_SHOW_ONLINE, NULL, 0, NULL, true}, /* G-14 */
        {" type='unavailable'", "<show>xa</show><status>bye</status>", STOX_PRESENCE_UNAVAILABLE,
         STOX_SHOW_ONLINE, "bye", 0, NULL, false},
        {" type='subscribe'", "<nick xmlns='http://jabber.org/protocol/nick'>Ann</nick>",
         STOX_PRESENCE_SUBSCRIBE, STOX_SHOW_ONLINE, NULL, 0, "Ann", false},
        {"", "<nick xmlns='http://jabber.org/protocol/nick'>Ann</nick>", STOX_PRESENCE_AVAILABLE,
         STOX_SHOW_ONLINE, NULL, 0, NULL, false},
        {" type='subscribed'", "", STOX_PRESENCE_SUBSCRIBED, STOX_SHOW_ONLINE, NULL, 0, NULL,
         false},
        {" type='unsubscribe'", "", STOX_PRESENCE_UNSUBSCRIBE, STOX_SHOW_ONLINE, NULL, 0, NULL,
         false},
        {" type='unsubscribed'", "", STOX_PRESENCE_UNSUBSCRIBED, STOX_SHOW_ONLINE, NULL, 0, NULL,
         false},
        {" type='probe'", "", STOX_PRESENCE_PROBE, STOX_SHOW_ONLINE, NULL, 0, NULL, false},
        {" type='invisible'", "", STOX_PRESENCE_UNKNOWN, STOX_SHOW_ONLINE, NULL, 0, NULL,
         false}, /* */
        {" type=''", "", STOX_PRESENCE_UNKNOWN, STOX_SHOW_ONLINE, NULL, 0, NULL, false},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(StoxPresence) presence = read_presence(rows[i].attrs, rows[i].content);

        g_test_message("%s %s", rows[i].attrs, rows[i].content);
        g_assert_cmpint(presence->type, ==, rows[i].type);
        g_assert_cmpint(presence->show, ==, rows[i].show);
        g_assert_cmpstr(presence->status, ==, rows[i].status);
        g_assert_cmpint(presence->priority, ==, rows[i].priority);
        g_assert_cmpstr(presence->nick, ==, rows[i].nick);
        g_assert_cmpint(presence->muc, ==, rows[i].muc);
    }
}

/* ---- Writing: read back by our own reader, as a server would see it inside the stream ---- */

static StoxXmlTree *parse_in_stream(const char *stanza)
{
    g_autofree char *text = g_strdup_printf("<s " NS ">%s</s>", stanza);

    return parse(text);
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
    tree = parse_in_stream(text);
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
    tree = parse_in_stream(text);
    node = stox_xml_tree_root(tree)->first_child;
    g_assert_null(stox_xml_attr(node, "type"));
    g_assert_null(stox_xml_attr(node, "id"));
    g_assert_true(stox_xml_is(node->first_child, "jabber:component:accept", "body"));
    g_assert_null(node->first_child->next);
}

/* D-11 */
static void test_write_errors(void)
{
    g_autoptr(StoxStanzaWriter) writer = stox_stanza_writer_new();
    g_autoptr(StoxMessage) message =
        stox_message_new(STOX_MESSAGE_ERROR, "b@partner.example", "a@contoso.example");
    g_autoptr(StoxPresence) presence =
        stox_presence_new(STOX_PRESENCE_ERROR, "b@partner.example", "a@contoso.example");
    g_autofree char *of_message = NULL;
    g_autofree char *of_presence = NULL;

    message->id = g_strdup("7");
    message->body = g_strdup("never echoed"); /* D-13 */
    message->error = (StoxError){.condition = STOX_CONDITION_GONE,
                                 .type = STOX_ERROR_CANCEL,
                                 .text = g_strdup("moved & gone"),
                                 .address = g_strdup("xmpp:c@partner.example")};
    presence->error = (StoxError){.condition = STOX_CONDITION_NONE, .type = STOX_ERROR_CANCEL};
    of_message = stox_stanza_write_message(writer, message, NULL);
    of_presence = stox_stanza_write_presence(writer, presence, NULL);
    g_assert_nonnull(strstr(
        of_message, "<error type=\"cancel\"><gone xmlns=\"urn:ietf:params:xml:ns:xmpp-stanzas\">"
                    "xmpp:c@partner.example</gone>"));
    g_assert_nonnull(strstr(of_message, "moved &amp; gone</text></error></message>"));
    g_assert_nonnull(strstr(of_message, "xml:lang=\"en\""));
    g_assert_nonnull(strstr(of_message, "type=\"error\""));
    g_assert_nonnull(strstr(of_message, "id=\"7\""));
    g_assert_null(strstr(of_message, "echoed"));
    g_assert_nonnull(strstr(of_presence, "<undefined-condition "));
}

#define ADDRESSES            " from='bob@partner.example/pc' to='alice@contoso.example'"
#define HEAD_OF(name, attrs) "<" name " " NS ADDRESSES attrs "/>"

/* A stanza of which only the start tag was taken: who is answered what, and what still counts */
static void test_refusal(void)
{
    static const struct {
        const char *head;
        bool answered, told;
    } rows[] = {
        {HEAD_OF("message", " id='7'"), true, false},
        {HEAD_OF("message", " id='7' type='chat'"), true, false},
        {HEAD_OF("message", " id='7' type='result'"), true, false}, /* M-50 */
        {HEAD_OF("message", " id='7' type='unavailable'"), true, false},
        {HEAD_OF("presence", " id='7'"), true, false},
        {HEAD_OF("presence", " id='7' type='subscribe'"), true, false},
        {HEAD_OF("presence", " id='7' type='result'"), true, false},
        {HEAD_OF("presence", " id='7' type='unavailable'"), true, true},
        {HEAD_OF("iq", " id='7' type='get'"), true, false},
        {HEAD_OF("iq", " id='7' type='set'"), true, false},
        {HEAD_OF("message", " id='7' type='error'"), false, true}, /* D-10 */
        {HEAD_OF("presence", " id='7' type='error'"), false, true},
        {HEAD_OF("iq", " id='7' type='error'"), false, true},
        {HEAD_OF("iq", " id='7' type='result'"), false, true},
        {HEAD_OF("query", " id='7'"), false, false},
        {"<message " NS " from='bob@partner.example/pc' id='7'/>", false, false},
        {"<message " NS " to='alice@contoso.example' id='7'/>", false, false},
    };
    const StoxError why = {.condition = STOX_CONDITION_POLICY_VIOLATION,
                           .type = STOX_ERROR_MODIFY,
                           .text = (char *) "larger than <7> bytes"};
    g_autoptr(StoxStanzaWriter) writer = stox_stanza_writer_new();

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(StoxXmlTree) head = parse(rows[i].head);
        const StoxXmlNode *node = stox_xml_tree_root(head);
        const char *from = "untouched";
        size_t length = 1;
        g_autofree char *text = stox_stanza_write_refusal(writer, node, &why, &from, &length);
        g_autoptr(StoxXmlTree) tree = NULL;
        const StoxXmlNode *answer, *error;

        g_test_message("%s", rows[i].head);
        g_assert_true(stox_stanza_is_told_by_head(node) == rows[i].told);
        g_assert_true((text != NULL) == rows[i].answered);
        if (!text) {
            g_assert_cmpstr(from, ==, "untouched");
            g_assert_cmpuint(length, ==, 1);
            continue;
        }
        g_assert_cmpuint(length, ==, strlen(text));
        g_assert_cmpstr(from, ==, "alice@contoso.example");
        tree = parse_in_stream(text);
        answer = stox_xml_tree_root(tree)->first_child;
        g_assert_cmpstr(answer->name, ==, node->name);
        g_assert_cmpstr(stox_xml_attr(answer, "from"), ==, "alice@contoso.example");
        g_assert_cmpstr(stox_xml_attr(answer, "to"), ==, "bob@partner.example/pc");
        g_assert_cmpstr(stox_xml_attr(answer, "id"), ==, "7");
        g_assert_cmpstr(stox_xml_attr(answer, "type"), ==, "error");
        error = answer->first_child;
        g_assert_true(stox_xml_is(error, "jabber:component:accept", "error"));
        g_assert_null(error->next);
        g_assert_cmpstr(stox_xml_attr(error, "type"), ==, "modify");
        g_assert_true(stox_xml_is(error->first_child, "urn:ietf:params:xml:ns:xmpp-stanzas",
                                  "policy-violation"));
        g_assert_cmpstr(error->last_child->text, ==, "larger than <7> bytes");
    }
}

/* P-128, P-129, P-152: XEP-0319, XEP-0203, XEP-0256 */
static void test_presence_times(void)
{
#define IDLE(since)    "<idle xmlns='urn:xmpp:idle:1' since='" since "'/>"
#define LAST(seconds)  "<query xmlns='jabber:iq:last' seconds='" seconds "'/>"
#define DELAYED(stamp) "<delay xmlns='urn:xmpp:delay' stamp='" stamp "'/>"
    static const struct {
        const char *name, *content;
        int64_t idle, delay;
    } rows[] = {
        {"none", "", 0, 0},
        {"idle", IDLE("2026-01-01T09:58:20.250Z"), NOW - 100000, 0},
        {"idle-zone", IDLE("2026-01-01T10:58:20.25+01:00"), NOW - 100000, 0},
        {"idle-future", IDLE("2027-01-01T00:00:00Z"), NOW, 0},
        {"idle-bad", IDLE("yesterday"), 0, 0},
        {"idle-none", "<idle xmlns='urn:xmpp:idle:1'/>", 0, 0},
        {"idle-other", "<idle xmlns='urn:xmpp:idle:0' since='2026-01-01T09:58:20.250Z'/>", 0, 0},
        {"last", LAST("100"), NOW - 100000, 0},
        {"last-0", LAST("0"), 0, 0},
        {"last-bad", LAST("-5") LAST("x"), 0, 0},
        {"last-too-much", LAST("2147483647"), 0, 0},
        {"both", LAST("5") IDLE("2026-01-01T09:58:20.250Z"), NOW - 100000, 0},
        {"delay", DELAYED("2026-01-01T09:00:00.250Z"), 0, NOW - 3600000},
        {"last-delay", LAST("100") DELAYED("2026-01-01T09:00:00.250Z"), NOW - 3700000,
         NOW - 3600000},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(StoxPresence) presence = read_presence("", rows[i].content);
        g_autoptr(StoxPresence) gone = read_presence(" type='unavailable'", rows[i].content);

        g_test_message("%s", rows[i].name);
        g_assert_cmpint(presence->idle_since_wall_ms, ==, rows[i].idle);
        g_assert_cmpint(presence->delay_wall_ms, ==, rows[i].delay);
        g_assert_cmpint(gone->idle_since_wall_ms, ==, 0);
    }
}

/* P-116, P-130: what else a presence carries has no place on the SIP side. */
static void test_presence_rest(void)
{
    g_autoptr(StoxPresence) plain = read_presence("", "<show>away</show>");
    g_autoptr(StoxPresence) full = read_presence(
        "", "<c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='x' ver='y'/>"
            "<x xmlns='vcard-temp:x:update'><photo>00</photo><show>dnd</show></x>"
            "<x xmlns='http://jabber.org/protocol/muc#user'><status code='110'/></x>"
            "<event xmlns='http://jabber.org/protocol/pubsub#event'/>"
            "<nick xmlns='http://jabber.org/protocol/nick'>Al</nick><show>away</show>");

    g_assert_cmpint(full->show, ==, plain->show);
    g_assert_cmpint(full->priority, ==, plain->priority);
    g_assert_cmpint(full->idle_since_wall_ms, ==, 0);
    g_assert_true(!full->status && !full->nick && !full->muc);
}

static void test_write_presence(void)
{
    g_autoptr(StoxStanzaWriter) writer = stox_stanza_writer_new();

    for (unsigned type = STOX_PRESENCE_AVAILABLE; type < STOX_PRESENCE_ERROR; type++) {
        g_autoptr(StoxPresence) presence =
            stox_presence_new((StoxPresenceType) type, "b@partner.example/x", "a@contoso.example");
        g_autofree char *text = NULL;
        g_autoptr(StoxXmlTree) tree = NULL;
        g_autoptr(StoxPresence) back = NULL;

        presence->show = STOX_SHOW_XA;
        presence->priority = -3;
        presence->status = g_strdup("st<atus");
        presence->lang = g_strdup("de");
        presence->nick = g_strdup("Bob");
        presence->idle_since_wall_ms = NOW - 12345;
        text = stox_stanza_write_presence(writer, presence, NULL);
        tree = parse_in_stream(text);
        back = stox_stanza_read_presence(stox_xml_tree_root(tree)->first_child, NOW);
        g_test_message("%s", text);
        g_assert_cmpint(back->type, ==, type);
        g_assert_cmpint(back->show, ==,
                        type == STOX_PRESENCE_AVAILABLE ? STOX_SHOW_XA : STOX_SHOW_ONLINE);
        g_assert_cmpint(back->priority, ==, type == STOX_PRESENCE_AVAILABLE ? -3 : 0);
        g_assert_cmpstr(back->status, ==, "st<atus");
        g_assert_cmpstr(back->lang, ==, "de");
        g_assert_cmpint(back->idle_since_wall_ms, ==,
                        type == STOX_PRESENCE_AVAILABLE ? NOW - 12345 : 0);
        g_assert_true((strstr(text, "urn:xmpp:idle:1") != NULL) ==
                      (type == STOX_PRESENCE_AVAILABLE));
        /* P-75: the name goes with the request, never with what he shows. */
        g_assert_cmpstr(back->nick, ==, type == STOX_PRESENCE_SUBSCRIBE ? "Bob" : NULL);
    }
}

static void test_write_ping(void)
{
    g_autoptr(StoxStanzaWriter) writer = stox_stanza_writer_new();
    g_autofree char *text =
        stox_stanza_write_ping(writer, "p1", "contoso.example", "partner.example", NULL);
    g_autoptr(StoxXmlTree) tree = parse_in_stream(text);
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
    g_test_add_func("/stanza/read/errors/D-16", test_errors);
    g_test_add_func("/stanza/read/presence", test_presence);
    g_test_add_func("/stanza/read/P-128-P-129-P-152-times", test_presence_times);
    g_test_add_func("/stanza/read/P-130-rest", test_presence_rest);
    g_test_add_func("/stanza/write/message/X-10", test_write_message);
    g_test_add_func("/stanza/write/normal/M-28", test_write_normal);
    g_test_add_func("/stanza/write/errors/D-11", test_write_errors);
    g_test_add_func("/stanza/write/refusal/D-11", test_refusal);
    g_test_add_func("/stanza/write/presence", test_write_presence);
    g_test_add_func("/stanza/write/ping", test_write_ping);
    g_test_add_func("/stanza/write/attribute-space", test_write_attribute_space);
    g_test_add_func("/stanza/write/large", test_write_large);
    return g_test_run();
}
