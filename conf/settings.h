/* SPDX-License-Identifier: MIT */
/* The settings as plain structs: what stoxd.conf says, checked and with every default filled in. */
#pragma once

#include <glib.h>

#include <stdbool.h>
#include <stdint.h>

typedef enum { STOX_TRANSPORT_TLS, STOX_TRANSPORT_TCP, STOX_TRANSPORT_UDP } StoxTransportKind;
enum { STOX_TRANSPORT_KINDS = 3 };

/* What of a peer's chain is looked up in the certificate revocation lists (RFC 5280 s6.3). */
typedef enum { STOX_CRL_OFF, STOX_CRL_LEAF, STOX_CRL_CHAIN } StoxCrlCheck;

typedef enum { STOX_SETTING_DIALECT_LYNC, STOX_SETTING_DIALECT_SIMPLE } StoxSettingDialect;
typedef enum { STOX_SETTING_FORMAT_PIDF, STOX_SETTING_FORMAT_CATEGORIES } StoxSettingFormat;
typedef enum {
    STOX_SETTING_BUSY_AS_DND,
    STOX_SETTING_BUSY_AS_AWAY,
    STOX_SETTING_BUSY_AS_ONLINE
} StoxSettingBusyAs;
typedef enum { STOX_SETTING_DND_AS_BUSY, STOX_SETTING_DND_AS_DO_NOT_DISTURB } StoxSettingDndAs;
typedef enum { STOX_SETTING_THREAD_CONVERSATION, STOX_SETTING_THREAD_CALL_ID } StoxSettingThread;
typedef enum { STOX_SETTING_EN, STOX_SETTING_DE } StoxSettingLanguage;
typedef enum {
    STOX_SETTING_FEDERATED,
    STOX_SETTING_PUBLIC_VERIFIED,
    STOX_SETTING_PUBLIC_UNVERIFIED
} StoxSettingPartnerType;
/* Two ways, where the dialect decides unless it is said. */
typedef enum { STOX_SETTING_BY_DIALECT, STOX_SETTING_FIRST, STOX_SETTING_SECOND } StoxSettingWay;

typedef struct {
    char *name;        /* served SIP domain, lower case */
    char *server_host; /* [component] server, or this domain's own `server` */
    unsigned server_port;
    char *secret;      /* raw bytes of the secret file less one newline; never logged */
    char *hop;         /* name of a StoxHopSettings */
    GStrv sip_domains; /* canonical; NULL: the SIP domain is `name` */
    bool percent_form;
    StoxSettingLanguage language;
} StoxDomainSettings;

typedef struct {
    StoxTransportKind kind;
    char *host; /* address literal; "0.0.0.0", "::" */
    unsigned port;
} StoxListenSettings;

typedef struct {
    char *host;    /* name or address literal */
    unsigned port; /* 0: SRV lookup, then the default port */
} StoxNextHop;
void stox_next_hop_free(gpointer next_hop);

/* "tls", "tcp", "udp". */
const char *stox_transport_name(StoxTransportKind kind);

typedef struct {
    char *name;
    StoxTransportKind kind; /* of all its next hops */
    GPtrArray *next_hops;   /* StoxNextHop*, the preferred one first; never empty */
    StoxSettingDialect dialect;
    char *ca;    /* path of the CA bundle; NULL with tcp and udp */
    GStrv peers; /* names a certificate of this hop may carry; tcp, udp: source addresses */
    unsigned tls_minimum; /* 10, 11, 12, 13 */
    char *tls_ciphers;    /* NULL: the default */
    StoxCrlCheck crl;     /* off */
    char *crl_file;       /* path of the CRLs, PEM; NULL with off */
    unsigned
        options_interval_s; /* 60: how often a next hop without traffic is asked with OPTIONS; 0 never */
    unsigned max_requests_per_second; /* 2000: of one peer; more are answered 503; 0 no limit */
    StoxSettingFormat presence_format;
    StoxSettingBusyAs busy_as;
    StoxSettingDndAs dnd_as;
    bool rich_text;
    StoxSettingWay receipts;       /* no, yes */
    StoxSettingWay page_mode_type; /* normal, chat */
    StoxSettingThread thread;
    bool from_gruu;
    StoxSettingWay bare_jid_errors; /* 4xx, 6xx */
} StoxHopSettings;
/* The preferred one. */
const StoxNextHop *stox_next_hop_first(const StoxHopSettings *hop);

typedef struct {
    char *domain;
    GStrv additional_domains; /* never NULL */
    StoxSettingPartnerType type;
    StoxSettingLanguage language;
    bool xhtml_im;
} StoxPartnerSettings;

typedef struct {
    GPtrArray *domains;  /* StoxDomainSettings* */
    GPtrArray *listens;  /* StoxListenSettings* */
    GPtrArray *hops;     /* StoxHopSettings* */
    GPtrArray *partners; /* StoxPartnerSettings* */
    /* [component] */
    unsigned stanza_max_bytes;    /* 262144 */
    unsigned queue_max_bytes;     /* 8 MiB: written but not yet taken by the server, per stream */
    unsigned connect_timeout_s;   /* 10 */
    unsigned handshake_timeout_s; /* 15 */
    unsigned idle_timeout_s;      /* 120: a silent stream is probed with a ping and then closed */
    /* [sip] */
    char *fqdn;
    char *certificate;                 /* path; NULL when no tls is used */
    char *private_key;                 /* path */
    unsigned message_max_bytes;        /* 1 MiB: one SIP message, headers and body */
    unsigned sip_queue_max_bytes;      /* 8 MiB per connection */
    unsigned max_connections;          /* 1024 */
    unsigned max_connections_per_peer; /* 64: from one address */
    unsigned sip_connect_timeout_s;    /* 10, TCP and TLS handshake each */
    unsigned sip_idle_timeout_s;       /* 900 */
    /* [gateway] */
    unsigned subscription_refresh_interval_s; /* 28800 */
    unsigned session_idle_timeout_s;          /* 600 */
    unsigned confirm_timeout_s;               /* 3 */
    unsigned max_queued_messages;             /* 100 per conversation */
    unsigned max_message_text;                /* 65536 bytes */
    bool log_message_bodies;                  /* enable-logging-all-message-bodies; false */
} StoxSettings;

/* Empty lists, nothing else. */
StoxSettings *stox_settings_new(void);
void stox_settings_free(StoxSettings *settings);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoxSettings, stox_settings_free)

typedef enum { STOX_FINDING_ERROR, STOX_FINDING_WARNING } StoxFindingLevel;

typedef struct {
    StoxFindingLevel level;
    char *file;    /* may be NULL: not tied to a file */
    unsigned line; /* 0: not tied to a line */
    char *text;    /* what, where, what to do */
} StoxFinding;

/*
 * Reads `path` and, when it exists, the *.conf files of the directory conf.d beside it in the order of their names, then
 * STOXD_<GROUP>_<KEY> and ..._FILE from `environment` (NULL: none). Reads secret files; looks whether the other files
 * can be opened. Every finding is appended to *ret_findings (StoxFinding*; the caller's; a new array that frees its
 * elements when *ret_findings is NULL; `ret_findings` may be NULL). Returns NULL when there was an error; warnings alone
 * still give settings. Domain names come in the canonical form of stox_domain_canonical().
 */
StoxSettings *stox_settings_load(const char *path, char **environment, GPtrArray **ret_findings);
