/* SPDX-License-Identifier: MIT */
/*
 * What server transactions say, and when: RFC 3261 s17.2 over streams and UDP, RFC 6026 s7.1, RFC 4320. Timers I and J are the memory's: an answered
 * request is no transaction any more.
 */
#include "sip/transaction-private.h"
#include "translation/error.h"

void stox_server_tx_arm(StoxTransactions *transactions, StoxServerTx *server, int64_t at)
{
    stox_timers_set(transactions->timers, &server->tx.timer, at);
}

void stox_server_tx_send_last(StoxTransactions *transactions, const StoxServerTx *server)
{
    transactions->ops.send_response(transactions->user, server->flow, server->hop, server->last,
                                    server->request);
}

static void keep_last(StoxServerTx *server, GBytes *bytes)
{
    g_clear_pointer(&server->last, g_bytes_unref);
    server->last = bytes;
}

/* ---- The end ---- */

/* Over a stream a client repeats itself only when its connection broke. These answers say nothing beside their status. */
static bool status_says_all(const StoxServerTx *server, unsigned status)
{
    if (!server->reliable || status < 200 || status >= 300 || !server->request)
        return false;
    switch (stox_sip_view(server->request)->method) {
    case STOX_SIP_MESSAGE:
    case STOX_SIP_NOTIFY:
    case STOX_SIP_INFO:
    case STOX_SIP_BYE:
        return true;
    default:
        return false;
    }
}

void stox_server_tx_retire(StoxTransactions *transactions, StoxServerTx *server, unsigned status,
                           StoxTime now)
{
    bool bytes = status && !server->invite && !status_says_all(server, status);
    /* 503 asks for another try by another way (RFC 3263 s4.3). */
    StoxAnswered answered = {.key = server->key_hash,
                             .call = status == 503 ? 0 : server->call_hash,
                             .status = status,
                             .invite = server->invite,
                             .last = bytes ? server->last : NULL};

    stox_tx_memory_add(transactions->memory, &answered, now.mono_ms + STOX_SIP_REMEMBER);
    if (!transactions->memory_tx.timer.slot)
        stox_timers_set(transactions->timers, &transactions->memory_tx.timer,
                        stox_tx_memory_next(transactions->memory));
    stox_server_tx_forget(transactions, server);
}

/* ---- Responses ---- */

static void send_trying(StoxTransactions *transactions, StoxServerTx *server)
{
    g_autoptr(StoxSipBuilder) builder = stox_sip_builder_response(server->request, 100, NULL, NULL);

    server->trying = true;
    keep_last(server, stox_sip_builder_finish(builder, NULL));
    stox_server_tx_send_last(transactions, server);
}

/* An INVITE has its final response; its ACK is waited for. */
static void await_ack(StoxTransactions *transactions, StoxServerTx *server, unsigned status,
                      StoxTime now)
{
    /*
     * A 2xx is repeated until the ACK comes, on every transport: hops further on may be unreliable (RFC 3261 s13.3.1.4). A non-2xx goes only as far
     * as the next hop (Timer G).
     */
    bool again = status < 300 || !server->reliable;

    server->status = status;
    server->state = status < 300 ? STOX_SERVER_ACCEPTED : STOX_SERVER_COMPLETED;
    server->give_up_ms = now.mono_ms + STOX_SIP_64T1;
    server->interval_ms = STOX_SIP_T1;
    stox_server_tx_arm(transactions, server,
                       again ? now.mono_ms + STOX_SIP_T1 : server->give_up_ms);
}

static void respond(StoxTransactions *transactions, StoxServerTx *server,
                    const StoxSipBuilder *builder, StoxTime now)
{
    unsigned status = stox_sip_builder_status(builder);

    keep_last(server, stox_sip_builder_finish(builder, NULL));
    if (status < 200) {
        server->trying = true;
        stox_server_tx_arm(transactions, server, server->give_up_ms);
    } else if (server->invite) {
        server->to_tag = g_strdup(stox_sip_builder_to_tag(builder));
        await_ack(transactions, server, status, now);
    }
    stox_server_tx_send_last(transactions, server);
    if (status >= 200 && !server->invite)
        stox_server_tx_retire(transactions, server, status, now);
}

void stox_transactions_respond(StoxTransactions *transactions, uint64_t request,
                               StoxSipBuilder *response, StoxTime now)
{
    g_autoptr(StoxSipBuilder) builder = response;
    StoxServerTx *server = g_hash_table_lookup(transactions->servers, &request);
    unsigned status = stox_sip_builder_status(builder);

    if (!server || server->state != STOX_SERVER_OPEN)
        return;
    /* no provisional but 100, and that not before its time over UDP; never 408: its client's own timer says it (RFC 4320 s4.1, s4.2). */
    if (!server->invite && status < 200 && (status > 100 || !server->reliable))
        return;
    if (!server->invite && status == 408) {
        stox_server_tx_retire(transactions, server, 0, now);
        return;
    }
    respond(transactions, server, builder, now);
}

void stox_transactions_acked(StoxTransactions *transactions, const StoxSipMessage *ack)
{
    g_autofree char *call_key = stox_server_tx_call_key(stox_sip_view(ack), "INVITE");
    StoxServerTx *server = g_hash_table_lookup(transactions->servers_by_call, call_key);

    if (!server || server->state != STOX_SERVER_ACCEPTED ||
        g_strcmp0(stox_sip_view(ack)->to_tag, server->to_tag) != 0)
        return;
    server->state = STOX_SERVER_CONFIRMED;
    g_clear_pointer(&server->last, g_bytes_unref);
    g_clear_pointer(&server->request, stox_sip_message_unref);
    stox_server_tx_arm(transactions, server, server->give_up_ms);
}

StoxSipMessage *stox_transactions_message(StoxTransactions *transactions, uint64_t request)
{
    StoxServerTx *server = g_hash_table_lookup(transactions->servers, &request);

    return server && server->state == STOX_SERVER_OPEN ? server->request : NULL;
}

/* ---- Time ---- */

/* Nobody has answered this INVITE, and proxies on its way have given it up (RFC 3261 s13.3.1.1, s16.8): so do we, and say so to both sides. */
static void give_up_invite(StoxTransactions *transactions, StoxServerTx *server, StoxTime now)
{
    uint64_t id = server->tx.id;
    g_autofree char *tag = transactions->ops.token(transactions->user);
    g_autoptr(StoxSipBuilder) builder = stox_sip_builder_response(server->request, 408, NULL, tag);
    g_auto(StoxSipResult) result = {0};

    stox_sip_result_init(&result, 408, STOX_DIAG_INTERNAL);
    stox_sip_builder_result(builder, &result, transactions->fqdn);
    respond(transactions, server, builder, now);
    transactions->ops.cancelled(transactions->user, id);
}

static void open_due(StoxTransactions *transactions, StoxServerTx *server, StoxTime now)
{
    if (now.mono_ms < server->give_up_ms) {
        stox_server_tx_arm(transactions, server, server->give_up_ms);
        if (!server->trying)
            send_trying(transactions, server);
    } else if (server->invite) {
        give_up_invite(transactions, server, now);
    } else {
        /* Its client has given up; an answer now could only confuse (RFC 4320 s4.2). */
        stox_server_tx_retire(transactions, server, 0, now);
    }
}

static void repeat_last(StoxTransactions *transactions, StoxServerTx *server, StoxTime now)
{
    server->interval_ms = MIN(server->interval_ms * 2, STOX_SIP_T2);
    stox_server_tx_arm(transactions, server,
                       MIN(now.mono_ms + server->interval_ms, server->give_up_ms));
    stox_server_tx_send_last(transactions, server);
}

void stox_server_tx_due(StoxTransactions *transactions, StoxServerTx *server, StoxTime now)
{
    uint64_t id = server->tx.id;
    bool accepted = server->state == STOX_SERVER_ACCEPTED;

    if (server->state == STOX_SERVER_OPEN) {
        open_due(transactions, server, now);
    } else if (server->state == STOX_SERVER_CONFIRMED) {
        stox_server_tx_retire(transactions, server, server->status, now);
    } else if (now.mono_ms < server->give_up_ms) {
        repeat_last(transactions, server, now);
    } else {
        stox_server_tx_retire(transactions, server, server->status, now);
        transactions->ops.no_ack(transactions->user, id, accepted);
    }
}
