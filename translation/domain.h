/* SPDX-License-Identifier: MIT */
/*
 * Domain names of both networks: U-labels for XMPP, A-labels for SIP (IDNA2008; rows ).
 */
#pragma once

#include "translation/address.h"

/*
 * A canonical domain as SIP wants it: A-labels, brackets around IPv6. NULL when it has no such
 * form. Caller frees.
 */
char *stox_domain_ascii(const char *canonical_domain);
