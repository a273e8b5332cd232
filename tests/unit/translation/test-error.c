/* SPDX-License-Identifier: MIT */
/*
 * Errors: the vector files (E rows), the rest of RFC 7247's tables 2 and 3, and what is told to
 * people (rows D-01 to D-17).
 */
#include "translation/error.h"

#include "tests/unit/translation/vectors.h"

#include <stdlib.h>
#include <string.h>

#define ADDRESS "xmpp:romeo@new.example"
#define CONTACT "sip:romeo@new.example"

/* ---- SIP response -> stanza error ---- */

static void assert_status(unsigned status, const char *condition, const char *type)
{
    g_auto(StoxSipResult) result = {0};
    g_auto(StoxError) error = {0};

    stox_sip_result_init(&result, status, 0);
    result.contact = g_strdup(CONTACT ";transport=tls");
    stox_error_from_sip(&result, STOX_LANGUAGE_EN, &error);
    g_assert_cmpstr(stox_condition_name(error.condition), ==, condition);
    g_assert_cmpstr(stox_error_type_name(error.type), ==, type);
    g_assert_nonnull(strstr(error.text, stox_sip_reason(status)));
    /* D-06, and note 1 of table 3 for 410. */
    if (error.condition == STOX_CONDITION_REDIRECT || status == 301)
        g_assert_cmpstr(error.address, ==, ADDRESS);
    else
        g_assert_null(error.address);
}

/* "5xx": codes that table 3 does not list. */
static void assert_class(char digit, const char *condition, const char *type)
{
    static const unsigned unlisted[] = {399, 409, 422, 499, 555, 580, 599, 607, 608, 699};
    unsigned n = 0;

    for (size_t i = 0; i < G_N_ELEMENTS(unlisted); i++)
        if (unlisted[i] / 100 == (unsigned) (digit - '0')) {
            assert_status(unlisted[i], condition, type);
            n++;
        }
    g_assert_cmpuint(n, >, 0);
}

static void test_from_sip(const StoxVector *vector)
{
    const char *status = vector->columns[1], *condition = vector->columns[2];
    const char *type = vector->columns[3];

    if (strcmp(status, "-") == 0) {
        StoxSipResult result = {.fate = STOX_SIP_NO_SUCH_DOMAIN};
        g_auto(StoxError) error = {0};

        stox_error_from_sip(&result, STOX_LANGUAGE_EN, &error);
        g_assert_cmpstr(stox_condition_name(error.condition), ==, condition);
        g_assert_cmpstr(stox_error_type_name(error.type), ==, type);
    } else if (g_str_has_suffix(status, "xx")) {
        assert_class(status[0], condition, type);
    } else {
        assert_status((unsigned) strtoul(status, NULL, 10), condition, type);
    }
}

/* With the lines of error-sip-to-xmpp.tsv the whole of RFC 7247 table 3 (section 2.1): the codes without a line there, and the class defaults 3xx and 4xx. */
static void test_table_3(void)
{
    static const struct {
        unsigned status;
        const char *condition, *type;
    } rows[] = {
        {302, "redirect", "modify"},
        {402, "bad-request", "modify"},
        {405, "feature-not-implemented", "cancel"},
        {408, "remote-server-timeout", "wait"},
        {414, "policy-violation", "modify"},
        {420, "feature-not-implemented", "cancel"},
        {430, "recipient-unavailable", "wait"},
        {480, "recipient-unavailable", "wait"},
        {483, "not-acceptable", "modify"},
        {486, "recipient-unavailable", "wait"},
        {489, "policy-violation", "modify"},
        {502, "remote-server-not-found", "cancel"},
        {505, "not-acceptable", "modify"},
        {600, "recipient-unavailable", "wait"},
        {606, "not-acceptable", "modify"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        assert_status(rows[i].status, rows[i].condition, rows[i].type);
    assert_class('3', "redirect", "modify");
    assert_class('4', "bad-request", "modify");
}

/* D-07, promise 1: the sender learns whether the message may have arrived. */
static void test_fates(void)
{
    static const struct {
        StoxSipFate fate;
        const char *condition, *type;
        bool may_have_arrived;
    } rows[] = {
        {STOX_SIP_TIMEOUT, "remote-server-timeout", "wait", true},
        {STOX_SIP_TRANSPORT, "internal-server-error", "wait", true},
        {STOX_SIP_NOT_SENT, "internal-server-error", "wait", false},
        {STOX_SIP_NO_SUCH_DOMAIN, "remote-server-not-found", "cancel", false},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        StoxSipResult result = {.fate = rows[i].fate};
        g_auto(StoxError) error = {0};

        stox_error_from_sip(&result, STOX_LANGUAGE_EN, &error);
        g_assert_cmpstr(stox_condition_name(error.condition), ==, rows[i].condition);
        g_assert_cmpstr(stox_error_type_name(error.type), ==, rows[i].type);
        g_assert_true(!!strstr(error.text, "may have been delivered") == rows[i].may_have_arrived);
    }
}

/* D-03: where RFC 3428 s9 allows Retry-After, its presence says that waiting helps. */
static void test_retry_after(void)
{
    static const unsigned codes[] = {404, 413, 480, 486, 500, 503, 600, 603};

    for (size_t i = 0; i < G_N_ELEMENTS(codes); i++) {
        StoxSipResult result = {.fate = STOX_SIP_ANSWERED, .status = codes[i], .retry_after_s = 77};
        g_auto(StoxError) error = {0};

        stox_error_from_sip(&result, STOX_LANGUAGE_EN, &error);
        g_assert_cmpint(error.type, ==, STOX_ERROR_WAIT);
        g_assert_nonnull(strstr(error.text, "77 s"));
    }
}

/* D-03: waiting is no remedy for a status that cannot carry Retry-After. */
static void test_retry_after_elsewhere(void)
{
    StoxSipResult result = {.fate = STOX_SIP_ANSWERED, .status = 403, .retry_after_s = 30};
    g_auto(StoxError) error = {0};

    stox_error_from_sip(&result, STOX_LANGUAGE_EN, &error);
    g_assert_cmpint(error.type, ==, STOX_ERROR_AUTH);
}

/* D-06: what has no JID is handed on as it is, in one line. */
static void test_unmappable_contact(void)
{
    g_auto(StoxSipResult) result = {0};
    g_auto(StoxError) error = {0};

    stox_sip_result_init(&result, 302, 0);
    result.contact = g_strdup("tel:+15551212");
    stox_error_from_sip(&result, STOX_LANGUAGE_EN, &error);
    g_assert_cmpstr(error.address, ==, "tel:+15551212");
}

/* ---- Stanza error -> SIP response ---- */

/* The status a cell of the vector file means, in the given situation. */
static unsigned status_in_cell(const char *cell, bool address, StoxMethodClass method)
{
    unsigned codes[2] = {0};
    size_t n = 0;

    for (const char *p = cell; *p && n < 2; p++)
        if (g_ascii_isdigit(*p)) {
            char *end = NULL;

            codes[n++] = (unsigned) strtoul(p, &end, 10);
            p = end - 1;
        }
    g_assert_cmpuint(n, >, 0);
    if (n == 1)
        return codes[0];
    if (strstr(cell, "INVITE: "))
        return codes[method == STOX_METHOD_CLASS_INVITE ? 1 : 0];
    if (strstr(cell, " or ") || strstr(cell, "without an address"))
        return codes[address ? 0 : 1];
    return codes[0]; /* "403 (405 with Allow)" */
}

static void assert_from_error(const char *condition, const char *address, bool from_full,
                              bool bare_as_full, StoxMethodClass method, unsigned status)
{
    g_auto(StoxError) error = {0};
    g_auto(StoxSipResult) result = {0};

    error.condition = stox_condition_from_name(condition);
    error.address = g_strdup(address);
    stox_sip_from_error(&error, from_full, bare_as_full, method, &result);
    g_assert_cmpint(result.fate, ==, STOX_SIP_ANSWERED);
    g_assert_cmpuint(result.status, ==, status);
    g_assert_cmpuint(result.diagnostic, ==, STOX_DIAG_XMPP_REFUSED);
    g_assert_true((result.contact != NULL) == (status == 301 || status == 302));
    if (result.contact)
        g_assert_cmpstr(result.contact, ==, CONTACT);
}

static void test_to_sip(const StoxVector *vector)
{
    const char *condition = vector->columns[1];
    const char *cells[] = {vector->columns[5], vector->columns[4]};

    g_assert_cmpstr(stox_condition_name(stox_condition_from_name(condition)), ==, condition);
    for (int full = 0; full < 2; full++)
        for (int moved = 0; moved < 2; moved++)
            for (int m = 0; m < 2; m++) {
                StoxMethodClass method = m ? STOX_METHOD_CLASS_INVITE : STOX_METHOD_CLASS_OTHER;

                assert_from_error(condition, moved ? ADDRESS : NULL, full, false, method,
                                  status_in_cell(cells[full], moved, method));
                /* D-05: the switch makes a bare JID count as a full one. */
                assert_from_error(condition, moved ? ADDRESS : NULL, full, true, method,
                                  status_in_cell(cells[1], moved, method));
            }
}

/* With the lines of error-xmpp-to-sip.tsv the whole of RFC 7247 table 2 (section 2.2): the conditions without a line there. */
static void test_table_2(void)
{
    static const struct {
        const char *condition;
        unsigned full, bare, invite;
    } rows[] = {
        {"bad-request", 400, 400, 400},           {"forbidden", 403, 603, 403},
        {"item-not-found", 404, 604, 404},        {"not-allowed", 403, 403, 403},
        {"recipient-unavailable", 480, 600, 480}, {"remote-server-not-found", 404, 404, 404},
        {"service-unavailable", 403, 403, 403},   {"unexpected-request", 400, 400, 491},
        {"payment-required", 400, 400, 400}, /* D-16: unknown */
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        assert_from_error(rows[i].condition, NULL, true, false, STOX_METHOD_CLASS_OTHER,
                          rows[i].full);
        assert_from_error(rows[i].condition, NULL, false, false, STOX_METHOD_CLASS_OTHER,
                          rows[i].bare);
        assert_from_error(rows[i].condition, NULL, false, true, STOX_METHOD_CLASS_OTHER,
                          rows[i].full);
        assert_from_error(rows[i].condition, NULL, true, false, STOX_METHOD_CLASS_INVITE,
                          rows[i].invite);
    }
}

/* Q-08, RFC 4320 s4.2: codes that no error may lead to, whatever it says. */
static void test_never_sent(void)
{
    for (unsigned i = 0; i < STOX_N_CONDITIONS + 3; i++)
        for (int full = 0; full < 2; full++) {
            StoxError error = {.condition = (StoxCondition) i};
            g_auto(StoxSipResult) result = {0};

            stox_sip_from_error(&error, full, false, STOX_METHOD_CLASS_OTHER, &result);
            g_assert_cmpuint(result.status, >=, 400);
            g_assert_cmpuint(result.status, !=, 401);
            g_assert_cmpuint(result.status, !=, 407);
            g_assert_cmpuint(result.status, !=, 408);
            if (i >= STOX_N_CONDITIONS) /* D-16: as undefined-condition */
                g_assert_cmpuint(result.status, ==, 400);
        }
}

/* E-64, E-73: nothing that a peer wrote gets into Contact unread. */
static void test_bad_addresses(void)
{
    static const char *const addresses[] = {
        "",      "romeo@new.example",    "http://new.example/",
        "xmpp:", "xmpp:a b@new.example", "sip:a@new.example>\r\nX: y",
    };

    for (size_t i = 0; i < G_N_ELEMENTS(addresses); i++) {
        assert_from_error("gone", addresses[i], true, false, STOX_METHOD_CLASS_OTHER, 410);
        assert_from_error("redirect", addresses[i], true, false, STOX_METHOD_CLASS_OTHER, 480);
    }
    assert_from_error("gone", "sip:romeo@new.example;transport=tcp", true, false,
                      STOX_METHOD_CLASS_OTHER, 301);
}

/* D-04: one line, and only what RFC 3261's Reason-Phrase can hold. */
static void test_reason(void)
{
    static const struct {
        const char *text, *reason;
    } cases[] = {
        {NULL, NULL},
        {"", NULL},
        {" \r\n\t ", NULL},
        {"Not here", "Not here"},
        {"  Not\r\nhere\n", "Not here"},
        {"Gr\xC3\xBC\xC3\x9F"
         "e",
         "Gr\xC3\xBC\xC3\x9F"
         "e"},
        {"a \"b\" <c> 50%", "a 'b' (c) 50*"},
        {"\xE2\x80\xA8x\xC2\x85y", "x y"}, /* LINE SEPARATOR, NEXT LINE */
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        StoxError error = {.condition = STOX_CONDITION_FORBIDDEN, .text = (char *) cases[i].text};
        g_auto(StoxSipResult) result = {0};

        stox_sip_from_error(&error, true, false, STOX_METHOD_CLASS_OTHER, &result);
        g_assert_cmpstr(result.reason, ==, cases[i].reason);
    }
}

static void test_long_reason(void)
{
    g_autofree char *text = stox_vector_expand("<100000 x '\xC3\xBC'>");
    StoxError error = {.condition = STOX_CONDITION_FORBIDDEN, .text = text};
    g_auto(StoxSipResult) result = {0};

    stox_sip_from_error(&error, true, false, STOX_METHOD_CLASS_OTHER, &result);
    g_assert_cmpuint(strlen(result.reason), <=, 400);
    g_assert_true(g_utf8_validate(result.reason, -1, NULL));
}

/* E-77 */
static void test_resource_constraint(void)
{
    StoxError error = {.condition = STOX_CONDITION_RESOURCE_CONSTRAINT};
    g_auto(StoxSipResult) result = {0};

    stox_sip_from_error(&error, true, false, STOX_METHOD_CLASS_OTHER, &result);
    g_assert_cmpuint(result.retry_after_s, >, 0);
}

/* ---- Words ---- */

static void test_names(void)
{
    for (unsigned i = STOX_CONDITION_NONE + 1; i < STOX_N_CONDITIONS; i++)
        g_assert_cmpint(stox_condition_from_name(stox_condition_name((StoxCondition) i)), ==, i);
    g_assert_cmpint(stox_condition_from_name("no-such"), ==, STOX_CONDITION_UNDEFINED_CONDITION);
    g_assert_cmpint(stox_condition_from_name(NULL), ==, STOX_CONDITION_UNDEFINED_CONDITION);
    for (unsigned i = STOX_ERROR_CANCEL; i <= STOX_ERROR_WAIT; i++) {
        const char *name = stox_error_type_name((StoxErrorType) i);

        g_assert_cmpint(stox_error_type_from_name(name, STOX_CONDITION_GONE), ==, i);
    }
    g_assert_cmpint(stox_error_type_from_name("Cancel", STOX_CONDITION_JID_MALFORMED), ==,
                    STOX_ERROR_MODIFY);
    g_assert_cmpint(stox_error_type_from_name(NULL, STOX_CONDITION_FORBIDDEN), ==, STOX_ERROR_AUTH);
}

static void test_reason_phrases(void)
{
    /* RFC 3261 s21, RFC 3265, RFC 3903, RFC 4028 */
    static const struct {
        unsigned status;
        const char *reason;
    } rows[] = {
        {100, "Trying"},
        {180, "Ringing"},
        {181, "Call Is Being Forwarded"},
        {182, "Queued"},
        {183, "Session Progress"},
        {200, "OK"},
        {202, "Accepted"},
        {300, "Multiple Choices"},
        {301, "Moved Permanently"},
        {302, "Moved Temporarily"},
        {305, "Use Proxy"},
        {380, "Alternative Service"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {402, "Payment Required"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {406, "Not Acceptable"},
        {407, "Proxy Authentication Required"},
        {408, "Request Timeout"},
        {410, "Gone"},
        {412, "Conditional Request Failed"},
        {413, "Request Entity Too Large"},
        {414, "Request-URI Too Long"},
        {415, "Unsupported Media Type"},
        {416, "Unsupported URI Scheme"},
        {420, "Bad Extension"},
        {421, "Extension Required"},
        {422, "Session Interval Too Small"},
        {423, "Interval Too Brief"},
        {480, "Temporarily Unavailable"},
        {481, "Call/Transaction Does Not Exist"},
        {482, "Loop Detected"},
        {483, "Too Many Hops"},
        {484, "Address Incomplete"},
        {485, "Ambiguous"},
        {486, "Busy Here"},
        {487, "Request Terminated"},
        {488, "Not Acceptable Here"},
        {489, "Bad Event"},
        {491, "Request Pending"},
        {493, "Undecipherable"},
        {500, "Server Internal Error"},
        {501, "Not Implemented"},
        {502, "Bad Gateway"},
        {503, "Service Unavailable"},
        {504, "Server Time-out"},
        {505, "Version Not Supported"},
        {513, "Message Too Large"},
        {600, "Busy Everywhere"},
        {603, "Decline"},
        {604, "Does Not Exist Anywhere"},
        {606, "Not Acceptable"},
        {499, "Request Failure"},
        {699, "Global Failure"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        g_assert_cmpstr(stox_sip_reason(rows[i].status), ==, rows[i].reason);
    g_assert_nonnull(stox_sip_reason(0));
    g_assert_nonnull(stox_sip_reason(4000000000u));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    stox_vectors_add("error/from-sip", "error-sip-to-xmpp.tsv", 6, test_from_sip);
    stox_vectors_add("error/to-sip", "error-xmpp-to-sip.tsv", 8, test_to_sip);
    g_test_add_func("/error/from-sip/table-3", test_table_3);
    g_test_add_func("/error/from-sip/fates", test_fates);
    g_test_add_func("/error/from-sip/D-03-retry-after", test_retry_after);
    g_test_add_func("/error/from-sip/retry-after-elsewhere", test_retry_after_elsewhere);
    g_test_add_func("/error/from-sip/unmappable-contact", test_unmappable_contact);
    g_test_add_func("/error/to-sip/table-2", test_table_2);
    g_test_add_func("/error/to-sip/never-sent", test_never_sent);
    g_test_add_func("/error/to-sip/bad-addresses", test_bad_addresses);
    g_test_add_func("/error/to-sip/reason", test_reason);
    g_test_add_func("/error/to-sip/long-reason", test_long_reason);
    g_test_add_func("/error/to-sip/resource-constraint", test_resource_constraint);
    g_test_add_func("/error/names", test_names);
    g_test_add_func("/error/reason-phrases", test_reason_phrases);
    return g_test_run();
}
