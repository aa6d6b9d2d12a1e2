/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/fp_ref.c - see fp_ref.h. */
#include <gmp.h>

#include "fp_ref.h"

uint64_t fp_rng_next(struct fp_rng *r)
{
    uint64_t z = r->s += 0x9E3779B97F4A7C15ull;     /* splitmix64 */

    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ z >> 27) * 0x94D049BB133111EBull;
    return z ^ z >> 31;
}

static fp_bits random_bits(struct fp_rng *r, unsigned bits)
{
    return ((fp_bits)fp_rng_next(r) << 64 | fp_rng_next(r)) & (((fp_bits)1 << bits) - 1);
}

/* Fractions whose roundings are interesting: runs of ones, single bits, all ones, random. */
static fp_bits fraction(struct fp_rng *r, unsigned bits)
{
    fp_bits all = ((fp_bits)1 << bits) - 1, one = (fp_bits)1 << fp_rng_next(r) % bits;

    switch (fp_rng_next(r) % 8) {
    case 0:
        return 0;
    case 1:
        return all;
    case 2:
        return one;
    case 3:
        return all & ~(one - 1);
    case 4:
        return one - 1;
    case 5:
        return random_bits(r, bits) & ~((one << 1) - 1);
    default:
        return random_bits(r, bits);
    }
}

fp_bits fp_rng_operand(struct fp_rng *r, const struct fp_format *f, fp_bits near)
{
    unsigned emask = (1u << f->exp_bits) - 1, e = 0;
    fp_bits sign = (fp_bits)(fp_rng_next(r) & 1) << (f->frac_bits + f->exp_bits);
    int64_t at;

    switch (fp_rng_next(r) % 16) {
    case 0:
        return sign;
    case 1:
        return sign | (fp_bits)emask << f->frac_bits;
    case 2:
        return sign | (fp_bits)emask << f->frac_bits | fraction(r, f->frac_bits);
    case 3:
        break;
    case 4:
        e = 1 + fp_rng_next(r) % 4;
        break;
    case 5:
        e = emask - 1 - fp_rng_next(r) % 4;
        break;
    case 6:
        e = f->emax - 3 + fp_rng_next(r) % 8;
        break;
    case 7:
    case 8:
    case 9:
    case 10:
        at = (int64_t)((unsigned)(near >> f->frac_bits) & emask) + (int64_t)(fp_rng_next(r) % 9) - 4;
        e = at < 0 ? 0 : (unsigned)at % emask;
        break;
    case 11:
        at = (int64_t)((unsigned)(near >> f->frac_bits) & emask) + (int64_t)(fp_rng_next(r) % (2u * f->frac_bits + 6)) -
             f->frac_bits - 3;
        e = at < 0 ? 0 : (unsigned)at % emask;
        break;
    default:
        e = fp_rng_next(r) % emask;
    }
    return sign | (fp_bits)e << f->frac_bits | fraction(r, f->frac_bits);
}

static void mpz_set_u128(mpz_t z, fp_bits v)
{
    mpz_set_ui(z, (unsigned long)(v >> 64));
    mpz_mul_2exp(z, z, 64);
    mpz_add_ui(z, z, (unsigned long)v);
}

static fp_bits mpz_get_u128(const mpz_t z)
{
    mpz_t hi;
    fp_bits v;

    mpz_init(hi);
    mpz_fdiv_q_2exp(hi, z, 64);
    v = (fp_bits)mpz_get_ui(hi) << 64 | mpz_get_ui(z);
    mpz_clear(hi);
    return v;
}

void fp_ref_set(mpfr_t v, const struct fp_format *f, fp_bits bits)
{
    unsigned e = (unsigned)(bits >> f->frac_bits) & ((1u << f->exp_bits) - 1);
    fp_bits frac = bits & (((fp_bits)1 << f->frac_bits) - 1);
    mpz_t z;

    mpz_init(z);
    mpz_set_u128(z, e ? frac | (fp_bits)1 << f->frac_bits : frac);
    mpfr_set_z_2exp(v, z, (int)(e ? e : 1) - f->emax - f->frac_bits, MPFR_RNDN);
    if (bits >> (f->frac_bits + f->exp_bits) & 1)
        mpfr_neg(v, v, MPFR_RNDN);
    mpz_clear(z);
}

/* Splits |v| = (whole + rest) * 2^quantum; returns -1, 0, 1 for rest below, at, above one half; *exact if rest is 0. */
static int split(mpz_t whole, mpfr_srcptr v, long quantum, bool inexact, bool *exact)
{
    mpfr_t m, r;
    int half;

    mpfr_init2(m, mpfr_get_prec(v));
    mpfr_init2(r, mpfr_get_prec(v));
    mpfr_abs(m, v, MPFR_RNDN);
    mpfr_mul_2si(m, m, -quantum, MPFR_RNDN);
    mpfr_get_z(whole, m, MPFR_RNDZ);
    mpfr_frac(r, m, MPFR_RNDN);
    half = mpfr_cmp_d(r, 0.5);
    *exact = mpfr_zero_p(r) && !inexact;
    if (half == 0 && inexact)
        half = 1;
    mpfr_clears(m, r, (mpfr_ptr)0);
    return half < 0 ? -1 : half > 0;
}

struct fp_ref fp_ref_round(const struct fp_format *f, mpfr_srcptr v, bool inexact, const struct fp_env *e)
{
    bool sign = mpfr_signbit(v), exact, up = false, trapped;
    long exp = (long)mpfr_get_exp(v) - 1, quantum;
    fp_bits top = (fp_bits)1 << f->frac_bits, mag, sign_bit = (fp_bits)sign << (f->frac_bits + f->exp_bits);
    bool tiny = exp < 1 - f->emax;
    struct fp_ref r = { .in_range = true };
    mpz_t whole;
    int half;

    trapped = tiny && e->ue;
    quantum = (tiny && !trapped ? 1 - f->emax : exp) - f->frac_bits;
    mpz_init(whole);
    half = split(whole, v, quantum, inexact, &exact);
    mag = mpz_get_u128(whole);
    mpz_clear(whole);
    if (e->rm == FPR_NEAREST)
        up = half > 0 || (half == 0 && mag & 1);
    else if (e->rm == FPR_AWAY)
        up = half >= 0;
    else if (e->rm == FPR_ODD)
        up = !exact && !(mag & 1);
    else if (e->rm != FPR_ZERO)
        up = !exact && sign == (e->rm == FPR_DOWN);
    mag += up;
    r.flags = exact ? 0 : FPSCR_XX | FPSCR_FI | (up ? FPSCR_FR : 0);
    if (mag == 2 * top) {
        mag = top;
        exp++;
    }
    if (trapped || (tiny && !exact))
        r.flags |= FPSCR_UX;
    if (tiny && !trapped) {             /* a carry into the smallest normal lands on it by itself */
        r.bits = sign_bit | mag;
        return r;
    }
    if (trapped)
        exp += f->adjust;
    if (exp > f->emax) {
        r.flags |= FPSCR_OX;
        if (!e->oe) {
            bool inf = e->rm == FPR_NEAREST || e->rm == FPR_AWAY || (sign ? e->rm == FPR_DOWN : e->rm == FPR_UP);
            fp_bits infinity = (fp_bits)((1u << f->exp_bits) - 1) << f->frac_bits;

            r.flags = FPSCR_OX | FPSCR_XX | FPSCR_FI | (inf ? FPSCR_FR : 0);
            r.bits = sign_bit | (inf ? infinity : infinity - 1);
            return r;
        }
        exp -= f->adjust;
    }
    r.in_range = exp <= f->emax && exp >= 1 - f->emax;
    r.normal = true;
    r.exp = exp;
    r.mag = mag;
    r.bits = sign_bit | (fp_bits)(unsigned)(exp + f->emax) << f->frac_bits | (mag - top);
    return r;
}
