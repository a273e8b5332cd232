/* SPDX-License-Identifier: MIT */
/* Why there is no stream, in sentences that say what, where and what to do. They follow "no XMPP stream for <domain>: ". */
#include "component/link-private.h"

#include <string.h>

/* RFC 6120 s4.9.3; X-08 */
typedef struct {
    const char *condition;
    bool is_setup;
    const char *sentence; /* %s: the domain */
} Explanation;

#define OUR_BUG                                                                                    \
    "the XMPP server found fault with what we sent for %s; that is a mistake in stoxd, please "    \
    "report it"

static const Explanation explanations[] = {
    {"not-authorized", true,
     "the XMPP server refused the secret for component %s: compare secret-file with "
     "component_secret (Prosody) or password (ejabberd)"},
    {"host-unknown", true,
     "the XMPP server has no component %s: add Component \"%s\" (Prosody) or %s under hosts of "
     "the ejabberd_service listener (ejabberd), and reload it"},
    {"host-gone", true, "the XMPP server no longer has a component %s: was it taken out there?"},
    {"conflict", true,
     "the XMPP server already has a stream for %s: another instance runs, or an old connection "
     "is half open (Prosody then lets go with component_conflict_resolve = \"kick_old\")"},
    {"invalid-namespace", true,
     "the XMPP server does not take components where we connect for %s: server under [component] "
     "must name its component port (5347 unless configured otherwise), not the one for clients or "
     "servers"},
    {"unsupported-version", true,
     "the XMPP server does not take components where we connect for %s: server under [component] "
     "must name its component port (5347 unless configured otherwise)"},
    {"see-other-host", true,
     "the XMPP server wants %s to connect to another host: set server under [component] to it"},
    {"system-shutdown", false, "the XMPP server shuts down (%s)"},
    {"reset", false, "the XMPP server reset the stream of %s"},
    {"connection-timeout", false, "the XMPP server heard nothing from %s for too long"},
    {"internal-server-error", false,
     "the XMPP server has an internal error on the stream of %s: see its log"},
    {"resource-constraint", false, "the XMPP server lacks resources for the stream of %s"},
    {"remote-connection-failed", false,
     "the XMPP server could not reach what it needs to check %s: see its log"},
    {"policy-violation", false,
     "the XMPP server says that %s broke a policy: compare stanza-max-bytes with its stanza size "
     "limit, and see whether it limits the rate of the component"},
    {"invalid-from", false,
     "the XMPP server was given a sender outside %s; that is a mistake in stoxd, please report it"},
    {"not-well-formed", false, OUR_BUG},
    {"invalid-xml", false, OUR_BUG},
    {"restricted-xml", false, OUR_BUG},
    {"bad-format", false, OUR_BUG},
    {"bad-namespace-prefix", false, OUR_BUG},
    {"improper-addressing", false, OUR_BUG},
    {"unsupported-stanza-type", false, OUR_BUG},
    {"unsupported-encoding", false, OUR_BUG},
};

static const Explanation *find(const char *condition)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(explanations); i++)
        if (strcmp(explanations[i].condition, condition) == 0)
            return &explanations[i];
    return NULL;
}

bool stox_link_is_setup_condition(const char *condition)
{
    const Explanation *explanation = find(condition);

    return explanation && explanation->is_setup;
}

/* `text` with every %s replaced. */
static void append_filled(GString *out, const char *text, const char *domain)
{
    const char *mark;

    for (; (mark = strstr(text, "%s")); text = mark + 2) {
        g_string_append_len(out, text, mark - text);
        g_string_append(out, domain);
    }
    g_string_append(out, text);
}

/* The peer's words, on one line and of bounded length. */
static void append_quoted(GString *out, const char *text)
{
    g_autofree char *line = g_utf8_substring(text, 0, MIN(g_utf8_strlen(text, -1), 200));

    for (char *at = line; *at; at++)
        if (g_ascii_iscntrl(*at))
            *at = ' ';
    g_string_append_printf(out, " (it says: %s)", g_strstrip(line));
}

char *stox_link_explain(const char *domain, const char *condition, const char *text)
{
    GString *out = g_string_new(NULL);
    const Explanation *explanation = find(condition);

    if (explanation)
        append_filled(out, explanation->sentence, domain);
    else
        g_string_append_printf(out, "the XMPP server ended the stream of %s with \"%.100s\"",
                               domain, condition);
    if (text && *text)
        append_quoted(out, text);
    return g_string_free(out, FALSE);
}

/* "127.0.0.1 port 5347" */
static char *place(const StoxLinkConfig *config)
{
    return g_strdup_printf("%s port %u", config->host, config->port);
}

char *stox_link_explain_connect(const StoxLinkConfig *config, const GError *error)
{
    g_autofree char *where = place(config);

    if (error->domain == G_RESOLVER_ERROR)
        return g_strdup_printf("the name %s of the XMPP server does not resolve (%s): see server "
                               "under [component]",
                               config->host, error->message);
    if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED))
        return g_strdup_printf("nothing listens at %s: does the XMPP server run, and is that its "
                               "component port (component_ports in Prosody, the port of the "
                               "ejabberd_service listener in ejabberd)?",
                               where);
    if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_HOST_UNREACHABLE) ||
        g_error_matches(error, G_IO_ERROR, G_IO_ERROR_NETWORK_UNREACHABLE))
        return g_strdup_printf("there is no way to %s (%s): see addresses, routes and firewalls",
                               where, error->message);
    return g_strdup_printf("cannot connect to the XMPP server at %s: %s", where, error->message);
}

char *stox_link_explain_timeout(const StoxLinkConfig *config, LinkState state)
{
    g_autofree char *where = place(config);

    switch (state) {
    case LINK_CONNECTING:
        return g_strdup_printf("no connection to the XMPP server at %s within %.1f s: is the host "
                               "up, does a firewall drop packets?",
                               where, config->connect_timeout_ms / 1000.0);
    case LINK_OPENING:
        return g_strdup_printf("connected to %s, but nothing answered within %.1f s: is that the "
                               "component port of the XMPP server?",
                               where, config->handshake_timeout_ms / 1000.0);
    case LINK_PROVING:
        return g_strdup_printf("the XMPP server at %s did not answer the handshake within %.1f s: "
                               "is it overloaded? See its log",
                               where, config->handshake_timeout_ms / 1000.0);
    default:
        return g_strdup_printf("the XMPP server at %s was silent for %.1f s and did not answer a "
                               "ping either",
                               where, 2 * (config->idle_timeout_ms / 1000.0));
    }
}

char *stox_link_explain_end(const StoxLinkConfig *config, LinkState state, const GError *error)
{
    g_autofree char *where = place(config);
    g_autofree char *how =
        error ? g_strdup_printf("the connection to %s broke (%s)", where, error->message)
              : g_strdup_printf("the XMPP server at %s closed the connection", where);

    switch (state) {
    case LINK_OPENING:
        return g_strconcat(how, " without a word: is that its component port?", NULL);
    case LINK_PROVING:
        return g_strconcat(how, " instead of answering the handshake: see its log", NULL);
    default:
        return g_steal_pointer(&how);
    }
}

char *stox_link_explain_input(const StoxLinkConfig *config, LinkState state, const GError *error)
{
    g_autofree char *where = place(config);

    if (state == LINK_OPENING)
        return g_strdup_printf("what answers at %s does not speak XMPP (%s): is that the "
                               "component port of the XMPP server?",
                               where, error->message);
    if (g_error_matches(error, STOX_XML_ERROR, STOX_XML_ERROR_LIMIT))
        return g_strdup_printf("the XMPP server at %s sent more than we even pass over (%s): set a "
                               "stanza size limit there, or stanza-max-bytes above it",
                               where, error->message);
    return g_strdup_printf("the XMPP server at %s sent what a stream must not carry (%s)", where,
                           error->message);
}

char *stox_link_explain_header(const StoxLinkConfig *config, const char *what)
{
    return g_strdup_printf("what answers at %s port %u %s: is that the component port of the XMPP "
                           "server?",
                           config->host, config->port, what);
}
