/* SPDX-License-Identifier: MIT */
/*
 * Presence subscriptions of one pair in one direction. Watching: an XMPP user follows a SIP user, we are the SIP subscriber. Watched: a
 * SIP user follows an XMPP user, we are the notifier. The two know nothing of each other (P-70). Part of the gateway.
 */
#pragma once

#include "translation/gateway-private.h"

/* ---- Watching (rows P-10 to P-41, P-80 to P-92, P-160 to P-163) ---- */

StoxWatchings *stox_watchings_new(void);
void stox_watchings_free(StoxWatchings *watchings);
size_t stox_watchings_count(const StoxGateway *gateway);

/* `pair` is taken over where a record is made. */
void stox_watching_subscribe(StoxGateway *gateway, StoxPair *pair, const StoxPresence *presence);
void stox_watching_unsubscribe(StoxGateway *gateway, const StoxPair *pair);
/* `resource` NULL: the bare contact was probed. */
void stox_watching_probe(StoxGateway *gateway, StoxPair *pair, const char *resource,
                         const StoxPresence *presence);
/* The XMPP user shows signs of life toward this contact (the 30 days start again). */
void stox_watching_sign(StoxGateway *gateway, const char *key);
bool stox_watching_exists(const StoxGateway *gateway, const char *key);
/* The XMPP user's name, from his `subscribe` (P-75); NULL: not known. Borrowed. */
const char *stox_watching_nick(const StoxGateway *gateway, const char *key);
/* The SIP user's name, as his presence documents say it; NULL: not known. Borrowed. */
const char *stox_watching_contact_name(const StoxGateway *gateway, const char *key);

void stox_watching_accepted(StoxGateway *gateway, const StoxEvent *event);
void stox_watching_failed(StoxGateway *gateway, const StoxEvent *event);
void stox_watching_notify(StoxGateway *gateway, const StoxEvent *event);
void stox_watching_lost(StoxGateway *gateway, const StoxEvent *event);

/* A server of the hop answers again: those that wait for another try ask within a minute (20 ms for each, from 1 s on). */
void stox_watchings_hop_up(StoxGateway *gateway, const char *hop);
void stox_watchings_link_up(StoxGateway *gateway, const char *domain);
void stox_watchings_stop(StoxGateway *gateway);

/* ---- Watched (rows P-50 to P-67, P-164 to P-166) ---- */

StoxWatcheds *stox_watcheds_new(void);
void stox_watcheds_free(StoxWatcheds *watcheds);
size_t stox_watcheds_count(const StoxGateway *gateway); /* dialogs */

void stox_watched_subscribe(StoxGateway *gateway, const StoxEvent *event);
void stox_watched_ended(StoxGateway *gateway, const StoxEvent *event);
/* available, unavailable (resource NULL: from the bare JID), subscribed, unsubscribed, error */
void stox_watched_presence(StoxGateway *gateway, const char *key, const char *resource,
                           const StoxPresence *presence);

void stox_watcheds_link_up(StoxGateway *gateway, const char *domain);
void stox_watcheds_link_down(StoxGateway *gateway, const char *domain);
void stox_watcheds_stop(StoxGateway *gateway);
