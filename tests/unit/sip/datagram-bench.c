/* SPDX-License-Identifier: MIT */
#include "tests/unit/sip/datagram-bench.h"

#include <gio/gio.h>

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- A transport and what it told ---- */

static void message_cb(void *user, uint64_t flow, const StoxHopSettings *hop, bool reliable,
                       StoxSipMessage *message)
{
    Bench *bench = user;
    GBytes *body = stox_sip_view(message)->body;

    bench->messages++;
    bench->flow = flow;
    bench->hop = hop;
    bench->reliable = reliable;
    g_free(bench->body);
    bench->body = body ? g_strndup(g_bytes_get_data(body, NULL), g_bytes_get_size(body)) : NULL;
    if (bench->answer && stox_sip_view(message)->request) {
        unsigned defect = stox_sip_defect(message, NULL);
        g_autoptr(StoxSipBuilder) builder =
            stox_sip_builder_response(message, defect ? defect : 200, NULL, "t");
        g_autoptr(GBytes) bytes = stox_sip_builder_finish(builder, NULL);

        g_assert_true(stox_transport_send(bench->transport, flow, bytes, 0));
    }
}

static void connected_cb(void *user, uint64_t flow)
{
    Bench *bench = user;

    bench->connected++;
    if (bench->waits)
        g_assert_true(stox_transport_send(bench->transport, flow, bench->waits, 9));
}

static void closed_cb(void *user, uint64_t flow, const char *why)
{
    ((Bench *) user)->closed++;
}

static void unsent_cb(void *user, uint64_t flow, uint64_t token, bool partial)
{
    Bench *bench = user;

    bench->unsent++;
    bench->partial += partial;
    bench->token = token;
}

void done_cb(void *user)
{
    ((Bench *) user)->done++;
}

static const StoxTransportFuncs funcs = {message_cb, connected_cb, closed_cb, unsent_cb};

StoxHopSettings *add_hop(Bench *bench, const char *name, StoxTransportKind kind, const char *peers)
{
    StoxHopSettings *hop = transport_hop(bench->settings, name, kind, peers);
    StoxNextHop *next = g_new0(StoxNextHop, 1);

    next->host = g_strdup("pool01.contoso.example");
    g_ptr_array_add(hop->next_hops, next);
    return hop;
}

Bench *bench_new(void)
{
    Bench *bench = g_new0(Bench, 1);

    bench->settings = transport_settings();
    bench->answer = true;
    g_string_truncate(logged, 0);
    return bench;
}

void bench_open(Bench *bench)
{
    g_autoptr(GError) error = NULL;

    bench->transport = stox_transport_new(bench->settings, NULL, &funcs, bench);
    g_assert_true(stox_transport_listen(bench->transport, &error));
    g_assert_no_error(error);
}

Bench *bench_udp(const char *peers, const char *listen)
{
    Bench *bench = bench_new();

    add_hop(bench, "pool01", STOX_TRANSPORT_UDP, peers);
    transport_listener(bench->settings, STOX_TRANSPORT_UDP, listen);
    bench_open(bench);
    return bench;
}

void bench_free(Bench *bench)
{
    stox_transport_free(bench->transport);
    stox_settings_free(bench->settings);
    g_free(bench->body);
    g_free(bench);
}

StoxHopSettings *first_hop(const Bench *bench)
{
    return bench->settings->hops->pdata[0];
}

StoxTransportStats stats_of(const Bench *bench)
{
    StoxTransportStats stats;

    stox_transport_stats(bench->transport, &stats);
    return stats;
}

/* ---- Waiting ---- */

void settle(void)
{
    for (unsigned i = 0; i < 20; i++) {
        while (g_main_context_iteration(NULL, FALSE))
            ;
        g_usleep(2000);
    }
}

/* ---- A raw socket as the peer ---- */

socklen_t address_of(const char *ip, unsigned port, struct sockaddr_storage *ret_address)
{
    g_autoptr(GSocketAddress) address = g_inet_socket_address_new_from_string(ip, port);

    memset(ret_address, 0, sizeof *ret_address);
    g_assert_true(g_socket_address_to_native(address, ret_address, sizeof *ret_address, NULL));
    return (socklen_t) g_socket_address_get_native_size(address);
}

Peer peer_at(const Bench *bench, const char *ip, const char *gateway, unsigned listener)
{
    struct sockaddr_storage own;
    socklen_t size = address_of(ip, 0, &own);
    Peer peer = {.fd = socket(own.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
    unsigned port;
    g_autofree char *text = NULL;

    g_assert_cmpint(bind(peer.fd, (struct sockaddr *) &own, size), ==, 0);
    getsockname(peer.fd, (struct sockaddr *) &own, &size);
    text = stox_sockaddr_text(&own, &port);
    peer.port = port;
    peer.gateway_size =
        address_of(gateway, stox_transport_port(bench->transport, listener), &peer.gateway);
    g_assert_cmpint(connect(peer.fd, (struct sockaddr *) &peer.gateway, peer.gateway_size), ==, 0);
    return peer;
}

void peer_send(const Peer *peer, const char *bytes, size_t n)
{
    g_assert_cmpint(send(peer->fd, bytes, n, 0), ==, (ssize_t) n);
}

char *peer_heard(const Peer *peer)
{
    char *buffer = g_malloc0(70000);
    ssize_t n = recv(peer->fd, buffer, 69999, 0);

    if (n >= 0)
        return buffer;
    g_free(buffer);
    return NULL;
}

bool heard(const Peer *peer)
{
    char byte;

    return recv(peer->fd, &byte, 1, MSG_PEEK) >= 0;
}

void say(const Peer *peer, const char *text)
{
    peer_send(peer, text, strlen(text));
}

void bench_init(int *argc, char ***argv)
{
    g_setenv("G_MESSAGES_DEBUG", "", TRUE);
    g_test_init(argc, argv, NULL);
    transport_log();
}
