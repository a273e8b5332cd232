/* SPDX-License-Identifier: MIT */
/* Certificate, key, CA bundles and CRLs are read again while connections are open; what cannot be used leaves all as it was. */
#include "stream-bench.h"

#include <gio/gio.h>
#include <glib/gstdio.h>

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* A directory with files that a test exchanges. */
typedef struct {
    char *path;
} Files;

static void put(const Files *files, const char *name, const char *source)
{
    g_autofree char *target = g_build_filename(files->path, name, NULL);
    g_autofree char *from = cert(source);
    g_autofree char *text = NULL;
    gsize n;

    g_assert_true(g_file_get_contents(from, &text, &n, NULL));
    g_assert_true(g_file_set_contents(target, text, (gssize) n, NULL));
}

static void set_path(char **path, const Files *files, const char *name)
{
    g_free(*path);
    *path = g_build_filename(files->path, name, NULL);
}

static Bench *bench_of(Files *files, bool answer)
{
    Bench *bench = bench_new();
    StoxHopSettings *hop = add_hop(bench, "pool01", STOX_TRANSPORT_TLS, "pool01.contoso.example");

    files->path = g_dir_make_tmp("stoxd-reload-XXXXXX", NULL);
    put(files, "our.pem", "xgw.pem");
    put(files, "our.key", "xgw.key");
    put(files, "ca.pem", "ca.pem");
    put(files, "list.crl", "none.crl");
    set_path(&bench->settings->certificate, files, "our.pem");
    set_path(&bench->settings->private_key, files, "our.key");
    set_path(&hop->ca, files, "ca.pem");
    set_path(&hop->crl_file, files, "list.crl");
    hop->crl = STOX_CRL_LEAF;
    bench->answer = answer;
    transport_listener(bench->settings, STOX_TRANSPORT_TLS, "127.0.0.1");
    bench_open(bench);
    return bench;
}

static void files_clear(Files *files)
{
    static const char *const names[] = {"our.pem", "our.key", "ca.pem", "list.crl"};

    for (unsigned i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path = g_build_filename(files->path, names[i], NULL);

        g_unlink(path);
    }
    g_rmdir(files->path);
    g_free(files->path);
}

static void ask(Bench *bench, const char *certificate, bool let_in, const char *reason)
{
    Peer *peer = s_client(bench, certificate, "");

    peer_send(peer, OPTIONS);
    if (let_in)
        WAIT_FOR(peer_said(peer, "SIP/2.0 200 OK"));
    else
        WAIT_FOR(logged_has(reason));
    peer_free(peer);
}

/* ---- What cannot be used ---- */

typedef struct {
    const char *what, *file, *source; /* source NULL: the file is gone */
    const char *reason;
} BadRow;

static const BadRow bad_rows[] = {
    {"key of another certificate", "our.key", "fe.key", "does not belong to certificate"},
    {"certificate of another key", "our.pem", "fe.pem", "does not belong to certificate"},
    {"no certificate", "our.pem", "garbage.pem", "cannot use certificate "},
    {"no key", "our.key", "garbage.pem", "cannot use private-key (PEM, without a pass phrase) "},
    {"key with a pass phrase", "our.key", "locked.key",
     "cannot use private-key (PEM, without a pass phrase) "},
    {"certificate gone", "our.pem", NULL, ": No such file or directory"},
    {"key gone", "our.key", NULL, ": No such file or directory"},
    {"no CA in the bundle", "ca.pem", "garbage.pem", "holds no certificate (PEM"},
    {"a key for a bundle", "ca.pem", "ca.key", "holds no certificate (PEM"},
    {"bundle gone", "ca.pem", NULL, "[hop pool01] cannot open ca "},
    {"no CRL", "list.crl", "garbage.pem", "holds no CRL (PEM: BEGIN X509 CRL"},
    {"a certificate for a CRL", "list.crl", "ca.pem", "holds no CRL (PEM: BEGIN X509 CRL"},
    {"CRL gone", "list.crl", NULL, "[hop pool01] cannot open crl-file "},
};

static void test_bad(gconstpointer data)
{
    const BadRow *row = data;
    Files files;
    Bench *bench = bench_of(&files, true);
    g_autofree char *path = g_build_filename(files.path, row->file, NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(GError) at_start = NULL;

    if (row->source)
        put(&files, row->file, row->source);
    else
        g_unlink(path);
    g_assert_false(stox_tls_reload(bench->tls, &error));
    g_test_message("%s", error->message);
    g_assert_nonnull(strstr(error->message, row->reason));
    g_assert_nonnull(strstr(error->message, path));
    /* `stoxd check` and the start say the same. */
    g_assert_null(stox_tls_new(bench->settings, &at_start));
    g_assert_cmpstr(at_start->message, ==, error->message);
    /* The old ones are in force. */
    ask(bench, "fe", true, NULL);
    ask(bench, "foreign", false, "not issued by a CA of the hop's ca file");
    bench_free(bench);
    files_clear(&files);
}

/* A bundle that is cut off in the middle of its second certificate is not half a bundle. */
static void test_truncated_bundle(void)
{
    Files files;
    Bench *bench = bench_of(&files, true);
    g_autofree char *from = cert("two.pem");
    g_autofree char *path = g_build_filename(files.path, "ca.pem", NULL);
    g_autofree char *text = NULL;
    g_autoptr(GError) error = NULL;
    gsize n;

    g_assert_true(g_file_get_contents(from, &text, &n, NULL));
    g_assert_true(g_file_set_contents(path, text, (gssize) n - 100, NULL));
    g_assert_false(stox_tls_reload(bench->tls, &error));
    g_test_message("%s", error->message);
    g_assert_nonnull(strstr(error->message, path));
    ask(bench, "fe", true, NULL);
    bench_free(bench);
    files_clear(&files);
}

/* ---- What can ---- */

static void test_new_ca(void)
{
    Files files;
    Bench *bench = bench_of(&files, true);
    g_autoptr(GError) error = NULL;
    Peer *old = s_client(bench, "fe", "");
    unsigned messages;

    peer_send(old, OPTIONS);
    WAIT_FOR(bench->messages == 1);
    ask(bench, "foreign", false, "not issued by a CA of the hop's ca file");
    put(&files, "ca.pem", "otherca.pem");
    put(&files, "list.crl", "otherca.crl");
    g_assert_true(stox_tls_reload(bench->tls, &error));
    ask(bench, "foreign", true, NULL);
    g_string_truncate(logged, 0);
    ask(bench, "fe", false, "not issued by a CA of the hop's ca file");
    /* Who is in stays in. */
    messages = bench->messages;
    peer_send(old, OPTIONS);
    WAIT_FOR(bench->messages == messages + 1);
    peer_free(old);
    bench_free(bench);
    files_clear(&files);
}

static void test_new_certificate(void)
{
    Files files;
    Bench *bench = bench_of(&files, true);
    g_autoptr(GError) error = NULL;
    Peer *peer = s_client_commands(bench, "fe", "");
    unsigned port;
    Peer *server;

    WAIT_FOR(peer_said(peer, "CN = xgw.contoso.example"));
    peer_free(peer);
    put(&files, "our.pem", "xgwdeep-chain.pem");
    put(&files, "our.key", "xgwdeep.key");
    g_assert_true(stox_tls_reload(bench->tls, &error));
    peer = s_client_commands(bench, "fe", "");
    WAIT_FOR(peer_said(peer, "CN = xgwdeep.contoso.example"));
    peer_free(peer);
    /* Toward a hop as well. */
    server = s_server("fe", "", &port);
    bench_connect(bench, first_hop(bench), port, "pool01.contoso.example");
    WAIT_FOR(bench->connected == 1);
    WAIT_FOR(peer_said(server, "CN = xgwdeep.contoso.example"));
    peer_free(server);
    bench_free(bench);
    files_clear(&files);
}

static void test_new_crl(void)
{
    Files files;
    Bench *bench = bench_of(&files, true);
    g_autoptr(GError) error = NULL;

    ask(bench, "gone", true, NULL);
    put(&files, "list.crl", "ca.crl");
    g_assert_true(stox_tls_reload(bench->tls, &error));
    ask(bench, "gone", false, "certificate /CN=gone.contoso.example was revoked on 2");
    bench_free(bench);
    files_clear(&files);
}

static void test_warnings(void)
{
    Files files;
    Bench *bench = bench_of(&files, true);
    g_autoptr(GError) error = NULL;

    g_assert_null(stox_tls_warning(bench->tls));
    put(&files, "our.pem", "expired.pem");
    put(&files, "our.key", "expired.key");
    g_assert_true(stox_tls_reload(bench->tls, &error));
    g_assert_nonnull(strstr(stox_tls_warning(bench->tls), "our.pem expired on 2"));
    put(&files, "list.crl", "old.crl");
    g_assert_true(stox_tls_reload(bench->tls, &error));
    g_assert_nonnull(strstr(stox_tls_warning(bench->tls), "our.pem expired on 2"));
    g_assert_nonnull(strstr(stox_tls_warning(bench->tls), "was due for renewal on 2020-02-01"));
    put(&files, "our.pem", "xgw.pem");
    put(&files, "our.key", "xgw.key");
    put(&files, "list.crl", "ca.crl");
    g_assert_true(stox_tls_reload(bench->tls, &error));
    g_assert_null(stox_tls_warning(bench->tls));
    bench_free(bench);
    files_clear(&files);
}

/* ---- Under traffic ---- */

enum { REQUESTS = 3000, SENDERS = 3 };

/*
 * Three peers send a thousand requests each while everything is read again and again, good files and bad ones in turn, and new connections come:
 * every request is answered, every connection comes up.
 */
static void test_traffic(void)
{
    Files files;
    Bench *bench = bench_of(&files, true);
    Peer *peers[SENDERS];
    unsigned reloads = 0, refused = 0;
    g_autoptr(GString) batch = g_string_new(NULL);

    for (unsigned i = 0; i < 50; i++)
        g_string_append(batch, OPTIONS);
    for (unsigned i = 0; i < SENDERS; i++)
        peers[i] = s_client(bench, "fe", i % 2 ? " -tls1_2" : "");
    for (unsigned round = 0; round < REQUESTS / SENDERS / 50; round++) {
        for (unsigned i = 0; i < SENDERS; i++)
            peer_send(peers[i], batch->str);
        put(&files, "our.key", round % 4 == 3 ? "fe.key" : "xgw.key");
        if (stox_tls_reload(bench->tls, NULL))
            reloads++;
        else
            refused++;
        if (round % 5 == 0)
            ask(bench, "plain", true, NULL);
        WAIT_FOR(bench->messages >= (round + 1) * 50 * SENDERS);
    }
    g_assert_cmpuint(reloads, ==, 15);
    g_assert_cmpuint(refused, ==, 5);
    WAIT_FOR(bench->messages == REQUESTS + 4);
    for (unsigned i = 0; i < SENDERS; i++) {
        unsigned answers = 0;
        const char *at;

        /* The last one of each is there: TLS and TCP keep the order. */
        WAIT_FOR(peers[i]->output->len > 0 && bench->transport->queued_bytes == 0);
        for (unsigned tries = 0; tries < 200 && answers < REQUESTS / SENDERS; tries++) {
            answers = 0;
            for (at = peers[i]->output->str; (at = strstr(at, "SIP/2.0 200 OK")); at++)
                answers++;
            spin(20);
        }
        g_assert_cmpuint(answers, ==, REQUESTS / SENDERS);
        peer_free(peers[i]);
    }
    g_assert_cmpuint(bench->unsent, ==, 0);
    bench_free(bench);
    files_clear(&files);
}

int main(int argc, char **argv)
{
    bench_init(&argc, &argv);
    for (unsigned i = 0; i < G_N_ELEMENTS(bad_rows); i++) {
        g_autofree char *path = g_strdup_printf("/tls/reload/refused/%s", bad_rows[i].what);

        g_test_add_data_func(path, &bad_rows[i], test_bad);
    }
    g_test_add_func("/tls/reload/refused/half a bundle", test_truncated_bundle);
    g_test_add_func("/tls/reload/new CA", test_new_ca);
    g_test_add_func("/tls/reload/new certificate", test_new_certificate);
    g_test_add_func("/tls/reload/new CRL", test_new_crl);
    g_test_add_func("/tls/reload/warnings", test_warnings);
    g_test_add_func("/tls/reload/under traffic", test_traffic);
    return g_test_run();
}
