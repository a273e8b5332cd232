/* SPDX-License-Identifier: MIT */
/*
 * Resumption (RFC 5246 s7.3, RFC 8446 s2.2). A session belongs to one generation of contexts: after a reload there is none to resume. The sessions
 * are kept here and not in tickets, since only so the peer's whole chain is there again, and what let the peer in (chain, CRLs, names, version) is
 * looked at anew for each resumed connection (tls-verify.c).
 */
#include "sip/tls-private.h"

#include <openssl/rand.h>

enum { SERVER_SESSIONS = 256, CLIENT_SESSIONS = 64 };

/* ---- Listeners ---- */

void stox_tls_sessions_server(SSL_CTX *context)
{
    unsigned char id[16];

    RAND_bytes(id, sizeof id);
    SSL_CTX_set_session_id_context(context, id, sizeof id);
    SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
    SSL_CTX_set_num_tickets(context, 1);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_SERVER);
    SSL_CTX_sess_set_cache_size(context, SERVER_SESSIONS);
}

/* ---- Outgoing connections: host -> session, with the hop's context and gone with it ---- */

static void table_free_cb(void *parent, void *table, CRYPTO_EX_DATA *data, int index, long argl,
                          void *argp)
{
    if (table)
        g_hash_table_unref(table);
}

static int table_index(void)
{
    static gsize index = 0;

    if (g_once_init_enter(&index))
        g_once_init_leave(&index,
                          (gsize) SSL_CTX_get_ex_new_index(0, NULL, NULL, NULL, table_free_cb) + 1);
    return (int) index - 1;
}

static GHashTable *table_of(SSL *ssl)
{
    return SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), table_index());
}

/* TLS 1.3 brings sessions whenever it likes, after the reload of the contexts as well. Returns 1: the session is ours now. */
static int new_session_cb(SSL *ssl, SSL_SESSION *session)
{
    const StoxTlsState *state = SSL_get_app_data(ssl);
    GHashTable *table = table_of(ssl);

    /* Front ends name each other (ms-fe): the number of names is theirs to choose. */
    if (g_hash_table_size(table) >= CLIENT_SESSIONS && !g_hash_table_contains(table, state->host))
        g_hash_table_remove_all(table);
    g_hash_table_replace(table, g_strdup(state->host), session);
    return 1;
}

void stox_tls_sessions_client(SSL_CTX *context)
{
    GHashTable *table =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify) SSL_SESSION_free);

    SSL_CTX_set_ex_data(context, table_index(), table);
    SSL_CTX_set_session_cache_mode(context,
                                   SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL_STORE);
    SSL_CTX_sess_set_new_cb(context, new_session_cb);
}

void stox_tls_sessions_offer(SSL *ssl, const char *host)
{
    GHashTable *table = table_of(ssl);
    SSL_SESSION *session = g_hash_table_lookup(table, host);

    if (!session)
        return;
    SSL_set_session(ssl, session);
    /* Each is for one use, so that nobody can tell that two connections are of the same client (RFC 8446 C.4). */
    if (SSL_SESSION_get_protocol_version(session) >= TLS1_3_VERSION)
        g_hash_table_remove(table, host);
}

void stox_tls_sessions_forget(SSL *ssl, const char *host)
{
    g_hash_table_remove(table_of(ssl), host);
}
