/* SPDX-License-Identifier: MIT */
/* Where an agent's requests go: real sockets on the loopback, raw peers that answer, refuse, stop reading or close (R-31, R-32; promise 4). */
#include "agent-peer.h"

#include "sip/agent.h"

#include <string.h>

/* ---- The agent ---- */

static GString *logged;

static GLogWriterOutput log_cb(GLogLevelFlags level, const GLogField *fields, gsize n, void *user)
{
    for (gsize i = 0; i < n; i++)
        if (strcmp(fields[i].key, "MESSAGE") == 0)
            g_string_append_printf(logged, "%s\n", (const char *) fields[i].value);
    return G_LOG_WRITER_HANDLED;
}

/* How many lines match. */
static unsigned lines_like(const char *pattern)
{
    g_auto(GStrv) lines = g_strsplit(logged->str, "\n", -1);
    unsigned count = 0;

    for (unsigned i = 0; lines[i]; i++)
        count += g_pattern_match_simple(pattern, lines[i]);
    return count;
}

typedef struct {
    StoxSettings *settings;
    StoxAgent *agent;
    Peer *peers[2];
    uint64_t last_ref;
    unsigned healed;     /* servers that are back */
    GHashTable *results; /* ref -> StoxEvent* */
    bool stopped;
} Bench;

static void event_cb(StoxEvent *event, void *user)
{
    Bench *bench = user;

    if (event->kind == STOX_EVENT_HOP_UP) {
        g_assert_cmpstr(event->hop, ==, "pool01");
        bench->healed++;
        stox_event_free(event);
        return;
    }
    g_assert_cmpint(event->kind, ==, STOX_EVENT_SIP_MESSAGE_RESULT);
    /* One outcome per message (promise 1). */
    g_assert_true(g_hash_table_insert(bench->results, GUINT_TO_POINTER(event->ref), event));
}

static Bench *bench_new(void)
{
    Bench *bench = g_new0(Bench, 1);
    StoxSettings *settings = bench->settings = stox_settings_new();
    StoxHopSettings *hop = g_new0(StoxHopSettings, 1);
    StoxListenSettings *listen = g_new0(StoxListenSettings, 1);

    hop->name = g_strdup("pool01");
    hop->kind = STOX_TRANSPORT_TCP;
    hop->dialect = STOX_SETTING_DIALECT_SIMPLE;
    hop->next_hops = g_ptr_array_new_with_free_func(stox_next_hop_free);
    hop->peers = g_strsplit("127.0.0.1", " ", -1);
    for (unsigned i = 0; i < 2; i++) {
        StoxNextHop *next = g_new0(StoxNextHop, 1);

        bench->peers[i] = peer_new();
        next->host = g_strdup("127.0.0.1");
        next->port = bench->peers[i]->port;
        g_ptr_array_add(hop->next_hops, next);
    }
    listen->kind = STOX_TRANSPORT_TCP;
    listen->host = g_strdup("127.0.0.1");
    g_ptr_array_add(settings->hops, hop);
    g_ptr_array_add(settings->listens, listen);
    g_string_truncate(logged, 0);
    settings->fqdn = g_strdup("xgw.contoso.example");
    settings->message_max_bytes = 1 << 20;
    settings->sip_queue_max_bytes = 64 << 20;
    settings->max_connections = settings->max_connections_per_peer = 64;
    settings->sip_connect_timeout_s = 5;
    settings->sip_idle_timeout_s = 900;
    bench->results = g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify) stox_event_free);
    return bench;
}

static void bench_open(Bench *bench)
{
    g_autoptr(GError) error = NULL;

    bench->agent = stox_agent_new(bench->settings, event_cb, bench, &error);
    g_assert_no_error(error);
}

static void bench_free(Bench *bench)
{
    stox_agent_free(bench->agent);
    g_hash_table_unref(bench->results);
    peer_free(bench->peers[0]);
    peer_free(bench->peers[1]);
    stox_settings_free(bench->settings);
    g_free(bench);
}

/* A MESSAGE out of any dialog, with a body of that size; its Call-ID is its number. */
static uint64_t page(Bench *bench, size_t size)
{
    StoxAction *action = stox_action_new(STOX_ACTION_SIP_MESSAGE);
    char *body = g_malloc(size);

    memset(body, 'x', size);
    action->ref = ++bench->last_ref;
    action->hop = g_strdup("pool01");
    action->from_uri = g_strdup("sip:bob@partner.example");
    action->to_uri = g_strdup("sip:alice@contoso.example");
    action->call_id = g_strdup_printf("%u", (unsigned) action->ref);
    action->content_type = g_strdup("text/plain");
    action->body = g_bytes_new_take(body, size);
    stox_agent_do(bench->agent, action);
    stox_agent_flush(bench->agent);
    stox_action_free(action);
    return bench->last_ref;
}

static const StoxEvent *result_of(const Bench *bench, uint64_t ref)
{
    return g_hash_table_lookup(bench->results, GUINT_TO_POINTER(ref));
}

static void turn(Bench *bench)
{
    while (g_main_context_iteration(NULL, FALSE))
        ;
    peer_pump(bench->peers[0]);
    peer_pump(bench->peers[1]);
    g_usleep(1000);
}

#define WAIT_FOR(condition)                                                                        \
    do {                                                                                           \
        int64_t until_ = g_get_monotonic_time() + 15 * G_USEC_PER_SEC;                             \
        while (!(condition) && g_get_monotonic_time() < until_)                                    \
            turn(bench);                                                                           \
        g_assert_true(condition);                                                                  \
    } while (0)

static unsigned results(const Bench *bench)
{
    return g_hash_table_size(bench->results);
}

static unsigned came(const Peer *peer, uint64_t ref)
{
    g_autofree char *call_id = g_strdup_printf("%u", (unsigned) ref);
    unsigned n = 0;

    for (unsigned i = 0; i < peer->call_ids->len; i++)
        n += strcmp(peer->call_ids->pdata[i], call_id) == 0;
    return n;
}

/* ---- Tests ---- */

/* What waits for the connection leaves in its order, and what is sent meanwhile behind it. */
static void test_order(void)
{
    Bench *bench = bench_new();

    bench_open(bench);
    for (unsigned i = 0; i < 60; i++) {
        page(bench, 100);
        if (i % 10 == 9)
            turn(bench);
    }
    WAIT_FOR(results(bench) == 60);
    g_assert_cmpuint(bench->peers[0]->n_lines, ==, 1);
    g_assert_cmpuint(bench->peers[0]->call_ids->len, ==, 60);
    for (unsigned i = 0; i < 60; i++) {
        g_assert_cmpuint(g_ascii_strtoull(bench->peers[0]->call_ids->pdata[i], NULL, 10), ==,
                         i + 1);
        g_assert_cmpuint(result_of(bench, i + 1)->result.status, ==, 200);
    }
    bench_free(bench);
}

/* nobody listens at the first. All that waited goes to the second, in order. */
static void test_first_down(void)
{
    Bench *bench = bench_new();

    peer_down(bench->peers[0]);
    bench_open(bench);
    for (unsigned i = 0; i < 20; i++)
        page(bench, 100);
    WAIT_FOR(results(bench) == 20);
    for (unsigned i = 0; i < 20; i++) {
        g_assert_cmpuint(g_ascii_strtoull(bench->peers[1]->call_ids->pdata[i], NULL, 10), ==,
                         i + 1);
        g_assert_cmpuint(result_of(bench, i + 1)->result.status, ==, 200);
    }
    g_assert_cmpuint(lines_like("*127.0.0.1:* is down: *refused*go to the others*"), ==, 1);
    bench_free(bench);
}

/* Without OPTIONS: a connect finds out that it is back, and what comes then goes there. */
static void test_heals(void)
{
    Bench *bench = bench_new();
    unsigned n = 0;

    peer_down(bench->peers[0]);
    bench_open(bench);
    page(bench, 100);
    WAIT_FOR(results(bench) == 1);
    peer_listen(bench->peers[0]);
    WAIT_FOR(bench->peers[0]->n_lines == 1);
    while (bench->peers[0]->call_ids->len == 0 && n++ < 50) {
        page(bench, 100);
        WAIT_FOR(results(bench) == n + 1);
    }
    g_assert_cmpuint(bench->peers[0]->n_lines, ==, 1);
    g_assert_cmpuint(bench->peers[0]->call_ids->len, ==, 1);
    g_assert_cmpuint(lines_like("*is up again"), ==, 1);
    g_assert_cmpuint(bench->healed, ==, 1);
    bench_free(bench);
}

/*
 * Promise 4: a peer that does not read any more closes. What had not begun to be written goes out on another connection; what the kernel had taken may
 * have arrived, and is not sent again.
 */
static void test_closed_under_it(void)
{
    Bench *bench = bench_new();
    unsigned again = 0;

    bench_open(bench);
    page(bench, 100);
    WAIT_FOR(results(bench) == 1);
    bench->peers[0]->deaf = true;
    for (unsigned i = 0; i < 300; i++) {
        page(bench, 60000);
        if (i % 10 == 0)
            turn(bench);
    }
    for (unsigned i = 0; i < 50; i++)
        turn(bench);
    line_close(&bench->peers[0]->lines[0]);
    bench->peers[0]->deaf = false;
    WAIT_FOR(results(bench) == 301);
    g_assert_cmpuint(bench->peers[0]->n_lines, ==, 2);
    for (uint64_t ref = 2; ref <= 301; ref++) {
        const StoxSipResult *result = &result_of(bench, ref)->result;

        if (result->fate == STOX_SIP_TRANSPORT) {
            g_assert_cmpuint(came(bench->peers[0], ref), ==, 0);
            g_assert_cmpuint(again, ==, 0); /* they left first */
        } else {
            g_assert_cmpuint(result->status, ==, 200);
            g_assert_cmpuint(came(bench->peers[0], ref), ==, 1);
            again++;
        }
    }
    g_assert_cmpuint(again, >, 0);
    g_assert_cmpuint(again, <, 300);
    bench_free(bench);
}

/* A request in the moment of an idle close is not lost. */
static void test_idle_close(void)
{
    Bench *bench = bench_new();

    bench->settings->sip_idle_timeout_s = 1;
    bench_open(bench);
    page(bench, 100);
    WAIT_FOR(results(bench) == 1);
    /* We have said that we close; the peer has not answered that yet. */
    bench->peers[0]->deaf = true;
    for (int64_t until = g_get_monotonic_time() + 1300000; g_get_monotonic_time() < until;)
        turn(bench);
    page(bench, 100);
    bench->peers[0]->deaf = false;
    WAIT_FOR(results(bench) == 2);
    g_assert_cmpuint(result_of(bench, 2)->result.status, ==, 200);
    g_assert_cmpuint(came(bench->peers[0], 2), ==, 1);
    g_assert_cmpuint(bench->peers[0]->n_lines, ==, 2);
    bench_free(bench);
}

/* Nobody anywhere: told at once, with when to try again, and nothing is kept for later. */
static void test_all_down(void)
{
    Bench *bench = bench_new();

    peer_down(bench->peers[0]);
    peer_down(bench->peers[1]);
    bench_open(bench);
    page(bench, 100);
    WAIT_FOR(results(bench) == 1);
    g_assert_cmpint(result_of(bench, 1)->result.fate, ==, STOX_SIP_NOT_SENT);
    g_assert_cmpuint(result_of(bench, 1)->result.retry_after_s, >=, 1);
    g_assert_cmpuint(result_of(bench, 1)->result.retry_after_s, <=, 5);
    g_assert_cmpuint(lines_like("*is down*"), ==, 2);
    bench_free(bench);
}

/* 503 from the first, and the same request at once to the second; from both: the answer is the sender's. */
static void test_503(void)
{
    Bench *bench = bench_new();

    bench->peers[0]->status = 503;
    bench_open(bench);
    page(bench, 100);
    WAIT_FOR(results(bench) == 1);
    g_assert_cmpuint(result_of(bench, 1)->result.status, ==, 200);
    g_assert_cmpuint(came(bench->peers[0], 1), ==, 1);
    g_assert_cmpuint(came(bench->peers[1], 1), ==, 1);
    /* For a while the first is left in peace. */
    page(bench, 100);
    WAIT_FOR(results(bench) == 2);
    g_assert_cmpuint(came(bench->peers[0], 2), ==, 0);
    g_assert_cmpuint(came(bench->peers[1], 2), ==, 1);
    bench->peers[1]->status = 503;
    page(bench, 100);
    WAIT_FOR(results(bench) == 3);
    g_assert_cmpuint(result_of(bench, 3)->result.status, ==, 503);
    g_assert_cmpuint(came(bench->peers[0], 3), ==, 1);
    g_assert_cmpuint(came(bench->peers[1], 3), ==, 1);
    bench_free(bench);
}

/* Another failure is about the request, not about the server: nobody else is asked. */
static void test_500(void)
{
    Bench *bench = bench_new();

    bench->peers[0]->status = 500;
    bench_open(bench);
    page(bench, 100);
    WAIT_FOR(results(bench) == 1);
    g_assert_cmpuint(result_of(bench, 1)->result.status, ==, 500);
    g_assert_cmpuint(bench->peers[1]->n_lines, ==, 0);
    bench_free(bench);
}

static void stopped_cb(void *user)
{
    ((Bench *) user)->stopped = true;
}

/* At the stop no further server is tried. */
static void test_stop(void)
{
    Bench *bench = bench_new();

    bench->peers[0]->deaf = true;
    bench_open(bench);
    page(bench, 100);
    WAIT_FOR(bench->peers[0]->n_lines == 1);
    stox_agent_stop(bench->agent, stopped_cb, bench);
    bench->peers[0]->deaf = false;
    WAIT_FOR(bench->stopped);
    g_assert_cmpuint(bench->peers[1]->n_lines, ==, 0);
    g_assert_cmpuint(lines_like("*is down*"), ==, 0);
    bench_free(bench);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    logged = g_string_new(NULL);
    g_log_set_always_fatal(G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL);
    g_log_set_writer_func(log_cb, NULL, NULL);
    g_test_add_func("/agent-route/order", test_order);
    g_test_add_func("/agent-route/first-down", test_first_down);
    g_test_add_func("/agent-route/heals", test_heals);
    g_test_add_func("/agent-route/closed-under-it", test_closed_under_it);
    g_test_add_func("/agent-route/idle-close", test_idle_close);
    g_test_add_func("/agent-route/all-down", test_all_down);
    g_test_add_func("/agent-route/503", test_503);
    g_test_add_func("/agent-route/500", test_500);
    g_test_add_func("/agent-route/stop", test_stop);
    return g_test_run();
}
