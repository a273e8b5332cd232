/* SPDX-License-Identifier: MIT */
/* SIP messages <-> the gateway's values, where sessions, subscriptions and page mode do the same. */
#pragma once

#include "sip/hop.h"
#include "sip/message.h"

/* Fills an uninitialised result from a final response, or from the fate when `response` is NULL. */
void stox_sip_result_from_response(StoxSipResult *ret_result, const StoxSipMessage *response,
                                   StoxSipFate fate);
/* An event with what every request tells: its id, hop, From, Request-URI, display name and Call-ID. */
StoxEvent *stox_sip_request_event(StoxEventKind kind, const StoxSipMessage *message,
                                  uint64_t request, const StoxSipHop *hop);
/* A STOX_EVENT_SIP_MESSAGE for a MESSAGE request; session 0 until the caller sets it. */
StoxEvent *stox_sip_message_event(const StoxSipMessage *message, uint64_t request,
                                  const StoxSipHop *hop);
/* Subject, Content-Language and Date of a STOX_ACTION_SIP_MESSAGE. */
void stox_sip_builder_message_headers(StoxSipBuilder *builder, const StoxAction *action);
