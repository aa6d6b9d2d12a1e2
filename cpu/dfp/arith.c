/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/dfp/arith.c - decimal add, multiply, divide, compare, integers.
 *
 * Spec: Power ISA I, 5.6.1 (arithmetic, with its tables of special operands), 5.6.2 (compare), 5.6.5 (convert).
 * Intermediate coefficients have at most KEEP digits; what is below them is one sticky bit. */
#include "cpu/dfp/dfp.h"

#define KEEP 38u

static struct dfp_num zero(bool sign)
{
    return (struct dfp_num){ .sign = sign };
}

static struct dfp_num infinity(bool sign)
{
    return (struct dfp_num){ .kind = DFP_INF, .sign = sign };
}

static struct dfp_num invalid(struct dfp_env *e, uint32_t why)
{
    e->flags |= why;
    return dfp_default_nan();
}

bool dfp_nan_result(struct dfp_env *e, const struct dfp_num *a, const struct dfp_num *b, struct dfp_num *r)
{
    if (!dfp_is_nan(a) && !dfp_is_nan(b))
        return false;
    if (a->kind == DFP_SNAN || b->kind == DFP_SNAN) {
        e->flags |= FPSCR_VXSNAN;
        *r = a->kind == DFP_SNAN ? *a : *b;
    } else {
        *r = a->kind == DFP_QNAN ? *a : *b;
    }
    r->kind = DFP_QNAN;
    return true;
}

/* -- sum -- */

/* a + b where a has the larger exponent and is not 0. */
static struct dfp_num add_aligned(struct dfp_env *e, const struct dfp_format *f, struct dfp_num a, struct dfp_num b)
{
    unsigned distance = (unsigned)(a.exp - b.exp), room = KEEP - dfp_digits(a.coef);
    unsigned up = distance < room ? distance : room, down = distance - up;
    struct dfp_env truncate = { .rm = DFP_TO_ZERO };
    int ideal = b.exp;
    bool sticky;

    a.coef *= dfp_pow10(up);
    a.exp -= (int)up;
    b.coef = dfp_drop(&truncate, false, b.coef, down, false, &sticky);
    if (a.sign == b.sign) {
        a.coef += b.coef;
    } else if (a.coef >= b.coef) {
        a.coef -= b.coef + sticky;      /* sticky: b is a little larger than its digits; a is larger by far then */
    } else {
        a.coef = b.coef - a.coef;
        a.sign = b.sign;
    }
    if (!a.coef)
        a.sign = e->rm == DFP_DOWN;
    return dfp_round(e, f, a, sticky, ideal);
}

static struct dfp_num add_finite(struct dfp_env *e, const struct dfp_format *f, struct dfp_num a, struct dfp_num b)
{
    int ideal = a.exp < b.exp ? a.exp : b.exp;

    if (!a.coef && !b.coef)
        return dfp_round(e, f, zero(a.sign == b.sign ? a.sign : e->rm == DFP_DOWN), false, ideal);
    if (!a.coef || !b.coef)
        return dfp_round(e, f, a.coef ? a : b, false, ideal);
    return a.exp >= b.exp ? add_aligned(e, f, a, b) : add_aligned(e, f, b, a);
}

struct dfp_num dfp_add(struct dfp_env *e, const struct dfp_format *f, struct dfp_num a, struct dfp_num b)
{
    struct dfp_num r;

    if (dfp_nan_result(e, &a, &b, &r))
        return r;
    if (a.kind == DFP_INF && b.kind == DFP_INF && a.sign != b.sign)
        return invalid(e, FPSCR_VXISI);
    if (a.kind == DFP_INF || b.kind == DFP_INF)
        return infinity(a.kind == DFP_INF ? a.sign : b.sign);
    return add_finite(e, f, a, b);
}

struct dfp_num dfp_sub(struct dfp_env *e, const struct dfp_format *f, struct dfp_num a, struct dfp_num b)
{
    b.sign ^= !dfp_is_nan(&b);
    return dfp_add(e, f, a, b);
}

/* -- product -- */

/* Sets x->coef to the leading digits of a * b and x->exp to what they are scaled by; true when digits were lost.
 * The product of two 34-digit numbers is formed in limbs of 17 digits as high * 10^34 + low. */
static bool product(dfp_int a, dfp_int b, struct dfp_num *x)
{
    dfp_int limb = dfp_pow10(17);
    dfp_int a0 = a % limb, a1 = a / limb, b0 = b % limb, b1 = b / limb;
    dfp_int middle = a0 * b1 + a1 * b0, low = a0 * b0 + middle % limb * limb;
    dfp_int high = a1 * b1 + middle / limb + low / dfp_pow10(34);
    unsigned take = KEEP - dfp_digits(high), cut = take < 34 ? 34 - take : 0;

    low %= dfp_pow10(34);
    x->coef = high * dfp_pow10(34 - cut) + low / dfp_pow10(cut);
    x->exp = (int)cut;
    return low % dfp_pow10(cut) != 0;
}

struct dfp_num dfp_mul(struct dfp_env *e, const struct dfp_format *f, struct dfp_num a, struct dfp_num b)
{
    int ideal = a.exp + b.exp;
    struct dfp_num r;
    bool sticky;

    if (dfp_nan_result(e, &a, &b, &r))
        return r;
    if (a.kind == DFP_INF || b.kind == DFP_INF) {
        if ((a.kind == DFP_FINITE && !a.coef) || (b.kind == DFP_FINITE && !b.coef))
            return invalid(e, FPSCR_VXIMZ);
        return infinity(a.sign ^ b.sign);
    }
    r = zero(a.sign ^ b.sign);
    sticky = product(a.coef, b.coef, &r);
    r.exp += ideal;
    return dfp_round(e, f, r, sticky, ideal);
}

/* -- quotient -- */

static struct dfp_num divide_finite(struct dfp_env *e, const struct dfp_format *f, struct dfp_num a, struct dfp_num b)
{
    struct dfp_num r = { .coef = a.coef / b.coef, .exp = a.exp - b.exp, .sign = a.sign ^ b.sign };
    dfp_int rest = a.coef % b.coef, enough = dfp_pow10(35);

    while (rest && r.coef < enough) {
        rest *= 1000;
        r.coef = r.coef * 1000 + rest / b.coef;
        r.exp -= 3;
        rest %= b.coef;
    }
    return dfp_round(e, f, r, rest != 0, a.exp - b.exp);
}

struct dfp_num dfp_div(struct dfp_env *e, const struct dfp_format *f, struct dfp_num a, struct dfp_num b)
{
    bool sign = a.sign ^ b.sign;
    struct dfp_num r;

    if (dfp_nan_result(e, &a, &b, &r))
        return r;
    if (a.kind == DFP_INF)
        return b.kind == DFP_INF ? invalid(e, FPSCR_VXIDI) : infinity(sign);
    if (b.kind == DFP_INF)
        return dfp_round(e, f, zero(sign), false, dfp_exp_min(f));
    if (!b.coef) {
        if (!a.coef)
            return invalid(e, FPSCR_VXZDZ);
        e->flags |= FPSCR_ZX;
        return infinity(sign);
    }
    return divide_finite(e, f, a, b);
}

/* -- comparison -- */

/* Magnitudes of two finite numbers: -1, 0, 1. */
static int compare_magnitude(const struct dfp_num *a, const struct dfp_num *b)
{
    int top_a = a->exp + (int)dfp_digits(a->coef), top_b = b->exp + (int)dfp_digits(b->coef);
    dfp_int x = a->coef, y = b->coef;

    if (!x || !y)
        return (x != 0) - (y != 0);
    if (top_a != top_b)
        return top_a < top_b ? -1 : 1;
    if (a->exp > b->exp)                /* the same leading digit: at most 33 apart */
        x *= dfp_pow10((unsigned)(a->exp - b->exp));
    else
        y *= dfp_pow10((unsigned)(b->exp - a->exp));
    return (x > y) - (x < y);
}

enum dfp_order dfp_compare(const struct dfp_num *a, const struct dfp_num *b)
{
    int order;

    if (dfp_is_nan(a) || dfp_is_nan(b))
        return DFP_UNORDERED;
    if (a->kind == DFP_INF || b->kind == DFP_INF)
        order = (a->kind == DFP_INF) - (b->kind == DFP_INF);
    else
        order = compare_magnitude(a, b);
    if (a->sign != b->sign)             /* equal only if both are 0 */
        order = order == 0 && a->kind == DFP_FINITE && !a->coef ? 0 : 1;
    if (!order)
        return DFP_EQUAL;
    return (order < 0) == a->sign ? DFP_GREATER : DFP_LESS;
}

/* -- integers -- */

struct dfp_num dfp_from_int64(int64_t v)
{
    return (struct dfp_num){ .coef = v < 0 ? -(uint64_t)v : (uint64_t)v, .sign = v < 0 };
}

static int64_t invalid_integer(struct dfp_env *e, bool sign)
{
    e->flags = (e->flags & FPSCR_VXSNAN) | FPSCR_VXCVI;
    return sign ? INT64_MIN : INT64_MAX;
}

int64_t dfp_to_int64(struct dfp_env *e, const struct dfp_num *x)
{
    dfp_int v = x->coef, limit = (dfp_int)INT64_MAX + x->sign;
    bool inexact;

    if (dfp_is_nan(x)) {
        e->flags |= x->kind == DFP_SNAN ? FPSCR_VXSNAN : 0;
        return invalid_integer(e, true);
    }
    if (x->kind == DFP_INF || (v && x->exp > 18))
        return invalid_integer(e, x->sign);
    if (v && x->exp >= 0)
        v = v > limit ? v : v * dfp_pow10((unsigned)x->exp);    /* below 10^19 * 10^18 */
    else if (v)
        v = dfp_drop(e, x->sign, v, (unsigned)-x->exp, false, &inexact);
    if (v > limit)
        return invalid_integer(e, x->sign);
    return (int64_t)(x->sign ? -(uint64_t)v : (uint64_t)v);
}
