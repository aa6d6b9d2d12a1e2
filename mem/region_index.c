/* SPDX-License-Identifier: Apache-2.0 */
#include "mem/region_index.h"

#include <assert.h>

/* Among equal starts the one mapped first comes first; seq is unique, so the order is total. */
static bool before(const struct mem_region *a, const struct mem_region *b)
{
    return a->now.start != b->now.start ? a->now.start < b->now.start : a->now.seq < b->now.seq;
}

static void update(struct mem_region *n)
{
    n->max_last = n->last;
    if (n->left && n->left->max_last > n->max_last)
        n->max_last = n->left->max_last;
    if (n->right && n->right->max_last > n->max_last)
        n->max_last = n->right->max_last;
}

/* Everything before r goes to *low, the rest to *high. */
static void divide(struct mem_region *n, const struct mem_region *r, struct mem_region **low, struct mem_region **high)
{
    if (!n) {
        *low = *high = NULL;
        return;
    }
    if (before(n, r)) {
        divide(n->right, r, &n->right, high);
        *low = n;
    } else {
        divide(n->left, r, low, &n->left);
        *high = n;
    }
    update(n);
}

static struct mem_region *unite(struct mem_region *low, struct mem_region *high)
{
    if (!low || !high)
        return low ? low : high;
    if (low->rank > high->rank) {
        low->right = unite(low->right, high);
        update(low);
        return low;
    }
    high->left = unite(low, high->left);
    update(high);
    return high;
}

static struct mem_region *insert(struct mem_region *n, struct mem_region *r)
{
    if (!n || r->rank > n->rank) {
        divide(n, r, &r->left, &r->right);
        update(r);
        return r;
    }
    if (before(r, n))
        n->left = insert(n->left, r);
    else
        n->right = insert(n->right, r);
    update(n);
    return n;
}

static struct mem_region *extract(struct mem_region *n, struct mem_region *r)
{
    assert(n);
    if (n == r)
        return unite(r->left, r->right);
    if (before(r, n))
        n->left = extract(n->left, r);
    else
        n->right = extract(n->right, r);
    update(n);
    return n;
}

void region_index_add(struct region_index *x, struct mem_region *r)
{
    x->random ^= x->random << 13;
    x->random ^= x->random >> 17;
    x->random ^= x->random << 5;
    r->rank = x->random;
    r->last = r->now.start + r->len - 1;
    r->left = r->right = NULL;
    x->root = insert(x->root, r);
}

void region_index_del(struct region_index *x, struct mem_region *r)
{
    x->root = extract(x->root, r);
}

static bool walk(struct mem_region *n, uint64_t start, uint64_t last, bool (*fn)(struct mem_region *r, void *arg),
                 void *arg)
{
    if (!n || n->max_last < start)
        return true;
    if (!walk(n->left, start, last, fn, arg))
        return false;
    if (n->now.start > last)
        return true;
    if (n->last >= start && !fn(n, arg))
        return false;
    return walk(n->right, start, last, fn, arg);
}

bool region_index_walk(const struct region_index *x, uint64_t start, uint64_t last,
                       bool (*fn)(struct mem_region *r, void *arg), void *arg)
{
    return walk(x->root, start, last, fn, arg);
}
