/* SPDX-License-Identifier: MIT */
#include "translation/gateway-private.h"

#include "translation/conversation.h"
#include "translation/delivery.h"
#include "translation/gateway-repeats.h"
#include "translation/receipts.h"
#include "translation/spellings.h"
#include "translation/state-only.h"
#include "translation/subscription.h"

#include <string.h>

void stox_gateway_config_init(StoxGatewayConfig *config)
{
    *config = (StoxGatewayConfig){.confirm_timeout_ms = 3000,
                                  .session_idle_ms = 600000,
                                  .session_open_ms = 180000,
                                  .notify_interval_ms = 1000,
                                  .subscription_expires_s = 28800,
                                  .watcher_max_expires_s = 28800,
                                  .max_queue = 100,
                                  .max_conversations = 100000,
                                  .max_subscriptions = 200000,
                                  .max_spellings = 20000,
                                  .max_message_bytes = 65536,
                                  .max_stanza_text = 131072};
}

StoxGateway *stox_gateway_new(const StoxGatewayConfig *config)
{
    StoxGateway *gateway = g_new0(StoxGateway, 1);

    gateway->config = *config;
    stox_deadlines_init(&gateway->deadlines);
    gateway->links = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    gateway->conversations = stox_conversations_new();
    gateway->deliveries = stox_deliveries_new();
    gateway->repeats = stox_repeats_new();
    gateway->receipts = stox_receipts_new();
    gateway->watchings = stox_watchings_new();
    gateway->watcheds = stox_watcheds_new();
    gateway->spellings = stox_spellings_new(config->max_spellings);
    gateway->folded = stox_spellings_new(config->max_spellings);
    return gateway;
}

void stox_gateway_free(StoxGateway *gateway)
{
    if (!gateway)
        return;
    stox_conversations_free(gateway->conversations);
    stox_deliveries_free(gateway->deliveries);
    stox_repeats_free(gateway->repeats);
    stox_receipts_free(gateway->receipts);
    stox_watchings_free(gateway->watchings);
    stox_watcheds_free(gateway->watcheds);
    stox_spellings_free(gateway->spellings);
    stox_spellings_free(gateway->folded);
    g_hash_table_unref(gateway->links);
    stox_deadlines_clear(&gateway->deadlines);
    g_free(gateway);
}

/* ---- Streams, time, the end ---- */

static void link_up(StoxGateway *gateway, const char *domain)
{
    g_autofree char *canonical = stox_domain_canonical(domain);

    if (!canonical)
        return;
    g_hash_table_add(gateway->links, g_strdup(canonical));
    stox_watchings_link_up(gateway, canonical);
    stox_watcheds_link_up(gateway, canonical);
}

static void link_down(StoxGateway *gateway, const char *domain)
{
    g_autofree char *canonical = stox_domain_canonical(domain);

    if (!canonical || !g_hash_table_remove(gateway->links, canonical))
        return;
    stox_delivery_link_down(gateway, canonical);
    stox_watcheds_link_down(gateway, canonical);
}

static void tick(StoxGateway *gateway)
{
    StoxDeadline *deadline;

    while ((deadline = stox_deadlines_pop(&gateway->deadlines, gateway->now.mono_ms)))
        deadline->func(gateway, deadline->owner);
}

static void stop(StoxGateway *gateway)
{
    if (gateway->stopping)
        return;
    stox_watchings_stop(gateway);
    stox_watcheds_stop(gateway);
    gateway->stopping = true;
    stox_conversations_stop(gateway);
    stox_deliveries_stop(gateway);
}

/* ---- Dispatch ---- */

static void xmpp_message(StoxGateway *gateway, const StoxMessage *message)
{
    if (message->type == STOX_MESSAGE_ERROR) /* M-54, D-10: never answered */
        stox_delivery_xmpp_error(gateway, message);
    else
        stox_conversation_xmpp_message(gateway, message);
}

static void handle_xmpp(StoxGateway *gateway, const StoxEvent *event)
{
    switch (event->kind) {
    case STOX_EVENT_LINK_UP:
        link_up(gateway, event->domain);
        break;
    case STOX_EVENT_LINK_DOWN:
        link_down(gateway, event->domain);
        break;
    case STOX_EVENT_XMPP_MESSAGE:
        xmpp_message(gateway, event->message);
        break;
    case STOX_EVENT_XMPP_PRESENCE:
        stox_gateway_xmpp_presence(gateway, event->presence);
        break;
    case STOX_EVENT_XMPP_PONG:
        stox_delivery_pong(gateway, event);
        break;
    case STOX_EVENT_XMPP_UNSENT:
        stox_delivery_unsent(gateway, event);
        break;
    case STOX_EVENT_TICK:
        tick(gateway);
        break;
    case STOX_EVENT_STOP:
        stop(gateway);
        break;
    default:
        break;
    }
}

static void handle_sip(StoxGateway *gateway, const StoxEvent *event)
{
    switch (event->kind) {
    case STOX_EVENT_SIP_INVITE:
        stox_conversation_invite(gateway, event);
        break;
    case STOX_EVENT_SESSION_OPENED:
        stox_conversation_opened(gateway, event);
        break;
    case STOX_EVENT_SESSION_FAILED:
        stox_conversation_failed(gateway, event);
        break;
    case STOX_EVENT_SESSION_CLOSED:
        stox_conversation_closed(gateway, event);
        break;
    case STOX_EVENT_SESSION_INFO:
        stox_state_session_info(gateway, event);
        break;
    case STOX_EVENT_SIP_MESSAGE:
        if (!stox_state_from_sip(gateway, event))
            stox_delivery_sip_message(gateway, event);
        break;
    case STOX_EVENT_SIP_MESSAGE_RESULT:
        stox_conversation_result(gateway, event);
        break;
    case STOX_EVENT_SUBSCRIBED:
        stox_watching_accepted(gateway, event);
        break;
    case STOX_EVENT_SUBSCRIBE_FAILED:
        stox_watching_failed(gateway, event);
        break;
    case STOX_EVENT_NOTIFY:
        stox_watching_notify(gateway, event);
        break;
    case STOX_EVENT_SUBSCRIPTION_LOST:
        stox_watching_lost(gateway, event);
        break;
    case STOX_EVENT_HOP_UP:
        stox_watchings_hop_up(gateway, event->hop);
        break;
    case STOX_EVENT_SIP_SUBSCRIBE:
        stox_watched_subscribe(gateway, event);
        break;
    case STOX_EVENT_WATCHER_ENDED:
        stox_watched_ended(gateway, event);
        break;
    default:
        break;
    }
}

void stox_gateway_handle(StoxGateway *gateway, const StoxEvent *event, StoxTime now,
                         GPtrArray *actions)
{
    gateway->now = now;
    gateway->actions = actions;
    handle_xmpp(gateway, event);
    handle_sip(gateway, event);
    gateway->actions = NULL;
}

void stox_gateway_flush(StoxGateway *gateway, StoxTime now, GPtrArray *actions)
{
    gateway->now = now;
    gateway->actions = actions;
    stox_delivery_flush(gateway);
    gateway->actions = NULL;
}

int64_t stox_gateway_deadline(const StoxGateway *gateway)
{
    return stox_deadlines_next(&gateway->deadlines);
}

void stox_gateway_stats(const StoxGateway *gateway, StoxGatewayStats *ret_stats)
{
    *ret_stats = (StoxGatewayStats){.watching = stox_watchings_count(gateway),
                                    .watched = stox_watcheds_count(gateway),
                                    .pending_confirmations = stox_deliveries_pending(gateway)};
    stox_conversations_stats(gateway, ret_stats);
}
