/* SPDX-License-Identifier: MIT */
#include "tests/unit/sip/pair.h"

#include "translation/error.h"

#include <string.h>

typedef struct {
    int64_t due_ms;
    uint64_t serial;
    PairEnd *to;
    GBytes *bytes;
} Packet;

static void packet_free(gpointer data)
{
    Packet *packet = data;

    g_bytes_unref(packet->bytes);
    g_free(packet);
}

unsigned pair_random(Pair *pair, unsigned n)
{
    return (unsigned) g_rand_int_range(pair->random, 0, (int) n);
}

/* ---- The network ---- */

static PairEnd *other(PairEnd *end)
{
    return end == &end->pair->ends[0] ? &end->pair->ends[1] : &end->pair->ends[0];
}

static void post(PairEnd *to, GBytes *bytes)
{
    Pair *pair = to->pair;
    Packet *packet = g_new0(Packet, 1);

    packet->to = to;
    packet->bytes = g_bytes_ref(bytes);
    packet->serial = pair->tokens++;
    packet->due_ms =
        pair->now.mono_ms + 1 + pair_random(pair, (unsigned) pair->manners.max_delay_ms);
    if (pair->manners.in_order)
        packet->due_ms = MAX(packet->due_ms, to->last_due_ms);
    to->last_due_ms = packet->due_ms;
    g_ptr_array_add(pair->packets, packet);
}

/* What a proxy does to it. */
static GBytes *edited(Pair *pair, GBytes *bytes)
{
    g_autofree char *text = g_strndup(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes));
    char *update = pair->manners.no_update ? strstr(text, ", UPDATE\r\n") : NULL;
    char *to = strstr(text, "\r\nTo: "), *line;
    GString *out;

    if (update)
        memcpy(update, ", FOOBAR", 8);
    out = g_string_new(text);
    if (pair->manners.invite_line && g_str_has_prefix(text, "INVITE ") && to &&
        !memmem(to, strcspn(to + 2, "\r") + 2, ";tag=", 5)) {
        const char *role = pair_random(pair, 2) ? "uac" : "uas";
        char *const *parts = g_strsplit(pair->manners.invite_line, "%s", 2);

        line =
            g_strdup_printf("%s%s%s\r\n", parts[0], parts[1] ? role : "", parts[1] ? parts[1] : "");
        g_string_insert(out, strstr(text, "\r\n") + 2 - text, line);
        g_free(line);
        g_strfreev((char **) parts);
    }
    return g_string_free_to_bytes(out);
}

static void transmit(PairEnd *from, GBytes *bytes)
{
    Pair *pair = from->pair;
    g_autoptr(GBytes) changed = edited(pair, bytes);

    if (pair_random(pair, 1000) >= pair->manners.lost)
        post(other(from), changed);
    if (pair_random(pair, 1000) < pair->manners.twice)
        post(other(from), changed);
}

/* ---- What the transactions ask and tell ---- */

static void send_request(void *user, uint64_t transaction, GBytes *bytes,
                         const StoxSipTarget *target)
{
    transmit(user, bytes);
}

static void send_response(void *user, uint64_t flow, const StoxSipHop *hop, GBytes *bytes,
                          const StoxSipMessage *request)
{
    transmit(user, bytes);
}

static void on_response(void *user, StoxOwner owner, uint64_t transaction, StoxSipMessage *response,
                        StoxSipFate fate, uint64_t flow)
{
    PairEnd *end = user;
    StoxTime now = end->pair->now;

    if (owner.kind == STOX_OWNER_SESSION)
        stox_sessions_response(end->sessions, owner, transaction, response, fate, flow, now);
    else if (owner.kind == STOX_OWNER_SUBSCRIBER)
        stox_subscribers_response(end->subscribers, owner, response, fate, flow, now);
    else if (owner.kind == STOX_OWNER_NOTIFIER)
        stox_notifiers_response(end->notifiers, owner, response, fate, flow, now);
}

static void on_cancelled(void *user, uint64_t request)
{
    PairEnd *end = user;

    stox_sessions_cancelled(end->sessions, request, end->pair->now);
}

static void on_no_ack(void *user, uint64_t request, bool accepted)
{
    PairEnd *end = user;

    if (accepted)
        stox_sessions_no_ack(end->sessions, request, end->pair->now);
}

/* ---- What the machines ask ---- */

static uint64_t ops_request(void *user, StoxSipBuilder *request, const StoxSipTarget *target,
                            StoxOwner owner)
{
    PairEnd *end = user;

    return stox_transactions_request(end->transactions, request, target, owner, end->pair->now);
}

static void ops_cancel(void *user, uint64_t transaction)
{
    PairEnd *end = user;

    stox_transactions_cancel(end->transactions, transaction, end->pair->now);
}

static void ops_ack(void *user, StoxSipBuilder *ack, const StoxSipTarget *target)
{
    PairEnd *end = user;

    stox_transactions_ack(end->transactions, ack, target);
}

static void ops_respond(void *user, uint64_t request, StoxSipBuilder *response)
{
    PairEnd *end = user;

    stox_transactions_respond(end->transactions, request, response, end->pair->now);
}

static void ops_event(void *user, StoxEvent *event)
{
    PairEnd *end = user;

    g_queue_push_tail(&end->events, event);
}

static uint64_t ops_name(void *user)
{
    PairEnd *end = user;

    return end->names += 2;
}

static char *ops_token(void *user)
{
    PairEnd *end = user;

    /* Odd enough for its hash to be a random number. */
    return g_strdup_printf("%08x%08x", g_rand_int(end->pair->random),
                           (unsigned) ++end->pair->tokens);
}

/* ---- From the wire, as the agent does it ---- */

static bool taken(PairEnd *end, const StoxSipIncoming *incoming)
{
    switch (stox_sip_view(incoming->message)->method) {
    case STOX_SIP_SUBSCRIBE:
        return stox_notifiers_receive(end->notifiers, incoming, end->pair->now);
    case STOX_SIP_NOTIFY:
        return stox_subscribers_receive(end->subscribers, incoming, end->pair->now);
    default:
        return stox_sessions_receive(end->sessions, incoming, end->pair->now);
    }
}

static void receive_request(PairEnd *end, StoxSipMessage *message)
{
    StoxSipIncoming incoming = {.message = message, .flow = 7, .hop = &end->hop};

    switch (stox_transactions_receive_request(end->transactions, message, 7, &end->hop,
                                              !end->pair->manners.datagrams, end->pair->now,
                                              &incoming.request)) {
    case STOX_REQUEST_NEW:
        if (!taken(end, &incoming))
            stox_answer_refuse(&end->who, &incoming, 481, STOX_DIAG_NO_SUCH_DIALOG, NULL, NULL);
        break;
    case STOX_REQUEST_ACK:
        incoming.request = 0;
        stox_transactions_acked(end->transactions, message);
        stox_sessions_receive(end->sessions, &incoming, end->pair->now);
        break;
    case STOX_REQUEST_DONE:
        break;
    }
}

static void receive(PairEnd *end, GBytes *bytes)
{
    const char *why = NULL;
    size_t n;
    const char *data = g_bytes_get_data(bytes, &n);
    g_autoptr(StoxSipMessage) message = stox_sip_message_parse(data, n, &why);

    if (!message || stox_sip_defect(message, &why))
        g_error("%s:\n%.*s", why, (int) n, data);
    if (g_getenv("PAIR_TRACE"))
        g_printerr("%10" G_GINT64_FORMAT " to %c: %.*s\n", end->pair->now.mono_ms,
                   end == &end->pair->ends[0] ? 'A' : 'B', (int) n, data);
    if (stox_sip_view(message)->request)
        receive_request(end, message);
    else
        stox_transactions_receive_response(end->transactions, message, 7, end->pair->now);
}

void pair_respond(PairEnd *end, uint64_t request, unsigned status)
{
    StoxSipMessage *message = stox_transactions_message(end->transactions, request);

    if (message)
        stox_transactions_respond(end->transactions, request,
                                  stox_answer_new(&end->who, message, status, NULL, NULL),
                                  end->pair->now);
}

/* ---- Time ---- */

static int64_t end_deadline(const PairEnd *end)
{
    int64_t deadline = stox_transactions_deadline(end->transactions);

    deadline = MIN(deadline, stox_sessions_deadline(end->sessions));
    deadline = MIN(deadline, stox_subscribers_deadline(end->subscribers));
    return MIN(deadline, stox_notifiers_deadline(end->notifiers));
}

static void end_tick(PairEnd *end)
{
    StoxTime now = end->pair->now;

    stox_transactions_tick(end->transactions, now);
    stox_sessions_tick(end->sessions, now);
    stox_subscribers_tick(end->subscribers, now);
    stox_notifiers_tick(end->notifiers, now);
}

static void drain(Pair *pair)
{
    for (unsigned i = 0; i < 2; i++) {
        StoxEvent *event;

        while ((event = g_queue_pop_head(&pair->ends[i].events))) {
            pair->event(pair->user, &pair->ends[i], event);
            stox_event_free(event);
        }
    }
}

static Packet *next_packet(const Pair *pair, unsigned *ret_index)
{
    Packet *first = NULL;

    for (unsigned i = 0; i < pair->packets->len; i++) {
        Packet *packet = pair->packets->pdata[i];

        if (!first || packet->due_ms < first->due_ms ||
            (packet->due_ms == first->due_ms && packet->serial < first->serial)) {
            first = packet;
            *ret_index = i;
        }
    }
    return first;
}

void pair_run(Pair *pair, int64_t ms)
{
    int64_t until = pair->now.mono_ms + ms;

    for (;;) {
        unsigned index = 0;
        Packet *packet = next_packet(pair, &index);
        int64_t at = MIN(end_deadline(&pair->ends[0]), end_deadline(&pair->ends[1]));
        bool wire = packet && packet->due_ms <= at;

        drain(pair);
        at = wire ? packet->due_ms : at;
        if (at > until)
            break;
        pair->now.wall_ms += MAX(at - pair->now.mono_ms, 0);
        pair->now.mono_ms = MAX(at, pair->now.mono_ms);
        if (wire) {
            packet = g_ptr_array_steal_index(pair->packets, index);
            receive(packet->to, packet->bytes);
            packet_free(packet);
        } else {
            end_tick(&pair->ends[0]);
            end_tick(&pair->ends[1]);
        }
        drain(pair);
    }
    pair->now.wall_ms += until - pair->now.mono_ms;
    pair->now.mono_ms = until;
}

void pair_assert_empty(const Pair *pair)
{
    g_assert_cmpuint(pair->packets->len, ==, 0);
    for (unsigned i = 0; i < 2; i++) {
        const PairEnd *end = &pair->ends[i];

        g_assert_cmpuint(stox_sessions_count(end->sessions), ==, 0);
        g_assert_cmpuint(stox_subscribers_count(end->subscribers), ==, 0);
        g_assert_cmpuint(stox_notifiers_count(end->notifiers), ==, 0);
        g_assert_cmpuint(stox_transactions_count(end->transactions), ==, 0);
        g_assert_cmpint(end_deadline(end), ==, STOX_NEVER);
    }
}

/* ---- Life ---- */

static void end_init(PairEnd *end, Pair *pair, const char *sent_by, const char *contact)
{
    static const StoxTransactionsOps transaction_ops = {.send_request = send_request,
                                                        .send_response = send_response,
                                                        .response = on_response,
                                                        .cancelled = on_cancelled,
                                                        .no_ack = on_no_ack,
                                                        .token = ops_token};
    StoxTransactionsConfig config = {.max_server = 10000, .max_answered = 10000, .fqdn = sent_by};
    StoxSessionsConfig sessions = {
        .fqdn = (char *) sent_by, .sdp_port = 5060, .max_sessions = 1000};

    end->pair = pair;
    end->names = 1;
    end->hop =
        (StoxSipHop){.name = (char *) "pair",
                     .transport = pair->manners.datagrams ? STOX_TRANSPORT_UDP : STOX_TRANSPORT_TCP,
                     .sent_by = (char *) sent_by,
                     .contact = (char *) contact,
                     .user_agent = (char *) "stoxd/test"};
    end->ops = (StoxSipOps){.request = ops_request,
                            .cancel = ops_cancel,
                            .ack = ops_ack,
                            .respond = ops_respond,
                            .event = ops_event,
                            .name = ops_name,
                            .token = ops_token};
    end->who = (StoxAnswerer){.ops = &end->ops, .user = end, .fqdn = sent_by};
    g_queue_init(&end->events);
    end->transactions = stox_transactions_new(&config, &transaction_ops, end);
    end->sessions = stox_sessions_new(&sessions, &end->ops, end);
    end->subscribers = stox_subscribers_new(sent_by, &end->ops, end);
    end->notifiers = stox_notifiers_new(sent_by, 1000, &end->ops, end);
}

Pair *pair_new(const PairManners *manners, uint32_t seed,
               void (*event)(void *user, PairEnd *end, const StoxEvent *event), void *user)
{
    Pair *pair = g_new0(Pair, 1);

    pair->manners = *manners;
    pair->random = g_rand_new_with_seed(seed);
    pair->now = (StoxTime){.mono_ms = 1000000, .wall_ms = 1767225600000};
    pair->packets = g_ptr_array_new_with_free_func(packet_free);
    pair->event = event;
    pair->user = user;
    end_init(&pair->ends[0], pair, "a.contoso.example:5060", "a.contoso.example:5060");
    end_init(&pair->ends[1], pair, "b.contoso.example:5060", "b.contoso.example:5060");
    return pair;
}

void pair_free(Pair *pair)
{
    for (unsigned i = 0; i < 2; i++) {
        PairEnd *end = &pair->ends[i];

        stox_sessions_free(end->sessions);
        stox_subscribers_free(end->subscribers);
        stox_notifiers_free(end->notifiers);
        stox_transactions_free(end->transactions);
        g_queue_clear_full(&end->events, (GDestroyNotify) stox_event_free);
    }
    g_ptr_array_unref(pair->packets);
    g_rand_free(pair->random);
    g_free(pair);
}
