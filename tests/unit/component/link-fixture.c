/* SPDX-License-Identifier: MIT */
#include "tests/unit/component/link-fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- The log ---- */

typedef struct {
    GLogLevelFlags level;
    char *text;
} Line;

static GArray *lines;

static void line_clear(gpointer line)
{
    g_free(((Line *) line)->text);
}

static GLogWriterOutput writer_cb(GLogLevelFlags level, const GLogField *fields, gsize n,
                                  gpointer user)
{
    Line line = {.level = level & G_LOG_LEVEL_MASK};

    for (gsize i = 0; i < n; i++)
        if (strcmp(fields[i].key, "MESSAGE") == 0)
            line.text = g_strdup(fields[i].value);
    if (level & (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL) || strstr(line.text, SECRET)) {
        fprintf(stderr, "must not be logged: %s\n", line.text);
        abort();
    }
    g_array_append_val(lines, line);
    return G_LOG_WRITER_HANDLED;
}

void log_catch(void)
{
    lines = g_array_new(FALSE, FALSE, sizeof(Line));
    g_array_set_clear_func(lines, line_clear);
    g_log_set_writer_func(writer_cb, NULL, NULL);
}

unsigned log_count(GLogLevelFlags level, const char *fragment)
{
    unsigned count = 0;

    for (unsigned i = 0; i < lines->len; i++) {
        const Line *line = &g_array_index(lines, Line, i);

        count += line->level == level && (!fragment || strstr(line->text, fragment));
    }
    return count;
}

/* ---- The link ---- */

static void stopped_cb(void *user)
{
    Fixture *fixture = user;

    g_assert_false(fixture->inside);
    fixture->stopped++;
}

void fixture_stop(Fixture *fixture)
{
    bool nested = fixture->inside;

    fixture->inside = true;
    stox_link_stop(fixture->link, stopped_cb, fixture);
    fixture->inside = nested;
}

static void up_cb(StoxLink *link, void *user)
{
    Fixture *fixture = user;

    g_assert_false(fixture->inside);
    g_assert_cmpuint(fixture->ups, ==, fixture->downs);
    g_assert_true(stox_link_is_up(link));
    fixture->ups++;
    if (fixture->stop_in == STOP_IN_UP)
        fixture_stop(fixture);
}

static void down_cb(StoxLink *link, const char *why, void *user)
{
    Fixture *fixture = user;

    g_assert_false(fixture->inside);
    g_assert_cmpuint(fixture->ups, ==, fixture->downs + 1);
    g_assert_false(stox_link_is_up(link));
    g_assert_null(strstr(why, SECRET));
    fixture->downs++;
    g_free(fixture->why);
    fixture->why = g_strdup(why);
    if (fixture->stop_in == STOP_IN_DOWN)
        fixture_stop(fixture);
}

static void stanza_cb(StoxLink *link, StoxXmlTree *stanza, void *user)
{
    Fixture *fixture = user;

    g_assert_false(fixture->inside);
    g_assert_cmpuint(fixture->ups, ==, fixture->downs + 1);
    g_ptr_array_add(fixture->stanzas, stanza);
    if (fixture->stop_in == STOP_IN_STANZA)
        fixture_stop(fixture);
}

static void refused_cb(StoxLink *link, StoxXmlTree *head, const char *limit, void *user)
{
    Fixture *fixture = user;

    g_assert_false(fixture->inside);
    g_assert_cmpuint(fixture->ups, ==, fixture->downs + 1);
    g_ptr_array_add(fixture->refused, head);
    g_free(fixture->limit);
    fixture->limit = g_strdup(limit);
    if (fixture->stop_in == STOP_IN_REFUSED)
        fixture_stop(fixture);
}

void fixture_init(Fixture *fixture)
{
    g_array_set_size(lines, 0);
    *fixture =
        (Fixture){.server = fake_server_new("127.0.0.1"),
                  .config = {.domain = DOMAIN,
                             .host = "127.0.0.1",
                             .secret = SECRET,
                             .limits = stox_xml_limits_stanza,
                             .queue_max_bytes = 1024 * 1024,
                             .connect_timeout_ms = 5000,
                             .handshake_timeout_ms = 5000,
                             .backoff_min_ms = 10,
                             .backoff_max_ms = 80},
                  .stanzas = g_ptr_array_new_with_free_func((GDestroyNotify) stox_xml_tree_free),
                  .refused = g_ptr_array_new_with_free_func((GDestroyNotify) stox_xml_tree_free)};
    g_assert_nonnull(fixture->server);
    fixture->config.port = fixture->server->port;
}

void fixture_clear(Fixture *fixture)
{
    stox_link_free(fixture->link);
    fake_server_free(fixture->server);
    g_ptr_array_unref(fixture->stanzas);
    g_ptr_array_unref(fixture->refused);
    g_free(fixture->why);
    g_free(fixture->limit);
}

void fixture_start(Fixture *fixture)
{
    static const StoxLinkFuncs funcs = {
        .up = up_cb, .down = down_cb, .stanza = stanza_cb, .refused = refused_cb};

    if (!fixture->link)
        fixture->link = stox_link_new(&fixture->config, &funcs, fixture);
    fixture->inside = true;
    stox_link_start(fixture->link);
    fixture->inside = false;
}

void fixture_start_up(Fixture *fixture)
{
    fixture_start(fixture);
    SPIN_UNTIL(fixture->server->got->len > 0);
    fake_server_send(fixture->server, ACCEPTED);
    SPIN_UNTIL(fixture->ups > fixture->downs);
    SPIN_UNTIL(strstr(fixture->server->got->str, "</handshake>"));
}

bool fixture_send(Fixture *fixture, const char *stanza, GError **error)
{
    bool taken;

    fixture->inside = true;
    taken = stox_link_send(fixture->link, DOMAIN, stanza, strlen(stanza), error);
    fixture->inside = false;
    return taken;
}

void fixture_run(unsigned ms)
{
    int64_t end = g_get_monotonic_time() + ms * (int64_t) 1000;

    while (g_get_monotonic_time() < end)
        if (!g_main_context_iteration(NULL, FALSE))
            g_usleep(100);
}
