/* SPDX-License-Identifier: Apache-2.0 */
/* mem/map_diff.c - what differs between the view and what the regions say now.
 *
 * Only the intervals that touched regions cover, before or now, are swept again; old and new answers are walked side by
 * side, and the stretches where they differ are edited into a copy of the tree's paths. */
#include "mem/mem_map_int.h"

#include <errno.h>
#include <stdlib.h>

/* How many intervals ahead memory is asked for. */
#define AHEAD 6

/* Room for one more element of a growing array; NULL: no memory, the array is as it was. */
static void *room_for_one(void *array, size_t n, size_t *room, size_t size)
{
    size_t want = *room ? *room * 2 : 16;
    void *grown;

    if (n < *room)
        return array;
    grown = realloc(array, want * size);
    if (grown)
        *room = want;
    return grown;
}

static int add_interval(struct map_scratch *s, uint64_t start, uint64_t len)
{
    struct map_interval *grown = room_for_one(s->interval, s->n_intervals, &s->room_intervals, sizeof(*grown));

    if (!grown)
        return -ENOMEM;
    s->interval = grown;
    s->interval[s->n_intervals++] = (struct map_interval){ start, start + len - 1 };
    return 0;
}

static int sort_intervals(struct map_scratch *s)
{
    struct map_interval *sorted;

    if (s->room_spare < s->room_intervals) {
        free(s->spare);
        s->spare = malloc(s->room_intervals * sizeof(*s->spare));
        s->room_spare = s->spare ? s->room_intervals : 0;
        if (!s->spare)
            return -ENOMEM;
    }
    sorted = interval_sort(s->interval, s->spare, s->n_intervals);
    s->spare = sorted == s->interval ? s->spare : s->interval;
    s->interval = sorted;
    return 0;
}

static void join_intervals(struct map_scratch *s)
{
    size_t out = 0;

    for (size_t i = 1; i < s->n_intervals; i++) {
        struct map_interval *into = &s->interval[out], *next = &s->interval[i];

        if (next->start > into->last + 1)
            s->interval[++out] = *next;
        else if (next->last > into->last)
            into->last = next->last;
    }
    s->n_intervals = s->n_intervals ? out + 1 : 0;
}

static int gather_intervals(struct mem_map *m) REQUIRES(m->lock)
{
    struct map_scratch *s = &m->scratch;

    s->n_intervals = 0;
    s->ram = false;
    for (const struct mem_region *r = m->touched; r; r = r->next_touched) {
        bool moved = !r->now.mapped || !r->before.mapped || r->now.start != r->before.start;

        s->ram |= r->block != NULL;
        if (r->before.mapped && add_interval(s, r->before.start, r->len) < 0)
            return -ENOMEM;
        if (r->now.mapped && moved && add_interval(s, r->now.start, r->len) < 0)
            return -ENOMEM;
    }
    if (s->n_intervals > 1 && sort_intervals(s) < 0)
        return -ENOMEM;
    join_intervals(s);
    return 0;
}

static struct mem_answer answer(const struct flat_range *r)
{
    if (!r)
        return (struct mem_answer){ .kind = MEM_NONE };
    return (struct mem_answer){
        .kind = r->src->kind, .host = r->src->host ? r->src->host + r->off : NULL, .block = r->src->block,
        .off = r->off, .ops = r->src->ops, .opaque = r->src->opaque,
    };
}

/* Does b, len bytes on, continue a?  Equal ops, opaque and offsets of different regions count as one answer's. */
static bool continues(const struct mem_answer *a, const struct mem_answer *b, uint64_t len)
{
    if (a->kind != b->kind || a->block != b->block || a->ops != b->ops || a->opaque != b->opaque)
        return false;
    return a->kind == MEM_NONE || a->kind == MEM_RESERVED || a->off + len == b->off;
}

/* Another source may give the same answer: the tree must change, listeners need not know. */
static bool same_answer(const struct flat_range *was, const struct flat_range *now)
{
    struct mem_answer a = answer(was), b = answer(now);

    return continues(&a, &b, 0);
}

static int note_change(struct map_scratch *s, uint64_t start, uint64_t last, const struct flat_range *was,
                       const struct flat_range *now)
{
    struct mem_change c = { .start = ra(start), .len = last - start + 1, .was = answer(was), .now = answer(now) };
    struct mem_change *tail = s->n_changes ? &s->change[s->n_changes - 1] : NULL, *grown;

    if (tail && tail->start.v + tail->len == start && continues(&tail->was, &c.was, tail->len) &&
        continues(&tail->now, &c.now, tail->len)) {
        tail->len += c.len;
        return 0;
    }
    grown = room_for_one(s->change, s->n_changes, &s->room_changes, sizeof(*grown));
    if (!grown)
        return -ENOMEM;
    s->change = grown;
    s->change[s->n_changes++] = c;
    return 0;
}

/* One side of the comparison: the piece at or after the current address. */
struct side {
    bool have;
    struct flat_range r;
};

/* Cuts the piece to begin at the address; true: it covers it.  *end shrinks to where this side's answer ends. */
static bool covers(struct side *s, uint64_t at, uint64_t *end)
{
    if (!s->have)
        return false;
    if (s->r.start > at) {
        if (s->r.start - 1 < *end)
            *end = s->r.start - 1;
        return false;
    }
    s->r.off += at - s->r.start;
    s->r.start = at;
    if (s->r.last < *end)
        *end = s->r.last;
    return true;
}

static int add_to_run(struct flat_vec *run, struct flat_range piece, uint64_t last)
{
    piece.last = last;
    if (run->n && flat_joins(&run->r[run->n - 1], &piece)) {
        run->r[run->n - 1].last = last;
        return 0;
    }
    return flat_vec_add(run, &piece);
}

struct stretch {                        /* where old and new differ, not yet edited into the tree */
    bool open;
    uint64_t start, last;
};

static void flush_stretch(struct map_scratch *s, struct flat_edit *e, struct stretch *d)
{
    if (d->open)
        flat_replace(e, d->start, d->last, s->run.r, (unsigned)s->run.n);
    d->open = false;
    s->run.n = 0;
}

static int differ(struct map_scratch *s, struct stretch *d, uint64_t at, uint64_t end, const struct flat_range *was,
                  const struct flat_range *now)
{
    if (!d->open) {
        d->open = true;
        d->start = at;
    }
    d->last = end;
    if (now && add_to_run(&s->run, *now, end) < 0)
        return -ENOMEM;
    return same_answer(was, now) ? 0 : note_change(s, at, end, was, now);
}

static int edit_interval(struct mem_map *m, struct flat_edit *e, const struct flat_node *view,
                         const struct map_interval *iv) REQUIRES(m->lock)
{
    struct map_scratch *s = &m->scratch;
    struct stretch d = { 0 };
    struct side old, fresh;
    size_t next = 0;

    s->fresh.n = 0;
    if (sweep_run(&s->sweep, &m->index, iv->start, iv->last, &s->fresh) < 0)
        return -ENOMEM;
    old.have = flat_from(view, iv->start, &old.r);
    for (uint64_t at = iv->start, end; at <= iv->last; at = end + 1) {
        bool was, now;

        while (old.have && old.r.last < at)
            old.have = flat_from(view, at, &old.r);
        while (next < s->fresh.n && s->fresh.r[next].last < at)
            next++;
        fresh.have = next < s->fresh.n;
        if (fresh.have)
            fresh.r = s->fresh.r[next];
        end = iv->last;
        was = covers(&old, at, &end);
        now = covers(&fresh, at, &end);
        if (was == now && (!was || (old.r.src == fresh.r.src && old.r.off == fresh.r.off)))
            flush_stretch(s, e, &d);
        else if (differ(s, &d, at, end, was ? &old.r : NULL, now ? &fresh.r : NULL) < 0)
            return -ENOMEM;
    }
    flush_stretch(s, e, &d);
    return e->failed ? -ENOMEM : 0;
}

int map_edit_view(struct mem_map *m, struct flat_edit *e)
{
    const struct flat_node *view = e->root;
    unsigned height = flat_height(view);

    m->scratch.n_changes = 0;
    m->scratch.run.n = 0;
    if (gather_intervals(m) < 0)
        return -ENOMEM;
    for (size_t i = 0; i < m->scratch.n_intervals; i++) {
        if (i + AHEAD < m->scratch.n_intervals) {
            flat_fetch_leaf(view, height, m->scratch.interval[i + AHEAD].start);
            region_index_fetch(&m->index, m->scratch.interval[i + AHEAD].start);
        }
        if (edit_interval(m, e, view, &m->scratch.interval[i]) < 0)
            return -ENOMEM;
    }
    return 0;
}

int map_whole_view(struct mem_map *m)
{
    const struct flat_node *root = atomic_load_explicit(&m->root, memory_order_relaxed);
    struct flat_range r;

    m->scratch.n_changes = 0;
    for (uint64_t at = 0; flat_from(root, at, &r); at = r.last + 1)
        if (note_change(&m->scratch, r.start, r.last, NULL, &r) < 0)
            return -ENOMEM;
    return 0;
}

void map_scratch_fini(struct map_scratch *s)
{
    sweep_fini(&s->sweep);
    free(s->fresh.r);
    free(s->run.r);
    free(s->interval);
    free(s->spare);
    free(s->change);
}
