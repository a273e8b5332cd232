/* SPDX-License-Identifier: MIT */
#include "sip/frame.h"

#include <string.h>

enum { HEADER_MAX = 64 * 1024, KEEP_CAPACITY = 64 * 1024 };

struct StoxFrame {
    char *buffer;
    size_t used, capacity;
    size_t start;   /* first byte of what is not consumed yet */
    size_t scanned; /* bytes after start that hold no end of a header part */
    size_t header;  /* length of the header part with its empty line; 0: not found yet */
    size_t body;    /* Content-Length of it */
    size_t max_bytes;
    bool half_ping; /* a lone CRLF was the last thing seen */
    bool broken;
    const char *why;
};

StoxFrame *stox_frame_new(size_t max_bytes)
{
    StoxFrame *frame = g_new0(StoxFrame, 1);

    frame->max_bytes = max_bytes;
    return frame;
}

void stox_frame_free(StoxFrame *frame)
{
    if (!frame)
        return;
    g_free(frame->buffer);
    g_free(frame);
}

/* Moves what is left to the front, and gives a large buffer back once it is empty: an idle connection costs little. */
static void compact(StoxFrame *frame)
{
    frame->used -= frame->start;
    if (frame->used == 0 && frame->capacity > KEEP_CAPACITY) {
        g_clear_pointer(&frame->buffer, g_free);
        frame->capacity = 0;
    } else if (frame->start > 0 && frame->used > 0) {
        memmove(frame->buffer, frame->buffer + frame->start, frame->used);
    }
    frame->start = 0;
}

void stox_frame_append(StoxFrame *frame, const char *bytes, size_t n)
{
    if (frame->broken || n == 0)
        return;
    /* Amortised: at most one move of the rest for each doubling or half-consumed buffer. */
    if (frame->start > frame->used / 2)
        compact(frame);
    if (frame->used + n > frame->capacity) {
        frame->capacity = MAX(frame->capacity * 2, frame->used + n);
        frame->capacity = MAX(frame->capacity, 2048);
        frame->buffer = g_realloc(frame->buffer, frame->capacity);
    }
    memcpy(frame->buffer + frame->used, bytes, n);
    frame->used += n;
}

static void consume(StoxFrame *frame, size_t n)
{
    frame->start += n;
    frame->scanned = 0;
    frame->header = 0;
    if (frame->start == frame->used)
        compact(frame);
}

static StoxFrameResult broken(StoxFrame *frame, const char *why)
{
    frame->broken = true;
    frame->why = why;
    return STOX_FRAME_BROKEN;
}

/* Skips blanks and folds (CRLF followed by a blank). */
static const char *skip_lws(const char *p, const char *end)
{
    for (;;) {
        while (p < end && (*p == ' ' || *p == '\t'))
            p++;
        if (end - p >= 3 && p[0] == '\r' && p[1] == '\n' && (p[2] == ' ' || p[2] == '\t'))
            p += 3;
        else
            return p;
    }
}

/* The value when the line at `p` is a Content-Length header; NULL otherwise. */
static const char *content_length_value(const char *p, const char *end)
{
    static const char *const names[] = {"content-length", "l"};

    for (unsigned i = 0; i < G_N_ELEMENTS(names); i++) {
        size_t n = strlen(names[i]);

        if ((size_t) (end - p) <= n || g_ascii_strncasecmp(p, names[i], n) != 0)
            continue;
        const char *colon = skip_lws(p + n, end);
        if (colon < end && *colon == ':')
            return skip_lws(colon + 1, end);
    }
    return NULL;
}

/* Reads Content-Length from the complete header part; false with `why` set. */
static bool find_content_length(StoxFrame *frame, const char **ret_why)
{
    const char *p = frame->buffer + frame->start, *end = p + frame->header - 2;
    bool found = false;
    uint64_t length = 0;

    while (p < end) {
        const char *value = content_length_value(p, end);

        if (value) {
            uint64_t n = 0;
            const char *digits = value;

            while (value < end && g_ascii_isdigit(*value) && n <= G_MAXUINT32)
                n = n * 10 + (unsigned) (*value++ - '0');
            value = value == digits ? value : skip_lws(value, end);
            if (value == digits || value >= end || *value != '\r') {
                *ret_why = "Content-Length is not a number";
                return false;
            }
            if (found && n != length) {
                *ret_why = "two Content-Length headers disagree";
                return false;
            }
            found = true;
            length = n;
        }
        const char *newline = memchr(p, '\n', (size_t) (end - p));
        p = newline ? newline + 1 : end;
    }
    if (!found) {
        *ret_why = "Content-Length is missing; it is obligatory on TCP and TLS (RFC 3261 s18.3)";
        return false;
    }
    if (length > frame->max_bytes || frame->header + length > frame->max_bytes) {
        *ret_why = "the message is larger than message-max-bytes";
        return false;
    }
    frame->body = (size_t) length;
    return true;
}

/* Keep-alives between messages (RFC 5626 s4.4.1). MORE: there is something else, or nothing. */
static StoxFrameResult next_keepalive(StoxFrame *frame)
{
    const char *p = frame->buffer + frame->start;
    size_t n = frame->used - frame->start;

    if (n >= 2 && p[0] == '\r' && p[1] == '\n') {
        bool ping = frame->half_ping || (n >= 4 && p[2] == '\r' && p[3] == '\n');

        consume(frame, ping && !frame->half_ping ? 4 : 2);
        frame->half_ping = !ping;
        return ping ? STOX_FRAME_PING : STOX_FRAME_PONG;
    }
    if (n > 0 && p[0] != '\r')
        frame->half_ping = false;
    return STOX_FRAME_MORE;
}

static bool find_header_end(StoxFrame *frame)
{
    const char *p = frame->buffer + frame->start;
    size_t n = frame->used - frame->start;
    const char *found = memmem(p + frame->scanned, n - frame->scanned, "\r\n\r\n", 4);

    if (found) {
        frame->header = (size_t) (found - p) + 4;
        return true;
    }
    frame->scanned = n > 3 ? n - 3 : 0;
    return false;
}

StoxFrameResult stox_frame_next(StoxFrame *frame, const char **ret_message, size_t *ret_length,
                                const char **ret_why)
{
    const char *why = NULL;

    *ret_message = NULL;
    *ret_length = 0;
    if (frame->broken) {
        *ret_why = frame->why;
        return STOX_FRAME_BROKEN;
    }
    if (frame->header == 0) {
        StoxFrameResult keepalive = next_keepalive(frame);

        if (keepalive != STOX_FRAME_MORE)
            return keepalive;
        if (frame->used == frame->start) {
            compact(frame);
            return STOX_FRAME_MORE;
        }
        if (!find_header_end(frame)) {
            if (frame->used - frame->start <= HEADER_MAX)
                return STOX_FRAME_MORE;
            *ret_why = "the header part does not end within 64 KiB";
            return broken(frame, *ret_why);
        }
        if (frame->header > HEADER_MAX || !find_content_length(frame, &why)) {
            *ret_why = why ? why : "the header part is longer than 64 KiB";
            if (why) {
                *ret_message = frame->buffer + frame->start;
                *ret_length = frame->header;
            }
            return broken(frame, *ret_why);
        }
    }
    size_t whole = frame->header + frame->body;
    if (frame->used - frame->start < whole)
        return STOX_FRAME_MORE;
    *ret_message = frame->buffer + frame->start;
    *ret_length = whole;
    /* Consumed without compacting: the caller still reads it. */
    frame->start += whole;
    frame->scanned = frame->header = frame->body = 0;
    return STOX_FRAME_MESSAGE;
}
