/* SPDX-License-Identifier: MIT */
/*
 * Where bytes go, and what is known of each request until it is answered: the server it went to, the flow it left on, the servers that were
 * tried. An open connection whose certificate carries the wanted name is used, whoever opened it; else one is opened (agent-route.c).
 */
#include "sip/agent-routing.h"
#include "sip/transport-find.h"
#include "sip/way.h"

#include <string.h>

enum {
    REDIALS = 2, /* of one request, since a connection closed before a byte of it was written */
};

typedef struct {
    uint64_t transaction;
    StoxSipFate fate;
} Failure;

/* ---- Client transactions ---- */

static void tx_free(gpointer data)
{
    StoxAgentTx *tx = data;

    g_clear_pointer(&tx->tried, g_hash_table_unref);
    stox_server_unref(tx->server);
    g_clear_pointer(&tx->bytes, g_bytes_unref);
    g_free(tx->uri);
    g_free(tx);
}

void stox_routing_init_txs(StoxRouting *routing)
{
    routing->txs = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, tx_free);
    routing->by_flow = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    routing->failures = g_array_new(FALSE, FALSE, sizeof(Failure));
}

StoxAgentTx *stox_agent_tx(StoxAgent *agent, uint64_t transaction)
{
    return transaction ? g_hash_table_lookup(agent->routing->txs, &transaction) : NULL;
}

/* Takes it out of its flow's list. */
static void detach(StoxAgent *agent, StoxAgentTx *tx)
{
    if (!tx->flow)
        return;
    if (tx->next)
        tx->next->prev = tx->prev;
    if (tx->prev)
        tx->prev->next = tx->next;
    else if (tx->next)
        g_hash_table_replace(agent->routing->by_flow, g_memdup2(&tx->flow, sizeof tx->flow),
                             tx->next);
    else
        g_hash_table_remove(agent->routing->by_flow, &tx->flow);
    tx->next = tx->prev = NULL;
    tx->flow = 0;
}

void stox_agent_tx_left(StoxAgent *agent, StoxAgentTx *tx, uint64_t flow, StoxServer *server)
{
    detach(agent, tx);
    tx->flow = flow;
    tx->unsent = false;
    tx->next = g_hash_table_lookup(agent->routing->by_flow, &flow);
    if (tx->next)
        tx->next->prev = tx;
    g_hash_table_replace(agent->routing->by_flow, g_memdup2(&flow, sizeof flow), tx);
    if (server && server != tx->server) {
        stox_server_unref(tx->server);
        tx->server = stox_server_ref(server);
    }
    if (tx->probe)
        g_hash_table_replace(tx->hop->servers->probe_flows, g_strdup(tx->server->name),
                             g_memdup2(&flow, sizeof flow));
}

static StoxAgentTx *tx_new(StoxAgent *agent, uint64_t transaction, const StoxAgentHop *hop,
                           const StoxSipTarget *target)
{
    StoxAgentTx *tx = g_new0(StoxAgentTx, 1);

    tx->id = transaction;
    tx->hop = hop;
    tx->uri = g_strdup(target->uri);
    if (agent->routing->pin) {
        tx->server = stox_server_ref(agent->routing->pin);
        tx->probe = tx->pinned = true;
    }
    g_hash_table_insert(agent->routing->txs, &tx->id, tx);
    return tx;
}

/* ---- Failures, told from the loop: the machines are never entered from inside their own call ---- */

static void fail_now(StoxAgent *agent, uint64_t transaction, StoxSipFate fate)
{
    StoxAgentTx *tx = stox_agent_tx(agent, transaction);

    if (!tx)
        return;
    detach(agent, tx);
    tx->unsent = fate != STOX_SIP_TRANSPORT;
    stox_endpoint_send_failed(agent->endpoint, transaction, fate, stox_agent_now());
}

static gboolean failures_cb(gpointer user)
{
    StoxAgent *agent = *(StoxAgent **) user;
    g_autoptr(GArray) failures = agent->routing->failures;

    /* What these calls add is told in the next turn. */
    agent->routing->failures = g_array_new(FALSE, FALSE, sizeof(Failure));
    agent->routing->failing = false;
    for (unsigned i = 0; i < failures->len; i++) {
        const Failure *failure = &g_array_index(failures, Failure, i);

        fail_now(agent, failure->transaction, failure->fate);
    }
    stox_agent_rearm(agent);
    return G_SOURCE_REMOVE;
}

void stox_agent_tx_fail_later(StoxAgent *agent, uint64_t transaction, StoxSipFate fate)
{
    Failure failure = {transaction, fate};

    if (!transaction)
        return;
    g_array_append_val(agent->routing->failures, failure);
    if (!agent->routing->failing)
        stox_agent_later(agent, failures_cb, g_memdup2(&agent, sizeof agent));
    agent->routing->failing = true;
}

/* ---- Sending ---- */

static void send_on(StoxAgent *agent, StoxAgentTx *tx, uint64_t flow, StoxServer *server,
                    GBytes *bytes)
{
    uint64_t transaction = tx ? tx->id : 0;

    if (stox_transport_send(agent->transport, flow, bytes, transaction)) {
        if (tx)
            stox_agent_tx_left(agent, tx, flow, server);
    } else if (tx) {
        tx->exhausted = true; /* its queue is full: no reason to burden the others */
        stox_agent_tx_fail_later(agent, transaction, STOX_SIP_NOT_SENT);
    }
}

static void wait_in(StoxAgent *agent, StoxRoute *route, StoxAgentTx *tx, GBytes *bytes)
{
    if (stox_route_wait(route, tx ? tx->id : 0, bytes)) {
        if (tx)
            tx->waiting = true;
    } else if (tx) {
        tx->exhausted = true;
        stox_agent_tx_fail_later(agent, tx->id, STOX_SIP_NOT_SENT);
    }
}

/* Joins what waits already, so that the order is kept; else begins. */
static void send_by_route(StoxAgent *agent, const StoxAgentHop *hop, StoxTransportKind kind,
                          StoxRouteKind how, StoxServer *server, char *const *hosts, unsigned port,
                          StoxAgentTx *tx, GBytes *bytes)
{
    StoxRoute *route = stox_route_find(agent, hop, kind, how, server, hosts, port);

    if (route) {
        wait_in(agent, route, tx, bytes);
        return;
    }
    route = stox_route_new(agent, hop, kind, how, server, hosts, port);
    wait_in(agent, route, tx, bytes);
    stox_route_advance(agent, route);
}

static void send_to_server(StoxAgent *agent, const StoxAgentHop *hop, StoxTransportKind kind,
                           StoxServer *server, StoxAgentTx *tx, GBytes *bytes)
{
    send_by_route(agent, hop, kind, STOX_ROUTE_ONE, server, NULL, 0, tx, bytes);
}

/* Out of any dialog: the first server in order that is fit. */
static void send_to_hop(StoxAgent *agent, const StoxAgentHop *hop, StoxTransportKind kind,
                        StoxAgentTx *tx, GBytes *bytes)
{
    StoxServer *server = NULL;
    uint64_t flow = 0;

    if (!stox_route_find(agent, hop, kind, STOX_ROUTE_ANY, NULL, NULL, 0) &&
        stox_servers_state(hop->servers) == STOX_SERVERS_READY)
        server = stox_servers_choose(hop->servers, tx ? tx->tried : NULL);
    if (server)
        flow = stox_servers_flow(hop->servers, server, kind);
    if (flow)
        send_on(agent, tx, flow, server, bytes);
    else
        send_by_route(agent, hop, kind, STOX_ROUTE_ANY, NULL, NULL, 0, tx, bytes);
}

/* An open connection for a name of a dialog; 0 none. */
static uint64_t open_flow_to(StoxAgent *agent, const StoxAgentHop *hop, StoxTransportKind kind,
                             const char *host, unsigned port)
{
    if (kind == STOX_TRANSPORT_TLS)
        return stox_transport_find_tls(agent->transport, hop->settings, host, NULL, NULL);
    return stox_route_line(agent, hop, kind, host, port);
}

static void send_to_names(StoxAgent *agent, const StoxAgentHop *hop, StoxTransportKind kind,
                          const StoxWay *way, StoxAgentTx *tx, GBytes *bytes)
{
    uint64_t flow = 0;

    if (!stox_route_find(agent, hop, kind, STOX_ROUTE_NAMES, NULL, way->hosts, way->port))
        flow = open_flow_to(agent, hop, kind, way->hosts[0], way->port);
    if (flow)
        send_on(agent, tx, flow, NULL, bytes);
    else
        send_by_route(agent, hop, kind, STOX_ROUTE_NAMES, NULL, way->hosts, way->port, tx, bytes);
}

/* The connection that the dialog's last message came on: the first choice while its certificate carries a name the dialog goes to (lync.md 4.3). */
static bool fits(const StoxAgent *agent, uint64_t flow, StoxTransportKind kind, const StoxWay *way)
{
    if (!flow || !stox_transport_is_kind(agent->transport, flow, kind))
        return false;
    if (!way->hosts[0])
        return true;
    for (unsigned i = 0; way->hosts[i]; i++)
        /* An address is no name that a certificate could carry: the hop's peers have admitted it. */
        if (g_hostname_is_ip_address(way->hosts[i]) ||
            stox_transport_proves(agent->transport, flow, way->hosts[i]))
            return true;
    return false;
}

/* True: it has gone where an earlier copy of it went. */
static bool send_again(StoxAgent *agent, StoxTransportKind kind, StoxAgentTx *tx, GBytes *bytes)
{
    if (tx->waiting)
        return true;
    if (tx->flow && stox_transport_is_kind(agent->transport, tx->flow, kind)) {
        if (!stox_transport_send(agent->transport, tx->flow, bytes, tx->id))
            g_debug("a retransmission did not fit into the queue of its flow");
        return true;
    }
    if (!tx->server || !(tx->flow || tx->pinned))
        return false;
    send_to_server(agent, tx->hop, kind, tx->server, tx, bytes);
    return true;
}

static void send_first(StoxAgent *agent, const StoxAgentHop *hop, StoxTransportKind kind,
                       const char *uri, uint64_t flow, StoxAgentTx *tx, GBytes *bytes)
{
    g_auto(StoxWay) way = {0};

    if (uri)
        stox_way_init(&way, uri);
    if (fits(agent, flow, kind, &way) &&
        !(way.hosts[0] &&
          stox_route_find(agent, hop, kind, STOX_ROUTE_NAMES, NULL, way.hosts, way.port)))
        send_on(agent, tx, flow, NULL, bytes);
    else if (way.hosts[0])
        send_to_names(agent, hop, kind, &way, tx, bytes);
    else
        send_to_hop(agent, hop, kind, tx, bytes);
}

void stox_agent_send_request(void *user, uint64_t transaction, GBytes *bytes,
                             const StoxSipTarget *target)
{
    StoxAgent *agent = user;
    const StoxAgentHop *hop = stox_agent_hop_by_name(agent, target->hop->name);
    StoxTransportKind kind = target->stream ? STOX_TRANSPORT_TCP : hop->settings->kind;
    StoxAgentTx *tx = stox_agent_tx(agent, transaction);

    if (transaction && !tx)
        tx = tx_new(agent, transaction, hop, target);
    if (tx) {
        tx->kind = kind;
        g_clear_pointer(&tx->bytes, g_bytes_unref);
        tx->bytes = g_bytes_ref(bytes);
        if (send_again(agent, kind, tx, bytes))
            return;
    }
    send_first(agent, hop, kind, target->uri, target->flow, tx, bytes);
}

/* Its connection closed before a byte of it was written (an idle close, a restart): it goes out on another one. False: often enough. */
static bool redial(StoxAgent *agent, StoxAgentTx *tx)
{
    g_autoptr(GBytes) bytes = g_bytes_ref(tx->bytes);

    if (tx->redials >= REDIALS || agent->routing->stopping)
        return false;
    tx->redials++;
    detach(agent, tx);
    if (!send_again(agent, tx->kind, tx, bytes))
        send_first(agent, tx->hop, tx->kind, tx->uri, 0, tx, bytes);
    return true;
}

void stox_agent_send_response(void *user, uint64_t flow, const StoxSipHop *sip_hop, GBytes *bytes,
                              const StoxSipMessage *request)
{
    StoxAgent *agent = user;
    const StoxAgentHop *hop = stox_agent_hop_by_name(agent, sip_hop->name);
    StoxTransportKind kind = hop->settings->kind;
    g_auto(StoxWay) way = {0};

    if (stox_transport_send(agent->transport, flow, bytes, 0))
        return;
    /* What came over TCP is answered so, whatever the hop's transport. */
    if (kind == STOX_TRANSPORT_UDP && !stox_sip_message_is_datagram(request))
        kind = STOX_TRANSPORT_TCP;
    /* The flow is gone: back to where the request came from (RFC 3261 s18.2.2). */
    if (stox_sip_message_answer_address(request, &way.hosts[0], &way.port))
        send_to_names(agent, hop, kind, &way, NULL, bytes);
}

/* ---- Another server ---- */

bool stox_agent_another_hop(void *user, uint64_t transaction, const StoxSipTarget *target,
                            int64_t retry_after_s)
{
    StoxAgent *agent = user;
    StoxAgentTx *tx = stox_agent_tx(agent, transaction);
    StoxServer *next;

    if (!tx || agent->routing->stopping)
        return false;
    detach(agent, tx);
    if (!tx->unsent && tx->server && !tx->probe) {
        stox_health_refused(tx->hop->servers->health, tx->server->name, false, retry_after_s,
                            stox_agent_now());
        tx->told = true;
    }
    /* A dialog lives on the servers its route names. */
    if (tx->probe || tx->uri || tx->exhausted || !tx->server)
        return false;
    if (!tx->tried)
        tx->tried = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_hash_table_add(tx->tried, g_strdup(tx->server->name));
    next = stox_servers_choose(tx->hop->servers, tx->tried);
    if (!next)
        return false;
    stox_server_unref(tx->server);
    tx->server = stox_server_ref(next);
    tx->pinned = true;
    return true;
}

/* ---- What came of a request ---- */

static void report(const StoxAgentTx *tx, const StoxSipMessage *response, StoxSipFate fate)
{
    StoxHealth *health = tx->hop->servers->health;
    const StoxSipView *view = response ? stox_sip_view(response) : NULL;
    const char *name = tx->server->name;
    StoxTime now = stox_agent_now();

    if (view && tx->probe && (view->status == 503 || view->status == 408))
        stox_health_refused(health, name, true, view->retry_after_s, now);
    else if (view && view->status == 503)
        stox_health_refused(health, name, false, view->retry_after_s, now);
    else if (view)
        stox_health_answered(health, name, now);
    else if (fate == STOX_SIP_TIMEOUT && !tx->probe)
        stox_health_timed_out(health, name, now);
    else if (fate == STOX_SIP_TRANSPORT && tx->probe)
        stox_health_unreachable(health, name, "it closed the connection instead of an answer", now);
}

StoxSipFate stox_agent_tx_ended(void *user, uint64_t transaction, const StoxSipMessage *response,
                                StoxSipFate fate, unsigned *ret_retry_after_s)
{
    StoxAgent *agent = user;
    StoxAgentTx *tx = stox_agent_tx(agent, transaction);

    if (!tx)
        return fate;
    if (tx->probe)
        g_hash_table_remove(tx->hop->servers->probe_flows, tx->server->name);
    /* It has waited for a connection all that time. */
    if (fate == STOX_SIP_TIMEOUT && !response && tx->waiting)
        fate = STOX_SIP_NOT_SENT;
    if (tx->server && !tx->told)
        report(tx, response, fate);
    if (!response && fate == STOX_SIP_NOT_SENT)
        *ret_retry_after_s = stox_health_retry_s(tx->hop->servers->health, stox_agent_now());
    detach(agent, tx);
    g_hash_table_remove(agent->routing->txs, &transaction);
    return fate;
}

void stox_agent_ask(StoxAgent *agent, const StoxAgentHop *hop, StoxServer *server)
{
    bool literal6 = strchr(server->host, ':') != NULL;
    g_autofree char *uri = g_strdup_printf(literal6 ? "sip:[%s]" : "sip:%s", server->host);
    StoxSipBuilder *builder = stox_sip_builder_request("OPTIONS", uri);
    StoxSipTarget target = {.hop = &hop->sip};
    g_autofree char *tag = stox_agent_token(agent);
    g_autofree char *call_id = stox_agent_token(agent);

    stox_sip_builder_addf(builder, "From", "<sip:%s>;tag=%s", agent->settings->fqdn, tag);
    stox_sip_builder_addf(builder, "To", "<%s>", uri);
    stox_sip_builder_add(builder, "Call-ID", call_id);
    stox_sip_builder_add(builder, "CSeq", "1 OPTIONS");
    stox_sip_builder_add(builder, "Max-Forwards", "70");
    stox_sip_builder_addf(builder, "Contact", "<sip:%s>", hop->sip.contact);
    stox_sip_builder_add(builder, "Accept", STOX_SIP_ACCEPT);
    stox_sip_builder_add(builder, "User-Agent", hop->sip.user_agent);
    agent->routing->pin = server;
    stox_endpoint_ask(agent->endpoint, builder, &target, stox_agent_now());
    agent->routing->pin = NULL;
}

/* ---- From the transport ---- */

void stox_agent_unsent_cb(void *user, uint64_t flow, uint64_t token, bool partial)
{
    StoxAgent *agent = user;
    StoxAgentTx *tx = stox_agent_tx(agent, token);

    if (!tx)
        return;
    if (!partial && tx->kind != STOX_TRANSPORT_UDP && redial(agent, tx)) {
        stox_agent_rearm(agent);
        return;
    }
    /* Over UDP it is the network that says (by ICMP) that nobody listens there. */
    if (!partial && tx->kind == STOX_TRANSPORT_UDP && tx->server)
        stox_health_unreachable(tx->hop->servers->health, tx->server->name,
                                "the network says that nobody listens there", stox_agent_now());
    fail_now(agent, token, partial ? STOX_SIP_TRANSPORT : STOX_SIP_NOT_SENT);
    stox_agent_rearm(agent);
}

/* Requests that left on this connection and have no answer: they may have arrived. */
static void fail_flow(StoxAgent *agent, uint64_t flow)
{
    StoxAgentTx *tx;

    while ((tx = g_hash_table_lookup(agent->routing->by_flow, &flow)))
        fail_now(agent, tx->id, STOX_SIP_TRANSPORT);
}

void stox_agent_closed_cb(void *user, uint64_t flow, const char *why)
{
    StoxAgent *agent = user;

    stox_agent_route_closed(agent, flow, why);
    fail_flow(agent, flow);
    if (!agent->routing->stopping)
        stox_subscribers_closed(stox_endpoint_subscribers(agent->endpoint), flow, stox_agent_now());
    stox_agent_rearm(agent);
}

void stox_agent_heard(StoxAgent *agent, uint64_t flow, const StoxAgentHop *hop)
{
    StoxHopServers *servers = hop->servers;

    if (!stox_health_any_down(servers->health))
        return;
    for (unsigned i = 0; i < servers->servers->len; i++) {
        const StoxServer *server = servers->servers->pdata[i];

        if (stox_health_is_down(servers->health, server->name) &&
            stox_transport_comes_from(agent->transport, flow, server->address))
            stox_health_heard(servers->health, server->name, stox_agent_now());
    }
}
