/* SPDX-License-Identifier: MIT */
/* stoxd.8 against the program: every verb and option that --help tells is in the page, and no other; the exit statuses it promises are those that come. */
#include <glib.h>
#include <glib/gstdio.h>

#include <string.h>
#include <sys/wait.h>

static const char *program; /* argv[1] */

/* What the program prints on standard output; its exit status goes to `ret_status`. */
static char *run(char **arguments, int *ret_status)
{
    g_autofree char *errors = NULL;
    g_autoptr(GError) error = NULL;
    char *output = NULL;
    int status;

    g_spawn_sync(NULL, arguments, NULL, G_SPAWN_DEFAULT, NULL, NULL, &output, &errors, &status,
                 &error);
    g_assert_no_error(error);
    g_assert_true(WIFEXITED(status));
    *ret_status = WEXITSTATUS(status);
    return output;
}

static char *help_of(const char *verb)
{
    char *with_verb[] = {(char *) program, (char *) verb, "--help", NULL};
    char *without[] = {(char *) program, "--help", NULL};
    int status;
    char *output = run(verb ? with_verb : without, &status);

    g_assert_cmpint(status, ==, 0);
    return output;
}

static char *read_page(void)
{
    g_autoptr(GError) error = NULL;
    char *page = NULL;

    g_file_get_contents(MANUAL, &page, NULL, &error);
    g_assert_no_error(error);
    return page;
}

/* The lines below a .Ss of that name, up to the next heading; NULL when there is none. */
static char *subsection(const char *page, const char *name)
{
    g_autofree char *heading = g_strdup_printf("\n.Ss %s\n", name);
    const char *start = strstr(page, heading), *end, *other;

    if (!start)
        return NULL;
    start += strlen(heading);
    end = strstr(start, "\n.Ss ");
    other = strstr(start, "\n.Sh ");
    if (!end || (other && other < end))
        end = other;
    return end ? g_strndup(start, end - start + 1) : g_strdup(start);
}

/* The verbs in the order of --help: its lines that begin with two blanks. */
static GPtrArray *verbs(void)
{
    GPtrArray *found = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *help = help_of(NULL);
    g_auto(GStrv) lines = g_strsplit(help, "\n", -1);

    for (unsigned i = 0; lines[i]; i++)
        if (g_str_has_prefix(lines[i], "  ") && g_ascii_isalpha(lines[i][2]))
            g_ptr_array_add(found, g_strndup(lines[i] + 2, strcspn(lines[i] + 2, " ")));
    g_assert_cmpuint(found->len, >, 0);
    return found;
}

/* "  -c, --config=FILE  text" -> ".It Fl c , Fl -config Ar file"; NULL for another line. */
static char *item_of(const char *line)
{
    g_autoptr(GRegex) regex = g_regex_new("^  (?:-(\\w), )?--([\\w-]+)(?:=(\\w+))?\\s", 0, 0, NULL);
    g_autoptr(GMatchInfo) match = NULL;
    g_autofree char *letter = NULL, *name = NULL, *value = NULL;
    GString *item;

    if (!g_regex_match(regex, line, 0, &match))
        return NULL;
    letter = g_match_info_fetch(match, 1);
    name = g_match_info_fetch(match, 2);
    value = g_match_info_fetch(match, 3);
    item = g_string_new(".It ");
    if (letter && *letter)
        g_string_append_printf(item, "Fl %s , ", letter);
    g_string_append_printf(item, "Fl -%s", name);
    if (value && *value) {
        g_autofree char *small = g_ascii_strdown(value, -1);

        g_string_append_printf(item, " Ar %s", small);
    }
    return g_string_free(item, FALSE);
}

/* Both ways: no option is missing, none is told that is not there. */
static void check_options(const char *verb, const char *section)
{
    g_autofree char *help = help_of(verb);
    g_auto(GStrv) lines = g_strsplit(help, "\n", -1), told = g_strsplit(section, "\n", -1);
    g_autoptr(GHashTable) items = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    for (unsigned i = 0; lines[i]; i++) {
        char *item = item_of(lines[i]);

        if (item)
            g_hash_table_add(items, item);
    }
    g_assert_cmpuint(g_hash_table_size(items), >, 1);
    for (unsigned i = 0; told[i]; i++) {
        if (!g_str_has_prefix(told[i], ".It "))
            continue;
        if (!g_hash_table_remove(items, told[i]))
            g_error("stoxd %s --help does not tell what the page says: %s", verb, told[i]);
    }
    if (g_hash_table_size(items) > 0) {
        g_autofree gpointer *left = g_hash_table_get_keys_as_array(items, NULL);

        g_error("the page does not tell of an option of stoxd %s: %s", verb, (char *) left[0]);
    }
}

static void test_verbs(void)
{
    g_autofree char *page = read_page(), *without = subsection(page, "Without a verb");
    g_autoptr(GPtrArray) names = verbs();

    for (unsigned i = 0; i < names->len; i++) {
        g_autofree char *section = subsection(page, names->pdata[i]);
        g_autofree char *synopsis = g_strdup_printf("\n.Nm\n.Cm %s\n", (char *) names->pdata[i]);

        g_assert_nonnull(section);
        g_assert_nonnull(strstr(page, synopsis));
        check_options(names->pdata[i], section);
    }
    g_assert_nonnull(strstr(without, ".It Fl h , Fl -help\n"));
    g_assert_nonnull(strstr(without, ".It Fl V , Fl -version\n"));
}

/* A settings file in `directory`: the secret said by `secret`, SIP listened for on `address`. */
static void write_settings(const char *directory, const char *name, const char *secret,
                           const char *address)
{
    g_autofree char *path = g_build_filename(directory, name, NULL);
    g_autofree char *text = g_strdup_printf(
        "[domain contoso.example]\n%s\nhop = h\n[hop h]\ndialect = simple\n"
        "next-hop = tcp:192.0.2.1:5060\n[sip]\nfqdn = xgw.contoso.example\nlisten = tcp:%s:5060\n"
        "[partner partner.example]\n",
        secret, address);

    g_assert_true(g_file_set_contents_full(path, text, -1, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
}

static void test_status(void)
{
    static const struct {
        const char *name;
        const char *arguments[4];
        const char *settings; /* said with -c, in the directory */
        int status;
    } rows[] = {
        {"help", {"--help"}, NULL, 0},
        {"version", {"-V"}, NULL, 0},
        {"no verb", {NULL}, NULL, 2},
        {"unknown verb", {"walk"}, NULL, 2},
        {"unknown option", {"check", "--loudly"}, NULL, 2},
        {"one argument too many", {"run", "now"}, NULL, 2},
        {"run without settings", {"run"}, "none.conf", 78},
        {"check without settings", {"check"}, "none.conf", 78},
        {"good settings", {"check", "--strict"}, "good.conf", 0},
        {"a warning", {"check"}, "warning.conf", 0},
        {"a warning that counts", {"check", "--strict"}, "warning.conf", 1},
        {"an address that is not ours", {"run"}, "elsewhere.conf", 1},
    };
    static const char *const files[] = {"good.conf", "warning.conf", "elsewhere.conf", "secret"};
    g_autofree char *page = read_page(), *directory = g_dir_make_tmp("manual-XXXXXX", NULL);
    g_autofree char *secret = g_build_filename(directory, "secret", NULL);
    g_autofree char *secret_line = g_strdup_printf("secret-file = %s", secret);

    g_assert_true(
        g_file_set_contents_full(secret, "secret\n", -1, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
    write_settings(directory, "good.conf", secret_line, "127.0.0.1");
    write_settings(directory, "warning.conf", "secret = secret", "127.0.0.1");
    write_settings(directory, "elsewhere.conf", secret_line, "192.0.2.1");
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *item = g_strdup_printf("\n.It %d\n", rows[i].status), *path = NULL;
        g_autofree char *output = NULL;
        char *arguments[8] = {(char *) program};
        unsigned n = 0;
        int status;

        g_test_message("%s", rows[i].name);
        for (; rows[i].arguments[n]; n++)
            arguments[n + 1] = (char *) rows[i].arguments[n];
        if (rows[i].settings) {
            path = g_build_filename(directory, rows[i].settings, NULL);
            arguments[n + 1] = (char *) "-c";
            arguments[n + 2] = path;
        }
        output = run(arguments, &status);
        g_assert_cmpint(status, ==, rows[i].status);
        g_assert_nonnull(strstr(page, item));
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autofree char *path = g_build_filename(directory, files[i], NULL);

        g_assert_cmpint(g_remove(path), ==, 0);
    }
    g_assert_cmpint(g_rmdir(directory), ==, 0);
}

int main(int argc, char **argv)
{
    g_setenv("LC_ALL", "C", TRUE);
    g_test_init(&argc, &argv, NULL);
    g_assert_cmpint(argc, ==, 2);
    program = argv[1];
    g_test_add_func("/manual/verbs and options", test_verbs);
    g_test_add_func("/manual/exit status", test_status);
    return g_test_run();
}
