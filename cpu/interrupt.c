/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/interrupt.c - entering an interrupt: SRR0, SRR1, the new MSR and the vector's address.
 *
 * Spec: Power ISA III, "Interrupts";
 * AIL and ILE are the partition's LPCR bits (H_SET_MODE).  Thread: the processor's own. */
#include "cpu/cpu_int.h"
#include "cpu/run.h"
#include "cpu/trace.h"

#define SRR1_CAUSE_BITS 0x783F0000ull       /* bits 33:36 and 42:47 belong to the cause */

/* Vectors that never run relocated, whatever AIL says. */
static bool always_real(unsigned vector)
{
    return vector == VEC_SRESET || vector == VEC_MCE;
}

static uint64_t vector_address(const struct cpu *c, unsigned vector, bool relocated)
{
    if (!relocated)
        return vector;
    if (c->ail == 2)
        return vector + 0x18000;
    if (vector >= VEC_SCV)
        return 0xC000000000003000ull + (vector - VEC_SCV);
    return 0xC000000000004000ull + vector;
}

static void enter(struct cpu *c, unsigned vector, uint64_t keep)
{
    bool relocated = (c->ail == 2 || c->ail == 3) && (c->msr & MSR_IR) && (c->msr & MSR_DR) && !always_real(vector);
    uint64_t msr = MSR_SF | (c->msr & (MSR_ME | keep));

    if (c->ile)
        msr |= MSR_LE;
    if (relocated)
        msr |= MSR_IR | MSR_DR;
    c->nip = vector_address(c, vector, relocated);
    cpu_set_msr(c, msr);
}

void cpu_interrupt(struct cpu *c, unsigned vector, uint64_t srr1_cause)
{
    c->spr[SPR_SRR0] = c->nip & c->ea_mask;
    c->spr[SPR_SRR1] = (c->msr & ~SRR1_CAUSE_BITS) | srr1_cause;
    if (tracing(c, TRACE_INTERRUPT))
        trace_interrupt(c, vector);
    enter(c, vector, 0);
}

/* scv LEV: LR and CTR take the place of SRR0 and SRR1; EE and RI stay. */
void cpu_interrupt_scv(struct cpu *c, unsigned lev)
{
    c->lr = c->nip;
    c->ctr = c->msr & ~SRR1_CAUSE_BITS;
    if (tracing(c, TRACE_INTERRUPT))
        trace_interrupt(c, VEC_SCV + lev * 0x20);
    enter(c, VEC_SCV + lev * 0x20, MSR_EE | MSR_RI);
}

void cpu_set_ail(struct cpu *c, unsigned ail)
{
    c->ail = (uint8_t)ail;
}

void cpu_set_ile(struct cpu *c, bool little)
{
    c->ile = little;
}
