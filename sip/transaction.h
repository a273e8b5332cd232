/* SPDX-License-Identifier: MIT */
/* RFC 3261 s17 client and server transactions, with RFC 6026 and RFC 4320; timers are deadlines, no I/O. */
#pragma once

#include "sip/ops.h"

typedef struct StoxTransactions StoxTransactions;

typedef struct {
    /*
     * Bytes of a request for `target`. `transaction` names it for stox_transactions_send_failed(); 0: an ACK or a CANCEL, nobody waits. Called again with
     * the same bytes for a retransmission (over UDP), which must go where the first one went, or nowhere while that one still waits for its address.
     */
    void (*send_request)(void *user, uint64_t transaction, GBytes *bytes,
                         const StoxSipTarget *target);
    /* Bytes of a response for the connection the request came on; `request` (borrowed) tells where else to go when it is gone (RFC 3261 s18.2.2). */
    void (*send_response)(void *user, uint64_t flow, const StoxSipHop *hop, GBytes *bytes,
                          const StoxSipMessage *request);
    /* A provisional (other than 100) or final response, or `response` NULL and the fate. Called last; may start new transactions. For an INVITE every 2xx is reported (forks, retransmissions). */
    void (*response)(void *user, StoxOwner owner, uint64_t transaction, StoxSipMessage *response,
                     StoxSipFate fate, uint64_t flow);
    /*
     * The next hop answered 503, or could not be reached (RFC 3263 s4.3, R-32): true when there is another one that has not been tried for this
     * transaction. Its next send_request, with a new branch, then goes there. Asked only for hops with `alternatives`. `retry_after_s` is that of the 503;
     * -1: it had none, or nothing was sent. With target->stream and a hop over UDP it is TCP that could not be had.
     */
    bool (*another_hop)(void *user, uint64_t transaction, const StoxSipTarget *target,
                        int64_t retry_after_s);
    /* The client of a server transaction CANCELled its INVITE while unanswered: answer 487. Also when it was refused with 408 here; the answer is ignored then. */
    void (*cancelled)(void *user, uint64_t request);
    /* No ACK came for our final response to an INVITE within 64*T1: `accepted` when it was a 2xx. */
    void (*no_ack)(void *user, uint64_t request, bool accepted);
    char *(*token)(void *user);
} StoxTransactionsOps;

typedef struct {
    size_t
        max_server; /* open server transactions; over it new requests are answered 503 (100000) */
    size_t
        max_answered; /* answered requests of the last 37 s that are remembered, 48 bytes each; the oldest go first (65536) */
    const char *fqdn; /* copied: for Warning and diagnostics */
} StoxTransactionsConfig;

StoxTransactions *stox_transactions_new(const StoxTransactionsConfig *config,
                                        const StoxTransactionsOps *ops, void *user);
void stox_transactions_free(StoxTransactions *transactions);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoxTransactions, stox_transactions_free)

/*
 * Takes `request`; returns the id (even when sending fails at once: the failure is reported through send_failed later). A request of more than 1300 bytes for
 * a hop over UDP goes with target.stream (RFC 3261 s18.1.1), and never as a datagram.
 */
uint64_t stox_transactions_request(StoxTransactions *transactions, StoxSipBuilder *request,
                                   const StoxSipTarget *target, StoxOwner owner, StoxTime now);
void stox_transactions_cancel(StoxTransactions *transactions, uint64_t transaction, StoxTime now);
void stox_transactions_ack(StoxTransactions *transactions, StoxSipBuilder *ack,
                           const StoxSipTarget *target);
/*
 * The transport could not send, or the connection broke before an answer. NOT_SENT and NO_SUCH_DOMAIN promise that no byte of any copy has left: the request may
 * go to another hop; TRANSPORT: it may have arrived. The owner then hears the fate, or STOX_SIP_TOO_LARGE. Unknown ids are ignored.
 */
void stox_transactions_send_failed(StoxTransactions *transactions, uint64_t transaction,
                                   StoxSipFate fate, StoxTime now);

typedef enum {
    STOX_REQUEST_NEW, /* *ret_request names the server transaction; hand it on */
    STOX_REQUEST_ACK, /* an ACK that belongs to no transaction of ours with a non-2xx: hand it to the session (request 0); confirms a 2xx */
    STOX_REQUEST_DONE /* a retransmission, an ACK for a non-2xx, a CANCEL, a merged request or one too many: all answered here */
} StoxRequestVerdict;
/*
 * A repeated request is answered as it was, also for 37 s after its final answer, on any connection: over UDP with the same bytes, over a stream with the same
 * status when that says it all. The same request with another branch is 482 in that time (RFC 3261 s8.2.2.2), unless its answer was a 503.
 * An INVITE that nobody answers is refused with 408 after three minutes, and `cancelled` is called.
 * `reliable`: it came over a stream. BENOTIFY gets verdict NEW with *ret_request 0: it is never answered (lync.md 4.8).
 */
StoxRequestVerdict stox_transactions_receive_request(StoxTransactions *transactions,
                                                     StoxSipMessage *request, uint64_t flow,
                                                     const StoxSipHop *hop, bool reliable,
                                                     StoxTime now, uint64_t *ret_request);
/* A repeat of, or a CANCEL or ACK for, a request that is being worked on or was answered in the last 37 s. */
bool stox_transactions_has(const StoxTransactions *transactions, const StoxSipMessage *request,
                           const StoxSipHop *hop);
void stox_transactions_receive_response(StoxTransactions *transactions, StoxSipMessage *response,
                                        uint64_t flow, StoxTime now);

/* Takes `response`. A 2xx to INVITE is retransmitted until the ACK comes (RFC 6026, RFC 3261 s13.3.1.4); only the first final counts; unknown ids are ignored. */
void stox_transactions_respond(StoxTransactions *transactions, uint64_t request,
                               StoxSipBuilder *response, StoxTime now);
/* The ACK for our 2xx arrived: stops its retransmission. Found by Call-ID, CSeq and From tag of the ACK. */
void stox_transactions_acked(StoxTransactions *transactions, const StoxSipMessage *ack);
/* The message of a server transaction that has no final response yet; borrowed, NULL when gone. */
StoxSipMessage *stox_transactions_message(StoxTransactions *transactions, uint64_t request);

int64_t
stox_transactions_deadline(const StoxTransactions *transactions); /* monotonic ms; STOX_NEVER */
void stox_transactions_tick(StoxTransactions *transactions, StoxTime now);
size_t stox_transactions_count(const StoxTransactions *transactions);
