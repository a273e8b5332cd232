/* SPDX-License-Identifier: MIT */
/* What the files of error.h share. Private to translation/error*.c. */
#pragma once

#include "translation/error.h"

/* Foreign text as one line: no controls, no line ends, blanks joined, at most 400 octets of valid UTF-8. NULL when nothing is left. Caller frees. */
char *stox_error_one_line(const char *text);
/* What an XMPP sender reads about a failed SIP request; never NULL. Caller frees. */
char *stox_error_text_of_sip(const StoxSipResult *result, StoxLanguage language);
