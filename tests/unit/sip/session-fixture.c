/* SPDX-License-Identifier: MIT */
#include "tests/unit/sip/session-fixture.h"

#include <string.h>

void set_up(Fixture *f, gconstpointer data)
{
    StoxSessionsConfig config = {.fqdn = (char *) "xgw.contoso.example",
                                 .sdp_address = (char *) "192.0.2.50",
                                 .sdp_port = 5061,
                                 .max_sessions = 3};

    f->recorder = recorder_new();
    f->sessions = stox_sessions_new(&config, &recorder_ops, f->recorder);
    f->now = (StoxTime){.mono_ms = 1000000, .wall_ms = 1767225600000};
}

void tear_down(Fixture *f, gconstpointer data)
{
    recorder_none(f->recorder);
    stox_sessions_free(f->sessions);
    recorder_free(f->recorder);
}

Record *open_session(Fixture *f, uint64_t id)
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

void answer(Fixture *f, const Record *request, unsigned status, const char *tag, const char *extra)
{
    g_autoptr(StoxSipMessage) response = response_new(request, status, tag, extra, NULL);

    stox_sessions_response(f->sessions, request->owner, request->id, response, STOX_SIP_ANSWERED, 7,
                           f->now);
}

void fail(Fixture *f, const Record *request, StoxSipFate fate)
{
    stox_sessions_response(f->sessions, request->owner, request->id, NULL, fate, 0, f->now);
}

void expect_event(Fixture *f, StoxEventKind kind, uint64_t session)
{
    g_autoptr(StoxEvent) event = recorder_take_event(f->recorder, kind);

    g_assert_cmpuint(event->session, ==, session);
}

Record *opened(Fixture *f, uint64_t id, const char *extra)
{
    Record *invite = open_session(f, id);
    g_autofree char *headers = g_strconcat(OK_HEADERS, extra, NULL);

    answer(f, invite, 200, "peer", headers);
    record_free(recorder_take(f->recorder, RECORD_ACK));
    expect_event(f, STOX_EVENT_SESSION_OPENED, id);
    return invite;
}

bool receive(Fixture *f, StoxSipMessage *message, uint64_t request)
{
    StoxSipIncoming incoming = {
        .message = message, .request = request, .flow = 7, .hop = &lync_hop};
    bool taken = stox_sessions_receive(f->sessions, &incoming, f->now);

    stox_sip_message_unref(message);
    return taken;
}

StoxSipMessage *from_peer(const Record *invite, const char *method, unsigned cseq,
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

uint64_t invited(Fixture *f, const char *call_id, uint64_t request, const char *extra)
{
    g_autofree char *headers = g_strconcat(SDP_TYPE, extra, NULL);
    g_autoptr(StoxEvent) event = NULL;

    g_assert_true(receive(f, request_new("INVITE", call_id, NULL, 1, headers, SDP_IM), request));
    event = recorder_take_event(f->recorder, STOX_EVENT_SIP_INVITE);
    g_assert_cmpuint(event->request, ==, request);
    g_assert_cmpuint(event->session % 2, ==, 1);
    return event->session;
}

Record *accept_session(Fixture *f, uint64_t session, uint64_t request)
{
    g_autoptr(StoxAction) action = stox_action_new(STOX_ACTION_SESSION_ACCEPT);

    action->session = session;
    action->request = request;
    stox_sessions_accept(f->sessions, action, f->now);
    return recorder_take_response(f->recorder, 200);
}

void close_session(Fixture *f, uint64_t session)
{
    g_autoptr(StoxAction) action = stox_action_new(STOX_ACTION_SESSION_CLOSE);

    action->session = session;
    stox_sessions_close(f->sessions, action, f->now);
}

void send_message(Fixture *f, uint64_t session, uint64_t ref)
{
    g_autoptr(StoxAction) action = stox_action_new(STOX_ACTION_SIP_MESSAGE);

    action->session = session;
    action->ref = ref;
    action->content_type = g_strdup("text/plain; charset=UTF-8");
    action->body = g_bytes_new_static("Hello", 5);
    stox_sessions_message(f->sessions, action, f->now);
}

void tick(Fixture *f, int64_t after_ms)
{
    f->now.mono_ms += after_ms;
    stox_sessions_tick(f->sessions, f->now);
}

void expect_diagnostic(const Record *record, unsigned diagnostic)
{
    const char *value = header(record->message, "ms-diagnostics-public");
    g_autofree char *start = g_strdup_printf("%u;", diagnostic);

    g_assert_nonnull(value);
    g_assert_true(g_str_has_prefix(value, start));
}
