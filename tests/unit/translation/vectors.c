/* SPDX-License-Identifier: MIT */
#include "tests/unit/translation/vectors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    StoxVector vector;
    StoxVectorTest test;
} Case;

static void run(gconstpointer data)
{
    const Case *c = data;

    c->test(&c->vector);
}

static void free_case(gpointer data)
{
    Case *c = data;

    g_strfreev(c->vector.columns);
    g_free(c);
}

/* Trailing empty columns may be cut off in a file; tests need not care. */
static char **split_line(const char *line, unsigned n_columns)
{
    g_auto(GStrv) found = g_strsplit(line, "\t", -1);
    unsigned n_found = g_strv_length(found), n = MAX(n_found, n_columns);
    char **columns = g_new0(char *, n + 1);

    for (unsigned i = 0; i < n; i++)
        columns[i] = g_strdup(i < n_found ? found[i] : "");
    return columns;
}

static void add_directory(const char *directory, const char *prefix, const char *file,
                          unsigned n_columns, StoxVectorTest test)
{
    g_autofree char *path = g_build_filename(directory, file, NULL);
    g_autofree char *text = NULL;
    g_auto(GStrv) lines = NULL;
    unsigned n = 0;

    if (!g_file_get_contents(path, &text, NULL, NULL)) {
        printf("Bail out! cannot read %s\n", path);
        exit(1);
    }
    lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line; line++) {
        g_autofree char *name = NULL;
        Case *c;

        if (!**line || **line == '#')
            continue;
        c = g_new0(Case, 1);
        c->vector.columns = split_line(*line, n_columns);
        c->test = test;
        name = g_strconcat("/", prefix, "/", c->vector.columns[0], NULL);
        g_test_add_data_func_full(name, c, run, free_case);
        n++;
    }
    if (!n) {
        printf("Bail out! no vectors in %s\n", path);
        exit(1);
    }
}

void stox_vectors_add(const char *prefix, const char *file, unsigned n_columns, StoxVectorTest test)
{
    const char *own = g_getenv("STOX_VECTORS"), *more = g_getenv("STOX_SHARED_VECTORS");
    g_autofree char *more_prefix = g_strconcat("more/", prefix, NULL);

    if (!own) {
        printf("Bail out! STOX_VECTORS does not name the directory of the vectors\n");
        exit(1);
    }
    add_directory(own, prefix, file, n_columns, test);
    if (more)
        add_directory(more, more_prefix, file, n_columns, test);
}

char *stox_vector_expand(const char *text)
{
    GString *out = g_string_new(NULL);

    for (const char *p = text; *p;) {
        const char *quote = *p == '<' ? strchr(p, '\'') : NULL;
        const char *end = quote ? strstr(quote + 1, "'>") : NULL;
        char *rest = NULL;
        unsigned long n = end ? strtoul(p + 1, &rest, 10) : 0;

        if (!end || !n || !g_str_has_prefix(rest, " x '")) {
            g_string_append_c(out, *p++);
            continue;
        }
        while (n--)
            g_string_append_len(out, quote + 1, end - quote - 1);
        p = end + 2;
    }
    return g_string_free(out, FALSE);
}
