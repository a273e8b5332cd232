/* SPDX-License-Identifier: MIT */
/* What messages carry beside text: M-14, M-15, M-64, M-82 and M-110 to M-117, read and written. */
#include "tests/unit/component/stanza-fixture.h"

#include <string.h>

/* All fields that come from payloads, one after the other. */
static char *line_of(const StoxMessage *message)
{
    static const char *const states[] = {"", "active", "composing", "paused", "inactive", "gone"};
    GString *line = g_string_new(states[message->chat_state]);
    const struct {
        const char *name, *value;
    } fields[] = {
        {"received", message->received_id},
        {"displayed", message->displayed_id},
        {"replaces", message->replaces_id},
        {"oob", message->oob_url},
        {"nick", message->nick},
        {"origin", message->origin_id},
        {"encrypted", message->encryption},
        {"body", message->body},
        {"xhtml", message->xhtml},
    };

    if (message->wants_receipt)
        g_string_append(line, " request");
    if (message->markable)
        g_string_append(line, " markable");
    if (message->unstyled)
        g_string_append(line, " unstyled");
    if (message->no_store)
        g_string_append(line, " no-store");
    for (unsigned i = 0; i < G_N_ELEMENTS(fields); i++)
        if (fields[i].value)
            g_string_append_printf(line, " %s=%s", fields[i].name, fields[i].value);
    g_strstrip(line->str);
    return g_string_free(line, FALSE);
}

#define STATES  "xmlns='http://jabber.org/protocol/chatstates'"
#define MARKERS "xmlns='urn:xmpp:chat-markers:0'"
#define DELAY   "<delay xmlns='urn:xmpp:delay' stamp='2002-09-10T23:08:25Z'/>"

typedef struct {
    const char *name, *attrs, *content, *expected;
} PayloadCase;

static const PayloadCase payloads[] = {
    {"XEP-0085-composing", "", "<composing " STATES "/>", "composing"},
    {"XEP-0085-with-body", "", "<body>x</body><active " STATES "/>", "active body=x"},
    {"M-77-one-at-most", "", "<paused " STATES "/><gone " STATES "/>", "paused"},
    {"XEP-0085-unknown", "", "<bored " STATES "/>", ""},
    {"M-117-not-in-errors", " type='error'",
     "<composing " STATES "/><request xmlns='urn:xmpp:receipts'/><error type='cancel'/>", ""},
    {"XEP-0184-request", "", "<request xmlns='urn:xmpp:receipts'/>", "request"},
    {"XEP-0184-received", "", "<received xmlns='urn:xmpp:receipts' id='a'/>", "received=a"},
    {"XEP-0184-received-without-id", "", "<received xmlns='urn:xmpp:receipts'/>", ""},
    {"XEP-0184-unknown", "", "<refused xmlns='urn:xmpp:receipts' id='a'/>", ""},
    {"XEP-0333", "", "<markable " MARKERS "/><displayed " MARKERS " id='d'/>",
     "markable displayed=d"},
    {"M-110", "", "<body>n</body><replace xmlns='urn:xmpp:message-correct:0' id='1'/>",
     "replaces=1 body=n"},
    {"M-111-reaction", "",
     "<reactions xmlns='urn:xmpp:reactions:0' id='1'><reaction>x</reaction></reactions>", ""},
    {"M-111-retraction-with-fallback", "",
     "<retract xmlns='urn:xmpp:message-retract:1' id='1'/><body>Was taken back</body>",
     "body=Was taken back"},
    {"M-111-reply-with-fallback", "",
     "<reply xmlns='urn:xmpp:reply:0' id='1'/><body>&gt; a\nb</body>", "body=> a\nb"},
    {"M-112", "", "<body>*a*</body><unstyled xmlns='urn:xmpp:styling:0'/>", "unstyled body=*a*"},
    {"M-113", "", "<x xmlns='jabber:x:oob'><url>https://a.example/b</url><desc>d</desc></x>",
     "oob=https://a.example/b"},
    {"M-113-without-url", "", "<x xmlns='jabber:x:oob'><desc>d</desc></x>", ""},
    {"M-114-OMEMO", "",
     "<encrypted xmlns='eu.siacs.conversations.axolotl'><header/><payload>x</payload></encrypted>"
     "<body>Fallback</body>",
     "encrypted=OMEMO body=Fallback"},
    {"M-114-OMEMO-1", "",
     "<encrypted xmlns='urn:xmpp:omemo:1'><header/><payload>x</payload></encrypted>",
     "encrypted=OMEMO"},
    {"M-114-OMEMO-2", "",
     "<encrypted xmlns='urn:xmpp:omemo:2'><header/><payload>x</payload></encrypted>",
     "encrypted=OMEMO"},
    {"M-114-OMEMO-keys-alone-say-nothing", "",
     "<encrypted xmlns='urn:xmpp:omemo:2'><header/></encrypted>"
     "<encryption xmlns='urn:xmpp:eme:0' namespace='urn:xmpp:omemo:2' name='OMEMO'/>",
     ""},
    {"M-114-OX", "", "<openpgp xmlns='urn:xmpp:openpgp:0'>x</openpgp>", "encrypted=OpenPGP"},
    {"M-114-legacy-OpenPGP", "", "<x xmlns='jabber:x:encrypted'>x</x><body>F</body>",
     "encrypted=OpenPGP body=F"},
    {"M-114-OTR", "", "<body>?OTR:AAMDJ+MVmSfjFZcAAAAAAQ.</body>", "encrypted=OTR"},
    {"M-114-OTR-query", "", "<body>?OTRv3? Please encrypt</body>", "encrypted=OTR"},
    {"M-114-not-OTR", "", "<body>?OTR is what?</body>", "body=?OTR is what?"},
    {"M-114-XEP-0380", "", "<encryption xmlns='urn:xmpp:eme:0' namespace='urn:x' name='X'/>",
     "encrypted=X"},
    {"M-114-XEP-0380-without-name", "", "<encryption xmlns='urn:xmpp:eme:0' namespace='urn:x'/>",
     "encrypted=urn:x"},
    {"M-115-stanza-id-is-not-ours-to-believe", "",
     "<stanza-id xmlns='urn:xmpp:sid:0' id='forged' by='contoso.example'/>"
     "<origin-id xmlns='urn:xmpp:sid:0' id='o'/>",
     "origin=o"},
    {"M-116-hints", "", "<no-copy xmlns='urn:xmpp:hints'/><store xmlns='urn:xmpp:hints'/>", ""},
    {"M-116-no-store", "", "<no-store xmlns='urn:xmpp:hints'/>", "no-store"},
    {"M-117-form", "", "<x xmlns='jabber:x:data' type='form'><title>t</title></x>", ""},
    {"M-15", "", "<nick xmlns='http://jabber.org/protocol/nick'>Ann</nick>", "nick=Ann"},
    {"M-64-delayed", "",
     "<body>x</body><composing " STATES "/><request xmlns='urn:xmpp:receipts'/><markable " MARKERS
     "/>" DELAY,
     "body=x"},
    {"other-namespace", "", "<composing xmlns='urn:x'/><nick/><x/>", ""},
};

static void test_payload(const void *data)
{
    const PayloadCase *c = data;
    g_autoptr(StoxMessage) message = stanza_message(c->attrs, c->content);
    g_autofree char *line = line_of(message);

    g_assert_cmpstr(line, ==, c->expected);
}

/* What is written of a message says the same to a reader (what is never written aside). */
static void test_write_payload(const void *data)
{
    const PayloadCase *c = data;
    g_autoptr(StoxStanzaWriter) writer = stox_stanza_writer_new();
    g_autoptr(StoxMessage) message = stanza_message(c->attrs, c->content);
    g_autofree char *text = NULL, *stream = NULL, *expected = NULL, *line = NULL;
    g_autoptr(StoxXmlTree) tree = NULL;
    g_autoptr(StoxMessage) back = NULL;

    text = stox_stanza_write_message(writer, message, NULL);
    stream = g_strdup_printf("<s " STANZA_NS ">%s</s>", text);
    tree = stanza_parse(stream);
    back = stox_stanza_read_message(stox_xml_tree_root(tree)->first_child);
    g_clear_pointer(&message->encryption, g_free); /* nothing of ours pretends to be (M-114) */
    expected = line_of(message);
    line = line_of(back);
    g_assert_cmpstr(line, ==, expected);
}

#define XHTML_IM "<html xmlns='http://jabber.org/protocol/xhtml-im'>"
#define XBODY    "<body xmlns='http://www.w3.org/1999/xhtml'"

static const PayloadCase xhtml[] = {
    {"M-14-mixed-content-keeps-its-order", "",
     XHTML_IM XBODY "><p>a <em>b</em> c<br/>d &lt; e</p>f</body></html>",
     "xhtml=<p>a <em>b</em> c<br/>d &lt; e</p>f"},
    {"attributes", "",
     XHTML_IM XBODY "><a href='https://x.example/?a=1&amp;b=2' xml:lang='de' p:q='r' "
                    "xmlns:p='urn:p'>t</a></body></html>",
     "xhtml=<a href='https://x.example/?a=1&amp;b=2' xml:lang='de'>t</a>"},
    {"foreign-elements-are-their-content", "",
     XHTML_IM XBODY "><p>a<x xmlns='urn:x'>b<em xmlns='http://www.w3.org/1999/xhtml'>c</em></x>d"
                    "</p></body></html>",
     "xhtml=<p>ab<em>c</em>d</p>"},
    {"of-the-stanza's-language", " xml:lang='de'",
     XHTML_IM XBODY " xml:lang='en'>e</body>" XBODY " xml:lang='de'>d</body></html>", "xhtml=d"},
    {"empty", "", XHTML_IM XBODY "/></html>", ""},
    {"no-body", "", "<html xmlns='http://jabber.org/protocol/xhtml-im'/>", ""},
    {"M-114-encrypted", "",
     XHTML_IM XBODY ">x</body></html><openpgp xmlns='urn:xmpp:openpgp:0'>x</openpgp>",
     "encrypted=OpenPGP"},
};

/* More than 64 KiB of markup is no more than decoration any more. */
static void test_xhtml_limit(void)
{
    for (unsigned i = 0; i < 2; i++) {
        g_autofree char *fill = g_strnfill(64 * 1024 - 7 + i, 'x');
        g_autofree char *content =
            g_strconcat("<body>b</body>" XHTML_IM XBODY "><p>", fill, "</p></body></html>", NULL);
        g_autoptr(StoxMessage) message = stanza_message("", content);

        g_assert_cmpstr(message->body, ==, "b");
        g_assert_true((message->xhtml != NULL) == (i == 0));
    }
}

/* What is not well-formed never gets into a stream. */
static void test_xhtml_malformed(void)
{
    static const char *const rows[] = {"<p>",          "</body></html></message><message>",
                                       "&nbsp;",       "a\x01",
                                       "<x:p>y</x:p>", "</body><body>"};
    g_autoptr(StoxStanzaWriter) writer = stox_stanza_writer_new();

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(StoxMessage) message =
            stox_message_new(STOX_MESSAGE_CHAT, "b@partner.example", "a@contoso.example");
        g_autofree char *text = NULL;

        g_test_message("%s", rows[i]);
        message->body = g_strdup("plain");
        message->xhtml = g_strdup(rows[i]);
        text = stox_stanza_write_message(writer, message, NULL);
        g_assert_null(strstr(text, "html"));
        g_assert_nonnull(strstr(text, "<body>plain</body></message>"));
    }
}

/* M-62: of several stamps the oldest is when it was written; one goes out */
static void test_delays(void)
{
    g_autoptr(StoxStanzaWriter) writer = stox_stanza_writer_new();
    g_autoptr(StoxMessage) message =
        stanza_message("", "<body>x</body><delay xmlns='urn:xmpp:delay' stamp='nonsense'/>"
                           "<delay xmlns='urn:xmpp:delay' stamp='2012-09-10T23:08:25Z'/>" DELAY);
    g_autofree char *text = NULL;

    g_assert_cmpint(message->delay_wall_ms, ==, G_GINT64_CONSTANT(1031699305000));
    text = stox_stanza_write_message(writer, message, NULL);
    g_assert_nonnull(strstr(text, "stamp=\"2002-09-10T23:08:25Z\""));
    g_assert_true(strstr(text, "<delay") == g_strrstr(text, "<delay"));
}

static void add(const char *under, const PayloadCase *c, GTestDataFunc func)
{
    g_autofree char *path = g_strdup_printf("/stanza/%s/%s", under, c->name);

    g_test_add_data_func(path, c, func);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (unsigned i = 0; i < G_N_ELEMENTS(payloads); i++) {
        add("read/payload", &payloads[i], test_payload);
        if (!*payloads[i].attrs)
            add("write/payload", &payloads[i], test_write_payload);
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(xhtml); i++) {
        add("read/xhtml", &xhtml[i], test_payload);
        add("write/xhtml", &xhtml[i], test_write_payload);
    }
    g_test_add_func("/stanza/read/xhtml-limit", test_xhtml_limit);
    g_test_add_func("/stanza/write/xhtml-malformed", test_xhtml_malformed);
    g_test_add_func("/stanza/delays/M-62", test_delays);
    return g_test_run();
}
