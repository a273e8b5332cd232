/* SPDX-License-Identifier: MIT */
/*
 * One stanza, SIP message or bare document through the real gateway and the real SIP machines, without any network: what `stoxd translate` shows. Where the input
 * only makes sense inside of something (a NOTIFY in a subscription, a receipt for a message), that is played first and not shown.
 */
#pragma once

#include "translation/types.h"
#include "translation/words.h"

typedef struct {
    bool lync;             /* dialect of the SIP side; else simple */
    bool categories;       /* the SIP side watches with categories documents; else PIDF */
    bool rich;             /* rich text crosses: XHTML-IM, and HTML to a SIP side that takes it */
    const char *proxied;   /* mode P: domain of the gateway, canonical; NULL: mode T */
    StoxLanguage language; /* of words for users */
    const char *content_type; /* of a bare document; NULL: by its look */
    int64_t now_wall_ms;      /* for dates */
    bool wire;                /* SIP with CR LF, as on the wire; else LF in headers */
} StoxTranslateSettings;

/* Strings are "" where there is nothing; the caller clears. */
typedef struct {
    char *other; /* what the other side gets */
    char *back;  /* what the sender gets back: an error, or the answer to an IQ */
    char *note;  /* one sentence, when `other` alone does not say it; may be NULL */
    bool
        refused; /* `back` is a refusal, or the input is nothing that can be translated (`note` says why) */
} StoxTranslation;
void stox_translation_clear(StoxTranslation *translation);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(StoxTranslation, stox_translation_clear)

/* Whatever the bytes are; at most 1 MiB. */
void stox_translate(const StoxTranslateSettings *settings, const char *bytes, size_t n,
                    StoxTranslation *ret_translation);
