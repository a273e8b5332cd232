/* SPDX-License-Identifier: MIT */
/* The verbs of the command line, one file each. */
#pragma once

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
