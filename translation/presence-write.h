/* SPDX-License-Identifier: MIT */
/* Presence documents that we write: what is in them, in which of the formats, and which of those a peer takes (lync.md 4.8 b). */
#pragma once

#include "translation/presence-document.h"

typedef enum {
    STOX_DOCUMENT_PIDF, /* RFC 3863: one tuple per resource, RFC 4480 RPID in a person, <show/> (rows P-110 to P-129) */
    STOX_DOCUMENT_PIDF_MICROSOFT, /* one tuple, id 0, text activities in urn:ietf:params:xml:ns:pidf:status:rpid-status (lync.md 4.8 d) */
    STOX_DOCUMENT_CATEGORIES      /* Lync's state, note and contactCard (lync.md 4.8 d) */
} StoxDocumentFormat;

/* Parts of a categories document. */
typedef enum {
    STOX_CATEGORY_STATE = 1 << 0,
    STOX_CATEGORY_NOTE = 1 << 1,
    STOX_CATEGORY_CONTACT_CARD = 1 << 2,
    STOX_CATEGORY_ALL = (1 << 3) - 1
} StoxCategorySet;

/* What a document is made of. All borrowed. */
typedef struct {
    const char *entity_uri; /* "sip:bob@partner.example" */
    const StoxPresentities *presentities;
    const char *display;       /* the user's name; NULL: not known, and not written */
    bool dnd_as_busy;          /* StoxHopPolicy */
    StoxLanguage language;     /* of the one note that categories have, where he wrote several */
    StoxCategorySet asked_for; /* further ones are left out of a categories document */
    /* When the document is written; 0: it carries no time but that of being idle, so that two of them are equal when they say the same. */
    int64_t now_wall_ms;
    unsigned
        serial; /* of the document; makes its times differ from those of earlier ones (P-125) */
} StoxDocumentSource;

/* Never NULL. A PIDF document has at least one tuple: nothing known is closed (P-123). Caller unrefs. */
GBytes *stox_document_write(const StoxDocumentSource *source, StoxDocumentFormat format);
/* A number that is the same for documents that say the same, whatever their times; never 0. */
uint64_t stox_document_digest(const StoxDocumentSource *source, StoxDocumentFormat format);
/* Content-Language (P-117, Q-35): of the note in it, of several the first. NULL: none, or not said. Borrowed from the source. */
const char *stox_document_language(const StoxDocumentSource *source, StoxDocumentFormat format);
/* Content-Type; static. */
const char *stox_document_type(StoxDocumentFormat format);

/* What Lync shows of an XMPP user (lync.md 3.3): static. `best` NULL: offline. */
const StoxLyncRow *stox_lync_shown(const StoxPresentity *best, bool dnd_as_busy);

/*
 * The format for a subscription from its Accept header (P-51, RFC 3261 s20.1, RFC 3856 s6.5): the highest q; categories before PIDF where these are equal, but
 * only by name, since every reader of wildcards reads PIDF. NULL (absent): PIDF. `microsoft`: the dialect of PIDF. False: nothing that we write (406, V-49).
 */
bool stox_document_choose(const char *accept, bool microsoft, StoxDocumentFormat *ret_format);
/*
 * What a batched subscription asks for (lync.md 4.8 a). Everything when the body is none or says nothing about it. The addresses in it mean nothing to us:
 * the Request-URI does. False: it is malformed.
 */
bool stox_document_asked_for(const char *content_type, GBytes *body,
                             StoxCategorySet *ret_asked_for);
/* The other way round: the body by which we ask, as `watcher_uri`, for the categories of `presentity_uri`. Caller unrefs. */
GBytes *stox_batch_sub_write(const char *watcher_uri, const char *presentity_uri);
#define STOX_BATCH_SUB_TYPE "application/msrtc-adrl-categorylist+xml"

/* ---- Private to the writers ---- */

void stox_pidf_write(GString *out, const StoxDocumentSource *source, bool microsoft);
void stox_categories_write(GString *out, const StoxDocumentSource *source);
/* RFC 3339 with T, milliseconds and `zone`; NULL for a time no calendar has. Caller frees. */
char *stox_document_time(int64_t wall_ms, const char *zone);
