/* SPDX-License-Identifier: MIT */
/* Messages from SIP to XMPP and the proof that they arrived: a SIP sender's 2xx means something (DESIGN promise 2). Part of the gateway. */
#pragma once

#include "translation/gateway-private.h"

StoxDeliveries *stox_deliveries_new(void);
void stox_deliveries_free(StoxDeliveries *deliveries);

/* A MESSAGE: refused at once, or sent on and answered once its fate is known. */
void stox_delivery_sip_message(StoxGateway *gateway, const StoxEvent *event);
/* A message of type error: counts with our id and from our `to` only (D-14, D-15). */
void stox_delivery_xmpp_error(StoxGateway *gateway, const StoxMessage *message);
void stox_delivery_pong(StoxGateway *gateway, const StoxEvent *event);
void stox_delivery_unsent(StoxGateway *gateway, const StoxEvent *event);
/* What was sent over this domain's stream and is not proven yet is answered 503. */
void stox_delivery_link_down(StoxGateway *gateway, const char *domain);
/* The pings behind what was sent in this turn. */
void stox_delivery_flush(StoxGateway *gateway);
void stox_deliveries_stop(StoxGateway *gateway);
size_t stox_deliveries_pending(const StoxGateway *gateway);
