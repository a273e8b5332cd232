/* SPDX-License-Identifier: MIT */
/* What crosses without being content: typing, receipts, markers and notifications, taken out of the way of messages (promise 1). Part of the gateway. */
#pragma once

#include "translation/conversation.h"
#include "translation/cpim.h"

/* A stanza without content (M-13). Nobody is told when it goes nowhere (D-08). */
void stox_state_from_xmpp(StoxGateway *gateway, const StoxMessage *message);
/* A MESSAGE: true when it was one of these, which is answered then; false: it has content. */
bool stox_state_from_sip(StoxGateway *gateway, const StoxEvent *event);
void stox_state_session_info(StoxGateway *gateway, const StoxEvent *event);

/* M-31: false when the wrapper names another domain as its origin than the request does. */
bool stox_state_origin_is_right(const StoxCpim *cpim, const char *from_uri);
