/* SPDX-License-Identifier: Apache-2.0 */
/* mem/dirty_log_int.h - the log's inside, shared by dirty_log.c (pages, clients), dirty_dir.c (arrays of blocks),
 * dirty_mark.c (hot paths) and dirty_collect.c. */
#ifndef MEM_DIRTY_LOG_INT_H
#define MEM_DIRTY_LOG_INT_H

#include "base/lock.h"
#include "mem/dirty_block.h"
#include "mem/dirty_log.h"
#include "mem/dirty_scan.h"

/* Watched code is one more bitmap: a set bit means "tell the engine", only half 0 is used and nothing collects it. */
#define DIRTY_CODE DIRTY_NR_CLIENTS
#define DIRTY_NR_MAPS (DIRTY_NR_CLIENTS + 1)

/* Array of blocks, replaced by one of twice the size when it is too short; entries change in place. */
struct dirty_dir {
    struct rcu_head rcu;
    bool drop_blocks;                           /* the reclaimer puts the blocks too */
    uint64_t n;
    _Atomic(struct dirty_block *) block[];      /* NULL: no page present, or (code) nothing watched */
};

struct dirty_log {
    /* Read by markers. */
    atomic_uint armed;                          /* bit per map */
    unsigned page_shift;                        /* constant */
    _Atomic uint64_t epoch;
    _Atomic(struct dirty_dir *) dir[DIRTY_NR_MAPS];     /* written under lock */
    _Atomic(struct dirty_engine *) engines;     /* written under lock */

    struct lock lock;                           /* never held while waiting for readers */
    uint32_t *present;                          /* GUARDED_BY(lock): pages present per block index */
    uint64_t n_present;                         /* GUARDED_BY(lock): entries */

    struct lock collect_lock;                   /* one collection at a time; before lock in the order */
    const struct dirty_scan *scan;              /* constant */
};

static inline struct dirty_block *dirty_dir_block(const struct dirty_dir *d, uint64_t index)
{
    if (!d || index >= d->n)
        return NULL;
    return atomic_load_explicit(&d->block[index], memory_order_acquire);
}

static inline struct dirty_dir *dirty_log_dir(const struct dirty_log *log, unsigned map)
{
    return atomic_load_explicit(&log->dir[map], memory_order_acquire);
}

/* ---- dirty_dir.c ---- */
struct dirty_dir *dirty_dir_new(uint64_t n);                            /* empty; NULL: no memory */
void dirty_dir_free(struct dirty_dir *d);
void dirty_dir_reclaim(struct rcu_head *head);                          /* for call_rcu() */
int dirty_dir_lengthen(struct dirty_log *log, unsigned map, uint64_t n) REQUIRES(log->lock);
/* Fills the empty entries of [first, last] (of those where present is not 0; NULL: of all), or none: -ENOMEM. */
int dirty_dir_fill(struct dirty_dir *d, uint64_t first, uint64_t last, const uint32_t *present);
void dirty_dir_prune(struct dirty_log *log, unsigned map, uint64_t first, uint64_t last) REQUIRES(log->lock);

#endif
