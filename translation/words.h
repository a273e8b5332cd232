/* SPDX-License-Identifier: MIT */
/*
 * The catalogue of words that users of either side see: texts of stanza errors, notices in chats, default status texts. One row a text, one column a
 * language. Words for administrators (log, diagnostics, findings) are not here; those are English.
 */
#pragma once

#include <stdbool.h>

typedef enum { STOX_LANGUAGE_EN, STOX_LANGUAGE_DE, STOX_N_LANGUAGES } StoxLanguage;

/* "en", "de" (case-insensitive, region ignored: "de-AT"); false: not one of ours. */
bool stox_language_from_tag(const char *tag, StoxLanguage *ret_language);
/* Static. */
const char *stox_language_tag(StoxLanguage language);

/* Each row of the table in words.c has its texts under this name. */
typedef enum {
    /* Policy and addresses */
    STOX_WORD_DOMAIN_NOT_SERVED,
    STOX_WORD_BOTH_SIP,
    STOX_WORD_PARTNER_NOT_ALLOWED,
    STOX_WORD_GATEWAY_IS_NO_PERSON,
    STOX_WORD_NO_WAY,
    STOX_N_WORDS
} StoxWord;

/* Static. For texts with places to fill use stox_words(). */
const char *stox_word(StoxWord word, StoxLanguage language);
/*
 * The text with {1}, {2}.. replaced by the further arguments, strings, the last of which is NULL; missing ones leave nothing. What is filled in is
 * never searched for places again. Caller frees.
 */
char *stox_words(StoxWord word, StoxLanguage language, ...) __attribute__((sentinel));
