/* SPDX-License-Identifier: MIT */
/* Requests inside a session, both ways (lync.md 4.4, 4.5; ). */
#include "sip/session-private.h"
#include "sip/convert.h"

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
    StoxEvent *event;

    /* Typing by RFC 3994: taken, as refusing it would make the peer think that messages fail. */
    if (stox_sip_content_is(stox_sip_view(incoming->message)->content_type,
                            "application/im-iscomposing+xml")) {
        stox_answer_ok(&sessions->who, incoming);
        return;
    }
    event = stox_sip_message_event(incoming->message, incoming->request, incoming->hop);
    event->session = session->id;
    sessions->ops->event(sessions->user, event);
}

static bool has_keyboard_activity(GBytes *body)
{
    static const char name[] = "KeyboardActivity";
    size_t n;
    const char *data = g_bytes_get_data(body, &n);

    return n && memmem(data, n, name, sizeof name - 1);
}

static void take_info(StoxSessions *sessions, const StoxSipIncoming *incoming)
{
    const StoxSipView *view = stox_sip_view(incoming->message);

    /* RFC 6086 s4.2.2: we know no package, so the list of them is empty. */
    if (stox_sip_raw(incoming->message, "Info-Package")[0])
        stox_answer_refuse(&sessions->who, incoming, 469, STOX_DIAG_CONTENT_UNSUPPORTED,
                           "Recv-Info", "");
    /* An empty INFO only asks whether the session lives. */
    else if (!view->body || (stox_sip_content_is(view->content_type, "application/xml") &&
                             has_keyboard_activity(view->body)))
        stox_answer_ok(&sessions->who, incoming);
    else
        stox_answer_refuse(&sessions->who, incoming, 415, STOX_DIAG_CONTENT_UNSUPPORTED, NULL,
                           NULL);
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
        take_info(sessions, incoming);
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

void stox_session_message_answered(StoxSessions *sessions, StoxOwner owner,
                                   StoxSipMessage *response, StoxSipFate fate, StoxTime now)
{
    StoxSession *session = g_hash_table_lookup(sessions->by_id, &owner.id);
    unsigned status = response                   ? stox_sip_view(response)->status
                      : fate == STOX_SIP_TIMEOUT ? 408
                                                 : 503;

    report(sessions, owner.id, owner.cookie, response, fate);
    if (session && session->state == STOX_SESSION_OPEN && ends_session(status))
        stox_session_close(sessions, session, status != 481, now);
}
