/* SPDX-License-Identifier: MIT */
#include "conf/build.h"
#include "conf/keys.h"

#include "translation/address.h"

#include <string.h>

char *stox_group_text(const StoxGroup *group)
{
    return group->name ? g_strdup_printf("[%s %s]", group->kind, group->name)
                       : g_strdup_printf("[%s]", group->kind);
}

StoxPlace stox_key_place(const StoxGroup *group, const char *key)
{
    const StoxEntry *entry = stox_group_entry(group, key);

    return entry ? entry->place : group->place;
}

/* [hop:pool01], [hop.pool01] or [hop "pool01"]: the word at the start is what was meant. */
static bool unknown_kind(StoxBuild *build, const StoxGroup *group)
{
    g_autofree char *text = stox_group_text(group);
    g_autofree char *word =
        g_strndup(group->kind, strspn(group->kind, "abcdefghijklmnopqrstuvwxyz"));
    const StoxGroupKind *start = stox_group_kind(word);
    const char *nearest = stox_nearest_kind(group->kind);

    if (start && start->argument)
        stox_findings_add(build->findings, STOX_FINDING_ERROR, group->place,
                          "there is no group %s; write [%s %s] with a blank between", text, word,
                          start->argument);
    else if (nearest)
        stox_findings_add(build->findings, STOX_FINDING_ERROR, group->place,
                          "there is no group %s; did you mean [%s]?", text, nearest);
    else
        stox_findings_add(build->findings, STOX_FINDING_ERROR, group->place, "there is no group %s",
                          text);
    return false;
}

static char *name_key(const StoxGroup *group)
{
    if (g_str_equal(group->kind, "hop"))
        return g_ascii_strdown(group->name, -1);
    /* A wildcard is the likely mistake; the canonical form knows nothing of it. */
    if (strpbrk(group->name, "*@/: \t\"") != NULL)
        return NULL;
    return stox_domain_canonical(group->name);
}

static bool good_hop_name(const char *name)
{
    for (; *name; name++)
        if (!g_ascii_isalnum(*name) && !strchr("-_.", *name))
            return false;
    return true;
}

static bool good_name(StoxBuild *build, StoxGroup *group)
{
    if (g_str_equal(group->kind, "hop") && !good_hop_name(group->name)) {
        stox_findings_add(build->findings, STOX_FINDING_ERROR, group->place,
                          "\"%s\" is not a name for a hop: letters, digits, - _ and . make one",
                          group->name);
        return false;
    }
    group->name_key = name_key(group);
    if (group->name_key)
        return true;
    stox_findings_add(build->findings, STOX_FINDING_ERROR, group->place,
                      strchr(group->name, '*')
                          ? "\"%s\" is not a domain: there are no wildcards, each domain is "
                            "written out"
                          : "\"%s\" is not a domain",
                      group->name);
    return false;
}

static bool good_header(StoxBuild *build, StoxGroup *group)
{
    const StoxGroupKind *kind = stox_group_kind(group->kind);
    const StoxKey *key = stox_key(group->kind, "");

    if (!kind)
        return unknown_kind(build, group);
    if (key && key->type == STOX_TYPE_UNSUPPORTED) {
        stox_findings_add(build->findings, STOX_FINDING_ERROR, group->place,
                          "group [%s] is known but not yet supported by this version: it would "
                          "have no effect, so take it out",
                          group->kind);
        return false;
    }
    if (kind->argument && !group->name) {
        stox_findings_add(build->findings, STOX_FINDING_ERROR, group->place,
                          "group [%s] needs a name: [%s %s]", group->kind, group->kind,
                          kind->argument);
        return false;
    }
    if (!kind->argument && group->name) {
        stox_findings_add(build->findings, STOX_FINDING_ERROR, group->place,
                          "group [%s] has no name behind it", group->kind);
        /* It is clear which one is meant; its keys are looked at. */
        g_clear_pointer(&group->name, g_free);
    }
    return !group->name || good_name(build, group);
}

/* The same domain or hop in another spelling. `seen`: "kind key" -> StoxGroup*. */
static bool is_double(StoxBuild *build, GHashTable *seen, StoxGroup *group)
{
    g_autofree char *id =
        g_strdup_printf("%s %s", group->kind, group->name_key ? group->name_key : "");
    const StoxGroup *known = g_hash_table_lookup(seen, id);
    g_autofree char *text = stox_group_text(group);
    g_autofree char *other = NULL;
    g_autofree char *first = NULL;

    if (!known) {
        g_hash_table_insert(seen, g_steal_pointer(&id), group);
        return false;
    }
    other = stox_group_text(known);
    first = stox_place_text(known->place);
    stox_findings_add(build->findings, STOX_FINDING_ERROR, group->place,
                      "%s is the same as %s at %s; a group is written once", text, other, first);
    return true;
}

/* Another group has a key of that name. */
static const char *other_home(const char *kind, const char *name)
{
    for (const StoxKey *key = stox_keys; key->kind; key++)
        if (key->name && key->type != STOX_TYPE_UNSUPPORTED && g_str_equal(key->name, name) &&
            !g_str_equal(key->kind, kind))
            return key->kind;
    return NULL;
}

/* A mistyped key also counts as the one that was meant, refused: it is not missing on top of that. */
static void unknown_key(StoxBuild *build, StoxGroup *group, const StoxEntry *entry)
{
    const char *nearest = stox_nearest_key(group->kind, entry->key);
    const char *home = other_home(group->kind, entry->key);

    if (home)
        stox_findings_add(build->findings, STOX_FINDING_ERROR, entry->place,
                          "there is no key %s in [%s]; it belongs into [%s]", entry->key,
                          group->kind, home);
    else if (nearest)
        stox_findings_add(build->findings, STOX_FINDING_ERROR, entry->place,
                          "there is no key %s in [%s]; did you mean %s?", entry->key, group->kind,
                          nearest);
    else
        stox_findings_add(build->findings, STOX_FINDING_ERROR, entry->place,
                          "there is no key %s in [%s]", entry->key, group->kind);
    if (nearest && !home && !stox_group_entry(group, nearest)) {
        stox_group_set(group, nearest, "", entry->place);
        stox_group_entry(group, nearest)->bad = true;
    }
}

static void check_keys(StoxBuild *build, StoxGroup *group)
{
    for (unsigned i = 0; i < group->order->len; i++) {
        const StoxEntry *entry = group->order->pdata[i];
        const StoxKey *key = stox_key(group->kind, entry->key);

        if (!key)
            unknown_key(build, group, entry);
        else if (key->type == STOX_TYPE_UNSUPPORTED)
            stox_findings_add(build->findings, STOX_FINDING_ERROR, entry->place,
                              "key %s is known but not yet supported by this version: it would "
                              "have no effect, so take it out",
                              entry->key);
    }
}

void stox_build_groups(StoxBuild *build)
{
    GPtrArray *groups = build->document->groups;
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    unsigned i = 0;

    /* It points to groups that may go now. */
    g_hash_table_remove_all(build->document->by_header);
    while (i < groups->len) {
        StoxGroup *group = groups->pdata[i];

        if (!good_header(build, group) || is_double(build, seen, group)) {
            build->refused_groups++;
            g_ptr_array_remove_index(groups, i);
            continue;
        }
        check_keys(build, group);
        i++;
    }
    for (const StoxGroupKind *kind = stox_group_kinds; kind->kind; kind++) {
        const StoxKey *key = stox_key(kind->kind, "");

        if (!kind->argument && !(key && key->type == STOX_TYPE_UNSUPPORTED) &&
            !stox_document_group(build->document, kind->kind))
            stox_document_add_group(build->document, kind->kind, NULL, build->main_place);
    }
}
