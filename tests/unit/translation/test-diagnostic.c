/* SPDX-License-Identifier: MIT */
/* The diagnostics that we send (lync.md 4.9-ms-diagnostics-public) against what a header can hold, and against stoxd-diagnostics(7), in both directions. */
#include "translation/diagnostic.h"

#include <glib.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static void assert_sentences(const char *text)
{
    g_assert_true(g_str_has_suffix(text, "."));
    g_assert_true(g_ascii_isupper(text[0]));
    for (const char *p = text; *p; p++)
        g_assert_true(g_ascii_isprint(*p) && *p != '"' && *p != '\\');
}

/* The reason stands in a quoted string of a header line. */
static void test_rows(void)
{
    size_t n = 0;
    const StoxDiagnosticRow *rows = stox_diagnostics(&n);

    g_assert_cmpuint(n, >, 0);
    for (size_t i = 0; i < n; i++) {
        g_assert_cmpuint(rows[i].id, >=, 61000); /* lync.md 4.9-free-ranges */
        g_assert_cmpuint(rows[i].id, <=, 62999);
        if (i)
            g_assert_cmpuint(rows[i].id, >, rows[i - 1].id);
        g_assert_cmpuint(strlen(rows[i].reason), <, 300);
        assert_sentences(rows[i].reason);
        assert_sentences(rows[i].meaning);
        assert_sentences(rows[i].cause);
        assert_sentences(rows[i].action);
        g_assert_true(stox_diagnostic_text(rows[i].id) == rows[i].reason);
    }
    assert_sentences(stox_diagnostic_text(STOX_DIAG_NONE));
    g_assert_cmpstr(stox_diagnostic_text(4711), ==, stox_diagnostic_text(STOX_DIAG_NONE));
}

/* Numbers that have been sent keep their meaning; those between have a row each. */
static void test_numbers(void)
{
    const char *none = stox_diagnostic_text(STOX_DIAG_NONE);

    g_assert_cmpint(STOX_DIAG_PARTNER_NOT_ALLOWED, ==, 61001);
    g_assert_cmpint(STOX_DIAG_CONTENT_UNSUPPORTED, ==, 61007);
    g_assert_cmpint(STOX_DIAG_XMPP_REFUSED, ==, 61008);
    g_assert_cmpint(STOX_DIAG_TOO_LARGE, ==, 61014);
    g_assert_cmpint(STOX_DIAG_PENDING, ==, 61020);
    g_assert_cmpint(STOX_DIAG_INTERNAL, ==, 62004);
    for (unsigned id = STOX_DIAG_PARTNER_NOT_ALLOWED; id <= STOX_DIAG_CANCELLED; id++)
        g_assert_cmpstr(stox_diagnostic_text(id), !=, none);
    for (unsigned id = STOX_DIAG_XMPP_DOWN; id <= STOX_DIAG_INTERNAL; id++)
        g_assert_cmpstr(stox_diagnostic_text(id), !=, none);
}

/* ---- The code ---- */

static void append_sources(GString *all, const char *folder)
{
    g_autofree char *path = g_build_filename(SOURCE_ROOT, folder, NULL);
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    const char *name;

    g_assert_nonnull(dir);
    while ((name = g_dir_read_name(dir))) {
        g_autofree char *file = g_build_filename(path, name, NULL), *text = NULL;

        if (!g_str_has_suffix(name, ".c") || strcmp(name, "diagnostic.c") == 0)
            continue;
        g_assert_true(g_file_get_contents(file, &text, NULL, NULL));
        g_string_append(all, text);
    }
}

/* No number is documented that is never sent. */
static void test_sent(void)
{
    g_autoptr(GString) sources = g_string_new(NULL);
    g_autofree char *header = NULL;
    g_autoptr(GRegex) names = g_regex_new("(STOX_DIAG_[A-Z_]+) = 6", 0, 0, NULL);
    g_autoptr(GMatchInfo) match = NULL;
    size_t n, seen = 0;

    stox_diagnostics(&n);
    append_sources(sources, "translation");
    append_sources(sources, "sip");
    g_assert_true(
        g_file_get_contents(SOURCE_ROOT "/translation/diagnostic.h", &header, NULL, NULL));
    for (g_regex_match(names, header, 0, &match); g_match_info_matches(match);
         g_match_info_next(match, NULL), seen++) {
        g_autofree char *name = g_match_info_fetch(match, 1);
        g_autofree char *word = g_strdup_printf("\\b%s\\b", name);

        g_test_message("%s", name);
        g_assert_true(g_regex_match_simple(word, sources->str, 0, 0));
    }
    g_assert_cmpuint(seen, ==, n);
}

/* ---- The page ---- */

/* An entry of the page as running text: one blank for each line end, macros as they are. */
static char *flatten(const char *start, const char *end)
{
    g_autofree char *text = g_strndup(start, (size_t) (end - start));

    return g_strstrip(g_strdelimit(g_steal_pointer(&text), "\n", ' '));
}

static char *expected_entry(const StoxDiagnosticRow *row)
{
    return g_strdup_printf("%s .Pp Meaning: %s .br Cause: %s .br What to do: %s", row->reason,
                           row->meaning, row->cause, row->action);
}

/* Page -> table: no entry that does not exist, each as the table says. Table -> page: none is missing. */
static void test_page(void)
{
    g_autofree char *page = NULL;
    g_autoptr(GError) error = NULL;
    size_t n = 0, found = 0;
    const StoxDiagnosticRow *rows = stox_diagnostics(&n);
    static const char mark[] = "\n.It Cm ";

    g_file_get_contents(MANUAL, &page, NULL, &error);
    g_assert_no_error(error);
    for (const char *at = strstr(page, mark); at; found++) {
        const char *number = at + strlen(mark), *text = strchr(number, '\n') + 1;
        const char *next = strstr(number, mark), *end = next ? next : strstr(number, "\n.El");
        g_autofree char *entry = NULL, *expected = NULL;

        g_assert_cmpuint(found, <, n);
        g_assert_cmpuint(strtoul(number, NULL, 10), ==, rows[found].id);
        g_assert_nonnull(end);
        entry = flatten(text, end);
        expected = expected_entry(&rows[found]);
        g_assert_cmpstr(entry, ==, expected);
        at = next;
    }
    g_assert_cmpuint(found, ==, n);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/diagnostic/rows", test_rows);
    g_test_add_func("/diagnostic/numbers", test_numbers);
    g_test_add_func("/diagnostic/sent", test_sent);
    g_test_add_func("/diagnostic/page", test_page);
    return g_test_run();
}
