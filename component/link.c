/* SPDX-License-Identifier: MIT */
/*
 * One stream's life: connecting, opening, proving (the handshake), up, lost, waiting, connecting again; closing when it is stopped.
 *
 * One timer serves all states. Whatever goes wrong is only noted (stox_link_fail) where it is seen and carried out by the next source that runs
 * (stox_link_settle), so that neither a caller's send nor the parser is ever torn down from inside itself.
 */
#include "component/link-private.h"

enum {
    STOP_MS = 2000,      /* for the peer's </stream:stream> */
    LOG_AGAIN_MS = 60000 /* the same failure is said at most this often */
};

int64_t stox_link_now(void)
{
    return g_get_monotonic_time() / 1000;
}

void stox_link_drop_source(GSource **source)
{
    if (!*source)
        return;
    g_source_destroy(*source);
    g_clear_pointer(source, g_source_unref);
}

void stox_link_arm(StoxLink *link, int64_t ms)
{
    g_source_set_ready_time(link->timer, g_get_monotonic_time() + ms * 1000);
}

void stox_link_fail(StoxLink *link, char *why, bool is_setup)
{
    if (link->failure) {
        g_free(why);
        return;
    }
    link->failure = why;
    link->failure_is_setup = is_setup;
    g_source_set_ready_time(link->timer, 0);
}

/* ---- Waiting for the next attempt ---- */

/* Doubles, with jitter; X-08: what only an administrator can heal starts at a quarter of the longest wait. */
static int64_t next_wait(StoxLink *link, bool is_setup)
{
    uint64_t wait =
        link->backoff_ms ? (uint64_t) link->backoff_ms * 2 : link->config.backoff_min_ms;

    if (is_setup)
        wait = MAX(wait, link->config.backoff_max_ms / 4);
    link->backoff_ms = (unsigned) MIN(wait, link->config.backoff_max_ms);
    return (int64_t) (link->backoff_ms * g_random_double_range(0.75, 1.25));
}

static void log_failure(StoxLink *link, const char *why, bool was_up, int64_t wait_ms)
{
    int64_t now = stox_link_now();

    if (!was_up && g_strcmp0(link->logged, why) == 0 && now - link->logged_ms < LOG_AGAIN_MS) {
        link->passed_over++;
        return;
    }
    if (was_up)
        g_warning("the XMPP stream of %s is down: %s (next attempt in %.1f s)", link->config.domain,
                  why, (double) wait_ms / 1000);
    else if (link->passed_over > 0 && g_strcmp0(link->logged, why) == 0)
        g_warning("no XMPP stream for %s: %s (and %u times before this) (next attempt in %.1f s)",
                  link->config.domain, why, link->passed_over, (double) wait_ms / 1000);
    else
        g_warning("no XMPP stream for %s: %s (next attempt in %.1f s)", link->config.domain, why,
                  (double) wait_ms / 1000);
    g_free(link->logged);
    link->logged = g_strdup(why);
    link->logged_ms = now;
    link->passed_over = 0;
}

static void give_up_attempt(StoxLink *link)
{
    if (!link->attempt)
        return;
    link->attempt->link = NULL;
    g_cancellable_cancel(link->attempt->cancel);
    link->attempt = NULL;
}

/* The stream or the attempt at it is over; the next one is planned. Whoever is told may stop the link. */
static void lose(StoxLink *link)
{
    g_autofree char *why = g_steal_pointer(&link->failure);
    bool was_up = link->state == LINK_UP;
    int64_t wait;

    give_up_attempt(link);
    stox_link_io_close(link);
    link->state = LINK_WAITING;
    /* a stream that is lost as soon as it is up must not be fought for. */
    if (was_up && stox_link_now() - link->up_since_ms >= link->config.backoff_max_ms)
        link->backoff_ms = 0;
    wait = next_wait(link, link->failure_is_setup);
    stox_link_arm(link, wait);
    log_failure(link, why, was_up, wait);
    if (was_up)
        link->funcs.down(link, why, link->user);
}

static void finish_stop(StoxLink *link)
{
    void (*stopped)(void *) = link->stopped;

    link->stopped = NULL;
    g_clear_pointer(&link->failure, g_free);
    give_up_attempt(link);
    stox_link_io_close(link);
    link->state = LINK_IDLE;
    g_source_set_ready_time(link->timer, -1);
    if (stopped)
        stopped(link->stopped_user);
}

void stox_link_settle(StoxLink *link)
{
    if (link->state == LINK_CLOSING) {
        if (link->failure || link->peer_closed)
            finish_stop(link);
    } else if (link->failure) {
        lose(link);
    }
}

/* ---- Connecting ---- */

static void connected_cb(GObject *source, GAsyncResult *result, void *user)
{
    LinkAttempt *attempt = user;
    StoxLink *link = attempt->link;
    g_autoptr(GError) error = NULL;
    g_autoptr(GSocketConnection) connection =
        g_socket_client_connect_finish(G_SOCKET_CLIENT(source), result, &error);

    g_object_unref(attempt->cancel);
    g_free(attempt);
    if (!link)
        return;
    link->attempt = NULL;
    if (connection) {
        link->state = LINK_OPENING;
        stox_link_arm(link, link->config.handshake_timeout_ms);
        stox_link_io_open(link, connection);
    } else {
        stox_link_fail(link, stox_link_explain_connect(&link->config, error), false);
    }
    stox_link_settle(link);
}

static void connect_now(StoxLink *link)
{
    g_autoptr(GSocketClient) client = g_socket_client_new();
    g_autoptr(GSocketConnectable) address =
        g_network_address_new(link->config.host, (guint16) link->config.port);

    link->attempt = g_new0(LinkAttempt, 1);
    link->attempt->link = link;
    link->attempt->cancel = g_cancellable_new();
    link->state = LINK_CONNECTING;
    stox_link_arm(link, link->config.connect_timeout_ms);
    /* Environment variables and desktop settings have no say in this. */
    g_socket_client_set_enable_proxy(client, FALSE);
    g_main_context_push_thread_default(link->context);
    g_socket_client_connect_async(client, address, link->attempt->cancel, connected_cb,
                                  link->attempt);
    g_main_context_pop_thread_default(link->context);
}

/* ---- The timer ---- */

static void watch_idle(StoxLink *link)
{
    int64_t limit = link->config.idle_timeout_ms;
    int64_t silent = stox_link_now() - link->heard_ms;

    if (limit == 0)
        return;
    if (silent < limit) {
        stox_link_arm(link, limit - silent);
    } else if (!link->pinged) {
        link->pinged = true;
        stox_link_io_ping(link);
        stox_link_arm(link, limit);
    } else {
        stox_link_fail(link, stox_link_explain_timeout(&link->config, LINK_UP), false);
    }
}

static gboolean timer_cb(gpointer user)
{
    StoxLink *link = user;

    g_source_set_ready_time(link->timer, -1);
    if (!link->failure) {
        switch (link->state) {
        case LINK_CONNECTING:
        case LINK_OPENING:
        case LINK_PROVING:
            stox_link_fail(link, stox_link_explain_timeout(&link->config, link->state), false);
            break;
        case LINK_UP:
            watch_idle(link);
            break;
        case LINK_WAITING:
            connect_now(link);
            break;
        case LINK_CLOSING:
            finish_stop(link); /* may have freed the link */
            return G_SOURCE_CONTINUE;
        case LINK_IDLE:
            break;
        }
    }
    stox_link_settle(link);
    return G_SOURCE_CONTINUE;
}

static gboolean timer_dispatch(GSource *source, GSourceFunc func, gpointer user)
{
    return func(user);
}

/* ---- Public ---- */

StoxLink *stox_link_new(const StoxLinkConfig *config, const StoxLinkFuncs *funcs, void *user)
{
    static GSourceFuncs timer_funcs = {.dispatch = timer_dispatch};
    StoxLink *link = g_new0(StoxLink, 1);

    link->config = *config;
    link->config.domain = g_strdup(config->domain);
    link->config.host = g_strdup(config->host);
    link->config.secret = g_strdup(config->secret);
    /* Text is never more than the bytes it came in: the limit on bytes is the one that an administrator moves. */
    link->config.limits.max_text = MAX(config->limits.max_text, config->limits.max_bytes);
    link->funcs = *funcs;
    link->user = user;
    link->context = g_main_context_ref_thread_default();
    link->out = g_byte_array_new();
    link->timer = g_source_new(&timer_funcs, sizeof(GSource));
    g_source_set_callback(link->timer, timer_cb, link, NULL);
    g_source_attach(link->timer, link->context);
    return link;
}

void stox_link_free(StoxLink *link)
{
    if (!link)
        return;
    link->stopped = NULL;
    finish_stop(link);
    stox_link_drop_source(&link->timer);
    g_main_context_unref(link->context);
    g_byte_array_unref(link->out);
    g_free(link->logged);
    g_free((char *) link->config.domain);
    g_free((char *) link->config.host);
    g_free((char *) link->config.secret);
    g_free(link);
}

void stox_link_start(StoxLink *link)
{
    if (link->state != LINK_IDLE)
        return;
    link->state = LINK_WAITING;
    link->backoff_ms = 0;
    g_source_set_ready_time(link->timer, 0);
}

void stox_link_stop(StoxLink *link, void (*done)(void *user), void *user)
{
    bool open =
        link->state == LINK_OPENING || link->state == LINK_PROVING || link->state == LINK_UP;

    link->stopped = done;
    link->stopped_user = user;
    if (link->state == LINK_CLOSING)
        return;
    link->state = LINK_CLOSING;
    stox_link_arm(link, open && !link->failure ? STOP_MS : 0);
    if (open)
        stox_link_io_end(link);
}

bool stox_link_is_up(const StoxLink *link)
{
    return link->state == LINK_UP && !link->failure;
}

const char *stox_link_domain(const StoxLink *link)
{
    return link->config.domain;
}
