/* SPDX-License-Identifier: MIT */
/* The states of Lync and the words of PIDF and Lync for what somebody does, in one table each for both directions (lync.md 3.3, 4.8; rows P-150a to P-151). */
#pragma once

#include "translation/types.h"
#include "translation/words.h"

/* ---- Availability ---- */

typedef enum {
    STOX_LYNC_NONE, /* not a state: unknown, or reset */
    STOX_LYNC_AVAILABLE,
    STOX_LYNC_INACTIVE,
    STOX_LYNC_BUSY,
    STOX_LYNC_BUSY_INACTIVE,
    STOX_LYNC_DO_NOT_DISTURB,
    STOX_LYNC_BE_RIGHT_BACK,
    STOX_LYNC_AWAY,
    STOX_LYNC_OFFLINE,
    STOX_N_LYNC_STATES
} StoxLyncState;

typedef struct {
    unsigned first;       /* of its range of numbers, which the next row's ends */
    unsigned number;      /* what is published for it */
    bool open;            /* somebody is there */
    StoxShow show;        /* what XMPP sees */
    StoxWord text;        /* STOX_WORD_NONE: it goes without saying */
    const char *activity; /* Microsoft's word for it in PIDF; NULL for none */
} StoxLyncRow;

/* Static. */
const StoxLyncRow *stox_lync_row(StoxLyncState state);
/* Any number is in one of the ranges. */
StoxLyncState stox_lync_state_from_number(unsigned availability);
/* The state that stands for a resource which is there; `idle`: the machine noticed it (XEP-0319). */
StoxLyncState stox_lync_state_from_show(StoxShow show, bool idle, bool dnd_as_busy);
/* What XMPP sees of a state, `busy_as` instead of dnd for one who is merely busy. */
StoxShow stox_lync_show(StoxLyncState state, StoxShow busy_as);

/* ---- Activities ---- */

/* An element of RFC 4480 s3.2, a word of Microsoft's PIDF, a token of Lync: one row. The rows stand in the order of P-150a to f, the first of several speaks. */
typedef struct {
    const char *word;
    StoxLyncState state; /* STOX_LYNC_OFFLINE: nobody is there */
    StoxShow show;
    StoxWord text;       /* STOX_WORD_NONE: it goes without saying */
    StoxWord token_text; /* of a Lync token; STOX_WORD_NONE: it is no token */
    bool rpid;           /* an element of RFC 4480; else a peer's own word */
} StoxActivity;

/* Case does not matter. Static; NULL for an unknown word. */
const StoxActivity *stox_activity_find(const char *word);
/* Only what Lync uses as a token. */
const StoxActivity *stox_activity_find_token(const char *token);
/* What XMPP sees, `busy_as` instead of dnd for one who is merely busy. */
StoxShow stox_activity_show(const StoxActivity *activity, StoxShow busy_as);
