/* SPDX-License-Identifier: MIT */
/* Whom TLS lets in: names, purposes, chains, revocation lists. Each row with `openssl s_client` as the peer and with `openssl s_server`. lync.md 4.2. */
#include "sip/transport-find.h"
#include "stream-bench.h"

#include <string.h>

typedef struct {
    const char *what;
    const char *certificate; /* NULL: none */
    const char *options;     /* of the peer; "%s" is the directory of the certificates */
    const char *ca;          /* our bundle; NULL: ca */
    StoxCrlCheck crl;
    const char *crl_file;
    const char *reason; /* NULL: let in */
    const char *host;   /* outbound: the name; NULL: pool01.contoso.example */
} Row;

#define INTER   " -cert_chain %s/inter.pem"
#define OFF     STOX_CRL_OFF
#define LEAF    STOX_CRL_LEAF
#define CHAIN   STOX_CRL_CHAIN
#define UNKNOWN "not issued by a CA of the hop's ca file"

static const Row both_rows[] = {
    {"serverAuth only (lync.md 4.2)", "fe", ""},
    {"no extended key usage", "plain", ""},
    {"wildcard", "wild", ""},
    {"name in CN without SAN", "pool01", ""},
    {"TLS 1.2", "fe", " -tls1_2"},
    {"TLS 1.3", "fe", " -tls1_3"},
    {"wrong CA", "foreign", "", .reason = UNKNOWN},
    {"wrong name", "wrong", "", .reason = "its certificate carries evil.example; expected "},
    {"CN beside a SAN does not count", "fe01", "", .reason = "its certificate carries evil."},
    {"expired", "expired", "", .reason = "expired on 2"},
    {"made for mail", "mail", "", .reason = "neither for serverAuth nor for clientAuth"},

    {"intermediate sent", "deep", INTER},
    {"intermediate sent, TLS 1.2", "deep", INTER " -tls1_2"},
    {"intermediate in our bundle", "deep", "", "both"},
    {"issuing CA alone in our bundle", "deep", "", "inter"},
    {"issuing CA alone in our bundle, sent as well", "deep", INTER, "inter"},
    {"intermediate nowhere", "deep", "", .reason = UNKNOWN},
    {"eleven certificates", "long", " -cert_chain %s/long-issuers.pem", .reason = "chain too long"},
    {"another one's leaf in our bundle is no CA", "deep", INTER, "fe", .reason = UNKNOWN},

    {"crl off: revoked", "gone", "", NULL, OFF, "ca"},
    {"crl leaf: good", "fe", "", NULL, LEAF, "ca"},
    {"crl leaf: revoked", "gone", "", NULL, LEAF, "ca",
     "certificate /CN=gone.contoso.example was revoked on 2"},
    {"crl leaf: revoked, TLS 1.2", "gone", " -tls1_2", NULL, LEAF, "ca", "was revoked on 2"},
    {"crl leaf: the intermediate is not looked up", "orphan", " -cert_chain %s/goneinter.pem", NULL,
     LEAF, "all"},
    {"crl leaf: no CRL of the issuer", "deep", INTER, NULL, LEAF, "ca",
     "holds no CRL of its issuer /CN=inter; add it"},
    {"crl leaf: issuing CA alone, revoked", "deepgone", INTER, "inter", LEAF, "inter",
     "certificate /CN=deepgone.contoso.example was revoked on 2"},
    {"crl chain: good", "deep", INTER, NULL, CHAIN, "all"},
    {"crl chain: good, intermediate in our bundle", "deep", "", "both", CHAIN, "all"},
    {"crl chain: leaf revoked", "deepgone", INTER, NULL, CHAIN, "all",
     "certificate /CN=deepgone.contoso.example was revoked on 2"},
    {"crl chain: intermediate revoked", "orphan", " -cert_chain %s/goneinter.pem", NULL, CHAIN,
     "all", "certificate /CN=goneinter was revoked on 2"},
    {"crl chain: intermediate of our bundle revoked", "orphan", "", "both-gone", CHAIN, "all",
     "certificate /CN=goneinter was revoked on 2"},
    {"crl chain: no CRL of the root", "deep", INTER, NULL, CHAIN, "inter",
     "holds no CRL of its issuer /CN=ca; add it"},
    {"crl chain: issuing CA alone, nobody tells about it", "deep", INTER, "inter", CHAIN, "inter"},
    {"crl chain: issuing CA alone, beside its root's CRL", "deep", INTER, "inter", CHAIN, "all"},
    {"crl: out of date", "fe", "", NULL, LEAF, "old",
     "was due for renewal on 2020-02-01 00:00 UTC; put the current one there and reload"},
    {"crl: another CA's", "fe", "", NULL, LEAF, "otherca",
     "holds no CRL of its issuer /CN=ca; add it"},
};

static const Row inbound_rows[] = {
    {"clientAuth only", "client", ""},
    {"no certificate", NULL, "", .reason = "presented no certificate"},
    {"no certificate, TLS 1.2", NULL, " -tls1_2", .reason = "presented no certificate"},
};

static const Row outbound_rows[] = {
    {"another name of the peer list", "fe", "", .host = "127.0.0.1"},
};

static Bench *bench_of(const Row *row)
{
    Bench *bench = bench_new();
    StoxHopSettings *hop =
        add_hop(bench, "pool01", STOX_TRANSPORT_TLS, "pool01.contoso.example fe01.contoso.example");
    g_autofree char *ca = g_strconcat(row->ca ? row->ca : "ca", ".pem", NULL);

    g_free(hop->ca);
    hop->ca = cert(ca);
    hop->crl = row->crl;
    if (row->crl_file) {
        g_autofree char *list = g_strconcat(row->crl_file, ".crl", NULL);

        hop->crl_file = cert(list);
    }
    transport_listener(bench->settings, STOX_TRANSPORT_TLS, "127.0.0.1");
    bench_open(bench);
    return bench;
}

static char *options_of(const Row *row)
{
    g_autofree char *directory = cert("");
    g_auto(GStrv) parts = g_strsplit(row->options, "%s", 2);

    return g_strjoinv(directory, parts);
}

static void test_inbound(gconstpointer data)
{
    const Row *row = data;
    Bench *bench = bench_of(row);
    g_autofree char *options = options_of(row);
    Peer *peer = s_client(bench, row->certificate, options);

    peer_send(peer, OPTIONS);
    if (row->reason) {
        WAIT_FOR(logged_has(row->reason));
        g_assert_true(logged_has("connection from 127.0.0.1:"));
        g_assert_cmpuint(bench->messages, ==, 0);
    } else {
        WAIT_FOR(peer_said(peer, "SIP/2.0 200 OK"));
        g_assert_cmpuint(bench->messages, ==, 1);
        g_assert_cmpstr(bench->hop->name, ==, "pool01");
        /* Requests back to this peer may use its connection (row R-31). */
        g_assert_cmpuint(stox_transport_find_tls(bench->transport, bench->hop,
                                                 "pool01.contoso.example", NULL, NULL),
                         ==, bench->flow);
        g_assert_cmpuint(
            stox_transport_find_tls(bench->transport, bench->hop, "other.example", NULL, NULL), ==,
            0);
    }
    peer_free(peer);
    bench_free(bench);
}

static void test_outbound(gconstpointer data)
{
    const Row *row = data;
    Bench *bench = bench_of(row);
    g_autofree char *options = options_of(row);
    unsigned port;
    Peer *peer = s_server(row->certificate, options, &port);
    uint64_t flow = bench_connect(bench, first_hop(bench), port,
                                  row->host ? row->host : "pool01.contoso.example");

    g_assert_true(bench_send(bench, flow, OPTIONS, 7));
    if (row->reason) {
        WAIT_FOR(bench->closed == 1);
        g_assert_true(logged_has(row->reason));
        g_assert_cmpuint(bench->unsent, ==, 1);
        g_assert_cmpuint(bench->partial, ==, 0);
    } else {
        WAIT_FOR(peer_said(peer, "OPTIONS sip:xgw.contoso.example"));
        g_assert_cmpuint(bench->connected, ==, 1);
        g_assert_cmpuint(bench->unsent, ==, 0);
    }
    peer_free(peer);
    bench_free(bench);
}

/* Our own intermediates are sent: a peer that has the root alone verifies us, in both directions. */
static void test_own_chain(void)
{
    Bench *bench = bench_new();
    unsigned port;
    Peer *client, *server;
    uint64_t flow;

    bench_certificate(bench, "xgwdeep-chain.pem", "xgwdeep.key");
    add_hop(bench, "pool01", STOX_TRANSPORT_TLS, "pool01.contoso.example");
    transport_listener(bench->settings, STOX_TRANSPORT_TLS, "127.0.0.1");
    bench_open(bench);
    client = s_client(bench, "fe",
                      " -verify 3 -verify_return_error -verify_hostname xgw.contoso.example");
    peer_send(client, OPTIONS);
    WAIT_FOR(peer_said(client, "SIP/2.0 200 OK"));
    g_assert_true(peer_said(client, "depth=1"));
    server = s_server("fe", " -verify_return_error", &port);
    flow = bench_connect(bench, first_hop(bench), port, "pool01.contoso.example");
    g_assert_true(bench_send(bench, flow, OPTIONS, 7));
    WAIT_FOR(peer_said(server, "OPTIONS sip:xgw.contoso.example"));
    peer_free(client);
    peer_free(server);
    bench_free(bench);
}

/* Two hops with a CA each: the CA of one says nothing about the names of the other. */
static void test_two_hops(void)
{
    static const struct {
        const char *certificate, *hop, *reason;
    } rows[] = {
        {"fe", "pool01", NULL},
        {"partner", "edge", NULL},
        {"foreign", NULL,
         "its certificate carries pool01.contoso.example; expected [hop edge] peers: "
         "edge.partner.example"},
        {"gone", NULL, "certificate /CN=gone.contoso.example was revoked on 2"},
    };
    Bench *bench = bench_new();
    StoxHopSettings *edge, *pool;

    edge = add_hop(bench, "edge", STOX_TRANSPORT_TLS, "edge.partner.example");
    g_free(edge->ca);
    edge->ca = cert("otherca.pem");
    pool = add_hop(bench, "pool01", STOX_TRANSPORT_TLS, "pool01.contoso.example");
    pool->crl = CHAIN;
    pool->crl_file = cert("ca.crl");
    transport_listener(bench->settings, STOX_TRANSPORT_TLS, "127.0.0.1");
    bench_open(bench);
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        Peer *peer = s_client(bench, rows[i].certificate, "");
        unsigned messages = bench->messages;

        peer_send(peer, OPTIONS);
        if (rows[i].reason) {
            WAIT_FOR(logged_has(rows[i].reason));
            g_assert_cmpuint(bench->messages, ==, messages);
        } else {
            WAIT_FOR(bench->messages == messages + 1);
            g_assert_cmpstr(bench->hop->name, ==, rows[i].hop);
        }
        peer_free(peer);
    }
    bench_free(bench);
}

static void add_rows(const char *direction, const Row *rows, size_t n, GTestDataFunc func)
{
    for (size_t i = 0; i < n; i++) {
        g_autofree char *path = g_strdup_printf("/tls/verify/%s/%s", direction, rows[i].what);

        g_test_add_data_func(path, &rows[i], func);
    }
}

int main(int argc, char **argv)
{
    bench_init(&argc, &argv);
    add_rows("inbound", both_rows, G_N_ELEMENTS(both_rows), test_inbound);
    add_rows("inbound", inbound_rows, G_N_ELEMENTS(inbound_rows), test_inbound);
    add_rows("outbound", both_rows, G_N_ELEMENTS(both_rows), test_outbound);
    add_rows("outbound", outbound_rows, G_N_ELEMENTS(outbound_rows), test_outbound);
    g_test_add_func("/tls/verify/our own chain is sent", test_own_chain);
    g_test_add_func("/tls/verify/two hops", test_two_hops);
    return g_test_run();
}
