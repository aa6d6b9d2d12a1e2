/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/isa/branch.c - branches and operations on condition register bits.
 *
 * Spec: Power ISA 3.0B Book I, 2.4 (Branch Instructions), 2.5 (Condition Register Instructions).
 * Thread: the processor's own.
 * Invariants:
 * 1. A branch sets nip, taken or not; addresses have their high half clear in 32-bit mode.
 * 2. Each BO has its row under its extended mnemonic, so that the common ones test one thing; bcctr that counts is an
 *    invalid form and has none.  CFAR is not kept: any value is allowed. */
#include "cpu/isa/chapters.h"
#include "cpu/isa/fixed_int.h"

enum { FSCR_TAR = 8 };          /* bit and interrupt cause */

static inline void link_next(struct cpu *c, const struct op *o)
{
    if (__builtin_expect(o->lk, 0))
        c->lr = op_next(c, o);
}

/* Goes off bytes from here. */
static inline void branch_by(struct cpu *c, const struct op *o, int64_t off)
{
    c->nip = (c->block_ea + 4u * o->index + (uint64_t)off) & c->ea_mask;
}

static inline void branch_to_absolute(struct cpu *c, const struct op *o)
{
    c->nip = (uint64_t)(int64_t)o->imm & c->ea_mask;
}

/* bc.  The choice is made without a host branch: it hangs on the guest's data. */
static inline void branch_if(struct cpu *c, const struct op *o, bool taken)
{
    branch_by(c, o, 4 ^ ((o->imm ^ 4) & -(int64_t)taken));
    if (__builtin_expect(o->word & 3, 0)) {             /* AA, LK */
        if (o->aa && taken)
            branch_to_absolute(c, o);
        link_next(c, o);
    }
}

/* CTR <- CTR - 1; is it (its low half in 32-bit mode) still not 0? */
static inline bool count_down(struct cpu *c)
{
    return (--c->ctr & c->ea_mask) != 0;
}

static void run_b(struct cpu *c, const struct op *o)
{
    branch_by(c, o, o->imm);
}

static void run_ba(struct cpu *c, const struct op *o)
{
    branch_to_absolute(c, o);
}

static void run_bla(struct cpu *c, const struct op *o)
{
    branch_to_absolute(c, o);
    c->lr = op_next(c, o);
}

static void run_bl(struct cpu *c, const struct op *o)
{
    branch_by(c, o, o->imm);
    c->lr = op_next(c, o);
}

static void run_bc_always(struct cpu *c, const struct op *o)
{
    branch_if(c, o, true);
}

static void run_bt(struct cpu *c, const struct op *o)
{
    branch_if(c, o, fixed_cr_bit(c, o->p));
}

static void run_bf(struct cpu *c, const struct op *o)
{
    branch_if(c, o, !fixed_cr_bit(c, o->p));
}

static void run_bdnz(struct cpu *c, const struct op *o)
{
    branch_if(c, o, count_down(c));
}

static void run_bdz(struct cpu *c, const struct op *o)
{
    branch_if(c, o, !count_down(c));
}

/* Any BO: is the branch taken?  For the rare forms, those that count and test a bit. */
static bool bo_taken(struct cpu *c, const struct op *o)
{
    unsigned bo = o->word >> 21 & 31;
    bool count_ok = bo & 4 || count_down(c) != !!(bo & 2);

    return count_ok && (bo & 16 || fixed_cr_bit(c, o->p) == (bo >> 3 & 1));
}

static void run_bc_count(struct cpu *c, const struct op *o)
{
    branch_if(c, o, bo_taken(c, o));
}

static inline void branch_to_if(struct cpu *c, const struct op *o, uint64_t target, bool taken)
{
    c->nip = taken ? target & ~3ull & c->ea_mask : op_next(c, o);
    link_next(c, o);
}

static void run_blr(struct cpu *c, const struct op *o)
{
    branch_to_if(c, o, c->lr, true);
}

static void run_btlr(struct cpu *c, const struct op *o)
{
    branch_to_if(c, o, c->lr, fixed_cr_bit(c, o->p));
}

static void run_bflr(struct cpu *c, const struct op *o)
{
    branch_to_if(c, o, c->lr, !fixed_cr_bit(c, o->p));
}

static void run_bclr(struct cpu *c, const struct op *o)
{
    branch_to_if(c, o, c->lr, bo_taken(c, o));
}

static void run_bctr(struct cpu *c, const struct op *o)
{
    branch_to_if(c, o, c->ctr, true);
}

static void run_bcctr(struct cpu *c, const struct op *o)
{
    branch_to_if(c, o, c->ctr, bo_taken(c, o));
}

/* FSCR[TAR] gates the instruction as it gates the register. */
static void run_bctar(struct cpu *c, const struct op *o)
{
    if (!(c->spr[SPR_FSCR] >> FSCR_TAR & 1)) {
        cpu_facility_unavailable(c, FSCR_TAR);
        return;
    }
    branch_to_if(c, o, c->spr[SPR_TAR], bo_taken(c, o));
}

static void run_crand(struct cpu *c, const struct op *o)
{
    fixed_set_cr_bit(c, o->n, fixed_cr_bit(c, o->p) & fixed_cr_bit(c, o->q));
}

static void run_crandc(struct cpu *c, const struct op *o)
{
    fixed_set_cr_bit(c, o->n, fixed_cr_bit(c, o->p) & !fixed_cr_bit(c, o->q));
}

static void run_creqv(struct cpu *c, const struct op *o)
{
    fixed_set_cr_bit(c, o->n, fixed_cr_bit(c, o->p) == fixed_cr_bit(c, o->q));
}

static void run_crnand(struct cpu *c, const struct op *o)
{
    fixed_set_cr_bit(c, o->n, !(fixed_cr_bit(c, o->p) & fixed_cr_bit(c, o->q)));
}

static void run_crnor(struct cpu *c, const struct op *o)
{
    fixed_set_cr_bit(c, o->n, !(fixed_cr_bit(c, o->p) | fixed_cr_bit(c, o->q)));
}

static void run_cror(struct cpu *c, const struct op *o)
{
    fixed_set_cr_bit(c, o->n, fixed_cr_bit(c, o->p) | fixed_cr_bit(c, o->q));
}

static void run_crorc(struct cpu *c, const struct op *o)
{
    fixed_set_cr_bit(c, o->n, fixed_cr_bit(c, o->p) | !fixed_cr_bit(c, o->q));
}

static void run_crxor(struct cpu *c, const struct op *o)
{
    fixed_set_cr_bit(c, o->n, fixed_cr_bit(c, o->p) ^ fixed_cr_bit(c, o->q));
}

static void run_mcrf(struct cpu *c, const struct op *o)
{
    c->cr[o->n] = c->cr[o->p];
}

static const struct isa_row rows[] = {
    { "b", "010010 dddddddddddddddddddddddd 0 0", run_b, "d", ISA_ENDS },
    { "bl", "010010 dddddddddddddddddddddddd 0 1", run_bl, "d", ISA_ENDS },
    { "ba", "010010 dddddddddddddddddddddddd 1 0", run_ba, "d", ISA_ENDS },
    { "bla", "010010 dddddddddddddddddddddddd 1 1", run_bla, "d", ISA_ENDS },
    { "bc", "010000 1 x 1 xx ppppp dddddddddddddd k l", run_bc_always, "20,p,d", ISA_ENDS },
    { "bt", "010000 0 1 1 xx ppppp dddddddddddddd k l", run_bt, "p,d", ISA_ENDS },
    { "bf", "010000 0 0 1 xx ppppp dddddddddddddd k l", run_bf, "p,d", ISA_ENDS },
    { "bdnz", "010000 1 x 0 0 x xxxxx dddddddddddddd k l", run_bdnz, "d", ISA_ENDS },
    { "bdz", "010000 1 x 0 1 x xxxxx dddddddddddddd k l", run_bdz, "d", ISA_ENDS },
    { "bdnzf", "010000 0 0 0 0 x ppppp dddddddddddddd k l", run_bc_count, "p,d", ISA_ENDS },
    { "bdzf", "010000 0 0 0 1 x ppppp dddddddddddddd k l", run_bc_count, "p,d", ISA_ENDS },
    { "bdnzt", "010000 0 1 0 0 x ppppp dddddddddddddd k l", run_bc_count, "p,d", ISA_ENDS },
    { "bdzt", "010000 0 1 0 1 x ppppp dddddddddddddd k l", run_bc_count, "p,d", ISA_ENDS },
    { "blr", "010011 1 x 1 xx xxxxx xxxxx 0000010000 l", run_blr, "", ISA_ENDS },
    { "btlr", "010011 0 1 1 xx ppppp xxxxx 0000010000 l", run_btlr, "p", ISA_ENDS },
    { "bflr", "010011 0 0 1 xx ppppp xxxxx 0000010000 l", run_bflr, "p", ISA_ENDS },
    { "bdnzlr", "010011 1 x 0 0 x xxxxx xxxxx 0000010000 l", run_bclr, "", ISA_ENDS },
    { "bdzlr", "010011 1 x 0 1 x xxxxx xxxxx 0000010000 l", run_bclr, "", ISA_ENDS },
    { "bdnzflr", "010011 0 0 0 0 x ppppp xxxxx 0000010000 l", run_bclr, "p", ISA_ENDS },
    { "bdzflr", "010011 0 0 0 1 x ppppp xxxxx 0000010000 l", run_bclr, "p", ISA_ENDS },
    { "bdnztlr", "010011 0 1 0 0 x ppppp xxxxx 0000010000 l", run_bclr, "p", ISA_ENDS },
    { "bdztlr", "010011 0 1 0 1 x ppppp xxxxx 0000010000 l", run_bclr, "p", ISA_ENDS },
    { "bctr", "010011 1 x 1 xx xxxxx xxxxx 1000010000 l", run_bctr, "", ISA_ENDS },
    { "btctr", "010011 0 1 1 xx ppppp xxxxx 1000010000 l", run_bcctr, "p", ISA_ENDS },
    { "bfctr", "010011 0 0 1 xx ppppp xxxxx 1000010000 l", run_bcctr, "p", ISA_ENDS },
    { "bctar", "010011 nnnnn ppppp xxx qq 1000110000 l", run_bctar, "n,p,q", ISA_ENDS },
    { "crand", "010011 nnnnn ppppp qqqqq 0100000001 x", run_crand, "n,p,q" },
    { "crandc", "010011 nnnnn ppppp qqqqq 0010000001 x", run_crandc, "n,p,q" },
    { "creqv", "010011 nnnnn ppppp qqqqq 0100100001 x", run_creqv, "n,p,q" },
    { "crnand", "010011 nnnnn ppppp qqqqq 0011100001 x", run_crnand, "n,p,q" },
    { "crnor", "010011 nnnnn ppppp qqqqq 0000100001 x", run_crnor, "n,p,q" },
    { "cror", "010011 nnnnn ppppp qqqqq 0111000001 x", run_cror, "n,p,q" },
    { "crorc", "010011 nnnnn ppppp qqqqq 0110100001 x", run_crorc, "n,p,q" },
    { "crxor", "010011 nnnnn ppppp qqqqq 0011000001 x", run_crxor, "n,p,q" },
    { "mcrf", "010011 nnn xx ppp xx xxxxx 0000000000 x", run_mcrf, "n,p" },
};

ISA_CHAPTER(isa_branch, "Power ISA I, 2.4-2.5 branches and condition register logic", rows);
