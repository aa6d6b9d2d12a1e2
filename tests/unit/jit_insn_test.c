/* SPDX-License-Identifier: Apache-2.0 */
/* Every instruction by the translator against the interpreter: alone and in random sequences, on edge and random
 * operands, in the floating-point modes that have short cuts and in others. PAPRIKA_JIT_CASES multiplies the work. */
#include "tests/unit/jit_fixture.h"

#include <stdlib.h>

#include "cpu/disasm.h"
#include "cpu/fp/fpscr_bits.h"
#include "cpu/isa.h"
#include "cpu/jit/jit.h"

enum { MAX_OPS = 12 };

static unsigned effort(void)
{
    const char *s = getenv("PAPRIKA_JIT_CASES");

    return s ? (unsigned)atoi(s) : 1;
}

/* ---- operands ---- */

static uint64_t edge_double(struct jit_pair *p)
{
    static const uint64_t edges[] = {
        0, 1ull << 63, 0x3ff0000000000000ull, 0xbff0000000000000ull, 0x4000000000000000ull, 0x7ff0000000000000ull,
        0xfff0000000000000ull, 0x7ff8000000000000ull, 0x7ff4000000000000ull, 0xfff8000000000123ull, 1,
        0x000fffffffffffffull, 0x0010000000000000ull, 0x0010000000000001ull, 0x0020000000000000ull,
        0x7fefffffffffffffull, 0x3fefffffffffffffull, 0x41dfffffffc00000ull, 0x41e0000000000000ull,
        0xc1e0000000000000ull, 0x43e0000000000000ull, 0xc3e0000000000000ull, 0x43dfffffffffffffull,
        0x47efffffe0000000ull, 0x47efffffefffffffull, 0x47effffff0000000ull, 0x3810000000000000ull,
        0x380fffffffffffffull, 0x36a0000000000000ull, 0x3690000000000000ull, 0x3ff0000010000000ull,
        0x3ff0000030000000ull, 0x3ff0000010000001ull, 0x3fe0000000000000ull, 0x3ff8000000000000ull,
        0x7fe0000000000000ull, 0x4330000000000001ull,
    };

    return edges[jit_random(p) % (sizeof(edges) / sizeof(edges[0]))];
}

static uint32_t edge_single(struct jit_pair *p)
{
    static const uint32_t edges[] = { 0, 0x80000000, 0x3f800000, 0xbf800000, 0x7f800000, 0xff800000, 0x7fc00000,
                                      0x7f900000, 1, 0x007fffff, 0x00800000, 0x00800001, 0x01000000, 0x7f7fffff,
                                      0x3f7fffff, 0x4effffff, 0x4f000000, 0x3f800001 };

    return edges[jit_random(p) % (sizeof(edges) / sizeof(edges[0]))];
}

/* Numbers near 1, so that sums and products stay ordinary. */
static uint64_t plain_double(struct jit_pair *p)
{
    uint64_t r = jit_random(p);

    return (r & 0x800fffffffffffffull) | (0x3f8ull + (r >> 52 & 15)) << 52;
}

static uint64_t plain_single(struct jit_pair *p)
{
    uint32_t r = (uint32_t)jit_random(p);

    return (r & 0x807fffff) | (0x78u + (r >> 23 & 15)) << 23;
}

static uint64_t operand(struct jit_pair *p)
{
    switch (jit_random(p) % 8) {
    case 0: return edge_double(p);
    case 1: return (uint64_t)edge_single(p) << 32 | edge_single(p);
    case 2: return jit_random(p);
    case 3: return plain_single(p) << 32 | plain_single(p);
    case 4: return plain_double(p) & ~0x1fffffffull;
    case 5: return jit_random(p) % 3 ? jit_random(p) >> (jit_random(p) & 63)
                                     : 0x0101010101010101ull * (jit_random(p) & 0xff);
    default: return plain_double(p);
    }
}

static uint64_t fpscr(struct jit_pair *p)
{
    uint64_t v = jit_random(p) & (FPSCR_FPRF | FPSCR_FR | FPSCR_FI);

    switch (jit_random(p) % 8) {
    case 0: return v;
    case 1: return v | FPSCR_XX | FPSCR_FX | (jit_random(p) & FPSCR_RN);
    case 2: return v | FPSCR_XX | FPSCR_FX | (jit_random(p) & (FPSCR_ENABLES & ~FPSCR_XE));
    case 3: return v | FPSCR_XX | FPSCR_FX | FPSCR_XE | FPSCR_FEX;
    case 4: return v | FPSCR_XX | FPSCR_FX | FPSCR_OX | FPSCR_VXSNAN | FPSCR_VX;
    default: return v | FPSCR_XX;
    }
}

static void randomise(struct jit_pair *p, struct cpu *start)
{
    jit_start_state(p, start);
    for (unsigned i = 0; i < 32; i++)
        start->gpr[i] = 0xc000 + (jit_random(p) & 0x1fff);
    for (unsigned i = 0; i < 64; i++)
        start->vsr[i] = (union vsr){ .d = { operand(p), operand(p) } };
    for (unsigned i = 0; i < 8; i++)
        start->cr[i] = jit_random(p) & 15;
    start->fpscr = fpscr(p);
    start->ca = jit_random(p) & 1;
    start->so = jit_random(p) & 1;
    start->lr = jit_random(p);
    start->ctr = 1;
    if (!(jit_random(p) % 8))
        start->msr |= MSR_FE0;
}

/* ---- programs ---- */

static bool one_of(const char *name, const char *const *names)
{
    for (; *names; names++)
        if (!strncmp(name, *names, strlen(*names)))
            return true;
    return false;
}

/* What cannot run here: ends of blocks, privileged state, transactions, random numbers,
 * the registers of the machine. */
static bool excluded(const struct isa_row *row)
{
    static const char *const names[] = { "darn", "mtspr", "mfspr", "mftb", "slb", "tlb", "wait", "msg", "mtmsr", NULL };

    return (row->flags & (ISA_ENDS | ISA_PRIV | ISA_HV | ISA_TM)) || one_of(row->name, names);
}

static uint32_t word_of(struct jit_pair *p, size_t row)
{
    uint32_t mask, value;

    isa_row_pattern(p->jit.cpu.isa, row, &mask, &value);
    return ((uint32_t)jit_random(p) & ~mask) | value;
}

static void show_program(const struct jit_pair *p, const uint32_t *words, unsigned n)
{
    char text[DISASM_MAX];

    for (unsigned i = 0; i < n; i++) {
        disasm(p->jit.cpu.isa, words[i], JIT_CODE + 4 * i, text);
        print_error("  %08x %s\n", words[i], text);
    }
}

/* Runs the program until it is translated, and then on `cases` more sets of operands. */
static void check(struct jit_pair *p, uint32_t *words, unsigned n, unsigned cases, unsigned rounds)
{
    struct cpu start;

    words[n] = WORD_BDNZ(-4 * (int)n);
    words[n + 1] = WORD_SC1;
    jit_pair_code(p, JIT_CODE, words, n + 2);
    for (unsigned i = 0; i < JIT_WARM + cases; i++) {
        randomise(p, &start);
        start.ctr = rounds;
        jit_pair_run(p, &start);
        if (jit_pair_differ(p)) {
            print_error("case %u, fpscr %08llx msr %llx:\n", i, (unsigned long long)start.fpscr,
                        (unsigned long long)start.msr);
            show_program(p, words, n);
            fail();
        }
    }
}

static void test_each_instruction(void **state)
{
    struct jit_pair *p = *state;
    const struct isa *isa = p->jit.cpu.isa;
    uint32_t words[MAX_OPS + 2];

    for (size_t row = 0; row < isa_row_count(isa); row++) {
        if (excluded(isa_row_at(isa, row)))
            continue;
        for (unsigned i = 0; i < 3 * effort(); i++) {
            words[0] = word_of(p, row);
            check(p, words, 1, 60, 1);
        }
    }
    assert_true(jit_counts(p->jit.cpu.jit).translated > 500);
}

/* Instructions of the floating-point and vector facilities that leave the GPRs alone, so that addresses stay good. */
static bool in_sequences(const struct isa_row *row)
{
    static const char *const gpr[] = { "mfvsr", "vextu", "vclzlsbb", "vctzlsbb", "xsxexpdp", "xsxsigdp", NULL };
    size_t len = strlen(row->name);
    bool memory = row->name[0] == 'l' || !strncmp(row->name, "st", 2);

    if (excluded(row) || one_of(row->name, gpr))
        return false;
    if (memory && (row->name[len - 1] == 'u' || !strcmp(row->name + len - 2, "ux")))
        return false;
    return row->flags & (ISA_FP | ISA_VEC | ISA_VSX | ISA_VSX_T | ISA_FPVEC_T);
}

static void test_sequences(void **state)
{
    struct jit_pair *p = *state;
    const struct isa *isa = p->jit.cpu.isa;
    uint32_t words[MAX_OPS + 2];

    for (unsigned i = 0; i < 2000 * effort(); i++) {
        unsigned n = 2 + (unsigned)(jit_random(p) % (MAX_OPS - 1)), have = 0;

        while (have < n) {
            size_t row = jit_random(p) % isa_row_count(isa);

            if (in_sequences(isa_row_at(isa, row)))
                words[have++] = word_of(p, row);
        }
        check(p, words, n, 6, 1 + (unsigned)(jit_random(p) % 4));
    }
}

/* Arithmetic whose status somebody reads: what is owed to the FPSCR is paid in every order. */
static void test_status_sequences(void **state)
{
    static const char *const names[] = { "fadd", "fmul", "fmadd", "fnmsub", "xsmaddadp", "xsnmsubmsp", "fcmpu",
                                         "fctiwz", "fctidz", "mffs", "fcfid", "frsp", "fdivs", "xsmuldp", "mcrfs",
                                         "fadds", "friz", "fsqrt", "lfs", "stfd", "mtfsb0", "fsel", "fctiw", "xssubdp",
                                         NULL };
    struct jit_pair *p = *state;
    const struct isa *isa = p->jit.cpu.isa;
    uint32_t words[MAX_OPS + 2];
    size_t rows[64], n_rows = 0;

    for (size_t row = 0; row < isa_row_count(isa); row++)
        for (const char *const *n = names; *n; n++)
            if (!strcmp(*n, isa_row_at(isa, row)->name))
                rows[n_rows++] = row;
    for (unsigned i = 0; i < 1500 * effort(); i++) {
        unsigned n = 2 + (unsigned)(jit_random(p) % (MAX_OPS - 1));

        for (unsigned k = 0; k < n; k++)
            words[k] = word_of(p, rows[jit_random(p) % n_rows]) & ~(jit_random(p) % 8 ? 1u : 0u);
        check(p, words, n, 10, 1 + (unsigned)(jit_random(p) % 4));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_each_instruction, jit_pair_new, jit_pair_free),
        cmocka_unit_test_setup_teardown(test_sequences, jit_pair_new, jit_pair_free),
        cmocka_unit_test_setup_teardown(test_status_sequences, jit_pair_new, jit_pair_free),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
