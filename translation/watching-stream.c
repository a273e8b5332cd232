/* SPDX-License-Identifier: MIT */
/* Streams come and go, the SIP side heals, and at last we stop: what becomes of those who watch (promise 5). */
#include "translation/watching-private.h"

#include <string.h>

enum { FIRST_MS = 1000, EACH_MS = 20, SPREAD_MS = 60000 };

static void resume(StoxWatching *watching)
{
    if (watching->leaving) {
        stox_watching_leave(watching, watching->unwelcome);
        return;
    }
    if (watching->state == STOX_WATCHING_ACTIVE)
        stox_watching_tell(watching);
    stox_watching_resync(watching); /* P-41 */
}

/* Those for which `wanted` holds, as an array, since going on with one may end it. The caller unrefs. */
static GPtrArray *watchings_that(const StoxGateway *gateway,
                                 bool (*wanted)(const StoxWatching *, const char *),
                                 const char *with)
{
    GPtrArray *found = g_ptr_array_new();
    GHashTableIter iter;
    void *value;

    g_hash_table_iter_init(&iter, gateway->watchings->by_key);
    while (g_hash_table_iter_next(&iter, NULL, &value))
        if (wanted(value, with))
            g_ptr_array_add(found, value);
    return found;
}

static bool is_of_domain(const StoxWatching *watching, const char *domain)
{
    return strcmp(stox_bare_domain(watching->pair.local), domain) == 0;
}

void stox_watchings_link_up(StoxGateway *gateway, const char *domain)
{
    g_autoptr(GPtrArray) ours = NULL;

    if (gateway->stopping)
        return;
    ours = watchings_that(gateway, is_of_domain, domain);
    for (unsigned i = 0; i < ours->len; i++)
        resume(ours->pdata[i]);
}

static bool waits_for_hop(const StoxWatching *watching, const char *hop)
{
    return !watching->subscription && !watching->leaving && watching->retry_at != STOX_NEVER &&
           strcmp(watching->pair.hop, hop) == 0;
}

void stox_watchings_hop_up(StoxGateway *gateway, const char *hop)
{
    g_autoptr(GPtrArray) waiting = NULL;
    uint64_t window_ms;

    if (gateway->stopping)
        return;
    g_hash_table_remove(gateway->watchings->plain, hop); /* it may be another version now */
    waiting = watchings_that(gateway, waits_for_hop, hop);
    window_ms = MIN((uint64_t) waiting->len * EACH_MS, SPREAD_MS);
    for (unsigned i = 0; i < waiting->len; i++) {
        StoxWatching *watching = waiting->pdata[i];
        uint64_t place = g_str_hash(watching->pair.key);
        int64_t at = gateway->now.mono_ms + FIRST_MS + (int64_t) (place * window_ms >> 32);

        watching->backoff_s = 0;
        watching->retry_at = MIN(watching->retry_at, at);
        stox_watching_rearm(watching);
    }
}

/* Before `stopping` is set: withdrawals still go out (X-61, promise 5). The dialogs are kept. */
void stox_watchings_stop(StoxGateway *gateway)
{
    GHashTableIter iter;
    void *value;

    g_hash_table_iter_init(&iter, gateway->watchings->by_key);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        StoxWatching *watching = value;

        stox_watching_withdraw(watching);
        stox_deadlines_cancel(&gateway->deadlines, &watching->deadline);
    }
}
