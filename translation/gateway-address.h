/* SPDX-License-Identifier: MIT */
/* How the SIP users we serve are called on both sides. Private to translation/gateway*.c and its machines; what they need of it is in gateway-private.h. */
#pragma once

#include "translation/gateway-private.h"
#include "translation/sip-uri.h"

/*
 * The SIP URI of a user we serve, in the spelling his side uses, the resource as gr when `with_gr`. On failure sets *ret_error and returns
 * NULL. `local` has a localpart. Caller frees.
 */
char *stox_gateway_local_uri(const StoxGateway *gateway, const StoxJid *local, bool with_gr,
                             StoxError *ret_error);
/* The JID of who sent a request: at his own domain, or at that of the gateway he is behind. Parts are taken out of `uri`. On failure sets *ret_failure. */
bool stox_gateway_local_jid(const StoxGateway *gateway, StoxSipUri *uri, StoxJid *ret_jid,
                            StoxSipResult *ret_failure);
/* Somebody we serve was seen, whose user part his side writes like this, in a request to `remote`. */
void stox_gateway_learn_address(const StoxGateway *gateway, const StoxJid *local,
                                const char *spelling, const StoxJid *remote);
/* `local` is what `remote` calls the user: replaced when only his server folds the name so. */
void stox_gateway_unfold(const StoxGateway *gateway, StoxJid *local, const StoxJid *remote);
