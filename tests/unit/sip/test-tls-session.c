/* SPDX-License-Identifier: MIT */
/*
 * Resumption: a second connection is resumed, what lets a peer in is looked at again, a reload ends it. Peers are `openssl s_client` and `openssl
 * s_server`; the ten thousand handshakes are in memory.
 */
#include "stream-bench.h"

#include "sip/tls-private.h"

#include <openssl/pem.h>

#include <glib/gstdio.h>
#include <malloc.h>
#include <string.h>
#include <unistd.h>

#define INTER " -cert_chain %s/inter.pem"

static Bench *bench_of(StoxCrlCheck crl)
{
    Bench *bench = bench_new();
    StoxHopSettings *hop = add_hop(bench, "pool01", STOX_TRANSPORT_TLS, "pool01.contoso.example");

    hop->crl = crl;
    hop->crl_file = cert("all.crl");
    transport_listener(bench->settings, STOX_TRANSPORT_TLS, "127.0.0.1");
    bench_open(bench);
    return bench;
}

static char *session_file(void)
{
    g_autofree char *directory = g_dir_make_tmp("stoxd-session-XXXXXX", NULL);

    return g_build_filename(directory, "session", NULL);
}

static void session_file_free(char *path)
{
    g_autofree char *directory = g_path_get_dirname(path);

    g_unlink(path);
    g_rmdir(directory);
    g_free(path);
}

/* One connection of s_client that is answered, and ended by it in order; its session is in `file` then. */
static void first_connection(Bench *bench, const char *certificate, const char *options,
                             const char *file)
{
    g_autofree char *all = g_strdup_printf("%s -sess_out %s", options, file);
    Peer *peer = s_client_commands(bench, certificate, all);
    unsigned messages = bench->messages;

    peer_send(peer, OPTIONS);
    WAIT_FOR(peer_said(peer, "SIP/2.0 200 OK"));
    WAIT_FOR(g_file_test(file, G_FILE_TEST_EXISTS));
    peer_send(peer, "\nQ\n");
    WAIT_FOR(peer->eof);
    WAIT_FOR(bench_connections(bench) == 0);
    g_assert_cmpuint(bench->messages, ==, messages + 1);
    peer_free(peer);
}

/* The next one offers that session. */
static Peer *next_connection(Bench *bench, const char *certificate, const char *options,
                             const char *file)
{
    g_autofree char *all = g_strdup_printf("%s -sess_in %s", options, file);
    Peer *peer = s_client_commands(bench, certificate, all);

    peer_send(peer, OPTIONS);
    return peer;
}

static char *with_directory(const char *options)
{
    g_autofree char *directory = cert("");
    g_auto(GStrv) parts = g_strsplit(options, "%s", 2);

    return g_strjoinv(directory, parts);
}

/* ---- Inbound ---- */

typedef struct {
    const char *what, *certificate, *options;
} InboundRow;

/* With an intermediate and CRLs: only the whole chain can be looked at again. */
static const InboundRow inbound_rows[] = {
    {"TLS 1.2", "deep", " -tls1_2" INTER},
    {"TLS 1.3", "deep", " -tls1_3" INTER},
};

static void test_inbound(gconstpointer data)
{
    const InboundRow *row = data;
    Bench *bench = bench_of(STOX_CRL_CHAIN);
    g_autofree char *options = with_directory(row->options);
    char *file = session_file();
    Peer *peer;
    g_autoptr(GError) error = NULL;

    first_connection(bench, row->certificate, options, file);
    peer = next_connection(bench, row->certificate, options, file);
    WAIT_FOR(peer_said(peer, "SIP/2.0 200 OK"));
    g_assert_true(peer_said(peer, "Reused, TLSv1."));
    g_assert_cmpuint(logged_times(", resumed, [hop pool01]) is up"), ==, 1);
    peer_free(peer);

    /* After a reload the same session is worth nothing: a whole handshake. */
    g_assert_true(stox_tls_reload(bench->tls, &error));
    peer = next_connection(bench, row->certificate, options, file);
    WAIT_FOR(peer_said(peer, "SIP/2.0 200 OK"));
    g_assert_true(peer_said(peer, "New, TLSv1."));
    g_assert_cmpuint(logged_times(", resumed"), ==, 1);
    peer_free(peer);
    session_file_free(file);
    bench_free(bench);
}

/* What lets a peer in is asked again of a resumed connection: its name here, a revocation below. */
static void test_name_again(gconstpointer data)
{
    const InboundRow *row = data;
    Bench *bench = bench_of(STOX_CRL_OFF);
    g_autofree char *options = with_directory(row->options);
    char *file = session_file();
    Peer *peer;

    first_connection(bench, row->certificate, options, file);
    g_free(first_hop(bench)->peers[0]);
    first_hop(bench)->peers[0] = g_strdup("pool02.contoso.example");
    peer = next_connection(bench, row->certificate, options, file);
    WAIT_FOR(logged_has("expected [hop pool01] peers: pool02.contoso.example"));
    WAIT_FOR(peer_said(peer, "Reused, TLSv1."));
    g_assert_cmpuint(bench->messages, ==, 1);
    peer_free(peer);
    session_file_free(file);
    bench_free(bench);
}

static void add_crl(Bench *bench, const char *name)
{
    const StoxHopTls *hop = bench->tls->hops->pdata[0];
    g_autofree char *path = cert(name);
    BIO *bio = BIO_new_file(path, "r");
    X509_CRL *crl = PEM_read_bio_X509_CRL(bio, NULL, NULL, NULL);

    g_assert_nonnull(crl);
    X509_STORE_add_crl(hop->store, crl);
    X509_STORE_set_flags(hop->store, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
    X509_CRL_free(crl);
    BIO_free(bio);
}

/* Without a reload in between, so that the session itself is still good. */
static void test_revocation_again(gconstpointer data)
{
    const InboundRow *row = data;
    Bench *bench = bench_of(STOX_CRL_OFF);
    g_autofree char *options = with_directory(row->options);
    char *file = session_file();
    Peer *peer;

    first_connection(bench, "orphan", options, file);
    add_crl(bench, "ca.crl");
    add_crl(bench, "goneinter.crl");
    peer = next_connection(bench, "orphan", options, file);
    WAIT_FOR(logged_has("certificate /CN=goneinter was revoked on 2"));
    WAIT_FOR(peer_said(peer, "Reused, TLSv1."));
    g_assert_cmpuint(bench->messages, ==, 1);
    peer_free(peer);
    session_file_free(file);
    bench_free(bench);
}

static const InboundRow orphan_rows[] = {
    {"TLS 1.2", "orphan", " -tls1_2 -cert_chain %s/goneinter.pem"},
    {"TLS 1.3", "orphan", " -tls1_3 -cert_chain %s/goneinter.pem"},
};

/* The way it happens: the CRL is renewed and read again. */
static void test_revoked_by_reload(gconstpointer data)
{
    const InboundRow *row = data;
    Bench *bench = bench_of(STOX_CRL_OFF);
    g_autofree char *options = with_directory(row->options);
    char *file = session_file();
    g_autoptr(GError) error = NULL;
    Peer *peer;

    first_connection(bench, "orphan", options, file);
    first_hop(bench)->crl = STOX_CRL_CHAIN;
    g_assert_true(stox_tls_reload(bench->tls, &error));
    peer = next_connection(bench, "orphan", options, file);
    WAIT_FOR(logged_has("certificate /CN=goneinter was revoked on 2"));
    g_assert_cmpuint(bench->messages, ==, 1);
    peer_free(peer);
    session_file_free(file);
    bench_free(bench);
}

/* ---- Outbound ---- */

static void one_outbound(Bench *bench, Peer *peer, unsigned port, unsigned nth)
{
    uint64_t flow = bench_connect(bench, first_hop(bench), port, "pool01.contoso.example");
    g_autofree char *call = g_strdup_printf("OPTIONS sip:nth-%u", nth);
    g_autofree char *text = g_strconcat(call, strstr(OPTIONS, " SIP/2.0"), NULL);

    g_assert_true(bench_send(bench, flow, text, 7));
    WAIT_FOR(peer_said(peer, call));
    /* Its tickets of TLS 1.3 have been read by then. */
    spin(50);
    stox_transport_close(bench->transport, flow, "test");
    WAIT_FOR(bench->closed == nth);
}

static void test_outbound(gconstpointer data)
{
    const InboundRow *row = data;
    Bench *bench = bench_of(STOX_CRL_CHAIN);
    g_autofree char *options = with_directory(row->options);
    g_autoptr(GError) error = NULL;
    unsigned port;
    Peer *peer = s_server(row->certificate, options, &port);

    one_outbound(bench, peer, port, 1);
    g_assert_cmpuint(logged_times(", resumed"), ==, 0);
    one_outbound(bench, peer, port, 2);
    one_outbound(bench, peer, port, 3);
    g_assert_cmpuint(logged_times(", resumed, [hop pool01]) is up"), ==, 2);
    g_assert_true(stox_tls_reload(bench->tls, &error));
    one_outbound(bench, peer, port, 4);
    g_assert_cmpuint(logged_times(", resumed"), ==, 2);
    one_outbound(bench, peer, port, 5);
    g_assert_cmpuint(logged_times(", resumed"), ==, 3);
    peer_free(peer);
    bench_free(bench);
}

static void test_outbound_revoked(gconstpointer data)
{
    const InboundRow *row = data;
    Bench *bench = bench_of(STOX_CRL_OFF);
    g_autofree char *options = with_directory(row->options);
    unsigned port;
    Peer *peer = s_server(row->certificate, options, &port);
    uint64_t flow;

    one_outbound(bench, peer, port, 1);
    add_crl(bench, "ca.crl");
    add_crl(bench, "goneinter.crl");
    flow = bench_connect(bench, first_hop(bench), port, "pool01.contoso.example");
    g_assert_true(bench_send(bench, flow, OPTIONS, 7));
    WAIT_FOR(bench->closed == 2);
    g_assert_true(logged_has("certificate /CN=goneinter was revoked on 2"));
    g_assert_cmpuint(bench->unsent, ==, 1);
    peer_free(peer);
    bench_free(bench);
}

/* ---- Growth ---- */

/* Whole handshakes through a pair of memory BIOs; `ret_resumed` counts. */
static void handshakes(StoxTls *tls, const StoxHopSettings *hop, unsigned n, unsigned *ret_resumed)
{
    for (unsigned i = 0; i < n; i++) {
        g_autofree char *host = g_strdup_printf("fe%u.contoso.example", i % 40);
        SSL *server = stox_tls_accept(tls);
        SSL *client = stox_tls_connect(tls, hop, host);
        BIO *one, *other;
        char byte;
        int done = 0;

        BIO_new_bio_pair(&one, 0, &other, 0);
        SSL_set_bio(server, one, one);
        SSL_set_bio(client, other, other);
        for (unsigned turn = 0; turn < 10 && done != 2; turn++)
            done = (SSL_do_handshake(client) == 1) + (SSL_do_handshake(server) == 1);
        g_assert_cmpint(done, ==, 2);
        /* Tickets come with what is read next. */
        g_assert_cmpint(SSL_read(client, &byte, 1), <=, 0);
        *ret_resumed += SSL_session_reused(server) && SSL_session_reused(client);
        SSL_shutdown(client);
        SSL_shutdown(server);
        stox_tls_free_connection(client);
        stox_tls_free_connection(server);
    }
}

static void test_flat_memory(void)
{
    const char *wanted = g_getenv("STOX_TEST_CONNECTIONS");
    unsigned n = wanted ? (unsigned) atoi(wanted) : 10000, resumed = 0;
    Bench *bench = bench_of(STOX_CRL_OFF);
    size_t before, after;

    handshakes(bench->tls, first_hop(bench), 600, &resumed);
    malloc_trim(0);
    before = mallinfo2().uordblks;
    resumed = 0;
    handshakes(bench->tls, first_hop(bench), n, &resumed);
    malloc_trim(0);
    after = mallinfo2().uordblks;
    g_test_message("%u handshakes, %u resumed: %zu -> %zu bytes", n, resumed, before, after);
    g_assert_cmpuint(resumed, >, n / 4);
    g_assert_cmpuint(after, <=, before + 64 * 1024);
    bench_free(bench);
}

int main(int argc, char **argv)
{
    bench_init(&argc, &argv);
    for (unsigned i = 0; i < G_N_ELEMENTS(inbound_rows); i++) {
        const struct {
            const char *what;
            GTestDataFunc func;
            const InboundRow *row;
        } tests[] = {
            {"inbound", test_inbound, &inbound_rows[i]},
            {"inbound, name looked at again", test_name_again, &inbound_rows[i]},
            {"inbound, chain looked at again", test_revocation_again, &orphan_rows[i]},
            {"inbound, revoked at a reload", test_revoked_by_reload, &orphan_rows[i]},
            {"outbound", test_outbound, &inbound_rows[i]},
            {"outbound, chain looked at again", test_outbound_revoked, &orphan_rows[i]},
        };

        for (unsigned t = 0; t < G_N_ELEMENTS(tests); t++) {
            g_autofree char *path =
                g_strdup_printf("/tls/session/%s/%s", tests[t].what, inbound_rows[i].what);

            g_test_add_data_func(path, tests[t].row, tests[t].func);
        }
    }
    g_test_add_func("/tls/session/flat memory", test_flat_memory);
    return g_test_run();
}
