/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/isa/fp_convert.c - scalar rounding and conversion: FPR forms and their VSX twins.
 * Spec: Power ISA I, 4.6.7, 7.6.3.
 *
 * Where the book leaves part of the target undefined: fctiw* sign- or zero-extend their word; VSX forms that make a
 * word or a single write it to words 0 and 1; doubleword 1 is 0.
 * FPRF is undefined after a conversion to integer: it stays. */
#include "cpu/isa/chapters.h"
#include "cpu/isa/fp_scalar.h"

#define ROUND_NEWS (FPSCR_XX | FPSCR_FR | FPSCR_FI)

static void frsp_exact(struct cpu *c, const struct op *o)
{
    struct fp_env e = fpscr_env(c);
    struct fp_num r = fp_convert(&e, &fp_single, fp_operand(c, o->rb));

    if (fpscr_scalar(c, e.flags, fp_class(&fp_single, &r)))
        cpu_set_fpr(c, o->rt, (uint64_t)fp_pack(&fp_double, &r));
    fp_finish(c, o);
}

static void run_frsp(struct cpu *c, const struct op *o)
{
    struct fp_fast x;
    uint32_t flags = 0;

    if (FP_LIKELY(fp_fast_unpack(&fp_double, cpu_fpr(c, o->rb), &x) &&
                  fp_fast_round(&fp_single, c->fpscr & FPSCR_RN, &x, &flags)))
        fp_fast_result(c, o, flags, &x);
    else
        frsp_exact(c, o);
}

/* -- to integers -- */

static void to_int_exact(struct cpu *c, const struct op *o, unsigned bits, bool is_signed, bool chop, bool twice)
{
    struct fp_env e = fpscr_env(c);
    struct fp_num x = fp_operand(c, o->rb);
    uint64_t v = fp_to_int(&e, &x, bits, is_signed, chop ? FPR_ZERO : (enum fp_rounding)e.rm);

    if (twice)
        v = v << 32 | (uint32_t)v;
    if (fpscr_scalar_keep_fprf(c, e.flags))
        cpu_set_fpr(c, o->rt, v);
    fp_finish(c, o);
}

/* Magnitudes from 1 to well inside the range the short way. */
FP_INLINE void to_int(struct cpu *c, const struct op *o, unsigned bits, bool is_signed, bool chop, bool twice)
{
    struct fp_fast x;
    uint32_t flags = 0;
    uint64_t v;

    if (!FP_LIKELY(fp_fast_unpack(&fp_double, cpu_fpr(c, o->rb), &x) && x.exp < (int)bits - 2 &&
                   (is_signed || !x.sign) && fp_fast_integral(&x, chop ? FPR_ZERO : c->fpscr & FPSCR_RN, &flags))) {
        to_int_exact(c, o, bits, is_signed, chop, twice);
        return;
    }
    v = x.sig >> (63 - x.exp);
    v = x.sign ? 0 - v : v;
    fpscr_scalar_keep_fprf(c, flags);
    cpu_set_fpr(c, o->rt, twice ? v << 32 | (uint32_t)v : v);
    fp_finish(c, o);
}

#define TO_INT(name, ...)                                                                                             \
    static void run_##name(struct cpu *c, const struct op *o)                                                         \
    {                                                                                                                 \
        to_int(c, o, __VA_ARGS__);                                                                                    \
    }
TO_INT(fctid, 64, true, false, false)
TO_INT(fctidz, 64, true, true, false)
TO_INT(fctidu, 64, false, false, false)
TO_INT(fctiduz, 64, false, true, false)
TO_INT(fctiw, 32, true, false, false)
TO_INT(fctiwz, 32, true, true, false)
TO_INT(fctiwu, 32, false, false, false)
TO_INT(fctiwuz, 32, false, true, false)
TO_INT(xscvdpsxws, 32, true, true, true)
TO_INT(xscvdpuxws, 32, false, true, true)

/* -- from integers -- */

FP_INLINE void from_int(struct cpu *c, const struct op *o, bool is_signed, const struct fp_format *f)
{
    uint64_t v = cpu_fpr(c, o->rb);
    bool negative = is_signed && v >> 63;
    struct fp_env e = fpscr_env(c);
    struct fp_fast x;
    uint32_t flags = 0;

    v = negative ? 0 - v : v;
    if (FP_LIKELY(fp_fast_from_int(v, negative, &x) && fp_fast_round(f, e.rm, &x, &flags)))
        fp_fast_result(c, o, flags, &x);
    else
        fp_result(c, o, &e, f, fp_from_int(negative, v));
}

static void run_fcfid(struct cpu *c, const struct op *o)
{
    from_int(c, o, true, &fp_double);
}

static void run_fcfidu(struct cpu *c, const struct op *o)
{
    from_int(c, o, false, &fp_double);
}

static void run_fcfids(struct cpu *c, const struct op *o)
{
    from_int(c, o, true, &fp_single);
}

static void run_fcfidus(struct cpu *c, const struct op *o)
{
    from_int(c, o, false, &fp_single);
}

/* -- to integral values -- */

static void integral_exact(struct cpu *c, const struct op *o, enum fp_rounding rm, uint32_t shown)
{
    struct fp_env e = fpscr_env(c);
    struct fp_num r = fp_to_integral(&e, fp_operand(c, o->rb), rm);

    if (fpscr_scalar(c, e.flags & shown, fp_class(&fp_double, &r)))
        cpu_set_fpr(c, o->rt, (uint64_t)fp_pack(&fp_double, &r));
    fp_finish(c, o);
}

FP_INLINE void integral(struct cpu *c, const struct op *o, enum fp_rounding rm, uint32_t shown)
{
    struct fp_fast x;
    uint32_t flags = 0;

    if (FP_LIKELY(fp_fast_unpack(&fp_double, cpu_fpr(c, o->rb), &x) && fp_fast_integral(&x, rm, &flags)))
        fp_fast_result(c, o, flags & shown, &x);
    else
        integral_exact(c, o, rm, shown);
}

static void run_frin(struct cpu *c, const struct op *o)
{
    integral(c, o, FPR_AWAY, ~ROUND_NEWS);
}

static void run_friz(struct cpu *c, const struct op *o)
{
    integral(c, o, FPR_ZERO, ~ROUND_NEWS);
}

static void run_frip(struct cpu *c, const struct op *o)
{
    integral(c, o, FPR_UP, ~ROUND_NEWS);
}

static void run_frim(struct cpu *c, const struct op *o)
{
    integral(c, o, FPR_DOWN, ~ROUND_NEWS);
}

static void run_xsrdpic(struct cpu *c, const struct op *o)
{
    integral(c, o, (enum fp_rounding)(c->fpscr & FPSCR_RN), ~0u);
}

/* -- between formats -- */

/* Doubleword 0 of XB, from bit 63 - shift up, in format `from`;
 * the result packed in format `to`, `copies` times 32 bits. */
static void reformat(struct cpu *c, const struct op *o, const struct fp_format *from, unsigned shift,
                     const struct fp_format *to, bool twice)
{
    struct fp_env e = fpscr_env(c);
    unsigned width = 1u + from->exp_bits + from->frac_bits;
    uint64_t in = cpu_fpr(c, o->rb) >> shift & (width < 64 ? (1ull << width) - 1 : ~0ull), v;
    struct fp_num r = fp_convert(&e, to, fp_unpack(from, in));

    v = (uint64_t)fp_pack(to, &r);
    if (fpscr_scalar(c, e.flags, fp_class(to, &r)))
        cpu_set_fpr(c, o->rt, twice ? v << 32 | v : v);
    fp_finish(c, o);
}

static void run_xscvdpsp(struct cpu *c, const struct op *o)
{
    reformat(c, o, &fp_double, 0, &fp_single, true);
}

static void run_xscvspdp(struct cpu *c, const struct op *o)
{
    reformat(c, o, &fp_single, 32, &fp_double, false);
}

static void run_xscvdphp(struct cpu *c, const struct op *o)
{
    reformat(c, o, &fp_double, 0, &fp_half, false);
}

static void run_xscvhpdp(struct cpu *c, const struct op *o)
{
    reformat(c, o, &fp_half, 0, &fp_double, false);
}

/* The n forms change representation only: no exception, no FPSCR, a signalling NaN stays one. */
static void run_xscvdpspn(struct cpu *c, const struct op *o)
{
    uint64_t v = fp_double_to_single(cpu_fpr(c, o->rb));

    cpu_set_fpr(c, o->rt, v << 32 | v);
}

static void run_xscvspdpn(struct cpu *c, const struct op *o)
{
    cpu_set_fpr(c, o->rt, fp_single_to_double((uint32_t)(cpu_fpr(c, o->rb) >> 32)));
}

static const struct isa_row rows[] = {
    { "frsp", "111111 ttttt xxxxx bbbbb 0000001100 r", run_frsp, "t,b", ISA_FP },
    { "fctiw", "111111 ttttt xxxxx bbbbb 0000001110 r", run_fctiw, "t,b", ISA_FP },
    { "fctiwz", "111111 ttttt xxxxx bbbbb 0000001111 r", run_fctiwz, "t,b", ISA_FP },
    { "fctiwu", "111111 ttttt xxxxx bbbbb 0010001110 r", run_fctiwu, "t,b", ISA_FP },
    { "fctiwuz", "111111 ttttt xxxxx bbbbb 0010001111 r", run_fctiwuz, "t,b", ISA_FP },
    { "fctid", "111111 ttttt xxxxx bbbbb 1100101110 r", run_fctid, "t,b", ISA_FP },
    { "fctidz", "111111 ttttt xxxxx bbbbb 1100101111 r", run_fctidz, "t,b", ISA_FP },
    { "fctidu", "111111 ttttt xxxxx bbbbb 1110101110 r", run_fctidu, "t,b", ISA_FP },
    { "fctiduz", "111111 ttttt xxxxx bbbbb 1110101111 r", run_fctiduz, "t,b", ISA_FP },
    { "fcfid", "111111 ttttt xxxxx bbbbb 1101001110 r", run_fcfid, "t,b", ISA_FP },
    { "fcfidu", "111111 ttttt xxxxx bbbbb 1111001110 r", run_fcfidu, "t,b", ISA_FP },
    { "fcfids", "111011 ttttt xxxxx bbbbb 1101001110 r", run_fcfids, "t,b", ISA_FP },
    { "fcfidus", "111011 ttttt xxxxx bbbbb 1111001110 r", run_fcfidus, "t,b", ISA_FP },
    { "frin", "111111 ttttt xxxxx bbbbb 0110001000 r", run_frin, "t,b", ISA_FP },
    { "friz", "111111 ttttt xxxxx bbbbb 0110101000 r", run_friz, "t,b", ISA_FP },
    { "frip", "111111 ttttt xxxxx bbbbb 0111001000 r", run_frip, "t,b", ISA_FP },
    { "frim", "111111 ttttt xxxxx bbbbb 0111101000 r", run_frim, "t,b", ISA_FP },
    { "xsrsp", "111100 ttttt xxxxx bbbbb 100011001 B T", run_frsp, "t,b", ISA_VSX },
    { "xscvdpsxds", "111100 ttttt xxxxx bbbbb 101011000 B T", run_fctidz, "t,b", ISA_VSX },
    { "xscvdpuxds", "111100 ttttt xxxxx bbbbb 101001000 B T", run_fctiduz, "t,b", ISA_VSX },
    { "xscvdpsxws", "111100 ttttt xxxxx bbbbb 001011000 B T", run_xscvdpsxws, "t,b", ISA_VSX },
    { "xscvdpuxws", "111100 ttttt xxxxx bbbbb 001001000 B T", run_xscvdpuxws, "t,b", ISA_VSX },
    { "xscvsxddp", "111100 ttttt xxxxx bbbbb 101111000 B T", run_fcfid, "t,b", ISA_VSX },
    { "xscvuxddp", "111100 ttttt xxxxx bbbbb 101101000 B T", run_fcfidu, "t,b", ISA_VSX },
    { "xscvsxdsp", "111100 ttttt xxxxx bbbbb 100111000 B T", run_fcfids, "t,b", ISA_VSX },
    { "xscvuxdsp", "111100 ttttt xxxxx bbbbb 100101000 B T", run_fcfidus, "t,b", ISA_VSX },
    { "xsrdpi", "111100 ttttt xxxxx bbbbb 001001001 B T", run_frin, "t,b", ISA_VSX },
    { "xsrdpic", "111100 ttttt xxxxx bbbbb 001101011 B T", run_xsrdpic, "t,b", ISA_VSX },
    { "xsrdpim", "111100 ttttt xxxxx bbbbb 001111001 B T", run_frim, "t,b", ISA_VSX },
    { "xsrdpip", "111100 ttttt xxxxx bbbbb 001101001 B T", run_frip, "t,b", ISA_VSX },
    { "xsrdpiz", "111100 ttttt xxxxx bbbbb 001011001 B T", run_friz, "t,b", ISA_VSX },
    { "xscvdpsp", "111100 ttttt xxxxx bbbbb 100001001 B T", run_xscvdpsp, "t,b", ISA_VSX },
    { "xscvspdp", "111100 ttttt xxxxx bbbbb 101001001 B T", run_xscvspdp, "t,b", ISA_VSX },
    { "xscvdpspn", "111100 ttttt xxxxx bbbbb 100001011 B T", run_xscvdpspn, "t,b", ISA_VSX },
    { "xscvspdpn", "111100 ttttt xxxxx bbbbb 101001011 B T", run_xscvspdpn, "t,b", ISA_VSX },
    { "xscvdphp", "111100 ttttt 10001 bbbbb 101011011 B T", run_xscvdphp, "t,b", ISA_VSX | ISA_V3 },
    { "xscvhpdp", "111100 ttttt 10000 bbbbb 101011011 B T", run_xscvhpdp, "t,b", ISA_VSX | ISA_V3 },
};

ISA_CHAPTER(isa_fp_convert, "Power ISA I, 4.6.7 and 7.6.3 scalar rounding and conversion", rows);
