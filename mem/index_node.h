/* SPDX-License-Identifier: Apache-2.0 */
/* mem/index_node.h - a node of region_index.c: 16 entries in order, and how entries move. */
#ifndef MEM_INDEX_NODE_H
#define MEM_INDEX_NODE_H

#include "mem/region_index.h"

#define INDEX_FANOUT 16
#define INDEX_LINE 64

struct index_node {
    uint64_t start[INDEX_FANOUT];             /* past nr: UINT64_MAX, above all addresses */
    uint64_t last[INDEX_FANOUT];              /* the highest below the entry */
    void *at[INDEX_FANOUT];                   /* a node, or in a leaf the first region of the chain */
    uint16_t nr;
    bool leaf;
} __attribute__((aligned(INDEX_LINE)));

static inline struct index_node *index_child(const struct index_node *n, unsigned i)
{
    return n->at[i];
}

/* Asks for all lines of a node before the first is waited for. */
static inline struct index_node *index_fetch(struct index_node *n)
{
    for (unsigned line = 0; line < sizeof(*n) / INDEX_LINE; line++)
        __builtin_prefetch((const char *)n + INDEX_LINE * line);
    return n;
}

/* The last entry that starts at or below, or 0. */
static inline unsigned index_slot(const struct index_node *n, uint64_t start)
{
    unsigned at = 0;

    for (unsigned step = INDEX_FANOUT / 2; step; step /= 2)
        at += n->start[at + step] <= start ? step : 0;
    return at;
}

uint64_t index_highest(const struct index_node *n);
struct index_node *index_node_new(struct region_index *x, bool leaf);   /* NULL: no memory */
void index_node_put(struct region_index *x, struct index_node *n);
/* Moves entries [at, nr) to the same place + by, -1 or +1. */
void index_shift(struct index_node *n, unsigned at, int by);
/* Appends entries [from, nr) of b to a and cuts them from b. */
void index_move_tail(struct index_node *a, struct index_node *b, unsigned from);

#endif
