/* SPDX-License-Identifier: Apache-2.0 */
#include "mem/slot_want.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool joins(const struct slot_want *a, const struct slot_want *b)
{
    return a->block == b->block && a->readonly == b->readonly && a->last + 1 == b->start &&
           a->off + (b->start - a->start) == b->off;
}

/* First wanted range that ends at or after ra. */
static size_t seek(const struct slot_wants *s, uint64_t ra)
{
    size_t lo = 0, hi = s->n;

    while (lo < hi) {
        size_t mid = (lo + hi) / 2;

        if (s->w[mid].last < ra)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

/* Replaces want[at, at + del) by n ranges. */
static int splice(struct slot_wants *s, size_t at, size_t del, const struct slot_want *w, size_t n)
{
    size_t need = s->n - del + n;

    if (need > s->room) {
        size_t room = need * 2 + 16;
        struct slot_want *grown = realloc(s->w, room * sizeof(*grown));

        if (!grown)
            return -ENOMEM;
        s->w = grown;
        s->room = room;
    }
    memmove(s->w + at + n, s->w + at + del, (s->n - at - del) * sizeof(*s->w));
    if (n)
        memcpy(s->w + at, w, n * sizeof(*w));
    s->n = need;
    return 0;
}

/* True when [w->start, w->last] is wanted exactly like this already. */
static bool wanted_already(const struct slot_wants *s, const struct slot_want *w, size_t at)
{
    const struct slot_want *v = at < s->n ? &s->w[at] : NULL;

    if (!w->block)
        return !v || v->start > w->last;
    return v && v->start <= w->start && v->last >= w->last && v->block == w->block &&
           v->readonly == w->readonly && v->off + (w->start - v->start) == w->off;
}

int slot_want_set(struct slot_wants *s, const struct slot_want *w)
{
    size_t at = seek(s, w->start), end, n = 0;
    struct slot_want out[3];

    if (wanted_already(s, w, at))
        return 0;
    if (at && w->block && joins(&s->w[at - 1], w))
        at--;
    if (at < s->n && s->w[at].start < w->start) {
        out[n] = s->w[at];
        out[n++].last = w->start - 1;
    }
    if (w->block) {
        if (n && joins(&out[n - 1], w))
            out[n - 1].last = w->last;
        else
            out[n++] = *w;
    }
    for (end = at; end < s->n && s->w[end].start <= w->last; end++)
        ;
    if (end > at && s->w[end - 1].last > w->last) {
        struct slot_want tail = s->w[end - 1];

        tail.off += w->last + 1 - tail.start;
        tail.start = w->last + 1;
        if (n && joins(&out[n - 1], &tail))
            out[n - 1].last = tail.last;
        else
            out[n++] = tail;
    } else if (end < s->n && n && joins(&out[n - 1], &s->w[end])) {
        out[n - 1].last = s->w[end++].last;
    }
    return splice(s, at, end - at, out, n) < 0 ? -ENOMEM : 1;
}
