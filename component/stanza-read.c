/* SPDX-License-Identifier: MIT */
#include "component/stanza-private.h"

#include "translation/error.h"
#include "translation/notes.h"

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

const StoxXmlNode *stox_stanza_choose(const StoxXmlNode *stanza, const StoxXmlNode *parent,
                                      const char *ns, const char *name)
{
    const char *wanted = stox_xml_attr(stanza, STOX_XML_LANG);
    const StoxXmlNode *first = stox_xml_child(parent, ns ? ns : parent->ns, name);
    const StoxXmlNode *silent = NULL;

    for (const StoxXmlNode *at = first; at; at = stox_xml_next(at, first->ns, name)) {
        const char *lang = stox_xml_attr(at, STOX_XML_LANG);

        if (lang && wanted && g_ascii_strcasecmp(lang, wanted) == 0)
            return at;
        if (!lang && !silent)
            silent = at;
    }
    return silent ? silent : first;
}

char *stox_stanza_text(const StoxXmlNode *node)
{
    return node && *node->text ? g_strdup(node->text) : NULL;
}

char *stox_stanza_lang(const StoxXmlNode *stanza, const StoxXmlNode *child)
{
    const char *own = child ? stox_xml_attr(child, STOX_XML_LANG) : NULL;

    return g_strdup(own ? own : stox_xml_attr(stanza, STOX_XML_LANG));
}

void stox_stanza_read_error(const StoxXmlNode *stanza, StoxError *ret_error)
{
    const StoxXmlNode *node = stox_xml_child(stanza, stanza->ns, "error");

    ret_error->condition = STOX_CONDITION_UNDEFINED_CONDITION;
    for (const StoxXmlNode *at = node ? node->first_child : NULL; at; at = at->next) {
        if (strcmp(at->ns, NS_STANZAS) != 0 || strcmp(at->name, "text") == 0)
            continue;
        ret_error->condition = stox_condition_from_name(at->name);
        if (ret_error->condition == STOX_CONDITION_GONE ||
            ret_error->condition == STOX_CONDITION_REDIRECT)
            ret_error->address = stox_stanza_text(at);
        break;
    }
    ret_error->type =
        stox_error_type_from_name(node ? stox_xml_attr(node, "type") : NULL, ret_error->condition);
    if (node) {
        const StoxXmlNode *text = stox_xml_child(node, NS_STANZAS, "text");

        ret_error->text = stox_stanza_text(text);
        ret_error->lang = g_strdup(text ? stox_xml_attr(text, STOX_XML_LANG) : NULL);
    }
}

/* XEP-0082: milliseconds since 1970 from that attribute; 0 when there is no usable time. */
static int64_t read_time(const StoxXmlNode *node, const char *attr)
{
    const char *stamp = node ? stox_xml_attr(node, attr) : NULL;
    g_autoptr(GDateTime) when = stamp ? g_date_time_new_from_iso8601(stamp, NULL) : NULL;
    int64_t ms;

    if (!when)
        return 0;
    ms = g_date_time_to_unix(when) * 1000 + g_date_time_get_microsecond(when) / 1000;
    return MAX(ms, 0);
}

int64_t stox_stanza_read_delay(const StoxXmlNode *stanza)
{
    int64_t oldest = 0;

    for (const StoxXmlNode *at = stox_xml_child(stanza, "urn:xmpp:delay", "delay"); at;
         at = stox_xml_next(at, "urn:xmpp:delay", "delay")) {
        int64_t ms = read_time(at, "stamp");

        if (ms && (!oldest || ms < oldest))
            oldest = ms;
    }
    return oldest;
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

/* P-152: XEP-0319, else XEP-0256 (seconds before now, or before its delay's stamp); 0: not idle. */
static int64_t read_idle(const StoxXmlNode *stanza, int64_t delay_wall_ms, int64_t now_wall_ms)
{
    int64_t since = read_time(stox_xml_child(stanza, "urn:xmpp:idle:1", "idle"), "since");
    const StoxXmlNode *last = stox_xml_child(stanza, "jabber:iq:last", "query");
    const char *seconds = last ? stox_xml_attr(last, "seconds") : NULL;
    guint64 value;

    if (since > 0)
        return MIN(since, now_wall_ms);
    if (!seconds || !g_ascii_string_to_unsigned(seconds, 10, 1, G_MAXINT32, &value, NULL))
        return 0;
    return MAX((delay_wall_ms > 0 ? delay_wall_ms : now_wall_ms) - (int64_t) value * 1000, 0);
}

/* P-121: one for each language; the stanza's is that of those which say none. */
static void read_statuses(const StoxXmlNode *stanza, StoxNotes *ret)
{
    for (const StoxXmlNode *status = stox_xml_child(stanza, stanza->ns, "status"); status;
         status = stox_xml_next(status, stanza->ns, "status")) {
        g_autofree char *lang = stox_stanza_lang(stanza, status);

        stox_notes_add(ret, status->text, lang);
    }
}

StoxPresence *stox_stanza_read_presence(const StoxXmlNode *node, int64_t now_wall_ms)
{
    const char *from = stox_xml_attr(node, "from");
    const char *to = stox_xml_attr(node, "to");
    StoxPresence *presence;

    if (!from || !to)
        return NULL;
    presence = stox_presence_new(presence_type(stox_xml_attr(node, "type")), from, to);
    presence->id = g_strdup(stox_xml_attr(node, "id"));
    if (presence->type == STOX_PRESENCE_ERROR) {
        stox_stanza_read_error(node, &presence->error);
        return presence;
    }
    read_statuses(node, &presence->status);
    presence->muc = stox_xml_child(node, "http://jabber.org/protocol/muc", "x") != NULL; /* G-14 */
    presence->delay_wall_ms = stox_stanza_read_delay(node);                              /* P-129 */
    if (presence->type == STOX_PRESENCE_AVAILABLE) {
        presence->show = read_show(node);
        presence->priority = read_priority(node);
        presence->idle_since_wall_ms = read_idle(node, presence->delay_wall_ms, now_wall_ms);
    } else if (presence->type == STOX_PRESENCE_SUBSCRIBE) {
        presence->nick =
            stox_stanza_text(stox_xml_child(node, "http://jabber.org/protocol/nick", "nick"));
    }
    return presence;
}
