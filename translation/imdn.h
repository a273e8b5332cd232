/* SPDX-License-Identifier: MIT */
/*
 * Notifications of what became of a message: message/imdn+xml (RFC 5438 s7.2.1, s11). Lync's application/ms-imdn+xml (lync.md 4.6) is not taken: who does
 * not list it gets a final response instead of a 202 and a document later, and a final response is what our senders wait for.
 */
#pragma once

#include "translation/types.h"

#define STOX_IMDN_TYPE "message/imdn+xml"

typedef enum {
    STOX_IMDN_DELIVERY,
    STOX_IMDN_PROCESSING,
    STOX_IMDN_DISPLAY,
    STOX_N_IMDN_KINDS
} StoxImdnKind;

typedef enum {
    STOX_IMDN_DELIVERED, /* delivery */
    STOX_IMDN_FAILED,    /* delivery */
    STOX_IMDN_PROCESSED, /* processing */
    STOX_IMDN_STORED,    /* processing */
    STOX_IMDN_DISPLAYED, /* display */
    STOX_IMDN_FORBIDDEN, /* of any kind: he does not want that to be known */
    STOX_IMDN_ERROR,     /* of any kind */
    STOX_N_IMDN_STATUSES
} StoxImdnStatus;

/* Zero-initialise. Strings may be NULL unless said. */
typedef struct {
    char *message_id; /* of the message it is about; never NULL */
    char *date;       /* its DateTime, RFC 3339; never NULL */
    char *recipient_uri;
    char *original_recipient_uri;
    char *subject;
    StoxImdnKind kind;
    StoxImdnStatus status;
} StoxImdn;
void stox_imdn_clear(StoxImdn *imdn);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(StoxImdn, stox_imdn_clear)

/* True for its Content-Type, whatever its parameters and case. NULL: false. */
bool stox_imdn_is(const char *content_type);
/* An unknown status counts as STOX_IMDN_FORBIDDEN, which nobody is told of. False: not such a document. */
bool stox_imdn_read(GBytes *body, StoxImdn *ret_imdn);
/* A status that its kind does not have is written all the same. */
GBytes *stox_imdn_write(const StoxImdn *imdn);
