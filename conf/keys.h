/* SPDX-License-Identifier: MIT */
/* The one table of groups and keys: type, default, bounds, help. Reader, check, sample and environment all follow it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum {
    STOX_TYPE_TEXT,        /* char* */
    STOX_TYPE_DURATION,    /* unsigned, seconds */
    STOX_TYPE_SIZE,        /* unsigned, bytes */
    STOX_TYPE_COUNT,       /* unsigned */
    STOX_TYPE_BOOLEAN,     /* bool */
    STOX_TYPE_PATH,        /* char*, absolute */
    STOX_TYPE_HOST,        /* char* */
    STOX_TYPE_HOSTS,       /* GStrv */
    STOX_TYPE_DOMAINS,     /* GStrv, canonical */
    STOX_TYPE_SERVER,      /* host[:port]; server_host and server_port */
    STOX_TYPE_LISTENS,     /* StoxListenSettings */
    STOX_TYPE_NEXT_HOPS,   /* kind and StoxNextHop of a hop */
    STOX_TYPE_CHOICE,      /* an enum: the place in `choices` */
    STOX_TYPE_TLS_VERSION, /* unsigned: 10 to 13 */
    STOX_TYPE_SECRET,      /* the secret itself: its value is never repeated in a finding */
    STOX_TYPE_SECRET_FILE, /* path of a file with the secret */
    STOX_TYPE_UNSUPPORTED  /* named by the design, not by this version: an error that says so */
} StoxKeyType;

typedef struct {
    const char *kind; /* of the group: "component", "domain", ... */
    const char *name; /* NULL: every key of the group (a group that is not supported yet) */
    StoxKeyType type;
    const char *fallback; /* the default as it would be written; NULL: see `without` */
    const char
        *without; /* what holds without it; NULL together with `fallback`: the key is required */
    uint64_t min, max; /* for numbers; both 0: no bound */
    size_t offset;     /* into the group's struct, for types that fill one field */
    const char *help;  /* one sentence */
    const char
        *choices[5]; /* of STOX_TYPE_CHOICE, in the order of the enum; NULL behind the last */
} StoxKey;

typedef struct {
    const char *kind;
    const char *argument; /* what follows the kind in the header ("DOMAIN"); NULL: nothing */
    const char *help;
} StoxGroupKind;

/* Both end with an element whose `kind` is NULL. */
extern const StoxKey stox_keys[];
extern const StoxGroupKind stox_group_kinds[];

const StoxGroupKind *stox_group_kind(const char *kind);
/* NULL: no such key in that group. */
const StoxKey *stox_key(const char *kind, const char *name);
bool stox_key_required(const StoxKey *key);

/* The nearest name for one that does not exist; NULL: nothing is near. Borrowed. */
const char *stox_nearest_kind(const char *kind);
const char *stox_nearest_key(const char *kind, const char *name);
/* Edit distance (insert, delete, replace, swap of neighbours), case and - _ ignored. */
unsigned stox_name_distance(const char *a, const char *b);
/* The first of the NULL-terminated names with the smallest distance that is small enough to be meant; NULL: none. */
const char *stox_nearest_name(const char *name, const char *const *names);
