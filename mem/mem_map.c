/* SPDX-License-Identifier: Apache-2.0 */
/* A sorted array of disjoint ranges, replaced as a whole at each change. */
#include "mem/mem_map.h"

#include "base/lock.h"
#include "base/rcu.h"
#include "mem/ram_window.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

struct mem_region {
    const struct mem_ops *ops;
    void *opaque;
    uint64_t len;
    atomic_uint refs;
    struct rcu_head rcu;
};

struct range {
    uint64_t start, len;
    struct mem_region *region;      /* NULL: RAM of window */
    struct ram_window *window;
};

struct view {
    struct rcu_head rcu;
    size_t n;
    struct range r[];
};

struct mem_map {
    struct lock lock;
    _Atomic(struct view *) view;
};

static struct mem_region *region_new(const struct mem_ops *ops, void *opaque, uint64_t len)
{
    struct mem_region *r = calloc(1, sizeof(*r));

    if (!r)
        return NULL;
    r->ops = ops;
    r->opaque = opaque;
    r->len = len;
    r->refs = 1;
    return r;
}

struct mem_region *mem_region_new_mmio(const struct mem_ops *ops, void *opaque, uint64_t len)
{
    return region_new(ops, opaque, len);
}

struct mem_region *mem_region_new_reserved(uint64_t len)
{
    return region_new(NULL, NULL, len);
}

static void region_reclaim(struct rcu_head *head)
{
    rcu_grace_passed();
    free(caa_container_of(head, struct mem_region, rcu));
}

void mem_region_put(struct mem_region *r)
{
    if (r && atomic_fetch_sub(&r->refs, 1) == 1)
        call_rcu(&r->rcu, region_reclaim);
}

struct mem_map *mem_map_new(void)
{
    struct mem_map *m = calloc(1, sizeof(*m));
    struct view *v = calloc(1, sizeof(*v));

    if (!m || !v) {
        free(m);
        free(v);
        return NULL;
    }
    lock_init(&m->lock);
    atomic_init(&m->view, v);
    return m;
}

void mem_map_free(struct mem_map *m)
{
    struct view *v;

    if (!m)
        return;
    v = atomic_load(&m->view);
    for (size_t i = 0; i < v->n; i++)
        mem_region_put(v->r[i].region);
    free(v);
    lock_fini(&m->lock);
    free(m);
}

/* First range that ends after ra. */
static size_t seek(const struct view *v, uint64_t ra)
{
    size_t lo = 0, hi = v->n;

    while (lo < hi) {
        size_t mid = (lo + hi) / 2;

        if (v->r[mid].start + v->r[mid].len - 1 < ra)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

static void view_reclaim(struct rcu_head *head)
{
    rcu_grace_passed();
    free(caa_container_of(head, struct view, rcu));
}

/* Replaces ranges [at, at + del) by the n given ones and publishes. */
static int splice(struct mem_map *m, size_t at, size_t del, const struct range *add, size_t n) REQUIRES(m->lock)
{
    struct view *old = atomic_load_explicit(&m->view, memory_order_relaxed);
    struct view *v = malloc(sizeof(*v) + (old->n - del + n) * sizeof(v->r[0]));

    if (!v)
        return -ENOMEM;
    v->n = old->n - del + n;
    memcpy(v->r, old->r, at * sizeof(v->r[0]));
    if (n)
        memcpy(v->r + at, add, n * sizeof(v->r[0]));
    memcpy(v->r + at + n, old->r + at + del, (old->n - at - del) * sizeof(v->r[0]));
    atomic_store_explicit(&m->view, v, memory_order_release);
    call_rcu(&old->rcu, view_reclaim);
    return 0;
}

static int insert(struct mem_map *m, struct range add, struct error *err) REQUIRES(m->lock)
{
    struct view *v = atomic_load_explicit(&m->view, memory_order_relaxed);
    size_t at = seek(v, add.start), del = 0;
    int rc;

    if (at < v->n && v->r[at].start <= add.start + add.len - 1)
        return error_set(err, EEXIST, "0x%" PRIx64 " + 0x%" PRIx64 " is taken already", add.start, add.len);
    if (add.window && at < v->n && v->r[at].window == add.window && v->r[at].start == add.start + add.len) {
        add.len += v->r[at].len;
        del++;
    }
    if (add.window && at && v->r[at - 1].window == add.window && v->r[at - 1].start + v->r[at - 1].len == add.start) {
        add.start = v->r[at - 1].start;
        add.len += v->r[at - 1].len;
        at--;
        del++;
    }
    rc = splice(m, at, del, &add, 1);
    return rc < 0 ? error_set(err, -rc, "no memory for the memory map") : 0;
}

int mem_map_add_ram(struct mem_map *m, struct ram_window *w, ra_t start, uint64_t len, struct error *err)
{
    int rc = ram_window_open(w, start, len, err);

    if (rc < 0)
        return rc;
    lock_take(&m->lock);
    rc = insert(m, (struct range){ .start = start.v, .len = len, .window = w }, err);
    lock_drop(&m->lock);
    return rc;
}

struct closing {
    struct rcu_head rcu;
    struct ram_window *window;
    ra_t start;
    uint64_t len;
};

static void close_pages(struct rcu_head *head)
{
    struct closing *c = caa_container_of(head, struct closing, rcu);

    rcu_grace_passed();
    ram_window_close(c->window, c->start, c->len, NULL);
    free(c);
}

int mem_map_remove_ram(struct mem_map *m, struct ram_window *w, ra_t start, uint64_t len, struct error *err)
{
    struct closing *c = malloc(sizeof(*c));
    struct range keep[2], *r;
    struct view *v;
    size_t at, n = 0;
    int rc;

    if (!c)
        return error_set(err, ENOMEM, "no memory for the memory map");
    *c = (struct closing){ .window = w, .start = start, .len = len };
    lock_take(&m->lock);
    v = atomic_load_explicit(&m->view, memory_order_relaxed);
    at = seek(v, start.v);
    r = &v->r[at];
    if (at == v->n || r->window != w || r->start > start.v || len > r->len - (start.v - r->start)) {
        lock_drop(&m->lock);
        free(c);
        return error_set(err, ENOENT, "0x%" PRIx64 " + 0x%" PRIx64 " is not all RAM", start.v, len);
    }
    if (r->start < start.v)
        keep[n++] = (struct range){ .start = r->start, .len = start.v - r->start, .window = w };
    if (r->start + r->len > start.v + len)
        keep[n++] = (struct range){ .start = start.v + len, .len = r->start + r->len - start.v - len, .window = w };
    rc = splice(m, at, 1, keep, n);
    lock_drop(&m->lock);
    if (rc < 0) {
        free(c);
        return error_set(err, -rc, "no memory for the memory map");
    }
    call_rcu(&c->rcu, close_pages);
    return 0;
}

int mem_map_add(struct mem_map *m, struct mem_region *r, ra_t start, int priority, struct error *err)
{
    int rc;

    (void)priority;
    lock_take(&m->lock);
    rc = insert(m, (struct range){ .start = start.v, .len = r->len, .region = r }, err);
    if (rc == 0)
        atomic_fetch_add(&r->refs, 1);
    lock_drop(&m->lock);
    return rc;
}

int mem_map_del(struct mem_map *m, struct mem_region *r)
{
    struct view *v;
    int rc = -ENOENT;

    lock_take(&m->lock);
    v = atomic_load_explicit(&m->view, memory_order_relaxed);
    for (size_t i = 0; i < v->n; i++)
        if (v->r[i].region == r) {
            rc = splice(m, i, 1, NULL, 0);
            break;
        }
    lock_drop(&m->lock);
    if (rc == 0)
        mem_region_put(r);
    return rc;
}

bool mem_map_find_rcu(const struct mem_map *m, ra_t ra, struct mem_hit *hit)
{
    const struct view *v = atomic_load_explicit(&m->view, memory_order_acquire);
    size_t at = seek(v, ra.v);
    const struct range *r = &v->r[at];

    if (at == v->n || r->start > ra.v)
        return false;
    *hit = (struct mem_hit){ .len = r->len - (ra.v - r->start), .off = ra.v - r->start };
    if (r->window) {
        hit->host = ram_window_base(r->window) + ra.v;
        hit->writable = true;
        hit->off = ra.v;
        return true;
    }
    hit->ops = r->region->ops;
    hit->opaque = r->region->opaque;
    return hit->ops != NULL;
}

/* True when all of [ra, ra + len) is RAM, or also ROM when not to be written. */
static bool all_ram_rcu(const struct mem_map *m, ra_t ra, size_t len, bool write)
{
    struct mem_hit hit;

    while (len) {
        if (!mem_map_find_rcu(m, ra, &hit) || !hit.host || (write && !hit.writable))
            return false;
        if (hit.len >= len)
            return true;
        ra.v += hit.len;
        len -= hit.len;
    }
    return true;
}

static void copy_rcu(const struct mem_map *m, ra_t ra, uint8_t *to, const uint8_t *from, size_t len)
{
    struct mem_hit hit;

    while (len && mem_map_find_rcu(m, ra, &hit)) {
        size_t n = len < hit.len ? len : hit.len;

        if (to) {
            memcpy(to, hit.host, n);
            to += n;
        } else {
            memcpy(hit.host, from, n);
            from += n;
        }
        ra.v += n;
        len -= n;
    }
}

bool mem_map_read(const struct mem_map *m, ra_t ra, void *buf, size_t len)
{
    bool ok;

    rcu_read_lock();
    ok = all_ram_rcu(m, ra, len, false);
    if (ok)
        copy_rcu(m, ra, buf, NULL, len);
    rcu_read_unlock();
    return ok;
}

bool mem_map_write(struct mem_map *m, ra_t ra, const void *buf, size_t len)
{
    bool ok;

    rcu_read_lock();
    ok = all_ram_rcu(m, ra, len, true);
    if (ok)
        copy_rcu(m, ra, NULL, buf, len);
    rcu_read_unlock();
    return ok;
}

bool mem_map_mmio_read(const struct mem_map *m, ra_t ra, unsigned size, uint64_t *val)
{
    struct mem_hit hit;
    bool ok;

    rcu_read_lock();
    ok = mem_map_find_rcu(m, ra, &hit) && hit.ops && hit.ops->read && size <= hit.len &&
         hit.ops->read(hit.opaque, hit.off, size, val);
    rcu_read_unlock();
    return ok;
}

bool mem_map_mmio_write(const struct mem_map *m, ra_t ra, unsigned size, uint64_t val)
{
    struct mem_hit hit;
    bool ok;

    rcu_read_lock();
    ok = mem_map_find_rcu(m, ra, &hit) && hit.ops && hit.ops->write && size <= hit.len &&
         hit.ops->write(hit.opaque, hit.off, size, val);
    rcu_read_unlock();
    return ok;
}
