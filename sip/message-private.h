/* SPDX-License-Identifier: MIT */
/* The inside of a parsed message, shared by message.c (parse, view) and message-raw.c (header lines). */
#pragma once

#include "sip/message.h"

#include <sofia-sip/msg.h>
#include <sofia-sip/sip.h>

/* RFC 3261 s25.1 */
#define STOX_SIP_TOKEN "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.!%*_+`'~"

/* One header line, unfolded. Both strings lie in the message's text. */
typedef struct {
    const char *name; /* the long form, also where the compact one came */
    size_t name_length;
    char *value; /* without blanks at either end */
    size_t value_length;
} StoxSipLine;

struct StoxSipMessage {
    unsigned references;
    StoxSipView view;
    unsigned defect;
    const char *why;

    char *text;       /* the header part: logical lines, each terminated */
    char *start_line; /* in the text */
    StoxSipLine *lines;
    unsigned n_lines;
    bool junk;        /* had a line that is no header, or control characters */
    GPtrArray *raw;   /* RawEntry*, answers of stox_sip_raw() */
    GPtrArray *owned; /* char*, strings of the view that are not borrowed */
    GArray *vias;     /* StoxSipVia */
    char *source;     /* UDP: address that it came from; NULL: not over UDP */
    unsigned source_port;
    msg_t *msg; /* sofia-sip's parse; one home for all of it */
};

typedef struct {
    const char *branch; /* NULL: none */
    const char *sent_by;
} StoxSipVia;

/* Splits the header part (start line to the line before the empty one) into lines, undoing folds; what is over a limit is a defect. False: no start line. */
bool stox_sip_lines_scan(StoxSipMessage *message, const char *head, size_t n);
/* What sofia-sip gets to parse: the headers with structure, in order, behind a start line that is not ours. Caller frees. */
GString *stox_sip_lines_for_parser(const StoxSipMessage *message);
/* First value of a header (long name); NULL when it is absent. */
const char *stox_sip_lines_first(const StoxSipMessage *message, const char *name);
unsigned stox_sip_lines_count(const StoxSipMessage *message, const char *name);
void stox_sip_lines_clear(StoxSipMessage *message);

/* message-source.c: whether this Via line asks for rport, and the line as the response to `message` (whose source is known) carries it; caller frees. */
bool stox_sip_via_asks_rport(const char *via);
char *stox_sip_message_answer_via(const StoxSipMessage *message, const char *via);

/*
 * message-diagnostics.c: ErrorId (0: none) and reason (NULL: none; caller frees) of a value of ms-diagnostics, whatever other attributes it has; and the
 * texts of some Warning values with "; " between (NULL: none; caller frees). Texts are cut at 400 octets and need not be UTF-8.
 */
void stox_sip_read_diagnostics(const char *value, unsigned *ret_id, char **ret_reason);
char *stox_sip_read_warnings(char *const *values);

/* message-check.c: notes the first thing that is wrong; looks for what is, and reads CSeq on the way. */
void stox_sip_message_defect(StoxSipMessage *message, unsigned status, const char *why);
void stox_sip_message_check(StoxSipMessage *message, const sip_t *sip);
