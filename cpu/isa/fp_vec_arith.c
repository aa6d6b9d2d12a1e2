/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/isa/fp_vec_arith.c - VSX vector double and single arithmetic.
 * Spec: Power ISA I, 7.6.3 (xvadddp ... xvrsqrtesp). */
#include "cpu/isa/chapters.h"
#include "cpu/isa/fp_vector.h"

typedef struct fp_num unary_fn(struct fp_env *e, struct fp_num a);
typedef struct fp_num binary_fn(struct fp_env *e, struct fp_num a, struct fp_num b);
typedef struct fp_num ternary_fn(struct fp_env *e, struct fp_num a, struct fp_num c, struct fp_num b);
typedef bool fast_unary_fn(const struct fp_fast *a, struct fp_fast *r);
typedef bool fast_binary_fn(const struct fp_fast *a, const struct fp_fast *b, struct fp_fast *r);
typedef bool fast_ternary_fn(const struct fp_fast *a, const struct fp_fast *c, const struct fp_fast *b,
                             struct fp_fast *r);

/* One element the long way: everything the short cuts leave. */

static uint64_t packed(struct fp_env *e, const struct fp_format *f, struct fp_num r)
{
    r = fp_round(e, f, r);
    return (uint64_t)fp_pack(f, &r);
}

static uint64_t unary_exact(struct fp_env *e, const struct fp_format *f, unary_fn *fn, uint64_t a)
{
    return packed(e, f, fn(e, fp_unpack(f, a)));
}

static uint64_t binary_exact(struct fp_env *e, const struct fp_format *f, binary_fn *fn, uint64_t a, uint64_t b)
{
    return packed(e, f, fn(e, fp_unpack(f, a), fp_unpack(f, b)));
}

/* Negated after rounding; a NaN keeps its sign. */
static uint64_t ternary_exact(struct fp_env *e, const struct fp_format *f, ternary_fn *fn, bool negate, uint64_t a,
                              uint64_t m, uint64_t b)
{
    struct fp_num r = fp_round(e, f, fn(e, fp_unpack(f, a), fp_unpack(f, m), fp_unpack(f, b)));

    r.sign ^= negate && !fp_is_nan(&r);
    return (uint64_t)fp_pack(f, &r);
}

/* All elements, each by the short cut if it applies. */

FP_INLINE void unary(struct cpu *c, const struct op *o, const struct fp_format *f, unary_fn *fn, fast_unary_fn *fast)
{
    const union vsr *b = &c->vsr[o->rb];
    struct fp_env e = fpscr_env(c);
    union vsr out;

    for (unsigned i = 0; i < fp_vec_count(f); i++) {
        struct fp_fast x, r;
        uint64_t vb = fp_vec_get(f, b, i);
        bool done = fp_fast_unpack(f, vb, &x) && fast(&x, &r) && fp_fast_round(f, e.rm, &r, &e.flags);

        fp_vec_set(f, &out, i, FP_LIKELY(done) ? fp_fast_pack(f, &r) : unary_exact(&e, f, fn, vb));
    }
    fp_vec_result(c, o, e.flags, &out);
}

FP_INLINE void binary(struct cpu *c, const struct op *o, const struct fp_format *f, binary_fn *fn, fast_binary_fn *fast)
{
    const union vsr *a = &c->vsr[o->ra], *b = &c->vsr[o->rb];
    struct fp_env e = fpscr_env(c);
    union vsr out;

    for (unsigned i = 0; i < fp_vec_count(f); i++) {
        struct fp_fast x, y, r;
        uint64_t va = fp_vec_get(f, a, i), vb = fp_vec_get(f, b, i);
        bool done = fp_fast_unpack(f, va, &x) && fp_fast_unpack(f, vb, &y) && fast(&x, &y, &r) &&
                    fp_fast_round(f, e.rm, &r, &e.flags);

        fp_vec_set(f, &out, i, FP_LIKELY(done) ? fp_fast_pack(f, &r) : binary_exact(&e, f, fn, va, vb));
    }
    fp_vec_result(c, o, e.flags, &out);
}

/* A * m + b */
FP_INLINE void ternary(struct cpu *c, const struct op *o, const struct fp_format *f, ternary_fn *fn,
                       fast_ternary_fn *fast, bool negate, unsigned m, unsigned b)
{
    struct fp_env e = fpscr_env(c);
    union vsr out;

    for (unsigned i = 0; i < fp_vec_count(f); i++) {
        struct fp_fast x, y, z, r;
        uint64_t va = fp_vec_get(f, &c->vsr[o->ra], i);
        uint64_t vm = fp_vec_get(f, &c->vsr[m], i);
        uint64_t vb = fp_vec_get(f, &c->vsr[b], i);
        bool done = fp_fast_unpack(f, va, &x) && fp_fast_unpack(f, vm, &y) && fp_fast_unpack(f, vb, &z) &&
                    fast(&x, &y, &z, &r) && fp_fast_round(f, e.rm, &r, &e.flags);

        if (done)
            r.sign ^= negate;
        fp_vec_set(f, &out, i, FP_LIKELY(done) ? fp_fast_pack(f, &r) : ternary_exact(&e, f, fn, negate, va, vm, vb));
    }
    fp_vec_result(c, o, e.flags, &out);
}

static void estimate(struct cpu *c, const struct op *o, const struct fp_format *f, unary_fn *fn)
{
    struct fp_env e = fpscr_env(c);
    union vsr out;

    for (unsigned i = 0; i < fp_vec_count(f); i++)
        fp_vec_set(f, &out, i, unary_exact(&e, f, fn, fp_vec_get(f, &c->vsr[o->rb], i)));
    fp_vec_result(c, o, e.flags & ~FPSCR_XX, &out);
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

BOTH(xvadd, binary, fp_add, fp_fast_add)
BOTH(xvsub, binary, fp_sub, fp_fast_sub)
BOTH(xvmul, binary, fp_mul, fp_fast_mul)
BOTH(xvdiv, binary, fp_div, fp_fast_div)
BOTH(xvsqrt, unary, fp_sqrt, fp_fast_sqrt)
BOTH(xvre, estimate, fp_recip)
BOTH(xvrsqrte, estimate, fp_rsqrt)
/* A form: T <- A * B + T; M form: T <- A * T + B. */
BOTH(xvmadda, ternary, fp_fma, fp_fast_fma, false, o->rb, o->rt)
BOTH(xvmaddm, ternary, fp_fma, fp_fast_fma, false, o->rt, o->rb)
BOTH(xvmsuba, ternary, fp_fms, fp_fast_fms, false, o->rb, o->rt)
BOTH(xvmsubm, ternary, fp_fms, fp_fast_fms, false, o->rt, o->rb)
BOTH(xvnmadda, ternary, fp_fma, fp_fast_fma, true, o->rb, o->rt)
BOTH(xvnmaddm, ternary, fp_fma, fp_fast_fma, true, o->rt, o->rb)
BOTH(xvnmsuba, ternary, fp_fms, fp_fast_fms, true, o->rb, o->rt)
BOTH(xvnmsubm, ternary, fp_fms, fp_fast_fms, true, o->rt, o->rb)

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
