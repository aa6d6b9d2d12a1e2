/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/row_bits.h - reads and writes the lettered fields of an instruction word by a row's bit text (cpu/op.h).
 *
 * For the assembler, the disassembler and the tests: it walks the text anew each time; isa.c is the fast way to decode.
 * No state; any thread. */
#ifndef CPU_ROW_BITS_H
#define CPU_ROW_BITS_H

#include "cpu/op.h"

/* Characters of the bit text that are not blanks: 32 in a correct row. */
unsigned row_bits_count(const char *bits);

/* The word's fixed bits: mask, and their value. */
void row_bits_fixed(const char *bits, uint32_t *mask, uint32_t *value);

/* How many bits a letter has; 0: the row does not have it. */
unsigned row_bits_width(const char *bits, char letter);

/* Place of the letter's last printed bit, counted from the word's least significant
 * bit (the scale of a displacement). */
unsigned row_bits_low(const char *bits, char letter);

/* The letter's bits, concatenated in printed order. */
uint32_t row_bits_get(const char *bits, char letter, uint32_t word);

/* The word with the letter's bits replaced; bits of the value beyond its width are dropped. */
uint32_t row_bits_put(const char *bits, char letter, uint32_t word, uint32_t value);

#endif
