/* SPDX-License-Identifier: MIT */
/* Why the SIP transport is our own: what sofia-sip's TLS transport does, seen through an nta agent. */
#include "report.h"

#include <glib.h>
#include <glib/gstdio.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <sofia-sip/nta.h>
#include <sofia-sip/nta_tport.h>
#include <sofia-sip/sip_parser.h>
#include <sofia-sip/su_log.h>
#include <sofia-sip/tport.h>
#include <sofia-sip/tport_tag.h>

#include <arpa/inet.h>
#include <dirent.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define LIBRARY "sofia-sip " SOFIA_VERSION
#define NAME    "sip.contoso.example"

enum { WARM_UP = 5, CONNECTIONS = 40, LEAK = 10000, TURN_MS = 10, WAIT_MS = 20000 };

/* ---- The agent ---- */

static su_root_t *root;

/* One turn of the loop, which may return before its time; a failure once `what` has been waited for too long. */
static void turn_until(int64_t since, const char *what)
{
    if (g_get_monotonic_time() > since + WAIT_MS * (int64_t) 1000)
        report_broken(what);
    su_root_step(root, TURN_MS);
    g_usleep(200);
}

/* The directory that TPTAG_CERTIFICATE wants: agent.pem with certificate and key, cafile.pem. */
static char *make_certificate(void)
{
    g_autoptr(GError) error = NULL;
    char *directory = g_dir_make_tmp("reproducer-XXXXXX", &error);
    g_autofree char *agent = g_build_filename(directory, "agent.pem", NULL);
    g_autofree char *ca = g_build_filename(directory, "cafile.pem", NULL);
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = X509_new();
    X509_NAME *subject = X509_get_subject_name(certificate);
    FILE *agent_file = fopen(agent, "w"), *ca_file = fopen(ca, "w");

    if (!directory || !key || !agent_file || !ca_file)
        report_broken("no certificate");
    X509_set_version(certificate, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 86400);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, (const unsigned char *) NAME, -1, -1,
                               0);
    X509_set_issuer_name(certificate, subject);
    X509_set_pubkey(certificate, key);
    if (!X509_sign(certificate, key, EVP_sha256()) || !PEM_write_X509(agent_file, certificate) ||
        !PEM_write_PrivateKey(agent_file, key, NULL, NULL, 0, NULL, NULL) ||
        !PEM_write_X509(ca_file, certificate))
        report_broken("no certificate");
    fclose(agent_file);
    fclose(ca_file);
    X509_free(certificate);
    EVP_PKEY_free(key);
    return directory;
}

static void remove_certificate(char *directory)
{
    g_autofree char *agent = g_build_filename(directory, "agent.pem", NULL);
    g_autofree char *ca = g_build_filename(directory, "cafile.pem", NULL);

    g_unlink(agent);
    g_unlink(ca);
    g_rmdir(directory);
    g_free(directory);
}

static uint16_t port_of(const struct sockaddr_in *address)
{
    return ntohs(address->sin_port);
}

static int listen_on_loopback(uint16_t *ret_port)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t length = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || bind(fd, (struct sockaddr *) &address, sizeof address) < 0 || listen(fd, 8) < 0 ||
        getsockname(fd, (struct sockaddr *) &address, &length) < 0)
        report_broken("no listener on the loopback");
    *ret_port = port_of(&address);
    return fd;
}

/* An agent with one TLS listener that asks for no certificate. `tls_version` is TPTAG_TLS_VERSION's. */
static nta_agent_t *make_agent(const char *directory, unsigned tls_version, uint16_t *ret_port)
{
    g_autofree char *url = NULL;
    nta_agent_t *agent;

    close(listen_on_loopback(ret_port));
    url = g_strdup_printf("sips:127.0.0.1:%u;transport=tls", *ret_port);
    agent = nta_agent_create(root, (url_string_t *) url, NULL, NULL, TPTAG_CERTIFICATE(directory),
                             TPTAG_TLS_VERIFY_POLICY(0), TPTAG_TLS_VERSION(tls_version), TAG_END());
    if (!agent)
        report_broken("no agent with a TLS listener");
    return agent;
}

/* ---- What an accepted connection leaves behind ---- */

static int connect_to(uint16_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || connect(fd, (struct sockaddr *) &address, sizeof address) < 0)
        _exit(1);
    return fd;
}

/* Connects, sends nothing, closes. */
static void bare(uint16_t port, SSL_CTX *ctx)
{
    int fd = connect_to(port);

    usleep(3000); /* so that it is accepted while it stands */
    close(fd);
}

/* A whole handshake, closed the way TLS wants it. */
static void handshake(uint16_t port, SSL_CTX *ctx)
{
    int fd = connect_to(port);
    SSL *ssl = SSL_new(ctx);

    if (!SSL_set_fd(ssl, fd) || SSL_connect(ssl) != 1)
        _exit(2);
    usleep(3000);
    SSL_shutdown(ssl);
    SSL_free(ssl);
    close(fd);
}

static unsigned open_files(void)
{
    DIR *directory = opendir("/proc/self/fd");
    unsigned n = 0;

    while (readdir(directory))
        n++;
    closedir(directory);
    return n;
}

/* The peers are in a child: what they allocate is not counted. */
static void connections(uint16_t port, unsigned n, void (*one)(uint16_t, SSL_CTX *))
{
    int64_t since = g_get_monotonic_time();
    unsigned before = open_files();
    int status = 0;
    pid_t peers;

    fflush(NULL);
    if ((peers = fork()) < 0)
        report_broken("no child process");
    if (peers == 0) {
        SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());

        for (unsigned i = 0; i < n; i++)
            one(port, ctx);
        _exit(0);
    }
    while (waitpid(peers, &status, WNOHANG) == 0)
        turn_until(since, "the peers were not served in time");
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        report_broken("a peer could not connect");
    while (open_files() > before)
        turn_until(since, "connections stay open: what they hold is no leak");
    su_root_step(root, TURN_MS);
}

static void leak(const char *directory, const char *fault, void (*one)(uint16_t, SSL_CTX *))
{
    uint16_t port;
    nta_agent_t *agent = make_agent(directory, 1, &port);
    size_t before, per_connection[2];

    connections(port, WARM_UP, one);
    for (unsigned round = 0; round < 2; round++) {
        before = mallinfo2().uordblks;
        connections(port, CONNECTIONS, one);
        per_connection[round] = (mallinfo2().uordblks - before) / CONNECTIONS;
    }
    report(LIBRARY, per_connection[0] > LEAK && per_connection[1] > LEAK, fault,
           "%zu and %zu bytes for each of %d, all closed", per_connection[0], per_connection[1],
           CONNECTIONS);
    nta_agent_destroy(agent);
}

/* ---- What its ClientHello says ---- */

typedef struct {
    unsigned char bytes[4096];
    size_t length;
} Hello;

/* Has the whole record come? RFC 8446 s5.1. */
static bool hello_complete(const Hello *hello)
{
    return hello->length > 5 && hello->length >= 5u + (hello->bytes[3] << 8 | hello->bytes[4]);
}

static void hello_read(Hello *hello, int fd)
{
    ssize_t n = read(fd, hello->bytes + hello->length, sizeof hello->bytes - hello->length);

    if (n <= 0)
        report_broken("the connection ended before the ClientHello");
    hello->length += n;
}

/* The content of an extension (RFC 8446 s4.1.2), NULL when it is not there. */
static const unsigned char *hello_extension(const Hello *hello, unsigned type, size_t *ret_length)
{
    const unsigned char *at = hello->bytes + 5 + 4 + 2 + 32, *end = hello->bytes + hello->length;

    at += 1 + at[0];                /* session id */
    at += 2 + (at[0] << 8 | at[1]); /* cipher suites */
    at += 1 + at[0];                /* compression */
    for (at += 2; at + 4 <= end; at += 4 + (at[2] << 8 | at[3])) {
        if ((at[0] << 8 | at[1]) != (int) type)
            continue;
        *ret_length = at[2] << 8 | at[3];
        return at + 4;
    }
    return NULL;
}

/* Sends a request to `port`, by its address and with the name that the address would have been resolved from. */
static void send_request(nta_agent_t *agent, uint16_t port)
{
    static const char text[] =
        "OPTIONS sip:" NAME " SIP/2.0\r\nVia: SIP/2.0/TLS 127.0.0.1;branch=z9hG4bKx\r\n"
        "From: <sip:a@contoso.example>;tag=a\r\nTo: <sip:" NAME ">\r\nCall-ID: c\r\n"
        "CSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n";
    g_autofree char *port_text = g_strdup_printf("%u", port);
    tp_name_t name = {
        .tpn_proto = "tls", .tpn_canon = NAME, .tpn_host = "127.0.0.1", .tpn_port = port_text};
    msg_t *msg = msg_make(sip_default_mclass(), 0, text, sizeof text - 1);
    tport_t *tport = tport_tsend(nta_agent_tports(agent), msg, &name, TAG_END());

    if (!tport)
        report_broken("the request was not sent");
    msg_destroy(msg);
}

/* The ClientHello of an agent that was made with `tls_version`. */
static void get_hello(const char *directory, unsigned tls_version, Hello *ret_hello)
{
    int64_t since = g_get_monotonic_time();
    uint16_t own, port;
    int listener = listen_on_loopback(&port), fd = -1;
    nta_agent_t *agent = make_agent(directory, tls_version, &own);

    ret_hello->length = 0;
    send_request(agent, port);
    while (!hello_complete(ret_hello)) {
        struct pollfd poller = {.fd = fd < 0 ? listener : fd, .events = POLLIN};

        turn_until(since, "no ClientHello came");
        if (poll(&poller, 1, 0) != 1)
            continue;
        if (fd < 0)
            fd = accept(listener, NULL, NULL);
        else
            hello_read(ret_hello, fd);
    }
    close(fd);
    close(listener);
    nta_agent_destroy(agent);
}

static void server_name(const char *directory)
{
    Hello hello;
    size_t length = 0;
    bool there;

    get_hello(directory, 1, &hello);
    there = hello_extension(&hello, 0, &length) != NULL;
    report(LIBRARY, !there, "no SNI: the server is not told which name is wanted",
           "ClientHello of %zu bytes, server_name %s", hello.length,
           there ? "is there" : "is missing");
}

/* A setting of a lowest or highest version would show in what is offered. */
static void versions(const char *directory)
{
    Hello hello[3];
    const unsigned char *offered[3];
    size_t length[3] = {0};
    bool same = true;

    for (unsigned i = 0; i < G_N_ELEMENTS(hello); i++) {
        get_hello(directory, i, &hello[i]);
        offered[i] = hello_extension(&hello[i], 43, &length[i]); /* supported_versions */
        same = same && offered[i] && length[i] == length[0] &&
               memcmp(offered[i], offered[0], length[0]) == 0;
    }
    report(LIBRARY, same,
           "no TLS version setting: TPTAG_TLS_VERSION changes nothing in what a client offers",
           "%zu versions with each of 0, 1, 2", length[0] / 2);
}

static void ciphers(void)
{
#ifdef TPTAG_TLS_CIPHERS
    bool there = true;
#else
    bool there = false;
#endif
    report(LIBRARY, !there, "no cipher setting", "a tag for it is %s its headers",
           there ? "in" : "not in");
}

static void no_log(void *stream, char const *format, va_list arguments)
{
}

int main(void)
{
    char *directory;

    signal(SIGPIPE, SIG_IGN);
    su_init();
    su_log_redirect(NULL, no_log, NULL);

    root = su_root_create(NULL);
    su_root_threading(root, 0);
    directory = make_certificate();
    leak(directory, "a TLS connection that says nothing leaks", bare);
    leak(directory, "a TLS connection with a full handshake leaks", handshake);
    server_name(directory);
    versions(directory);
    ciphers();
    remove_certificate(directory);
    su_root_destroy(root);
    su_deinit();
    return report_end();
}
