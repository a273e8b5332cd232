/* SPDX-License-Identifier: MIT */
/* JID <-> xmpp: IRI (RFC 5122), the form in which <gone/> and <redirect/> carry a new address. */
#pragma once

#include "translation/address.h"

/* "xmpp:local@domain/resource" of a canonical JID; caller frees. */
char *stox_xmpp_iri_from_jid(const StoxJid *jid);

/*
 * The JID an xmpp: IRI or URI names; query and fragment are ignored. False when it is no such IRI.
 */
bool stox_xmpp_iri_to_jid(const char *iri, StoxJid *ret_jid);
