/* SPDX-License-Identifier: MIT */
/* An XMPP message on its way to SIP: what of it goes, in how many parts, in which form (rows M-01 to M-15, M-110 to M-117). Part of the gateway. */
#pragma once

#include "translation/gateway-private.h"

/* Only messages have an outcome (promise 1). */
typedef enum {
    STOX_OUTGOING_MESSAGE,
    STOX_OUTGOING_NOTICE,      /* a line of our own */
    STOX_OUTGOING_TYPING,      /* isComposing */
    STOX_OUTGOING_NOTIFICATION /* IMDN */
} StoxOutgoingKind;

typedef struct {
    StoxOutgoingKind kind;
    char *from; /* full, as it came; NULL: it is not a message */
    char *to;
    char *id;
    char *repeat;          /* in the table of repeats; may be NULL */
    char *to_uri;          /* page mode */
    StoxLanguage language; /* of what its sender is told */
    GBytes *body;          /* text of the part that is next or under way */
    GPtrArray *parts;      /* of char*: all parts when there are several; NULL: `body` is all */
    unsigned part;         /* how many of them have been accepted */
    GBytes *html;  /* the same as an HTML fragment, for peers that take it; NULL: there is none */
    char *subject; /* with the first part */
    char *lang;
    char *nick;
    char *call_id; /* page mode; NULL: any */
    int64_t date_wall_ms;
    bool headline;    /* opens no session (M-52) */
    uint64_t ref;     /* once it was sent */
    uint64_t session; /* it was sent in; 0 page mode */
    bool resent;
    bool rich; /* it went as HTML */
    StoxMessageType type;
    const char *content_type; /* of `body` where that is no text; static */
    unsigned wanted;          /* results that its sender waits for, as StoxDisposition */
    char *notify_id;          /* names it in message/cpim; NULL: it did not go that way */
    bool unwrapped;           /* message/cpim has been refused: it goes without */
} StoxOutgoing;

/* Whether there is anything in the message that is content: state-only ones have no outcome (M-13, M-111, promise 1). */
bool stox_outgoing_is_content(const StoxMessage *message);
/* All but the fields `repeat` and `call_id` and what becomes known when it is sent. NULL: refused, *ret_error (uninitialised before) says why. */
StoxOutgoing *stox_outgoing_new(const StoxGateway *gateway, const StoxPair *pair,
                                const StoxMessage *message, StoxError *ret_error);
/* A line of our own. */
StoxOutgoing *stox_outgoing_notice(const char *line);
/* A document that is no text; `content_type` is static. */
StoxOutgoing *stox_outgoing_state(StoxOutgoingKind kind, const char *content_type, GBytes *body);
void stox_outgoing_free(StoxOutgoing *outgoing);

bool stox_outgoing_is_last(const StoxOutgoing *outgoing);
/* The part under way was accepted: goes on to the next one. False: it was the last. */
bool stox_outgoing_next(StoxOutgoing *outgoing);
/* The text of an error that also names what had been delivered, when that is not nothing; NULL otherwise. Caller frees. */
char *stox_outgoing_partly(const StoxOutgoing *outgoing, const char *text);

/* Whether a list of types ("text/plain text/html", commas or blanks) has this one, parameters aside. NULL has none. */
bool stox_types_have(const char *list, const char *type);

/* The form in which a part goes. */
typedef enum {
    STOX_FORM_PLAIN,
    STOX_FORM_HTML,        /* text/html */
    STOX_FORM_ALTERNATIVE, /* multipart/alternative of both */
} StoxForm;
/* What a peer takes that lists these types. */
StoxForm stox_form_from_types(const char *list);
/* Content-Type and body of the action; plain when there is no HTML. */
void stox_outgoing_write(StoxOutgoing *outgoing, StoxForm form, StoxAction *action);
