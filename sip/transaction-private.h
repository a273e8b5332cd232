/* SPDX-License-Identifier: MIT */
/* What transaction.c (tables, time), transaction-client.c and transaction-server.c owe each other. */
#pragma once

#include "sip/timers.h"
#include "sip/transaction.h"

/* RFC 3261 s17, RFC 4320 s4.1, in ms. */
enum {
    STOX_SIP_T1 = 500,
    STOX_SIP_T2 = 4000,
    STOX_SIP_64T1 = 64 * STOX_SIP_T1, /* Timers B, F, H, L, M */
    STOX_SIP_TIMER_C = 180000,
    STOX_SIP_TRYING_INVITE = 200,
    STOX_SIP_TRYING_OTHER = 3500
};

/* Every branch of ours starts so, then comes the instance's random token. */
#define STOX_SIP_BRANCH "z9hG4bKstox"

/* Head of both kinds. */
typedef struct {
    StoxTimer timer; /* first: the timer is the transaction */
    bool server;
    uint64_t id;
} StoxTx;

struct StoxTransactions {
    StoxTransactionsOps ops;
    void *user;
    size_t max_server;
    char *fqdn;
    char *branch_prefix; /* STOX_SIP_BRANCH and the instance token */
    uint64_t last_id;
    StoxTimers *timers;
    GHashTable *clients;         /* &id -> StoxClientTx, owned */
    GHashTable *servers;         /* &id -> StoxServerTx, owned */
    GHashTable *servers_by_key;  /* key (RFC 3261 s17.2.3) -> StoxServerTx */
    GHashTable *servers_by_call; /* call_key (s8.2.2.2, ACK of a 2xx) -> StoxServerTx */
};

typedef struct {
    StoxTx tx;
    enum { STOX_CLIENT_CALLING, STOX_CLIENT_PROCEEDING, STOX_CLIENT_ACCEPTED } state;
    bool cancel_wanted;
    bool cancelled;
    StoxOwner owner;
    char *method;
    StoxSipTarget target; /* its uri is owned, and kept for INVITE only */
    StoxSipBuilder
        *invite; /* what CANCEL and ACK are made of; NULL for other methods and after a 2xx */
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
    bool cancelled;
    bool trying; /* a provisional has been sent */
    bool old;    /* matched by RFC 2543's rule */
    char *key;
    char *call_key;
    char *to_tag; /* of our final response */
    StoxSipMessage *request;
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
