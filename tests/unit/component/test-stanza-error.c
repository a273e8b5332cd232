/* SPDX-License-Identifier: MIT */
/* Stanza errors: read, written, and what answers a stanza of which only the start tag was taken (rows D-10, D-11, D-13, D-16, D-17). */
#include "tests/unit/component/stanza-fixture.h"

#include <string.h>

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
        g_autoptr(StoxMessage) message = stanza_message(" type='error'", rows[i].content);
        g_autoptr(StoxPresence) presence = stanza_presence(" type='error'", rows[i].content);

        g_test_message("%s", rows[i].content);
        g_assert_cmpint(message->type, ==, STOX_MESSAGE_ERROR);
        g_assert_cmpint(message->error.condition, ==, rows[i].condition);
        g_assert_cmpint(message->error.type, ==, rows[i].type);
        g_assert_cmpstr(message->error.text, ==, rows[i].text);
        g_assert_cmpstr(message->error.address, ==, rows[i].address);
        g_assert_null(message->body);
        g_assert_cmpint(presence->type, ==, STOX_PRESENCE_ERROR);
        g_assert_cmpint(presence->error.condition, ==, rows[i].condition);
        g_assert_cmpuint(presence->status.n, ==, 0);
    }
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
#define HEAD_OF(name, attrs) "<" name " " STANZA_NS ADDRESSES attrs "/>"

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
        {"<message " STANZA_NS " from='bob@partner.example/pc' id='7'/>", false, false},
        {"<message " STANZA_NS " to='alice@contoso.example' id='7'/>", false, false},
    };
    const StoxError why = {.condition = STOX_CONDITION_POLICY_VIOLATION,
                           .type = STOX_ERROR_MODIFY,
                           .text = (char *) "larger than <7> bytes"};
    g_autoptr(StoxStanzaWriter) writer = stox_stanza_writer_new();

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(StoxXmlTree) head = stanza_parse(rows[i].head);
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
        tree = stanza_parse_in_stream(text);
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

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/stanza/read/errors/D-16", test_errors);
    g_test_add_func("/stanza/write/errors/D-11", test_write_errors);
    g_test_add_func("/stanza/write/refusal/D-11", test_refusal);
    return g_test_run();
}
