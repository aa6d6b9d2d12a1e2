/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/jit/x86_64/lower_vector.c - VMX and VSX without floating point: one or a few host vector
 * operations per guest operation.
 *
 * A register is one 128-bit number, so element i of the book is at the mirrored place of the host register: operations
 * that treat all elements alike need no thought, merges and packs have their operands swapped, and byte
 * number n becomes 15 - n. What the host lacks (run-time detection) stays with the C functions.
 * VMX register fields count from VSR 32. */
#include "cpu/jit/x86_64/sse.h"

enum { VMX = 32, VSX = 0 };

static bool has_ssse3(void)
{
    return __builtin_cpu_supports("ssse3");
}

static bool has_sse41(void)
{
    return __builtin_cpu_supports("sse4.1");
}

static bool has_sse42(void)
{
    return __builtin_cpu_supports("sse4.2");
}

static bool has_avx2(void)
{
    return __builtin_cpu_supports("avx2");
}

static void load_ab(struct lower *x, const struct op *o, unsigned bank)
{
    load_vsr(x, 0, o->ra + bank);
    load_vsr(x, 1, o->rb + bank);
}

static void rr(struct lower *x, unsigned opc, int dst, int src)
{
    asm_sse_rr(&x->a, opc, dst, src);
}

static bool done(struct lower *x, const struct op *o, unsigned bank, int xmm)
{
    store_vsr(x, xmm, o->rt + bank);
    return true;
}

/* Does the host have the opcode? By its map: 0F38 and 0F3A came with SSSE3 (shuffles), SSE4.1, and 37 with SSE4.2. */
static bool host_has(unsigned opc)
{
    unsigned second = opc >> 8 & 0xff;

    if ((opc & 0xffffff) == 0x0f3837)
        return has_sse42();
    return (second != 0x38 && second != 0x3a) || has_sse41();
}

/* t = a op b */
static bool plain(struct lower *x, const struct op *o, unsigned bank, unsigned opc)
{
    if (!host_has(opc))
        return false;
    load_ab(x, o, bank);
    rr(x, opc, 0, 1);
    return done(x, o, bank, 0);
}

/* t = b op a: merges and packs, and "and not". */
static bool swapped(struct lower *x, const struct op *o, unsigned bank, unsigned opc)
{
    load_ab(x, o, bank);
    rr(x, opc, 1, 0);
    return done(x, o, bank, 1);
}

static void invert(struct lower *x, int xmm)
{
    asm_sse_rip(&x->a, SSE_PXOR, xmm, constant(x, K_ONES));
}

/* t = ~(a op b) */
static bool inverted(struct lower *x, const struct op *o, unsigned bank, unsigned opc)
{
    load_ab(x, o, bank);
    rr(x, opc, 0, 1);
    invert(x, 0);
    return done(x, o, bank, 0);
}

/* t = a | ~b */
static bool or_complement(struct lower *x, const struct op *o, unsigned bank)
{
    load_ab(x, o, bank);
    invert(x, 1);
    rr(x, SSE_POR, 0, 1);
    return done(x, o, bank, 0);
}

EMIT(vaddubm, plain, VMX, 0x66000ffcu)
EMIT(vadduhm, plain, VMX, 0x66000ffdu)
EMIT(vadduwm, plain, VMX, 0x66000ffeu)
EMIT(vaddudm, plain, VMX, 0x66000fd4u)
EMIT(vsububm, plain, VMX, 0x66000ff8u)
EMIT(vsubuhm, plain, VMX, 0x66000ff9u)
EMIT(vsubuwm, plain, VMX, 0x66000ffau)
EMIT(vsubudm, plain, VMX, 0x66000ffbu)
EMIT(vavgub, plain, VMX, 0x66000fe0u)
EMIT(vavguh, plain, VMX, 0x66000fe3u)
EMIT(vmaxub, plain, VMX, 0x66000fdeu)
EMIT(vmaxsh, plain, VMX, 0x66000feeu)
EMIT(vminub, plain, VMX, 0x66000fdau)
EMIT(vminsh, plain, VMX, 0x66000feau)
EMIT(vmaxsb, plain, VMX, 0x660f383cu)
EMIT(vmaxsw, plain, VMX, 0x660f383du)
EMIT(vmaxuh, plain, VMX, 0x660f383eu)
EMIT(vmaxuw, plain, VMX, 0x660f383fu)
EMIT(vminsb, plain, VMX, 0x660f3838u)
EMIT(vminsw, plain, VMX, 0x660f3839u)
EMIT(vminuh, plain, VMX, 0x660f383au)
EMIT(vminuw, plain, VMX, 0x660f383bu)
EMIT(vmulouw, plain, VMX, 0x66000ff4u)
EMIT(vmulosw, plain, VMX, 0x660f3828u)
EMIT(vmuluwm, plain, VMX, 0x660f3840u)
EMIT(vand, plain, VMX, SSE_PAND)
EMIT(vor, plain, VMX, SSE_POR)
EMIT(vxor, plain, VMX, SSE_PXOR)
EMIT(vandc, swapped, VMX, SSE_PANDN)
EMIT(vnand, inverted, VMX, SSE_PAND)
EMIT(vnor, inverted, VMX, SSE_POR)
EMIT(veqv, inverted, VMX, SSE_PXOR)
EMIT(xxland, plain, VSX, SSE_PAND)
EMIT(xxlxor, plain, VSX, SSE_PXOR)
EMIT(xxlandc, swapped, VSX, SSE_PANDN)
EMIT(xxlnand, inverted, VSX, SSE_PAND)
EMIT(xxlnor, inverted, VSX, SSE_POR)
EMIT(xxleqv, inverted, VSX, SSE_PXOR)
EMIT(vmrghb, swapped, VMX, 0x66000f68u)
EMIT(vmrghh, swapped, VMX, 0x66000f69u)
EMIT(vmrghw, swapped, VMX, 0x66000f6au)
EMIT(vmrglb, swapped, VMX, 0x66000f60u)
EMIT(vmrglh, swapped, VMX, 0x66000f61u)
EMIT(vmrglw, swapped, VMX, 0x66000f62u)
EMIT(xxmrghw, swapped, VSX, 0x66000f6au)
EMIT(xxmrglw, swapped, VSX, 0x66000f62u)

static bool emit_xxlor(struct lower *x, const struct op *o)
{
    if (o->ra != o->rb)
        return plain(x, o, VSX, SSE_POR);
    load_vsr(x, 0, o->ra);                                  /* xvmovdp, xxlmr */
    return done(x, o, VSX, 0);
}

EMIT(vorc, or_complement, VMX)
EMIT(xxlorc, or_complement, VSX)

/* ---- saturating: the same as modulo, or VSCR[SAT] is the C function's business ---- */

static bool saturating(struct lower *x, const struct op *o, unsigned opc, unsigned modulo)
{
    struct assembler *a = &x->a;
    struct stub *s;

    load_ab(x, o, VMX);
    rr(x, SSE_MOVAPS, 2, 0);
    rr(x, opc, 0, 1);
    rr(x, modulo, 2, 1);
    rr(x, 0x66000f74u, 2, 0);                               /* pcmpeqb */
    asm_rr(a, W32, 0x66000fd7u, RAX, 2);                    /* pmovmskb */
    asm_ri(a, W32, G_CMP, RAX, 0xffff);
    s = new_float_stub(x, asm_jcc(a, CC_NE));
    store_vsr(x, 0, o->rt + VMX);
    s->back = a->p;
    return true;
}

EMIT(vaddubs, saturating, 0x66000fdcu, 0x66000ffcu)
EMIT(vadduhs, saturating, 0x66000fddu, 0x66000ffdu)
EMIT(vaddsbs, saturating, 0x66000fecu, 0x66000ffcu)
EMIT(vaddshs, saturating, 0x66000fedu, 0x66000ffdu)
EMIT(vsububs, saturating, 0x66000fd8u, 0x66000ff8u)
EMIT(vsubuhs, saturating, 0x66000fd9u, 0x66000ff9u)
EMIT(vsubsbs, saturating, 0x66000fe8u, 0x66000ff8u)
EMIT(vsubshs, saturating, 0x66000fe9u, 0x66000ff9u)

/* ---- compares ---- */

static bool compared(struct lower *x, const struct op *o, int xmm)
{
    store_vsr(x, xmm, o->rt + VMX);
    if (o->rc_bit) {
        asm_rr(&x->a, W32, 0x66000fd7u, RAX, xmm);          /* pmovmskb */
        emit_cr6(x, 0xffff);
    }
    return true;
}

static bool compare(struct lower *x, const struct op *o, unsigned opc, bool negate)
{
    if (!host_has(opc))
        return false;
    load_ab(x, o, VMX);
    rr(x, opc, 0, 1);
    if (negate)
        invert(x, 0);
    return compared(x, o, 0);
}

/* a > b unsigned: min(a, b) is not a. */
static bool compare_unsigned(struct lower *x, const struct op *o, unsigned min, unsigned equal)
{
    if (!host_has(min))
        return false;
    load_ab(x, o, VMX);
    rr(x, min, 1, 0);
    rr(x, equal, 0, 1);
    invert(x, 0);
    return compared(x, o, 0);
}

/* Doublewords have no minimum: with the signs flipped they compare as signed ones. */
static bool emit_vcmpgtud(struct lower *x, const struct op *o)
{
    if (!has_sse42())
        return false;
    load_ab(x, o, VMX);
    asm_sse_rip(&x->a, SSE_PXOR, 0, constant(x, K_SIGN_D));
    asm_sse_rip(&x->a, SSE_PXOR, 1, constant(x, K_SIGN_D));
    rr(x, 0x660f3837u, 0, 1);
    return compared(x, o, 0);
}

/* Different, or one of them zero. */
static bool compare_or_zero(struct lower *x, const struct op *o, unsigned equal)
{
    load_ab(x, o, VMX);
    rr(x, SSE_PXOR, 2, 2);
    rr(x, SSE_MOVAPS, 3, 0);
    rr(x, equal, 3, 2);
    rr(x, equal, 2, 1);
    rr(x, SSE_POR, 2, 3);                                   /* zeros */
    rr(x, equal, 0, 1);
    invert(x, 0);
    rr(x, SSE_POR, 0, 2);
    return compared(x, o, 0);
}

EMIT(vcmpequb, compare, 0x66000f74u, false)
EMIT(vcmpequh, compare, 0x66000f75u, false)
EMIT(vcmpequw, compare, 0x66000f76u, false)
EMIT(vcmpequd, compare, 0x660f3829u, false)
EMIT(vcmpneb, compare, 0x66000f74u, true)
EMIT(vcmpneh, compare, 0x66000f75u, true)
EMIT(vcmpnew, compare, 0x66000f76u, true)
EMIT(vcmpgtsb, compare, 0x66000f64u, false)
EMIT(vcmpgtsh, compare, 0x66000f65u, false)
EMIT(vcmpgtsw, compare, 0x66000f66u, false)
EMIT(vcmpgtsd, compare, 0x660f3837u, false)
EMIT(vcmpgtub, compare_unsigned, 0x66000fdau, 0x66000f74u)
EMIT(vcmpgtuh, compare_unsigned, 0x660f383au, 0x66000f75u)
EMIT(vcmpgtuw, compare_unsigned, 0x660f383bu, 0x66000f76u)
EMIT(vcmpnezb, compare_or_zero, 0x66000f74u)
EMIT(vcmpnezh, compare_or_zero, 0x66000f75u)
EMIT(vcmpnezw, compare_or_zero, 0x66000f76u)

/* ---- shifts by element: VEX forms whose counts are not masked ---- */

static bool shift(struct lower *x, const struct op *o, unsigned opc, bool doubles)
{
    if (!has_avx2())
        return false;
    load_ab(x, o, VMX);
    asm_sse_rip(&x->a, SSE_PAND, 1, constant(x, doubles ? K_DOUBLE_COUNT : K_WORD_COUNT));
    asm_vex(&x->a, 2, 1, doubles, opc, 0, 0, 1);
    return done(x, o, VMX, 0);
}

/* a << n | a >> (size - n); a count of size gives 0. */
static bool rotate(struct lower *x, const struct op *o, bool doubles)
{
    const uint8_t *mask = constant(x, doubles ? K_DOUBLE_COUNT : K_WORD_COUNT);

    if (!has_avx2())
        return false;
    load_ab(x, o, VMX);
    asm_sse_rip(&x->a, SSE_PAND, 1, mask);
    rr(x, SSE_PXOR, 2, 2);
    rr(x, doubles ? 0x66000ffbu : 0x66000ffau, 2, 1);       /* -n */
    asm_sse_rip(&x->a, SSE_PAND, 2, mask);
    /* a >> (-n & mask): for n = 0 a itself, which or'ed changes nothing */
    asm_vex(&x->a, 2, 1, doubles, 0x45, 2, 0, 2);
    asm_vex(&x->a, 2, 1, doubles, 0x47, 0, 0, 1);
    rr(x, SSE_POR, 0, 2);
    return done(x, o, VMX, 0);
}

EMIT(vslw, shift, 0x47, false)
EMIT(vsld, shift, 0x47, true)
EMIT(vsrw, shift, 0x45, false)
EMIT(vsrd, shift, 0x45, true)
EMIT(vsraw, shift, 0x46, false)
EMIT(vrlw, rotate, false)
EMIT(vrld, rotate, true)

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

/* The book's even words are the host's odd ones. */
static bool multiply_even(struct lower *x, const struct op *o, unsigned opc)
{
    if (!host_has(opc))
        return false;
    load_ab(x, o, VMX);
    asm_sse_imm(&x->a, 0x66000f73u, 2, 0, 32);
    asm_sse_imm(&x->a, 0x66000f73u, 2, 1, 32);
    rr(x, opc, 0, 1);
    return done(x, o, VMX, 0);
}

EMIT(vmuleuw, multiply_even, 0x66000ff4u)
EMIT(vmulesw, multiply_even, 0x660f3828u)

/* Products twice as wide, of the elements that are the host's odd (high) or even ones;
 * both sides are widened in place first. */
static bool multiply_wide(struct lower *x, const struct op *o, unsigned size, bool high, bool sign)
{
    unsigned opc = size == 8 ? 0x66000f71u : 0x66000f72u, right = sign ? 4 : 2;

    if (!has_sse41())
        return false;
    load_ab(x, o, VMX);
    for (int i = 0; i < 2; i++) {
        if (!high)
            asm_sse_imm(&x->a, opc, 6, i, size);
        asm_sse_imm(&x->a, opc, right, i, size);
    }
    rr(x, size == 8 ? 0x66000fd5u : 0x660f3840u, 0, 1);     /* pmullw, pmulld */
    return done(x, o, VMX, 0);
}

EMIT(vmuleub, multiply_wide, 8, true, false)
EMIT(vmulesb, multiply_wide, 8, true, true)
EMIT(vmuloub, multiply_wide, 8, false, false)
EMIT(vmulosb, multiply_wide, 8, false, true)
EMIT(vmuleuh, multiply_wide, 16, true, false)
EMIT(vmulesh, multiply_wide, 16, true, true)
EMIT(vmulouh, multiply_wide, 16, false, false)
EMIT(vmulosh, multiply_wide, 16, false, true)

/* How many bytes from one end have an even last bit. */
static bool count_even_bytes(struct lower *x, const struct op *o, bool from_left)
{
    struct assembler *a = &x->a;
    int d;

    load_vsr(x, 0, o->rb + VMX);
    asm_sse_imm(a, 0x66000f71u, 6, 0, 7);                   /* psllw: the last bits become the first ones */
    asm_rr(a, W32, 0x66000fd7u, RAX, 0);                    /* pmovmskb */
    d = def(x, o->rt);
    if (!from_left) {
        asm_ri(a, W32, G_OR, RAX, 1 << 16);
        asm_rr(a, W32, 0x0fbc, d, RAX);                     /* bsf */
        return true;
    }
    asm_rmx(a, W32, 0x8d, RAX, RAX, RAX, 0, 1);             /* 2 mask + 1 */
    asm_rr(a, W32, 0x0fbd, RAX, RAX);                       /* bsr */
    asm_const(a, d, 16);
    asm_rr(a, W32, 0x2b, d, RAX);
    return true;
}

EMIT(vclzlsbb, count_even_bytes, true)
EMIT(vctzlsbb, count_even_bytes, false)

static bool emit_vmladduhm(struct lower *x, const struct op *o)
{
    load_ab(x, o, VMX);
    load_vsr(x, 2, o->rc + VMX);
    rr(x, 0x66000fd5u, 0, 1);                               /* pmullw */
    rr(x, 0x66000ffdu, 0, 2);
    return done(x, o, VMX, 0);
}

/* ---- crypto: the host's first byte is the lowest, the book's the highest ---- */

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

#define ROW(name) { #name, emit_##name }
const struct emit_row emit_vector[] = {
    ROW(vaddubm), ROW(vadduhm), ROW(vadduwm), ROW(vaddudm), ROW(vsububm), ROW(vsubuhm), ROW(vsubuwm), ROW(vsubudm),
    ROW(vavgub), ROW(vavguh), ROW(vmaxub), ROW(vmaxsh), ROW(vminub),
    ROW(vminsh), ROW(vmaxsb), ROW(vmaxsw), ROW(vmaxuh), ROW(vmaxuw),
    ROW(vminsb), ROW(vminsw), ROW(vminuh), ROW(vminuw), ROW(vmulouw),
    ROW(vmulosw), ROW(vmuluwm), ROW(vmuleuw), ROW(vmulesw),
    ROW(vmladduhm), ROW(vmuleub), ROW(vmulesb), ROW(vmuloub), ROW(vmulosb), ROW(vmuleuh), ROW(vmulesh), ROW(vmulouh),
    ROW(vmulosh), ROW(vclzlsbb), ROW(vctzlsbb),
    ROW(vaddubs), ROW(vadduhs), ROW(vaddsbs), ROW(vaddshs), ROW(vsububs), ROW(vsubuhs), ROW(vsubsbs), ROW(vsubshs),
    ROW(vand), ROW(vor), ROW(vxor), ROW(vandc), ROW(vnand), ROW(vnor), ROW(veqv), ROW(vorc),
    ROW(xxland), ROW(xxlor), ROW(xxlxor), ROW(xxlandc), ROW(xxlnand), ROW(xxlnor), ROW(xxleqv), ROW(xxlorc),
    ROW(vmrghb), ROW(vmrghh), ROW(vmrghw), ROW(vmrglb), ROW(vmrglh),
    ROW(vmrglw), ROW(xxmrghw), ROW(xxmrglw), ROW(vmrgew), ROW(vmrgow),
    ROW(vcmpequb), ROW(vcmpequh), ROW(vcmpequw), ROW(vcmpequd), ROW(vcmpneb), ROW(vcmpneh), ROW(vcmpnew), ROW(vcmpnezb),
    ROW(vcmpnezh), ROW(vcmpnezw), ROW(vcmpgtub), ROW(vcmpgtuh), ROW(vcmpgtuw), ROW(vcmpgtud), ROW(vcmpgtsb),
    ROW(vcmpgtsh), ROW(vcmpgtsw), ROW(vcmpgtsd),
    ROW(vslw), ROW(vsld), ROW(vsrw), ROW(vsrd), ROW(vsraw), ROW(vrlw), ROW(vrld),
    ROW(vsel), ROW(xxsel), ROW(vperm), ROW(vpermr), ROW(xxperm),
    ROW(xxpermr), ROW(vpermxor), ROW(vsldoi), ROW(xxsldwi), ROW(xxpermdi),
    ROW(vspltb), ROW(vsplth), ROW(vspltw), ROW(xxspltw), ROW(vspltisb), ROW(vspltish), ROW(vspltisw), ROW(xxspltib),
    ROW(xxbrh), ROW(xxbrw), ROW(xxbrd), ROW(xxbrq), ROW(lvsl), ROW(lvsr),
    ROW(vpkuhum), ROW(vpkuwum), ROW(vpkudum), ROW(vupkhsb), ROW(vupkhsh),
    ROW(vupkhsw), ROW(vupklsb), ROW(vupklsh), ROW(vupklsw),
    ROW(vsbox), ROW(vcipher), ROW(vcipherlast), ROW(vncipher), ROW(vncipherlast), ROW(vpmsumd), ROW(vpmsumw),
    ROW(vshasigmaw), ROW(vshasigmad), { NULL, NULL },
};
