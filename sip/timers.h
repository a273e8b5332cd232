/* SPDX-License-Identifier: MIT */
/* The deadlines of a machine's objects: a binary heap of timers that live inside the objects. No clock. */
#pragma once

#include "translation/types.h"

typedef struct StoxTimers StoxTimers;

/* First member of an object that waits for something; zeroed: not armed. */
typedef struct {
    int64_t at;  /* monotonic ms */
    size_t slot; /* place in the heap + 1; 0 not armed */
} StoxTimer;

StoxTimers *stox_timers_new(void);
void stox_timers_free(StoxTimers *timers);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoxTimers, stox_timers_free)

/* Arms, moves or (STOX_NEVER) disarms; O(log n). A timer must be disarmed before its object is freed. */
void stox_timers_set(StoxTimers *timers, StoxTimer *timer, int64_t at);
/* Earliest deadline; STOX_NEVER: none. */
int64_t stox_timers_next(const StoxTimers *timers);
/* Disarms and returns a timer whose deadline is at or before `now_ms`; NULL: none. */
StoxTimer *stox_timers_due(StoxTimers *timers, int64_t now_ms);
