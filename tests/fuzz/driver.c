/* SPDX-License-Identifier: MIT */
/*
 * main() of the fuzz targets when they are not built with libFuzzer: runs each file of a directory,
 * and its prefixes, through the target, and reports one TAP line a file.
 */
#include "tests/fuzz/fuzz.h"

#include <glib.h>

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* So many cuts of each file are tried; all of them when it is shorter. */
#define MAX_CUTS 256

/*
 * Gives the target exactly `size` bytes on the heap, so that a sanitizer sees a read past their
 * end.
 */
static void run_copy(const char *data, size_t size)
{
    uint8_t *copy = g_malloc(size ? size : 1);

    if (size)
        memcpy(copy, data, size);
    LLVMFuzzerTestOneInput(copy, size);
    g_free(copy);
}

static void run_file(const char *data, size_t size)
{
    size_t step = size / MAX_CUTS + 1;

    run_copy(data, size);
    for (size_t cut = 0; cut < size; cut += step)
        run_copy(data, cut);
}

static int by_name(gconstpointer a, gconstpointer b)
{
    return strcmp(*(char *const *) a, *(char *const *) b);
}

/* The names of the directory in a fixed order; NULL when it cannot be read. */
static GPtrArray *list_directory(const char *directory)
{
    g_autoptr(GDir) dir = g_dir_open(directory, 0, NULL);
    GPtrArray *names = NULL;
    const char *name;

    if (!dir)
        return NULL;
    names = g_ptr_array_new_with_free_func(g_free);
    while ((name = g_dir_read_name(dir)))
        g_ptr_array_add(names, g_strdup(name));
    g_ptr_array_sort(names, by_name);
    return names;
}

int main(int argc, char **argv)
{
    g_autoptr(GPtrArray) names = argc == 2 ? list_directory(argv[1]) : NULL;
    bool good = true;

    if (!names || !names->len) {
        printf("Bail out! give one directory that holds inputs\n");
        return 1;
    }
    printf("1..%u\n", names->len);
    for (unsigned i = 0; i < names->len; i++) {
        const char *name = names->pdata[i];
        g_autofree char *path = g_build_filename(argv[1], name, NULL);
        g_autofree char *data = NULL;
        size_t size = 0;
        bool read = g_file_get_contents(path, &data, &size, NULL);

        /* A crash must not take the line that names its input with it. */
        printf("# %s\n", name);
        fflush(stdout);
        if (read)
            run_file(data, size);
        good = good && read;
        printf("%sok %u - %s\n", read ? "" : "not ", i + 1, name);
        fflush(stdout);
    }
    return good ? 0 : 1;
}
