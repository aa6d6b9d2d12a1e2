/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/fp/arith.c - add, multiply, divide, square root, multiply-add on unpacked numbers, exact up to a sticky last bit.
 * Spec: Power ISA I, 4.3.2 (NaN rules), 4.4.1-4.4.2 (invalid operation, zero divide), 4.6.6.
 *
 * Why a sticky bit is enough: operands have 113 significant bits at most, so 15 low bits are 0. Aligning by more than
 * 15 places loses bits, but then a subtraction cancels one leading place at most, and every rounding position stays
 * well above bit 0. The same holds in 256 bits for the product of a multiply-add (226 bits, 30 spare). */
#include "cpu/cpu.h"
#include "cpu/fp/fp.h"
#include "cpu/fp/wide.h"

static struct fp_num default_nan(struct fp_env *e, uint32_t cause)
{
    e->flags |= cause;
    return (struct fp_num){ .kind = FPK_QNAN, .frac = (u128)1 << 126 };
}

static struct fp_num zero(bool sign)
{
    return (struct fp_num){ .kind = FPK_ZERO, .sign = sign };
}

static struct fp_num infinity(bool sign)
{
    return (struct fp_num){ .kind = FPK_INF, .sign = sign };
}

static struct fp_num quieted(struct fp_num x)
{
    x.kind = FPK_QNAN;
    x.frac |= (u128)1 << 126;
    return x;
}

/* The first NaN of the list is the result; any signalling one is an invalid operation. */
static bool any_nan(struct fp_env *e, const struct fp_num *a, const struct fp_num *b, struct fp_num *out)
{
    if (!fp_is_nan(a) && !fp_is_nan(b))
        return false;
    if (a->kind == FPK_SNAN || b->kind == FPK_SNAN)
        e->flags |= FPSCR_VXSNAN;
    *out = quieted(fp_is_nan(a) ? *a : *b);
    return true;
}

static struct fp_num normalised(struct fp_num x)
{
    unsigned n = u128_clz(x.frac);

    x.frac <<= n;
    x.exp -= (int)n;
    return x;
}

/* Sum of two numbers. */
static struct fp_num add_numbers(const struct fp_env *e, struct fp_num a, struct fp_num b)
{
    struct fp_num r;

    if (a.exp < b.exp || (a.exp == b.exp && a.frac < b.frac)) {
        r = a;
        a = b;
        b = r;
    }
    r = a;
    b.frac = u128_shr_jam(b.frac, (unsigned)(a.exp - b.exp));
    if (a.sign != b.sign) {
        r.frac = a.frac - b.frac;
        return r.frac ? normalised(r) : zero(e->rm == FPR_DOWN);
    }
    r.frac = a.frac + b.frac;
    if (r.frac < a.frac) {
        r.frac = r.frac >> 1 | (r.frac & 1) | U128_TOP;
        r.exp++;
    }
    return r;
}

/* a + b, neither a NaN. */
static struct fp_num add_ordered(struct fp_env *e, struct fp_num a, struct fp_num b)
{
    if (a.kind == FPK_INF || b.kind == FPK_INF) {
        if (a.kind == b.kind && a.sign != b.sign)
            return default_nan(e, FPSCR_VXISI);
        return a.kind == FPK_INF ? a : b;
    }
    if (a.kind == FPK_ZERO && b.kind == FPK_ZERO)
        return a.sign == b.sign ? a : zero(e->rm == FPR_DOWN);
    if (a.kind == FPK_ZERO)
        return b;
    return b.kind == FPK_ZERO ? a : add_numbers(e, a, b);
}

struct fp_num fp_add(struct fp_env *e, struct fp_num a, struct fp_num b)
{
    struct fp_num r;

    return any_nan(e, &a, &b, &r) ? r : add_ordered(e, a, b);
}

struct fp_num fp_sub(struct fp_env *e, struct fp_num a, struct fp_num b)
{
    struct fp_num r;

    if (any_nan(e, &a, &b, &r))
        return r;
    b.sign = !b.sign;
    return add_ordered(e, a, b);
}

struct fp_num fp_mul(struct fp_env *e, struct fp_num a, struct fp_num b)
{
    struct fp_num r;
    struct u256 p;

    if (any_nan(e, &a, &b, &r))
        return r;
    r = (struct fp_num){ .kind = FPK_NUMBER, .sign = a.sign != b.sign, .exp = a.exp + b.exp + 1 };
    if (a.kind == FPK_INF || b.kind == FPK_INF)
        return a.kind == FPK_ZERO || b.kind == FPK_ZERO ? default_nan(e, FPSCR_VXIMZ) : infinity(r.sign);
    if (a.kind == FPK_ZERO || b.kind == FPK_ZERO)
        return zero(r.sign);
    if (!(uint64_t)a.frac && !(uint64_t)b.frac)
        p = (struct u256){ (a.frac >> 64) * (b.frac >> 64), 0 };
    else
        p = u256_mul(a.frac, b.frac);
    if (!(p.hi >> 127)) {
        p = u256_shl(p, 1);
        r.exp--;
    }
    r.frac = p.hi | (p.lo != 0);
    return r;
}

/* Quotients of two significands, 2^127 or 2^126 and up for 1 and up or below, with a sticky bit 0. */
static u128 divide_long(u128 n, u128 d)
{
    u128 q = 0;

    n >>= 15;           /* 113 bits each: room to shift the remainder */
    d >>= 15;
    for (unsigned i = 0; i < 116; i++) {
        q <<= 1;
        if (n >= d) {
            n -= d;
            q |= 1;
        }
        n <<= 1;
    }
    return q << 12 | (n != 0);
}

static u128 divide_short(uint64_t n, uint64_t d)
{
    u128 whole = (u128)n << 63;

    return whole / d << 64 | (whole % d != 0);
}

struct fp_num fp_div(struct fp_env *e, struct fp_num a, struct fp_num b)
{
    struct fp_num r;

    if (any_nan(e, &a, &b, &r))
        return r;
    r = (struct fp_num){ .kind = FPK_NUMBER, .sign = a.sign != b.sign, .exp = a.exp - b.exp };
    if (a.kind == FPK_INF)
        return b.kind == FPK_INF ? default_nan(e, FPSCR_VXIDI) : infinity(r.sign);
    if (b.kind == FPK_INF)
        return zero(r.sign);
    if (b.kind == FPK_ZERO) {
        if (a.kind == FPK_ZERO)
            return default_nan(e, FPSCR_VXZDZ);
        e->flags |= FPSCR_ZX;
        return infinity(r.sign);
    }
    if (a.kind == FPK_ZERO)
        return zero(r.sign);
    if (!e->wide)
        r.frac = divide_short((uint64_t)(a.frac >> 64), (uint64_t)(b.frac >> 64));
    else
        r.frac = divide_long(a.frac, b.frac);
    return normalised(r);
}

/* Square root of frac / 2^127, doubled when `odd`, digit by digit to `places` bits with a sticky bit 0. */
static u128 root(u128 frac, bool odd, unsigned places)
{
    u128 rem = odd ? frac >> 126 : frac >> 127;
    u128 rest = odd ? frac << 2 : frac << 1;
    u128 r = 0;

    for (unsigned i = 0;; i++) {
        u128 trial = r << 2 | 1;

        r <<= 1;
        if (rem >= trial) {
            rem -= trial;
            r |= 1;
        }
        if (i == places - 1)
            break;
        rem = rem << 2 | rest >> 126;
        rest <<= 2;
    }
    return r << (128 - places) | (rem || rest);
}

struct fp_num fp_sqrt(struct fp_env *e, struct fp_num a)
{
    struct fp_num r;

    if (any_nan(e, &a, &a, &r))
        return r;
    if (a.kind == FPK_ZERO)
        return a;
    if (a.sign)
        return default_nan(e, FPSCR_VXSQRT);
    if (a.kind == FPK_INF)
        return a;
    r = (struct fp_num){ .kind = FPK_NUMBER, .exp = (a.exp - (a.exp & 1)) / 2 };
    r.frac = root(a.frac, a.exp & 1, e->wide ? 116 : 64);
    return r;
}

/* a * c + b on numbers; b may be zero. */
static struct fp_num fma_numbers(struct fp_env *e, const struct fp_num *a, const struct fp_num *c,
                                 const struct fp_num *b)
{
    struct fp_num r = { .kind = FPK_NUMBER, .sign = a->sign != c->sign, .exp = a->exp + c->exp + 1 };
    struct u256 p = u256_mul(a->frac, c->frac), s = { b->frac, 0 };
    unsigned carry = 0, n;

    if (!(p.hi >> 127)) {
        p = u256_shl(p, 1);
        r.exp--;
    }
    if (b->kind == FPK_NUMBER) {
        int d = r.exp - b->exp;

        if (d >= 0) {
            s = u256_shr_jam(s, (unsigned)d);
        } else {
            p = u256_shr_jam(p, (unsigned)-d);
            r.exp = b->exp;
        }
        if (r.sign == b->sign) {
            p = u256_add(p, s, &carry);
        } else if (p.hi > s.hi || (p.hi == s.hi && p.lo >= s.lo)) {
            p = u256_sub(p, s);
        } else {
            p = u256_sub(s, p);
            r.sign = b->sign;
        }
    }
    if (carry) {
        p = u256_shr_jam(p, 1);
        p.hi |= U128_TOP;
        r.exp++;
    } else {
        if (!p.hi && !p.lo)
            return zero(e->rm == FPR_DOWN);
        n = p.hi ? u128_clz(p.hi) : 128 + u128_clz(p.lo);
        p = u256_shl(p, n);
        r.exp -= (int)n;
    }
    r.frac = p.hi | (p.lo != 0);
    return r;
}

static struct fp_num fma_signed(struct fp_env *e, struct fp_num a, struct fp_num c, struct fp_num b, bool negate_b)
{
    bool imz = (a.kind == FPK_INF && c.kind == FPK_ZERO) || (a.kind == FPK_ZERO && c.kind == FPK_INF);
    struct fp_num r;

    if (imz)
        e->flags |= FPSCR_VXIMZ;
    if (fp_is_nan(&c) && !fp_is_nan(&a) && !fp_is_nan(&b)) {
        any_nan(e, &c, &c, &r);
        return r;
    }
    if (any_nan(e, &a, &b, &r)) {
        if (c.kind == FPK_SNAN)
            e->flags |= FPSCR_VXSNAN;
        return r;
    }
    if (imz)
        return default_nan(e, 0);
    b.sign ^= negate_b;
    if (a.kind == FPK_NUMBER && c.kind == FPK_NUMBER && b.kind != FPK_INF)
        return fma_numbers(e, &a, &c, &b);
    r.sign = a.sign != c.sign;
    r = a.kind == FPK_INF || c.kind == FPK_INF ? infinity(r.sign) : zero(r.sign);
    if (b.kind == FPK_INF && r.kind != FPK_INF)
        return b;
    return add_ordered(e, r, b);
}

struct fp_num fp_fma(struct fp_env *e, struct fp_num a, struct fp_num c, struct fp_num b)
{
    return fma_signed(e, a, c, b, false);
}

struct fp_num fp_fms(struct fp_env *e, struct fp_num a, struct fp_num c, struct fp_num b)
{
    return fma_signed(e, a, c, b, true);
}

struct fp_num fp_recip(struct fp_env *e, struct fp_num a)
{
    return fp_div(e, (struct fp_num){ .kind = FPK_NUMBER, .frac = U128_TOP }, a);
}

struct fp_num fp_rsqrt(struct fp_env *e, struct fp_num a)
{
    a = fp_sqrt(e, a);
    if (a.kind == FPK_NUMBER)
        a.frac &= ~(u128)0x7FFF;        /* an operand again */
    return fp_recip(e, a);
}

unsigned fp_compare(const struct fp_num *a, const struct fp_num *b)
{
    bool less;

    if (fp_is_nan(a) || fp_is_nan(b))
        return CR_SO;
    if (a->kind == FPK_ZERO && b->kind == FPK_ZERO)
        return CR_EQ;
    if (a->kind == FPK_ZERO)
        return b->sign ? CR_GT : CR_LT;
    if (b->kind == FPK_ZERO || a->sign != b->sign)
        return a->sign ? CR_LT : CR_GT;
    if (a->kind == b->kind && (a->kind == FPK_INF || (a->exp == b->exp && a->frac == b->frac)))
        return CR_EQ;
    if (a->kind != b->kind)
        less = b->kind == FPK_INF;
    else
        less = a->exp < b->exp || (a->exp == b->exp && a->frac < b->frac);
    return less != a->sign ? CR_LT : CR_GT;
}
