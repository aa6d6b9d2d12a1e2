/* SPDX-License-Identifier: Apache-2.0 */
/* Fixed-point arithmetic: carries, overflows, both widths, both modes; results by hand from the book. */
#include "tests/unit/cpu_fixture.h"

#define MIN64 0x8000000000000000ull
#define MAX64 0x7FFFFFFFFFFFFFFFull
#define ONES UINT64_MAX

enum {
    ADD = 266,
    ADDC = 10,
    ADDE = 138,
    ADDME = 234,
    ADDZE = 202,
    SUBF = 40,
    SUBFC = 8,
    SUBFE = 136,
    SUBFME = 232,
    SUBFZE = 200,
    NEG = 104,
    ADDEX = 170,
    MULLW = 235,
    MULLD = 233,
    MULHW = 75,
    MULHWU = 11,
    MULHD = 73,
    MULHDU = 9,
    DIVW = 491,
    DIVWU = 459,
    DIVD = 489,
    DIVDU = 457,
    DIVWE = 427,
    DIVWEU = 395,
    DIVDE = 425,
    DIVDEU = 393,
    MODSW = 779,
    MODUW = 267,
    MODSD = 777,
    MODUD = 265
};

/* r3 <- r4 op r5, flags as they come. */
static uint64_t do_op(struct cpu_fixture *f, unsigned xo, uint32_t extra, uint64_t a, uint64_t b)
{
    cpu_fixture_run_with(f, word_x(xo, 3, 4, 5) | extra, a, b);
    return f->cpu.gpr[3];
}

/* OV OV32 CA CA32 SO as five digits of a number that reads like them in binary. */
static unsigned flags(const struct cpu_fixture *f)
{
    const struct cpu *c = &f->cpu;

    return c->ov * 10000u + c->ov32 * 1000u + c->ca * 100u + c->ca32 * 10u + c->so;
}

static void clear_flags(struct cpu_fixture *f)
{
    f->cpu.ov = f->cpu.ov32 = f->cpu.ca = f->cpu.ca32 = f->cpu.so = 0;
}

static void enter_32_bit_mode(struct cpu_fixture *f)
{
    cpu_set_msr(&f->cpu, f->cpu.msr & ~MSR_SF);
}

static void immediate_forms_take_register_field_0_as_the_number_0(void **state)
{
    struct cpu_fixture *f = *state;

    f->cpu.gpr[0] = 7;
    assert_int_equal(cpu_fixture_run(f, word_d(14, 3, 0, -1)), 0);
    assert_int_equal(f->cpu.gpr[3], ONES);
    assert_int_equal(cpu_fixture_run(f, word_d(15, 3, 0, -2)), 0);
    assert_int_equal(f->cpu.gpr[3], -0x20000ll);
    assert_int_equal(cpu_fixture_run(f, word_d(12, 3, 0, -1)), 0); /* addic reads r0 */
    assert_int_equal(f->cpu.gpr[3], 6);
    assert_int_equal(f->cpu.gpr[0], 7);
}

static void addpcis_adds_to_the_next_address(void **state)
{
    struct cpu_fixture *f = *state;

    /* D = 0x8001: d0 = 0x200, d1 = 0, d2 = 1 */
    assert_int_equal(cpu_fixture_run(f, 19u << 26 | 3u << 21 | 0u << 16 | 0x200u << 6 | 2u << 1 | 1), 0);
    assert_int_equal(f->cpu.gpr[3], FIXTURE_CODE + 4 + 0xFFFFFFFF80010000ull);
    f->cpu.nip = FIXTURE_CODE;
    assert_int_equal(cpu_fixture_run(f, 19u << 26 | 3u << 21 | 31u << 16 | 2u << 1), 0); /* D = 0x003E */
    assert_int_equal(f->cpu.gpr[3], FIXTURE_CODE + 4 + 0x3E0000);
}

static void carries_come_from_bit_0_and_bit_32(void **state)
{
    struct cpu_fixture *f = *state;

    assert_int_equal(do_op(f, ADDC, 0, ONES, 1), 0);
    assert_int_equal(flags(f), 110);
    assert_int_equal(do_op(f, ADDC, 0, 0xFFFFFFFF, 1), 0x100000000ull);
    assert_int_equal(flags(f), 10);
    assert_int_equal(do_op(f, ADDC, 0, MIN64, MIN64), 0);
    assert_int_equal(flags(f), 100);
    assert_int_equal(do_op(f, SUBFC, 0, 1, 0), ONES); /* 0 - 1 borrows */
    assert_int_equal(flags(f), 0);
    assert_int_equal(do_op(f, SUBFC, 0, 5, 5), 0);
    assert_int_equal(flags(f), 110);
}

static void extended_forms_add_the_carry(void **state)
{
    struct cpu_fixture *f = *state;

    f->cpu.ca = 1;
    assert_int_equal(do_op(f, ADDE, 0, ONES, 0), 0);
    assert_int_equal(flags(f), 110);
    assert_int_equal(do_op(f, ADDE, 0, ONES, ONES), ONES);
    assert_int_equal(flags(f), 110);
    f->cpu.ca = 0;
    assert_int_equal(do_op(f, SUBFE, 0, 0, 0), ONES);
    assert_int_equal(flags(f), 0);
    assert_int_equal(do_op(f, ADDME, 0, 0, 0), ONES);
    assert_int_equal(flags(f), 0);
    f->cpu.ca = 1;
    assert_int_equal(do_op(f, ADDME, 0, 0, 0), 0);
    assert_int_equal(flags(f), 110);
    assert_int_equal(do_op(f, ADDZE, 0, MAX64, 0), MIN64);
    assert_int_equal(f->cpu.ca, 0);
    f->cpu.ca = 1;
    assert_int_equal(do_op(f, SUBFZE, 0, 0, 0), 0);
    assert_int_equal(f->cpu.ca, 1);
    assert_int_equal(do_op(f, SUBFME, 0, ONES, 0), 0);
    assert_int_equal(f->cpu.ca, 1);
    f->cpu.ca = 0;
    assert_int_equal(do_op(f, SUBFME, 0, ONES, 0), ONES);
    assert_int_equal(f->cpu.ca, 0);
}

static void overflow_sets_so_for_good(void **state)
{
    struct cpu_fixture *f = *state;

    assert_int_equal(do_op(f, ADD, WORD_OE, MAX64, 1), MIN64);
    assert_int_equal(flags(f), 10001);
    assert_int_equal(do_op(f, ADD, WORD_OE | WORD_RC, 1, 1), 2);
    assert_int_equal(flags(f), 1);
    assert_int_equal(f->cpu.cr[0], CR_GT | CR_SO);
    clear_flags(f);
    assert_int_equal(do_op(f, ADD, WORD_OE, 0x7FFFFFFF, 1), 0x80000000);
    assert_int_equal(flags(f), 1000); /* OV32 alone does not set SO */
    clear_flags(f);
    assert_int_equal(do_op(f, NEG, WORD_OE, MIN64, 0), MIN64);
    assert_int_equal(flags(f), 10001);
    clear_flags(f);
    assert_int_equal(do_op(f, NEG, WORD_OE, 0x80000000, 0), -0x80000000ll);
    assert_int_equal(flags(f), 1000);
    clear_flags(f);
    assert_int_equal(do_op(f, SUBF, WORD_OE, 1, MIN64), MAX64);
    assert_int_equal(flags(f), 10001);
    clear_flags(f);
    assert_int_equal(do_op(f, ADD, 0, MAX64, 1), MIN64);
    assert_int_equal(flags(f), 0);
}

static void mode_32_bit_takes_ca_ov_and_cr0_from_the_low_half(void **state)
{
    struct cpu_fixture *f = *state;

    enter_32_bit_mode(f);
    assert_int_equal(do_op(f, ADDC, WORD_RC, 0xFFFFFFFF, 1), 0x100000000ull);
    assert_int_equal(flags(f), 110);
    assert_int_equal(f->cpu.cr[0], CR_EQ);
    assert_int_equal(do_op(f, ADD, WORD_OE | WORD_RC, 0x7FFFFFFF, 1), 0x80000000);
    assert_int_equal(f->cpu.ov, 1);
    assert_int_equal(f->cpu.cr[0], CR_LT | CR_SO);
    assert_int_equal(do_op(f, ADDC, 0, ONES << 32, ONES << 32), ONES << 33);
    assert_int_equal(f->cpu.ca, 0);
}

static void addex_carries_through_ov(void **state)
{
    struct cpu_fixture *f = *state;

    f->cpu.ov = 1;
    assert_int_equal(do_op(f, ADDEX, 0, ONES, 0), 0);
    assert_int_equal(flags(f), 11000);
    assert_int_equal(do_op(f, ADDEX, 0, 1, 1), 3);
    assert_int_equal(flags(f), 0);
    assert_int_equal(cpu_fixture_run(f, word_x(ADDEX, 3, 4, 5) | 1u << 9), -1); /* CY = 1 is reserved */
}

static void products(void **state)
{
    struct cpu_fixture *f = *state;

    assert_int_equal(do_op(f, MULLW, WORD_OE, 0xFFFFFFFF80000000ull, 0xFFFFFFFF), 0x80000000);
    assert_int_equal(flags(f), 11001);
    clear_flags(f);
    assert_int_equal(do_op(f, MULLW, WORD_OE, 0x123400000003ull, 0xFFFFFFFE), -6);
    assert_int_equal(flags(f), 0);
    assert_int_equal(do_op(f, MULLD, WORD_OE, MIN64, ONES), MIN64);
    assert_int_equal(flags(f), 11001);
    assert_int_equal(do_op(f, MULHW, 0, 0x80000000, 0x80000000), 0x40000000);
    assert_int_equal(do_op(f, MULHWU, 0, ONES, ONES), 0xFFFFFFFE);
    assert_int_equal(do_op(f, MULHD, 0, ONES, 2), ONES);
    assert_int_equal(do_op(f, MULHDU, 0, ONES, 2), 1);
    f->cpu.gpr[4] = 3;
    assert_int_equal(cpu_fixture_run(f, word_d(7, 3, 4, -5)), 0);
    assert_int_equal(f->cpu.gpr[3], -15);
}

static void multiply_add(void **state)
{
    struct cpu_fixture *f = *state;
    uint32_t vab = 4u << 26 | 3u << 21 | 4u << 16 | 5u << 11 | 6u << 6;

    f->cpu.gpr[4] = ONES;
    f->cpu.gpr[5] = ONES;
    f->cpu.gpr[6] = ONES;
    assert_int_equal(cpu_fixture_run(f, vab | 48), 0); /* 1 + -1 */
    assert_int_equal(f->cpu.gpr[3], 0);
    assert_int_equal(cpu_fixture_run(f, vab | 49), 0);
    assert_int_equal(f->cpu.gpr[3], ONES);
    assert_int_equal(cpu_fixture_run(f, vab | 51), 0);
    assert_int_equal(f->cpu.gpr[3], 0);
    f->cpu.gpr[5] = 1;
    assert_int_equal(cpu_fixture_run(f, vab | 48), 0); /* -1 + -1 */
    assert_int_equal(f->cpu.gpr[3], ONES);
}

static void quotients(void **state)
{
    struct cpu_fixture *f = *state;

    assert_int_equal(do_op(f, DIVW, 0, (uint64_t)-7, 2), 0xFFFFFFFD);
    assert_int_equal(do_op(f, DIVWU, 0, 0x1FFFFFFFEull, 2), 0x7FFFFFFF);
    assert_int_equal(do_op(f, DIVD, 0, (uint64_t)-7, 2), -3);
    assert_int_equal(do_op(f, DIVDU, WORD_OE, ONES, 16), ONES >> 4);
    assert_int_equal(flags(f), 0);
    assert_int_equal(do_op(f, DIVWE, WORD_OE, 1, 4), 0x40000000);
    assert_int_equal(flags(f), 0);
    assert_int_equal(do_op(f, DIVWEU, WORD_OE, 3, 4), 0xC0000000);
    assert_int_equal(flags(f), 0);
    assert_int_equal(do_op(f, DIVDE, WORD_OE, (uint64_t)-1, 4), -0x4000000000000000ll);
    assert_int_equal(flags(f), 0);
    assert_int_equal(do_op(f, DIVDEU, WORD_OE, 3, 4), 0xC000000000000000ull);
    assert_int_equal(flags(f), 0);
}

static void quotients_without_an_answer_set_ov_and_nothing_else_happens(void **state)
{
    static const struct {
        unsigned xo;
        uint64_t a, b;
    } t[] = {
        { DIVW, 1, 0 },
        { DIVW, 0x80000000, ONES },
        { DIVWU, 1, 1ull << 32 },
        { DIVD, 1, 0 },
        { DIVD, MIN64, ONES },
        { DIVDU, 0, 0 },
        { DIVWE, 1, 0 },
        { DIVWE, 1, 2 },
        { DIVWE, 0x80000000, ONES },
        { DIVWEU, 4, 4 },
        { DIVWEU, 0, 0 },
        { DIVDE, 1, 2 },
        { DIVDE, MIN64, ONES },
        { DIVDE, 0, 0 },
        { DIVDEU, 4, 4 },
        { DIVDEU, 4, 0 },
    };
    struct cpu_fixture *f = *state;

    for (unsigned i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
        clear_flags(f);
        do_op(f, t[i].xo, WORD_OE, t[i].a, t[i].b);
        assert_int_equal(flags(f), 11001);
    }
    assert_int_equal(do_op(f, DIVDE, WORD_OE, 0, ONES), 0);
    assert_int_equal(flags(f), 1);
}

static void remainders(void **state)
{
    struct cpu_fixture *f = *state;

    assert_int_equal(do_op(f, MODSW, 0, (uint64_t)-7, 2), ONES);
    assert_int_equal(do_op(f, MODUW, 0, 0xFFFFFFFF00000007ull, 4), 3);
    assert_int_equal(do_op(f, MODSD, 0, (uint64_t)-7, 4), -3);
    assert_int_equal(do_op(f, MODUD, 0, ONES, 10), 5);
    do_op(f, MODSW, 0, 0x80000000, ONES);
    do_op(f, MODSW, 0, 1, 0);
    do_op(f, MODSD, 0, MIN64, ONES);
    do_op(f, MODSD, 0, 1, 0);
    do_op(f, MODUW, 0, 1, 0);
    do_op(f, MODUD, 0, 1, 0);
}

static void power8_has_no_3_0_forms(void **state)
{
    struct cpu_fixture *f = *state;

    assert_int_equal(cpu_fixture_run(f, word_x(MODSW, 3, 4, 5)), -1);
    assert_int_equal(cpu_fixture_run(f, 4u << 26 | 51), -1);
    assert_int_equal(cpu_fixture_run(f, word_x(ADDEX, 3, 4, 5)), -1);
    assert_int_equal(cpu_fixture_run(f, word_x(DIVWE, 3, 4, 5)), 0);
}

#define ON_P9(test) cmocka_unit_test_setup_teardown(test, cpu_fixture_new, cpu_fixture_free)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_P9(immediate_forms_take_register_field_0_as_the_number_0),
        ON_P9(addpcis_adds_to_the_next_address),
        ON_P9(carries_come_from_bit_0_and_bit_32),
        ON_P9(extended_forms_add_the_carry),
        ON_P9(overflow_sets_so_for_good),
        ON_P9(mode_32_bit_takes_ca_ov_and_cr0_from_the_low_half),
        ON_P9(addex_carries_through_ov),
        ON_P9(products),
        ON_P9(multiply_add),
        ON_P9(quotients),
        ON_P9(quotients_without_an_answer_set_ov_and_nothing_else_happens),
        ON_P9(remainders),
        cmocka_unit_test_setup_teardown(power8_has_no_3_0_forms, cpu_fixture_new_power8, cpu_fixture_free),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
