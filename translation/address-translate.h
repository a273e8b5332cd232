/* SPDX-License-Identifier: MIT */
/* One address of either side, as text, to the other side: what `stoxd translate address` prints. */
#pragma once

#include "translation/address.h"

typedef struct {
    const char *proxied;        /* canonical domain of a gateway in mode P; NULL: mode T */
    const char *default_domain; /* with `proxied`: A-61; canonical; NULL */
    bool percent_form;          /* with `proxied`: A-62 */
    StoxUriScheme scheme;       /* of the URI that a JID becomes */
} StoxTranslateOptions;

typedef enum {
    STOX_TRANSLATED,       /* *ret_address is set; caller frees */
    STOX_TRANSLATE_NO_JID, /* *ret_failure is what the SIP side is answered; caller clears */
    STOX_TRANSLATE_NO_URI  /* *ret_error is what the XMPP side is answered; caller clears */
} StoxTranslated;

/*
 * A text that begins with a URI scheme is an address of the SIP side, as a Request-URI (im: and pres:, which are none, as From); all else is a JID. Only
 * what belongs to the result is set, the rest is left alone. A resource becomes gr and the other way round. `options` NULL: mode T, sip:.
 */
StoxTranslated stox_address_translate(const char *address, const StoxTranslateOptions *options,
                                      char **ret_address, StoxSipResult *ret_failure,
                                      StoxError *ret_error);
