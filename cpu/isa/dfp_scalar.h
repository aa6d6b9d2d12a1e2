/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/isa/dfp_scalar.h - operands and results of decimal instructions: a long is one FPR, an extended an even-odd pair.
 *
 * An odd register in a pair form is an invalid form; here its low bit is ignored. */
#ifndef CPU_ISA_DFP_SCALAR_H
#define CPU_ISA_DFP_SCALAR_H

#include "cpu/dfp/dfp.h"
#include "cpu/fp/fpscr.h"
#include "cpu/op.h"

/* Defines run_NAME and run_NAMEq from static void NAME(cpu, op, format). */
#define DFP_BOTH(name)                                                                                                \
    static void run_##name(struct cpu *c, const struct op *o)                                                         \
    {                                                                                                                 \
        name(c, o, &dfp_long);                                                                                        \
    }                                                                                                                 \
    static void run_##name##q(struct cpu *c, const struct op *o)                                                      \
    {                                                                                                                 \
        name(c, o, &dfp_extended);                                                                                    \
    }

static inline struct dfp_env dfp_environment(const struct cpu *c)
{
    return (struct dfp_env){ .rm = (uint8_t)((c->fpscr & FPSCR_DRN) >> 32),
                             .oe = c->fpscr & FPSCR_OE,
                             .ue = c->fpscr & FPSCR_UE };
}

static inline dfp_int dfp_get(const struct cpu *c, const struct dfp_format *f, unsigned n)
{
    return f == &dfp_extended ? (dfp_int)cpu_fpr(c, n & 30) << 64 | cpu_fpr(c, n | 1) : cpu_fpr(c, n);
}

static inline void dfp_set(struct cpu *c, const struct dfp_format *f, unsigned n, dfp_int bits)
{
    if (f == &dfp_extended) {
        cpu_set_fpr(c, n & 30, (uint64_t)(bits >> 64));
        cpu_set_fpr(c, n | 1, (uint64_t)bits);
    } else {
        cpu_set_fpr(c, n, (uint64_t)bits);
    }
}

static inline struct dfp_num dfp_operand(const struct cpu *c, const struct dfp_format *f, unsigned n)
{
    return dfp_unpack(f, dfp_get(c, f, n));
}

static inline void dfp_record(struct cpu *c, const struct op *o)
{
    if (o->rc_bit)
        fpscr_record_cr1(c);
}

static inline void dfp_finish(struct cpu *c, const struct op *o)
{
    dfp_record(c, o);
    fpscr_interrupt(c);
}

/* Records what happened and writes r to FRT, unless an enabled exception keeps the target. */
static inline void dfp_result(struct cpu *c, const struct op *o, const struct dfp_format *f, const struct dfp_env *e,
                              struct dfp_num r)
{
    if (fpscr_scalar(c, e->flags, dfp_class(f, &r)))
        dfp_set(c, f, o->rt, dfp_pack(f, &r));
    dfp_finish(c, o);
}

/* Result of a comparison or test: CR field BF and FPCC. */
static inline void dfp_set_cc(struct cpu *c, const struct op *o, unsigned cc)
{
    c->fpscr = (c->fpscr & ~(uint64_t)FPSCR_FPCC) | cc << FPSCR_FPRF_SHIFT;
    c->cr[o->n] = (uint8_t)cc;
}

#endif
