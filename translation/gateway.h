/* SPDX-License-Identifier: MIT */
/* The hub: event in, actions out, next deadline. Owns the tables of conversations, subscriptions and deliveries. No I/O, no clock. */
#pragma once

#include "translation/policy.h"
#include "translation/types.h"

typedef struct {
    const StoxPolicy *policy; /* borrowed; outlives the gateway */
    char id_prefix
        [24]; /* makes our stanza ids unguessable and unique over restarts; random, chosen by the caller */
    int64_t confirm_timeout_ms; /* wait for the proof of delivery: 3000 */
    int64_t session_idle_ms;    /* BYE after this silence: 600000 */
    int64_t session_open_ms;    /* an INVITE may ring this long: 180000 */
    int64_t notify_interval_ms; /* at least this between two NOTIFYs of one dialog: 1000 */
    int64_t
        subscription_expires_s; /* SUBSCRIBE toward a hop: 28800 (lync), capped to 3600 for simple */
    int64_t watcher_max_expires_s; /* longest we grant a watcher: 28800 */
    size_t max_queue;              /* messages waiting per conversation: 100 */
    size_t max_conversations;      /* live: 100000 */
    size_t max_subscriptions;      /* live, both kinds: 200000 */
    size_t max_spellings;          /* SIP users whose own spelling is remembered: 20000 */
    size_t max_message_bytes;      /* text toward SIP; larger is refused policy-violation: 65536 */
    size_t max_stanza_text;        /* text toward XMPP; larger is refused 513: 131072 */
} StoxGatewayConfig;

/* The defaults above; policy NULL and id_prefix empty. */
void stox_gateway_config_init(StoxGatewayConfig *config);

typedef struct StoxGateway StoxGateway;
StoxGateway *stox_gateway_new(const StoxGatewayConfig *config); /* copied */
void stox_gateway_free(StoxGateway *gateway);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoxGateway, stox_gateway_free)

/* Takes one event (borrowed) and appends StoxAction* to `actions` (a GPtrArray of StoxAction*, owned by it), in the order they must be done. */
void stox_gateway_handle(StoxGateway *gateway, const StoxEvent *event, StoxTime now,
                         GPtrArray *actions);
/* End of a loop turn: appends the pings that prove what was written in this turn (promise 2: one per domain and turn). */
void stox_gateway_flush(StoxGateway *gateway, StoxTime now, GPtrArray *actions);
/* Monotonic ms at which a STOX_EVENT_TICK is due; STOX_NEVER: none. */
int64_t stox_gateway_deadline(const StoxGateway *gateway);

typedef struct {
    size_t conversations, sessions, queued_messages, watching, watched, pending_confirmations;
} StoxGatewayStats;
void stox_gateway_stats(const StoxGateway *gateway, StoxGatewayStats *ret_stats);
