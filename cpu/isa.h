/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/isa.h - the instruction set of one level, prepared from the chapters' rows.
 *
 * Immutable after isa_new(); any thread. */
#ifndef CPU_ISA_H
#define CPU_ISA_H

#include "cpu/op.h"

struct isa;

/* NULL: no memory.  A malformed row is our mistake and asserts. */
struct isa *isa_new(enum isa_level level);
void isa_free(struct isa *isa);

/* Decodes a word: the row, with o filled (run = the row's function, index = 0), or NULL for an
 * illegal instruction (o untouched). */
const struct isa_row *isa_decode(const struct isa *isa, uint32_t word, struct op *o);

/* Rows of this level, numbered as op.row. */
size_t isa_row_count(const struct isa *isa);
const struct isa_row *isa_row_at(const struct isa *isa, size_t i);
/* The fixed bits of a row: a word is this instruction when (word & *mask) == *value. */
void isa_row_pattern(const struct isa *isa, size_t i, uint32_t *mask, uint32_t *value);

#endif
