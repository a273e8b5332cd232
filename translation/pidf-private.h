/* SPDX-License-Identifier: MIT */
/* Names that reader and writer of PIDF share, the encoding of resources as tuple ids, and how its extensions are read. Private to translation/pidf*.c. */
#pragma once

#include "translation/presence-document-private.h"

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

/* ---- Reading of extensions (pidf-rpid.c). `holder` is a tuple, status, person or device; NULL says nothing. ---- */

/* An element of PIDF itself. */
bool stox_pidf_is(const StoxXmlNode *node, const char *name);
const StoxXmlNode *stox_pidf_child(const StoxXmlNode *node, const char *name);
/* What the attributes from and until say (RFC 4480 s2). */
bool stox_pidf_is_current(const StoxXmlNode *node, int64_t now_wall_ms);
/* Of the holder's current activities and *activity (NULL: none) the one that comes first in the table (P-150). */
void stox_pidf_activities(const StoxXmlNode *holder, int64_t now_wall_ms,
                          const StoxActivity **activity);
/* The text of the activity <other/>; NULL for none. Caller frees. */
char *stox_pidf_other(const StoxXmlNode *holder, int64_t now_wall_ms);
/* What the holder's <user-input/> says; false: nothing (P-152). *ret_since_ms is 0 when unknown. */
bool stox_pidf_idle(const StoxXmlNode *holder, bool *ret_idle, int64_t *ret_since_ms);
/* P-143: not a telephone, not somebody else, and not without messages. */
bool stox_pidf_is_for_chat(const StoxXmlNode *tuple);
