/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/isa/fp_scalar.h - operands and results of scalar floating-point instructions, FPR and VSX forms alike: an FPR is doubleword 0
 * of VSR 0-31, and the decoder gives VSX forms their register numbers 0-63, so fadd and xsadddp are one function. */
#ifndef CPU_ISA_FP_SCALAR_H
#define CPU_ISA_FP_SCALAR_H

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

/* Rounds r to f (single or double; a NaN is cut to it), records it and writes it in double format. */
static inline void fp_result(struct cpu *c, const struct op *o, struct fp_env *e, const struct fp_format *f, struct fp_num r)
{
    r = fp_convert(e, f, r);
    if (fpscr_scalar(c, e->flags, fp_class(f, &r)))
        cpu_set_fpr(c, o->rt, (uint64_t)fp_pack(&fp_double, &r));
    fp_finish(c, o);
}

#endif
