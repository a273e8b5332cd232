/* SPDX-License-Identifier: MIT */
/*
 * Addresses: the first octet says what the rest is (j: JID, i: xmpp: IRI, d: domain, r:
 * Request-URI, else From URI). Beyond not crashing: what is accepted is canonical, within limits,
 * and survives the way over the other side.
 */
#include "tests/fuzz/fuzz.h"

#include "translation/address.h"
#include "translation/precis.h"
#include "translation/xmpp-iri.h"

#include <glib.h>

#include <string.h>

static void check_part(const char *part)
{
    if (!part)
        return;
    g_assert_true(*part && strlen(part) <= STOX_JID_PART_MAX);
    g_assert_true(g_utf8_validate(part, -1, NULL));
}

/* Parsing a canonical JID changes nothing. */
static void check_canonical(const StoxJid *jid)
{
    g_auto(StoxJid) again = {0};
    g_autofree char *full = stox_jid_full(jid), *full_again = NULL;

    check_part(jid->local);
    check_part(jid->domain);
    check_part(jid->resource);
    g_assert_nonnull(jid->domain);
    g_assert_true(stox_jid_parse(full, &again, NULL));
    full_again = stox_jid_full(&again);
    g_assert_cmpstr(full, ==, full_again);
}

/*
 * A SIP URI of ours is printable ASCII and leads to a JID with the same URI: the mapping settles
 * after one turn.
 */
static void check_over_sip(const StoxJid *jid)
{
    g_auto(StoxError) error = {0};
    g_auto(StoxSipResult) failure = {0};
    g_auto(StoxJid) back = {0};
    g_autofree char *uri = stox_address_jid_to_sip(jid, true, &error), *again = NULL;

    if (!uri) {
        g_assert_nonnull(error.text);
        return;
    }
    for (const char *p = uri; *p; p++)
        g_assert_true(g_ascii_isgraph(*p) && !strchr("<>\"\\", *p));
    /* Escaping can make a part too long on the way back; nothing else may fail. */
    if (!stox_address_sip_to_jid(uri, STOX_URI_IS_REQUEST_URI, &back, &failure)) {
        g_assert_cmpuint(failure.status, ==, 414);
        return;
    }
    again = stox_address_jid_to_sip(&back, true, &error);
    g_assert_cmpstr(again, ==, uri);
    g_assert_cmpstr(back.domain, ==, jid->domain);
    g_assert_cmpstr(back.resource, ==, jid->resource);
}

static void check_over_iri(const StoxJid *jid)
{
    g_autofree char *iri = stox_xmpp_iri_from_jid(jid), *there = NULL, *here = stox_jid_full(jid);
    g_auto(StoxJid) back = {0};

    g_assert_true(stox_xmpp_iri_to_jid(iri, &back));
    there = stox_jid_full(&back);
    g_assert_cmpstr(there, ==, here);
}

static void check_jid(const StoxJid *jid)
{
    check_canonical(jid);
    check_over_sip(jid);
    check_over_iri(jid);
}

static void check_domain(const char *text)
{
    g_autofree char *domain = stox_domain_canonical(text), *again = NULL;

    if (!domain)
        return;
    check_part(domain);
    again = stox_domain_canonical(domain);
    g_assert_cmpstr(again, ==, domain);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = size ? g_strndup((const char *) data + 1, size - 1) : g_strdup("");
    g_auto(StoxJid) jid = {0};
    g_auto(StoxSipResult) failure = {0};
    char kind = size ? (char) data[0] : 'u';
    bool good = false;

    if (kind == 'd') {
        check_domain(text);
        return 0;
    }
    if (kind == 'j')
        good = stox_jid_parse(text, &jid, NULL);
    else if (kind == 'i')
        good = stox_xmpp_iri_to_jid(text, &jid);
    else
        good = stox_address_sip_to_jid(
            text, kind == 'r' ? STOX_URI_IS_REQUEST_URI : STOX_URI_IS_FROM, &jid, &failure);
    if (good)
        check_jid(&jid);
    return 0;
}
