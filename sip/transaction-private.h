/* SPDX-License-Identifier: MIT */
/* What the parts of the transaction layer owe each other: tables and time, client, server, what the server remembers. */
#pragma once

#include "sip/timers.h"
#include "sip/transaction.h"
#include "sip/transaction-memory.h"

/* RFC 3261 s17, RFC 4320 s4.1, in ms. */
enum {
    STOX_SIP_T1 = 500,
    STOX_SIP_T2 = 4000,
    STOX_SIP_T4 = 5000,
    STOX_SIP_64T1 = 64 * STOX_SIP_T1, /* Timers B, D, F, H, L, M */
    /* Timers I and J, longer than they must be: the last copy before Timer F may be T4 under way. */
    STOX_SIP_REMEMBER = STOX_SIP_64T1 + STOX_SIP_T4,
    STOX_SIP_TIMER_C = 180000,
    STOX_SIP_TRYING_INVITE = 200,
    STOX_SIP_TRYING_OTHER = 3500
};

/* RFC 3261 s18.1.1 (M-38): a request that is longer goes over a stream. Bytes. */
enum { STOX_SIP_DATAGRAM_MAX = 1300 };

/* Of kept answers. */
enum { STOX_SIP_ANSWERS_MAX = 32 << 20 };

/* Every branch of ours starts so, then comes the instance's random token. */
#define STOX_SIP_BRANCH "z9hG4bKstox"

/* Head of whatever has a timer. */
typedef struct {
    StoxTimer timer; /* first: the timer is the transaction */
    enum { STOX_TX_CLIENT, STOX_TX_SERVER, STOX_TX_MEMORY } kind;
    uint64_t id;
} StoxTx;

struct StoxTransactions {
    StoxTransactionsOps ops;
    void *user;
    size_t max_server;
    char *fqdn;
    char *branch_prefix; /* STOX_SIP_BRANCH, the instance token and a dot */
    uint64_t hash_seed, tag_seed;
    uint64_t last_id;
    StoxTimers *timers;
    GHashTable *clients;         /* &id -> StoxClientTx, owned */
    GHashTable *servers;         /* &id -> StoxServerTx, owned */
    GHashTable *servers_by_key;  /* key (RFC 3261 s17.2.3) -> StoxServerTx */
    GHashTable *servers_by_call; /* call_key (s8.2.2.2, ACK of a 2xx) -> StoxServerTx */
    StoxTxMemory *memory;        /* requests that have their final answer */
    StoxTx memory_tx;            /* its timer */
};

typedef struct {
    StoxTx tx;
    enum {
        STOX_CLIENT_CALLING, /* also "Trying" */
        STOX_CLIENT_PROCEEDING,
        STOX_CLIENT_COMPLETED, /* INVITE over UDP: a non-2xx came; each repeat gets its ACK */
        STOX_CLIENT_ACCEPTED   /* INVITE: a 2xx came; others are reported (RFC 6026) */
    } state;
    bool invite;
    bool datagram;   /* goes over UDP: what may be lost is sent again */
    bool too_large;  /* goes over a stream because of its size */
    bool fails_over; /* out of a dialog, to a hop with alternatives */
    bool told;       /* the owner has had a provisional */
    bool reported;   /* the owner has had his 2xx, from an attempt before this one */
    bool cancel_wanted;
    bool cancelled;
    unsigned attempt;
    uint32_t route_hash; /* */
    StoxOwner owner;
    char *method;
    StoxSipTarget target; /* its uri is owned */
    StoxSipBuilder
        *request;     /* what further attempts, CANCEL and ACK are made of; NULL: there are none */
    GBytes *again;    /* what is sent again: the request, or its CANCEL; NULL: nothing */
    int64_t again_ms; /* when; STOX_NEVER */
    int64_t interval_ms; /* since the last time */
    int64_t begun_ms;    /* of the first attempt: there is one time-out in all */
    int64_t until_ms;
} StoxClientTx;

typedef struct {
    StoxTx tx;
    enum {
        STOX_SERVER_OPEN,      /* no final response */
        STOX_SERVER_COMPLETED, /* INVITE: non-2xx sent, waits for its ACK */
        STOX_SERVER_ACCEPTED,  /* INVITE: 2xx sent, waits for its ACK */
        STOX_SERVER_CONFIRMED  /* INVITE: the 2xx was ACKed; absorbs what is left (RFC 6026) */
    } state;
    bool invite;
    bool reliable;
    bool cancelled;
    bool trying;     /* a provisional has been sent */
    bool old;        /* matched by RFC 2543's rule */
    unsigned status; /* of the final response to an INVITE */
    char *key;
    char *call_key;
    uint64_t key_hash, call_hash; /* for the memory */
    char *to_tag;                 /* of our final response */
    StoxSipMessage *request;      /* INVITE: until the ACK, others: until the final response */
    uint64_t flow;
    const StoxSipHop *hop;
    GBytes *last; /* what a retransmitted request is answered with */
    int64_t interval_ms;
    int64_t give_up_ms;
} StoxServerTx;

void stox_client_tx_free(gpointer client);
void stox_server_tx_free(gpointer server);
void stox_client_tx_due(StoxTransactions *transactions, StoxClientTx *client, StoxTime now);
void stox_server_tx_due(StoxTransactions *transactions, StoxServerTx *server, StoxTime now);

/* What transaction-server.c (requests) and transaction-respond.c (responses, time) share. */
void stox_server_tx_arm(StoxTransactions *transactions, StoxServerTx *server, int64_t at);
void stox_server_tx_forget(StoxTransactions *transactions, StoxServerTx *server);
/* Forgets it, but remembers for STOX_SIP_REMEMBER that it was answered with `status` (0: not at all). */
void stox_server_tx_retire(StoxTransactions *transactions, StoxServerTx *server, unsigned status,
                           StoxTime now);
void stox_server_tx_send_last(StoxTransactions *transactions, const StoxServerTx *server);
/* Call-ID, CSeq number, `method` and From tag: the request by whatever way it came. Caller frees. */
char *stox_server_tx_call_key(const StoxSipView *view, const char *method);
