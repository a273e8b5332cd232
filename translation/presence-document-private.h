/* SPDX-License-Identifier: MIT */
/* What the readers of the single kinds of presence documents share. Private to translation/presence-document.c and its readers. */
#pragma once

#include "translation/presence-document.h"
#include "translation/xml.h"

/* Longer ones are cut: every watcher gets them with every stanza. Bytes. */
#define STOX_MAX_DISPLAY_NAME 256

/* ---- The readers. Each takes a root that is of its kind and about the wanted user, and adds to the report. ---- */

void stox_pidf_read(const StoxXmlNode *root, const StoxPresenceReading *how,
                    StoxPresenceReport *report);

/* ---- Helpers (presence-values.c) ---- */

/* Without white space at both ends, cut at `max` bytes, whole characters; NULL when nothing is left. Caller frees. */
char *stox_presence_text(const char *text, size_t max);
/* ISO 8601 date and time; without a zone it is UTC. 0: none. */
int64_t stox_presence_time(const char *text);
/* P-147: `entity` names the wanted user: sip:, sips:, pres:, im:, xmpp: and bare forms (AOL) count, parameters do not. So does NULL, and everybody when `about_uri` is NULL. */
bool stox_presence_is_about(const char *entity, const char *about_uri);
