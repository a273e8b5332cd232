/* SPDX-License-Identifier: MIT */
/* One transaction layer under a written-down clock: both its sides are played by the test, and all it says is a line of text. */
#pragma once

#include "sip/transaction.h"

extern const StoxSipHop rig_hop;   /* TLS */
extern const StoxSipHop rig_other; /* TCP, another peer */
extern const StoxSipHop rig_udp;
extern const StoxSipHop rig_pool;     /* TCP, several next hops */
extern const StoxSipHop rig_udp_pool; /* UDP, several next hops */

typedef struct {
    StoxTransactions *transactions;
    GString *log; /* what came out since the last expect() */
    GBytes *request, *response;
    GPtrArray *requests; /* GBytes*, all that were sent */
    char *uri;           /* of the last target */
    bool stream;
    uint64_t flow; /* the last one used */
    StoxTime now;
    unsigned tokens;
    unsigned hops;          /* that another_hop can still give */
    int64_t retry_after_s;  /* of the last question */
    bool datagrams;         /* their requests come over UDP */
    unsigned their_flow;    /* of what they send */
    const char *their_call; /* Call-ID of what they send */
} Rig;

void rig_up(Rig *rig, gconstpointer data);
void rig_down(Rig *rig, gconstpointer data);

#define RIG_ADD(name, func) g_test_add("/sip/transaction/" name, Rig, NULL, rig_up, func, rig_down)

/* Everything that came out, in order; nothing else may have. */
#define expect(rig, text)                                                                          \
    do {                                                                                           \
        g_assert_cmpstr((rig)->log->str, ==, (text));                                              \
        g_string_truncate((rig)->log, 0);                                                          \
    } while (0)

/* Lets time pass deadline by deadline, as the loop does. */
void pass(Rig *rig, int64_t ms);
/* The same; each line of what came out begins with its time since the start of the call: "500:MESSAGE#1 ". */
void pass_timed(Rig *rig, int64_t ms);

StoxSipMessage *parsed(GBytes *bytes);

/* ---- We ask ---- */

StoxSipBuilder *request_of(const char *method);
/* A request of at least `n` bytes. */
StoxSipBuilder *long_request_of(const char *method, size_t n);
uint64_t ask(Rig *rig, const char *method); /* in a dialog, over rig_hop */
uint64_t ask_hop(Rig *rig, const StoxSipHop *hop, const char *method);
/* The far side answers `request` (the last one sent when NULL). */
void far_answers(Rig *rig, GBytes *request, unsigned status);
void far_answers_with(Rig *rig, GBytes *request, unsigned status, const char *name,
                      const char *value);

/* ---- They ask ---- */

typedef struct {
    const char *method, *uri, *via, *cseq, *to_tag, *more;
    const StoxSipHop *from;
} Ask;

#define V1 "SIP/2.0/TLS fe01.contoso.example:5061;branch=z9hG4bKone"
#define V2 "SIP/2.0/TLS fe01.contoso.example:5061;branch=z9hG4bKtwo"
#define V0 "SIP/2.0/tcp 127.0.0.1:45790"

StoxRequestVerdict they_ask(Rig *rig, Ask ask, uint64_t *ret_request);
#define they(rig, ret_request, ...) they_ask(rig, (Ask){__VA_ARGS__}, ret_request)

StoxSipBuilder *our_answer(Rig *rig, uint64_t request, unsigned status);
void we_answer(Rig *rig, uint64_t request, unsigned status);
