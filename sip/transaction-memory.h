/* SPDX-License-Identifier: MIT */
/*
 * Requests that have their final answer, for as long as a copy of them may still be under way (Timer J): a few bytes each, oldest first out. No clock; sip/transaction only.
 */
#pragma once

#include "translation/types.h"

typedef struct StoxTxMemory StoxTxMemory;

typedef struct {
    uint64_t key;    /* of the request with its branch */
    uint64_t call;   /* of the request by whatever way (RFC 3261 s8.2.2.2); 0: it may come again */
    unsigned status; /* of the final answer; 0: there was none */
    bool invite;
    GBytes *last; /* the answer itself; NULL when its status says it all */
} StoxAnswered;

/* At most `max` requests and `max_bytes` of answers: over the first the oldest is forgotten, over the second the oldest keeps its status only. */
StoxTxMemory *stox_tx_memory_new(size_t max, size_t max_bytes);
void stox_tx_memory_free(StoxTxMemory *memory);

/* 64-bit FNV-1a over the text and its NUL, going on from `hash`. */
uint64_t stox_tx_hash(uint64_t hash, const char *text);

/* `answered` is copied, its bytes are referenced. `expires_ms` must not be before that of an earlier one. */
void stox_tx_memory_add(StoxTxMemory *memory, const StoxAnswered *answered, int64_t expires_ms);
/* The newest with this key; false: none. *ret_answered is borrowed until the memory changes. */
bool stox_tx_memory_find(const StoxTxMemory *memory, uint64_t key, StoxAnswered *ret_answered);
bool stox_tx_memory_has_call(const StoxTxMemory *memory, uint64_t call);
/* Forgets what expires at or before `now_ms`. */
void stox_tx_memory_expire(StoxTxMemory *memory, int64_t now_ms);
/* When the oldest expires; STOX_NEVER: there is none. */
int64_t stox_tx_memory_next(const StoxTxMemory *memory);
size_t stox_tx_memory_count(const StoxTxMemory *memory);
