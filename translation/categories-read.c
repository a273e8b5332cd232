/* SPDX-License-Identifier: MIT */
#include "translation/categories.h"

#include <string.h>

#define XSI_TYPE "http://www.w3.org/2001/XMLSchema-instance type"

static bool is_false(const char *text)
{
    return text && (strcmp(text, "false") == 0 || strcmp(text, "0") == 0);
}

static bool is_true(const char *text)
{
    return text && (strcmp(text, "true") == 0 || strcmp(text, "1") == 0);
}

/* ---- State ---- */

/* Languages by the low ten bits of a Windows locale number. */
static const struct {
    unsigned primary;
    const char *tag;
} locales[] = {
    {0x04, "zh"}, {0x05, "cs"}, {0x06, "da"}, {0x07, "de"}, {0x09, "en"}, {0x0a, "es"},
    {0x0b, "fi"}, {0x0c, "fr"}, {0x0e, "hu"}, {0x10, "it"}, {0x11, "ja"}, {0x12, "ko"},
    {0x13, "nl"}, {0x14, "nb"}, {0x15, "pl"}, {0x16, "pt"}, {0x18, "ro"}, {0x19, "ru"},
    {0x1b, "sk"}, {0x1d, "sv"}, {0x1f, "tr"}, {0x22, "uk"},
};

static const char *lang_from_lcid(const char *lcid)
{
    unsigned primary = stox_presence_number(lcid) & 0x3FF;

    for (size_t i = 0; i < G_N_ELEMENTS(locales); i++)
        if (locales[i].primary == primary)
            return locales[i].tag;
    return NULL;
}

/* What he calls it himself: in the wanted language if it is there, else the first. */
static void read_custom(const StoxXmlNode *activity, StoxLanguage language,
                        StoxCategoryEntry *entry)
{
    for (const StoxXmlNode *child = activity->first_child; child; child = child->next) {
        const char *lang = lang_from_lcid(stox_xml_attr(child, "LCID"));
        bool wanted = g_strcmp0(lang, stox_language_tag(language)) == 0;
        char *text;

        if (strcmp(child->name, "custom") != 0 || (entry->text && !wanted))
            continue;
        text = stox_presence_text(child->text, STOX_MAX_NOTE);
        if (!text)
            continue;
        g_free(entry->text);
        entry->text = text;
        entry->lang = lang;
        if (wanted)
            return;
    }
}

/* An activity holds within a range of availability. */
static bool holds(const StoxXmlNode *activity, uint32_t availability)
{
    const char *min = stox_xml_attr(activity, "minAvailability");
    const char *max = stox_xml_attr(activity, "maxAvailability");

    return (!min || stox_presence_number(min) <= availability) &&
           (!max || stox_presence_number(max) == 0 || stox_presence_number(max) >= availability);
}

static void read_activity(const StoxXmlNode *state, StoxLanguage language, StoxCategoryEntry *entry)
{
    for (const StoxXmlNode *child = state->first_child; child; child = child->next) {
        const char *token = stox_xml_attr(child, "token");

        if (strcmp(child->name, "activity") != 0 || !holds(child, entry->availability))
            continue;
        entry->activity = token ? stox_activity_find_token(token) : NULL;
        read_custom(child, language, entry);
        if (entry->activity || entry->text)
            return;
    }
}

/* Which part of the state it is; false: none that we know. */
static bool state_kind(const StoxXmlNode *state, StoxCategoryKind *ret_kind)
{
    static const struct {
        const char *type;
        StoxCategoryKind kind;
    } types[] = {
        {"aggregateState", STOX_ENTRY_AGGREGATE}, {"userState", STOX_ENTRY_USER},
        {"machineState", STOX_ENTRY_MACHINE},     {"aggregateMachineState", STOX_ENTRY_MACHINE},
        {"deviceState", STOX_ENTRY_MACHINE},      {"phoneState", STOX_ENTRY_PHONE},
        {"calendarState", STOX_ENTRY_CALENDAR},
    };
    const char *type = stox_xml_attr(state, XSI_TYPE);
    const char *colon = type ? strchr(type, ':') : NULL;

    if (!type) /* the server's own word, then */
        type = "aggregateState";
    for (size_t i = 0; i < G_N_ELEMENTS(types); i++)
        if (strcmp(types[i].type, colon ? colon + 1 : type) == 0) {
            *ret_kind = types[i].kind;
            return true;
        }
    return false;
}

static void read_state(StoxCategories *categories, const StoxXmlNode *state,
                       StoxCategoryEntry *entry, StoxLanguage language)
{
    const StoxXmlNode *availability = stox_xml_child(state, NULL, "availability");

    if (!state_kind(state, &entry->kind))
        return;
    entry->availability = availability ? stox_presence_number(availability->text) : 0;
    entry->when_ms = stox_presence_time(stox_xml_attr(state, "lastActive"));
    entry->manual = is_true(stox_xml_attr(state, "manual"));
    if (entry->availability > 0)
        read_activity(state, language, entry);
    stox_categories_put(categories, entry);
}

static void read_legacy(StoxCategories *categories, const StoxXmlNode *legacy,
                        StoxCategoryEntry *entry)
{
    const char *token = stox_xml_attr(legacy, "token");

    entry->kind = STOX_ENTRY_LEGACY;
    entry->availability = stox_presence_number(stox_xml_attr(legacy, "availability"));
    entry->activity = token ? stox_activity_find_token(token) : NULL;
    stox_categories_put(categories, entry);
}

/* ---- The other categories ---- */

/* One category has both notes, each may be missing: then it was taken back. */
static void read_note(StoxCategories *categories, const StoxXmlNode *note,
                      const StoxCategoryEntry *plain)
{
    StoxCategoryEntry personal = *plain, oof = *plain;

    personal.kind = STOX_ENTRY_NOTE;
    oof.kind = STOX_ENTRY_OOF;
    for (const StoxXmlNode *body = note->first_child; body; body = body->next) {
        const char *type = stox_xml_attr(body, "type");
        StoxCategoryEntry *entry = type && g_ascii_strcasecmp(type, "OOF") == 0 ? &oof : &personal;

        if (strcmp(body->name, "body") != 0 || entry->text)
            continue;
        entry->text = stox_presence_text(body->text, STOX_MAX_NOTE);
        if (entry == &oof)
            entry->when_ms = stox_presence_time(stox_xml_attr(body, "endTime"));
    }
    stox_categories_put(categories, &personal);
    stox_categories_put(categories, &oof);
}

static void read_card(StoxCategories *categories, const StoxXmlNode *card, StoxCategoryEntry *entry)
{
    const StoxXmlNode *identity = stox_xml_child(card, NULL, "identity");
    const StoxXmlNode *name = identity ? stox_xml_child(identity, NULL, "name") : NULL;
    const StoxXmlNode *display = name ? stox_xml_child(name, NULL, "displayName") : NULL;

    entry->kind = STOX_ENTRY_CARD;
    entry->text = display ? stox_presence_text(display->text, STOX_MAX_DISPLAY_NAME) : NULL;
    stox_categories_put(categories, entry);
}

/* Of all that devices can do only this matters: that capabilities are named, and none is text. */
static void read_services(StoxCategories *categories, const StoxXmlNode *services,
                          StoxCategoryEntry *entry)
{
    bool named = false, takes_text = false;

    for (const StoxXmlNode *at = services->first_child; at; at = at->next) {
        const StoxXmlNode *capabilities = stox_xml_child(at, NULL, "capabilities");
        const StoxXmlNode *text = capabilities ? stox_xml_child(capabilities, NULL, "text") : NULL;

        named = named || capabilities;
        takes_text = takes_text || (text && !is_false(stox_xml_attr(text, "render")));
    }
    entry->kind = STOX_ENTRY_SERVICES;
    entry->availability = named;
    entry->no_text = !takes_text;
    stox_categories_put(categories, entry);
}

/* ---- The document ---- */

/* An instance without content was taken back. */
static void take_back(StoxCategories *categories, const char *name, const StoxCategoryEntry *entry)
{
    static const struct {
        const char *name;
        StoxCategoryKind first, last;
    } rows[] = {
        {"state", STOX_ENTRY_AGGREGATE, STOX_ENTRY_CALENDAR},
        {"legacyInterop", STOX_ENTRY_LEGACY, STOX_ENTRY_LEGACY},
        {"note", STOX_ENTRY_NOTE, STOX_ENTRY_OOF},
        {"contactCard", STOX_ENTRY_CARD, STOX_ENTRY_CARD},
        {"services", STOX_ENTRY_SERVICES, STOX_ENTRY_SERVICES},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        if (strcmp(rows[i].name, name) == 0)
            stox_categories_take_back(categories, rows[i].first, rows[i].last, entry->instance,
                                      entry->published_ms);
}

static void read_content(StoxCategories *categories, const StoxXmlNode *content,
                         StoxCategoryEntry *entry, StoxLanguage language)
{
    if (strcmp(content->name, "state") == 0)
        read_state(categories, content, entry, language);
    else if (strcmp(content->name, "legacyInterop") == 0)
        read_legacy(categories, content, entry);
    else if (strcmp(content->name, "note") == 0)
        read_note(categories, content, entry);
    else if (strcmp(content->name, "contactCard") == 0)
        read_card(categories, content, entry);
    else if (strcmp(content->name, "services") == 0)
        read_services(categories, content, entry);
}

/*
 * expireType says how long the server keeps an instance (as long as the endpoint, the user, for ever); when one goes, the server says so with an empty category,
 * so there is no clock here.
 */
static void read_category(StoxCategories *categories, const StoxXmlNode *category,
                          StoxLanguage language)
{
    const char *name = stox_xml_attr(category, "name");
    StoxCategoryEntry plain = {
        .instance = stox_presence_number(stox_xml_attr(category, "instance")),
        .published_ms = stox_presence_time(stox_xml_attr(category, "publishTime")),
    };

    if (!category->first_child && name)
        take_back(categories, name, &plain);
    for (const StoxXmlNode *content = category->first_child; content; content = content->next) {
        StoxCategoryEntry entry = plain;

        read_content(categories, content, &entry, language);
    }
}

void stox_categories_read(StoxCategories *categories, const StoxXmlNode *root,
                          const StoxPresenceReading *how)
{
    for (const StoxXmlNode *child = root->first_child; child; child = child->next) {
        StoxCategoryEntry plain = {.instance = 0};

        if (stox_xml_is(child, NS_CATEGORIES, "category"))
            read_category(categories, child, how->language);
        else if (strcmp(child->name, "legacyInterop") == 0)
            read_legacy(categories, child, &plain);
    }
}
