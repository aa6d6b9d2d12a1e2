/* SPDX-License-Identifier: Apache-2.0 */
/* mem/dirty_mark.c - the log as markers and soft TLBs use it: wait-free, from any thread. */
#include "mem/dirty_log_int.h"

static void mark_map_rcu(const struct dirty_dir *d, uint64_t page, uint64_t last)
{
    while (page <= last) {
        uint64_t index = page >> DIRTY_BLOCK_SHIFT;
        uint64_t end = ((index + 1) << DIRTY_BLOCK_SHIFT) - 1;
        struct dirty_block *b = dirty_dir_block(d, index);

        if (!d || index >= d->n)
            return;
        if (end > last)
            end = last;
        if (b)
            dirty_block_mark_rcu(b, page & (DIRTY_BLOCK_PAGES - 1), end - page + 1);
        page = end + 1;
    }
}

static bool watched_rcu(const struct dirty_dir *d, uint64_t page)
{
    const struct dirty_block *b = dirty_dir_block(d, page >> DIRTY_BLOCK_SHIFT);

    return b && dirty_half_test(&b->half[0], page & (DIRTY_BLOCK_PAGES - 1));
}

/* One call per run of watched pages, cut to the bytes stored. */
static void tell_engines_rcu(const struct dirty_log *log, uint64_t off, uint64_t len)
{
    for (struct dirty_engine *e = atomic_load_explicit(&log->engines, memory_order_acquire); e;
         e = __atomic_load_n(&e->next, __ATOMIC_ACQUIRE))
        if (e->code_written)
            e->code_written(e->opaque, off, len);
}

static void code_stored_rcu(const struct dirty_log *log, uint64_t off, uint64_t last_byte)
{
    const struct dirty_dir *d = dirty_log_dir(log, DIRTY_CODE);
    uint64_t last = last_byte >> log->page_shift;

    for (uint64_t page = off >> log->page_shift; page <= last; page++) {
        uint64_t from = page << log->page_shift;
        uint64_t to = from + (1ull << log->page_shift) - 1;

        if (!d || page >> DIRTY_BLOCK_SHIFT >= d->n)
            return;
        if (!watched_rcu(d, page))
            continue;
        if (from < off)
            from = off;
        if (to > last_byte)
            to = last_byte;
        tell_engines_rcu(log, from, to - from + 1);
    }
}

void dirty_log_mark_rcu(struct dirty_log *log, uint64_t off, uint64_t len)
{
    unsigned armed = atomic_load_explicit(&log->armed, memory_order_acquire);
    uint64_t last = off + len - 1;

    if (!armed || !len)
        return;
    if (last < off)
        last = UINT64_MAX;
    for (unsigned c = 0; c < DIRTY_NR_CLIENTS; c++)
        if (armed & 1u << c)
            mark_map_rcu(dirty_log_dir(log, c), off >> log->page_shift, last >> log->page_shift);
    if (armed & 1u << DIRTY_CODE)
        code_stored_rcu(log, off, last);
}

void dirty_log_mark(struct dirty_log *log, uint64_t off, uint64_t len)
{
    /* Outside a section: whoever arms after this look waits with a membarrier, so our caller's store is covered. */
    if (!atomic_load_explicit(&log->armed, memory_order_acquire))
        return;
    rcu_read_lock();
    dirty_log_mark_rcu(log, off, len);
    rcu_read_unlock();
}

bool dirty_log_settled_rcu(const struct dirty_log *log, uint64_t off)
{
    unsigned armed = atomic_load_explicit(&log->armed, memory_order_acquire);
    uint64_t page = off >> log->page_shift;

    for (unsigned c = 0; c < DIRTY_NR_CLIENTS; c++) {
        const struct dirty_block *b;

        if (!(armed & 1u << c))
            continue;
        b = dirty_dir_block(dirty_log_dir(log, c), page >> DIRTY_BLOCK_SHIFT);
        if (b && !dirty_half_test(dirty_block_active(b), page & (DIRTY_BLOCK_PAGES - 1)))
            return false;
    }
    return !(armed & 1u << DIRTY_CODE) || !watched_rcu(dirty_log_dir(log, DIRTY_CODE), page);
}

uint64_t dirty_log_epoch(const struct dirty_log *log)
{
    return atomic_load_explicit(&log->epoch, memory_order_acquire);
}
