/* SPDX-License-Identifier: MIT */
#include "tests/unit/component/fake-server.h"

#include <glib-unix.h>

#include <string.h>
#include <sys/socket.h>

static void drop_source(GSource **source)
{
    if (!*source)
        return;
    g_source_destroy(*source);
    g_clear_pointer(source, g_source_unref);
}

static gboolean readable_cb(int fd, GIOCondition condition, gpointer user)
{
    FakeServer *server = user;
    char bytes[65536];
    gssize n = g_socket_receive(server->peer, bytes, sizeof bytes, NULL, NULL);

    if (n > 0) {
        g_string_append_len(server->got, bytes, n);
        return G_SOURCE_CONTINUE;
    }
    server->ended = true;
    g_clear_pointer(&server->readable, g_source_unref);
    return G_SOURCE_REMOVE;
}

void fake_server_pause(FakeServer *server, bool paused)
{
    drop_source(&server->readable);
    if (paused)
        return;
    server->readable = g_unix_fd_source_new(g_socket_get_fd(server->peer), G_IO_IN);
    g_source_set_callback(server->readable, G_SOURCE_FUNC(readable_cb), server, NULL);
    g_source_attach(server->readable, NULL);
}

void fake_server_drop(FakeServer *server)
{
    drop_source(&server->readable);
    if (server->peer)
        g_socket_close(server->peer, NULL);
    g_clear_object(&server->peer);
}

void fake_server_reset(FakeServer *server)
{
    const struct linger now = {.l_onoff = 1, .l_linger = 0};

    setsockopt(g_socket_get_fd(server->peer), SOL_SOCKET, SO_LINGER, &now, sizeof now);
    fake_server_drop(server);
}

static gboolean acceptable_cb(int fd, GIOCondition condition, gpointer user)
{
    FakeServer *server = user;

    fake_server_drop(server);
    server->peer = g_socket_accept(server->listener, NULL, NULL);
    if (!server->peer)
        return G_SOURCE_CONTINUE;
    if (server->accepted < G_N_ELEMENTS(server->accepted_ms))
        server->accepted_ms[server->accepted] = g_get_monotonic_time() / 1000;
    server->accepted++;
    server->ended = false;
    g_string_truncate(server->got, 0);
    g_socket_set_blocking(server->peer, FALSE);
    if (server->hang_up)
        fake_server_drop(server);
    else
        fake_server_pause(server, false);
    return G_SOURCE_CONTINUE;
}

FakeServer *fake_server_new(const char *address)
{
    g_autoptr(GSocketAddress) any = g_inet_socket_address_new_from_string(address, 0);
    g_autoptr(GSocketAddress) bound = NULL;
    g_autoptr(GSocket) listener = g_socket_new(g_socket_address_get_family(any),
                                               G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL);
    FakeServer *server;

    if (!listener || !g_socket_bind(listener, any, FALSE, NULL) || !g_socket_listen(listener, NULL))
        return NULL;
    g_socket_set_blocking(listener, FALSE);
    bound = g_socket_get_local_address(listener, NULL);
    server = g_new0(FakeServer, 1);
    server->listener = g_steal_pointer(&listener);
    server->port = g_inet_socket_address_get_port(G_INET_SOCKET_ADDRESS(bound));
    server->got = g_string_new(NULL);
    server->acceptable = g_unix_fd_source_new(g_socket_get_fd(server->listener), G_IO_IN);
    g_source_set_callback(server->acceptable, G_SOURCE_FUNC(acceptable_cb), server, NULL);
    g_source_attach(server->acceptable, NULL);
    return server;
}

void fake_server_free(FakeServer *server)
{
    if (!server)
        return;
    fake_server_drop(server);
    drop_source(&server->acceptable);
    g_object_unref(server->listener);
    g_string_free(server->got, TRUE);
    g_free(server);
}

gssize fake_server_send_some(FakeServer *server, const char *bytes, size_t n)
{
    g_autoptr(GError) error = NULL;
    gssize sent;

    if (!server->peer)
        return -1;
    sent = g_socket_send(server->peer, bytes, n, NULL, &error);
    if (sent < 0 && g_error_matches(error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
        return 0;
    return sent;
}

void fake_server_send(FakeServer *server, const char *text)
{
    g_assert_cmpint(fake_server_send_some(server, text, strlen(text)), ==, (gssize) strlen(text));
}
