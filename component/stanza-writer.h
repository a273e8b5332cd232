/* SPDX-License-Identifier: MIT */
/* What the writers of stanzas share. Private to component/stanza-write*.c. */
#pragma once

#include "component/stanza-tree.h"

struct StoxStanzaWriter {
    xmpp_ctx_t *ctx;
};

/* Release with stox_tree_finish(). */
xmpp_stanza_t *stox_stanza_start(StoxStanzaWriter *writer, const char *name, const char *from,
                                 const char *to, const char *id);
/* Nothing when `text` is NULL or empty. */
void stox_stanza_add_text(xmpp_stanza_t *stanza, const char *name, const char *text);
