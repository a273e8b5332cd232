/* SPDX-License-Identifier: MIT */
/* Resource lists (RFC 4662 s5): not what somebody shows, but where and whether his presence is to be had (lync.md 4.8 a). */
#include "translation/presence-document-private.h"

#include <string.h>

#define MAX_RESOURCES 256 /* we ask for one */

#define NS_RLMI "urn:ietf:params:xml:ns:rlmi"

bool stox_rlmi_is(const StoxXmlNode *root)
{
    return stox_xml_is(root, NS_RLMI, "list");
}

static void read_instance(const StoxXmlNode *instance, StoxPresenceReport *report)
{
    const char *state = stox_xml_attr(instance, "state");
    const char *pool = stox_xml_attr(instance, "poolFqdn");

    if (!state)
        return;
    if (g_ascii_strcasecmp(state, "terminated") == 0) {
        report->terminated = true;
    } else if (g_ascii_strcasecmp(state, "resubscribe") == 0) {
        report->resubscribe = true;
        if (pool && !report->pool_fqdn)
            report->pool_fqdn = stox_presence_text(pool, STOX_MAX_DISPLAY_NAME);
    }
}

void stox_rlmi_read(const StoxXmlNode *root, const StoxPresenceReading *how,
                    StoxPresenceReport *report)
{
    unsigned n = 0;

    for (const StoxXmlNode *resource = stox_xml_child(root, NS_RLMI, "resource");
         resource && n++ < MAX_RESOURCES; resource = stox_xml_next(resource, NS_RLMI, "resource")) {
        if (!stox_presence_is_about(stox_xml_attr(resource, "uri"), how->about_uri))
            continue;
        for (const StoxXmlNode *at = stox_xml_child(resource, NS_RLMI, "instance"); at;
             at = stox_xml_next(at, NS_RLMI, "instance"))
            read_instance(at, report);
    }
}
