/* SPDX-License-Identifier: MIT */
/* Transactions with a written-down clock: rows, V-97, P-176; RFC 6026; RFC 2543 matching. */
#include "sip/transaction.h"

#include <string.h>

static const StoxSipHop hop = {.name = (char *) "fe",
                               .lync = true,
                               .transport = STOX_TRANSPORT_TLS,
                               .sent_by = (char *) "xgw.contoso.example:5061",
                               .contact = (char *) "xgw.contoso.example:5061;transport=tls",
                               .user_agent = (char *) "stoxd/0"};
static const StoxSipHop other_hop = {.name = (char *) "other",
                                     .sent_by = (char *) "xgw.contoso.example:5060"};

typedef struct {
    StoxTransactions *transactions;
    GString *log; /* what came out since the last expect() */
    GBytes *request, *response;
    char *uri; /* of the last target */
    uint64_t flow;
    StoxTime now;
    unsigned tokens;
} Rig;

static void keep(GBytes **place, GBytes *bytes)
{
    g_clear_pointer(place, g_bytes_unref);
    *place = g_bytes_ref(bytes);
}

static void on_send_request(void *user, uint64_t transaction, GBytes *bytes,
                            const StoxSipTarget *target)
{
    Rig *rig = user;
    const char *text = g_bytes_get_data(bytes, NULL);

    keep(&rig->request, bytes);
    g_free(rig->uri);
    rig->uri = g_strdup(target->uri);
    rig->flow = target->flow;
    g_string_append_printf(rig->log, "%.*s#%u ", (int) strcspn(text, " "), text,
                           (unsigned) transaction);
}

static void on_send_response(void *user, uint64_t flow, const StoxSipHop *to, GBytes *bytes,
                             const StoxSipMessage *request)
{
    Rig *rig = user;

    g_assert_nonnull(request);
    g_assert_nonnull(to);
    keep(&rig->response, bytes);
    rig->flow = flow;
    g_string_append_printf(rig->log, "%.3s ", (const char *) g_bytes_get_data(bytes, NULL) + 8);
}

static void on_response(void *user, StoxOwner owner, uint64_t transaction, StoxSipMessage *response,
                        StoxSipFate fate, uint64_t flow)
{
    Rig *rig = user;

    g_assert_cmpint(owner.kind, ==, STOX_OWNER_SESSION);
    if (response)
        g_string_append_printf(rig->log, "got-%u#%u ", stox_sip_view(response)->status,
                               (unsigned) transaction);
    else
        g_string_append_printf(rig->log, "fate-%u#%u ", fate, (unsigned) transaction);
}

static void on_cancelled(void *user, uint64_t request)
{
    g_string_append_printf(((Rig *) user)->log, "cancelled#%u ", (unsigned) request);
}

static void on_no_ack(void *user, uint64_t request, bool accepted)
{
    g_string_append_printf(((Rig *) user)->log, "no-ack-%s#%u ", accepted ? "2xx" : "other",
                           (unsigned) request);
}

static char *on_token(void *user)
{
    return g_strdup_printf("token%u", ++((Rig *) user)->tokens);
}

static void rig_up(Rig *rig, gconstpointer data)
{
    static const StoxTransactionsOps ops = {
        .send_request = on_send_request,
        .send_response = on_send_response,
        .response = on_response,
        .cancelled = on_cancelled,
        .no_ack = on_no_ack,
        .token = on_token,
    };
    const StoxTransactionsConfig config = {.max_server = 3, .fqdn = "xgw.contoso.example"};

    rig->log = g_string_new(NULL);
    rig->now = (StoxTime){.mono_ms = 1000, .wall_ms = 1700000000000};
    rig->transactions = stox_transactions_new(&config, &ops, rig);
}

static void rig_down(Rig *rig, gconstpointer data)
{
    g_assert_cmpstr(rig->log->str, ==, "");
    stox_transactions_free(rig->transactions);
    g_string_free(rig->log, TRUE);
    g_clear_pointer(&rig->request, g_bytes_unref);
    g_clear_pointer(&rig->response, g_bytes_unref);
    g_free(rig->uri);
}

/* Everything that came out, in order; nothing else may have. */
#define expect(rig, text)                                                                          \
    do {                                                                                           \
        g_assert_cmpstr((rig)->log->str, ==, (text));                                              \
        g_string_truncate((rig)->log, 0);                                                          \
    } while (0)

/* Lets time pass deadline by deadline, as the loop does. */
static void pass(Rig *rig, int64_t ms)
{
    int64_t end = rig->now.mono_ms + ms;

    for (;;) {
        int64_t next = stox_transactions_deadline(rig->transactions);

        if (next > end)
            break;
        g_assert_cmpint(next, >=, rig->now.mono_ms);
        rig->now.mono_ms = next;
        stox_transactions_tick(rig->transactions, rig->now);
    }
    rig->now.mono_ms = end;
}

static StoxSipMessage *parsed(GBytes *bytes)
{
    const char *why = NULL;
    size_t n;
    const char *text = g_bytes_get_data(bytes, &n);
    StoxSipMessage *message = stox_sip_message_parse(text, n, &why);

    if (!message || stox_sip_defect(message, &why))
        g_error("%s:\n%.*s", why, (int) n, text);
    return message;
}

/* ---- We ask ---- */

static StoxSipBuilder *request_of(const char *method)
{
    StoxSipBuilder *builder = stox_sip_builder_request(method, "sip:alice@contoso.example");

    stox_sip_builder_add(builder, "Route", "<sip:pool01.contoso.example:5061;lr>");
    stox_sip_builder_add(builder, "Max-Forwards", "70");
    stox_sip_builder_add(builder, "From", "<sip:bob@partner.example>;tag=us");
    stox_sip_builder_add(builder, "To", "<sip:alice@contoso.example>");
    stox_sip_builder_add(builder, "Call-ID", "call");
    stox_sip_builder_addf(builder, "CSeq", "7 %s", method);
    return builder;
}

static uint64_t ask(Rig *rig, const char *method)
{
    StoxSipTarget target = {.hop = &hop, .uri = "sip:pool01.contoso.example:5061;lr"};
    StoxOwner owner = {.kind = STOX_OWNER_SESSION, .id = 5};

    return stox_transactions_request(rig->transactions, request_of(method), &target, owner,
                                     rig->now);
}

/* The far side answers `request` (the last one sent when NULL). */
static void far_answers(Rig *rig, GBytes *request, unsigned status)
{
    g_autoptr(StoxSipMessage) message = parsed(request ? request : rig->request);
    g_autoptr(StoxSipBuilder) builder = stox_sip_builder_response(message, status, "x", "them");
    g_autoptr(GBytes) bytes = stox_sip_builder_finish(builder, NULL);
    g_autoptr(StoxSipMessage) response = parsed(bytes);

    stox_transactions_receive_response(rig->transactions, response, 77, rig->now);
}

static void test_message_answered(Rig *rig, gconstpointer data)
{
    g_assert_cmpuint(ask(rig, "MESSAGE"), ==, 1);
    expect(rig, "MESSAGE#1 ");
    {
        g_autoptr(StoxSipMessage) sent = parsed(rig->request);
        const StoxSipView *view = stox_sip_view(sent);

        /* */
        g_assert_true(g_str_has_prefix(view->branch, "z9hG4bKstox"));
        g_assert_cmpstr(view->sent_by, ==, hop.sent_by);
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

static void test_stray_responses(Rig *rig, gconstpointer data)
{
    static const char *const texts[] = {
        "SIP/2.0 200 OK\r\nVia: SIP/2.0/TLS "
        "xgw.contoso.example:5061;branch=z9hG4bKstoxtoken1.2\r\n",
        "SIP/2.0 200 OK\r\nVia: SIP/2.0/TLS "
        "xgw.contoso.example:5061;branch=z9hG4bKstoxtoken1.1x\r\n",
        "SIP/2.0 200 OK\r\nVia: SIP/2.0/TLS "
        "xgw.contoso.example:5061;branch=z9hG4bKstoxtoken9.1\r\n",
        "SIP/2.0 200 OK\r\nVia: SIP/2.0/TLS xgw.contoso.example:5061\r\n",
        "SIP/2.0 200 OK\r\nVia: SIP/2.0/TLS evil.example;branch=z9hG4bKstoxtoken1.1\r\n",
        "SIP/2.0 200 OK\r\nVia: SIP/2.0/TLS xgw.contoso.example:5061;branch=z9hG4bKstoxtoken1.1\r\n"
        "Via: SIP/2.0/TLS other.example;branch=z9hG4bKx\r\n",
    };

    ask(rig, "MESSAGE");
    expect(rig, "MESSAGE#1 ");
    for (unsigned i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autofree char *text =
            g_strconcat(texts[i],
                        "From: <sip:b@p.example>;tag=us\r\nTo: <sip:a@c.example>;"
                        "tag=t\r\nCall-ID: call\r\nCSeq: 7 MESSAGE\r\n\r\n",
                        NULL);
        g_autoptr(GBytes) bytes = g_bytes_new(text, strlen(text));
        g_autoptr(StoxSipMessage) response = parsed(bytes);

        stox_transactions_receive_response(rig->transactions, response, 1, rig->now);
        expect(rig, "");
    }
    far_answers(rig, NULL, 404);
    expect(rig, "got-404#1 ");
}

static void test_ack_of_2xx(Rig *rig, gconstpointer data)
{
    StoxSipTarget target = {.hop = &hop, .uri = "sip:fe01", .flow = 4};
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

/* ---- They ask ---- */

typedef struct {
    const char *method, *uri, *via, *cseq, *to_tag, *more;
    const StoxSipHop *from;
} Ask;

#define V1 "SIP/2.0/TLS fe01.contoso.example:5061;branch=z9hG4bKone"
#define V2 "SIP/2.0/TLS fe01.contoso.example:5061;branch=z9hG4bKtwo"
#define V0 "SIP/2.0/tcp 127.0.0.1:45790"

static StoxRequestVerdict they_ask(Rig *rig, Ask ask_, uint64_t *ret_request)
{
    g_autofree char *text = g_strdup_printf(
        "%s %s SIP/2.0\r\nVia: %s\r\nFrom: <sip:a@contoso.example>;tag=them\r\n"
        "To: <sip:b@partner.example>%s%s\r\nCall-ID: call\r\nCSeq: %s %s\r\n%sContent-Length: "
        "0\r\n\r\n",
        ask_.method, ask_.uri ? ask_.uri : "sip:b@partner.example", ask_.via ? ask_.via : V1,
        ask_.to_tag ? ";tag=" : "", ask_.to_tag ? ask_.to_tag : "", ask_.cseq ? ask_.cseq : "1",
        ask_.method, ask_.more ? ask_.more : "");
    g_autoptr(GBytes) bytes = g_bytes_new(text, strlen(text));
    g_autoptr(StoxSipMessage) message = parsed(bytes);
    StoxRequestVerdict verdict = stox_transactions_receive_request(
        rig->transactions, message, 11, ask_.from ? ask_.from : &hop, true, rig->now, ret_request);

    if (verdict == STOX_REQUEST_ACK)
        stox_transactions_acked(rig->transactions, message);
    return verdict;
}

#define they(rig, ret_request, ...) they_ask(rig, (Ask){__VA_ARGS__}, ret_request)

static void we_answer(Rig *rig, uint64_t request, unsigned status)
{
    StoxSipMessage *message = stox_transactions_message(rig->transactions, request);

    g_assert_nonnull(message);
    stox_transactions_respond(rig->transactions, request,
                              stox_sip_builder_response(message, status, NULL, "us"), rig->now);
}

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
    they(rig, &request, "MESSAGE");
    pass(rig, 32000);
    expect(rig, "100 ");
    g_assert_null(stox_transactions_message(rig->transactions, request));
    they(rig, &request, "MESSAGE");
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
    pass(rig, 600000);
    expect(rig, "");
    we_answer(rig, request, 180);
    expect(rig, "180 ");
    they(rig, &request, "INVITE");
    expect(rig, "180 ");
    we_answer(rig, request, 200);
    expect(rig, "200 ");
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
    they(rig, &request, "INVITE");
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

static void test_cancelled(Rig *rig, gconstpointer data)
{
    uint64_t request = 0;

    they(rig, &request, "INVITE");
    g_assert_cmpint(they(rig, &request, "CANCEL", .via = V2), ==, STOX_REQUEST_DONE);
    expect(rig, "481 ");
    they(rig, &request, "CANCEL", .from = &other_hop);
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
    expect(rig, "481 ");
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
    g_assert_cmpint(they(rig, &second, "MESSAGE", .to_tag = "us", .from = &other_hop), ==,
                    STOX_REQUEST_NEW);
    g_assert_cmpuint(first, !=, second);
}

#define ADD(name, func) g_test_add("/sip/transaction/" name, Rig, NULL, rig_up, func, rig_down)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("client/R-20 answered", test_message_answered);
    ADD("client/R-26 timer-f", test_timer_f);
    ADD("client/R-26 timer-b", test_timer_b);
    ADD("client/send-failed", test_send_failed);
    ADD("client/invite-accepted", test_invite_accepted);
    ADD("client/invite-refused", test_invite_refused);
    ADD("client/cancel-early", test_cancel_early);
    ADD("client/cancel-unanswered", test_cancel_unanswered);
    ADD("client/timer-c", test_timer_c);
    ADD("client/stray-responses", test_stray_responses);
    ADD("client/ack-of-2xx", test_ack_of_2xx);
    ADD("server/absorb", test_absorb);
    ADD("server/R-27", test_r27);
    ADD("server/invite-trying", test_invite_trying);
    ADD("server/2xx-acked", test_2xx_acked);
    ADD("server/2xx-never-acked", test_2xx_never_acked);
    ADD("server/refusal", test_refusal);
    ADD("server/only-first-final", test_only_first_final);
    ADD("server/P-176 cancelled", test_cancelled);
    ADD("server/old-clients", test_old_clients);
    ADD("server/R-23 merged", test_merged);
    ADD("server/V-97 loop", test_loop);
    ADD("server/R-07 max-forwards", test_max_forwards);
    ADD("server/overload", test_overload);
    ADD("server/benotify", test_benotify);
    ADD("server/hops-apart", test_hops_apart);
    return g_test_run();
}
