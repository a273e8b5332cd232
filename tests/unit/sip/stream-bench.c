/* SPDX-License-Identifier: MIT */
#include "tests/unit/sip/stream-bench.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const char *certs;

/* ---- A transport and what it told ---- */

void bench_answer(Bench *bench, unsigned status)
{
    g_autoptr(StoxSipBuilder) builder =
        stox_sip_builder_response(bench->request, status, NULL, "t");
    g_autoptr(GBytes) bytes = stox_sip_builder_finish(builder, NULL);

    g_assert_true(stox_transport_send(bench->transport, bench->flow, bytes, 0));
}

static void message_cb(void *user, uint64_t flow, const StoxHopSettings *hop, bool reliable,
                       StoxSipMessage *message)
{
    Bench *bench = user;

    bench->messages++;
    bench->flow = flow;
    bench->hop = hop;
    g_clear_pointer(&bench->request, stox_sip_message_unref);
    bench->request = stox_sip_message_ref(message);
    if (bench->answer)
        bench_answer(bench, 200);
}

static void connected_cb(void *user, uint64_t flow)
{
    ((Bench *) user)->connected++;
}

static void closed_cb(void *user, uint64_t flow, const char *why)
{
    Bench *bench = user;

    bench->closed++;
    g_free(bench->why);
    bench->why = g_strdup(why);
}

static void unsent_cb(void *user, uint64_t flow, uint64_t token, bool partial)
{
    ((Bench *) user)->unsent++;
    ((Bench *) user)->partial += partial;
}

static const StoxTransportFuncs funcs = {message_cb, connected_cb, closed_cb, unsent_cb};

char *cert(const char *name)
{
    return g_strdup_printf("%s/%s", certs, name);
}

StoxHopSettings *add_hop(Bench *bench, const char *name, StoxTransportKind kind, const char *peers)
{
    StoxHopSettings *hop = transport_hop(bench->settings, name, kind, peers);

    hop->ca = kind == STOX_TRANSPORT_TLS ? cert("ca.pem") : NULL;
    hop->tls_minimum = 12;
    return hop;
}

void bench_certificate(Bench *bench, const char *certificate, const char *key)
{
    g_free(bench->settings->certificate);
    g_free(bench->settings->private_key);
    bench->settings->certificate = cert(certificate);
    bench->settings->private_key = cert(key);
}

Bench *bench_new(void)
{
    Bench *bench = g_new0(Bench, 1);

    bench->settings = transport_settings();
    bench->answer = true;
    bench_certificate(bench, "xgw.pem", "xgw.key");
    g_string_truncate(logged, 0);
    return bench;
}

void bench_open(Bench *bench)
{
    g_autoptr(GError) error = NULL;

    bench->tls = stox_tls_new(bench->settings, &error);
    g_assert_no_error(error);
    bench->transport = stox_transport_new(bench->settings, bench->tls, &funcs, bench);
    g_assert_true(stox_transport_listen(bench->transport, &error));
    g_assert_no_error(error);
}

Bench *bench_tls(void)
{
    Bench *bench = bench_new();

    add_hop(bench, "pool01", STOX_TRANSPORT_TLS, "pool01.contoso.example fe01.contoso.example");
    transport_listener(bench->settings, STOX_TRANSPORT_TLS, "127.0.0.1");
    bench_open(bench);
    return bench;
}

Bench *bench_tcp(const char *peers, const char *host)
{
    Bench *bench = bench_new();

    add_hop(bench, "sip1", STOX_TRANSPORT_TCP, peers);
    transport_listener(bench->settings, STOX_TRANSPORT_TCP, host);
    bench_open(bench);
    return bench;
}

void bench_free(Bench *bench)
{
    stox_transport_free(bench->transport);
    stox_tls_unref(bench->tls);
    g_clear_pointer(&bench->request, stox_sip_message_unref);
    stox_settings_free(bench->settings);
    g_free(bench->why);
    g_free(bench);
}

StoxHopSettings *first_hop(const Bench *bench)
{
    return bench->settings->hops->pdata[0];
}

unsigned bench_port(const Bench *bench)
{
    return stox_transport_port(bench->transport, 0);
}

size_t bench_connections(const Bench *bench)
{
    StoxTransportStats stats;

    stox_transport_stats(bench->transport, &stats);
    return stats.connections;
}

uint64_t bench_connect(Bench *bench, const StoxHopSettings *hop, unsigned port, const char *host)
{
    g_autoptr(GSocketAddress) address = g_inet_socket_address_new_from_string("127.0.0.1", port);

    return stox_transport_connect(bench->transport, hop, hop->kind, address, host);
}

bool bench_send(Bench *bench, uint64_t flow, const char *text, uint64_t token)
{
    g_autoptr(GBytes) bytes = g_bytes_new(text, strlen(text));

    return stox_transport_send(bench->transport, flow, bytes, token);
}

/* ---- Waiting ---- */

void spin(unsigned ms)
{
    int64_t until = g_get_monotonic_time() + ms * (int64_t) 1000;
    unsigned tick = g_timeout_add(5, wake_cb, NULL);

    while (g_get_monotonic_time() < until)
        g_main_context_iteration(NULL, TRUE);
    g_source_remove(tick);
}

void bench_init(int *argc, char ***argv)
{
    g_test_init(argc, argv, NULL);
    g_assert_cmpint(*argc, ==, 2);
    certs = (*argv)[1];
    transport_log();
}

/* ---- openssl as the peer ---- */

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

Peer *peer_new(char *command)
{
    g_autofree char *owned = command;
    g_auto(GStrv) argv = g_strsplit(command, " ", -1);
    g_autoptr(GError) error = NULL;
    Peer *peer = g_new0(Peer, 1);

    peer->output = g_string_new(NULL);
    peer->process =
        g_subprocess_newv((const char *const *) argv,
                          G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE |
                              G_SUBPROCESS_FLAGS_STDERR_MERGE,
                          &error);
    g_assert_no_error(error);
    g_input_stream_read_async(g_subprocess_get_stdout_pipe(peer->process), peer->buffer,
                              sizeof peer->buffer, 0, NULL, peer_read_cb, peer);
    return peer;
}

void peer_send(Peer *peer, const char *text)
{
    GOutputStream *input = g_subprocess_get_stdin_pipe(peer->process);

    /* A refused peer may be gone already. */
    (void) g_output_stream_write_all(input, text, strlen(text), NULL, NULL, NULL);
    (void) g_output_stream_flush(input, NULL, NULL);
}

void peer_end_input(Peer *peer)
{
    g_output_stream_close(g_subprocess_get_stdin_pipe(peer->process), NULL, NULL);
}

static bool is_stopped(const Peer *peer)
{
    g_autofree char *path =
        g_strdup_printf("/proc/%s/stat", g_subprocess_get_identifier(peer->process));
    g_autofree char *stat = NULL;
    const char *state;

    if (!g_file_get_contents(path, &stat, NULL, NULL))
        return false;
    state = strrchr(stat, ')'); /* behind the name */
    return state && g_str_has_prefix(state, ") T");
}

void peer_signal(Peer *peer, int signum)
{
    g_subprocess_send_signal(peer->process, signum);
    if (signum == SIGSTOP) /* a thread of GLib's sends it, sooner or later */
        WAIT_FOR(is_stopped(peer));
}

bool peer_said(const Peer *peer, const char *text)
{
    return strstr(peer->output->str, text) != NULL;
}

void peer_free(Peer *peer)
{
    g_subprocess_force_exit(peer->process);
    WAIT_FOR(peer->eof);
    g_subprocess_wait(peer->process, NULL, NULL);
    g_object_unref(peer->process);
    g_string_free(peer->output, TRUE);
    g_free(peer);
}

Peer *s_client_commands(Bench *bench, const char *name, const char *options)
{
    g_autofree char *pair =
        name ? g_strdup_printf(" -cert %s/%s.pem -key %s/%s.key", certs, name, certs, name)
             : g_strdup("");

    return peer_new(g_strdup_printf("openssl s_client -connect 127.0.0.1:%u -CAfile %s/ca.pem%s%s",
                                    bench_port(bench), certs, pair, options));
}

Peer *s_client(Bench *bench, const char *name, const char *options)
{
    g_autofree char *quiet = g_strconcat(" -quiet", options, NULL);

    return s_client_commands(bench, name, quiet);
}

Peer *s_server(const char *name, const char *options, unsigned *ret_port)
{
    unsigned port = free_port();
    Peer *peer = peer_new(
        g_strdup_printf("openssl s_server -accept 127.0.0.1:%u -Verify 2 -CAfile %s/ca.pem "
                        "-cert %s/%s.pem -key %s/%s.key%s",
                        port, certs, certs, name, certs, name, options));

    /* A connection to find out whether it listens would be its first. */
    WAIT_FOR(peer_said(peer, "ACCEPT") || peer->eof);
    g_assert_false(peer->eof);
    *ret_port = port;
    return peer;
}

/* ---- Sockets ---- */

unsigned free_port(void)
{
    g_autoptr(GSocketListener) listener = g_socket_listener_new();

    return g_socket_listener_add_any_inet_port(listener, NULL, NULL);
}

int raw_connect(unsigned port, const char *host)
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
