/* SPDX-License-Identifier: MIT */
/* IM sessions that the far side opens: lync.md 4.4, 7.1; RFC 3261 s13.3. The clock is written down. */
#include "tests/unit/sip/session-fixture.h"

#include "translation/error.h"

#include <string.h>

static void test_invite_in(Fixture *f, gconstpointer data)
{
    g_autoptr(StoxSipMessage) offer =
        request_new("INVITE", "c1", NULL, 1,
                    SDP_TYPE "Supported: timer\nSubject: Tea\nms-text-format: text/plain; "
                             "charset=UTF-8; ms-body=SGkgQm9i\n"
                             "Ms-Conversation-ID: AdAb==\n",
                    SDP_IM);
    StoxSipIncoming incoming = {.message = offer, .request = 50, .flow = 7, .hop = &lync_hop};
    g_autoptr(StoxEvent) event = NULL;
    g_autoptr(Record) ok = NULL;
    g_autofree char *sdp = NULL;
    const StoxSipView *view;

    g_assert_true(stox_sessions_receive(f->sessions, &incoming, f->now));
    event = recorder_take_event(f->recorder, STOX_EVENT_SIP_INVITE);
    g_assert_cmpstr(event->hop, ==, "pool01");
    g_assert_cmpstr(event->from_uri, ==, "sip:alice@contoso.example");
    g_assert_cmpstr(event->request_uri, ==, "sip:bob@partner.example");
    g_assert_cmpstr(event->display, ==, "Alice");
    g_assert_cmpstr(event->subject, ==, "Tea");
    g_assert_cmpstr(event->conversation_id, ==, "AdAb==");
    g_assert_cmpstr(event->accept, ==, "text/plain text/html");

    ok = accept_session(f, event->session, 50);
    view = stox_sip_view(ok->message);
    g_assert_cmpuint(ok->id, ==, 50);
    g_assert_nonnull(view->to_tag);
    g_assert_cmpstr(view->contact_uri, ==, "sip:bob@xgw.contoso.example:5061;transport=tls");
    g_assert_cmpstr(view->supported, ==, "timer");
    g_assert_cmpstr(header(ok->message, "Record-Route"), ==, LYNC_ROUTE ";tag=00FF");
    g_assert_null(header(ok->message, "Session-Expires"));
    sdp = body_text(ok->message);
    g_assert_true(g_str_has_suffix(
        sdp, "m=message 5061 sip sip:bob@partner.example\r\na=accept-types:text/plain\r\n"));

    g_assert_true(receive(f, request_new("ACK", "c1", view->to_tag, 1, NULL, NULL), 0));
    expect_event(f, STOX_EVENT_SESSION_OPENED, event->session);
    /* Again: nothing. */
    g_assert_true(receive(f, request_new("ACK", "c1", view->to_tag, 1, NULL, NULL), 0));
    stox_sessions_no_ack(f->sessions, 50, f->now);
    recorder_none(f->recorder);

    send_message(f, event->session, 9);
    {
        g_autoptr(Record) message = recorder_take_request(f->recorder, STOX_SIP_MESSAGE);

        g_assert_cmpstr(stox_sip_view(message->message)->request_uri, ==, LYNC_CONTACT);
        g_assert_cmpstr(header(message->message, "Route"), ==, LYNC_ROUTE);
        g_assert_cmpstr(header(message->message, "To"), ==,
                        "\"Alice\"<sip:alice@contoso.example>;tag=theirs;epid=5e20cc91f7");
        g_assert_cmpstr(stox_sip_view(message->message)->from_tag, ==, view->to_tag);
    }
}

static void test_invite_refused_here(Fixture *f, gconstpointer data)
{
    static const struct {
        const char *name;
        const char *extra;
        const char *body;
        unsigned status;
        unsigned diagnostic;
        const char *header, *value;
    } rows[] = {
        /* lync.md 4.9-488: no IM is offered */
        {"audio", SDP_TYPE, SDP_HEAD "m=audio 4000 RTP/AVP 0\r\n", 488,
         STOX_DIAG_MODALITY_UNSUPPORTED},
        {"video", SDP_TYPE, SDP_HEAD "m=audio 4000 RTP/AVP 0\r\nm=video 4002 RTP/AVP 34\r\n", 488,
         STOX_DIAG_MODALITY_UNSUPPORTED},
        {"sharing", SDP_TYPE, SDP_HEAD "m=applicationsharing 4000 TCP/RTP/AVP 127\r\n", 488,
         STOX_DIAG_MODALITY_UNSUPPORTED},
        {"data", SDP_TYPE, SDP_HEAD "m=data 6901 TCP/TLS *\r\n", 488,
         STOX_DIAG_MODALITY_UNSUPPORTED},
        {"message port 0", SDP_TYPE, SDP_HEAD "m=message 0 sip null\r\n", 488,
         STOX_DIAG_MODALITY_UNSUPPORTED},
        {"MSRP", SDP_TYPE, SDP_HEAD "m=message 7394 TCP/MSRP *\r\n", 488,
         STOX_DIAG_MODALITY_UNSUPPORTED},
        {"no media", SDP_TYPE, SDP_HEAD, 488, STOX_DIAG_MODALITY_UNSUPPORTED},
        {"not SDP", SDP_TYPE, "hello", 488, STOX_DIAG_MODALITY_UNSUPPORTED},
        {"no body", NULL, NULL, 488, STOX_DIAG_MODALITY_UNSUPPORTED},
        {"conference", "Content-Type: application/ms-conf-invite+xml\n", "<Conferencing/>", 488,
         STOX_DIAG_MODALITY_UNSUPPORTED},
        {"two versions of a call", "Content-Type: multipart/alternative;boundary=x\n", "--x--\r\n",
         488, STOX_DIAG_MODALITY_UNSUPPORTED},
        /* lync.md 4.9-415 */
        {"other type", "Content-Type: text/plain\n", "hello", 415, STOX_DIAG_CONTENT_UNSUPPORTED,
         "Accept", "application/sdp"},
        {"legacy multiparty", SDP_TYPE "Require: com.microsoft.rtc-multiparty\n", SDP_IM, 420,
         STOX_DIAG_EXTENSION_UNSUPPORTED, "Unsupported", "com.microsoft.rtc-multiparty"},
        {"unknown among known", SDP_TYPE "Require: timer, 100rel\n", SDP_IM, 420,
         STOX_DIAG_EXTENSION_UNSUPPORTED, "Unsupported", "100rel"},
        {"R-36 short interval", SDP_TYPE "Supported: timer\nSession-Expires: 89\n", SDP_IM, 422,
         STOX_DIAG_INTERVAL_TOO_SHORT, "Min-SE", "90"},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(Record) response = NULL;

        g_test_message("%s", rows[i].name);
        g_assert_true(
            receive(f, request_new("INVITE", "c1", NULL, 1, rows[i].extra, rows[i].body), 50));
        response = recorder_take_response(f->recorder, rows[i].status);
        g_assert_cmpuint(response->id, ==, 50);
        g_assert_nonnull(stox_sip_view(response->message)->to_tag);
        expect_diagnostic(response, rows[i].diagnostic);
        if (rows[i].header)
            g_assert_cmpstr(header(response->message, rows[i].header), ==, rows[i].value);
        recorder_none(f->recorder);
    }
    g_assert_cmpuint(stox_sessions_count(f->sessions), ==, 0);
}

/* RFC 3261 s12.1.1: a dialog in which nothing could be sent is none. */
static void test_unusable_targets(Fixture *f, gconstpointer data)
{
    static const struct {
        const char *name, *lines;
    } rows[] = {
        {"no Contact", ""},
        {"Contact without host", "Contact: <sip:alice@>\n"},
        {"Contact is a telephone", "Contact: <tel:+15551234>\n"},
        {"Contact is *", "Contact: *\n"},
        {"Record-Route without host", "Contact: <sip:a@h.example>\nRecord-Route: <sip:;lr>\n"},
        {"second Record-Route is nonsense",
         "Contact: <sip:a@h.example>\nRecord-Route: <sip:p.example;lr>\nRecord-Route: @@\n"},
        {"Record-Route is a telephone",
         "Contact: <sip:a@h.example>\nRecord-Route: <tel:+15551234>\n"},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *head = g_strdup_printf(
            "INVITE sip:bob@partner.example SIP/2.0\n"
            "Via: SIP/2.0/TLS 192.0.2.11:5061;branch=z9hG4bKx%u\nMax-Forwards: 69\n"
            "From: <sip:alice@contoso.example>;tag=theirs\nTo: <sip:bob@partner.example>\n"
            "Call-ID: c%u\nCSeq: 1 INVITE\n" SDP_TYPE "%s",
            i, i, rows[i].lines);
        g_autoptr(Record) response = NULL;

        g_test_message("%s", rows[i].name);
        receive(f, message_new(head, SDP_IM), 50);
        response = recorder_take_response(f->recorder, 400);
        expect_diagnostic(response, STOX_DIAG_MALFORMED);
    }
    g_assert_cmpuint(stox_sessions_count(f->sessions), ==, 0);
}

/* RFC 3261 s12.1.1: no From tag is a null one. */
static void test_no_from_tag(Fixture *f, gconstpointer data)
{
#define OLD(method, to_tag, cseq, extra)                                                           \
    method " sip:bob@partner.example SIP/2.0\n"                                                    \
           "Via: SIP/2.0/TLS 192.0.2.11:5061;branch=z9hG4bK" method                                \
           "\nMax-Forwards: 69\nFrom: <sip:alice@contoso.example>\n"                               \
           "To: <sip:bob@partner.example>" to_tag "\nCall-ID: c1\nCSeq: " cseq " " method          \
           "\nContact: <sip:alice@192.0.2.77>\n" extra
    g_autoptr(StoxEvent) event = NULL;
    g_autoptr(Record) ok = NULL;
    g_autoptr(Record) bye = NULL;

    receive(f, message_new(OLD("INVITE", "", "1", SDP_TYPE), SDP_IM), 50);
    event = recorder_take_event(f->recorder, STOX_EVENT_SIP_INVITE);
    ok = accept_session(f, event->session, 50);
    g_assert_cmpstr(stox_sip_view(ok->message)->to_tag, ==, "token00000001");
    receive(f, message_new(OLD("ACK", ";tag=token00000001", "1", ""), NULL), 0);
    expect_event(f, STOX_EVENT_SESSION_OPENED, event->session);
    close_session(f, event->session);
    bye = recorder_take_request(f->recorder, STOX_SIP_BYE);
    g_assert_cmpstr(header(bye->message, "To"), ==, "<sip:alice@contoso.example>");
    expect_event(f, STOX_EVENT_SESSION_CLOSED, event->session);
}

/* RFC 3261 s12.1.1, RFC 5630: sips on a hop with TLS is answered alike; elsewhere it cannot be promised. */
static void test_sips(Fixture *f, gconstpointer data)
{
    static const StoxSipHop tcp_hop = {.name = (char *) "plain",
                                       .transport = STOX_TRANSPORT_TCP,
                                       .sent_by = (char *) "xgw.contoso.example:5060",
                                       .contact = (char *) "xgw.contoso.example:5060",
                                       .user_agent = (char *) "stoxd/test"};
    g_autoptr(StoxSipMessage) invite =
        message_new("INVITE sip:bob@partner.example SIP/2.0\n"
                    "Via: SIP/2.0/TCP 192.0.2.11;branch=z9hG4bKs\nMax-Forwards: 69\n"
                    "From: <sip:alice@contoso.example>;tag=theirs\nTo: <sip:bob@partner.example>\n"
                    "Call-ID: c1\nCSeq: 1 INVITE\nContact: <sips:alice@h.example>\n" SDP_TYPE,
                    SDP_IM);
    StoxSipIncoming incoming = {.message = invite, .request = 50, .flow = 7, .hop = &tcp_hop};
    g_autoptr(StoxEvent) event = NULL;
    g_autoptr(Record) refused = NULL;
    g_autoptr(Record) ok = NULL;

    g_assert_true(stox_sessions_receive(f->sessions, &incoming, f->now));
    refused = recorder_take_response(f->recorder, 480);
    expect_diagnostic(refused, STOX_DIAG_SIPS_REFUSED);
    g_assert_true(g_str_has_prefix(header(refused->message, "Warning"), "380 "));

    incoming.hop = &lync_hop;
    g_assert_true(stox_sessions_receive(f->sessions, &incoming, f->now));
    event = recorder_take_event(f->recorder, STOX_EVENT_SIP_INVITE);
    ok = accept_session(f, event->session, 50);
    g_assert_cmpstr(stox_sip_view(ok->message)->contact_uri, ==,
                    "sips:bob@xgw.contoso.example:5061");
}

/* also when only To says so. */
static void test_sips_in_to(Fixture *f, gconstpointer data)
{
    g_autoptr(StoxSipMessage) invite =
        message_new("INVITE sip:bob@partner.example SIP/2.0\n"
                    "Via: SIP/2.0/TLS 192.0.2.11;branch=z9hG4bKs\nMax-Forwards: 69\n"
                    "From: <sip:alice@contoso.example>;tag=theirs\nTo: <SIPS:bob@partner.example>\n"
                    "Call-ID: c1\nCSeq: 1 INVITE\nContact: <sip:alice@h.example>\n" SDP_TYPE,
                    SDP_IM);
    StoxSipIncoming incoming = {.message = invite, .request = 50, .flow = 7, .hop = &lync_hop};
    g_autoptr(Record) refused = NULL;

    g_assert_true(stox_sessions_receive(f->sessions, &incoming, f->now));
    refused = recorder_take_response(f->recorder, 480);
    expect_diagnostic(refused, STOX_DIAG_SIPS_REFUSED);
    g_assert_true(g_str_has_prefix(header(refused->message, "Warning"), "380 "));
}

static void test_invite_in_mixed_offers(Fixture *f, gconstpointer data)
{
    static const struct {
        const char *media;
        const char *answer;
    } rows[] = {
        {"m=audio 4000 RTP/AVP 0 8\r\na=x\r\nm=message 5060 sip null\r\n",
         "m=audio 0 RTP/AVP 0 8\r\nm=message 5061 sip sip:bob@partner.example\r\n"
         "a=accept-types:text/plain\r\n"},
        {"m=x-ms-message 5060 sip null\r\n",
         "m=x-ms-message 5061 sip sip:bob@partner.example\r\na=accept-types:text/plain\r\n"},
        {"m=message 5060 sip null\nm=message 5062 sip null\n",
         "m=message 5061 sip sip:bob@partner.example\r\na=accept-types:text/plain\r\n"
         "m=message 0 sip null\r\n"},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *offer = g_strconcat(SDP_HEAD, rows[i].media, NULL);
        g_autofree char *call_id = g_strdup_printf("c%u", i);
        g_autofree char *sdp = NULL;
        g_autoptr(StoxEvent) event = NULL;
        g_autoptr(Record) ok = NULL;

        receive(f, request_new("INVITE", call_id, NULL, 1, SDP_TYPE, offer), 50 + i);
        event = recorder_take_event(f->recorder, STOX_EVENT_SIP_INVITE);
        ok = accept_session(f, event->session, 50 + i);
        sdp = body_text(ok->message);
        g_assert_true(g_str_has_suffix(sdp, rows[i].answer));
    }
}

static void test_gateway_refuses(Fixture *f, gconstpointer data)
{
    uint64_t session = invited(f, "c1", 50, NULL);
    g_autoptr(StoxAction) action = stox_action_new(STOX_ACTION_SIP_RESPOND);
    g_autoptr(Record) response = NULL;

    action->request = 51;
    stox_sip_result_init(&action->result, 404, STOX_DIAG_ADDRESS_UNMAPPABLE);
    g_assert_false(stox_sessions_refuse(f->sessions, action, f->now));
    action->request = 50;
    g_assert_true(stox_sessions_refuse(f->sessions, action, f->now));
    response = recorder_take_response(f->recorder, 404);
    expect_diagnostic(response, STOX_DIAG_ADDRESS_UNMAPPABLE);
    g_assert_false(stox_sessions_refuse(f->sessions, action, f->now));
    g_assert_cmpuint(session, !=, 0);
    g_assert_cmpuint(stox_sessions_count(f->sessions), ==, 0);
}

static void test_cancelled(Fixture *f, gconstpointer data)
{
    uint64_t session = invited(f, "c1", 50, NULL);
    g_autoptr(StoxAction) action = stox_action_new(STOX_ACTION_SESSION_ACCEPT);

    stox_sessions_cancelled(f->sessions, 50, f->now);
    record_free(recorder_take_response(f->recorder, 487));
    expect_event(f, STOX_EVENT_SESSION_CLOSED, session);
    /* The gateway's answer crossed. */
    action->session = session;
    action->request = 50;
    stox_sessions_accept(f->sessions, action, f->now);
    expect_event(f, STOX_EVENT_SESSION_CLOSED, session);
}

static void test_no_ack(Fixture *f, gconstpointer data)
{
    uint64_t session = invited(f, "c1", 50, NULL);

    record_free(accept_session(f, session, 50));
    stox_sessions_no_ack(f->sessions, 50, f->now);
    record_free(recorder_take_request(f->recorder, STOX_SIP_BYE));
    expect_event(f, STOX_EVENT_SESSION_CLOSED, session);
}

static void test_message_before_ack(Fixture *f, gconstpointer data)
{
    uint64_t session = invited(f, "c1", 50, NULL);
    g_autoptr(Record) ok = accept_session(f, session, 50);
    const char *tag = stox_sip_view(ok->message)->to_tag;

    receive(f, request_new("MESSAGE", "c1", tag, 2, "Content-Type: text/plain\n", "Hi"), 51);
    expect_event(f, STOX_EVENT_SESSION_OPENED, session);
    expect_event(f, STOX_EVENT_SIP_MESSAGE, session);
    receive(f, request_new("ACK", "c1", tag, 1, NULL, NULL), 0);
}

/* RFC 5407 s3.1.4: whatever comes inside shows that our 200 has arrived. */
static void test_reinvite_before_ack(Fixture *f, gconstpointer data)
{
    uint64_t session = invited(f, "c1", 50, NULL);
    g_autoptr(Record) ok = accept_session(f, session, 50);
    const char *tag = stox_sip_view(ok->message)->to_tag;

    receive(f, request_new("INVITE", "c1", tag, 2, SDP_TYPE, SDP_IM), 51);
    expect_event(f, STOX_EVENT_SESSION_OPENED, session);
    record_free(recorder_take_response(f->recorder, 200));
    receive(f, request_new("ACK", "c1", tag, 1, NULL, NULL), 0);
    receive(f, request_new("ACK", "c1", tag, 2, NULL, NULL), 0);
    recorder_none(f->recorder);
}

/* BYE before the ACK, and the ACK behind it. */
static void test_bye_before_ack(Fixture *f, gconstpointer data)
{
    uint64_t session = invited(f, "c1", 50, NULL);
    g_autoptr(Record) ok = accept_session(f, session, 50);
    const char *tag = stox_sip_view(ok->message)->to_tag;

    receive(f, request_new("BYE", "c1", tag, 2, NULL, NULL), 51);
    record_free(recorder_take_response(f->recorder, 200));
    expect_event(f, STOX_EVENT_SESSION_CLOSED, session);
    g_assert_false(receive(f, request_new("ACK", "c1", tag, 1, NULL, NULL), 0));
    stox_sessions_no_ack(f->sessions, 50, f->now);
    g_assert_cmpint(stox_sessions_deadline(f->sessions), ==, STOX_NEVER);
}

/* Closed before the ACK: a request inside is refused, and lets the BYE go. */
static void test_message_after_close(Fixture *f, gconstpointer data)
{
    uint64_t session = invited(f, "c1", 50, NULL);
    g_autoptr(Record) ok = accept_session(f, session, 50);
    const char *tag = stox_sip_view(ok->message)->to_tag;

    close_session(f, session);
    expect_event(f, STOX_EVENT_SESSION_CLOSED, session);
    receive(f, request_new("MESSAGE", "c1", tag, 2, "Content-Type: text/plain\n", "Hi"), 51);
    record_free(recorder_take_response(f->recorder, 481));
    record_free(recorder_take_request(f->recorder, STOX_SIP_BYE));
    g_assert_cmpint(stox_sessions_deadline(f->sessions), ==, STOX_NEVER);
}

/* RFC 3261 s15: no BYE before the ACK. */
static void test_close_before_ack(Fixture *f, gconstpointer data)
{
    uint64_t session = invited(f, "c1", 50, NULL);
    g_autoptr(Record) ok = accept_session(f, session, 50);
    const char *tag = stox_sip_view(ok->message)->to_tag;

    close_session(f, session);
    expect_event(f, STOX_EVENT_SESSION_CLOSED, session);
    recorder_none(f->recorder);
    receive(f, request_new("ACK", "c1", tag, 1, NULL, NULL), 0);
    record_free(recorder_take_request(f->recorder, STOX_SIP_BYE));
}

/* lync.md 4.9-overload */
static void test_overload(Fixture *f, gconstpointer data)
{
    g_autoptr(StoxAction) action = stox_action_new(STOX_ACTION_SESSION_OPEN);
    g_autoptr(Record) response = NULL;

    for (unsigned i = 0; i < 3; i++)
        record_free(open_session(f, 2 + 2 * i));
    receive(f, request_new("INVITE", "c1", NULL, 1, SDP_TYPE, SDP_IM), 50);
    response = recorder_take_response(f->recorder, 503);
    expect_diagnostic(response, STOX_DIAG_OVERLOAD);
    g_assert_nonnull(header(response->message, "Retry-After"));
    action->session = 20;
    action->from_uri = g_strdup("sip:bob@partner.example");
    action->to_uri = g_strdup("sip:alice@contoso.example");
    stox_sessions_open(f->sessions, action, &lync_hop, f->now);
    expect_event(f, STOX_EVENT_SESSION_FAILED, 20);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("invite-in-7.1", test_invite_in);
    ADD("invite-refused-here", test_invite_refused_here);
    ADD("unusable-targets", test_unusable_targets);
    ADD("no-from-tag", test_no_from_tag);
    ADD("sips", test_sips);
    ADD("sips-in-to/A-40", test_sips_in_to);
    ADD("reinvite-before-ack", test_reinvite_before_ack);
    ADD("bye-before-ack", test_bye_before_ack);
    ADD("message-after-close", test_message_after_close);
    ADD("mixed-offers", test_invite_in_mixed_offers);
    ADD("gateway-refuses", test_gateway_refuses);
    ADD("cancelled", test_cancelled);
    ADD("no-ack", test_no_ack);
    ADD("message-before-ack", test_message_before_ack);
    ADD("close-before-ack", test_close_before_ack);
    ADD("overload", test_overload);
    return g_test_run();
}
