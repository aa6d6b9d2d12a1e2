/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/fp_ref.h - reference for cpu/fp: MPFR computes, a naive rounding on GMP integers picks the neighbour.
 * Shares nothing with cpu/fp but the format table. */
#ifndef TESTS_UNIT_FP_REF_H
#define TESTS_UNIT_FP_REF_H

#include <mpfr.h>

#include "cpu/fp/fp.h"

struct fp_rng {
    uint64_t s;
};

uint64_t fp_rng_next(struct fp_rng *r);
/* An operand of format f, edge cases often: zeros, denormals, limits, NaNs with payloads, long runs of equal bits,
 * exponents near `near`. */
fp_bits fp_rng_operand(struct fp_rng *r, const struct fp_format *f, fp_bits near);

/* Sets v (any precision large enough) to a finite datum. */
void fp_ref_set(mpfr_t v, const struct fp_format *f, fp_bits bits);

struct fp_ref {
    fp_bits bits;
    uint32_t flags;         /* OX UX XX FR FI */
    bool in_range;          /* false: a trapped result that even the adjusted exponent cannot hold; bits undefined */
    bool normal;            /* finite, and then: |value| = mag * 2^(exp - frac_bits), 2^frac_bits <= mag */
    long exp;
    fp_bits mag;
};

/* Rounds the non-zero value v, of which |v| is a truncation if inexact, by the book's rules. */
struct fp_ref fp_ref_round(const struct fp_format *f, mpfr_srcptr v, bool inexact, const struct fp_env *e);

#endif
