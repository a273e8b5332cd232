/* SPDX-License-Identifier: MIT */
#include "translation/body.h"
#include "translation/charset.h"
#include "translation/cpim.h"
#include "translation/error.h"
#include "translation/html.h"
#include "translation/mime.h"
#include "translation/rtf.h"

#include <string.h>

#define MAX_BYTES (512 * 1024)
#define MAX_SNIFF 1024 /* bytes of HTML in which its charset is looked for */

void stox_body_clear(StoxBody *body)
{
    g_free(body->text);
    g_free(body->xhtml);
    g_free(body->lang);
    g_free(body->subject);
    *body = (StoxBody){.text = NULL};
}

/* The same message in up to three forms; borrowed. */
enum { PLAIN, HTML, RTF, N_FORMS };

typedef struct {
    const StoxMimePart *forms[N_FORMS];
    StoxMimePart *wrapped; /* what a message/cpim held; ours, as it is in no tree */
    StoxCpim cpim;         /* that wrapper */
    StoxSipResult failure; /* of a wrapper; status 0: none */
} Choice;

static void choice_clear(Choice *choice)
{
    stox_mime_part_free(choice->wrapped);
    stox_cpim_clear(&choice->cpim);
    stox_sip_result_clear(&choice->failure);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Choice, choice_clear)

static void fail(StoxSipResult *ret_failure, unsigned status, unsigned diagnostic)
{
    stox_sip_result_init(ret_failure, status, diagnostic);
    ret_failure->accept = status == 415; /* M-26, M-30 */
}

static void fail_mime(StoxSipResult *ret_failure, StoxMimeFault fault)
{
    switch (fault) {
    case STOX_MIME_NO_TYPE:
        fail(ret_failure, 415, STOX_DIAG_CONTENT_UNSUPPORTED);
        break;
    case STOX_MIME_LIMIT:
        fail(ret_failure, 413, STOX_DIAG_CONTENT_LIMIT);
        break;
    case STOX_MIME_MALFORMED:
        fail(ret_failure, 400, STOX_DIAG_CONTENT_BROKEN);
        break;
    }
}

static const char *data_of(const StoxMimePart *part, size_t *ret_n)
{
    const char *data = g_bytes_get_data(part->content, ret_n);

    return data ? data : "";
}

/* ---- Charsets ---- */

/* What <meta charset="..."> or its older form says; NULL: nothing. Caller frees. */
static char *charset_of_meta(const char *data, size_t n)
{
    g_autofree char *head = g_ascii_strdown(data, (gssize) MIN(n, MAX_SNIFF));
    const char *meta = head, *charset;

    while ((meta = strstr(meta, "<meta"))) {
        size_t tag_n = strcspn(meta, ">");

        charset = g_strstr_len(meta, (gssize) tag_n, "charset");
        meta += tag_n;
        if (!charset)
            continue;
        charset += strlen("charset");
        charset += strspn(charset, " \t\r\n");
        if (*charset != '=')
            continue;
        charset++;
        charset += strspn(charset, " \t\r\n\"'");
        return g_strndup(charset, strcspn(charset, " \t\r\n\"';/>"));
    }
    return NULL;
}

/* Lower case; NULL: UTF-8. Caller frees. */
static char *charset_of(const StoxMimePart *part, unsigned form)
{
    size_t n;
    const char *data = data_of(part, &n);
    char *charset;

    if (part->type.charset)
        return g_strdup(part->type.charset);
    if (n >= 2 && (memcmp(data, "\xFF\xFE", 2) == 0 || memcmp(data, "\xFE\xFF", 2) == 0))
        return g_strdup("utf-16");
    if (form != HTML || (n >= 3 && memcmp(data, "\xEF\xBB\xBF", 3) == 0))
        return NULL;
    charset = charset_of_meta(data, n);
    /* Who could read this was not reading UTF-16. */
    if (charset && g_str_has_prefix(charset, "utf-16"))
        g_clear_pointer(&charset, g_free);
    return charset;
}

/* ---- Which part ---- */

static bool choose(Choice *choice, const StoxMimePart *part);

static bool choose_wrapped(Choice *choice, const StoxMimePart *part)
{
    StoxMimeFault fault;

    if (choice->wrapped || choice->failure.status) /* one in another, or two of them */
        return false;
    if (!stox_cpim_read(part->content, &choice->cpim, &choice->failure))
        return false;
    choice->wrapped = stox_mime_read_with(choice->cpim.content_type, choice->cpim.content_encoding,
                                          choice->cpim.content_language, choice->cpim.body, &fault);
    if (!choice->wrapped) {
        fail_mime(&choice->failure, fault);
        return false;
    }
    return choose(choice, choice->wrapped);
}

/* M-32: of alternatives each is a form of the same, and a later one is better; of other multiparts the first text is what is read first. */
static bool choose_from(Choice *choice, const StoxMimePart *multipart)
{
    bool alternative = strcmp(multipart->type.type, "multipart/alternative") == 0;
    bool found = false;

    for (unsigned i = 0; i < multipart->parts->len && (alternative || !found); i++)
        if (choose(choice, multipart->parts->pdata[i]))
            found = true;
    return found;
}

/* True: the part is, or has, something to read. */
static bool choose(Choice *choice, const StoxMimePart *part)
{
    static const struct {
        const char *type;
        unsigned form;
    } types[] = {
        {"text/plain", PLAIN}, {"text/html", HTML}, {"text/rtf", RTF}, {"application/rtf", RTF}};

    if (part->encoded || part->attachment)
        return false;
    if (part->parts)
        return choose_from(choice, part);
    if (strcmp(part->type.type, STOX_CPIM_TYPE) == 0)
        return choose_wrapped(choice, part);
    for (size_t i = 0; i < G_N_ELEMENTS(types); i++) {
        g_autofree char *charset = NULL;

        if (strcmp(part->type.type, types[i].type) != 0)
            continue;
        charset = charset_of(part, types[i].form);
        if (!stox_charset_is_known(charset))
            return false;
        choice->forms[types[i].form] = part;
        return true;
    }
    return false;
}

/* Why there is nothing to read in it, for the sender's administrator. */
static unsigned why_unsupported(const StoxMimePart *part)
{
    static const struct {
        const char *type;
        unsigned diagnostic;
    } types[] = {
        {"application/pkcs7-mime", STOX_DIAG_CONTENT_ENCRYPTED},
        {"application/x-pkcs7-mime", STOX_DIAG_CONTENT_ENCRYPTED},
        {"multipart/encrypted", STOX_DIAG_CONTENT_ENCRYPTED},
        {"message/partial", STOX_DIAG_PARTIAL},
    };
    unsigned diagnostic = STOX_DIAG_CONTENT_UNSUPPORTED;

    for (size_t i = 0; i < G_N_ELEMENTS(types); i++)
        if (strcmp(part->type.type, types[i].type) == 0)
            return types[i].diagnostic;
    for (unsigned i = 0;
         part->parts && i < part->parts->len && diagnostic == STOX_DIAG_CONTENT_UNSUPPORTED; i++)
        diagnostic = why_unsupported(part->parts->pdata[i]);
    return diagnostic;
}

/* ---- What it says ---- */

static char *read_rtf(const StoxMimePart *part, char **ret_xhtml)
{
    g_autoptr(GBytes) bytes = NULL;
    g_autofree char *charset = charset_of(part, RTF);

    /* RTF has charsets of its own, and all it consists of is ASCII, however that is written. */
    if (charset && g_str_has_prefix(charset, "utf-16")) {
        size_t n;
        const char *data = data_of(part, &n);
        char *text = stox_charset_read(charset, data, n);

        if (!text)
            return NULL;
        bytes = g_bytes_new_take(text, strlen(text));
    } else {
        bytes = g_bytes_ref(part->content);
    }
    return stox_rtf_read(bytes, ret_xhtml);
}

/* NULL: it cannot be read. *ret_xhtml only of the rich forms, and only when asked for. */
static char *read_form(const Choice *choice, unsigned form, char **ret_xhtml)
{
    const StoxMimePart *part = choice->forms[form];
    g_autofree char *charset = NULL;
    g_autofree char *decoded = NULL;
    size_t n;
    const char *data;

    if (!part)
        return NULL;
    if (form == RTF)
        return read_rtf(part, ret_xhtml);
    charset = charset_of(part, form);
    data = data_of(part, &n);
    decoded = stox_charset_read(charset, data, n);
    if (!decoded || form == PLAIN)
        return g_steal_pointer(&decoded);
    return stox_html_read(decoded, ret_xhtml);
}

/* The plain text of its sender's own making is better than what we make; XHTML comes from the richest. */
static bool read_choice(const Choice *choice, bool rich, StoxBody *body)
{
    for (unsigned form = PLAIN; form < N_FORMS && !body->text; form++) {
        g_autofree char *xhtml = NULL;
        g_autofree char *text = read_form(choice, form, rich ? &xhtml : NULL);

        if (!text || *text == '\0')
            continue;
        body->text = g_steal_pointer(&text);
        body->xhtml = g_steal_pointer(&xhtml);
        body->lang = g_strdup(choice->forms[form]->lang);
        if (form != PLAIN)
            return true;
    }
    for (unsigned form = HTML; body->text && rich && form < N_FORMS && !body->xhtml; form++)
        g_free(read_form(choice, form, &body->xhtml));
    return body->text != NULL;
}

static unsigned why_nothing(const Choice *choice)
{
    for (unsigned form = PLAIN; form < N_FORMS; form++) {
        g_autofree char *text = read_form(choice, form, NULL);

        if (choice->forms[form] && !text)
            return STOX_DIAG_CONTENT_BROKEN;
    }
    return STOX_DIAG_CONTENT_EMPTY;
}

bool stox_body_read(const char *content_type, GBytes *bytes, bool rich, StoxBody *ret_body,
                    StoxSipResult *ret_failure)
{
    size_t n = bytes ? g_bytes_get_size(bytes) : 0;
    g_auto(Choice) choice = {.failure = {.status = 0}};
    g_auto(StoxBody) body = {.text = NULL};
    g_autoptr(StoxMimePart) part = NULL;
    StoxMimeFault fault;

    if (n == 0) {
        fail(ret_failure, 400, STOX_DIAG_CONTENT_EMPTY);
        return false;
    }
    if (n > MAX_BYTES) {
        fail(ret_failure, 413, STOX_DIAG_TOO_LARGE);
        ret_failure->bytes = MAX_BYTES; /* lync.md 4.9-size */
        return false;
    }
    part = stox_mime_read(content_type, bytes, &fault);
    if (!part) {
        fail_mime(ret_failure, fault);
        return false;
    }
    if (!choose(&choice, part)) {
        if (choice.failure.status)
            stox_sip_result_copy(ret_failure, &choice.failure);
        else
            fail(ret_failure, 415, why_unsupported(choice.wrapped ? choice.wrapped : part));
        return false;
    }
    if (!read_choice(&choice, rich, &body)) {
        fail(ret_failure, 400, why_nothing(&choice));
        return false;
    }
    body.subject = g_steal_pointer(&choice.cpim.subject); /* M-31 */
    body.date_wall_ms = choice.cpim.date_wall_ms;
    if (!body.lang && choice.wrapped)
        body.lang = g_strdup(choice.wrapped->lang);
    *ret_body = body;
    body = (StoxBody){.text = NULL};
    return true;
}
