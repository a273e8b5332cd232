/* SPDX-License-Identifier: MIT */
/* The simulated sides type, ask for receipts and give them; what the gateway does of that kind, checked. */
#include "gateway-world.h"

#include <string.h>

#define MAX_ASKED 30

/* ---- What the two sides do ---- */

static uint64_t expect_answer(World *world)
{
    uint64_t next = world->rig.requests + 1;

    g_hash_table_add(world->requests, world_number(next));
    return next;
}

static void chat_state(World *world, const char *local, const char *remote)
{
    static const char *const resources[] = {"", "/phone", "/laptop"};
    g_autofree char *from = g_strconcat(remote, resources[world_pick(world, 3)], NULL);

    if (world->links[world_link(local)])
        rig_state(&world->rig, from, local,
                  (StoxChatState) (1 + world_pick(world, STOX_CHAT_STATE_GONE)));
}

static uint64_t some_session(World *world)
{
    const Session *session = world_some(world, world->sessions);

    return session && session->state >= SESSION_ACCEPTED ? session->name : 777777;
}

static void keyboard(World *world, const char *local, const char *remote)
{
    rig_keyboard(&world->rig, some_session(world), world_pick(world, 3) > 0);
}

static void composing(World *world, const char *local, const char *remote)
{
    expect_answer(world);
    rig_composing(&world->rig, world_pick(world, 2) ? some_session(world) : 0, local, remote,
                  world_pick(world, 3) > 0, world_pick(world, 2) * 60);
}

static void cpim(World *world, const char *local, const char *remote)
{
    static const char *const wants[] = {"positive-delivery", "negative-delivery",
                                        "positive-delivery, negative-delivery, display", "display"};

    expect_answer(world);
    world->sip_messages++;
    rig_cpim(&world->rig, 0, local, remote, "their-id", wants[world_pick(world, 4)], "hello");
}

/* Whom it concerns answers, or somebody else. */
static void imdn(World *world, const char *local, const char *remote)
{
    static const char *const results[][2] = {{"delivery", "delivered"}, {"delivery", "failed"},
                                             {"delivery", "error"},     {"display", "displayed"},
                                             {"display", "forbidden"},  {"processing", "stored"}};
    const char *const *result = results[world_pick(world, G_N_ELEMENTS(results))];
    g_auto(GStrv) asked = NULL;

    if (world->notifiable->len == 0)
        return;
    asked = g_strsplit(world->notifiable->pdata[world_pick(world, world->notifiable->len)], " ", 3);
    expect_answer(world);
    if (world_pick(world, 5) > 0)
        rig_imdn(&world->rig, 0, asked[1], asked[2], asked[0], result[0], result[1]);
    else
        rig_imdn(&world->rig, 0, local, remote, asked[0], result[0], result[1]);
}

/* To one of our stanzas. */
static void acknowledge(World *world, const char *local, const char *remote)
{
    g_auto(GStrv) parts = NULL;
    StoxMessage *message;

    if (world->ids->len == 0)
        return;
    parts = g_strsplit(world->ids->pdata[world_pick(world, world->ids->len)], "\n", 3);
    if (!strchr(parts[1], '@') || !world->links[world_link(parts[1])])
        return;
    message = stox_message_new(STOX_MESSAGE_CHAT, parts[2], parts[1]);
    *(world_pick(world, 2) ? &message->received_id : &message->displayed_id) = g_strdup(parts[0]);
    rig_message(&world->rig, message);
}

void world_state(World *world, const char *local, const char *remote)
{
    static void (*const acts[])(World *, const char *, const char *) = {
        chat_state, chat_state, keyboard, composing, cpim, imdn, acknowledge, acknowledge};

    acts[world_pick(world, G_N_ELEMENTS(acts))](world, local, remote);
}

/* ---- What the gateway does ---- */

void world_check_info(World *world, const StoxAction *action)
{
    const Session *session = g_hash_table_lookup(world->sessions, &action->session);

    g_assert_nonnull(session); /* lync.md 4.5 */
    g_assert_cmpint(session->state, ==, SESSION_OPEN);
    g_assert_true(g_str_has_suffix(strchr(session->pair, '@'), "partner.example"));
    g_assert_false(world->stopped);
    g_assert_false(g_hash_table_contains(world->busy, session->pair)); /* M-39 */
}

void world_check_message(World *world, const StoxMessage *message)
{
    g_autofree char *result = NULL;

    if (message->type == STOX_MESSAGE_ERROR)
        return;
    if (message->chat_state) {
        g_assert_cmpint(message->type, ==, STOX_MESSAGE_CHAT); /* M-82 */
        g_assert_nonnull(strchr(message->to, '/'));
        g_assert_false(world->stopped);
        g_assert_true(world->links[world_link(message->from)]);
    }
    if (!message->received_id && !message->displayed_id)
        return;
    g_assert_false(message->wants_receipt || message->body); /* V-70 */
    result = g_strconcat(message->received_id ? "received " : "displayed ",
                         message->received_id ? message->received_id : message->displayed_id, NULL);
    g_assert_true(g_hash_table_add(world->results, g_steal_pointer(&result))); /* M-100, M-102 */
}

const char *world_text_of_send(World *world, const StoxAction *action, const char *pair,
                               const char *body)
{
    const char *id = strstr(body, "imdn.Message-ID: ");
    const char *text = strstr(body, "\r\n\r\nn=");

    if (strcmp(action->content_type, "message/cpim") != 0)
        return body;
    g_assert_nonnull(id);
    if (!text) { /* M-99, M-100: a notification asks for none */
        g_assert_nonnull(strstr(body, "message/imdn+xml"));
        g_assert_null(strstr(body, "Disposition-Notification"));
        g_assert_false(world->stopped);
        return body;
    }
    id += strlen("imdn.Message-ID: ");
    if (world->notifiable->len >= MAX_ASKED)
        g_ptr_array_remove_index(world->notifiable, 0);
    g_ptr_array_add(world->notifiable,
                    g_strdup_printf("%.*s %s", (int) strcspn(id, "\r"), id, pair));
    return text + strlen("\r\n\r\n");
}
