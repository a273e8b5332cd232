/* SPDX-License-Identifier: MIT */
/* Transactions over UDP: rows, M-38; RFC 3261 s17, s18.1.1; RFC 3581; RFC 4320; RFC 6026. */
#include "tests/unit/sip/transaction-rig.h"

#include <string.h>

/* ---- We ask ---- */

/* The Via's transport is that of the bytes; rport only over UDP (RFC 3581 s3). */
static void test_via(Rig *rig, gconstpointer data)
{
    static const struct {
        const StoxSipHop *hop;
        size_t body;
        const char *begin;
        bool rport, stream;
    } rows[] = {
        {&rig_hop, 0, "SIP/2.0/TLS xgw.contoso.example:5061;branch=z9hG4bKstox", false, false},
        {&rig_other, 0, "SIP/2.0/TCP xgw.contoso.example:5060;branch=z9hG4bKstox", false, false},
        {&rig_other, 5000, "SIP/2.0/TCP xgw.contoso.example:5060;branch=z9hG4bKstox", false, false},
        {&rig_udp, 0, "SIP/2.0/UDP xgw.contoso.example:5060;branch=z9hG4bKstox", true, false},
        {&rig_udp, 5000, "SIP/2.0/TCP xgw.contoso.example:5060;branch=z9hG4bKstox", false, true},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        StoxSipTarget target = {.hop = rows[i].hop};
        StoxOwner owner = {.kind = STOX_OWNER_SESSION, .id = 5};
        g_autoptr(StoxSipMessage) sent = NULL;

        stox_transactions_request(rig->transactions, long_request_of("MESSAGE", rows[i].body),
                                  &target, owner, rig->now);
        sent = parsed(rig->request);
        g_assert_true(g_str_has_prefix(stox_sip_raw(sent, "Via")[0], rows[i].begin));
        g_assert_cmpint(stox_sip_view(sent)->rport, ==, rows[i].rport);
        g_assert_cmpint(rig->stream, ==, rows[i].stream);
    }
    g_string_truncate(rig->log, 0);
}

/* Timer A doubles without a ceiling, Timer B ends it; always the same bytes, with the same id. */
static void test_timer_a(Rig *rig, gconstpointer data)
{
    g_autoptr(GBytes) first = NULL;

    ask_hop(rig, &rig_udp, "INVITE");
    first = g_bytes_ref(rig->request);
    expect(rig, "INVITE#1 ");
    pass_timed(rig, 40000);
    expect(rig, "500:INVITE#1 1500:INVITE#1 3500:INVITE#1 7500:INVITE#1 15500:INVITE#1 "
                "31500:INVITE#1 32000:fate-1#1 ");
    for (unsigned i = 0; i < rig->requests->len; i++)
        g_assert_true(g_bytes_equal(first, rig->requests->pdata[i]));
}

/* A provisional stops Timer A. */
static void test_timer_a_stops(Rig *rig, gconstpointer data)
{
    ask_hop(rig, &rig_udp, "INVITE");
    pass(rig, 600);
    expect(rig, "INVITE#1 INVITE#1 ");
    far_answers(rig, NULL, 100);
    pass(rig, 100000);
    expect(rig, "");
    far_answers(rig, NULL, 200);
    far_answers(rig, NULL, 200);
    expect(rig, "got-200#1 got-200#1 ");
    pass(rig, 32000);
    g_assert_cmpuint(stox_transactions_count(rig->transactions), ==, 0);
}

/* Timer E doubles up to T2, Timer F ends it. */
static void test_timer_e(Rig *rig, gconstpointer data)
{
    ask_hop(rig, &rig_udp, "MESSAGE");
    expect(rig, "MESSAGE#1 ");
    pass_timed(rig, 40000);
    expect(rig, "500:MESSAGE#1 1500:MESSAGE#1 3500:MESSAGE#1 7500:MESSAGE#1 11500:MESSAGE#1 "
                "15500:MESSAGE#1 19500:MESSAGE#1 23500:MESSAGE#1 27500:MESSAGE#1 31500:MESSAGE#1 "
                "32000:fate-1#1 ");
}

/* s17.1.2.2: after a provisional every T2; the answer ends it, and a second one is nobody's (Timer K). */
static void test_timer_e_proceeding(Rig *rig, gconstpointer data)
{
    ask_hop(rig, &rig_udp, "MESSAGE");
    pass(rig, 600);
    far_answers(rig, NULL, 100);
    expect(rig, "MESSAGE#1 MESSAGE#1 ");
    pass_timed(rig, 10000);
    expect(rig, "900:MESSAGE#1 4900:MESSAGE#1 8900:MESSAGE#1 ");
    far_answers(rig, NULL, 200);
    far_answers(rig, NULL, 200);
    expect(rig, "got-200#1 ");
    pass(rig, 40000);
    expect(rig, "");
    g_assert_cmpuint(stox_transactions_count(rig->transactions), ==, 0);
}

/* Timer D: each repeat of the refusal gets the ACK again, where it comes from, and its owner hears it once. */
static void test_timer_d(Rig *rig, gconstpointer data)
{
    g_autoptr(GBytes) invite = NULL, ack = NULL;

    ask_hop(rig, &rig_udp, "INVITE");
    invite = g_bytes_ref(rig->request);
    far_answers(rig, invite, 486);
    expect(rig, "INVITE#1 ACK#0 got-486#1 ");
    g_assert_cmpuint(rig->flow, ==, 77);
    ack = g_bytes_ref(rig->request);
    pass(rig, 31000);
    far_answers(rig, invite, 486);
    expect(rig, "ACK#0 ");
    g_assert_true(g_bytes_equal(ack, rig->request));
    far_answers(rig, invite, 180);
    far_answers(rig, invite, 200);
    stox_transactions_cancel(rig->transactions, 1, rig->now);
    stox_transactions_send_failed(rig->transactions, 1, STOX_SIP_TRANSPORT, rig->now);
    expect(rig, "");
    pass(rig, 1000);
    far_answers(rig, invite, 486);
    expect(rig, "");
    g_assert_cmpuint(stox_transactions_count(rig->transactions), ==, 0);
}

static void ask_long(Rig *rig, const StoxSipHop *hop, const char *method, size_t body)
{
    StoxSipTarget target = {.hop = hop};
    StoxOwner owner = {.kind = STOX_OWNER_SESSION, .id = 5};

    stox_transactions_request(rig->transactions, long_request_of(method, body), &target, owner,
                              rig->now);
}

/* M-35, M-37, M-38: 1300 bytes are a datagram, 1301 are not. */
static void test_limit(Rig *rig, gconstpointer data)
{
    size_t rest;

    ask_long(rig, &rig_udp, "MESSAGE", 100);
    rest = g_bytes_get_size(rig->request) - 100;
    ask_long(rig, &rig_udp, "MESSAGE", 1300 - rest);
    g_assert_cmpuint(g_bytes_get_size(rig->request), ==, 1300);
    g_assert_false(rig->stream);
    ask_long(rig, &rig_udp, "MESSAGE", 1301 - rest);
    g_assert_true(rig->stream);
    expect(rig, "MESSAGE#1 MESSAGE#2 MESSAGE#3 ");
    /* What went over the stream is not sent again. */
    pass(rig, 600);
    expect(rig, "MESSAGE#1 MESSAGE#2 ");
    pass(rig, 31400);
    g_string_truncate(rig->log, 0);
}

/* What belongs to a request goes the same way. */
static void test_limit_invite(Rig *rig, gconstpointer data)
{
    g_autoptr(GBytes) invite = NULL;
    g_autoptr(StoxSipMessage) ack = NULL;
    StoxSipTarget target = {.hop = &rig_udp};

    ask_long(rig, &rig_udp, "INVITE", 2000);
    invite = g_bytes_ref(rig->request);
    far_answers(rig, invite, 180);
    stox_transactions_cancel(rig->transactions, 1, rig->now);
    g_assert_true(rig->stream);
    pass(rig, 5000);
    expect(rig, "INVITE#1 got-180#1 CANCEL#0 ");
    far_answers(rig, invite, 487);
    expect(rig, "ACK#0 got-487#1 ");
    g_assert_true(rig->stream);
    ack = parsed(rig->request);
    g_assert_true(g_str_has_prefix(stox_sip_raw(ack, "Via")[0], "SIP/2.0/TCP "));
    g_assert_cmpuint(stox_transactions_count(rig->transactions), ==, 0);
    stox_transactions_ack(rig->transactions, request_of("ACK"), &target);
    g_assert_false(rig->stream);
    stox_transactions_ack(rig->transactions, long_request_of("ACK", 2000), &target);
    g_assert_true(rig->stream);
    expect(rig, "ACK#0 ACK#0 ");
}

/* What the owner hears when even TCP is not to be had. */
static void test_too_large(Rig *rig, gconstpointer data)
{
    static const struct {
        const StoxSipHop *hop;
        size_t body;
        StoxSipFate fate, told;
    } rows[] = {
        {&rig_udp, 2000, STOX_SIP_NOT_SENT, STOX_SIP_TOO_LARGE},
        {&rig_udp, 2000, STOX_SIP_NO_SUCH_DOMAIN, STOX_SIP_NO_SUCH_DOMAIN},
        {&rig_udp, 2000, STOX_SIP_TRANSPORT, STOX_SIP_TRANSPORT},
        {&rig_udp, 0, STOX_SIP_NOT_SENT, STOX_SIP_NOT_SENT},
        {&rig_other, 2000, STOX_SIP_NOT_SENT, STOX_SIP_NOT_SENT},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *log = g_strdup_printf("INVITE#%u fate-%u#%u ", i + 1, rows[i].told, i + 1);

        ask_long(rig, rows[i].hop, "INVITE", rows[i].body);
        stox_transactions_send_failed(rig->transactions, i + 1, rows[i].fate, rig->now);
        expect(rig, log);
    }
    /* Whoever has answered has it. */
    ask_hop(rig, &rig_udp, "INVITE");
    far_answers(rig, NULL, 100);
    stox_transactions_send_failed(rig->transactions, 6, STOX_SIP_NOT_SENT, rig->now);
    expect(rig, "INVITE#6 fate-2#6 ");
}

/* ---- They ask ---- */

/* R-27, RFC 4320 s4.1: no 100 over UDP before the client's Timer E has grown to T2, one then; each repeat gets the last answer. */
static void test_r27(Rig *rig, gconstpointer data)
{
    uint64_t request = 0;

    rig->datagrams = true;
    they(rig, &request, "MESSAGE", .from = &rig_udp);
    we_answer(rig, request, 100);
    pass(rig, 3499);
    they(rig, &request, "MESSAGE", .from = &rig_udp);
    expect(rig, "");
    pass(rig, 1);
    they(rig, &request, "MESSAGE", .from = &rig_udp);
    expect(rig, "100 100 ");
    we_answer(rig, request, 200);
    expect(rig, "200 ");
}

/* Timer J (and T4, which the last copy may be under way): the same bytes again, and nothing of the request is kept for it. */
static void test_timer_j(Rig *rig, gconstpointer data)
{
    uint64_t request = 0, again = 0;
    g_autoptr(GBytes) answer = NULL;

    rig->datagrams = true;
    they(rig, &request, "MESSAGE", .from = &rig_udp);
    we_answer(rig, request, 200);
    answer = g_bytes_ref(rig->response);
    g_assert_cmpuint(stox_transactions_count(rig->transactions), ==, 0);
    pass(rig, 36999);
    rig->their_flow = 12;
    g_assert_cmpint(they(rig, &again, "MESSAGE", .from = &rig_udp), ==, STOX_REQUEST_DONE);
    expect(rig, "200 200 ");
    g_assert_true(g_bytes_equal(answer, rig->response));
    g_assert_cmpuint(rig->flow, ==, 12);
    pass(rig, 1);
    g_assert_cmpint(they(rig, &again, "MESSAGE", .from = &rig_udp), ==, STOX_REQUEST_NEW);
    expect(rig, "");
}

/* A request that never got an answer, and is late now, is not a new one. */
static void test_unanswered(Rig *rig, gconstpointer data)
{
    uint64_t request = 0;

    rig->datagrams = true;
    they(rig, &request, "MESSAGE", .from = &rig_udp);
    pass(rig, 32000);
    expect(rig, "100 ");
    g_assert_cmpint(they(rig, &request, "MESSAGE", .from = &rig_udp), ==, STOX_REQUEST_DONE);
    expect(rig, "");
}

/* Timer G doubles up to T2, Timer H ends it. */
static void test_timer_g(Rig *rig, gconstpointer data)
{
    uint64_t request = 0;

    rig->datagrams = true;
    they(rig, &request, "INVITE", .from = &rig_udp);
    we_answer(rig, request, 486);
    expect(rig, "486 ");
    pass_timed(rig, 12000);
    expect(rig, "500:486 1500:486 3500:486 7500:486 11500:486 ");
    they(rig, &request, "INVITE", .from = &rig_udp);
    expect(rig, "486 ");
    pass_timed(rig, 20000);
    expect(rig, "3500:486 7500:486 11500:486 15500:486 19500:486 20000:no-ack-other#1 ");
    g_assert_cmpuint(stox_transactions_count(rig->transactions), ==, 0);
}

/* Timer I: the ACK ends the repeats; copies of it and of the INVITE that come late are swallowed. */
static void test_timer_i(Rig *rig, gconstpointer data)
{
    uint64_t request = 0;

    rig->datagrams = true;
    they(rig, &request, "INVITE", .from = &rig_udp);
    we_answer(rig, request, 486);
    pass(rig, 600);
    expect(rig, "486 486 ");
    for (unsigned i = 0; i < 3; i++) {
        g_assert_cmpint(they(rig, &request, "ACK", .from = &rig_udp, .to_tag = "us"), ==,
                        STOX_REQUEST_DONE);
        g_assert_cmpint(they(rig, &request, "INVITE", .from = &rig_udp), ==, STOX_REQUEST_DONE);
        pass(rig, 5000);
    }
    expect(rig, "");
    g_assert_cmpuint(stox_transactions_count(rig->transactions), ==, 0);
}

/* RFC 6026 s7.1: the same as over streams. */
static void test_2xx(Rig *rig, gconstpointer data)
{
    uint64_t request = 0;

    rig->datagrams = true;
    they(rig, &request, "INVITE", .from = &rig_udp);
    we_answer(rig, request, 200);
    expect(rig, "200 ");
    pass_timed(rig, 4000);
    expect(rig, "500:200 1500:200 3500:200 ");
    g_assert_cmpint(they(rig, &request, "ACK", .from = &rig_udp, .via = V2, .to_tag = "us"), ==,
                    STOX_REQUEST_ACK);
    g_assert_cmpint(they(rig, &request, "INVITE", .from = &rig_udp), ==, STOX_REQUEST_DONE);
    pass(rig, 28000);
    expect(rig, "");
    g_assert_cmpuint(stox_transactions_count(rig->transactions), ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    RIG_ADD("unreliable/via", test_via);
    RIG_ADD("unreliable/R-26 timers-a-b", test_timer_a);
    RIG_ADD("unreliable/R-26 timer-a-stops", test_timer_a_stops);
    RIG_ADD("unreliable/R-26 timers-e-f", test_timer_e);
    RIG_ADD("unreliable/R-26 timer-e-proceeding", test_timer_e_proceeding);
    RIG_ADD("unreliable/R-26 timer-d", test_timer_d);
    RIG_ADD("unreliable/M-38 limit", test_limit);
    RIG_ADD("unreliable/M-38 limit-invite", test_limit_invite);
    RIG_ADD("unreliable/M-38 too-large", test_too_large);
    RIG_ADD("unreliable/R-27 trying", test_r27);
    RIG_ADD("unreliable/R-26 timer-j", test_timer_j);
    RIG_ADD("unreliable/R-27 unanswered", test_unanswered);
    RIG_ADD("unreliable/R-26 timers-g-h", test_timer_g);
    RIG_ADD("unreliable/R-26 timer-i", test_timer_i);
    RIG_ADD("unreliable/2xx", test_2xx);
    return g_test_run();
}
