/* SPDX-License-Identifier: MIT */
/* XPIDF, LCS 2005's presentity, RLMI, and several documents in one multipart (lync.md 4.8 a, b, d; P-143, P-148). */
#include "document-lines.h"

#include <string.h>

#define ALICE "sip:alice@contoso.example"
#define NOW   INT64_C(1767261600000) /* 2026-01-01T10:00:00Z */

typedef struct {
    const char *name, *type, *document, *expected;
} Case;

static void test_read(const void *data)
{
    const Case *c = data;
    g_autofree char *lines = document_read(NULL, c->type, ALICE, c->document, NOW);

    g_assert_cmpstr(lines, ==, c->expected);
}

/* ---- XPIDF ---- */

#define XPIDF(inner)                                                                               \
    "<?xml version='1.0'?>\n<!DOCTYPE presence PUBLIC \"-//IETF//DTD RFCxxxx XPIDF 1.0//EN\" "     \
    "\"xpidf.dtd\">\n<presence><presentity uri='" ALICE ";method=SUBSCRIBE'/>" inner "</presence>"
#define ATOM(uri, priority, status, substatus)                                                     \
    "<atom id='1000'><address uri='" uri "' priority='" priority "'><status status='" status       \
    "'/><msnsubstatus substatus='" substatus "'/></address></atom>"
#define SUB(status, substatus) XPIDF(ATOM("sip:192.0.2.1:5060;user=ip", "0", status, substatus))

static const Case xpidf[] = {
    {"xpidf-online", STOX_XPIDF_TYPE, SUB("open", "online"), "[] open <available>\n"},
    {"xpidf-away", STOX_XPIDF_TYPE, SUB("open", "away"), "[] open away (Away) <away>\n"},
    {"xpidf-idle", STOX_XPIDF_TYPE, SUB("inactive", "idle"), "[] open away (Inactive) <idle>\n"},
    {"xpidf-busy", STOX_XPIDF_TYPE, SUB("inuse", "busy"), "[] open dnd (Busy) <busy>\n"},
    {"xpidf-brb", STOX_XPIDF_TYPE, SUB("inactive", "berightback"),
     "[] open away (Be right back) <be-right-back>\n"},
    {"xpidf-phone", STOX_XPIDF_TYPE, SUB("inuse", "onthephone"),
     "[] open dnd (On the phone) <on-the-phone>\n"},
    {"xpidf-lunch", STOX_XPIDF_TYPE, SUB("inactive", "outtolunch"),
     "[] open away (Out to lunch) <out-to-lunch>\n"},
    {"xpidf-offline", STOX_XPIDF_TYPE, SUB("closed", "offline"), "[] closed <offline>\n"},
    {"xpidf-closed-outdoes", STOX_XPIDF_TYPE, SUB("closed", "online"), "[] closed <offline>\n"},
    {"xpidf-unknown-substatus-inuse", STOX_XPIDF_TYPE, SUB("inuse", "juggling"),
     "[] open dnd (Busy) <busy>\n"},
    {"xpidf-unknown-substatus-inactive", STOX_XPIDF_TYPE, SUB("inactive", "?"),
     "[] open away (Inactive) <idle>\n"},
    {"xpidf-substatus-alone", STOX_XPIDF_TYPE, SUB("", "away"), "[] open away (Away) <away>\n"},
    {"xpidf-nothing", STOX_XPIDF_TYPE, SUB("", ""), ""},
    {"xpidf-priority", STOX_XPIDF_TYPE,
     XPIDF(ATOM("sip:a", "0.2", "open", "away") ATOM("sip:b", "0.8", "inuse", "busy")
               ATOM("sip:c", "1", "closed", "offline")),
     "[] open dnd 102 (Busy) <busy>\n"},
    {"xpidf-P-143-telephone", STOX_XPIDF_TYPE,
     XPIDF(ATOM("tel:+15550100", "1", "open", "online") ATOM("sip:b", "0", "closed", "offline")),
     "[] closed <offline>\n"},
    {"xpidf-note-and-name", STOX_XPIDF_TYPE,
     XPIDF("<display name='Alice'/><atom><address><status status='open'/><note>Tea</note>"
           "</address></atom>"),
     "[] open 'Tea' <available>\nname 'Alice'\n"},
    {"xpidf-without-doctype", STOX_XPIDF_TYPE,
     "<presence><presentity uri='" ALICE "'/><atom><address><status status='open'/></address>"
     "</atom></presence>",
     "[] open <available>\n"},
    {"xpidf-P-147", STOX_XPIDF_TYPE,
     "<presence><presentity uri='sip:eve@contoso.example'/></presence>", "(not him)\n"},
    {"xpidf-bare-uri", STOX_XPIDF_TYPE,
     "<presence><presentity uri='alice@contoso.example'/></presence>", ""},
    {"xpidf-declarations", STOX_XPIDF_TYPE, "<!DOCTYPE presence [<!ENTITY a 'open'>]><presence/>",
     "400\n"},
    {"xpidf-declarations-beside-id", STOX_XPIDF_TYPE,
     "<!DOCTYPE presence SYSTEM 'x' [<!ENTITY a 'open'>]><presence/>", "400\n"},
    {"xpidf-entity", STOX_XPIDF_TYPE,
     "<!DOCTYPE presence SYSTEM 'xpidf.dtd'><presence><note>&a;</note></presence>", "400\n"},
    {"xpidf-pidf-root", STOX_XPIDF_TYPE, "<presence xmlns='urn:ietf:params:xml:ns:pidf'/>",
     "400\n"},
};

/* ---- LCS 2005 ---- */

#define NS_2002 "http://schemas.microsoft.com/2002/09/sip/presence"
#define MSRTC(ns, inner)                                                                           \
    "<presentity xmlns='" ns "' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' "            \
    "uri='alice@contoso.example'>" inner "</presentity>"
#define LEVELS(there, active)                                                                      \
    "<availability aggregate='" there "' epid='01ab'/><activity aggregate='" active "'/>"
#define BOTH(there, active) MSRTC(NS_2002, LEVELS(there, active))
#define WITH(inner)         MSRTC(NS_2002, LEVELS("300", "400") inner)

static const Case msrtc[] = {
    /* lync.md 4.8d-msrtc-activity */
    {"msrtc-active", STOX_MSRTC_TYPE, BOTH("300", "400"), "[] open\n"},
    {"msrtc-away", STOX_MSRTC_TYPE, BOTH("300", "100"), "[] open away (Away)\n"},
    {"msrtc-lunch", STOX_MSRTC_TYPE, BOTH("300", "150"),
     "[] open away (Out to lunch) <out-to-lunch>\n"},
    {"msrtc-idle", STOX_MSRTC_TYPE, BOTH("300", "200"), "[] open away (Inactive)\n"},
    {"msrtc-brb", STOX_MSRTC_TYPE, BOTH("300", "300"), "[] open away (Be right back)\n"},
    {"msrtc-phone", STOX_MSRTC_TYPE, BOTH("300", "500"),
     "[] open dnd (In a call) <on-the-phone>\n"},
    {"msrtc-busy", STOX_MSRTC_TYPE, BOTH("300", "600"), "[] open dnd (Busy)\n"},
    {"msrtc-between", STOX_MSRTC_TYPE, BOTH("300", "450"), "[] open\n"},
    /* lync.md 4.8d-msrtc-availability */
    {"msrtc-offline", STOX_MSRTC_TYPE, BOTH("0", "400"), "[] closed\n"},
    {"msrtc-maybe", STOX_MSRTC_TYPE, BOTH("100", "400"), "[] open away (Away)\n"},
    {"msrtc-maybe-busy", STOX_MSRTC_TYPE, BOTH("100", "600"), "[] open dnd (Busy)\n"},
    {"msrtc-nothing", STOX_MSRTC_TYPE, MSRTC(NS_2002, ""), "[] closed\n"},
    /* lync.md 4.8d-msrtc-root */
    {"msrtc-other-spelling", STOX_MSRTC_TYPE,
     MSRTC("http://schemas.microsoft.com/09/2002/sip/presence", LEVELS("300", "600")),
     "[] open dnd (Busy)\n"},
    /* lync.md 4.8d-msrtc-name */
    {"msrtc-name", STOX_MSRTC_TYPE, WITH("<displayName displayName='Alice'/><email email='a@c'/>"),
     "[] open\nname 'Alice'\n"},
    /* lync.md 4.8d-msrtc-note */
    {"msrtc-note", STOX_MSRTC_TYPE, WITH("<userInfo><note>Tea</note></userInfo>"),
     "[] open 'Tea'\n"},
    /* lync.md 4.8d-msrtc-states */
    {"msrtc-user-state", STOX_MSRTC_TYPE,
     WITH("<userInfo><states><state avail='9500' since='2026-01-01T09:00:00Z' "
          "xsi:type='userState'/></states></userInfo>"),
     "[] open dnd (Do not disturb)\n"},
    {"msrtc-user-state-nil", STOX_MSRTC_TYPE,
     WITH("<userInfo><states><state avail='9500' xsi:nil='true'/></states></userInfo>"),
     "[] open\n"},
    {"msrtc-state-at-top", STOX_MSRTC_TYPE, WITH("<states><state avail='12500'/></states>"),
     "[] open away (Be right back)\n"},
    {"msrtc-appears-offline", STOX_MSRTC_TYPE,
     WITH("<userInfo><states><state avail='18500'/></states></userInfo>"), "[] closed\n"},
    {"msrtc-more-available-is-no-news", STOX_MSRTC_TYPE,
     MSRTC(NS_2002,
           LEVELS("300", "600") "<userInfo><states><state avail='3500'/></states></userInfo>"),
     "[] open dnd (Busy)\n"},
    /* lync.md 4.8d-msrtc-devices */
    {"msrtc-device", STOX_MSRTC_TYPE,
     WITH("<devices><devicePresence epid='01ab'><states><state avail='6500' "
          "since='2026-01-01T09:00:00Z'>on-the-phone</state></states></devicePresence></devices>"),
     "[] open dnd (In a call) <on-the-phone>\n"},
    {"msrtc-device-own-words", STOX_MSRTC_TYPE,
     WITH("<devices><devicePresence><states><state avail='6500'>Digging</state></states>"
          "</devicePresence></devices>"),
     "[] open dnd 'Digging'\n"},
    {"msrtc-device-older-than-choice", STOX_MSRTC_TYPE,
     WITH("<userInfo><states><state avail='6500' since='2026-01-01T09:30:00Z'/></states></userInfo>"
          "<devices><devicePresence><states><state avail='15500' since='2026-01-01T09:00:00Z'/>"
          "</states></devicePresence></devices>"),
     "[] open dnd (Busy)\n"},
    /* lync.md 4.8d-msrtc-oof */
    {"msrtc-oof", STOX_MSRTC_TYPE,
     MSRTC(NS_2002, LEVELS("300", "100") "<userInfo><oof/><note>Back on Monday</note></userInfo>"),
     "[] open xa 'Back on Monday' <out-of-office>\n"},
    {"msrtc-oof-at-top", STOX_MSRTC_TYPE, MSRTC(NS_2002, LEVELS("300", "100") "<oof/>"),
     "[] open xa (Out of office) <out-of-office>\n"},
    {"msrtc-oof-but-here", STOX_MSRTC_TYPE, WITH("<userInfo><oof/></userInfo>"), "[] open\n"},
    {"msrtc-says-utf-16", STOX_MSRTC_TYPE,
     "<?xml version=\"1.0\" encoding=\"utf-16\"?>" BOTH("300", "400"), "[] open\n"},
    /* lync.md 4.8d-msrtc-uri */
    {"msrtc-P-147", STOX_MSRTC_TYPE, "<presentity xmlns='" NS_2002 "' uri='eve@contoso.example'/>",
     "(not him)\n"},
    {"msrtc-P-148", STOX_MSRTC_TYPE, "<presentity uri='alice@contoso.example'/>", "400\n"},
};

/* ---- RLMI ---- */

#define LIST(inner)                                                                                \
    "<list xmlns='urn:ietf:params:xml:ns:rlmi' uri='sip:bob@partner.example' version='0' "         \
    "fullState='false'>" inner "</list>"

static const Case rlmi[] = {
    {"rlmi-active", STOX_RLMI_TYPE,
     LIST("<resource uri='" ALICE "'><instance id='0' state='active' cid='x'/></resource>"),
     "(not him)\n"},
    {"rlmi-resubscribe-pool", STOX_RLMI_TYPE,
     LIST("<resource uri='" ALICE
          "'><instance id='0' state='resubscribe' poolFqdn='pool02.contoso.example'/></resource>"),
     "(not him)\nresubscribe pool02.contoso.example\n"},
    /* lync.md 4.8a-resubscribe */
    {"rlmi-resubscribe", STOX_RLMI_TYPE,
     LIST("<resource uri='" ALICE "'><instance id='0' state='resubscribe'/></resource>"),
     "(not him)\nresubscribe -\n"},
    /* lync.md 4.8a-terminated */
    {"rlmi-terminated", STOX_RLMI_TYPE,
     LIST("<resource uri='" ALICE "'><instance id='0' state='terminated'/></resource>"),
     "(not him)\nterminated\n"},
    {"rlmi-of-another", STOX_RLMI_TYPE,
     LIST("<resource uri='sip:eve@contoso.example'><instance id='0' state='terminated'/>"
          "</resource>"),
     "(not him)\n"},
    {"rlmi-P-148", STOX_RLMI_TYPE, "<list/>", "400\n"},
};

/* ---- Multiparts ---- */

#define RELATED                                                                                    \
    "multipart/related; type=\"application/rlmi+xml\"; start=resourceList; boundary=bnd1"
#define PART(type, inner)                                                                          \
    "--bnd1\r\nContent-Transfer-Encoding: binary\r\nContent-Type: " type "\r\n\r\n" inner "\r\n"
#define END "--bnd1--\r\n"
#define CATEGORIES(uri, number)                                                                    \
    "<categories xmlns='http://schemas.microsoft.com/2006/09/sip/categories' uri='" uri            \
    "'><category name='state' instance='0'><state><availability>" number                           \
    "</availability></state></category></categories>"
#define NOTE                                                                                       \
    "<categories xmlns='http://schemas.microsoft.com/2006/09/sip/categories' uri='" ALICE          \
    "'><category name='note' instance='0'><note><body type='personal'>boat</body></note>"          \
    "</category></categories>"
#define PIDF                                                                                       \
    "<presence xmlns='urn:ietf:params:xml:ns:pidf' entity='" ALICE "'><tuple id='t'><status>"      \
    "<basic>open</basic></status></tuple></presence>"
#define RESUBSCRIBE                                                                                \
    LIST("<resource uri='" ALICE "'><instance id='0' state='resubscribe'/></resource>")

static const Case multipart[] = {
    /* lync.md 4.8d-related */
    {"related-categories", RELATED,
     PART(STOX_RLMI_TYPE, LIST("")) PART(STOX_CATEGORIES_TYPE, CATEGORIES(ALICE, "6500")) END,
     "[] open dnd (Busy)\n"},
    {"related-several-categories", RELATED,
     PART(STOX_CATEGORIES_TYPE, CATEGORIES("sip:eve@contoso.example", "3500"))
         PART(STOX_CATEGORIES_TYPE, CATEGORIES(ALICE, "6500")) PART(STOX_CATEGORIES_TYPE, NOTE) END,
     "[] open dnd 'boat'\n"},
    {"related-pidf", RELATED, PART(STOX_RLMI_TYPE, LIST("")) PART(STOX_PIDF_TYPE, PIDF) END,
     "[t] open\n"},
    {"related-resubscribe", RELATED,
     PART(STOX_RLMI_TYPE, RESUBSCRIBE)
         PART(STOX_CATEGORIES_TYPE, CATEGORIES("sip:eve@contoso.example", "3500")) END,
     "(not him)\nresubscribe -\n"},
    {"P-148-unknown-part-is-left-out", RELATED,
     PART("application/x-unknown", "?") PART(STOX_PIDF_TYPE, PIDF) END, "[t] open\n"},
    {"P-148-only-unknown-parts", RELATED, PART("application/x-unknown", "?") END, "415\n"},
    {"P-148-malformed-part", RELATED,
     PART(STOX_PIDF_TYPE, PIDF) PART(STOX_CATEGORIES_TYPE, "<categories") END, "400\n"},
    {"P-148-no-boundary", "multipart/related", PART(STOX_PIDF_TYPE, PIDF) END, "400\n"},
    {"P-148-no-parts", RELATED, "nothing here", "400\n"},
    {"mixed", "multipart/mixed;boundary=\"bnd1\"", PART(STOX_PIDF_TYPE, PIDF) END, "[t] open\n"},
    {"P-139-language-of-the-part", RELATED,
     "--bnd1\r\nContent-Type: " STOX_PIDF_TYPE "\r\nContent-Language: de\r\n\r\n"
     "<presence xmlns='urn:ietf:params:xml:ns:pidf'><tuple id='t'><status><basic>open</basic>"
     "</status><note>Tee</note></tuple></presence>\r\n" END,
     "[t] open 'Tee'@de\n"},
};

/* A malformed part leaves what was known as it was, even if it comes last. */
static void test_all_or_nothing(void)
{
    g_autoptr(StoxCategories) state = NULL;
    static const Case steps[] = {
        {"first", STOX_CATEGORIES_TYPE, CATEGORIES(ALICE, "3500"), "[] open\n"},
        {"bad", RELATED,
         PART(STOX_CATEGORIES_TYPE, CATEGORIES(ALICE, "6500")) PART(STOX_RLMI_TYPE, "<list") END,
         "400\n"},
        {"still", STOX_CATEGORIES_TYPE,
         "<categories xmlns='http://schemas.microsoft.com/2006/09/sip/categories'/>", "[] open\n"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(steps); i++) {
        g_autofree char *lines =
            document_read(&state, steps[i].type, ALICE, steps[i].document, NOW);

        g_assert_cmpstr(lines, ==, steps[i].expected);
    }
}

/* A list of thousands of others is no work, and no more parts are looked at than MIME allows. */
static void test_bounded(void)
{
    GString *text = g_string_new(NULL);
    g_autofree char *lines = NULL;

    for (unsigned i = 0; i < 1000; i++)
        g_string_append(text, PART(STOX_PIDF_TYPE, PIDF));
    g_string_append(text, END);
    lines = document_read(NULL, RELATED, ALICE, text->str, NOW);
    g_assert_cmpstr(lines, ==, "413\n");
    g_string_free(text, TRUE);
}

static void add_table(const Case *cases, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        g_autofree char *full = g_strdup_printf("/presence-formats/%s", cases[i].name);

        g_test_add_data_func(full, &cases[i], test_read);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    add_table(xpidf, G_N_ELEMENTS(xpidf));
    add_table(msrtc, G_N_ELEMENTS(msrtc));
    add_table(rlmi, G_N_ELEMENTS(rlmi));
    add_table(multipart, G_N_ELEMENTS(multipart));
    g_test_add_func("/presence-formats/P-148-all-or-nothing", test_all_or_nothing);
    g_test_add_func("/presence-formats/bounded", test_bounded);
    return g_test_run();
}
