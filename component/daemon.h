/* SPDX-License-Identifier: MIT */
/* The running gateway: owns links, agent and translation, hands each what the other has to say. The only place that knows both sides. */
#pragma once

#include "conf/settings.h"

typedef struct StoxDaemon StoxDaemon;
/* Opens the listeners and prepares the streams. `settings` is borrowed and outlives the daemon. NULL: what, why, what to do. */
StoxDaemon *stox_daemon_new(const StoxSettings *settings, GError **error);
void stox_daemon_free(StoxDaemon *daemon);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoxDaemon, stox_daemon_free)

/* Connects to the XMPP server; keeps at it. Call once. */
void stox_daemon_start(StoxDaemon *daemon);
/* Reads certificate, key, CA bundles and CRLs again (stox_tls_reload()); says in the log what came of it. */
void stox_daemon_reload(StoxDaemon *daemon);
/*
 * Promise 5: what others see is withdrawn, what is pending is answered, then the streams and connections are closed. `done` is called from the loop,
 * after 5 s at the latest.
 */
void stox_daemon_stop(StoxDaemon *daemon, void (*done)(void *user), void *user);
