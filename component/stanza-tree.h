/* SPDX-License-Identifier: MIT */
/* libstrophe's stanza trees behind a few helpers that clean every text. Private to component/stanza-write.c and component/service.c. */
#pragma once

#include "component/stanza.h"

#include <strophe.h>

#define STOX_NS_STANZAS "urn:ietf:params:xml:ns:xmpp-stanzas"

/* A libstrophe context without connections whose memory is GLib's: what it returns is g_free()d. Free with xmpp_ctx_free(). */
xmpp_ctx_t *stox_tree_context_new(void);

/* Release with xmpp_stanza_release(), or hand to stox_tree_finish(). */
xmpp_stanza_t *stox_tree_new(xmpp_ctx_t *ctx, const char *name);
/* Nothing when `value` is NULL. White space other than blanks becomes a blank: libstrophe writes it raw, and readers normalise it. */
void stox_tree_attr(xmpp_stanza_t *node, const char *name, const char *value);
/* A new child; `ns` NULL: its parent's; `text` NULL: none. Borrowed from `parent`. */
xmpp_stanza_t *stox_tree_child(xmpp_stanza_t *parent, const char *ns, const char *name,
                               const char *text);
/* type='error' and the <error/> child (RFC 6120 s8.3.2; D-11). */
void stox_tree_error(xmpp_stanza_t *stanza, const StoxError *error);
/* Serialises and releases. Caller g_free()s; *ret_length may be NULL. */
char *stox_tree_finish(xmpp_stanza_t *stanza, size_t *ret_length);
