/* SPDX-License-Identifier: MIT */
/* What a Lync server has said about one user, category instance by category instance, and what that shows. Private to translation/categories*.c and presence-document.c. */
#pragma once

#include "translation/presence-document-private.h"

#define NS_CATEGORIES "http://schemas.microsoft.com/2006/09/sip/categories"

/* One category may be several of these: a state by its xsi:type, a note by the type of its body. */
typedef enum {
    STOX_ENTRY_AGGREGATE, /* state: the server's sum of all others */
    STOX_ENTRY_USER,      /* state: chosen by hand */
    STOX_ENTRY_MACHINE,   /* state: of one device */
    STOX_ENTRY_PHONE,     /* state: is he in a call */
    STOX_ENTRY_CALENDAR,  /* state: is he in a meeting, out of office */
    STOX_ENTRY_LEGACY,    /* legacyInterop: the state for those that know no categories */
    STOX_ENTRY_NOTE,      /* personal note */
    STOX_ENTRY_OOF,       /* out-of-office note */
    STOX_ENTRY_CARD,
    STOX_ENTRY_SERVICES
} StoxCategoryKind;

/* One instance of a category. Empty (availability 0, no text) is one that was taken back. */
typedef struct StoxCategoryEntry StoxCategoryEntry;
struct StoxCategoryEntry {
    StoxCategoryEntry *next;
    int64_t published_ms;         /* publishTime; 0 when it has none */
    int64_t when_ms;              /* state: lastActive; OOF: endTime; 0 none */
    const StoxActivity *activity; /* state: token that holds now; NULL for none */
    char *text;                   /* state: custom activity; note; display name; NULL none */
    const char *lang;             /* of the text; static; NULL unknown */
    uint32_t instance;
    uint32_t availability; /* state; services: 1 when they are named */
    StoxCategoryKind kind;
    bool manual;  /* state: set by hand */
    bool no_text; /* services: he can take no messages */
};

StoxCategories *stox_categories_new(void);
/*
 * Replaces the instance of that kind, unless the one we have was published later (lync.md 4.8 d). What `entry` owns is taken over; `next` does not matter.
 */
void stox_categories_put(StoxCategories *categories, StoxCategoryEntry *entry);
/* The same for an instance of any kind from `first` to `last` that was taken back. */
void stox_categories_take_back(StoxCategories *categories, StoxCategoryKind first,
                               StoxCategoryKind last, uint32_t instance, int64_t published_ms);
/* What all of it shows: one presentity without a name, and the display name. */
void stox_categories_show(const StoxCategories *categories, const StoxPresenceReading *how,
                          StoxPresenceReport *report);

/* Reads a <categories/> document into the set (categories-read.c). */
void stox_categories_read(StoxCategories *categories, const StoxXmlNode *root,
                          const StoxPresenceReading *how);
