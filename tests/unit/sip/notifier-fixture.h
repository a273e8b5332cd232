/* SPDX-License-Identifier: MIT */
/* Notifiers with a recorder in place of the agent, and the steps that most tests take. */
#pragma once

#include "tests/unit/sip/recorder.h"

#include "sip/subscription.h"
#include "translation/error.h"

#define EVENT "Event: presence\n"

typedef struct {
    Recorder *recorder;
    StoxNotifiers *notifiers;
    StoxTime now;
} Fixture;

void set_up(Fixture *f, gconstpointer data);
void tear_down(Fixture *f, gconstpointer data);
bool receive(Fixture *f, StoxSipMessage *message, uint64_t request);
Record *accept_subscription(Fixture *f, uint64_t id, uint64_t request, int64_t expires_s);
void notify(Fixture *f, uint64_t id, StoxSubscriptionState state, const char *reason,
            const char *body);
Record *expect_notify(Fixture *f, const char *state, const char *body);
void answer(Fixture *f, const Record *request, unsigned status, const char *extra);
void tick(Fixture *f, int64_t after_ms);
/* A SUBSCRIBE arrives and the gateway is asked. */
uint64_t asked(Fixture *f, StoxSipMessage *message, uint64_t request, bool refresh,
               int64_t expires_s);
/* An accepted subscription whose first NOTIFY is answered. The caller frees *ret_tag. */
uint64_t established(Fixture *f, const char *call_id, const char *extra, char **ret_tag);
void expect_ended(Fixture *f, uint64_t id);

#define ADD(path, function)                                                                        \
    g_test_add("/sip/notifier/" path, Fixture, NULL, set_up, function, tear_down)
