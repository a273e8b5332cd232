/* SPDX-License-Identifier: MIT */
/* What purity.sh must find: if this library passes, the check checks nothing. */
#include <glib.h>

#include <stdint.h>

int64_t stox_impure(void);

int64_t stox_impure(void)
{
    return g_get_monotonic_time();
}
