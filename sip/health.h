/* SPDX-License-Identifier: MIT */
/* Which of a next hop's servers get its requests: states, back-off, probes, circuit breaker (R-32; RFC 3263 s4.3). No I/O: time comes as StoxTime. */
#pragma once

#include "translation/types.h"

typedef struct StoxHealth StoxHealth;

/* What a StoxHealth asks of its owner. None of these calls may come back into it. */
typedef struct {
    /*
     * Find out whether `server` answers; the outcome is told by one of the inputs below. `down`: a connection is opened for it; an up one is asked
     * only on a connection that is open. False: there is none.
     */
    bool (*probe)(void *user, const char *server, bool down);
    /* The probe got no answer in time. */
    void (*silent)(void *user, const char *server);
    /* Once per change; `why` is the cause for people, NULL when up. */
    void (*changed)(void *user, const char *server, bool up, const char *why);
    /* Requests are refused at once from now on (true), or are not any more. */
    void (*circuit)(void *user, bool open);
    /* Evenly distributed, 0 <= result < below. */
    uint32_t (*random)(void *user, uint32_t below);
} StoxHealthOps;

/* `options_interval_ms`: how long an up server may be without an answer before it is asked with OPTIONS; 0: probes are connects alone. */
StoxHealth *stox_health_new(int64_t options_interval_ms, const StoxHealthOps *ops, void *user);
void stox_health_free(StoxHealth *health);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoxHealth, stox_health_free)

/* The servers in order of preference; those known already keep their state, new ones count as up. */
void stox_health_set_servers(StoxHealth *health, const char *const *names, StoxTime now);
/*
 * The server a new request goes to: the first in order that is up, then one that has answered 503 of late, then one that is down but not yet given up.
 * `tried` (a set of names; may be NULL) are left out. NULL: none; fail the request at once. Borrowed.
 */
const char *stox_health_choose(const StoxHealth *health, GHashTable *tried, StoxTime now);
/* Seconds until a down server is probed next, at least 1; 0: none is down. */
unsigned stox_health_retry_s(const StoxHealth *health, StoxTime now);
bool stox_health_any_down(const StoxHealth *health);
bool stox_health_is_down(const StoxHealth *health, const char *server);

/* ---- What was seen of a server; unknown names are ignored ---- */

/* An answer that proves it alive: to OPTIONS anything but 503 and 408, to others anything but 503. */
void stox_health_answered(StoxHealth *health, const char *server, StoxTime now);
/* 503; `retry_after_s` -1: not said. `probe`: in answer to OPTIONS (also 408), so that it concerns the server and not one request. */
void stox_health_refused(StoxHealth *health, const char *server, bool probe, int64_t retry_after_s,
                         StoxTime now);
/* A request had no answer. */
void stox_health_timed_out(StoxHealth *health, const char *server, StoxTime now);
/* No connection came about (or it broke instead of an answer to OPTIONS); `why` for people. */
void stox_health_unreachable(StoxHealth *health, const char *server, const char *why, StoxTime now);
void stox_health_connected(StoxHealth *health, const char *server, StoxTime now);
/* A message of its own came: if it is down it is probed soon. */
void stox_health_heard(StoxHealth *health, const char *server, StoxTime now);

int64_t stox_health_deadline(const StoxHealth *health); /* monotonic ms; STOX_NEVER */
void stox_health_tick(StoxHealth *health, StoxTime now);
