/* SPDX-License-Identifier: MIT */
#include "sip/way.h"
#include "sip/message.h"

#include <string.h>

/* A host name or address literal; what came in a URI parameter may be anything. */
static bool is_host(const char *text)
{
    for (const char *p = text; *p; p++)
        if (!g_ascii_isalnum(*p) && !strchr("-._", *p))
            return false;
    return *text != '\0';
}

void stox_way_init(StoxWay *ret_way, const char *uri)
{
    g_autofree char *host = NULL;
    g_autofree char *front_end = NULL;
    unsigned n = 0;

    memset(ret_way, 0, sizeof *ret_way);
    if (!stox_sip_uri_host(uri, &host, &ret_way->port))
        return;
    front_end = stox_sip_uri_param(uri, "ms-fe");
    if (front_end && is_host(front_end) && g_ascii_strcasecmp(front_end, host) != 0)
        ret_way->hosts[n++] = g_steal_pointer(&front_end);
    ret_way->hosts[n] = g_steal_pointer(&host);
}

void stox_way_clear(StoxWay *way)
{
    for (unsigned i = 0; i < STOX_WAY_HOSTS; i++)
        g_free(way->hosts[i]);
    memset(way, 0, sizeof *way);
}
