/* SPDX-License-Identifier: MIT */
/* Presence documents of any kind: which are understood and whom they are about (rows P-147 to P-149). */
#include "document-lines.h"

#include <string.h>

#define ABOUT "sip:bob@partner.example"
#define PIDF(entity)                                                                               \
    "<presence xmlns='urn:ietf:params:xml:ns:pidf'" entity                                         \
    "><tuple id='t'><status><basic>open</basic></status></tuple></presence>"

typedef struct {
    const char *name, *type, *document, *expected;
} Case;

static const Case cases[] = {
    {"P-147-sip", STOX_PIDF_TYPE, PIDF(" entity='sip:bob@partner.example'"), "[t] open\n"},
    {"P-147-sips", STOX_PIDF_TYPE, PIDF(" entity='sips:bob@partner.example'"), "[t] open\n"},
    {"P-147-pres", STOX_PIDF_TYPE, PIDF(" entity='pres:Bob@Partner.example'"), "[t] open\n"},
    {"P-147-im", STOX_PIDF_TYPE, PIDF(" entity='im:bob@partner.example'"), "[t] open\n"},
    {"P-147-xmpp", STOX_PIDF_TYPE, PIDF(" entity='xmpp:bob@partner.example'"), "[t] open\n"},
    /* lync.md 4.8d-entity */
    {"P-147-bare", STOX_PIDF_TYPE, PIDF(" entity='bob@partner.example'"), "[t] open\n"},
    {"P-147-none", STOX_PIDF_TYPE, PIDF(""), "[t] open\n"},
    {"P-147-parameters", STOX_PIDF_TYPE, PIDF(" entity='sip:bob@partner.example;transport=tls'"),
     "[t] open\n"},
    {"P-147-other", STOX_PIDF_TYPE, PIDF(" entity='sip:eve@partner.example'"), "(not him)\n"},
    {"P-147-nonsense", STOX_PIDF_TYPE, PIDF(" entity='nobody'"), "(not him)\n"},
    {"P-148-type-case", "Application/PIDF+XML;charset=\"utf-8\"", PIDF(""), "[t] open\n"},
    {"P-148-unknown", "text/plain", PIDF(""), "415\n"},
    {"P-148-no-type", "", PIDF(""), "415\n"},
    {"P-149-diff", "application/pidf-diff+xml", PIDF(""), "415\n"},
    {"P-148-empty", STOX_PIDF_TYPE, "", "400\n"},
    {"P-148-cut", STOX_PIDF_TYPE, "<presence", "400\n"},
    {"P-148-other-root", STOX_PIDF_TYPE, "<tuple xmlns='urn:ietf:params:xml:ns:pidf'/>", "400\n"},
    {"P-148-other-namespace", STOX_PIDF_TYPE, "<presence xmlns='jabber:client'/>", "400\n"},
    {"P-148-dtd", STOX_PIDF_TYPE,
     "<!DOCTYPE presence><presence xmlns='urn:ietf:params:xml:ns:pidf'/>", "400\n"},
    {"4.3-says-utf-16", STOX_PIDF_TYPE, "<?xml version='1.0' encoding='utf-16'?>" PIDF(""),
     "[t] open\n"},
    {"4.3-byte-order-mark", STOX_PIDF_TYPE, "\xEF\xBB\xBF" PIDF(""), "[t] open\n"},
};

static void test_read(const void *data)
{
    const Case *c = data;
    g_autofree char *lines = document_read(NULL, c->type, ABOUT, c->document, 0);

    g_assert_cmpstr(lines, ==, c->expected);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *full = g_strdup_printf("/presence-document/%s", cases[i].name);

        g_test_add_data_func(full, &cases[i], test_read);
    }
    return g_test_run();
}
