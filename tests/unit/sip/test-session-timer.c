/* SPDX-License-Identifier: MIT */
/* Session timers: rows R-36, S-12; RFC 4028, RFC 3261 s14. The clock is written down. */
#include "tests/unit/sip/session-fixture.h"

#include <string.h>

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
        invited(f, "c1", 50,
                "Allow: INVITE, UPDATE\nSupported: timer\nSession-Expires: 600;refresher=uas\n");
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
    g_autoptr(Record) invite =
        opened(f, 2, "Allow: UPDATE\nRequire: timer\nSession-Expires: 100;refresher=uac\n");
    g_autoptr(Record) update = NULL;
    g_autoptr(Record) second = NULL;
    g_autoptr(Record) third = NULL;

    tick(f, 50000);
    update = recorder_take_request(f->recorder, STOX_SIP_UPDATE);
    answer(f, update, 422, NULL, "Min-SE: 300\n");
    second = recorder_take_request(f->recorder, STOX_SIP_UPDATE);
    g_assert_cmpstr(header(second->message, "Session-Expires"), ==, "300;refresher=uac");
    g_assert_cmpstr(header(second->message, "Min-SE"), ==, "300");
    /* A failure that does not end the session: once more, then it is over. */
    answer(f, second, 500, NULL, NULL);
    tick(f, 9000);
    third = recorder_take_request(f->recorder, STOX_SIP_UPDATE);
    answer(f, third, 481, NULL, NULL);
    expect_event(f, STOX_EVENT_SESSION_CLOSED, 2);
}

/* RFC 4028 s7.4: without UPDATE in Allow the INVITE is repeated, with the same SDP. */
static void test_timer_by_reinvite(Fixture *f, gconstpointer data)
{
    g_autoptr(Record) invite = opened(
        f, 2, "Allow: INVITE, MESSAGE\nRequire: timer\nSession-Expires: 200;refresher=uac\n");
    g_autofree char *first = body_text(invite->message), *again = NULL;
    g_autoptr(Record) refresh = NULL;
    g_autoptr(Record) ack = NULL;
    g_autoptr(Record) repeated = NULL;

    tick(f, 100000);
    refresh = recorder_take_request(f->recorder, STOX_SIP_INVITE);
    again = body_text(refresh->message);
    g_assert_cmpstr(first, ==, again);
    g_assert_cmpstr(stox_sip_view(refresh->message)->to_tag, ==, "peer");
    g_assert_cmpstr(header(refresh->message, "Session-Expires"), ==, "200;refresher=uac");
    g_assert_null(header(refresh->message, "Ms-Conversation-ID"));
    answer(f, refresh, 180, NULL, NULL);
    /* RFC 3261 s14.1 */
    receive(f, from_peer(invite, "INVITE", 5, SDP_TYPE, SDP_IM), 61);
    record_free(recorder_take_response(f->recorder, 491));

    answer(f, refresh, 200, NULL,
           "Contact: <sip:alice@192.0.2.66>\nSession-Expires: 200;refresher=uac\n");
    ack = recorder_take(f->recorder, RECORD_ACK);
    g_assert_cmpuint(stox_sip_view(ack->message)->cseq, ==, 2);
    g_assert_cmpstr(stox_sip_view(ack->message)->request_uri, ==, "sip:alice@192.0.2.66");
    /* Each further 2xx is owed an ACK with its own number: this one's, and that of the first INVITE. */
    answer(f, refresh, 200, NULL, "Contact: <sip:alice@192.0.2.66>\n");
    repeated = recorder_take(f->recorder, RECORD_ACK);
    g_assert_cmpuint(stox_sip_view(repeated->message)->cseq, ==, 2);
    answer(f, invite, 200, "peer", OK_HEADERS);
    record_free(g_steal_pointer(&repeated));
    repeated = recorder_take(f->recorder, RECORD_ACK);
    g_assert_cmpuint(stox_sip_view(repeated->message)->cseq, ==, 1);
    g_assert_cmpint(stox_sessions_deadline(f->sessions), ==, f->now.mono_ms + 100000);
}

/* The session is closed while a re-INVITE of ours is out: its 2xx is still owed an ACK. */
static void test_timer_reinvite_after_close(Fixture *f, gconstpointer data)
{
    g_autoptr(Record) invite = opened(f, 2, "Require: timer\nSession-Expires: 200;refresher=uac\n");
    g_autoptr(Record) refresh = NULL;

    tick(f, 100000);
    refresh = recorder_take_request(f->recorder, STOX_SIP_INVITE);
    close_session(f, 2);
    record_free(recorder_take_request(f->recorder, STOX_SIP_BYE));
    expect_event(f, STOX_EVENT_SESSION_CLOSED, 2);
    answer(f, refresh, 200, NULL, OK_HEADERS);
    record_free(recorder_take(f->recorder, RECORD_ACK));
    tick(f, 32000);
    g_assert_cmpint(stox_sessions_deadline(f->sessions), ==, STOX_NEVER);
}

/* A mixed offer keeps its lines in the refresh (RFC 3264 s8). */
static void test_timer_reinvite_same_lines(Fixture *f, gconstpointer data)
{
    g_autoptr(StoxEvent) event = NULL;
    g_autoptr(Record) ok = NULL;
    g_autoptr(Record) refresh = NULL;
    g_autofree char *sdp = NULL;

    receive(f,
            request_new("INVITE", "c1", NULL, 1, SDP_TYPE "Session-Expires: 90;refresher=uas\n",
                        SDP_HEAD "m=audio 4000 RTP/AVP 0\r\nm=message 5060 sip null\r\n"),
            50);
    event = recorder_take_event(f->recorder, STOX_EVENT_SIP_INVITE);
    ok = accept_session(f, event->session, 50);
    receive(f, request_new("ACK", "c1", stox_sip_view(ok->message)->to_tag, 1, NULL, NULL), 0);
    expect_event(f, STOX_EVENT_SESSION_OPENED, event->session);
    tick(f, 45000);
    refresh = recorder_take_request(f->recorder, STOX_SIP_INVITE);
    sdp = body_text(refresh->message);
    g_assert_nonnull(strstr(sdp, "m=audio 0 RTP/AVP 0\r\nm=message 5061 sip "));
}

/* What becomes of a refresh, by its answer; the session has 568 s to live, and the refresh goes out at 300 s. */
static void test_timer_refresh_answers(Fixture *f, gconstpointer data)
{
    static const struct {
        const char *name;
        unsigned status; /* 0: nothing came */
        const char *extra;
        int64_t again_min_s, again_max_s; /* 0: no other try */
        bool closed, bye;
    } rows[] = {
        {"481", 481, NULL, 0, 0, true, false},
        {"408", 408, NULL, 0, 0, true, true},
        {"no answer", 0, NULL, 0, 0, true, true},
        {"500", 500, NULL, 134, 134},
        {"503 Retry-After", 503, "Retry-After: 200\n", 200, 200},
        {"503 Retry-After too long", 503, "Retry-After: 900\n", 0, 0},
        {"488", 488, NULL, 134, 134},
        {"401", 401, NULL, 134, 134},
        {"420", 420, "Unsupported: timer\n", 134, 134},
        {"491, the Call-ID is ours", 491, NULL, 2, 4},
        {"422 too small", 422, "Min-SE: 90\n", 134, 134},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        uint64_t id = 2 + 2 * i;
        g_autoptr(Record) invite =
            opened(f, id, "Allow: UPDATE\nRequire: timer\nSession-Expires: 600;refresher=uac\n");
        g_autoptr(Record) refresh = NULL;
        int64_t wait_s;

        g_test_message("%s", rows[i].name);
        tick(f, 300000);
        refresh = recorder_take_request(f->recorder, STOX_SIP_UPDATE);
        if (rows[i].status)
            answer(f, refresh, rows[i].status, NULL, rows[i].extra);
        else
            fail(f, refresh, STOX_SIP_TIMEOUT);
        if (rows[i].bye)
            record_free(recorder_take_request(f->recorder, STOX_SIP_BYE));
        if (rows[i].closed) {
            expect_event(f, STOX_EVENT_SESSION_CLOSED, id);
            continue;
        }
        recorder_none(f->recorder);
        wait_s = (stox_sessions_deadline(f->sessions) - f->now.mono_ms) / 1000;
        if (rows[i].again_min_s) {
            g_assert_cmpint(wait_s, >=, rows[i].again_min_s);
            g_assert_cmpint(wait_s, <=, rows[i].again_max_s);
            tick(f, stox_sessions_deadline(f->sessions) - f->now.mono_ms);
            record_free(recorder_take_request(f->recorder, STOX_SIP_UPDATE));
            close_session(f, id);
        } else {
            g_assert_cmpint(wait_s, ==, 268);
            tick(f, 268000);
        }
        record_free(recorder_take_request(f->recorder, STOX_SIP_BYE));
        expect_event(f, STOX_EVENT_SESSION_CLOSED, id);
    }
}

/* RFC 3261 s14.1: who does not own the Call-ID waits 0 to 2 s. */
static void test_timer_491_not_ours(Fixture *f, gconstpointer data)
{
    uint64_t session = invited(
        f, "c1", 50, "Allow: UPDATE\nSupported: timer\nSession-Expires: 600;refresher=uas\n");
    g_autoptr(Record) ok = accept_session(f, session, 50);
    bool different = false;
    int64_t last = -1;

    receive(f, request_new("ACK", "c1", stox_sip_view(ok->message)->to_tag, 1, NULL, NULL), 0);
    expect_event(f, STOX_EVENT_SESSION_OPENED, session);
    tick(f, 300000);
    for (unsigned i = 0; i < 20; i++) {
        g_autoptr(Record) update = recorder_take_request(f->recorder, STOX_SIP_UPDATE);
        int64_t wait;

        answer(f, update, 491, NULL, NULL);
        wait = stox_sessions_deadline(f->sessions) - f->now.mono_ms;
        g_assert_cmpint(wait, >=, 0);
        g_assert_cmpint(wait, <=, 2000);
        g_assert_cmpint(wait % 10, ==, 0);
        different = different || (last >= 0 && wait != last);
        last = wait;
        tick(f, wait);
    }
    g_assert_true(different);
    record_free(recorder_take_request(f->recorder, STOX_SIP_UPDATE));
}

/* An UPDATE that the peer does not know after all. */
static void test_timer_405(Fixture *f, gconstpointer data)
{
    g_autoptr(Record) invite =
        opened(f, 2, "Allow: UPDATE\nRequire: timer\nSession-Expires: 600;refresher=uac\n");
    g_autoptr(Record) update = NULL;

    tick(f, 300000);
    update = recorder_take_request(f->recorder, STOX_SIP_UPDATE);
    answer(f, update, 405, NULL, "Allow: INVITE\n");
    record_free(recorder_take_request(f->recorder, STOX_SIP_INVITE));
}

/* Who refreshes, by what they ask (RFC 4028 s9, table 2). */
static void test_timer_roles(Fixture *f, gconstpointer data)
{
    static const struct {
        const char *extra, *session_expires, *require;
        int64_t deadline_s; /* 0: no timer */
    } rows[] = {
        {"Supported: timer\n", NULL, NULL, 0},
        {"Supported: timer\nSession-Expires: 300\n", "300;refresher=uac", "timer", 268},
        {"Require: timer\nSession-Expires: 300\n", "300;refresher=uac", "timer", 268},
        {"Supported: timer\nSession-Expires: 300;refresher=uac\n", "300;refresher=uac", "timer",
         268},
        {"Supported: timer\nSession-Expires: 300;refresher=uas\n", "300;refresher=uas", NULL, 150},
        {"Supported: timer\nx: 300;refresher=uas\n", "300;refresher=uas", NULL, 150},
        /* Put in by a proxy: the caller knows nothing of it. */
        {"Session-Expires: 300\n", "300;refresher=uas", NULL, 150},
        {"Session-Expires: 60\n", NULL, NULL, 0},
        {"Supported: timer\nSession-Expires: 90;refresher=uac\n", "90;refresher=uac", "timer", 60},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *call_id = g_strdup_printf("c%u", i);
        uint64_t session = invited(f, call_id, 50 + i, rows[i].extra);
        g_autoptr(Record) ok = accept_session(f, session, 50 + i);
        const char *tag = stox_sip_view(ok->message)->to_tag;
        int64_t deadline;

        g_test_message("%s", rows[i].extra);
        g_assert_cmpstr(header(ok->message, "Session-Expires"), ==, rows[i].session_expires);
        g_assert_cmpstr(header(ok->message, "Require"), ==, rows[i].require);
        receive(f, request_new("ACK", call_id, tag, 1, NULL, NULL), 0);
        expect_event(f, STOX_EVENT_SESSION_OPENED, session);
        deadline = stox_sessions_deadline(f->sessions);
        g_assert_cmpint(deadline, ==,
                        rows[i].deadline_s ? f->now.mono_ms + 1000 * rows[i].deadline_s
                                           : STOX_NEVER);
        receive(f, request_new("BYE", call_id, tag, 2, NULL, NULL), 90);
        record_free(recorder_take_response(f->recorder, 200));
        expect_event(f, STOX_EVENT_SESSION_CLOSED, session);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("R-36-they-refresh", test_timer_they_refresh);
    ADD("R-36-off-again", test_timer_off_again);
    ADD("R-36-we-refresh", test_timer_we_refresh);
    ADD("R-36-from-2xx", test_timer_from_2xx);
    ADD("R-36-by-reinvite", test_timer_by_reinvite);
    ADD("R-36-reinvite-after-close", test_timer_reinvite_after_close);
    ADD("R-36-reinvite-same-lines", test_timer_reinvite_same_lines);
    ADD("R-36-refresh-answers", test_timer_refresh_answers);
    ADD("R-36-491-not-ours", test_timer_491_not_ours);
    ADD("R-36-405", test_timer_405);
    ADD("R-36-roles", test_timer_roles);
    return g_test_run();
}
