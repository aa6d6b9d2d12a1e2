/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/fp_test.c - cpu/fp against MPFR: every operation, format and rounding, traps on and off.
 * PAPRIKA_FP_CASES=n runs n operand sets each instead of a second's worth. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "cpu/cpu.h"
#include "tests/unit/fp_runner.h"

/* Sums longer than this are truncated, which fp_ref_round() knows. */
#define PREC FP_RUNNER_PREC

static const char *const op_name[] = { [ADD] = "add", [SUB] = "sub", [MUL] = "mul", [DIV] = "div", [SQRT] = "sqrt",
                                       [FMA] = "fma", [FMS] = "fms" };

static struct fp_num compute(struct fp_env *e, enum fp_operation op, struct fp_num a, struct fp_num b, struct fp_num c)
{
    switch (op) {
    case ADD:
        return fp_add(e, a, b);
    case SUB:
        return fp_sub(e, a, b);
    case MUL:
        return fp_mul(e, a, b);
    case DIV:
        return fp_div(e, a, b);
    case SQRT:
        return fp_sqrt(e, a);
    case FMA:
        return fp_fma(e, a, c, b);
    default:
        return fp_fms(e, a, c, b);
    }
}

static bool is_finite(const struct fp_num *x)
{
    return x->kind == FPK_ZERO || x->kind == FPK_NUMBER;
}

static void check(const struct fp_format *f, enum fp_operation op, const fp_bits in[3], struct fp_env env)
{
    struct fp_num a = fp_unpack(f, in[0]), b = fp_unpack(f, in[1]), c = fp_unpack(f, in[2]), r;
    struct fp_env e = env;
    struct fp_ref want;
    fp_bits got;
    mpfr_t v[4];
    bool inexact;

    if (!is_finite(&a) || !is_finite(&b) || !is_finite(&c) || (op == DIV && b.kind == FPK_ZERO) ||
        (op == SQRT && (a.sign || a.kind == FPK_ZERO)))
        return;
    for (unsigned i = 0; i < 4; i++)
        mpfr_init2(v[i], PREC);
    for (unsigned i = 0; i < 3; i++)
        fp_ref_set(v[i], f, in[i]);
    /* One operand is what an instruction calls B, a product's second one C. */
    inexact = fp_truth(v[3], op, v[0], v[op == SQRT ? 0 : 1], v[op == MUL ? 1 : 2], MPFR_RNDZ);
    r = fp_round(&e, f, compute(&e, op, a, b, c));
    got = fp_pack(f, &r);
    if (mpfr_zero_p(v[3])) {
        assert_int_equal(r.kind, FPK_ZERO);
        assert_int_equal(e.flags, 0);
    } else {
        want = fp_ref_round(f, v[3], inexact, &env);
        if ((got != want.bits && want.in_range) || e.flags != want.flags)
            fail_msg("%s frac_bits %u rm %u oe %d ue %d: %016lx%016lx %016lx%016lx %016lx%016lx -> %016lx%016lx %08x, "
                     "want %016lx%016lx %08x", op_name[op], f->frac_bits, env.rm, env.oe, env.ue,
                     (uint64_t)(in[0] >> 64), (uint64_t)in[0], (uint64_t)(in[1] >> 64), (uint64_t)in[1],
                     (uint64_t)(in[2] >> 64), (uint64_t)in[2], (uint64_t)(got >> 64), (uint64_t)got, e.flags,
                     (uint64_t)(want.bits >> 64), (uint64_t)want.bits, want.flags);
    }
    for (unsigned i = 0; i < 4; i++)
        mpfr_clear(v[i]);
}

static void arithmetic_matches_mpfr(void **state)
{
    static const struct fp_format *const formats[] = { &fp_half, &fp_single, &fp_double, &fp_quad };
    struct fp_rng rng = { 1 };
    long n = fp_cases(20000);

    (void)state;
    for (unsigned f = 0; f < 4; f++)
        for (unsigned op = 0; op <= FMS; op++)
            for (long i = 0; i < n; i++) {
                fp_bits in[3];
                struct fp_env e = { .rm = (uint8_t)(i % 6), .wide = formats[f] == &fp_quad,
                                    .oe = fp_rng_next(&rng) % 4 == 0, .ue = fp_rng_next(&rng) % 4 == 0 };

                in[0] = fp_rng_operand(&rng, formats[f], 0);
                in[1] = fp_rng_operand(&rng, formats[f], in[0]);
                in[2] = fp_rng_operand(&rng, formats[f], in[1]);
                check(formats[f], op, in, e);
            }
}

static void format_changes_match_mpfr(void **state)
{
    static const struct fp_format *const formats[] = { &fp_half, &fp_single, &fp_double, &fp_quad };
    struct fp_rng rng = { 2 };
    long n = fp_cases(20000);
    mpfr_t v;

    (void)state;
    mpfr_init2(v, PREC);
    for (unsigned from = 0; from < 4; from++)
        for (unsigned to = 0; to < 4; to++)
            for (long i = 0; i < n; i++) {
                struct fp_env e = { .rm = (uint8_t)(i % 6) }, env = e;
                fp_bits in =
                    fp_rng_operand(&rng, formats[from],
                                   (fp_bits)(unsigned)(formats[from]->emax + formats[to]->emax * (i & 1 ? 1 : -1))
                                       << formats[from]->frac_bits);
                struct fp_num x = fp_unpack(formats[from], in), r = fp_round(&e, formats[to], x);

                if (x.kind == FPK_NUMBER) {
                    fp_ref_set(v, formats[from], in);
                    struct fp_ref want = fp_ref_round(formats[to], v, false, &env);
                    assert_true(fp_pack(formats[to], &r) == want.bits);
                    assert_int_equal(e.flags, want.flags);
                } else {
                    assert_int_equal(r.kind, x.kind);
                    assert_int_equal(e.flags, 0);
                }
            }
    mpfr_clear(v);
}

/* All of the half format: pack(unpack(x)) is x, also through every wider format. */
static void every_half_survives_a_round_trip(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 0x10000; i++) {
        struct fp_num x = fp_unpack(&fp_half, i), y;

        assert_true(fp_pack(&fp_half, &x) == i);
        y = fp_unpack(&fp_single, fp_pack(&fp_single, &x));
        assert_true(fp_pack(&fp_half, &y) == i);
        y = fp_unpack(&fp_quad, fp_pack(&fp_quad, &x));
        assert_true(fp_pack(&fp_half, &y) == i);
    }
}

static void compare_agrees_with_mpfr(void **state)
{
    struct fp_rng rng = { 3 };
    mpfr_t a, b;

    (void)state;
    mpfr_init2(a, PREC);
    mpfr_init2(b, PREC);
    for (long i = 0; i < fp_cases(20000); i++) {
        fp_bits x = fp_rng_operand(&rng, &fp_double, 0), y = i % 5 ? fp_rng_operand(&rng, &fp_double, x) : x;
        struct fp_num p = fp_unpack(&fp_double, x), q = fp_unpack(&fp_double, y);
        int d;

        if (fp_is_nan(&p) || fp_is_nan(&q)) {
            assert_int_equal(fp_compare(&p, &q), CR_SO);
            continue;
        }
        fp_ref_set(a, &fp_double, x);       /* infinity reads as 2^1024: it orders the same */
        fp_ref_set(b, &fp_double, y);
        d = mpfr_cmp(a, b);
        assert_int_equal(fp_compare(&p, &q), d < 0 ? CR_LT : d > 0 ? CR_GT : CR_EQ);
    }
    mpfr_clears(a, b, (mpfr_ptr)0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arithmetic_matches_mpfr),
        cmocka_unit_test(format_changes_match_mpfr),
        cmocka_unit_test(every_half_survives_a_round_trip),
        cmocka_unit_test(compare_agrees_with_mpfr),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
