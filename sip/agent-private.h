/* SPDX-License-Identifier: MIT */
/* What agent.c (ownership, actions), agent-incoming.c (requests from the wire) and agent-route.c (where bytes go) owe each other. */
#pragma once

#include "sip/agent.h"
#include "sip/endpoint.h"
#include "sip/resolve.h"
#include "sip/transport.h"
#include "translation/error.h"

typedef struct StoxRouting StoxRouting;       /* agent-routing.h */
typedef struct StoxHopServers StoxHopServers; /* agent-routing.h */

typedef struct {
    StoxSipHop sip;
    const StoxHopSettings *settings;
    StoxHopServers *servers;
} StoxAgentHop;

struct StoxAgent {
    const StoxSettings *settings;
    StoxAgentEventFunc func;
    void *user;
    StoxTls *tls;
    StoxTransport *transport;
    StoxResolver *resolver;
    StoxEndpoint *endpoint;
    GPtrArray *hops; /* StoxAgentHop* */
    StoxRouting *routing;
    GSource *timer;
    GPtrArray *later; /* GSource* of stox_agent_later() */
};

StoxTime stox_agent_now(void);
void stox_agent_rearm(StoxAgent *agent);
/* agent-hop.c */
void stox_agent_add_hop(StoxAgent *agent, const StoxHopSettings *settings);
void stox_agent_hop_free(gpointer hop);
const StoxAgentHop *stox_agent_hop(const StoxAgent *agent, const StoxHopSettings *settings);
const StoxAgentHop *stox_agent_hop_by_name(const StoxAgent *agent, const char *name);
/* At least 64 random bits as hex; caller frees. */
char *stox_agent_token(void *agent);

/* Calls func(data) once from the loop and frees data; not any more after the agent is gone. */
void stox_agent_later(StoxAgent *agent, GSourceFunc func, void *data);

/* agent-incoming.c */
void stox_agent_rate_cb(void *agent, const StoxRateReport *report);
void stox_agent_message_cb(void *agent, uint64_t flow, const StoxHopSettings *hop, bool reliable,
                           StoxSipMessage *message);

/* agent-send.c, agent-route.c */
StoxRouting *stox_routing_new(void);
void stox_routing_free(StoxRouting *routing);
/* No connection is opened any more. */
void stox_routing_stop(StoxRouting *routing);
void stox_agent_send_request(void *agent, uint64_t transaction, GBytes *bytes,
                             const StoxSipTarget *target);
void stox_agent_send_response(void *agent, uint64_t flow, const StoxSipHop *hop, GBytes *bytes,
                              const StoxSipMessage *request);
void stox_agent_resolved_cb(void *agent, uint64_t id, GPtrArray *results, const GError *error);
void stox_agent_connected_cb(void *agent, uint64_t flow);
void stox_agent_closed_cb(void *agent, uint64_t flow, const char *why);
void stox_agent_unsent_cb(void *agent, uint64_t flow, uint64_t token, bool partial);
bool stox_agent_another_hop(void *agent, uint64_t transaction, const StoxSipTarget *target,
                            int64_t retry_after_s);
StoxSipFate stox_agent_tx_ended(void *agent, uint64_t transaction, const StoxSipMessage *response,
                                StoxSipFate fate, unsigned *ret_retry_after_s);
/* A message came on that flow: if it is of a server that is down, that one is asked soon. */
void stox_agent_heard(StoxAgent *agent, uint64_t flow, const StoxAgentHop *hop);
int64_t stox_agent_route_deadline(const StoxAgent *agent); /* monotonic ms; STOX_NEVER */
void stox_agent_route_tick(StoxAgent *agent, StoxTime now);

/* agent-server.c */
StoxHopServers *stox_servers_new(StoxAgent *agent, const StoxAgentHop *hop);
void stox_servers_free(StoxHopServers *servers);
