/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/jit/x86_64/sse.h - SSE opcodes (mandatory prefix in bits 24:31) and access to guest
 * VSRs, for the float and vector lowering.
 *
 * VSRs live in struct cpu; xmm0 to xmm5 are scratch within one instruction.
 * Doubleword 0 of the book is the high half. */
#ifndef CPU_JIT_X86_64_SSE_H
#define CPU_JIT_X86_64_SSE_H

#include "cpu/jit/x86_64/lower.h"

enum {
    SSE_MOVUPS_LOAD = 0x0f10, SSE_MOVUPS_STORE = 0x0f11, SSE_MOVAPS = 0x0f28,
    SSE_ANDPS = 0x0f54, SSE_ANDNPS = 0x0f55, SSE_ORPS = 0x0f56, SSE_XORPS = 0x0f57,
};
#define SSE_MOVSD_LOAD 0xf2000f10u
#define SSE_MOVSD_STORE 0xf2000f11u
#define SSE_MOVSS_LOAD 0xf3000f10u
#define SSE_MOVD_TO 0x66000f6eu         /* xmm <- gpr (W64: movq) */
#define SSE_MOVD_FROM 0x66000f7eu
#define SSE_CVTSD2SS 0xf2000f5au
#define SSE_CVTSS2SD 0xf3000f5au
#define SSE_UCOMISD 0x66000f2eu
#define SSE_PSHUFB 0x660f3800u
#define SSE_PSHUFD 0x66000f70u
#define SSE_PAND 0x66000fdbu
#define SSE_PANDN 0x66000fdfu
#define SSE_POR 0x66000febu
#define SSE_PXOR 0x66000fefu
#define SSE_PCMPEQD 0x66000f76u

static inline const uint8_t *constant(const struct lower *x, enum constant k)
{
    return x->j->thunks->constants + 16 * (unsigned)k;
}

static inline void load_vsr(struct lower *x, int xmm, unsigned vsr)
{
    asm_sse_rm(&x->a, SSE_MOVUPS_LOAD, xmm, RBP, OFF_VSR(vsr));
}

static inline void store_vsr(struct lower *x, int xmm, unsigned vsr)
{
    asm_sse_rm(&x->a, SSE_MOVUPS_STORE, xmm, RBP, OFF_VSR(vsr));
}

/* Doubleword 0. */
static inline void load_scalar(struct lower *x, int xmm, unsigned vsr)
{
    asm_sse_rm(&x->a, SSE_MOVSD_LOAD, xmm, RBP, OFF_VSR(vsr) + 8);
}

/* Low half of xmm to doubleword 0, the other becomes 0. Changes xmm. */
static inline void store_scalar(struct lower *x, int xmm, unsigned vsr)
{
    asm_sse_imm(&x->a, 0x66000f73u, 7, xmm, 8);             /* pslldq */
    store_vsr(x, xmm, vsr);
}

/* Where a register field's count begins. */
enum { VMX = 32, VSX = 0 };

static inline bool has_ssse3(void)
{
    return __builtin_cpu_supports("ssse3");
}

static inline bool has_sse41(void)
{
    return __builtin_cpu_supports("sse4.1");
}

/* Operands a and b in xmm0 and xmm1. */
static inline void load_ab(struct lower *x, const struct op *o, unsigned bank)
{
    load_vsr(x, 0, o->ra + bank);
    load_vsr(x, 1, o->rb + bank);
}

static inline void rr(struct lower *x, unsigned opc, int dst, int src)
{
    asm_sse_rr(&x->a, opc, dst, src);
}

/* Of an emitter: the result is in xmm. */
static inline bool done(struct lower *x, const struct op *o, unsigned bank, int xmm)
{
    store_vsr(x, xmm, o->rt + bank);
    return true;
}

/* Of a vshasigma instruction whose elements all use the same sigma: two rotations, and a third one (big sigmas) or a
 * shift. NULL: they differ. */
const uint8_t *sigma_counts(const struct op *o, bool doubles, unsigned relevant);

#endif
