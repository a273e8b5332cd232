/* SPDX-License-Identifier: MIT */
/* How a reproducer reports: TAP lines, of which each names one fault of a library; and the exit status. */
#pragma once

#include <glib.h>

#include <stdbool.h>

/*
 * One fault: `shown` when the library has it; when not, the line is a skip that says the reason for code of our own has gone. `fault` is what
 * the library does; the format tells what was seen.
 */
void report(const char *library, bool shown, const char *fault, const char *seen, ...)
    G_GNUC_PRINTF(4, 5);
/* The reproducer itself could not run: a failure, not a skip. Does not return. */
void report_broken(const char *what) G_GNUC_NORETURN;
/* The exit status: 0 when every fault was shown, 77 (skip) when one has gone, 1 when there was no report at all. */
int report_end(void);
