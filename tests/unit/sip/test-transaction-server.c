/* SPDX-License-Identifier: MIT */
/* Server transactions over streams: rows, V-97, P-176; RFC 6026; RFC 2543 matching. */
#include "tests/unit/sip/transaction-rig.h"

#include <string.h>

static void test_absorb(Rig *rig, gconstpointer data)
{
    uint64_t request = 0, again = 0;

    g_assert_cmpint(they(rig, &request, "MESSAGE"), ==, STOX_REQUEST_NEW);
    g_assert_cmpuint(request, !=, 0);
    g_assert_cmpint(they(rig, &again, "MESSAGE"), ==, STOX_REQUEST_DONE);
    expect(rig, "");
    g_assert_cmpuint(again, ==, 0);
    we_answer(rig, request, 200);
    expect(rig, "200 ");
    g_assert_cmpuint(rig->flow, ==, 11);
    g_assert_null(stox_transactions_message(rig->transactions, request));
    g_assert_cmpuint(stox_transactions_count(rig->transactions), ==, 0);
}

/* 100 at 3.5 s, no other provisional, never 408, nothing after the client's Timer F. */
static void test_r27(Rig *rig, gconstpointer data)
{
    uint64_t request = 0;

    they(rig, &request, "MESSAGE");
    we_answer(rig, request, 180);
    pass(rig, 3499);
    expect(rig, "");
    pass(rig, 1);
    expect(rig, "100 ");
    they(rig, &request, "MESSAGE");
    expect(rig, "100 ");
    pass(rig, 28499);
    we_answer(rig, request, 200);
    expect(rig, "200 ");
    they(rig, &request, "MESSAGE", .cseq = "2");
    pass(rig, 32000);
    expect(rig, "100 ");
    g_assert_null(stox_transactions_message(rig->transactions, request));
    they(rig, &request, "MESSAGE", .cseq = "3");
    we_answer(rig, request, 408);
    g_assert_cmpuint(stox_transactions_count(rig->transactions), ==, 0);
}

static void test_invite_trying(Rig *rig, gconstpointer data)
{
    uint64_t request = 0;

    they(rig, &request, "INVITE");
    pass(rig, 199);
    expect(rig, "");
    pass(rig, 1);
    expect(rig, "100 ");
    pass(rig, 100000);
    expect(rig, "");
    we_answer(rig, request, 180);
    expect(rig, "180 ");
    they(rig, &request, "INVITE");
    expect(rig, "180 ");
    we_answer(rig, request, 200);
    expect(rig, "200 ");
}

/* RFC 3261 s13.3.1.1, s16.8: nobody answers; both sides are told, and the owner's late word counts no more. */
static void test_invite_given_up(Rig *rig, gconstpointer data)
{
    uint64_t request = 0;
    g_autoptr(StoxSipMessage) message = NULL;
    g_autoptr(StoxSipMessage) refusal = NULL;

    they(rig, &request, "INVITE");
    message = stox_sip_message_ref(stox_transactions_message(rig->transactions, request));
    pass(rig, 60000);
    we_answer(rig, request, 180);
    expect(rig, "100 180 ");
    pass(rig, 119999);
    expect(rig, "");
    pass(rig, 1);
    expect(rig, "408 cancelled#1 ");
    refusal = parsed(rig->response);
    g_assert_nonnull(stox_sip_view(refusal)->to_tag);
    g_assert_nonnull(stox_sip_view(refusal)->diagnostics);
    stox_transactions_respond(rig->transactions, request,
                              stox_sip_builder_response(message, 487, NULL, "us"), rig->now);
    they(rig, &request, "CANCEL");
    expect(rig, "200 ");
    they(rig, &request, "ACK", .to_tag = stox_sip_view(refusal)->to_tag);
    pass(rig, 100000);
    g_assert_cmpuint(stox_transactions_count(rig->transactions), ==, 0);
}

/* RFC 3261 s13.3.1.4: T1, doubling up to T2, until the ACK; here it comes. */
static void test_2xx_acked(Rig *rig, gconstpointer data)
{
    uint64_t request = 0;

    they(rig, &request, "INVITE");
    we_answer(rig, request, 200);
    pass(rig, 499);
    expect(rig, "200 ");
    pass(rig, 1);
    expect(rig, "200 ");
    pass(rig, 999);
    expect(rig, "");
    pass(rig, 1);
    expect(rig, "200 ");
    they(rig, &request, "INVITE");
    expect(rig, "200 ");
    g_assert_cmpint(they(rig, &request, "ACK", .via = V2, .to_tag = "other"), ==, STOX_REQUEST_ACK);
    pass(rig, 2000);
    expect(rig, "200 ");
    g_assert_cmpint(they(rig, &request, "ACK", .via = V2, .to_tag = "us"), ==, STOX_REQUEST_ACK);
    pass(rig, 20000);
    g_assert_cmpint(they(rig, &request, "INVITE"), ==, STOX_REQUEST_DONE);
    expect(rig, "");
    pass(rig, 12000);
    g_assert_cmpuint(stox_transactions_count(rig->transactions), ==, 0);
}

static void test_2xx_never_acked(Rig *rig, gconstpointer data)
{
    uint64_t request = 0;

    they(rig, &request, "INVITE");
    we_answer(rig, request, 200);
    pass(rig, 31999);
    /* At 0, 0.5, 1.5, 3.5, 7.5 and then every 4 s. */
    expect(rig, "200 200 200 200 200 200 200 200 200 200 200 ");
    pass(rig, 1);
    expect(rig, "no-ack-2xx#1 ");
    g_assert_cmpuint(stox_transactions_count(rig->transactions), ==, 0);
}

/* Timer H; the ACK of a non-2xx has the branch of the INVITE. */
static void test_refusal(Rig *rig, gconstpointer data)
{
    uint64_t request = 0;

    they(rig, &request, "INVITE");
    we_answer(rig, request, 486);
    they(rig, &request, "INVITE");
    expect(rig, "486 486 ");
    g_assert_cmpint(they(rig, &request, "ACK", .to_tag = "us"), ==, STOX_REQUEST_DONE);
    g_assert_cmpuint(stox_transactions_count(rig->transactions), ==, 0);
    they(rig, &request, "INVITE", .cseq = "2");
    we_answer(rig, request, 486);
    expect(rig, "486 ");
    pass(rig, 31999);
    expect(rig, "");
    pass(rig, 1);
    expect(rig, "no-ack-other#2 ");
}

static void test_only_first_final(Rig *rig, gconstpointer data)
{
    uint64_t request = 0;
    g_autoptr(StoxSipMessage) message = NULL;

    they(rig, &request, "INVITE");
    message = stox_sip_message_ref(stox_transactions_message(rig->transactions, request));
    we_answer(rig, request, 486);
    stox_transactions_respond(rig->transactions, request,
                              stox_sip_builder_response(message, 200, NULL, "us"), rig->now);
    stox_transactions_respond(rig->transactions, 99,
                              stox_sip_builder_response(message, 200, NULL, "us"), rig->now);
    expect(rig, "486 ");
}

/* s17.2.3 without branches, as pidgin-sipe does it. */
static void test_old_clients(Rig *rig, gconstpointer data)
{
    uint64_t first = 0, second = 0;

    g_assert_cmpint(they(rig, &first, "INVITE", .via = V0), ==, STOX_REQUEST_NEW);
    g_assert_cmpint(they(rig, &second, "INVITE", .via = V0), ==, STOX_REQUEST_DONE);
    g_assert_cmpint(they(rig, &second, "MESSAGE", .via = V0, .cseq = "2", .to_tag = "us"), ==,
                    STOX_REQUEST_NEW);
    they(rig, &first, "CANCEL", .via = V0);
    expect(rig, "200 cancelled#1 ");
    we_answer(rig, 1, 487);
    expect(rig, "487 ");
    g_assert_cmpint(they(rig, &first, "ACK", .via = V0, .to_tag = "other"), ==, STOX_REQUEST_ACK);
    g_assert_cmpint(they(rig, &first, "ACK", .via = V0, .to_tag = "us"), ==, STOX_REQUEST_DONE);
    g_assert_cmpuint(stox_transactions_count(rig->transactions), ==, 1);
    /* The ACK of a 2xx comes with the Via of its INVITE, and must still end the repeats. */
    they(rig, &first, "INVITE", .via = V0, .cseq = "5");
    we_answer(rig, first, 200);
    g_assert_cmpint(they(rig, &second, "ACK", .via = V0, .cseq = "5", .to_tag = "us"), ==,
                    STOX_REQUEST_ACK);
    pass(rig, 3000);
    expect(rig, "200 ");
    pass(rig, 501);
    expect(rig, "100 ");
}

/* the same request by two ways. */
static void test_merged(Rig *rig, gconstpointer data)
{
    uint64_t request = 0;

    they(rig, &request, "INVITE");
    g_assert_cmpint(they(rig, &request, "INVITE", .via = V2), ==, STOX_REQUEST_DONE);
    expect(rig, "482 ");
    g_assert_cmpint(they(rig, &request, "INVITE", .via = V2, .cseq = "2"), ==, STOX_REQUEST_NEW);
    g_assert_cmpint(they(rig, &request, "MESSAGE", .via = V2), ==, STOX_REQUEST_NEW);
    expect(rig, "");
}

static void test_loop(Rig *rig, gconstpointer data)
{
    static const char *const ours[] = {
        "SIP/2.0/TLS anything.example;branch=z9hG4bKstoxtoken1.7",
        "SIP/2.0/TLS XGW.contoso.example:5061;branch=z9hG4bKstoxold.7",
        V1 "\r\nVia: SIP/2.0/TLS xgw.contoso.example:5061;branch=z9hG4bKstoxtoken1.7",
    };
    uint64_t request = 0;

    /* V-97 */
    for (unsigned i = 0; i < G_N_ELEMENTS(ours); i++) {
        g_assert_cmpint(they(rig, &request, "MESSAGE", .via = ours[i]), ==, STOX_REQUEST_DONE);
        expect(rig, "482 ");
    }
    g_assert_cmpint(they(rig, &request, "BENOTIFY", .via = ours[0]), ==, STOX_REQUEST_DONE);
    /* Another gateway of the same make is no loop. */
    g_assert_cmpint(
        they(rig, &request, "MESSAGE", .via = "SIP/2.0/TLS gw2.example;branch=z9hG4bKstoxtheirs.7"),
        ==, STOX_REQUEST_NEW);
}

/* */
static void test_max_forwards(Rig *rig, gconstpointer data)
{
    static const char zero[] = "Max-Forwards: 0\r\n";
    uint64_t request = 0;

    they(rig, &request, "MESSAGE", .more = zero);
    they(rig, &request, "INVITE", .more = zero);
    they(rig, &request, "SUBSCRIBE", .more = zero, .via = V2);
    expect(rig, "483 483 483 ");
    /* RFC 3261 s16.3: without the header there is no limit. */
    g_assert_cmpint(they(rig, &request, "MESSAGE"), ==, STOX_REQUEST_NEW);
    g_assert_cmpint(they(rig, &request, "OPTIONS", .more = zero), ==, STOX_REQUEST_NEW);
    g_assert_cmpint(they(rig, &request, "BYE", .more = zero, .to_tag = "us"), ==, STOX_REQUEST_NEW);
}

static void test_overload(Rig *rig, gconstpointer data)
{
    static const char *const cseqs[] = {"1", "2", "3"};
    static const char *const vias[] = {V1 "1", V1 "2", V1 "3"};
    uint64_t request = 0;
    g_autoptr(StoxSipMessage) refusal = NULL;

    for (unsigned i = 0; i < 3; i++)
        g_assert_cmpint(they(rig, &request, "MESSAGE", .via = vias[i], .cseq = cseqs[i]), ==,
                        STOX_REQUEST_NEW);
    g_assert_cmpint(they(rig, &request, "MESSAGE", .via = V2, .cseq = "4"), ==, STOX_REQUEST_DONE);
    expect(rig, "503 ");
    refusal = parsed(rig->response);
    g_assert_cmpint(stox_sip_view(refusal)->retry_after_s, >, 0);
    g_assert_nonnull(stox_sip_view(refusal)->to_tag);
    g_assert_nonnull(stox_sip_view(refusal)->diagnostics);
    they(rig, &request, "MESSAGE", .via = vias[0]);
    expect(rig, "");
    we_answer(rig, 1, 200);
    g_assert_cmpint(they(rig, &request, "MESSAGE", .via = V2, .cseq = "4"), ==, STOX_REQUEST_NEW);
    expect(rig, "200 ");
}

/* lync.md 4.8b-benotify: never answered, so nothing is kept for it. */
static void test_benotify(Rig *rig, gconstpointer data)
{
    uint64_t request = 9;

    g_assert_cmpint(they(rig, &request, "BENOTIFY", .to_tag = "us"), ==, STOX_REQUEST_NEW);
    g_assert_cmpuint(request, ==, 0);
    g_assert_cmpuint(stox_transactions_count(rig->transactions), ==, 0);
}

static void test_hops_apart(Rig *rig, gconstpointer data)
{
    uint64_t first = 0, second = 0;

    they(rig, &first, "MESSAGE", .to_tag = "us");
    g_assert_cmpint(they(rig, &second, "MESSAGE", .to_tag = "us", .from = &rig_other), ==,
                    STOX_REQUEST_NEW);
    g_assert_cmpuint(first, !=, second);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    RIG_ADD("server/absorb", test_absorb);
    RIG_ADD("server/R-27", test_r27);
    RIG_ADD("server/invite-trying", test_invite_trying);
    RIG_ADD("server/invite-given-up", test_invite_given_up);
    RIG_ADD("server/2xx-acked", test_2xx_acked);
    RIG_ADD("server/2xx-never-acked", test_2xx_never_acked);
    RIG_ADD("server/refusal", test_refusal);
    RIG_ADD("server/only-first-final", test_only_first_final);
    RIG_ADD("server/old-clients", test_old_clients);
    RIG_ADD("server/R-23 merged", test_merged);
    RIG_ADD("server/V-97 loop", test_loop);
    RIG_ADD("server/R-07 max-forwards", test_max_forwards);
    RIG_ADD("server/overload", test_overload);
    RIG_ADD("server/benotify", test_benotify);
    RIG_ADD("server/hops-apart", test_hops_apart);
    return g_test_run();
}
