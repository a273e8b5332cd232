/* SPDX-License-Identifier: MIT */
/* What the readers of stanzas share. Private to component/stanza-read*.c. */
#pragma once

#include "component/stanza.h"

/*
 * Of several children that differ in language: the one in the stanza's language, else the first that says none,
 * else the first (M-11, RFC 6121 s5.2.3). `ns` NULL: the parent's. Borrowed; NULL: there is none.
 */
const StoxXmlNode *stox_stanza_choose(const StoxXmlNode *stanza, const StoxXmlNode *parent,
                                      const char *ns, const char *name);
/* A copy; NULL when absent or empty. */
char *stox_stanza_text(const StoxXmlNode *node);
/* A copy of the language of a child, which it inherits from the stanza. */
char *stox_stanza_lang(const StoxXmlNode *stanza, const StoxXmlNode *child);
/* D-16: what is not there or not known is undefined-condition. */
void stox_stanza_read_error(const StoxXmlNode *stanza, StoxError *ret_error);
/* XEP-0203, XEP-0082: milliseconds since 1970, the oldest of several; 0 when there is no usable stamp. */
int64_t stox_stanza_read_delay(const StoxXmlNode *stanza);
