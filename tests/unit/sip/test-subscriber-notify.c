/* SPDX-License-Identifier: MIT */
/* NOTIFY to us: rows P-17 to P-20, P-27, P-28, P-80 to P-92. The clock is written down. */
#include "tests/unit/sip/subscriber-fixture.h"

#include <string.h>

static void test_notify(Fixture *f, gconstpointer data)
{
    g_autoptr(Record) request = established(f, 2);
    g_autoptr(StoxEvent) event = NULL;

    receive(f,
            notify(request, "NOTIFY", "peer", 2,
                   "Event: presence\nSubscription-State: pending;expires=100;reason=x\n" PIDF_TYPE,
                   "<presence/>"),
            61);
    event = recorder_take_event(f->recorder, STOX_EVENT_NOTIFY);
    g_assert_cmpint(event->state, ==, STOX_SUBSTATE_PENDING);
    g_assert_cmpint(event->expires_s, ==, 100);
    g_assert_cmpstr(event->content_type, ==, "application/pidf+xml");
    g_assert_cmpmem(g_bytes_get_data(event->body, NULL), g_bytes_get_size(event->body),
                    "<presence/>", 11);
    /* P-20: that is authoritative. */
    g_assert_cmpint(stox_subscribers_deadline(f->subscribers), >=, f->now.mono_ms + 80000);
    g_assert_cmpint(stox_subscribers_deadline(f->subscribers), <=, f->now.mono_ms + 90000);
}

static void test_notify_refused_here(Fixture *f, gconstpointer data)
{
    static const struct {
        const char *name, *extra;
        unsigned status;
        const char *header, *value;
    } rows[] = {
        {"P-92 other package", "Event: dialog\nSubscription-State: active\n", 489, "Allow-Events",
         "presence"},
        {"P-92 case", "Event: Presence\nSubscription-State: active\n", 489},
        {"P-92 id", "Event: presence;id=7\nSubscription-State: active\n", 489},
        {"P-171 no Event", "Subscription-State: active\n", 489},
        {"RFC 6665 s4.1.3 no Subscription-State", "Event: presence\n", 400},
        {"no state in it", "Event: presence\nSubscription-State: ;expires=5\n", 400},
        {"Record-Route is no address", ACTIVE "Record-Route: @@\n", 400},
        {"R-23", ACTIVE "Require: frob\n", 420, "Unsupported", "frob"},
    };
    g_autoptr(Record) request = established(f, 2);

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(Record) response = NULL;

        g_test_message("%s", rows[i].name);
        g_assert_true(
            receive(f, notify(request, "NOTIFY", "peer", 5 + i, rows[i].extra, NULL), 70 + i));
        response = recorder_take_response(f->recorder, rows[i].status);
        g_assert_cmpuint(response->id, ==, 70 + i);
        g_assert_nonnull(header(response->message, "ms-diagnostics-public"));
        if (rows[i].header)
            g_assert_cmpstr(header(response->message, rows[i].header), ==, rows[i].value);
    }
}

/* P-19 */
static void test_out_of_order(Fixture *f, gconstpointer data)
{
    g_autoptr(Record) request = established(f, 2);

    receive(f, notify(request, "NOTIFY", "peer", 9, ACTIVE, NULL), 61);
    expect_notify(f, 2, 61, STOX_SUBSTATE_ACTIVE);
    receive(f, notify(request, "NOTIFY", "peer", 8, ACTIVE, NULL), 62);
    record_free(recorder_take_response(f->recorder, 500));
    /* By two ways. */
    receive(f, notify(request, "NOTIFY", "peer", 9, ACTIVE, NULL), 63);
    record_free(recorder_take_response(f->recorder, 482));
}

/* P-91 */
static void test_unknown_state(Fixture *f, gconstpointer data)
{
    g_autoptr(Record) request = established(f, 2);

    receive(f,
            notify(request, "NOTIFY", "peer", 9,
                   "Event: presence\nSubscription-State: frozen;expires=99\n", NULL),
            61);
    expect_notify(f, 2, 61, STOX_SUBSTATE_PENDING);
}

/* P-28, P-27 */
static void test_terminated(Fixture *f, gconstpointer data)
{
    g_autoptr(Record) request = established(f, 2);
    g_autoptr(StoxEvent) event = NULL;

    receive(f,
            notify(request, "NOTIFY", "peer", 2,
                   "Event: presence\nSubscription-State: "
                   "terminated;reason=probation;retry-after=120\n",
                   NULL),
            61);
    event = recorder_take_event(f->recorder, STOX_EVENT_NOTIFY);
    g_assert_cmpint(event->state, ==, STOX_SUBSTATE_TERMINATED);
    g_assert_cmpstr(event->reason, ==, "probation");
    g_assert_cmpuint(event->retry_after_s, ==, 120);
    g_assert_cmpuint(stox_subscribers_count(f->subscribers), ==, 0);
    g_assert_cmpint(stox_subscribers_deadline(f->subscribers), ==, STOX_NEVER);
    g_assert_false(receive(f, notify(request, "NOTIFY", "peer", 3, ACTIVE, NULL), 62));
}

/* P-82 to P-89: each reason goes to the gateway as it came, and the dialog is gone. */
static void test_reasons(Fixture *f, gconstpointer data)
{
    static const struct {
        const char *state, *reason;
        unsigned retry_after_s;
    } rows[] = {
        {"terminated", NULL, 0},
        {"terminated;reason=deactivated", "deactivated", 0},
        {"terminated;reason=probation;retry-after=30", "probation", 30},
        {"terminated;reason=rejected", "rejected", 0},
        {"terminated;reason=timeout", "timeout", 0},
        {"terminated;reason=giveup;retry-after=3600", "giveup", 3600},
        {"terminated;reason=noresource", "noresource", 0},
        {"terminated;reason=invariant;retry-after=1", "invariant", 1},
        {"Terminated;Reason=REJECTED", "rejected", 0},
        {"terminated;reason=frozen;expires=77", "frozen", 0},
        {"terminated;retry-after=x", NULL, 0},
        {"terminated;retry-after=99999999999", NULL, 30 * 24 * 3600},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(Record) request = established(f, 2);
        g_autofree char *extra =
            g_strdup_printf("Event: presence\nSubscription-State: %s\n", rows[i].state);
        g_autoptr(StoxEvent) event = NULL;

        g_test_message("%s", rows[i].state);
        receive(f, notify(request, "NOTIFY", "peer", 2, extra, NULL), 61);
        event = recorder_take_event(f->recorder, STOX_EVENT_NOTIFY);
        g_assert_cmpint(event->state, ==, STOX_SUBSTATE_TERMINATED);
        g_assert_cmpstr(event->reason, ==, rows[i].reason);
        g_assert_cmpuint(event->retry_after_s, ==, rows[i].retry_after_s);
        g_assert_cmpuint(stox_subscribers_count(f->subscribers), ==, 0);
        g_assert_cmpint(stox_subscribers_deadline(f->subscribers), ==, STOX_NEVER);
    }
}

/* The last NOTIFY comes while a refresh is out: whatever that one's answer says, it is over. */
static void test_terminated_during_refresh(Fixture *f, gconstpointer data)
{
    static const unsigned statuses[] = {200, 423, 481, 500};

    for (unsigned i = 0; i < G_N_ELEMENTS(statuses); i++) {
        g_autoptr(Record) request = established(f, 2);
        g_autoptr(Record) again = refresh(f);

        receive(f, notify(request, "NOTIFY", "peer", 2, TERMINATED, NULL), 61);
        expect_notify(f, 2, 61, STOX_SUBSTATE_TERMINATED);
        answer(f, again, statuses[i], NULL, "Expires: 28800\nMin-Expires: 99999\n", NULL);
        recorder_none(f->recorder);
        g_assert_cmpuint(stox_subscribers_count(f->subscribers), ==, 0);
    }
}

/* The dialog is that of the first NOTIFY, even when the 2xx comes from another fork (P-14, P-16). */
static void test_2xx_of_another_fork(Fixture *f, gconstpointer data)
{
    g_autoptr(Record) request = subscribe(f, 2, 28800);
    g_autoptr(Record) again = NULL;

    receive(f, notify(request, "NOTIFY", "first", 1, ACTIVE, NULL), 61);
    expect_notify(f, 2, 61, STOX_SUBSTATE_ACTIVE);
    answer(f, request, 200, "second", "Contact: <sip:other@192.0.2.9>\nExpires: 28800\n", NULL);
    expect_event(f, STOX_EVENT_SUBSCRIBED, 2);
    g_assert_false(receive(f, notify(request, "NOTIFY", "second", 1, ACTIVE, NULL), 62));
    again = refresh(f);
    g_assert_cmpstr(stox_sip_view(again->message)->to_tag, ==, "first");
    g_assert_cmpstr(stox_sip_view(again->message)->request_uri, ==, LYNC_CONTACT);
}

/* P-172: NOTIFY and the 2xx of SUBSCRIBE move the remote target; the route set stays. */
static void test_target_refresh(Fixture *f, gconstpointer data)
{
    g_autoptr(Record) request = established(f, 2);
    const StoxSipView *view = stox_sip_view(request->message);
    g_autofree char *head = g_strdup_printf(
        "NOTIFY sip:bob@xgw.contoso.example:5061;transport=tls SIP/2.0\n"
        "Record-Route: <sip:other.example;lr>\n"
        "Via: SIP/2.0/TLS 192.0.2.11:5061;branch=z9hG4bKmoved\n"
        "From: <sip:alice@contoso.example>;tag=peer\nTo: <sip:bob@partner.example>;tag=%s\n"
        "Call-ID: %s\nCSeq: 5 NOTIFY\nContact: <sip:alice@192.0.2.66>\n" ACTIVE,
        view->from_tag, view->call_id);
    g_autoptr(Record) again = NULL;
    g_autoptr(Record) third = NULL;

    receive(f, message_new(head, NULL), 61);
    expect_notify(f, 2, 61, STOX_SUBSTATE_ACTIVE);
    again = refresh(f);
    g_assert_cmpstr(stox_sip_view(again->message)->request_uri, ==, "sip:alice@192.0.2.66");
    g_assert_cmpstr(header(again->message, "Route"), ==, LYNC_ROUTE);
    answer(f, again, 200, NULL, "Contact: <sip:alice@192.0.2.67>\nExpires: 600\n", NULL);
    expect_event(f, STOX_EVENT_SUBSCRIBED, 2);
    receive(f,
            notify(request, "BENOTIFY", "peer", 6, "Event: presence\nSubscription-State: active\n",
                   NULL),
            0);
    expect_notify(f, 2, 0, STOX_SUBSTATE_ACTIVE);
    third = refresh(f);
    g_assert_cmpstr(stox_sip_view(third->message)->request_uri, ==, LYNC_CONTACT);
}

/* lync.md 4.8b-benotify */
static void test_benotify(Fixture *f, gconstpointer data)
{
    g_autoptr(Record) request = established(f, 2);

    receive(f, notify(request, "BENOTIFY", "peer", 2, ACTIVE, NULL), 0);
    expect_notify(f, 2, 0, STOX_SUBSTATE_ACTIVE);
    /* Nothing it can do wrong is answered. */
    receive(f, notify(request, "BENOTIFY", "peer", 1, ACTIVE, NULL), 0);
    receive(f, notify(request, "BENOTIFY", "peer", 3, "Event: dialog\n", NULL), 0);
    recorder_none(f->recorder);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("P-20-notify", test_notify);
    ADD("notify-refused-here", test_notify_refused_here);
    ADD("P-19-out-of-order", test_out_of_order);
    ADD("P-91-unknown-state", test_unknown_state);
    ADD("P-28-terminated", test_terminated);
    ADD("P-82-P-89-reasons", test_reasons);
    ADD("terminated-during-refresh", test_terminated_during_refresh);
    ADD("P-16-2xx-of-another-fork", test_2xx_of_another_fork);
    ADD("P-172-target-refresh", test_target_refresh);
    ADD("benotify", test_benotify);
    return g_test_run();
}
