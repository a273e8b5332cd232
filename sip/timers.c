/* SPDX-License-Identifier: MIT */
#include "sip/timers.h"

struct StoxTimers {
    GPtrArray *heap; /* StoxTimer*, earliest first */
};

StoxTimers *stox_timers_new(void)
{
    StoxTimers *timers = g_new0(StoxTimers, 1);

    timers->heap = g_ptr_array_new();
    return timers;
}

void stox_timers_free(StoxTimers *timers)
{
    if (!timers)
        return;
    g_ptr_array_unref(timers->heap);
    g_free(timers);
}

static void place(StoxTimers *timers, StoxTimer *timer, size_t i)
{
    timers->heap->pdata[i] = timer;
    timer->slot = i + 1;
}

static size_t rise(StoxTimers *timers, StoxTimer *timer, size_t i)
{
    while (i > 0) {
        StoxTimer *parent = timers->heap->pdata[(i - 1) / 2];

        if (parent->at <= timer->at)
            break;
        place(timers, parent, i);
        i = (i - 1) / 2;
    }
    place(timers, timer, i);
    return i;
}

static void sink(StoxTimers *timers, StoxTimer *timer, size_t i)
{
    for (;;) {
        size_t child = 2 * i + 1;
        StoxTimer *least;

        if (child >= timers->heap->len)
            break;
        least = timers->heap->pdata[child];
        if (child + 1 < timers->heap->len) {
            StoxTimer *right = timers->heap->pdata[child + 1];

            if (right->at < least->at) {
                least = right;
                child++;
            }
        }
        if (timer->at <= least->at)
            break;
        place(timers, least, i);
        i = child;
    }
    place(timers, timer, i);
}

static void disarm(StoxTimers *timers, StoxTimer *timer)
{
    size_t i = timer->slot - 1;
    StoxTimer *last = timers->heap->pdata[timers->heap->len - 1];

    timer->slot = 0;
    g_ptr_array_set_size(timers->heap, (int) timers->heap->len - 1);
    if (last != timer)
        sink(timers, last, rise(timers, last, i));
}

void stox_timers_set(StoxTimers *timers, StoxTimer *timer, int64_t at)
{
    if (timer->slot)
        disarm(timers, timer);
    timer->at = at;
    if (at == STOX_NEVER)
        return;
    g_ptr_array_add(timers->heap, timer);
    rise(timers, timer, timers->heap->len - 1);
}

int64_t stox_timers_next(const StoxTimers *timers)
{
    return timers->heap->len ? ((StoxTimer *) timers->heap->pdata[0])->at : STOX_NEVER;
}

StoxTimer *stox_timers_due(StoxTimers *timers, int64_t now_ms)
{
    StoxTimer *timer;

    if (!timers->heap->len || stox_timers_next(timers) > now_ms)
        return NULL;
    timer = timers->heap->pdata[0];
    disarm(timers, timer);
    return timer;
}
