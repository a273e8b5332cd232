/* SPDX-License-Identifier: MIT */
#include "translation/deadline.h"

void stox_deadlines_init(StoxDeadlines *deadlines)
{
    deadlines->heap = g_ptr_array_new();
}

void stox_deadlines_clear(StoxDeadlines *deadlines)
{
    g_clear_pointer(&deadlines->heap, g_ptr_array_unref);
}

void stox_deadline_init(StoxDeadline *deadline, void (*func)(void *gateway, void *owner),
                        void *owner)
{
    *deadline = (StoxDeadline){.func = func, .owner = owner};
}

static StoxDeadline *at(const StoxDeadlines *deadlines, size_t place)
{
    return deadlines->heap->pdata[place - 1];
}

static void put(StoxDeadlines *deadlines, StoxDeadline *deadline, size_t place)
{
    deadlines->heap->pdata[place - 1] = deadline;
    deadline->place = place;
}

static void sift_up(StoxDeadlines *deadlines, StoxDeadline *deadline)
{
    size_t place = deadline->place;

    while (place > 1 && at(deadlines, place / 2)->when > deadline->when) {
        put(deadlines, at(deadlines, place / 2), place);
        place /= 2;
    }
    put(deadlines, deadline, place);
}

static void sift_down(StoxDeadlines *deadlines, StoxDeadline *deadline)
{
    size_t n = deadlines->heap->len, place = deadline->place;

    while (place * 2 <= n) {
        size_t child = place * 2;

        if (child < n && at(deadlines, child + 1)->when < at(deadlines, child)->when)
            child++;
        if (at(deadlines, child)->when >= deadline->when)
            break;
        put(deadlines, at(deadlines, child), place);
        place = child;
    }
    put(deadlines, deadline, place);
}

void stox_deadlines_set(StoxDeadlines *deadlines, StoxDeadline *deadline, int64_t when)
{
    if (when == STOX_NEVER) {
        stox_deadlines_cancel(deadlines, deadline);
        return;
    }
    deadline->when = when;
    if (!deadline->place) {
        g_ptr_array_add(deadlines->heap, deadline);
        deadline->place = deadlines->heap->len;
    }
    sift_up(deadlines, deadline);
    sift_down(deadlines, deadline);
}

void stox_deadlines_cancel(StoxDeadlines *deadlines, StoxDeadline *deadline)
{
    size_t place = deadline->place, n = deadlines->heap->len;
    StoxDeadline *last;

    if (!place)
        return;
    last = at(deadlines, n);
    g_ptr_array_set_size(deadlines->heap, (int) n - 1);
    deadline->place = 0;
    if (last == deadline)
        return;
    put(deadlines, last, place);
    sift_up(deadlines, last);
    sift_down(deadlines, last);
}

int64_t stox_deadlines_next(const StoxDeadlines *deadlines)
{
    return deadlines->heap->len > 0 ? at(deadlines, 1)->when : STOX_NEVER;
}

StoxDeadline *stox_deadlines_pop(StoxDeadlines *deadlines, int64_t now)
{
    StoxDeadline *first;

    if (stox_deadlines_next(deadlines) > now)
        return NULL;
    first = at(deadlines, 1);
    stox_deadlines_cancel(deadlines, first);
    return first;
}
