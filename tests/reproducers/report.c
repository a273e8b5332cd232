/* SPDX-License-Identifier: MIT */
#include "report.h"

#include <stdio.h>
#include <stdlib.h>

static unsigned reported, gone;

void report(const char *library, bool shown, const char *fault, const char *seen, ...)
{
    g_autofree char *text = NULL;
    va_list arguments;

    va_start(arguments, seen);
    text = g_strdup_vprintf(seen, arguments);
    va_end(arguments);
    reported++;
    if (shown) {
        printf("ok %u %s: %s (%s)\n", reported, library, fault, text);
    } else {
        gone++;
        printf(
            "ok %u %s: %s # SKIP %s does not do this any more (%s): the reason has gone, strike it "
            "from the README or go back to the library\n",
            reported, library, fault, library, text);
    }
    fflush(stdout);
}

void report_broken(const char *what)
{
    printf("not ok %u the reproducer could not run: %s\n1..%u\n", reported + 1, what, reported + 1);
    exit(1);
}

int report_end(void)
{
    printf("1..%u\n", reported);
    if (reported == 0)
        return 1;
    return gone > 0 ? 77 : 0;
}
