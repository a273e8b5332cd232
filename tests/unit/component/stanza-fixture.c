/* SPDX-License-Identifier: MIT */
#include "tests/unit/component/stanza-fixture.h"

#include <string.h>

StoxXmlTree *stanza_parse(const char *text)
{
    g_autoptr(GError) error = NULL;
    StoxXmlTree *tree = stox_xml_parse(text, strlen(text), &stox_xml_limits_stanza, &error);

    g_assert_no_error(error);
    return tree;
}

StoxXmlTree *stanza_parse_in_stream(const char *stanza)
{
    g_autofree char *text = g_strdup_printf("<s " STANZA_NS ">%s</s>", stanza);

    return stanza_parse(text);
}

StoxMessage *stanza_message(const char *attrs, const char *content)
{
    g_autofree char *text =
        g_strdup_printf("<message " STANZA_NS " from='alice@contoso.example/pc' "
                        "to='bob@partner.example'%s>%s</message>",
                        attrs, content);
    g_autoptr(StoxXmlTree) tree = stanza_parse(text);

    g_assert_cmpint(stox_stanza_kind(stox_xml_tree_root(tree)), ==, STOX_STANZA_MESSAGE);
    return stox_stanza_read_message(stox_xml_tree_root(tree));
}

StoxPresence *stanza_presence(const char *attrs, const char *content)
{
    g_autofree char *text =
        g_strdup_printf("<presence " STANZA_NS " from='alice@contoso.example/pc' "
                        "to='bob@partner.example'%s>%s</presence>",
                        attrs, content);
    g_autoptr(StoxXmlTree) tree = stanza_parse(text);

    g_assert_cmpint(stox_stanza_kind(stox_xml_tree_root(tree)), ==, STOX_STANZA_PRESENCE);
    return stox_stanza_read_presence(stox_xml_tree_root(tree), STANZA_NOW);
}
