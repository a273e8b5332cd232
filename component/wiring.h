/* SPDX-License-Identifier: MIT */
/* From the settings to what translation and the streams want to know. */
#pragma once

#include "component/link.h"
#include "conf/settings.h"
#include "translation/gateway.h"

/* Served domains, hops and partners; the caller frees. */
StoxPolicy *stox_wiring_policy(const StoxSettings *settings);
/* Everything but `policy` and `id_prefix`. */
void stox_wiring_gateway(const StoxSettings *settings, StoxGatewayConfig *ret_config);
/* Strings are borrowed from the settings. */
void stox_wiring_link(const StoxSettings *settings, const StoxDomainSettings *domain,
                      StoxLinkConfig *ret_config);
