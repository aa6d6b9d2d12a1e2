/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/block.h - predecoded blocks: runs of instructions inside one 4 KiB page, keyed by host address and decode mode.
 *
 * Blocks are found by where their code is in memory, so they outlive changes of translation. A store into bytes that were decoded drops
 * the page's blocks; what runs at that moment finishes its block (the ISA promises a change only after isync).
 * Invariant: a page with blocks has no fast store path in the soft TLB (tlb.h), so every store to it comes through block_stored().
 * Thread: the processor's own. */
#ifndef CPU_BLOCK_H
#define CPU_BLOCK_H

#include "cpu/cpu.h"
#include "cpu/limits.h"
#include "cpu/op.h"

struct block {
    const uint8_t *host;        /* its first instruction */
    const struct op *ops;
    uint16_t n_ops;
    uint8_t mode;               /* cpu.block_mode it was decoded for */
    uint8_t next_link;          /* which link to replace next */
    uint16_t link_off[2];       /* successors in the same page: offset of their first byte; 0xffff none */
    uint32_t link[2];
    uint32_t heat;              /* how often it started since it was decoded or translated */
    struct jit_trace *code;     /* its translation, for effective address code_ea; NULL: none */
    uint64_t code_ea;
    uint32_t hash_next;         /* block numbers + 1; 0 ends */
    uint32_t page_next;
};

struct block_cache;
struct jit_trace;

/* dropped(opaque, page) hears of every page whose blocks go, dropped(opaque, 0) of all. NULL: no memory. */
struct block_cache *block_cache_new(void (*dropped)(void *opaque, uintptr_t page), void *opaque);
void block_cache_free(struct block_cache *bc);
void block_cache_flush(struct block_cache *bc);

/* The block at host for the processor's present mode if there is one. */
struct block *block_find(struct cpu *c, const uint8_t *host);

/* The same, decoded if new. Never NULL: the cache empties itself when full (blocks handed
 * out before are gone then: ask for block_cache_epoch()). */
struct block *block_get(struct cpu *c, const uint8_t *host);
struct block *block_at(struct block_cache *bc, uint32_t number);
uint32_t block_number(const struct block_cache *bc, const struct block *b);
uint64_t block_cache_epoch(const struct block_cache *bc);

/* After a store of len bytes at host. */
void block_stored(struct block_cache *bc, const uint8_t *host, uint64_t len);
/* May there be decoded code in these bytes? Exact for one page of 4 KiB, on the safe side for more. */
bool block_range_has_code(const struct block_cache *bc, const uint8_t *host, uint64_t len);

struct block_counts {
    uint64_t decoded, flushes, dropped_pages;
};
struct block_counts block_cache_counts(const struct block_cache *bc);

#endif
