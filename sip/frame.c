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
    bool half_ping;  /* a lone CRLF was the last thing seen */
    bool start_seen; /* the start line is complete, and SIP's */
    unsigned status; /* broken: what its sender is answered */
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
    if (frame->status || n == 0)
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

static bool broken(StoxFrame *frame, unsigned status, const char *why)
{
    frame->status = status;
    frame->why = why;
    return false;
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

/* The number at `value`, which must end its line; false when it is none. */
static bool read_length(const char *value, const char *end, uint64_t *ret_length)
{
    const char *p = value;
    uint64_t n = 0;

    while (p < end && g_ascii_isdigit(*p) && n <= G_MAXUINT32)
        n = n * 10 + (unsigned) (*p++ - '0');
    if (p == value)
        return false;
    p = skip_lws(p, end);
    *ret_length = n;
    return p < end && *p == '\r';
}

/* Reads Content-Length from the complete header part. */
static bool find_content_length(StoxFrame *frame)
{
    const char *p = frame->buffer + frame->start, *end = p + frame->header - 2;
    bool found = false;
    uint64_t length = 0;

    while (p < end) {
        const char *value = content_length_value(p, end), *newline;
        uint64_t n;

        if (value) {
            if (!read_length(value, end, &n))
                return broken(frame, 400, "Content-Length is not a number");
            if (found && n != length)
                return broken(frame, 400, "two Content-Length headers disagree");
            found = true;
            length = n;
        }
        newline = memchr(p, '\n', (size_t) (end - p));
        p = newline ? newline + 1 : end;
    }
    if (!found)
        return broken(frame, 400,
                      "Content-Length is missing; it is obligatory on TCP and TLS (RFC 3261 "
                      "s18.3)");
    if (length > frame->max_bytes || frame->header + length > frame->max_bytes)
        return broken(frame, 513, "the message is larger than message-max-bytes");
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

/* The start line of a request or a response, without its line end. */
static bool is_start_line(const char *p, size_t n)
{
    const char *space;

    if (n >= 4 && g_ascii_strncasecmp(p, "SIP/", 4) == 0)
        return true;
    while (n > 0 && (p[n - 1] == ' ' || p[n - 1] == '\t' || p[n - 1] == '\r'))
        n--;
    space = memrchr(p, ' ', n);
    return space && p + n - space > 4 && g_ascii_strncasecmp(space + 1, "SIP/", 4) == 0;
}

/* What speaks something else is told from SIP by its first line, long before a header part would end. */
static bool check_start(StoxFrame *frame)
{
    const char *p = frame->buffer + frame->start;
    size_t n = frame->used - frame->start;
    const char *newline;

    if (frame->start_seen || n == 0)
        return true;
    if (*p == 0x16)
        return broken(frame, 400, "the peer speaks TLS, but this port takes plain SIP");
    /* Of a CR the LF may still come; a complete CRLF is no part of a message. */
    if (((unsigned char) *p <= ' ' && (*p != '\r' || n > 1)) || (unsigned char) *p >= 0x7f)
        return broken(frame, 400, "what the peer sends is not SIP");
    newline = memchr(p + frame->scanned, '\n', n - frame->scanned);
    if (!newline || newline - p > HEADER_MAX)
        return true;
    frame->start_seen = is_start_line(p, (size_t) (newline - p));
    return frame->start_seen || broken(frame, 400, "what the peer sends is not SIP");
}

/* Looks for the empty line; false: it is not there yet, or it ends the header part in another way than CRLF does. */
static bool find_header_end(StoxFrame *frame)
{
    const char *p = frame->buffer + frame->start, *end = frame->buffer + frame->used;
    const char *line = p + frame->scanned;

    while ((line = memchr(line, '\n', (size_t) (end - line)))) {
        size_t left = (size_t) (end - line);

        /* The next line may be the empty one; its bytes are not here yet. */
        if (left == 1 || (left == 2 && line[1] == '\r')) {
            frame->scanned = (size_t) (line - p);
            return false;
        }
        if (line[1] == '\n' || (line[1] == '\r' && line[2] == '\n')) {
            frame->header = (size_t) (line - p) + (line[1] == '\n' ? 2 : 3);
            if (frame->header > HEADER_MAX)
                return broken(frame, 513, "the header part is longer than 64 KiB");
            /* Two elements could see different ends of such a message. */
            return (line > p && line[-1] == '\r' && line[1] == '\r') ||
                   broken(frame, 400, "the lines of the header part do not end with CRLF");
        }
        line++;
    }
    frame->scanned = (size_t) (end - p);
    return false;
}

/* The header part of the next message; false: not complete, or broken. */
static bool read_header(StoxFrame *frame)
{
    if (!check_start(frame))
        return false;
    if (!find_header_end(frame)) {
        if (frame->status || frame->used - frame->start <= HEADER_MAX)
            return false;
        frame->header = HEADER_MAX;
        return broken(frame, 513, "the header part does not end within 64 KiB");
    }
    return find_content_length(frame);
}

StoxFrameResult stox_frame_next(StoxFrame *frame, const char **ret_message, size_t *ret_length,
                                const char **ret_why)
{
    *ret_message = NULL;
    *ret_length = 0;
    if (!frame->status && frame->header == 0) {
        StoxFrameResult keepalive = next_keepalive(frame);

        if (keepalive != STOX_FRAME_MORE)
            return keepalive;
        if (frame->used == frame->start) {
            compact(frame);
            return STOX_FRAME_MORE;
        }
        if (!read_header(frame) && !frame->status)
            return STOX_FRAME_MORE;
    }
    if (frame->status) {
        *ret_why = frame->why;
        *ret_message = frame->start_seen && frame->header ? frame->buffer + frame->start : NULL;
        *ret_length = *ret_message ? frame->header : 0;
        return STOX_FRAME_BROKEN;
    }
    size_t whole = frame->header + frame->body;
    if (frame->used - frame->start < whole)
        return STOX_FRAME_MORE;
    *ret_message = frame->buffer + frame->start;
    *ret_length = whole;
    /* Consumed without compacting: the caller still reads it. */
    frame->start += whole;
    frame->scanned = frame->header = frame->body = 0;
    frame->start_seen = false;
    return STOX_FRAME_MESSAGE;
}

unsigned stox_frame_status(const StoxFrame *frame)
{
    return frame->status;
}

bool stox_frame_is_partial(const StoxFrame *frame)
{
    return frame->used > frame->start;
}
