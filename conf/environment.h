/* SPDX-License-Identifier: MIT */
/* STOXD_<GROUP>_<KEY> and STOXD_<GROUP>_<KEY>_FILE: settings from the environment, for containers. */
#pragma once

#include "conf/reader.h"

/*
 * Lays the variables of `environment` ("NAME=value", NULL-terminated; may be NULL) over the document. Group and key are
 * upper case with _ in the place of every character that is no ASCII letter or digit: STOXD_SIP_LISTEN,
 * STOXD_DOMAIN_CONTOSO_EXAMPLE_SECRET_FILE. A group with a name must exist in a file; [component], [sip] and [gateway]
 * need not. With _FILE the value is what the file holds, less one newline; where a key is called so itself
 * (secret-file), that key is meant. A name that fits two groups is an error, one that fits none a warning.
 */
void stox_environment_apply(StoxDocument *document, char **environment, GPtrArray *findings);

/* "domain contoso.example" -> "DOMAIN_CONTOSO_EXAMPLE"; caller frees. */
char *stox_environment_mangle(const char *text);
