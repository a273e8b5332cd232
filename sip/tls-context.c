/* SPDX-License-Identifier: MIT */
/* OpenSSL contexts: versions, ciphers, security level, our certificate, whom to trust. */
#include "sip/tls-private.h"

#include <gio/gio.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <string.h>

int stox_tls_version(unsigned minimum)
{
    switch (minimum) {
    case 10:
        return TLS1_VERSION;
    case 11:
        return TLS1_1_VERSION;
    case 13:
        return TLS1_3_VERSION;
    default:
        return TLS1_2_VERSION;
    }
}

/* A daemon has nobody to ask for a pass phrase. */
static int no_password_cb(char *buffer, int size, int writing, void *user)
{
    return -1;
}

static bool use_our_certificate(SSL_CTX *context, const StoxSettings *settings, GError **error)
{
    SSL_CTX_set_default_passwd_cb(context, no_password_cb);
    if (!stox_tls_readable("certificate", settings->certificate, error) ||
        !stox_tls_readable("private-key", settings->private_key, error))
        return false;
    if (SSL_CTX_use_certificate_chain_file(context, settings->certificate) != 1)
        return stox_tls_fail(error, "cannot use certificate", settings->certificate);
    if (SSL_CTX_use_PrivateKey_file(context, settings->private_key, SSL_FILETYPE_PEM) != 1) {
        unsigned long code = ERR_peek_error();

        if (ERR_GET_LIB(code) == ERR_LIB_X509 &&
            (ERR_GET_REASON(code) == X509_R_KEY_VALUES_MISMATCH ||
             ERR_GET_REASON(code) == X509_R_KEY_TYPE_MISMATCH)) {
            g_set_error(error, G_IO_ERROR, G_IO_ERROR_FAILED,
                        "private-key %s does not belong to certificate %s", settings->private_key,
                        settings->certificate);
            ERR_clear_error();
            return false;
        }
        return stox_tls_fail(error, "cannot use private-key (PEM, without a pass phrase)",
                             settings->private_key);
    }
    return SSL_CTX_check_private_key(context) == 1 ||
           stox_tls_fail(error, "private-key does not belong to certificate",
                         settings->certificate);
}

/* What server and client contexts have in common. */
static bool context_common(SSL_CTX *context, const StoxSettings *settings, unsigned minimum,
                           GError **error)
{
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                  SSL_MODE_RELEASE_BUFFERS);
    /* A missing close_notify takes nothing from us: Content-Length says whether a message is whole. */
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                     SSL_OP_IGNORE_UNEXPECTED_EOF);
    SSL_CTX_set_min_proto_version(context, stox_tls_version(minimum));
    /* Lync's default certificate has serverAuth only, on both ends of a connection: the purpose is ours to check. */
    SSL_CTX_set_purpose(context, X509_PURPOSE_ANY);
    return use_our_certificate(context, settings, error);
}

/* ---- Toward a hop ---- */

static bool set_ciphers(SSL_CTX *context, const StoxHopSettings *hop, GError **error)
{
    /* Lync 2013 front ends speak TLS 1.0 with SHA-1 signatures, which OpenSSL 3 refuses above level 0 (lync.md 4.2). */
    if (hop->tls_minimum < 12)
        SSL_CTX_set_security_level(context, 0);
    if (hop->tls_ciphers && SSL_CTX_set_cipher_list(context, hop->tls_ciphers) != 1)
        return stox_tls_fail(error, "tls-ciphers", hop->tls_ciphers);
    return true;
}

void stox_hop_tls_free(gpointer data)
{
    StoxHopTls *hop = data;

    SSL_CTX_free(hop->client);
    X509_STORE_free(hop->store);
    g_free(hop);
}

StoxHopTls *stox_hop_tls_new(const StoxSettings *settings, const StoxHopSettings *hop,
                             GPtrArray *warnings, GError **error)
{
    StoxHopTls *tls = g_new0(StoxHopTls, 1);
    bool good = true;

    tls->hop = hop;
    tls->store = X509_STORE_new();
    tls->client = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_verify(tls->client, SSL_VERIFY_PEER, stox_tls_verify_cb);
    if (!set_ciphers(tls->client, hop, error) ||
        !stox_tls_load_ca(tls->store, NULL, hop->ca, error) ||
        !stox_tls_load_crls(tls->store, hop, warnings, error)) {
        g_prefix_error(error, "[hop %s] ", hop->name);
        good = false;
    }
    if (!good || !context_common(tls->client, settings, hop->tls_minimum, error)) {
        stox_hop_tls_free(tls);
        return NULL;
    }
    X509_STORE_up_ref(tls->store);
    SSL_CTX_set_cert_store(tls->client, tls->store);
    stox_tls_sessions_client(tls->client);
    return tls;
}

/* ---- The listeners ---- */

/* The ciphers of all hops, by name; those of TLS 1.3 are a list of their own in OpenSSL. */
static char *all_ciphers(GPtrArray *hops)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    GString *list = g_string_new(NULL);

    for (unsigned h = 0; h < hops->len; h++) {
        const STACK_OF(SSL_CIPHER) *ciphers =
            SSL_CTX_get_ciphers(((StoxHopTls *) hops->pdata[h])->client);

        for (int i = 0; i < sk_SSL_CIPHER_num(ciphers); i++) {
            const SSL_CIPHER *cipher = sk_SSL_CIPHER_value(ciphers, i);
            const char *name = SSL_CIPHER_get_name(cipher);

            if (strcmp(SSL_CIPHER_get_version(cipher), "TLSv1.3") == 0 ||
                !g_hash_table_add(seen, (char *) name))
                continue;
            g_string_append_printf(list, "%s%s", list->len ? ":" : "", name);
        }
    }
    return g_string_free(list, FALSE);
}

/* A listener admits what any hop admits; what the peer's own hop admits is looked at after the handshake. */
SSL_CTX *stox_tls_server_context(const StoxSettings *settings, GPtrArray *hops, GError **error)
{
    SSL_CTX *server = SSL_CTX_new(TLS_server_method());
    g_autofree char *ciphers = all_ciphers(hops);
    unsigned minimum = 13;
    bool good = true;

    for (unsigned i = 0; i < hops->len; i++) {
        const StoxHopTls *hop = hops->pdata[i];

        minimum = MIN(minimum, hop->hop->tls_minimum);
        SSL_CTX_set_security_level(server, MIN(SSL_CTX_get_security_level(server),
                                               SSL_CTX_get_security_level(hop->client)));
        good =
            good && stox_tls_load_ca(SSL_CTX_get_cert_store(server), server, hop->hop->ca, error);
    }
    if (good && *ciphers && SSL_CTX_set_cipher_list(server, ciphers) != 1)
        good = stox_tls_fail(error, "tls-ciphers", ciphers);
    if (!good || !context_common(server, settings, minimum, error)) {
        SSL_CTX_free(server);
        return NULL;
    }
    SSL_CTX_set_verify(server, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
                       stox_tls_verify_cb);
    stox_tls_sessions_server(server);
    return server;
}
