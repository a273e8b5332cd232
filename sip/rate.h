/* SPDX-License-Identifier: MIT */
/* How many requests each peer may send: token buckets in a bounded table. No clock, no I/O. */
#pragma once

#include "translation/types.h"

typedef struct StoxRates StoxRates;

typedef enum {
    STOX_RATE_NEW, /* a request that starts something: a bucket of the limit */
    STOX_RATE_DIALOG /* one inside of what has been started: a bucket of its own, four times the limit */
} StoxRateClass;

typedef enum {
    STOX_RATE_PASS,
    STOX_RATE_REFUSE, /* over the limit: answer 503 */
    STOX_RATE_IGNORE  /* over ten times the limit: an answer would only feed the flood */
} StoxRateVerdict;

/* What an administrator should hear of one peer: at once when it first goes over its limit, then once a minute while it goes on, and at its end. */
typedef struct {
    const char *hop, *peer; /* borrowed */
    unsigned limit;         /* requests per second */
    uint64_t refused, ignored;
    unsigned seconds; /* since the report before; 0: this is the first one */
} StoxRateReport;

/* At most `max_peers` are told apart; when all of them are busy, further ones share a bucket. */
StoxRates *stox_rates_new(size_t max_peers,
                          void (*report)(void *user, const StoxRateReport *report), void *user);
void stox_rates_free(StoxRates *rates);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoxRates, stox_rates_free)

/* Counts one request of `peer` ("" when it has no address) on `hop`. `per_second` 0: no limit. A bucket holds what one second fills. */
StoxRateVerdict stox_rates_take(StoxRates *rates, const char *hop, const char *peer,
                                StoxRateClass what, unsigned per_second, StoxTime now);

int64_t
stox_rates_deadline(const StoxRates *rates); /* monotonic ms of the next report; STOX_NEVER */
void stox_rates_tick(StoxRates *rates, StoxTime now);
