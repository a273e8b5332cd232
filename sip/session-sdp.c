/* SPDX-License-Identifier: MIT */
#include "sip/session-sdp.h"

#include <stdint.h>
#include <string.h>

enum { MAX_MEDIA = 16, MAX_LINE = 256, MAX_TYPES = 1024 };

typedef struct {
    char *media;
    char *rest; /* transport and formats, as offered */
} Media;

struct StoxSdpOffer {
    unsigned n;
    int im; /* -1: none */
    Media media[MAX_MEDIA];
    char *types;     /* accept-types of the IM line; NULL: not said */
    char *all_types; /* of the whole session */
};

void stox_sdp_offer_free(StoxSdpOffer *offer)
{
    if (!offer)
        return;
    for (unsigned i = 0; i < offer->n; i++) {
        g_free(offer->media[i].media);
        g_free(offer->media[i].rest);
    }
    g_free(offer->types);
    g_free(offer->all_types);
    g_free(offer);
}

/* Visible ASCII and blanks only: the line goes back to the peer in our answer. */
static bool clean(const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if ((unsigned char) text[i] < 0x20 || (unsigned char) text[i] > 0x7e)
            return false;
    return true;
}

/* Instant messages inside SIP itself; the same m=message over TCP/MSRP is another thing (S-20). */
static bool is_im(GStrv fields, uint64_t port)
{
    return port > 0 &&
           (strcmp(fields[0], "message") == 0 || strcmp(fields[0], "x-ms-message") == 0) &&
           (g_ascii_strcasecmp(fields[2], "sip") == 0 ||
            g_ascii_strncasecmp(fields[2], "sip ", 4) == 0);
}

/* "message 5060 sip null" */
static bool read_media(StoxSdpOffer *offer, const char *line, size_t n)
{
    g_autofree char *text = g_strndup(line, n);
    g_auto(GStrv) fields = NULL;
    uint64_t port;
    char *end;

    if (n > MAX_LINE || !clean(line, n) || offer->n == MAX_MEDIA)
        return false;
    fields = g_strsplit(g_strstrip(text), " ", 3);
    if (g_strv_length(fields) < 3 || !fields[0][0] || !g_ascii_isdigit(fields[1][0]))
        return false;
    /* A port may be followed by "/count". */
    port = g_ascii_strtoull(fields[1], &end, 10);
    if (port > 65535 || (*end && *end != '/'))
        return false;
    if (offer->im < 0 && is_im(fields, port))
        offer->im = (int) offer->n;
    offer->media[offer->n++] = (Media){g_strdup(fields[0]), g_strdup(fields[2])};
    return true;
}

/* "accept-types:text/plain text/html" */
static void read_attribute(StoxSdpOffer *offer, const char *line, size_t n)
{
    static const char name[] = "accept-types:";
    const size_t name_n = sizeof name - 1;
    char **types = NULL;

    if (n <= name_n || n > MAX_TYPES || !clean(line, n) ||
        g_ascii_strncasecmp(line, name, name_n) != 0)
        return;
    if (offer->n == 0)
        types = &offer->all_types;
    else if (offer->im >= 0 && offer->n == (unsigned) offer->im + 1)
        types = &offer->types;
    if (types && !*types)
        *types = g_strstrip(g_strndup(line + name_n, n - name_n));
}

StoxSdpOffer *stox_sdp_offer_read(GBytes *body)
{
    g_autoptr(StoxSdpOffer) offer = g_new0(StoxSdpOffer, 1);
    size_t left = 0;
    const char *at = body ? g_bytes_get_data(body, &left) : NULL;

    offer->im = -1;
    if (left < 3 || memcmp(at, "v=0", 3) != 0)
        return NULL;
    while (left) {
        const char *newline = memchr(at, '\n', left);
        size_t n = newline ? (size_t) (newline - at) : left;
        size_t step = newline ? n + 1 : n;

        if (n && at[n - 1] == '\r')
            n--;
        if (n > 2 && at[0] == 'm' && at[1] == '=' && !read_media(offer, at + 2, n - 2))
            return NULL;
        if (n > 2 && at[0] == 'a' && at[1] == '=')
            read_attribute(offer, at + 2, n - 2);
        at += step;
        left -= step;
    }
    return offer->n ? g_steal_pointer(&offer) : NULL;
}

bool stox_sdp_offer_has_im(const StoxSdpOffer *offer)
{
    return offer->im >= 0;
}

static GString *start(const char *address)
{
    GString *sdp = g_string_new(NULL);

    if (!address)
        address = "0.0.0.0";
    g_string_printf(sdp, "v=0\r\no=- 0 0 IN IP4 %s\r\ns=session\r\nc=IN IP4 %s\r\nt=0 0\r\n",
                    address, address);
    return sdp;
}

char *stox_sdp_accept_types(GBytes *body)
{
    g_autoptr(StoxSdpOffer) offer = stox_sdp_offer_read(body);

    return offer ? g_strdup(offer->types ? offer->types : offer->all_types) : NULL;
}

static void append_types(GString *sdp, const char *types)
{
    g_string_append_printf(sdp, "a=accept-types:%s\r\n", types ? types : "text/plain");
}

GBytes *stox_sdp_offer_write(const char *address, unsigned port, const char *types)
{
    GString *sdp = start(address);

    g_string_append_printf(sdp, "m=message %u sip null\r\n", port);
    append_types(sdp, types);
    return g_string_free_to_bytes(sdp);
}

GBytes *stox_sdp_answer_write(const StoxSdpOffer *offer, const char *address, unsigned port,
                              const char *uri, const char *types)
{
    GString *sdp = start(address);

    for (unsigned i = 0; i < offer->n; i++) {
        const Media *media = &offer->media[i];

        if ((int) i != offer->im) {
            g_string_append_printf(sdp, "m=%s 0 %s\r\n", media->media, media->rest);
            continue;
        }
        g_string_append_printf(sdp, "m=%s %u sip %s\r\n", media->media, port, uri);
        append_types(sdp, types);
    }
    return g_string_free_to_bytes(sdp);
}
