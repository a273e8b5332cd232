/* SPDX-License-Identifier: MIT */
/* Sessions with a recorder in place of the agent, and the steps that most tests take. */
#pragma once

#include "tests/unit/sip/recorder.h"

#include "sip/session.h"

#define SDP_TYPE   "Content-Type: application/sdp\n"
#define SDP_HEAD   "v=0\r\no=- 0 0 IN IP4 192.0.2.57\r\ns=session\r\nc=IN IP4 192.0.2.57\r\nt=0 0\r\n"
#define SDP_IM     SDP_HEAD "m=message 5060 sip null\r\na=accept-types:text/plain text/html\r\n"
#define OK_HEADERS "Record-Route: " LYNC_ROUTE ";tag=00FF\nContact: <" LYNC_CONTACT ">\n" SDP_TYPE

typedef struct {
    Recorder *recorder;
    StoxSessions *sessions;
    StoxTime now;
} Fixture;

void set_up(Fixture *f, gconstpointer data);
void tear_down(Fixture *f, gconstpointer data);
Record *open_session(Fixture *f, uint64_t id);
void answer(Fixture *f, const Record *request, unsigned status, const char *tag, const char *extra);
void fail(Fixture *f, const Record *request, StoxSipFate fate);
void expect_event(Fixture *f, StoxEventKind kind, uint64_t session);
/* An open session of ours; the INVITE is returned. */
Record *opened(Fixture *f, uint64_t id, const char *extra);
bool receive(Fixture *f, StoxSipMessage *message, uint64_t request);
/* A request of the peer in a session that we have opened. */
StoxSipMessage *from_peer(const Record *invite, const char *method, unsigned cseq,
                          const char *extra, const char *body);
/* The peer invites; the gateway is asked. */
uint64_t invited(Fixture *f, const char *call_id, uint64_t request, const char *extra);
Record *accept_session(Fixture *f, uint64_t session, uint64_t request);
void close_session(Fixture *f, uint64_t session);
void send_message(Fixture *f, uint64_t session, uint64_t ref);
void tick(Fixture *f, int64_t after_ms);
void expect_diagnostic(const Record *record, unsigned diagnostic);

#define ADD(path, function)                                                                        \
    g_test_add("/sip/session/" path, Fixture, NULL, set_up, function, tear_down)
