/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/trace.h - what the processor is doing, in text. Thread: the processor's own; lines of several do not mix. */
#ifndef CPU_TRACE_H
#define CPU_TRACE_H

#include <stdio.h>

#include "cpu/cpu.h"

struct block;

enum trace_class { TRACE_EXEC = 1, TRACE_BLOCK = 2, TRACE_INTERRUPT = 4, TRACE_HCALL = 8, TRACE_RTAS = 16, TRACE_OF = 32 };

struct trace {
    FILE *out;
    unsigned classes;           /* enum trace_class bits */
};

void trace_block(const struct cpu *c, const struct block *b);

#endif
