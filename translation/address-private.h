/* SPDX-License-Identifier: MIT */
/* The steps that both ways of writing a SIP user as a JID share: with his own domain (address.c) and behind a gateway's (proxied.c). */
#pragma once

#include "translation/precis.h"
#include "translation/sip-uri.h"

/* Fills *ret_error (uninitialised before); NULL, for callers to return. */
char *stox_address_refuse(StoxError *ret_error, StoxCondition condition, const char *why);

/* A localpart that stands for the text: escaped, enforced. Caller frees *ret_local. */
StoxUriFault stox_address_local_from_text(const char *text, char **ret_local);

StoxUriFault stox_address_check_password(const StoxSipUri *uri, StoxUriRole role);

/* Domain and resource are taken out of `uri` on success. `ret_jid` is cleared by the caller. */
bool stox_address_parts_to_jid(StoxSipUri *uri, StoxUriRole role, StoxJid *ret_jid,
                               StoxSipResult *ret_failure);
