/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/jit/jit.c - traces: making them, running them, linking their exits, dropping them.
 *
 * Everything is dropped at once when a pool or the code cache is full; that happens only between runs of translated code.
 * A dead trace may still be running (a store dropped its own page): it finishes its way out, which the ISA allows until isync, and
 * `attention` makes loops come out soon. */
#include "cpu/jit/jit_int.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/counter.h"
#include "cpu/cpu_int.h"
#include "cpu/run.h"
#include "cpu/tlb.h"

struct jit *jit_new(struct cpu *c, struct error *err)
{
    struct jit *j = calloc(1, sizeof(*j));

    if (!j)
        goto no_memory;
    j->cpu = c;
    j->traces = calloc(JIT_MAX_TRACES, sizeof(*j->traces));
    j->exits = calloc(JIT_MAX_EXITS, sizeof(*j->exits));
    j->ops = calloc(JIT_MAX_OPS, sizeof(*j->ops));
    j->page_hash = calloc(JIT_PAGE_HASH, sizeof(*j->page_hash));
    if (!j->traces || !j->exits || !j->ops || !j->page_hash)
        goto no_memory;
    if (code_cache_init(&j->cache, JIT_CACHE_BYTES, err) || host_init(j, err)) {
        jit_free(j);
        return NULL;
    }
    j->jumps_used = true;
    jit_forget_addresses(j);
    return j;
no_memory:
    error_set(err, ENOMEM, "no memory for the translator; use --engine interp");
    jit_free(j);
    return NULL;
}

void jit_free(struct jit *j)
{
    if (!j)
        return;
    host_fini(j);
    code_cache_fini(&j->cache);
    free(j->page_hash);
    free(j->ops);
    free(j->exits);
    free(j->traces);
    free(j);
}

struct jit_exit *jit_new_exit(struct jit *j)
{
    struct jit_exit *e;

    if (j->n_exits == JIT_MAX_EXITS)
        return NULL;
    e = &j->exits[j->n_exits++];
    *e = (struct jit_exit){ 0 };
    return e;
}

struct op *jit_new_op(struct jit *j, const struct op *from)
{
    if (j->n_ops == JIT_MAX_OPS)
        return NULL;
    j->ops[j->n_ops] = *from;
    return &j->ops[j->n_ops++];
}

void jit_forget_addresses(struct jit *j)
{
    if (j->jumps_used)
        memset(j->jumps, 0xff, sizeof(j->jumps));
    j->jumps_used = false;
}

void jit_flush(struct jit *j)
{
    for (unsigned i = 0; i < j->n_traces; i++)
        if (j->traces[i].code)
            j->traces[i].head->code = NULL;
    j->n_traces = j->n_exits = j->n_ops = 0;
    j->cache.used = j->cache.floor;
    memset(j->page_hash, 0, JIT_PAGE_HASH * sizeof(*j->page_hash));
    jit_forget_addresses(j);
    counter_add(&j->counts.flushes, 1);
    __atomic_store_n(&j->counts.host_bytes, (uint64_t)j->cache.used, __ATOMIC_RELAXED);
}

static unsigned hash_page(uintptr_t page)
{
    return (unsigned)(page >> 12 ^ page >> 24) & (JIT_PAGE_HASH - 1);
}

static unsigned place_on(const struct jit_trace *t, uintptr_t page)
{
    unsigned i = 0;

    while (hash_page(t->pages[i]) != hash_page(page))
        i++;
    return i;
}

/* A trace is on the list of each hash bucket its pages fall into, once. */
static void enlist(struct jit *j, struct jit_trace *t)
{
    for (unsigned i = 0; i < t->n_pages; i++) {
        struct jit_trace **head = &j->page_hash[hash_page(t->pages[i])];

        if (place_on(t, t->pages[i]) != i)
            continue;
        t->next_on_page[i] = *head;
        *head = t;
    }
}

static void kill_trace(struct jit *j, struct jit_trace *t)
{
    if (!t->code)
        return;
    for (struct jit_exit *e = t->incoming; e; e = e->next_incoming) {
        host_unlink(j, e);
        e->to = NULL;
    }
    t->incoming = NULL;
    t->code = NULL;
    t->head->code = NULL;
    t->head->heat = 0;
    jit_forget_addresses(j);
    atomic_fetch_or(&j->cpu->attention, ATTENTION_LOOK);
}

static bool covers(const struct jit_trace *t, uintptr_t page)
{
    for (unsigned i = 0; i < t->n_pages; i++)
        if (t->pages[i] == page)
            return true;
    return false;
}

/* Drops every trace that covers the page. */
void jit_page_dropped(struct jit *j, uintptr_t page)
{
    struct jit_trace *next;

    for (struct jit_trace *t = j->page_hash[hash_page(page)]; t; t = next) {
        next = t->next_on_page[place_on(t, page)];
        if (covers(t, page))
            kill_trace(j, t);
    }
}

static bool room(const struct jit *j)
{
    return j->n_traces < JIT_MAX_TRACES && j->n_exits < JIT_MAX_EXITS - 4 * REGION_MAX_ITEMS &&
           j->n_ops < JIT_MAX_OPS - 2 * REGION_MAX_ITEMS && j->cache.size - j->cache.used > 2 * JIT_REGION_BYTES_MAX;
}

bool jit_translate(struct cpu *c, struct block *b)
{
    struct jit *j = c->jit;
    struct jit_trace *t;
    struct host_code code;

    if (!room(j))
        jit_flush(j);
    if (!region_collect(c, b, &j->region))
        return false;
    if (!host_lower(j, &j->region, &code))
        return false;
    code_cache_grown(&j->cache);
    t = &j->traces[j->n_traces++];
    *t = (struct jit_trace){ .ea = c->nip, .head = b, .code = code.code, .guarded = code.guarded, .n_pages = j->region.n_pages };
    memcpy(t->pages, j->region.pages, sizeof(t->pages));
    enlist(j, t);
    b->code = t;
    b->code_ea = c->nip;
    counter_add(&j->counts.translated, 1);
    counter_add(&j->counts.guest_ops, j->region.n_ops);
    __atomic_store_n(&j->counts.host_bytes, (uint64_t)j->cache.used, __ATOMIC_RELAXED);
    return true;
}

/* Lets an exit jump straight to a trace. */
static void link_exit(struct jit *j, struct jit_exit *e, struct jit_trace *t)
{
    if (e->to)
        return;
    host_link(j, e, e->page_ea == (t->ea & ~(TLB_PAGE - 1)) ? t->code : t->guarded);
    e->to = t;
    e->next_incoming = t->incoming;
    t->incoming = e;
}

/* The trace at c->nip, if its head block is translated for this address. Leaves untranslated and unmapped addresses to the interpreter. */
static struct jit_trace *trace_here(struct cpu *c)
{
    const struct tlb_fetch *e = tlb_fetch(c->tlb, c->imode, ea(c->nip));
    struct block *b;

    if (e->tag != (c->nip & ~(TLB_PAGE - 1)))
        return NULL;
    b = block_find(c, (const uint8_t *)(e->addend + c->nip));
    return b && b->code && b->code_ea == c->nip ? b->code : NULL;
}

void jit_enter(struct cpu *c, struct block *b)
{
    struct jit *j = c->jit;
    struct jit_trace *t = b->code;

    while (t) {
        int64_t before = c->budget;
        struct jit_exit *e;

        if (c->tlb->fetch_changed) {
            c->tlb->fetch_changed = false;
            jit_forget_addresses(j);
        }
        e = host_enter(j, t->code);

        counter_add(&c->insns, (uint64_t)(before - c->budget));
        if (e)
            c->nip = e->nip;
        if (c->stop || c->alone || cpu_must_look(c))
            return;
        t = trace_here(c);
        if (t && e)
            link_exit(j, e, t);
        else if (t) {
            struct jump_slot *s = &j->jumps[c->nip >> 2 & (JUMP_CACHE - 1)];

            *s = (struct jump_slot){ jump_tag(c->nip, c->block_mode), t->code };
            j->jumps_used = true;
        }
    }
}

struct jit_counts jit_counts(const struct jit *j)
{
    return (struct jit_counts){
        .translated = counter_get(&j->counts.translated),
        .flushes = counter_get(&j->counts.flushes),
        .guest_ops = counter_get(&j->counts.guest_ops),
        .host_bytes = counter_get(&j->counts.host_bytes),
        .host_capacity = j->cache.size,
    };
}
