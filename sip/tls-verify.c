/* SPDX-License-Identifier: MIT */
/* Whether a peer is let in: chain and CRLs of its hop, names, purpose, and what its hop wants of the handshake. */
#include "sip/tls-private.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <string.h>

/* ---- Chains ---- */

/*
 * The CA that ends a chain is trusted because it is in the bundle: that no CRL tells about it is no fault. (One that says it was revoked is heeded.)
 */
static bool forgiven(X509_STORE_CTX *store)
{
    const STACK_OF(X509) *chain = X509_STORE_CTX_get0_chain(store);
    X509 *last = sk_X509_num(chain) > 0 ? sk_X509_value(chain, sk_X509_num(chain) - 1) : NULL;

    if (!last || X509_STORE_CTX_get_error_depth(store) != sk_X509_num(chain) - 1)
        return false;
    switch (X509_STORE_CTX_get_error(store)) {
    case X509_V_ERR_UNABLE_TO_GET_CRL:
    case X509_V_ERR_UNABLE_TO_GET_CRL_ISSUER:
        return true;
    case X509_V_ERR_CRL_SIGNATURE_FAILURE:
        /* Its issuer is not in the bundle, so OpenSSL has tried a wrong key. */
        return !(X509_get_extension_flags(last) & EXFLAG_SS);
    default:
        return false;
    }
}

int stox_tls_verify_cb(int ok, X509_STORE_CTX *store)
{
    SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
    StoxTlsState *state = SSL_get_app_data(ssl);

    if (!ok && forgiven(store)) {
        X509_STORE_CTX_set_error(store, X509_V_OK);
        return 1;
    }
    if (!ok && !state->why)
        state->why = stox_tls_chain_reason(store, state->hop);
    return ok;
}

/* A chain that is looked at outside of a handshake. */
typedef struct {
    const StoxHopSettings *hop;
    char *why;
    int error; /* X509_V_ERR_... */
} Look;

/* What is at fault (a CRL, say) is known while it is told only. */
static int look_cb(int ok, X509_STORE_CTX *store)
{
    Look *look = X509_STORE_CTX_get_app_data(store);

    if (!ok && forgiven(store)) {
        X509_STORE_CTX_set_error(store, X509_V_OK);
        return 1;
    }
    if (!ok && !look->why) {
        look->error = X509_STORE_CTX_get_error(store);
        look->why = stox_tls_chain_reason(store, look->hop);
    }
    return ok;
}

/* Whether the peer's chain ends in this hop's own CA bundle, now, by its CRLs and at its security level. */
static bool chain_fits(SSL *ssl, SSL_CTX *client, Look *look)
{
    X509_STORE_CTX *store = X509_STORE_CTX_new();
    bool ok = false;

    if (X509_STORE_CTX_init(store, SSL_CTX_get_cert_store(client), SSL_get0_peer_certificate(ssl),
                            SSL_get_peer_cert_chain(ssl))) {
        X509_STORE_CTX_set_purpose(store, X509_PURPOSE_ANY);
        X509_VERIFY_PARAM_set_auth_level(X509_STORE_CTX_get0_param(store),
                                         SSL_CTX_get_security_level(client));
        X509_STORE_CTX_set_verify_cb(store, look_cb);
        X509_STORE_CTX_set_app_data(store, look);
        ok = X509_verify_cert(store) == 1;
    }
    if (!ok && !look->why)
        look->why = g_strdup("its certificate cannot be verified");
    X509_STORE_CTX_free(store);
    ERR_clear_error();
    return ok;
}

/* ---- Names ---- */

/* Appends the dNSNames of the certificate; returns whether it has a subjectAltName at all. */
static bool add_alt_names(X509 *certificate, GPtrArray *names)
{
    GENERAL_NAMES *alt = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);

    if (!alt)
        return false;
    for (int i = 0; i < sk_GENERAL_NAME_num(alt); i++) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(alt, i);
        const unsigned char *text;
        int n;

        if (name->type != GEN_DNS)
            continue;
        text = ASN1_STRING_get0_data(name->d.dNSName);
        n = ASN1_STRING_length(name->d.dNSName);
        /* A NUL inside a name is an old attack on comparing it. */
        if (n > 0 && !memchr(text, 0, (size_t) n))
            g_ptr_array_add(names, g_ascii_strdown((const char *) text, n));
    }
    GENERAL_NAMES_free(alt);
    return true;
}

char **stox_tls_peer_names(SSL *ssl)
{
    X509 *certificate = SSL_get0_peer_certificate(ssl);
    GPtrArray *names = g_ptr_array_new();

    if (certificate && !add_alt_names(certificate, names)) {
        char common[256];
        int n = X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName,
                                          common, sizeof common);
        if (n > 0 && strlen(common) == (size_t) n)
            g_ptr_array_add(names, g_ascii_strdown(common, n));
    }
    g_ptr_array_add(names, NULL);
    return (char **) g_ptr_array_free(names, FALSE);
}

bool stox_tls_name_matches(const char *certificate_name, const char *wanted)
{
    if (g_str_has_prefix(certificate_name, "*.")) {
        const char *rest = strchr(wanted, '.');

        /* "*.example" would cover every registration below a top-level domain. */
        return rest && rest != wanted && strchr(certificate_name + 2, '.') &&
               g_ascii_strcasecmp(certificate_name + 1, rest) == 0;
    }
    return g_ascii_strcasecmp(certificate_name, wanted) == 0;
}

static bool any_name_matches(char **names, const char *wanted)
{
    for (unsigned i = 0; names[i]; i++)
        if (stox_tls_name_matches(names[i], wanted))
            return true;
    return false;
}

static bool peers_match(char **names, const StoxHopSettings *hop)
{
    for (unsigned i = 0; hop->peers && hop->peers[i]; i++)
        if (any_name_matches(names, hop->peers[i]))
            return true;
    return false;
}

static char *name_list(char **names)
{
    return names && names[0] ? g_strjoinv(", ", names) : g_strdup("no DNS name at all");
}

/* ---- The handshake ---- */

static bool cipher_listed(SSL_CTX *client, const SSL_CIPHER *cipher)
{
    const STACK_OF(SSL_CIPHER) *list = SSL_CTX_get_ciphers(client);

    for (int i = 0; i < sk_SSL_CIPHER_num(list); i++)
        if (SSL_CIPHER_get_id(sk_SSL_CIPHER_value(list, i)) == SSL_CIPHER_get_id(cipher))
            return true;
    return false;
}

/* A listener admits what any hop admits: what another hop was opened for must not let this one's peer in. NULL: good. */
static char *handshake_fault(SSL *ssl, const StoxHopTls *hop)
{
    unsigned minimum = hop->hop->tls_minimum;
    int digest = NID_undef;

    if (SSL_version(ssl) < stox_tls_version(minimum))
        return g_strdup_printf("it speaks %s, and tls-minimum of [hop %s] is %u.%u",
                               SSL_get_version(ssl), hop->hop->name, minimum / 10, minimum % 10);
    if (SSL_version(ssl) < TLS1_3_VERSION &&
        !cipher_listed(hop->client, SSL_get_current_cipher(ssl)))
        return g_strdup_printf("its cipher %s is not in tls-ciphers of [hop %s]",
                               SSL_get_cipher_name(ssl), hop->hop->name);
    if (SSL_CTX_get_security_level(hop->client) > 0 && SSL_get_peer_signature_nid(ssl, &digest) &&
        (digest == NID_sha1 || digest == NID_md5_sha1))
        return g_strdup_printf("it signed the handshake with SHA-1, which tls-minimum of [hop %s] "
                               "(%u.%u) does not admit",
                               hop->hop->name, minimum / 10, minimum % 10);
    return NULL;
}

/* Lync's default template has serverAuth only and is used in both directions (lync.md 4.2). */
static bool purpose_fits(X509 *certificate)
{
    uint32_t usage = X509_get_extended_key_usage(certificate);

    return usage == UINT32_MAX || (usage & (XKU_SSL_SERVER | XKU_SSL_CLIENT | XKU_ANYEKU));
}

/* ---- Outbound ---- */

static char *server_fault(SSL *ssl, const StoxHopSettings *hop, const char *host)
{
    X509 *certificate = SSL_get0_peer_certificate(ssl);
    g_auto(GStrv) names = stox_tls_peer_names(ssl);
    g_autofree char *have = NULL;
    g_autofree char *want = NULL;
    Look look = {.hop = hop};

    if (!certificate)
        return g_strdup("it presented no certificate");
    if (!purpose_fits(certificate))
        return g_strdup("its certificate is meant neither for serverAuth nor for clientAuth");
    /* OpenSSL verifies the chain in a full handshake only. */
    if (SSL_session_reused(ssl) && !chain_fits(ssl, SSL_get_SSL_CTX(ssl), &look))
        return look.why;
    if (any_name_matches(names, host) || peers_match(names, hop))
        return NULL;
    have = name_list(names);
    want = name_list(hop->peers);
    return g_strdup_printf("wrong name: its certificate carries %s; expected %s or one of [hop %s] "
                           "peers: %s",
                           have, host, hop->name, want);
}

bool stox_tls_check_server(SSL *ssl, const StoxHopSettings *hop, const char *host, char **ret_why)
{
    char *why = server_fault(ssl, hop, host);

    if (why) {
        stox_tls_sessions_forget(ssl, host);
        *ret_why = why;
    }
    return !why;
}

/* ---- Inbound ---- */

/* What speaks against each hop so far; the reason of the hop that came closest is the one that is told. */
typedef struct {
    char *other_ca, *chain, *handshake;
    GString *names;
} Reasons;

static void keep_first(char **reason, char *text)
{
    if (*reason)
        g_free(text);
    else
        *reason = text;
}

static bool is_stranger(int error)
{
    switch (error) {
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
        return true;
    default:
        return false;
    }
}

static bool hop_fits(SSL *ssl, const StoxHopTls *hop, char **names, Reasons *reasons)
{
    Look look = {.hop = hop->hop};
    char *why;

    if (!chain_fits(ssl, hop->client, &look)) {
        keep_first(is_stranger(look.error) ? &reasons->other_ca : &reasons->chain, look.why);
        return false;
    }
    if (!peers_match(names, hop->hop)) {
        g_autofree char *peers = name_list(hop->hop->peers);

        g_string_append_printf(reasons->names, "%s[hop %s] peers: %s",
                               reasons->names->len ? "; " : "", hop->hop->name, peers);
        return false;
    }
    why = handshake_fault(ssl, hop);
    if (why)
        keep_first(&reasons->handshake, why);
    return !why;
}

static char *first_of(Reasons *reasons, char **names)
{
    g_autofree char *have = name_list(names);

    if (reasons->handshake)
        return g_steal_pointer(&reasons->handshake);
    if (reasons->names->len)
        return g_strdup_printf("wrong name: its certificate carries %s; expected %s", have,
                               reasons->names->str);
    if (reasons->chain)
        return g_steal_pointer(&reasons->chain);
    return reasons->other_ca ? g_steal_pointer(&reasons->other_ca) : g_strdup("no hop uses TLS");
}

const StoxHopSettings *stox_tls_peer_hop(StoxTls *tls, SSL *ssl, char **ret_why)
{
    X509 *certificate = SSL_get0_peer_certificate(ssl);
    g_auto(GStrv) names = stox_tls_peer_names(ssl);
    Reasons reasons = {0};
    const StoxHopSettings *found = NULL;

    if (!certificate) {
        *ret_why = g_strdup("it presented no certificate");
        return NULL;
    }
    if (!purpose_fits(certificate)) {
        *ret_why = g_strdup("its certificate is meant neither for serverAuth nor for clientAuth");
        return NULL;
    }
    reasons.names = g_string_new(NULL);
    for (unsigned i = 0; i < tls->hops->len && !found; i++) {
        const StoxHopTls *hop = tls->hops->pdata[i];

        if (hop_fits(ssl, hop, names, &reasons))
            found = hop->hop;
    }
    if (!found)
        *ret_why = first_of(&reasons, names);
    g_string_free(reasons.names, TRUE);
    g_free(reasons.other_ca);
    g_free(reasons.chain);
    g_free(reasons.handshake);
    return found;
}
