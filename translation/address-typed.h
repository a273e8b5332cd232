/* SPDX-License-Identifier: MIT */
/* SIP addresses as people type them, for names behind a gateway (XEP-0100 s6.3; A-63). */
#pragma once

#include "translation/policy.h"

/*
 * "alice@contoso.example", "sip:alice@contoso.example" or, of the domain's first SIP domain, "alice"; blanks around it do not count. What has no scheme is
 * plain text: a user may have any characters, only its last @ separates. STOX_CONDITION_NONE: *ret_jid is the bare JID, caller frees. Else
 * item-not-found for a SIP domain that is not behind this gateway, not-acceptable for what is no SIP address. `domain` has sip_domains.
 */
StoxCondition stox_address_typed(const char *text, const StoxDomainPolicy *domain, char **ret_jid);
