/* SPDX-License-Identifier: MIT */
/*
 * The sockets of UDP. A stranger's datagram is dropped in silence; of a peer's each is one message. The transport itself answers at most one, with
 * one datagram: 513 to a request over message-max-bytes. Keep-alives of RFC 5626 s4.4.1 are a thing of streams and not answered.
 */
#include "sip/datagram-private.h"

#include <gio/gnetworking.h>
#include <glib-unix.h>

#include <string.h>

/* After the socket headers. */
#include <linux/errqueue.h>

enum { READS_PER_TURN = 64, ERRORS_PER_TURN = 64, BUFFER_BYTES = 2 << 20, QUOTE = 1500 };

/* ---- Options ---- */

static void set_int(int fd, int level, int name, int value)
{
    setsockopt(fd, level, name, &value, sizeof value);
}

/*
 * A request is never cut into fragments by us (RFC 3261 s18.1.1). What ICMP says of the path's size is not believed: forged, it would stop everything.
 */
static void set_fragments(const StoxDatagramSocket *socket, bool allowed)
{
    if (socket->family == AF_INET6)
        set_int(socket->fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER,
                allowed ? IPV6_PMTUDISC_OMIT : IPV6_PMTUDISC_INTERFACE);
    if (socket->family == AF_INET || socket->mapped)
        set_int(socket->fd, IPPROTO_IP, IP_MTU_DISCOVER,
                allowed ? IP_PMTUDISC_OMIT : IP_PMTUDISC_INTERFACE);
}

void stox_datagram_set_options(GSocket *socket, bool only_v6)
{
    int fd = g_socket_get_fd(socket);

    if (g_socket_get_family(socket) == G_SOCKET_FAMILY_IPV6) {
        set_int(fd, IPPROTO_IPV6, IPV6_V6ONLY, only_v6);
        set_int(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
        set_int(fd, IPPROTO_IPV6, IPV6_RECVERR, 1);
    } else {
        set_int(fd, IPPROTO_IP, IP_PKTINFO, 1);
    }
    set_int(fd, IPPROTO_IP, IP_RECVERR, 1);
    /* A burst must not overflow it; the kernel gives what it allows. */
    set_int(fd, SOL_SOCKET, SO_RCVBUF, BUFFER_BYTES);
    set_int(fd, SOL_SOCKET, SO_SNDBUF, BUFFER_BYTES);
}

/* ---- Writing ---- */

static void datagram_free(gpointer data)
{
    StoxDatagram *datagram = data;

    stox_flow_unref(datagram->flow);
    g_bytes_unref(datagram->bytes);
    g_free(datagram);
}

bool stox_datagram_queue(StoxDatagramFlow *flow, GBytes *bytes, uint64_t token)
{
    StoxDatagramSocket *socket = flow->socket;
    StoxTransport *transport = socket->transport;
    size_t n;
    const char *text = g_bytes_get_data(bytes, &n);
    bool response = n > 8 && memcmp(text, "SIP/2.0 ", 8) == 0;
    StoxDatagram *datagram;

    if (n > (response ? STOX_DATAGRAM_MAX : STOX_DATAGRAM_REQUEST_MAX)) {
        stox_transport_warn(transport, "%s of %zu bytes to %s does not go over UDP",
                            response ? "a response" : "a request", n, flow->peer);
        return false;
    }
    if (socket->queued + n > transport->settings->sip_queue_max_bytes)
        return false;
    datagram = g_new0(StoxDatagram, 1);
    datagram->flow = flow;
    datagram->bytes = g_bytes_ref(bytes);
    datagram->token = token;
    stox_flow_ref(flow);
    g_queue_push_tail(&socket->out, datagram);
    socket->queued += n;
    transport->queued_bytes += n;
    stox_transport_wake(transport);
    return true;
}

/* Names the address of ours that the peer knows. */
static void put_source(struct msghdr *header, const StoxLocalAddress *local)
{
    struct cmsghdr *control = CMSG_FIRSTHDR(header);
    struct in_pktinfo v4 = {0};
    struct in6_pktinfo v6 = {0};

    if (local->family == AF_INET) {
        memcpy(&v4.ipi_spec_dst, local->address, sizeof v4.ipi_spec_dst);
        *control = (struct cmsghdr){
            .cmsg_len = CMSG_LEN(sizeof v4), .cmsg_level = IPPROTO_IP, .cmsg_type = IP_PKTINFO};
        memcpy(CMSG_DATA(control), &v4, sizeof v4);
        header->msg_controllen = CMSG_SPACE(sizeof v4);
    } else {
        memcpy(&v6.ipi6_addr, local->address, sizeof v6.ipi6_addr);
        v6.ipi6_ifindex = local->interface;
        *control = (struct cmsghdr){
            .cmsg_len = CMSG_LEN(sizeof v6), .cmsg_level = IPPROTO_IPV6, .cmsg_type = IPV6_PKTINFO};
        memcpy(CMSG_DATA(control), &v6, sizeof v6);
        header->msg_controllen = CMSG_SPACE(sizeof v6);
    }
}

static ssize_t send_one(const StoxDatagramSocket *socket, const StoxDatagram *datagram)
{
    char control[CMSG_SPACE(sizeof(struct in6_pktinfo))] __attribute__((aligned(8))) = {0};
    StoxDatagramFlow *flow = datagram->flow;
    size_t n;
    struct iovec vector = {(void *) g_bytes_get_data(datagram->bytes, &n), 0};
    struct msghdr header = {.msg_name = &flow->remote,
                            .msg_namelen = flow->remote_size,
                            .msg_iov = &vector,
                            .msg_iovlen = 1};
    bool large = n > STOX_DATAGRAM_REQUEST_MAX;
    ssize_t sent;
    int error;

    vector.iov_len = n;
    if (flow->local.family != AF_UNSPEC) {
        header.msg_control = control;
        header.msg_controllen = sizeof control;
        put_source(&header, &flow->local);
    }
    /* Responses have no other way to go. */
    if (large)
        set_fragments(socket, true);
    sent = sendmsg(socket->fd, &header, MSG_NOSIGNAL);
    error = errno;
    if (large)
        set_fragments(socket, false);
    errno = error;
    return sent;
}

static void read_errors(StoxDatagramSocket *socket);

/* False: the kernel takes no more now. */
static bool write_one(StoxDatagramSocket *socket, StoxDatagram *datagram)
{
    StoxTransport *transport = socket->transport;
    ssize_t sent = -1;

    /* An error that an earlier datagram has left on the socket is reported first. */
    for (unsigned i = 0; i < 3 && sent < 0; i++) {
        sent = send_one(socket, datagram);
        if (sent >= 0)
            break;
        if (errno == EAGAIN)
            return false;
        int error = errno;
        read_errors(socket);
        errno = error;
        if (error == EMSGSIZE)
            break;
    }
    if (sent >= 0 || errno == ENOBUFS) {
        /* Without a buffer it is lost like any on the way. */
        stox_flow_sent(datagram->flow, datagram->bytes, datagram->token);
        return true;
    }
    stox_transport_warn(transport, "cannot send SIP over UDP to %s: %s", datagram->flow->peer,
                        g_strerror(errno));
    if (datagram->token)
        stox_transport_notice(transport, STOX_NOTICE_UNSENT, datagram->flow->id, datagram->token,
                              false, g_strerror(errno));
    return true;
}

static gboolean writable_cb(int fd, GIOCondition condition, gpointer user)
{
    StoxDatagramSocket *socket = user;

    g_clear_pointer(&socket->write, g_source_unref);
    stox_datagram_write(socket);
    stox_transport_wake(socket->transport);
    return G_SOURCE_REMOVE;
}

void stox_datagram_write(StoxDatagramSocket *socket)
{
    StoxDatagram *datagram;

    if (socket->write)
        return;
    while ((datagram = g_queue_peek_head(&socket->out))) {
        size_t n = g_bytes_get_size(datagram->bytes);

        if (!write_one(socket, datagram)) {
            socket->write = g_unix_fd_source_new(socket->fd, G_IO_OUT);
            g_source_set_callback(socket->write, G_SOURCE_FUNC(writable_cb), socket, NULL);
            g_source_attach(socket->write, g_main_context_get_thread_default());
            return;
        }
        socket->queued -= n;
        socket->transport->queued_bytes -= n;
        datagram_free(g_queue_pop_head(&socket->out));
    }
}

void stox_datagrams_flush(StoxTransport *transport)
{
    for (unsigned i = 0; i < transport->listeners->len; i++) {
        const StoxListener *listener = transport->listeners->pdata[i];

        if (listener->datagram)
            stox_datagram_write(listener->datagram);
    }
}

/* Something is queued, and (`now`) the kernel takes it. */
static bool has_queued(const StoxTransport *transport, bool now)
{
    for (unsigned i = 0; i < transport->listeners->len; i++) {
        const StoxDatagramSocket *socket =
            ((StoxListener *) transport->listeners->pdata[i])->datagram;

        if (socket && socket->out.length > 0 && !(now && socket->write))
            return true;
    }
    return false;
}

bool stox_datagrams_to_write(const StoxTransport *transport)
{
    return has_queued(transport, true);
}

bool stox_datagrams_written(const StoxTransport *transport)
{
    return !has_queued(transport, false);
}

/* ---- Refusals ---- */

/* What is to be told as a failure (RFC 3261 s18.4): unreachable, too large, parameter problem; not that a time to live ran out. */
static bool is_failure(const struct sock_extended_err *error)
{
    if (error->ee_origin == SO_EE_ORIGIN_ICMP)
        return error->ee_type == 3 || error->ee_type == 12;
    if (error->ee_origin == SO_EE_ORIGIN_ICMP6)
        return error->ee_type == 1 || error->ee_type == 2 || error->ee_type == 4;
    return false;
}

static void read_errors(StoxDatagramSocket *socket)
{
    for (unsigned i = 0; i < ERRORS_PER_TURN; i++) {
        char quote[QUOTE], control[512] __attribute__((aligned(8)));
        struct sockaddr_storage remote = {0};
        struct iovec vector = {quote, sizeof quote};
        struct msghdr header = {.msg_name = &remote,
                                .msg_namelen = sizeof remote,
                                .msg_iov = &vector,
                                .msg_iovlen = 1,
                                .msg_control = control,
                                .msg_controllen = sizeof control};
        ssize_t n = recvmsg(socket->fd, &header, MSG_ERRQUEUE | MSG_DONTWAIT);

        if (n < 0)
            return;
        for (struct cmsghdr *c = CMSG_FIRSTHDR(&header); c; c = CMSG_NXTHDR(&header, c)) {
            struct sock_extended_err error;

            if (!(c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_RECVERR) &&
                !(c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_RECVERR))
                continue;
            memcpy(&error, CMSG_DATA(c), sizeof error);
            if (is_failure(&error))
                stox_flow_refused(socket->transport, &remote, quote, (size_t) n,
                                  (int) error.ee_errno);
        }
    }
}

/* ---- Reading ---- */

/* Where the response goes as bytes of a socket address (RFC 3261 s18.2.2): never anywhere but to the source. */
static void answer_to(const StoxSipMessage *message, struct sockaddr_storage *remote)
{
    g_autofree char *host = NULL;
    unsigned port;

    if (!stox_sip_message_answer_address(message, &host, &port))
        return;
    if (remote->ss_family == AF_INET)
        ((struct sockaddr_in *) remote)->sin_port = htons((uint16_t) port);
    else
        ((struct sockaddr_in6 *) remote)->sin6_port = htons((uint16_t) port);
}

static void answer_too_large(StoxDatagramFlow *flow, const StoxSipMessage *message)
{
    g_autoptr(StoxSipBuilder) builder =
        stox_sip_builder_response(message, 513, NULL, "stoxd-framing");
    g_auto(StoxSipResult) result = {0};
    g_autoptr(GBytes) answer = NULL;

    stox_sip_result_init(&result, 513, STOX_DIAG_TOO_LARGE);
    result.bytes = flow->socket->transport->settings->message_max_bytes;
    stox_sip_builder_result(builder, &result, flow->socket->transport->settings->fqdn);
    answer = stox_sip_builder_finish(builder, NULL);
    stox_datagram_queue(flow, answer, 0);
}

static bool is_keepalive(const char *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (bytes[i] != '\r' && bytes[i] != '\n' && bytes[i] != '\0')
            return false;
    return true;
}

static void drop(StoxDatagramSocket *socket, const char *peer, const char *why)
{
    socket->transport->dropped_total++;
    stox_transport_warn(socket->transport, "SIP datagram from %s dropped: %s", peer, why);
}

/* The hop of who sent it. A response may also come from where we send requests: it starts nothing, and must know a branch of ours. */
static const StoxHopSettings *hop_of(const StoxDatagramSocket *socket,
                                     const struct sockaddr_storage *remote, socklen_t size,
                                     const char *bytes, size_t n)
{
    g_autoptr(GSocketAddress) address =
        g_socket_address_new_from_native((gpointer) remote, (gsize) size);
    const StoxHopSettings *hop =
        address ? stox_transport_peer_hop(socket->transport, STOX_TRANSPORT_UDP, address) : NULL;
    const StoxDatagramFlow *opened;

    if (hop || n < 8 || g_ascii_strncasecmp(bytes, "SIP/2.0 ", 8) != 0)
        return hop;
    opened = stox_flow_opened_to(socket->transport, remote);
    return opened ? opened->hop : NULL;
}

static void take_message(StoxDatagramSocket *socket, struct sockaddr_storage *remote,
                         socklen_t size, const StoxLocalAddress *local, const StoxHopSettings *hop,
                         StoxSipMessage *message, bool too_large)
{
    StoxTransport *transport = socket->transport;
    bool request = stox_sip_view(message)->request;
    StoxDatagramFlow *flow = request ? NULL : stox_flow_opened_to(transport, remote);

    stox_flows_heard(transport, remote);
    if (request)
        answer_to(message, remote);
    if (!flow)
        flow = stox_flow_get(socket, remote, size, local, hop, NULL);
    flow->refused_ms = 0;
    if (!too_large)
        transport->funcs.message(transport->user, flow->id, hop, false, message);
    else if (request && stox_sip_view(message)->method != STOX_SIP_ACK)
        answer_too_large(flow, message);
}

static void take_datagram(StoxDatagramSocket *socket, const char *bytes, size_t n,
                          struct sockaddr_storage *remote, socklen_t size,
                          const StoxLocalAddress *local)
{
    const StoxHopSettings *hop;
    g_autoptr(StoxSipMessage) message = NULL;
    const char *why = NULL;
    unsigned port;
    g_autofree char *address = NULL;

    if (is_keepalive(bytes, n))
        return;
    address = stox_sockaddr_text(remote, &port);
    hop = hop_of(socket, remote, size, bytes, n);
    if (!hop) {
        drop(socket, address, "the address is in the peers of no udp hop");
        return;
    }
    message = stox_sip_message_parse_datagram(bytes, n, &why);
    if (!message) {
        drop(socket, address, why);
        return;
    }
    if (stox_sip_view(message)->request)
        stox_sip_message_set_source(message, address, port);
    take_message(socket, remote, size, local, hop, message,
                 n > socket->transport->settings->message_max_bytes);
}

static StoxLocalAddress local_address(struct msghdr *header)
{
    StoxLocalAddress local = {.family = AF_UNSPEC};

    for (struct cmsghdr *c = CMSG_FIRSTHDR(header); c; c = CMSG_NXTHDR(header, c)) {
        if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
            struct in_pktinfo info;

            memcpy(&info, CMSG_DATA(c), sizeof info);
            local.family = AF_INET;
            memcpy(local.address, &info.ipi_spec_dst, sizeof info.ipi_spec_dst);
        } else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
            struct in6_pktinfo info;

            memcpy(&info, CMSG_DATA(c), sizeof info);
            local.family = AF_INET6;
            memcpy(local.address, &info.ipi6_addr, sizeof info.ipi6_addr);
            local.interface = IN6_IS_ADDR_LINKLOCAL(&info.ipi6_addr) ? info.ipi6_ifindex : 0;
        }
    }
    return local;
}

/* False: nothing more now. */
static bool read_one(StoxDatagramSocket *socket)
{
    StoxTransport *transport = socket->transport;
    char control[256] __attribute__((aligned(8)));
    struct sockaddr_storage remote = {0};
    struct iovec vector = {transport->read_buffer, sizeof transport->read_buffer};
    struct msghdr header = {.msg_name = &remote,
                            .msg_namelen = sizeof remote,
                            .msg_iov = &vector,
                            .msg_iovlen = 1,
                            .msg_control = control,
                            .msg_controllen = sizeof control};
    StoxLocalAddress local = {.family = AF_UNSPEC};
    ssize_t n = recvmsg(socket->fd, &header, MSG_DONTWAIT);

    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return false;
    if (n < 0) {
        /* A datagram of ours was refused. */
        read_errors(socket);
        return true;
    }
    if (socket->wildcard)
        local = local_address(&header);
    take_datagram(socket, transport->read_buffer, (size_t) n, &remote, header.msg_namelen, &local);
    return true;
}

static gboolean readable_cb(int fd, GIOCondition condition, gpointer user)
{
    StoxDatagramSocket *socket = user;

    if (condition & G_IO_ERR)
        read_errors(socket);
    for (unsigned i = 0; i < READS_PER_TURN && read_one(socket);)
        i++;
    return G_SOURCE_CONTINUE;
}

/* ---- Life ---- */

StoxDatagramSocket *stox_datagram_socket_new(StoxTransport *transport, GSocket *bound)
{
    StoxDatagramSocket *socket = g_new0(StoxDatagramSocket, 1);
    g_autoptr(GSocketAddress) own = g_socket_get_local_address(bound, NULL);
    GInetAddress *address = g_inet_socket_address_get_address(G_INET_SOCKET_ADDRESS(own));

    socket->transport = transport;
    socket->fd = g_socket_get_fd(bound);
    socket->family =
        g_inet_address_get_family(address) == G_SOCKET_FAMILY_IPV6 ? AF_INET6 : AF_INET;
    socket->wildcard = g_inet_address_get_is_any(address);
    socket->mapped = g_socket_speaks_ipv4(bound) && socket->family == AF_INET6;
    socket->address = g_inet_address_to_string(address);
    g_queue_init(&socket->out);
    set_fragments(socket, false);
    socket->read = g_unix_fd_source_new(socket->fd, G_IO_IN | G_IO_ERR);
    g_source_set_callback(socket->read, G_SOURCE_FUNC(readable_cb), socket, NULL);
    g_source_attach(socket->read, g_main_context_get_thread_default());
    return socket;
}

void stox_datagram_socket_stop(StoxDatagramSocket *socket)
{
    if (!socket->read)
        return;
    g_source_destroy(socket->read);
    g_clear_pointer(&socket->read, g_source_unref);
}

void stox_datagram_socket_free(StoxDatagramSocket *socket)
{
    if (!socket)
        return;
    stox_datagram_socket_stop(socket);
    if (socket->write) {
        g_source_destroy(socket->write);
        g_source_unref(socket->write);
    }
    g_queue_clear_full(&socket->out, datagram_free);
    g_free(socket->address);
    g_free(socket);
}
