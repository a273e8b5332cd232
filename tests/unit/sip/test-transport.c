/* SPDX-License-Identifier: MIT */
/*
 * The transport against `openssl s_client` and `openssl s_server`, raw sockets, and itself. argv[1] is make-certs.sh. Rows,
 * lync.md 4.2. Every wait is bounded.
 */
#include "sip/transport-private.h"

#include <gio/gio.h>
#include <glib/gstdio.h>

#include <malloc.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define OPTIONS                                                                                    \
    "OPTIONS sip:xgw.contoso.example SIP/2.0\r\nVia: SIP/2.0/TLS "                                 \
    "pool01.contoso.example;branch=z9hG4bKa\r\n"                                                   \
    "From: <sip:pool01.contoso.example>;tag=1\r\nTo: <sip:xgw.contoso.example>\r\nCall-ID: "       \
    "c\r\nCSeq: 1 OPTIONS\r\n"                                                                     \
    "Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n"

static char *certs;
static GString *logged;

/* ---- A transport and what it told ---- */

typedef struct {
    StoxSettings *settings;
    StoxTls *tls;
    StoxTransport *transport;
    unsigned messages, connected, closed, unsent, partial;
    uint64_t flow;
    const StoxHopSettings *hop;
    bool answer;
} Bench;

static void message_cb(void *user, uint64_t flow, const StoxHopSettings *hop, bool reliable,
                       StoxSipMessage *message)
{
    Bench *bench = user;

    bench->messages++;
    bench->flow = flow;
    bench->hop = hop;
    if (bench->answer) {
        g_autoptr(StoxSipBuilder) builder = stox_sip_builder_response(message, 200, NULL, "t");
        g_autoptr(GBytes) bytes = stox_sip_builder_finish(builder, NULL);

        g_assert_true(stox_transport_send(bench->transport, flow, bytes, 0));
    }
}

static void connected_cb(void *user, uint64_t flow)
{
    ((Bench *) user)->connected++;
}

static void closed_cb(void *user, uint64_t flow, const char *why)
{
    ((Bench *) user)->closed++;
}

static void unsent_cb(void *user, uint64_t flow, uint64_t token, bool partial)
{
    ((Bench *) user)->unsent++;
    ((Bench *) user)->partial += partial;
}

static const StoxTransportFuncs funcs = {message_cb, connected_cb, closed_cb, unsent_cb};

static char *cert(const char *name, const char *suffix)
{
    return g_strdup_printf("%s/%s.%s", certs, name, suffix);
}

static void listen_free(gpointer data)
{
    g_free(((StoxListenSettings *) data)->host);
    g_free(data);
}

static StoxHopSettings *add_hop(Bench *bench, const char *name, StoxTransportKind kind,
                                const char *peers)
{
    StoxHopSettings *hop = g_new0(StoxHopSettings, 1);

    hop->name = g_strdup(name);
    hop->kind = kind;
    hop->next_hops = g_ptr_array_new_with_free_func(stox_next_hop_free);
    hop->ca = kind == STOX_TRANSPORT_TLS ? cert("ca", "pem") : NULL;
    hop->peers = g_strsplit(peers, " ", -1);
    hop->tls_minimum = 12;
    g_ptr_array_add(bench->settings->hops, hop);
    return hop;
}

static void add_listen(Bench *bench, StoxTransportKind kind, const char *host)
{
    StoxListenSettings *listen = g_new0(StoxListenSettings, 1);

    listen->kind = kind;
    listen->host = g_strdup(host);
    g_ptr_array_add(bench->settings->listens, listen);
}

static Bench *bench_new(void)
{
    Bench *bench = g_new0(Bench, 1);
    StoxSettings *settings = g_new0(StoxSettings, 1);

    settings->hops = g_ptr_array_new_with_free_func(stox_hop_settings_free);
    settings->listens = g_ptr_array_new_with_free_func(listen_free);
    settings->fqdn = g_strdup("xgw.contoso.example");
    settings->certificate = cert("xgw", "pem");
    settings->private_key = cert("xgw", "key");
    settings->message_max_bytes = 1 << 20;
    settings->sip_queue_max_bytes = 1 << 20;
    settings->max_connections = 64;
    settings->sip_connect_timeout_s = 5;
    settings->sip_idle_timeout_s = 900;
    bench->settings = settings;
    bench->answer = true;
    return bench;
}

static void bench_open(Bench *bench)
{
    g_autoptr(GError) error = NULL;

    bench->tls = stox_tls_new(bench->settings, &error);
    g_assert_no_error(error);
    bench->transport = stox_transport_new(bench->settings, bench->tls, &funcs, bench);
    g_assert_true(stox_transport_listen(bench->transport, &error));
    g_assert_no_error(error);
}

static Bench *bench_tls(void)
{
    Bench *bench = bench_new();

    add_hop(bench, "pool01", STOX_TRANSPORT_TLS, "pool01.contoso.example fe01.contoso.example");
    add_listen(bench, STOX_TRANSPORT_TLS, "127.0.0.1");
    bench_open(bench);
    return bench;
}

static void bench_free(Bench *bench)
{
    stox_transport_free(bench->transport);
    stox_tls_unref(bench->tls);
    g_ptr_array_unref(bench->settings->hops);
    g_ptr_array_unref(bench->settings->listens);
    g_free(bench->settings->fqdn);
    g_free(bench->settings->certificate);
    g_free(bench->settings->private_key);
    g_free(bench->settings);
    g_free(bench);
}

/* ---- Waiting ---- */

static gboolean wake_cb(gpointer user)
{
    return G_SOURCE_CONTINUE;
}

#define WAIT_FOR(condition)                                                                        \
    do {                                                                                           \
        int64_t until_ = g_get_monotonic_time() + 10 * G_USEC_PER_SEC;                             \
        unsigned tick_ = g_timeout_add(20, wake_cb, NULL);                                         \
        bool met_ = false;                                                                         \
        while (!met_ && g_get_monotonic_time() < until_) {                                         \
            met_ = (condition);                                                                    \
            if (!met_)                                                                             \
                g_main_context_iteration(NULL, TRUE);                                              \
        }                                                                                          \
        g_source_remove(tick_);                                                                    \
        if (!met_)                                                                                 \
            g_test_message("not met: %s; log so far: %s", #condition, logged->str);                \
        g_assert_true(met_);                                                                       \
    } while (0)

static void spin(unsigned ms)
{
    int64_t until = g_get_monotonic_time() + ms * (int64_t) 1000;
    unsigned tick = g_timeout_add(5, wake_cb, NULL);

    while (g_get_monotonic_time() < until)
        g_main_context_iteration(NULL, TRUE);
    g_source_remove(tick);
}

static GLogWriterOutput log_cb(GLogLevelFlags level, const GLogField *fields, gsize n,
                               gpointer user)
{
    for (gsize i = 0; i < n; i++)
        if (strcmp(fields[i].key, "MESSAGE") == 0)
            g_string_append_printf(logged, "%s\n", (const char *) fields[i].value);
    return G_LOG_WRITER_HANDLED;
}

static bool logged_has(const char *text)
{
    return strstr(logged->str, text) != NULL;
}

/* ---- openssl as the peer ---- */

typedef struct {
    GSubprocess *process;
    GString *output;
    char buffer[4096];
    bool eof;
} Peer;

static void peer_read_cb(GObject *source, GAsyncResult *result, gpointer user)
{
    Peer *peer = user;
    gssize n = g_input_stream_read_finish(G_INPUT_STREAM(source), result, NULL);

    if (n <= 0) {
        peer->eof = true;
        return;
    }
    g_string_append_len(peer->output, peer->buffer, n);
    g_input_stream_read_async(G_INPUT_STREAM(source), peer->buffer, sizeof peer->buffer, 0, NULL,
                              peer_read_cb, peer);
}

static Peer *peer_new(char *command)
{
    g_autofree char *owned = command;
    g_auto(GStrv) argv = g_strsplit(command, " ", -1);
    g_autoptr(GError) error = NULL;
    Peer *peer = g_new0(Peer, 1);

    peer->output = g_string_new(NULL);
    peer->process =
        g_subprocess_newv((const char *const *) argv,
                          G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE |
                              G_SUBPROCESS_FLAGS_STDERR_SILENCE,
                          &error);
    g_assert_no_error(error);
    g_input_stream_read_async(g_subprocess_get_stdout_pipe(peer->process), peer->buffer,
                              sizeof peer->buffer, 0, NULL, peer_read_cb, peer);
    return peer;
}

static void peer_send(Peer *peer, const char *text)
{
    GOutputStream *input = g_subprocess_get_stdin_pipe(peer->process);

    /* A refused peer may be gone already. */
    (void) g_output_stream_write_all(input, text, strlen(text), NULL, NULL, NULL);
    (void) g_output_stream_flush(input, NULL, NULL);
}

static void peer_free(Peer *peer)
{
    g_subprocess_force_exit(peer->process);
    WAIT_FOR(peer->eof);
    g_subprocess_wait(peer->process, NULL, NULL);
    g_object_unref(peer->process);
    g_string_free(peer->output, TRUE);
    g_free(peer);
}

static Peer *s_client(Bench *bench, const char *name, const char *options)
{
    g_autofree char *pair =
        name ? g_strdup_printf(" -cert %s/%s.pem -key %s/%s.key", certs, name, certs, name)
             : g_strdup("");

    return peer_new(
        g_strdup_printf("openssl s_client -quiet -connect 127.0.0.1:%u -CAfile %s/ca.pem%s%s",
                        stox_transport_port(bench->transport, 0), certs, pair, options));
}

/* ---- Inbound TLS ---- */

typedef struct {
    const char *what;
    const char *certificate; /* NULL: none */
    const char *options;
    const char *reason; /* NULL: let in */
} InboundRow;

static const InboundRow inbound_rows[] = {
    {"serverAuth only is good (lync.md 4.2)", "fe", "", NULL},
    {"clientAuth only is good", "client", "", NULL},
    {"no extended key usage is good", "plain", "", NULL},
    {"wildcard", "wild", "", NULL},
    {"name in CN without SAN", "pool01", "", NULL},
    {"TLS 1.2", "fe", " -tls1_2", NULL},
    {"TLS 1.3", "fe", " -tls1_3", NULL},
    {"no certificate", NULL, "", "presented no certificate"},
    {"no certificate, TLS 1.2", NULL, " -tls1_2", "presented no certificate"},
    {"wrong CA", "foreign", "", "not issued by a CA of the hop's ca file"},
    {"wrong name", "wrong", "",
     "its certificate carries evil.example; expected [hop pool01] peers: pool01.contoso.example"},
    {"CN beside a SAN does not count", "fe01", "", "its certificate carries evil.example"},
    {"expired", "expired", "", "expired on 2"},
    {"made for mail", "mail", "", "neither for serverAuth nor for clientAuth"},
    {"TLS 1.1", "fe", " -tls1_1 -cipher DEFAULT@SECLEVEL=0", "TLS version is below tls-minimum"},
};

static void test_inbound(gconstpointer data)
{
    const InboundRow *row = data;
    Bench *bench = bench_tls();
    Peer *peer;

    g_string_truncate(logged, 0);
    peer = s_client(bench, row->certificate, row->options);
    peer_send(peer, OPTIONS);
    if (row->reason) {
        WAIT_FOR(logged_has(row->reason));
        g_assert_true(logged_has("connection from 127.0.0.1:"));
        g_assert_cmpuint(bench->messages, ==, 0);
    } else {
        WAIT_FOR(strstr(peer->output->str, "SIP/2.0 200 OK"));
        g_assert_cmpuint(bench->messages, ==, 1);
        g_assert_cmpstr(bench->hop->name, ==, "pool01");
        /* Requests back to this peer may use its connection (row R-31). */
        g_assert_cmpuint(stox_transport_find(bench->transport, bench->hop, bench->hop->kind,
                                             "pool01.contoso.example"),
                         ==, bench->flow);
        g_assert_cmpuint(
            stox_transport_find(bench->transport, bench->hop, bench->hop->kind, "other.example"),
            ==, 0);
    }
    peer_free(peer);
    bench_free(bench);
}

/* ---- Outbound TLS ---- */

typedef struct {
    const char *what;
    const char *certificate; /* the server's */
    const char *host;
    const char *options;
    const char *reason;
} OutboundRow;

static const OutboundRow outbound_rows[] = {
    {"good", "fe", "pool01.contoso.example", "", NULL},
    {"another name of the peer list", "fe", "127.0.0.1", "", NULL},
    {"TLS 1.2", "fe", "pool01.contoso.example", " -tls1_2", NULL},
    {"wrong name", "wrong", "pool01.contoso.example", "",
     "its certificate carries evil.example; expected pool01.contoso.example"},
    {"wrong CA", "foreign", "pool01.contoso.example", "",
     "not issued by a CA of the hop's ca file"},
    {"expired", "expired", "pool01.contoso.example", "", "expired on 2"},
    {"TLS 1.1", "fe", "pool01.contoso.example", " -tls1_1 -cipher DEFAULT@SECLEVEL=0",
     "tls-minimum"},
};

static unsigned free_port(void)
{
    g_autoptr(GSocketListener) listener = g_socket_listener_new();

    return g_socket_listener_add_any_inet_port(listener, NULL, NULL);
}

static bool port_answers(unsigned port)
{
    g_autoptr(GSocketClient) client = g_socket_client_new();
    g_autoptr(GSocketConnection) connection =
        g_socket_client_connect_to_host(client, "127.0.0.1", (guint16) port, NULL, NULL);

    return connection != NULL;
}

static void test_outbound(gconstpointer data)
{
    const OutboundRow *row = data;
    Bench *bench = bench_tls();
    unsigned port = free_port();
    g_autoptr(GSocketAddress) address = g_inet_socket_address_new_from_string("127.0.0.1", port);
    g_autoptr(GBytes) bytes = g_bytes_new_static(OPTIONS, strlen(OPTIONS));
    Peer *peer = peer_new(g_strdup_printf(
        "openssl s_server -quiet -naccept 9 -accept 127.0.0.1:%u -Verify 2 "
        "-CAfile %s/ca.pem -cert %s/%s.pem -key %s/%s.key%s",
        port, certs, certs, row->certificate, certs, row->certificate, row->options));
    uint64_t flow;

    WAIT_FOR(port_answers(port));
    g_string_truncate(logged, 0);
    flow = stox_transport_connect(bench->transport, bench->settings->hops->pdata[0],
                                  ((StoxHopSettings *) bench->settings->hops->pdata[0])->kind,
                                  address, row->host);
    g_assert_true(stox_transport_send(bench->transport, flow, bytes, 7));
    if (row->reason) {
        WAIT_FOR(bench->closed == 1);
        g_assert_true(logged_has(row->reason));
        g_assert_cmpuint(bench->unsent, ==, 1);
        g_assert_cmpuint(bench->partial, ==, 0);
    } else {
        WAIT_FOR(strstr(peer->output->str, "OPTIONS sip:xgw.contoso.example"));
        g_assert_cmpuint(bench->connected, ==, 1);
        g_assert_cmpuint(bench->unsent, ==, 0);
    }
    peer_free(peer);
    bench_free(bench);
}

/* ---- TCP ---- */

static int raw_connect(unsigned port, const char *host)
{
    g_autoptr(GSocketAddress) address = g_inet_socket_address_new_from_string(host, port);
    struct sockaddr_storage native;
    int fd = socket(g_socket_address_get_family(address), SOCK_STREAM, 0);
    struct timeval limit = {.tv_sec = 5};

    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    g_assert_true(g_socket_address_to_native(address, &native, sizeof native, NULL));
    g_assert_cmpint(connect(fd, (struct sockaddr *) &native,
                            (socklen_t) g_socket_address_get_native_size(address)),
                    ==, 0);
    return fd;
}

static Bench *bench_tcp(const char *peers, const char *host)
{
    Bench *bench = bench_new();

    add_hop(bench, "sip1", STOX_TRANSPORT_TCP, peers);
    add_listen(bench, STOX_TRANSPORT_TCP, host);
    bench_open(bench);
    return bench;
}

static void test_tcp_message(gconstpointer data)
{
    const char *host = data;
    Bench *bench = bench_tcp("127.0.0.1 ::1", host);
    int fd = raw_connect(stox_transport_port(bench->transport, 0), host);
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
    fd = raw_connect(stox_transport_port(bench->transport, 0), "127.0.0.1");
    WAIT_FOR(logged_has("its address is in the peers of no tcp or udp hop"));
    g_assert_cmpint(recv(fd, buffer, sizeof buffer, 0), <=, 0);
    close(fd);
    bench_free(bench);
}

/* a double CRLF is answered with one, at once. */
static void test_ping(void)
{
    Bench *bench = bench_tcp("127.0.0.1", "127.0.0.1");
    int fd = raw_connect(stox_transport_port(bench->transport, 0), "127.0.0.1");
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
    flow = stox_transport_connect(bench->transport, bench->settings->hops->pdata[0],
                                  ((StoxHopSettings *) bench->settings->hops->pdata[0])->kind,
                                  bound, "127.0.0.1");
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
static void test_broken(void)
{
    Bench *bench = bench_tcp("127.0.0.1", "127.0.0.1");
    int fd = raw_connect(stox_transport_port(bench->transport, 0), "127.0.0.1");
    g_autofree char *text = g_strndup(OPTIONS, strstr(OPTIONS, "Content-Length") - OPTIONS);
    g_autofree char *request = g_strconcat(text, "\r\n", NULL);
    char buffer[2048] = "";

    g_assert_cmpint(write(fd, request, strlen(request)), ==, (ssize_t) strlen(request));
    spin(100);
    g_assert_cmpint(recv(fd, buffer, sizeof buffer - 1, 0), >, 0);
    g_assert_true(g_str_has_prefix(buffer, "SIP/2.0 400 "));
    g_assert_nonnull(strstr(buffer, "ms-diagnostics-public: 61013"));
    g_assert_cmpint(recv(fd, buffer, sizeof buffer - 1, 0), ==, 0);
    close(fd);
    bench_free(bench);
}

static void test_not_tls(void)
{
    Bench *bench = bench_tls();
    int fd;

    g_string_truncate(logged, 0);
    fd = raw_connect(stox_transport_port(bench->transport, 0), "127.0.0.1");
    g_assert_cmpint(write(fd, OPTIONS, strlen(OPTIONS)), >, 0);
    WAIT_FOR(logged_has("does not speak TLS"));
    close(fd);
    bench_free(bench);
}

/* What `stoxd check` lists and `stoxd run` warns of. */
static void test_own_certificate_expired(void)
{
    Bench *good = bench_tls();
    Bench *bench = bench_new();
    g_autoptr(GError) error = NULL;

    g_assert_null(stox_tls_warning(good->tls));
    bench_free(good);
    add_hop(bench, "pool01", STOX_TRANSPORT_TLS, "pool01.contoso.example");
    g_free(bench->settings->certificate);
    g_free(bench->settings->private_key);
    bench->settings->certificate = cert("expired", "pem");
    bench->settings->private_key = cert("expired", "key");
    bench->tls = stox_tls_new(bench->settings, &error);
    g_assert_no_error(error);
    g_assert_nonnull(strstr(stox_tls_warning(bench->tls), "expired on 2"));
    bench_free(bench);
}

static void test_silent_handshake(void)
{
    Bench *bench = bench_tls();
    int fd;

    bench->settings->sip_connect_timeout_s = 1;
    g_string_truncate(logged, 0);
    fd = raw_connect(stox_transport_port(bench->transport, 0), "127.0.0.1");
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
        fds[i] = raw_connect(stox_transport_port(bench->transport, 0), "127.0.0.1");
    WAIT_FOR(logged_has("max-connections (3) reached"));
    for (unsigned i = 0; i < 4; i++)
        close(fds[i]);
    bench_free(bench);
}

/* A reader that never reads: the queue fills and the next send is refused; nothing before it is forgotten. */
static void test_slow_reader(void)
{
    Bench *bench = bench_tcp("127.0.0.1", "127.0.0.1");
    int fd = raw_connect(stox_transport_port(bench->transport, 0), "127.0.0.1");
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
    int fd = raw_connect(stox_transport_port(bench->transport, 0), "127.0.0.1");
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
    uint64_t flow = stox_transport_connect(
        bench->transport, bench->settings->hops->pdata[0],
        ((StoxHopSettings *) bench->settings->hops->pdata[0])->kind, address, "127.0.0.1");

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
    g_autoptr(GSocketAddress) address = g_inet_socket_address_new_from_string(
        "127.0.0.1", stox_transport_port(bench->transport, 0));
    StoxTransportStats stats;

    for (unsigned i = 0; i < n; i++) {
        unsigned connected = bench->connected;
        uint64_t flow =
            stox_transport_connect(bench->transport, bench->settings->hops->pdata[0],
                                   ((StoxHopSettings *) bench->settings->hops->pdata[0])->kind,
                                   address, "xgw.contoso.example");

        WAIT_FOR(bench->connected == connected + 1);
        stox_transport_close(bench->transport, flow, "test");
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
    add_listen(bench, STOX_TRANSPORT_TLS, "127.0.0.1");
    add_listen(bench, STOX_TRANSPORT_TCP, "127.0.0.1");
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
    g_assert_cmpuint(after, <=, before + 64 * 1024);
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

int main(int argc, char **argv)
{
    g_autofree char *command = NULL;
    int status;

    g_test_init(&argc, &argv, NULL);
    g_assert_cmpint(argc, ==, 2);
    certs = g_dir_make_tmp("stoxd-certs-XXXXXX", NULL);
    command = g_strdup_printf("sh %s %s", argv[1], certs);
    g_assert_cmpint(system(command), ==, 0);
    logged = g_string_new(NULL);
    g_log_set_writer_func(log_cb, NULL, NULL);
    for (unsigned i = 0; i < G_N_ELEMENTS(inbound_rows); i++) {
        g_autofree char *path = g_strdup_printf("/transport/inbound/%s", inbound_rows[i].what);

        g_test_add_data_func(path, &inbound_rows[i], test_inbound);
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(outbound_rows); i++) {
        g_autofree char *path = g_strdup_printf("/transport/outbound/%s", outbound_rows[i].what);

        g_test_add_data_func(path, &outbound_rows[i], test_outbound);
    }
    g_test_add_data_func("/transport/tcp/IPv4", "127.0.0.1", test_tcp_message);
    g_test_add_data_func("/transport/tcp/IPv6", "::1", test_tcp_message);
    g_test_add_func("/transport/tcp/stranger", test_tcp_stranger);
    g_test_add_func("/transport/keep-alive R-29", test_ping);
    g_test_add_func("/transport/keep-alive of our own R-29", test_own_pings);
    g_test_add_func("/transport/broken framing is answered", test_broken);
    g_test_add_func("/transport/not TLS", test_not_tls);
    g_test_add_func("/transport/own certificate expired", test_own_certificate_expired);
    g_test_add_func("/transport/silent handshake", test_silent_handshake);
    g_test_add_func("/transport/max-connections", test_max_connections);
    g_test_add_func("/transport/slow reader", test_slow_reader);
    g_test_add_func("/transport/ping flood", test_ping_flood);
    g_test_add_func("/transport/refused port", test_refused_port);
    g_test_add_func("/transport/flat memory", test_flat_memory);
    g_test_add_func("/transport/shutdown", test_shutdown);
    status = g_test_run();
    g_free(command);
    command = g_strdup_printf("rm -rf %s", certs);
    if (system(command) != 0)
        status = 1;
    g_string_free(logged, TRUE);
    g_free(certs);
    return status;
}
