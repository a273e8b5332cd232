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
    return tls != NULL;
}

int stox_verb_check(int argc, char **argv)
{
    g_autofree char *path = NULL;
    gboolean strict = FALSE, json = FALSE;
    bool good;
    const GOptionEntry entries[] = {
        {"config", 'c', 0, G_OPTION_ARG_FILENAME, &path, "Settings file (" STOX_SETTINGS_PATH ")",
         "FILE"},
        {"strict", 0, 0, G_OPTION_ARG_NONE, &strict, "Warnings count as errors", NULL},
        {"json", 0, 0, G_OPTION_ARG_NONE, &json, "Print the findings as JSON", NULL},
        G_OPTION_ENTRY_NULL};
    g_autoptr(GOptionContext) context = g_option_context_new("- check the settings");
    g_autoptr(GPtrArray) findings = NULL;
    g_autoptr(StoxSettings) settings = NULL;
    g_autoptr(GError) error = NULL;
    g_auto(GStrv) environment = g_get_environ();

    g_option_context_add_main_entries(context, entries, NULL);
    if (!g_option_context_parse(context, &argc, &argv, &error) || argc > 1) {
        fprintf(stderr, "stoxd check: %s\n", error ? error->message : "too many arguments");
        return STOX_EXIT_USAGE;
    }
    settings = stox_settings_load(path ? path : STOX_SETTINGS_PATH, environment, &findings);
    good = settings && check_certificates(settings, findings);
    stox_check_print(findings, stdout, json);
    if (!good)
        return STOX_EXIT_SETTINGS;
    return strict && findings->len > 0 ? STOX_EXIT_WRONG : STOX_EXIT_GOOD;
}
