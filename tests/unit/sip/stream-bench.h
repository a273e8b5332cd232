/* SPDX-License-Identifier: MIT */
/* A transport over TLS and TCP, what it told, and its peers: `openssl s_client` and `openssl s_server`, raw sockets. argv[1]: what make-certs.sh made. */
#pragma once

#include "tests/unit/sip/transport-bench.h"

#include <gio/gio.h>

#define OPTIONS                                                                                    \
    "OPTIONS sip:xgw.contoso.example SIP/2.0\r\nVia: SIP/2.0/TLS "                                 \
    "pool01.contoso.example;branch=z9hG4bKa\r\n"                                                   \
    "From: <sip:pool01.contoso.example>;tag=1\r\nTo: <sip:xgw.contoso.example>\r\nCall-ID: "       \
    "c\r\nCSeq: 1 OPTIONS\r\n"                                                                     \
    "Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n"

typedef struct {
    StoxSettings *settings;
    StoxTls *tls;
    StoxTransport *transport;
    unsigned messages, connected, closed, unsent, partial;
    uint64_t flow; /* of the last message */
    const StoxHopSettings *hop;
    bool answer;             /* every request with 200 */
    StoxSipMessage *request; /* answer false: the last one */
    char *why;               /* of the last closed */
} Bench;

/* g_test_init(), the log goes to `logged`. */
void bench_init(int *argc, char ***argv);
/* "DIR/NAME", of what make-certs.sh made. Caller frees. */
char *cert(const char *name);
StoxHopSettings *add_hop(Bench *bench, const char *name, StoxTransportKind kind, const char *peers);
/* Settings without hop and listener. */
Bench *bench_new(void);
/* Of our own: NAME (chain) and the key of `key`. */
void bench_certificate(Bench *bench, const char *certificate, const char *key);
void bench_open(Bench *bench);
/* One hop over TLS, one listener. */
Bench *bench_tls(void);
Bench *bench_tcp(const char *peers, const char *host);
void bench_free(Bench *bench);
StoxHopSettings *first_hop(const Bench *bench);
unsigned bench_port(const Bench *bench);
size_t bench_connections(const Bench *bench);
void bench_answer(Bench *bench, unsigned status);
/* To 127.0.0.1:port. */
uint64_t bench_connect(Bench *bench, const StoxHopSettings *hop, unsigned port, const char *host);
bool bench_send(Bench *bench, uint64_t flow, const char *text, uint64_t token);

/* The loop runs that long. */
void spin(unsigned ms);

/* A process whose output is read. */
typedef struct {
    GSubprocess *process;
    GString *output;
    char buffer[4096];
    bool eof;
} Peer;

Peer *peer_new(char *command);
void peer_send(Peer *peer, const char *text);
/* Its standard input ends. */
void peer_end_input(Peer *peer);
void peer_signal(Peer *peer, int signum);
bool peer_said(const Peer *peer, const char *text);
void peer_free(Peer *peer);
/* `openssl s_client` to the first listener with certificate NAME.pem (NULL: none) and `options`. */
Peer *s_client(Bench *bench, const char *name, const char *options);
/* The same without -quiet: it says more and takes the letters R and K. */
Peer *s_client_commands(Bench *bench, const char *name, const char *options);
/* `openssl s_server` with certificate NAME.pem; it listens when this returns. */
Peer *s_server(const char *name, const char *options, unsigned *ret_port);

unsigned free_port(void);
/* A blocking socket with a time limit. */
int raw_connect(unsigned port, const char *host);
