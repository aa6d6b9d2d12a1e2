/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/dfp/format.c - decimal numbers to and from their bits: sign, combination field, exponent continuation, declets.
 *
 * The 5-bit combination field holds the two high bits of the exponent and the left-most digit, or says infinity or NaN;
 * the first bit after it tells a signalling NaN.  Spec: Power ISA I, 5.4. */
#include "cpu/dfp/dfp.h"
#include "cpu/dfp/dpd.h"

enum { COMBINATION_INF = 0x1E, COMBINATION_NAN = 0x1F };

static unsigned declet_value(unsigned declet)
{
    unsigned bcd = dpd_to_bcd(declet);

    return (bcd >> 8) * 100 + (bcd >> 4 & 15) * 10 + (bcd & 15);
}

static unsigned declet_of(unsigned n)
{
    return dpd_from_bcd(n / 100 << 8 | n / 10 % 10 << 4 | n % 10);
}

static dfp_int unpack_declets(const struct dfp_format *f, dfp_int bits)
{
    dfp_int v = 0;

    for (int i = f->declets - 1; i >= 0; i--)
        v = v * 1000 + declet_value((unsigned)(bits >> 10 * i) & 0x3FF);
    return v;
}

static dfp_int pack_declets(const struct dfp_format *f, dfp_int v)
{
    dfp_int bits = 0;

    for (unsigned i = 0; i < f->declets; i++, v /= 1000)
        bits |= (dfp_int)declet_of((unsigned)(v % 1000)) << 10 * i;
    return bits;
}

struct dfp_num dfp_unpack(const struct dfp_format *f, dfp_int bits)
{
    unsigned trailing = 10u * f->declets;
    unsigned cont = (unsigned)(bits >> trailing) & ((1u << f->exp_bits) - 1);
    unsigned comb = (unsigned)(bits >> (trailing + f->exp_bits)) & 31;
    struct dfp_num x = { .coef = unpack_declets(f, bits), .sign = bits >> (trailing + f->exp_bits + 5) & 1 };
    unsigned high = comb >> 3, digit = comb & 7;

    if (comb == COMBINATION_INF) {
        x.kind = DFP_INF;
        return x;
    }
    if (comb == COMBINATION_NAN) {
        x.kind = cont >> (f->exp_bits - 1) ? DFP_SNAN : DFP_QNAN;
        return x;
    }
    if (high == 3) {
        high = comb >> 1 & 3;
        digit = 8 | (comb & 1);
    }
    x.coef += digit * dfp_pow10(f->digits - 1u);
    x.exp = (int)(high << f->exp_bits | cont) - f->bias;
    return x;
}

dfp_int dfp_pack(const struct dfp_format *f, const struct dfp_num *x)
{
    unsigned trailing = 10u * f->declets, comb, cont = 0;
    dfp_int sign = (dfp_int)x->sign << (trailing + f->exp_bits + 5);

    if (x->kind == DFP_FINITE) {
        unsigned biased = (unsigned)(x->exp + f->bias), high = biased >> f->exp_bits;
        unsigned digit = (unsigned)(x->coef / dfp_pow10(f->digits - 1u) % 10);

        comb = digit < 8 ? high << 3 | digit : 0x18 | high << 1 | (digit & 1);
        cont = biased & ((1u << f->exp_bits) - 1);
    } else {
        comb = x->kind == DFP_INF ? COMBINATION_INF : COMBINATION_NAN;
        cont = x->kind == DFP_SNAN ? 1u << (f->exp_bits - 1) : 0;
    }
    return sign | (dfp_int)(comb << f->exp_bits | cont) << trailing | pack_declets(f, x->coef);
}

bool dfp_is_normal(const struct dfp_format *f, const struct dfp_num *x)
{
    return x->coef && x->exp + (int)dfp_digits(x->coef) >= dfp_exp_min(f) + f->digits;
}

unsigned dfp_class(const struct dfp_format *f, const struct dfp_num *x)
{
    switch (x->kind) {
    case DFP_INF:
        return x->sign ? 0x09 : 0x05;
    case DFP_QNAN:
        return 0x11;
    case DFP_SNAN:
        return 0x01;
    default:
        break;
    }
    if (!x->coef)
        return x->sign ? 0x12 : 0x02;
    if (dfp_is_normal(f, x))
        return x->sign ? 0x08 : 0x04;
    return x->sign ? 0x18 : 0x14;
}

struct dfp_num dfp_default_nan(void)
{
    return (struct dfp_num){ .kind = DFP_QNAN };
}

dfp_int dfp_to_bcd(dfp_int x, unsigned n)
{
    dfp_int bcd = 0;

    for (unsigned i = 0; i < n; i++, x /= 10)
        bcd |= x % 10 << 4 * i;
    return bcd;
}

bool dfp_from_bcd(dfp_int bcd, unsigned n, dfp_int *out)
{
    dfp_int v = 0;

    for (unsigned i = n; i-- > 0;) {
        unsigned digit = (unsigned)(bcd >> 4 * i) & 15;

        if (digit > 9)
            return false;
        v = v * 10 + digit;
    }
    *out = v;
    return true;
}
