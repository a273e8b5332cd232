/* SPDX-License-Identifier: MIT */
/* Peers with bad manners: slow ones, deaf ones, vanished ones, half-closed ones, renegotiation, damaged records. Every wait is bounded. */
#include "stream-bench.h"

#include <glib-unix.h>
#include <openssl/err.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static StoxConnection *connection_of(Bench *bench, uint64_t flow)
{
    return g_hash_table_lookup(bench->transport->connections, &flow);
}

static void say(int fd, const char *text)
{
    g_assert_cmpint(write(fd, text, strlen(text)), ==, (ssize_t) strlen(text));
}

/* Within five seconds; the loop runs meanwhile. 0: its end. */
static ssize_t hear(int fd, char *buffer, size_t size)
{
    int64_t until = g_get_monotonic_time() + 5 * G_USEC_PER_SEC;
    ssize_t n = -1;

    while (n < 0 && g_get_monotonic_time() < until) {
        n = recv(fd, buffer, size - 1, MSG_DONTWAIT);
        if (n < 0)
            spin(5);
    }
    g_assert_cmpint(n, >=, 0);
    buffer[n] = 0;
    return n;
}

/* ---- Slow and deaf ---- */

/* A writer of one byte at a time is waited for, and nobody else waits. */
static void test_slow_writer(void)
{
    Bench *bench = bench_tcp("127.0.0.1", "127.0.0.1");
    int slow = raw_connect(bench_port(bench), "127.0.0.1");
    int other = raw_connect(bench_port(bench), "127.0.0.1");
    char buffer[2048];

    for (size_t i = 0; i < strlen(OPTIONS); i++) {
        g_assert_cmpint(write(slow, OPTIONS + i, 1), ==, 1);
        if (i % 40 == 0) {
            unsigned messages = bench->messages;

            say(other, OPTIONS);
            WAIT_FOR(bench->messages == messages + 1);
            hear(other, buffer, sizeof buffer);
        }
        g_main_context_iteration(NULL, FALSE);
    }
    hear(slow, buffer, sizeof buffer);
    g_assert_true(g_str_has_prefix(buffer, "SIP/2.0 200 OK\r\n"));
    close(slow);
    close(other);
    bench_free(bench);
}

/* Sends what it can to a peer that does not read; how many blocks the queue took. */
static unsigned fill(Bench *bench, uint64_t flow, uint64_t first_token)
{
    static char block[65536];
    g_autoptr(GBytes) bytes = g_bytes_new_static(block, sizeof block);
    unsigned taken = 0;

    memset(block, 'x', sizeof block);
    while (taken < 1000 &&
           stox_transport_send(bench->transport, flow, bytes, first_token + taken)) {
        taken++;
        stox_transport_flush(bench->transport);
    }
    g_assert_cmpuint(taken, <, 1000);
    return taken;
}

/* A reader that never reads: its queue has a bound, others are served, it is closed when no byte moves, what waited is given back. */
static void test_deaf_reader(void)
{
    Bench *bench = bench_tcp("127.0.0.1", "127.0.0.1");
    int deaf = raw_connect(bench_port(bench), "127.0.0.1");
    int other = raw_connect(bench_port(bench), "127.0.0.1");
    char buffer[2048];
    StoxTransportStats stats;

    bench->answer = false;
    say(deaf, OPTIONS);
    WAIT_FOR(bench->messages == 1);
    connection_of(bench, bench->flow)->stall_ms = 1000;
    fill(bench, bench->flow, 1);
    stox_transport_stats(bench->transport, &stats);
    g_assert_cmpuint(stats.queued_bytes, <=, bench->settings->sip_queue_max_bytes);
    g_assert_cmpuint(stats.queued_bytes, >, 0);
    bench->answer = true;
    say(other, OPTIONS);
    hear(other, buffer, sizeof buffer);
    g_assert_true(g_str_has_prefix(buffer, "SIP/2.0 200 OK\r\n"));
    g_assert_cmpuint(bench->closed, ==, 0);
    WAIT_FOR(bench->closed == 1);
    g_assert_true(logged_has("closed: it reads nothing"));
    g_assert_cmpuint(bench->unsent, >, 0);
    g_assert_cmpuint(bench->partial, <=, 1);
    stox_transport_stats(bench->transport, &stats);
    g_assert_cmpuint(stats.queued_bytes, ==, 0);
    close(deaf);
    close(other);
    bench_free(bench);
}

/* The same over TLS: openssl is stopped and its kernel takes no more. */
static void test_deaf_tls(void)
{
    Bench *bench = bench_tls();
    Peer *peer = s_client(bench, "fe", "");
    unsigned taken;

    peer_send(peer, OPTIONS);
    WAIT_FOR(peer_said(peer, "SIP/2.0 200 OK"));
    peer_signal(peer, SIGSTOP);
    connection_of(bench, bench->flow)->stall_ms = 1000;
    taken = fill(bench, bench->flow, 1);
    WAIT_FOR(bench->closed == 1);
    g_assert_true(logged_has("closed: it reads nothing"));
    g_assert_cmpuint(bench->unsent, >, 0);
    g_assert_cmpuint(bench->unsent, <=, taken);
    peer_free(peer);
    bench_free(bench);
}

/* A slow reader that does read is not closed, however long it takes: bytes move. */
static void test_slow_reader_lives(void)
{
    Bench *bench = bench_tcp("127.0.0.1", "127.0.0.1");
    int slow = raw_connect(bench_port(bench), "127.0.0.1");
    static char buffer[262144];
    size_t heard = 0, wanted;
    int64_t until;

    bench->answer = false;
    say(slow, OPTIONS);
    WAIT_FOR(bench->messages == 1);
    connection_of(bench, bench->flow)->stall_ms = 1500;
    wanted = fill(bench, bench->flow, 1) * (size_t) 65536;
    until = g_get_monotonic_time() + 20 * G_USEC_PER_SEC;
    for (unsigned n = 0; heard < wanted && g_get_monotonic_time() < until; n++) {
        ssize_t got = recv(slow, buffer, sizeof buffer, MSG_DONTWAIT);

        if (got > 0)
            heard += (size_t) got;
        spin(n < 20 ? 100 : 1);
    }
    g_assert_cmpuint(heard, ==, wanted);
    g_assert_cmpuint(bench->closed + bench->unsent, ==, 0);
    close(slow);
    bench_free(bench);
}

/* ---- Vanished ---- */

/* A server that has accepted the connection and is stopped before the handshake. */
static void test_handshake_stops(void)
{
    Bench *bench = bench_tls();
    unsigned port;
    Peer *peer = s_server("fe", "", &port);
    uint64_t flow;

    bench->settings->sip_connect_timeout_s = 1;
    peer_signal(peer, SIGSTOP);
    flow = bench_connect(bench, first_hop(bench), port, "pool01.contoso.example");
    g_assert_true(bench_send(bench, flow, OPTIONS, 7));
    WAIT_FOR(bench->closed == 1);
    g_assert_true(logged_has("the TLS handshake did not end within connect-timeout"));
    g_assert_cmpuint(bench->unsent, ==, 1);
    g_assert_cmpuint(bench->partial, ==, 0);
    peer_free(peer);
    bench_free(bench);
}

/* Killed in the middle of a connection: its kernel closes TCP, no close_notify comes. */
static void test_no_close_notify(void)
{
    Bench *bench = bench_tls();
    Peer *peer = s_client(bench, "fe", "");

    peer_send(peer, OPTIONS);
    WAIT_FOR(peer_said(peer, "SIP/2.0 200 OK"));
    peer_signal(peer, SIGKILL);
    WAIT_FOR(bench->closed == 1);
    g_assert_cmpstr(bench->why, ==, "the peer closed the connection");
    g_assert_false(logged_has("broke"));
    peer_free(peer);
    bench_free(bench);
}

/* ---- Half closed ---- */

/* The usual end of `nc` and scripts: requests, FIN, and then they read. */
static void test_half_close(void)
{
    Bench *bench = bench_tcp("127.0.0.1", "127.0.0.1");
    int fd = raw_connect(bench_port(bench), "127.0.0.1");
    char buffer[2048];

    bench->answer = false;
    say(fd, OPTIONS);
    shutdown(fd, SHUT_WR);
    WAIT_FOR(bench->messages == 1);
    /* Nothing of ours could be answered on it: its owner has heard of its end, new requests go elsewhere. */
    WAIT_FOR(bench->closed == 1);
    g_assert_false(stox_transport_is_open(bench->transport, bench->flow));
    g_assert_false(stox_transport_is_kind(bench->transport, bench->flow, STOX_TRANSPORT_TCP));
    spin(300);
    bench_answer(bench, 200);
    hear(fd, buffer, sizeof buffer);
    g_assert_nonnull(strstr(buffer, "\r\n"));
    if (!strstr(buffer, "SIP/2.0"))
        hear(fd, buffer, sizeof buffer);
    g_assert_nonnull(strstr(buffer, "SIP/2.0 200 OK\r\n"));
    g_assert_cmpint(hear(fd, buffer, sizeof buffer), ==, 0);
    WAIT_FOR(bench_connections(bench) == 0);
    g_assert_cmpuint(bench->closed, ==, 1);
    close(fd);
    bench_free(bench);
}

/* A provisional answer does not end it. */
static void test_half_close_provisional(void)
{
    Bench *bench = bench_tcp("127.0.0.1", "127.0.0.1");
    int fd = raw_connect(bench_port(bench), "127.0.0.1");
    g_autoptr(GString) all = g_string_new(NULL);
    char buffer[2048];

    bench->answer = false;
    say(fd, OPTIONS);
    shutdown(fd, SHUT_WR);
    WAIT_FOR(bench->closed == 1);
    spin(300);
    bench_answer(bench, 180);
    spin(100);
    bench_answer(bench, 486);
    while (hear(fd, buffer, sizeof buffer) > 0)
        g_string_append(all, buffer);
    g_assert_nonnull(strstr(all->str, "SIP/2.0 180 "));
    g_assert_nonnull(strstr(all->str, "SIP/2.0 486 "));
    close(fd);
    bench_free(bench);
}

/* One that has closed altogether is not mistaken for it: the answer is not taken, so that it goes another way (RFC 3261 s18.2.2). */
static void test_full_close(void)
{
    Bench *bench = bench_tcp("127.0.0.1", "127.0.0.1");
    int fd = raw_connect(bench_port(bench), "127.0.0.1");
    g_autoptr(GBytes) answer = g_bytes_new_static("SIP/2.0 200 OK\r\n\r\n", 18);

    bench->answer = false;
    say(fd, OPTIONS);
    WAIT_FOR(bench->messages == 1);
    close(fd);
    WAIT_FOR(bench->closed == 1);
    WAIT_FOR(bench_connections(bench) == 0);
    g_assert_false(stox_transport_send(bench->transport, bench->flow, answer, 0));
    bench_free(bench);
}

/* A close_notify means both directions; what was answered before is delivered all the same. */
static void test_tls_close(void)
{
    Bench *bench = bench_tls();
    Peer *peer = s_client(bench, "fe", " -no_ign_eof");

    peer_send(peer, OPTIONS);
    peer_end_input(peer);
    WAIT_FOR(bench->messages == 1 && bench->closed == 1);
    WAIT_FOR(bench_connections(bench) == 0);
    peer_free(peer);
    bench_free(bench);
}

/* ---- TLS inside the connection ---- */

/* TLS 1.2: the peer asks to renegotiate (s_client's R). It is refused by an alert; what came before has its answer, others are served. */
static void test_renegotiation(void)
{
    Bench *bench = bench_tls();
    Peer *peer = s_client_commands(bench, "fe", " -tls1_2");
    Peer *other = s_client(bench, "fe", " -tls1_2");

    peer_send(peer, OPTIONS);
    WAIT_FOR(peer_said(peer, "SIP/2.0 200 OK"));
    peer_send(peer, "R\n");
    WAIT_FOR(peer_said(peer, "RENEGOTIATING"));
    WAIT_FOR(peer_said(peer, "no renegotiation"));
    peer_send(other, OPTIONS);
    WAIT_FOR(peer_said(other, "SIP/2.0 200 OK"));
    g_assert_cmpuint(bench->messages, ==, 2);
    peer_free(peer);
    peer_free(other);
    bench_free(bench);
}

/* The server's request (s_server's R) is refused as well, and the connection goes on. */
static void test_hello_request(void)
{
    Bench *bench = bench_tls();
    unsigned port;
    Peer *peer = s_server("fe", " -tls1_2", &port);
    uint64_t flow = bench_connect(bench, first_hop(bench), port, "pool01.contoso.example");

    g_assert_true(bench_send(bench, flow, OPTIONS, 7));
    WAIT_FOR(peer_said(peer, "OPTIONS sip:xgw"));
    g_string_truncate(peer->output, 0);
    peer_send(peer, "r\n");
    spin(300);
    peer_send(peer, OPTIONS);
    WAIT_FOR(bench->messages == 1 || bench->closed == 1);
    g_assert_false(peer_said(peer, "SSL_do_handshake -> 1\nread R"));
    peer_free(peer);
    bench_free(bench);
}

/* TLS 1.3: new keys in both directions (s_client's K), and messages go on. */
static void test_key_update(void)
{
    Bench *bench = bench_tls();
    Peer *peer = s_client_commands(bench, "fe", " -tls1_3");

    for (unsigned i = 1; i <= 3; i++) {
        g_string_truncate(peer->output, 0);
        peer_send(peer, OPTIONS);
        WAIT_FOR(peer_said(peer, "SIP/2.0 200 OK"));
        g_assert_cmpuint(bench->messages, ==, i);
        peer_send(peer, "K\n");
        WAIT_FOR(peer_said(peer, "KEYUPDATE"));
    }
    g_assert_cmpuint(bench->closed, ==, 0);
    peer_free(peer);
    bench_free(bench);
}

/* TLS 1.3 tells a client after its handshake that its certificate is not liked: an administrator is told, not "the connection broke". */
static void test_late_refusal(void)
{
    Bench *bench = bench_new();
    unsigned port;
    uint64_t flow;
    Peer *peer;

    bench_certificate(bench, "partner.pem", "partner.key");
    add_hop(bench, "pool01", STOX_TRANSPORT_TLS, "pool01.contoso.example");
    bench_open(bench);
    peer = s_server("fe", " -tls1_3 -verify_return_error", &port);
    bench_connect(bench, first_hop(bench), port, "pool01.contoso.example");
    WAIT_FOR(bench->closed == 1);
    g_assert_true(logged_has("broke: it refused our certificate: it does not know the CA"));
    peer_free(peer);
    /* When something was sent already, the alert may be lost: the log has a hint at least. */
    g_string_truncate(logged, 0);
    peer = s_server("fe", " -tls1_3 -verify_return_error", &port);
    flow = bench_connect(bench, first_hop(bench), port, "pool01.contoso.example");
    g_assert_true(bench_send(bench, flow, OPTIONS, 7));
    WAIT_FOR(bench->closed == 2);
    g_assert_true(logged_has("it refused our certificate: it does not know the CA") ||
                  logged_has("it may not accept our certificate"));
    peer_free(peer);
    bench_free(bench);
}

/* ---- Damaged records: a TLS client of our own, since openssl sends none ---- */

static SSL *tls_client(Bench *bench, int fd)
{
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    g_autofree char *certificate = cert("fe.pem");
    g_autofree char *key = cert("fe.key");
    SSL *ssl;
    int result;

    g_assert_cmpint(SSL_CTX_use_certificate_file(context, certificate, SSL_FILETYPE_PEM), ==, 1);
    g_assert_cmpint(SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM), ==, 1);
    ssl = SSL_new(context);
    SSL_CTX_free(context);
    SSL_set_fd(ssl, fd);
    g_unix_set_fd_nonblocking(fd, TRUE, NULL);
    while ((result = SSL_connect(ssl)) != 1) {
        g_assert_cmpint(SSL_get_error(ssl, result), ==, SSL_ERROR_WANT_READ);
        spin(5);
    }
    return ssl;
}

typedef struct {
    const char *what;
    const char *bytes;
    size_t n;
    const char *logged; /* NULL: nothing an administrator could do */
} RecordRow;

static const RecordRow record_rows[] = {
    {"forged",
     "\x17\x03\x03\x00\x20"
     "0123456789abcdef0123456789abcdef",
     37, "bad record MAC"},
    {"cut off",
     "\x17\x03\x03\x10\x00"
     "0123456789",
     15, NULL},
    {"no record", "OPTIONS sip:xgw.contoso.example SIP/2.0\r\n\r\n", 43, "broke: "},
    {"too long",
     "\x17\x03\x03\xff\xff"
     "0123456789",
     15, "broke: "},
};

static void test_record(gconstpointer data)
{
    const RecordRow *row = data;
    Bench *bench = bench_tls();
    int fd = raw_connect(bench_port(bench), "127.0.0.1");
    SSL *ssl = tls_client(bench, fd);

    g_assert_cmpint(SSL_write(ssl, OPTIONS, (int) strlen(OPTIONS)), ==, (int) strlen(OPTIONS));
    WAIT_FOR(bench->messages == 1);
    g_assert_cmpint(write(fd, row->bytes, row->n), ==, (ssize_t) row->n);
    if (!row->logged)
        shutdown(fd, SHUT_WR);
    WAIT_FOR(bench->closed == 1);
    if (row->logged)
        g_assert_true(logged_has(row->logged));
    g_assert_cmpuint(bench->messages, ==, 1);
    SSL_free(ssl);
    close(fd);
    bench_free(bench);
}

int main(int argc, char **argv)
{
    bench_init(&argc, &argv);
    g_test_add_func("/connection/peer/slow writer", test_slow_writer);
    g_test_add_func("/connection/peer/deaf reader", test_deaf_reader);
    g_test_add_func("/connection/peer/deaf reader, TLS", test_deaf_tls);
    g_test_add_func("/connection/peer/slow reader lives", test_slow_reader_lives);
    g_test_add_func("/connection/peer/stopped in the handshake", test_handshake_stops);
    g_test_add_func("/connection/peer/killed, no close_notify", test_no_close_notify);
    g_test_add_func("/connection/peer/half closed", test_half_close);
    g_test_add_func("/connection/peer/half closed, provisional answer",
                    test_half_close_provisional);
    g_test_add_func("/connection/peer/closed altogether", test_full_close);
    g_test_add_func("/connection/peer/close_notify", test_tls_close);
    g_test_add_func("/connection/peer/renegotiation asked for", test_renegotiation);
    g_test_add_func("/connection/peer/renegotiation wanted by a server", test_hello_request);
    g_test_add_func("/connection/peer/new keys", test_key_update);
    g_test_add_func("/connection/peer/certificate refused after the handshake", test_late_refusal);
    for (unsigned i = 0; i < G_N_ELEMENTS(record_rows); i++) {
        g_autofree char *path = g_strdup_printf("/connection/peer/record %s", record_rows[i].what);

        g_test_add_data_func(path, &record_rows[i], test_record);
    }
    return g_test_run();
}
