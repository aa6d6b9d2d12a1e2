/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/jit/x86_64/cr.c - condition register fields of fixed-point compares, computed when somebody wants them.
 *
 * A compare emits nothing: its field is remembered as pending, by the guest registers it compared. A branch compares
 * them again and jumps; an exit computes the field off the main path. When a register of a pending field gets another
 * value, the old one is kept in memory, unless nobody can see the field before it is overwritten. Pending fields are
 * part of the register state of a stub. Whoever reads CR from memory calls cr_flush() first; whoever writes a field
 * there, cr_written() afterwards. XER[SO] is copied when the field is computed: what changes it must flush, too. */
#include "cpu/jit/x86_64/lower.h"

enum { KEPT = -2 };     /* operand: in cpu.jit_compared */

static int32_t kept_offset(unsigned crf, unsigned operand)
{
    return OFF(jit_compared) + 8 * (int32_t)(2 * crf + operand);
}

void cr_compare(struct lower *x, unsigned crf, struct cr_pending p)
{
    p.valid = true;
    x->regs.cr[crf] = p;
}

void cr_written(struct lower *x, unsigned crf)
{
    x->regs.cr[crf].valid = false;
}

void emit_record(struct lower *x, const struct op *o, int host)
{
    if (o->rc_bit)
        cr_compare(x, 0, (struct cr_pending){ .width = W64, .a = x->regs.guest_of[host], .b = NO_REG });
}

/* Where an operand is: a host register, or NO_REG and an offset from rbp. */
static int operand_at(const struct reg_state *s, int guest, unsigned crf, unsigned operand, int32_t *offset)
{
    *offset = guest == KEPT ? kept_offset(crf, operand) : guest_offset((unsigned)guest);
    return guest == KEPT ? NO_REG : s->host_of[guest];
}

/* The host's compare; rdx is scratch. */
static void compare(struct assembler *a, const struct reg_state *s, unsigned crf)
{
    const struct cr_pending *p = &s->cr[crf];
    enum width w = (enum width)p->width;
    int32_t at_a, at_b = 0;
    int ra = operand_at(s, p->a, crf, 0, &at_a);
    int rb = p->b == NO_REG ? NO_REG : operand_at(s, p->b, crf, 1, &at_b);

    if (p->b == NO_REG && ra == NO_REG) {
        asm_mi(a, w, G_CMP, RBP, at_a, p->imm);
    } else if (p->b == NO_REG && !p->imm) {
        asm_rr(a, w, 0x85, ra, ra);
    } else if (p->b == NO_REG) {
        asm_ri(a, w, G_CMP, ra, p->imm);
    } else if (ra == NO_REG && rb != NO_REG) {
        asm_rm(a, w, 0x39, rb, RBP, at_a);
    } else {
        if (ra == NO_REG)
            asm_load(a, ra = RDX, RBP, at_a);
        if (rb == NO_REG)
            asm_rm(a, w, 0x3b, ra, RBP, at_b);
        else
            asm_rr(a, w, 0x3b, ra, rb);
    }
}

/* CR field = 2 * (1 + gt + 3 * lt) + SO, from the host's flags. Changes rax, rcx. */
static void compute(struct assembler *a, unsigned crf, bool is_unsigned)
{
    asm_setcc(a, is_unsigned ? CC_B : CC_L, RAX);
    asm_setcc(a, is_unsigned ? CC_A : CC_G, RCX);
    asm_rr(a, W32, 0x0fb6, RAX, RAX);
    asm_rr(a, W32, 0x0fb6, RCX, RCX);
    asm_rmx(a, W32, 0x8d, RAX, RAX, RAX, 1, 0);             /* 3 lt */
    asm_rmx(a, W32, 0x8d, RAX, RAX, RCX, 0, 1);             /* + gt + 1 */
    asm_rm(a, W32, 0x0fb6, RCX, RBP, OFF(so));
    asm_rmx(a, W32, 0x8d, RAX, RCX, RAX, 1, 0);
    asm_rm(a, W8, 0x88, RAX, RBP, OFF_CR_FIELD(crf));
}

uint8_t *cr_write_thunk(struct assembler *a, unsigned crf, bool is_unsigned)
{
    uint8_t *at = a->p;

    compute(a, crf, is_unsigned);
    asm_byte(a, 0xc3);
    return at;
}

void cr_is_set(struct stub *s, unsigned crf, unsigned bit)
{
    if (s->regs.cr[crf].valid && bit < 3)
        s->regs.cr[crf].known = (uint8_t)(8 >> bit);
}

static void write_known(struct assembler *a, unsigned crf, unsigned known)
{
    asm_rm(a, W32, 0x0fb6, RAX, RBP, OFF(so));
    asm_ri(a, W32, G_OR, RAX, (int32_t)known);
    asm_rm(a, W8, 0x88, RAX, RBP, OFF_CR_FIELD(crf));
}

void cr_write_back(struct assembler *a, const struct host_thunks *t, const struct reg_state *s)
{
    for (unsigned f = 0; f < 8; f++) {
        const struct cr_pending *p = &s->cr[f];

        if (p->known) {
            write_known(a, f, p->known);
        } else if (p->valid) {
            compare(a, s, f);
            asm_call(a, t->cr_field[p->is_unsigned][f]);
        }
    }
}

void cr_write_here(struct assembler *a, const struct reg_state *s)
{
    for (unsigned f = 0; f < 8; f++) {
        const struct cr_pending *p = &s->cr[f];

        if (p->known) {
            write_known(a, f, p->known);
        } else if (p->valid) {
            compare(a, s, f);
            compute(a, f, p->is_unsigned);
        }
    }
}

static uint64_t operand_now(const struct cpu *c, int guest, unsigned crf, unsigned operand)
{
    return guest == KEPT ? c->jit_compared[crf][operand] : *guest_value((struct cpu *)c, (unsigned)guest);
}

void cr_compute_now(struct cpu *c, unsigned crf, const struct cr_pending *p)
{
    uint64_t a = operand_now(c, p->a, crf, 0);
    uint64_t b = p->b == NO_REG ? (uint64_t)(int64_t)p->imm : operand_now(c, p->b, crf, 1);
    bool lt, gt;

    if (p->width == W32) {
        a = p->is_unsigned ? (uint32_t)a : (uint64_t)(int32_t)a;
        b = p->is_unsigned ? (uint32_t)b : (uint64_t)(int32_t)b;
    }
    lt = p->is_unsigned ? a < b : (int64_t)a < (int64_t)b;
    gt = p->is_unsigned ? a > b : (int64_t)a > (int64_t)b;
    c->cr[crf] = (uint8_t)(2 * (1 + gt + 3 * lt) + c->so);
}

void cr_flush(struct lower *x)
{
    cr_write_here(&x->a, &x->regs);
    for (unsigned f = 0; f < 8; f++)
        x->regs.cr[f].valid = false;
}

enum cc cr_test(struct lower *x, unsigned crf, unsigned bit)
{
    const struct cr_pending *p = &x->regs.cr[crf];

    if (p->valid && bit < 3) {
        compare(&x->a, &x->regs, crf);
        return bit == 2 ? CC_E : bit ? p->is_unsigned ? CC_A : CC_G : p->is_unsigned ? CC_B : CC_L;
    }
    if (p->valid)
        asm_mi(&x->a, W8, G_CMP, RBP, OFF(so), 0);
    else {
        asm_rm(&x->a, W8, 0xf6, 0, RBP, OFF_CR_FIELD(crf));
        asm_byte(&x->a, 8u >> bit);
    }
    return CC_NE;
}

/* What may be left to the C function (overflow, priority hints) is not known. */
static enum cr_role role(const struct lower *x, const struct op *o)
{
    if (o->row == UINT16_MAX || o->denied || o->oe || (o->ra == o->rt && o->ra == o->rb))
        return CR_UNKNOWN;
    return (enum cr_role)x->j->thunks->cr_role[o->row];
}

/* Does the instruction overwrite the field, having read nothing of it? */
static bool overwrites(const struct lower *x, const struct op *o, unsigned crf)
{
    enum cr_role r = role(x, o);

    return (r == CR_COMPARES && o->n == crf) || (!crf && (r == CR_RECORDS || (r == CR_PLAIN && o->rc_bit)));
}

/* Is the field overwritten before anybody sees it? Between lie only instructions that neither leave nor read CR. */
static bool unseen(const struct lower *x, unsigned crf)
{
    const struct item *end = x->r->items + x->r->n_items, *it = x->item;

    if (it->kind != ITEM_OP || role(x, &it->op) == CR_UNKNOWN)
        return false;
    if (overwrites(x, &it->op, crf))
        return true;
    while (++it < end && it->kind == ITEM_OP && role(x, &it->op) >= CR_PLAIN)
        if (overwrites(x, &it->op, crf))
            return true;
    return false;
}

static void keep(struct lower *x, int guest, unsigned crf, unsigned operand)
{
    int host = x->regs.host_of[guest];

    if (host != NO_REG) {
        asm_store(&x->a, host, RBP, kept_offset(crf, operand));
    } else {                                                /* from memory to memory, no register, no flags */
        asm_rm(&x->a, W32, 0xff, 6, RBP, guest_offset((unsigned)guest));
        asm_rm(&x->a, W32, 0x8f, 0, RBP, kept_offset(crf, operand));
    }
}

void cr_operand_lost(struct lower *x, unsigned guest)
{
    for (unsigned f = 0; f < 8; f++) {
        struct cr_pending *p = &x->regs.cr[f];

        if (!p->valid || (p->a != (int)guest && p->b != (int)guest))
            continue;
        if (unseen(x, f)) {
            p->valid = false;
            continue;
        }
        if (p->a == (int)guest)
            keep(x, p->a, f, 0), p->a = KEPT;
        if (p->b == (int)guest)
            keep(x, p->b, f, 1), p->b = KEPT;
    }
}

static bool is_one_of(const char *name, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!strcmp(name, list[i]))
            return true;
    return false;
}

/* Of an instruction with an emitter in that table. */
enum cr_role cr_role_of(const struct emit_row *table, const char *name)
{
    static const char *const compares[] = { "cmpw", "cmpd", "cmplw", "cmpld", "cmpwi", "cmpdi", "cmplwi", "cmpldi" };
    static const char *const records[] = { "addic.", "andi.", "andis.", "or." };
    static const char *const others[] = { "isel", "setb" };

    if (table == emit_memory)
        return strstr(name, "arx") ? CR_UNKNOWN : CR_ACCESS;
    if ((table != emit_fixed && table != emit_carry && table != emit_divide && table != emit_rotate) ||
        is_one_of(name, others, sizeof(others) / sizeof(others[0])))
        return CR_UNKNOWN;
    if (is_one_of(name, compares, sizeof(compares) / sizeof(compares[0])))
        return CR_COMPARES;
    return is_one_of(name, records, sizeof(records) / sizeof(records[0])) ? CR_RECORDS : CR_PLAIN;
}

bool cr_same(const struct reg_state *s, const struct reg_state *t)
{
    for (unsigned f = 0; f < 8; f++) {
        const struct cr_pending *p = &s->cr[f], *q = &t->cr[f];

        if (p->valid != q->valid || (p->valid && memcmp(p, q, sizeof(*p))))
            return false;
    }
    return true;
}
