/* SPDX-License-Identifier: MIT */
/*
 * The table of IM sessions and their lives. Every session that the gateway knows ends with exactly one SESSION_FAILED or
 * SESSION_CLOSED, unless the gateway itself has refused the INVITE.
 */
#include "sip/session-private.h"
#include "sip/convert.h"

#include <string.h>

static uint64_t *id_key(uint64_t id)
{
    return g_memdup2(&id, sizeof id);
}

static void session_free(gpointer data)
{
    StoxSession *session = data;

    stox_dialog_free(session->dialog);
    g_free(session->key);
    g_free(session->conversation_id);
    g_free(session->types);
    g_free(session->subject);
    g_clear_pointer(&session->sdp, g_bytes_unref);
    g_clear_pointer(&session->invite, stox_sip_message_unref);
    g_clear_pointer(&session->forks, g_ptr_array_unref);
    g_free(session);
}

StoxSessions *stox_sessions_new(const StoxSessionsConfig *config, const StoxSipOps *ops, void *user)
{
    StoxSessions *sessions = g_new0(StoxSessions, 1);

    sessions->config = *config;
    sessions->ops = ops;
    sessions->user = user;
    sessions->who = (StoxAnswerer){ops, user, config->fqdn};
    sessions->by_id = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, session_free);
    sessions->by_dialog = g_hash_table_new(g_str_hash, g_str_equal);
    sessions->by_request = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    sessions->timers = stox_timers_new();
    return sessions;
}

void stox_sessions_free(StoxSessions *sessions)
{
    if (!sessions)
        return;
    g_hash_table_unref(sessions->by_dialog);
    g_hash_table_unref(sessions->by_request);
    g_hash_table_unref(sessions->by_id);
    stox_timers_free(sessions->timers);
    g_free(sessions);
}

/* ---- Table ---- */

StoxSession *stox_session_add(StoxSessions *sessions, uint64_t id, StoxSessionState state,
                              StoxDialog *dialog)
{
    StoxSession *session = g_new0(StoxSession, 1);

    session->id = id;
    session->state = state;
    session->dialog = dialog;
    g_hash_table_insert(sessions->by_id, id_key(id), session);
    sessions->live++;
    return session;
}

void stox_session_list(StoxSessions *sessions, StoxSession *session)
{
    session->key = stox_dialog_key_of(session->dialog);
    g_hash_table_replace(sessions->by_dialog, session->key, session);
}

static void unlist(StoxSessions *sessions, StoxSession *session)
{
    if (session->key && g_hash_table_lookup(sessions->by_dialog, session->key) == session)
        g_hash_table_remove(sessions->by_dialog, session->key);
    g_clear_pointer(&session->key, g_free);
}

void stox_session_wait_for_ack(StoxSessions *sessions, StoxSession *session, uint64_t request)
{
    stox_session_forget_request(sessions, session);
    session->invite_request = request;
    g_hash_table_insert(sessions->by_request, id_key(request), session);
}

void stox_session_forget_request(StoxSessions *sessions, StoxSession *session)
{
    if (session->invite_request)
        g_hash_table_remove(sessions->by_request, &session->invite_request);
    session->invite_request = 0;
}

static StoxSession *lookup(StoxSessions *sessions, uint64_t id)
{
    return g_hash_table_lookup(sessions->by_id, &id);
}

/* Known to the gateway, that is. */
static StoxSession *lookup_live(StoxSessions *sessions, uint64_t id)
{
    StoxSession *session = lookup(sessions, id);

    return session && session->state != STOX_SESSION_ENDED && !session->bye_due ? session : NULL;
}

static void forget(StoxSessions *sessions, StoxSession *session)
{
    stox_timers_set(sessions->timers, &session->timer, STOX_NEVER);
    unlist(sessions, session);
    stox_session_forget_request(sessions, session);
    if (session->state != STOX_SESSION_ENDED)
        sessions->live--;
    g_hash_table_remove(sessions->by_id, &session->id);
}

/* ---- Ends ---- */

void stox_session_tell(StoxSessions *sessions, StoxEventKind kind, uint64_t id)
{
    StoxEvent *event = stox_event_new(kind);

    event->session = id;
    sessions->ops->event(sessions->user, event);
}

void stox_session_bye(StoxSessions *sessions, StoxDialog *dialog)
{
    StoxSipBuilder *builder = stox_dialog_request(dialog, STOX_SIP_BYE, 0);
    StoxSipTarget target = stox_dialog_target(dialog);

    /* Nobody waits for its answer: the session is gone whatever it says (RFC 3261 s15.1.1). */
    sessions->ops->request(sessions->user, builder, &target, (StoxOwner){.kind = STOX_OWNER_NONE});
}

void stox_session_end(StoxSessions *sessions, StoxSession *session, StoxTime now)
{
    if (session->refresh_tx && session->refresh_is_invite)
        session->linger_until_ms = now.mono_ms + STOX_SIP_T1_64_MS;
    if (session->linger_until_ms <= now.mono_ms) {
        forget(sessions, session);
        return;
    }
    unlist(sessions, session);
    stox_session_forget_request(sessions, session);
    if (session->state != STOX_SESSION_ENDED)
        sessions->live--;
    session->state = STOX_SESSION_ENDED;
    stox_timers_set(sessions->timers, &session->timer, session->linger_until_ms);
}

void stox_session_close(StoxSessions *sessions, StoxSession *session, bool bye, StoxTime now)
{
    if (bye)
        stox_session_bye(sessions, session->dialog);
    if (!session->bye_due)
        stox_session_tell(sessions, STOX_EVENT_SESSION_CLOSED, session->id);
    stox_session_end(sessions, session, now);
}

bool stox_session_confirm(StoxSessions *sessions, StoxSession *session, StoxTime now)
{
    stox_session_forget_request(sessions, session);
    if (session->bye_due) {
        stox_session_close(sessions, session, true, now);
        return false;
    }
    if (session->state == STOX_SESSION_ACCEPTED) {
        session->state = STOX_SESSION_OPEN;
        stox_session_tell(sessions, STOX_EVENT_SESSION_OPENED, session->id);
    }
    return true;
}

/* Gives up an INVITE of ours. Nothing is said to the gateway. */
static void cancel(StoxSessions *sessions, StoxSession *session, StoxTime now)
{
    sessions->ops->cancel(sessions->user, session->invite_tx);
    /* The CANCEL may have to wait for a provisional, and the 2xx may cross it (RFC 3261 s9.1). */
    session->linger_until_ms = now.mono_ms + 2 * STOX_SIP_T1_64_MS;
    stox_session_end(sessions, session, now);
}

void stox_sessions_close(StoxSessions *sessions, const StoxAction *action, StoxTime now)
{
    StoxSession *session = lookup_live(sessions, action->session);

    if (!session)
        return;
    switch (session->state) {
    case STOX_SESSION_INVITING:
        stox_session_tell(sessions, STOX_EVENT_SESSION_CLOSED, session->id);
        cancel(sessions, session, now);
        break;
    case STOX_SESSION_OFFERED: {
        StoxSipIncoming incoming = {.message = session->invite, .request = session->invite_request};

        stox_answer_refuse(&sessions->who, &incoming, 480, STOX_DIAG_XMPP_REFUSED, NULL, NULL);
        stox_session_close(sessions, session, false, now);
        break;
    }
    case STOX_SESSION_ACCEPTED:
        stox_session_tell(sessions, STOX_EVENT_SESSION_CLOSED, session->id);
        session->bye_due = true;
        stox_timers_set(sessions->timers, &session->timer, now.mono_ms + 2 * STOX_SIP_T1_64_MS);
        break;
    case STOX_SESSION_OPEN:
        stox_session_close(sessions, session, true, now);
        break;
    case STOX_SESSION_ENDED:
        break;
    }
}

/* ---- From the transactions ---- */

bool stox_sessions_receive(StoxSessions *sessions, const StoxSipIncoming *incoming, StoxTime now)
{
    const StoxSipView *view = stox_sip_view(incoming->message);
    g_autofree char *key = NULL;
    StoxSession *session;

    if (!view->to_tag) {
        if (view->method != STOX_SIP_INVITE)
            return false;
        stox_session_take_invite(sessions, incoming, now);
        return true;
    }
    key = stox_dialog_key_incoming(incoming->message);
    session = key ? g_hash_table_lookup(sessions->by_dialog, key) : NULL;
    if (!session)
        return false;
    stox_session_take_request(sessions, session, incoming, now);
    return true;
}

/* A 2xx to an INVITE of ours again: each is owed an ACK (RFC 3261 s13.2.2.4). */
static void ack_again(StoxSessions *sessions, StoxSession *session, const StoxSipView *view)
{
    if (view->method == STOX_SIP_INVITE && view->status < 300 &&
        stox_dialog_is_remote_tag(session->dialog, view->to_tag))
        stox_session_ack(sessions, session->dialog, view->cseq);
}

void stox_sessions_response(StoxSessions *sessions, StoxOwner owner, uint64_t transaction,
                            StoxSipMessage *response, StoxSipFate fate, uint64_t flow, StoxTime now)
{
    StoxSession *session = lookup(sessions, owner.id);

    /* No 1xx makes any state, 101 Progress Report least of all (lync.md 4.3). */
    if (response && stox_sip_view(response)->status < 200)
        return;
    if (owner.cookie)
        stox_session_message_answered(sessions, owner, response, fate, now);
    else if (!session)
        return;
    else if (transaction == session->invite_tx)
        stox_session_invite_answered(sessions, session, response, fate, flow, now);
    else if (transaction == session->refresh_tx)
        stox_session_refresh_answered(sessions, session, response, fate, flow, now);
    else if (response)
        ack_again(sessions, session, stox_sip_view(response));
}

void stox_sessions_cancelled(StoxSessions *sessions, uint64_t request, StoxTime now)
{
    StoxSession *session = g_hash_table_lookup(sessions->by_request, &request);
    g_auto(StoxSipResult) result = {0};

    if (!session || session->state != STOX_SESSION_OFFERED)
        return;
    stox_sip_result_init(&result, 487, STOX_DIAG_CANCELLED);
    sessions->ops->respond(sessions->user, request,
                           stox_answer_result(&sessions->who, session->invite, &result));
    stox_session_close(sessions, session, false, now);
}

void stox_sessions_no_ack(StoxSessions *sessions, uint64_t request, StoxTime now)
{
    StoxSession *session = g_hash_table_lookup(sessions->by_request, &request);

    if (session && session->state != STOX_SESSION_OFFERED)
        stox_session_close(sessions, session, true, now);
}

/* ---- Timers ---- */

static void due(StoxSessions *sessions, StoxSession *session, StoxTime now)
{
    switch (session->state) {
    case STOX_SESSION_INVITING: {
        StoxEvent *event = stox_event_new(STOX_EVENT_SESSION_FAILED);

        event->session = session->id;
        stox_sip_result_from_response(&event->result, NULL, STOX_SIP_TIMEOUT);
        sessions->ops->event(sessions->user, event);
        cancel(sessions, session, now);
        break;
    }
    case STOX_SESSION_OFFERED: {
        StoxSipIncoming incoming = {.message = session->invite, .request = session->invite_request};

        stox_answer_refuse(&sessions->who, &incoming, 500, STOX_DIAG_INTERNAL, NULL, NULL);
        stox_session_close(sessions, session, false, now);
        break;
    }
    case STOX_SESSION_ACCEPTED:
    case STOX_SESSION_OPEN:
        if (session->bye_due)
            stox_session_close(sessions, session, true, now);
        else
            stox_session_timer_due(sessions, session, now);
        break;
    case STOX_SESSION_ENDED:
        forget(sessions, session);
        break;
    }
}

int64_t stox_sessions_deadline(const StoxSessions *sessions)
{
    return stox_timers_next(sessions->timers);
}

void stox_sessions_tick(StoxSessions *sessions, StoxTime now)
{
    StoxTimer *timer;

    while ((timer = stox_timers_due(sessions->timers, now.mono_ms)))
        due(sessions, (StoxSession *) timer, now);
}

size_t stox_sessions_count(const StoxSessions *sessions)
{
    return sessions->live;
}
