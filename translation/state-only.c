/* SPDX-License-Identifier: MIT */
#include "translation/state-only.h"

#include "translation/composing.h"
#include "translation/conversation-private.h"
#include "translation/error.h"
#include "translation/receipts.h"

#include <string.h>

#define KEYBOARD_HOLD_MS  8000   /* lync.md 4.5: 6 to 10 s */
#define COMPOSING_HOLD_MS 120000 /* M-74: where no refresh is said */
#define OLD_MS            60000  /* M-61, M-64 */

/* ---- From XMPP ---- */

void stox_state_from_xmpp(StoxGateway *gateway, const StoxMessage *message)
{
    g_auto(StoxJid) local = {0}, remote = {0};
    g_auto(StoxError) unused = {0};
    StoxConversation *conversation;
    StoxPair pair = {0};

    if (gateway->stopping || message->type == STOX_MESSAGE_GROUPCHAT ||
        !stox_gateway_pair_from_xmpp(gateway, message->from, message->to, &local, &remote, &pair,
                                     &unused))
        return;
    conversation = stox_conversation_lookup(gateway, pair.key);
    if (conversation)
        stox_typing_from_xmpp(conversation, message, false);
    stox_receipts_from_xmpp(gateway, &pair, message);
    stox_pair_clear(&pair);
}

/* ---- From SIP ---- */

/* The host of a URI; an empty slice when there is none. */
static char *host_of(const char *uri)
{
    const char *start = uri ? strchr(uri, ':') : NULL;
    g_autofree char *text = start ? g_strndup(start + 1, strcspn(start + 1, ";?>")) : NULL;
    const char *at = text ? strrchr(text, '@') : NULL;
    const char *host = at ? at + 1 : text;
    g_autofree char *name = NULL;

    if (!host)
        return NULL;
    name = *host == '[' ? g_strndup(host, strcspn(host, "]")) : g_strndup(host, strcspn(host, ":"));
    return g_ascii_strdown(name, -1);
}

bool stox_state_origin_is_right(const StoxCpim *cpim, const char *from_uri)
{
    g_autofree char *inside = host_of(cpim->from), *outside = host_of(from_uri);

    return !cpim->from || !from_uri || g_strcmp0(inside, outside) == 0;
}

/* What a MESSAGE is, its wrapper taken off. */
typedef struct {
    const StoxEvent *event;
    const char *type; /* of what is inside */
    GBytes *body;
    StoxCpim cpim;
} Incoming;

/* Who is meant: checked like a message. The conversation is not made for it. */
static bool find_pair(StoxGateway *gateway, const StoxEvent *event, StoxPair *ret_pair,
                      char **ret_from, StoxSipResult *ret_failure)
{
    g_auto(StoxJid) local = {0}, remote = {0};

    if (!stox_gateway_pair_from_sip(gateway, event, &local, &remote, ret_pair, ret_failure))
        return false;
    *ret_from =
        ret_pair->dialect == STOX_DIALECT_SIMPLE && local.resource ? stox_jid_full(&local) : NULL;
    return true;
}

/* False: it is no such document. */
static bool take_composing(StoxGateway *gateway, const Incoming *incoming,
                           StoxConversation *conversation, const char *from)
{
    g_auto(StoxComposing) composing = {0};
    int64_t date =
        incoming->cpim.date_wall_ms ? incoming->cpim.date_wall_ms : incoming->event->date_wall_ms;

    if (!stox_composing_read(incoming->body, &composing))
        return false;
    if (!conversation || (date && date < gateway->now.wall_ms - OLD_MS)) /* M-64 */
        return true;
    if (composing.active)
        stox_typing_active(conversation, from,
                           composing.refresh_s ? composing.refresh_s * INT64_C(1000)
                                               : COMPOSING_HOLD_MS);
    else
        stox_typing_idle(conversation, from, STOX_CHAT_STATE_ACTIVE); /* M-70 */
    return true;
}

static bool take_imdn(StoxGateway *gateway, const Incoming *incoming,
                      StoxConversation *conversation, const StoxPair *pair)
{
    g_auto(StoxImdn) imdn = {0};

    if (!stox_imdn_read(incoming->body, &imdn))
        return false;
    if (conversation && incoming->cpim.content_type)
        conversation->takes_cpim = true;
    stox_receipts_from_sip(gateway, pair, &imdn);
    return true;
}

/* 200 at once (M-43), or why not. */
static unsigned take(StoxGateway *gateway, const Incoming *incoming, StoxConversation *conversation,
                     const StoxPair *pair, const char *from)
{
    if (!stox_state_origin_is_right(&incoming->cpim, incoming->event->from_uri))
        return 403;
    if (stox_composing_is(incoming->type) ? !take_composing(gateway, incoming, conversation, from)
                                          : !take_imdn(gateway, incoming, conversation, pair))
        return 400;
    return 200;
}

static void answer(StoxGateway *gateway, const StoxEvent *event, unsigned status)
{
    stox_gateway_respond_status(gateway, event->request, status,
                                status == 200   ? STOX_DIAG_NONE
                                : status == 403 ? STOX_DIAG_HOP_ASSERTS_FOREIGN_DOMAIN
                                                : STOX_DIAG_CONTENT_BROKEN,
                                0);
}

static void take_in_session(StoxGateway *gateway, const Incoming *incoming)
{
    const StoxEvent *event = incoming->event;
    StoxConversation *conversation = stox_conversation_of_session(gateway, event->session);

    if (conversation)
        answer(gateway, event,
               take(gateway, incoming, conversation, stox_conversation_pair(conversation), NULL));
    else
        stox_gateway_respond_status(gateway, event->request, 481, STOX_DIAG_NO_SUCH_DIALOG, 0);
}

static void take_page(StoxGateway *gateway, const Incoming *incoming)
{
    const StoxEvent *event = incoming->event;
    g_auto(StoxSipResult) failure = {0};
    g_autofree char *from = NULL;
    StoxPair pair = {0};

    if (find_pair(gateway, event, &pair, &from, &failure))
        answer(gateway, event,
               take(gateway, incoming, stox_conversation_lookup(gateway, pair.key), &pair, from));
    else
        stox_gateway_respond(gateway, event->request, &failure);
    stox_pair_clear(&pair);
}

bool stox_state_from_sip(StoxGateway *gateway, const StoxEvent *event)
{
    Incoming incoming = {.event = event, .type = event->content_type, .body = event->body};
    g_auto(StoxSipResult) unused = {0};
    bool state;

    if (stox_cpim_is(event->content_type)) {
        if (!stox_cpim_read(event->body, &incoming.cpim, &unused))
            return false; /* refused like any content that cannot be read */
        incoming.type = incoming.cpim.content_type;
        incoming.body = incoming.cpim.body;
    }
    state = stox_composing_is(incoming.type) || stox_imdn_is(incoming.type);
    if (state && gateway->stopping)
        stox_gateway_respond_status(gateway, event->request, 503, STOX_DIAG_STOPPING, 0);
    else if (state && event->session)
        take_in_session(gateway, &incoming);
    else if (state)
        take_page(gateway, &incoming);
    stox_cpim_clear(&incoming.cpim);
    return state;
}

void stox_state_session_info(StoxGateway *gateway, const StoxEvent *event)
{
    StoxConversation *conversation;
    bool typing;

    if (gateway->stopping || !stox_keyboard_read(event->body, &typing))
        return;
    conversation = stox_conversation_of_session(gateway, event->session);
    if (!conversation)
        return;
    if (typing)
        stox_typing_active(conversation, NULL, KEYBOARD_HOLD_MS);
    else
        stox_typing_idle(conversation, NULL, STOX_CHAT_STATE_PAUSED);
}
