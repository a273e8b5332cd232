/* SPDX-License-Identifier: MIT */
/* The server behind our subscriptions dies, restarts, comes back (promise 5; rows P-33, P-35). The clock is written down. */
#include "tests/unit/sip/subscriber-fixture.h"

#include <string.h>

/* The bench's dialogs all use connection 7. */
static bool none_sound(void *user, uint64_t flow)
{
    g_assert_cmpuint(flow, ==, 7);
    return false;
}

static bool all_sound(void *user, uint64_t flow)
{
    return true;
}

static void lost(Fixture *f)
{
    stox_subscribers_lost(f->subscribers, &lync_hop, none_sound, NULL, f->now);
}

static int64_t wait_ms(const Fixture *f)
{
    return stox_subscribers_deadline(f->subscribers) - f->now.mono_ms;
}

static void unanswered(Fixture *f, const Record *request, StoxSipFate fate)
{
    stox_subscribers_response(f->subscribers, request->owner, NULL, fate, 0, f->now);
}

/* Within a second or two, in the dialog; a server that knows it costs one SUBSCRIBE and nothing else. */
static void test_known(Fixture *f, gconstpointer data)
{
    g_autoptr(Record) request = established(f, 2);
    g_autoptr(Record) again = NULL;

    lost(f);
    g_assert_cmpint(wait_ms(f), >=, 1000);
    g_assert_cmpint(wait_ms(f), <=, 2000);
    again = refresh(f);
    g_assert_cmpstr(stox_sip_view(again->message)->to_tag, ==, "peer");
    answer(f, again, 200, NULL, "Expires: 28800\n", NULL);
    expect_event(f, STOX_EVENT_SUBSCRIBED, 2);
    receive(f, notify(request, "NOTIFY", "peer", 2, ACTIVE, NULL), 61);
    expect_notify(f, 2, 61, STOX_SUBSTATE_ACTIVE);
    g_assert_cmpint(wait_ms(f), >=, 28800 * 800);
}

/* A dialog at another server, one of another hop, a fetch, one that is over and one that has not begun are left alone. */
static void test_not_concerned(Fixture *f, gconstpointer data)
{
    g_autoptr(Record) request = established(f, 2);
    int64_t before;

    before = stox_subscribers_deadline(f->subscribers);
    stox_subscribers_lost(f->subscribers, &lync_hop, all_sound, NULL, f->now);
    g_assert_cmpint(stox_subscribers_deadline(f->subscribers), ==, before);
    stox_subscribers_lost(f->subscribers, &simple_hop, none_sound, NULL, f->now);
    g_assert_cmpint(stox_subscribers_deadline(f->subscribers), ==, before);
    record_free(subscribe(f, 4, 28800));
    record_free(subscribe(f, 6, 0));
    unsubscribe(f, 2);
    record_free(recorder_take_request(f->recorder, STOX_SIP_SUBSCRIBE));
    lost(f);
    tick(f, 3000);
    recorder_none(f->recorder);
}

/* 481: the dialog is over, and the gateway asks for a new one (P-33). */
static void test_forgotten(Fixture *f, gconstpointer data)
{
    g_autoptr(Record) request = established(f, 2);
    g_autoptr(Record) again = NULL;
    g_autoptr(StoxEvent) event = NULL;

    lost(f);
    again = refresh(f);
    answer(f, again, 481, NULL, NULL, NULL);
    event = recorder_take_event(f->recorder, STOX_EVENT_SUBSCRIBE_FAILED);
    g_assert_false(event->keep);
    g_assert_cmpuint(event->result.status, ==, 481);
    g_assert_cmpuint(stox_subscribers_count(f->subscribers), ==, 0);
}

/* Nobody answers: a new dialog in the same name, to the hop, and the gateway hears nothing but its NOTIFY. */
static void test_elsewhere(Fixture *f, gconstpointer data)
{
    static const StoxSipFate fates[] = {STOX_SIP_NOT_SENT, STOX_SIP_TIMEOUT, STOX_SIP_TRANSPORT};

    for (unsigned i = 0; i < G_N_ELEMENTS(fates); i++) {
        g_autoptr(Record) request = established(f, 2 + 2 * i);
        g_autoptr(Record) again = NULL;
        g_autoptr(Record) fresh = NULL;
        const StoxSipView *view;

        lost(f);
        again = refresh(f);
        unanswered(f, again, fates[i]);
        fresh = recorder_take_request(f->recorder, STOX_SIP_SUBSCRIBE);
        view = stox_sip_view(fresh->message);
        g_assert_null(fresh->target);
        g_assert_null(view->to_tag);
        g_assert_cmpuint(view->cseq, ==, 1);
        g_assert_cmpstr(view->call_id, !=, stox_sip_view(request->message)->call_id);
        g_assert_cmpstr(view->request_uri, ==, "sip:alice@contoso.example");
        g_assert_null(header(fresh->message, "Route"));
        g_assert_cmpint(view->expires_s, ==, 28800);
        g_assert_true(g_str_has_prefix(header(fresh->message, "From"), "\"Bob\" <sip:bob@"));
        /* What the old one says counts no more. */
        g_assert_false(receive(f, notify(request, "NOTIFY", "peer", 9, ACTIVE, NULL), 61));
        answer(f, fresh, 200, "other", OK_HEADERS, NULL);
        expect_event(f, STOX_EVENT_SUBSCRIBED, 2 + 2 * i);
        receive(f, notify(fresh, "NOTIFY", "other", 1, ACTIVE, "<p/>"), 62);
        expect_notify(f, 2 + 2 * i, 62, STOX_SUBSTATE_ACTIVE);
        g_assert_cmpint(wait_ms(f), >=, 28800 * 800);
        unsubscribe(f, 2 + 2 * i);
        record_free(recorder_take_request(f->recorder, STOX_SIP_SUBSCRIBE));
        tick(f, 64000);
    }
}

/* The other server refuses the new subscription: that is a first answer like any other. */
static void test_refused_elsewhere(Fixture *f, gconstpointer data)
{
    g_autoptr(Record) request = established(f, 2);
    g_autoptr(Record) again = NULL;
    g_autoptr(Record) fresh = NULL;
    g_autoptr(StoxEvent) event = NULL;

    lost(f);
    again = refresh(f);
    unanswered(f, again, STOX_SIP_NOT_SENT);
    fresh = recorder_take_request(f->recorder, STOX_SIP_SUBSCRIBE);
    answer(f, fresh, 480, NULL, NULL, NULL);
    event = recorder_take_event(f->recorder, STOX_EVENT_SUBSCRIBE_FAILED);
    g_assert_true(event->initial);
    g_assert_cmpuint(stox_subscribers_count(f->subscribers), ==, 0);
}

/* Everything is down: tried again, and after 40 s given up, whatever the failure; being told of more losses does not put that off. */
static void test_nobody(Fixture *f, gconstpointer data)
{
    g_autoptr(Record) request = established(f, 2);
    int64_t start = f->now.mono_ms;
    unsigned tries = 0;

    lost(f);
    while (stox_subscribers_count(f->subscribers) > 0) {
        tick(f, wait_ms(f));
        if (stox_subscribers_count(f->subscribers) > 0) {
            g_autoptr(Record) again = recorder_take_request(f->recorder, STOX_SIP_SUBSCRIBE);

            unanswered(f, again, STOX_SIP_NOT_SENT);
            if (tries++ == 0) {
                g_autoptr(Record) fresh = recorder_take_request(f->recorder, STOX_SIP_SUBSCRIBE);

                unanswered(f, fresh, STOX_SIP_NOT_SENT);
            }
            lost(f);
        }
    }
    expect_event(f, STOX_EVENT_SUBSCRIPTION_LOST, 2);
    g_assert_cmpint(f->now.mono_ms - start, >=, 41000);
    g_assert_cmpint(f->now.mono_ms - start, <=, 42000);
    g_assert_cmpuint(tries, >, 5);
}

/* An error that leaves the dialog (P-35) proves nothing: asked again soon, then given up. */
static void test_errors(Fixture *f, gconstpointer data)
{
    g_autoptr(Record) request = established(f, 2);
    int64_t start = f->now.mono_ms;
    unsigned tries = 0;

    lost(f);
    while (stox_subscribers_count(f->subscribers) > 0) {
        tick(f, wait_ms(f));
        if (stox_subscribers_count(f->subscribers) > 0) {
            g_autoptr(Record) again = recorder_take_request(f->recorder, STOX_SIP_SUBSCRIBE);

            answer(f, again, 500, NULL, NULL, NULL);
            expect_event(f, STOX_EVENT_SUBSCRIBE_FAILED, 2);
            tries++;
        }
    }
    expect_event(f, STOX_EVENT_SUBSCRIPTION_LOST, 2);
    g_assert_cmpint(f->now.mono_ms - start, <=, 42000);
    g_assert_cmpuint(tries, ==, 4);
}

/* One server of a hop is back: who waits for another try has it at once. */
static void test_back(Fixture *f, gconstpointer data)
{
    g_autoptr(Record) request = established(f, 2);
    g_autoptr(Record) again = NULL;
    g_autoptr(Record) fresh = NULL;
    g_autoptr(Record) third = NULL;

    lost(f);
    again = refresh(f);
    unanswered(f, again, STOX_SIP_NOT_SENT);
    fresh = recorder_take_request(f->recorder, STOX_SIP_SUBSCRIBE);
    unanswered(f, fresh, STOX_SIP_NOT_SENT);
    g_assert_cmpint(wait_ms(f), ==, 5000);
    lost(f);
    g_assert_cmpint(wait_ms(f), ==, 1000);
    third = refresh(f);
    g_assert_null(stox_sip_view(third->message)->to_tag);
    answer(f, third, 200, "other", OK_HEADERS, NULL);
    expect_event(f, STOX_EVENT_SUBSCRIBED, 2);
    tick(f, 31000);
    receive(f, notify(third, "NOTIFY", "other", 1, ACTIVE, "<p/>"), 62);
    expect_notify(f, 2, 62, STOX_SUBSTATE_ACTIVE);
    tick(f, 60000);
    recorder_none(f->recorder);
}

/* Not all in one second (P-180), not one later than a minute. */
static void test_paced(Fixture *f, gconstpointer data)
{
    enum { N = 5000 };
    unsigned seconds[62] = {0};
    int64_t start = f->now.mono_ms;

    for (unsigned i = 0; i < N; i++)
        record_free(established(f, 2 + 2 * i));
    lost(f);
    for (unsigned i = 0; i < N; i++) {
        g_autoptr(Record) again = NULL;

        tick(f, 0);
        while (f->recorder->records->len == 0)
            tick(f, wait_ms(f));
        again = recorder_take_request(f->recorder, STOX_SIP_SUBSCRIBE);
        g_assert_cmpint(f->now.mono_ms - start, >=, 1000);
        g_assert_cmpint(f->now.mono_ms - start, <=, 61000);
        seconds[(f->now.mono_ms - start) / 1000]++;
        answer(f, again, 200, NULL, "Expires: 28800\n", NULL);
        expect_event(f, STOX_EVENT_SUBSCRIBED, again->owner.id);
        receive(f, notify(again, "NOTIFY", "peer", 2, ACTIVE, NULL), 61);
        expect_notify(f, again->owner.id, 61, STOX_SUBSTATE_ACTIVE);
    }
    for (unsigned i = 1; i < 61; i++)
        g_assert_cmpuint(seconds[i], <, 3 * N / 60);
}

/* ---- A connection has closed ---- */

/*
 * One is asked for all; it is known: the others are not touched, and what it was answered on stands for them from now on. It is heard of on yet another one
 * each time, so that next time somebody else is the first.
 */
static void test_closed(Fixture *f, gconstpointer data)
{
    for (unsigned i = 0; i < 50; i++)
        record_free(established(f, 2 + 2 * i));
    stox_subscribers_closed(f->subscribers, 99, f->now);
    for (unsigned round = 0; round < 2; round++) {
        g_autoptr(StoxSipMessage) response = NULL;
        g_autoptr(Record) again = NULL;
        uint64_t first = 2 + 2 * round;

        stox_subscribers_closed(f->subscribers, 7 + round, f->now);
        again = refresh(f);
        g_assert_cmpuint(again->owner.id, ==, first);
        tick(f, 30000);
        recorder_none(f->recorder);
        response = response_new(again, 200, NULL, "Expires: 28800\n", NULL);
        stox_subscribers_response(f->subscribers, again->owner, response, STOX_SIP_ANSWERED,
                                  8 + round, f->now);
        expect_event(f, STOX_EVENT_SUBSCRIBED, first);
        receive(f, notify(again, "NOTIFY", "peer", 2, ACTIVE, NULL), 61);
        expect_notify(f, first, 61, STOX_SUBSTATE_ACTIVE);
    }
}

/* It does not, or does not answer: all are asked, those excepted that another connection serves. */
static void test_closed_and_gone(Fixture *f, gconstpointer data)
{
    static const unsigned statuses[] = {481, 0};

    for (unsigned i = 0; i < G_N_ELEMENTS(statuses); i++) {
        g_autoptr(Record) again = NULL;
        uint64_t first = 2 + 100 * i;

        for (unsigned n = 0; n < 20; n++)
            record_free(established(f, first + 2 * n));
        stox_subscribers_closed(f->subscribers, 7, f->now);
        again = refresh(f);
        g_assert_cmpuint(again->owner.id, ==, first);
        if (statuses[i]) {
            answer(f, again, statuses[i], NULL, NULL, NULL);
            expect_event(f, STOX_EVENT_SUBSCRIBE_FAILED, first);
        } else {
            unanswered(f, again, STOX_SIP_NOT_SENT);
            record_free(recorder_take_request(f->recorder, STOX_SIP_SUBSCRIBE));
        }
        tick(f, 2000);
        for (unsigned n = 1; n < 20; n++)
            record_free(recorder_take_request(f->recorder, STOX_SIP_SUBSCRIBE));
        recorder_none(f->recorder);
        for (unsigned n = 0; n < 20; n++)
            unsubscribe(f, first + 2 * n);
        for (unsigned n = 1; n < 20; n++)
            record_free(recorder_take_request(f->recorder, STOX_SIP_SUBSCRIBE));
        tick(f, 64000);
        g_assert_cmpuint(stox_subscribers_count(f->subscribers), ==, 0);
    }
}

/* The one that was to ask ends for a reason of its own: the next one asks. */
static void test_closed_passed_on(Fixture *f, gconstpointer data)
{
    g_autoptr(Record) first = established(f, 2);
    g_autoptr(Record) again = NULL;

    record_free(established(f, 4));
    record_free(established(f, 6));
    stox_subscribers_closed(f->subscribers, 7, f->now);
    unsubscribe(f, 2);
    record_free(recorder_take_request(f->recorder, STOX_SIP_SUBSCRIBE));
    again = refresh(f);
    g_assert_cmpuint(again->owner.id, ==, 4);
    receive(f, notify(again, "NOTIFY", "peer", 2, TERMINATED, NULL), 61);
    expect_notify(f, 4, 61, STOX_SUBSTATE_TERMINATED);
    g_clear_pointer(&again, record_free);
    again = refresh(f);
    g_assert_cmpuint(again->owner.id, ==, 6);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("lost/known", test_known);
    ADD("lost/not-concerned", test_not_concerned);
    ADD("lost/P-33-forgotten", test_forgotten);
    ADD("lost/elsewhere", test_elsewhere);
    ADD("lost/refused-elsewhere", test_refused_elsewhere);
    ADD("lost/nobody", test_nobody);
    ADD("lost/P-35-errors", test_errors);
    ADD("lost/back", test_back);
    ADD("lost/P-180-paced", test_paced);
    ADD("closed/known", test_closed);
    ADD("closed/gone", test_closed_and_gone);
    ADD("closed/passed-on", test_closed_passed_on);
    return g_test_run();
}
