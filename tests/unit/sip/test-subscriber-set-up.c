/* SPDX-License-Identifier: MIT */
/* We subscribe: rows P-10 to P-16, P-32, P-36 to P-40, P-160, V-46; lync.md 4.8, 7.3. The clock is written down. */
#include "tests/unit/sip/subscriber-fixture.h"

#include <string.h>

/* P-10, P-171, P-178, P-179; lync.md 4.8a-subscribe-pidf */
static void test_subscribe(Fixture *f, gconstpointer data)
{
    g_autoptr(Record) request = subscribe(f, 2, 28800);
    const StoxSipView *view = stox_sip_view(request->message);
    g_autoptr(StoxEvent) event = NULL;

    g_assert_cmpstr(view->request_uri, ==, "sip:alice@contoso.example");
    g_assert_cmpstr(header(request->message, "To"), ==, "<sip:alice@contoso.example>");
    g_assert_cmpstr(view->from_uri, ==, "sip:bob@partner.example");
    g_assert_cmpstr(view->from_display, ==, "Bob");
    g_assert_nonnull(view->from_tag);
    g_assert_cmpstr(view->event, ==, "presence");
    g_assert_cmpstr(view->accept, ==, "application/pidf+xml");
    g_assert_cmpint(view->expires_s, ==, 28800);
    g_assert_cmpstr(view->contact_uri, ==, "sip:bob@xgw.contoso.example:5061;transport=tls");
    g_assert_null(view->supported);
    g_assert_null(view->require);
    g_assert_null(header(request->message, "Proxy-Require"));
    g_assert_null(view->body);
    g_assert_cmpint(view->max_forwards, ==, 70);
    g_assert_null(request->target);

    answer(f, request, 202, "peer", OK_HEADERS, NULL);
    event = recorder_take_event(f->recorder, STOX_EVENT_SUBSCRIBED);
    g_assert_cmpint(event->expires_s, ==, 28800);
    g_assert_cmpuint(event->result.status, ==, 202);
    g_assert_cmpuint(stox_subscribers_count(f->subscribers), ==, 1);
}

static void test_gruu_on_simple_hops(Fixture *f, gconstpointer data)
{
    g_autoptr(Record) request = subscribe_on(f, &simple_hop, 2, 3600);

    g_assert_nonnull(strstr(stox_sip_view(request->message)->contact_uri, ";gr"));
}

/* P-14 */
static void test_notify_before_2xx(Fixture *f, gconstpointer data)
{
    g_autoptr(Record) request = subscribe(f, 2, 28800);
    g_autoptr(Record) refreshed = NULL;

    g_assert_true(receive(f, notify(request, "NOTIFY", "peer", 1, ACTIVE, NULL), 60));
    expect_notify(f, 2, 60, STOX_SUBSTATE_ACTIVE);
    answer(f, request, 200, "peer", OK_HEADERS, NULL);
    expect_event(f, STOX_EVENT_SUBSCRIBED, 2);
    tick(f, 32000);
    recorder_none(f->recorder);
    /* The route set is that of the NOTIFY. */
    refreshed = refresh(f);
    g_assert_cmpstr(header(refreshed->message, "Route"), ==, LYNC_ROUTE);
    g_assert_cmpstr(stox_sip_view(refreshed->message)->to_tag, ==, "peer");
}

/* P-16 */
static void test_fork(Fixture *f, gconstpointer data)
{
    g_autoptr(Record) request = established(f, 2);

    g_assert_false(receive(f, notify(request, "NOTIFY", "fork", 1, ACTIVE, NULL), 61));
    g_assert_true(receive(f, notify(request, "NOTIFY", "peer", 2, ACTIVE, NULL), 62));
    expect_notify(f, 2, 62, STOX_SUBSTATE_ACTIVE);
}

/* P-15, V-46 */
static void test_timer_n(Fixture *f, gconstpointer data)
{
    g_autoptr(Record) request = subscribe(f, 2, 28800);

    answer(f, request, 200, "peer", OK_HEADERS, NULL);
    expect_event(f, STOX_EVENT_SUBSCRIBED, 2);
    tick(f, 31999);
    recorder_none(f->recorder);
    tick(f, 1);
    expect_event(f, STOX_EVENT_SUBSCRIPTION_LOST, 2);
    g_assert_false(receive(f, notify(request, "NOTIFY", "peer", 1, ACTIVE, NULL), 61));
    g_assert_cmpuint(stox_subscribers_count(f->subscribers), ==, 0);
}

/* lync.md 4.8b-piggyback */
static void test_body_in_2xx(Fixture *f, gconstpointer data)
{
    g_autoptr(Record) request = subscribe(f, 2, 28800);
    g_autoptr(StoxEvent) event = NULL;

    answer(f, request, 200, "peer", OK_HEADERS PIDF_TYPE, "<p/>");
    expect_event(f, STOX_EVENT_SUBSCRIBED, 2);
    event = recorder_take_event(f->recorder, STOX_EVENT_NOTIFY);
    g_assert_cmpuint(event->request, ==, 0);
    g_assert_cmpint(event->state, ==, STOX_SUBSTATE_ACTIVE);
    g_assert_cmpstr(event->content_type, ==, "application/pidf+xml");
    tick(f, 32000);
    recorder_none(f->recorder);
}

static void test_initial_failure(Fixture *f, gconstpointer data)
{
    static const unsigned statuses[] = {302, 403, 404, 406, 408, 480, 481, 489, 500, 503, 603, 604};

    for (unsigned i = 0; i < G_N_ELEMENTS(statuses); i++) {
        g_autoptr(Record) request = subscribe(f, 2, 28800);
        g_autoptr(StoxEvent) event = NULL;

        answer(f, request, statuses[i], "peer", "Retry-After: 9\n", NULL);
        event = recorder_take_event(f->recorder, STOX_EVENT_SUBSCRIBE_FAILED);
        g_assert_true(event->initial);
        g_assert_false(event->keep);
        g_assert_cmpuint(event->result.status, ==, statuses[i]);
        g_assert_cmpuint(event->result.retry_after_s, ==, 9);
        g_assert_cmpuint(stox_subscribers_count(f->subscribers), ==, 0);
        g_assert_false(receive(f, notify(request, "NOTIFY", "peer", 1, ACTIVE, NULL), 61));
    }
}

static void test_initial_timeout(Fixture *f, gconstpointer data)
{
    g_autoptr(Record) request = subscribe(f, 2, 28800);
    g_autoptr(StoxEvent) event = NULL;

    stox_subscribers_response(f->subscribers, request->owner, NULL, STOX_SIP_NO_SUCH_DOMAIN, 0,
                              f->now);
    event = recorder_take_event(f->recorder, STOX_EVENT_SUBSCRIBE_FAILED);
    g_assert_true(event->initial);
    g_assert_cmpint(event->result.fate, ==, STOX_SIP_NO_SUCH_DOMAIN);
}

/* P-32 */
static void test_423(Fixture *f, gconstpointer data)
{
    g_autoptr(Record) request = subscribe(f, 2, 600);
    g_autoptr(Record) again = NULL;
    g_autoptr(StoxEvent) event = NULL;

    answer(f, request, 423, "peer", "Min-Expires: 3600\n", NULL);
    again = recorder_take_request(f->recorder, STOX_SIP_SUBSCRIBE);
    g_assert_cmpint(stox_sip_view(again->message)->expires_s, ==, 3600);
    g_assert_cmpuint(stox_sip_view(again->message)->cseq, ==, 2);
    g_assert_null(stox_sip_view(again->message)->to_tag);
    /* Once. */
    answer(f, again, 423, "peer", "Min-Expires: 7200\n", NULL);
    event = recorder_take_event(f->recorder, STOX_EVENT_SUBSCRIBE_FAILED);
    g_assert_cmpuint(event->result.status, ==, 423);
}

/* P-160 */
static void test_fetch(Fixture *f, gconstpointer data)
{
    g_autoptr(Record) request = subscribe(f, 2, 0);
    g_autoptr(StoxEvent) event = NULL;

    g_assert_cmpint(stox_sip_view(request->message)->expires_s, ==, 0);
    answer(f, request, 200, "peer", "Contact: <" LYNC_CONTACT ">\nExpires: 0\n", NULL);
    expect_event(f, STOX_EVENT_SUBSCRIBED, 2);
    receive(f, notify(request, "NOTIFY", "peer", 1, TERMINATED PIDF_TYPE, "<p/>"), 61);
    event = recorder_take_event(f->recorder, STOX_EVENT_NOTIFY);
    g_assert_cmpint(event->state, ==, STOX_SUBSTATE_TERMINATED);
    g_assert_nonnull(event->body);
    g_assert_cmpuint(stox_subscribers_count(f->subscribers), ==, 0);
}

static void test_fetch_silent(Fixture *f, gconstpointer data)
{
    g_autoptr(Record) request = subscribe(f, 2, 0);

    answer(f, request, 200, "peer", "Contact: <" LYNC_CONTACT ">\nExpires: 0\n", NULL);
    expect_event(f, STOX_EVENT_SUBSCRIBED, 2);
    tick(f, 32000);
    expect_event(f, STOX_EVENT_SUBSCRIPTION_LOST, 2);
}

/* A peer that calls the one NOTIFY of a fetch active. */
static void test_fetch_active(Fixture *f, gconstpointer data)
{
    g_autoptr(Record) request = subscribe(f, 2, 0);

    receive(f, notify(request, "NOTIFY", "peer", 1, ACTIVE, NULL), 61);
    expect_notify(f, 2, 61, STOX_SUBSTATE_TERMINATED);
    answer(f, request, 200, "peer", OK_HEADERS, NULL);
    g_assert_cmpuint(stox_subscribers_count(f->subscribers), ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("P-10-P-11-subscribe", test_subscribe);
    ADD("gruu-on-simple-hops", test_gruu_on_simple_hops);
    ADD("P-14-notify-before-2xx", test_notify_before_2xx);
    ADD("P-16-fork", test_fork);
    ADD("P-15-V-46-timer-n", test_timer_n);
    ADD("body-in-2xx", test_body_in_2xx);
    ADD("initial-failure", test_initial_failure);
    ADD("initial-timeout", test_initial_timeout);
    ADD("P-32-423", test_423);
    ADD("P-160-fetch", test_fetch);
    ADD("fetch-silent", test_fetch_silent);
    ADD("fetch-active", test_fetch_active);
    return g_test_run();
}
