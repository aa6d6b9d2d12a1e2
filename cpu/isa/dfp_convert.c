/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/isa/dfp_convert.c - decimal conversions: between formats, with integers, with packed
 * digits; parts of a number. */
#include "cpu/isa/chapters.h"
#include "cpu/isa/dfp_scalar.h"

/* -- between formats -- */

/* A short is a storage format: its signalling NaNs pass silently. The payload of a NaN keeps its right-most digits. */
static void run_dctdp(struct cpu *c, const struct op *o)
{
    struct dfp_env e = dfp_environment(c);
    struct dfp_num b = dfp_unpack(&dfp_short, (uint32_t)cpu_fpr(c, o->rb));

    if (b.kind == DFP_INF)
        b.coef = 0;
    dfp_result(c, o, &dfp_long, &e, b);
}

static void run_drsp(struct cpu *c, const struct op *o)
{
    struct dfp_env e = dfp_environment(c);
    struct dfp_num r = dfp_operand(c, &dfp_long, o->rb);

    if (r.kind == DFP_FINITE)
        r = dfp_round(&e, &dfp_short, r, false, r.exp);
    else if (r.kind == DFP_INF)
        r.coef = 0;
    if (fpscr_scalar(c, e.flags, dfp_class(&dfp_short, &r)))
        cpu_set_fpr(c, o->rt, (uint64_t)dfp_pack(&dfp_short, &r));
    dfp_finish(c, o);
}

/* Infinities and NaNs between long and extended. */
static struct dfp_num convert_special(struct dfp_env *e, struct dfp_num b)
{
    struct dfp_num r = { .kind = b.kind, .sign = b.sign };

    dfp_nan_result(e, &b, &b, &r);
    return r;
}

static void run_dctqpq(struct cpu *c, const struct op *o)
{
    struct dfp_env e = dfp_environment(c);
    struct dfp_num b = dfp_operand(c, &dfp_long, o->rb);

    dfp_result(c, o, &dfp_extended, &e, b.kind == DFP_FINITE ? b : convert_special(&e, b));
}

/* The long result goes to the even register of the pair; the odd one, which the book leaves undefined, becomes 0. */
static void run_drdpq(struct cpu *c, const struct op *o)
{
    struct dfp_env e = dfp_environment(c);
    struct dfp_num b = dfp_operand(c, &dfp_extended, o->rb), r;

    e.adjust = 3072;
    r = b.kind == DFP_FINITE ? dfp_round(&e, &dfp_long, b, false, b.exp) : convert_special(&e, b);
    if (fpscr_scalar(c, e.flags, dfp_class(&dfp_long, &r)))
        dfp_set(c, &dfp_extended, o->rt, dfp_pack(&dfp_long, &r) << 64);
    dfp_finish(c, o);
}

/* -- integers: one FPR in both forms -- */

static void dcffix(struct cpu *c, const struct op *o, const struct dfp_format *f)
{
    struct dfp_env e = dfp_environment(c);
    struct dfp_num r = dfp_from_int64((int64_t)cpu_fpr(c, o->rb));

    r = dfp_round(&e, f, r, false, 0);
    dfp_result(c, o, f, &e, r);
}
DFP_BOTH(dcffix)

static void dctfix(struct cpu *c, const struct op *o, const struct dfp_format *f)
{
    struct dfp_env e = dfp_environment(c);
    struct dfp_num b = dfp_operand(c, f, o->rb);
    int64_t r = dfp_to_int64(&e, &b);

    if (fpscr_scalar_keep_fprf(c, e.flags))
        cpu_set_fpr(c, o->rt, (uint64_t)r);
    dfp_finish(c, o);
}
DFP_BOTH(dctfix)

/* -- packed digits: field n is SP or S; a sign code takes the place of one digit -- */

static void ddedpd(struct cpu *c, const struct op *o, const struct dfp_format *f)
{
    struct dfp_num b = dfp_operand(c, f, o->rb);
    unsigned n = f == &dfp_extended ? 32 : 16;
    dfp_int r;

    if (o->n & 2)
        r = dfp_to_bcd(b.coef, n - 1) << 4 | (b.sign ? 0xD : o->n & 1 ? 0xF : 0xC);
    else
        r = dfp_to_bcd(b.coef, n);
    dfp_set(c, f, o->rt, r);
    dfp_record(c, o);
}
DFP_BOTH(ddedpd)

static void denbcd(struct cpu *c, const struct op *o, const struct dfp_format *f)
{
    struct dfp_env e = dfp_environment(c);
    unsigned n = f == &dfp_extended ? 32 : 16;
    dfp_int bcd = dfp_get(c, f, o->rb);
    unsigned sign = bcd & 15;
    struct dfp_num r = { .sign = o->n && (sign == 0xB || sign == 0xD) };

    if (!(o->n ? sign >= 0xA && dfp_from_bcd(bcd >> 4, n - 1, &r.coef) : dfp_from_bcd(bcd, n, &r.coef))) {
        e.flags = FPSCR_VXCVI;
        r = dfp_default_nan();
    }
    dfp_result(c, o, f, &e, r);
}
DFP_BOTH(denbcd)

/* -- biased exponents; -1, -2, -3 stand for infinity, quiet and signalling NaN -- */

static void dxex(struct cpu *c, const struct op *o, const struct dfp_format *f)
{
    struct dfp_num b = dfp_operand(c, f, o->rb);
    int64_t r = b.kind == DFP_FINITE ? b.exp + f->bias : b.kind == DFP_INF ? -1 : b.kind == DFP_QNAN ? -2 : -3;

    cpu_set_fpr(c, o->rt, (uint64_t)r);
    dfp_record(c, o);
}
DFP_BOTH(dxex)

/* Any other exponent out of range makes a quiet NaN.  The digits of the trailing significand stay. */
static void diex(struct cpu *c, const struct op *o, const struct dfp_format *f)
{
    int64_t exp = (int64_t)cpu_fpr(c, o->ra);
    struct dfp_num r = dfp_operand(c, f, o->rb);

    if (exp >= 0 && exp <= f->max_biased) {
        r.kind = DFP_FINITE;
        r.exp = (int32_t)exp - f->bias;
    } else {
        r.kind = exp == -1 ? DFP_INF : exp == -3 ? DFP_SNAN : DFP_QNAN;
    }
    dfp_set(c, f, o->rt, dfp_pack(f, &r));
    dfp_record(c, o);
}
DFP_BOTH(diex)

/* -- shifts of the significand; infinities and NaNs have one digit less -- */

static void shift(struct cpu *c, const struct op *o, const struct dfp_format *f, bool left)
{
    struct dfp_num r = dfp_operand(c, f, o->ra);
    unsigned digits = f->digits - (r.kind != DFP_FINITE);

    if (o->sh >= digits)
        r.coef = 0;
    else if (left)
        r.coef = r.coef % dfp_pow10(digits - o->sh) * dfp_pow10(o->sh);
    else
        r.coef /= dfp_pow10(o->sh);
    dfp_set(c, f, o->rt, dfp_pack(f, &r));
    dfp_record(c, o);
}

static void dscli(struct cpu *c, const struct op *o, const struct dfp_format *f)
{
    shift(c, o, f, true);
}
DFP_BOTH(dscli)

static void dscri(struct cpu *c, const struct op *o, const struct dfp_format *f)
{
    shift(c, o, f, false);
}
DFP_BOTH(dscri)

static const struct isa_row rows[] = {
    { "dctdp", "111011 ttttt xxxxx bbbbb 0100000010 r", run_dctdp, "t,b", ISA_FP },
    { "dctqpq", "111111 ttttt xxxxx bbbbb 0100000010 r", run_dctqpq, "t,b", ISA_FP },
    { "drsp", "111011 ttttt xxxxx bbbbb 1100000010 r", run_drsp, "t,b", ISA_FP },
    { "drdpq", "111111 ttttt xxxxx bbbbb 1100000010 r", run_drdpq, "t,b", ISA_FP },
    { "dctfix", "111011 ttttt xxxxx bbbbb 0100100010 r", run_dctfix, "t,b", ISA_FP },
    { "dctfixq", "111111 ttttt xxxxx bbbbb 0100100010 r", run_dctfixq, "t,b", ISA_FP },
    { "dcffix", "111011 ttttt xxxxx bbbbb 1100100010 r", run_dcffix, "t,b", ISA_FP },
    { "dcffixq", "111111 ttttt xxxxx bbbbb 1100100010 r", run_dcffixq, "t,b", ISA_FP },
    { "ddedpd", "111011 ttttt nn xxx bbbbb 0101000010 r", run_ddedpd, "n,t,b", ISA_FP },
    { "ddedpdq", "111111 ttttt nn xxx bbbbb 0101000010 r", run_ddedpdq, "n,t,b", ISA_FP },
    { "denbcd", "111011 ttttt n xxxx bbbbb 1101000010 r", run_denbcd, "n,t,b", ISA_FP },
    { "denbcdq", "111111 ttttt n xxxx bbbbb 1101000010 r", run_denbcdq, "n,t,b", ISA_FP },
    { "dxex", "111011 ttttt xxxxx bbbbb 0101100010 r", run_dxex, "t,b", ISA_FP },
    { "dxexq", "111111 ttttt xxxxx bbbbb 0101100010 r", run_dxexq, "t,b", ISA_FP },
    { "diex", "111011 ttttt aaaaa bbbbb 1101100010 r", run_diex, "t,a,b", ISA_FP },
    { "diexq", "111111 ttttt aaaaa bbbbb 1101100010 r", run_diexq, "t,a,b", ISA_FP },
    { "dscli", "111011 ttttt aaaaa ssssss 001000010 r", run_dscli, "t,a,s", ISA_FP },
    { "dscliq", "111111 ttttt aaaaa ssssss 001000010 r", run_dscliq, "t,a,s", ISA_FP },
    { "dscri", "111011 ttttt aaaaa ssssss 001100010 r", run_dscri, "t,a,s", ISA_FP },
    { "dscriq", "111111 ttttt aaaaa ssssss 001100010 r", run_dscriq, "t,a,s", ISA_FP },
};

ISA_CHAPTER(isa_dfp_convert, "Power ISA I, 5.6.5 and 5.6.6 decimal conversion and format", rows);
