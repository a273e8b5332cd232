/* SPDX-License-Identifier: MIT */
/* Next hop -> addresses: SRV, then A/AAAA through GResolver (RFC 3263 without NAPTR). Asynchronous; never blocks the loop. */
#pragma once

#include "conf/settings.h"

#include <gio/gio.h>

typedef struct {
    char *host; /* the name the certificate must carry: what was asked for, not the SRV target */
    GSocketAddress *address;
} StoxResolved;
void stox_resolved_free(StoxResolved *resolved);

typedef struct StoxResolver StoxResolver;
/* `results`: StoxResolved* in the order to try, never empty; or NULL with `error`. Freed by the resolver after the call. */
typedef void (*StoxResolveFunc)(void *user, uint64_t id, GPtrArray *results, const GError *error);
StoxResolver *stox_resolver_new(StoxResolveFunc func, void *user);
void stox_resolver_free(StoxResolver *resolver); /* no callback comes afterwards */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoxResolver, stox_resolver_free)
/* `port` 0: SRV _sips._tcp, _sip._tcp or _sip._udp first, then the default port 5061 or 5060. The answer always comes later from the loop. */
uint64_t stox_resolver_start(StoxResolver *resolver, const char *host, unsigned port,
                             StoxTransportKind kind);
