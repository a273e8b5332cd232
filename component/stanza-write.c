/* SPDX-License-Identifier: MIT */
#include "component/stanza.h"

#include "component/stanza-writer.h"

#include <string.h>

StoxStanzaWriter *stox_stanza_writer_new(void)
{
    StoxStanzaWriter *writer = g_new0(StoxStanzaWriter, 1);

    writer->ctx = stox_tree_context_new();
    return writer;
}

void stox_stanza_writer_free(StoxStanzaWriter *writer)
{
    if (!writer)
        return;
    xmpp_ctx_free(writer->ctx);
    g_free(writer);
}

xmpp_stanza_t *stox_stanza_start(StoxStanzaWriter *writer, const char *name, const char *from,
                                 const char *to, const char *id)
{
    xmpp_stanza_t *stanza = stox_tree_new(writer->ctx, name);

    stox_tree_attr(stanza, "from", from);
    stox_tree_attr(stanza, "to", to);
    stox_tree_attr(stanza, "id", id);
    return stanza;
}

void stox_stanza_add_text(xmpp_stanza_t *stanza, const char *name, const char *text)
{
    if (text && *text)
        stox_tree_child(stanza, NULL, name, text);
}

/* XEP-0319, XEP-0082 */
static void add_idle(xmpp_stanza_t *stanza, int64_t since_wall_ms)
{
    g_autoptr(GDateTime) when = g_date_time_new_from_unix_utc(since_wall_ms / 1000);
    g_autofree char *second = when ? g_date_time_format(when, "%Y-%m-%dT%H:%M:%S") : NULL;
    g_autofree char *since = NULL;

    if (!second)
        return;
    since = g_strdup_printf("%s.%03dZ", second, (int) (since_wall_ms % 1000));
    stox_tree_attr(stox_tree_child(stanza, "urn:xmpp:idle:1", "idle", NULL), "since", since);
}

/* The language of all that say none themselves; NULL where one is not known. */
static const char *common_language(const StoxNotes *notes)
{
    for (unsigned i = 0; i < notes->n; i++)
        if (!notes->list[i].lang)
            return NULL;
    return notes->n > 0 ? notes->list[0].lang : NULL;
}

/* P-136, P-139: the first one in the stanza's language, further ones say theirs. */
static void add_statuses(xmpp_stanza_t *stanza, const StoxNotes *notes)
{
    const char *common = common_language(notes);

    stox_tree_attr(stanza, "xml:lang", common);
    for (unsigned i = 0; i < notes->n; i++) {
        const StoxNote *note = &notes->list[i];
        xmpp_stanza_t *status = stox_tree_child(stanza, NULL, "status", note->text);

        if (g_strcmp0(note->lang, common) != 0)
            stox_tree_attr(status, "xml:lang", note->lang);
    }
}

static void add_presence_content(xmpp_stanza_t *stanza, const StoxPresence *presence)
{
    static const char *const shows[] = {
        [STOX_SHOW_ONLINE] = NULL, [STOX_SHOW_CHAT] = "chat", [STOX_SHOW_AWAY] = "away",
        [STOX_SHOW_XA] = "xa",     [STOX_SHOW_DND] = "dnd",
    };
    bool available = presence->type == STOX_PRESENCE_AVAILABLE;

    if (available)
        stox_stanza_add_text(stanza, "show", shows[presence->show]);
    add_statuses(stanza, &presence->status);
    if (available && presence->priority != 0) {
        char text[16];

        g_snprintf(text, sizeof text, "%d", CLAMP(presence->priority, -128, 127));
        stox_stanza_add_text(stanza, "priority", text);
    }
    if (available && presence->idle_since_wall_ms > 0)
        add_idle(stanza, presence->idle_since_wall_ms);
    if (presence->type == STOX_PRESENCE_SUBSCRIBE && presence->nick && *presence->nick)
        stox_tree_child(stanza, "http://jabber.org/protocol/nick", "nick", presence->nick);
}

char *stox_stanza_write_presence(StoxStanzaWriter *writer, const StoxPresence *presence,
                                 size_t *ret_length)
{
    static const char *const types[] = {
        [STOX_PRESENCE_AVAILABLE] = NULL,
        [STOX_PRESENCE_UNAVAILABLE] = "unavailable",
        [STOX_PRESENCE_SUBSCRIBE] = "subscribe",
        [STOX_PRESENCE_SUBSCRIBED] = "subscribed",
        [STOX_PRESENCE_UNSUBSCRIBE] = "unsubscribe",
        [STOX_PRESENCE_UNSUBSCRIBED] = "unsubscribed",
        [STOX_PRESENCE_PROBE] = "probe",
    };
    xmpp_stanza_t *stanza;

    g_return_val_if_fail(presence->type < STOX_PRESENCE_UNKNOWN, NULL);
    stanza = stox_stanza_start(writer, "presence", presence->from, presence->to, presence->id);
    if (presence->type == STOX_PRESENCE_ERROR) {
        stox_tree_error(stanza, &presence->error);
        return stox_tree_finish(stanza, ret_length);
    }
    stox_tree_attr(stanza, "type", types[presence->type]);
    add_presence_content(stanza, presence);
    return stox_tree_finish(stanza, ret_length);
}

char *stox_stanza_write_refusal(StoxStanzaWriter *writer, const StoxXmlNode *head,
                                const StoxError *error, const char **ret_from, size_t *ret_length)
{
    const char *from = stox_xml_attr(head, "from");
    const char *to = stox_xml_attr(head, "to");
    const char *type = stox_xml_attr(head, "type");
    StoxStanzaKind kind = stox_stanza_kind(head);
    xmpp_stanza_t *stanza;

    if (!from || !to || kind == STOX_STANZA_OTHER)
        return NULL;
    if (type &&
        (strcmp(type, "error") == 0 || (kind == STOX_STANZA_IQ && strcmp(type, "result") == 0)))
        return NULL;
    stanza = stox_stanza_start(writer, head->name, to, from, stox_xml_attr(head, "id"));
    stox_tree_error(stanza, error);
    *ret_from = to;
    return stox_tree_finish(stanza, ret_length);
}

char *stox_stanza_write_ping(StoxStanzaWriter *writer, const char *id, const char *from,
                             const char *to, size_t *ret_length)
{
    xmpp_stanza_t *stanza = stox_stanza_start(writer, "iq", from, to, id);

    stox_tree_attr(stanza, "type", "get");
    stox_tree_child(stanza, "urn:xmpp:ping", "ping", NULL);
    return stox_tree_finish(stanza, ret_length);
}
