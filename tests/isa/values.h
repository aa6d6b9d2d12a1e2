/* SPDX-License-Identifier: Apache-2.0 */
/* tests/isa/values.h - operands worth trying, per kind of data. */
#ifndef TESTS_ISA_VALUES_H
#define TESTS_ISA_VALUES_H

#include "tests/isa/rng.h"

/* What a 128-bit register holds. */
enum value_kind {
    VALUE_BITS,         /* random bits */
    VALUE_INT8, VALUE_INT16, VALUE_INT32, VALUE_INT64, VALUE_INT128,    /* lanes of edge values */
    VALUE_F16, VALUE_F32, VALUE_F64, VALUE_F128,
    VALUE_BCD,          /* packed and zoned decimal, mostly valid */
    VALUE_DFP64, VALUE_DFP128,
    VALUE_KINDS,
};

/* An integer of at most `bits` bits: 0, 1, -1, least, greatest, powers of two and their
 * neighbours, patterns, random. */
uint64_t value_int(struct rng *r, unsigned bits);

/* A single precision number in the double format that FPRs hold. */
uint64_t value_single_in_double(struct rng *r);

/* 64 bits of elements that are ordinary numbers between 1 and 1024, of either sign unless positive. */
uint64_t value_tame(struct rng *r, unsigned bits, bool positive);

/* Fills the two doublewords, the book's first one first. */
void value_vsr(struct rng *r, enum value_kind kind, uint64_t out[2]);

#endif
