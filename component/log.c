/* SPDX-License-Identifier: MIT */
#include "component/log.h"

#include <glib.h>

#include <stdio.h>
#include <unistd.h>

static const char *field(const GLogField *fields, gsize n, const char *name)
{
    for (gsize i = 0; i < n; i++)
        if (g_strcmp0(fields[i].key, name) == 0 && fields[i].length < 0)
            return fields[i].value;
    return NULL;
}

static const char *level_name(GLogLevelFlags level)
{
    if (level & (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL))
        return "error";
    if (level & G_LOG_LEVEL_WARNING)
        return "warning";
    if (level & G_LOG_LEVEL_DEBUG)
        return "debug";
    return "info";
}

/* What a peer said may stand in a line; it must not begin another one. Caller frees. */
static char *one_line(const char *text)
{
    GString *line = g_string_new(NULL);

    for (const char *p = text; *p; p++) {
        if ((unsigned char) *p < 0x20 || *p == 0x7f)
            g_string_append_printf(line, "\\x%02x", (unsigned char) *p);
        else
            g_string_append_c(line, *p);
    }
    return g_string_free(line, FALSE);
}

static GLogWriterOutput write_cb(GLogLevelFlags level, const GLogField *fields, gsize n,
                                 gpointer user)
{
    bool debug = GPOINTER_TO_INT(user);
    const char *message = field(fields, n, "MESSAGE"), *domain = field(fields, n, "GLIB_DOMAIN");
    g_autoptr(GDateTime) now = NULL;
    g_autofree char *time = NULL;
    g_autofree char *line = NULL;

    /* GIO's tell of its own insides, once for every socket. */
    if ((level & G_LOG_LEVEL_DEBUG) && (!debug || g_strcmp0(domain, "GLib-GIO") == 0))
        return G_LOG_WRITER_HANDLED;
    if (g_log_writer_is_journald(STDERR_FILENO) &&
        g_log_writer_journald(level, fields, n, NULL) == G_LOG_WRITER_HANDLED)
        return G_LOG_WRITER_HANDLED;
    now = g_date_time_new_now_local();
    time = g_date_time_format(now, "%Y-%m-%d %H:%M:%S");
    line = one_line(message ? message : "");
    fprintf(stderr, "%s.%03d %s %s: %s\n", time, g_date_time_get_microsecond(now) / 1000,
            level_name(level), domain ? domain : "stoxd", line);
    return G_LOG_WRITER_HANDLED;
}

void stox_log_init(bool debug)
{
    g_log_set_writer_func(write_cb, GINT_TO_POINTER(debug), NULL);
}
