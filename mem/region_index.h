/* SPDX-License-Identifier: Apache-2.0 */
/* mem/region_index.h - which mapped regions overlap a range of addresses: an interval treap through the regions themselves.
 *
 * Ordered by start; every node knows the highest last address below it.  Inserting and removing allocate nothing, so
 * undoing a transaction cannot fail.  Thread: the holder of the map's lock. */
#ifndef MEM_REGION_INDEX_H
#define MEM_REGION_INDEX_H

#include "mem/mem_region_int.h"

struct region_index {
    struct mem_region *root;
    uint32_t random;            /* state of the ranks' generator; not 0 */
};

/* At r->now.start; r must not be in an index. */
void region_index_add(struct region_index *x, struct mem_region *r);
void region_index_del(struct region_index *x, struct mem_region *r);
/* Calls fn for every region that overlaps [start, last], lowest start first, until it returns false. */
bool region_index_walk(const struct region_index *x, uint64_t start, uint64_t last,
                       bool (*fn)(struct mem_region *r, void *arg), void *arg);

#endif
