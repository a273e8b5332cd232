/* SPDX-License-Identifier: MIT */
/*
 * The servers behind a hop's next hops: their names are looked up at the start, every few minutes (GResolver tells no TTL) and when one fails; what is
 * known of each is the health machine's, which this file feeds with probes and lets speak to the log.
 */
#include "sip/agent-routing.h"
#include "sip/transport-find.h"

#include <string.h>

enum {
    REFRESH_MS = 300000,
    REFRESH_FAILED_MS = 30000, /* one of the names did not resolve */
    LOOK_AGAIN_MS = 10000,     /* after a failure, at most so often */
    PATIENCE_MS = 4000,        /* for the look-up of a preferred name while another one is there */
};

/* What one next hop resolved to. */
typedef struct {
    const StoxNextHop *next_hop;
    uint64_t lookup; /* 0: none under way */
    bool answered;   /* once at least */
    bool failed, unknown;
    GPtrArray *servers; /* StoxServer* */
} List;

StoxServer *stox_server_new(const char *host, GSocketAddress *address)
{
    StoxServer *server = g_new0(StoxServer, 1);
    g_autofree char *text = stox_address_text(address);

    server->refs = 1;
    server->name = g_strdup_printf("%s %s", host, text);
    server->host = g_strdup(host);
    server->address = g_object_ref(address);
    return server;
}

StoxServer *stox_server_ref(StoxServer *server)
{
    server->refs++;
    return server;
}

void stox_server_unref(StoxServer *server)
{
    if (!server || --server->refs > 0)
        return;
    g_object_unref(server->address);
    g_free(server->host);
    g_free(server->name);
    g_free(server);
}

static void list_free(gpointer data)
{
    List *list = data;

    g_ptr_array_unref(list->servers);
    g_free(list);
}

static StoxServer *find(const StoxHopServers *servers, const char *name)
{
    for (unsigned i = 0; i < servers->servers->len; i++) {
        StoxServer *server = servers->servers->pdata[i];

        if (strcmp(server->name, name) == 0)
            return server;
    }
    return NULL;
}

/* ---- Names ---- */

static void look_up(StoxHopServers *servers)
{
    servers->looked_up_ms = stox_agent_now().mono_ms;
    servers->refresh_ms = servers->looked_up_ms + REFRESH_MS;
    for (unsigned i = 0; i < servers->lists->len; i++) {
        List *list = servers->lists->pdata[i];

        if (!list->lookup)
            list->lookup = stox_resolver_start(servers->agent->resolver, list->next_hop->host,
                                               list->next_hop->port, servers->hop->settings->kind);
    }
}

StoxServersState stox_servers_state(StoxHopServers *servers)
{
    int64_t age = stox_agent_now().mono_ms - servers->looked_up_ms;
    bool waiting = false, asking = false;

    for (unsigned i = 0; i < servers->lists->len; i++) {
        const List *list = servers->lists->pdata[i];

        waiting = waiting || !list->answered;
        asking = asking || list->lookup;
    }
    if (servers->servers->len > 0)
        return waiting && age < PATIENCE_MS ? STOX_SERVERS_WAIT : STOX_SERVERS_READY;
    /* Nothing to send to: each request is worth a look. */
    if (!asking && age >= 1000) {
        look_up(servers);
        asking = true;
    }
    return asking ? STOX_SERVERS_WAIT : STOX_SERVERS_NONE;
}

StoxSipFate stox_servers_fate(const StoxHopServers *servers)
{
    for (unsigned i = 0; i < servers->lists->len; i++)
        if (!((List *) servers->lists->pdata[i])->unknown)
            return STOX_SIP_NOT_SENT;
    return STOX_SIP_NO_SUCH_DOMAIN;
}

/* The same server object goes on, since transactions and flows belong to it. */
static void fill_list(StoxHopServers *servers, List *list, GPtrArray *results)
{
    GPtrArray *fresh = g_ptr_array_new_with_free_func((GDestroyNotify) stox_server_unref);

    for (unsigned i = 0; i < results->len; i++) {
        const StoxResolved *found = results->pdata[i];
        StoxServer *server = stox_server_new(found->host, found->address);
        StoxServer *known = find(servers, server->name);

        if (known) {
            stox_server_unref(server);
            server = stox_server_ref(known);
        }
        g_ptr_array_add(fresh, server);
    }
    g_ptr_array_unref(list->servers);
    list->servers = fresh;
}

/* All lists in one, without doubles. */
static void join_lists(StoxHopServers *servers)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    GPtrArray *old = servers->servers;

    servers->servers = g_ptr_array_new_with_free_func((GDestroyNotify) stox_server_unref);
    for (unsigned i = 0; i < servers->lists->len; i++) {
        const List *list = servers->lists->pdata[i];

        for (unsigned s = 0; s < list->servers->len; s++) {
            StoxServer *server = list->servers->pdata[s];

            if (find(servers, server->name))
                continue;
            g_ptr_array_add(servers->servers, stox_server_ref(server));
            g_ptr_array_add(names, server->name);
        }
    }
    g_ptr_array_add(names, NULL);
    stox_health_set_servers(servers->health, (const char *const *) names->pdata, stox_agent_now());
    g_ptr_array_unref(old);
}

bool stox_servers_resolved(StoxHopServers *servers, uint64_t id, GPtrArray *results,
                           const GError *error)
{
    List *list = NULL;

    for (unsigned i = 0; i < servers->lists->len && !list; i++)
        if (((List *) servers->lists->pdata[i])->lookup == id)
            list = servers->lists->pdata[i];
    if (!list)
        return false;
    list->lookup = 0;
    list->answered = true;
    if (results) {
        if (list->failed)
            g_message("[hop %s] next-hop %s resolves again", servers->hop->sip.name,
                      list->next_hop->host);
        list->failed = list->unknown = false;
        fill_list(servers, list, results);
        join_lists(servers);
        return true;
    }
    /* What it was before still counts: a name server may be down while the servers are not. */
    if (!list->failed)
        g_warning("[hop %s] next-hop %s does not resolve: %s; see that the name is right and DNS "
                  "answers",
                  servers->hop->sip.name, list->next_hop->host, error->message);
    list->failed = true;
    list->unknown = g_error_matches(error, G_RESOLVER_ERROR, G_RESOLVER_ERROR_NOT_FOUND);
    servers->refresh_ms = stox_agent_now().mono_ms + REFRESH_FAILED_MS;
    return true;
}

/* ---- Choice ---- */

StoxServer *stox_servers_choose(StoxHopServers *servers, GHashTable *tried)
{
    const char *name = stox_health_choose(servers->health, tried, stox_agent_now());

    return name ? find(servers, name) : NULL;
}

StoxServer *stox_servers_choose_of(StoxHopServers *servers, const char *host, GHashTable *tried)
{
    g_autoptr(GHashTable) not_these = g_hash_table_new(g_str_hash, g_str_equal);
    StoxServer *server;

    for (unsigned i = 0; i < servers->servers->len; i++) {
        server = servers->servers->pdata[i];
        if (g_ascii_strcasecmp(server->host, host) != 0 ||
            g_hash_table_contains(tried, server->name))
            g_hash_table_add(not_these, server->name);
    }
    server = stox_servers_choose(servers, not_these);
    return server ? stox_server_ref(server) : NULL;
}

bool stox_servers_know(const StoxHopServers *servers, const char *host, unsigned port)
{
    for (unsigned i = 0; i < servers->lists->len; i++) {
        const StoxNextHop *next_hop = ((List *) servers->lists->pdata[i])->next_hop;

        if (g_ascii_strcasecmp(next_hop->host, host) == 0 &&
            (port == next_hop->port || port == 0 || next_hop->port == 0))
            return true;
    }
    return false;
}

uint64_t stox_servers_flow(StoxHopServers *servers, StoxServer *server, StoxTransportKind kind)
{
    g_autoptr(GPtrArray) others = NULL;
    uint64_t flow = server->flows[kind];

    if (flow && stox_transport_is_open(servers->agent->transport, flow))
        return flow;
    server->flows[kind] = 0;
    /* Over tcp a connection that its peer opened says nothing of where it listens. */
    if (kind != STOX_TRANSPORT_TLS)
        return 0;
    others = g_ptr_array_new();
    for (unsigned i = 0; i < servers->servers->len; i++) {
        StoxServer *other = servers->servers->pdata[i];

        if (strcmp(other->name, server->name) != 0)
            g_ptr_array_add(others, other->address);
    }
    server->flows[kind] = stox_transport_find_tls(servers->agent->transport, servers->hop->settings,
                                                  server->host, server->address, others);
    return server->flows[kind];
}

/* ---- What the health machine asks ---- */

static bool probe_cb(void *user, const char *name, bool down)
{
    StoxHopServers *servers = user;
    StoxServer *server = find(servers, name);
    StoxTransportKind kind = servers->hop->sip.transport;
    StoxRoute *route;

    if (!server || servers->agent->routing->stopping)
        return false;
    if (!down && !stox_servers_flow(servers, server, kind))
        return false;
    if (servers->hop->settings->options_interval_s > 0) {
        stox_agent_ask(servers->agent, servers->hop, server);
        return true;
    }
    /* Without OPTIONS a connection that comes about must do. */
    server->flows[kind] = 0;
    if (!stox_route_find(servers->agent, servers->hop, kind, STOX_ROUTE_ONE, server, NULL, 0)) {
        route = stox_route_new(servers->agent, servers->hop, kind, STOX_ROUTE_ONE, server, NULL, 0);
        stox_route_connect(servers->agent, route);
    }
    return true;
}

static void silent_cb(void *user, const char *name)
{
    StoxHopServers *servers = user;
    const uint64_t *flow = g_hash_table_lookup(servers->probe_flows, name);

    /* A peer that never answers pings is only found dead this way; the next try gets a connection of its own. */
    if (flow)
        stox_transport_close(servers->agent->transport, *flow, "no answer to OPTIONS");
    g_hash_table_remove(servers->probe_flows, name);
}

/* A server of a hop, and not the others. */
typedef struct {
    StoxTransport *transport;
    const StoxServer *server;
} Lost;

static bool sound_cb(void *user, uint64_t flow)
{
    const Lost *lost = user;

    return stox_transport_is_open(lost->transport, flow) &&
           !(lost->server &&
             stox_transport_comes_from(lost->transport, flow, lost->server->address));
}

/* It may have forgotten the subscriptions it had; nobody else would tell us. */
static void doubt_subscriptions(StoxHopServers *servers, const char *name, bool up)
{
    StoxAgent *agent = servers->agent;
    Lost lost = {agent->transport, find(servers, name)};

    if (agent->routing->stopping)
        return;
    stox_subscribers_lost(stox_endpoint_subscribers(agent->endpoint), &servers->hop->sip, sound_cb,
                          &lost, stox_agent_now());
    if (up) {
        StoxEvent *event = stox_event_new(STOX_EVENT_HOP_UP);

        event->hop = g_strdup(servers->hop->sip.name);
        agent->func(event, agent->user);
    }
    stox_agent_rearm(agent);
}

static void changed_cb(void *user, const char *name, bool up, const char *why)
{
    StoxHopServers *servers = user;

    doubt_subscriptions(servers, name, up);
    if (up) {
        g_message("[hop %s] server %s is up again", servers->hop->sip.name, name);
        return;
    }
    g_warning("[hop %s] server %s is down: %s; %s. See that its SIP service runs and that network "
              "and firewall let us reach it",
              servers->hop->sip.name, name, why,
              servers->servers->len > 1 ? "requests go to the others" : "there is no other one");
    if (stox_agent_now().mono_ms - servers->looked_up_ms >= LOOK_AGAIN_MS)
        servers->refresh_ms = 0;
}

static void circuit_cb(void *user, bool open)
{
    StoxHopServers *servers = user;

    if (open)
        g_warning("[hop %s] no server answers: requests are refused at once until one does",
                  servers->hop->sip.name);
    else
        g_message("[hop %s] requests are sent again", servers->hop->sip.name);
}

static uint32_t random_cb(void *user, uint32_t below)
{
    return (uint32_t) g_random_int_range(0, (gint32) below);
}

/* ---- Life ---- */

StoxHopServers *stox_servers_new(StoxAgent *agent, const StoxAgentHop *hop)
{
    static const StoxHealthOps ops = {.probe = probe_cb,
                                      .silent = silent_cb,
                                      .changed = changed_cb,
                                      .circuit = circuit_cb,
                                      .random = random_cb};
    StoxHopServers *servers = g_new0(StoxHopServers, 1);
    const GPtrArray *next_hops = hop->settings->next_hops;

    servers->agent = agent;
    servers->hop = hop;
    servers->health =
        stox_health_new((int64_t) hop->settings->options_interval_s * 1000, &ops, servers);
    servers->lists = g_ptr_array_new_with_free_func(list_free);
    servers->servers = g_ptr_array_new_with_free_func((GDestroyNotify) stox_server_unref);
    servers->probe_flows = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    for (unsigned i = 0; i < next_hops->len; i++) {
        List *list = g_new0(List, 1);

        list->next_hop = next_hops->pdata[i];
        list->servers = g_ptr_array_new_with_free_func((GDestroyNotify) stox_server_unref);
        g_ptr_array_add(servers->lists, list);
    }
    return servers;
}

void stox_servers_free(StoxHopServers *servers)
{
    if (!servers)
        return;
    stox_health_free(servers->health);
    g_hash_table_unref(servers->probe_flows);
    g_ptr_array_unref(servers->lists);
    g_ptr_array_unref(servers->servers);
    g_free(servers);
}

int64_t stox_servers_deadline(const StoxHopServers *servers)
{
    int64_t deadline = MIN(stox_health_deadline(servers->health), servers->refresh_ms);

    for (unsigned i = 0; i < servers->lists->len; i++)
        if (!((List *) servers->lists->pdata[i])->answered &&
            stox_agent_now().mono_ms < servers->looked_up_ms + PATIENCE_MS)
            return MIN(deadline, servers->looked_up_ms + PATIENCE_MS);
    return deadline;
}

void stox_servers_tick(StoxHopServers *servers, StoxTime now)
{
    stox_health_tick(servers->health, now);
    if (now.mono_ms >= servers->refresh_ms)
        look_up(servers);
}
