/* SPDX-License-Identifier: MIT */
/* A raw SIP peer over TCP on the loopback for tests of the agent: it listens, reads, answers, or does not. */
#pragma once

#include <glib.h>

#include <stdbool.h>

enum { MAX_LINES = 8 };

typedef struct {
    int fd;
    GString *in;
} Line;

typedef struct {
    int listener;
    unsigned port;
    Line lines[MAX_LINES];
    unsigned n_lines;
    unsigned status;     /* what it answers; 0 nothing */
    bool deaf;           /* it reads nothing */
    GPtrArray *call_ids; /* of the requests that came whole, in order */
} Peer;

/* Listens at a port of the kernel's choice and answers 200. */
Peer *peer_new(void);
void peer_free(Peer *peer);
/* Nobody listens there any more; the port stays the peer's for peer_listen(). */
void peer_down(Peer *peer);
void peer_listen(Peer *peer);
/* What is unread makes the kernel send RST. */
void line_close(Line *line);
/* Accepts, reads and answers what there is. */
void peer_pump(Peer *peer);
