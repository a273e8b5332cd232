/* SPDX-License-Identifier: MIT */
/* Which document a subscription asks for, by Accept and by its body, and how we ask ourselves (P-51; lync.md 4.8). */
#include "translation/presence-write.h"

#include <string.h>

#define ENTITY "sip:bob@partner.example"

/* ---- Accept (P-51, V-49; lync.md 4.8b-preference) ---- */

enum { NOTHING, PIDF, CATEGORIES };

typedef struct {
    const char *name, *accept;
    int format;
} AcceptCase;

#define C "application/msrtc-event-categories+xml"
#define P "application/pidf+xml"

static const AcceptCase accepts[] = {
    {"absent", NULL, PIDF},
    {"empty", "", NOTHING},
    {"pidf", P, PIDF},
    {"categories", C, CATEGORIES},
    {"case-and-space", " Application/MSRTC-Event-Categories+XML ", CATEGORIES},
    {"lync-4.8b",
     C ", text/xml+msrtc.pidf, application/xpidf+xml, " P ", application/rlmi+xml, "
       "multipart/related",
     CATEGORIES},
    {"order-does-not-matter", P ", " C, CATEGORIES},
    {"pidf-preferred", P ", " C ";q=0.5", PIDF},
    {"categories-preferred", P ";q=0.1, " C ";q=0.2", CATEGORIES},
    {"equal-q", P ";q=0.7," C ";q=0.7", CATEGORIES},
    {"q-0", C ";q=0, " P, PIDF},
    {"both-q-0", C ";q=0.0, " P ";q=0", NOTHING},
    {"q-not-a-number", P ";q=high", PIDF},
    {"q-above-1", C ";q=5, " P ";q=0.9", CATEGORIES},
    {"other-parameters", C ";level=1;q=0.3, " P ";charset=utf-8 ; Q = 0.4", PIDF},
    {"any", "*/*", PIDF},
    {"any-application", "application/*", PIDF},
    {"any-text", "text/*", NOTHING},
    {"any-but-pidf", "*/*, " P ";q=0", NOTHING},
    {"exact-before-wildcard", "*/*;q=0, " P, PIDF},
    {"subtype-before-any", "*/*;q=0, application/*;q=0.5", PIDF},
    {"categories-and-less-of-any", C ";q=0.5, */*;q=0.1", CATEGORIES},
    {"any-and-less-of-categories", C ";q=0.1, */*", PIDF},
    {"V-49", "application/xpidf+xml", NOTHING},
    {"msrtc-only", "text/xml+msrtc.pidf", NOTHING},
    {"longer-name", P "x", NOTHING},
    {"pidf-diff", "application/pidf-diff+xml", NOTHING},
    {"commas", ",,, " P ",", PIDF},
};

static void test_accept(const void *data)
{
    const AcceptCase *c = data;

    for (int microsoft = 0; microsoft < 2; microsoft++) {
        StoxDocumentFormat format = (StoxDocumentFormat) 99;
        int had = NOTHING;

        if (stox_document_choose(c->accept, microsoft, &format)) {
            had = format == STOX_DOCUMENT_CATEGORIES ? CATEGORIES : PIDF;
            if (had == PIDF)
                g_assert_true((format == STOX_DOCUMENT_PIDF_MICROSOFT) == microsoft);
            g_assert_cmpstr(stox_document_type(format), ==, had == PIDF ? P : C);
        } else {
            g_assert_cmpint(format, ==, 99);
        }
        g_assert_cmpint(had, ==, c->format);
    }
}

/* ---- Batched subscriptions (lync.md 4.8b-categories, 7.5) ---- */

#define BATCH(list)                                                                                \
    "<batchSub xmlns='http://schemas.microsoft.com/2006/01/sip/batch-subscribe' "                  \
    "uri='sip:alice@contoso.example' name=''><action name='subscribe' id='1000001'><adhocList>"    \
    "<resource uri='sip:mallory@partner.example'><context/></resource></adhocList>" list           \
    "</action></batchSub>"
#define LIST(names)                                                                                \
    "<categoryList xmlns='http://schemas.microsoft.com/2006/09/sip/categorylist'>" names           \
    "</categoryList>"

typedef struct {
    const char *name, *type, *body;
    int asked_for; /* -1: malformed */
} BatchCase;

static const BatchCase batches[] = {
    {"none", NULL, NULL, STOX_CATEGORY_ALL},
    {"other-type", "application/simple-filter+xml", "<filter-set/>", STOX_CATEGORY_ALL},
    {"lync-7.5", STOX_BATCH_SUB_TYPE,
     BATCH(LIST("<category name='calendarData'/><category name='contactCard'/>"
                "<category name='note'/><category name='services'/><category name='state'/>")),
     STOX_CATEGORY_ALL},
    {"state", STOX_BATCH_SUB_TYPE ";charset=utf-8", BATCH(LIST("<category name='state'/>")),
     STOX_CATEGORY_STATE},
    {"none-of-ours", STOX_BATCH_SUB_TYPE, BATCH(LIST("<category name='services'/>")), 0},
    {"no-list", STOX_BATCH_SUB_TYPE, BATCH(""), STOX_CATEGORY_ALL},
    {"no-action", STOX_BATCH_SUB_TYPE,
     "<batchSub xmlns='http://schemas.microsoft.com/2006/01/sip/batch-subscribe'/>",
     STOX_CATEGORY_ALL},
    {"nameless", STOX_BATCH_SUB_TYPE, BATCH(LIST("<category/><other name='state'/>")), 0},
    {"other-root", STOX_BATCH_SUB_TYPE, "<presence/>", -1},
    {"broken", STOX_BATCH_SUB_TYPE, "<batchSub", -1},
    {"dtd", STOX_BATCH_SUB_TYPE, "<!DOCTYPE batchSub><batchSub/>", -1},
};

static void test_batch(const void *data)
{
    const BatchCase *c = data;
    g_autoptr(GBytes) body = c->body ? g_bytes_new_static(c->body, strlen(c->body)) : NULL;
    StoxCategorySet asked_for = STOX_CATEGORY_ALL;

    g_assert_true(stox_document_asked_for(c->type, body, &asked_for) == (c->asked_for >= 0));
    if (c->asked_for >= 0)
        g_assert_cmpint(asked_for, ==, c->asked_for);
}

/* lync.md 4.8a-batch-sub: what we ask with is read as what it means. */
static void test_batch_write(void)
{
    g_autoptr(GBytes) body = stox_batch_sub_write(ENTITY, "sip:o'neil&co@contoso.example");
    StoxCategorySet asked_for = STOX_CATEGORY_NOTE;
    size_t n;
    g_autofree char *text = g_strndup(g_bytes_get_data(body, &n), g_bytes_get_size(body));

    g_assert_cmpstr(
        text, ==,
        "<batchSub xmlns='http://schemas.microsoft.com/2006/01/sip/batch-subscribe' uri='" ENTITY
        "' name=''><action name='subscribe' id='1'><adhocList>"
        /* lync.md 4.8a-context */
        "<resource uri='sip:o&apos;neil&amp;co@contoso.example'><context/></resource></adhocList>"
        "<categoryList xmlns='http://schemas.microsoft.com/2006/09/sip/categorylist'>"
        "<category name='state'/><category name='note'/><category name='contactCard'/>"
        "</categoryList></action></batchSub>");
    g_assert_true(stox_document_asked_for(STOX_BATCH_SUB_TYPE, body, &asked_for));
    g_assert_cmpint(asked_for, ==, STOX_CATEGORY_ALL);
}

#define ADD_TABLE(path, table, function)                                                           \
    for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {                                             \
        g_autofree char *full = g_strdup_printf(path "/%s", table[i].name);                        \
        g_test_add_data_func(full, &table[i], function);                                           \
    }

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD_TABLE("/presence-asked/P-51-accept", accepts, test_accept)
    ADD_TABLE("/presence-asked/batch-sub", batches, test_batch)
    g_test_add_func("/presence-asked/batch-sub-write", test_batch_write);
    return g_test_run();
}
