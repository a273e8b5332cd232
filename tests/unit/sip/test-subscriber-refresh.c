/* SPDX-License-Identifier: MIT */
/* Refreshes and the end of our subscriptions: rows P-21 to P-35, P-180. The clock is written down. */
#include "tests/unit/sip/subscriber-fixture.h"

#include <string.h>

/* P-21 */
static void test_refresh(Fixture *f, gconstpointer data)
{
    g_autoptr(Record) request = established(f, 2);
    int64_t start = f->now.mono_ms;
    g_autoptr(Record) again = refresh(f);
    const StoxSipView *view = stox_sip_view(again->message);

    g_assert_cmpint(f->now.mono_ms - start, >=, 28800 * 800);
    g_assert_cmpint(f->now.mono_ms - start, <=, 28800 * 900);
    g_assert_cmpstr(view->call_id, ==, stox_sip_view(request->message)->call_id);
    g_assert_cmpuint(view->cseq, ==, 2);
    g_assert_cmpstr(view->request_uri, ==, LYNC_CONTACT);
    g_assert_cmpstr(view->to_tag, ==, "peer");
    g_assert_cmpstr(view->event, ==, "presence");
    g_assert_cmpstr(view->accept, ==, "application/pidf+xml");
    g_assert_cmpint(view->expires_s, ==, 28800);
    g_assert_cmpstr(again->target, ==,
                    "sip:pool01.contoso.example:5061;transport=tls;ms-fe=fe01.contoso.example;lr;"
                    "ms-route-sig=AbC");
    answer(f, again, 200, NULL, "Expires: 3600\n", NULL);
    expect_event(f, STOX_EVENT_SUBSCRIBED, 2);
    receive(
        f,
        notify(request, "NOTIFY", "peer", 2, "Event: presence\nSubscription-State: active\n", NULL),
        61);
    expect_notify(f, 2, 61, STOX_SUBSTATE_ACTIVE);
    /* P-90: what the 2xx granted. */
    start = f->now.mono_ms;
    record_free(refresh(f));
    g_assert_cmpint(f->now.mono_ms - start, >=, 3600 * 800);
    g_assert_cmpint(f->now.mono_ms - start, <=, 3600 * 900);
}

static void check_categories(const StoxSipMessage *message, int64_t expires_s)
{
    const StoxSipView *view = stox_sip_view(message);
    g_autofree char *body = body_text(message);

    g_assert_cmpstr(view->accept, ==, "application/msrtc-event-categories+xml");
    g_assert_cmpstr(view->require, ==, "adhoclist, categoryList");
    /* lync.md 4.8a-eventlist */
    g_assert_cmpstr(view->supported, ==, "eventlist");
    g_assert_cmpstr(view->content_type, ==, "application/msrtc-adrl-categorylist+xml");
    g_assert_cmpstr(body, ==, "<batchSub/>");
    g_assert_cmpint(view->expires_s, ==, expires_s);
}

/* lync.md 4.8a-same-formats: refreshes announce the same formats as the first, in a new dialog too. */
static void test_categories(Fixture *f, gconstpointer data)
{
    g_autoptr(StoxAction) action = stox_action_new(STOX_ACTION_SUBSCRIBE);
    g_autoptr(Record) first = NULL;
    g_autoptr(Record) again = NULL;
    g_autoptr(Record) elsewhere = NULL;

    action->subscription = 2;
    action->from_uri = g_strdup("sip:bob@partner.example");
    action->to_uri = g_strdup("sip:alice@contoso.example");
    action->expires_s = 28800;
    action->accept = g_strdup("application/msrtc-event-categories+xml");
    action->require = g_strdup("adhoclist, categoryList");
    action->content_type = g_strdup("application/msrtc-adrl-categorylist+xml");
    action->body = g_bytes_new_static("<batchSub/>", 11);
    stox_subscribers_subscribe(f->subscribers, action, &lync_hop, f->now);
    first = recorder_take_request(f->recorder, STOX_SIP_SUBSCRIBE);
    check_categories(first->message, 28800);
    answer(f, first, 200, "peer", OK_HEADERS, NULL);
    expect_event(f, STOX_EVENT_SUBSCRIBED, 2);
    receive(f, notify(first, "NOTIFY", "peer", 1, ACTIVE, NULL), 60);
    expect_notify(f, 2, 60, STOX_SUBSTATE_ACTIVE);
    again = refresh(f);
    check_categories(again->message, 28800);
    answer(f, again, 423, NULL, "Min-Expires: 50000\n", NULL);
    elsewhere = recorder_take_request(f->recorder, STOX_SIP_SUBSCRIBE);
    check_categories(elsewhere->message, 50000);
}

/* The NOTIFY after a refresh may be faster than its 2xx. */
static void test_refresh_notify_first(Fixture *f, gconstpointer data)
{
    g_autoptr(Record) request = established(f, 2);
    g_autoptr(Record) again = refresh(f);

    receive(f, notify(request, "NOTIFY", "peer", 2, ACTIVE, NULL), 61);
    expect_notify(f, 2, 61, STOX_SUBSTATE_ACTIVE);
    answer(f, again, 200, NULL, "Expires: 28800\n", NULL);
    expect_event(f, STOX_EVENT_SUBSCRIBED, 2);
    tick(f, 32000);
    recorder_none(f->recorder);
}

/* P-180: many do not refresh at once. */
static void test_refresh_spread(Fixture *f, gconstpointer data)
{
    unsigned tenths[10] = {0};

    for (unsigned i = 0; i < 1000; i++) {
        uint64_t id = 2 + 2 * i;
        int64_t wait;

        record_free(established(f, id));
        wait = stox_subscribers_deadline(f->subscribers) - f->now.mono_ms - 28800 * 800;
        g_assert_cmpint(wait, >=, 0);
        g_assert_cmpint(wait, <=, 28800 * 100);
        tenths[MIN(9, wait / 28800 / 10)]++;
        unsubscribe(f, id);
        record_free(recorder_take_request(f->recorder, STOX_SIP_SUBSCRIBE));
        tick(f, 64000);
    }
    for (unsigned i = 0; i < 10; i++)
        g_assert_cmpuint(tenths[i], >, 50);
}

/* P-31, P-33, P-34 */
static void test_refresh_ends_dialog(Fixture *f, gconstpointer data)
{
    static const unsigned statuses[] = {403, 404, 405, 410, 416, 480, 481, 482,
                                        483, 484, 485, 489, 501, 603, 604};

    for (unsigned i = 0; i < G_N_ELEMENTS(statuses); i++) {
        g_autoptr(Record) request = established(f, 2);
        g_autoptr(Record) again = refresh(f);
        g_autoptr(StoxEvent) event = NULL;

        answer(f, again, statuses[i], NULL, NULL, NULL);
        event = recorder_take_event(f->recorder, STOX_EVENT_SUBSCRIBE_FAILED);
        g_assert_false(event->initial);
        g_assert_false(event->keep);
        g_assert_cmpuint(event->result.status, ==, statuses[i]);
        g_assert_cmpuint(stox_subscribers_count(f->subscribers), ==, 0);
    }
}

/* P-35 */
static void test_refresh_fails_for_now(Fixture *f, gconstpointer data)
{
    g_autoptr(Record) request = established(f, 2);
    int64_t expires_ms = f->now.mono_ms + 28800000;
    unsigned tries = 0;

    while (f->now.mono_ms < expires_ms) {
        int64_t at = stox_subscribers_deadline(f->subscribers);

        tick(f, at - f->now.mono_ms);
        if (f->now.mono_ms < expires_ms) {
            g_autoptr(Record) again = recorder_take_request(f->recorder, STOX_SIP_SUBSCRIBE);
            g_autoptr(StoxEvent) event = NULL;

            if (tries++ % 2)
                answer(f, again, 500, NULL, NULL, NULL);
            else
                stox_subscribers_response(f->subscribers, again->owner, NULL, STOX_SIP_TIMEOUT, 0,
                                          f->now);
            event = recorder_take_event(f->recorder, STOX_EVENT_SUBSCRIBE_FAILED);
            g_assert_false(event->initial);
            g_assert_true(event->keep);
        }
    }
    g_assert_cmpuint(tries, >, 3);
    g_assert_cmpuint(tries, <, 60);
    expect_event(f, STOX_EVENT_SUBSCRIPTION_LOST, 2);
    g_assert_cmpuint(stox_subscribers_count(f->subscribers), ==, 0);
}

static void test_retry_after(Fixture *f, gconstpointer data)
{
    g_autoptr(Record) request = established(f, 2);
    g_autoptr(Record) again = refresh(f);

    answer(f, again, 503, NULL, "Retry-After: 700\n", NULL);
    expect_event(f, STOX_EVENT_SUBSCRIBE_FAILED, 2);
    g_assert_cmpint(stox_subscribers_deadline(f->subscribers), ==, f->now.mono_ms + 700000);
}

/* P-11, P-20, P-170: the 2xx may grant less from one refresh to the next, and more again, but never more than asked. */
static void test_expires_changes(Fixture *f, gconstpointer data)
{
    static const struct {
        int64_t said, lasts;
    } rows[] = {{3600, 3600}, {600, 600}, {28800, 28800}, {100000, 28800}, {-1, 28800}};
    g_autoptr(Record) request = established(f, 2);

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(Record) again = refresh(f);
        g_autofree char *extra =
            rows[i].said < 0 ? g_strdup("")
                             : g_strdup_printf("Expires: %" G_GINT64_FORMAT "\n", rows[i].said);
        int64_t wait;

        answer(f, again, 200, NULL, extra, NULL);
        expect_event(f, STOX_EVENT_SUBSCRIBED, 2);
        receive(f,
                notify(request, "NOTIFY", "peer", 2 + i,
                       "Event: presence\nSubscription-State: active\n", NULL),
                61 + i);
        expect_notify(f, 2, 61 + i, STOX_SUBSTATE_ACTIVE);
        wait = stox_subscribers_deadline(f->subscribers) - f->now.mono_ms;
        g_assert_cmpint(wait, >=, 800 * rows[i].lasts);
        g_assert_cmpint(wait, <=, 900 * rows[i].lasts);
    }
}

/* P-32: once per refresh, then it is a failure that leaves the subscription (P-35). */
static void test_refresh_423(Fixture *f, gconstpointer data)
{
    g_autoptr(Record) request = established(f, 2);

    for (unsigned i = 0; i < 2; i++) {
        g_autoptr(Record) again = refresh(f);
        g_autoptr(Record) longer = NULL;
        g_autofree char *min = g_strdup_printf("Min-Expires: %u\n", 30000 + 1000 * i);
        g_autoptr(StoxEvent) event = NULL;

        answer(f, again, 423, NULL, min, NULL);
        longer = recorder_take_request(f->recorder, STOX_SIP_SUBSCRIBE);
        g_assert_cmpint(stox_sip_view(longer->message)->expires_s, ==, 30000 + 1000 * i);
        g_assert_cmpstr(stox_sip_view(longer->message)->to_tag, ==, "peer");
        answer(f, longer, 423, NULL, "Min-Expires: 50000\n", NULL);
        event = recorder_take_event(f->recorder, STOX_EVENT_SUBSCRIBE_FAILED);
        g_assert_true(event->keep);
    }
}

/* A peer cannot make us refresh without pause. */
static void test_tiny_expiry(Fixture *f, gconstpointer data)
{
    g_autoptr(Record) request = established(f, 2);

    receive(f,
            notify(request, "NOTIFY", "peer", 2,
                   "Event: presence\nSubscription-State: active;expires=0\n", NULL),
            61);
    expect_notify(f, 2, 61, STOX_SUBSTATE_ACTIVE);
    g_assert_cmpint(stox_subscribers_deadline(f->subscribers), >=, f->now.mono_ms + 10000);
}

/* P-25, P-26 */
static void test_unsubscribe(Fixture *f, gconstpointer data)
{
    g_autoptr(Record) request = established(f, 2);
    g_autoptr(Record) goodbye = NULL;

    unsubscribe(f, 2);
    goodbye = recorder_take_request(f->recorder, STOX_SIP_SUBSCRIBE);
    g_assert_cmpint(stox_sip_view(goodbye->message)->expires_s, ==, 0);
    g_assert_cmpstr(stox_sip_view(goodbye->message)->to_tag, ==, "peer");
    unsubscribe(f, 2);
    answer(f, goodbye, 200, NULL, "Expires: 0\n", NULL);
    recorder_none(f->recorder);
    /* One that was on its way, then the last one. */
    receive(f, notify(request, "NOTIFY", "peer", 2, ACTIVE, NULL), 61);
    record_free(recorder_take_response(f->recorder, 200));
    receive(f, notify(request, "NOTIFY", "peer", 3, TERMINATED, NULL), 62);
    record_free(recorder_take_response(f->recorder, 200));
    g_assert_cmpuint(stox_subscribers_count(f->subscribers), ==, 0);
}

static void test_unsubscribe_no_last_notify(Fixture *f, gconstpointer data)
{
    g_autoptr(Record) request = established(f, 2);
    g_autoptr(Record) goodbye = NULL;

    unsubscribe(f, 2);
    goodbye = recorder_take_request(f->recorder, STOX_SIP_SUBSCRIBE);
    answer(f, goodbye, 200, NULL, "Expires: 0\n", NULL);
    tick(f, 32000);
    g_assert_cmpuint(stox_subscribers_count(f->subscribers), ==, 0);
}

static void test_unsubscribe_fails(Fixture *f, gconstpointer data)
{
    g_autoptr(Record) request = established(f, 2);
    g_autoptr(Record) goodbye = NULL;

    unsubscribe(f, 2);
    goodbye = recorder_take_request(f->recorder, STOX_SIP_SUBSCRIBE);
    answer(f, goodbye, 481, NULL, NULL, NULL);
    g_assert_cmpuint(stox_subscribers_count(f->subscribers), ==, 0);
}

/* The answer to a refresh that the goodbye has overtaken says nothing any more. */
static void test_unsubscribe_during_refresh(Fixture *f, gconstpointer data)
{
    g_autoptr(Record) request = established(f, 2);
    g_autoptr(Record) again = refresh(f);
    g_autoptr(Record) goodbye = NULL;

    unsubscribe(f, 2);
    goodbye = recorder_take_request(f->recorder, STOX_SIP_SUBSCRIBE);
    g_assert_cmpuint(stox_sip_view(goodbye->message)->cseq, ==, 3);
    answer(f, again, 481, NULL, NULL, NULL);
    g_assert_cmpuint(stox_subscribers_count(f->subscribers), ==, 1);
    answer(f, goodbye, 481, NULL, NULL, NULL);
    g_assert_cmpuint(stox_subscribers_count(f->subscribers), ==, 0);
}

static void test_unsubscribe_before_2xx(Fixture *f, gconstpointer data)
{
    g_autoptr(Record) request = subscribe(f, 2, 28800);
    g_autoptr(Record) goodbye = NULL;

    unsubscribe(f, 2);
    recorder_none(f->recorder);
    answer(f, request, 200, "peer", OK_HEADERS, NULL);
    goodbye = recorder_take_request(f->recorder, STOX_SIP_SUBSCRIBE);
    g_assert_cmpint(stox_sip_view(goodbye->message)->expires_s, ==, 0);
    receive(f, notify(request, "NOTIFY", "peer", 1, TERMINATED, NULL), 61);
    record_free(recorder_take_response(f->recorder, 200));
    g_assert_cmpuint(stox_subscribers_count(f->subscribers), ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("P-21-P-90-refresh", test_refresh);
    ADD("lync-4.8a-categories", test_categories);
    ADD("refresh-notify-first", test_refresh_notify_first);
    ADD("P-180-refresh-spread", test_refresh_spread);
    ADD("P-34-refresh-ends-dialog", test_refresh_ends_dialog);
    ADD("P-35-refresh-fails-for-now", test_refresh_fails_for_now);
    ADD("retry-after", test_retry_after);
    ADD("P-170-expires-changes", test_expires_changes);
    ADD("P-32-refresh-423", test_refresh_423);
    ADD("tiny-expiry", test_tiny_expiry);
    ADD("P-25-unsubscribe", test_unsubscribe);
    ADD("unsubscribe-no-last-notify", test_unsubscribe_no_last_notify);
    ADD("unsubscribe-fails", test_unsubscribe_fails);
    ADD("unsubscribe-during-refresh", test_unsubscribe_during_refresh);
    ADD("unsubscribe-before-2xx", test_unsubscribe_before_2xx);
    return g_test_run();
}
