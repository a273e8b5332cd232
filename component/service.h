/* SPDX-License-Identifier: MIT */
/* What the component answers itself: IQs to the domain and its users (disco, ping, version, last activity, time, vCard, gateway prompt; rows ). */
#pragma once

#include "component/stanza.h"
#include "translation/policy.h"

typedef struct StoxService StoxService;
/* `policy` is borrowed and outlives the service: it tells which domains have SIP domains behind them. */
StoxService *stox_service_new(StoxTime started, const StoxPolicy *policy);
void stox_service_free(StoxService *service);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoxService, stox_service_free)
/*
 * The answer to an IQ get or set addressed to `domain` or a user of it: exactly one result or error. NULL for results and errors (the caller
 * looks for its own pings first) and for what has no from. Caller frees. *ret_from is the answer's from (borrowed from the iq).
 */
char *stox_service_answer(StoxService *service, const char *domain, const StoxXmlNode *iq,
                          StoxTime now, const char **ret_from);
