/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/isa/dfp_arith.c - decimal add, subtract, multiply, divide, compare, and the tests of
 * class, group, exponent, digits. */
#include "cpu/isa/chapters.h"
#include "cpu/isa/dfp_scalar.h"

typedef struct dfp_num binary_fn(struct dfp_env *e, const struct dfp_format *f, struct dfp_num a, struct dfp_num b);

static void binary(struct cpu *c, const struct op *o, const struct dfp_format *f, binary_fn *fn)
{
    struct dfp_env e = dfp_environment(c);
    struct dfp_num r = fn(&e, f, dfp_operand(c, f, o->ra), dfp_operand(c, f, o->rb));

    dfp_result(c, o, f, &e, r);
}

static void dadd(struct cpu *c, const struct op *o, const struct dfp_format *f)
{
    binary(c, o, f, dfp_add);
}
DFP_BOTH(dadd)

static void dsub(struct cpu *c, const struct op *o, const struct dfp_format *f)
{
    binary(c, o, f, dfp_sub);
}
DFP_BOTH(dsub)

static void dmul(struct cpu *c, const struct op *o, const struct dfp_format *f)
{
    binary(c, o, f, dfp_mul);
}
DFP_BOTH(dmul)

static void ddiv(struct cpu *c, const struct op *o, const struct dfp_format *f)
{
    binary(c, o, f, dfp_div);
}
DFP_BOTH(ddiv)

/* -- compare -- */

static unsigned order_cc(enum dfp_order order)
{
    return order == DFP_LESS ? CR_LT : order == DFP_GREATER ? CR_GT : order == DFP_EQUAL ? CR_EQ : CR_SO;
}

/* Ordered compares object to quiet NaNs too, and to signalling ones twice if nobody traps. */
static uint32_t compare_flags(const struct cpu *c, const struct dfp_num *a, const struct dfp_num *b, bool ordered)
{
    if (a->kind == DFP_SNAN || b->kind == DFP_SNAN)
        return FPSCR_VXSNAN | (ordered && !(c->fpscr & FPSCR_VE) ? FPSCR_VXVC : 0);
    return ordered && (dfp_is_nan(a) || dfp_is_nan(b)) ? FPSCR_VXVC : 0;
}

static void compare(struct cpu *c, const struct op *o, const struct dfp_format *f, bool ordered)
{
    struct dfp_num a = dfp_operand(c, f, o->ra), b = dfp_operand(c, f, o->rb);

    dfp_set_cc(c, o, order_cc(dfp_compare(&a, &b)));
    fpscr_raise(c, compare_flags(c, &a, &b, ordered));
    fpscr_interrupt(c);
}

static void dcmpu(struct cpu *c, const struct op *o, const struct dfp_format *f)
{
    compare(c, o, f, false);
}
DFP_BOTH(dcmpu)

static void dcmpo(struct cpu *c, const struct op *o, const struct dfp_format *f)
{
    compare(c, o, f, true);
}
DFP_BOTH(dcmpo)

/* -- tests: sign in bit LT, match in bit EQ; no exceptions -- */

static void set_match(struct cpu *c, const struct op *o, const struct dfp_num *a, unsigned classes, unsigned which)
{
    dfp_set_cc(c, o, (a->sign ? CR_LT : 0u) | (classes >> which & 1 ? CR_EQ : 0u));
}

/* Bits of the mask from the left: zero, subnormal, normal, infinity, quiet NaN, signalling NaN. */
static void dtstdc(struct cpu *c, const struct op *o, const struct dfp_format *f)
{
    struct dfp_num a = dfp_operand(c, f, o->ra);
    unsigned which;

    if (a.kind == DFP_FINITE)
        which = !a.coef ? 5 : dfp_is_normal(f, &a) ? 3 : 4;
    else
        which = a.kind == DFP_INF ? 2 : a.kind == DFP_QNAN ? 1 : 0;
    set_match(c, o, &a, o->sh, which);
}
DFP_BOTH(dtstdc)

/* From the left: zero; zero with extreme exponent; subnormal or extreme exponent; normal with left-most digit 0; normal
 * with another left-most digit; infinity or NaN. */
static void dtstdg(struct cpu *c, const struct op *o, const struct dfp_format *f)
{
    struct dfp_num a = dfp_operand(c, f, o->ra);
    bool extreme = a.exp == dfp_exp_min(f) || a.exp == dfp_exp_max(f);
    unsigned which;

    if (a.kind != DFP_FINITE)
        which = 0;
    else if (!a.coef)
        which = extreme ? 4 : 5;
    else if (extreme || !dfp_is_normal(f, &a))
        which = 3;
    else
        which = dfp_digits(a.coef) < f->digits ? 2 : 1;
    set_match(c, o, &a, o->sh, which);
}
DFP_BOTH(dtstdg)

static void dtstex(struct cpu *c, const struct op *o, const struct dfp_format *f)
{
    struct dfp_num a = dfp_operand(c, f, o->ra), b = dfp_operand(c, f, o->rb);
    unsigned cc = CR_SO;

    if (a.kind == DFP_FINITE && b.kind == DFP_FINITE)
        cc = a.exp < b.exp ? CR_LT : a.exp > b.exp ? CR_GT : CR_EQ;
    else if ((dfp_is_nan(&a) && dfp_is_nan(&b)) || (a.kind == DFP_INF && b.kind == DFP_INF))
        cc = CR_EQ;
    dfp_set_cc(c, o, cc);
}
DFP_BOTH(dtstex)

static void test_significance(struct cpu *c, const struct op *o, const struct dfp_format *f, unsigned reference)
{
    struct dfp_num b = dfp_operand(c, f, o->rb);
    unsigned digits = dfp_digits(b.coef), cc;

    if (b.kind != DFP_FINITE)
        cc = CR_SO;
    else if (reference == 0 || reference > digits)
        cc = CR_GT;
    else
        cc = reference < digits ? CR_LT : CR_EQ;
    dfp_set_cc(c, o, cc);
}

static void dtstsf(struct cpu *c, const struct op *o, const struct dfp_format *f)
{
    test_significance(c, o, f, cpu_fpr(c, o->ra) & 63);
}
DFP_BOTH(dtstsf)

static void dtstsfi(struct cpu *c, const struct op *o, const struct dfp_format *f)
{
    test_significance(c, o, f, o->sh);
}
DFP_BOTH(dtstsfi)

#define V3 (ISA_FP | ISA_V3)

static const struct isa_row rows[] = {
    { "dadd", "111011 ttttt aaaaa bbbbb 0000000010 r", run_dadd, "t,a,b", ISA_FP },
    { "daddq", "111111 ttttt aaaaa bbbbb 0000000010 r", run_daddq, "t,a,b", ISA_FP },
    { "dsub", "111011 ttttt aaaaa bbbbb 1000000010 r", run_dsub, "t,a,b", ISA_FP },
    { "dsubq", "111111 ttttt aaaaa bbbbb 1000000010 r", run_dsubq, "t,a,b", ISA_FP },
    { "dmul", "111011 ttttt aaaaa bbbbb 0000100010 r", run_dmul, "t,a,b", ISA_FP },
    { "dmulq", "111111 ttttt aaaaa bbbbb 0000100010 r", run_dmulq, "t,a,b", ISA_FP },
    { "ddiv", "111011 ttttt aaaaa bbbbb 1000100010 r", run_ddiv, "t,a,b", ISA_FP },
    { "ddivq", "111111 ttttt aaaaa bbbbb 1000100010 r", run_ddivq, "t,a,b", ISA_FP },
    { "dcmpo", "111011 nnn xx aaaaa bbbbb 0010000010 x", run_dcmpo, "n,a,b", ISA_FP },
    { "dcmpoq", "111111 nnn xx aaaaa bbbbb 0010000010 x", run_dcmpoq, "n,a,b", ISA_FP },
    { "dcmpu", "111011 nnn xx aaaaa bbbbb 1010000010 x", run_dcmpu, "n,a,b", ISA_FP },
    { "dcmpuq", "111111 nnn xx aaaaa bbbbb 1010000010 x", run_dcmpuq, "n,a,b", ISA_FP },
    { "dtstdc", "111011 nnn xx aaaaa ssssss 011000010 x", run_dtstdc, "n,a,s", ISA_FP },
    { "dtstdcq", "111111 nnn xx aaaaa ssssss 011000010 x", run_dtstdcq, "n,a,s", ISA_FP },
    { "dtstdg", "111011 nnn xx aaaaa ssssss 011100010 x", run_dtstdg, "n,a,s", ISA_FP },
    { "dtstdgq", "111111 nnn xx aaaaa ssssss 011100010 x", run_dtstdgq, "n,a,s", ISA_FP },
    { "dtstex", "111011 nnn xx aaaaa bbbbb 0010100010 x", run_dtstex, "n,a,b", ISA_FP },
    { "dtstexq", "111111 nnn xx aaaaa bbbbb 0010100010 x", run_dtstexq, "n,a,b", ISA_FP },
    { "dtstsf", "111011 nnn xx aaaaa bbbbb 1010100010 x", run_dtstsf, "n,a,b", ISA_FP },
    { "dtstsfq", "111111 nnn xx aaaaa bbbbb 1010100010 x", run_dtstsfq, "n,a,b", ISA_FP },
    { "dtstsfi", "111011 nnn x ssssss bbbbb 1010100011 x", run_dtstsfi, "n,s,b", V3 },
    { "dtstsfiq", "111111 nnn x ssssss bbbbb 1010100011 x", run_dtstsfiq, "n,s,b", V3 },
};

ISA_CHAPTER(isa_dfp_arith, "Power ISA I, 5.6.1 to 5.6.3 decimal arithmetic, compare, test", rows);
