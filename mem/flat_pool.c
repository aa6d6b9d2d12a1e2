/* SPDX-License-Identifier: Apache-2.0 */
#include "mem/flat_pool.h"

#include <stddef.h>

#define LINE 64

static size_t node_size(bool leaf)
{
    size_t each = leaf ? sizeof(struct flat_value) : sizeof(struct flat_node *);

    return (offsetof(struct flat_node, child) + FLAT_FANOUT * each + LINE - 1) / LINE * LINE;
}

void flat_pool_fini(struct flat_pool *p)
{
    for (unsigned leaf = 0; leaf < 2; leaf++) {
        (void)atomic_load_explicit(&p->returned[leaf], memory_order_acquire);   /* reclaimers wrote to the nodes */
        slab_fini(&p->slab[leaf]);
    }
}

void flat_pool_put(struct flat_pool *p, struct flat_node *n)
{
    n->link = p->spare[n->leaf];
    p->spare[n->leaf] = n;
}

void flat_pool_return(struct flat_pool *p, bool leaf, const struct flat_chain *list)
{
    struct flat_node *head = atomic_load_explicit(&p->returned[leaf], memory_order_relaxed);

    if (!list->head)
        return;
    do
        list->tail->link = head;
    while (!atomic_compare_exchange_weak_explicit(&p->returned[leaf], &head, list->head, memory_order_release,
                                                  memory_order_relaxed));
}

struct flat_node *flat_pool_get(struct flat_pool *p, bool leaf)
{
    struct flat_node *n;

    if (!p->spare[leaf] && atomic_load_explicit(&p->returned[leaf], memory_order_relaxed))
        p->spare[leaf] = atomic_exchange_explicit(&p->returned[leaf], NULL, memory_order_acquire);
    n = p->spare[leaf];
    if (!n)
        return slab_get(&p->slab[leaf], node_size(leaf));
    p->spare[leaf] = n->link;
    for (size_t at = 0; n->link && at < node_size(leaf); at += LINE)
        __builtin_prefetch((char *)n->link + at, 1);        /* the next one will be written whole */
    return n;
}
