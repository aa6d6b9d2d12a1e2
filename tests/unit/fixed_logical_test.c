/* SPDX-License-Identifier: Apache-2.0 */
/* Logical, rotate and shift, decimal assist instructions: edge operands, results by hand from the book. */
#include "tests/unit/cpu_fixture.h"

#define ONES UINT64_MAX

enum {
    AND = 28,
    ANDC = 60,
    NAND = 476,
    NOR = 124,
    OR = 444,
    ORC = 412,
    XOR = 316,
    EQV = 284,
    EXTSB = 954,
    EXTSH = 922,
    EXTSW = 986,
    CNTLZW = 26,
    CNTLZD = 58,
    CNTTZW = 538,
    CNTTZD = 570,
    CMPB = 508,
    POPCNTB = 122,
    POPCNTW = 378,
    POPCNTD = 506,
    PRTYW = 154,
    PRTYD = 186,
    BPERMD = 252,
    SLW = 24,
    SRW = 536,
    SRAW = 792,
    SRAWI = 824,
    SLD = 27,
    SRD = 539,
    SRAD = 794,
    SRADI = 826,
    EXTSWSLI = 890,
    ADDG6S = 74,
    CDTBCD = 282,
    CBCDTD = 314
};

/* r3 <- r4 op r5 of the forms that name the source first. */
static uint64_t do_op(struct cpu_fixture *f, unsigned xo, uint32_t extra, uint64_t s, uint64_t b)
{
    cpu_fixture_run_with(f, word_x(xo, 4, 3, 5) | extra, s, b);
    return f->cpu.gpr[3];
}

/* M, MD and MDS forms. */
static uint32_t word_m(unsigned primary, unsigned s, unsigned a, unsigned sh, unsigned mb, unsigned me)
{
    return primary << 26 | s << 21 | a << 16 | sh << 11 | mb << 6 | me << 1;
}

static uint32_t word_md(unsigned xo, unsigned s, unsigned a, unsigned sh, unsigned m)
{
    return 30u << 26 | s << 21 | a << 16 | (sh & 31) << 11 | (m & 31) << 6 | (m >> 5) << 5 | xo << 2 | (sh >> 5) << 1;
}

static uint32_t word_mds(unsigned xo, unsigned s, unsigned a, unsigned b, unsigned m)
{
    return 30u << 26 | s << 21 | a << 16 | b << 11 | (m & 31) << 6 | (m >> 5) << 5 | xo << 1;
}

static uint64_t rotate(struct cpu_fixture *f, uint32_t word, uint64_t s, uint64_t before)
{
    f->cpu.gpr[4] = s;
    f->cpu.gpr[3] = before;
    assert_int_equal(cpu_fixture_run(f, word), 0);
    return f->cpu.gpr[3];
}

static void boolean_operations(void **state)
{
    struct cpu_fixture *f = *state;
    uint64_t a = 0xFF00FF00FF00FF00, b = 0xF0F0F0F0F0F0F0F0;

    assert_int_equal(do_op(f, AND, 0, a, b), a & b);
    assert_int_equal(do_op(f, ANDC, 0, a, b), a & ~b);
    assert_int_equal(do_op(f, NAND, 0, a, b), ~(a & b));
    assert_int_equal(do_op(f, NOR, 0, a, b), ~(a | b));
    assert_int_equal(do_op(f, OR, 0, a, b), a | b);
    assert_int_equal(do_op(f, ORC, 0, a, b), a | ~b);
    assert_int_equal(do_op(f, XOR, 0, a, b), a ^ b);
    assert_int_equal(do_op(f, EQV, 0, a, b), ~(a ^ b));
    assert_int_equal(do_op(f, OR, WORD_RC, a, b), a | b);
    assert_int_equal(f->cpu.cr[0], CR_LT);
    assert_int_equal(do_op(f, XOR, WORD_RC, a, a), 0);
    assert_int_equal(f->cpu.cr[0], CR_EQ);
}

static void immediates_are_not_sign_extended(void **state)
{
    struct cpu_fixture *f = *state;

    assert_int_equal(rotate(f, word_d(28, 4, 3, 0x8001), ONES, 0), 0x8001);
    assert_int_equal(f->cpu.cr[0], CR_GT);
    assert_int_equal(rotate(f, word_d(29, 4, 3, 0x8001), ONES, 0), 0x80010000);
    assert_int_equal(f->cpu.cr[0], CR_GT);
    assert_int_equal(rotate(f, word_d(24, 4, 3, 0xFFFF), 0, 0), 0xFFFF);
    assert_int_equal(rotate(f, word_d(25, 4, 3, 0xFFFF), 0, 0), 0xFFFF0000);
    assert_int_equal(rotate(f, word_d(26, 4, 3, 0xFFFF), ONES, 0), ~0xFFFFull);
    assert_int_equal(rotate(f, word_d(27, 4, 3, 0xFFFF), ONES, 0), ~0xFFFF0000ull);
}

static void cr0_of_andis_in_32_bit_mode_sees_the_sign(void **state)
{
    struct cpu_fixture *f = *state;

    cpu_set_msr(&f->cpu, f->cpu.msr & ~MSR_SF);
    rotate(f, word_d(29, 4, 3, 0x8000), ONES, 0);
    assert_int_equal(f->cpu.cr[0], CR_LT);
}

static void priority_hints_change_ppr_only(void **state)
{
    static const struct {
        unsigned reg, user, kernel;
    } t[] = { { 31, 0, 1 }, { 1, 2, 2 }, { 6, 3, 3 }, { 2, 4, 4 }, { 5, 0, 5 },
              { 3, 0, 6 },  { 7, 0, 0 }, { 8, 0, 0 }, { 27, 0, 0 } };
    struct cpu_fixture *f = *state;
    uint64_t before[32];

    for (unsigned r = 0; r < 32; r++)
        before[r] = f->cpu.gpr[r] = r * 0x0101010101010101;
    for (unsigned user = 0; user < 2; user++) {
        if (user)
            cpu_set_msr(&f->cpu, f->cpu.msr | MSR_PR);
        for (unsigned i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
            unsigned want = user ? t[i].user : t[i].kernel;

            f->cpu.spr[SPR_PPR] = 7ull << 50;
            assert_int_equal(cpu_fixture_run(f, word_x(OR, t[i].reg, t[i].reg, t[i].reg)), 0);
            assert_int_equal(f->cpu.spr[SPR_PPR] >> 50, want ? want : 7);
        }
    }
    assert_memory_equal(before, f->cpu.gpr, sizeof(before));
}

static void extension_and_counts(void **state)
{
    struct cpu_fixture *f = *state;

    assert_int_equal(do_op(f, EXTSB, WORD_RC, 0x180, 0), -0x80ll);
    assert_int_equal(f->cpu.cr[0], CR_LT);
    assert_int_equal(do_op(f, EXTSH, 0, 0x18000, 0), -0x8000ll);
    assert_int_equal(do_op(f, EXTSW, 0, 0x180000000, 0), -0x80000000ll);
    assert_int_equal(do_op(f, CNTLZW, 0, 0xFFFFFFFF00000000, 0), 32);
    assert_int_equal(do_op(f, CNTLZW, 0, 1, 0), 31);
    assert_int_equal(do_op(f, CNTLZD, 0, 0, 0), 64);
    assert_int_equal(do_op(f, CNTLZD, 0, 1, 0), 63);
    assert_int_equal(do_op(f, CNTTZW, 0, 1ull << 32, 0), 32);
    assert_int_equal(do_op(f, CNTTZW, 0, 0x80000000, 0), 31);
    assert_int_equal(do_op(f, CNTTZD, 0, 0, 0), 64);
    assert_int_equal(do_op(f, CNTTZD, 0, 1ull << 63, 0), 63);
    assert_int_equal(do_op(f, POPCNTB, 0, 0xFF7F0102030180FF, 0), 0x0807010102010108);
    assert_int_equal(do_op(f, POPCNTW, 0, ONES << 31, 0), 0x0000002000000001);
    assert_int_equal(do_op(f, POPCNTD, 0, ONES, 0), 64);
    assert_int_equal(do_op(f, POPCNTD, 0, 0x8000000000000001, 0), 2);
    assert_int_equal(do_op(f, PRTYW, 0, 0x0101010001000100, 0), 0x0000000100000000);
    assert_int_equal(do_op(f, PRTYD, 0, 0x0101010001000100, 0), 1);
    assert_int_equal(do_op(f, PRTYD, 0, 0xFEFEFEFEFEFEFEFE, 0), 0);
}

static void cmpb_compares_bytes(void **state)
{
    struct cpu_fixture *f = *state;

    assert_int_equal(do_op(f, CMPB, 0, 0x0102030405060708, 0x0100030005000700), 0xFF00FF00FF00FF00);
    assert_int_equal(do_op(f, CMPB, 0, 0x80FF7F0001000180, 0x00FF7F8000010180), 0x00FFFF000000FFFF);
}

static void bpermd_picks_bits(void **state)
{
    struct cpu_fixture *f = *state;

    assert_int_equal(do_op(f, BPERMD, 0, 0x003F014080FF0020, 0x8000000100000001), 0xC2);
}

static void word_rotates_double_the_word(void **state)
{
    struct cpu_fixture *f = *state;

    assert_int_equal(rotate(f, word_m(21, 4, 3, 8, 0, 31), 0xAAAAAAAA12345678, 0), 0x34567812);
    assert_int_equal(rotate(f, word_m(21, 4, 3, 8, 28, 3), 0xAAAAAAAA12345678, 0), 0x3456781230000002); /* wraps */
    assert_int_equal(rotate(f, word_m(21, 4, 3, 0, 1, 0), 0x12345678, 0), 0x1234567812345678);
    assert_int_equal(rotate(f, word_m(20, 4, 3, 4, 8, 15), 0x12345678, ONES), 0xFFFFFFFFFF45FFFF);
    f->cpu.gpr[5] = 0x64; /* low five bits: 4 */
    assert_int_equal(rotate(f, word_m(23, 4, 3, 5, 24, 31), 0x12345678, 0), 0x81);
    assert_int_equal(rotate(f, word_m(21, 4, 3, 31, 0, 0) | 1, 1, 0), 0x80000000);
    assert_int_equal(f->cpu.cr[0], CR_GT);
}

static void doubleword_rotates(void **state)
{
    struct cpu_fixture *f = *state;
    uint64_t v = 0x123456789ABCDEF0;

    assert_int_equal(rotate(f, word_md(0, 4, 3, 36, 32), v, 0), 0x23456789);
    assert_int_equal(rotate(f, word_md(0, 4, 3, 0, 63), v | 1, 0), 1);
    assert_int_equal(rotate(f, word_md(1, 4, 3, 63, 0), 3, 0), 1ull << 63);
    assert_int_equal(rotate(f, word_md(1, 4, 3, 8, 55), v, 0), v << 8);
    assert_int_equal(rotate(f, word_md(2, 4, 3, 32, 8), v, 0), 0x00BCDEF000000000);
    assert_int_equal(rotate(f, word_md(3, 4, 3, 32, 0), v, 0x0BADF00D), 0x9ABCDEF00BADF00D);
    assert_int_equal(rotate(f, word_md(3, 4, 3, 8, 60), 0xAB, 0), 0xAB00); /* wraps: ones 60..63 and 0..55 */
    f->cpu.gpr[5] = 68;
    assert_int_equal(rotate(f, word_mds(8, 4, 3, 5, 8), v, 0), 0x00456789ABCDEF01);
    assert_int_equal(rotate(f, word_mds(9, 4, 3, 5, 7), v, 0), 0x2300000000000000);
}

static void shifts_by_the_width_and_more_clear(void **state)
{
    struct cpu_fixture *f = *state;

    assert_int_equal(do_op(f, SLW, 0, ONES, 31), 0x80000000);
    assert_int_equal(do_op(f, SLW, 0, ONES, 32), 0);
    assert_int_equal(do_op(f, SLW, 0, ONES, 64), 0xFFFFFFFF);
    assert_int_equal(do_op(f, SRW, 0, ONES, 31), 1);
    assert_int_equal(do_op(f, SRW, 0, ONES, 63), 0);
    assert_int_equal(do_op(f, SLD, 0, ONES, 63), 1ull << 63);
    assert_int_equal(do_op(f, SLD, 0, ONES, 64), 0);
    assert_int_equal(do_op(f, SLD, 0, ONES, 128), ONES);
    assert_int_equal(do_op(f, SRD, 0, ONES, 63), 1);
    assert_int_equal(do_op(f, SRD, 0, ONES, 127), 0);
}

static void algebraic_shifts_carry_when_a_negative_number_loses_ones(void **state)
{
    static const struct {
        unsigned xo;
        uint64_t s, b, want;
        unsigned ca;
    } t[] = {
        { SRAW, 0x80000000, 0, (uint64_t)-0x80000000ll, 0 },
        { SRAW, 0x80000001, 1, (uint64_t)-0x40000000ll, 1 },
        { SRAW, 0x80000000, 32, ONES, 1 },
        { SRAW, 0x7FFFFFFF, 63, 0, 0 },
        { SRAW, 0xFFFFFFFF, 64, ONES, 0 },
        { SRAW, 0x80000000, 31, ONES, 0 },
        { SRAD, 1ull << 63, 63, ONES, 0 },
        { SRAD, 1ull << 63, 64, ONES, 1 },
        { SRAD, 5, 64, 0, 0 },
        { SRAD, ONES, 1, ONES, 1 },
        { SRAD, ONES, 127, ONES, 1 },
        { SRAD, ONES, 128, ONES, 0 },
    };
    struct cpu_fixture *f = *state;

    for (unsigned i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
        f->cpu.ca = f->cpu.ca32 = !t[i].ca;
        assert_int_equal(do_op(f, t[i].xo, 0, t[i].s, t[i].b), t[i].want);
        assert_int_equal(f->cpu.ca, t[i].ca);
        assert_int_equal(f->cpu.ca32, t[i].ca);
    }
    f->cpu.gpr[4] = (uint64_t)-9;
    assert_int_equal(cpu_fixture_run(f, word_x(SRAWI, 4, 3, 3)), 0);
    assert_int_equal(f->cpu.gpr[3], -2);
    assert_int_equal(f->cpu.ca, 1);
    assert_int_equal(cpu_fixture_run(f, word_x(SRADI, 4, 3, 31) | 2), 0); /* sh = 63 */
    assert_int_equal(f->cpu.gpr[3], ONES);
    assert_int_equal(cpu_fixture_run(f, word_x(EXTSWSLI, 4, 3, 4)), 0);
    assert_int_equal(f->cpu.gpr[3], -9 * 16);
}

static void addg6s_gives_a_6_where_no_digit_carries(void **state)
{
    struct cpu_fixture *f = *state;

    f->cpu.gpr[4] = 0xF000000000000008;
    f->cpu.gpr[5] = 0x1000000000000008;
    assert_int_equal(cpu_fixture_run(f, word_x(ADDG6S, 3, 4, 5)), 0);
    assert_int_equal(f->cpu.gpr[3], 0x0666666666666660);
    f->cpu.gpr[4] = f->cpu.gpr[5] = 0;
    assert_int_equal(cpu_fixture_run(f, word_x(ADDG6S, 3, 4, 5)), 0);
    assert_int_equal(f->cpu.gpr[3], 0x6666666666666666);
}

/* 24 of the 1024 declets are redundant; canonical ones come back unchanged. */
static void declets_hold_all_numbers_to_999(void **state)
{
    struct cpu_fixture *f = *state;

    for (unsigned n = 0; n < 1000; n++) {
        uint64_t bcd = n / 100 << 8 | n / 10 % 10 << 4 | n % 10, both = bcd << 44 | (bcd ^ 1) << 32 | bcd << 12 | bcd;
        uint64_t dpd;

        if ((bcd & 15) > 8)
            both &= ~(0xFFFull << 32);
        dpd = do_op(f, CBCDTD, 0, both, 0);
        assert_int_equal(dpd & 0xFFF00000FFF00000, 0);
        assert_int_equal(do_op(f, CDTBCD, 0, dpd, 0), both);
    }
    assert_int_equal(do_op(f, CBCDTD, 0, 0x005, 0), 0x005);
    assert_int_equal(do_op(f, CBCDTD, 0, 0x009, 0), 0x009);
    assert_int_equal(do_op(f, CBCDTD, 0, 0x055, 0), 0x055);
    assert_int_equal(do_op(f, CBCDTD, 0, 0x079, 0), 0x079);
    assert_int_equal(do_op(f, CBCDTD, 0, 0x080, 0), 0x00A);
    assert_int_equal(do_op(f, CBCDTD, 0, 0x099, 0), 0x05F);
    assert_int_equal(do_op(f, CBCDTD, 0, 0x555, 0), 0x2D5);
    assert_int_equal(do_op(f, CBCDTD, 0, 0x999, 0), 0x0FF);
    assert_int_equal(do_op(f, CDTBCD, 0, 0x3FF, 0), 0x999);
}

#define ON_P9(test) cmocka_unit_test_setup_teardown(test, cpu_fixture_new, cpu_fixture_free)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_P9(boolean_operations),
        ON_P9(immediates_are_not_sign_extended),
        ON_P9(cr0_of_andis_in_32_bit_mode_sees_the_sign),
        ON_P9(priority_hints_change_ppr_only),
        ON_P9(extension_and_counts),
        ON_P9(cmpb_compares_bytes),
        ON_P9(bpermd_picks_bits),
        ON_P9(word_rotates_double_the_word),
        ON_P9(doubleword_rotates),
        ON_P9(shifts_by_the_width_and_more_clear),
        ON_P9(algebraic_shifts_carry_when_a_negative_number_loses_ones),
        ON_P9(addg6s_gives_a_6_where_no_digit_carries),
        ON_P9(declets_hold_all_numbers_to_999),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
