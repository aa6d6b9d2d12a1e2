/* SPDX-License-Identifier: Apache-2.0 */
/* mem/map_access.c - the map as readers use it: looking up, copying, MMIO.  Wait-free. */
#include "mem/mem_map_int.h"

#include "mem/dirty_log.h"

#include <string.h>

static bool find(const struct flat_node *root, uint64_t ra, struct mem_hit *hit)
{
    const struct flat_node *leaf;
    const struct flat_value *v;
    const struct mem_source *src;
    unsigned slot;

    if (!flat_lookup(root, ra, &leaf, &slot))
        return false;
    v = &leaf->value[slot];
    if (v->last < ra)
        return false;
    src = v->src;
    hit->off = v->off + (ra - leaf->key[slot]);
    hit->len = v->last - ra + 1;
    hit->host = src->host ? src->host + hit->off : NULL;
    hit->writable = src->kind == MEM_RAM;
    hit->ops = src->ops;
    hit->opaque = src->opaque;
    hit->log = src->log;
    return src->kind != MEM_RESERVED;
}

static const struct flat_node *view_rcu(const struct mem_map *m)
{
    return atomic_load_explicit(&m->root, memory_order_acquire);
}

bool mem_map_find_rcu(const struct mem_map *m, ra_t ra, struct mem_hit *hit)
{
    return find(view_rcu(m), ra.v, hit);
}

/* All of [ra, ra + len) is RAM, or also ROM when it is not to be written. */
static bool all_there(const struct flat_node *root, uint64_t ra, size_t len, bool write)
{
    struct mem_hit hit;

    while (len) {
        if (!find(root, ra, &hit) || !hit.host || (write && !hit.writable))
            return false;
        if (hit.len >= len)
            return true;
        ra += hit.len;
        len -= hit.len;
    }
    return true;
}

/* Processors may store, or look, meanwhile: an aligned number of 4 or 8 bytes is copied whole. */
static void take(uint8_t *to, const uint8_t *host, size_t n)
{
    uint64_t d;
    uint32_t w;

    if (n == sizeof(w) && !((uintptr_t)host % sizeof(w))) {
        w = __atomic_load_n((const uint32_t *)host, __ATOMIC_RELAXED);
        memcpy(to, &w, sizeof(w));
    } else if (n == sizeof(d) && !((uintptr_t)host % sizeof(d))) {
        d = __atomic_load_n((const uint64_t *)host, __ATOMIC_RELAXED);
        memcpy(to, &d, sizeof(d));
    } else {
        memcpy(to, host, n);
    }
}

static void put(uint8_t *host, const uint8_t *from, size_t n)
{
    uint64_t d;
    uint32_t w;

    if (n == sizeof(w) && !((uintptr_t)host % sizeof(w))) {
        memcpy(&w, from, sizeof(w));
        __atomic_store_n((uint32_t *)host, w, __ATOMIC_RELAXED);
    } else if (n == sizeof(d) && !((uintptr_t)host % sizeof(d))) {
        memcpy(&d, from, sizeof(d));
        __atomic_store_n((uint64_t *)host, d, __ATOMIC_RELAXED);
    } else {
        memcpy(host, from, n);
    }
}

bool mem_map_read(const struct mem_map *m, ra_t ra, void *buf, size_t len)
{
    const struct flat_node *root;
    struct mem_hit hit;
    uint8_t *to = buf;
    bool ok;

    rcu_read_lock();
    root = view_rcu(m);
    ok = all_there(root, ra.v, len, false);
    while (ok && len) {
        size_t n;

        find(root, ra.v, &hit);
        n = len < hit.len ? len : hit.len;
        take(to, hit.host, n);
        to += n;
        ra.v += n;
        len -= n;
    }
    rcu_read_unlock();
    return ok;
}

bool mem_map_write(struct mem_map *m, ra_t ra, const void *buf, size_t len)
{
    const struct flat_node *root;
    const uint8_t *from = buf;
    struct mem_hit hit;
    bool ok;

    rcu_read_lock();
    root = view_rcu(m);
    ok = all_there(root, ra.v, len, true);
    while (ok && len) {
        size_t n;

        find(root, ra.v, &hit);
        n = len < hit.len ? len : hit.len;
        put(hit.host, from, n);
        if (hit.log)
            dirty_log_mark_rcu(hit.log, hit.off, n);
        from += n;
        ra.v += n;
        len -= n;
    }
    rcu_read_unlock();
    return ok;
}

bool mem_map_mmio_read(const struct mem_map *m, ra_t ra, unsigned size, uint64_t *val)
{
    struct mem_hit hit;
    bool ok;

    rcu_read_lock();
    ok = find(view_rcu(m), ra.v, &hit) && hit.ops && hit.ops->read && size <= hit.len &&
         hit.ops->read(hit.opaque, hit.off, size, val);
    rcu_read_unlock();
    return ok;
}

bool mem_map_mmio_write(const struct mem_map *m, ra_t ra, unsigned size, uint64_t val)
{
    struct mem_hit hit;
    bool ok;

    rcu_read_lock();
    ok = find(view_rcu(m), ra.v, &hit) && hit.ops && hit.ops->write && size <= hit.len &&
         hit.ops->write(hit.opaque, hit.off, size, val);
    rcu_read_unlock();
    return ok;
}
