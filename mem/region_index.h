/* SPDX-License-Identifier: Apache-2.0 */
/* mem/region_index.h - which mapped regions overlap a range of addresses: a B+ tree of 16 entries per node, by start.
 *
 * Regions of one start share an entry, chained through themselves.  Every entry knows the highest last address of what
 * is below it.  Numbered for the code that relies on them:
 *  I1  start[i] is not above any start below entry i, and start[i + 1] is above all of them.
 *  I2  Removing never frees or joins nodes: that is region_index_tidy()'s work, after the transaction.  So each leaf
 *      holds at most 16 of the starts that were there when the transaction began, and putting those back after taking
 *      the new ones out needs no memory.
 * Thread: the holder of the map's lock. */
#ifndef MEM_REGION_INDEX_H
#define MEM_REGION_INDEX_H

#include "mem/mem_region_int.h"
#include "mem/slab.h"

struct index_node;

struct region_index {
    struct index_node *root;            /* NULL: nothing was ever added */
    unsigned height;                    /* levels above the leaves: they are asked for without a look at them */
    struct index_node *spare;           /* chained by at[0] */
    struct slab slab;
};

void region_index_fini(struct region_index *x);
/* At r->now.start; r must not be in an index.  0 or -ENOMEM. */
int region_index_add(struct region_index *x, struct mem_region *r);
/* Sets r->sparse when region_index_tidy() is due. */
void region_index_del(struct region_index *x, struct mem_region *r);
/* After a transaction that removed a region which began here: joins what became too small. */
void region_index_tidy(struct region_index *x, uint64_t start);
/* Calls fn for every region that overlaps [start, last], lowest start first, until it returns false. */
bool region_index_walk(const struct region_index *x, uint64_t start, uint64_t last,
                       bool (*fn)(struct mem_region *r, void *arg), void *arg);
struct mem_region *region_index_first(const struct region_index *x);      /* NULL: none */
/* Asks for the cache lines that work at an address will need. */
void region_index_fetch(const struct region_index *x, uint64_t start);

#endif
