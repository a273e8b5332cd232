/* SPDX-License-Identifier: MIT */
/* message/imdn+xml (rows M-98, M-99). */
#include "translation/imdn.h"

#include <string.h>

#define OPEN "<imdn xmlns='urn:ietf:params:xml:ns:imdn'>"
#define HEAD OPEN "<message-id>1</message-id><datetime>2008-04-04T12:16:49-05:00</datetime>"
#define DATE " 2008-04-04T12:16:49-05:00"

typedef struct {
    const char *name, *input;
    const char *expected; /* NULL: not such a document */
} Case;

static const Case cases[] = {
    {"M-99-delivered",
     "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" HEAD
     "<recipient-uri>im:bob@x.example</recipient-uri>"
     "<original-recipient-uri>im:bob@y.example</original-recipient-uri><subject>hi</subject>"
     "<delivery-notification><status><delivered/></status></delivery-notification></imdn>",
     "1" DATE " im:bob@x.example im:bob@y.example hi delivery delivered"},
    {"M-99-failed",
     HEAD "<delivery-notification><status><failed/></status></delivery-notification></imdn>",
     "1" DATE " delivery failed"},
    {"M-99-forbidden",
     HEAD "<delivery-notification><status><forbidden/></status></delivery-notification></imdn>",
     "1" DATE " delivery forbidden"},
    {"M-99-error",
     HEAD "<delivery-notification><status><error/></status></delivery-notification></imdn>",
     "1" DATE " delivery error"},
    {"M-99-processed",
     HEAD "<processing-notification><status><processed/></status></processing-notification></imdn>",
     "1" DATE " processing processed"},
    {"M-99-stored",
     HEAD "<processing-notification><status><stored/></status></processing-notification></imdn>",
     "1" DATE " processing stored"},
    {"M-99-displayed",
     HEAD "<display-notification><status><displayed/></status></display-notification></imdn>",
     "1" DATE " display displayed"},
    {"M-99-unknown-status",
     HEAD "<display-notification><status><eaten/></status></display-notification></imdn>",
     "1" DATE " display forbidden"},
    {"M-99-extensions",
     HEAD "<x xmlns='y'/><display-notification><status><x xmlns='y'/><displayed/></status>"
          "</display-notification></imdn>",
     "1" DATE " display displayed"},
    {"M-99-no-date",
     OPEN "<message-id>1</message-id><delivery-notification><status><delivered/></status>"
          "</delivery-notification></imdn>",
     NULL},
    {"M-99-no-id",
     OPEN "<datetime>x</datetime><delivery-notification><status><delivered/></status>"
          "</delivery-notification></imdn>",
     NULL},
    {"M-99-empty-id",
     OPEN "<message-id> </message-id><datetime>x</datetime><delivery-notification><status>"
          "<delivered/></status></delivery-notification></imdn>",
     NULL},
    {"M-99-no-notification", HEAD "</imdn>", NULL},
    {"M-99-other-namespace", "<imdn><message-id>1</message-id></imdn>", NULL},
    {"no-xml", "delivered", NULL},
    {"empty", "", NULL},
    {"lync-4.6-not-taken",
     "<imdn xmlns=\"http://schemas.microsoft.com/rtc/2005/08/imdn\"><message-id>7</message-id>"
     "<recipient uri=\"sip:bob@x.example\"><status>408</status></recipient></imdn>",
     NULL},
};

static const char *const kinds[] = {"delivery", "processing", "display"};
static const char *const statuses[] = {"delivered", "failed",    "processed", "stored",
                                       "displayed", "forbidden", "error"};

static char *shown(const StoxImdn *imdn)
{
    const char *const fields[] = {imdn->message_id, imdn->date, imdn->recipient_uri,
                                  imdn->original_recipient_uri, imdn->subject};
    GString *out = g_string_new(NULL);

    for (unsigned i = 0; i < G_N_ELEMENTS(fields); i++)
        if (fields[i])
            g_string_append_printf(out, "%s ", fields[i]);
    g_string_append_printf(out, "%s %s", kinds[imdn->kind], statuses[imdn->status]);
    return g_string_free(out, FALSE);
}

static void test_read(gconstpointer data)
{
    const Case *c = data;
    g_autoptr(GBytes) body = g_bytes_new_static(c->input, strlen(c->input));
    g_auto(StoxImdn) imdn = {0};
    bool read = stox_imdn_read(body, &imdn);
    g_autofree char *text = read ? shown(&imdn) : NULL;

    g_assert_cmpstr(text, ==, c->expected);
    if (read) { /* there and back */
        g_autoptr(GBytes) written = stox_imdn_write(&imdn);
        g_auto(StoxImdn) again = {0};
        g_autofree char *after = NULL;

        g_assert_true(stox_imdn_read(written, &again));
        after = shown(&again);
        g_assert_cmpstr(after, ==, text);
    }
}

static void test_write(void)
{
    const StoxImdn imdn = {.message_id = (char *) "34jk<324j",
                           .date = (char *) "2006-04-04T12:16:49-05:00",
                           .recipient_uri = (char *) "sip:b@y.example",
                           .kind = STOX_IMDN_DELIVERY,
                           .status = STOX_IMDN_DELIVERED};
    g_autoptr(GBytes) body = stox_imdn_write(&imdn);
    g_autofree char *text = g_strndup(g_bytes_get_data(body, NULL), g_bytes_get_size(body));

    g_assert_cmpstr(text, ==,
                    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n" OPEN
                    "<message-id>34jk&lt;324j</message-id>"
                    "<datetime>2006-04-04T12:16:49-05:00</datetime>"
                    "<recipient-uri>sip:b@y.example</recipient-uri>"
                    "<delivery-notification><status><delivered/></status></delivery-notification>"
                    "</imdn>");
}

static void test_type(void)
{
    g_assert_true(stox_imdn_is("Message/IMDN+xml; charset=utf-8"));
    g_assert_true(stox_imdn_is(" message/imdn+xml"));
    g_assert_false(stox_imdn_is("application/ms-imdn+xml")); /* lync.md 4.6 */
    g_assert_false(stox_imdn_is("message/cpim"));
    g_assert_false(stox_imdn_is(NULL));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *path = g_strconcat("/imdn/read/", cases[i].name, NULL);

        g_test_add_data_func(path, &cases[i], test_read);
    }
    g_test_add_func("/imdn/M-99-write", test_write);
    g_test_add_func("/imdn/type", test_type);
    return g_test_run();
}
