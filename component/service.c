/* SPDX-License-Identifier: MIT */
#include "component/service.h"

#include "component/stanza-tree.h"
#include "translation/address-typed.h"
#include "translation/address.h"
#include "translation/error.h"

#include <string.h>

#define NS_DISCO_INFO  "http://jabber.org/protocol/disco#info"
#define NS_DISCO_ITEMS "http://jabber.org/protocol/disco#items"
#define NS_PING        "urn:xmpp:ping"
#define NS_VERSION     "jabber:iq:version"
#define NS_LAST        "jabber:iq:last"
#define NS_TIME        "urn:xmpp:time"
#define NS_VCARD       "vcard-temp"
#define NS_GATEWAY     "jabber:iq:gateway"
#define NS_CHAT_STATES "http://jabber.org/protocol/chatstates"
#define NS_RECEIPTS    "urn:xmpp:receipts"
#define NS_XHTML_IM    "http://jabber.org/protocol/xhtml-im"

struct StoxService {
    xmpp_ctx_t *ctx;
    StoxTime started;
    const StoxPolicy *policy;
};

/* Whom an IQ is addressed to. */
typedef enum { TO_DOMAIN = 1, TO_USER = 2, TO_RESOURCE = 4 } Target;

/* One IQ on its way to its answer. */
typedef struct {
    StoxService *service;
    StoxTime now;
    Target target;
    const StoxDomainPolicy *proxied;  /* NULL: the domain is the SIP domain */
    const StoxHopPolicy *hop;         /* NULL: unknown */
    const StoxPartnerPolicy *partner; /* who asks; NULL: a stranger */
    bool set;
    const StoxXmlNode *payload;
    xmpp_stanza_t *answer;
} Query;

StoxService *stox_service_new(StoxTime started, const StoxPolicy *policy)
{
    StoxService *service = g_new0(StoxService, 1);

    service->ctx = stox_tree_context_new();
    service->started = started;
    service->policy = policy;
    return service;
}

void stox_service_free(StoxService *service)
{
    if (!service)
        return;
    xmpp_ctx_free(service->ctx);
    g_free(service);
}

static void refuse(Query *query, StoxCondition condition)
{
    const StoxError error = {.condition = condition,
                             .type = stox_condition_default_type(condition)};

    stox_tree_error(query->answer, &error);
}

/* ---- What is answered ---- */

static void add_features(xmpp_stanza_t *parent, const char *const *features)
{
    for (unsigned i = 0; features[i]; i++)
        stox_tree_attr(stox_tree_child(parent, NULL, "feature", NULL), "var", features[i]);
}

static void add_identity(xmpp_stanza_t *parent, const char *category, const char *type,
                         const char *name)
{
    xmpp_stanza_t *identity = stox_tree_child(parent, NULL, "identity", NULL);

    stox_tree_attr(identity, "category", category);
    stox_tree_attr(identity, "type", type);
    stox_tree_attr(identity, "name", name);
}

/* X-33: there are no nodes. */
static bool asks_for_node(const Query *query)
{
    const char *node = stox_xml_attr(query->payload, "node");

    return node && *node;
}

/*
 * X-34, M-78, M-90: what a SIP user's client can do with what is sent to it. Clients send states and receipts only where they are listed. All users of
 * a domain have the same, so nothing is told of who exists (X-23). No message-correct, jingle or omemo: there is no such thing over there.
 */
static void add_user_features(const Query *query, xmpp_stanza_t *parent)
{
    static const char *const always[] = {NS_DISCO_INFO, NS_PING, NS_CHAT_STATES, NULL};
    static const char *const receipts[] = {NS_RECEIPTS, NULL};
    static const char *const xhtml[] = {NS_XHTML_IM, NULL};

    add_features(parent, always);
    if (query->hop && query->hop->receipts)
        add_features(parent, receipts);
    if (query->hop && query->hop->rich_text && query->partner && query->partner->xhtml)
        add_features(parent, xhtml);
}

/* X-30, X-31, X-34 */
static void answer_disco_info(Query *query)
{
    static const char *const of_domain[] = {NS_DISCO_INFO, NS_DISCO_ITEMS, "jid\\20escaping",
                                            NS_PING,       NS_VERSION,     NS_LAST,
                                            NS_TIME,       NS_VCARD,       NULL};
    static const char *const of_proxied[] = {NS_GATEWAY, NULL};
    xmpp_stanza_t *info;

    if (asks_for_node(query)) {
        refuse(query, STOX_CONDITION_ITEM_NOT_FOUND);
        return;
    }
    info = stox_tree_child(query->answer, NS_DISCO_INFO, "query", NULL);
    if (query->target == TO_DOMAIN) {
        add_identity(info, "gateway", "simple", "stoxd: gateway to SIP");
        add_features(info, of_domain);
        if (query->proxied)
            add_features(info, of_proxied);
    } else {
        add_identity(info, "client", "pc", NULL);
        add_user_features(query, info);
    }
}

/* X-32 */
static void answer_disco_items(Query *query)
{
    if (asks_for_node(query))
        refuse(query, STOX_CONDITION_ITEM_NOT_FOUND);
    else
        stox_tree_child(query->answer, NS_DISCO_ITEMS, "query", NULL);
}

/* X-40: the empty result is already there. */
static void answer_ping(Query *query)
{
}

/* X-41: the operating system stays private. */
static void answer_version(Query *query)
{
    xmpp_stanza_t *version = stox_tree_child(query->answer, NS_VERSION, "query", NULL);

    stox_tree_child(version, NULL, "name", "stoxd");
    stox_tree_child(version, NULL, "version", STOX_VERSION);
}

/* X-42 for the domain; X-43: nobody is known to be authorised for a user's. */
static void answer_last(Query *query)
{
    int64_t seconds = (query->now.mono_ms - query->service->started.mono_ms) / 1000;
    char text[32];

    if (query->target != TO_DOMAIN) {
        refuse(query, STOX_CONDITION_FORBIDDEN);
        return;
    }
    g_snprintf(text, sizeof text, "%" G_GINT64_FORMAT, MAX(seconds, 0));
    stox_tree_attr(stox_tree_child(query->answer, NS_LAST, "query", NULL), "seconds", text);
}

/* X-44 */
static void answer_time(Query *query)
{
    g_autoptr(GDateTime) now = g_date_time_new_from_unix_utc(query->now.wall_ms / 1000);
    g_autofree char *utc = now ? g_date_time_format(now, "%Y-%m-%dT%H:%M:%SZ") : NULL;
    xmpp_stanza_t *time;

    if (!utc) {
        refuse(query, STOX_CONDITION_INTERNAL_SERVER_ERROR);
        return;
    }
    time = stox_tree_child(query->answer, NS_TIME, "time", NULL);
    stox_tree_child(time, NULL, "tzo", "+00:00");
    stox_tree_child(time, NULL, "utc", utc);
}

/* X-45 */
static void answer_vcard(Query *query)
{
    xmpp_stanza_t *card = stox_tree_child(query->answer, NS_VCARD, "vCard", NULL);

    stox_tree_child(card, NULL, "FN", "stoxd");
    stox_tree_child(card, NULL, "DESC",
                    "Gateway between XMPP and SIP (Lync, Skype for Business, SIMPLE)");
}

/* A-63: what to type. */
static void answer_gateway_get(Query *query)
{
    const StoxDomainPolicy *domain = query->proxied;
    g_autofree char *example = g_strconcat("alice@", domain->sip_domains[0], NULL);
    g_autofree char *description =
        stox_words(STOX_WORD_PROMPT_DESCRIPTION, domain->language, example, NULL);
    xmpp_stanza_t *form = stox_tree_child(query->answer, NS_GATEWAY, "query", NULL);

    stox_tree_child(form, NULL, "desc", description);
    stox_tree_child(form, NULL, "prompt", stox_word(STOX_WORD_PROMPT, domain->language));
}

/* A-63: what was typed becomes a JID. */
static void answer_gateway_set(Query *query)
{
    const StoxXmlNode *prompt = stox_xml_child(query->payload, NS_GATEWAY, "prompt");
    g_autofree char *jid = NULL;
    StoxCondition condition = prompt && !prompt->first_child
                                  ? stox_address_typed(prompt->text, query->proxied, &jid)
                                  : STOX_CONDITION_NOT_ACCEPTABLE;

    if (condition == STOX_CONDITION_NONE)
        stox_tree_child(stox_tree_child(query->answer, NS_GATEWAY, "query", NULL), NULL, "jid",
                        jid);
    else
        refuse(query, condition);
}

static void answer_gateway(Query *query)
{
    if (query->set)
        answer_gateway_set(query);
    else
        answer_gateway_get(query);
}

/* ---- Who is answered what ---- */

/* X-20: the condition of a payload we have no answer for, STOX_CONDITION_NONE when there is one (*ret_answer). */
static StoxCondition judge(const Query *query, void (**ret_answer)(Query *))
{
    static const struct {
        const char *ns, *name;
        void (*answer)(Query *query);
        unsigned targets;
        bool proxied; /* for domains with SIP domains behind them; may be set */
    } rows[] = {
        {NS_DISCO_INFO, "query", answer_disco_info, TO_DOMAIN | TO_RESOURCE},
        {NS_DISCO_ITEMS, "query", answer_disco_items, TO_DOMAIN},
        {NS_PING, "ping", answer_ping, TO_DOMAIN | TO_USER | TO_RESOURCE},
        {NS_VERSION, "query", answer_version, TO_DOMAIN},
        {NS_LAST, "query", answer_last, TO_DOMAIN | TO_USER | TO_RESOURCE},
        {NS_TIME, "time", answer_time, TO_DOMAIN},
        {NS_VCARD, "vCard", answer_vcard, TO_DOMAIN}, /* of users: X-46 */
        {NS_GATEWAY, "query", answer_gateway, TO_DOMAIN, true},
    };

    if (query->set && stox_xml_is(query->payload, NS_VCARD, "vCard"))
        return STOX_CONDITION_FORBIDDEN; /* X-47 */
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        if (strcmp(query->payload->ns, rows[i].ns) != 0 || !(rows[i].targets & query->target) ||
            (rows[i].proxied && !query->proxied))
            continue;
        if (strcmp(query->payload->name, rows[i].name) != 0)
            return STOX_CONDITION_FEATURE_NOT_IMPLEMENTED;
        if (query->set && !rows[i].proxied)
            return STOX_CONDITION_BAD_REQUEST;
        *ret_answer = rows[i].answer;
        return STOX_CONDITION_NONE;
    }
    return STOX_CONDITION_SERVICE_UNAVAILABLE; /* X-20, X-23, X-24, X-55 */
}

static void answer_payload(Query *query)
{
    void (*answer)(Query *) = NULL;
    StoxCondition condition = judge(query, &answer);

    if (condition == STOX_CONDITION_NONE)
        answer(query);
    else
        refuse(query, condition);
}

/* False when `to` is no address. */
static bool find_target(const char *to, Target *ret_target)
{
    g_auto(StoxJid) jid = {0};

    if (!stox_jid_parse(to, &jid, NULL))
        return false;
    if (!jid.local)
        *ret_target = TO_DOMAIN;
    else
        *ret_target = jid.resource ? TO_RESOURCE : TO_USER;
    return true;
}

/* NULL: not one of a partner. */
static const StoxPartnerPolicy *partner_of(const StoxPolicy *policy, const char *from)
{
    g_auto(StoxJid) jid = {0};

    return stox_jid_parse(from, &jid, NULL) ? stox_policy_partner(policy, jid.domain) : NULL;
}

char *stox_service_answer(StoxService *service, const char *domain, const StoxXmlNode *iq,
                          StoxTime now, const char **ret_from)
{
    const char *type = stox_xml_attr(iq, "type");
    const char *from = stox_xml_attr(iq, "from");
    const char *to = stox_xml_attr(iq, "to");
    const char *id = stox_xml_attr(iq, "id");
    bool set = type && strcmp(type, "set") == 0;
    bool known = set || (type && strcmp(type, "get") == 0);
    const StoxDomainPolicy *policy = stox_policy_domain(service->policy, domain);
    Query query = {.service = service,
                   .now = now,
                   .proxied = policy && policy->sip_domains ? policy : NULL,
                   .set = set,
                   .payload = iq->first_child};

    /* D-10, X-22 */
    if (!from || (type && (strcmp(type, "result") == 0 || strcmp(type, "error") == 0)))
        return NULL;
    query.hop = policy ? stox_policy_hop(service->policy, policy->hop) : NULL;
    query.partner = partner_of(service->policy, from);
    to = to && *to ? to : domain;
    query.answer = stox_tree_new(service->ctx, "iq");
    stox_tree_attr(query.answer, "type", "result");
    stox_tree_attr(query.answer, "from", to);
    stox_tree_attr(query.answer, "to", from);
    stox_tree_attr(query.answer, "id", id ? id : "");
    if (!known || !query.payload || query.payload->next)
        refuse(&query, STOX_CONDITION_BAD_REQUEST); /* X-21 */
    else if (!find_target(to, &query.target))
        refuse(&query, STOX_CONDITION_JID_MALFORMED); /* A-22 */
    else
        answer_payload(&query);
    *ret_from = to;
    return stox_tree_finish(query.answer, NULL);
}
