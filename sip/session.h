/* SPDX-License-Identifier: MIT */
/* IM sessions: INVITE, ACK, BYE, CANCEL, UPDATE, INFO and MESSAGE in one dialog (lync.md 4.4, RFC 7573 s4-s5, RFC 4028). No I/O. */
#pragma once

#include "sip/dialog.h"
#include "sip/ops.h"

typedef struct StoxSessions StoxSessions;

typedef struct {
    char *fqdn; /* borrowed: SDP origin, diagnostics */
    char *
        sdp_address; /* borrowed: c= address literal, "IP4 192.0.2.1" form without the prefix; NULL: 0.0.0.0 */
    unsigned sdp_port;   /* m=message port */
    size_t max_sessions; /* 100000 */
} StoxSessionsConfig;

StoxSessions *stox_sessions_new(const StoxSessionsConfig *config, const StoxSipOps *ops,
                                void *user);
void stox_sessions_free(StoxSessions *sessions);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoxSessions, stox_sessions_free)

/* The gateway's actions SESSION_OPEN, SESSION_ACCEPT, SESSION_CLOSE, SIP_MESSAGE with a session, SIP_RESPOND for an INVITE. `hop` is that of action->hop (OPEN only). An unknown session gives the failing event.
 * Each session that the gateway knows ends with exactly one SESSION_FAILED or SESSION_CLOSED, also after its own CLOSE; only a refused INVITE ends without. */
void stox_sessions_open(StoxSessions *sessions, const StoxAction *action, const StoxSipHop *hop,
                        StoxTime now);
void stox_sessions_accept(StoxSessions *sessions, const StoxAction *action, StoxTime now);
void stox_sessions_close(StoxSessions *sessions, const StoxAction *action, StoxTime now);
void stox_sessions_message(StoxSessions *sessions, const StoxAction *action, StoxTime now);
/* SESSION_INFO: in an open session; else nothing is sent. Its failure is told nobody, but ends the session as that of a MESSAGE does. */
void stox_sessions_info(StoxSessions *sessions, const StoxAction *action, StoxTime now);
/* True when `request` was an INVITE this machine offered to the gateway (it is then refused with action->result). */
bool stox_sessions_refuse(StoxSessions *sessions, const StoxAction *action, StoxTime now);

/*
 * An initial INVITE (no To tag), or a request (or ACK) with a To tag of ours. False: not ours, nothing done. Answers everything itself except MESSAGE with text
 * and the initial INVITE, whose ids go to the gateway with the event.
 */
bool stox_sessions_receive(StoxSessions *sessions, const StoxSipIncoming *incoming, StoxTime now);
/* The answer (or fate) of a transaction with owner SESSION. */
void stox_sessions_response(StoxSessions *sessions, StoxOwner owner, uint64_t transaction,
                            StoxSipMessage *response, StoxSipFate fate, uint64_t flow,
                            StoxTime now);
void stox_sessions_cancelled(StoxSessions *sessions, uint64_t request, StoxTime now);
void stox_sessions_no_ack(StoxSessions *sessions, uint64_t request, StoxTime now);

int64_t stox_sessions_deadline(const StoxSessions *sessions);
void stox_sessions_tick(StoxSessions *sessions, StoxTime now);
size_t stox_sessions_count(const StoxSessions *sessions);
