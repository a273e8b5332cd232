/* SPDX-License-Identifier: MIT */
/* CANCEL on both sides and over both kinds of transport: RFC 3261 s9, s16.10; row P-176. */
#include "tests/unit/sip/transaction-rig.h"

/* RFC 3261 s9.1: not before a provisional, then at once, once. */
static void test_cancel_early(Rig *rig, gconstpointer data)
{
    g_autoptr(GBytes) invite = NULL;
    g_autoptr(StoxSipMessage) cancel = NULL;

    ask(rig, "INVITE");
    invite = g_bytes_ref(rig->request);
    stox_transactions_cancel(rig->transactions, 1, rig->now);
    expect(rig, "INVITE#1 ");
    far_answers(rig, invite, 100);
    expect(rig, "CANCEL#0 ");
    cancel = parsed(rig->request);
    g_assert_true(g_str_has_prefix(stox_sip_view(cancel)->branch, "z9hG4bKstox"));
    g_assert_cmpuint(stox_sip_view(cancel)->cseq, ==, 7);
    g_assert_null(stox_sip_view(cancel)->to_tag);
    far_answers(rig, NULL, 200);
    expect(rig, "");
    far_answers(rig, invite, 180);
    stox_transactions_cancel(rig->transactions, 1, rig->now);
    expect(rig, "got-180#1 ");
    far_answers(rig, invite, 487);
    expect(rig, "ACK#0 got-487#1 ");
}

static void test_cancel_unanswered(Rig *rig, gconstpointer data)
{
    ask(rig, "INVITE");
    far_answers(rig, NULL, 180);
    pass(rig, 100000);
    expect(rig, "INVITE#1 got-180#1 ");
    stox_transactions_cancel(rig->transactions, 1, rig->now);
    expect(rig, "CANCEL#0 ");
    pass(rig, 31999);
    expect(rig, "");
    pass(rig, 1);
    expect(rig, "fate-1#1 ");
    stox_transactions_cancel(rig->transactions, 1, rig->now);
}

static void test_cancelled(Rig *rig, gconstpointer data)
{
    uint64_t request = 0;

    they(rig, &request, "INVITE");
    g_assert_cmpint(they(rig, &request, "CANCEL", .via = V2), ==, STOX_REQUEST_DONE);
    expect(rig, "481 ");
    they(rig, &request, "CANCEL", .from = &rig_other);
    expect(rig, "481 ");
    they(rig, &request, "CANCEL");
    expect(rig, "200 cancelled#1 ");
    they(rig, &request, "CANCEL");
    expect(rig, "200 ");
    we_answer(rig, 1, 487);
    they(rig, &request, "CANCEL");
    expect(rig, "487 200 ");
    they(rig, &request, "ACK", .to_tag = "us");
    they(rig, &request, "CANCEL");
    expect(rig, "200 ");
    /* Too late: it has its final answer, and the CANCEL no effect (RFC 3261 s9.2). */
    they(rig, &request, "INVITE", .cseq = "2");
    we_answer(rig, request, 200);
    they(rig, &request, "CANCEL", .cseq = "2");
    expect(rig, "200 200 ");
    they(rig, &request, "ACK", .via = V2, .cseq = "2", .to_tag = "us");
    /* P-176 */
    they(rig, &request, "SUBSCRIBE", .via = V2, .cseq = "3");
    they(rig, &request, "CANCEL", .via = V2, .cseq = "3");
    expect(rig, "200 ");
}

/* The 200 crosses the CANCEL: the owner gets it, and has to end what it has begun. */
static void test_cancel_crosses_2xx(Rig *rig, gconstpointer data)
{
    g_autoptr(GBytes) invite = NULL;

    ask(rig, "INVITE");
    invite = g_bytes_ref(rig->request);
    far_answers(rig, invite, 180);
    stox_transactions_cancel(rig->transactions, 1, rig->now);
    expect(rig, "INVITE#1 got-180#1 CANCEL#0 ");
    far_answers(rig, invite, 200);
    expect(rig, "got-200#1 ");
    far_answers(rig, NULL, 481);
    stox_transactions_cancel(rig->transactions, 1, rig->now);
    expect(rig, "");
    pass(rig, 32000);
    g_assert_cmpuint(stox_transactions_count(rig->transactions), ==, 0);
}

/* It never gets a provisional to be sent after. */
static void test_cancel_waits_in_vain(Rig *rig, gconstpointer data)
{
    ask(rig, "INVITE");
    stox_transactions_cancel(rig->transactions, 1, rig->now);
    pass(rig, 32000);
    expect(rig, "INVITE#1 fate-1#1 ");
    /* Nor does it follow a final response that comes first. */
    ask(rig, "INVITE");
    stox_transactions_cancel(rig->transactions, 2, rig->now);
    far_answers(rig, NULL, 486);
    expect(rig, "INVITE#2 ACK#0 got-486#2 ");
    ask(rig, "MESSAGE");
    stox_transactions_cancel(rig->transactions, 3, rig->now);
    far_answers(rig, NULL, 100);
    far_answers(rig, NULL, 200);
    expect(rig, "MESSAGE#3 got-200#3 ");
}

/* Over UDP it is a non-INVITE transaction of its own: Timer E, T2 after a provisional, silence after its answer. */
static void test_cancel_repeated(Rig *rig, gconstpointer data)
{
    g_autoptr(GBytes) invite = NULL, cancel = NULL;
    g_autoptr(StoxSipMessage) first = NULL, second = NULL;

    ask_hop(rig, &rig_udp, "INVITE");
    invite = g_bytes_ref(rig->request);
    far_answers(rig, invite, 180);
    stox_transactions_cancel(rig->transactions, 1, rig->now);
    expect(rig, "INVITE#1 got-180#1 CANCEL#0 ");
    cancel = g_bytes_ref(rig->request);
    g_assert_cmpuint(rig->flow, ==, 77);
    first = parsed(invite);
    second = parsed(cancel);
    g_assert_cmpstr(stox_sip_raw(first, "Via")[0], ==, stox_sip_raw(second, "Via")[0]);
    pass_timed(rig, 12000);
    expect(rig, "500:CANCEL#0 1500:CANCEL#0 3500:CANCEL#0 7500:CANCEL#0 11500:CANCEL#0 ");
    g_assert_true(g_bytes_equal(rig->request, cancel));
    /* One more provisional of the INVITE changes nothing. */
    far_answers(rig, invite, 180);
    expect(rig, "got-180#1 ");
    pass_timed(rig, 4000);
    expect(rig, "3500:CANCEL#0 ");
    far_answers(rig, cancel, 200);
    pass(rig, 15999);
    expect(rig, "");
    pass(rig, 1);
    expect(rig, "fate-1#1 ");
}

static void test_cancel_provisional(Rig *rig, gconstpointer data)
{
    g_autoptr(GBytes) invite = NULL;

    ask_hop(rig, &rig_udp, "INVITE");
    invite = g_bytes_ref(rig->request);
    far_answers(rig, invite, 100);
    stox_transactions_cancel(rig->transactions, 1, rig->now);
    far_answers(rig, NULL, 100);
    pass_timed(rig, 9000);
    expect(rig, "INVITE#1 CANCEL#0 500:CANCEL#0 4500:CANCEL#0 8500:CANCEL#0 ");
    /* The INVITE's own end stops it too. */
    far_answers(rig, invite, 487);
    expect(rig, "ACK#0 got-487#1 ");
    pass(rig, 40000);
    expect(rig, "");
    g_assert_cmpuint(stox_transactions_count(rig->transactions), ==, 0);
}

/* CANCEL, and the ACK of what it leads to, come over other connections of the same hop. */
static void test_other_connections(Rig *rig, gconstpointer data)
{
    uint64_t request = 0;

    they(rig, &request, "INVITE");
    rig->their_flow = 12;
    they(rig, &request, "CANCEL");
    g_assert_cmpuint(rig->flow, ==, 12);
    expect(rig, "200 cancelled#1 ");
    we_answer(rig, 1, 487);
    g_assert_cmpuint(rig->flow, ==, 11);
    rig->their_flow = 13;
    g_assert_cmpint(they(rig, &request, "ACK", .to_tag = "us"), ==, STOX_REQUEST_DONE);
    expect(rig, "487 ");
    g_assert_cmpuint(stox_transactions_count(rig->transactions), ==, 0);
}

/* Over UDP: the CANCEL overtakes its INVITE, and copies of both come late. */
static void test_reordered(Rig *rig, gconstpointer data)
{
    uint64_t request = 0;
    g_autoptr(GBytes) first = NULL;

    rig->datagrams = true;
    they(rig, &request, "CANCEL", .from = &rig_udp);
    first = g_bytes_ref(rig->response);
    they(rig, &request, "CANCEL", .from = &rig_udp);
    expect(rig, "481 481 ");
    /* RFC 3261 s8.2.7: the same tag for each copy. */
    g_assert_true(g_bytes_equal(first, rig->response));
    g_assert_cmpint(they(rig, &request, "INVITE", .from = &rig_udp), ==, STOX_REQUEST_NEW);
    they(rig, &request, "CANCEL", .from = &rig_udp);
    we_answer(rig, request, 487);
    they(rig, &request, "ACK", .from = &rig_udp, .to_tag = "us");
    they(rig, &request, "CANCEL", .from = &rig_udp);
    they(rig, &request, "INVITE", .from = &rig_udp);
    they(rig, &request, "ACK", .from = &rig_udp, .to_tag = "us");
    expect(rig, "200 cancelled#1 487 200 ");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    RIG_ADD("cancel/ours-early", test_cancel_early);
    RIG_ADD("cancel/ours-unanswered", test_cancel_unanswered);
    RIG_ADD("cancel/ours-crosses-2xx", test_cancel_crosses_2xx);
    RIG_ADD("cancel/ours-waits-in-vain", test_cancel_waits_in_vain);
    RIG_ADD("cancel/R-26 ours-repeated", test_cancel_repeated);
    RIG_ADD("cancel/R-26 ours-provisional", test_cancel_provisional);
    RIG_ADD("cancel/P-176 theirs", test_cancelled);
    RIG_ADD("cancel/theirs-other-connections", test_other_connections);
    RIG_ADD("cancel/theirs-reordered", test_reordered);
    return g_test_run();
}
