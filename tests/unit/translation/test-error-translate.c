/* SPDX-License-Identifier: MIT */
/* One error looked up by its status or condition: the vector files (E rows), and what is refused. */
#include "translation/error-translate.h"

#include "tests/unit/translation/vectors.h"
#include "translation/error.h"

#include <string.h>

static void assert_translates(const char *what, bool bare, const char *expected)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *line = stox_error_translate(what, bare, &error);

    g_assert_no_error(error);
    g_assert_cmpstr(line, ==, expected);
}

static void test_from_sip(const StoxVector *vector)
{
    g_autofree char *expected = g_strconcat(vector->columns[2], " ", vector->columns[3], NULL);

    assert_translates(vector->columns[1], false, expected);
    assert_translates(vector->columns[1], true, expected);
}

/* The first number of a cell is what goes out without an address, unless it says otherwise. */
static void assert_cell(const char *condition, bool bare, const char *cell)
{
    const char *end = strstr(cell, "without an address ");
    const char *number = end ? end + strlen("without an address ") : strstr(cell, " or ");
    g_autofree char *expected = NULL;

    if (!end)
        number = number ? number + strlen(" or ") : cell;
    expected = g_strndup(number, strspn(number, "0123456789"));
    assert_translates(condition, bare, expected);
}

static void test_to_sip(const StoxVector *vector)
{
    assert_cell(vector->columns[1], false, vector->columns[4]);
    assert_cell(vector->columns[1], true, vector->columns[5]);
}

/* Conditions and codes without a line: what an administrator sees for a message or presence. */
static void test_more(void)
{
    static const struct {
        const char *what, *full, *bare;
    } rows[] = {
        {"forbidden", "403", "603"},
        {"item-not-found", "404", "604"},
        {"recipient-unavailable", "480", "600"},
        {"remote-server-not-found", "404", "404"},
        {"service-unavailable", "403", "403"},
        {"unexpected-request", "400", "400"},
        {"bad-request", "400", "400"},
        {"not-allowed", "403", "403"},
        {"3xx", "redirect modify", "redirect modify"},
        {"4XX", "bad-request modify", "bad-request modify"},
        {"699", "recipient-unavailable wait", "recipient-unavailable wait"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        assert_translates(rows[i].what, false, rows[i].full);
        assert_translates(rows[i].what, true, rows[i].bare);
    }
}

/* Every condition of RFC 6120 s8.3.3 has an answer. */
static void test_all_conditions(void)
{
    for (unsigned i = STOX_CONDITION_NONE + 1; i < STOX_N_CONDITIONS; i++) {
        g_autofree char *line =
            stox_error_translate(stox_condition_name((StoxCondition) i), false, NULL);

        g_assert_nonnull(line);
        g_assert_cmpuint(strlen(line), ==, 3);
    }
}

/* D-02: no failure, no error; and nothing is guessed. */
static void test_refused(void)
{
    static const char *const cases[] = {
        "",           "100",
        "200",        "202",
        "299",        "700",
        "999",        "000",
        "2xx",        "7xx",
        "40",         "4040",
        "4x4",        "-404",
        " 404",       "404 ",
        "+404",       "0x1",
        "xx4",        "payment-required",
        "Forbidden",  "not-a-condition",
        "forbidden ", "--",
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;

        g_assert_null(stox_error_translate(cases[i], false, &error));
        g_assert_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    stox_vectors_add("error-translate/from-sip", "error-sip-to-xmpp.tsv", 6, test_from_sip);
    stox_vectors_add("error-translate/to-sip", "error-xmpp-to-sip.tsv", 8, test_to_sip);
    g_test_add_func("/error-translate/more", test_more);
    g_test_add_func("/error-translate/all-conditions", test_all_conditions);
    g_test_add_func("/error-translate/refused", test_refused);
    return g_test_run();
}
