/* SPDX-License-Identifier: MIT */
/* Names that reader and writer of PIDF share, and the encoding of resources as tuple ids. Private to translation/pidf*.c. */
#pragma once

#include "translation/presence.h"

#define NS_PIDF       "urn:ietf:params:xml:ns:pidf"
#define NS_DATA_MODEL "urn:ietf:params:xml:ns:pidf:data-model"
#define NS_RPID       "urn:ietf:params:xml:ns:pidf:rpid"
#define NS_RPID_OLD   "urn:ietf:params:xml:ns:pidf:status:rpid-status" /* Microsoft, lync.md 4.8 d */
#define NS_CAPS       "urn:ietf:params:xml:ns:pidf:caps"
#define NS_CIPID      "urn:ietf:params:xml:ns:pidf:cipid"
#define NS_CLIENT     "jabber:client"

/*
 * Resource <-> tuple id (P-113, P-133, Q-18): "ID-" and the resource, in which every character but ASCII letters, digits, '-', '.', '_' is
 * _xHHHH_ with its code point (so is a '_' before an 'x'). Reading takes any id; without the prefix it is the resource as it is. Caller frees.
 */
char *stox_pidf_id_from_resource(const char *resource);
char *stox_pidf_id_to_resource(const char *id);

/* XMPP priority <-> contact priority (P-119, P-135, Q-21). `buffer` holds at least 6 bytes; false: there is none to write. */
bool stox_pidf_q_from_priority(int priority, char buffer[6]);
/* 0 for NULL and for what is no number from 0 to 1. */
int stox_pidf_q_to_priority(const char *q);
