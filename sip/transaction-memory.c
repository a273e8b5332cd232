/* SPDX-License-Identifier: MIT */
/* A ring of entries, oldest first, and two tables of chains through it. Both grow with the number of entries and go when there is none. */
#include "sip/transaction-memory.h"

enum { FIRST_ROOM = 64 };

#define NOWHERE UINT32_MAX

typedef struct {
    uint64_t key, call;
    GBytes *last;
    int64_t expires_ms;
    uint32_t next_by_key, next_by_call; /* ring places; NOWHERE ends the chain */
    uint16_t status;
    bool invite;
} Entry;

struct StoxTxMemory {
    size_t max, max_bytes;
    size_t bytes;
    Entry *ring;
    uint32_t *by_key, *by_call; /* ring places, newest of the chain first */
    size_t room;                /* of each of the three; a power of two */
    size_t count;
    uint64_t oldest;     /* counts on; its ring place is the rest modulo room */
    uint64_t with_bytes; /* no entry older than this one has bytes */
};

StoxTxMemory *stox_tx_memory_new(size_t max, size_t max_bytes)
{
    StoxTxMemory *memory = g_new0(StoxTxMemory, 1);

    memory->max = max;
    memory->max_bytes = max_bytes;
    return memory;
}

uint64_t stox_tx_hash(uint64_t hash, const char *text)
{
    const uint64_t prime = 1099511628211u;

    for (; *text; text++)
        hash = (hash ^ (unsigned char) *text) * prime;
    return hash * prime;
}

static Entry *entry_at(const StoxTxMemory *memory, uint64_t position)
{
    return &memory->ring[position & (memory->room - 1)];
}

static void link_entry(StoxTxMemory *memory, uint64_t position)
{
    uint32_t place = (uint32_t) (position & (memory->room - 1));
    Entry *entry = &memory->ring[place];
    uint32_t *by_key = &memory->by_key[entry->key & (memory->room - 1)];
    uint32_t *by_call = &memory->by_call[entry->call & (memory->room - 1)];

    entry->next_by_key = *by_key;
    *by_key = place;
    if (!entry->call)
        return;
    entry->next_by_call = *by_call;
    *by_call = place;
}

/* The oldest is the last of its chains. */
static void unlink_oldest(StoxTxMemory *memory)
{
    uint32_t place = (uint32_t) (memory->oldest & (memory->room - 1));
    const Entry *entry = &memory->ring[place];
    uint32_t *at;

    for (at = &memory->by_key[entry->key & (memory->room - 1)]; *at != place;)
        at = &memory->ring[*at].next_by_key;
    *at = NOWHERE;
    if (!entry->call)
        return;
    for (at = &memory->by_call[entry->call & (memory->room - 1)]; *at != place;)
        at = &memory->ring[*at].next_by_call;
    *at = NOWHERE;
}

static void drop_bytes(StoxTxMemory *memory, Entry *entry)
{
    if (!entry->last)
        return;
    memory->bytes -= g_bytes_get_size(entry->last);
    g_clear_pointer(&entry->last, g_bytes_unref);
}

static void set_room(StoxTxMemory *memory, size_t room)
{
    Entry *ring = room ? g_new(Entry, room) : NULL;

    for (size_t i = 0; i < memory->count; i++)
        ring[(memory->oldest + i) & (room - 1)] = *entry_at(memory, memory->oldest + i);
    g_free(memory->ring);
    g_free(memory->by_key);
    g_free(memory->by_call);
    memory->ring = ring;
    memory->by_key = room ? g_new(uint32_t, room) : NULL;
    memory->by_call = room ? g_new(uint32_t, room) : NULL;
    memory->room = room;
    for (size_t i = 0; i < room; i++)
        memory->by_key[i] = memory->by_call[i] = NOWHERE;
    for (size_t i = 0; i < memory->count; i++)
        link_entry(memory, memory->oldest + i);
}

static void forget_oldest(StoxTxMemory *memory)
{
    drop_bytes(memory, entry_at(memory, memory->oldest));
    unlink_oldest(memory);
    memory->oldest++;
    memory->count--;
}

void stox_tx_memory_free(StoxTxMemory *memory)
{
    if (!memory)
        return;
    for (size_t i = 0; i < memory->count; i++)
        drop_bytes(memory, entry_at(memory, memory->oldest + i));
    g_free(memory->ring);
    g_free(memory->by_key);
    g_free(memory->by_call);
    g_free(memory);
}

/* Answers are what costs; the oldest are wanted least. */
static void limit_bytes(StoxTxMemory *memory)
{
    memory->with_bytes = MAX(memory->with_bytes, memory->oldest);
    while (memory->bytes > memory->max_bytes)
        drop_bytes(memory, entry_at(memory, memory->with_bytes++));
}

void stox_tx_memory_add(StoxTxMemory *memory, const StoxAnswered *answered, int64_t expires_ms)
{
    Entry *entry;

    if (memory->max == 0)
        return;
    if (memory->count >= memory->max)
        forget_oldest(memory);
    if (memory->count >= memory->room)
        set_room(memory, memory->room ? 2 * memory->room : FIRST_ROOM);
    entry = entry_at(memory, memory->oldest + memory->count);
    *entry = (Entry){.key = answered->key,
                     .call = answered->call,
                     .last = answered->last ? g_bytes_ref(answered->last) : NULL,
                     .expires_ms = expires_ms,
                     .status = (uint16_t) answered->status,
                     .invite = answered->invite};
    link_entry(memory, memory->oldest + memory->count);
    memory->count++;
    memory->bytes += entry->last ? g_bytes_get_size(entry->last) : 0;
    limit_bytes(memory);
}

bool stox_tx_memory_find(const StoxTxMemory *memory, uint64_t key, StoxAnswered *ret_answered)
{
    uint32_t place = memory->room ? memory->by_key[key & (memory->room - 1)] : NOWHERE;

    while (place != NOWHERE && memory->ring[place].key != key)
        place = memory->ring[place].next_by_key;
    if (place == NOWHERE)
        return false;
    *ret_answered = (StoxAnswered){.key = key,
                                   .call = memory->ring[place].call,
                                   .status = memory->ring[place].status,
                                   .invite = memory->ring[place].invite,
                                   .last = memory->ring[place].last};
    return true;
}

bool stox_tx_memory_has_call(const StoxTxMemory *memory, uint64_t call)
{
    uint32_t place = memory->room ? memory->by_call[call & (memory->room - 1)] : NOWHERE;

    while (place != NOWHERE && memory->ring[place].call != call)
        place = memory->ring[place].next_by_call;
    return place != NOWHERE;
}

void stox_tx_memory_expire(StoxTxMemory *memory, int64_t now_ms)
{
    while (memory->count > 0 && entry_at(memory, memory->oldest)->expires_ms <= now_ms)
        forget_oldest(memory);
    if (memory->count == 0 && memory->room > FIRST_ROOM)
        set_room(memory, 0);
}

int64_t stox_tx_memory_next(const StoxTxMemory *memory)
{
    return memory->count ? entry_at(memory, memory->oldest)->expires_ms : STOX_NEVER;
}

size_t stox_tx_memory_count(const StoxTxMemory *memory)
{
    return memory->count;
}
