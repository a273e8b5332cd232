/* SPDX-License-Identifier: MIT */
/* The presence value: what one resource (or tuple) shows, aggregation of several, mapping of states both ways (lync.md 3.3). */
#pragma once

#include "translation/types.h"

/* One resource, tuple or endpoint that is available or was last seen closed. */
typedef struct {
    char *resource; /* XMPP resource or tuple id ("ID-" prefix removed); "" for none */
    bool open;
    StoxShow show;
    char *note;     /* <status/> or <note/>; may be NULL */
    char *lang;     /* of the note; may be NULL */
    int priority;   /* -128..127 */
    char *activity; /* SIP side's activity word or token, e.g. "on-the-phone"; may be NULL */
    int64_t idle_since_wall_ms; /* 0: not idle */
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
                              const StoxPresence *presence);
/* The one that speaks for all: available before not, then priority, then most available show (chat, none, dnd, away, xa; lync.md 4.8: aggregate). NULL when empty. Borrowed. */
const StoxPresentity *stox_presentities_best(const StoxPresentities *presentities);
const StoxPresentity *stox_presentities_find(const StoxPresentities *presentities,
                                             const char *resource);

bool stox_presentity_equal(const StoxPresentity *a, const StoxPresentity *b);

/* Which of several activities speaks: the lowest (order of P-150a..f); -1 for an unknown word. */
int stox_activity_rank(const char *word);
/* The word of that rank as RFC 4480 or Microsoft spells it; static. */
const char *stox_activity_word(int rank);
/* True for the elements RFC 4480 s3.2 defines; other words are peers' own. */
bool stox_activity_is_rpid(const char *word);
/* Activity word or token -> show and default status text (P-150a..f, lync.md 3.3). False: unknown word. `ret_text` static, may be NULL. */
bool stox_activity_map(const char *word, bool *ret_open, StoxShow *ret_show, const char **ret_text);
/* The activity a show is written as: "away" or "busy"; NULL for none (P-151). With `microsoft`: "available", "away" or "busy" (lync.md 3.3). */
const char *stox_show_activity(StoxShow show, bool microsoft);
/* "away" etc. as in <show/>; NULL for STOX_SHOW_ONLINE. */
const char *stox_show_name(StoxShow show);
/* True for the four legal words (P-138). */
bool stox_show_from_name(const char *name, StoxShow *ret_show);
