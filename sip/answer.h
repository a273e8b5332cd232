/* SPDX-License-Identifier: MIT */
/* Answers that sessions, subscribers and notifiers give alike: refusals with their diagnostics, and the checks before them. */
#pragma once

#include "sip/dialog.h"
#include "sip/ops.h"
#include "translation/error.h"

/* Who answers. Everything is borrowed. */
typedef struct {
    const StoxSipOps *ops;
    void *user;
    const char *fqdn;
} StoxAnswerer;

/* A response to `request`; a To without tag gets `tag`, or a fresh one when that is NULL. */
StoxSipBuilder *stox_answer_new(const StoxAnswerer *who, const StoxSipMessage *request,
                                unsigned status, const char *reason, const char *tag);
/* The same with all that `result` says: diagnostics, Retry-After, Accept ... */
StoxSipBuilder *stox_answer_result(const StoxAnswerer *who, const StoxSipMessage *request,
                                   const StoxSipResult *result);
/* Sends a bare 200. */
void stox_answer_ok(const StoxAnswerer *who, const StoxSipIncoming *incoming);
/*
 * Sends a refusal; `diagnostic` is one of translation/error.h. 405 and 603 carry Allow, 489 Allow-Events, 415 Accept, 503 Retry-After.
 * `name` and `value` are one more header (NULL: none). A message without answer (ACK, BENOTIFY) is left alone.
 */
void stox_answer_refuse(const StoxAnswerer *who, const StoxSipIncoming *incoming, unsigned status,
                        unsigned diagnostic, const char *name, const char *value);

/* Sends 500 with a Retry-After of 0 to 10 seconds: something else has to be done first (RFC 3261 s14.2, RFC 3311 s5.2). */
void stox_answer_busy(const StoxAnswerer *who, const StoxSipIncoming *incoming);
/* Checks and advances the dialog's remote CSeq; false: refused here. */
bool stox_answer_in_order(const StoxAnswerer *who, const StoxSipIncoming *incoming,
                          StoxDialog *dialog);
/* A number from 0 to `n` - 1. */
unsigned stox_answer_random(const StoxAnswerer *who, unsigned n);

/*
 * What every request must stand: option tags we know; in a target refresh a Contact that can be used, and where it makes a dialog a Record-Route that
 * can be used. False: refused here.
 */
bool stox_answer_acceptable(const StoxAnswerer *who, const StoxSipIncoming *incoming);

/* True when a final answer to SUBSCRIBE or NOTIFY ends the subscription's dialog (RFC 6665 s4.1.2.2, s4.2.2; P-34, P-60). */
bool stox_answer_ends_subscription(unsigned status);
/* The option tags of `require` that we do not know, joined with ", "; NULL: all fine. Caller frees. (R-23, lync.md 4.8) */
char *stox_sip_unsupported(const char *require);
/* True when the media type of a Content-Type value is `type`, whatever its parameters. */
bool stox_sip_content_is(const char *content_type, const char *type);
