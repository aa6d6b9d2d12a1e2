/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/jit/x86_64/lower_carry.c - additions and subtractions that set CA and CA32.
 *
 * What is set again before anything can see it is not computed. CA stands in memory; the host's carry flag has it, too,
 * for the next instruction that wants it when nothing between them changes flags. Read it as a byte: a wider load would
 * wait for the byte's store. */
#include "cpu/jit/x86_64/lower.h"

enum carry_in { CARRY_0, CARRY_1, CARRY_CA };

/* May CA and CA32 be wrong in memory while the instruction runs? (Overflow and priority hints are left to C functions;
 * a hint may leave.) */
static bool ignores_carry(const struct lower *x, const struct op *o)
{
    return o->row != UINT16_MAX && !o->denied && !o->oe && !(o->ra == o->rt && o->ra == o->rb) &&
           (x->j->thunks->traits[o->row] & (ROW_QUIET | ROW_CARRIES));
}

/* The next instruction that sets CA and CA32, if nothing before it can see them; NULL: something can.
 * *flags: nothing before it changes the host's flags. */
static const struct item *next_carry(const struct lower *x, bool *flags)
{
    const struct item *end = x->r->items + x->r->n_items;

    *flags = !x->item->op.rc_bit;
    for (const struct item *it = x->item + 1; it < end && it->kind == ITEM_OP && ignores_carry(x, &it->op); it++) {
        if (x->j->thunks->traits[it->op.row] & ROW_CARRIES)
            return it;
        *flags &= emit_keeps_flags(x, &it->op);
    }
    return NULL;
}

static bool reads_carry(const struct lower *x, const struct op *o);

static void load_carry(struct lower *x, enum carry_in in)
{
    if (in == CARRY_CA) {
        asm_mi(&x->a, W8, G_CMP, RBP, OFF(ca), 1);
        asm_byte(&x->a, 0xf5);                              /* cmc */
    } else if (in == CARRY_1) {
        asm_byte(&x->a, 0xf9);                              /* stc */
    }
}

/* Without a carry in, CA32 of a + b or of b - a is that of the low words alone. b: host register, NO_REG for imm. */
static void set_ca32(struct assembler *as, int a, bool subtract, int b, int32_t imm)
{
    if (b == NO_REG && subtract)
        asm_const(as, b = RCX, (uint32_t)imm);
    else if (!subtract)
        asm_rr(as, W32, 0x8b, RCX, a);
    if (subtract)
        asm_rr(as, W32, 0x3b, b, a);
    else if (b == NO_REG)
        asm_ri(as, W32, G_ADD, RCX, imm);
    else
        asm_rr(as, W32, 0x03, RCX, b);
    asm_setcc_mem(as, subtract ? CC_AE : CC_B, RBP, OFF(ca32));
}

/* CA32 is the carry into bit 32: sum ^ operands, of which the first is in rcx. */
static void store_ca32(struct assembler *as, int sum, int addend, int32_t imm)
{
    asm_rr(as, W64, 0x33, RCX, sum);
    if (addend != NO_REG)
        asm_rr(as, W64, 0x33, RCX, addend);
    else if (imm < 0)
        asm_rr(as, W64, 0xf7, 2, RCX);                      /* bit 32 of the immediate is its sign */
    asm_shift(as, W64, S_SHR, RCX, 32);
    asm_ri(as, W32, G_AND, RCX, 1);
    asm_rm(as, W8, 0x88, RCX, RBP, OFF(ca32));
}

/* rt = (invert ? ~ra : ra) + addend + carry. addend: host register, or NO_REG for imm. */
static void add_carrying(struct lower *x, unsigned rt, int a, bool invert, int addend, int32_t imm, enum carry_in in)
{
    struct assembler *as = &x->a;
    bool flags;
    const struct item *next = next_carry(x, &flags);
    int d = def(x, rt), sum = d == addend ? RAX : d;

    if (!next && in != CARRY_CA)
        set_ca32(as, a, invert, addend, imm);
    else if (!next)
        asm_mov(as, RCX, a);
    if (!next && in == CARRY_CA && invert)
        asm_rr(as, W64, 0xf7, 2, RCX);                      /* not: leaves the flags */
    asm_mov(as, sum, a);
    if (invert)
        asm_rr(as, W64, 0xf7, 2, sum);
    if (in != CARRY_CA || x->carry_for != x->item)
        load_carry(x, in);
    if (addend != NO_REG)
        asm_rr(as, W64, in == CARRY_0 ? 0x03 : 0x13, sum, addend);
    else
        asm_ri(as, W64, in == CARRY_0 ? G_ADD : G_ADC, sum, imm);
    x->carry_for = flags ? next : NULL;
    if (!next || (!flags && reads_carry(x, &next->op)))
        asm_setcc_mem(as, CC_B, RBP, OFF(ca));
    if (!next && in == CARRY_CA)
        store_ca32(as, sum, addend, imm);
    asm_mov(as, d, sum);
}

static bool carrying(struct lower *x, const struct op *o, bool invert, bool with_rb, int32_t imm, enum carry_in in)
{
    int a, b;

    if (o->oe)
        return false;
    a = use(x, o->ra);
    b = with_rb ? use(x, o->rb) : NO_REG;
    add_carrying(x, o->rt, a, invert, b, imm, in);
    emit_record(x, o, x->regs.host_of[o->rt]);
    return true;
}

EMIT(addic, carrying, false, false, o->imm, CARRY_0)

static bool emit_addic_rc(struct lower *x, const struct op *o)
{
    struct op with_rc = *o;

    with_rc.rc_bit = true;
    return carrying(x, &with_rc, false, false, o->imm, CARRY_0);
}

EMIT(subfic, carrying, true, false, o->imm, CARRY_1)
EMIT(addc, carrying, false, true, 0, CARRY_0)
EMIT(subfc, carrying, true, true, 0, CARRY_1)
EMIT(adde, carrying, false, true, 0, CARRY_CA)
EMIT(subfe, carrying, true, true, 0, CARRY_CA)
EMIT(addze, carrying, false, false, 0, CARRY_CA)
EMIT(subfze, carrying, true, false, 0, CARRY_CA)
EMIT(addme, carrying, false, false, -1, CARRY_CA)
EMIT(subfme, carrying, true, false, -1, CARRY_CA)

static bool reads_carry(const struct lower *x, const struct op *o)
{
    static emit_fn *const readers[] = { emit_adde, emit_subfe, emit_addze, emit_subfze, emit_addme, emit_subfme };

    for (unsigned i = 0; i < sizeof(readers) / sizeof(readers[0]); i++)
        if (x->j->thunks->emit[o->row] == readers[i])
            return true;
    return false;
}

const struct emit_row emit_carry[] = {
    { "addic", emit_addic },   { "addic.", emit_addic_rc }, { "subfic", emit_subfic }, { "addc", emit_addc },
    { "subfc", emit_subfc },   { "adde", emit_adde },       { "subfe", emit_subfe },   { "addze", emit_addze },
    { "subfze", emit_subfze }, { "addme", emit_addme },     { "subfme", emit_subfme }, { NULL, NULL },
};
