/* SPDX-License-Identifier: Apache-2.0 */
/* papr/pteg_map.h - one byte (a bit per entry) for every group of the hash table, with a summary that skips empty
 * stretches.
 *
 * Lives in lazily zeroed memory that the owner maps.  Level 0 of the summary has a bit per 64 groups (a cache line of
 * bytes), each higher level a bit per word of the one below.  A summary bit is set before its byte becomes non-zero and
 * never cleared: it may promise too much, never too little.
 *
 * Threads: a byte is changed under its group's lock; everything is atomic, so that pteg_map_next() may run beside
 * changes: it finds every byte that stays non-zero from before it was called. */
#ifndef PAPR_PTEG_MAP_H
#define PAPR_PTEG_MAP_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#define PTEG_MAP_LEVELS 6

struct pteg_map {
    _Atomic uint8_t *byte; /* n of them; relaxed */
    _Atomic uint64_t *level[PTEG_MAP_LEVELS];
    unsigned levels; /* the last one has a single word */
    uint64_t n;      /* groups, a power of two, at least 64 */
};

/* Zeroed bytes needed for n groups; a multiple of 64. */
size_t pteg_map_bytes(uint64_t n);
/* Puts the map into `room` (pteg_map_bytes(n), zeroed, aligned to 64), which stays the caller's. */
void pteg_map_init(struct pteg_map *m, uint64_t n, void *room);

void pteg_map_mark_slow(struct pteg_map *m, uint64_t pteg);
static inline void pteg_map_mark(struct pteg_map *m, uint64_t pteg)
{
    if (!(atomic_load_explicit(&m->level[0][pteg >> 12], memory_order_relaxed) >> (pteg >> 6 & 63) & 1))
        pteg_map_mark_slow(m, pteg);
}

static inline uint8_t pteg_map_get(const struct pteg_map *m, uint64_t pteg)
{
    return atomic_load_explicit(&m->byte[pteg], memory_order_relaxed);
}

/* Under the group's lock. */
static inline void pteg_map_put(struct pteg_map *m, uint64_t pteg, uint8_t bits)
{
    if (bits)
        pteg_map_mark(m, pteg);
    atomic_store_explicit(&m->byte[pteg], bits, memory_order_relaxed);
}

/* The first group at or after `pteg` whose byte may be non-zero; m->n when there is none. */
uint64_t pteg_map_next(const struct pteg_map *m, uint64_t pteg);

#endif
