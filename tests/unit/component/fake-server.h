/* SPDX-License-Identifier: MIT */
/* An XMPP server's component port as far as a test lets it be one: accepts on the loopback, on the default main context, says only what it is told. */
#pragma once

#include <gio/gio.h>

#include <stdbool.h>

typedef struct {
    GSocket *listener;
    GSource *acceptable;
    unsigned port;
    unsigned accepted;
    bool hang_up; /* close every connection at once */
    int64_t accepted_ms[32];

    /* The connection accepted last */
    GSocket *peer;
    GSource *readable;
    GString *got; /* what the peer sent */
    bool ended;   /* and then it closed */
} FakeServer;

/* `address`: "127.0.0.1" or "::1". NULL when there is no such address on this machine. */
FakeServer *fake_server_new(const char *address);
void fake_server_free(FakeServer *server);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FakeServer, fake_server_free)

/* Returns how many bytes the kernel took; -1: the connection is gone. */
gssize fake_server_send_some(FakeServer *server, const char *bytes, size_t n);
void fake_server_send(FakeServer *server, const char *text); /* must fit into the kernel's buffer */
void fake_server_pause(FakeServer *server, bool paused);     /* reads nothing meanwhile */
void fake_server_drop(FakeServer *server);
/* Closes with a reset. */
void fake_server_reset(FakeServer *server);
