/* SPDX-License-Identifier: MIT */
/* Findings: how they are made and where they point. */
#pragma once

#include "conf/settings.h"

/* Reading stops at this many findings: a file of rubbish must not fill the terminal or the memory. */
enum { STOX_FINDINGS_MAX = 200 };

/* Where a setting was said. All fields are borrowed. */
typedef struct {
    const char *file;     /* NULL: not in a file */
    unsigned line;        /* 0: the whole file */
    const char *variable; /* name of the environment variable that said it; NULL: a file did */
} StoxPlace;

/* An empty array that frees its findings. */
GPtrArray *stox_findings_new(void);
void stox_finding_free(StoxFinding *finding);

/*
 * Appends one finding; printf-like. The text never holds a secret or a message body: callers do not pass values of
 * secret keys. Past STOX_FINDINGS_MAX nothing is added except one last error that says so.
 */
void stox_findings_add(GPtrArray *findings, StoxFindingLevel level, StoxPlace place,
                       const char *format, ...) G_GNUC_PRINTF(4, 5);
/* True once the limit is reached. */
bool stox_findings_full(const GPtrArray *findings);
/* "stoxd.conf:12" or "the environment variable STOXD_SIP_LISTEN"; caller frees. */
char *stox_place_text(StoxPlace place);
