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
    {"signed length", HEAD "l: +5\r\n\r\nhello", "b ", "not a number"},
    {"length in hex", HEAD "l: 0x5\r\n\r\nhello", "b ", "not a number"},
    {"two lengths in one line", HEAD "l: 5, 5\r\n\r\nhello", "b ", "not a number"},
    {"length of 2 to the 32", HEAD "l: 4294967296\r\n\r\n", "b ", "larger"},
    {"length of 2 to the 64 and 5", HEAD "l: 18446744073709551621\r\n\r\n", "b ", "not a number"},
    {"length in a fold", HEAD "X: a\r\n l: 5\r\n\r\nhello", "b ", "missing"},
    {"length behind a lone CR", HEAD "X: a\rl: 5\r\n\r\nhello", "b ", "missing"},
    {"a lone LF ends a line", HEAD "X: a\nl: 5\r\n\r\nhello", "m55 ", NULL},
    {"LF for every line end", "OPTIONS sip:a@b SIP/2.0\nl: 0\n\n", "b ", "CRLF"},
    {"an empty line of LF", HEAD "l: 0\r\n\nX: y\r\n\r\n", "b ", "CRLF"},
    {"an empty line behind LF", HEAD "l: 0\n\r\nX: y\r\n\r\n", "b ", "CRLF"},
    {"CR for every line end", "OPTIONS sip:a@b SIP/2.0\rl: 0\r\r", "", NULL},
    {"lone CR before a message", "\r" HEAD "l: 0\r\n\r\n", "b ", "not SIP"},
    {"lone LF before a message", "\n" HEAD "l: 0\r\n\r\n", "b ", "not SIP"},
    {"HTTP", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", "b ", "not SIP"},
    {"WebSocket", "GET /chat HTTP/1.1\r\nUpgrade: websocket\r\n", "b ", "not SIP"},
    {"XMPP", "<?xml version='1.0'?>\n<stream:stream", "b ", "not SIP"},
    {"TLS", "\x16\x03\x01", "b ", "TLS"},
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

/* Feeds `bytes` until it is broken; in pieces of `piece`. */
static StoxFrameResult feed(StoxFrame *frame, const char *bytes, size_t n, size_t piece,
                            const char **ret_message, size_t *ret_n)
{
    StoxFrameResult result = STOX_FRAME_MORE;
    const char *why = NULL;

    for (size_t at = 0; at < n && result == STOX_FRAME_MORE; at += piece) {
        stox_frame_append(frame, bytes + at, MIN(piece, n - at));
        result = stox_frame_next(frame, ret_message, ret_n, &why);
    }
    return result;
}

/* The sender is told when there is a request to answer: then its header part comes along. */
static void test_broken_keeps_header(void)
{
    static const struct {
        const char *bytes;
        unsigned status;
        bool kept;
    } table[] = {
        {HEAD "l: 70000\r\n\r\n", 513, true},
        {HEAD "l: -1\r\n\r\n", 400, true},
        {HEAD "\r\n", 400, true},
        {HEAD "l: 0\n\n", 400, true},
        {"GET / HTTP/1.1\r\n\r\n", 400, false},
        {"\x16\x03\x01", 400, false},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(table); i++) {
        g_autoptr(StoxFrame) frame = stox_frame_new(65536);
        const char *bytes = table[i].bytes, *message;
        size_t n;

        g_assert_cmpint(feed(frame, bytes, strlen(bytes), 7, &message, &n), ==, STOX_FRAME_BROKEN);
        g_assert_cmpuint(stox_frame_status(frame), ==, table[i].status);
        if (table[i].kept)
            g_assert_cmpmem(message, n, bytes, strlen(bytes));
        else
            g_assert_null(message);
    }
}

/* A header line of 1 MiB, 10 000 of them, a start line without end: each costs 64 KiB, and time in proportion. */
static void test_large_headers(void)
{
    g_autofree char *name = g_strnfill(1 << 20, 'a');
    g_autoptr(GString) line = g_string_new(HEAD "X: "), lines = g_string_new(HEAD), start = NULL;
    const size_t pieces[] = {1, 1000, 1 << 21};

    g_string_append(line, name);
    start = g_string_new(name);
    for (unsigned i = 0; i < 10000; i++)
        g_string_append_printf(lines, "Header-%u: %u\r\n", i, i);
    for (unsigned i = 0; i < G_N_ELEMENTS(pieces); i++) {
        const GString *const inputs[] = {line, lines, start};

        for (unsigned k = 0; k < G_N_ELEMENTS(inputs); k++) {
            g_autoptr(StoxFrame) frame = stox_frame_new(1 << 20);
            const char *message;
            size_t n;

            g_assert_cmpint(feed(frame, inputs[k]->str, inputs[k]->len, pieces[i], &message, &n),
                            ==, STOX_FRAME_BROKEN);
            g_assert_cmpuint(stox_frame_status(frame), ==, 513);
            /* The beginning of a request is there to be answered. */
            g_assert_true((message != NULL) == (k < 2));
            g_assert_cmpuint(n, ==, k < 2 ? 64 * 1024 : 0);
        }
    }
}

/* NULs are bytes like others: the header part ends where it ends, and a length cannot hide behind one. */
static void test_nuls(void)
{
    static const char good[] = HEAD "X: a\0b\r\nl: 3\r\n\r\n\0\0\0";
    static const char hidden[] = HEAD "l\0: 3\r\n\r\nabc";
    static const char value[] = HEAD "l: 3\0\r\n\r\nabc";

    for (size_t piece = 1; piece < sizeof good; piece++) {
        g_autoptr(StoxFrame) one = stox_frame_new(65536), two = stox_frame_new(65536),
                             three = stox_frame_new(65536);
        const char *message;
        size_t n;

        g_assert_cmpint(feed(one, good, sizeof good - 1, piece, &message, &n), ==,
                        STOX_FRAME_MESSAGE);
        g_assert_cmpmem(message, n, good, sizeof good - 1);
        g_assert_cmpint(feed(two, hidden, sizeof hidden - 1, piece, &message, &n), ==,
                        STOX_FRAME_BROKEN);
        g_assert_cmpint(feed(three, value, sizeof value - 1, piece, &message, &n), ==,
                        STOX_FRAME_BROKEN);
    }
}

/* CRLFs for ever keep nothing, and each byte costs the same. */
static void test_crlf_flood(void)
{
    g_autoptr(StoxFrame) frame = stox_frame_new(65536);
    g_autoptr(GString) flood = g_string_new(NULL);
    const char *message, *why = NULL;
    size_t n, pings = 0;

    for (unsigned i = 0; i < 16384; i++)
        g_string_append(flood, "\r\n\r\n");
    for (unsigned i = 0; i < 64; i++) {
        stox_frame_append(frame, flood->str, flood->len);
        while (stox_frame_next(frame, &message, &n, &why) == STOX_FRAME_PING)
            pings++;
        g_assert_false(stox_frame_is_partial(frame));
    }
    g_assert_cmpuint(pings, ==, 64 * 16384);
    stox_frame_append(frame, HEAD, strlen(HEAD));
    g_assert_cmpint(stox_frame_next(frame, &message, &n, &why), ==, STOX_FRAME_MORE);
    g_assert_true(stox_frame_is_partial(frame));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/frame/rows at every split", test_rows);
    g_test_add_func("/frame/endless header", test_endless_header);
    g_test_add_func("/frame/linear", test_linear);
    g_test_add_func("/frame/broken keeps the header part", test_broken_keeps_header);
    g_test_add_func("/frame/large headers", test_large_headers);
    g_test_add_func("/frame/NULs", test_nuls);
    g_test_add_func("/frame/CRLF flood", test_crlf_flood);
    return g_test_run();
}
