/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/fp_runner.h"

#include <stdlib.h>

#include "cpu/asm.h"
#include "cpu/fp/fpscr.h"

static void load_function(struct fp_runner *r, uint32_t word, struct fp_rng *rng)
{
    (void)rng;
    r->word = word;
}

static void run_function(struct fp_runner *r, struct fp_rng *rng)
{
    (void)rng;
    r->c->nip = FIXTURE_CODE;
    assert_int_equal(cpu_fixture_run(r->functions, r->word), 0);
}

static void run_translated(struct fp_runner *r, struct fp_rng *rng)
{
    static const uint64_t precise[] = { 0, 0, MSR_FE0, MSR_FE0 | MSR_FE1 };
    uint64_t fe = precise[fp_rng_next(rng) % 4];
    bool interrupt;

    cpu_set_msr(r->c, MSR_SF | MSR_LE | MSR_ME | MSR_FP | MSR_VEC | MSR_VSX | MSR_RI | fe);
    r->c->nip = JIT_CODE;
    assert_int_equal(cpu_run(r->c), CPU_EXIT_HCALL);
    interrupt = fe && (r->c->fpscr & FPSCR_FEX);
    assert_int_equal(r->c->nip, interrupt ? VEC_PROGRAM + 4 : JIT_CODE + 8);
    if (interrupt)
        assert_int_equal(r->c->spr[SPR_SRR0], JIT_CODE);
}

/* Runs it until it is translated. */
static void load_translated(struct fp_runner *r, uint32_t word, struct fp_rng *rng)
{
    const uint32_t words[] = { word, WORD_SC1 };
    struct cpu_stats before, after;

    r->c->fpscr = 0;
    jit_pair_code(r->translator, JIT_CODE, words, 2);
    cpu_stats(r->c, &before);
    for (unsigned i = 0; i < JIT_WARM; i++)
        run_translated(r, rng);
    cpu_stats(r->c, &after);
    assert_true(after.translations > before.translations);
}

struct fp_runner fp_runner_functions(struct cpu_fixture *f)
{
    return (struct fp_runner){ .c = &f->cpu, .load = load_function, .run = run_function, .functions = f };
}

struct fp_runner fp_runner_translator(struct jit_pair *p)
{
    return (struct fp_runner){ .c = &p->jit.cpu, .load = load_translated, .run = run_translated, .translator = p };
}

void fp_runner_take(struct fp_runner *r, const char *text, struct fp_rng *rng)
{
    uint32_t word;

    assert_int_equal(asm_word(r->c->isa, text, 0, &word, NULL), 0);
    r->load(r, word, rng);
}

void fp_runner_all(struct fp_runner r, const struct fp_table *t, uint64_t seed, long n)
{
    struct fp_rng rng = { seed };

    for (size_t i = 0; i < t->count; i++) {
        const void *insn = (const char *)t->insns + i * t->insn_bytes;

        fp_runner_take(&r, *(const char *const *)insn, &rng);
        for (long k = 0; k < n; k++)
            t->check(&r, insn, &rng);
    }
}

long fp_cases(long normal)
{
    const char *s = getenv("PAPRIKA_FP_CASES");

    return s ? atol(s) : normal;
}

bool fp_truth(mpfr_t v, enum fp_operation op, mpfr_t a, mpfr_t b, mpfr_t c, mpfr_rnd_t rnd)
{
    switch (op) {
    case ADD:
        return mpfr_add(v, a, b, rnd);
    case SUB:
        return mpfr_sub(v, a, b, rnd);
    case MUL:
        return mpfr_mul(v, a, c, rnd);
    case DIV:
        return mpfr_div(v, a, b, rnd);
    case SQRT:
        return mpfr_sqrt(v, b, rnd);
    case FMA:
    case NFMA:
        return mpfr_fma(v, a, c, b, rnd);
    case FMS:
    case NFMS:
        return mpfr_fms(v, a, c, b, rnd);
    default:
        return mpfr_set(v, b, rnd);
    }
}

uint64_t fp_expected_fpscr(uint64_t old, uint32_t flags, unsigned fprf)
{
    uint64_t v = (old & ~0x7F000ull) | flags | fprf << 12;

    if (flags & ~old & 0x1FF80700)
        v |= 0x80000000;
    v &= ~0x60000000ull;
    if (v & 0x01F80700)
        v |= 0x20000000;
    if ((v & 0x20000000 && v & 0x80) || (v & 0x10000000 && v & 0x40) || (v & 0x08000000 && v & 0x20) ||
        (v & 0x04000000 && v & 0x10) || (v & 0x02000000 && v & 0x08))
        v |= 0x40000000;
    return v;
}
