/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/fp_convert_test.c - conversions of cpu/fp against MPFR: integers both ways, integral
 * values, the lfs/stfs formats. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/fp_runner.h"

#define PREC 700

static const struct fp_format *const formats[] = { &fp_half, &fp_single, &fp_double, &fp_quad };

/* To the nearest integral value in direction rm. */
static int rint_by(mpfr_t out, mpfr_t in, unsigned rm)
{
    static const mpfr_rnd_t rnd[] = { MPFR_RNDN, MPFR_RNDZ, MPFR_RNDU, MPFR_RNDD };

    return rm == FPR_AWAY ? mpfr_round(out, in) : mpfr_rint(out, in, rnd[rm]);
}

static uint32_t inexact_flags(int ternary, bool sign)
{
    if (!ternary)
        return 0;
    return FPSCR_XX | FPSCR_FI | ((ternary > 0) != sign ? FPSCR_FR : 0);
}

static void integral_values_match_mpfr(void **state)
{
    struct fp_rng rng = { 11 };
    mpfr_t in, want, got;

    (void)state;
    mpfr_inits2(PREC, in, want, got, (mpfr_ptr)0);
    for (long i = 0; i < fp_cases(100000); i++) {
        const struct fp_format *f = formats[i % 4];
        unsigned rm = (unsigned)(fp_rng_next(&rng) % 5);
        fp_bits near = (fp_bits)(f->emax + fp_rng_next(&rng) % (f->frac_bits + 4u)) << f->frac_bits;
        struct fp_num x = fp_unpack(f, fp_rng_operand(&rng, f, near)), r;
        struct fp_env e = { 0 };
        int ternary;

        if (x.kind > FPK_NUMBER)
            continue;
        fp_ref_set(in, f, fp_pack(f, &x));
        rint_by(want, in, rm);
        ternary = mpfr_cmp(want, in);
        r = fp_to_integral(&e, x, (enum fp_rounding)rm);
        fp_ref_set(got, f, fp_pack(f, &r));
        assert_true(mpfr_equal_p(got, want));
        assert_int_equal(r.sign, x.sign);
        assert_int_equal(e.flags, inexact_flags(ternary, x.sign));
    }
    mpfr_clears(in, want, got, (mpfr_ptr)0);
}

static void integers_match_mpfr(void **state)
{
    struct fp_rng rng = { 12 };
    mpfr_t in, r, limit;

    (void)state;
    mpfr_inits2(PREC, in, r, limit, (mpfr_ptr)0);
    for (long i = 0; i < fp_cases(100000); i++) {
        const struct fp_format *f = formats[i % 4];
        unsigned rm = (unsigned)(fp_rng_next(&rng) % 5), bits = i & 4 ? 32 : 64;
        bool is_signed = i & 8, over, under;
        fp_bits near = (fp_bits)(f->emax + fp_rng_next(&rng) % 67) << f->frac_bits;
        struct fp_num x = fp_unpack(f, fp_rng_operand(&rng, f, near));
        uint64_t least = is_signed ? ~0ull << (bits - 1) : 0, most = ~least >> (is_signed ? 0 : 64 - bits), got, want;
        struct fp_env e = { 0 };
        uint32_t flags;

        got = fp_to_int(&e, &x, bits, is_signed, (enum fp_rounding)rm);
        if (fp_is_nan(&x)) {
            assert_int_equal(e.flags, FPSCR_VXCVI | (x.kind == FPK_SNAN ? FPSCR_VXSNAN : 0));
            assert_true(got == least);
            continue;
        }
        /* infinity reads as a huge number: out of range as well, but for halves */
        fp_ref_set(in, f, fp_pack(f, &x));
        if (f == &fp_half && x.kind == FPK_INF)
            continue;
        rint_by(r, in, rm);
        mpfr_set_ui(limit, most, MPFR_RNDN);
        over = mpfr_cmp(r, limit) > 0;
        mpfr_set_si(limit, (int64_t)least, MPFR_RNDN);
        under = mpfr_cmp(r, limit) < 0;
        flags = over || under ? FPSCR_VXCVI : inexact_flags(mpfr_cmp(r, in), x.sign);
        want = over ? most : under ? least : is_signed ? (uint64_t)mpfr_get_si(r, MPFR_RNDN)
                                                       : mpfr_get_ui(r, MPFR_RNDN);
        assert_true(got == want);
        assert_int_equal(e.flags, flags);
    }
    mpfr_clears(in, r, limit, (mpfr_ptr)0);
}

static void from_integers_matches_mpfr(void **state)
{
    struct fp_rng rng = { 13 };
    mpfr_t in;

    (void)state;
    mpfr_init2(in, PREC);
    for (long i = 0; i < fp_cases(100000); i++) {
        const struct fp_format *f = formats[i % 4];
        struct fp_env env = { .rm = (uint8_t)(fp_rng_next(&rng) % 6) }, e = env;
        uint64_t v = fp_rng_next(&rng) >> fp_rng_next(&rng) % 64;
        struct fp_ref want;
        struct fp_num r;

        if (fp_rng_next(&rng) & 1)
            v = ~v;
        if (!v)
            continue;
        r = fp_round(&e, f, fp_from_int(v >> 63, v >> 63 ? 0 - v : v));
        mpfr_set_si(in, (int64_t)v, MPFR_RNDN);
        want = fp_ref_round(f, in, false, &env);
        assert_true(fp_pack(f, &r) == want.bits);
        assert_int_equal(e.flags, want.flags);
    }
    mpfr_clear(in);
}

/* Every value of a single, and back: stride over all, all denormal exponents. */
static void single_register_format_round_trips(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 0x100000000ull; i += 4099) {
        uint32_t s = (uint32_t)i;
        uint64_t d = fp_single_to_double(s);
        float f;
        double g;

        assert_int_equal(fp_double_to_single(d), s);
        memcpy(&f, &s, 4);
        if (f == f) {
            g = f;
            assert_memory_equal(&g, &d, 8);
        }
    }
    for (unsigned bit = 0; bit < 24; bit++)
        assert_int_equal(fp_double_to_single(fp_single_to_double(1u << bit)), 1u << bit);
    assert_true(fp_single_to_double(0x7F800001) == 0x7FF0000020000000);     /* a signalling NaN stays one */
    assert_int_equal(fp_double_to_single(0x3690000000000000), 0);           /* 2^-150: below every single */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integral_values_match_mpfr),
        cmocka_unit_test(integers_match_mpfr),
        cmocka_unit_test(from_integers_matches_mpfr),
        cmocka_unit_test(single_register_format_round_trips),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
