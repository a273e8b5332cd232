/* SPDX-License-Identifier: MIT */
#include "component/refusal.h"

#include <string.h>

/* The limits of a stanza, as translation/xml.c and xml-stream.c call them. */
static StoxWord word_of(const char *limit)
{
    static const struct {
        const char *mark;
        StoxWord word;
    } rows[] = {
        {"nested", STOX_WORD_STANZA_TOO_DEEP},
        {"many elements", STOX_WORD_STANZA_TOO_MANY_ELEMENTS},
        {"many attributes", STOX_WORD_STANZA_TOO_MANY_ATTRIBUTES},
        {"much text", STOX_WORD_STANZA_TOO_MUCH_TEXT},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++)
        if (strstr(limit, rows[i].mark))
            return rows[i].word;
    return STOX_WORD_STANZA_TOO_LARGE;
}

void stox_refusal_of_limit(const char *limit, StoxLanguage language, StoxError *ret_error)
{
    const char *digits = limit + strcspn(limit, "0123456789");
    g_autofree char *number = g_strndup(digits, strspn(digits, "0123456789"));
    StoxWord word = word_of(limit);

    if (word == STOX_WORD_STANZA_TOO_LARGE && !*number)
        word = STOX_WORD_STANZA_TOO_MUCH_TEXT;
    stox_error_say(ret_error, STOX_CONDITION_POLICY_VIOLATION, STOX_ERROR_MODIFY, language, word,
                   number, NULL);
}
