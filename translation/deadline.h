/* SPDX-License-Identifier: MIT */
/* Deadlines in order: a binary heap of nodes that live inside what they belong to; set, cancel and pop are O(log n). */
#pragma once

#include "translation/types.h"

/* Embedded in its owner; all zero: not set. The owner cancels it before he goes. */
typedef struct {
    int64_t when; /* monotonic ms */
    size_t place; /* in the heap, counted from 1; 0: not set */
    void (*func)(void *gateway, void *owner);
    void *owner;
} StoxDeadline;

typedef struct {
    GPtrArray *heap; /* of StoxDeadline*, borrowed */
} StoxDeadlines;

void stox_deadlines_init(StoxDeadlines *deadlines);
void stox_deadlines_clear(StoxDeadlines *deadlines);

/* Says what is done when the time comes. */
void stox_deadline_init(StoxDeadline *deadline, void (*func)(void *gateway, void *owner),
                        void *owner);
/* Sets or moves it; STOX_NEVER cancels. */
void stox_deadlines_set(StoxDeadlines *deadlines, StoxDeadline *deadline, int64_t when);
void stox_deadlines_cancel(StoxDeadlines *deadlines, StoxDeadline *deadline);
/* STOX_NEVER when nothing is set. */
int64_t stox_deadlines_next(const StoxDeadlines *deadlines);
/* Takes out the earliest one that is due at `now`; NULL when none is. */
StoxDeadline *stox_deadlines_pop(StoxDeadlines *deadlines, int64_t now);
