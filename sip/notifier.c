/* SPDX-License-Identifier: MIT */
/* We notify: the dialogs by which SIP users watch XMPP users (RFC 6665 s4.2; rows P-50 to P-60, P-164, P-170 to P-179). */
#include "sip/answer.h"
#include "sip/convert.h"
#include "sip/subscription.h"
#include "sip/timers.h"

#include <string.h>

enum {
    DECIDE_MS =
        25000, /* the gateway answers at once; the peer must have an answer before Timer F */
    LAST_NOTIFY_MS = 32000, /* a granted Expires 0 is followed by the last NOTIFY at once */
    RETRY_MS = 30000,
    MAX_RETRY_MS = 600000,
    MIN_EXPIRES_S = 60, /* refreshing faster only costs */
    MAX_EXPIRES_S = 30 * 24 * 3600
};

/* A NOTIFY that waits or is on its way. */
typedef struct {
    bool set;
    StoxSubscriptionState state;
    char *reason;
    unsigned retry_after_s; /* 0 none */
    char *content_type;
    char *lang; /* Content-Language (P-117); NULL none */
    GBytes *body;
} Document;

typedef struct {
    StoxTimer timer; /* first */
    uint64_t id;     /* key in by_id */
    StoxDialog *dialog;
    char *key;               /* in by_dialog; NULL until accepted */
    char *event_id;          /* echoed in every NOTIFY; NULL none */
    StoxSipMessage *request; /* SUBSCRIBE that waits for the gateway */
    uint64_t request_id;     /* 0: none waits */
    uint64_t request_flow;
    int64_t decide_by_ms;
    int64_t expires_ms; /* valid once accepted */
    int64_t retry_ms;   /* next is not sent before; 0: at once */
    int64_t retry_wait_ms;
    Document next;   /* the newest that is still to be sent (P-56) */
    Document sent;   /* outstanding: sent again when its way failed */
    uint64_t serial; /* of the NOTIFY that is out; owner cookie */
    bool busy;       /* a NOTIFY is out */
    bool ended;      /* the gateway is done with it; only the last NOTIFY is still to leave */
} Watcher;

struct StoxNotifiers {
    char *fqdn;
    size_t max_dialogs;
    const StoxSipOps *ops;
    void *user;
    StoxAnswerer who;
    GHashTable *by_id;      /* id -> Watcher*, owns; the key is inside */
    GHashTable *by_dialog;  /* key -> Watcher* */
    GHashTable *by_request; /* server transaction -> Watcher*; the key is inside */
    StoxTimers *timers;
};

static void document_clear(Document *document)
{
    g_free(document->reason);
    g_free(document->content_type);
    g_free(document->lang);
    g_clear_pointer(&document->body, g_bytes_unref);
    *document = (Document){0};
}

static void watcher_free(gpointer data)
{
    Watcher *watcher = data;

    document_clear(&watcher->next);
    document_clear(&watcher->sent);
    stox_dialog_free(watcher->dialog);
    g_clear_pointer(&watcher->request, stox_sip_message_unref);
    g_free(watcher->key);
    g_free(watcher->event_id);
    g_free(watcher);
}

StoxNotifiers *stox_notifiers_new(const char *fqdn, size_t max_dialogs, const StoxSipOps *ops,
                                  void *user)
{
    StoxNotifiers *notifiers = g_new0(StoxNotifiers, 1);

    notifiers->fqdn = g_strdup(fqdn);
    notifiers->max_dialogs = max_dialogs;
    notifiers->ops = ops;
    notifiers->user = user;
    notifiers->who = (StoxAnswerer){ops, user, notifiers->fqdn};
    notifiers->by_id = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, watcher_free);
    notifiers->by_dialog = g_hash_table_new(g_str_hash, g_str_equal);
    notifiers->by_request = g_hash_table_new(g_int64_hash, g_int64_equal);
    notifiers->timers = stox_timers_new();
    return notifiers;
}

void stox_notifiers_free(StoxNotifiers *notifiers)
{
    if (!notifiers)
        return;
    g_hash_table_unref(notifiers->by_dialog);
    g_hash_table_unref(notifiers->by_request);
    g_hash_table_unref(notifiers->by_id);
    stox_timers_free(notifiers->timers);
    g_free(notifiers->fqdn);
    g_free(notifiers);
}

/* ---- Life ---- */

/* The gateway has answered, or is not asked any more. */
static void forget_request(StoxNotifiers *notifiers, Watcher *watcher)
{
    if (watcher->request_id)
        g_hash_table_remove(notifiers->by_request, &watcher->request_id);
    watcher->request_id = 0;
    g_clear_pointer(&watcher->request, stox_sip_message_unref);
}

static void refuse_pending(StoxNotifiers *notifiers, Watcher *watcher, unsigned status,
                           unsigned diagnostic)
{
    StoxSipIncoming incoming = {.message = watcher->request, .request = watcher->request_id};

    if (watcher->request_id)
        stox_answer_refuse(&notifiers->who, &incoming, status, diagnostic, NULL, NULL);
    forget_request(notifiers, watcher);
}

static void forget(StoxNotifiers *notifiers, Watcher *watcher)
{
    refuse_pending(notifiers, watcher, 481, STOX_DIAG_NO_SUCH_DIALOG);
    stox_timers_set(notifiers->timers, &watcher->timer, STOX_NEVER);
    if (watcher->key && g_hash_table_lookup(notifiers->by_dialog, watcher->key) == watcher)
        g_hash_table_remove(notifiers->by_dialog, watcher->key);
    g_hash_table_remove(notifiers->by_id, &watcher->id);
}

static void tell_ended(StoxNotifiers *notifiers, const Watcher *watcher)
{
    StoxEvent *event = stox_event_new(STOX_EVENT_WATCHER_ENDED);

    event->subscription = watcher->id;
    notifiers->ops->event(notifiers->user, event);
}

static void arm(StoxNotifiers *notifiers, Watcher *watcher)
{
    int64_t at = STOX_NEVER;

    if (watcher->request_id)
        at = watcher->decide_by_ms;
    else if (!watcher->ended)
        at = watcher->expires_ms;
    if (watcher->next.set && !watcher->busy && watcher->retry_ms)
        at = MIN(at, watcher->retry_ms);
    stox_timers_set(notifiers->timers, &watcher->timer, at);
}

/* ---- NOTIFY ---- */

static void add_state(StoxSipBuilder *builder, const Document *document, int64_t left_s)
{
    static const char name[] = "Subscription-State";

    if (document->state == STOX_SUBSTATE_TERMINATED) {
        g_autofree char *retry = document->retry_after_s
                                     ? g_strdup_printf(";retry-after=%u", document->retry_after_s)
                                     : NULL;

        stox_sip_builder_addf(builder, name, "terminated%s%s%s", document->reason ? ";reason=" : "",
                              document->reason ? document->reason : "", retry ? retry : "");
    } else {
        stox_sip_builder_addf(builder, name, "%s;expires=%" G_GINT64_FORMAT,
                              document->state == STOX_SUBSTATE_ACTIVE ? "active" : "pending",
                              left_s);
    }
}

static void send(StoxNotifiers *notifiers, Watcher *watcher, StoxTime now)
{
    StoxSipBuilder *builder = stox_dialog_request(watcher->dialog, STOX_SIP_NOTIFY, 0);
    StoxSipTarget target = stox_dialog_target(watcher->dialog);
    StoxOwner owner = {.kind = STOX_OWNER_NOTIFIER, .id = watcher->id, .cookie = ++watcher->serial};
    const Document *document = &watcher->sent;

    document_clear(&watcher->sent);
    watcher->sent = watcher->next;
    watcher->next = (Document){0};
    watcher->retry_ms = 0;
    watcher->busy = true;
    stox_dialog_add_contact(watcher->dialog, builder, !watcher->dialog->hop->lync);
    stox_sip_builder_addf(builder, "Event", "presence%s%s", watcher->event_id ? ";id=" : "",
                          watcher->event_id ? watcher->event_id : "");
    add_state(builder, document, MAX(0, (watcher->expires_ms - now.mono_ms + 999) / 1000));
    stox_sip_builder_add(builder, "Allow-Events", "presence");
    stox_sip_builder_add(builder, "Content-Language", document->body ? document->lang : NULL);
    stox_sip_builder_body(builder, document->body ? document->content_type : NULL, document->body);
    notifiers->ops->request(notifiers->user, builder, &target, owner);
}

/* One is out at a time; the newest waits for it, for the answer to the SUBSCRIBE, or for the next try. */
static void send_next(StoxNotifiers *notifiers, Watcher *watcher, StoxTime now)
{
    if (watcher->next.set && watcher->key && !watcher->busy && watcher->retry_ms <= now.mono_ms)
        send(notifiers, watcher, now);
    arm(notifiers, watcher);
}

static void take_body(Document *document, Document *from)
{
    document->content_type = g_steal_pointer(&from->content_type);
    document->lang = g_steal_pointer(&from->lang);
    document->body = g_steal_pointer(&from->body);
}

/* Only the fields of STOX_ACTION_NOTIFY are looked at. */
static void queue(Watcher *watcher, const StoxAction *action)
{
    Document document = {.set = true,
                         .state = action->state,
                         .reason = g_strdup(action->reason),
                         .retry_after_s = action->retry_after_s};

    if (action->body) {
        document.content_type = g_strdup(action->content_type);
        document.lang = g_strdup(action->lang);
        document.body = g_bytes_ref(action->body);
    } else if (action->state != STOX_SUBSTATE_TERMINATED && watcher->next.body) {
        /* No body means "as before" (P-18): what has not been sent yet must not get lost. */
        take_body(&document, &watcher->next);
    }
    document_clear(&watcher->next);
    watcher->next = document;
}

void stox_notifiers_notify(StoxNotifiers *notifiers, const StoxAction *action, StoxTime now)
{
    Watcher *watcher = g_hash_table_lookup(notifiers->by_id, &action->subscription);

    if (!watcher || watcher->ended)
        return;
    queue(watcher, action);
    if (action->state == STOX_SUBSTATE_TERMINATED) {
        watcher->ended = true;
        watcher->retry_ms = 0;
        if (!watcher->key) {
            /* Never accepted: there is no dialog in which it could be said. */
            forget(notifiers, watcher);
            return;
        }
    }
    send_next(notifiers, watcher, now);
}

/* ---- SUBSCRIBE ---- */

static void tell_subscribe(StoxNotifiers *notifiers, const Watcher *watcher,
                           const StoxSipIncoming *incoming, bool refresh)
{
    const StoxSipView *view = stox_sip_view(incoming->message);
    StoxEvent *event = stox_sip_request_event(STOX_EVENT_SIP_SUBSCRIBE, incoming->message,
                                              incoming->request, incoming->hop);

    event->subscription = watcher->id;
    event->expires_s = view->expires_s;
    event->accept = g_strdup(view->accept);
    event->content_type = g_strdup(view->content_type);
    event->body = view->body ? g_bytes_ref(view->body) : NULL;
    event->refresh = refresh;
    notifiers->ops->event(notifiers->user, event);
}

static void ask_gateway(StoxNotifiers *notifiers, Watcher *watcher, const StoxSipIncoming *incoming,
                        bool refresh, StoxTime now)
{
    watcher->request = stox_sip_message_ref(incoming->message);
    watcher->request_id = incoming->request;
    watcher->request_flow = incoming->flow;
    watcher->decide_by_ms = now.mono_ms + DECIDE_MS;
    g_hash_table_insert(notifiers->by_request, &watcher->request_id, watcher);
    arm(notifiers, watcher);
    tell_subscribe(notifiers, watcher, incoming, refresh);
}

static void take_initial(StoxNotifiers *notifiers, const StoxSipIncoming *incoming, StoxTime now)
{
    g_autofree char *tag = NULL;
    StoxDialog *dialog;
    Watcher *watcher;

    if (g_hash_table_size(notifiers->by_id) >= notifiers->max_dialogs) {
        stox_answer_refuse(&notifiers->who, incoming, 503, STOX_DIAG_OVERLOAD, NULL, NULL);
        return;
    }
    tag = notifiers->ops->token(notifiers->user);
    dialog = stox_dialog_new_uas(incoming->hop, incoming->message, tag, incoming->flow);
    if (!dialog) {
        stox_answer_refuse(&notifiers->who, incoming, 400, STOX_DIAG_MALFORMED, NULL, NULL);
        return;
    }
    watcher = g_new0(Watcher, 1);
    watcher->id = notifiers->ops->name(notifiers->user);
    watcher->dialog = dialog;
    watcher->event_id = g_strdup(stox_sip_view(incoming->message)->event_id);
    g_hash_table_insert(notifiers->by_id, &watcher->id, watcher);
    ask_gateway(notifiers, watcher, incoming, false, now);
}

static void take_refresh(StoxNotifiers *notifiers, Watcher *watcher,
                         const StoxSipIncoming *incoming, StoxTime now)
{
    const StoxSipView *view = stox_sip_view(incoming->message);

    if (!stox_answer_in_order(&notifiers->who, incoming, watcher->dialog))
        return;
    if (g_strcmp0(view->event_id, watcher->event_id) != 0)
        /* Another subscription in the same dialog (P-92, P-175). */
        stox_answer_refuse(&notifiers->who, incoming, 489, STOX_DIAG_EVENT_UNSUPPORTED, NULL, NULL);
    else if (watcher->request_id)
        stox_answer_busy(&notifiers->who, incoming);
    else
        ask_gateway(notifiers, watcher, incoming, true, now);
}

/* P-51; 0 asks for one look, or ends it. False: refused here. */
static bool expires_acceptable(StoxNotifiers *notifiers, const StoxSipIncoming *incoming)
{
    int64_t expires_s = stox_sip_view(incoming->message)->expires_s;

    if (expires_s < 0 && stox_sip_raw(incoming->message, "Expires")[0]) {
        stox_answer_refuse(&notifiers->who, incoming, 400, STOX_DIAG_MALFORMED, NULL, NULL);
        return false;
    }
    if (expires_s > 0 && expires_s < MIN_EXPIRES_S) {
        stox_answer_refuse(&notifiers->who, incoming, 423, STOX_DIAG_INTERVAL_TOO_SHORT,
                           "Min-Expires", G_STRINGIFY(60));
        return false;
    }
    return true;
}

bool stox_notifiers_receive(StoxNotifiers *notifiers, const StoxSipIncoming *incoming, StoxTime now)
{
    const StoxSipView *view = stox_sip_view(incoming->message);
    Watcher *watcher = NULL;

    if (view->method != STOX_SIP_SUBSCRIBE)
        return false;
    if (view->to_tag) {
        g_autofree char *key = stox_dialog_key_incoming(incoming->message);

        watcher = key ? g_hash_table_lookup(notifiers->by_dialog, key) : NULL;
        if (!watcher || watcher->ended)
            return false;
    }
    if (!stox_answer_acceptable(&notifiers->who, incoming))
        return true;
    if (!view->event || strcmp(view->event, "presence") != 0)
        stox_answer_refuse(&notifiers->who, incoming, 489, STOX_DIAG_EVENT_UNSUPPORTED, NULL, NULL);
    else if (!expires_acceptable(notifiers, incoming))
        return true;
    else if (watcher)
        take_refresh(notifiers, watcher, incoming, now);
    else
        take_initial(notifiers, incoming, now);
    return true;
}

/* Never longer than asked (P-170). */
static int64_t grant(const Watcher *watcher, int64_t offered_s)
{
    int64_t asked_s = stox_sip_view(watcher->request)->expires_s;

    offered_s = CLAMP(offered_s, 0, MAX_EXPIRES_S);
    return asked_s >= 0 ? MIN(asked_s, offered_s) : offered_s;
}

void stox_notifiers_accept(StoxNotifiers *notifiers, const StoxAction *action, StoxTime now)
{
    Watcher *watcher = g_hash_table_lookup(notifiers->by_request, &action->request);
    StoxSipBuilder *builder;
    int64_t expires_s;

    if (!watcher || watcher->id != action->subscription)
        return;
    expires_s = grant(watcher, action->expires_s);
    builder =
        stox_answer_new(&notifiers->who, watcher->request, 200, NULL, watcher->dialog->local_tag);
    stox_sip_builder_addf(builder, "Expires", "%" G_GINT64_FORMAT, expires_s);
    stox_dialog_add_contact(watcher->dialog, builder, !watcher->dialog->hop->lync);
    stox_sip_builder_add(builder, "Allow-Events", "presence");
    notifiers->ops->respond(notifiers->user, watcher->request_id, builder);
    if (watcher->key)
        stox_dialog_refresh_target(watcher->dialog, watcher->request, watcher->request_flow);
    forget_request(notifiers, watcher);
    watcher->expires_ms = now.mono_ms + (expires_s ? 1000 * expires_s : LAST_NOTIFY_MS);
    if (!watcher->key) {
        watcher->key = stox_dialog_key_of(watcher->dialog);
        g_hash_table_replace(notifiers->by_dialog, watcher->key, watcher);
    }
    send_next(notifiers, watcher, now);
}

bool stox_notifiers_refuse(StoxNotifiers *notifiers, const StoxAction *action, StoxTime now)
{
    Watcher *watcher = g_hash_table_lookup(notifiers->by_request, &action->request);

    if (!watcher)
        return false;
    notifiers->ops->respond(notifiers->user, watcher->request_id,
                            stox_answer_result(&notifiers->who, watcher->request, &action->result));
    forget_request(notifiers, watcher);
    /* A refused refresh leaves the subscription as it was (RFC 6665 s4.2.1.4). */
    if (watcher->key)
        arm(notifiers, watcher);
    else
        forget(notifiers, watcher);
    return true;
}

/* ---- Answers ---- */

/* The watcher may still be there: what it missed is sent again, unless something newer waits. */
static void try_again(StoxNotifiers *notifiers, Watcher *watcher, int64_t retry_after_s,
                      StoxTime now)
{
    if (!watcher->next.set) {
        watcher->next = watcher->sent;
        watcher->sent = (Document){0};
    } else if (!watcher->next.body && watcher->next.state != STOX_SUBSTATE_TERMINATED) {
        take_body(&watcher->next, &watcher->sent);
    }
    watcher->retry_wait_ms = CLAMP(2 * watcher->retry_wait_ms, RETRY_MS, MAX_RETRY_MS);
    watcher->retry_ms = now.mono_ms + MAX(watcher->retry_wait_ms, 1000 * retry_after_s);
    arm(notifiers, watcher);
}

void stox_notifiers_response(StoxNotifiers *notifiers, StoxOwner owner, StoxSipMessage *response,
                             StoxSipFate fate, uint64_t flow, StoxTime now)
{
    Watcher *watcher = g_hash_table_lookup(notifiers->by_id, &owner.id);
    const StoxSipView *view = response ? stox_sip_view(response) : NULL;
    unsigned status = view ? view->status : fate == STOX_SIP_TIMEOUT ? 408 : 503;

    if (!watcher || !watcher->busy || owner.cookie != watcher->serial || status < 200)
        return;
    watcher->busy = false;
    if (status == 408 || stox_answer_ends_subscription(status)) {
        /* P-60 */
        if (!watcher->ended)
            tell_ended(notifiers, watcher);
        forget(notifiers, watcher);
    } else if (watcher->ended && !watcher->next.set) {
        /* P-177: the last NOTIFY is done, whatever its answer. */
        forget(notifiers, watcher);
    } else if (status >= 300 && !watcher->ended) {
        try_again(notifiers, watcher, view ? MAX(view->retry_after_s, 0) : 0, now);
    } else {
        if (status < 300)
            stox_dialog_refresh_target(watcher->dialog, response, flow);
        watcher->retry_wait_ms = 0;
        document_clear(&watcher->sent);
        send_next(notifiers, watcher, now);
    }
}

/* ---- Timers ---- */

static void due(StoxNotifiers *notifiers, Watcher *watcher, StoxTime now)
{
    if (watcher->request_id) {
        if (watcher->decide_by_ms > now.mono_ms) {
            send_next(notifiers, watcher, now);
            return;
        }
        refuse_pending(notifiers, watcher, 500, STOX_DIAG_INTERNAL);
        if (!watcher->key) {
            tell_ended(notifiers, watcher);
            forget(notifiers, watcher);
            return;
        }
    }
    if (!watcher->ended && watcher->expires_ms <= now.mono_ms) {
        /* P-59 */
        static const StoxAction timeout = {.state = STOX_SUBSTATE_TERMINATED,
                                           .reason = (char *) "timeout"};

        queue(watcher, &timeout);
        watcher->ended = true;
        watcher->retry_ms = 0;
        send_next(notifiers, watcher, now);
        tell_ended(notifiers, watcher);
        return;
    }
    send_next(notifiers, watcher, now);
}

int64_t stox_notifiers_deadline(const StoxNotifiers *notifiers)
{
    return stox_timers_next(notifiers->timers);
}

void stox_notifiers_tick(StoxNotifiers *notifiers, StoxTime now)
{
    StoxTimer *timer;

    while ((timer = stox_timers_due(notifiers->timers, now.mono_ms)))
        due(notifiers, (Watcher *) timer, now);
}

size_t stox_notifiers_count(const StoxNotifiers *notifiers)
{
    return g_hash_table_size(notifiers->by_id);
}
