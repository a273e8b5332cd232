/* SPDX-License-Identifier: MIT */
#include "conf/finding.h"

#include <stdarg.h>

void stox_finding_free(StoxFinding *finding)
{
    if (!finding)
        return;
    g_free(finding->file);
    g_free(finding->text);
    g_free(finding);
}

static void free_finding(gpointer finding)
{
    stox_finding_free(finding);
}

GPtrArray *stox_findings_new(void)
{
    return g_ptr_array_new_with_free_func(free_finding);
}

bool stox_findings_full(const GPtrArray *findings)
{
    return findings->len >= STOX_FINDINGS_MAX;
}

char *stox_place_text(StoxPlace place)
{
    if (place.variable)
        return g_strdup_printf("the environment variable %s", place.variable);
    if (!place.file)
        return g_strdup("the defaults");
    if (place.line == 0)
        return g_strdup(place.file);
    return g_strdup_printf("%s:%u", place.file, place.line);
}

static void append(GPtrArray *findings, StoxFindingLevel level, StoxPlace place, const char *text)
{
    StoxFinding *finding = g_new0(StoxFinding, 1);

    finding->level = level;
    if (place.variable) {
        finding->text = g_strdup_printf("environment variable %s: %s", place.variable, text);
    } else {
        finding->file = g_strdup(place.file);
        finding->line = place.line;
        finding->text = g_strdup(text);
    }
    g_ptr_array_add(findings, finding);
}

void stox_findings_add(GPtrArray *findings, StoxFindingLevel level, StoxPlace place,
                       const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list arguments;

    if (stox_findings_full(findings))
        return;
    if (findings->len == STOX_FINDINGS_MAX - 1) {
        append(findings, STOX_FINDING_ERROR, place,
               "there are more findings than are shown; correct those above first");
        return;
    }
    va_start(arguments, format);
    text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    append(findings, level, place, text);
}
