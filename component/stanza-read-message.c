/* SPDX-License-Identifier: MIT */
/* <message/> -> StoxMessage: RFC 6121 s5 and the payloads of M-14, M-15 and M-110 to M-117. */
#include "component/stanza-private.h"
#include "component/stanza-xhtml.h"

#include <string.h>

static StoxMessageType message_type(const char *type)
{
    static const char *const names[] = {
        [STOX_MESSAGE_CHAT] = "chat",
        [STOX_MESSAGE_HEADLINE] = "headline",
        [STOX_MESSAGE_GROUPCHAT] = "groupchat",
        [STOX_MESSAGE_ERROR] = "error",
    };

    for (unsigned i = STOX_MESSAGE_CHAT; type && i < G_N_ELEMENTS(names); i++)
        if (strcmp(type, names[i]) == 0)
            return (StoxMessageType) i;
    return STOX_MESSAGE_NORMAL; /* M-50 */
}

/* ---- Payloads, one reader a kind. What comes twice counts once, the first time. ---- */

static void set(char **field, const char *value)
{
    if (!*field && value && *value)
        *field = g_strdup(value);
}

/* At most one state (M-77). */
static void read_state(const StoxXmlNode *node, StoxMessage *message)
{
    static const char *const names[] = {
        [STOX_CHAT_STATE_ACTIVE] = "active", [STOX_CHAT_STATE_COMPOSING] = "composing",
        [STOX_CHAT_STATE_PAUSED] = "paused", [STOX_CHAT_STATE_INACTIVE] = "inactive",
        [STOX_CHAT_STATE_GONE] = "gone",
    };

    for (unsigned i = STOX_CHAT_STATE_ACTIVE; i < G_N_ELEMENTS(names); i++)
        if (!message->chat_state && strcmp(node->name, names[i]) == 0)
            message->chat_state = (StoxChatState) i;
}

static void read_receipt(const StoxXmlNode *node, StoxMessage *message)
{
    if (strcmp(node->name, "request") == 0)
        message->wants_receipt = true;
    else if (strcmp(node->name, "received") == 0)
        set(&message->received_id, stox_xml_attr(node, "id"));
}

static void read_marker(const StoxXmlNode *node, StoxMessage *message)
{
    if (strcmp(node->name, "markable") == 0)
        message->markable = true;
    else if (strcmp(node->name, "displayed") == 0)
        set(&message->displayed_id, stox_xml_attr(node, "id"));
}

static void read_replace(const StoxXmlNode *node, StoxMessage *message)
{
    if (strcmp(node->name, "replace") == 0)
        set(&message->replaces_id, stox_xml_attr(node, "id"));
}

/* M-115: <stanza-id/>, whoever claims to have given it, goes no further. */
static void read_origin(const StoxXmlNode *node, StoxMessage *message)
{
    if (strcmp(node->name, "origin-id") == 0)
        set(&message->origin_id, stox_xml_attr(node, "id"));
}

static void read_oob(const StoxXmlNode *node, StoxMessage *message)
{
    const StoxXmlNode *url = stox_xml_child(node, node->ns, "url");

    if (strcmp(node->name, "x") == 0 && url)
        set(&message->oob_url, url->text);
}

static void read_nick(const StoxXmlNode *node, StoxMessage *message)
{
    if (strcmp(node->name, "nick") == 0)
        set(&message->nick, node->text);
}

static void read_unstyled(const StoxXmlNode *node, StoxMessage *message)
{
    if (strcmp(node->name, "unstyled") == 0)
        message->unstyled = true;
}

static void read_hint(const StoxXmlNode *node, StoxMessage *message)
{
    if (strcmp(node->name, "no-store") == 0)
        message->no_store = true;
}

/* A message of OMEMO without payload only renews keys: there is nothing in it that anybody wrote. */
static void read_omemo(const StoxXmlNode *node, StoxMessage *message)
{
    if (strcmp(node->name, "encrypted") == 0 && stox_xml_child(node, node->ns, "payload"))
        set(&message->encryption, "OMEMO");
}

static void read_ox(const StoxXmlNode *node, StoxMessage *message)
{
    if (strcmp(node->name, "openpgp") == 0 || strcmp(node->name, "x") == 0)
        set(&message->encryption, "OpenPGP");
}

typedef struct {
    const char *ns;
    void (*read)(const StoxXmlNode *node, StoxMessage *message);
} Payload;

static const Payload payloads[] = {
    {"http://jabber.org/protocol/chatstates", read_state},
    {"urn:xmpp:receipts", read_receipt},
    {"urn:xmpp:chat-markers:0", read_marker},
    {"urn:xmpp:message-correct:0", read_replace},
    {"urn:xmpp:sid:0", read_origin},
    {"jabber:x:oob", read_oob},
    {"http://jabber.org/protocol/nick", read_nick},
    {"urn:xmpp:styling:0", read_unstyled},
    {"urn:xmpp:hints", read_hint},
    {"eu.siacs.conversations.axolotl", read_omemo},
    {"urn:xmpp:omemo:1", read_omemo},
    {"urn:xmpp:omemo:2", read_omemo},
    {"urn:xmpp:openpgp:0", read_ox},
    {"jabber:x:encrypted", read_ox},
};

static void read_payloads(const StoxXmlNode *stanza, StoxMessage *message)
{
    for (const StoxXmlNode *node = stanza->first_child; node; node = node->next) {
        if (strcmp(node->ns, stanza->ns) == 0)
            continue;
        for (unsigned i = 0; i < G_N_ELEMENTS(payloads); i++)
            if (strcmp(node->ns, payloads[i].ns) == 0) {
                payloads[i].read(node, message);
                break;
            }
    }
}

/* ---- Encryption (M-114) ---- */

/* What OTR sends instead of text: data, fragments, queries, errors. */
static bool is_otr(const char *body)
{
    return g_str_has_prefix(body, "?OTR") &&
           ((body[4] && strchr(":,|?v", body[4])) || g_str_has_prefix(body + 4, " Error:"));
}

/* XEP-0380 names what the payload itself did not tell. */
static void read_encryption(const StoxXmlNode *stanza, StoxMessage *message)
{
    const StoxXmlNode *said = stox_xml_child(stanza, "urn:xmpp:eme:0", "encryption");
    bool keys_only = stox_xml_child(stanza, NULL, "encrypted") != NULL; /* read_omemo() */

    if (message->body && is_otr(message->body)) {
        g_clear_pointer(&message->body, g_free);
        set(&message->encryption, "OTR");
    }
    if (said && (message->body || !keys_only)) {
        set(&message->encryption, stox_xml_attr(said, "name"));
        set(&message->encryption, stox_xml_attr(said, "namespace"));
    }
}

static void read_xhtml(const StoxXmlNode *stanza, StoxMessage *message)
{
    const StoxXmlNode *html = stox_xml_child(stanza, STOX_NS_XHTML_IM, "html");
    const StoxXmlNode *body = html ? stox_stanza_choose(stanza, html, STOX_NS_XHTML, "body") : NULL;

    if (body && !message->encryption)
        message->xhtml = stox_xhtml_read(body);
}

/* M-64: what a delayed copy says of now, and what it asks for, is over. */
static void forget_the_moment(StoxMessage *message)
{
    message->chat_state = STOX_CHAT_STATE_NONE;
    message->wants_receipt = false;
    message->markable = false;
}

StoxMessage *stox_stanza_read_message(const StoxXmlNode *node)
{
    const char *from = stox_xml_attr(node, "from");
    const char *to = stox_xml_attr(node, "to");
    const StoxXmlNode *body;
    StoxMessage *message;

    if (!from || !to)
        return NULL;
    message = stox_message_new(message_type(stox_xml_attr(node, "type")), from, to);
    message->id = g_strdup(stox_xml_attr(node, "id"));
    if (message->type == STOX_MESSAGE_ERROR) { /* M-117: nothing else in it counts */
        stox_stanza_read_error(node, &message->error);
        return message;
    }
    body = stox_stanza_choose(node, node, NULL, "body");
    message->body = stox_stanza_text(body);
    message->lang = stox_stanza_lang(node, body);
    message->subject = stox_stanza_text(stox_stanza_choose(node, node, NULL, "subject"));
    message->thread = stox_stanza_text(stox_xml_child(node, node->ns, "thread"));
    message->delay_wall_ms = stox_stanza_read_delay(node);
    read_payloads(node, message);
    read_encryption(node, message);
    read_xhtml(node, message);
    if (message->delay_wall_ms)
        forget_the_moment(message);
    return message;
}
