/* SPDX-License-Identifier: MIT */
/* <status/> in several languages, read and written (P-121, P-136, P-139; RFC 6121 s4.7.2.2). */
#include "tests/unit/component/stanza-fixture.h"

#include "translation/notes.h"

#include <string.h>

static StoxPresence *read_stanza(const char *stanza)
{
    g_autoptr(StoxXmlTree) tree = stanza_parse_in_stream(stanza);

    return stox_stanza_read_presence(stox_xml_tree_root(tree)->first_child, 0);
}

typedef struct {
    const char *name;
    const char *in[4][2];      /* text, language */
    const char *attrs, *inner; /* as it is written; read, it is `in` again */
} Case;

static const Case cases[] = {
    {"none", {{NULL}}, "", ""},
    {"P-139-one", {{"Tee", "de"}}, " xml:lang=\"de\"", "<status>Tee</status>"},
    {"no-language", {{"Tee", NULL}}, "", "<status>Tee</status>"},
    {"P-121-several",
     {{"Tee", "de"}, {"Tea", "en"}, {"Th", "fr"}},
     " xml:lang=\"de\"",
     "<status>Tee</status><status xml:lang=\"en\">Tea</status><status xml:lang=\"fr\">Th</status>"},
    /* The stanza's language would become his that has none. */
    {"one-without",
     {{"Tee", "de"}, {"Tea", NULL}},
     "",
     "<status xml:lang=\"de\">Tee</status><status>Tea</status>"},
};

static void test_there_and_back(const void *data)
{
    const Case *c = data;
    g_autoptr(StoxStanzaWriter) writer = stox_stanza_writer_new();
    g_autoptr(StoxPresence) presence =
        stox_presence_new(STOX_PRESENCE_AVAILABLE, "a@contoso.example/lync", "b@partner.example");
    g_autoptr(StoxPresence) back = NULL;
    g_autofree char *text = NULL;

    for (size_t i = 0; i < G_N_ELEMENTS(c->in); i++)
        stox_notes_add(&presence->status, c->in[i][0], c->in[i][1]);
    text = stox_stanza_write_presence(writer, presence, NULL);
    g_test_message("%s", text);
    g_assert_nonnull(strstr(text, c->inner));
    g_assert_true((strstr(text, "<status") != NULL) == (*c->inner != '\0'));
    g_assert_nonnull(strstr(text, c->attrs));
    back = read_stanza(text);
    g_assert_true(stox_notes_equal(&back->status, &presence->status));
}

/* What others write: in the order of the stanza, one for each language, inherited from the stanza. */
static void test_read(void)
{
    g_autoptr(StoxPresence) presence = read_stanza(
        "<presence from='b@partner.example/x' to='a@contoso.example' xml:lang='en'>"
        "<status xml:lang='de'>Tee</status><status/><status>Tea</status><status xml:lang='EN'>Brew"
        "</status><status xmlns='u:x' xml:lang='fr'>Th</status></presence>");

    g_assert_cmpuint(presence->status.n, ==, 2);
    g_assert_cmpstr(presence->status.list[0].text, ==, "Tee");
    g_assert_cmpstr(presence->status.list[0].lang, ==, "de");
    g_assert_cmpstr(presence->status.list[1].text, ==, "Tea");
    g_assert_cmpstr(presence->status.list[1].lang, ==, "en");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *path = g_strdup_printf("/stanza/status/%s", cases[i].name);

        g_test_add_data_func(path, &cases[i], test_there_and_back);
    }
    g_test_add_func("/stanza/status/P-121-read", test_read);
    return g_test_run();
}
