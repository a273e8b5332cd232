/* SPDX-License-Identifier: MIT */
/* Messages that came already: a repeat whose first copy is pending or succeeded a short while ago is not sent again (promise 4). */
#pragma once

#include "translation/gateway-private.h"

StoxRepeats *stox_repeats_new(void);
void stox_repeats_free(StoxRepeats *repeats);

/* The name under which a message is remembered; NULL when it carries no origin id (XEP-0359). Caller frees. */
char *stox_repeats_key(const StoxMessage *message);
/* False: it is a repeat. `key` may be NULL. */
bool stox_repeats_begin(StoxGateway *gateway, const char *key);
/* Only what succeeded stays remembered. `key` may be NULL. */
void stox_repeats_end(StoxGateway *gateway, const char *key, bool succeeded);
