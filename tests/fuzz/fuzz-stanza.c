/* SPDX-License-Identifier: MIT */
/*
 * A stanza as it stands in a stream: tree -> value -> writer -> tree. What we write must always be one well-formed
 * stanza that says the same, whatever a peer put into the one we read.
 */
#include "tests/fuzz/fuzz.h"

#include "component/service.h"
#include "component/stanza.h"
#include "translation/notes.h"

#include <string.h>

#define DOMAIN "contoso.example"

/* Readers make one line end of all kinds (XML 1.0 s2.11), and a carriage return may have come in as a reference. */
static char *with_plain_ends(const char *text)
{
    g_auto(GStrv) lines = text ? g_regex_split_simple("\r\n|\r", text, G_REGEX_RAW, 0) : NULL;

    return lines ? g_strjoinv("\n", lines) : NULL;
}

static void assert_same(const char *read_back, const char *written)
{
    g_autofree char *expected = with_plain_ends(written);

    g_assert_cmpstr(read_back, ==, expected);
}

static void assert_same_notes(const StoxNotes *read_back, const StoxNotes *written)
{
    g_assert_cmpuint(read_back->n, ==, written->n);
    for (unsigned i = 0; i < written->n; i++) {
        assert_same(read_back->list[i].text, written->list[i].text);
        g_assert_cmpstr(read_back->list[i].lang, ==, written->list[i].lang);
    }
}

/* What the peer sees of our bytes. */
static StoxXmlTree *reread(const char *stanza, size_t n)
{
    static const StoxXmlLimits wide = {.max_bytes = 1 << 24,
                                       .max_depth = 72, /* what stands around it counts here */
                                       .max_attrs = 64,
                                       .max_nodes = 4096,
                                       .max_text = 1 << 24};
    g_autofree char *stream =
        g_strdup_printf("<s xmlns='jabber:component:accept'>%.*s</s>", (int) n, stanza);
    g_autoptr(GError) error = NULL;
    StoxXmlTree *tree = stox_xml_parse(stream, strlen(stream), &wide, &error);

    g_assert_no_error(error);
    g_assert_nonnull(stox_xml_tree_root(tree)->first_child);
    g_assert_null(stox_xml_tree_root(tree)->first_child->next);
    g_assert_cmpuint(strlen(stanza), ==, n);
    return tree;
}

static void try_message(StoxStanzaWriter *writer, const StoxXmlNode *node)
{
    g_autoptr(StoxMessage) message = stox_stanza_read_message(node);
    g_autoptr(StoxXmlTree) tree = NULL;
    g_autoptr(StoxMessage) back = NULL;
    g_autofree char *text = NULL;
    size_t n = 0;

    if (!message)
        return;
    if (message->type == STOX_MESSAGE_ERROR)
        g_assert_true(!message->body && !message->subject && !message->thread);
    text = stox_stanza_write_message(writer, message, &n);
    tree = reread(text, n);
    back = stox_stanza_read_message(stox_xml_tree_root(tree)->first_child);
    g_assert_nonnull(back);
    g_assert_cmpint(back->type, ==, message->type);
    assert_same(back->body, message->body);
    assert_same(back->subject, message->subject);
    assert_same(back->thread, message->thread);
    assert_same(back->oob_url, message->oob_url);
    assert_same(back->nick, message->nick);
    g_assert_cmpint(back->chat_state, ==, message->chat_state);
    g_assert_true(back->wants_receipt == message->wants_receipt);
    g_assert_true(back->markable == message->markable);
    g_assert_true(back->xhtml == NULL || message->xhtml != NULL);
    assert_same(back->error.text, message->error.text);
    assert_same(back->error.address, message->error.address);
    g_assert_cmpint(back->error.condition, ==, message->error.condition);
    g_assert_cmpint(back->error.type, ==, message->error.type);
}

#define NOW G_GINT64_CONSTANT(1700000000000)

static void try_presence(StoxStanzaWriter *writer, const StoxXmlNode *node)
{
    g_autoptr(StoxPresence) presence = stox_stanza_read_presence(node, NOW);
    g_autoptr(StoxXmlTree) tree = NULL;
    g_autoptr(StoxPresence) back = NULL;
    g_autofree char *text = NULL;
    size_t n = 0;

    if (!presence || presence->type == STOX_PRESENCE_UNKNOWN)
        return;
    text = stox_stanza_write_presence(writer, presence, &n);
    tree = reread(text, n);
    back = stox_stanza_read_presence(stox_xml_tree_root(tree)->first_child, NOW);
    g_assert_nonnull(back);
    g_assert_cmpint(back->type, ==, presence->type);
    g_assert_cmpint(back->show, ==, presence->show);
    g_assert_cmpint(back->priority, ==, presence->priority);
    g_assert_cmpint(back->idle_since_wall_ms, ==, presence->idle_since_wall_ms);
    assert_same_notes(&back->status, &presence->status);
    assert_same(back->nick, presence->nick);
    g_assert_cmpint(back->error.condition, ==, presence->error.condition);
}

/* X-20, D-10: one answer to get, set and what is no type, none to result and error. */
static void try_iq(const StoxXmlNode *node)
{
    static const StoxTime now = {1000, G_GINT64_CONSTANT(1700000000000)};
    g_autoptr(StoxPolicy) policy = stox_policy_new();
    g_autoptr(StoxService) service = stox_service_new(now, policy);
    const char *type = stox_xml_attr(node, "type");
    const char *from = NULL;
    g_autofree char *answer = NULL;
    g_autoptr(StoxXmlTree) tree = NULL;

    stox_policy_add_domain(policy, DOMAIN, "hop")->sip_domains =
        g_strsplit("contoso.example", " ", -1);
    answer = stox_service_answer(service, DOMAIN, node, now, &from);
    g_assert_true(!answer == (!stox_xml_attr(node, "from") || g_strcmp0(type, "result") == 0 ||
                              g_strcmp0(type, "error") == 0));
    if (!answer)
        return;
    g_assert_nonnull(from);
    tree = reread(answer, strlen(answer));
    type = stox_xml_attr(stox_xml_tree_root(tree)->first_child, "type");
    g_assert_true(strcmp(type, "result") == 0 || strcmp(type, "error") == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static StoxStanzaWriter *writer;
    g_autoptr(StoxXmlTree) tree =
        stox_xml_parse((const char *) data, size, &stox_xml_limits_stanza, NULL);
    const StoxXmlNode *root = tree ? stox_xml_tree_root(tree) : NULL;

    if (!root)
        return 0;
    if (!writer)
        writer = stox_stanza_writer_new();
    switch (stox_stanza_kind(root)) {
    case STOX_STANZA_MESSAGE:
        try_message(writer, root);
        break;
    case STOX_STANZA_PRESENCE:
        try_presence(writer, root);
        break;
    case STOX_STANZA_IQ:
        try_iq(root);
        break;
    case STOX_STANZA_OTHER:
        break;
    }
    return 0;
}
