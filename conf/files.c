/* SPDX-License-Identifier: MIT */
#include "conf/build.h"

#include <string.h>
#include <unistd.h>

enum { SECRET_MAX = 4096 };

void stox_build_file(StoxBuild *build, StoxPlace place, const char *key, const char *path,
                     bool private)
{
    g_autofree char *why = NULL;
    struct stat about;
    int fd = stox_reader_open(path, &about, &why);

    if (fd < 0) {
        stox_findings_add(build->findings, STOX_FINDING_ERROR, place, "%s: %s", key, why);
        return;
    }
    close(fd);
    if (private && (about.st_mode & S_IROTH))
        stox_findings_add(build->findings, STOX_FINDING_WARNING, place,
                          "%s: everybody on this machine can read %s; chmod o-r it", key, path);
}

/* What is wrong with a secret, as the end of a sentence; NULL: nothing. `length` counts what a NUL would hide. */
static const char *why_bad_secret(const char *secret, size_t length)
{
    if (length == 0)
        return "is empty";
    if (memchr(secret, '\0', length))
        return "contains a NUL byte";
    return NULL;
}

/* The raw bytes of the file less one line end, as editors and `echo` add it. */
static char *read_secret(StoxBuild *build, const StoxEntry *entry)
{
    g_autofree char *bytes = NULL;
    g_autofree char *why = NULL;
    const char *bad;
    size_t length;

    if (!g_path_is_absolute(entry->value)) {
        stox_findings_add(build->findings, STOX_FINDING_ERROR, entry->place,
                          "secret-file \"%s\" is not an absolute path", entry->value);
        return NULL;
    }
    bytes = stox_reader_bytes(entry->value, SECRET_MAX, &length, &why);
    if (!bytes) {
        stox_findings_add(build->findings, STOX_FINDING_ERROR, entry->place, "secret-file: %s",
                          why);
        return NULL;
    }
    if (length > 0 && bytes[length - 1] == '\n')
        length--;
    if (length > 0 && bytes[length] == '\n' && bytes[length - 1] == '\r')
        length--;
    bytes[length] = '\0';
    bad = why_bad_secret(bytes, length);
    if (bad) {
        stox_findings_add(build->findings, STOX_FINDING_ERROR, entry->place,
                          "secret-file: the secret in %s %s", entry->value, bad);
        return NULL;
    }
    if (g_ascii_isspace(bytes[0]) || g_ascii_isspace(bytes[length - 1]))
        stox_findings_add(build->findings, STOX_FINDING_WARNING, entry->place,
                          "secret-file: the secret in %s begins or ends with a blank or an empty "
                          "line, which counts as part of it",
                          entry->value);
    stox_build_file(build, entry->place, "secret-file", entry->value, true);
    return g_steal_pointer(&bytes);
}

void stox_build_secret(StoxBuild *build, const StoxGroup *group, StoxDomainSettings *domain)
{
    const StoxEntry *file = stox_group_entry(group, "secret-file");
    const StoxEntry *inline_secret = stox_group_entry(group, "secret");

    if (file && inline_secret) {
        g_autofree char *first = stox_place_text(file->place);

        stox_findings_add(build->findings, STOX_FINDING_ERROR, inline_secret->place,
                          "secret and secret-file (%s) are both given; keep one", first);
    } else if (file && !file->bad) {
        domain->secret = read_secret(build, file);
    } else if (inline_secret && !inline_secret->bad) {
        if (!*inline_secret->value)
            stox_findings_add(build->findings, STOX_FINDING_ERROR, inline_secret->place,
                              "the secret is empty");
        else
            stox_findings_add(build->findings, STOX_FINDING_WARNING, inline_secret->place,
                              "the secret stands in the settings themselves, where it is easily "
                              "seen and copied; secret-file keeps it apart");
        domain->secret = g_strdup(inline_secret->value);
    } else if (!file && !inline_secret) {
        stox_findings_add(build->findings, STOX_FINDING_ERROR, group->place,
                          "[%s %s] has no secret-file: the file with the component's secret",
                          group->kind, group->name);
    }
}
