/* SPDX-License-Identifier: MIT */
/* Peer checks after and around the handshake, and the sentences that name why a peer was refused. */
#include "sip/tls-private.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <string.h>

static char *subject_text(X509 *certificate)
{
    char buffer[256] = "";

    if (certificate)
        X509_NAME_oneline(X509_get_subject_name(certificate), buffer, sizeof buffer);
    return g_strdup(buffer[0] ? buffer : "without subject");
}

static char *time_text(const ASN1_TIME *when)
{
    struct tm tm;

    if (!when || !ASN1_TIME_to_tm(when, &tm))
        return g_strdup("an unreadable date");
    return g_strdup_printf("%04d-%02d-%02d %02d:%02d UTC", tm.tm_year + 1900, tm.tm_mon + 1,
                           tm.tm_mday, tm.tm_hour, tm.tm_min);
}

char *stox_tls_chain_reason(X509_STORE_CTX *store)
{
    X509 *certificate = X509_STORE_CTX_get_current_cert(store);
    int error = X509_STORE_CTX_get_error(store);
    g_autofree char *subject = subject_text(certificate);
    g_autofree char *when = NULL;

    switch (error) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
        when = time_text(X509_get0_notAfter(certificate));
        return g_strdup_printf("certificate %s expired on %s", subject, when);
    case X509_V_ERR_CERT_NOT_YET_VALID:
        when = time_text(X509_get0_notBefore(certificate));
        return g_strdup_printf("certificate %s is not valid before %s", subject, when);
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
        return g_strdup_printf("certificate %s is not issued by a CA of the hop's ca file (%s)",
                               subject, X509_verify_cert_error_string(error));
    default:
        return g_strdup_printf("certificate %s: %s", subject, X509_verify_cert_error_string(error));
    }
}

char *stox_tls_expiry(X509 *certificate, const char *path)
{
    const ASN1_TIME *until = X509_get0_notAfter(certificate);
    int days = 0, seconds = 0;
    g_autofree char *when = time_text(until);

    if (!ASN1_TIME_diff(&days, &seconds, NULL, until))
        return NULL;
    if (days < 0 || seconds < 0)
        return g_strdup_printf("our certificate %s expired on %s: peers will refuse it", path,
                               when);
    return days < 14 ? g_strdup_printf("our certificate %s expires on %s", path, when) : NULL;
}

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

/* Lync's default template has serverAuth only and is used in both directions (lync.md 4.2). */
static bool purpose_fits(X509 *certificate)
{
    uint32_t usage = X509_get_extended_key_usage(certificate);

    return usage == UINT32_MAX || (usage & (XKU_SSL_SERVER | XKU_SSL_CLIENT | XKU_ANYEKU));
}

bool stox_tls_check_server(SSL *ssl, const StoxHopSettings *hop, const char *host, char **ret_why)
{
    X509 *certificate = SSL_get0_peer_certificate(ssl);
    g_auto(GStrv) names = stox_tls_peer_names(ssl);

    if (!certificate) {
        *ret_why = g_strdup("it presented no certificate");
        return false;
    }
    if (!purpose_fits(certificate)) {
        *ret_why = g_strdup("its certificate is meant neither for serverAuth nor for clientAuth");
        return false;
    }
    if (!any_name_matches(names, host) && !peers_match(names, hop)) {
        g_autofree char *have = name_list(names);
        g_autofree char *want = name_list(hop->peers);

        *ret_why = g_strdup_printf(
            "wrong name: its certificate carries %s; expected %s or one of [hop %s] "
            "peers: %s",
            have, host, hop->name, want);
        return false;
    }
    return true;
}

/* Whether the peer's chain ends in this hop's own CA bundle. */
static bool chain_fits(const StoxHopTls *hop, SSL *ssl, char **ret_why)
{
    X509_STORE_CTX *store = X509_STORE_CTX_new();
    bool ok = false;

    if (X509_STORE_CTX_init(store, hop->store, SSL_get0_peer_certificate(ssl),
                            SSL_get_peer_cert_chain(ssl))) {
        X509_STORE_CTX_set_purpose(store, X509_PURPOSE_ANY);
        ok = X509_verify_cert(store) == 1;
        if (!ok && !*ret_why)
            *ret_why = stox_tls_chain_reason(store);
    }
    X509_STORE_CTX_free(store);
    ERR_clear_error();
    return ok;
}

const StoxHopSettings *stox_tls_peer_hop(StoxTls *tls, SSL *ssl, char **ret_why)
{
    X509 *certificate = SSL_get0_peer_certificate(ssl);
    g_auto(GStrv) names = stox_tls_peer_names(ssl);
    g_autoptr(GString) expected = g_string_new(NULL);
    g_autofree char *chain_why = NULL;

    if (!certificate) {
        *ret_why = g_strdup("it presented no certificate");
        return NULL;
    }
    if (!purpose_fits(certificate)) {
        *ret_why = g_strdup("its certificate is meant neither for serverAuth nor for clientAuth");
        return NULL;
    }
    for (unsigned i = 0; i < tls->hops->len; i++) {
        const StoxHopTls *hop = tls->hops->pdata[i];
        g_autofree char *peers = name_list(hop->hop->peers);

        if (!chain_fits(hop, ssl, &chain_why))
            continue;
        if (peers_match(names, hop->hop))
            return hop->hop;
        g_string_append_printf(expected, "%s[hop %s] peers: %s", expected->len ? "; " : "",
                               hop->hop->name, peers);
    }
    if (expected->len) {
        g_autofree char *have = name_list(names);

        *ret_why = g_strdup_printf("wrong name: its certificate carries %s; expected %s", have,
                                   expected->str);
    } else {
        *ret_why = chain_why ? g_steal_pointer(&chain_why) : g_strdup("no hop uses TLS");
    }
    return NULL;
}

/* What a failed handshake's error code means to an administrator; NULL: OpenSSL's own words. */
static const char *handshake_meaning(int reason)
{
    switch (reason) {
    case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
        return "it presented no certificate (mutual TLS needs one from both ends)";
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_UNSUPPORTED_SSL_VERSION:
    case SSL_R_NO_PROTOCOLS_AVAILABLE:
    case SSL_R_VERSION_TOO_LOW:
        return "its TLS version is below tls-minimum";
    case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
        return "it refused our TLS version (alert protocol_version): compare tls-minimum";
    case SSL_R_WRONG_VERSION_NUMBER:
    case SSL_R_HTTP_REQUEST:
    case SSL_R_BAD_PROTOCOL_VERSION_NUMBER:
        return "it does not speak TLS on this port";
    case SSL_R_NO_SHARED_CIPHER:
        return "no cipher in common: see tls-ciphers and tls-minimum";
    case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
        return "it refused our certificate: it does not know the CA that issued it (alert "
               "unknown_ca)";
    case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
        return "it refused our certificate: expired (alert certificate_expired)";
    case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
    case SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE:
        return "it refused our certificate (alert bad_certificate, certificate_unknown or "
               "unsupported_certificate)";
    case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED:
        return "it wants a client certificate from us (alert certificate_required)";
    default:
        return NULL;
    }
}

char *stox_tls_explain(SSL *ssl)
{
    unsigned long code = ERR_peek_error();
    const char *remembered = ssl ? SSL_get_app_data(ssl) : NULL;
    const char *meaning = code ? handshake_meaning(ERR_GET_REASON(code)) : NULL;
    const char *reason = code ? ERR_reason_error_string(code) : NULL;
    char *text;

    if (remembered && (!code || ERR_GET_REASON(code) == SSL_R_CERTIFICATE_VERIFY_FAILED))
        text = g_strdup(remembered);
    else if (meaning)
        text = g_strdup(meaning);
    else
        text = g_strdup(reason ? reason : "it closed the connection during the TLS handshake");
    ERR_clear_error();
    return text;
}
