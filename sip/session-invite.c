/* SPDX-License-Identifier: MIT */
/* Setting sessions up: our INVITE and its answers, their INVITE and ours (lync.md 4.4, 7.1, 7.2). */
#include "sip/session-private.h"
#include "sip/convert.h"

#include <string.h>

enum { MAX_FORKS = 16, MAX_TRIES = 2, WANTED_INTERVAL_S = 1800 /* RFC 4028 s4 */ };

static const char sdp_type[] = "application/sdp";

/* ---- Our INVITE ---- */

/* 28 characters of base64, as Lync's own are (lync.md 4.3). */
static char *new_conversation_id(StoxSessions *sessions)
{
    g_autoptr(GChecksum) checksum = g_checksum_new(G_CHECKSUM_SHA1);
    unsigned char digest[20];
    size_t n = sizeof digest;

    for (unsigned i = 0; i < 2; i++) {
        g_autofree char *token = sessions->ops->token(sessions->user);

        g_checksum_update(checksum, (const unsigned char *) token, -1);
    }
    g_checksum_get_digest(checksum, digest, &n);
    return g_base64_encode(digest, n);
}

static void fail_open(StoxSessions *sessions, uint64_t id, StoxSipMessage *response,
                      StoxSipFate fate)
{
    StoxEvent *event = stox_event_new(STOX_EVENT_SESSION_FAILED);

    event->session = id;
    stox_sip_result_from_response(&event->result, response, fate);
    sessions->ops->event(sessions->user, event);
}

static void send_invite(StoxSessions *sessions, StoxSession *session)
{
    StoxSipBuilder *builder = stox_dialog_request(session->dialog, STOX_SIP_INVITE, 0);
    StoxOwner owner = {.kind = STOX_OWNER_SESSION, .id = session->id};
    /* The way to a first request is the hop's, whatever the name in it. */
    StoxSipTarget target = {.hop = session->dialog->hop};

    stox_session_add_target_headers(session, builder);
    if (!session->plain)
        stox_sip_builder_add(builder, "Supported", "ms-sender");
    stox_session_timer_ask(session, builder);
    stox_sip_builder_add(builder, "Ms-Conversation-ID", session->conversation_id);
    stox_sip_builder_add(builder, "Subject", session->subject);
    stox_sip_builder_body(builder, sdp_type, session->sdp);
    session->invite_cseq = session->dialog->local_cseq;
    session->invite_tx = sessions->ops->request(sessions->user, builder, &target, owner);
}

void stox_sessions_open(StoxSessions *sessions, const StoxAction *action, const StoxSipHop *hop,
                        StoxTime now)
{
    g_autofree char *call_id = NULL;
    g_autofree char *tag = NULL;
    StoxSession *session;
    StoxDialog *dialog;

    if (g_hash_table_contains(sessions->by_id, &action->session))
        return;
    if (sessions->live >= sessions->config.max_sessions) {
        fail_open(sessions, action->session, NULL, STOX_SIP_NOT_SENT);
        return;
    }
    call_id = action->call_id ? g_strdup(action->call_id) : sessions->ops->token(sessions->user);
    tag = sessions->ops->token(sessions->user);
    dialog =
        stox_dialog_new_uac(hop, call_id, tag, action->display, action->from_uri, action->to_uri);
    session = stox_session_add(sessions, action->session, STOX_SESSION_INVITING, dialog);
    session->ours = true;
    session->conversation_id =
        action->conversation_id ? g_strdup(action->conversation_id) : new_conversation_id(sessions);
    session->subject = g_strdup(action->subject);
    session->types = g_strdup(action->accept);
    session->sdp = stox_sdp_offer_write(sessions->config.sdp_address, sessions->config.sdp_port,
                                        session->types);
    send_invite(sessions, session);
    stox_timers_set(sessions->timers, &session->timer, now.mono_ms + STOX_SESSION_RING_MS);
}

void stox_session_ack(StoxSessions *sessions, StoxDialog *dialog, uint32_t cseq)
{
    StoxSipBuilder *ack = stox_dialog_request(dialog, STOX_SIP_ACK, cseq);
    StoxSipTarget target = stox_dialog_target(dialog);

    sessions->ops->ack(sessions->user, ack, &target);
}

static bool known_fork(const StoxSession *session, const char *tag)
{
    return session->forks &&
           g_ptr_array_find_with_equal_func(session->forks, tag, g_str_equal, NULL);
}

/* A 2xx that we have no use for makes a dialog all the same: ACK it, then end it (RFC 3261 s13.2.2.4). */
static void end_fork(StoxSessions *sessions, StoxSession *session, StoxSipMessage *response,
                     uint64_t flow)
{
    const StoxSipView *view = stox_sip_view(response);
    g_autoptr(StoxDialog) fork =
        stox_dialog_new_uac(session->dialog->hop, session->dialog->call_id,
                            session->dialog->local_tag, NULL, view->from_uri, view->to_uri);

    const char *tag = view->to_tag ? view->to_tag : "";

    fork->local_cseq = session->invite_cseq;
    stox_dialog_establish_roughly(fork, response, flow);
    stox_session_ack(sessions, fork, session->invite_cseq);
    if (known_fork(session, tag))
        return;
    stox_session_bye(sessions, fork);
    if (!session->forks)
        session->forks = g_ptr_array_new_with_free_func(g_free);
    if (session->forks->len < MAX_FORKS)
        g_ptr_array_add(session->forks, g_strdup(tag));
}

/* It cannot be talked to, but who answered believes in a session: that is ended too. */
static void refuse_2xx(StoxSessions *sessions, StoxSession *session, StoxSipMessage *response,
                       uint64_t flow, StoxTime now)
{
    stox_dialog_establish_roughly(session->dialog, response, flow);
    stox_session_ack(sessions, session->dialog, session->invite_cseq);
    stox_session_bye(sessions, session->dialog);
    fail_open(sessions, session->id, NULL, STOX_SIP_TRANSPORT);
    stox_session_end(sessions, session, now);
}

static void invite_accepted(StoxSessions *sessions, StoxSession *session, StoxSipMessage *response,
                            uint64_t flow, StoxTime now)
{
    const StoxSipView *view = stox_sip_view(response);
    StoxEvent *opened;

    if (session->state != STOX_SESSION_INVITING) {
        if (stox_dialog_is_remote_tag(session->dialog, view->to_tag))
            stox_session_ack(sessions, session->dialog, session->invite_cseq);
        else
            end_fork(sessions, session, response, flow);
        return;
    }
    session->linger_until_ms = now.mono_ms + STOX_SIP_T1_64_MS;
    if (!stox_dialog_establish(session->dialog, response, flow)) {
        refuse_2xx(sessions, session, response, flow, now);
        return;
    }
    session->state = STOX_SESSION_OPEN;
    g_clear_pointer(&session->subject, g_free);
    stox_session_list(sessions, session);
    stox_session_ack(sessions, session->dialog, session->invite_cseq);
    stox_session_note_allow(session, response);
    stox_session_timer_answered(sessions, session, view, now);
    opened = stox_event_new(STOX_EVENT_SESSION_OPENED);
    opened->session = session->id;
    opened->conversation_id = g_steal_pointer(&session->conversation_id);
    opened->accept = stox_sdp_accept_types(view->body);
    sessions->ops->event(sessions->user, opened);
}

static bool lists(const StoxSipMessage *message, const char *name, const char *tag)
{
    for (char *const *line = stox_sip_raw(message, name); *line; line++)
        if (stox_sip_list_has(*line, tag))
            return true;
    return false;
}

/* The one extension that we could ask for. */
static bool wants_timer_only(const StoxSipView *view)
{
    return stox_sip_list_has(view->require, "timer") && !strchr(view->require, ',');
}

/* True: sent again in the form that the refusal asks for (RFC 3261 s8.1.3.5, s21.4.15, s21.4.16; RFC 4028 s7.3). */
static bool try_otherwise(StoxSessions *sessions, StoxSession *session,
                          const StoxSipMessage *response)
{
    const StoxSipView *view = stox_sip_view(response);

    if (session->tries >= MAX_TRIES || session->plain)
        return false;
    if (view->status == 420 &&
        (lists(response, "Unsupported", "timer") || lists(response, "Unsupported", "ms-sender"))) {
        session->plain = true;
        session->interval_s = 0;
    } else if (view->status == 421 && !session->interval_s && wants_timer_only(view)) {
        session->interval_s = WANTED_INTERVAL_S;
    } else if (view->status != 422 || !stox_session_timer_raise(session, view)) {
        return false;
    }
    session->tries++;
    send_invite(sessions, session);
    return true;
}

void stox_session_invite_answered(StoxSessions *sessions, StoxSession *session,
                                  StoxSipMessage *response, StoxSipFate fate, uint64_t flow,
                                  StoxTime now)
{
    if (response && stox_sip_view(response)->status < 300) {
        invite_accepted(sessions, session, response, flow, now);
        return;
    }
    if (session->state == STOX_SESSION_INVITING) {
        if (response && try_otherwise(sessions, session, response))
            return;
        fail_open(sessions, session->id, response, fate);
    } else if (session->state != STOX_SESSION_ENDED) {
        return;
    }
    session->linger_until_ms = 0;
    stox_session_end(sessions, session, now);
}

/* ---- Their INVITE ---- */

/* Answers an offer that is no IM session; false: it is one, in *ret_offer (NULL when there is no body at all). */
static bool refuse_offer(StoxSessions *sessions, const StoxSipIncoming *incoming,
                         StoxSdpOffer **ret_offer)
{
    const StoxSipView *view = stox_sip_view(incoming->message);
    const char *type = view->content_type;
    g_autoptr(StoxSdpOffer) offer = NULL;

    if (view->body && !stox_sip_content_is(type, sdp_type)) {
        /* Conference invitations, and calls whose offer comes in two versions. */
        bool call = stox_sip_content_is(type, "application/ms-conf-invite+xml") ||
                    (type && g_ascii_strncasecmp(type, "multipart/", 10) == 0);

        stox_answer_refuse(&sessions->who, incoming, call ? 488 : 415,
                           call ? STOX_DIAG_MODALITY_UNSUPPORTED : STOX_DIAG_CONTENT_UNSUPPORTED,
                           NULL, NULL);
        return true;
    }
    offer = stox_sdp_offer_read(view->body);
    if (view->body && (!offer || !stox_sdp_offer_has_im(offer))) {
        stox_answer_refuse(&sessions->who, incoming, 488, STOX_DIAG_MODALITY_UNSUPPORTED, NULL,
                           NULL);
        return true;
    }
    *ret_offer = g_steal_pointer(&offer);
    return false;
}

static bool acceptable(StoxSessions *sessions, const StoxSipIncoming *incoming)
{
    g_autoptr(StoxSdpOffer) offer = NULL;

    if (!stox_answer_acceptable(&sessions->who, incoming) ||
        !stox_session_timer_acceptable(sessions, incoming) ||
        refuse_offer(sessions, incoming, &offer))
        return false;
    if (!offer) {
        /* An offer of ours in the 200 would be legal; no IM client works that way. */
        stox_answer_refuse(&sessions->who, incoming, 488, STOX_DIAG_MODALITY_UNSUPPORTED, NULL,
                           NULL);
        return false;
    }
    if (sessions->live >= sessions->config.max_sessions) {
        stox_answer_refuse(&sessions->who, incoming, 503, STOX_DIAG_OVERLOAD, NULL, NULL);
        return false;
    }
    return true;
}

static void offer_to_gateway(StoxSessions *sessions, const StoxSession *session,
                             const StoxSipIncoming *incoming)
{
    const StoxSipView *view = stox_sip_view(incoming->message);
    StoxEvent *event = stox_sip_request_event(STOX_EVENT_SIP_INVITE, incoming->message,
                                              incoming->request, incoming->hop);

    event->session = session->id;
    event->subject = g_strdup(view->subject);
    event->conversation_id = g_strdup(view->conversation_id);
    event->accept = stox_sdp_accept_types(view->body);
    sessions->ops->event(sessions->user, event);
}

void stox_session_take_invite(StoxSessions *sessions, const StoxSipIncoming *incoming, StoxTime now)
{
    g_autofree char *tag = NULL;
    StoxDialog *dialog;
    StoxSession *session;

    if (!acceptable(sessions, incoming))
        return;
    tag = sessions->ops->token(sessions->user);
    dialog = stox_dialog_new_uas(incoming->hop, incoming->message, tag, incoming->flow);
    if (!dialog) {
        stox_answer_refuse(&sessions->who, incoming, 400, STOX_DIAG_MALFORMED, NULL, NULL);
        return;
    }
    session = stox_session_add(sessions, sessions->ops->name(sessions->user), STOX_SESSION_OFFERED,
                               dialog);
    session->invite = stox_sip_message_ref(incoming->message);
    stox_session_note_allow(session, incoming->message);
    stox_session_wait_for_ack(sessions, session, incoming->request);
    stox_timers_set(sessions->timers, &session->timer, now.mono_ms + STOX_SESSION_RING_MS);
    offer_to_gateway(sessions, session, incoming);
}

/* The 200 to an INVITE or UPDATE of theirs. */
static void answer_offer(StoxSessions *sessions, StoxSession *session, StoxSipMessage *message,
                         uint64_t request, StoxTime now)
{
    const StoxSipView *view = stox_sip_view(message);
    const StoxSessionsConfig *config = &sessions->config;
    StoxSipBuilder *builder =
        stox_answer_new(&sessions->who, message, 200, NULL, session->dialog->local_tag);
    g_autoptr(StoxSdpOffer) offer = stox_sdp_offer_read(view->body);
    g_autofree char *uri = stox_sip_value_uri(session->dialog->local);
    bool invite = view->method == STOX_SIP_INVITE;

    stox_session_add_target_headers(session, builder);
    stox_session_timer_answer(sessions, session, message, builder, now);
    if (offer) {
        g_clear_pointer(&session->sdp, g_bytes_unref);
        session->sdp = stox_sdp_answer_write(offer, config->sdp_address, config->sdp_port,
                                             uri ? uri : "null", session->types);
    } else if (invite) {
        session->offer_cseq = view->cseq;
    }
    if (offer || invite)
        stox_sip_builder_body(builder, sdp_type, session->sdp);
    sessions->ops->respond(sessions->user, request, builder);
}

void stox_sessions_accept(StoxSessions *sessions, const StoxAction *action, StoxTime now)
{
    StoxSession *session = g_hash_table_lookup(sessions->by_id, &action->session);
    g_autoptr(StoxSipMessage) invite = NULL;

    if (!session) {
        /* The caller has given up meanwhile; said once more, in case that crossed. */
        stox_session_tell(sessions, STOX_EVENT_SESSION_CLOSED, action->session);
        return;
    }
    if (session->state != STOX_SESSION_OFFERED)
        return;
    invite = g_steal_pointer(&session->invite);
    session->state = STOX_SESSION_ACCEPTED;
    session->types = g_strdup(action->accept);
    stox_session_list(sessions, session);
    answer_offer(sessions, session, invite, session->invite_request, now);
}

bool stox_sessions_refuse(StoxSessions *sessions, const StoxAction *action, StoxTime now)
{
    StoxSession *session = g_hash_table_lookup(sessions->by_request, &action->request);

    if (!session || session->state != STOX_SESSION_OFFERED)
        return false;
    sessions->ops->respond(sessions->user, action->request,
                           stox_answer_result(&sessions->who, session->invite, &action->result));
    stox_session_end(sessions, session, now);
    return true;
}

/* Re-INVITE and UPDATE: target refresh, session timer, the same answer as before (RFC 3261 s14.2, RFC 3311 s5.2). */
void stox_session_take_refresh(StoxSessions *sessions, StoxSession *session,
                               const StoxSipIncoming *incoming, StoxTime now)
{
    const StoxSipView *view = stox_sip_view(incoming->message);
    bool invite = view->method == STOX_SIP_INVITE;
    g_autoptr(StoxSdpOffer) offer = NULL;

    /* Theirs are answered at once, so only something of ours can be open. */
    if (session->refresh_tx || (session->offer_cseq && (invite || view->body))) {
        stox_answer_refuse(&sessions->who, incoming, 491, STOX_DIAG_PENDING, NULL, NULL);
        return;
    }
    if (!stox_session_timer_acceptable(sessions, incoming) ||
        refuse_offer(sessions, incoming, &offer))
        return;
    stox_dialog_refresh_target(session->dialog, incoming->message, incoming->flow);
    stox_session_note_allow(session, incoming->message);
    if (invite)
        stox_session_wait_for_ack(sessions, session, incoming->request);
    answer_offer(sessions, session, incoming->message, incoming->request, now);
}
