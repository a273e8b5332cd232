/* SPDX-License-Identifier: MIT */
/*
 * Puts the machines and the shell together. Bytes come up through agent-incoming.c, requests go down through the transaction layer and
 * agent-route.c; what the gateway must know leaves through `func`, which only queues.
 */
#include "sip/agent-private.h"

#include <openssl/rand.h>

#include <string.h>

StoxTime stox_agent_now(void)
{
    return (StoxTime){g_get_monotonic_time() / 1000, g_get_real_time() / 1000};
}

char *stox_agent_token(void *user)
{
    static const char hex[] = "0123456789abcdef";
    unsigned char random[12];
    char *token = g_malloc(2 * sizeof random + 1);

    /* Tags and branches keep strangers out of dialogs: no fallback to something guessable. */
    g_assert(RAND_bytes(random, sizeof random) == 1);
    for (unsigned i = 0; i < sizeof random; i++) {
        token[2 * i] = hex[random[i] >> 4];
        token[2 * i + 1] = hex[random[i] & 15];
    }
    token[2 * sizeof random] = '\0';
    return token;
}

/* ---- What the machines tell ---- */

static void event_cb(void *user, StoxEvent *event)
{
    StoxAgent *agent = user;

    agent->func(event, agent->user);
}

/* ---- Timers ---- */

void stox_agent_rearm(StoxAgent *agent)
{
    int64_t deadline =
        MIN(stox_endpoint_deadline(agent->endpoint), stox_agent_route_deadline(agent));

    g_source_set_ready_time(agent->timer, deadline == STOX_NEVER ? -1 : deadline * 1000);
}

static gboolean timer_dispatch(GSource *source, GSourceFunc func, gpointer user)
{
    return func(user);
}

static GSourceFuncs timer_funcs = {.dispatch = timer_dispatch};

static gboolean timer_cb(gpointer user)
{
    StoxAgent *agent = user;
    StoxTime now = stox_agent_now();

    stox_agent_route_tick(agent, now);
    stox_endpoint_tick(agent->endpoint, now);
    stox_agent_rearm(agent);
    return G_SOURCE_CONTINUE;
}

typedef struct {
    StoxAgent *agent;
    GSource *source;
    GSourceFunc func;
    void *data;
} Later;

static void later_free(gpointer data)
{
    Later *later = data;

    g_source_destroy(later->source);
    g_source_unref(later->source);
    g_free(later->data);
    g_free(later);
}

static gboolean later_cb(gpointer user)
{
    Later *later = user;

    (void) later->func(later->data);
    g_ptr_array_remove(later->agent->later, later);
    return G_SOURCE_REMOVE;
}

void stox_agent_later(StoxAgent *agent, GSourceFunc func, void *data)
{
    Later *later = g_new0(Later, 1);

    later->agent = agent;
    later->func = func;
    later->data = data;
    later->source = g_idle_source_new();
    g_source_set_priority(later->source, G_PRIORITY_DEFAULT);
    g_source_set_callback(later->source, later_cb, later, NULL);
    g_source_attach(later->source, g_main_context_get_thread_default());
    g_ptr_array_add(agent->later, later);
}

/* ---- Life ---- */

/* An address literal for SDP's o= and c= lines; nothing is ever sent to it. */
static const char *sdp_address(const StoxSettings *settings)
{
    const StoxListenSettings *listen = settings->listens->pdata[0];
    bool plain = !strchr(listen->host, ':') && strcmp(listen->host, "0.0.0.0") != 0;

    return plain ? listen->host : NULL;
}

static void make_endpoint(StoxAgent *agent)
{
    static const StoxEndpointOps ops = {
        .send_request = stox_agent_send_request,
        .send_response = stox_agent_send_response,
        .another_hop = stox_agent_another_hop,
        .ended = stox_agent_tx_ended,
        .event = event_cb,
        .rate = stox_agent_rate_cb,
        .token = stox_agent_token,
    };
    const StoxEndpointConfig config = {.fqdn = agent->settings->fqdn,
                                       .sdp_address = sdp_address(agent->settings),
                                       .sdp_port = stox_transport_port(agent->transport, 0)};

    agent->endpoint = stox_endpoint_new(&config, &ops, agent);
    agent->timer = g_source_new(&timer_funcs, sizeof(GSource));
    g_source_set_callback(agent->timer, timer_cb, agent, NULL);
    g_source_attach(agent->timer, g_main_context_get_thread_default());
}

static bool uses_tls(const StoxSettings *settings)
{
    for (unsigned i = 0; i < settings->hops->len; i++)
        if (((StoxHopSettings *) settings->hops->pdata[i])->kind == STOX_TRANSPORT_TLS)
            return true;
    return false;
}

StoxAgent *stox_agent_new(const StoxSettings *settings, StoxAgentEventFunc func, void *user,
                          GError **error)
{
    static const StoxTransportFuncs funcs = {.message = stox_agent_message_cb,
                                             .connected = stox_agent_connected_cb,
                                             .closed = stox_agent_closed_cb,
                                             .unsent = stox_agent_unsent_cb};
    g_autoptr(StoxAgent) agent = g_new0(StoxAgent, 1);

    agent->settings = settings;
    agent->func = func;
    agent->user = user;
    agent->hops = g_ptr_array_new_with_free_func(stox_agent_hop_free);
    agent->later = g_ptr_array_new_with_free_func(later_free);
    agent->routing = stox_routing_new();
    if (uses_tls(settings)) {
        agent->tls = stox_tls_new(settings, error);
        if (!agent->tls)
            return NULL;
        if (stox_tls_warning(agent->tls))
            g_warning("%s", stox_tls_warning(agent->tls));
    }
    agent->transport = stox_transport_new(settings, agent->tls, &funcs, agent);
    if (!stox_transport_listen(agent->transport, error))
        return NULL;
    for (unsigned i = 0; i < settings->hops->len; i++)
        stox_agent_add_hop(agent, settings->hops->pdata[i]);
    agent->resolver = stox_resolver_new(stox_agent_resolved_cb, agent);
    make_endpoint(agent);
    stox_agent_rearm(agent); /* the next hops are looked up */
    return g_steal_pointer(&agent);
}

void stox_agent_free(StoxAgent *agent)
{
    if (!agent)
        return;
    if (agent->timer) {
        g_source_destroy(agent->timer);
        g_source_unref(agent->timer);
    }
    stox_transport_free(agent->transport);
    stox_resolver_free(agent->resolver);
    stox_endpoint_free(agent->endpoint);
    stox_routing_free(agent->routing);
    g_ptr_array_unref(agent->hops);
    g_ptr_array_unref(agent->later);
    stox_tls_unref(agent->tls);
    g_free(agent);
}

bool stox_agent_reload_tls(StoxAgent *agent, GError **error)
{
    bool good = !agent->tls || stox_tls_reload(agent->tls, error);

    if (good && agent->tls && stox_tls_warning(agent->tls))
        g_warning("%s", stox_tls_warning(agent->tls));
    return good;
}

/* ---- Actions ---- */

void stox_agent_do(StoxAgent *agent, const StoxAction *action)
{
    const StoxAgentHop *hop = action->hop ? stox_agent_hop_by_name(agent, action->hop) : NULL;

    if (action->kind == STOX_ACTION_SUBSCRIBE && action->reason)
        g_info("[hop %s] subscription to %s: %s", action->hop, action->to_uri, action->reason);
    stox_endpoint_do(agent->endpoint, action, hop ? &hop->sip : NULL, stox_agent_now());
}

void stox_agent_flush(StoxAgent *agent)
{
    stox_transport_flush(agent->transport);
    stox_agent_rearm(agent);
}

void stox_agent_stop(StoxAgent *agent, void (*done)(void *user), void *user)
{
    stox_routing_stop(agent->routing);
    stox_transport_shutdown(agent->transport, done, user);
}

void stox_agent_stats(const StoxAgent *agent, StoxAgentStats *ret_stats)
{
    StoxTransportStats transport;
    StoxEndpointStats endpoint;

    stox_endpoint_stats(agent->endpoint, &endpoint);
    stox_transport_stats(agent->transport, &transport);
    ret_stats->connections = transport.connections;
    ret_stats->transactions = endpoint.transactions;
    ret_stats->sessions = endpoint.sessions;
    ret_stats->subscribers = endpoint.subscribers;
    ret_stats->notifiers = endpoint.notifiers;
}
