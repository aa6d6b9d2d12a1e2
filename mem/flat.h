/* SPDX-License-Identifier: Apache-2.0 */
/* mem/flat.h - the published view: disjoint ranges in address order, as a persistent B+ tree.
 *
 * A published tree never changes.  An edit copies the nodes on the paths it changes (once per edit, however many
 * changes follow the same path) and shares all others; abandoning an edit frees the copies, finishing one yields the
 * nodes that only the old tree still uses.  Invariants:
 *  F1  key[i] of an inner node is the lowest start in child i, exactly.
 *  F2  Keys past nr are UINT64_MAX, and addresses looked up are lower: a search needs no nr.
 *  F3  All leaves are at one depth; only the root may be an empty leaf.
 *
 * Threads: any number of readers of a published root inside a read section; one editor, under the map's lock. */
#ifndef MEM_FLAT_H
#define MEM_FLAT_H

#include <stdbool.h>
#include <stdint.h>

/* 16 keys are two cache lines; see docs/benchmarks-memory.md for the measurement behind it. */
#ifndef FLAT_FANOUT
#define FLAT_FANOUT 16
#endif

struct flat_pool;
struct mem_source;

struct flat_range {
    uint64_t start, last;               /* last is inside */
    const struct mem_source *src;
    uint64_t off;                       /* of start in its source */
};

struct flat_value {
    uint64_t last;
    const struct mem_source *src;
    uint64_t off;
};

struct flat_node {
    uint64_t key[FLAT_FANOUT];
    uint64_t edit;                      /* the edit that made it; the editor's, as the next two */
    struct flat_node *link;             /* chains the nodes an edit made, later those it replaced */
    struct flat_node *next_dead;        /* chains those made and dropped by the same edit */
    bool leaf;
    uint16_t nr;
    union {                             /* FLAT_FANOUT of them follow the header, by leaf */
        struct flat_node *child[0];
        struct flat_value value[0];
    };
};

/* Last key <= ra (below UINT64_MAX), or 0 when there is none: halving without branches to mispredict. */
static inline unsigned flat_slot(const struct flat_node *n, uint64_t ra)
{
    unsigned at = 0;

    for (unsigned step = FLAT_FANOUT / 2; step; step /= 2)
        at += n->key[at + step] <= ra ? step : 0;
    return at;
}

/* A node that another processor just wrote comes line by line: ask for all of them at once. */
static inline void flat_fetch(const struct flat_node *n)
{
    for (unsigned line = 0; line < 4; line++)
        __builtin_prefetch((const char *)n + 64 * line);
}

/* The leaf and slot that hold the range with the highest start <= ra; false: none starts so low. */
static inline bool flat_lookup(const struct flat_node *n, uint64_t ra, const struct flat_node **leaf, unsigned *slot)
{
    flat_fetch(n);
    while (!n->leaf) {
        n = n->child[flat_slot(n, ra)];
        flat_fetch(n);
    }
    *leaf = n;
    *slot = flat_slot(n, ra);
    return n->key[*slot] <= ra;
}

/* Levels above the leaves. */
static inline unsigned flat_height(const struct flat_node *n)
{
    unsigned height = 0;

    for (; !n->leaf; n = n->child[0])
        height++;
    return height;
}

/* Asks for the leaf that a look-up or an edit at ra will need soon, without a look at it. */
static inline void flat_fetch_leaf(const struct flat_node *n, unsigned height, uint64_t ra)
{
    for (; height; height--)
        n = n->child[flat_slot(n, ra)];
    for (unsigned line = 0; line < (sizeof(*n) + FLAT_FANOUT * sizeof(struct flat_value)) / 64; line++)
        __builtin_prefetch((const char *)n + 64 * line);
}

struct flat_node *flat_empty(struct flat_pool *pool);   /* NULL: no memory */
void flat_free_tree(struct flat_pool *pool, struct flat_node *root);

/* The range with the highest start <= ra; the lowest one that ends at ra or above. */
bool flat_floor(const struct flat_node *root, uint64_t ra, struct flat_range *out);
bool flat_from(const struct flat_node *root, uint64_t ra, struct flat_range *out);

struct flat_chain {                     /* by link */
    struct flat_node *head, *tail;
};

struct flat_edit {
    struct flat_pool *pool;
    uint64_t id;
    struct flat_node *root;
    struct flat_node *made, *dead;
    struct flat_chain gone[2];          /* by leaf: nodes only the old tree uses */
    bool failed;                        /* no memory: abort is all that is left */
    unsigned copies;                    /* nodes made, for statistics */
};

void flat_edit_init(struct flat_edit *e, struct flat_pool *pool, struct flat_node *root, uint64_t id);
/* Takes the place of a range with the same start, or is added; the caller keeps ranges disjoint. */
void flat_set(struct flat_edit *e, const struct flat_range *r);
void flat_del(struct flat_edit *e, uint64_t start);     /* must exist */
/* Replaces what lies in [start, last] by n ranges (in order, inside), cutting ranges at its
 * borders and joining what continues. */
void flat_replace(struct flat_edit *e, uint64_t start, uint64_t last, const struct flat_range *r, unsigned n);
/* The leaf whose stretch of addresses holds ra, to be changed: its path is copied.  NULL: no memory. */
struct flat_node *flat_own_leaf(struct flat_edit *e, uint64_t ra);
void flat_abort(struct flat_edit *e);
/* e->root is the new tree, e->gone what goes back to the pool after the readers. */
void flat_finish(struct flat_edit *e);

/* b begins where a ends and continues it. */
static inline bool flat_joins(const struct flat_range *a, const struct flat_range *b)
{
    return a->src == b->src && a->last + 1 == b->start && a->off + (b->start - a->start) == b->off;
}

#endif
