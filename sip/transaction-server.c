/* SPDX-License-Identifier: MIT */
/* Server transactions over reliable transports: RFC 3261 s17.2 with Timers G, I and J of zero, RFC 6026 s7.1, RFC 4320. */
#include "sip/transaction-private.h"
#include "translation/error.h"

#include <string.h>

void stox_server_tx_free(gpointer data)
{
    StoxServerTx *server = data;

    g_free(server->key);
    g_free(server->call_key);
    g_free(server->to_tag);
    stox_sip_message_unref(server->request);
    if (server->last)
        g_bytes_unref(server->last);
    g_free(server);
}

static void arm(StoxTransactions *transactions, StoxServerTx *server, int64_t at)
{
    stox_timers_set(transactions->timers, &server->tx.timer, at);
}

static void forget(StoxTransactions *transactions, StoxServerTx *server)
{
    arm(transactions, server, STOX_NEVER);
    if (g_hash_table_lookup(transactions->servers_by_call, server->call_key) == server)
        g_hash_table_remove(transactions->servers_by_call, server->call_key);
    g_hash_table_remove(transactions->servers_by_key, server->key);
    g_hash_table_remove(transactions->servers, &server->tx.id);
}

/* ---- Matching ---- */

/* RFC 2543 clients and pidgin-sipe send no branch, or none with the cookie. */
static bool is_old(const StoxSipView *view)
{
    return !view->branch || strncmp(view->branch, "z9hG4bK", 7) != 0 || !view->branch[7];
}

/* RFC 3261 s17.2.3, for a transaction of `method`. The hop is in it: one peer cannot touch another's. Caller frees. */
static char *make_key(const StoxSipMessage *message, const StoxSipHop *hop, const char *method)
{
    const StoxSipView *view = stox_sip_view(message);

    if (!is_old(view))
        return g_strjoin("\n", hop->name, method, view->branch, view->sent_by, NULL);
    return g_strdup_printf("%s\n%s\n\n%s\n%s\n%s\n%u\n%s", hop->name, method, view->request_uri,
                           view->from_tag ? view->from_tag : "", view->call_id, view->cseq,
                           stox_sip_raw(message, "Via")[0]);
}

static char *make_call_key(const StoxSipView *view, const char *method)
{
    return g_strdup_printf("%s\n%u\n%s\n%s", view->call_id, view->cseq, method,
                           view->from_tag ? view->from_tag : "");
}

static StoxServerTx *find(const StoxTransactions *transactions, const StoxSipMessage *message,
                          const StoxSipHop *hop, const char *method)
{
    g_autofree char *key = make_key(message, hop, method);

    return g_hash_table_lookup(transactions->servers_by_key, key);
}

bool stox_transactions_has(const StoxTransactions *transactions, const StoxSipMessage *request,
                           const StoxSipHop *hop)
{
    const StoxSipView *view = stox_sip_view(request);
    bool invite = view->method == STOX_SIP_ACK || view->method == STOX_SIP_CANCEL;

    return find(transactions, request, hop, invite ? "INVITE" : view->method_name) != NULL;
}

/* A Via of ours (V-97, R-06): this instance's, or that of one before it or beside it under the same name. */
static bool has_own_via(const StoxTransactions *transactions, const StoxSipMessage *message,
                        const StoxSipHop *hop)
{
    const char *branch, *sent_by;

    for (unsigned i = 0; stox_sip_via(message, i, &branch, &sent_by); i++) {
        if (branch && g_str_has_prefix(branch, STOX_SIP_BRANCH) &&
            (g_str_has_prefix(branch, transactions->branch_prefix) ||
             g_ascii_strcasecmp(sent_by, hop->sent_by) == 0))
            return true;
    }
    return false;
}

/* only what would go on to the other side needs another hop. */
static bool out_of_hops(const StoxSipView *view)
{
    bool crosses =
        view->method == STOX_SIP_MESSAGE ||
        (!view->to_tag && (view->method == STOX_SIP_INVITE || view->method == STOX_SIP_SUBSCRIBE));

    return view->max_forwards == 0 && crosses;
}

/* ---- Sending ---- */

static void send_last(StoxTransactions *transactions, const StoxServerTx *server)
{
    transactions->ops.send_response(transactions->user, server->flow, server->hop, server->last,
                                    server->request);
}

static void keep_last(StoxServerTx *server, GBytes *bytes)
{
    if (server->last)
        g_bytes_unref(server->last);
    server->last = bytes;
}

static void send_trying(StoxTransactions *transactions, StoxServerTx *server)
{
    g_autoptr(StoxSipBuilder) builder = stox_sip_builder_response(server->request, 100, NULL, NULL);

    server->trying = true;
    keep_last(server, stox_sip_builder_finish(builder, NULL));
    send_last(transactions, server);
}

/* Answers without a transaction (RFC 3261 s8.2.7); `result` NULL: a bare 200. */
static void answer(StoxTransactions *transactions, StoxSipMessage *request, uint64_t flow,
                   const StoxSipHop *hop, const StoxSipResult *result)
{
    g_autofree char *tag = transactions->ops.token(transactions->user);
    g_autoptr(StoxSipBuilder) builder =
        stox_sip_builder_response(request, result ? result->status : 200, NULL, tag);
    g_autoptr(GBytes) bytes = NULL;

    if (result)
        stox_sip_builder_result(builder, result, transactions->fqdn);
    bytes = stox_sip_builder_finish(builder, NULL);
    transactions->ops.send_response(transactions->user, flow, hop, bytes, request);
}

static void refuse(StoxTransactions *transactions, StoxSipMessage *request, uint64_t flow,
                   const StoxSipHop *hop, unsigned status, unsigned diagnostic)
{
    g_auto(StoxSipResult) result = {0};

    stox_sip_result_init(&result, status, diagnostic);
    if (status == 503)
        result.retry_after_s = 10;
    answer(transactions, request, flow, hop, &result);
}

/* ---- Requests ---- */

static StoxRequestVerdict receive_ack(StoxTransactions *transactions, StoxSipMessage *ack,
                                      const StoxSipHop *hop)
{
    StoxServerTx *server = find(transactions, ack, hop, "INVITE");

    /* Also one with the INVITE's branch after a 2xx, as clients without branches send it. */
    if (!server || server->state == STOX_SERVER_ACCEPTED || server->state == STOX_SERVER_CONFIRMED)
        return STOX_REQUEST_ACK;
    if (server->state == STOX_SERVER_OPEN)
        return STOX_REQUEST_DONE;
    /* s17.2.3: without branches the To tag has to be the one we gave. */
    if (server->old && g_strcmp0(stox_sip_view(ack)->to_tag, server->to_tag) != 0)
        return STOX_REQUEST_ACK;
    forget(transactions, server);
    return STOX_REQUEST_DONE;
}

static void receive_cancel(StoxTransactions *transactions, StoxSipMessage *cancel, uint64_t flow,
                           const StoxSipHop *hop)
{
    /* A CANCEL of anything but INVITE is answered, and does nothing (RFC 3261 s9.2, P-176). */
    static const StoxSipMethod methods[] = {STOX_SIP_INVITE,  STOX_SIP_MESSAGE, STOX_SIP_SUBSCRIBE,
                                            STOX_SIP_NOTIFY,  STOX_SIP_INFO,    STOX_SIP_UPDATE,
                                            STOX_SIP_OPTIONS, STOX_SIP_BYE};
    StoxServerTx *server = NULL;

    for (unsigned i = 0; i < G_N_ELEMENTS(methods) && !server; i++)
        server = find(transactions, cancel, hop, stox_sip_method_name(methods[i]));
    if (!server) {
        refuse(transactions, cancel, flow, hop, 481, STOX_DIAG_NO_SUCH_DIALOG);
        return;
    }
    answer(transactions, cancel, flow, hop, NULL);
    if (server->invite && server->state == STOX_SERVER_OPEN && !server->cancelled) {
        server->cancelled = true;
        transactions->ops.cancelled(transactions->user, server->tx.id);
    }
}

/* A request seen before: the last answer again, or nothing while there is none. */
static void repeat(StoxTransactions *transactions, StoxServerTx *server, uint64_t flow)
{
    server->flow = flow;
    if (server->last)
        send_last(transactions, server);
}

/* Why a new request gets no transaction: a status, or 0. */
static unsigned reject(const StoxTransactions *transactions, const StoxSipMessage *request,
                       const StoxSipHop *hop, const char *call_key, unsigned *ret_diagnostic)
{
    const StoxSipView *view = stox_sip_view(request);

    *ret_diagnostic = STOX_DIAG_LOOP;
    if (has_own_via(transactions, request, hop))
        return 482;
    /* The same request by another way, a merged one (RFC 3261 s8.2.2.2, R-23). */
    if (!view->to_tag && g_hash_table_contains(transactions->servers_by_call, call_key))
        return 482;
    if (out_of_hops(view))
        return 483;
    *ret_diagnostic = STOX_DIAG_OVERLOAD;
    return g_hash_table_size(transactions->servers) >= transactions->max_server ? 503 : 0;
}

static StoxServerTx *open_server(StoxTransactions *transactions, StoxSipMessage *request,
                                 uint64_t flow, const StoxSipHop *hop, StoxTime now)
{
    const StoxSipView *view = stox_sip_view(request);
    StoxServerTx *server = g_new0(StoxServerTx, 1);

    server->tx.server = true;
    server->tx.id = ++transactions->last_id;
    server->invite = view->method == STOX_SIP_INVITE;
    server->old = is_old(view);
    server->request = stox_sip_message_ref(request);
    server->flow = flow;
    server->hop = hop;
    server->give_up_ms = now.mono_ms + STOX_SIP_64T1;
    arm(transactions, server,
        now.mono_ms + (server->invite ? STOX_SIP_TRYING_INVITE : STOX_SIP_TRYING_OTHER));
    return server;
}

/* To tags are no part of the old key: those of a request must be equal as well. */
static bool same_request(const StoxServerTx *server, const StoxSipView *view)
{
    return !server->old || !server->request ||
           g_strcmp0(stox_sip_view(server->request)->to_tag, view->to_tag) == 0;
}

StoxRequestVerdict stox_transactions_receive_request(StoxTransactions *transactions,
                                                     StoxSipMessage *request, uint64_t flow,
                                                     const StoxSipHop *hop, bool reliable,
                                                     StoxTime now, uint64_t *ret_request)
{
    (void) reliable;
    const StoxSipView *view = stox_sip_view(request);
    g_autofree char *key = NULL, *call_key = NULL;
    unsigned status, diagnostic;
    StoxServerTx *server;

    if (view->method == STOX_SIP_ACK)
        return receive_ack(transactions, request, hop);
    if (view->method == STOX_SIP_CANCEL) {
        receive_cancel(transactions, request, flow, hop);
        return STOX_REQUEST_DONE;
    }
    if (view->method == STOX_SIP_BENOTIFY) {
        if (has_own_via(transactions, request, hop))
            return STOX_REQUEST_DONE;
        *ret_request = 0;
        return STOX_REQUEST_NEW;
    }
    key = make_key(request, hop, view->method_name);
    server = g_hash_table_lookup(transactions->servers_by_key, key);
    if (server && same_request(server, view)) {
        repeat(transactions, server, flow);
        return STOX_REQUEST_DONE;
    }
    call_key = make_call_key(view, view->method_name);
    status = server ? 482 : reject(transactions, request, hop, call_key, &diagnostic);
    if (status) {
        refuse(transactions, request, flow, hop, status, server ? STOX_DIAG_LOOP : diagnostic);
        return STOX_REQUEST_DONE;
    }
    server = open_server(transactions, request, flow, hop, now);
    server->key = g_steal_pointer(&key);
    server->call_key = g_steal_pointer(&call_key);
    g_hash_table_insert(transactions->servers, &server->tx.id, server);
    g_hash_table_insert(transactions->servers_by_key, server->key, server);
    if (!g_hash_table_contains(transactions->servers_by_call, server->call_key))
        g_hash_table_insert(transactions->servers_by_call, server->call_key, server);
    *ret_request = server->tx.id;
    return STOX_REQUEST_NEW;
}

/* ---- Responses ---- */

static void respond_invite(StoxTransactions *transactions, StoxServerTx *server, unsigned status,
                           StoxTime now)
{
    server->give_up_ms = now.mono_ms + STOX_SIP_64T1;
    if (status < 300) {
        /* Until the ACK comes, on every transport: hops further on may be unreliable (RFC 3261 s13.3.1.4). */
        server->state = STOX_SERVER_ACCEPTED;
        server->interval_ms = STOX_SIP_T1;
        arm(transactions, server, now.mono_ms + server->interval_ms);
    } else {
        server->state = STOX_SERVER_COMPLETED;
        arm(transactions, server, server->give_up_ms);
    }
}

void stox_transactions_respond(StoxTransactions *transactions, uint64_t request,
                               StoxSipBuilder *response, StoxTime now)
{
    g_autoptr(StoxSipBuilder) builder = response;
    StoxServerTx *server = g_hash_table_lookup(transactions->servers, &request);
    unsigned status = stox_sip_builder_status(builder);

    if (!server || server->state != STOX_SERVER_OPEN)
        return;
    /* no provisional but 100, and never 408; its client's own timer says it (RFC 4320 s4.1, s4.2). */
    if (!server->invite && status > 100 && status < 200)
        return;
    if (!server->invite && status == 408) {
        forget(transactions, server);
        return;
    }
    keep_last(server, stox_sip_builder_finish(builder, NULL));
    if (status < 200) {
        server->trying = true;
        arm(transactions, server, server->invite ? STOX_NEVER : server->give_up_ms);
    } else {
        server->to_tag = g_strdup(stox_sip_builder_to_tag(builder));
        if (server->invite)
            respond_invite(transactions, server, status, now);
    }
    send_last(transactions, server);
    if (status >= 200 && !server->invite)
        forget(transactions, server);
}

void stox_transactions_acked(StoxTransactions *transactions, const StoxSipMessage *ack)
{
    g_autofree char *call_key = make_call_key(stox_sip_view(ack), "INVITE");
    StoxServerTx *server = g_hash_table_lookup(transactions->servers_by_call, call_key);

    if (!server || server->state != STOX_SERVER_ACCEPTED ||
        g_strcmp0(stox_sip_view(ack)->to_tag, server->to_tag) != 0)
        return;
    server->state = STOX_SERVER_CONFIRMED;
    g_clear_pointer(&server->last, g_bytes_unref);
    g_clear_pointer(&server->request, stox_sip_message_unref);
    arm(transactions, server, server->give_up_ms);
}

StoxSipMessage *stox_transactions_message(StoxTransactions *transactions, uint64_t request)
{
    StoxServerTx *server = g_hash_table_lookup(transactions->servers, &request);

    return server && server->state == STOX_SERVER_OPEN ? server->request : NULL;
}

/* ---- Time ---- */

static void open_due(StoxTransactions *transactions, StoxServerTx *server, StoxTime now)
{
    if (!server->invite && now.mono_ms >= server->give_up_ms) {
        /* Its client has given up; an answer now could only confuse (RFC 4320 s4.2). */
        forget(transactions, server);
        return;
    }
    if (!server->invite)
        arm(transactions, server, server->give_up_ms);
    if (!server->trying)
        send_trying(transactions, server);
}

void stox_server_tx_due(StoxTransactions *transactions, StoxServerTx *server, StoxTime now)
{
    uint64_t id = server->tx.id;
    bool accepted = server->state == STOX_SERVER_ACCEPTED;

    switch (server->state) {
    case STOX_SERVER_OPEN:
        open_due(transactions, server, now);
        return;
    case STOX_SERVER_CONFIRMED:
        forget(transactions, server);
        return;
    case STOX_SERVER_ACCEPTED:
        if (now.mono_ms < server->give_up_ms) {
            server->interval_ms = MIN(server->interval_ms * 2, STOX_SIP_T2);
            arm(transactions, server, MIN(now.mono_ms + server->interval_ms, server->give_up_ms));
            send_last(transactions, server);
            return;
        }
        break;
    case STOX_SERVER_COMPLETED:
        break;
    }
    forget(transactions, server);
    transactions->ops.no_ack(transactions->user, id, accepted);
}
