/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/jit/x86_64/lower_avx512.c - what hosts with AVX-512 and GFNI do in one operation: two-source byte permutes,
 * rotates, selects, shifts of halfwords, counts of bits, bit matrices. 128 bits each: a guest register is no wider, so
 * wide AES and CLMUL have nothing to do here.
 *
 * These rows replace those of other files where emit_avx512_usable() says so. */
#include "cpu/jit/x86_64/sse.h"

enum { W1 = 1 };

/* opcode map and prefix of an EVEX operation */
enum form { F_0F = 1 | 1 << 4, F_0F38 = 2 | 1 << 4, F_0F3A = 3 | 1 << 4 };    /* all with 66 */

bool emit_avx512_usable(void)
{
    return __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512vbmi") &&
           __builtin_cpu_supports("avx512bitalg") && __builtin_cpu_supports("avx512vpopcntdq") &&
           __builtin_cpu_supports("gfni");
}

/* 128 bits, no mask, registers below 8: dst = op(src1, src2). */
static void evex(struct lower *x, enum form f, bool w, unsigned opc, int dst, int src1, int src2)
{
    struct assembler *a = &x->a;

    asm_byte(a, 0x62);
    asm_byte(a, 0xf0u | ((unsigned)f & 15));
    asm_byte(a, (w ? 0x80u : 0u) | (~(unsigned)src1 & 15) << 3 | 4 | (unsigned)f >> 4);
    asm_byte(a, 0x08);
    asm_byte(a, opc);
    asm_byte(a, 0xc0u | (unsigned)dst << 3 | (unsigned)src2);
}

static void evex_imm(struct lower *x, enum form f, bool w, unsigned opc, int dst, int src1, int src2, unsigned imm)
{
    evex(x, f, w, opc, dst, src1, src2);
    asm_byte(&x->a, imm);
}

/* t = a op b; the host takes counts modulo the size in the rotates only. */
static bool binary(struct lower *x, const struct op *o, bool w, unsigned opc)
{
    load_vsr(x, 0, o->ra + VMX);
    load_vsr(x, 1, o->rb + VMX);
    evex(x, F_0F38, w, opc, 0, 0, 1);
    return done(x, o, VMX, 0);
}

static bool shift(struct lower *x, const struct op *o, unsigned opc, enum constant count_mask)
{
    load_vsr(x, 0, o->ra + VMX);
    load_vsr(x, 1, o->rb + VMX);
    asm_sse_rip(&x->a, SSE_PAND, 1, constant(x, count_mask));
    evex(x, F_0F38, W1, opc, 0, 0, 1);
    return done(x, o, VMX, 0);
}

static bool unary(struct lower *x, const struct op *o, bool w, unsigned opc)
{
    load_vsr(x, 0, o->rb + VMX);
    evex(x, F_0F38, w, opc, 0, 0, 0);
    return done(x, o, VMX, 0);
}

/* Byte n of the book of first || second is number 31 - n of the host's pair second, first;
 * reversed control: n itself. */
static bool permute(struct lower *x, unsigned target, unsigned first, unsigned second, unsigned control, bool reversed)
{
    load_vsr(x, 1, control);
    if (!reversed)
        asm_sse_rip(&x->a, SSE_PXOR, 1, constant(x, K_31));
    load_vsr(x, 0, second);
    load_vsr(x, 2, first);
    evex(x, F_0F38, false, 0x75, 1, 0, 2);                  /* vpermi2b */
    store_vsr(x, 1, target);
    return true;
}

static bool permute_vmx(struct lower *x, const struct op *o, bool reversed)
{
    return permute(x, o->rt + VMX, o->ra + VMX, o->rb + VMX, o->rc + VMX, reversed);
}

static bool permute_vsx(struct lower *x, const struct op *o, bool reversed)
{
    return permute(x, o->rt, o->ra, o->rt, o->rb, reversed);
}

static bool select_bits(struct lower *x, const struct op *o, unsigned bank)
{
    load_vsr(x, 0, o->rc + bank);
    load_vsr(x, 1, o->ra + bank);
    load_vsr(x, 2, o->rb + bank);
    evex_imm(x, F_0F3A, false, 0x25, 0, 1, 2, 0xac);        /* vpternlogd: mask ? b : a */
    return done(x, o, bank, 0);
}

/* Two-operand logic that ends in "not": the truth table with a = f0, b = cc. */
static bool logic(struct lower *x, const struct op *o, unsigned bank, unsigned table)
{
    load_vsr(x, 0, o->ra + bank);
    load_vsr(x, 1, o->rb + bank);
    evex_imm(x, F_0F3A, false, 0x25, 0, 1, 1, table);
    return done(x, o, bank, 0);
}

/* The bits of each doubleword as an 8 by 8 matrix, transposed: the host's product takes the
 * matrix's rows from the other end. */
static bool transpose(struct lower *x, const struct op *o)
{
    load_vsr(x, 0, o->rb + VMX);
    asm_sse_rip(&x->a, SSE_PSHUFB, 0, constant(x, K_REV_D));
    asm_sse_rip(&x->a, SSE_MOVAPS, 1, constant(x, K_DIAGONAL));
    asm_sse_imm(&x->a, 0x660f3aceu, 1, 0, 0);               /* gf2p8affineqb */
    return done(x, o, VMX, 1);
}

static bool sigma(struct lower *x, const struct op *o, bool doubles, unsigned relevant)
{
    const uint8_t *n = sigma_counts(o, doubles, relevant);

    if (!n)
        return false;
    load_vsr(x, 0, o->ra + VMX);
    evex_imm(x, F_0F, doubles, 0x72, 0, 1, 0, n[0]);        /* vpror xmm1, xmm0 */
    evex_imm(x, F_0F, doubles, 0x72, 0, 2, 0, n[1]);
    if (o->n & 1)
        evex_imm(x, F_0F, doubles, 0x72, 0, 0, 0, n[2]);
    else
        asm_sse_imm(&x->a, doubles ? 0x66000f73u : 0x66000f72u, 2, 0, n[2]);
    evex_imm(x, F_0F3A, false, 0x25, 0, 1, 2, 0x96);        /* xor of three */
    return done(x, o, VMX, 0);
}

EMIT(vperm, permute_vmx, false)
EMIT(vpermr, permute_vmx, true)
EMIT(xxperm, permute_vsx, false)
EMIT(xxpermr, permute_vsx, true)
EMIT(vsel, select_bits, VMX)
EMIT(xxsel, select_bits, VSX)
EMIT(vnand, logic, VMX, 0x3f)
EMIT(vnor, logic, VMX, 0x03)
EMIT(veqv, logic, VMX, 0xc3)
EMIT(vorc, logic, VMX, 0xf3)
EMIT(xxlnand, logic, VSX, 0x3f)
EMIT(xxlnor, logic, VSX, 0x03)
EMIT(xxleqv, logic, VSX, 0xc3)
EMIT(xxlorc, logic, VSX, 0xf3)
EMIT(vrlw, binary, false, 0x15)
EMIT(vrld, binary, W1, 0x15)
EMIT(vmaxsd, binary, W1, 0x3d)
EMIT(vminsd, binary, W1, 0x39)
EMIT(vmaxud, binary, W1, 0x3f)
EMIT(vminud, binary, W1, 0x3b)
EMIT(vslh, shift, 0x12, K_HALF_COUNT)
EMIT(vsrh, shift, 0x10, K_HALF_COUNT)
EMIT(vsrah, shift, 0x11, K_HALF_COUNT)
EMIT(vsrad, shift, 0x46, K_DOUBLE_COUNT)
EMIT(vpopcntb, unary, false, 0x54)
EMIT(vpopcnth, unary, W1, 0x54)
EMIT(vpopcntw, unary, false, 0x55)
EMIT(vpopcntd, unary, W1, 0x55)
EMIT(vclzw, unary, false, 0x44)
EMIT(vclzd, unary, W1, 0x44)
EMIT(vshasigmaw, sigma, false, 15)
EMIT(vshasigmad, sigma, true, 10)

const struct emit_row emit_avx512[] = {
    ROW(vperm), ROW(vpermr), ROW(xxperm), ROW(xxpermr), ROW(vsel), ROW(xxsel),
    ROW(vnand), ROW(vnor), ROW(veqv), ROW(vorc), ROW(xxlnand), ROW(xxlnor), ROW(xxleqv), ROW(xxlorc),
    ROW(vrlw), ROW(vrld), ROW(vmaxsd), ROW(vminsd), ROW(vmaxud), ROW(vminud),
    ROW(vslh), ROW(vsrh), ROW(vsrah), ROW(vsrad),
    ROW(vpopcntb), ROW(vpopcnth), ROW(vpopcntw), ROW(vpopcntd), ROW(vclzw), ROW(vclzd), { "vgbbd", transpose },
    ROW(vshasigmaw), ROW(vshasigmad),
    { NULL, NULL },
};
