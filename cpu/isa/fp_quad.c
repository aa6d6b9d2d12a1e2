/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/isa/fp_quad.c - quad precision: arithmetic, compare, conversion, rounding, parts. Spec: Power ISA 3.0 I, 7.6.3
 * (xs*qp*). Registers are VR numbers (VSR 32-63); the facility is MSR[VSX].
 * The "o" forms round to odd whatever FPSCR[RN] says. */
#include "cpu/isa/chapters.h"
#include "cpu/isa/fp_scalar.h"
#include "cpu/isa/fp_test.h"

#define SIGN ((fp_bits)1 << 127)

static fp_bits vr(const struct cpu *c, unsigned n)
{
    return c->vsr[32 + n].q;
}

static struct fp_num operand(const struct cpu *c, unsigned n)
{
    return fp_unpack(&fp_quad, vr(c, n));
}

static void set_vr(struct cpu *c, unsigned n, fp_bits v)
{
    c->vsr[32 + n].q = v;
}

static struct fp_env env(const struct cpu *c, const struct op *o)
{
    struct fp_env e = fpscr_env(c);

    e.wide = true;
    if (o->oe)
        e.rm = FPR_ODD;
    return e;
}

/* r is rounded already; `f` gives the class. */
static void finish(struct cpu *c, const struct op *o, uint32_t flags, const struct fp_format *f, const struct fp_num *r)
{
    if (fpscr_scalar(c, flags, fp_class(f, r)))
        set_vr(c, o->rt, fp_pack(&fp_quad, r));
    fpscr_interrupt(c);
}

typedef struct fp_num binary_fn(struct fp_env *e, struct fp_num a, struct fp_num b);
typedef struct fp_num ternary_fn(struct fp_env *e, struct fp_num a, struct fp_num c, struct fp_num b);

static void binary(struct cpu *c, const struct op *o, binary_fn *fn)
{
    struct fp_env e = env(c, o);
    struct fp_num r = fp_round(&e, &fp_quad, fn(&e, operand(c, o->ra), operand(c, o->rb)));

    finish(c, o, e.flags, &fp_quad, &r);
}

/* VRT <- VRA * VRB + VRT, negated after rounding unless a NaN. */
static void ternary(struct cpu *c, const struct op *o, ternary_fn *fn, bool negate)
{
    struct fp_env e = env(c, o);
    struct fp_num r = fp_round(&e, &fp_quad, fn(&e, operand(c, o->ra), operand(c, o->rb), operand(c, o->rt)));

    r.sign ^= negate && !fp_is_nan(&r);
    finish(c, o, e.flags, &fp_quad, &r);
}

#define ARITH(name, how, ...)                                                                                         \
    static void run_##name(struct cpu *c, const struct op *o)                                                         \
    {                                                                                                                 \
        how(c, o, __VA_ARGS__);                                                                                       \
    }
ARITH(xsaddqp, binary, fp_add)
ARITH(xssubqp, binary, fp_sub)
ARITH(xsmulqp, binary, fp_mul)
ARITH(xsdivqp, binary, fp_div)
ARITH(xsmaddqp, ternary, fp_fma, false)
ARITH(xsmsubqp, ternary, fp_fms, false)
ARITH(xsnmaddqp, ternary, fp_fma, true)
ARITH(xsnmsubqp, ternary, fp_fms, true)

static void run_xssqrtqp(struct cpu *c, const struct op *o)
{
    struct fp_env e = env(c, o);
    struct fp_num r = fp_round(&e, &fp_quad, fp_sqrt(&e, operand(c, o->rb)));

    finish(c, o, e.flags, &fp_quad, &r);
}

/* -- compare and test -- */

static void set_fpcc(struct cpu *c, const struct op *o, unsigned cc)
{
    c->fpscr = (c->fpscr & ~(uint64_t)FPSCR_FPCC) | cc << FPSCR_FPRF_SHIFT;
    c->cr[o->n] = (uint8_t)cc;
}

static void compare(struct cpu *c, const struct op *o, bool ordered)
{
    struct fp_num a = operand(c, o->ra), b = operand(c, o->rb);
    unsigned cc = fp_compare(&a, &b);

    set_fpcc(c, o, cc);
    if (a.kind == FPK_SNAN || b.kind == FPK_SNAN)
        fpscr_raise(c, FPSCR_VXSNAN | (ordered && !(c->fpscr & FPSCR_VE) ? FPSCR_VXVC : 0));
    else if (ordered && cc == CR_SO)
        fpscr_raise(c, FPSCR_VXVC);
    fpscr_interrupt(c);
}

ARITH(xscmpuqp, compare, false)
ARITH(xscmpoqp, compare, true)

static void run_xscmpexpqp(struct cpu *c, const struct op *o)
{
    set_fpcc(c, o, fp_compare_exponents(&fp_quad, vr(c, o->ra), vr(c, o->rb)));
}

static void run_xststdcqp(struct cpu *c, const struct op *o)
{
    fp_bits b = vr(c, o->rb);

    set_fpcc(c, o, (b & SIGN ? CR_LT : 0) | (fp_data_class(&fp_quad, b, o->p) ? CR_EQ : 0));
}

/* -- conversion -- */

static void run_xscvqpdp(struct cpu *c, const struct op *o)
{
    struct fp_env e = env(c, o);
    struct fp_num r = fp_convert(&e, &fp_double, operand(c, o->rb));

    if (fpscr_scalar(c, e.flags, fp_class(&fp_double, &r)))
        set_vr(c, o->rt, fp_pack(&fp_double, &r) << 64);
    fpscr_interrupt(c);
}

static void run_xscvdpqp(struct cpu *c, const struct op *o)
{
    struct fp_env e = env(c, o);
    struct fp_num r = fp_convert(&e, &fp_quad, fp_operand(c, 32u + o->rb));

    finish(c, o, e.flags, &fp_quad, &r);
}

static void to_int(struct cpu *c, const struct op *o, unsigned bits, bool is_signed)
{
    struct fp_env e = env(c, o);
    struct fp_num x = operand(c, o->rb);
    uint64_t v = fp_to_int(&e, &x, bits, is_signed, FPR_ZERO);

    if (fpscr_scalar_keep_fprf(c, e.flags))
        set_vr(c, o->rt, (fp_bits)v << 64);
    fpscr_interrupt(c);
}

ARITH(xscvqpsdz, to_int, 64, true)
ARITH(xscvqpswz, to_int, 32, true)
ARITH(xscvqpudz, to_int, 64, false)
ARITH(xscvqpuwz, to_int, 32, false)

static void from_int(struct cpu *c, const struct op *o, bool is_signed)
{
    uint64_t v = cpu_fpr(c, 32u + o->rb);
    bool negative = is_signed && v >> 63;
    struct fp_num r = fp_from_int(negative, negative ? 0 - v : v);

    finish(c, o, 0, &fp_quad, &r);
}

ARITH(xscvsdqp, from_int, true)
ARITH(xscvudqp, from_int, false)

/* -- rounding; R (n) and RMC (p) choose the mode -- */

static enum fp_rounding chosen(const struct cpu *c, const struct op *o)
{
    if (o->n)
        return (enum fp_rounding)o->p;
    return o->p == 3 ? (enum fp_rounding)(c->fpscr & FPSCR_RN) : FPR_AWAY;
}

static void integral(struct cpu *c, const struct op *o, uint32_t shown)
{
    struct fp_env e = env(c, o);
    struct fp_num r = fp_to_integral(&e, operand(c, o->rb), chosen(c, o));

    finish(c, o, e.flags & shown, &fp_quad, &r);
}

ARITH(xsrqpi, integral, ~(FPSCR_XX | FPSCR_FR | FPSCR_FI))
ARITH(xsrqpix, integral, ~0u)

static void run_xsrqpxp(struct cpu *c, const struct op *o)
{
    struct fp_env e = env(c, o);
    struct fp_num r;

    e.rm = (uint8_t)chosen(c, o);
    r = fp_convert(&e, &fp_extended, operand(c, o->rb));
    finish(c, o, e.flags, &fp_quad, &r);
}

/* -- sign, exponent, significand -- */

static void run_xsabsqp(struct cpu *c, const struct op *o)
{
    set_vr(c, o->rt, vr(c, o->rb) & ~SIGN);
}

static void run_xsnabsqp(struct cpu *c, const struct op *o)
{
    set_vr(c, o->rt, vr(c, o->rb) | SIGN);
}

static void run_xsnegqp(struct cpu *c, const struct op *o)
{
    set_vr(c, o->rt, vr(c, o->rb) ^ SIGN);
}

static void run_xscpsgnqp(struct cpu *c, const struct op *o)
{
    set_vr(c, o->rt, (vr(c, o->ra) & SIGN) | (vr(c, o->rb) & ~SIGN));
}

static void run_xsiexpqp(struct cpu *c, const struct op *o)
{
    fp_bits exponent = (fp_bits)0x7FFF << 112;

    set_vr(c, o->rt, (vr(c, o->ra) & ~exponent) | (vr(c, o->rb) >> 64 & 0x7FFF) << 112);
}

static void run_xsxexpqp(struct cpu *c, const struct op *o)
{
    set_vr(c, o->rt, (vr(c, o->rb) >> 112 & 0x7FFF) << 64);
}

static void run_xsxsigqp(struct cpu *c, const struct op *o)
{
    set_vr(c, o->rt, fp_significand(&fp_quad, vr(c, o->rb)));
}

static const struct isa_row rows[] = {
    { "xsrqpi", "111111 ttttt xxxxn bbbbb pp00000101 0", run_xsrqpi, "n,t,b,p", ISA_VSX | ISA_V3 },
    { "xsrqpix", "111111 ttttt xxxxn bbbbb pp00000101 1", run_xsrqpix, "n,t,b,p", ISA_VSX | ISA_V3 },
    { "xsrqpxp", "111111 ttttt xxxxn bbbbb pp00100101 x", run_xsrqpxp, "n,t,b,p", ISA_VSX | ISA_V3 },
    { "xsaddqp", "111111 ttttt aaaaa bbbbb 0000000100 o", run_xsaddqp, "t,a,b", ISA_VSX | ISA_V3 },
    { "xssubqp", "111111 ttttt aaaaa bbbbb 1000000100 o", run_xssubqp, "t,a,b", ISA_VSX | ISA_V3 },
    { "xsmulqp", "111111 ttttt aaaaa bbbbb 0000100100 o", run_xsmulqp, "t,a,b", ISA_VSX | ISA_V3 },
    { "xsdivqp", "111111 ttttt aaaaa bbbbb 1000100100 o", run_xsdivqp, "t,a,b", ISA_VSX | ISA_V3 },
    { "xssqrtqp", "111111 ttttt 11011 bbbbb 1100100100 o", run_xssqrtqp, "t,b", ISA_VSX | ISA_V3 },
    { "xsmaddqp", "111111 ttttt aaaaa bbbbb 0110000100 o", run_xsmaddqp, "t,a,b", ISA_VSX | ISA_V3 },
    { "xsmsubqp", "111111 ttttt aaaaa bbbbb 0110100100 o", run_xsmsubqp, "t,a,b", ISA_VSX | ISA_V3 },
    { "xsnmaddqp", "111111 ttttt aaaaa bbbbb 0111000100 o", run_xsnmaddqp, "t,a,b", ISA_VSX | ISA_V3 },
    { "xsnmsubqp", "111111 ttttt aaaaa bbbbb 0111100100 o", run_xsnmsubqp, "t,a,b", ISA_VSX | ISA_V3 },
    { "xscmpuqp", "111111 nnnxx aaaaa bbbbb 1010000100 x", run_xscmpuqp, "n,a,b", ISA_VSX | ISA_V3 },
    { "xscmpoqp", "111111 nnnxx aaaaa bbbbb 0010000100 x", run_xscmpoqp, "n,a,b", ISA_VSX | ISA_V3 },
    { "xscmpexpqp", "111111 nnnxx aaaaa bbbbb 0010100100 x", run_xscmpexpqp, "n,a,b", ISA_VSX | ISA_V3 },
    { "xststdcqp", "111111 nnnpp ppppp bbbbb 1011000100 x", run_xststdcqp, "n,b,p", ISA_VSX | ISA_V3 },
    { "xscvqpdp", "111111 ttttt 10100 bbbbb 1101000100 o", run_xscvqpdp, "t,b", ISA_VSX | ISA_V3 },
    { "xscvdpqp", "111111 ttttt 10110 bbbbb 1101000100 x", run_xscvdpqp, "t,b", ISA_VSX | ISA_V3 },
    { "xscvqpsdz", "111111 ttttt 11001 bbbbb 1101000100 x", run_xscvqpsdz, "t,b", ISA_VSX | ISA_V3 },
    { "xscvqpswz", "111111 ttttt 01001 bbbbb 1101000100 x", run_xscvqpswz, "t,b", ISA_VSX | ISA_V3 },
    { "xscvqpudz", "111111 ttttt 10001 bbbbb 1101000100 x", run_xscvqpudz, "t,b", ISA_VSX | ISA_V3 },
    { "xscvqpuwz", "111111 ttttt 00001 bbbbb 1101000100 x", run_xscvqpuwz, "t,b", ISA_VSX | ISA_V3 },
    { "xscvsdqp", "111111 ttttt 01010 bbbbb 1101000100 x", run_xscvsdqp, "t,b", ISA_VSX | ISA_V3 },
    { "xscvudqp", "111111 ttttt 00010 bbbbb 1101000100 x", run_xscvudqp, "t,b", ISA_VSX | ISA_V3 },
    { "xsabsqp", "111111 ttttt 00000 bbbbb 1100100100 x", run_xsabsqp, "t,b", ISA_VSX | ISA_V3 },
    { "xsnabsqp", "111111 ttttt 01000 bbbbb 1100100100 x", run_xsnabsqp, "t,b", ISA_VSX | ISA_V3 },
    { "xsnegqp", "111111 ttttt 10000 bbbbb 1100100100 x", run_xsnegqp, "t,b", ISA_VSX | ISA_V3 },
    { "xscpsgnqp", "111111 ttttt aaaaa bbbbb 0001100100 x", run_xscpsgnqp, "t,a,b", ISA_VSX | ISA_V3 },
    { "xsiexpqp", "111111 ttttt aaaaa bbbbb 1101100100 x", run_xsiexpqp, "t,a,b", ISA_VSX | ISA_V3 },
    { "xsxexpqp", "111111 ttttt 00010 bbbbb 1100100100 x", run_xsxexpqp, "t,b", ISA_VSX | ISA_V3 },
    { "xsxsigqp", "111111 ttttt 10010 bbbbb 1100100100 x", run_xsxsigqp, "t,b", ISA_VSX | ISA_V3 },
};

ISA_CHAPTER(isa_fp_quad, "Power ISA I, 7.6.3 quad-precision floating point", rows);
