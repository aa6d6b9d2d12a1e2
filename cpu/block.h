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
    uint8_t next_link;          /* which link to replace next */
};
_Static_assert(sizeof(struct block) == 64, "a cache line each");

struct block_cache;
struct jit_trace;

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
