/* SPDX-License-Identifier: MIT */
/* Client transactions over streams: rows; RFC 6026; CANCEL. */
#include "tests/unit/sip/transaction-rig.h"

#include <string.h>

static void test_message_answered(Rig *rig, gconstpointer data)
{
    g_assert_cmpuint(ask(rig, "MESSAGE"), ==, 1);
    expect(rig, "MESSAGE#1 ");
    {
        g_autoptr(StoxSipMessage) sent = parsed(rig->request);
        const StoxSipView *view = stox_sip_view(sent);

        /* */
        g_assert_true(g_str_has_prefix(view->branch, "z9hG4bKstox"));
        g_assert_cmpstr(view->sent_by, ==, rig_hop.sent_by);
        g_assert_true(g_str_has_prefix(stox_sip_raw(sent, "Via")[0], "SIP/2.0/TLS "));
    }
    far_answers(rig, NULL, 100);
    expect(rig, "");
    far_answers(rig, NULL, 202);
    expect(rig, "got-202#1 ");
    far_answers(rig, NULL, 202);
    expect(rig, "");
    g_assert_cmpuint(stox_transactions_count(rig->transactions), ==, 0);
    g_assert_cmpint(stox_transactions_deadline(rig->transactions), ==, STOX_NEVER);
}

/* Timer F, also after a provisional, and nothing is sent again on a stream. */
static void test_timer_f(Rig *rig, gconstpointer data)
{
    ask(rig, "MESSAGE");
    expect(rig, "MESSAGE#1 ");
    pass(rig, 20000);
    far_answers(rig, NULL, 100);
    pass(rig, 11999);
    expect(rig, "");
    pass(rig, 1);
    expect(rig, "fate-1#1 ");
    far_answers(rig, NULL, 200);
    expect(rig, "");
}

static void test_timer_b(Rig *rig, gconstpointer data)
{
    ask(rig, "INVITE");
    expect(rig, "INVITE#1 ");
    pass(rig, 31999);
    expect(rig, "");
    pass(rig, 1);
    expect(rig, "fate-1#1 ");
}

static void test_send_failed(Rig *rig, gconstpointer data)
{
    uint64_t first = ask(rig, "MESSAGE"), second = ask(rig, "INVITE"), third = ask(rig, "INVITE");

    expect(rig, "MESSAGE#1 INVITE#2 INVITE#3 ");
    stox_transactions_send_failed(rig->transactions, first, STOX_SIP_NOT_SENT, rig->now);
    expect(rig, "fate-3#1 ");
    stox_transactions_send_failed(rig->transactions, first, STOX_SIP_NOT_SENT, rig->now);
    stox_transactions_send_failed(rig->transactions, 99, STOX_SIP_NOT_SENT, rig->now);
    expect(rig, "");
    stox_transactions_send_failed(rig->transactions, second, STOX_SIP_TRANSPORT, rig->now);
    expect(rig, "fate-2#2 ");
    far_answers(rig, NULL, 200);
    expect(rig, "got-200#3 ");
    /* The connection breaks when all is said. */
    stox_transactions_send_failed(rig->transactions, third, STOX_SIP_TRANSPORT, rig->now);
    expect(rig, "");
    pass(rig, 32000);
    g_assert_cmpuint(stox_transactions_count(rig->transactions), ==, 0);
}

/* RFC 6026 s7.2: each 2xx is reported for its ACK; Timer M ends it. */
static void test_invite_accepted(Rig *rig, gconstpointer data)
{
    ask(rig, "INVITE");
    far_answers(rig, NULL, 100);
    far_answers(rig, NULL, 101);
    far_answers(rig, NULL, 180);
    expect(rig, "INVITE#1 got-101#1 got-180#1 ");
    far_answers(rig, NULL, 200);
    far_answers(rig, NULL, 200);
    far_answers(rig, NULL, 486);
    far_answers(rig, NULL, 180);
    expect(rig, "got-200#1 got-200#1 ");
    stox_transactions_cancel(rig->transactions, 1, rig->now);
    pass(rig, 31999);
    far_answers(rig, NULL, 200);
    expect(rig, "got-200#1 ");
    pass(rig, 1);
    far_answers(rig, NULL, 200);
    expect(rig, "");
    g_assert_cmpuint(stox_transactions_count(rig->transactions), ==, 0);
}

/* RFC 3261 s17.1.1.3: the ACK has the INVITE's Via, Request-URI and Route, and the response's To. */
static void test_invite_refused(Rig *rig, gconstpointer data)
{
    g_autoptr(StoxSipMessage) invite = NULL;
    g_autoptr(StoxSipMessage) ack = NULL;

    ask(rig, "INVITE");
    invite = parsed(rig->request);
    far_answers(rig, NULL, 486);
    expect(rig, "INVITE#1 ACK#0 got-486#1 ");
    ack = parsed(rig->request);
    g_assert_cmpstr(stox_sip_raw(ack, "Via")[0], ==, stox_sip_raw(invite, "Via")[0]);
    g_assert_cmpstr(stox_sip_raw(ack, "Route")[0], ==, stox_sip_raw(invite, "Route")[0]);
    g_assert_cmpstr(stox_sip_raw(ack, "From")[0], ==, stox_sip_raw(invite, "From")[0]);
    g_assert_cmpstr(stox_sip_view(ack)->request_uri, ==, stox_sip_view(invite)->request_uri);
    g_assert_cmpstr(stox_sip_view(ack)->to_tag, ==, "them");
    g_assert_cmpuint(stox_sip_view(ack)->cseq, ==, 7);
    g_assert_cmpuint(rig->flow, ==, 77);
    g_assert_cmpstr(rig->uri, ==, "sip:pool01.contoso.example:5061;lr");
    g_assert_cmpuint(stox_transactions_count(rig->transactions), ==, 0);
}

/* A far side that says 180 and then nothing for ever. */
static void test_timer_c(Rig *rig, gconstpointer data)
{
    ask(rig, "INVITE");
    far_answers(rig, NULL, 180);
    expect(rig, "INVITE#1 got-180#1 ");
    pass(rig, 179999);
    expect(rig, "");
    pass(rig, 1);
    expect(rig, "CANCEL#0 ");
    pass(rig, 32000);
    expect(rig, "fate-1#1 ");
}

/* s17.1.3: the whole branch, sent-by and method; s8.1.3.3: one Via. */
static void test_stray_responses(Rig *rig, gconstpointer data)
{
    static const struct {
        const char *from, *to; /* what is other than in our Via */
    } strays[] = {
        {"token1.1.", "token1.2."},
        {"token1.1.", "token9.1."},
        {"token1.1.0.", "token1.1.1."},
        {"token1.1.0.", "token1.1.0.f"},
        {"token1.1.0.", "token1.1.0."},
        {"token1.1.0.", "token1.1"},
        {";branch=", ";tenant="},
        {"xgw.contoso.example", "evil.example"},
        {"SIP/2.0/TLS", "SIP/2.0/TLS other.example;branch=z9hG4bKx, SIP/2.0/TLS"},
        {"7 MESSAGE", "7 OPTIONS"},
    };

    ask(rig, "MESSAGE");
    expect(rig, "MESSAGE#1 ");
    for (unsigned i = 0; i < G_N_ELEMENTS(strays); i++) {
        g_autoptr(StoxSipMessage) sent = parsed(rig->request);
        g_autofree char *text = g_strdup_printf("SIP/2.0 200 OK\r\nVia: %s%s\r\nFrom: "
                                                "<sip:b@p.example>;tag=us\r\nTo: <sip:a@c.example>;"
                                                "tag=t\r\nCall-ID: call\r\nCSeq: 7 MESSAGE\r\n\r\n",
                                                stox_sip_raw(sent, "Via")[0], i == 4 ? "0" : "");
        g_auto(GStrv) parts = g_strsplit(text, strays[i].from, 2);
        g_autofree char *stray = g_strjoinv(strays[i].to, parts);
        g_autoptr(GBytes) bytes = g_bytes_new(stray, strlen(stray));
        g_autoptr(StoxSipMessage) response = parsed(bytes);

        g_assert_cmpuint(g_strv_length(parts), ==, 2);
        stox_transactions_receive_response(rig->transactions, response, 1, rig->now);
        expect(rig, "");
    }
    far_answers(rig, NULL, 404);
    expect(rig, "got-404#1 ");
}

static char *branch_of(Rig *rig)
{
    g_autoptr(StoxSipMessage) message = parsed(rig->request);

    return g_strdup(stox_sip_view(message)->branch);
}

/* R-06, RFC 5393 s4.2.1: the second part tells Request-URI and Route set, and not the method. */
static void test_branch_parts(Rig *rig, gconstpointer data)
{
    g_autofree char *message = NULL, *options = NULL, *elsewhere = NULL;
    StoxSipTarget target = {.hop = &rig_hop};
    StoxOwner owner = {.kind = STOX_OWNER_SESSION, .id = 5};
    StoxSipBuilder *builder = request_of("MESSAGE");

    ask(rig, "MESSAGE");
    message = branch_of(rig);
    ask(rig, "OPTIONS");
    options = branch_of(rig);
    stox_sip_builder_add(builder, "Route", "<sip:second.contoso.example;lr>");
    stox_transactions_request(rig->transactions, builder, &target, owner, rig->now);
    elsewhere = branch_of(rig);
    expect(rig, "MESSAGE#1 OPTIONS#2 MESSAGE#3 ");
    g_assert_cmpstr(message, !=, options);
    g_assert_cmpstr(strrchr(message, '.'), ==, strrchr(options, '.'));
    g_assert_cmpstr(strrchr(message, '.'), !=, strrchr(elsewhere, '.'));
}

static void test_ack_of_2xx(Rig *rig, gconstpointer data)
{
    StoxSipTarget target = {.hop = &rig_hop, .uri = "sip:fe01", .flow = 4};
    g_autoptr(StoxSipMessage) first = NULL;
    g_autoptr(StoxSipMessage) second = NULL;

    stox_transactions_ack(rig->transactions, request_of("ACK"), &target);
    first = parsed(rig->request);
    stox_transactions_ack(rig->transactions, request_of("ACK"), &target);
    second = parsed(rig->request);
    expect(rig, "ACK#0 ACK#0 ");
    g_assert_cmpuint(rig->flow, ==, 4);
    g_assert_cmpstr(stox_sip_view(first)->branch, !=, stox_sip_view(second)->branch);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    RIG_ADD("client/R-20 answered", test_message_answered);
    RIG_ADD("client/R-26 timer-f", test_timer_f);
    RIG_ADD("client/R-26 timer-b", test_timer_b);
    RIG_ADD("client/send-failed", test_send_failed);
    RIG_ADD("client/invite-accepted", test_invite_accepted);
    RIG_ADD("client/invite-refused", test_invite_refused);
    RIG_ADD("client/timer-c", test_timer_c);
    RIG_ADD("client/stray-responses", test_stray_responses);
    RIG_ADD("client/R-06 branch-parts", test_branch_parts);
    RIG_ADD("client/ack-of-2xx", test_ack_of_2xx);
    return g_test_run();
}
