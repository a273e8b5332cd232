/* SPDX-License-Identifier: MIT */
/* What tls.c and tls-verify.c owe each other. */
#pragma once

#include "sip/tls.h"

#include <glib.h>

typedef struct {
    const StoxHopSettings *hop; /* borrowed from the settings */
    SSL_CTX *client;
    X509_STORE *store; /* this hop's CA bundle alone */
} StoxHopTls;

struct StoxTls {
    unsigned refs;
    const StoxSettings *settings; /* borrowed: what reload reads again */
    SSL_CTX *server;
    GPtrArray *hops; /* StoxHopTls* */
    char *warning;   /* NULL: nothing to say */
};

/* A sentence about the error a chain verification stopped at; caller frees. */
char *stox_tls_chain_reason(X509_STORE_CTX *store);
/* A sentence when our own certificate is expired or about to be, else NULL; caller frees. */
char *stox_tls_expiry(X509 *certificate, const char *path);
