/* SPDX-License-Identifier: MIT */
/*
 * A turn: whatever stanzas, requests and timers bring is queued as events; the turn hands them to the gateway one by one, carries out what it
 * answers, lets it add its proofs of delivery, and only then lets batched bytes leave on both sides. Nobody is called from inside his own call.
 */
#include "component/daemon.h"

#include "component/link.h"
#include "component/outcome.h"
#include "component/refusal.h"
#include "component/service.h"
#include "component/wiring.h"
#include "sip/agent.h"
#include "translation/address.h"
#include "translation/gateway.h"

#include <systemd/sd-daemon.h>

#include <string.h>

enum { EVENTS_PER_TURN = 512, GRACE_MS = 1000, STOP_MS = 5000 };

struct StoxDaemon {
    const StoxSettings *settings;
    StoxPolicy *policy;
    StoxGateway *gateway;
    StoxAgent *agent;
    GHashTable *links; /* domain -> StoxLink* */
    StoxStanzaWriter *writer;
    StoxService *service;
    StoxOutcomes *outcomes;
    GQueue events; /* StoxEvent* */
    GPtrArray *actions;
    GSource *turn;  /* ready while there are events */
    GSource *timer; /* the gateway's deadline */
    char id_prefix[24];
    bool stopping;
    unsigned open_ends; /* links and agent that have not said goodbye yet */
    GSource *grace, *force;
    void (*done)(void *user);
    void *done_user;
};

static StoxTime now_both(void)
{
    return (StoxTime){g_get_monotonic_time() / 1000, g_get_real_time() / 1000};
}

/* Takes `event`. */
static void push(StoxDaemon *daemon, StoxEvent *event)
{
    g_queue_push_tail(&daemon->events, event);
    g_source_set_ready_time(daemon->turn, 0);
}

static void agent_event_cb(StoxEvent *event, void *user)
{
    push(user, event);
}

/* ---- Links -> events ---- */

static void link_event(StoxDaemon *daemon, StoxEventKind kind, StoxLink *link)
{
    StoxEvent *event = stox_event_new(kind);

    event->domain = g_strdup(stox_link_domain(link));
    push(daemon, event);
}

static void update_status(StoxDaemon *daemon)
{
    unsigned up = 0;
    GHashTableIter iter;
    gpointer link;

    g_hash_table_iter_init(&iter, daemon->links);
    while (g_hash_table_iter_next(&iter, NULL, &link))
        up += stox_link_is_up(link);
    sd_notifyf(0, "STATUS=%u of %u XMPP streams are up", up, g_hash_table_size(daemon->links));
}

static void link_up_cb(StoxLink *link, void *user)
{
    link_event(user, STOX_EVENT_LINK_UP, link);
    update_status(user);
}

static void link_down_cb(StoxLink *link, const char *why, void *user)
{
    link_event(user, STOX_EVENT_LINK_DOWN, link);
    update_status(user);
}

/* A ping of ours came back: its answer, or the ping to ourselves, whose arrival alone is the proof (XEP-0114 streams are in order). */
static bool take_pong(StoxDaemon *daemon, const StoxXmlNode *iq)
{
    const char *id = stox_xml_attr(iq, "id");
    StoxEvent *event;

    if (!id || !g_str_has_prefix(id, daemon->id_prefix))
        return false;
    event = stox_event_new(STOX_EVENT_XMPP_PONG);
    event->id = g_strdup(id);
    event->from = g_strdup(stox_xml_attr(iq, "from"));
    event->to = g_strdup(stox_xml_attr(iq, "to"));
    push(daemon, event);
    return true;
}

static void take_iq(StoxDaemon *daemon, StoxLink *link, const StoxXmlNode *iq)
{
    const char *from = NULL;
    g_autofree char *answer = NULL;
    g_autoptr(GError) error = NULL;

    if (take_pong(daemon, iq))
        return;
    answer = stox_service_answer(daemon->service, stox_link_domain(link), iq, now_both(), &from);
    if (answer && !stox_link_send(link, from, answer, strlen(answer), &error))
        g_info("an IQ answer was not sent: %s", error->message);
    /* Without an event there would be no turn that flushes. */
    g_source_set_ready_time(daemon->turn, 0);
}

static void link_stanza_cb(StoxLink *link, StoxXmlTree *stanza, void *user)
{
    StoxDaemon *daemon = user;
    g_autoptr(StoxXmlTree) tree = stanza;
    const StoxXmlNode *node = stox_xml_tree_root(tree);
    g_autoptr(StoxEvent) event = NULL;

    switch (stox_stanza_kind(node)) {
    case STOX_STANZA_MESSAGE:
        event = stox_event_new(STOX_EVENT_XMPP_MESSAGE);
        event->message = stox_stanza_read_message(node);
        break;
    case STOX_STANZA_PRESENCE:
        event = stox_event_new(STOX_EVENT_XMPP_PRESENCE);
        event->presence = stox_stanza_read_presence(node, g_get_real_time() / 1000);
        break;
    case STOX_STANZA_IQ:
        take_iq(daemon, link, node);
        return;
    case STOX_STANZA_OTHER:
        return;
    }
    if (event->message || event->presence)
        push(daemon, g_steal_pointer(&event));
}

/* A message has one outcome, and one line that says it (promise 1). */
static void log_refused(StoxDaemon *daemon, const StoxXmlNode *head, const char *limit)
{
    g_autoptr(StoxAction) action = stox_action_new(STOX_ACTION_OUTCOME);
    const char *from = stox_xml_attr(head, "from"), *to = stox_xml_attr(head, "to");

    if (stox_stanza_kind(head) != STOX_STANZA_MESSAGE || !from || !to) {
        g_info("refused a %.20s from %s to %s: %s", head->name, from ? from : "nobody",
               to ? to : "nobody", limit);
        return;
    }
    action->direction = STOX_XMPP_TO_SIP;
    action->outcome = STOX_OUTCOME_REFUSED;
    action->from = g_strdup(from);
    action->to = g_strdup(to);
    action->id = g_strdup(stox_xml_attr(head, "id"));
    action->reason = g_strdup(limit);
    stox_outcomes_record(daemon->outcomes, action);
}

/* What passed a limit is refused to its sender (D-11, D-12, D-13, M-41). */
static void link_refused_cb(StoxLink *link, StoxXmlTree *head, const char *limit, void *user)
{
    StoxDaemon *daemon = user;
    g_autoptr(StoxXmlTree) tree = head;
    const StoxXmlNode *node = stox_xml_tree_root(tree);
    g_auto(StoxError) why = {0};
    g_autofree char *answer = NULL;
    g_autoptr(GError) error = NULL;
    const char *from = NULL;
    size_t length = 0;

    if (stox_stanza_is_told_by_head(node)) {
        g_info("took no more than the start tag of a %.20s to %s: %s", node->name,
               stox_link_domain(link), limit);
        link_stanza_cb(link, g_steal_pointer(&tree), daemon);
        return;
    }
    log_refused(daemon, node, limit);
    stox_refusal_of_limit(limit,
                          stox_policy_sender_language(daemon->policy, stox_xml_attr(node, "from"),
                                                      stox_xml_attr(node, "to")),
                          &why);
    answer = stox_stanza_write_refusal(daemon->writer, node, &why, &from, &length);
    if (answer && !stox_link_send(link, from, answer, length, &error))
        g_info("its sender could not be told: %s", error->message);
    /* Without an event there would be no turn that flushes. */
    g_source_set_ready_time(daemon->turn, 0);
}

/* ---- Actions -> links and agent ---- */

static StoxLink *link_of(StoxDaemon *daemon, const char *from)
{
    g_auto(StoxJid) jid = {0};
    const char *why = NULL;

    return stox_jid_parse(from, &jid, &why) ? g_hash_table_lookup(daemon->links, jid.domain) : NULL;
}

static void unsent(StoxDaemon *daemon, const char *id, const char *to)
{
    StoxEvent *event = stox_event_new(STOX_EVENT_XMPP_UNSENT);

    event->id = g_strdup(id);
    event->to = g_strdup(to);
    push(daemon, event);
}

static void send_stanza(StoxDaemon *daemon, const char *from, const char *to, const char *id,
                        char *stanza, size_t length, bool must_tell)
{
    StoxLink *link = link_of(daemon, from);
    g_autoptr(GError) error = NULL;

    if (link && stox_link_send(link, from, stanza, length, &error))
        return;
    g_info("a stanza from %s to %s was not sent: %s", from, to,
           error ? error->message : "no such stream");
    if (must_tell)
        unsent(daemon, id, to);
}

static void do_xmpp(StoxDaemon *daemon, const StoxAction *action)
{
    g_autofree char *stanza = NULL;
    size_t length = 0;

    switch (action->kind) {
    case STOX_ACTION_XMPP_MESSAGE:
        stanza = stox_stanza_write_message(daemon->writer, action->message, &length);
        /* An error of ours that does not leave has no sender who waits for it. */
        send_stanza(daemon, action->message->from, action->message->to, action->message->id, stanza,
                    length, action->message->type != STOX_MESSAGE_ERROR);
        if (daemon->settings->log_message_bodies && action->message->body)
            g_info("to %s: %s", action->message->to, action->message->body);
        break;
    case STOX_ACTION_XMPP_PRESENCE:
        stanza = stox_stanza_write_presence(daemon->writer, action->presence, &length);
        send_stanza(daemon, action->presence->from, action->presence->to, action->presence->id,
                    stanza, length, false);
        break;
    default:
        stanza =
            stox_stanza_write_ping(daemon->writer, action->id, action->from, action->to, &length);
        send_stanza(daemon, action->from, action->to, action->id, stanza, length, true);
        break;
    }
}

/* enable-logging-all-message-bodies, the way to SIP; inside a session the dialog alone knows to whom. */
static void log_sip_text(StoxDaemon *daemon, const StoxAction *action)
{
    gsize length;
    const char *text;

    if (!daemon->settings->log_message_bodies || !action->body)
        return;
    text = g_bytes_get_data(action->body, &length);
    g_info("to %s: %.*s", action->to_uri ? action->to_uri : "the SIP session", (int) length, text);
}

static void do_actions(StoxDaemon *daemon)
{
    for (unsigned i = 0; i < daemon->actions->len; i++) {
        const StoxAction *action = daemon->actions->pdata[i];

        switch (action->kind) {
        case STOX_ACTION_XMPP_MESSAGE:
        case STOX_ACTION_XMPP_PRESENCE:
        case STOX_ACTION_XMPP_PING:
            do_xmpp(daemon, action);
            break;
        case STOX_ACTION_OUTCOME:
            stox_outcomes_record(daemon->outcomes, action);
            break;
        case STOX_ACTION_SIP_MESSAGE:
            log_sip_text(daemon, action);
            stox_agent_do(daemon->agent, action);
            break;
        default:
            stox_agent_do(daemon->agent, action);
            break;
        }
    }
    g_ptr_array_set_size(daemon->actions, 0);
}

/* ---- Turns ---- */

static void flush_links(StoxDaemon *daemon)
{
    GHashTableIter iter;
    gpointer link;

    g_hash_table_iter_init(&iter, daemon->links);
    while (g_hash_table_iter_next(&iter, NULL, &link))
        stox_link_flush(link);
}

static void end_turn(StoxDaemon *daemon)
{
    int64_t deadline;

    stox_gateway_flush(daemon->gateway, now_both(), daemon->actions);
    do_actions(daemon);
    flush_links(daemon);
    stox_agent_flush(daemon->agent);
    deadline = stox_gateway_deadline(daemon->gateway);
    g_source_set_ready_time(daemon->timer, deadline == STOX_NEVER ? -1 : deadline * 1000);
}

static gboolean turn_cb(gpointer user)
{
    StoxDaemon *daemon = user;
    StoxEvent *event;

    g_source_set_ready_time(daemon->turn, -1);
    for (unsigned n = 0; n < EVENTS_PER_TURN && (event = g_queue_pop_head(&daemon->events)); n++) {
        stox_gateway_handle(daemon->gateway, event, now_both(), daemon->actions);
        stox_event_free(event);
        do_actions(daemon);
    }
    end_turn(daemon);
    if (daemon->events.length > 0)
        g_source_set_ready_time(daemon->turn, 0);
    return G_SOURCE_CONTINUE;
}

static gboolean timer_cb(gpointer user)
{
    StoxDaemon *daemon = user;

    g_source_set_ready_time(daemon->timer, -1);
    push(daemon, stox_event_new(STOX_EVENT_TICK));
    return G_SOURCE_CONTINUE;
}

static gboolean ready_dispatch(GSource *source, GSourceFunc func, gpointer user)
{
    return func(user);
}

static GSourceFuncs ready_funcs = {.dispatch = ready_dispatch};

static GSource *ready_source(GSourceFunc func, StoxDaemon *daemon)
{
    GSource *source = g_source_new(&ready_funcs, sizeof(GSource));

    g_source_set_callback(source, func, daemon, NULL);
    g_source_attach(source, NULL);
    return source;
}

static void drop_source(GSource **source)
{
    if (!*source)
        return;
    g_source_destroy(*source);
    g_clear_pointer(source, g_source_unref);
}

/* ---- Set-up ---- */

static StoxGateway *make_gateway(StoxDaemon *daemon)
{
    StoxGatewayConfig config;

    stox_wiring_gateway(daemon->settings, &config);
    config.policy = daemon->policy;
    g_strlcpy(config.id_prefix, daemon->id_prefix, sizeof config.id_prefix);
    return stox_gateway_new(&config);
}

static void add_link(StoxDaemon *daemon, const StoxDomainSettings *domain)
{
    static const StoxLinkFuncs funcs = {.up = link_up_cb,
                                        .down = link_down_cb,
                                        .stanza = link_stanza_cb,
                                        .refused = link_refused_cb};
    StoxLinkConfig config;
    StoxLink *link;

    stox_wiring_link(daemon->settings, domain, &config);
    link = stox_link_new(&config, &funcs, daemon);
    g_hash_table_insert(daemon->links, (char *) stox_link_domain(link), link);
}

StoxDaemon *stox_daemon_new(const StoxSettings *settings, GError **error)
{
    g_autoptr(StoxDaemon) daemon = g_new0(StoxDaemon, 1);

    daemon->settings = settings;
    g_snprintf(daemon->id_prefix, sizeof daemon->id_prefix, "%08x%08x", g_random_int(),
               g_random_int());
    g_queue_init(&daemon->events);
    daemon->actions = g_ptr_array_new_with_free_func((GDestroyNotify) stox_action_free);
    daemon->links =
        g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify) stox_link_free);
    daemon->turn = ready_source(turn_cb, daemon);
    daemon->timer = ready_source(timer_cb, daemon);
    daemon->writer = stox_stanza_writer_new();
    daemon->outcomes = stox_outcomes_new();
    daemon->policy = stox_wiring_policy(settings);
    daemon->service = stox_service_new(now_both(), daemon->policy);
    daemon->gateway = make_gateway(daemon);
    daemon->agent = stox_agent_new(settings, agent_event_cb, daemon, error);
    if (!daemon->agent)
        return NULL;
    for (unsigned i = 0; i < settings->domains->len; i++)
        add_link(daemon, settings->domains->pdata[i]);
    if (settings->log_message_bodies)
        g_warning(
            "enable-logging-all-message-bodies is on: the text of every message goes to the log");
    return g_steal_pointer(&daemon);
}

void stox_daemon_free(StoxDaemon *daemon)
{
    if (!daemon)
        return;
    drop_source(&daemon->turn);
    drop_source(&daemon->timer);
    drop_source(&daemon->grace);
    drop_source(&daemon->force);
    g_hash_table_unref(daemon->links);
    stox_agent_free(daemon->agent);
    g_queue_clear_full(&daemon->events, (GDestroyNotify) stox_event_free);
    g_ptr_array_unref(daemon->actions);
    stox_gateway_free(daemon->gateway);
    stox_policy_free(daemon->policy);
    stox_outcomes_free(daemon->outcomes);
    stox_service_free(daemon->service);
    stox_stanza_writer_free(daemon->writer);
    g_free(daemon);
}

void stox_daemon_start(StoxDaemon *daemon)
{
    GHashTableIter iter;
    gpointer link;

    g_hash_table_iter_init(&iter, daemon->links);
    while (g_hash_table_iter_next(&iter, NULL, &link))
        stox_link_start(link);
}

/* ---- Stopping ---- */

static void finish(StoxDaemon *daemon)
{
    void (*done)(void *) = daemon->done;

    daemon->done = NULL;
    if (done)
        done(daemon->done_user);
}

static void end_closed_cb(void *user)
{
    StoxDaemon *daemon = user;

    if (--daemon->open_ends == 0)
        finish(daemon);
}

static gboolean force_cb(gpointer user)
{
    g_warning("stopping took longer than %d ms: the rest is cut off", STOP_MS);
    finish(user);
    return G_SOURCE_REMOVE;
}

/* The far side's answers to our last requests are in, or long enough waited for: close both sides. */
static gboolean grace_cb(gpointer user)
{
    StoxDaemon *daemon = user;
    StoxAgentStats stats;
    GHashTableIter iter;
    gpointer link;

    stox_agent_stats(daemon->agent, &stats);
    if (stats.transactions > 0 &&
        g_get_monotonic_time() <
            g_source_get_ready_time(daemon->force) - (STOP_MS - GRACE_MS) * (int64_t) 1000)
        return G_SOURCE_CONTINUE;
    daemon->open_ends = g_hash_table_size(daemon->links) + 1;
    g_hash_table_iter_init(&iter, daemon->links);
    while (g_hash_table_iter_next(&iter, NULL, &link))
        stox_link_stop(link, end_closed_cb, daemon);
    stox_agent_stop(daemon->agent, end_closed_cb, daemon);
    return G_SOURCE_REMOVE;
}

void stox_daemon_reload(StoxDaemon *daemon)
{
    g_autoptr(GError) error = NULL;

    if (stox_agent_reload_tls(daemon->agent, &error))
        g_message("reloaded: new connections use the certificates, CA bundles and CRLs as they are "
                  "now; other settings need a restart");
    else
        g_warning("not reloaded, the old certificates stay in force: %s", error->message);
}

void stox_daemon_stop(StoxDaemon *daemon, void (*done)(void *user), void *user)
{
    if (daemon->stopping)
        return;
    daemon->stopping = true;
    daemon->done = done;
    daemon->done_user = user;
    push(daemon, stox_event_new(STOX_EVENT_STOP));
    daemon->force = ready_source(force_cb, daemon);
    g_source_set_ready_time(daemon->force, g_get_monotonic_time() + STOP_MS * (int64_t) 1000);
    daemon->grace = g_timeout_source_new(20);
    g_source_set_callback(daemon->grace, grace_cb, daemon, NULL);
    g_source_attach(daemon->grace, NULL);
}
