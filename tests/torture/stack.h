/* SPDX-License-Identifier: MIT */
/* The whole SIP side without its sockets: messages go in at stox_receive(), answers and events are kept. Nobody decides on INVITE, SUBSCRIBE and MESSAGE. */
#pragma once

#include "sip/receive.h"

typedef struct {
    unsigned status;
    char *text;
    StoxSipMessage *message; /* read back; NULL: the request lacked what would make it readable */
} StackAnswer;

typedef struct {
    StoxTransactions *transactions;
    StoxSessions *sessions;
    StoxSubscribers *subscribers;
    StoxNotifiers *notifiers;
    StoxRates *rates;
    StoxSipOps ops;
    StoxAnswerer who;
    StoxReceiver receiver;
    StoxTime now;
    GPtrArray *answers;                /* StackAnswer*, in order; 100 left out */
    GPtrArray *events;                 /* StoxEvent* */
    StoxSipMessage *request;           /* the last one of ours; NULL: none */
    size_t bytes;                      /* of all answers */
    uint64_t names, tokens, responses; /* responses: to requests of ours */
    StoxRateReport report;             /* the last one; hop and peer NULL */
    unsigned reports;
} Stack;

typedef struct {
    size_t max_transactions, max_sessions, max_watchers;
} StackLimits;

extern const StoxSipHop stack_tls_hop, stack_udp_hop;

/* `limits` NULL: those of the daemon. */
Stack *stack_new(const StackLimits *limits);
void stack_free(Stack *stack);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Stack, stack_free)

/* Gives it a message over TLS (`reliable`) or UDP, from "192.0.2.9", no limit of requests. */
void stack_receive(Stack *stack, StoxSipMessage *message, bool reliable);
/* The same with a limit. */
void stack_receive_limited(Stack *stack, StoxSipMessage *message, unsigned per_second);
/* Status of the newest answer, 0: none; of answers with `status` how many there are. */
unsigned stack_last_status(const Stack *stack);
unsigned stack_count(const Stack *stack, unsigned status);
/* Forgets answers and events. */
void stack_forget(Stack *stack);
/* Moves the clock and lets everything run that is due. */
void stack_pass(Stack *stack, int64_t ms);
