/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/block.h - predecoded blocks of one processor: runs of instructions inside one 4 KiB page,
 * keyed by host address and decode mode.
 *
 * Blocks are found by where their code is in memory, so they outlive changes of translation. A block is good while its
 * page has the generation it was decoded in (cpu/code_map.h); what runs when that changes finishes its block (the ISA
 * promises a change only after isync).
 * Thread: the processor's own. */
#ifndef CPU_BLOCK_H
#define CPU_BLOCK_H

#include "cpu/code_map.h"
#include "cpu/cpu.h"
#include "cpu/limits.h"
#include "cpu/op.h"

struct block {
    const uint8_t *host;        /* its first instruction */
    const struct op *ops;
    struct code_page *page;
    /* A translation that starts here; NULL: none known. May be dead, or not for this effective address. */
    struct jit_trace *trace;
    uint32_t gen;               /* of the page when it was decoded */
    uint32_t heat;              /* how often it started since it was decoded or lost its translation */
    uint32_t hash_next;         /* block number + 1; 0 ends */
    uint32_t link[2];
    uint16_t link_off[2];       /* successors in the same page: offset of their first byte; 0xffff none */
    uint16_t n_ops;
    uint8_t mode;               /* cpu.block_mode it was decoded for */
    uint8_t next_link : 1;      /* which link to replace next */
    uint8_t indirect : 1;       /* ends in a branch to LR or CTR */
    /* Low half of where that branch went, in its two low bits how often in a row, up to 3; 0: out of our 4 GiB. */
    uint32_t target;
};
_Static_assert(sizeof(struct block) == 64, "a cache line each");

struct block_cache;
struct jit_trace;

/* The branch at the end of b, between blocks that began at `from` and begin at `to`. */
static inline void block_went(struct block *b, uint64_t from, uint64_t to)
{
    uint32_t target = (to ^ from) >> 32 ? 0 : (uint32_t)to & ~3u;

    if ((b->target & ~3u) == target)
        b->target += (b->target & 3) != 3;
    else if (b->target & 3)
        b->target--;
    else
        b->target = target;
}

/* Where the branch at `at`, the end of b, usually goes; 0: not known. */
static inline uint64_t block_usual_target(const struct block *b, uint64_t at)
{
    return (b->target & 3) == 3 && b->target > 3 ? (at & ~0xffffffffull) | (b->target & ~3u) : 0;
}

struct block_cache *block_cache_new(void);      /* NULL: no memory */
void block_cache_free(struct block_cache *bc);

static inline bool block_is_good(const struct block *b)
{
    return code_page_gen(b->page) == b->gen;
}

/* The block at host for the processor's present mode if there is one. */
struct block *block_find(struct cpu *c, const uint8_t *host);

/* The same, decoded if new. Never NULL: the oldest part of a full pool is used again (blocks handed
 * out before may be gone then: ask for block_cache_epoch()). */
struct block *block_get(struct cpu *c, const uint8_t *host);
struct block *block_at(struct block_cache *bc, uint32_t number);
uint32_t block_number(const struct block_cache *bc, const struct block *b);
uint64_t block_cache_epoch(const struct block_cache *bc);

struct block_counts {
    uint64_t decoded;
    uint64_t evictions;         /* times a part of the pool was used again */
};
struct block_counts block_cache_counts(const struct block_cache *bc);

#endif
