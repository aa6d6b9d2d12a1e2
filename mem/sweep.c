/* SPDX-License-Identifier: Apache-2.0 */
#include "mem/sweep.h"

#include <errno.h>
#include <stdlib.h>

int flat_vec_add(struct flat_vec *v, const struct flat_range *r)
{
    if (v->n == v->room) {
        size_t room = v->room ? v->room * 2 : 16;
        struct flat_range *grown = realloc(v->r, room * sizeof(*grown));

        if (!grown)
            return -ENOMEM;
        v->r = grown;
        v->room = room;
    }
    v->r[v->n++] = *r;
    return 0;
}

static int make_room(struct sweep *s)
{
    size_t room = s->room ? s->room * 2 : 16;
    struct mem_region **region = realloc(s->region, room * sizeof(*region)), **heap;

    if (!region)
        return -ENOMEM;
    s->region = region;
    heap = realloc(s->heap, room * sizeof(*heap));
    if (!heap)
        return -ENOMEM;
    s->heap = heap;
    s->room = room;
    return 0;
}

static bool gather(struct mem_region *r, void *arg)
{
    struct sweep *s = arg;
    uint64_t off;

    if (!mem_region_source(r, &off))
        return true;
    if (s->n == s->room && make_room(s) < 0)
        return false;
    s->region[s->n++] = r;
    return true;
}

static bool better(const struct mem_region *a, const struct mem_region *b)
{
    return a->now.priority != b->now.priority ? a->now.priority > b->now.priority : a->now.seq > b->now.seq;
}

static void heap_push(struct sweep *s, struct mem_region *r)
{
    size_t i = s->heap_n++;

    while (i && better(r, s->heap[(i - 1) / 2])) {
        s->heap[i] = s->heap[(i - 1) / 2];
        i = (i - 1) / 2;
    }
    s->heap[i] = r;
}

static void heap_pop(struct sweep *s)
{
    struct mem_region *r = s->heap[--s->heap_n];
    size_t i = 0, child;

    while ((child = 2 * i + 1) < s->heap_n) {
        if (child + 1 < s->heap_n && better(s->heap[child + 1], s->heap[child]))
            child++;
        if (!better(s->heap[child], r))
            break;
        s->heap[i] = s->heap[child];
        i = child;
    }
    s->heap[i] = r;
}

static int emit(struct flat_vec *out, const struct mem_region *r, uint64_t start, uint64_t last, size_t first)
{
    struct flat_range piece = { .start = start, .last = last };

    piece.src = mem_region_source(r, &piece.off);
    piece.off += start - r->now.start;
    if (out->n > first && flat_joins(&out->r[out->n - 1], &piece)) {
        out->r[out->n - 1].last = last;
        return 0;
    }
    return flat_vec_add(out, &piece);
}

int sweep_run(struct sweep *s, const struct region_index *x, uint64_t start, uint64_t last, struct flat_vec *out)
{
    size_t next = 0, first = out->n;
    uint64_t at = start;

    s->n = s->heap_n = 0;
    if (!region_index_walk(x, start, last, gather, s))
        return -ENOMEM;
    for (;;) {
        uint64_t end;

        while (next < s->n && s->region[next]->now.start <= at)
            heap_push(s, s->region[next++]);
        while (s->heap_n && s->heap[0]->last < at)
            heap_pop(s);
        end = next < s->n && s->region[next]->now.start <= last ? s->region[next]->now.start - 1 : last;
        if (s->heap_n) {
            if (s->heap[0]->last < end)
                end = s->heap[0]->last;
            if (emit(out, s->heap[0], at, end, first) < 0)
                return -ENOMEM;
        }
        if (end >= last)
            return 0;
        at = end + 1;
    }
}

void sweep_fini(struct sweep *s)
{
    free(s->region);
    free(s->heap);
}
