/* SPDX-License-Identifier: MIT */
/* Which names a request inside a dialog may go to. */
#pragma once

#include <glib.h>

enum { STOX_WAY_HOSTS = 2 };

typedef struct {
    char *hosts[STOX_WAY_HOSTS + 1]; /* in the order to try, NULL behind the last; no brackets */
    unsigned port;                   /* 0: not given */
} StoxWay;

/*
 * From the first Route or the remote target: the front end that its ms-fe names, then its host (a pool may balance to another server, so it is the
 * second choice; lync.md 4.3); without ms-fe the host alone. No host: `uri` is no sip URI.
 */
void stox_way_init(StoxWay *ret_way, const char *uri);
void stox_way_clear(StoxWay *way);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(StoxWay, stox_way_clear)
