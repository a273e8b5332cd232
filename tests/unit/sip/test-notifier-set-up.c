/* SPDX-License-Identifier: MIT */
/* SUBSCRIBE to us: rows P-50, P-51, P-92, P-170 to P-178; lync.md 4.8, 7.5. The clock is written down. */
#include "tests/unit/sip/notifier-fixture.h"

#include <string.h>

/* lync.md 7.5, P-50, P-170 to P-174, P-178 */
static void test_subscribe(Fixture *f, gconstpointer data)
{
    g_autoptr(StoxSipMessage) message = request_new(
        "SUBSCRIBE", "c1", NULL, 1,
        /* lync.md 4.8b-require, lync.md 4.8b-proxy-require: neither is refused */
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
    g_assert_cmpstr(event->content_type, ==, "application/msrtc-adrl-categorylist+xml");
    g_assert_cmpuint(g_bytes_get_size(event->body), ==, strlen("<batchSub/>"));
    g_assert_false(event->refresh);

    ok = accept_subscription(f, event->subscription, 50, 28800);
    view = stox_sip_view(ok->message);
    g_assert_cmpint(view->expires_s, ==, 600);
    g_assert_nonnull(view->to_tag);
    /* lync.md 4.8b-contact */
    g_assert_cmpstr(view->contact_uri, ==, "sip:bob@xgw.contoso.example:5061;transport=tls");
    /* lync.md 4.8b-supported: nothing of what it offers is taken up */
    g_assert_null(view->supported);
    g_assert_null(view->event);
    g_assert_cmpstr(header(ok->message, "Allow-Events"), ==, "presence");
    g_assert_cmpstr(header(ok->message, "Record-Route"), ==, LYNC_ROUTE ";tag=00FF");

    f->now.mono_ms += 1500;
    notify(f, event->subscription, STOX_SUBSTATE_PENDING, NULL, NULL);
    first = expect_notify(f, "pending;expires=599", "");
    /* P-115: to the remote target of the dialog, To is the watcher. */
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

    /* lync.md 4.8b-expires */
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
        /* lync.md 4.8b-min-expires */
        {"presence.wpending", "Event: presence.wpending\n", 489, STOX_DIAG_EVENT_UNSUPPORTED,
         "Allow-Events", "presence"}, /* lync.md 4.8c-wpending */
        {"P-51 too short", EVENT "Expires: 59\n", 423, STOX_DIAG_INTERVAL_TOO_SHORT, "Min-Expires",
         "60"},
        {"P-51 shortest of all", EVENT "Expires: 1\n", 423, STOX_DIAG_INTERVAL_TOO_SHORT,
         "Min-Expires", "60"},
        {"Expires is a word", EVENT "Expires: soon\n", 400, STOX_DIAG_MALFORMED, "Min-Expires",
         NULL},
        {"Expires is negative", EVENT "Expires: -5\n", 400, STOX_DIAG_MALFORMED, "Min-Expires",
         NULL},
        {"Expires is a date", EVENT "Expires: Thu, 01 Jan 2026 00:00:00 GMT\n", 400,
         STOX_DIAG_MALFORMED, "Min-Expires", NULL},
        {"Expires is empty", EVENT "Expires: \n", 400, STOX_DIAG_MALFORMED, "Min-Expires", NULL},
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
    g_assert_cmpstr(header(response->message, "Accept"), ==,
                    "application/msrtc-event-categories+xml, application/pidf+xml");
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
    ADD("P-164-poll", test_poll);
    return g_test_run();
}
