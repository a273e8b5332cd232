/* SPDX-License-Identifier: MIT */
/*
 * The catalogue of words that users of either side see: texts of stanza errors, notices in chats, default status texts. One row a text, one column a
 * language. Words for administrators (log, diagnostics, findings) are not here; those are English.
 */
#pragma once

#include <stdarg.h>
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
    STOX_WORD_ADDRESS_UNUSABLE, /* it is no address at all */
    STOX_WORD_ADDRESS_NOT_SIP,  /* it has no form on the SIP side */
    STOX_WORD_NO_GROUPCHAT,
    STOX_WORD_UNKNOWN_PRESENCE,
    /* Limits and the end */
    STOX_WORD_STOPPING,
    STOX_WORD_QUEUE_FULL,
    STOX_WORD_CONVERSATIONS_FULL,
    STOX_WORD_SUBSCRIPTIONS_FULL,
    STOX_WORD_MESSAGE_TOO_LONG, /* {1} bytes */
    STOX_WORD_STANZA_TOO_LARGE, /* {1} bytes */
    STOX_WORD_STANZA_TOO_DEEP,
    STOX_WORD_STANZA_TOO_MANY_ELEMENTS,
    STOX_WORD_STANZA_TOO_MANY_ATTRIBUTES,
    STOX_WORD_STANZA_TOO_MUCH_TEXT,
    /* What the SIP side answered: sentences that follow each other */
    STOX_WORD_ANSWERED,           /* {1} status {2} reason phrase */
    STOX_WORD_ANSWERED_DETAILS,   /* and {3} what it says besides */
    STOX_WORD_DECLINED,           /* lync.md 4.9 */
    STOX_WORD_REFUSED_SIZE,       /* {1} bytes were too many */
    STOX_WORD_REFUSED_SIZE_ALONE, /* how many is not known */
    STOX_WORD_RETRY_AFTER,        /* {1} seconds */
    /* Why there was no answer */
    STOX_WORD_TIMEOUT_UNKNOWN,
    STOX_WORD_TIMEOUT_NOTHING,
    STOX_WORD_BROKEN_UNKNOWN,
    STOX_WORD_NO_SUCH_SERVER,
    STOX_WORD_TOO_LARGE_FOR_UDP,
    STOX_WORD_UNREACHABLE,
    /* What well-known ids of ms-diagnostics mean (lync.md 4.9) */
    STOX_WORD_DIAGNOSTICS_ID, /* {1} */
    STOX_WORD_PEER_NOT_OUTSIDE,
    STOX_WORD_PEER_NOT_PUBLIC,
    STOX_WORD_PEER_NO_USER,
    STOX_WORD_PEER_LOST_DIALOG,
    STOX_WORD_PEER_NO_ROUTE,
    STOX_WORD_PEER_NOT_NOW,
    STOX_WORD_PEER_DNS,
    STOX_WORD_PEER_CERTIFICATE,
    STOX_WORD_PEER_NO_DETAILS,
    STOX_WORD_PEER_CLOCK,
    STOX_WORD_PEER_DOMAINS_CLASH,
    STOX_WORD_PEER_MALFORMED,
    STOX_WORD_PEER_DISABLED,
    STOX_WORD_PEER_CONFERENCE,
    /* Notices in the chat of a SIP user */
    STOX_WORD_LATE_FAILURE, /* {1} why */
    /* Why the XMPP side refused, where it does not say so itself; in the order of StoxCondition */
    STOX_WORD_CONDITION_BAD_REQUEST,
    STOX_WORD_CONDITION_CONFLICT,
    STOX_WORD_CONDITION_FEATURE_NOT_IMPLEMENTED,
    STOX_WORD_CONDITION_FORBIDDEN,
    STOX_WORD_CONDITION_GONE,
    STOX_WORD_CONDITION_INTERNAL_SERVER_ERROR,
    STOX_WORD_CONDITION_ITEM_NOT_FOUND,
    STOX_WORD_CONDITION_JID_MALFORMED,
    STOX_WORD_CONDITION_NOT_ACCEPTABLE,
    STOX_WORD_CONDITION_NOT_ALLOWED,
    STOX_WORD_CONDITION_NOT_AUTHORIZED,
    STOX_WORD_CONDITION_POLICY_VIOLATION,
    STOX_WORD_CONDITION_RECIPIENT_UNAVAILABLE,
    STOX_WORD_CONDITION_REDIRECT,
    STOX_WORD_CONDITION_REGISTRATION_REQUIRED,
    STOX_WORD_CONDITION_REMOTE_SERVER_NOT_FOUND,
    STOX_WORD_CONDITION_REMOTE_SERVER_TIMEOUT,
    STOX_WORD_CONDITION_RESOURCE_CONSTRAINT,
    STOX_WORD_CONDITION_SERVICE_UNAVAILABLE,
    STOX_WORD_CONDITION_SUBSCRIPTION_REQUIRED,
    STOX_WORD_CONDITION_UNDEFINED_CONDITION,
    STOX_WORD_CONDITION_UNEXPECTED_REQUEST,
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
    /* Messages */
    STOX_WORD_MESSAGE_ENCRYPTED,        /* {1} the encryption's name */
    STOX_WORD_MESSAGE_PARTLY_DELIVERED, /* {1} of {2} parts, {3} the reason, a sentence */
    STOX_WORD_HEADLINE,
    /* Receipts */
    STOX_WORD_FAILED_AFTER_ALL,
    STOX_N_WORDS
} StoxWord;

/* Static. For texts with places to fill use stox_words(). */
const char *stox_word(StoxWord word, StoxLanguage language);
/*
 * The text with {1}, {2}.. replaced by the further arguments, strings, the last of which is NULL; missing ones leave nothing. What is filled in is
 * never searched for places again. Caller frees.
 */
char *stox_words(StoxWord word, StoxLanguage language, ...) __attribute__((sentinel));
char *stox_words_list(StoxWord word, StoxLanguage language, va_list list); /* the same */
