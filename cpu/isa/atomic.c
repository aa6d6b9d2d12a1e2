/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/isa/atomic.c - load and reserve, store conditional, and quadword accesses.
 *
 * Spec: Power ISA 3.0B Book II, 1.7.4 (Reservations), 4.6.2; Book I, 3.3.4 (lq, stq).
 * Threads: the processor's own; other processors work on the same memory meanwhile.
 * Invariants:
 * 1. A reservation is what was loaded, its real address and its size.  Store conditional is a compare-and-swap against
 *    that value, at the same real address and size; it always ends the reservation.  A value changed and changed back
 *    goes unseen (docs/decisions/020-reservation-by-value.md).
 * 2. Memory is touched by one host access of the whole size, so no processor sees a part of it. */
#include "cpu/access.h"
#include "cpu/isa/atomic_int.h"
#include "cpu/isa/chapters.h"
#include "cpu/isa/fixed_int.h"
#include "cpu/isa/fixed_mem.h"

bool fixed_load_quad(struct cpu *c, ea_t at, unsigned __int128 *out)
{
    const void *p = cpu_atomic_ptr(c, at, 16, false, NULL);

    if (!p)
        return false;
    *out = in_order128(c, peek128(p));
    return true;
}

bool fixed_store_quad(struct cpu *c, ea_t at, unsigned __int128 value)
{
    void *p = cpu_atomic_ptr(c, at, 16, true, NULL);
    vec16 v;

    if (!p)
        return false;
    value = in_order128(c, value);
    memcpy(&v, &value, sizeof(v));
    *(volatile vec16 *)p = v;
    return true;
}

static inline void load_and_reserve(struct cpu *c, const struct op *o, unsigned size)
{
    ra_t at;
    const void *p = cpu_atomic_ptr(c, op_ea_x(c, o), size, false, &at);

    if (!p)
        return;
    c->res_value[0] = in_order(c, peek(p, size), size);
    c->res_ra = at.v;
    c->res_size = (uint8_t)size;
    c->gpr[o->rt] = c->res_value[0];
}

static void run_lbarx(struct cpu *c, const struct op *o)
{
    load_and_reserve(c, o, 1);
}

static void run_lharx(struct cpu *c, const struct op *o)
{
    load_and_reserve(c, o, 2);
}

static void run_lwarx(struct cpu *c, const struct op *o)
{
    load_and_reserve(c, o, 4);
}

static void run_ldarx(struct cpu *c, const struct op *o)
{
    load_and_reserve(c, o, 8);
}

/* RT must be even and neither RA nor RB. */
static void run_lqarx(struct cpu *c, const struct op *o)
{
    ra_t at;
    const void *p;
    u128 v;

    if (o->rt & 1 || o->rt == o->ra || o->rt == o->rb) {
        cpu_program(c, PROGRAM_ILLEGAL);
        return;
    }
    p = cpu_atomic_ptr(c, op_ea_x(c, o), 16, false, &at);
    if (!p)
        return;
    v = in_order128(c, peek128(p));
    c->res_value[0] = c->gpr[o->rt] = (uint64_t)(v >> 64);
    c->res_value[1] = c->gpr[o->rt + 1] = (uint64_t)v;
    c->res_ra = at.v;
    c->res_size = 16;
}

/* Where a store conditional of this size may store, or NULL: done already (failed in CR0, or an interrupt raised). */
static inline void *conditional_ptr(struct cpu *c, const struct op *o, unsigned size)
{
    ea_t to = op_ea_x(c, o);
    ra_t at;
    void *p;

    if (to.v & (size - 1)) {
        cpu_alignment(c, to);
        return NULL;
    }
    if (c->res_size == size) {
        p = cpu_atomic_ptr(c, to, size, true, &at);
        if (!p || at.v == c->res_ra)
            return p;
    }
    c->res_size = 0;
    c->cr[0] = c->so;
    return NULL;
}

static inline void end_reservation(struct cpu *c, bool stored)
{
    c->res_size = 0;
    c->cr[0] = (uint8_t)(stored << 1 | c->so);
}

static inline void store_conditional(struct cpu *c, const struct op *o, unsigned size)
{
    void *p = conditional_ptr(c, o, size);

    if (p)
        end_reservation(c, swap_if(p, size, in_order(c, c->res_value[0], size), in_order(c, c->gpr[o->rt], size)));
}

static void run_stbcx(struct cpu *c, const struct op *o)
{
    store_conditional(c, o, 1);
}

static void run_sthcx(struct cpu *c, const struct op *o)
{
    store_conditional(c, o, 2);
}

static void run_stwcx(struct cpu *c, const struct op *o)
{
    store_conditional(c, o, 4);
}

static void run_stdcx(struct cpu *c, const struct op *o)
{
    store_conditional(c, o, 8);
}

static void run_stqcx(struct cpu *c, const struct op *o)
{
    u128 expected, desired;
    void *p;

    if (o->rt & 1) {
        cpu_program(c, PROGRAM_ILLEGAL);
        return;
    }
    p = conditional_ptr(c, o, 16);
    if (!p)
        return;
    expected = (u128)c->res_value[0] << 64 | c->res_value[1];
    desired = (u128)c->gpr[o->rt] << 64 | c->gpr[o->rt + 1];
    end_reservation(c, swap_if128(p, in_order128(c, expected), in_order128(c, desired)));
}

static const struct isa_row rows[] = {
    { "lbarx", "011111 ttttt aaaaa bbbbb 0000110100 x", run_lbarx, "t,a0,b" },
    { "lharx", "011111 ttttt aaaaa bbbbb 0001110100 x", run_lharx, "t,a0,b" },
    { "lwarx", "011111 ttttt aaaaa bbbbb 0000010100 x", run_lwarx, "t,a0,b" },
    { "ldarx", "011111 ttttt aaaaa bbbbb 0001010100 x", run_ldarx, "t,a0,b" },
    { "lqarx", "011111 ttttt aaaaa bbbbb 0100010100 x", run_lqarx, "t,a0,b" },
    { "stbcx.", "011111 ttttt aaaaa bbbbb 1010110110 1", run_stbcx, "t,a0,b" },
    { "sthcx.", "011111 ttttt aaaaa bbbbb 1011010110 1", run_sthcx, "t,a0,b" },
    { "stwcx.", "011111 ttttt aaaaa bbbbb 0010010110 1", run_stwcx, "t,a0,b" },
    { "stdcx.", "011111 ttttt aaaaa bbbbb 0011010110 1", run_stdcx, "t,a0,b" },
    { "stqcx.", "011111 ttttt aaaaa bbbbb 0010110110 1", run_stqcx, "t,a0,b" },
};

ISA_CHAPTER(isa_atomic, "Power ISA II, 4.6.2 load and reserve, store conditional", rows);
