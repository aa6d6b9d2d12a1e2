/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/fp_insn_test.c - instructions against MPFR: the result and every bit of the FPSCR, FR and FI included, in
 * all rounding modes with exceptions enabled and not; by their C functions, then by translated code, where MSR[FE0:1]
 * let an enabled exception interrupt or not. Operands are finite;
 * NaNs, infinities and the rest are in fp_status_test.c and tests/isa. */
#include <math.h>
#include <stdlib.h>

#include "cpu/asm.h"
#include "cpu/fp/fpscr.h"
#include "tests/unit/fp_runner.h"

/* T is register 1, A 2, B 3, C 4; the formula in the book's terms: A op B, A * C + B. */
struct insn {
    const char *text;
    enum fp_operation op;
    const struct fp_format *operand, *result;
    bool c_is_b, b_is_t, c_is_t, odd;
};

static const struct insn insns[] = {
    { "fadd 1,2,3", ADD, &fp_double, &fp_double },
    { "fsub 1,2,3", SUB, &fp_double, &fp_double },
    { "fmul 1,2,4", MUL, &fp_double, &fp_double },
    { "fdiv 1,2,3", DIV, &fp_double, &fp_double },
    { "fsqrt 1,3", SQRT, &fp_double, &fp_double },
    { "fmadd 1,2,4,3", FMA, &fp_double, &fp_double },
    { "fmsub 1,2,4,3", FMS, &fp_double, &fp_double },
    { "fnmadd 1,2,4,3", NFMA, &fp_double, &fp_double },
    { "fnmsub 1,2,4,3", NFMS, &fp_double, &fp_double },
    { "frsp 1,3", ROUND, &fp_double, &fp_single },
    { "fadds 1,2,3", ADD, &fp_double, &fp_single },
    { "fsubs 1,2,3", SUB, &fp_double, &fp_single },
    { "fmuls 1,2,4", MUL, &fp_double, &fp_single },
    { "fdivs 1,2,3", DIV, &fp_double, &fp_single },
    { "fsqrts 1,3", SQRT, &fp_double, &fp_single },
    { "fmadds 1,2,4,3", FMA, &fp_double, &fp_single },
    { "fnmsubs 1,2,4,3", NFMS, &fp_double, &fp_single },
    { "fmsubs 1,2,4,3", FMS, &fp_double, &fp_single },
    { "fnmadds 1,2,4,3", NFMA, &fp_double, &fp_single },
    { "xsadddp 1,2,3", ADD, &fp_double, &fp_double },
    { "xssubdp 1,2,3", SUB, &fp_double, &fp_double },
    { "xsdivdp 1,2,3", DIV, &fp_double, &fp_double },
    { "xssqrtdp 1,3", SQRT, &fp_double, &fp_double },
    { "xsaddsp 1,2,3", ADD, &fp_double, &fp_single },
    { "xssubsp 1,2,3", SUB, &fp_double, &fp_single },
    { "xsmulsp 1,2,3", MUL, &fp_double, &fp_single, .c_is_b = true },
    { "xsdivsp 1,2,3", DIV, &fp_double, &fp_single },
    { "xssqrtsp 1,3", SQRT, &fp_double, &fp_single },
    { "xsrsp 1,3", ROUND, &fp_double, &fp_single },
    { "xsmuldp 1,2,3", MUL, &fp_double, &fp_double, .c_is_b = true },
    { "xsmaddadp 1,2,3", FMA, &fp_double, &fp_double, .c_is_b = true, .b_is_t = true },
    { "xsmaddmdp 1,2,3", FMA, &fp_double, &fp_double, .c_is_t = true },
    { "xsnmsubasp 1,2,3", NFMS, &fp_double, &fp_single, .c_is_b = true, .b_is_t = true },
    { "xsnmaddmsp 1,2,3", NFMA, &fp_double, &fp_single, .c_is_t = true },
    { "xsaddqp 1,2,3", ADD, &fp_quad, &fp_quad },
    { "xsaddqpo 1,2,3", ADD, &fp_quad, &fp_quad, .odd = true },
    { "xssubqp 1,2,3", SUB, &fp_quad, &fp_quad },
    { "xsmulqp 1,2,3", MUL, &fp_quad, &fp_quad, .c_is_b = true },
    { "xsmulqpo 1,2,3", MUL, &fp_quad, &fp_quad, .c_is_b = true, .odd = true },
    { "xsdivqp 1,2,3", DIV, &fp_quad, &fp_quad },
    { "xsdivqpo 1,2,3", DIV, &fp_quad, &fp_quad, .odd = true },
    { "xssqrtqp 1,3", SQRT, &fp_quad, &fp_quad },
    { "xssqrtqpo 1,3", SQRT, &fp_quad, &fp_quad, .odd = true },
    { "xsmaddqp 1,2,3", FMA, &fp_quad, &fp_quad, .c_is_b = true, .b_is_t = true },
    { "xsnmsubqpo 1,2,3", NFMS, &fp_quad, &fp_quad, .c_is_b = true, .b_is_t = true, .odd = true },
};

/* The reference's result in the register: singles stand there in double format, trapped ones with any exponent. */
static fp_bits in_register(const struct insn *n, const struct fp_ref *r, bool sign)
{
    if (n->result == n->operand)
        return r->bits;
    if (r->normal)
        return (fp_bits)sign << 63 | (fp_bits)(unsigned)(r->exp + 1023) << 52 | (r->mag << 29 & 0xFFFFFFFFFFFFFull);
    return fp_single_to_double((uint32_t)r->bits);
}

/* Whether the register can hold the result: a trapped one of odd operands may be out of any range. */
static bool holds(const struct insn *n, const struct fp_ref *r)
{
    return !r->normal || (n->result == n->operand ? r->in_range : r->exp >= -1022 && r->exp <= 1023);
}

static unsigned class_of(const struct fp_format *f, const struct fp_ref *r, bool sign)
{
    fp_bits magnitude = r->bits & ~((fp_bits)1 << (f->frac_bits + f->exp_bits));

    if (r->normal)
        return sign ? 0x08 : 0x04;
    if (!magnitude)
        return sign ? 0x12 : 0x02;
    if (magnitude == (fp_bits)((1u << f->exp_bits) - 1) << f->frac_bits)
        return sign ? 0x09 : 0x05;
    if (magnitude >> f->frac_bits)
        return sign ? 0x08 : 0x04;
    return sign ? 0x18 : 0x14;
}

static void check(struct fp_runner *runner, const void *insn, struct fp_rng *rng)
{
    const struct insn *n = insn;
    struct cpu *c = runner->c;
    const unsigned base = n->operand == &fp_quad ? 32 : 0, shift = base ? 0 : 64;
    fp_bits in[5], got;
    uint64_t fpscr = fp_rng_next(rng) & 3;
    bool negate = n->op == NFMA || n->op == NFMS, sign;
    struct fp_env e;
    struct fp_ref want;
    mpfr_t v[4];

    for (unsigned i = 1; i < 5; i++) {
        do
            in[i] = fp_rng_operand(rng, n->operand, i > 1 ? in[i - 1] : 0);
        while (fp_unpack(n->operand, in[i]).kind > FPK_NUMBER);
        c->vsr[base + i].q = in[i] << shift;
    }
    if (fp_rng_next(rng) % 16 == 0)         /* differences that are zero */
        in[3] = in[2] ^ (fp_bits)(fp_rng_next(rng) & 1) << (shift ? 63 : 127);
    if (n->op == SQRT)
        in[3] &= ~((fp_bits)1 << (shift ? 63 : 127));
    c->vsr[base + 3].q = in[3] << shift;
    if (fp_rng_next(rng) % 4 == 0)
        fpscr |= fp_rng_next(rng) & 0xF8;
    if (fp_rng_next(rng) & 1)
        fpscr |= fp_rng_next(rng) & 0x1FFFF700;
    if (fp_rng_next(rng) % 4 == 0)
        fpscr = FPSCR_XX;                   /* the state in which translated code computes by itself */
    c->fpscr = fpscr = fp_expected_fpscr(fpscr, 0, (unsigned)(fp_rng_next(rng) & 31));
    e = fpscr_env(c);
    if (n->odd)
        e.rm = FPR_ODD;

    mpfr_inits2(FP_RUNNER_PREC, v[0], v[1], v[2], v[3], (mpfr_ptr)0);
    fp_ref_set(v[0], n->operand, in[2]);
    fp_ref_set(v[1], n->operand, in[n->b_is_t ? 1 : 3]);
    fp_ref_set(v[2], n->operand, in[n->c_is_t ? 1 : n->c_is_b ? 3 : 4]);
    if (n->op != DIV || !mpfr_zero_p(v[1])) {
        bool inexact = fp_truth(v[3], n->op, v[0], v[1], v[2], MPFR_RNDZ);

        if (mpfr_zero_p(v[3])) {            /* MPFR gives zeros the sign that IEEE 754 wants */
            fp_truth(v[3], n->op, v[0], v[1], v[2], e.rm == FPR_DOWN ? MPFR_RNDD : MPFR_RNDN);
            want = (struct fp_ref){
                .bits = (fp_bits)mpfr_signbit(v[3]) << (n->result->frac_bits + n->result->exp_bits),
            };
        } else {
            want = fp_ref_round(n->result, v[3], inexact, &e);
        }
        sign = mpfr_signbit(v[3]) != negate;
        runner->run(runner, rng);
        got = c->vsr[base + 1].q >> shift;
        if (negate)
            got ^= (fp_bits)1 << (shift ? 63 : 127);
        if ((got != in_register(n, &want, sign != negate) && holds(n, &want)) ||
            c->fpscr != fp_expected_fpscr(fpscr, want.flags, class_of(n->result, &want, sign)))
            fail_msg("%s: %016lx%016lx %016lx%016lx %016lx%016lx %016lx%016lx fpscr %09lx -> %016lx%016lx %09lx, "
                     "want %016lx%016lx %08x", n->text, (uint64_t)(in[1] >> 64), (uint64_t)in[1],
                     (uint64_t)(in[2] >> 64), (uint64_t)in[2], (uint64_t)(in[3] >> 64), (uint64_t)in[3],
                     (uint64_t)(in[4] >> 64), (uint64_t)in[4], fpscr, (uint64_t)(got >> 64), (uint64_t)got, c->fpscr,
                     (uint64_t)(want.bits >> 64), (uint64_t)want.bits, want.flags);
    }
    mpfr_clears(v[0], v[1], v[2], v[3], (mpfr_ptr)0);
}

static const struct fp_table table = FP_TABLE(insns, check);

static void arithmetic_results_and_fpscr_match_mpfr(void **state)
{
    fp_runner_all(fp_runner_functions(*state), &table, 21, fp_cases(10000));
}

static void translated_arithmetic_matches_mpfr(void **state)
{
    fp_runner_all(fp_runner_translator(*state), &table, 22, fp_cases(5000));
}

/* -- conversions: the short cuts of the instructions against the core, which fp_convert_test compares with MPFR -- */

struct conversion {
    const char *text;
    enum fp_operation kind;
    unsigned bits;
    bool is_signed;
    int rm;                     /* -1: FPSCR[RN] */
    const struct fp_format *result;
    bool quiet;                 /* inexact results are not reported */
};

static const struct conversion conversions[] = {
    { "fctid 1,3", TO_INT, 64, true, -1 },
    { "fctidz 1,3", TO_INT, 64, true, FPR_ZERO },
    { "fctidu 1,3", TO_INT, 64, false, -1 },
    { "fctiduz 1,3", TO_INT, 64, false, FPR_ZERO },
    { "fctiw 1,3", TO_INT, 32, true, -1 },
    { "fctiwz 1,3", TO_INT, 32, true, FPR_ZERO },
    { "fctiwu 1,3", TO_INT, 32, false, -1 },
    { "fctiwuz 1,3", TO_INT, 32, false, FPR_ZERO },
    { "fcfid 1,3", FROM_INT, 64, true, -1, &fp_double },
    { "fcfidu 1,3", FROM_INT, 64, false, -1, &fp_double },
    { "fcfids 1,3", FROM_INT, 64, true, -1, &fp_single },
    { "fcfidus 1,3", FROM_INT, 64, false, -1, &fp_single },
    { "frin 1,3", INTEGRAL, .rm = FPR_AWAY, .quiet = true },
    { "friz 1,3", INTEGRAL, .rm = FPR_ZERO, .quiet = true },
    { "frip 1,3", INTEGRAL, .rm = FPR_UP, .quiet = true },
    { "frim 1,3", INTEGRAL, .rm = FPR_DOWN, .quiet = true },
    { "xsrdpic 1,3", INTEGRAL, .rm = -1 },
};

static void check_conversion(struct fp_runner *runner, const void *insn, struct fp_rng *rng)
{
    const struct conversion *n = insn;
    struct cpu *c = runner->c;
    fp_bits near = (fp_bits)(1023 + fp_rng_next(rng) % 67) << 52;
    uint64_t in = n->kind == FROM_INT ? fp_rng_next(rng) >> fp_rng_next(rng) % 64
                                      : (uint64_t)fp_rng_operand(rng, &fp_double, near);
    uint64_t fpscr = fp_expected_fpscr(fp_rng_next(rng) & 0x1FFFF703, 0, (unsigned)(fp_rng_next(rng) & 31)), want;
    bool negative = n->kind == FROM_INT && n->is_signed && in >> 63;
    struct fp_num x = fp_unpack(&fp_double, in), r = x;
    const struct fp_format *class_format = n->result ? n->result : &fp_double;
    struct fp_env e = { .rm = fpscr & 3 };
    enum fp_rounding rm = n->rm < 0 ? (enum fp_rounding)(fpscr & 3) : (enum fp_rounding)n->rm;

    cpu_set_fpr(c, 3, in);
    c->fpscr = fpscr;
    runner->run(runner, rng);
    if (n->kind == TO_INT) {
        want = fp_to_int(&e, &x, n->bits, n->is_signed, rm);
    } else {
        r = n->kind == INTEGRAL ? fp_to_integral(&e, x, rm)
                                : fp_round(&e, n->result, fp_from_int(negative, negative ? 0 - in : in));
        want = (uint64_t)fp_pack(&fp_double, &r);
    }
    if (n->quiet)
        e.flags &= ~(FPSCR_XX | FPSCR_FI | FPSCR_FR);
    assert_true(cpu_fpr(c, 1) == want);
    assert_int_equal(c->fpscr, fp_expected_fpscr(fpscr, e.flags, n->kind == TO_INT ? (unsigned)(fpscr >> 12 & 31)
                                                                                 : fp_class(class_format, &r)));
}

static const struct fp_table conversion_table = FP_TABLE(conversions, check_conversion);

static void conversions_agree_with_the_core(void **state)
{
    fp_runner_all(fp_runner_functions(*state), &conversion_table, 23, fp_cases(10000));
}

static void translated_conversions_agree_with_the_core(void **state)
{
    fp_runner_all(fp_runner_translator(*state), &conversion_table, 25, fp_cases(5000));
}

/* Vector elements and scalars are different code: every element gives what the scalar gives. */
static void vectors_agree_with_scalars(void **state)
{
    static const char *const pairs[][2] = {
        { "xvadddp 33,34,35", "xsadddp 33,34,35" },     { "xvsubdp 33,34,35", "xssubdp 33,34,35" },
        { "xvmuldp 33,34,35", "xsmuldp 33,34,35" },     { "xvdivdp 33,34,35", "xsdivdp 33,34,35" },
        { "xvsqrtdp 33,35", "xssqrtdp 33,35" },         { "xvmaddadp 33,34,35", "xsmaddadp 33,34,35" },
        { "xvmsubmdp 33,34,35", "xsmsubmdp 33,34,35" }, { "xvnmaddmdp 33,34,35", "xsnmaddmdp 33,34,35" },
        { "xvnmsubadp 33,34,35", "xsnmsubadp 33,34,35" },
    };
    struct cpu_fixture *f = *state;
    struct cpu *c = &f->cpu;
    struct fp_rng rng = { 24 };

    for (unsigned i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        uint32_t vector, scalar;

        asm_word(c->isa, pairs[i][0], 0, &vector, NULL);
        asm_word(c->isa, pairs[i][1], 0, &scalar, NULL);
        for (long k = 0; k < fp_cases(5000); k++) {
            union vsr in[3], out;
            uint32_t fpscr = (uint32_t)fp_rng_next(&rng) & 3, raised, together = 0;

            for (unsigned v = 0; v < 3; v++)
                for (unsigned d = 0; d < 2; d++)
                    in[v].d[d] = (uint64_t)fp_rng_operand(&rng, &fp_double, v ? in[v - 1].d[d] : 0);
            memcpy(&c->vsr[33], in, sizeof(in));
            c->fpscr = fpscr;
            cpu_fixture_run(f, vector);
            out = c->vsr[33];
            raised = (uint32_t)c->fpscr & FPSCR_EXCEPTIONS;
            for (unsigned d = 0; d < 2; d++) {
                for (unsigned v = 0; v < 3; v++)
                    cpu_set_fpr(c, 33 + v, in[v].d[d]);
                c->fpscr = fpscr;
                cpu_fixture_run(f, scalar);
                assert_true(cpu_fpr(c, 33) == out.d[d]);
                together |= (uint32_t)c->fpscr & FPSCR_EXCEPTIONS;
            }
            assert_int_equal(raised, together);
            f->cpu.nip = FIXTURE_CODE;
        }
    }
}

/* -- estimates: the book's bounds -- */

static float as_single(uint32_t bits)
{
    float f;

    memcpy(&f, &bits, 4);
    return f;
}

static void estimate(struct cpu_fixture *f, const char *text, double (*exact)(double), double from, double to,
                     double relative, double absolute)
{
    struct fp_rng rng = { 22 };
    uint32_t word;

    assert_int_equal(asm_word(f->cpu.isa, text, 0, &word, NULL), 0);
    for (long i = 0; i < fp_cases(5000); i++) {
        float x = (float)(from + (to - from) * ((double)(fp_rng_next(&rng) >> 11) * 0x1p-53));
        double want = exact((double)x), got;
        uint32_t bits;

        memcpy(&bits, &x, 4);
        for (unsigned k = 0; k < 4; k++)
            VSR_W(f->cpu.vsr[35], k) = bits;
        cpu_set_fpr(&f->cpu, 3, fp_single_to_double(bits));
        assert_int_equal(cpu_fixture_run(f, word), 0);
        f->cpu.nip = FIXTURE_CODE;
        if (text[0] == 'v')
            got = (double)as_single(VSR_W(f->cpu.vsr[33], i % 4));
        else
            memcpy(&got, &VSR_D(f->cpu.vsr[1], 0), 8);
        assert_true(fabs(got - want) <= fabs(want) * relative + absolute);
    }
}

static double reciprocal(double x)
{
    return 1 / x;
}

static double reciprocal_root(double x)
{
    return 1 / sqrt(x);
}

static void estimates_are_close_enough(void **state)
{
    struct cpu_fixture *f = *state;

    estimate(f, "fre 1,3", reciprocal, -1000, 1000, 0x1p-14, 0);
    estimate(f, "fres 1,3", reciprocal, -1000, 1000, 0x1p-14, 0);
    estimate(f, "frsqrte 1,3", reciprocal_root, 0, 1000, 0x1p-14, 0);
    estimate(f, "frsqrtes 1,3", reciprocal_root, 0, 1, 0x1p-14, 0);
    estimate(f, "vrefp 1,3", reciprocal, -100, 100, 0x1p-12, 0);
    estimate(f, "vrsqrtefp 1,3", reciprocal_root, 0, 1, 0x1p-12, 0);
    estimate(f, "vexptefp 1,3", exp2, -125, 127, 0x1p-22, 0);
    estimate(f, "vlogefp 1,3", log2, 0, 1e9, 0x1p-22, 0x1p-38);
    assert_int_equal(f->cpu.fpscr & FPSCR_EXCEPTIONS, 0);       /* not even inexact */
}

static void exponential_and_logarithm_are_exact_where_they_can_be(void **state)
{
    struct cpu_fixture *f = *state;
    uint32_t exp2_word, log2_word;

    asm_word(f->cpu.isa, "vexptefp 1,3", 0, &exp2_word, NULL);
    asm_word(f->cpu.isa, "vlogefp 3,1", 0, &log2_word, NULL);
    for (int n = -126; n <= 127; n++) {
        float x = (float)n;
        uint32_t bits;

        memcpy(&bits, &x, 4);
        f->cpu.vsr[35].w[2] = bits;
        cpu_fixture_run(f, exp2_word);
        assert_int_equal(f->cpu.vsr[33].w[2], (uint32_t)(n + 127) << 23);
        f->cpu.vsr[35].q = 0;
        cpu_fixture_run(f, log2_word);
        assert_int_equal(f->cpu.vsr[35].w[2], bits);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, cpu_fixture_new, cpu_fixture_free)
#define TEST_TRANSLATED(name) cmocka_unit_test_setup_teardown(name, jit_pair_new, jit_pair_free)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(arithmetic_results_and_fpscr_match_mpfr),
        TEST(conversions_agree_with_the_core),
        TEST_TRANSLATED(translated_arithmetic_matches_mpfr),
        TEST_TRANSLATED(translated_conversions_agree_with_the_core),
        TEST(vectors_agree_with_scalars),
        TEST(estimates_are_close_enough),
        TEST(exponential_and_logarithm_are_exact_where_they_can_be),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
