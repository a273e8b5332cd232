/* SPDX-License-Identifier: MIT */
/* Where log lines go: the journal when systemd runs us, else standard error with the time. */
#pragma once

#include <stdbool.h>

/* Call once, before anything logs. `debug` also shows debug lines. */
void stox_log_init(bool debug);
