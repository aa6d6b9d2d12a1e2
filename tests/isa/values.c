/* SPDX-License-Identifier: Apache-2.0 */
/* tests/isa/values.c - operands worth trying. */
#include "values.h"

typedef unsigned __int128 u128;

static uint64_t ones(unsigned bits)
{
    return bits >= 64 ? ~0ull : (1ull << bits) - 1;
}

uint64_t value_int(struct rng *r, unsigned bits)
{
    static const uint64_t patterns[] = { 0x5555555555555555ull, 0xAAAAAAAAAAAAAAAAull, 0x0123456789ABCDEFull,
                                         0x00FF00FF00FF00FFull, 0x8080808080808080ull, 0x7F7F7F7F7F7F7F7Full,
                                         0xFFFFFFFF00000000ull, 0x00000000FFFFFFFFull, 0x80000000ull, 0x7FFFFFFFull };
    uint64_t v;

    switch (rng_below(r, 12)) {
    case 0:
        v = 0;
        break;
    case 1:
        v = ~0ull;
        break;
    case 2:
        v = 1ull << (bits - 1);
        break;
    case 3:
        v = ones(bits) >> 1;
        break;
    case 4:
        v = 1ull << rng_below(r, bits);
        v += (uint64_t)rng_below(r, 3) - 1;
        break;
    case 5:
        v = patterns[rng_below(r, sizeof(patterns) / sizeof(patterns[0]))];
        break;
    case 6:
        v = rng_below(r, 256);
        break;
    case 7:
        v = 0ull - rng_below(r, 256);
        break;
    case 8:
        v = rng_next(r);
        v >>= rng_below(r, 64);
        break;
    default:
        v = rng_next(r);
    }
    return v & ones(bits);
}

/* A binary floating point number of the format with that many exponent and fraction bits. */
static u128 value_float(struct rng *r, unsigned exp_bits, unsigned frac_bits)
{
    u128 frac_ones = ((u128)1 << frac_bits) - 1, frac = rng_next128(r) & frac_ones;
    uint64_t exp_ones = (1ull << exp_bits) - 1, bias = exp_ones >> 1, e;
    u128 sign = (u128)(rng_next(r) & 1) << (exp_bits + frac_bits);

    switch (rng_below(r, 16)) {
    case 0:                                             /* zero */
        return sign;
    case 1:                                             /* infinity */
        return sign | (u128)exp_ones << frac_bits;
    case 2:                                             /* quiet NaN */
        return sign | (u128)exp_ones << frac_bits | (u128)1 << (frac_bits - 1) | frac;
    case 3:                                             /* signalling NaN */
        frac &= frac_ones >> 1;
        return sign | (u128)exp_ones << frac_bits | (frac ? frac : 1);
    case 4:                                             /* denormal */
        frac >>= rng_below(r, frac_bits);
        return sign | frac;
    case 5:                                             /* least normal and its neighbours */
        return sign | (((u128)1 << frac_bits) + rng_below(r, 3) - 1);
    case 6:                                             /* greatest */
        return sign | (((u128)exp_ones << frac_bits) - 1 - rng_below(r, 2));
    case 7:                                             /* small integers and halves */
        e = bias + rng_below(r, 8);
        return sign | (u128)e << frac_bits | (frac & ~(frac_ones >> rng_below(r, 8)));
    case 8:                                             /* around the borders of integers */
        e = bias + rng_below(r, 130);
        e = e > exp_ones ? exp_ones - 1 : e;
        return sign | (u128)e << frac_bits | (rng_once_in(r, 2) ? frac_ones : rng_once_in(r, 2) ? 0 : frac);
    case 9:                                             /* few fraction bits: exact results */
        e = bias + rng_below(r, 40) - 20;
        return sign | (u128)e << frac_bits | (frac & ~(frac_ones >> rng_below(r, frac_bits)));
    case 10: case 11:                                   /* anything */
        return sign | (rng_next128(r) & (((u128)1 << (exp_bits + frac_bits)) - 1));
    case 12:                                            /* exponents whose sums reach the ends */
        e = rng_once_in(r, 2) ? rng_below(r, (unsigned)(bias / 2)) : bias + (bias - rng_below(r, (unsigned)(bias / 2)));
        return sign | (u128)e << frac_bits | frac;
    default:                                            /* near one: cancellation, rounding */
        e = bias + rng_below(r, 7) - 3;
        return sign | (u128)e << frac_bits | frac;
    }
}

static u128 lanes(struct rng *r, unsigned bits, uint64_t (*make)(struct rng *, unsigned))
{
    u128 v = 0;

    for (unsigned i = 0; i < 128; i += bits)
        v |= (u128)make(r, bits) << i;
    return v;
}

static uint64_t float_lane(struct rng *r, unsigned bits)
{
    return (uint64_t)(bits == 16 ? value_float(r, 5, 10) : bits == 32 ? value_float(r, 8, 23) : value_float(r, 11, 52));
}

uint64_t value_single_in_double(struct rng *r)
{
    uint32_t f = (uint32_t)value_float(r, 8, 23), exp = f >> 23 & 255, frac = f & 0x7fffff;
    uint64_t sign = (uint64_t)(f >> 31) << 63;

    if (exp == 255)                                     /* infinity, NaN: signalling ones stay so */
        return sign | 0x7ffull << 52 | (uint64_t)frac << 29;
    if (!exp && !frac)
        return sign;
    if (!exp) {                                         /* a denormal single is a normal double */
        unsigned shift = (unsigned)__builtin_clz(frac) - 8;

        return sign | (uint64_t)(897 - shift) << 52 | ((uint64_t)frac << (29 + shift) & 0xfffffffffffffull);
    }
    return sign | (uint64_t)(exp + 896) << 52 | (uint64_t)frac << 29;
}

uint64_t value_tame(struct rng *r, unsigned bits, bool positive)
{
    unsigned frac_bits = bits == 64 ? 52 : bits == 32 ? 23 : 10, bias = bits == 64 ? 1023 : bits == 32 ? 127 : 15;
    uint64_t v = 0;

    for (unsigned i = 0; i < 64; i += bits) {
        uint64_t frac = rng_next(r) & ((1ull << frac_bits) - 1), e = bias + rng_below(r, 10);

        v |= ((positive ? 0 : rng_next(r) & 1) << (bits - 1) | e << frac_bits | frac) << i;
    }
    return v;
}

static uint64_t double_lane(struct rng *r, unsigned bits)
{
    (void)bits;
    return rng_once_in(r, 3) ? value_single_in_double(r) : (uint64_t)value_float(r, 11, 52);
}

static u128 value_bcd(struct rng *r)
{
    static const uint8_t signs[] = { 0xC, 0xD, 0xC, 0xD, 0xA, 0xB, 0xE, 0xF };
    unsigned digits = rng_below(r, 32);
    bool zoned = rng_once_in(r, 4);
    u128 v = 0;

    if (zoned) {
        for (unsigned i = 0; i < 16; i++)
            v = v << 8 | (rng_once_in(r, 40) ? rng_next(r) & 255 : 0x30 + rng_below(r, 10));
        if (rng_once_in(r, 2))
            v = (v & ~(u128)0x40) | 0x40;               /* the sign of zoned decimals */
        if (rng_once_in(r, 4))
            v |= (u128)0xF0F0F0F0F0F0F0F0ull << 64 | 0xF0F0F0F0F0F0F0F0ull;
        return v;
    }
    for (unsigned i = 0; i < digits; i++)
        v = v << 4 | (rng_once_in(r, 3) ? 9 : rng_below(r, 10));
    v = v << 4 | signs[rng_below(r, 8)];
    if (rng_once_in(r, 16))                             /* an invalid digit or sign */
        v ^= (u128)(1 + rng_below(r, 15)) << 4 * (digits % 32);
    if (rng_once_in(r, 16))
        v &= ~(u128)15;
    return v;
}

/* DFP: sign, combination field (leading digit and two exponent bits), exponent continuation, declets.  A declet of ten
 * random bits is always a number; small ones are made by leaving high declets zero. */
static u128 value_dfp(struct rng *r, unsigned cont_bits, unsigned declets, unsigned bias)
{
    unsigned used = rng_below(r, declets + 1), lead = used == declets ? rng_below(r, 10) : 0, exp, comb;
    u128 v = 0;

    for (unsigned i = 0; i < used; i++)
        v = v << 10 | (rng_once_in(r, 4) ? (rng_once_in(r, 2) ? 0 : 0x0FF /* 999 */) : rng_next(r) & 1023);
    exp = rng_once_in(r, 6) ? rng_below(r, 3u << cont_bits) : bias + rng_below(r, 41) - 20;
    if (rng_once_in(r, 20))
        exp = rng_once_in(r, 2) ? rng_below(r, 4) : (3u << cont_bits) - 1 - rng_below(r, 4);
    comb = lead < 8 ? (exp >> cont_bits) << 3 | lead : 24 | (exp >> cont_bits) << 1 | (lead & 1);
    if (rng_once_in(r, 12))
        comb = rng_once_in(r, 2) ? 31 : 30;             /* NaN, infinity */
    v |= (u128)(exp & ((1u << cont_bits) - 1)) << (10 * declets);
    v |= (u128)comb << (10 * declets + cont_bits);
    v |= (u128)(rng_next(r) & 1) << (10 * declets + cont_bits + 5);
    return v;
}

static u128 value_128(struct rng *r, enum value_kind kind)
{
    u128 v;

    switch (kind) {
    case VALUE_INT8:
        return lanes(r, 8, value_int);
    case VALUE_INT16:
        return lanes(r, 16, value_int);
    case VALUE_INT32:
        return lanes(r, 32, value_int);
    case VALUE_INT64:
        return lanes(r, 64, value_int);
    case VALUE_INT128:
        v = rng_once_in(r, 3) ? 0 : value_int(r, 64);
        return v << 64 | value_int(r, 64);
    case VALUE_F16:
        return lanes(r, 16, float_lane);
    case VALUE_F32:
        return lanes(r, 32, float_lane);
    case VALUE_F64:
        return lanes(r, 64, double_lane);
    case VALUE_F128:
        return value_float(r, 15, 112);
    case VALUE_BCD:
        return value_bcd(r);
    case VALUE_DFP64:
        v = value_dfp(r, 8, 5, 398);
        return v << 64 | value_dfp(r, 8, 5, 398);
    case VALUE_DFP128:
        return value_dfp(r, 12, 11, 6176);
    default:
        return rng_next128(r);
    }
}

void value_vsr(struct rng *r, enum value_kind kind, uint64_t out[2])
{
    u128 v = value_128(r, kind);

    out[0] = (uint64_t)(v >> 64);
    out[1] = (uint64_t)v;
}
