/* SPDX-License-Identifier: MIT */
/* The SUBSCRIBE by which an XMPP user follows a SIP user, in either of two formats (lync.md 4.8 a). */
#include "translation/watching-private.h"

#include "translation/presence-write.h"

#define SIMPLE_EXPIRES_S 3600 /* P-10 */
#define PLAIN_MS         (INT64_C(24) * 3600 * 1000)

/* Servers look for what they have in an order of their own; PIDF is what every subscriber takes (P-179). */
#define ACCEPT_CATEGORIES                                                                          \
    "application/msrtc-event-categories+xml, application/rlmi+xml, multipart/related, "            \
    "application/pidf+xml"

static bool wants_categories(const StoxWatching *watching)
{
    const StoxGateway *gateway = watching->gateway;
    const int64_t *until = g_hash_table_lookup(gateway->watchings->plain, watching->pair.hop);

    return stox_pair_hop(gateway, &watching->pair)->presence_format ==
               STOX_PRESENCE_FORMAT_CATEGORIES &&
           !(until && gateway->now.mono_ms < *until);
}

static void add_format(StoxWatching *watching, StoxAction *action)
{
    watching->categories_asked = wants_categories(watching);
    if (!watching->categories_asked) {
        action->accept = g_strdup(STOX_PIDF_TYPE);
        return;
    }
    action->accept = g_strdup(ACCEPT_CATEGORIES);
    action->require = g_strdup("adhoclist, categoryList");
    action->content_type = g_strdup(STOX_BATCH_SUB_TYPE);
    action->body = stox_batch_sub_write(action->from_uri, action->to_uri);
}

void stox_watching_ask(StoxWatching *watching, const char *why)
{
    StoxGateway *gateway = watching->gateway;
    int64_t expires_s = gateway->config.subscription_expires_s;
    StoxAction *action = stox_gateway_emit(gateway, STOX_ACTION_SUBSCRIBE);

    stox_watching_set_dialog(watching, stox_gateway_next_name(gateway));
    watching->state = STOX_WATCHING_ASKING;
    watching->asked_at = gateway->now.mono_ms;
    watching->retry_at = STOX_NEVER;
    action->subscription = watching->subscription;
    action->hop = g_strdup(watching->pair.hop);
    action->from_uri = stox_pair_remote_uri(&watching->pair);
    action->to_uri = stox_pair_local_uri(gateway, &watching->pair);
    action->display = g_strdup(watching->nick);
    action->expires_s =
        watching->pair.dialect == STOX_DIALECT_LYNC ? expires_s : MIN(expires_s, SIMPLE_EXPIRES_S);
    action->reason = g_strdup(why);
    add_format(watching, action);
    stox_watching_rearm(watching);
}

bool stox_watching_fall_back(StoxWatching *watching, const StoxEvent *event)
{
    const StoxSipResult *result = &event->result;
    GHashTable *plain = watching->gateway->watchings->plain;
    int64_t until = watching->gateway->now.mono_ms + PLAIN_MS;
    g_autofree char *why = NULL;

    if (!watching->categories_asked || result->fate != STOX_SIP_ANSWERED ||
        (result->status != 406 && result->status != 415 && result->status != 420 &&
         result->status != 489))
        return false;
    /* So that not each of its users is asked for twice. */
    g_hash_table_replace(plain, g_strdup(watching->pair.hop), g_memdup2(&until, sizeof until));
    why = g_strdup_printf("categories were refused with %u, so PIDF is asked for during the next "
                          "24 hours; presence-format = pidf makes that lasting",
                          result->status);
    if (event->keep)
        stox_gateway_emit(watching->gateway, STOX_ACTION_UNSUBSCRIBE)->subscription =
            watching->subscription;
    stox_watching_ask(watching, why);
    return true;
}
