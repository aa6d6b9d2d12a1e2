/* SPDX-License-Identifier: Apache-2.0 */
/* mem/map_commit.c - publishes the next view, retires the old one's nodes, keeps the logs in
 * step and tells the listeners. */
#include "mem/mem_map_int.h"

#include "mem/dirty_log.h"

#include <errno.h>
#include <stdlib.h>

struct retired {
    struct rcu_head rcu;
    struct flat_pool *pool;
    struct flat_chain list[2];
};

static void reclaim(struct rcu_head *head)
{
    struct retired *r = caa_container_of(head, struct retired, rcu);

    rcu_grace_passed();
    flat_pool_return(r->pool, false, &r->list[0]);
    flat_pool_return(r->pool, true, &r->list[1]);
    free(r);
}

/* The log of a window's block has pages where RAM is mapped: longer before the view shows them, shorter after. */
static void shorten_logs(struct mem_region *list, const struct mem_region *end, bool mapped_now)
{
    for (struct mem_region *r = list; r != end; r = r->next_touched) {
        const struct mem_place *p = mapped_now ? &r->now : &r->before, *other = mapped_now ? &r->before : &r->now;

        if (r->block && r->block->log_follows && p->mapped && !other->mapped)
            (void)dirty_log_shrink(r->block->ram.log, r->src_off, r->len);
    }
}

static int lengthen_logs(struct mem_map *m) REQUIRES(m->lock)
{
    for (struct mem_region *r = m->scratch.ram ? m->touched : NULL; r; r = r->next_touched)
        if (r->block && r->block->log_follows && r->now.mapped && !r->before.mapped &&
            dirty_log_grow(r->block->ram.log, r->src_off, r->len) < 0) {
            shorten_logs(m->touched, r, true);
            return -ENOMEM;
        }
    return 0;
}

int map_publish(struct mem_map *m)
{
    struct map_scratch *s = &m->scratch;
    struct retired *old;
    struct flat_edit e;

    if (!m->touched)
        return 0;
    flat_edit_init(&e, &m->pool, atomic_load_explicit(&m->root, memory_order_relaxed), ++m->last_edit);
    old = malloc(sizeof(*old));
    if (!old || map_edit_view(m, &e) < 0 || lengthen_logs(m) < 0) {
        flat_abort(&e);
        free(old);
        return -ENOMEM;
    }
    flat_finish(&e);
    *old = (struct retired){ .pool = &m->pool, .list = { e.gone[0], e.gone[1] } };
    if (e.copies) {
        atomic_store_explicit(&m->root, e.root, memory_order_release);
        m->stats.commits++;
        m->stats.changes += s->n_changes;
        m->stats.nodes += e.copies;
        call_rcu(&old->rcu, reclaim);
    } else {
        free(old);
    }
    for (struct mem_listener *l = m->listeners; l && s->n_changes; l = l->next)
        l->changed(l->opaque, s->change, s->n_changes);
    if (s->ram)
        shorten_logs(m->touched, NULL, false);
    return 0;
}

int mem_map_listen(struct mem_map *m, struct mem_listener *l)
{
    int rc;

    lock_take(&m->lock);
    rc = map_whole_view(m);
    if (rc == 0) {
        l->next = m->listeners;
        m->listeners = l;
        if (m->scratch.n_changes)
            l->changed(l->opaque, m->scratch.change, m->scratch.n_changes);
    }
    lock_drop(&m->lock);
    return rc;
}

void mem_map_unlisten(struct mem_map *m, struct mem_listener *l)
{
    struct mem_listener **at;

    lock_take(&m->lock);
    for (at = &m->listeners; *at && *at != l; at = &(*at)->next)
        ;
    if (*at)
        *at = l->next;
    lock_drop(&m->lock);
}
