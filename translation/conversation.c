/* SPDX-License-Identifier: MIT */
#include "translation/conversation-private.h"

#include "translation/error.h"
#include "translation/gateway-repeats.h"
#include "translation/receipts.h"
#include "translation/state-only.h"
#include "translation/text.h"

#include <string.h>

/* ---- Tables ---- */

static void conversation_free(void *data)
{
    StoxConversation *conversation = data;
    StoxOutgoing *outgoing;

    while ((outgoing = g_queue_pop_head(&conversation->queue)))
        stox_outgoing_free(outgoing);
    stox_outgoing_free(conversation->outstanding);
    g_queue_clear(&conversation->sessions);
    stox_typing_clear(conversation);
    stox_pair_clear(&conversation->pair);
    g_free(conversation->locked);
    g_free(conversation->thread);
    g_free(conversation->call_id);
    g_free(conversation->gruu);
    g_free(conversation->conversation_id);
    g_free(conversation);
}

StoxConversations *stox_conversations_new(void)
{
    StoxConversations *conversations = g_new0(StoxConversations, 1);

    conversations->by_key = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, conversation_free);
    conversations->sessions = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, g_free);
    conversations->refs = g_hash_table_new(g_int64_hash, g_int64_equal);
    return conversations;
}

void stox_conversations_free(StoxConversations *conversations)
{
    if (!conversations)
        return;
    g_hash_table_unref(conversations->refs);
    g_hash_table_unref(conversations->sessions);
    g_hash_table_unref(conversations->by_key);
    g_free(conversations);
}

void stox_conversations_stats(const StoxGateway *gateway, StoxGatewayStats *stats)
{
    const StoxConversations *conversations = gateway->conversations;

    stats->conversations = g_hash_table_size(conversations->by_key);
    stats->sessions = g_hash_table_size(conversations->sessions);
    stats->queued_messages = conversations->queued;
}

/* ---- A message's end ---- */

static const char *why(const StoxError *error)
{
    if (!error)
        return "accepted";
    return error->text ? error->text : stox_condition_name(error->condition);
}

void stox_outgoing_finish(StoxGateway *gateway, StoxOutgoing *outgoing, const StoxError *error,
                          StoxOutcome outcome)
{
    g_autofree char *partly = error ? stox_outgoing_partly(outgoing, error->text) : NULL;
    StoxError said = {0};

    if (partly) { /* the caller's, but for the text */
        said = *error;
        said.text = partly;
        error = &said;
    }
    gateway->conversations->queued--;
    if (outgoing->kind == STOX_OUTGOING_MESSAGE) {
        if (error)
            stox_gateway_message_error(gateway, outgoing->from, outgoing->to, outgoing->id, error);
        stox_gateway_outcome(gateway, STOX_XMPP_TO_SIP, outgoing->from, outgoing->to, outgoing->id,
                             outcome, why(error));
    }
    stox_repeats_end(gateway, outgoing->repeat, !error);
    stox_outgoing_free(outgoing);
}

void stox_conversation_fail_queue(StoxConversation *conversation, const StoxError *error)
{
    StoxOutgoing *outgoing;

    while ((outgoing = g_queue_pop_head(&conversation->queue)))
        stox_outgoing_finish(conversation->gateway, outgoing, error, STOX_OUTCOME_REFUSED);
}

/* Ends the outstanding message, whose fate is known now. */
static void settle(StoxConversation *conversation, const StoxSipResult *result)
{
    StoxOutgoing *outgoing = g_steal_pointer(&conversation->outstanding);
    bool unknown = result->fate == STOX_SIP_TIMEOUT || result->fate == STOX_SIP_TRANSPORT;
    StoxSipResult seen = *result; /* borrows its strings */
    g_auto(StoxError) error = {0};

    if (result->fate == STOX_SIP_ANSWERED && result->status >= 200 && result->status < 300) {
        stox_receipts_accepted(conversation, outgoing, result);
        stox_outgoing_finish(conversation->gateway, outgoing, NULL, STOX_OUTCOME_DELIVERED);
        return;
    }
    seen.bytes = outgoing->body ? g_bytes_get_size(outgoing->body) : 0;
    stox_pair_error(conversation->gateway, &conversation->pair, &seen, &error);
    stox_outgoing_finish(conversation->gateway, outgoing, &error,
                         unknown ? STOX_OUTCOME_UNKNOWN : STOX_OUTCOME_REFUSED);
}

/* ---- Lifetime ---- */

static void deadline_cb(void *data, void *owner)
{
    StoxConversation *conversation = owner;
    StoxGateway *gateway = data;

    if (conversation->outstanding) {
        const StoxSipResult silent = {.fate = STOX_SIP_TIMEOUT};

        g_hash_table_remove(gateway->conversations->refs, &conversation->outstanding->ref);
        settle(conversation, &silent);
        stox_conversation_pump(conversation);
        stox_typing_settled(conversation);
        stox_conversation_touch(conversation);
    } else if (conversation->queue.length > 0 || conversation->sessions.length > 0) {
        stox_conversation_touch(conversation);
    } else {
        stox_typing_stop(conversation);
        g_hash_table_remove(gateway->conversations->by_key, conversation->pair.key);
    }
}

void stox_conversation_touch(StoxConversation *conversation)
{
    StoxGateway *gateway = conversation->gateway;

    stox_deadlines_set(&gateway->deadlines, &conversation->deadline,
                       gateway->now.mono_ms + (conversation->outstanding
                                                   ? gateway->config.session_open_ms
                                                   : gateway->config.session_idle_ms));
}

StoxConversation *stox_conversation_obtain(StoxGateway *gateway, StoxPair *pair)
{
    GHashTable *by_key = gateway->conversations->by_key;
    StoxConversation *conversation = g_hash_table_lookup(by_key, pair->key);

    if (!conversation) {
        if (g_hash_table_size(by_key) >= gateway->config.max_conversations)
            return NULL;
        conversation = g_new0(StoxConversation, 1);
        conversation->gateway = gateway;
        conversation->pair = *pair;
        memset(pair, 0, sizeof *pair);
        g_queue_init(&conversation->queue);
        g_queue_init(&conversation->sessions);
        stox_deadline_init(&conversation->deadline, deadline_cb, conversation);
        stox_typing_init(conversation);
        g_hash_table_insert(by_key, conversation->pair.key, conversation);
    }
    stox_conversation_touch(conversation);
    return conversation;
}

StoxConversation *stox_conversation_lookup(StoxGateway *gateway, const char *key)
{
    return g_hash_table_lookup(gateway->conversations->by_key, key);
}

void stox_conversation_send(StoxConversation *conversation, StoxOutgoing *outgoing)
{
    g_queue_push_tail(&conversation->queue, outgoing);
    conversation->gateway->conversations->queued++;
    stox_conversation_pump(conversation);
}

/* ---- What others ask ---- */

const StoxPair *stox_conversation_pair(const StoxConversation *conversation)
{
    return &conversation->pair;
}

const char *stox_conversation_locked(const StoxConversation *conversation)
{
    return conversation->locked;
}

bool stox_conversation_first_name(StoxConversation *conversation)
{
    bool first = !conversation->acquainted;

    conversation->acquainted = true;
    return first;
}

/* lync.md 4.4: a peer that writes HTML reads it. */
void stox_conversation_learn_form(StoxConversation *conversation, const char *content_type)
{
    if (stox_types_have(content_type, "multipart/alternative"))
        conversation->form = STOX_FORM_ALTERNATIVE;
    else if (stox_types_have(content_type, "text/html") && conversation->form == STOX_FORM_PLAIN)
        conversation->form = STOX_FORM_HTML;
}

void stox_conversation_learn_gruu(StoxConversation *conversation, const char *resource)
{
    g_free(conversation->gruu);
    conversation->gruu = g_strdup(resource);
}

void stox_conversation_resource_gone(StoxGateway *gateway, const char *key, const char *full)
{
    StoxConversation *conversation = g_hash_table_lookup(gateway->conversations->by_key, key);

    if (conversation && conversation->locked && strcmp(conversation->locked, full) == 0)
        g_clear_pointer(&conversation->locked, g_free);
}

/* M-57: from the first resource on, until another one writes. */
static void lock_on(StoxConversation *conversation, const StoxJid *remote)
{
    g_autofree char *full = remote->resource ? stox_jid_full(remote) : NULL;

    if (!full)
        return;
    if (!conversation->locked)
        conversation->locked = g_steal_pointer(&full);
    else if (strcmp(conversation->locked, full) != 0)
        g_clear_pointer(&conversation->locked, g_free);
}

/* ---- XMPP -> SIP ---- */

typedef struct {
    const StoxMessage *message;
    StoxJid local, remote;
    StoxPair pair;
} Incoming;

static void incoming_clear(Incoming *incoming)
{
    stox_jid_clear(&incoming->local);
    stox_jid_clear(&incoming->remote);
    stox_pair_clear(&incoming->pair);
}

/* May it pass? Else *ret_error is what its sender is told. */
static bool check(StoxGateway *gateway, Incoming *incoming, StoxError *ret_error)
{
    const StoxMessage *message = incoming->message;
    StoxLanguage language;

    if (!gateway->stopping && message->type != STOX_MESSAGE_GROUPCHAT)
        return stox_gateway_pair_from_xmpp(gateway, message->from, message->to, &incoming->local,
                                           &incoming->remote, &incoming->pair, ret_error);
    language = stox_policy_sender_language(gateway->config.policy, message->from, message->to);
    if (gateway->stopping)
        stox_error_stopping(ret_error, language);
    else /* M-53 */
        stox_error_say(ret_error, STOX_CONDITION_SERVICE_UNAVAILABLE, STOX_ERROR_CANCEL, language,
                       STOX_WORD_NO_GROUPCHAT, NULL);
    return false;
}

/* Where a page-mode message goes: with the GRUU only if it is one that the SIP user wrote from. */
static char *to_uri_of(const StoxConversation *conversation, const StoxJid *local)
{
    const char *resource = local->resource;
    bool with_gr = resource && conversation->gruu && strcmp(resource, conversation->gruu) == 0;

    return stox_pair_local_uri_at(conversation->gateway, &conversation->pair,
                                  with_gr ? resource : NULL);
}

/* Puts it into its conversation's queue. */
static bool enqueue(StoxGateway *gateway, Incoming *incoming, const char *repeat,
                    StoxError *ret_error)
{
    StoxOutgoing *outgoing =
        stox_outgoing_new(gateway, &incoming->pair, incoming->message, ret_error);
    StoxConversation *conversation =
        outgoing ? stox_conversation_obtain(gateway, &incoming->pair) : NULL;

    if (!outgoing)
        return false;
    if (!conversation || conversation->queue.length >= gateway->config.max_queue) { /* M-40 */
        stox_outgoing_free(outgoing);
        stox_error_say(ret_error, STOX_CONDITION_RESOURCE_CONSTRAINT, STOX_ERROR_WAIT,
                       stox_policy_sender_language(gateway->config.policy, incoming->message->from,
                                                   incoming->message->to),
                       STOX_WORD_QUEUE_FULL, NULL);
        return false;
    }
    lock_on(conversation, &incoming->remote);
    if (incoming->message->thread)
        stox_conversation_set_thread(conversation, incoming->message->thread);
    if (conversation->pair.dialect == STOX_DIALECT_SIMPLE) /* the other has sessions alone */
        outgoing->to_uri = to_uri_of(conversation, &incoming->local);
    outgoing->call_id = g_strdup(stox_conversation_call_id(conversation));
    outgoing->repeat = g_strdup(repeat);
    outgoing->wanted = stox_receipts_wanted(incoming->message);
    stox_typing_from_xmpp(conversation, incoming->message, true);
    stox_receipts_from_xmpp(gateway, &incoming->pair, incoming->message);
    stox_conversation_send(conversation, outgoing);
    return true;
}

void stox_conversation_xmpp_message(StoxGateway *gateway, const StoxMessage *message)
{
    g_auto(StoxError) error = {0};
    g_autofree char *repeat = NULL;
    Incoming incoming = {.message = message};

    if (!stox_outgoing_is_content(message)) {
        stox_state_from_xmpp(gateway, message);
        return;
    }
    if (check(gateway, &incoming, &error)) {
        repeat = stox_repeats_key(message);
        if (!stox_repeats_begin(gateway, repeat) || enqueue(gateway, &incoming, repeat, &error)) {
            incoming_clear(&incoming);
            return;
        }
        stox_repeats_end(gateway, repeat, false);
    }
    stox_gateway_message_error(gateway, message->from, message->to, message->id, &error);
    stox_gateway_outcome(gateway, STOX_XMPP_TO_SIP, message->from, message->to, message->id,
                         STOX_OUTCOME_REFUSED, why(&error));
    incoming_clear(&incoming);
}

/* Nothing arrived, so the message may go again (promise 4). */
static bool may_resend(const StoxSipResult *result)
{
    return result->fate == STOX_SIP_NOT_SENT || stox_sip_dialog_is_gone(result) ||
           (result->fate == STOX_SIP_ANSWERED && result->status == 503);
}

/* The session is of no use any more (RFC 5057 s5.1; lync.md 4.4). */
static bool ends_session(const StoxSipResult *result)
{
    static const unsigned fatal[] = {404, 408, 410, 416, 480, 481, 482,
                                     483, 484, 485, 502, 503, 604};

    if (result->fate != STOX_SIP_ANSWERED)
        return true;
    for (unsigned i = 0; i < G_N_ELEMENTS(fatal); i++)
        if (fatal[i] == result->status)
            return true;
    return false;
}

/* The peer said that it takes HTML, and does not: it was refused whole, so it goes once more as plain text. */
static bool must_be_plain(StoxConversation *conversation, const StoxSipResult *result)
{
    const StoxOutgoing *outgoing = conversation->outstanding;
    StoxSession *session = stox_session_find(conversation->gateway, outgoing->session);

    if (!outgoing->rich || result->fate != STOX_SIP_ANSWERED ||
        (result->status != 415 && result->status != 406 && result->status != 488))
        return false;
    conversation->form = STOX_FORM_PLAIN;
    if (session) {
        session->form = STOX_FORM_PLAIN;
        session->form_known = true;
    }
    return true;
}

/* M-39: it has had its turn, that is all. */
static void settle_state(StoxConversation *conversation, const StoxSipResult *result)
{
    StoxOutgoing *outgoing = g_steal_pointer(&conversation->outstanding);
    bool typing = outgoing->kind == STOX_OUTGOING_TYPING;

    stox_outgoing_finish(conversation->gateway, outgoing, NULL, STOX_OUTCOME_DELIVERED);
    if (typing)
        stox_typing_result(conversation, result);
}

/* The peer said that it takes message/cpim, and does not: once more without the wrapper, as with HTML. */
static bool must_unwrap(StoxConversation *conversation, const StoxSipResult *result)
{
    StoxOutgoing *outgoing = conversation->outstanding;
    StoxSession *session = stox_session_find(conversation->gateway, outgoing->session);

    if (!outgoing->notify_id || result->fate != STOX_SIP_ANSWERED || result->status != 415)
        return false;
    conversation->takes_cpim = false;
    if (session)
        session->takes_cpim = false;
    g_clear_pointer(&outgoing->notify_id, g_free);
    outgoing->unwrapped = true;
    return true;
}

/* One part of several has arrived; the next one is first in the queue. False: that was all. */
static bool go_on(StoxConversation *conversation, const StoxSipResult *result)
{
    StoxGateway *gateway = conversation->gateway;

    if (result->fate != STOX_SIP_ANSWERED || result->status < 200 || result->status > 299 ||
        !stox_outgoing_next(conversation->outstanding))
        return false;
    if (gateway->stopping) {
        g_auto(StoxError) error = {0};

        stox_error_stopping(&error, conversation->pair.xmpp_language);
        stox_outgoing_finish(gateway, g_steal_pointer(&conversation->outstanding), &error,
                             STOX_OUTCOME_REFUSED);
    } else {
        g_queue_push_head(&conversation->queue, g_steal_pointer(&conversation->outstanding));
    }
    return true;
}

void stox_conversation_result(StoxGateway *gateway, const StoxEvent *event)
{
    GHashTable *refs = gateway->conversations->refs;
    StoxConversation *conversation = g_hash_table_lookup(refs, &event->ref);
    StoxOutgoing *outgoing;
    StoxSession *session;

    if (!conversation)
        return;
    g_hash_table_remove(refs, &event->ref);
    outgoing = conversation->outstanding;
    session = stox_session_find(gateway, outgoing->session);
    if (session && ends_session(&event->result))
        stox_session_drop(session, true);
    if (outgoing->kind == STOX_OUTGOING_TYPING || outgoing->kind == STOX_OUTGOING_NOTIFICATION) {
        settle_state(conversation, &event->result);
    } else if (!gateway->stopping && must_unwrap(conversation, &event->result)) {
        g_queue_push_head(&conversation->queue, g_steal_pointer(&conversation->outstanding));
    } else if (outgoing->session && may_resend(&event->result) && !outgoing->resent &&
               !gateway->stopping) {
        outgoing->resent = true;
        g_queue_push_head(&conversation->queue, g_steal_pointer(&conversation->outstanding));
    } else if (!gateway->stopping && must_be_plain(conversation, &event->result)) {
        g_clear_pointer(&outgoing->html, g_bytes_unref);
        g_queue_push_head(&conversation->queue, g_steal_pointer(&conversation->outstanding));
    } else if (!go_on(conversation, &event->result)) {
        settle(conversation, &event->result);
    }
    stox_conversation_pump(conversation);
    stox_typing_settled(conversation);
    stox_conversation_touch(conversation);
}

void stox_conversations_stop(StoxGateway *gateway)
{
    GHashTableIter iter;
    void *value;

    g_hash_table_iter_init(&iter, gateway->conversations->by_key);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        StoxConversation *conversation = value;
        g_auto(StoxError) error = {0};
        StoxSession *session;

        stox_error_stopping(&error, conversation->pair.xmpp_language);
        stox_conversation_fail_queue(conversation, &error);
        while ((session = g_queue_peek_head(&conversation->sessions)))
            stox_session_drop(session, true);
    }
}
