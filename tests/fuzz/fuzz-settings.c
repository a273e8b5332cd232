/* SPDX-License-Identifier: MIT */
/*
 * Settings out of any bytes: a main file, a file of conf.d and environment variables, separated by the byte 0x1e.
 * What is accepted keeps what settings.h promises; what is refused says why.
 */
#include "tests/fuzz/fuzz.h"

#include "conf/build.h"
#include "conf/check.h"
#include "conf/environment.h"

#include <stdlib.h>
#include <string.h>

enum { VARIABLES = 8 };

/* The next part up to the separator; moves *data and *size behind it. */
static const char *next_part(const char **data, size_t *size, size_t *ret_length)
{
    const char *start = *data;
    const char *stop = *size > 0 ? memchr(start, 0x1e, *size) : NULL;

    *ret_length = stop ? (size_t) (stop - start) : *size;
    *data = stop ? stop + 1 : start + *size;
    *size -= *ret_length + (stop ? 1 : 0);
    return start;
}

static void assert_hop(const StoxHopSettings *hop)
{
    g_assert_nonnull(hop->name);
    g_assert_cmpuint(hop->next_hops->len, >, 0);
    for (unsigned i = 0; i < hop->next_hops->len; i++) {
        const StoxNextHop *next_hop = hop->next_hops->pdata[i];

        g_assert_true(next_hop->host && *next_hop->host);
        g_assert_cmpuint(next_hop->port, <=, 65535);
    }
    g_assert_nonnull(hop->peers);
    g_assert_true(hop->tls_minimum >= 10 && hop->tls_minimum <= 13);
    g_assert_cmpint(hop->ca != NULL, ==, hop->kind == STOX_TRANSPORT_TLS);
}

static void assert_domain(const StoxSettings *settings, const StoxDomainSettings *domain)
{
    bool found = false;

    g_assert_true(domain->name && *domain->name);
    g_assert_true(domain->server_host && *domain->server_host);
    g_assert_true(domain->server_port >= 1 && domain->server_port <= 65535);
    g_assert_true(domain->secret && *domain->secret);
    for (unsigned i = 0; i < settings->hops->len; i++)
        found =
            found || g_str_equal(((StoxHopSettings *) settings->hops->pdata[i])->name, domain->hop);
    g_assert_true(found);
}

static void assert_settings(const StoxSettings *settings)
{
    bool tls = false;

    g_assert_true(settings->domains->len && settings->hops->len && settings->listens->len);
    for (unsigned i = 0; i < settings->domains->len; i++)
        assert_domain(settings, settings->domains->pdata[i]);
    for (unsigned i = 0; i < settings->hops->len; i++) {
        const StoxHopSettings *hop = settings->hops->pdata[i];

        assert_hop(hop);
        tls = tls || hop->kind == STOX_TRANSPORT_TLS;
    }
    for (unsigned i = 0; i < settings->listens->len; i++) {
        const StoxListenSettings *listen = settings->listens->pdata[i];

        g_assert_true(listen->port >= 1 && listen->port <= 65535);
        tls = tls || listen->kind == STOX_TRANSPORT_TLS;
    }
    for (unsigned i = 0; i < settings->partners->len; i++)
        g_assert_nonnull(
            ((StoxPartnerSettings *) settings->partners->pdata[i])->additional_domains);
    g_assert_true(settings->fqdn && *settings->fqdn);
    g_assert_cmpint(settings->certificate && settings->private_key, ==, tls);
    g_assert_cmpuint(settings->stanza_max_bytes, >=, 10000);
    g_assert_cmpuint(settings->queue_max_bytes, >=, settings->stanza_max_bytes);
    g_assert_true(settings->connect_timeout_s && settings->handshake_timeout_s &&
                  settings->idle_timeout_s && settings->sip_connect_timeout_s &&
                  settings->sip_idle_timeout_s && settings->max_connections &&
                  settings->subscription_refresh_interval_s && settings->session_idle_timeout_s &&
                  settings->confirm_timeout_s && settings->max_queued_messages);
}

/* Printed, and in both forms one line each at most. */
static void assert_findings(const GPtrArray *findings)
{
    char *text = NULL;
    size_t length = 0, lines = 0;
    FILE *out = open_memstream(&text, &length);

    g_assert_nonnull(out);
    g_assert_cmpuint(findings->len, <=, STOX_FINDINGS_MAX);
    stox_check_print(findings, out, false);
    stox_check_print(findings, out, true);
    fclose(out);
    for (size_t i = 0; i < length; i++)
        lines += text[i] == '\n';
    g_assert_cmpuint(lines, ==, findings->len + 1);
    g_assert_true(g_utf8_validate(text, (gssize) length, NULL));
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    g_autoptr(StoxDocument) document = stox_document_new();
    g_autoptr(GPtrArray) findings = stox_findings_new();
    g_autoptr(StoxSettings) settings = NULL;
    const char *data = (const char *) bytes;
    char *variables[VARIABLES + 1] = {NULL};
    const char *part;
    size_t length;

    part = next_part(&data, &size, &length);
    stox_reader_text(document, "stoxd.conf", part, length, findings);
    part = next_part(&data, &size, &length);
    stox_reader_text(document, "conf.d/a.conf", part, length, findings);
    for (unsigned i = 0; i < VARIABLES && size > 0; i++) {
        part = next_part(&data, &size, &length);
        variables[i] = g_strndup(part, length);
    }
    stox_environment_apply(document, variables, findings);
    settings = stox_settings_from_document(document, "stoxd.conf", findings);
    /* Errors of the reader come before those that decide whether there are settings. */
    if (settings && stox_findings_worst(findings) != STOX_WORST_ERROR)
        assert_settings(settings);
    g_assert_true(settings || stox_findings_worst(findings) == STOX_WORST_ERROR);
    assert_findings(findings);
    for (unsigned i = 0; i < VARIABLES; i++)
        g_free(variables[i]);
    return 0;
}
