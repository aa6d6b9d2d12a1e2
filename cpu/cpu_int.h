/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/cpu_int.h - what the engine's own files share beyond their headers. */
#ifndef CPU_CPU_INT_H
#define CPU_CPU_INT_H

#include "cpu/cpu.h"
#include "cpu/op.h"

/* Host address of the instruction at ea; NULL when a fetch interrupt was raised. */
uint8_t *cpu_fetch_ptr(struct cpu *c, ea_t ea);

/* Decodes one word for the processor's present state (facilities and privilege applied); true when it ends a block. */
bool block_decode_one(const struct cpu *c, uint32_t word, struct op *o);

/* Runs the instruction at nip and moves nip on; an interrupt it raises stays undelivered in stop. */
void cpu_interpret_one(struct cpu *c);

/* Must the chain of blocks end: budget used up, a request, or an interrupt that may be taken? */
bool cpu_must_look(const struct cpu *c);

void cpu_interrupt_scv(struct cpu *c, unsigned lev);

/* SPRs: true when done; false when an interrupt was raised. */
bool spr_read(struct cpu *c, unsigned spr, uint64_t *out);
bool spr_write(struct cpu *c, unsigned spr, uint64_t value);

#endif
