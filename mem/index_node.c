/* SPDX-License-Identifier: Apache-2.0 */
#include "mem/index_node.h"

#include <string.h>

uint64_t index_highest(const struct index_node *n)
{
    uint64_t last = 0;

    for (unsigned i = 0; i < n->nr; i++)
        last = n->last[i] > last ? n->last[i] : last;
    return last;
}

struct index_node *index_node_new(struct region_index *x, bool leaf)
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

void index_node_put(struct region_index *x, struct index_node *n)
{
    n->at[0] = x->spare;
    x->spare = n;
}

void index_shift(struct index_node *n, unsigned at, int by)
{
    size_t bytes = (n->nr - at) * sizeof(uint64_t);

    memmove(&n->start[at + by], &n->start[at], bytes);
    memmove(&n->last[at + by], &n->last[at], bytes);
    memmove(&n->at[at + by], &n->at[at], bytes);
    n->nr = (uint16_t)(n->nr + by);
    if (by < 0)
        n->start[n->nr] = UINT64_MAX;
}

void index_move_tail(struct index_node *a, struct index_node *b, unsigned from)
{
    unsigned count = b->nr - from;

    memcpy(&a->start[a->nr], &b->start[from], count * sizeof(a->start[0]));
    memcpy(&a->last[a->nr], &b->last[from], count * sizeof(a->last[0]));
    memcpy(&a->at[a->nr], &b->at[from], count * sizeof(a->at[0]));
    memset(&b->start[from], 0xff, count * sizeof(b->start[0]));
    a->nr = (uint16_t)(a->nr + count);
    b->nr = (uint16_t)from;
}
