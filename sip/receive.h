/* SPDX-License-Identifier: MIT */
/* What is done with a message that has come: limits, transactions, then the machine whose job it is. Nothing stays unanswered. No I/O. */
#pragma once

#include "sip/answer.h"
#include "sip/rate.h"
#include "sip/session.h"
#include "sip/subscription.h"
#include "sip/transaction.h"

/* Whom messages go to. Everything is borrowed; events and answers in transactions go through `who`. */
typedef struct {
    const StoxAnswerer *who;
    StoxTransactions *transactions;
    StoxSessions *sessions;
    StoxSubscribers *subscribers;
    StoxNotifiers *notifiers;
    StoxRates *rates;
    /* An answer outside of transactions (RFC 3261 s8.2.7); as stox_transactions' send_response. `user` is that of `who`. */
    void (*send)(void *user, uint64_t flow, const StoxSipHop *hop, GBytes *bytes,
                 const StoxSipMessage *request);
} StoxReceiver;

/* Where a message came from. */
typedef struct {
    const StoxSipHop *hop;
    uint64_t flow;
    bool reliable;    /* over a stream */
    const char *peer; /* its address without port: whose requests are counted; "" not known */
    unsigned max_per_second; /* requests, see sip/rate.h; 0: no limit */
} StoxSipSource;

/*
 * Requests are counted before they cost anything: those that start something (no To tag, not CANCEL) and wrong ones against the limit, those inside of a dialog
 * and CANCEL against four times as much. ACK and BENOTIFY are never answered and hold nothing: not counted. Over the limit 503 with Retry-After goes out without
 * a transaction; over ten times the limit nothing does.
 */
void stox_receive(const StoxReceiver *receiver, StoxSipMessage *message,
                  const StoxSipSource *source, StoxTime now);
