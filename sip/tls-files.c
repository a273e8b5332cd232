/* SPDX-License-Identifier: MIT */
/* CA bundles and revocation lists, read from PEM files. */
#include "sip/tls-private.h"

#include <gio/gio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <errno.h>
#include <string.h>

/* The longest chain anybody has is five; more is an attempt to keep us busy. */
enum { MAX_DEPTH = 8 };

bool stox_tls_fail(GError **error, const char *what, const char *path)
{
    unsigned long code = ERR_peek_error(); /* those after it only say where it came through */
    const char *reason = code ? ERR_reason_error_string(code) : NULL;

    g_set_error(error, G_IO_ERROR, G_IO_ERROR_FAILED, "%s %s: %s", what, path,
                reason ? reason : "it cannot be used");
    ERR_clear_error();
    return false;
}

bool stox_tls_readable(const char *what, const char *path, GError **error)
{
    FILE *file = fopen(path, "re");

    if (!file) {
        g_set_error(error, G_IO_ERROR, g_io_error_from_errno(errno), "cannot open %s %s: %s", what,
                    path, g_strerror(errno));
        return false;
    }
    fclose(file);
    return true;
}

static void info_free(STACK_OF(X509_INFO) * info)
{
    sk_X509_INFO_pop_free(info, X509_INFO_free);
}

/* Everything of a PEM file; NULL: `error`. */
static STACK_OF(X509_INFO) * read_pem(const char *what, const char *path, GError **error)
{
    STACK_OF(X509_INFO) *info = NULL;
    BIO *bio;

    if (!stox_tls_readable(what, path, error))
        return NULL;
    ERR_clear_error();
    bio = BIO_new_file(path, "r");
    if (bio)
        info = PEM_X509_INFO_read_bio(bio, NULL, NULL, NULL);
    BIO_free(bio);
    if (!info) {
        g_autofree char *reading = g_strdup_printf("cannot read %s", what);

        stox_tls_fail(error, reading, path);
    }
    ERR_clear_error();
    return info;
}

/* ---- CA bundles ---- */

/*
 * Many administrators put the issuing CA into the bundle and not its root. What is in the file is trusted: an intermediate whose issuer is not
 * there ends a chain. Those whose issuer is there do not, so that a revocation by it is seen.
 */
static void trust_if_topmost(X509 *certificate, STACK_OF(X509_INFO) * info)
{
    for (int i = 0; i < sk_X509_INFO_num(info); i++) {
        X509 *other = sk_X509_INFO_value(info, i)->x509;

        if (other && X509_check_issued(other, certificate) == X509_V_OK)
            return;
    }
    if (X509_check_ca(certificate))
        X509_add1_trust_object(certificate, OBJ_nid2obj(NID_anyExtendedKeyUsage));
}

static void ask_for(SSL_CTX *asking, X509 *certificate)
{
    const STACK_OF(X509_NAME) *names = SSL_CTX_get_client_CA_list(asking);

    for (int i = 0; i < sk_X509_NAME_num(names); i++)
        if (X509_NAME_cmp(sk_X509_NAME_value(names, i), X509_get_subject_name(certificate)) == 0)
            return;
    SSL_CTX_add_client_CA(asking, certificate);
}

bool stox_tls_load_ca(X509_STORE *store, SSL_CTX *asking, const char *path, GError **error)
{
    STACK_OF(X509_INFO) *info = read_pem("ca", path, error);
    unsigned found = 0;

    if (!info)
        return false;
    for (int i = 0; i < sk_X509_INFO_num(info); i++) {
        X509 *certificate = sk_X509_INFO_value(info, i)->x509;

        if (!certificate)
            continue;
        found++;
        trust_if_topmost(certificate, info);
        X509_STORE_add_cert(store, certificate);
        if (asking)
            ask_for(asking, certificate);
    }
    X509_STORE_set_depth(store, MAX_DEPTH);
    info_free(info);
    ERR_clear_error();
    if (!found)
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                    "ca %s holds no certificate (PEM: BEGIN CERTIFICATE)", path);
    return found > 0;
}

/* ---- Revocation lists ---- */

static void warn_if_old(const X509_CRL *crl, const StoxHopSettings *hop, GPtrArray *warnings)
{
    const ASN1_TIME *next = X509_CRL_get0_nextUpdate(crl);
    g_autofree char *issuer = NULL;
    g_autofree char *when = NULL;

    if (!warnings || !next || X509_cmp_current_time(next) > 0)
        return;
    issuer = stox_tls_name_text(X509_CRL_get_issuer(crl));
    when = stox_tls_time_text(next);
    g_ptr_array_add(
        warnings,
        g_strdup_printf("the CRL of %s in crl-file %s was due for renewal on %s: [hop %s] refuses "
                        "its certificates until the file is renewed and read again",
                        issuer, hop->crl_file, when, hop->name));
}

bool stox_tls_load_crls(X509_STORE *store, const StoxHopSettings *hop, GPtrArray *warnings,
                        GError **error)
{
    STACK_OF(X509_INFO) * info;
    unsigned found = 0;

    if (hop->crl == STOX_CRL_OFF)
        return true;
    info = read_pem("crl-file", hop->crl_file, error);
    if (!info)
        return false;
    for (int i = 0; i < sk_X509_INFO_num(info); i++) {
        X509_CRL *crl = sk_X509_INFO_value(info, i)->crl;

        if (!crl)
            continue;
        found++;
        X509_STORE_add_crl(store, crl);
        warn_if_old(crl, hop, warnings);
    }
    info_free(info);
    ERR_clear_error();
    X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK |
                                    (hop->crl == STOX_CRL_CHAIN ? X509_V_FLAG_CRL_CHECK_ALL : 0));
    if (!found)
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                    "crl-file %s holds no CRL (PEM: BEGIN X509 CRL; one in DER becomes PEM by "
                    "\"openssl crl -inform DER\")",
                    hop->crl_file);
    return found > 0;
}
