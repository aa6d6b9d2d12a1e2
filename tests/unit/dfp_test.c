/* SPDX-License-Identifier: Apache-2.0 */
/* Decimal floating point: encodings printed in standards, and results that follow from the book's rules. */
#include "tests/unit/cpu_fixture.h"

#include "cpu/dfp/dfp.h"

#define LONG(t, a, b, xo) (59u << 26 | (t) << 21 | (a) << 16 | (b) << 11 | (xo) << 1)
#define EXTENDED(t, a, b, xo) (63u << 26 | (t) << 21 | (a) << 16 | (b) << 11 | (xo) << 1)
enum { DADD = 2, DSUB = 514, DMUL = 34, DDIV = 546, DCMPO = 130, DCTFIX = 290, DCFFIX = 802, DRSP = 770, DXEX = 354,
       DIEX = 866 };
enum { DDEDPD = 322, DENBCD = 834, DQUA = 3, DRRND = 35, DTSTSF = 674 };

#define FPRF_OF(c) ((c)->fpscr >> FPSCR_FPRF_SHIFT & 31)

static dfp_int decimal(const struct dfp_format *f, int64_t coef, int exp)
{
    struct dfp_num x = { .coef = (dfp_int)(coef < 0 ? -coef : coef), .exp = exp, .sign = coef < 0 };

    return dfp_pack(f, &x);
}

static void set_long(struct cpu_fixture *f, unsigned n, int64_t coef, int exp)
{
    cpu_set_fpr(&f->cpu, n, (uint64_t)decimal(&dfp_long, coef, exp));
}

static void expect_long(struct cpu_fixture *f, unsigned n, int64_t coef, int exp)
{
    assert_int_equal(cpu_fpr(&f->cpu, n), (uint64_t)decimal(&dfp_long, coef, exp));
}

static void execute(struct cpu_fixture *f, uint32_t word)
{
    assert_int_equal(cpu_fixture_run(f, word), 0);
}

static void set_drn(struct cpu_fixture *f, unsigned rm)
{
    f->cpu.fpscr = (uint64_t)rm << 32;
}

/* The examples of the General Decimal Arithmetic encodings: -7.50 in every format, the largest long. */
static void numbers_are_packed_as_the_encodings_document_prints_them(void **state)
{
    (void)state;
    assert_int_equal(decimal(&dfp_short, -750, -2), 0xA23003D0);
    assert_int_equal(decimal(&dfp_long, -750, -2), 0xA2300000000003D0ull);
    assert_int_equal(decimal(&dfp_extended, -750, -2) >> 64, 0xA207800000000000ull);
    assert_int_equal((uint64_t)decimal(&dfp_extended, -750, -2), 0x3D0);
    assert_int_equal(decimal(&dfp_long, 9999999999999999, 369), 0x77FCFF3FCFF3FCFFull);
}

static void every_declet_unpacks_and_the_canonical_ones_pack_back(void **state)
{
    unsigned canonical = 0;

    (void)state;
    for (unsigned declet = 0; declet < 1024; declet++) {
        struct dfp_num x = dfp_unpack(&dfp_long, 0x2238000000000000ull | declet);

        assert_true(x.kind == DFP_FINITE && x.coef < 1000 && x.exp == 0);
        canonical += dfp_pack(&dfp_long, &x) == (0x2238000000000000ull | declet);
    }
    assert_int_equal(canonical, 1000);
}

static void exact_results_keep_the_ideal_exponent(void **state)
{
    struct cpu_fixture *f = *state;

    set_long(f, 1, 120, -2);
    set_long(f, 2, 8, -1);
    execute(f, LONG(3u, 1u, 2u, DADD));
    expect_long(f, 3, 200, -2);
    execute(f, LONG(3u, 1u, 2u, DMUL));
    expect_long(f, 3, 960, -3);
    execute(f, LONG(3u, 1u, 2u, DDIV));
    expect_long(f, 3, 15, -1);
    set_long(f, 1, 1, 0);
    set_long(f, 2, 8, 0);
    execute(f, LONG(3u, 1u, 2u, DDIV));
    expect_long(f, 3, 125, -3);
    assert_int_equal(f->cpu.fpscr & (FPSCR_FX | FPSCR_XX | FPSCR_FI | FPSCR_FR), 0);
    assert_int_equal(FPRF_OF(&f->cpu), 4);
}

static void one_third_rounds_as_each_of_the_eight_modes_says(void **state)
{
    struct cpu_fixture *f = *state;
    unsigned up[2][8] = { { 0, 0, 1, 0, 0, 0, 1, 0 }, { 0, 0, 0, 1, 0, 0, 1, 0 } };

    for (unsigned sign = 0; sign < 2; sign++) {
        for (unsigned rm = 0; rm < 8; rm++) {
            set_drn(f, rm);
            set_long(f, 1, sign ? -1 : 1, 0);
            set_long(f, 2, 3, 0);
            execute(f, LONG(3u, 1u, 2u, DDIV));
            expect_long(f, 3, (sign ? -1 : 1) * (int64_t)(3333333333333333 + up[sign][rm]), -16);
            assert_int_equal(f->cpu.fpscr & FPSCR_FR, up[sign][rm] ? FPSCR_FR : 0);
            assert_int_equal(f->cpu.fpscr & (FPSCR_FI | FPSCR_XX | FPSCR_FX), FPSCR_FI | FPSCR_XX | FPSCR_FX);
        }
    }
}

static void ties_and_the_shorter_precision_mode_look_at_the_last_digit(void **state)
{
    struct cpu_fixture *f = *state;
    /* 2000000000000000.5 and ...1.5: even, zero, up, down, away, to zero, away from zero, prepare shorter */
    unsigned up[2][8] = { { 0, 0, 1, 0, 1, 0, 1, 1 }, { 1, 0, 1, 0, 1, 0, 1, 0 } };

    for (unsigned odd = 0; odd < 2; odd++) {
        for (unsigned rm = 0; rm < 8; rm++) {
            set_drn(f, rm);
            set_long(f, 1, 2000000000000000 + odd, 0);
            set_long(f, 2, 5, -1);
            execute(f, LONG(3u, 1u, 2u, DADD));
            expect_long(f, 3, 2000000000000000 + odd + up[odd][rm], 0);
        }
    }
}

/* A number far below the last place must still decide the rounding, also when it is subtracted. */
static void what_lies_far_below_the_last_digit_counts(void **state)
{
    struct cpu_fixture *f = *state;

    set_drn(f, DFP_TO_ZERO);
    set_long(f, 1, 1, 369);
    set_long(f, 2, 1, -398);
    execute(f, LONG(3u, 1u, 2u, DSUB));
    expect_long(f, 3, 9999999999999999, 353);
    set_drn(f, DFP_UP);
    execute(f, LONG(3u, 1u, 2u, DADD));
    expect_long(f, 3, 1000000000000001, 354);
}

static void overflow_gives_infinity_or_the_largest_number(void **state)
{
    struct cpu_fixture *f = *state;

    set_long(f, 1, 9999999999999999, 369);
    execute(f, LONG(3u, 1u, 1u, DADD));
    assert_int_equal(cpu_fpr(&f->cpu, 3), 0x7800000000000000ull);
    assert_int_equal(FPRF_OF(&f->cpu), 5);
    assert_true(f->cpu.fpscr & FPSCR_OX && f->cpu.fpscr & FPSCR_XX && f->cpu.fpscr & FPSCR_FR);
    set_drn(f, DFP_TO_ZERO);
    execute(f, LONG(3u, 1u, 1u, DADD));
    expect_long(f, 3, 9999999999999999, 369);
    assert_true(f->cpu.fpscr & FPSCR_OX && f->cpu.fpscr & FPSCR_FI && !(f->cpu.fpscr & FPSCR_FR));
}

/* Enabled, the exponent is lowered by 576 and the interrupt comes after the target is written. */
static void a_trapped_overflow_delivers_the_adjusted_exponent(void **state)
{
    struct cpu_fixture *f = *state;

    set_long(f, 1, 9999999999999999, 369);
    set_long(f, 2, 10, 0);
    f->cpu.fpscr = FPSCR_OE;
    execute(f, LONG(3u, 1u, 2u, DMUL));         /* MSR[FE0, FE1] = 0: no interrupt */
    expect_long(f, 3, 9999999999999999, 370 - 576);
    assert_true(f->cpu.fpscr & FPSCR_OX && f->cpu.fpscr & FPSCR_FEX && !(f->cpu.fpscr & FPSCR_XX));
    cpu_set_msr(&f->cpu, f->cpu.msr | MSR_FE0);
    set_long(f, 3, 0, 0);
    f->cpu.fpscr = FPSCR_OE;
    assert_int_equal(cpu_fixture_run(f, LONG(3u, 1u, 2u, DMUL)), VEC_PROGRAM);
    expect_long(f, 3, 9999999999999999, 370 - 576);
}

static void subnormals_underflow_only_when_inexact(void **state)
{
    struct cpu_fixture *f = *state;

    set_long(f, 1, 10, -398);
    set_long(f, 2, 1, -1);
    execute(f, LONG(3u, 1u, 2u, DMUL));
    expect_long(f, 3, 1, -398);
    assert_int_equal(f->cpu.fpscr & (FPSCR_UX | FPSCR_XX), 0);
    assert_int_equal(FPRF_OF(&f->cpu), 0x14);
    execute(f, LONG(3u, 3u, 2u, DMUL));
    expect_long(f, 3, 0, -398);
    assert_int_equal(f->cpu.fpscr & (FPSCR_UX | FPSCR_XX), FPSCR_UX | FPSCR_XX);
}

static void invalid_operations_name_their_cause_and_keep_the_target_when_enabled(void **state)
{
    struct cpu_fixture *f = *state;

    cpu_set_fpr(&f->cpu, 1, 0x7800000000000000ull);
    set_long(f, 2, 0, 5);
    execute(f, LONG(3u, 1u, 1u, DSUB));
    assert_int_equal(cpu_fpr(&f->cpu, 3), 0x7C00000000000000ull);
    assert_int_equal(FPRF_OF(&f->cpu), 0x11);
    execute(f, LONG(3u, 1u, 2u, DMUL));
    execute(f, LONG(3u, 1u, 1u, DDIV));
    execute(f, LONG(3u, 2u, 2u, DDIV));
    assert_int_equal(f->cpu.fpscr & FPSCR_VX_ALL, FPSCR_VXISI | FPSCR_VXIMZ | FPSCR_VXIDI | FPSCR_VXZDZ);
    f->cpu.fpscr = FPSCR_VE;
    set_long(f, 3, 42, 0);
    execute(f, LONG(3u, 1u, 1u, DSUB));
    expect_long(f, 3, 42, 0);
    f->cpu.fpscr = FPSCR_ZE;
    set_long(f, 1, 7, 0);
    execute(f, LONG(3u, 1u, 2u, DDIV));
    expect_long(f, 3, 42, 0);
    assert_true(f->cpu.fpscr & FPSCR_ZX);
}

static void a_signalling_nan_wins_over_a_quiet_one_and_becomes_quiet(void **state)
{
    struct cpu_fixture *f = *state;

    cpu_set_fpr(&f->cpu, 1, 0x7C00000000000011ull);
    cpu_set_fpr(&f->cpu, 2, 0x7E00000000000022ull);
    execute(f, LONG(3u, 1u, 2u, DADD));
    assert_int_equal(cpu_fpr(&f->cpu, 3), 0x7C00000000000022ull);
    assert_int_equal(f->cpu.fpscr & FPSCR_VX_ALL, FPSCR_VXSNAN);
    f->cpu.fpscr = 0;
    execute(f, LONG(1u << 2, 1u, 2u, DCMPO));           /* BF = 1 */
    assert_int_equal(f->cpu.cr[1], CR_SO);
    assert_int_equal(f->cpu.fpscr & FPSCR_VX_ALL, FPSCR_VXSNAN | FPSCR_VXVC);
}

static void quantize_takes_the_exponent_of_a_or_is_invalid(void **state)
{
    struct cpu_fixture *f = *state;

    set_long(f, 1, 1, -2);
    set_long(f, 2, 21255, -4);
    execute(f, LONG(3u, 1u, 2u, DQUA));                 /* 2.1255 to hundredths */
    expect_long(f, 3, 213, -2);
    execute(f, LONG(3u, 1u, 2u, DQUA | 1u << 8));       /* toward 0 */
    expect_long(f, 3, 212, -2);
    set_long(f, 2, 1000000000000000, 0);
    execute(f, LONG(3u, 1u, 2u, DQUA));
    assert_int_equal(cpu_fpr(&f->cpu, 3), 0x7C00000000000000ull);
    assert_true(f->cpu.fpscr & FPSCR_VXCVI);
}

static void reround_leaves_as_many_digits_as_asked(void **state)
{
    struct cpu_fixture *f = *state;

    cpu_set_fpr(&f->cpu, 1, 3);
    set_long(f, 2, 99951, 0);
    execute(f, LONG(3u, 1u, 2u, DRRND));
    expect_long(f, 3, 100, 3);
    set_long(f, 2, 99, 0);
    execute(f, LONG(3u, 1u, 2u, DRRND));
    expect_long(f, 3, 99, 0);
}

static void integers_convert_and_saturate(void **state)
{
    struct cpu_fixture *f = *state;

    cpu_set_fpr(&f->cpu, 1, (uint64_t)INT64_MIN);
    execute(f, LONG(3u, 0u, 1u, DCFFIX));
    expect_long(f, 3, -9223372036854776, 3);            /* 9223372036854775808 to 16 digits */
    execute(f, LONG(4u, 0u, 3u, DCTFIX));
    assert_int_equal(cpu_fpr(&f->cpu, 4), (uint64_t)INT64_MIN);
    assert_true(f->cpu.fpscr & FPSCR_VXCVI);
    set_long(f, 3, -25, -1);
    execute(f, LONG(4u, 0u, 3u, DCTFIX));
    assert_int_equal(cpu_fpr(&f->cpu, 4), (uint64_t)-2);
}

static void packed_digits_and_exponents_come_apart_and_together(void **state)
{
    struct cpu_fixture *f = *state;

    set_long(f, 1, -1234567890123456, 7);
    execute(f, LONG(2u, 0x10u, 1u, DDEDPD));            /* SP = 2: with sign code, 15 digits */
    assert_int_equal(cpu_fpr(&f->cpu, 2), 0x234567890123456Dull);
    execute(f, LONG(3u, 0x10u, 2u, DENBCD));
    expect_long(f, 3, -234567890123456, 0);
    execute(f, LONG(4u, 0u, 1u, DXEX));
    assert_int_equal(cpu_fpr(&f->cpu, 4), 398 + 7);
    execute(f, LONG(5u, 4u, 3u, DIEX));
    expect_long(f, 5, -234567890123456, 7);
    cpu_set_fpr(&f->cpu, 4, (uint64_t)-1);
    execute(f, LONG(5u, 4u, 3u, DIEX));
    assert_int_equal(cpu_fpr(&f->cpu, 5) >> 58, 0x3E);
    cpu_set_fpr(&f->cpu, 2, 0x00000000000000A0ull);
    execute(f, LONG(3u, 0u, 2u, DENBCD));
    assert_true(f->cpu.fpscr & FPSCR_VXCVI);
}

static void extended_numbers_use_register_pairs_and_34_digits(void **state)
{
    struct cpu_fixture *f = *state;
    struct dfp_num third = { .exp = -34 }, r;

    for (unsigned i = 0; i < 34; i++)
        third.coef = third.coef * 10 + 3;
    cpu_set_fpr(&f->cpu, 2, (uint64_t)(decimal(&dfp_extended, 1, 0) >> 64));
    cpu_set_fpr(&f->cpu, 3, (uint64_t)decimal(&dfp_extended, 1, 0));
    cpu_set_fpr(&f->cpu, 4, (uint64_t)(decimal(&dfp_extended, 3, 0) >> 64));
    cpu_set_fpr(&f->cpu, 5, (uint64_t)decimal(&dfp_extended, 3, 0));
    execute(f, EXTENDED(6u, 2u, 4u, DDIV));
    assert_int_equal(cpu_fpr(&f->cpu, 6), (uint64_t)(dfp_pack(&dfp_extended, &third) >> 64));
    assert_int_equal(cpu_fpr(&f->cpu, 7), (uint64_t)dfp_pack(&dfp_extended, &third));
    execute(f, EXTENDED(8u, 6u, 6u, DMUL));
    r = dfp_unpack(&dfp_extended, (dfp_int)cpu_fpr(&f->cpu, 8) << 64 | cpu_fpr(&f->cpu, 9));
    assert_true(r.exp == -34 && r.coef == third.coef / 3);      /* 0.1111... */
    execute(f, EXTENDED(10u, 0u, 6u, DRSP));                    /* drdpq: to long, in the even register */
    expect_long(f, 10, 3333333333333333, -16);
}

static void significance_counts_digits_and_zero_has_none(void **state)
{
    struct cpu_fixture *f = *state;

    cpu_set_fpr(&f->cpu, 1, 3);
    set_long(f, 2, 123, 0);
    execute(f, LONG(0u, 1u, 2u, DTSTSF));
    assert_int_equal(f->cpu.cr[0], CR_EQ);
    set_long(f, 2, 1234, 0);
    execute(f, LONG(0u, 1u, 2u, DTSTSF));
    assert_int_equal(f->cpu.cr[0], CR_LT);
    set_long(f, 2, 0, 0);
    execute(f, LONG(0u, 1u, 2u, DTSTSF));
    assert_int_equal(f->cpu.cr[0], CR_GT);
    cpu_set_fpr(&f->cpu, 2, 0x7800000000000000ull);
    execute(f, LONG(0u, 1u, 2u, DTSTSF));
    assert_int_equal(f->cpu.cr[0], CR_SO);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, cpu_fixture_new, cpu_fixture_free)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(numbers_are_packed_as_the_encodings_document_prints_them),
        TEST(every_declet_unpacks_and_the_canonical_ones_pack_back),
        TEST(exact_results_keep_the_ideal_exponent),
        TEST(one_third_rounds_as_each_of_the_eight_modes_says),
        TEST(ties_and_the_shorter_precision_mode_look_at_the_last_digit),
        TEST(what_lies_far_below_the_last_digit_counts),
        TEST(overflow_gives_infinity_or_the_largest_number),
        TEST(a_trapped_overflow_delivers_the_adjusted_exponent),
        TEST(subnormals_underflow_only_when_inexact),
        TEST(invalid_operations_name_their_cause_and_keep_the_target_when_enabled),
        TEST(a_signalling_nan_wins_over_a_quiet_one_and_becomes_quiet),
        TEST(quantize_takes_the_exponent_of_a_or_is_invalid),
        TEST(reround_leaves_as_many_digits_as_asked),
        TEST(integers_convert_and_saturate),
        TEST(packed_digits_and_exponents_come_apart_and_together),
        TEST(extended_numbers_use_register_pairs_and_34_digits),
        TEST(significance_counts_digits_and_zero_has_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
