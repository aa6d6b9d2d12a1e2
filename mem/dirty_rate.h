/* SPDX-License-Identifier: Apache-2.0 */
/* mem/dirty_rate.h - how fast RAM changes, estimated without tracking anything: sampled pages are hashed now and later.
 *
 * Nothing is armed, no soft TLB is flushed, no store is slower; pages the host never gave are not touched into being.
 * The estimate counts a page once however often it changes, so it is what a migration would resend after that time.
 * Threads: any, registered with RCU. */
#ifndef MEM_DIRTY_RATE_H
#define MEM_DIRTY_RATE_H

#include "mem/mem_map.h"

struct dirty_rate;

struct dirty_rate_result {
    uint64_t ram_bytes;         /* mapped when the measurement began */
    unsigned sampled, changed;  /* pages; one that is no RAM any more does not count */
    double seconds;
    double bytes_per_second;
};

/* Takes samples pages at random places of all RAM.  NULL: no memory, or no RAM. */
struct dirty_rate *dirty_rate_begin(struct mem_map *m, unsigned samples, uint64_t seed);
/* Looks at them again and frees d. */
void dirty_rate_end(struct dirty_rate *d, struct dirty_rate_result *out);

#endif
