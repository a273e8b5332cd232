/* SPDX-License-Identifier: MIT */
/* What the tests of transports share: settings, the log, waiting in the main loop. */
#pragma once

#include "sip/transport-private.h"

/* What was logged since transport_log(); a test may truncate it. */
extern GString *logged;
void transport_log(void);
bool logged_has(const char *text);
/* How often. */
unsigned logged_times(const char *text);

/* Limits that no test meets by chance; no hop and no listener. */
StoxSettings *transport_settings(void);
/* Without a next hop. `peers`: blanks between. */
StoxHopSettings *transport_hop(StoxSettings *settings, const char *name, StoxTransportKind kind,
                               const char *peers);
void transport_listener(StoxSettings *settings, StoxTransportKind kind, const char *host);

gboolean wake_cb(gpointer user);

#define WAIT_FOR(condition)                                                                        \
    do {                                                                                           \
        int64_t until_ = g_get_monotonic_time() + 15 * G_USEC_PER_SEC;                             \
        unsigned tick_ = g_timeout_add(20, wake_cb, NULL);                                         \
        bool met_ = false;                                                                         \
        while (!(met_ = (condition)) && g_get_monotonic_time() < until_)                           \
            g_main_context_iteration(NULL, TRUE);                                                  \
        g_source_remove(tick_);                                                                    \
        if (!met_)                                                                                 \
            g_test_message("not met: %s; log so far: %s", #condition, logged->str);                \
        g_assert_true(met_);                                                                       \
    } while (0)
