/* SPDX-License-Identifier: MIT */
/* What passes a limit of the stream is refused in the words of its sender (M-41; lync.md 4.9: the limit is named). */
#include "component/refusal.h"

#include <string.h>

static void test_words(void)
{
    static const struct {
        const char *limit, *english, *german;
    } rows[] = {
        {"larger than 4711 bytes", "The gateway does not take this: it is larger than 4711 bytes.",
         "Das nimmt das Gateway nicht an: Es ist größer als 4711 Bytes."},
        {"elements too deeply nested",
         "The gateway does not take this: its elements are too deeply nested.",
         "Das nimmt das Gateway nicht an: Die Elemente sind zu tief verschachtelt."},
        {"too many elements", "The gateway does not take this: it has too many elements.",
         "Das nimmt das Gateway nicht an: Es hat zu viele Elemente."},
        {"too many attributes in one element",
         "The gateway does not take this: one element has too many attributes.",
         "Das nimmt das Gateway nicht an: Ein Element hat zu viele Attribute."},
        {"too much text", "The gateway does not take this: it has too much text.",
         "Das nimmt das Gateway nicht an: Es enthält zu viel Text."},
        {"something", "The gateway does not take this: it has too much text.",
         "Das nimmt das Gateway nicht an: Es enthält zu viel Text."},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++)
        for (unsigned n = 0; n < STOX_N_LANGUAGES; n++) {
            g_auto(StoxError) error = {0};

            stox_refusal_of_limit(rows[i].limit, (StoxLanguage) n, &error);
            g_assert_cmpint(error.condition, ==, STOX_CONDITION_POLICY_VIOLATION);
            g_assert_cmpint(error.type, ==, STOX_ERROR_MODIFY);
            g_assert_cmpstr(error.lang, ==, stox_language_tag((StoxLanguage) n));
            g_assert_cmpstr(error.text, ==, n ? rows[i].german : rows[i].english);
        }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/refusal/words", test_words);
    return g_test_run();
}
