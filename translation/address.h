/* SPDX-License-Identifier: MIT */
/* JID <-> SIP URI, and the parts of both (RFC 7247 s6, RFC 7622, XEP-0106; rows ). */
#pragma once

#include "translation/types.h"

/* A JID in canonical form: parts enforced (RFC 7622), domain in U-labels, lower case. `local` and `resource` may be NULL. */
typedef struct {
    char *local;
    char *domain;
    char *resource;
} StoxJid;

void stox_jid_clear(StoxJid *jid);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(StoxJid, stox_jid_clear)

/* Parses and canonicalises. Returns false, with a sentence in `ret_why` (static, borrowed; may be NULL) when it is not a JID. */
bool stox_jid_parse(const char *text, StoxJid *ret_jid, const char **ret_why);
/* "local@domain" and "local@domain/resource"; caller frees. */
char *stox_jid_bare(const StoxJid *jid);
char *stox_jid_full(const StoxJid *jid);

/* A domain in canonical form for comparing (final dot stripped, U-labels, lower case); NULL when it is no domain. Caller frees. */
char *stox_domain_canonical(const char *domain);

typedef enum { STOX_SCHEME_SIP, STOX_SCHEME_IM, STOX_SCHEME_PRES } StoxUriScheme;

/*
 * JID -> URI of the scheme (RFC 7247 s6.5). The resource becomes `;gr=` when `with_gr`, of sip: only. im: and pres: encode more of the user part.
 * On failure sets *ret_error (item-not-found, A-22) and returns NULL. Caller frees.
 */
char *stox_address_jid_to_uri(const StoxJid *jid, StoxUriScheme scheme, bool with_gr,
                              StoxError *ret_error);
/*
 * JID -> "sip:user@host" (RFC 7247 s6.5). The resource becomes `;gr=` only when `with_gr`.
 * On failure sets *ret_error (jid-malformed or item-not-found, A-22) and returns NULL. Caller frees.
 */
char *stox_address_jid_to_sip(const StoxJid *jid, bool with_gr, StoxError *ret_error);
char *stox_address_jid_text_to_sip(const char *jid, bool with_gr, StoxError *ret_error);

typedef enum {
    STOX_URI_IS_REQUEST_URI, /* failure is about the target: 404, 414, 416, 480 */
    STOX_URI_IS_FROM         /* failure is about the sender: 400 */
} StoxUriRole;

/*
 * SIP, SIPS (refused, R-05), im:, pres: URI -> JID (RFC 7247 s6.4). On failure sets *ret_failure to what the SIP side is
 * answered (rows; the diagnostic left 0) and returns false. `ret_jid` is cleared by the caller.
 */
bool stox_address_sip_to_jid(const char *uri, StoxUriRole role, StoxJid *ret_jid,
                             StoxSipResult *ret_failure);
