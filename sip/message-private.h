/* SPDX-License-Identifier: MIT */
/* The inside of a parsed message, shared by message.c (parse, view) and message-raw.c (header lines). */
#pragma once

#include "sip/message.h"

#include <sofia-sip/msg.h>

/* RFC 3261 s25.1 */
#define STOX_SIP_TOKEN                                                                             \
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.!%*_+`'~"

/* One header line, unfolded. Both strings lie in the message's text. */
typedef struct {
    const char *name; /* the long form, also where the compact one came */
    size_t name_length;
    char *value; /* without blanks at either end */
} StoxSipLine;

struct StoxSipMessage {
    unsigned references;
    StoxSipView view;
    unsigned defect;
    const char *why;

    char *text; /* the header part, unfolded, with a start line for the parser */
    size_t text_length;
    char *start_line; /* as received */
    StoxSipLine *lines;
    unsigned n_lines;
    bool junk;        /* had a line that is no header, or control characters */
    GPtrArray *raw;   /* RawEntry*, answers of stox_sip_raw() */
    GPtrArray *owned; /* char*, strings of the view that are not borrowed */
    GArray *vias;     /* StoxSipVia */
    msg_t *msg;       /* sofia-sip's parse; one home for all of it */
};

typedef struct {
    const char *branch; /* NULL: none */
    const char *sent_by;
} StoxSipVia;

/*
 * Splits the header part (start line to the line before the empty one) into lines, undoing folds. The text stays CRLF-terminated for
 * the parser until stox_sip_lines_cut(). False: no SIP message, or over a limit.
 */
bool stox_sip_lines_scan(StoxSipMessage *message, const char *head, size_t n, const char **ret_why);
/* Terminates every name and value. */
void stox_sip_lines_cut(StoxSipMessage *message);
/* First value of a header (long name); NULL when it is absent. */
const char *stox_sip_lines_first(const StoxSipMessage *message, const char *name);
unsigned stox_sip_lines_count(const StoxSipMessage *message, const char *name);
void stox_sip_lines_clear(StoxSipMessage *message);
