/* SPDX-License-Identifier: MIT */
/* SIP over UDP against raw sockets: who is heard, and what is answered where. Rows; RFC 3261 s18.2, RFC 3581. */
#include "datagram-bench.h"

#include <gio/gio.h>

#include <string.h>
#include <unistd.h>

/* ---- Requests and their answers ---- */

typedef struct {
    const char *what, *listen, *peer, *gateway;
} PlaceRow;

static const PlaceRow place_rows[] = {
    {"IPv4", "127.0.0.1", "127.0.0.2", "127.0.0.1"},
    {"IPv6", "::1", "::1", "::1"},
    {"all of IPv4: the answer comes from where the request went", "0.0.0.0", "127.0.0.2",
     "127.0.0.5"},
    {"IPv4 at a socket of IPv6", "::", "127.0.0.2", "127.0.0.5"},
    {"IPv6 at a socket of both", "::", "::1", "::1"},
};

/* Every byte of the answer (R-22, RFC 3581 s4), and at the port that asked. */
static void test_rport(gconstpointer data)
{
    const PlaceRow *row = data;
    Bench *bench = bench_udp("127.0.0.2 ::1", row->listen);
    Peer peer = peer_at(bench, row->peer, row->gateway, 0);
    g_autofree char *expected = g_strdup_printf(
        ANSWER("Via: SIP/2.0/UDP pc.contoso.example;branch=z9hG4bKa;rport=%u;received=%s\r\n"),
        peer.port, row->peer);
    g_autofree char *answer = NULL;

    say(&peer, MESSAGE(VIA("pc.contoso.example", ";rport")) "Content-Length: 5\r\n\r\nHello");
    WAIT_FOR(heard(&peer));
    answer = peer_heard(&peer);
    g_assert_cmpstr(answer, ==, expected);
    g_assert_cmpstr(bench->body, ==, "Hello");
    g_assert_cmpstr(bench->hop->name, ==, "pool01");
    g_assert_false(bench->reliable);
    settle();
    g_assert_false(heard(&peer));
    close(peer.fd);
    bench_free(bench);
}

/* Without rport the answer goes to the port of the sent-by (RFC 3261 s18.2.2). */
static void test_sent_by_port(void)
{
    Bench *bench = bench_udp("127.0.0.2", "127.0.0.1");
    Peer peer = peer_at(bench, "127.0.0.2", "127.0.0.1", 0);
    Peer other = peer_at(bench, "127.0.0.2", "127.0.0.1", 0);
    g_autofree char *request = g_strdup_printf(
        MESSAGE("Via: SIP/2.0/UDP 127.0.0.2:%u;branch=z9hG4bKa\r\n") "Content-Length: 0\r\n\r\n",
        other.port);
    g_autofree char *expected =
        g_strdup_printf(ANSWER("Via: SIP/2.0/UDP 127.0.0.2:%u;branch=z9hG4bKa\r\n"), other.port);
    g_autofree char *answer = NULL;

    say(&peer, request);
    WAIT_FOR(heard(&other));
    answer = peer_heard(&other);
    g_assert_cmpstr(answer, ==, expected);
    g_assert_false(heard(&peer));
    close(peer.fd);
    close(other.fd);
    bench_free(bench);
}

typedef struct {
    const char *what;
    const char *tail;
    const char *status; /* NULL: no answer */
    const char *body;
} BodyRow;

static const BodyRow body_rows[] = {
    {"surplus is ignored", "Content-Length: 5\r\n\r\nHello, and a second message", "200", "Hello"},
    {"short: 400", "Content-Length: 6\r\n\r\nHello", "400", "Hello"},
    {"no length: to the end of the datagram", "\r\nHello", "200", "Hello"},
};

static void test_body(gconstpointer data)
{
    const BodyRow *row = data;
    Bench *bench = bench_udp("127.0.0.2", "127.0.0.1");
    Peer peer = peer_at(bench, "127.0.0.2", "127.0.0.1", 0);
    g_autofree char *request =
        g_strconcat("\r\n\r\n", MESSAGE(VIA("pc.contoso.example", ";rport")), row->tail, NULL);
    g_autofree char *answer = NULL;

    say(&peer, request);
    WAIT_FOR(heard(&peer));
    answer = peer_heard(&peer);
    g_assert_true(g_str_has_prefix(answer + strlen("SIP/2.0 "), row->status));
    g_assert_cmpstr(bench->body, ==, row->body);
    settle();
    g_assert_cmpuint(bench->messages, ==, 1);
    close(peer.fd);
    bench_free(bench);
}

/* As large as they come, in both directions: a response has no other way to go. */
static void test_large(void)
{
    Bench *bench = bench_udp("127.0.0.2", "127.0.0.1");
    Peer peer = peer_at(bench, "127.0.0.2", "127.0.0.1", 0);
    g_autofree char *body = g_strnfill(65000, 'x');
    g_autofree char *request =
        g_strconcat(MESSAGE(VIA("pc.contoso.example", ";rport")) "\r\n", body, NULL);
    g_autofree char *answer = g_strconcat("SIP/2.0 200 OK\r\n\r\n", body, NULL);
    g_autoptr(GBytes) bytes = g_bytes_new(answer, strlen(answer));
    g_autofree char *came = NULL;

    bench->answer = false;
    say(&peer, request);
    WAIT_FOR(bench->messages == 1);
    g_assert_cmpstr(bench->body, ==, body);
    g_assert_true(stox_transport_send(bench->transport, bench->flow, bytes, 0));
    WAIT_FOR(heard(&peer));
    came = peer_heard(&peer);
    g_assert_cmpstr(came, ==, answer);
    close(peer.fd);
    bench_free(bench);
}

/* Over message-max-bytes: one answer, 513, and the owner is not asked. */
static void test_over_limit(void)
{
    Bench *bench = bench_udp("127.0.0.2", "127.0.0.1");
    Peer peer = peer_at(bench, "127.0.0.2", "127.0.0.1", 0);
    g_autofree char *body = g_strnfill(20000, 'x');
    g_autofree char *request =
        g_strconcat(MESSAGE(VIA("pc.contoso.example", ";rport")) "\r\n", body, NULL);
    g_autofree char *answer = NULL;

    bench->settings->message_max_bytes = 16384;
    say(&peer, request);
    WAIT_FOR(heard(&peer));
    answer = peer_heard(&peer);
    g_assert_true(g_str_has_prefix(answer, "SIP/2.0 513 "));
    g_assert_cmpuint(strlen(answer), <, strlen(request));
    settle();
    g_assert_false(heard(&peer));
    g_assert_cmpuint(bench->messages, ==, 0);
    close(peer.fd);
    bench_free(bench);
}

/* ---- Silence: nothing goes back, whatever came ---- */

typedef struct {
    const char *what;
    const char *from;
    const char *bytes;
    size_t n;
    unsigned dropped;
    const char *why; /* NULL: not worth a word */
} SilentRow;

#define BYTES(text) text, sizeof(text) - 1
static const SilentRow silent_rows[] = {
    {"a stranger", "127.0.0.9", BYTES(SOUND), 1,
     "127.0.0.9 dropped: the address is in the peers of no udp hop"},
    {"a peer of a tcp hop: a source can be forged", "127.0.0.3", BYTES(SOUND), 1,
     "127.0.0.3 dropped: the address is in the peers of no udp hop"},
    {"a stranger's response", "127.0.0.9", BYTES(ANSWER(VIA("127.0.0.1", ""))), 1, "no udp hop"},
    {"empty", "127.0.0.2", BYTES(""), 0, NULL},
    {"CRLF", "127.0.0.2", BYTES("\r\n"), 0, NULL},
    {"double CRLF: a ping of streams (RFC 5626 s4.4.1)", "127.0.0.2", BYTES("\r\n\r\n"), 0, NULL},
    {"four NULs", "127.0.0.2", BYTES("\0\0\0\0"), 0, NULL},
    {"STUN", "127.0.0.2",
     BYTES("\0\1\0\0\x21\x12\xa4\x42"
           "abcdefghijkl"),
     1, "127.0.0.2 dropped: "},
    {"garbage", "127.0.0.2", BYTES("\xff\xfe garbage"), 1, "127.0.0.2 dropped: "},
    {"no end of the headers", "127.0.0.2", BYTES(MESSAGE(VIA("a.example", ""))), 1, "has no end"},
    {"no start line of SIP's", "127.0.0.2", BYTES("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), 1,
     "start line"},
    {"a short response (R-28)", "127.0.0.2",
     BYTES("SIP/2.0 200 OK\r\n" VIA("127.0.0.1", "") HEADERS "Content-Length: 9\r\n\r\nHello"), 1,
     "Content-Length"},
};

static void test_silent(gconstpointer data)
{
    const SilentRow *row = data;
    Bench *bench = bench_new();
    Peer peer, witness;

    add_hop(bench, "pool01", STOX_TRANSPORT_UDP, "127.0.0.2");
    add_hop(bench, "pool02", STOX_TRANSPORT_TCP, "127.0.0.3");
    transport_listener(bench->settings, STOX_TRANSPORT_UDP, "127.0.0.1");
    bench_open(bench);
    peer = peer_at(bench, row->from, "127.0.0.1", 0);
    witness = peer_at(bench, "127.0.0.2", "127.0.0.1", 0);
    peer_send(&peer, row->bytes, row->n);
    say(&witness, SOUND);
    WAIT_FOR(heard(&witness));
    settle();
    g_assert_false(heard(&peer));
    g_assert_cmpuint(bench->messages, ==, 1);
    g_assert_cmpuint(stats_of(bench).dropped_total, ==, row->dropped);
    g_assert_cmpuint(stats_of(bench).flows, ==, 1);
    if (row->why)
        g_assert_nonnull(strstr(logged->str, row->why));
    else
        g_assert_cmpstr(strstr(logged->str, "dropped"), ==, NULL);
    close(peer.fd);
    close(witness.fd);
    bench_free(bench);
}

/* A flood of strangers fills neither the log nor the table. */
static void test_many_strangers(void)
{
    Bench *bench = bench_udp("127.0.0.2", "127.0.0.1");
    Peer peer = peer_at(bench, "127.0.0.9", "127.0.0.1", 0);
    unsigned lines = 0;

    for (unsigned i = 0; i < 2000; i++) {
        say(&peer, SOUND);
        if (i % 50 == 49)
            WAIT_FOR(stats_of(bench).dropped_total == i + 1);
    }
    g_assert_false(heard(&peer));
    g_assert_cmpuint(stats_of(bench).flows, ==, 0);
    for (const char *p = logged->str; (p = strstr(p, "dropped")); p++)
        lines++;
    g_assert_cmpuint(lines, <=, 30);
    close(peer.fd);
    bench_free(bench);
}

/* What is too large for UDP comes over TCP: the peers of a udp hop may connect. */
static void test_stream_of_udp_peer(void)
{
    Bench *bench = bench_new();
    g_autoptr(GSocketClient) client = g_socket_client_new();
    g_autoptr(GSocketConnection) connection = NULL;
    GOutputStream *output;

    add_hop(bench, "pool01", STOX_TRANSPORT_UDP, "127.0.0.1");
    transport_listener(bench->settings, STOX_TRANSPORT_TCP, "127.0.0.1");
    bench_open(bench);
    connection = g_socket_client_connect_to_host(
        client, "127.0.0.1", (guint16) stox_transport_port(bench->transport, 0), NULL, NULL);
    g_assert_nonnull(connection);
    output = g_io_stream_get_output_stream(G_IO_STREAM(connection));
    g_output_stream_write_all(output, SOUND, strlen(SOUND), NULL, NULL, NULL);
    WAIT_FOR(bench->messages == 1);
    g_assert_true(bench->reliable);
    g_assert_cmpstr(bench->hop->name, ==, "pool01");
    g_assert_true(stox_transport_is_kind(bench->transport, bench->flow, STOX_TRANSPORT_TCP));
    g_assert_false(stox_transport_is_kind(bench->transport, bench->flow, STOX_TRANSPORT_UDP));
    bench_free(bench);
}

int main(int argc, char *argv[])
{
    bench_init(&argc, &argv);
    BENCH_ROWS("rport", place_rows, test_rport)
    g_test_add_func("/request/port of the sent-by", test_sent_by_port);
    BENCH_ROWS("request/body (R-28)", body_rows, test_body)
    g_test_add_func("/request/65000 bytes", test_large);
    g_test_add_func("/request/over the limit", test_over_limit);
    BENCH_ROWS("silent", silent_rows, test_silent)
    g_test_add_func("/silent/many strangers", test_many_strangers);
    g_test_add_func("/stream of a udp peer", test_stream_of_udp_peer);
    return g_test_run();
}
