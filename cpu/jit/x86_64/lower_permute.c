/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/jit/x86_64/lower_permute.c - VMX and VSX instructions that put bytes and elements elsewhere: select, permute,
 * splat, byte reversal, pack and unpack.
 *
 * The host numbers the bytes of a register from the other end: byte n of the book is 15 - n (lower_vector.c). */
#include "cpu/jit/x86_64/sse.h"

/* ---- select, permute ---- */

/* (a & ~mask) | (b & mask) */
static bool select_bits(struct lower *x, const struct op *o, unsigned bank)
{
    load_ab(x, o, bank);
    load_vsr(x, 2, o->rc + bank);
    rr(x, SSE_PAND, 1, 2);
    rr(x, SSE_PANDN, 2, 0);
    rr(x, SSE_POR, 1, 2);
    return done(x, o, bank, 1);
}

EMIT(vsel, select_bits, VMX)
EMIT(xxsel, select_bits, VSX)

/* Bytes of first (numbers 0 to 15) and second (16 to 31), as the low five bits of the control's
 * bytes say; reversed: 31 - n. */
static bool permute(struct lower *x, unsigned target, unsigned first, unsigned second, unsigned control, bool reversed)
{
    struct assembler *a = &x->a;

    if (!has_sse41())
        return false;
    load_vsr(x, 1, control);
    if (reversed)
        asm_sse_rip(a, SSE_PXOR, 1, constant(x, K_31));
    rr(x, SSE_MOVAPS, 0, 1);
    asm_sse_rip(a, SSE_PANDN, 1, constant(x, K_15));        /* host byte 15 - n of either */
    load_vsr(x, 2, first);
    rr(x, SSE_PSHUFB, 2, 1);
    if (first != second) {
        load_vsr(x, 3, second);
        rr(x, SSE_PSHUFB, 3, 1);
        asm_sse_imm(a, 0x66000f71u, 6, 0, 3);               /* psllw 3: bit 4 becomes the byte's top bit */
        rr(x, 0x660f3810u, 2, 3);                           /* pblendvb by xmm0 */
    }
    store_vsr(x, 2, target);
    return true;
}

static bool emit_vperm(struct lower *x, const struct op *o)
{
    return permute(x, o->rt + VMX, o->ra + VMX, o->rb + VMX, o->rc + VMX, false);
}

static bool emit_vpermr(struct lower *x, const struct op *o)
{
    return permute(x, o->rt + VMX, o->ra + VMX, o->rb + VMX, o->rc + VMX, true);
}

static bool emit_xxperm(struct lower *x, const struct op *o)
{
    return permute(x, o->rt, o->ra, o->rt, o->rb, false);
}

static bool emit_xxpermr(struct lower *x, const struct op *o)
{
    return permute(x, o->rt, o->ra, o->rt, o->rb, true);
}

/* Bytes of a chosen by the control's left digits, xor bytes of b chosen by the right ones. */
static bool emit_vpermxor(struct lower *x, const struct op *o)
{
    struct assembler *a = &x->a;

    if (!has_ssse3())
        return false;
    load_ab(x, o, VMX);
    load_vsr(x, 2, o->rc + VMX);
    rr(x, SSE_MOVAPS, 3, 2);
    asm_sse_imm(a, 0x66000f71u, 2, 3, 4);                   /* psrlw */
    asm_sse_rip(a, SSE_PANDN, 3, constant(x, K_15));
    asm_sse_rip(a, SSE_PANDN, 2, constant(x, K_15));
    rr(x, SSE_PSHUFB, 0, 3);
    rr(x, SSE_PSHUFB, 1, 2);
    rr(x, SSE_PXOR, 0, 1);
    return done(x, o, VMX, 0);
}

/* a || b shifted left by bytes. */
static bool shift_bytes(struct lower *x, const struct op *o, unsigned bank, unsigned bytes)
{
    if (!has_ssse3())
        return false;
    load_ab(x, o, bank);
    asm_sse_imm(&x->a, 0x660f3a0fu, 0, 1, 16 - bytes);      /* palignr */
    return done(x, o, bank, 0);
}

EMIT(vsldoi, shift_bytes, VMX, o->sh)
EMIT(xxsldwi, shift_bytes, VSX, 4u * o->n)

static bool emit_xxpermdi(struct lower *x, const struct op *o)
{
    load_ab(x, o, VSX);
    asm_sse_imm(&x->a, 0x66000fc6u, 1, 0, o->n ^ 3u);       /* shufpd: bit 0 picks from b */
    return done(x, o, VSX, 1);
}

/* Words of a and b by turns: one of the two moves by one word, the other one's stay in place. */
static bool merge_words(struct lower *x, const struct op *o, unsigned digit, int moving)
{
    if (!has_sse41())
        return false;
    load_ab(x, o, VMX);
    asm_sse_imm(&x->a, 0x66000f73u, digit, moving, 32);     /* psrlq, psllq */
    asm_sse_imm(&x->a, 0x660f3a0eu, 0, 1, 0x33);            /* pblendw: words 0 and 2 from b */
    return done(x, o, VMX, 0);
}

EMIT(vmrgew, merge_words, 2, 1)
EMIT(vmrgow, merge_words, 6, 0)

/* ---- splats ---- */

static bool splat_word(struct lower *x, const struct op *o, unsigned bank)
{
    load_vsr(x, 1, o->rb + bank);
    asm_sse_imm(&x->a, SSE_PSHUFD, 0, 1, (3u - (o->n & 3)) * 0x55);
    return done(x, o, bank, 0);
}

EMIT(vspltw, splat_word, VMX)
EMIT(xxspltw, splat_word, VSX)

static void splat_const(struct lower *x, int xmm, uint32_t v)
{
    asm_const(&x->a, RAX, v);
    asm_rr(&x->a, W32, SSE_MOVD_TO, xmm, RAX);
    asm_sse_imm(&x->a, SSE_PSHUFD, xmm, xmm, 0);
}

/* Through a shuffle whose control repeats the element's bytes. */
static bool splat_small(struct lower *x, const struct op *o, uint32_t control)
{
    if (!has_ssse3())
        return false;
    splat_const(x, 1, control);
    load_vsr(x, 0, o->rb + VMX);
    rr(x, SSE_PSHUFB, 0, 1);
    return done(x, o, VMX, 0);
}

EMIT(vspltb, splat_small, (15u - (o->n & 15)) * 0x01010101u)

static bool emit_vsplth(struct lower *x, const struct op *o)
{
    unsigned low = 2 * (7u - (o->n & 7));

    return splat_small(x, o, (low | (low + 1) << 8) * 0x00010001u);
}

static bool splat_imm(struct lower *x, const struct op *o, unsigned bank, uint32_t v)
{
    if (v == 0 || v == UINT32_MAX)
        rr(x, v ? SSE_PCMPEQD : SSE_PXOR, 0, 0);
    else
        splat_const(x, 0, v);
    return done(x, o, bank, 0);
}

EMIT(vspltisb, splat_imm, VMX, (uint8_t)o->imm * 0x01010101u)
EMIT(vspltish, splat_imm, VMX, (uint16_t)o->imm * 0x00010001u)
EMIT(vspltisw, splat_imm, VMX, (uint32_t)o->imm)
EMIT(xxspltib, splat_imm, VSX, (uint8_t)o->n * 0x01010101u)

/* ---- byte reversal, permute controls of an address ---- */

static bool reverse(struct lower *x, const struct op *o, enum constant k)
{
    if (!has_ssse3())
        return false;
    load_vsr(x, 0, o->rb);
    asm_sse_rip(&x->a, SSE_PSHUFB, 0, constant(x, k));
    return done(x, o, VSX, 0);
}

EMIT(xxbrh, reverse, K_REV_H)
EMIT(xxbrw, reverse, K_REV_W)
EMIT(xxbrd, reverse, K_REV_D)
EMIT(xxbrq, reverse, K_REVERSE)

/* Byte n of the book is `first` + n: the reversing control holds n at the place of byte n. */
static bool count_from(struct lower *x, const struct op *o, bool right)
{
    struct assembler *a = &x->a;

    emit_address(x, o, ADDRESS_X, false);
    asm_ri(a, W32, G_AND, RAX, 15);
    if (right) {
        asm_rr(a, W32, 0xf7, 3, RAX);                       /* neg */
        asm_ri(a, W32, G_ADD, RAX, 16);
    }
    asm_rr(a, W32, 0x69, RAX, RAX);                         /* imul eax, eax, imm32 */
    asm_u32(a, 0x01010101);
    asm_rr(a, W32, SSE_MOVD_TO, 0, RAX);
    asm_sse_imm(a, SSE_PSHUFD, 0, 0, 0);
    asm_sse_rip(a, 0x66000ffcu, 0, constant(x, K_REVERSE));
    return done(x, o, VMX, 0);
}

EMIT(lvsl, count_from, false)
EMIT(lvsr, count_from, true)

/* ---- pack, unpack, multiply ---- */

/* The low halves of the elements of a then b; `high` shifts them to where the host's saturating pack keeps them. */
static bool emit_vpkuhum(struct lower *x, const struct op *o)
{
    load_ab(x, o, VMX);
    for (int i = 0; i < 2; i++) {
        asm_sse_imm(&x->a, 0x66000f71u, 6, i, 8);           /* psllw */
        asm_sse_imm(&x->a, 0x66000f71u, 2, i, 8);           /* psrlw */
    }
    rr(x, 0x66000f67u, 1, 0);                               /* packuswb */
    return done(x, o, VMX, 1);
}

static bool emit_vpkuwum(struct lower *x, const struct op *o)
{
    if (!has_sse41())
        return false;
    load_ab(x, o, VMX);
    for (int i = 0; i < 2; i++) {
        asm_sse_imm(&x->a, 0x66000f72u, 6, i, 16);          /* pslld */
        asm_sse_imm(&x->a, 0x66000f72u, 2, i, 16);          /* psrld */
    }
    rr(x, 0x660f382bu, 1, 0);                               /* packusdw */
    return done(x, o, VMX, 1);
}

static bool emit_vpkudum(struct lower *x, const struct op *o)
{
    load_ab(x, o, VMX);
    asm_sse_imm(&x->a, 0x0fc6u, 1, 0, 0x88);                /* shufps */
    return done(x, o, VMX, 1);
}

static bool unpack(struct lower *x, const struct op *o, unsigned opc, bool high)
{
    if (!has_sse41())
        return false;
    load_vsr(x, 0, o->rb + VMX);
    if (high)
        asm_sse_imm(&x->a, 0x66000f73u, 3, 0, 8);           /* psrldq */
    rr(x, opc, 0, 0);
    return done(x, o, VMX, 0);
}

EMIT(vupkhsb, unpack, 0x660f3820u, true)
EMIT(vupkhsh, unpack, 0x660f3823u, true)
EMIT(vupkhsw, unpack, 0x660f3825u, true)
EMIT(vupklsb, unpack, 0x660f3820u, false)
EMIT(vupklsh, unpack, 0x660f3823u, false)
EMIT(vupklsw, unpack, 0x660f3825u, false)

const struct emit_row emit_permute[] = {
    ROW(vmrgew), ROW(vmrgow), ROW(vsel), ROW(xxsel), ROW(vperm), ROW(vpermr), ROW(xxperm), ROW(xxpermr),
    ROW(vpermxor), ROW(vsldoi), ROW(xxsldwi), ROW(xxpermdi), ROW(vspltb), ROW(vsplth), ROW(vspltw), ROW(xxspltw),
    ROW(vspltisb), ROW(vspltish), ROW(vspltisw), ROW(xxspltib), ROW(xxbrh), ROW(xxbrw), ROW(xxbrd), ROW(xxbrq),
    ROW(lvsl), ROW(lvsr), ROW(vpkuhum), ROW(vpkuwum), ROW(vpkudum), ROW(vupkhsb), ROW(vupkhsh), ROW(vupkhsw),
    ROW(vupklsb), ROW(vupklsh), ROW(vupklsw),
    { NULL, NULL },
};
