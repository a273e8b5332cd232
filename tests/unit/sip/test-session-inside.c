/* SPDX-License-Identifier: MIT */
/* What happens inside an IM session: rows, P-175; lync.md 4.4, 4.5. The clock is written down. */
#include "tests/unit/sip/session-fixture.h"

#include "translation/error.h"

#include <string.h>

static void test_message_in(Fixture *f, gconstpointer data)
{
    g_autoptr(Record) invite = opened(f, 2, NULL);
    g_autoptr(StoxEvent) event = NULL;

    receive(f, from_peer(invite, "MESSAGE", 1, "Content-Type: text/plain; charset=UTF-8\n", "Hi"),
            60);
    event = recorder_take_event(f->recorder, STOX_EVENT_SIP_MESSAGE);
    g_assert_cmpuint(event->session, ==, 2);
    g_assert_cmpuint(event->request, ==, 60);
    g_assert_cmpstr(event->content_type, ==, "text/plain; charset=UTF-8");
    g_assert_cmpmem(g_bytes_get_data(event->body, NULL), g_bytes_get_size(event->body), "Hi", 2);
}

#define KEYBOARD                                                                                   \
    "<?xml version=\"1.0\"?><KeyboardActivity><status status=\"type\" /></KeyboardActivity>"

/* lync.md 4.5-200: typing is answered here and told. */
static void test_typing_in(Fixture *f, gconstpointer data)
{
    g_autoptr(Record) invite = opened(f, 2, NULL);
    g_autoptr(StoxEvent) event = NULL;

    receive(f, from_peer(invite, "INFO", 1, "Content-Type: application/xml\n", KEYBOARD), 60);
    record_free(recorder_take_response(f->recorder, 200));
    event = recorder_take_event(f->recorder, STOX_EVENT_SESSION_INFO);
    g_assert_cmpuint(event->session, ==, 2);
    g_assert_cmpuint(event->request, ==, 0);
    g_assert_cmpstr(event->content_type, ==, "application/xml");
    g_assert_cmpmem(g_bytes_get_data(event->body, NULL), g_bytes_get_size(event->body), KEYBOARD,
                    strlen(KEYBOARD));
    recorder_none(f->recorder);
}

/* RFC 3994 s4: typing of this kind is a MESSAGE like others; the gateway answers it. */
static void test_composing_in(Fixture *f, gconstpointer data)
{
    g_autoptr(Record) invite = opened(f, 2, NULL);
    g_autoptr(StoxEvent) event = NULL;

    receive(f,
            from_peer(invite, "MESSAGE", 1, "Content-Type: application/im-iscomposing+xml\n",
                      "<isComposing/>"),
            60);
    event = recorder_take_event(f->recorder, STOX_EVENT_SIP_MESSAGE);
    g_assert_cmpuint(event->request, ==, 60);
    g_assert_cmpstr(event->content_type, ==, "application/im-iscomposing+xml");
    recorder_none(f->recorder);
}

static void send_info(Fixture *f, uint64_t session)
{
    g_autoptr(StoxAction) action = stox_action_new(STOX_ACTION_SESSION_INFO);

    action->session = session;
    action->content_type = g_strdup("application/xml");
    action->body = g_bytes_new_static(KEYBOARD, strlen(KEYBOARD));
    stox_sessions_info(f->sessions, action, f->now);
}

/* lync.md 4.5, D-08: what became of our INFO is told nobody; where the session is gone it ends. */
static void test_typing_out(Fixture *f, gconstpointer data)
{
    static const struct {
        unsigned status;
        bool ends;
    } rows[] = {{200, false}, {415, false}, {405, false}, {500, false}, {481, true}};

    g_autoptr(Record) invite = opened(f, 2, NULL);

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(Record) info = NULL;

        send_info(f, 2);
        info = recorder_take_request(f->recorder, STOX_SIP_INFO);
        g_assert_cmpuint(stox_sip_view(info->message)->cseq, ==, 2 + i);
        g_assert_cmpstr(header(info->message, "Content-Type"), ==, "application/xml");
        g_assert_cmpstr(header(info->message, "Route"), ==, LYNC_ROUTE);
        g_assert_cmpstr(stox_sip_view(info->message)->request_uri, ==, LYNC_CONTACT);
        answer(f, info, rows[i].status, NULL, NULL);
        if (rows[i].ends)
            expect_event(f, STOX_EVENT_SESSION_CLOSED, 2);
        recorder_none(f->recorder);
    }
}

/* No answer at all counts as 408 (RFC 3261 s8.1.3.1). */
static void test_typing_out_timeout(Fixture *f, gconstpointer data)
{
    g_autoptr(Record) invite = opened(f, 2, NULL);
    g_autoptr(Record) info = NULL;

    send_info(f, 2);
    info = recorder_take_request(f->recorder, STOX_SIP_INFO);
    fail(f, info, STOX_SIP_TIMEOUT);
    record_free(recorder_take_request(f->recorder, STOX_SIP_BYE));
    expect_event(f, STOX_EVENT_SESSION_CLOSED, 2);
}

/* lync.md 4.5-no-invite: typing opens no session. */
static void test_typing_without_session(Fixture *f, gconstpointer data)
{
    send_info(f, 2);
    recorder_none(f->recorder);
}

static void test_requests_answered_here(Fixture *f, gconstpointer data)
{
    static const struct {
        const char *method, *extra, *body;
        unsigned status;
        const char *header, *value;
    } rows[] = {
        {"INFO", NULL, NULL, 200},
        {"INFO", "Info-Package: frob\n", NULL, 469, "Recv-Info", ""},
        {"PRACK", "RAck: 1 1 INVITE\n", NULL, 405, "Allow", STOX_SIP_ALLOW},
        {"INFO", "Content-Type: application/xml\n", "<other/>", 415, "Accept", "application/xml"},
        {"INFO", "Content-Type: application/dtmf-relay\n", "Signal=1", 415, "Accept",
         "application/xml"},
        {"OPTIONS", NULL, NULL, 200, "Allow", STOX_SIP_ALLOW},
        {"UPDATE", NULL, NULL, 200, "Contact", "<sip:bob@xgw.contoso.example:5061;transport=tls>"},
        {"REFER", "Refer-To: <sip:conf@contoso.example>\n", NULL, 603, "Allow", STOX_SIP_ALLOW},
        {"PUBLISH", NULL, NULL, 405, "Allow", STOX_SIP_ALLOW}, /* lync.md 4.9-405 */
        {"FROB", NULL, NULL, 405, "Allow", STOX_SIP_ALLOW},
        {"SUBSCRIBE", "Event: presence\n", NULL, 403},
        {"OPTIONS", "Require: 100rel\n", NULL, 420, "Unsupported", "100rel"},
        {"UPDATE", "Supported: timer\nSession-Expires: 60\n", NULL, 422, "Min-SE", "90"},
        {"INVITE", SDP_TYPE, SDP_HEAD "m=audio 4000 RTP/AVP 0\r\n", 488},
    };
    g_autoptr(Record) invite = opened(f, 2, NULL);

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(Record) response = NULL;

        g_test_message("%s", rows[i].method);
        g_assert_true(receive(
            f, from_peer(invite, rows[i].method, 1 + i, rows[i].extra, rows[i].body), 60 + i));
        response = recorder_take_response(f->recorder, rows[i].status);
        g_assert_cmpuint(response->id, ==, 60 + i);
        if (rows[i].header)
            g_assert_cmpstr(header(response->message, rows[i].header), ==, rows[i].value);
        recorder_none(f->recorder);
    }
    g_assert_cmpuint(stox_sessions_count(f->sessions), ==, 1);
}

static void test_out_of_order(Fixture *f, gconstpointer data)
{
    g_autoptr(Record) invite = opened(f, 2, NULL);

    receive(f, from_peer(invite, "OPTIONS", 9, NULL, NULL), 60);
    record_free(recorder_take_response(f->recorder, 200));
    receive(f, from_peer(invite, "OPTIONS", 8, NULL, NULL), 61);
    record_free(recorder_take_response(f->recorder, 500));
    /* The newest once more, in a transaction of its own: it has come by two ways, and is taken once (promise 4). */
    receive(f, from_peer(invite, "OPTIONS", 9, NULL, NULL), 62);
    record_free(recorder_take_response(f->recorder, 482));
    /* Gaps are fine. */
    receive(f, from_peer(invite, "OPTIONS", 2147483647, NULL, NULL), 63);
    record_free(recorder_take_response(f->recorder, 200));
}

/* RFC 3261 s12.2: INVITE and UPDATE move the remote target, MESSAGE, INFO and OPTIONS do not; the route set stays. */
static void test_target_refresh(Fixture *f, gconstpointer data)
{
    static const struct {
        const char *method, *extra, *body;
        bool moves;
    } rows[] = {
        {"MESSAGE", "Content-Type: text/plain\n", "x", false},
        {"INFO", NULL, NULL, false},
        {"OPTIONS", NULL, NULL, false},
        {"UPDATE", NULL, NULL, true},
        {"INVITE", SDP_TYPE, SDP_IM, true},
        /* Refused: as if it had not been sent (RFC 6141). */
        {"INVITE", SDP_TYPE, SDP_HEAD "m=audio 4000 RTP/AVP 0\r\n", false},
    };
    g_autoptr(Record) invite = opened(f, 2, NULL);
    g_autofree char *target = g_strdup(LYNC_CONTACT);

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(StoxSipMessage) message =
            from_peer(invite, rows[i].method, 1 + i, rows[i].extra, rows[i].body);
        g_autofree char *contact = g_strdup_printf("sip:alice@192.0.2.%u", i);
        g_autofree char *head = NULL;
        g_autoptr(Record) sent = NULL;
        const StoxSipView *view = stox_sip_view(message);

        head = g_strdup_printf(
            "%s %s SIP/2.0\nVia: %s\nFrom: %s\nTo: %s\nCall-ID: %s\nCSeq: %u %s\n"
            "Record-Route: <sip:other.example;lr>\nContact: <%s>\n%s",
            rows[i].method, view->request_uri, header(message, "Via"), header(message, "From"),
            header(message, "To"), view->call_id, view->cseq, rows[i].method, contact,
            rows[i].extra ? rows[i].extra : "");
        receive(f, message_new(head, rows[i].body), 60 + i);
        if (view->method == STOX_SIP_MESSAGE)
            stox_event_free(recorder_take_event(f->recorder, STOX_EVENT_SIP_MESSAGE));
        else
            record_free(recorder_take(f->recorder, RECORD_RESPONSE));
        if (rows[i].moves) {
            g_free(target);
            target = g_strdup(contact);
        }
        send_message(f, 2, 900 + i);
        sent = recorder_take_request(f->recorder, STOX_SIP_MESSAGE);
        g_test_message("%s", rows[i].method);
        g_assert_cmpstr(stox_sip_view(sent->message)->request_uri, ==, target);
        g_assert_cmpstr(header(sent->message, "Route"), ==, LYNC_ROUTE);
    }
}

/* Ours and theirs cross: theirs finds nothing any more, ours is not waited for. */
static void test_bye_crosses_bye(Fixture *f, gconstpointer data)
{
    g_autoptr(Record) invite = opened(f, 2, NULL);

    close_session(f, 2);
    record_free(recorder_take_request(f->recorder, STOX_SIP_BYE));
    expect_event(f, STOX_EVENT_SESSION_CLOSED, 2);
    g_assert_false(receive(f, from_peer(invite, "BYE", 2, NULL, NULL), 60));
    g_assert_false(
        receive(f, from_peer(invite, "MESSAGE", 3, "Content-Type: text/plain\n", "Hi"), 61));
}

/* RFC 3311 s5.2: our offer in a 200 is open until the ACK brings its answer. */
static void test_offer_open(Fixture *f, gconstpointer data)
{
    g_autoptr(Record) invite = opened(f, 2, NULL);
    g_autoptr(Record) refused = NULL;

    receive(f, from_peer(invite, "INVITE", 1, NULL, NULL), 60);
    record_free(recorder_take_response(f->recorder, 200));
    receive(f, from_peer(invite, "UPDATE", 2, SDP_TYPE, SDP_IM), 61);
    refused = recorder_take_response(f->recorder, 491);
    expect_diagnostic(refused, STOX_DIAG_PENDING);
    receive(f, from_peer(invite, "UPDATE", 3, NULL, NULL), 62);
    record_free(recorder_take_response(f->recorder, 200));
    receive(f, from_peer(invite, "ACK", 1, SDP_TYPE, SDP_IM), 0);
    receive(f, from_peer(invite, "UPDATE", 4, SDP_TYPE, SDP_IM), 63);
    record_free(recorder_take_response(f->recorder, 200));
}

static void test_unknown_dialog(Fixture *f, gconstpointer data)
{
    g_autoptr(Record) invite = opened(f, 2, NULL);

    /* the caller answers 481. */
    g_assert_false(receive(f, request_new("BYE", "c1", "nobody", 2, NULL, NULL), 60));
    g_assert_false(receive(f, request_new("MESSAGE", "c1", NULL, 2, NULL, NULL), 61));
    g_assert_false(receive(f,
                           request_new("BYE", stox_sip_view(invite->message)->call_id,
                                       stox_sip_view(invite->message)->from_tag, 2, NULL, NULL),
                           62));
}

static void test_bye_in(Fixture *f, gconstpointer data)
{
    g_autoptr(Record) invite = opened(f, 2, NULL);

    receive(f, from_peer(invite, "BYE", 3, NULL, NULL), 60);
    record_free(recorder_take_response(f->recorder, 200));
    expect_event(f, STOX_EVENT_SESSION_CLOSED, 2);
    g_assert_false(receive(f, from_peer(invite, "BYE", 4, NULL, NULL), 61));
    tick(f, 32000);
    g_assert_cmpint(stox_sessions_deadline(f->sessions), ==, STOX_NEVER);
}

static void test_close(Fixture *f, gconstpointer data)
{
    g_autoptr(Record) invite = opened(f, 2, NULL);
    g_autoptr(Record) bye = NULL;

    close_session(f, 2);
    bye = recorder_take_request(f->recorder, STOX_SIP_BYE);
    g_assert_cmpstr(stox_sip_view(bye->message)->request_uri, ==, LYNC_CONTACT);
    g_assert_cmpuint(stox_sip_view(bye->message)->cseq, ==, 2);
    expect_event(f, STOX_EVENT_SESSION_CLOSED, 2);
    close_session(f, 2);
}

static void test_message_out(Fixture *f, gconstpointer data)
{
    static const struct {
        unsigned status;
        StoxSipFate fate;
        bool closes, bye;
    } rows[] = {{200, STOX_SIP_ANSWERED},
                {202, STOX_SIP_ANSWERED},
                {415, STOX_SIP_ANSWERED},
                {401, STOX_SIP_ANSWERED},
                {407, STOX_SIP_ANSWERED},
                {420, STOX_SIP_ANSWERED},
                {503, STOX_SIP_ANSWERED},
                {0, STOX_SIP_NOT_SENT},
                {0, STOX_SIP_TRANSPORT},
                {481, STOX_SIP_ANSWERED, true, false},
                {408, STOX_SIP_ANSWERED, true, true},
                {480, STOX_SIP_ANSWERED, true, true},
                {0, STOX_SIP_TIMEOUT, true, true}};

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        uint64_t id = 2 + 2 * i;
        g_autoptr(Record) invite = opened(f, id, NULL);
        g_autoptr(Record) message = NULL;
        g_autoptr(StoxEvent) event = NULL;

        send_message(f, id, 900 + i);
        message = recorder_take_request(f->recorder, STOX_SIP_MESSAGE);
        g_assert_cmpuint(stox_sip_view(message->message)->cseq, ==, 2);
        if (rows[i].status)
            answer(f, message, rows[i].status, NULL, NULL);
        else
            fail(f, message, rows[i].fate);
        event = recorder_take_event(f->recorder, STOX_EVENT_SIP_MESSAGE_RESULT);
        g_assert_cmpuint(event->ref, ==, 900 + i);
        g_assert_cmpuint(event->session, ==, id);
        g_assert_cmpuint(event->result.status, ==, rows[i].status);
        g_assert_cmpint(event->result.fate, ==, rows[i].fate);
        if (rows[i].bye)
            record_free(recorder_take_request(f->recorder, STOX_SIP_BYE));
        if (!rows[i].closes) {
            close_session(f, id);
            record_free(recorder_take_request(f->recorder, STOX_SIP_BYE));
        }
        expect_event(f, STOX_EVENT_SESSION_CLOSED, id);
    }
}

static void test_message_without_session(Fixture *f, gconstpointer data)
{
    g_autoptr(StoxEvent) event = NULL;

    send_message(f, 44, 5);
    event = recorder_take_event(f->recorder, STOX_EVENT_SIP_MESSAGE_RESULT);
    g_assert_cmpuint(event->ref, ==, 5);
    g_assert_cmpuint(event->result.status, ==, 481);
}

/* The result of a MESSAGE is told even when the session is gone. */
static void test_result_after_close(Fixture *f, gconstpointer data)
{
    g_autoptr(Record) invite = opened(f, 2, NULL);
    g_autoptr(Record) message = NULL;
    g_autoptr(StoxEvent) event = NULL;

    send_message(f, 2, 5);
    message = recorder_take_request(f->recorder, STOX_SIP_MESSAGE);
    receive(f, from_peer(invite, "BYE", 3, NULL, NULL), 60);
    record_free(recorder_take_response(f->recorder, 200));
    expect_event(f, STOX_EVENT_SESSION_CLOSED, 2);
    answer(f, message, 200, NULL, NULL);
    event = recorder_take_event(f->recorder, STOX_EVENT_SIP_MESSAGE_RESULT);
    g_assert_cmpuint(event->ref, ==, 5);
}

static void test_reinvite(Fixture *f, gconstpointer data)
{
    g_autoptr(Record) invite = opened(f, 2, NULL);
    g_autoptr(Record) ok = NULL;
    g_autofree char *sdp = NULL;

    receive(f, from_peer(invite, "INVITE", 5, SDP_TYPE, SDP_IM), 60);
    ok = recorder_take_response(f->recorder, 200);
    sdp = body_text(ok->message);
    g_assert_nonnull(strstr(sdp, "m=message 5061 sip sip:bob@partner.example\r\n"));
    receive(f, from_peer(invite, "ACK", 5, NULL, NULL), 0);
    stox_sessions_no_ack(f->sessions, 60, f->now);
    recorder_none(f->recorder);
    /* Without an offer we make one. */
    receive(f, from_peer(invite, "INVITE", 6, NULL, NULL), 61);
    record_free(recorder_take_response(f->recorder, 200));
    stox_sessions_no_ack(f->sessions, 61, f->now);
    record_free(recorder_take_request(f->recorder, STOX_SIP_BYE));
    expect_event(f, STOX_EVENT_SESSION_CLOSED, 2);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("message-in", test_message_in);
    ADD("lync-4.5-typing-in", test_typing_in);
    ADD("M-72-composing-in", test_composing_in);
    ADD("lync-4.5-typing-out", test_typing_out);
    ADD("lync-4.5-typing-out-timeout", test_typing_out_timeout);
    ADD("lync-4.5-typing-without-session", test_typing_without_session);
    ADD("requests-answered-here", test_requests_answered_here);
    ADD("R-21-out-of-order", test_out_of_order);
    ADD("R-24-unknown-dialog", test_unknown_dialog);
    ADD("target-refresh", test_target_refresh);
    ADD("bye-crosses-bye", test_bye_crosses_bye);
    ADD("offer-open", test_offer_open);
    ADD("bye-in", test_bye_in);
    ADD("close", test_close);
    ADD("message-out", test_message_out);
    ADD("message-without-session", test_message_without_session);
    ADD("result-after-close", test_result_after_close);
    ADD("reinvite", test_reinvite);
    return g_test_run();
}
