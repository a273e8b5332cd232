/* SPDX-License-Identifier: MIT */
/*
 * Subscriptions in both directions, one step a line; most of a line is text that a peer chose:
 *   s SECONDS     we subscribe (0: fetch)          u           we unsubscribe the newest
 *   r STATUS,H    answer to our oldest request, with header H
 *   n CSEQ,STATE  NOTIFY in the newest subscription   o CSEQ,STATE  the same from another fork
 *   S H           SUBSCRIBE to us, with header H   F CSEQ,H    SUBSCRIBE in the newest watcher's dialog
 *   a SECONDS     we accept                        x           we refuse
 *   d / e         a document for the newest watcher / the last one
 *   t SECONDS     time passes                      f           our oldest request finds nobody
 *   l             a server of the hop is lost      c FLOW      a connection closes (answers come on 7)
 * Promises: every request is answered once; a subscription and a watcher end exactly once; nothing is heard of one after it; nothing is left.
 */
#include "tests/fuzz/fuzz.h"

#include "sip/subscription.h"
#include "tests/unit/sip/recorder.h"
#include "translation/error.h"

#include <string.h>

enum { MAX_STEPS = 300, MAX_SECONDS = 10000000 };

typedef struct {
    Recorder *recorder;
    StoxSubscribers *subscribers;
    StoxNotifiers *notifiers;
    StoxTime now;
    uint64_t requests, names;
    GHashTable *unanswered; /* ids of requests to us */
    GHashTable *live;       /* subscriptions and watchers that have not ended */
    GPtrArray *ours;        /* Record*: requests without final answer */
    StoxEvent *asked;       /* SUBSCRIBE that waits for a decision */
    uint64_t watcher;       /* the newest */
    char *call_id, *tag;    /* of our newest subscription */
    char *watcher_tag;      /* that we gave in the newest 200 */
    unsigned calls;
    char *watcher_call;
} World;

static gpointer id_pointer(uint64_t id)
{
    return GSIZE_TO_POINTER((gsize) id);
}

static void answered(World *w, uint64_t request)
{
    g_assert_true(g_hash_table_remove(w->unanswered, id_pointer(request)));
}

static void ended(World *w, uint64_t id)
{
    g_assert_true(g_hash_table_remove(w->live, id_pointer(id)));
}

static void take_event(World *w, const StoxEvent *event)
{
    g_assert_true(event->kind == STOX_EVENT_SIP_SUBSCRIBE ||
                  g_hash_table_contains(w->live, id_pointer(event->subscription)));
    switch (event->kind) {
    case STOX_EVENT_NOTIFY:
        if (event->request)
            answered(w, event->request);
        if (event->state == STOX_SUBSTATE_TERMINATED)
            ended(w, event->subscription);
        break;
    case STOX_EVENT_SUBSCRIBE_FAILED:
        if (!event->keep)
            ended(w, event->subscription);
        break;
    case STOX_EVENT_SUBSCRIPTION_LOST:
    case STOX_EVENT_WATCHER_ENDED:
        ended(w, event->subscription);
        break;
    default:
        break;
    }
}

static void drain(World *w)
{
    while (w->recorder->records->len) {
        Record *record = g_ptr_array_steal_index(w->recorder->records, 0);

        if (record->kind == RECORD_REQUEST) {
            g_ptr_array_add(w->ours, record);
            continue;
        }
        if (record->kind == RECORD_RESPONSE) {
            answered(w, record->id);
            if (stox_sip_view(record->message)->status == 200 &&
                stox_sip_view(record->message)->method == STOX_SIP_SUBSCRIBE) {
                g_free(w->watcher_tag);
                w->watcher_tag = g_strdup(stox_sip_view(record->message)->to_tag);
            }
        } else if (record->event->kind == STOX_EVENT_SIP_SUBSCRIBE) {
            take_event(w, record->event);
            g_hash_table_add(w->live, id_pointer(record->event->subscription));
            g_clear_pointer(&w->asked, stox_event_free);
            w->asked = g_steal_pointer(&record->event);
            w->watcher = w->asked->subscription;
        } else {
            take_event(w, record->event);
        }
        record_free(record);
    }
}

/* ---- The peer ---- */

static StoxSipMessage *parse(const char *head, const char *extra)
{
    g_autoptr(GString) text = g_string_new(head);
    const char *why = NULL;
    StoxSipMessage *message;

    if (*extra)
        g_string_append_printf(text, "%s\n", extra);
    g_string_append(text, "Content-Length: 0\n\n");
    g_string_replace(text, "\n", "\r\n", 0);
    message = stox_sip_message_parse(text->str, text->len, &why);
    if (message && stox_sip_defect(message, &why))
        g_clear_pointer(&message, stox_sip_message_unref);
    return message;
}

/* Does not take the message. */
static void receive(World *w, StoxSipMessage *message)
{
    StoxSipIncoming incoming = {
        .message = message, .request = ++w->requests, .flow = 7, .hop = &lync_hop};

    g_hash_table_add(w->unanswered, id_pointer(incoming.request));
    if (!stox_subscribers_receive(w->subscribers, &incoming, w->now) &&
        !stox_notifiers_receive(w->notifiers, &incoming, w->now))
        answered(w, incoming.request);
}

static void notify(World *w, const char *tag, const char *line)
{
    const char *comma = strchr(line, ',');
    g_autofree char *head = NULL;
    g_autofree char *state = NULL;
    g_autoptr(StoxSipMessage) message = NULL;

    if (!w->call_id || !comma)
        return;
    head = g_strdup_printf("NOTIFY sip:bob@xgw.contoso.example SIP/2.0\n"
                           "Via: SIP/2.0/TLS 192.0.2.11:5061;branch=z9hG4bK%u\n"
                           "From: <sip:alice@contoso.example>;tag=%s\n"
                           "To: <sip:bob@partner.example>;tag=%s\nCall-ID: %s\n"
                           "CSeq: %" G_GINT64_FORMAT " NOTIFY\nContact: <" LYNC_CONTACT ">\n"
                           "Event: presence\n",
                           (unsigned) w->requests, tag, w->tag, w->call_id,
                           g_ascii_strtoll(line, NULL, 10));
    state = g_strconcat("Subscription-State: ", comma + 1, NULL);
    message = parse(head, state);
    if (message)
        receive(w, message);
}

static void subscribe_to_us(World *w, int64_t cseq, bool inside, const char *extra)
{
    g_autofree char *head = NULL;
    g_autofree char *tag = NULL;
    g_autoptr(StoxSipMessage) message = NULL;

    if (inside && !w->watcher_tag)
        return;
    if (!inside) {
        g_free(w->watcher_call);
        w->watcher_call = g_strdup_printf("call%u", ++w->calls);
    }
    tag = inside ? g_strconcat(";tag=", w->watcher_tag, NULL) : g_strdup("");
    head = g_strdup_printf("SUBSCRIBE sip:bob@partner.example SIP/2.0\n"
                           "Via: SIP/2.0/TLS 192.0.2.11:5061;branch=z9hG4bK%u\n"
                           "From: <sip:alice@contoso.example>;tag=theirs\n"
                           "To: <sip:bob@partner.example>%s\nCall-ID: %s\n"
                           "CSeq: %" G_GINT64_FORMAT " SUBSCRIBE\nContact: <" LYNC_CONTACT ">\n"
                           "Event: presence\n",
                           (unsigned) w->requests, tag, w->watcher_call, cseq);
    message = parse(head, extra);
    if (message)
        receive(w, message);
}

static void give_answer(World *w, StoxSipMessage *response, StoxSipFate fate)
{
    Record *record = g_ptr_array_steal_index(w->ours, 0);

    if (record->owner.kind == STOX_OWNER_SUBSCRIBER)
        stox_subscribers_response(w->subscribers, record->owner, response, fate, 7, w->now);
    else
        stox_notifiers_response(w->notifiers, record->owner, response, fate, 7, w->now);
    record_free(record);
}

static void respond(World *w, const char *line)
{
    unsigned status = (unsigned) g_ascii_strtoull(line, NULL, 10);
    const char *comma = strchr(line, ',');
    g_autofree char *head = NULL;
    g_autoptr(StoxSipMessage) response = NULL;
    const StoxSipMessage *request;

    if (!w->ours->len || status < 200 || status > 699)
        return;
    request = ((Record *) w->ours->pdata[0])->message;
    head = g_strdup_printf("SIP/2.0 %u X\nVia: %s\nFrom: %s\nTo: %s%s\nCall-ID: %s\nCSeq: %s\n",
                           status, header(request, "Via"), header(request, "From"),
                           header(request, "To"), stox_sip_view(request)->to_tag ? "" : ";tag=peer",
                           header(request, "Call-ID"), header(request, "CSeq"));
    response = parse(head, comma ? comma + 1 : "");
    if (response)
        give_answer(w, response, STOX_SIP_ANSWERED);
}

/* ---- We ---- */

static StoxAction *action_new(StoxActionKind kind, uint64_t id)
{
    StoxAction *action = stox_action_new(kind);

    action->subscription = id;
    action->from_uri = g_strdup("sip:bob@partner.example");
    action->to_uri = g_strdup("sip:alice@contoso.example");
    return action;
}

static void subscribe(World *w, int64_t seconds)
{
    g_autoptr(StoxAction) action = action_new(STOX_ACTION_SUBSCRIBE, w->names += 2);
    const Record *newest;

    action->expires_s = seconds;
    g_hash_table_add(w->live, id_pointer(w->names));
    stox_subscribers_subscribe(w->subscribers, action, &lync_hop, w->now);
    drain(w);
    newest = w->ours->pdata[w->ours->len - 1];
    g_free(w->call_id);
    g_free(w->tag);
    w->call_id = g_strdup(stox_sip_view(newest->message)->call_id);
    w->tag = g_strdup(stox_sip_view(newest->message)->from_tag);
}

static void unsubscribe(World *w, uint64_t id)
{
    g_autoptr(StoxAction) action = action_new(STOX_ACTION_UNSUBSCRIBE, id);

    if (g_hash_table_remove(w->live, id_pointer(id)))
        stox_subscribers_unsubscribe(w->subscribers, action, w->now);
}

static void show(World *w, uint64_t id, bool last)
{
    g_autoptr(StoxAction) action = action_new(STOX_ACTION_NOTIFY, id);

    if (!g_hash_table_contains(w->live, id_pointer(id)))
        return;
    action->state = last ? STOX_SUBSTATE_TERMINATED : STOX_SUBSTATE_ACTIVE;
    action->reason = last ? g_strdup("rejected") : NULL;
    action->content_type = g_strdup("application/pidf+xml");
    action->body = g_bytes_new_static("<p/>", 4);
    if (last)
        ended(w, id);
    stox_notifiers_notify(w->notifiers, action, w->now);
}

static void decide(World *w, bool accept, int64_t seconds)
{
    g_autoptr(StoxEvent) event = g_steal_pointer(&w->asked);
    g_autoptr(StoxAction) action = NULL;

    if (!event || !g_hash_table_contains(w->live, id_pointer(event->subscription)))
        return;
    action = action_new(STOX_ACTION_SUBSCRIPTION_ACCEPT, event->subscription);
    action->request = event->request;
    action->expires_s = seconds;
    stox_sip_result_init(&action->result, 403, STOX_DIAG_PARTNER_NOT_ALLOWED);
    if (accept)
        stox_notifiers_accept(w->notifiers, action, w->now);
    else if (stox_notifiers_refuse(w->notifiers, action, w->now) && !event->refresh)
        ended(w, event->subscription);
}

static void tick(World *w, int64_t seconds)
{
    w->now.mono_ms += 1000 * CLAMP(seconds, 0, MAX_SECONDS);
    stox_subscribers_tick(w->subscribers, w->now);
    stox_notifiers_tick(w->notifiers, w->now);
}

static bool never_sound(void *user, uint64_t flow)
{
    (void) user;
    (void) flow;
    return false;
}

static void step(World *w, const char *line)
{
    const char *rest = line[0] ? line + 1 : line;
    int64_t number = g_ascii_strtoll(rest, NULL, 10);
    const char *comma = strchr(rest, ',');

    switch (line[0]) {
    case 's':
        subscribe(w, CLAMP(number, 0, MAX_SECONDS));
        break;
    case 'u':
        unsubscribe(w, w->names);
        break;
    case 'r':
        respond(w, rest);
        break;
    case 'n':
    case 'o':
        notify(w, line[0] == 'n' ? "peer" : "fork", rest);
        break;
    case 'S':
        subscribe_to_us(w, 1, false, rest);
        break;
    case 'F':
        subscribe_to_us(w, number, true, comma ? comma + 1 : "");
        break;
    case 'a':
    case 'x':
        decide(w, line[0] == 'a', number);
        break;
    case 'd':
    case 'e':
        show(w, w->watcher, line[0] == 'e');
        break;
    case 't':
        tick(w, number);
        break;
    case 'f':
        if (w->ours->len)
            give_answer(w, NULL, STOX_SIP_TIMEOUT);
        break;
    case 'l':
        stox_subscribers_lost(w->subscribers, &lync_hop, never_sound, NULL, w->now);
        break;
    case 'c':
        stox_subscribers_closed(w->subscribers, (uint64_t) number, w->now);
        break;
    default:
        break;
    }
    drain(w);
}

/* ---- Beginning and end ---- */

/* Nobody answers any more: the clock alone has to clear the tables. */
static void finish(World *w)
{
    g_autoptr(GList) names = g_hash_table_get_keys(w->live);

    for (GList *name = names; name; name = name->next) {
        uint64_t id = GPOINTER_TO_SIZE(name->data);

        if (id % 2)
            show(w, id, true);
        else
            unsubscribe(w, id);
        drain(w);
    }
    for (unsigned i = 0; i < 1000; i++) {
        while (w->ours->len) {
            give_answer(w, NULL, STOX_SIP_TIMEOUT);
            drain(w);
        }
        if (stox_subscribers_deadline(w->subscribers) == STOX_NEVER &&
            stox_notifiers_deadline(w->notifiers) == STOX_NEVER)
            break;
        tick(w, 40);
        drain(w);
    }
    g_assert_cmpuint(stox_subscribers_count(w->subscribers), ==, 0);
    g_assert_cmpuint(stox_notifiers_count(w->notifiers), ==, 0);
    g_assert_cmpuint(g_hash_table_size(w->unanswered), ==, 0);
    g_assert_cmpuint(g_hash_table_size(w->live), ==, 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *) data, size);
    g_auto(GStrv) lines = g_strsplit(text, "\n", MAX_STEPS);
    World w = {.recorder = recorder_new(),
               .now = {.mono_ms = 1000000, .wall_ms = 1767225600000},
               .unanswered = g_hash_table_new(NULL, NULL),
               .live = g_hash_table_new(NULL, NULL),
               .ours = g_ptr_array_new_with_free_func((GDestroyNotify) record_free)};

    w.recorder->lenient = true;
    w.subscribers = stox_subscribers_new("xgw.contoso.example", &recorder_ops, w.recorder);
    w.notifiers = stox_notifiers_new("xgw.contoso.example", 20, &recorder_ops, w.recorder);
    for (unsigned i = 0; lines[i] && i < MAX_STEPS; i++)
        step(&w, lines[i]);
    finish(&w);
    stox_subscribers_free(w.subscribers);
    stox_notifiers_free(w.notifiers);
    recorder_free(w.recorder);
    g_hash_table_unref(w.unanswered);
    g_hash_table_unref(w.live);
    g_ptr_array_unref(w.ours);
    stox_event_free(w.asked);
    g_free(w.call_id);
    g_free(w.tag);
    g_free(w.watcher_tag);
    g_free(w.watcher_call);
    return 0;
}
