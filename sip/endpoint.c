/* SPDX-License-Identifier: MIT */
#include "sip/endpoint.h"

#include "sip/convert.h"

enum {
    MAX_PEERS = 4096, /* whose requests are counted apart */
    MAX_SERVER = 100000,
    MAX_ANSWERED = 65536,
    MAX_SESSIONS = 100000,
    MAX_NOTIFIERS = 200000
};

struct StoxEndpoint {
    StoxEndpointOps ops;
    void *user;
    char *fqdn;
    char *sdp_address;
    StoxTime now; /* of the call that is being worked on */
    StoxSipOps machine_ops;
    StoxAnswerer who;
    StoxTransactions *transactions;
    StoxSessions *sessions;
    StoxSubscribers *subscribers;
    StoxNotifiers *notifiers;
    StoxRates *rates;
    unsigned
        retry_after_s;  /* while a NOT_SENT is told: when another try makes sense; 0 not known */
    uint64_t next_name; /* odd */
};

/* ---- What the machines ask ---- */

static uint64_t ops_request(void *user, StoxSipBuilder *request, const StoxSipTarget *target,
                            StoxOwner owner)
{
    StoxEndpoint *endpoint = user;

    return stox_transactions_request(endpoint->transactions, request, target, owner, endpoint->now);
}

static void ops_cancel(void *user, uint64_t transaction)
{
    StoxEndpoint *endpoint = user;

    stox_transactions_cancel(endpoint->transactions, transaction, endpoint->now);
}

static void ops_ack(void *user, StoxSipBuilder *ack, const StoxSipTarget *target)
{
    StoxEndpoint *endpoint = user;

    stox_transactions_ack(endpoint->transactions, ack, target);
}

static void ops_respond(void *user, uint64_t request, StoxSipBuilder *response)
{
    StoxEndpoint *endpoint = user;

    stox_transactions_respond(endpoint->transactions, request, response, endpoint->now);
}

static void ops_event(void *user, StoxEvent *event)
{
    StoxEndpoint *endpoint = user;

    if (event->result.fate == STOX_SIP_NOT_SENT && !event->result.retry_after_s)
        event->result.retry_after_s = endpoint->retry_after_s;
    endpoint->ops.event(endpoint->user, event);
}

static uint64_t ops_name(void *user)
{
    StoxEndpoint *endpoint = user;

    endpoint->next_name += 2;
    return endpoint->next_name;
}

static char *ops_token(void *user)
{
    StoxEndpoint *endpoint = user;

    return endpoint->ops.token(endpoint->user);
}

/* ---- What the transactions ask and tell ---- */

static void send_request_cb(void *user, uint64_t transaction, GBytes *bytes,
                            const StoxSipTarget *target)
{
    StoxEndpoint *endpoint = user;

    endpoint->ops.send_request(endpoint->user, transaction, bytes, target);
}

static void send_response_cb(void *user, uint64_t flow, const StoxSipHop *hop, GBytes *bytes,
                             const StoxSipMessage *request)
{
    StoxEndpoint *endpoint = user;

    endpoint->ops.send_response(endpoint->user, flow, hop, bytes, request);
}

static bool another_hop_cb(void *user, uint64_t transaction, const StoxSipTarget *target,
                           int64_t retry_after_s)
{
    StoxEndpoint *endpoint = user;

    return endpoint->ops.another_hop(endpoint->user, transaction, target, retry_after_s);
}

static void report_page_message(StoxEndpoint *endpoint, StoxOwner owner, StoxSipMessage *response,
                                StoxSipFate fate)
{
    StoxEvent *event;

    if (response && stox_sip_view(response)->status < 200)
        return;
    event = stox_event_new(STOX_EVENT_SIP_MESSAGE_RESULT);
    event->ref = owner.cookie;
    stox_sip_result_from_response(&event->result, response, fate);
    ops_event(endpoint, event);
}

static void response_cb(void *user, StoxOwner owner, uint64_t transaction, StoxSipMessage *response,
                        StoxSipFate fate, uint64_t flow)
{
    StoxEndpoint *endpoint = user;
    StoxTime now = endpoint->now;

    if (!response || stox_sip_view(response)->status >= 200)
        fate = endpoint->ops.ended(endpoint->user, transaction, response, fate,
                                   &endpoint->retry_after_s);
    switch (owner.kind) {
    case STOX_OWNER_SESSION:
        stox_sessions_response(endpoint->sessions, owner, transaction, response, fate, flow, now);
        break;
    case STOX_OWNER_SUBSCRIBER:
        stox_subscribers_response(endpoint->subscribers, owner, response, fate, flow, now);
        break;
    case STOX_OWNER_NOTIFIER:
        stox_notifiers_response(endpoint->notifiers, owner, response, fate, flow, now);
        break;
    case STOX_OWNER_PAGE:
        report_page_message(endpoint, owner, response, fate);
        break;
    case STOX_OWNER_NONE:
        break;
    }
    endpoint->retry_after_s = 0;
}

static void cancelled_cb(void *user, uint64_t request)
{
    StoxEndpoint *endpoint = user;

    stox_sessions_cancelled(endpoint->sessions, request, endpoint->now);
}

static void no_ack_cb(void *user, uint64_t request, bool accepted)
{
    StoxEndpoint *endpoint = user;

    if (accepted)
        stox_sessions_no_ack(endpoint->sessions, request, endpoint->now);
}

static void rate_cb(void *user, const StoxRateReport *report)
{
    StoxEndpoint *endpoint = user;

    endpoint->ops.rate(endpoint->user, report);
}

/* ---- Life ---- */

StoxEndpoint *stox_endpoint_new(const StoxEndpointConfig *config, const StoxEndpointOps *ops,
                                void *user)
{
    static const StoxTransactionsOps transaction_ops = {
        .send_request = send_request_cb,
        .send_response = send_response_cb,
        .response = response_cb,
        .another_hop = another_hop_cb,
        .cancelled = cancelled_cb,
        .no_ack = no_ack_cb,
        .token = ops_token,
    };
    StoxEndpoint *endpoint = g_new0(StoxEndpoint, 1);
    StoxTransactionsConfig transactions = {
        .max_server = MAX_SERVER, .max_answered = MAX_ANSWERED, .fqdn = config->fqdn};
    StoxSessionsConfig sessions = {.sdp_port = config->sdp_port, .max_sessions = MAX_SESSIONS};

    endpoint->ops = *ops;
    endpoint->user = user;
    endpoint->next_name = 1;
    sessions.fqdn = endpoint->fqdn = g_strdup(config->fqdn);
    sessions.sdp_address = endpoint->sdp_address = g_strdup(config->sdp_address);
    endpoint->machine_ops = (StoxSipOps){.request = ops_request,
                                         .cancel = ops_cancel,
                                         .ack = ops_ack,
                                         .respond = ops_respond,
                                         .event = ops_event,
                                         .name = ops_name,
                                         .token = ops_token};
    endpoint->who =
        (StoxAnswerer){.ops = &endpoint->machine_ops, .user = endpoint, .fqdn = endpoint->fqdn};
    endpoint->transactions = stox_transactions_new(&transactions, &transaction_ops, endpoint);
    endpoint->sessions = stox_sessions_new(&sessions, &endpoint->machine_ops, endpoint);
    endpoint->subscribers = stox_subscribers_new(endpoint->fqdn, &endpoint->machine_ops, endpoint);
    endpoint->notifiers =
        stox_notifiers_new(endpoint->fqdn, MAX_NOTIFIERS, &endpoint->machine_ops, endpoint);
    endpoint->rates = stox_rates_new(MAX_PEERS, rate_cb, endpoint);
    return endpoint;
}

void stox_endpoint_free(StoxEndpoint *endpoint)
{
    if (!endpoint)
        return;
    stox_sessions_free(endpoint->sessions);
    stox_subscribers_free(endpoint->subscribers);
    stox_notifiers_free(endpoint->notifiers);
    stox_transactions_free(endpoint->transactions);
    stox_rates_free(endpoint->rates);
    g_free(endpoint->fqdn);
    g_free(endpoint->sdp_address);
    g_free(endpoint);
}

/* ---- Actions ---- */

/* An out-of-dialog MESSAGE (RFC 3428 s4; rows M-01 to M-10). */
static void page_message(StoxEndpoint *endpoint, const StoxAction *action, const StoxSipHop *hop)
{
    StoxSipBuilder *builder = stox_sip_builder_request("MESSAGE", action->to_uri);
    StoxSipTarget target = {.hop = hop};
    StoxOwner owner = {.kind = STOX_OWNER_PAGE, .cookie = action->ref};
    g_autofree char *from = stox_sip_name_addr(action->display, action->from_uri);
    g_autofree char *tag = ops_token(endpoint);
    g_autofree char *call_id = action->call_id ? g_strdup(action->call_id) : ops_token(endpoint);

    stox_sip_builder_addf(builder, "From", "%s;tag=%s", from, tag);
    stox_sip_builder_addf(builder, "To", "<%s>", action->to_uri);
    stox_sip_builder_add(builder, "Call-ID", call_id);
    /* numbers rise where a thread gives several requests the same Call-ID. */
    stox_sip_builder_addf(builder, "CSeq", "%" G_GUINT64_FORMAT " MESSAGE",
                          action->call_id ? action->ref % G_MAXINT32 + 1 : 1);
    stox_sip_builder_add(builder, "Max-Forwards", "70");
    stox_sip_builder_add(builder, "User-Agent", hop->user_agent);
    stox_sip_builder_message_headers(builder, action);
    stox_sip_builder_body(builder, action->content_type, action->body);
    ops_request(endpoint, builder, &target, owner);
}

/* Answers MESSAGE and NOTIFY, which no machine keeps. */
static void respond(StoxEndpoint *endpoint, const StoxAction *action)
{
    StoxSipMessage *message = stox_transactions_message(endpoint->transactions, action->request);

    if (message)
        ops_respond(endpoint, action->request,
                    stox_answer_result(&endpoint->who, message, &action->result));
}

/* No hop of that name: only a bug or a reload could bring it about; the sender must still hear of it. */
static void fail_without_hop(StoxEndpoint *endpoint, const StoxAction *action)
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
        ops_event(endpoint, event);
    }
}

static void do_with_hop(StoxEndpoint *endpoint, const StoxAction *action, const StoxSipHop *hop)
{
    if (!hop)
        fail_without_hop(endpoint, action);
    else if (action->kind == STOX_ACTION_SESSION_OPEN)
        stox_sessions_open(endpoint->sessions, action, hop, endpoint->now);
    else if (action->kind == STOX_ACTION_SUBSCRIBE)
        stox_subscribers_subscribe(endpoint->subscribers, action, hop, endpoint->now);
    else
        page_message(endpoint, action, hop);
}

void stox_endpoint_do(StoxEndpoint *endpoint, const StoxAction *action, const StoxSipHop *hop,
                      StoxTime now)
{
    endpoint->now = now;
    switch (action->kind) {
    case STOX_ACTION_SESSION_OPEN:
    case STOX_ACTION_SUBSCRIBE:
        do_with_hop(endpoint, action, hop);
        break;
    case STOX_ACTION_SIP_MESSAGE:
        if (action->session)
            stox_sessions_message(endpoint->sessions, action, now);
        else
            do_with_hop(endpoint, action, hop);
        break;
    case STOX_ACTION_SIP_RESPOND:
        if (!stox_sessions_refuse(endpoint->sessions, action, now) &&
            !stox_notifiers_refuse(endpoint->notifiers, action, now))
            respond(endpoint, action);
        break;
    case STOX_ACTION_SESSION_ACCEPT:
        stox_sessions_accept(endpoint->sessions, action, now);
        break;
    case STOX_ACTION_SESSION_CLOSE:
        stox_sessions_close(endpoint->sessions, action, now);
        break;
    case STOX_ACTION_SESSION_INFO:
        stox_sessions_info(endpoint->sessions, action, now);
        break;
    case STOX_ACTION_UNSUBSCRIBE:
        stox_subscribers_unsubscribe(endpoint->subscribers, action, now);
        break;
    case STOX_ACTION_SUBSCRIPTION_ACCEPT:
        stox_notifiers_accept(endpoint->notifiers, action, now);
        break;
    case STOX_ACTION_NOTIFY:
        stox_notifiers_notify(endpoint->notifiers, action, now);
        break;
    default:
        break;
    }
}

/* ---- The wire ---- */

void stox_endpoint_receive(StoxEndpoint *endpoint, StoxSipMessage *message,
                           const StoxSipSource *source, StoxTime now)
{
    const StoxReceiver receiver = {
        .who = &endpoint->who,
        .transactions = endpoint->transactions,
        .sessions = endpoint->sessions,
        .subscribers = endpoint->subscribers,
        .notifiers = endpoint->notifiers,
        .rates = endpoint->rates,
        .send = send_response_cb,
    };

    endpoint->now = now;
    stox_receive(&receiver, message, source, now);
}

void stox_endpoint_ask(StoxEndpoint *endpoint, StoxSipBuilder *request, const StoxSipTarget *target,
                       StoxTime now)
{
    endpoint->now = now;
    ops_request(endpoint, request, target, (StoxOwner){.kind = STOX_OWNER_NONE});
}

void stox_endpoint_send_failed(StoxEndpoint *endpoint, uint64_t transaction, StoxSipFate fate,
                               StoxTime now)
{
    endpoint->now = now;
    stox_transactions_send_failed(endpoint->transactions, transaction, fate, now);
}

StoxSubscribers *stox_endpoint_subscribers(StoxEndpoint *endpoint)
{
    return endpoint->subscribers;
}

/* ---- Time ---- */

int64_t stox_endpoint_deadline(const StoxEndpoint *endpoint)
{
    int64_t deadline = stox_transactions_deadline(endpoint->transactions);

    deadline = MIN(deadline, stox_rates_deadline(endpoint->rates));
    deadline = MIN(deadline, stox_sessions_deadline(endpoint->sessions));
    deadline = MIN(deadline, stox_subscribers_deadline(endpoint->subscribers));
    return MIN(deadline, stox_notifiers_deadline(endpoint->notifiers));
}

void stox_endpoint_tick(StoxEndpoint *endpoint, StoxTime now)
{
    endpoint->now = now;
    stox_rates_tick(endpoint->rates, now);
    stox_transactions_tick(endpoint->transactions, now);
    stox_sessions_tick(endpoint->sessions, now);
    stox_subscribers_tick(endpoint->subscribers, now);
    stox_notifiers_tick(endpoint->notifiers, now);
}

void stox_endpoint_stats(const StoxEndpoint *endpoint, StoxEndpointStats *ret_stats)
{
    ret_stats->transactions = stox_transactions_count(endpoint->transactions);
    ret_stats->sessions = stox_sessions_count(endpoint->sessions);
    ret_stats->subscribers = stox_subscribers_count(endpoint->subscribers);
    ret_stats->notifiers = stox_notifiers_count(endpoint->notifiers);
}
