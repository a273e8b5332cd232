/* SPDX-License-Identifier: MIT */
/* We subscribe: rows P-10 to P-35, P-90 to P-92, P-160, V-46; lync.md 4.8, 7.3. The clock is written down. */
#include "tests/unit/sip/recorder.h"

#include "sip/subscription.h"

#include <string.h>

#define PIDF_TYPE "Content-Type: application/pidf+xml\n"

typedef struct {
    Recorder *recorder;
    StoxSubscribers *subscribers;
    StoxTime now;
} Fixture;

static void set_up(Fixture *f, gconstpointer data)
{
    f->recorder = recorder_new();
    f->subscribers = stox_subscribers_new("xgw.contoso.example", &recorder_ops, f->recorder);
    f->now = (StoxTime){.mono_ms = 1000000, .wall_ms = 1767225600000};
}

static void tear_down(Fixture *f, gconstpointer data)
{
    recorder_none(f->recorder);
    stox_subscribers_free(f->subscribers);
    recorder_free(f->recorder);
}

/* ---- Steps ---- */

static Record *subscribe_on(Fixture *f, const StoxSipHop *hop, uint64_t id, int64_t expires_s)
{
    g_autoptr(StoxAction) action = stox_action_new(STOX_ACTION_SUBSCRIBE);

    action->subscription = id;
    action->from_uri = g_strdup("sip:bob@partner.example");
    action->to_uri = g_strdup("sip:alice@contoso.example");
    action->display = g_strdup("Bob");
    action->expires_s = expires_s;
    stox_subscribers_subscribe(f->subscribers, action, hop, f->now);
    return recorder_take_request(f->recorder, STOX_SIP_SUBSCRIBE);
}

static Record *subscribe(Fixture *f, uint64_t id, int64_t expires_s)
{
    return subscribe_on(f, &lync_hop, id, expires_s);
}

static void unsubscribe(Fixture *f, uint64_t id)
{
    g_autoptr(StoxAction) action = stox_action_new(STOX_ACTION_UNSUBSCRIBE);

    action->subscription = id;
    stox_subscribers_unsubscribe(f->subscribers, action, f->now);
}

static void answer(Fixture *f, const Record *request, unsigned status, const char *tag,
                   const char *extra, const char *body)
{
    g_autoptr(StoxSipMessage) response = response_new(request, status, tag, extra, body);

    stox_subscribers_response(f->subscribers, request->owner, response, STOX_SIP_ANSWERED, 7,
                              f->now);
}

#define OK_HEADERS                                                                                 \
    "Record-Route: " LYNC_ROUTE ";tag=00FF\nContact: <" LYNC_CONTACT ">\nExpires: 28800\n"

/* A NOTIFY in the dialog of `subscribe`, from the peer with tag `from`. */
static StoxSipMessage *notify(const Record *subscribe, const char *method, const char *from,
                              unsigned cseq, const char *extra, const char *body)
{
    const StoxSipView *view = stox_sip_view(subscribe->message);
    g_autofree char *head = g_strdup_printf(
        "%s sip:bob@xgw.contoso.example:5061;transport=tls SIP/2.0\n"
        "Record-Route: " LYNC_ROUTE ";tag=00FF\n"
        "Via: SIP/2.0/TLS 192.0.2.11:5061;branch=z9hG4bK%s%u\nMax-Forwards: 69\n"
        "From: <sip:alice@contoso.example>;tag=%s;epid=5e20cc91f7\n"
        "To: <sip:bob@partner.example>;tag=%s\nCall-ID: %s\nCSeq: %u %s\n"
        "Contact: <" LYNC_CONTACT ">\n%s",
        method, from, cseq, from, view->from_tag, view->call_id, cseq, method, extra);

    return message_new(head, body);
}

static bool receive(Fixture *f, StoxSipMessage *message, uint64_t request)
{
    StoxSipIncoming incoming = {
        .message = message, .request = request, .flow = 7, .hop = &lync_hop};
    bool taken = stox_subscribers_receive(f->subscribers, &incoming, f->now);

    stox_sip_message_unref(message);
    return taken;
}

#define ACTIVE     "Event: presence\nSubscription-State: active;expires=28800\n"
#define TERMINATED "Event: presence\nSubscription-State: terminated;reason=timeout\n"

static void expect_event(Fixture *f, StoxEventKind kind, uint64_t id)
{
    g_autoptr(StoxEvent) event = recorder_take_event(f->recorder, kind);

    g_assert_cmpuint(event->subscription, ==, id);
}

static void expect_notify(Fixture *f, uint64_t id, uint64_t request, StoxSubscriptionState state)
{
    g_autoptr(StoxEvent) event = recorder_take_event(f->recorder, STOX_EVENT_NOTIFY);

    g_assert_cmpuint(event->subscription, ==, id);
    g_assert_cmpuint(event->request, ==, request);
    g_assert_cmpint(event->state, ==, state);
}

static void tick(Fixture *f, int64_t after_ms)
{
    f->now.mono_ms += after_ms;
    stox_subscribers_tick(f->subscribers, f->now);
}

/* Subscribed and notified; the SUBSCRIBE is returned. */
static Record *established(Fixture *f, uint64_t id)
{
    Record *request = subscribe(f, id, 28800);

    answer(f, request, 200, "peer", OK_HEADERS, NULL);
    expect_event(f, STOX_EVENT_SUBSCRIBED, id);
    g_assert_true(receive(f, notify(request, "NOTIFY", "peer", 1, ACTIVE PIDF_TYPE, "<p/>"), 60));
    expect_notify(f, id, 60, STOX_SUBSTATE_ACTIVE);
    return request;
}

/* Time passes until the refresh; the SUBSCRIBE is returned. */
static Record *refresh(Fixture *f)
{
    int64_t at = stox_subscribers_deadline(f->subscribers);

    g_assert_cmpint(at, !=, STOX_NEVER);
    tick(f, at - f->now.mono_ms);
    return recorder_take_request(f->recorder, STOX_SIP_SUBSCRIBE);
}

/* ---- Set-up ---- */

/* P-10, P-171, P-178, P-179 */
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

/* lync.md 4.8: ms-piggyback-first-notify */
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

/* ---- NOTIFY details ---- */

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

/* ---- Refresh ---- */

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

/* ---- The end ---- */

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

#define ADD(path, function)                                                                        \
    g_test_add("/sip/subscriber/" path, Fixture, NULL, set_up, function, tear_down)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("P-10-P-11-subscribe", test_subscribe);
    ADD("gruu-on-simple-hops", test_gruu_on_simple_hops);
    ADD("P-20-notify", test_notify);
    ADD("P-14-notify-before-2xx", test_notify_before_2xx);
    ADD("P-16-fork", test_fork);
    ADD("P-15-V-46-timer-n", test_timer_n);
    ADD("body-in-2xx", test_body_in_2xx);
    ADD("initial-failure", test_initial_failure);
    ADD("initial-timeout", test_initial_timeout);
    ADD("P-32-423", test_423);
    ADD("notify-refused-here", test_notify_refused_here);
    ADD("P-19-out-of-order", test_out_of_order);
    ADD("P-91-unknown-state", test_unknown_state);
    ADD("P-28-terminated", test_terminated);
    ADD("benotify", test_benotify);
    ADD("P-21-P-90-refresh", test_refresh);
    ADD("refresh-notify-first", test_refresh_notify_first);
    ADD("P-180-refresh-spread", test_refresh_spread);
    ADD("P-34-refresh-ends-dialog", test_refresh_ends_dialog);
    ADD("P-35-refresh-fails-for-now", test_refresh_fails_for_now);
    ADD("retry-after", test_retry_after);
    ADD("tiny-expiry", test_tiny_expiry);
    ADD("P-25-unsubscribe", test_unsubscribe);
    ADD("unsubscribe-no-last-notify", test_unsubscribe_no_last_notify);
    ADD("unsubscribe-fails", test_unsubscribe_fails);
    ADD("unsubscribe-during-refresh", test_unsubscribe_during_refresh);
    ADD("unsubscribe-before-2xx", test_unsubscribe_before_2xx);
    ADD("P-160-fetch", test_fetch);
    ADD("fetch-silent", test_fetch_silent);
    ADD("fetch-active", test_fetch_active);
    return g_test_run();
}
