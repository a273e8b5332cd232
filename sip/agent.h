/* SPDX-License-Identifier: MIT */
/* Owns the SIP side: machines and shell. Gateway action -> request; SIP request or response -> event. */
#pragma once

#include "conf/settings.h"
#include "translation/types.h"

typedef struct StoxAgent StoxAgent;
/* Takes `event`. Only queues it: the agent must not be entered from inside. */
typedef void (*StoxAgentEventFunc)(StoxEvent *event, void *user);

/* Loads certificates and opens the listeners. `settings` is borrowed and outlives the agent. NULL: what, why, what to do. */
StoxAgent *stox_agent_new(const StoxSettings *settings, StoxAgentEventFunc func, void *user,
                          GError **error);
void stox_agent_free(StoxAgent *agent);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoxAgent, stox_agent_free)

/* Carries out one of the gateway's SIP actions (borrowed). */
void stox_agent_do(StoxAgent *agent, const StoxAction *action);
/* End of a loop turn: batched bytes leave. */
void stox_agent_flush(StoxAgent *agent);
/* stox_tls_reload(); true when nothing uses TLS. */
bool stox_agent_reload_tls(StoxAgent *agent, GError **error);
/* Stops listening, lets what is queued leave, then calls `done` (from the loop). */
void stox_agent_stop(StoxAgent *agent, void (*done)(void *user), void *user);

typedef struct {
    size_t connections, transactions, sessions, subscribers, notifiers;
} StoxAgentStats;
void stox_agent_stats(const StoxAgent *agent, StoxAgentStats *ret_stats);
