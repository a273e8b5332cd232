/* SPDX-License-Identifier: MIT */
#include "conf/environment.h"

#include "conf/keys.h"

#include <string.h>

#define PREFIX "STOXD_"

enum { VALUE_FILE_MAX = 64 * 1024 };

/* One way to read a variable's name. */
typedef struct {
    const StoxGroupKind *kind;
    StoxGroup *group; /* NULL: a group without a name that no file has opened */
    const StoxKey *key;
    unsigned exact, by_file; /* how many groups it fits, as KEY and as KEY_FILE */
} Match;

char *stox_environment_mangle(const char *text)
{
    GString *mangled = g_string_new(NULL);

    for (; *text; text = g_utf8_next_char(text))
        g_string_append_c(mangled, g_ascii_isalnum(*text) ? g_ascii_toupper(*text) : '_');
    return g_string_free(mangled, FALSE);
}

/* What follows "KIND_" or "KIND_NAME_" in `name`; NULL: another group. */
static const char *behind_group(const char *name, const char *kind, const char *argument)
{
    g_autofree char *header = argument ? g_strdup_printf("%s %s", kind, argument) : g_strdup(kind);
    g_autofree char *mangled = stox_environment_mangle(header);
    size_t length = strlen(mangled);

    if (strncmp(name, mangled, length) != 0 || name[length] != '_')
        return NULL;
    return name + length + 1;
}

/* An exact fit beats a fit with _FILE: STOXD_..._SECRET_FILE is the key secret-file. */
static void try_group(Match *match, const char *name, const StoxGroupKind *kind, StoxGroup *group)
{
    const char *rest = behind_group(name, kind->kind, group ? group->name : NULL);

    if (!rest)
        return;
    for (const StoxKey *key = stox_keys; key->kind; key++) {
        g_autofree char *mangled = key->name ? stox_environment_mangle(key->name) : NULL;
        size_t length = mangled ? strlen(mangled) : 0;
        bool exact;

        if (!g_str_equal(key->kind, kind->kind))
            continue;
        exact = !mangled || g_str_equal(rest, mangled);
        if (!exact && (strncmp(rest, mangled, length) != 0 || !g_str_equal(rest + length, "_FILE")))
            continue;
        if (exact)
            match->exact++;
        else
            match->by_file++;
        if (exact ? match->exact == 1 : match->exact == 0 && match->by_file == 1) {
            match->kind = kind;
            match->group = group;
            match->key = key;
        }
    }
}

static void find_match(Match *match, const StoxDocument *document, const char *name)
{
    for (const StoxGroupKind *kind = stox_group_kinds; kind->kind; kind++) {
        bool opened = false;

        for (unsigned i = 0; i < document->groups->len; i++) {
            StoxGroup *group = document->groups->pdata[i];

            if (!g_str_equal(group->kind, kind->kind) || !group->name != !kind->argument)
                continue;
            opened = true;
            try_group(match, name, kind, group);
        }
        if (!opened && !kind->argument)
            try_group(match, name, kind, NULL);
    }
}

/* The value that a ..._FILE variable names; NULL after a finding. */
static char *value_of_file(const char *path, StoxPlace place, GPtrArray *findings)
{
    g_autofree char *bytes = NULL;
    g_autofree char *why = NULL;
    size_t length;

    bytes = stox_reader_bytes(path, VALUE_FILE_MAX, &length, &why);
    if (!bytes) {
        stox_findings_add(findings, STOX_FINDING_ERROR, place, "%s", why);
        return NULL;
    }
    if (!g_utf8_validate(bytes, (gssize) length, NULL)) {
        stox_findings_add(findings, STOX_FINDING_ERROR, place, "%s is not UTF-8 text", path);
        return NULL;
    }
    if (length > 0 && bytes[length - 1] == '\n')
        bytes[--length] = '\0';
    return g_steal_pointer(&bytes);
}

/* secret and secret-file exclude each other: the one from the environment takes the place of both. */
static void drop_rival(StoxGroup *group, const StoxKey *key)
{
    const char *rival = NULL;
    const StoxEntry *entry;

    if (key->type == STOX_TYPE_SECRET)
        rival = "secret-file";
    else if (key->type == STOX_TYPE_SECRET_FILE)
        rival = "secret";
    entry = rival ? stox_group_entry(group, rival) : NULL;
    if (entry && !entry->place.variable)
        stox_group_remove(group, rival);
}

static void apply_match(StoxDocument *document, Match *match, StoxPlace place, const char *value,
                        GPtrArray *findings)
{
    const char *key = match->key->name;
    g_autofree char *text = NULL;
    const StoxEntry *known;

    if (!match->group)
        match->group = stox_document_add_group(document, match->kind->kind, NULL, place);
    if (!key) /* the group itself is refused later, with its reason */
        return;
    known = stox_group_entry(match->group, key);
    if (known && known->place.variable) {
        stox_findings_add(findings, STOX_FINDING_ERROR, place,
                          "%s sets the same key; keep one of the two", known->place.variable);
        return;
    }
    text = match->exact ? g_strdup(value) : value_of_file(value, place, findings);
    drop_rival(match->group, match->key);
    stox_group_set(match->group, key, text ? g_strstrip(text) : "", place);
    stox_group_entry(match->group, key)->bad = !text;
}

static void apply_variable(StoxDocument *document, const char *name, const char *value,
                           GPtrArray *findings)
{
    StoxPlace place = {.variable = g_string_chunk_insert_const(document->strings, name)};
    Match match = {NULL};

    find_match(&match, document, name + strlen(PREFIX));
    if (!match.key) {
        stox_findings_add(findings, STOX_FINDING_WARNING, place,
                          "names no key of a group in the settings files; it has no effect");
        return;
    }
    if ((match.exact ? match.exact : match.by_file) > 1) {
        stox_findings_add(findings, STOX_FINDING_ERROR, place,
                          "fits more than one group; set the key in the settings file instead");
        return;
    }
    if (!g_utf8_validate(value, -1, NULL)) {
        stox_findings_add(findings, STOX_FINDING_ERROR, place, "its value is not UTF-8 text");
        return;
    }
    apply_match(document, &match, place, value, findings);
}

void stox_environment_apply(StoxDocument *document, char **environment, GPtrArray *findings)
{
    for (unsigned i = 0; environment && environment[i]; i++) {
        const char *equals = strchr(environment[i], '=');
        g_autofree char *name = NULL;

        if (!equals || !g_str_has_prefix(environment[i], PREFIX))
            continue;
        name = g_strndup(environment[i], (size_t) (equals - environment[i]));
        if (!g_utf8_validate(name, -1, NULL))
            continue;
        apply_variable(document, name, equals + 1, findings);
    }
}
