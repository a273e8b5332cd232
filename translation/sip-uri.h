/* SPDX-License-Identifier: MIT */
/*
 * The addresses of the SIP side taken apart and put together: sip:, im: and pres: URIs (RFC 3261 s19.1 and s25.1, RFC 3859, RFC 3860), before
 * anything is said about a JID.
 */
#pragma once

#include "translation/address.h"

/* Strings may be NULL but for the domain. */
typedef struct {
    char *user;     /* decoded; valid UTF-8 without controls, widths mapped as XMPP does */
    char *spelling; /* of the user, as it was written */
    char *domain;   /* canonical (stox_domain_canonical) */
    char *resource; /* of a gr value that is one */
    bool password;  /* there was one; it is not kept */
} StoxSipUri;

void stox_sip_uri_clear(StoxSipUri *uri);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(StoxSipUri, stox_sip_uri_clear)

/* Why a URI has no JID. */
typedef enum {
    STOX_URI_OK,
    STOX_URI_SYNTAX,
    STOX_URI_SCHEME,
    STOX_URI_SIPS,
    STOX_URI_TOO_LONG,
    STOX_URI_NO_SUCH_ADDRESS
} StoxUriFault;

/* Ports, passwords, parameters but gr and headers are dropped. *ret_uri is left alone when there is a fault. */
StoxUriFault stox_sip_uri_read(const char *text, StoxUriRole role, StoxSipUri *ret_uri);

/* Fills the uninitialised *ret_failure with the answer to the request; false, for callers to return. */
bool stox_sip_uri_refuse(StoxUriFault fault, StoxUriRole role, StoxSipResult *ret_failure);

/*
 * "scheme:user@host", with ";gr=" when there is a resource and the scheme is sip (7247 s6.5 step 8). `user` is plain text, NULL for none; `domain` is
 * canonical. NULL when the domain has no form in ASCII. Caller frees.
 */
char *stox_sip_uri_write(StoxUriScheme scheme, const char *user, const char *domain,
                         const char *resource);
/* The same with a user part that is encoded already, in whatever spelling. */
char *stox_sip_uri_join(StoxUriScheme scheme, const char *encoded_user, const char *domain,
                        const char *resource);
/* The user part alone, percent-encoded as the scheme wants it. Caller frees. */
char *stox_sip_uri_write_user(StoxUriScheme scheme, const char *user);
