/* SPDX-License-Identifier: MIT */
/* What the SIP machines know about a next hop and about us toward it. Plain data, made by the agent from the settings. */
#pragma once

#include "conf/settings.h"

#include <glib.h>

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    char *name; /* [hop NAME] */
    bool lync;  /* dialect */
    StoxTransportKind transport;
    bool alternatives; /* it has further next hops or addresses: keep requests for another try */
    char *sent_by;     /* our Via sent-by toward it: "xgw.contoso.example:5061" */
    char *contact;     /* host part of our Contacts: "xgw.contoso.example:5061;transport=tls" */
    char *user_agent;  /* "stoxd/0.1.0" */
} StoxSipHop;

/* Where a request goes. Copied by whoever keeps it. */
typedef struct {
    const StoxSipHop *hop;
    const char *
        uri; /* in-dialog: the URI that decides the connection (first Route, else remote target); NULL: the hop's next hop */
    uint64_t flow; /* connection that is preferred when it is still open; 0 none */
    bool
        stream; /* set by the transactions: over TCP, since it is too large for UDP (RFC 3261 s18.1.1) */
} StoxSipTarget;
