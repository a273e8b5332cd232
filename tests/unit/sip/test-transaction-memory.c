/* SPDX-License-Identifier: MIT */
/* What is known of a request after its final answer: rows; RFC 3261 s8.2.2.2, s17.2.2; promise 4 (no doubles). */
#include "tests/unit/sip/transaction-rig.h"

#include "sip/transaction-memory.h"

#include <string.h>

/* ---- The ring ---- */

static StoxAnswered answered(uint64_t key, uint64_t call, GBytes *last)
{
    return (StoxAnswered){.key = key, .call = call, .status = 200, .last = last};
}

static void add(StoxTxMemory *memory, uint64_t key, uint64_t call, GBytes *last, int64_t at)
{
    StoxAnswered entry = answered(key, call, last);

    stox_tx_memory_add(memory, &entry, at);
}

static void test_ring_model(void)
{
    enum { MAX = 100, STEPS = 20000 };
    StoxTxMemory *memory = stox_tx_memory_new(MAX, SIZE_MAX);
    g_autoptr(GRand) rand = g_rand_new_with_seed(1);
    g_autoptr(GArray) model = g_array_new(FALSE, FALSE, sizeof(StoxAnswered));
    g_autoptr(GArray) expiries = g_array_new(FALSE, FALSE, sizeof(int64_t));
    int64_t now = 0;

    for (unsigned i = 0; i < STEPS; i++) {
        /* Few low bits differ: chains are long. */
        StoxAnswered entry = answered((uint64_t) g_rand_int_range(rand, 0, 300) << 5,
                                      (uint64_t) g_rand_int_range(rand, 0, 20) << 30, NULL);
        StoxAnswered found;
        bool key = false, call = false;
        int64_t expires = now + 100;

        if (g_rand_int_range(rand, 0, 10) == 0)
            now += g_rand_int_range(rand, 0, 40);
        stox_tx_memory_expire(memory, now);
        while (model->len && g_array_index(expiries, int64_t, 0) <= now) {
            g_array_remove_index(model, 0);
            g_array_remove_index(expiries, 0);
        }
        for (unsigned k = 0; k < model->len; k++) {
            const StoxAnswered *known = &g_array_index(model, StoxAnswered, k);

            key = key || known->key == entry.key;
            call = call || (known->call && known->call == entry.call);
        }
        g_assert_cmpint(stox_tx_memory_find(memory, entry.key, &found), ==, key);
        if (entry.call)
            g_assert_cmpint(stox_tx_memory_has_call(memory, entry.call), ==, call);
        g_assert_cmpuint(stox_tx_memory_count(memory), ==, model->len);
        g_assert_cmpint(stox_tx_memory_next(memory), ==,
                        model->len ? g_array_index(expiries, int64_t, 0) : STOX_NEVER);
        expires = now + 100;
        stox_tx_memory_add(memory, &entry, expires);
        if (model->len == MAX) {
            g_array_remove_index(model, 0);
            g_array_remove_index(expiries, 0);
        }
        g_array_append_val(model, entry);
        g_array_append_val(expiries, expires);
    }
    stox_tx_memory_free(memory);
}

/* Over its bytes the oldest answers go, and only they; the requests stay known. */
static void test_ring_bytes(void)
{
    StoxTxMemory *memory = stox_tx_memory_new(1000, 100);
    g_autoptr(GBytes) last = g_bytes_new_static("0123456789012345678901234567890123456789", 40);
    StoxAnswered found;

    for (unsigned i = 1; i <= 5; i++)
        add(memory, i, i, i == 2 ? NULL : last, i);
    for (unsigned i = 1; i <= 5; i++) {
        g_assert_true(stox_tx_memory_find(memory, i, &found));
        g_assert_cmpuint(found.status, ==, 200);
        g_assert_cmpint(found.last != NULL, ==, i >= 4);
    }
    stox_tx_memory_expire(memory, 4);
    add(memory, 6, 6, last, 6);
    g_assert_true(stox_tx_memory_find(memory, 5, &found) && found.last);
    g_assert_true(stox_tx_memory_find(memory, 6, &found) && found.last);
    g_assert_false(stox_tx_memory_find(memory, 4, &found));
    stox_tx_memory_free(memory);
    /* One that is larger than all there is room for. */
    memory = stox_tx_memory_new(10, 10);
    add(memory, 1, 1, last, 1);
    g_assert_true(stox_tx_memory_find(memory, 1, &found) && !found.last);
    stox_tx_memory_free(memory);
    memory = stox_tx_memory_new(0, 10);
    add(memory, 1, 1, NULL, 1);
    g_assert_cmpuint(stox_tx_memory_count(memory), ==, 0);
    stox_tx_memory_free(memory);
    stox_tx_memory_free(NULL);
}

static void test_hash(void)
{
    uint64_t a = stox_tx_hash(stox_tx_hash(7, "ab"), "c");

    /* FNV-1a's own vector, with the NUL. */
    g_assert_cmphex(stox_tx_hash(14695981039346656037u, ""), ==, 0xaf63bd4c8601b7dfu);
    g_assert_cmphex(a, !=, stox_tx_hash(stox_tx_hash(7, "a"), "bc"));
    g_assert_cmphex(a, !=, stox_tx_hash(stox_tx_hash(8, "ab"), "c"));
}

/* ---- What it is for ---- */

/* Our 200 was lost with its connection: the client hears it on its new one, and nothing is delivered twice. */
static void test_repeated_on_stream(Rig *rig, gconstpointer data)
{
    static const char *const methods[] = {"MESSAGE", "NOTIFY", "INFO", "BYE"};

    for (unsigned i = 0; i < G_N_ELEMENTS(methods); i++) {
        uint64_t request = 0, again = 0;
        g_autoptr(StoxSipMessage) answer = NULL, repeated = NULL, third = NULL;

        they(rig, &request, methods[i]);
        we_answer(rig, request, 202);
        answer = parsed(rig->response);
        rig->their_flow++;
        g_assert_cmpint(they(rig, &again, methods[i]), ==, STOX_REQUEST_DONE);
        repeated = parsed(rig->response);
        g_assert_cmpuint(rig->flow, ==, rig->their_flow);
        g_assert_cmpuint(stox_sip_view(repeated)->status, ==, 202);
        g_assert_nonnull(stox_sip_view(repeated)->to_tag);
        g_assert_cmpstr(stox_sip_raw(answer, "Via")[0], ==, stox_sip_raw(repeated, "Via")[0]);
        they(rig, &again, methods[i]);
        third = parsed(rig->response);
        /* RFC 3261 s8.2.7 */
        g_assert_cmpstr(stox_sip_view(repeated)->to_tag, ==, stox_sip_view(third)->to_tag);
        expect(rig, "202 202 202 ");
    }
}

/* What says more than its status is said with the same bytes: the 200 of a SUBSCRIBE has the tag of a dialog. */
static void test_repeated_bytes(Rig *rig, gconstpointer data)
{
    static const struct {
        const char *method;
        unsigned status;
    } rows[] = {{"SUBSCRIBE", 200}, {"UPDATE", 200}, {"OPTIONS", 200}, {"MESSAGE", 415}};

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        uint64_t request = 0;
        g_autoptr(GBytes) answer = NULL;
        StoxSipBuilder *builder;

        they(rig, &request, rows[i].method);
        builder = our_answer(rig, request, rows[i].status);
        stox_sip_builder_add(builder, "Expires", "3600");
        stox_transactions_respond(rig->transactions, request, builder, rig->now);
        answer = g_bytes_ref(rig->response);
        they(rig, &request, rows[i].method);
        g_assert_true(g_bytes_equal(answer, rig->response));
        g_string_truncate(rig->log, 0);
    }
}

static void test_forgotten(Rig *rig, gconstpointer data)
{
    uint64_t request = 0;

    they(rig, &request, "MESSAGE");
    we_answer(rig, request, 200);
    pass(rig, 36999);
    g_assert_cmpint(they(rig, &request, "MESSAGE"), ==, STOX_REQUEST_DONE);
    expect(rig, "200 200 ");
    pass(rig, 1);
    g_assert_cmpint(they(rig, &request, "MESSAGE"), ==, STOX_REQUEST_NEW);
    we_answer(rig, request, 200);
    expect(rig, "200 ");
    /* When nothing is left to know, nothing wakes us. */
    pass(rig, 40000);
    g_assert_cmpint(stox_transactions_deadline(rig->transactions), ==, STOX_NEVER);
}

/* R-23, RFC 3261 s8.2.2.2: the copy that comes by another way after our answer. */
static void test_merged(Rig *rig, gconstpointer data)
{
    static const char *const methods[] = {"MESSAGE", "SUBSCRIBE", "INVITE", "OPTIONS"};

    for (unsigned i = 0; i < G_N_ELEMENTS(methods); i++) {
        uint64_t request = 0;

        they(rig, &request, methods[i]);
        we_answer(rig, request, 480);
        they(rig, &request, "ACK", .to_tag = "us");
        expect(rig, "480 ");
        g_assert_cmpint(they(rig, &request, methods[i], .via = V2), ==, STOX_REQUEST_DONE);
        expect(rig, "482 ");
        g_assert_cmpint(they(rig, &request, methods[i], .via = V2, .from = &rig_other), ==,
                        STOX_REQUEST_DONE);
        expect(rig, "482 ");
    }
}

/* Another CSeq or Call-ID is another request, and one of a dialog is judged there. */
static void test_not_merged(Rig *rig, gconstpointer data)
{
    uint64_t request = 0;

    they(rig, &request, "MESSAGE");
    we_answer(rig, request, 200);
    g_assert_cmpint(they(rig, &request, "MESSAGE", .via = V2, .cseq = "2"), ==, STOX_REQUEST_NEW);
    we_answer(rig, request, 200);
    rig->their_call = "call2";
    g_assert_cmpint(they(rig, &request, "MESSAGE", .via = V2), ==, STOX_REQUEST_NEW);
    we_answer(rig, request, 200);
    rig->their_call = "call";
    g_assert_cmpint(they(rig, &request, "MESSAGE", .via = V2, .to_tag = "us"), ==,
                    STOX_REQUEST_NEW);
    expect(rig, "200 200 200 ");
}

/* RFC 3263 s4.3: 503 asks for another try, which may come to us again. */
static void test_503_again(Rig *rig, gconstpointer data)
{
    uint64_t request = 0;

    they(rig, &request, "MESSAGE");
    we_answer(rig, request, 503);
    they(rig, &request, "MESSAGE");
    expect(rig, "503 503 ");
    g_assert_cmpint(they(rig, &request, "MESSAGE", .via = V2), ==, STOX_REQUEST_NEW);
    we_answer(rig, request, 200);
    expect(rig, "200 ");
}

/* A client whose branches are always the same does not repeat itself. */
static void test_same_branch(Rig *rig, gconstpointer data)
{
    static const char *const cseqs[] = {"1", "2", "3"};

    for (unsigned i = 0; i < G_N_ELEMENTS(cseqs); i++) {
        uint64_t request = 0;

        g_assert_cmpint(they(rig, &request, "MESSAGE", .cseq = cseqs[i]), ==, STOX_REQUEST_NEW);
        we_answer(rig, request, 200);
    }
    expect(rig, "200 200 200 ");
}

/* RFC 2543: without branches all of the request tells it, its To tag as well. */
static void test_old_clients(Rig *rig, gconstpointer data)
{
    uint64_t request = 0;

    they(rig, &request, "MESSAGE", .via = V0, .to_tag = "us");
    we_answer(rig, request, 200);
    g_assert_cmpint(they(rig, &request, "MESSAGE", .via = V0, .to_tag = "us"), ==,
                    STOX_REQUEST_DONE);
    expect(rig, "200 200 ");
    g_assert_cmpint(they(rig, &request, "MESSAGE", .via = V0, .to_tag = "other"), ==,
                    STOX_REQUEST_NEW);
    g_assert_cmpint(they(rig, &request, "MESSAGE", .via = V0, .cseq = "2", .to_tag = "us"), ==,
                    STOX_REQUEST_NEW);
}

/* Memory is bounded: the rig's layer knows four. */
static void test_bounded(Rig *rig, gconstpointer data)
{
    static const char *const cseqs[] = {"1", "2", "3", "4", "5"};
    uint64_t request = 0;

    for (unsigned i = 0; i < G_N_ELEMENTS(cseqs); i++) {
        they(rig, &request, "MESSAGE", .cseq = cseqs[i]);
        we_answer(rig, request, 200);
    }
    expect(rig, "200 200 200 200 200 ");
    for (unsigned i = 1; i < G_N_ELEMENTS(cseqs); i++)
        g_assert_cmpint(they(rig, &request, "MESSAGE", .cseq = cseqs[i]), ==, STOX_REQUEST_DONE);
    expect(rig, "200 200 200 200 ");
    g_assert_cmpint(they(rig, &request, "MESSAGE"), ==, STOX_REQUEST_NEW);
    /* Answered ones take no room of open ones. */
    g_assert_cmpint(they(rig, &request, "MESSAGE", .via = V1 "6", .cseq = "6"), ==,
                    STOX_REQUEST_NEW);
    g_assert_cmpint(they(rig, &request, "MESSAGE", .via = V1 "7", .cseq = "7"), ==,
                    STOX_REQUEST_NEW);
    expect(rig, "");
}

/* The hop is part of it: one peer cannot answer for another. */
static void test_hops_apart(Rig *rig, gconstpointer data)
{
    uint64_t request = 0;

    they(rig, &request, "BYE", .to_tag = "us");
    we_answer(rig, request, 200);
    g_assert_cmpint(they(rig, &request, "BYE", .to_tag = "us", .from = &rig_other), ==,
                    STOX_REQUEST_NEW);
    expect(rig, "200 ");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sip/transaction/memory/ring-model", test_ring_model);
    g_test_add_func("/sip/transaction/memory/ring-bytes", test_ring_bytes);
    g_test_add_func("/sip/transaction/memory/hash", test_hash);
    RIG_ADD("memory/repeated-on-stream", test_repeated_on_stream);
    RIG_ADD("memory/repeated-bytes", test_repeated_bytes);
    RIG_ADD("memory/R-26 forgotten", test_forgotten);
    RIG_ADD("memory/R-23 merged", test_merged);
    RIG_ADD("memory/R-23 not-merged", test_not_merged);
    RIG_ADD("memory/503-again", test_503_again);
    RIG_ADD("memory/same-branch", test_same_branch);
    RIG_ADD("memory/old-clients", test_old_clients);
    RIG_ADD("memory/bounded", test_bounded);
    RIG_ADD("memory/hops-apart", test_hops_apart);
    return g_test_run();
}
