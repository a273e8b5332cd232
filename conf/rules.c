/* SPDX-License-Identifier: MIT */
#include "conf/build.h"
#include "conf/check.h"
#include "conf/keys.h"
#include "conf/values.h"

#include <string.h>

/* What the checks look up, collected once. Pointers into document and settings. */
typedef struct {
    StoxBuild *build;
    GHashTable *hops;   /* lower-case name -> StoxGroup*; taken out when a domain uses it */
    GHashTable *served; /* domain -> StoxGroup* */
    bool listens[STOX_TRANSPORT_KINDS], hop_kinds[STOX_TRANSPORT_KINDS];
    const StoxGroup *sip;
} Rules;

static void error_at(const Rules *rules, StoxPlace place, const char *text)
{
    stox_findings_add(rules->build->findings, STOX_FINDING_ERROR, place, "%s", text);
}

/* Advice about what fits together is given once the parts are good; before, it may only repeat an error. */
static bool advise(const Rules *rules)
{
    return stox_findings_worst(rules->build->findings) != STOX_WORST_ERROR;
}

static void collect(Rules *rules)
{
    const GPtrArray *groups = rules->build->document->groups;
    const StoxSettings *settings = rules->build->settings;

    for (unsigned i = 0; i < groups->len; i++) {
        StoxGroup *group = groups->pdata[i];

        if (g_str_equal(group->kind, "hop")) {
            const StoxHopSettings *hop = group->built;

            g_hash_table_insert(rules->hops, group->name_key, group);
            if (hop->next_hops->len > 0)
                rules->hop_kinds[hop->kind] = true;
        } else if (g_str_equal(group->kind, "domain")) {
            g_hash_table_insert(rules->served, group->name_key, group);
        } else if (g_str_equal(group->kind, "sip")) {
            rules->sip = group;
        }
    }
    for (unsigned i = 0; i < settings->listens->len; i++)
        rules->listens[((StoxListenSettings *) settings->listens->pdata[i])->kind] = true;
}

/* One of each at least; with refused groups it would only repeat what has been said. */
static void check_presence(const Rules *rules)
{
    const StoxSettings *settings = rules->build->settings;
    StoxPlace place = rules->build->main_place;
    const StoxEntry *listen = stox_group_entry(rules->sip, "listen");

    if (listen && !listen->bad && *listen->value &&
        strspn(listen->value, ";, \t") == strlen(listen->value))
        error_at(rules, listen->place, "listen names no address");
    if (rules->build->refused_groups > 0)
        return;
    if (settings->domains->len == 0)
        error_at(rules, place, "there is no [domain DOMAIN]: a gateway serves at least one");
    if (settings->hops->len == 0)
        error_at(rules, place, "there is no [hop NAME]: messages need a next hop");
    if (settings->partners->len == 0)
        stox_findings_add(rules->build->findings, STOX_FINDING_WARNING, place,
                          "there is no [partner DOMAIN]: nobody can be talked to");
}

static const char *nearest_hop(const Rules *rules, const char *name)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    const GPtrArray *hops = rules->build->settings->hops;

    for (unsigned i = 0; i < hops->len; i++)
        g_ptr_array_add(names, ((StoxHopSettings *) hops->pdata[i])->name);
    g_ptr_array_add(names, NULL);
    return stox_nearest_name(name, (const char *const *) names->pdata);
}

/* Who is meant by a SIP address must be one: no SIP domain twice, whether served by itself or proxied. */
static void check_sip_domains(const Rules *rules, const StoxGroup *group, GHashTable *sip)
{
    const StoxDomainSettings *domain = group->built;
    const char *itself[] = {domain->name, NULL};
    const char *const *names =
        domain->sip_domains ? (const char *const *) domain->sip_domains : itself;

    if (!domain->sip_domains && domain->percent_form)
        stox_findings_add(rules->build->findings, STOX_FINDING_WARNING,
                          stox_key_place(group, "percent-form"),
                          "percent-form has no effect without sip-domains");
    if (!*names)
        error_at(rules, stox_key_place(group, "sip-domains"), "sip-domains names no domain");
    for (; *names; names++) {
        const StoxGroup *other = g_hash_table_lookup(sip, *names);
        g_autofree char *text = other ? stox_group_text(other) : NULL;

        if (other)
            stox_findings_add(rules->build->findings, STOX_FINDING_ERROR,
                              stox_key_place(group, "sip-domains"),
                              "the SIP domain %s is that of %s already", *names, text);
        else
            g_hash_table_insert(sip, (gpointer) *names, (gpointer) group);
    }
}

static void check_domain(Rules *rules, const StoxGroup *group, GHashTable *used)
{
    StoxDomainSettings *domain = group->built;
    g_autofree char *key = domain->hop ? g_ascii_strdown(domain->hop, -1) : NULL;
    const StoxGroup *hop = key ? g_hash_table_lookup(rules->hops, key) : NULL;
    const char *nearest;

    if (!domain->hop)
        return;
    if (hop) {
        g_hash_table_add(used, (gpointer) hop);
        /* Others look it up by its exact name. */
        g_free(domain->hop);
        domain->hop = g_strdup(hop->name);
        return;
    }
    if (rules->build->refused_groups > 0) /* it may be among those */
        return;
    nearest = nearest_hop(rules, domain->hop);
    stox_findings_add(rules->build->findings, STOX_FINDING_ERROR, stox_key_place(group, "hop"),
                      "there is no [hop %s]%s%s%s", domain->hop, nearest ? "; did you mean " : "",
                      nearest ? nearest : "", nearest ? "?" : "");
}

/* A file that TLS needs: given, and readable. What is in it is checked where it is loaded. */
static void check_tls_file(const Rules *rules, const StoxGroup *group, const char *key,
                           const char *path, bool private)
{
    const StoxEntry *entry = stox_group_entry(group, key);

    if (path) {
        stox_build_file(rules->build, stox_key_place(group, key), key, path, private);
    } else if (!entry || (!entry->bad && !*entry->value)) {
        g_autofree char *text = stox_group_text(group);

        stox_findings_add(rules->build->findings, STOX_FINDING_ERROR, stox_key_place(group, key),
                          "%s %s is missing, and TLS needs it. %s", text, key,
                          stox_key(group->kind, key)->help);
    }
}

static void check_hop_crl(const Rules *rules, const StoxGroup *group)
{
    const StoxHopSettings *hop = group->built;
    StoxPlace place = stox_key_place(group, "crl-file");

    if (hop->crl != STOX_CRL_OFF && hop->crl_file)
        stox_build_file(rules->build, place, "crl-file", hop->crl_file, false);
    else if (hop->crl != STOX_CRL_OFF && !stox_group_entry(group, "crl-file"))
        stox_findings_add(rules->build->findings, STOX_FINDING_ERROR, place,
                          "[hop %s] crl-file is missing, and crl needs it. %s", hop->name,
                          stox_key("hop", "crl-file")->help);
    else if (hop->crl_file && !stox_group_entry(group, "crl"))
        stox_findings_add(rules->build->findings, STOX_FINDING_WARNING, place,
                          "crl-file has no effect: crl of [hop %s] is off", hop->name);
}

static void check_hop_tls(const Rules *rules, const StoxGroup *group)
{
    const StoxHopSettings *hop = group->built;
    bool own_peers = stox_group_entry(group, "peers") != NULL;

    check_tls_file(rules, group, "ca", hop->ca, false);
    for (unsigned i = 0; !own_peers && hop->peers[i]; i++)
        if (stox_value_is_literal(hop->peers[i]))
            stox_findings_add(rules->build->findings, STOX_FINDING_ERROR,
                              stox_key_place(group, "next-hop"),
                              "[hop %s] next-hop is an address: add peers = the names that its "
                              "certificate carries",
                              hop->name);
    check_hop_crl(rules, group);
    for (unsigned i = 0; own_peers && hop->peers[i]; i++)
        if (stox_value_is_literal(hop->peers[i]))
            stox_findings_add(rules->build->findings, STOX_FINDING_WARNING,
                              stox_key_place(group, "peers"),
                              "peers: %s is an address, but with tls certificates are compared by "
                              "name; it will match none",
                              hop->peers[i]);
    if (!hop->peers[0])
        stox_findings_add(
            rules->build->findings, STOX_FINDING_WARNING, stox_key_place(group, "peers"),
            "[hop %s] peers is empty: no connection from this hop will be accepted", hop->name);
}

/* tcp and udp: peers are known by their address. */
static void check_hop_plain(const Rules *rules, const StoxGroup *group)
{
    static const char *const tls_keys[] = {"ca", "tls-minimum", "tls-ciphers", "crl", "crl-file"};
    StoxHopSettings *hop = group->built;
    const char *kind = stox_transport_name(hop->kind);

    for (unsigned i = 0; i < G_N_ELEMENTS(tls_keys); i++)
        if (stox_group_entry(group, tls_keys[i]))
            stox_findings_add(
                rules->build->findings, STOX_FINDING_WARNING, stox_key_place(group, tls_keys[i]),
                "%s has no effect: next-hop of [hop %s] is %s", tls_keys[i], hop->name, kind);
    g_clear_pointer(&hop->ca, g_free);
    if (!hop->peers[0] && rules->listens[hop->kind])
        stox_findings_add(rules->build->findings, STOX_FINDING_ERROR,
                          stox_key_place(group, "peers"),
                          "[hop %s] peers is empty: with a %s listen they are all that tells this "
                          "hop from others, so name the addresses that it sends from",
                          hop->name, kind);
    if (hop->kind == STOX_TRANSPORT_UDP && !rules->listens[STOX_TRANSPORT_UDP] && advise(rules))
        stox_findings_add(rules->build->findings, STOX_FINDING_ERROR,
                          stox_key_place(rules->sip, "listen"),
                          "[hop %s] is udp, and [sip] listen has no udp: its answers come to the "
                          "socket that listens, so add udp:ADDRESS:5060",
                          hop->name);
    else if (hop->kind == STOX_TRANSPORT_UDP && !rules->listens[STOX_TRANSPORT_TCP] &&
             advise(rules))
        stox_findings_add(rules->build->findings, STOX_FINDING_WARNING,
                          stox_key_place(rules->sip, "listen"),
                          "[hop %s] is udp, but [sip] listen has no tcp: its requests of more than "
                          "1300 bytes come over TCP, so add tcp:ADDRESS:5060",
                          hop->name);
}

static void check_hop(const Rules *rules, const StoxGroup *group, bool used)
{
    const StoxHopSettings *hop = group->built;
    const char *kind = stox_transport_name(hop->kind);

    if (!used && advise(rules))
        stox_findings_add(rules->build->findings, STOX_FINDING_WARNING, group->place,
                          "no domain uses [hop %s]", hop->name);
    if (hop->next_hops->len == 0)
        return;
    if (hop->kind == STOX_TRANSPORT_TLS)
        check_hop_tls(rules, group);
    else
        check_hop_plain(rules, group);
    if (hop->kind != STOX_TRANSPORT_UDP && !rules->listens[hop->kind] && advise(rules))
        stox_findings_add(rules->build->findings, STOX_FINDING_WARNING,
                          stox_key_place(group, "next-hop"),
                          "[hop %s] is %s, but [sip] listen has no %s: this hop cannot connect to "
                          "the gateway",
                          hop->name, kind, kind);
}

static void check_listens(const Rules *rules)
{
    const GPtrArray *listens = rules->build->settings->listens;
    StoxPlace place = stox_key_place(rules->sip, "listen");

    for (unsigned i = 0; i < listens->len; i++) {
        const StoxListenSettings *one = listens->pdata[i];

        for (unsigned j = 0; j < i; j++) {
            const StoxListenSettings *other = listens->pdata[j];

            if ((one->kind == STOX_TRANSPORT_UDP) == (other->kind == STOX_TRANSPORT_UDP) &&
                one->port == other->port && g_str_equal(one->host, other->host))
                stox_findings_add(rules->build->findings, STOX_FINDING_ERROR, place,
                                  "listen names %s port %u twice", one->host, one->port);
        }
    }
    for (unsigned kind = 0; kind < STOX_TRANSPORT_KINDS; kind++) {
        /* What is too large for UDP comes over TCP (RFC 3261 s18.1.1). */
        bool used = rules->hop_kinds[kind] ||
                    (kind == STOX_TRANSPORT_TCP && rules->hop_kinds[STOX_TRANSPORT_UDP]);

        if (rules->listens[kind] && !used && advise(rules))
            stox_findings_add(rules->build->findings, STOX_FINDING_WARNING, place,
                              "listen has %s, but no hop is %s: every connection there will be "
                              "refused",
                              stox_transport_name(kind), stox_transport_name(kind));
    }
}

/* Nothing uses it: whoever loads the files must not fail over them. */
static void drop_unused_tls_file(const Rules *rules, const char *key, char **path)
{
    if (!*path)
        return;
    stox_findings_add(rules->build->findings, STOX_FINDING_WARNING, stox_key_place(rules->sip, key),
                      "%s has no effect: neither a listen nor a hop is tls", key);
    g_clear_pointer(path, g_free);
}

static void check_sip(const Rules *rules)
{
    StoxSettings *settings = rules->build->settings;
    bool literal = settings->fqdn && stox_value_is_literal(settings->fqdn);

    check_listens(rules);
    if (literal && strchr(settings->fqdn, ':'))
        error_at(rules, stox_key_place(rules->sip, "fqdn"), "fqdn is an address; write a name");
    if (rules->listens[STOX_TRANSPORT_TLS] || rules->hop_kinds[STOX_TRANSPORT_TLS]) {
        check_tls_file(rules, rules->sip, "certificate", settings->certificate, false);
        check_tls_file(rules, rules->sip, "private-key", settings->private_key, true);
        if (literal)
            error_at(rules, stox_key_place(rules->sip, "fqdn"),
                     "fqdn is an address, but with TLS it must be the name that the certificate "
                     "carries");
    } else if (advise(rules)) {
        drop_unused_tls_file(rules, "certificate", &settings->certificate);
        drop_unused_tls_file(rules, "private-key", &settings->private_key);
    }
    if (settings->sip_queue_max_bytes > 0 &&
        settings->sip_queue_max_bytes < settings->message_max_bytes)
        error_at(rules, stox_key_place(rules->sip, "queue-max-bytes"),
                 "[sip] queue-max-bytes is smaller than message-max-bytes: such a message could "
                 "never be sent");
}

static void check_component(const Rules *rules)
{
    const StoxSettings *settings = rules->build->settings;
    const StoxGroup *group = stox_document_group(rules->build->document, "component");

    if (settings->queue_max_bytes > 0 && settings->queue_max_bytes < settings->stanza_max_bytes)
        error_at(
            rules, stox_key_place(group, "queue-max-bytes"),
            "[component] queue-max-bytes is smaller than stanza-max-bytes: such a stanza could "
            "never be sent");
}

/* Each partner domain once, and none that is served here (a message would come back to us). */
static void check_partner_domain(const Rules *rules, GHashTable *known, const StoxGroup *group,
                                 StoxPlace place, const char *domain)
{
    const StoxGroup *served = g_hash_table_lookup(rules->served, domain);
    const StoxGroup *other = g_hash_table_lookup(known, domain);
    const StoxGroup *clash = served ? served : other;

    if (clash) {
        g_autofree char *text = stox_group_text(clash);
        g_autofree char *where = stox_place_text(clash->place);

        stox_findings_add(rules->build->findings, STOX_FINDING_ERROR, place,
                          served ? "%s is served here (%s at %s): a domain is not served and a "
                                   "partner at once"
                                 : "partner domain %s is already in %s at %s",
                          domain, text, where);
    } else {
        g_hash_table_insert(known, (gpointer) domain, (gpointer) group);
    }
}

/* Its rule needs to know who added whom, over restarts. */
static void check_partner_type(const Rules *rules, const StoxGroup *group)
{
    const StoxPartnerSettings *partner = group->built;

    if (partner->type == STOX_SETTING_PUBLIC_UNVERIFIED)
        error_at(rules, stox_key_place(group, "partner-type"),
                 "partner-type public-unverified is known but not yet supported by this version: "
                 "nothing would be held back, so choose public-verified or take the partner out");
}

static void check_partners(const Rules *rules)
{
    const GPtrArray *groups = rules->build->document->groups;
    g_autoptr(GHashTable) known = g_hash_table_new(g_str_hash, g_str_equal);

    /* The groups themselves first: it is the list that repeats. */
    for (unsigned pass = 0; pass < 2; pass++) {
        for (unsigned i = 0; i < groups->len; i++) {
            const StoxGroup *group = groups->pdata[i];
            const StoxPartnerSettings *partner = group->built;

            if (!g_str_equal(group->kind, "partner"))
                continue;
            if (pass == 0) {
                check_partner_type(rules, group);
                check_partner_domain(rules, known, group, group->place, partner->domain);
            }
            for (unsigned d = 0; pass == 1 && partner->additional_domains[d]; d++)
                check_partner_domain(rules, known, group,
                                     stox_key_place(group, "additional-domains"),
                                     partner->additional_domains[d]);
        }
    }
}

void stox_build_rules(StoxBuild *build)
{
    const GPtrArray *groups = build->document->groups;
    g_autoptr(GHashTable) hops = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GHashTable) served = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GHashTable) used = g_hash_table_new(NULL, NULL);
    g_autoptr(GHashTable) sip = g_hash_table_new(g_str_hash, g_str_equal);
    Rules rules = {.build = build, .hops = hops, .served = served};

    collect(&rules);
    check_presence(&rules);
    check_component(&rules);
    check_sip(&rules);
    for (unsigned i = 0; i < groups->len; i++) {
        const StoxGroup *group = groups->pdata[i];

        if (!g_str_equal(group->kind, "domain"))
            continue;
        check_domain(&rules, group, used);
        check_sip_domains(&rules, group, sip);
    }
    for (unsigned i = 0; i < groups->len; i++) {
        const StoxGroup *group = groups->pdata[i];

        if (g_str_equal(group->kind, "hop"))
            check_hop(&rules, group, g_hash_table_contains(used, group));
    }
    check_partners(&rules);
}
