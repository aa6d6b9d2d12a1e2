/* SPDX-License-Identifier: Apache-2.0 */
/* mem/flat.c - ranges: found in a tree, and put in place of what lies where they go. */
#include "mem/flat.h"

#include <stddef.h>

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

bool flat_ceil(const struct flat_node *n, uint64_t ra, struct flat_range *out)
{
    const struct flat_node *right = NULL;       /* subtree just right of the path */
    unsigned i;

    for (; !n->leaf; n = n->child[i]) {
        i = flat_slot(n, ra);
        if (i + 1u < n->nr)
            right = n->child[i + 1];
    }
    i = flat_slot(n, ra);
    if (i < n->nr && n->key[i] < ra)
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
    while (!e->failed && flat_ceil(e->root, start, &r) && r.start <= last) {
        flat_del(e, r.start);
        if (r.last <= last)
            continue;
        r.off += last + 1 - r.start;
        r.start = last + 1;
        flat_set(e, &r);
    }
}

void flat_replace(struct flat_edit *e, uint64_t start, uint64_t last, const struct flat_range *r, unsigned n)
{
    struct flat_range near, piece;

    clear(e, start, last);
    for (unsigned i = 0; i < n && !e->failed; i++) {
        piece = r[i];
        if (piece.start && flat_floor(e->root, piece.start - 1, &near) && flat_joins(&near, &piece)) {
            piece.off = near.off;
            piece.start = near.start;
        }
        if (i == n - 1 && flat_ceil(e->root, piece.last, &near) && flat_joins(&piece, &near)) {
            flat_del(e, near.start);
            piece.last = near.last;
        }
        flat_set(e, &piece);
    }
}
