/* SPDX-License-Identifier: MIT */
/* What the three files of the link share. Private to component/link*.c. */
#pragma once

#include "component/link.h"

#include <gio/gio.h>

#include <stdint.h>

#define LINK_NS_STREAMS   "http://etherx.jabber.org/streams"
#define LINK_NS_COMPONENT "jabber:component:accept"

typedef enum {
    LINK_IDLE,       /* not started, or stopped */
    LINK_CONNECTING, /* name, then TCP */
    LINK_OPENING,    /* our stream header is out */
    LINK_PROVING,    /* our handshake is out */
    LINK_UP,
    LINK_CLOSING, /* our </stream:stream> is out */
    LINK_WAITING  /* for the next attempt */
} LinkState;

/* A connection attempt outlives a link that gives up waiting for it. */
typedef struct {
    StoxLink *link; /* NULL: given up */
    GCancellable *cancel;
} LinkAttempt;

struct StoxLink {
    StoxLinkConfig config; /* with strings of its own */
    StoxLinkFuncs funcs;
    void *user;
    GMainContext *context;
    LinkState state;
    GSource *timer; /* what it is for depends on the state; at once when `failure` is set */
    LinkAttempt *attempt;

    /* The connection */
    GSocketConnection *connection;
    GSocket *socket;
    GSource *readable, *writable; /* `writable` only while the kernel takes no more */
    StoxXmlStream *reader;
    GByteArray *out; /* written from `out_done` on */
    size_t out_done;
    bool peer_closed; /* </stream:stream> came */
    int64_t heard_ms; /* when the last byte came */
    bool pinged;      /* and nothing has come since */
    char *ping_id;    /* of this connection's idle pings */

    /* Set once per connection: why it is lost. Carried out from the loop, never inside a caller's call. */
    char *failure;
    bool failure_is_setup; /* settings or a double, which time alone does not heal */

    unsigned backoff_ms; /* the last one; 0 none yet */
    int64_t up_since_ms;
    char *logged; /* the last failure said, when, and how often it was passed over since */
    int64_t logged_ms;
    unsigned passed_over;

    void (*stopped)(void *user);
    void *stopped_user;
};

/* ---- link.c ---- */

int64_t stox_link_now(void); /* monotonic ms */
/* Calls the timer in `ms` from now. */
void stox_link_arm(StoxLink *link, int64_t ms);
/* Notes why the connection is lost; the timer carries it out. Takes `why`. The first reason stays. */
void stox_link_fail(StoxLink *link, char *why, bool is_setup);
/* If a failure was noted or the closing is complete, carries it out. From sources only. */
void stox_link_settle(StoxLink *link);
void stox_link_drop_source(GSource **source);

/* ---- link-io.c ---- */

/* Takes over the connection and sends the stream header. */
void stox_link_io_open(StoxLink *link, GSocketConnection *connection);
void stox_link_io_close(StoxLink *link);
/* Queues bytes without asking for limits. */
void stox_link_io_put(StoxLink *link, const char *bytes, size_t n);
size_t stox_link_io_queued(const StoxLink *link);
/* Gives the kernel what it takes. */
void stox_link_io_write(StoxLink *link);
void stox_link_io_ping(StoxLink *link);
void stox_link_io_end(StoxLink *link); /* </stream:stream> */

/* ---- link-explain.c ---- */

/* Sentences for an administrator; the caller frees. */
char *stox_link_explain_connect(const StoxLinkConfig *config, const GError *error);
char *stox_link_explain_timeout(const StoxLinkConfig *config, LinkState state);
char *stox_link_explain_end(const StoxLinkConfig *config, LinkState state, const GError *error);
char *stox_link_explain_input(const StoxLinkConfig *config, LinkState state, const GError *error);
char *stox_link_explain_header(const StoxLinkConfig *config, const char *what);
/* does the condition point at settings or a second instance? */
bool stox_link_is_setup_condition(const char *condition);
