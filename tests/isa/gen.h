/* SPDX-License-Identifier: Apache-2.0 */
/* tests/isa/gen.h - test cases for any row of the instruction table: a processor state, memory,
 * and the instruction word.
 *
 * A case depends on nothing but the row's name and bits and the case's number: recorded results stay valid when rows
 * move or others are added.  Addresses are chosen so that every access hits the data windows
 * of oracle/wire.h or nothing. */
#ifndef TESTS_ISA_GEN_H
#define TESTS_ISA_GEN_H

#include "cpu/op.h"
#include "oracle/wire.h"
#include "rng.h"

void gen_case(const struct isa_row *row, unsigned number, struct wire_state *out);
/* A random word of the row, reserved bits zero. */
uint32_t gen_word(const struct isa_row *row, struct rng *r);

#endif
