/* SPDX-License-Identifier: MIT */
#include "conf/reader.h"

static void free_entry(gpointer data)
{
    StoxEntry *entry = data;

    g_free(entry->key);
    g_free(entry->value);
    g_free(entry);
}

static void free_group(gpointer data)
{
    StoxGroup *group = data;

    g_free(group->kind);
    g_free(group->name);
    g_free(group->name_key);
    g_ptr_array_unref(group->order);
    g_hash_table_unref(group->entries);
    g_free(group);
}

StoxDocument *stox_document_new(void)
{
    StoxDocument *document = g_new0(StoxDocument, 1);

    document->groups = g_ptr_array_new_with_free_func(free_group);
    document->by_header = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    document->strings = g_string_chunk_new(256);
    return document;
}

void stox_document_free(StoxDocument *document)
{
    if (!document)
        return;
    g_hash_table_unref(document->by_header);
    g_ptr_array_unref(document->groups);
    g_string_chunk_free(document->strings);
    g_free(document);
}

StoxGroup *stox_document_group(const StoxDocument *document, const char *kind)
{
    for (unsigned i = 0; i < document->groups->len; i++) {
        StoxGroup *group = document->groups->pdata[i];

        if (g_str_equal(group->kind, kind))
            return group;
    }
    return NULL;
}

StoxGroup *stox_document_add_group(StoxDocument *document, const char *kind, const char *name,
                                   StoxPlace place)
{
    StoxGroup *group = g_new0(StoxGroup, 1);

    group->kind = g_strdup(kind);
    group->name = g_strdup(name);
    group->place = place;
    group->entries = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, free_entry);
    group->order = g_ptr_array_new();
    g_ptr_array_add(document->groups, group);
    return group;
}

StoxEntry *stox_group_entry(const StoxGroup *group, const char *key)
{
    return g_hash_table_lookup(group->entries, key);
}

void stox_group_set(StoxGroup *group, const char *key, const char *value, StoxPlace place)
{
    StoxEntry *entry = stox_group_entry(group, key);

    if (!entry) {
        entry = g_new0(StoxEntry, 1);
        entry->key = g_strdup(key);
        g_hash_table_insert(group->entries, entry->key, entry);
        g_ptr_array_add(group->order, entry);
    }
    g_free(entry->value);
    entry->value = g_strdup(value);
    entry->place = place;
    entry->bad = false;
}

void stox_group_remove(StoxGroup *group, const char *key)
{
    StoxEntry *entry = stox_group_entry(group, key);

    if (!entry)
        return;
    g_ptr_array_remove(group->order, entry);
    g_hash_table_remove(group->entries, key);
}
