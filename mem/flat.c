/* SPDX-License-Identifier: Apache-2.0 */
/* mem/flat.c - ranges: found in a tree, and put in place of what lies where they go. */
#include "mem/flat.h"

#include <stddef.h>
#include <string.h>

static void get_range(const struct flat_node *leaf, unsigned i, struct flat_range *out)
{
    *out = (struct flat_range){ leaf->key[i], leaf->value[i].last, leaf->value[i].src, leaf->value[i].off };
}

bool flat_floor(const struct flat_node *root, uint64_t ra, struct flat_range *out)
{
    const struct flat_node *leaf;
    unsigned slot;

    if (!flat_lookup(root, ra, &leaf, &slot))
        return false;
    get_range(leaf, slot, out);
    return true;
}

bool flat_from(const struct flat_node *n, uint64_t ra, struct flat_range *out)
{
    const struct flat_node *right = NULL;       /* subtree just right of the path */
    unsigned i;

    for (; !n->leaf; n = n->child[i]) {
        i = flat_slot(n, ra);
        if (i + 1u < n->nr)
            right = n->child[i + 1];
    }
    i = flat_slot(n, ra);
    if (i < n->nr && n->key[i] < ra && n->value[i].last < ra)
        i++;
    if (i >= n->nr) {
        if (!right)
            return false;
        for (n = right; !n->leaf; n = n->child[0])
            ;
        i = 0;
    }
    get_range(n, i, out);
    return true;
}

/* Cuts ranges that stick into [start, last] and deletes those inside. */
static void clear(struct flat_edit *e, uint64_t start, uint64_t last)
{
    struct flat_range r, head;

    if (start && flat_floor(e->root, start - 1, &r) && r.last >= start) {
        head = r;
        head.last = start - 1;
        flat_set(e, &head);
        r.off += start - r.start;
        r.start = start;
        if (r.last > last) {
            r.off += last + 1 - r.start;
            r.start = last + 1;
            flat_set(e, &r);
            return;
        }
    }
    while (!e->failed && flat_from(e->root, start, &r) && r.start <= last) {
        flat_del(e, r.start);
        if (r.last <= last)
            continue;
        r.off += last + 1 - r.start;
        r.start = last + 1;
        flat_set(e, &r);
    }
}

/* What takes the place of entries [from, to) of a leaf. */
struct splice {
    unsigned from, to;
    struct flat_range r[FLAT_FANOUT];
    unsigned n;
};

static void splice_add(struct splice *s, const struct flat_range *r)
{
    if (s->n && flat_joins(&s->r[s->n - 1], r))
        s->r[s->n - 1].last = r->last;
    else
        s->r[s->n++] = *r;
}

/* Most edits stay inside one leaf, leave its first key alone and neither fill nor empty it.
 * False: this one does not. */
static bool plan_splice(struct splice *s, const struct flat_node *n, uint64_t start, uint64_t last,
                        const struct flat_range *r, unsigned count)
{
    uint64_t right = UINT64_MAX;                /* lowest start right of the leaf */
    struct flat_range old;
    unsigned nr;

    if (!start || count > FLAT_FANOUT - 3)      /* beside what is left of the neighbours */
        return false;
    for (unsigned i; !n->leaf; n = n->child[i]) {
        i = flat_slot(n, start - 1);
        right = i + 1u < n->nr ? n->key[i + 1] : right;
    }
    s->from = flat_slot(n, start - 1);
    if (n->key[s->from] >= start || last + 1 >= right)
        return false;
    get_range(n, s->from, &s->r[0]);
    old = s->r[0];
    if (old.last >= start)
        s->r[0].last = start - 1;
    s->n = 1;
    for (unsigned i = 0; i < count; i++)
        splice_add(s, &r[i]);
    for (s->to = s->from + 1; s->to < n->nr && n->key[s->to] <= last; s->to++)
        get_range(n, s->to, &old);
    if (old.last > last) {
        old.off += last + 1 - old.start;
        old.start = last + 1;
        splice_add(s, &old);
    } else if (s->to < n->nr) {
        get_range(n, s->to++, &old);
        splice_add(s, &old);
    }
    nr = n->nr + s->n - (s->to - s->from);
    return nr <= FLAT_FANOUT && (nr >= n->nr || nr >= FLAT_FANOUT / 4);
}

static void splice(struct flat_node *leaf, const struct splice *s)
{
    unsigned end = s->from + s->n, nr = end + leaf->nr - s->to;

    memmove(&leaf->key[end], &leaf->key[s->to], (leaf->nr - s->to) * sizeof(leaf->key[0]));
    memmove(&leaf->value[end], &leaf->value[s->to], (leaf->nr - s->to) * sizeof(leaf->value[0]));
    for (unsigned i = 0; i < s->n; i++) {
        leaf->key[s->from + i] = s->r[i].start;
        leaf->value[s->from + i] = (struct flat_value){ s->r[i].last, s->r[i].src, s->r[i].off };
    }
    for (unsigned i = nr; i < leaf->nr; i++)
        leaf->key[i] = UINT64_MAX;
    leaf->nr = (uint16_t)nr;
}

void flat_replace(struct flat_edit *e, uint64_t start, uint64_t last, const struct flat_range *r, unsigned n)
{
    struct flat_range near, piece;
    struct splice s;

    if (!e->failed && plan_splice(&s, e->root, start, last, r, n)) {
        struct flat_node *leaf = flat_own_leaf(e, start - 1);

        if (leaf)
            splice(leaf, &s);
        return;
    }
    clear(e, start, last);
    for (unsigned i = 0; i < n && !e->failed; i++) {
        piece = r[i];
        if (piece.start && flat_floor(e->root, piece.start - 1, &near) && flat_joins(&near, &piece)) {
            piece.off = near.off;
            piece.start = near.start;
        }
        if (i == n - 1 && flat_from(e->root, piece.last, &near) && flat_joins(&piece, &near)) {
            flat_del(e, near.start);
            piece.last = near.last;
        }
        flat_set(e, &piece);
    }
}
