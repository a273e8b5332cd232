/* SPDX-License-Identifier: MIT */
#include "tests/unit/sip/subscriber-fixture.h"

#include <string.h>

void set_up(Fixture *f, gconstpointer data)
{
    f->recorder = recorder_new();
    f->subscribers = stox_subscribers_new("xgw.contoso.example", &recorder_ops, f->recorder);
    f->now = (StoxTime){.mono_ms = 1000000, .wall_ms = 1767225600000};
}

void tear_down(Fixture *f, gconstpointer data)
{
    recorder_none(f->recorder);
    stox_subscribers_free(f->subscribers);
    recorder_free(f->recorder);
}

Record *subscribe_on(Fixture *f, const StoxSipHop *hop, uint64_t id, int64_t expires_s)
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

Record *subscribe(Fixture *f, uint64_t id, int64_t expires_s)
{
    return subscribe_on(f, &lync_hop, id, expires_s);
}

void unsubscribe(Fixture *f, uint64_t id)
{
    g_autoptr(StoxAction) action = stox_action_new(STOX_ACTION_UNSUBSCRIBE);

    action->subscription = id;
    stox_subscribers_unsubscribe(f->subscribers, action, f->now);
}

void answer(Fixture *f, const Record *request, unsigned status, const char *tag, const char *extra,
            const char *body)
{
    g_autoptr(StoxSipMessage) response = response_new(request, status, tag, extra, body);

    stox_subscribers_response(f->subscribers, request->owner, response, STOX_SIP_ANSWERED, 7,
                              f->now);
}

StoxSipMessage *notify(const Record *subscribe, const char *method, const char *from, unsigned cseq,
                       const char *extra, const char *body)
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

bool receive(Fixture *f, StoxSipMessage *message, uint64_t request)
{
    StoxSipIncoming incoming = {
        .message = message, .request = request, .flow = 7, .hop = &lync_hop};
    bool taken = stox_subscribers_receive(f->subscribers, &incoming, f->now);

    stox_sip_message_unref(message);
    return taken;
}

void expect_event(Fixture *f, StoxEventKind kind, uint64_t id)
{
    g_autoptr(StoxEvent) event = recorder_take_event(f->recorder, kind);

    g_assert_cmpuint(event->subscription, ==, id);
}

void expect_notify(Fixture *f, uint64_t id, uint64_t request, StoxSubscriptionState state)
{
    g_autoptr(StoxEvent) event = recorder_take_event(f->recorder, STOX_EVENT_NOTIFY);

    g_assert_cmpuint(event->subscription, ==, id);
    g_assert_cmpuint(event->request, ==, request);
    g_assert_cmpint(event->state, ==, state);
}

void tick(Fixture *f, int64_t after_ms)
{
    f->now.mono_ms += after_ms;
    stox_subscribers_tick(f->subscribers, f->now);
}

Record *established(Fixture *f, uint64_t id)
{
    Record *request = subscribe(f, id, 28800);

    answer(f, request, 200, "peer", OK_HEADERS, NULL);
    expect_event(f, STOX_EVENT_SUBSCRIBED, id);
    g_assert_true(receive(f, notify(request, "NOTIFY", "peer", 1, ACTIVE PIDF_TYPE, "<p/>"), 60));
    expect_notify(f, id, 60, STOX_SUBSTATE_ACTIVE);
    return request;
}

Record *refresh(Fixture *f)
{
    int64_t at = stox_subscribers_deadline(f->subscribers);

    g_assert_cmpint(at, !=, STOX_NEVER);
    tick(f, at - f->now.mono_ms);
    return recorder_take_request(f->recorder, STOX_SIP_SUBSCRIBE);
}
