/* SPDX-License-Identifier: MIT */
/* Requests from the wire: to which server transaction they belong (RFC 3261 s17.2.3, RFC 2543), or why they get none. */
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
    g_clear_pointer(&server->last, g_bytes_unref);
    g_free(server);
}

void stox_server_tx_forget(StoxTransactions *transactions, StoxServerTx *server)
{
    stox_server_tx_arm(transactions, server, STOX_NEVER);
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

char *stox_server_tx_call_key(const StoxSipView *view, const char *method)
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

/*
 * What an answered request is remembered by. Call-ID and CSeq are in it beside the branch, so that a client whose branches are always the same is
 * not taken to repeat itself; so is the To tag where there is no branch.
 */
static uint64_t hash_of(const StoxTransactions *transactions, const StoxSipView *view,
                        const char *key, const char *call_key)
{
    uint64_t hash = stox_tx_hash(stox_tx_hash(transactions->hash_seed, key), call_key);

    return is_old(view) && view->to_tag ? stox_tx_hash(hash, view->to_tag) : hash;
}

/* An answered request of `method` that `message` (a CANCEL, an ACK) is about. */
static bool find_answered(const StoxTransactions *transactions, const StoxSipMessage *message,
                          const StoxSipHop *hop, const char *method, StoxAnswered *ret_answered)
{
    const StoxSipView *view = stox_sip_view(message);
    g_autofree char *key = make_key(message, hop, method);
    g_autofree char *call_key = stox_server_tx_call_key(view, method);

    return stox_tx_memory_find(transactions->memory, hash_of(transactions, view, key, call_key),
                               ret_answered);
}

bool stox_transactions_has(const StoxTransactions *transactions, const StoxSipMessage *request,
                           const StoxSipHop *hop)
{
    const StoxSipView *view = stox_sip_view(request);
    bool invite = view->method == STOX_SIP_ACK || view->method == STOX_SIP_CANCEL;
    const char *method = invite ? "INVITE" : view->method_name;
    StoxAnswered answered;

    return find(transactions, request, hop, method) ||
           find_answered(transactions, request, hop, method, &answered);
}

/*
 * A Via of ours (V-97, R-06): this instance's, or that of one before it or beside it under the same name. Loops and spirals (RFC 5393: the hash in the
 * branch is another one, since a server on the way has changed the Request-URI) are one to us: we never forward, and a request that left us carries a
 * sender whom no next hop may assert.
 */
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

/* only what would go on to the other side needs another hop. Without the header there is no limit (RFC 3261 s16.3). */
static bool out_of_hops(const StoxSipView *view)
{
    bool crosses =
        view->method == STOX_SIP_MESSAGE ||
        (!view->to_tag && (view->method == STOX_SIP_INVITE || view->method == STOX_SIP_SUBSCRIBE));

    return view->max_forwards == 0 && crosses;
}

/* ---- Answers without a transaction ---- */

/* The same tag for each copy of a request (RFC 3261 s8.2.7). Caller frees. */
static char *stateless_tag(const StoxTransactions *transactions, const StoxSipMessage *request,
                           const StoxSipHop *hop)
{
    g_autofree char *key = make_key(request, hop, stox_sip_view(request)->method_name);

    return g_strdup_printf("%016" G_GINT64_MODIFIER "x", stox_tx_hash(transactions->tag_seed, key));
}

/* `result` NULL: nothing but the status. `tag` NULL: one is made. */
static void answer(StoxTransactions *transactions, const StoxSipMessage *request, uint64_t flow,
                   const StoxSipHop *hop, unsigned status, const char *tag,
                   const StoxSipResult *result)
{
    g_autofree char *own_tag = tag ? NULL : stateless_tag(transactions, request, hop);
    g_autoptr(StoxSipBuilder) builder =
        stox_sip_builder_response(request, status, NULL, tag ? tag : own_tag);
    g_autoptr(GBytes) bytes = NULL;

    if (result)
        stox_sip_builder_result(builder, result, transactions->fqdn);
    bytes = stox_sip_builder_finish(builder, NULL);
    transactions->ops.send_response(transactions->user, flow, hop, bytes, request);
}

static void refuse(StoxTransactions *transactions, const StoxSipMessage *request, uint64_t flow,
                   const StoxSipHop *hop, unsigned status, unsigned diagnostic)
{
    g_auto(StoxSipResult) result = {0};

    stox_sip_result_init(&result, status, diagnostic);
    if (status == 503)
        result.retry_after_s = 10;
    answer(transactions, request, flow, hop, status, NULL, &result);
}

/* ---- Requests ---- */

static StoxRequestVerdict receive_ack(StoxTransactions *transactions, StoxSipMessage *ack,
                                      const StoxSipHop *hop, StoxTime now)
{
    StoxServerTx *server = find(transactions, ack, hop, "INVITE");
    StoxAnswered answered;

    if (!server) {
        /* One more ACK of a non-2xx (Timer I). */
        return !is_old(stox_sip_view(ack)) &&
                       find_answered(transactions, ack, hop, "INVITE", &answered)
                   ? STOX_REQUEST_DONE
                   : STOX_REQUEST_ACK;
    }
    /* Also one with the INVITE's branch after a 2xx, as clients without branches send it. */
    if (server->state == STOX_SERVER_ACCEPTED || server->state == STOX_SERVER_CONFIRMED)
        return STOX_REQUEST_ACK;
    if (server->state == STOX_SERVER_OPEN)
        return STOX_REQUEST_DONE;
    /* s17.2.3: without branches the To tag has to be the one we gave. */
    if (server->old && g_strcmp0(stox_sip_view(ack)->to_tag, server->to_tag) != 0)
        return STOX_REQUEST_ACK;
    stox_server_tx_retire(transactions, server, server->status, now);
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
    StoxAnswered answered;
    bool known = false;

    for (unsigned i = 0; i < G_N_ELEMENTS(methods) && !known; i++) {
        const char *method = stox_sip_method_name(methods[i]);

        server = find(transactions, cancel, hop, method);
        known = server || find_answered(transactions, cancel, hop, method, &answered);
    }
    if (!known) {
        refuse(transactions, cancel, flow, hop, 481, STOX_DIAG_NO_SUCH_DIALOG);
        return;
    }
    answer(transactions, cancel, flow, hop, 200, server ? server->to_tag : NULL, NULL);
    if (server && server->invite && server->state == STOX_SERVER_OPEN && !server->cancelled) {
        server->cancelled = true;
        transactions->ops.cancelled(transactions->user, server->tx.id);
    }
}

/* A request seen before: the last answer again, or nothing while there is none. */
static void repeat(StoxTransactions *transactions, StoxServerTx *server, uint64_t flow)
{
    server->flow = flow;
    if (server->last)
        stox_server_tx_send_last(transactions, server);
}

/* One that has had its final answer: an INVITE even its ACK (it is a straggler), others have perhaps not got it. */
static void repeat_answered(StoxTransactions *transactions, const StoxAnswered *answered,
                            const StoxSipMessage *request, uint64_t flow, const StoxSipHop *hop)
{
    if (answered->invite || !answered->status)
        return;
    if (answered->last)
        transactions->ops.send_response(transactions->user, flow, hop, answered->last, request);
    else
        answer(transactions, request, flow, hop, answered->status, NULL, NULL);
}

/* The same request by another way, a merged one (RFC 3261 s8.2.2.2, R-23). */
static bool merged(const StoxTransactions *transactions, const StoxSipView *view,
                   const char *call_key, uint64_t call_hash)
{
    return !view->to_tag && (g_hash_table_contains(transactions->servers_by_call, call_key) ||
                             stox_tx_memory_has_call(transactions->memory, call_hash));
}

/* Why a new request gets no transaction: a status, or 0. */
static unsigned reject(const StoxTransactions *transactions, const StoxSipMessage *request,
                       const StoxSipHop *hop, const StoxServerTx *candidate,
                       unsigned *ret_diagnostic)
{
    const StoxSipView *view = stox_sip_view(request);

    *ret_diagnostic = STOX_DIAG_LOOP;
    if (g_hash_table_contains(transactions->servers_by_key, candidate->key) ||
        has_own_via(transactions, request, hop) ||
        merged(transactions, view, candidate->call_key, candidate->call_hash))
        return 482;
    if (out_of_hops(view))
        return 483;
    *ret_diagnostic = STOX_DIAG_OVERLOAD;
    return g_hash_table_size(transactions->servers) >= transactions->max_server ? 503 : 0;
}

static void open_server(StoxTransactions *transactions, StoxServerTx *server,
                        StoxSipMessage *request, uint64_t flow, const StoxSipHop *hop, StoxTime now)
{
    server->tx.kind = STOX_TX_SERVER;
    server->tx.id = ++transactions->last_id;
    server->old = is_old(stox_sip_view(request));
    server->request = stox_sip_message_ref(request);
    server->flow = flow;
    server->hop = hop;
    server->give_up_ms = now.mono_ms + (server->invite ? STOX_SIP_TIMER_C : STOX_SIP_64T1);
    stox_server_tx_arm(transactions, server,
                       now.mono_ms +
                           (server->invite ? STOX_SIP_TRYING_INVITE : STOX_SIP_TRYING_OTHER));
    g_hash_table_insert(transactions->servers, &server->tx.id, server);
    g_hash_table_insert(transactions->servers_by_key, server->key, server);
    if (!g_hash_table_contains(transactions->servers_by_call, server->call_key))
        g_hash_table_insert(transactions->servers_by_call, server->call_key, server);
}

/* To tags are no part of the old key: those of a request must be equal as well. */
static bool same_request(const StoxServerTx *server, const StoxSipView *view)
{
    return !server->old || !server->request ||
           g_strcmp0(stox_sip_view(server->request)->to_tag, view->to_tag) == 0;
}

/* All requests but ACK, CANCEL and BENOTIFY. */
static StoxRequestVerdict receive_other(StoxTransactions *transactions, StoxSipMessage *request,
                                        uint64_t flow, const StoxSipHop *hop, bool reliable,
                                        StoxTime now, uint64_t *ret_request)
{
    const StoxSipView *view = stox_sip_view(request);
    g_autofree char *key = make_key(request, hop, view->method_name);
    StoxServerTx *server = g_hash_table_lookup(transactions->servers_by_key, key);
    StoxAnswered answered;
    unsigned status, diagnostic;

    if (server && same_request(server, view)) {
        repeat(transactions, server, flow);
        return STOX_REQUEST_DONE;
    }
    server = g_new0(StoxServerTx, 1);
    server->invite = view->method == STOX_SIP_INVITE;
    server->reliable = reliable;
    server->key = g_steal_pointer(&key);
    server->call_key = stox_server_tx_call_key(view, view->method_name);
    server->key_hash = hash_of(transactions, view, server->key, server->call_key);
    server->call_hash = stox_tx_hash(transactions->hash_seed, server->call_key);
    if (stox_tx_memory_find(transactions->memory, server->key_hash, &answered)) {
        stox_server_tx_free(server);
        repeat_answered(transactions, &answered, request, flow, hop);
        return STOX_REQUEST_DONE;
    }
    status = reject(transactions, request, hop, server, &diagnostic);
    if (status) {
        stox_server_tx_free(server);
        refuse(transactions, request, flow, hop, status, diagnostic);
        return STOX_REQUEST_DONE;
    }
    open_server(transactions, server, request, flow, hop, now);
    *ret_request = server->tx.id;
    return STOX_REQUEST_NEW;
}

StoxRequestVerdict stox_transactions_receive_request(StoxTransactions *transactions,
                                                     StoxSipMessage *request, uint64_t flow,
                                                     const StoxSipHop *hop, bool reliable,
                                                     StoxTime now, uint64_t *ret_request)
{
    stox_tx_memory_expire(transactions->memory, now.mono_ms);
    switch (stox_sip_view(request)->method) {
    case STOX_SIP_ACK:
        return receive_ack(transactions, request, hop, now);
    case STOX_SIP_CANCEL:
        receive_cancel(transactions, request, flow, hop);
        return STOX_REQUEST_DONE;
    case STOX_SIP_BENOTIFY:
        if (has_own_via(transactions, request, hop))
            return STOX_REQUEST_DONE;
        *ret_request = 0;
        return STOX_REQUEST_NEW;
    default:
        return receive_other(transactions, request, flow, hop, reliable, now, ret_request);
    }
}
