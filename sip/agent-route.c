/* SPDX-License-Identifier: MIT */
/*
 * Connections that are being opened, and what waits for them. A route tries one server after the other; what waits goes to the next one untouched when
 * one fails, all in its order. Together the tries take less than a transaction's time-out, so that a dead server costs nobody his message.
 */
#include "sip/agent-routing.h"
#include "sip/transport-find.h"

#include <string.h>

enum {
    MAX_WAITING = 10000,
    TOGETHER_MS = 20000, /* of the 32 s of a transaction: an answer needs its time as well */
    ATTEMPT_MS = 4000,   /* for one server while there are others */
    ATTEMPT_MIN_MS = 1000,
};

typedef struct {
    uint64_t transaction; /* 0: an ACK or a response */
    GBytes *bytes;
} Waiting;

struct StoxRoute {
    char *key;
    const StoxAgentHop *hop;
    StoxTransportKind kind;
    StoxRouteKind how;
    StoxServer *only; /* ONE */
    GPtrArray *hosts; /* NAMES: char*, still to look up */
    unsigned port;
    uint64_t lookup;    /* 0: none under way */
    char *host;         /* NAMES: whose addresses `left` are */
    bool known;         /* ... it is a next hop: the health machine chooses */
    GPtrArray *left;    /* StoxServer*, still to try */
    GHashTable *tried;  /* set of server names */
    StoxServer *server; /* being tried; NULL none */
    uint64_t flow;
    int64_t attempt_until, over_at; /* monotonic ms */
    StoxSipFate fate;
    char *why; /* of the last failure */
    GQueue waiting;
};

static void waiting_free(Waiting *waiting)
{
    g_bytes_unref(waiting->bytes);
    g_free(waiting);
}

static void route_free(gpointer data)
{
    StoxRoute *route = data;

    g_queue_clear_full(&route->waiting, (GDestroyNotify) waiting_free);
    g_ptr_array_unref(route->hosts);
    g_ptr_array_unref(route->left);
    g_hash_table_unref(route->tried);
    stox_server_unref(route->only);
    stox_server_unref(route->server);
    g_free(route->host);
    g_free(route->why);
    g_free(route->key);
    g_free(route);
}

/* ---- The table ---- */

static char *key_of(const StoxAgentHop *hop, StoxTransportKind kind, StoxRouteKind how,
                    const StoxServer *server, char *const *hosts, unsigned port)
{
    g_autofree char *names = hosts ? g_strjoinv(",", (char **) hosts) : NULL;

    return g_strdup_printf("%s %d %d %s %u", hop->sip.name, kind, how,
                           server  ? server->name
                           : names ? names
                                   : "",
                           port);
}

StoxRoute *stox_route_find(StoxAgent *agent, const StoxAgentHop *hop, StoxTransportKind kind,
                           StoxRouteKind how, const StoxServer *server, char *const *hosts,
                           unsigned port)
{
    g_autofree char *key = NULL;

    if (g_hash_table_size(agent->routing->routes) == 0)
        return NULL;
    key = key_of(hop, kind, how, server, hosts, port);
    return g_hash_table_lookup(agent->routing->routes, key);
}

StoxRoute *stox_route_new(StoxAgent *agent, const StoxAgentHop *hop, StoxTransportKind kind,
                          StoxRouteKind how, StoxServer *server, char *const *hosts, unsigned port)
{
    StoxRoute *route = g_new0(StoxRoute, 1);

    route->key = key_of(hop, kind, how, server, hosts, port);
    route->hop = hop;
    route->kind = kind;
    route->how = how;
    route->only = server ? stox_server_ref(server) : NULL;
    route->hosts = g_ptr_array_new_with_free_func(g_free);
    for (unsigned i = 0; hosts && hosts[i]; i++)
        g_ptr_array_add(route->hosts, g_strdup(hosts[i]));
    route->port = port;
    route->left = g_ptr_array_new_with_free_func((GDestroyNotify) stox_server_unref);
    route->tried = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    route->over_at = stox_agent_now().mono_ms + TOGETHER_MS;
    route->fate = STOX_SIP_NOT_SENT;
    g_queue_init(&route->waiting);
    g_hash_table_insert(agent->routing->routes, route->key, route);
    return route;
}

bool stox_route_wait(StoxRoute *route, uint64_t transaction, GBytes *bytes)
{
    Waiting *waiting;

    if (route->waiting.length >= MAX_WAITING)
        return false;
    waiting = g_new0(Waiting, 1);
    waiting->transaction = transaction;
    waiting->bytes = g_bytes_ref(bytes);
    g_queue_push_tail(&route->waiting, waiting);
    return true;
}

/* ---- Flows that were opened for a name ---- */

static char *line_key(const StoxAgentHop *hop, StoxTransportKind kind, const char *host,
                      unsigned port)
{
    return g_strdup_printf("%s %d %s %u", hop->sip.name, kind, host, port);
}

uint64_t stox_route_line(StoxAgent *agent, const StoxAgentHop *hop, StoxTransportKind kind,
                         const char *host, unsigned port)
{
    g_autofree char *key = line_key(hop, kind, host, port);
    const uint64_t *flow = g_hash_table_lookup(agent->routing->lines, key);

    if (!flow)
        return 0;
    if (stox_transport_is_open(agent->transport, *flow))
        return *flow;
    g_hash_table_remove(agent->routing->lines, key);
    return 0;
}

static gboolean line_is(gpointer key, gpointer flow, gpointer user)
{
    return *(uint64_t *) flow == *(uint64_t *) user;
}

/* ---- The end of a route ---- */

/* No server is left; everything that waited is failed, in its order. */
static void give_up(StoxAgent *agent, StoxRoute *route)
{
    Waiting *next;

    if (route->how == STOX_ROUTE_NAMES && route->why)
        g_warning("[hop %s] %s, which a dialog names, cannot be reached: %s", route->hop->sip.name,
                  route->host ? route->host : "an address", route->why);
    while ((next = g_queue_pop_head(&route->waiting))) {
        StoxAgentTx *tx = stox_agent_tx(agent, next->transaction);

        if (tx) {
            tx->waiting = false;
            tx->unsent = true;
            /* A single server may have failed where others have not been tried. */
            tx->exhausted = route->how != STOX_ROUTE_ONE;
            stox_agent_tx_fail_later(agent, next->transaction, route->fate);
        }
        waiting_free(next);
    }
    g_hash_table_remove(agent->routing->routes, route->key);
}

static void send_waiting(StoxAgent *agent, uint64_t flow, StoxServer *server,
                         const Waiting *waiting)
{
    StoxAgentTx *tx = stox_agent_tx(agent, waiting->transaction);

    /* Its time has run out while it waited: its sender has been told that it was not sent. */
    if (waiting->transaction && !tx)
        return;
    if (tx)
        tx->waiting = false;
    if (!stox_transport_send(agent->transport, flow, waiting->bytes, waiting->transaction)) {
        if (tx)
            tx->unsent = tx->exhausted = true;
        stox_agent_tx_fail_later(agent, waiting->transaction, STOX_SIP_NOT_SENT);
    } else if (tx) {
        stox_agent_tx_left(agent, tx, flow, server);
    }
}

/* The flow is open: what waited leaves. */
static void finish(StoxAgent *agent, StoxRoute *route, uint64_t flow)
{
    Waiting *next;

    if (route->how == STOX_ROUTE_NAMES && route->host)
        g_hash_table_replace(agent->routing->lines,
                             line_key(route->hop, route->kind, route->host, route->port),
                             g_memdup2(&flow, sizeof flow));
    if (route->server)
        route->server->flows[route->kind] = flow;
    while ((next = g_queue_pop_head(&route->waiting))) {
        send_waiting(agent, flow, route->server, next);
        waiting_free(next);
    }
    g_hash_table_remove(agent->routing->routes, route->key);
}

/* ---- The next server ---- */

static StoxServer *next_any(StoxRoute *route, bool *ret_wait)
{
    StoxHopServers *servers = route->hop->servers;

    switch (stox_servers_state(servers)) {
    case STOX_SERVERS_WAIT:
        *ret_wait = true;
        return NULL;
    case STOX_SERVERS_NONE:
        route->fate = stox_servers_fate(servers);
        return NULL;
    case STOX_SERVERS_READY:
        break;
    }
    return stox_servers_choose(servers, route->tried);
}

static StoxServer *next_named(StoxAgent *agent, StoxRoute *route, bool *ret_wait)
{
    for (;;) {
        StoxServer *server =
            route->known ? stox_servers_choose_of(route->hop->servers, route->host, route->tried)
                         : NULL;

        if (server)
            return server;
        if (route->left->len > 0)
            return g_ptr_array_steal_index(route->left, 0);
        if (route->lookup || route->hosts->len == 0) {
            *ret_wait = route->lookup != 0;
            return NULL;
        }
        g_free(route->host);
        route->host = g_ptr_array_steal_index(route->hosts, 0);
        route->known = stox_servers_know(route->hop->servers, route->host, route->port) &&
                       stox_servers_state(route->hop->servers) == STOX_SERVERS_READY;
        if (!route->known)
            route->lookup =
                stox_resolver_start(agent->resolver, route->host, route->port, route->kind);
    }
}

static StoxServer *next_server(StoxAgent *agent, StoxRoute *route, bool *ret_wait)
{
    StoxServer *server = NULL;

    if (agent->routing->stopping || stox_agent_now().mono_ms >= route->over_at)
        return NULL;
    if (route->how == STOX_ROUTE_ANY)
        server = next_any(route, ret_wait);
    else if (route->how == STOX_ROUTE_ONE)
        server = g_steal_pointer(&route->only);
    else
        return next_named(agent, route, ret_wait);
    return server && route->how == STOX_ROUTE_ANY ? stox_server_ref(server) : server;
}

/* How many could follow: decides how long one may take. */
static unsigned further(const StoxRoute *route)
{
    unsigned n = route->left->len + route->hosts->len;

    if (route->how == STOX_ROUTE_ANY && route->hop->servers->servers->len > 0)
        n += route->hop->servers->servers->len -
             MIN(g_hash_table_size(route->tried), route->hop->servers->servers->len);
    return n;
}

static void start_attempt(StoxAgent *agent, StoxRoute *route)
{
    int64_t now = stox_agent_now().mono_ms, rest = MAX(route->over_at - now, ATTEMPT_MIN_MS);
    unsigned n = further(route);

    route->attempt_until = now + (n > 0 ? CLAMP(rest / (n + 1), ATTEMPT_MIN_MS, ATTEMPT_MS) : rest);
    route->flow = stox_transport_connect(agent->transport, route->hop->settings, route->kind,
                                         route->server->address, route->server->host);
}

void stox_route_advance(StoxAgent *agent, StoxRoute *route)
{
    bool wait = false;
    uint64_t flow;

    g_clear_pointer(&route->server, stox_server_unref);
    route->flow = 0;
    route->attempt_until = 0;
    route->server = next_server(agent, route, &wait);
    if (wait)
        return;
    if (!route->server) {
        give_up(agent, route);
        return;
    }
    g_hash_table_add(route->tried, g_strdup(route->server->name));
    flow = stox_servers_flow(route->hop->servers, route->server, route->kind);
    if (flow)
        finish(agent, route, flow);
    else
        start_attempt(agent, route);
}

void stox_route_connect(StoxAgent *agent, StoxRoute *route)
{
    route->server = g_steal_pointer(&route->only);
    start_attempt(agent, route);
}

/* ---- From the resolver and the transport ---- */

static StoxRoute *route_of_flow(StoxAgent *agent, uint64_t flow)
{
    GHashTableIter iter;
    gpointer value;

    /* There are as many as connections are being opened: few. */
    g_hash_table_iter_init(&iter, agent->routing->routes);
    while (g_hash_table_iter_next(&iter, NULL, &value))
        if (((StoxRoute *) value)->flow == flow)
            return value;
    return NULL;
}

/* Routes for which `wanted` holds, as an array, since going on with one may end others. */
static GPtrArray *routes_that(StoxAgent *agent, bool (*wanted)(const StoxRoute *, int64_t),
                              int64_t with)
{
    GPtrArray *keys = g_ptr_array_new_with_free_func(g_free);
    GHashTableIter iter;
    gpointer value;

    g_hash_table_iter_init(&iter, agent->routing->routes);
    while (g_hash_table_iter_next(&iter, NULL, &value))
        if (wanted(value, with))
            g_ptr_array_add(keys, g_strdup(((StoxRoute *) value)->key));
    return keys;
}

static bool waits_for_servers(const StoxRoute *route, int64_t unused)
{
    return route->how == STOX_ROUTE_ANY && !route->flow;
}

static bool looks_up(const StoxRoute *route, int64_t lookup)
{
    return route->lookup && (int64_t) route->lookup == lookup;
}

static bool is_due(const StoxRoute *route, int64_t now_ms)
{
    return waits_for_servers(route, 0) ||
           now_ms >= (route->flow ? route->attempt_until : route->over_at);
}

static void advance_all(StoxAgent *agent, GPtrArray *keys)
{
    for (unsigned i = 0; i < keys->len; i++) {
        StoxRoute *route = g_hash_table_lookup(agent->routing->routes, keys->pdata[i]);

        if (route)
            stox_route_advance(agent, route);
    }
    g_ptr_array_unref(keys);
}

static void take_addresses(StoxRoute *route, GPtrArray *results, const GError *error)
{
    route->lookup = 0;
    if (!results) {
        bool unknown = g_error_matches(error, G_RESOLVER_ERROR, G_RESOLVER_ERROR_NOT_FOUND);

        route->fate = unknown ? STOX_SIP_NO_SUCH_DOMAIN : STOX_SIP_NOT_SENT;
        g_free(route->why);
        route->why = g_strdup(error->message);
        return;
    }
    route->fate = STOX_SIP_NOT_SENT;
    for (unsigned i = 0; i < results->len; i++) {
        const StoxResolved *found = results->pdata[i];

        g_ptr_array_add(route->left, stox_server_new(found->host, found->address));
    }
}

void stox_agent_resolved_cb(void *user, uint64_t id, GPtrArray *results, const GError *error)
{
    StoxAgent *agent = user;
    GPtrArray *keys = routes_that(agent, looks_up, (int64_t) id);

    for (unsigned i = 0; i < keys->len; i++)
        take_addresses(g_hash_table_lookup(agent->routing->routes, keys->pdata[i]), results, error);
    if (keys->len == 0) {
        for (unsigned i = 0; i < agent->hops->len; i++) {
            const StoxAgentHop *hop = agent->hops->pdata[i];

            if (stox_servers_resolved(hop->servers, id, results, error))
                break;
        }
        g_ptr_array_unref(keys);
        keys = routes_that(agent, waits_for_servers, 0);
    }
    advance_all(agent, keys);
    stox_agent_rearm(agent);
}

void stox_agent_connected_cb(void *user, uint64_t flow)
{
    StoxAgent *agent = user;
    StoxRoute *route = route_of_flow(agent, flow);

    if (!route)
        return;
    if (route->server && route->kind == route->hop->sip.transport)
        stox_health_connected(route->hop->servers->health, route->server->name, stox_agent_now());
    finish(agent, route, flow);
    stox_agent_rearm(agent);
}

void stox_agent_route_closed(StoxAgent *agent, uint64_t flow, const char *why)
{
    StoxRoute *route = route_of_flow(agent, flow);

    g_hash_table_foreach_remove(agent->routing->lines, line_is, &flow);
    if (!route)
        return;
    g_free(route->why);
    route->why = g_strdup(why);
    /* A server of UDP need not listen on TCP. */
    if (route->kind == route->hop->sip.transport && !agent->routing->stopping)
        stox_health_unreachable(route->hop->servers->health, route->server->name, why,
                                stox_agent_now());
    stox_route_advance(agent, route);
}

/* ---- Time ---- */

int64_t stox_agent_route_deadline(const StoxAgent *agent)
{
    int64_t deadline = STOX_NEVER;
    GHashTableIter iter;
    gpointer value;

    g_hash_table_iter_init(&iter, agent->routing->routes);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        const StoxRoute *route = value;

        deadline = MIN(deadline, route->flow ? route->attempt_until : route->over_at);
    }
    for (unsigned i = 0; i < agent->hops->len; i++)
        deadline =
            MIN(deadline, stox_servers_deadline(((StoxAgentHop *) agent->hops->pdata[i])->servers));
    return deadline;
}

void stox_agent_route_tick(StoxAgent *agent, StoxTime now)
{
    GPtrArray *keys;

    for (unsigned i = 0; i < agent->hops->len; i++)
        stox_servers_tick(((StoxAgentHop *) agent->hops->pdata[i])->servers, now);
    keys = routes_that(agent, is_due, now.mono_ms);
    for (unsigned i = 0; i < keys->len; i++) {
        StoxRoute *route = g_hash_table_lookup(agent->routing->routes, keys->pdata[i]);

        if (!route)
            continue;
        /* Closing is told later and goes on with the next server; without a flow there is nothing to wait for any more. */
        if (route->flow) {
            route->attempt_until = STOX_NEVER;
            stox_transport_close(agent->transport, route->flow, "no connection in time");
        } else {
            stox_route_advance(agent, route);
        }
    }
    g_ptr_array_unref(keys);
}

StoxRouting *stox_routing_new(void)
{
    StoxRouting *routing = g_new0(StoxRouting, 1);

    routing->routes = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, route_free);
    routing->lines = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    stox_routing_init_txs(routing);
    return routing;
}

void stox_routing_stop(StoxRouting *routing)
{
    routing->stopping = true;
}

void stox_routing_free(StoxRouting *routing)
{
    if (!routing)
        return;
    g_hash_table_unref(routing->routes);
    g_hash_table_unref(routing->lines);
    g_hash_table_unref(routing->by_flow);
    g_hash_table_unref(routing->txs);
    g_array_unref(routing->failures);
    g_free(routing);
}
