/* SPDX-License-Identifier: MIT */
/* The catalogue: every row in every language, with the same places, as text that can stand on a line; and who gets which language. */
#include "translation/words.h"

#include "translation/error.h"

#include <string.h>

/* ---- The table ---- */

/* Rows that are a part of a sentence, or that what is filled in ends. */
static bool is_fragment(const char *english)
{
    return strchr(english, ' ') == NULL || g_ascii_islower(english[0]) ||
           g_str_has_suffix(english, "}") || g_ascii_isdigit(english[0]);
}

/* The places of a text, as bits. */
static unsigned places(const char *text)
{
    unsigned found = 0;

    for (const char *p = text; (p = strchr(p, '{')); p++) {
        g_assert_true(p[1] >= '1' && p[1] <= '9' && p[2] == '}');
        found |= 1u << (p[1] - '0');
    }
    return found;
}

static void test_rows(void)
{
    for (unsigned i = STOX_WORD_NONE + 1; i < STOX_N_WORDS; i++) {
        const char *english = stox_word((StoxWord) i, STOX_LANGUAGE_EN);
        bool ends = english && g_str_has_suffix(english, ".");

        g_test_message("row %u: %s", i, english);
        for (unsigned n = 0; n < STOX_N_LANGUAGES; n++) {
            const char *text = stox_word((StoxWord) i, (StoxLanguage) n);

            g_assert_nonnull(text);
            g_assert_true(g_utf8_validate(text, -1, NULL));
            g_assert_cmpuint(strlen(text), >, 0);
            g_assert_false(g_ascii_isspace(text[0]) || g_ascii_isspace(text[strlen(text) - 1]));
            g_assert_null(strpbrk(text, "\r\n\t"));
            g_assert_null(strstr(text, "  "));
            g_assert_cmpuint(places(text), ==, places(english));
            g_assert_true(g_str_has_suffix(text, ".") == ends);
        }
    }
}

/* What people read as a sentence ends like one. */
static void test_full_stops(void)
{
    for (unsigned i = STOX_WORD_NONE + 1; i < STOX_N_WORDS; i++) {
        const char *english = stox_word((StoxWord) i, STOX_LANGUAGE_EN);
        g_auto(GStrv) words = g_strsplit(english, " ", -1);

        if (g_strv_length(words) >= 5 && !is_fragment(english))
            g_assert_true(g_str_has_suffix(english, "."));
    }
}

/* A row that was forgotten in one language would come out English. */
static void test_translated(void)
{
    unsigned same = 0;

    for (unsigned i = STOX_WORD_NONE + 1; i < STOX_N_WORDS; i++) {
        const char *english = stox_word((StoxWord) i, STOX_LANGUAGE_EN);

        if (strlen(english) > 20)
            g_assert_cmpstr(english, !=, stox_word((StoxWord) i, STOX_LANGUAGE_DE));
        same += strcmp(english, stox_word((StoxWord) i, STOX_LANGUAGE_DE)) == 0;
    }
    g_assert_cmpuint(same, <, STOX_N_WORDS / 10);
}

static void test_fill(void)
{
    g_autofree char *text = stox_words(STOX_WORD_ANSWERED, STOX_LANGUAGE_EN, "{2}", "x {1}", NULL);
    g_autofree char *missing = stox_words(STOX_WORD_ANSWERED, STOX_LANGUAGE_DE, "1", NULL);
    g_autofree char *none = stox_words(STOX_WORD_NO_WAY, STOX_LANGUAGE_EN, NULL);

    g_assert_cmpstr(stox_word(STOX_WORD_NONE, STOX_LANGUAGE_DE), ==, "");
    g_assert_cmpstr(text, ==, "The SIP side answered {2} x {1}.");
    g_assert_cmpstr(missing, ==, "Die SIP-Seite antwortete: 1 .");
    g_assert_cmpstr(none, ==, "No way to this domain is configured.");
}

static void test_tags(void)
{
    static const struct {
        const char *tag;
        int language; /* -1: not ours */
    } cases[] = {{"en", STOX_LANGUAGE_EN},
                 {"de", STOX_LANGUAGE_DE},
                 {"DE-at", STOX_LANGUAGE_DE},
                 {"en-GB", STOX_LANGUAGE_EN},
                 {"den", -1},
                 {"", -1},
                 {"d", -1},
                 {"fr", -1},
                 {NULL, -1}};

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        StoxLanguage language = STOX_N_LANGUAGES;
        bool known = stox_language_from_tag(cases[i].tag, &language);

        g_assert_true(known == (cases[i].language >= 0));
        if (known)
            g_assert_cmpint(language, ==, cases[i].language);
    }
    g_assert_cmpstr(stox_language_tag(STOX_LANGUAGE_DE), ==, "de");
}

/* ---- Words of errors ---- */

/* Each condition has its own words, and those of the right row: they stand in the order of the conditions. */
static void test_conditions(void)
{
    static const struct {
        StoxCondition condition;
        StoxWord word;
    } rows[] = {
        {STOX_CONDITION_BAD_REQUEST, STOX_WORD_CONDITION_BAD_REQUEST},
        {STOX_CONDITION_GONE, STOX_WORD_CONDITION_GONE},
        {STOX_CONDITION_ITEM_NOT_FOUND, STOX_WORD_CONDITION_ITEM_NOT_FOUND},
        {STOX_CONDITION_NOT_ACCEPTABLE, STOX_WORD_CONDITION_NOT_ACCEPTABLE},
        {STOX_CONDITION_RECIPIENT_UNAVAILABLE, STOX_WORD_CONDITION_RECIPIENT_UNAVAILABLE},
        {STOX_CONDITION_SERVICE_UNAVAILABLE, STOX_WORD_CONDITION_SERVICE_UNAVAILABLE},
        {STOX_CONDITION_UNDEFINED_CONDITION, STOX_WORD_CONDITION_UNDEFINED_CONDITION},
        {STOX_CONDITION_UNEXPECTED_REQUEST, STOX_WORD_CONDITION_UNEXPECTED_REQUEST},
        {STOX_CONDITION_NONE, STOX_WORD_CONDITION_UNDEFINED_CONDITION},
        {STOX_N_CONDITIONS, STOX_WORD_CONDITION_UNDEFINED_CONDITION},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++)
        for (unsigned n = 0; n < STOX_N_LANGUAGES; n++) {
            StoxError error = {.condition = rows[i].condition};
            g_autofree char *why = stox_error_why(&error, (StoxLanguage) n);

            g_assert_cmpstr(why, ==, stox_word(rows[i].word, (StoxLanguage) n));
        }
    g_assert_cmpint(STOX_WORD_CONDITION_UNEXPECTED_REQUEST - STOX_WORD_CONDITION_BAD_REQUEST, ==,
                    STOX_CONDITION_UNEXPECTED_REQUEST - STOX_CONDITION_BAD_REQUEST);
}

/* What the other side wrote goes before our words, on one line. */
static void test_why(void)
{
    StoxError error = {.condition = STOX_CONDITION_FORBIDDEN, .text = "Not\r\nfor you"};
    g_autofree char *why = stox_error_why(&error, STOX_LANGUAGE_DE);

    g_assert_cmpstr(why, ==, "Not for you");
}

static void test_say(void)
{
    g_auto(StoxError) error;

    stox_error_say(&error, STOX_CONDITION_POLICY_VIOLATION, STOX_ERROR_MODIFY, STOX_LANGUAGE_DE,
                   STOX_WORD_MESSAGE_TOO_LONG, "99", NULL);
    g_assert_cmpint(error.condition, ==, STOX_CONDITION_POLICY_VIOLATION);
    g_assert_cmpint(error.type, ==, STOX_ERROR_MODIFY);
    g_assert_cmpstr(error.lang, ==, "de");
    g_assert_cmpstr(error.text, ==,
                    "Die Nachricht ist länger als 99 Bytes; mehr kann auch in Teilen nicht "
                    "weitergegeben werden.");
    stox_error_reword(&error, STOX_LANGUAGE_EN, STOX_WORD_NO_WAY);
    g_assert_cmpstr(error.lang, ==, "en");
    g_assert_cmpstr(error.text, ==, "No way to this domain is configured.");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/words/rows", test_rows);
    g_test_add_func("/words/full-stops", test_full_stops);
    g_test_add_func("/words/translated", test_translated);
    g_test_add_func("/words/fill", test_fill);
    g_test_add_func("/words/tags", test_tags);
    g_test_add_func("/words/conditions", test_conditions);
    g_test_add_func("/words/why", test_why);
    g_test_add_func("/words/say", test_say);
    return g_test_run();
}
