/* SPDX-License-Identifier: MIT */
/* Subscribers with a recorder in place of the agent, and the steps that most tests take. */
#pragma once

#include "tests/unit/sip/recorder.h"

#include "sip/subscription.h"

#define PIDF_TYPE "Content-Type: application/pidf+xml\n"
#define OK_HEADERS                                                                                 \
    "Record-Route: " LYNC_ROUTE ";tag=00FF\nContact: <" LYNC_CONTACT ">\nExpires: 28800\n"
#define ACTIVE     "Event: presence\nSubscription-State: active;expires=28800\n"
#define TERMINATED "Event: presence\nSubscription-State: terminated;reason=timeout\n"

typedef struct {
    Recorder *recorder;
    StoxSubscribers *subscribers;
    StoxTime now;
} Fixture;

void set_up(Fixture *f, gconstpointer data);
void tear_down(Fixture *f, gconstpointer data);
Record *subscribe_on(Fixture *f, const StoxSipHop *hop, uint64_t id, int64_t expires_s);
Record *subscribe(Fixture *f, uint64_t id, int64_t expires_s);
void unsubscribe(Fixture *f, uint64_t id);
void answer(Fixture *f, const Record *request, unsigned status, const char *tag, const char *extra,
            const char *body);
/* A NOTIFY in the dialog of `subscribe`, from the peer with tag `from`. */
StoxSipMessage *notify(const Record *subscribe, const char *method, const char *from, unsigned cseq,
                       const char *extra, const char *body);
bool receive(Fixture *f, StoxSipMessage *message, uint64_t request);
void expect_event(Fixture *f, StoxEventKind kind, uint64_t id);
void expect_notify(Fixture *f, uint64_t id, uint64_t request, StoxSubscriptionState state);
void tick(Fixture *f, int64_t after_ms);
/* Subscribed and notified; the SUBSCRIBE is returned. */
Record *established(Fixture *f, uint64_t id);
/* Time passes until the refresh; the SUBSCRIBE is returned. */
Record *refresh(Fixture *f);

#define ADD(path, function)                                                                        \
    g_test_add("/sip/subscriber/" path, Fixture, NULL, set_up, function, tear_down)
