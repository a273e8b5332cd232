/* SPDX-License-Identifier: MIT */
#include "sip/receive.h"
#include "sip/convert.h"

#include <string.h>

/* A bucket is full again after a second of silence. */
enum { FLOOD_RETRY_S = 1 };

/* One request on its way to its machine. */
typedef struct {
    const StoxReceiver *receiver;
    StoxSipIncoming incoming;
    StoxTime now;
} Arrival;

/* ---- Refusals without a transaction ---- */

static void answer(const StoxReceiver *receiver, const StoxSipSource *source,
                   StoxSipMessage *request, const StoxSipResult *result)
{
    g_autoptr(StoxSipBuilder) builder = stox_answer_result(receiver->who, request, result);
    g_autoptr(GBytes) bytes = stox_sip_builder_finish(builder, NULL);

    receiver->send(receiver->who->user, source->flow, source->hop, bytes, request);
}

static void refuse_flood(const StoxReceiver *receiver, const StoxSipSource *source,
                         StoxSipMessage *request)
{
    g_auto(StoxSipResult) result = {0};

    stox_sip_result_init(&result, 503, STOX_DIAG_OVERLOAD);
    result.retry_after_s = FLOOD_RETRY_S;
    answer(receiver, source, request, &result);
}

/* A request that cannot be trusted to make a transaction (RFC 3261 s8.2.7). */
static void refuse_defect(const StoxReceiver *receiver, const StoxSipSource *source,
                          StoxSipMessage *request, unsigned status)
{
    unsigned diagnostic = status == 416   ? STOX_DIAG_ADDRESS_UNMAPPABLE
                          : status == 501 ? STOX_DIAG_METHOD_UNSUPPORTED
                          : status == 513 ? STOX_DIAG_TOO_LARGE
                                          : STOX_DIAG_MALFORMED;
    g_auto(StoxSipResult) result = {0};

    stox_sip_result_init(&result, status, diagnostic);
    answer(receiver, source, request, &result);
}

/* ---- By method ---- */

static void take_options(const Arrival *arrival)
{
    const StoxAnswerer *who = arrival->receiver->who;
    StoxSipBuilder *builder = stox_answer_new(who, arrival->incoming.message, 200, NULL, NULL);

    /* */
    stox_sip_builder_add(builder, "Allow", STOX_SIP_ALLOW);
    stox_sip_builder_add(builder, "Accept", STOX_SIP_ACCEPT);
    stox_sip_builder_add(builder, "Supported", "timer, gruu");
    stox_sip_builder_add(builder, "Allow-Events", "presence");
    who->ops->respond(who->user, arrival->incoming.request, builder);
}

static void take_page_message(const Arrival *arrival)
{
    const StoxSipIncoming *incoming = &arrival->incoming;
    const StoxAnswerer *who = arrival->receiver->who;

    who->ops->event(who->user,
                    stox_sip_message_event(incoming->message, incoming->request, incoming->hop));
}

/* Requests of an INVITE dialog, and the INVITE itself. */
static bool take_session(const Arrival *arrival)
{
    return stox_sessions_receive(arrival->receiver->sessions, &arrival->incoming, arrival->now);
}

static bool take_subscribe(const Arrival *arrival)
{
    return stox_notifiers_receive(arrival->receiver->notifiers, &arrival->incoming, arrival->now);
}

static bool take_in_dialog(const Arrival *arrival)
{
    switch (stox_sip_view(arrival->incoming.message)->method) {
    case STOX_SIP_SUBSCRIBE:
        /* A SUBSCRIBE may also (wrongly) come inside a session: that machine refuses it (P-175). */
        return take_subscribe(arrival) || take_session(arrival);
    case STOX_SIP_NOTIFY:
    case STOX_SIP_BENOTIFY:
        return stox_subscribers_receive(arrival->receiver->subscribers, &arrival->incoming,
                                        arrival->now);
    default:
        return take_session(arrival);
    }
}

static bool take_out_of_dialog(const Arrival *arrival)
{
    switch (stox_sip_view(arrival->incoming.message)->method) {
    case STOX_SIP_INVITE:
        return take_session(arrival);
    case STOX_SIP_MESSAGE:
        take_page_message(arrival);
        return true;
    case STOX_SIP_SUBSCRIBE:
        return take_subscribe(arrival);
    case STOX_SIP_OPTIONS:
        take_options(arrival);
        return true;
    default:
        return false;
    }
}

/* 0: a method we take. Else 405 for one we know, 501 for one nobody has told us of (RFC 3261 s8.2.1, s21.5.2; RFC 4475 s3.1.1.2). */
static unsigned refused_method(StoxSipMethod method)
{
    switch (method) {
    case STOX_SIP_UNKNOWN_METHOD:
        return 501;
    case STOX_SIP_NEGOTIATE:
    case STOX_SIP_SERVICE:
    case STOX_SIP_REGISTER:
    case STOX_SIP_PUBLISH:
    case STOX_SIP_REFER:
    case STOX_SIP_PRACK:
        return 405;
    default:
        return 0;
    }
}

/* Checks common to all requests that carry something; false: already refused. */
static bool acceptable(const Arrival *arrival)
{
    const StoxAnswerer *who = arrival->receiver->who;
    const StoxSipIncoming *incoming = &arrival->incoming;
    const StoxSipView *view = stox_sip_view(incoming->message);

    if (!stox_answer_acceptable(who, incoming))
        return false;
    if (view->body && view->content_encoding &&
        g_ascii_strcasecmp(view->content_encoding, "identity") != 0) {
        stox_answer_refuse(who, incoming, 415, STOX_DIAG_CONTENT_UNSUPPORTED, "Accept-Encoding",
                           "identity");
        return false;
    }
    return true;
}

static void dispatch(const Arrival *arrival)
{
    const StoxAnswerer *who = arrival->receiver->who;
    const StoxSipIncoming *incoming = &arrival->incoming;
    const StoxSipView *view = stox_sip_view(incoming->message);
    unsigned status = refused_method(view->method);

    if (status) {
        /* NEGOTIATE asks for compression; the refusal leaves the connection usable (lync.md 4.2). */
        stox_answer_refuse(who, incoming, status,
                           view->method == STOX_SIP_NEGOTIATE ? STOX_DIAG_COMPRESSION_UNSUPPORTED
                                                              : STOX_DIAG_METHOD_UNSUPPORTED,
                           NULL, NULL);
        return;
    }
    if (incoming->request && !acceptable(arrival))
        return;
    if (!(view->to_tag ? take_in_dialog(arrival) : take_out_of_dialog(arrival)))
        stox_answer_refuse(who, incoming, 481, STOX_DIAG_NO_SUCH_DIALOG, NULL, NULL);
}

/* ---- From the transport ---- */

/* False: over the limit, and dealt with. */
static bool within_limit(const StoxReceiver *receiver, const StoxSipSource *source,
                         StoxSipMessage *request, bool sound, StoxTime now)
{
    const StoxSipView *view = stox_sip_view(request);
    bool inside = sound && (view->to_tag || view->method == STOX_SIP_CANCEL);

    switch (stox_rates_take(receiver->rates, source->hop->name, source->peer,
                            inside ? STOX_RATE_DIALOG : STOX_RATE_NEW, source->max_per_second,
                            now)) {
    case STOX_RATE_PASS:
        return true;
    case STOX_RATE_REFUSE:
        /* What we work on already is not refused behind its sender's back. */
        if (sound && stox_transactions_has(receiver->transactions, request, source->hop))
            return true;
        refuse_flood(receiver, source, request);
        return false;
    case STOX_RATE_IGNORE:
        return false;
    }
    return false;
}

static void receive_request(const StoxReceiver *receiver, StoxSipMessage *request,
                            const StoxSipSource *source, StoxTime now)
{
    Arrival arrival = {
        .receiver = receiver,
        .incoming = {.message = request, .flow = source->flow, .hop = source->hop},
        .now = now,
    };
    StoxSipMethod method = stox_sip_view(request)->method;
    bool answered = method != STOX_SIP_ACK && method != STOX_SIP_BENOTIFY;
    unsigned defect = stox_sip_defect(request, NULL);

    if (answered && !within_limit(receiver, source, request, !defect, now))
        return;
    if (defect) {
        if (answered)
            refuse_defect(receiver, source, request, defect);
        return;
    }
    switch (stox_transactions_receive_request(receiver->transactions, request, source->flow,
                                              source->hop, source->reliable, now,
                                              &arrival.incoming.request)) {
    case STOX_REQUEST_NEW:
        dispatch(&arrival);
        break;
    case STOX_REQUEST_ACK:
        arrival.incoming.request = 0;
        stox_transactions_acked(receiver->transactions, request);
        take_session(&arrival);
        break;
    case STOX_REQUEST_DONE:
        break;
    }
}

void stox_receive(const StoxReceiver *receiver, StoxSipMessage *message,
                  const StoxSipSource *source, StoxTime now)
{
    if (stox_sip_view(message)->request)
        receive_request(receiver, message, source, now);
    else if (stox_sip_view(message)->n_via == 1)
        /* One with further Via is somebody else's (RFC 3261 s8.1.3.3, RFC 4475 s3.3.10). */
        stox_transactions_receive_response(receiver->transactions, message, source->flow, now);
}
