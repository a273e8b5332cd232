/* SPDX-License-Identifier: MIT */
/* Bytes <-> SIP messages. The only file that touches sofia-sip's structures; limits; what we add to every message. */
#pragma once

#include "sip/hop.h"
#include "translation/body.h"
#include "translation/types.h"

typedef enum {
    STOX_SIP_UNKNOWN_METHOD,
    STOX_SIP_INVITE,
    STOX_SIP_ACK,
    STOX_SIP_BYE,
    STOX_SIP_CANCEL,
    STOX_SIP_OPTIONS,
    STOX_SIP_MESSAGE,
    STOX_SIP_SUBSCRIBE,
    STOX_SIP_NOTIFY,
    STOX_SIP_BENOTIFY,
    STOX_SIP_INFO,
    STOX_SIP_UPDATE,
    STOX_SIP_NEGOTIATE,
    STOX_SIP_SERVICE,
    STOX_SIP_REGISTER,
    STOX_SIP_PUBLISH,
    STOX_SIP_REFER,
    STOX_SIP_PRACK
} StoxSipMethod;
const char *stox_sip_method_name(StoxSipMethod method); /* static */

/* A parsed message; reference counted. All pointers of the view live as long as it. */
typedef struct StoxSipMessage StoxSipMessage;

typedef struct {
    bool request;
    StoxSipMethod method;    /* of a response: CSeq's method */
    const char *method_name; /* as received, also for unknown methods */
    unsigned status;         /* responses */
    const char *reason;
    const char *request_uri;
    const char *call_id;
    uint32_t cseq;
    const char *from_uri, *from_tag, *from_display; /* display decoded; NULL when absent */
    const char *to_uri, *to_tag;
    const char *branch;  /* of the top Via; NULL when it has none (pidgin-sipe) */
    const char *sent_by; /* of the top Via, "host:port" lower case */
    bool rport;          /* the top Via asks for it (RFC 3581) */
    unsigned n_via;
    int max_forwards;                    /* -1 absent */
    int64_t expires_s, min_expires_s;    /* -1 absent */
    int64_t retry_after_s;               /* -1 absent */
    int64_t session_expires_s, min_se_s; /* -1 absent */
    const char *refresher;               /* "uac", "uas" or NULL */
    int64_t date_wall_ms;                /* 0 absent */
    const char *contact_uri;             /* first Contact; NULL absent */
    const char *event, *event_id;
    const char *sub_state, *sub_reason; /* Subscription-State token and reason */
    int64_t sub_expires_s, sub_retry_after_s;
    const char *subject, *content_language, *conversation_id; /* NULL absent */
    const char *content_type, *content_encoding;              /* NULL absent */
    const char
        *accept; /* all values joined with ", "; NULL when the header is absent ("" when empty) */
    const char *supported;   /* all tokens joined with ", "; NULL absent */
    const char *require;     /* all tokens joined with ", "; NULL absent */
    const char *diagnostics; /* reason of ms-diagnostics or ms-diagnostics-public; NULL absent */
    unsigned diagnostics_id; /* its ErrorId; 0 absent */
    const char *warning;     /* texts of Warning; NULL absent */
    GBytes *body;            /* NULL when empty */
} StoxSipView;

typedef struct {
    size_t max_bytes;     /* whole message */
    unsigned max_headers; /* header lines */
    size_t max_line;      /* one header line, unfolded */
} StoxSipLimits;
extern const StoxSipLimits stox_sip_limits; /* 1 MiB, 256, 16 KiB */

/*
 * Parses exactly one message (framing is the transport's). NULL: not a SIP message at all or over a limit; *ret_why static. A request that can be
 * answered but is wrong (missing or malformed mandatory header, bad CSeq, SIP/3.0...) comes back with stox_sip_defect() set.
 */
StoxSipMessage *stox_sip_message_parse(const char *bytes, size_t n, const char **ret_why);
/* The same of one datagram: bytes behind the announced body do not count, without Content-Length the body ends with the datagram (RFC 3261 s18.3, R-28). */
StoxSipMessage *stox_sip_message_parse_datagram(const char *bytes, size_t n, const char **ret_why);
/*
 * A header part, or its beginning, of a request whose framing is broken, so that it can be answered with `status`; `why` static. NULL: nothing to answer.
 */
StoxSipMessage *stox_sip_message_parse_head(const char *bytes, size_t n, unsigned status,
                                            const char *why);
StoxSipMessage *stox_sip_message_ref(StoxSipMessage *message);
void stox_sip_message_unref(StoxSipMessage *message);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoxSipMessage, stox_sip_message_unref)
const StoxSipView *stox_sip_view(const StoxSipMessage *message);
/* 0: sound. Else the status to answer a request with (400, 505, 416 ...) and a static sentence. */
unsigned stox_sip_defect(const StoxSipMessage *message, const char **ret_why);

/*
 * Where a request over UDP really came from; `address` without brackets. Responses made of it carry received and rport in their top Via (RFC 3261 s18.2.1,
 * RFC 3581 s4).
 */
void stox_sip_message_set_source(StoxSipMessage *message, const char *address, unsigned port);
/* Its source is known: it came over UDP, and its responses go there. */
bool stox_sip_message_is_datagram(const StoxSipMessage *message);
/*
 * Where the response to a request goes when the flow it came on is gone (RFC 3261 s18.2.2): the sent-by of the top Via (port 0: none given); over UDP the
 * source address with its port if rport was asked for, else the sent-by's or 5060. False: the Via names no host. Caller frees *ret_host (no brackets).
 */
bool stox_sip_message_answer_address(const StoxSipMessage *message, char **ret_host,
                                     unsigned *ret_port);

/* Branch (NULL: none) and lower-case "host:port" of the Via at `index`, 0 on top; false when there are not so many. */
bool stox_sip_via(const StoxSipMessage *message, unsigned index, const char **ret_branch,
                  const char **ret_sent_by);
/* Raw values of a header in order of appearance, one a line, as received (unfolded), e.g. "Record-Route", "Via", "From". Borrowed strv, never NULL. Compact forms match. */
char *const *stox_sip_raw(const StoxSipMessage *message, const char *name);
/* True when the comma list `list` (view->supported, require, accept) has the token, case-insensitively. */
bool stox_sip_list_has(const char *list, const char *token);
/* URI parameter of a URI text, decoded; NULL absent. Caller frees. e.g. ("sip:h;ms-fe=fe01;lr", "ms-fe"). */
char *stox_sip_uri_param(const char *uri, const char *name);
/* URI inside a name-addr or addr-spec header value ("<sip:a;lr>;x=y" -> "sip:a;lr"). Caller frees; NULL when malformed. */
char *stox_sip_value_uri(const char *header_value);
/* Host and port (0 absent) of a sip(s) URI; false when it is none. Caller frees *ret_host (no brackets). `maddr` wins over the host. */
bool stox_sip_uri_host(const char *uri, char **ret_host, unsigned *ret_port);

/* ---- Writing ---- */

/* A message being written. Headers are written in the order they are added; CR and LF in values become blanks. */
typedef struct StoxSipBuilder StoxSipBuilder;
StoxSipBuilder *stox_sip_builder_request(const char *method, const char *request_uri);
/*
 * A response to `request`: status line, Via (all), Record-Route (when 1xx>100 or 2xx), From, To (with `to_tag` added when it has none and status > 100),
 * Call-ID, CSeq as the raw lines that came. `reason` NULL: standard. ms-diagnostics-public etc. are added by stox_sip_builder_result().
 */
StoxSipBuilder *stox_sip_builder_response(const StoxSipMessage *request, unsigned status,
                                          const char *reason, const char *to_tag);
void stox_sip_builder_free(StoxSipBuilder *builder);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoxSipBuilder, stox_sip_builder_free)
void stox_sip_builder_add(StoxSipBuilder *builder, const char *name,
                          const char *value); /* NULL value: nothing */
void stox_sip_builder_addf(StoxSipBuilder *builder, const char *name, const char *format, ...)
    G_GNUC_PRINTF(3, 4);
/* `"Display" <uri>` or `<uri>`, display quoted and escaped; caller frees. */
char *stox_sip_name_addr(const char *display, const char *uri);
void stox_sip_builder_body(StoxSipBuilder *builder, const char *content_type,
                           GBytes *body); /* body NULL: none */
/* Adds what a StoxSipResult says: ms-diagnostics-public with the text of error.h, Retry-After, Warning (`fqdn` as agent), Contact, Accept. */
void stox_sip_builder_result(StoxSipBuilder *builder, const StoxSipResult *result,
                             const char *fqdn);
const char *stox_sip_builder_method(const StoxSipBuilder *builder);
unsigned stox_sip_builder_status(const StoxSipBuilder *builder); /* 0: a request */
/* Over Request-URI and Route set of a request, for the second part of its branch (RFC 5393 s4.2.1). */
uint32_t stox_sip_builder_route_hash(const StoxSipBuilder *builder);
/* Tag of the To of a response; NULL: none. */
const char *stox_sip_builder_to_tag(const StoxSipBuilder *builder);
/*
 * The CANCEL of an INVITE, or the ACK of its non-2xx `response` (NULL for CANCEL): Request-URI, Route, From, To, Call-ID and the number
 * of CSeq are the INVITE's, for an ACK the To is that of the response (RFC 3261 s9.1, s17.1.1.3).
 */
StoxSipBuilder *stox_sip_builder_derive(const StoxSipBuilder *invite, const char *method,
                                        const StoxSipMessage *response);
/* The bytes: start line, `via` (NULL: none added; "SIP/2.0/TLS host:port;branch=...") on top, headers, Content-Length, body. Caller unrefs. */
GBytes *stox_sip_builder_finish(const StoxSipBuilder *builder, const char *via);

/* Values we announce. */
#define STOX_SIP_ALLOW          "INVITE, ACK, BYE, CANCEL, OPTIONS, MESSAGE, SUBSCRIBE, NOTIFY, INFO, UPDATE"
#define STOX_SIP_ACCEPT_MESSAGE STOX_BODY_ACCEPT ", " STOX_BODY_ACCEPT_STATES
#define STOX_SIP_ACCEPT         STOX_SIP_ACCEPT_MESSAGE ", application/sdp, application/pidf+xml"
/* The bodies that requests with `method` may have, for Accept in a 415 or 406 to one (RFC 3261 s8.2.3, s21.4.13); static. */
const char *stox_sip_accept(StoxSipMethod method);
