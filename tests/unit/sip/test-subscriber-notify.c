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
    ADD("benotify", test_benotify);
    return g_test_run();
}
