/* SPDX-License-Identifier: MIT */
/*
 * The values that cross between the two networks: message, presence, error, and the events and actions of the
 * gateway. Plain data; strings are UTF-8 and owned by the struct that holds them unless a comment says borrowed.
 */
#pragma once

#include <glib.h>

#include <stdbool.h>
#include <stdint.h>

/* The two clocks as seen by the caller when something happened. */
typedef struct {
    int64_t mono_ms; /* for timers and deadlines */
    int64_t wall_ms; /* milliseconds since 1970-01-01T00:00:00Z, for what people and peers see */
} StoxTime;

#define STOX_NEVER INT64_MAX /* a deadline that does not exist */

/* ---- XMPP errors (RFC 6120 s8.3.3) ---- */

typedef enum {
    STOX_CONDITION_NONE, /* no error */
    STOX_CONDITION_BAD_REQUEST,
    STOX_CONDITION_CONFLICT,
    STOX_CONDITION_FEATURE_NOT_IMPLEMENTED,
    STOX_CONDITION_FORBIDDEN,
    STOX_CONDITION_GONE,
    STOX_CONDITION_INTERNAL_SERVER_ERROR,
    STOX_CONDITION_ITEM_NOT_FOUND,
    STOX_CONDITION_JID_MALFORMED,
    STOX_CONDITION_NOT_ACCEPTABLE,
    STOX_CONDITION_NOT_ALLOWED,
    STOX_CONDITION_NOT_AUTHORIZED,
    STOX_CONDITION_POLICY_VIOLATION,
    STOX_CONDITION_RECIPIENT_UNAVAILABLE,
    STOX_CONDITION_REDIRECT,
    STOX_CONDITION_REGISTRATION_REQUIRED,
    STOX_CONDITION_REMOTE_SERVER_NOT_FOUND,
    STOX_CONDITION_REMOTE_SERVER_TIMEOUT,
    STOX_CONDITION_RESOURCE_CONSTRAINT,
    STOX_CONDITION_SERVICE_UNAVAILABLE,
    STOX_CONDITION_SUBSCRIPTION_REQUIRED,
    STOX_CONDITION_UNDEFINED_CONDITION,
    STOX_CONDITION_UNEXPECTED_REQUEST,
    STOX_N_CONDITIONS
} StoxCondition;

typedef enum {
    STOX_ERROR_CANCEL,
    STOX_ERROR_AUTH,
    STOX_ERROR_CONTINUE,
    STOX_ERROR_MODIFY,
    STOX_ERROR_WAIT
} StoxErrorType;

/* A stanza error. */
typedef struct {
    StoxCondition condition;
    StoxErrorType type;
    char *text;    /* for people; may be NULL */
    char *lang;    /* of the text, BCP 47; NULL: English (D-01) */
    char *address; /* gone, redirect: the new address as character data; may be NULL */
} StoxError;

/* ---- SIP results ---- */

/* What became of a SIP request we sent, or what we answer to one. */
typedef enum {
    STOX_SIP_ANSWERED,  /* `status` came from the peer (or is what we answer) */
    STOX_SIP_TIMEOUT,   /* Timer B or F: it may have arrived (counts as 408, RFC 3261 s8.1.3.1) */
    STOX_SIP_TRANSPORT, /* the connection failed after a byte was written: it may have arrived */
    STOX_SIP_NOT_SENT,  /* no byte left us: connect, TLS or queue failure (counts as 503) */
    STOX_SIP_TOO_LARGE, /* for UDP, and TCP was not to be had (RFC 3261 s18.1.1); no byte left us */
    STOX_SIP_NO_SUCH_DOMAIN, /* the next hop's name does not resolve; no byte left us */
} StoxSipFate;

typedef struct {
    StoxSipFate fate;
    unsigned status;   /* 200..699 when fate is ANSWERED */
    char *reason;      /* reason phrase; NULL: the standard one of `status` */
    char *contact;     /* 3xx, 410: first Contact as URI; may be NULL */
    char *diagnostics; /* in: peer's ms-diagnostics(-public) reason, for people; may be NULL */
    unsigned diagnostics_id; /* in: its ErrorId (lync.md 4.9); 0 none */
    char *warning;           /* in: texts of the Warning header; may be NULL */
    size_t bytes; /* 413, 513: out: the most that is taken; in: how much was refused; 0 unknown */
    unsigned diagnostic;    /* out: our ms-diagnostics-public id, 61000..62999; 0 none */
    unsigned retry_after_s; /* seconds; 0 none */
    unsigned warn_code;     /* out: Warning code, 380 with sips: (RFC 5630 s5.1.2); 0 none */
    bool accept;            /* out: add the Accept header with what we take (415, 406) */
} StoxSipResult;

/* ---- XMPP values ---- */

typedef enum {
    STOX_MESSAGE_NORMAL,
    STOX_MESSAGE_CHAT,
    STOX_MESSAGE_HEADLINE,
    STOX_MESSAGE_GROUPCHAT,
    STOX_MESSAGE_ERROR
} StoxMessageType;

/* XEP-0085 */
typedef enum {
    STOX_CHAT_STATE_NONE,
    STOX_CHAT_STATE_ACTIVE,
    STOX_CHAT_STATE_COMPOSING,
    STOX_CHAT_STATE_PAUSED,
    STOX_CHAT_STATE_INACTIVE,
    STOX_CHAT_STATE_GONE
} StoxChatState;

/* Strings may be NULL unless said. */
typedef struct {
    char *from; /* JID as on the wire, full or bare; never NULL */
    char *to;   /* never NULL */
    char *id;
    char *origin_id; /* XEP-0359 */
    StoxMessageType type;
    char *lang; /* xml:lang of the body or stanza */
    char *subject;
    char *body;
    char *
        xhtml; /* XHTML-IM (XEP-0071): what is inside its <body/>, as markup in the XHTML namespace; read: as it came; written: sanitised before */
    char *thread;
    char *nick; /* XEP-0172 */
    StoxChatState chat_state;
    bool wants_receipt;    /* XEP-0184 <request/> */
    bool markable;         /* XEP-0333 */
    char *received_id;     /* XEP-0184 <received/> */
    char *displayed_id;    /* XEP-0333 <displayed/> */
    char *replaces_id;     /* XEP-0308: the body corrects that message */
    char *oob_url;         /* XEP-0066 <x xmlns='jabber:x:oob'/> */
    char *encryption;      /* the payload is encrypted this way ("OMEMO"); the body is a fallback */
    bool unstyled;         /* XEP-0393 */
    bool no_store;         /* written: XEP-0334 */
    int64_t delay_wall_ms; /* XEP-0203 stamp; 0 none */
    StoxError error;       /* type error */
} StoxMessage;

typedef enum {
    STOX_PRESENCE_AVAILABLE,
    STOX_PRESENCE_UNAVAILABLE,
    STOX_PRESENCE_SUBSCRIBE,
    STOX_PRESENCE_SUBSCRIBED,
    STOX_PRESENCE_UNSUBSCRIBE,
    STOX_PRESENCE_UNSUBSCRIBED,
    STOX_PRESENCE_PROBE,
    STOX_PRESENCE_ERROR,
    STOX_PRESENCE_UNKNOWN /* a type RFC 6121 does not know: answered bad-request */
} StoxPresenceType;

typedef enum {
    STOX_SHOW_ONLINE, /* no <show/> */
    STOX_SHOW_CHAT,
    STOX_SHOW_AWAY,
    STOX_SHOW_XA,
    STOX_SHOW_DND
} StoxShow;

/* What somebody says about himself, in one language. */
typedef struct {
    char *text;
    char *lang; /* NULL: not said */
} StoxNote;

/* The same in several, in the order in which they came (notes.h). */
typedef struct {
    StoxNote *list;
    unsigned n;
} StoxNotes;

typedef struct {
    char *from; /* JID as on the wire, full or bare */
    char *to;
    char *id; /* may be NULL */
    StoxPresenceType type;
    StoxShow show;
    StoxNotes status;
    char *nick;                 /* XEP-0172, only with subscribe; may be NULL */
    int priority;               /* -128..127 */
    int64_t idle_since_wall_ms; /* XEP-0319, or XEP-0256 as read; 0: not idle */
    int64_t delay_wall_ms;      /* XEP-0203 stamp; 0 none */
    bool muc;                   /* carries XEP-0045's <x/>: groupchat is refused (G-14) */
    StoxError error;
} StoxPresence;

/* ---- Events: what the gateway is told ---- */

typedef enum {
    /* XMPP side */
    STOX_EVENT_LINK_UP,       /* domain */
    STOX_EVENT_LINK_DOWN,     /* domain: nothing written to it before can be relied on */
    STOX_EVENT_XMPP_MESSAGE,  /* message (also type error) */
    STOX_EVENT_XMPP_PRESENCE, /* presence (also type error) */
    STOX_EVENT_XMPP_PONG, /* id, from, to: result or error of a STOX_ACTION_XMPP_PING; both prove */
    STOX_EVENT_XMPP_UNSENT, /* id, to: a message or ping of ours was refused by the local queue, or there is no stream */
    /* SIP side, sessions (INVITE dialogs that carry IM) */
    STOX_EVENT_SIP_INVITE, /* session, request, hop, from_uri, request_uri, display, subject, conversation_id, accept (of its SDP) */
    STOX_EVENT_SESSION_OPENED, /* session, conversation_id (ours), accept (ours, of its SDP): 200 and ACK done (ours), or ACK received (theirs) */
    STOX_EVENT_SESSION_FAILED, /* session, result: an INVITE of ours ended without a session */
    STOX_EVENT_SESSION_CLOSED, /* session: BYE, timer, or its dialog is lost */
    STOX_EVENT_SESSION_INFO, /* session, content_type, body: INFO of the peer, answered already (lync.md 4.5) */
    /* SIP side, messages */
    STOX_EVENT_SIP_MESSAGE, /* request, session (0: page mode), hop, from_uri, request_uri, call_id, content_type, body, subject, lang, date_wall_ms, expires_s (0: none), display */
    STOX_EVENT_SIP_MESSAGE_RESULT, /* ref, session, result: fate of STOX_ACTION_SIP_MESSAGE */
    /* SIP side, subscriptions where we are the subscriber ("watching") */
    STOX_EVENT_SUBSCRIBED, /* subscription, result (2xx), expires_s */
    STOX_EVENT_SUBSCRIBE_FAILED, /* subscription, result, initial: final failure; when !initial and keep, the dialog still lives */
    STOX_EVENT_NOTIFY, /* subscription, request (0: piggybacked, no answer), state, reason, retry_after_s, expires_s, content_type, body, lang */
    STOX_EVENT_SUBSCRIPTION_LOST, /* subscription: dialog ended without NOTIFY terminated (expiry, Timer N) */
    STOX_EVENT_HOP_UP, /* hop: a server of it that was down answers again; what waits for another try need not wait long */
    /* SIP side, subscriptions where we are the notifier ("watched") */
    STOX_EVENT_SIP_SUBSCRIBE, /* subscription, request, hop, from_uri, request_uri, display, expires_s (-1 absent), accept, content_type, body, refresh */
    STOX_EVENT_WATCHER_ENDED, /* subscription: expired or its NOTIFY failed; the dialog is gone */
    /* Ours */
    STOX_EVENT_TICK, /* the deadline has come */
    STOX_EVENT_STOP  /* SIGTERM: withdraw what others see (promise 5); nothing new is accepted */
} StoxEventKind;

typedef enum {
    STOX_SUBSTATE_ACTIVE,
    STOX_SUBSTATE_PENDING,
    STOX_SUBSTATE_TERMINATED
} StoxSubscriptionState;

/* One event. Only the fields named beside its kind are set; everything else is zero. */
typedef struct {
    StoxEventKind kind;
    char *domain; /* the served SIP domain a link belongs to */
    char *id;
    char *from;
    char *to;
    StoxMessage *message;
    StoxPresence *presence;

    uint64_t session;      /* even: named by the gateway; odd: named by the SIP side; 0 none */
    uint64_t subscription; /* same rule */
    uint64_t request; /* an incoming SIP request that waits for STOX_ACTION_SIP_RESPOND; 0 none */
    uint64_t ref;     /* the gateway's name for a MESSAGE it asked to be sent */
    char *hop;        /* name of the hop the request came from */
    char *from_uri;   /* From URI as received, no display name */
    char *request_uri;
    char *display; /* From display name, decoded; may be NULL */
    char *call_id;
    char *conversation_id; /* Ms-Conversation-ID; may be NULL */
    char *subject;
    char *lang;
    char *content_type; /* whole header value; NULL when there is no body */
    GBytes *body;       /* NULL when there is none */
    char *
        accept; /* Accept values joined with ", "; NULL when the header is absent. Of SDP: the accept-types, with blanks between */
    int64_t date_wall_ms; /* Date header; 0 none */
    int64_t expires_s;
    unsigned retry_after_s;
    StoxSubscriptionState state;
    char *reason; /* Subscription-State reason; may be NULL */
    bool refresh; /* SIP_SUBSCRIBE inside a dialog we already have */
    bool initial; /* SUBSCRIBE_FAILED: the dialog was never established */
    bool keep;    /* SUBSCRIBE_FAILED: the dialog lives on until its expiry (P-35) */
    StoxSipResult result;
} StoxEvent;

/* ---- Actions: what the gateway wants done ---- */

typedef enum {
    /* XMPP side */
    STOX_ACTION_XMPP_MESSAGE,  /* message */
    STOX_ACTION_XMPP_PRESENCE, /* presence */
    STOX_ACTION_XMPP_PING,     /* id, from, to: XEP-0199 get; answered by STOX_EVENT_XMPP_PONG */
    /* SIP side */
    STOX_ACTION_SIP_RESPOND, /* request, result: final answer to INVITE, MESSAGE, SUBSCRIBE or NOTIFY */
    STOX_ACTION_SESSION_OPEN, /* session, hop, from_uri, to_uri, display, subject, conversation_id, accept (as of SDP): INVITE */
    STOX_ACTION_SESSION_ACCEPT, /* session, request, accept (as of SDP; NULL: text/plain): 200 with our SDP */
    STOX_ACTION_SESSION_CLOSE, /* session: BYE (CANCEL while it is not open) */
    STOX_ACTION_SESSION_INFO, /* session, content_type, body: in-dialog INFO; nobody is told what became of it (D-08) */
    STOX_ACTION_SIP_MESSAGE, /* ref, session (0: page mode with hop, from_uri, to_uri, display, call_id), content_type, body, subject, lang, date_wall_ms */
    STOX_ACTION_SUBSCRIBE, /* subscription, hop, from_uri, to_uri, display, expires_s, accept, content_type and body (NULL: none), require (NULL: none); refreshed, with the same, by the SIP side until told otherwise. expires_s 0: one fetch. reason: for the log; NULL none */
    STOX_ACTION_UNSUBSCRIBE, /* subscription: SUBSCRIBE Expires 0; the name is dead afterwards */
    STOX_ACTION_SUBSCRIPTION_ACCEPT, /* subscription, request, expires_s: 200; must be followed by STOX_ACTION_NOTIFY */
    STOX_ACTION_NOTIFY, /* subscription, state, reason, retry_after_s, content_type, body (NULL: empty), lang; terminated ends it */
    /* Accounts */
    STOX_ACTION_OUTCOME /* direction, from, to, id, outcome, reason: one per message (promise 1) */
} StoxActionKind;

typedef enum {
    STOX_OUTCOME_DELIVERED,
    STOX_OUTCOME_REFUSED,
    STOX_OUTCOME_HANDED_OVER,
    STOX_OUTCOME_UNKNOWN
} StoxOutcome;

typedef enum { STOX_XMPP_TO_SIP, STOX_SIP_TO_XMPP } StoxDirection;

/* One action. Only the fields named beside its kind are set. */
typedef struct {
    StoxActionKind kind;
    char *id;
    char *from;
    char *to;
    StoxMessage *message;
    StoxPresence *presence;

    uint64_t session;
    uint64_t subscription;
    uint64_t request;
    uint64_t ref;
    char *hop;
    char *from_uri;
    char *to_uri;
    char *display;
    char *call_id;
    char *conversation_id;
    char *subject;
    char *lang;
    char *content_type;
    GBytes *body;
    char *accept;  /* header value */
    char *require; /* header value */
    int64_t date_wall_ms;
    int64_t expires_s;
    StoxSubscriptionState state;
    char *reason;
    unsigned retry_after_s; /* 0 none */
    StoxSipResult result;
    StoxDirection direction;
    StoxOutcome outcome;
} StoxAction;

/* Every `_clear` frees what the struct owns and zeroes it; every `_free` also frees the struct and takes NULL. */
void stox_error_clear(StoxError *error);
void stox_sip_result_clear(StoxSipResult *result);
void stox_sip_result_copy(StoxSipResult *dest,
                          const StoxSipResult *src); /* dest is uninitialised */
StoxMessage *stox_message_new(StoxMessageType type, const char *from, const char *to);
void stox_message_free(StoxMessage *message);
StoxPresence *stox_presence_new(StoxPresenceType type, const char *from, const char *to);
void stox_presence_free(StoxPresence *presence);
StoxEvent *stox_event_new(StoxEventKind kind);
void stox_event_free(StoxEvent *event);
StoxAction *stox_action_new(StoxActionKind kind);
void stox_action_free(StoxAction *action);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoxMessage, stox_message_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoxPresence, stox_presence_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoxEvent, stox_event_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoxAction, stox_action_free)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(StoxError, stox_error_clear)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(StoxSipResult, stox_sip_result_clear)
