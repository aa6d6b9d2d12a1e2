/* SPDX-License-Identifier: Apache-2.0 */
/* mem/interval_sort.h - intervals in order of their starts. */
#ifndef MEM_INTERVAL_SORT_H
#define MEM_INTERVAL_SORT_H

#include <stddef.h>
#include <stdint.h>

struct map_interval {
    uint64_t start, last;
};

/* spare: room for n more.  Returns the one of the two arrays that holds the result. */
struct map_interval *interval_sort(struct map_interval *v, struct map_interval *spare, size_t n);

#endif
