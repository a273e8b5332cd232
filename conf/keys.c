/* SPDX-License-Identifier: MIT */
#include "conf/keys.h"

#include "conf/settings.h"

#include <glib.h>

#include <string.h>

#define IN(type, field) .offset = offsetof(type, field)

enum { KIB = 1024, MIB = 1024 * 1024, GIB = 1024 * 1024 * 1024, DAY = 86400 };

const StoxGroupKind stox_group_kinds[] = {
    {"component", NULL, "The XMPP server that stoxd attaches to, and the streams to it."},
    {"domain", "DOMAIN", "A SIP domain that is served: one XEP-0114 stream each."},
    {"sip", NULL, "The SIP side: where it listens and what it is called."},
    {"hop", "NAME", "A next hop: a Lync pool, an Edge, or a SIP server."},
    {"gateway", NULL, "What goes through the gateway (Set-CsXmppGatewayConfiguration)."},
    {"partner", "DOMAIN", "An XMPP domain that may be talked to (New-CsXmppAllowedPartner)."},
    {"access", NULL, "Which users may use the gateway."},
    {NULL, NULL, NULL}};

/* clang-format off */
const StoxKey stox_keys[] = {
    {"component", "server", STOX_TYPE_SERVER, "127.0.0.1:5347",
     .help = "Host and component port of the XMPP server (port 5347 when none is given)."},
    {"component", "stanza-max-bytes", STOX_TYPE_SIZE, "256K", .min = 10000, .max = 64 * MIB,
     IN(StoxSettings, stanza_max_bytes),
     .help = "Largest stanza that is taken from the XMPP server; the sender of a larger one gets an error."},
    {"component", "queue-max-bytes", STOX_TYPE_SIZE, "8M", .min = 64 * KIB, .max = GIB,
     IN(StoxSettings, queue_max_bytes),
     .help = "How much may wait for the XMPP server on each stream before messages are refused."},
    {"component", "connect-timeout", STOX_TYPE_DURATION, "10", .min = 1, .max = 300,
     IN(StoxSettings, connect_timeout_s),
     .help = "Time for the TCP connection to the XMPP server."},
    {"component", "handshake-timeout", STOX_TYPE_DURATION, "15", .min = 1, .max = 300,
     IN(StoxSettings, handshake_timeout_s),
     .help = "Time for the stream's opening and the handshake."},
    {"component", "idle-timeout", STOX_TYPE_DURATION, "120", .min = 5, .max = DAY,
     IN(StoxSettings, idle_timeout_s),
     .help = "A stream that is silent for so long is probed with a ping, and closed when that "
             "is not answered."},

    {"domain", "secret-file", STOX_TYPE_SECRET_FILE, .without = "secret is used",
     .help = "File with the secret of the component, as it stands in the XMPP server's "
             "configuration; one newline at its end does not count."},
    {"domain", "secret", STOX_TYPE_SECRET, .without = "secret-file is read",
     .help = "The secret itself, for a first try; secret-file is better, as this file may be read "
             "by many."},
    {"domain", "hop", STOX_TYPE_TEXT, IN(StoxDomainSettings, hop),
     .help = "Name of the [hop NAME] that the users of this domain are reached through."},
    {"domain", "server", STOX_TYPE_SERVER, .without = "that of [component] is used",
     .help = "XMPP server for this domain alone."},
    {"domain", "sip-domains", STOX_TYPE_DOMAINS, .without = "it is DOMAIN itself",
     IN(StoxDomainSettings, sip_domains),
     .help = "SIP domains whose users are reached through DOMAIN when it is not their SIP domain itself: "
             "the whole SIP address stands escaped before its @ (XEP-0100, XEP-0106); the first one is "
             "meant when none is written."},
    {"domain", "percent-form", STOX_TYPE_BOOLEAN, "no", IN(StoxDomainSettings, percent_form),
     .help = "With sip-domains: the older form user%sip-domain@DOMAIN is understood as well."},
    {"domain", "language", STOX_TYPE_CHOICE, "en", IN(StoxDomainSettings, language),
     .choices = {"en", "de"},
     .help = "Language of what the gateway itself says to the users of this domain: en or de."},

    {"sip", "listen", STOX_TYPE_LISTENS,
     .help = "Where SIP is listened for: tls:ADDRESS:PORT, tcp:ADDRESS:PORT or udp:ADDRESS:PORT, "
             "several with blanks between; IPv6 in brackets, tls:[::]:5061. Where ADDRESS is not 0.0.0.0 "
             "or [::], tls and tcp connections to next hops leave from it too (loopback only to "
             "loopback)."},
    {"sip", "fqdn", STOX_TYPE_HOST, IN(StoxSettings, fqdn),
     .help = "Name by which the SIP side knows this gateway; the certificate must carry it."},
    {"sip", "certificate", STOX_TYPE_PATH, .without = "TLS cannot be used",
     IN(StoxSettings, certificate),
     .help = "Certificate of this gateway with its chain, PEM; required with TLS."},
    {"sip", "private-key", STOX_TYPE_PATH, .without = "TLS cannot be used",
     IN(StoxSettings, private_key),
     .help = "Private key of the certificate, PEM; required with TLS."},
    {"sip", "message-max-bytes", STOX_TYPE_SIZE, "1M", .min = 16 * KIB, .max = 64 * MIB,
     IN(StoxSettings, message_max_bytes),
     .help = "Largest SIP message, headers and body, that is taken from a connection."},
    {"sip", "queue-max-bytes", STOX_TYPE_SIZE, "8M", .min = 64 * KIB, .max = GIB,
     IN(StoxSettings, sip_queue_max_bytes),
     .help = "How much may wait for the peer on each SIP connection before sending fails."},
    {"sip", "max-connections", STOX_TYPE_COUNT, "1024", .min = 1, .max = 1000000,
     IN(StoxSettings, max_connections),
     .help = "How many SIP connections may be open at a time; more are refused."},
    {"sip", "max-connections-per-peer", STOX_TYPE_COUNT, "64", .min = 1, .max = 1000000,
     IN(StoxSettings, max_connections_per_peer),
     .help = "How many of them may come from one address."},
    {"sip", "connect-timeout", STOX_TYPE_DURATION, "10", .min = 1, .max = 300,
     IN(StoxSettings, sip_connect_timeout_s),
     .help = "Time for the TCP connection to a next hop, and again for the TLS handshake."},
    {"sip", "idle-timeout", STOX_TYPE_DURATION, "15m", .min = 5, .max = DAY,
     IN(StoxSettings, sip_idle_timeout_s),
     .help = "A SIP connection without a message for so long is closed."},

    {"hop", "next-hop", STOX_TYPE_NEXT_HOPS,
     .help = "tls:HOST[:PORT], tcp:HOST[:PORT] or udp:HOST[:PORT], the preferred one first when "
             "there are several; a name without a port is looked up as SRV, an address without a "
             "port means 5061 (tls) or 5060 (tcp, udp)."},
    {"hop", "dialect", STOX_TYPE_CHOICE, "lync", IN(StoxHopSettings, dialect),
     .choices = {"lync", "simple"},
     .help = "lync for Lync Server and Skype for Business Server (sessions), simple for other SIP "
             "servers (page-mode MESSAGE)."},
    {"hop", "ca", STOX_TYPE_PATH, .without = "TLS cannot be used", IN(StoxHopSettings, ca),
     .help = "File with the CA certificates that this hop's certificates must come from, "
             "PEM; the issuing CA alone is enough. Required with tls."},
    {"hop", "peers", STOX_TYPE_HOSTS, .without = "it is the hosts of next-hop", IN(StoxHopSettings, peers),
     .help = "Names that a certificate of this hop may carry (the pool, its front ends); with "
             "tcp and udp: names or addresses that it may send from."},
    {"hop", "tls-minimum", STOX_TYPE_TLS_VERSION, "1.2", IN(StoxHopSettings, tls_minimum),
     .help = "Lowest TLS version toward this hop: 1.0, 1.1, 1.2 or 1.3. Certificates with "
             "SHA-1 or short keys need 1.0 or 1.1."},
    {"hop", "tls-ciphers", STOX_TYPE_TEXT, "", IN(StoxHopSettings, tls_ciphers),
     .help = "Cipher list in OpenSSL's notation for TLS 1.2 and below; empty: OpenSSL's default."},
    {"hop", "presence-format", STOX_TYPE_CHOICE, "pidf", IN(StoxHopSettings, presence_format),
     .choices = {"pidf", "categories"},
     .help = "What a lync hop is asked for when its users are watched: pidf (simple and robust), or "
             "categories (notes and what somebody is doing, too)."},
    {"hop", "busy-as", STOX_TYPE_CHOICE, "dnd", IN(StoxHopSettings, busy_as),
     .choices = {"dnd", "away", "online"},
     .help = "How somebody who is Busy is shown to XMPP users: dnd, away or online."},
    {"hop", "dnd-as", STOX_TYPE_CHOICE, "busy", IN(StoxHopSettings, dnd_as),
     .choices = {"busy", "do-not-disturb"},
     .help = "How an XMPP user with dnd is shown on the SIP side: busy, or do-not-disturb (Lync then "
             "warns before writing)."},
    {"hop", "rich-text", STOX_TYPE_BOOLEAN, "no", IN(StoxHopSettings, rich_text),
     .help = "Sends formatted text of XMPP users as HTML beside the plain text, to those of this hop "
             "who say that they take it."},
    {"hop", "receipts", STOX_TYPE_CHOICE, "by-dialect", IN(StoxHopSettings, receipts),
     .choices = {"by-dialect", "no", "yes"},
     .help = "Whether a 200 to a message inside a session is passed on as a receipt when the sender "
             "asked for one; by-dialect: yes with lync, no with simple."},
    {"hop", "page-mode-type", STOX_TYPE_CHOICE, "by-dialect", IN(StoxHopSettings, page_mode_type),
     .choices = {"by-dialect", "normal", "chat"},
     .help = "Type of the XMPP messages that page-mode MESSAGEs become; by-dialect: chat with lync, "
             "normal with simple (RFC 7572)."},
    {"hop", "thread", STOX_TYPE_CHOICE, "conversation", IN(StoxHopSettings, thread),
     .choices = {"conversation", "call-id"},
     .help = "Thread of page-mode messages toward XMPP: one for each conversation, or the Call-ID of "
             "each MESSAGE (RFC 7572)."},
    {"hop", "from-gruu", STOX_TYPE_BOOLEAN, "yes", IN(StoxHopSettings, from_gruu),
     .help = "Puts the sender's XMPP resource as gr into From of page-mode messages (RFC 7572); no for "
             "peers that dislike parameters there."},
    {"hop", "bare-jid-errors", STOX_TYPE_CHOICE, "by-dialect", IN(StoxHopSettings, bare_jid_errors),
     .choices = {"by-dialect", "4xx", "6xx"},
     .help = "Status for XMPP errors that come from a bare JID: 6xx (RFC 7247; it ends all forks) or "
             "4xx; by-dialect: 4xx with lync, 6xx with simple."},
    {"hop", "crl", STOX_TYPE_CHOICE, "off", IN(StoxHopSettings, crl), .choices = {"off", "leaf", "chain"},
     .help = "Whether certificates of this hop are looked up in crl-file: off, leaf (the peer's own "
             "one) or chain (those of its issuers, too)."},
    {"hop", "crl-file", STOX_TYPE_PATH, .without = "crl can only be off",
     IN(StoxHopSettings, crl_file),
     .help = "File with the certificate revocation lists of this hop's CAs, PEM, read again "
             "on SIGHUP. A list that is missing or out of date means refusal."},
    {"hop", "options-interval", STOX_TYPE_DURATION, "60", .min = 0, .max = DAY,
     IN(StoxHopSettings, options_interval_s),
     .help = "How often a next hop that says nothing is asked with OPTIONS whether it is there; 0: "
             "never."},
    {"hop", "max-requests-per-second", STOX_TYPE_COUNT, "2000", .min = 0, .max = 1000000,
     IN(StoxHopSettings, max_requests_per_second),
     .help = "How many new requests of one peer are taken in a second, in dialogs four times as "
             "many; more are answered 503, and nothing beyond ten times as many; 0: no limit."},

    {"gateway", "subscription-refresh-interval", STOX_TYPE_DURATION, "8h", .min = 60, .max = 7 * DAY,
     IN(StoxSettings, subscription_refresh_interval_s),
     .help = "How long a presence subscription on the SIP side lives before it is refreshed."},
    {"gateway", "session-idle-timeout", STOX_TYPE_DURATION, "10m", .min = 5, .max = 7 * DAY,
     IN(StoxSettings, session_idle_timeout_s),
     .help = "A SIP chat session without a message for so long is ended; the next message opens "
             "a new one."},
    {"gateway", "confirm-timeout", STOX_TYPE_DURATION, "3", .min = 1, .max = 30,
     IN(StoxSettings, confirm_timeout_s),
     .help = "How long a SIP sender waits for the partner's domain to take the message."},
    {"gateway", "max-queued-messages", STOX_TYPE_COUNT, "100", .min = 1, .max = 10000,
     IN(StoxSettings, max_queued_messages),
     .help = "How many messages may wait in one conversation; more are refused."},
    {"gateway", "max-message-text", STOX_TYPE_SIZE, "64K", .min = KIB, .max = MIB,
     IN(StoxSettings, max_message_text),
     .help = "Longest text of one SIP message; longer ones of XMPP users go in up to eight parts, and "
             "what is longer still is refused."},
    {"gateway", "enable-logging-all-message-bodies", STOX_TYPE_BOOLEAN, "false",
     IN(StoxSettings, log_message_bodies),
     .help = "Writes the text of every message to the log; leave it off."},
    {"gateway", "state-directory", STOX_TYPE_UNSUPPORTED},
    {"gateway", "durability", STOX_TYPE_UNSUPPORTED},
    {"gateway", "journal-bodies", STOX_TYPE_UNSUPPORTED},
    {"gateway", "connection-limit", STOX_TYPE_UNSUPPORTED},
    {"gateway", "partner-connection-limit", STOX_TYPE_UNSUPPORTED},
    {"gateway", "stream-establishment-timeout", STOX_TYPE_UNSUPPORTED},
    {"gateway", "stream-inactivity-timeout", STOX_TYPE_UNSUPPORTED},
    {"gateway", "keep-alive-interval", STOX_TYPE_UNSUPPORTED},
    {"gateway", "dialback-passphrase", STOX_TYPE_UNSUPPORTED},

    {"partner", "additional-domains", STOX_TYPE_DOMAINS, "",
     IN(StoxPartnerSettings, additional_domains),
     .help = "Further domains of this partner; sub-domains are not implied, each is listed."},
    {"partner", "description", STOX_TYPE_TEXT, "", .offset = SIZE_MAX,
     .help = "A note for the administrator."},
    {"partner", "partner-type", STOX_TYPE_CHOICE, "federated", IN(StoxPartnerSettings, type),
     .choices = {"federated", "public-verified", "public-unverified"},
     .help = "federated, or public-verified: its users never see the notes of SIP users. "
             "public-unverified is known but not yet supported by this version."},
    {"partner", "language", STOX_TYPE_CHOICE, "en", IN(StoxPartnerSettings, language),
     .choices = {"en", "de"},
     .help = "Language of what the gateway itself says to this partner's users: en or de."},
    {"partner", "xhtml-im", STOX_TYPE_BOOLEAN, "no", IN(StoxPartnerSettings, xhtml_im),
     .help = "Passes formatted text of SIP users on as XHTML-IM (XEP-0071), sanitised, beside the "
             "plain text."},
    {"partner", "tls-negotiation", STOX_TYPE_UNSUPPORTED},
    {"partner", "sasl-negotiation", STOX_TYPE_UNSUPPORTED},
    {"partner", "support-dialback-negotiation", STOX_TYPE_UNSUPPORTED},
    {"partner", "enable-keep-alive", STOX_TYPE_UNSUPPORTED},
    {"partner", "connection-limit", STOX_TYPE_UNSUPPORTED},
    {"partner", "proxy-fqdn", STOX_TYPE_UNSUPPORTED},

    {"access", NULL, STOX_TYPE_UNSUPPORTED},
    {NULL, NULL, STOX_TYPE_UNSUPPORTED}};
/* clang-format on */

const StoxGroupKind *stox_group_kind(const char *kind)
{
    for (const StoxGroupKind *k = stox_group_kinds; k->kind; k++)
        if (g_str_equal(k->kind, kind))
            return k;
    return NULL;
}

const StoxKey *stox_key(const char *kind, const char *name)
{
    for (const StoxKey *key = stox_keys; key->kind; key++)
        if (g_str_equal(key->kind, kind) && (!key->name || g_str_equal(key->name, name)))
            return key;
    return NULL;
}

bool stox_key_required(const StoxKey *key)
{
    return key->type != STOX_TYPE_UNSUPPORTED && !key->fallback && !key->without;
}

enum { NAME_MAX_COMPARED = 48 };

/* Lower case, without - and _, cut to what is compared. */
static size_t squash(const char *name, char *to)
{
    size_t n = 0;

    for (; *name && n < NAME_MAX_COMPARED; name++)
        if (*name != '-' && *name != '_')
            to[n++] = g_ascii_tolower(*name);
    return n;
}

unsigned stox_name_distance(const char *a, const char *b)
{
    char left[NAME_MAX_COMPARED], right[NAME_MAX_COMPARED];
    unsigned rows[3][NAME_MAX_COMPARED + 1];
    size_t n = squash(a, left), m = squash(b, right);

    for (unsigned j = 0; j <= m; j++)
        rows[0][j] = j;
    for (unsigned i = 1; i <= n; i++) {
        unsigned *now = rows[i % 3], *before = rows[(i + 2) % 3], *swap = rows[(i + 1) % 3];

        now[0] = i;
        for (unsigned j = 1; j <= m; j++) {
            unsigned differs = left[i - 1] != right[j - 1];

            now[j] = MIN(MIN(before[j], now[j - 1]) + 1, before[j - 1] + differs);
            if (i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1])
                now[j] = MIN(now[j], swap[j - 2] + 1);
        }
    }
    return rows[n % 3][m];
}

/* A third of the letters may be wrong, and one at least. */
static unsigned tolerance(const char *name)
{
    return (unsigned) MAX(MIN(strlen(name), NAME_MAX_COMPARED) / 3, 1);
}

const char *stox_nearest_name(const char *name, const char *const *names)
{
    unsigned best = tolerance(name) + 1;
    const char *found = NULL;

    for (; *names; names++) {
        unsigned distance = stox_name_distance(name, *names);

        if (distance < best) {
            best = distance;
            found = *names;
        }
    }
    return found;
}

const char *stox_nearest_kind(const char *kind)
{
    const char *names[G_N_ELEMENTS(stox_group_kinds)] = {NULL};

    for (unsigned i = 0; stox_group_kinds[i].kind; i++)
        names[i] = stox_group_kinds[i].kind;
    return stox_nearest_name(kind, names);
}

const char *stox_nearest_key(const char *kind, const char *name)
{
    const char *names[G_N_ELEMENTS(stox_keys)] = {NULL};
    unsigned n = 0;

    for (const StoxKey *key = stox_keys; key->kind; key++)
        if (g_str_equal(key->kind, kind) && key->name && key->type != STOX_TYPE_UNSUPPORTED)
            names[n++] = key->name;
    return stox_nearest_name(name, names);
}
