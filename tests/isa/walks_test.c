/* SPDX-License-Identifier: Apache-2.0 */
/* tests/isa/walks_test.c - loops that walk over borders of pages end alike in the interpreter and in translated code.
 *
 * For each page size of the soft TLB a segment holds five places: nothing, two pages whose memory is elsewhere in the
 * other order, a page that is read only, nothing. A loop of a few loads and stores, of every width and register file,
 * indexed, with update and with displacements, goes up or down across one of the borders by small, odd or large steps;
 * what it meets there is other memory or an interrupt. Everything a program can see must be equal, and so must memory
 * where the walk may have been by any of the pages' places.
 *
 * WALKS: how many (4000 when not set); SEED: another sequence. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "cpu/asm.h"
#include "cpu/block.h"
#include "cpu/disasm.h"
#include "cpu/jit/jit.h"
#include "cpu/tlb.h"
#include "engine.h"
#include "rng.h"

enum { SIZES = 3, PAGES = 3, MAX_ACCESSES = 5, MAX_WORDS = 2 * MAX_ACCESSES + 4, MAX_ROUNDS = 60, CODE_RA = 0x30000,
       NEAR = 128, FILLED = 8192 };
/* Registers: a base that stays, an index that walks, an address that walks by update forms, its step, data. */
enum { BASE = 3, INDEX, WALKER, STEP, FIRST_DATA, DATA = 8 };

static const struct {
    uint64_t ea;                        /* of the nothing before the pages */
    unsigned shift;
    uint64_t ra[PAGES];
} sizes[SIZES] = {
    { 0x600000000ull, 12, { 0x1203000, 0x1201000, 0x1206000 } },
    { 0x700000000ull, 16, { 0x1430000, 0x1410000, 0x1460000 } },
    { 0x800000000ull, 24, { 0x3000000, 0x2000000, 0x5000000 } },
};
#define RAM_START (16ull << 20)
#define RAM_BYTES (96ull << 20)

static const char *const names[] = {
    "lbz", "lhz", "lha", "lwz", "lwa", "ld", "lhbr", "lwbr", "ldbr", "stb", "sth", "stw", "std", "sthbr", "stwbr",
    "stdbr", "lfs", "lfd", "stfs", "stfd", "lfiwa", "lfiwz", "stfiw", "lv", "stv", "lvewx", "stvewx", "lxvd2", "stxvd2",
    "lxvw4", "stxvw4", "lxsd", "stxsd", "lxssp", "stxssp", "lxvds", "lxv", "stxv", "lxsiwa", "stxsiw", "dcbz",
};

struct walk {
    unsigned n, rounds;
    uint32_t word[MAX_WORDS];
    uint64_t msr, at, step;             /* where the first round goes, about */
    uint64_t gpr[FIRST_DATA];
    uint64_t seed;
};

struct ending {
    struct wire_state user;
    uint64_t nip, msr, insns, srr0, srr1, dar, dsisr;
};

struct pair {
    struct engine *interp, *jit;
    struct rng r;
};

static void fill(struct pair *p, uint64_t at)
{
    for (uint64_t i = at - FILLED; i < at + FILLED; i++)
        engine_ram(p->interp)[i] = engine_ram(p->jit)[i] = (uint8_t)rng_next(&p->r);
}

static void map(struct engine *e)
{
    for (unsigned s = 0; s < SIZES; s++) {
        uint64_t bytes = 1ull << sizes[s].shift;

        engine_segment(e, 8 + s, sizes[s].ea, sizes[s].shift);
        engine_map(e, sizes[s].ea + bytes, sizes[s].ra[0], sizes[s].shift);
        engine_map(e, sizes[s].ea + 2 * bytes, sizes[s].ra[1], sizes[s].shift);
        engine_map_read_only(e, sizes[s].ea + 3 * bytes, sizes[s].ra[2], sizes[s].shift);
    }
}

static int setup(void **state)
{
    static struct pair p;
    const char *seed = getenv("SEED");

    p.r.state = seed ? strtoull(seed, NULL, 0) : 1;
    p.interp = engine_new_kind(ISA_LEVEL_3_00, CPU_ENGINE_INTERP, NULL);
    p.jit = engine_new_kind(ISA_LEVEL_3_00, CPU_ENGINE_JIT, NULL);
    *state = &p;
    if (!p.interp || !p.jit || engine_add_ram(p.interp, RAM_START, RAM_BYTES, NULL) ||
        engine_add_ram(p.jit, RAM_START, RAM_BYTES, NULL))
        return -1;
    map(p.interp);
    map(p.jit);
    for (unsigned s = 0; s < SIZES; s++)
        for (unsigned i = 0; i < PAGES; i++)
            for (unsigned end = 0; end < 2; end++)
                fill(&p, sizes[s].ra[i] + ((uint64_t)end << sizes[s].shift));
    return 0;
}

static int teardown(void **state)
{
    struct pair *p = *state;

    engine_free(p->jit);
    engine_free(p->interp);
    return 0;
}

/* ---- walks ---- */

static bool try_word(struct pair *p, struct walk *w, const char *text)
{
    return !asm_word(engine_isa(p->interp), text, WIRE_CODE + 4 * w->n, &w->word[w->n], NULL) && ++w->n;
}

/* An access that goes with the walk, in a form the instruction has. */
static void add_access(struct pair *p, struct walk *w)
{
    const char *name;
    char text[48];
    unsigned t, a;

    do {
        name = names[rng_below(&p->r, sizeof(names) / sizeof(names[0]))];
        t = FIRST_DATA + rng_below(&p->r, DATA);
        switch (rng_below(&p->r, 5)) {
        case 0:
            snprintf(text, sizeof(text), "%sux %u,%u,%u", name, t, WALKER, STEP);
            break;
        case 1:
            snprintf(text, sizeof(text), "%s %u,%d(%u)", name, t, (int)rng_below(&p->r, 33) - 16, WALKER);
            break;
        case 2:
            snprintf(text, sizeof(text), "%su %u,%d(%u)", name, t, (int)rng_below(&p->r, 33) - 16, WALKER);
            break;
        default:
            a = rng_once_in(&p->r, 2) ? BASE : INDEX;
            if (!strcmp(name, "dcbz"))
                snprintf(text, sizeof(text), "dcbz %u,%u", a, BASE + INDEX - a);
            else
                snprintf(text, sizeof(text), "%s%s %u,%u,%u", name, name[strlen(name) - 1] == 'x' ? "" : "x", t, a,
                         BASE + INDEX - a);
        }
    } while (!try_word(p, w, text));
}

static void make_code(struct pair *p, struct walk *w)
{
    unsigned accesses = 1 + rng_below(&p->r, MAX_ACCESSES);
    char text[48];

    for (unsigned i = 0; i < accesses; i++) {
        static const char *const between[] = { "add 7,8,9", "xor 10,7,11", "fadd 7,8,9", "vadduwm 7,8,9",
                                               "mulld 12,7,8" };

        add_access(p, w);
        if (rng_once_in(&p->r, 2))
            try_word(p, w, between[rng_below(&p->r, sizeof(between) / sizeof(between[0]))]);
    }
    snprintf(text, sizeof(text), "add %u,%u,%u", INDEX, INDEX, STEP);
    try_word(p, w, text);
    snprintf(text, sizeof(text), "bdnz 0x%llx", (unsigned long long)WIRE_CODE);
    try_word(p, w, text);
}

/* Most walks come to the border, from a side where there is something. */
static void make_walk(struct pair *p, struct walk *w)
{
    static const uint32_t steps[] = { 1, 2, 3, 4, 5, 7, 8, 12, 16, 24, 63, 64, 100, 128, 500, 1024 };
    static const uint64_t modes[] = { MSR_PR | MSR_EE, 0 };
    unsigned s = rng_below(&p->r, SIZES), first, before = rng_once_in(&p->r, 2) ? 1 : rng_below(&p->r, PAGES + 1);
    uint64_t border = sizes[s].ea + ((1ull + before) << sizes[s].shift), split;

    memset(w, 0, sizeof(*w));
    w->seed = p->r.state;
    w->msr = MSR_SF | MSR_ME | MSR_RI | MSR_IR | MSR_DR | MSR_FP | MSR_VEC | MSR_VSX | modes[rng_below(&p->r, 2)];
    if (!rng_once_in(&p->r, 6))
        w->msr |= MSR_LE;
    w->rounds = 2 + rng_below(&p->r, MAX_ROUNDS - 2);
    first = w->rounds / 2 + rng_below(&p->r, w->rounds / 2);
    w->step = steps[rng_below(&p->r, sizeof(steps) / sizeof(steps[0]))];
    if (rng_once_in(&p->r, 6)) {
        w->step = (1ull << sizes[s].shift) / (2 + rng_below(&p->r, 5)) - rng_below(&p->r, 9);
        first = 1;
    }
    if (!before || (before == 1 && rng_once_in(&p->r, 2)))
        w->step = 0 - w->step;
    w->at = border - w->step * first + rng_below(&p->r, 33) - 16;
    split = rng_next(&p->r) >> rng_below(&p->r, 64);
    w->gpr[BASE] = w->at - split;
    w->gpr[INDEX] = split;
    w->gpr[WALKER] = w->at;
    w->gpr[STEP] = w->step;
    make_code(p, w);
}

/* ---- running ---- */

static void put_code(struct engine *e, const struct walk *w)
{
    for (unsigned i = 0; i < MAX_WORDS; i++) {
        uint32_t word = i < w->n ? w->word[i] : WIRE_TRAP;

        word = w->msr & MSR_LE ? word : __builtin_bswap32(word);
        memcpy(engine_ram(e) + CODE_RA + 4 * i, &word, 4);
    }
    cpu_code_written(engine_cpu(e), ra(CODE_RA), 4 * MAX_WORDS);
}

static void run(struct engine *e, const struct walk *w, struct wire_state *in, struct ending *out)
{
    struct cpu *c = engine_cpu(e);
    uint64_t before = c->insns;

    memset(out, 0, sizeof(*out));
    put_code(e, w);
    memcpy(in->gpr, w->gpr, sizeof(w->gpr));
    in->ctr = w->rounds;
    engine_load(e, in);
    c->spr[SPR_DAR] = c->spr[SPR_DSISR] = 0;
    cpu_set_msr(c, w->msr);
    c->nip = WIRE_CODE;
    c->dec_tb = 0x7fffffff;
    c->dec_pending = false;
    if (c->jit)
        block_get(c, engine_ram(e) + CODE_RA)->heat = JIT_HOT - 1;
    assert_int_equal(cpu_run(c), CPU_EXIT_HCALL);
    engine_store(e, &out->user);
    out->nip = c->nip;
    out->msr = c->msr;
    out->insns = c->insns - before;
    out->srr0 = c->spr[SPR_SRR0];
    out->srr1 = c->spr[SPR_SRR1];
    out->dar = c->spr[SPR_DAR];
    out->dsisr = c->spr[SPR_DSISR];
}

/* Around where an address would be if the page went on without end. */
static bool same_near(const struct pair *p, uint64_t at)
{
    return at < RAM_START + NEAR || at > RAM_START + RAM_BYTES - NEAR ||
           !memcmp(engine_ram(p->interp) + at - NEAR, engine_ram(p->jit) + at - NEAR, 2 * NEAR);
}

static bool same_memory(const struct pair *p, const struct walk *w)
{
    for (unsigned s = 0; s < SIZES; s++)
        for (unsigned i = 0; i < PAGES; i++)
            for (unsigned n = 0; n < w->rounds && w->at >> 32 == sizes[s].ea >> 32; n++)
                if (!same_near(p, w->at + n * w->step - sizes[s].ea - ((1ull + i) << sizes[s].shift) + sizes[s].ra[i]))
                    return false;
    return true;
}

static void random_state(struct pair *p, struct wire_state *in)
{
    memset(in, 0, sizeof(*in));
    for (unsigned i = 0; i < 32; i++)
        in->gpr[i] = rng_next(&p->r);
    for (unsigned i = 0; i < 64; i++)
        in->vsr[i][0] = rng_next(&p->r), in->vsr[i][1] = rng_next(&p->r);
}

static void complain(const struct pair *p, const struct walk *w, const struct ending *a, const struct ending *b)
{
    char text[DISASM_MAX];

    print_error("walk of seed %llu, msr %llx, %u rounds from %llx by %lld:\n", (unsigned long long)w->seed,
                (unsigned long long)w->msr, w->rounds, (unsigned long long)w->at, (long long)w->step);
    for (unsigned i = 0; i < w->n; i++) {
        disasm(engine_isa(p->interp), w->word[i], WIRE_CODE + 4 * i, text);
        print_error("  %s\n", text);
    }
    for (unsigned i = 0; i < sizeof(*a) / 8; i++)
        if (((const uint64_t *)a)[i] != ((const uint64_t *)b)[i])
            print_error("  doubleword %u of the ending: interpreter %llx, translated %llx\n", i,
                        (unsigned long long)((const uint64_t *)a)[i], (unsigned long long)((const uint64_t *)b)[i]);
    print_error("interpreter's srr0 %llx dar %llx, translated %llx %llx; memory %s\n", (unsigned long long)a->srr0,
                (unsigned long long)a->dar, (unsigned long long)b->srr0, (unsigned long long)b->dar,
                same_memory(p, w) ? "alike" : "differs");
}

static void walks_end_alike_in_both_engines(void **state)
{
    struct pair *p = *state;
    const char *count = getenv("WALKS");
    uint64_t wanted = count ? strtoull(count, NULL, 0) : 4000, faults = 0, insns = 0;
    const uint64_t *missed = engine_cpu(p->jit)->tlb->misses[TLB_KIND_READ].first;
    unsigned bad = 0;
    struct ending a, b;
    struct wire_state in;
    struct walk w;

    for (uint64_t i = 0; i < wanted && bad < 5; i++) {
        make_walk(p, &w);
        random_state(p, &in);
        run(p->interp, &w, &in, &a);
        run(p->jit, &w, &in, &b);
        faults += a.dar != 0;
        insns += a.insns;
        if (memcmp(&a, &b, sizeof(a)) || !same_memory(p, &w)) {
            complain(p, &w, &a, &b);
            bad++;
        }
    }
    print_message("%llu walks, %llu into what is not there or read only, %llu instructions; pages of 4 KiB, 64 KiB and "
                  "16 MiB found: %llu %llu %llu\n", (unsigned long long)wanted, (unsigned long long)faults,
                  (unsigned long long)insns,
                  (unsigned long long)missed[TLB_SIZE_4K], (unsigned long long)missed[TLB_SIZE_64K],
                  (unsigned long long)missed[TLB_SIZE_16M]);
    assert_int_equal(bad, 0);
    assert_true(missed[TLB_SIZE_4K] && missed[TLB_SIZE_64K] && missed[TLB_SIZE_16M]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(walks_end_alike_in_both_engines, setup, teardown),
    };

    return cmocka_run_group_tests_name("isa_walks", tests, NULL, NULL);
}
