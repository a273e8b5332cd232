/* SPDX-License-Identifier: MIT */
/* Session timers (RFC 4028; R-36, S-12). We never ask for one; who asks for one gets it. */
#include "sip/session-private.h"

#include <string.h>

enum {
    MAX_INTERVAL_S = 7 * 24 * 3600,
    RETRY_MS = 5000,
    TIMEOUT_MARGIN_S = 32 /* RFC 4028 s10 */
};

static void set(StoxSessions *sessions, StoxSession *session, int64_t interval_s, bool we_refresh,
                StoxTime now)
{
    session->interval_s = CLAMP(interval_s, 0, MAX_INTERVAL_S);
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
    stox_answer_refuse(&sessions->who, incoming, 422, STOX_DIAG_MALFORMED, "Min-SE",
                       G_STRINGIFY(90));
    return false;
}

void stox_session_timer_answer(StoxSessions *sessions, StoxSession *session,
                               const StoxSipMessage *request, StoxSipBuilder *builder, StoxTime now)
{
    const StoxSipView *view = stox_sip_view(request);
    bool them = peer_does_timers(view) && (!view->refresher || strcmp(view->refresher, "uac") == 0);
    int64_t interval = MIN(view->session_expires_s, MAX_INTERVAL_S);

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

static void send_update(StoxSessions *sessions, StoxSession *session)
{
    StoxSipBuilder *builder = stox_dialog_request(session->dialog, STOX_SIP_UPDATE, 0);
    StoxSipTarget target = stox_dialog_target(session->dialog);
    StoxOwner owner = {.kind = STOX_OWNER_SESSION, .id = session->id};

    stox_session_add_target_headers(session, builder);
    stox_sip_builder_addf(builder, "Session-Expires", "%" G_GINT64_FORMAT ";refresher=uac",
                          session->interval_s);
    session->update_tx = sessions->ops->request(sessions->user, builder, &target, owner);
    stox_timers_set(sessions->timers, &session->timer, session->give_up_ms);
}

/* The refresh failed, the session still stands: once more before it is given up. */
static void retry(StoxSessions *sessions, StoxSession *session, StoxTime now)
{
    int64_t wait = MAX(RETRY_MS, (session->give_up_ms - now.mono_ms) / 2);

    stox_timers_set(sessions->timers, &session->timer,
                    MIN(now.mono_ms + wait, MAX(session->give_up_ms, now.mono_ms)));
}

void stox_session_update_answered(StoxSessions *sessions, StoxSession *session,
                                  StoxSipMessage *response, StoxSipFate fate, uint64_t flow,
                                  StoxTime now)
{
    const StoxSipView *view = response ? stox_sip_view(response) : NULL;
    unsigned status = view ? view->status : fate == STOX_SIP_TIMEOUT ? 408 : 503;

    session->update_tx = 0;
    if (session->state == STOX_SESSION_ENDED || session->bye_due)
        return;
    if (view && status < 300) {
        if (stox_sip_contact_usable(response))
            stox_dialog_refresh_target(session->dialog, response, flow);
        stox_session_timer_answered(sessions, session, view, now);
    } else if (status == 481 || status == 408) {
        /* RFC 3261 s12.2.1.2 */
        stox_session_close(sessions, session, status != 481, now);
    } else if (status == 422 && !session->raised && view->min_se_s > session->interval_s &&
               view->min_se_s <= MAX_INTERVAL_S) {
        session->interval_s = view->min_se_s;
        session->raised = true;
        send_update(sessions, session);
    } else {
        retry(sessions, session, now);
    }
}

void stox_session_timer_due(StoxSessions *sessions, StoxSession *session, StoxTime now)
{
    if (session->we_refresh && !session->update_tx && now.mono_ms < session->give_up_ms)
        send_update(sessions, session);
    else
        stox_session_close(sessions, session, true, now);
}
