/* SPDX-License-Identifier: MIT */
/* Sentences for an administrator: why a peer was refused, what is wrong with a certificate. */
#include "sip/tls-private.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <string.h>

char *stox_tls_name_text(const X509_NAME *name)
{
    char buffer[256] = "";

    if (name)
        X509_NAME_oneline(name, buffer, sizeof buffer);
    return g_strdup(buffer[0] ? buffer : "without subject");
}

char *stox_tls_time_text(const ASN1_TIME *when)
{
    struct tm tm;

    if (!when || !ASN1_TIME_to_tm(when, &tm))
        return g_strdup("an unreadable date");
    return g_strdup_printf("%04d-%02d-%02d %02d:%02d UTC", tm.tm_year + 1900, tm.tm_mon + 1,
                           tm.tm_mday, tm.tm_hour, tm.tm_min);
}

char *stox_tls_expiry(X509 *certificate, const char *path)
{
    const ASN1_TIME *until = X509_get0_notAfter(certificate);
    int days = 0, seconds = 0;
    g_autofree char *when = stox_tls_time_text(until);

    if (!ASN1_TIME_diff(&days, &seconds, NULL, until))
        return NULL;
    if (days < 0 || seconds < 0)
        return g_strdup_printf("our certificate %s expired on %s: peers will refuse it", path,
                               when);
    return days < 14 ? g_strdup_printf("our certificate %s expires on %s", path, when) : NULL;
}

/* ---- Chains ---- */

static char *revoked(X509_STORE_CTX *store, const char *subject)
{
    X509 *certificate = X509_STORE_CTX_get_current_cert(store);
    X509_CRL *crl = X509_STORE_CTX_get0_current_crl(store);
    X509_REVOKED *entry = NULL;
    g_autofree char *when = NULL;

    if (!crl || X509_CRL_get0_by_cert(crl, &entry, certificate) == 0)
        return g_strdup_printf("certificate %s was revoked", subject);
    when = stox_tls_time_text(X509_REVOKED_get0_revocationDate(entry));
    return g_strdup_printf("certificate %s was revoked on %s", subject, when);
}

/* The list itself is at fault: nobody can say whether the certificate was revoked, and it is refused. */
static char *list_reason(X509_STORE_CTX *store, const char *subject, const StoxHopSettings *hop)
{
    X509_CRL *crl = X509_STORE_CTX_get0_current_crl(store);
    X509 *certificate = X509_STORE_CTX_get_current_cert(store);
    const char *file = hop && hop->crl_file ? hop->crl_file : "crl-file";
    g_autofree char *issuer = stox_tls_name_text(crl           ? X509_CRL_get_issuer(crl)
                                                 : certificate ? X509_get_issuer_name(certificate)
                                                               : NULL);
    g_autofree char *when = NULL;
    int error = X509_STORE_CTX_get_error(store);

    switch (error) {
    case X509_V_ERR_UNABLE_TO_GET_CRL:
        return g_strdup_printf("whether certificate %s was revoked is not known: %s holds no CRL "
                               "of its issuer %s; add it",
                               subject, file, issuer);
    case X509_V_ERR_CRL_HAS_EXPIRED:
        when = stox_tls_time_text(crl ? X509_CRL_get0_nextUpdate(crl) : NULL);
        return g_strdup_printf("whether certificate %s was revoked is not known: the CRL of %s in "
                               "%s was due for renewal on %s; put the current one there and "
                               "reload",
                               subject, issuer, file, when);
    case X509_V_ERR_CRL_NOT_YET_VALID:
        when = stox_tls_time_text(crl ? X509_CRL_get0_lastUpdate(crl) : NULL);
        return g_strdup_printf("whether certificate %s was revoked is not known: the CRL of %s in "
                               "%s is of %s, which is to come; compare the clocks",
                               subject, issuer, file, when);
    case X509_V_ERR_CRL_SIGNATURE_FAILURE:
    case X509_V_ERR_UNABLE_TO_DECRYPT_CRL_SIGNATURE:
        return g_strdup_printf("whether certificate %s was revoked is not known: the CRL of %s in "
                               "%s is not signed by it",
                               subject, issuer, file);
    default:
        return g_strdup_printf("whether certificate %s was revoked is not known: CRL of %s in %s: "
                               "%s",
                               subject, issuer, file, X509_verify_cert_error_string(error));
    }
}

static char *weak(X509 *certificate, const char *subject, const StoxHopSettings *hop)
{
    EVP_PKEY *key = certificate ? X509_get0_pubkey(certificate) : NULL;
    int digest = NID_undef;

    if (certificate)
        X509_get_signature_info(certificate, &digest, NULL, NULL, NULL);
    return g_strdup_printf("certificate %s is too weak (key of %d bits, signed with %s) for "
                           "tls-minimum%s%s of 1.2 or more; 1.0 and 1.1 admit it",
                           subject, key ? EVP_PKEY_get_bits(key) : 0,
                           digest == NID_undef ? "an unknown digest" : OBJ_nid2sn(digest),
                           hop ? " of hop " : "", hop ? hop->name : "");
}

char *stox_tls_chain_reason(X509_STORE_CTX *store, const StoxHopSettings *hop)
{
    X509 *certificate = X509_STORE_CTX_get_current_cert(store);
    int error = X509_STORE_CTX_get_error(store);
    g_autofree char *subject =
        stox_tls_name_text(certificate ? X509_get_subject_name(certificate) : NULL);
    g_autofree char *when = NULL;

    switch (error) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
        when = stox_tls_time_text(X509_get0_notAfter(certificate));
        return g_strdup_printf("certificate %s expired on %s", subject, when);
    case X509_V_ERR_CERT_NOT_YET_VALID:
        when = stox_tls_time_text(X509_get0_notBefore(certificate));
        return g_strdup_printf("certificate %s is not valid before %s", subject, when);
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
        return g_strdup_printf("certificate %s is not issued by a CA of the hop's ca file (%s)",
                               subject, X509_verify_cert_error_string(error));
    case X509_V_ERR_CERT_REVOKED:
        return revoked(store, subject);
    case X509_V_ERR_UNABLE_TO_GET_CRL:
    case X509_V_ERR_UNABLE_TO_GET_CRL_ISSUER:
    case X509_V_ERR_CRL_HAS_EXPIRED:
    case X509_V_ERR_CRL_NOT_YET_VALID:
    case X509_V_ERR_CRL_SIGNATURE_FAILURE:
    case X509_V_ERR_UNABLE_TO_DECRYPT_CRL_SIGNATURE:
    case X509_V_ERR_KEYUSAGE_NO_CRL_SIGN:
    case X509_V_ERR_UNHANDLED_CRITICAL_CRL_EXTENSION:
    case X509_V_ERR_DIFFERENT_CRL_SCOPE:
    case X509_V_ERR_ERROR_IN_CRL_NEXT_UPDATE_FIELD:
    case X509_V_ERR_ERROR_IN_CRL_LAST_UPDATE_FIELD:
        return list_reason(store, subject, hop);
    case X509_V_ERR_EE_KEY_TOO_SMALL:
    case X509_V_ERR_CA_KEY_TOO_SMALL:
    case X509_V_ERR_CA_MD_TOO_WEAK:
        return weak(certificate, subject, hop);
    default:
        return g_strdup_printf("certificate %s: %s", subject, X509_verify_cert_error_string(error));
    }
}

/* ---- Handshakes ---- */

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
    case SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED:
        return "it refused our certificate: revoked (alert certificate_revoked)";
    case SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE:
        return "it found no common ground (alert handshake_failure): compare tls-ciphers and "
               "tls-minimum, and whether it takes the key type of our certificate";
    case SSL_R_TLSV1_ALERT_DECRYPT_ERROR:
    case SSL_R_TLSV1_ALERT_ACCESS_DENIED:
        return "it refused our certificate (alert decrypt_error or access_denied)";
    case SSL_R_TLSV1_ALERT_INSUFFICIENT_SECURITY:
        return "our ciphers are too weak for it (alert insufficient_security): see tls-ciphers";
    case SSL_R_TLSV1_UNRECOGNIZED_NAME:
        return "it does not know the name of next-hop (alert unrecognized_name)";
    case SSL_R_WRONG_SIGNATURE_TYPE:
    case SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM:
    case SSL_R_NO_SHARED_SIGNATURE_ALGORITHMS:
        return "it signs with SHA-1 alone or with a key of another kind, which this tls-minimum "
               "does not admit (1.0 and 1.1 do)";
    case SSL_R_DECRYPTION_FAILED_OR_BAD_RECORD_MAC:
        return "what arrived is not what it sent: damaged or forged (bad record MAC)";
    case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED:
        return "it wants a client certificate from us (alert certificate_required)";
    default:
        return NULL;
    }
}

char *stox_tls_explain(SSL *ssl)
{
    unsigned long code = ERR_peek_error();
    const StoxTlsState *state = ssl ? SSL_get_app_data(ssl) : NULL;
    const char *remembered = state ? state->why : NULL;
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
