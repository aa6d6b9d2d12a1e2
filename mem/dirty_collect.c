/* SPDX-License-Identifier: Apache-2.0 */
/* mem/dirty_collect.c - turning the halves of marked blocks round, waiting for markers, harvesting (promise D1).
 *
 * The wait is a grace period and not a fence per mark: a marker that finds its bit set does nothing at all, even though
 * its store may still sit in the store buffer; the grace period's membarrier drains it before we report the page. */
#include "mem/dirty_log_int.h"

#include <string.h>

struct window {                         /* the pages asked for, and where they go */
    uint64_t first, last;
    uint64_t *out;                      /* bit 0 of out[0] = first; NULL: count only */
};

static bool any(const _Atomic uint64_t *summary)
{
    uint64_t sum = 0;

    for (unsigned i = 0; i < DIRTY_SUMMARY_WORDS; i++)
        sum |= atomic_load_explicit(&summary[i], memory_order_relaxed);
    return sum != 0;
}

/* Step 1: from here on markers use the other half.  Clean blocks are left alone. */
static struct dirty_block *turn_rcu(const struct dirty_dir *d, const struct window *win)
{
    struct dirty_block *list = NULL, **tail = &list;
    uint64_t index = win->first >> DIRTY_BLOCK_SHIFT, last = win->last >> DIRTY_BLOCK_SHIFT;

    for (; d && index <= last && index < d->n; index++) {
        struct dirty_block *b = dirty_dir_block(d, index);
        unsigned active;

        if (!b)
            continue;
        active = atomic_load_explicit(&b->active, memory_order_relaxed);
        if (!any(b->half[active].summary) || !dirty_block_get_rcu(b))
            continue;
        atomic_store(&b->active, !active);
        b->collect_index = index;
        b->collect_next = NULL;
        *tail = b;
        tail = &b->collect_next;
    }
    return list;
}

/* Step 2: no store covered by the old halves is under way after this. */
void dirty_log_sync(struct dirty_log *log)
{
    struct dirty_engine *e;

    atomic_fetch_add(&log->epoch, 1);
    lock_take(&log->lock);
    for (e = atomic_load_explicit(&log->engines, memory_order_relaxed); e; e = e->next)
        if (e->kick)
            e->kick(e->opaque);
    lock_drop(&log->lock);
    synchronize_rcu();
    rcu_grace_passed();
}

/* So many lines are marked that the few others cost less than going from one to the next. */
static bool dense(const uint64_t *summary)
{
    unsigned lines = 0;

    for (unsigned i = 0; i < DIRTY_SUMMARY_WORDS; i++)
        lines += (unsigned)__builtin_popcountll(summary[i]);
    return lines >= DIRTY_LINES * 7 / 8;
}

/* The numbers of the lines that the summary names; each is asked for from memory at once, not when its turn comes. */
static unsigned marked_lines(const uint64_t *summary, const uint64_t *word, const uint64_t *out, uint16_t *line)
{
    unsigned n = 0;

    for (unsigned i = 0; i < DIRTY_SUMMARY_WORDS; i++)
        for (uint64_t s = summary[i]; s; s &= s - 1) {
            unsigned at = i * 64 + (unsigned)__builtin_ctzll(s);

            line[n++] = (uint16_t)at;
            __builtin_prefetch(word + at * DIRTY_LINE_WORDS, 1);
            if (out)
                __builtin_prefetch(out + at * DIRTY_LINE_WORDS, 1);
        }
    return n;
}

/* Step 3, a block that lies whole in the window: lines named by the summary. */
static uint64_t harvest_whole(const struct dirty_scan *scan, struct dirty_half *h, uint64_t *out)
{
    uint64_t *word = (uint64_t *)h->word, *summary = (uint64_t *)h->summary, moved = 0;
    uint16_t line[DIRTY_LINES];
    unsigned n = 0;

    if (dense(summary))
        moved = out ? scan->move(word, out, DIRTY_LINES) : scan->take(word, DIRTY_LINES);
    else
        n = marked_lines(summary, word, out, line);
    memset(summary, 0, DIRTY_SUMMARY_WORDS * sizeof(*summary));
    for (unsigned i = 0; i < n; i++) {
        size_t at = line[i] * (size_t)DIRTY_LINE_WORDS;

        moved += out ? scan->move(word + at, out + at, 1) : scan->take(word + at, 1);
    }
    return moved;
}

/* The bits of word w of block b that the window asks for. */
static uint64_t wanted(const struct window *win, uint64_t page)
{
    uint64_t mask = UINT64_MAX;

    if (page + 63 < win->first || page > win->last)
        return 0;
    if (page < win->first)
        mask <<= win->first - page;
    if (page + 63 > win->last)
        mask &= UINT64_MAX >> (page + 63 - win->last);
    return mask;
}

static void mark_again(struct dirty_block *b, uint64_t page, uint64_t bits)
{
    rcu_read_lock();
    for (; bits; bits &= bits - 1)
        dirty_block_mark_rcu(b, page + (unsigned)__builtin_ctzll(bits), 1);
    rcu_read_unlock();
}

/* Step 3, a block at a border of the window: marks outside it go to the half now active. */
static uint64_t harvest_part(struct dirty_block *b, struct dirty_half *h, const struct window *win)
{
    uint64_t *word = (uint64_t *)h->word, *summary = (uint64_t *)h->summary, moved = 0;

    for (uint64_t w = 0; w < DIRTY_BLOCK_WORDS; w++) {
        uint64_t page = (b->collect_index << DIRTY_BLOCK_SHIFT) + w * 64, mask;

        if (!(summary[w / DIRTY_LINE_WORDS / 64] >> w / DIRTY_LINE_WORDS % 64 & 1) || !word[w])
            continue;
        mask = wanted(win, page);
        if (word[w] & ~mask)
            mark_again(b, w * 64, word[w] & ~mask);
        if (win->out && word[w] & mask)
            win->out[(page - win->first) / 64] |= word[w] & mask;
        moved += (uint64_t)__builtin_popcountll(word[w] & mask);
        word[w] = 0;
    }
    for (unsigned i = 0; i < DIRTY_SUMMARY_WORDS; i++)
        summary[i] = 0;
    return moved;
}

static uint64_t harvest(const struct dirty_log *log, struct dirty_block *b, const struct window *win)
{
    uint64_t first = b->collect_index << DIRTY_BLOCK_SHIFT;
    struct dirty_half *h = &b->half[!atomic_load_explicit(&b->active, memory_order_relaxed)];

    if (first < win->first || first + DIRTY_BLOCK_PAGES - 1 > win->last)
        return harvest_part(b, h, win);
    return harvest_whole(log->scan, h, win->out ? win->out + (first - win->first) / 64 : NULL);
}

static bool window_init(const struct dirty_log *log, uint64_t off, uint64_t len, uint64_t *out, struct window *win)
{
    if (!len)
        return false;
    *win = (struct window){ off >> log->page_shift, (off + len - 1) >> log->page_shift, out };
    return win->last >= win->first && win->first % 64 == 0;
}

uint64_t dirty_log_collect(struct dirty_log *log, enum dirty_client client, uint64_t off, uint64_t len, uint64_t *out)
{
    struct dirty_block *list, *next;
    struct window win;
    uint64_t moved = 0;

    if (!window_init(log, off, len, out, &win))
        return 0;
    lock_take(&log->collect_lock);
    rcu_read_lock();
    list = turn_rcu(dirty_log_dir(log, client), &win);
    rcu_read_unlock();
    if (list)
        dirty_log_sync(log);
    for (; list; list = next) {
        next = list->collect_next;
        moved += harvest(log, list, &win);
        dirty_block_put(list);
    }
    lock_drop(&log->collect_lock);
    return moved;
}

static uint64_t copy_block_rcu(const struct dirty_half *h, uint64_t first_page, const struct window *win)
{
    uint64_t seen = 0;

    for (uint64_t w = 0; w < DIRTY_BLOCK_WORDS; w++) {
        uint64_t line = w / DIRTY_LINE_WORDS, page = first_page + w * 64, bits;

        if (!(atomic_load_explicit(&h->summary[line / 64], memory_order_relaxed) >> line % 64 & 1))
            continue;
        bits = atomic_load_explicit(&h->word[w], memory_order_relaxed) & wanted(win, page);
        if (bits && win->out)
            win->out[(page - win->first) / 64] |= bits;
        seen += (uint64_t)__builtin_popcountll(bits);
    }
    return seen;
}

uint64_t dirty_log_snapshot(struct dirty_log *log, enum dirty_client client, uint64_t off, uint64_t len, uint64_t *out)
{
    const struct dirty_dir *d;
    struct window win;
    uint64_t seen = 0;

    if (!window_init(log, off, len, out, &win))
        return 0;
    rcu_read_lock();
    d = dirty_log_dir(log, client);
    for (uint64_t i = win.first >> DIRTY_BLOCK_SHIFT; d && i < d->n && i <= win.last >> DIRTY_BLOCK_SHIFT; i++) {
        const struct dirty_block *b = dirty_dir_block(d, i);

        if (b && any(dirty_block_active(b)->summary))
            seen += copy_block_rcu(dirty_block_active(b), i << DIRTY_BLOCK_SHIFT, &win);
    }
    rcu_read_unlock();
    return seen;
}
