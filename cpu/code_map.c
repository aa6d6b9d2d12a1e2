/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/code_map.c - see code_map.h.
 *
 * Lines are marked and cleared under the group's lock; a drop makes the next generation before it clears the lines. So
 * who finds a line unmarked, without the lock, knows that whatever was decoded from it before is void already. */
#include "cpu/code_map.h"

#include <stdlib.h>

#include "base/counter.h"
#include "cpu/jit/jit.h"
#include "cpu/limits.h"
#include "cpu/tlb.h"

enum {
    CHUNK_SHIFT = 16,           /* code is counted by page, and by chunk for larger questions */
    CHUNKS = 1 << 16,
};

struct code_set {
    _Atomic uintptr_t host[CODE_WAYS];      /* of the pages in the same places; 0: none */
};

struct code_map {
    struct cpu_group *g;
    uint64_t drops;
    unsigned victim;
    struct code_set sets[CODE_SETS];
    struct code_page pages[CODE_SETS][CODE_WAYS];
    _Atomic uint16_t chunks[CHUNKS];        /* by hash: pages with marked lines */
};

struct code_map *code_map_new(struct cpu_group *g)
{
    struct code_map *m = calloc(1, sizeof(*m));

    if (m)
        m->g = g;
    return m;
}

void code_map_free(struct code_map *m)
{
    free(m);
}

static uintptr_t page_of(const uint8_t *host)
{
    return (uintptr_t)host & ~(uintptr_t)(TLB_PAGE - 1);
}

static unsigned set_of(uintptr_t page)
{
    return (unsigned)(page >> TLB_PAGE_SHIFT ^ page >> 25) & (CODE_SETS - 1);
}

static unsigned chunk_of(uintptr_t host)
{
    uintptr_t chunk = host >> CHUNK_SHIFT;

    return (unsigned)(chunk ^ chunk >> 16) & (CHUNKS - 1);
}

static struct code_page *find(const struct code_map *m, uintptr_t page)
{
    unsigned set = set_of(page);

    for (unsigned way = 0; way < CODE_WAYS; way++)
        if (atomic_load_explicit(&m->sets[set].host[way], memory_order_acquire) == page)
            return (struct code_page *)&m->pages[set][way];
    return NULL;
}

static uint64_t lines_of(const uint8_t *host, uint64_t len)
{
    unsigned first = (unsigned)((uintptr_t)host & (TLB_PAGE - 1)) / 64;
    unsigned last = (unsigned)(((uintptr_t)host & (TLB_PAGE - 1)) + len - 1) / 64;

    return (last >= 63 ? ~0ull : (1ull << (last + 1)) - 1) & ~((1ull << first) - 1);
}

static void drop(struct cpu_group *g, struct code_page *p) REQUIRES(g->lock)
{
    if (!atomic_load_explicit(&p->lines, memory_order_relaxed))
        return;
    atomic_fetch_add(&p->gen, 1);
    jit_page_changed(g, p);
    atomic_store(&p->lines, 0);
    atomic_fetch_sub(&g->code->chunks[chunk_of(p->host)], 1);
    counter_add(&g->code->drops, 1);
}

/* The page's record; a new one when it has none. */
static struct code_page *get(struct cpu_group *g, uintptr_t page) REQUIRES(g->lock)
{
    struct code_map *m = g->code;
    struct code_page *p = find(m, page);
    unsigned set = set_of(page), way = 0;

    if (p)
        return p;
    while (way < CODE_WAYS && atomic_load_explicit(&m->sets[set].host[way], memory_order_relaxed))
        way++;
    if (way == CODE_WAYS)
        way = m->victim++ % CODE_WAYS;
    p = &m->pages[set][way];
    drop(g, p);
    p->host = page;
    atomic_store_explicit(&m->sets[set].host[way], page, memory_order_release);
    return p;
}

struct code_page *code_map_mark(struct cpu *c, const uint8_t *host, uint64_t len, uint32_t *gen)
{
    struct cpu_group *g = c->group;
    struct code_map *m = g->code;
    struct code_page *p;

    lock_take(&g->lock);
    p = get(g, page_of(host));
    if (!atomic_load_explicit(&p->lines, memory_order_relaxed)) {
        atomic_fetch_add(&m->chunks[chunk_of(p->host)], 1);
        atomic_store(&p->settled, false);
        p->since = cpu_group_tick(g, p->host);
        cpu_group_attention(g);
    }
    atomic_fetch_or(&p->lines, lines_of(host, len));
    *gen = code_page_gen(p);
    lock_drop(&g->lock);
    return p;
}

bool code_map_settled(struct cpu *c, struct code_page *p)
{
    struct cpu_group *g = c->group;
    bool passed;

    if (atomic_load_explicit(&p->settled, memory_order_acquire))
        return true;
    cpu_group_look(c);
    lock_take(&g->lock);
    passed = cpu_group_passed(g, p->since);
    if (passed)
        atomic_store_explicit(&p->settled, true, memory_order_release);
    lock_drop(&g->lock);
    return passed;
}

static void stored_to_page(struct code_map *m, uintptr_t page, uint64_t lines)
{
    struct code_page *p = find(m, page);

    if (!p || !(atomic_load(&p->lines) & lines))
        return;
    lock_take(&m->g->lock);
    if (p->host == page && (atomic_load(&p->lines) & lines))
        drop(m->g, p);
    lock_drop(&m->g->lock);
}

void code_map_stored(struct code_map *m, const uint8_t *host, uint64_t len)
{
    const uint8_t *end = host + len;

    /* the bytes first: who marks a line after this look decodes what was stored */
    atomic_thread_fence(memory_order_seq_cst);
    while (host < end) {
        bool marked = atomic_load(&m->chunks[chunk_of((uintptr_t)host)]);
        uint64_t step = marked ? TLB_PAGE : 1ull << CHUNK_SHIFT, room = step - ((uintptr_t)host & (step - 1));
        uint64_t part = (uint64_t)(end - host) < room ? (uint64_t)(end - host) : room;

        if (marked)
            stored_to_page(m, page_of(host), lines_of(host, part));
        host += part;
    }
}

void code_map_drop_all(struct code_map *m)
{
    lock_take(&m->g->lock);
    for (unsigned set = 0; set < CODE_SETS; set++)
        for (unsigned way = 0; way < CODE_WAYS; way++)
            drop(m->g, &m->pages[set][way]);
    lock_drop(&m->g->lock);
}

bool code_map_has(const struct code_map *m, const uint8_t *host, uint64_t len)
{
    const struct code_page *p;

    if (len <= TLB_PAGE) {
        p = find(m, page_of(host));
        return p && atomic_load(&p->lines);
    }
    for (uint64_t off = 0; off < len; off += 1u << CHUNK_SHIFT)
        if (atomic_load(&m->chunks[chunk_of((uintptr_t)host + off)]) ||
            atomic_load(&m->chunks[chunk_of((uintptr_t)host + off + (1u << CHUNK_SHIFT) - 1)]))
            return true;
    return false;
}

uint64_t code_map_drops(const struct code_map *m)
{
    return counter_get(&m->drops);
}
