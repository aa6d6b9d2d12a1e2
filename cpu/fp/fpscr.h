/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/fp/fpscr.h - what a floating-point instruction does to the FPSCR, and when it raises
 * the enabled-exception interrupt.
 *
 * Order in every instruction: compute (cpu/fp/fp.h) -> fpscr_scalar() or fpscr_vector() tells whether the target may be
 * written -> write it -> fpscr_interrupt(). With overflow, underflow or inexact enabled the result is written and then
 * the interrupt is raised at this instruction, as the book asks; with invalid operation or zero divide enabled the
 * target keeps its value. FX, VX and FEX are derived here and nowhere else. Spec: Power ISA I, 4.2.2, 4.4, 7.4; III,
 * 6.5.9. Thread: the processor's own. */
#ifndef CPU_FP_FPSCR_H
#define CPU_FP_FPSCR_H

#include "cpu/cpu.h"
#include "cpu/fp/fp.h"

/* Environment of an operation by the FPSCR as it stands. */
static inline struct fp_env fpscr_env(const struct cpu *c)
{
    return (struct fp_env){ .rm = c->fpscr & FPSCR_RN, .oe = c->fpscr & FPSCR_OE, .ue = c->fpscr & FPSCR_UE };
}

/* Replaces the FPSCR by value (reserved bits dropped), with VX and FEX recomputed. */
void fpscr_write(struct cpu *c, uint64_t value);

/* Makes the exception bits of flags stick, with FX if one of them is new. FR, FI and FPRF stay. */
void fpscr_raise(struct cpu *c, uint32_t flags);

/* True if flags hold an invalid operation or zero divide that is enabled: the target keeps its value. */
static inline bool fpscr_suppressed(const struct cpu *c, uint32_t flags)
{
    return (flags & FPSCR_VX_ALL && c->fpscr & FPSCR_VE) || (flags & FPSCR_ZX && c->fpscr & FPSCR_ZE);
}

/* Takes over what a scalar operation raised, FR, FI and (unless suppressed) FPRF; keep_fprf for results without a
 * class. Returns whether the target may be written. */
bool fpscr_scalar(struct cpu *c, uint32_t flags, unsigned fprf);
bool fpscr_scalar_keep_fprf(struct cpu *c, uint32_t flags);

/* The same for a vector operation: FR, FI and FPRF stay, and any enabled exception in any element keeps the target. */
bool fpscr_vector(struct cpu *c, uint32_t flags);

/* Raises the program interrupt if an enabled exception stands and MSR[FE0] or MSR[FE1] is on. */
void fpscr_interrupt(struct cpu *c);

/* Rc = 1: CR field 1 <- FX FEX VX OX. */
static inline void fpscr_record_cr1(struct cpu *c)
{
    c->cr[1] = (uint8_t)(c->fpscr >> 28 & 15);
}

#endif
