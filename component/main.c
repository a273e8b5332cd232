/* SPDX-License-Identifier: MIT */
/* The command line: a table of verbs. */
#include "component/verb.h"

#include <glib.h>

#include <locale.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *help;
} verbs[] = {
    {"run", stox_verb_run, "run the gateway in the foreground"},
    {"check", stox_verb_check, "check the settings and say what is wrong, and where"},
    {"translate", stox_verb_translate, "show what the other side would get"},
};

static void print_help(FILE *out)
{
    fprintf(out, "Usage: stoxd VERB [OPTION...]\n\n");
    for (unsigned i = 0; i < G_N_ELEMENTS(verbs); i++)
        fprintf(out, "  %-10s %s\n", verbs[i].name, verbs[i].help);
    fprintf(out,
            "\n`stoxd VERB --help` tells the options of a verb; `stoxd --version` the version.\n");
}

int main(int argc, char **argv)
{
    setlocale(LC_ALL, "");
    if (argc < 2) {
        print_help(stderr);
        return STOX_EXIT_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
        strcmp(argv[1], "help") == 0) {
        print_help(stdout);
        return STOX_EXIT_GOOD;
    }
    if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) {
        puts("stoxd " STOX_VERSION);
        return STOX_EXIT_GOOD;
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(verbs); i++) {
        g_autofree char *name = g_strdup_printf("stoxd %s", verbs[i].name);

        if (strcmp(argv[1], verbs[i].name) != 0)
            continue;
        g_set_prgname(name); /* what `stoxd VERB --help` calls it */
        return verbs[i].run(argc - 1, argv + 1);
    }
    fprintf(stderr, "stoxd: no verb \"%s\"; `stoxd --help` lists them\n", argv[1]);
    return STOX_EXIT_USAGE;
}
