/* SPDX-License-Identifier: MIT */
/* A link and its fake server in one main context, what the link told, and what it logged. */
#pragma once

#include "component/link.h"
#include "tests/unit/component/fake-server.h"

#define DOMAIN "contoso.example"
#define SECRET "st0xd-s3cret"

#define STREAM_ID "3BF96D32"
#define HEADER                                                                                     \
    "<?xml version='1.0'?><stream:stream xmlns='jabber:component:accept' "                         \
    "xmlns:stream='http://etherx.jabber.org/streams' from='" DOMAIN "' id='" STREAM_ID "'>"
#define ACCEPTED HEADER "<handshake/>"
#define CLOSE    "</stream:stream>"

typedef struct {
    FakeServer *server;
    StoxLinkConfig config;
    StoxLink *link;
    unsigned ups, downs, stopped;
    char *why;          /* of the last down */
    GPtrArray *stanzas; /* StoxXmlTree* */
    GPtrArray *refused; /* the heads of others */
    char *limit;        /* that the last one passed */
    bool inside;        /* a call of ours into the link: it must not call back */
    /* Stops the link inside this callback. */
    enum { STOP_NEVER, STOP_IN_UP, STOP_IN_DOWN, STOP_IN_STANZA, STOP_IN_REFUSED } stop_in;
} Fixture;

/* Time-outs of 5 s, back-off from 10 ms to 80 ms, no idle timeout; the link is made by fixture_start(). */
void fixture_init(Fixture *fixture);
void fixture_clear(Fixture *fixture);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Fixture, fixture_clear)
void fixture_start(Fixture *fixture);
/* ... and the stream is up. */
void fixture_start_up(Fixture *fixture);
void fixture_stop(Fixture *fixture);
bool fixture_send(Fixture *fixture, const char *stanza, GError **error); /* from DOMAIN */
/* Lets the loop run for so long. */
void fixture_run(unsigned ms);

/* Lets the loop run until `condition` holds; after 10 s the test has failed. */
#define SPIN_UNTIL(condition)                                                                      \
    do {                                                                                           \
        int64_t spin_end = g_get_monotonic_time() + 10 * G_USEC_PER_SEC;                           \
        while (!(condition)) {                                                                     \
            if (g_get_monotonic_time() > spin_end)                                                 \
                g_error("%s:%d: waited in vain for: %s", __FILE__, __LINE__, #condition);          \
            if (!g_main_context_iteration(NULL, FALSE))                                            \
                g_usleep(100);                                                                     \
        }                                                                                          \
    } while (0)

/* What was logged since the last fixture_init(). `fragment` NULL: any. */
unsigned log_count(GLogLevelFlags level, const char *fragment);
/* Call at the start of main(): catches the log and makes sure that no line ever has the secret. */
void log_catch(void);
