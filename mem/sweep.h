/* SPDX-License-Identifier: Apache-2.0 */
/* mem/sweep.h - which region answers where, in a window of addresses: the rule of priorities, worked out.
 *
 * O(k log k) for k regions overlapping the window.  Thread: the holder of the map's lock. */
#ifndef MEM_SWEEP_H
#define MEM_SWEEP_H

#include "mem/flat.h"
#include "mem/region_index.h"

#include <stddef.h>

/* A vector that keeps its memory between uses. */
struct flat_vec {
    struct flat_range *r;
    size_t n, room;
};

struct sweep {
    struct mem_region **region;         /* those overlapping the window, lowest start first */
    size_t n, room;
    struct mem_region **heap;           /* those that may still answer, best first; as roomy as region */
    size_t heap_n;
};

/* Appends the answers inside [start, last], in order and joined, to out.  0 or -ENOMEM (out then holds rubbish). */
int sweep_run(struct sweep *s, const struct region_index *x, uint64_t start, uint64_t last, struct flat_vec *out);
void sweep_fini(struct sweep *s);

int flat_vec_add(struct flat_vec *v, const struct flat_range *r);       /* 0 or -ENOMEM */

#endif
