/* SPDX-License-Identifier: MIT */
/*
 * One server context for all listeners (its store is the union of all hops' CA bundles; which hop a peer belongs to is decided after the
 * handshake, tls-verify.c) and one client context per TLS hop.
 */
#include "sip/tls-private.h"

#include <gio/gio.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <string.h>

static int tls_version(unsigned minimum)
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

/* First reason of OpenSSL's queue; clears it. */
static const char *openssl_reason(void)
{
    unsigned long code = ERR_peek_last_error();
    const char *reason = code ? ERR_reason_error_string(code) : NULL;

    ERR_clear_error();
    return reason ? reason : "unknown reason";
}

static bool fail(GError **error, const char *what, const char *path)
{
    g_set_error(error, G_IO_ERROR, G_IO_ERROR_FAILED, "%s %s: %s", what, path, openssl_reason());
    return false;
}

/* Remembers in the connection why its peer's chain was refused; the handshake itself only says "certificate verify failed". */
static int verify_cb(int ok, X509_STORE_CTX *store)
{
    SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());

    if (!ok && !SSL_get_app_data(ssl))
        SSL_set_app_data(ssl, stox_tls_chain_reason(store));
    return ok;
}

/* What server and client contexts have in common. */
static bool context_common(SSL_CTX *context, const StoxSettings *settings, unsigned minimum,
                           const char *ciphers, GError **error)
{
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                  SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_min_proto_version(context, tls_version(minimum));
    /* Lync 2013 front ends speak TLS 1.0 with SHA-1 signatures, which OpenSSL 3 refuses above level 0. */
    if (minimum < 12)
        SSL_CTX_set_security_level(context, 0);
    if (!ciphers && minimum < 12)
        ciphers = "DEFAULT@SECLEVEL=0";
    if (ciphers && !SSL_CTX_set_cipher_list(context, ciphers))
        return fail(error, "tls-ciphers", ciphers);
    /* Lync's default certificate has serverAuth only, on both ends of a connection: the purpose is ours to check. */
    SSL_CTX_set_purpose(context, X509_PURPOSE_ANY);
    if (SSL_CTX_use_certificate_chain_file(context, settings->certificate) != 1)
        return fail(error, "cannot use certificate", settings->certificate);
    if (SSL_CTX_use_PrivateKey_file(context, settings->private_key, SSL_FILETYPE_PEM) != 1)
        return fail(error, "cannot use private-key", settings->private_key);
    if (SSL_CTX_check_private_key(context) != 1)
        return fail(error, "private-key does not belong to certificate", settings->certificate);
    return true;
}

static bool load_ca(X509_STORE *store, const char *path, GError **error)
{
    if (X509_STORE_load_file(store, path) != 1)
        return fail(error, "cannot read ca", path);
    return true;
}

static void hop_tls_free(gpointer data)
{
    StoxHopTls *hop = data;

    SSL_CTX_free(hop->client);
    X509_STORE_free(hop->store);
    g_free(hop);
}

static StoxHopTls *hop_tls_new(const StoxSettings *settings, const StoxHopSettings *hop,
                               GError **error)
{
    StoxHopTls *tls = g_new0(StoxHopTls, 1);

    tls->hop = hop;
    tls->store = X509_STORE_new();
    tls->client = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_verify(tls->client, SSL_VERIFY_PEER, verify_cb);
    if (!context_common(tls->client, settings, hop->tls_minimum, hop->tls_ciphers, error) ||
        !load_ca(tls->store, hop->ca, error)) {
        hop_tls_free(tls);
        return NULL;
    }
    X509_STORE_up_ref(tls->store);
    SSL_CTX_set_cert_store(tls->client, tls->store);
    return tls;
}

/* The listener admits what any hop admits; the peer's own hop is enforced after the handshake. */
static bool make_server(StoxTls *tls, const StoxSettings *settings, GError **error)
{
    static const unsigned char id[] = "stoxd";
    unsigned minimum = 13;

    tls->server = SSL_CTX_new(TLS_server_method());
    for (unsigned i = 0; i < tls->hops->len; i++)
        minimum = MIN(minimum, ((StoxHopTls *) tls->hops->pdata[i])->hop->tls_minimum);
    if (!context_common(tls->server, settings, minimum, NULL, error))
        return false;
    SSL_CTX_set_verify(tls->server, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, verify_cb);
    SSL_CTX_set_session_id_context(tls->server, id, sizeof id - 1);
    /* Resumption would let a peer in on a session that an older CA bundle admitted. */
    SSL_CTX_set_session_cache_mode(tls->server, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_options(tls->server, SSL_OP_NO_TICKET);
    SSL_CTX_set_num_tickets(tls->server, 0);
    for (unsigned i = 0; i < tls->hops->len; i++) {
        const StoxHopSettings *hop = ((StoxHopTls *) tls->hops->pdata[i])->hop;

        if (!load_ca(SSL_CTX_get_cert_store(tls->server), hop->ca, error))
            return false;
        SSL_add_file_cert_subjects_to_stack(SSL_CTX_get_client_CA_list(tls->server), hop->ca);
    }
    ERR_clear_error();
    return true;
}

StoxTls *stox_tls_new(const StoxSettings *settings, GError **error)
{
    g_autoptr(StoxTls) tls = g_new0(StoxTls, 1);

    tls->refs = 1;
    tls->settings = settings;
    tls->hops = g_ptr_array_new_with_free_func(hop_tls_free);
    for (unsigned i = 0; i < settings->hops->len; i++) {
        const StoxHopSettings *hop = settings->hops->pdata[i];
        StoxHopTls *hop_tls;

        if (hop->kind != STOX_TRANSPORT_TLS)
            continue;
        hop_tls = hop_tls_new(settings, hop, error);
        if (!hop_tls)
            return NULL;
        g_ptr_array_add(tls->hops, hop_tls);
    }
    if (!make_server(tls, settings, error))
        return NULL;
    tls->warning = stox_tls_expiry(SSL_CTX_get0_certificate(tls->server), settings->certificate);
    return g_steal_pointer(&tls);
}

bool stox_tls_reload(StoxTls *tls, GError **error)
{
    g_autoptr(StoxTls) fresh = stox_tls_new(tls->settings, error);
    StoxTls old = *tls;

    if (!fresh)
        return false;
    tls->server = fresh->server;
    tls->hops = fresh->hops;
    tls->warning = fresh->warning;
    fresh->server = old.server;
    fresh->hops = old.hops;
    fresh->warning = old.warning;
    return true;
}

const char *stox_tls_warning(const StoxTls *tls)
{
    return tls->warning;
}

StoxTls *stox_tls_ref(StoxTls *tls)
{
    tls->refs++;
    return tls;
}

void stox_tls_unref(StoxTls *tls)
{
    if (!tls || --tls->refs > 0)
        return;
    g_ptr_array_unref(tls->hops);
    SSL_CTX_free(tls->server);
    g_free(tls->warning);
    g_free(tls);
}

SSL *stox_tls_accept(StoxTls *tls)
{
    SSL *ssl = SSL_new(tls->server);

    SSL_set_accept_state(ssl);
    return ssl;
}

SSL *stox_tls_connect(StoxTls *tls, const StoxHopSettings *hop, const char *host)
{
    for (unsigned i = 0; i < tls->hops->len; i++) {
        StoxHopTls *hop_tls = tls->hops->pdata[i];

        if (hop_tls->hop == hop || strcmp(hop_tls->hop->name, hop->name) == 0) {
            SSL *ssl = SSL_new(hop_tls->client);

            SSL_set_connect_state(ssl);
            if (!g_hostname_is_ip_address(host))
                SSL_set_tlsext_host_name(ssl, host);
            return ssl;
        }
    }
    return NULL;
}

void stox_tls_free_connection(SSL *ssl)
{
    if (!ssl)
        return;
    g_free(SSL_get_app_data(ssl));
    SSL_free(ssl);
}
