/* SPDX-License-Identifier: MIT */
/* message/cpim: the wrapper around an instant message with headers of its own (RFC 3862), and the headers of IMDN in it (RFC 5438 s6). */
#pragma once

#include "translation/types.h"

#define STOX_CPIM_TYPE "message/cpim"

/* imdn.Disposition-Notification (RFC 5438 s7.1.1.3). */
typedef enum {
    STOX_DISPOSITION_POSITIVE_DELIVERY = 1 << 0,
    STOX_DISPOSITION_NEGATIVE_DELIVERY = 1 << 1,
    STOX_DISPOSITION_PROCESSING = 1 << 2,
    STOX_DISPOSITION_DISPLAY = 1 << 3
} StoxDisposition;

/* Zero-initialise. Strings are decoded and may be NULL. cc and headers that we do not know are not kept (M-31). */
typedef struct {
    char *from; /* URI alone; for information: the SIP From decides (M-31) */
    char *from_name;
    char *to;             /* URI of the first To */
    char *subject;        /* the one without a language, else the first */
    char *subject_lang;   /* of that one */
    char *date;           /* DateTime as it stands, RFC 3339 */
    int64_t date_wall_ms; /* the same; 0 none */
    /* IMDN */
    char *message_id;
    unsigned dispositions; /* of StoxDisposition */
    char *original_to;     /* URI */
    GPtrArray *
        record_route; /* char*: URIs of IMDN-Record-Route as read, of IMDN-Route as written; NULL none */
    /* The part inside; values of its headers as they stand */
    char *content_type;     /* never NULL after a successful read */
    char *content_encoding; /* Content-Transfer-Encoding */
    char *content_disposition;
    char *content_language;
    GBytes *body; /* never NULL after a successful read; may be empty */
} StoxCpim;
void stox_cpim_clear(StoxCpim *cpim);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(StoxCpim, stox_cpim_clear)

/*
 * Reads a message/cpim body. Names are case-sensitive, prefixes are those of the NS headers, escapes are decoded (M-98, M-101). More liberal than RFC
 * 3862 in three things: lines may end in LF alone, no blank or several may follow a colon (a Subject keeps all but the first), and From, To and DateTime may be
 * absent. On failure false and *ret_failure (uninitialised before): 400 (malformed, or a header twice that may stand once), 413 (more than 256 KiB,
 * 64 headers, 4096 bytes in a line), 415 with Accept (a Require names a header that we do not know, or the inner part has no Content-Type).
 */
bool stox_cpim_read(GBytes *bytes, StoxCpim *ret_cpim, StoxSipResult *ret_failure);

/*
 * Writes one. Headers that are NULL are left out; NS stands in front of the first imdn header. `content_type` and `body` must be set; `date` wins over `date_wall_ms`.
 */
GBytes *stox_cpim_write(const StoxCpim *cpim);

/* True for a Content-Type of message/cpim, whatever its parameters and case. NULL: false. */
bool stox_cpim_is(const char *content_type);

/* "2024-05-06T07:08:09Z"; NULL when out of range. Caller frees. */
char *stox_cpim_date(int64_t wall_ms);
/* "positive-delivery, display"; "" for none. Caller frees. */
char *stox_cpim_dispositions_text(unsigned dispositions);
