/* SPDX-License-Identifier: MIT */
/* Presence stanzas: which of the two directions they concern (P-30, P-70), and what is refused before that. */
#include "translation/gateway-private.h"

#include "translation/conversation.h"
#include "translation/error.h"
#include "translation/subscription.h"

/* Is anybody waiting for an answer to it? (P-183: what nobody asked for is dropped in silence) */
static bool wants_answer(const StoxPresence *presence)
{
    return presence->type == STOX_PRESENCE_SUBSCRIBE || presence->type == STOX_PRESENCE_UNKNOWN ||
           (presence->muc && presence->type == STOX_PRESENCE_AVAILABLE);
}

static bool check(StoxGateway *gateway, const StoxPresence *presence, StoxJid *ret_local,
                  StoxJid *ret_remote, StoxPair *ret_pair, StoxError *ret_error)
{
    if (!stox_gateway_pair_from_xmpp(gateway, presence->from, presence->to, ret_local, ret_remote,
                                     ret_pair, ret_error))
        return false;
    if (presence->type == STOX_PRESENCE_UNKNOWN) /* */
        stox_error_say(ret_error, STOX_CONDITION_BAD_REQUEST, STOX_ERROR_MODIFY,
                       ret_pair->xmpp_language, STOX_WORD_UNKNOWN_PRESENCE, NULL);
    else if (presence->muc && presence->type == STOX_PRESENCE_AVAILABLE) /* G-14 */
        stox_error_say(ret_error, STOX_CONDITION_SERVICE_UNAVAILABLE, STOX_ERROR_CANCEL,
                       ret_pair->xmpp_language, STOX_WORD_NO_GROUPCHAT, NULL);
    else if (gateway->stopping && presence->type == STOX_PRESENCE_SUBSCRIBE)
        stox_error_stopping(ret_error, ret_pair->xmpp_language);
    return ret_error->condition == STOX_CONDITION_NONE;
}

static void pass_on(StoxGateway *gateway, const StoxPresence *presence, const StoxJid *local,
                    const StoxJid *remote, StoxPair *pair)
{
    switch (presence->type) {
    case STOX_PRESENCE_SUBSCRIBE:
        stox_watching_subscribe(gateway, pair, presence);
        break;
    case STOX_PRESENCE_UNSUBSCRIBE:
        stox_watching_unsubscribe(gateway, pair);
        break;
    case STOX_PRESENCE_PROBE:
        stox_watching_probe(gateway, pair, local->resource, presence);
        break;
    case STOX_PRESENCE_UNAVAILABLE:
        if (remote->resource) {
            g_autofree char *full = stox_jid_full(remote);

            stox_conversation_resource_gone(gateway, pair->key, full);
        }
        stox_watched_presence(gateway, pair->key, remote->resource, presence);
        break;
    default:
        stox_watched_presence(gateway, pair->key, remote->resource, presence);
        break;
    }
}

void stox_gateway_xmpp_presence(StoxGateway *gateway, const StoxPresence *presence)
{
    g_auto(StoxJid) local = {0}, remote = {0};
    g_auto(StoxError) error = {0};
    StoxPair pair = {0};

    if (check(gateway, presence, &local, &remote, &pair, &error)) {
        if (presence->type != STOX_PRESENCE_ERROR)
            stox_watching_sign(gateway, pair.key);
        if (!gateway->stopping)
            pass_on(gateway, presence, &local, &remote, &pair);
    } else if (presence->type != STOX_PRESENCE_ERROR && wants_answer(presence)) {
        stox_gateway_presence_error(gateway, presence, &error);
    }
    stox_pair_clear(&pair);
}
