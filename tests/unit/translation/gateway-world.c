/* SPDX-License-Identifier: MIT */
#include "gateway-world.h"

#include "translation/presence-document.h"

#include <stdio.h>
#include <string.h>

unsigned world_pick(World *world, unsigned n)
{
    return (unsigned) g_rand_int_range(world->rand, 0, (int) n);
}

unsigned world_link(const char *local)
{
    return strstr(local, "voip.example") ? 1 : 0;
}

static char *bare(const char *jid)
{
    return g_strndup(jid, strcspn(jid, "/"));
}

char *world_pair(const char *local, const char *remote)
{
    g_autofree char *a = bare(local), *b = bare(remote);

    return g_strconcat(a, " ", b, NULL);
}

static void session_free(void *data)
{
    Session *session = data;

    g_free(session->pair);
    g_free(session);
}

static void dialog_free(void *data)
{
    Dialog *dialog = data;

    g_free(dialog->pair);
    g_free(dialog);
}

static GHashTable *numbers(GDestroyNotify free_value)
{
    return g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, free_value);
}

static GHashTable *strings(void)
{
    return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
}

uint64_t *world_number(uint64_t value)
{
    return g_memdup2(&value, sizeof value);
}

void *world_some(World *world, GHashTable *table)
{
    unsigned n = g_hash_table_size(table);
    g_autoptr(GList) values = n ? g_hash_table_get_values(table) : NULL;

    return n ? g_list_nth_data(values, world_pick(world, n)) : NULL;
}

uint64_t world_some_key(World *world, GHashTable *table)
{
    unsigned n = g_hash_table_size(table);
    g_autoptr(GList) keys = n ? g_hash_table_get_keys(table) : NULL;

    return n ? *(const uint64_t *) g_list_nth_data(keys, world_pick(world, n)) : 0;
}

/* ---- What the gateway does, checked ---- */

static void answered(World *world, uint64_t request)
{
    g_assert_true(g_hash_table_remove(world->requests, &request)); /* once, and known */
}

static void check_presence(World *world, const StoxPresence *presence)
{
    g_autofree char *pair = world_pair(presence->from, presence->to);

    g_assert_false(world->stopped && presence->type == STOX_PRESENCE_AVAILABLE);
    if (!world->links[world_link(presence->from)])
        return; /* it is lost */
    if (presence->type == STOX_PRESENCE_AVAILABLE)
        g_hash_table_add(world->visible, g_steal_pointer(&pair));
    else if (presence->type == STOX_PRESENCE_UNAVAILABLE)
        g_hash_table_remove(world->visible, pair);
}

static void check_send(World *world, const StoxAction *action)
{
    g_autofree char *text =
        g_strndup(g_bytes_get_data(action->body, NULL), g_bytes_get_size(action->body));
    g_autofree char *pair = NULL;
    unsigned part, parts;
    uint64_t n, last;

    if (action->session) {
        const Session *session = g_hash_table_lookup(world->sessions, &action->session);

        g_assert_nonnull(session);
        g_assert_cmpint(session->state, ==, SESSION_OPEN);
        pair = g_strdup(session->pair);
    } else {
        g_autofree char *remote =
            g_strndup(action->from_uri + 4, strcspn(action->from_uri + 4, ";"));
        g_autofree char *local = g_strndup(action->to_uri + 4, strcspn(action->to_uri + 4, ";"));

        pair = world_pair(local, remote);
    }
    g_assert_true(g_hash_table_add(world->busy, g_strdup(pair))); /* M-39 */
    if (sscanf(world_text_of_send(world, action, pair, text), "n=%" G_GUINT64_FORMAT ".%u/%u", &n,
               &part, &parts) == 3) {
        g_assert_cmpuint(parts, <=, 8);
        n = n * 16 + part;
        last = GPOINTER_TO_SIZE(g_hash_table_lookup(world->order, pair));
        g_assert_cmpuint(
            n, >=,
            last); /* promise 4; the same one once again after 481, and without its wrapper after 415 */
        g_assert_true(part == 0 || n - last <= 1);
        if (n == last)
            g_assert_true(g_hash_table_add(world->resent, world_number(n * 2)) ||
                          g_hash_table_add(world->resent, world_number(n * 2 + 1)));
        g_hash_table_replace(world->order, g_strdup(pair), GSIZE_TO_POINTER(n));
        if (part + 1 == parts)
            g_hash_table_add(world->complete, g_strdup_printf("m%" G_GUINT64_FORMAT, n / 16));
    }
    g_hash_table_insert(world->refs, world_number(action->ref), g_steal_pointer(&pair));
}

static void check_session(World *world, const StoxAction *action)
{
    Session *session = g_hash_table_lookup(world->sessions, &action->session);

    switch (action->kind) {
    case STOX_ACTION_SESSION_OPEN:
        g_assert_null(session);
        g_assert_cmpuint(action->session % 2, ==, 0);
        g_assert_false(world->stopped);
        session = g_new0(Session, 1);
        session->name = action->session;
        session->pair = world_pair(action->to_uri + 4, action->from_uri + 4);
        g_hash_table_insert(world->sessions, world_number(action->session), session);
        break;
    case STOX_ACTION_SESSION_ACCEPT:
        g_assert_cmpint(session->state, ==, SESSION_OFFERED);
        session->state = SESSION_ACCEPTED;
        answered(world, action->request);
        break;
    default:
        g_assert_nonnull(session);
        g_hash_table_remove(world->sessions, &action->session);
        break;
    }
}

static void check_watching(World *world, const StoxAction *action)
{
    Dialog *dialog;

    if (action->kind == STOX_ACTION_UNSUBSCRIBE) {
        g_assert_true(g_hash_table_remove(world->subscriptions, &action->subscription));
        return;
    }
    dialog = g_new0(Dialog, 1);
    dialog->name = action->subscription;
    dialog->pair = world_pair(action->to_uri + 4, action->from_uri + 4);
    g_assert_cmpuint(action->subscription % 2, ==, 0);
    g_assert_false(world->stopped);
    g_assert_true(
        g_hash_table_insert(world->subscriptions, world_number(action->subscription), dialog));
}

static bool shows_open(const StoxAction *action)
{
    StoxPresenceReading how = {.about_uri = NULL};
    g_auto(StoxPresenceReport) report = {0};
    g_autoptr(StoxCategories) categories = NULL;
    unsigned status;
    bool open = false;

    if (!action->body)
        return false;
    g_assert_true(stox_presence_document_read(&categories, action->content_type, action->body, &how,
                                              &report, &status));
    for (unsigned i = 0; i < report.all.list->len; i++)
        open = open || ((const StoxPresentity *) report.all.list->pdata[i])->open;
    return open;
}

static void check_watched(World *world, const StoxAction *action)
{
    Dialog *dialog = g_hash_table_lookup(world->watchers, &action->subscription);

    g_assert_nonnull(dialog);
    if (action->kind == STOX_ACTION_SUBSCRIPTION_ACCEPT) {
        answered(world, action->request);
        world->must_notify = action->subscription;
        if (world->asked)
            dialog->type = world->asked;
        return;
    }
    if (world->must_notify == action->subscription)
        world->must_notify = 0;
    g_assert_true(!action->body || strcmp(action->content_type, dialog->type) == 0); /* P-51 */
    dialog->documented = shows_open(action);
    g_assert_false(world->stopped && dialog->documented);
    if (action->state == STOX_SUBSTATE_TERMINATED)
        g_hash_table_remove(world->watchers, &action->subscription);
}

static void check_outcome(World *world, const StoxAction *action)
{
    g_autofree char *key = g_strjoin(" ", action->from, action->to, action->id, NULL);

    if (action->direction == STOX_SIP_TO_XMPP)
        world->sip_outcomes++;
    else
        g_assert_true(g_hash_table_remove(world->messages, key)); /* promise 1 */
    if (action->direction == STOX_XMPP_TO_SIP && action->outcome == STOX_OUTCOME_DELIVERED)
        g_assert_true(g_hash_table_contains(world->complete, action->id)); /* all its parts */
}

static void remember_id(World *world, const char *id, const char *from, const char *to)
{
    if (world->ids->len > 30)
        g_ptr_array_remove_index(world->ids, 0);
    g_ptr_array_add(world->ids, g_strjoin("\n", id ? id : "none", from, to, NULL));
}

static void check(World *world, const StoxAction *action)
{
    if (world->must_notify) /* nothing comes between SUBSCRIPTION_ACCEPT and its NOTIFY */
        g_assert_true(action->kind == STOX_ACTION_NOTIFY &&
                      action->subscription == world->must_notify);
    switch (action->kind) {
    case STOX_ACTION_XMPP_MESSAGE:
        remember_id(world, action->message->id, action->message->from, action->message->to);
        world_check_message(world, action->message);
        break;
    case STOX_ACTION_XMPP_PRESENCE:
        remember_id(world, action->presence->id, action->presence->from, action->presence->to);
        check_presence(world, action->presence);
        break;
    case STOX_ACTION_XMPP_PING:
        remember_id(world, action->id, action->from, action->to);
        break;
    case STOX_ACTION_SIP_RESPOND:
        g_assert_cmpuint(action->result.status, >=, 200);
        answered(world, action->request);
        break;
    case STOX_ACTION_SESSION_OPEN:
    case STOX_ACTION_SESSION_ACCEPT:
    case STOX_ACTION_SESSION_CLOSE:
        check_session(world, action);
        break;
    case STOX_ACTION_SESSION_INFO:
        world_check_info(world, action);
        break;
    case STOX_ACTION_SIP_MESSAGE:
        check_send(world, action);
        break;
    case STOX_ACTION_SUBSCRIBE:
    case STOX_ACTION_UNSUBSCRIBE:
        check_watching(world, action);
        break;
    case STOX_ACTION_SUBSCRIPTION_ACCEPT:
    case STOX_ACTION_NOTIFY:
        check_watched(world, action);
        break;
    case STOX_ACTION_OUTCOME:
        check_outcome(world, action);
        break;
    }
}

/* Promise 5: nobody is believed available who is not watched by a living dialog whose last document said so. */
static void check_nothing_stale(World *world)
{
    GHashTableIter iter;
    void *key, *value;

    g_hash_table_iter_init(&iter, world->visible);
    while (g_hash_table_iter_next(&iter, &key, NULL)) {
        bool alive = false;
        GHashTableIter dialogs;

        if (!world->links[world_link(key)] || world->stopped)
            continue;
        g_hash_table_iter_init(&dialogs, world->subscriptions);
        while (g_hash_table_iter_next(&dialogs, NULL, &value))
            alive = alive || strcmp(((const Dialog *) value)->pair, key) == 0;
        g_assert_true(alive);
        g_assert_true(g_hash_table_contains(world->documents, key));
    }
}

void world_settle(World *world)
{
    for (unsigned i = 0; i < world->rig.actions->len; i++)
        check(world, world->rig.actions->pdata[i]);
    g_ptr_array_set_size(world->rig.actions, 0);
    g_assert_cmpuint(world->must_notify, ==, 0);
    check_nothing_stale(world);
}

/* ---- Its tables ---- */

void world_init(World *world, unsigned seed)
{
    memset(world, 0, sizeof *world);
    rig_init(&world->rig);
    world->rig.config.max_queue = 5;
    world->rig.config.max_message_bytes = 40;
    if (seed % 2)
        stox_policy_add_hop(world->rig.policy, "pool01", STOX_DIALECT_LYNC)->presence_format =
            STOX_PRESENCE_FORMAT_CATEGORIES;
    stox_policy_add_partner(world->rig.policy, "partner.example")->type =
        (StoxPartnerType) (seed % 3);
    rig_start(&world->rig);
    world->rand = g_rand_new_with_seed(seed);
    world->requests = numbers(NULL);
    world->messages = strings();
    world->sessions = numbers(session_free);
    world->refs = numbers(g_free);
    world->busy = strings();
    world->order = strings();
    world->resent = numbers(NULL);
    world->complete = strings();
    world->subscriptions = numbers(dialog_free);
    world->watchers = numbers(dialog_free);
    world->visible = strings();
    world->documents = strings();
    world->truth = strings();
    world->notifiable = g_ptr_array_new_with_free_func(g_free);
    world->results = strings();
    world->ids = g_ptr_array_new_with_free_func(g_free);
    world->next_odd = 1;
    world->links[0] = world->links[1] = true;
}

void world_clear(World *world)
{
    GHashTable *tables[] = {
        world->requests, world->messages,      world->sessions, world->refs,    world->busy,
        world->order,    world->subscriptions, world->watchers, world->visible, world->documents,
        world->truth,    world->resent,        world->complete, world->results};

    for (unsigned i = 0; i < G_N_ELEMENTS(tables); i++)
        g_hash_table_unref(tables[i]);
    g_ptr_array_unref(world->ids);
    g_ptr_array_unref(world->notifiable);
    g_rand_free(world->rand);
    rig_clear(&world->rig);
}

/* Watchers on SIP see nobody online whom this stream has not shown online, once a minute has passed. */
