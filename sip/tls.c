/* SPDX-License-Identifier: MIT */
/*
 * One server context for all listeners (its store is the union of all hops' CA bundles; which hop a peer belongs to is decided after the
 * handshake, tls-verify.c) and one client context per TLS hop. A reload makes all of them anew; connections keep the one they were made from.
 */
#include "sip/tls-private.h"

#include <gio/gio.h>
#include <openssl/err.h>

#include <string.h>

static bool load_hops(StoxTls *tls, GPtrArray *warnings, GError **error)
{
    for (unsigned i = 0; i < tls->settings->hops->len; i++) {
        const StoxHopSettings *hop = tls->settings->hops->pdata[i];
        StoxHopTls *hop_tls;

        if (hop->kind != STOX_TRANSPORT_TLS)
            continue;
        hop_tls = stox_hop_tls_new(tls->settings, hop, warnings, error);
        if (!hop_tls)
            return false;
        g_ptr_array_add(tls->hops, hop_tls);
    }
    return true;
}

StoxTls *stox_tls_new(const StoxSettings *settings, GError **error)
{
    g_autoptr(StoxTls) tls = g_new0(StoxTls, 1);
    g_autoptr(GPtrArray) warnings = g_ptr_array_new_with_free_func(g_free);
    char *expiry;

    tls->refs = 1;
    tls->settings = settings;
    tls->hops = g_ptr_array_new_with_free_func(stox_hop_tls_free);
    if (!load_hops(tls, warnings, error))
        return NULL;
    tls->server = stox_tls_server_context(settings, tls->hops, error);
    if (!tls->server)
        return NULL;
    expiry = stox_tls_expiry(SSL_CTX_get0_certificate(tls->server), settings->certificate);
    if (expiry)
        g_ptr_array_insert(warnings, 0, expiry);
    if (warnings->len) {
        g_ptr_array_add(warnings, NULL);
        tls->warning = g_strjoinv("; ", (char **) warnings->pdata);
    }
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

static SSL *connection_new(SSL_CTX *context, const StoxHopSettings *hop, const char *host)
{
    SSL *ssl = SSL_new(context);
    StoxTlsState *state = g_new0(StoxTlsState, 1);

    state->hop = hop;
    state->host = g_strdup(host);
    SSL_set_app_data(ssl, state);
    return ssl;
}

SSL *stox_tls_accept(StoxTls *tls)
{
    SSL *ssl = connection_new(tls->server, NULL, NULL);

    SSL_set_accept_state(ssl);
    return ssl;
}

SSL *stox_tls_connect(StoxTls *tls, const StoxHopSettings *hop, const char *host)
{
    for (unsigned i = 0; i < tls->hops->len; i++) {
        StoxHopTls *hop_tls = tls->hops->pdata[i];

        if (hop_tls->hop == hop || strcmp(hop_tls->hop->name, hop->name) == 0) {
            SSL *ssl = connection_new(hop_tls->client, hop_tls->hop, host);

            SSL_set_connect_state(ssl);
            if (!g_hostname_is_ip_address(host))
                SSL_set_tlsext_host_name(ssl, host);
            stox_tls_sessions_offer(ssl, host);
            return ssl;
        }
    }
    return NULL;
}

void stox_tls_free_connection(SSL *ssl)
{
    StoxTlsState *state = ssl ? SSL_get_app_data(ssl) : NULL;

    if (!ssl)
        return;
    SSL_free(ssl);
    g_free(state->host);
    g_free(state->why);
    g_free(state);
}
