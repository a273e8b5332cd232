/* SPDX-License-Identifier: MIT */
#include "translation/error.h"

#include "translation/address.h"
#include "translation/error-private.h"
#include "translation/xmpp-iri.h"

#include <string.h>

/*
 * What a SIP peer is told to wait after a <resource-constraint/> (E-77); XMPP has no figure of its
 * own.
 */
#define RESOURCE_CONSTRAINT_RETRY_S 60

/* ---- SIP response -> stanza error ---- */

typedef struct {
    unsigned status;
    StoxCondition condition;
} StatusRow;

/* RFC 7247 table 3, complete. */
static const StatusRow status_rows[] = {
    {300, STOX_CONDITION_REDIRECT},
    {301, STOX_CONDITION_GONE}, /* note 1: carries the new address */
    {302, STOX_CONDITION_REDIRECT},
    {305, STOX_CONDITION_REDIRECT},
    {380, STOX_CONDITION_NOT_ACCEPTABLE},
    {400, STOX_CONDITION_BAD_REQUEST},
    {401, STOX_CONDITION_NOT_AUTHORIZED},
    {402, STOX_CONDITION_BAD_REQUEST}, /* note 2: RFC 6120 has no payment-required any more */
    {403, STOX_CONDITION_FORBIDDEN},
    {404, STOX_CONDITION_ITEM_NOT_FOUND},
    {405, STOX_CONDITION_FEATURE_NOT_IMPLEMENTED},
    {406, STOX_CONDITION_NOT_ACCEPTABLE},
    {407, STOX_CONDITION_REGISTRATION_REQUIRED},
    {408, STOX_CONDITION_REMOTE_SERVER_TIMEOUT},
    {410, STOX_CONDITION_GONE}, /* note 1: carries no address */
    {413, STOX_CONDITION_POLICY_VIOLATION},
    {414, STOX_CONDITION_POLICY_VIOLATION},
    {415, STOX_CONDITION_NOT_ACCEPTABLE},
    {416, STOX_CONDITION_NOT_ACCEPTABLE},
    {420, STOX_CONDITION_FEATURE_NOT_IMPLEMENTED},
    {421, STOX_CONDITION_NOT_ACCEPTABLE},
    {423, STOX_CONDITION_RESOURCE_CONSTRAINT},
    {430, STOX_CONDITION_RECIPIENT_UNAVAILABLE},   /* RFC 5626 */
    {439, STOX_CONDITION_FEATURE_NOT_IMPLEMENTED}, /* RFC 5626 */
    {440, STOX_CONDITION_POLICY_VIOLATION},        /* RFC 5393 */
    {480, STOX_CONDITION_RECIPIENT_UNAVAILABLE},
    {481, STOX_CONDITION_ITEM_NOT_FOUND},
    {482, STOX_CONDITION_NOT_ACCEPTABLE},
    {483, STOX_CONDITION_NOT_ACCEPTABLE},
    {484, STOX_CONDITION_ITEM_NOT_FOUND},
    {485, STOX_CONDITION_ITEM_NOT_FOUND},
    {486, STOX_CONDITION_RECIPIENT_UNAVAILABLE},
    {487, STOX_CONDITION_RECIPIENT_UNAVAILABLE},
    {488, STOX_CONDITION_NOT_ACCEPTABLE},
    {489, STOX_CONDITION_POLICY_VIOLATION}, /* RFC 6665 */
    {491, STOX_CONDITION_UNEXPECTED_REQUEST},
    {493, STOX_CONDITION_BAD_REQUEST},
    {500, STOX_CONDITION_INTERNAL_SERVER_ERROR},
    {501, STOX_CONDITION_FEATURE_NOT_IMPLEMENTED},
    {502, STOX_CONDITION_REMOTE_SERVER_NOT_FOUND},
    {503, STOX_CONDITION_INTERNAL_SERVER_ERROR}, /* note 9: not service-unavailable */
    {504, STOX_CONDITION_REMOTE_SERVER_TIMEOUT},
    {505, STOX_CONDITION_NOT_ACCEPTABLE},
    {513, STOX_CONDITION_POLICY_VIOLATION},
    {600, STOX_CONDITION_RECIPIENT_UNAVAILABLE},
    {603, STOX_CONDITION_RECIPIENT_UNAVAILABLE},
    {604, STOX_CONDITION_ITEM_NOT_FOUND},
    {606, STOX_CONDITION_NOT_ACCEPTABLE},
};

/* RFC 7247 s7.2: a code outside the table counts as x00 of its class (D-16). */
static StoxCondition condition_of_class(unsigned status)
{
    switch (status / 100) {
    case 3:
        return STOX_CONDITION_REDIRECT;
    case 4:
        return STOX_CONDITION_BAD_REQUEST;
    case 5:
        return STOX_CONDITION_INTERNAL_SERVER_ERROR;
    case 6:
        return STOX_CONDITION_RECIPIENT_UNAVAILABLE;
    default:
        return STOX_CONDITION_UNDEFINED_CONDITION;
    }
}

static StoxCondition condition_of_status(unsigned status)
{
    for (size_t i = 0; i < G_N_ELEMENTS(status_rows); i++)
        if (status_rows[i].status == status)
            return status_rows[i].condition;
    return condition_of_class(status);
}

/* Where RFC 3428 s9 allows Retry-After: its presence says that waiting helps (D-03). */
static bool may_carry_retry_after(unsigned status)
{
    static const unsigned codes[] = {404, 413, 480, 486, 500, 503, 600, 603};

    for (size_t i = 0; i < G_N_ELEMENTS(codes); i++)
        if (codes[i] == status)
            return true;
    return false;
}

static StoxErrorType type_of_status(unsigned status, StoxCondition condition,
                                    unsigned retry_after_s)
{
    /* E-26: too many forks at the moment. E-43: another server may be up soon. */
    if (status == 440 || status == 503)
        return STOX_ERROR_WAIT;
    if (retry_after_s && may_carry_retry_after(status))
        return STOX_ERROR_WAIT;
    return stox_condition_default_type(condition);
}

/*
 * What `address` of a redirect holds: an xmpp: IRI if the contact maps, else the URI as it came
 * (D-06).
 */
static char *contact_to_address(const char *contact)
{
    g_auto(StoxSipResult) failure = {0};
    g_auto(StoxJid) jid = {0};

    if (!contact)
        return NULL;
    if (stox_address_sip_to_jid(contact, STOX_URI_IS_FROM, &jid, &failure))
        return stox_xmpp_iri_from_jid(&jid);
    return stox_error_one_line(contact);
}

static void error_from_answer(const StoxSipResult *result, StoxError *error)
{
    error->condition = condition_of_status(result->status);
    error->type = type_of_status(result->status, error->condition, result->retry_after_s);
    /* Note 1 of table 3: <gone/> for 301 has the new address, <gone/> for 410 must have none. */
    if (error->condition == STOX_CONDITION_REDIRECT || result->status == 301)
        error->address = contact_to_address(result->contact);
}

/* The fates without an answer. D-07: a timer counts as 408, a failed transport as 503. */
static void error_from_silence(const StoxSipResult *result, StoxError *error)
{
    unsigned counts_as = result->fate == STOX_SIP_TIMEOUT ? 408 : 503;

    error->condition = condition_of_status(counts_as);
    error->type = type_of_status(counts_as, error->condition, 0);
    if (result->fate == STOX_SIP_NO_SUCH_DOMAIN) { /* E-53 */
        error->condition = STOX_CONDITION_REMOTE_SERVER_NOT_FOUND;
        error->type = stox_condition_default_type(error->condition);
    } else if (result->fate == STOX_SIP_TOO_LARGE) { /* M-38, M-41 */
        error->condition = STOX_CONDITION_POLICY_VIOLATION;
        error->type = STOX_ERROR_MODIFY;
    }
}

void stox_error_from_sip(const StoxSipResult *result, StoxLanguage language, StoxError *ret_error)
{
    memset(ret_error, 0, sizeof *ret_error);
    if (result->fate == STOX_SIP_ANSWERED)
        error_from_answer(result, ret_error);
    else
        error_from_silence(result, ret_error);
    ret_error->text = stox_error_text_of_sip(result, language);
    ret_error->lang = g_strdup(stox_language_tag(language));
}

/* ---- Stanza error -> SIP response ---- */

typedef struct {
    unsigned full, bare; /* what is sent for an error from a full JID, from a bare JID */
} ConditionRow;

/*
 * RFC 7247 table 2 with the gateway's choice where the code needs a header we cannot give or must
 * not be sent (Q-08, Q-09, Q-09b). gone, redirect, remote-server-timeout and unexpected-request
 * depend on more: status_of_error().
 */
static const ConditionRow condition_rows[STOX_N_CONDITIONS] = {
    [STOX_CONDITION_NONE] = {400, 400},
    [STOX_CONDITION_BAD_REQUEST] = {400, 400},
    [STOX_CONDITION_CONFLICT] = {400, 400},
    [STOX_CONDITION_FEATURE_NOT_IMPLEMENTED] = {405, 501},
    [STOX_CONDITION_FORBIDDEN] = {403, 603},
    [STOX_CONDITION_GONE] = {410, 410},
    [STOX_CONDITION_INTERNAL_SERVER_ERROR] = {500, 500},
    [STOX_CONDITION_ITEM_NOT_FOUND] = {404, 604},
    [STOX_CONDITION_JID_MALFORMED] = {400, 400},
    [STOX_CONDITION_NOT_ACCEPTABLE] = {406, 606},
    [STOX_CONDITION_NOT_ALLOWED] = {403, 403},
    [STOX_CONDITION_NOT_AUTHORIZED] = {403, 403}, /* 401 needs a challenge */
    [STOX_CONDITION_POLICY_VIOLATION] = {403, 403},
    [STOX_CONDITION_RECIPIENT_UNAVAILABLE] = {480, 600},
    [STOX_CONDITION_REDIRECT] = {480, 480},
    [STOX_CONDITION_REGISTRATION_REQUIRED] = {403, 403},   /* 407 likewise */
    [STOX_CONDITION_REMOTE_SERVER_NOT_FOUND] = {404, 404}, /* never 408 */
    [STOX_CONDITION_REMOTE_SERVER_TIMEOUT] = {504, 504},
    [STOX_CONDITION_RESOURCE_CONSTRAINT] = {500, 500},
    [STOX_CONDITION_SERVICE_UNAVAILABLE] = {403, 403}, /* Q-09b */
    [STOX_CONDITION_SUBSCRIPTION_REQUIRED] = {400, 400},
    [STOX_CONDITION_UNDEFINED_CONDITION] = {400, 400},
    [STOX_CONDITION_UNEXPECTED_REQUEST] = {400, 400},
};

static unsigned status_of_error(const StoxError *error, bool as_full, StoxMethodClass method)
{
    StoxCondition condition = error->condition;

    if ((unsigned) condition >= STOX_N_CONDITIONS)
        condition = STOX_CONDITION_UNDEFINED_CONDITION; /* D-16 */
    /*
     * Of the two codes of table 2, each where it means something: 491 is glare of INVITEs (RFC 3261
     * s14.2).
     */
    if (method == STOX_METHOD_CLASS_INVITE && condition == STOX_CONDITION_UNEXPECTED_REQUEST)
        return 491;
    /* RFC 4320 s4.2: 408 never answers anything but INVITE. */
    if (method == STOX_METHOD_CLASS_INVITE && condition == STOX_CONDITION_REMOTE_SERVER_TIMEOUT)
        return 408;
    return as_full ? condition_rows[condition].full : condition_rows[condition].bare;
}

/*
 * The SIP URI for Contact of a new address that came as xmpp: IRI or SIP URI; NULL when it has
 * none. Caller frees.
 */
static char *address_to_contact(const char *address)
{
    g_auto(StoxSipResult) failure = {0};
    g_auto(StoxError) error = {0};
    g_auto(StoxJid) jid = {0};

    if (!address)
        return NULL;
    /* A SIP URI goes through a JID too: nothing a peer wrote reaches a header unread. */
    if (!stox_xmpp_iri_to_jid(address, &jid) &&
        !stox_address_sip_to_jid(address, STOX_URI_IS_FROM, &jid, &failure))
        return NULL;
    return stox_address_jid_to_sip(&jid, false, &error);
}

/* Stands for what RFC 3261's Reason-Phrase cannot hold; 0 when the character can stay. */
static char reason_substitute(char c)
{
    switch (c) {
    case '"':
    case '`':
        return '\'';
    case '<':
    case '[':
    case '{':
        return '(';
    case '>':
    case ']':
    case '}':
        return ')';
    case '\\':
    case '|':
        return '/';
    case '^':
    case '#':
    case '%':
        return '*';
    default:
        return 0;
    }
}

/* <text/> as Reason-Phrase (D-04; RFC 3261 s25.1); NULL for the standard one. */
static char *text_to_reason(const char *text)
{
    char *reason = stox_error_one_line(text);

    for (char *p = reason; p && *p; p++) {
        char substitute = reason_substitute(*p);

        if (substitute)
            *p = substitute;
    }
    return reason;
}

void stox_sip_from_error(const StoxError *error, bool from_full, bool bare_as_full,
                         StoxMethodClass method, StoxSipResult *ret_result)
{
    unsigned status = status_of_error(error, from_full || bare_as_full, method);
    bool moved =
        error->condition == STOX_CONDITION_GONE || error->condition == STOX_CONDITION_REDIRECT;
    char *contact = moved ? address_to_contact(error->address) : NULL;

    /* 301 and 302 need Contact; without one the fallback of the table stands (E-64, E-73). */
    if (contact)
        status = error->condition == STOX_CONDITION_GONE ? 301 : 302;
    stox_sip_result_init(ret_result, status, STOX_DIAG_XMPP_REFUSED);
    ret_result->contact = contact;
    ret_result->reason = text_to_reason(error->text);
    if (error->condition == STOX_CONDITION_RESOURCE_CONSTRAINT)
        ret_result->retry_after_s = RESOURCE_CONSTRAINT_RETRY_S;
}

bool stox_sip_dialog_is_gone(const StoxSipResult *result)
{
    return result->fate == STOX_SIP_ANSWERED &&
           (result->status == 481 || (result->status == 404 && result->diagnostics_id == 1004));
}

void stox_sip_result_init(StoxSipResult *result, unsigned status, unsigned diagnostic)
{
    memset(result, 0, sizeof *result);
    result->fate = STOX_SIP_ANSWERED;
    result->status = status;
    result->diagnostic = diagnostic;
}
