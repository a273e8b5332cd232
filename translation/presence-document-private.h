/* SPDX-License-Identifier: MIT */
/* What the readers of the single kinds of presence documents share. Private to translation/presence-document.c and its readers. */
#pragma once

#include "translation/presence-document.h"
#include "translation/xml.h"

/* Longer ones are cut: every watcher gets them with every stanza. Bytes. */
#define STOX_MAX_DISPLAY_NAME 256

/* ---- The readers: is a root of their kind, whom is it about, and what it adds to the report ---- */

bool stox_pidf_is_document(const StoxXmlNode *root);
void stox_pidf_read(const StoxXmlNode *root, const StoxPresenceReading *how,
                    StoxPresenceReport *report);

bool stox_xpidf_is(const StoxXmlNode *root);
const char *stox_xpidf_entity(const StoxXmlNode *root);
void stox_xpidf_read(const StoxXmlNode *root, const StoxPresenceReading *how,
                     StoxPresenceReport *report);

bool stox_msrtc_is(const StoxXmlNode *root);
void stox_msrtc_read(const StoxXmlNode *root, const StoxPresenceReading *how,
                     StoxPresenceReport *report);

bool stox_rlmi_is(const StoxXmlNode *root);
void stox_rlmi_read(const StoxXmlNode *root, const StoxPresenceReading *how,
                    StoxPresenceReport *report);

/* ---- Helpers (presence-values.c) ---- */

/* Without white space at both ends, cut at `max` bytes, whole characters; NULL when nothing is left. Caller frees. */
char *stox_presence_text(const char *text, size_t max);
/* ISO 8601 date and time; without a zone it is UTC. 0: none. */
int64_t stox_presence_time(const char *text);
/* The digits that `text` begins with; 0 for none and for NULL, UINT32_MAX for what is larger. */
uint32_t stox_presence_number(const char *text);
/* P-147: `entity` names the wanted user: sip:, sips:, pres:, im:, xmpp: and bare forms (AOL) count, parameters do not. So does NULL, and everybody when `about_uri` is NULL. */
bool stox_presence_is_about(const char *entity, const char *about_uri);
/* Takes over the presentity. Of two with one name the open one counts, then the one with more priority; beyond STOX_MAX_PRESENTITIES none is noticed. */
void stox_presence_add(StoxPresenceReport *report, StoxPresentity *presentity);
/* State, show and words for a number of Lync's and what he does (NULL: unknown). Availability speaks first (lync.md 3.3). */
void stox_presence_show_lync(StoxPresentity *presentity, uint32_t availability,
                             const StoxActivity *activity, StoxShow busy_as);
