/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/isa/fp_test.h - tests, picks and parts of one datum in any format, shared by
 * scalar, vector and quad instructions. */
#ifndef CPU_ISA_FP_TEST_H
#define CPU_ISA_FP_TEST_H

#include "cpu/fp/fp.h"

/* ftdiv, ftsqrt: 0b1000 | fg << 2 | fe << 1. */
unsigned fp_test_div(const struct fp_format *f, fp_bits a, fp_bits b);
unsigned fp_test_sqrt(const struct fp_format *f, fp_bits b);

/* CR bits for the biased exponents of a and b; CR_SO if one is a NaN. */
unsigned fp_compare_exponents(const struct fp_format *f, fp_bits a, fp_bits b);

/* Whether x belongs to a class of dcmx: NaN +inf -inf +0 -0 +denormal -denormal, from bit 6 down. */
bool fp_data_class(const struct fp_format *f, fp_bits x, unsigned dcmx);

/* The fraction with its implicit bit; infinities and NaNs have none. */
fp_bits fp_significand(const struct fp_format *f, fp_bits x);

/* Minimum and maximum; *flags gains VXSNAN. `number` prefers a number to a quiet NaN, and orders -0 below +0; `c` is a
 * >= b ? a : b or a < b ? a : b (a NaN: b); `java` prefers the first NaN as it is, and orders zeros. */
typedef fp_bits fp_pick_fn(const struct fp_format *f, fp_bits a, fp_bits b, bool max, uint32_t *flags);
fp_pick_fn fp_pick_number, fp_pick_c, fp_pick_java;

#endif
