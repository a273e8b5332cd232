/* SPDX-License-Identifier: MIT */
/* Connections over TCP and TLS: peers, keep-alive, limits, growth, end. Rows. Every wait is bounded. */
#include "stream-bench.h"

#include "sip/transport-find.h"

#include <malloc.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void test_tcp_message(gconstpointer data)
{
    const char *host = data;
    Bench *bench = bench_tcp("127.0.0.1 ::1", host);
    int fd = raw_connect(bench_port(bench), host);
    char buffer[2048] = "";

    g_assert_cmpint(write(fd, OPTIONS, strlen(OPTIONS)), ==, (ssize_t) strlen(OPTIONS));
    WAIT_FOR(bench->messages == 1);
    spin(50);
    g_assert_cmpint(recv(fd, buffer, sizeof buffer - 1, 0), >, 0);
    g_assert_true(g_str_has_prefix(buffer, "SIP/2.0 200 OK\r\n"));
    close(fd);
    bench_free(bench);
}

static void test_tcp_stranger(void)
{
    Bench *bench = bench_tcp("127.0.0.9", "127.0.0.1");
    int fd;
    char buffer[16];

    g_string_truncate(logged, 0);
    fd = raw_connect(bench_port(bench), "127.0.0.1");
    WAIT_FOR(logged_has("its address is in the peers of no tcp or udp hop"));
    g_assert_cmpint(recv(fd, buffer, sizeof buffer, 0), <=, 0);
    close(fd);
    bench_free(bench);
}

/* a double CRLF is answered with one, at once. */
static void test_ping(void)
{
    Bench *bench = bench_tcp("127.0.0.1", "127.0.0.1");
    int fd = raw_connect(bench_port(bench), "127.0.0.1");
    char buffer[16];

    g_assert_cmpint(write(fd, "\r\n\r\n", 4), ==, 4);
    spin(100);
    g_assert_cmpint(recv(fd, buffer, sizeof buffer, 0), ==, 2);
    g_assert_cmpmem(buffer, 2, "\r\n", 2);
    close(fd);
    bench_free(bench);
}

/*
 * Our own pings: a peer that never answers them is not condemned for it (and is pinged again, so that TCP_USER_TIMEOUT notices its end); one that
 * has answered before is, when it falls silent.
 */
static void test_own_pings(void)
{
    Bench *bench = bench_tcp("127.0.0.1", "127.0.0.1");
    unsigned port = 0;
    g_autoptr(GSocketAddress) address = g_inet_socket_address_new_from_string("127.0.0.1", 0);
    g_autoptr(GSocket) server =
        g_socket_new(G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL);
    g_autoptr(GSocketAddress) bound = NULL;
    g_autoptr(GSocket) peer = NULL;
    StoxConnection *connection;
    char buffer[64];
    uint64_t flow;

    g_assert_true(g_socket_bind(server, address, TRUE, NULL) && g_socket_listen(server, NULL));
    bound = g_socket_get_local_address(server, NULL);
    port = g_inet_socket_address_get_port(G_INET_SOCKET_ADDRESS(bound));
    g_assert_cmpuint(port, >, 0);
    flow = stox_transport_connect(bench->transport, first_hop(bench), first_hop(bench)->kind, bound,
                                  "127.0.0.1");
    connection = g_hash_table_lookup(bench->transport->connections, &flow);
    connection->ping_interval_ms = 60;
    connection->pong_wait_ms = 150;
    WAIT_FOR(bench->connected == 1);
    peer = g_socket_accept(server, NULL, NULL);
    g_socket_set_timeout(peer, 5);
    spin(500);
    g_assert_true(stox_transport_is_open(bench->transport, flow));
    g_assert_cmpint(g_socket_receive(peer, buffer, sizeof buffer, NULL, NULL), >=, 8);
    g_assert_cmpmem(buffer, 8, "\r\n\r\n\r\n\r\n", 8);
    g_assert_cmpint(g_socket_send(peer, "\r\n", 2, NULL, NULL), ==, 2);
    WAIT_FOR(bench->closed == 1);
    bench_free(bench);
}

/* A request without Content-Length is answered before the connection ends. */
/* What breaks the framing gets its answer, the administrator a sentence, and the connection its end. */
typedef struct {
    const char *name;
    const char *more; /* behind the headers of OPTIONS without their length */
    size_t repeat;    /* so often */
    const char *answer, *diagnostic, *sentence;
} BrokenRow;

static const BrokenRow broken_rows[] = {
    {"missing length", "\r\n", 1, "SIP/2.0 400 ", "61013", "Content-Length is missing"},
    {"negative length", "l: -1\r\n\r\n", 1, "SIP/2.0 400 ", "61013", "not a number"},
    {"huge length", "l: 2000000000\r\n\r\n", 1, "SIP/2.0 513 ", "61014", "message-max-bytes"},
    {"two lengths", "l: 1\r\nl: 2\r\n\r\n", 1, "SIP/2.0 400 ", "61013", "disagree"},
    {"bare line feeds", "l: 0\n\n", 1, "SIP/2.0 400 ", "61013", "CRLF"},
    {"headers without end", "X: yyyyyyyyyyyy\r\n", 5000, "SIP/2.0 513 ", "61014", "64 KiB"},
    {"one endless line", "yyyyyyyyyyyyyyyy", 70000, "SIP/2.0 513 ", "61014", "64 KiB"},
};

static void test_broken(gconstpointer data)
{
    const BrokenRow *row = data;
    Bench *bench = bench_tcp("127.0.0.1", "127.0.0.1");
    int fd = raw_connect(bench_port(bench), "127.0.0.1");
    g_autoptr(GString) request =
        g_string_new_len(OPTIONS, strstr(OPTIONS, "Content-Length") - OPTIONS);
    char buffer[2048] = "";
    size_t sent = 0;

    for (size_t i = 0; i < row->repeat; i++)
        g_string_append(request, row->more);
    g_string_truncate(logged, 0);
    /* What comes behind the break is not waited for. */
    for (unsigned turn = 0; turn < 2000 && sent < request->len; turn++) {
        ssize_t n = send(fd, request->str + sent, request->len - sent, MSG_DONTWAIT | MSG_NOSIGNAL);

        sent += n > 0 ? (size_t) n : 0;
        g_main_context_iteration(NULL, FALSE);
    }
    WAIT_FOR(logged_has(row->sentence));
    spin(50);
    g_assert_cmpint(recv(fd, buffer, sizeof buffer - 1, 0), >, 0);
    g_assert_true(g_str_has_prefix(buffer, row->answer));
    g_assert_nonnull(strstr(buffer, row->diagnostic));
    g_assert_cmpuint(bench->messages, ==, 0);
    close(fd);
    bench_free(bench);
}

/* RFC 4475 s3.1.2.2: the rest of a message is waited for, but not for ever. */
static void test_partial(void)
{
    Bench *bench = bench_tcp("127.0.0.1", "127.0.0.1");
    int fd = raw_connect(bench_port(bench), "127.0.0.1");
    StoxConnection *connection;

    g_assert_cmpint(write(fd, OPTIONS OPTIONS, strlen(OPTIONS) + 9), >, 0);
    WAIT_FOR(bench->messages == 1);
    spin(50);
    connection = g_hash_table_lookup(bench->transport->connections, &bench->flow);
    g_assert_cmpint(connection->partial_since_ms, !=, 0);
    /* The rest comes in time: nothing is left of it. */
    g_assert_cmpint(write(fd, OPTIONS + 9, strlen(OPTIONS) - 9), >, 0);
    WAIT_FOR(bench->messages == 2);
    spin(50);
    g_assert_cmpint(connection->partial_since_ms, ==, 0);
    g_assert_cmpint(write(fd, OPTIONS, 9), ==, 9);
    WAIT_FOR(connection->partial_since_ms != 0);
    connection->partial_since_ms -= 60000;
    stox_connection_update(connection);
    g_string_truncate(logged, 0);
    WAIT_FOR(bench->closed == 1);
    g_assert_true(logged_has("did not end within 60 s"));
    close(fd);
    bench_free(bench);
}

static void test_not_tls(void)
{
    Bench *bench = bench_tls();
    int fd;

    g_string_truncate(logged, 0);
    fd = raw_connect(bench_port(bench), "127.0.0.1");
    g_assert_cmpint(write(fd, OPTIONS, strlen(OPTIONS)), >, 0);
    WAIT_FOR(logged_has("does not speak TLS"));
    close(fd);
    bench_free(bench);
}

static void test_silent_handshake(void)
{
    Bench *bench = bench_tls();
    int fd;

    bench->settings->sip_connect_timeout_s = 1;
    g_string_truncate(logged, 0);
    fd = raw_connect(bench_port(bench), "127.0.0.1");
    WAIT_FOR(logged_has("handshake did not end within connect-timeout"));
    close(fd);
    bench_free(bench);
}

static void test_max_connections(void)
{
    Bench *bench = bench_tcp("127.0.0.1", "127.0.0.1");
    int fds[4];

    bench->settings->max_connections = 3;
    g_string_truncate(logged, 0);
    for (unsigned i = 0; i < 4; i++)
        fds[i] = raw_connect(bench_port(bench), "127.0.0.1");
    WAIT_FOR(logged_has("max-connections (3) reached"));
    for (unsigned i = 0; i < 4; i++)
        close(fds[i]);
    bench_free(bench);
}

/* A reader that never reads: the queue fills and the next send is refused; nothing before it is forgotten. */
static void test_slow_reader(void)
{
    Bench *bench = bench_tcp("127.0.0.1", "127.0.0.1");
    int fd = raw_connect(bench_port(bench), "127.0.0.1");
    g_autofree char *block = g_strnfill(65536, 'x');
    g_autoptr(GBytes) bytes = g_bytes_new_static(block, 65536);
    size_t taken = 0, read_back = 0;
    ssize_t n = 1;

    bench->answer = false;
    g_assert_cmpint(write(fd, OPTIONS, strlen(OPTIONS)), >, 0);
    WAIT_FOR(bench->messages == 1);
    while (taken < 1000 && stox_transport_send(bench->transport, bench->flow, bytes, 1)) {
        taken++;
        stox_transport_flush(bench->transport);
    }
    g_assert_cmpuint(taken, <, 1000);
    while (read_back < taken * 65536 && n > 0) {
        n = recv(fd, block, 65536, MSG_DONTWAIT);
        if (n > 0)
            read_back += (size_t) n;
        else if (n < 0 && errno == EAGAIN)
            n = 1;
        g_main_context_iteration(NULL, FALSE);
    }
    g_assert_cmpuint(read_back, ==, taken * 65536);
    g_assert_cmpuint(bench->unsent, ==, 0);
    close(fd);
    bench_free(bench);
}

/* A peer that sends pings as fast as it can and never reads: one pong waits, not a million. */
static void test_ping_flood(void)
{
    Bench *bench = bench_tcp("127.0.0.1", "127.0.0.1");
    int fd = raw_connect(bench_port(bench), "127.0.0.1");
    g_autoptr(GString) pings = g_string_new(NULL);
    StoxTransportStats stats;

    for (unsigned i = 0; i < 16384; i++)
        g_string_append(pings, "\r\n\r\n");
    for (unsigned i = 0; i < 64; i++) {
        for (size_t at = 0; at < pings->len;) {
            ssize_t n = send(fd, pings->str + at, pings->len - at, MSG_DONTWAIT);

            at += n > 0 ? (size_t) n : 0;
            g_main_context_iteration(NULL, FALSE);
            stox_transport_stats(bench->transport, &stats);
            g_assert_cmpuint(stats.queued_bytes, <=, 2);
        }
    }
    g_assert_cmpint(write(fd, OPTIONS, strlen(OPTIONS)), ==, (ssize_t) strlen(OPTIONS));
    WAIT_FOR(bench->messages == 1);
    close(fd);
    bench_free(bench);
}

static void test_refused_port(void)
{
    Bench *bench = bench_tcp("127.0.0.1", "127.0.0.1");
    g_autoptr(GSocketAddress) address =
        g_inet_socket_address_new_from_string("127.0.0.1", free_port());
    g_autoptr(GBytes) bytes = g_bytes_new_static("x", 1);
    uint64_t flow = stox_transport_connect(bench->transport, first_hop(bench),
                                           first_hop(bench)->kind, address, "127.0.0.1");

    g_assert_true(stox_transport_send(bench->transport, flow, bytes, 9));
    g_assert_cmpuint(bench->closed + bench->unsent, ==, 0);
    WAIT_FOR(bench->closed == 1);
    g_assert_cmpuint(bench->unsent, ==, 1);
    g_assert_cmpuint(bench->partial, ==, 0);
    g_assert_false(stox_transport_send(bench->transport, flow, bytes, 9));
    bench_free(bench);
}

/* ---- Growth ---- */

/* What strangers and broken peers leave behind them. */
typedef struct {
    unsigned listener; /* 0 TLS, 1 TCP */
    const char *bytes;
    size_t size;
} HostileBytes;

#define BYTES(text) text, sizeof text - 1
static const HostileBytes hostile[] = {
    {0, BYTES("")},
    {0, BYTES("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")},
    {0, BYTES("OPTIONS sip:a@b SIP/2.0\r\n")},
    {1, BYTES("")},
    {1, BYTES("OPTIONS sip:xgw.contoso.example SIP/2.0\r\nVia: SIP/2.0/TC")},
    {1, BYTES("MESSAGE sip:bob@partner.example SIP/2.0\r\nCall-ID: x\r\nContent-Length: "
              "50000\r\n\r\nHello")},
    {1, BYTES("\r\n\r\n\r\n")},
    {1, BYTES("\x16\x03\x01\x02")},
    {1, BYTES("GET / HTTP/1.1\r\nHost: x\r\n\r\n")},
};
#undef BYTES

static void hostile_round(Bench *bench, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        const HostileBytes *row = &hostile[i % G_N_ELEMENTS(hostile)];
        int fd = raw_connect(stox_transport_port(bench->transport, row->listener), "127.0.0.1");

        if (row->size)
            g_assert_cmpint(write(fd, row->bytes, row->size), ==, (ssize_t) row->size);
        g_main_context_iteration(NULL, FALSE);
        close(fd);
        while (g_main_context_iteration(NULL, FALSE))
            ;
    }
    spin(50);
}

/* Whole handshakes: the transport connects to its own listener, both ends close in order. */
static void full_round(Bench *bench, unsigned n)
{
    g_autoptr(GSocketAddress) address =
        g_inet_socket_address_new_from_string("127.0.0.1", bench_port(bench));
    StoxTransportStats stats;

    for (unsigned i = 0; i < n; i++) {
        unsigned connected = bench->connected;
        uint64_t flow =
            stox_transport_connect(bench->transport, first_hop(bench), first_hop(bench)->kind,
                                   address, "xgw.contoso.example");

        WAIT_FOR(bench->connected == connected + 1);
        stox_transport_close(bench->transport, flow, "test");
        g_string_truncate(logged, 0); /* what was logged is no growth of the transport */
        WAIT_FOR((stox_transport_stats(bench->transport, &stats), stats.connections == 0));
    }
}

/* Accepted and closed connections leave nothing behind: bare ones, broken handshakes, whole ones (a tenth). */
static void test_flat_memory(void)
{
    const char *wanted = g_getenv("STOX_TEST_CONNECTIONS");
    unsigned n = wanted ? (unsigned) atoi(wanted) : 2000;
    Bench *bench = bench_new();
    StoxTransportStats stats;
    size_t before, after;

    add_hop(bench, "self", STOX_TRANSPORT_TLS, "xgw.contoso.example");
    add_hop(bench, "plain", STOX_TRANSPORT_TCP, "127.0.0.1");
    transport_listener(bench->settings, STOX_TRANSPORT_TLS, "127.0.0.1");
    transport_listener(bench->settings, STOX_TRANSPORT_TCP, "127.0.0.1");
    bench_open(bench);
    hostile_round(bench, 600);
    full_round(bench, 300); /* what is kept for resumption is bounded: fill it first */
    malloc_trim(0);
    before = mallinfo2().uordblks;
    hostile_round(bench, n - n / 10);
    full_round(bench, n / 10);
    malloc_trim(0);
    after = mallinfo2().uordblks;
    stox_transport_stats(bench->transport, &stats);
    g_test_message("%u connections: %zu -> %zu bytes", n, before, after);
    g_string_truncate(logged, 0);
    g_assert_cmpuint(stats.connections, ==, 0);
    g_assert_cmpuint(stats.accepted_total, ==, n + 900);
    /* On a slow machine some of the sessions for resumption are only kept in the second round. */
    g_assert_cmpuint(after, <=, before + 96 * 1024);
    bench_free(bench);
}

static void test_shutdown_done_cb(void *user)
{
    *(bool *) user = true;
}

static void test_shutdown(void)
{
    Bench *bench = bench_tls();
    Peer *peer = s_client(bench, "fe", "");
    bool done = false;

    peer_send(peer, OPTIONS);
    WAIT_FOR(bench->messages == 1);
    stox_transport_shutdown(bench->transport, test_shutdown_done_cb, &done);
    WAIT_FOR(done);
    WAIT_FOR(strstr(peer->output->str, "SIP/2.0 200 OK"));
    peer_free(peer);
    bench_free(bench);
}

static const struct {
    const char *listen;
    StoxTransportKind kind;
    const char *to, *source;
} source_rows[] = {
    {"127.0.0.2", STOX_TRANSPORT_TCP, "127.0.0.1", "127.0.0.2:0"},
    {"127.0.0.2", STOX_TRANSPORT_TLS, "127.0.0.1", NULL},
    {"127.0.0.2", STOX_TRANSPORT_TCP, "::1", NULL},
    {"127.0.0.2", STOX_TRANSPORT_TCP, "192.0.2.1", NULL},
    {"0.0.0.0", STOX_TRANSPORT_TCP, "127.0.0.1", NULL},
    {"::1", STOX_TRANSPORT_TCP, "::1", "[::1]:0"},
    {"::1", STOX_TRANSPORT_TCP, "2001:db8::1", NULL},
    {"::", STOX_TRANSPORT_TCP, "::1", NULL},
};

static void test_source(void)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(source_rows); i++) {
        Bench *bench = bench_tcp("127.0.0.1", source_rows[i].listen);
        g_autoptr(GSocketAddress) to =
            g_inet_socket_address_new_from_string(source_rows[i].to, 5061);
        g_autoptr(GSocketAddress) from =
            stox_transport_source(bench->transport, source_rows[i].kind, to);
        g_autofree char *text = from ? stox_address_text(from) : NULL;

        g_test_message("%s to %s", source_rows[i].listen, source_rows[i].to);
        g_assert_cmpstr(text, ==, source_rows[i].source);
        bench_free(bench);
    }
}

/* What the peer sees, and that it is up is told. */
static void test_source_seen(void)
{
    Bench *bench = bench_tcp("127.0.0.1", "127.0.0.2");
    g_autoptr(GSocket) listener =
        g_socket_new(G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL);
    g_autoptr(GSocketAddress) any = g_inet_socket_address_new_from_string("127.0.0.1", 0);
    g_autoptr(GSocketAddress) local = NULL;

    g_assert_true(g_socket_bind(listener, any, TRUE, NULL));
    g_assert_true(g_socket_listen(listener, NULL));
    local = g_socket_get_local_address(listener, NULL);
    g_string_truncate(logged, 0);
    for (unsigned i = 0; i < 2; i++) {
        g_autoptr(GSocket) accepted = NULL;
        g_autoptr(GSocketAddress) from = NULL;
        g_autofree char *text = NULL;

        stox_transport_connect(bench->transport, first_hop(bench), STOX_TRANSPORT_TCP, local,
                               "sip1.partner.example");
        WAIT_FOR(bench->connected == i + 1);
        accepted = g_socket_accept(listener, NULL, NULL);
        g_assert_nonnull(accepted);
        from = g_socket_get_remote_address(accepted, NULL);
        text = stox_address_text(from);
        g_assert_true(g_str_has_prefix(text, "127.0.0.2:"));
    }
    g_assert_cmpuint(logged_times("(TCP, [hop sip1]) is up"), ==, 2);
    bench_free(bench);
}

int main(int argc, char **argv)
{
    bench_init(&argc, &argv);
    g_test_add_data_func("/connection/tcp/IPv4", "127.0.0.1", test_tcp_message);
    g_test_add_data_func("/connection/tcp/IPv6", "::1", test_tcp_message);
    g_test_add_func("/connection/tcp/stranger", test_tcp_stranger);
    g_test_add_func("/connection/keep-alive R-29", test_ping);
    g_test_add_func("/connection/keep-alive of our own R-29", test_own_pings);
    g_test_add_func("/connection/not TLS", test_not_tls);
    g_test_add_func("/connection/silent handshake", test_silent_handshake);
    g_test_add_func("/connection/max-connections", test_max_connections);
    g_test_add_func("/connection/slow reader", test_slow_reader);
    g_test_add_func("/connection/ping flood", test_ping_flood);
    g_test_add_func("/connection/partial message", test_partial);
    for (unsigned i = 0; i < G_N_ELEMENTS(broken_rows); i++) {
        g_autofree char *path =
            g_strdup_printf("/connection/broken framing/%s", broken_rows[i].name);

        g_test_add_data_func(path, &broken_rows[i], test_broken);
    }
    g_test_add_func("/connection/source address", test_source);
    g_test_add_func("/connection/source address that a peer sees", test_source_seen);
    g_test_add_func("/connection/refused port", test_refused_port);
    g_test_add_func("/connection/flat memory", test_flat_memory);
    g_test_add_func("/connection/shutdown", test_shutdown);
    return g_test_run();
}
