/* SPDX-License-Identifier: MIT */
/*
 * The diagnostics we send in ms-diagnostics-public (lync.md 4.9: 61000-61999 expected, 62000-62999 unexpected failures). One row each in diagnostic.c;
 * stoxd-diagnostics(7) says the same. Numbers are for ever: administrators and their tools know them.
 */
#pragma once

#include <stddef.h>

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
    STOX_DIAG_CONTENT_LIMIT = 61021,      /* a body with too many or too deep parts, or headers */
    STOX_DIAG_CONTENT_ENCRYPTED = 61022,  /* S/MIME and the like */
    STOX_DIAG_CONTENT_EMPTY = 61023,      /* nothing that can be shown */
    STOX_DIAG_CONTENT_BROKEN = 61024,     /* not what its Content-Type says */
    STOX_DIAG_CPIM_REQUIRE = 61025,       /* RFC 3862 s4.3 */
    STOX_DIAG_PARTIAL = 61026,            /* message/partial */
    STOX_DIAG_CANCELLED = 61027,          /* 487 */
    STOX_DIAG_XMPP_DOWN = 62001,          /* no stream to our XMPP server */
    STOX_DIAG_XMPP_SILENT = 62002,        /* our XMPP server did not confirm */
    STOX_DIAG_OVERLOAD = 62003,
    STOX_DIAG_INTERNAL = 62004
} StoxDiagnostic;

/* Static strings, sentences in English. */
typedef struct {
    unsigned id;
    const char *
        reason; /* goes to the SIP side: what is wrong and what can be done, below 300 characters that a quoted string holds */
    const char *meaning; /* these three are for the manual */
    const char *cause;
    const char *action;
} StoxDiagnosticRow;

const StoxDiagnosticRow *stox_diagnostics(size_t *ret_n);
/* The reason; never NULL. */
const char *stox_diagnostic_text(unsigned diagnostic);
