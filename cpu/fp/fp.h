/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/fp/fp.h - exact binary floating point: half, single, double and quad by one path.
 *
 * An operation unpacks its operands, computes the result without losing anything a rounding could see, and rounds once:
 *
 *     bits --fp_unpack--> fp_num --fp_add...--> fp_num --fp_round--> fp_num --fp_pack--> bits
 *
 * What fp_add() and its like return is exact, or exact with a sticky last bit.
 *
 * What happened is left in fp_env.flags as FPSCR bits: the exceptions, and FR and FI of the rounding. Nothing here
 * touches a processor: cpu/fp/fpscr.h does. Spec: Power ISA I, 4.3-4.5 and 7.3-7.4;
 * IEEE 754-2008. No host floating point is used.
 *
 * Invariants: (1) a number's frac has bit 127 set, operands have their low 15 bits clear (113 significant bits at
 * most); (2) a result's bit 0 may be sticky (something non-zero was shifted out below), which
 * no rounding position reaches. */
#ifndef CPU_FP_FP_H
#define CPU_FP_FP_H

#include <stdbool.h>
#include <stdint.h>

#include "cpu/fp/fpscr_bits.h"
#include "cpu/fp/single.h"

typedef unsigned __int128 fp_bits;      /* a datum of any format, right-aligned */

enum fp_kind { FPK_ZERO, FPK_NUMBER, FPK_INF, FPK_QNAN, FPK_SNAN };

struct fp_num {
    unsigned __int128 frac;     /* number: value = frac * 2^(exp - 127); NaN: its fraction field from bit 126 down */
    int32_t exp;
    uint8_t kind;               /* enum fp_kind */
    bool sign;
    bool trapped;               /* rounded with an adjusted exponent: counts as normal, whatever its exponent */
};

/* The first four are FPSCR[RN] as it stands. */
enum fp_rounding { FPR_NEAREST, FPR_ZERO, FPR_UP, FPR_DOWN, FPR_AWAY /* nearest, ties away from 0 */, FPR_ODD };

struct fp_format {
    uint8_t frac_bits;          /* fraction field */
    uint8_t exp_bits;
    int16_t emax;               /* largest exponent, also the bias */
    int16_t adjust;             /* added on a trapped underflow, subtracted on a trapped overflow */
};

static const struct fp_format fp_half = { 10, 5, 15, 24 };
static const struct fp_format fp_single = { 23, 8, 127, 192 };
static const struct fp_format fp_double = { 52, 11, 1023, 1536 };
/* a precision to round to; not a storage format */
static const struct fp_format fp_extended = { 63, 15, 16383, 24576 };
static const struct fp_format fp_quad = { 112, 15, 16383, 24576 };

struct fp_env {
    /* out: FPSCR_OX ... FPSCR_VXCVI accumulate; FPSCR_FR, FPSCR_FI are the last rounding's */
    uint32_t flags;
    uint8_t rm;                 /* enum fp_rounding */
    bool oe, ue;                /* overflow, underflow trap enabled: the exponent is adjusted instead */
    bool wide;                  /* the result will be rounded to more than 62 bits: quad */
    bool flush;                 /* tiny results become 0 (VMX, VSCR[NJ]) */
};

static inline int fp_emin(const struct fp_format *f)
{
    return 1 - f->emax;
}

static inline bool fp_is_nan(const struct fp_num *x)
{
    return x->kind >= FPK_QNAN;
}

struct fp_num fp_unpack(const struct fp_format *f, fp_bits bits);
/* x must be representable (fp_round has seen it, or it comes from a narrower format);
 * what is not becomes infinity or loses bits. */
fp_bits fp_pack(const struct fp_format *f, const struct fp_num *x);
/* Rounds to the precision and range of f; flags OX UX XX FR FI. Other kinds pass.
 * A trapped result may lie outside f's range. */
struct fp_num fp_round(struct fp_env *e, const struct fp_format *f, struct fp_num x);
/* FPRF of a result in format f (5 bits: C and FPCC). */
unsigned fp_class(const struct fp_format *f, const struct fp_num *x);

/* Arithmetic. NaN operands propagate by the book's order (a, then the addend b, then the multiplicand c), quieted. */
struct fp_num fp_add(struct fp_env *e, struct fp_num a, struct fp_num b);
struct fp_num fp_sub(struct fp_env *e, struct fp_num a, struct fp_num b);
struct fp_num fp_mul(struct fp_env *e, struct fp_num a, struct fp_num b);
struct fp_num fp_div(struct fp_env *e, struct fp_num a, struct fp_num b);
struct fp_num fp_sqrt(struct fp_env *e, struct fp_num a);
struct fp_num fp_fma(struct fp_env *e, struct fp_num a, struct fp_num c, struct fp_num b);      /* a * c + b */
struct fp_num fp_fms(struct fp_env *e, struct fp_num a, struct fp_num c, struct fp_num b);      /* a * c - b */
struct fp_num fp_recip(struct fp_env *e, struct fp_num a);      /* 1 / a; flags ZX VXSNAN */
/* 1 / sqrt(a), last place off by one at most; flags ZX VXSNAN VXSQRT */
struct fp_num fp_rsqrt(struct fp_env *e, struct fp_num a);

/* CR_LT, CR_GT, CR_EQ or CR_SO (unordered); no flags. */
unsigned fp_compare(const struct fp_num *a, const struct fp_num *b);

/* Conversions. */
/* To format f: NaNs quieted and cut to f's fraction, VXSNAN for a signalling one; numbers as fp_round. */
struct fp_num fp_convert(struct fp_env *e, const struct fp_format *f, struct fp_num x);
struct fp_num fp_from_int(bool sign, unsigned __int128 magnitude);
/* Integer of `bits` (1..64) bits, saturating with VXCVI; NaN gives the least integer; flags XX FR FI. Sign-extended. */
uint64_t fp_to_int(struct fp_env *e, const struct fp_num *x, unsigned bits, bool is_signed, enum fp_rounding rm);
/* To an integral value; flags XX FR FI; SNaN quieted with VXSNAN. */
struct fp_num fp_to_integral(struct fp_env *e, struct fp_num x, enum fp_rounding rm);

#endif
