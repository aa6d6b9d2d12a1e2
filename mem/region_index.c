/* SPDX-License-Identifier: Apache-2.0 */
#include "mem/region_index.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#define FANOUT 16
#define LINE 64

struct index_node {
    uint64_t start[FANOUT];             /* past nr: UINT64_MAX, above all addresses */
    uint64_t last[FANOUT];              /* the highest below the entry */
    void *at[FANOUT];                   /* a node, or in a leaf the first region of the chain */
    uint16_t nr;
    bool leaf;
} __attribute__((aligned(LINE)));

static struct index_node *child(const struct index_node *n, unsigned i)
{
    return n->at[i];
}

/* Asks for all lines of a node before the first is waited for. */
static struct index_node *fetch(struct index_node *n)
{
    for (unsigned line = 0; line < sizeof(*n) / LINE; line++)
        __builtin_prefetch((const char *)n + LINE * line);
    return n;
}

/* The last entry that starts at or below, or 0. */
static unsigned slot(const struct index_node *n, uint64_t start)
{
    unsigned at = 0;

    for (unsigned step = FANOUT / 2; step; step /= 2)
        at += n->start[at + step] <= start ? step : 0;
    return at;
}

static uint64_t highest(const struct index_node *n)
{
    uint64_t last = 0;

    for (unsigned i = 0; i < n->nr; i++)
        last = n->last[i] > last ? n->last[i] : last;
    return last;
}

static struct index_node *node_new(struct region_index *x, bool leaf)
{
    struct index_node *n = x->spare;

    if (n)
        x->spare = n->at[0];
    else
        n = slab_get(&x->slab, sizeof(*n));
    if (!n)
        return NULL;
    memset(n->start, 0xff, sizeof(n->start));
    n->nr = 0;
    n->leaf = leaf;
    return n;
}

static void node_put(struct region_index *x, struct index_node *n)
{
    n->at[0] = x->spare;
    x->spare = n;
}

/* Moves entries [at, nr) to the same place + by, -1 or +1. */
static void shift(struct index_node *n, unsigned at, int by)
{
    size_t bytes = (n->nr - at) * sizeof(uint64_t);

    memmove(&n->start[at + by], &n->start[at], bytes);
    memmove(&n->last[at + by], &n->last[at], bytes);
    memmove(&n->at[at + by], &n->at[at], bytes);
    n->nr = (uint16_t)(n->nr + by);
    if (by < 0)
        n->start[n->nr] = UINT64_MAX;
}

/* Appends entries [from, nr) of b to a and cuts them from b. */
static void move_tail(struct index_node *a, struct index_node *b, unsigned from)
{
    unsigned count = b->nr - from;

    memcpy(&a->start[a->nr], &b->start[from], count * sizeof(a->start[0]));
    memcpy(&a->last[a->nr], &b->last[from], count * sizeof(a->last[0]));
    memcpy(&a->at[a->nr], &b->at[from], count * sizeof(a->at[0]));
    memset(&b->start[from], 0xff, count * sizeof(b->start[0]));
    a->nr = (uint16_t)(a->nr + count);
    b->nr = (uint16_t)from;
}

/* Halves a full child of n, which has room; only the last entry goes when the new start is above all (RAM is plugged upwards). */
static int split(struct region_index *x, struct index_node *n, unsigned i, uint64_t start)
{
    struct index_node *left = child(n, i), *right = node_new(x, left->leaf);

    if (!right)
        return -ENOMEM;
    move_tail(right, left, start > left->start[FANOUT - 1] ? FANOUT - 1 : FANOUT / 2);
    n->last[i] = highest(left);
    shift(n, i + 1, 1);
    n->start[i + 1] = right->start[0];
    n->last[i + 1] = highest(right);
    n->at[i + 1] = right;
    return 0;
}

/* A full root gets one above it, which has room for two halves. */
static int raise_root(struct region_index *x)
{
    struct index_node *old = x->root, *top;

    if (old && old->nr < FANOUT)
        return 0;
    top = node_new(x, !old);
    if (!top)
        return -ENOMEM;
    if (old) {
        top->start[0] = old->start[0];
        top->last[0] = highest(old);
        top->at[0] = old;
        top->nr = 1;
    }
    x->root = top;
    return 0;
}

/* Does the leaf for it take one more without being split? */
static bool fits(const struct region_index *x, uint64_t start)
{
    const struct index_node *n = x->root;

    while (n && !n->leaf)
        n = fetch(child(n, slot(n, start)));
    return n && (n->nr < FANOUT || n->start[slot(n, start)] == start);
}

/* Splits the full nodes on the way to the leaf, from the root down: each parent has room by then. */
static int make_room(struct region_index *x, uint64_t start)
{
    if (raise_root(x) < 0)
        return -ENOMEM;
    for (struct index_node *n = x->root; !n->leaf; n = child(n, slot(n, start)))
        if (child(n, slot(n, start))->nr == FANOUT && split(x, n, slot(n, start), start) < 0)
            return -ENOMEM;
    return 0;
}

static void put_leaf(struct index_node *n, struct mem_region *r)
{
    uint64_t start = r->now.start;
    unsigned i = slot(n, start);

    r->next_same = NULL;
    if (n->nr && n->start[i] == start) {
        r->next_same = n->at[i];
        n->last[i] = r->last > n->last[i] ? r->last : n->last[i];
    } else {
        if (n->nr && n->start[i] < start)
            i++;
        shift(n, i, 1);
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
        unsigned i = slot(n, start);

        n->start[i] = start < n->start[i] ? start : n->start[i];
        n->last[i] = r->last > n->last[i] ? r->last : n->last[i];
        n = child(n, i);
    }
    put_leaf(n, r);
    return 0;
}

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
        shift(n, i + 1, -1);
        return;
    }
    n->last[i] = 0;
    for (p = first; p; p = p->next_same)
        n->last[i] = p->last > n->last[i] ? p->last : n->last[i];
}

/* Returns the highest last address left in n. */
static uint64_t del(struct index_node *n, struct mem_region *r)
{
    unsigned i = slot(n, r->now.start);

    if (n->leaf) {
        assert(n->nr && n->start[i] == r->now.start);
        unchain(n, i, r);
    } else {
        n->last[i] = del(fetch(child(n, i)), r);
    }
    return highest(n);
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
    a = child(n, i);
    b = child(n, i + 1);
    if (a->nr + b->nr > FANOUT * 3 / 4)
        return;
    move_tail(a, b, 0);
    node_put(x, b);
    n->last[i] = highest(a);
    shift(n, i + 2, -1);
}

static void tidy(struct region_index *x, struct index_node *n, uint64_t start)
{
    struct index_node *below;
    unsigned i;

    if (n->leaf || !n->nr)
        return;
    i = slot(n, start);
    below = child(n, i);
    tidy(x, below, start);
    if (!below->nr) {
        node_put(x, below);
        shift(n, i + 1, -1);
    } else if (below->nr < FANOUT / 4) {
        join(x, n, i ? i - 1 : 0);
    }
}

void region_index_tidy(struct region_index *x, uint64_t start)
{
    struct index_node *n = x->root;

    tidy(x, n, start);
    for (; !n->leaf && n->nr == 1; n = x->root) {
        x->root = child(n, 0);
        node_put(x, n);
    }
    if (!n->nr)
        n->leaf = true;
}

static bool walk(const struct index_node *n, uint64_t start, uint64_t last, bool (*fn)(struct mem_region *r, void *arg),
                 void *arg)
{
    for (unsigned i = 0; i < n->nr && n->start[i] <= last; i++) {
        if (n->last[i] < start)
            continue;
        if (!n->leaf) {
            if (!walk(child(n, i), start, last, fn, arg))
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
    while (!n->leaf)
        n = child(n, slot(n, start));
    fetch(n);
}

void region_index_fini(struct region_index *x)
{
    slab_fini(&x->slab);
}
