/* SPDX-License-Identifier: MIT */
#include "gateway-rig.h"

#include "translation/error.h"
#include "translation/presence-document.h"
#include "translation/xml.h"

#include <string.h>

void rig_init(Rig *rig)
{
    memset(rig, 0, sizeof *rig);
    rig->policy = stox_policy_new();
    stox_policy_add_hop(rig->policy, "pool01", STOX_DIALECT_LYNC);
    stox_policy_add_hop(rig->policy, "proxy", STOX_DIALECT_SIMPLE);
    stox_policy_add_domain(rig->policy, "contoso.example", "pool01");
    stox_policy_add_domain(rig->policy, "voip.example", "proxy");
    stox_policy_add_partner(rig->policy, "partner.example");
    stox_gateway_config_init(&rig->config);
    rig->config.policy = rig->policy;
    strcpy(rig->config.id_prefix, "g");
    rig->actions = g_ptr_array_new_with_free_func((GDestroyNotify) stox_action_free);
    rig->now = (StoxTime){1000000, INT64_C(1750000000000)};
}

void rig_start(Rig *rig)
{
    rig->gateway = stox_gateway_new(&rig->config);
    rig_link(rig, "contoso.example", true);
    rig_link(rig, "voip.example", true);
    rig_expect(rig, "");
}

void rig_clear(Rig *rig)
{
    stox_gateway_free(rig->gateway);
    stox_policy_free(rig->policy);
    g_ptr_array_unref(rig->actions);
}

/* lync.md 4.9: a refusal without diagnostics becomes 1034 on its way. */
static void check_answers(const Rig *rig)
{
    for (unsigned i = 0; i < rig->actions->len; i++) {
        const StoxAction *action = rig->actions->pdata[i];

        if (action->kind == STOX_ACTION_SIP_RESPOND && action->result.status >= 300)
            g_assert_cmpuint(action->result.diagnostic, !=, 0);
    }
}

void rig_event(Rig *rig, StoxEvent *event)
{
    stox_gateway_handle(rig->gateway, event, rig->now, rig->actions);
    stox_event_free(event);
    check_answers(rig);
}

void rig_flush(Rig *rig)
{
    stox_gateway_flush(rig->gateway, rig->now, rig->actions);
}

void rig_wait(Rig *rig, int64_t ms)
{
    int64_t until = rig->now.mono_ms + ms;

    while (stox_gateway_deadline(rig->gateway) <= until) {
        int64_t step = MAX(stox_gateway_deadline(rig->gateway) - rig->now.mono_ms, 0);

        rig->now.mono_ms += step;
        rig->now.wall_ms += step;
        rig_event(rig, stox_event_new(STOX_EVENT_TICK));
        g_assert_cmpint(stox_gateway_deadline(rig->gateway), >, rig->now.mono_ms);
    }
    rig->now.wall_ms += until - rig->now.mono_ms;
    rig->now.mono_ms = until;
}

/* ---- Actions as text ---- */

static const char *const presence_names[] = {"available",  "unavailable", "subscribe",
                                             "subscribed", "unsubscribe", "unsubscribed",
                                             "probe",      "error",       "unknown"};
static const char *const message_names[] = {"normal", "chat", "headline", "groupchat", "error"};
static const char *const state_names[] = {"active", "pending", "terminated"};
static const char *const outcome_names[] = {"delivered", "refused", "handed-over", "unknown"};

static void add(GString *line, const char *name, const char *value)
{
    if (value)
        g_string_append_printf(line, " %s=%s", name, value);
}

static void add_error(GString *line, const StoxError *error)
{
    if (error->condition)
        g_string_append_printf(line, " error=%s/%s", stox_condition_name(error->condition),
                               stox_error_type_name(error->type));
}

static void add_message(GString *line, const StoxMessage *message)
{
    g_string_append_printf(line, "message %s %s > %s", message_names[message->type], message->from,
                           message->to);
    add(line, "id", message->id);
    add(line, "thread", message->thread);
    add(line, "subject", message->subject);
    add(line, "lang", message->lang);
    add(line, "nick", message->nick);
    add(line, "xhtml", message->xhtml);
    rig_add_state(line, message);
    if (message->delay_wall_ms)
        g_string_append_printf(line, " delay=%" G_GINT64_FORMAT, message->delay_wall_ms);
    add_error(line, &message->error);
    if (message->body)
        g_string_append_printf(line, ": %s", message->body);
}

static void add_presence(GString *line, const StoxPresence *presence)
{
    g_string_append_printf(line, "presence %s %s > %s", presence_names[presence->type],
                           presence->from, presence->to);
    add(line, "id", presence->id);
    add(line, "show", stox_show_name(presence->show));
    for (unsigned i = 0; i < presence->status.n; i++) {
        add(line, "status", presence->status.list[i].text);
        if (i > 0) /* P-121 */
            g_string_append_printf(line, "@%s", presence->status.list[i].lang);
    }
    add(line, "nick", presence->nick);
    if (presence->idle_since_wall_ms)
        g_string_append_printf(line, " idle=%" G_GINT64_FORMAT, presence->idle_since_wall_ms);
    add_error(line, &presence->error);
}

static void add_answer(GString *line, const StoxAction *action)
{
    g_string_append_printf(line, "answer %" G_GUINT64_FORMAT " %u", action->request,
                           action->result.status);
    if (action->result.diagnostic)
        g_string_append_printf(line, " diagnostic=%u", action->result.diagnostic);
    if (action->result.retry_after_s)
        g_string_append_printf(line, " retry=%u", action->result.retry_after_s);
    if (action->result.accept)
        g_string_append(line, " accept");
}

/* Lync's categories as they are written: {number 'note' "name"}, with what is not in them left out. */
static void add_categories(GString *line, const StoxAction *action)
{
    size_t n;
    const char *data = g_bytes_get_data(action->body, &n);
    g_autoptr(StoxXmlTree) tree = stox_xml_parse(data, n, &stox_xml_limits_document, NULL);
    const StoxXmlNode *root = stox_xml_tree_root(tree);

    g_string_append_printf(line, " %s {", stox_xml_attr(root, "uri"));
    for (const StoxXmlNode *part = root->first_child; part; part = part->next) {
        const StoxXmlNode *inner = part->first_child;
        const StoxXmlNode *note = stox_xml_child(inner, NULL, "body");

        if (strcmp(inner->name, "state") == 0) {
            g_string_append(line, stox_xml_child(inner, NULL, "availability")->text);
            if (stox_xml_attr(inner, "lastActive"))
                g_string_append(line, " idle");
        } else if (strcmp(inner->name, "note") == 0) {
            g_string_append_printf(line, " '%s'", note ? note->text : "");
        } else {
            g_string_append_printf(line, "%s ", inner->first_child->first_child->first_child->text);
        }
    }
    g_string_append_c(line, '}');
}

static void add_entity(GString *line, const StoxAction *action)
{
    size_t n;
    const char *data = g_bytes_get_data(action->body, &n);
    g_autoptr(StoxXmlTree) tree = stox_xml_parse(data, n, &stox_xml_limits_document, NULL);

    g_string_append_printf(line, " %s", stox_xml_attr(stox_xml_tree_root(tree), "entity"));
}

static void add_document(GString *line, const StoxAction *action)
{
    StoxPresenceReading how = {.busy_as = STOX_SHOW_DND};
    g_auto(StoxPresenceReport) report = {0};
    g_autoptr(StoxCategories) categories = NULL;
    unsigned status;

    if (!action->body)
        return;
    add(line, "lang", action->lang);
    if (strcmp(action->content_type, STOX_CATEGORIES_TYPE) == 0) {
        add_categories(line, action);
        return;
    }
    g_assert_true(stox_presence_document_read(&categories, action->content_type, action->body, &how,
                                              &report, &status));
    add_entity(line, action);
    for (unsigned i = 0; i < report.all.list->len; i++) {
        const StoxPresentity *presentity = report.all.list->pdata[i];

        g_string_append_printf(line, " [%s%s%s]", presentity->open ? "open" : "closed",
                               stox_show_name(presentity->show) ? " " : "",
                               stox_show_name(presentity->show) ? stox_show_name(presentity->show)
                                                                : "");
    }
}

static void add_send(GString *line, const StoxAction *action)
{
    size_t n;
    const char *body = g_bytes_get_data(action->body, &n);

    g_string_append_printf(line, "send %" G_GUINT64_FORMAT, action->ref);
    if (action->session)
        g_string_append_printf(line, " in %" G_GUINT64_FORMAT, action->session);
    else
        g_string_append_printf(line, " %s %s > %s", action->hop, action->from_uri, action->to_uri);
    add(line, "display", action->display);
    add(line, "call", action->call_id);
    add(line, "subject", action->subject);
    add(line, "lang", action->lang);
    if (action->date_wall_ms)
        g_string_append_printf(line, " date=%" G_GINT64_FORMAT, action->date_wall_ms);
    if (rig_add_document(line, action))
        return;
    if (strcmp(action->content_type, "text/plain; charset=UTF-8") != 0)
        add(line, "type", action->content_type);
    g_string_append_printf(line, ": %.*s", (int) n, body);
}

static void add_outcome(GString *line, const StoxAction *action)
{
    g_assert_nonnull(action->reason);
    g_string_append_printf(line, "outcome %s %s %s > %s",
                           action->direction == STOX_XMPP_TO_SIP ? "x2s" : "s2x",
                           outcome_names[action->outcome], action->from, action->to);
    add(line, "id", action->id);
}

/* Of SDP. */
static void add_types(GString *line, const char *types)
{
    if (strcmp(types, "text/plain") != 0)
        add(line, "types", types);
}

static void add_sip(GString *line, const StoxAction *action)
{
    switch (action->kind) {
    case STOX_ACTION_SESSION_OPEN:
        g_string_append_printf(line, "open %" G_GUINT64_FORMAT " %s %s > %s", action->session,
                               action->hop, action->from_uri, action->to_uri);
        add(line, "display", action->display);
        add(line, "subject", action->subject);
        add(line, "conversation", action->conversation_id);
        add_types(line, action->accept);
        break;
    case STOX_ACTION_SESSION_ACCEPT:
        g_string_append_printf(line, "accept %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT,
                               action->session, action->request);
        add_types(line, action->accept);
        break;
    case STOX_ACTION_SESSION_CLOSE:
        g_string_append_printf(line, "close %" G_GUINT64_FORMAT, action->session);
        break;
    case STOX_ACTION_SESSION_INFO:
        g_string_append_printf(line, "info %" G_GUINT64_FORMAT, action->session);
        g_assert_true(rig_add_document(line, action));
        break;
    case STOX_ACTION_SUBSCRIBE:
        g_string_append_printf(line, "subscribe %" G_GUINT64_FORMAT " %s %s > %s %" G_GINT64_FORMAT,
                               action->subscription, action->hop, action->from_uri, action->to_uri,
                               action->expires_s);
        if (action->body || action->require)
            g_string_append(line, " categories");
        add(line, "reason", action->reason);
        break;
    case STOX_ACTION_UNSUBSCRIBE:
        g_string_append_printf(line, "unsubscribe %" G_GUINT64_FORMAT, action->subscription);
        break;
    case STOX_ACTION_SUBSCRIPTION_ACCEPT:
        g_string_append_printf(
            line, "grant %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT " %" G_GINT64_FORMAT,
            action->subscription, action->request, action->expires_s);
        break;
    case STOX_ACTION_NOTIFY:
        g_string_append_printf(line, "notify %" G_GUINT64_FORMAT " %s%s%s", action->subscription,
                               state_names[action->state], action->reason ? ";" : "",
                               action->reason ? action->reason : "");
        if (action->retry_after_s)
            g_string_append_printf(line, ";%u", action->retry_after_s);
        add_document(line, action);
        break;
    default:
        g_assert_not_reached();
    }
}

char *rig_action_line(const StoxAction *action)
{
    GString *line = g_string_new(NULL);

    switch (action->kind) {
    case STOX_ACTION_XMPP_MESSAGE:
        add_message(line, action->message);
        break;
    case STOX_ACTION_XMPP_PRESENCE:
        add_presence(line, action->presence);
        break;
    case STOX_ACTION_XMPP_PING:
        g_string_append_printf(line, "ping %s %s > %s", action->id, action->from, action->to);
        break;
    case STOX_ACTION_SIP_RESPOND:
        add_answer(line, action);
        break;
    case STOX_ACTION_SIP_MESSAGE:
        add_send(line, action);
        break;
    case STOX_ACTION_OUTCOME:
        add_outcome(line, action);
        break;
    default:
        add_sip(line, action);
        break;
    }
    return g_string_free(line, FALSE);
}

void rig_expect_at(Rig *rig, const char *lines, const char *where)
{
    g_autoptr(GString) got = g_string_new(NULL);

    for (unsigned i = 0; i < rig->actions->len; i++) {
        g_autofree char *line = rig_action_line(rig->actions->pdata[i]);

        g_string_append_printf(got, "%s\n", line);
    }
    if (strcmp(got->str, lines) != 0)
        g_error("%s\nexpected:\n%sgot:\n%s", where, lines, got->str);
    g_ptr_array_set_size(rig->actions, 0);
}

/* ---- Events ---- */

void rig_link(Rig *rig, const char *domain, bool up)
{
    StoxEvent *event = stox_event_new(up ? STOX_EVENT_LINK_UP : STOX_EVENT_LINK_DOWN);

    event->domain = g_strdup(domain);
    rig_event(rig, event);
}

void rig_stop(Rig *rig)
{
    rig_event(rig, stox_event_new(STOX_EVENT_STOP));
}

void rig_say(Rig *rig, const char *from, const char *to, const char *id, const char *body)
{
    StoxEvent *event = stox_event_new(STOX_EVENT_XMPP_MESSAGE);

    event->message = stox_message_new(STOX_MESSAGE_CHAT, from, to);
    event->message->id = g_strdup(id);
    event->message->body = g_strdup(body);
    rig_event(rig, event);
}

void rig_message(Rig *rig, StoxMessage *message)
{
    StoxEvent *event = stox_event_new(STOX_EVENT_XMPP_MESSAGE);

    event->message = message;
    rig_event(rig, event);
}

void rig_message_error(Rig *rig, const char *from, const char *to, const char *id,
                       StoxCondition condition, const char *text)
{
    StoxEvent *event = stox_event_new(STOX_EVENT_XMPP_MESSAGE);

    event->message = stox_message_new(STOX_MESSAGE_ERROR, from, to);
    event->message->id = g_strdup(id);
    event->message->error.condition = condition;
    event->message->error.type = stox_condition_default_type(condition);
    event->message->error.text = g_strdup(text);
    rig_event(rig, event);
}

void rig_pong(Rig *rig, const char *id, const char *from)
{
    StoxEvent *event = stox_event_new(STOX_EVENT_XMPP_PONG);

    event->id = g_strdup(id);
    event->from = g_strdup(from);
    rig_event(rig, event);
}

void rig_presence(Rig *rig, StoxPresenceType type, const char *from, const char *to, const char *id)
{
    StoxEvent *event = stox_event_new(STOX_EVENT_XMPP_PRESENCE);

    event->presence = stox_presence_new(type, from, to);
    event->presence->id = g_strdup(id);
    rig_event(rig, event);
}

StoxEvent *rig_sip(Rig *rig, StoxEventKind kind, const char *from, const char *to)
{
    StoxEvent *event = stox_event_new(kind);

    event->request = ++rig->requests;
    event->hop = g_strdup(strstr(from, "voip.example") ? "proxy" : "pool01");
    event->from_uri = g_strconcat("sip:", from, NULL);
    event->request_uri = g_strconcat("sip:", to, NULL);
    return event;
}

uint64_t rig_sip_say(Rig *rig, uint64_t session, const char *from, const char *to, const char *body)
{
    StoxEvent *event = rig_sip(rig, STOX_EVENT_SIP_MESSAGE, from, to);

    event->session = session;
    event->call_id = g_strdup("call-1");
    event->content_type = g_strdup("text/plain");
    event->body = g_bytes_new(body, strlen(body));
    rig_event(rig, event);
    return rig->requests;
}

void rig_invite(Rig *rig, uint64_t session, const char *from, const char *to)
{
    StoxEvent *event = rig_sip(rig, STOX_EVENT_SIP_INVITE, from, to);

    event->session = session;
    rig_event(rig, event);
}

void rig_session(Rig *rig, StoxEventKind kind, uint64_t session)
{
    StoxEvent *event = stox_event_new(kind);

    event->session = session;
    rig_event(rig, event);
}

void rig_result(Rig *rig, uint64_t ref, StoxSipFate fate, unsigned status)
{
    StoxEvent *event = stox_event_new(STOX_EVENT_SIP_MESSAGE_RESULT);

    event->ref = ref;
    event->result.fate = fate;
    event->result.status = status;
    rig_event(rig, event);
}

void rig_session_failed(Rig *rig, uint64_t session, StoxSipFate fate, unsigned status)
{
    StoxEvent *event = stox_event_new(STOX_EVENT_SESSION_FAILED);

    event->session = session;
    event->result.fate = fate;
    event->result.status = status;
    rig_event(rig, event);
}

void rig_subscribe_failed(Rig *rig, uint64_t subscription, unsigned status, bool initial, bool keep)
{
    StoxEvent *event = stox_event_new(STOX_EVENT_SUBSCRIBE_FAILED);

    event->subscription = subscription;
    event->initial = initial;
    event->keep = keep;
    event->result.status = status;
    rig_event(rig, event);
}

void rig_notify(Rig *rig, uint64_t subscription, StoxSubscriptionState state, const char *reason,
                const char *entity, const char *tuple, const char *basic)
{
    StoxEvent *event = stox_event_new(STOX_EVENT_NOTIFY);

    event->subscription = subscription;
    event->request = ++rig->requests;
    event->state = state;
    event->reason = g_strdup(reason);
    if (basic) {
        g_autofree char *xml = g_strdup_printf(
            "<presence xmlns='urn:ietf:params:xml:ns:pidf' entity='%s'><tuple id='%s'><status>"
            "<basic>%s</basic></status></tuple></presence>",
            entity, tuple, basic);

        event->content_type = g_strdup("application/pidf+xml");
        event->body = g_bytes_new(xml, strlen(xml));
    }
    rig_event(rig, event);
}

void rig_watch(Rig *rig, uint64_t subscription, const char *from, const char *to, int64_t expires_s)
{
    StoxEvent *event = rig_sip(rig, STOX_EVENT_SIP_SUBSCRIBE, from, to);

    event->subscription = subscription;
    event->expires_s = expires_s;
    rig_event(rig, event);
}
