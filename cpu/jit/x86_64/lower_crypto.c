/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/jit/x86_64/lower_crypto.c - VMX instructions for AES, carry-less multiplication and SHA-2.
 *
 * The host's first byte is the lowest, the book's the highest. */
#include "cpu/jit/x86_64/sse.h"

static void reversed_operand(struct lower *x, int xmm, unsigned vr)
{
    load_vsr(x, xmm, vr + VMX);
    asm_sse_rip(&x->a, SSE_PSHUFB, xmm, constant(x, K_REVERSE));
}

/* The last round of AES is SubBytes and ShiftRows: with the rows shifted back before, SubBytes remains. */
static bool emit_vsbox(struct lower *x, const struct op *o)
{
    if (!__builtin_cpu_supports("aes") || !has_ssse3())
        return false;
    load_vsr(x, 0, o->ra + VMX);
    asm_sse_rip(&x->a, SSE_PSHUFB, 0, constant(x, K_UNSHIFT_ROWS));
    rr(x, SSE_PXOR, 1, 1);
    rr(x, 0x660f38ddu, 0, 1);                               /* aesenclast */
    return done(x, o, VMX, 0);
}

/* One AES instruction without key; the key is added in the guest's order. unmix: InvMixColumns comes after the key. */
static bool aes(struct lower *x, const struct op *o, unsigned opc, bool unmix)
{
    if (!__builtin_cpu_supports("aes") || !has_ssse3())
        return false;
    reversed_operand(x, 0, o->ra);
    rr(x, SSE_PXOR, 1, 1);
    if (unmix)
        reversed_operand(x, 1, o->rb);
    rr(x, opc, 0, 1);
    if (unmix)
        rr(x, 0x660f38dbu, 0, 0);                           /* aesimc */
    asm_sse_rip(&x->a, SSE_PSHUFB, 0, constant(x, K_REVERSE));
    if (!unmix) {
        load_vsr(x, 1, o->rb + VMX);
        rr(x, SSE_PXOR, 0, 1);
    }
    return done(x, o, VMX, 0);
}

EMIT(vcipher, aes, 0x660f38dcu, false)
EMIT(vcipherlast, aes, 0x660f38ddu, false)
EMIT(vncipher, aes, 0x660f38dfu, true)
EMIT(vncipherlast, aes, 0x660f38dfu, false)

static bool emit_vpmsumd(struct lower *x, const struct op *o)
{
    if (!__builtin_cpu_supports("pclmul"))
        return false;
    load_ab(x, o, VMX);
    rr(x, SSE_MOVAPS, 2, 0);
    asm_sse_imm(&x->a, 0x660f3a44u, 0, 1, 0x00);            /* pclmulqdq */
    asm_sse_imm(&x->a, 0x660f3a44u, 2, 1, 0x11);
    rr(x, SSE_PXOR, 0, 2);
    return done(x, o, VMX, 0);
}

/* Words: products of the low and of the high words of each doubleword, xored; 63 bits each. */
static bool emit_vpmsumw(struct lower *x, const struct op *o)
{
    struct assembler *a = &x->a;

    if (!__builtin_cpu_supports("pclmul"))
        return false;
    for (unsigned half = 0; half < 2; half++) {
        load_ab(x, o, VMX);
        if (half) {
            asm_sse_imm(a, 0x66000f73u, 2, 0, 32);
            asm_sse_imm(a, 0x66000f73u, 2, 1, 32);
        } else {
            for (int i = 0; i < 2; i++) {
                asm_sse_imm(a, 0x66000f73u, 6, i, 32);
                asm_sse_imm(a, 0x66000f73u, 2, i, 32);
            }
        }
        rr(x, SSE_MOVAPS, 2, 0);
        asm_sse_imm(a, 0x660f3a44u, 0, 1, 0x00);
        asm_sse_imm(a, 0x660f3a44u, 2, 1, 0x11);
        rr(x, 0x66000f6cu, 0, 2);                           /* punpcklqdq */
        rr(x, half ? SSE_PXOR : SSE_MOVAPS, 4, 0);
    }
    return done(x, o, VMX, 4);
}

/* xmm2 ^= xmm0 >> n, or rotated. */
static void sigma_term(struct lower *x, bool doubles, unsigned n, bool rotated)
{
    struct assembler *a = &x->a;
    unsigned opc = doubles ? 0x66000f73u : 0x66000f72u, size = doubles ? 64 : 32;

    rr(x, SSE_MOVAPS, 1, 0);
    asm_sse_imm(a, opc, 2, 1, n);
    rr(x, SSE_PXOR, 2, 1);
    if (!rotated)
        return;
    rr(x, SSE_MOVAPS, 1, 0);
    asm_sse_imm(a, opc, 6, 1, size - n);
    rr(x, SSE_PXOR, 2, 1);
}

const uint8_t *sigma_counts(const struct op *o, bool doubles, unsigned relevant)
{
    static const uint8_t counts[2][2][2][3] = {
        { { { 7, 18, 3 }, { 17, 19, 10 } }, { { 2, 13, 22 }, { 6, 11, 25 } } },
        { { { 1, 8, 7 }, { 19, 61, 6 } }, { { 28, 34, 39 }, { 14, 18, 41 } } },
    };
    unsigned chosen = o->sh & relevant;

    return chosen && chosen != relevant ? NULL : counts[doubles][o->n & 1][chosen != 0];
}

static bool sigma(struct lower *x, const struct op *o, bool doubles, unsigned relevant)
{
    const uint8_t *n = sigma_counts(o, doubles, relevant);

    if (!n)
        return false;
    load_vsr(x, 0, o->ra + VMX);
    rr(x, SSE_PXOR, 2, 2);
    for (unsigned i = 0; i < 3; i++)
        sigma_term(x, doubles, n[i], i < 2 || o->n);
    return done(x, o, VMX, 2);
}

EMIT(vshasigmaw, sigma, false, 15)
EMIT(vshasigmad, sigma, true, 10)

const struct emit_row emit_crypto[] = {
    ROW(vsbox), ROW(vcipher), ROW(vcipherlast), ROW(vncipher), ROW(vncipherlast), ROW(vpmsumd), ROW(vpmsumw),
    ROW(vshasigmaw), ROW(vshasigmad),
    { NULL, NULL },
};
