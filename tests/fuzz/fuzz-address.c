/* SPDX-License-Identifier: MIT */
/*
 * Addresses: the first octet says what the rest is (j: JID, i: xmpp: IRI, d: domain, r:
 * Request-URI, p and q: JID at a gateway without and with its options, g: From URI behind a
 * gateway, t and T: text of either side, without and with a gateway, k: what somebody typed, else
 * From URI). Beyond not crashing: what is accepted is canonical, within limits, and survives the
 * way over the other side.
 */
#include "tests/fuzz/fuzz.h"

#include "translation/address-translate.h"
#include "translation/address-typed.h"
#include "translation/precis.h"
#include "translation/proxied.h"
#include "translation/xmpp-iri.h"

#include <glib.h>

#include <string.h>

#define GATEWAY "sip.gw.example"

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

static void check_uri(const char *uri)
{
    for (const char *p = uri; *p; p++)
        g_assert_true(g_ascii_isgraph(*p) && !strchr("<>\"\\", *p));
}

/*
 * A SIP URI of ours is printable ASCII and leads to a JID with the same URI: the mapping settles
 * after one turn (Q-07).
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
    check_uri(uri);
    /*
     * Escaping can make a part too long on the way back, and puts the letter of \5c between those of
     * a right-to-left name; nothing else may fail.
     */
    if (!stox_address_sip_to_jid(uri, STOX_URI_IS_REQUEST_URI, &back, &failure)) {
        bool escapes = jid->local && strchr(jid->local, '\\') && !g_str_is_ascii(jid->local);

        g_assert_cmpuint(failure.status, ==, escapes && failure.status == 404 ? 404 : 414);
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

/* im: and pres: hide more than sip: does, and lead to the same bare JID. */
static void check_over_im(const StoxJid *jid)
{
    g_auto(StoxError) error = {0};
    g_auto(StoxSipResult) failure = {0};
    g_auto(StoxJid) by_im = {0}, by_sip = {0};
    g_autofree char *im = stox_address_jid_to_uri(jid, STOX_SCHEME_IM, true, &error);
    g_autofree char *sip = im ? stox_address_jid_to_sip(jid, false, &error) : NULL;

    if (!im)
        return;
    check_uri(im);
    if (!stox_address_sip_to_jid(im, STOX_URI_IS_FROM, &by_im, &failure))
        return;
    g_assert_true(stox_address_sip_to_jid(sip, STOX_URI_IS_FROM, &by_sip, &failure));
    g_assert_cmpstr(by_im.local, ==, by_sip.local);
    g_assert_null(by_im.resource);
}

static void check_jid(const StoxJid *jid)
{
    check_canonical(jid);
    check_over_sip(jid);
    check_over_iri(jid);
    check_over_im(jid);
}

/* ---- Behind a gateway ---- */

/* The JID leads to a URI that leads to a JID with the same URI. */
static void check_proxied_jid(const StoxJid *jid, const StoxProxiedOptions *options)
{
    g_auto(StoxError) error = {0};
    g_auto(StoxSipResult) failure = {0};
    g_auto(StoxJid) back = {0};
    g_autofree char *uri = stox_proxied_jid_to_uri(jid, options, STOX_SCHEME_SIP, true, &error);
    g_autofree char *again = NULL;

    if (!uri) {
        g_assert_true(error.condition == STOX_CONDITION_ITEM_NOT_FOUND ||
                      error.condition == STOX_CONDITION_JID_MALFORMED);
        return;
    }
    check_uri(uri);
    /* A localpart for both may be too long, or mix directions. */
    if (!stox_proxied_sip_to_jid(uri, GATEWAY, STOX_URI_IS_REQUEST_URI, &back, &failure)) {
        g_assert_true(failure.status == 414 || failure.status == 404);
        return;
    }
    check_canonical(&back);
    g_assert_cmpstr(back.domain, ==, GATEWAY);
    g_assert_cmpstr(back.resource, ==, jid->resource);
    again = stox_proxied_jid_to_uri(&back, options, STOX_SCHEME_SIP, true, &error);
    g_assert_cmpstr(again, ==, uri);
}

static void check_proxied_text(const char *text, bool more)
{
    const StoxProxiedOptions options = {more ? "x.example" : NULL, more};
    g_autofree char *address = NULL;
    g_auto(StoxJid) jid = {0};
    const char *slash = strchr(text, '/');

    address = slash ? g_strdup_printf("%.*s@" GATEWAY "%s", (int) (slash - text), text, slash)
                    : g_strconcat(text, "@" GATEWAY, NULL);
    if (stox_jid_parse(address, &jid, NULL) && jid.local)
        check_proxied_jid(&jid, &options);
}

static void check_proxied_uri(const char *uri)
{
    static const StoxProxiedOptions options = {0};
    g_auto(StoxJid) jid = {0};
    g_auto(StoxSipResult) failure = {0};

    if (!stox_proxied_sip_to_jid(uri, GATEWAY, STOX_URI_IS_FROM, &jid, &failure)) {
        g_assert_cmpuint(failure.status, ==, 400);
        return;
    }
    check_canonical(&jid);
    check_proxied_jid(&jid, &options);
}

/* ---- Text of either side ---- */

/* Exactly one of the three ends, and what comes out is an address of the other side. */
static void check_translate(const char *text, bool proxied)
{
    const StoxTranslateOptions options = {.proxied = proxied ? GATEWAY : NULL};
    g_auto(StoxSipResult) failure = {0};
    g_auto(StoxError) error = {0};
    g_autofree char *mapped = NULL;

    switch (stox_address_translate(text, &options, &mapped, &failure, &error)) {
    case STOX_TRANSLATED: {
        g_auto(StoxJid) jid = {0};

        g_assert_true(g_str_has_prefix(mapped, "sip:") || stox_jid_parse(mapped, &jid, NULL));
        break;
    }
    case STOX_TRANSLATE_NO_JID:
        g_assert_null(mapped);
        g_assert_true(failure.status >= 400 && failure.status < 500);
        break;
    case STOX_TRANSLATE_NO_URI:
        g_assert_null(mapped);
        g_assert_nonnull(error.text);
        break;
    }
}

static void check_typed(const char *text)
{
    char *sip_domains[] = {(char *) "x.example", NULL};
    const StoxDomainPolicy domain = {.name = (char *) GATEWAY, .sip_domains = sip_domains};
    g_autofree char *jid = NULL;
    StoxCondition condition = stox_address_typed(text, &domain, &jid);
    g_auto(StoxJid) parsed = {0};

    if (condition != STOX_CONDITION_NONE) {
        g_assert_null(jid);
        return;
    }
    g_assert_true(stox_jid_parse(jid, &parsed, NULL));
    g_assert_true(g_str_has_suffix(parsed.local, "\\40x.example"));
    g_assert_cmpstr(parsed.domain, ==, GATEWAY);
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

    switch (kind) {
    case 'd':
        check_domain(text);
        return 0;
    case 'p':
    case 'q':
        check_proxied_text(text, kind == 'q');
        return 0;
    case 'g':
        check_proxied_uri(text);
        return 0;
    case 't':
    case 'T':
        check_translate(text, kind == 'T');
        return 0;
    case 'k':
        check_typed(text);
        return 0;
    default:
        break;
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
