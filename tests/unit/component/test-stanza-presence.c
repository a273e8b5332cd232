/* SPDX-License-Identifier: MIT */
/* Presence as stanzas: read and written (rows P-75, P-116, P-128 to P-130, P-152, G-14, X-68). */
#include "tests/unit/component/stanza-fixture.h"

#include "translation/notes.h"

#include <string.h>

static void test_presence(void)
{
    static const struct {
        const char *attrs, *content;
        StoxPresenceType type;
        StoxShow show;
        const char *status;
        int priority;
        const char *nick;
        bool muc;
    } rows[] = {
        {"", "", STOX_PRESENCE_AVAILABLE, STOX_SHOW_ONLINE, NULL, 0, NULL, false},
        {"", "<show>dnd</show><status>busy</status><priority>-5</priority>",
         STOX_PRESENCE_AVAILABLE, STOX_SHOW_DND, "busy", -5, NULL, false},
        {"", "<show>chat</show>", STOX_PRESENCE_AVAILABLE, STOX_SHOW_CHAT, NULL, 0, NULL, false},
        {"", "<show>away</show>", STOX_PRESENCE_AVAILABLE, STOX_SHOW_AWAY, NULL, 0, NULL, false},
        {"", "<show>xa</show>", STOX_PRESENCE_AVAILABLE, STOX_SHOW_XA, NULL, 0, NULL, false},
        {"", "<show>lunch</show><priority>128</priority>", STOX_PRESENCE_AVAILABLE,
         STOX_SHOW_ONLINE, NULL, 0, NULL, false},
        {"", "<priority>5x</priority>", STOX_PRESENCE_AVAILABLE, STOX_SHOW_ONLINE, NULL, 0, NULL,
         false},
        {"", "<x xmlns='http://jabber.org/protocol/muc'/>", STOX_PRESENCE_AVAILABLE,
         STOX_SHOW_ONLINE, NULL, 0, NULL, true}, /* G-14 */
        {" type='unavailable'", "<show>xa</show><status>bye</status>", STOX_PRESENCE_UNAVAILABLE,
         STOX_SHOW_ONLINE, "bye", 0, NULL, false},
        {" type='subscribe'", "<nick xmlns='http://jabber.org/protocol/nick'>Ann</nick>",
         STOX_PRESENCE_SUBSCRIBE, STOX_SHOW_ONLINE, NULL, 0, "Ann", false},
        {"", "<nick xmlns='http://jabber.org/protocol/nick'>Ann</nick>", STOX_PRESENCE_AVAILABLE,
         STOX_SHOW_ONLINE, NULL, 0, NULL, false},
        {" type='subscribed'", "", STOX_PRESENCE_SUBSCRIBED, STOX_SHOW_ONLINE, NULL, 0, NULL,
         false},
        {" type='unsubscribe'", "", STOX_PRESENCE_UNSUBSCRIBE, STOX_SHOW_ONLINE, NULL, 0, NULL,
         false},
        {" type='unsubscribed'", "", STOX_PRESENCE_UNSUBSCRIBED, STOX_SHOW_ONLINE, NULL, 0, NULL,
         false},
        {" type='probe'", "", STOX_PRESENCE_PROBE, STOX_SHOW_ONLINE, NULL, 0, NULL, false},
        {" type='invisible'", "", STOX_PRESENCE_UNKNOWN, STOX_SHOW_ONLINE, NULL, 0, NULL,
         false}, /* */
        {" type=''", "", STOX_PRESENCE_UNKNOWN, STOX_SHOW_ONLINE, NULL, 0, NULL, false},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(StoxPresence) presence = stanza_presence(rows[i].attrs, rows[i].content);

        g_test_message("%s %s", rows[i].attrs, rows[i].content);
        g_assert_cmpint(presence->type, ==, rows[i].type);
        g_assert_cmpint(presence->show, ==, rows[i].show);
        g_assert_cmpstr(stox_notes_first(&presence->status), ==, rows[i].status);
        g_assert_cmpint(presence->priority, ==, rows[i].priority);
        g_assert_cmpstr(presence->nick, ==, rows[i].nick);
        g_assert_cmpint(presence->muc, ==, rows[i].muc);
    }
}

/* P-128, P-129, P-152: XEP-0319, XEP-0203, XEP-0256 */
static void test_presence_times(void)
{
#define IDLE(since)    "<idle xmlns='urn:xmpp:idle:1' since='" since "'/>"
#define LAST(seconds)  "<query xmlns='jabber:iq:last' seconds='" seconds "'/>"
#define DELAYED(stamp) "<delay xmlns='urn:xmpp:delay' stamp='" stamp "'/>"
    static const struct {
        const char *name, *content;
        int64_t idle, delay;
    } rows[] = {
        {"none", "", 0, 0},
        {"idle", IDLE("2026-01-01T09:58:20.250Z"), STANZA_NOW - 100000, 0},
        {"idle-zone", IDLE("2026-01-01T10:58:20.25+01:00"), STANZA_NOW - 100000, 0},
        {"idle-future", IDLE("2027-01-01T00:00:00Z"), STANZA_NOW, 0},
        {"idle-bad", IDLE("yesterday"), 0, 0},
        {"idle-none", "<idle xmlns='urn:xmpp:idle:1'/>", 0, 0},
        {"idle-other", "<idle xmlns='urn:xmpp:idle:0' since='2026-01-01T09:58:20.250Z'/>", 0, 0},
        {"last", LAST("100"), STANZA_NOW - 100000, 0},
        {"last-0", LAST("0"), 0, 0},
        {"last-bad", LAST("-5") LAST("x"), 0, 0},
        {"last-too-much", LAST("2147483647"), 0, 0},
        {"both", LAST("5") IDLE("2026-01-01T09:58:20.250Z"), STANZA_NOW - 100000, 0},
        {"delay", DELAYED("2026-01-01T09:00:00.250Z"), 0, STANZA_NOW - 3600000},
        {"last-delay", LAST("100") DELAYED("2026-01-01T09:00:00.250Z"), STANZA_NOW - 3700000,
         STANZA_NOW - 3600000},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(StoxPresence) presence = stanza_presence("", rows[i].content);
        g_autoptr(StoxPresence) gone = stanza_presence(" type='unavailable'", rows[i].content);

        g_test_message("%s", rows[i].name);
        g_assert_cmpint(presence->idle_since_wall_ms, ==, rows[i].idle);
        g_assert_cmpint(presence->delay_wall_ms, ==, rows[i].delay);
        g_assert_cmpint(gone->idle_since_wall_ms, ==, 0);
    }
}

/* P-116, P-130: what else a presence carries has no place on the SIP side. */
static void test_presence_rest(void)
{
    g_autoptr(StoxPresence) plain = stanza_presence("", "<show>away</show>");
    g_autoptr(StoxPresence) full = stanza_presence(
        "", "<c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='x' ver='y'/>"
            "<x xmlns='vcard-temp:x:update'><photo>00</photo><show>dnd</show></x>"
            "<x xmlns='http://jabber.org/protocol/muc#user'><status code='110'/></x>"
            "<event xmlns='http://jabber.org/protocol/pubsub#event'/>"
            "<nick xmlns='http://jabber.org/protocol/nick'>Al</nick><show>away</show>");

    g_assert_cmpint(full->show, ==, plain->show);
    g_assert_cmpint(full->priority, ==, plain->priority);
    g_assert_cmpint(full->idle_since_wall_ms, ==, 0);
    g_assert_true(!full->status.n && !full->nick && !full->muc);
}

static void test_write_presence(void)
{
    g_autoptr(StoxStanzaWriter) writer = stox_stanza_writer_new();

    for (unsigned type = STOX_PRESENCE_AVAILABLE; type < STOX_PRESENCE_ERROR; type++) {
        g_autoptr(StoxPresence) presence =
            stox_presence_new((StoxPresenceType) type, "b@partner.example/x", "a@contoso.example");
        g_autofree char *text = NULL;
        g_autoptr(StoxXmlTree) tree = NULL;
        g_autoptr(StoxPresence) back = NULL;

        presence->show = STOX_SHOW_XA;
        presence->priority = -3;
        stox_notes_add(&presence->status, "st<atus", "de");
        presence->nick = g_strdup("Bob");
        presence->idle_since_wall_ms = STANZA_NOW - 12345;
        text = stox_stanza_write_presence(writer, presence, NULL);
        tree = stanza_parse_in_stream(text);
        back = stox_stanza_read_presence(stox_xml_tree_root(tree)->first_child, STANZA_NOW);
        g_test_message("%s", text);
        g_assert_cmpint(back->type, ==, type);
        g_assert_cmpint(back->show, ==,
                        type == STOX_PRESENCE_AVAILABLE ? STOX_SHOW_XA : STOX_SHOW_ONLINE);
        g_assert_cmpint(back->priority, ==, type == STOX_PRESENCE_AVAILABLE ? -3 : 0);
        g_assert_cmpstr(stox_notes_first(&back->status), ==, "st<atus");
        g_assert_cmpstr(back->status.list[0].lang, ==, "de");
        g_assert_cmpint(back->idle_since_wall_ms, ==,
                        type == STOX_PRESENCE_AVAILABLE ? STANZA_NOW - 12345 : 0);
        g_assert_true((strstr(text, "urn:xmpp:idle:1") != NULL) ==
                      (type == STOX_PRESENCE_AVAILABLE));
        /* P-75: the name goes with the request, never with what he shows. */
        g_assert_cmpstr(back->nick, ==, type == STOX_PRESENCE_SUBSCRIBE ? "Bob" : NULL);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/stanza/read/presence", test_presence);
    g_test_add_func("/stanza/read/P-128-P-129-P-152-times", test_presence_times);
    g_test_add_func("/stanza/read/P-130-rest", test_presence_rest);
    g_test_add_func("/stanza/write/presence", test_write_presence);
    return g_test_run();
}
