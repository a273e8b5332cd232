/* SPDX-License-Identifier: MIT */
/*
 * The pairs of our sockets and remote addresses that stand for connections over UDP: bounded, forgotten when idle, closed when the network says that
 * nobody listens there.
 */
#include "sip/datagram-private.h"

#include <gio/gnetworking.h>

#include <string.h>

enum {
    FLOWS_MAX = 10000,
    IDLE_MS = 64000, /* longer than any transaction that retransmits */
    SWEEP_MS = 16000,
    REFUSED_MS = 500,  /* T1: by then every copy of a burst had its own refusal */
    SENT_MAX = 256,    /* requests of a flow that an error can be told of ... */
    SENT_MS = 10000,   /* ... and for how long */
    COPIES_MS = 40000, /* no transaction repeats itself for longer */
};

struct StoxFlows {
    GHashTable *by_id;  /* -> StoxDatagramFlow*, owns */
    GHashTable *by_key; /* key -> StoxDatagramFlow* */
    GPtrArray *opened;  /* ours, oldest first: a few */
    GQueue used;        /* links of all, the longest unused one first */
    GSource *sweep;
    int64_t sweep_ms;
};

static void sent_free(gpointer data)
{
    StoxSent *sent = data;

    g_bytes_unref(sent->bytes);
    g_free(sent);
}

void stox_flow_ref(StoxDatagramFlow *flow)
{
    flow->refs++;
}

void stox_flow_unref(StoxDatagramFlow *flow)
{
    if (--flow->refs > 0)
        return;
    g_queue_clear_full(&flow->sent, sent_free);
    if (flow->copies)
        g_hash_table_unref(flow->copies);
    g_free(flow->key);
    g_free(flow->peer);
    g_free(flow);
}

StoxFlows *stox_flows_new(void)
{
    StoxFlows *flows = g_new0(StoxFlows, 1);

    flows->by_id =
        g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, (GDestroyNotify) stox_flow_unref);
    flows->by_key = g_hash_table_new(g_str_hash, g_str_equal);
    flows->opened = g_ptr_array_new();
    g_queue_init(&flows->used);
    return flows;
}

static void stop_sweep(StoxFlows *flows)
{
    if (!flows->sweep)
        return;
    g_source_destroy(flows->sweep);
    g_clear_pointer(&flows->sweep, g_source_unref);
}

void stox_flows_free(StoxFlows *flows)
{
    stop_sweep(flows);
    g_hash_table_unref(flows->by_key);
    g_hash_table_unref(flows->by_id);
    g_ptr_array_unref(flows->opened);
    g_free(flows);
}

size_t stox_flows_count(const StoxFlows *flows)
{
    return g_hash_table_size(flows->by_id);
}

void stox_flow_remove(StoxDatagramFlow *flow, const char *why)
{
    StoxTransport *transport = flow->socket->transport;
    StoxFlows *flows = transport->flows;

    if (flow->gone)
        return;
    flow->gone = true;
    if (why)
        stox_transport_notice(transport, STOX_NOTICE_CLOSED, flow->id, 0, false, why);
    g_queue_unlink(&flows->used, &flow->link);
    g_hash_table_remove(flows->by_key, flow->key);
    g_ptr_array_remove(flows->opened, flow);
    g_hash_table_remove(flows->by_id, &flow->id);
}

/* ---- Time ---- */

static void arm_sweep(StoxTransport *transport, int64_t in_ms);

/* Nothing was sent there, and nothing heard from there, since it was refused. */
static bool stays_refused(const StoxDatagramFlow *flow, int64_t now)
{
    return flow->refused_ms && now >= flow->refused_ms + REFUSED_MS;
}

static gboolean is_over(gpointer token, gpointer left_ms, gpointer now)
{
    return *(int64_t *) now - *(int64_t *) left_ms > COPIES_MS;
}

void stox_flows_sweep(StoxTransport *transport, int64_t now)
{
    StoxFlows *flows = transport->flows;
    bool refused = false;

    stop_sweep(flows);
    for (GList *l = flows->used.head, *next; l; l = next) {
        StoxDatagramFlow *flow = l->data;

        next = l->next;
        if (now - flow->used_ms >= IDLE_MS)
            stox_flow_remove(flow, NULL);
        else if (stays_refused(flow, now))
            stox_flow_remove(flow, "nobody listens at that address");
        else {
            refused |= flow->refused_ms != 0;
            if (flow->copies)
                g_hash_table_foreach_remove(flow->copies, is_over, &now);
        }
    }
    if (flows->used.length > 0)
        arm_sweep(transport, refused ? REFUSED_MS : SWEEP_MS);
}

static gboolean sweep_cb(gpointer user)
{
    stox_flows_sweep(user, stox_transport_now());
    return G_SOURCE_REMOVE;
}

static void arm_sweep(StoxTransport *transport, int64_t in_ms)
{
    StoxFlows *flows = transport->flows;
    int64_t at = stox_transport_now() + in_ms;

    if (flows->sweep && flows->sweep_ms <= at)
        return;
    stop_sweep(flows);
    flows->sweep = g_timeout_source_new((guint) in_ms);
    flows->sweep_ms = at;
    g_source_set_callback(flows->sweep, sweep_cb, transport, NULL);
    g_source_attach(flows->sweep, g_main_context_get_thread_default());
}

void stox_flow_used(StoxDatagramFlow *flow)
{
    GQueue *used = &flow->socket->transport->flows->used;

    if (flow->gone)
        return;
    flow->used_ms = stox_transport_now();
    g_queue_unlink(used, &flow->link);
    g_queue_push_tail_link(used, &flow->link);
}

/* ---- Making and finding ---- */

char *stox_sockaddr_text(const struct sockaddr_storage *address, unsigned *ret_port)
{
    char text[INET6_ADDRSTRLEN] = "";
    const struct sockaddr_in *v4 = (const struct sockaddr_in *) address;
    const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *) address;

    if (address->ss_family == AF_INET)
        inet_ntop(AF_INET, &v4->sin_addr, text, sizeof text);
    else if (IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr))
        inet_ntop(AF_INET, v6->sin6_addr.s6_addr + 12, text, sizeof text);
    else
        inet_ntop(AF_INET6, &v6->sin6_addr, text, sizeof text);
    *ret_port = ntohs(address->ss_family == AF_INET ? v4->sin_port : v6->sin6_port);
    return g_strdup(text);
}

static bool same_remote(const struct sockaddr_storage *a, const struct sockaddr_storage *b)
{
    const struct sockaddr_in *a4 = (const void *) a, *b4 = (const void *) b;
    const struct sockaddr_in6 *a6 = (const void *) a, *b6 = (const void *) b;

    if (a->ss_family != b->ss_family)
        return false;
    if (a->ss_family == AF_INET)
        return a4->sin_port == b4->sin_port && a4->sin_addr.s_addr == b4->sin_addr.s_addr;
    return a6->sin6_port == b6->sin6_port && IN6_ARE_ADDR_EQUAL(&a6->sin6_addr, &b6->sin6_addr);
}

static char *flow_key(const StoxDatagramSocket *socket, const struct sockaddr_storage *remote,
                      const StoxLocalAddress *local, const StoxHopSettings *hop, const char *host)
{
    GString *key = g_string_sized_new(96);
    g_autofree char *address = NULL;
    unsigned port;

    address = stox_sockaddr_text(remote, &port);
    g_string_printf(key, "%d %s %u %s", socket->fd, address, port, hop->name);
    if (remote->ss_family == AF_INET6)
        g_string_append_printf(key, " %%%u", ((const struct sockaddr_in6 *) remote)->sin6_scope_id);
    if (host)
        g_string_append_printf(key, " >%s", host);
    for (unsigned i = 0; local->family != AF_UNSPEC && i < sizeof local->address; i++)
        g_string_append_printf(key, "%s%02x", i ? "" : " ", local->address[i]);
    return g_string_free(key, FALSE);
}

StoxDatagramFlow *stox_flow_get(StoxDatagramSocket *socket, const struct sockaddr_storage *remote,
                                socklen_t remote_size, const StoxLocalAddress *local,
                                const StoxHopSettings *hop, const char *host)
{
    StoxTransport *transport = socket->transport;
    StoxFlows *flows = transport->flows;
    g_autofree char *key = flow_key(socket, remote, local, hop, host);
    StoxDatagramFlow *flow = g_hash_table_lookup(flows->by_key, key);
    g_autofree char *address = NULL;
    unsigned port;

    if (flow) {
        stox_flow_used(flow);
        return flow;
    }
    if (flows->used.length >= FLOWS_MAX)
        stox_flow_remove(flows->used.head->data, NULL);
    address = stox_sockaddr_text(remote, &port);
    flow = g_new0(StoxDatagramFlow, 1);
    flow->id = ++transport->next_id;
    flow->refs = 1;
    flow->socket = socket;
    flow->hop = hop;
    flow->remote = *remote;
    flow->remote_size = remote_size;
    flow->local = *local;
    flow->key = g_steal_pointer(&key);
    flow->peer = g_strdup_printf(strchr(address, ':') ? "[%s]:%u" : "%s:%u", address, port);
    flow->link.data = flow;
    flow->used_ms = stox_transport_now();
    g_queue_init(&flow->sent);
    g_queue_push_tail_link(&flows->used, &flow->link);
    g_hash_table_insert(flows->by_key, flow->key, flow);
    g_hash_table_insert(flows->by_id, &flow->id, flow);
    if (host)
        g_ptr_array_add(flows->opened, flow);
    arm_sweep(transport, SWEEP_MS);
    return flow;
}

StoxDatagramFlow *stox_flow_lookup(const StoxTransport *transport, uint64_t id)
{
    return g_hash_table_lookup(transport->flows->by_id, &id);
}

StoxDatagramFlow *stox_flow_opened_to(const StoxTransport *transport,
                                      const struct sockaddr_storage *remote)
{
    for (unsigned i = 0; i < transport->flows->opened->len; i++) {
        StoxDatagramFlow *flow = transport->flows->opened->pdata[i];

        if (same_remote(&flow->remote, remote))
            return flow;
    }
    return NULL;
}

void stox_flows_heard(const StoxTransport *transport, const struct sockaddr_storage *remote)
{
    for (unsigned i = 0; i < transport->flows->opened->len; i++) {
        StoxDatagramFlow *flow = transport->flows->opened->pdata[i];

        if (same_remote(&flow->remote, remote)) {
            flow->refused_ms = 0;
            stox_flow_used(flow);
        }
    }
}

/* ---- What was sent, and what came of it ---- */

void stox_flow_sent(StoxDatagramFlow *flow, GBytes *bytes, uint64_t token)
{
    StoxSent *sent;
    int64_t now = stox_transport_now();

    stox_flow_used(flow);
    if (!token)
        return;
    /* The refusals of what was sent before say nothing about this one. */
    flow->refused_ms = 0;
    if (!flow->copies)
        flow->copies = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
    while ((sent = g_queue_peek_head(&flow->sent)) &&
           (flow->sent.length >= SENT_MAX || now - sent->left_ms > SENT_MS))
        sent_free(g_queue_pop_head(&flow->sent));
    sent = g_new0(StoxSent, 1);
    sent->bytes = g_bytes_ref(bytes);
    sent->token = token;
    sent->left_ms = now;
    g_queue_push_tail(&flow->sent, sent);
    /* False: there was one of that token. */
    sent->again = !g_hash_table_replace(flow->copies, g_memdup2(&token, sizeof token),
                                        g_memdup2(&now, sizeof now));
}

/*
 * Is this what the error quotes? It is only sure when the end of the top Via, and so the branch, is within the quotation or the quotation is
 * the whole of it.
 */
static bool quoted(const StoxSent *sent, const char *quote, size_t n)
{
    size_t size;
    const char *bytes = g_bytes_get_data(sent->bytes, &size);
    const char *line = memmem(bytes, size, "\r\n", 2);
    const char *via = line ? memmem(line + 2, size - (size_t) (line + 2 - bytes), "\r\n", 2) : NULL;
    size_t needed = via ? (size_t) (via - bytes) : size;

    return n >= needed && memcmp(bytes, quote, MIN(n, size)) == 0;
}

static void tell_unsent(StoxDatagramFlow *flow, uint64_t token, bool partial, const char *why)
{
    stox_transport_notice(flow->socket->transport, STOX_NOTICE_UNSENT, flow->id, token, partial,
                          why);
    g_hash_table_remove(flow->copies, &token);
    for (GList *l = flow->sent.head, *next; l; l = next) {
        next = l->next;
        if (((StoxSent *) l->data)->token == token) {
            sent_free(l->data);
            g_queue_delete_link(&flow->sent, l);
        }
    }
}

static void flow_refused(StoxDatagramFlow *flow, const char *quote, size_t n, int error)
{
    StoxTransport *transport = flow->socket->transport;

    for (GList *l = flow->sent.tail; l; l = l->prev) {
        const StoxSent *sent = l->data;

        if (!quoted(sent, quote, n))
            continue;
        /* Of the copies before this one nobody can say whether they arrived. */
        tell_unsent(flow, sent->token, sent->again, g_strerror(error));
        break;
    }
    if (error == ECONNREFUSED && !flow->refused_ms) {
        flow->refused_ms = stox_transport_now();
        arm_sweep(transport, REFUSED_MS);
    }
}

void stox_flow_refused(StoxTransport *transport, const struct sockaddr_storage *remote,
                       const char *bytes, size_t n, int error)
{
    const char *peer = NULL;

    for (GList *l = transport->flows->used.head; l; l = l->next) {
        StoxDatagramFlow *flow = l->data;

        if (!same_remote(&flow->remote, remote))
            continue;
        peer = flow->peer;
        flow_refused(flow, bytes, n, error);
    }
    if (peer)
        stox_transport_warn(transport, "SIP over UDP to %s does not arrive: %s", peer,
                            error == ECONNREFUSED ? "nobody listens there" : g_strerror(error));
}

/* ---- For transport.c ---- */

char *stox_flow_peer(const StoxTransport *transport, uint64_t id)
{
    const StoxDatagramFlow *found = stox_flow_lookup(transport, id);
    unsigned port;

    return found ? stox_sockaddr_text(&found->remote, &port) : g_strdup("");
}

bool stox_flows_has(const StoxTransport *transport, uint64_t flow)
{
    return stox_flow_lookup(transport, flow) != NULL;
}

bool stox_flows_send(StoxTransport *transport, uint64_t id, GBytes *bytes, uint64_t token)
{
    StoxDatagramFlow *flow = stox_flow_lookup(transport, id);

    return flow && stox_datagram_queue(flow, bytes, token);
}

void stox_flows_close(StoxTransport *transport, uint64_t id, const char *why)
{
    StoxDatagramFlow *flow = stox_flow_lookup(transport, id);

    if (flow)
        stox_flow_remove(flow, why ? why : "closed by us");
}

void stox_flows_close_all(StoxTransport *transport, const char *why)
{
    while (transport->flows->used.length > 0)
        stox_flow_remove(transport->flows->used.head->data, why);
}
