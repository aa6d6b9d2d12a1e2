/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/trace.h - what the processor is doing, one line of text for each event: class, processor, what.
 *
 * exec and block need every instruction to come by: such a processor interprets (cpu_init()).
 * Thread: the processor's own; lines of several do not mix. */
#ifndef CPU_TRACE_H
#define CPU_TRACE_H

#include <stdio.h>

#include "cpu/hash_mmu.h"

struct block;

enum trace_class {
    TRACE_EXEC = 1,             /* each instruction before it runs, with its text */
    TRACE_BLOCK = 2,            /* each predecoded block before it runs */
    TRACE_INTERRUPT = 4,        /* each interrupt taken */
    TRACE_MMU = 8,              /* each search for a translation: the soft TLB did not know */
    TRACE_HCALL = 16, TRACE_RTAS = 32, TRACE_OF = 64,
};

struct trace {
    FILE *out;
    unsigned classes;           /* enum trace_class bits */
};

static inline bool tracing(const struct cpu *c, unsigned classes)
{
    return __builtin_expect(c->trace != NULL, 0) && (c->trace->classes & classes);
}

/* Each only when its class is on. */
void trace_exec(const struct cpu *c, uint64_t at, uint32_t word);
void trace_block(const struct cpu *c, const struct block *b);
/* After SRR0 and SRR1 (scv: LR and CTR) are set. */
void trace_interrupt(const struct cpu *c, unsigned vector);
/* t NULL: the interrupt that was raised says why. */
void trace_mmu(const struct cpu *c, ea_t addr, enum tlb_access access, const struct translation *t);

#endif
