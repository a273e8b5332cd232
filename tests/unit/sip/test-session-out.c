/* SPDX-License-Identifier: MIT */
/* IM sessions that we open: lync.md 4.4, 7.2; RFC 3261 s13.2, s14.1. The clock is written down. */
#include "tests/unit/sip/session-fixture.h"

#include <string.h>

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

    /* 101 Progress Report (lync.md 4.9-13004: it was proxied), 180: nothing. */
    answer(f, invite, 101, "early",
           "ms-diagnostics: 13004;reason=\"Request was proxied to one or more registered "
           "endpoints\"\n");
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
    } rows[] = {{302, STOX_SIP_ANSWERED},    {404, STOX_SIP_ANSWERED}, {480, STOX_SIP_ANSWERED},
                {401, STOX_SIP_ANSWERED},    {407, STOX_SIP_ANSWERED}, {491, STOX_SIP_ANSWERED},
                {488, STOX_SIP_ANSWERED},    {606, STOX_SIP_ANSWERED}, {503, STOX_SIP_ANSWERED},
                {603, STOX_SIP_ANSWERED},    {0, STOX_SIP_TIMEOUT},    {0, STOX_SIP_NOT_SENT},
                {0, STOX_SIP_NO_SUCH_DOMAIN}};

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

/* There is nobody to talk to, but who answered must not be left with half a session (RFC 3261 s13.2.2.4). */
static void test_unusable_2xx(Fixture *f, gconstpointer data)
{
    static const char *const headers[] = {NULL, "Contact: <sip:alice@>\n", "Contact: <tel:+1555>\n",
                                          "Record-Route: <sip:;lr>\nContact: <" LYNC_CONTACT ">\n",
                                          "Record-Route: <"
                                          "sip:p.example;lr>, nonsense\nContact: <" LYNC_CONTACT
                                          ">\n"};

    for (unsigned i = 0; i < G_N_ELEMENTS(headers); i++) {
        g_autoptr(Record) invite = open_session(f, 2 + 2 * i);
        g_autoptr(Record) ack = NULL;
        g_autoptr(Record) bye = NULL;

        answer(f, invite, 200, "peer", headers[i]);
        ack = recorder_take(f->recorder, RECORD_ACK);
        g_assert_cmpstr(stox_sip_view(ack->message)->to_tag, ==, "peer");
        g_assert_cmpuint(stox_sip_view(ack->message)->cseq, ==, 1);
        g_assert_cmpstr(stox_sip_view(ack->message)->request_uri, ==,
                        i < 3 ? "sip:alice@contoso.example" : LYNC_CONTACT);
        bye = recorder_take_request(f->recorder, STOX_SIP_BYE);
        g_assert_cmpuint(stox_sip_view(bye->message)->cseq, ==, 2);
        expect_event(f, STOX_EVENT_SESSION_FAILED, 2 + 2 * i);
        /* Again: only the ACK. */
        answer(f, invite, 200, "peer", headers[i]);
        record_free(recorder_take(f->recorder, RECORD_ACK));
        g_assert_cmpuint(stox_sessions_count(f->sessions), ==, 0);
        tick(f, 32000);
        g_assert_cmpint(stox_sessions_deadline(f->sessions), ==, STOX_NEVER);
    }
}

/* RFC 3261 s12.1.2: no To tag is a null one. */
static void test_2xx_without_tag(Fixture *f, gconstpointer data)
{
    g_autoptr(Record) invite = open_session(f, 2);
    g_autoptr(Record) bye = NULL;

    answer(f, invite, 200, NULL, OK_HEADERS);
    record_free(recorder_take(f->recorder, RECORD_ACK));
    expect_event(f, STOX_EVENT_SESSION_OPENED, 2);
    answer(f, invite, 200, NULL, OK_HEADERS);
    record_free(recorder_take(f->recorder, RECORD_ACK));
    close_session(f, 2);
    bye = recorder_take_request(f->recorder, STOX_SIP_BYE);
    g_assert_null(stox_sip_view(bye->message)->to_tag);
    expect_event(f, STOX_EVENT_SESSION_CLOSED, 2);
}

/* RFC 3261 s13.2.2.4: the route set is that of the 2xx, whatever a provisional had said. */
static void test_early_routes(Fixture *f, gconstpointer data)
{
    g_autoptr(Record) invite = open_session(f, 2);
    g_autoptr(Record) ack = NULL;

    answer(f, invite, 180, "peer",
           "Record-Route: <sip:other.example;lr>\nContact: <sip:alice@192.0.2.66>\n");
    answer(f, invite, 183, "another", "Record-Route: <sip:third.example;lr>\n");
    answer(f, invite, 200, "peer", OK_HEADERS);
    ack = recorder_take(f->recorder, RECORD_ACK);
    g_assert_cmpstr(header(ack->message, "Route"), ==, LYNC_ROUTE);
    g_assert_cmpstr(stox_sip_view(ack->message)->request_uri, ==, LYNC_CONTACT);
    expect_event(f, STOX_EVENT_SESSION_OPENED, 2);
}

/* After our CANCEL several forks may answer all the same; each is ended once. */
static void test_forks_after_cancel(Fixture *f, gconstpointer data)
{
    static const char *const tags[] = {"one", "two", "one", "three", "two"};
    g_autoptr(Record) invite = open_session(f, 2);
    unsigned byes = 0;

    close_session(f, 2);
    expect_event(f, STOX_EVENT_SESSION_CLOSED, 2);
    record_free(recorder_take(f->recorder, RECORD_CANCEL));
    for (unsigned i = 0; i < G_N_ELEMENTS(tags); i++) {
        g_autoptr(Record) ack = NULL;

        answer(f, invite, 200, tags[i], OK_HEADERS);
        ack = recorder_take(f->recorder, RECORD_ACK);
        g_assert_cmpstr(stox_sip_view(ack->message)->to_tag, ==, tags[i]);
        if (f->recorder->records->len) {
            g_autoptr(Record) bye = recorder_take_request(f->recorder, STOX_SIP_BYE);

            g_assert_cmpstr(stox_sip_view(bye->message)->to_tag, ==, tags[i]);
            byes++;
        }
    }
    g_assert_cmpuint(byes, ==, 3);
}

/* Refusals that say what would be taken: 420, 421, 422 (RFC 3261 s8.1.3.5, s21.4.16; RFC 4028 s7.3). */
static void test_tries_otherwise(Fixture *f, gconstpointer data)
{
    static const struct {
        const char *name;
        unsigned status;
        const char *extra;
        bool again;
        const char *supported, *session_expires, *min_se;
    } rows[] = {
        {"420 timer", 420, "Unsupported: timer\n", true},
        {"420 ms-sender among others", 420, "Unsupported: x, ms-sender\n", true},
        {"420 nothing of ours", 420, "Unsupported: 100rel\n", false},
        {"420 says nothing", 420, NULL, false},
        {"421 timer", 421, "Require: timer\n", true, "timer, ms-sender", "1800;refresher=uac"},
        {"421 other", 421, "Require: 100rel\n", false},
        {"421 timer and other", 421, "Require: timer, 100rel\n", false},
        {"421 says nothing", 421, NULL, false},
        {"422", 422, "Min-SE: 3600\n", true, "timer, ms-sender", "3600;refresher=uac", "3600"},
        {"422 absurd", 422, "Min-SE: 99999999\n", false},
        {"422 says nothing", 422, NULL, false},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        uint64_t id = 2 + 2 * i;
        g_autoptr(Record) invite = open_session(f, id);
        g_autoptr(Record) again = NULL;
        g_autofree char *sdp = NULL;

        g_test_message("%s", rows[i].name);
        answer(f, invite, rows[i].status, "peer", rows[i].extra);
        if (rows[i].again) {
            const StoxSipView *view;

            again = recorder_take_request(f->recorder, STOX_SIP_INVITE);
            view = stox_sip_view(again->message);
            g_assert_cmpstr(view->call_id, ==, stox_sip_view(invite->message)->call_id);
            g_assert_cmpstr(view->from_tag, ==, stox_sip_view(invite->message)->from_tag);
            g_assert_null(view->to_tag);
            g_assert_null(again->target);
            g_assert_cmpuint(view->cseq, ==, 2);
            g_assert_cmpstr(view->subject, ==, "Tea");
            g_assert_cmpstr(view->conversation_id, ==,
                            stox_sip_view(invite->message)->conversation_id);
            g_assert_cmpstr(view->supported, ==, rows[i].supported);
            g_assert_cmpstr(header(again->message, "Session-Expires"), ==, rows[i].session_expires);
            g_assert_cmpstr(header(again->message, "Min-SE"), ==, rows[i].min_se);
            sdp = body_text(again->message);
            g_assert_nonnull(strstr(sdp, "m=message 5061 sip null\r\n"));
            /* Not for ever. */
            answer(f, again, rows[i].status, "peer", rows[i].extra);
        }
        expect_event(f, STOX_EVENT_SESSION_FAILED, id);
    }
}

/* A 422 to what a 421 has asked for, then the session. */
static void test_421_422(Fixture *f, gconstpointer data)
{
    g_autoptr(Record) invite = open_session(f, 2);
    g_autoptr(Record) second = NULL;
    g_autoptr(Record) third = NULL;
    g_autoptr(Record) ack = NULL;

    answer(f, invite, 421, "peer", "Require: timer\n");
    second = recorder_take_request(f->recorder, STOX_SIP_INVITE);
    answer(f, second, 422, "peer", "Min-SE: 3600\n");
    third = recorder_take_request(f->recorder, STOX_SIP_INVITE);
    g_assert_cmpstr(header(third->message, "Session-Expires"), ==, "3600;refresher=uac");
    answer(f, third, 200, "peer",
           OK_HEADERS "Require: timer\nSession-Expires: 3600;refresher=uas\n");
    ack = recorder_take(f->recorder, RECORD_ACK);
    g_assert_cmpuint(stox_sip_view(ack->message)->cseq, ==, 3);
    expect_event(f, STOX_EVENT_SESSION_OPENED, 2);
    g_assert_cmpint(stox_sessions_deadline(f->sessions), ==, f->now.mono_ms + 3600000 - 32000);
}

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
    ADD("unusable-2xx", test_unusable_2xx);
    ADD("2xx-without-tag", test_2xx_without_tag);
    ADD("early-routes", test_early_routes);
    ADD("forks-after-cancel", test_forks_after_cancel);
    ADD("tries-otherwise", test_tries_otherwise);
    ADD("421-422", test_421_422);
    return g_test_run();
}
