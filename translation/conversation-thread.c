/* SPDX-License-Identifier: MIT */
/* The thread of a conversation, and the Call-ID that stands for it in page mode (M-03, M-20, Q-11). */
#include "translation/conversation-private.h"

#include <string.h>

#define MAX_CALL_ID 255

const char *stox_conversation_thread(StoxConversation *conversation)
{
    if (!conversation->thread)
        conversation->thread = stox_gateway_next_id(conversation->gateway);
    return conversation->thread;
}

/* RFC 3261 s25.1: word [ "@" word ] */
static bool is_call_id(const char *text)
{
    const char *at = strchr(text, '@');
    size_t n = strlen(text);

    for (const char *p = text; *p; p++)
        if (p != at && !g_ascii_isalnum(*p) && !strchr("-.!%*_+`'~()<>:\\\"/[]?{}", *p))
            return false;
    return n > 0 && n <= MAX_CALL_ID && (!at || (at > text && at[1]));
}

const char *stox_conversation_call_id(StoxConversation *conversation)
{
    if (!conversation->thread ||
        !stox_pair_hop(conversation->gateway, &conversation->pair)->thread_from_call_id)
        return NULL;
    if (!conversation->call_id)
        conversation->call_id = is_call_id(conversation->thread)
                                    ? g_strdup(conversation->thread)
                                    : stox_gateway_next_id(conversation->gateway);
    return conversation->call_id;
}

void stox_conversation_set_thread(StoxConversation *conversation, const char *thread)
{
    if (g_strcmp0(conversation->thread, thread) == 0)
        return;
    g_free(conversation->thread);
    conversation->thread = g_strdup(thread);
    g_clear_pointer(&conversation->call_id, g_free);
}

const char *stox_conversation_thread_of_page(StoxConversation *conversation, const char *call_id)
{
    if (!call_id || !stox_pair_hop(conversation->gateway, &conversation->pair)->thread_from_call_id)
        return stox_conversation_thread(conversation);
    if (g_strcmp0(conversation->call_id, call_id) != 0) {
        stox_conversation_set_thread(conversation, call_id);
        g_free(conversation->call_id);
        conversation->call_id = g_strdup(call_id);
    }
    return conversation->thread;
}
