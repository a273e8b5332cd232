/* SPDX-License-Identifier: MIT */
#include "translation/types.h"

#include "translation/notes.h"

#include <string.h>

void stox_error_clear(StoxError *error)
{
    g_free(error->text);
    g_free(error->lang);
    g_free(error->address);
    memset(error, 0, sizeof *error);
}

void stox_sip_result_clear(StoxSipResult *result)
{
    g_free(result->reason);
    g_free(result->contact);
    g_free(result->diagnostics);
    g_free(result->warning);
    memset(result, 0, sizeof *result);
}

void stox_sip_result_copy(StoxSipResult *dest, const StoxSipResult *src)
{
    *dest = *src;
    dest->reason = g_strdup(src->reason);
    dest->contact = g_strdup(src->contact);
    dest->diagnostics = g_strdup(src->diagnostics);
    dest->warning = g_strdup(src->warning);
}

StoxMessage *stox_message_new(StoxMessageType type, const char *from, const char *to)
{
    StoxMessage *message = g_new0(StoxMessage, 1);

    message->type = type;
    message->from = g_strdup(from);
    message->to = g_strdup(to);
    return message;
}

void stox_message_free(StoxMessage *message)
{
    if (!message)
        return;
    g_free(message->from);
    g_free(message->to);
    g_free(message->id);
    g_free(message->origin_id);
    g_free(message->lang);
    g_free(message->subject);
    g_free(message->body);
    g_free(message->xhtml);
    g_free(message->thread);
    g_free(message->nick);
    g_free(message->received_id);
    g_free(message->displayed_id);
    g_free(message->replaces_id);
    g_free(message->oob_url);
    g_free(message->encryption);
    stox_error_clear(&message->error);
    g_free(message);
}

StoxPresence *stox_presence_new(StoxPresenceType type, const char *from, const char *to)
{
    StoxPresence *presence = g_new0(StoxPresence, 1);

    presence->type = type;
    presence->from = g_strdup(from);
    presence->to = g_strdup(to);
    return presence;
}

void stox_presence_free(StoxPresence *presence)
{
    if (!presence)
        return;
    g_free(presence->from);
    g_free(presence->to);
    g_free(presence->id);
    stox_notes_clear(&presence->status);
    g_free(presence->nick);
    stox_error_clear(&presence->error);
    g_free(presence);
}

StoxEvent *stox_event_new(StoxEventKind kind)
{
    StoxEvent *event = g_new0(StoxEvent, 1);

    event->kind = kind;
    return event;
}

void stox_event_free(StoxEvent *event)
{
    if (!event)
        return;
    g_free(event->domain);
    g_free(event->id);
    g_free(event->from);
    g_free(event->to);
    stox_message_free(event->message);
    stox_presence_free(event->presence);
    g_free(event->hop);
    g_free(event->from_uri);
    g_free(event->request_uri);
    g_free(event->display);
    g_free(event->call_id);
    g_free(event->conversation_id);
    g_free(event->subject);
    g_free(event->lang);
    g_free(event->content_type);
    g_clear_pointer(&event->body, g_bytes_unref);
    g_free(event->accept);
    g_free(event->reason);
    stox_sip_result_clear(&event->result);
    g_free(event);
}

StoxAction *stox_action_new(StoxActionKind kind)
{
    StoxAction *action = g_new0(StoxAction, 1);

    action->kind = kind;
    return action;
}

void stox_action_free(StoxAction *action)
{
    if (!action)
        return;
    g_free(action->id);
    g_free(action->from);
    g_free(action->to);
    stox_message_free(action->message);
    stox_presence_free(action->presence);
    g_free(action->hop);
    g_free(action->from_uri);
    g_free(action->to_uri);
    g_free(action->display);
    g_free(action->call_id);
    g_free(action->conversation_id);
    g_free(action->subject);
    g_free(action->lang);
    g_free(action->content_type);
    g_clear_pointer(&action->body, g_bytes_unref);
    g_free(action->accept);
    g_free(action->require);
    g_free(action->reason);
    stox_sip_result_clear(&action->result);
    g_free(action);
}
