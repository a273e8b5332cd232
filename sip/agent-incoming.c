/* SPDX-License-Identifier: MIT */
/* Between the transport and the endpoint: hops, time, log. */
#include "sip/agent-private.h"
#include "sip/transport-find.h"

void stox_agent_rate_cb(void *user, const StoxRateReport *report)
{
    (void) user;
    if (!report->seconds)
        g_warning("[hop %s] %s sends more than %u requests a second: what is over is answered 503; "
                  "max-requests-per-second sets the limit",
                  report->hop, report->peer, report->limit);
    else
        g_warning("[hop %s] %s went on: %" G_GUINT64_FORMAT
                  " requests over the limit of %u a second were answered 503 and %" G_GUINT64_FORMAT
                  " not at all in %u s",
                  report->hop, report->peer, report->refused, report->limit, report->ignored,
                  report->seconds);
}

static void log_defect(const StoxSipMessage *message, const StoxSipHop *hop)
{
    const char *why = NULL;
    unsigned defect = stox_sip_defect(message, &why);

    if (defect)
        g_info("[hop %s] %s refused with %u: %s", hop->name, stox_sip_view(message)->method_name,
               defect, why);
}

void stox_agent_message_cb(void *user, uint64_t flow, const StoxHopSettings *settings,
                           bool reliable, StoxSipMessage *message)
{
    StoxAgent *agent = user;
    const StoxAgentHop *hop = stox_agent_hop(agent, settings);
    g_autofree char *peer = stox_transport_peer(agent->transport, flow);
    StoxSipSource source = {
        .hop = &hop->sip,
        .flow = flow,
        .reliable = reliable,
        .peer = peer,
        .max_per_second = settings->max_requests_per_second,
    };

    stox_agent_heard(agent, flow, hop);
    log_defect(message, &hop->sip);
    stox_endpoint_receive(agent->endpoint, message, &source, stox_agent_now());
    stox_agent_rearm(agent);
}
