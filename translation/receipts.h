/* SPDX-License-Identifier: MIT */
/*
 * Receipts and markers (XEP-0184, XEP-0333) <-> IMDN (RFC 5438), or the 200 to a MESSAGE in a session where policy says so (M-97). What waits for a
 * result is kept in two bounded tables, for a day. Part of the gateway.
 *
 * M-103: who writes to somebody gets no more from a receipt of ours than he gets without: a 200 makes one where its absence would make an error. All other
 * receipts are the peers' own, whose clients decide to whom they give them.
 */
#pragma once

#include "translation/conversation-private.h"
#include "translation/cpim.h"
#include "translation/imdn.h"

StoxReceipts *stox_receipts_new(void);
void stox_receipts_free(StoxReceipts *receipts);

/* ---- XMPP asks ---- */

/* What the sender of this message wants to hear, as dispositions; none where he could not tell which message is meant (M-102), or of an old one (M-64). */
unsigned stox_receipts_wanted(const StoxMessage *message);
/* The last part of a message that wants to hear goes into message/cpim, if this peer takes that (M-90, M-93). False: it does not. */
bool stox_receipts_wrap(StoxConversation *conversation, const StoxSession *session,
                        StoxOutgoing *outgoing, StoxAction *action);
/* The whole message has been accepted. */
void stox_receipts_accepted(StoxConversation *conversation, const StoxOutgoing *outgoing,
                            const StoxSipResult *result);
/* An IMDN of the SIP user of this pair. */
void stox_receipts_from_sip(StoxGateway *gateway, const StoxPair *pair, const StoxImdn *imdn);

/* ---- SIP asks ---- */

/* What a wrapper asks for becomes part of the message. */
void stox_receipts_ask(StoxConversation *conversation, const StoxCpim *cpim, const char *to_uri,
                       StoxMessage *message);
/* <received/> and <displayed/> of the XMPP user of this pair. Takes over `pair`. */
void stox_receipts_from_xmpp(StoxGateway *gateway, StoxPair *pair, const StoxMessage *message);
/* Whether the sender of our stanza `id` wants to hear of failures. */
bool stox_receipts_wants_failure(const StoxGateway *gateway, const char *id);
/* It failed after the sender had been answered 2xx: he is told if he asked (M-95). False: he did not. */
bool stox_receipts_failed(StoxGateway *gateway, const char *id);
/* It was refused at once: nothing will be heard of it. */
void stox_receipts_forget(StoxGateway *gateway, const char *id);
