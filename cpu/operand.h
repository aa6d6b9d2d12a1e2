/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/operand.h - the operands of an instruction as assembler text shows them: what a letter of row->args stands for.
 *
 * Shared by the assembler and the disassembler, so that they cannot disagree.  No state; any thread. */
#ifndef CPU_OPERAND_H
#define CPU_OPERAND_H

#include "cpu/row_bits.h"

/* The one-bit fields that lengthen a mnemonic, in the order of their texts. */
struct operand_suffix {
    char letter;
    const char *text;
};
extern const struct operand_suffix operand_suffixes[4];

bool operand_is_letter(char c);

/* Range of an operand's value, both ends included, and its step. */
struct operand_range {
    int64_t min, max, step;
};
struct operand_range operand_range(const struct isa_row *row, char letter);

/* The value as text shows it: register numbers with their 32s added, displacements scaled,
 * SPR numbers in plain order. */
int64_t operand_get(const struct isa_row *row, char letter, uint32_t word);
/* The word with the operand set to a value in its range. */
uint32_t operand_put(const struct isa_row *row, char letter, uint32_t word, int64_t value);

/* True when the operand is a branch displacement; text shows base + displacement. */
bool operand_is_target(const struct isa_row *row, char letter);
uint64_t operand_target_base(uint32_t word, uint64_t address);

/* True at the 0 of "a0", which says (RA|0) and is not printed. */
bool operand_is_marker(const char *args, const char *at);

#endif
