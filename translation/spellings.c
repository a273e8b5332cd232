/* SPDX-License-Identifier: MIT */
#include "translation/spellings.h"

typedef struct {
    char *key, *value;
    GList link; /* its place in `order`; data is the entry */
} Entry;

struct StoxSpellings {
    size_t max;
    GHashTable *entries; /* key -> Entry */
    GQueue order;        /* the one used last in front */
};

static void entry_free(void *data)
{
    Entry *entry = data;

    g_free(entry->key);
    g_free(entry->value);
    g_free(entry);
}

StoxSpellings *stox_spellings_new(size_t max)
{
    StoxSpellings *spellings = g_new0(StoxSpellings, 1);

    spellings->max = max;
    spellings->entries = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, entry_free);
    g_queue_init(&spellings->order);
    return spellings;
}

void stox_spellings_free(StoxSpellings *spellings)
{
    if (!spellings)
        return;
    g_hash_table_unref(spellings->entries);
    g_free(spellings);
}

static void drop(StoxSpellings *spellings, Entry *entry)
{
    g_queue_unlink(&spellings->order, &entry->link);
    g_hash_table_remove(spellings->entries, entry->key);
}

void stox_spellings_set(StoxSpellings *spellings, const char *key, const char *value)
{
    Entry *entry = g_hash_table_lookup(spellings->entries, key);

    if (entry)
        drop(spellings, entry);
    if (!value)
        return;
    if (g_hash_table_size(spellings->entries) >= spellings->max)
        drop(spellings, g_queue_peek_tail(&spellings->order));
    entry = g_new0(Entry, 1);
    entry->key = g_strdup(key);
    entry->value = g_strdup(value);
    entry->link.data = entry;
    g_hash_table_insert(spellings->entries, entry->key, entry);
    g_queue_push_head_link(&spellings->order, &entry->link);
}

const char *stox_spellings_get(StoxSpellings *spellings, const char *key)
{
    Entry *entry = g_hash_table_lookup(spellings->entries, key);

    if (!entry)
        return NULL;
    g_queue_unlink(&spellings->order, &entry->link);
    g_queue_push_head_link(&spellings->order, &entry->link);
    return entry->value;
}

size_t stox_spellings_count(const StoxSpellings *spellings)
{
    return g_hash_table_size(spellings->entries);
}
