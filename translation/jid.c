/* SPDX-License-Identifier: MIT */
/* Parsing and printing of JIDs (RFC 7622 s3). */
#include "translation/address.h"

#include "translation/precis.h"

#include <string.h>

/* Raw parts that are longer cannot be enforced to 1023 octets; see precis.c. */
#define MAX_RAW_JID (3 * 4 * STOX_JID_PART_MAX + 2)

void stox_jid_clear(StoxJid *jid)
{
    g_free(jid->local);
    g_free(jid->domain);
    g_free(jid->resource);
    memset(jid, 0, sizeof *jid);
}

static const char *local_fault(StoxPrecisFault fault)
{
    switch (fault) {
    case STOX_PRECIS_EMPTY:
        return "The part before the @ is empty.";
    case STOX_PRECIS_TOO_LONG:
        return "The part before the @ is longer than 1023 octets.";
    case STOX_PRECIS_NOT_UTF8:
        return "The part before the @ is not UTF-8.";
    default:
        return "The part before the @ has a character that a JID cannot hold there.";
    }
}

static const char *resource_fault(StoxPrecisFault fault)
{
    switch (fault) {
    case STOX_PRECIS_EMPTY:
        return "The part after the slash is empty.";
    case STOX_PRECIS_TOO_LONG:
        return "The part after the slash is longer than 1023 octets.";
    case STOX_PRECIS_NOT_UTF8:
        return "The part after the slash is not UTF-8.";
    default:
        return "The part after the slash has a character that a JID cannot hold there.";
    }
}

/*
 * Splits at the first slash, then at the first @ before it (A-02, RFC 7622 s3.1 and s3.2). NULL
 * when all is good.
 */
static const char *parse(const char *text, StoxJid *jid)
{
    const char *slash, *at;
    g_autofree char *bare = NULL;
    StoxPrecisFault fault;

    if (strnlen(text, MAX_RAW_JID + 1) > MAX_RAW_JID)
        return "The address is too long.";
    slash = strchr(text, '/');
    bare = slash ? g_strndup(text, (size_t) (slash - text)) : g_strdup(text);
    at = strchr(bare, '@');
    jid->domain = stox_domain_canonical(at ? at + 1 : bare);
    if (!jid->domain)
        return "The domain is not a valid name or address.";
    if (at) {
        bare[at - bare] = '\0';
        fault = stox_precis_username(bare, &jid->local);
        if (fault)
            return local_fault(fault);
    }
    if (slash) {
        fault = stox_precis_opaque(slash + 1, &jid->resource);
        if (fault)
            return resource_fault(fault);
    }
    return NULL;
}

bool stox_jid_parse(const char *text, StoxJid *ret_jid, const char **ret_why)
{
    g_auto(StoxJid) jid = {0};
    const char *why = parse(text, &jid);

    if (why) {
        if (ret_why)
            *ret_why = why;
        return false;
    }
    *ret_jid = jid;
    memset(&jid, 0, sizeof jid);
    return true;
}

char *stox_jid_bare(const StoxJid *jid)
{
    return g_strconcat(jid->local ? jid->local : "", jid->local ? "@" : "", jid->domain, NULL);
}

char *stox_jid_full(const StoxJid *jid)
{
    g_autofree char *bare = stox_jid_bare(jid);

    return jid->resource ? g_strconcat(bare, "/", jid->resource, NULL) : g_steal_pointer(&bare);
}
