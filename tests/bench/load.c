/* SPDX-License-Identifier: MIT */
/*
 * load PROGRAM DIRECTORY DIRECTION DIALECT MESSAGES [GROWTH-KIB]: runs stoxd between an XMPP server and a SIP peer of its own, in one process over loopback
 * TCP, and pushes messages through: DIRECTION to-sip, from-sip; DIALECT lync, simple. Prints rate, CPU time per message of stoxd, and its resident memory after two
 * thirds, when all that is remembered of answered requests is full, and at the end. Fails when a message is lost, or memory grows by more than GROWTH-KIB (0: not checked).
 */
#include "sip/frame.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PAIRS = 50, WINDOW = 200, READ = 65536 };

typedef struct {
    int fd;
    GString *out;
    StoxFrame *frame; /* SIP */
    GString *in;      /* XML */
} End;

typedef struct {
    const char *program, *directory, *direction, *dialect;
    unsigned total, sent, done, errors;
    bool from_sip;
    int component_listen, sip_listen;
    unsigned component_port, sip_port, stoxd_port;
    End component, sip_in, sip_out; /* sip_in: stoxd connected to us; sip_out: we to it */
    pid_t child;
    bool attached;
} Load;

static void die(const char *what)
{
    fprintf(stderr, "load: %s: %s\n", what, errno ? strerror(errno) : "failed");
    exit(1);
}

static double now(void)
{
    return (double) g_get_monotonic_time() / 1e6;
}

/* ---- Sockets ---- */

static int listen_any(unsigned *ret_port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (bind(fd, (struct sockaddr *) &address, size) < 0 || listen(fd, 8) < 0 ||
        getsockname(fd, (struct sockaddr *) &address, &size) < 0)
        die("listen");
    *ret_port = ntohs(address.sin_port);
    return fd;
}

static int connect_to(unsigned port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                                  .sin_port = htons((uint16_t) port)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (connect(fd, (struct sockaddr *) &address, sizeof address) < 0) {
        close(fd);
        return -1;
    }
    return fd;
}

static void end_open(End *end, int fd, bool sip)
{
    end->fd = fd;
    end->out = g_string_new(NULL);
    end->in = g_string_new(NULL);
    end->frame = sip ? stox_frame_new(1 << 20) : NULL;
}

static void end_flush(End *end)
{
    while (end->out && end->out->len) {
        ssize_t n = send(end->fd, end->out->str, end->out->len, MSG_NOSIGNAL | MSG_DONTWAIT);

        if (n < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        if (n < 0)
            die("send");
        g_string_erase(end->out, 0, n);
    }
}

/* ---- The XMPP server ---- */

static void push_stanza(Load *load)
{
    unsigned n = load->sent++, pair = n % PAIRS;

    g_string_append_printf(
        load->component.out,
        "<message from='bob%u@partner.example/r' to='alice%u@contoso.example' id='m%u' "
        "type='chat'><body>message number %u of the load</body></message>",
        pair, pair, n, n);
}

static char *attribute(const char *tag, const char *end, const char *name)
{
    g_autofree char *needle = g_strdup_printf(" %s=", name);
    const char *at = memmem(tag, (size_t) (end - tag), needle, strlen(needle));
    const char *value, *quote;

    if (!at)
        return g_strdup("");
    value = at + strlen(needle) + 1;
    quote = memchr(value, value[-1], (size_t) (end - value));
    return quote ? g_strndup(value, (size_t) (quote - value)) : g_strdup("");
}

static void take_iq(Load *load, const char *tag, const char *end)
{
    g_autofree char *id = attribute(tag, end, "id");
    g_autofree char *from = attribute(tag, end, "from");
    g_autofree char *to = attribute(tag, end, "to");
    g_autofree char *type = attribute(tag, end, "type");

    /* A ping to ourselves comes back as it was; to the partner it is answered. */
    if (strcmp(to, "contoso.example") == 0)
        g_string_append_printf(
            load->component.out,
            "<iq type='%s' id='%s' from='%s' to='%s'><ping xmlns='urn:xmpp:ping'/></iq>", type, id,
            from, to);
    else
        g_string_append_printf(load->component.out, "<iq type='result' id='%s' from='%s' to='%s'/>",
                               id, to, from);
}

/* Enough of XML for what stoxd writes: each stanza is found by its end tag. */
static void take_xml(Load *load)
{
    GString *in = load->component.in;
    char *at = in->str;

    if (!load->attached) {
        if (!strstr(at, "</handshake>"))
            return;
        at = strstr(at, "</handshake>") + strlen("</handshake>");
        g_string_append(load->component.out, "<handshake/>");
        load->attached = true;
    }
    for (char *close; *at; at = close) {
        bool message = g_str_has_prefix(at, "<message"), iq = g_str_has_prefix(at, "<iq");
        const char *tag = message ? "</message>" : iq ? "</iq>" : "</presence>";

        close = strstr(at, tag);
        if (!close)
            break;
        close += strlen(tag);
        if (iq) {
            take_iq(load, at, close);
        } else if (message) {
            g_autofree char *type = attribute(at, strchr(at, '>'), "type");

            if (strcmp(type, "error") == 0)
                load->errors++;
        }
    }
    g_string_erase(in, 0, at - in->str);
}

/* ---- The SIP peer ---- */

static char *header_line(const char *message, size_t n, const char *name)
{
    g_autofree char *needle = g_strdup_printf("\r\n%s: ", name);
    const char *at = memmem(message, n, needle, strlen(needle));
    const char *end;

    if (!at)
        return g_strdup("");
    at += 2;
    end = memmem(at, n - (size_t) (at - message), "\r\n", 2);
    return g_strndup(at, (size_t) (end - at));
}

static void answer_request(Load *load, End *end, const char *message, size_t n)
{
    static const char sdp[] =
        "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=session\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
        "m=message 5060 sip null\r\na=accept-types:text/plain\r\n";
    bool invite = g_str_has_prefix(message, "INVITE ");
    g_autofree char *via = header_line(message, n, "Via"), *from = header_line(message, n, "From");
    g_autofree char *to = header_line(message, n, "To"),
                    *call_id = header_line(message, n, "Call-ID");
    g_autofree char *cseq = header_line(message, n, "CSeq");

    if (g_str_has_prefix(message, "ACK "))
        return;
    if (g_str_has_prefix(message, "MESSAGE ") && !load->from_sip)
        load->done++;
    g_string_append_printf(end->out, "SIP/2.0 200 OK\r\n%s\r\n%s\r\n%s%s\r\n%s\r\n%s\r\n", via,
                           from, to, strstr(to, ";tag=") ? "" : ";tag=peer", call_id, cseq);
    if (invite)
        g_string_append_printf(
            end->out,
            "Contact: <sip:127.0.0.1:%u;transport=tcp>\r\nContent-Type: application/sdp\r\n",
            load->sip_port);
    g_string_append_printf(end->out, "Content-Length: %zu\r\n\r\n%s", invite ? strlen(sdp) : 0,
                           invite ? sdp : "");
}

static void push_request(Load *load)
{
    unsigned n = load->sent++, pair = n % PAIRS;
    g_autofree char *text = g_strdup_printf("message number %u of the load", n);

    g_string_append_printf(
        load->sip_out.out,
        "MESSAGE sip:bob%u@partner.example SIP/2.0\r\n"
        "Via: SIP/2.0/TCP 127.0.0.1:%u;branch=z9hG4bKload%u\r\nMax-Forwards: 70\r\n"
        "From: <sip:alice%u@contoso.example>;tag=t%u\r\nTo: <sip:bob%u@partner.example>\r\n"
        "Call-ID: load%u\r\nCSeq: 1 MESSAGE\r\nContent-Type: text/plain\r\n"
        "Content-Length: %zu\r\n\r\n%s",
        pair, load->sip_port, n, pair, n, pair, n, strlen(text), text);
}

static void take_sip(Load *load, End *end)
{
    const char *message, *why = NULL;
    size_t n;

    for (;;) {
        switch (stox_frame_next(end->frame, &message, &n, &why)) {
        case STOX_FRAME_MESSAGE:
            if (!g_str_has_prefix(message, "SIP/2.0 ")) {
                answer_request(load, end, message, n);
            } else if (load->from_sip && message[8] == '2') {
                load->done++;
            } else if (message[8] > '2') {
                load->errors++;
            }
            break;
        case STOX_FRAME_PING:
        case STOX_FRAME_PONG:
            break;
        case STOX_FRAME_BROKEN:
            fprintf(stderr, "load: %s\n", why);
            exit(1);
        case STOX_FRAME_MORE:
            return;
        }
    }
}

/* ---- stoxd ---- */

static void start(Load *load)
{
    g_autofree char *config = g_strdup_printf("%s/stoxd.conf", load->directory);
    g_autofree char *secret = g_strdup_printf("%s/secret", load->directory);
    g_autofree char *log = g_strdup_printf("%s/stoxd.log", load->directory);
    g_autofree char *text = NULL;
    int probe = listen_any(&load->stoxd_port);

    close(probe);
    text = g_strdup_printf(
        "[component]\nserver = 127.0.0.1:%u\n[domain contoso.example]\nsecret-file = %s\nhop = "
        "peer\n"
        "[sip]\nlisten = tcp:127.0.0.1:%u\nfqdn = xgw.contoso.example\n"
        "[hop peer]\nnext-hop = tcp:127.0.0.1:%u\ndialect = %s\npeers = 127.0.0.1\n"
        "max-requests-per-second = 0\n"
        "[gateway]\nmax-queued-messages = 1000\n[partner partner.example]\n",
        load->component_port, secret, load->stoxd_port, load->sip_port, load->dialect);
    if (!g_file_set_contents(config, text, -1, NULL) ||
        !g_file_set_contents_full(secret, "s", 1, 0, 0600, NULL))
        die("settings");
    load->child = fork();
    if (load->child == 0) {
        if (!freopen(log, "w", stderr))
            die(log);
        execl(load->program, "stoxd", "run", "-c", config, (char *) NULL);
        die(load->program);
    }
}

static double child_cpu(const Load *load)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/stat", load->child);
    g_autofree char *text = NULL;
    unsigned long user = 0, system = 0;

    if (g_file_get_contents(path, &text, NULL, NULL) && strrchr(text, ')'))
        sscanf(strrchr(text, ')') + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user,
               &system);
    return (double) (user + system) / (double) sysconf(_SC_CLK_TCK);
}

static unsigned long child_kib(const Load *load)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/status", load->child);
    g_autofree char *text = NULL;
    const char *at;

    if (!g_file_get_contents(path, &text, NULL, NULL) || !(at = strstr(text, "VmRSS:")))
        die("stoxd has ended");
    return strtoul(at + 6, NULL, 10);
}

/* ---- The loop ---- */

static void take_bytes(Load *load, End *end)
{
    static char buffer[READ];
    ssize_t n = recv(end->fd, buffer, sizeof buffer, MSG_DONTWAIT);

    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
        die("stoxd closed a connection");
    if (n < 0)
        return;
    if (end->frame) {
        stox_frame_append(end->frame, buffer, (size_t) n);
        take_sip(load, end);
    } else {
        g_string_append_len(end->in, buffer, n);
        take_xml(load);
    }
}

static void turn(Load *load)
{
    End *ends[] = {&load->component, &load->sip_in, &load->sip_out};
    struct pollfd fds[4] = {{.fd = load->sip_in.fd < 0 ? load->sip_listen : -1, .events = POLLIN}};

    for (unsigned i = 0; i < 3; i++) {
        fds[i + 1].fd = ends[i]->fd;
        fds[i + 1].events = (short) (POLLIN | (ends[i]->out && ends[i]->out->len ? POLLOUT : 0));
    }
    if (poll(fds, 4, 5000) == 0)
        die("nothing has happened for 5 s");
    if (fds[0].revents)
        end_open(&load->sip_in, accept(load->sip_listen, NULL, NULL), true);
    for (unsigned i = 0; i < 3; i++)
        if (ends[i]->fd >= 0 && (fds[i + 1].revents & (POLLIN | POLLHUP)))
            take_bytes(load, ends[i]);
    for (unsigned i = 0; i < 3; i++)
        end_flush(ends[i]);
}

static void push_until(Load *load, unsigned total)
{
    while (load->done + load->errors < total) {
        while (load->sent < total && load->sent - load->done - load->errors < WINDOW)
            load->from_sip ? push_request(load) : push_stanza(load);
        turn(load);
    }
}

static void attach(Load *load)
{
    end_open(&load->component, accept(load->component_listen, NULL, NULL), false);
    g_string_append(load->component.out,
                    "<stream:stream xmlns:stream='http://etherx.jabber.org/streams' "
                    "xmlns='jabber:component:accept' from='contoso.example' id='1'>");
    end_flush(&load->component);
    while (!load->attached)
        turn(load);
    if (load->from_sip)
        end_open(&load->sip_out, connect_to(load->stoxd_port), true);
}

int main(int argc, char **argv)
{
    Load load = {.component = {.fd = -1}, .sip_in = {.fd = -1}, .sip_out = {.fd = -1}};
    unsigned long first, last, allowed;
    double began, cpu, took;
    unsigned measured;

    if (argc < 6)
        return 2;
    load.program = argv[1];
    load.directory = argv[2];
    load.direction = argv[3];
    load.dialect = argv[4];
    load.total = (unsigned) atoi(argv[5]);
    allowed = argc > 6 ? strtoul(argv[6], NULL, 10) : 0;
    load.from_sip = strcmp(load.direction, "from-sip") == 0;
    load.component_listen = listen_any(&load.component_port);
    load.sip_listen = listen_any(&load.sip_port);
    start(&load);
    attach(&load);
    push_until(&load, load.total / 10);
    began = now();
    cpu = child_cpu(&load);
    push_until(&load, load.total / 3 * 2);
    first = child_kib(&load);
    push_until(&load, load.total);
    took = now() - began;
    cpu = child_cpu(&load) - cpu;
    last = child_kib(&load);
    measured = load.total - load.total / 10;
    printf("%s %s: %u messages, %u refused, %.0f per second, %.1f us CPU each, memory %lu -> %lu "
           "KiB\n",
           load.direction, load.dialect, load.total, load.errors, measured / took,
           cpu * 1e6 / measured, first, last);
    kill(load.child, SIGTERM);
    waitpid(load.child, NULL, 0);
    if (load.errors || load.done != load.total)
        return 1;
    return allowed && last > first + allowed;
}
