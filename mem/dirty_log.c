/* SPDX-License-Identifier: Apache-2.0 */
/* mem/dirty_log.c - which pages and which clients a log has: everything that allocates.
 *
 * All changes run under log->lock, allocate first and then change, and never wait for readers while they hold it. */
#include "mem/dirty_log_int.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int lengthen(struct dirty_log *log, uint64_t blocks) REQUIRES(log->lock)
{
    uint64_t n = log->n_present ? log->n_present : 16;
    uint32_t *present;

    while (n < blocks)
        n *= 2;
    if (n > log->n_present) {
        present = calloc(n, sizeof(*present));
        if (!present)
            return -ENOMEM;
        if (log->n_present)
            memcpy(present, log->present, log->n_present * sizeof(*present));
        free(log->present);
        log->present = present;
        log->n_present = n;
    }
    for (unsigned map = 0; map < DIRTY_NR_MAPS; map++)
        if (dirty_dir_lengthen(log, map, n) < 0)
            return -ENOMEM;
    return 0;
}

/* Pages of [page, page + n) that lie in block i. */
static uint32_t pages_in_block(uint64_t i, uint64_t page, uint64_t n)
{
    uint64_t from = i << DIRTY_BLOCK_SHIFT, to = from + DIRTY_BLOCK_PAGES;

    if (from < page)
        from = page;
    if (to > page + n)
        to = page + n;
    return (uint32_t)(to - from);
}

static int grow_locked(struct dirty_log *log, uint64_t page, uint64_t n) REQUIRES(log->lock)
{
    uint64_t first = page >> DIRTY_BLOCK_SHIFT, last = (page + n - 1) >> DIRTY_BLOCK_SHIFT;

    if (lengthen(log, last + 1) < 0)
        return -ENOMEM;
    for (unsigned c = 0; c < DIRTY_NR_CLIENTS; c++) {
        struct dirty_dir *d = dirty_log_dir(log, c);

        if (d && dirty_dir_fill(d, first, last, NULL) < 0) {
            for (unsigned undo = 0; undo < c; undo++)
                dirty_dir_prune(log, undo, first, last);
            return -ENOMEM;
        }
    }
    for (uint64_t i = first; i <= last; i++)
        log->present[i] += pages_in_block(i, page, n);
    return 0;
}

static bool aligned(const struct dirty_log *log, uint64_t off, uint64_t len)
{
    return len && off + len > off && !((off | len) & ((1ull << log->page_shift) - 1));
}

int dirty_log_grow(struct dirty_log *log, uint64_t off, uint64_t len)
{
    int rc;

    if (!aligned(log, off, len))
        return -EINVAL;
    lock_take(&log->lock);
    rc = grow_locked(log, off >> log->page_shift, len >> log->page_shift);
    lock_drop(&log->lock);
    return rc;
}

static int shrink_locked(struct dirty_log *log, uint64_t page, uint64_t n) REQUIRES(log->lock)
{
    uint64_t first = page >> DIRTY_BLOCK_SHIFT, last = (page + n - 1) >> DIRTY_BLOCK_SHIFT;

    if (last >= log->n_present)
        return -EINVAL;
    for (uint64_t i = first; i <= last; i++)
        if (log->present[i] < pages_in_block(i, page, n))
            return -EINVAL;
    for (uint64_t i = first; i <= last; i++)
        log->present[i] -= pages_in_block(i, page, n);
    for (unsigned map = 0; map < DIRTY_NR_MAPS; map++)
        dirty_dir_prune(log, map, first, last);
    return 0;
}

int dirty_log_shrink(struct dirty_log *log, uint64_t off, uint64_t len)
{
    int rc;

    if (!aligned(log, off, len))
        return -EINVAL;
    lock_take(&log->lock);
    rc = shrink_locked(log, off >> log->page_shift, len >> log->page_shift);
    lock_drop(&log->lock);
    return rc;
}

/* Publishes an array for the map with a block wherever pages are present (all false: empty). */
static int start_map(struct dirty_log *log, unsigned map, bool all) REQUIRES(log->lock)
{
    struct dirty_dir *d = dirty_dir_new(log->n_present);

    if (!d || (all && log->n_present && dirty_dir_fill(d, 0, log->n_present - 1, log->present) < 0)) {
        free(d);
        return -ENOMEM;
    }
    atomic_store_explicit(&log->dir[map], d, memory_order_release);
    atomic_fetch_or_explicit(&log->armed, 1u << map, memory_order_release);
    return 0;
}

static void stop_map(struct dirty_log *log, unsigned map) REQUIRES(log->lock)
{
    struct dirty_dir *d = dirty_log_dir(log, map);

    atomic_fetch_and_explicit(&log->armed, ~(1u << map), memory_order_release);
    atomic_store_explicit(&log->dir[map], NULL, memory_order_release);
    if (!d)
        return;
    d->drop_blocks = true;
    call_rcu(&d->rcu, dirty_dir_reclaim);
}

int dirty_log_arm(struct dirty_log *log, enum dirty_client client)
{
    int rc = -EBUSY;

    lock_take(&log->lock);
    if (!dirty_log_dir(log, client))
        rc = start_map(log, client, true);
    lock_drop(&log->lock);
    if (rc == 0)
        dirty_log_sync(log);
    return rc;
}

void dirty_log_disarm(struct dirty_log *log, enum dirty_client client)
{
    lock_take(&log->lock);
    stop_map(log, client);
    lock_drop(&log->lock);
}

bool dirty_log_armed(const struct dirty_log *log, enum dirty_client client)
{
    return atomic_load_explicit(&log->armed, memory_order_acquire) >> client & 1;
}

static void watch_bits(struct dirty_dir *d, uint64_t page, uint64_t last, bool on)
{
    for (; page <= last; page++) {
        struct dirty_block *b = dirty_dir_block(d, page >> DIRTY_BLOCK_SHIFT);
        uint64_t in = page & (DIRTY_BLOCK_PAGES - 1), bit = 1ull << in % 64;

        if (b && on)
            atomic_fetch_or_explicit(&b->half[0].word[in / 64], bit, memory_order_release);
        else if (b)
            atomic_fetch_and_explicit(&b->half[0].word[in / 64], ~bit, memory_order_release);
    }
}

static int watch_locked(struct dirty_log *log, uint64_t page, uint64_t last) REQUIRES(log->lock)
{
    struct dirty_dir *d;

    if (last >> DIRTY_BLOCK_SHIFT >= log->n_present)
        return -EINVAL;
    if (!dirty_log_dir(log, DIRTY_CODE) && start_map(log, DIRTY_CODE, false) < 0)
        return -ENOMEM;
    d = dirty_log_dir(log, DIRTY_CODE);
    if (dirty_dir_fill(d, page >> DIRTY_BLOCK_SHIFT, last >> DIRTY_BLOCK_SHIFT, log->present) < 0)
        return -ENOMEM;
    watch_bits(d, page, last, true);
    return 0;
}

int dirty_log_watch_code(struct dirty_log *log, uint64_t off, uint64_t len)
{
    int rc;

    if (!len || off + len - 1 < off)
        return -EINVAL;
    lock_take(&log->lock);
    rc = watch_locked(log, off >> log->page_shift, (off + len - 1) >> log->page_shift);
    lock_drop(&log->lock);
    atomic_fetch_add(&log->epoch, 1);
    return rc;
}

void dirty_log_unwatch_code(struct dirty_log *log, uint64_t off, uint64_t len)
{
    struct dirty_dir *d;

    if (!len || off + len - 1 < off)
        return;
    lock_take(&log->lock);
    d = dirty_log_dir(log, DIRTY_CODE);
    if (d)
        watch_bits(d, off >> log->page_shift, (off + len - 1) >> log->page_shift, false);
    lock_drop(&log->lock);
}

void dirty_log_attach(struct dirty_log *log, struct dirty_engine *engine)
{
    lock_take(&log->lock);
    engine->next = atomic_load_explicit(&log->engines, memory_order_relaxed);
    atomic_store_explicit(&log->engines, engine, memory_order_release);
    lock_drop(&log->lock);
}

void dirty_log_detach(struct dirty_log *log, struct dirty_engine *engine)
{
    struct dirty_engine *e;

    lock_take(&log->lock);
    e = atomic_load_explicit(&log->engines, memory_order_relaxed);
    if (e == engine)
        atomic_store_explicit(&log->engines, engine->next, memory_order_release);
    for (; e && e != engine; e = e->next)
        if (e->next == engine) {
            __atomic_store_n(&e->next, engine->next, __ATOMIC_RELEASE);
            break;
        }
    lock_drop(&log->lock);
    synchronize_rcu();
    rcu_grace_passed();
}

void dirty_log_usage(struct dirty_log *log, struct dirty_log_usage *out)
{
    *out = (struct dirty_log_usage){ 0 };
    lock_take(&log->lock);
    for (unsigned map = 0; map < DIRTY_NR_MAPS; map++) {
        const struct dirty_dir *d = dirty_log_dir(log, map);

        for (uint64_t i = 0; d && i < d->n; i++)
            out->blocks += dirty_dir_block(d, i) != NULL;
    }
    out->bitmap_bytes = out->blocks * 2 * DIRTY_BLOCK_WORDS * sizeof(uint64_t);
    lock_drop(&log->lock);
}

struct dirty_log *dirty_log_new(uint64_t bytes, unsigned page_shift)
{
    struct dirty_log *log;

    assert(page_shift >= 6 && page_shift < 40);
    log = calloc(1, sizeof(*log));
    if (!log)
        return NULL;
    log->page_shift = page_shift;
    log->scan = dirty_scan_best();
    lock_init(&log->lock);
    lock_init(&log->collect_lock);
    if (bytes && dirty_log_grow(log, 0, (bytes + (1ull << page_shift) - 1) & ~((1ull << page_shift) - 1)) < 0) {
        dirty_log_free(log);
        return NULL;
    }
    return log;
}

void dirty_log_free(struct dirty_log *log)
{
    if (!log)
        return;
    for (unsigned map = 0; map < DIRTY_NR_MAPS; map++) {
        struct dirty_dir *d = dirty_log_dir(log, map);

        if (!d)
            continue;
        d->drop_blocks = true;
        dirty_dir_free(d);
    }
    free(log->present);
    lock_fini(&log->collect_lock);
    lock_fini(&log->lock);
    free(log);
}
