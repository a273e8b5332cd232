/* SPDX-License-Identifier: MIT */
/* The presence value: what one resource (or tuple) shows, aggregation of several, mapping of states both ways (lync.md 3.3). */
#pragma once

#include "translation/lync-states.h"
#include "translation/notes.h"

/* One resource, tuple or endpoint that is available or was last seen closed. */
typedef struct {
    char *resource; /* XMPP resource or tuple id ("ID-" prefix removed); "" for none */
    bool open;
    StoxShow show;
    StoxNotes
        notes; /* what he wrote himself: <status/>, <note/>, custom activity. Not for public partners (lync.md 1.2) */
    int priority;                 /* -128..127 */
    StoxWord text;                /* what he does, in the catalogue's words; STOX_WORD_NONE */
    StoxLyncState state;          /* as far as the SIP side says it; STOX_LYNC_NONE: unknown */
    const StoxActivity *activity; /* the word the SIP side has for it; static; may be NULL */
    int64_t idle_since_wall_ms;   /* 0: not idle */
    int64_t since_wall_ms;        /* XMPP side: when it became so (P-125, P-129); 0: not known */
} StoxPresentity;

/* A list of StoxPresentity*, the owner of its elements. Empty: nothing known. */
typedef struct {
    GPtrArray *list;
} StoxPresentities;

void stox_presentity_free(StoxPresentity *presentity);
void stox_presentities_init(StoxPresentities *presentities);
void stox_presentities_clear(StoxPresentities *presentities);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(StoxPresentities, stox_presentities_clear)

#define STOX_MAX_PRESENTITIES 64 /* of one user */
/*
 * Replaces or adds the entry of `resource` from an available or unavailable presence stanza (unavailable removes; from the bare
 * JID, resource "", it removes all). At most STOX_MAX_PRESENTITIES are kept, a further one is not noticed. True: something changed.
 */
bool stox_presentities_update(StoxPresentities *presentities, const char *resource,
                              const StoxPresence *presence, int64_t now_wall_ms);
/* At most `max` bytes, whole characters. Caller frees. */
char *stox_presence_cut(const char *text, size_t max);
/* The one that speaks for all: available before not, then priority, then most available show (chat, none, dnd, away, xa; lync.md 4.8: aggregate), then who is not idle. NULL when empty. Borrowed. */
const StoxPresentity *stox_presentities_best(const StoxPresentities *presentities);
const StoxPresentity *stox_presentities_find(const StoxPresentities *presentities,
                                             const char *resource);

/* Whether XMPP sees the same: all but the activity and since when it is so, and of the state only that its words are the same. */
bool stox_presentity_equal(const StoxPresentity *a, const StoxPresentity *b);
/* What <status/> says, appended to `status`: the notes, else what he does in words. Public partners get neither, only the state (lync.md 1.2, 3.3). */
void stox_presentity_status(const StoxPresentity *presentity, bool public_partner,
                            StoxLanguage language, StoxNotes *status);

/* The element of RFC 4480 that a show is written as: "away" or "busy"; NULL for none (P-151). */
const char *stox_show_activity(StoxShow show);
/* "away" etc. as in <show/>; NULL for STOX_SHOW_ONLINE. */
const char *stox_show_name(StoxShow show);
/* True for the four legal words (P-138). */
bool stox_show_from_name(const char *name, StoxShow *ret_show);
