/* SPDX-License-Identifier: MIT */
/* XHTML-IM (XEP-0071) between stanza trees and the markup of StoxMessage.xhtml. Private to component/stanza-*.c. */
#pragma once

#include "component/stanza-tree.h"

#define STOX_NS_XHTML_IM "http://jabber.org/protocol/xhtml-im"
#define STOX_NS_XHTML    "http://www.w3.org/1999/xhtml"

/*
 * What is inside an XHTML <body/>, as markup. Elements of other namespaces are their content alone, attributes of other namespaces but xml:lang
 * are left out. NULL: nothing in it, or larger than 64 KiB as markup. Caller frees.
 */
char *stox_xhtml_read(const StoxXmlNode *body);
/* Adds <html/> with the markup, which is parsed for it; nothing when it is not well-formed. */
void stox_xhtml_write(xmpp_stanza_t *stanza, const char *markup);
