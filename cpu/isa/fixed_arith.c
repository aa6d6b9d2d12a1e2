/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/isa/fixed_arith.c - addition, subtraction and negation of fixed-point numbers, with their carries and overflows.
 *
 * Spec: Power ISA 3.0B Book I, 3.3.9 (Fixed-Point Arithmetic Instructions); addex, addpcis.
 * Thread: the processor's own.
 * Invariants:
 * 1. CA32 and OV32 describe the low 32 bits in both modes; CA and OV equal them in 32-bit mode.
 * 2. The plain forms (no OE, no Rc) test one byte of the operation and touch no flag. */
#include "cpu/isa/chapters.h"
#include "cpu/isa/fixed_int.h"

/* Flags of sum = a + b + carry in: OV by OE, CR0 by Rc. */
static __attribute__((noinline)) void sum_flags(struct cpu *c, const struct op *o, uint64_t a, uint64_t b, uint64_t sum)
{
    uint64_t over = (a ^ sum) & (b ^ sum);

    if (o->oe)
        cpu_set_ov(c, fixed_is_64(c) ? over >> 63 : over >> 31 & 1, over >> 31 & 1);
    if (o->rc_bit)
        cpu_record_cr0(c, sum);
}

static inline void put_sum(struct cpu *c, const struct op *o, uint64_t a, uint64_t b, uint64_t sum)
{
    c->gpr[o->rt] = sum;
    if (fixed_wants_flags(o))
        sum_flags(c, o, a, b, sum);
}

/* RT <- a + b + carry, and CA. */
static inline void put_carrying_sum(struct cpu *c, const struct op *o, uint64_t a, uint64_t b, unsigned carry)
{
    put_sum(c, o, a, b, fixed_add_carrying(c, a, b, carry));
}

static void run_addi(struct cpu *c, const struct op *o)
{
    c->gpr[o->rt] = ra_or_zero(c, o) + (uint64_t)(int64_t)o->imm;
}

static void run_addis(struct cpu *c, const struct op *o)
{
    c->gpr[o->rt] = ra_or_zero(c, o) + ((uint64_t)(int64_t)o->imm << 16);
}

/* D = d0 || d1 || d2, printed as d1 d0 d2. */
static void run_addpcis(struct cpu *c, const struct op *o)
{
    uint32_t d = (o->word & 0xFFC0) | (o->word >> 15 & 0x3E) | (o->word & 1);

    c->gpr[o->rt] = op_next(c, o) + ((uint64_t)(int16_t)d << 16);
}

static void run_addic(struct cpu *c, const struct op *o)
{
    c->gpr[o->rt] = fixed_add_carrying(c, c->gpr[o->ra], (uint64_t)(int64_t)o->imm, 0);
}

static void run_addic_rc(struct cpu *c, const struct op *o)
{
    run_addic(c, o);
    cpu_record_cr0(c, c->gpr[o->rt]);
}

static void run_subfic(struct cpu *c, const struct op *o)
{
    c->gpr[o->rt] = fixed_add_carrying(c, ~c->gpr[o->ra], (uint64_t)(int64_t)o->imm, 1);
}

static void run_add(struct cpu *c, const struct op *o)
{
    uint64_t a = c->gpr[o->ra], b = c->gpr[o->rb];

    put_sum(c, o, a, b, a + b);
}

static void run_subf(struct cpu *c, const struct op *o)
{
    uint64_t a = c->gpr[o->ra], b = c->gpr[o->rb];

    put_sum(c, o, ~a, b, b - a);
}

static void run_neg(struct cpu *c, const struct op *o)
{
    uint64_t a = c->gpr[o->ra];

    put_sum(c, o, ~a, 0, -a);
}

static void run_addc(struct cpu *c, const struct op *o)
{
    put_carrying_sum(c, o, c->gpr[o->ra], c->gpr[o->rb], 0);
}

static void run_subfc(struct cpu *c, const struct op *o)
{
    put_carrying_sum(c, o, ~c->gpr[o->ra], c->gpr[o->rb], 1);
}

static void run_adde(struct cpu *c, const struct op *o)
{
    put_carrying_sum(c, o, c->gpr[o->ra], c->gpr[o->rb], c->ca);
}

static void run_subfe(struct cpu *c, const struct op *o)
{
    put_carrying_sum(c, o, ~c->gpr[o->ra], c->gpr[o->rb], c->ca);
}

static void run_addme(struct cpu *c, const struct op *o)
{
    put_carrying_sum(c, o, c->gpr[o->ra], UINT64_MAX, c->ca);
}

static void run_subfme(struct cpu *c, const struct op *o)
{
    put_carrying_sum(c, o, ~c->gpr[o->ra], UINT64_MAX, c->ca);
}

static void run_addze(struct cpu *c, const struct op *o)
{
    put_carrying_sum(c, o, c->gpr[o->ra], 0, c->ca);
}

static void run_subfze(struct cpu *c, const struct op *o)
{
    put_carrying_sum(c, o, ~c->gpr[o->ra], 0, c->ca);
}

/* CY = 0: OV is carry in and carry out.  SO and CA stay. */
static void run_addex(struct cpu *c, const struct op *o)
{
    uint64_t a = c->gpr[o->ra], b = c->gpr[o->rb], sum = a + b + c->ov;
    unsigned carry32 = (unsigned)((a ^ b ^ sum) >> 32) & 1;

    c->ov = (uint8_t)(fixed_is_64(c) ? fixed_carry64(a, b, sum) : carry32);
    c->ov32 = (uint8_t)carry32;
    c->gpr[o->rt] = sum;
}

static const struct isa_row rows[] = {
    { "addi", "001110 ttttt aaaaa iiiiiiiiiiiiiiii", run_addi, "t,a0,i" },
    { "addis", "001111 ttttt aaaaa iiiiiiiiiiiiiiii", run_addis, "t,a0,i" },
    { "addpcis", "010011 ttttt xxxxx xxxxxxxxxx 00010 x", run_addpcis, "t", ISA_V3 },
    { "addic", "001100 ttttt aaaaa iiiiiiiiiiiiiiii", run_addic, "t,a,i" },
    { "addic.", "001101 ttttt aaaaa iiiiiiiiiiiiiiii", run_addic_rc, "t,a,i" },
    { "subfic", "001000 ttttt aaaaa iiiiiiiiiiiiiiii", run_subfic, "t,a,i" },
    { "add", "011111 ttttt aaaaa bbbbb o 100001010 r", run_add, "t,a,b" },
    { "subf", "011111 ttttt aaaaa bbbbb o 000101000 r", run_subf, "t,a,b" },
    { "neg", "011111 ttttt aaaaa xxxxx o 001101000 r", run_neg, "t,a" },
    { "addc", "011111 ttttt aaaaa bbbbb o 000001010 r", run_addc, "t,a,b" },
    { "subfc", "011111 ttttt aaaaa bbbbb o 000001000 r", run_subfc, "t,a,b" },
    { "adde", "011111 ttttt aaaaa bbbbb o 010001010 r", run_adde, "t,a,b" },
    { "subfe", "011111 ttttt aaaaa bbbbb o 010001000 r", run_subfe, "t,a,b" },
    { "addme", "011111 ttttt aaaaa xxxxx o 011101010 r", run_addme, "t,a" },
    { "subfme", "011111 ttttt aaaaa xxxxx o 011101000 r", run_subfme, "t,a" },
    { "addze", "011111 ttttt aaaaa xxxxx o 011001010 r", run_addze, "t,a" },
    { "subfze", "011111 ttttt aaaaa xxxxx o 011001000 r", run_subfze, "t,a" },
    { "addex", "011111 ttttt aaaaa bbbbb 00 10101010 x", run_addex, "t,a,b,0", ISA_V3 },
};

ISA_CHAPTER(isa_fixed_arith, "Power ISA I, 3.3.9 fixed-point addition and subtraction", rows);
