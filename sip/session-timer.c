/* SPDX-License-Identifier: MIT */
/* Session timers (RFC 4028; R-36, S-12). We ask for one only where it is required (421); who asks for one gets it. */
#include "sip/session-private.h"

#include <string.h>

enum {
    MAX_INTERVAL_S = 7 * 24 * 3600, /* more is not asked for after a 422 */
    RETRY_MS = 5000,
    TIMEOUT_MARGIN_S = 32 /* RFC 4028 s10 */
};

static void set(StoxSessions *sessions, StoxSession *session, int64_t interval_s, bool we_refresh,
                StoxTime now)
{
    session->interval_s = interval_s;
    session->we_refresh = we_refresh;
    session->raised = false;
    if (!session->interval_s) {
        stox_timers_set(sessions->timers, &session->timer, STOX_NEVER);
        return;
    }
    session->give_up_ms =
        now.mono_ms + 1000 * (session->interval_s - MIN(TIMEOUT_MARGIN_S, session->interval_s / 3));
    stox_timers_set(sessions->timers, &session->timer,
                    we_refresh ? now.mono_ms + 500 * session->interval_s : session->give_up_ms);
}

void stox_session_note_allow(StoxSession *session, const StoxSipMessage *message)
{
    char *const *lines = stox_sip_raw(message, "Allow");

    if (lines[0])
        session->update_allowed = false;
    if (stox_sip_view(message)->request && stox_sip_view(message)->method == STOX_SIP_UPDATE)
        session->update_allowed = true;
    for (; *lines && !session->update_allowed; lines++)
        session->update_allowed = stox_sip_list_has(*lines, "UPDATE");
}

/* ---- We answer ---- */

static bool peer_does_timers(const StoxSipView *view)
{
    return stox_sip_list_has(view->supported, "timer") || stox_sip_list_has(view->require, "timer");
}

bool stox_session_timer_acceptable(StoxSessions *sessions, const StoxSipIncoming *incoming)
{
    const StoxSipView *view = stox_sip_view(incoming->message);

    /* Only who knows timers can make sense of a 422 (RFC 4028 s9). */
    if (view->session_expires_s < 0 || view->session_expires_s >= STOX_SESSION_MIN_SE_S ||
        !peer_does_timers(view))
        return true;
    stox_answer_refuse(&sessions->who, incoming, 422, STOX_DIAG_INTERVAL_TOO_SHORT, "Min-SE",
                       G_STRINGIFY(90));
    return false;
}

void stox_session_timer_answer(StoxSessions *sessions, StoxSession *session,
                               const StoxSipMessage *request, StoxSipBuilder *builder, StoxTime now)
{
    const StoxSipView *view = stox_sip_view(request);
    bool them = peer_does_timers(view) && (!view->refresher || strcmp(view->refresher, "uac") == 0);
    int64_t interval = view->session_expires_s;

    session->min_se_s = MAX(session->min_se_s, view->min_se_s);
    if (interval < STOX_SESSION_MIN_SE_S) {
        set(sessions, session, 0, false, now);
        return;
    }
    if (them)
        stox_sip_builder_add(builder, "Require", "timer");
    stox_sip_builder_addf(builder, "Session-Expires", "%" G_GINT64_FORMAT ";refresher=%s", interval,
                          them ? "uac" : "uas");
    set(sessions, session, interval, !them, now);
}

/* ---- We refresh ---- */

void stox_session_timer_answered(StoxSessions *sessions, StoxSession *session,
                                 const StoxSipView *view, StoxTime now)
{
    bool us = !view->refresher || strcmp(view->refresher, "uac") == 0;

    if (view->session_expires_s < 0)
        set(sessions, session, 0, false, now);
    else
        set(sessions, session, MAX(view->session_expires_s, STOX_SESSION_MIN_SE_S), us, now);
}

void stox_session_timer_ask(const StoxSession *session, StoxSipBuilder *builder)
{
    if (!session->interval_s)
        return;
    stox_sip_builder_addf(builder, "Session-Expires", "%" G_GINT64_FORMAT ";refresher=uac",
                          session->interval_s);
    /* RFC 4028 s7.3, s7.4: the largest that came in a 422 or a request. */
    if (session->min_se_s > 0)
        stox_sip_builder_addf(builder, "Min-SE", "%" G_GINT64_FORMAT, session->min_se_s);
}

bool stox_session_timer_raise(StoxSession *session, const StoxSipView *view)
{
    if (session->raised || view->min_se_s <= session->interval_s || view->min_se_s > MAX_INTERVAL_S)
        return false;
    session->raised = true;
    session->interval_s = view->min_se_s;
    session->min_se_s = MAX(session->min_se_s, view->min_se_s);
    return true;
}

/* UPDATE where the peer takes it, else the INVITE again with the same SDP (RFC 4028 s7.4). */
static void send_refresh(StoxSessions *sessions, StoxSession *session)
{
    StoxSipMethod method = session->update_allowed ? STOX_SIP_UPDATE : STOX_SIP_INVITE;
    StoxSipBuilder *builder = stox_dialog_request(session->dialog, method, 0);
    StoxSipTarget target = stox_dialog_target(session->dialog);
    StoxOwner owner = {.kind = STOX_OWNER_SESSION, .id = session->id};

    stox_session_add_target_headers(session, builder);
    stox_session_timer_ask(session, builder);
    session->refresh_is_invite = method == STOX_SIP_INVITE;
    if (session->refresh_is_invite)
        stox_sip_builder_body(builder, "application/sdp", session->sdp);
    session->refresh_tx = sessions->ops->request(sessions->user, builder, &target, owner);
    stox_timers_set(sessions->timers, &session->timer, session->give_up_ms);
}

static void refresh_after(StoxSessions *sessions, StoxSession *session, int64_t wait_ms,
                          StoxTime now)
{
    stox_timers_set(sessions->timers, &session->timer,
                    MIN(now.mono_ms + wait_ms, MAX(session->give_up_ms, now.mono_ms)));
}

/* Both sides had something under way; the waits keep them from meeting again (RFC 3261 s14.1). */
static int64_t glare_wait_ms(const StoxSessions *sessions, const StoxSession *session)
{
    return session->ours ? 2100 + 10 * (int64_t) stox_answer_random(&sessions->who, 191)
                         : 10 * (int64_t) stox_answer_random(&sessions->who, 201);
}

/* The refresh failed. */
static void refresh_failed(StoxSessions *sessions, StoxSession *session, const StoxSipView *view,
                           unsigned status, StoxTime now)
{
    int64_t half_ms = (session->give_up_ms - now.mono_ms) / 2;
    int64_t retry_after_s = view ? MAX(view->retry_after_s, 0) : 0;

    if (status == 481 || status == 408) {
        /* RFC 3261 s12.2.1.2 */
        stox_session_close(sessions, session, status != 481, now);
    } else if (status == 422 && stox_session_timer_raise(session, view)) {
        send_refresh(sessions, session);
    } else if ((status == 405 || status == 501) && !session->refresh_is_invite) {
        session->update_allowed = false;
        send_refresh(sessions, session);
    } else if (status == 491) {
        refresh_after(sessions, session, glare_wait_ms(sessions, session), now);
    } else {
        /* The session still stands: once more before it is given up. */
        refresh_after(sessions, session, MAX(MAX(RETRY_MS, half_ms), 1000 * retry_after_s), now);
    }
}

void stox_session_refresh_answered(StoxSessions *sessions, StoxSession *session,
                                   StoxSipMessage *response, StoxSipFate fate, uint64_t flow,
                                   StoxTime now)
{
    const StoxSipView *view = response ? stox_sip_view(response) : NULL;
    unsigned status = view ? view->status : fate == STOX_SIP_TIMEOUT ? 408 : 503;

    session->refresh_tx = 0;
    if (status < 300) {
        stox_dialog_refresh_target(session->dialog, response, flow);
        stox_session_note_allow(session, response);
        if (session->refresh_is_invite) {
            session->linger_until_ms = now.mono_ms + STOX_SIP_T1_64_MS;
            stox_session_ack(sessions, session->dialog, view->cseq);
        }
    }
    if (session->state == STOX_SESSION_ENDED || session->bye_due)
        return;
    if (status < 300)
        stox_session_timer_answered(sessions, session, view, now);
    else
        refresh_failed(sessions, session, view, status, now);
}

void stox_session_timer_due(StoxSessions *sessions, StoxSession *session, StoxTime now)
{
    if (session->we_refresh && !session->refresh_tx && now.mono_ms < session->give_up_ms)
        send_refresh(sessions, session);
    else
        stox_session_close(sessions, session, true, now);
}
