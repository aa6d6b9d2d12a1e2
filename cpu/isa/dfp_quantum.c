/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/isa/dfp_quantum.c - decimal quantize, reround and round to an integer: results with a
 * chosen exponent or digit count. */
#include "cpu/isa/chapters.h"
#include "cpu/isa/dfp_scalar.h"

/* RMC of dqua and drrnd, and of drintx and drintn with R = 0; then with R = 1. 3 is FPSCR[DRN]. */
static void set_rounding(struct dfp_env *e, unsigned rmc, bool secondary)
{
    static const uint8_t modes[2][4] = {
        { DFP_NEAREST_EVEN, DFP_TO_ZERO, DFP_NEAREST_AWAY, 0xFF },
        { DFP_UP, DFP_DOWN, DFP_AWAY, DFP_NEAREST_TO_ZERO },
    };

    if (modes[secondary][rmc] != 0xFF)
        e->rm = modes[secondary][rmc];
}

static struct dfp_num quantize(struct dfp_env *e, const struct dfp_format *f, struct dfp_num a, struct dfp_num b)
{
    struct dfp_num r;

    if (dfp_nan_result(e, &a, &b, &r))
        return r;
    if (a.kind == DFP_INF && b.kind == DFP_INF)
        return (struct dfp_num){ .kind = DFP_INF, .sign = b.sign };
    if (a.kind == DFP_INF || b.kind == DFP_INF) {
        e->flags |= FPSCR_VXCVI;
        return dfp_default_nan();
    }
    return dfp_quantize(e, f, b, a.exp);
}

/* The exponent in the instruction counts as a finite operand. */
static void dquai(struct cpu *c, const struct op *o, const struct dfp_format *f)
{
    struct dfp_env e = dfp_environment(c);
    struct dfp_num r;

    set_rounding(&e, o->n, false);
    r = quantize(&e, f, (struct dfp_num){ .exp = o->imm }, dfp_operand(c, f, o->rb));
    dfp_result(c, o, f, &e, r);
}
DFP_BOTH(dquai)

static void dqua(struct cpu *c, const struct op *o, const struct dfp_format *f)
{
    struct dfp_env e = dfp_environment(c);
    struct dfp_num r;

    set_rounding(&e, o->n, false);
    r = quantize(&e, f, dfp_operand(c, f, o->ra), dfp_operand(c, f, o->rb));
    dfp_result(c, o, f, &e, r);
}
DFP_BOTH(dqua)

/* Special operands of drrnd, drintx and drintn: true when r is the result. */
static bool special(struct dfp_env *e, const struct dfp_num *b, struct dfp_num *r)
{
    *r = (struct dfp_num){ .kind = b->kind, .sign = b->sign };
    return dfp_nan_result(e, b, b, r) || b->kind == DFP_INF;
}

/* The number of digits is the low 6 bits of FRA, one FPR in both forms. */
static void drrnd(struct cpu *c, const struct op *o, const struct dfp_format *f)
{
    struct dfp_env e = dfp_environment(c);
    struct dfp_num b = dfp_operand(c, f, o->rb), r;

    set_rounding(&e, o->n, false);
    if (!special(&e, &b, &r))
        r = dfp_reround(&e, f, b, cpu_fpr(c, o->ra) & 63);
    dfp_result(c, o, f, &e, r);
}
DFP_BOTH(drrnd)

/* Field n is R, p is RMC. */
static void round_to_integer(struct cpu *c, const struct op *o, const struct dfp_format *f, bool exceptions)
{
    struct dfp_env e = dfp_environment(c);
    struct dfp_num b = dfp_operand(c, f, o->rb), r;

    set_rounding(&e, o->p, o->n);
    if (!special(&e, &b, &r))
        r = b.exp < 0 ? dfp_quantize(&e, f, b, 0) : b;
    if (!exceptions)
        e.flags &= ~(FPSCR_XX | FPSCR_FI | FPSCR_FR);
    dfp_result(c, o, f, &e, r);
}

static void drintx(struct cpu *c, const struct op *o, const struct dfp_format *f)
{
    round_to_integer(c, o, f, true);
}
DFP_BOTH(drintx)

static void drintn(struct cpu *c, const struct op *o, const struct dfp_format *f)
{
    round_to_integer(c, o, f, false);
}
DFP_BOTH(drintn)

static const struct isa_row rows[] = {
    { "dqua", "111011 ttttt aaaaa bbbbb nn 00000011 r", run_dqua, "t,a,b,n", ISA_FP },
    { "dquaq", "111111 ttttt aaaaa bbbbb nn 00000011 r", run_dquaq, "t,a,b,n", ISA_FP },
    { "dquai", "111011 ttttt iiiii bbbbb nn 01000011 r", run_dquai, "i,t,b,n", ISA_FP },
    { "dquaiq", "111111 ttttt iiiii bbbbb nn 01000011 r", run_dquaiq, "i,t,b,n", ISA_FP },
    { "drrnd", "111011 ttttt aaaaa bbbbb nn 00100011 r", run_drrnd, "t,a,b,n", ISA_FP },
    { "drrndq", "111111 ttttt aaaaa bbbbb nn 00100011 r", run_drrndq, "t,a,b,n", ISA_FP },
    { "drintx", "111011 ttttt xxxx n bbbbb pp 01100011 r", run_drintx, "n,t,b,p", ISA_FP },
    { "drintxq", "111111 ttttt xxxx n bbbbb pp 01100011 r", run_drintxq, "n,t,b,p", ISA_FP },
    { "drintn", "111011 ttttt xxxx n bbbbb pp 11100011 r", run_drintn, "n,t,b,p", ISA_FP },
    { "drintnq", "111111 ttttt xxxx n bbbbb pp 11100011 r", run_drintnq, "n,t,b,p", ISA_FP },
};

ISA_CHAPTER(isa_dfp_quantum, "Power ISA I, 5.6.4 decimal quantum adjustment", rows);
