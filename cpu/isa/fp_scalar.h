/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/isa/fp_scalar.h - operands and results of scalar floating-point instructions, FPR and VSX forms alike: an FPR is
 * doubleword 0 of VSR 0-31, and the decoder gives VSX forms their register numbers 0-63, so fadd
 * and xsadddp are one function. */
#ifndef CPU_ISA_FP_SCALAR_H
#define CPU_ISA_FP_SCALAR_H

#include "cpu/fp/fast.h"
#include "cpu/fp/fpscr.h"
#include "cpu/op.h"

static inline struct fp_num fp_operand(const struct cpu *c, unsigned vsr)
{
    return fp_unpack(&fp_double, cpu_fpr(c, vsr));
}

static inline void fp_finish(struct cpu *c, const struct op *o)
{
    if (o->rc_bit)
        fpscr_record_cr1(c);
    fpscr_interrupt(c);
}

/* A short cut's result, already rounded: a normal number or zero. */
FP_INLINE void fp_fast_result(struct cpu *c, const struct op *o, uint32_t flags, const struct fp_fast *r)
{
    uint64_t fpscr = c->fpscr & ~(uint64_t)FPSCR_STATUS;
    unsigned class = FP_LIKELY(r->sig) ? (r->sign ? 0x08 : 0x04) : (r->sign ? 0x12 : 0x02);

    fpscr |= (flags & (FPSCR_FR | FPSCR_FI)) | class << FPSCR_FPRF_SHIFT;
    c->fpscr = fpscr;
    if (flags & ~fpscr & FPSCR_XX)
        fpscr_raise(c, FPSCR_XX);
    cpu_set_fpr(c, o->rt, fp_fast_pack(&fp_double, r));
    fp_finish(c, o);
}

/* Rounds r to f (single or double; a NaN is cut to it), records it and writes it in double format. */
static inline void fp_result(struct cpu *c, const struct op *o, struct fp_env *e, const struct fp_format *f,
                             struct fp_num r)
{
    r = fp_convert(e, f, r);
    if (fpscr_scalar(c, e->flags, fp_class(f, &r)))
        cpu_set_fpr(c, o->rt, (uint64_t)fp_pack(&fp_double, &r));
    fp_finish(c, o);
}

#endif
