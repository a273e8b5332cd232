/* SPDX-License-Identifier: MIT */
/* The bounded memory behind. */
#include "translation/spellings.h"

static void test_order(void)
{
    StoxSpellings *spellings = stox_spellings_new(3);

    stox_spellings_set(spellings, "a", "A");
    stox_spellings_set(spellings, "b", "B");
    stox_spellings_set(spellings, "c", "C");
    g_assert_cmpstr(stox_spellings_get(spellings, "a"), ==, "A"); /* used last now */
    stox_spellings_set(spellings, "d", "D");
    g_assert_null(stox_spellings_get(spellings, "b"));
    g_assert_cmpstr(stox_spellings_get(spellings, "a"), ==, "A");
    g_assert_cmpuint(stox_spellings_count(spellings), ==, 3);
    stox_spellings_set(spellings, "c", "C2");
    g_assert_cmpstr(stox_spellings_get(spellings, "c"), ==, "C2");
    g_assert_cmpuint(stox_spellings_count(spellings), ==, 3);
    stox_spellings_set(spellings, "c", NULL);
    stox_spellings_set(spellings, "nobody", NULL);
    g_assert_null(stox_spellings_get(spellings, "c"));
    g_assert_cmpuint(stox_spellings_count(spellings), ==, 2);
    stox_spellings_free(spellings);
    stox_spellings_free(NULL);
}

static void test_one(void)
{
    StoxSpellings *spellings = stox_spellings_new(1);

    for (unsigned i = 0; i < 1000; i++) {
        g_autofree char *key = g_strdup_printf("%u", i % 7);

        stox_spellings_set(spellings, key, key);
        g_assert_cmpstr(stox_spellings_get(spellings, key), ==, key);
        g_assert_cmpuint(stox_spellings_count(spellings), ==, 1);
    }
    stox_spellings_free(spellings);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/spellings/order", test_order);
    g_test_add_func("/spellings/one", test_one);
    return g_test_run();
}
