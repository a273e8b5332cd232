/* SPDX-License-Identifier: MIT */
/* The entry point every fuzz target defines; libFuzzer or driver.c calls it. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* One input. Returns 0; a broken promise is an assertion or a sanitizer report. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
