/* SPDX-License-Identifier: MIT */
/* The pairs that stand for connections over UDP: where requests go, what the network refuses, bounds. Row R-31; RFC 3261 s18.1, s18.4. */
#include "datagram-bench.h"

#include <gio/gio.h>

#include <string.h>
#include <unistd.h>

/* ---- Pairs ---- */

#define REQUEST(branch)                                                                            \
    "MESSAGE sip:alice@contoso.example SIP/2.0\r\nVia: SIP/2.0/UDP "                               \
    "xgw.contoso.example:5060;branch=z9hG4bK" branch "\r\n" HEADERS "Content-Length: 0\r\n\r\n"

static GBytes *bytes_of(const char *text)
{
    return g_bytes_new_static(text, strlen(text));
}

static uint64_t open_to(Bench *bench, const char *ip, unsigned port, const char *host)
{
    g_autoptr(GSocketAddress) address = g_inet_socket_address_new_from_string(ip, port);

    return stox_transport_connect(bench->transport, first_hop(bench), STOX_TRANSPORT_UDP, address,
                                  host);
}

static void test_open(void)
{
    Bench *bench = bench_udp("127.0.0.2", "127.0.0.1");
    Peer peer = peer_at(bench, "127.0.0.2", "127.0.0.1", 0);
    uint64_t flow = open_to(bench, "127.0.0.2", peer.port, "pool01.contoso.example");
    g_autoptr(GBytes) bytes = bytes_of(REQUEST("1"));
    g_autofree char *came = NULL;

    g_assert_cmpuint(bench->connected, ==, 0);
    g_assert_true(stox_transport_send(bench->transport, flow, bytes, 7));
    WAIT_FOR(bench->connected == 1 && heard(&peer));
    came = peer_heard(&peer);
    g_assert_cmpstr(came, ==, REQUEST("1"));
    g_assert_true(stox_transport_is_open(bench->transport, flow));
    g_assert_true(stox_transport_is_kind(bench->transport, flow, STOX_TRANSPORT_UDP));
    g_assert_false(stox_transport_is_kind(bench->transport, flow, STOX_TRANSPORT_TCP));
    /* The same pair again is the same flow. */
    g_assert_cmpuint(open_to(bench, "127.0.0.2", peer.port, "pool01.contoso.example"), ==, flow);
    g_assert_cmpuint(stats_of(bench).flows, ==, 1);
    stox_transport_close(bench->transport, flow, "enough");
    g_assert_false(stox_transport_is_open(bench->transport, flow));
    g_assert_false(stox_transport_send(bench->transport, flow, bytes, 8));
    WAIT_FOR(bench->closed == 1);
    g_assert_cmpuint(bench->unsent, ==, 0);
    close(peer.fd);
    bench_free(bench);
}

/* What its owner sends when it hears of the pair leaves as well, without another turn of his. */
static void test_send_when_connected(void)
{
    Bench *bench = bench_udp("127.0.0.2", "127.0.0.1");
    Peer peer = peer_at(bench, "127.0.0.2", "127.0.0.1", 0);
    g_autoptr(GBytes) bytes = bytes_of(REQUEST("1"));

    bench->waits = bytes;
    open_to(bench, "127.0.0.2", peer.port, "pool01.contoso.example");
    WAIT_FOR(heard(&peer));
    close(peer.fd);
    bench_free(bench);
}

/* Requests go to peers and next hops only: a forged Contact must not turn us on somebody. */
static void test_open_to_stranger(void)
{
    Bench *bench = bench_udp("127.0.0.2", "127.0.0.1");
    Peer stranger = peer_at(bench, "127.0.0.9", "127.0.0.1", 0);
    uint64_t flow = open_to(bench, "127.0.0.9", stranger.port, "victim.example");
    g_autoptr(GBytes) bytes = bytes_of(REQUEST("1"));

    g_assert_false(stox_transport_send(bench->transport, flow, bytes, 7));
    WAIT_FOR(bench->closed == 1);
    g_assert_cmpuint(bench->connected, ==, 0);
    g_assert_false(heard(&stranger));
    close(stranger.fd);
    bench_free(bench);
}

/* A next hop whose name resolves to more than its peers say is heard, but only when it answers. */
static void test_next_hop_answers(void)
{
    Bench *bench = bench_udp("127.0.0.2", "127.0.0.1");
    Peer hop = peer_at(bench, "127.0.0.8", "127.0.0.1", 0);
    uint64_t flow = open_to(bench, "127.0.0.8", hop.port, "pool01.contoso.example");

    say(&hop, SOUND);
    say(&hop, ANSWER(VIA("xgw.contoso.example:5060", "")));
    WAIT_FOR(bench->messages == 1);
    g_assert_cmpuint(bench->flow, ==, flow);
    g_assert_cmpuint(stats_of(bench).dropped_total, ==, 1);
    settle();
    g_assert_false(heard(&hop));
    close(hop.fd);
    bench_free(bench);
}

/* RFC 3261 s18.1.1: nothing is taken of what must go over TCP. */
static void test_too_large_to_send(void)
{
    Bench *bench = bench_udp("127.0.0.2", "127.0.0.1");
    Peer peer = peer_at(bench, "127.0.0.2", "127.0.0.1", 0);
    uint64_t flow = open_to(bench, "127.0.0.2", peer.port, "pool01.contoso.example");
    g_autofree char *fill = g_strnfill(66000, 'x');
    size_t head = strlen(REQUEST("1"));
    g_autofree char *request = g_strconcat(REQUEST("1"), fill, NULL);
    g_autofree char *response = g_strconcat("SIP/2.0 200 OK\r\n\r\n", fill, NULL);
    g_autoptr(GBytes) fits = g_bytes_new(request, 1300);
    g_autoptr(GBytes) over = g_bytes_new(request, 1301);
    g_autoptr(GBytes) huge = g_bytes_new(response, 65508);

    g_assert_cmpuint(head, <, 1300);
    g_assert_true(stox_transport_send(bench->transport, flow, fits, 1));
    g_assert_false(stox_transport_send(bench->transport, flow, over, 2));
    g_assert_false(stox_transport_send(bench->transport, flow, huge, 0));
    WAIT_FOR(heard(&peer));
    close(peer.fd);
    bench_free(bench);
}

/* ---- What the network refuses ---- */

static unsigned closed_port(const Bench *bench, const char *ip)
{
    Peer peer = peer_at(bench, ip, strchr(ip, ':') ? "::1" : "127.0.0.1", 0);

    close(peer.fd);
    return peer.port;
}

/* Port unreachable: the sender hears at once that nothing arrived, and the pair is closed. */
static void test_refused(gconstpointer data)
{
    const char *ip = data;
    Bench *bench = bench_udp("127.0.0.2 ::1", strchr(ip, ':') ? "::1" : "127.0.0.1");
    uint64_t flow = open_to(bench, ip, closed_port(bench, ip), "pool01.contoso.example");
    g_autoptr(GBytes) first = bytes_of(REQUEST("1"));
    g_autoptr(GBytes) second = bytes_of(REQUEST("2"));

    g_assert_true(stox_transport_send(bench->transport, flow, first, 7));
    WAIT_FOR(bench->unsent == 1);
    g_assert_cmpuint(bench->token, ==, 7);
    g_assert_true(stox_transport_send(bench->transport, flow, second, 8));
    WAIT_FOR(bench->unsent == 2);
    g_assert_cmpuint(bench->token, ==, 8);
    g_assert_cmpuint(bench->partial, ==, 0);
    g_assert_cmpuint(bench->closed, ==, 0);
    WAIT_FOR(bench->closed == 1);
    g_assert_false(stox_transport_is_open(bench->transport, flow));
    g_assert_nonnull(strstr(logged->str, "does not arrive: nobody listens there"));
    bench_free(bench);
}

/* A copy of it had left before: that one may have arrived. */
static void test_refused_again(void)
{
    Bench *bench = bench_udp("127.0.0.2", "127.0.0.1");
    Peer peer = peer_at(bench, "127.0.0.2", "127.0.0.1", 0);
    uint64_t flow = open_to(bench, "127.0.0.2", peer.port, "pool01.contoso.example");
    g_autoptr(GBytes) bytes = bytes_of(REQUEST("1"));

    g_assert_true(stox_transport_send(bench->transport, flow, bytes, 7));
    WAIT_FOR(heard(&peer));
    close(peer.fd);
    g_assert_true(stox_transport_send(bench->transport, flow, bytes, 7));
    WAIT_FOR(bench->unsent == 1);
    g_assert_cmpuint(bench->partial, ==, 1);
    bench_free(bench);
}

/* The error of one pair is none of another's: everything else leaves and arrives. */
static void test_refused_beside(void)
{
    Bench *bench = bench_udp("127.0.0.2", "127.0.0.1");
    Peer peer = peer_at(bench, "127.0.0.2", "127.0.0.1", 0);
    uint64_t dead =
        open_to(bench, "127.0.0.2", closed_port(bench, "127.0.0.2"), "pool01.contoso.example");
    uint64_t alive = open_to(bench, "127.0.0.2", peer.port, "pool01.contoso.example");
    unsigned came = 0;

    for (unsigned i = 0; i < 20; i++) {
        g_autofree char *branch = g_strdup_printf("%02u", i);
        g_autofree char *text =
            g_strconcat("MESSAGE sip:a SIP/2.0\r\nVia: SIP/2.0/UDP x;branch=", branch, "\r\n",
                        HEADERS "\r\n", NULL);
        g_autoptr(GBytes) bytes = g_bytes_new(text, strlen(text));

        g_assert_true(stox_transport_send(bench->transport, dead, bytes, 100 + i));
        g_assert_true(stox_transport_send(bench->transport, alive, bytes, 200 + i));
    }
    WAIT_FOR(bench->unsent == 20);
    settle();
    for (char *text; (text = peer_heard(&peer)); came++) {
        g_autofree char *branch = g_strdup_printf("branch=%02u", came);

        g_assert_nonnull(strstr(text, branch));
        g_free(text);
    }
    g_assert_cmpuint(came, ==, 20);
    g_assert_cmpuint(bench->unsent, ==, 20);
    g_assert_cmpuint(bench->partial, ==, 0);
    close(peer.fd);
    bench_free(bench);
}

/* Somebody listens there again: the pair lives on. */
static void test_refused_then_heard(void)
{
    Bench *bench = bench_udp("127.0.0.2", "127.0.0.1");
    unsigned port = closed_port(bench, "127.0.0.2");
    uint64_t flow = open_to(bench, "127.0.0.2", port, "pool01.contoso.example");
    g_autoptr(GBytes) bytes = bytes_of(REQUEST("1"));
    struct sockaddr_storage own;
    socklen_t size = address_of("127.0.0.2", port, &own);
    Peer peer;

    g_assert_true(stox_transport_send(bench->transport, flow, bytes, 7));
    WAIT_FOR(bench->unsent == 1);
    peer = peer_at(bench, "127.0.0.2", "127.0.0.1", 0);
    close(peer.fd);
    peer.fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    g_assert_cmpint(bind(peer.fd, (struct sockaddr *) &own, size), ==, 0);
    g_assert_cmpint(connect(peer.fd, (struct sockaddr *) &peer.gateway, peer.gateway_size), ==, 0);
    say(&peer, SOUND);
    WAIT_FOR(bench->messages == 1);
    stox_flows_sweep(bench->transport, stox_transport_now() + 1000);
    g_assert_true(stox_transport_is_open(bench->transport, flow));
    close(peer.fd);
    bench_free(bench);
}

/* ---- Bounds ---- */

static void test_idle(void)
{
    Bench *bench = bench_udp("127.0.0.2", "127.0.0.1");
    int64_t now;

    open_to(bench, "127.0.0.2", 5060, "pool01.contoso.example");
    WAIT_FOR(bench->connected == 1);
    now = stox_transport_now();
    stox_flows_sweep(bench->transport, now + 60000);
    g_assert_cmpuint(stats_of(bench).flows, ==, 1);
    stox_flows_sweep(bench->transport, now + 64100);
    g_assert_cmpuint(stats_of(bench).flows, ==, 0);
    settle();
    g_assert_cmpuint(bench->closed, ==, 0);
    bench_free(bench);
}

/* Each of these names another port of the peer's; the one in use stays. */
static void test_bound(void)
{
    Bench *bench = bench_udp("127.0.0.2", "127.0.0.1");
    Peer peer = peer_at(bench, "127.0.0.2", "127.0.0.1", 0);
    uint64_t flow;

    bench->answer = false;
    say(&peer, SOUND);
    WAIT_FOR(bench->messages == 1);
    flow = bench->flow;
    for (unsigned i = 1; i <= 10500; i++) {
        g_autofree char *request = g_strdup_printf(
            MESSAGE("Via: SIP/2.0/UDP 127.0.0.2:%u;branch=z9hG4bKa\r\n") "\r\n", i + 20000);

        say(&peer, request);
        if (i % 50 == 0) {
            WAIT_FOR(bench->messages == 1 + i + (i - 1) / 5000);
            g_assert_cmpuint(stats_of(bench).flows, <=, 10000);
        }
        if (i % 5000 == 0) {
            say(&peer, SOUND);
            WAIT_FOR(bench->messages == 1 + i + i / 5000);
        }
    }
    g_assert_cmpuint(stats_of(bench).flows, ==, 10000);
    g_assert_true(stox_transport_is_open(bench->transport, flow));
    close(peer.fd);
    bench_free(bench);
}

static void test_queue(void)
{
    Bench *bench = bench_udp("127.0.0.2", "127.0.0.1");
    uint64_t flow = open_to(bench, "127.0.0.2", 5060, "pool01.contoso.example");
    g_autoptr(GBytes) bytes = bytes_of(REQUEST("1"));
    unsigned taken = 0;

    bench->settings->sip_queue_max_bytes = 10000;
    while (taken < 100 && stox_transport_send(bench->transport, flow, bytes, 0))
        taken++;
    g_assert_cmpuint(taken, ==, 10000 / strlen(REQUEST("1")));
    g_assert_cmpuint(stats_of(bench).queued_bytes, ==, taken * strlen(REQUEST("1")));
    stox_transport_flush(bench->transport);
    g_assert_cmpuint(stats_of(bench).queued_bytes, ==, 0);
    bench_free(bench);
}

/* What is queued leaves before the end; nothing is read any more. */
static void test_shutdown(void)
{
    Bench *bench = bench_udp("127.0.0.2", "127.0.0.1");
    Peer peer = peer_at(bench, "127.0.0.2", "127.0.0.1", 0);
    uint64_t flow = open_to(bench, "127.0.0.2", peer.port, "pool01.contoso.example");
    g_autoptr(GBytes) bytes = bytes_of(REQUEST("1"));

    g_assert_true(stox_transport_send(bench->transport, flow, bytes, 0));
    stox_transport_shutdown(bench->transport, done_cb, bench);
    WAIT_FOR(bench->done == 1);
    g_assert_true(heard(&peer));
    g_assert_cmpuint(stats_of(bench).flows, ==, 0);
    say(&peer, SOUND);
    settle();
    g_assert_cmpuint(bench->messages, ==, 0);
    close(peer.fd);
    bench_free(bench);
}

/* IPv4 and IPv6 on the same port, each with a socket of its own. */
static void test_both_families(void)
{
    Bench *bench = bench_new();
    Peer probe;
    StoxListenSettings *v4, *v6;

    add_hop(bench, "pool01", STOX_TRANSPORT_UDP, "127.0.0.2 ::1");
    transport_listener(bench->settings, STOX_TRANSPORT_UDP, "127.0.0.1");
    bench_open(bench);
    probe.port = stox_transport_port(bench->transport, 0);
    stox_transport_free(bench->transport);
    transport_listener(bench->settings, STOX_TRANSPORT_UDP, "::");
    v4 = bench->settings->listens->pdata[0];
    v6 = bench->settings->listens->pdata[1];
    g_free(v4->host);
    v4->host = g_strdup("0.0.0.0");
    v4->port = v6->port = probe.port;
    bench_open(bench);
    for (unsigned i = 0; i < 2; i++) {
        Peer peer = peer_at(bench, i ? "::1" : "127.0.0.2", i ? "::1" : "127.0.0.1", i);

        say(&peer, SOUND);
        WAIT_FOR(heard(&peer));
        close(peer.fd);
    }
    bench_free(bench);
}

int main(int argc, char *argv[])
{
    bench_init(&argc, &argv);
    g_test_add_func("/pair/open, find, close (R-31)", test_open);
    g_test_add_func("/pair/send when connected", test_send_when_connected);
    g_test_add_func("/pair/never to a stranger", test_open_to_stranger);
    g_test_add_func("/pair/next hop answers", test_next_hop_answers);
    g_test_add_func("/pair/too large", test_too_large_to_send);
    g_test_add_data_func("/refused/IPv4", "127.0.0.2", test_refused);
    g_test_add_data_func("/refused/IPv6", "::1", test_refused);
    g_test_add_func("/refused/again", test_refused_again);
    g_test_add_func("/refused/beside", test_refused_beside);
    g_test_add_func("/refused/then heard", test_refused_then_heard);
    g_test_add_func("/bound/idle", test_idle);
    g_test_add_func("/bound/table", test_bound);
    g_test_add_func("/bound/queue", test_queue);
    g_test_add_func("/shutdown", test_shutdown);
    g_test_add_func("/both families", test_both_families);
    return g_test_run();
}
