/* SPDX-License-Identifier: Apache-2.0 */
/* mem/mem_region_int.h - a region's inside, for the map's own files.
 *
 * Readers reach a struct mem_source through the view, never a region.  Two neighbouring ranges with the same source
 * and continuing offsets are one range: so all RAM of one block that is contiguous is one
 * range, whatever its pieces. */
#ifndef MEM_MEM_REGION_INT_H
#define MEM_MEM_REGION_INT_H

#include "base/rcu.h"
#include "mem/mem_region.h"

#include <stdatomic.h>

struct mem_map;

struct mem_source {                     /* constant once made */
    enum mem_kind kind;
    uint8_t *host;                      /* of offset 0; NULL: not RAM or ROM */
    const struct mem_ops *ops;
    void *opaque;
    struct dirty_log *log;              /* NULL: nobody tracks */
    struct ram_block *block;
};

struct ram_block {
    struct mem_source ram, rom;
    uint64_t len;
    bool log_follows;                   /* the log has pages only where regions are mapped */
    void (*gone)(void *opaque);
    void *opaque;
    atomic_uint refs;
    struct rcu_head rcu;
};

struct mem_place {                      /* what a transaction can change of a region */
    bool mapped, enabled;
    int priority;
    uint64_t start;
    uint64_t seq;                       /* of equals the one mapped last answers */
};

struct mem_region {
    /* Two cache lines: what working out a view reads, and what a transaction does beside.  M: guarded by the lock of
     * the map the region is (or was last) mapped in; others are constant. */
    struct mem_place now;               /* M */
    uint64_t last;                      /* M, with next_same: region_index.c's */
    struct mem_region *next_same;
    const struct mem_source *src;       /* NULL: alias */
    uint64_t src_off;                   /* where the region's first byte is in its source (alias: in its target) */
    struct mem_region *target;          /* alias: counted, never an alias itself */

    bool touched;                       /* M, as the next three */
    bool sparse;                        /* its leaving left little in a node of the index */
    atomic_uint refs;
    struct mem_place before;            /* at the start of the transaction, while touched */
    struct mem_region *next_touched;
    struct mem_map *map;                /* M; NULL: not mapped */
    uint64_t len;
    struct ram_block *block;            /* counted, or NULL */

    struct mem_source own;              /* MMIO and reserved */
    struct mem_region *aliases, *next_alias;        /* M: mapped aliases of this target */
    struct rcu_head rcu;
} __attribute__((aligned(64)));

static inline void mem_region_get(struct mem_region *r)
{
    atomic_fetch_add_explicit(&r->refs, 1, memory_order_relaxed);
}

/* The source that answers for a mapped region and the offset of its first byte there; NULL: disabled. */
static inline const struct mem_source *mem_region_source(const struct mem_region *r, uint64_t *off)
{
    const struct mem_region *t = r->target ? r->target : r;

    if (!r->now.enabled || !t->now.enabled)
        return NULL;
    *off = t->src_off + (r->target ? r->src_off : 0);
    return t->src;
}

/* A block whose log has pages present only where regions of it are mapped (the RAM window). */
struct ram_block *ram_block_new_empty(void *host, uint64_t len);

#endif
