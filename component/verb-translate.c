/* SPDX-License-Identifier: MIT */
/* stoxd translate: what the other side would get for a stanza, a SIP message, a document, an address, an error. Needs no settings. */
#include "component/verb.h"

#include "component/translate.h"
#include "translation/address-translate.h"
#include "translation/error-translate.h"
#include "translation/error.h"

#include <stdio.h>
#include <string.h>

enum { LARGEST_INPUT = 1024 * 1024 };

typedef struct {
    char *dialect, *format, *language, *proxied, *content_type;
    gboolean rich, wire, bare, full, percent;
    char **words;
} Options;

static void options_clear(Options *options)
{
    g_free(options->dialect);
    g_free(options->format);
    g_free(options->language);
    g_free(options->proxied);
    g_free(options->content_type);
    g_strfreev(options->words);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Options, options_clear)

static int wrong_usage(const char *text)
{
    fprintf(stderr, "stoxd translate: %s; see stoxd translate --help\n", text);
    return STOX_EXIT_USAGE;
}

/* ---- translate address ---- */

static int translate_address(const Options *options)
{
    const StoxTranslateOptions how = {.proxied = options->proxied,
                                      .percent_form = options->percent};
    g_auto(StoxSipResult) failure = {0};
    g_auto(StoxError) error = {0};
    g_autofree char *address = NULL;

    if (!options->words[1] || options->words[2])
        return wrong_usage("address takes one ADDRESS");
    switch (stox_address_translate(options->words[1], &how, &address, &failure, &error)) {
    case STOX_TRANSLATED:
        puts(address);
        return STOX_EXIT_GOOD;
    case STOX_TRANSLATE_NO_JID:
        fprintf(stderr, "sip %u\n", failure.status);
        return STOX_EXIT_WRONG;
    case STOX_TRANSLATE_NO_URI:
    default:
        fprintf(stderr, "xmpp %s\n", stox_condition_name(error.condition));
        return STOX_EXIT_WRONG;
    }
}

/* ---- translate error ---- */

static int translate_error(const Options *options)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *other = NULL;

    if (!options->words[1] || options->words[2])
        return wrong_usage("error takes one CODE or CONDITION");
    if (options->bare && options->full)
        return wrong_usage("--bare and --full are one or the other");
    other = stox_error_translate(options->words[1], options->bare, &error);
    if (!other) {
        fprintf(stderr, "stoxd translate: %s\n", error->message);
        return STOX_EXIT_WRONG;
    }
    puts(other);
    return STOX_EXIT_GOOD;
}

/* ---- translate ---- */

/* NULL: it cannot be read. One byte more than what is taken is read, so that too much is noticed. */
static GBytes *read_input(void)
{
    GByteArray *input = g_byte_array_new();
    unsigned char buffer[16384];
    size_t n;

    while (input->len <= LARGEST_INPUT && (n = fread(buffer, 1, sizeof buffer, stdin)) > 0)
        g_byte_array_append(input, buffer, (guint) n);
    if (ferror(stdin)) {
        g_byte_array_unref(input);
        return NULL;
    }
    return g_byte_array_free_to_bytes(input);
}

static void print_translation(const StoxTranslation *translation)
{
    fputs(translation->other, stdout);
    if (*translation->back)
        fputs(translation->back, stderr);
    if (translation->note)
        fprintf(stderr, "%s\n", translation->note);
}

static int translate_input(const Options *options, StoxTranslateSettings *settings)
{
    g_autoptr(GBytes) input = read_input();
    g_auto(StoxTranslation) translation = {0};
    const char *bytes;
    size_t n;

    if (!input) {
        fprintf(stderr, "stoxd translate: standard input cannot be read\n");
        return STOX_EXIT_WRONG;
    }
    bytes = g_bytes_get_data(input, &n);
    settings->now_wall_ms = g_get_real_time() / 1000;
    stox_translate(settings, bytes ? bytes : "", n, &translation);
    print_translation(&translation);
    return translation.refused ? STOX_EXIT_WRONG : STOX_EXIT_GOOD;
}

/* ---- Options ---- */

static bool one_of(const char *given, const char *first, const char *second, bool *ret_second)
{
    *ret_second = given && strcmp(given, second) == 0;
    return !given || *ret_second || strcmp(given, first) == 0;
}

/* 0: good. */
static int read_settings(Options *options, StoxTranslateSettings *ret_settings)
{
    *ret_settings = (StoxTranslateSettings){
        .rich = options->rich, .wire = options->wire, .content_type = options->content_type};
    if (!one_of(options->dialect, "simple", "lync", &ret_settings->lync))
        return wrong_usage("--dialect is lync or simple");
    if (!one_of(options->format, "pidf", "categories", &ret_settings->categories))
        return wrong_usage("--presence-format is pidf or categories");
    if (options->language && !stox_language_from_tag(options->language, &ret_settings->language))
        return wrong_usage("--language is en or de");
    if (options->proxied) {
        char *canonical = stox_domain_canonical(options->proxied);

        if (!canonical)
            return wrong_usage("--proxied needs a domain");
        g_free(options->proxied);
        options->proxied = canonical;
    }
    ret_settings->proxied = options->proxied;
    return 0;
}

static int dispatch(Options *options)
{
    StoxTranslateSettings settings;
    int status = read_settings(options, &settings);

    if (status)
        return status;
    if (!options->words || !options->words[0])
        return translate_input(options, &settings);
    if (strcmp(options->words[0], "address") == 0)
        return translate_address(options);
    if (strcmp(options->words[0], "error") == 0)
        return translate_error(options);
    return wrong_usage("what is translated comes on standard input, or it is address ADDRESS, or "
                       "error CODE-OR-CONDITION");
}

int stox_verb_translate(int argc, char **argv)
{
    g_auto(Options) options = {0};
    const GOptionEntry entries[] = {
        {"dialect", 0, 0, G_OPTION_ARG_STRING, &options.dialect,
         "Dialect of the SIP side: simple (the default) or lync", "DIALECT"},
        {"presence-format", 0, 0, G_OPTION_ARG_STRING, &options.format,
         "What the SIP side takes for presence: pidf (the default) or categories", "FORMAT"},
        {"proxied", 0, 0, G_OPTION_ARG_STRING, &options.proxied,
         "The gateway's XMPP domain, when it is not the SIP domain", "DOMAIN"},
        {"percent-form", 0, 0, G_OPTION_ARG_NONE, &options.percent,
         "With --proxied: user%sip-domain@DOMAIN is understood, too", NULL},
        {"rich", 0, 0, G_OPTION_ARG_NONE, &options.rich, "Formatted text crosses as well", NULL},
        {"language", 0, 0, G_OPTION_ARG_STRING, &options.language,
         "Language of what the gateway itself says: en (the default) or de", "LANGUAGE"},
        {"content-type", 0, 0, G_OPTION_ARG_STRING, &options.content_type,
         "Standard input is a document of this type", "TYPE"},
        {"wire", 0, 0, G_OPTION_ARG_NONE, &options.wire,
         "SIP with the line ends that it has on the wire", NULL},
        {"bare", 0, 0, G_OPTION_ARG_NONE, &options.bare, "error: it came from a bare JID", NULL},
        {"full", 0, 0, G_OPTION_ARG_NONE, &options.full,
         "error: it came from a full JID (the default)", NULL},
        {G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_STRING_ARRAY, &options.words, NULL,
         "[address ADDRESS | error CODE-OR-CONDITION]"},
        G_OPTION_ENTRY_NULL};
    g_autoptr(GOptionContext) context =
        g_option_context_new("- show what the other side would get");
    g_autoptr(GError) error = NULL;

    g_option_context_add_main_entries(context, entries, NULL);
    if (!g_option_context_parse(context, &argc, &argv, &error))
        return wrong_usage(error->message);
    return dispatch(&options);
}
