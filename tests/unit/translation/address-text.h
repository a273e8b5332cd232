/* SPDX-License-Identifier: MIT */
/* Mapped addresses and refusals as text, for the tests of addresses. */
#pragma once

#include "translation/address-translate.h"

/* "!condition", after a look at the error's type and text. Caller frees. */
char *address_refusal(const StoxError *error);
/* The address on the other side, "!404" (it has no JID) or "!item-not-found" (it has no URI). Caller frees. */
char *address_mapped(const char *address, const StoxTranslateOptions *options);
