/* SPDX-License-Identifier: MIT */
/*
 * Two transaction layers against each other, through a channel that loses, doubles and reorders datagrams, in virtual time, thousands of times, each from a seed:
 * every request has one outcome, the other side sees it at most once, both sides agree, and in the end nothing is left. Rows, M-38; RFC 6026.
 */
#include "sip/transaction.h"

#include <stdlib.h>
#include <string.h>

enum { SEEDS = 7000, REQUESTS = 6, LATEST_MS = 8000 };

static const StoxSipHop udp_hop = {.name = (char *) "udp",
                                   .transport = STOX_TRANSPORT_UDP,
                                   .sent_by = (char *) "xgw.contoso.example:5060"};
static const StoxSipHop peer_hop = {.name = (char *) "peer",
                                    .transport = STOX_TRANSPORT_UDP,
                                    .sent_by = (char *) "sip.contoso.example:5060"};

typedef struct World World;

typedef struct {
    World *world;
    StoxTransactions *transactions;
    bool client;
    uint64_t tokens;
} End;

typedef struct {
    int64_t at;
    End *to;
    GBytes *bytes;
    bool reliable;
} Packet;

/* One request, and all that is known of it on both sides. */
typedef struct {
    bool invite, cancel, large;
    int64_t begin_ms, cancel_ms; /* from the start */
    uint64_t id;                 /* of the client transaction; 0: not begun */
    unsigned finals, accepts;    /* that its owner has heard; 2xx to INVITE */
    unsigned status;             /* last final, 0: none */
    StoxSipFate fate;
    /* Server */
    unsigned seen;
    uint64_t request;
    int64_t answer_ms;
    unsigned answered; /* status */
    unsigned acked, no_ack;
    bool was_cancelled;
} Case;

struct World {
    GRand *rand;
    double loss, doubles;
    int delay_ms;
    End client, server;
    GQueue channel; /* Packet*, by time */
    Case cases[REQUESTS];
    StoxTime now;
    unsigned datagrams, streams;
};

static bool chance(World *w, double p)
{
    return g_rand_double(w->rand) < p;
}

/* ---- The channel ---- */

static int by_time(gconstpointer a, gconstpointer b, gpointer user)
{
    int64_t first = ((const Packet *) a)->at, second = ((const Packet *) b)->at;

    return first < second ? -1 : first > second;
}

static void put(World *w, End *to, GBytes *bytes, bool reliable)
{
    Packet *packet = g_new0(Packet, 1);

    packet->to = to;
    packet->bytes = g_bytes_ref(bytes);
    packet->reliable = reliable;
    packet->at = w->now.mono_ms + (reliable ? 5 : g_rand_int_range(w->rand, 1, w->delay_ms + 1));
    g_queue_insert_sorted(&w->channel, packet, by_time, NULL);
}

static void transmit(World *w, End *to, GBytes *bytes, bool reliable)
{
    if (reliable) {
        w->streams++;
        put(w, to, bytes, true);
        return;
    }
    w->datagrams++;
    /* M-38 */
    g_assert_cmpuint(g_bytes_get_size(bytes), <=, 1300);
    if (!chance(w, w->loss))
        put(w, to, bytes, false);
    if (chance(w, w->doubles))
        put(w, to, bytes, false);
}

/* ---- What the layers say ---- */

static Case *case_of(World *w, const StoxSipMessage *message)
{
    unsigned long index = strtoul(stox_sip_view(message)->call_id + strlen("call"), NULL, 10);

    g_assert_cmpuint(index, <, REQUESTS);
    return &w->cases[index];
}

static void on_send_request(void *user, uint64_t transaction, GBytes *bytes,
                            const StoxSipTarget *target)
{
    End *end = user;

    g_assert_true(end->client);
    transmit(end->world, &end->world->server, bytes, target->stream);
}

static void on_send_response(void *user, uint64_t flow, const StoxSipHop *hop, GBytes *bytes,
                             const StoxSipMessage *request)
{
    End *end = user;

    g_assert_false(end->client);
    g_assert_nonnull(request);
    transmit(end->world, &end->world->client, bytes, flow == 2);
}

/* The ACK of a 2xx is the owner's to send, for each 2xx. */
static void send_ack(World *w, const StoxSipMessage *response)
{
    StoxSipTarget target = {.hop = &udp_hop};
    StoxSipBuilder *ack = stox_sip_builder_request("ACK", "sip:alice@contoso.example");

    stox_sip_builder_add(ack, "From", stox_sip_raw(response, "From")[0]);
    stox_sip_builder_add(ack, "To", stox_sip_raw(response, "To")[0]);
    stox_sip_builder_add(ack, "Call-ID", stox_sip_raw(response, "Call-ID")[0]);
    stox_sip_builder_add(ack, "CSeq", "1 ACK");
    stox_transactions_ack(w->client.transactions, ack, &target);
}

static void on_response(void *user, StoxOwner owner, uint64_t transaction, StoxSipMessage *response,
                        StoxSipFate fate, uint64_t flow)
{
    End *end = user;
    Case *c = &end->world->cases[owner.id];
    unsigned status = response ? stox_sip_view(response)->status : 0;

    g_assert_cmpuint(c->id, ==, transaction);
    if (response && status < 200)
        return;
    c->fate = fate;
    if (c->invite && response && status < 300) {
        c->accepts++;
        send_ack(end->world, response);
    } else {
        c->finals++;
    }
    c->status = status;
}

static void answer(World *w, Case *c, unsigned status)
{
    StoxSipMessage *message = stox_transactions_message(w->server.transactions, c->request);

    if (!message || c->answered)
        return;
    if (status >= 200)
        c->answered = status;
    stox_transactions_respond(w->server.transactions, c->request,
                              stox_sip_builder_response(message, status, NULL, "them"), w->now);
}

static Case *case_of_request(World *w, uint64_t request)
{
    for (unsigned i = 0; i < REQUESTS; i++)
        if (w->cases[i].request == request)
            return &w->cases[i];
    g_assert_not_reached();
}

static void on_cancelled(void *user, uint64_t request)
{
    World *w = ((End *) user)->world;
    Case *c = case_of_request(w, request);

    g_assert_false(c->was_cancelled);
    c->was_cancelled = true;
    answer(w, c, 487);
}

static void on_no_ack(void *user, uint64_t request, bool accepted)
{
    Case *c = case_of_request(((End *) user)->world, request);

    g_assert_cmpint(accepted, ==, c->answered < 300);
    c->no_ack++;
}

static char *on_token(void *user)
{
    End *end = user;

    return g_strdup_printf("%s%u", end->client ? "c" : "s", (unsigned) ++end->tokens);
}

/* ---- What comes out of the channel ---- */

static void take_request(World *w, StoxSipMessage *message, bool reliable)
{
    Case *c = case_of(w, message);
    uint64_t request = 0;

    switch (stox_transactions_receive_request(w->server.transactions, message, reliable ? 2 : 1,
                                              &peer_hop, reliable, w->now, &request)) {
    case STOX_REQUEST_NEW:
        /* At most once, whatever is doubled. */
        c->seen++;
        g_assert_cmpuint(c->seen, ==, 1);
        c->request = request;
        if (chance(w, 0.3))
            answer(w, c, 180);
        c->answer_ms =
            w->now.mono_ms + (chance(w, 0.2) ? 0 : g_rand_int_range(w->rand, 0, LATEST_MS));
        break;
    case STOX_REQUEST_ACK:
        stox_transactions_acked(w->server.transactions, message);
        /* One behind Timer H comes too late. */
        c->acked += !c->no_ack;
        break;
    case STOX_REQUEST_DONE:
        break;
    }
}

static void deliver(World *w, Packet *packet)
{
    const char *why = NULL;
    size_t n;
    const char *text = g_bytes_get_data(packet->bytes, &n);
    g_autoptr(StoxSipMessage) message = stox_sip_message_parse(text, n, &why);

    g_assert_nonnull(message);
    if (packet->to->client)
        stox_transactions_receive_response(w->client.transactions, message, 1, w->now);
    else
        take_request(w, message, packet->reliable);
    g_bytes_unref(packet->bytes);
    g_free(packet);
}

/* ---- The client's owner ---- */

static void begin(World *w, unsigned index)
{
    Case *c = &w->cases[index];
    const char *method = c->invite ? "INVITE" : "MESSAGE";
    StoxSipBuilder *builder = stox_sip_builder_request(method, "sip:alice@contoso.example");
    StoxSipTarget target = {.hop = &udp_hop};
    StoxOwner owner = {.kind = STOX_OWNER_PAGE, .id = index};

    stox_sip_builder_addf(builder, "From", "<sip:bob@partner.example>;tag=us%u", index);
    stox_sip_builder_add(builder, "To", "<sip:alice@contoso.example>");
    stox_sip_builder_addf(builder, "Call-ID", "call%u", index);
    stox_sip_builder_addf(builder, "CSeq", "1 %s", method);
    if (c->large) {
        g_autofree char *body = g_strnfill(1500, 'x');
        g_autoptr(GBytes) bytes = g_bytes_new(body, 1500);

        stox_sip_builder_body(builder, "text/plain", bytes);
    }
    c->id = stox_transactions_request(w->client.transactions, builder, &target, owner, w->now);
}

static void act(World *w)
{
    for (unsigned i = 0; i < REQUESTS; i++) {
        Case *c = &w->cases[i];

        if (!c->id && w->now.mono_ms >= c->begin_ms)
            begin(w, i);
        if (c->id && c->cancel && w->now.mono_ms >= c->cancel_ms) {
            stox_transactions_cancel(w->client.transactions, c->id, w->now);
            c->cancel = false;
        }
        if (c->seen && !c->answered && w->now.mono_ms >= c->answer_ms)
            answer(w, c, chance(w, 0.5) ? 200 : 486);
    }
}

static int64_t next_act(const World *w)
{
    int64_t next = STOX_NEVER;

    for (unsigned i = 0; i < REQUESTS; i++) {
        const Case *c = &w->cases[i];

        if (!c->id)
            next = MIN(next, c->begin_ms);
        else if (c->cancel)
            next = MIN(next, c->cancel_ms);
        if (c->seen && !c->answered &&
            stox_transactions_message(w->server.transactions, c->request))
            next = MIN(next, c->answer_ms);
    }
    return next;
}

/* Until nothing is left to come. */
static void run(World *w)
{
    for (;;) {
        const Packet *packet = g_queue_peek_head(&w->channel);
        int64_t next = packet ? packet->at : STOX_NEVER;

        next = MIN(next, next_act(w));
        next = MIN(next, stox_transactions_deadline(w->client.transactions));
        next = MIN(next, stox_transactions_deadline(w->server.transactions));
        if (next == STOX_NEVER)
            return;
        g_assert_cmpint(next, <, 600000);
        w->now.mono_ms = MAX(w->now.mono_ms, next);
        stox_transactions_tick(w->client.transactions, w->now);
        stox_transactions_tick(w->server.transactions, w->now);
        act(w);
        while ((packet = g_queue_peek_head(&w->channel)) && packet->at <= w->now.mono_ms)
            deliver(w, g_queue_pop_head(&w->channel));
    }
}

/* ---- One world ---- */

static void check_case(const World *w, const Case *c)
{
    /* One outcome: a final answer, or a time-out; the 2xx of an INVITE may come repeatedly. */
    g_assert_cmpuint(c->finals + (c->accepts > 0), ==, 1);
    if (c->fate == STOX_SIP_ANSWERED) {
        g_assert_cmpuint(c->seen, ==, 1);
        g_assert_cmpuint(c->status, ==, c->answered);
    } else {
        g_assert_cmpint(c->fate, ==, STOX_SIP_TIMEOUT);
    }
    /* Nothing is lost without loss. */
    if (w->loss == 0 && !c->was_cancelled)
        g_assert_cmpint(c->fate, ==, STOX_SIP_ANSWERED);
    if (c->invite && c->answered) {
        bool accepted = c->answered < 300;

        if (accepted && c->acked)
            g_assert_cmpuint(c->no_ack, ==, 0);
        else if (accepted)
            g_assert_cmpuint(c->no_ack, ==, 1);
        if (w->loss == 0)
            g_assert_cmpuint(c->no_ack, ==, 0);
    } else {
        g_assert_cmpuint(c->no_ack, ==, 0);
    }
}

static void end_up(World *w, End *end, bool client)
{
    static const StoxTransactionsOps ops = {
        .send_request = on_send_request,
        .send_response = on_send_response,
        .response = on_response,
        .cancelled = on_cancelled,
        .no_ack = on_no_ack,
        .token = on_token,
    };
    const StoxTransactionsConfig config = {
        .max_server = 100, .max_answered = 100, .fqdn = "xgw.contoso.example"};

    end->world = w;
    end->client = client;
    end->transactions = stox_transactions_new(&config, &ops, end);
}

static void world_run(unsigned seed, double loss, double doubles, int delay_ms, unsigned *timeouts,
                      unsigned *answers)
{
    World w = {
        .rand = g_rand_new_with_seed(seed), .loss = loss, .doubles = doubles, .delay_ms = delay_ms};

    for (unsigned i = 0; i < REQUESTS; i++) {
        Case *c = &w.cases[i];

        c->invite = chance(&w, 0.5);
        c->large = !c->invite && chance(&w, 0.1);
        c->cancel = c->invite && chance(&w, 0.3);
        c->begin_ms = g_rand_int_range(w.rand, 0, 5000);
        c->cancel_ms = c->begin_ms + g_rand_int_range(w.rand, 0, 9000);
    }
    end_up(&w, &w.client, true);
    end_up(&w, &w.server, false);
    run(&w);
    for (unsigned i = 0; i < REQUESTS; i++) {
        check_case(&w, &w.cases[i]);
        *timeouts += w.cases[i].fate == STOX_SIP_TIMEOUT;
        *answers += w.cases[i].fate == STOX_SIP_ANSWERED;
    }
    g_assert_cmpuint(stox_transactions_count(w.client.transactions), ==, 0);
    g_assert_cmpuint(stox_transactions_count(w.server.transactions), ==, 0);
    stox_transactions_free(w.client.transactions);
    stox_transactions_free(w.server.transactions);
    g_rand_free(w.rand);
}

typedef struct {
    const char *name;
    double loss, doubles;
    int delay_ms;
    double least, most; /* of the requests time out */
} Weather;

static const Weather weathers[] = {
    {"calm", 0, 0, 5, 0, 0},
    {"doubled", 0, 1, 400, 0, 0},
    {"reordered", 0, 0.2, 3000, 0, 0},
    {"tenth lost", 0.1, 0.05, 100, 0, 0.01},
    {"third lost", 0.33, 0.2, 800, 0, 0.01},
    {"two thirds lost", 0.67, 0.2, 800, 0.01, 0.15},
    {"all lost but streams", 1, 0, 1, 0.9, 0.99},
};

static void test_weather(gconstpointer data)
{
    const Weather *weather = data;
    unsigned timeouts = 0, answers = 0, seeds = SEEDS / G_N_ELEMENTS(weathers);
    const char *one = g_getenv("STOX_TEST_SEED");

    if (one)
        world_run((unsigned) atoi(one), weather->loss, weather->doubles, weather->delay_ms,
                  &timeouts, &answers);
    for (unsigned seed = 0; seed < seeds && !one; seed++) {
        if (g_test_verbose())
            g_test_message("seed %u", seed);
        world_run(seed, weather->loss, weather->doubles, weather->delay_ms, &timeouts, &answers);
    }
    g_test_message("%u answered, %u timed out", answers, timeouts);
    if (!one) {
        g_assert_cmpfloat(timeouts, >=, weather->least * (timeouts + answers));
        g_assert_cmpfloat(timeouts, <=, weather->most * (timeouts + answers));
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (unsigned i = 0; i < G_N_ELEMENTS(weathers); i++) {
        g_autofree char *path = g_strconcat("/sip/transaction/channel/", weathers[i].name, NULL);

        g_test_add_data_func(path, &weathers[i], test_weather);
    }
    return g_test_run();
}
