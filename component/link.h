/* SPDX-License-Identifier: MIT */
/* One XEP-0114 stream to the XMPP server for one served domain: connect, handshake, read within limits, batched bounded writes, reconnect. */
#pragma once

#include "translation/xml.h"

typedef struct {
    const char *domain; /* component name, `to` of the stream header */
    const char *host;   /* name or literal, IPv4 or IPv6 */
    unsigned port;
    const char *secret; /* bytes as UTF-8; never logged */
    StoxXmlLimits limits;
    size_t queue_max_bytes; /* written but not yet taken by the kernel */
    unsigned connect_timeout_ms;
    unsigned handshake_timeout_ms;
    /* Silent this long: a ping to ourselves; silent as long again: closed and reconnected. 0: never */
    unsigned idle_timeout_ms;
    unsigned backoff_min_ms; /* 1000; doubles to backoff_max_ms, with jitter of +-25 % */
    unsigned backoff_max_ms; /* 60000; configuration problems start at a quarter of it */
} StoxLinkConfig;

typedef struct StoxLink StoxLink;
typedef struct {
    void (*up)(StoxLink *link, void *user);
    /* Only after up. `why`: a sentence for the administrator. Everything queued is lost. */
    void (*down)(StoxLink *link, const char *why, void *user);
    /* A stanza (ownership passes). Not the link's own pings. */
    void (*stanza)(StoxLink *link, StoxXmlTree *stanza, void *user);
    /* A stanza that passed a limit: its start tag (ownership passes) and the limit, as stox_xml_stream_new() tells them. */
    void (*refused)(StoxLink *link, StoxXmlTree *head, const char *limit, void *user);
} StoxLinkFuncs;

/* Runs on the thread-default context of the caller. `config` and `funcs` are copied. */
StoxLink *stox_link_new(const StoxLinkConfig *config, const StoxLinkFuncs *funcs, void *user);
void stox_link_free(StoxLink *link); /* not from inside up, down, stanza and refused */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoxLink, stox_link_free)
void stox_link_start(StoxLink *link); /* connects from the loop; keeps reconnecting */
/*
 * Sends what is queued and </stream:stream>, waits for the server's (at most 2 s), then calls `done` from the loop; it may
 * free the link or start it again. From this call on `done` is the only callback. May be called inside callbacks.
 */
void stox_link_stop(StoxLink *link, void (*done)(void *user), void *user);

bool stox_link_is_up(const StoxLink *link);
const char *stox_link_domain(const StoxLink *link);
/*
 * Queues one serialised stanza (component/stanza). False with a sentence when there is no stream, the queue is full, the stanza is larger than the
 * limit, or its `from` (given separately) is not inside the domain (X-04, servers.md 4.8): nothing was taken.
 * Errors are G_IO_ERROR: NOT_CONNECTED, WOULD_BLOCK, MESSAGE_TOO_LARGE, INVALID_ARGUMENT.
 */
bool stox_link_send(StoxLink *link, const char *from, const char *stanza, size_t n, GError **error);
void stox_link_flush(StoxLink *link); /* end of a loop turn */

/* lower-case hex SHA-1 of id followed by secret (XEP-0114 s3); caller frees. */
char *stox_link_handshake(const char *stream_id, const char *secret);
/* A sentence for an administrator about a stream error condition (RFC 6120 s4.9.3) with the server's text, if any; caller frees. */
char *stox_link_explain(const char *domain, const char *condition, const char *text);
