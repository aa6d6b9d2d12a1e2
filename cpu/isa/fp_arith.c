/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/isa/fp_arith.c - scalar double and single arithmetic: FPR forms and their VSX twins.
 * Spec: Power ISA I, 4.6.6 and 7.6.3. Single forms compute on the double operands and round once, to single. */
#include "cpu/isa/chapters.h"
#include "cpu/isa/fp_scalar.h"

typedef struct fp_num unary_fn(struct fp_env *e, struct fp_num a);
typedef struct fp_num binary_fn(struct fp_env *e, struct fp_num a, struct fp_num b);
typedef struct fp_num ternary_fn(struct fp_env *e, struct fp_num a, struct fp_num c, struct fp_num b);
typedef bool fast_unary_fn(const struct fp_fast *a, struct fp_fast *r);
typedef bool fast_binary_fn(const struct fp_fast *a, const struct fp_fast *b, struct fp_fast *r);
typedef bool fast_ternary_fn(const struct fp_fast *a, const struct fp_fast *c, const struct fp_fast *b,
                             struct fp_fast *r);

/* The long way: everything the short cuts leave. */

static void binary_exact(struct cpu *c, const struct op *o, binary_fn *fn, const struct fp_format *f, unsigned b)
{
    struct fp_env e = fpscr_env(c);

    fp_result(c, o, &e, f, fn(&e, fp_operand(c, o->ra), fp_operand(c, b)));
}

static void unary_exact(struct cpu *c, const struct op *o, unary_fn *fn, const struct fp_format *f)
{
    struct fp_env e = fpscr_env(c);

    fp_result(c, o, &e, f, fn(&e, fp_operand(c, o->rb)));
}

/* a * m + b, or negated after rounding; a NaN keeps its sign. */
static void ternary_exact(struct cpu *c, const struct op *o, ternary_fn *fn, const struct fp_format *f, bool negate,
                          unsigned m, unsigned b)
{
    struct fp_env e = fpscr_env(c);
    struct fp_num r = fn(&e, fp_operand(c, o->ra), fp_operand(c, m), fp_operand(c, b));

    r = fp_convert(&e, f, r);
    r.sign ^= negate && !fp_is_nan(&r);
    if (fpscr_scalar(c, e.flags, fp_class(f, &r)))
        cpu_set_fpr(c, o->rt, (uint64_t)fp_pack(&fp_double, &r));
    fp_finish(c, o);
}

/* fre and relatives: the rounding's own news (XX FR FI) are not the book's. */
static void estimate(struct cpu *c, const struct op *o, const struct fp_format *f, unary_fn *fn)
{
    struct fp_env e = fpscr_env(c);
    struct fp_num r = fp_convert(&e, f, fn(&e, fp_operand(c, o->rb)));

    if (fpscr_scalar(c, e.flags & ~(FPSCR_XX | FPSCR_FR | FPSCR_FI), fp_class(f, &r)))
        cpu_set_fpr(c, o->rt, (uint64_t)fp_pack(&fp_double, &r));
    fp_finish(c, o);
}

/* The short cut if it applies. */

FP_INLINE void binary(struct cpu *c, const struct op *o, const struct fp_format *f, binary_fn *fn, fast_binary_fn *fast,
                      unsigned b)
{
    struct fp_fast x, y, r;
    uint32_t flags = 0;

    if (FP_LIKELY(fp_fast_unpack(&fp_double, cpu_fpr(c, o->ra), &x) && fp_fast_unpack(&fp_double, cpu_fpr(c, b), &y) &&
                  fast(&x, &y, &r) && fp_fast_round(f, c->fpscr & FPSCR_RN, &r, &flags)))
        fp_fast_result(c, o, flags, &r);
    else
        binary_exact(c, o, fn, f, b);
}

FP_INLINE void unary(struct cpu *c, const struct op *o, const struct fp_format *f, unary_fn *fn, fast_unary_fn *fast)
{
    struct fp_fast x, r;
    uint32_t flags = 0;

    if (FP_LIKELY(fp_fast_unpack(&fp_double, cpu_fpr(c, o->rb), &x) && fast(&x, &r) &&
                  fp_fast_round(f, c->fpscr & FPSCR_RN, &r, &flags)))
        fp_fast_result(c, o, flags, &r);
    else
        unary_exact(c, o, fn, f);
}

FP_INLINE void ternary(struct cpu *c, const struct op *o, const struct fp_format *f, ternary_fn *fn,
                       fast_ternary_fn *fast, bool negate, unsigned m, unsigned b)
{
    struct fp_fast x, y, z, r;
    uint32_t flags = 0;

    if (FP_LIKELY(fp_fast_unpack(&fp_double, cpu_fpr(c, o->ra), &x) && fp_fast_unpack(&fp_double, cpu_fpr(c, m), &y) &&
                  fp_fast_unpack(&fp_double, cpu_fpr(c, b), &z) && fast(&x, &y, &z, &r) &&
                  fp_fast_round(f, c->fpscr & FPSCR_RN, &r, &flags))) {
        r.sign ^= negate;
        fp_fast_result(c, o, flags, &r);
    } else {
        ternary_exact(c, o, fn, f, negate, m, b);
    }
}

#define BOTH(name, how, ...)                                                                                          \
    static void run_##name(struct cpu *c, const struct op *o)                                                         \
    {                                                                                                                 \
        how(c, o, &fp_double, __VA_ARGS__);                                                                     \
    }                                                                                                                 \
    static void run_##name##s(struct cpu *c, const struct op *o)                                                      \
    {                                                                                                                 \
        how(c, o, &fp_single, __VA_ARGS__);                                                                     \
    }

BOTH(fadd, binary, fp_add, fp_fast_add, o->rb)
BOTH(fsub, binary, fp_sub, fp_fast_sub, o->rb)
BOTH(fmul, binary, fp_mul, fp_fast_mul, o->rc)
BOTH(xsmul, binary, fp_mul, fp_fast_mul, o->rb)
BOTH(fdiv, binary, fp_div, fp_fast_div, o->rb)
BOTH(fsqrt, unary, fp_sqrt, fp_fast_sqrt)
BOTH(fre, estimate, fp_recip)
BOTH(frsqrte, estimate, fp_rsqrt)
BOTH(fmadd, ternary, fp_fma, fp_fast_fma, false, o->rc, o->rb)
BOTH(fmsub, ternary, fp_fms, fp_fast_fms, false, o->rc, o->rb)
BOTH(fnmadd, ternary, fp_fma, fp_fast_fma, true, o->rc, o->rb)
BOTH(fnmsub, ternary, fp_fms, fp_fast_fms, true, o->rc, o->rb)
/* A form: T <- A * B + T; M form: T <- A * T + B. */
BOTH(xsmadda, ternary, fp_fma, fp_fast_fma, false, o->rb, o->rt)
BOTH(xsmaddm, ternary, fp_fma, fp_fast_fma, false, o->rt, o->rb)
BOTH(xsmsuba, ternary, fp_fms, fp_fast_fms, false, o->rb, o->rt)
BOTH(xsmsubm, ternary, fp_fms, fp_fast_fms, false, o->rt, o->rb)
BOTH(xsnmadda, ternary, fp_fma, fp_fast_fma, true, o->rb, o->rt)
BOTH(xsnmaddm, ternary, fp_fma, fp_fast_fma, true, o->rt, o->rb)
BOTH(xsnmsuba, ternary, fp_fms, fp_fast_fms, true, o->rb, o->rt)
BOTH(xsnmsubm, ternary, fp_fms, fp_fast_fms, true, o->rt, o->rb)

static const struct isa_row rows[] = {
    { "fdiv", "111111 ttttt aaaaa bbbbb xxxxx 10010 r", run_fdiv, "t,a,b", ISA_FP },
    { "fsub", "111111 ttttt aaaaa bbbbb xxxxx 10100 r", run_fsub, "t,a,b", ISA_FP },
    { "fadd", "111111 ttttt aaaaa bbbbb xxxxx 10101 r", run_fadd, "t,a,b", ISA_FP },
    { "fsqrt", "111111 ttttt xxxxx bbbbb xxxxx 10110 r", run_fsqrt, "t,b", ISA_FP },
    { "fre", "111111 ttttt xxxxx bbbbb xxxxx 11000 r", run_fre, "t,b", ISA_FP },
    { "fmul", "111111 ttttt aaaaa xxxxx ccccc 11001 r", run_fmul, "t,a,c", ISA_FP },
    { "frsqrte", "111111 ttttt xxxxx bbbbb xxxxx 11010 r", run_frsqrte, "t,b", ISA_FP },
    { "fmsub", "111111 ttttt aaaaa bbbbb ccccc 11100 r", run_fmsub, "t,a,c,b", ISA_FP },
    { "fmadd", "111111 ttttt aaaaa bbbbb ccccc 11101 r", run_fmadd, "t,a,c,b", ISA_FP },
    { "fnmsub", "111111 ttttt aaaaa bbbbb ccccc 11110 r", run_fnmsub, "t,a,c,b", ISA_FP },
    { "fnmadd", "111111 ttttt aaaaa bbbbb ccccc 11111 r", run_fnmadd, "t,a,c,b", ISA_FP },
    { "fdivs", "111011 ttttt aaaaa bbbbb xxxxx 10010 r", run_fdivs, "t,a,b", ISA_FP },
    { "fsubs", "111011 ttttt aaaaa bbbbb xxxxx 10100 r", run_fsubs, "t,a,b", ISA_FP },
    { "fadds", "111011 ttttt aaaaa bbbbb xxxxx 10101 r", run_fadds, "t,a,b", ISA_FP },
    { "fsqrts", "111011 ttttt xxxxx bbbbb xxxxx 10110 r", run_fsqrts, "t,b", ISA_FP },
    { "fres", "111011 ttttt xxxxx bbbbb xxxxx 11000 r", run_fres, "t,b", ISA_FP },
    { "fmuls", "111011 ttttt aaaaa xxxxx ccccc 11001 r", run_fmuls, "t,a,c", ISA_FP },
    { "frsqrtes", "111011 ttttt xxxxx bbbbb xxxxx 11010 r", run_frsqrtes, "t,b", ISA_FP },
    { "fmsubs", "111011 ttttt aaaaa bbbbb ccccc 11100 r", run_fmsubs, "t,a,c,b", ISA_FP },
    { "fmadds", "111011 ttttt aaaaa bbbbb ccccc 11101 r", run_fmadds, "t,a,c,b", ISA_FP },
    { "fnmsubs", "111011 ttttt aaaaa bbbbb ccccc 11110 r", run_fnmsubs, "t,a,c,b", ISA_FP },
    { "fnmadds", "111011 ttttt aaaaa bbbbb ccccc 11111 r", run_fnmadds, "t,a,c,b", ISA_FP },
    { "xsadddp", "111100 ttttt aaaaa bbbbb 00100000 A B T", run_fadd, "t,a,b", ISA_VSX },
    { "xssubdp", "111100 ttttt aaaaa bbbbb 00101000 A B T", run_fsub, "t,a,b", ISA_VSX },
    { "xsmuldp", "111100 ttttt aaaaa bbbbb 00110000 A B T", run_xsmul, "t,a,b", ISA_VSX },
    { "xsdivdp", "111100 ttttt aaaaa bbbbb 00111000 A B T", run_fdiv, "t,a,b", ISA_VSX },
    { "xssqrtdp", "111100 ttttt xxxxx bbbbb 001001011 B T", run_fsqrt, "t,b", ISA_VSX },
    { "xsredp", "111100 ttttt xxxxx bbbbb 001011010 B T", run_fre, "t,b", ISA_VSX },
    { "xsrsqrtedp", "111100 ttttt xxxxx bbbbb 001001010 B T", run_frsqrte, "t,b", ISA_VSX },
    { "xsmaddadp", "111100 ttttt aaaaa bbbbb 00100001 A B T", run_xsmadda, "t,a,b", ISA_VSX },
    { "xsmaddmdp", "111100 ttttt aaaaa bbbbb 00101001 A B T", run_xsmaddm, "t,a,b", ISA_VSX },
    { "xsmsubadp", "111100 ttttt aaaaa bbbbb 00110001 A B T", run_xsmsuba, "t,a,b", ISA_VSX },
    { "xsmsubmdp", "111100 ttttt aaaaa bbbbb 00111001 A B T", run_xsmsubm, "t,a,b", ISA_VSX },
    { "xsnmaddadp", "111100 ttttt aaaaa bbbbb 10100001 A B T", run_xsnmadda, "t,a,b", ISA_VSX },
    { "xsnmaddmdp", "111100 ttttt aaaaa bbbbb 10101001 A B T", run_xsnmaddm, "t,a,b", ISA_VSX },
    { "xsnmsubadp", "111100 ttttt aaaaa bbbbb 10110001 A B T", run_xsnmsuba, "t,a,b", ISA_VSX },
    { "xsnmsubmdp", "111100 ttttt aaaaa bbbbb 10111001 A B T", run_xsnmsubm, "t,a,b", ISA_VSX },
    { "xsaddsp", "111100 ttttt aaaaa bbbbb 00000000 A B T", run_fadds, "t,a,b", ISA_VSX },
    { "xssubsp", "111100 ttttt aaaaa bbbbb 00001000 A B T", run_fsubs, "t,a,b", ISA_VSX },
    { "xsmulsp", "111100 ttttt aaaaa bbbbb 00010000 A B T", run_xsmuls, "t,a,b", ISA_VSX },
    { "xsdivsp", "111100 ttttt aaaaa bbbbb 00011000 A B T", run_fdivs, "t,a,b", ISA_VSX },
    { "xssqrtsp", "111100 ttttt xxxxx bbbbb 000001011 B T", run_fsqrts, "t,b", ISA_VSX },
    { "xsresp", "111100 ttttt xxxxx bbbbb 000011010 B T", run_fres, "t,b", ISA_VSX },
    { "xsrsqrtesp", "111100 ttttt xxxxx bbbbb 000001010 B T", run_frsqrtes, "t,b", ISA_VSX },
    { "xsmaddasp", "111100 ttttt aaaaa bbbbb 00000001 A B T", run_xsmaddas, "t,a,b", ISA_VSX },
    { "xsmaddmsp", "111100 ttttt aaaaa bbbbb 00001001 A B T", run_xsmaddms, "t,a,b", ISA_VSX },
    { "xsmsubasp", "111100 ttttt aaaaa bbbbb 00010001 A B T", run_xsmsubas, "t,a,b", ISA_VSX },
    { "xsmsubmsp", "111100 ttttt aaaaa bbbbb 00011001 A B T", run_xsmsubms, "t,a,b", ISA_VSX },
    { "xsnmaddasp", "111100 ttttt aaaaa bbbbb 10000001 A B T", run_xsnmaddas, "t,a,b", ISA_VSX },
    { "xsnmaddmsp", "111100 ttttt aaaaa bbbbb 10001001 A B T", run_xsnmaddms, "t,a,b", ISA_VSX },
    { "xsnmsubasp", "111100 ttttt aaaaa bbbbb 10010001 A B T", run_xsnmsubas, "t,a,b", ISA_VSX },
    { "xsnmsubmsp", "111100 ttttt aaaaa bbbbb 10011001 A B T", run_xsnmsubms, "t,a,b", ISA_VSX },
};

ISA_CHAPTER(isa_fp_arith, "Power ISA I, 4.6.6 and 7.6.3 scalar floating-point arithmetic", rows);
