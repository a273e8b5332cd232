/* SPDX-License-Identifier: MIT */
/*
 * Client transactions: RFC 3261 s17.1 over streams and UDP, RFC 6026 s7.2, fail-over (RFC 3263 s4.3). Timer K needs no state: a response that belongs
 * to no transaction is dropped anyway.
 */
#include "sip/transaction-private.h"

#include <string.h>

void stox_client_tx_free(gpointer data)
{
    StoxClientTx *client = data;

    g_free(client->method);
    g_free((char *) client->target.uri);
    stox_sip_builder_free(client->request);
    g_clear_pointer(&client->again, g_bytes_unref);
    g_free(client);
}

static void arm(StoxTransactions *transactions, StoxClientTx *client)
{
    stox_timers_set(transactions->timers, &client->tx.timer,
                    MIN(client->again_ms, client->until_ms));
}

static void forget(StoxTransactions *transactions, StoxClientTx *client)
{
    stox_timers_set(transactions->timers, &client->tx.timer, STOX_NEVER);
    g_hash_table_remove(transactions->clients, &client->tx.id);
}

/* The fate of a transaction that ends here. Frees it, and calls the owner last. */
static void end(StoxTransactions *transactions, StoxClientTx *client, StoxSipMessage *response,
                StoxSipFate fate, uint64_t flow)
{
    StoxOwner owner = client->owner;
    uint64_t id = client->tx.id;
    bool reported = client->reported;

    forget(transactions, client);
    if (!reported)
        transactions->ops.response(transactions->user, owner, id, response, fate, flow);
}

/* ---- Sending ---- */

static bool over_udp(const StoxSipTarget *target)
{
    return target->hop->transport == STOX_TRANSPORT_UDP && !target->stream;
}

/*
 * The Via names transaction and attempt. Its last part is R-06's: over Request-URI and Route set, so that a trace tells a spiral from a loop
 * (RFC 5393 s4.2.1). It asks for rport where a NAT may be in between (RFC 3581).
 */
static char *via_of(const StoxTransactions *transactions, const StoxSipTarget *target, uint64_t id,
                    unsigned attempt, uint32_t route_hash)
{
    bool datagram = over_udp(target);
    const char *transport = target->hop->transport == STOX_TRANSPORT_TLS ? "TLS"
                            : datagram                                   ? "UDP"
                                                                         : "TCP";

    return g_strdup_printf("SIP/2.0/%s %s;branch=%s%" G_GINT64_MODIFIER "x.%x.%x%s", transport,
                           target->hop->sent_by, transactions->branch_prefix, id, attempt,
                           route_hash, datagram ? ";rport" : "");
}

/* The bytes with their Via. M-38: what is too large for UDP goes over a stream, and `target` says so from now on. */
static GBytes *finish(const StoxTransactions *transactions, const StoxSipBuilder *request,
                      StoxSipTarget *target, uint64_t id, unsigned attempt, uint32_t route_hash)
{
    g_autofree char *via = via_of(transactions, target, id, attempt, route_hash);
    g_autofree char *stream_via = NULL;
    g_autoptr(GBytes) bytes = stox_sip_builder_finish(request, via);

    if (!over_udp(target) || g_bytes_get_size(bytes) <= STOX_SIP_DATAGRAM_MAX)
        return g_steal_pointer(&bytes);
    target->stream = true;
    stream_via = via_of(transactions, target, id, attempt, route_hash);
    return stox_sip_builder_finish(request, stream_via);
}

static void stop_repeating(StoxClientTx *client)
{
    g_clear_pointer(&client->again, g_bytes_unref);
    client->again_ms = STOX_NEVER;
}

/* What may be lost is sent again after T1, and then ever more rarely (Timers A and E). Takes `bytes`. */
static void repeat_from(StoxClientTx *client, GBytes *bytes, StoxTime now)
{
    stop_repeating(client);
    if (!client->datagram) {
        g_bytes_unref(bytes);
        return;
    }
    client->again = bytes;
    client->interval_ms = STOX_SIP_T1;
    client->again_ms = now.mono_ms + STOX_SIP_T1;
}

static void send_attempt(StoxTransactions *transactions, StoxClientTx *client, StoxTime now)
{
    bool stream = client->target.stream;
    g_autoptr(GBytes) bytes = finish(transactions, client->request, &client->target, client->tx.id,
                                     client->attempt, client->route_hash);

    client->state = STOX_CLIENT_CALLING;
    client->too_large = client->too_large || (client->target.stream && !stream);
    client->datagram = over_udp(&client->target);
    client->until_ms = client->begun_ms + STOX_SIP_64T1;
    repeat_from(client, g_bytes_ref(bytes), now);
    arm(transactions, client);
    transactions->ops.send_request(transactions->user, client->tx.id, bytes, &client->target);
}

/* CANCEL and the ACK of a non-2xx: the Via, and so the branch, of the INVITE (RFC 3261 s9.1, s17.1.1.3), to where it went. Caller unrefs the bytes. */
static GBytes *derive(StoxTransactions *transactions, const StoxClientTx *client,
                      const char *method, const StoxSipMessage *response, unsigned attempt)
{
    g_autoptr(StoxSipBuilder) builder = stox_sip_builder_derive(client->request, method, response);
    g_autofree char *via =
        via_of(transactions, &client->target, client->tx.id, attempt, client->route_hash);

    return stox_sip_builder_finish(builder, via);
}

static void send_ack(StoxTransactions *transactions, const StoxClientTx *client,
                     const StoxSipMessage *response, unsigned attempt, uint64_t flow)
{
    StoxSipTarget target = client->target;
    g_autoptr(GBytes) bytes = derive(transactions, client, "ACK", response, attempt);

    target.flow = flow;
    transactions->ops.send_request(transactions->user, 0, bytes, &target);
}

/* Over UDP the CANCEL is repeated as the non-INVITE transaction that it is; the INVITE is not any more, since it has had a provisional. */
static void send_cancel(StoxTransactions *transactions, StoxClientTx *client, StoxTime now)
{
    g_autoptr(GBytes) bytes = derive(transactions, client, "CANCEL", NULL, client->attempt);

    client->cancelled = true;
    /* RFC 3261 s9.1: without an answer in this time the INVITE counts as cancelled. */
    client->until_ms = now.mono_ms + STOX_SIP_64T1;
    repeat_from(client, g_bytes_ref(bytes), now);
    arm(transactions, client);
    transactions->ops.send_request(transactions->user, 0, bytes, &client->target);
}

uint64_t stox_transactions_request(StoxTransactions *transactions, StoxSipBuilder *request,
                                   const StoxSipTarget *target, StoxOwner owner, StoxTime now)
{
    StoxClientTx *client = g_new0(StoxClientTx, 1);
    uint64_t id = client->tx.id = ++transactions->last_id;

    client->owner = owner;
    client->method = g_strdup(stox_sip_builder_method(request));
    client->invite = strcmp(client->method, "INVITE") == 0;
    client->request = request;
    client->route_hash = stox_sip_builder_route_hash(request);
    client->target = *target;
    client->target.uri = g_strdup(target->uri);
    client->fails_over = target->hop->alternatives && !target->uri;
    client->begun_ms = now.mono_ms;
    client->again_ms = STOX_NEVER;
    g_hash_table_insert(transactions->clients, &client->tx.id, client);
    send_attempt(transactions, client, now);
    if (!client->invite && !client->fails_over)
        g_clear_pointer(&client->request, stox_sip_builder_free);
    return id;
}

void stox_transactions_cancel(StoxTransactions *transactions, uint64_t transaction, StoxTime now)
{
    StoxClientTx *client = g_hash_table_lookup(transactions->clients, &transaction);

    if (!client || !client->invite || client->cancelled)
        return;
    client->cancel_wanted = true;
    if (client->state == STOX_CLIENT_PROCEEDING)
        send_cancel(transactions, client, now);
}

void stox_transactions_ack(StoxTransactions *transactions, StoxSipBuilder *ack,
                           const StoxSipTarget *target)
{
    /* The ACK of a 2xx is a transaction of its own, with a branch of its own (RFC 3261 s17). */
    StoxSipTarget own = *target;
    g_autoptr(StoxSipBuilder) owned = ack;
    g_autoptr(GBytes) bytes = finish(transactions, owned, &own, ++transactions->last_id, 0,
                                     stox_sip_builder_route_hash(owned));

    transactions->ops.send_request(transactions->user, 0, bytes, &own);
}

/* ---- Fail-over (R-32) ---- */

/*
 * Sends the request to a next hop that has not had it; false: there is none, or it may not go again. That is for requests which their next hop has
 * certainly not taken: 503, or no byte sent. All attempts share one time-out.
 */
static bool fail_over(StoxTransactions *transactions, StoxClientTx *client, int64_t retry_after_s,
                      StoxTime now)
{
    if (!client->fails_over || client->told || client->reported || client->cancel_wanted ||
        now.mono_ms >= client->begun_ms + STOX_SIP_64T1 || !transactions->ops.another_hop ||
        !transactions->ops.another_hop(transactions->user, client->tx.id, &client->target,
                                       retry_after_s))
        return false;
    client->attempt++;
    client->target.flow = 0;
    send_attempt(transactions, client, now);
    return true;
}

void stox_transactions_send_failed(StoxTransactions *transactions, uint64_t transaction,
                                   StoxSipFate fate, StoxTime now)
{
    StoxClientTx *client = g_hash_table_lookup(transactions->clients, &transaction);

    /* After a final response there is nothing left that could fail. */
    if (!client || client->state >= STOX_CLIENT_COMPLETED)
        return;
    if (fate != STOX_SIP_TRANSPORT) {
        /* Whoever has answered has got it. */
        if (client->state == STOX_CLIENT_PROCEEDING)
            fate = STOX_SIP_TRANSPORT;
        else if (fail_over(transactions, client, -1, now))
            return;
        else if (client->too_large && fate == STOX_SIP_NOT_SENT)
            fate = STOX_SIP_TOO_LARGE;
    }
    end(transactions, client, NULL, fate, 0);
}

/* ---- Responses ---- */

/* The transaction a response belongs to (RFC 3261 s17.1.3, s18.1.2); NULL: none, dropped. */
static StoxClientTx *find(const StoxTransactions *transactions, const StoxSipView *view,
                          unsigned *ret_attempt)
{
    size_t n = strlen(transactions->branch_prefix);
    uint64_t parts[3]; /* id, attempt, hash */
    StoxClientTx *client;
    char *at;

    /* More than one Via: it went astray (s8.1.3.3). */
    if (view->n_via != 1 || !view->branch ||
        strncmp(view->branch, transactions->branch_prefix, n) != 0)
        return NULL;
    at = (char *) view->branch + n;
    for (unsigned i = 0; i < G_N_ELEMENTS(parts); i++) {
        parts[i] = g_ascii_strtoull(at, &at, 16);
        if (*at != (i + 1 < G_N_ELEMENTS(parts) ? '.' : '\0'))
            return NULL;
        at += *at == '.';
    }
    client = g_hash_table_lookup(transactions->clients, &parts[0]);
    if (!client || parts[1] > client->attempt || parts[2] != client->route_hash ||
        g_ascii_strcasecmp(client->target.hop->sent_by, view->sent_by) != 0)
        return NULL;
    *ret_attempt = (unsigned) parts[1];
    return client;
}

static void receive_provisional(StoxTransactions *transactions, StoxClientTx *client,
                                StoxSipMessage *response, uint64_t flow, StoxTime now)
{
    bool tell = stox_sip_view(response)->status > 100;

    if (client->state >= STOX_CLIENT_COMPLETED)
        return;
    client->state = STOX_CLIENT_PROCEEDING;
    client->told = client->told || tell;
    if (client->invite) {
        client->target.flow = flow;
        if (!client->cancelled) {
            stop_repeating(client);
            client->until_ms = now.mono_ms + STOX_SIP_TIMER_C;
            if (client->cancel_wanted)
                send_cancel(transactions, client, now);
        }
    } else {
        /* s17.1.2.2: the next repeat is at its place still, those behind it are 4 s apart. */
        client->interval_ms = STOX_SIP_T2;
    }
    arm(transactions, client);
    if (tell && !client->reported)
        transactions->ops.response(transactions->user, client->owner, client->tx.id, response,
                                   STOX_SIP_ANSWERED, flow);
}

static void accept(StoxTransactions *transactions, StoxClientTx *client, StoxTime now)
{
    if (client->state == STOX_CLIENT_ACCEPTED)
        return;
    client->state = STOX_CLIENT_ACCEPTED;
    stop_repeating(client);
    g_clear_pointer(&client->request, stox_sip_builder_free);
    client->until_ms = now.mono_ms + STOX_SIP_64T1;
    arm(transactions, client);
}

/* A 2xx to INVITE. The transaction stays for those of other forks and for repeats, each of which wants its ACK (RFC 6026 s7.2). */
static void receive_accepted(StoxTransactions *transactions, StoxClientTx *client,
                             StoxSipMessage *response, uint64_t flow, StoxTime now)
{
    if (client->state == STOX_CLIENT_COMPLETED)
        return;
    accept(transactions, client, now);
    transactions->ops.response(transactions->user, client->owner, client->tx.id, response,
                               STOX_SIP_ANSWERED, flow);
}

/* The end of an INVITE with a non-2xx. Over UDP its ACK may be lost: each repeat gets one, until Timer D. */
static void receive_refused(StoxTransactions *transactions, StoxClientTx *client,
                            StoxSipMessage *response, uint64_t flow, StoxTime now)
{
    if (client->reported) {
        accept(transactions, client, now);
        return;
    }
    if (!client->datagram) {
        end(transactions, client, response, STOX_SIP_ANSWERED, flow);
        return;
    }
    client->state = STOX_CLIENT_COMPLETED;
    stop_repeating(client);
    client->until_ms = now.mono_ms + STOX_SIP_64T1;
    arm(transactions, client);
    transactions->ops.response(transactions->user, client->owner, client->tx.id, response,
                               STOX_SIP_ANSWERED, flow);
}

/*
 * A response to an attempt before this one. Its 503 is ACKed again. A 2xx behind the 503 (a fork that was late) is the answer: the owner takes it,
 * the attempt that runs is cancelled, and what still comes of that is ACKed and, when it is a 2xx, reported as one more fork.
 */
static void receive_late(StoxTransactions *transactions, StoxClientTx *client,
                         StoxSipMessage *response, unsigned attempt, uint64_t flow, StoxTime now)
{
    unsigned status = stox_sip_view(response)->status;

    if (!client->invite || status < 200)
        return;
    if (status >= 300) {
        if (client->request)
            send_ack(transactions, client, response, attempt, flow);
        return;
    }
    if (client->state >= STOX_CLIENT_COMPLETED) {
        receive_accepted(transactions, client, response, flow, now);
        return;
    }
    client->reported = true;
    if (client->state == STOX_CLIENT_CALLING) {
        stop_repeating(client);
        arm(transactions, client);
    }
    stox_transactions_cancel(transactions, client->tx.id, now);
    transactions->ops.response(transactions->user, client->owner, client->tx.id, response,
                               STOX_SIP_ANSWERED, flow);
}

/* A CANCEL has the branch of its INVITE; its answer says no more than that it has arrived. */
static void receive_cancel_answer(StoxTransactions *transactions, StoxClientTx *client,
                                  unsigned status)
{
    if (!client->cancelled || client->state != STOX_CLIENT_PROCEEDING)
        return;
    if (status < 200)
        client->interval_ms = STOX_SIP_T2;
    else
        stop_repeating(client);
    arm(transactions, client);
}

static void receive_final(StoxTransactions *transactions, StoxClientTx *client,
                          StoxSipMessage *response, uint64_t flow, StoxTime now)
{
    const StoxSipView *view = stox_sip_view(response);

    if (client->invite && view->status < 300) {
        receive_accepted(transactions, client, response, flow, now);
        return;
    }
    if (client->state == STOX_CLIENT_ACCEPTED)
        return;
    if (client->invite)
        send_ack(transactions, client, response, client->attempt, flow);
    if (client->state == STOX_CLIENT_COMPLETED)
        return;
    if (view->status == 503 && fail_over(transactions, client, view->retry_after_s, now))
        return;
    if (client->invite)
        receive_refused(transactions, client, response, flow, now);
    else
        end(transactions, client, response, STOX_SIP_ANSWERED, flow);
}

void stox_transactions_receive_response(StoxTransactions *transactions, StoxSipMessage *response,
                                        uint64_t flow, StoxTime now)
{
    const StoxSipView *view = stox_sip_view(response);
    unsigned attempt = 0;
    StoxClientTx *client = find(transactions, view, &attempt);

    if (!client)
        return;
    if (strcmp(client->method, view->method_name) != 0) {
        if (view->method == STOX_SIP_CANCEL && client->invite && attempt == client->attempt)
            receive_cancel_answer(transactions, client, view->status);
    } else if (attempt < client->attempt) {
        receive_late(transactions, client, response, attempt, flow, now);
    } else if (view->status < 200) {
        receive_provisional(transactions, client, response, flow, now);
    } else {
        receive_final(transactions, client, response, flow, now);
    }
}

/* ---- Time ---- */

static void repeat(StoxTransactions *transactions, StoxClientTx *client, StoxTime now)
{
    /* Timer A has no ceiling, Timer E has; a CANCEL is no INVITE. */
    bool timer_a = client->invite && !client->cancelled;

    client->interval_ms *= 2;
    if (!timer_a)
        client->interval_ms = MIN(client->interval_ms, STOX_SIP_T2);
    client->again_ms = now.mono_ms + client->interval_ms;
    arm(transactions, client);
    transactions->ops.send_request(transactions->user, client->cancelled ? 0 : client->tx.id,
                                   client->again, &client->target);
}

void stox_client_tx_due(StoxTransactions *transactions, StoxClientTx *client, StoxTime now)
{
    if (now.mono_ms < client->until_ms)
        repeat(transactions, client, now);
    else if (client->state >= STOX_CLIENT_COMPLETED)
        forget(transactions, client);
    else if (client->invite && client->state == STOX_CLIENT_PROCEEDING && !client->cancelled)
        send_cancel(transactions, client, now);
    else
        end(transactions, client, NULL, STOX_SIP_TIMEOUT, 0);
}
