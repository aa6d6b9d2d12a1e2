/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/disasm.h - an instruction word as the assembler writes it, from the instruction table.
 *
 * Basic mnemonics only ("addi 3,0,-1", not "li"), registers as numbers, branch targets as addresses.  Any thread. */
#ifndef CPU_DISASM_H
#define CPU_DISASM_H

#include "cpu/isa.h"

enum { DISASM_MAX = 64 };       /* no instruction's text is longer, its final zero included */

/* Writes the text of the word that stands at the address;
 * ".long 0x..." for a word that is no instruction of this level. */
void disasm(const struct isa *isa, uint32_t word, uint64_t address, char out[DISASM_MAX]);

#endif
