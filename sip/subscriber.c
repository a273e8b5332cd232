/* SPDX-License-Identifier: MIT */
/* We subscribe: the dialogs by which XMPP users watch SIP users (RFC 6665 s4.1; rows P-10 to P-41, P-80 to P-92, P-160). */
#include "sip/answer.h"
#include "sip/convert.h"
#include "sip/subscriber-private.h"

#include <string.h>

enum {
    TIMER_N_MS = 32000, /* RFC 6665 s4.1.2.4 */
    DEFAULT_EXPIRES_S = 3600,
    MAX_EXPIRES_S = 30 * 24 * 3600,
    MIN_REFRESH_MS = 10000, /* no peer makes us refresh faster */
    MAX_RETRY_MS = 300000
};

static void subscriber_free(gpointer data)
{
    StoxSubscriber *subscriber = data;

    stox_dialog_free(subscriber->dialog);
    g_free(subscriber->key);
    g_free(subscriber->to_uri);
    g_clear_pointer(&subscriber->accept, g_ref_string_release);
    g_clear_pointer(&subscriber->require, g_ref_string_release);
    g_clear_pointer(&subscriber->content_type, g_ref_string_release);
    g_clear_pointer(&subscriber->body, g_bytes_unref);
    g_free(subscriber);
}

StoxSubscribers *stox_subscribers_new(const char *fqdn, const StoxSipOps *ops, void *user)
{
    StoxSubscribers *subscribers = g_new0(StoxSubscribers, 1);

    subscribers->fqdn = g_strdup(fqdn);
    subscribers->ops = ops;
    subscribers->user = user;
    subscribers->who = (StoxAnswerer){ops, user, subscribers->fqdn};
    subscribers->by_id = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, subscriber_free);
    subscribers->by_dialog = g_hash_table_new(g_str_hash, g_str_equal);
    subscribers->flows = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    subscribers->timers = stox_timers_new();
    return subscribers;
}

void stox_subscribers_free(StoxSubscribers *subscribers)
{
    if (!subscribers)
        return;
    g_hash_table_unref(subscribers->by_dialog);
    g_hash_table_unref(subscribers->by_id);
    g_hash_table_unref(subscribers->flows);
    stox_timers_free(subscribers->timers);
    g_free(subscribers->fqdn);
    g_free(subscribers);
}

/* ---- Table ---- */

static void unlist(StoxSubscribers *subscribers, StoxSubscriber *subscriber)
{
    if (subscriber->key &&
        g_hash_table_lookup(subscribers->by_dialog, subscriber->key) == subscriber)
        g_hash_table_remove(subscribers->by_dialog, subscriber->key);
    g_clear_pointer(&subscriber->key, g_free);
}

/* Under Call-ID and our tag until the far side has given a tag, then under all three: forks find nothing (P-16). */
void stox_subscriber_list(StoxSubscribers *subscribers, StoxSubscriber *subscriber)
{
    unlist(subscribers, subscriber);
    subscriber->key = stox_dialog_key_of(subscriber->dialog);
    g_hash_table_replace(subscribers->by_dialog, subscriber->key, subscriber);
}

static void forget(StoxSubscribers *subscribers, StoxSubscriber *subscriber)
{
    stox_timers_set(subscribers->timers, &subscriber->timer, STOX_NEVER);
    unlist(subscribers, subscriber);
    g_hash_table_remove(subscribers->by_id, &subscriber->id);
}

static void lost(StoxSubscribers *subscribers, StoxSubscriber *subscriber, StoxTime now)
{
    stox_subscriber_disproved(subscribers, subscriber, now);
    if (!subscriber->dead) {
        StoxEvent *event = stox_event_new(STOX_EVENT_SUBSCRIPTION_LOST);

        event->subscription = subscriber->id;
        subscribers->ops->event(subscribers->user, event);
    }
    forget(subscribers, subscriber);
}

/* ---- Requests ---- */

void stox_subscriber_send(StoxSubscribers *subscribers, StoxSubscriber *subscriber,
                          int64_t expires_s)
{
    StoxSipBuilder *builder = stox_dialog_request(subscriber->dialog, STOX_SIP_SUBSCRIBE, 0);
    StoxSipTarget target = stox_dialog_target(subscriber->dialog);
    StoxOwner owner = {
        .kind = STOX_OWNER_SUBSCRIBER, .id = subscriber->id, .cookie = ++subscriber->serial};

    /* The way to a first request is the hop's, whatever the name in it. */
    if (!subscriber->dialog->established)
        target.uri = NULL;
    stox_dialog_add_contact(subscriber->dialog, builder, !subscriber->dialog->hop->lync);
    stox_sip_builder_add(builder, "Event", "presence");
    /* P-179 */
    stox_sip_builder_add(builder, "Accept",
                         subscriber->accept ? subscriber->accept : "application/pidf+xml");
    stox_sip_builder_add(builder, "Require", subscriber->require);
    if (subscriber->require) /* RFC 4662 s4.1; what is required here are lists */
        stox_sip_builder_add(builder, "Supported", "eventlist");
    stox_sip_builder_addf(builder, "Expires", "%" G_GINT64_FORMAT, expires_s);
    stox_sip_builder_add(builder, "Allow-Events", "presence");
    stox_sip_builder_body(builder, subscriber->content_type, subscriber->body);
    subscriber->sent_expires_s = expires_s;
    subscriber->busy = true;
    subscriber->notified = false;
    subscribers->ops->request(subscribers->user, builder, &target, owner);
}

/* Expires 0; the final NOTIFY, or Timer N, takes the rest away (P-25, P-26). */
static void send_goodbye(StoxSubscribers *subscribers, StoxSubscriber *subscriber, StoxTime now)
{
    subscriber->goodbye_sent = true;
    stox_subscriber_send(subscribers, subscriber, 0);
    stox_timers_set(subscribers->timers, &subscriber->timer, now.mono_ms + 2 * TIMER_N_MS);
}

static GRefString *shared(const char *text)
{
    return text ? g_ref_string_new_intern(text) : NULL;
}

void stox_subscribers_subscribe(StoxSubscribers *subscribers, const StoxAction *action,
                                const StoxSipHop *hop, StoxTime now)
{
    g_autofree char *call_id = NULL;
    g_autofree char *tag = NULL;
    StoxSubscriber *subscriber;

    if (g_hash_table_contains(subscribers->by_id, &action->subscription))
        return;
    call_id = subscribers->ops->token(subscribers->user);
    tag = subscribers->ops->token(subscribers->user);
    subscriber = g_new0(StoxSubscriber, 1);
    subscriber->id = action->subscription;
    subscriber->asked_s = CLAMP(action->expires_s, 0, MAX_EXPIRES_S);
    subscriber->fetch = subscriber->asked_s == 0;
    subscriber->initial = true;
    subscriber->expires_ms = STOX_NEVER;
    subscriber->to_uri = g_strdup(action->to_uri);
    subscriber->accept = shared(action->accept);
    subscriber->require = shared(action->require);
    subscriber->content_type = shared(action->content_type);
    subscriber->body = action->body ? g_bytes_ref(action->body) : NULL;
    subscriber->dialog =
        stox_dialog_new_uac(hop, call_id, tag, action->display, action->from_uri, action->to_uri);
    g_hash_table_insert(subscribers->by_id, &subscriber->id, subscriber);
    stox_subscriber_list(subscribers, subscriber);
    stox_subscriber_send(subscribers, subscriber, subscriber->asked_s);
}

void stox_subscribers_unsubscribe(StoxSubscribers *subscribers, const StoxAction *action,
                                  StoxTime now)
{
    StoxSubscriber *subscriber = g_hash_table_lookup(subscribers->by_id, &action->subscription);

    if (!subscriber || subscriber->dead)
        return;
    subscriber->dead = true;
    stox_subscriber_pass_on(subscribers, subscriber, now);
    if (!subscriber->fetch && subscriber->dialog->established)
        send_goodbye(subscribers, subscriber, now);
    else
        /* Nothing to end yet; the answer that makes a dialog will be followed by the goodbye. */
        stox_timers_set(subscribers->timers, &subscriber->timer, now.mono_ms + 2 * TIMER_N_MS);
}

/* ---- Time ---- */

/* 80 to 90 % of what was granted, the same for one id, so that many do not refresh at once (P-21, P-180). */
static int64_t refresh_after_ms(const StoxSubscriber *subscriber, int64_t granted_s)
{
    uint64_t spread = (subscriber->id * G_GUINT64_CONSTANT(0x9e3779b97f4a7c15)) >> 32;

    return MAX(granted_s * (800 + (int64_t) (spread % 101)), MIN_REFRESH_MS);
}

void stox_subscriber_arm(StoxSubscribers *subscribers, StoxSubscriber *subscriber)
{
    int64_t at = MIN(subscriber->expires_ms,
                     subscriber->notify_by_ms ? subscriber->notify_by_ms : STOX_NEVER);

    if (subscriber->prove_by_ms)
        at = MIN(at, subscriber->prove_by_ms);

    if (subscriber->dead)
        return;
    if (!subscriber->busy && subscriber->refresh_ms)
        at = MIN(at, subscriber->refresh_ms);
    stox_timers_set(subscribers->timers, &subscriber->timer, at);
}

static void granted(StoxSubscriber *subscriber, int64_t expires_s, StoxTime now)
{
    expires_s = CLAMP(expires_s, 0, MAX_EXPIRES_S);
    subscriber->granted = true;
    subscriber->expires_ms = now.mono_ms + MAX(1000 * expires_s, MIN_REFRESH_MS + 1);
    subscriber->refresh_ms = now.mono_ms + refresh_after_ms(subscriber, expires_s);
}

int64_t stox_subscribers_deadline(const StoxSubscribers *subscribers)
{
    return stox_timers_next(subscribers->timers);
}

static void due(StoxSubscribers *subscribers, StoxSubscriber *subscriber, StoxTime now)
{
    bool no_notify = subscriber->notify_by_ms && subscriber->notify_by_ms <= now.mono_ms;
    bool no_sign = subscriber->prove_by_ms && subscriber->prove_by_ms <= now.mono_ms;

    if (subscriber->dead || no_notify || no_sign || subscriber->expires_ms <= now.mono_ms) {
        /* P-15, V-46; or nothing has refreshed it in time. */
        lost(subscribers, subscriber, now);
        return;
    }
    if (!subscriber->busy && subscriber->refresh_ms && subscriber->refresh_ms <= now.mono_ms) {
        subscriber->raised = false;
        if (subscriber->initial)
            stox_subscriber_replace_dialog(subscribers, subscriber);
        stox_subscriber_send(subscribers, subscriber, subscriber->asked_s);
    }
    stox_subscriber_arm(subscribers, subscriber);
}

void stox_subscribers_tick(StoxSubscribers *subscribers, StoxTime now)
{
    StoxTimer *timer;

    while ((timer = stox_timers_due(subscribers->timers, now.mono_ms)))
        due(subscribers, (StoxSubscriber *) timer, now);
}

size_t stox_subscribers_count(const StoxSubscribers *subscribers)
{
    return g_hash_table_size(subscribers->by_id);
}

/* ---- NOTIFY ---- */

/* P-91: what we do not know counts as pending. */
static StoxSubscriptionState state_of(const StoxSipView *view)
{
    if (!view->sub_state || g_ascii_strcasecmp(view->sub_state, "active") == 0)
        return STOX_SUBSTATE_ACTIVE;
    if (g_ascii_strcasecmp(view->sub_state, "terminated") == 0)
        return STOX_SUBSTATE_TERMINATED;
    return STOX_SUBSTATE_PENDING;
}

static void tell_notify(StoxSubscribers *subscribers, const StoxSubscriber *subscriber,
                        const StoxSipView *view, uint64_t request, StoxSubscriptionState state)
{
    StoxEvent *event = stox_event_new(STOX_EVENT_NOTIFY);

    event->subscription = subscriber->id;
    event->request = request;
    event->state = state;
    event->reason = g_strdup(view->sub_reason);
    event->retry_after_s = (unsigned) CLAMP(view->sub_retry_after_s, 0, MAX_EXPIRES_S);
    event->expires_s = MAX(view->sub_expires_s, 0);
    event->content_type = g_strdup(view->content_type);
    event->body = view->body ? g_bytes_ref(view->body) : NULL;
    event->lang = g_strdup(view->content_language); /* P-139 */
    subscribers->ops->event(subscribers->user, event);
}

/* The gateway has no name for it any more: answered here. */
static void take_last_words(StoxSubscribers *subscribers, StoxSubscriber *subscriber,
                            const StoxSipIncoming *incoming, StoxTime now)
{
    stox_answer_ok(&subscribers->who, incoming);
    if (subscriber->fetch || state_of(stox_sip_view(incoming->message)) == STOX_SUBSTATE_TERMINATED)
        forget(subscribers, subscriber);
    else if (!subscriber->goodbye_sent)
        send_goodbye(subscribers, subscriber, now);
}

static void take_notify(StoxSubscribers *subscribers, StoxSubscriber *subscriber,
                        const StoxSipIncoming *incoming, StoxTime now)
{
    const StoxSipView *view = stox_sip_view(incoming->message);
    StoxSubscriptionState state = state_of(view);

    /* A fetch has one NOTIFY, whatever the peer calls it (P-160). */
    if (subscriber->fetch)
        state = STOX_SUBSTATE_TERMINATED;
    tell_notify(subscribers, subscriber, view, incoming->request, state);
    if (state == STOX_SUBSTATE_TERMINATED) {
        stox_subscriber_pass_on(subscribers, subscriber, now);
        forget(subscribers, subscriber);
        return;
    }
    subscriber->notified = true;
    subscriber->notify_by_ms = 0;
    stox_subscriber_proved(subscribers, subscriber);
    /* P-20, P-90 */
    if (view->sub_expires_s >= 0)
        granted(subscriber, view->sub_expires_s, now);
    else if (!subscriber->granted && !subscriber->busy)
        granted(subscriber, DEFAULT_EXPIRES_S, now);
    stox_subscriber_arm(subscribers, subscriber);
}

static StoxSubscriber *find(StoxSubscribers *subscribers, const StoxSipMessage *message)
{
    const StoxSipView *view = stox_sip_view(message);
    g_autofree char *key = stox_dialog_key_incoming(message);
    g_autofree char *half = NULL;
    StoxSubscriber *subscriber;

    if (!key)
        return NULL;
    subscriber = g_hash_table_lookup(subscribers->by_dialog, key);
    if (subscriber)
        return subscriber;
    /* P-14: the NOTIFY may be faster than the 2xx. */
    half = stox_dialog_key(view->call_id, view->to_tag, NULL);
    subscriber = g_hash_table_lookup(subscribers->by_dialog, half);
    return subscriber && !subscriber->dialog->established ? subscriber : NULL;
}

bool stox_subscribers_receive(StoxSubscribers *subscribers, const StoxSipIncoming *incoming,
                              StoxTime now)
{
    const StoxSipView *view = stox_sip_view(incoming->message);
    StoxSubscriber *subscriber;

    if (view->method != STOX_SIP_NOTIFY && view->method != STOX_SIP_BENOTIFY)
        return false;
    subscriber = find(subscribers, incoming->message);
    if (!subscriber)
        return false;
    /* P-92: byte for byte, and no id, as we gave none. */
    if (!view->event || strcmp(view->event, "presence") != 0 || view->event_id) {
        stox_answer_refuse(&subscribers->who, incoming, 489, STOX_DIAG_EVENT_UNSUPPORTED, NULL,
                           NULL);
        return true;
    }
    if (!stox_answer_acceptable(&subscribers->who, incoming))
        return true;
    /* RFC 6665 s4.1.3 */
    if (!view->sub_state) {
        stox_answer_refuse(&subscribers->who, incoming, 400, STOX_DIAG_MALFORMED, NULL, NULL);
        return true;
    }
    if (!subscriber->dialog->established) {
        if (!stox_dialog_establish(subscriber->dialog, incoming->message, incoming->flow)) {
            stox_answer_refuse(&subscribers->who, incoming, 400, STOX_DIAG_MALFORMED, NULL, NULL);
            return true;
        }
        stox_subscriber_list(subscribers, subscriber);
    }
    /* P-19 */
    if (!stox_answer_in_order(&subscribers->who, incoming, subscriber->dialog))
        return true;
    stox_dialog_refresh_target(subscriber->dialog, incoming->message, incoming->flow);
    if (subscriber->dead)
        take_last_words(subscribers, subscriber, incoming, now);
    else
        take_notify(subscribers, subscriber, incoming, now);
    return true;
}

/* ---- Answers ---- */

static void take_dialog(StoxSubscribers *subscribers, StoxSubscriber *subscriber,
                        StoxSipMessage *response, uint64_t flow)
{
    const StoxSipView *view = stox_sip_view(response);
    StoxDialog *dialog = subscriber->dialog;

    if (!dialog->established) {
        /* A 2xx without usable Contact makes none; the NOTIFY will. */
        if (stox_dialog_establish(dialog, response, flow))
            stox_subscriber_list(subscribers, subscriber);
    } else if (stox_dialog_is_remote_tag(dialog, view->to_tag)) {
        stox_dialog_refresh_target(dialog, response, flow);
    }
}

static void tell_subscribed(StoxSubscribers *subscribers, const StoxSubscriber *subscriber,
                            StoxSipMessage *response, int64_t expires_s)
{
    StoxEvent *event = stox_event_new(STOX_EVENT_SUBSCRIBED);

    event->subscription = subscriber->id;
    event->expires_s = expires_s;
    stox_sip_result_from_response(&event->result, response, STOX_SIP_ANSWERED);
    subscribers->ops->event(subscribers->user, event);
}

/* P-11: 200 and 202 are the same. */
static void accepted(StoxSubscribers *subscribers, StoxSubscriber *subscriber,
                     StoxSipMessage *response, uint64_t flow, StoxTime now)
{
    const StoxSipView *view = stox_sip_view(response);
    int64_t expires_s = view->expires_s >= 0 ? MIN(view->expires_s, subscriber->sent_expires_s)
                                             : subscriber->sent_expires_s;
    bool early = subscriber->initial && subscriber->notified;
    StoxSubscriptionState state = subscriber->fetch ? STOX_SUBSTATE_TERMINATED : state_of(view);

    take_dialog(subscribers, subscriber, response, flow);
    subscriber->initial = false;
    stox_subscriber_proved(subscribers, subscriber);
    if (subscriber->dead) {
        if (!subscriber->fetch && !subscriber->goodbye_sent && subscriber->dialog->established)
            send_goodbye(subscribers, subscriber, now);
        else
            stox_timers_set(subscribers->timers, &subscriber->timer, now.mono_ms + TIMER_N_MS);
        return;
    }
    /* A NOTIFY that came before has already said how long it lasts (P-20). */
    if (!subscriber->fetch && !(early && subscriber->granted))
        granted(subscriber, expires_s, now);
    tell_subscribed(subscribers, subscriber, response, expires_s);
    if (view->body) {
        /* ms-piggyback-first-notify: the 2xx is the NOTIFY too (lync.md 4.8). */
        tell_notify(subscribers, subscriber, view, 0, state);
        if (state == STOX_SUBSTATE_TERMINATED) {
            forget(subscribers, subscriber);
            return;
        }
        subscriber->notified = true;
    } else if (!subscriber->notified) {
        subscriber->notify_by_ms = now.mono_ms + TIMER_N_MS;
    }
    stox_subscriber_arm(subscribers, subscriber);
}

/* The dialog does not outlive these: P-31, P-33, P-34. */
static bool ends_dialog(unsigned status)
{
    return status == 403 || status == 603 || stox_answer_ends_subscription(status);
}

static void failed(StoxSubscribers *subscribers, StoxSubscriber *subscriber,
                   StoxSipMessage *response, StoxSipFate fate, StoxTime now)
{
    StoxEvent *event;
    bool keep;

    if (!response || ends_dialog(stox_sip_view(response)->status))
        stox_subscriber_disproved(subscribers, subscriber, now);
    if (!response && subscriber->prove_by_ms > now.mono_ms) {
        stox_subscriber_elsewhere(subscribers, subscriber, now);
        return;
    }
    event = stox_event_new(STOX_EVENT_SUBSCRIBE_FAILED);
    stox_sip_result_from_response(&event->result, response, fate);
    keep = !subscriber->initial && subscriber->expires_ms > now.mono_ms &&
           !(response && ends_dialog(event->result.status));
    event->subscription = subscriber->id;
    event->initial = subscriber->initial;
    event->keep = keep;
    if (keep) {
        /* P-35: again before it expires. */
        int64_t wait =
            CLAMP((subscriber->expires_ms - now.mono_ms) / 2, MIN_REFRESH_MS, MAX_RETRY_MS);

        if (subscriber->prove_by_ms)
            wait = MIN_REFRESH_MS;
        subscriber->refresh_ms =
            now.mono_ms + MAX(wait, 1000 * (int64_t) event->result.retry_after_s);
        stox_subscriber_arm(subscribers, subscriber);
    }
    subscribers->ops->event(subscribers->user, event);
    if (!keep)
        forget(subscribers, subscriber);
}

void stox_subscribers_response(StoxSubscribers *subscribers, StoxOwner owner,
                               StoxSipMessage *response, StoxSipFate fate, uint64_t flow,
                               StoxTime now)
{
    StoxSubscriber *subscriber = g_hash_table_lookup(subscribers->by_id, &owner.id);
    const StoxSipView *view = response ? stox_sip_view(response) : NULL;

    /* Only the newest SUBSCRIBE counts: a goodbye may have overtaken a refresh. */
    if (!subscriber || owner.cookie != subscriber->serial || (view && view->status < 200))
        return;
    subscriber->busy = false;
    if (view && view->status < 300) {
        accepted(subscribers, subscriber, response, flow, now);
    } else if (view && view->status == 423 && !subscriber->raised && !subscriber->dead &&
               !subscriber->fetch && view->min_expires_s > subscriber->sent_expires_s &&
               view->min_expires_s <= MAX_EXPIRES_S) {
        /* P-32 */
        subscriber->raised = true;
        subscriber->asked_s = view->min_expires_s;
        stox_subscriber_send(subscribers, subscriber, subscriber->asked_s);
        stox_subscriber_arm(subscribers, subscriber);
    } else if (subscriber->dead) {
        forget(subscribers, subscriber);
    } else {
        failed(subscribers, subscriber, response, fate, now);
    }
}
