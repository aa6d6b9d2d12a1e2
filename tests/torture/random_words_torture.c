/* SPDX-License-Identifier: Apache-2.0 */
/* tests/torture/random_words_torture.c - whatever a guest executes, the process goes on.
 *
 * Random words (half of them any 32 bits, half instructions of the table with random fields and reserved bits) run in
 * problem and privileged state, both byte orders, 32 and 64 bits, with random facilities, registers, SPRs, SLB and hash
 * table entries, RAM, MMIO and nothing behind the addresses. The only thing checked is that the processor always comes
 * back, with the invariants of its registers; the sanitizers' build does the rest.
 *
 * TORTURE_WORDS: how many (a million when not set); SEED: another sequence; ENGINE=interp (when not set), jit,
 * lockstep: some blocks then run until they are hot. */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cpu/limits.h"
#include "cpu/row_bits.h"
#include "cpu/run.h"
#include "mem/mem_map.h"
#include "tests/isa/engine.h"
#include "tests/isa/values.h"

enum { SLOTS = 512 };           /* words in the code page, from its start */
#define RAM_BYTES (1ull << 20)
#define MMIO_RA 0x200000ull
#define MMIO_BYTES 0x10000ull
#define CODE_RA (ENGINE_RA & ~(WIRE_PAGE - 1))

struct torture {
    struct engine *engine;
    struct cpu *cpu;
    struct rng r;
    enum cpu_engine kind;
    uint64_t words, translations, exits[8];
};

/* The processor looks at the clock now and then: that ends endless loops. */
static uint64_t clock_that_kicks(void *opaque)
{
    struct cpu *c = opaque;

    cpu_kick(c);
    return 0;
}

static bool mmio_read(void *opaque, uint64_t off, unsigned size, uint64_t *val)
{
    (void)opaque;
    *val = off * 0x0101010101010101ull;
    return size != 2;
}

static bool mmio_write(void *opaque, uint64_t off, unsigned size, uint64_t val)
{
    (void)opaque;
    (void)val;
    return size != 2 && off != 8;
}

static const struct mem_ops mmio_ops = { mmio_read, mmio_write };

static uint32_t random_word(struct torture *t)
{
    const struct isa *isa = engine_isa(t->engine);
    const struct isa_row *row = isa_row_at(isa, rng_below(&t->r, (unsigned)isa_row_count(isa)));
    uint32_t mask, value, w = (uint32_t)rng_next(&t->r);

    if (rng_once_in(&t->r, 2))
        return w;
    row_bits_fixed(row->bits, &mask, &value);
    return (w & ~mask) | value;
}

static uint64_t random_address(struct torture *t)
{
    static const uint64_t bases[] = { WIRE_DATA, WIRE_CODE, ENGINE_DATA_RA, CODE_RA, 0, RAM_BYTES, MMIO_RA,
                                      MMIO_RA + MMIO_BYTES, 0xC000000000000000ull, 0xC000000000004000ull,
                                      0xFFFFFFFFFFFFFFF0ull, 0xFFFFFFF8ull };

    return bases[rng_below(&t->r, sizeof(bases) / sizeof(bases[0]))] + rng_below(&t->r, 3 * WIRE_PAGE) - WIRE_PAGE / 2;
}

static void random_registers(struct torture *t)
{
    struct cpu *c = t->cpu;

    for (unsigned i = 0; i < 32; i++)
        c->gpr[i] = rng_once_in(&t->r, 2) ? random_address(t) : value_int(&t->r, 64);
    for (unsigned i = 0; i < 64; i++) {
        uint64_t v[2];

        value_vsr(&t->r, (enum value_kind)rng_below(&t->r, VALUE_KINDS), v);
        VSR_D(c->vsr[i], 0) = v[0];
        VSR_D(c->vsr[i], 1) = v[1];
    }
    cpu_set_cr(c, (uint32_t)rng_next(&t->r), 0xff);
    cpu_set_xer(c, rng_next(&t->r));
    c->lr = random_address(t);
    c->ctr = rng_once_in(&t->r, 2) ? random_address(t) : rng_below(&t->r, 5);
    c->fpscr = rng_next(&t->r) & rng_next(&t->r) & 0x7ffffffffull;
    c->vscr = (uint32_t)rng_next(&t->r) & (VSCR_NJ | VSCR_SAT);
}

static void random_sprs(struct torture *t)
{
    static const uint16_t any[] = { SPR_SRR0, SPR_SRR1, SPR_AMR, SPR_IAMR, SPR_UAMOR, SPR_FSCR, SPR_CIABR, SPR_DAWR0,
                                    SPR_DAWRX0, SPR_BESCR, SPR_EBBRR, SPR_TAR, SPR_PPR, SPR_DSCR, SPR_PSPB, SPR_VRSAVE,
                                    SPR_MMCR0 };
    struct cpu *c = t->cpu;

    for (size_t i = 0; i < sizeof(any) / sizeof(any[0]); i++)
        c->spr[any[i]] = rng_once_in(&t->r, 2) ? 0 : rng_once_in(&t->r, 2) ? random_address(t) : rng_next(&t->r);
    if (!rng_once_in(&t->r, 4))
        c->spr[SPR_CIABR] = c->spr[SPR_AMR] = c->spr[SPR_IAMR] = 0;
    cpu_tlb_flush_all(c);                               /* keys and watchpoints are part of its entries */
}

/* Entries of any content; the engine's own pages come back with reset(). */
static void random_hash_table(struct torture *t)
{
    _Atomic uint64_t *e = t->cpu->hpt->e;
    uint64_t n = (1ull << t->cpu->hpt->shift) / 16;

    for (unsigned i = 0; i < 64; i++) {
        uint64_t at = 2 * (rng_next(&t->r) % n);

        if (e[at] & 1)
            continue;
        e[at + 1] = rng_next(&t->r);
        e[at] = rng_next(&t->r) | 1;
    }
    for (unsigned i = 3; i < SLB_ENTRIES; i++)
        if (rng_once_in(&t->r, 8)) {
            t->cpu->slb[i].esid = (random_address(t) & ~0xfffffffull) | SLB_ESID_V;
            t->cpu->slb[i].vsid = (rng_next(&t->r) & 0x3ffffffffffff6f0ull) & ~(uint64_t)SLB_VSID_LP;
        }
}

static uint64_t random_msr(struct torture *t)
{
    uint64_t msr = rng_next(&t->r) & (MSR_EE | MSR_PR | MSR_FP | MSR_FE0 | MSR_FE1 | MSR_IR | MSR_DR | MSR_RI | MSR_LE |
                                      MSR_VEC | MSR_VSX | MSR_ME);

    msr |= rng_once_in(&t->r, 8) ? 0 : MSR_SF;
    msr |= rng_once_in(&t->r, 3) ? 0 : MSR_FP | MSR_VEC | MSR_VSX;
    msr |= rng_once_in(&t->r, 2) ? MSR_LE : 0;
    msr |= rng_once_in(&t->r, 32) ? MSR_SE : 0;
    return msr | (rng_once_in(&t->r, 32) ? MSR_BE : 0);
}

static void new_words(struct torture *t)
{
    uint32_t *at = (uint32_t *)(engine_ram(t->engine) + CODE_RA);

    for (unsigned i = 0; i < SLOTS; i++)
        at[i] = random_word(t);
    cpu_code_written(t->cpu, ra(CODE_RA), WIRE_PAGE);
}

/* What every processor state must satisfy, whatever ran. */
static void check(const struct cpu *c)
{
    for (unsigned i = 0; i < 8; i++)
        assert(c->cr[i] < 16);
    assert(c->so < 2 && c->ov < 2 && c->ca < 2 && c->ov32 < 2 && c->ca32 < 2 && c->xer_count < 128);
    assert(!(c->msr & (MSR_HV | MSR_TM | MSR_TS)));
    assert(!(c->msr & MSR_PR) || (c->msr & (MSR_EE | MSR_IR | MSR_DR)) == (MSR_EE | MSR_IR | MSR_DR));
    assert(c->ea_mask == (c->msr & MSR_SF ? ~0ull : 0xffffffffull));
    assert(c->le == !!(c->msr & MSR_LE));
    assert(!(c->fpscr >> 35) && !(c->vscr & ~(VSCR_NJ | VSCR_SAT)));
    assert((c->nip & 3) == 0 && !c->stop);
}

/* Runs from one slot until the processor leaves; counts one word, and what ran on behind it. */
static void run_slot(struct torture *t, unsigned slot, uint64_t msr)
{
    struct cpu *c = t->cpu;
    uint64_t before = c->insns;
    enum cpu_exit why;

    cpu_set_msr(c, msr);
    c->nip = (c->msr & MSR_IR ? WIRE_CODE : CODE_RA) + 4 * slot;
    c->dec_tb = 100;                                    /* the clock is looked at every 64 instructions */
    c->budget = 16 + rng_below(&t->r, 64);
    atomic_store(&c->attention, 0);
    if (rng_once_in(&t->r, 64))
        cpu_set_irq(c, 1u << rng_below(&t->r, 4), true);
    why = cpu_run(c);
    assert(why != CPU_EXIT_MISMATCH);
    t->exits[why]++;
    t->words += 1 + (c->insns - before);
    check(c);
    atomic_store(&c->irq, 0);
}

/* Now and then so often that the block becomes hot and is translated. */
static void run_often(struct torture *t, unsigned slot)
{
    uint64_t msr = random_msr(t);

    for (unsigned n = t->kind != CPU_ENGINE_INTERP && rng_once_in(&t->r, 16) ? JIT_HOT + 3 : 1; n; n--)
        run_slot(t, slot, msr);
}

static struct engine *start(struct torture *t)
{
    struct error err = { 0 };
    struct mem_region *mmio = mem_region_new_mmio(&mmio_ops, NULL, MMIO_BYTES);

    t->engine = engine_new_kind(rng_once_in(&t->r, 3) ? ISA_LEVEL_2_07 : ISA_LEVEL_3_00, t->kind, &err);
    if (!t->engine || !mmio) {
        fprintf(stderr, "random_words: %s\n", err.msg);
        exit(1);
    }
    t->cpu = engine_cpu(t->engine);
    t->cpu->timebase = clock_that_kicks;
    t->cpu->timebase_opaque = t->cpu;
    assert(!mem_map_add(t->cpu->map, mmio, ra(MMIO_RA), 0, &err));
    mem_region_put(mmio);
    return t->engine;
}

static enum cpu_engine engine_named(const char *name)
{
    if (name && !strcmp(name, "jit"))
        return CPU_ENGINE_JIT;
    return name && !strcmp(name, "lockstep") ? CPU_ENGINE_LOCKSTEP : CPU_ENGINE_INTERP;
}

int main(void)
{
    const char *words = getenv("TORTURE_WORDS"), *seed = getenv("SEED"), *engine = getenv("ENGINE");
    uint64_t wanted = words ? strtoull(words, NULL, 0) : 1000000;
    struct cpu_stats stats;
    struct torture t = { .r.state = seed ? strtoull(seed, NULL, 0) : 1, .kind = engine_named(engine) };

    while (t.words < wanted) {
        start(&t);
        for (unsigned round = 0; round < 40 && t.words < wanted; round++) {
            new_words(&t);
            random_sprs(&t);
            if (rng_once_in(&t.r, 4))
                random_hash_table(&t);
            for (unsigned i = 0; i < SLOTS; i++) {
                if (i % 8 == 0)
                    random_registers(&t);
                run_often(&t, i);
            }
        }
        cpu_stats(t.cpu, &stats);
        t.translations += stats.translations;
        engine_free(t.engine);
    }
    printf("%" PRIu64 " words, exits: %" PRIu64 " clock, %" PRIu64 " hypercalls, %" PRIu64 " from problem state, "
           "%" PRIu64 " checkstops; %" PRIu64 " translations\n",
           t.words, t.exits[CPU_EXIT_KICK], t.exits[CPU_EXIT_HCALL], t.exits[CPU_EXIT_HCALL_PR],
           t.exits[CPU_EXIT_CHECKSTOP], t.translations);
    assert(t.kind == CPU_ENGINE_INTERP || t.translations);
    printf("1 passed, 0 failed\n");
    return 0;
}
