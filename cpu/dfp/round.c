/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/dfp/round.c - digits, the eight rounding modes, and fitting a result into a format.
 *
 * Spec: Power ISA I, 5.5.2 (rounding), 5.5.6 to 5.5.8 (formation of results, ideal exponents), 5.5.10 (exceptions).
 * Tininess is seen before rounding. */
#include "cpu/dfp/dfp.h"

dfp_int dfp_pow10(unsigned n)
{
    static const uint64_t small[] = {
        1,
        10,
        100,
        1000,
        10000,
        100000,
        1000000,
        10000000,
        100000000,
        1000000000,
        10000000000,
        100000000000,
        1000000000000,
        10000000000000,
        100000000000000,
        1000000000000000,
        10000000000000000,
        100000000000000000,
        1000000000000000000,
        10000000000000000000ull,
    };

    return n < 20 ? small[n] : (dfp_int)small[19] * small[n - 19];
}

unsigned dfp_digits(dfp_int x)
{
    uint64_t high = (uint64_t)(x >> 64), low = (uint64_t)x;
    unsigned bits = high ? 128 - (unsigned)__builtin_clzll(high) : low ? 64 - (unsigned)__builtin_clzll(low) : 0;
    unsigned n = bits * 1233 >> 12;     /* log10(2), exact enough for 128 bits */

    return n + (x >= dfp_pow10(n));
}

/* What was dropped, in units of the last digit kept. */
enum rest { REST_NONE, REST_BELOW_HALF, REST_HALF, REST_ABOVE_HALF };

static enum rest rest_of(dfp_int rest, unsigned n, bool sticky)
{
    dfp_int half = n ? dfp_pow10(n) / 2 : 1;    /* nothing dropped: only what sticky stands for, far below half */

    if (rest < half)
        return rest || sticky ? REST_BELOW_HALF : REST_NONE;
    return rest == half && !sticky ? REST_HALF : REST_ABOVE_HALF;
}

/* rest is not REST_NONE. */
static bool rounds_up(enum dfp_rounding rm, bool sign, dfp_int kept, enum rest rest)
{
    switch (rm) {
    case DFP_NEAREST_EVEN:
        return rest == REST_ABOVE_HALF || (rest == REST_HALF && kept & 1);
    case DFP_TO_ZERO:
        return false;
    case DFP_UP:
        return !sign;
    case DFP_DOWN:
        return sign;
    case DFP_NEAREST_AWAY:
        return rest >= REST_HALF;
    case DFP_NEAREST_TO_ZERO:
        return rest == REST_ABOVE_HALF;
    case DFP_AWAY:
        return true;
    default:
        return kept % 5 == 0;
    }
}

dfp_int dfp_drop(struct dfp_env *e, bool sign, dfp_int x, unsigned n, bool sticky, bool *inexact)
{
    dfp_int kept = n < 39 ? x / dfp_pow10(n) : 0;
    /* 39 digits or more: all of x is below half. */
    enum rest rest = n < 39 ? rest_of(x % dfp_pow10(n), n, sticky) : x || sticky ? REST_BELOW_HALF : REST_NONE;

    *inexact = rest != REST_NONE;
    if (*inexact) {
        e->flags |= FPSCR_XX | FPSCR_FI;
        if (rounds_up(e->rm, sign, kept, rest)) {
            e->flags |= FPSCR_FR;
            kept++;
        }
    }
    return kept;
}

/* Moves an exact number towards exponent `to` as far as its zeros and the room for digits allow. */
static void approach(struct dfp_num *x, int to, unsigned digits)
{
    dfp_int limit = dfp_pow10(digits - 1);

    for (; x->exp < to && x->coef % 10 == 0; x->exp++)
        x->coef /= 10;
    for (; x->exp > to && x->coef < limit; x->exp--)
        x->coef *= 10;
}

/* Infinity or the largest number, by the rounding mode. */
static struct dfp_num overflowed(struct dfp_env *e, const struct dfp_format *f, bool sign)
{
    bool finite = e->rm == DFP_TO_ZERO || e->rm == DFP_PREPARE_SHORTER || e->rm == (sign ? DFP_UP : DFP_DOWN);

    e->flags |= FPSCR_XX | FPSCR_FI;
    if (finite) {
        e->flags &= ~FPSCR_FR;
        return (struct dfp_num){ .coef = dfp_pow10(f->digits) - 1, .exp = dfp_exp_max(f), .sign = sign };
    }
    e->flags |= FPSCR_FR;
    return (struct dfp_num){ .kind = DFP_INF, .sign = sign };
}

static int clamp(int x, int lo, int hi)
{
    return x < lo ? lo : x > hi ? hi : x;
}

/* How many digits do not fit: beyond the precision, or below the smallest exponent. */
static unsigned surplus(const struct dfp_format *f, const struct dfp_num *x, bool denormalize)
{
    int beyond = (int)dfp_digits(x->coef) - f->digits, below = denormalize ? dfp_exp_min(f) - x->exp : 0;

    beyond = beyond > below ? beyond : below;
    return beyond > 0 ? (unsigned)beyond : 0;
}

/* One attempt; false: a trapped result does not fit even after its exponent adjustment. */
static bool fit(struct dfp_env *e, const struct dfp_format *f, struct dfp_num *x, bool sticky, int ideal)
{
    int min = dfp_exp_min(f), max = dfp_exp_max(f), adjust = e->adjust ? e->adjust : f->adjust;
    bool tiny = !dfp_is_normal(f, x), inexact;
    unsigned n = surplus(f, x, tiny && !e->ue);

    x->coef = dfp_drop(e, x->sign, x->coef, n, sticky, &inexact);
    x->exp += (int)n;
    if (x->coef == dfp_pow10(f->digits)) {
        x->coef /= 10;
        x->exp++;
    }
    if (!inexact)
        approach(x, tiny && e->ue ? ideal : clamp(ideal, min, INT16_MAX), f->digits);
    if (tiny && (inexact || e->ue)) {
        e->flags |= FPSCR_UX;
        x->exp += e->ue ? adjust : 0;
    }
    if (x->exp + (int)dfp_digits(x->coef) > max + f->digits) {
        e->flags |= FPSCR_OX;
        if (!e->oe) {
            *x = overflowed(e, f, x->sign);
            return true;
        }
        x->exp -= adjust;
    }
    for (; x->exp > max && dfp_digits(x->coef) < f->digits; x->exp--)
        x->coef *= 10;
    return x->exp >= min && x->exp <= max;
}

struct dfp_num dfp_round(struct dfp_env *e, const struct dfp_format *f, struct dfp_num x, bool sticky, int ideal)
{
    struct dfp_env trial = *e;
    struct dfp_num r = x;

    if (!x.coef) {
        x.exp = clamp(ideal, dfp_exp_min(f), dfp_exp_max(f));
        return x;
    }
    if (fit(&trial, f, &r, sticky, ideal)) {
        *e = trial;
        return r;
    }
    e->oe = e->ue = false;
    fit(e, f, &x, sticky, ideal);
    return x;
}

static struct dfp_num invalid_quantum(struct dfp_env *e)
{
    e->flags = FPSCR_VXCVI;
    return dfp_default_nan();
}

struct dfp_num dfp_quantize(struct dfp_env *e, const struct dfp_format *f, struct dfp_num x, int exp)
{
    bool inexact;

    if (x.exp >= exp) {
        unsigned up = (unsigned)(x.exp - exp);

        if (x.coef && dfp_digits(x.coef) + up > f->digits)
            return invalid_quantum(e);
        x.coef = x.coef ? x.coef * dfp_pow10(up) : 0;
    } else {
        x.coef = dfp_drop(e, x.sign, x.coef, (unsigned)(exp - x.exp), false, &inexact);
    }
    x.exp = exp;
    return x;
}

struct dfp_num dfp_reround(struct dfp_env *e, const struct dfp_format *f, struct dfp_num x, unsigned n)
{
    unsigned digits = dfp_digits(x.coef);

    if (!n || digits <= n)
        return x;
    x = dfp_quantize(e, f, x, x.exp + (int)(digits - n));
    if (dfp_digits(x.coef) > n) {       /* rounded up to a power of ten */
        x.coef /= 10;
        x.exp++;
    }
    return x.exp > dfp_exp_max(f) ? invalid_quantum(e) : x;
}
