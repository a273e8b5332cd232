/* SPDX-License-Identifier: MIT */
#include "conf/settings.h"

#include "conf/build.h"
#include "conf/environment.h"

#include <string.h>

static void free_domain(gpointer data)
{
    StoxDomainSettings *domain = data;

    g_free(domain->name);
    g_free(domain->server_host);
    if (domain->secret)
        explicit_bzero(domain->secret, strlen(domain->secret));
    g_free(domain->secret);
    g_free(domain->hop);
    g_strfreev(domain->sip_domains);
    g_free(domain);
}

static void free_listen(gpointer data)
{
    StoxListenSettings *listen = data;

    g_free(listen->host);
    g_free(listen);
}

const char *stox_transport_name(StoxTransportKind kind)
{
    static const char *const names[STOX_TRANSPORT_KINDS] = {"tls", "tcp", "udp"};

    return names[kind];
}

void stox_next_hop_free(gpointer data)
{
    StoxNextHop *next_hop = data;

    g_free(next_hop->host);
    g_free(next_hop);
}

const StoxNextHop *stox_next_hop_first(const StoxHopSettings *hop)
{
    return hop->next_hops->pdata[0];
}

static void free_hop(gpointer data)
{
    StoxHopSettings *hop = data;

    g_free(hop->name);
    g_clear_pointer(&hop->next_hops, g_ptr_array_unref);
    g_free(hop->ca);
    g_strfreev(hop->peers);
    g_free(hop->tls_ciphers);
    g_free(hop->crl_file);
    g_free(hop);
}

static void free_partner(gpointer data)
{
    StoxPartnerSettings *partner = data;

    g_free(partner->domain);
    g_strfreev(partner->additional_domains);
    g_free(partner);
}

StoxSettings *stox_settings_new(void)
{
    StoxSettings *settings = g_new0(StoxSettings, 1);

    settings->domains = g_ptr_array_new_with_free_func(free_domain);
    settings->listens = g_ptr_array_new_with_free_func(free_listen);
    settings->hops = g_ptr_array_new_with_free_func(free_hop);
    settings->partners = g_ptr_array_new_with_free_func(free_partner);
    return settings;
}

/* The arrays may be NULL: tests make settings by hand. */
void stox_settings_free(StoxSettings *settings)
{
    if (!settings)
        return;
    g_clear_pointer(&settings->domains, g_ptr_array_unref);
    g_clear_pointer(&settings->listens, g_ptr_array_unref);
    g_clear_pointer(&settings->hops, g_ptr_array_unref);
    g_clear_pointer(&settings->partners, g_ptr_array_unref);
    g_free(settings->fqdn);
    g_free(settings->certificate);
    g_free(settings->private_key);
    g_free(settings);
}

static bool has_error(const GPtrArray *findings, unsigned from)
{
    for (unsigned i = from; i < findings->len; i++)
        if (((StoxFinding *) findings->pdata[i])->level == STOX_FINDING_ERROR)
            return true;
    return false;
}

StoxSettings *stox_settings_from_document(StoxDocument *document, const char *main_file,
                                          GPtrArray *findings)
{
    g_autoptr(StoxSettings) settings = stox_settings_new();
    unsigned before = findings->len;
    StoxBuild build = {.document = document, .settings = settings, .findings = findings};

    build.main_place.file = g_string_chunk_insert_const(document->strings, main_file);
    stox_build_groups(&build);
    stox_build_fill(&build);
    stox_build_rules(&build);
    /* A full list hides what came after it. */
    if (has_error(findings, before) || stox_findings_full(findings))
        return NULL;
    return g_steal_pointer(&settings);
}

StoxSettings *stox_settings_load(const char *path, char **environment, GPtrArray **ret_findings)
{
    g_autoptr(GPtrArray) findings = stox_findings_new();
    g_autoptr(StoxDocument) document = stox_document_new();
    g_autoptr(StoxSettings) settings = NULL;
    g_autofree char *folder = g_path_get_dirname(path);
    g_autofree char *more = g_build_filename(folder, "conf.d", NULL);
    bool unread;

    stox_reader_file(document, path, findings);
    /* Without the main file everything would be missing: one finding says it better than ten. */
    unread = has_error(findings, 0) && document->groups->len == 0;
    if (!unread) {
        stox_reader_directory(document, more, findings);
        stox_environment_apply(document, environment, findings);
        settings = stox_settings_from_document(document, path, findings);
    }
    if (has_error(findings, 0))
        g_clear_pointer(&settings, stox_settings_free);
    if (ret_findings && *ret_findings)
        g_ptr_array_extend_and_steal(*ret_findings, g_steal_pointer(&findings));
    else if (ret_findings)
        *ret_findings = g_steal_pointer(&findings);
    return g_steal_pointer(&settings);
}
