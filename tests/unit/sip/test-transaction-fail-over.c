/* SPDX-License-Identifier: MIT */
/* Another next hop within one transaction: row R-32; RFC 3263 s4.3, RFC 3261 s8.1.3.1. */
#include "tests/unit/sip/transaction-rig.h"

#include <string.h>

static GBytes *sent(Rig *rig, unsigned index)
{
    return rig->requests->pdata[index];
}

static void test_503(Rig *rig, gconstpointer data)
{
    g_autoptr(StoxSipMessage) first = NULL, second = NULL;

    rig->hops = 1;
    ask_hop(rig, &rig_pool, "MESSAGE");
    far_answers_with(rig, NULL, 503, "Retry-After", "7");
    expect(rig, "MESSAGE#1 other#1 MESSAGE#1 ");
    g_assert_cmpint(rig->retry_after_s, ==, 7);
    g_assert_cmpuint(rig->flow, ==, 0);
    first = parsed(sent(rig, 0));
    second = parsed(sent(rig, 1));
    g_assert_cmpstr(stox_sip_view(first)->branch, !=, stox_sip_view(second)->branch);
    g_assert_cmpstr(stox_sip_view(first)->call_id, ==, stox_sip_view(second)->call_id);
    g_assert_cmpuint(stox_sip_view(first)->cseq, ==, stox_sip_view(second)->cseq);
    g_assert_cmpstr(stox_sip_raw(first, "From")[0], ==, stox_sip_raw(second, "From")[0]);
    /* What comes late of the first attempt is nobody's. */
    far_answers(rig, sent(rig, 0), 503);
    far_answers(rig, sent(rig, 0), 200);
    expect(rig, "");
    far_answers(rig, NULL, 200);
    expect(rig, "got-200#1 ");
    g_assert_cmpuint(stox_transactions_count(rig->transactions), ==, 0);
}

/* The last hop's 503 is the owner's, with its Retry-After. */
static void test_no_other(Rig *rig, gconstpointer data)
{
    rig->hops = 2;
    ask_hop(rig, &rig_pool, "SUBSCRIBE");
    for (unsigned i = 0; i < 3; i++) {
        far_answers(rig, NULL, 100);
        far_answers(rig, NULL, 503);
        g_assert_cmpint(rig->retry_after_s, ==, -1);
    }
    expect(rig, "SUBSCRIBE#1 other#1 SUBSCRIBE#1 other#1 SUBSCRIBE#1 none#1 got-503#1 ");
    ask_hop(rig, &rig_pool, "SUBSCRIBE");
    stox_transactions_send_failed(rig->transactions, 2, STOX_SIP_NO_SUCH_DOMAIN, rig->now);
    expect(rig, "SUBSCRIBE#2 none#2 fate-5#2 ");
    g_assert_cmpuint(stox_transactions_count(rig->transactions), ==, 0);
}

static void test_not_sent(Rig *rig, gconstpointer data)
{
    rig->hops = 2;
    ask_hop(rig, &rig_pool, "MESSAGE");
    pass(rig, 10000);
    stox_transactions_send_failed(rig->transactions, 1, STOX_SIP_NOT_SENT, rig->now);
    g_assert_cmpint(rig->retry_after_s, ==, -1);
    stox_transactions_send_failed(rig->transactions, 1, STOX_SIP_NO_SUCH_DOMAIN, rig->now);
    expect(rig, "MESSAGE#1 other#1 MESSAGE#1 other#1 MESSAGE#1 ");
    /* One time-out in all. */
    pass(rig, 21999);
    expect(rig, "");
    pass(rig, 1);
    expect(rig, "fate-1#1 ");
}

/* Promise 4: what may have arrived never goes to another hop. */
static void test_never_again(Rig *rig, gconstpointer data)
{
    static const unsigned others[] = {200, 302, 404, 408, 480, 481, 500, 504, 600};
    char log[64];

    rig->hops = 9;
    for (unsigned i = 0; i < G_N_ELEMENTS(others); i++) {
        unsigned id = (unsigned) ask_hop(rig, &rig_pool, "MESSAGE");

        far_answers(rig, NULL, others[i]);
        g_snprintf(log, sizeof log, "MESSAGE#%u got-%u#%u ", id, others[i], id);
        expect(rig, log);
    }
    ask_hop(rig, &rig_pool, "MESSAGE");
    stox_transactions_send_failed(rig->transactions, 10, STOX_SIP_TRANSPORT, rig->now);
    ask_hop(rig, &rig_pool, "MESSAGE");
    far_answers(rig, NULL, 100);
    stox_transactions_send_failed(rig->transactions, 11, STOX_SIP_NOT_SENT, rig->now);
    expect(rig, "MESSAGE#10 fate-2#10 MESSAGE#11 fate-2#11 ");
    ask_hop(rig, &rig_pool, "MESSAGE");
    pass(rig, 32000);
    expect(rig, "MESSAGE#12 fate-1#12 ");
    g_assert_cmpuint(rig->hops, ==, 9);
}

/* A request of a dialog has its place to go to, and a single hop has no other. */
static void test_not_asked(Rig *rig, gconstpointer data)
{
    StoxSipTarget target = {.hop = &rig_pool, .uri = "sip:fe01.contoso.example"};
    StoxOwner owner = {.kind = STOX_OWNER_SESSION, .id = 5};

    rig->hops = 9;
    stox_transactions_request(rig->transactions, request_of("MESSAGE"), &target, owner, rig->now);
    far_answers(rig, NULL, 503);
    ask_hop(rig, &rig_other, "MESSAGE");
    stox_transactions_send_failed(rig->transactions, 2, STOX_SIP_NOT_SENT, rig->now);
    expect(rig, "MESSAGE#1 got-503#1 MESSAGE#2 fate-3#2 ");
}

/* The 503 gets its ACK first; a repeat of it gets one while the next attempt runs. */
static void test_invite(Rig *rig, gconstpointer data)
{
    g_autoptr(StoxSipMessage) invite = NULL, ack = NULL;

    rig->hops = 1;
    ask_hop(rig, &rig_udp_pool, "INVITE");
    far_answers(rig, NULL, 100);
    pass(rig, 20000);
    far_answers(rig, NULL, 503);
    expect(rig, "INVITE#1 ACK#0 other#1 INVITE#1 ");
    far_answers(rig, sent(rig, 0), 503);
    expect(rig, "ACK#0 ");
    invite = parsed(sent(rig, 0));
    ack = parsed(rig->request);
    g_assert_cmpstr(stox_sip_raw(invite, "Via")[0], ==, stox_sip_raw(ack, "Via")[0]);
    g_assert_cmpuint(rig->flow, ==, 77);
    /* The second attempt has what is left of Timer B. */
    pass_timed(rig, 20000);
    expect(rig, "500:INVITE#1 1500:INVITE#1 3500:INVITE#1 7500:INVITE#1 12000:fate-1#1 ");
    g_assert_cmpuint(stox_transactions_count(rig->transactions), ==, 0);
}

static void test_invite_answered(Rig *rig, gconstpointer data)
{
    g_autoptr(GBytes) second = NULL;
    g_autoptr(StoxSipMessage) invite = NULL, cancel = NULL;

    rig->hops = 1;
    ask_hop(rig, &rig_pool, "INVITE");
    far_answers(rig, NULL, 503);
    second = g_bytes_ref(rig->request);
    far_answers(rig, second, 180);
    /* Provisionals of the first attempt say nothing any more. */
    far_answers(rig, sent(rig, 0), 183);
    expect(rig, "INVITE#1 ACK#0 other#1 INVITE#1 got-180#1 ");
    stox_transactions_cancel(rig->transactions, 1, rig->now);
    expect(rig, "CANCEL#0 ");
    invite = parsed(second);
    cancel = parsed(rig->request);
    g_assert_cmpstr(stox_sip_raw(invite, "Via")[0], ==, stox_sip_raw(cancel, "Via")[0]);
    far_answers(rig, second, 487);
    expect(rig, "ACK#0 got-487#1 ");
    g_assert_cmpuint(stox_transactions_count(rig->transactions), ==, 0);
}

/* Somebody's phone has rung, or its caller has given up: not again elsewhere. */
static void test_invite_told(Rig *rig, gconstpointer data)
{
    rig->hops = 9;
    ask_hop(rig, &rig_pool, "INVITE");
    far_answers(rig, NULL, 180);
    far_answers(rig, NULL, 503);
    expect(rig, "INVITE#1 got-180#1 ACK#0 got-503#1 ");
    ask_hop(rig, &rig_pool, "INVITE");
    stox_transactions_cancel(rig->transactions, 2, rig->now);
    far_answers(rig, NULL, 503);
    expect(rig, "INVITE#2 ACK#0 got-503#2 ");
    ask_hop(rig, &rig_pool, "INVITE");
    stox_transactions_cancel(rig->transactions, 3, rig->now);
    stox_transactions_send_failed(rig->transactions, 3, STOX_SIP_NOT_SENT, rig->now);
    expect(rig, "INVITE#3 fate-3#3 ");
    /* Behind Timer B there is no other attempt either. */
    ask_hop(rig, &rig_pool, "INVITE");
    far_answers(rig, NULL, 100);
    pass(rig, 32000);
    far_answers(rig, NULL, 503);
    expect(rig, "INVITE#4 ACK#0 got-503#4 ");
}

/* A 2xx behind its 503: it is the answer, and the attempt that runs is taken back, however it ends. */
static void test_invite_late_2xx(Rig *rig, gconstpointer data)
{
    g_autoptr(GBytes) second = NULL;

    rig->hops = 2;
    ask_hop(rig, &rig_pool, "INVITE");
    far_answers(rig, NULL, 503);
    second = g_bytes_ref(rig->request);
    expect(rig, "INVITE#1 ACK#0 other#1 INVITE#1 ");
    far_answers(rig, sent(rig, 0), 200);
    far_answers(rig, sent(rig, 0), 200);
    expect(rig, "got-200#1 got-200#1 ");
    far_answers(rig, second, 180);
    expect(rig, "CANCEL#0 ");
    far_answers(rig, second, 487);
    expect(rig, "ACK#0 ");
    far_answers(rig, sent(rig, 0), 200);
    expect(rig, "got-200#1 ");
    pass(rig, 32000);
    expect(rig, "");
    g_assert_cmpuint(stox_transactions_count(rig->transactions), ==, 0);

    /* The second one answers as well: one more fork. */
    ask_hop(rig, &rig_pool, "INVITE");
    g_clear_pointer(&second, g_bytes_unref);
    second = g_bytes_ref(rig->request);
    far_answers(rig, NULL, 503);
    far_answers(rig, second, 200);
    far_answers(rig, NULL, 200);
    expect(rig, "INVITE#2 ACK#0 other#2 INVITE#2 got-200#2 got-200#2 ");
    pass(rig, 32000);
    g_assert_cmpuint(stox_transactions_count(rig->transactions), ==, 0);
}

static void test_invite_late_2xx_alone(Rig *rig, gconstpointer data)
{
    g_autoptr(GBytes) first = NULL;

    rig->hops = 2;
    ask_hop(rig, &rig_pool, "INVITE");
    first = g_bytes_ref(rig->request);
    far_answers(rig, NULL, 503);
    far_answers(rig, first, 200);
    expect(rig, "INVITE#1 ACK#0 other#1 INVITE#1 got-200#1 ");
    /* Nothing comes of the second: the owner has his answer already. */
    pass(rig, 32000);
    expect(rig, "");
    g_assert_cmpuint(stox_transactions_count(rig->transactions), ==, 0);
    ask_hop(rig, &rig_pool, "INVITE");
    g_clear_pointer(&first, g_bytes_unref);
    first = g_bytes_ref(rig->request);
    far_answers(rig, NULL, 503);
    far_answers(rig, first, 200);
    stox_transactions_send_failed(rig->transactions, 2, STOX_SIP_NOT_SENT, rig->now);
    expect(rig, "INVITE#2 ACK#0 other#2 INVITE#2 got-200#2 ");
    g_assert_cmpuint(stox_transactions_count(rig->transactions), ==, 0);
}

/* Over UDP the attempt that runs is not repeated any more once an earlier one has been answered. */
static void test_invite_late_2xx_datagram(Rig *rig, gconstpointer data)
{
    g_autoptr(GBytes) first = NULL;

    rig->hops = 2;
    ask_hop(rig, &rig_udp_pool, "INVITE");
    first = g_bytes_ref(rig->request);
    far_answers(rig, NULL, 503);
    pass(rig, 500);
    expect(rig, "INVITE#1 ACK#0 other#1 INVITE#1 INVITE#1 ");
    far_answers(rig, first, 200);
    expect(rig, "got-200#1 ");
    pass(rig, 32000);
    expect(rig, "");
    g_assert_cmpuint(stox_transactions_count(rig->transactions), ==, 0);
}

/* M-38: too large for UDP, and the first hop has no TCP; the second has. */
static void test_too_large(Rig *rig, gconstpointer data)
{
    StoxSipTarget target = {.hop = &rig_udp_pool};
    StoxOwner owner = {.kind = STOX_OWNER_SESSION, .id = 5};

    rig->hops = 1;
    stox_transactions_request(rig->transactions, long_request_of("MESSAGE", 1500), &target, owner,
                              rig->now);
    stox_transactions_send_failed(rig->transactions, 1, STOX_SIP_NOT_SENT, rig->now);
    expect(rig, "MESSAGE#1 other#1 MESSAGE#1 ");
    g_assert_true(rig->stream);
    stox_transactions_send_failed(rig->transactions, 1, STOX_SIP_NOT_SENT, rig->now);
    expect(rig, "none#1 fate-4#1 ");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    RIG_ADD("fail-over/R-32 503", test_503);
    RIG_ADD("fail-over/R-32 no-other", test_no_other);
    RIG_ADD("fail-over/R-32 not-sent", test_not_sent);
    RIG_ADD("fail-over/never-again", test_never_again);
    RIG_ADD("fail-over/not-asked", test_not_asked);
    RIG_ADD("fail-over/R-32 invite", test_invite);
    RIG_ADD("fail-over/invite-answered", test_invite_answered);
    RIG_ADD("fail-over/invite-told", test_invite_told);
    RIG_ADD("fail-over/invite-late-2xx", test_invite_late_2xx);
    RIG_ADD("fail-over/invite-late-2xx-alone", test_invite_late_2xx_alone);
    RIG_ADD("fail-over/invite-late-2xx-datagram", test_invite_late_2xx_datagram);
    RIG_ADD("fail-over/M-38 too-large", test_too_large);
    return g_test_run();
}
