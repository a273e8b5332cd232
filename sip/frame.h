/* SPDX-License-Identifier: MIT */
/* Framing of SIP over streams by Content-Length (RFC 3261 s18.3, RFC 5626 s4.4.1 keep-alives); limits while bytes arrive. No I/O. */
#pragma once

#include <glib.h>

#include <stdbool.h>
#include <stdint.h>

typedef struct StoxFrame StoxFrame;
StoxFrame *stox_frame_new(size_t max_bytes);
void stox_frame_free(StoxFrame *frame);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoxFrame, stox_frame_free)

void stox_frame_append(StoxFrame *frame, const char *bytes, size_t n);

typedef enum {
    STOX_FRAME_MORE,    /* nothing complete yet */
    STOX_FRAME_MESSAGE, /* *ret_message .. *ret_length, valid until the next call */
    STOX_FRAME_PING,    /* CRLFCRLF: answer CRLF */
    STOX_FRAME_PONG,    /* a single CRLF between messages */
    STOX_FRAME_BROKEN /* *ret_why static: the connection must be closed; *ret_message .. *ret_length may hold the header part or its beginning, for stox_sip_message_parse_head(); NULL when not */
} StoxFrameResult;
StoxFrameResult stox_frame_next(StoxFrame *frame, const char **ret_message, size_t *ret_length,
                                const char **ret_why);
/* BROKEN: the status its sender is answered, 400 or 513; else 0. */
unsigned stox_frame_status(const StoxFrame *frame);
/* Some bytes of a message are here, its rest is not. */
bool stox_frame_is_partial(const StoxFrame *frame);
