/* SPDX-License-Identifier: MIT */
#include "agent-peer.h"

#include "sip/message.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

void peer_listen(Peer *peer)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t) peer->port)};
    socklen_t size = sizeof address;
    int on = 1, small = 8192;

    peer->listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
    setsockopt(peer->listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    setsockopt(peer->listener, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    g_assert_cmpint(bind(peer->listener, (struct sockaddr *) &address, sizeof address), ==, 0);
    g_assert_cmpint(getsockname(peer->listener, (struct sockaddr *) &address, &size), ==, 0);
    peer->port = ntohs(address.sin_port);
    g_assert_cmpint(listen(peer->listener, 16), ==, 0);
}

Peer *peer_new(void)
{
    Peer *peer = g_new0(Peer, 1);

    peer->status = 200;
    peer->call_ids = g_ptr_array_new_with_free_func(g_free);
    peer_listen(peer);
    return peer;
}

void peer_down(Peer *peer)
{
    close(peer->listener);
    peer->listener = -1;
}

void line_close(Line *line)
{
    if (line->fd >= 0)
        close(line->fd);
    line->fd = -1;
}

void peer_free(Peer *peer)
{
    if (peer->listener >= 0)
        close(peer->listener);
    for (unsigned i = 0; i < peer->n_lines; i++) {
        line_close(&peer->lines[i]);
        g_string_free(peer->lines[i].in, TRUE);
    }
    g_ptr_array_unref(peer->call_ids);
    g_free(peer);
}

static void answer(const Line *line, const StoxSipMessage *request, unsigned status)
{
    g_autoptr(StoxSipBuilder) builder = stox_sip_builder_response(request, status, NULL, "peer");
    g_autoptr(GBytes) bytes = stox_sip_builder_finish(builder, NULL);

    /* A line may close while the answer is made. */
    if (send(line->fd, g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), MSG_NOSIGNAL) < 0)
        g_test_message("an answer could not be sent: %s", g_strerror(errno));
}

/* Takes one whole request out of what came; false: there is none. */
static bool take_request(Peer *peer, Line *line)
{
    const char *end = strstr(line->in->str, "\r\n\r\n");
    const char *length = end ? strstr(line->in->str, "Content-Length:") : NULL;
    size_t size;
    const char *why = NULL;
    g_autoptr(StoxSipMessage) request = NULL;

    if (!length)
        return false;
    size = (size_t) (end - line->in->str) + 4 + (size_t) atoi(length + strlen("Content-Length:"));
    if (line->in->len < size)
        return false;
    request = stox_sip_message_parse(line->in->str, size, &why);
    g_assert_nonnull(request);
    g_ptr_array_add(peer->call_ids, g_strdup(stox_sip_view(request)->call_id));
    if (peer->status)
        answer(line, request, peer->status);
    g_string_erase(line->in, 0, (gssize) size);
    return true;
}

void peer_pump(Peer *peer)
{
    char buffer[65536];
    int fd = peer->listener < 0 ? -1 : accept4(peer->listener, NULL, NULL, SOCK_NONBLOCK);

    if (fd >= 0) {
        g_assert_cmpuint(peer->n_lines, <, MAX_LINES);
        peer->lines[peer->n_lines++] = (Line){fd, g_string_new(NULL)};
    }
    for (unsigned i = 0; i < peer->n_lines; i++) {
        Line *line = &peer->lines[i];
        ssize_t n = 0;

        while (line->fd >= 0 && !peer->deaf && (n = read(line->fd, buffer, sizeof buffer)) > 0)
            g_string_append_len(line->in, buffer, n);
        if (line->fd >= 0 && !peer->deaf && n == 0)
            line_close(line);
        while (take_request(peer, line)) {
        }
    }
}
