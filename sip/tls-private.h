/* SPDX-License-Identifier: MIT */
/* What the tls-*.c files owe each other. */
#pragma once

#include "sip/tls.h"

#include <glib.h>

typedef struct {
    const StoxHopSettings *hop; /* borrowed from the settings */
    SSL_CTX *client;
    X509_STORE *store; /* this hop's CA bundle and CRLs alone */
} StoxHopTls;

struct StoxTls {
    unsigned refs;
    const StoxSettings *settings; /* borrowed: what reload reads again */
    SSL_CTX *server;
    GPtrArray *hops; /* StoxHopTls* */
    char *warning;   /* NULL: nothing to say */
};

/* Goes with a connection object, as its app data. */
typedef struct {
    const StoxHopSettings *hop; /* outbound */
    char *host;                 /* outbound */
    char *why; /* why the peer's chain was refused; OpenSSL only says that it was */
} StoxTlsState;

/* ---- tls-files.c: what is read from files ---- */

bool stox_tls_fail(GError **error, const char *what, const char *path);
/* False, with a sentence: it cannot be opened. */
bool stox_tls_readable(const char *what, const char *path, GError **error);
/* The certificates of a CA bundle into a store, and (unless NULL) their names into what a server asks for. */
bool stox_tls_load_ca(X509_STORE *store, SSL_CTX *asking, const char *path, GError **error);
/* The CRLs of the hop into its store, and the checks it wants. Appends to `warnings` (NULL: nobody asks) what is out of date. */
bool stox_tls_load_crls(X509_STORE *store, const StoxHopSettings *hop, GPtrArray *warnings,
                        GError **error);

/* ---- tls-context.c ---- */

StoxHopTls *stox_hop_tls_new(const StoxSettings *settings, const StoxHopSettings *hop,
                             GPtrArray *warnings, GError **error);
void stox_hop_tls_free(gpointer hop);
/* The listeners' context: what any of the hops admits. */
SSL_CTX *stox_tls_server_context(const StoxSettings *settings, GPtrArray *hops, GError **error);
int stox_tls_version(unsigned minimum);

/* ---- tls-session.c: resumption ---- */

void stox_tls_sessions_server(SSL_CTX *context);
void stox_tls_sessions_client(SSL_CTX *context);
/* Offers what the host gave us earlier. */
void stox_tls_sessions_offer(SSL *ssl, const char *host);
void stox_tls_sessions_forget(SSL *ssl, const char *host);

/* ---- tls-verify.c ---- */

int stox_tls_verify_cb(int ok, X509_STORE_CTX *store);

/* ---- tls-explain.c: sentences; the caller frees them ---- */

/* Why a chain's verification stopped. `hop`: whose store it was; NULL: the listeners'. */
char *stox_tls_chain_reason(X509_STORE_CTX *store, const StoxHopSettings *hop);
/* NULL while our own certificate is good for another two weeks. */
char *stox_tls_expiry(X509 *certificate, const char *path);
char *stox_tls_time_text(const ASN1_TIME *when);
char *stox_tls_name_text(const X509_NAME *name);
