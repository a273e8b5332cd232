/* SPDX-License-Identifier: MIT */
/*
 * What the mapping of addresses loses, for those who were seen: a bounded memory of texts under texts, where the one that was used last
 * stays longest.
 */
#pragma once

#include <glib.h>

typedef struct StoxSpellings StoxSpellings;
StoxSpellings *stox_spellings_new(size_t max); /* at least 1 */
void stox_spellings_free(StoxSpellings *spellings);

/* Both texts are copied. `value` NULL: nothing is remembered under the key any more. */
void stox_spellings_set(StoxSpellings *spellings, const char *key, const char *value);
/* Borrowed until the next change; NULL: nothing is known. */
const char *stox_spellings_get(StoxSpellings *spellings, const char *key);
size_t stox_spellings_count(const StoxSpellings *spellings);
