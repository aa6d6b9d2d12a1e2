/* SPDX-License-Identifier: Apache-2.0 */
/* Compares, traps, selects, CR moves and branches. */
#include "tests/unit/cpu_fixture.h"

#define ONES UINT64_MAX

enum {
    CMP = 0,
    CMPL = 32,
    CMPRB = 192,
    CMPEQB = 224,
    SETB = 128,
    TW = 4,
    TD = 68,
    MFCR = 19,
    MTCRF = 144,
    MCRXRX = 576
};

static unsigned compare(struct cpu_fixture *f, uint32_t word, uint64_t a, uint64_t b)
{
    cpu_fixture_run_with(f, word, a, b);
    return f->cpu.cr[6];
}

static void compares_by_width_and_sign(void **state)
{
    struct cpu_fixture *f = *state;
    unsigned word = 6 << 2, dword = 6 << 2 | 1;

    assert_int_equal(compare(f, word_x(CMP, word, 4, 5), 0x1FFFFFFFF, 0), CR_LT);
    assert_int_equal(compare(f, word_x(CMP, dword, 4, 5), 0x1FFFFFFFF, 0), CR_GT);
    assert_int_equal(compare(f, word_x(CMPL, word, 4, 5), 0x1FFFFFFFF, 0xFFFFFFFF), CR_EQ);
    assert_int_equal(compare(f, word_x(CMPL, dword, 4, 5), 1, ONES), CR_LT);
    assert_int_equal(compare(f, word_d(11, word, 4, -1), 0xFFFFFFFF, 0), CR_EQ);
    assert_int_equal(compare(f, word_d(11, dword, 4, -1), 0xFFFFFFFF, 0), CR_GT);
    assert_int_equal(compare(f, word_d(10, word, 4, 0xFFFF), 0x10000FFFF, 0), CR_EQ);
    f->cpu.so = 1;
    assert_int_equal(compare(f, word_d(10, dword, 4, 0xFFFF), 0x10000FFFF, 0), CR_GT | CR_SO);
}

static void byte_compares(void **state)
{
    struct cpu_fixture *f = *state;
    unsigned one = 6 << 2, two = 6 << 2 | 1;

    assert_int_equal(compare(f, word_x(CMPRB, one, 4, 5), 0x141, 0x5A41), CR_GT);
    assert_int_equal(compare(f, word_x(CMPRB, one, 4, 5), 0x5B, 0x5A41), 0);
    assert_int_equal(compare(f, word_x(CMPRB, one, 4, 5), 0x61, 0x7A615A41), 0);
    assert_int_equal(compare(f, word_x(CMPRB, two, 4, 5), 0x61, 0x7A615A41), CR_GT);
    assert_int_equal(compare(f, word_x(CMPRB, two, 4, 5), 0x60, 0x7A615A41), 0);
    assert_int_equal(compare(f, word_x(CMPEQB, one, 4, 5), 0xFF00, 0x0102030405060700), CR_GT);
    assert_int_equal(compare(f, word_x(CMPEQB, one, 4, 5), 0x08, 0x0102030405060700), 0);
    f->cpu.so = 1;
    assert_int_equal(compare(f, word_x(CMPEQB, one, 4, 5), 0x08, 0), 0); /* SO is not copied */
}

static void setb_and_isel(void **state)
{
    static const uint64_t want[16] = { 0, 0, 0, 0, 1, 1, 1, 1, ONES, ONES, ONES, ONES, ONES, ONES, ONES, ONES };
    struct cpu_fixture *f = *state;

    for (unsigned v = 0; v < 16; v++) {
        f->cpu.cr[5] = (uint8_t)v;
        assert_int_equal(cpu_fixture_run(f, word_x(SETB, 3, 5 << 2, 0)), 0);
        assert_int_equal(f->cpu.gpr[3], want[v]);
    }
    f->cpu.gpr[0] = 1;
    f->cpu.gpr[5] = 2;
    f->cpu.cr[5] = CR_EQ;
    assert_int_equal(cpu_fixture_run(f, word_x(15 | 22 << 5, 3, 0, 5)), 0); /* RA = 0 is the number 0 */
    assert_int_equal(f->cpu.gpr[3], 0);
    assert_int_equal(cpu_fixture_run(f, word_x(15 | 21 << 5, 3, 0, 5)), 0);
    assert_int_equal(f->cpu.gpr[3], 2);
}

static void traps_by_each_to_bit(void **state)
{
    static const struct {
        uint64_t a, b;
        unsigned word_to, dword_to;
    } t[] = {
        { 1, 2, 16 | 2, 16 | 2 },          { 2, 1, 8 | 1, 8 | 1 },       { 7, 7, 4, 4 }, { ONES, 1, 16 | 1, 16 | 1 },
        { 0x1FFFFFFFF, 0, 16 | 1, 8 | 1 }, { 0x100000000, 0, 4, 8 | 1 },
    };
    struct cpu_fixture *f = *state;

    for (unsigned i = 0; i < sizeof(t) / sizeof(t[0]); i++)
        for (unsigned to = 0; to < 32; to++) {
            f->cpu.gpr[4] = t[i].a;
            f->cpu.gpr[5] = t[i].b;
            assert_int_equal(cpu_fixture_run(f, word_x(TW, to, 4, 5)), to & t[i].word_to ? VEC_PROGRAM : 0);
            assert_int_equal(cpu_fixture_run(f, word_x(TD, to, 4, 5)), to & t[i].dword_to ? VEC_PROGRAM : 0);
        }
    f->cpu.gpr[4] = ONES;
    assert_int_equal(cpu_fixture_run(f, word_d(3, 4, 4, -1)), VEC_PROGRAM);
    assert_int_equal(f->cpu.exc_srr1, PROGRAM_TRAP);
    assert_int_equal(cpu_fixture_run(f, word_d(2, 2, 4, -1)), 0);
}

static void cr_moves(void **state)
{
    struct cpu_fixture *f = *state;

    f->cpu.gpr[3] = 0xFFFFFFFF12345678;
    assert_int_equal(cpu_fixture_run(f, word_x(MTCRF, 3, 0, 0) | 0xFF << 12), 0);
    assert_int_equal(cpu_fixture_run(f, word_x(MFCR, 4, 0, 0)), 0);
    assert_int_equal(f->cpu.gpr[4], 0x12345678);
    f->cpu.gpr[3] = 0;
    assert_int_equal(cpu_fixture_run(f, word_x(MTCRF, 3, 0, 0) | 0x81 << 12), 0);
    assert_int_equal(cpu_cr(&f->cpu), 0x02345670);
    f->cpu.gpr[3] = ONES;
    assert_int_equal(cpu_fixture_run(f, word_x(MTCRF, 3, 16, 0) | 0x40 << 12), 0); /* mtocrf */
    assert_int_equal(cpu_cr(&f->cpu), 0x0F345670);
    assert_int_equal(cpu_fixture_run(f, word_x(MFCR, 4, 16, 0) | 0x20 << 12), 0); /* mfocrf */
    assert_int_equal(f->cpu.gpr[4], 0x00300000);
    f->cpu.ov = f->cpu.ca32 = 1;
    assert_int_equal(cpu_fixture_run(f, word_x(MCRXRX, 2 << 2, 0, 0)), 0);
    assert_int_equal(f->cpu.cr[2], 9);
    assert_int_equal(f->cpu.ov, 1);
    assert_int_equal(cpu_fixture_run(f, 19u << 26 | 7u << 23 | 2u << 18), 0); /* mcrf 7,2 */
    assert_int_equal(f->cpu.cr[7], 9);
}

static void cr_logic(void **state)
{
    static const struct {
        unsigned xo, truth; /* bit 2a + b of truth: the result */
    } t[] = { { 257, 8 }, { 129, 4 }, { 289, 9 }, { 225, 7 }, { 33, 1 }, { 449, 14 }, { 417, 13 }, { 193, 6 } };
    struct cpu_fixture *f = *state;

    for (unsigned i = 0; i < sizeof(t) / sizeof(t[0]); i++)
        for (unsigned ab = 0; ab < 4; ab++) {
            cpu_set_cr(&f->cpu, 0, 0xFF);
            f->cpu.cr[1] = ab & 2 ? CR_EQ : 0; /* bit 6 */
            f->cpu.cr[7] = ab & 1;             /* bit 31 */
            f->cpu.cr[3] = 5;
            assert_int_equal(cpu_fixture_run(f, 19u << 26 | 12u << 21 | 6u << 16 | 31u << 11 | t[i].xo << 1), 0);
            assert_int_equal(f->cpu.cr[3], 5 | (t[i].truth >> ab & 1) << 3);
        }
}

static uint64_t branch(struct cpu_fixture *f, uint32_t word)
{
    f->cpu.nip = FIXTURE_CODE;
    assert_int_equal(cpu_fixture_run(f, word), 0);
    return f->cpu.nip;
}

static void relative_and_absolute_branches(void **state)
{
    struct cpu_fixture *f = *state;

    f->cpu.lr = 99;
    assert_int_equal(branch(f, 18u << 26 | 0x100), FIXTURE_CODE + 0x100);
    assert_int_equal(branch(f, 18u << 26 | 0x03FFFFFC), FIXTURE_CODE - 4);
    assert_int_equal(f->cpu.lr, 99);
    assert_int_equal(branch(f, 18u << 26 | 0x100 | 1), FIXTURE_CODE + 0x100);
    assert_int_equal(f->cpu.lr, FIXTURE_CODE + 4);
    assert_int_equal(branch(f, 18u << 26 | 0x100 | 2), 0x100);
    assert_int_equal(branch(f, 18u << 26 | 0x03FFFFFC | 3), (uint64_t)-4);
    assert_int_equal(branch(f, 16u << 26 | 20u << 21 | 0xFFF0), FIXTURE_CODE - 16);
    assert_int_equal(branch(f, 16u << 26 | 20u << 21 | 0x8000 | 2), (uint64_t)-0x8000);
    cpu_set_msr(&f->cpu, f->cpu.msr & ~MSR_SF);
    assert_int_equal(branch(f, 18u << 26 | 0x03FFFFFC | 3), 0xFFFFFFFC);
}

/* Every BO against the book's formula, for bc, bclr, bcctr and bctar. */
static void every_bo(void **state)
{
    struct cpu_fixture *f = *state;

    f->cpu.spr[SPR_FSCR] = 1 << 8; /* TAR */
    for (unsigned bo = 0; bo < 32; bo++)
        for (unsigned in = 0; in < 6; in++) {
            unsigned bit = in & 1;
            uint64_t ctr = in >> 1, left = bo & 4 ? ctr : ctr - 1;
            bool taken = (bo & 4 || (left != 0) != !!(bo & 2)) && (bo & 16 || bit == (bo >> 3 & 1));
            uint32_t fields = bo << 21 | 10u << 16; /* BI = CR2[EQ] */

            cpu_set_cr(&f->cpu, 0xFFFFFFFF, 0xFF);
            f->cpu.cr[2] = (uint8_t)(bit ? CR_EQ : 13);
            f->cpu.ctr = ctr;
            assert_int_equal(branch(f, 16u << 26 | fields | 0x40), taken ? FIXTURE_CODE + 0x40 : FIXTURE_CODE + 4);
            assert_int_equal(f->cpu.ctr, left);
            f->cpu.ctr = ctr;
            f->cpu.lr = 0x2003;
            assert_int_equal(branch(f, 19u << 26 | fields | 16 << 1 | 1), taken ? 0x2000 : FIXTURE_CODE + 4);
            assert_int_equal(f->cpu.ctr, left);
            assert_int_equal(f->cpu.lr, FIXTURE_CODE + 4);
            f->cpu.ctr = ctr;
            f->cpu.spr[SPR_TAR] = 0x3001;
            assert_int_equal(branch(f, 19u << 26 | fields | 560 << 1), taken ? 0x3000 : FIXTURE_CODE + 4);
            assert_int_equal(f->cpu.ctr, left);
            f->cpu.ctr = 0x4002;
            if (bo & 4)
                assert_int_equal(branch(f, 19u << 26 | fields | 528 << 1), taken ? 0x4000 : FIXTURE_CODE + 4);
            else
                assert_int_equal(cpu_fixture_run(f, 19u << 26 | fields | 528 << 1), -1);
            assert_int_equal(f->cpu.ctr, 0x4002);
        }
}

static void bctar_needs_its_facility(void **state)
{
    struct cpu_fixture *f = *state;
    uint64_t lr = f->cpu.lr;

    assert_int_equal(cpu_fixture_run(f, 19u << 26 | 20u << 21 | 560 << 1 | 1), VEC_FACILITY);
    assert_int_equal(f->cpu.spr[SPR_FSCR] >> 56, 8);
    assert_int_equal(f->cpu.lr, lr);
}

static void ctr_counts_in_its_low_half_in_32_bit_mode(void **state)
{
    struct cpu_fixture *f = *state;

    cpu_set_msr(&f->cpu, f->cpu.msr & ~MSR_SF);
    f->cpu.ctr = 0x500000001;
    assert_int_equal(branch(f, 16u << 26 | 16u << 21 | 0x40), FIXTURE_CODE + 4);
    f->cpu.ctr = 0x500000000;
    assert_int_equal(branch(f, 16u << 26 | 16u << 21 | 0x40), FIXTURE_CODE + 0x40);
    f->cpu.lr = 0x700001234;
    assert_int_equal(branch(f, 19u << 26 | 20u << 21 | 16 << 1), 0x1234);
}

#define ON_P9(test) cmocka_unit_test_setup_teardown(test, cpu_fixture_new, cpu_fixture_free)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_P9(compares_by_width_and_sign),
        ON_P9(byte_compares),
        ON_P9(setb_and_isel),
        ON_P9(traps_by_each_to_bit),
        ON_P9(cr_moves),
        ON_P9(cr_logic),
        ON_P9(relative_and_absolute_branches),
        ON_P9(every_bo),
        ON_P9(bctar_needs_its_facility),
        ON_P9(ctr_counts_in_its_low_half_in_32_bit_mode),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
