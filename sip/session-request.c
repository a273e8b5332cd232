/* SPDX-License-Identifier: MIT */
/* Requests inside a session, both ways (lync.md 4.4, 4.5; ). */
#include "sip/session-private.h"
#include "sip/convert.h"

#include "translation/composing.h"

#include <string.h>

void stox_session_add_target_headers(StoxSession *session, StoxSipBuilder *builder)
{
    stox_dialog_add_contact(session->dialog, builder, !session->dialog->hop->lync);
    if (!session->plain)
        stox_sip_builder_add(builder, "Supported", "timer");
    stox_sip_builder_add(builder, "Allow", STOX_SIP_ALLOW);
}

/* ---- Theirs ---- */

static void take_message(StoxSessions *sessions, StoxSession *session,
                         const StoxSipIncoming *incoming)
{
    StoxEvent *event = stox_sip_message_event(incoming->message, incoming->request, incoming->hop);

    event->session = session->id;
    sessions->ops->event(sessions->user, event);
}

/* lync.md 4.5 */
static bool is_typing(const StoxSipView *view)
{
    bool typing;

    return stox_sip_content_is(view->content_type, STOX_KEYBOARD_TYPE) &&
           stox_keyboard_read(view->body, &typing);
}

static void tell_info(StoxSessions *sessions, const StoxSession *session, const StoxSipView *view)
{
    StoxEvent *event = stox_event_new(STOX_EVENT_SESSION_INFO);

    event->session = session->id;
    event->content_type = g_strdup(view->content_type);
    event->body = g_bytes_ref(view->body);
    sessions->ops->event(sessions->user, event);
}

static void take_info(StoxSessions *sessions, const StoxSession *session,
                      const StoxSipIncoming *incoming)
{
    const StoxSipView *view = stox_sip_view(incoming->message);

    /* RFC 6086 s4.2.2: we know no package, so the list of them is empty. */
    if (stox_sip_raw(incoming->message, "Info-Package")[0]) {
        stox_answer_refuse(&sessions->who, incoming, 469, STOX_DIAG_CONTENT_UNSUPPORTED,
                           "Recv-Info", "");
    } else if (!view->body) { /* it only asks whether the session lives */
        stox_answer_ok(&sessions->who, incoming);
    } else if (is_typing(view)) {
        stox_answer_ok(&sessions->who, incoming);
        tell_info(sessions, session, view);
    } else {
        stox_answer_refuse(&sessions->who, incoming, 415, STOX_DIAG_CONTENT_UNSUPPORTED, NULL,
                           NULL);
    }
}

static void take_options(StoxSessions *sessions, const StoxSipIncoming *incoming)
{
    StoxSipBuilder *builder = stox_answer_new(&sessions->who, incoming->message, 200, NULL, NULL);

    stox_sip_builder_add(builder, "Allow", STOX_SIP_ALLOW);
    stox_sip_builder_add(builder, "Accept", STOX_SIP_ACCEPT);
    stox_sip_builder_add(builder, "Supported", "timer");
    sessions->ops->respond(sessions->user, incoming->request, builder);
}

/* P-175: the text says why. */
static void refuse_subscription(StoxSessions *sessions, const StoxSipIncoming *incoming)
{
    g_auto(StoxSipResult) result = {0};

    stox_sip_result_init(&result, 403, STOX_DIAG_METHOD_UNSUPPORTED);
    result.reason = g_strdup("A subscription needs a dialog of its own");
    sessions->ops->respond(sessions->user, incoming->request,
                           stox_answer_result(&sessions->who, incoming->message, &result));
}

static void dispatch(StoxSessions *sessions, StoxSession *session, const StoxSipIncoming *incoming,
                     StoxTime now)
{
    switch (stox_sip_view(incoming->message)->method) {
    case STOX_SIP_MESSAGE:
        take_message(sessions, session, incoming);
        break;
    case STOX_SIP_INFO:
        take_info(sessions, session, incoming);
        break;
    case STOX_SIP_INVITE:
    case STOX_SIP_UPDATE:
        stox_session_take_refresh(sessions, session, incoming, now);
        break;
    case STOX_SIP_BYE:
        stox_answer_ok(&sessions->who, incoming);
        stox_session_close(sessions, session, false, now);
        break;
    case STOX_SIP_OPTIONS:
        take_options(sessions, incoming);
        break;
    case STOX_SIP_SUBSCRIBE:
        refuse_subscription(sessions, incoming);
        break;
    case STOX_SIP_REFER:
        /* It would move the chat into a conference (lync.md 4.4). */
        stox_answer_refuse(&sessions->who, incoming, 603, STOX_DIAG_MODALITY_UNSUPPORTED, NULL,
                           NULL);
        break;
    default:
        stox_answer_refuse(&sessions->who, incoming, 405, STOX_DIAG_METHOD_UNSUPPORTED, NULL, NULL);
        break;
    }
}

void stox_session_take_request(StoxSessions *sessions, StoxSession *session,
                               const StoxSipIncoming *incoming, StoxTime now)
{
    const StoxSipView *view = stox_sip_view(incoming->message);

    if (view->method == STOX_SIP_ACK) {
        if (view->cseq == session->offer_cseq)
            session->offer_cseq = 0;
        stox_session_confirm(sessions, session, now);
        return;
    }
    if (!incoming->request || !stox_answer_in_order(&sessions->who, incoming, session->dialog) ||
        !stox_answer_acceptable(&sessions->who, incoming))
        return;
    session->dialog->flow = incoming->flow;
    if (session->bye_due && view->method != STOX_SIP_BYE)
        stox_answer_refuse(&sessions->who, incoming, 481, STOX_DIAG_NO_SUCH_DIALOG, NULL, NULL);
    /* Who sends something else has seen our 200, wherever its ACK is (RFC 5407 s3.1.4). */
    if (view->method != STOX_SIP_BYE && !stox_session_confirm(sessions, session, now))
        return;
    dispatch(sessions, session, incoming, now);
}

/* ---- Ours ---- */

static void report(StoxSessions *sessions, uint64_t session, uint64_t ref, StoxSipMessage *response,
                   StoxSipFate fate)
{
    StoxEvent *event = stox_event_new(STOX_EVENT_SIP_MESSAGE_RESULT);

    event->session = session;
    event->ref = ref;
    stox_sip_result_from_response(&event->result, response, fate);
    sessions->ops->event(sessions->user, event);
}

/* As if the peer had said so: whoever sent it may send it again in a new session. */
static void report_no_session(StoxSessions *sessions, const StoxAction *action)
{
    StoxEvent *event = stox_event_new(STOX_EVENT_SIP_MESSAGE_RESULT);

    event->session = action->session;
    event->ref = action->ref;
    stox_sip_result_init(&event->result, 481, STOX_DIAG_NO_SUCH_DIALOG);
    sessions->ops->event(sessions->user, event);
}

void stox_sessions_message(StoxSessions *sessions, const StoxAction *action, StoxTime now)
{
    StoxSession *session = g_hash_table_lookup(sessions->by_id, &action->session);
    StoxOwner owner = {.kind = STOX_OWNER_SESSION, .id = action->session, .cookie = action->ref};
    StoxSipBuilder *builder;
    StoxSipTarget target;

    if (!session || session->state != STOX_SESSION_OPEN) {
        report_no_session(sessions, action);
        return;
    }
    builder = stox_dialog_request(session->dialog, STOX_SIP_MESSAGE, 0);
    stox_sip_builder_message_headers(builder, action);
    stox_sip_builder_body(builder, action->content_type, action->body);
    target = stox_dialog_target(session->dialog);
    sessions->ops->request(sessions->user, builder, &target, owner);
}

/* The peer no longer knows the session, or cannot be reached in it (RFC 3261 s12.2.1.2, RFC 5057 s5.1; lync.md 4.4 for 480). */
static bool ends_session(unsigned status)
{
    return status == 408 || status == 480 || status == 481;
}

static void note_answer(StoxSessions *sessions, uint64_t name, const StoxSipMessage *response,
                        StoxSipFate fate, StoxTime now)
{
    StoxSession *session = g_hash_table_lookup(sessions->by_id, &name);
    unsigned status = response                   ? stox_sip_view(response)->status
                      : fate == STOX_SIP_TIMEOUT ? 408
                                                 : 503;

    if (session && session->state == STOX_SESSION_OPEN && ends_session(status))
        stox_session_close(sessions, session, status != 481, now);
}

void stox_session_message_answered(StoxSessions *sessions, StoxOwner owner,
                                   StoxSipMessage *response, StoxSipFate fate, StoxTime now)
{
    if (owner.cookie != STOX_SESSION_INFO_COOKIE) /* nobody waits for the fate of an INFO (D-08) */
        report(sessions, owner.id, owner.cookie, response, fate);
    note_answer(sessions, owner.id, response, fate, now);
}

void stox_sessions_info(StoxSessions *sessions, const StoxAction *action, StoxTime now)
{
    StoxSession *session = g_hash_table_lookup(sessions->by_id, &action->session);
    StoxOwner owner = {
        .kind = STOX_OWNER_SESSION, .id = action->session, .cookie = STOX_SESSION_INFO_COOKIE};
    StoxSipBuilder *builder;
    StoxSipTarget target;

    if (!session || session->state != STOX_SESSION_OPEN)
        return;
    builder = stox_dialog_request(session->dialog, STOX_SIP_INFO, 0);
    stox_sip_builder_body(builder, action->content_type, action->body);
    target = stox_dialog_target(session->dialog);
    sessions->ops->request(sessions->user, builder, &target, owner);
}
