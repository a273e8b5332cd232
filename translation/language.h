/* SPDX-License-Identifier: MIT */
/* Language tags between xml:lang and Content-Language (M-09, M-21; BCP 47). Pure. */
#pragma once

#include <stdbool.h>

/* Has the form of a tag (RFC 5646 s2.1, as RFC 4647 s2.1 puts it: subtags of 1 to 8 characters), at most 63 bytes. */
bool stox_language_tag_is_valid(const char *tag);
/* The first tag of a Content-Language value when it is valid, else NULL. NULL gives NULL. Caller frees. */
char *stox_language_first(const char *list);
