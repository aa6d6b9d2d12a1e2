/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/fp_vector_test.c - vector arithmetic, conversions and roundings against MPFR, by their C functions and by
 * translated code: each element of the target, the whole FPSCR and VSCR, in all rounding modes with exceptions enabled
 * and not, VSCR[NJ] on and off. Operands are finite, divisors not zero, radicands not negative; the others are in
 * fp_status_test.c and tests/isa. */
#include <inttypes.h>

#include "cpu/fp/fpscr.h"
#include "tests/unit/fp_runner.h"

/* T is VSR 33 (VR 1), A 34, B 35, C 36. */
enum { T = 1, A, B, C, OPERANDS };

/* NULL format: integer of so many bits. rm -1: FPSCR[RN]. */
struct insn {
    const char *text;
    enum fp_operation op;
    const struct fp_format *from, *to;
    unsigned bits;
    bool is_signed;
    int rm;
    bool c_is_b, b_is_t, c_is_t, vmx;
    unsigned scale;                     /* vcf*: divided by 2^scale, vct*: multiplied */
};

#define ARITHMETIC(w, f)                                                                                              \
    { "xvadd" w " 33,34,35", ADD, f, f, .rm = -1 },                                                                   \
    { "xvsub" w " 33,34,35", SUB, f, f, .rm = -1 },                                                                   \
    { "xvmul" w " 33,34,35", MUL, f, f, .rm = -1, .c_is_b = true },                                                   \
    { "xvdiv" w " 33,34,35", DIV, f, f, .rm = -1 },                                                                   \
    { "xvsqrt" w " 33,35", SQRT, f, f, .rm = -1 },                                                                    \
    { "xvmadda" w " 33,34,35", FMA, f, f, .rm = -1, .c_is_b = true, .b_is_t = true },                                 \
    { "xvmaddm" w " 33,34,35", FMA, f, f, .rm = -1, .c_is_t = true },                                                 \
    { "xvmsuba" w " 33,34,35", FMS, f, f, .rm = -1, .c_is_b = true, .b_is_t = true },                                 \
    { "xvmsubm" w " 33,34,35", FMS, f, f, .rm = -1, .c_is_t = true },                                                 \
    { "xvnmadda" w " 33,34,35", NFMA, f, f, .rm = -1, .c_is_b = true, .b_is_t = true },                               \
    { "xvnmaddm" w " 33,34,35", NFMA, f, f, .rm = -1, .c_is_t = true },                                               \
    { "xvnmsuba" w " 33,34,35", NFMS, f, f, .rm = -1, .c_is_b = true, .b_is_t = true },                               \
    { "xvnmsubm" w " 33,34,35", NFMS, f, f, .rm = -1, .c_is_t = true },                                               \
    { "xvr" w "i 33,35", INTEGRAL, f, f, .rm = FPR_AWAY },                                                            \
    { "xvr" w "ic 33,35", INTEGRAL, f, f, .rm = -1 },                                                                 \
    { "xvr" w "im 33,35", INTEGRAL, f, f, .rm = FPR_DOWN },                                                           \
    { "xvr" w "ip 33,35", INTEGRAL, f, f, .rm = FPR_UP },                                                             \
    { "xvr" w "iz 33,35", INTEGRAL, f, f, .rm = FPR_ZERO },                                                           \
    { "xvcv" w "sxds 33,35", TO_INT, f, NULL, 64, true },                                                             \
    { "xvcv" w "uxds 33,35", TO_INT, f, NULL, 64, false },                                                            \
    { "xvcv" w "sxws 33,35", TO_INT, f, NULL, 32, true },                                                             \
    { "xvcv" w "uxws 33,35", TO_INT, f, NULL, 32, false },                                                            \
    { "xvcvsxd" w " 33,35", FROM_INT, NULL, f, 64, true, .rm = -1 },                                                  \
    { "xvcvuxd" w " 33,35", FROM_INT, NULL, f, 64, false, .rm = -1 },                                                 \
    { "xvcvsxw" w " 33,35", FROM_INT, NULL, f, 32, true, .rm = -1 },                                                  \
    { "xvcvuxw" w " 33,35", FROM_INT, NULL, f, 32, false, .rm = -1 }

static const struct insn insns[] = {
    ARITHMETIC("dp", &fp_double),
    ARITHMETIC("sp", &fp_single),
    { "xvcvdpsp 33,35", ROUND, &fp_double, &fp_single, .rm = -1 },
    { "xvcvspdp 33,35", ROUND, &fp_single, &fp_double, .rm = -1 },
    { "xvcvsphp 33,35", ROUND, &fp_single, &fp_half, .rm = -1 },
    { "xvcvhpsp 33,35", ROUND, &fp_half, &fp_single, .rm = -1 },
    { "vaddfp 1,2,3", ADD, &fp_single, &fp_single, .vmx = true },
    { "vsubfp 1,2,3", SUB, &fp_single, &fp_single, .vmx = true },
    { "vmaddfp 1,2,4,3", FMA, &fp_single, &fp_single, .vmx = true },
    { "vnmsubfp 1,2,4,3", NFMS, &fp_single, &fp_single, .vmx = true },
    { "vrfin 1,3", INTEGRAL, &fp_single, &fp_single, .rm = FPR_NEAREST, .vmx = true },
    { "vrfiz 1,3", INTEGRAL, &fp_single, &fp_single, .rm = FPR_ZERO, .vmx = true },
    { "vrfip 1,3", INTEGRAL, &fp_single, &fp_single, .rm = FPR_UP, .vmx = true },
    { "vrfim 1,3", INTEGRAL, &fp_single, &fp_single, .rm = FPR_DOWN, .vmx = true },
    { "vcfsx 1,3,0", FROM_INT, NULL, &fp_single, 32, true, .vmx = true },
    { "vcfux 1,3,31", FROM_INT, NULL, &fp_single, 32, false, .vmx = true, .scale = 31 },
    { "vctsxs 1,3,7", TO_INT, &fp_single, NULL, 32, true, .vmx = true, .scale = 7 },
    { "vctuxs 1,3,0", TO_INT, &fp_single, NULL, 32, false, .vmx = true },
};

static unsigned width(const struct insn *n, const struct fp_format *f)
{
    return f ? 1u + f->exp_bits + f->frac_bits : n->bits;
}

static unsigned lanes(const struct insn *n)
{
    return width(n, n->from) == 64 || width(n, n->to) == 64 ? 2 : 4;
}

/* A lane's element is at its left, a half at the right of its word. */
static uint64_t element(const struct insn *n, const union vsr *v, const struct fp_format *f, unsigned lane)
{
    unsigned w = width(n, f);

    if (w == 64)
        return VSR_D(*v, lane);
    return VSR_W(*v, lanes(n) == 2 ? 2 * lane : lane) & (w == 16 ? 0xffff : 0xffffffff);
}

static void set_element(const struct insn *n, union vsr *v, const struct fp_format *f, unsigned lane, uint64_t x)
{
    if (lanes(n) == 4)
        VSR_W(*v, lane) = (uint32_t)x;
    else
        VSR_D(*v, lane) = width(n, f) == 64 ? x : x << 32 | (uint32_t)x;      /* the word beside it: a copy */
}

/* ---- what MPFR says of one lane ---- */

struct result {
    uint64_t bits;
    uint32_t flags;
    bool saturated;
};

static uint64_t sign_of(const struct fp_format *f)
{
    return 1ull << (f->exp_bits + f->frac_bits);
}

/* NJ: tiny before rounding is zero. */
static struct result rounded(const struct insn *n, mpfr_srcptr v, bool inexact, const struct fp_env *e)
{
    bool negate = n->op == NFMA || n->op == NFMS;
    struct fp_ref r = { .bits = mpfr_signbit(v) ? sign_of(n->to) : 0 };

    if (!mpfr_zero_p(v) && !(e->flush && mpfr_get_exp(v) - 1 < 1 - n->to->emax))
        r = fp_ref_round(n->to, v, inexact, e);
    return (struct result){ (uint64_t)r.bits ^ (negate ? sign_of(n->to) : 0), r.flags & ~(FPSCR_FR | FPSCR_FI) };
}

static mpfr_rnd_t mpfr_mode(enum fp_rounding rm)
{
    return rm == FPR_NEAREST ? MPFR_RNDN : rm == FPR_ZERO ? MPFR_RNDZ : rm == FPR_UP ? MPFR_RNDU : MPFR_RNDD;
}

static struct result integral(const struct insn *n, mpfr_t x, struct fp_env *e)
{
    enum fp_rounding rm = n->rm < 0 ? e->rm : (enum fp_rounding)n->rm;
    bool moved = !mpfr_integer_p(x);
    struct result r;

    if (rm == FPR_AWAY)
        mpfr_round(x, x);
    else
        mpfr_rint(x, x, mpfr_mode(rm));
    r = rounded(n, x, false, e);
    r.flags = moved && n->rm < 0 ? FPSCR_XX : 0;
    return r;
}

static struct result to_int(const struct insn *n, mpfr_t x)
{
    uint64_t most = ~0ull >> (64 - n->bits + n->is_signed), least = n->is_signed ? ~most : 0;
    bool moved = !mpfr_integer_p(x);
    struct result r = { .saturated = true, .flags = FPSCR_VXCVI };

    mpfr_trunc(x, x);
    if (mpfr_cmp_ui(x, most) > 0)
        r.bits = most;
    else if (n->is_signed ? mpfr_cmp_si(x, (int64_t)least) < 0 : mpfr_sgn(x) < 0)
        r.bits = least;
    else
        r = (struct result){ .bits = n->is_signed ? (uint64_t)mpfr_get_si(x, MPFR_RNDZ) : mpfr_get_ui(x, MPFR_RNDZ),
                             .flags = moved ? FPSCR_XX : 0 };
    r.bits &= ~0ull >> (64 - n->bits);
    return r;
}

static struct result from_int(const struct insn *n, mpfr_t x, uint64_t bits, const struct fp_env *e)
{
    if (n->is_signed)
        mpfr_set_si_2exp(x, n->bits == 64 ? (int64_t)bits : (int32_t)bits, -(int)n->scale, MPFR_RNDN);
    else
        mpfr_set_ui_2exp(x, bits, -(int)n->scale, MPFR_RNDN);
    return rounded(n, x, false, e);
}

static struct result arithmetic(const struct insn *n, mpfr_t v[OPERANDS], const struct fp_env *e)
{
    bool inexact = fp_truth(v[0], n->op, v[A], v[n->b_is_t ? T : B], v[n->c_is_t ? T : n->c_is_b ? B : C], MPFR_RNDZ);

    if (mpfr_zero_p(v[0]))              /* MPFR gives zeros the sign that IEEE 754 wants */
        fp_truth(v[0], n->op, v[A], v[n->b_is_t ? T : B], v[n->c_is_t ? T : n->c_is_b ? B : C],
                 e->rm == FPR_DOWN ? MPFR_RNDD : MPFR_RNDN);
    return rounded(n, v[0], inexact, e);
}

static struct result wanted(const struct insn *n, const union vsr in[OPERANDS], unsigned lane, struct fp_env *e)
{
    mpfr_t v[OPERANDS];
    struct result r;

    for (unsigned i = 0; i < OPERANDS; i++)
        mpfr_init2(v[i], FP_RUNNER_PREC);
    for (unsigned i = T; n->from && i < OPERANDS; i++) {
        uint64_t x = element(n, &in[i], n->from, lane);

        fp_ref_set(v[i], n->from, e->flush && !(x & 0x7f800000) ? x & 0x80000000 : x);
    }
    if (n->op == FROM_INT) {
        r = from_int(n, v[B], element(n, &in[B], NULL, lane), e);
    } else if (n->op == TO_INT) {
        mpfr_mul_2ui(v[B], v[B], n->scale, MPFR_RNDN);
        r = to_int(n, v[B]);
    } else {
        r = n->op == INTEGRAL ? integral(n, v[B], e) : arithmetic(n, v, e);
    }
    for (unsigned i = 0; i < OPERANDS; i++)
        mpfr_clear(v[i]);
    return r;
}

/* ---- running ---- */

static bool usable(const struct insn *n, unsigned i, uint64_t x)
{
    if (!n->from)
        return true;
    if (n->op == SQRT && i == B && x & sign_of(n->from))
        return false;
    if (n->op == DIV && i == B && !(x & (sign_of(n->from) - 1)))
        return false;
    return fp_unpack(n->from, x).kind <= FPK_NUMBER;
}

/* Integers of any length; numbers near the operand before, and where integers end. */
static uint64_t operand(const struct insn *n, struct fp_rng *rng, uint64_t before)
{
    uint64_t all = n->from ? 0 : ~0ull >> (64 - n->bits);

    if (!n->from)
        return (fp_rng_next(rng) & all) >> fp_rng_next(rng) % n->bits ^ (fp_rng_next(rng) & 1 ? 0 : all);
    if (n->op == TO_INT || n->op == INTEGRAL)
        before = (uint64_t)(n->from->emax + (int)(fp_rng_next(rng) % 67)) << n->from->frac_bits;
    return (uint64_t)fp_rng_operand(rng, n->from, before);
}

static void make_operands(const struct insn *n, struct fp_rng *rng, union vsr in[OPERANDS])
{
    for (unsigned i = T; i < OPERANDS; i++)
        in[i] = (union vsr){ .d = { fp_rng_next(rng), fp_rng_next(rng) } };
    for (unsigned lane = 0; lane < lanes(n); lane++) {
        uint64_t x = 0;

        for (unsigned i = T; i < OPERANDS; i++) {
            do
                x = operand(n, rng, x);
            while (!usable(n, i, x));
            set_element(n, &in[i], n->from, lane, x);
        }
        x = element(n, &in[A], n->from, lane);
        if (fp_rng_next(rng) % 16 == 0 && usable(n, B, x))
            set_element(n, &in[B], n->from, lane, x);           /* differences that are zero */
    }
}

/* VMX knows no FPSCR; there it says of no exception that it is enabled and happened. */
static uint64_t make_fpscr(const struct insn *n, struct fp_rng *rng)
{
    uint64_t v = fp_rng_next(rng) & 3;

    if (fp_rng_next(rng) % 4 == 0)
        return FPSCR_XX | (n->vmx ? v : 0);     /* the state in which translated code computes by itself */
    if (!n->vmx && fp_rng_next(rng) % 4 == 0)
        v |= fp_rng_next(rng) & 0xf8;
    if (fp_rng_next(rng) & 1)
        v |= fp_rng_next(rng) & 0x1fffff00 & ~0x800;
    return fp_expected_fpscr(v, (uint32_t)(v & 0x7f000), 0);
}

static void check(struct fp_runner *runner, const void *insn, struct fp_rng *rng)
{
    const struct insn *n = insn;
    struct cpu *c = runner->c;
    union vsr in[OPERANDS], want = { 0 };
    uint64_t fpscr = make_fpscr(n, rng), fpscr_want = fpscr;
    uint32_t vscr = n->vmx ? (uint32_t)fp_rng_next(rng) & (VSCR_NJ | VSCR_SAT) : 0, vscr_want = vscr;
    uint32_t flags = 0, trapped;
    struct fp_env e;

    make_operands(n, rng, in);
    memcpy(&c->vsr[32 + T], &in[T], (OPERANDS - T) * sizeof(in[0]));
    c->fpscr = fpscr;
    c->vscr = vscr;
    e = n->vmx ? (struct fp_env){ .rm = FPR_NEAREST, .flush = vscr & VSCR_NJ } : fpscr_env(c);
    for (unsigned lane = 0; lane < lanes(n); lane++) {
        struct result r = wanted(n, in, lane, &e);

        set_element(n, &want, n->to, lane, r.bits);
        flags |= r.flags;
        if (n->vmx && r.saturated)
            vscr_want |= VSCR_SAT;
    }
    if (!n->vmx) {
        fpscr_want = (fp_expected_fpscr(fpscr, flags, 0) & ~0x7f000ull) | (fpscr & 0x7f000);
        trapped = (uint32_t)fpscr << 22 & flags & (FPSCR_OX | FPSCR_UX | FPSCR_ZX | FPSCR_XX);
        if (trapped || (flags & FPSCR_VX_ALL && fpscr & FPSCR_VE))
            want = in[T];
    }
    runner->run(runner, rng);
    if (memcmp(&c->vsr[32 + T], &want, sizeof(want)) || c->fpscr != fpscr_want || c->vscr != vscr_want) {
        for (unsigned i = T; i < OPERANDS; i++)
            print_error("operand %u: %016" PRIx64 "%016" PRIx64 "\n", i, VSR_D(in[i], 0), VSR_D(in[i], 1));
        print_error("%s: fpscr %09" PRIx64 " vscr %x\n", n->text, fpscr, vscr);
        print_error("have %016" PRIx64 "%016" PRIx64 " %09" PRIx64 " %x\n", VSR_D(c->vsr[33], 0), VSR_D(c->vsr[33], 1),
                    c->fpscr, (unsigned)c->vscr);
        fail_msg("want %016" PRIx64 "%016" PRIx64 " %09" PRIx64 " %x\n", VSR_D(want, 0), VSR_D(want, 1), fpscr_want,
                 vscr_want);
    }
}

static const struct fp_table table = FP_TABLE(insns, check);

static void vector_results_and_fpscr_match_mpfr(void **state)
{
    fp_runner_all(fp_runner_functions(*state), &table, 31, fp_cases(500));
}

static void translated_vectors_match_mpfr(void **state)
{
    fp_runner_all(fp_runner_translator(*state), &table, 32, fp_cases(500));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(vector_results_and_fpscr_match_mpfr, cpu_fixture_new, cpu_fixture_free),
        cmocka_unit_test_setup_teardown(translated_vectors_match_mpfr, jit_pair_new, jit_pair_free),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
