/* SPDX-License-Identifier: MIT */
/* Stanzas that pass a limit of ours, refused in words their sender understands. */
#pragma once

#include "translation/error.h"

/* Fills an uninitialised error (policy-violation; M-41, D-13) for a limit as link.h and xml.h name it, in that language. */
void stox_refusal_of_limit(const char *limit, StoxLanguage language, StoxError *ret_error);
