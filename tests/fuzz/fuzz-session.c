/* SPDX-License-Identifier: MIT */
/*
 * Any sequence of messages and decisions, fed to sessions, subscribers and notifiers. The pieces of an input end with a line "====". A piece
 * that begins with "!" is a decision of ours (see do_command()), all others are messages from the wire; a response answers the newest request
 * of ours with its method. Promises: every request is answered exactly once, what we send can be read back, and in the end nothing is left.
 */
#include "tests/fuzz/fuzz.h"

#include "sip/session.h"
#include "sip/subscription.h"
#include "tests/unit/sip/recorder.h"
#include "translation/error.h"

#include <string.h>

enum { MAX_PIECES = 200, MAX_SECONDS = 100000000 };

typedef struct {
    Recorder *recorder;
    StoxSessions *sessions;
    StoxSubscribers *subscribers;
    StoxNotifiers *notifiers;
    StoxTime now;
    uint64_t requests;      /* names given to incoming ones */
    GHashTable *unanswered; /* their ids */
    GPtrArray *waiting;     /* StoxEvent*: INVITE and SUBSCRIBE that we have not decided on */
    GPtrArray *ours;        /* Record*: requests without a final answer */
    GHashTable *names;      /* sessions and subscriptions that we know of */
    uint64_t last_session, last_watcher, next_name, next_ref;
} World;

static gpointer id_pointer(uint64_t id)
{
    return GSIZE_TO_POINTER((gsize) id);
}

static void answered(World *w, uint64_t request)
{
    g_assert(g_hash_table_remove(w->unanswered, id_pointer(request)));
}

static void take_event(World *w, StoxEvent *event)
{
    switch (event->kind) {
    case STOX_EVENT_SIP_INVITE:
    case STOX_EVENT_SIP_SUBSCRIBE:
        w->last_session = event->session ? event->session : w->last_session;
        w->last_watcher = event->subscription ? event->subscription : w->last_watcher;
        g_hash_table_add(w->names, id_pointer(event->session + event->subscription));
        g_ptr_array_add(w->waiting, event);
        return;
    case STOX_EVENT_SESSION_FAILED:
    case STOX_EVENT_SESSION_CLOSED:
        g_hash_table_remove(w->names, id_pointer(event->session));
        break;
    case STOX_EVENT_SIP_MESSAGE:
        answered(w, event->request);
        break;
    case STOX_EVENT_NOTIFY:
        if (event->request)
            answered(w, event->request);
        break;
    default:
        break;
    }
    stox_event_free(event);
}

static void drain(World *w)
{
    while (w->recorder->records->len) {
        Record *record = g_ptr_array_steal_index(w->recorder->records, 0);

        if (record->kind == RECORD_REQUEST) {
            g_ptr_array_add(w->ours, record);
            continue;
        }
        if (record->kind == RECORD_RESPONSE)
            answered(w, record->id);
        else if (record->kind == RECORD_EVENT)
            take_event(w, g_steal_pointer(&record->event));
        record_free(record);
    }
}

/* ---- The peer ---- */

static void give_answer(World *w, unsigned index, StoxSipMessage *response, StoxSipFate fate)
{
    Record *record = w->ours->pdata[index];
    const StoxSipView *view = response ? stox_sip_view(response) : NULL;
    /* Several 2xx may answer one INVITE. */
    bool more =
        view && (view->status < 200 ||
                 (view->status < 300 && stox_sip_view(record->message)->method == STOX_SIP_INVITE));

    if (!more)
        g_ptr_array_steal_index(w->ours, index);
    if (record->owner.kind == STOX_OWNER_SESSION)
        stox_sessions_response(w->sessions, record->owner, record->id, response, fate, 7, w->now);
    else if (record->owner.kind == STOX_OWNER_SUBSCRIBER)
        stox_subscribers_response(w->subscribers, record->owner, response, fate, 7, w->now);
    else if (record->owner.kind == STOX_OWNER_NOTIFIER)
        stox_notifiers_response(w->notifiers, record->owner, response, fate, 7, w->now);
    if (!more)
        record_free(record);
}

static void take_response(World *w, StoxSipMessage *message)
{
    for (unsigned i = w->ours->len; i-- > 0;) {
        Record *record = w->ours->pdata[i];

        if (strcmp(stox_sip_view(record->message)->method_name,
                   stox_sip_view(message)->method_name) == 0) {
            give_answer(w, i, message, STOX_SIP_ANSWERED);
            return;
        }
    }
}

/* As the agent does it. */
static void take_request(World *w, StoxSipMessage *message)
{
    const StoxSipView *view = stox_sip_view(message);
    bool no_answer = view->method == STOX_SIP_ACK || view->method == STOX_SIP_BENOTIFY;
    StoxSipIncoming incoming = {.message = message,
                                .request = no_answer ? 0 : w->requests + 1,
                                .flow = 7,
                                .hop = w->requests % 2 ? &lync_hop : &simple_hop};

    if (view->method == STOX_SIP_CANCEL)
        return;
    w->requests += !no_answer;
    if (incoming.request)
        g_hash_table_add(w->unanswered, id_pointer(incoming.request));
    if (stox_subscribers_receive(w->subscribers, &incoming, w->now) ||
        stox_notifiers_receive(w->notifiers, &incoming, w->now) ||
        stox_sessions_receive(w->sessions, &incoming, w->now))
        return;
    if (incoming.request)
        answered(w, incoming.request);
}

static void take_message(World *w, const char *piece, size_t n)
{
    const char *why = NULL;
    g_autoptr(StoxSipMessage) message = stox_sip_message_parse(piece, n, &why);

    if (!message || stox_sip_defect(message, &why))
        return;
    if (stox_sip_view(message)->request)
        take_request(w, message);
    else
        take_response(w, message);
}

/* ---- We ---- */

static void tick(World *w, int64_t seconds)
{
    w->now.mono_ms += 1000 * seconds;
    stox_sessions_tick(w->sessions, w->now);
    stox_subscribers_tick(w->subscribers, w->now);
    stox_notifiers_tick(w->notifiers, w->now);
}

static StoxAction *action_new(World *w, StoxActionKind kind, uint64_t session,
                              uint64_t subscription)
{
    StoxAction *action = stox_action_new(kind);

    action->session = session;
    action->subscription = subscription;
    action->from_uri = g_strdup("sip:bob@partner.example");
    action->to_uri = g_strdup("sip:alice@contoso.example");
    action->expires_s = 3600;
    return action;
}

static void notify(World *w, uint64_t watcher, StoxSubscriptionState state)
{
    g_autoptr(StoxAction) action = action_new(w, STOX_ACTION_NOTIFY, 0, watcher);

    action->state = state;
    action->reason = state == STOX_SUBSTATE_TERMINATED ? g_strdup("timeout") : NULL;
    action->content_type = g_strdup("application/pidf+xml");
    action->body = g_bytes_new_static("<p/>", 4);
    stox_notifiers_notify(w->notifiers, action, w->now);
}

/* Accepts or refuses the oldest INVITE or SUBSCRIBE. */
static void decide(World *w, bool accept)
{
    g_autoptr(StoxEvent) event = NULL;
    g_autoptr(StoxAction) action = NULL;

    if (!w->waiting->len)
        return;
    event = g_ptr_array_steal_index(w->waiting, 0);
    action = action_new(w, STOX_ACTION_SIP_RESPOND, event->session, event->subscription);
    action->request = event->request;
    if (!accept) {
        stox_sip_result_init(&action->result, 403, STOX_DIAG_PARTNER_NOT_ALLOWED);
        if (!stox_sessions_refuse(w->sessions, action, w->now))
            stox_notifiers_refuse(w->notifiers, action, w->now);
    } else if (event->session) {
        stox_sessions_accept(w->sessions, action, w->now);
    } else {
        stox_notifiers_accept(w->notifiers, action, w->now);
    }
}

static void send_message(World *w)
{
    g_autoptr(StoxAction) action = action_new(w, STOX_ACTION_SIP_MESSAGE, w->last_session, 0);

    action->ref = ++w->next_ref;
    action->content_type = g_strdup("text/plain");
    action->body = g_bytes_new_static("Hi", 2);
    stox_sessions_message(w->sessions, action, w->now);
}

static void open_session(World *w)
{
    g_autoptr(StoxAction) action = action_new(w, STOX_ACTION_SESSION_OPEN, w->next_name += 2, 0);

    w->last_session = action->session;
    g_hash_table_add(w->names, id_pointer(action->session));
    stox_sessions_open(w->sessions, action, &lync_hop, w->now);
}

static void subscribe(World *w, int64_t expires_s)
{
    g_autoptr(StoxAction) action = action_new(w, STOX_ACTION_SUBSCRIBE, 0, w->next_name += 2);

    action->expires_s = expires_s;
    g_hash_table_add(w->names, id_pointer(action->subscription));
    stox_subscribers_subscribe(w->subscribers, action, &lync_hop, w->now);
}

static void end(World *w, uint64_t name)
{
    g_autoptr(StoxAction) action = action_new(w, STOX_ACTION_SESSION_CLOSE, name, name);

    stox_sessions_close(w->sessions, action, w->now);
    stox_subscribers_unsubscribe(w->subscribers, action, w->now);
    notify(w, name, STOX_SUBSTATE_TERMINATED);
}

static void do_command(World *w, const char *command)
{
    switch (command[0]) {
    case 'a':
    case 'r':
        decide(w, command[0] == 'a');
        break;
    case 'o':
        open_session(w);
        break;
    case 's':
        subscribe(w, g_ascii_strtoll(command + 1, NULL, 10));
        break;
    case 'm':
        send_message(w);
        break;
    case 'n':
        notify(w, w->last_watcher, STOX_SUBSTATE_ACTIVE);
        break;
    case 'e':
        notify(w, w->last_watcher, STOX_SUBSTATE_TERMINATED);
        break;
    case 'c':
        end(w, w->last_session);
        break;
    case 'u':
        end(w, w->next_name);
        break;
    case 't':
        tick(w, CLAMP(g_ascii_strtoll(command + 1, NULL, 10), 0, MAX_SECONDS));
        break;
    case 'f':
        if (w->ours->len)
            give_answer(w, 0, NULL, command[1] ? STOX_SIP_TRANSPORT : STOX_SIP_TIMEOUT);
        break;
    case 'k':
        stox_sessions_no_ack(w->sessions, w->requests, w->now);
        break;
    case 'x':
        stox_sessions_cancelled(w->sessions, w->requests, w->now);
        break;
    default:
        break;
    }
}

/* ---- Beginning and end ---- */

/* Everybody is told to stop, nobody answers any more: the clock alone has to clear the tables. */
static void finish(World *w)
{
    GHashTableIter iter;
    gpointer name;
    g_autoptr(GPtrArray) names = g_ptr_array_new();

    g_hash_table_iter_init(&iter, w->names);
    while (g_hash_table_iter_next(&iter, &name, NULL))
        g_ptr_array_add(names, name);
    for (unsigned i = 0; i < names->len; i++) {
        end(w, GPOINTER_TO_SIZE(names->pdata[i]));
        drain(w);
    }
    for (unsigned i = 0; i < 1000; i++) {
        while (w->ours->len) {
            give_answer(w, 0, NULL, STOX_SIP_TIMEOUT);
            drain(w);
        }
        if (stox_sessions_deadline(w->sessions) == STOX_NEVER &&
            stox_subscribers_deadline(w->subscribers) == STOX_NEVER &&
            stox_notifiers_deadline(w->notifiers) == STOX_NEVER)
            break;
        tick(w, 40000);
        drain(w);
    }
    g_assert_cmpuint(stox_sessions_count(w->sessions), ==, 0);
    g_assert_cmpuint(stox_subscribers_count(w->subscribers), ==, 0);
    g_assert_cmpuint(stox_notifiers_count(w->notifiers), ==, 0);
    g_assert_cmpuint(g_hash_table_size(w->unanswered), ==, 0);
}

static void world_init(World *w)
{
    StoxSessionsConfig config = {
        .fqdn = (char *) "xgw.contoso.example", .sdp_port = 5061, .max_sessions = 50};

    *w = (World){.recorder = recorder_new(),
                 .now = {.mono_ms = 1000000, .wall_ms = 1767225600000},
                 .unanswered = g_hash_table_new(NULL, NULL),
                 .names = g_hash_table_new(NULL, NULL),
                 .waiting = g_ptr_array_new_with_free_func((GDestroyNotify) stox_event_free),
                 .ours = g_ptr_array_new_with_free_func((GDestroyNotify) record_free)};
    w->recorder->lenient = true;
    w->sessions = stox_sessions_new(&config, &recorder_ops, w->recorder);
    w->subscribers = stox_subscribers_new(config.fqdn, &recorder_ops, w->recorder);
    w->notifiers = stox_notifiers_new(config.fqdn, 50, &recorder_ops, w->recorder);
}

static void world_clear(World *w)
{
    stox_sessions_free(w->sessions);
    stox_subscribers_free(w->subscribers);
    stox_notifiers_free(w->notifiers);
    recorder_free(w->recorder);
    g_hash_table_unref(w->unanswered);
    g_hash_table_unref(w->names);
    g_ptr_array_unref(w->waiting);
    g_ptr_array_unref(w->ours);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char separator[] = "====\n";
    const char *at = (const char *) data, *end_of_data = at + size;
    World world;

    world_init(&world);
    for (unsigned i = 0; at < end_of_data && i < MAX_PIECES; i++) {
        size_t left = (size_t) (end_of_data - at);
        const char *next = memmem(at, left, separator, sizeof separator - 1);
        size_t n = next ? (size_t) (next - at) : left;

        if (n && *at == '!') {
            g_autofree char *command = g_strndup(at + 1, n - 1);

            g_strchomp(command);
            do_command(&world, command);
        } else {
            take_message(&world, at, n);
        }
        drain(&world);
        at = next ? next + sizeof separator - 1 : end_of_data;
    }
    finish(&world);
    world_clear(&world);
    return 0;
}
