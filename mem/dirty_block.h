/* SPDX-License-Identifier: Apache-2.0 */
/* mem/dirty_block.h - one fixed-size piece of a dirty bitmap: two halves, each with a summary line.
 *
 * Geometry: 2^18 pages; a half is 4096 words, 512 cache lines; one summary bit per line, so the summary of a half is
 * exactly one cache line.  The words are mapped lazily: a page of bitmap costs memory once it was marked in.
 *
 * Threads: marking needs the caller's read section.  Turning and harvesting: the one collector.  Invariants:
 *  B1  A set word bit in a half implies its summary bit once the marker's read section ended.
 *  B2  Between collections the inactive half and its summary are all zero. */
#ifndef MEM_DIRTY_BLOCK_H
#define MEM_DIRTY_BLOCK_H

#include "base/rcu.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define DIRTY_BLOCK_SHIFT 18
#define DIRTY_BLOCK_PAGES (1ull << DIRTY_BLOCK_SHIFT)
#define DIRTY_BLOCK_WORDS (DIRTY_BLOCK_PAGES / 64)
#define DIRTY_LINE_WORDS 8
#define DIRTY_LINES (DIRTY_BLOCK_WORDS / DIRTY_LINE_WORDS)
#define DIRTY_LINE_PAGES (64 * DIRTY_LINE_WORDS)
#define DIRTY_SUMMARY_WORDS (DIRTY_LINES / 64)

struct dirty_slab;

struct dirty_half {
    _Atomic uint64_t *word;             /* DIRTY_BLOCK_WORDS, page aligned; constant */
    _Atomic uint64_t *summary;          /* DIRTY_SUMMARY_WORDS, one cache line; constant */
};

struct dirty_block {
    struct dirty_half half[2];
    atomic_uint active;                 /* 0 or 1 */
    atomic_uint refs;                   /* the array's, and one of a collection under way */
    struct dirty_slab *slab;            /* whose memory this is; constant */
    struct dirty_block *collect_next;   /* guarded by the log's collect lock, as the next two */
    uint64_t collect_index;
    struct rcu_head rcu;
};

/* n blocks with all bits clear, one reference each, in one allocation; out[i] set.  0 or -ENOMEM. */
int dirty_blocks_new(struct dirty_block **out, uint64_t n);
void dirty_block_put(struct dirty_block *b);            /* at once */
void dirty_block_put_deferred(struct dirty_block *b);   /* after a grace period */
bool dirty_block_get_rcu(struct dirty_block *b);        /* false: on its way out */

/* Sets bits [first, first + n) of the active half, all inside the block; bits of one word of it. */
void dirty_block_mark_rcu(struct dirty_block *b, uint64_t first, uint64_t n);
void dirty_block_mark_word_rcu(struct dirty_block *b, uint64_t word, uint64_t bits);

static inline bool dirty_half_test(const struct dirty_half *h, uint64_t page)
{
    return atomic_load_explicit(&h->word[page / 64], memory_order_relaxed) >> (page % 64) & 1;
}

static inline const struct dirty_half *dirty_block_active(const struct dirty_block *b)
{
    return &b->half[atomic_load_explicit(&b->active, memory_order_acquire)];
}

#endif
