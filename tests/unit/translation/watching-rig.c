/* SPDX-License-Identifier: MIT */
#include "watching-rig.h"

void watching_active(Rig *rig, uint64_t subscription, const char *basic)
{
    rig_notify(rig, subscription, STOX_SUBSTATE_ACTIVE, NULL, SIP_ALICE, "0", basic);
}

void watching_terminated(Rig *rig, uint64_t subscription, const char *reason)
{
    rig_notify(rig, subscription, STOX_SUBSTATE_TERMINATED, reason, NULL, NULL, NULL);
}

void watching_online(Rig *rig)
{
    rig_init(rig);
    rig_start(rig);
    rig_presence(rig, STOX_PRESENCE_SUBSCRIBE, BOB, ALICE, "s1");
    watching_active(rig, 2, "open");
    rig_expect(rig, SUB("2") "answer 1 200\n" SUBSCRIBED ONLINE);
}
