/* SPDX-License-Identifier: MIT */
/* Bob follows Alice, a user on the lync hop. */
#pragma once

#include "gateway-rig.h"

#define SIP_ALICE   "sip:" ALICE
#define SUB(n)      "subscribe " n " pool01 sip:bob@partner.example > sip:alice@contoso.example 28800\n"
#define SUBSCRIBED  "presence subscribed " ALICE " > " BOB "\n"
#define ONLINE      "presence available " ALICE "/lync > " BOB "\n"
#define OFFLINE     "presence unavailable " ALICE "/lync > " BOB "\n"
#define OFFLINE_ALL "presence unavailable " ALICE " > " BOB "\n"
#define GONE        "presence unsubscribed " ALICE " > " BOB "\n"

/* A NOTIFY about Alice, tuple "0". */
void watching_active(Rig *rig, uint64_t subscription, const char *basic);
void watching_terminated(Rig *rig, uint64_t subscription, const char *reason);
/* From rig_init() on: Bob has seen Alice online, in subscription 2. */
void watching_online(Rig *rig);
