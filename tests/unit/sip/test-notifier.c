/* SPDX-License-Identifier: MIT */
/* We notify: rows P-50, P-51, P-56 to P-60, P-164, P-170 to P-178; lync.md 4.8, 7.5. The clock is written down. */
#include "tests/unit/sip/recorder.h"

#include "sip/subscription.h"
#include "translation/error.h"

#include <string.h>

#define EVENT "Event: presence\n"

typedef struct {
    Recorder *recorder;
    StoxNotifiers *notifiers;
    StoxTime now;
} Fixture;

static void set_up(Fixture *f, gconstpointer data)
{
    f->recorder = recorder_new();
    f->notifiers = stox_notifiers_new("xgw.contoso.example", 3, &recorder_ops, f->recorder);
    f->now = (StoxTime){.mono_ms = 1000000, .wall_ms = 1767225600000};
}

static void tear_down(Fixture *f, gconstpointer data)
{
    recorder_none(f->recorder);
    stox_notifiers_free(f->notifiers);
    recorder_free(f->recorder);
}

/* ---- Steps ---- */

static bool receive(Fixture *f, StoxSipMessage *message, uint64_t request)
{
    StoxSipIncoming incoming = {
        .message = message, .request = request, .flow = 7, .hop = &lync_hop};
    bool taken = stox_notifiers_receive(f->notifiers, &incoming, f->now);

    stox_sip_message_unref(message);
    return taken;
}

static Record *accept_subscription(Fixture *f, uint64_t id, uint64_t request, int64_t expires_s)
{
    g_autoptr(StoxAction) action = stox_action_new(STOX_ACTION_SUBSCRIPTION_ACCEPT);

    action->subscription = id;
    action->request = request;
    action->expires_s = expires_s;
    stox_notifiers_accept(f->notifiers, action, f->now);
    return recorder_take_response(f->recorder, 200);
}

static void notify(Fixture *f, uint64_t id, StoxSubscriptionState state, const char *reason,
                   const char *body)
{
    g_autoptr(StoxAction) action = stox_action_new(STOX_ACTION_NOTIFY);

    action->subscription = id;
    action->state = state;
    action->reason = g_strdup(reason);
    if (body) {
        action->content_type = g_strdup("application/pidf+xml");
        action->body = g_bytes_new_static(body, strlen(body));
    }
    stox_notifiers_notify(f->notifiers, action, f->now);
}

static Record *expect_notify(Fixture *f, const char *state, const char *body)
{
    Record *record = recorder_take_request(f->recorder, STOX_SIP_NOTIFY);
    g_autofree char *text = body_text(record->message);

    g_assert_cmpstr(header(record->message, "Subscription-State"), ==, state);
    g_assert_cmpstr(text, ==, body);
    return record;
}

static void answer(Fixture *f, const Record *request, unsigned status, const char *extra)
{
    g_autoptr(StoxSipMessage) response = response_new(request, status, NULL, extra, NULL);

    stox_notifiers_response(f->notifiers, request->owner, response, STOX_SIP_ANSWERED, 7, f->now);
}

static void tick(Fixture *f, int64_t after_ms)
{
    f->now.mono_ms += after_ms;
    stox_notifiers_tick(f->notifiers, f->now);
}

/* A SUBSCRIBE arrives and the gateway is asked. */
static uint64_t asked(Fixture *f, StoxSipMessage *message, uint64_t request, bool refresh,
                      int64_t expires_s)
{
    g_autoptr(StoxEvent) event = NULL;

    g_assert_true(receive(f, message, request));
    event = recorder_take_event(f->recorder, STOX_EVENT_SIP_SUBSCRIBE);
    g_assert_cmpuint(event->request, ==, request);
    g_assert_cmpint(event->refresh, ==, refresh);
    g_assert_cmpint(event->expires_s, ==, expires_s);
    return event->subscription;
}

/* An accepted subscription whose first NOTIFY is answered. The caller frees *ret_tag. */
static uint64_t established(Fixture *f, const char *call_id, const char *extra, char **ret_tag)
{
    g_autofree char *headers = g_strconcat(EVENT "Expires: 3600\n", extra, NULL);
    uint64_t id =
        asked(f, request_new("SUBSCRIBE", call_id, NULL, 1, headers, NULL), 50, false, 3600);
    g_autoptr(Record) ok = accept_subscription(f, id, 50, 28800);
    g_autoptr(Record) first = NULL;

    notify(f, id, STOX_SUBSTATE_ACTIVE, NULL, "<one/>");
    first = expect_notify(f, "active;expires=3600", "<one/>");
    answer(f, first, 200, NULL);
    *ret_tag = g_strdup(stox_sip_view(ok->message)->to_tag);
    return id;
}

static void expect_ended(Fixture *f, uint64_t id)
{
    g_autoptr(StoxEvent) event = recorder_take_event(f->recorder, STOX_EVENT_WATCHER_ENDED);

    g_assert_cmpuint(event->subscription, ==, id);
}

/* ---- Set-up ---- */

/* lync.md 7.5, P-50, P-170 to P-174, P-178 */
static void test_subscribe(Fixture *f, gconstpointer data)
{
    g_autoptr(StoxSipMessage) message = request_new(
        "SUBSCRIBE", "c1", NULL, 1,
        "Event: presence\nExpires: 600\nSupported: ms-benotify\nProxy-Require: ms-benotify\n"
        "Supported: ms-piggyback-first-notify\nRequire: adhoclist, categoryList\n"
        "Supported: eventlist\nAccept: application/msrtc-event-categories+xml\n"
        "Accept: application/pidf+xml\n"
        "Content-Type: application/msrtc-adrl-categorylist+xml\n",
        "<batchSub/>");
    StoxSipIncoming incoming = {.message = message, .request = 50, .flow = 7, .hop = &lync_hop};
    g_autoptr(StoxEvent) event = NULL;
    g_autoptr(Record) ok = NULL;
    g_autoptr(Record) first = NULL;
    const StoxSipView *view;

    g_assert_true(stox_notifiers_receive(f->notifiers, &incoming, f->now));
    event = recorder_take_event(f->recorder, STOX_EVENT_SIP_SUBSCRIBE);
    g_assert_cmpuint(event->subscription % 2, ==, 1);
    g_assert_cmpstr(event->hop, ==, "pool01");
    g_assert_cmpstr(event->from_uri, ==, "sip:alice@contoso.example");
    g_assert_cmpstr(event->request_uri, ==, "sip:bob@partner.example");
    g_assert_cmpstr(event->display, ==, "Alice");
    g_assert_cmpint(event->expires_s, ==, 600);
    g_assert_cmpstr(event->accept, ==,
                    "application/msrtc-event-categories+xml, application/pidf+xml");
    g_assert_false(event->refresh);

    ok = accept_subscription(f, event->subscription, 50, 28800);
    view = stox_sip_view(ok->message);
    g_assert_cmpint(view->expires_s, ==, 600);
    g_assert_nonnull(view->to_tag);
    g_assert_cmpstr(view->contact_uri, ==, "sip:bob@xgw.contoso.example:5061;transport=tls");
    g_assert_null(view->supported);
    g_assert_null(view->event);
    g_assert_cmpstr(header(ok->message, "Allow-Events"), ==, "presence");
    g_assert_cmpstr(header(ok->message, "Record-Route"), ==, LYNC_ROUTE ";tag=00FF");

    f->now.mono_ms += 1500;
    notify(f, event->subscription, STOX_SUBSTATE_PENDING, NULL, NULL);
    first = expect_notify(f, "pending;expires=599", "");
    g_assert_cmpstr(stox_sip_view(first->message)->request_uri, ==, LYNC_CONTACT);
    g_assert_cmpstr(header(first->message, "Route"), ==, LYNC_ROUTE);
    g_assert_cmpstr(stox_sip_view(first->message)->from_uri, ==, "sip:bob@partner.example");
    g_assert_cmpstr(stox_sip_view(first->message)->from_tag, ==, view->to_tag);
    g_assert_cmpstr(header(first->message, "To"), ==,
                    "\"Alice\"<sip:alice@contoso.example>;tag=theirs;epid=5e20cc91f7");
    g_assert_cmpstr(header(first->message, "Event"), ==, "presence");
    g_assert_cmpstr(stox_sip_view(first->message)->contact_uri, ==,
                    "sip:bob@xgw.contoso.example:5061;transport=tls");
    g_assert_cmpuint(stox_sip_view(first->message)->cseq, ==, 1);
    g_assert_null(stox_sip_view(first->message)->content_type);
    g_assert_cmpuint(first->flow, ==, 7);
}

static void test_expires_absent(Fixture *f, gconstpointer data)
{
    uint64_t id = asked(f, request_new("SUBSCRIBE", "c1", NULL, 1, EVENT, NULL), 50, false, -1);
    g_autoptr(Record) ok = accept_subscription(f, id, 50, 28800);

    g_assert_cmpint(stox_sip_view(ok->message)->expires_s, ==, 28800);
}

/* P-92 */
static void test_event_id(Fixture *f, gconstpointer data)
{
    uint64_t id = asked(
        f, request_new("SUBSCRIBE", "c1", NULL, 1, "Event: presence;id=ab7\nExpires: 60\n", NULL),
        50, false, 60);
    g_autoptr(Record) ok = accept_subscription(f, id, 50, 60);
    g_autoptr(Record) first = NULL;

    notify(f, id, STOX_SUBSTATE_ACTIVE, NULL, "<one/>");
    first = expect_notify(f, "active;expires=60", "<one/>");
    g_assert_cmpstr(header(first->message, "Event"), ==, "presence;id=ab7");
    receive(f,
            request_new("SUBSCRIBE", "c1", stox_sip_view(ok->message)->to_tag, 2,
                        EVENT "Expires: 60\n", NULL),
            51);
    record_free(recorder_take_response(f->recorder, 489));
}

static void test_refused_here(Fixture *f, gconstpointer data)
{
    static const struct {
        const char *name, *extra;
        unsigned status, diagnostic;
        const char *header, *value;
    } rows[] = {
        {"P-51 no Event", "Expires: 60\n", 489, STOX_DIAG_EVENT_UNSUPPORTED, "Allow-Events",
         "presence"},
        {"P-51 winfo", "Event: presence.winfo\n", 489, STOX_DIAG_EVENT_UNSUPPORTED, "Allow-Events",
         "presence"},
        {"P-51 vnd-microsoft-roaming", "Event: vnd-microsoft-roaming-self\n", 489,
         STOX_DIAG_EVENT_UNSUPPORTED, "Allow-Events", "presence"},
        {"R-23 Require", EVENT "Require: eventlist, frob\n", 420, STOX_DIAG_EXTENSION_UNSUPPORTED,
         "Unsupported", "frob"},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(Record) response = NULL;
        g_autofree char *start = g_strdup_printf("%u;", rows[i].diagnostic);

        g_test_message("%s", rows[i].name);
        g_assert_true(receive(f, request_new("SUBSCRIBE", "c1", NULL, 1, rows[i].extra, NULL), 50));
        response = recorder_take_response(f->recorder, rows[i].status);
        g_assert_cmpstr(header(response->message, rows[i].header), ==, rows[i].value);
        g_assert_true(g_str_has_prefix(header(response->message, "ms-diagnostics-public"), start));
        recorder_none(f->recorder);
    }
    g_assert_cmpuint(stox_notifiers_count(f->notifiers), ==, 0);
}

static void test_no_contact(Fixture *f, gconstpointer data)
{
    receive(f,
            message_new("SUBSCRIBE sip:bob@partner.example SIP/2.0\n"
                        "Via: SIP/2.0/TLS 192.0.2.11:5061;branch=z9hG4bKx\nMax-Forwards: 69\n"
                        "From: <sip:alice@contoso.example>;tag=theirs\n"
                        "To: <sip:bob@partner.example>\nCall-ID: c1\nCSeq: 1 SUBSCRIBE\n"
                        "Event: presence\n",
                        NULL),
            50);
    record_free(recorder_take_response(f->recorder, 400));
}

/* A Contact to which no NOTIFY could go. */
static void test_unusable_contact(Fixture *f, gconstpointer data)
{
    static const char *const contacts[] = {"sip:alice@", "sip:alice@\xff\xfe.example",
                                           "tel:+15551234", "sip:alice@h:99999"};

    for (unsigned i = 0; i < G_N_ELEMENTS(contacts); i++) {
        g_autofree char *head = g_strdup_printf(
            "SUBSCRIBE sip:bob@partner.example SIP/2.0\n"
            "Via: SIP/2.0/TLS 192.0.2.11:5061;branch=z9hG4bKx\nMax-Forwards: 69\n"
            "From: <sip:alice@contoso.example>;tag=theirs\nTo: <sip:bob@partner.example>\n"
            "Call-ID: c1\nCSeq: 1 SUBSCRIBE\nEvent: presence\nContact: <%s>\n",
            contacts[i]);

        receive(f, message_new(head, NULL), 50);
        record_free(recorder_take_response(f->recorder, 400));
    }
}

static void test_gateway_refuses(Fixture *f, gconstpointer data)
{
    g_autoptr(StoxAction) action = stox_action_new(STOX_ACTION_SIP_RESPOND);
    g_autoptr(Record) response = NULL;

    asked(f, request_new("SUBSCRIBE", "c1", NULL, 1, EVENT "Expires: 60\n", NULL), 50, false, 60);
    action->request = 51;
    stox_sip_result_init(&action->result, 406, STOX_DIAG_NO_FORMAT);
    action->result.accept = true;
    g_assert_false(stox_notifiers_refuse(f->notifiers, action, f->now));
    action->request = 50;
    g_assert_true(stox_notifiers_refuse(f->notifiers, action, f->now));
    response = recorder_take_response(f->recorder, 406);
    g_assert_cmpstr(header(response->message, "Accept"), ==, "application/pidf+xml");
    g_assert_cmpuint(stox_notifiers_count(f->notifiers), ==, 0);
    g_assert_cmpint(stox_notifiers_deadline(f->notifiers), ==, STOX_NEVER);
}

static void test_overload(Fixture *f, gconstpointer data)
{
    g_autoptr(Record) response = NULL;

    for (unsigned i = 0; i < 3; i++) {
        g_autofree char *call_id = g_strdup_printf("c%u", i);

        asked(f, request_new("SUBSCRIBE", call_id, NULL, 1, EVENT, NULL), 50 + i, false, -1);
    }
    receive(f, request_new("SUBSCRIBE", "c9", NULL, 1, EVENT, NULL), 59);
    response = recorder_take_response(f->recorder, 503);
    g_assert_nonnull(header(response->message, "Retry-After"));
}

static void test_gateway_silent(Fixture *f, gconstpointer data)
{
    uint64_t id = asked(f, request_new("SUBSCRIBE", "c1", NULL, 1, EVENT, NULL), 50, false, -1);

    tick(f, 24999);
    recorder_none(f->recorder);
    tick(f, 1);
    record_free(recorder_take_response(f->recorder, 500));
    expect_ended(f, id);
    g_assert_cmpuint(stox_notifiers_count(f->notifiers), ==, 0);
}

/* ---- NOTIFY ---- */

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

/* ---- Refresh ---- */

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
    record_free(recorder_take_response(f->recorder, 500));
    action->request = 51;
    stox_sip_result_init(&action->result, 503, STOX_DIAG_STOPPING);
    g_assert_true(stox_notifiers_refuse(f->notifiers, action, f->now));
    record_free(recorder_take_response(f->recorder, 503));
    g_assert_cmpint(stox_notifiers_deadline(f->notifiers), ==, expires_ms);
    notify(f, id, STOX_SUBSTATE_ACTIVE, NULL, "<two/>");
    record_free(expect_notify(f, "active;expires=3600", "<two/>"));
}

static void test_refresh_wrong(Fixture *f, gconstpointer data)
{
    g_autofree char *tag = NULL;

    established(f, "c1", NULL, &tag);
    /* R-21 */
    g_assert_true(receive(f, request_new("SUBSCRIBE", "c1", tag, 5, "Event: dialog\n", NULL), 51));
    record_free(recorder_take_response(f->recorder, 489));
    g_assert_cmpuint(asked(f, request_new("SUBSCRIBE", "c1", tag, 6, EVENT, NULL), 52, true, -1),
                     !=, 0);
    receive(f, request_new("SUBSCRIBE", "c1", tag, 5, EVENT, NULL), 53);
    record_free(recorder_take_response(f->recorder, 500));
    /* R-24 */
    g_assert_false(receive(f, request_new("SUBSCRIBE", "c1", "other", 7, EVENT, NULL), 54));
    g_assert_false(receive(f, request_new("NOTIFY", "c1", tag, 8, EVENT, NULL), 55));
}

/* ---- The end ---- */

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
    last = expect_notify(f, "terminated;reason=timeout", "<closed/>");
    notify(f, id, STOX_SUBSTATE_ACTIVE, NULL, "<late/>");
    g_assert_cmpuint(stox_notifiers_count(f->notifiers), ==, 1);
    answer(f, last, 200, NULL);
    g_assert_cmpuint(stox_notifiers_count(f->notifiers), ==, 0);
    g_assert_cmpint(stox_notifiers_deadline(f->notifiers), ==, STOX_NEVER);
}

/* P-164 */
static void test_poll(Fixture *f, gconstpointer data)
{
    uint64_t id =
        asked(f, request_new("SUBSCRIBE", "c1", NULL, 1, EVENT "Expires: 0\n", NULL), 50, false, 0);
    g_autoptr(Record) ok = accept_subscription(f, id, 50, 28800);
    g_autoptr(Record) last = NULL;

    g_assert_cmpint(stox_sip_view(ok->message)->expires_s, ==, 0);
    notify(f, id, STOX_SUBSTATE_TERMINATED, "timeout", NULL);
    last = expect_notify(f, "terminated;reason=timeout", "");
    stox_notifiers_response(f->notifiers, last->owner, NULL, STOX_SIP_TIMEOUT, 0, f->now);
    g_assert_cmpuint(stox_notifiers_count(f->notifiers), ==, 0);
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

#define ADD(path, function)                                                                        \
    g_test_add("/sip/notifier/" path, Fixture, NULL, set_up, function, tear_down)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("P-50-subscribe", test_subscribe);
    ADD("expires-absent", test_expires_absent);
    ADD("P-92-event-id", test_event_id);
    ADD("P-51-refused-here", test_refused_here);
    ADD("no-contact", test_no_contact);
    ADD("unusable-contact", test_unusable_contact);
    ADD("gateway-refuses", test_gateway_refuses);
    ADD("overload", test_overload);
    ADD("gateway-silent", test_gateway_silent);
    ADD("P-56-coalesce", test_coalesce);
    ADD("target-refresh-by-answer", test_target_refresh_by_answer);
    ADD("P-60-notify-fails", test_notify_fails);
    ADD("notify-fails-for-now", test_notify_fails_for_now);
    ADD("P-57-refresh", test_refresh);
    ADD("refresh-refused", test_refresh_refused);
    ADD("refresh-wrong", test_refresh_wrong);
    ADD("P-58-unsubscribe", test_unsubscribe);
    ADD("P-164-poll", test_poll);
    ADD("P-54-rejected-while-busy", test_rejected_while_busy);
    ADD("P-64-probation", test_probation);
    ADD("P-59-expiry", test_expiry);
    ADD("P-59-expiry-while-busy", test_expiry_while_busy);
    return g_test_run();
}
