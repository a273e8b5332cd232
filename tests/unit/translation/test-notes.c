/* SPDX-License-Identifier: MIT */
/* Notes in several languages: what is kept of them, and which one stands for all (P-121, P-136). */
#include "translation/notes.h"

#include <string.h>

/* "text@lang" of each, with blanks between. */
static char *lines(const StoxNotes *notes)
{
    GString *out = g_string_new(NULL);

    for (unsigned i = 0; i < notes->n; i++)
        g_string_append_printf(out, "%s%s@%s", i ? " " : "", notes->list[i].text,
                               notes->list[i].lang ? notes->list[i].lang : "");
    return g_string_free(out, FALSE);
}

static void test_add(void)
{
    static const struct {
        const char *in[4][2];
        const char *kept;
    } rows[] = {
        {{{"Tea", "en"}, {"Tee", "de"}, {"Th", NULL}}, "Tea@en Tee@de Th@"}, /* P-121: in order */
        {{{NULL, "en"}, {"", "en"}, {"Tea", "en"}}, "Tea@en"},
        {{{"Tea", "en"}, {"Brew", "EN"}, {"Cuppa", "en-GB"}}, "Tea@en Cuppa@en-GB"},
        {{{"a", NULL}, {"b", ""}, {"c", "no language"}, {"d", "x"}}, "a@"}, /* M-21 */
        {{{"Tea", "en"}, {"a", NULL}, {"b", NULL}}, "Tea@en a@"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_auto(StoxNotes) notes = {0}, copy = {0};
        g_autofree char *kept = NULL;

        for (size_t k = 0; k < G_N_ELEMENTS(rows[i].in); k++)
            stox_notes_add(&notes, rows[i].in[k][0], rows[i].in[k][1]);
        kept = lines(&notes);
        g_assert_cmpstr(kept, ==, rows[i].kept);
        stox_notes_append(&copy, &notes);
        g_assert_true(stox_notes_equal(&copy, &notes));
    }
}

/* Nobody makes every watcher carry more than that. */
static void test_bounded(void)
{
    g_auto(StoxNotes) many = {0}, long_one = {0}, room = {0};
    g_autofree char *most = g_strnfill(STOX_MAX_NOTE - 1, 'x');
    g_autofree char *more = g_strconcat(most, "\xC3\xA4", NULL);

    for (char lang[] = "aa"; lang[1] <= 'z'; lang[1]++)
        g_assert_true(stox_notes_add(&many, "x", lang) == (lang[1] < 'a' + STOX_MAX_NOTES));
    g_assert_cmpuint(many.n, ==, STOX_MAX_NOTES);
    /* The first is cut between characters, and leaves no room that a second one could use. */
    g_assert_true(stox_notes_add(&long_one, more, "en"));
    g_assert_cmpstr(stox_notes_first(&long_one), ==, most);
    g_assert_false(stox_notes_add(&long_one, "ab", "de"));
    g_assert_true(stox_notes_add(&long_one, "a", "fr"));
    g_assert_true(stox_notes_add(&room, "abc", "en"));
    g_assert_false(stox_notes_add(&room, most, "de"));
    g_assert_cmpuint(room.n, ==, 1);
}

static void test_choose(void)
{
    static const struct {
        const char *langs[3];
        int en, de; /* which one; -1: none */
    } rows[] = {
        {{NULL}, -1, -1},        {{"fr"}, 0, 0},       {{"fr", "de"}, 0, 1},
        {{"fr", "de-AT"}, 0, 1}, {{"de", "en"}, 1, 0}, {{"den", "DE", "en-GB"}, 2, 1},
        {{"en-GB", "en"}, 0, 0},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_auto(StoxNotes) notes = {0};

        for (size_t k = 0; k < G_N_ELEMENTS(rows[i].langs) && rows[i].langs[k]; k++)
            g_assert_true(stox_notes_add(&notes, "x", rows[i].langs[k]));
        g_assert_true(stox_notes_choose(&notes, STOX_LANGUAGE_EN) ==
                      (rows[i].en < 0 ? NULL : &notes.list[rows[i].en]));
        g_assert_true(stox_notes_choose(&notes, STOX_LANGUAGE_DE) ==
                      (rows[i].de < 0 ? NULL : &notes.list[rows[i].de]));
    }
}

static void test_equal(void)
{
    static const char *const rows[][2][2] = {
        {{"Tea", "en"}, {"Tee", "de"}}, {{"Tee", "de"}, {"Tea", "en"}},
        {{"Tea", "en"}, {NULL, NULL}},  {{"Tea", "en"}, {"Tee", "fr"}},
        {{"Tea", "en"}, {"Ted", "de"}}, {{"Tea", NULL}, {"Tee", "de"}},
        {{NULL, NULL}, {NULL, NULL}},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        for (size_t k = 0; k < G_N_ELEMENTS(rows); k++) {
            g_auto(StoxNotes) a = {0}, b = {0};

            for (unsigned n = 0; n < 2; n++) {
                stox_notes_add(&a, rows[i][n][0], rows[i][n][1]);
                stox_notes_add(&b, rows[k][n][0], rows[k][n][1]);
            }
            g_assert_true(stox_notes_equal(&a, &b) == (i == k));
        }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/notes/add", test_add);
    g_test_add_func("/notes/bounded", test_bounded);
    g_test_add_func("/notes/choose", test_choose);
    g_test_add_func("/notes/equal", test_equal);
    return g_test_run();
}
