/* SPDX-License-Identifier: MIT */
/*
 * Two whole SIP sides, transactions and machines, that talk to each other over a network of bad manners in virtual time. A test plays the two gateways: it
 * takes the events and acts. Everything follows from the seed.
 */
#pragma once

#include "sip/answer.h"
#include "sip/session.h"
#include "sip/subscription.h"
#include "sip/transaction.h"

typedef struct {
    const char *name;
    bool datagrams;       /* UDP: what is lost is sent again */
    bool in_order;        /* as over one connection */
    unsigned lost, twice; /* in a thousand */
    int max_delay_ms;
    const char *
        invite_line; /* a header that a proxy puts into first INVITEs; NULL: none. "%s" stands for uac or uas, at random */
    bool no_update;  /* the proxy takes UPDATE out of Allow */
} PairManners;

typedef struct Pair Pair;

/* One side. */
typedef struct {
    Pair *pair;
    StoxSipHop hop;
    StoxSipOps ops;
    StoxAnswerer who;
    StoxTransactions *transactions;
    StoxSessions *sessions;
    StoxSubscribers *subscribers;
    StoxNotifiers *notifiers;
    uint64_t names;      /* odd: given by the machines */
    int64_t last_due_ms; /* of what is on its way to it */
    GQueue events;       /* StoxEvent* that the gateway has not seen */
} PairEnd;

struct Pair {
    PairManners manners;
    GRand *random;
    StoxTime now;
    PairEnd ends[2];
    GPtrArray *packets;
    uint64_t tokens;
    void (*event)(void *user, PairEnd *end, const StoxEvent *event);
    void *user;
};

Pair *pair_new(const PairManners *manners, uint32_t seed,
               void (*event)(void *user, PairEnd *end, const StoxEvent *event), void *user);
void pair_free(Pair *pair);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Pair, pair_free)

/* Time passes; what is due happens. */
void pair_run(Pair *pair, int64_t ms);
/* Nothing is known, under way or waited for any more. */
void pair_assert_empty(const Pair *pair);
/* 0 to n - 1. */
unsigned pair_random(Pair *pair, unsigned n);
/* Answers a MESSAGE or NOTIFY, which no machine keeps. */
void pair_respond(PairEnd *end, uint64_t request, unsigned status);
