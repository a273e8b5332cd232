/* SPDX-License-Identifier: MIT */
/* Actions that several machines append. */
#include "translation/gateway-private.h"

#include "translation/error.h"

StoxAction *stox_gateway_emit(StoxGateway *gateway, StoxActionKind kind)
{
    StoxAction *action = stox_action_new(kind);

    g_ptr_array_add(gateway->actions, action);
    return action;
}

char *stox_gateway_next_id(StoxGateway *gateway)
{
    return g_strdup_printf("%s-%" G_GUINT64_FORMAT, gateway->config.id_prefix, ++gateway->ids);
}

uint64_t stox_gateway_next_name(StoxGateway *gateway)
{
    return gateway->names += 2;
}

bool stox_gateway_link_is_up(const StoxGateway *gateway, const char *domain)
{
    return g_hash_table_contains(gateway->links, domain);
}

void stox_gateway_respond(StoxGateway *gateway, uint64_t request, const StoxSipResult *result)
{
    StoxAction *action;

    if (!request)
        return;
    action = stox_gateway_emit(gateway, STOX_ACTION_SIP_RESPOND);
    action->request = request;
    stox_sip_result_copy(&action->result, result);
}

void stox_gateway_respond_status(StoxGateway *gateway, uint64_t request, unsigned status,
                                 unsigned diagnostic, unsigned retry_after_s)
{
    g_auto(StoxSipResult) result = {0};

    stox_sip_result_init(&result, status, diagnostic);
    result.retry_after_s = retry_after_s;
    stox_gateway_respond(gateway, request, &result);
}

void stox_gateway_outcome(StoxGateway *gateway, StoxDirection direction, const char *from,
                          const char *to, const char *id, StoxOutcome outcome, const char *reason)
{
    StoxAction *action = stox_gateway_emit(gateway, STOX_ACTION_OUTCOME);

    action->direction = direction;
    action->from = g_strdup(from);
    action->to = g_strdup(to);
    action->id = g_strdup(id);
    action->outcome = outcome;
    action->reason = g_strdup(reason);
}

static void error_copy(StoxError *dest, const StoxError *src)
{
    *dest = *src;
    dest->text = g_strdup(src->text);
    dest->lang = g_strdup(src->lang);
    dest->address = g_strdup(src->address);
}

void stox_gateway_message_error(StoxGateway *gateway, const char *from, const char *to,
                                const char *id, const StoxError *error)
{
    StoxMessage *message = stox_message_new(STOX_MESSAGE_ERROR, to, from);

    message->id = g_strdup(id);
    error_copy(&message->error, error);
    stox_gateway_emit(gateway, STOX_ACTION_XMPP_MESSAGE)->message = message;
}

StoxPresence *stox_gateway_presence(StoxGateway *gateway, StoxPresenceType type, const char *from,
                                    const char *to)
{
    StoxPresence *presence = stox_presence_new(type, from, to);

    stox_gateway_emit(gateway, STOX_ACTION_XMPP_PRESENCE)->presence = presence;
    return presence;
}

void stox_gateway_presence_error(StoxGateway *gateway, const StoxPresence *presence,
                                 const StoxError *error)
{
    StoxPresence *answer =
        stox_gateway_presence(gateway, STOX_PRESENCE_ERROR, presence->to, presence->from);

    answer->id = g_strdup(presence->id);
    error_copy(&answer->error, error);
}

void stox_error_init(StoxError *error, StoxCondition condition, StoxErrorType type,
                     const char *text)
{
    *error = (StoxError){.condition = condition, .type = type, .text = g_strdup(text)};
}

void stox_error_stopping(StoxError *error, StoxLanguage language)
{
    stox_error_say(error, STOX_CONDITION_RESOURCE_CONSTRAINT, STOX_ERROR_WAIT, language,
                   STOX_WORD_STOPPING, NULL);
}
