/* SPDX-License-Identifier: MIT */
#include "tests/unit/conf/sandbox.h"

#include <glib/gstdio.h>

#include <stdlib.h>
#include <string.h>

char *sandbox_replace(const char *text, const char *from, const char *to)
{
    g_auto(GStrv) parts = g_strsplit(text, from, -1);

    return g_strjoinv(to, parts);
}

void sandbox_write_bytes(Sandbox *sandbox, const char *name, const char *bytes, size_t length,
                         unsigned mode)
{
    g_autofree char *path = g_build_filename(sandbox->path, name, NULL);
    g_autofree char *folder = g_path_get_dirname(path);
    g_autoptr(GError) error = NULL;

    g_assert_cmpint(g_mkdir_with_parents(folder, 0700), ==, 0);
    g_file_set_contents(path, bytes, (gssize) length, &error);
    g_assert_no_error(error);
    g_assert_cmpint(g_chmod(path, (int) mode), ==, 0);
}

void sandbox_write(Sandbox *sandbox, const char *name, const char *text, unsigned mode)
{
    g_autofree char *whole = sandbox_replace(text, "%D", sandbox->path);

    sandbox_write_bytes(sandbox, name, whole, strlen(whole), mode);
}

Sandbox *sandbox_new(void)
{
    Sandbox *sandbox = g_new0(Sandbox, 1);
    g_autoptr(GError) error = NULL;

    sandbox->path = g_dir_make_tmp("stoxd-conf-XXXXXX", &error);
    g_assert_no_error(error);
    sandbox_write(sandbox, "secret", "test\n", 0600);
    sandbox_write(sandbox, "cert.pem", "", 0644);
    sandbox_write(sandbox, "key.pem", "", 0600);
    sandbox_write(sandbox, "ca.pem", "", 0644);
    return sandbox;
}

static void remove_tree(const char *path)
{
    g_autoptr(GDir) directory = g_dir_open(path, 0, NULL);
    const char *name;

    while (directory && (name = g_dir_read_name(directory))) {
        g_autofree char *child = g_build_filename(path, name, NULL);

        if (g_file_test(child, G_FILE_TEST_IS_DIR) && !g_file_test(child, G_FILE_TEST_IS_SYMLINK))
            remove_tree(child);
        else
            g_unlink(child);
    }
    g_rmdir(path);
}

static void forget(Sandbox *sandbox)
{
    g_clear_pointer(&sandbox->settings, stox_settings_free);
    g_clear_pointer(&sandbox->findings, g_ptr_array_unref);
    g_clear_pointer(&sandbox->printed, g_free);
}

void sandbox_free(Sandbox *sandbox)
{
    if (!sandbox)
        return;
    forget(sandbox);
    remove_tree(sandbox->path);
    g_free(sandbox->path);
    g_free(sandbox);
}

static char *print_findings(const GPtrArray *findings)
{
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);

    g_assert_nonnull(out);
    stox_check_print(findings, out, false);
    g_assert_cmpint(fclose(out), ==, 0);
    return text;
}

void sandbox_load(Sandbox *sandbox, const char *const *environment)
{
    g_autofree char *path = g_build_filename(sandbox->path, "stoxd.conf", NULL);
    g_autoptr(GPtrArray) variables = g_ptr_array_new_with_free_func(g_free);
    char *printed;

    for (unsigned i = 0; environment && environment[i]; i++)
        g_ptr_array_add(variables, sandbox_replace(environment[i], "%D", sandbox->path));
    g_ptr_array_add(variables, NULL);
    forget(sandbox);
    sandbox->settings = stox_settings_load(path, (char **) variables->pdata, &sandbox->findings);
    printed = print_findings(sandbox->findings);
    sandbox->printed = sandbox_replace(printed, sandbox->path, "%D");
    free(printed);
    /* The promise of the header, after every load. */
    g_assert_cmpint(stox_findings_worst(sandbox->findings) != STOX_WORST_ERROR, ==,
                    sandbox->settings != NULL);
}

void sandbox_load_text(Sandbox *sandbox, const char *text, const char *const *environment)
{
    sandbox_write(sandbox, "stoxd.conf", text, 0644);
    sandbox_load(sandbox, environment);
}
