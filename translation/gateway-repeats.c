/* SPDX-License-Identifier: MIT */
#include "translation/gateway-repeats.h"

#define REMEMBER_MS (10 * 60 * 1000)
#define MAX_ENTRIES 50000

typedef struct {
    char *key;
    bool done;
    int64_t until; /* once done */
} Entry;

struct StoxRepeats {
    GHashTable *entries; /* key -> Entry, owned */
    GQueue done;         /* of Entry, the oldest first: all are remembered equally long */
    StoxDeadline deadline;
};

static void entry_free(void *data)
{
    Entry *entry = data;

    g_free(entry->key);
    g_free(entry);
}

static void forget_oldest(StoxRepeats *repeats)
{
    Entry *entry = g_queue_pop_head(&repeats->done);

    g_hash_table_remove(repeats->entries, entry->key);
}

static void forget_cb(void *data, void *owner)
{
    StoxGateway *gateway = data;
    StoxRepeats *repeats = owner;
    const Entry *oldest;

    while ((oldest = g_queue_peek_head(&repeats->done)) && oldest->until <= gateway->now.mono_ms)
        forget_oldest(repeats);
    if (oldest)
        stox_deadlines_set(&gateway->deadlines, &repeats->deadline, oldest->until);
}

StoxRepeats *stox_repeats_new(void)
{
    StoxRepeats *repeats = g_new0(StoxRepeats, 1);

    repeats->entries = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, entry_free);
    g_queue_init(&repeats->done);
    stox_deadline_init(&repeats->deadline, forget_cb, repeats);
    return repeats;
}

void stox_repeats_free(StoxRepeats *repeats)
{
    if (!repeats)
        return;
    g_queue_clear(&repeats->done);
    g_hash_table_unref(repeats->entries);
    g_free(repeats);
}

char *stox_repeats_key(const StoxMessage *message)
{
    if (!message->origin_id)
        return NULL;
    return g_strconcat(message->from, "\n", message->to, "\n", message->origin_id, NULL);
}

bool stox_repeats_begin(StoxGateway *gateway, const char *key)
{
    StoxRepeats *repeats = gateway->repeats;
    Entry *entry;

    if (!key)
        return true;
    if (g_hash_table_contains(repeats->entries, key))
        return false;
    if (g_hash_table_size(repeats->entries) >= MAX_ENTRIES && repeats->done.length > 0)
        forget_oldest(repeats);
    entry = g_new0(Entry, 1);
    entry->key = g_strdup(key);
    g_hash_table_insert(repeats->entries, entry->key, entry);
    return true;
}

void stox_repeats_end(StoxGateway *gateway, const char *key, bool succeeded)
{
    StoxRepeats *repeats = gateway->repeats;
    Entry *entry = key ? g_hash_table_lookup(repeats->entries, key) : NULL;

    if (!entry || entry->done)
        return;
    if (!succeeded) {
        g_hash_table_remove(repeats->entries, key);
        return;
    }
    entry->done = true;
    entry->until = gateway->now.mono_ms + REMEMBER_MS;
    g_queue_push_tail(&repeats->done, entry);
    if (!repeats->deadline.place)
        stox_deadlines_set(&gateway->deadlines, &repeats->deadline, entry->until);
}
