/* SPDX-License-Identifier: MIT */
/* The life of a stream: connecting, refusals, time-outs, back-off, idling, stopping. */
#include "tests/unit/component/link-fixture.h"

#include <string.h>

#define NEW_FIXTURE(name)                                                                          \
    g_auto(Fixture) name;                                                                          \
    fixture_init(&name)

/* */
static void test_wire(void)
{
    NEW_FIXTURE(f);
    g_autofree char *digest = stox_link_handshake(STREAM_ID, SECRET);
    g_autofree char *handshake = g_strdup_printf("<handshake>%s</handshake>", digest);

    fixture_start(&f);
    g_assert_cmpuint(f.server->accepted, ==, 0); /* connects from the loop */
    SPIN_UNTIL(g_str_has_suffix(f.server->got->str, ">"));
    g_assert_cmpstr(f.server->got->str, ==,
                    "<stream:stream xmlns='jabber:component:accept' "
                    "xmlns:stream='http://etherx.jabber.org/streams' to='" DOMAIN "'>");
    g_string_truncate(f.server->got, 0);
    fake_server_send(f.server, HEADER);
    SPIN_UNTIL(g_str_has_suffix(f.server->got->str, "</handshake>"));
    g_assert_cmpstr(f.server->got->str, ==, handshake);
    g_assert_cmpuint(f.ups, ==, 0);
    g_assert_false(fixture_send(&f, "<message/>", NULL)); /* */
    fake_server_send(f.server, "<handshake/>");
    SPIN_UNTIL(f.ups == 1);
    g_assert_true(stox_link_is_up(f.link));
    g_assert_cmpstr(stox_link_domain(f.link), ==, DOMAIN);
    g_assert_cmpuint(log_count(G_LOG_LEVEL_INFO, "of " DOMAIN " to 127.0.0.1"), ==, 1);
    g_assert_cmpuint(log_count(G_LOG_LEVEL_WARNING, NULL), ==, 0);
}

static void test_ipv6(void)
{
    NEW_FIXTURE(f);

    g_clear_pointer(&f.server, fake_server_free);
    f.server = fake_server_new("::1");
    if (!f.server) {
        f.server = fake_server_new("127.0.0.1");
        g_test_skip("this machine has no ::1");
        return;
    }
    f.config.host = "::1";
    f.config.port = f.server->port;
    fixture_start_up(&f);
    g_assert_cmpuint(log_count(G_LOG_LEVEL_INFO, "::1"), ==, 1);
}

/* A name whose first address may be the wrong family: the other one is tried as well. */
static void test_name(void)
{
    NEW_FIXTURE(f);

    f.config.host = "localhost";
    fixture_start_up(&f);
}

#define ERROR(condition)                                                                           \
    "<stream:error><" condition " xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"                   \
    "<text xmlns='urn:ietf:params:xml:ns:xmpp-streams'>spoken\nword</text></stream:error>" CLOSE

/* what the administrator reads, and how long is waited */
static void test_refusals(void)
{
    static const struct {
        const char *answer;
        bool is_setup; /* the first wait is a quarter of the longest */
        const char *words[3];
    } rows[] = {
        {HEADER ERROR("not-authorized"), true, {DOMAIN, "secret-file", "component_secret"}},
        {HEADER ERROR("host-unknown"), true, {DOMAIN, "ejabberd_service", "spoken word"}},
        {HEADER ERROR("conflict"), true, {"another instance", "kick_old", DOMAIN}},
        {HEADER ERROR("invalid-namespace"), true, {"component port", "[component]", DOMAIN}},
        {HEADER ERROR("system-shutdown"), false, {"shuts down", DOMAIN, "spoken word"}},
        {HEADER ERROR("brand-new"), false, {"\"brand-new\"", DOMAIN, "spoken word"}},
        {HEADER "<message/>", true, {"component port", "XEP-0114", "127.0.0.1"}},
        {HEADER CLOSE, false, {"closed the connection", "handshake", "log"}},
        {"<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' "
         "version='1.0'><stream:features/>",
         true,
         {"component port", "XEP-0114", "127.0.0.1"}},
        {"<html>", true, {"does not speak XMPP", "component port", "127.0.0.1"}},
        {"HTTP/1.1 400 Bad Request\r\n", false, {"does not speak XMPP", "component port", "?"}},
        {"SIP/2.0 400 <<<", false, {"does not speak XMPP", "component port", "?"}},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        NEW_FIXTURE(f);

        g_test_message("%s", rows[i].answer);
        f.config.backoff_max_ms = 1200;
        fixture_start(&f);
        SPIN_UNTIL(f.server->got->len > 0);
        fake_server_send(f.server, rows[i].answer);
        SPIN_UNTIL(log_count(G_LOG_LEVEL_WARNING, NULL) == 1);
        for (unsigned n = 0; n < G_N_ELEMENTS(rows[i].words); n++)
            g_assert_cmpuint(log_count(G_LOG_LEVEL_WARNING, rows[i].words[n]), ==, 1);
        SPIN_UNTIL(f.server->ended);
        if (rows[i].is_setup) {
            fixture_run(100);
            g_assert_cmpuint(f.server->accepted, ==, 1);
        } else {
            SPIN_UNTIL(f.server->accepted == 2);
        }
        g_assert_cmpuint(f.ups, ==, 0);
        g_assert_cmpuint(f.downs, ==, 0);
    }
}

static void test_refused_port(void)
{
    NEW_FIXTURE(f);
    FakeServer *gone = f.server;

    f.server = fake_server_new("127.0.0.1");
    fake_server_free(gone);
    fixture_start(&f);
    SPIN_UNTIL(log_count(G_LOG_LEVEL_WARNING, "nothing listens at 127.0.0.1 port") == 1);
    g_assert_cmpuint(log_count(G_LOG_LEVEL_WARNING, "no XMPP stream for " DOMAIN), ==, 1);
}

static void test_no_such_name(void)
{
    NEW_FIXTURE(f);

    f.config.host = "no..such..name";
    fixture_start(&f);
    SPIN_UNTIL(log_count(G_LOG_LEVEL_WARNING, NULL) == 1);
    g_assert_cmpuint(log_count(G_LOG_LEVEL_WARNING, "no..such..name"), ==, 1);
}

static void test_stall_header(void)
{
    NEW_FIXTURE(f);

    f.config.handshake_timeout_ms = 40;
    fixture_start(&f);
    SPIN_UNTIL(log_count(G_LOG_LEVEL_WARNING, "nothing answered within 0.0 s: is that the "
                                              "component port"));
    SPIN_UNTIL(f.server->accepted >= 3);
    g_assert_cmpuint(f.ups, ==, 0);
}

static void test_stall_handshake(void)
{
    NEW_FIXTURE(f);

    f.config.handshake_timeout_ms = 100;
    fixture_start(&f);
    SPIN_UNTIL(f.server->got->len > 0);
    fake_server_send(f.server, HEADER);
    SPIN_UNTIL(log_count(G_LOG_LEVEL_WARNING, "did not answer the handshake within 0.1 s"));
    SPIN_UNTIL(f.server->accepted >= 2);
    g_assert_cmpuint(f.ups, ==, 0);
}

/* Nobody accepts: the kernel does not let more than the backlog in, so a full one looks like a firewall that drops. */
static void test_stall_connect(void)
{
    NEW_FIXTURE(f);

    f.config.host = "192.0.2.1"; /* RFC 5737: nobody's */
    f.config.connect_timeout_ms = 50;
    fixture_start(&f);
    SPIN_UNTIL(log_count(G_LOG_LEVEL_WARNING, "192.0.2.1") == 1);
    g_assert_cmpuint(f.ups, ==, 0);
}

static void test_backoff(void)
{
    NEW_FIXTURE(f);

    f.config.backoff_min_ms = 20;
    f.config.backoff_max_ms = 160;
    f.server->hang_up = true;
    fixture_start(&f);
    SPIN_UNTIL(f.server->accepted >= 7);
    for (unsigned i = 0; i + 1 < 7; i++) {
        int64_t gap = f.server->accepted_ms[i + 1] - f.server->accepted_ms[i];
        int64_t wait = MIN(20 << i, 160);

        g_test_message("gap %u: %d ms", i, (int) gap);
        g_assert_cmpint(gap, >=, wait * 3 / 4 - 1);
    }
    /* Doubling ends, and the same failure is said once. */
    g_assert_cmpint(f.server->accepted_ms[6] - f.server->accepted_ms[0], <, 4000);
    g_assert_cmpuint(log_count(G_LOG_LEVEL_WARNING, "component port"), ==, 1);
}

/* Two links do not come back in step. */
static void test_jitter(void)
{
    NEW_FIXTURE(f);
    int64_t least = G_MAXINT64, most = 0;

    f.config.backoff_min_ms = f.config.backoff_max_ms = 60;
    f.server->hang_up = true;
    fixture_start(&f);
    SPIN_UNTIL(f.server->accepted >= 16);
    for (unsigned i = 0; i + 1 < 16; i++) {
        int64_t gap = f.server->accepted_ms[i + 1] - f.server->accepted_ms[i];

        least = MIN(least, gap);
        most = MAX(most, gap);
    }
    g_test_message("waits from %d to %d ms", (int) least, (int) most);
    g_assert_cmpint(least, >=, 44);
    g_assert_cmpint(most - least, >=, 4);
}

/* who is thrown out as soon as he is up does not fight. */
static void test_no_fight(void)
{
    NEW_FIXTURE(f);

    f.config.backoff_max_ms = 60000;
    fixture_start_up(&f);
    fake_server_send(f.server, ERROR("conflict"));
    SPIN_UNTIL(f.downs == 1);
    g_assert_nonnull(strstr(f.why, "kick_old"));
    fixture_run(200);
    g_assert_cmpuint(f.server->accepted, ==, 1);
}

static void test_drop(void)
{
    static const char *const before[] = {"", "<message from='a@b.exam", "<message><body>x</bod"};

    for (unsigned i = 0; i < G_N_ELEMENTS(before); i++) {
        NEW_FIXTURE(f);

        fixture_start_up(&f);
        if (*before[i])
            fake_server_send(f.server, before[i]);
        fake_server_drop(f.server);
        SPIN_UNTIL(f.downs == 1);
        g_assert_nonnull(strstr(f.why, "closed the connection"));
        g_assert_cmpuint(log_count(G_LOG_LEVEL_WARNING, "is down"), ==, 1);
        g_assert_cmpuint(f.stanzas->len, ==, 0);
        SPIN_UNTIL(f.server->accepted == 2 && f.server->got->len > 0);
        fake_server_send(f.server, ACCEPTED);
        SPIN_UNTIL(f.ups == 2);
    }
}

static void test_orderly_close(void)
{
    NEW_FIXTURE(f);

    fixture_start_up(&f);
    fake_server_send(f.server, CLOSE);
    SPIN_UNTIL(f.downs == 1 && f.server->ended);
    g_assert_true(g_str_has_suffix(f.server->got->str, CLOSE));
}

/* a ping to ourselves; its way back is the proof, and nobody's business. */
static void test_idle(void)
{
    NEW_FIXTURE(f);
    const char *ping;

    f.config.idle_timeout_ms = 100;
    fixture_start_up(&f);
    g_string_truncate(f.server->got, 0);
    SPIN_UNTIL(g_str_has_suffix(f.server->got->str, "</iq>"));
    ping = f.server->got->str;
    g_assert_true(g_str_has_prefix(ping, "<iq type='get' id='idle-"));
    g_assert_nonnull(strstr(ping, " from='" DOMAIN "/"));
    g_assert_nonnull(strstr(ping, " to='" DOMAIN "'><ping xmlns='urn:xmpp:ping'/></iq>"));
    fake_server_send(f.server, ping);
    g_string_truncate(f.server->got, 0);
    /* Heard: the next one, not the end. */
    SPIN_UNTIL(g_str_has_suffix(f.server->got->str, "</iq>"));
    g_assert_cmpuint(f.downs, ==, 0);
    /* Any byte is a sign of life. */
    fake_server_send(f.server, " ");
    g_string_truncate(f.server->got, 0);
    SPIN_UNTIL(g_str_has_suffix(f.server->got->str, "</iq>"));
    g_assert_cmpuint(f.downs, ==, 0);
    g_assert_cmpuint(f.stanzas->len, ==, 0);
    SPIN_UNTIL(f.downs == 1);
    g_assert_nonnull(strstr(f.why, "silent"));
}

static void test_stop(void)
{
    NEW_FIXTURE(f);

    fixture_start_up(&f);
    g_string_truncate(f.server->got, 0);
    g_assert_true(fixture_send(&f, "<presence type='unavailable'/>", NULL));
    fixture_stop(&f);
    g_assert_false(stox_link_is_up(f.link));
    g_assert_false(fixture_send(&f, "<presence/>", NULL));
    SPIN_UNTIL(g_str_has_suffix(f.server->got->str, CLOSE));
    g_assert_cmpstr(f.server->got->str, ==, "<presence type='unavailable'/>" CLOSE);
    fake_server_send(f.server, "<message><body>late</body></message>");
    fixture_run(50);
    g_assert_cmpuint(f.stopped, ==, 0);
    fake_server_send(f.server, CLOSE);
    SPIN_UNTIL(f.stopped == 1);
    SPIN_UNTIL(f.server->ended);
    fixture_run(150);
    g_assert_cmpuint(f.server->accepted, ==, 1); /* no reconnect */
    g_assert_cmpuint(f.downs, ==, 0);
    g_assert_cmpuint(f.stanzas->len, ==, 0);
    g_assert_cmpuint(f.stopped, ==, 1);
}

/* The server does not close its side: 2 s. */
static void test_stop_stalled(void)
{
    NEW_FIXTURE(f);
    int64_t before = g_get_monotonic_time();

    fixture_start_up(&f);
    fixture_stop(&f);
    SPIN_UNTIL(f.stopped == 1);
    g_assert_cmpint(g_get_monotonic_time() - before, >=, 1900000);
    g_assert_cmpint(g_get_monotonic_time() - before, <, 4000000);
}

static void test_stop_dropped(void)
{
    NEW_FIXTURE(f);

    fixture_start_up(&f);
    fixture_stop(&f);
    fake_server_drop(f.server);
    SPIN_UNTIL(f.stopped == 1);
    g_assert_cmpuint(f.downs, ==, 0);
}

/* Whatever it is doing. */
static void test_stop_early(void)
{
    for (unsigned when = 0; when < 4; when++) {
        NEW_FIXTURE(f);

        f.server->hang_up = when == 2;
        fixture_start(&f);
        if (when == 1) /* connecting */
            g_main_context_iteration(NULL, FALSE);
        else if (when == 2) /* waiting */
            SPIN_UNTIL(log_count(G_LOG_LEVEL_WARNING, NULL) == 1);
        else if (when == 3) /* opening */
            SPIN_UNTIL(f.server->got->len > 0);
        fixture_stop(&f);
        g_assert_cmpuint(f.stopped, ==, 0);
        if (when == 3)
            fake_server_send(f.server, HEADER CLOSE);
        SPIN_UNTIL(f.stopped == 1);
        fixture_run(120);
        g_assert_cmpuint(f.ups, ==, 0);
        g_assert_cmpuint(f.server->accepted, <=, 1);
        /* and can begin again */
        f.server->hang_up = false;
        f.server->accepted = 0;
        g_string_truncate(f.server->got, 0);
        fixture_start_up(&f);
    }
}

static void test_stop_inside(void)
{
    for (int where = STOP_IN_UP; where <= STOP_IN_STANZA; where++) {
        NEW_FIXTURE(f);

        f.stop_in = where;
        fixture_start(&f);
        SPIN_UNTIL(f.server->got->len > 0);
        fake_server_send(f.server, ACCEPTED "<message/><message/>" ERROR("reset"));
        SPIN_UNTIL(f.stopped == 1);
        fixture_run(120);
        g_assert_cmpuint(f.ups, ==, 1);
        g_assert_cmpuint(f.downs, ==, where == STOP_IN_DOWN);
        g_assert_cmpuint(f.stanzas->len, ==,
                         where == STOP_IN_UP     ? 0
                         : where == STOP_IN_DOWN ? 2
                                                 : 1);
        g_assert_cmpuint(f.server->accepted, ==, 1);
    }
}

static void free_cb(void *user)
{
    Fixture *fixture = user;

    g_clear_pointer(&fixture->link, stox_link_free);
    fixture->stopped++;
}

static void test_free_in_done(void)
{
    NEW_FIXTURE(f);

    fixture_start_up(&f);
    stox_link_stop(f.link, free_cb, &f);
    fake_server_send(f.server, CLOSE);
    SPIN_UNTIL(f.stopped == 1);
    g_assert_null(f.link);
    stox_link_free(NULL);
}

/* Freed at any moment, connection attempts included. */
static void test_free_early(void)
{
    for (unsigned turns = 0; turns < 8; turns++) {
        NEW_FIXTURE(f);

        fixture_start(&f);
        for (unsigned i = 0; i < turns; i++)
            g_main_context_iteration(NULL, FALSE);
        g_clear_pointer(&f.link, stox_link_free);
        fixture_run(20);
    }
}

static void test_explain(void)
{
    static const char *const conditions[] = {"bad-format",
                                             "bad-namespace-prefix",
                                             "conflict",
                                             "connection-timeout",
                                             "host-gone",
                                             "host-unknown",
                                             "improper-addressing",
                                             "internal-server-error",
                                             "invalid-from",
                                             "invalid-namespace",
                                             "invalid-xml",
                                             "not-authorized",
                                             "not-well-formed",
                                             "policy-violation",
                                             "remote-connection-failed",
                                             "reset",
                                             "resource-constraint",
                                             "restricted-xml",
                                             "see-other-host",
                                             "system-shutdown",
                                             "undefined-condition",
                                             "unsupported-encoding",
                                             "unsupported-feature",
                                             "unsupported-stanza-type",
                                             "unsupported-version"};

    for (unsigned i = 0; i < G_N_ELEMENTS(conditions); i++) {
        g_autofree char *plain = stox_link_explain(DOMAIN, conditions[i], NULL);
        g_autofree char *with_text = stox_link_explain(DOMAIN, conditions[i], " a\r\n100%s b\n");

        g_test_message("%s", plain);
        g_assert_nonnull(strstr(plain, DOMAIN));
        g_assert_null(strstr(plain, "%"));
        g_assert_true(g_str_has_prefix(with_text, plain));
        g_assert_true(g_str_has_suffix(with_text, " (it says: a  100%s b)"));
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    log_catch();
    g_test_add_func("/link/wire/X-01", test_wire);
    g_test_add_func("/link/ipv6", test_ipv6);
    g_test_add_func("/link/name", test_name);
    g_test_add_func("/link/refusals/X-08", test_refusals);
    g_test_add_func("/link/refused-port", test_refused_port);
    g_test_add_func("/link/no-such-name", test_no_such_name);
    g_test_add_func("/link/stall/connect", test_stall_connect);
    g_test_add_func("/link/stall/header", test_stall_header);
    g_test_add_func("/link/stall/handshake", test_stall_handshake);
    g_test_add_func("/link/backoff/grows", test_backoff);
    g_test_add_func("/link/backoff/jitter", test_jitter);
    g_test_add_func("/link/backoff/no-fight/X-12", test_no_fight);
    g_test_add_func("/link/drop", test_drop);
    g_test_add_func("/link/orderly-close", test_orderly_close);
    g_test_add_func("/link/idle/X-09", test_idle);
    g_test_add_func("/link/stop/handshake", test_stop);
    g_test_add_func("/link/stop/stalled", test_stop_stalled);
    g_test_add_func("/link/stop/dropped", test_stop_dropped);
    g_test_add_func("/link/stop/early", test_stop_early);
    g_test_add_func("/link/stop/inside-callbacks", test_stop_inside);
    g_test_add_func("/link/free/in-done", test_free_in_done);
    g_test_add_func("/link/free/early", test_free_early);
    g_test_add_func("/link/explain", test_explain);
    return g_test_run();
}
