/* SPDX-License-Identifier: MIT */
/*
 * Why the XMPP stream is our own: what libstrophe's component mode does. Each case runs in a child against a small XEP-0114 server in the parent,
 * so that a crash is a wait status.
 */
#include "report.h"

#include <glib.h>
#include <strophe.h>

#include <arpa/inet.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define LIBRARY "libstrophe " STROPHE_VERSION
#define DOMAIN  "contoso.example"

enum { LARGE_STANZA = 2 * 1024 * 1024, TURN_MS = 10, CASE_MS = 20000 };

/* ---- What libstrophe asks of libc: our definitions come before libc's ---- */

static size_t largest_read;
static unsigned selects;

ssize_t recv(int fd, void *buffer, size_t length, int flags)
{
    static ssize_t (*real)(int, void *, size_t, int);

    if (!real)
        *(void **) &real = dlsym(RTLD_NEXT, "recv");
    largest_read = MAX(largest_read, length);
    return real(fd, buffer, length, flags);
}

int select(int n, fd_set *in, fd_set *out, fd_set *except, struct timeval *timeout)
{
    static int (*real)(int, fd_set *, fd_set *, fd_set *, struct timeval *);

    if (!real)
        *(void **) &real = dlsym(RTLD_NEXT, "select");
    selects++;
    return real(n, in, out, except, timeout);
}

/* ---- The server ---- */

static int listen_on_loopback(uint16_t *ret_port)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t length = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || bind(fd, (struct sockaddr *) &address, sizeof address) < 0 || listen(fd, 1) < 0 ||
        getsockname(fd, (struct sockaddr *) &address, &length) < 0)
        report_broken("no listener on the loopback");
    *ret_port = ntohs(address.sin_port);
    return fd;
}

static bool ready(int fd, short events)
{
    struct pollfd poller = {.fd = fd, .events = events};

    return poll(&poller, 1, CASE_MS) == 1;
}

/* Reads until the end of `what` has come. */
static bool await_text(int fd, const char *what)
{
    g_autoptr(GString) text = g_string_new(NULL);
    char bytes[1024];
    ssize_t n;

    while (!strstr(text->str, what)) {
        if (!ready(fd, POLLIN) || (n = read(fd, bytes, sizeof bytes)) <= 0)
            return false;
        g_string_append_len(text, bytes, n);
    }
    return true;
}

static bool send_all(int fd, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t n;

        if (!ready(fd, POLLOUT) || (n = send(fd, bytes, length, MSG_NOSIGNAL)) <= 0)
            return false;
        bytes += n;
        length -= n;
    }
    return true;
}

static bool send_text(int fd, const char *text)
{
    return send_all(fd, text, strlen(text));
}

/* XEP-0114 s3: any secret is right. */
static int accept_component(int listener)
{
    int fd = ready(listener, POLLIN) ? accept(listener, NULL, NULL) : -1;

    if (fd < 0 || !await_text(fd, "<stream:stream") ||
        !send_text(fd, "<?xml version='1.0'?><stream:stream xmlns='jabber:component:accept' "
                       "xmlns:stream='http://etherx.jabber.org/streams' from='" DOMAIN
                       "' id='3BF96D32'>") ||
        !await_text(fd, "</handshake>") || !send_text(fd, "<handshake/>"))
        return -1;
    return fd;
}

/* ---- The component, in a child ---- */

typedef struct {
    int out; /* where the parent reads what happened: one letter each */
    bool connected, over;
    size_t body;
} Child;

static void tell(Child *child, char letter)
{
    if (write(child->out, &letter, 1) != 1)
        _exit(9);
}

static void conn_cb(xmpp_conn_t *conn, xmpp_conn_event_t event, int error,
                    xmpp_stream_error_t *stream_error, void *user)
{
    Child *child = user;

    if (event == XMPP_CONN_CONNECT) {
        child->connected = true;
        tell(child, 'C');
    } else {
        child->over = true;
        tell(child, 'D');
    }
}

static int stanza_cb(xmpp_conn_t *conn, xmpp_stanza_t *stanza, void *user)
{
    Child *child = user;
    char *body = xmpp_message_get_body(stanza);

    child->body = body ? strlen(body) : 0;
    xmpp_free(xmpp_conn_get_context(conn), body);
    tell(child, 'M');
    return 1;
}

static void ignore_cb(xmpp_conn_t *conn, xmpp_conn_event_t event, int error,
                      xmpp_stream_error_t *stream_error, void *user)
{
}

static int refuse_socket(xmpp_conn_t *conn, void *socket)
{
    return -1;
}

/* A client connection whose every socket is refused leaves the state behind that component mode forgets to make. */
static void prime(xmpp_conn_t *conn)
{
    xmpp_conn_set_sockopt_callback(conn, refuse_socket);
    xmpp_conn_set_jid(conn, "x@" DOMAIN);
    xmpp_conn_set_pass(conn, "x");
    xmpp_connect_client(conn, "127.0.0.1", 1, ignore_cb, NULL);
    xmpp_conn_set_sockopt_callback(conn, xmpp_sockopt_cb_keepalive);
}

static void run_component(Child *child, uint16_t port, bool primed, bool (*enough)(const Child *))
{
    xmpp_ctx_t *ctx;
    xmpp_conn_t *conn;

    xmpp_initialize();
    ctx = xmpp_ctx_new(NULL, NULL);
    conn = xmpp_conn_new(ctx);
    if (primed)
        prime(conn);
    xmpp_conn_set_jid(conn, DOMAIN);
    xmpp_conn_set_pass(conn, "secret");
    xmpp_handler_add(conn, stanza_cb, NULL, "message", NULL, child);
    if (xmpp_connect_component(conn, "127.0.0.1", port, conn_cb, child) != XMPP_EOK)
        _exit(8);
    for (unsigned turn = 0; turn < CASE_MS / TURN_MS && !enough(child); turn++)
        xmpp_run_once(ctx, TURN_MS);
}

static bool message_came(const Child *child)
{
    return child->body > 0 || child->over;
}

static bool over(const Child *child)
{
    return child->over;
}

/* ---- Cases ---- */

typedef struct {
    GString *told;
    int signal; /* that it died of, or 0 */
    int status;
} End;

typedef struct {
    pid_t pid;
    int events;
} Running;

static Running start_child(uint16_t port, bool primed, bool (*enough)(const Child *))
{
    int ends[2];
    Running running;

    fflush(NULL);
    if (pipe(ends) < 0 || (running.pid = fork()) < 0)
        report_broken("no child process");
    if (running.pid == 0) {
        Child child = {.out = ends[1]};

        setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
        close(ends[0]);
        run_component(&child, port, primed, enough);
        _exit(0);
    }
    close(ends[1]);
    running.events = ends[0];
    return running;
}

static End end_child(Running running)
{
    End end = {.told = g_string_new(NULL)};
    char letter;
    int status = 0;

    while (ready(running.events, POLLIN) && read(running.events, &letter, 1) == 1)
        g_string_append_c(end.told, letter);
    close(running.events);
    kill(running.pid, SIGKILL);
    waitpid(running.pid, &status, 0);
    end.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    end.status = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
    return end;
}

static void report_crash(const End *end, const char *fault)
{
    if (end->signal != 0 && end->signal != SIGSEGV)
        report_broken("the child died of something else");
    if (end->signal == 0 && end->status != 0)
        report_broken("the child could not make its connection");
    report(LIBRARY, end->signal == SIGSEGV, fault, "%s; connected: %s, handler called: %s",
           end->signal == SIGSEGV ? "SIGSEGV" : "it lived",
           strchr(end->told->str, 'C') ? "yes" : "no", strchr(end->told->str, 'M') ? "yes" : "no");
    g_string_free(end->told, TRUE);
}

/* The server answers the handshake and sends one message. */
static void first_stanza(int listener, uint16_t port)
{
    Running running = start_child(port, false, message_came);
    int fd = accept_component(listener);
    End end;

    /* It may be dead by now: what cannot be sent is no failure of the server. */
    if (fd >= 0)
        (void) send_text(fd, "<message xmlns='jabber:component:accept' from='bob@partner.example' "
                             "to='alice@" DOMAIN "'><body>x</body></message>");
    end = end_child(running);
    close(fd);
    report_crash(&end, "component mode crashes on the first stanza, the answer to its handshake");
}

/* A stream that never was: nobody listens there any more. */
static void refused_port(void)
{
    uint16_t port;
    End end;

    close(listen_on_loopback(&port));
    end = end_child(start_child(port, false, over));
    report_crash(&end, "component mode crashes when the port is refused");
}

static void log_nothing(void *user, xmpp_log_level_t level, const char *area, const char *text)
{
    if (level >= XMPP_LEVEL_INFO)
        ++*(unsigned *) user;
}

/* xmpp_send() returns nothing: all an application could learn is the queue, the log or an event. */
static void silent_drop(void)
{
    unsigned lines = 0;
    xmpp_log_t log = {log_nothing, &lines};
    xmpp_ctx_t *ctx = xmpp_ctx_new(NULL, &log);
    xmpp_conn_t *conn = xmpp_conn_new(ctx);
    xmpp_stanza_t *message = xmpp_message_new(ctx, "chat", "bob@partner.example", "1");
    int queued;

    xmpp_send(conn, message);
    xmpp_run_once(ctx, 0);
    queued = xmpp_conn_send_queue_len(conn);
    report(LIBRARY, queued <= 0 && lines == 0,
           "a stanza sent while not connected is dropped in silence",
           "%d in the queue, %u log lines of level info or above", queued, lines);
    xmpp_stanza_release(message);
    xmpp_conn_release(conn);
    xmpp_ctx_free(ctx);
}

static bool send_large(int fd)
{
    g_autofree char *text = g_strnfill(LARGE_STANZA, 'x');

    return send_text(fd, "<message xmlns='jabber:component:accept' from='bob@partner.example' "
                         "to='alice@" DOMAIN "'><body>") &&
           send_all(fd, text, LARGE_STANZA) && send_text(fd, "</body></message>");
}

/* With the crash worked around, one large message: how it is read. Runs the component here and the server in the child. */
static void how_it_reads(int listener, uint16_t port)
{
    Child child = {.out = open("/dev/null", O_WRONLY)};
    pid_t server;

    fflush(NULL);
    if ((server = fork()) < 0)
        report_broken("no child process");
    if (server == 0) {
        int fd = accept_component(listener);

        if (fd >= 0 && send_large(fd))
            (void) ready(fd, POLLIN);
        _exit(0);
    }
    run_component(&child, port, true, message_came);
    kill(server, SIGKILL);
    waitpid(server, NULL, 0);
    if (!child.connected)
        report_broken("no stream even with the crash worked around");
    report(LIBRARY, child.body == LARGE_STANZA, "a stanza has no size limit",
           "%zu of %d bytes of a body came to the handler", child.body, LARGE_STANZA);
    report(LIBRARY, largest_read <= 4096 && selects >= child.body / 4096, "it reads 4 kB per turn",
           "the largest recv() was for %zu bytes, %u turns", largest_read, selects);
    report(LIBRARY, selects > 0, "it waits with select()", "%u calls", selects);
    close(child.out);
}

int main(void)
{
    uint16_t port;
    int listener = listen_on_loopback(&port);

    xmpp_initialize();
    first_stanza(listener, port);
    refused_port();
    silent_drop();
    how_it_reads(listener, port);
    close(listener);
    xmpp_shutdown();
    return report_end();
}
