/* SPDX-License-Identifier: MIT */
/*
 * The top Via and where a request over UDP came from: received and rport (RFC 3261 s18.2.1, RFC 3581 s4), and where its response goes
 * (RFC 3261 s18.2.2). Text only.
 */
#include "sip/message-private.h"

#include <string.h>

enum { DEFAULT_PORT = 5060 };

/* End of the part that begins at `p`: the next semicolon or comma outside of quotes. */
static const char *part_end(const char *p)
{
    bool quoted = false;

    for (; *p && (quoted || (*p != ';' && *p != ',')); p++) {
        if (quoted && *p == '\\' && p[1])
            p++;
        else if (*p == '"')
            quoted = !quoted;
    }
    return p;
}

/* Is the parameter at `p`, a semicolon, of that name? *ret_valued: something other than blanks follows it. */
static bool param_is(const char *p, const char *name, bool *ret_valued)
{
    size_t n = strlen(name);

    p += 1 + strspn(p + 1, " \t");
    if (g_ascii_strncasecmp(p, name, n) != 0)
        return false;
    p += n;
    p += strspn(p, " \t");
    *ret_valued = *p == '=';
    return *ret_valued || !*p || *p == ';' || *p == ',';
}

bool stox_sip_via_asks_rport(const char *via)
{
    bool valued;

    for (const char *p = part_end(via); *p == ';'; p = part_end(p + 1)) {
        /* One with a value is what somebody else filled in: nothing is asked. */
        if (param_is(p, "rport", &valued))
            return !valued;
    }
    return false;
}

void stox_sip_message_set_source(StoxSipMessage *message, const char *address, unsigned port)
{
    g_free(message->source);
    message->source = g_strdup(address);
    message->source_port = port;
}

bool stox_sip_message_is_datagram(const StoxSipMessage *message)
{
    return message->source != NULL;
}

/* Host without brackets and port (0: none) of the top Via. */
static bool sent_by_host(const StoxSipMessage *message, char **ret_host, unsigned *ret_port)
{
    const char *sent_by = message->view.sent_by;
    g_autofree char *uri = sent_by ? g_strconcat("sip:", sent_by, NULL) : NULL;

    return uri && stox_sip_uri_host(uri, ret_host, ret_port);
}

char *stox_sip_message_answer_via(const StoxSipMessage *message, const char *via)
{
    GString *out = g_string_sized_new(strlen(via) + 64);
    const char *end = part_end(via);
    g_autofree char *host = NULL;
    unsigned port;
    bool rport = stox_sip_via_asks_rport(via), valued;
    /* received is obligatory where the sent-by does not tell the address, and with rport. */
    bool received = rport || !sent_by_host(message, &host, &port) ||
                    g_ascii_strcasecmp(host, message->source) != 0;

    g_string_append_len(out, via, end - via);
    while (*end == ';') {
        const char *start = end;

        end = part_end(start + 1);
        if (param_is(start, "rport", &valued) && !valued)
            g_string_append_printf(out, ";rport=%u", message->source_port);
        else if (!received || !param_is(start, "received", &valued))
            g_string_append_len(out, start, end - start);
    }
    if (received)
        g_string_append_printf(out, ";received=%s", message->source);
    g_string_append(out, end);
    return g_string_free(out, FALSE);
}

bool stox_sip_message_answer_address(const StoxSipMessage *message, char **ret_host,
                                     unsigned *ret_port)
{
    g_autofree char *host = NULL;
    unsigned port = 0;
    bool known = sent_by_host(message, &host, &port);

    if (!message->source) {
        if (known) {
            *ret_host = g_steal_pointer(&host);
            *ret_port = port;
        }
        return known;
    }
    /* Never to a maddr: whoever forges a source could send our answers anywhere. */
    *ret_host = g_strdup(message->source);
    *ret_port = message->view.rport ? message->source_port : port ? port : DEFAULT_PORT;
    return true;
}
