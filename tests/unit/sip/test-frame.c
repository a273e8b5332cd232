/* SPDX-License-Identifier: MIT */
/* Framing over streams: rows; RFC 3261 s18.3; RFC 5626 s4.4.1. */
#include "sip/frame.h"

#include <string.h>

#define HEAD "OPTIONS sip:a@b SIP/2.0\r\nCall-ID: x\r\n"

typedef struct {
    const char *name;
    const char *bytes;
    const char *expected; /* m<length> message, p ping, o pong, b broken, in order */
    const char *why;      /* part of the reason when broken */
} Row;

static const Row rows[] = {
    {"one message without body", HEAD "Content-Length: 0\r\n\r\n", "m58 ", NULL},
    {"body", HEAD "Content-Length: 5\r\n\r\nhello", "m63 ", NULL},
    {"R-35 compact form", HEAD "l: 5\r\n\r\nhello", "m50 ", NULL},
    {"blank before the colon", HEAD "Content-Length : 5\r\n\r\nhello", "m64 ", NULL},
    {"folded value", HEAD "Content-Length:\r\n 5\r\n\r\nhello", "m65 ", NULL},
    {"R-28 glued", HEAD "l: 1\r\n\r\na" HEAD "l: 1\r\n\r\nb", "m46 m46 ", NULL},
    {"R-28 CRLF between messages", HEAD "l: 0\r\n\r\n\r\n" HEAD "l: 0\r\n\r\n", "m45 o m45 ", NULL},
    {"R-29 ping", "\r\n\r\n", "p ", NULL},
    {"R-29 ping before a message", "\r\n\r\n" HEAD "l: 0\r\n\r\n", "p m45 ", NULL},
    {"R-29 pong", "\r\n", "o ", NULL},
    {"missing length", HEAD "\r\n", "b ", "missing"},
    {"negative length", HEAD "l: -1\r\n\r\n", "b ", "not a number"},
    {"length with rubbish", HEAD "l: 5x\r\n\r\nhello", "b ", "not a number"},
    {"empty length", HEAD "l:\r\n\r\n", "b ", "not a number"},
    {"huge length", HEAD "l: 99999999999999999999\r\n\r\n", "b ", "not a number"},
    {"length over the limit", HEAD "l: 70000\r\n\r\n", "b ", "larger"},
    {"two equal lengths", HEAD "l: 1\r\nContent-Length: 1\r\n\r\na", "m65 ", NULL},
    {"two lengths that disagree", HEAD "l: 1\r\nContent-Length: 2\r\n\r\nab", "b ", "disagree"},
    {"a header whose name begins alike", HEAD "Content-Lengthy: 9\r\nl: 0\r\n\r\n", "m65 ", NULL},
};

static void drain(StoxFrame *frame, GString *seen, GString *why_seen)
{
    for (;;) {
        const char *message, *why = NULL;
        size_t n;

        switch (stox_frame_next(frame, &message, &n, &why)) {
        case STOX_FRAME_MORE:
            return;
        case STOX_FRAME_MESSAGE:
            g_assert_cmpmem(message, 7, "OPTIONS", 7);
            g_string_append_printf(seen, "m%zu ", n);
            break;
        case STOX_FRAME_PING:
            g_string_append(seen, "p ");
            break;
        case STOX_FRAME_PONG:
            g_string_append(seen, "o ");
            break;
        case STOX_FRAME_BROKEN:
            g_string_append(seen, "b ");
            g_string_assign(why_seen, why);
            return;
        }
    }
}

static void check_row(const Row *row, size_t piece)
{
    g_autoptr(StoxFrame) frame = stox_frame_new(65536);
    g_autoptr(GString) seen = g_string_new(NULL);
    g_autoptr(GString) why = g_string_new(NULL);
    size_t n = strlen(row->bytes);

    for (size_t at = 0; at < n && !strchr(seen->str, 'b'); at += piece) {
        stox_frame_append(frame, row->bytes + at, MIN(piece, n - at));
        drain(frame, seen, why);
    }
    g_test_message("%s in pieces of %zu", row->name, piece);
    /* Split inside a ping, its halves are a pong and then the ping. */
    if (piece < n && strstr(row->expected, "p ")) {
        g_assert_nonnull(strstr(seen->str, "p "));
        return;
    }
    g_assert_cmpstr(seen->str, ==, row->expected);
    if (row->why)
        g_assert_nonnull(strstr(why->str, row->why));
}

static void test_rows(void)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++)
        for (size_t piece = 1; piece <= strlen(rows[i].bytes); piece++)
            check_row(&rows[i], piece);
}

/* A header part that never ends costs 64 KiB and then the connection. */
static void test_endless_header(void)
{
    g_autoptr(StoxFrame) frame = stox_frame_new(1 << 20);
    g_autofree char *block = g_strnfill(1024, 'a');
    const char *message, *why = NULL;
    StoxFrameResult result = STOX_FRAME_MORE;
    size_t n, fed = 0;

    while (result == STOX_FRAME_MORE && fed < 1 << 20) {
        stox_frame_append(frame, block, 1024);
        fed += 1024;
        result = stox_frame_next(frame, &message, &n, &why);
    }
    g_assert_cmpint(result, ==, STOX_FRAME_BROKEN);
    g_assert_cmpuint(fed, <=, 66 * 1024);
    /* Dead for good: more bytes change nothing. */
    stox_frame_append(frame, HEAD "l: 0\r\n\r\n", strlen(HEAD "l: 0\r\n\r\n"));
    g_assert_cmpint(stox_frame_next(frame, &message, &n, &why), ==, STOX_FRAME_BROKEN);
}

/* Byte by byte a large body must not be scanned again and again: a quadratic reader takes minutes here. */
static void test_linear(void)
{
    const size_t body = 4 << 20;
    g_autoptr(StoxFrame) frame = stox_frame_new(8 << 20);
    g_autofree char *head = g_strdup_printf(HEAD "l: %zu\r\n\r\n", body);
    const char *message, *why = NULL;
    size_t n, whole = strlen(head) + body;
    StoxFrameResult result = STOX_FRAME_MORE;

    stox_frame_append(frame, head, strlen(head));
    for (size_t i = 0; i < body; i++) {
        g_assert_cmpint(result, ==, STOX_FRAME_MORE);
        stox_frame_append(frame, "x", 1);
        result = stox_frame_next(frame, &message, &n, &why);
    }
    g_assert_cmpint(result, ==, STOX_FRAME_MESSAGE);
    g_assert_cmpuint(n, ==, whole);
}

static void test_broken_keeps_header(void)
{
    g_autoptr(StoxFrame) frame = stox_frame_new(65536);
    const char *bytes = HEAD "l: 70000\r\n\r\n";
    const char *message, *why = NULL;
    size_t n;

    stox_frame_append(frame, bytes, strlen(bytes));
    g_assert_cmpint(stox_frame_next(frame, &message, &n, &why), ==, STOX_FRAME_BROKEN);
    g_assert_cmpmem(message, n, bytes, strlen(bytes));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/frame/rows at every split", test_rows);
    g_test_add_func("/frame/endless header", test_endless_header);
    g_test_add_func("/frame/linear", test_linear);
    g_test_add_func("/frame/broken keeps the header part", test_broken_keeps_header);
    return g_test_run();
}
