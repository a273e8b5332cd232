/* SPDX-License-Identifier: MIT */
#include "component/verb.h"

#include <stdio.h>

StoxSettings *stox_verb_load(int argc, char **argv, const GOptionEntry *own, const char *summary,
                             GPtrArray **ret_findings, int *ret_status)
{
    g_autofree char *path = NULL;
    const GOptionEntry common[] = {{"config", 'c', 0, G_OPTION_ARG_FILENAME, &path,
                                    "Settings file (" STOX_SETTINGS_PATH ")", "FILE"},
                                   G_OPTION_ENTRY_NULL};
    g_autoptr(GOptionContext) context = g_option_context_new(summary);
    g_autoptr(GError) error = NULL;
    g_auto(GStrv) environment = g_get_environ();
    StoxSettings *settings;

    g_option_context_add_main_entries(context, common, NULL);
    g_option_context_add_main_entries(context, own, NULL);
    if (!g_option_context_parse(context, &argc, &argv, &error) || argc > 1) {
        fprintf(stderr, "%s: %s\n", g_get_prgname(), error ? error->message : "too many arguments");
        *ret_status = STOX_EXIT_USAGE;
        return NULL;
    }
    settings = stox_settings_load(path ? path : STOX_SETTINGS_PATH, environment, ret_findings);
    *ret_status = settings ? STOX_EXIT_GOOD : STOX_EXIT_SETTINGS;
    return settings;
}
