/* SPDX-License-Identifier: MIT */
/* stoxd check: reads the settings, says what is wrong with them, and where. */
#include "component/verb.h"

#include "conf/check.h"
#include "conf/settings.h"
#include "sip/tls.h"

#include <stdio.h>

/* Certificates are part of the settings: they are loaded the way `run` would. */
static bool check_certificates(const StoxSettings *settings, GPtrArray *findings)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(StoxTls) tls = NULL;

    if (!settings->certificate)
        return true;
    tls = stox_tls_new(settings, &error);
    if (!tls)
        stox_findings_add(findings, STOX_FINDING_ERROR, (StoxPlace){0}, "%s", error->message);
    else if (stox_tls_warning(tls))
        stox_findings_add(findings, STOX_FINDING_WARNING, (StoxPlace){0}, "%s",
                          stox_tls_warning(tls));
    return tls != NULL;
}

int stox_verb_check(int argc, char **argv)
{
    gboolean strict = FALSE, json = FALSE;
    const GOptionEntry entries[] = {
        {"strict", 0, 0, G_OPTION_ARG_NONE, &strict, "Warnings count as errors", NULL},
        {"json", 0, 0, G_OPTION_ARG_NONE, &json, "Print the findings as JSON", NULL},
        G_OPTION_ENTRY_NULL};
    g_autoptr(GPtrArray) findings = NULL;
    int status;
    g_autoptr(StoxSettings) settings =
        stox_verb_load(argc, argv, entries, "- check the settings", &findings, &status);

    if (!findings)
        return status;
    if (settings && !check_certificates(settings, findings))
        status = STOX_EXIT_SETTINGS;
    stox_check_print(findings, stdout, json);
    if (status == STOX_EXIT_GOOD && strict && findings->len > 0)
        status = STOX_EXIT_WRONG;
    return status;
}
