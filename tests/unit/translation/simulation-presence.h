/* SPDX-License-Identifier: MIT */
/* The random events of the simulation that are about presence. */
#pragma once

#include "gateway-world.h"

void simulation_xmpp_presence(World *world);
void simulation_notify(World *world);
void simulation_subscription_trouble(World *world);
void simulation_watch(World *world);
void simulation_watcher_ended(World *world);

/* ---- Of test-gateway-simulation.c ---- */

const char *simulation_local(World *world);
const char *simulation_remote(World *world);
StoxEvent *simulation_request(World *world, StoxEventKind kind, const char *local,
                              const char *remote);
void simulation_result(World *world, StoxSipResult *result);
