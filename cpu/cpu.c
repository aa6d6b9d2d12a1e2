/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/cpu.c - registers that are kept in pieces (CR, XER, MSR) and how a run function raises an interrupt. */
#include "cpu/cpu.h"

#include <assert.h>


uint64_t cpu_xer(const struct cpu *c)
{
    uint64_t x = c->xer_count;

    x |= c->so ? XER_SO : 0;
    x |= c->ov ? XER_OV : 0;
    x |= c->ca ? XER_CA : 0;
    if (c->level == ISA_LEVEL_3_00) {
        x |= c->ov32 ? XER_OV32 : 0;
        x |= c->ca32 ? XER_CA32 : 0;
    }
    return x;
}

void cpu_set_xer(struct cpu *c, uint64_t xer)
{
    c->so = !!(xer & XER_SO);
    c->ov = !!(xer & XER_OV);
    c->ca = !!(xer & XER_CA);
    c->ov32 = !!(xer & XER_OV32);
    c->ca32 = !!(xer & XER_CA32);
    c->xer_count = xer & 0x7f;
}

uint32_t cpu_cr(const struct cpu *c)
{
    uint32_t cr = 0;

    for (unsigned i = 0; i < 8; i++)
        cr = cr << 4 | c->cr[i];
    return cr;
}

void cpu_set_cr(struct cpu *c, uint32_t cr, unsigned field_mask)
{
    for (unsigned i = 0; i < 8; i++)
        if (field_mask & (0x80u >> i))
            c->cr[i] = cr >> (28 - 4 * i) & 15;
}

static uint8_t translation_mode(uint64_t msr, uint64_t bit)
{
    return !(msr & bit) ? 0 : msr & MSR_PR ? 2 : 1;
}

/* Who asks whether this processor translates has kicked it before: it sees that it does, or this sees the kick, which
 * is answered before the next instruction (cpu_must_look()). */
static void tell_translates(struct cpu *c)
{
    bool translates = c->msr & (MSR_IR | MSR_DR);

    if (translates != atomic_load_explicit(&c->translates, memory_order_relaxed)) {
        atomic_store(&c->translates, translates);
        atomic_thread_fence(memory_order_seq_cst);
    }
}

void cpu_set_msr(struct cpu *c, uint64_t msr)
{
    if (msr & MSR_PR)
        msr |= MSR_EE | MSR_IR | MSR_DR;
    c->msr = msr;
    tell_translates(c);
    c->ea_mask = msr & MSR_SF ? ~0ull : 0xffffffffull;
    c->le = msr & MSR_LE;
    c->dmode = translation_mode(msr, MSR_DR);
    c->imode = translation_mode(msr, MSR_IR);
    /* What decoding and translating depend on: byte order, facilities, address width, and through
     * the fetch mode the privilege. */
    c->block_mode = (uint8_t)(c->imode | (msr & MSR_LE ? 4 : 0) | (msr & MSR_FP ? 8 : 0) | (msr & MSR_VEC ? 16 : 0) |
                              (msr & MSR_VSX ? 32 : 0) |
                              (msr & MSR_SF ? 0 : 64) | (c->imode != c->dmode ? 128 : 0));
}

void cpu_raise(struct cpu *c, unsigned vector, uint64_t srr1_cause)
{
    if (c->stop & STOP_EXCEPTION)
        return;                 /* the first cause of an instruction wins */
    c->stop |= STOP_EXCEPTION;
    c->exc_vector = vector;
    c->exc_srr1 = srr1_cause;
}

void cpu_facility_unavailable(struct cpu *c, unsigned ic)
{
    c->spr[SPR_FSCR] = (c->spr[SPR_FSCR] & ~(0xffull << 56)) | (uint64_t)ic << 56;
    cpu_raise(c, VEC_FACILITY, 0);
}
