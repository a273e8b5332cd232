/* SPDX-License-Identifier: MIT */
/* Errors there and back again: the same, or one of the losses listed here (RFC 7247 s7 has fewer words than either side). */
#include "translation/error.h"

#include <string.h>

static unsigned status_of(StoxCondition condition, bool full)
{
    StoxError error = {.condition = condition};
    g_auto(StoxSipResult) result = {0};

    stox_sip_from_error(&error, full, false, STOX_METHOD_CLASS_OTHER, &result);
    return result.status;
}

static StoxCondition condition_of(unsigned status)
{
    StoxSipResult result = {.fate = STOX_SIP_ANSWERED, .status = status};
    g_auto(StoxError) error = {0};

    stox_error_from_sip(&result, STOX_LANGUAGE_EN, &error);
    return error.condition;
}

/* What comes back for a condition that does not come back as itself. */
static const struct {
    StoxCondition condition, full, bare;
} losses[] = {
    {STOX_CONDITION_CONFLICT, STOX_CONDITION_BAD_REQUEST, STOX_CONDITION_BAD_REQUEST},
    /* 603 is a decline. */
    {STOX_CONDITION_FORBIDDEN, STOX_CONDITION_FORBIDDEN, STOX_CONDITION_RECIPIENT_UNAVAILABLE},
    {STOX_CONDITION_JID_MALFORMED, STOX_CONDITION_BAD_REQUEST, STOX_CONDITION_BAD_REQUEST},
    {STOX_CONDITION_NOT_ALLOWED, STOX_CONDITION_FORBIDDEN, STOX_CONDITION_FORBIDDEN},
    {STOX_CONDITION_NOT_AUTHORIZED, STOX_CONDITION_FORBIDDEN, STOX_CONDITION_FORBIDDEN}, /* */
    {STOX_CONDITION_POLICY_VIOLATION, STOX_CONDITION_FORBIDDEN, STOX_CONDITION_FORBIDDEN},
    /* Without an address (E-73); with one it comes back, see below. */
    {STOX_CONDITION_REDIRECT, STOX_CONDITION_RECIPIENT_UNAVAILABLE,
     STOX_CONDITION_RECIPIENT_UNAVAILABLE},
    {STOX_CONDITION_REGISTRATION_REQUIRED, STOX_CONDITION_FORBIDDEN,
     STOX_CONDITION_FORBIDDEN}, /* */
    {STOX_CONDITION_REMOTE_SERVER_NOT_FOUND, STOX_CONDITION_ITEM_NOT_FOUND,
     STOX_CONDITION_ITEM_NOT_FOUND}, /* */
    {STOX_CONDITION_RESOURCE_CONSTRAINT, STOX_CONDITION_INTERNAL_SERVER_ERROR,
     STOX_CONDITION_INTERNAL_SERVER_ERROR},
    {STOX_CONDITION_SERVICE_UNAVAILABLE, STOX_CONDITION_FORBIDDEN,
     STOX_CONDITION_FORBIDDEN}, /* Q-09b */
    {STOX_CONDITION_SUBSCRIPTION_REQUIRED, STOX_CONDITION_BAD_REQUEST, STOX_CONDITION_BAD_REQUEST},
    {STOX_CONDITION_UNDEFINED_CONDITION, STOX_CONDITION_BAD_REQUEST, STOX_CONDITION_BAD_REQUEST},
    {STOX_CONDITION_UNEXPECTED_REQUEST, STOX_CONDITION_BAD_REQUEST, STOX_CONDITION_BAD_REQUEST},
};

static StoxCondition expected(StoxCondition condition, bool full)
{
    for (size_t i = 0; i < G_N_ELEMENTS(losses); i++)
        if (losses[i].condition == condition)
            return full ? losses[i].full : losses[i].bare;
    return condition;
}

static void test_conditions(void)
{
    for (unsigned i = STOX_CONDITION_NONE + 1; i < STOX_N_CONDITIONS; i++)
        for (int full = 0; full < 2; full++) {
            StoxCondition condition = (StoxCondition) i;

            g_assert_cmpstr(stox_condition_name(condition_of(status_of(condition, full))), ==,
                            stox_condition_name(expected(condition, full)));
        }
}

/* A status that comes back as itself; every other one comes back as one of these. */
static void test_statuses(void)
{
    static const unsigned kept[] = {400, 403, 404, 405, 406, 410, 480, 500, 504};

    for (unsigned status = 300; status < 700; status++) {
        unsigned back = status_of(condition_of(status), true);
        bool keeps = false, known = false;

        for (size_t i = 0; i < G_N_ELEMENTS(kept); i++) {
            keeps = keeps || kept[i] == status;
            known = known || kept[i] == back;
        }
        g_assert_true(known);
        g_assert_true(keeps == (back == status));
        /* From then on nothing changes any more. */
        g_assert_cmpuint(status_of(condition_of(back), true), ==, back);
    }
}

/* D-06: new addresses survive both ways. */
static void test_addresses(void)
{
    static const struct {
        StoxCondition condition;
        unsigned status;
    } rows[] = {{STOX_CONDITION_GONE, 301}, {STOX_CONDITION_REDIRECT, 302}};

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        StoxError error = {.condition = rows[i].condition, .address = "xmpp:romeo@new.example"};
        g_auto(StoxSipResult) result = {0};
        g_auto(StoxError) back = {0};

        stox_sip_from_error(&error, true, false, STOX_METHOD_CLASS_OTHER, &result);
        g_assert_cmpuint(result.status, ==, rows[i].status);
        stox_error_from_sip(&result, STOX_LANGUAGE_EN, &back);
        g_assert_cmpint(back.condition, ==, rows[i].condition);
        g_assert_cmpstr(back.address, ==, error.address);
    }
}

/* INVITE has the two codes that nothing else may have (RFC 4320 s4.2; RFC 3261 s14.2). */
static void test_invite(void)
{
    static const StoxCondition conditions[] = {STOX_CONDITION_UNEXPECTED_REQUEST,
                                               STOX_CONDITION_REMOTE_SERVER_TIMEOUT};

    for (size_t i = 0; i < G_N_ELEMENTS(conditions); i++) {
        StoxError error = {.condition = conditions[i]};
        g_auto(StoxSipResult) result = {0};

        stox_sip_from_error(&error, true, false, STOX_METHOD_CLASS_INVITE, &result);
        g_assert_cmpint(condition_of(result.status), ==, conditions[i]);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/error-round/conditions", test_conditions);
    g_test_add_func("/error-round/statuses", test_statuses);
    g_test_add_func("/error-round/D-06-addresses", test_addresses);
    g_test_add_func("/error-round/invite", test_invite);
    return g_test_run();
}
