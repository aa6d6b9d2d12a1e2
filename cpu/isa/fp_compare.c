/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/isa/fp_compare.c - scalar compare, test and minimum/maximum: FPR forms and their VSX twins.
 * Spec: Power ISA I, 4.6.8 (compare), 4.6.6.1 (ftdiv, ftsqrt), 7.6.3. FR and FI stay as they are. */
#include "cpu/isa/chapters.h"
#include "cpu/isa/fp_scalar.h"
#include "cpu/isa/fp_test.h"

static void set_fpcc(struct cpu *c, const struct op *o, unsigned cc)
{
    c->fpscr = (c->fpscr & ~(uint64_t)FPSCR_FPCC) | cc << FPSCR_FPRF_SHIFT;
    c->cr[o->n] = (uint8_t)cc;
}

/* What a comparison of a and b raises;
 * ordered ones object to quiet NaNs too, and to signalling ones twice if nobody traps. */
static uint32_t compare_flags(const struct cpu *c, const struct fp_num *a, const struct fp_num *b, bool ordered)
{
    if (a->kind == FPK_SNAN || b->kind == FPK_SNAN)
        return FPSCR_VXSNAN | (ordered && !(c->fpscr & FPSCR_VE) ? FPSCR_VXVC : 0);
    return ordered && (fp_is_nan(a) || fp_is_nan(b)) ? FPSCR_VXVC : 0;
}

static void compare_exact(struct cpu *c, const struct op *o, bool ordered)
{
    struct fp_num a = fp_operand(c, o->ra), b = fp_operand(c, o->rb);

    set_fpcc(c, o, fp_compare(&a, &b));
    fpscr_raise(c, compare_flags(c, &a, &b, ordered));
    fpscr_interrupt(c);
}

/* Without a NaN, doubles order as integers of sign and magnitude do. */
static inline int64_t ordinal(uint64_t x)
{
    return x >> 63 ? -(int64_t)(x & ~(1ull << 63)) : (int64_t)x;
}

static inline bool is_nan(uint64_t x)
{
    return (x & ~(1ull << 63)) > 0x7FFull << 52;
}

static inline void compare(struct cpu *c, const struct op *o, bool ordered)
{
    uint64_t a = cpu_fpr(c, o->ra), b = cpu_fpr(c, o->rb);
    int64_t x = ordinal(a), y = ordinal(b);

    if (is_nan(a) || is_nan(b)) {
        compare_exact(c, o, ordered);
        return;
    }
    set_fpcc(c, o, x < y ? CR_LT : x > y ? CR_GT : CR_EQ);
    fpscr_interrupt(c);
}

static void run_fcmpu(struct cpu *c, const struct op *o)
{
    compare(c, o, false);
}

static void run_fcmpo(struct cpu *c, const struct op *o)
{
    compare(c, o, true);
}

static void run_ftdiv(struct cpu *c, const struct op *o)
{
    c->cr[o->n] = (uint8_t)fp_test_div(&fp_double, cpu_fpr(c, o->ra), cpu_fpr(c, o->rb));
}

static void run_ftsqrt(struct cpu *c, const struct op *o)
{
    c->cr[o->n] = (uint8_t)fp_test_sqrt(&fp_double, cpu_fpr(c, o->rb));
}

/* Compares exponents; NaNs are unordered. */
static void run_xscmpexpdp(struct cpu *c, const struct op *o)
{
    set_fpcc(c, o, fp_compare_exponents(&fp_double, cpu_fpr(c, o->ra), cpu_fpr(c, o->rb)));
}

/* -- results that are masks -- */

static void mask_result(struct cpu *c, const struct op *o, unsigned wanted, bool ordered)
{
    struct fp_num a = fp_operand(c, o->ra), b = fp_operand(c, o->rb);
    uint32_t flags = compare_flags(c, &a, &b, ordered);

    fpscr_raise(c, flags);
    if (!fpscr_suppressed(c, flags))
        cpu_set_fpr(c, o->rt, fp_compare(&a, &b) & wanted ? ~0ull : 0);
    fpscr_interrupt(c);
}

static void run_xscmpeqdp(struct cpu *c, const struct op *o)
{
    mask_result(c, o, CR_EQ, false);
}

static void run_xscmpgtdp(struct cpu *c, const struct op *o)
{
    mask_result(c, o, CR_GT, true);
}

static void run_xscmpgedp(struct cpu *c, const struct op *o)
{
    mask_result(c, o, CR_GT | CR_EQ, true);
}

/* -- minimum and maximum -- */

static void pick(struct cpu *c, const struct op *o, fp_pick_fn *fn, bool max)
{
    uint32_t flags = 0;
    uint64_t r = (uint64_t)fn(&fp_double, cpu_fpr(c, o->ra), cpu_fpr(c, o->rb), max, &flags);

    fpscr_raise(c, flags);
    if (!fpscr_suppressed(c, flags))
        cpu_set_fpr(c, o->rt, r);
    fpscr_interrupt(c);
}

static void run_xsmaxdp(struct cpu *c, const struct op *o)
{
    pick(c, o, fp_pick_number, true);
}

static void run_xsmindp(struct cpu *c, const struct op *o)
{
    pick(c, o, fp_pick_number, false);
}

static void run_xsmaxcdp(struct cpu *c, const struct op *o)
{
    pick(c, o, fp_pick_c, true);
}

static void run_xsmincdp(struct cpu *c, const struct op *o)
{
    pick(c, o, fp_pick_c, false);
}

static void run_xsmaxjdp(struct cpu *c, const struct op *o)
{
    pick(c, o, fp_pick_java, true);
}

static void run_xsminjdp(struct cpu *c, const struct op *o)
{
    pick(c, o, fp_pick_java, false);
}

/* -- data class: CR and FPCC <- sign 0 match not-single -- */

static void run_xststdcdp(struct cpu *c, const struct op *o)
{
    uint64_t b = cpu_fpr(c, o->rb);

    set_fpcc(c, o, (b >> 63 ? CR_LT : 0) | (fp_data_class(&fp_double, b, o->p) ? CR_EQ : 0));
}

/* The datum is a single in double format: what would be a denormal single counts as one. */
static void run_xststdcsp(struct cpu *c, const struct op *o)
{
    uint64_t b = cpu_fpr(c, o->rb);
    unsigned e = (unsigned)(b >> 52) & 0x7FF;
    uint64_t seen = e && e < 0x381 ? (b & 1ull << 63) | 1 : b;
    bool single = fp_single_to_double(fp_double_to_single(b)) == b;

    set_fpcc(c, o, (b >> 63 ? CR_LT : 0) | (fp_data_class(&fp_double, seen, o->p) ? CR_EQ : 0) | (single ? 0 : CR_SO));
}

/* -- sign, exponent and significand -- */

#define SIGN (1ull << 63)
#define FRACTION ((1ull << 52) - 1)

static void run_xsabsdp(struct cpu *c, const struct op *o)
{
    cpu_set_fpr(c, o->rt, cpu_fpr(c, o->rb) & ~SIGN);
}

static void run_xsnabsdp(struct cpu *c, const struct op *o)
{
    cpu_set_fpr(c, o->rt, cpu_fpr(c, o->rb) | SIGN);
}

static void run_xsnegdp(struct cpu *c, const struct op *o)
{
    cpu_set_fpr(c, o->rt, cpu_fpr(c, o->rb) ^ SIGN);
}

static void run_xscpsgndp(struct cpu *c, const struct op *o)
{
    cpu_set_fpr(c, o->rt, (cpu_fpr(c, o->ra) & SIGN) | (cpu_fpr(c, o->rb) & ~SIGN));
}

static void run_xsiexpdp(struct cpu *c, const struct op *o)
{
    cpu_set_fpr(c, o->rt, (c->gpr[o->ra] & (SIGN | FRACTION)) | (c->gpr[o->rb] & 0x7FF) << 52);
}

static void run_xsxexpdp(struct cpu *c, const struct op *o)
{
    c->gpr[o->rt] = cpu_fpr(c, o->rb) >> 52 & 0x7FF;
}

static void run_xsxsigdp(struct cpu *c, const struct op *o)
{
    c->gpr[o->rt] = (uint64_t)fp_significand(&fp_double, cpu_fpr(c, o->rb));
}

static const struct isa_row rows[] = {
    { "fcmpu", "111111 nnnxx aaaaa bbbbb 0000000000 x", run_fcmpu, "n,a,b", ISA_FP },
    { "fcmpo", "111111 nnnxx aaaaa bbbbb 0000100000 x", run_fcmpo, "n,a,b", ISA_FP },
    { "ftdiv", "111111 nnnxx aaaaa bbbbb 0010000000 x", run_ftdiv, "n,a,b", ISA_FP },
    { "ftsqrt", "111111 nnnxx xxxxx bbbbb 0010100000 x", run_ftsqrt, "n,b", ISA_FP },
    { "xscmpudp", "111100 nnnxx aaaaa bbbbb 00100011 A B x", run_fcmpu, "n,a,b", ISA_VSX },
    { "xscmpodp", "111100 nnnxx aaaaa bbbbb 00101011 A B x", run_fcmpo, "n,a,b", ISA_VSX },
    { "xstdivdp", "111100 nnnxx aaaaa bbbbb 00111101 A B x", run_ftdiv, "n,a,b", ISA_VSX },
    { "xstsqrtdp", "111100 nnnxx xxxxx bbbbb 001101010 B x", run_ftsqrt, "n,b", ISA_VSX },
    { "xscmpexpdp", "111100 nnnxx aaaaa bbbbb 00111011 A B x", run_xscmpexpdp, "n,a,b", ISA_VSX | ISA_V3 },
    { "xscmpeqdp", "111100 ttttt aaaaa bbbbb 00000011 A B T", run_xscmpeqdp, "t,a,b", ISA_VSX | ISA_V3 },
    { "xscmpgtdp", "111100 ttttt aaaaa bbbbb 00001011 A B T", run_xscmpgtdp, "t,a,b", ISA_VSX | ISA_V3 },
    { "xscmpgedp", "111100 ttttt aaaaa bbbbb 00010011 A B T", run_xscmpgedp, "t,a,b", ISA_VSX | ISA_V3 },
    { "xsmaxdp", "111100 ttttt aaaaa bbbbb 10100000 A B T", run_xsmaxdp, "t,a,b", ISA_VSX },
    { "xsmindp", "111100 ttttt aaaaa bbbbb 10101000 A B T", run_xsmindp, "t,a,b", ISA_VSX },
    { "xsmaxcdp", "111100 ttttt aaaaa bbbbb 10000000 A B T", run_xsmaxcdp, "t,a,b", ISA_VSX | ISA_V3 },
    { "xsmincdp", "111100 ttttt aaaaa bbbbb 10001000 A B T", run_xsmincdp, "t,a,b", ISA_VSX | ISA_V3 },
    { "xsmaxjdp", "111100 ttttt aaaaa bbbbb 10010000 A B T", run_xsmaxjdp, "t,a,b", ISA_VSX | ISA_V3 },
    { "xsminjdp", "111100 ttttt aaaaa bbbbb 10011000 A B T", run_xsminjdp, "t,a,b", ISA_VSX | ISA_V3 },
    { "xststdcdp", "111100 nnnpp ppppp bbbbb 101101010 B x", run_xststdcdp, "n,b,p", ISA_VSX | ISA_V3 },
    { "xststdcsp", "111100 nnnpp ppppp bbbbb 100101010 B x", run_xststdcsp, "n,b,p", ISA_VSX | ISA_V3 },
    { "xsabsdp", "111100 ttttt xxxxx bbbbb 101011001 B T", run_xsabsdp, "t,b", ISA_VSX },
    { "xsnabsdp", "111100 ttttt xxxxx bbbbb 101101001 B T", run_xsnabsdp, "t,b", ISA_VSX },
    { "xsnegdp", "111100 ttttt xxxxx bbbbb 101111001 B T", run_xsnegdp, "t,b", ISA_VSX },
    { "xscpsgndp", "111100 ttttt aaaaa bbbbb 10110000 A B T", run_xscpsgndp, "t,a,b", ISA_VSX },
    { "xsiexpdp", "111100 ttttt aaaaa bbbbb 1110010110 T", run_xsiexpdp, "t,a,b", ISA_VSX | ISA_V3 },
    { "xsxexpdp", "111100 ttttt 00000 bbbbb 101011011 B 0", run_xsxexpdp, "t,b", ISA_VSX | ISA_V3 },
    { "xsxsigdp", "111100 ttttt 00001 bbbbb 101011011 B 0", run_xsxsigdp, "t,b", ISA_VSX | ISA_V3 },
};

ISA_CHAPTER(isa_fp_compare, "Power ISA I, 4.6.8 and 7.6.3 scalar compare, test, minimum and maximum", rows);
