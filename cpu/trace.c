/* SPDX-License-Identifier: Apache-2.0 */
#include "cpu/trace.h"

#include <inttypes.h>

#include "cpu/block.h"
#include "cpu/disasm.h"

void trace_exec(const struct cpu *c, uint64_t at, uint32_t word)
{
    char text[DISASM_MAX];

    disasm(c->isa, word, at, text);
    fprintf(c->trace->out, "exec cpu%u %016" PRIx64 " %08" PRIx32 " %s\n", c->id, at, word, text);
}

void trace_block(const struct cpu *c, const struct block *b)
{
    fprintf(c->trace->out, "block cpu%u %016" PRIx64 " n=%u msr=%016" PRIx64 "\n", c->id, c->nip, b->n_ops, c->msr);
}

static const char *vector_name(unsigned vector)
{
    switch (vector) {
    case VEC_SRESET: return "system reset";
    case VEC_MCE: return "machine check";
    case VEC_DSI: return "data storage";
    case VEC_DSEG: return "data segment";
    case VEC_ISI: return "instruction storage";
    case VEC_ISEG: return "instruction segment";
    case VEC_EXTERNAL: return "external";
    case VEC_ALIGNMENT: return "alignment";
    case VEC_PROGRAM: return "program";
    case VEC_FP_UNAVAILABLE: return "floating-point unavailable";
    case VEC_DECREMENTER: return "decrementer";
    case VEC_DOORBELL: return "doorbell";
    case VEC_SYSCALL: return "system call";
    case VEC_TRACE: return "trace";
    case VEC_PMU: return "performance monitor";
    case VEC_VMX_UNAVAILABLE: return "vector unavailable";
    case VEC_VSX_UNAVAILABLE: return "VSX unavailable";
    case VEC_FACILITY: return "facility unavailable";
    default: return vector >= VEC_SCV ? "system call vectored" : "?";
    }
}

void trace_interrupt(const struct cpu *c, unsigned vector)
{
    FILE *out = c->trace->out;

    flockfile(out);
    fprintf(out, "interrupt cpu%u %#x %s at=%016" PRIx64 " srr1=%016" PRIx64, c->id, vector, vector_name(vector),
            vector >= VEC_SCV ? c->lr : c->spr[SPR_SRR0], vector >= VEC_SCV ? c->ctr : c->spr[SPR_SRR1]);
    if (vector == VEC_DSI || vector == VEC_DSEG || vector == VEC_ALIGNMENT)
        fprintf(out, " dar=%016" PRIx64, c->spr[SPR_DAR]);
    if (vector == VEC_DSI)
        fprintf(out, " dsisr=%08" PRIx64, c->spr[SPR_DSISR]);
    fputc('\n', out);
    funlockfile(out);
}

/* Data and instruction storage interrupts say why with the same bits, in DSISR and SRR1. */
static const char *fault_name(const struct cpu *c)
{
    uint64_t cause = c->exc_vector == VEC_DSI ? c->spr[SPR_DSISR] : c->exc_srr1;

    if (c->exc_vector == VEC_DSEG || c->exc_vector == VEC_ISEG)
        return "no segment";
    if (cause & DSISR_NO_PTE)
        return "no page table entry";
    if (cause & DSISR_KEY)
        return "storage key";
    return cause & DSISR_PROTECTION ? "page protection" : "no execute";
}

static const char *size_name(unsigned shift)
{
    return shift == 12 ? "4K" : shift == 16 ? "64K" : shift == 24 ? "16M" : "16G";
}

void trace_mmu(const struct cpu *c, ea_t addr, enum tlb_access access, const struct translation *t)
{
    const char *kind = access == TLB_READ ? "read" : access == TLB_WRITE ? "write" : "exec";
    FILE *out = c->trace->out;

    if (!t)
        fprintf(out, "mmu cpu%u %s %016" PRIx64 " fault: %s\n", c->id, kind, addr.v, fault_name(c));
    else if (t->ptex == TLB_NO_PTEX)
        fprintf(out, "mmu cpu%u %s %016" PRIx64 " -> %" PRIx64 " real mode\n", c->id, kind, addr.v, t->ra.v);
    else
        fprintf(out, "mmu cpu%u %s %016" PRIx64 " -> %" PRIx64 " %s %c%c%c%s entry %" PRIx64 "\n", c->id, kind, addr.v,
                t->ra.v, size_name(t->shift), t->allowed & TLB_READ ? 'r' : '-', t->allowed & TLB_WRITE ? 'w' : '-',
                t->allowed & TLB_EXEC ? 'x' : '-', t->inhibited ? " inhibited" : "", t->ptex);
}
