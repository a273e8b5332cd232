/* SPDX-License-Identifier: MIT */
/*
 * Where bytes go. An open connection of the hop whose certificate carries the wanted name is used, whoever opened it; else one is opened: resolve, then
 * the addresses in their order. What waits for it waits here, so that the next address gets it untouched when one fails.
 */
#include "sip/agent-private.h"

#include <string.h>

enum { MAX_WAITING = 10000 };

typedef struct {
    uint64_t transaction; /* 0: an ACK or a response */
    GBytes *bytes;
} Waiting;

typedef struct {
    char *key;
    const StoxHopSettings *settings;
    uint64_t lookup;    /* 0: answered */
    GPtrArray *results; /* StoxResolved* still to try after the current one */
    uint64_t flow;      /* being opened; 0 none */
    GQueue waiting;     /* Waiting* */
} Route;

static void waiting_free(Waiting *waiting)
{
    g_bytes_unref(waiting->bytes);
    g_free(waiting);
}

void stox_agent_route_free(gpointer data)
{
    Route *route = data;

    g_queue_clear_full(&route->waiting, (GDestroyNotify) waiting_free);
    g_ptr_array_unref(route->results);
    g_free(route->key);
    g_free(route);
}

static void failed(StoxAgent *agent, uint64_t transaction, StoxSipFate fate)
{
    if (!transaction)
        return;
    g_hash_table_remove(agent->tx_flows, &transaction);
    stox_transactions_send_failed(agent->transactions, transaction, fate, stox_agent_now());
}

static void left_on(StoxAgent *agent, uint64_t transaction, uint64_t flow)
{
    if (transaction)
        g_hash_table_replace(agent->tx_flows, g_memdup2(&transaction, sizeof transaction),
                             g_memdup2(&flow, sizeof flow));
}

/* ---- A full queue or a dead flow, told from the loop: the machines are never entered from inside their own call ---- */

typedef struct {
    StoxAgent *agent;
    uint64_t transaction;
} LateFailure;

static gboolean late_failure_cb(gpointer user)
{
    LateFailure *late = user;

    failed(late->agent, late->transaction, STOX_SIP_NOT_SENT);
    stox_agent_rearm(late->agent);
    return G_SOURCE_REMOVE;
}

static void fail_later(StoxAgent *agent, uint64_t transaction)
{
    LateFailure *late;

    if (!transaction)
        return;
    late = g_new0(LateFailure, 1);
    late->agent = agent;
    late->transaction = transaction;
    stox_agent_later(agent, late_failure_cb, late);
}

/* ---- Opening ---- */

/* Ends a route that did not come about; everything that waited is failed. */
static void give_up(StoxAgent *agent, Route *route, StoxSipFate fate, const char *why)
{
    GQueue waiting = route->waiting;
    Waiting *next;

    g_warning("[hop %s] cannot be reached: %s", route->settings->name, why);
    g_queue_init(&route->waiting);
    g_hash_table_remove(agent->routes, route->key);
    while ((next = g_queue_pop_head(&waiting))) {
        failed(agent, next->transaction, fate);
        waiting_free(next);
    }
}

static void try_next(StoxAgent *agent, Route *route, const char *why)
{
    StoxResolved *resolved;

    if (route->results->len == 0) {
        give_up(agent, route, STOX_SIP_NOT_SENT, why);
        return;
    }
    resolved = g_ptr_array_steal_index(route->results, 0);
    route->flow = stox_transport_connect(agent->transport, route->settings, route->settings->kind,
                                         resolved->address, resolved->host);
    stox_resolved_free(resolved);
}

static Route *find_route(StoxAgent *agent, bool by_lookup, uint64_t id)
{
    GHashTableIter iter;
    gpointer value;

    g_hash_table_iter_init(&iter, agent->routes);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        Route *route = value;

        if ((by_lookup ? route->lookup : route->flow) == id)
            return route;
    }
    return NULL;
}

void stox_agent_resolved_cb(void *user, uint64_t id, GPtrArray *results, const GError *error)
{
    StoxAgent *agent = user;
    Route *route = find_route(agent, true, id);

    if (!route)
        return;
    route->lookup = 0;
    if (!results) {
        bool unknown = g_error_matches(error, G_RESOLVER_ERROR, G_RESOLVER_ERROR_NOT_FOUND);

        give_up(agent, route, unknown ? STOX_SIP_NO_SUCH_DOMAIN : STOX_SIP_NOT_SENT,
                error->message);
    } else {
        for (unsigned i = 0; i < results->len; i++) {
            StoxResolved *from = results->pdata[i], *copy = g_new0(StoxResolved, 1);

            copy->host = g_strdup(from->host);
            copy->address = g_object_ref(from->address);
            g_ptr_array_add(route->results, copy);
        }
        try_next(agent, route, "no address");
    }
    stox_agent_rearm(agent);
}

void stox_agent_connected_cb(void *user, uint64_t flow)
{
    StoxAgent *agent = user;
    Route *route = find_route(agent, false, flow);
    Waiting *next;

    if (!route)
        return;
    while ((next = g_queue_pop_head(&route->waiting))) {
        if (stox_transport_send(agent->transport, flow, next->bytes, next->transaction))
            left_on(agent, next->transaction, flow);
        else
            failed(agent, next->transaction, STOX_SIP_NOT_SENT);
        waiting_free(next);
    }
    g_hash_table_remove(agent->routes, route->key);
    stox_agent_rearm(agent);
}

static void wait_for(StoxAgent *agent, const StoxAgentHop *hop, const char *host, unsigned port,
                     uint64_t transaction, GBytes *bytes)
{
    g_autofree char *key = g_strdup_printf("%s %s %u", hop->sip.name, host, port);
    Route *route = g_hash_table_lookup(agent->routes, key);
    Waiting *waiting;

    if (!route) {
        route = g_new0(Route, 1);
        route->key = g_steal_pointer(&key);
        route->settings = hop->settings;
        route->results = g_ptr_array_new_with_free_func((GDestroyNotify) stox_resolved_free);
        g_queue_init(&route->waiting);
        g_hash_table_insert(agent->routes, route->key, route);
        route->lookup = stox_resolver_start(agent->resolver, host, port, hop->sip.transport);
    }
    if (route->waiting.length >= MAX_WAITING) {
        fail_later(agent, transaction);
        return;
    }
    waiting = g_new0(Waiting, 1);
    waiting->transaction = transaction;
    waiting->bytes = g_bytes_ref(bytes);
    g_queue_push_tail(&route->waiting, waiting);
}

/* ---- From the transactions ---- */

/* Host and port a target means: the front end named by ms-fe (lync.md 4.3), the URI's host, or the hop's next hop. */
static void target_address(const StoxAgentHop *hop, const StoxSipTarget *target, char **ret_host,
                           unsigned *ret_port)
{
    g_autofree char *front_end = target->uri ? stox_sip_uri_param(target->uri, "ms-fe") : NULL;

    if (target->uri && stox_sip_uri_host(target->uri, ret_host, ret_port)) {
        if (front_end && *front_end) {
            g_free(*ret_host);
            *ret_host = g_steal_pointer(&front_end);
        }
        return;
    }
    *ret_host = g_strdup(stox_next_hop_first(hop->settings)->host);
    *ret_port = stox_next_hop_first(hop->settings)->port;
}

static void send_to(StoxAgent *agent, const StoxAgentHop *hop, uint64_t flow, const char *host,
                    unsigned port, uint64_t transaction, GBytes *bytes)
{
    g_autofree char *key = g_strdup_printf("%s %s %u", hop->sip.name, host, port);

    /* Order: what waits for a connection goes before what comes later. */
    if (g_hash_table_contains(agent->routes, key))
        flow = 0;
    else if (!flow || !stox_transport_is_open(agent->transport, flow))
        flow = stox_transport_find(agent->transport, hop->settings, hop->settings->kind, host);
    if (!flow)
        wait_for(agent, hop, host, port, transaction, bytes);
    else if (stox_transport_send(agent->transport, flow, bytes, transaction))
        left_on(agent, transaction, flow);
    else
        fail_later(agent, transaction);
}

void stox_agent_send_request(void *user, uint64_t transaction, GBytes *bytes,
                             const StoxSipTarget *target)
{
    StoxAgent *agent = user;
    const StoxAgentHop *hop = stox_agent_hop_by_name(agent, target->hop->name);
    g_autofree char *host = NULL;
    unsigned port = 0;

    target_address(hop, target, &host, &port);
    send_to(agent, hop, target->flow, host, port, transaction, bytes);
}

void stox_agent_send_response(void *user, uint64_t flow, const StoxSipHop *sip_hop, GBytes *bytes,
                              const StoxSipMessage *request)
{
    StoxAgent *agent = user;
    const StoxAgentHop *hop = stox_agent_hop_by_name(agent, sip_hop->name);
    g_autofree char *uri = NULL;
    g_autofree char *host = NULL;
    const char *sent_by = stox_sip_view(request)->sent_by;
    unsigned port = 0;

    if (stox_transport_send(agent->transport, flow, bytes, 0))
        return;
    /* The connection is gone: back to where the request came from (RFC 3261 s18.2.2). */
    uri = g_strconcat("sip:", sent_by, NULL);
    if (sent_by && stox_sip_uri_host(uri, &host, &port))
        send_to(agent, hop, 0, host, port, 0, bytes);
}

/* ---- From the transport ---- */

void stox_agent_unsent_cb(void *user, uint64_t flow, uint64_t token, bool partial)
{
    StoxAgent *agent = user;

    failed(agent, token, partial ? STOX_SIP_TRANSPORT : STOX_SIP_NOT_SENT);
    stox_agent_rearm(agent);
}

/* Requests that left on this connection and have no answer: they may have arrived. */
static void fail_flow(StoxAgent *agent, uint64_t flow)
{
    g_autoptr(GArray) lost = g_array_new(FALSE, FALSE, sizeof(uint64_t));
    GHashTableIter iter;
    gpointer key, value;

    g_hash_table_iter_init(&iter, agent->tx_flows);
    while (g_hash_table_iter_next(&iter, &key, &value))
        if (*(uint64_t *) value == flow)
            g_array_append_val(lost, *(uint64_t *) key);
    for (unsigned i = 0; i < lost->len; i++)
        failed(agent, g_array_index(lost, uint64_t, i), STOX_SIP_TRANSPORT);
}

void stox_agent_closed_cb(void *user, uint64_t flow, const char *why)
{
    StoxAgent *agent = user;
    Route *route = find_route(agent, false, flow);

    if (route) {
        route->flow = 0;
        try_next(agent, route, why);
    }
    fail_flow(agent, flow);
    stox_agent_rearm(agent);
}
