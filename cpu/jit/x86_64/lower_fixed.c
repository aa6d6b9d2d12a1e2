/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/jit/x86_64/lower_fixed.c - fixed-point arithmetic, logical and compare instructions. */
#include "cpu/jit/x86_64/lower.h"

#include <cpuid.h>

/* rt = const */
static bool put_const(struct lower *x, unsigned guest, uint64_t v)
{
    asm_const(&x->a, def(x, guest), v);
    return true;
}

static bool add_imm(struct lower *x, const struct op *o, int64_t imm)
{
    int s, d;

    if (imm != (int32_t)imm)
        return false;
    if (!o->ra)
        return put_const(x, o->rt, (uint64_t)imm);
    if (o->ra == o->rt) {
        if (imm)
            add_to(x, o->rt, (int32_t)imm);
        return true;
    }
    s = use(x, o->ra);
    d = def_sum(x, o->rt, o->ra, (int32_t)imm);
    if (!imm)
        asm_mov(&x->a, d, s);
    else
        asm_rm(&x->a, W64, 0x8d, d, s, (int32_t)imm);
    return true;
}

EMIT(addi, add_imm, o->imm)
EMIT(addis, add_imm, (int64_t)o->imm * 65536)

static bool emit_addpcis(struct lower *x, const struct op *o)
{
    int32_t d = (int16_t)((o->word >> 6 & 0x3ff) << 6 | (o->word >> 16 & 31) << 1 | (o->word & 1));

    return put_const(x, o->rt, x->item->ea + 4 + (uint64_t)((int64_t)d * 65536));
}

static bool emit_add(struct lower *x, const struct op *o)
{
    int a, b, d;

    if (o->oe)
        return false;
    a = use(x, o->ra);
    b = use(x, o->rb);
    d = def(x, o->rt);
    if (d == a)
        asm_rr(&x->a, W64, 0x03, d, b);
    else if (d == b)
        asm_rr(&x->a, W64, 0x03, d, a);
    else
        asm_rmx(&x->a, W64, 0x8d, d, a, b, 0, 0);
    emit_record(x, o, d);
    return true;
}

static bool emit_subf(struct lower *x, const struct op *o)
{
    int a, b, d;

    if (o->oe)
        return false;
    a = use(x, o->ra);
    b = use(x, o->rb);
    d = def(x, o->rt);
    if (d == a && d != b) {
        asm_mov(&x->a, RAX, b);
        asm_rr(&x->a, W64, 0x2b, RAX, a);
        asm_mov(&x->a, d, RAX);
    } else {
        asm_mov(&x->a, d, b);
        asm_rr(&x->a, W64, 0x2b, d, a);
    }
    emit_record(x, o, d);
    return true;
}

static bool emit_neg(struct lower *x, const struct op *o)
{
    int a, d;

    if (o->oe)
        return false;
    a = use(x, o->ra);
    d = def(x, o->rt);
    asm_mov(&x->a, d, a);
    asm_rr(&x->a, W64, 0xf7, 3, d);
    emit_record(x, o, d);
    return true;
}

static bool emit_mulli(struct lower *x, const struct op *o)
{
    int a = use(x, o->ra), d = def(x, o->rt);

    asm_rr(&x->a, W64, 0x69, d, a);
    asm_u32(&x->a, (uint32_t)o->imm);
    return true;
}

/* high:low = rdx * rm, flags stay: VEX.LZ.F2.0F38.W1 F6 /r. high and low may not be the same. */
static void asm_mulx(struct assembler *a, int high, int low, int rm)
{
    asm_byte(a, 0xc4);
    asm_byte(a, (high & 8 ? 0u : 0x80u) | 0x40u | (rm & 8 ? 0u : 0x20u) | 2);
    asm_byte(a, 0x80u | (~(unsigned)low & 15) << 3 | 3);
    asm_byte(a, 0xf6);
    asm_byte(a, 0xc0u | (unsigned)(high & 7) << 3 | (unsigned)(rm & 7));
}

static bool have_mulx(void)
{
    return __builtin_cpu_supports("bmi2");
}

static bool emit_mulld(struct lower *x, const struct op *o)
{
    int a, b, d;

    if (o->oe)
        return false;
    a = use(x, o->ra);
    b = use(x, o->rb);
    d = def(x, o->rt);
    if (flags_are_wanted(x)) {
        asm_mov(&x->a, RDX, a);
        asm_mulx(&x->a, RCX, d, b);
    } else if (d == b) {
        asm_rr(&x->a, W64, 0x0faf, d, a);
    } else {
        asm_mov(&x->a, d, a);
        asm_rr(&x->a, W64, 0x0faf, d, b);
    }
    emit_record(x, o, d);
    return true;
}

static bool emit_mullw(struct lower *x, const struct op *o)
{
    int a, b, d;

    if (o->oe)
        return false;
    a = use(x, o->ra);
    b = use(x, o->rb);
    asm_rr(&x->a, W64, 0x63, RAX, a);
    asm_rr(&x->a, W64, 0x63, RCX, b);
    asm_rr(&x->a, W64, 0x0faf, RAX, RCX);
    d = def(x, o->rt);
    asm_mov(&x->a, d, RAX);
    emit_record(x, o, d);
    return true;
}

/* High half of a product: group 3 /4 mul, /5 imul. */
static bool mul_high(struct lower *x, const struct op *o, enum width w, int group)
{
    int a = use(x, o->ra), b = use(x, o->rb), d;

    asm_rr(&x->a, w, 0x8b, RAX, a);
    asm_rr(&x->a, w, 0xf7, group, b);
    d = def(x, o->rt);
    asm_rr(&x->a, w, 0x8b, d, RDX);
    emit_record(x, o, d);
    return true;
}

static bool emit_mulhdu(struct lower *x, const struct op *o)
{
    int a, b, d;

    if (!have_mulx())
        return mul_high(x, o, W64, 4);
    a = use(x, o->ra);
    b = use(x, o->rb);
    d = def(x, o->rt);
    asm_mov(&x->a, RDX, a);
    asm_mulx(&x->a, d, RCX, b);
    emit_record(x, o, d);
    return true;
}

EMIT(mulhd, mul_high, W64, 5)
EMIT(mulhw, mul_high, W32, 5)
EMIT(mulhwu, mul_high, W32, 4)

static bool emit_maddld(struct lower *x, const struct op *o)
{
    int a = use(x, o->ra), b = use(x, o->rb), c = use(x, o->rc), d;

    asm_mov(&x->a, RAX, a);
    asm_rr(&x->a, W64, 0x0faf, RAX, b);
    asm_rr(&x->a, W64, 0x03, RAX, c);
    d = def(x, o->rt);
    asm_mov(&x->a, d, RAX);
    return true;
}

/* ---- logical ---- */

enum logical { L_AND, L_OR, L_XOR };

static unsigned logical_opcode(enum logical l)
{
    return l == L_AND ? 0x23 : l == L_OR ? 0x0b : 0x33;
}

/* ra = (rt op (invert_b ? ~rb : rb)), result inverted if asked. */
static bool logical(struct lower *x, const struct op *o, enum logical l, bool invert_b, bool invert)
{
    struct assembler *as = &x->a;
    int s = use(x, o->rt), b = use(x, o->rb), d = def(x, o->ra);

    if (invert_b) {
        asm_mov(as, RAX, b);
        asm_rr(as, W64, 0xf7, 2, RAX);
        asm_rr(as, W64, logical_opcode(l), RAX, s);
        asm_mov(as, d, RAX);
    } else if (d == b) {
        asm_rr(as, W64, logical_opcode(l), d, s);
    } else {
        asm_mov(as, d, s);
        asm_rr(as, W64, logical_opcode(l), d, b);
    }
    if (invert)
        asm_rr(as, W64, 0xf7, 2, d);
    emit_record(x, o, d);
    return true;
}

EMIT(and, logical, L_AND, false, false)
EMIT(andc, logical, L_AND, true, false)
EMIT(nand, logical, L_AND, false, true)
EMIT(nor, logical, L_OR, false, true)
EMIT(orc, logical, L_OR, true, false)
EMIT(xor, logical, L_XOR, false, false)
EMIT(eqv, logical, L_XOR, false, true)

/* or rx,rx,rx is a priority hint: its C function knows what it means. */
static bool emit_or(struct lower *x, const struct op *o)
{
    int s, d;

    if (o->rt != o->rb)
        return logical(x, o, L_OR, false, false);
    if (o->ra == o->rt)
        return false;
    s = use(x, o->rt);
    d = def_sum(x, o->ra, o->rt, 0);
    asm_mov(&x->a, d, s);
    return true;
}

static bool emit_or_rc(struct lower *x, const struct op *o)
{
    struct op with_rc = *o;

    with_rc.rc_bit = true;
    return logical(x, &with_rc, L_OR, false, false);
}

/* ra = rt op 32-bit unsigned constant. */
static bool logical_imm(struct lower *x, const struct op *o, enum logical l, uint32_t imm, bool record)
{
    static const enum group1 groups[] = { G_AND, G_OR, G_XOR };
    struct op with_rc = *o;
    int s = use(x, o->rt), d = def(x, o->ra);

    if (l == L_AND) {
        asm_rr(&x->a, W32, 0x8b, d, s);
        asm_ri(&x->a, W32, G_AND, d, (int32_t)imm);
    } else if (imm >> 31) {
        asm_const(&x->a, RAX, imm);
        asm_mov(&x->a, d, s);
        asm_rr(&x->a, W64, logical_opcode(l), d, RAX);
    } else {
        asm_mov(&x->a, d, s);
        if (imm)
            asm_ri(&x->a, W64, groups[l], d, (int32_t)imm);
    }
    with_rc.rc_bit = record;
    emit_record(x, &with_rc, d);
    return true;
}

EMIT(andi, logical_imm, L_AND, (uint32_t)o->imm, true)
EMIT(andis, logical_imm, L_AND, (uint32_t)o->imm << 16, true)

static bool emit_ori(struct lower *x, const struct op *o)
{
    if (!o->imm && o->rt == o->ra)
        return true;
    return logical_imm(x, o, L_OR, (uint32_t)o->imm, false);
}

EMIT(oris, logical_imm, L_OR, (uint32_t)o->imm << 16, false)
EMIT(xori, logical_imm, L_XOR, (uint32_t)o->imm, false)
EMIT(xoris, logical_imm, L_XOR, (uint32_t)o->imm << 16, false)

static bool extend(struct lower *x, const struct op *o, unsigned opcode)
{
    int s = use(x, o->rt), d = def(x, o->ra);

    asm_rr(&x->a, W64, opcode, d, s);
    emit_record(x, o, d);
    return true;
}

EMIT(extsb, extend, 0x0fbe)
EMIT(extsh, extend, 0x0fbf)
EMIT(extsw, extend, 0x63)

/* lzcnt F3 0F BD, tzcnt F3 0F BC, popcnt F3 0F B8. */
static bool count(struct lower *x, const struct op *o, enum width w, unsigned opcode, bool have)
{
    int s, d;

    if (!have)
        return false;
    s = use(x, o->rt);
    d = def(x, o->ra);
    asm_rr(&x->a, w, 0xf3000000u | opcode, d, s);
    emit_record(x, o, d);
    return true;
}

/* CPUID 80000001 ECX bit 5; clang 14's __builtin_cpu_supports() does not know the name. */
static bool have_lzcnt(void)
{
    unsigned a, b, c = 0, d;

    return __get_cpuid(0x80000001, &a, &b, &c, &d) && c & 1u << 5;
}

EMIT(cntlzd, count, W64, 0x0fbd, have_lzcnt())
EMIT(cntlzw, count, W32, 0x0fbd, have_lzcnt())
EMIT(cnttzd, count, W64, 0x0fbc, __builtin_cpu_supports("bmi"))
EMIT(cnttzw, count, W32, 0x0fbc, __builtin_cpu_supports("bmi"))

/* Bytes of ones where the bytes are equal. */
static bool emit_cmpb(struct lower *x, const struct op *o)
{
    asm_rr(&x->a, W64, 0x66000f6e, 0, use(x, o->rt));       /* movq */
    asm_rr(&x->a, W64, 0x66000f6e, 1, use(x, o->rb));
    asm_rr(&x->a, W32, 0x66000f74, 0, 1);                   /* pcmpeqb */
    asm_rr(&x->a, W64, 0x66000f7e, 0, def(x, o->ra));
    return true;
}

EMIT(popcntd, count, W64, 0x0fb8, __builtin_cpu_supports("popcnt"))

/* ---- compare ---- */

static bool compare(struct lower *x, const struct op *o, enum width w, bool is_unsigned)
{
    use(x, o->ra);
    use(x, o->rb);
    cr_compare(x, o->n, (struct cr_pending){ .width = w, .is_unsigned = is_unsigned, .a = (int8_t)o->ra,
                                             .b = (int8_t)o->rb });
    return true;
}

static bool compare_imm(struct lower *x, const struct op *o, enum width w, bool is_unsigned)
{
    use(x, o->ra);
    cr_compare(x, o->n, (struct cr_pending){ .width = w, .is_unsigned = is_unsigned, .a = (int8_t)o->ra, .b = NO_REG,
                                             .imm = o->imm });
    return true;
}

EMIT(cmpw, compare, W32, false)
EMIT(cmpd, compare, W64, false)
EMIT(cmplw, compare, W32, true)
EMIT(cmpld, compare, W64, true)
EMIT(cmpwi, compare_imm, W32, false)
EMIT(cmpdi, compare_imm, W64, false)
EMIT(cmplwi, compare_imm, W32, true)
EMIT(cmpldi, compare_imm, W64, true)

static bool emit_isel(struct lower *x, const struct op *o)
{
    struct assembler *as = &x->a;
    int b = use(x, o->rb), a = o->ra ? use(x, o->ra) : NO_REG, d;

    asm_mov(as, RAX, b);
    if (a == NO_REG)
        asm_zero(as, RCX);
    asm_rr(as, W64, 0x0f40u | cr_test(x, o->n >> 2, o->n & 3), RAX, a == NO_REG ? RCX : a);     /* cmov */
    d = def(x, o->rt);
    asm_mov(as, d, RAX);
    return true;
}

bool emit_keeps_flags(const struct lower *x, const struct op *o)
{
    emit_fn *emit = x->j->thunks->emit[o->row];

    if (o->rc_bit)
        return false;
    if (emit == emit_mulld || emit == emit_mulhdu)
        return have_mulx();
    return emit == emit_addi || emit == emit_addis || (emit == emit_or && o->rt == o->rb);
}

const struct emit_row emit_fixed[] = {
    { "addi", emit_addi },     { "addis", emit_addis },   { "addpcis", emit_addpcis }, { "add", emit_add },
    { "subf", emit_subf },     { "neg", emit_neg },       { "mulli", emit_mulli },     { "mulld", emit_mulld },
    { "mullw", emit_mullw },
    { "mulhd", emit_mulhd },   { "mulhdu", emit_mulhdu }, { "mulhw", emit_mulhw },     { "mulhwu", emit_mulhwu },
    { "maddld", emit_maddld }, { "and", emit_and },       { "andc", emit_andc },       { "nand", emit_nand },
    { "nor", emit_nor },       { "orc", emit_orc },       { "xor", emit_xor },         { "eqv", emit_eqv },
    { "or", emit_or },         { "or.", emit_or_rc },     { "andi.", emit_andi },      { "andis.", emit_andis },
    { "ori", emit_ori },       { "oris", emit_oris },     { "xori", emit_xori },       { "xoris", emit_xoris },
    { "extsb", emit_extsb },   { "extsh", emit_extsh },   { "extsw", emit_extsw },     { "cntlzd", emit_cntlzd },
    { "cntlzw", emit_cntlzw }, { "cnttzd", emit_cnttzd }, { "cnttzw", emit_cnttzw },   { "popcntd", emit_popcntd },
    { "cmpw", emit_cmpw },     { "cmpd", emit_cmpd },     { "cmplw", emit_cmplw },     { "cmpld", emit_cmpld },
    { "cmpwi", emit_cmpwi },   { "cmpdi", emit_cmpdi },   { "cmplwi", emit_cmplwi },   { "cmpldi", emit_cmpldi },
    { "cmpb", emit_cmpb },     { "isel", emit_isel },     { NULL, NULL },
};
