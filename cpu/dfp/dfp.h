/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/dfp/dfp.h - exact decimal floating point: short, long and extended by one path.
 *
 * An operation unpacks its operands, computes the result so that nothing a rounding could see is lost, and rounds once:
 *
 *     bits --dfp_unpack--> dfp_num --dfp_add...--> rounded dfp_num --dfp_pack--> bits (canonical declets)
 *
 * Coefficients are binary integers of at most 34 digits; intermediate results keep 38 digits and a sticky flag for what
 * is below, which no rounding position of 34 digits or fewer reaches (docs/decisions/030-decimal-in-binary.md).  What
 * happened is left in dfp_env.flags as FPSCR bits: the exceptions, FR and FI.  Nothing here touches a processor.
 * Spec: Power ISA I, chapter 5; IEEE 754-2008.  Threads: pure functions. */
#ifndef CPU_DFP_DFP_H
#define CPU_DFP_DFP_H

#include <stdbool.h>
#include <stdint.h>

#include "cpu/fp/fpscr_bits.h"

typedef unsigned __int128 dfp_int;

enum dfp_kind { DFP_FINITE, DFP_INF, DFP_QNAN, DFP_SNAN };

struct dfp_num {
    dfp_int coef;               /* finite: value = coef * 10^exp; others: the digits of the trailing significand */
    int32_t exp;
    uint8_t kind;               /* enum dfp_kind */
    bool sign;
};

struct dfp_format {
    uint8_t digits;             /* precision */
    uint8_t declets;            /* trailing significand */
    uint8_t exp_bits;           /* exponent continuation field */
    int16_t bias;
    int16_t max_biased;         /* largest biased exponent */
    int16_t adjust;             /* exponent adjustment of trapped overflow and underflow */
};

static const struct dfp_format dfp_short = { 7, 2, 6, 101, 191, 192 };
static const struct dfp_format dfp_long = { 16, 5, 8, 398, 767, 576 };
static const struct dfp_format dfp_extended = { 34, 11, 12, 6176, 12287, 9216 };

/* As FPSCR[DRN] numbers them. */
enum dfp_rounding {
    DFP_NEAREST_EVEN,
    DFP_TO_ZERO,
    DFP_UP,
    DFP_DOWN,
    DFP_NEAREST_AWAY,
    DFP_NEAREST_TO_ZERO,
    DFP_AWAY,
    DFP_PREPARE_SHORTER,        /* truncate, but leave no last digit 0 or 5 when that loses something */
};

struct dfp_env {
    uint32_t flags;             /* out, accumulated: FPSCR_OX ... FPSCR_VXCVI, FPSCR_FR, FPSCR_FI */
    uint8_t rm;                 /* enum dfp_rounding */
    bool oe, ue;                /* overflow, underflow trap enabled: the exponent is adjusted instead */
    int16_t adjust;             /* for round(): 0 = the format's own */
};

/* -- formats (format.c) -- */

/* Exponents of the right-most digit. */
static inline int dfp_exp_min(const struct dfp_format *f)
{
    return -f->bias;
}

static inline int dfp_exp_max(const struct dfp_format *f)
{
    return f->max_biased - f->bias;
}

static inline bool dfp_is_nan(const struct dfp_num *x)
{
    return x->kind >= DFP_QNAN;
}

/* Bits are right-aligned. */
struct dfp_num dfp_unpack(const struct dfp_format *f, dfp_int bits);
/* Digits beyond the field are dropped on the left; a finite number must be in range. */
dfp_int dfp_pack(const struct dfp_format *f, const struct dfp_num *x);
/* Neither zero nor subnormal; finite only. */
bool dfp_is_normal(const struct dfp_format *f, const struct dfp_num *x);
/* FPRF of a result (5 bits: C and FPCC). */
unsigned dfp_class(const struct dfp_format *f, const struct dfp_num *x);
struct dfp_num dfp_default_nan(void);

/* The low n digits of x, one per nibble, and back; digits above 9 make dfp_from_bcd() false. */
dfp_int dfp_to_bcd(dfp_int x, unsigned n);
bool dfp_from_bcd(dfp_int bcd, unsigned n, dfp_int *out);

/* -- digits and rounding (round.c) -- */

/* 10^n, n 0..38. */
dfp_int dfp_pow10(unsigned n);
/* Decimal digits of x; 0 for 0. */
unsigned dfp_digits(dfp_int x);
/* A finite x (coefficient up to 39 digits; with sticky at least 36) to the precision and range of f.  Of the forms of
 * an exact result the one nearest to exponent `ideal` is chosen.  Flags OX UX XX FR FI. */
struct dfp_num dfp_round(struct dfp_env *e, const struct dfp_format *f, struct dfp_num x, bool sticky, int ideal);
/* A finite x with exponent exp exactly;
 * default NaN and VXCVI when that takes more digits than f has.  Flags XX FR FI. */
struct dfp_num dfp_quantize(struct dfp_env *e, const struct dfp_format *f, struct dfp_num x, int exp);
/* A finite x with at most n significant digits (n = 0: as it is); VXCVI when the exponent would pass the range. */
struct dfp_num dfp_reround(struct dfp_env *e, const struct dfp_format *f, struct dfp_num x, unsigned n);
/* Removes n digits of x; true in *inexact when they or sticky were not all 0.
 * Rounds by e->rm, setting FI, FR and XX. */
dfp_int dfp_drop(struct dfp_env *e, bool sign, dfp_int x, unsigned n, bool sticky, bool *inexact);

/* -- arithmetic (arith.c) -- */

struct dfp_num dfp_add(struct dfp_env *e, const struct dfp_format *f, struct dfp_num a, struct dfp_num b);
struct dfp_num dfp_sub(struct dfp_env *e, const struct dfp_format *f, struct dfp_num a, struct dfp_num b);
struct dfp_num dfp_mul(struct dfp_env *e, const struct dfp_format *f, struct dfp_num a, struct dfp_num b);
struct dfp_num dfp_div(struct dfp_env *e, const struct dfp_format *f, struct dfp_num a, struct dfp_num b);

/* If a or b is a NaN: true, and in *r what an operation on them gives (VXSNAN for a signalling one). */
bool dfp_nan_result(struct dfp_env *e, const struct dfp_num *a, const struct dfp_num *b, struct dfp_num *r);

enum dfp_order { DFP_LESS, DFP_GREATER, DFP_EQUAL, DFP_UNORDERED };
enum dfp_order dfp_compare(const struct dfp_num *a, const struct dfp_num *b);

/* -- integers (arith.c) -- */

struct dfp_num dfp_from_int64(int64_t v);
/* Saturating with VXCVI; NaN gives the least integer.  Flags VXSNAN VXCVI XX FR FI. */
int64_t dfp_to_int64(struct dfp_env *e, const struct dfp_num *x);

#endif
