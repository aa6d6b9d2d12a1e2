/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/isa/fp_vec_compare.c - VSX vector compare, test, minimum and maximum, sign, exponent and significand.
 * Spec: Power ISA I, 7.6.3 (xvcmpeqdp ... xvxsigsp). */
#include "cpu/isa/chapters.h"
#include "cpu/isa/fp_test.h"
#include "cpu/isa/fp_vector.h"

/* -- compare; Rc: CR6 <- all true, 0, none true, 0 -- */

static void compare(struct cpu *c, const struct op *o, const struct fp_format *f, unsigned wanted, bool ordered)
{
    const union vsr *a = &c->vsr[o->ra], *b = &c->vsr[o->rb];
    unsigned n = fp_vec_count(f), hits = 0;
    uint32_t flags = 0;
    union vsr out;

    for (unsigned i = 0; i < n; i++) {
        struct fp_num x = fp_vec_operand(f, a, i), y = fp_vec_operand(f, b, i);
        bool hit = fp_compare(&x, &y) & wanted;

        if (x.kind == FPK_SNAN || y.kind == FPK_SNAN)
            flags |= FPSCR_VXSNAN | (ordered && !(c->fpscr & FPSCR_VE) ? FPSCR_VXVC : 0);
        else if (ordered && (fp_is_nan(&x) || fp_is_nan(&y)))
            flags |= FPSCR_VXVC;
        fp_vec_set(f, &out, i, hit ? ~0ull : 0);
        hits += hit;
    }
    if (fpscr_vector(c, flags)) {
        c->vsr[o->rt] = out;
        if (o->rc_bit)
            c->cr[6] = (uint8_t)(hits == n ? CR_LT : hits ? 0 : CR_EQ);
    }
    fpscr_interrupt(c);
}

#define BOTH(name, how, ...)                                                                                          \
    static void run_##name##dp(struct cpu *c, const struct op *o)                                                     \
    {                                                                                                                 \
        how(c, o, &fp_double, ##__VA_ARGS__);                                                                         \
    }                                                                                                                 \
    static void run_##name##sp(struct cpu *c, const struct op *o)                                                     \
    {                                                                                                                 \
        how(c, o, &fp_single, ##__VA_ARGS__);                                                                         \
    }
BOTH(xvcmpeq, compare, CR_EQ, false)
BOTH(xvcmpgt, compare, CR_GT, true)
BOTH(xvcmpge, compare, CR_GT | CR_EQ, true)

/* -- tests: 1 fg fe 0, a flag being the OR over the elements -- */

static void test_div(struct cpu *c, const struct op *o, const struct fp_format *f)
{
    unsigned cr = 0;

    for (unsigned i = 0; i < fp_vec_count(f); i++)
        cr |= fp_test_div(f, fp_vec_get(f, &c->vsr[o->ra], i), fp_vec_get(f, &c->vsr[o->rb], i));
    c->cr[o->n] = (uint8_t)cr;
}

static void test_sqrt(struct cpu *c, const struct op *o, const struct fp_format *f)
{
    unsigned cr = 0;

    for (unsigned i = 0; i < fp_vec_count(f); i++)
        cr |= fp_test_sqrt(f, fp_vec_get(f, &c->vsr[o->rb], i));
    c->cr[o->n] = (uint8_t)cr;
}

/* The class mask is spread: dx (n) is its low five bits, dc (p) and dm (q) the two above. */
static void test_class(struct cpu *c, const struct op *o, const struct fp_format *f)
{
    unsigned dcmx = (unsigned)o->p << 6 | (unsigned)o->q << 5 | o->n;
    union vsr out;

    for (unsigned i = 0; i < fp_vec_count(f); i++)
        fp_vec_set(f, &out, i, fp_data_class(f, fp_vec_get(f, &c->vsr[o->rb], i), dcmx) ? ~0ull : 0);
    c->vsr[o->rt] = out;
}
BOTH(xvtdiv, test_div)
BOTH(xvtsqrt, test_sqrt)
BOTH(xvtstdc, test_class)

/* -- minimum and maximum -- */

static void pick(struct cpu *c, const struct op *o, const struct fp_format *f, bool max)
{
    uint32_t flags = 0;
    union vsr out;

    for (unsigned i = 0; i < fp_vec_count(f); i++)
        fp_vec_set(f, &out, i, (uint64_t)fp_pick_number(f, fp_vec_get(f, &c->vsr[o->ra], i),
                                                        fp_vec_get(f, &c->vsr[o->rb], i), max, &flags));
    fp_vec_result(c, o, flags, &out);
}
BOTH(xvmax, pick, true)
BOTH(xvmin, pick, false)

/* -- bits of each element -- */

static union vsr sign_bits(const struct fp_format *f)
{
    return (union vsr){ .d = { fp_vec_dp(f) ? 1ull << 63 : 0x8000000080000000ull,
                               fp_vec_dp(f) ? 1ull << 63 : 0x8000000080000000ull } };
}

static void absolute(struct cpu *c, const struct op *o, const struct fp_format *f)
{
    c->vsr[o->rt].q = c->vsr[o->rb].q & ~sign_bits(f).q;
}

static void negative(struct cpu *c, const struct op *o, const struct fp_format *f)
{
    c->vsr[o->rt].q = c->vsr[o->rb].q | sign_bits(f).q;
}

static void negate(struct cpu *c, const struct op *o, const struct fp_format *f)
{
    c->vsr[o->rt].q = c->vsr[o->rb].q ^ sign_bits(f).q;
}

static void copy_sign(struct cpu *c, const struct op *o, const struct fp_format *f)
{
    c->vsr[o->rt].q = (c->vsr[o->ra].q & sign_bits(f).q) | (c->vsr[o->rb].q & ~sign_bits(f).q);
}
BOTH(xvabs, absolute)
BOTH(xvnabs, negative)
BOTH(xvneg, negate)
BOTH(xvcpsgn, copy_sign)

static uint64_t exponent_mask(const struct fp_format *f)
{
    return (1u << f->exp_bits) - 1;
}

static void insert_exponent(struct cpu *c, const struct op *o, const struct fp_format *f)
{
    union vsr out;

    for (unsigned i = 0; i < fp_vec_count(f); i++) {
        uint64_t keep = fp_vec_get(f, &c->vsr[o->ra], i) & ~(exponent_mask(f) << f->frac_bits);

        fp_vec_set(f, &out, i, keep | (fp_vec_get(f, &c->vsr[o->rb], i) & exponent_mask(f)) << f->frac_bits);
    }
    c->vsr[o->rt] = out;
}

static void extract_exponent(struct cpu *c, const struct op *o, const struct fp_format *f)
{
    union vsr out;

    for (unsigned i = 0; i < fp_vec_count(f); i++)
        fp_vec_set(f, &out, i, fp_vec_get(f, &c->vsr[o->rb], i) >> f->frac_bits & exponent_mask(f));
    c->vsr[o->rt] = out;
}

static void extract_significand(struct cpu *c, const struct op *o, const struct fp_format *f)
{
    union vsr out;

    for (unsigned i = 0; i < fp_vec_count(f); i++)
        fp_vec_set(f, &out, i, (uint64_t)fp_significand(f, fp_vec_get(f, &c->vsr[o->rb], i)));
    c->vsr[o->rt] = out;
}
BOTH(xviexp, insert_exponent)
BOTH(xvxexp, extract_exponent)
BOTH(xvxsig, extract_significand)

static const struct isa_row rows[] = {
    { "xvtstdcdp", "111100 ttttt nnnnn bbbbb 1111p101q B T", run_xvtstdcdp, "t,b,n,p,q", ISA_VSX | ISA_V3 },
    { "xvtstdcsp", "111100 ttttt nnnnn bbbbb 1101p101q B T", run_xvtstdcsp, "t,b,n,p,q", ISA_VSX | ISA_V3 },
    { "xvcmpeqdp", "111100 ttttt aaaaa bbbbb r1100011 A B T", run_xvcmpeqdp, "t,a,b", ISA_VSX },
    { "xvcmpgtdp", "111100 ttttt aaaaa bbbbb r1101011 A B T", run_xvcmpgtdp, "t,a,b", ISA_VSX },
    { "xvcmpgedp", "111100 ttttt aaaaa bbbbb r1110011 A B T", run_xvcmpgedp, "t,a,b", ISA_VSX },
    { "xvtdivdp", "111100 nnnxx aaaaa bbbbb 01111101 A B x", run_xvtdivdp, "n,a,b", ISA_VSX },
    { "xvtsqrtdp", "111100 nnnxx xxxxx bbbbb 011101010 B x", run_xvtsqrtdp, "n,b", ISA_VSX },
    { "xvmaxdp", "111100 ttttt aaaaa bbbbb 11100000 A B T", run_xvmaxdp, "t,a,b", ISA_VSX },
    { "xvmindp", "111100 ttttt aaaaa bbbbb 11101000 A B T", run_xvmindp, "t,a,b", ISA_VSX },
    { "xvabsdp", "111100 ttttt xxxxx bbbbb 111011001 B T", run_xvabsdp, "t,b", ISA_VSX },
    { "xvnabsdp", "111100 ttttt xxxxx bbbbb 111101001 B T", run_xvnabsdp, "t,b", ISA_VSX },
    { "xvnegdp", "111100 ttttt xxxxx bbbbb 111111001 B T", run_xvnegdp, "t,b", ISA_VSX },
    { "xvcpsgndp", "111100 ttttt aaaaa bbbbb 11110000 A B T", run_xvcpsgndp, "t,a,b", ISA_VSX },
    { "xviexpdp", "111100 ttttt aaaaa bbbbb 11111000 A B T", run_xviexpdp, "t,a,b", ISA_VSX | ISA_V3 },
    { "xvxexpdp", "111100 ttttt 00000 bbbbb 111011011 B T", run_xvxexpdp, "t,b", ISA_VSX | ISA_V3 },
    { "xvxsigdp", "111100 ttttt 00001 bbbbb 111011011 B T", run_xvxsigdp, "t,b", ISA_VSX | ISA_V3 },
    { "xvcmpeqsp", "111100 ttttt aaaaa bbbbb r1000011 A B T", run_xvcmpeqsp, "t,a,b", ISA_VSX },
    { "xvcmpgtsp", "111100 ttttt aaaaa bbbbb r1001011 A B T", run_xvcmpgtsp, "t,a,b", ISA_VSX },
    { "xvcmpgesp", "111100 ttttt aaaaa bbbbb r1010011 A B T", run_xvcmpgesp, "t,a,b", ISA_VSX },
    { "xvtdivsp", "111100 nnnxx aaaaa bbbbb 01011101 A B x", run_xvtdivsp, "n,a,b", ISA_VSX },
    { "xvtsqrtsp", "111100 nnnxx xxxxx bbbbb 010101010 B x", run_xvtsqrtsp, "n,b", ISA_VSX },
    { "xvmaxsp", "111100 ttttt aaaaa bbbbb 11000000 A B T", run_xvmaxsp, "t,a,b", ISA_VSX },
    { "xvminsp", "111100 ttttt aaaaa bbbbb 11001000 A B T", run_xvminsp, "t,a,b", ISA_VSX },
    { "xvabssp", "111100 ttttt xxxxx bbbbb 110011001 B T", run_xvabssp, "t,b", ISA_VSX },
    { "xvnabssp", "111100 ttttt xxxxx bbbbb 110101001 B T", run_xvnabssp, "t,b", ISA_VSX },
    { "xvnegsp", "111100 ttttt xxxxx bbbbb 110111001 B T", run_xvnegsp, "t,b", ISA_VSX },
    { "xvcpsgnsp", "111100 ttttt aaaaa bbbbb 11010000 A B T", run_xvcpsgnsp, "t,a,b", ISA_VSX },
    { "xviexpsp", "111100 ttttt aaaaa bbbbb 11011000 A B T", run_xviexpsp, "t,a,b", ISA_VSX | ISA_V3 },
    { "xvxexpsp", "111100 ttttt 01000 bbbbb 111011011 B T", run_xvxexpsp, "t,b", ISA_VSX | ISA_V3 },
    { "xvxsigsp", "111100 ttttt 01001 bbbbb 111011011 B T", run_xvxsigsp, "t,b", ISA_VSX | ISA_V3 },
};

ISA_CHAPTER(isa_fp_vec_compare, "Power ISA I, 7.6.3 vector floating-point compare, test and bits", rows);
