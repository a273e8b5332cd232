/* SPDX-License-Identifier: MIT */
/* RFC 6665 subscriber and notifier for the presence event package (RFC 3856). No I/O. */
#pragma once

#include "sip/dialog.h"
#include "sip/ops.h"

/* ---- We subscribe ---- */

typedef struct StoxSubscribers StoxSubscribers;
StoxSubscribers *stox_subscribers_new(const char *fqdn, const StoxSipOps *ops, void *user);
void stox_subscribers_free(StoxSubscribers *subscribers);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoxSubscribers, stox_subscribers_free)

/* The gateway's SUBSCRIBE and UNSUBSCRIBE. Refreshes by itself before expiry (80-90 %, spread by the id). 423 is repeated with Min-Expires (P-32). */
void stox_subscribers_subscribe(StoxSubscribers *subscribers, const StoxAction *action,
                                const StoxSipHop *hop, StoxTime now);
void stox_subscribers_unsubscribe(StoxSubscribers *subscribers, const StoxAction *action,
                                  StoxTime now);
/* A NOTIFY or BENOTIFY; false: no dialog of ours (the caller answers 481). NOTIFY may come before the 2xx (P-14) and from forks (second one: 481, P-16). */
bool stox_subscribers_receive(StoxSubscribers *subscribers, const StoxSipIncoming *incoming,
                              StoxTime now);
void stox_subscribers_response(StoxSubscribers *subscribers, StoxOwner owner,
                               StoxSipMessage *response, StoxSipFate fate, uint64_t flow,
                               StoxTime now);
/*
 * A server of `hop` was given up, or is back: it may have forgotten what it knew. The dialogs whose last connection is not `sound` (open, and to another
 * server) are refreshed early: from 1 s on, spread by id over 20 ms for each, 60 s at most. A 481 ends the dialog as ever (P-33); when nobody answers, a new
 * subscription in the same name goes to any server of the hop, and again every 5 s; 40 s after its turn a dialog without a 2xx or NOTIFY is lost
 * (SUBSCRIPTION_LOST). So 101 s at most from this call. Only arms timers: may be called from inside anything.
 */
void stox_subscribers_lost(StoxSubscribers *subscribers, const StoxSipHop *hop,
                           bool (*sound)(void *user, uint64_t flow), void *user, StoxTime now);
/* A connection has closed, whatever the reason. If dialogs used it, one is refreshed after 1 s; when that does not get a 2xx, the others are too, as above. Only arms timers. */
void stox_subscribers_closed(StoxSubscribers *subscribers, uint64_t flow, StoxTime now);
int64_t stox_subscribers_deadline(const StoxSubscribers *subscribers);
void stox_subscribers_tick(StoxSubscribers *subscribers, StoxTime now);
size_t stox_subscribers_count(const StoxSubscribers *subscribers);

/* ---- We notify ---- */

typedef struct StoxNotifiers StoxNotifiers;
StoxNotifiers *stox_notifiers_new(const char *fqdn, size_t max_dialogs, const StoxSipOps *ops,
                                  void *user);
void stox_notifiers_free(StoxNotifiers *notifiers);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoxNotifiers, stox_notifiers_free)

/* An initial SUBSCRIBE, or one inside a dialog of ours; false: it has a To tag we do not know (481). Event other than presence: 489 here (P-51). Else SIP_SUBSCRIBE to the gateway. */
bool stox_notifiers_receive(StoxNotifiers *notifiers, const StoxSipIncoming *incoming,
                            StoxTime now);
/* The gateway's SUBSCRIPTION_ACCEPT (200 with Expires, Contact, our tag) and NOTIFY (one outstanding per dialog, the newest waits). */
void stox_notifiers_accept(StoxNotifiers *notifiers, const StoxAction *action, StoxTime now);
void stox_notifiers_notify(StoxNotifiers *notifiers, const StoxAction *action, StoxTime now);
/* SIP_RESPOND for a SUBSCRIBE: refused with action->result; true when the request was one of ours. */
bool stox_notifiers_refuse(StoxNotifiers *notifiers, const StoxAction *action, StoxTime now);
void stox_notifiers_response(StoxNotifiers *notifiers, StoxOwner owner, StoxSipMessage *response,
                             StoxSipFate fate, uint64_t flow, StoxTime now);
int64_t stox_notifiers_deadline(const StoxNotifiers *notifiers);
void stox_notifiers_tick(StoxNotifiers *notifiers, StoxTime now);
size_t stox_notifiers_count(const StoxNotifiers *notifiers);
