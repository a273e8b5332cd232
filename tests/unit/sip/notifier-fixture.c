/* SPDX-License-Identifier: MIT */
#include "tests/unit/sip/notifier-fixture.h"

#include <string.h>

void set_up(Fixture *f, gconstpointer data)
{
    f->recorder = recorder_new();
    f->notifiers = stox_notifiers_new("xgw.contoso.example", 3, &recorder_ops, f->recorder);
    f->now = (StoxTime){.mono_ms = 1000000, .wall_ms = 1767225600000};
}

void tear_down(Fixture *f, gconstpointer data)
{
    recorder_none(f->recorder);
    stox_notifiers_free(f->notifiers);
    recorder_free(f->recorder);
}

bool receive(Fixture *f, StoxSipMessage *message, uint64_t request)
{
    StoxSipIncoming incoming = {
        .message = message, .request = request, .flow = 7, .hop = &lync_hop};
    bool taken = stox_notifiers_receive(f->notifiers, &incoming, f->now);

    stox_sip_message_unref(message);
    return taken;
}

Record *accept_subscription(Fixture *f, uint64_t id, uint64_t request, int64_t expires_s)
{
    g_autoptr(StoxAction) action = stox_action_new(STOX_ACTION_SUBSCRIPTION_ACCEPT);

    action->subscription = id;
    action->request = request;
    action->expires_s = expires_s;
    stox_notifiers_accept(f->notifiers, action, f->now);
    return recorder_take_response(f->recorder, 200);
}

void notify(Fixture *f, uint64_t id, StoxSubscriptionState state, const char *reason,
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

Record *expect_notify(Fixture *f, const char *state, const char *body)
{
    Record *record = recorder_take_request(f->recorder, STOX_SIP_NOTIFY);
    g_autofree char *text = body_text(record->message);

    g_assert_cmpstr(header(record->message, "Subscription-State"), ==, state);
    g_assert_cmpstr(text, ==, body);
    return record;
}

void answer(Fixture *f, const Record *request, unsigned status, const char *extra)
{
    g_autoptr(StoxSipMessage) response = response_new(request, status, NULL, extra, NULL);

    stox_notifiers_response(f->notifiers, request->owner, response, STOX_SIP_ANSWERED, 7, f->now);
}

void tick(Fixture *f, int64_t after_ms)
{
    f->now.mono_ms += after_ms;
    stox_notifiers_tick(f->notifiers, f->now);
}

uint64_t asked(Fixture *f, StoxSipMessage *message, uint64_t request, bool refresh,
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

uint64_t established(Fixture *f, const char *call_id, const char *extra, char **ret_tag)
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

void expect_ended(Fixture *f, uint64_t id)
{
    g_autoptr(StoxEvent) event = recorder_take_event(f->recorder, STOX_EVENT_WATCHER_ENDED);

    g_assert_cmpuint(event->subscription, ==, id);
}
