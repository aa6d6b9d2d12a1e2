/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/fp_status_test.c - what floating-point instructions do to the FPSCR, CR1 and their target, exceptions
 * enabled and not. Power ISA I, 4.2.2, 4.4, 4.6.10, 7.4. */
#include "tests/unit/cpu_fixture.h"

#include "cpu/fp/fpscr.h"

#define ONE 0x3FF0000000000000ull
#define TWO 0x4000000000000000ull
#define THREE 0x4008000000000000ull
#define INF 0x7FF0000000000000ull
#define MAX 0x7FEFFFFFFFFFFFFFull
#define MIN_NORMAL 0x0010000000000000ull
#define SNAN 0x7FF0000000000001ull
#define QNAN 0x7FF8000000000000ull
#define SIGN (1ull << 63)

static int run(struct cpu_fixture *f, const char *text)
{
    return cpu_fixture_run(f, cpu_fixture_word(f->cpu.isa, text, 0));
}

static void set(struct cpu_fixture *f, unsigned n, uint64_t v)
{
    cpu_set_fpr(&f->cpu, n, v);
}

static uint64_t get(struct cpu_fixture *f, unsigned n)
{
    return cpu_fpr(&f->cpu, n);
}

static void fx_tells_only_new_exceptions(void **state)
{
    struct cpu_fixture *f = *state;

    set(f, 1, ONE);
    set(f, 2, THREE);
    run(f, "fdiv 3,1,2");
    assert_int_equal(f->cpu.fpscr, FPSCR_FX | FPSCR_XX | FPSCR_FI | 0x4000);
    run(f, "mtfsb0 0");
    run(f, "fdiv 3,1,2");
    assert_int_equal(f->cpu.fpscr, FPSCR_XX | FPSCR_FI | 0x4000);
    run(f, "fsub. 3,2,2");
    assert_int_equal(f->cpu.fpscr, FPSCR_XX | 0x2000);
    assert_int_equal(f->cpu.cr[1], 0);
}

static void fr_tells_a_fraction_rounded_up(void **state)
{
    struct cpu_fixture *f = *state;

    set(f, 1, TWO);
    set(f, 2, THREE);
    run(f, "fdiv 3,1,2");
    assert_int_equal(f->cpu.fpscr & (FPSCR_FR | FPSCR_FI), FPSCR_FI);
    run(f, "mtfsfi 7,2,0");
    run(f, "fdiv 3,1,2");
    assert_int_equal(f->cpu.fpscr & (FPSCR_FR | FPSCR_FI), FPSCR_FR | FPSCR_FI);
    run(f, "fmr 3,1");
    assert_int_equal(f->cpu.fpscr & (FPSCR_FR | FPSCR_FI), FPSCR_FR | FPSCR_FI);
}

static void an_enabled_invalid_operation_keeps_target_and_class(void **state)
{
    struct cpu_fixture *f = *state;

    set(f, 1, INF);
    set(f, 3, ONE);
    f->cpu.fpscr = FPSCR_VE | FPSCR_FR | FPSCR_FI | 0x5000;
    assert_int_equal(run(f, "fsub. 3,1,1"), 0);
    assert_true(get(f, 3) == ONE);
    assert_int_equal(f->cpu.fpscr, FPSCR_FX | FPSCR_FEX | FPSCR_VX | FPSCR_VXISI | FPSCR_VE | 0x5000);
    assert_int_equal(f->cpu.cr[1], 14);
    f->cpu.fpscr = 0;
    run(f, "fsub 3,1,1");
    assert_true(get(f, 3) == QNAN);
    assert_int_equal(f->cpu.fpscr, FPSCR_FX | FPSCR_VX | FPSCR_VXISI | 0x11000);
}

static void zero_divide(void **state)
{
    struct cpu_fixture *f = *state;

    set(f, 1, ONE | SIGN);
    set(f, 2, 0);
    run(f, "fdiv 3,1,2");
    assert_true(get(f, 3) == (INF | SIGN));
    assert_int_equal(f->cpu.fpscr, FPSCR_FX | FPSCR_ZX | 0x9000);
    f->cpu.fpscr = FPSCR_ZE;
    set(f, 3, TWO);
    run(f, "fdiv 3,1,2");
    assert_true(get(f, 3) == TWO);
    assert_int_equal(f->cpu.fpscr, FPSCR_FX | FPSCR_FEX | FPSCR_ZX | FPSCR_ZE);
    f->cpu.fpscr = 0;
    run(f, "fdiv 3,2,2");
    assert_int_equal(f->cpu.fpscr & FPSCR_EXCEPTIONS, FPSCR_VXZDZ);
}

static void enabled_overflow_and_underflow_adjust_the_exponent(void **state)
{
    struct cpu_fixture *f = *state;

    set(f, 1, MAX);
    set(f, 2, TWO);
    f->cpu.fpscr = FPSCR_OE;
    run(f, "fmul 3,1,2");
    assert_true(get(f, 3) == MAX - (1535ull << 52));        /* twice, over 2^1536 */
    assert_int_equal(f->cpu.fpscr, FPSCR_FX | FPSCR_FEX | FPSCR_OX | FPSCR_OE | 0x4000);
    set(f, 1, MIN_NORMAL);
    f->cpu.fpscr = FPSCR_UE;
    run(f, "fdiv 3,1,2");
    assert_true(get(f, 3) == MIN_NORMAL + (1535ull << 52));
    assert_int_equal(f->cpu.fpscr, FPSCR_FX | FPSCR_FEX | FPSCR_UX | FPSCR_UE | 0x4000);
    f->cpu.fpscr = 0;                                        /* exact and tiny, but nobody traps: no underflow */
    run(f, "fdiv 3,1,2");
    assert_true(get(f, 3) == MIN_NORMAL >> 1);
    assert_int_equal(f->cpu.fpscr, 0x14000);
    set(f, 1, 0x47EFFFFFE0000000ull);                        /* the greatest single */
    f->cpu.fpscr = FPSCR_OE;
    run(f, "fmuls 3,1,2");
    assert_true(get(f, 3) == 0x47EFFFFFE0000000ull - (191ull << 52));
}

static void the_interrupt_is_precise_and_comes_after_the_result(void **state)
{
    struct cpu_fixture *f = *state;
    struct cpu *c = &f->cpu;

    cpu_set_msr(c, c->msr | MSR_FE1);
    set(f, 1, ONE);
    set(f, 2, THREE);
    set(f, 3, 0);
    c->fpscr = FPSCR_XE;
    assert_int_equal(run(f, "fdiv 3,1,2"), VEC_PROGRAM);
    assert_int_equal(c->exc_srr1, PROGRAM_FP);
    assert_int_equal(c->nip, FIXTURE_CODE);
    assert_true(get(f, 3) == 0x3FD5555555555555ull);
    assert_int_equal(run(f, "mtfsfi 0,0,0"), VEC_PROGRAM);     /* XX still stands */
    assert_int_equal(run(f, "mtfsb0 6"), 0);
    assert_int_equal(run(f, "mtfsb1 6"), VEC_PROGRAM);
    c->fpscr = FPSCR_VE;
    set(f, 1, SNAN);
    assert_int_equal(run(f, "fcmpu 0,1,2"), VEC_PROGRAM);
    assert_int_equal(c->cr[0], CR_SO);
    cpu_set_msr(c, c->msr & ~MSR_FE1);
    c->fpscr = FPSCR_VE;
    assert_int_equal(run(f, "fcmpu 0,1,2"), 0);
}

static void an_enabled_exception_in_one_element_keeps_the_vector(void **state)
{
    struct cpu_fixture *f = *state;
    struct cpu *c = &f->cpu;
    union vsr a = { .d = { SNAN, ONE } }, b = { .d = { ONE, THREE } }, old = { .d = { 1, 2 } };

    c->vsr[1] = a;
    c->vsr[2] = b;
    c->vsr[3] = old;
    c->fpscr = FPSCR_VE | FPSCR_FI | 0x5000;
    run(f, "xvdivdp 3,1,2");
    assert_true(c->vsr[3].q == old.q);
    assert_int_equal(c->fpscr, FPSCR_FX | FPSCR_FEX | FPSCR_VX | FPSCR_VXSNAN | FPSCR_XX | FPSCR_VE | FPSCR_FI |
                     0x5000);
    c->fpscr = FPSCR_XE;
    run(f, "xvdivdp 3,1,2");
    assert_true(c->vsr[3].q == old.q);
    c->fpscr = 0;
    run(f, "xvdivdp 3,1,2");
    assert_true(c->vsr[3].d[0] == (SNAN | QNAN) && c->vsr[3].d[1] == 0x3FD5555555555555ull);
}

static void an_exact_denormal_beside_an_inexact_element_is_no_underflow(void **state)
{
    struct cpu_fixture *f = *state;
    struct cpu *c = &f->cpu;

    c->vsr[1].d[1] = ONE;
    c->vsr[1].d[0] = MIN_NORMAL;
    c->vsr[2].d[1] = THREE;
    c->vsr[2].d[0] = TWO;
    run(f, "xvdivdp 3,1,2");
    assert_int_equal(c->fpscr & FPSCR_EXCEPTIONS, FPSCR_XX);
}

static void nan_operands_propagate_in_order(void **state)
{
    struct cpu_fixture *f = *state;

    set(f, 1, QNAN | 1);
    set(f, 2, QNAN | 2 | SIGN);
    set(f, 3, QNAN | 3);
    run(f, "fmadd 4,1,3,2");        /* FRA, FRC, FRB: A first */
    assert_true(get(f, 4) == (QNAN | 1));
    set(f, 1, ONE);
    run(f, "fmadd 4,1,3,2");        /* then B */
    assert_true(get(f, 4) == (QNAN | 2 | SIGN));
    run(f, "fnmadd 4,1,3,2");       /* its sign is no result's sign */
    assert_true(get(f, 4) == (QNAN | 2 | SIGN));
    set(f, 2, ONE);
    run(f, "fmadd 4,1,3,2");
    assert_true(get(f, 4) == (QNAN | 3));
    run(f, "fsub 4,1,3");           /* nor is the operand's sign changed */
    assert_true(get(f, 4) == (QNAN | 3));
    assert_int_equal(f->cpu.fpscr, 0x11000);
    set(f, 1, INF);                 /* infinity times zero beside a signalling NaN raises both */
    set(f, 2, SNAN);
    set(f, 3, 0);
    run(f, "fmadd 4,1,3,2");
    assert_true(get(f, 4) == (SNAN | QNAN));
    assert_int_equal(f->cpu.fpscr & FPSCR_EXCEPTIONS, FPSCR_VXSNAN | FPSCR_VXIMZ);
    set(f, 1, 0x7FF123456789ABCDull);
    run(f, "frsp 4,1");
    assert_true(get(f, 4) == 0x7FF9234560000000ull);
}

static void negated_multiply_add_rounds_before_it_negates(void **state)
{
    struct cpu_fixture *f = *state;

    set(f, 1, ONE);
    set(f, 2, 0x0010000000000000ull);
    run(f, "mtfsfi 7,2,0");           /* towards plus infinity */
    run(f, "fnmadd 4,1,1,2");
    assert_true(get(f, 4) == (0x3FF0000000000001ull | SIGN));
}

static void compares(void **state)
{
    struct cpu_fixture *f = *state;

    set(f, 1, QNAN);
    set(f, 2, ONE);
    f->cpu.fpscr = 0x10000;                     /* C is not a compare's to change */
    run(f, "fcmpu 3,1,2");
    assert_int_equal(f->cpu.cr[3], CR_SO);
    assert_int_equal(f->cpu.fpscr, 0x11000);
    run(f, "fcmpo 3,1,2");
    assert_int_equal(f->cpu.fpscr, FPSCR_FX | FPSCR_VX | FPSCR_VXVC | 0x11000);
    set(f, 1, SNAN);
    f->cpu.fpscr = 0;
    run(f, "fcmpo 3,2,1");
    assert_int_equal(f->cpu.fpscr, FPSCR_FX | FPSCR_VX | FPSCR_VXSNAN | FPSCR_VXVC | 0x1000);
    f->cpu.fpscr = FPSCR_VE;
    run(f, "fcmpo 3,2,1");
    assert_int_equal(f->cpu.fpscr, FPSCR_FX | FPSCR_FEX | FPSCR_VX | FPSCR_VXSNAN | FPSCR_VE | 0x1000);
    set(f, 1, SIGN);
    set(f, 2, 0);
    run(f, "fcmpu 3,1,2");
    assert_int_equal(f->cpu.cr[3], CR_EQ);
}

static void writing_the_fpscr(void **state)
{
    struct cpu_fixture *f = *state;
    struct cpu *c = &f->cpu;

    set(f, 1, ~0ull);
    run(f, "mtfsf 255,1,1,0");                              /* L: all 64 bits, of which some do not exist */
    assert_true(c->fpscr == 0x7FFFFF7FFull);
    run(f, "mtfsf 128,0,0,1");                              /* W: FLM counts in the high word; field 7 is not chosen */
    assert_true(c->fpscr == 0x7FFFFF7FFull);
    run(f, "mtfsfi 7,0,1");
    assert_true(c->fpscr == 0x0FFFFF7FFull);
    run(f, "mtfsf 1,0,0,0");
    assert_true(c->fpscr == 0x0FFFFF7F0ull);
    run(f, "mtfsb0 2");                                     /* VX and FEX follow from the rest */
    run(f, "mtfsb0 1");
    assert_true(c->fpscr == 0x0FFFFF7F0ull);
    run(f, "mcrfs 2,1");                                    /* UX ZX XX VXSNAN are read and cleared */
    assert_int_equal(c->cr[2], 15);
    assert_true(c->fpscr == 0x0F0FFF7F0ull);
    run(f, "mcrfs 2,3");                                    /* of VXVC FR FI C only the first is an exception */
    assert_int_equal(c->cr[2], 15);
    assert_true(c->fpscr == 0x0F0F7F7F0ull);
    c->fpscr = 0;
    run(f, "mtfsb1 1");
    run(f, "mtfsb1 2");
    assert_int_equal(c->fpscr, 0);
    run(f, "mtfsb1. 21");
    assert_int_equal(c->fpscr, FPSCR_FX | FPSCR_VX | FPSCR_VXSOFT);
    assert_int_equal(c->cr[1], 10);
    run(f, "mtfsfi 0,0,0");                                   /* FX itself is writable; VX is not */
    assert_int_equal(c->fpscr, FPSCR_VX | FPSCR_VXSOFT);
}

static void reading_the_fpscr(void **state)
{
    struct cpu_fixture *f = *state;
    struct cpu *c = &f->cpu;
    const uint64_t all = 0x3FFFFF7FEull;

    c->fpscr = all;
    run(f, "mffs. 1");
    assert_true(get(f, 1) == all && c->vsr[1].d[0] == 0);
    assert_int_equal(c->cr[1], 15);
    run(f, "mffsl 1");
    assert_true(get(f, 1) == 0x30007F0FEull);
    run(f, "mffscrni 1,1");
    assert_true(get(f, 1) == 0x3000000FEull && c->fpscr == 0x3FFFFF7FDull);
    set(f, 2, 0x500000003ull);
    run(f, "mffscrn 1,2");
    assert_true(get(f, 1) == 0x3000000FDull && c->fpscr == 0x3FFFFF7FFull);
    run(f, "mffscdrn 1,2");
    assert_true(get(f, 1) == 0x3000000FFull && c->fpscr == 0x5FFFFF7FFull);
    run(f, "mffscdrni 1,6");
    assert_true(get(f, 1) == 0x5000000FFull && c->fpscr == 0x6FFFFF7FFull);
    run(f, "mffsce 1");
    assert_true(get(f, 1) == 0x6FFFFF7FFull && c->fpscr == 0x6BFFFF707ull);
}

/* The field that tells the 3.0 forms apart is reserved in 2.07. */
static void power8_knows_only_mffs(void **state)
{
    struct cpu_fixture *f = *state;

    f->cpu.fpscr = 0xFF;
    run(f, ".long 0xfc21048e");     /* mffsce 1 */
    assert_true(get(f, 1) == 0xFF && f->cpu.fpscr == 0xFF);
}

static void moves_do_not_look_at_values(void **state)
{
    struct cpu_fixture *f = *state;

    set(f, 1, SNAN);
    f->cpu.vsr[2].d[0] = 7;
    run(f, "fneg. 2,1");
    assert_true(get(f, 2) == (SNAN | SIGN) && f->cpu.vsr[2].d[0] == 0);
    run(f, "fabs 2,2");
    assert_true(get(f, 2) == SNAN);
    set(f, 3, SIGN);
    run(f, "fcpsgn 2,3,1");
    assert_true(get(f, 2) == (SNAN | SIGN));
    set(f, 4, ONE);
    run(f, "fsel 2,3,1,4");         /* -0 >= 0 */
    assert_true(get(f, 2) == SNAN);
    run(f, "fsel 2,1,1,4");         /* a NaN is not */
    assert_true(get(f, 2) == ONE);
    assert_int_equal(f->cpu.fpscr, 0);
}

static void vmx_flushes_denormals_only_when_told(void **state)
{
    struct cpu_fixture *f = *state;
    struct cpu *c = &f->cpu;

    c->vsr[33].q = 0;
    c->vsr[34].q = 0;
    c->vsr[33].w[0] = 0x80000001;               /* -2^-149 */
    c->vsr[33].w[1] = 0x00800001;               /* least normal and a bit */
    c->vsr[34].w[1] = 0x80800000;
    c->vscr = 0;
    run(f, "vaddfp 3,1,2");
    assert_int_equal(c->vsr[35].w[0], 0x80000001);
    assert_int_equal(c->vsr[35].w[1], 1);
    c->vscr = VSCR_NJ;
    run(f, "vaddfp 3,1,1");
    assert_int_equal(c->vsr[35].w[0], 0x80000000);
    run(f, "vaddfp 3,1,2");
    assert_int_equal(c->vsr[35].w[1], 0);
    assert_int_equal(c->fpscr, 0);
}

static void loads_and_stores(void **state)
{
    struct cpu_fixture *f = *state;
    struct cpu *c = &f->cpu;
    static const uint64_t pair[2] = { ONE, TWO };
    static const uint32_t denormal = 0x80000003;

    c->gpr[5] = FIXTURE_DATA;
    memcpy(f->ram + FIXTURE_DATA, pair, 16);
    run(f, "lfdp 2,0(5)");
    assert_true(get(f, 2) == ONE && get(f, 3) == TWO);
    run(f, "lfdu 4,8(5)");
    assert_true(get(f, 4) == TWO && c->gpr[5] == FIXTURE_DATA + 8 && c->vsr[4].d[0] == 0);
    memcpy(f->ram + FIXTURE_DATA, &denormal, 4);
    run(f, "lfs 1,-8(5)");
    assert_true(get(f, 1) == 0xB6B8000000000000ull);
    run(f, "stfsu 1,4(5)");
    assert_memory_equal(f->ram + FIXTURE_DATA + 12, &denormal, 4);
    assert_int_equal(c->gpr[5], FIXTURE_DATA + 12);
    c->gpr[6] = FIXTURE_DATA + 32;
    run(f, "stfdpx 2,0,6");
    assert_memory_equal(f->ram + FIXTURE_DATA + 32, pair, 16);
    run(f, "lfiwax 1,0,6");
    assert_true(get(f, 1) == 0);
    set(f, 1, 0x123456789ABCDEF0ull);
    run(f, "stfiwx 1,0,6");
    run(f, "lfiwax 1,0,6");
    assert_true(get(f, 1) == 0xFFFFFFFF9ABCDEF0ull);
    run(f, "lfiwzx 1,0,6");
    assert_true(get(f, 1) == 0x9ABCDEF0ull);
    assert_int_equal(cpu_fixture_run(f, word_d(49, 1, 0, 0)), VEC_PROGRAM);     /* lfsu without RA */
    assert_int_equal(cpu_fixture_run(f, word_d(57, 1, 6, 0)), VEC_PROGRAM);     /* lfdp of an odd register */
}

static void a_failing_store_changes_nothing(void **state)
{
    struct cpu_fixture *f = *state;

    f->cpu.gpr[5] = FIXTURE_RAM - 8;
    memset(f->ram + FIXTURE_RAM - 8, 0x55, 8);
    assert_true(run(f, "stfdp 2,0(5)") > 0);
    for (unsigned i = 0; i < 8; i++)
        assert_int_equal(f->ram[FIXTURE_RAM - 8 + i], 0x55);
    set(f, 2, 1);
    set(f, 3, 2);
    assert_true(run(f, "lfdp 2,0(5)") > 0);
    assert_true(get(f, 2) == 1 && get(f, 3) == 2);
    assert_true(run(f, "lfdu 2,64(5)") > 0);
    assert_int_equal(f->cpu.gpr[5], FIXTURE_RAM - 8);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, cpu_fixture_new, cpu_fixture_free)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(fx_tells_only_new_exceptions),
        TEST(fr_tells_a_fraction_rounded_up),
        TEST(an_enabled_invalid_operation_keeps_target_and_class),
        TEST(zero_divide),
        TEST(enabled_overflow_and_underflow_adjust_the_exponent),
        TEST(the_interrupt_is_precise_and_comes_after_the_result),
        TEST(an_enabled_exception_in_one_element_keeps_the_vector),
        TEST(an_exact_denormal_beside_an_inexact_element_is_no_underflow),
        TEST(nan_operands_propagate_in_order),
        TEST(negated_multiply_add_rounds_before_it_negates),
        TEST(compares),
        TEST(writing_the_fpscr),
        TEST(reading_the_fpscr),
        cmocka_unit_test_setup_teardown(power8_knows_only_mffs, cpu_fixture_new_power8, cpu_fixture_free),
        TEST(moves_do_not_look_at_values),
        TEST(vmx_flushes_denormals_only_when_told),
        TEST(loads_and_stores),
        TEST(a_failing_store_changes_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
