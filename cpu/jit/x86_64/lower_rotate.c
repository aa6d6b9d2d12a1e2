/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/jit/x86_64/lower_rotate.c - rotates with masks and shifts. */
#include "cpu/jit/x86_64/lower.h"

/* Ones from bit b to bit e (book numbering, 64 bits), wrapping around when b > e. */
static uint64_t mask64(unsigned b, unsigned e)
{
    uint64_t from = ~0ull >> b, to = ~0ull << (63 - e);

    return b <= e ? from & to : from | to;
}

/* reg &= mask, by the shortest way; rcx is scratch. */
static void apply_mask(struct assembler *a, int reg, uint64_t mask)
{
    if (mask == ~0ull)
        return;
    if (mask == 0xff)
        asm_rr(a, W8, 0x0fb6, reg, reg);
    else if (mask == 0xffff)
        asm_rr(a, W32, 0x0fb7, reg, reg);
    else if (mask == 0xffffffff)
        asm_rr(a, W32, 0x8b, reg, reg);
    else if (mask == (uint32_t)mask)
        asm_ri(a, W32, G_AND, reg, (int32_t)mask);
    else if ((int64_t)mask == (int32_t)mask)
        asm_ri(a, W64, G_AND, reg, (int32_t)mask);
    else {
        asm_const(a, RCX, mask);
        asm_rr(a, W64, 0x23, reg, RCX);
    }
}

/* rax = the 32-bit rotate of the source, doubled when the upper half shows (wrapping masks). */
static void rotate_word(struct lower *x, int s, unsigned count, bool both_halves)
{
    struct assembler *a = &x->a;

    asm_rr(a, W32, 0x8b, RAX, s);
    asm_shift(a, W32, S_ROL, RAX, count);
    if (both_halves) {
        asm_mov(a, RCX, RAX);
        asm_shift(a, W64, S_SHL, RCX, 32);
        asm_rr(a, W64, 0x0b, RAX, RCX);
    }
}

static void finish(struct lower *x, const struct op *o)
{
    int d = def(x, o->ra);

    asm_mov(&x->a, d, RAX);
    emit_record(x, o, d);
}

static bool emit_rlwinm(struct lower *x, const struct op *o)
{
    uint64_t mask = mask64(o->mb + 32u, o->me + 32u);
    int s = use(x, o->rt), d;

    if (o->mb > o->me) {
        rotate_word(x, s, o->sh, true);
        apply_mask(&x->a, RAX, mask);
        finish(x, o);
        return true;
    }
    d = def(x, o->ra);
    asm_rr(&x->a, W32, 0x8b, d, s);
    if (o->sh && mask == (0xffffffffull << o->sh & 0xffffffff)) {
        asm_shift(&x->a, W32, S_SHL, d, o->sh);
    } else if (o->sh && mask == 0xffffffffull >> (32 - o->sh)) {
        asm_shift(&x->a, W32, S_SHR, d, 32u - o->sh);
    } else {
        asm_shift(&x->a, W32, S_ROL, d, o->sh);
        apply_mask(&x->a, d, mask);
    }
    emit_record(x, o, d);
    return true;
}

static bool emit_rlwnm(struct lower *x, const struct op *o)
{
    int s = use(x, o->rt), b = use(x, o->rb);

    if (o->mb > o->me)
        return false;
    asm_rr(&x->a, W32, 0x8b, RAX, s);
    asm_rr(&x->a, W32, 0x8b, RCX, b);
    asm_shift_cl(&x->a, W32, S_ROL, RAX);
    apply_mask(&x->a, RAX, mask64(o->mb + 32u, o->me + 32u));
    finish(x, o);
    return true;
}

/* ra = (rax & mask) | (ra & ~mask) */
static void insert(struct lower *x, const struct op *o, uint64_t mask)
{
    int d = use_def(x, o->ra);

    apply_mask(&x->a, RAX, mask);
    apply_mask(&x->a, d, ~mask);
    asm_rr(&x->a, W64, 0x0b, d, RAX);
    emit_record(x, o, d);
}

static bool emit_rlwimi(struct lower *x, const struct op *o)
{
    rotate_word(x, use(x, o->rt), o->sh, o->mb > o->me);
    insert(x, o, mask64(o->mb + 32u, o->me + 32u));
    return true;
}

static bool emit_rldicl(struct lower *x, const struct op *o)
{
    int s = use(x, o->rt), d = def(x, o->ra);

    asm_mov(&x->a, d, s);
    if (o->sh && o->sh + o->mb == 64) {
        asm_shift(&x->a, W64, S_SHR, d, o->mb);
    } else {
        asm_shift(&x->a, W64, S_ROL, d, o->sh);
        apply_mask(&x->a, d, mask64(o->mb, 63));
    }
    emit_record(x, o, d);
    return true;
}

static bool emit_rldicr(struct lower *x, const struct op *o)
{
    int s = use(x, o->rt), d = def(x, o->ra);
    unsigned me = o->mb;                /* the field stands where MB does */

    asm_mov(&x->a, d, s);
    if (o->sh + me == 63) {
        asm_shift(&x->a, W64, S_SHL, d, o->sh);
    } else {
        asm_shift(&x->a, W64, S_ROL, d, o->sh);
        apply_mask(&x->a, d, mask64(0, me));
    }
    emit_record(x, o, d);
    return true;
}

static bool emit_rldic(struct lower *x, const struct op *o)
{
    int s = use(x, o->rt), d = def(x, o->ra);

    asm_mov(&x->a, d, s);
    asm_shift(&x->a, W64, S_ROL, d, o->sh);
    apply_mask(&x->a, d, mask64(o->mb, 63u - o->sh));
    emit_record(x, o, d);
    return true;
}

static bool emit_rldimi(struct lower *x, const struct op *o)
{
    asm_mov(&x->a, RAX, use(x, o->rt));
    asm_shift(&x->a, W64, S_ROL, RAX, o->sh);
    insert(x, o, mask64(o->mb, 63u - o->sh));
    return true;
}

static bool rotate_by_register(struct lower *x, const struct op *o, uint64_t mask)
{
    int s = use(x, o->rt), b = use(x, o->rb);

    asm_mov(&x->a, RAX, s);
    asm_rr(&x->a, W32, 0x8b, RCX, b);
    asm_shift_cl(&x->a, W64, S_ROL, RAX);
    apply_mask(&x->a, RAX, mask);
    finish(x, o);
    return true;
}

EMIT(rldcl, rotate_by_register, mask64(o->mb, 63))
EMIT(rldcr, rotate_by_register, mask64(0, o->mb))

/* slw, srw: six bits of count, so a 64-bit shift of the zero-extended word is right by itself. */
static bool shift_word(struct lower *x, const struct op *o, enum group2 g)
{
    int s = use(x, o->rt), b = use(x, o->rb);

    asm_rr(&x->a, W32, 0x8b, RAX, s);
    asm_rr(&x->a, W32, 0x8b, RCX, b);
    asm_shift_cl(&x->a, W64, g, RAX);
    asm_rr(&x->a, W32, 0x8b, RAX, RAX);
    finish(x, o);
    return true;
}

EMIT(slw, shift_word, S_SHL)
EMIT(srw, shift_word, S_SHR)

/* sld, srd: seven bits of count; 64 and more give 0. */
static bool shift_double(struct lower *x, const struct op *o, enum group2 g)
{
    int s = use(x, o->rt), b = use(x, o->rb);

    asm_mov(&x->a, RAX, s);
    asm_rr(&x->a, W32, 0x8b, RCX, b);
    asm_shift_cl(&x->a, W64, g, RAX);
    asm_zero(&x->a, RDX);
    asm_rr(&x->a, W8, 0xf6, 0, RCX);                        /* test cl, 64 */
    asm_byte(&x->a, 64);
    asm_rr(&x->a, W64, 0x0f45, RAX, RDX);                   /* cmovne */
    finish(x, o);
    return true;
}

EMIT(sld, shift_double, S_SHL)
EMIT(srd, shift_double, S_SHR)

/* CA = CA32 = the source (in rax, w wide) is negative and ones are shifted out. */
static void shift_carry(struct lower *x, enum width w, unsigned count)
{
    struct assembler *a = &x->a;

    if (!count) {
        asm_zero(a, RCX);
    } else {
        asm_rr(a, w, 0x8b, RCX, RAX);
        asm_shift(a, w, S_SHL, RCX, (w == W64 ? 64 : 32) - count);
        asm_setcc(a, CC_NE, RCX);                           /* shl sets ZF */
        asm_rr(a, w, 0x8b, RDX, RAX);
        asm_shift(a, w, S_SHR, RDX, w == W64 ? 63 : 31);
        asm_rr(a, W32, 0x23, RCX, RDX);
    }
    asm_rm(a, W8, 0x88, RCX, RBP, OFF(ca));
    asm_rm(a, W8, 0x88, RCX, RBP, OFF(ca32));
}

static bool emit_srawi(struct lower *x, const struct op *o)
{
    asm_rr(&x->a, W64, 0x63, RAX, use(x, o->rt));
    shift_carry(x, W32, o->sh);
    asm_shift(&x->a, W64, S_SAR, RAX, o->sh);
    finish(x, o);
    return true;
}

static bool emit_sradi(struct lower *x, const struct op *o)
{
    asm_mov(&x->a, RAX, use(x, o->rt));
    shift_carry(x, W64, o->sh);
    asm_shift(&x->a, W64, S_SAR, RAX, o->sh);
    finish(x, o);
    return true;
}

/* By a register: CA as above; what a shift by more than 63 loses counts as one more bit that is shifted out. */
static bool shift_algebraic(struct lower *x, const struct op *o, enum width w)
{
    struct assembler *a = &x->a;
    int s = use(x, o->rt), b = use(x, o->rb), d;

    asm_rr(a, W64, w == W64 ? 0x8b : 0x63, RAX, s);
    asm_rr(a, W32, 0x8b, RCX, b);
    asm_ri(a, W32, G_AND, RCX, w == W64 ? 127 : 63);
    if (w == W64) {
        uint8_t *ordinary;

        asm_ri(a, W32, G_CMP, RCX, 63);
        ordinary = asm_jcc(a, CC_BE);
        asm_const(a, RCX, 63);
        asm_ri(a, W64, G_OR, RAX, 1);
        asm_bind(a, ordinary);
    }
    asm_mov(a, RDX, RAX);
    asm_shift_cl(a, W64, S_SAR, RDX);
    d = def(x, o->ra);
    asm_mov(a, d, RDX);
    asm_shift_cl(a, W64, S_SHL, RDX);
    asm_rr(a, W64, 0x3b, RDX, RAX);
    asm_setcc(a, CC_NE, RCX);
    asm_shift(a, W64, S_SHR, RAX, 63);
    asm_rr(a, W32, 0x23, RCX, RAX);
    asm_rm(a, W8, 0x88, RCX, RBP, OFF(ca));
    asm_rm(a, W8, 0x88, RCX, RBP, OFF(ca32));
    emit_record(x, o, d);
    return true;
}

EMIT(sraw, shift_algebraic, W32)
EMIT(srad, shift_algebraic, W64)

static bool emit_extswsli(struct lower *x, const struct op *o)
{
    asm_rr(&x->a, W64, 0x63, RAX, use(x, o->rt));
    asm_shift(&x->a, W64, S_SHL, RAX, o->sh);
    finish(x, o);
    return true;
}

const struct emit_row emit_rotate[] = {
    { "rlwinm", emit_rlwinm }, { "rlwnm", emit_rlwnm },   { "rlwimi", emit_rlwimi }, { "rldicl", emit_rldicl },
    { "rldicr", emit_rldicr }, { "rldic", emit_rldic },   { "rldimi", emit_rldimi }, { "rldcl", emit_rldcl },
    { "rldcr", emit_rldcr },   { "slw", emit_slw },       { "srw", emit_srw },       { "sld", emit_sld },
    { "srd", emit_srd },       { "sraw", emit_sraw },       { "srad", emit_srad },     { "srawi", emit_srawi },
    { "sradi", emit_sradi },   { "extswsli", emit_extswsli }, { NULL, NULL },
};
