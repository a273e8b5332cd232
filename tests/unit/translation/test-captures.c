/* SPDX-License-Identifier: MIT */
/* The presence documents that real programs sent (tests/captures): each parses and says what its sender meant. */
#include "document-lines.h"

#include <string.h>

static const char *const types[] = {STOX_PIDF_TYPE, STOX_CATEGORIES_TYPE, "multipart/related"};

/* What is behind `name` on its line; NULL when the message before `end` has no such line. Caller frees. */
static char *header(const char *at, const char *end, const char *name)
{
    const char *found = g_strstr_len(at, end - at, name);

    return found ? g_strndup(found + strlen(name), strcspn(found + strlen(name), "\n")) : NULL;
}

static bool is_presence(const char *content_type)
{
    for (size_t i = 0; i < G_N_ELEMENTS(types); i++)
        if (g_str_has_prefix(content_type, types[i]))
            return true;
    return false;
}

/* All presence documents of a capture, in order, with whom the header names. */
static char *read_capture(const char *name)
{
    g_autofree char *path = g_build_filename(g_getenv("STOX_CAPTURES"), name, NULL);
    g_autofree char *text = NULL;
    GString *out = g_string_new(NULL);
    const char *next;
    gsize n;

    g_assert_true(g_file_get_contents(path, &text, &n, NULL));
    for (const char *at = text; at; at = next) {
        const char *blank;
        g_autofree char *type = NULL, *body = NULL, *lines = NULL;

        next = strstr(at + 1, "\n#");
        blank = g_strstr_len(at, next ? next - at : -1, "\n\n");
        if (!blank)
            continue;
        type = header(at, blank, "\nContent-Type: ");
        if (!type || !is_presence(type))
            continue;
        body = g_strndup(blank + 2, next ? (gsize) (next - blank - 2) : strlen(blank + 2));
        g_strstrip(body);
        lines = document_read(NULL, type, NULL, body, INT64_C(1767261600000));
        g_string_append(out, lines);
    }
    return g_string_free(out, FALSE);
}

static void test_capture(const void *data)
{
    const char *const *row = data;
    g_autofree char *lines = read_capture(row[0]);

    g_assert_cmpstr(lines, ==, row[1]);
}

static const char *const captures[][2] = {
    {"baresip-kamailio-mtls.txt", "[t4109] closed\n[t4109] open\n[t4109] closed\n[t4109] closed\n"},
    {"sipe-full-session.txt",
     "[] open dnd 'on a boat'\n[] open dnd 'on a boat'\n[] open dnd 'on a boat'\n"},
};

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(captures); i++) {
        g_autofree char *path = g_strdup_printf("/captures/presence/%s", captures[i][0]);

        g_test_add_data_func(path, captures[i], test_capture);
    }
    return g_test_run();
}
