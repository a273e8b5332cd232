/* SPDX-License-Identifier: MIT */
/*
 * All SIP machines put together: actions in, events out, requests from the wire in, bytes for it out. No I/O, no clock: the agent is the shell around one, and
 * `stoxd translate` has one without any network. Never entered again from inside one of its calls.
 */
#pragma once

#include "sip/receive.h"

typedef struct StoxEndpoint StoxEndpoint;

typedef struct {
    /* As in StoxTransactionsOps. */
    void (*send_request)(void *user, uint64_t transaction, GBytes *bytes,
                         const StoxSipTarget *target);
    void (*send_response)(void *user, uint64_t flow, const StoxSipHop *hop, GBytes *bytes,
                          const StoxSipMessage *request);
    bool (*another_hop)(void *user, uint64_t transaction, const StoxSipTarget *target,
                        int64_t retry_after_s);
    /*
     * The end of a client transaction is about to be told: gives the fate to tell, and in *ret_retry_after_s (0 before) what a NOT_SENT should say about
     * another try, in seconds.
     */
    StoxSipFate (*ended)(void *user, uint64_t transaction, const StoxSipMessage *response,
                         StoxSipFate fate, unsigned *ret_retry_after_s);
    /* Tells the gateway; takes `event`. */
    void (*event)(void *user, StoxEvent *event);
    void (*rate)(void *user, const StoxRateReport *report);
    /* As in StoxSipOps. */
    char *(*token)(void *user);
} StoxEndpointOps;

typedef struct {
    const char *fqdn;        /* borrowed */
    const char *sdp_address; /* borrowed; as in StoxSessionsConfig */
    unsigned sdp_port;
} StoxEndpointConfig;

/* `ops` is copied. */
StoxEndpoint *stox_endpoint_new(const StoxEndpointConfig *config, const StoxEndpointOps *ops,
                                void *user);
void stox_endpoint_free(StoxEndpoint *endpoint);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoxEndpoint, stox_endpoint_free)

/* One of the gateway's SIP actions (borrowed). `hop` is that of action->hop; NULL where it names none, or one that does not exist: then the failing event comes. */
void stox_endpoint_do(StoxEndpoint *endpoint, const StoxAction *action, const StoxSipHop *hop,
                      StoxTime now);
/* A message from the wire. */
void stox_endpoint_receive(StoxEndpoint *endpoint, StoxSipMessage *message,
                           const StoxSipSource *source, StoxTime now);
/* A request of the shell's own (OPTIONS), whose end only `ended` hears of; takes `request`. */
void stox_endpoint_ask(StoxEndpoint *endpoint, StoxSipBuilder *request, const StoxSipTarget *target,
                       StoxTime now);
/* As stox_transactions_send_failed(). */
void stox_endpoint_send_failed(StoxEndpoint *endpoint, uint64_t transaction, StoxSipFate fate,
                               StoxTime now);
/* Where a subscription's server may have forgotten it: as in sip/subscription.h. */
StoxSubscribers *stox_endpoint_subscribers(StoxEndpoint *endpoint);

int64_t stox_endpoint_deadline(const StoxEndpoint *endpoint); /* monotonic ms; STOX_NEVER */
void stox_endpoint_tick(StoxEndpoint *endpoint, StoxTime now);

typedef struct {
    size_t transactions, sessions, subscribers, notifiers;
} StoxEndpointStats;
void stox_endpoint_stats(const StoxEndpoint *endpoint, StoxEndpointStats *ret_stats);
