/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/fp/fast.h - short cuts of cpu/fp/fp.h for singles and doubles: operands and results normal
 * or zero, in 64-bit integers.
 *
 * Nearly every operation of a real program is one of these. Each function answers false when it is not its case, and
 * has then done nothing: the caller goes the long way, which is exact for everything. FR and FI are exact here too; the
 * only exception that can happen is XX. Significands have bit 63 set and may end in a sticky bit
 * 0, which stays below every rounding. */
#ifndef CPU_FP_FAST_H
#define CPU_FP_FAST_H

#include <math.h>
#include <string.h>

#include "cpu/fp/fp.h"

struct fp_fast {
    uint64_t sig;               /* value = sig * 2^(exp - 63); 0: a zero, of no account for exp */
    int32_t exp;
    bool sign;
};

/* Exponents of zeros: an operand is far below every number; a sum of opposites gets its sign from the rounding mode. */
enum { FP_FAST_ZERO = -0x10000, FP_FAST_DIFFERENCE = -0x40000 };

#define FP_INLINE static inline __attribute__((always_inline))
#define FP_LIKELY(x) __builtin_expect(!!(x), 1)
#define FP_SIG_TOP (1ull << 63)

FP_INLINE bool fp_fast_unpack(const struct fp_format *f, uint64_t bits, struct fp_fast *x)
{
    unsigned emask = (1u << f->exp_bits) - 1, e = (unsigned)(bits >> f->frac_bits) & emask;

    x->sig = bits << (63 - f->frac_bits) | FP_SIG_TOP;
    x->exp = (int)e - f->emax;
    x->sign = bits >> (f->frac_bits + f->exp_bits) & 1;
    if (FP_LIKELY(e - 1 < emask - 1))
        return true;
    x->sig = 0;
    x->exp = FP_FAST_ZERO;
    return bits << (63 - f->frac_bits - f->exp_bits) << 1 == 0;
}

FP_INLINE uint64_t fp_fast_pack(const struct fp_format *f, const struct fp_fast *x)
{
    uint64_t frac = (x->sig & ~FP_SIG_TOP) >> (63 - f->frac_bits);
    uint64_t sign = (uint64_t)x->sign << (f->frac_bits + f->exp_bits);

    if (!FP_LIKELY(x->sig))
        return sign;
    return sign | (uint64_t)(unsigned)(x->exp + f->emax) << f->frac_bits | frac;
}

/* Rounds away the bits of sig below unit, a power of two; *flags gains XX and has FR and FI replaced. */
FP_INLINE void fp_fast_round_at(uint64_t unit, unsigned rm, struct fp_fast *x, uint32_t *flags)
{
    const uint64_t rest = x->sig & (unit - 1);
    bool up = false;

    *flags &= ~(FPSCR_FR | FPSCR_FI);
    x->sig -= rest;
    if (!rest)
        return;
    if (FP_LIKELY(rm == FPR_NEAREST))
        up = rest > unit / 2 || (rest == unit / 2 && x->sig & unit);
    else if (rm == FPR_AWAY)
        up = rest >= unit / 2;
    else
        up = rm == (x->sign ? FPR_DOWN : FPR_UP);
    *flags |= FPSCR_XX | FPSCR_FI | (up ? FPSCR_FR : 0);
    if (up && !(x->sig += unit)) {
        x->sig = FP_SIG_TOP;
        x->exp++;
    }
}

/* Rounds to the precision of f if the result is in its normal range. */
FP_INLINE bool fp_fast_round(const struct fp_format *f, unsigned rm, struct fp_fast *x, uint32_t *flags)
{
    const struct fp_fast before = *x;
    const uint32_t old = *flags;

    if (!FP_LIKELY(x->sig)) {
        *flags &= ~(FPSCR_FR | FPSCR_FI);
        x->sign = x->exp == FP_FAST_DIFFERENCE ? rm == FPR_DOWN : x->sign;
        return true;
    }
    if (x->exp < 1 - f->emax)
        return false;
    fp_fast_round_at(1ull << (63 - f->frac_bits), rm, x, flags);
    if (FP_LIKELY(x->exp <= f->emax))
        return true;
    *x = before;
    *flags = old;
    return false;
}

/* To an integral value: numbers of 1 and more. */
FP_INLINE bool fp_fast_integral(struct fp_fast *x, unsigned rm, uint32_t *flags)
{
    if (x->exp < 0)
        return false;
    if (x->exp < 63)
        fp_fast_round_at(1ull << (63 - x->exp), rm, x, flags);
    else
        *flags &= ~(FPSCR_FR | FPSCR_FI);
    return true;
}

FP_INLINE bool fp_fast_from_int(uint64_t magnitude, bool sign, struct fp_fast *r)
{
    int n;

    if (!magnitude)
        return false;
    n = __builtin_clzll(magnitude);
    *r = (struct fp_fast){ .sig = magnitude << n, .exp = 63 - n, .sign = sign };
    return true;
}

FP_INLINE bool fp_fast_add(const struct fp_fast *a, const struct fp_fast *b, struct fp_fast *r)
{
    bool swap = a->exp < b->exp || (a->exp == b->exp && a->sig < b->sig);
    const struct fp_fast *big = swap ? b : a, *small = swap ? a : b;
    unsigned d = (unsigned)(big->exp - small->exp), n;
    uint64_t x = big->sig >> 1, y = small->sig >> 1, s;

    y = d < 64 ? y >> d | ((y & ((1ull << d) - 1)) != 0) : y != 0;
    s = a->sign == b->sign ? x + y : x - y;
    if (!FP_LIKELY(s)) {
        *r = (struct fp_fast){ .exp = a->sign == b->sign ? FP_FAST_ZERO : FP_FAST_DIFFERENCE, .sign = a->sign };
        return true;
    }
    n = (unsigned)__builtin_clzll(s);
    *r = (struct fp_fast){ .sig = s << n, .exp = big->exp + 1 - (int)n, .sign = big->sign };
    return true;
}

FP_INLINE bool fp_fast_sub(const struct fp_fast *a, const struct fp_fast *b, struct fp_fast *r)
{
    struct fp_fast minus = { b->sig, b->exp, !b->sign };

    return fp_fast_add(a, &minus, r);
}

FP_INLINE bool fp_fast_mul(const struct fp_fast *a, const struct fp_fast *b, struct fp_fast *r)
{
    unsigned __int128 p = (unsigned __int128)a->sig * b->sig;
    unsigned up = (unsigned)(p >> 127);

    p <<= 1 - up;
    r->sig = (uint64_t)(p >> 64) | ((uint64_t)p != 0);
    r->exp = a->exp + b->exp + (int)up;
    r->sign = a->sign != b->sign;
    return true;
}

FP_INLINE bool fp_fast_div(const struct fp_fast *a, const struct fp_fast *b, struct fp_fast *r)
{
    unsigned down = a->sig < b->sig;
    unsigned __int128 n = (unsigned __int128)a->sig << (63 + down);
    uint64_t q;

    if (!b->sig)
        return false;
    q = (uint64_t)(n / b->sig);
    r->sig = q | ((uint64_t)n != q * b->sig);       /* the remainder is below 2^64: its low half tells */
    r->exp = a->exp - b->exp - (int)down;
    r->sign = a->sign != b->sign;
    return true;
}

/* The host's root, to 53 bits, is off by half a place at most; an exact square in integers tells on which side. */
FP_INLINE bool fp_fast_sqrt(const struct fp_fast *a, struct fp_fast *r)
{
    const unsigned odd = (unsigned)a->exp & 1;
    uint64_t bits = (1023ull + odd) << 52 | (a->sig & ~FP_SIG_TOP) >> 11, root;
    unsigned __int128 square, value = (unsigned __int128)(a->sig >> 11) << (52 + odd);
    double x;

    if (a->sign || !a->sig)
        return false;
    memcpy(&x, &bits, 8);
    x = __builtin_sqrt(x);
    memcpy(&bits, &x, 8);
    root = (bits & 0xFFFFFFFFFFFFFull) | 1ull << 52;
    square = (unsigned __int128)root * root;
    if (square > value)
        r->sig = (root - 1) << 11 | 0x600;
    else
        r->sig = root << 11 | (square < value ? 0x200 : 0);
    r->exp = (a->exp - (int)odd) / 2;
    r->sign = false;
    return r->sig >> 63;
}

/* a * c + b */
FP_INLINE bool fp_fast_fma(const struct fp_fast *a, const struct fp_fast *c, const struct fp_fast *b, struct fp_fast *r)
{
    unsigned __int128 p = (unsigned __int128)a->sig * c->sig, s = (unsigned __int128)b->sig << 64;
    int exp = a->exp + c->exp + 1, d;
    bool sign = a->sign != c->sign;
    unsigned n;

    if (!(p >> 127)) {
        p <<= 1;
        exp--;
    }
    p >>= 1;            /* room for a carry; products have 22 low zero bits, addends 75 */
    s >>= 1;
    d = exp - b->exp;
    if (d >= 0) {
        s = d < 128 ? s >> d | ((s & (((unsigned __int128)1 << d) - 1)) != 0) : s != 0;
    } else {
        p = -d < 128 ? p >> -d | ((p & (((unsigned __int128)1 << -d) - 1)) != 0) : p != 0;
        exp = b->exp;
    }
    if (sign == b->sign) {
        p += s;
    } else if (p >= s) {
        p -= s;
    } else {
        p = s - p;
        sign = b->sign;
    }
    if (!(p >> 64))
        return false;   /* zero, or nearly everything cancelled */
    n = (unsigned)__builtin_clzll((uint64_t)(p >> 64));
    p <<= n;
    *r = (struct fp_fast){ .sig = (uint64_t)(p >> 64) | ((uint64_t)p != 0), .exp = exp + 1 - (int)n, .sign = sign };
    return true;
}

FP_INLINE bool fp_fast_fms(const struct fp_fast *a, const struct fp_fast *c, const struct fp_fast *b, struct fp_fast *r)
{
    struct fp_fast minus = { b->sig, b->exp, !b->sign };

    return fp_fast_fma(a, c, &minus, r);
}

#endif
