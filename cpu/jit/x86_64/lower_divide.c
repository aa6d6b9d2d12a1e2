/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/jit/x86_64/lower_divide.c - division, remainders, and multiplication with an addend of
 * which the high half is wanted.
 *
 * What the host would trap on has its own way: a division by zero gives the dividend, by -1 its negative (which for the
 * smallest number is that number again); the remainder of both is 0. */
#include "cpu/jit/x86_64/lower.h"

enum { NOT = 2, NEG = 3, MUL = 4, IMUL = 5, DIV = 6, IDIV = 7 };       /* group 3 */

/* rax and rdx = quotient and remainder of rax by rcx. */
static void divide_rax(struct assembler *a, enum width w, bool sign)
{
    uint8_t *by_zero, *ordinary = NULL, *negated = NULL;

    asm_zero(a, RDX);
    asm_rr(a, w, 0x85, RCX, RCX);
    by_zero = asm_jcc(a, CC_E);
    if (sign) {
        asm_ri(a, w, G_CMP, RCX, -1);
        ordinary = asm_jcc(a, CC_NE);
        asm_rr(a, w, 0xf7, NEG, RAX);
        negated = asm_jmp(a);
        asm_bind(a, ordinary);
        asm_prefix(a, w, 0, 0, 0, 0);
        asm_byte(a, 0x99);                                  /* cdq, cqo */
    }
    asm_rr(a, w, 0xf7, sign ? IDIV : DIV, RCX);
    asm_bind(a, by_zero);
    if (negated)
        asm_bind(a, negated);
}

static bool divide(struct lower *x, const struct op *o, enum width w, bool sign, bool remainder)
{
    struct assembler *a = &x->a;
    int dividend, divisor, d;

    if (o->oe)
        return false;
    dividend = use(x, o->ra);
    divisor = use(x, o->rb);
    asm_rr(a, w, 0x8b, RAX, dividend);
    asm_rr(a, w, 0x8b, RCX, divisor);
    divide_rax(a, w, sign);
    d = def(x, o->rt);
    if (remainder && w == W32 && sign)
        asm_rr(a, W64, 0x63, d, RDX);
    else
        asm_mov(a, d, remainder ? RDX : RAX);
    if (!remainder)
        emit_record(x, o, d);
    return true;
}

EMIT(divw, divide, W32, true, false)
EMIT(divwu, divide, W32, false, false)
EMIT(divd, divide, W64, true, false)
EMIT(divdu, divide, W64, false, false)
EMIT(modsw, divide, W32, true, true)
EMIT(moduw, divide, W32, false, true)
EMIT(modsd, divide, W64, true, true)
EMIT(modud, divide, W64, false, true)

static bool multiply_add_high(struct lower *x, const struct op *o, bool sign)
{
    struct assembler *a = &x->a;
    int factor = use(x, o->ra), other = use(x, o->rb), addend = use(x, o->rc);

    asm_mov(a, RAX, factor);
    asm_rr(a, W64, 0xf7, sign ? IMUL : MUL, other);
    asm_zero(a, RCX);
    if (sign) {
        asm_mov(a, RCX, addend);
        asm_shift(a, W64, S_SAR, RCX, 63);
    }
    asm_rr(a, W64, 0x03, RAX, addend);
    asm_rr(a, W64, 0x13, RDX, RCX);                         /* adc */
    asm_mov(a, def(x, o->rt), RDX);
    return true;
}

EMIT(maddhd, multiply_add_high, true)
EMIT(maddhdu, multiply_add_high, false)

const struct emit_row emit_divide[] = {
    { "divw", emit_divw },   { "divwu", emit_divwu }, { "divd", emit_divd },   { "divdu", emit_divdu },
    { "modsw", emit_modsw }, { "moduw", emit_moduw }, { "modsd", emit_modsd }, { "modud", emit_modud },
    { "maddhd", emit_maddhd }, { "maddhdu", emit_maddhdu }, { NULL, NULL },
};
