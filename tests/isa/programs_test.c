/* SPDX-License-Identifier: Apache-2.0 */
/* tests/isa/programs_test.c - random programs end alike in the interpreter and in translated code.
 *
 * A program is a loop of up to 40 instructions of any problem-state rows with forward branches, over registers that
 * point into the data windows.  It ends when the loop's count runs out, or in whatever interrupt comes first.  Two
 * machines run it, one of each engine; everything a program can see must be equal, the count of instructions too.  A
 * program that differs is cut down to the instructions that matter and printed.
 *
 * PROGRAMS: how many (3000 when not set); SEED: another sequence. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "cpu/block.h"
#include "cpu/disasm.h"
#include "cpu/jit/jit.h"
#include "cpu/operand.h"
#include "engine.h"
#include "result.h"
#include "values.h"

enum { MAX_WORDS = 40, NOP = 0x60000000, TIMES = 6, POINTERS = 28 };
#define CODE_RA (ENGINE_RA & ~(WIRE_PAGE - 1))
#define SEEN_SPRS 6

struct program {
    unsigned n;
    uint32_t word[MAX_WORDS + 1];       /* the last one is bdnz to the first */
    uint64_t msr;
    struct wire_state in;
};

struct machines {
    struct engine *interp, *jit;
    struct rng r;
};

/* What is compared beyond the user's registers. */
struct ending {
    struct wire_state user;
    uint64_t nip, msr, insns, spr[SEEN_SPRS];
    uint8_t data[WIRE_DATA_BYTES];
};

static int setup(void **state)
{
    static struct machines m;
    const char *seed = getenv("SEED");

    m.interp = engine_new_kind(ISA_LEVEL_3_00, CPU_ENGINE_INTERP, NULL);
    m.jit = engine_new_kind(ISA_LEVEL_3_00, CPU_ENGINE_JIT, NULL);
    m.r.state = seed ? strtoull(seed, NULL, 0) : 1;
    *state = &m;
    return m.interp && m.jit ? 0 : -1;
}

static int teardown(void **state)
{
    struct machines *m = *state;

    engine_free(m->jit);
    engine_free(m->interp);
    return 0;
}

/* ---- programs ---- */

static bool usable(const struct isa_row *row)
{
    /* leave the program, take time or chance, or interrupt little-endian and unaligned programs most of the time */
    static const char *const never[] = { "mfspr", "mtspr", "mftb", "darn", "wait", "sc", "scv", "rfebb", "td", "tw",
                                         "tdi", "twi", "attn", "mfbhrbe", "clrbhrb", "lmw", "stmw", "lswi", "lswx",
                                         "stswi", "stswx", "lq", "stq", "lqarx", "stqcx.", "lfdp", "lfdpx", "stfdp",
                                         "stfdpx", "lwat", "ldat", "stwat", "stdat" };
    uint32_t mask, value;

    row_bits_fixed(row->bits, &mask, &value);
    for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++)
        if (!strcmp(row->name, never[i]))
            return false;
    if (value >> 26 == 19 && (row->flags & ISA_ENDS))
        return false;                                   /* branches to registers leave the program */
    return !(row->flags & (ISA_PRIV | ISA_HV | ISA_TM));
}

static bool is_branch(uint32_t word)
{
    return word >> 26 == 16 || word >> 26 == 18;
}

static bool is_memory(const struct isa_row *row)
{
    const char *n = row->name;

    return row_bits_width(row->bits, 'a') &&
           (n[0] == 'l' || !strncmp(n, "st", 2) || !strncmp(n, "dcb", 3) || !strncmp(n, "icb", 3));
}

/* Pointers live in r28 to r31 and stay there; everything else works in the registers below. */
static uint32_t place_registers(struct machines *m, const struct isa_row *row, uint32_t w)
{
    bool memory = is_memory(row);

    if (row_bits_get(row->bits, 't', w) >= 27)
        w = row_bits_put(row->bits, 't', w, row_bits_get(row->bits, 't', w) - 16);
    if (memory)
        w = row_bits_put(row->bits, 'a', w, POINTERS + rng_below(&m->r, 4));
    else if (row_bits_get(row->bits, 'a', w) >= 27)
        w = row_bits_put(row->bits, 'a', w, row_bits_get(row->bits, 'a', w) - 16);
    if (memory && row_bits_width(row->bits, 'b'))
        w = row_bits_put(row->bits, 'b', w, 27);
    if (memory && row_bits_width(row->bits, 'd')) {
        unsigned width = row_bits_width(row->bits, 'd'), low = row_bits_low(row->bits, 'd');

        w = row_bits_put(row->bits, 'd', w, (uint32_t)((int)rng_below(&m->r, 128) - 64) >> low & ((1u << width) - 1));
    }
    return w;
}

/* Branches go a few instructions ahead, relative. */
static uint32_t place_branch(struct machines *m, unsigned at, unsigned n, uint32_t w)
{
    unsigned ahead = 1 + rng_below(&m->r, n - at < 6 ? n - at : 6);

    if (w >> 26 == 18)
        return 18u << 26 | ahead << 2 | (w & 1);
    w |= 4u << 21;                                      /* the count is the loop's */
    return (w & 0xffff0001) | ahead << 2;
}

static uint32_t make_word(struct machines *m, unsigned at, unsigned n)
{
    const struct isa *isa = engine_isa(m->interp);

    for (;;) {
        const struct isa_row *row = isa_row_at(isa, rng_below(&m->r, (unsigned)isa_row_count(isa)));
        uint32_t mask, w;

        row_bits_fixed(row->bits, &mask, &w);
        /* two thirds: the integer instructions that programs are made of */
        if (!usable(row) || (w >> 26 != 31 && w >> 26 > 35 && rng_once_in(&m->r, 2)) ||
            (w >> 26 == 4 && !rng_once_in(&m->r, 3)))
            continue;
        for (const char *l = "tabcTABCiudsSmMenpqorlk"; *l; l++)
            w = row_bits_put(row->bits, *l, w, (uint32_t)rng_next(&m->r));
        return is_branch(w) ? place_branch(m, at, n, w) : place_registers(m, row, w);
    }
}

static void make_state(struct machines *m, struct wire_state *s)
{
    memset(s, 0, sizeof(*s));
    for (unsigned i = 0; i < 27; i++)
        s->gpr[i] = value_int(&m->r, 64);
    s->gpr[27] = 8 * rng_below(&m->r, 8);
    for (unsigned i = POINTERS; i < 32; i++)
        s->gpr[i] = WIRE_DATA + WIRE_PAGE - 64 + (rng_below(&m->r, 128) & (rng_once_in(&m->r, 2) ? ~15u : ~0u));
    for (unsigned i = 0; i < 64; i++)
        value_vsr(&m->r, (enum value_kind)rng_below(&m->r, VALUE_KINDS), s->vsr[i]);
    s->cr = rng_next(&m->r) & 0xffffffff;
    s->xer = rng_next(&m->r) & 0xE00C0007;
    s->ctr = 1 + rng_below(&m->r, TIMES);
    s->fpscr = rng_next(&m->r) & 3;
    s->vscr = rng_next(&m->r) & (VSCR_NJ | VSCR_SAT);
    for (unsigned i = 0; i < WIRE_WINDOW; i++)
        s->mem[0][i] = (uint8_t)rng_next(&m->r);
}

static void make_program(struct machines *m, struct program *p)
{
    p->n = 4 + rng_below(&m->r, MAX_WORDS - 4);
    for (unsigned i = 0; i < p->n; i++)
        p->word[i] = make_word(m, i, p->n);
    p->word[p->n] = 16u << 26 | 16u << 21 | ((0u - 4 * p->n) & 0xfffc);
    p->msr = MSR_SF | MSR_ME | MSR_FP | MSR_VEC | MSR_VSX | MSR_PR | MSR_LE;
    if (rng_once_in(&m->r, 6))
        p->msr &= ~(rng_once_in(&m->r, 2) ? MSR_LE : MSR_SF);
    make_state(m, &p->in);
}

/* ---- running ---- */

static void put_program(struct engine *e, const struct program *p)
{
    uint32_t *at = (uint32_t *)(engine_ram(e) + CODE_RA);

    for (unsigned i = 0; i < 64; i++) {
        uint32_t w = i <= p->n ? p->word[i] : WIRE_TRAP;

        at[i] = p->msr & MSR_LE ? w : __builtin_bswap32(w);
    }
    cpu_code_written(engine_cpu(e), ra(CODE_RA), 64 * 4);
}

static void run(struct engine *e, const struct program *p, struct ending *out)
{
    static const uint16_t sprs[SEEN_SPRS] = { SPR_SRR0, SPR_SRR1, SPR_DAR, SPR_DSISR, SPR_FSCR, SPR_TAR };
    struct cpu *c = engine_cpu(e);
    uint64_t before = c->insns;

    memset(out, 0, sizeof(*out));
    put_program(e, p);
    memset(engine_ram(e) + ENGINE_DATA_RA, 0, WIRE_DATA_BYTES);
    c->spr[SPR_DAR] = c->spr[SPR_DSISR] = 0;
    engine_load(e, &p->in);
    cpu_set_msr(c, p->msr);
    c->nip = WIRE_CODE;
    if (c->jit)
        block_get(c, engine_ram(e) + CODE_RA)->heat = JIT_HOT - 1;
    cpu_run(c);
    engine_store(e, &out->user);
    out->nip = c->nip;
    out->msr = c->msr;
    out->insns = c->insns - before;
    for (unsigned i = 0; i < SEEN_SPRS; i++)
        out->spr[i] = c->spr[sprs[i]];
    memcpy(out->data, engine_ram(e) + ENGINE_DATA_RA, WIRE_DATA_BYTES);
}

static bool differs(struct machines *m, const struct program *p, struct ending *a, struct ending *b)
{
    run(m->interp, p, a);
    run(m->jit, p, b);
    return memcmp(a, b, sizeof(*a)) != 0;
}

/* ---- complaints ---- */

static void cut_down(struct machines *m, struct program *p)
{
    static struct ending a, b;

    for (unsigned i = 0; i < p->n; i++) {
        uint32_t word = p->word[i];

        p->word[i] = NOP;
        if (!differs(m, p, &a, &b))
            p->word[i] = word;
    }
    for (uint64_t times = 1; times < p->in.ctr; times++) {
        uint64_t ctr = p->in.ctr;

        p->in.ctr = times;
        if (differs(m, p, &a, &b))
            return;
        p->in.ctr = ctr;
    }
}

static void complain(struct machines *m, struct program *p, uint64_t seed)
{
    static struct ending a, b;
    char text[DISASM_MAX];

    cut_down(m, p);
    differs(m, p, &a, &b);
    print_error("program of seed %llu, msr %llx, ctr %llu:\n", (unsigned long long)seed, (unsigned long long)p->msr,
                (unsigned long long)p->in.ctr);
    for (unsigned i = 0; i <= p->n; i++) {
        if (p->word[i] == NOP)
            continue;
        disasm(engine_isa(m->interp), p->word[i], WIRE_CODE + 4 * i, text);
        print_error("  %llx  %08x  %s\n", (unsigned long long)(WIRE_CODE + 4 * i), p->word[i], text);
    }
    a.user.sig = b.user.sig = OUTCOME_DONE;
    print_error("interpreter is \"ours\", translated code \"theirs\":\n");
    result_print_difference(stderr, isa_row_at(engine_isa(m->interp), 0), &p->in, &a.user, &b.user);
    print_error("  nip %llx %llx  insns %llu %llu  srr0 %llx %llx  srr1 %llx %llx  dar %llx %llx\n",
                (unsigned long long)a.nip, (unsigned long long)b.nip,
                (unsigned long long)a.insns, (unsigned long long)b.insns,
                (unsigned long long)a.spr[0], (unsigned long long)b.spr[0],
                (unsigned long long)a.spr[1], (unsigned long long)b.spr[1],
                (unsigned long long)a.spr[2], (unsigned long long)b.spr[2]);
}

static void random_programs_end_alike_in_both_engines(void **state)
{
    struct machines *m = *state;
    const char *count = getenv("PROGRAMS");
    uint64_t wanted = count ? strtoull(count, NULL, 0) : 3000, insns = 0;
    unsigned bad = 0;
    static struct ending a, b;
    static struct program p;

    for (uint64_t i = 0; i < wanted && bad < 5; i++) {
        uint64_t seed = m->r.state;

        make_program(m, &p);
        if (differs(m, &p, &a, &b)) {
            complain(m, &p, seed);
            bad++;
        }
        insns += a.insns;
    }
    print_message("%llu programs, %llu instructions, %llu traces\n", (unsigned long long)wanted,
                  (unsigned long long)insns, (unsigned long long)jit_counts(engine_cpu(m->jit)->jit).translated);
    assert_int_equal(bad, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(random_programs_end_alike_in_both_engines, setup, teardown),
    };

    return cmocka_run_group_tests_name("isa_programs", tests, NULL, NULL);
}
