/* SPDX-License-Identifier: MIT */
/* The man page against the table of keys: each key once, in its group, with its help, default and bounds. */
#include "conf/keys.h"

#include <glib.h>

#include <string.h>

/* What the page says about a key: the lines from its .It to the next one. */
static char *expected_entry(const StoxKey *key)
{
    GString *text = g_string_new(NULL);

    g_string_append_printf(text, "%s\n", key->help);
    if (key->fallback)
        g_string_append_printf(text, "Default: %s.\n", *key->fallback ? key->fallback : "empty");
    else if (key->without)
        g_string_append_printf(text, "Without it %s.\n", key->without);
    else
        g_string_append(text, "Required.\n");
    if (key->max > 0)
        g_string_append_printf(text, "From %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT "%s.\n",
                               key->min, key->max,
                               key->type == STOX_TYPE_DURATION ? " seconds"
                               : key->type == STOX_TYPE_SIZE   ? " bytes"
                                                               : "");
    return g_string_free(text, FALSE);
}

/* "kind key" -> the text below it. */
static GHashTable *read_entries(const char *page)
{
    GHashTable *entries = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    g_auto(GStrv) lines = g_strsplit(page, "\n", -1);
    g_autofree char *kind = NULL;

    for (unsigned i = 0; lines[i]; i++) {
        GString *text;
        char *name;

        if (g_str_has_prefix(lines[i], ".Ss [")) {
            g_free(kind);
            kind = g_strndup(lines[i] + 5, strcspn(lines[i] + 5, " ]"));
        }
        if (!g_str_has_prefix(lines[i], ".It Cm "))
            continue;
        g_assert_nonnull(kind);
        name = lines[i] + strlen(".It Cm ");
        name = g_strdup_printf("%s %.*s", kind, (int) strcspn(name, " "), name);
        text = g_string_new(NULL);
        while (lines[i + 1] && lines[i + 1][0] != '.')
            g_string_append_printf(text, "%s\n", lines[++i]);
        g_assert_true(g_hash_table_insert(entries, name, g_string_free(text, FALSE)));
    }
    return entries;
}

static void test_complete(void)
{
    g_autofree char *page = NULL;
    g_autoptr(GHashTable) entries = NULL;
    g_autoptr(GError) error = NULL;

    g_file_get_contents(MANUAL, &page, NULL, &error);
    g_assert_no_error(error);
    entries = read_entries(page);
    for (const StoxKey *key = stox_keys; key->kind; key++) {
        g_autofree char *id = g_strdup_printf("%s %s", key->kind, key->name ? key->name : "");
        g_autofree char *expected = NULL;

        g_test_message("%s", id);
        if (key->type == STOX_TYPE_UNSUPPORTED) {
            g_assert_null(g_hash_table_lookup(entries, id));
            continue;
        }
        expected = expected_entry(key);
        g_assert_cmpstr(g_hash_table_lookup(entries, id), ==, expected);
        g_hash_table_remove(entries, id);
    }
    /* And nothing that is no key. */
    g_assert_cmpuint(g_hash_table_size(entries), ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/conf/manual/complete", test_complete);
    return g_test_run();
}
