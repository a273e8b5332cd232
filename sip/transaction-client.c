/* SPDX-License-Identifier: MIT */
/* Client transactions over reliable transports: RFC 3261 s17.1 without Timers A and E, D and K of zero, RFC 6026 s7.2. */
#include "sip/transaction-private.h"

#include <string.h>

void stox_client_tx_free(gpointer data)
{
    StoxClientTx *client = data;

    g_free(client->method);
    g_free((char *) client->target.uri);
    stox_sip_builder_free(client->invite);
    g_free(client);
}

static void arm(StoxTransactions *transactions, StoxClientTx *client, int64_t at)
{
    stox_timers_set(transactions->timers, &client->tx.timer, at);
}

static void forget(StoxTransactions *transactions, StoxClientTx *client)
{
    arm(transactions, client, STOX_NEVER);
    g_hash_table_remove(transactions->clients, &client->tx.id);
}

/*
 * The Via names the transaction. R-06 would have a second part, a hash over Request-URI and Route, to tell spirals from loops: to us they are
 * one, since no request may come back through a hop it was sent to (our domains are not the hop's to assert).
 */
static char *via_of(const StoxTransactions *transactions, const StoxSipHop *hop, uint64_t id)
{
    return g_strdup_printf("SIP/2.0/%s %s;branch=%s%" G_GINT64_MODIFIER "x",
                           hop->transport == STOX_TRANSPORT_TLS ? "TLS" : "TCP", hop->sent_by,
                           transactions->branch_prefix, id);
}

/* The fate of a transaction that ends here. Frees it, and calls the owner last. */
static void end(StoxTransactions *transactions, StoxClientTx *client, StoxSipMessage *response,
                StoxSipFate fate, uint64_t flow)
{
    StoxOwner owner = client->owner;
    uint64_t id = client->tx.id;

    forget(transactions, client);
    transactions->ops.response(transactions->user, owner, id, response, fate, flow);
}

/* CANCEL and the ACK of a non-2xx: the Via, and so the branch, of the INVITE (RFC 3261 s9.1, s17.1.1.3). */
static void send_derived(StoxTransactions *transactions, const StoxClientTx *client,
                         const char *method, const StoxSipMessage *response)
{
    g_autofree char *via = via_of(transactions, client->target.hop, client->tx.id);
    g_autoptr(StoxSipBuilder) builder = stox_sip_builder_derive(client->invite, method, response);
    g_autoptr(GBytes) bytes = stox_sip_builder_finish(builder, via);

    transactions->ops.send_request(transactions->user, 0, bytes, &client->target);
}

static void send_cancel(StoxTransactions *transactions, StoxClientTx *client, StoxTime now)
{
    client->cancelled = true;
    /* RFC 3261 s9.1: without an answer in this time the INVITE counts as cancelled. */
    arm(transactions, client, now.mono_ms + STOX_SIP_64T1);
    send_derived(transactions, client, "CANCEL", NULL);
}

uint64_t stox_transactions_request(StoxTransactions *transactions, StoxSipBuilder *request,
                                   const StoxSipTarget *target, StoxOwner owner, StoxTime now)
{
    StoxClientTx *client = g_new0(StoxClientTx, 1);
    uint64_t id = client->tx.id = ++transactions->last_id;
    g_autofree char *via = via_of(transactions, target->hop, id);
    g_autoptr(GBytes) bytes = stox_sip_builder_finish(request, via);

    client->owner = owner;
    client->method = g_strdup(stox_sip_builder_method(request));
    client->target = *target;
    client->target.uri = NULL;
    if (strcmp(client->method, "INVITE") == 0) {
        client->invite = request;
        client->target.uri = g_strdup(target->uri);
    } else {
        stox_sip_builder_free(request);
    }
    g_hash_table_insert(transactions->clients, &client->tx.id, client);
    arm(transactions, client, now.mono_ms + STOX_SIP_64T1);
    transactions->ops.send_request(transactions->user, id, bytes, target);
    return id;
}

void stox_transactions_cancel(StoxTransactions *transactions, uint64_t transaction, StoxTime now)
{
    StoxClientTx *client = g_hash_table_lookup(transactions->clients, &transaction);

    if (!client || !client->invite || client->cancelled)
        return;
    if (client->state == STOX_CLIENT_PROCEEDING)
        send_cancel(transactions, client, now);
    else
        client->cancel_wanted = true;
}

void stox_transactions_ack(StoxTransactions *transactions, StoxSipBuilder *ack,
                           const StoxSipTarget *target)
{
    /* The ACK of a 2xx is a transaction of its own, with a branch of its own (RFC 3261 s17). */
    g_autofree char *via = via_of(transactions, target->hop, ++transactions->last_id);
    g_autoptr(StoxSipBuilder) owned = ack;
    g_autoptr(GBytes) bytes = stox_sip_builder_finish(owned, via);

    transactions->ops.send_request(transactions->user, 0, bytes, target);
}

void stox_transactions_send_failed(StoxTransactions *transactions, uint64_t transaction,
                                   StoxSipFate fate, StoxTime now)
{
    StoxClientTx *client = g_hash_table_lookup(transactions->clients, &transaction);

    /* After a 2xx there is nothing left that could fail. */
    if (client && client->state != STOX_CLIENT_ACCEPTED)
        end(transactions, client, NULL, fate, 0);
}

/* The transaction a response belongs to (RFC 3261 s17.1.3, s18.1.2); NULL: none, dropped. */
static StoxClientTx *find(const StoxTransactions *transactions, const StoxSipView *view)
{
    size_t n = strlen(transactions->branch_prefix);
    StoxClientTx *client;
    uint64_t id;
    char *end_of_id;

    /* More than one Via: it went astray (s8.1.3.3). */
    if (view->n_via != 1 || !view->branch ||
        strncmp(view->branch, transactions->branch_prefix, n) != 0)
        return NULL;
    id = g_ascii_strtoull(view->branch + n, &end_of_id, 16);
    client = *end_of_id ? NULL : g_hash_table_lookup(transactions->clients, &id);
    /* The answer to a CANCEL has the branch of the INVITE, and is of no interest. */
    if (!client || strcmp(client->method, view->method_name) != 0 ||
        g_ascii_strcasecmp(client->target.hop->sent_by, view->sent_by) != 0)
        return NULL;
    return client;
}

static void receive_provisional(StoxTransactions *transactions, StoxClientTx *client,
                                StoxSipMessage *response, uint64_t flow, StoxTime now)
{
    if (client->state == STOX_CLIENT_ACCEPTED)
        return;
    client->state = STOX_CLIENT_PROCEEDING;
    if (client->invite) {
        client->target.flow = flow;
        if (client->cancel_wanted && !client->cancelled)
            send_cancel(transactions, client, now);
        else if (!client->cancelled)
            arm(transactions, client, now.mono_ms + STOX_SIP_TIMER_C);
    }
    if (stox_sip_view(response)->status > 100)
        transactions->ops.response(transactions->user, client->owner, client->tx.id, response,
                                   STOX_SIP_ANSWERED, flow);
}

/* A 2xx to INVITE. The transaction stays for those of other forks and for repeats, each of which wants its ACK (RFC 6026 s7.2). */
static void receive_accepted(StoxTransactions *transactions, StoxClientTx *client,
                             StoxSipMessage *response, uint64_t flow, StoxTime now)
{
    if (client->state != STOX_CLIENT_ACCEPTED) {
        client->state = STOX_CLIENT_ACCEPTED;
        g_clear_pointer(&client->invite, stox_sip_builder_free);
        arm(transactions, client, now.mono_ms + STOX_SIP_64T1);
    }
    transactions->ops.response(transactions->user, client->owner, client->tx.id, response,
                               STOX_SIP_ANSWERED, flow);
}

void stox_transactions_receive_response(StoxTransactions *transactions, StoxSipMessage *response,
                                        uint64_t flow, StoxTime now)
{
    const StoxSipView *view = stox_sip_view(response);
    StoxClientTx *client = find(transactions, view);

    if (!client)
        return;
    if (view->status < 200) {
        receive_provisional(transactions, client, response, flow, now);
        return;
    }
    if (view->method == STOX_SIP_INVITE && view->status < 300) {
        receive_accepted(transactions, client, response, flow, now);
        return;
    }
    if (client->state == STOX_CLIENT_ACCEPTED)
        return;
    if (client->invite) {
        client->target.flow = flow;
        send_derived(transactions, client, "ACK", response);
    }
    end(transactions, client, response, STOX_SIP_ANSWERED, flow);
}

void stox_client_tx_due(StoxTransactions *transactions, StoxClientTx *client, StoxTime now)
{
    if (client->state == STOX_CLIENT_ACCEPTED)
        forget(transactions, client);
    else if (client->invite && client->state == STOX_CLIENT_PROCEEDING && !client->cancelled)
        send_cancel(transactions, client, now);
    else
        end(transactions, client, NULL, STOX_SIP_TIMEOUT, 0);
}
