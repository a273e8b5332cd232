/* SPDX-License-Identifier: MIT */
/*
 * Mode P: SIP users behind a component of another name. `user@d` of SIP is escape(user@d)@gateway in XMPP (XEP-0100 s6, XEP-0106 s3.3; rows A-60 to
 *
 */
#pragma once

#include "translation/sip-uri.h"

/* What is read beside name\40domain; neither is ever written. */
typedef struct {
    const char
        *default_domain; /* of a localpart without @, canonical; NULL: there is none */
    bool percent_form;   /* user%domain */
} StoxProxiedOptions;

/*
 * SIP URI -> JID at `gateway` (canonical domain). Failures and ownership as stox_address_sip_to_jid(). A URI without user becomes domain@gateway,
 * for which there is no way back.
 */
bool stox_proxied_sip_to_jid(const char *uri, const char *gateway, StoxUriRole role,
                             StoxJid *ret_jid, StoxSipResult *ret_failure);
/* The same for a URI that has been read. The resource is taken out of `uri` on success. */
bool stox_proxied_parts_to_jid(StoxSipUri *uri, const char *gateway, StoxUriRole role,
                               StoxJid *ret_jid, StoxSipResult *ret_failure);
/*
 * Whom an enforced localpart means: user as plain text and canonical domain. False with *ret_error: item-not-found, or jid-malformed when the domain is
 * empty. Caller frees both.
 */
bool stox_proxied_split(const char *local, const StoxProxiedOptions *options, char **ret_user,
                        char **ret_domain, StoxError *ret_error);
/* JID at a gateway -> URI, the resource as gr when `with_gr`. On failure sets *ret_error and returns NULL. Caller frees. */
char *stox_proxied_jid_to_uri(const StoxJid *jid, const StoxProxiedOptions *options,
                              StoxUriScheme scheme, bool with_gr, StoxError *ret_error);
