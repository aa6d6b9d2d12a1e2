/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/jit/x86_64/lower_float.h - the fast way of floating point and its stub, for scalars and vectors. */
#ifndef CPU_JIT_X86_64_LOWER_FLOAT_H
#define CPU_JIT_X86_64_LOWER_FLOAT_H

#include "cpu/fp/fpscr_bits.h"
#include "cpu/jit/x86_64/sse.h"

/* What a result must be to go on. */
enum check {
    CHECK_FINITE,       /* additions: what is tiny is exact */
    CHECK_NORMAL,       /* and the least normal numbers may have been tiny before rounding */
    CHECK_SINGLE,
    CHECK_NONE,
};

/* Added to the opcode of vfmadd213. */
enum fma { FMA_ADD = 0, FMA_SUB = 2, FMA_NEGATED_ADD = 6, FMA_NEGATED_SUB = 4 };

/* The stub comes back here. */
static inline void slow(struct lower *x, struct stub *s)
{
    s->back = x->a.p;
}

/* The stub for everything out of the ordinary, entered first when the mode forbids the fast way. */
static inline struct stub *begin(struct lower *x)
{
    asm_mi(&x->a, W8, G_CMP, RBP, OFF(fp_fast), 0);
    return new_float_stub(x, asm_jcc(&x->a, CC_E));
}

/* For what raises nothing on numbers: only an enabled exception that stands already matters. */
static inline struct stub *begin_if_no_fex(struct lower *x)
{
    asm_rm(&x->a, W32, 0xf7, 0, RBP, OFF(fpscr));           /* test dword */
    asm_u32(&x->a, FPSCR_FEX);
    return new_float_stub(x, asm_jcc(&x->a, CC_NE));
}

#endif
