/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/isa/fp_test.c - see fp_test.h.
 * Spec: Power ISA I, 4.6.6.1 (ftdiv, ftsqrt), 7.6.3 (xsmaxdp and relatives, xststdcdp). */
#include "cpu/cpu.h"
#include "cpu/isa/fp_test.h"

static int biased(const struct fp_format *f, fp_bits x)
{
    return (int)((unsigned)(x >> f->frac_bits) & ((1u << f->exp_bits) - 1));
}

static fp_bits fraction(const struct fp_format *f, fp_bits x)
{
    return x & (((fp_bits)1 << f->frac_bits) - 1);
}

unsigned fp_test_div(const struct fp_format *f, fp_bits a, fp_bits b)
{
    struct fp_num x = fp_unpack(f, a), y = fp_unpack(f, b);
    int ea = biased(f, a) - f->emax, eb = biased(f, b) - f->emax, special = f->emax + 1;
    bool fe = ea == special || eb == special || y.kind == FPK_ZERO || eb <= fp_emin(f) || eb >= f->emax - 2;
    bool fg = x.kind == FPK_INF || y.kind == FPK_INF || y.kind == FPK_ZERO ||
        (y.kind == FPK_NUMBER && y.exp < fp_emin(f));

    if (x.kind != FPK_ZERO && !fe)
        fe = ea - eb >= f->emax || ea - eb <= fp_emin(f) + 1 || ea <= fp_emin(f) + f->frac_bits;
    return 8u | (fg ? 4u : 0) | (fe ? 2u : 0);
}

unsigned fp_test_sqrt(const struct fp_format *f, fp_bits b)
{
    struct fp_num y = fp_unpack(f, b);
    bool fe = y.kind != FPK_NUMBER || y.sign || biased(f, b) - f->emax <= fp_emin(f) + f->frac_bits;
    bool fg = y.kind == FPK_INF || y.kind == FPK_ZERO || (y.kind == FPK_NUMBER && y.exp < fp_emin(f));

    return 8u | (fg ? 4u : 0) | (fe ? 2u : 0);
}

unsigned fp_compare_exponents(const struct fp_format *f, fp_bits a, fp_bits b)
{
    struct fp_num x = fp_unpack(f, a), y = fp_unpack(f, b);
    int ea = biased(f, a), eb = biased(f, b);

    if (fp_is_nan(&x) || fp_is_nan(&y))
        return CR_SO;
    return ea < eb ? CR_LT : ea > eb ? CR_GT : CR_EQ;
}

bool fp_data_class(const struct fp_format *f, fp_bits x, unsigned dcmx)
{
    struct fp_num n = fp_unpack(f, x);

    switch ((enum fp_kind)n.kind) {
    case FPK_QNAN:
    case FPK_SNAN:
        return dcmx & 64;
    case FPK_INF:
        return dcmx & (n.sign ? 16 : 32);
    case FPK_ZERO:
        return dcmx & (n.sign ? 4 : 8);
    case FPK_NUMBER:
        break;
    }
    return n.exp < fp_emin(f) && dcmx & (n.sign ? 1 : 2);
}

fp_bits fp_significand(const struct fp_format *f, fp_bits x)
{
    int e = biased(f, x);

    return fraction(f, x) | (e && e <= 2 * f->emax ? (fp_bits)1 << f->frac_bits : 0);
}

/* a < b, with -0 below +0 if zeros differ. */
static bool below(const struct fp_num *a, const struct fp_num *b, bool signed_zeros)
{
    if (signed_zeros && a->kind == FPK_ZERO && b->kind == FPK_ZERO)
        return a->sign && !b->sign;
    return fp_compare(a, b) == CR_LT;
}

static uint32_t signalling(const struct fp_num *a, const struct fp_num *b)
{
    return a->kind == FPK_SNAN || b->kind == FPK_SNAN ? FPSCR_VXSNAN : 0;
}

static fp_bits quieted(const struct fp_format *f, fp_bits x)
{
    return x | (fp_bits)1 << (f->frac_bits - 1);
}

fp_bits fp_pick_number(const struct fp_format *f, fp_bits a, fp_bits b, bool max, uint32_t *flags)
{
    struct fp_num x = fp_unpack(f, a), y = fp_unpack(f, b);

    *flags |= signalling(&x, &y);
    if (x.kind == FPK_SNAN || (fp_is_nan(&x) && fp_is_nan(&y)))
        return quieted(f, a);
    if (y.kind == FPK_SNAN)
        return quieted(f, b);
    if (fp_is_nan(&x))
        return b;
    if (fp_is_nan(&y))
        return a;
    return max ? below(&x, &y, true) ? b : a : below(&y, &x, true) ? b : a;
}

fp_bits fp_pick_c(const struct fp_format *f, fp_bits a, fp_bits b, bool max, uint32_t *flags)
{
    struct fp_num x = fp_unpack(f, a), y = fp_unpack(f, b);

    *flags |= signalling(&x, &y);
    if (fp_is_nan(&x) || fp_is_nan(&y))
        return b;
    return below(&x, &y, false) == max ? b : a;
}

fp_bits fp_pick_java(const struct fp_format *f, fp_bits a, fp_bits b, bool max, uint32_t *flags)
{
    struct fp_num x = fp_unpack(f, a), y = fp_unpack(f, b);

    *flags |= signalling(&x, &y);
    if (fp_is_nan(&x))
        return a;
    if (fp_is_nan(&y))
        return b;
    return max ? below(&x, &y, true) ? b : a : below(&y, &x, true) ? b : a;
}
