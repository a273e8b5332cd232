/* SPDX-License-Identifier: MIT */
/* Streams come and go, and at last we: what watchers are shown then (promise 5). */
#include "translation/watched-private.h"

#include <string.h>

#define ABSENCE_MS 30000 /* without a stream: what is shown is withdrawn */
#define SETTLE_MS  10000 /* after a new stream: what was not confirmed is withdrawn */

/* A served domain whose stream went or came. */
typedef struct {
    char *domain;
    StoxDeadline deadline;
} Stream;

void stox_watched_stream_free(void *data)
{
    Stream *stream = data;

    g_free(stream->domain);
    g_free(stream);
}

/* The records of a domain's users; the caller unrefs. `domain` NULL: all. */
static GPtrArray *records_of(const StoxGateway *gateway, const char *domain)
{
    GPtrArray *records = g_ptr_array_new();
    GHashTableIter iter;
    void *value;

    g_hash_table_iter_init(&iter, gateway->watcheds->by_key);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        const StoxWatched *watched = value;

        if (!domain || strcmp(stox_bare_domain(watched->pair.local), domain) == 0)
            g_ptr_array_add(records, value);
    }
    return records;
}

static void forget_known(StoxWatched *watched)
{
    if (watched->known.list->len == 0)
        return;
    stox_presentities_clear(&watched->known);
    stox_presentities_init(&watched->known);
    watched->unsettled = true;
}

static void stream_cb(void *data, void *owner)
{
    StoxGateway *gateway = data;
    const Stream *stream = owner;
    g_autoptr(GPtrArray) records = records_of(gateway, stream->domain);
    bool up = stox_gateway_link_is_up(gateway, stream->domain);

    for (unsigned i = 0; i < records->len; i++) {
        StoxWatched *watched = records->pdata[i];

        if (!up)
            forget_known(watched);
        if (watched->unsettled)
            stox_watched_changed(watched);
        watched->unsettled = false;
    }
    g_hash_table_remove(gateway->watcheds->streams, stream->domain);
}

static void set_stream(StoxGateway *gateway, const char *domain, int64_t delay_ms)
{
    GHashTable *streams = gateway->watcheds->streams;
    Stream *stream = g_hash_table_lookup(streams, domain);

    if (!stream) {
        stream = g_new0(Stream, 1);
        stream->domain = g_strdup(domain);
        stox_deadline_init(&stream->deadline, stream_cb, stream);
        g_hash_table_insert(streams, stream->domain, stream);
    }
    stox_deadlines_set(&gateway->deadlines, &stream->deadline, gateway->now.mono_ms + delay_ms);
}

void stox_watcheds_link_down(StoxGateway *gateway, const char *domain)
{
    g_autoptr(GPtrArray) records = records_of(gateway, domain);

    if (records->len > 0 && !gateway->stopping)
        set_stream(gateway, domain, ABSENCE_MS);
}

void stox_watcheds_link_up(StoxGateway *gateway, const char *domain)
{
    g_autoptr(GPtrArray) records = records_of(gateway, domain);

    if (records->len == 0 || gateway->stopping)
        return;
    for (unsigned i = 0; i < records->len; i++) {
        StoxWatched *watched = records->pdata[i];

        forget_known(watched);
        watched->probed_at = 0;
        if (watched->watchers.length == 0)
            continue;
        if (watched->auth == STOX_WATCHED_GRANTED)
            stox_watched_probe(watched);
        else if (watched->auth != STOX_WATCHED_DENIED)
            stox_watched_ask(watched);
    }
    set_stream(gateway, domain, SETTLE_MS);
}

void stox_watcheds_stop(StoxGateway *gateway)
{
    g_autoptr(GPtrArray) records = records_of(gateway, NULL);

    for (unsigned i = 0; i < records->len; i++) {
        StoxWatched *watched = records->pdata[i];

        stox_deadlines_cancel(&gateway->deadlines, &watched->deadline);
        for (GList *item = watched->watchers.head; item; item = item->next) {
            StoxWatcher *watcher = item->data;

            stox_deadlines_cancel(&gateway->deadlines, &watcher->deadline);
            if (watcher->active)
                stox_watcher_show_closed(watcher, STOX_SUBSTATE_ACTIVE, NULL);
        }
    }
}
