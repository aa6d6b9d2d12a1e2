/* SPDX-License-Identifier: Apache-2.0 */
/* tests/isa/decimal.h - decimal floating point in the instruction tests: operands worth trying,
 * and when the oracle errs. */
#ifndef TESTS_ISA_DECIMAL_H
#define TESTS_ISA_DECIMAL_H

#include <stdbool.h>

#include "cpu/op.h"
#include "oracle/wire.h"
#include "rng.h"

/* A decimal floating-point row. */
bool decimal_row(const struct isa_row *row, uint32_t word);
/* Gives its registers contents that fit it, and keeps clear of what the oracle cannot do. */
void decimal_adjust(const struct isa_row *row, uint32_t word, struct rng *r, struct wire_state *s);

/* Conditions of exceptions.c. */
bool decimal_always(const struct isa_row *row, const struct wire_state *in);
bool decimal_digits_invalid(const struct isa_row *row, const struct wire_state *in);    /* denbcd */
/* infinity or NaN, given or asked for */
bool decimal_special(const struct isa_row *row, const struct wire_state *in);

#endif
