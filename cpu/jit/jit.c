/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/jit/jit.c - a processor's translator: making translations, finding and running them, linking their exits.
 *
 * Only publishing and linking take the group's lock. A trace may die, by any thread, while this processor runs it: it
 * finishes its way out, which the ISA allows until a context synchronisation, and `attention` makes it come out soon.
 * Its memory stays until every processor has caught up (cpu/group.h), so what was found or returned since the last look
 * at the group's clock may be used. */
#include "cpu/jit/jit_int.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/counter.h"
#include "base/thread.h"
#include "cpu/cpu_int.h"
#include "cpu/isa.h"
#include "cpu/jit/jit_space.h"
#include "cpu/run.h"
#include "cpu/tlb.h"

static void forget_addresses(struct jit *j)
{
    if (j->jumps_used)
        memset(j->jumps, 0xff, sizeof(j->jumps));
    j->jumps_used = false;
}

struct jit *jit_new(struct cpu *c, struct error *err)
{
    struct jit *j = calloc(1, sizeof(*j) + isa_row_count(c->isa) * sizeof(j->c_calls[0]));

    if (!j) {
        error_set(err, ENOMEM, "no memory for the translator; use --engine interp");
        return NULL;
    }
    j->cpu = c;
    j->space = jit_space_get(c->group, c->isa, err);
    if (!j->space) {
        free(j);
        return NULL;
    }
    j->thunks = j->space->thunks;
    j->ops = j->space->ops;
    jit_name_shared(j);
    j->jumps_used = true;
    forget_addresses(j);
    return j;
}

void jit_free(struct jit *j)
{
    struct cpu *c;

    if (!j)
        return;
    c = j->cpu;
    lock_take(&c->group->lock);
    jit_chunk_close(c, j->chunk);
    lock_drop(&c->group->lock);
    free(j);
}

/* Written before it is published, and not again before every processor has caught up with its death. ThreadSanitizer
 * cannot see that: who comes through a jump linked meanwhile, under the group's lock, has run translated code only. */
__attribute__((no_sanitize("thread"))) struct op *jit_new_op(struct jit *j, const struct op *from)
{
    struct jit_chunk *k = j->chunk;
    struct op *o;

    if (k->n_ops == JIT_CHUNK_OPS)
        return NULL;
    o = &j->ops[k->number * JIT_CHUNK_OPS + k->n_ops++];
    *o = *from;
    return o;
}

/* ---- translating ---- */

static bool room(const struct jit_chunk *k)
{
    return k && k->n_traces < JIT_CHUNK_TRACES && k->n_ops < JIT_CHUNK_OPS - 2 * REGION_MAX_ITEMS &&
           JIT_CHUNK_BYTES - k->used >= JIT_REGION_BYTES_MAX;
}

static bool get_room(struct jit *j)
{
    struct cpu *c = j->cpu;

    if (room(j->chunk))
        return true;
    lock_take(&c->group->lock);
    jit_chunk_close(c, j->chunk);
    j->chunk = jit_chunk_open(c);
    lock_drop(&c->group->lock);
    return j->chunk;
}

/* Translates the region at c->nip into the open chunk; as a loop, if there is an old translation. NULL: nothing to
 * gain, or the code changed meanwhile. */
static struct jit_trace *translate(struct cpu *c, struct block *b, const struct jit_trace *old)
{
    struct jit *j = c->jit;
    struct jit_chunk before = *j->chunk;
    struct jit_trace *t = &j->space->traces[before.number * JIT_CHUNK_TRACES + before.n_traces];
    struct host_code code;

    j->region.through = old;
    if (!region_collect(c, b, &j->region))
        return NULL;
    if (old && !j->region.loops)
        return NULL;
    if (!host_lower(j, &j->region, &code))
        goto give_up;
    t->ea = c->nip;
    t->host = b->host;
    t->mode = c->block_mode;
    t->guarded = code.guarded;
    t->map = code.map;
    t->loops = j->region.loops;
    atomic_store_explicit(&t->samples, old ? JIT_SAMPLES : 0, memory_order_relaxed);
    if (!jit_publish(j->space, j->chunk, t, &j->region, code.code))
        goto give_up;
    counter_add(&j->counts.translated, 1);
    counter_add(&j->counts.guest_ops, j->region.n_ops);
    __atomic_fetch_add(&j->space->counts.host_bytes, j->chunk->used - before.used, __ATOMIC_RELAXED);
    code_cache_grown(&j->space->cache, j->chunk->used - before.used);
    return t;
give_up:
    j->chunk->n_ops = before.n_ops;
    j->chunk->used = before.used;
    return NULL;
}

static struct jit_trace *translate_timed(struct cpu *c, struct block *b, const struct jit_trace *old)
{
    int64_t start = time_now_ns();
    struct jit_trace *t = translate(c, b, old);

    counter_add(&c->jit->counts.ns, (uint64_t)(time_now_ns() - start));
    return t;
}

/* The code of b's translation, if that is alive and for this address. *dead: it is not alive. */
static const uint8_t *code_of(const struct cpu *c, const struct block *b, bool *dead)
{
    const struct jit_trace *t = b->trace;
    const uint8_t *code = atomic_load_explicit(&t->code, memory_order_acquire);

    *dead = !code || t->host != b->host || t->mode != b->mode;
    return *dead || t->ea != c->nip ? NULL : code;
}

/* b is hot here: what another processor made of it, or else a new translation. */
static const uint8_t *find_or_translate(struct cpu *c, struct block *b)
{
    struct jit *j = c->jit;
    struct jit_trace *t = jit_find(j->space, b->host, b->mode, c->nip);

    if (!t && !get_room(j)) {
        b->heat = JIT_HOT / 2;              /* the chunks that are empty may still be run: later */
        return NULL;
    }
    if (!t)
        t = translate_timed(c, b, NULL);
    if (!t)
        return NULL;
    b->trace = t;
    return atomic_load_explicit(&t->code, memory_order_acquire);
}

/* The budget ended in b's translation: when it does so often, that is where the time goes, and a longer path
 * takes its place. */
static void sample(struct cpu *c, struct block *b)
{
    struct jit_trace *old = b->trace, *t;
    bool dead;

    if (old->loops || atomic_load_explicit(&old->samples, memory_order_relaxed) >= JIT_SAMPLES ||
        atomic_fetch_add_explicit(&old->samples, 1, memory_order_relaxed) + 1 != JIT_SAMPLES)
        return;
    if (!get_room(c->jit) || !code_of(c, b, &dead))         /* room may have been made of it */
        return;
    t = translate_timed(c, b, old);
    if (!t)
        return;
    jit_retire(c->jit->space, old);
    b->trace = t;
}

/* The same of the loop that the function of the moment is called from: its head is where LR points, and a head that
 * wants fewer instructions of the budget may never be where that ends. */
static void sample_caller(struct cpu *c)
{
    const struct tlb_fetch *e = tlb_fetch(c->tlb, c->imode, ea(c->lr & ~3ull));
    uint64_t nip = c->nip;
    struct block *b;
    bool dead;

    c->nip = c->lr & ~3ull;
    b = e->tag == (c->nip & ~(TLB_PAGE - 1)) ? block_find(c, (const uint8_t *)(e->addend + c->nip)) : NULL;
    if (b && !b->trace)
        b->trace = jit_find(c->jit->space, b->host, b->mode, c->nip);
    if (b && b->trace && code_of(c, b, &dead))
        sample(c, b);
    c->nip = nip;
}

const uint8_t *jit_code(struct cpu *c, struct block *b)
{
    const uint8_t *code = NULL;
    bool dead = false, sampled = c->jit->sampled;

    c->jit->sampled = false;
    if (b->trace)
        code = code_of(c, b, &dead);
    if (code && sampled) {
        sample(c, b);
        sample_caller(c);
        code = code_of(c, b, &dead);
    }
    if (code)
        return code;
    if (dead) {
        b->trace = NULL;
        b->heat = 0;
    }
    if (++b->heat < JIT_HOT || (b->heat > JIT_HOT && b->heat % JIT_AGAIN) || b->mode >= 64)
        return NULL;
    return find_or_translate(c, b);
}

/* ---- running ---- */

/* The trace at c->nip, if there is one for this address.
 * Leaves untranslated and unmapped addresses to the interpreter. */
static struct jit_trace *trace_here(const struct cpu *c)
{
    const struct tlb_fetch *e = tlb_fetch(c->tlb, c->imode, ea(c->nip));

    if (e->tag != (c->nip & ~(TLB_PAGE - 1)))
        return NULL;
    return jit_find(c->jit->space, (const uint8_t *)(e->addend + c->nip), c->block_mode, c->nip);
}

/* Translations of fetch addresses changed, or traces died: what was remembered by effective address is void. */
static void look_at_changes(struct jit *j)
{
    uint64_t deaths = atomic_load_explicit(&j->space->deaths, memory_order_acquire);

    if (!j->cpu->tlb->fetch_changed && deaths == j->deaths)
        return;
    j->cpu->tlb->fetch_changed = false;
    j->deaths = deaths;
    forget_addresses(j);
}

static void remember(struct jit *j, uint64_t nip, uint8_t mode, const uint8_t *code)
{
    j->jumps[nip >> 2 & (JUMP_CACHE - 1)] = (struct jump_slot){ jump_tag(nip, mode), code };
    j->jumps_used = true;
}

void jit_enter(struct cpu *c, const uint8_t *code)
{
    struct jit *j = c->jit;

    while (code) {
        int64_t before = c->budget;
        struct jit_trace *t;
        const uint8_t *way;

        look_at_changes(j);
        way = host_enter(j, code);
        counter_add(&c->insns, (uint64_t)(before - c->budget));
        if (way)
            c->nip = host_exit(way).nip;
        j->sampled = c->budget < 0 && !way;
        if (c->stop || c->alone || cpu_must_look(c))
            return;
        t = trace_here(c);
        if (!t)
            return;
        code = atomic_load_explicit(&t->code, memory_order_acquire);
        if (way)
            jit_link(j->space, way, t);
        else if (code)
            remember(j, c->nip, c->block_mode, code);
    }
}

struct jit_counts jit_counts(const struct jit *j)
{
    return (struct jit_counts){
        .translated = counter_get(&j->counts.translated),
        .guest_ops = counter_get(&j->counts.guest_ops),
        .ns = counter_get(&j->counts.ns),
    };
}

uint64_t jit_c_calls(const struct jit *j, size_t row)
{
    return counter_get(&j->c_calls[row]);
}
