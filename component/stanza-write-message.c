/* SPDX-License-Identifier: MIT */
/* StoxMessage -> <message/>. */
#include "component/stanza-writer.h"
#include "component/stanza-xhtml.h"

#include <string.h>

#define NS_RECEIPTS "urn:xmpp:receipts"
#define NS_MARKERS  "urn:xmpp:chat-markers:0"

/* XEP-0203: in UTC, said by the domain that knows the time (M-61, M-62). */
static void add_delay(xmpp_stanza_t *stanza, const char *from, int64_t wall_ms)
{
    g_autoptr(GDateTime) when = g_date_time_new_from_unix_utc(wall_ms / 1000);
    g_autofree char *stamp = when ? g_date_time_format(when, "%Y-%m-%dT%H:%M:%SZ") : NULL;
    g_autofree char *bare = g_strndup(from, strcspn(from, "/"));
    const char *at = strchr(bare, '@');
    xmpp_stanza_t *delay;

    if (!stamp)
        return;
    delay = stox_tree_child(stanza, "urn:xmpp:delay", "delay", NULL);
    stox_tree_attr(delay, "from", at ? at + 1 : bare);
    stox_tree_attr(delay, "stamp", stamp);
}

static void add_flag(xmpp_stanza_t *stanza, const char *ns, const char *name, bool flag)
{
    if (flag)
        stox_tree_child(stanza, ns, name, NULL);
}

static void add_reference(xmpp_stanza_t *stanza, const char *ns, const char *name, const char *id)
{
    if (id && *id)
        stox_tree_attr(stox_tree_child(stanza, ns, name, NULL), "id", id);
}

static void add_payloads(xmpp_stanza_t *stanza, const StoxMessage *message)
{
    static const char *const states[] = {
        [STOX_CHAT_STATE_NONE] = NULL,
        [STOX_CHAT_STATE_ACTIVE] = "active",
        [STOX_CHAT_STATE_COMPOSING] = "composing",
        [STOX_CHAT_STATE_PAUSED] = "paused",
        [STOX_CHAT_STATE_INACTIVE] = "inactive",
        [STOX_CHAT_STATE_GONE] = "gone",
    };

    if (message->chat_state != STOX_CHAT_STATE_NONE)
        stox_tree_child(stanza, "http://jabber.org/protocol/chatstates",
                        states[message->chat_state], NULL);
    add_flag(stanza, NS_RECEIPTS, "request", message->wants_receipt);
    add_reference(stanza, NS_RECEIPTS, "received", message->received_id);
    add_flag(stanza, NS_MARKERS, "markable", message->markable);
    add_reference(stanza, NS_MARKERS, "displayed", message->displayed_id);
    add_reference(stanza, "urn:xmpp:message-correct:0", "replace", message->replaces_id);
    add_reference(stanza, "urn:xmpp:sid:0", "origin-id", message->origin_id);
    if (message->oob_url && *message->oob_url)
        stox_tree_child(stox_tree_child(stanza, "jabber:x:oob", "x", NULL), NULL, "url",
                        message->oob_url);
    if (message->nick && *message->nick)
        stox_tree_child(stanza, "http://jabber.org/protocol/nick", "nick", message->nick);
    add_flag(stanza, "urn:xmpp:styling:0", "unstyled", message->unstyled);
    add_flag(stanza, "urn:xmpp:hints", "no-store", message->no_store);
}

char *stox_stanza_write_message(StoxStanzaWriter *writer, const StoxMessage *message,
                                size_t *ret_length)
{
    static const char *const types[] = {
        [STOX_MESSAGE_NORMAL] = NULL, /* M-28 */
        [STOX_MESSAGE_CHAT] = "chat",
        [STOX_MESSAGE_HEADLINE] = "headline",
        [STOX_MESSAGE_GROUPCHAT] = "groupchat",
    };
    xmpp_stanza_t *stanza =
        stox_stanza_start(writer, "message", message->from, message->to, message->id);

    if (message->type == STOX_MESSAGE_ERROR) {
        stox_tree_error(stanza, &message->error);
        return stox_tree_finish(stanza, ret_length);
    }
    stox_tree_attr(stanza, "type", types[message->type]);
    stox_tree_attr(stanza, "xml:lang", message->lang);
    stox_stanza_add_text(stanza, "subject", message->subject);
    stox_stanza_add_text(stanza, "body", message->body);
    if (message->xhtml && *message->xhtml)
        stox_xhtml_write(stanza, message->xhtml);
    stox_stanza_add_text(stanza, "thread", message->thread);
    add_payloads(stanza, message);
    if (message->delay_wall_ms > 0)
        add_delay(stanza, message->from, message->delay_wall_ms);
    return stox_tree_finish(stanza, ret_length);
}
