/* SPDX-License-Identifier: MIT */
/* The grammar of single header values of message/cpim, which its reader and its writer share. */
#pragma once

#include <stdbool.h>

/* Resolves \\ \" \' \b \t \n \r \uXXXX (RFC 3862 s2.4). Caller frees; NULL: an escape that is none, or of half a character. */
char *stox_cpim_unescape(const char *value);
/* The other way: backslashes and controls; double quotes too inside a string. Caller frees. */
char *stox_cpim_escape(const char *text, bool quoted);
/* `Name <uri>`, `"Name" <uri>` or `<uri>`: *ret_name is decoded, NULL when absent. Caller frees both. */
bool stox_cpim_split_address(const char *value, char **ret_name, char **ret_uri);
/* The bit of "positive-delivery" etc.; 0: not known. */
unsigned stox_cpim_disposition(const char *name);
