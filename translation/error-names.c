/* SPDX-License-Identifier: MIT */
/* The names of error.h: conditions, types, reason phrases. */
#include "translation/error.h"

#include <string.h>

/* ---- Conditions and types of XMPP (RFC 6120 s8.3.2, s8.3.3) ---- */

typedef struct {
    const char *name;
    StoxErrorType type; /* what s8.3.3 recommends; the first where it names two */
} ConditionName;

static const ConditionName conditions[STOX_N_CONDITIONS] = {
    [STOX_CONDITION_NONE] = {"undefined-condition", STOX_ERROR_CANCEL},
    [STOX_CONDITION_BAD_REQUEST] = {"bad-request", STOX_ERROR_MODIFY},
    [STOX_CONDITION_CONFLICT] = {"conflict", STOX_ERROR_CANCEL},
    [STOX_CONDITION_FEATURE_NOT_IMPLEMENTED] = {"feature-not-implemented", STOX_ERROR_CANCEL},
    [STOX_CONDITION_FORBIDDEN] = {"forbidden", STOX_ERROR_AUTH},
    [STOX_CONDITION_GONE] = {"gone", STOX_ERROR_CANCEL},
    [STOX_CONDITION_INTERNAL_SERVER_ERROR] = {"internal-server-error", STOX_ERROR_CANCEL},
    [STOX_CONDITION_ITEM_NOT_FOUND] = {"item-not-found", STOX_ERROR_CANCEL},
    [STOX_CONDITION_JID_MALFORMED] = {"jid-malformed", STOX_ERROR_MODIFY},
    [STOX_CONDITION_NOT_ACCEPTABLE] = {"not-acceptable", STOX_ERROR_MODIFY},
    [STOX_CONDITION_NOT_ALLOWED] = {"not-allowed", STOX_ERROR_CANCEL},
    [STOX_CONDITION_NOT_AUTHORIZED] = {"not-authorized", STOX_ERROR_AUTH},
    [STOX_CONDITION_POLICY_VIOLATION] = {"policy-violation", STOX_ERROR_MODIFY},
    [STOX_CONDITION_RECIPIENT_UNAVAILABLE] = {"recipient-unavailable", STOX_ERROR_WAIT},
    [STOX_CONDITION_REDIRECT] = {"redirect", STOX_ERROR_MODIFY},
    [STOX_CONDITION_REGISTRATION_REQUIRED] = {"registration-required", STOX_ERROR_AUTH},
    [STOX_CONDITION_REMOTE_SERVER_NOT_FOUND] = {"remote-server-not-found", STOX_ERROR_CANCEL},
    [STOX_CONDITION_REMOTE_SERVER_TIMEOUT] = {"remote-server-timeout", STOX_ERROR_WAIT},
    [STOX_CONDITION_RESOURCE_CONSTRAINT] = {"resource-constraint", STOX_ERROR_WAIT},
    [STOX_CONDITION_SERVICE_UNAVAILABLE] = {"service-unavailable", STOX_ERROR_CANCEL},
    [STOX_CONDITION_SUBSCRIPTION_REQUIRED] = {"subscription-required", STOX_ERROR_AUTH},
    [STOX_CONDITION_UNDEFINED_CONDITION] = {"undefined-condition", STOX_ERROR_CANCEL},
    [STOX_CONDITION_UNEXPECTED_REQUEST] = {"unexpected-request", STOX_ERROR_WAIT},
};

static const char *const types[] = {
    [STOX_ERROR_CANCEL] = "cancel", [STOX_ERROR_AUTH] = "auth", [STOX_ERROR_CONTINUE] = "continue",
    [STOX_ERROR_MODIFY] = "modify", [STOX_ERROR_WAIT] = "wait",
};

static const ConditionName *find_condition(StoxCondition condition)
{
    if ((unsigned) condition >= STOX_N_CONDITIONS)
        condition = STOX_CONDITION_UNDEFINED_CONDITION;
    return &conditions[condition];
}

const char *stox_condition_name(StoxCondition condition)
{
    return find_condition(condition)->name;
}

StoxCondition stox_condition_from_name(const char *name)
{
    for (unsigned i = STOX_CONDITION_NONE + 1; name && i < STOX_N_CONDITIONS; i++)
        if (strcmp(conditions[i].name, name) == 0)
            return (StoxCondition) i;
    return STOX_CONDITION_UNDEFINED_CONDITION;
}

const char *stox_error_type_name(StoxErrorType type)
{
    return (unsigned) type < G_N_ELEMENTS(types) ? types[type] : types[STOX_ERROR_CANCEL];
}

StoxErrorType stox_error_type_from_name(const char *name, StoxCondition condition)
{
    for (unsigned i = 0; name && i < G_N_ELEMENTS(types); i++)
        if (strcmp(types[i], name) == 0)
            return (StoxErrorType) i;
    return stox_condition_default_type(condition);
}

StoxErrorType stox_condition_default_type(StoxCondition condition)
{
    return find_condition(condition)->type;
}

/* ---- Reason phrases of SIP (RFC 3261 s21 and the extensions named) ---- */

typedef struct {
    unsigned code;
    const char *text;
} CodeText;

static const char *find_text(const CodeText *rows, size_t n, unsigned code)
{
    for (size_t i = 0; i < n; i++)
        if (rows[i].code == code)
            return rows[i].text;
    return NULL;
}

static const CodeText reasons[] = {
    {100, "Trying"},
    {180, "Ringing"},
    {181, "Call Is Being Forwarded"},
    {182, "Queued"},
    {183, "Session Progress"},
    {199, "Early Dialog Terminated"}, /* RFC 6228 */
    {200, "OK"},
    {202, "Accepted"},
    {204, "No Notification"}, /* RFC 5839 */
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
    {412, "Conditional Request Failed"}, /* RFC 3903 */
    {413, "Request Entity Too Large"},
    {414, "Request-URI Too Long"},
    {415, "Unsupported Media Type"},
    {416, "Unsupported URI Scheme"},
    {417, "Unknown Resource-Priority"}, /* RFC 4412 */
    {420, "Bad Extension"},
    {421, "Extension Required"},
    {422, "Session Interval Too Small"}, /* RFC 4028 */
    {423, "Interval Too Brief"},
    {424, "Bad Location Information"},         /* RFC 6442 */
    {428, "Use Identity Header"},              /* RFC 8224 */
    {429, "Provide Referrer Identity"},        /* RFC 3892 */
    {430, "Flow Failed"},                      /* RFC 5626 */
    {433, "Anonymity Disallowed"},             /* RFC 5079 */
    {436, "Bad Identity Info"},                /* RFC 8224 */
    {437, "Unsupported Credential"},           /* RFC 8224 */
    {438, "Invalid Identity Header"},          /* RFC 8224 */
    {439, "First Hop Lacks Outbound Support"}, /* RFC 5626 */
    {440, "Max-Breadth Exceeded"},             /* RFC 5393 */
    {469, "Bad Info Package"},                 /* RFC 6086 */
    {470, "Consent Needed"},                   /* RFC 5360 */
    {480, "Temporarily Unavailable"},
    {481, "Call/Transaction Does Not Exist"},
    {482, "Loop Detected"},
    {483, "Too Many Hops"},
    {484, "Address Incomplete"},
    {485, "Ambiguous"},
    {486, "Busy Here"},
    {487, "Request Terminated"},
    {488, "Not Acceptable Here"},
    {489, "Bad Event"}, /* RFC 6665 */
    {491, "Request Pending"},
    {493, "Undecipherable"},
    {494, "Security Agreement Required"}, /* RFC 3329 */
    {500, "Server Internal Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Server Time-out"},
    {505, "Version Not Supported"},
    {513, "Message Too Large"},
    {555, "Push Notification Service Not Supported"}, /* RFC 8599 */
    {580, "Precondition Failure"},                    /* RFC 3312 */
    {600, "Busy Everywhere"},
    {603, "Decline"},
    {604, "Does Not Exist Anywhere"},
    {606, "Not Acceptable"},
    {607, "Unwanted"}, /* RFC 8197 */
    {608, "Rejected"}, /* RFC 8688 */
};

static const char *const class_reasons[] = {
    "Unknown",        "Progress",       "OK", "Redirection", "Request Failure",
    "Server Failure", "Global Failure",
};

const char *stox_sip_reason(unsigned status)
{
    const char *text = find_text(reasons, G_N_ELEMENTS(reasons), status);
    unsigned class = status / 100;

    if (text)
        return text;
    return class_reasons[class < G_N_ELEMENTS(class_reasons) ? class : 0];
}
