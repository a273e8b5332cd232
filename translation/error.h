/* SPDX-License-Identifier: MIT */
/* Stanza error <-> SIP status: one table each way (RFC 7247 s7; rows D-01 to D-17), names of conditions and types. */
#pragma once

#include "translation/diagnostic.h"
#include "translation/types.h"
#include "translation/words.h"

/* "item-not-found" etc. Unknown names count as undefined-condition (RFC 6120 s8.3.2); static. */
const char *stox_condition_name(StoxCondition condition);
StoxCondition stox_condition_from_name(const char *name);
const char *stox_error_type_name(StoxErrorType type);
/* Unknown or NULL: the type RFC 6120 s8.3.3 gives for the condition. */
StoxErrorType stox_error_type_from_name(const char *name, StoxCondition condition);
StoxErrorType stox_condition_default_type(StoxCondition condition);

/* The usual reason phrase; a generic one for codes without. Static. */
const char *stox_sip_reason(unsigned status);

/*
 * Fills *ret_error (uninitialised before) with what an XMPP sender is told about a failed SIP request. Covers every fate; the text, in
 * that language, names status, reason, what diagnostics and Warning say and mean, and Retry-After (D-01, D-03). A timeout or a broken connection after bytes
 * were written says that the message may have been delivered. Must not be called for 1xx and 2xx (D-02).
 */
void stox_error_from_sip(const StoxSipResult *result, StoxLanguage language, StoxError *ret_error);

/*
 * Fills an uninitialised error with a text of the catalogue; the further arguments are strings for its places, the last of them NULL.
 */
void stox_error_say(StoxError *error, StoxCondition condition, StoxErrorType type,
                    StoxLanguage language, StoxWord word, ...) __attribute__((sentinel));
/* Gives an error another text of the catalogue. */
void stox_error_reword(StoxError *error, StoxLanguage language, StoxWord word);

/* Why, for people, on one line: what its sender wrote, else the catalogue's words for the condition. Caller frees. */
char *stox_error_why(const StoxError *error, StoxLanguage language);

typedef enum {
    STOX_METHOD_CLASS_INVITE,
    STOX_METHOD_CLASS_OTHER /* 408 is never sent (RFC 4320 s4.2) */
} StoxMethodClass;

/*
 * Fills *ret_result (uninitialised before) with the final response for a stanza error that came from `from_full` (the error's from
 * is a full JID) or a bare JID; `bare_as_full` maps bare like full (D-05, lync hops). Sets diagnostic and a reason from <text/> (one line, D-04).
 */
void stox_sip_from_error(const StoxError *error, bool from_full, bool bare_as_full,
                         StoxMethodClass method, StoxSipResult *ret_result);

/* 481, or 404 with 1004 of a server that lost the route set (lync.md 4.9): the dialog of the request is gone there, and nothing arrived. */
bool stox_sip_dialog_is_gone(const StoxSipResult *result);

/* Convenience: fills an uninitialised result {ANSWERED, status, diagnostic}. */
void stox_sip_result_init(StoxSipResult *result, unsigned status, unsigned diagnostic);
