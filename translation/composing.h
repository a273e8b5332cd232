/* SPDX-License-Identifier: MIT */
/* Documents that say whether somebody is typing: isComposing (RFC 3994) and Lync's KeyboardActivity (lync.md 4.5). */
#pragma once

#include "translation/types.h"

#define STOX_COMPOSING_TYPE "application/im-iscomposing+xml"
#define STOX_KEYBOARD_TYPE  "application/xml"

/* Zero-initialise. */
typedef struct {
    bool active; /* else idle; every state that RFC 3994 does not know is idle (M-73) */
    int64_t last_active_wall_ms; /* of an idle one; 0: not said */
    char *content_type;          /* of what is being composed; NULL: not said */
    unsigned
        refresh_s; /* the active state holds that long without another; 0: not said; at most 3600 */
} StoxComposing;
void stox_composing_clear(StoxComposing *composing);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(StoxComposing, stox_composing_clear)

/* True for a Content-Type of isComposing, whatever its parameters and case. NULL: false. */
bool stox_composing_is(const char *content_type);
/* False: not such a document (no XML within limits, another root, no state, a refresh or time that is none). Extensions are skipped (M-73). */
bool stox_composing_read(GBytes *body, StoxComposing *ret_composing);
/* Elements in the order of the schema (M-72). */
GBytes *stox_composing_write(const StoxComposing *composing);

/* *ret_typing: "type" was said; "idle" and unknown words are false. False: not such a document. */
bool stox_keyboard_read(GBytes *body, bool *ret_typing);
GBytes *stox_keyboard_write(bool typing);
