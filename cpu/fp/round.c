/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/fp/round.c - unpacking, the one rounding, packing. Spec: Power ISA I, 4.3.5.4, 4.3.6, 4.4.3-4.4.5. */
#include "cpu/fp/fp.h"
#include "cpu/fp/wide.h"

static u128 low_mask(unsigned bits)
{
    return ((u128)1 << bits) - 1;
}

struct fp_num fp_unpack(const struct fp_format *f, fp_bits bits)
{
    unsigned emask = (1u << f->exp_bits) - 1;
    unsigned e = (unsigned)(bits >> f->frac_bits) & emask;
    u128 frac = (bits & low_mask(f->frac_bits)) << (127 - f->frac_bits);
    struct fp_num x = { .frac = frac, .sign = (bits >> (f->frac_bits + f->exp_bits)) & 1 };

    if (e == emask) {
        x.kind = !frac ? FPK_INF : frac >> 126 ? FPK_QNAN : FPK_SNAN;
    } else if (e) {
        x.kind = FPK_NUMBER;
        x.frac |= U128_TOP;
        x.exp = (int)e - f->emax;
    } else if (frac) {
        unsigned n = u128_clz(frac);

        x.kind = FPK_NUMBER;
        x.frac <<= n;
        x.exp = fp_emin(f) - (int)n;
    }
    return x;
}

fp_bits fp_pack(const struct fp_format *f, const struct fp_num *x)
{
    unsigned emask = (1u << f->exp_bits) - 1;
    u128 sign = (u128)x->sign << (f->frac_bits + f->exp_bits);
    u128 inf = (u128)emask << f->frac_bits;
    unsigned drop = 127u - f->frac_bits;
    int below = fp_emin(f) - x->exp;

    switch ((enum fp_kind)x->kind) {
    case FPK_ZERO:
        return sign;
    case FPK_INF:
        return sign | inf;
    case FPK_QNAN:
    case FPK_SNAN:
        return sign | inf | ((x->frac & ~U128_TOP) >> drop);
    case FPK_NUMBER:
        break;
    }
    if (x->exp > f->emax)
        return sign | inf;
    if (below > 0)
        return below > 127 - (int)drop ? sign : sign | x->frac >> (drop + (unsigned)below);
    return sign | (u128)(unsigned)(x->exp + f->emax) << f->frac_bits | ((x->frac & ~U128_TOP) >> drop);
}

/* Whether the kept magnitude (its last bit odd or even) goes up, for a remainder of rest / 2^128 of its last place. */
static bool rounds_up(enum fp_rounding rm, bool sign, bool odd, u128 rest)
{
    switch (rm) {
    case FPR_NEAREST:
        return rest > U128_TOP || (rest == U128_TOP && odd);
    case FPR_AWAY:
        return rest >= U128_TOP;
    case FPR_UP:
        return rest && !sign;
    case FPR_DOWN:
        return rest && sign;
    case FPR_ODD:
        return rest && !odd;
    case FPR_ZERO:
        break;
    }
    return false;
}

/* Rounds away the low `drop` (1 and more) bits of a number; sets XX FI FR. The result may be zero. */
static struct fp_num round_at(struct fp_env *e, struct fp_num x, unsigned drop, enum fp_rounding rm)
{
    u128 keep = drop < 128 ? x.frac >> drop : 0;
    u128 rest = drop < 128 ? x.frac << (128 - drop) : drop == 128 ? x.frac : 1;
    bool up = rounds_up(rm, x.sign, keep & 1, rest);

    e->flags &= ~(FPSCR_FR | FPSCR_FI);
    if (rest)
        e->flags |= FPSCR_XX | FPSCR_FI | (up ? FPSCR_FR : 0);
    if (drop >= 128) {
        x.frac = U128_TOP;
        x.exp += (int)drop - 127;
        x.kind = up ? FPK_NUMBER : FPK_ZERO;
        return x;
    }
    x.frac = (keep + up) << drop;
    if (!x.frac) {
        x.frac = U128_TOP;
        x.exp++;
    }
    return x;
}

static struct fp_num overflow(struct fp_env *e, const struct fp_format *f, struct fp_num x)
{
    bool inf = e->rm == FPR_NEAREST || e->rm == FPR_AWAY || (e->rm == FPR_UP && !x.sign) ||
        (e->rm == FPR_DOWN && x.sign);

    e->flags |= FPSCR_OX;
    if (e->oe) {
        x.exp -= f->adjust;
        return x;
    }
    e->flags = (e->flags & ~FPSCR_FR) | FPSCR_XX | FPSCR_FI | (inf ? FPSCR_FR : 0);
    x.kind = inf ? FPK_INF : FPK_NUMBER;
    x.exp = f->emax;
    x.frac = ~low_mask(127u - f->frac_bits);
    return x;
}

struct fp_num fp_round(struct fp_env *e, const struct fp_format *f, struct fp_num x)
{
    unsigned drop = 127u - f->frac_bits;
    bool tiny = x.exp < fp_emin(f);

    if (x.kind != FPK_NUMBER)
        return x;
    if (tiny && e->flush) {
        x.kind = FPK_ZERO;
        return x;
    }
    if (tiny && e->ue) {
        e->flags |= FPSCR_UX;
        x.exp += f->adjust;
        x.trapped = true;
        return round_at(e, x, drop, (enum fp_rounding)e->rm);
    }
    if (tiny)
        drop += (unsigned)(fp_emin(f) - x.exp);
    x = round_at(e, x, drop, (enum fp_rounding)e->rm);
    if (tiny && e->flags & FPSCR_FI)
        e->flags |= FPSCR_UX;
    return x.kind == FPK_NUMBER && x.exp > f->emax ? overflow(e, f, x) : x;
}

/* Quiet NaN cut to the fraction bits f has. */
static struct fp_num quiet(const struct fp_format *f, struct fp_num x)
{
    x.kind = FPK_QNAN;
    x.frac = (x.frac | (u128)1 << 126) & ~low_mask(127u - f->frac_bits);
    return x;
}

struct fp_num fp_convert(struct fp_env *e, const struct fp_format *f, struct fp_num x)
{
    if (!fp_is_nan(&x))
        return fp_round(e, f, x);
    if (x.kind == FPK_SNAN)
        e->flags |= FPSCR_VXSNAN;
    return quiet(f, x);
}

unsigned fp_class(const struct fp_format *f, const struct fp_num *x)
{
    switch ((enum fp_kind)x->kind) {
    case FPK_ZERO:
        return x->sign ? 0x12 : 0x02;
    case FPK_INF:
        return x->sign ? 0x09 : 0x05;
    case FPK_QNAN:
    case FPK_SNAN:
        return 0x11;
    case FPK_NUMBER:
        break;
    }
    return (x->sign ? 0x08 : 0x04) | (x->exp < fp_emin(f) && !x->trapped ? 0x10 : 0);
}

struct fp_num fp_to_integral(struct fp_env *e, struct fp_num x, enum fp_rounding rm)
{
    if (fp_is_nan(&x))
        return fp_convert(e, &fp_quad, x);
    if (x.kind != FPK_NUMBER || x.exp >= 127)
        return x;
    return round_at(e, x, (unsigned)(127 - x.exp), rm);
}

struct fp_num fp_from_int(bool sign, unsigned __int128 magnitude)
{
    unsigned n;

    if (!magnitude)
        return (struct fp_num){ .kind = FPK_ZERO };
    n = u128_clz(magnitude);
    return (struct fp_num){ .kind = FPK_NUMBER, .sign = sign, .exp = 127 - (int)n, .frac = magnitude << n };
}

uint64_t fp_to_int(struct fp_env *e, const struct fp_num *x, unsigned bits, bool is_signed, enum fp_rounding rm)
{
    uint64_t most = (is_signed ? 1ull << (bits - 1) : bits < 64 ? 1ull << bits : 0) - 1;
    uint64_t least = is_signed ? ~most : 0;
    struct fp_env mine = { 0 };
    struct fp_num r;
    u128 mag;

    if (fp_is_nan(x)) {
        e->flags |= FPSCR_VXCVI | (x->kind == FPK_SNAN ? FPSCR_VXSNAN : 0);
        return least;
    }
    r = fp_to_integral(&mine, *x, rm);
    if (r.kind == FPK_ZERO) {
        e->flags |= mine.flags;
        return 0;
    }
    mag = r.kind == FPK_INF || r.exp > 64 ? U128_TOP : r.frac >> (127 - r.exp);
    if (mag > (r.sign ? (u128)(0 - least) : (u128)most)) {
        e->flags |= FPSCR_VXCVI;
        return r.sign ? least : most;
    }
    e->flags |= mine.flags;
    return r.sign ? 0 - (uint64_t)mag : (uint64_t)mag;
}
