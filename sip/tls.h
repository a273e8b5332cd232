/* SPDX-License-Identifier: MIT */
/* OpenSSL contexts and peer checks: chain to the hop's CA, names, purposes, versions, SNI; swapped on reload while old connections live on. */
#pragma once

#include "conf/settings.h"

#include <openssl/ssl.h>

/* Our certificate plus the CA bundles, versions and ciphers of all TLS hops. */
typedef struct StoxTls StoxTls;
/* Loads and checks (the certificate matches the key). NULL with a sentence naming file and cause. */
StoxTls *stox_tls_new(const StoxSettings *settings, GError **error);
/* What the administrator should mend soon (our certificate expires), or NULL. Borrowed. */
const char *stox_tls_warning(const StoxTls *tls);
/*
 * Reads certificate, key, CA bundles and CRLs again; connections made from now on use them, those that are open live on (and what they were admitted by
 * is not looked at again). False, with a sentence: everything stays as it was.
 */
bool stox_tls_reload(StoxTls *tls, GError **error);
StoxTls *stox_tls_ref(StoxTls *tls);
void stox_tls_unref(StoxTls *tls);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoxTls, stox_tls_unref)

/* Connection objects are freed with stox_tls_free_connection(). */
void stox_tls_free_connection(SSL *ssl);
/* A connection object for a listener: asks for and requires a client certificate from one of the hops' CAs. Caller frees. */
SSL *stox_tls_accept(StoxTls *tls);
/* For an outgoing connection to `hop`: SNI and name check against `host` (SNI not for address literals). Caller frees. */
SSL *stox_tls_connect(StoxTls *tls, const StoxHopSettings *hop, const char *host);

/*
 * After the handshake of an accepted connection: the hop whose CA and peer list the certificate fits. NULL: refused; *ret_why is a sentence that names
 * the reason ("no certificate", "wrong name: certificate carries a, b; expected one of c", "expired on ...", "not issued by ..."). Caller frees *ret_why.
 * A certificate with serverAuth or clientAuth is good (Lync's default template has serverAuth only).
 */
const StoxHopSettings *stox_tls_peer_hop(StoxTls *tls, SSL *ssl, char **ret_why);
/* After the handshake of an outgoing connection: the certificate must carry `host` or a name of the hop's peer list, and be meant for TLS. False: refused, as above. */
bool stox_tls_check_server(SSL *ssl, const StoxHopSettings *hop, const char *host, char **ret_why);
/* Names in the peer's certificate (SAN dNSName; CN only where there is no SAN). Caller frees the strv. */
char **stox_tls_peer_names(SSL *ssl);
/* One wildcard label at the left at most (RFC 6125); case-insensitive. */
bool stox_tls_name_matches(const char *certificate_name, const char *wanted);
/* A sentence for a failed handshake from OpenSSL's error queue and verify result; clears the queue. Caller frees. */
char *stox_tls_explain(SSL *ssl);
