/* SPDX-License-Identifier: MIT */
/* Long texts in pieces, and language tags (M-09, M-21). */
#include "translation/language.h"
#include "translation/split.h"

#include <string.h>

typedef struct {
    const char *name, *text;
    size_t max_bytes;
    unsigned max_pieces;
    const char *expected; /* pieces between bars; NULL: too much */
} SplitCase;

static const SplitCase splits[] = {
    {"empty", "", 5, 8, ""},
    {"fits", "12345", 5, 8, "12345"},
    {"one-more", "123456", 5, 8, "12345|6"},
    {"paragraph-before-line", "aaaa bb.\n\ncc\ndd ee", 15, 8, "aaaa bb.|cc\ndd ee"},
    {"line-before-sentence", "aaaa bb\ncc. dd ee", 13, 8, "aaaa bb|cc. dd ee"},
    {"sentence-before-word", "aaaa bb. cc dd ee", 14, 8, "aaaa bb.|cc dd ee"},
    {"closing-quote", "aaaa \"bb.\" cc dd ee", 16, 8, "aaaa \"bb.\"|cc dd ee"},
    {"word", "aaaa bbbb cccc dd", 12, 8, "aaaa bbbb|cccc dd"},
    {"blank-right-behind-the-limit", "aaaa bbbb cccc", 9, 8, "aaaa bbbb|cccc"},
    {"not-below-half", "a bbbbbbbbbbbb", 10, 8, "a bbbbbbbb|bbbb"},
    {"line-keeps-its-indent", "aaaaaa\n  bb(c);\n", 10, 8, "aaaaaa|  bb(c);\n"},
    {"cr-lf", "aaaaaa\r\n\r\nbbbb", 10, 8, "aaaaaa|bbbb"},
    {"nothing-but-blanks-left", "aaaaaa   \n  ", 8, 8, "aaaaaa|  "},
    {"utf-8", "\xC3\xA4\xC3\xB6\xC3\xBC", 3, 8, "\xC3\xA4|\xC3\xB6|\xC3\xBC"},
    {"combining-mark", "aaae\xCC\x81x", 5, 8, "aaa|e\xCC\x81x"},
    {"family-emoji", "aa\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x91\xA7", 11, 8,
     "aa|\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x91\xA7"},
    {"skin-tone", "aa\xF0\x9F\x91\x8D\xF0\x9F\x8F\xBD", 8, 8,
     "aa|\xF0\x9F\x91\x8D\xF0\x9F\x8F\xBD"},
    {"flags", "\xF0\x9F\x87\xA9\xF0\x9F\x87\xAA\xF0\x9F\x87\xAB\xF0\x9F\x87\xB7", 12, 8,
     "\xF0\x9F\x87\xA9\xF0\x9F\x87\xAA|\xF0\x9F\x87\xAB\xF0\x9F\x87\xB7"},
    {"hangul-jamo", "aa\xE1\x84\x80\xE1\x85\xA1", 6, 8, "aa|\xE1\x84\x80\xE1\x85\xA1"},
    {"last-that-is-allowed", "aabbcc", 2, 3, "aa|bb|cc"},
    {"too-many", "aabbccd", 2, 3, NULL},
    {"no-room-for-a-character", "\xF0\x9F\x91\x8D", 3, 8, NULL},
};

static char *pieces_of(const char *text, size_t max_bytes, unsigned max_pieces)
{
    g_autoptr(GPtrArray) pieces = stox_split(text, max_bytes, max_pieces);

    if (!pieces)
        return NULL;
    g_ptr_array_add(pieces, NULL);
    return g_strjoinv("|", (GStrv) pieces->pdata);
}

static void test_split(const void *data)
{
    const SplitCase *c = data;
    g_autofree char *got = pieces_of(c->text, c->max_bytes, c->max_pieces);

    g_assert_cmpstr(got, ==, c->expected);
}

static char *without_white(const char *text)
{
    GString *out = g_string_new(NULL);

    for (; *text; text++)
        if (!strchr(" \t\r\n", *text))
            g_string_append_c(out, *text);
    return g_string_free(out, FALSE);
}

/* Nothing but white space is lost, no piece is too large, empty or broken. */
static void test_random(void)
{
    static const char *const atoms[] = {
        "a",    "bb", " ",        " ",         "\n",
        "\n\n", ". ", "\xC3\xA4", "e\xCC\x81", "\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x91\xA7"};
    g_autoptr(GRand) rand = g_rand_new_with_seed(7);

    for (unsigned round = 0; round < 3000; round++) {
        g_autoptr(GString) text = g_string_new(NULL), joined = g_string_new(NULL);
        size_t max_bytes = (size_t) g_rand_int_range(rand, 4, 60);
        g_autofree char *wanted = NULL, *got = NULL;
        g_autoptr(GPtrArray) pieces = NULL;

        for (int n = g_rand_int_range(rand, 0, 120); n > 0; n--)
            g_string_append(text, atoms[g_rand_int_range(rand, 0, G_N_ELEMENTS(atoms))]);
        pieces = stox_split(text->str, max_bytes, 1000);
        g_assert_nonnull(pieces);
        for (unsigned i = 0; i < pieces->len; i++) {
            g_assert_cmpuint(strlen(pieces->pdata[i]), <=, max_bytes);
            g_assert_true(g_utf8_validate(pieces->pdata[i], -1, NULL));
            g_assert_true(*(char *) pieces->pdata[i] || text->len == 0);
            g_string_append(joined, pieces->pdata[i]);
        }
        wanted = without_white(text->str);
        got = without_white(joined->str);
        g_assert_cmpstr(got, ==, wanted);
    }
}

/* No text costs its square. */
static void test_time(void)
{
    static const char *const atoms[] = {" ", "\n", "a", "\xCC\x81", "\xF0\x9F\x87\xA9", "a "};

    for (unsigned i = 0; i < G_N_ELEMENTS(atoms); i++) {
        g_autoptr(GString) text = g_string_new("x");
        g_autoptr(GPtrArray) pieces = NULL;

        while (text->len < 1024 * 1024)
            g_string_append(text, atoms[i]);
        g_test_timer_start();
        pieces = stox_split(text->str, 8000, 1000);
        g_assert_nonnull(pieces);
        g_assert_cmpfloat(g_test_timer_elapsed(), <, 5.0);
    }
}

static void test_language(void)
{
    static const struct {
        const char *list, *tag;
    } rows[] = {
        {"cs", "cs"},
        {"de-DE, en;q=0.5", "de-DE"},
        {" en-GB ", "en-GB"},
        {"zh-Hant-TW", "zh-Hant-TW"},
        {"x-klingon", "x-klingon"},
        {"de;q=0.8", "de"},
        {"", NULL},
        {",de", NULL},
        {"x", NULL},
        {"d3", NULL},
        {"de-", NULL},
        {"-de", NULL},
        {"de--DE", NULL},
        {"de_DE", NULL},
        {"*", NULL},
        {"verylonglanguage", NULL},
        {"de'><x", NULL},
        {"en-aaaaaaaa-aaaaaaaa-aaaaaaaa-aaaaaaaa-aaaaaaaa-aaaaaaaa-aaaaaaaa", NULL},
    };

    g_assert_null(stox_language_first(NULL));
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *tag = stox_language_first(rows[i].list);

        g_test_message("%s", rows[i].list);
        g_assert_cmpstr(tag, ==, rows[i].tag);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (unsigned i = 0; i < G_N_ELEMENTS(splits); i++) {
        g_autofree char *path = g_strconcat("/split/", splits[i].name, NULL);

        g_test_add_data_func(path, &splits[i], test_split);
    }
    g_test_add_func("/split/random", test_random);
    g_test_add_func("/split/time", test_time);
    g_test_add_func("/language/M-21", test_language);
    return g_test_run();
}
