/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/jit/fp_lazy.c - see fp_lazy.h. */
#include "cpu/jit/fp_lazy.h"

#include <assert.h>

#include "cpu/jit/jit_int.h"

/* The registers an instruction names, and their contents while it runs on other operands. */
struct borrowed {
    unsigned reg[4];
    union vsr old[4];
};

_Static_assert(JIT_CHUNKS * JIT_CHUNK_OPS <= FP_LAZY_NUMBER + 1, "an instruction's number");

static void put(struct cpu *c, bool wanted, unsigned reg, uint64_t v)
{
    if (wanted)
        VSR_D(c->vsr[reg], 0) = v;
}

static void run_again(struct cpu *c, const struct fp_lazy *l)
{
    const struct op *o = &c->jit->ops[l->op & FP_LAZY_NUMBER];
    struct borrowed b = { .reg = { o->ra, o->rb, o->rc, o->rt } };
    uint32_t stop = c->stop;

    for (unsigned i = 0; i < 4; i++)
        b.old[i] = c->vsr[b.reg[i]];
    put(c, l->op & FP_LAZY_RA, o->ra, l->operand[0]);
    put(c, l->op & FP_LAZY_RB, o->rb, l->operand[1]);
    put(c, l->op & FP_LAZY_RC, o->rc, l->operand[2]);
    put(c, l->op & FP_LAZY_RT, o->rt, l->operand[2]);
    o->run(c, o);
    assert(c->stop == stop);        /* FEX was off, and an ordinary result does not turn it on */
    for (unsigned i = 0; i < 4; i++)
        c->vsr[b.reg[i]] = b.old[i];
}

void fp_settle_now(struct cpu *c)
{
    struct fp_lazy l = c->fp_lazy;

    c->fp_lazy.op = 0;
    c->fp_lazy.fpcc = c->fp_lazy.moved = 0;
    if (l.op)
        run_again(c, &l);
    if (l.moved)
        c->fpscr = (c->fpscr & ~(uint64_t)(FPSCR_FR | FPSCR_FI)) | (l.moved == 2 ? FPSCR_FI : 0);
    if (l.fpcc)
        c->fpscr = (c->fpscr & ~(uint64_t)FPSCR_FPCC) | (uint64_t)l.fpcc << FPSCR_FPRF_SHIFT;
}

void fp_call(struct cpu *c, const struct op *o)
{
    fp_settle(c);
    o->run(c, o);
    fp_update_fast(c);
}
