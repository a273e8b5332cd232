/* SPDX-License-Identifier: MIT */
/*
 * Any sequence of requests, responses, failures and passing time, on both sides of one transaction layer and over both kinds of transport. An input
 * is a text of one-letter commands with one-digit arguments (see do_command()); "m" brings a message of the input's own, up to a line "====".
 * Promises: each request of ours has one outcome and is silent then, each of theirs is new once in its time, no datagram is too long, all that is
 * sent can be read, and time alone clears the tables.
 */
#include "tests/fuzz/fuzz.h"

#include "sip/transaction.h"

#include <string.h>

enum { MAX_COMMANDS = 400, MAX_KEPT = 64, REMEMBERED_MS = 37000 };

#define SENT_BY (char *) "xgw.contoso.example:5060"

static const StoxSipHop hops[] = {
    {.name = (char *) "tls", .transport = STOX_TRANSPORT_TLS, .sent_by = SENT_BY},
    {.name = (char *) "udp", .transport = STOX_TRANSPORT_UDP, .sent_by = SENT_BY},
    {.name = (char *) "pool",
     .transport = STOX_TRANSPORT_TCP,
     .alternatives = true,
     .sent_by = SENT_BY},
    {.name = (char *) "udp-pool",
     .transport = STOX_TRANSPORT_UDP,
     .alternatives = true,
     .sent_by = SENT_BY},
};

static const char *const methods[] = {"INVITE", "MESSAGE", "SUBSCRIBE", "OPTIONS",
                                      "NOTIFY", "BYE",     "UPDATE"};

/* One transaction of ours, by its id. */
typedef struct {
    bool invite;
    unsigned finals, accepts;
} Ours;

/* One request of theirs. */
typedef struct {
    char *key;
    bool answered, cancelled;
} Theirs;

typedef struct {
    StoxTransactions *transactions;
    StoxTime now;
    const uint8_t *at, *end;
    unsigned others; /* next hops that another_hop still gives */
    uint64_t tokens;
    GPtrArray *sent;    /* GBytes*, the last ones */
    GHashTable *ours;   /* &id -> Ours */
    GHashTable *theirs; /* &id -> Theirs */
    GHashTable *ended;  /* key -> when it was answered (int64_t*); -1: it is not */
    GArray *our_ids, *their_ids;
} World;

/* ---- What the layer says ---- */

static StoxSipMessage *readable(GBytes *bytes)
{
    const char *why = NULL;
    size_t n;
    const char *text = g_bytes_get_data(bytes, &n);
    StoxSipMessage *message = stox_sip_message_parse(text, n, &why);

    g_assert(message);
    return message;
}

static void on_send_request(void *user, uint64_t transaction, GBytes *bytes,
                            const StoxSipTarget *target)
{
    World *w = user;
    Ours *ours = g_hash_table_lookup(w->ours, &transaction);
    g_autoptr(StoxSipMessage) message = readable(bytes);

    g_assert(stox_sip_view(message)->request);
    if (target->hop->transport == STOX_TRANSPORT_UDP && !target->stream)
        g_assert_cmpuint(g_bytes_get_size(bytes), <=, 1300);
    /* Whoever has had his outcome is silent. */
    if (ours)
        g_assert(ours->finals == 0 && ours->accepts == 0);
    g_ptr_array_add(w->sent, g_bytes_ref(bytes));
    if (w->sent->len > MAX_KEPT)
        g_ptr_array_remove_index(w->sent, 0);
}

static void on_send_response(void *user, uint64_t flow, const StoxSipHop *hop, GBytes *bytes,
                             const StoxSipMessage *request)
{
    g_autoptr(StoxSipMessage) message = readable(bytes);

    g_assert(request && hop && !stox_sip_view(message)->request);
    if (stox_sip_view(message)->status > 100)
        g_assert(stox_sip_view(message)->to_tag);
}

static void on_response(void *user, StoxOwner owner, uint64_t transaction, StoxSipMessage *response,
                        StoxSipFate fate, uint64_t flow)
{
    World *w = user;
    Ours *ours = g_hash_table_lookup(w->ours, &transaction);
    unsigned status = response ? stox_sip_view(response)->status : 0;

    g_assert(ours);
    g_assert((fate == STOX_SIP_ANSWERED) == (response != NULL));
    g_assert_cmpuint(ours->finals, ==, 0);
    if (response && status < 200)
        return;
    if (ours->invite && response && status < 300) {
        ours->accepts++;
        return;
    }
    g_assert_cmpuint(ours->accepts, ==, 0);
    ours->finals++;
}

static bool on_another_hop(void *user, uint64_t transaction, const StoxSipTarget *target,
                           int64_t retry_after_s)
{
    World *w = user;

    g_assert(target->hop->alternatives && !target->uri);
    if (!w->others)
        return false;
    w->others--;
    return true;
}

static void set_ended(World *w, const char *key, int64_t when)
{
    g_hash_table_replace(w->ended, g_strdup(key), g_memdup2(&when, sizeof when));
}

static void on_cancelled(void *user, uint64_t request)
{
    World *w = user;
    Theirs *theirs = g_hash_table_lookup(w->theirs, &request);

    bool refused = !stox_transactions_message(w->transactions, request);

    g_assert(theirs && !theirs->answered && (refused || !theirs->cancelled));
    theirs->cancelled = true;
    if (refused) {
        theirs->answered = true;
        set_ended(w, theirs->key, w->now.mono_ms);
    }
}

static void on_no_ack(void *user, uint64_t request, bool accepted)
{
    Theirs *theirs = g_hash_table_lookup(((World *) user)->theirs, &request);

    g_assert(theirs && theirs->answered);
}

static char *on_token(void *user)
{
    return g_strdup_printf("token%u", (unsigned) ++((World *) user)->tokens);
}

/* ---- The input ---- */

static unsigned digit(World *w, unsigned n)
{
    return w->at < w->end ? (unsigned) (uint8_t) (*w->at++ - '0') % n : 0;
}

static uint64_t pick_id(World *w, const GArray *ids)
{
    unsigned back = digit(w, 10) + 1;

    return ids->len >= back ? g_array_index(ids, uint64_t, ids->len - back) : 99999;
}

/* ---- We ask ---- */

static void ask(World *w)
{
    const char *method = methods[digit(w, G_N_ELEMENTS(methods))];
    StoxSipBuilder *builder = stox_sip_builder_request(method, "sip:alice@contoso.example");
    StoxSipTarget target = {.hop = &hops[digit(w, G_N_ELEMENTS(hops))]};
    unsigned size = 500 * digit(w, 4);
    g_autofree char *text = g_strnfill(size, 'x');
    g_autoptr(GBytes) body = g_bytes_new(text, size);
    StoxOwner owner = {.kind = STOX_OWNER_PAGE};
    Ours *ours = g_new0(Ours, 1);
    uint64_t id;

    if (digit(w, 2))
        target.uri = "sip:fe01.contoso.example;lr";
    stox_sip_builder_add(builder, "From", "<sip:bob@partner.example>;tag=us");
    stox_sip_builder_add(builder, "To", "<sip:alice@contoso.example>");
    stox_sip_builder_addf(builder, "Call-ID", "call%u", w->our_ids->len);
    stox_sip_builder_addf(builder, "CSeq", "1 %s", method);
    stox_sip_builder_body(builder, "text/plain", size ? body : NULL);
    id = stox_transactions_request(w->transactions, builder, &target, owner, w->now);
    ours->invite = strcmp(method, "INVITE") == 0;
    g_hash_table_insert(w->ours, g_memdup2(&id, sizeof id), ours);
    g_array_append_val(w->our_ids, id);
}

static void take_response(World *w)
{
    static const unsigned statuses[] = {100, 180, 200, 202, 302, 404, 486, 487, 503, 603};
    unsigned back = digit(w, 10) + 1, status = statuses[digit(w, G_N_ELEMENTS(statuses))];
    g_autoptr(StoxSipMessage) request = NULL;
    g_autoptr(StoxSipMessage) response = NULL;
    g_autoptr(StoxSipBuilder) builder = NULL;
    g_autoptr(GBytes) bytes = NULL;

    if (w->sent->len < back)
        return;
    request = readable(w->sent->pdata[w->sent->len - back]);
    builder = stox_sip_builder_response(request, status, "x", "them");
    bytes = stox_sip_builder_finish(builder, NULL);
    response = readable(bytes);
    stox_transactions_receive_response(w->transactions, response, 77, w->now);
}

static void fail(World *w)
{
    static const StoxSipFate fates[] = {STOX_SIP_NOT_SENT, STOX_SIP_TRANSPORT,
                                        STOX_SIP_NO_SUCH_DOMAIN};
    uint64_t id = pick_id(w, w->our_ids);

    stox_transactions_send_failed(w->transactions, id, fates[digit(w, G_N_ELEMENTS(fates))],
                                  w->now);
}

/* ---- They ask ---- */

static char *key_of(const StoxSipMessage *message, const StoxSipHop *hop)
{
    const StoxSipView *view = stox_sip_view(message);

    return g_strdup_printf("%s %s %s %u %s %s %s %s", hop->name, view->method_name, view->call_id,
                           view->cseq, view->from_tag ? view->from_tag : "",
                           view->to_tag ? view->to_tag : "", view->request_uri,
                           stox_sip_raw(message, "Via")[0]);
}

static void take_request(World *w, StoxSipMessage *message, const StoxSipHop *hop)
{
    bool reliable = hop->transport != STOX_TRANSPORT_UDP;
    g_autofree char *key = NULL;
    const int64_t *ended;
    Theirs *theirs;
    uint64_t id = 0;
    StoxRequestVerdict verdict =
        stox_transactions_receive_request(w->transactions, message, 11, hop, reliable, w->now, &id);

    if (verdict == STOX_REQUEST_ACK)
        stox_transactions_acked(w->transactions, message);
    if (verdict != STOX_REQUEST_NEW || !id)
        return;
    key = key_of(message, hop);
    ended = g_hash_table_lookup(w->ended, key);
    if (ended)
        g_assert(*ended >= 0 && w->now.mono_ms - *ended >= REMEMBERED_MS);
    set_ended(w, key, -1);
    theirs = g_new0(Theirs, 1);
    theirs->key = g_steal_pointer(&key);
    g_assert(g_hash_table_insert(w->theirs, g_memdup2(&id, sizeof id), theirs));
    g_array_append_val(w->their_ids, id);
}

static void they_ask(World *w)
{
    static const char *const all[] = {"INVITE", "MESSAGE", "SUBSCRIBE", "OPTIONS", "NOTIFY",
                                      "BYE",    "UPDATE",  "ACK",       "CANCEL",  "BENOTIFY"};
    static const char *const vias[] = {
        "SIP/2.0/TLS fe01.contoso.example:5061;branch=z9hG4bKone",
        "SIP/2.0/TLS fe01.contoso.example:5061;branch=z9hG4bKtwo",
        "SIP/2.0/TLS fe02.contoso.example:5061;branch=z9hG4bKone",
        "SIP/2.0/TCP 127.0.0.1:45790",
        "SIP/2.0/TLS xgw.contoso.example:5060;branch=z9hG4bKstoxtoken1.1.0.0",
    };
    static const char *const to_tags[] = {"", ";tag=us", ";tag=other"};
    static const char *const forwards[] = {"", "Max-Forwards: 70\r\n", "Max-Forwards: 0\r\n"};
    const char *method = all[digit(w, G_N_ELEMENTS(all))];
    const char *via = vias[digit(w, G_N_ELEMENTS(vias))];
    unsigned cseq = digit(w, 10);
    const char *to_tag = to_tags[digit(w, 3)], *more = forwards[digit(w, 3)];
    const StoxSipHop *hop = &hops[digit(w, G_N_ELEMENTS(hops))];
    g_autofree char *text = g_strdup_printf(
        "%s sip:bob@partner.example SIP/2.0\r\nVia: %s\r\nFrom: "
        "<sip:a@contoso.example>;tag=them\r\n"
        "To: <sip:bob@partner.example>%s\r\nCall-ID: call\r\nCSeq: %u %s\r\n%sContent-Length: 0"
        "\r\n\r\n",
        method, via, to_tag, cseq, method, more);
    g_autoptr(GBytes) bytes = g_bytes_new(text, strlen(text));
    g_autoptr(StoxSipMessage) message = readable(bytes);

    take_request(w, message, hop);
}

static void take_raw(World *w)
{
    static const char separator[] = "====\n";
    const StoxSipHop *hop = &hops[digit(w, G_N_ELEMENTS(hops))];
    size_t left = (size_t) (w->end - w->at);
    const uint8_t *next = memmem(w->at, left, separator, sizeof separator - 1);
    const char *why = NULL;
    g_autoptr(StoxSipMessage) message =
        stox_sip_message_parse((const char *) w->at, next ? (size_t) (next - w->at) : left, &why);

    w->at = next ? next + sizeof separator - 1 : w->end;
    if (!message || stox_sip_defect(message, &why))
        return;
    if (stox_sip_view(message)->request)
        take_request(w, message, hop);
    else
        stox_transactions_receive_response(w->transactions, message, 77, w->now);
}

static void respond(World *w)
{
    static const unsigned statuses[] = {100, 180, 200, 202, 302, 404, 408, 487, 503, 603};
    uint64_t id = pick_id(w, w->their_ids);
    unsigned status = statuses[digit(w, G_N_ELEMENTS(statuses))];
    StoxSipMessage *message = stox_transactions_message(w->transactions, id);
    Theirs *theirs = g_hash_table_lookup(w->theirs, &id);

    if (!message)
        return;
    g_assert(theirs && !theirs->answered);
    if (status >= 200) {
        theirs->answered = true;
        set_ended(w, theirs->key, w->now.mono_ms);
    }
    stox_transactions_respond(w->transactions, id,
                              stox_sip_builder_response(message, status, NULL, "us"), w->now);
}

/* ---- Time ---- */

/* Those that ended by themselves: nobody had answered in time. */
static void note_ends(World *w)
{
    GHashTableIter iter;
    gpointer key, value;

    g_hash_table_iter_init(&iter, w->theirs);
    while (g_hash_table_iter_next(&iter, &key, &value)) {
        Theirs *theirs = value;

        if (!theirs->answered && !stox_transactions_message(w->transactions, *(uint64_t *) key)) {
            theirs->answered = true;
            set_ended(w, theirs->key, w->now.mono_ms);
        }
    }
}

static void pass(World *w, int64_t ms, bool jump)
{
    int64_t end = w->now.mono_ms + ms;

    for (int64_t next; !jump && (next = stox_transactions_deadline(w->transactions)) <= end;) {
        g_assert_cmpint(next, >=, w->now.mono_ms);
        w->now.mono_ms = next;
        stox_transactions_tick(w->transactions, w->now);
        note_ends(w);
    }
    w->now.mono_ms = end;
    stox_transactions_tick(w->transactions, w->now);
    note_ends(w);
}

static void do_command(World *w)
{
    static const int64_t times[] = {1, 200, 500, 1500, 3500, 5000, 32000, 37000, 180000, 36999};

    switch (*w->at++) {
    case 's':
        ask(w);
        break;
    case 'a':
        take_response(w);
        break;
    case 'f':
        fail(w);
        break;
    case 'c':
        stox_transactions_cancel(w->transactions, pick_id(w, w->our_ids), w->now);
        break;
    case 'h':
        w->others = digit(w, 10);
        break;
    case 'q':
        they_ask(w);
        break;
    case 'r':
        respond(w);
        break;
    case 'm':
        take_raw(w);
        break;
    case 't':
        pass(w, times[digit(w, G_N_ELEMENTS(times))], false);
        break;
    case 'j':
        pass(w, times[digit(w, G_N_ELEMENTS(times))], true);
        break;
    default:
        break;
    }
}

/* ---- Beginning and end ---- */

static void theirs_free(gpointer data)
{
    g_free(((Theirs *) data)->key);
    g_free(data);
}

static void world_init(World *w, const uint8_t *data, size_t size)
{
    static const StoxTransactionsOps ops = {
        .send_request = on_send_request,
        .send_response = on_send_response,
        .response = on_response,
        .another_hop = on_another_hop,
        .cancelled = on_cancelled,
        .no_ack = on_no_ack,
        .token = on_token,
    };
    const StoxTransactionsConfig config = {
        .max_server = 20, .max_answered = 1000, .fqdn = "xgw.contoso.example"};

    *w = (World){.now = {.mono_ms = 1000, .wall_ms = 1767225600000},
                 .at = data,
                 .end = data + size,
                 .sent = g_ptr_array_new_with_free_func((GDestroyNotify) g_bytes_unref),
                 .ours = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free),
                 .theirs = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, theirs_free),
                 .ended = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free),
                 .our_ids = g_array_new(FALSE, FALSE, sizeof(uint64_t)),
                 .their_ids = g_array_new(FALSE, FALSE, sizeof(uint64_t))};
    w->transactions = stox_transactions_new(&config, &ops, w);
}

static void world_clear(World *w)
{
    stox_transactions_free(w->transactions);
    g_ptr_array_unref(w->sent);
    g_hash_table_unref(w->ours);
    g_hash_table_unref(w->theirs);
    g_hash_table_unref(w->ended);
    g_array_unref(w->our_ids);
    g_array_unref(w->their_ids);
}

/* Nobody says anything any more: time has to end it all. */
static void finish(World *w)
{
    GHashTableIter iter;
    gpointer value;

    pass(w, 1000000, false);
    g_assert_cmpuint(stox_transactions_count(w->transactions), ==, 0);
    g_assert_cmpint(stox_transactions_deadline(w->transactions), ==, STOX_NEVER);
    g_hash_table_iter_init(&iter, w->ours);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        const Ours *ours = value;

        g_assert_cmpuint(ours->finals + (ours->accepts > 0), ==, 1);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    World world;

    world_init(&world, data, size);
    for (unsigned i = 0; world.at < world.end && i < MAX_COMMANDS; i++)
        do_command(&world);
    finish(&world);
    world_clear(&world);
    return 0;
}
