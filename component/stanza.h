/* SPDX-License-Identifier: MIT */
/* Stanza trees -> values, values -> stanzas (libstrophe trees and serialiser; every text through the filter of what XML forbids). */
#pragma once

#include "translation/types.h"
#include "translation/xml.h"

typedef enum {
    STOX_STANZA_MESSAGE,
    STOX_STANZA_PRESENCE,
    STOX_STANZA_IQ,
    STOX_STANZA_OTHER /* not a stanza: ignored */
} StoxStanzaKind;
StoxStanzaKind stox_stanza_kind(const StoxXmlNode *node);

/* Does the start tag say all that must not be lost, when it is all there is: an answer to something of ours, or that a user is gone? */
bool stox_stanza_is_told_by_head(const StoxXmlNode *head);

/* Children of error stanzas other than <error/> are never content (ejabberd echoes them). NULL: from or to is missing; drop. The caller frees. */
StoxMessage *stox_stanza_read_message(const StoxXmlNode *node);
/* `now_wall_ms`: for idle times that are told in seconds (XEP-0256). */
StoxPresence *stox_stanza_read_presence(const StoxXmlNode *node, int64_t now_wall_ms);

/* A writer holds libstrophe's context; one per process part, not shared by threads. */
typedef struct StoxStanzaWriter StoxStanzaWriter;
StoxStanzaWriter *stox_stanza_writer_new(void);
void stox_stanza_writer_free(StoxStanzaWriter *writer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoxStanzaWriter, stox_stanza_writer_free)
/* Serialised stanzas; caller g_free()s. *ret_length may be NULL. */
char *stox_stanza_write_message(StoxStanzaWriter *writer, const StoxMessage *message,
                                size_t *ret_length);
char *stox_stanza_write_presence(StoxStanzaWriter *writer, const StoxPresence *presence,
                                 size_t *ret_length);
/*
 * The error for any stanza of which at least the start tag is known: addresses swapped, same kind and id, nothing of its content (D-11, D-13). *ret_from is
 * the error's from (borrowed from `head`). NULL when none is due: for errors and results (D-10), for what lacks an address or is no stanza.
 */
char *stox_stanza_write_refusal(StoxStanzaWriter *writer, const StoxXmlNode *head,
                                const StoxError *error, const char **ret_from, size_t *ret_length);
char *stox_stanza_write_ping(StoxStanzaWriter *writer, const char *id, const char *from,
                             const char *to, size_t *ret_length);
