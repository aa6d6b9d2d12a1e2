/* SPDX-License-Identifier: Apache-2.0 */
/* mem/mem_map.c - regions and transactions.
 *
 * A transaction changes the regions' places and the index at once and remembers the place each had before; the view is
 * worked out at the outermost commit.  Undoing only needs what is remembered and allocates nothing (M5). */
#include "mem/mem_map_int.h"

#include "mem/dirty_log.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#define MAP_LIMIT (1ull << 63)

struct mem_map *mem_map_new(void)
{
    struct mem_map *m = calloc(1, sizeof(*m));
    struct flat_node *root = m ? flat_empty(&m->pool) : NULL;

    if (!root) {
        free(m);
        return NULL;
    }
    lock_init(&m->lock);
    atomic_init(&m->root, root);
    return m;
}

static void link_alias(struct mem_region *r)
{
    if (!r->target)
        return;
    r->next_alias = r->target->aliases;
    r->target->aliases = r;
}

static void unlink_alias(struct mem_region *r)
{
    struct mem_region **at;

    if (!r->target)
        return;
    for (at = &r->target->aliases; *at != r; at = &(*at)->next_alias)
        ;
    *at = r->next_alias;
}

/* -ENOMEM: the region is as it was. */
static int place(struct mem_map *m, struct mem_region *r) REQUIRES(m->lock)
{
    if (region_index_add(&m->index, r) < 0)
        return -ENOMEM;
    r->now.mapped = true;
    r->map = m;
    link_alias(r);
    return 0;
}

static void displace(struct mem_map *m, struct mem_region *r) REQUIRES(m->lock)
{
    region_index_del(&m->index, r);
    unlink_alias(r);
    r->now.mapped = false;
}

void mem_map_free(struct mem_map *m)
{
    struct mem_region *r;

    if (!m)
        return;
    assert(!m->touched && !m->listeners);
    lock_take(&m->lock);
    while ((r = region_index_first(&m->index))) {
        displace(m, r);
        region_index_tidy(&m->index, r->now.start);
        r->map = NULL;
        mem_region_put(r);
    }
    lock_drop(&m->lock);
    region_index_fini(&m->index);
    map_free_windows(m);
    /* Callbacks of regions put above start others (blocks): wait for both generations. */
    rcu_barrier();
    rcu_barrier();
    flat_free_tree(&m->pool, atomic_load_explicit(&m->root, memory_order_relaxed));
    flat_pool_fini(&m->pool);
    map_scratch_fini(&m->scratch);
    lock_fini(&m->lock);
    free(m);
}

/* Only the owner changes the depth, so it needs no locked instruction.  Who sees it above 0 sees its owner, or a later
 * one: the last store of a thread that is not the owner was 0, so what it reads above that is another's. */
static unsigned depth_of(struct mem_map *m)
{
    return atomic_load_explicit(&m->depth, memory_order_relaxed);
}

static void set_depth(struct mem_map *m, unsigned depth)
{
    atomic_store_explicit(&m->depth, depth, memory_order_release);
}

static bool ours(struct mem_map *m)
{
    return atomic_load_explicit(&m->depth, memory_order_acquire) &&
           pthread_equal(atomic_load_explicit(&m->owner, memory_order_relaxed), pthread_self());
}

void mem_map_begin(struct mem_map *m) NO_LOCK_ANALYSIS
{
    if (!ours(m)) {
        lock_take(&m->lock);
        atomic_store_explicit(&m->owner, pthread_self(), memory_order_relaxed);
    }
    set_depth(m, depth_of(m) + 1);
}

/* Notes the region's place before its first change in this transaction. */
static void touch(struct mem_map *m, struct mem_region *r) REQUIRES(m->lock)
{
    if (r->touched)
        return;
    r->touched = true;
    r->before = r->now;
    r->next_touched = m->touched;
    m->touched = r;
    mem_region_get(r);
}

/* All new places go before the old ones come back: then the index needs no memory for them (I2). */
static void undo(struct mem_map *m) REQUIRES(m->lock)
{
    struct mem_region *r;
    int rc = 0;

    for (r = m->touched; r; r = r->next_touched)
        if (r->now.mapped)
            displace(m, r);
    for (r = m->touched; r; r = r->next_touched) {
        struct mem_place was = r->now;

        r->now = r->before;
        r->now.mapped = false;
        if (r->before.mapped)
            rc |= place(m, r);
        else if (r->sparse)
            region_index_tidy(&m->index, was.start);
    }
    assert(rc == 0);
    (void)rc;
}

/* The map's references follow what is mapped; the transaction's own one becomes the map's where that has none. */
static void settle(struct mem_region *r)
{
    bool now = r->now.mapped, before = r->before.mapped;

    if (!now)
        r->map = NULL;
    if (!now && before)
        mem_region_put(r);
    if (!now || before)
        mem_region_put(r);
}

static void end_transaction(struct mem_map *m, bool success) REQUIRES(m->lock)
{
    struct mem_region *r, *next;

    if (!success)
        undo(m);
    for (r = m->touched; r; r = next) {
        next = r->next_touched;
        r->touched = false;
        if (r->sparse)
            region_index_tidy(&m->index, r->now.mapped ? r->before.start : r->now.start);
        r->sparse = false;
        settle(r);
    }
    m->touched = NULL;
    map_run_steps(m, success);
    m->doomed = false;
}

int mem_map_commit(struct mem_map *m) NO_LOCK_ANALYSIS
{
    int rc = 0;

    assert(ours(m));
    if (depth_of(m) == 1) {
        rc = m->doomed ? -ECANCELED : map_publish(m);
        end_transaction(m, rc == 0);
    }
    set_depth(m, depth_of(m) - 1);
    if (!depth_of(m))
        lock_drop(&m->lock);
    return rc;
}

void mem_map_abort(struct mem_map *m)
{
    assert(ours(m));
    m->doomed = true;
    (void)mem_map_commit(m);
}

/* Inside a transaction the lock is held: begin and commit count, which the analysis cannot follow. */
static void inside(struct mem_map *m) ASSERTS_HELD(m->lock)
{
    assert(ours(m));
    (void)m;
}

/* Gives an unmapped region its new place; -ENOMEM: none. */
static int move(struct mem_map *m, struct mem_region *r, uint64_t start, int priority) REQUIRES(m->lock)
{
    struct mem_place was = r->now;
    int rc;

    r->now.start = start;
    r->now.priority = priority;
    r->now.seq = ++m->last_seq;
    rc = place(m, r);
    if (rc < 0)
        r->now = was;
    return rc;
}

int mem_map_add(struct mem_map *m, struct mem_region *r, ra_t start, int priority, struct error *err)
{
    int rc = 0;

    if (start.v >= MAP_LIMIT || r->len > MAP_LIMIT - start.v)
        return error_set(err, EINVAL, "a region of 0x%" PRIx64 " bytes does not fit at 0x%" PRIx64, r->len, start.v);
    mem_map_begin(m);
    inside(m);
    if (r->now.mapped || (r->map && r->map != m) || (r->target && r->target->map && r->target->map != m)) {
        rc = error_set(err, EBUSY, "the region for 0x%" PRIx64 " is mapped already", start.v);
    } else {
        touch(m, r);
        rc = move(m, r, start.v, priority);
    }
    if (rc == -EBUSY) {
        (void)mem_map_commit(m);
        return rc;
    }
    rc = mem_map_commit(m) < 0 || rc < 0 ? -ENOMEM : 0;
    return rc < 0 ? error_set(err, -rc, "no memory for the memory map") : 0;
}

int mem_map_del(struct mem_map *m, struct mem_region *r)
{
    mem_map_begin(m);
    inside(m);
    if (!r->now.mapped || r->map != m) {
        (void)mem_map_commit(m);
        return -ENOENT;
    }
    touch(m, r);
    displace(m, r);
    return mem_map_commit(m);
}

int mem_map_enable(struct mem_map *m, struct mem_region *r, bool enabled)
{
    mem_map_begin(m);
    inside(m);
    if (r->map && r->map != m) {
        (void)mem_map_commit(m);
        return -EBUSY;
    }
    if (r->now.enabled != enabled) {
        touch(m, r);
        for (struct mem_region *a = r->aliases; a; a = a->next_alias)
            touch(m, a);
        r->now.enabled = enabled;
    }
    return mem_map_commit(m);
}

void mem_map_stats(struct mem_map *m, struct mem_map_stats *out)
{
    lock_take(&m->lock);
    *out = m->stats;
    lock_drop(&m->lock);
}
