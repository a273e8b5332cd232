/* SPDX-License-Identifier: MIT */
/* Findings for people and for programs. */
#pragma once

#include "conf/finding.h"

#include <stdio.h>

typedef enum { STOX_WORST_NONE, STOX_WORST_WARNING, STOX_WORST_ERROR } StoxWorst;

StoxWorst stox_findings_worst(const GPtrArray *findings);

/*
 * Writes the findings to `out`: one line each, "file:line: error: text", or with `json` one object
 * {"findings":[{"level","file","line","text"}],"errors":n,"warnings":n} ("file" and "line" only where there are any).
 * Control characters are escaped in both. Returns 0, or 1 when an error is among them.
 */
int stox_check_print(const GPtrArray *findings, FILE *out, bool json);
