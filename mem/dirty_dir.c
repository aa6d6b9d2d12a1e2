/* SPDX-License-Identifier: Apache-2.0 */
/* mem/dirty_dir.c - a map's array of blocks: made, lengthened, filled, pruned and freed. */
#include "mem/dirty_log_int.h"

#include <errno.h>
#include <stdlib.h>

void dirty_dir_free(struct dirty_dir *d)
{
    for (uint64_t i = 0; d->drop_blocks && i < d->n; i++) {
        struct dirty_block *b = atomic_load_explicit(&d->block[i], memory_order_relaxed);

        if (b)
            dirty_block_put(b);
    }
    free(d);
}

void dirty_dir_reclaim(struct rcu_head *head)
{
    rcu_grace_passed();
    dirty_dir_free(caa_container_of(head, struct dirty_dir, rcu));
}

struct dirty_dir *dirty_dir_new(uint64_t n)
{
    struct dirty_dir *d = calloc(1, sizeof(*d) + n * sizeof(d->block[0]));

    if (d)
        d->n = n;
    return d;
}

/* A longer array with the same blocks takes the old one's place; readers of the old one go on. */
int dirty_dir_lengthen(struct dirty_log *log, unsigned map, uint64_t n)
{
    struct dirty_dir *old = dirty_log_dir(log, map), *d;

    if (!old || old->n >= n)
        return 0;
    d = dirty_dir_new(n);
    if (!d)
        return -ENOMEM;
    for (uint64_t i = 0; i < old->n; i++)
        atomic_init(&d->block[i], atomic_load_explicit(&old->block[i], memory_order_relaxed));
    atomic_store_explicit(&log->dir[map], d, memory_order_release);
    call_rcu(&old->rcu, dirty_dir_reclaim);
    return 0;
}

/* Fills the empty entries of [first, last] for which want() holds, all or none. */
int dirty_dir_fill(struct dirty_dir *d, uint64_t first, uint64_t last, const uint32_t *present)
{
    struct dirty_block **fresh;
    uint64_t n = 0;

    for (uint64_t i = first; i <= last; i++)
        if ((!present || present[i]) && !atomic_load_explicit(&d->block[i], memory_order_relaxed))
            n++;
    if (!n)
        return 0;
    fresh = malloc(n * sizeof(*fresh));
    if (!fresh || dirty_blocks_new(fresh, n) < 0) {
        free(fresh);
        return -ENOMEM;
    }
    n = 0;
    for (uint64_t i = first; i <= last; i++)
        if ((!present || present[i]) && !atomic_load_explicit(&d->block[i], memory_order_relaxed))
            atomic_store_explicit(&d->block[i], fresh[n++], memory_order_release);
    free(fresh);
    return 0;
}

/* Blocks without a page present leave the array. */
void dirty_dir_prune(struct dirty_log *log, unsigned map, uint64_t first, uint64_t last)
{
    struct dirty_dir *d = dirty_log_dir(log, map);

    for (uint64_t i = first; d && i <= last && i < d->n; i++) {
        struct dirty_block *b = atomic_load_explicit(&d->block[i], memory_order_relaxed);

        if (!b || log->present[i])
            continue;
        atomic_store_explicit(&d->block[i], NULL, memory_order_release);
        dirty_block_put_deferred(b);
    }
}
