/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/jit/x86_64/regs.c - which guest register is in which host register while a region is lowered.
 *
 * Values are loaded at first use and written back when evicted, at exits and before C functions. */
#include "cpu/jit/x86_64/lower.h"

#include <assert.h>

static const int8_t order[] = { RBX, R12, R13, RSI, RDI, R8, R9, R10, R11 };

int32_t guest_offset(unsigned guest)
{
    if (guest >= GUEST_WINDOW)
        return OFF(jit_window) + 8 * (int32_t)(guest - GUEST_WINDOW);
    return guest == GUEST_LR ? OFF(lr) : guest == GUEST_CTR ? OFF(ctr) : OFF_GPR(guest);
}

uint64_t *guest_value(struct cpu *c, unsigned guest)
{
    return guest == GUEST_LR ? &c->lr : guest == GUEST_CTR ? &c->ctr : &c->gpr[guest];
}

void regs_clear(struct reg_state *s)
{
    memset(s->host_of, NO_REG, sizeof(s->host_of));
    memset(s->guest_of, NO_REG, sizeof(s->guest_of));
    memset(s->cr, 0, sizeof(s->cr));
    s->dirty = 0;
    s->lr_due = false;
}

static void forget(struct reg_state *s, int host)
{
    s->host_of[s->guest_of[host]] = NO_REG;
    s->guest_of[host] = NO_REG;
    s->dirty &= (uint16_t)~(1u << host);
}

static uint64_t bit_of(unsigned guest)
{
    return 1ull << guest;
}

enum { NOP = 0x60000000 };

/* Which guest registers does the item name? */
static uint64_t names_of(const struct lower *x, const struct item *it)
{
    const struct op *o = &it->op;
    struct window_hint h;

    if (it->kind == ITEM_PAGE)
        return 0;
    if (it->kind != ITEM_OP)
        return (it->kind == ITEM_BRANCH || it->kind == ITEM_GUESS ? bit_of(GUEST_CTR) : 0) |
               (it->kind != ITEM_BRANCH ? bit_of(GUEST_LR) : 0);
    if (o->row == UINT16_MAX || o->denied || o->word == NOP)
        return 0;
    h = x->j->thunks->hint[o->row];
    return (h.names & 1 ? bit_of(o->rt) : 0) | (h.names & 2 ? bit_of(o->ra) : 0) |
           (h.names & 4 ? bit_of(o->rb) : 0) | (h.names & 8 ? bit_of(o->rc) : 0);
}

void regs_look_ahead(struct lower *x)
{
    for (unsigned i = 0; i < x->r->n_items; i++)
        x->names[i] = names_of(x, &x->r->items[i]);
}

/* A window is wanted when its base is. */
static uint64_t wanted_bit(const struct lower *x, int host)
{
    unsigned g = (unsigned)x->regs.guest_of[host];

    return bit_of(g < GUEST_WINDOW ? g : x->windows[g - GUEST_WINDOW].base);
}

/* Of these host registers the one whose value is not wanted for the longest time, in a loop also in its next round. */
static int least_wanted(const struct lower *x, uint16_t hosts)
{
    unsigned n = x->r->n_items, at = x->item ? (unsigned)(x->item - x->r->items) : n;

    for (unsigned step = 1; step < n && hosts & (hosts - 1); step++) {
        uint16_t left = hosts;

        if (at + step >= n && !x->will_loop)
            break;
        for (uint16_t rest = hosts; rest; rest &= (uint16_t)(rest - 1))
            if (x->names[(at + step) % n] & wanted_bit(x, __builtin_ctz(rest)))
                left &= (uint16_t)~(rest & -rest);
        if (!left)
            break;
        hosts = left;
    }
    if (hosts & ~x->regs.dirty)
        hosts &= (uint16_t)~x->regs.dirty;      /* nothing to store */
    return __builtin_ctz(hosts);
}

static int pick(struct lower *x)
{
    uint16_t candidates = 0;
    int best;

    for (unsigned i = 0; i < sizeof(order); i++) {
        int h = order[i];

        if (x->locked >> h & 1)
            continue;
        if (x->regs.guest_of[h] == NO_REG)
            return h;
        candidates |= (uint16_t)(1u << h);
    }
    assert(candidates);
    best = least_wanted(x, candidates);
    if (x->regs.dirty >> best & 1)
        asm_store(&x->a, best, RBP, guest_offset((unsigned)x->regs.guest_of[best]));
    forget(&x->regs, best);
    return best;
}

static void touch(struct lower *x, int host)
{
    x->locked |= (uint16_t)(1u << host);
}

static int place(struct lower *x, unsigned guest)
{
    int h = x->regs.host_of[guest];

    if (h == NO_REG) {
        h = pick(x);
        x->regs.host_of[guest] = (int8_t)h;
        x->regs.guest_of[h] = (int8_t)guest;
    }
    touch(x, h);
    return h;
}

int use(struct lower *x, unsigned guest)
{
    bool here = x->regs.host_of[guest] != NO_REG;
    int h = place(x, guest);

    if (guest == GUEST_LR && x->regs.lr_due) {
        asm_const(&x->a, h, x->regs.lr);
        x->regs.dirty |= (uint16_t)(1u << h);
        x->regs.lr_due = false;
    } else if (!here)
        asm_load(&x->a, h, RBP, guest_offset(guest));
    return h;
}

static int def_any(struct lower *x, unsigned guest)
{
    int h;

    cr_operand_lost(x, guest);
    h = place(x, guest);
    if (guest == GUEST_LR)
        x->regs.lr_due = false;
    if (guest < 32)
        x->origin[guest].gpr = NO_REG;
    x->regs.dirty |= (uint16_t)(1u << h);
    return h;
}

int def(struct lower *x, unsigned guest)
{
    windows_drop_base(x, guest);
    return def_any(x, guest);
}

int use_def(struct lower *x, unsigned guest)
{
    use(x, guest);
    return def(x, guest);
}

int def_sum(struct lower *x, unsigned guest, unsigned from, int32_t imm)
{
    struct origin o = x->origin[from];
    int h = def(x, guest);

    x->origin[guest] = (struct origin){ o.gpr, o.plus + imm };
    return h;
}

void set_lr(struct lower *x, uint64_t to)
{
    forget_guest(x, GUEST_LR);
    x->regs.lr_due = true;
    x->regs.lr = to;
}

int add_to(struct lower *x, unsigned guest, int32_t imm)
{
    int h;

    struct origin o = x->origin[guest];

    use(x, guest);
    h = def_any(x, guest);
    windows_move(x, guest, imm);
    x->origin[guest] = (struct origin){ o.gpr, o.plus + imm };
    if (flags_are_wanted(x))
        asm_rm(&x->a, W64, 0x8d, h, h, imm);
    else
        asm_ri(&x->a, W64, G_ADD, h, imm);
    return h;
}

void forget_guest(struct lower *x, unsigned guest)
{
    if (x->regs.host_of[guest] != NO_REG)
        forget(&x->regs, x->regs.host_of[guest]);
}

/* In one store: the load that follows in the called function gets its value from it. Changes rdx. */
static void write_lr(struct assembler *a, uint64_t lr)
{
    if ((int64_t)lr == (int32_t)lr) {
        asm_rm(a, W64, 0xc7, 0, RBP, OFF(lr));
        asm_u32(a, (uint32_t)lr);
    } else {
        asm_const(a, RDX, lr);
        asm_store(a, RDX, RBP, OFF(lr));
    }
}

void write_back(struct assembler *a, const struct reg_state *s)
{
    if (s->lr_due)
        write_lr(a, s->lr);
    for (int h = 0; h < 16; h++)
        if ((s->dirty >> h & 1) && s->guest_of[h] < GUEST_WINDOW)
            asm_store(a, h, RBP, guest_offset((unsigned)s->guest_of[h]));
}

void flush_regs(struct lower *x)
{
    windows_drop(x);
    write_back(&x->a, &x->regs);
    x->regs.dirty = 0;
    x->regs.lr_due = false;
}

void drop_regs(struct lower *x)
{
    for (unsigned f = 0; f < 8; f++)
        assert(!x->regs.cr[f].valid);
    assert(!x->regs.dirty);
    origins_forget(x);
    regs_clear(&x->regs);
}

static bool is_full(const struct reg_state *s)
{
    for (unsigned i = 0; i < sizeof(order); i++)
        if (s->guest_of[order[i]] == NO_REG)
            return false;
    return true;
}

void regs_for_loop(struct lower *x)
{
    uint64_t named = 0;

    for (unsigned i = 0; i < x->r->n_items; i++)
        named |= x->names[i];
    for (int h = 0; h < 16; h++) {
        int g = x->regs.guest_of[h];

        if (g == NO_REG || (named & bit_of((unsigned)g)))
            continue;
        if (x->regs.dirty >> h & 1)
            asm_store(&x->a, h, RBP, guest_offset((unsigned)g));
        forget(&x->regs, h);
    }
    x->locked = 0;
    for (unsigned g = 0; g < 32 && !is_full(&x->regs); g++)
        if ((named & bit_of(g)) && x->regs.host_of[g] == NO_REG) {
            int h = use(x, g);

            if (is_written(x, g))
                x->regs.dirty |= (uint16_t)(1u << h);
        }
}

/* Brings every value to where `want` has it; what is dirty there may stay dirty. */
void reconcile(struct lower *x, const struct reg_state *want)
{
    if (x->regs.lr_due && !want->lr_due)
        write_lr(&x->a, x->regs.lr);
    for (int h = 0; h < 16; h++) {
        int g = x->regs.guest_of[h];

        if (g == NO_REG)
            continue;
        if (want->guest_of[h] == g) {
            if ((x->regs.dirty >> h & 1) && !(want->dirty >> h & 1))
                asm_store(&x->a, h, RBP, guest_offset((unsigned)g));
            continue;
        }
        if (x->regs.dirty >> h & 1)
            asm_store(&x->a, h, RBP, guest_offset((unsigned)g));
        forget(&x->regs, h);
    }
    for (int h = 0; h < 16; h++)
        if (want->guest_of[h] != NO_REG && x->regs.guest_of[h] != want->guest_of[h])
            asm_load(&x->a, h, RBP, guest_offset((unsigned)want->guest_of[h]));
    x->regs = *want;
}
