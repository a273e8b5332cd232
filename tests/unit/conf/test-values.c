/* SPDX-License-Identifier: MIT */
#include "conf/values.h"

#include <glib.h>

#define FAILS G_MAXUINT64

static void test_durations(void)
{
    static const struct {
        const char *text;
        uint64_t seconds;
    } rows[] = {{"0", 0},
                {"90", 90},
                {"90s", 90},
                {"5m", 300},
                {"8h", 28800},
                {"7d", 604800},
                {"", FAILS},
                {"s", FAILS},
                {"8 h", FAILS},
                {"8hours", FAILS},
                {"-1", FAILS},
                {"+1", FAILS},
                {"1.5h", FAILS},
                {"10ms", FAILS},
                {"0x10", FAILS},
                {"8H", FAILS},
                {"1h30m", FAILS},
                {"99999999999999999999", FAILS},
                {"18446744073709551615d", FAILS}};

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        const char *why = NULL;
        uint64_t seconds = 77;
        bool good = stox_value_duration(rows[i].text, &seconds, &why);

        g_test_message("%s", rows[i].text);
        g_assert_cmpint(good, ==, rows[i].seconds != FAILS);
        g_assert_cmpuint(seconds, ==, good ? rows[i].seconds : 77);
        g_assert_true(good || why);
    }
}

static void test_sizes(void)
{
    static const struct {
        const char *text;
        uint64_t bytes;
    } rows[] = {{"0", 0},
                {"262144", 262144},
                {"256K", 262144},
                {"256k", 262144},
                {"256KiB", 262144},
                {"8M", 8388608},
                {"1G", 1073741824},
                {"1GiB", 1073741824},
                {"", FAILS},
                {"K", FAILS},
                {"256 K", FAILS},
                {"256KB", FAILS},
                {"1T", FAILS},
                {"1Kx", FAILS},
                {"-1K", FAILS},
                {"1.5M", FAILS},
                {"18446744073709551615", G_MAXUINT64 - 0},
                {"18446744073709551616", FAILS},
                {"18014398509481984K", FAILS}};

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        /* The largest number is good, and FAILS at once: told apart by its text. */
        bool expected = rows[i].bytes != FAILS || g_str_equal(rows[i].text, "18446744073709551615");
        const char *why = NULL;
        uint64_t bytes = 77;
        bool good = stox_value_size(rows[i].text, &bytes, &why);

        g_test_message("%s", rows[i].text);
        g_assert_cmpint(good, ==, expected);
        g_assert_cmpuint(bytes, ==, good ? rows[i].bytes : 77);
        g_assert_true(good || why);
    }
}

static void test_counts(void)
{
    uint64_t count = 77;

    g_assert_true(stox_value_count("1024", &count, NULL));
    g_assert_cmpuint(count, ==, 1024);
    g_assert_false(stox_value_count("1K", &count, NULL));
    g_assert_false(stox_value_count("", &count, NULL));
    g_assert_false(stox_value_count("-1", &count, NULL));
    g_assert_cmpuint(count, ==, 1024);
}

static void test_booleans(void)
{
    static const struct {
        const char *text;
        int value; /* -1: refused */
    } rows[] = {{"true", 1}, {"false", 0},   {"yes", 1},    {"no", 0},    {"on", 1},
                {"off", 0},  {"True", 1},    {"OFF", 0},    {"1", -1},    {"0", -1},
                {"", -1},    {"enable", -1}, {"$true", -1}, {"truee", -1}};

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        bool value = rows[i].value != 1;
        bool good = stox_value_boolean(rows[i].text, &value, NULL);

        g_test_message("%s", rows[i].text);
        g_assert_cmpint(good, ==, rows[i].value >= 0);
        if (good)
            g_assert_cmpint(value, ==, rows[i].value);
    }
}

static void test_lists(void)
{
    static const struct {
        const char *text, *joined;
    } rows[] = {
        {"", ""},       {"a", "a"},
        {"a b", "a|b"}, {"a;b;", "a|b"},
        {"a,b", "a|b"}, {" a ;, b\t,c ", "a|b|c"},
        {";;, ", ""},   {"tls:[::]:5061;tcp:0.0.0.0:5060", "tls:[::]:5061|tcp:0.0.0.0:5060"}};

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_auto(GStrv) list = stox_value_list(rows[i].text);
        g_autofree char *joined = g_strjoinv("|", list);

        g_assert_cmpstr(joined, ==, rows[i].joined);
    }
}

static void test_choices(void)
{
    static const char *const names[] = {"federated", "public-unverified", NULL};

    g_assert_cmpint(stox_value_choice("public-unverified", names), ==, 1);
    g_assert_cmpint(stox_value_choice("PublicUnverified", names), ==, 1);
    g_assert_cmpint(stox_value_choice("Federated", names), ==, 0);
    g_assert_cmpint(stox_value_choice("federate", names), ==, -1);
    g_assert_cmpint(stox_value_choice("", names), ==, -1);
}

static void test_endpoints(void)
{
    static const struct {
        const char *text, *host; /* NULL: refused */
        unsigned port;
        bool literal;
    } rows[] = {
        {"127.0.0.1:5347", "127.0.0.1", 5347, true},
        {"127.0.0.1", "127.0.0.1", 0, true},
        {"[::1]:5347", "::1", 5347, true},
        {"[2001:DB8::1]", "2001:db8::1", 0, true},
        {"[fe80::1%eth0]:1", "fe80::1%eth0", 1, true},
        {"XMPP.Contoso.Example.:65535", "xmpp.contoso.example", 65535, false},
        {"localhost", "localhost", 0, false},
        {"prosody_1:5347", "prosody_1", 5347, false},
        {"xn--bcher-kva.example", "xn--bcher-kva.example", 0, false},
        {"", NULL},
        {":5347", NULL},
        {"host:", NULL},
        {"host:0", NULL},
        {"host:65536", NULL},
        {"host:53a", NULL},
        {"host: 5", NULL},
        {"host:+5", NULL},
        {"::1", NULL},
        {"::1:5347", NULL},
        {"2001:db8::1", NULL},
        {"a:b:c", NULL},
        {"[::1", NULL},
        {"[::1]5347", NULL},
        {"[127.0.0.1]:1", NULL},
        {"[host]:1", NULL},
        {"[]:1", NULL},
        {"[fe80::1%]:1", NULL},
        {"256.1.1.1", NULL},
        {"127.0.0", NULL},
        {"5347", NULL},
        {"a..b", NULL},
        {".a", NULL},
        {".", NULL},
        {"-a.example", NULL},
        {"a-.example", NULL},
        {"a.-b", NULL},
        {"b\xc3\xbc"
         "cher.example",
         NULL},
        {"a b", NULL},
        {"http://a", NULL},
        {"a/b", NULL},
        {"\"a\"", NULL},
        {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example", NULL},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_auto(StoxEndpoint) endpoint = {0};
        const char *why = NULL;
        bool good = stox_value_endpoint(rows[i].text, &endpoint, &why);

        g_test_message("%s: %s", rows[i].text, why ? why : "good");
        g_assert_cmpint(good, ==, rows[i].host != NULL);
        g_assert_true(good || why);
        g_assert_cmpstr(endpoint.host, ==, rows[i].host);
        g_assert_cmpuint(endpoint.port, ==, rows[i].port);
        g_assert_cmpint(endpoint.literal, ==, rows[i].literal);
    }
}

static void test_hosts(void)
{
    g_auto(StoxEndpoint) host = {0};

    /* Lists of peers have no ports: an IPv6 address needs no brackets there. */
    g_assert_true(stox_value_host("2001:DB8::1", &host, NULL));
    g_assert_cmpstr(host.host, ==, "2001:db8::1");
    g_assert_true(host.literal);
    stox_endpoint_clear(&host);
    g_assert_true(stox_value_host("[::1]", &host, NULL));
    g_assert_cmpstr(host.host, ==, "::1");
    stox_endpoint_clear(&host);
    g_assert_false(stox_value_host("fe01.contoso.example:5061", &host, NULL));
    g_assert_null(host.host);
}

static void test_transports(void)
{
    static const struct {
        const char *text, *host;
        StoxTransportKind kind;
        unsigned port;
    } rows[] = {
        {"tls:pool01.contoso.example:5061", "pool01.contoso.example", STOX_TRANSPORT_TLS, 5061},
        {"pool01.contoso.example", "pool01.contoso.example", STOX_TRANSPORT_TLS, 0},
        {"pool01.contoso.example:5071", "pool01.contoso.example", STOX_TRANSPORT_TLS, 5071},
        {"TCP:192.0.2.1", "192.0.2.1", STOX_TRANSPORT_TCP, 0},
        {"tcp:[2001:db8::1]:5060", "2001:db8::1", STOX_TRANSPORT_TCP, 5060},
        {"tls:[::]:5061", "::", STOX_TRANSPORT_TLS, 5061},
        {"tls:2001:db8::1", NULL, 0, 0},
        {"udp:192.0.2.1:5060", "192.0.2.1", STOX_TRANSPORT_UDP, 5060},
        {"sip:pool01.contoso.example", NULL, 0, 0},
        {"sips:pool01.contoso.example:5061", NULL, 0, 0},
        {"tls:", NULL, 0, 0},
        {"tls:5061", NULL, 0, 0},
        {"tls://pool01", NULL, 0, 0},
        {"sctp:pool01.contoso.example:1", NULL, 0, 0}};

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_auto(StoxEndpoint) endpoint = {0};
        StoxTransportKind kind = STOX_TRANSPORT_TLS;
        const char *why = NULL;
        bool good = stox_value_transport(rows[i].text, &kind, &endpoint, &why);

        g_test_message("%s: %s", rows[i].text, why ? why : "good");
        g_assert_cmpint(good, ==, rows[i].host != NULL);
        g_assert_cmpstr(endpoint.host, ==, rows[i].host);
        g_assert_cmpuint(endpoint.port, ==, rows[i].port);
        if (good)
            g_assert_cmpint(kind, ==, rows[i].kind);
    }
    g_assert_cmpuint(stox_value_default_port(STOX_TRANSPORT_TLS), ==, 5061);
    g_assert_cmpuint(stox_value_default_port(STOX_TRANSPORT_TCP), ==, 5060);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/conf/values/durations", test_durations);
    g_test_add_func("/conf/values/sizes", test_sizes);
    g_test_add_func("/conf/values/counts", test_counts);
    g_test_add_func("/conf/values/booleans", test_booleans);
    g_test_add_func("/conf/values/lists", test_lists);
    g_test_add_func("/conf/values/choices", test_choices);
    g_test_add_func("/conf/values/endpoints", test_endpoints);
    g_test_add_func("/conf/values/hosts", test_hosts);
    g_test_add_func("/conf/values/transports", test_transports);
    return g_test_run();
}
