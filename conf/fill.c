/* SPDX-License-Identifier: MIT */
#include "conf/build.h"
#include "conf/keys.h"
#include "conf/values.h"

#include "translation/address.h"

#include <string.h>

enum { DEFAULT_COMPONENT_PORT = 5347 };

/* One key being filled: what, from where, into what. */
typedef struct {
    StoxBuild *build;
    const StoxKey *key;
    const StoxGroup *group;
    const char *text;
    StoxPlace place;
    void *base; /* the group's struct */
} Fill;

/* Two or more settings of a server, until the domains take them. */
typedef struct {
    char *host;
    unsigned port;
} Server;

static void refuse(const Fill *fill, const char *why)
{
    bool quoted = fill->text[0] == '"';

    stox_findings_add(fill->build->findings, STOX_FINDING_ERROR, fill->place, "%s \"%s\" %s%s",
                      fill->key->name, fill->text, why,
                      quoted ? " (values are written without quotes)" : "");
}

static void *field(const Fill *fill)
{
    return (char *) fill->base + fill->key->offset;
}

static void fill_number(const Fill *fill)
{
    const StoxKey *key = fill->key;
    const char *why = NULL;
    uint64_t number = 0;
    bool good;

    if (key->type == STOX_TYPE_DURATION)
        good = stox_value_duration(fill->text, &number, &why);
    else if (key->type == STOX_TYPE_SIZE)
        good = stox_value_size(fill->text, &number, &why);
    else
        good = stox_value_count(fill->text, &number, &why);
    if (good && number >= key->min && number <= key->max) {
        *(unsigned *) field(fill) = (unsigned) number;
        return;
    }
    if (good) {
        const char *unit = key->type == STOX_TYPE_DURATION ? " seconds"
                           : key->type == STOX_TYPE_SIZE   ? " bytes"
                                                           : "";
        g_autofree char *range =
            g_strdup_printf("is out of range: %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT "%s",
                            key->min, key->max, unit);

        refuse(fill, range);
    } else {
        refuse(fill, why);
    }
}

static void fill_boolean(const Fill *fill)
{
    const char *why;

    if (!stox_value_boolean(fill->text, field(fill), &why))
        refuse(fill, why);
}

static bool has_control(const char *text)
{
    for (; *text; text++)
        if (g_ascii_iscntrl(*text))
            return true;
    return false;
}

static void fill_text(const Fill *fill)
{
    if (has_control(fill->text))
        refuse(fill, "contains a control character");
    else if (fill->key->offset != SIZE_MAX && *fill->text)
        *(char **) field(fill) = g_strdup(fill->text);
}

static void fill_path(const Fill *fill)
{
    if (has_control(fill->text))
        refuse(fill, "contains a control character");
    else if (!g_path_is_absolute(fill->text))
        refuse(fill, "is not an absolute path");
    else
        *(char **) field(fill) = g_strdup(fill->text);
}

static void fill_host(const Fill *fill)
{
    g_auto(StoxEndpoint) host = {0};
    const char *why;

    if (!stox_value_host(fill->text, &host, &why))
        refuse(fill, why);
    else
        *(char **) field(fill) = g_steal_pointer(&host.host);
}

/* Lists of hosts or domains: each part in canonical form, no part twice. */
static void fill_names(Fill *fill)
{
    const char *whole = fill->text;
    g_auto(GStrv) parts = stox_value_list(whole);
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    bool good = true;

    for (unsigned i = 0; parts[i]; i++) {
        const char *why = strchr(parts[i], '*') ? "is not a domain: there are no wildcards, each "
                                                  "domain is written out"
                                                : "is not a domain";
        g_auto(StoxEndpoint) host = {0};
        g_autofree char *name = NULL;

        if (fill->key->type == STOX_TYPE_DOMAINS)
            name = strpbrk(parts[i], "*@/:\"") ? NULL : stox_domain_canonical(parts[i]);
        else if (stox_value_host(parts[i], &host, &why))
            name = g_steal_pointer(&host.host);
        if (!name) {
            fill->text = parts[i];
            refuse(fill, why);
            fill->text = whole;
            good = false;
        } else if (!g_ptr_array_find_with_equal_func(names, name, g_str_equal, NULL)) {
            g_ptr_array_add(names, g_steal_pointer(&name));
        }
    }
    if (!good)
        return;
    g_ptr_array_add(names, NULL);
    g_ptr_array_set_free_func(names, NULL);
    *(GStrv *) field(fill) = (GStrv) g_ptr_array_free(g_steal_pointer(&names), FALSE);
}

static void fill_server(const Fill *fill, Server *server)
{
    g_auto(StoxEndpoint) endpoint = {0};
    const char *why;

    if (!stox_value_endpoint(fill->text, &endpoint, &why)) {
        refuse(fill, why);
        return;
    }
    g_free(server->host);
    server->host = g_steal_pointer(&endpoint.host);
    server->port = endpoint.port ? endpoint.port : DEFAULT_COMPONENT_PORT;
}

static void fill_listens(Fill *fill)
{
    const char *whole = fill->text;
    g_auto(GStrv) parts = stox_value_list(whole);

    for (unsigned i = 0; parts[i]; i++) {
        g_auto(StoxEndpoint) endpoint = {0};
        StoxListenSettings *listen;
        StoxTransportKind kind;
        const char *why;

        fill->text = parts[i];
        if (!stox_value_transport(parts[i], &kind, &endpoint, &why)) {
            refuse(fill, why);
        } else if (!endpoint.literal) {
            refuse(fill, "is not an address of this machine in digits; for all of them write "
                         "tls:0.0.0.0:5061 or tls:[::]:5061");
        } else {
            listen = g_new0(StoxListenSettings, 1);
            listen->kind = kind;
            listen->host = g_steal_pointer(&endpoint.host);
            listen->port = endpoint.port ? endpoint.port : stox_value_default_port(kind);
            g_ptr_array_add(fill->build->settings->listens, listen);
        }
    }
    fill->text = whole;
}

static void fill_next_hops(Fill *fill)
{
    const char *whole = fill->text;
    g_auto(GStrv) parts = stox_value_list(whole);
    StoxHopSettings *hop = fill->base;

    for (unsigned i = 0; parts[i]; i++) {
        g_auto(StoxEndpoint) endpoint = {0};
        StoxTransportKind kind;
        const char *why;

        fill->text = parts[i];
        if (!stox_value_transport(parts[i], &kind, &endpoint, &why)) {
            refuse(fill, why);
        } else if (hop->next_hops->len > 0 && kind != hop->kind) {
            refuse(fill, "has another transport than those before it: write a [hop] for each "
                         "transport");
        } else {
            StoxNextHop *next = g_new0(StoxNextHop, 1);

            hop->kind = kind;
            next->port = endpoint.port;
            if (endpoint.literal && next->port == 0)
                next->port = stox_value_default_port(kind);
            next->host = g_steal_pointer(&endpoint.host);
            g_ptr_array_add(hop->next_hops, next);
        }
    }
    fill->text = whole;
}

/* One of `names`, in either spelling; else false, and refused. */
static bool choose(const Fill *fill, const char *const *names, unsigned *ret_choice)
{
    int choice = stox_value_choice(fill->text, names);
    g_autofree char *list = NULL, *why = NULL;

    if (choice >= 0) {
        *ret_choice = (unsigned) choice;
        return true;
    }
    list = g_strjoinv(", ", (char **) names);
    why = names[2] ? g_strdup_printf("is none of %s", list)
                   : g_strdup_printf("is neither %s nor %s", names[0], names[1]);
    refuse(fill, why);
    return false;
}

static void fill_choice(const Fill *fill)
{
    choose(fill, fill->key->choices, field(fill));
}

static void fill_tls_version(const Fill *fill)
{
    static const char *const names[] = {"1.0", "1.1", "1.2", "1.3", NULL};
    unsigned choice;

    if (choose(fill, names, &choice))
        *(unsigned *) field(fill) = 10 + choice;
}

static void fill_one(Fill *fill, Server *server)
{
    switch (fill->key->type) {
    case STOX_TYPE_TEXT:
        fill_text(fill);
        break;
    case STOX_TYPE_DURATION:
    case STOX_TYPE_SIZE:
    case STOX_TYPE_COUNT:
        fill_number(fill);
        break;
    case STOX_TYPE_BOOLEAN:
        fill_boolean(fill);
        break;
    case STOX_TYPE_PATH:
        fill_path(fill);
        break;
    case STOX_TYPE_HOST:
        fill_host(fill);
        break;
    case STOX_TYPE_HOSTS:
    case STOX_TYPE_DOMAINS:
        fill_names(fill);
        break;
    case STOX_TYPE_SERVER:
        fill_server(fill, server);
        break;
    case STOX_TYPE_LISTENS:
        fill_listens(fill);
        break;
    case STOX_TYPE_NEXT_HOPS:
        fill_next_hops(fill);
        break;
    case STOX_TYPE_CHOICE:
        fill_choice(fill);
        break;
    case STOX_TYPE_TLS_VERSION:
        fill_tls_version(fill);
        break;
    case STOX_TYPE_SECRET: /* stox_build_secret() looks at both at once */
    case STOX_TYPE_SECRET_FILE:
    case STOX_TYPE_UNSUPPORTED:
        break;
    }
}

/* An empty value is the same as none, but for `peers`: an empty list of peers says that nobody connects from there. */
static const char *text_of(const StoxKey *key, const StoxEntry *entry)
{
    if (!entry)
        return key->fallback;
    if (!*entry->value && key->type != STOX_TYPE_HOSTS)
        return key->fallback;
    return entry->value;
}

/* Keys that say the same thing twice (secret, secret-file) have no text here and are passed over. */
static void fill_group(StoxBuild *build, StoxGroup *group, void *base, Server *server)
{
    group->built = base;
    for (const StoxKey *key = stox_keys; key->kind; key++) {
        const StoxEntry *entry = key->name ? stox_group_entry(group, key->name) : NULL;
        Fill fill = {.build = build, .key = key, .group = group, .base = base};

        if (!g_str_equal(key->kind, group->kind) || (entry && entry->bad))
            continue;
        fill.place = entry ? entry->place : group->place;
        fill.text = text_of(key, entry);
        if (fill.text) {
            fill_one(&fill, server);
        } else if (stox_key_required(key)) {
            g_autofree char *text = stox_group_text(group);

            stox_findings_add(build->findings, STOX_FINDING_ERROR, fill.place, "%s %s is %s. %s",
                              text, key->name, entry ? "empty" : "missing", key->help);
        }
    }
}

static void fill_domain(StoxBuild *build, StoxGroup *group, const Server *component)
{
    StoxDomainSettings *domain = g_new0(StoxDomainSettings, 1);
    Server server = {g_strdup(component->host), component->port};

    g_ptr_array_add(build->settings->domains, domain);
    domain->name = g_strdup(group->name_key);
    fill_group(build, group, domain, &server);
    domain->server_host = server.host;
    domain->server_port = server.port;
    stox_build_secret(build, group, domain);
}

static void fill_hop(StoxBuild *build, StoxGroup *group)
{
    StoxHopSettings *hop = g_new0(StoxHopSettings, 1);

    g_ptr_array_add(build->settings->hops, hop);
    hop->name = g_strdup(group->name);
    hop->next_hops = g_ptr_array_new_with_free_func(stox_next_hop_free);
    fill_group(build, group, hop, NULL);
    if (!hop->peers) {
        hop->peers = g_new0(char *, hop->next_hops->len + 1);
        for (unsigned i = 0; i < hop->next_hops->len; i++)
            hop->peers[i] = g_strdup(((StoxNextHop *) hop->next_hops->pdata[i])->host);
    }
}

static void fill_partner(StoxBuild *build, StoxGroup *group)
{
    StoxPartnerSettings *partner = g_new0(StoxPartnerSettings, 1);

    g_ptr_array_add(build->settings->partners, partner);
    partner->domain = g_strdup(group->name_key);
    fill_group(build, group, partner, NULL);
    if (!partner->additional_domains)
        partner->additional_domains = g_new0(char *, 1);
}

void stox_build_fill(StoxBuild *build)
{
    GPtrArray *groups = build->document->groups;
    Server component = {NULL, 0};

    /* Domains take [component] server, wherever in the files it stands. */
    for (unsigned i = 0; i < groups->len; i++) {
        StoxGroup *group = groups->pdata[i];

        if (!group->name)
            fill_group(build, group, build->settings, &component);
    }
    for (unsigned i = 0; i < groups->len; i++) {
        StoxGroup *group = groups->pdata[i];

        if (g_str_equal(group->kind, "domain"))
            fill_domain(build, group, &component);
        else if (g_str_equal(group->kind, "hop"))
            fill_hop(build, group);
        else if (g_str_equal(group->kind, "partner"))
            fill_partner(build, group);
    }
    g_free(component.host);
}
