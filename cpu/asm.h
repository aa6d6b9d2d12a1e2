/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/asm.h - a small assembler over the instruction table, for tests and traces: one instruction, basic mnemonics.
 *
 * "addi 3,0,-1", "add. 3,4,5", "lwz 3,8(4)", "bc 12,2,0x1000": what cpu/disasm.h prints, it reads back.  Any thread. */
#ifndef CPU_ASM_H
#define CPU_ASM_H

#include "base/error.h"
#include "cpu/isa.h"

/* Assembles one instruction that will stand at the address.  0, or -EINVAL with what is wrong in err (may be NULL). */
int asm_word(const struct isa *isa, const char *text, uint64_t address, uint32_t *word, struct error *err);

#endif
