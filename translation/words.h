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
    STOX_WORD_NONE, /* nothing to say: the empty text */
    /* The form in which a client asks for a SIP address (jabber:iq:gateway) */
    STOX_WORD_PROMPT_DESCRIPTION, /* {1} an example */
    STOX_WORD_PROMPT,
    /* Policy and addresses */
    STOX_WORD_DOMAIN_NOT_SERVED,
    STOX_WORD_BOTH_SIP,
    STOX_WORD_PARTNER_NOT_ALLOWED,
    STOX_WORD_GATEWAY_IS_NO_PERSON,
    STOX_WORD_NO_WAY,
    /* Presence (lync.md 3.3, P-150) */
    STOX_WORD_INACTIVE,
    STOX_WORD_BUSY,
    STOX_WORD_BUSY_INACTIVE,
    STOX_WORD_DO_NOT_DISTURB,
    STOX_WORD_BE_RIGHT_BACK,
    STOX_WORD_AWAY,
    STOX_WORD_IN_A_CALL,
    STOX_WORD_IN_A_CONFERENCE_CALL,
    STOX_WORD_IN_A_MEETING,
    STOX_WORD_PRESENTING,
    STOX_WORD_URGENT_INTERRUPTIONS_ONLY,
    STOX_WORD_OUT_OF_OFFICE,
    STOX_WORD_OFF_WORK,
    STOX_WORD_OUT_TO_LUNCH,
    STOX_WORD_ON_THE_PHONE,
    STOX_WORD_PRESENTATION,
    STOX_WORD_MEETING,
    STOX_WORD_PERFORMANCE,
    STOX_WORD_APPOINTMENT,
    STOX_WORD_WORSHIP,
    STOX_WORD_STEERING,
    STOX_WORD_SLEEPING,
    STOX_WORD_VACATION,
    STOX_WORD_HOLIDAY,
    STOX_WORD_TRAVEL,
    STOX_WORD_BREAKFAST,
    STOX_WORD_LUNCH,
    STOX_WORD_DINNER,
    STOX_WORD_MEAL,
    STOX_WORD_IN_TRANSIT,
    STOX_WORD_SHOPPING,
    STOX_WORD_PLAYING,
    STOX_WORD_SPECTATOR,
    STOX_WORD_TV,
    STOX_N_WORDS
} StoxWord;

/* Static. For texts with places to fill use stox_words(). */
const char *stox_word(StoxWord word, StoxLanguage language);
/*
 * The text with {1}, {2}.. replaced by the further arguments, strings, the last of which is NULL; missing ones leave nothing. What is filled in is
 * never searched for places again. Caller frees.
 */
char *stox_words(StoxWord word, StoxLanguage language, ...) __attribute__((sentinel));
