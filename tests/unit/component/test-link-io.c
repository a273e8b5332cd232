/* SPDX-License-Identifier: MIT */
/* The bytes of a stream: however they are cut, whatever they are, and how they leave. */
#include "tests/unit/component/link-fixture.h"

#include <malloc.h>
#include <string.h>

#define NEW_FIXTURE(name)                                                                          \
    g_auto(Fixture) name;                                                                          \
    fixture_init(&name)

#define STANZA                                                                                     \
    "<message from='a@partner.example' to='b@" DOMAIN "'><body>\xC3\xA4&lt;&#x1F600;</body>"       \
    "</message>"
#define BODY "\xC3\xA4<\xF0\x9F\x98\x80"

static void assert_stanza(Fixture *f, unsigned i)
{
    const StoxXmlNode *root = stox_xml_tree_root(f->stanzas->pdata[i]);

    g_assert_true(stox_xml_is(root, "jabber:component:accept", "message"));
    g_assert_cmpstr(stox_xml_child(root, root->ns, "body")->text, ==, BODY);
}

static void test_split_everywhere(void)
{
    static const char all[] = ACCEPTED STANZA;

    for (unsigned cut = 1; cut + 1 < sizeof all; cut++) {
        NEW_FIXTURE(f);
        g_autofree char *first = g_strndup(all, cut);

        fixture_start(&f);
        SPIN_UNTIL(f.server->got->len > 0);
        fake_server_send(f.server, first);
        fixture_run(1);
        g_assert_cmpuint(f.stanzas->len, ==, 0);
        fake_server_send(f.server, all + cut);
        SPIN_UNTIL(f.stanzas->len == 1);
        g_assert_cmpuint(f.ups, ==, 1);
        assert_stanza(&f, 0);
    }
}

static void test_byte_by_byte(void)
{
    NEW_FIXTURE(f);
    static const char all[] = ACCEPTED STANZA " " STANZA CLOSE;

    fixture_start(&f);
    SPIN_UNTIL(f.server->got->len > 0);
    for (unsigned i = 0; all[i]; i++) {
        g_assert_cmpint(fake_server_send_some(f.server, all + i, 1), ==, 1);
        fixture_run(1);
    }
    SPIN_UNTIL(f.downs == 1);
    g_assert_cmpuint(f.stanzas->len, ==, 2);
    assert_stanza(&f, 0);
    assert_stanza(&f, 1);
}

static void test_many_in_one(void)
{
    NEW_FIXTURE(f);
    g_autoptr(GString) all = g_string_new(ACCEPTED);

    for (unsigned i = 0; i < 500; i++)
        g_string_append(all, STANZA);
    fixture_start(&f);
    SPIN_UNTIL(f.server->got->len > 0);
    fake_server_send(f.server, all->str);
    SPIN_UNTIL(f.stanzas->len == 500);
    assert_stanza(&f, 499);
    g_assert_true(stox_link_is_up(f.link));
}

/* X-10 the other way round: what a stream must not carry ends it, with the cause said to both sides. */
static void test_forbidden(void)
{
    static const struct {
        const char *name, *bytes, *condition;
    } rows[] = {
        {"control", "<message><body>\x01</body></message>", "<not-well-formed "},
        {"control as reference", "<message><body>&#1;</body></message>", "<not-well-formed "},
        {"not UTF-8", "<message><body>\xC3</body></message>", "<not-well-formed "},
        {"surrogate", "<message><body>\xED\xA0\x80</body></message>", "<not-well-formed "},
        {"mismatch", "<message><body></message></body>", "<not-well-formed "},
        {"text between", "hello", "<not-well-formed "},
        {"comment", "<message><!-- x --></message>", "<restricted-xml "},
        {"instruction", "<?php x?>", "<restricted-xml "},
        {"entity", "<message>&nbsp;</message>", "<restricted-xml "},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        NEW_FIXTURE(f);

        g_test_message("%s", rows[i].name);
        fixture_start_up(&f);
        fake_server_send(f.server, STANZA);
        fake_server_send(f.server, rows[i].bytes);
        SPIN_UNTIL(f.downs == 1 && f.server->ended);
        g_assert_nonnull(strstr(f.why, "must not carry"));
        g_assert_nonnull(strstr(f.server->got->str, "<stream:error>"));
        g_assert_nonnull(strstr(f.server->got->str, rows[i].condition));
        g_assert_true(g_str_has_suffix(f.server->got->str, CLOSE));
        g_assert_cmpuint(f.stanzas->len, ==, 1); /* what came before was good */
        SPIN_UNTIL(f.server->accepted == 2);
    }
}

/* What passes a limit is told, and costs nobody else anything: the stream stays up, its neighbours arrive. */
static void test_refused(void)
{
    static const struct {
        const char *inside, *again, *limit;
    } rows[] = {
        {"<body>", "x", "larger than 4096 bytes"},
        {"<body><![CDATA[", "]", "larger than 4096 bytes"},
        {"<a b='", "&lt;", "larger than 4096 bytes"},
        {"", "<a>", "elements too deeply nested"},
        {"", "<a/>", "too many elements"},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        NEW_FIXTURE(f);
        g_autoptr(GString) stanza = g_string_new("<message from='a@partner.example' id='7'>");
        const StoxXmlNode *head;
        unsigned n = 0;

        g_test_message("%s%s...", rows[i].inside, rows[i].again);
        f.config.limits.max_bytes = 4096;
        f.config.limits.max_nodes = 200;
        g_string_append(stanza, rows[i].inside);
        for (; stanza->len < 100000; n++)
            g_string_append(stanza, rows[i].again);
        fixture_start_up(&f);
        fake_server_send(f.server, STANZA);
        fake_server_send(f.server, stanza->str);
        g_string_truncate(stanza, 0);
        if (strcmp(rows[i].again, "<a>") == 0)
            for (; n > 0; n--)
                g_string_append(stanza, "</a>");
        g_string_append(stanza, strchr(rows[i].inside, '[')    ? "]]></body>"
                                : strchr(rows[i].inside, '\'') ? "'/>"
                                : *rows[i].inside              ? "</body>"
                                                               : "");
        fake_server_send(f.server, stanza->str);
        SPIN_UNTIL(f.stanzas->len == 1);
        fixture_run(20);
        g_assert_cmpuint(f.refused->len, ==, 0); /* told when it is over */
        fake_server_send(f.server, "</message>" STANZA);
        SPIN_UNTIL(f.stanzas->len == 2);
        assert_stanza(&f, 0);
        assert_stanza(&f, 1);
        g_assert_cmpuint(f.refused->len, ==, 1);
        head = stox_xml_tree_root(f.refused->pdata[0]);
        g_assert_true(stox_xml_is(head, "jabber:component:accept", "message"));
        g_assert_cmpstr(stox_xml_attr(head, "from"), ==, "a@partner.example");
        g_assert_cmpstr(stox_xml_attr(head, "id"), ==, "7");
        g_assert_cmpstr(f.limit, ==, rows[i].limit);
        g_assert_true(stox_link_is_up(f.link));
        g_assert_cmpuint(f.server->accepted, ==, 1);
        g_assert_cmpuint(f.downs, ==, 0);
    }
}

/* The link's own business is not handed on because it is too large: a stream error is one, our ping is ours, and nothing comes before the handshake. */
static void test_refused_own(void)
{
    static const char big[] = "<error xmlns='http://etherx.jabber.org/streams'><a/><a/><a/><a/>"
                              "<conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></error>";

    for (unsigned when = 0; when < 3; when++) {
        NEW_FIXTURE(f);

        f.config.limits.max_nodes = 4;
        f.config.idle_timeout_ms = when == 1 ? 100 : 0;
        if (when == 2) {
            fixture_start(&f);
            SPIN_UNTIL(f.server->got->len > 0);
            fake_server_send(f.server, HEADER "<m><a/><a/><a/><a/></m>");
            SPIN_UNTIL(log_count(G_LOG_LEVEL_WARNING, "XEP-0114") == 1);
            g_assert_cmpuint(f.ups, ==, 0);
        } else if (when == 1) {
            const char *id;
            g_autofree char *ping = NULL;

            fixture_start_up(&f);
            SPIN_UNTIL(g_str_has_suffix(f.server->got->str, "</iq>"));
            id = strstr(f.server->got->str, "id='idle-");
            ping = g_strdup_printf("<iq %.*s><a/><a/><a/><a/></iq>" STANZA, (int) strcspn(id, " "),
                                   id);
            fake_server_send(f.server, ping);
            SPIN_UNTIL(f.stanzas->len == 1);
        } else {
            fixture_start_up(&f);
            fake_server_send(f.server, big);
            SPIN_UNTIL(f.downs == 1);
            g_assert_nonnull(strstr(f.why, "ended the stream"));
        }
        g_assert_cmpuint(f.refused->len, ==, 0);
    }
}

static void test_refused_stop_inside(void)
{
    NEW_FIXTURE(f);

    f.config.limits.max_nodes = 4;
    f.stop_in = STOP_IN_REFUSED;
    fixture_start_up(&f);
    fake_server_send(f.server, "<m><a/><a/><a/><a/></m><m><a/><a/><a/><a/></m>" STANZA CLOSE);
    SPIN_UNTIL(f.stopped == 1);
    g_assert_cmpuint(f.refused->len, ==, 1);
    g_assert_cmpuint(f.stanzas->len, ==, 0);
    g_assert_cmpuint(f.downs, ==, 0);
}

/* 100 MB of whatever, in a stanza that does not end: neither read to the end nor kept. */
static void test_flood(void)
{
    static const struct {
        const char *start, *unit;
        bool up;
    } rows[] = {
        {"", "<", true},
        {"<message><body>", "<", true},
        {"<message><body>", "&lt;", true},
        {"<message><body>", "x", true},
        {"<message a='", "&lt;", true},
        {"<message ", "a", true},
        {"<message>", "<a>", true},
        {"<message>", "<a/>", true},
        {"<message><![CDATA[", "]", true},
        {"<message ", "a='' ", true},
        {"<message></message", " ", true},
        {"<", "a", true},
        {"", "<", false},
        {"<stream:stream a='", "x", false},
        {"", "x", false},
    };
    const size_t total = 100 * 1000 * 1000;

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        NEW_FIXTURE(f);
        g_autoptr(GString) chunk = g_string_new(NULL);
        size_t sent = 0, memory;
        gssize n;

        while (chunk->len < 60000)
            g_string_append(chunk, rows[i].unit);
        fixture_start(&f);
        SPIN_UNTIL(f.server->got->len > 0);
        if (rows[i].up)
            fake_server_send(f.server, ACCEPTED);
        fake_server_send(f.server, rows[i].start);
        g_test_timer_start();
        memory = mallinfo2().uordblks;
        while (sent < total && !f.server->ended &&
               (n = fake_server_send_some(f.server, chunk->str, chunk->len)) >= 0) {
            sent += (size_t) n;
            g_main_context_iteration(NULL, FALSE);
            /* mallinfo2() stays 0 under a sanitizer, which has an allocator of its own. */
            g_assert_cmpuint(mallinfo2().uordblks, <, memory + 4 * 1024 * 1024);
        }
        g_test_message("%s%s...: refused after %zu bytes, %.3f s", rows[i].start, rows[i].unit,
                       sent, g_test_timer_elapsed());
        g_assert_cmpuint(sent, <, 35 * 1000 * 1000); /* some of it only in the kernel */
        g_assert_cmpfloat(g_test_timer_elapsed(), <, 3.0);
        SPIN_UNTIL(log_count(G_LOG_LEVEL_WARNING, NULL) > 0);
        g_assert_cmpuint(f.downs, ==, rows[i].up);
        g_assert_cmpuint(f.refused->len, ==, 0);
    }
}

/* X-04, servers.md 4.8 */
static void test_send_refused(void)
{
    static const struct {
        const char *from;
        bool good;
    } rows[] = {
        {DOMAIN, true},
        {"alice@" DOMAIN, true},
        {"alice@" DOMAIN "/pc", true},
        {DOMAIN "/a@b", true},
        {"alice@CONTOSO.example", true},
        {"alice@" DOMAIN "/a@partner.example/x", true},
        {"", false},
        {NULL, false},
        {"partner.example", false},
        {"alice@partner.example", false},
        {"alice@" DOMAIN ".partner.example", false},
        {"alice@sub." DOMAIN, false},
        {"xcontoso.example", false},
        {"@" DOMAIN, false},
        {"partner.example/@" DOMAIN, false},
        {"eve@partner.example/x@" DOMAIN, false},
        {"contoso.exampl", false},
    };
    NEW_FIXTURE(f);
    g_autofree char *big = NULL;
    g_autoptr(GError) error = NULL;

    f.config.limits.max_bytes = 4096;
    fixture_start(&f);
    g_assert_false(fixture_send(&f, "<presence/>", &error));
    g_assert_error(error, G_IO_ERROR, G_IO_ERROR_NOT_CONNECTED);
    g_assert_nonnull(strstr(error->message, DOMAIN));
    fixture_start_up(&f);
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GError) why = NULL;

        g_test_message("%s", rows[i].from ? rows[i].from : "(none)");
        g_assert_cmpint(stox_link_send(f.link, rows[i].from, "<presence/>", 11, &why), ==,
                        rows[i].good);
        if (!rows[i].good)
            g_assert_error(why, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
    }
    g_clear_error(&error);
    big = g_strnfill(4097, 'x');
    g_assert_false(fixture_send(&f, big, &error));
    g_assert_error(error, G_IO_ERROR, G_IO_ERROR_MESSAGE_TOO_LARGE);
    big[4096] = '\0';
    g_assert_true(fixture_send(&f, big, NULL));
    g_assert_false(stox_link_send(f.link, DOMAIN, NULL, 0, NULL));
    g_assert_true(stox_link_is_up(f.link));
}

/* Nothing leaves before the end of the turn, unless it is much. */
static void test_batch(void)
{
    NEW_FIXTURE(f);
    g_autofree char *big = g_strnfill(40000, 'x');

    fixture_start_up(&f);
    g_string_truncate(f.server->got, 0);
    g_assert_true(fixture_send(&f, "<a/>", NULL));
    g_assert_true(fixture_send(&f, "<b/>", NULL));
    fixture_run(20);
    g_assert_cmpuint(f.server->got->len, ==, 0);
    stox_link_flush(f.link);
    SPIN_UNTIL(f.server->got->len > 0);
    g_assert_cmpstr(f.server->got->str, ==, "<a/><b/>"); /* one packet */
    g_string_truncate(f.server->got, 0);
    g_assert_true(fixture_send(&f, big, NULL));
    g_assert_true(fixture_send(&f, big, NULL));
    SPIN_UNTIL(f.server->got->len == 80000);
}

/* Sends numbered stanzas of 8 KiB until one is refused; returns how many were taken. */
static unsigned fill(Fixture *f, unsigned first)
{
    g_autofree char *pad = g_strnfill(8000, 'p');

    for (unsigned i = first;; i++) {
        g_autofree char *stanza = g_strdup_printf("<m%08u>%s</m%08u>", i, pad, i);
        g_autoptr(GError) error = NULL;

        if (!fixture_send(f, stanza, &error)) {
            g_assert_error(error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);
            return i - first;
        }
        g_assert_cmpuint(i, <, 10000);
    }
}

/* A reader that stands still fills queue and kernel, then stanzas are refused; later everything that was taken arrives, once and in order. */
static void test_slow_reader(void)
{
    NEW_FIXTURE(f);
    unsigned taken = 0, more;
    size_t unit = 8000 + strlen("<m00000000></m00000000>");

    fixture_start_up(&f);
    g_string_truncate(f.server->got, 0);
    fake_server_pause(f.server, true);
    do {
        taken += more = fill(&f, taken);
        fixture_run(50);
    } while (more > 0);
    g_test_message("%u stanzas taken", taken);
    g_assert_cmpuint(taken * unit, >=, 900 * 1024);
    g_assert_true(stox_link_is_up(f.link));
    /* Reading goes on meanwhile. */
    fake_server_send(f.server, STANZA);
    SPIN_UNTIL(f.stanzas->len == 1);
    fake_server_pause(f.server, false);
    SPIN_UNTIL(f.server->got->len >= taken * unit);
    fixture_run(50);
    g_assert_cmpuint(f.server->got->len, ==, taken * unit);
    for (unsigned i = 0; i < taken; i++) {
        g_autofree char *start = g_strdup_printf("<m%08u>p", i);

        g_assert_true(g_str_has_prefix(f.server->got->str + i * unit, start));
    }
    g_assert_true(fixture_send(&f, "<a/>", NULL));
    g_assert_cmpuint(f.downs, ==, 0);
}

/* The peer resets while we write: told from the loop (the fixture checks), once. */
static void test_reset_while_writing(void)
{
    NEW_FIXTURE(f);
    g_autofree char *pad = g_strnfill(100000, 'p');

    fixture_start_up(&f);
    fake_server_pause(f.server, true);
    g_assert_true(fixture_send(&f, pad, NULL));
    fake_server_reset(f.server);
    g_usleep(20000);
    for (unsigned i = 0; i < 3; i++)
        fixture_send(&f, pad, NULL);
    f.inside = true;
    stox_link_flush(f.link);
    f.inside = false;
    g_assert_cmpuint(f.downs, ==, 0);
    SPIN_UNTIL(f.downs == 1);
    SPIN_UNTIL(f.server->accepted == 2 && f.server->got->len > 0);
    /* Nothing of the old stream gets into the new one. */
    g_assert_true(g_str_has_prefix(f.server->got->str, "<stream:stream "));
    g_assert_null(strstr(f.server->got->str, "ppp"));
    fake_server_send(f.server, ACCEPTED);
    SPIN_UNTIL(f.ups == 2);
}

/* A queue that is full when the link is stopped cannot hold it up for ever. */
static void test_stop_full(void)
{
    NEW_FIXTURE(f);

    fixture_start_up(&f);
    fake_server_pause(f.server, true);
    fill(&f, 0);
    fixture_stop(&f);
    SPIN_UNTIL(f.stopped == 1);
    g_assert_cmpuint(f.downs, ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    log_catch();
    g_test_add_func("/link-io/split-everywhere", test_split_everywhere);
    g_test_add_func("/link-io/byte-by-byte", test_byte_by_byte);
    g_test_add_func("/link-io/many-in-one", test_many_in_one);
    g_test_add_func("/link-io/forbidden/X-10", test_forbidden);
    g_test_add_func("/link-io/refused/D-13", test_refused);
    g_test_add_func("/link-io/refused/own", test_refused_own);
    g_test_add_func("/link-io/refused/stop-inside", test_refused_stop_inside);
    g_test_add_func("/link-io/flood", test_flood);
    g_test_add_func("/link-io/send/refused/X-04", test_send_refused);
    g_test_add_func("/link-io/send/batch", test_batch);
    g_test_add_func("/link-io/send/slow-reader", test_slow_reader);
    g_test_add_func("/link-io/send/reset", test_reset_while_writing);
    g_test_add_func("/link-io/stop/full", test_stop_full);
    return g_test_run();
}
