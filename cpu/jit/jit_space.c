/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/jit/jit_space.c - see jit_space.h.
 *
 * Readers find traces through the index without a lock: code is stored last and cleared first, and what it covers does
 * not change before every processor has caught up with its death. */
#include "cpu/jit/jit_space.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "cpu/code_map.h"
#include "cpu/tlb.h"

enum { INDEX_WAYS = 4 };

static void init_chunks(struct jit_space *s)
{
    for (unsigned i = 0; i < JIT_CHUNKS; i++)
        s->chunks[i] = (struct jit_chunk){ .number = i, .start = s->cache.rw + JIT_THUNK_BYTES +
                                           (size_t)i * JIT_CHUNK_BYTES };
}

/* Memory that the host gives as chunks are filled; calloc() would clear at once what the process had before. */
static bool map_arrays(struct jit_space *s)
{
    size_t traces = (size_t)JIT_CHUNKS * JIT_CHUNK_TRACES * sizeof(*s->traces);
    size_t links = (size_t)JIT_CHUNKS * JIT_CHUNK_LINKS * sizeof(*s->links);
    size_t ops = (size_t)JIT_CHUNKS * JIT_CHUNK_OPS * sizeof(*s->ops);
    size_t index = sizeof(*s->index) << JIT_INDEX_BITS, all = index + traces + links + ops;
    uint8_t *at = mmap(NULL, all, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (at == MAP_FAILED)
        return false;
    s->array_bytes = all;
    s->index = (_Atomic uint64_t *)at;          /* first: the ways of a set share a cache line */
    s->traces = (struct jit_trace *)(at + index);
    s->links = (struct jit_link *)(at + index + traces);
    s->ops = (struct op *)(at + index + traces + links);
    return true;
}

static struct jit_space *space_new(struct cpu_group *g, const struct isa *isa, struct error *err)
{
    struct jit_space *s = calloc(1, sizeof(*s));

    if (!s)
        goto no_memory;
    s->group = g;
    if (!map_arrays(s))
        goto no_memory;
    if (code_cache_init(&s->cache, JIT_THUNK_BYTES + (size_t)JIT_CHUNKS * JIT_CHUNK_BYTES, err) ||
        host_init(s, isa, err)) {
        jit_space_free(s);
        return NULL;
    }
    init_chunks(s);
    return s;
no_memory:
    error_set(err, ENOMEM, "no memory for the translator; use --engine interp");
    jit_space_free(s);
    return NULL;
}

void jit_space_free(struct jit_space *s)
{
    if (!s)
        return;
    host_fini(s);
    code_cache_fini(&s->cache);
    if (s->index)
        munmap(s->index, s->array_bytes);
    free(s);
}

struct jit_space *jit_space_get(struct cpu_group *g, const struct isa *isa, struct error *err)
{
    struct jit_space *s;

    lock_take(&g->lock);
    if (!g->jit)
        g->jit = space_new(g, isa, err);
    s = g->jit;
    lock_drop(&g->lock);
    return s;
}

/* ---- the index ---- */

/* A way holds half a hash of what is looked for, so that only a trace that is likely to be the one is looked at, and
 * the trace's number + 1; 0: none. */
static _Atomic uint64_t *ways(const struct jit_space *s, const uint8_t *host, uint8_t mode)
{
    uintptr_t h = (uintptr_t)host >> 2;

    h = (h ^ h >> 13 ^ (uintptr_t)mode << 5) & ((1u << JIT_INDEX_BITS) / INDEX_WAYS - 1);
    return &s->index[h * INDEX_WAYS];
}

static uint32_t key_of(const uint8_t *host, uint8_t mode, uint64_t ea)
{
    return (uint32_t)((ea * 0x9e3779b97f4a7c15 ^ (uint64_t)mode << 56) >> 32 ^ (uintptr_t)host);
}

static uint64_t way_of(const struct jit_space *s, const struct jit_trace *t)
{
    return (uint64_t)key_of(t->host, t->mode, t->ea) << 32 | (uint32_t)(t - s->traces + 1);
}

struct jit_trace *jit_find(const struct jit_space *s, const uint8_t *host, uint8_t mode, uint64_t ea)
{
    _Atomic uint64_t *way = ways(s, host, mode);
    uint32_t key = key_of(host, mode, ea);

    for (unsigned i = 0; i < INDEX_WAYS; i++) {
        uint64_t w = atomic_load_explicit(&way[i], memory_order_acquire);
        struct jit_trace *t;

        if (!w || w >> 32 != key)
            continue;
        t = &s->traces[(uint32_t)w - 1];
        if (atomic_load_explicit(&t->code, memory_order_acquire) && t->host == host && t->ea == ea &&
            t->mode == mode)
            return t;
    }
    return NULL;
}

/* Takes an empty way, or else that of another trace, which stays alive for those who know it. */
static void put_in_index(struct jit_space *s, struct jit_trace *t)
{
    _Atomic uint64_t *way = ways(s, t->host, t->mode);
    unsigned i = 0;

    while (i < INDEX_WAYS && atomic_load_explicit(&way[i], memory_order_relaxed))
        i++;
    if (i == INDEX_WAYS)
        i = s->turn++ % INDEX_WAYS;
    atomic_store_explicit(&way[i], way_of(s, t), memory_order_release);
}

static void take_from_index(struct jit_space *s, struct jit_trace *t)
{
    _Atomic uint64_t *way = ways(s, t->host, t->mode);

    for (unsigned i = 0; i < INDEX_WAYS; i++)
        if (atomic_load_explicit(&way[i], memory_order_relaxed) == way_of(s, t))
            atomic_store_explicit(&way[i], 0, memory_order_relaxed);
}

static struct jit_chunk *chunk_of(struct jit_space *s, const uint8_t *rx)
{
    return &s->chunks[(size_t)(rx - code_cache_rx(&s->cache, s->chunks[0].start)) / JIT_CHUNK_BYTES];
}

/* Traces stand in the order of their code. */
struct jit_trace *jit_trace_of(struct jit_space *s, const uint8_t *rx)
{
    struct jit_chunk *k = chunk_of(s, rx);
    struct jit_trace *t = &s->traces[k->number * JIT_CHUNK_TRACES];

    lock_take(&s->group->lock);
    for (unsigned n = k->n_traces; n > 1;) {
        unsigned half = n / 2;

        if (t[half].guarded <= rx)
            t += half, n -= half;
        else
            n = half;
    }
    lock_drop(&s->group->lock);
    return t;
}

/* ---- life of a trace ---- */

bool jit_publish(struct jit_space *s, struct jit_chunk *k, struct jit_trace *t, const struct region *r,
                 const uint8_t *code)
{
    bool good = true;

    t->n_pages = 0;
    t->incoming = 0;
    lock_take(&s->group->lock);
    for (unsigned i = 0; i < r->n_pages && good; i++)
        good = !r->code[i] || code_page_gen(r->code[i]) == r->gen[i];
    for (unsigned i = 0; i < r->n_pages && good; i++) {
        if (!r->code[i])
            continue;
        t->pages[t->n_pages] = r->code[i];
        t->next_on_page[t->n_pages++] = r->code[i]->traces;
        r->code[i]->traces = t;
    }
    if (good) {
        k->n_traces++;
        atomic_store_explicit(&t->code, code, memory_order_release);
        put_in_index(s, t);
    }
    lock_drop(&s->group->lock);
    return good;
}

static struct jit_trace **link_on_page(struct jit_trace *t, const struct code_page *p)
{
    unsigned i = 0;

    while (t->pages[i] != p)
        i++;
    return &t->next_on_page[i];
}

static void take_from_page(struct jit_trace *t, struct code_page *p)
{
    struct jit_trace **at = &p->traces;

    while (*at != t)
        at = link_on_page(*at, p);
    *at = *link_on_page(t, p);
}

static bool is_empty(const struct jit_chunk *k)
{
    return !k->open && !k->filled;
}

/* NULL: the chunk has used up its records. */
static struct jit_link *new_link(struct jit_space *s, struct jit_chunk *k)
{
    struct jit_link *l = NULL;

    if (k->free_link) {
        l = &s->links[k->free_link - 1];
        k->free_link = l->next;
    } else if (k->n_links < JIT_CHUNK_LINKS) {
        l = &s->links[k->number * JIT_CHUNK_LINKS + k->n_links++];
    }
    return l;
}

static void put_incoming(struct jit_space *s, struct jit_link *l, struct jit_trace *t)
{
    uint32_t number = (uint32_t)(l - s->links) + 1;

    l->to = (uint32_t)(t - s->traces) + 1;
    l->next = t->incoming;
    l->prev = 0;
    if (l->next)
        s->links[l->next - 1].prev = number;
    t->incoming = number;
}

static void take_incoming(struct jit_space *s, struct jit_link *l)
{
    if (l->prev)
        s->links[l->prev - 1].next = l->next;
    else
        s->traces[l->to - 1].incoming = l->next;
    if (l->next)
        s->links[l->next - 1].prev = l->prev;
    l->to = 0;
}

/* Code of an evicted chunk may still come here; it is as good as gone. */
void jit_link(struct jit_space *s, const uint8_t *way, struct jit_trace *t)
{
    struct jit_chunk *k = chunk_of(s, way);
    struct jit_link *l;

    lock_take(&s->group->lock);
    if (!is_empty(k) && !host_is_linked(way) && atomic_load_explicit(&t->code, memory_order_relaxed) &&
        (l = new_link(s, k))) {
        host_link(s, way, host_exit(way).checked ? t->code : t->guarded);
        l->way = (uint32_t)(way - code_cache_rx(&s->cache, s->cache.rw));
        put_incoming(s, l, t);
    }
    lock_drop(&s->group->lock);
}

/* The jump goes back to the engine; its record is free. */
static void drop_link(struct jit_space *s, struct jit_link *l)
{
    const uint8_t *way = code_cache_rx(&s->cache, s->cache.rw) + l->way;
    struct jit_chunk *k = chunk_of(s, way);

    host_unlink(s, way);
    take_incoming(s, l);
    l->next = k->free_link;
    k->free_link = (uint32_t)(l - s->links) + 1;
}

static void kill_trace(struct jit_space *s, struct jit_trace *t)
{
    atomic_store_explicit(&t->code, NULL, memory_order_release);
    while (t->incoming)
        drop_link(s, &s->links[t->incoming - 1]);
    take_from_index(s, t);
    for (unsigned i = 0; i < t->n_pages; i++)
        take_from_page(t, t->pages[i]);
}

/* After traces died: everybody comes out of translated code and forgets addresses. */
static void tell_deaths(struct cpu_group *g) REQUIRES(g->lock)
{
    atomic_fetch_add(&g->jit->deaths, 1);
    cpu_group_attention(g);
}

void jit_retire(struct jit_space *s, struct jit_trace *t)
{
    lock_take(&s->group->lock);
    if (atomic_load_explicit(&t->code, memory_order_relaxed)) {
        kill_trace(s, t);
        tell_deaths(s->group);
    }
    lock_drop(&s->group->lock);
}

void jit_page_changed(struct cpu_group *g, struct code_page *p)
{
    if (!p->traces)
        return;
    while (p->traces)
        kill_trace(g->jit, p->traces);
    tell_deaths(g);
}

/* ---- chunks ---- */

static void evict(struct cpu_group *g, struct jit_chunk *k) REQUIRES(g->lock)
{
    struct jit_space *s = g->jit;

    for (unsigned i = 0; i < k->n_traces; i++) {
        struct jit_trace *t = &s->traces[k->number * JIT_CHUNK_TRACES + i];

        if (atomic_load_explicit(&t->code, memory_order_relaxed))
            kill_trace(s, t);
    }
    for (unsigned i = 0; i < k->n_links; i++) {
        struct jit_link *l = &s->links[k->number * JIT_CHUNK_LINKS + i];

        if (l->to)
            take_incoming(s, l);            /* its jump stays as it is while somebody may run it */
    }
    tell_deaths(g);
    __atomic_fetch_sub(&s->counts.host_bytes, (uint64_t)k->used, __ATOMIC_RELAXED);
    __atomic_fetch_add(&s->counts.evictions, 1, __ATOMIC_RELAXED);
    k->filled = 0;
    k->evicted = cpu_group_tick(g, 0);
}

/* The one that was emptied first. */
static struct jit_chunk *find_empty(struct jit_space *s)
{
    struct jit_chunk *found = NULL;

    for (unsigned i = 0; i < s->group->code_chunks; i++) {
        struct jit_chunk *k = &s->chunks[i];

        if (is_empty(k) && (!found || k->evicted < found->evicted))
            found = k;
    }
    return found;
}

static struct jit_chunk *oldest_full(struct jit_space *s)
{
    struct jit_chunk *found = NULL;

    for (unsigned i = 0; i < s->group->code_chunks; i++) {
        struct jit_chunk *k = &s->chunks[i];

        if (k->filled && (!found || k->filled < found->filled))
            found = k;
    }
    return found;
}

/* Evicts ahead of need, so that processors have time to catch up. */
static void keep_spare(struct cpu_group *g) REQUIRES(g->lock)
{
    struct jit_space *s = g->jit;
    unsigned spare = 0;

    for (unsigned i = 0; i < g->code_chunks; i++)
        spare += is_empty(&s->chunks[i]);
    for (struct jit_chunk *k; spare < JIT_SPARE_CHUNKS && (k = oldest_full(s)); spare++)
        evict(g, k);
}

struct jit_chunk *jit_chunk_open(struct cpu *c)
{
    struct jit_chunk *k;

    keep_spare(c->group);
    cpu_group_catch_up(c);
    k = find_empty(c->group->jit);
    if (!k || !cpu_group_passed(c->group, k->evicted))
        return NULL;
    k->open = true;
    k->used = k->n_traces = k->n_links = k->n_ops = 0;
    k->free_link = 0;
    keep_spare(c->group);
    return k;
}

void jit_chunk_close(struct cpu *c, struct jit_chunk *k)
{
    if (!k)
        return;
    k->open = false;
    k->filled = ++c->group->jit->filled;
}

struct jit_space_counts jit_space_counts(const struct jit_space *s)
{
    return (struct jit_space_counts){
        .host_bytes = __atomic_load_n(&s->counts.host_bytes, __ATOMIC_RELAXED),
        .evictions = __atomic_load_n(&s->counts.evictions, __ATOMIC_RELAXED),
    };
}
