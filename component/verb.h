/* SPDX-License-Identifier: MIT */
/* The verbs of the command line, one file each. */
#pragma once

#include "conf/settings.h"

/* Exit statuses of every verb. */
enum {
    STOX_EXIT_GOOD = 0,
    STOX_EXIT_WRONG = 1,        /* found something wrong */
    STOX_EXIT_USAGE = 2,        /* wrong usage */
    STOX_EXIT_UNAVAILABLE = 69, /* a needed peer is unavailable */
    STOX_EXIT_SETTINGS = 78     /* bad settings */
};

#define STOX_SETTINGS_PATH "/etc/stoxd/stoxd.conf"

/* `argv[0]` is the verb. Return the exit status. */
int stox_verb_run(int argc, char **argv);
int stox_verb_check(int argc, char **argv);
int stox_verb_translate(int argc, char **argv);

/*
 * Reads a verb's options (`own` and --config) and the settings. NULL with *ret_status set: wrong usage, said on standard error and then without
 * findings, or bad settings. *ret_findings (NULL before) is the caller's.
 */
StoxSettings *stox_verb_load(int argc, char **argv, const GOptionEntry *own, const char *summary,
                             GPtrArray **ret_findings, int *ret_status);
