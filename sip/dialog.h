/* SPDX-License-Identifier: MIT */
/* RFC 3261 s12 dialogs as plain data: make, match, in-dialog requests, route set as raw text, blob and back. */
#pragma once

#include "sip/message.h"

typedef struct {
    char *call_id;
    char *local_tag;
    char *remote_tag;    /* NULL until the far side gave one, and for ever with RFC 2543 peers */
    char *local;         /* our From/To value without tag: "<sip:bob@partner.example>" */
    char *remote;        /* theirs as raw text, with every parameter it came with (tag, epid) */
    char *remote_target; /* Request-URI of our requests */
    GStrv route_set;     /* "<uri>" each, byte for byte, in the order they are sent; never NULL */
    char *route_uri;     /* URI of the first route; NULL: no route set */
    bool established;    /* the far side has taken part */
    uint32_t local_cseq;
    uint32_t remote_cseq; /* 0: none seen */
    uint64_t flow;        /* connection last seen; a hint */
    const StoxSipHop *hop;
} StoxDialog;

void stox_dialog_free(StoxDialog *dialog);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoxDialog, stox_dialog_free)

/* We are about to send the first request; `call_id` and `local_tag` are copied. remote target = `to_uri` until a response gives a Contact. */
StoxDialog *stox_dialog_new_uac(const StoxSipHop *hop, const char *call_id, const char *local_tag,
                                const char *from_display, const char *from_uri, const char *to_uri);
/*
 * From a request that makes a dialog; our tag is `local_tag`. NULL when it cannot (no Contact, or one or a Record-Route to which nothing could be sent):
 * answer 400. Without From tag the remote tag is null (RFC 3261 s12.1.1).
 */
StoxDialog *stox_dialog_new_uas(const StoxSipHop *hop, const StoxSipMessage *request,
                                const char *local_tag, uint64_t flow);

/*
 * First response (or NOTIFY, RFC 6665 s4.4.1) that establishes a UAC dialog: remote tag, target, route set (reversed Record-Route for responses, as is for
 * requests). False, and nothing changed: no Contact, or one or a Record-Route to which nothing could be sent. The remote CSeq is left to stox_dialog_check().
 */
bool stox_dialog_establish(StoxDialog *dialog, const StoxSipMessage *message, uint64_t flow);
/* The same with as much as can be used, for the ACK and BYE to a 2xx that stox_dialog_establish() would not take. */
void stox_dialog_establish_roughly(StoxDialog *dialog, const StoxSipMessage *message,
                                   uint64_t flow);
/*
 * Target refresh (INVITE, UPDATE, SUBSCRIBE, NOTIFY and their 2xx; not MESSAGE, INFO): takes a new Contact; the route set stays as it was made (RFC 3261
 * s12.2) unless the peer lists ms-dialog-route-set-update in Supported (lync.md 4.4).
 */
void stox_dialog_refresh_target(StoxDialog *dialog, const StoxSipMessage *message, uint64_t flow);
/* True when it is this dialog's far side that answered. */
bool stox_dialog_is_remote_tag(const StoxDialog *dialog, const char *tag);

/* False: there is a Contact, and no request could be sent to it. */
bool stox_sip_contact_usable(const StoxSipMessage *message);
/* False: a Record-Route value is no address, or none to which a request could be sent. */
bool stox_sip_record_route_usable(const StoxSipMessage *message);
/* True when requests would have to go out by sips: over the first Record-Route, or to the Contact without one (RFC 3261 s12.1.1). */
bool stox_sip_wants_sips(const StoxSipMessage *message);

/* A request inside (or the first of) the dialog: Request-URI, Route, From, To, Call-ID, CSeq (next; for ACK pass the INVITE's number, else 0), Max-Forwards, User-Agent. */
StoxSipBuilder *stox_dialog_request(StoxDialog *dialog, StoxSipMethod method, uint32_t cseq);
/*
 * Adds our Contact ("<sip:user@fqdn:port;transport=tls>", user of the local URI; with `;gr` when `gruu`). sips: toward a far side that is reached by it
 * (RFC 3261 s12.1.1).
 */
void stox_dialog_add_contact(const StoxDialog *dialog, StoxSipBuilder *builder, bool gruu);
/* Where its requests go; the strings are the dialog's. */
StoxSipTarget stox_dialog_target(const StoxDialog *dialog);

typedef enum {
    STOX_DIALOG_OK,
    STOX_DIALOG_OUT_OF_ORDER, /* CSeq lower than one already seen: answer 500 (RFC 3261 s12.2.2) */
    STOX_DIALOG_REPEATED /* the newest one again, in another transaction: it came by two ways (as s8.2.2.2): answer 482 */
} StoxDialogVerdict;
/* Checks and advances the remote CSeq (ACK and CANCEL excepted). */
StoxDialogVerdict stox_dialog_check(StoxDialog *dialog, const StoxSipMessage *request);

/* Key for a table of dialogs: Call-ID, local tag, remote tag (remote NULL for half-made ones). Caller frees. */
char *stox_dialog_key(const char *call_id, const char *local_tag, const char *remote_tag);
char *stox_dialog_key_of(const StoxDialog *dialog);
/* The key an incoming request belongs to (its To tag is ours); NULL when it has no To tag. */
char *stox_dialog_key_incoming(const StoxSipMessage *request);

/* Opaque bytes that hold everything but hop and flow; and back. NULL when the bytes are not ours, of another version, or no dialog that could be. */
GBytes *stox_dialog_blob(const StoxDialog *dialog);
StoxDialog *stox_dialog_restore(GBytes *blob, const StoxSipHop *hop);
