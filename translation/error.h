/* SPDX-License-Identifier: MIT */
/* Stanza error <-> SIP status: one table each way (RFC 7247 s7; rows D-01 to D-17), names of conditions and types. */
#pragma once

#include "translation/types.h"

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
 * Fills *ret_error (uninitialised before) with what an XMPP sender is told about a failed SIP request. Covers every fate; text
 * names status, reason, diagnostics and Retry-After (D-01, D-03). A timeout or a broken connection after bytes were written says that
 * the message may have been delivered. Must not be called for 1xx and 2xx (D-02).
 */
void stox_error_from_sip(const StoxSipResult *result, StoxError *ret_error);

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

/*
 * The diagnostics we send in ms-diagnostics-public (lync.md 4.9: 61000-61999 expected, 62000-62999 unexpected failures).
 * One row each: id, sentence for the front end's administrator.
 */
typedef enum {
    STOX_DIAG_NONE = 0,
    STOX_DIAG_PARTNER_NOT_ALLOWED = 61001,
    STOX_DIAG_DOMAIN_NOT_SERVED = 61002,
    STOX_DIAG_HOP_ASSERTS_FOREIGN_DOMAIN = 61003,
    STOX_DIAG_ADDRESS_UNMAPPABLE = 61004,
    STOX_DIAG_SIPS_REFUSED = 61005,
    STOX_DIAG_MODALITY_UNSUPPORTED = 61006,
    STOX_DIAG_CONTENT_UNSUPPORTED = 61007,
    STOX_DIAG_XMPP_REFUSED = 61008, /* the XMPP side answered with an error */
    STOX_DIAG_METHOD_UNSUPPORTED = 61009,
    STOX_DIAG_EXTENSION_UNSUPPORTED = 61010,
    STOX_DIAG_EVENT_UNSUPPORTED = 61011,
    STOX_DIAG_NO_SUCH_DIALOG = 61012,
    STOX_DIAG_MALFORMED = 61013,
    STOX_DIAG_TOO_LARGE = 61014,
    STOX_DIAG_LOOP = 61015,
    STOX_DIAG_COMPRESSION_UNSUPPORTED = 61016,
    STOX_DIAG_NO_FORMAT = 61017, /* no presence format both sides know */
    STOX_DIAG_STOPPING = 61018,
    STOX_DIAG_INTERVAL_TOO_SHORT = 61019, /* 422, 423 */
    STOX_DIAG_PENDING = 61020,            /* another request of the dialog comes first: 491, 500 */
    STOX_DIAG_XMPP_DOWN = 62001,          /* no stream to our XMPP server */
    STOX_DIAG_XMPP_SILENT = 62002,        /* our XMPP server did not confirm */
    STOX_DIAG_OVERLOAD = 62003,
    STOX_DIAG_INTERNAL = 62004
} StoxDiagnostic;
const char *stox_diagnostic_text(unsigned diagnostic); /* static; never NULL */

/* Convenience: fills an uninitialised result {ANSWERED, status, diagnostic}. */
void stox_sip_result_init(StoxSipResult *result, unsigned status, unsigned diagnostic);
