/* SPDX-License-Identifier: MIT */
#include "sip/rate.h"

enum {
    REPORT_MS = 60000,
    IDLE_MS = 2000, /* by then every bucket is full again: nothing is lost with the entry */
    DIALOG_FACTOR =
        4, /* a session or subscription sends several requests for the one that began it */
    REFUSAL_FACTOR = 9, /* with what passes: ten times the limit */
};

/* In thousandths of a request. */
typedef struct {
    uint64_t level, capacity;
} Bucket;

typedef struct {
    char *hop, *peer;
    unsigned limit;
    int64_t filled_ms;
    Bucket fresh, dialog, refusals;
    uint64_t refused, ignored; /* since the last report */
    int64_t reported_ms;       /* 0: never */
} Peer;

struct StoxRates {
    size_t max_peers;
    void (*report)(void *user, const StoxRateReport *report);
    void *user;
    GHashTable *peers; /* of themselves: Peer* -> Peer* */
    Peer *shared;      /* of all for whom there was no room */
    int64_t deadline_ms;
};

static unsigned peer_hash(gconstpointer key)
{
    const Peer *peer = key;

    return g_str_hash(peer->peer) * 31 + g_str_hash(peer->hop);
}

static gboolean peer_equal(gconstpointer a, gconstpointer b)
{
    const Peer *one = a, *two = b;

    return g_str_equal(one->peer, two->peer) && g_str_equal(one->hop, two->hop);
}

static void peer_free(gpointer data)
{
    Peer *peer = data;

    if (!peer)
        return;
    g_free(peer->hop);
    g_free(peer->peer);
    g_free(peer);
}

StoxRates *stox_rates_new(size_t max_peers,
                          void (*report)(void *user, const StoxRateReport *report), void *user)
{
    StoxRates *rates = g_new0(StoxRates, 1);

    rates->max_peers = max_peers;
    rates->report = report;
    rates->user = user;
    rates->peers = g_hash_table_new_full(peer_hash, peer_equal, NULL, peer_free);
    rates->deadline_ms = STOX_NEVER;
    return rates;
}

void stox_rates_free(StoxRates *rates)
{
    if (!rates)
        return;
    g_hash_table_unref(rates->peers);
    peer_free(rates->shared);
    g_free(rates);
}

/* ---- Buckets ---- */

static void set_limit(Peer *peer, unsigned limit)
{
    peer->limit = limit;
    peer->fresh.capacity = UINT64_C(1000) * limit;
    peer->dialog.capacity = peer->fresh.capacity * DIALOG_FACTOR;
    peer->refusals.capacity = peer->fresh.capacity * REFUSAL_FACTOR;
    peer->fresh.level = peer->fresh.capacity;
    peer->dialog.level = peer->dialog.capacity;
    peer->refusals.level = peer->refusals.capacity;
}

static void fill(Bucket *bucket, uint64_t elapsed_ms)
{
    /* One second fills it, so a thousandth of it comes in a millisecond. */
    uint64_t gain = elapsed_ms >= 1000 ? bucket->capacity : bucket->capacity / 1000 * elapsed_ms;

    bucket->level = MIN(bucket->capacity, bucket->level + gain);
}

static bool draw(Bucket *bucket)
{
    if (bucket->level < 1000)
        return false;
    bucket->level -= 1000;
    return true;
}

/* ---- The table ---- */

static Peer *peer_new(const char *hop, const char *name, StoxTime now)
{
    Peer *peer = g_new0(Peer, 1);

    peer->hop = g_strdup(hop);
    peer->peer = g_strdup(name);
    peer->filled_ms = now.mono_ms;
    return peer;
}

/* Makes room by forgetting whom nothing is known of that would not be so again. */
static void forget_idle(StoxRates *rates, StoxTime now)
{
    GHashTableIter iter;
    gpointer value;

    g_hash_table_iter_init(&iter, rates->peers);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        const Peer *peer = value;

        if (!peer->reported_ms && now.mono_ms - peer->filled_ms >= IDLE_MS)
            g_hash_table_iter_remove(&iter);
    }
}

static Peer *find(StoxRates *rates, const char *hop, const char *name, StoxTime now)
{
    Peer wanted = {.hop = (char *) hop, .peer = (char *) name};
    Peer *peer = g_hash_table_lookup(rates->peers, &wanted);

    if (peer)
        return peer;
    if (g_hash_table_size(rates->peers) >= rates->max_peers)
        forget_idle(rates, now);
    if (g_hash_table_size(rates->peers) >= rates->max_peers) {
        if (!rates->shared)
            rates->shared = peer_new(hop, "many addresses", now);
        return rates->shared;
    }
    peer = peer_new(hop, name, now);
    g_hash_table_add(rates->peers, peer);
    return peer;
}

/* ---- Reports ---- */

static void tell(StoxRates *rates, Peer *peer, StoxTime now)
{
    StoxRateReport report = {.hop = peer->hop,
                             .peer = peer->peer,
                             .limit = peer->limit,
                             .refused = peer->refused,
                             .ignored = peer->ignored};

    if (peer->reported_ms)
        report.seconds = (unsigned) ((now.mono_ms - peer->reported_ms) / 1000);
    peer->refused = peer->ignored = 0;
    peer->reported_ms = MAX(now.mono_ms, 1);
    rates->deadline_ms = MIN(rates->deadline_ms, peer->reported_ms + REPORT_MS);
    rates->report(rates->user, &report);
}

/* The report that is due, or none when the peer has kept to its limit since. */
static void look_at(StoxRates *rates, Peer *peer, StoxTime now)
{
    if (!peer->reported_ms)
        return;
    if (now.mono_ms < peer->reported_ms + REPORT_MS)
        rates->deadline_ms = MIN(rates->deadline_ms, peer->reported_ms + REPORT_MS);
    else if (peer->refused || peer->ignored)
        tell(rates, peer, now);
    else
        peer->reported_ms = 0;
}

int64_t stox_rates_deadline(const StoxRates *rates)
{
    return rates->deadline_ms;
}

void stox_rates_tick(StoxRates *rates, StoxTime now)
{
    GHashTableIter iter;
    gpointer value;

    if (now.mono_ms < rates->deadline_ms)
        return;
    rates->deadline_ms = STOX_NEVER;
    g_hash_table_iter_init(&iter, rates->peers);
    while (g_hash_table_iter_next(&iter, NULL, &value))
        look_at(rates, value, now);
    if (rates->shared)
        look_at(rates, rates->shared, now);
}

StoxRateVerdict stox_rates_take(StoxRates *rates, const char *hop, const char *name,
                                StoxRateClass what, unsigned per_second, StoxTime now)
{
    StoxRateVerdict verdict = STOX_RATE_PASS;
    Peer *peer;
    uint64_t elapsed;

    if (per_second == 0)
        return STOX_RATE_PASS;
    peer = find(rates, hop, name, now);
    if (peer->limit != per_second)
        set_limit(peer, per_second);
    elapsed = (uint64_t) MAX(now.mono_ms - peer->filled_ms, 0);
    peer->filled_ms = now.mono_ms;
    fill(&peer->fresh, elapsed);
    fill(&peer->dialog, elapsed);
    fill(&peer->refusals, elapsed);
    if (draw(what == STOX_RATE_NEW ? &peer->fresh : &peer->dialog))
        return STOX_RATE_PASS;
    if (draw(&peer->refusals)) {
        peer->refused++;
        verdict = STOX_RATE_REFUSE;
    } else {
        peer->ignored++;
        verdict = STOX_RATE_IGNORE;
    }
    if (!peer->reported_ms)
        tell(rates, peer, now);
    return verdict;
}
