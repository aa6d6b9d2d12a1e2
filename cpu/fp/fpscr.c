/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/fp/fpscr.c - see fpscr.h. */
#include "cpu/fp/fpscr.h"

/* An exception bit and its enable: OX UX ZX XX stand in the order of OE UE ZE XE, 22 places higher. */
#define ENABLE_SHIFT 22
_Static_assert(FPSCR_OE << ENABLE_SHIFT == FPSCR_OX && FPSCR_XE << ENABLE_SHIFT == FPSCR_XX,
               "enables mirror exceptions");

static uint64_t summarised(uint64_t v)
{
    bool vx = v & FPSCR_VX_ALL;
    bool fex = (vx && v & FPSCR_VE) || v & (v & (FPSCR_OE | FPSCR_UE | FPSCR_ZE | FPSCR_XE)) << ENABLE_SHIFT;

    v &= ~(uint64_t)(FPSCR_VX | FPSCR_FEX);
    return v | (vx ? FPSCR_VX : 0) | (fex ? FPSCR_FEX : 0);
}

void fpscr_write(struct cpu *c, uint64_t value)
{
    c->fpscr = summarised(value & FPSCR_ALL);
}

void fpscr_raise(struct cpu *c, uint32_t flags)
{
    flags &= FPSCR_EXCEPTIONS;
    if (flags & ~c->fpscr)
        c->fpscr = summarised(c->fpscr | flags | FPSCR_FX);
}

bool fpscr_scalar_keep_fprf(struct cpu *c, uint32_t flags)
{
    bool write = !fpscr_suppressed(c, flags);

    c->fpscr &= ~(uint64_t)(FPSCR_FR | FPSCR_FI);
    if (write)
        c->fpscr |= flags & (FPSCR_FR | FPSCR_FI);
    fpscr_raise(c, flags);
    return write;
}

bool fpscr_scalar(struct cpu *c, uint32_t flags, unsigned fprf)
{
    if (!fpscr_scalar_keep_fprf(c, flags))
        return false;
    c->fpscr = (c->fpscr & ~(uint64_t)FPSCR_FPRF) | fprf << FPSCR_FPRF_SHIFT;
    return true;
}

bool fpscr_vector(struct cpu *c, uint32_t flags)
{
    uint64_t enabled = (c->fpscr & (FPSCR_OE | FPSCR_UE | FPSCR_ZE | FPSCR_XE)) << ENABLE_SHIFT;

    fpscr_raise(c, flags);
    return !(flags & enabled) && !fpscr_suppressed(c, flags);
}

void fpscr_interrupt(struct cpu *c)
{
    if (c->fpscr & FPSCR_FEX && c->msr & (MSR_FE0 | MSR_FE1))
        cpu_program(c, PROGRAM_FP);
}
