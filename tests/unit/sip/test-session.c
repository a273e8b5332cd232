/* SPDX-License-Identifier: MIT */
/* IM sessions: lync.md 4.4, 7.1, 7.2; rows, S-12, P-175. The clock is written down. */
#include "tests/unit/sip/recorder.h"

#include "sip/session-sdp.h"
#include "sip/session.h"
#include "translation/error.h"

#include <string.h>

#define SDP_TYPE "Content-Type: application/sdp\n"
#define SDP_HEAD "v=0\r\no=- 0 0 IN IP4 192.0.2.57\r\ns=session\r\nc=IN IP4 192.0.2.57\r\nt=0 0\r\n"
#define SDP_IM   SDP_HEAD "m=message 5060 sip null\r\na=accept-types:text/plain text/html\r\n"

typedef struct {
    Recorder *recorder;
    StoxSessions *sessions;
    StoxTime now;
} Fixture;

static void set_up(Fixture *f, gconstpointer data)
{
    StoxSessionsConfig config = {.fqdn = (char *) "xgw.contoso.example",
                                 .sdp_address = (char *) "192.0.2.50",
                                 .sdp_port = 5061,
                                 .max_sessions = 3};

    f->recorder = recorder_new();
    f->sessions = stox_sessions_new(&config, &recorder_ops, f->recorder);
    f->now = (StoxTime){.mono_ms = 1000000, .wall_ms = 1767225600000};
}

static void tear_down(Fixture *f, gconstpointer data)
{
    recorder_none(f->recorder);
    stox_sessions_free(f->sessions);
    recorder_free(f->recorder);
}

/* ---- Steps ---- */

static Record *open_session(Fixture *f, uint64_t id)
{
    g_autoptr(StoxAction) action = stox_action_new(STOX_ACTION_SESSION_OPEN);

    action->session = id;
    action->from_uri = g_strdup("sip:bob@partner.example");
    action->to_uri = g_strdup("sip:alice@contoso.example");
    action->display = g_strdup("Bob");
    action->subject = g_strdup("Tea");
    stox_sessions_open(f->sessions, action, &lync_hop, f->now);
    return recorder_take_request(f->recorder, STOX_SIP_INVITE);
}

static void answer(Fixture *f, const Record *request, unsigned status, const char *tag,
                   const char *extra)
{
    g_autoptr(StoxSipMessage) response = response_new(request, status, tag, extra, NULL);

    stox_sessions_response(f->sessions, request->owner, request->id, response, STOX_SIP_ANSWERED, 7,
                           f->now);
}

static void fail(Fixture *f, const Record *request, StoxSipFate fate)
{
    stox_sessions_response(f->sessions, request->owner, request->id, NULL, fate, 0, f->now);
}

#define OK_HEADERS "Record-Route: " LYNC_ROUTE ";tag=00FF\nContact: <" LYNC_CONTACT ">\n" SDP_TYPE

static void expect_event(Fixture *f, StoxEventKind kind, uint64_t session)
{
    g_autoptr(StoxEvent) event = recorder_take_event(f->recorder, kind);

    g_assert_cmpuint(event->session, ==, session);
}

/* An open session of ours; the INVITE is returned. */
static Record *opened(Fixture *f, uint64_t id, const char *extra)
{
    Record *invite = open_session(f, id);
    g_autofree char *headers = g_strconcat(OK_HEADERS, extra, NULL);

    answer(f, invite, 200, "peer", headers);
    record_free(recorder_take(f->recorder, RECORD_ACK));
    expect_event(f, STOX_EVENT_SESSION_OPENED, id);
    return invite;
}

static bool receive(Fixture *f, StoxSipMessage *message, uint64_t request)
{
    StoxSipIncoming incoming = {
        .message = message, .request = request, .flow = 7, .hop = &lync_hop};
    bool taken = stox_sessions_receive(f->sessions, &incoming, f->now);

    stox_sip_message_unref(message);
    return taken;
}

/* A request of the peer in a session that we have opened. */
static StoxSipMessage *from_peer(const Record *invite, const char *method, unsigned cseq,
                                 const char *extra, const char *body)
{
    const StoxSipView *view = stox_sip_view(invite->message);
    g_autofree char *head = g_strdup_printf(
        "%s sip:bob@xgw.contoso.example:5061;transport=tls SIP/2.0\n"
        "Via: SIP/2.0/TLS 192.0.2.11:5061;branch=z9hG4bK%s%u\n"
        "Max-Forwards: 69\n"
        "From: <sip:alice@contoso.example>;tag=peer;epid=5e20cc91f7\n"
        "To: <sip:bob@partner.example>;tag=%s\n"
        "Call-ID: %s\nCSeq: %u %s\nContact: <" LYNC_CONTACT ">\n%s",
        method, method, cseq, view->from_tag, view->call_id, cseq, method, extra ? extra : "");

    return message_new(head, body);
}

/* The peer invites; the gateway is asked. */
static uint64_t invited(Fixture *f, const char *call_id, uint64_t request, const char *extra)
{
    g_autofree char *headers = g_strconcat(SDP_TYPE, extra, NULL);
    g_autoptr(StoxEvent) event = NULL;

    g_assert_true(receive(f, request_new("INVITE", call_id, NULL, 1, headers, SDP_IM), request));
    event = recorder_take_event(f->recorder, STOX_EVENT_SIP_INVITE);
    g_assert_cmpuint(event->request, ==, request);
    g_assert_cmpuint(event->session % 2, ==, 1);
    return event->session;
}

static Record *accept_session(Fixture *f, uint64_t session, uint64_t request)
{
    g_autoptr(StoxAction) action = stox_action_new(STOX_ACTION_SESSION_ACCEPT);

    action->session = session;
    action->request = request;
    stox_sessions_accept(f->sessions, action, f->now);
    return recorder_take_response(f->recorder, 200);
}

static void close_session(Fixture *f, uint64_t session)
{
    g_autoptr(StoxAction) action = stox_action_new(STOX_ACTION_SESSION_CLOSE);

    action->session = session;
    stox_sessions_close(f->sessions, action, f->now);
}

static void send_message(Fixture *f, uint64_t session, uint64_t ref)
{
    g_autoptr(StoxAction) action = stox_action_new(STOX_ACTION_SIP_MESSAGE);

    action->session = session;
    action->ref = ref;
    action->content_type = g_strdup("text/plain; charset=UTF-8");
    action->body = g_bytes_new_static("Hello", 5);
    stox_sessions_message(f->sessions, action, f->now);
}

static void tick(Fixture *f, int64_t after_ms)
{
    f->now.mono_ms += after_ms;
    stox_sessions_tick(f->sessions, f->now);
}

static void expect_diagnostic(const Record *record, unsigned diagnostic)
{
    const char *value = header(record->message, "ms-diagnostics-public");
    g_autofree char *start = g_strdup_printf("%u;", diagnostic);

    g_assert_nonnull(value);
    g_assert_true(g_str_has_prefix(value, start));
}

/* ---- Our INVITE ---- */

static void test_invite_out(Fixture *f, gconstpointer data)
{
    g_autoptr(Record) invite = open_session(f, 2);
    const StoxSipView *view = stox_sip_view(invite->message);
    g_autofree char *sdp = body_text(invite->message);

    g_assert_cmpstr(view->request_uri, ==, "sip:alice@contoso.example");
    g_assert_cmpstr(view->from_uri, ==, "sip:bob@partner.example");
    g_assert_cmpstr(view->from_display, ==, "Bob");
    g_assert_null(view->to_tag);
    g_assert_null(invite->target);
    g_assert_cmpint(view->max_forwards, ==, 70);
    g_assert_cmpstr(view->contact_uri, ==, "sip:bob@xgw.contoso.example:5061;transport=tls");
    g_assert_cmpstr(view->subject, ==, "Tea");
    g_assert_true(stox_sip_list_has(view->supported, "timer"));
    g_assert_true(stox_sip_list_has(view->supported, "ms-sender"));
    g_assert_cmpstr(header(invite->message, "Allow"), ==, STOX_SIP_ALLOW);
    g_assert_nonnull(view->conversation_id);
    g_assert_cmpuint(strlen(view->conversation_id), ==, 28);
    g_assert_null(header(invite->message, "ms-text-format"));
    g_assert_cmpstr(view->content_type, ==, "application/sdp");
    g_assert_nonnull(strstr(sdp, "o=- 0 0 IN IP4 192.0.2.50\r\n"));
    g_assert_true(
        g_str_has_suffix(sdp, "m=message 5061 sip null\r\na=accept-types:text/plain\r\n"));
    g_assert_cmpuint(stox_sessions_count(f->sessions), ==, 1);

    /* 101 Progress Report, 180: nothing. */
    answer(f, invite, 101, "early", NULL);
    answer(f, invite, 180, "early", "Contact: <" LYNC_CONTACT ">\n");
    recorder_none(f->recorder);

    answer(f, invite, 200, "peer", OK_HEADERS);
    {
        g_autoptr(Record) ack = recorder_take(f->recorder, RECORD_ACK);

        g_assert_cmpstr(stox_sip_view(ack->message)->request_uri, ==, LYNC_CONTACT);
        g_assert_cmpuint(stox_sip_view(ack->message)->cseq, ==, view->cseq);
        g_assert_cmpstr(stox_sip_view(ack->message)->to_tag, ==, "peer");
        g_assert_cmpstr(header(ack->message, "Route"), ==, LYNC_ROUTE);
        g_assert_cmpuint(ack->flow, ==, 7);
    }
    expect_event(f, STOX_EVENT_SESSION_OPENED, 2);
}

static void test_conversation_id(Fixture *f, gconstpointer data)
{
    g_autoptr(StoxAction) action = stox_action_new(STOX_ACTION_SESSION_OPEN);
    g_autoptr(Record) invite = NULL;

    action->session = 2;
    action->from_uri = g_strdup("sip:bob@partner.example");
    action->to_uri = g_strdup("sip:alice@contoso.example");
    action->conversation_id = g_strdup("AdAbCdEfGhIjKlMnOpQrStUvWxYz0w==");
    stox_sessions_open(f->sessions, action, &simple_hop, f->now);
    invite = recorder_take_request(f->recorder, STOX_SIP_INVITE);
    g_assert_cmpstr(stox_sip_view(invite->message)->conversation_id, ==,
                    "AdAbCdEfGhIjKlMnOpQrStUvWxYz0w==");
    g_assert_nonnull(strstr(stox_sip_view(invite->message)->contact_uri, ";gr"));
}

/* lync.md 4.3: one that was drawn here is told, so that later INVITEs of the conversation have it too. */
static void test_conversation_id_told(Fixture *f, gconstpointer data)
{
    g_autoptr(Record) invite = open_session(f, 2);
    g_autoptr(StoxEvent) event = NULL;

    answer(f, invite, 200, "peer", OK_HEADERS);
    record_free(recorder_take(f->recorder, RECORD_ACK));
    event = recorder_take_event(f->recorder, STOX_EVENT_SESSION_OPENED);
    g_assert_cmpstr(event->conversation_id, ==, stox_sip_view(invite->message)->conversation_id);
}

static void test_retransmitted_2xx_and_forks(Fixture *f, gconstpointer data)
{
    g_autoptr(Record) invite = opened(f, 2, NULL);

    answer(f, invite, 200, "peer", OK_HEADERS);
    record_free(recorder_take(f->recorder, RECORD_ACK));
    recorder_none(f->recorder);

    answer(f, invite, 200, "fork", "Contact: <sip:alice@192.0.2.99:5060>\n");
    for (unsigned i = 0; i < 2; i++) {
        g_autoptr(Record) ack = recorder_take(f->recorder, RECORD_ACK);
        g_autoptr(Record) bye = NULL;

        g_assert_cmpstr(stox_sip_view(ack->message)->request_uri, ==, "sip:alice@192.0.2.99:5060");
        g_assert_cmpstr(stox_sip_view(ack->message)->to_tag, ==, "fork");
        if (i == 1)
            break;
        bye = recorder_take_request(f->recorder, STOX_SIP_BYE);
        g_assert_cmpstr(stox_sip_view(bye->message)->to_tag, ==, "fork");
        g_assert_cmpuint(stox_sip_view(bye->message)->cseq, ==, 2);
        g_assert_cmpint(bye->owner.kind, ==, STOX_OWNER_NONE);
        /* Retransmitted: only ACK. */
        answer(f, invite, 200, "fork", "Contact: <sip:alice@192.0.2.99:5060>\n");
    }
    /* The session itself is untouched. */
    send_message(f, 2, 11);
    record_free(recorder_take_request(f->recorder, STOX_SIP_MESSAGE));
}

static void test_invite_fails(Fixture *f, gconstpointer data)
{
    static const struct {
        unsigned status;
        StoxSipFate fate;
    } rows[] = {{302, STOX_SIP_ANSWERED}, {404, STOX_SIP_ANSWERED},    {480, STOX_SIP_ANSWERED},
                {503, STOX_SIP_ANSWERED}, {603, STOX_SIP_ANSWERED},    {0, STOX_SIP_TIMEOUT},
                {0, STOX_SIP_NOT_SENT},   {0, STOX_SIP_NO_SUCH_DOMAIN}};

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(Record) invite = open_session(f, 2 + 2 * i);
        g_autoptr(StoxEvent) event = NULL;

        if (rows[i].status)
            answer(f, invite, rows[i].status, "peer",
                   "Contact: <sip:new@contoso.example>\nRetry-After: 17\n"
                   "ms-diagnostics-public: 13004;reason=\"Because\"\n");
        else
            fail(f, invite, rows[i].fate);
        event = recorder_take_event(f->recorder, STOX_EVENT_SESSION_FAILED);
        g_assert_cmpuint(event->session, ==, 2 + 2 * i);
        g_assert_cmpint(event->result.fate, ==, rows[i].fate);
        g_assert_cmpuint(event->result.status, ==, rows[i].status);
        if (rows[i].status) {
            g_assert_cmpuint(event->result.retry_after_s, ==, 17);
            g_assert_cmpstr(event->result.contact, ==, "sip:new@contoso.example");
            g_assert_cmpstr(event->result.diagnostics, ==, "Because");
            g_assert_cmpstr(event->result.reason, ==, "Whatever");
        }
    }
    g_assert_cmpuint(stox_sessions_count(f->sessions), ==, 0);
    g_assert_cmpint(stox_sessions_deadline(f->sessions), ==, STOX_NEVER);
}

static void test_close_before_answer(Fixture *f, gconstpointer data)
{
    g_autoptr(Record) invite = open_session(f, 2);
    g_autoptr(Record) cancel = NULL;
    g_autoptr(Record) bye = NULL;

    close_session(f, 2);
    expect_event(f, STOX_EVENT_SESSION_CLOSED, 2);
    cancel = recorder_take(f->recorder, RECORD_CANCEL);
    g_assert_cmpuint(cancel->id, ==, invite->id);
    g_assert_cmpuint(stox_sessions_count(f->sessions), ==, 0);
    /* The 2xx crosses. */
    answer(f, invite, 200, "peer", OK_HEADERS);
    record_free(recorder_take(f->recorder, RECORD_ACK));
    bye = recorder_take_request(f->recorder, STOX_SIP_BYE);
    answer(f, invite, 200, "peer", OK_HEADERS);
    record_free(recorder_take(f->recorder, RECORD_ACK));
    tick(f, 64000);
    g_assert_cmpint(stox_sessions_deadline(f->sessions), ==, STOX_NEVER);
}

static void test_cancelled_487(Fixture *f, gconstpointer data)
{
    g_autoptr(Record) invite = open_session(f, 2);

    close_session(f, 2);
    expect_event(f, STOX_EVENT_SESSION_CLOSED, 2);
    record_free(recorder_take(f->recorder, RECORD_CANCEL));
    answer(f, invite, 487, "peer", NULL);
    g_assert_cmpint(stox_sessions_deadline(f->sessions), ==, STOX_NEVER);
}

static void test_rings_for_ever(Fixture *f, gconstpointer data)
{
    g_autoptr(Record) invite = open_session(f, 2);
    g_autoptr(StoxEvent) event = NULL;

    tick(f, 179999);
    recorder_none(f->recorder);
    tick(f, 1);
    event = recorder_take_event(f->recorder, STOX_EVENT_SESSION_FAILED);
    g_assert_cmpint(event->result.fate, ==, STOX_SIP_TIMEOUT);
    record_free(recorder_take(f->recorder, RECORD_CANCEL));
}

static void test_2xx_without_contact(Fixture *f, gconstpointer data)
{
    g_autoptr(Record) invite = open_session(f, 2);

    answer(f, invite, 200, "peer", NULL);
    expect_event(f, STOX_EVENT_SESSION_FAILED, 2);
}

/* ---- Their INVITE ---- */

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
        {"other type", "Content-Type: text/plain\n", "hello", 415, STOX_DIAG_CONTENT_UNSUPPORTED,
         "Accept", "application/sdp"},
        {"legacy multiparty", SDP_TYPE "Require: com.microsoft.rtc-multiparty\n", SDP_IM, 420,
         STOX_DIAG_EXTENSION_UNSUPPORTED, "Unsupported", "com.microsoft.rtc-multiparty"},
        {"unknown among known", SDP_TYPE "Require: timer, 100rel\n", SDP_IM, 420,
         STOX_DIAG_EXTENSION_UNSUPPORTED, "Unsupported", "100rel"},
        {"R-36 short interval", SDP_TYPE "Supported: timer\nSession-Expires: 89\n", SDP_IM, 422,
         STOX_DIAG_MALFORMED, "Min-SE", "90"},
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

/* ---- Inside ---- */

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

static void test_requests_answered_here(Fixture *f, gconstpointer data)
{
    static const char keyboard[] =
        "<?xml version=\"1.0\"?><KeyboardActivity><status status=\"type\" /></KeyboardActivity>";
    static const struct {
        const char *method, *extra, *body;
        unsigned status;
        const char *header, *value;
    } rows[] = {
        {"INFO", "Content-Type: application/xml\n", keyboard, 200},
        {"INFO", NULL, NULL, 200},
        {"INFO", "Content-Type: application/xml\n", "<other/>", 415, "Accept", "application/xml"},
        {"INFO", "Content-Type: application/dtmf-relay\n", "Signal=1", 415, "Accept",
         "application/xml"},
        {"MESSAGE", "Content-Type: application/im-iscomposing+xml;x=y\n", "<isComposing/>", 200},
        {"OPTIONS", NULL, NULL, 200, "Allow", STOX_SIP_ALLOW},
        {"UPDATE", NULL, NULL, 200, "Contact", "<sip:bob@xgw.contoso.example:5061;transport=tls>"},
        {"REFER", "Refer-To: <sip:conf@contoso.example>\n", NULL, 603, "Allow", STOX_SIP_ALLOW},
        {"PUBLISH", NULL, NULL, 405, "Allow", STOX_SIP_ALLOW},
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

/* ---- R-36 ---- */

static void test_timer_they_refresh(Fixture *f, gconstpointer data)
{
    g_autoptr(Record) invite = opened(f, 2, NULL);
    g_autoptr(Record) ok = NULL;

    receive(f, from_peer(invite, "UPDATE", 5, "Supported: timer\nSession-Expires: 1800\n", NULL),
            60);
    ok = recorder_take_response(f->recorder, 200);
    g_assert_cmpstr(header(ok->message, "Session-Expires"), ==, "1800;refresher=uac");
    g_assert_cmpstr(header(ok->message, "Require"), ==, "timer");
    tick(f, 1700000);
    recorder_none(f->recorder);
    receive(f, from_peer(invite, "UPDATE", 6, "Supported: timer\nSession-Expires: 1800\n", NULL),
            61);
    record_free(recorder_take_response(f->recorder, 200));
    /* RFC 4028 s10: a little before it expires. */
    tick(f, 1800000 - 32000 - 1);
    recorder_none(f->recorder);
    tick(f, 1);
    record_free(recorder_take_request(f->recorder, STOX_SIP_BYE));
    expect_event(f, STOX_EVENT_SESSION_CLOSED, 2);
}

static void test_timer_off_again(Fixture *f, gconstpointer data)
{
    g_autoptr(Record) invite = opened(f, 2, NULL);

    receive(f, from_peer(invite, "UPDATE", 5, "Supported: timer\nSession-Expires: 1800\n", NULL),
            60);
    record_free(recorder_take_response(f->recorder, 200));
    receive(f, from_peer(invite, "UPDATE", 6, NULL, NULL), 61);
    record_free(recorder_take_response(f->recorder, 200));
    tick(f, 4000000);
    recorder_none(f->recorder);
}

static void test_timer_we_refresh(Fixture *f, gconstpointer data)
{
    uint64_t session =
        invited(f, "c1", 50, "Supported: timer\nSession-Expires: 600;refresher=uas\n");
    g_autoptr(Record) ok = accept_session(f, session, 50);
    const char *tag = stox_sip_view(ok->message)->to_tag;
    g_autoptr(Record) update = NULL;

    g_assert_cmpstr(header(ok->message, "Session-Expires"), ==, "600;refresher=uas");
    g_assert_null(header(ok->message, "Require"));
    receive(f, request_new("ACK", "c1", tag, 1, NULL, NULL), 0);
    expect_event(f, STOX_EVENT_SESSION_OPENED, session);
    tick(f, 299999);
    recorder_none(f->recorder);
    tick(f, 1);
    update = recorder_take_request(f->recorder, STOX_SIP_UPDATE);
    g_assert_cmpstr(header(update->message, "Session-Expires"), ==, "600;refresher=uac");
    g_assert_cmpstr(header(update->message, "Supported"), ==, "timer");

    /* Glare. */
    receive(f, request_new("UPDATE", "c1", tag, 5, NULL, NULL), 61);
    record_free(recorder_take_response(f->recorder, 491));

    answer(f, update, 200, NULL, "Session-Expires: 600;refresher=uac\n");
    tick(f, 300000);
    record_free(recorder_take_request(f->recorder, STOX_SIP_UPDATE));
    /* No answer: given up. */
    tick(f, 600000 - 32000 - 300000);
    record_free(recorder_take_request(f->recorder, STOX_SIP_BYE));
    expect_event(f, STOX_EVENT_SESSION_CLOSED, session);
}

static void test_timer_from_2xx(Fixture *f, gconstpointer data)
{
    g_autoptr(Record) invite = opened(f, 2, "Require: timer\nSession-Expires: 100;refresher=uac\n");
    g_autoptr(Record) update = NULL;
    g_autoptr(Record) second = NULL;
    g_autoptr(Record) third = NULL;

    tick(f, 50000);
    update = recorder_take_request(f->recorder, STOX_SIP_UPDATE);
    answer(f, update, 422, NULL, "Min-SE: 300\n");
    second = recorder_take_request(f->recorder, STOX_SIP_UPDATE);
    g_assert_cmpstr(header(second->message, "Session-Expires"), ==, "300;refresher=uac");
    /* A failure that does not end the session: once more, then it is over. */
    answer(f, second, 500, NULL, NULL);
    tick(f, 9000);
    third = recorder_take_request(f->recorder, STOX_SIP_UPDATE);
    answer(f, third, 481, NULL, NULL);
    expect_event(f, STOX_EVENT_SESSION_CLOSED, 2);
}

/* ---- SDP ---- */

static void test_sdp_reader(void)
{
    static const struct {
        const char *name, *text;
        bool readable, im;
    } rows[] = {
        {"plain", "v=0\r\nm=message 5060 sip null\r\n", true, true},
        {"bare LF, no end", "v=0\nm=message 5060 sip null", true, true},
        {"port count", "v=0\nm=message 5060/2 sip null\n", true, true},
        {"empty", "", false, false},
        {"no version", "m=message 5060 sip null\n", false, false},
        {"short line", "v=0\nm=message 5060\n", false, false},
        {"no number", "v=0\nm=message x sip null\n", false, false},
        {"port too large", "v=0\nm=message 65536 sip null\n", false, false},
        {"minus", "v=0\nm=message -1 sip null\n", false, false},
        {"control character", "v=0\nm=message 5060 sip nu\x01l\n", false, false},
        {"sipx", "v=0\nm=message 5060 sipx null\n", true, false},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GBytes) body = g_bytes_new_static(rows[i].text, strlen(rows[i].text));
        g_autoptr(StoxSdpOffer) offer = stox_sdp_offer_read(body);

        g_test_message("%s", rows[i].name);
        g_assert_cmpint(offer != NULL, ==, rows[i].readable);
        if (offer)
            g_assert_cmpint(stox_sdp_offer_has_im(offer), ==, rows[i].im);
    }
}

static void test_sdp_too_many_lines(void)
{
    GString *text = g_string_new("v=0\n");

    for (unsigned i = 0; i < 17; i++) {
        g_autoptr(GBytes) body = g_bytes_new(text->str, text->len);
        g_autoptr(StoxSdpOffer) offer = stox_sdp_offer_read(body);

        g_assert_cmpint(offer != NULL, ==, i > 0);
        g_string_append(text, "m=message 5060 sip null\n");
    }
    {
        g_autoptr(GBytes) body = g_bytes_new(text->str, text->len);

        g_assert_null(stox_sdp_offer_read(body));
    }
    g_string_free(text, TRUE);
}

#define ADD(path, function)                                                                        \
    g_test_add("/sip/session/" path, Fixture, NULL, set_up, function, tear_down)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("invite-out-7.2", test_invite_out);
    ADD("conversation-id", test_conversation_id);
    ADD("conversation-id-told", test_conversation_id_told);
    ADD("retransmitted-2xx-and-forks", test_retransmitted_2xx_and_forks);
    ADD("invite-fails", test_invite_fails);
    ADD("close-before-answer", test_close_before_answer);
    ADD("cancelled-487", test_cancelled_487);
    ADD("rings-for-ever", test_rings_for_ever);
    ADD("2xx-without-contact", test_2xx_without_contact);
    ADD("invite-in-7.1", test_invite_in);
    ADD("invite-refused-here", test_invite_refused_here);
    ADD("mixed-offers", test_invite_in_mixed_offers);
    ADD("gateway-refuses", test_gateway_refuses);
    ADD("cancelled", test_cancelled);
    ADD("no-ack", test_no_ack);
    ADD("message-before-ack", test_message_before_ack);
    ADD("close-before-ack", test_close_before_ack);
    ADD("overload", test_overload);
    ADD("message-in", test_message_in);
    ADD("requests-answered-here", test_requests_answered_here);
    ADD("R-21-out-of-order", test_out_of_order);
    ADD("R-24-unknown-dialog", test_unknown_dialog);
    ADD("bye-in", test_bye_in);
    ADD("close", test_close);
    ADD("message-out", test_message_out);
    ADD("message-without-session", test_message_without_session);
    ADD("result-after-close", test_result_after_close);
    ADD("reinvite", test_reinvite);
    ADD("R-36-they-refresh", test_timer_they_refresh);
    ADD("R-36-off-again", test_timer_off_again);
    ADD("R-36-we-refresh", test_timer_we_refresh);
    ADD("R-36-from-2xx", test_timer_from_2xx);
    g_test_add_func("/sip/session/sdp-reader", test_sdp_reader);
    g_test_add_func("/sip/session/sdp-too-many-lines", test_sdp_too_many_lines);
    return g_test_run();
}
