/* SPDX-License-Identifier: MIT */
/* Rich text in the gateway: XHTML-IM and styling toward SIP peers that take HTML (M-14, M-112), HTML of SIP peers toward XMPP (M-29, M-32, Q-28). */
#include "gateway-rig.h"

#include <string.h>

static void start(Rig *rig, bool rich_text, bool xhtml)
{
    rig_init(rig);
    stox_policy_add_hop(rig->policy, "pool01", STOX_DIALECT_LYNC)->rich_text = rich_text;
    stox_policy_add_hop(rig->policy, "proxy", STOX_DIALECT_SIMPLE)->rich_text = rich_text;
    stox_policy_add_partner(rig->policy, "partner.example")->xhtml = xhtml;
    rig_start(rig);
}

static StoxMessage *message_to(const char *to, const char *body, const char *xhtml)
{
    StoxMessage *message = stox_message_new(STOX_MESSAGE_CHAT, PHONE, to);

    message->id = g_strdup("m1");
    message->body = g_strdup(body);
    message->xhtml = g_strdup(xhtml);
    return message;
}

/* The MESSAGE that was sent last, as "type: body"; both forms of an alternative, which ends as it should. */
static char *sent(const Rig *rig)
{
    const StoxAction *action = rig->actions->pdata[rig->actions->len - 1];
    g_autofree char *body = NULL;
    g_auto(GStrv) parts = NULL;
    const char *boundary;
    g_autofree char *mark = NULL;

    g_assert_cmpint(action->kind, ==, STOX_ACTION_SIP_MESSAGE);
    body = g_strndup(g_bytes_get_data(action->body, NULL), g_bytes_get_size(action->body));
    boundary = strstr(action->content_type, "boundary=");
    if (!boundary)
        return g_strdup_printf("%s: %s", action->content_type, body);
    mark = g_strconcat("--", boundary + strlen("boundary="), NULL);
    parts = g_strsplit(body, mark, -1);
    g_assert_cmpuint(g_strv_length(parts), ==, 4);
    g_assert_cmpstr(parts[0], ==, "");
    g_assert_cmpstr(parts[3], ==, "--\r\n");
    return g_strdup_printf("%.*s |%s|%s", (int) strcspn(action->content_type, ";"),
                           action->content_type, parts[1], parts[2]);
}

#define PART(type)                                                                                 \
    "\r\nContent-Type: " type "; charset=UTF-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
#define PAGE(html) "<html><body>" html "</body></html>"
#define BOTH(text, html)                                                                           \
    "multipart/alternative |" PART("text/plain") text "\r\n|" PART("text/html") PAGE(html) "\r\n"
#define HTML(html)  "text/html; charset=UTF-8: " PAGE(html)
#define PLAIN(text) "text/plain; charset=UTF-8: " text

typedef struct {
    const char *name;
    bool rich_text;
    const char *types; /* of the peer's SDP */
    const char *body, *xhtml, *expected;
} FormCase;

static const FormCase forms[] = {
    {"switched-off", false, "text/plain text/html multipart/alternative", "*a*", NULL,
     PLAIN("*a*")},
    {"M-112-styling", true, "text/plain text/html multipart/alternative", "so *a*", NULL,
     BOTH("so *a*", "so <strong>*a*</strong>")},
    {"M-112-nothing-styled", true, "text/plain text/html multipart/alternative", "a", NULL,
     PLAIN("a")},
    {"M-14-xhtml", true, "text/plain text/html multipart/alternative", "a b", "<p>a <em>b</em></p>",
     BOTH("a b", "<p>a <em>b</em></p>")},
    {"M-14-xhtml-is-sanitised", true, "text/plain text/html", "a b",
     "<p onclick='x()'>a <script>x()</script><em>b</em></p>", HTML("<p>a <em>b</em></p>")},
    {"M-14-html-alone", true, "text/plain text/html", "a", "<em>a</em>", HTML("<p><em>a</em></p>")},
    {"plain-peer", true, "text/plain multipart/alternative", "*a*", NULL, PLAIN("*a*")},
    {"nobody-knows", true, NULL, "*a*", NULL, PLAIN("*a*")},
};

static void test_form(const void *data)
{
    const FormCase *c = data;
    g_auto(Rig) rig;
    StoxEvent *opened = stox_event_new(STOX_EVENT_SESSION_OPENED);
    g_autofree char *got = NULL;

    start(&rig, c->rich_text, false);
    rig_message(&rig, message_to(ALICE, c->body, c->xhtml));
    opened->session = 2;
    opened->accept = g_strdup(c->types);
    rig_event(&rig, opened);
    got = sent(&rig);
    g_assert_cmpstr(got, ==, c->expected);
}

/* What our SDP lists. lync.md 4.4: rich text only where it is of use; S-24, M-90: all to a peer of the other kind, whatever is set. */
static void test_our_types(void)
{
    static const char all[] =
        "text/plain text/html text/rtf multipart/alternative multipart/related multipart/mixed "
        "message/cpim message/imdn+xml application/im-iscomposing+xml";
    static const struct {
        const char *whom;
        bool xhtml;
        const char *types;
    } rows[] = {
        {ALICE, false, "text/plain"},
        {ALICE, true, "text/plain text/html text/rtf multipart/alternative"},
        {ANNA, false, all},
        {ANNA, true, all},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_auto(Rig) rig;
        const StoxAction *action;

        start(&rig, false, rows[i].xhtml);
        rig_invite(&rig, 3, rows[i].whom, BOB);
        action = rig.actions->pdata[0];
        g_assert_cmpint(action->kind, ==, STOX_ACTION_SESSION_ACCEPT);
        g_assert_cmpstr(action->accept, ==, rows[i].types);
        g_ptr_array_set_size(rig.actions, 0);
        if (strcmp(rows[i].whom, ALICE) != 0)
            continue;
        rig_session(&rig, STOX_EVENT_SESSION_CLOSED, 3);
        rig_message(&rig, message_to(ALICE, "a", NULL));
        action = rig.actions->pdata[0];
        g_assert_cmpint(action->kind, ==, STOX_ACTION_SESSION_OPEN);
        g_assert_cmpstr(action->accept, ==, rows[i].types);
    }
}

/* Their INVITE says it as well. */
static void test_their_session(void)
{
    g_auto(Rig) rig;
    StoxEvent *event;
    g_autofree char *got = NULL;

    start(&rig, true, false);
    event = rig_sip(&rig, STOX_EVENT_SIP_INVITE, ALICE, BOB);
    event->session = 1;
    event->accept = g_strdup("text/plain text/html");
    rig_event(&rig, event);
    rig_session(&rig, STOX_EVENT_SESSION_OPENED, 1);
    rig_message(&rig, message_to(ALICE, "*a*", NULL));
    got = sent(&rig);
    g_assert_cmpstr(got, ==, HTML("<strong>*a*</strong>"));
}

static void page(Rig *rig, const char *content_type, const char *body)
{
    StoxEvent *event = rig_sip(rig, STOX_EVENT_SIP_MESSAGE, ANNA, BOB);

    event->content_type = g_strdup(content_type);
    event->body = g_bytes_new(body, strlen(body));
    rig_event(rig, event);
}

/* In page mode who writes HTML gets HTML; who refuses it gets the text, once, and nothing else from then on. */
static void test_page_mode(void)
{
    g_auto(Rig) rig;
    g_autofree char *before = NULL, *rich = NULL, *again = NULL, *after = NULL;

    start(&rig, true, false);
    rig_message(&rig, message_to(ANNA, "*a*", NULL));
    before = sent(&rig);
    g_assert_cmpstr(before, ==, PLAIN("*a*"));
    rig_result(&rig, 1, STOX_SIP_ANSWERED, 200);
    page(&rig, "text/html", "<b>x</b>");
    rig_message(&rig, message_to(ANNA, "*b*", NULL));
    rich = sent(&rig);
    g_assert_cmpstr(rich, ==, HTML("<strong>*b*</strong>"));
    g_ptr_array_set_size(rig.actions, 0);
    rig_result(&rig, 2, STOX_SIP_ANSWERED, 415);
    g_assert_cmpuint(rig.actions->len, ==, 1);
    again = sent(&rig);
    g_assert_cmpstr(again, ==, PLAIN("*b*"));
    g_ptr_array_set_size(rig.actions, 0);
    rig_result(&rig, 3, STOX_SIP_ANSWERED, 415); /* that was no question of form */
    rig_expect(&rig, "message error " ANNA " > " PHONE " id=m1 error=not-acceptable/modify\n"
                     "outcome x2s refused " PHONE " > " ANNA " id=m1\n");
    rig_message(&rig, message_to(ANNA, "*c*", NULL));
    after = sent(&rig);
    g_assert_cmpstr(after, ==, PLAIN("*c*"));
}

/* What is plain text for a reason. */
static void test_stays_plain(void)
{
    for (unsigned i = 0; i < 3; i++) {
        g_auto(Rig) rig;
        StoxMessage *message = message_to(ANNA, "*aaaa* *bb*", i == 0 ? "<b>" : NULL);
        g_autofree char *got = NULL;

        start(&rig, true, false);
        page(&rig, "text/html", "<b>x</b>");
        message->unstyled = i == 1;                              /* M-112 */
        message->encryption = i == 2 ? g_strdup("OMEMO") : NULL; /* M-114 */
        rig_message(&rig, message);
        got = sent(&rig);
        g_assert_cmpstr(got, ==, PLAIN("*aaaa* *bb*"));
    }
}

/* In parts there is only text; HTML larger than what we may send is left out, the text is not. */
static void test_small_limit(void)
{
    static const struct {
        const char *text, *sent;
    } rows[] = {{"*aaaa* *bb*", PLAIN("*aaaa*")}, {"*a* b", PLAIN("*a* b")}};

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_auto(Rig) rig;
        g_autofree char *got = NULL;

        rig_init(&rig);
        stox_policy_add_hop(rig.policy, "proxy", STOX_DIALECT_SIMPLE)->rich_text = true;
        rig.config.max_message_bytes = 8;
        rig_start(&rig);
        page(&rig, "text/html", "<b>x</b>");
        rig_message(&rig, message_to(ANNA, rows[i].text, NULL));
        got = sent(&rig);
        g_assert_cmpstr(got, ==, rows[i].sent);
    }
}

/* M-113: the link stands in both forms. */
static void test_link(void)
{
    g_auto(Rig) rig;
    StoxMessage *message = message_to(ANNA, "see", "<em>see</em>");
    g_autofree char *got = NULL;

    start(&rig, true, false);
    page(&rig, "multipart/alternative; boundary=x",
         "--x\r\nContent-Type: text/html\r\n\r\nx\r\n--x--\r\n");
    message->oob_url = g_strdup("https://a.example/?b&c");
    rig_message(&rig, message);
    got = sent(&rig);
    g_assert_cmpstr(got, ==,
                    BOTH("see\nhttps://a.example/?b&c",
                         "<p><em>see</em></p><p>https://a.example/?b&amp;c</p>"));
}

/* M-29, Q-28, M-32: plain text always, markup by option; what we announce follows (lync.md 4.4). */
static void test_to_xmpp(void)
{
    static const char html[] = "<p>a <b onclick='x()'>b</b><script>x()</script></p>";

    for (unsigned i = 0; i < 2; i++) {
        g_auto(Rig) rig;

        start(&rig, false, i == 1);
        page(&rig, "text/html", html);
        rig_expect(&rig, i == 0 ? "message normal " ANNA " > " BOB " id=g-1 thread=g-2: a b\n"
                                : "message normal " ANNA " > " BOB
                                  " id=g-1 thread=g-2 xhtml=<p>a <strong>b</strong></p>: a b\n");
        page(&rig, "text/plain", "a");
        rig_expect(&rig, "message normal " ANNA " > " BOB " id=g-3 thread=g-2: a\n");
        rig_say(&rig, PHONE, ALICE, "m1", "x");
        rig_expect(&rig, i == 0 ? "open 2 pool01 sip:bob@partner.example > "
                                  "sip:alice@contoso.example\n"
                                : "open 2 pool01 sip:bob@partner.example > "
                                  "sip:alice@contoso.example types=text/plain text/html text/rtf "
                                  "multipart/alternative\n");
    }
}

/* V-10: markup that would make the stanza too large is left out, the text is not. */
static void test_markup_limit(void)
{
    g_auto(Rig) rig;

    start(&rig, false, true);
    stox_gateway_free(rig.gateway);
    rig.config.max_stanza_text = 20;
    rig_start(&rig);
    page(&rig, "text/html", "<p>a <b>b</b></p>");
    rig_expect(&rig, "message normal " ANNA " > " BOB " id=g-1 thread=g-2: a b\n");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (unsigned i = 0; i < G_N_ELEMENTS(forms); i++) {
        g_autofree char *path = g_strconcat("/gateway/rich/form/", forms[i].name, NULL);

        g_test_add_data_func(path, &forms[i], test_form);
    }
    g_test_add_func("/gateway/rich/S-24-our-types", test_our_types);
    g_test_add_func("/gateway/rich/their-session", test_their_session);
    g_test_add_func("/gateway/rich/page-mode", test_page_mode);
    g_test_add_func("/gateway/rich/stays-plain", test_stays_plain);
    g_test_add_func("/gateway/rich/small-limit", test_small_limit);
    g_test_add_func("/gateway/rich/M-113-link", test_link);
    g_test_add_func("/gateway/rich/M-29-M-32-Q-28-to-xmpp", test_to_xmpp);
    g_test_add_func("/gateway/rich/V-10-markup-limit", test_markup_limit);
    return g_test_run();
}
