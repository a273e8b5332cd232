/* SPDX-License-Identifier: MIT */
#include "component/service.h"

#include <glib.h>

#include <string.h>

#define DOMAIN "contoso.example"
#define PROXY  "sip.gw.example" /* has SIP domains behind it */
#define NS     "xmlns='jabber:component:accept'"
#define INFO   "http://jabber.org/protocol/disco#info"
#define ITEMS  "http://jabber.org/protocol/disco#items"

static const StoxTime started = {1000000, G_GINT64_CONSTANT(1700000000000)};
static const StoxTime later = {1000000 + 93500, G_GINT64_CONSTANT(1166549915250)};

static StoxXmlTree *parse(const char *text)
{
    g_autoptr(GError) error = NULL;
    StoxXmlTree *tree = stox_xml_parse(text, strlen(text), &stox_xml_limits_stanza, &error);

    g_assert_no_error(error);
    return tree;
}

static StoxPolicy *policy_new(StoxLanguage language)
{
    StoxPolicy *policy = stox_policy_new();
    StoxDomainPolicy *proxy = stox_policy_add_domain(policy, PROXY, "pool01");

    stox_policy_add_domain(policy, DOMAIN, "pool01");
    proxy->sip_domains = g_strsplit("fabrikam.example tailspin.example", " ", -1);
    proxy->language = language;
    return policy;
}

/* The answer as the server reads it; NULL: none. The root is a stream's; its child the answer. */
static StoxXmlTree *ask_policy(const StoxPolicy *policy, const char *domain, const char *iq)
{
    g_autoptr(StoxService) service = stox_service_new(started, policy);
    g_autoptr(StoxXmlTree) tree = parse(iq);
    const StoxXmlNode *root = stox_xml_tree_root(tree);
    const char *from = NULL;
    g_autofree char *answer = stox_service_answer(service, domain, root, later, &from);
    g_autofree char *stream = NULL;
    StoxXmlTree *parsed;
    const StoxXmlNode *node;

    if (!answer)
        return NULL;
    stream = g_strdup_printf("<s " NS ">%s</s>", answer);
    parsed = parse(stream);
    node = stox_xml_tree_root(parsed)->first_child;
    g_assert_null(node->next);
    g_assert_cmpstr(stox_xml_attr(node, "from"), ==, from);
    g_assert_cmpstr(stox_xml_attr(node, "to"), ==, stox_xml_attr(root, "from"));
    return parsed;
}

static StoxXmlTree *ask_domain(const char *domain, StoxLanguage language, const char *iq)
{
    g_autoptr(StoxPolicy) policy = policy_new(language);

    return ask_policy(policy, domain, iq);
}

static StoxXmlTree *ask_raw(const char *iq)
{
    return ask_domain(DOMAIN, STOX_LANGUAGE_EN, iq);
}

static StoxXmlTree *ask(const char *to, const char *type, const char *payload)
{
    g_autofree char *iq =
        g_strdup_printf("<iq " NS " id='q1' type='%s' from='bob@partner.example/r' to='%s'>%s</iq>",
                        type, to, payload);
    StoxXmlTree *answer = ask_raw(iq);
    const StoxXmlNode *node = stox_xml_tree_root(answer)->first_child;

    g_assert_cmpstr(stox_xml_attr(node, "id"), ==, "q1");
    g_assert_cmpstr(stox_xml_attr(node, "from"), ==, to);
    return answer;
}

/* "result", or "condition/type". */
static char *outcome(StoxXmlTree *answer)
{
    const StoxXmlNode *iq = stox_xml_tree_root(answer)->first_child;
    const StoxXmlNode *error = stox_xml_child(iq, NULL, "error");

    if (g_strcmp0(stox_xml_attr(iq, "type"), "result") == 0) {
        g_assert_null(error);
        return g_strdup("result");
    }
    g_assert_cmpstr(stox_xml_attr(iq, "type"), ==, "error");
    g_assert_cmpstr(error->first_child->ns, ==, "urn:ietf:params:xml:ns:xmpp-stanzas");
    return g_strdup_printf("%s/%s", error->first_child->name, stox_xml_attr(error, "type"));
}

#define USER     "alice@contoso.example"
#define RESOURCE "alice@contoso.example/pc"
#define UNKNOWN  "service-unavailable/cancel"

static void test_table(void)
{
    static const struct {
        const char *row, *to, *type, *payload, *outcome;
    } rows[] = {
        {"X-31", DOMAIN, "get", "<query xmlns='" INFO "'/>", "result"},
        {"X-33", DOMAIN, "get", "<query xmlns='" INFO "' node='n'/>", "item-not-found/cancel"},
        {"X-32", DOMAIN, "get", "<query xmlns='" ITEMS "'/>", "result"},
        {"X-33", DOMAIN, "get", "<query xmlns='" ITEMS "' node='n'/>", "item-not-found/cancel"},
        {"X-34", USER, "get", "<query xmlns='" INFO "'/>", UNKNOWN},
        {"X-34", USER, "get", "<query xmlns='" ITEMS "'/>", UNKNOWN},
        {"X-34", RESOURCE, "get", "<query xmlns='" INFO "'/>", "result"},
        {"X-34", RESOURCE, "get", "<query xmlns='" INFO "' node='n#v'/>", "item-not-found/cancel"},
        {"X-34", RESOURCE, "get", "<query xmlns='" ITEMS "'/>", UNKNOWN},
        {"X-40", DOMAIN, "get", "<ping xmlns='urn:xmpp:ping'/>", "result"},
        {"X-40", USER, "get", "<ping xmlns='urn:xmpp:ping'/>", "result"},
        {"X-40", RESOURCE, "get", "<ping xmlns='urn:xmpp:ping'/>", "result"},
        {"X-40", "@contoso.example", "get", "<ping xmlns='urn:xmpp:ping'/>",
         "jid-malformed/modify"},
        {"X-41", DOMAIN, "get", "<query xmlns='jabber:iq:version'/>", "result"},
        {"X-41", USER, "get", "<query xmlns='jabber:iq:version'/>", UNKNOWN},
        {"X-42", DOMAIN, "get", "<query xmlns='jabber:iq:last'/>", "result"},
        {"X-43", USER, "get", "<query xmlns='jabber:iq:last'/>", "forbidden/auth"},
        {"X-43", RESOURCE, "get", "<query xmlns='jabber:iq:last'/>", "forbidden/auth"},
        {"X-44", DOMAIN, "get", "<time xmlns='urn:xmpp:time'/>", "result"},
        {"X-44", USER, "get", "<time xmlns='urn:xmpp:time'/>", UNKNOWN},
        {"X-45", DOMAIN, "get", "<vCard xmlns='vcard-temp'/>", "result"},
        {"X-46", USER, "get", "<vCard xmlns='vcard-temp'/>", UNKNOWN},
        {"X-47", USER, "set", "<vCard xmlns='vcard-temp'/>", "forbidden/auth"},
        {"X-47", DOMAIN, "set", "<vCard xmlns='vcard-temp'/>", "forbidden/auth"},
        {"X-20, D-12", DOMAIN, "get", "<foo xmlns='bar'/>", UNKNOWN},
        {"X-20", USER, "set", "<foo xmlns='bar'/>", UNKNOWN},
        {"X-20", DOMAIN, "get", "<foo xmlns='urn:xmpp:ping'/>", "feature-not-implemented/cancel"},
        {"X-20", DOMAIN, "set", "<ping xmlns='urn:xmpp:ping'/>", "bad-request/modify"},
        {"X-21", DOMAIN, "get", "", "bad-request/modify"},
        {"X-21", DOMAIN, "set", "text", "bad-request/modify"},
        {"X-21", DOMAIN, "get", "<ping xmlns='urn:xmpp:ping'/><ping xmlns='urn:xmpp:ping'/>",
         "bad-request/modify"},
        {"X-21", DOMAIN, "fetch", "<ping xmlns='urn:xmpp:ping'/>", "bad-request/modify"},
        {"X-24", DOMAIN, "get", "<query xmlns='jabber:iq:roster'/>", UNKNOWN},
        {"X-24", USER, "set", "<query xmlns='jabber:iq:roster'/>", UNKNOWN},
        {"X-24", DOMAIN, "get", "<query xmlns='jabber:iq:privacy'/>", UNKNOWN},
        {"X-24", DOMAIN, "set", "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>", UNKNOWN},
        {"X-24", DOMAIN, "set", "<session xmlns='urn:ietf:params:xml:ns:xmpp-session'/>", UNKNOWN},
        {"A-63", DOMAIN, "get", "<query xmlns='jabber:iq:gateway'/>", UNKNOWN},
        {"A-63", DOMAIN, "set",
         "<query xmlns='jabber:iq:gateway'><prompt>a@contoso.example</prompt></query>", UNKNOWN},
        {"X-49", DOMAIN, "get", "<query xmlns='jabber:iq:register'/>", UNKNOWN},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(StoxXmlTree) answer = ask(rows[i].to, rows[i].type, rows[i].payload);
        g_autofree char *got = outcome(answer);

        g_test_message("%s %s %s %s", rows[i].row, rows[i].type, rows[i].to, rows[i].payload);
        g_assert_cmpstr(got, ==, rows[i].outcome);
    }
}

/* D-10, X-22 */
static void test_silence(void)
{
    static const char *const rows[] = {
        "<iq " NS " id='1' type='result' from='bob@partner.example' to='" DOMAIN "'/>",
        "<iq " NS " id='1' type='error' from='bob@partner.example' to='" DOMAIN "'/>",
        "<iq " NS " id='1' type='get' to='" DOMAIN "'><ping xmlns='urn:xmpp:ping'/></iq>",
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++)
        g_assert_null(ask_raw(rows[i]));
}

/* X-21 */
static void test_missing(void)
{
    g_autoptr(StoxXmlTree) no_id = ask_raw("<iq " NS " type='get' from='bob@partner.example' "
                                           "to='" DOMAIN "'><ping xmlns='urn:xmpp:ping'/></iq>");
    g_autoptr(StoxXmlTree) no_type = ask_raw("<iq " NS " id='1' from='bob@partner.example' "
                                             "to='" DOMAIN "'><ping xmlns='urn:xmpp:ping'/></iq>");
    g_autoptr(StoxXmlTree) no_to = ask_raw("<iq " NS " id='1' type='get' "
                                           "from='bob@partner.example'>"
                                           "<ping xmlns='urn:xmpp:ping'/></iq>");
    g_autofree char *of_id = outcome(no_id);
    g_autofree char *of_type = outcome(no_type);
    g_autofree char *of_to = outcome(no_to);

    g_assert_cmpstr(of_id, ==, "result");
    g_assert_cmpstr(stox_xml_attr(stox_xml_tree_root(no_id)->first_child, "id"), ==, "");
    g_assert_cmpstr(of_type, ==, "bad-request/modify");
    g_assert_cmpstr(of_to, ==, "result");
    g_assert_cmpstr(stox_xml_attr(stox_xml_tree_root(no_to)->first_child, "from"), ==, DOMAIN);
}

static const StoxXmlNode *payload_of(StoxXmlTree *answer)
{
    return stox_xml_tree_root(answer)->first_child->first_child;
}

/* Features and identities in order, each on a line. */
static char *disco_text(const StoxXmlNode *query)
{
    GString *out = g_string_new(NULL);

    for (const StoxXmlNode *at = query->first_child; at; at = at->next)
        if (strcmp(at->name, "identity") == 0)
            g_string_append_printf(out, "%s/%s\n", stox_xml_attr(at, "category"),
                                   stox_xml_attr(at, "type"));
        else
            g_string_append_printf(out, "%s\n", stox_xml_attr(at, "var"));
    return g_string_free(out, FALSE);
}

/* X-30, X-31, X-34 */
static void test_disco(void)
{
    g_autoptr(StoxXmlTree) domain = ask(DOMAIN, "get", "<query xmlns='" INFO "'/>");
    g_autoptr(StoxXmlTree) resource = ask(RESOURCE, "get", "<query xmlns='" INFO "'/>");
    g_autoptr(StoxXmlTree) items = ask(DOMAIN, "get", "<query xmlns='" ITEMS "'/>");
    g_autofree char *of_domain = disco_text(payload_of(domain));
    g_autofree char *of_resource = disco_text(payload_of(resource));
    const StoxXmlNode *identity = stox_xml_child(payload_of(domain), INFO, "identity");

    g_assert_cmpstr(of_domain, ==,
                    "gateway/simple\n" INFO "\n" ITEMS "\njid\\20escaping\nurn:xmpp:ping\n"
                    "jabber:iq:version\njabber:iq:last\nurn:xmpp:time\nvcard-temp\n");
    g_assert_true(g_str_has_prefix(stox_xml_attr(identity, "name"), "stoxd"));
    g_assert_cmpstr(of_resource, ==,
                    "client/pc\n" INFO "\nurn:xmpp:ping\nhttp://jabber.org/protocol/chatstates\n");
    g_assert_true(stox_xml_is(payload_of(items), ITEMS, "query"));
    g_assert_null(payload_of(items)->first_child);
}

/* X-34, M-78, M-90: what is listed for a SIP user is what he can be sent; the same for each address of his domain. */
static void test_disco_of_user(void)
{
    static const struct {
        const char *from;
        bool receipts, rich_text, xhtml;
        const char *more;
    } rows[] = {
        {"bob@partner.example/r", true, true, true,
         "urn:xmpp:receipts\nhttp://jabber.org/protocol/xhtml-im\n"},
        {"bob@partner.example/r", true, true, false, "urn:xmpp:receipts\n"},
        {"bob@partner.example/r", true, false, true, "urn:xmpp:receipts\n"},
        {"bob@partner.example/r", false, true, true, "http://jabber.org/protocol/xhtml-im\n"},
        {"bob@partner.example/r", false, false, false, ""},
        {"eve@other.example/r", false, true, true, ""},
        {"@/", false, true, true, ""},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(StoxPolicy) policy = policy_new(STOX_LANGUAGE_EN);
        StoxHopPolicy *hop = stox_policy_add_hop(policy, "pool01", STOX_DIALECT_SIMPLE);
        g_autofree char *iq = g_strdup_printf("<iq " NS " id='1' type='get' from='%s' "
                                              "to='" RESOURCE "'><query xmlns='" INFO "'/></iq>",
                                              rows[i].from);
        g_autoptr(StoxXmlTree) answer = NULL;
        g_autofree char *got = NULL, *expected = NULL;

        hop->receipts = rows[i].receipts;
        hop->rich_text = rows[i].rich_text;
        stox_policy_add_partner(policy, "partner.example")->xhtml = rows[i].xhtml;
        answer = ask_policy(policy, DOMAIN, iq);
        got = disco_text(payload_of(answer));
        expected = g_strconcat("client/pc\n" INFO "\nurn:xmpp:ping\n"
                               "http://jabber.org/protocol/chatstates\n",
                               rows[i].more, NULL);
        g_assert_cmpstr(got, ==, expected);
    }
}

static void test_contents(void)
{
    g_autoptr(StoxXmlTree) version = ask(DOMAIN, "get", "<query xmlns='jabber:iq:version'/>");
    g_autoptr(StoxXmlTree) last = ask(DOMAIN, "get", "<query xmlns='jabber:iq:last'/>");
    g_autoptr(StoxXmlTree) time = ask(DOMAIN, "get", "<time xmlns='urn:xmpp:time'/>");
    g_autoptr(StoxXmlTree) card = ask(DOMAIN, "get", "<vCard xmlns='vcard-temp'/>");
    g_autoptr(StoxXmlTree) ping = ask(USER, "get", "<ping xmlns='urn:xmpp:ping'/>");
    const StoxXmlNode *node = payload_of(version);

    /* X-41 */
    g_assert_cmpstr(stox_xml_child(node, node->ns, "name")->text, ==, "stoxd");
    g_assert_cmpuint(strlen(stox_xml_child(node, node->ns, "version")->text), >, 0);
    g_assert_null(stox_xml_child(node, NULL, "os"));
    /* X-42 */
    g_assert_cmpstr(stox_xml_attr(payload_of(last), "seconds"), ==, "93");
    g_assert_cmpstr(payload_of(last)->text, ==, "");
    /* X-44, the time of the example in XEP-0202 */
    node = payload_of(time);
    g_assert_cmpstr(stox_xml_child(node, "urn:xmpp:time", "tzo")->text, ==, "+00:00");
    g_assert_cmpstr(stox_xml_child(node, "urn:xmpp:time", "utc")->text, ==, "2006-12-19T17:38:35Z");
    /* X-45 */
    g_assert_cmpstr(stox_xml_child(payload_of(card), "vcard-temp", "FN")->text, ==, "stoxd");
    /* X-40 */
    g_assert_null(payload_of(ping));
}

/* ---- The prompt of a domain with others behind it (A-63) ---- */

static StoxXmlTree *prompt(StoxLanguage language, const char *to, const char *type,
                           const char *content)
{
    g_autofree char *iq =
        g_strdup_printf("<iq " NS " id='q1' type='%s' from='bob@partner.example/r' to='%s'>"
                        "<query xmlns='jabber:iq:gateway'>%s</query></iq>",
                        type, to, content);

    return ask_domain(PROXY, language, iq);
}

static void test_prompt_get(void)
{
    g_autoptr(StoxXmlTree) english = prompt(STOX_LANGUAGE_EN, PROXY, "get", "");
    g_autoptr(StoxXmlTree) german = prompt(STOX_LANGUAGE_DE, PROXY, "get", "");
    g_autoptr(StoxXmlTree) of_user = prompt(STOX_LANGUAGE_EN, "a@" PROXY, "get", "");
    g_autofree char *refused = outcome(of_user);
    const StoxXmlNode *node = payload_of(english);

    g_assert_true(stox_xml_is(node, "jabber:iq:gateway", "query"));
    g_assert_nonnull(
        strstr(stox_xml_child(node, node->ns, "desc")->text, " alice@fabrikam.example."));
    g_assert_cmpstr(stox_xml_child(node, node->ns, "prompt")->text, ==, "SIP address");
    node = payload_of(german);
    g_assert_cmpstr(stox_xml_child(node, node->ns, "prompt")->text, ==, "SIP-Adresse");
    g_assert_cmpstr(refused, ==, UNKNOWN);
}

static void test_prompt_set(void)
{
    static const struct {
        const char *content, *expected;
    } rows[] = {
        {"<prompt>carol@fabrikam.example</prompt>", "carol\\40fabrikam.example@" PROXY},
        {"<prompt> sip:Carol@Tailspin.Example;gr=x\n</prompt>", "carol\\40tailspin.example@" PROXY},
        {"<prompt>carol</prompt>", "carol\\40fabrikam.example@" PROXY},
        {"<prompt>o'm&amp;m@fabrikam.example</prompt>", "o\\27m\\26m\\40fabrikam.example@" PROXY},
        {"<prompt>a@b@fabrikam.example</prompt>", "a\\40b\\40fabrikam.example@" PROXY},
        {"<prompt>100%@fabrikam.example</prompt>", "100%\\40fabrikam.example@" PROXY},
        {"<prompt>carol@other.example</prompt>", "item-not-found/cancel"},
        {"<prompt>carol@" PROXY "</prompt>", "item-not-found/cancel"},
        {"<prompt>carol@</prompt>", "not-acceptable/modify"},
        {"<prompt>@fabrikam.example</prompt>", "not-acceptable/modify"},
        {"<prompt> </prompt>", "not-acceptable/modify"},
        {"<prompt>tel:+15551212</prompt>", "not-acceptable/modify"},
        {"<prompt>sips:carol@fabrikam.example</prompt>", "not-acceptable/modify"},
        {"<prompt>sip:carol:secret@fabrikam.example</prompt>", "not-acceptable/modify"},
        {"<prompt>sip:fabrikam.example</prompt>", "not-acceptable/modify"},
        {"<prompt>sip:a%ZZ@fabrikam.example</prompt>", "not-acceptable/modify"},
        {"<prompt>\xE2\x99\x9A@fabrikam.example</prompt>", "not-acceptable/modify"},
        {"<prompt><x xmlns='y'/></prompt>", "not-acceptable/modify"},
        {"", "not-acceptable/modify"},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(StoxXmlTree) answer = prompt(STOX_LANGUAGE_EN, PROXY, "set", rows[i].content);
        g_autofree char *got = outcome(answer);

        g_test_message("%s", rows[i].content);
        if (strcmp(got, "result") == 0) {
            const StoxXmlNode *node = payload_of(answer);

            g_assert_cmpstr(stox_xml_child(node, node->ns, "jid")->text, ==, rows[i].expected);
        } else {
            g_assert_cmpstr(got, ==, rows[i].expected);
        }
    }
}

/* A-13, A-63 */
static void test_prompt_disco(void)
{
    g_autoptr(StoxXmlTree) answer =
        ask_domain(PROXY, STOX_LANGUAGE_EN,
                   "<iq " NS " id='q1' type='get' from='bob@partner.example/r' to='" PROXY
                   "'><query xmlns='" INFO "'/></iq>");
    g_autofree char *text = disco_text(payload_of(answer));

    g_assert_nonnull(strstr(text, "\njabber:iq:gateway\n"));
    g_assert_nonnull(strstr(text, "\njid\\20escaping\n"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/service/table", test_table);
    g_test_add_func("/service/silence/D-10", test_silence);
    g_test_add_func("/service/missing/X-21", test_missing);
    g_test_add_func("/service/disco/X-31", test_disco);
    g_test_add_func("/service/disco/X-34", test_disco_of_user);
    g_test_add_func("/service/contents", test_contents);
    g_test_add_func("/service/prompt/get/A-63", test_prompt_get);
    g_test_add_func("/service/prompt/set/A-63", test_prompt_set);
    g_test_add_func("/service/prompt/disco/A-63", test_prompt_disco);
    return g_test_run();
}
