/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/isa/fp_vec_arith.c - VSX vector double and single arithmetic. Spec: Power ISA I, 7.6.3 (xvadddp ... xvrsqrtesp). */
#include "cpu/isa/chapters.h"
#include "cpu/isa/fp_vector.h"

typedef struct fp_num unary_fn(struct fp_env *e, struct fp_num a);
typedef struct fp_num binary_fn(struct fp_env *e, struct fp_num a, struct fp_num b);
typedef struct fp_num ternary_fn(struct fp_env *e, struct fp_num a, struct fp_num c, struct fp_num b);

static void binary(struct cpu *c, const struct op *o, const struct fp_format *f, binary_fn *fn)
{
    const union vsr *a = &c->vsr[o->ra], *b = &c->vsr[o->rb];
    struct fp_env e = fpscr_env(c);
    union vsr out;

    for (unsigned i = 0; i < fp_vec_count(f); i++) {
        struct fp_num r = fp_round(&e, f, fn(&e, fp_vec_operand(f, a, i), fp_vec_operand(f, b, i)));

        fp_vec_set(f, &out, i, (uint64_t)fp_pack(f, &r));
    }
    fp_vec_result(c, o, e.flags, &out);
}

static void unary_masked(struct cpu *c, const struct op *o, const struct fp_format *f, unary_fn *fn, uint32_t shown)
{
    const union vsr *b = &c->vsr[o->rb];
    struct fp_env e = fpscr_env(c);
    union vsr out;

    for (unsigned i = 0; i < fp_vec_count(f); i++) {
        struct fp_num r = fp_round(&e, f, fn(&e, fp_vec_operand(f, b, i)));

        fp_vec_set(f, &out, i, (uint64_t)fp_pack(f, &r));
    }
    fp_vec_result(c, o, e.flags & shown, &out);
}

static void unary(struct cpu *c, const struct op *o, const struct fp_format *f, unary_fn *fn)
{
    unary_masked(c, o, f, fn, ~0u);
}

static void estimate(struct cpu *c, const struct op *o, const struct fp_format *f, unary_fn *fn)
{
    unary_masked(c, o, f, fn, ~FPSCR_XX);
}

/* A * m + b; negated after rounding, NaNs not. */
static void ternary(struct cpu *c, const struct op *o, const struct fp_format *f, ternary_fn *fn, bool negate,
                    unsigned m_reg, unsigned b_reg)
{
    const union vsr *a = &c->vsr[o->ra], *m = &c->vsr[m_reg], *b = &c->vsr[b_reg];
    struct fp_env e = fpscr_env(c);
    union vsr out;

    for (unsigned i = 0; i < fp_vec_count(f); i++) {
        struct fp_num r = fn(&e, fp_vec_operand(f, a, i), fp_vec_operand(f, m, i), fp_vec_operand(f, b, i));

        r = fp_round(&e, f, r);
        r.sign ^= negate && !fp_is_nan(&r);
        fp_vec_set(f, &out, i, (uint64_t)fp_pack(f, &r));
    }
    fp_vec_result(c, o, e.flags, &out);
}

#define BOTH(name, how, ...)                                                                                          \
    static void run_##name##dp(struct cpu *c, const struct op *o)                                                     \
    {                                                                                                                 \
        how(c, o, &fp_double, __VA_ARGS__);                                                                           \
    }                                                                                                                 \
    static void run_##name##sp(struct cpu *c, const struct op *o)                                                     \
    {                                                                                                                 \
        how(c, o, &fp_single, __VA_ARGS__);                                                                           \
    }

BOTH(xvadd, binary, fp_add)
BOTH(xvsub, binary, fp_sub)
BOTH(xvmul, binary, fp_mul)
BOTH(xvdiv, binary, fp_div)
BOTH(xvsqrt, unary, fp_sqrt)
BOTH(xvre, estimate, fp_recip)
BOTH(xvrsqrte, estimate, fp_rsqrt)
/* A form: T <- A * B + T; M form: T <- A * T + B. */
BOTH(xvmadda, ternary, fp_fma, false, o->rb, o->rt)
BOTH(xvmaddm, ternary, fp_fma, false, o->rt, o->rb)
BOTH(xvmsuba, ternary, fp_fms, false, o->rb, o->rt)
BOTH(xvmsubm, ternary, fp_fms, false, o->rt, o->rb)
BOTH(xvnmadda, ternary, fp_fma, true, o->rb, o->rt)
BOTH(xvnmaddm, ternary, fp_fma, true, o->rt, o->rb)
BOTH(xvnmsuba, ternary, fp_fms, true, o->rb, o->rt)
BOTH(xvnmsubm, ternary, fp_fms, true, o->rt, o->rb)

static const struct isa_row rows[] = {
    { "xvadddp", "111100 ttttt aaaaa bbbbb 01100000 A B T", run_xvadddp, "t,a,b", ISA_VSX },
    { "xvsubdp", "111100 ttttt aaaaa bbbbb 01101000 A B T", run_xvsubdp, "t,a,b", ISA_VSX },
    { "xvmuldp", "111100 ttttt aaaaa bbbbb 01110000 A B T", run_xvmuldp, "t,a,b", ISA_VSX },
    { "xvdivdp", "111100 ttttt aaaaa bbbbb 01111000 A B T", run_xvdivdp, "t,a,b", ISA_VSX },
    { "xvsqrtdp", "111100 ttttt xxxxx bbbbb 011001011 B T", run_xvsqrtdp, "t,b", ISA_VSX },
    { "xvredp", "111100 ttttt xxxxx bbbbb 011011010 B T", run_xvredp, "t,b", ISA_VSX },
    { "xvrsqrtedp", "111100 ttttt xxxxx bbbbb 011001010 B T", run_xvrsqrtedp, "t,b", ISA_VSX },
    { "xvmaddadp", "111100 ttttt aaaaa bbbbb 01100001 A B T", run_xvmaddadp, "t,a,b", ISA_VSX },
    { "xvmaddmdp", "111100 ttttt aaaaa bbbbb 01101001 A B T", run_xvmaddmdp, "t,a,b", ISA_VSX },
    { "xvmsubadp", "111100 ttttt aaaaa bbbbb 01110001 A B T", run_xvmsubadp, "t,a,b", ISA_VSX },
    { "xvmsubmdp", "111100 ttttt aaaaa bbbbb 01111001 A B T", run_xvmsubmdp, "t,a,b", ISA_VSX },
    { "xvnmaddadp", "111100 ttttt aaaaa bbbbb 11100001 A B T", run_xvnmaddadp, "t,a,b", ISA_VSX },
    { "xvnmaddmdp", "111100 ttttt aaaaa bbbbb 11101001 A B T", run_xvnmaddmdp, "t,a,b", ISA_VSX },
    { "xvnmsubadp", "111100 ttttt aaaaa bbbbb 11110001 A B T", run_xvnmsubadp, "t,a,b", ISA_VSX },
    { "xvnmsubmdp", "111100 ttttt aaaaa bbbbb 11111001 A B T", run_xvnmsubmdp, "t,a,b", ISA_VSX },
    { "xvaddsp", "111100 ttttt aaaaa bbbbb 01000000 A B T", run_xvaddsp, "t,a,b", ISA_VSX },
    { "xvsubsp", "111100 ttttt aaaaa bbbbb 01001000 A B T", run_xvsubsp, "t,a,b", ISA_VSX },
    { "xvmulsp", "111100 ttttt aaaaa bbbbb 01010000 A B T", run_xvmulsp, "t,a,b", ISA_VSX },
    { "xvdivsp", "111100 ttttt aaaaa bbbbb 01011000 A B T", run_xvdivsp, "t,a,b", ISA_VSX },
    { "xvsqrtsp", "111100 ttttt xxxxx bbbbb 010001011 B T", run_xvsqrtsp, "t,b", ISA_VSX },
    { "xvresp", "111100 ttttt xxxxx bbbbb 010011010 B T", run_xvresp, "t,b", ISA_VSX },
    { "xvrsqrtesp", "111100 ttttt xxxxx bbbbb 010001010 B T", run_xvrsqrtesp, "t,b", ISA_VSX },
    { "xvmaddasp", "111100 ttttt aaaaa bbbbb 01000001 A B T", run_xvmaddasp, "t,a,b", ISA_VSX },
    { "xvmaddmsp", "111100 ttttt aaaaa bbbbb 01001001 A B T", run_xvmaddmsp, "t,a,b", ISA_VSX },
    { "xvmsubasp", "111100 ttttt aaaaa bbbbb 01010001 A B T", run_xvmsubasp, "t,a,b", ISA_VSX },
    { "xvmsubmsp", "111100 ttttt aaaaa bbbbb 01011001 A B T", run_xvmsubmsp, "t,a,b", ISA_VSX },
    { "xvnmaddasp", "111100 ttttt aaaaa bbbbb 11000001 A B T", run_xvnmaddasp, "t,a,b", ISA_VSX },
    { "xvnmaddmsp", "111100 ttttt aaaaa bbbbb 11001001 A B T", run_xvnmaddmsp, "t,a,b", ISA_VSX },
    { "xvnmsubasp", "111100 ttttt aaaaa bbbbb 11010001 A B T", run_xvnmsubasp, "t,a,b", ISA_VSX },
    { "xvnmsubmsp", "111100 ttttt aaaaa bbbbb 11011001 A B T", run_xvnmsubmsp, "t,a,b", ISA_VSX },
};

ISA_CHAPTER(isa_fp_vec_arith, "Power ISA I, 7.6.3 vector floating-point arithmetic", rows);
