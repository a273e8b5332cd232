/* SPDX-License-Identifier: MIT */
/* MIME as SIP bodies use it: content types, entities with headers, multiparts, transfer encodings (RFC 2045, 2046, 2183, 2387; RFC 3261 s7.4; M-32). Pure, bounded, linear. */
#pragma once

#include <glib.h>

#include <stdbool.h>

/* A Content-Type value. The strings besides `type` are NULL when absent. */
typedef struct {
    char *type;     /* "text/plain", lower case */
    char *charset;  /* lower case */
    char *boundary; /* as it came */
    char *start;    /* of multipart/related: the root's Content-ID, without < and > */
} StoxMimeType;

/* Fills an uninitialised *ret_type; false: there is no type/subtype. Comments and quoted values are understood, the first of equal parameters counts. */
bool stox_mime_type_parse(const char *value, StoxMimeType *ret_type);
void stox_mime_type_clear(StoxMimeType *type);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(StoxMimeType, stox_mime_type_clear)

/* One entity: a leaf has `content`, a multipart has `parts`. */
typedef struct StoxMimePart StoxMimePart;
struct StoxMimePart {
    StoxMimeType type; /* text/plain when the part does not say (RFC 2046 s5.1) */
    char *id;          /* Content-ID without < and >; NULL none */
    char *lang;        /* the first tag of Content-Language; NULL none */
    bool attachment;   /* Content-Disposition is neither inline nor render (RFC 2183 s2.8) */
    bool
        encoded; /* by a Content-Transfer-Encoding or Content-Encoding that is not undone: content is as it came */
    GBytes *
        content; /* transfer encoding undone (base64, quoted-printable); may be empty; NULL for a multipart */
    GPtrArray *
        parts; /* of StoxMimePart, in order, at least one; NULL for a leaf. multipart/related: its root comes first (RFC 2387 s3.2) */
};
void stox_mime_part_free(StoxMimePart *part);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoxMimePart, stox_mime_part_free)

typedef enum {
    STOX_MIME_NO_TYPE,   /* the Content-Type is absent or none: 415 */
    STOX_MIME_MALFORMED, /* no boundary, no part, broken headers or base64: 400 */
    STOX_MIME_LIMIT /* more than 128 parts in all, multiparts more than 4 deep, headers of a part over 8 KiB: 413 */
} StoxMimeFault;

/* A SIP body under its Content-Type header (NULL: none). Any multipart subtype is taken apart. NULL and *ret_fault when it cannot be. */
StoxMimePart *stox_mime_read(const char *content_type, GBytes *body, StoxMimeFault *ret_fault);
/* An entity whose headers were read elsewhere; those besides content_type may be NULL. */
StoxMimePart *stox_mime_read_with(const char *content_type, const char *transfer_encoding,
                                  const char *language, GBytes *content, StoxMimeFault *ret_fault);

/*
 * The leaves of a tree in order, e.g. the documents of a multipart/related; encoded ones are left out. Appends borrowed
 * parts (StoxMimePart) to `leaves`.
 */
void stox_mime_leaves(const StoxMimePart *part, GPtrArray *leaves);
