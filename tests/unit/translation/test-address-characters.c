/* SPDX-License-Identifier: MIT */
/* The character table of addresses (section 1.1), line by line: each character between two letters, both ways and as im: URI; nothing is escaped twice (A-03), each side has its own way of escaping (A-04). */
#include "translation/address.h"

#include <string.h>

/* Of a character beyond letters and digits; NULL in `local`: as it is. */
typedef struct {
    char c;
    const char *local; /* SIP -> JID */
    const char *sip;   /* JID -> SIP */
    const char *im;    /* JID -> im:, pres: */
    bool sip_raw;      /* a sip: URI may have it as it is */
    bool jid_raw;      /* a localpart may */
} Line;

static const Line lines[] = {
    {' ', "\\20", "%20", "%20", false, false}, {'!', "!", "!", "!", true, true},
    {'"', "\\22", "%22", "%22", false, false}, {'#', "#", "%23", "%23", false, true},
    {'$', "$", "$", "$", true, true},          {'%', "%", "%25", "%25", false, true},
    {'&', "\\26", "&", "&", true, false},      {'\'', "\\27", "'", "'", true, false},
    {'(', "(", "(", "%28", true, true},        {')', ")", ")", "%29", true, true},
    {'*', "*", "*", "*", true, true},          {'+', "+", "+", "+", true, true},
    {'-', "-", "-", "-", true, true},          {'=', "=", "=", "=", true, true},
    {',', ",", ",", "%2C", true, true},        {'.', ".", ".", ".", true, true}, /* Q-04 */
    {'/', "\\2f", "/", "/", true, false},      {':', "\\3a", "%3A", "%3A", false, false},
    {';', ";", ";", "%3B", true, true},        {'<', "\\3c", "%3C", "%3C", false, false},
    {'>', "\\3e", "%3E", "%3E", false, false}, {'?', "?", "?", "?", true, true},
    {'@', "\\40", "%40", "%40", false, false}, {'[', "[", "%5B", "%5B", false, true},
    {']', "]", "%5D", "%5D", false, true},     {'\\', "\\", "%5C", "%5C", false, true},
    {'^', "^", "%5E", "%5E", false, true},     {'`', "`", "%60", "%60", false, true},
    {'{', "{", "%7B", "%7B", false, true},     {'|', "|", "%7C", "%7C", false, true},
    {'}', "}", "%7D", "%7D", false, true},     {'_', "_", "_", "_", true, true},
    {'~', "~", "~", "~", true, true},
};

/* The localpart, or "!status". */
static char *local_in(const char *uri, StoxUriRole role)
{
    g_auto(StoxJid) jid = {0};
    g_auto(StoxSipResult) failure = {0};

    if (!stox_address_sip_to_jid(uri, role, &jid, &failure))
        return g_strdup_printf("!%u", failure.status);
    return g_strdup(jid.local);
}

static char *local_of(const char *uri)
{
    return local_in(uri, STOX_URI_IS_REQUEST_URI);
}

static char *uri_of(const char *local, StoxUriScheme scheme)
{
    g_autofree char *text = g_strconcat(local, "@x.example", NULL);
    g_auto(StoxJid) jid = {0};
    g_auto(StoxError) error = {0};

    g_assert_true(stox_jid_parse(text, &jid, NULL));
    return stox_address_jid_to_uri(&jid, scheme, true, &error);
}

/* Each way to write the character, and the ways back. */
static void check_line(const Line *line)
{
    g_autofree char *local = g_strdup_printf("x%sz", line->local);
    g_autofree char *escaped = g_strdup_printf("sip:x%%%02xz@x.example", line->c);
    g_autofree char *upper = g_strdup_printf("sip:x%%%02Xz@x.example", line->c);
    g_autofree char *raw = g_strdup_printf("sip:x%cz@x.example", line->c);
    g_autofree char *from_escaped = local_of(escaped), *from_upper = local_of(upper);
    g_autofree char *from_raw = local_of(raw);
    g_autofree char *sip = uri_of(local, STOX_SCHEME_SIP), *im = uri_of(local, STOX_SCHEME_IM);
    g_autofree char *pres = uri_of(local, STOX_SCHEME_PRES);
    g_autofree char *sip_expected = g_strdup_printf("sip:x%sz@x.example", line->sip);
    g_autofree char *im_expected = g_strdup_printf("im:x%sz@x.example", line->im);
    g_autofree char *pres_expected = g_strdup_printf("pres:x%sz@x.example", line->im);

    g_assert_cmpstr(from_escaped, ==, local);
    g_assert_cmpstr(from_upper, ==, local);
    if (line->sip_raw)
        g_assert_cmpstr(from_raw, ==, local);
    else if (line->c == ':') /* the rest is a password (A-36) */
        g_assert_cmpstr(from_raw, ==, "!404");
    else
        g_assert_cmpstr(from_raw, ==, "!400");
    g_assert_cmpstr(sip, ==, sip_expected);
    g_assert_cmpstr(im, ==, im_expected);
    g_assert_cmpstr(pres, ==, pres_expected);
}

static void check_in_jid(const Line *line)
{
    g_autofree char *text = g_strdup_printf("x%cz@x.example", line->c);
    g_auto(StoxJid) jid = {0};
    bool good = stox_jid_parse(text, &jid, NULL);

    /* A slash or an @ separates: what is left is no address. */
    g_assert_cmpint(good && jid.local && strchr(jid.local, line->c), ==, line->jid_raw);
}

static void test_line(const void *data)
{
    check_line(data);
    check_in_jid(data);
}

/* A-36: a sender who shows his password is still himself. */
static void test_password(void)
{
    g_autofree char *sender = local_in("sip:x:secret@x.example", STOX_URI_IS_FROM);

    g_assert_cmpstr(sender, ==, "x");
}

/* Every printable character has its line. */
static void test_complete(void)
{
    unsigned n = 0;

    for (char c = ' '; c < 0x7F; c++)
        n += !g_ascii_isalnum(c);
    g_assert_cmpuint(n, ==, G_N_ELEMENTS(lines));
}

static void test_alphanumeric(void)
{
    for (char c = '0'; c <= 'z'; c++) {
        g_autofree char *raw = g_strdup_printf("sip:x%cz@x.example", c);
        g_autofree char *escaped = g_strdup_printf("sip:x%%%02Xz@x.example", c);
        g_autofree char *from_raw = NULL, *from_escaped = NULL, *expected = NULL, *back = NULL;

        if (!g_ascii_isalnum(c))
            continue;
        from_raw = local_of(raw);
        from_escaped = local_of(escaped);
        expected = g_strdup_printf("x%cz", g_ascii_tolower(c));
        g_assert_cmpstr(from_raw, ==, expected);
        g_assert_cmpstr(from_escaped, ==, expected);
        back = uri_of(expected, STOX_SCHEME_IM);
        g_assert_true(g_str_has_prefix(back + 3, expected));
    }
}

/* Controls are legal as escapes in a URI and have no form in a JID. */
static void test_controls(void)
{
    for (int c = 0; c <= 0x7F; c = c == 0x1F ? 0x7F : c + 1) {
        g_autofree char *uri = g_strdup_printf("sip:x%%%02Xz@x.example", c);
        g_autofree char *got = local_of(uri);

        g_assert_cmpstr(got, ==, "!400");
    }
}

/* A-05, A-06: a backslash is escaped before each of the ten codes and before nothing else. */
static void test_backslash(void)
{
    static const char *const codes[] = {"20", "22", "26", "27", "2f", "3a", "3c", "3e", "40", "5c"};

    for (unsigned value = 0; value < 256; value++) {
        g_autofree char *code = g_strdup_printf("%02x", value);
        g_autofree char *uri = g_strdup_printf("sip:x%%5C%sz@x.example", code);
        g_autofree char *got = local_of(uri), *expected = NULL, *back = NULL;
        bool is_code = false;

        for (unsigned i = 0; i < G_N_ELEMENTS(codes); i++)
            is_code = is_code || strcmp(codes[i], code) == 0;
        expected = g_strdup_printf(is_code ? "x\\5c%sz" : "x\\%sz", code);
        g_assert_cmpstr(got, ==, expected);
        back = uri_of(got, STOX_SCHEME_SIP);
        g_assert_cmpstr(back, ==, uri);
    }
}

/* Beyond ASCII: an octet a time toward SIP, a character toward XMPP. */
static void test_beyond_ascii(void)
{
    g_autofree char *local = local_of("sip:%c3%bc%E4%B8%AD@x.example");
    g_autofree char *sip = uri_of("\xC3\xBC\xE4\xB8\xAD", STOX_SCHEME_SIP);
    g_autofree char *im = uri_of("\xC3\xBC", STOX_SCHEME_IM);

    g_assert_cmpstr(local, ==, "\xC3\xBC\xE4\xB8\xAD");
    g_assert_cmpstr(sip, ==, "sip:%C3%BC%E4%B8%AD@x.example");
    g_assert_cmpstr(im, ==, "im:%C3%BC@x.example");
}

/* gr: paramchar stays, all else is encoded; resources are never unescaped (A-10, Q-03). */
static void test_gr(void)
{
    for (char c = ' '; c < 0x7F; c++) {
        bool raw = g_ascii_isalnum(c) || strchr("-_.!~*'()[]/:&+$", c);
        g_autofree char *text = g_strdup_printf("a@x.example/x%cz", c);
        g_autofree char *expected =
            g_strdup_printf(raw ? "sip:a@x.example;gr=x%cz" : "sip:a@x.example;gr=x%%%02Xz", c);
        g_auto(StoxError) error = {0};
        g_autofree char *uri = stox_address_jid_text_to_sip(text, true, &error), *back = NULL;
        g_auto(StoxJid) jid = {0};
        g_auto(StoxSipResult) failure = {0};

        g_assert_cmpstr(uri, ==, expected);
        g_assert_true(stox_address_sip_to_jid(uri, STOX_URI_IS_FROM, &jid, &failure));
        back = stox_jid_full(&jid);
        g_assert_cmpstr(back, ==, text);
    }
    for (unsigned i = 0; i < 2; i++) {
        g_auto(StoxError) error = {0};
        g_autofree char *uri = stox_address_jid_text_to_sip(
            i ? "a@x.example/\\40" : "a@x.example/x\\5c40y", true, &error);

        g_assert_cmpstr(uri, ==, i ? "sip:a@x.example;gr=%5C40" : "sip:a@x.example;gr=x%5C5c40y");
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (unsigned i = 0; i < G_N_ELEMENTS(lines); i++) {
        g_autofree char *path = g_strdup_printf("/address/characters/%02x", (unsigned) lines[i].c);

        g_test_add_data_func(path, &lines[i], test_line);
    }
    g_test_add_func("/address/characters/complete", test_complete);
    g_test_add_func("/address/characters/password/A-36", test_password);
    g_test_add_func("/address/characters/alphanumeric", test_alphanumeric);
    g_test_add_func("/address/characters/controls/A-19", test_controls);
    g_test_add_func("/address/characters/backslash/A-05-A-06", test_backslash);
    g_test_add_func("/address/characters/beyond-ascii", test_beyond_ascii);
    g_test_add_func("/address/characters/gr/A-10-Q-03", test_gr);
    return g_test_run();
}
