/* SPDX-License-Identifier: MIT */
#include "component/link-private.h"

#include <glib-unix.h>
#include <strophe.h>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

enum {
    READ_BYTES = 64 * 1024,    /* per turn */
    WRITE_BATCH = 64 * 1024,   /* more than this does not wait for the end of the turn */
    KEEP_BYTES = 256 * 1024,   /* a buffer that had to grow beyond this is given back */
    UNACKNOWLEDGED_MS = 60000, /* TCP_USER_TIMEOUT when there is no idle timeout */
};

/* ---- Writing ---- */

size_t stox_link_io_queued(const StoxLink *link)
{
    return link->out->len - link->out_done;
}

void stox_link_io_put(StoxLink *link, const char *bytes, size_t n)
{
    g_byte_array_append(link->out, (const guint8 *) bytes, (guint) n);
}

static gboolean writable_cb(int fd, GIOCondition condition, gpointer user)
{
    StoxLink *link = user;

    stox_link_io_write(link);
    stox_link_settle(link);
    return G_SOURCE_CONTINUE;
}

/* What the kernel has taken leaves the buffer, cheaply. */
static void tidy(StoxLink *link)
{
    if (stox_link_io_queued(link) == 0) {
        if (link->out->len > KEEP_BYTES) {
            g_byte_array_unref(link->out);
            link->out = g_byte_array_new();
        }
        g_byte_array_set_size(link->out, 0);
        link->out_done = 0;
    } else if (link->out_done > link->out->len / 2) {
        g_byte_array_remove_range(link->out, 0, (guint) link->out_done);
        link->out_done = 0;
    }
}

static void want_writable(StoxLink *link, bool wanted)
{
    if (!wanted) {
        stox_link_drop_source(&link->writable);
    } else if (!link->writable) {
        link->writable = g_unix_fd_source_new(g_socket_get_fd(link->socket), G_IO_OUT);
        g_source_set_callback(link->writable, G_SOURCE_FUNC(writable_cb), link, NULL);
        g_source_attach(link->writable, link->context);
    }
}

void stox_link_io_write(StoxLink *link)
{
    if (!link->socket || link->failure)
        return;
    while (stox_link_io_queued(link) > 0) {
        g_autoptr(GError) error = NULL;
        gssize n = g_socket_send(link->socket, (const char *) link->out->data + link->out_done,
                                 stox_link_io_queued(link), NULL, &error);

        if (n >= 0) {
            link->out_done += (size_t) n;
            continue;
        }
        if (!g_error_matches(error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK)) {
            stox_link_fail(link, stox_link_explain_end(&link->config, link->state, error), false);
            return;
        }
        break;
    }
    tidy(link);
    want_writable(link, stox_link_io_queued(link) > 0);
}

void stox_link_io_end(StoxLink *link)
{
    static const char end[] = "</stream:stream>";

    stox_link_io_put(link, end, strlen(end));
    stox_link_io_write(link);
}

/* ---- What the stream says ---- */

char *stox_link_handshake(const char *stream_id, const char *secret)
{
    g_autofree char *text = g_strconcat(stream_id, secret, NULL);
    unsigned char digest[XMPP_SHA1_DIGEST_SIZE];
    GString *hex = g_string_sized_new(2 * sizeof digest + 1);

    xmpp_sha1_digest((const unsigned char *) text, strlen(text), digest);
    for (unsigned i = 0; i < sizeof digest; i++)
        g_string_append_printf(hex, "%02x", digest[i]);
    return g_string_free(hex, FALSE);
}

/* */
static void opened_cb(const StoxXmlNode *header, void *user)
{
    StoxLink *link = user;
    const char *id = stox_xml_attr(header, "id");
    g_autofree char *digest = NULL;
    g_autofree char *handshake = NULL;

    if (link->state != LINK_OPENING)
        return;
    if (!stox_xml_is(header, LINK_NS_STREAMS, "stream")) {
        stox_link_fail(link, stox_link_explain_header(&link->config, "does not speak XMPP"), true);
        stox_xml_stream_stop(link->reader);
        return;
    }
    /* A refusal may follow a header without id: then that is the better reason. */
    if (!id || !*id)
        return;
    digest = stox_link_handshake(id, link->config.secret);
    handshake = g_strconcat("<handshake>", digest, "</handshake>", NULL);
    stox_link_io_put(link, handshake, strlen(handshake));
    stox_link_io_write(link);
    link->state = LINK_PROVING;
    stox_link_arm(link, link->config.handshake_timeout_ms);
}

/* RFC 6120 s4.9 */
static void take_stream_error(StoxLink *link, const StoxXmlNode *error)
{
    static const char ns[] = "urn:ietf:params:xml:ns:xmpp-streams";
    const StoxXmlNode *text = stox_xml_child(error, ns, "text");
    const char *condition = "undefined-condition";

    for (const StoxXmlNode *at = error->first_child; at; at = at->next)
        if (strcmp(at->ns, ns) == 0 && strcmp(at->name, "text") != 0) {
            condition = at->name;
            break;
        }
    if (link->state != LINK_CLOSING)
        stox_link_io_end(link);
    stox_link_fail(link,
                   stox_link_explain(link->config.domain, condition, text ? text->text : NULL),
                   stox_link_is_setup_condition(condition));
    stox_xml_stream_stop(link->reader);
}

static void go_up(StoxLink *link)
{
    link->state = LINK_UP;
    link->up_since_ms = stox_link_now();
    if (link->config.idle_timeout_ms > 0)
        stox_link_arm(link, link->config.idle_timeout_ms);
    else
        g_source_set_ready_time(link->timer, -1);
    g_clear_pointer(&link->logged, g_free);
    link->passed_over = 0;
    g_info("the XMPP stream of %s to %s port %u is up", link->config.domain, link->config.host,
           link->config.port);
    link->funcs.up(link, link->user);
}

/* Our idle ping comes back to us as a request (servers.md 10); its answer, if another instance gave one, is no news either. */
static bool is_own_ping(const StoxLink *link, const StoxXmlNode *stanza)
{
    const char *id = stox_xml_attr(stanza, "id");

    return id && strcmp(stanza->name, "iq") == 0 && strcmp(id, link->ping_id) == 0;
}

/* `limit`: the one that the stanza passed, of which there is only the head; NULL for a whole one. */
static void take(StoxLink *link, StoxXmlTree *stanza, const char *limit)
{
    g_autoptr(StoxXmlTree) tree = stanza;
    const StoxXmlNode *root = stox_xml_tree_root(tree);

    if (link->failure)
        return;
    if (stox_xml_is(root, LINK_NS_STREAMS, "error")) {
        take_stream_error(link, root);
    } else if (link->state == LINK_UP) {
        if (is_own_ping(link, root))
            return;
        if (limit)
            link->funcs.refused(link, g_steal_pointer(&tree), limit, link->user);
        else
            link->funcs.stanza(link, g_steal_pointer(&tree), link->user);
    } else if (link->state == LINK_PROVING && strcmp(root->name, "handshake") == 0) {
        go_up(link);
    } else if (link->state != LINK_CLOSING) {
        /* */
        stox_link_fail(link,
                       stox_link_explain_header(&link->config,
                                                "did not follow the component protocol (XEP-0114)"),
                       true);
        stox_xml_stream_stop(link->reader);
    }
}

static void stanza_cb(StoxXmlTree *stanza, void *user)
{
    take(user, stanza, NULL);
}

static void refused_cb(StoxXmlTree *head, const char *limit, void *user)
{
    take(user, head, limit);
}

static void closed_cb(void *user)
{
    StoxLink *link = user;

    link->peer_closed = true;
    if (link->state == LINK_CLOSING)
        return;
    stox_link_io_end(link);
    stox_link_fail(link, stox_link_explain_end(&link->config, link->state, NULL), false);
}

/* ---- Reading ---- */

/* RFC 6120 s4.9.1: whoever ends a stream for cause says the cause. */
static void say_stream_error(StoxLink *link, const GError *error)
{
    const char *condition = "not-well-formed";
    g_autofree char *text = NULL;

    if (g_error_matches(error, STOX_XML_ERROR, STOX_XML_ERROR_LIMIT))
        condition = "policy-violation";
    else if (g_error_matches(error, STOX_XML_ERROR, STOX_XML_ERROR_RESTRICTED))
        condition = "restricted-xml";
    text = g_strconcat("<stream:error><", condition,
                       " xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>"
                       "</stream:stream>",
                       NULL);
    stox_link_io_put(link, text, strlen(text));
    stox_link_io_write(link);
}

static void feed(StoxLink *link, const char *bytes, size_t n)
{
    g_autoptr(GError) error = NULL;

    link->heard_ms = stox_link_now();
    link->pinged = false;
    if (stox_xml_stream_feed(link->reader, bytes, n, &error) || link->failure)
        return;
    if (link->state != LINK_CLOSING)
        say_stream_error(link, error);
    stox_link_fail(link, stox_link_explain_input(&link->config, link->state, error), false);
}

static gboolean readable_cb(int fd, GIOCondition condition, gpointer user)
{
    StoxLink *link = user;
    char bytes[READ_BYTES];
    g_autoptr(GError) error = NULL;
    gssize n = g_socket_receive(link->socket, bytes, sizeof bytes, NULL, &error);

    if (n > 0)
        feed(link, bytes, (size_t) n);
    else if (!g_error_matches(error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
        stox_link_fail(link, stox_link_explain_end(&link->config, link->state, error), false);
    stox_link_settle(link);
    return G_SOURCE_CONTINUE;
}

/* ---- The connection ---- */

void stox_link_io_open(StoxLink *link, GSocketConnection *connection)
{
    static const StoxXmlStreamFuncs funcs = {
        .opened = opened_cb, .stanza = stanza_cb, .closed = closed_cb, .refused = refused_cb};
    unsigned idle = link->config.idle_timeout_ms;
    g_autoptr(GString) header = g_string_new("<stream:stream xmlns='" LINK_NS_COMPONENT
                                             "' xmlns:stream='" LINK_NS_STREAMS "'");

    link->connection = g_object_ref(connection);
    link->socket = g_socket_connection_get_socket(connection);
    g_socket_set_blocking(link->socket, FALSE);
    g_socket_set_keepalive(link->socket, TRUE);
    g_socket_set_option(link->socket, IPPROTO_TCP, TCP_NODELAY, 1, NULL);
    /* a peer that vanished without a word */
    g_socket_set_option(link->socket, IPPROTO_TCP, TCP_USER_TIMEOUT,
                        (int) (idle ? MIN(idle, G_MAXINT) : UNACKNOWLEDGED_MS), NULL);
    link->reader = stox_xml_stream_new(&link->config.limits, &funcs, link);
    link->ping_id = g_strdup_printf("idle-%08x%08x", g_random_int(), g_random_int());
    link->heard_ms = stox_link_now();
    link->readable = g_unix_fd_source_new(g_socket_get_fd(link->socket), G_IO_IN);
    g_source_set_callback(link->readable, G_SOURCE_FUNC(readable_cb), link, NULL);
    g_source_attach(link->readable, link->context);

    stox_xml_append_attr(header, "to", link->config.domain); /* */
    g_string_append_c(header, '>');
    stox_link_io_put(link, header->str, header->len);
    stox_link_io_write(link);
}

void stox_link_io_close(StoxLink *link)
{
    stox_link_drop_source(&link->readable);
    stox_link_drop_source(&link->writable);
    if (link->socket)
        g_socket_close(link->socket, NULL);
    link->socket = NULL;
    g_clear_object(&link->connection);
    g_clear_pointer(&link->reader, stox_xml_stream_free);
    g_clear_pointer(&link->ping_id, g_free);
    link->out_done = link->out->len;
    tidy(link);
    link->peer_closed = false;
    link->pinged = false;
}

void stox_link_io_ping(StoxLink *link)
{
    g_autoptr(GString) ping = g_string_new("<iq type='get'");
    g_autofree char *from = g_strdup_printf("%s/idle", link->config.domain);

    stox_xml_append_attr(ping, "id", link->ping_id);
    stox_xml_append_attr(ping, "from", from);
    stox_xml_append_attr(ping, "to", link->config.domain);
    g_string_append(ping, "><ping xmlns='urn:xmpp:ping'/></iq>");
    stox_link_io_put(link, ping->str, ping->len);
    stox_link_io_write(link);
}

/* ---- Sending ---- */

/* X-04, servers.md 4.8: Prosody closes the stream for everybody when a sender is outside the component's domain. */
static bool is_inside(const char *domain, const char *from)
{
    size_t n = strcspn(from, "/");
    const char *at = memchr(from, '@', n);
    const char *start = at ? at + 1 : from;

    n -= (size_t) (start - from);
    return at != from && n == strlen(domain) && g_ascii_strncasecmp(start, domain, n) == 0;
}

bool stox_link_send(StoxLink *link, const char *from, const char *stanza, size_t n, GError **error)
{
    const char *domain = link->config.domain;
    bool full;

    if (!stox_link_is_up(link)) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_CONNECTED,
                    "there is no XMPP stream for %s at present", domain);
        return false;
    }
    if (!from || !is_inside(domain, from)) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                    "the sender \"%s\" is not inside %s", from ? from : "", domain);
        return false;
    }
    if (!stanza || n == 0 || n > link->config.limits.max_bytes) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_MESSAGE_TOO_LARGE,
                    "the stanza has %zu bytes, from 1 to %zu are allowed", stanza ? n : 0,
                    link->config.limits.max_bytes);
        return false;
    }
    full = stox_link_io_queued(link) + n > link->config.queue_max_bytes;
    if (full) {
        stox_link_io_write(link);
        full = stox_link_io_queued(link) + n > link->config.queue_max_bytes;
    }
    if (full || link->failure) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK,
                    "the XMPP server takes nothing at present: %zu bytes wait for it",
                    stox_link_io_queued(link));
        return false;
    }
    stox_link_io_put(link, stanza, n);
    if (stox_link_io_queued(link) > WRITE_BATCH && !link->writable)
        stox_link_io_write(link);
    return true;
}

void stox_link_flush(StoxLink *link)
{
    if (link->state == LINK_UP && !link->writable)
        stox_link_io_write(link);
}
