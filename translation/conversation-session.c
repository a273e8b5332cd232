/* SPDX-License-Identifier: MIT */
/* The sessions of conversations: opened, used, closed; and the next message on its way into one. */
#include "translation/conversation-private.h"

#include "translation/body.h"
#include "translation/composing.h"
#include "translation/error.h"
#include "translation/receipts.h"

#include <string.h>

#define OVERLOAD_RETRY_S 30

StoxSession *stox_session_find(StoxGateway *gateway, uint64_t name)
{
    return name ? g_hash_table_lookup(gateway->conversations->sessions, &name) : NULL;
}

StoxSession *stox_session_newest(const StoxConversation *conversation)
{
    StoxSession *session = g_queue_peek_head((GQueue *) &conversation->sessions);

    return session && session->open ? session : NULL;
}

void stox_session_touch(StoxSession *session)
{
    StoxGateway *gateway = session->conversation->gateway;

    stox_deadlines_set(&gateway->deadlines, &session->deadline,
                       gateway->now.mono_ms + (session->open ? gateway->config.session_idle_ms
                                                             : gateway->config.session_open_ms));
}

void stox_session_drop(StoxSession *session, bool close)
{
    StoxGateway *gateway = session->conversation->gateway;

    if (close)
        stox_gateway_emit(gateway, STOX_ACTION_SESSION_CLOSE)->session = session->name;
    stox_deadlines_cancel(&gateway->deadlines, &session->deadline);
    g_queue_remove(&session->conversation->sessions, session);
    g_hash_table_remove(gateway->conversations->sessions, &session->name);
}

/* An INVITE of ours came to nothing: so did what waited for it, unless another session can take it. */
static void opening_failed(StoxConversation *conversation, const StoxSipResult *result)
{
    StoxSipResult seen = *result;
    g_auto(StoxError) error = {0};

    if (conversation->sessions.length > 0) {
        stox_conversation_pump(conversation);
        return;
    }
    /* The INVITE may have arrived, the messages were never sent: nobody is told that they may have been delivered. */
    if (seen.fate == STOX_SIP_TRANSPORT)
        seen.fate = STOX_SIP_NOT_SENT;
    stox_pair_error(conversation->gateway, &conversation->pair, &seen, &error);
    if (seen.fate == STOX_SIP_TIMEOUT)
        stox_error_reword(&error, conversation->pair.xmpp_language, STOX_WORD_TIMEOUT_NOTHING);
    stox_conversation_fail_queue(conversation, &error);
}

static void session_cb(void *data, void *owner)
{
    const StoxSipResult silent = {.fate = STOX_SIP_TIMEOUT};
    StoxSession *session = owner;
    StoxConversation *conversation = session->conversation;
    bool opening = !session->open;

    if (conversation->outstanding && conversation->outstanding->session == session->name) {
        stox_session_touch(session);
        return;
    }
    stox_session_drop(session, true);
    if (opening)
        opening_failed(conversation, &silent);
}

/* What we announce. Static. */
static const char *our_types(const StoxConversation *conversation)
{
    const StoxPartnerPolicy *partner =
        stox_pair_partner(conversation->gateway, &conversation->pair);

    if (conversation->pair.dialect == STOX_DIALECT_SIMPLE)
        return STOX_BODY_TYPES_ALL;
    return partner && partner->xhtml ? STOX_BODY_TYPES_RICH : STOX_BODY_TYPES_PLAIN;
}

static StoxSession *session_new(StoxConversation *conversation, uint64_t name, bool ours)
{
    StoxGateway *gateway = conversation->gateway;
    StoxSession *session = g_new0(StoxSession, 1);

    session->name = name;
    session->conversation = conversation;
    session->ours = ours;
    session->takes_composing = true; /* until its SDP says otherwise; M-79 */
    stox_deadline_init(&session->deadline, session_cb, session);
    g_hash_table_insert(gateway->conversations->sessions, &session->name, session);
    g_queue_push_tail(&conversation->sessions, session);
    stox_session_touch(session);
    return session;
}

/* What the peer's SDP says it takes. */
static void note_types(StoxSession *session, const char *types)
{
    if (!types)
        return;
    session->form = stox_form_from_types(types);
    session->form_known = true;
    session->takes_cpim = stox_types_have(types, STOX_CPIM_TYPE);
    session->takes_composing =
        stox_types_have(types, STOX_COMPOSING_TYPE) || stox_types_have(types, "*");
}

static bool too_many(const StoxGateway *gateway)
{
    return g_hash_table_size(gateway->conversations->sessions) >= gateway->config.max_conversations;
}

/* M-15: once in a conversation, and never an identity. */
static char *introduce(StoxConversation *conversation, const StoxOutgoing *outgoing)
{
    if (conversation->introduced || outgoing->kind != STOX_OUTGOING_MESSAGE)
        return NULL;
    conversation->introduced = true;
    return g_strdup(outgoing->nick);
}

bool stox_session_open(StoxConversation *conversation, const StoxOutgoing *first)
{
    StoxGateway *gateway = conversation->gateway;
    StoxSession *session;
    StoxAction *action;

    if (too_many(gateway))
        return false;
    session = session_new(conversation, stox_gateway_next_name(gateway), true);
    action = stox_gateway_emit(gateway, STOX_ACTION_SESSION_OPEN);
    action->session = session->name;
    action->hop = g_strdup(conversation->pair.hop);
    action->from_uri = stox_pair_remote_uri(&conversation->pair);
    action->to_uri = stox_pair_local_uri(conversation->gateway, &conversation->pair);
    action->display = introduce(conversation, first);
    action->subject = g_strdup(first->subject);
    action->conversation_id = g_strdup(conversation->conversation_id);
    action->accept = g_strdup(our_types(conversation));
    return true;
}

/* ---- The next message ---- */

/* M-05, Q-27: with the resource, unless the peers of this hop dislike that. */
static char *page_from_uri(const StoxConversation *conversation, const StoxOutgoing *outgoing)
{
    g_auto(StoxError) unused = {0};
    char *uri = NULL;

    if (outgoing->from && stox_pair_hop(conversation->gateway, &conversation->pair)->from_gruu)
        uri = stox_address_jid_text_to_sip(outgoing->from, true, &unused);
    return uri ? uri : stox_pair_remote_uri(&conversation->pair);
}

static void send_message(StoxConversation *conversation, StoxSession *session)
{
    StoxGateway *gateway = conversation->gateway;
    StoxOutgoing *outgoing = g_queue_pop_head(&conversation->queue);
    StoxAction *action = stox_gateway_emit(gateway, STOX_ACTION_SIP_MESSAGE);

    outgoing->ref = ++gateway->refs;
    outgoing->session = session ? session->name : 0;
    conversation->outstanding = outgoing;
    g_hash_table_insert(gateway->conversations->refs, &outgoing->ref, conversation);
    action->ref = outgoing->ref;
    action->session = outgoing->session;
    stox_outgoing_write(
        outgoing, session && session->form_known ? session->form : conversation->form, action);
    action->lang = g_strdup(outgoing->lang);
    stox_receipts_wrap(conversation, session, outgoing, action);
    action->subject = g_strdup(outgoing->subject);
    action->date_wall_ms = outgoing->date_wall_ms;
    if (session) {
        stox_session_touch(session);
    } else {
        action->hop = g_strdup(conversation->pair.hop);
        action->from_uri = page_from_uri(conversation, outgoing);
        action->to_uri = outgoing->to_uri ? g_strdup(outgoing->to_uri)
                                          : stox_pair_local_uri(gateway, &conversation->pair);
        action->display = introduce(conversation, outgoing);
        action->call_id = g_strdup(outgoing->call_id);
    }
    stox_conversation_touch(conversation);
}

/* Notices are worth a line in a window that is open, not a new window; what is no text opens none either. */
static void drop_notices(StoxConversation *conversation)
{
    bool page = conversation->pair.dialect == STOX_DIALECT_SIMPLE;
    StoxOutgoing *outgoing;

    while (
        (outgoing = g_queue_peek_head(&conversation->queue)) &&
        (page ? outgoing->kind == STOX_OUTGOING_NOTICE : outgoing->kind != STOX_OUTGOING_MESSAGE))
        stox_outgoing_finish(conversation->gateway, g_queue_pop_head(&conversation->queue), NULL,
                             STOX_OUTCOME_REFUSED);
}

/* M-52: nobody's window opens for a headline. */
static void refuse_headlines(StoxConversation *conversation)
{
    StoxOutgoing *outgoing;

    while ((outgoing = g_queue_peek_head(&conversation->queue)) && outgoing->headline) {
        g_auto(StoxError) error = {0};

        stox_error_say(&error, STOX_CONDITION_SERVICE_UNAVAILABLE, STOX_ERROR_CANCEL,
                       conversation->pair.xmpp_language, STOX_WORD_HEADLINE, NULL);
        stox_outgoing_finish(conversation->gateway, g_queue_pop_head(&conversation->queue), &error,
                             STOX_OUTCOME_REFUSED);
    }
}

void stox_conversation_pump(StoxConversation *conversation)
{
    StoxSession *session = stox_session_newest(conversation);
    const StoxOutgoing *first;

    if (conversation->outstanding)
        return;
    if (!session)
        drop_notices(conversation);
    if (conversation->sessions.length == 0 && conversation->pair.dialect == STOX_DIALECT_LYNC)
        refuse_headlines(conversation);
    first = g_queue_peek_head(&conversation->queue);
    if (!first)
        return;
    if (session) {
        send_message(conversation, session);
    } else if (conversation->sessions.length > 0) {
        return; /* one is being opened */
    } else if (conversation->pair.dialect == STOX_DIALECT_SIMPLE) {
        send_message(conversation, NULL);
    } else if (!stox_session_open(conversation, first)) {
        g_auto(StoxError) error = {0};

        stox_error_say(&error, STOX_CONDITION_RESOURCE_CONSTRAINT, STOX_ERROR_WAIT,
                       conversation->pair.xmpp_language, STOX_WORD_CONVERSATIONS_FULL, NULL);
        stox_conversation_fail_queue(conversation, &error);
    }
}

void stox_conversation_notice(StoxGateway *gateway, uint64_t name, const char *line)
{
    StoxSession *session = stox_session_find(gateway, name);
    StoxOutgoing *outgoing;

    if (!session || !session->open ||
        session->conversation->queue.length >= gateway->config.max_queue)
        return;
    outgoing = stox_outgoing_notice(line);
    stox_conversation_send(session->conversation, outgoing);
}

/* ---- Events ---- */

void stox_conversation_invite(StoxGateway *gateway, const StoxEvent *event)
{
    g_auto(StoxSipResult) failure = {0};
    g_auto(StoxJid) local = {0}, remote = {0};
    StoxConversation *conversation = NULL;
    StoxPair pair = {0};

    if (gateway->stopping) {
        stox_gateway_respond_status(gateway, event->request, 503, STOX_DIAG_STOPPING, 0);
        return;
    }
    if (!event->session || stox_session_find(gateway, event->session)) {
        stox_gateway_respond_status(gateway, event->request, 400, STOX_DIAG_MALFORMED, 0);
        return;
    }
    if (!stox_gateway_pair_from_sip(gateway, event, &local, &remote, &pair, &failure)) {
        stox_gateway_respond(gateway, event->request, &failure);
        return;
    }
    if (!too_many(gateway))
        conversation = stox_conversation_obtain(gateway, &pair);
    if (conversation) {
        StoxAction *action = stox_gateway_emit(gateway, STOX_ACTION_SESSION_ACCEPT); /* S-05 */

        note_types(session_new(conversation, event->session, false), event->accept);
        action->session = event->session;
        action->request = event->request;
        action->accept = g_strdup(our_types(conversation));
        if (event->conversation_id) {
            g_free(conversation->conversation_id);
            conversation->conversation_id = g_strdup(event->conversation_id);
        }
    } else {
        stox_gateway_respond_status(gateway, event->request, 503, STOX_DIAG_OVERLOAD,
                                    OVERLOAD_RETRY_S);
    }
    stox_pair_clear(&pair);
}

void stox_conversation_opened(StoxGateway *gateway, const StoxEvent *event)
{
    StoxSession *session = stox_session_find(gateway, event->session);

    if (!session || session->open)
        return;
    session->open = true;
    note_types(session, event->accept);
    /* A later INVITE of this conversation says the same (lync.md 4.3). */
    if (!session->conversation->conversation_id)
        session->conversation->conversation_id = g_strdup(event->conversation_id);
    g_queue_remove(&session->conversation->sessions, session);
    g_queue_push_head(&session->conversation->sessions, session);
    stox_session_touch(session);
    stox_conversation_pump(session->conversation);
}

void stox_conversation_failed(StoxGateway *gateway, const StoxEvent *event)
{
    StoxSession *session = stox_session_find(gateway, event->session);
    StoxConversation *conversation;

    if (!session)
        return;
    conversation = session->conversation;
    stox_session_drop(session, false);
    opening_failed(conversation, &event->result);
}

void stox_conversation_closed(StoxGateway *gateway, const StoxEvent *event)
{
    const StoxSipResult unopened = {.fate = STOX_SIP_NOT_SENT};
    StoxSession *session = stox_session_find(gateway, event->session);
    StoxConversation *conversation;
    bool failed, open;

    if (!session)
        return;
    conversation = session->conversation;
    open = session->open;
    failed = session->ours && !session->open; /* trying again at once could go on for ever */
    stox_session_drop(session, false);
    if (failed)
        opening_failed(conversation, &unopened);
    else
        stox_conversation_pump(conversation);
    if (open && conversation->sessions.length == 0)
        stox_typing_closed(conversation);
}

StoxConversation *stox_conversation_of_session(StoxGateway *gateway, uint64_t name)
{
    StoxSession *session = stox_session_find(gateway, name);

    if (!session)
        return NULL;
    stox_session_touch(session);
    stox_conversation_touch(session->conversation);
    return session->conversation;
}
