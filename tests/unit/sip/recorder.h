/* SPDX-License-Identifier: MIT */
/* A stand-in for the agent: keeps what a SIP machine asks for, in order, and makes the messages a peer would send. */
#pragma once

#include "sip/ops.h"

typedef enum {
    RECORD_REQUEST,
    RECORD_RESPONSE,
    RECORD_ACK,
    RECORD_CANCEL,
    RECORD_EVENT
} RecordKind;

typedef struct {
    RecordKind kind;
    StoxSipMessage *message; /* REQUEST, RESPONSE, ACK: parsed again from the bytes */
    char *target;            /* REQUEST, ACK: URI that decides the connection; NULL: the next hop */
    uint64_t flow;
    StoxOwner owner; /* REQUEST */
    uint64_t id;     /* REQUEST, CANCEL: client transaction; RESPONSE: server transaction */
    StoxEvent *event;
} Record;

void record_free(Record *record);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Record, record_free)

typedef struct {
    GPtrArray *records; /* Record* */
    uint64_t transactions, names, tokens;
    bool
        lenient; /* a peer may have named nonsense as its own address or route: what goes there need only be a message */
} Recorder;

Recorder *recorder_new(void);
void recorder_free(Recorder *recorder);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Recorder, recorder_free)
extern const StoxSipOps recorder_ops; /* user: the Recorder */

/* The oldest record, which must be of `kind`. */
Record *recorder_take(Recorder *recorder, RecordKind kind);
/* The oldest record, which must be a request with `method`, an answer with `status`, or an event of `kind`. */
Record *recorder_take_request(Recorder *recorder, StoxSipMethod method);
Record *recorder_take_response(Recorder *recorder, unsigned status);
StoxEvent *recorder_take_event(Recorder *recorder, StoxEventKind kind);
/* Nothing has been asked for. */
void recorder_none(Recorder *recorder);

/* First raw value of a header; NULL when absent. */
const char *header(const StoxSipMessage *message, const char *name);
/* The body as text; caller frees. "" when there is none. */
char *body_text(const StoxSipMessage *message);

/* `head` has lines that end with \n, without the empty one; Content-Length is added. `body` may be NULL. Must parse without defect. */
StoxSipMessage *message_new(const char *head, const char *body);
/* A response of the peer to a request of ours; `to_tag` NULL: none; `extra` are header lines ("Name: value\n"), may be NULL. */
StoxSipMessage *response_new(const Record *request, unsigned status, const char *to_tag,
                             const char *extra, const char *body);
/*
 * A request from alice@contoso.example (tag "theirs") to bob@partner.example; `to_tag` NULL: out of a dialog. With a Contact and the
 * Record-Route of a Lync pool when it makes a dialog.
 */
StoxSipMessage *request_new(const char *method, const char *call_id, const char *to_tag,
                            unsigned cseq, const char *extra, const char *body);

extern const StoxSipHop lync_hop, simple_hop;
#define LYNC_CONTACT "sip:alice@contoso.example;opaque=user:epid:Q1w2;gruu"
#define LYNC_ROUTE                                                                                 \
    "<sip:pool01.contoso.example:5061;transport=tls;ms-fe=fe01.contoso.example;lr;ms-route-sig="   \
    "AbC>"
