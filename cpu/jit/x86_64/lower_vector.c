/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/jit/x86_64/lower_vector.c - VMX and VSX without floating point: one or a few host vector
 * operations per guest operation. Where elements only move: lower_permute.c.
 *
 * A register is one 128-bit number, so element i of the book is at the mirrored place of the host register: operations
 * that treat all elements alike need no thought, merges and packs have their operands swapped, and byte
 * number n becomes 15 - n. What the host lacks (run-time detection) stays with the C functions.
 * VMX register fields count from VSR 32. */
#include "cpu/jit/x86_64/sse.h"

static bool has_sse42(void)
{
    return __builtin_cpu_supports("sse4.2");
}

static bool has_avx2(void)
{
    return __builtin_cpu_supports("avx2");
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
    ROW(vmrglw), ROW(xxmrghw), ROW(xxmrglw),
    ROW(vcmpequb), ROW(vcmpequh), ROW(vcmpequw), ROW(vcmpequd), ROW(vcmpneb), ROW(vcmpneh), ROW(vcmpnew), ROW(vcmpnezb),
    ROW(vcmpnezh), ROW(vcmpnezw), ROW(vcmpgtub), ROW(vcmpgtuh), ROW(vcmpgtuw), ROW(vcmpgtud), ROW(vcmpgtsb),
    ROW(vcmpgtsh), ROW(vcmpgtsw), ROW(vcmpgtsd),
    ROW(vslw), ROW(vsld), ROW(vsrw), ROW(vsrd), ROW(vsraw), ROW(vrlw), ROW(vrld),
    { NULL, NULL },
};
