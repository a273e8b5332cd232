/* SPDX-License-Identifier: MIT */
/*
 * Puts the machines and the shell together. Bytes come up through agent-incoming.c, requests go down through the transaction layer and
 * agent-route.c; what the gateway must know leaves through `func`, which only queues.
 */
#include "sip/agent-private.h"
#include "sip/convert.h"

#include <openssl/rand.h>

#include <string.h>

enum { MAX_PEERS = 4096 }; /* whose requests are counted apart */

StoxTime stox_agent_now(void)
{
    return (StoxTime){g_get_monotonic_time() / 1000, g_get_real_time() / 1000};
}

char *stox_agent_token(void *user)
{
    static const char hex[] = "0123456789abcdef";
    unsigned char random[12];
    char *token = g_malloc(2 * sizeof random + 1);

    /* Tags and branches keep strangers out of dialogs: no fallback to something guessable. */
    g_assert(RAND_bytes(random, sizeof random) == 1);
    for (unsigned i = 0; i < sizeof random; i++) {
        token[2 * i] = hex[random[i] >> 4];
        token[2 * i + 1] = hex[random[i] & 15];
    }
    token[2 * sizeof random] = '\0';
    return token;
}

/* ---- What the machines ask ---- */

static uint64_t ops_request(void *user, StoxSipBuilder *request, const StoxSipTarget *target,
                            StoxOwner owner)
{
    StoxAgent *agent = user;

    return stox_transactions_request(agent->transactions, request, target, owner, stox_agent_now());
}

static void ops_cancel(void *user, uint64_t transaction)
{
    StoxAgent *agent = user;

    stox_transactions_cancel(agent->transactions, transaction, stox_agent_now());
}

static void ops_ack(void *user, StoxSipBuilder *ack, const StoxSipTarget *target)
{
    StoxAgent *agent = user;

    stox_transactions_ack(agent->transactions, ack, target);
}

static void ops_respond(void *user, uint64_t request, StoxSipBuilder *response)
{
    StoxAgent *agent = user;

    stox_transactions_respond(agent->transactions, request, response, stox_agent_now());
}

static void ops_event(void *user, StoxEvent *event)
{
    StoxAgent *agent = user;

    if (event->result.fate == STOX_SIP_NOT_SENT && !event->result.retry_after_s)
        event->result.retry_after_s = agent->retry_after_s;
    agent->func(event, agent->user);
}

static uint64_t ops_name(void *user)
{
    StoxAgent *agent = user;

    agent->next_name += 2;
    return agent->next_name;
}

/* ---- What the transactions tell ---- */

static void report_page_message(StoxAgent *agent, StoxOwner owner, StoxSipMessage *response,
                                StoxSipFate fate)
{
    StoxEvent *event;

    /* Of OPTIONS stox_agent_tx_ended() has taken note. */
    if (owner.id == STOX_AGENT_OPTIONS || (response && stox_sip_view(response)->status < 200))
        return;
    event = stox_event_new(STOX_EVENT_SIP_MESSAGE_RESULT);
    event->ref = owner.cookie;
    stox_sip_result_from_response(&event->result, response, fate);
    ops_event(agent, event);
}

static void response_cb(void *user, StoxOwner owner, uint64_t transaction, StoxSipMessage *response,
                        StoxSipFate fate, uint64_t flow)
{
    StoxAgent *agent = user;
    StoxTime now = stox_agent_now();

    if (!response || stox_sip_view(response)->status >= 200)
        fate = stox_agent_tx_ended(agent, transaction, response, fate);
    switch (owner.kind) {
    case STOX_OWNER_SESSION:
        stox_sessions_response(agent->sessions, owner, transaction, response, fate, flow, now);
        break;
    case STOX_OWNER_SUBSCRIBER:
        stox_subscribers_response(agent->subscribers, owner, response, fate, flow, now);
        break;
    case STOX_OWNER_NOTIFIER:
        stox_notifiers_response(agent->notifiers, owner, response, fate, flow, now);
        break;
    case STOX_OWNER_AGENT:
        report_page_message(agent, owner, response, fate);
        break;
    case STOX_OWNER_NONE:
        break;
    }
    agent->retry_after_s = 0;
}

static void cancelled_cb(void *user, uint64_t request)
{
    StoxAgent *agent = user;

    stox_sessions_cancelled(agent->sessions, request, stox_agent_now());
}

static void no_ack_cb(void *user, uint64_t request, bool accepted)
{
    StoxAgent *agent = user;

    if (accepted)
        stox_sessions_no_ack(agent->sessions, request, stox_agent_now());
}

/* ---- Timers ---- */

static int64_t next_deadline(const StoxAgent *agent)
{
    int64_t deadline = stox_transactions_deadline(agent->transactions);

    deadline = MIN(deadline, stox_agent_route_deadline(agent));
    deadline = MIN(deadline, stox_rates_deadline(agent->rates));
    deadline = MIN(deadline, stox_sessions_deadline(agent->sessions));
    deadline = MIN(deadline, stox_subscribers_deadline(agent->subscribers));
    return MIN(deadline, stox_notifiers_deadline(agent->notifiers));
}

void stox_agent_rearm(StoxAgent *agent)
{
    int64_t deadline = next_deadline(agent);

    g_source_set_ready_time(agent->timer, deadline == STOX_NEVER ? -1 : deadline * 1000);
}

static gboolean timer_dispatch(GSource *source, GSourceFunc func, gpointer user)
{
    return func(user);
}

static GSourceFuncs timer_funcs = {.dispatch = timer_dispatch};

static gboolean timer_cb(gpointer user)
{
    StoxAgent *agent = user;
    StoxTime now = stox_agent_now();

    stox_agent_route_tick(agent, now);
    stox_rates_tick(agent->rates, now);
    stox_transactions_tick(agent->transactions, now);
    stox_sessions_tick(agent->sessions, now);
    stox_subscribers_tick(agent->subscribers, now);
    stox_notifiers_tick(agent->notifiers, now);
    stox_agent_rearm(agent);
    return G_SOURCE_CONTINUE;
}

typedef struct {
    StoxAgent *agent;
    GSource *source;
    GSourceFunc func;
    void *data;
} Later;

static void later_free(gpointer data)
{
    Later *later = data;

    g_source_destroy(later->source);
    g_source_unref(later->source);
    g_free(later->data);
    g_free(later);
}

static gboolean later_cb(gpointer user)
{
    Later *later = user;

    (void) later->func(later->data);
    g_ptr_array_remove(later->agent->later, later);
    return G_SOURCE_REMOVE;
}

void stox_agent_later(StoxAgent *agent, GSourceFunc func, void *data)
{
    Later *later = g_new0(Later, 1);

    later->agent = agent;
    later->func = func;
    later->data = data;
    later->source = g_idle_source_new();
    g_source_set_priority(later->source, G_PRIORITY_DEFAULT);
    g_source_set_callback(later->source, later_cb, later, NULL);
    g_source_attach(later->source, g_main_context_get_thread_default());
    g_ptr_array_add(agent->later, later);
}

/* ---- Life ---- */

/* An address literal for SDP's o= and c= lines; nothing is ever sent to it. */
static const char *sdp_address(const StoxSettings *settings)
{
    const StoxListenSettings *listen = settings->listens->pdata[0];
    bool plain = !strchr(listen->host, ':') && strcmp(listen->host, "0.0.0.0") != 0;

    return plain ? listen->host : NULL;
}

static void make_machines(StoxAgent *agent)
{
    static const StoxTransactionsOps transaction_ops = {
        .send_request = stox_agent_send_request,
        .send_response = stox_agent_send_response,
        .response = response_cb,
        .another_hop = stox_agent_another_hop,
        .cancelled = cancelled_cb,
        .no_ack = no_ack_cb,
        .token = stox_agent_token,
    };
    StoxTransactionsConfig transactions = {
        .max_server = 100000, .max_answered = 65536, .fqdn = agent->settings->fqdn};
    StoxSessionsConfig sessions = {.fqdn = agent->settings->fqdn,
                                   .sdp_address = (char *) sdp_address(agent->settings),
                                   .sdp_port = stox_transport_port(agent->transport, 0),
                                   .max_sessions = 100000};

    agent->ops = (StoxSipOps){.request = ops_request,
                              .cancel = ops_cancel,
                              .ack = ops_ack,
                              .respond = ops_respond,
                              .event = ops_event,
                              .name = ops_name,
                              .token = stox_agent_token};
    agent->who = (StoxAnswerer){.ops = &agent->ops, .user = agent, .fqdn = agent->settings->fqdn};
    agent->transactions = stox_transactions_new(&transactions, &transaction_ops, agent);
    agent->sessions = stox_sessions_new(&sessions, &agent->ops, agent);
    agent->subscribers = stox_subscribers_new(agent->settings->fqdn, &agent->ops, agent);
    agent->notifiers = stox_notifiers_new(agent->settings->fqdn, 200000, &agent->ops, agent);
    agent->rates = stox_rates_new(MAX_PEERS, stox_agent_rate_cb, agent);
    agent->timer = g_source_new(&timer_funcs, sizeof(GSource));
    g_source_set_callback(agent->timer, timer_cb, agent, NULL);
    g_source_attach(agent->timer, g_main_context_get_thread_default());
}

static bool uses_tls(const StoxSettings *settings)
{
    for (unsigned i = 0; i < settings->hops->len; i++)
        if (((StoxHopSettings *) settings->hops->pdata[i])->kind == STOX_TRANSPORT_TLS)
            return true;
    return false;
}

StoxAgent *stox_agent_new(const StoxSettings *settings, StoxAgentEventFunc func, void *user,
                          GError **error)
{
    static const StoxTransportFuncs funcs = {.message = stox_agent_message_cb,
                                             .connected = stox_agent_connected_cb,
                                             .closed = stox_agent_closed_cb,
                                             .unsent = stox_agent_unsent_cb};
    g_autoptr(StoxAgent) agent = g_new0(StoxAgent, 1);

    agent->settings = settings;
    agent->func = func;
    agent->user = user;
    agent->next_name = 1;
    agent->hops = g_ptr_array_new_with_free_func(stox_agent_hop_free);
    agent->later = g_ptr_array_new_with_free_func(later_free);
    agent->routing = stox_routing_new();
    if (uses_tls(settings)) {
        agent->tls = stox_tls_new(settings, error);
        if (!agent->tls)
            return NULL;
        if (stox_tls_warning(agent->tls))
            g_warning("%s", stox_tls_warning(agent->tls));
    }
    agent->transport = stox_transport_new(settings, agent->tls, &funcs, agent);
    if (!stox_transport_listen(agent->transport, error))
        return NULL;
    for (unsigned i = 0; i < settings->hops->len; i++)
        stox_agent_add_hop(agent, settings->hops->pdata[i]);
    agent->resolver = stox_resolver_new(stox_agent_resolved_cb, agent);
    make_machines(agent);
    stox_agent_rearm(agent); /* the next hops are looked up */
    return g_steal_pointer(&agent);
}

void stox_agent_free(StoxAgent *agent)
{
    if (!agent)
        return;
    if (agent->timer) {
        g_source_destroy(agent->timer);
        g_source_unref(agent->timer);
    }
    stox_transport_free(agent->transport);
    stox_resolver_free(agent->resolver);
    stox_sessions_free(agent->sessions);
    stox_subscribers_free(agent->subscribers);
    stox_notifiers_free(agent->notifiers);
    stox_transactions_free(agent->transactions);
    stox_rates_free(agent->rates);
    stox_routing_free(agent->routing);
    g_ptr_array_unref(agent->hops);
    g_ptr_array_unref(agent->later);
    stox_tls_unref(agent->tls);
    g_free(agent);
}

bool stox_agent_reload_tls(StoxAgent *agent, GError **error)
{
    bool good = !agent->tls || stox_tls_reload(agent->tls, error);

    if (good && agent->tls && stox_tls_warning(agent->tls))
        g_warning("%s", stox_tls_warning(agent->tls));
    return good;
}

/* ---- Actions ---- */

/* An out-of-dialog MESSAGE (RFC 3428 s4; rows M-01 to M-10). */
static void page_message(StoxAgent *agent, const StoxAction *action, const StoxSipHop *hop)
{
    StoxSipBuilder *builder = stox_sip_builder_request("MESSAGE", action->to_uri);
    StoxSipTarget target = {.hop = hop};
    StoxOwner owner = {.kind = STOX_OWNER_AGENT, .id = STOX_AGENT_MESSAGE, .cookie = action->ref};
    g_autofree char *from = stox_sip_name_addr(action->display, action->from_uri);
    g_autofree char *tag = stox_agent_token(agent);
    g_autofree char *call_id =
        action->call_id ? g_strdup(action->call_id) : stox_agent_token(agent);

    stox_sip_builder_addf(builder, "From", "%s;tag=%s", from, tag);
    stox_sip_builder_addf(builder, "To", "<%s>", action->to_uri);
    stox_sip_builder_add(builder, "Call-ID", call_id);
    stox_sip_builder_add(builder, "CSeq", "1 MESSAGE");
    stox_sip_builder_add(builder, "Max-Forwards", "70");
    stox_sip_builder_add(builder, "User-Agent", hop->user_agent);
    stox_sip_builder_message_headers(builder, action);
    stox_sip_builder_body(builder, action->content_type, action->body);
    stox_transactions_request(agent->transactions, builder, &target, owner, stox_agent_now());
}

/* Answers MESSAGE and NOTIFY, which no machine keeps. */
static void respond(StoxAgent *agent, const StoxAction *action)
{
    StoxSipMessage *message = stox_transactions_message(agent->transactions, action->request);

    if (message)
        stox_transactions_respond(agent->transactions, action->request,
                                  stox_answer_result(&agent->who, message, &action->result),
                                  stox_agent_now());
}

/* No hop of that name: only a bug or a reload could bring it about; the sender must still hear of it. */
static void fail_without_hop(StoxAgent *agent, const StoxAction *action)
{
    static const struct {
        StoxActionKind action;
        StoxEventKind event;
    } answers[] = {{STOX_ACTION_SESSION_OPEN, STOX_EVENT_SESSION_FAILED},
                   {STOX_ACTION_SUBSCRIBE, STOX_EVENT_SUBSCRIBE_FAILED},
                   {STOX_ACTION_SIP_MESSAGE, STOX_EVENT_SIP_MESSAGE_RESULT}};

    for (unsigned i = 0; i < G_N_ELEMENTS(answers); i++) {
        StoxEvent *event;

        if (answers[i].action != action->kind)
            continue;
        event = stox_event_new(answers[i].event);
        event->session = action->session;
        event->subscription = action->subscription;
        event->ref = action->ref;
        event->initial = true;
        event->result.fate = STOX_SIP_NOT_SENT;
        agent->func(event, agent->user);
    }
}

static void do_with_hop(StoxAgent *agent, const StoxAction *action)
{
    const StoxAgentHop *hop = action->hop ? stox_agent_hop_by_name(agent, action->hop) : NULL;

    if (!hop)
        fail_without_hop(agent, action);
    else if (action->kind == STOX_ACTION_SESSION_OPEN)
        stox_sessions_open(agent->sessions, action, &hop->sip, stox_agent_now());
    else if (action->kind == STOX_ACTION_SUBSCRIBE)
        stox_subscribers_subscribe(agent->subscribers, action, &hop->sip, stox_agent_now());
    else
        page_message(agent, action, &hop->sip);
}

void stox_agent_do(StoxAgent *agent, const StoxAction *action)
{
    StoxTime now = stox_agent_now();

    switch (action->kind) {
    case STOX_ACTION_SESSION_OPEN:
    case STOX_ACTION_SUBSCRIBE:
        do_with_hop(agent, action);
        break;
    case STOX_ACTION_SIP_MESSAGE:
        if (action->session)
            stox_sessions_message(agent->sessions, action, now);
        else
            do_with_hop(agent, action);
        break;
    case STOX_ACTION_SIP_RESPOND:
        if (!stox_sessions_refuse(agent->sessions, action, now) &&
            !stox_notifiers_refuse(agent->notifiers, action, now))
            respond(agent, action);
        break;
    case STOX_ACTION_SESSION_ACCEPT:
        stox_sessions_accept(agent->sessions, action, now);
        break;
    case STOX_ACTION_SESSION_CLOSE:
        stox_sessions_close(agent->sessions, action, now);
        break;
    case STOX_ACTION_UNSUBSCRIBE:
        stox_subscribers_unsubscribe(agent->subscribers, action, now);
        break;
    case STOX_ACTION_SUBSCRIPTION_ACCEPT:
        stox_notifiers_accept(agent->notifiers, action, now);
        break;
    case STOX_ACTION_NOTIFY:
        stox_notifiers_notify(agent->notifiers, action, now);
        break;
    default:
        break;
    }
}

void stox_agent_flush(StoxAgent *agent)
{
    stox_transport_flush(agent->transport);
    stox_agent_rearm(agent);
}

void stox_agent_stop(StoxAgent *agent, void (*done)(void *user), void *user)
{
    stox_routing_stop(agent->routing);
    stox_transport_shutdown(agent->transport, done, user);
}

void stox_agent_stats(const StoxAgent *agent, StoxAgentStats *ret_stats)
{
    StoxTransportStats transport;

    stox_transport_stats(agent->transport, &transport);
    ret_stats->connections = transport.connections;
    ret_stats->transactions = stox_transactions_count(agent->transactions);
    ret_stats->sessions = stox_sessions_count(agent->sessions);
    ret_stats->subscribers = stox_subscribers_count(agent->subscribers);
    ret_stats->notifiers = stox_notifiers_count(agent->notifiers);
}
