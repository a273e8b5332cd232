/* SPDX-License-Identifier: MIT */
#include "tests/unit/sip/transport-bench.h"

#include <string.h>

GString *logged;

/* ---- Settings ---- */

StoxSettings *transport_settings(void)
{
    StoxSettings *settings = stox_settings_new();

    settings->fqdn = g_strdup("xgw.contoso.example");
    settings->message_max_bytes = 1 << 20;
    settings->sip_queue_max_bytes = 1 << 20;
    settings->max_connections = 64;
    settings->max_connections_per_peer = 64;
    settings->sip_connect_timeout_s = 5;
    settings->sip_idle_timeout_s = 900;
    return settings;
}

StoxHopSettings *transport_hop(StoxSettings *settings, const char *name, StoxTransportKind kind,
                               const char *peers)
{
    StoxHopSettings *hop = g_new0(StoxHopSettings, 1);

    hop->name = g_strdup(name);
    hop->kind = kind;
    hop->next_hops = g_ptr_array_new_with_free_func(stox_next_hop_free);
    hop->peers = g_strsplit(peers, " ", -1);
    g_ptr_array_add(settings->hops, hop);
    return hop;
}

void transport_listener(StoxSettings *settings, StoxTransportKind kind, const char *host)
{
    StoxListenSettings *listen = g_new0(StoxListenSettings, 1);

    listen->kind = kind;
    listen->host = g_strdup(host);
    g_ptr_array_add(settings->listens, listen);
}

/* ---- The log ---- */

static GLogWriterOutput log_cb(GLogLevelFlags level, const GLogField *fields, gsize n,
                               gpointer user)
{
    const char *domain = NULL, *text = "";

    for (gsize i = 0; i < n; i++) {
        if (strcmp(fields[i].key, "MESSAGE") == 0)
            text = fields[i].value;
        else if (strcmp(fields[i].key, "GLIB_DOMAIN") == 0)
            domain = fields[i].value;
    }
    if (g_strcmp0(domain, "stoxd-sip") == 0)
        g_string_append_printf(logged, "%s\n", text);
    return G_LOG_WRITER_HANDLED;
}

void transport_log(void)
{
    logged = g_string_new(NULL);
    g_log_set_writer_func(log_cb, NULL, NULL);
}

bool logged_has(const char *text)
{
    return strstr(logged->str, text) != NULL;
}

unsigned logged_times(const char *text)
{
    unsigned times = 0;

    for (const char *at = logged->str; (at = strstr(at, text)); at += strlen(text))
        times++;
    return times;
}

/* ---- Waiting ---- */

gboolean wake_cb(gpointer user)
{
    return G_SOURCE_CONTINUE;
}
