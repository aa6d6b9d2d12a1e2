/* SPDX-License-Identifier: Apache-2.0 */
/* mem/flat_edit.c - nodes copied along a path, split when full, joined when small: one entry in, one entry out. */
#include "mem/flat_pool.h"

#include <assert.h>
#include <string.h>

static struct flat_node *node_new(struct flat_pool *pool, bool leaf)
{
    struct flat_node *n = flat_pool_get(pool, leaf);

    if (!n)
        return NULL;
    memset(n->key, 0xff, sizeof(n->key));
    n->edit = 0;
    n->link = NULL;
    n->leaf = leaf;
    n->nr = 0;
    return n;
}

struct flat_node *flat_empty(struct flat_pool *pool)
{
    return node_new(pool, true);
}

void flat_free_tree(struct flat_pool *pool, struct flat_node *root)
{
    for (unsigned i = 0; !root->leaf && i < root->nr; i++)
        flat_free_tree(pool, root->child[i]);
    flat_pool_put(pool, root);
}

void flat_edit_init(struct flat_edit *e, struct flat_pool *pool, struct flat_node *root, uint64_t id)
{
    *e = (struct flat_edit){ .pool = pool, .id = id, .root = root };
}

static struct flat_node *make(struct flat_edit *e, bool leaf)
{
    struct flat_node *n = node_new(e->pool, leaf);

    if (!n) {
        e->failed = true;
        return NULL;
    }
    n->edit = e->id;
    n->link = e->made;
    e->made = n;
    e->copies++;
    return n;
}

/* Unlinked again by the edit that made it. */
static void drop(struct flat_edit *e, struct flat_node *n)
{
    n->next_dead = e->dead;
    e->dead = n;
}

/* The node itself if this edit made it, else a copy in its place. */
static struct flat_node *own(struct flat_edit *e, struct flat_node *n)
{
    struct flat_node *copy;

    if (n->edit == e->id)
        return n;
    copy = make(e, n->leaf);
    if (!copy)
        return NULL;
    memcpy(copy->key, n->key, sizeof(n->key));
    copy->nr = n->nr;
    if (n->leaf)
        memcpy(copy->value, n->value, n->nr * sizeof(n->value[0]));
    else
        memcpy(copy->child, n->child, n->nr * sizeof(n->child[0]));
    n->link = e->gone[n->leaf].head;
    e->gone[n->leaf].head = n;
    if (!n->link)
        e->gone[n->leaf].tail = n;
    return copy;
}

struct flat_node *flat_own_leaf(struct flat_edit *e, uint64_t ra)
{
    struct flat_node **at = &e->root, *n;

    for (;;) {
        n = own(e, *at);
        if (!n)
            return NULL;
        *at = n;
        if (n->leaf)
            return n;
        at = &n->child[flat_slot(n, ra)];
    }
}

/* Moves entries [at, nr) of n to the same place + by; by may be -1 or +1. */
static void shift(struct flat_node *n, unsigned at, int by)
{
    unsigned count = n->nr - at;

    memmove(&n->key[at + by], &n->key[at], count * sizeof(n->key[0]));
    if (n->leaf)
        memmove(&n->value[at + by], &n->value[at], count * sizeof(n->value[0]));
    else
        memmove(&n->child[at + by], &n->child[at], count * sizeof(n->child[0]));
    n->nr = (uint16_t)(n->nr + by);
    if (by < 0)
        n->key[n->nr] = UINT64_MAX;
}

/* Appends entries [from, nr) of b to a, and cuts them from b. */
static void move_tail(struct flat_node *a, struct flat_node *b, unsigned from)
{
    unsigned count = b->nr - from;

    memcpy(&a->key[a->nr], &b->key[from], count * sizeof(a->key[0]));
    if (a->leaf)
        memcpy(&a->value[a->nr], &b->value[from], count * sizeof(a->value[0]));
    else
        memcpy(&a->child[a->nr], &b->child[from], count * sizeof(a->child[0]));
    a->nr = (uint16_t)(a->nr + count);
    b->nr = (uint16_t)from;
    memset(&b->key[from], 0xff, count * sizeof(b->key[0]));
}

/* Room for an entry at *at of the full node *n: its upper half goes to a new right neighbour (only the new entry when
 * it is the last: RAM is plugged upwards).  *n and *at become the half to use; returns the right one. */
static struct flat_node *split(struct flat_edit *e, struct flat_node **n, unsigned *at)
{
    struct flat_node *right = make(e, (*n)->leaf);
    unsigned cut = *at == FLAT_FANOUT ? FLAT_FANOUT : FLAT_FANOUT / 2;

    if (!right)
        return NULL;
    move_tail(right, *n, cut);
    if (*at >= cut) {
        *n = right;
        *at -= cut;
    }
    return right;
}

static struct flat_node *put_leaf(struct flat_edit *e, struct flat_node *n, const struct flat_range *r,
                                  struct flat_node **right)
{
    unsigned at = flat_slot(n, r->start);
    struct flat_node *to = n;

    if (n->nr && n->key[at] < r->start)
        at++;
    if (at >= n->nr || n->key[at] != r->start) {
        if (n->nr == FLAT_FANOUT) {
            *right = split(e, &to, &at);
            if (!*right)
                return NULL;
        }
        shift(to, at, 1);
    }
    to->key[at] = r->start;
    to->value[at] = (struct flat_value){ r->last, r->src, r->off };
    return n;
}

static struct flat_node *put(struct flat_edit *e, struct flat_node *n, const struct flat_range *r,
                             struct flat_node **right)
{
    struct flat_node *child, *child_right = NULL, *to;
    unsigned at;

    n = own(e, n);
    if (!n)
        return NULL;
    if (n->leaf)
        return put_leaf(e, n, r, right);
    at = flat_slot(n, r->start);
    child = put(e, n->child[at], r, &child_right);
    if (!child)
        return NULL;
    n->child[at] = child;
    n->key[at] = child->key[0];
    if (!child_right)
        return n;
    to = n;
    at++;
    if (n->nr == FLAT_FANOUT) {
        *right = split(e, &to, &at);
        if (!*right)
            return NULL;
    }
    shift(to, at, 1);
    to->key[at] = child_right->key[0];
    to->child[at] = child_right;
    return n;
}

void flat_set(struct flat_edit *e, const struct flat_range *r)
{
    struct flat_node *right = NULL, *root, *top;

    if (e->failed)
        return;
    root = put(e, e->root, r, &right);
    if (!root)
        return;
    e->root = root;
    if (!right)
        return;
    top = make(e, false);
    if (!top)
        return;
    top->nr = 2;
    top->key[0] = root->key[0];
    top->child[0] = root;
    top->key[1] = right->key[0];
    top->child[1] = right;
    e->root = top;
}

/* Joins child i + 1 of n to child i when both are small. */
static void join(struct flat_edit *e, struct flat_node *n, unsigned i)
{
    struct flat_node *a, *b;

    if (i + 1u >= n->nr || n->child[i]->nr + n->child[i + 1]->nr > FLAT_FANOUT * 3 / 4)
        return;
    a = own(e, n->child[i]);
    if (!a)
        return;
    n->child[i] = a;
    b = own(e, n->child[i + 1]);
    if (!b)
        return;
    move_tail(a, b, 0);
    drop(e, b);
    shift(n, i + 2, -1);
}

static struct flat_node *cut(struct flat_edit *e, struct flat_node *n, uint64_t start)
{
    unsigned at = flat_slot(n, start);
    struct flat_node *child;

    n = own(e, n);
    if (!n)
        return NULL;
    if (n->leaf) {
        assert(n->nr && n->key[at] == start);
        shift(n, at + 1, -1);
        return n;
    }
    child = cut(e, n->child[at], start);
    if (!child)
        return NULL;
    n->child[at] = child;
    n->key[at] = child->key[0];
    if (!child->nr) {
        drop(e, child);
        shift(n, at + 1, -1);
    } else if (child->nr < FLAT_FANOUT / 4) {
        if (at)
            join(e, n, at - 1);
        else
            join(e, n, at);
    }
    return n;
}

void flat_del(struct flat_edit *e, uint64_t start)
{
    struct flat_node *root;

    if (e->failed)
        return;
    root = cut(e, e->root, start);
    if (!root || e->failed)
        return;
    while (!root->leaf && root->nr == 1) {
        drop(e, root);
        root = root->child[0];
    }
    e->root = root;
}

void flat_abort(struct flat_edit *e)
{
    struct flat_node *n, *next;

    for (n = e->made; n; n = next) {
        next = n->link;
        flat_pool_put(e->pool, n);
    }
}

void flat_finish(struct flat_edit *e)
{
    struct flat_node *n, *next;

    assert(!e->failed);
    for (n = e->dead; n; n = next) {
        next = n->next_dead;
        flat_pool_put(e->pool, n);
    }
}
