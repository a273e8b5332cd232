/* SPDX-License-Identifier: MIT */
/* Linked with all of translation and nothing but GLib, expat, libidn2 and libunistring: that it links is the proof. */
#include "translation/types.h"

#include <stdio.h>

int main(void)
{
    g_autoptr(StoxEvent) event = stox_event_new(STOX_EVENT_TICK);

    printf("1..1\n%s 1 - translation links alone\n",
           event->kind == STOX_EVENT_TICK ? "ok" : "not ok");
    return event->kind == STOX_EVENT_TICK ? 0 : 1;
}
