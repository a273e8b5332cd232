/* SPDX-License-Identifier: MIT */
/* What comes from the wire: responses to the transactions, requests to the machine whose job they are. Nothing stays unanswered. */
#include "sip/agent-private.h"
#include "sip/answer.h"
#include "sip/convert.h"

#include <string.h>

/* Checks common to all requests that carry something; false: already refused. */
static bool acceptable(StoxAgent *agent, const StoxSipIncoming *incoming)
{
    const StoxSipView *view = stox_sip_view(incoming->message);

    if (!stox_answer_acceptable(&agent->who, incoming))
        return false;
    if (view->body && view->content_encoding &&
        g_ascii_strcasecmp(view->content_encoding, "identity") != 0) {
        stox_answer_refuse(&agent->who, incoming, 415, STOX_DIAG_CONTENT_UNSUPPORTED,
                           "Accept-Encoding", "identity");
        return false;
    }
    return true;
}

/* ---- By method ---- */

static void take_options(StoxAgent *agent, const StoxSipIncoming *incoming)
{
    StoxSipBuilder *builder = stox_answer_new(&agent->who, incoming->message, 200, NULL, NULL);

    stox_sip_builder_add(builder, "Allow", STOX_SIP_ALLOW);
    stox_sip_builder_add(builder, "Accept", STOX_SIP_ACCEPT);
    stox_sip_builder_add(builder, "Supported", "timer, gruu");
    stox_sip_builder_add(builder, "Allow-Events", "presence");
    stox_transactions_respond(agent->transactions, incoming->request, builder, stox_agent_now());
}

static void take_page_message(StoxAgent *agent, const StoxSipIncoming *incoming)
{
    agent->func(stox_sip_message_event(incoming->message, incoming->request, incoming->hop),
                agent->user);
}

/* Requests of an INVITE dialog, and the INVITE itself. */
static bool take_session(StoxAgent *agent, const StoxSipIncoming *incoming)
{
    return stox_sessions_receive(agent->sessions, incoming, stox_agent_now());
}

static bool take_in_dialog(StoxAgent *agent, const StoxSipIncoming *incoming)
{
    switch (stox_sip_view(incoming->message)->method) {
    case STOX_SIP_SUBSCRIBE:
        /* A SUBSCRIBE may also (wrongly) come inside a session: that machine refuses it (P-175). */
        return stox_notifiers_receive(agent->notifiers, incoming, stox_agent_now()) ||
               take_session(agent, incoming);
    case STOX_SIP_NOTIFY:
    case STOX_SIP_BENOTIFY:
        return stox_subscribers_receive(agent->subscribers, incoming, stox_agent_now());
    default:
        return take_session(agent, incoming);
    }
}

static bool take_out_of_dialog(StoxAgent *agent, const StoxSipIncoming *incoming)
{
    switch (stox_sip_view(incoming->message)->method) {
    case STOX_SIP_INVITE:
        return take_session(agent, incoming);
    case STOX_SIP_MESSAGE:
        take_page_message(agent, incoming);
        return true;
    case STOX_SIP_SUBSCRIBE:
        return stox_notifiers_receive(agent->notifiers, incoming, stox_agent_now());
    case STOX_SIP_OPTIONS:
        take_options(agent, incoming);
        return true;
    default:
        return false;
    }
}

static bool method_known(StoxSipMethod method)
{
    switch (method) {
    case STOX_SIP_UNKNOWN_METHOD:
    case STOX_SIP_NEGOTIATE:
    case STOX_SIP_SERVICE:
    case STOX_SIP_REGISTER:
    case STOX_SIP_PUBLISH:
    case STOX_SIP_REFER:
    case STOX_SIP_PRACK:
        return false;
    default:
        return true;
    }
}

static void dispatch(StoxAgent *agent, const StoxSipIncoming *incoming)
{
    const StoxSipView *view = stox_sip_view(incoming->message);
    bool taken;

    if (!method_known(view->method)) {
        /* NEGOTIATE asks for compression; the refusal leaves the connection usable (lync.md 4.2). */
        stox_answer_refuse(&agent->who, incoming, 405,
                           view->method == STOX_SIP_NEGOTIATE ? STOX_DIAG_COMPRESSION_UNSUPPORTED
                                                              : STOX_DIAG_METHOD_UNSUPPORTED,
                           NULL, NULL);
        return;
    }
    if (incoming->request && !acceptable(agent, incoming))
        return;
    taken = view->to_tag ? take_in_dialog(agent, incoming) : take_out_of_dialog(agent, incoming);
    if (taken)
        return;
    stox_answer_refuse(&agent->who, incoming, 481, STOX_DIAG_NO_SUCH_DIALOG, NULL, NULL);
}

/* ---- From the transport ---- */

/* A request that cannot be trusted to make a transaction is answered statelessly (RFC 3261 s8.2.7). */
static void answer_defect(StoxAgent *agent, uint64_t flow, const StoxSipHop *hop,
                          StoxSipMessage *message, unsigned status)
{
    unsigned diagnostic = status == 416 ? STOX_DIAG_ADDRESS_UNMAPPABLE : STOX_DIAG_MALFORMED;
    g_auto(StoxSipResult) result = {0};
    g_autoptr(StoxSipBuilder) builder = NULL;
    g_autoptr(GBytes) bytes = NULL;

    stox_sip_result_init(&result, status, diagnostic);
    builder = stox_answer_result(&agent->who, message, &result);
    bytes = stox_sip_builder_finish(builder, NULL);
    stox_agent_send_response(agent, flow, hop, bytes, message);
}

static void take_request(StoxAgent *agent, uint64_t flow, const StoxSipHop *hop, bool reliable,
                         StoxSipMessage *message)
{
    StoxSipIncoming incoming = {.message = message, .flow = flow, .hop = hop};
    const char *why = NULL;
    unsigned defect = stox_sip_defect(message, &why);

    if (defect) {
        g_info("[hop %s] %s refused with %u: %s", hop->name, stox_sip_view(message)->method_name,
               defect, why);
        if (stox_sip_view(message)->method != STOX_SIP_ACK)
            answer_defect(agent, flow, hop, message, defect);
        return;
    }
    switch (stox_transactions_receive_request(agent->transactions, message, flow, hop, reliable,
                                              stox_agent_now(), &incoming.request)) {
    case STOX_REQUEST_NEW:
        dispatch(agent, &incoming);
        break;
    case STOX_REQUEST_ACK:
        incoming.request = 0;
        stox_transactions_acked(agent->transactions, message);
        take_session(agent, &incoming);
        break;
    case STOX_REQUEST_DONE:
        break;
    }
}

void stox_agent_message_cb(void *user, uint64_t flow, const StoxHopSettings *settings,
                           bool reliable, StoxSipMessage *message)
{
    StoxAgent *agent = user;
    const StoxAgentHop *hop = stox_agent_hop(agent, settings);

    stox_agent_heard(agent, flow, hop);
    if (stox_sip_view(message)->request)
        take_request(agent, flow, &hop->sip, reliable, message);
    else
        stox_transactions_receive_response(agent->transactions, message, flow, stox_agent_now());
    stox_agent_rearm(agent);
}
