/* SPDX-License-Identifier: MIT */
#include "translation/typing.h"

#include "translation/composing.h"
#include "translation/conversation-private.h"

#include <string.h>

/* lync.md 4.5: repeated every 3 to 5 s, at most 30 s long; the peer forgets it 6 s after the last one. */
#define KEYBOARD_REPEAT_MS 4000
#define KEYBOARD_CAP_MS    30000
/* M-75: the state holds for the refresh interval and is said again before it is over. XMPP's own silence is not endless either. */
#define COMPOSING_REFRESH_S 90
#define COMPOSING_REPEAT_MS 80000
#define COMPOSING_CAP_MS    300000
/* While something is on its way, the state is looked at again after this. */
#define BUSY_MS 4000

static bool is_lync(const StoxConversation *conversation)
{
    return conversation->pair.dialect == STOX_DIALECT_LYNC;
}

static int64_t now_of(const StoxConversation *conversation)
{
    return conversation->gateway->now.mono_ms;
}

/* ---- XMPP -> SIP ---- */

static bool tell_by_info(StoxConversation *conversation, bool active)
{
    StoxSession *session = stox_session_newest(conversation);
    StoxAction *action;

    if (!session) /* typing opens no window */
        return false;
    action = stox_gateway_emit(conversation->gateway, STOX_ACTION_SESSION_INFO);
    action->session = session->name;
    action->content_type = g_strdup(STOX_KEYBOARD_TYPE);
    action->body = stox_keyboard_write(active);
    return true;
}

static bool tell_by_message(StoxConversation *conversation, bool active)
{
    const StoxTyping *typing = &conversation->typing;
    StoxComposing composing = {.active = active,
                               .content_type = (char *) "text/plain",
                               .refresh_s = active ? COMPOSING_REFRESH_S : 0};
    const StoxSession *session = stox_session_newest(conversation);
    bool page = conversation->sessions.length == 0;
    g_autoptr(GBytes) body = NULL;

    if (typing->refused ||
        (page ? !typing->answering : !session || !session->takes_composing)) /* M-79, S-24 */
        return false;
    body = stox_composing_write(&composing);
    stox_conversation_send(conversation,
                           stox_outgoing_state(STOX_OUTGOING_TYPING, STOX_COMPOSING_TYPE, body));
    return true;
}

/* M-39: a state waits for nobody and nobody waits for it. */
static bool busy(const StoxConversation *conversation)
{
    return conversation->outstanding || conversation->queue.length > 0;
}

static void tell(StoxConversation *conversation, bool active)
{
    StoxTyping *typing = &conversation->typing;
    StoxTold told = active ? STOX_TOLD_ACTIVE : STOX_TOLD_IDLE;
    int64_t repeat = is_lync(conversation) ? KEYBOARD_REPEAT_MS : COMPOSING_REPEAT_MS;
    bool again = active && now_of(conversation) >= typing->told_at + repeat;

    if (conversation->gateway->stopping || busy(conversation) || (typing->told == told && !again))
        return;
    if (is_lync(conversation) ? tell_by_info(conversation, active)
                              : tell_by_message(conversation, active)) {
        typing->told = told;
        typing->told_at = now_of(conversation);
    }
}

/* The next look at a user who is typing. */
static void wait_on(StoxConversation *conversation)
{
    StoxTyping *typing = &conversation->typing;
    int64_t cap = is_lync(conversation) ? KEYBOARD_CAP_MS : COMPOSING_CAP_MS;
    int64_t repeat = is_lync(conversation) ? KEYBOARD_REPEAT_MS : COMPOSING_REPEAT_MS;
    int64_t next = typing->told == STOX_TOLD_ACTIVE ? typing->told_at + repeat
                                                    : now_of(conversation) + BUSY_MS;

    next = MAX(next, now_of(conversation) + 1000);
    stox_deadlines_set(&conversation->gateway->deadlines, &typing->repeat,
                       MIN(next, typing->since + cap));
}

static void stop_composing(StoxConversation *conversation)
{
    conversation->typing.composing = false;
    stox_deadlines_cancel(&conversation->gateway->deadlines, &conversation->typing.repeat);
}

static void repeat_cb(void *data, void *owner)
{
    StoxConversation *conversation = owner;
    StoxTyping *typing = &conversation->typing;
    int64_t cap = is_lync(conversation) ? KEYBOARD_CAP_MS : COMPOSING_CAP_MS;

    if (now_of(conversation) < typing->since + cap) {
        tell(conversation, true);
        wait_on(conversation);
        return;
    }
    stop_composing(conversation);
    if (is_lync(conversation)) /* the peer's own timer ends it */
        typing->told = STOX_TOLD_IDLE;
    else
        tell(conversation, false);
}

/* M-80: the XMPP user has closed the chat. S-10: what comes next is another thread. */
static void leave(StoxConversation *conversation)
{
    StoxTyping *typing = &conversation->typing;
    StoxSession *session;

    typing->leaving = busy(conversation);
    if (typing->leaving)
        return;
    while ((session = g_queue_peek_head(&conversation->sessions)))
        stox_session_drop(session, true);
    typing->told = STOX_TOLD_NOTHING;
    typing->shown = STOX_CHAT_STATE_NONE;
    stox_deadlines_cancel(&conversation->gateway->deadlines, &typing->silent);
    stox_conversation_set_thread(conversation, NULL);
}

void stox_typing_settled(StoxConversation *conversation)
{
    if (conversation->typing.leaving)
        leave(conversation);
}

void stox_typing_from_xmpp(StoxConversation *conversation, const StoxMessage *message, bool content)
{
    StoxTyping *typing = &conversation->typing;
    bool delayed = message->delay_wall_ms != 0; /* M-64 */
    StoxChatState state = delayed ? STOX_CHAT_STATE_NONE : message->chat_state;
    bool ours = !conversation->locked || g_strcmp0(conversation->locked, message->from) == 0;

    if (content) { /* it ends the typing by itself (M-75, lync.md 4.5) */
        if (!delayed)
            typing->supported = state != STOX_CHAT_STATE_NONE;
        typing->leaving = false;
        typing->told = STOX_TOLD_IDLE;
        stop_composing(conversation);
        return;
    }
    if (state == STOX_CHAT_STATE_NONE || conversation->gateway->stopping)
        return;
    if (ours)
        typing->supported = true;
    stop_composing(conversation);
    if (state == STOX_CHAT_STATE_GONE) {
        if (ours)
            leave(conversation);
    } else if (state == STOX_CHAT_STATE_COMPOSING) {
        typing->composing = true;
        typing->since = now_of(conversation);
        tell(conversation, true);
        wait_on(conversation);
    } else {
        tell(conversation, false);
    }
}

/* No more of these to somebody who refuses them; a server that is down or slow says nothing about him. */
static bool is_refusal(const StoxSipResult *result)
{
    static const unsigned passing[] = {408, 480, 481, 482, 486, 491};

    if (result->fate != STOX_SIP_ANSWERED || result->status < 400)
        return false;
    for (unsigned i = 0; i < G_N_ELEMENTS(passing); i++)
        if (passing[i] == result->status)
            return false;
    return result->status < 500 || result->status == 501 || result->status >= 600;
}

void stox_typing_result(StoxConversation *conversation, const StoxSipResult *result)
{
    StoxTyping *typing = &conversation->typing;

    if (is_refusal(result)) {
        typing->refused = true;
        stop_composing(conversation);
    }
    /* He stopped while we waited. */
    if (!typing->composing && typing->told == STOX_TOLD_ACTIVE)
        tell(conversation, false);
}

/* ---- SIP -> XMPP ---- */

static void show(StoxConversation *conversation, StoxChatState state)
{
    StoxGateway *gateway = conversation->gateway;
    StoxTyping *typing = &conversation->typing;
    const StoxPair *pair = &conversation->pair;
    StoxMessage *message;

    if (gateway->stopping || !typing->supported || !conversation->locked ||
        typing->shown == state || /* M-76 */
        !stox_gateway_link_is_up(gateway, stox_bare_domain(pair->local)))
        return;
    message = stox_message_new(STOX_MESSAGE_CHAT, typing->from ? typing->from : pair->local,
                               conversation->locked); /* M-82 */
    message->id = stox_gateway_next_id(gateway);
    message->thread = g_strdup(stox_conversation_thread(conversation));
    message->chat_state = state;
    message->no_store = true; /* M-83 */
    stox_gateway_emit(gateway, STOX_ACTION_XMPP_MESSAGE)->message = message;
    typing->shown = state;
}

static void note_from(StoxTyping *typing, const char *from)
{
    if (!from || g_strcmp0(typing->from, from) == 0)
        return;
    g_free(typing->from);
    typing->from = g_strdup(from);
}

/* There is only an end to what has begun. */
static void show_end(StoxConversation *conversation, StoxChatState state)
{
    if (conversation->typing.shown == STOX_CHAT_STATE_COMPOSING)
        show(conversation, state);
}

static void silent_cb(void *data, void *owner)
{
    StoxConversation *conversation = owner;

    show_end(conversation, conversation->typing.idle_as);
}

void stox_typing_active(StoxConversation *conversation, const char *from, int64_t hold_ms)
{
    StoxTyping *typing = &conversation->typing;

    note_from(typing, from);
    typing->idle_as = is_lync(conversation) ? STOX_CHAT_STATE_PAUSED : STOX_CHAT_STATE_ACTIVE;
    show(conversation, STOX_CHAT_STATE_COMPOSING);
    stox_deadlines_set(&conversation->gateway->deadlines, &typing->silent,
                       now_of(conversation) + hold_ms);
}

void stox_typing_idle(StoxConversation *conversation, const char *from, StoxChatState as)
{
    note_from(&conversation->typing, from);
    stox_deadlines_cancel(&conversation->gateway->deadlines, &conversation->typing.silent);
    show_end(conversation, as);
}

void stox_typing_content(StoxConversation *conversation, StoxMessage *message)
{
    StoxTyping *typing = &conversation->typing;
    bool carries = typing->supported && message->type == STOX_MESSAGE_CHAT &&
                   !message->delay_wall_ms &&
                   g_strcmp0(conversation->locked, message->to) == 0; /* M-82, M-64 */

    note_from(typing, message->from);
    typing->answering = true;
    stox_deadlines_cancel(&conversation->gateway->deadlines, &typing->silent);
    if (carries) {
        message->chat_state = STOX_CHAT_STATE_ACTIVE;
        typing->shown = STOX_CHAT_STATE_ACTIVE;
    } else {
        show_end(conversation, STOX_CHAT_STATE_ACTIVE); /* M-74 */
    }
}

void stox_typing_closed(StoxConversation *conversation)
{
    StoxTyping *typing = &conversation->typing;

    stop_composing(conversation);
    stox_deadlines_cancel(&conversation->gateway->deadlines, &typing->silent);
    typing->told = STOX_TOLD_NOTHING;
    if (!typing->supported || !conversation->locked || conversation->gateway->stopping)
        return;
    show(conversation, STOX_CHAT_STATE_GONE);
    stox_conversation_set_thread(conversation, NULL); /* S-10 */
}

/* ---- Its life ---- */

void stox_typing_init(StoxConversation *conversation)
{
    stox_deadline_init(&conversation->typing.repeat, repeat_cb, conversation);
    stox_deadline_init(&conversation->typing.silent, silent_cb, conversation);
}

void stox_typing_stop(StoxConversation *conversation)
{
    StoxTyping *typing = &conversation->typing;

    stox_deadlines_cancel(&conversation->gateway->deadlines, &typing->repeat);
    stox_deadlines_cancel(&conversation->gateway->deadlines, &typing->silent);
}

/* When all goes, other owners of deadlines may be gone already: nothing is cancelled here. */
void stox_typing_clear(StoxConversation *conversation)
{
    g_free(conversation->typing.from);
}
