/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/isa/fp_vector.h - elements of a VSX floating-point vector: two doubles or four singles.
 * Every element is computed, then the exceptions of all are recorded;
 * an enabled one in any element keeps the whole target. */
#ifndef CPU_ISA_FP_VECTOR_H
#define CPU_ISA_FP_VECTOR_H

#include "cpu/fp/fast.h"
#include "cpu/fp/fpscr.h"
#include "cpu/op.h"

static inline bool fp_vec_dp(const struct fp_format *f)
{
    return f->frac_bits == 52;
}

static inline unsigned fp_vec_count(const struct fp_format *f)
{
    return fp_vec_dp(f) ? 2 : 4;
}

static inline uint64_t fp_vec_get(const struct fp_format *f, const union vsr *v, unsigned i)
{
    return fp_vec_dp(f) ? VSR_D(*v, i) : VSR_W(*v, i);
}

static inline void fp_vec_set(const struct fp_format *f, union vsr *v, unsigned i, uint64_t x)
{
    if (fp_vec_dp(f))
        VSR_D(*v, i) = x;
    else
        VSR_W(*v, i) = (uint32_t)x;
}

static inline struct fp_num fp_vec_operand(const struct fp_format *f, const union vsr *v, unsigned i)
{
    return fp_unpack(f, fp_vec_get(f, v, i));
}

/* Records flags and writes the target. */
static inline void fp_vec_result(struct cpu *c, const struct op *o, uint32_t flags, const union vsr *r)
{
    if (fpscr_vector(c, flags))
        c->vsr[o->rt] = *r;
    fpscr_interrupt(c);
}

#endif
