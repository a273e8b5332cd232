/* SPDX-License-Identifier: MIT */
/*
 * Any bytes on a stream. Which messages come out, and whether and how the stream is broken in the end, must not depend on where the bytes were cut;
 * what is kept stays within the limit; what came out is what went in. The first two bytes choose limit and cuts.
 */
#include "tests/fuzz/fuzz.h"

#include "sip/frame.h"
#include "sip/message.h"

#include <string.h>

enum { HEADER_MAX = 64 * 1024 };

typedef struct {
    GString *messages; /* "length:hash " each */
    unsigned pings;
    unsigned status;
    bool answerable;
} Outcome;

/* How many bytes come next. */
typedef size_t (*Cut)(uint32_t *state, size_t left);

static size_t cut_none(uint32_t *state, size_t left)
{
    (void) state;
    return left;
}

static size_t cut_bytes(uint32_t *state, size_t left)
{
    (void) state;
    (void) left;
    return 1;
}

static size_t cut_anyhow(uint32_t *state, size_t left)
{
    *state = *state * 1664525 + 1013904223;
    return MIN(left, 1 + (*state >> 24) % 97);
}

static void note(GString *messages, const char *message, size_t n)
{
    g_autoptr(GBytes) bytes = g_bytes_new_static(message, n);

    g_string_append_printf(messages, "%zu:%08x ", n, g_bytes_hash(bytes));
}

/* A broken frame's beginning, when there is one, is taken by the parser without harm. */
static void take_broken(StoxFrame *frame, Outcome *outcome, const char *message, size_t n,
                        const char *why)
{
    g_autoptr(StoxSipMessage) head = NULL;

    outcome->status = stox_frame_status(frame);
    outcome->answerable = message != NULL;
    g_assert_true(outcome->status == 400 || outcome->status == 513);
    g_assert_nonnull(why);
    g_assert_cmpuint(n, <=, 3 * HEADER_MAX);
    if (!message)
        return;
    head = stox_sip_message_parse_head(message, n, outcome->status, why);
    if (head)
        g_assert_cmpuint(stox_sip_defect(head, NULL), ==, outcome->status);
}

static void drain(StoxFrame *frame, Outcome *outcome, const char *fed, size_t n_fed, size_t limit)
{
    for (;;) {
        const char *message, *why = NULL;
        size_t n;

        switch (stox_frame_next(frame, &message, &n, &why)) {
        case STOX_FRAME_MORE:
            return;
        case STOX_FRAME_PING:
            outcome->pings++;
            break;
        case STOX_FRAME_PONG:
            break;
        case STOX_FRAME_MESSAGE:
            g_assert_cmpuint(n, <=, limit);
            g_assert_nonnull(memmem(fed, n_fed, message, n));
            note(outcome->messages, message, n);
            break;
        case STOX_FRAME_BROKEN:
            take_broken(frame, outcome, message, n, why);
            return;
        }
    }
}

static Outcome run(const char *bytes, size_t n, size_t limit, uint32_t seed, Cut cut)
{
    g_autoptr(StoxFrame) frame = stox_frame_new(limit);
    Outcome outcome = {.messages = g_string_new(NULL)};

    for (size_t at = 0; at < n && !outcome.status;) {
        size_t piece = cut(&seed, n - at);
        /* On the heap, so that a sanitizer sees what reads beyond. */
        g_autofree char *copy = g_memdup2(bytes + at, piece);

        stox_frame_append(frame, copy, piece);
        at += piece;
        drain(frame, &outcome, bytes, at, limit);
    }
    return outcome;
}

static void compare(const Outcome *one, const Outcome *two)
{
    g_assert_cmpstr(one->messages->str, ==, two->messages->str);
    g_assert_cmpuint(one->pings, ==, two->pings);
    g_assert_cmpuint(one->status, ==, two->status);
    g_assert_true(one->answerable == two->answerable);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const size_t limits[] = {64, 1000, 65536, 1 << 20};
    const char *bytes = (const char *) data + 2;
    Outcome whole, single, any;
    size_t limit;

    if (size < 2)
        return 0;
    limit = limits[data[0] % G_N_ELEMENTS(limits)];
    whole = run(bytes, size - 2, limit, 0, cut_none);
    single = run(bytes, size - 2, limit, 0, cut_bytes);
    any = run(bytes, size - 2, limit, data[1], cut_anyhow);
    compare(&whole, &single);
    compare(&whole, &any);
    g_string_free(whole.messages, TRUE);
    g_string_free(single.messages, TRUE);
    g_string_free(any.messages, TRUE);
    return 0;
}
