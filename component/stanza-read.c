/* SPDX-License-Identifier: MIT */
#include "component/stanza.h"

#include "translation/error.h"

#include <stdlib.h>
#include <string.h>

#define NS_STANZAS "urn:ietf:params:xml:ns:xmpp-stanzas"

/* the component's namespace, and the one servers use toward clients. */
static bool is_stanza_ns(const char *ns)
{
    return strcmp(ns, "jabber:component:accept") == 0 || strcmp(ns, "jabber:client") == 0;
}

StoxStanzaKind stox_stanza_kind(const StoxXmlNode *node)
{
    if (!is_stanza_ns(node->ns))
        return STOX_STANZA_OTHER;
    if (strcmp(node->name, "message") == 0)
        return STOX_STANZA_MESSAGE;
    if (strcmp(node->name, "presence") == 0)
        return STOX_STANZA_PRESENCE;
    if (strcmp(node->name, "iq") == 0)
        return STOX_STANZA_IQ;
    return STOX_STANZA_OTHER;
}

bool stox_stanza_is_told_by_head(const StoxXmlNode *head)
{
    const char *type = stox_xml_attr(head, "type");

    if (!type)
        return false;
    if (strcmp(type, "error") == 0)
        return true;
    return strcmp(type, stox_stanza_kind(head) == STOX_STANZA_IQ ? "result" : "unavailable") == 0 &&
           stox_stanza_kind(head) != STOX_STANZA_MESSAGE;
}

/*
 * Of several children that differ in language: the one in the stanza's language, else the first that says none,
 * else the first (M-11, RFC 6121 s5.2.3).
 */
static const StoxXmlNode *choose(const StoxXmlNode *stanza, const char *name)
{
    const char *wanted = stox_xml_attr(stanza, STOX_XML_LANG);
    const StoxXmlNode *first = stox_xml_child(stanza, stanza->ns, name);
    const StoxXmlNode *silent = NULL;

    for (const StoxXmlNode *at = first; at; at = stox_xml_next(at, stanza->ns, name)) {
        const char *lang = stox_xml_attr(at, STOX_XML_LANG);

        if (lang && wanted && g_ascii_strcasecmp(lang, wanted) == 0)
            return at;
        if (!lang && !silent)
            silent = at;
    }
    return silent ? silent : first;
}

/* NULL when absent or empty. */
static char *text_of(const StoxXmlNode *node)
{
    return node && *node->text ? g_strdup(node->text) : NULL;
}

/* The language of a child, which it inherits from the stanza. */
static char *lang_of(const StoxXmlNode *stanza, const StoxXmlNode *child)
{
    const char *own = child ? stox_xml_attr(child, STOX_XML_LANG) : NULL;

    return g_strdup(own ? own : stox_xml_attr(stanza, STOX_XML_LANG));
}

/* D-16: what is not there or not known is undefined-condition. */
static void read_error(const StoxXmlNode *stanza, StoxError *ret_error)
{
    const StoxXmlNode *node = stox_xml_child(stanza, stanza->ns, "error");

    ret_error->condition = STOX_CONDITION_UNDEFINED_CONDITION;
    for (const StoxXmlNode *at = node ? node->first_child : NULL; at; at = at->next) {
        if (strcmp(at->ns, NS_STANZAS) != 0 || strcmp(at->name, "text") == 0)
            continue;
        ret_error->condition = stox_condition_from_name(at->name);
        if (ret_error->condition == STOX_CONDITION_GONE ||
            ret_error->condition == STOX_CONDITION_REDIRECT)
            ret_error->address = text_of(at);
        break;
    }
    ret_error->type =
        stox_error_type_from_name(node ? stox_xml_attr(node, "type") : NULL, ret_error->condition);
    if (node)
        ret_error->text = text_of(stox_xml_child(node, NS_STANZAS, "text"));
}

/* XEP-0203, XEP-0082: milliseconds since 1970; 0 when there is no usable stamp. */
static int64_t read_delay(const StoxXmlNode *stanza)
{
    const StoxXmlNode *delay = stox_xml_child(stanza, "urn:xmpp:delay", "delay");
    const char *stamp = delay ? stox_xml_attr(delay, "stamp") : NULL;
    g_autoptr(GDateTime) when = stamp ? g_date_time_new_from_iso8601(stamp, NULL) : NULL;
    int64_t ms;

    if (!when)
        return 0;
    ms = g_date_time_to_unix(when) * 1000 + g_date_time_get_microsecond(when) / 1000;
    return MAX(ms, 0);
}

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

StoxMessage *stox_stanza_read_message(const StoxXmlNode *node)
{
    const char *from = stox_xml_attr(node, "from");
    const char *to = stox_xml_attr(node, "to");
    const StoxXmlNode *body, *origin;
    StoxMessage *message;

    if (!from || !to)
        return NULL;
    message = stox_message_new(message_type(stox_xml_attr(node, "type")), from, to);
    message->id = g_strdup(stox_xml_attr(node, "id"));
    if (message->type == STOX_MESSAGE_ERROR) {
        read_error(node, &message->error);
        return message;
    }
    body = choose(node, "body");
    message->body = text_of(body);
    message->lang = lang_of(node, body);
    message->subject = text_of(choose(node, "subject"));
    message->thread = text_of(stox_xml_child(node, node->ns, "thread"));
    origin = stox_xml_child(node, "urn:xmpp:sid:0", "origin-id");
    message->origin_id = g_strdup(origin ? stox_xml_attr(origin, "id") : NULL);
    message->delay_wall_ms = read_delay(node);
    return message;
}

static StoxPresenceType presence_type(const char *type)
{
    static const char *const names[] = {
        [STOX_PRESENCE_UNAVAILABLE] = "unavailable",
        [STOX_PRESENCE_SUBSCRIBE] = "subscribe",
        [STOX_PRESENCE_SUBSCRIBED] = "subscribed",
        [STOX_PRESENCE_UNSUBSCRIBE] = "unsubscribe",
        [STOX_PRESENCE_UNSUBSCRIBED] = "unsubscribed",
        [STOX_PRESENCE_PROBE] = "probe",
        [STOX_PRESENCE_ERROR] = "error",
    };

    if (!type)
        return STOX_PRESENCE_AVAILABLE;
    for (unsigned i = STOX_PRESENCE_UNAVAILABLE; i < G_N_ELEMENTS(names); i++)
        if (strcmp(type, names[i]) == 0)
            return (StoxPresenceType) i;
    return STOX_PRESENCE_UNKNOWN; /* */
}

static StoxShow read_show(const StoxXmlNode *stanza)
{
    static const char *const names[] = {
        [STOX_SHOW_CHAT] = "chat",
        [STOX_SHOW_AWAY] = "away",
        [STOX_SHOW_XA] = "xa",
        [STOX_SHOW_DND] = "dnd",
    };
    const StoxXmlNode *show = stox_xml_child(stanza, stanza->ns, "show");

    for (unsigned i = STOX_SHOW_CHAT; show && i < G_N_ELEMENTS(names); i++)
        if (strcmp(show->text, names[i]) == 0)
            return (StoxShow) i;
    return STOX_SHOW_ONLINE;
}

/* RFC 6121 s4.7.2.3; 0 when it is no number of that range. */
static int read_priority(const StoxXmlNode *stanza)
{
    const StoxXmlNode *priority = stox_xml_child(stanza, stanza->ns, "priority");
    char *end = NULL;
    long value = priority ? strtol(priority->text, &end, 10) : 0;

    return priority && *priority->text && !*end && value >= -128 && value <= 127 ? (int) value : 0;
}

StoxPresence *stox_stanza_read_presence(const StoxXmlNode *node)
{
    const char *from = stox_xml_attr(node, "from");
    const char *to = stox_xml_attr(node, "to");
    const StoxXmlNode *status;
    StoxPresence *presence;

    if (!from || !to)
        return NULL;
    presence = stox_presence_new(presence_type(stox_xml_attr(node, "type")), from, to);
    presence->id = g_strdup(stox_xml_attr(node, "id"));
    if (presence->type == STOX_PRESENCE_ERROR) {
        read_error(node, &presence->error);
        return presence;
    }
    status = choose(node, "status");
    presence->status = text_of(status);
    presence->lang = lang_of(node, status);
    presence->muc = stox_xml_child(node, "http://jabber.org/protocol/muc", "x") != NULL; /* G-14 */
    if (presence->type == STOX_PRESENCE_AVAILABLE) {
        presence->show = read_show(node);
        presence->priority = read_priority(node);
    } else if (presence->type == STOX_PRESENCE_SUBSCRIBE) {
        presence->nick = text_of(stox_xml_child(node, "http://jabber.org/protocol/nick", "nick"));
    }
    return presence;
}
