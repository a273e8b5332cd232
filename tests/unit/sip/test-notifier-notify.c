/* SPDX-License-Identifier: MIT */
/* Our NOTIFY, refreshes and the end: rows P-53 to P-60, P-164, P-172, P-177. The clock is written down. */
#include "tests/unit/sip/notifier-fixture.h"

#include <string.h>

/* P-56: one is out, the newest waits. */
static void test_coalesce(Fixture *f, gconstpointer data)
{
    g_autofree char *tag = NULL;
    uint64_t id = established(f, "c1", NULL, &tag);
    g_autoptr(Record) two = NULL;
    g_autoptr(Record) four = NULL;

    notify(f, id, STOX_SUBSTATE_ACTIVE, NULL, "<two/>");
    two = expect_notify(f, "active;expires=3600", "<two/>");
    g_assert_cmpuint(stox_sip_view(two->message)->cseq, ==, 2);
    notify(f, id, STOX_SUBSTATE_ACTIVE, NULL, "<three/>");
    notify(f, id, STOX_SUBSTATE_ACTIVE, NULL, "<four/>");
    recorder_none(f->recorder);
    /* P-18: no body is no news. */
    notify(f, id, STOX_SUBSTATE_ACTIVE, NULL, NULL);
    answer(f, two, 100, NULL);
    recorder_none(f->recorder);
    answer(f, two, 200, NULL);
    four = expect_notify(f, "active;expires=3600", "<four/>");
    answer(f, four, 200, NULL);
    g_assert_cmpint(stox_notifiers_deadline(f->notifiers), ==, f->now.mono_ms + 3600000);
}

/* P-117: the language goes with its document, also when that is sent again. */
static void test_language(Fixture *f, gconstpointer data)
{
    g_autofree char *tag = NULL;
    uint64_t id = established(f, "c1", NULL, &tag);
    g_autoptr(StoxAction) action = stox_action_new(STOX_ACTION_NOTIFY);
    g_autoptr(Record) first = NULL;
    g_autoptr(Record) again = NULL;
    g_autoptr(Record) next = NULL;

    action->subscription = id;
    action->content_type = g_strdup("application/msrtc-event-categories+xml");
    action->lang = g_strdup("de");
    action->body = g_bytes_new_static("<a/>", 4);
    stox_notifiers_notify(f->notifiers, action, f->now);
    first = expect_notify(f, "active;expires=3600", "<a/>");
    g_assert_cmpstr(stox_sip_view(first->message)->content_type, ==, action->content_type);
    g_assert_cmpstr(stox_sip_view(first->message)->content_language, ==, "de");
    answer(f, first, 503, NULL);
    notify(f, id, STOX_SUBSTATE_ACTIVE, NULL, NULL);
    tick(f, 30000);
    again = expect_notify(f, "active;expires=3570", "<a/>");
    g_assert_cmpstr(stox_sip_view(again->message)->content_language, ==, "de");
    answer(f, again, 200, NULL);
    notify(f, id, STOX_SUBSTATE_ACTIVE, NULL, "<b/>");
    next = expect_notify(f, "active;expires=3570", "<b/>");
    g_assert_null(stox_sip_view(next->message)->content_language);
}

static void test_target_refresh_by_answer(Fixture *f, gconstpointer data)
{
    g_autofree char *tag = NULL;
    uint64_t id = established(f, "c1", NULL, &tag);
    g_autoptr(Record) two = NULL;
    g_autoptr(Record) three = NULL;

    notify(f, id, STOX_SUBSTATE_ACTIVE, NULL, "<two/>");
    two = expect_notify(f, "active;expires=3600", "<two/>");
    answer(f, two, 200, "Contact: <sip:alice@192.0.2.77>\n");
    notify(f, id, STOX_SUBSTATE_ACTIVE, NULL, "<three/>");
    three = expect_notify(f, "active;expires=3600", "<three/>");
    g_assert_cmpstr(stox_sip_view(three->message)->request_uri, ==, "sip:alice@192.0.2.77");
}

/* P-60 */
static void test_notify_fails(Fixture *f, gconstpointer data)
{
    static const unsigned statuses[] = {0,   404, 405, 408, 410, 416, 480, 481,
                                        482, 483, 484, 485, 489, 501, 604};

    for (unsigned i = 0; i < G_N_ELEMENTS(statuses); i++) {
        g_autofree char *tag = NULL;
        uint64_t id = established(f, "c1", NULL, &tag);
        g_autoptr(Record) two = NULL;

        notify(f, id, STOX_SUBSTATE_ACTIVE, NULL, "<two/>");
        two = expect_notify(f, "active;expires=3600", "<two/>");
        if (statuses[i])
            answer(f, two, statuses[i], NULL);
        else
            stox_notifiers_response(f->notifiers, two->owner, NULL, STOX_SIP_TIMEOUT, 0, f->now);
        expect_ended(f, id);
        g_assert_cmpuint(stox_notifiers_count(f->notifiers), ==, 0);
        g_assert_false(
            receive(f, request_new("SUBSCRIBE", "c1", tag, 2, EVENT "Expires: 3600\n", NULL), 51));
    }
}

/* Promise 5: what a watcher missed is sent again. */
static void test_notify_fails_for_now(Fixture *f, gconstpointer data)
{
    g_autofree char *tag = NULL;
    uint64_t id = established(f, "c1", NULL, &tag);
    g_autoptr(Record) two = NULL;
    g_autoptr(Record) again = NULL;
    g_autoptr(Record) three = NULL;

    notify(f, id, STOX_SUBSTATE_ACTIVE, NULL, "<two/>");
    two = expect_notify(f, "active;expires=3600", "<two/>");
    stox_notifiers_response(f->notifiers, two->owner, NULL, STOX_SIP_NOT_SENT, 0, f->now);
    tick(f, 29999);
    recorder_none(f->recorder);
    tick(f, 1);
    again = expect_notify(f, "active;expires=3570", "<two/>");
    /* Something newer comes meanwhile: only that. */
    notify(f, id, STOX_SUBSTATE_ACTIVE, NULL, "<three/>");
    answer(f, again, 503, "Retry-After: 90\n");
    tick(f, 89999);
    recorder_none(f->recorder);
    tick(f, 1);
    three = expect_notify(f, "active;expires=3480", "<three/>");
    answer(f, three, 200, NULL);
    recorder_none(f->recorder);
}

/* P-57 */
static void test_refresh(Fixture *f, gconstpointer data)
{
    g_autofree char *tag = NULL;
    uint64_t id = established(f, "c1", NULL, &tag);
    g_autoptr(Record) ok = NULL;

    tick(f, 3000000);
    g_assert_cmpuint(asked(f, request_new("SUBSCRIBE", "c1", tag, 2, EVENT "Expires: 1800\n", NULL),
                           51, true, 1800),
                     ==, id);
    ok = accept_subscription(f, id, 51, 28800);
    g_assert_cmpint(stox_sip_view(ok->message)->expires_s, ==, 1800);
    g_assert_cmpstr(stox_sip_view(ok->message)->to_tag, ==, tag);
    notify(f, id, STOX_SUBSTATE_ACTIVE, NULL, "<two/>");
    record_free(expect_notify(f, "active;expires=1800", "<two/>"));
    g_assert_cmpint(stox_notifiers_deadline(f->notifiers), ==, f->now.mono_ms + 1800000);
}

static void test_refresh_refused(Fixture *f, gconstpointer data)
{
    g_autofree char *tag = NULL;
    uint64_t id = established(f, "c1", NULL, &tag);
    g_autoptr(StoxAction) action = stox_action_new(STOX_ACTION_SIP_RESPOND);
    int64_t expires_ms = stox_notifiers_deadline(f->notifiers);

    asked(f, request_new("SUBSCRIBE", "c1", tag, 2, EVENT "Expires: 1800\n", NULL), 51, true, 1800);
    /* One more while the gateway thinks. */
    receive(f, request_new("SUBSCRIBE", "c1", tag, 3, EVENT "Expires: 1800\n", NULL), 52);
    {
        g_autoptr(Record) busy = recorder_take_response(f->recorder, 500);
        int64_t wait_s = stox_sip_view(busy->message)->retry_after_s;

        g_assert_cmpint(wait_s, >=, 0);
        g_assert_cmpint(wait_s, <=, 10);
    }
    action->request = 51;
    stox_sip_result_init(&action->result, 503, STOX_DIAG_STOPPING);
    g_assert_true(stox_notifiers_refuse(f->notifiers, action, f->now));
    record_free(recorder_take_response(f->recorder, 503));
    g_assert_cmpint(stox_notifiers_deadline(f->notifiers), ==, expires_ms);
    notify(f, id, STOX_SUBSTATE_ACTIVE, NULL, "<two/>");
    record_free(expect_notify(f, "active;expires=3600", "<two/>"));
}

/* The remote target moves with what is accepted, not before (P-172, RFC 6141 s4.3). */
static void test_target_refresh(Fixture *f, gconstpointer data)
{
    g_autofree char *tag = NULL;
    uint64_t id = established(f, "c1", NULL, &tag);

    for (unsigned i = 0; i < 2; i++) {
        g_autofree char *head = g_strdup_printf(
            "SUBSCRIBE sip:bob@partner.example SIP/2.0\n"
            "Via: SIP/2.0/TLS 192.0.2.11:5061;branch=z9hG4bKt%u\nMax-Forwards: 69\n"
            "From: <sip:alice@contoso.example>;tag=theirs\nTo: <sip:bob@partner.example>;tag=%s\n"
            "Call-ID: c1\nCSeq: %u SUBSCRIBE\nContact: <sip:alice@192.0.2.66>\n" EVENT
            "Expires: 1800\n",
            i, tag, 2 + i);
        g_autoptr(Record) out = NULL;

        asked(f, message_new(head, NULL), 51 + i, true, 1800);
        if (i == 0) {
            g_autoptr(StoxAction) action = stox_action_new(STOX_ACTION_SIP_RESPOND);

            action->request = 51;
            stox_sip_result_init(&action->result, 503, STOX_DIAG_OVERLOAD);
            stox_notifiers_refuse(f->notifiers, action, f->now);
            record_free(recorder_take_response(f->recorder, 503));
        } else {
            record_free(accept_subscription(f, id, 52, 1800));
        }
        notify(f, id, STOX_SUBSTATE_ACTIVE, NULL, "<two/>");
        out = recorder_take_request(f->recorder, STOX_SIP_NOTIFY);
        g_assert_cmpstr(stox_sip_view(out->message)->request_uri, ==,
                        i ? "sip:alice@192.0.2.66" : LYNC_CONTACT);
        g_assert_cmpstr(header(out->message, "Route"), ==, LYNC_ROUTE);
        answer(f, out, 200, NULL);
    }
}

/* P-51: a refresh that asks for too little is refused, the subscription stays. */
static void test_refresh_423(Fixture *f, gconstpointer data)
{
    g_autofree char *tag = NULL;
    int64_t expires_ms;

    established(f, "c1", NULL, &tag);
    expires_ms = stox_notifiers_deadline(f->notifiers);
    receive(f, request_new("SUBSCRIBE", "c1", tag, 2, EVENT "Expires: 30\n", NULL), 51);
    record_free(recorder_take_response(f->recorder, 423));
    receive(f, request_new("SUBSCRIBE", "c1", tag, 3, EVENT "Expires: x\n", NULL), 52);
    record_free(recorder_take_response(f->recorder, 400));
    g_assert_cmpint(stox_notifiers_deadline(f->notifiers), ==, expires_ms);
    asked(f, request_new("SUBSCRIBE", "c1", tag, 4, EVENT "Expires: 60\n", NULL), 53, true, 60);
}

static void test_refresh_wrong(Fixture *f, gconstpointer data)
{
    g_autofree char *tag = NULL;

    established(f, "c1", NULL, &tag);
    /* */
    g_assert_true(receive(f, request_new("SUBSCRIBE", "c1", tag, 5, "Event: dialog\n", NULL), 51));
    record_free(recorder_take_response(f->recorder, 489));
    g_assert_cmpuint(asked(f, request_new("SUBSCRIBE", "c1", tag, 6, EVENT, NULL), 52, true, -1),
                     !=, 0);
    receive(f, request_new("SUBSCRIBE", "c1", tag, 5, EVENT, NULL), 53);
    record_free(recorder_take_response(f->recorder, 500));
    receive(f, request_new("SUBSCRIBE", "c1", tag, 6, EVENT, NULL), 53);
    record_free(recorder_take_response(f->recorder, 482));
    /* */
    g_assert_false(receive(f, request_new("SUBSCRIBE", "c1", "other", 7, EVENT, NULL), 54));
    g_assert_false(receive(f, request_new("NOTIFY", "c1", tag, 8, EVENT, NULL), 55));
}

/* P-58, P-177 */
static void test_unsubscribe(Fixture *f, gconstpointer data)
{
    g_autofree char *tag = NULL;
    uint64_t id = established(f, "c1", NULL, &tag);
    g_autoptr(Record) ok = NULL;
    g_autoptr(Record) last = NULL;

    asked(f, request_new("SUBSCRIBE", "c1", tag, 2, EVENT "Expires: 0\n", NULL), 51, true, 0);
    ok = accept_subscription(f, id, 51, 28800);
    g_assert_cmpint(stox_sip_view(ok->message)->expires_s, ==, 0);
    notify(f, id, STOX_SUBSTATE_TERMINATED, "timeout", "<closed/>");
    /* lync.md 4.8b-unsubscribe */
    last = expect_notify(f, "terminated;reason=timeout", "<closed/>");
    notify(f, id, STOX_SUBSTATE_ACTIVE, NULL, "<late/>");
    g_assert_cmpuint(stox_notifiers_count(f->notifiers), ==, 1);
    answer(f, last, 200, NULL);
    g_assert_cmpuint(stox_notifiers_count(f->notifiers), ==, 0);
    g_assert_cmpint(stox_notifiers_deadline(f->notifiers), ==, STOX_NEVER);
}

/* P-54: the last one waits for the one that is out. */
static void test_rejected_while_busy(Fixture *f, gconstpointer data)
{
    g_autofree char *tag = NULL;
    uint64_t id = established(f, "c1", NULL, &tag);
    g_autoptr(Record) two = NULL;
    g_autoptr(Record) last = NULL;

    notify(f, id, STOX_SUBSTATE_ACTIVE, NULL, "<two/>");
    two = expect_notify(f, "active;expires=3600", "<two/>");
    notify(f, id, STOX_SUBSTATE_TERMINATED, "rejected", NULL);
    recorder_none(f->recorder);
    answer(f, two, 503, NULL);
    last = expect_notify(f, "terminated;reason=rejected", "");
    answer(f, last, 200, NULL);
    g_assert_cmpuint(stox_notifiers_count(f->notifiers), ==, 0);
}

/* P-64 */
static void test_probation(Fixture *f, gconstpointer data)
{
    g_autofree char *tag = NULL;
    g_autoptr(StoxAction) action = stox_action_new(STOX_ACTION_NOTIFY);
    g_autoptr(Record) last = NULL;

    action->subscription = established(f, "c1", NULL, &tag);
    action->state = STOX_SUBSTATE_TERMINATED;
    action->reason = g_strdup("probation");
    action->retry_after_s = 900;
    stox_notifiers_notify(f->notifiers, action, f->now);
    last = expect_notify(f, "terminated;reason=probation;retry-after=900", "");
    answer(f, last, 200, NULL);
    g_assert_cmpuint(stox_notifiers_count(f->notifiers), ==, 0);
}

/* P-59 */
static void test_expiry(Fixture *f, gconstpointer data)
{
    g_autofree char *tag = NULL;
    uint64_t id = established(f, "c1", NULL, &tag);
    g_autoptr(Record) last = NULL;

    tick(f, 3599999);
    recorder_none(f->recorder);
    tick(f, 1);
    last = expect_notify(f, "terminated;reason=timeout", "");
    expect_ended(f, id);
    g_assert_false(
        receive(f, request_new("SUBSCRIBE", "c1", tag, 2, EVENT "Expires: 3600\n", NULL), 51));
    answer(f, last, 481, NULL);
    g_assert_cmpuint(stox_notifiers_count(f->notifiers), ==, 0);
}

static void test_expiry_while_busy(Fixture *f, gconstpointer data)
{
    g_autofree char *tag = NULL;
    uint64_t id = established(f, "c1", NULL, &tag);
    g_autoptr(Record) two = NULL;

    tick(f, 3590000);
    notify(f, id, STOX_SUBSTATE_ACTIVE, NULL, "<two/>");
    two = expect_notify(f, "active;expires=10", "<two/>");
    tick(f, 10000);
    expect_ended(f, id);
    answer(f, two, 200, NULL);
    record_free(expect_notify(f, "terminated;reason=timeout", ""));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("P-56-coalesce", test_coalesce);
    ADD("P-117-language", test_language);
    ADD("target-refresh-by-answer", test_target_refresh_by_answer);
    ADD("P-60-notify-fails", test_notify_fails);
    ADD("notify-fails-for-now", test_notify_fails_for_now);
    ADD("P-57-refresh", test_refresh);
    ADD("refresh-refused", test_refresh_refused);
    ADD("P-172-target-refresh", test_target_refresh);
    ADD("P-51-refresh-423", test_refresh_423);
    ADD("refresh-wrong", test_refresh_wrong);
    ADD("P-58-unsubscribe", test_unsubscribe);
    ADD("P-54-rejected-while-busy", test_rejected_while_busy);
    ADD("P-64-probation", test_probation);
    ADD("P-59-expiry", test_expiry);
    ADD("P-59-expiry-while-busy", test_expiry_while_busy);
    return g_test_run();
}
