/* SPDX-License-Identifier: MIT */
/* In which format presence goes either way, what is in it for whom, and since when (P-51, P-117, P-125, P-128, P-129, P-152; lync.md 1.2, 3.3, 4.8, 7.4, 7.5). */
#include "gateway-rig.h"

#include "translation/presence-document.h"

#include <string.h>

#define ENTITY  "sip:" BOB
#define ASK(id) "presence subscribe " ALICE " > " BOB " id=" id "\n"
#define ACCEPTS_BOTH                                                                               \
    "application/msrtc-event-categories+xml, text/xml+msrtc.pidf, application/pidf+xml, "          \
    "application/rlmi+xml, multipart/related"
#define NOW INT64_C(1750000000000) /* where the rig's wall clock starts */

/* ---- SIP users watch ---- */

static void subscribe(Rig *rig, uint64_t name, bool refresh, int64_t expires_s, const char *accept,
                      const char *categories)
{
    StoxEvent *event = rig_sip(rig, STOX_EVENT_SIP_SUBSCRIBE, ALICE, BOB);

    event->subscription = name;
    event->expires_s = expires_s;
    event->accept = g_strdup(accept);
    event->refresh = refresh;
    if (categories) {
        g_autofree char *body = g_strdup_printf(
            "<batchSub xmlns='http://schemas.microsoft.com/2006/01/sip/batch-subscribe' "
            "uri='sip:alice@contoso.example' name=''><action name='subscribe' id='1'><adhocList>"
            /* lync.md 4.8b-request-uri: what stands here is nobody's authority */
            "<resource uri='sip:eve@evil.example'/></adhocList><categoryList "
            "xmlns='http://schemas.microsoft.com/2006/09/sip/categorylist'>%s</categoryList>"
            "</action></batchSub>",
            categories);

        event->content_type = g_strdup("application/msrtc-adrl-categorylist+xml");
        event->body = g_bytes_new(body, strlen(body));
    }
    rig_event(rig, event);
}

static void show(Rig *rig, const char *from, StoxShow show, const char *status, int64_t idle)
{
    StoxEvent *event = stox_event_new(STOX_EVENT_XMPP_PRESENCE);

    event->presence = stox_presence_new(STOX_PRESENCE_AVAILABLE, from, ALICE);
    event->presence->show = show;
    stox_notes_add(&event->presence->status, status, "de");
    event->presence->idle_since_wall_ms = idle;
    rig_event(rig, event);
}

/* A watcher at a front end who asked for both formats and sees bob online. */
static void watched(Rig *rig)
{
    rig_init(rig);
    rig_start(rig);
    subscribe(rig, 1, false, 3600, ACCEPTS_BOTH, "<category name='state'/><category name='note'/>");
    rig_expect(rig, "grant 1 1 3600\nnotify 1 active " ENTITY " {18500 ''}\n" ASK("g-1"));
    rig_wait(rig, 5000);
    show(rig, PHONE, STOX_SHOW_ONLINE, NULL, 0);
    /* lync.md 4.8b-change */
    rig_expect(rig, "notify 1 active " ENTITY " {3500 ''}\n");
    rig_wait(rig, 5000);
}

/* lync.md 7.5, 3.3; P-117, P-128: state, note, being idle; what says the same again is not sent. */
static void test_watched(void)
{
    g_auto(Rig) rig;

    watched(&rig);
    show(&rig, PHONE, STOX_SHOW_DND, "Sprechstunde", 0);
    rig_expect(&rig, "notify 1 active lang=de " ENTITY " {6500 'Sprechstunde'}\n");
    rig_wait(&rig, 2000);
    show(&rig, PHONE, STOX_SHOW_DND, "Sprechstunde", 0);
    show(&rig, LAPTOP, STOX_SHOW_XA, "schweigt", 0); /* less available */
    rig_wait(&rig, 2000);
    rig_expect(&rig, "");
    show(&rig, PHONE, STOX_SHOW_DND, NULL, 0); /* the note goes away */
    rig_expect(&rig, "notify 1 active " ENTITY " {6500 ''}\n");
    rig_wait(&rig, 2000);
    show(&rig, PHONE, STOX_SHOW_AWAY, NULL, rig.now.wall_ms - 300000);
    rig_expect(&rig, "notify 1 active " ENTITY " {5000 idle ''}\n");
    rig_wait(&rig, 2000);
    rig_presence(&rig, STOX_PRESENCE_UNAVAILABLE, BOB, ALICE, NULL);
    rig_expect(&rig, "notify 1 active " ENTITY " {18500 ''}\n");
    rig_wait(&rig, 2000);
    subscribe(&rig, 1, true, 0, ACCEPTS_BOTH, NULL);
    rig_expect(&rig, "grant 1 2 0\nnotify 1 terminated;timeout " ENTITY
                     " {18500 ''}\npresence unavailable " ALICE " > " BOB "\n");
}

/* lync.md 4.8b-refresh, lync.md 4.8b-preference: for the life of the dialog; each refresh may ask for something else, or for nothing new. */
static void test_refresh(void)
{
    g_auto(Rig) rig;

    watched(&rig);
    subscribe(&rig, 1, true, 3600, NULL, NULL);
    rig_expect(&rig, "grant 1 2 3600\nnotify 1 active " ENTITY " {3500 ''}\n");
    subscribe(&rig, 1, true, 3600, ACCEPTS_BOTH, "<category name='state'/>");
    rig_expect(&rig, "grant 1 3 3600\nnotify 1 active " ENTITY " {3500}\n");
    subscribe(&rig, 1, true, 3600, NULL, NULL); /* without a body: as before, too */
    rig_expect(&rig, "grant 1 4 3600\nnotify 1 active " ENTITY " {3500}\n");
    subscribe(&rig, 1, true, 3600, "application/pidf+xml", NULL);
    rig_expect(&rig, "grant 1 5 3600\nnotify 1 active " ENTITY " [open]\n");
    subscribe(&rig, 1, true, 3600, "text/xml+msrtc.pidf", NULL);
    rig_expect(&rig, "answer 6 406 diagnostic=61017 accept\n");
    rig_wait(&rig, 2000);
    show(&rig, PHONE, STOX_SHOW_DND, NULL, 0); /* as it was before that */
    rig_expect(&rig, "notify 1 active " ENTITY " [open dnd]\n");
    rig_wait(&rig, 2000);
    subscribe(&rig, 1, true, 3600, ACCEPTS_BOTH, "</categoryList>");
    rig_expect(&rig, "answer 7 400 diagnostic=61013\n");
    show(&rig, PHONE, STOX_SHOW_ONLINE, NULL, 0);
    rig_expect(&rig, "notify 1 active " ENTITY " [open]\n");
}

/* lync.md 4.8b-shared. One XMPP user, three watchers: each has his own format, one subscription serves all. */
static void test_several(void)
{
    g_auto(Rig) rig;

    watched(&rig);
    subscribe(&rig, 3, false, 3600, "application/pidf+xml", NULL);
    subscribe(&rig, 5, false, 3600, ACCEPTS_BOTH, "<category name='state'/>");
    rig_expect(&rig, "grant 3 2 3600\nnotify 3 active " ENTITY " [open]\n"
                     "grant 5 3 3600\nnotify 5 active " ENTITY " {3500}\n");
    rig_wait(&rig, 2000);
    show(&rig, PHONE, STOX_SHOW_ONLINE, "x", 0); /* nothing new for who did not ask for notes */
    rig_expect(&rig, "notify 1 active lang=de " ENTITY " {3500 'x'}\n"
                     "notify 3 active lang=de " ENTITY " [open]\n");
}

/* P-164, lync.md 4.8b-poll */
static void test_poll(void)
{
    g_auto(Rig) rig;

    watched(&rig);
    subscribe(&rig, 3, false, 0, ACCEPTS_BOTH, NULL);
    rig_expect(&rig, "grant 3 2 0\nnotify 3 terminated;timeout " ENTITY " {3500 ''}\n");
    subscribe(&rig, 5, false, 0, NULL, NULL);
    rig_expect(&rig, "grant 5 3 0\nnotify 5 terminated;timeout " ENTITY " [open]\n");
    subscribe(&rig, 7, false, 0, "application/xpidf+xml", NULL);
    rig_expect(&rig, "answer 4 406 diagnostic=61017 accept\n");
}

/* His name is known from his own request (P-75), and goes into contactCard. */
static void test_name(void)
{
    g_auto(Rig) rig;
    StoxEvent *event = stox_event_new(STOX_EVENT_XMPP_PRESENCE);

    rig_init(&rig);
    rig_start(&rig);
    event->presence = stox_presence_new(STOX_PRESENCE_SUBSCRIBE, BOB, ALICE);
    event->presence->nick = g_strdup("Bob");
    rig_event(&rig, event);
    g_ptr_array_set_size(rig.actions, 0);
    subscribe(&rig, 1, false, 3600, ACCEPTS_BOTH, NULL);
    rig_expect(&rig, "grant 1 1 3600\nnotify 1 active " ENTITY " {Bob 18500 ''}\n" ASK("g-1"));
}

/* P-75, lync.md 4.8d-card-name: without a name in From (lync.md 7.5), the one that his documents have; his From outdoes it. */
static void test_contact_name(void)
{
    static const char document[] =
        "<categories xmlns='http://schemas.microsoft.com/2006/09/sip/categories' uri='sip:" ALICE
        "'><category name='contactCard' instance='0'><contactCard><identity><name><displayName>"
        "Alice</displayName></name></identity></contactCard></category></categories>";

    for (unsigned named = 0; named < 2; named++) {
        g_auto(Rig) rig;
        StoxEvent *event = stox_event_new(STOX_EVENT_NOTIFY);

        rig_init(&rig);
        rig_start(&rig);
        rig_presence(&rig, STOX_PRESENCE_SUBSCRIBE, BOB, ALICE, "s1");
        event->subscription = 2;
        event->state = STOX_SUBSTATE_ACTIVE;
        event->content_type = g_strdup("application/msrtc-event-categories+xml");
        event->body = g_bytes_new_static(document, strlen(document));
        rig_event(&rig, event);
        g_ptr_array_set_size(rig.actions, 0);
        event = rig_sip(&rig, STOX_EVENT_SIP_SUBSCRIBE, ALICE, BOB);
        event->subscription = 1;
        event->expires_s = 3600;
        event->display = g_strdup(named ? "Alice L." : NULL);
        rig_event(&rig, event);
        rig_expect(
            &rig, named ? "grant 1 1 3600\nnotify 1 active " ENTITY
                          " [closed]\npresence subscribe " ALICE " > " BOB " id=g-1 nick=Alice L.\n"
                        : "grant 1 1 3600\nnotify 1 active " ENTITY
                          " [closed]\npresence subscribe " ALICE " > " BOB " id=g-1 nick=Alice\n");
    }
}

/* P-121: what he says in several languages; who gets one note gets that in the language of his domain. */
static void test_languages(void)
{
    g_auto(Rig) rig;
    StoxEvent *event = stox_event_new(STOX_EVENT_XMPP_PRESENCE);

    rig_init(&rig);
    stox_policy_add_domain(rig.policy, "contoso.example", "pool01")->language = STOX_LANGUAGE_DE;
    rig_start(&rig);
    subscribe(&rig, 1, false, 3600, ACCEPTS_BOTH, NULL);
    subscribe(&rig, 3, false, 3600, "application/pidf+xml", NULL);
    rig_wait(&rig, 5000);
    g_ptr_array_set_size(rig.actions, 0);
    event->presence = stox_presence_new(STOX_PRESENCE_AVAILABLE, PHONE, ALICE);
    stox_notes_add(&event->presence->status, "Tea", "en");
    stox_notes_add(&event->presence->status, "Tee", "de");
    rig_event(&rig, event);
    rig_expect(&rig, "notify 1 active lang=de " ENTITY " {3500 'Tee'}\n"
                     "notify 3 active lang=en " ENTITY " [open]\n");
}

/* `dnd` of the hop (lync.md 3.3). */
static void test_dnd(void)
{
    g_auto(Rig) rig;
    StoxHopPolicy *hop;

    rig_init(&rig);
    hop = stox_policy_add_hop(rig.policy, "pool01", STOX_DIALECT_LYNC);
    hop->dnd_as_busy = false;
    rig_start(&rig);
    subscribe(&rig, 1, false, 3600, ACCEPTS_BOTH, NULL);
    rig_wait(&rig, 5000);
    g_ptr_array_set_size(rig.actions, 0);
    show(&rig, PHONE, STOX_SHOW_DND, NULL, 0);
    rig_expect(&rig, "notify 1 active " ENTITY " {9500 ''}\n");
}

static char *last_body(const Rig *rig)
{
    const StoxAction *action = rig->actions->pdata[rig->actions->len - 1];
    size_t n;
    const char *data = g_bytes_get_data(action->body, &n);

    return g_strndup(data, n);
}

static void show_anna(Rig *rig, int64_t delay)
{
    StoxEvent *event = stox_event_new(STOX_EVENT_XMPP_PRESENCE);

    event->presence = stox_presence_new(STOX_PRESENCE_AVAILABLE, PHONE, ANNA);
    event->presence->delay_wall_ms = delay;
    rig_event(rig, event);
}

/* P-125, P-129: the answer to a probe says since when; no two documents say the same time. */
static void test_timestamps(void)
{
    g_auto(Rig) rig;
    g_autofree char *first = NULL, *second = NULL;

    rig_init(&rig);
    rig_start(&rig);
    rig_watch(&rig, 1, ANNA, BOB, 3600);
    rig_wait(&rig, 5000);
    show_anna(&rig, NOW - 3600000);
    first = last_body(&rig);
    g_assert_nonnull(strstr(first, "<timestamp>2025-06-15T14:06:40.000Z</timestamp>"));
    rig_wait(&rig, 5000);
    rig_watch(&rig, 3, ANNA, BOB, 3600);
    second = last_body(&rig);
    g_assert_nonnull(strstr(second, "<timestamp>2025-06-15T14:06:40.001Z</timestamp>"));
}

/* P-114 to P-116, P-122: one document for three resources, also when one has changed; nothing of the stanza's id. */
static void test_resources(void)
{
    static const char *const devices[] = {PHONE, LAPTOP, BOB "/7 x:y"};
    g_auto(Rig) rig;
    g_autofree char *text = NULL;
    unsigned tuples = 0;

    rig_init(&rig);
    rig_start(&rig);
    rig_watch(&rig, 1, ANNA, BOB, 3600);
    for (size_t i = 0; i < G_N_ELEMENTS(devices); i++)
        rig_presence(&rig, STOX_PRESENCE_AVAILABLE, devices[i], ANNA, "id-of-stanza");
    rig_wait(&rig, 5000);
    g_ptr_array_set_size(rig.actions, 0);
    rig_presence(&rig, STOX_PRESENCE_UNAVAILABLE, LAPTOP, ANNA, "id-of-stanza");
    rig_presence(&rig, STOX_PRESENCE_AVAILABLE, LAPTOP, ANNA, "id-of-stanza");
    rig_wait(&rig, 5000);
    text = last_body(&rig);
    for (const char *at = text; (at = strstr(at, "<tuple ")); at++)
        tuples++;
    g_assert_cmpuint(tuples, ==, 3);
    g_assert_nonnull(strstr(text, "entity='sip:" BOB "'"));
    g_assert_nonnull(strstr(text, "<tuple id='ID-7_x0020_x_x003A_y'>"));
    g_assert_null(strstr(text, "id-of-stanza"));
}

/* ---- XMPP users watch ---- */

#define SUB(n, rest)                                                                               \
    "subscribe " n " pool01 sip:bob@partner.example > sip:alice@contoso.example 28800" rest "\n"

static void init_categories(Rig *rig)
{
    StoxHopPolicy *hop;

    rig_init(rig);
    hop = stox_policy_add_hop(rig->policy, "pool01", STOX_DIALECT_LYNC);
    hop->presence_format = STOX_PRESENCE_FORMAT_CATEGORIES;
    rig_start(rig);
}

/* lync.md 4.8 a: what the SUBSCRIBE says in either format. */
static void test_ask(void)
{
    g_auto(Rig) rig, plain;
    const StoxAction *action;
    g_autofree char *body = NULL;

    init_categories(&rig);
    rig_presence(&rig, STOX_PRESENCE_SUBSCRIBE, BOB, ALICE, "s1");
    action = rig.actions->pdata[0];
    /* lync.md 4.8a-accept-categories */
    g_assert_cmpstr(action->accept, ==,
                    "application/msrtc-event-categories+xml, application/rlmi+xml, "
                    "multipart/related, application/pidf+xml");
    /* lync.md 4.8a-require */
    g_assert_cmpstr(action->require, ==, "adhoclist, categoryList");
    g_assert_cmpstr(action->content_type, ==, "application/msrtc-adrl-categorylist+xml");
    body = last_body(&rig);
    /* lync.md 4.8a-single: one resource, and it is asked for at his own address */
    g_assert_nonnull(strstr(body, " uri='sip:bob@partner.example' "));
    g_assert_nonnull(
        strstr(body, "<resource uri='sip:alice@contoso.example'><context/></resource>"));

    rig_init(&plain);
    rig_start(&plain);
    rig_presence(&plain, STOX_PRESENCE_SUBSCRIBE, BOB, ALICE, "s1");
    action = plain.actions->pdata[0];
    /* lync.md 4.8a-accept-pidf */
    g_assert_cmpstr(action->accept, ==, "application/pidf+xml");
    g_assert_true(!action->require && !action->content_type && !action->body);
}

#define WHY(status)                                                                                \
    " reason=categories were refused with " status                                                 \
    ", so PIDF is asked for during the next 24 hours; presence-format = pidf makes that lasting"

/* What a server answers that does not know categories; PIDF is asked for, once for all of its users. */
static void test_fall_back(const void *data)
{
    unsigned status = GPOINTER_TO_UINT(data);
    g_auto(Rig) rig;
    g_autofree char *expected =
        g_strdup_printf(SUB("4", " reason=categories were refused with %u, so PIDF is asked for "
                                 "during the next 24 hours; presence-format = pidf makes that "
                                 "lasting"),
                        status);

    init_categories(&rig);
    rig_presence(&rig, STOX_PRESENCE_SUBSCRIBE, BOB, ALICE, "s1");
    rig_expect(&rig, SUB("2", " categories"));
    rig_subscribe_failed(&rig, 2, status, true, false);
    rig_expect(&rig, expected);
    rig_notify(&rig, 4, STOX_SUBSTATE_ACTIVE, NULL, "sip:" ALICE, "0", "open");
    rig_expect(&rig, "answer 1 200\npresence subscribed " ALICE " > " BOB
                     "\npresence available " ALICE "/lync > " BOB "\n");
    rig_presence(&rig, STOX_PRESENCE_SUBSCRIBE, "carl@partner.example", ALICE, "s2");
    rig_expect(&rig, "subscribe 6 pool01 sip:carl@partner.example > sip:alice@contoso.example "
                     "28800\n");
    /* A day later it is tried again. */
    rig_wait(&rig, INT64_C(25) * 3600 * 1000);
    rig_presence(&rig, STOX_PRESENCE_SUBSCRIBE, "dora@partner.example", ALICE, "s3");
    rig_expect(&rig, "subscribe 8 pool01 sip:dora@partner.example > sip:alice@contoso.example "
                     "28800 categories\n");
}

/* A second refusal, of PIDF, is one. */
static void test_fall_back_refused(void)
{
    g_auto(Rig) rig;

    init_categories(&rig);
    rig_presence(&rig, STOX_PRESENCE_SUBSCRIBE, BOB, ALICE, "s1");
    rig_subscribe_failed(&rig, 2, 489, true, false);
    rig_subscribe_failed(&rig, 4, 489, true, false);
    rig_expect(&rig, SUB("2", " categories") SUB("4", WHY("489")) "presence unsubscribed " ALICE
                                                                  " > " BOB "\n");
    /* Others are none of the format: 403 is said to the user. */
    rig_presence(&rig, STOX_PRESENCE_SUBSCRIBE, BOB, ALICE, "s2");
    rig_subscribe_failed(&rig, 6, 403, true, false);
    rig_expect(&rig, SUB("6", "") "presence unsubscribed " ALICE " > " BOB "\n");
}

/* A refresh is refused while the dialog lives on: that one is ended. A server that is back may be another version. */
static void test_fall_back_later(void)
{
    g_auto(Rig) rig;
    StoxEvent *event;

    init_categories(&rig);
    rig_presence(&rig, STOX_PRESENCE_SUBSCRIBE, BOB, ALICE, "s1");
    rig_subscribe_failed(&rig, 2, 406, false, true);
    rig_expect(&rig, SUB("2", " categories") "unsubscribe 2\n" SUB("4", WHY("406")));
    event = stox_event_new(STOX_EVENT_HOP_UP);
    event->hop = g_strdup("pool01");
    rig_event(&rig, event);
    rig_presence(&rig, STOX_PRESENCE_SUBSCRIBE, "carl@partner.example", ALICE, "s2");
    rig_expect(&rig, "subscribe 6 pool01 sip:carl@partner.example > sip:alice@contoso.example "
                     "28800 categories\n");
}

int main(int argc, char **argv)
{
    static const unsigned refusals[] = {406, 415, 420, 489};

    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/gateway/formats/lync-7.5-watched", test_watched);
    g_test_add_func("/gateway/formats/lync-4.8b-refresh", test_refresh);
    g_test_add_func("/gateway/formats/several", test_several);
    g_test_add_func("/gateway/formats/P-164-poll", test_poll);
    g_test_add_func("/gateway/formats/name", test_name);
    g_test_add_func("/gateway/formats/P-75-contact-name", test_contact_name);
    g_test_add_func("/gateway/formats/P-121-languages", test_languages);
    g_test_add_func("/gateway/formats/lync-3.3-dnd", test_dnd);
    g_test_add_func("/gateway/formats/P-125-P-129-timestamps", test_timestamps);
    g_test_add_func("/gateway/formats/P-114-P-116-P-122-resources", test_resources);
    g_test_add_func("/gateway/formats/lync-4.8a-ask", test_ask);
    for (size_t i = 0; i < G_N_ELEMENTS(refusals); i++) {
        g_autofree char *path = g_strdup_printf("/gateway/formats/fall-back/%u", refusals[i]);

        g_test_add_data_func(path, GUINT_TO_POINTER(refusals[i]), test_fall_back);
    }
    g_test_add_func("/gateway/formats/fall-back/refused", test_fall_back_refused);
    g_test_add_func("/gateway/formats/fall-back/later", test_fall_back_later);
    return g_test_run();
}
