/* SPDX-License-Identifier: MIT */
/* Single values: text to number, duration, size, boolean, list, host, next hop. Pure; no key is known here. */
#pragma once

#include "conf/settings.h"

/*
 * All return false, with a sentence in *ret_why (static, borrowed) and the other out-parameters untouched, when the text
 * is not such a value. Blanks around the text are not part of it (the reader has removed them).
 */

/* Seconds: "90", "90s", "5m", "8h", "7d". */
bool stox_value_duration(const char *text, uint64_t *ret_seconds, const char **ret_why);
/* Bytes: "262144", "256K", "8M", "1G" (powers of 1024; KiB, MiB, GiB are the same). */
bool stox_value_size(const char *text, uint64_t *ret_bytes, const char **ret_why);
bool stox_value_count(const char *text, uint64_t *ret_count, const char **ret_why);
/* true, yes, on; false, no, off; in any case of letters. */
bool stox_value_boolean(const char *text, bool *ret_value, const char **ret_why);
/* Parts between ; , and blanks; empty parts are dropped. Never NULL; caller frees. */
GStrv stox_value_list(const char *text);
/* The place of `text` in the NULL-terminated `names`, in either spelling ("public-unverified", "PublicUnverified"); -1: none. */
int stox_value_choice(const char *text, const char *const *names);

typedef struct {
    char *host;    /* lower case, without brackets and final dot */
    bool literal;  /* an IPv4 or IPv6 address */
    unsigned port; /* 0: none given */
} StoxEndpoint;

void stox_endpoint_clear(StoxEndpoint *endpoint);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(StoxEndpoint, stox_endpoint_clear)

/* True for an IPv4 or IPv6 literal without brackets; a zone ("fe80::1%eth0") belongs to it. */
bool stox_value_is_literal(const char *text);
/* A host: a DNS name (A-labels), an IPv4 literal, or an IPv6 literal with or without brackets. Caller clears. */
bool stox_value_host(const char *text, StoxEndpoint *ret_host, const char **ret_why);
/* host, host:port, [IPv6], [IPv6]:port; ports 1 to 65535 (RFC 3986 s3.2.2 form). Caller clears. */
bool stox_value_endpoint(const char *text, StoxEndpoint *ret_endpoint, const char **ret_why);
/* The same behind "tls:", "tcp:" or "udp:"; TLS when there is none of them. Caller clears. */
bool stox_value_transport(const char *text, StoxTransportKind *ret_kind, StoxEndpoint *ret_endpoint,
                          const char **ret_why);
/* 5061 or 5060 (RFC 3261 s18.1.1, s26.2.1). */
unsigned stox_value_default_port(StoxTransportKind kind);
