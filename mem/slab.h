/* SPDX-License-Identifier: Apache-2.0 */
/* mem/slab.h - memory for nodes of one size: near each other, never given back one by one.
 *
 * Chunks grow from 16 KiB to 2 MiB; the big ones are huge pages where the host has them, because a tree whose nodes lie
 * all over the heap costs a look-up a TLB miss per level (docs/benchmarks-memory.md).
 * The user keeps spare nodes in a list of its own.
 * Thread: the user's, one at a time. */
#ifndef MEM_SLAB_H
#define MEM_SLAB_H

#include <stddef.h>

struct slab_chunk;

struct slab {                           /* all 0: empty */
    struct slab_chunk *chunks;
    size_t bytes, used;                 /* of the newest chunk */
};

/* size: the same each time, a multiple of 64; aligned to 64.  NULL: no memory. */
void *slab_get(struct slab *s, size_t size);
void slab_fini(struct slab *s);         /* frees all nodes */

#endif
