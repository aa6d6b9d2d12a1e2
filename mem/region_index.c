/* SPDX-License-Identifier: Apache-2.0 */
#include "mem/index_node.h"

#include <assert.h>
#include <errno.h>

/* Halves a full child of n, which has room;
 * only the last entry goes when the new start is above all (RAM is plugged upwards). */
static int split(struct region_index *x, struct index_node *n, unsigned i, uint64_t start)
{
    struct index_node *left = index_child(n, i), *right = index_node_new(x, left->leaf);

    if (!right)
        return -ENOMEM;
    index_move_tail(right, left, start > left->start[INDEX_FANOUT - 1] ? INDEX_FANOUT - 1 : INDEX_FANOUT / 2);
    n->last[i] = index_highest(left);
    index_shift(n, i + 1, 1);
    n->start[i + 1] = right->start[0];
    n->last[i + 1] = index_highest(right);
    n->at[i + 1] = right;
    return 0;
}

/* A full root gets one above it, which has room for two halves. */
static int raise_root(struct region_index *x)
{
    struct index_node *old = x->root, *top;

    if (old && old->nr < INDEX_FANOUT)
        return 0;
    top = index_node_new(x, !old);
    if (!top)
        return -ENOMEM;
    if (old) {
        top->start[0] = old->start[0];
        top->last[0] = index_highest(old);
        top->at[0] = old;
        top->nr = 1;
        x->height++;
    }
    x->root = top;
    return 0;
}

/* Does the leaf for it take one more without being split? */
static bool fits(const struct region_index *x, uint64_t start)
{
    const struct index_node *n = x->root;

    while (n && !n->leaf)
        n = index_fetch(index_child(n, index_slot(n, start)));
    return n && (n->nr < INDEX_FANOUT || n->start[index_slot(n, start)] == start);
}

/* Splits the full nodes on the way to the leaf, from the root down: each parent has room by then. */
static int make_room(struct region_index *x, uint64_t start)
{
    if (raise_root(x) < 0)
        return -ENOMEM;
    for (struct index_node *n = x->root; !n->leaf; n = index_child(n, index_slot(n, start)))
        if (index_child(n, index_slot(n, start))->nr == INDEX_FANOUT && split(x, n, index_slot(n, start), start) < 0)
            return -ENOMEM;
    return 0;
}

static void put_leaf(struct index_node *n, struct mem_region *r)
{
    uint64_t start = r->now.start;
    unsigned i = index_slot(n, start);

    r->next_same = NULL;
    if (n->nr && n->start[i] == start) {
        r->next_same = n->at[i];
        n->last[i] = r->last > n->last[i] ? r->last : n->last[i];
    } else {
        if (n->nr && n->start[i] < start)
            i++;
        index_shift(n, i, 1);
        n->start[i] = start;
        n->last[i] = r->last;
    }
    n->at[i] = r;
}

int region_index_add(struct region_index *x, struct mem_region *r)
{
    uint64_t start = r->now.start;
    struct index_node *n;

    if (!fits(x, start) && make_room(x, start) < 0)
        return -ENOMEM;
    r->last = start + r->len - 1;
    for (n = x->root; !n->leaf;) {
        unsigned i = index_slot(n, start);

        n->start[i] = start < n->start[i] ? start : n->start[i];
        n->last[i] = r->last > n->last[i] ? r->last : n->last[i];
        n = index_child(n, i);
    }
    put_leaf(n, r);
    return 0;
}

/* Takes r off its entry; the entry goes when nothing is left. */
static void unchain(struct index_node *n, unsigned i, struct mem_region *r)
{
    struct mem_region *first = n->at[i], *p = first;

    if (first == r) {
        n->at[i] = first = r->next_same;
    } else {
        while (p->next_same != r)
            p = p->next_same;
        p->next_same = r->next_same;
    }
    if (!first) {
        index_shift(n, i + 1, -1);
        r->sparse |= n->nr < INDEX_FANOUT / 4;
        return;
    }
    n->last[i] = 0;
    for (p = first; p; p = p->next_same)
        n->last[i] = p->last > n->last[i] ? p->last : n->last[i];
}

static void del(struct index_node *n, struct mem_region *r)
{
    unsigned i = index_slot(n, r->now.start);
    uint64_t highest = n->last[i];

    if (n->leaf) {
        assert(n->nr && n->start[i] == r->now.start);
        unchain(n, i, r);
        return;
    }
    del(index_fetch(index_child(n, i)), r);
    if (highest == r->last)
        n->last[i] = index_highest(index_child(n, i));
}

void region_index_del(struct region_index *x, struct mem_region *r)
{
    del(x->root, r);
}

static void join(struct region_index *x, struct index_node *n, unsigned i)
{
    struct index_node *a, *b;

    if (i + 1u >= n->nr)
        return;
    a = index_child(n, i);
    b = index_child(n, i + 1);
    if (a->nr + b->nr > INDEX_FANOUT * 3 / 4)
        return;
    index_move_tail(a, b, 0);
    index_node_put(x, b);
    n->last[i] = index_highest(a);
    index_shift(n, i + 2, -1);
}

static void tidy(struct region_index *x, struct index_node *n, uint64_t start)
{
    struct index_node *below;
    unsigned i;

    if (n->leaf || !n->nr)
        return;
    i = index_slot(n, start);
    below = index_child(n, i);
    tidy(x, below, start);
    if (!below->nr) {
        index_node_put(x, below);
        index_shift(n, i + 1, -1);
    } else if (below->nr < INDEX_FANOUT / 4) {
        join(x, n, i ? i - 1 : 0);
    }
}

void region_index_tidy(struct region_index *x, uint64_t start)
{
    struct index_node *n = x->root;

    tidy(x, n, start);
    for (; !n->leaf && n->nr == 1; n = x->root) {
        x->root = index_child(n, 0);
        x->height--;
        index_node_put(x, n);
    }
    if (!n->nr) {
        n->leaf = true;
        x->height = 0;
    }
}

static bool walk(const struct index_node *n, uint64_t start, uint64_t last, bool (*fn)(struct mem_region *r, void *arg),
                 void *arg)
{
    for (unsigned i = 0; i < n->nr && n->start[i] <= last; i++) {
        if (n->last[i] < start)
            continue;
        if (!n->leaf) {
            if (!walk(index_child(n, i), start, last, fn, arg))
                return false;
            continue;
        }
        for (struct mem_region *r = n->at[i]; r; r = r->next_same)
            if (r->last >= start && !fn(r, arg))
                return false;
    }
    return true;
}

bool region_index_walk(const struct region_index *x, uint64_t start, uint64_t last,
                       bool (*fn)(struct mem_region *r, void *arg), void *arg)
{
    return !x->root || walk(x->root, start, last, fn, arg);
}

static bool keep(struct mem_region *r, void *arg)
{
    *(struct mem_region **)arg = r;
    return false;
}

struct mem_region *region_index_first(const struct region_index *x)
{
    struct mem_region *r = NULL;

    region_index_walk(x, 0, UINT64_MAX - 1, keep, &r);
    return r;
}

void region_index_fetch(const struct region_index *x, uint64_t start)
{
    struct index_node *n = x->root;

    if (!n)
        return;
    for (unsigned level = x->height; level; level--)
        n = index_child(n, index_slot(n, start));
    index_fetch(n);
}

void region_index_fini(struct region_index *x)
{
    slab_fini(&x->slab);
}
