/* SPDX-License-Identifier: Apache-2.0 */
/* mem/map_ram.c - RAM of a window: plugging is one region, unplugging any part of what was plugged.
 *
 * Pages open before the view shows them.  They close a grace period after it stopped to: a soft TLB that obeys the
 * rules of mem/dirty_log.h has let go of them by then. */
#include "mem/mem_map_int.h"

#include "mem/dirty_log.h"
#include "mem/ram_window.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

static struct map_window *find_window(struct mem_map *m, const struct ram_window *w) REQUIRES(m->lock)
{
    struct map_window *at;

    for (at = m->windows; at && at->window != w; at = at->next)
        ;
    return at;
}

static struct map_window *get_window(struct mem_map *m, struct ram_window *w) REQUIRES(m->lock)
{
    struct map_window *mw = find_window(m, w);

    if (mw)
        return mw;
    mw = calloc(1, sizeof(*mw));
    if (!mw)
        return NULL;
    mw->window = w;
    mw->block = ram_block_new_empty(ram_window_base(w), ram_window_size(w));
    if (!mw->block) {
        free(mw);
        return NULL;
    }
    mw->next = m->windows;
    m->windows = mw;
    return mw;
}

void map_free_windows(struct mem_map *m)
{
    struct map_window *next;

    for (struct map_window *mw = m->windows; mw; mw = next) {
        next = mw->next;
        ram_block_put(mw->block);
        free(mw);
    }
    m->windows = NULL;
}

struct dirty_log *mem_map_ram_log(struct mem_map *m, struct ram_window *w) NO_LOCK_ANALYSIS
{
    struct map_window *mw;

    mem_map_begin(m);
    mw = find_window(m, w);
    (void)mem_map_commit(m);
    return mw ? ram_block_log(mw->block) : NULL;
}

struct ram_block *mem_map_ram_block(struct mem_map *m, struct ram_window *w) NO_LOCK_ANALYSIS
{
    struct map_window *mw;

    mem_map_begin(m);
    mw = get_window(m, w);
    (void)mem_map_commit(m);
    return mw ? mw->block : NULL;
}

static struct map_step *add_step(struct mem_map *m, struct ram_window *w, ra_t start, uint64_t len, bool opened)
    REQUIRES(m->lock)
{
    struct map_step *s = malloc(sizeof(*s));

    if (!s)
        return NULL;
    *s = (struct map_step){ .window = w, .start = start, .len = len, .opened = opened, .next = m->steps };
    m->steps = s;
    return s;
}

void map_run_steps(struct mem_map *m, bool success)
{
    struct map_step *s, *next;

    for (s = m->steps; s; s = next) {
        next = s->next;
        if (s->opened != success)
            (void)ram_window_retire(s->window, s->start, s->len, NULL);
        free(s);
    }
    m->steps = NULL;
}

/* What a walk over the window's regions in [start, last] finds. */
struct search {
    const struct ram_block *block;
    uint64_t start, last, covered;
    struct mem_region *first;
    bool whole;                         /* find all, for covered; else only the first */
};

static bool look(struct mem_region *r, void *arg)
{
    struct search *s = arg;
    uint64_t from = r->now.start > s->start ? r->now.start : s->start;
    uint64_t to = r->last < s->last ? r->last : s->last;

    if (r->block != s->block)
        return true;
    if (!s->first)
        s->first = r;
    s->covered += to - from + 1;
    return s->whole;
}

static struct search search(struct mem_map *m, const struct map_window *mw, ra_t start, uint64_t len,
                            bool whole) REQUIRES(m->lock)
{
    struct search s = { .block = mw->block, .start = start.v, .last = start.v + len - 1, .whole = whole };

    region_index_walk(&m->index, s.start, s.last, look, &s);
    return s;
}

static int map_piece(struct mem_map *m, const struct map_window *mw, uint64_t start, uint64_t len)
{
    struct mem_region *r = mem_region_new_ram(mw->block, start, len);
    int rc;

    if (!r)
        return -ENOMEM;
    rc = mem_map_add(m, r, ra(start), 0, NULL);
    mem_region_put(r);
    return rc;
}

static int no_memory(struct error *err)
{
    return error_set(err, ENOMEM, "no memory for the memory map");
}

static int add_locked(struct mem_map *m, struct ram_window *w, ra_t start, uint64_t len, struct error *err)
    REQUIRES(m->lock)
{
    struct map_window *mw = get_window(m, w);
    int rc;

    if (!mw)
        return no_memory(err);
    if (start.v < ram_window_size(w) && len <= ram_window_size(w) - start.v && search(m, mw, start, len, false).first)
        return error_set(err, EEXIST, "part of 0x%" PRIx64 " + 0x%" PRIx64 " is RAM already", start.v, len);
    rc = ram_window_open(w, start, len, err);
    if (rc < 0)
        return rc;
    if (!add_step(m, w, start, len, true)) {
        (void)ram_window_close(w, start, len, NULL);
        return no_memory(err);
    }
    return map_piece(m, mw, start.v, len) < 0 ? no_memory(err) : 0;
}

/* An inner failure dooms the whole transaction: half of it may be done. */
static int finish(struct mem_map *m, int rc, struct error *err) NO_LOCK_ANALYSIS
{
    if (rc == 0) {
        rc = mem_map_commit(m);
        return rc < 0 ? no_memory(err) : 0;
    }
    if (rc == -ENOMEM)
        mem_map_abort(m);
    else
        (void)mem_map_commit(m);
    return rc;
}

int mem_map_add_ram(struct mem_map *m, struct ram_window *w, ra_t start, uint64_t len, struct error *err)
    NO_LOCK_ANALYSIS
{
    mem_map_begin(m);
    return finish(m, add_locked(m, w, start, len, err), err);
}

static int cut_out(struct mem_map *m, const struct map_window *mw, struct mem_region *r, uint64_t start, uint64_t end)
    REQUIRES(m->lock)
{
    uint64_t r_start = r->now.start, r_end = r->last + 1;

    mem_map_del(m, r);
    if (r_start < start && map_piece(m, mw, r_start, start - r_start) < 0)
        return -ENOMEM;
    return r_end > end ? map_piece(m, mw, end, r_end - end) : 0;
}

static int remove_locked(struct mem_map *m, struct ram_window *w, ra_t start, uint64_t len, struct error *err)
    REQUIRES(m->lock)
{
    const struct map_window *mw = find_window(m, w);
    struct search s = { 0 };

    if (len && start.v + len > start.v && mw)
        s = search(m, mw, start, len, true);
    if (!len || s.covered != len)
        return error_set(err, ENOENT, "0x%" PRIx64 " + 0x%" PRIx64 " is not all RAM", start.v, len);
    if (!add_step(m, w, start, len, false))
        return no_memory(err);
    for (; s.first; s = search(m, mw, start, len, false))
        if (cut_out(m, mw, s.first, start.v, start.v + len) < 0)
            return no_memory(err);
    return 0;
}

int mem_map_remove_ram(struct mem_map *m, struct ram_window *w, ra_t start, uint64_t len, struct error *err)
    NO_LOCK_ANALYSIS
{
    mem_map_begin(m);
    return finish(m, remove_locked(m, w, start, len, err), err);
}
