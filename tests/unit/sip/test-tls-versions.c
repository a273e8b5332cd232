/* SPDX-License-Identifier: MIT */
/* tls-minimum and tls-ciphers, toward `openssl s_client` and from `openssl s_server`: each hop has what is its own (lync.md 4.2). */
#include "stream-bench.h"

#include <string.h>

#define OLD " -cipher DEFAULT@SECLEVEL=0"

typedef struct {
    unsigned minimum;
    const char *certificate, *options;
    const char *reason;   /* NULL: let in */
    const char *outbound; /* the reason when we are the client, when it is another */
} Row;

#define BELOW "its TLS version is below tls-minimum"
/* What a server says to a client that asks for more than it has. */
#define ALERT "it refused our TLS version (alert protocol_version): compare tls-minimum"

static const Row rows[] = {
    {10, "fe", " -tls1" OLD, NULL},
    {10, "fe", " -tls1_1" OLD, NULL},
    {10, "fe", " -tls1_2" OLD, NULL},
    {10, "fe", " -tls1_3" OLD, NULL},
    {11, "fe", " -tls1" OLD, BELOW, ALERT},
    {11, "fe", " -tls1_1" OLD, NULL},
    {12, "fe", " -tls1" OLD, BELOW, ALERT},
    {12, "fe", " -tls1_1" OLD, BELOW, ALERT},
    {12, "fe", " -tls1_2", NULL},
    {12, "fe", " -tls1_3", NULL},
    {13, "fe", " -tls1_2", BELOW, ALERT},
    {13, "fe", " -tls1_3", NULL},
    {10, "sha1", " -tls1" OLD, NULL},
    {10, "sha1", " -tls1_2" OLD, NULL},
    {11, "sha1", " -tls1_1" OLD, NULL},
    {12, "sha1", " -tls1_2" OLD, "is too weak (key of 2048 bits, signed with SHA1)"},
    {12, "sha1", " -tls1_3" OLD, "is too weak (key of 2048 bits, signed with SHA1)"},
    {10, "small", " -tls1" OLD, NULL},
    {10, "small", " -tls1_2" OLD, NULL},
    {12, "small", " -tls1_2" OLD, "is too weak (key of 1024 bits, signed with SHA256)"},
};

static Bench *bench_of(unsigned minimum)
{
    Bench *bench = bench_new();

    add_hop(bench, "pool01", STOX_TRANSPORT_TLS, "pool01.contoso.example")->tls_minimum = minimum;
    transport_listener(bench->settings, STOX_TRANSPORT_TLS, "127.0.0.1");
    bench_open(bench);
    return bench;
}

static void test_inbound(gconstpointer data)
{
    const Row *row = data;
    Bench *bench = bench_of(row->minimum);
    Peer *peer = s_client(bench, row->certificate, row->options);

    peer_send(peer, OPTIONS);
    if (row->reason)
        WAIT_FOR(logged_has(row->reason));
    else
        WAIT_FOR(peer_said(peer, "SIP/2.0 200 OK"));
    g_assert_cmpuint(bench->messages, ==, row->reason ? 0 : 1);
    peer_free(peer);
    bench_free(bench);
}

static void test_outbound(gconstpointer data)
{
    const Row *row = data;
    Bench *bench = bench_of(row->minimum);
    unsigned port;
    Peer *peer = s_server(row->certificate, row->options, &port);
    uint64_t flow = bench_connect(bench, first_hop(bench), port, "pool01.contoso.example");

    g_assert_true(bench_send(bench, flow, OPTIONS, 7));
    if (row->reason) {
        WAIT_FOR(bench->closed == 1);
        g_assert_true(logged_has(row->outbound ? row->outbound : row->reason));
        g_assert_cmpuint(bench->unsent, ==, 1);
    } else {
        WAIT_FOR(peer_said(peer, "OPTIONS sip:xgw.contoso.example"));
    }
    peer_free(peer);
    bench_free(bench);
}

/* ---- Hops beside each other ---- */

typedef struct {
    const char *certificate, *options, *hop, *reason;
} MixedRow;

/* [hop old] has tls-minimum 1.0 and another CA: its door must not be the other one's. */
static const MixedRow mixed_rows[] = {
    {"partner", " -tls1" OLD, "old", NULL},
    {"partner", " -tls1_1" OLD, "old", NULL},
    {"fe", " -tls1_2", "pool01", NULL},
    {"fe", " -tls1" OLD, NULL, "it speaks TLSv1, and tls-minimum of [hop pool01] is 1.2"},
    {"fe", " -tls1_1" OLD, NULL, "it speaks TLSv1.1, and tls-minimum of [hop pool01] is 1.2"},
    {"sha1", " -tls1_2" OLD, NULL,
     "is too weak (key of 2048 bits, signed with SHA1) for tls-minimum of hop pool01"},
    {"small", " -tls1_2" OLD, NULL,
     "is too weak (key of 1024 bits, signed with SHA256) for tls-minimum of hop pool01"},
    {"rsa", " -tls1_2 -client_sigalgs RSA+SHA1" OLD, NULL,
     "it signed the handshake with SHA-1, which tls-minimum of [hop pool01] (1.2) does not admit"},
    {"rsa", " -tls1_2 -client_sigalgs RSA+SHA256", "pool01", NULL},
};

static void test_mixed(void)
{
    Bench *bench = bench_new();
    StoxHopSettings *old;

    old = add_hop(bench, "old", STOX_TRANSPORT_TLS, "edge.partner.example");
    old->tls_minimum = 10;
    g_free(old->ca);
    old->ca = cert("otherca.pem");
    add_hop(bench, "pool01", STOX_TRANSPORT_TLS, "pool01.contoso.example");
    transport_listener(bench->settings, STOX_TRANSPORT_TLS, "127.0.0.1");
    bench_open(bench);
    for (unsigned i = 0; i < G_N_ELEMENTS(mixed_rows); i++) {
        const MixedRow *row = &mixed_rows[i];
        Peer *peer = s_client(bench, row->certificate, row->options);
        unsigned messages = bench->messages;

        peer_send(peer, OPTIONS);
        if (row->reason) {
            WAIT_FOR(logged_has(row->reason));
            g_assert_cmpuint(bench->messages, ==, messages);
        } else {
            WAIT_FOR(bench->messages == messages + 1);
            g_assert_cmpstr(bench->hop->name, ==, row->hop);
        }
        peer_free(peer);
    }
    bench_free(bench);
}

/* tls-ciphers of one hop is no matter of the other's peers, and holds for its own ones in both directions. */
static void test_ciphers(void)
{
    static const MixedRow cipher_rows[] = {
        {"fe", " -tls1_2 -cipher ECDHE-ECDSA-AES256-GCM-SHA384", "pool01", NULL},
        {"fe", " -tls1_2 -cipher ECDHE-ECDSA-AES128-GCM-SHA256", NULL,
         "its cipher ECDHE-ECDSA-AES128-GCM-SHA256 is not in tls-ciphers of [hop pool01]"},
        {"partner", " -tls1_2 -cipher ECDHE-ECDSA-AES128-GCM-SHA256", "edge", NULL},
    };
    Bench *bench = bench_new();
    StoxHopSettings *edge, *pool;

    pool = add_hop(bench, "pool01", STOX_TRANSPORT_TLS, "pool01.contoso.example");
    pool->tls_ciphers = g_strdup("ECDHE-ECDSA-AES256-GCM-SHA384");
    edge = add_hop(bench, "edge", STOX_TRANSPORT_TLS, "edge.partner.example");
    g_free(edge->ca);
    edge->ca = cert("otherca.pem");
    transport_listener(bench->settings, STOX_TRANSPORT_TLS, "127.0.0.1");
    bench_open(bench);
    for (unsigned i = 0; i < G_N_ELEMENTS(cipher_rows); i++) {
        const MixedRow *row = &cipher_rows[i];
        Peer *peer = s_client(bench, row->certificate, row->options);
        unsigned messages = bench->messages;

        peer_send(peer, OPTIONS);
        if (row->reason) {
            WAIT_FOR(logged_has(row->reason));
        } else {
            WAIT_FOR(bench->messages == messages + 1);
            g_assert_cmpstr(bench->hop->name, ==, row->hop);
        }
        peer_free(peer);
    }
    bench_free(bench);
}

int main(int argc, char **argv)
{
    bench_init(&argc, &argv);
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        const Row *row = &rows[i];
        g_autofree char *what = g_strdup_printf("minimum %u.%u, %s%s", row->minimum / 10,
                                                row->minimum % 10, row->certificate, row->options);
        g_autofree char *in = g_strconcat("/tls/versions/inbound/", what, NULL);
        g_autofree char *out = g_strconcat("/tls/versions/outbound/", what, NULL);

        g_test_add_data_func(in, row, test_inbound);
        g_test_add_data_func(out, row, test_outbound);
    }
    g_test_add_func("/tls/versions/hops beside each other", test_mixed);
    g_test_add_func("/tls/versions/ciphers", test_ciphers);
    return g_test_run();
}
