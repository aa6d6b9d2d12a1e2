/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/jit/fp_lazy.h - what translated floating-point code leaves undone until somebody looks at the FPSCR.
 *
 * A scalar instruction that translated code computes itself changes nothing in the FPSCR but FR, FI and FPRF: it is
 * only computed when the result is an ordinary number, XX stands already and no exception is enabled that could matter
 * (fp_fast). It notes itself and its operands in cpu.fp_lazy. (With UE on, a tiny sum raises UX although it is exact:
 * UE must be off too.) fp_settle() runs its C function on these operands, for the sake of the FPSCR alone.
 * Invariant: fp_lazy is empty whenever translated code does not run, and whenever the C function of an instruction of
 * the floating-point or vector facilities runs: host_enter() and fp_call() see to it.
 * Nothing else reads or writes the FPSCR.
 * Thread: the processor's own. */
#ifndef CPU_JIT_FP_LAZY_H
#define CPU_JIT_FP_LAZY_H

#include "cpu/fp/fpscr_bits.h"
#include "cpu/op.h"

/* fp_lazy.op: the number of the instruction among jit.ops, which operands it reads, and that there is one. */
enum { FP_LAZY_NUMBER = (1 << 20) - 1, FP_LAZY_RA = 1 << 24, FP_LAZY_RB = 1 << 25, FP_LAZY_RC = 1 << 26,
       FP_LAZY_RT = 1 << 27, FP_LAZY_FULL = 1 << 28 };

#define FP_FAST_MASK (FPSCR_XX | FPSCR_VE | FPSCR_UE | FPSCR_ZE | FPSCR_XE | FPSCR_FEX | FPSCR_RN)

static inline void fp_update_fast(struct cpu *c)
{
    c->fp_fast = (c->fpscr & FP_FAST_MASK) == FPSCR_XX;
}

void fp_settle_now(struct cpu *c);

static inline void fp_settle(struct cpu *c)
{
    if (c->fp_lazy.op || c->fp_lazy.fpcc || c->fp_lazy.moved)
        fp_settle_now(c);
}

/* Runs the C function of o from translated code. */
void fp_call(struct cpu *c, const struct op *o);

#endif
