/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/mem/map_model.h"

#include "base/rcu.h"
#include "mem/mem_map.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SPACE 1024
#define REGIONS 24

struct model_region {
    struct mem_region *r;
    enum mem_kind kind;
    uint64_t len, src_off;
    int target;                         /* -1: no alias */
    bool mapped, enabled;
    uint64_t start, seq;
    int priority;
};

struct cell {                           /* what answers at one address */
    enum mem_kind kind;
    const void *source;                 /* block, or the region that is its own source */
    uint64_t off;
};

struct map_model {
    struct mem_map *map;
    struct ram_block *block;
    uint8_t *host;
    struct model_region region[REGIONS], saved[REGIONS];
    uint64_t seq;
    int depth;
    bool aborted;
    unsigned failures;
    struct cell shadow[SPACE];          /* kept up by the listener alone */
    struct mem_listener listener;
};

static void die(const char *what, uint64_t at)
{
    fprintf(stderr, "map model: %s at %llu\n", what, (unsigned long long)at);
    abort();
}

#define MUST(cond, at) ((cond) ? (void)0 : die(#cond, at))

static const struct mem_ops ops;

static struct cell cell_of(const struct mem_answer *a, uint64_t by)
{
    struct cell c = { .kind = a->kind };

    if (a->kind == MEM_RAM || a->kind == MEM_ROM)
        c = (struct cell){ a->kind, a->block, a->off + by };
    if (a->kind == MEM_MMIO)
        c = (struct cell){ a->kind, a->opaque, a->off + by };
    return c;
}

static bool same(const struct cell *a, const struct cell *b)
{
    return a->kind == b->kind && a->source == b->source && a->off == b->off;
}

static bool joins(const struct mem_answer *a, uint64_t len, const struct mem_answer *b)
{
    struct cell x = cell_of(a, len), y = cell_of(b, 0);

    return same(&x, &y);
}

/* M4: in order, disjoint, maximal, and exactly what changed. */
static void changed(void *opaque, const struct mem_change *c, size_t n)
{
    struct map_model *w = opaque;

    for (size_t i = 0; i < n; i++) {
        uint64_t start = c[i].start.v;

        MUST(c[i].len && start + c[i].len <= SPACE, start);
        MUST(i == 0 || c[i - 1].start.v + c[i - 1].len <= start, start);
        MUST(i == 0 || c[i - 1].start.v + c[i - 1].len < start || !joins(&c[i - 1].was, c[i - 1].len, &c[i].was) ||
             !joins(&c[i - 1].now, c[i - 1].len, &c[i].now), start);
        for (uint64_t k = 0; k < c[i].len; k++) {
            struct cell was = cell_of(&c[i].was, k), now = cell_of(&c[i].now, k);

            MUST(same(&was, &w->shadow[start + k]), start + k);
            MUST(!same(&was, &now), start + k);
            w->shadow[start + k] = now;
        }
    }
}

static struct cell model_at(const struct map_model *w, uint64_t at)
{
    const struct model_region *best = NULL, *t;

    for (int i = 0; i < REGIONS; i++) {
        const struct model_region *r = &w->region[i];

        if (!r->r || !r->mapped || !r->enabled || at < r->start || at - r->start >= r->len)
            continue;
        if (r->target >= 0 && !w->region[r->target].enabled)
            continue;
        if (!best || r->priority > best->priority || (r->priority == best->priority && r->seq > best->seq))
            best = r;
    }
    if (!best)
        return (struct cell){ .kind = MEM_NONE };
    t = best->target >= 0 ? &w->region[best->target] : best;
    if (t->kind == MEM_RESERVED)
        return (struct cell){ .kind = MEM_RESERVED };
    return (struct cell){
        .kind = t->kind, .source = t->kind == MEM_MMIO ? (const void *)t : w->block,
        .off = at - best->start + best->src_off + (best->target >= 0 ? t->src_off : 0),
    };
}

static void check_at(struct map_model *w, uint64_t at)
{
    struct cell want = model_at(w, at), next;
    struct mem_hit hit = { 0 };
    uint64_t run = 1;
    bool found;

    MUST(same(&want, &w->shadow[at]), at);
    rcu_read_lock();
    found = mem_map_find_rcu(w->map, ra(at), &hit);
    rcu_read_unlock();
    MUST(found == (want.kind != MEM_NONE && want.kind != MEM_RESERVED), at);
    if (!found)
        return;
    MUST(hit.off == want.off, at);
    MUST((hit.host != NULL) == (want.kind == MEM_RAM || want.kind == MEM_ROM), at);
    MUST(!hit.host || hit.host == w->host + want.off, at);
    MUST(hit.writable == (want.kind == MEM_RAM), at);
    MUST((hit.ops != NULL) == (want.kind == MEM_MMIO), at);
    MUST(want.kind != MEM_MMIO || hit.opaque == want.source, at);
    for (next = want; at + run < SPACE; run++) {
        struct cell c = model_at(w, at + run);

        next.off++;
        if (!same(&next, &c))
            break;
    }
    MUST(hit.len == run, at);
}

static void model_begin(struct map_model *w)
{
    if (w->depth++ == 0) {
        memcpy(w->saved, w->region, sizeof(w->saved));
        w->aborted = false;
    }
    mem_map_begin(w->map);
}

static void undo(struct map_model *w)
{
    for (int i = 0; i < REGIONS; i++)
        if (w->saved[i].r && w->saved[i].r == w->region[i].r)
            w->region[i] = w->saved[i];
        else
            w->region[i].mapped = false, w->region[i].enabled = true;
}

static void note(struct map_model *w, int rc)
{
    w->failures += rc == -ENOMEM;
    MUST(rc == 0 || rc == -ENOMEM || rc == -ECANCELED, 0);
}

static void model_commit(struct map_model *w, bool abort_it)
{
    int rc = 0;

    if (abort_it) {
        w->aborted = true;
        mem_map_abort(w->map);
    } else {
        rc = mem_map_commit(w->map);
    }
    if (--w->depth)
        return;
    note(w, rc);
    MUST(abort_it || (rc == -ECANCELED) == w->aborted, 0);
    if (rc < 0 || w->aborted)
        undo(w);
}

static uint8_t take(const uint8_t **p, const uint8_t *end)
{
    return *p < end ? *(*p)++ : 0;
}

/* A number below n, biased to small borders. */
static uint64_t number(const uint8_t **p, const uint8_t *end, uint64_t n)
{
    uint64_t v = take(p, end);

    v |= (uint64_t)take(p, end) << 8;
    return v % n;
}

static void make_region(struct map_model *w, int i, const uint8_t **p, const uint8_t *end)
{
    struct model_region *m = &w->region[i];
    unsigned kind = take(p, end) % 6;
    int target = take(p, end) % REGIONS;

    *m = (struct model_region){ .len = 1 + number(p, end, SPACE / 2), .target = -1, .enabled = true };
    m->src_off = number(p, end, SPACE - m->len);
    if (kind == 0 || kind == 1) {
        m->kind = kind ? MEM_ROM : MEM_RAM;
        m->r = kind ? mem_region_new_rom(w->block, m->src_off, m->len)
                    : mem_region_new_ram(w->block, m->src_off, m->len);
    } else if (kind == 2) {
        m->kind = MEM_MMIO;
        m->src_off = 0;
        m->r = mem_region_new_mmio(&ops, m, m->len);
    } else if (kind == 3) {
        m->kind = MEM_RESERVED;
        m->r = mem_region_new_reserved(m->len);
    } else if (w->region[target].r && target != i) {
        const struct model_region *t = &w->region[target];

        if (m->src_off + m->len > t->len) {
            MUST(!mem_region_new_alias(t->r, m->src_off, m->len), 0);
            return;
        }
        m->r = mem_region_new_alias(t->r, m->src_off, m->len);
        m->target = t->target >= 0 ? t->target : target;
        m->src_off += t->target >= 0 ? t->src_off : 0;
    }
}

static bool is_target(const struct map_model *w, int i)
{
    for (int k = 0; k < REGIONS; k++)
        if (w->region[k].r && w->region[k].target == i)
            return true;
    return false;
}

static void renew(struct map_model *w, int i, const uint8_t **p, const uint8_t *end)
{
    struct model_region *m = &w->region[i];

    if (m->r && !m->mapped && !w->depth && !is_target(w, i)) {
        mem_region_put(m->r);
        m->r = NULL;
    }
    if (!m->r)
        make_region(w, i, p, end);
}

static void map_it(struct map_model *w, struct model_region *m, const uint8_t **p, const uint8_t *end)
{
    int priority = take(p, end) % 4 - 1;
    uint64_t start = number(p, end, SPACE - m->len + 1);
    int rc;

    if (m->mapped) {
        MUST(mem_map_add(w->map, m->r, ra(start), 0, NULL) == -EBUSY, start);
        return;
    }
    model_begin(w);
    rc = mem_map_add(w->map, m->r, ra(start), priority, NULL);
    note(w, rc);
    if (rc == 0) {
        m->mapped = true;
        m->start = start;
        m->priority = priority;
        m->seq = ++w->seq;
    }
    model_commit(w, false);
}

void map_model_step(struct map_model *w, const uint8_t **p, const uint8_t *end)
{
    unsigned what = take(p, end) % 10;
    int i = take(p, end) % REGIONS;
    struct model_region *m = &w->region[i];

    if (what == 0 || !m->r) {
        renew(w, i, p, end);
    } else if (what <= 3) {
        map_it(w, m, p, end);
    } else if (what == 4 || what == 5) {
        if (!m->mapped) {
            MUST(mem_map_del(w->map, m->r) == -ENOENT, 0);
            return;
        }
        model_begin(w);
        note(w, mem_map_del(w->map, m->r));
        m->mapped = false;
        model_commit(w, false);
    } else if (what == 6) {
        model_begin(w);
        note(w, mem_map_enable(w->map, m->r, !m->enabled));
        m->enabled = !m->enabled;
        model_commit(w, false);
    } else if (what == 7 && w->depth < 3) {
        model_begin(w);
    } else if (w->depth) {
        model_commit(w, what == 8 && i < 4);
    }
}

void map_model_check(struct map_model *w)
{
    while (w->depth)
        model_commit(w, false);
    for (uint64_t at = 0; at < SPACE; at++)
        check_at(w, at);
}

unsigned map_model_failures(const struct map_model *w)
{
    return w->failures;
}

struct map_model *map_model_new(void)
{
    struct map_model *w = calloc(1, sizeof(*w));

    if (!w)
        return NULL;
    w->host = calloc(1, SPACE);
    w->map = mem_map_new();
    w->block = w->host ? ram_block_new(w->host, SPACE, NULL, NULL) : NULL;
    w->listener = (struct mem_listener){ .changed = changed, .opaque = w };
    if (w->map && w->block && mem_map_listen(w->map, &w->listener) == 0)
        return w;
    ram_block_put(w->block);
    mem_map_free(w->map);
    free(w->host);
    free(w);
    return NULL;
}

void map_model_reset(struct map_model *w)
{
    while (w->depth)
        model_commit(w, false);
    for (int i = 0; i < REGIONS; i++) {
        if (w->region[i].mapped)
            note(w, mem_map_del(w->map, w->region[i].r));
        mem_region_put(w->region[i].r);
    }
    memset(w->region, 0, sizeof(w->region));
}

void map_model_free(struct map_model *w)
{
    while (w->depth)
        model_commit(w, false);
    mem_map_unlisten(w->map, &w->listener);
    for (int i = 0; i < REGIONS; i++)
        mem_region_put(w->region[i].r);
    ram_block_put(w->block);
    mem_map_free(w->map);
    rcu_barrier();
    free(w->host);
    free(w);
}
