/* SPDX-License-Identifier: MIT */
/*
 * One failed connect is enough to prefer another server. With no other one left, a server that has just begun to fail is still tried (it may be
 * restarting); it is given up when it fails for longer, or when it was asked with OPTIONS and did not answer well. A single 503 or time-out may
 * be about one user: it makes the server rest, or be asked, and never takes it out by itself.
 */
#include "sip/health.h"

#include <string.h>

enum {
    GRACE_MS = 3000,         /* failing for so long: given up */
    BACKOFF_MS = 5000,       /* R-30 with a shorter base: one next hop serves everybody */
    BACKOFF_MAX_MS = 120000, /* doubled up to this */
    PROBE_MS = 10000,        /* for the answer to OPTIONS, connecting included */
    REST_MS = 5000,          /* after a 503 without Retry-After */
    REST_MAX_MS = 120000,
    HEARD_MS = 1000, /* probes on hearing of it, at most so often */
    IN_A_ROW = 3
};

typedef struct {
    char *name;
    bool down;
    bool given_up;               /* not even a last resort */
    unsigned failures;           /* probes in a row, for the back-off */
    unsigned timeouts, refusals; /* in a row */
    int64_t failing_since;
    int64_t rest_until;
    int64_t not_before;             /* its own Retry-After to OPTIONS */
    int64_t retry_at;               /* down: the next probe */
    int64_t ask_at;                 /* up: the next OPTIONS */
    int64_t probe_until, probed_at; /* 0: none under way */
} Server;

struct StoxHealth {
    int64_t interval_ms;
    StoxHealthOps ops;
    void *user;
    GPtrArray *servers; /* Server*, the preferred one first */
    bool open;
};

static void server_free(gpointer data)
{
    Server *server = data;

    g_free(server->name);
    g_free(server);
}

StoxHealth *stox_health_new(int64_t options_interval_ms, const StoxHealthOps *ops, void *user)
{
    StoxHealth *health = g_new0(StoxHealth, 1);

    health->interval_ms = options_interval_ms;
    health->ops = *ops;
    health->user = user;
    health->servers = g_ptr_array_new_with_free_func(server_free);
    return health;
}

void stox_health_free(StoxHealth *health)
{
    if (!health)
        return;
    g_ptr_array_unref(health->servers);
    g_free(health);
}

static Server *find(const StoxHealth *health, const char *name)
{
    for (unsigned i = 0; i < health->servers->len; i++) {
        Server *server = health->servers->pdata[i];

        if (strcmp(server->name, name) == 0)
            return server;
    }
    return NULL;
}

/* ---- States ---- */

static void check_circuit(StoxHealth *health)
{
    bool open = health->servers->len > 0;

    for (unsigned i = 0; i < health->servers->len; i++)
        open = open && ((Server *) health->servers->pdata[i])->given_up;
    if (open == health->open)
        return;
    health->open = open;
    health->ops.circuit(health->user, open);
}

/* random between half of it and all of it. */
static int64_t backoff(const StoxHealth *health, unsigned failures)
{
    int64_t whole = MIN((int64_t) BACKOFF_MS << MIN(failures, 8), BACKOFF_MAX_MS);

    return whole / 2 + health->ops.random(health->user, (uint32_t) (whole / 2 + 1));
}

static void fail(StoxHealth *health, Server *server, const char *why, bool proven,
                 int64_t retry_after_ms, StoxTime now)
{
    bool first = !server->down;

    if (first) {
        server->down = true;
        server->failing_since = now.mono_ms;
        server->failures = 0;
    }
    server->given_up =
        server->given_up || proven || now.mono_ms - server->failing_since >= GRACE_MS;
    /* A last resort that failed says nothing new about when to probe. */
    if (first || server->probe_until) {
        int64_t wait = backoff(health, server->failures++);

        server->probe_until = 0;
        server->not_before = now.mono_ms + retry_after_ms;
        server->retry_at = now.mono_ms + MAX(wait, retry_after_ms);
    }
    if (first)
        health->ops.changed(health->user, server->name, false, why);
    check_circuit(health);
}

static void recover(StoxHealth *health, Server *server)
{
    server->down = server->given_up = false;
    server->rest_until = 0;
    health->ops.changed(health->user, server->name, true, NULL);
    check_circuit(health);
}

static void alive(StoxHealth *health, Server *server, StoxTime now)
{
    server->timeouts = server->refusals = 0;
    server->probe_until = 0;
    server->ask_at = now.mono_ms + health->interval_ms;
    if (server->down)
        recover(health, server);
}

static void ask(StoxHealth *health, Server *server, StoxTime now)
{
    if (server->probe_until)
        return;
    server->ask_at = now.mono_ms + health->interval_ms;
    /* Before the call, which may be looked at from inside. */
    server->probe_until = now.mono_ms + PROBE_MS;
    server->probed_at = now.mono_ms;
    if (!health->ops.probe(health->user, server->name, server->down) && !server->down)
        server->probe_until = 0;
}

/* ---- Servers ---- */

void stox_health_set_servers(StoxHealth *health, const char *const *names, StoxTime now)
{
    GPtrArray *old = health->servers;

    health->servers = g_ptr_array_new_with_free_func(server_free);
    for (; *names; names++) {
        Server *server = NULL;

        if (find(health, *names))
            continue;
        for (unsigned i = 0; !server && i < old->len; i++)
            if (strcmp(((Server *) old->pdata[i])->name, *names) == 0)
                server = g_ptr_array_steal_index(old, i);
        if (!server) {
            server = g_new0(Server, 1);
            server->name = g_strdup(*names);
            server->ask_at = now.mono_ms + health->interval_ms;
        }
        g_ptr_array_add(health->servers, server);
    }
    g_ptr_array_unref(old);
    check_circuit(health);
}

const char *stox_health_choose(const StoxHealth *health, GHashTable *tried, StoxTime now)
{
    const char *resting = NULL, *last_resort = NULL;

    for (unsigned i = 0; i < health->servers->len; i++) {
        const Server *server = health->servers->pdata[i];

        if (tried && g_hash_table_contains(tried, server->name))
            continue;
        if (!server->down && now.mono_ms >= server->rest_until)
            return server->name;
        if (!server->down && !resting)
            resting = server->name;
        else if (server->down && !server->given_up && !last_resort)
            last_resort = server->name;
    }
    return resting ? resting : last_resort;
}

unsigned stox_health_retry_s(const StoxHealth *health, StoxTime now)
{
    int64_t at = STOX_NEVER;

    for (unsigned i = 0; i < health->servers->len; i++) {
        const Server *server = health->servers->pdata[i];

        if (server->down)
            at = MIN(at, server->probe_until ? now.mono_ms : server->retry_at);
    }
    return at == STOX_NEVER ? 0 : (unsigned) MAX(1, (at - now.mono_ms + 999) / 1000);
}

bool stox_health_any_down(const StoxHealth *health)
{
    for (unsigned i = 0; i < health->servers->len; i++)
        if (((Server *) health->servers->pdata[i])->down)
            return true;
    return false;
}

bool stox_health_is_down(const StoxHealth *health, const char *name)
{
    const Server *server = find(health, name);

    return server && server->down;
}

/* ---- What was seen ---- */

void stox_health_answered(StoxHealth *health, const char *name, StoxTime now)
{
    Server *server = find(health, name);

    if (server)
        alive(health, server, now);
}

void stox_health_refused(StoxHealth *health, const char *name, bool probe, int64_t retry_after_s,
                         StoxTime now)
{
    Server *server = find(health, name);
    int64_t rest = retry_after_s > 0 ? MIN(retry_after_s, REST_MAX_MS / 1000) * 1000 : REST_MS;

    if (!server)
        return;
    if (probe) {
        fail(health, server, "it answers OPTIONS with 503 or 408", true,
             retry_after_s > 0 ? rest : 0, now);
        return;
    }
    server->rest_until = now.mono_ms + rest;
    server->timeouts = 0;
    if (++server->refusals >= IN_A_ROW && !server->down && health->interval_ms > 0)
        ask(health, server, now);
}

void stox_health_timed_out(StoxHealth *health, const char *name, StoxTime now)
{
    Server *server = find(health, name);

    if (!server || server->down)
        return;
    server->timeouts++;
    if (health->interval_ms > 0)
        ask(health, server, now);
    else if (server->timeouts >= IN_A_ROW)
        fail(health, server, "several requests in a row had no answer", true, 0, now);
}

void stox_health_unreachable(StoxHealth *health, const char *name, const char *why, StoxTime now)
{
    Server *server = find(health, name);

    if (server)
        fail(health, server, why, false, 0, now);
}

void stox_health_connected(StoxHealth *health, const char *name, StoxTime now)
{
    Server *server = find(health, name);

    /* With OPTIONS the answer counts: a hung server still accepts. */
    if (server && health->interval_ms == 0 && server->down)
        alive(health, server, now);
}

void stox_health_heard(StoxHealth *health, const char *name, StoxTime now)
{
    Server *server = find(health, name);

    if (!server || !server->down || server->probe_until)
        return;
    server->retry_at = MIN(server->retry_at, MAX(now.mono_ms, server->probed_at + HEARD_MS));
    server->retry_at = MAX(server->retry_at, server->not_before);
}

/* ---- Time ---- */

static int64_t server_deadline(const StoxHealth *health, const Server *server)
{
    if (server->probe_until)
        return server->probe_until;
    if (server->down)
        return server->retry_at;
    return health->interval_ms > 0 ? server->ask_at : STOX_NEVER;
}

int64_t stox_health_deadline(const StoxHealth *health)
{
    int64_t deadline = STOX_NEVER;

    for (unsigned i = 0; i < health->servers->len; i++)
        deadline = MIN(deadline, server_deadline(health, health->servers->pdata[i]));
    return deadline;
}

void stox_health_tick(StoxHealth *health, StoxTime now)
{
    for (unsigned i = 0; i < health->servers->len; i++) {
        Server *server = health->servers->pdata[i];

        if (now.mono_ms < server_deadline(health, server))
            continue;
        if (server->probe_until) {
            health->ops.silent(health->user, server->name);
            fail(health, server,
                 health->interval_ms > 0 ? "no answer to OPTIONS within 10 s"
                                         : "no connection within 10 s",
                 true, 0, now);
        } else {
            ask(health, server, now);
        }
    }
}
