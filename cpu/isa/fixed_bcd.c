/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/isa/fixed_bcd.c - decimal assist: addg6s, and conversion between BCD digits and declets.
 *
 * Spec: Power ISA 3.0B Book I, 3.3.16 (Binary Coded Decimal Assist), appendix B (Densely Packed Decimal).
 * Thread: the processor's own. */
#include "cpu/dfp/dpd.h"
#include "cpu/isa/chapters.h"
#include "cpu/isa/fixed_int.h"

/* 6 in each digit whose sum does not carry out: what a decimal correction subtracts. */
static void run_addg6s(struct cpu *c, const struct op *o)
{
    uint64_t a = c->gpr[o->ra], b = c->gpr[o->rb], sum = a + b;
    uint64_t carries = (a ^ b ^ sum) >> 4 | (uint64_t)fixed_carry64(a, b, sum) << 60;

    c->gpr[o->rt] = (~carries & 0x1111111111111111) * 6;
}

/* Each word holds two declets or six digits, right-justified. */
static void run_cdtbcd(struct cpu *c, const struct op *o)
{
    uint64_t from = c->gpr[o->rt], v = 0;

    for (unsigned word = 0; word < 64; word += 32)
        for (unsigned i = 0; i < 2; i++)
            v |= (uint64_t)dpd_to_bcd(from >> (word + 10 * i) & 0x3FF) << (word + 12 * i);
    c->gpr[o->ra] = v;
}

static void run_cbcdtd(struct cpu *c, const struct op *o)
{
    uint64_t from = c->gpr[o->rt], v = 0;

    for (unsigned word = 0; word < 64; word += 32)
        for (unsigned i = 0; i < 2; i++)
            v |= (uint64_t)dpd_from_bcd(from >> (word + 12 * i) & 0xFFF) << (word + 10 * i);
    c->gpr[o->ra] = v;
}

static const struct isa_row rows[] = {
    { "addg6s", "011111 ttttt aaaaa bbbbb x 001001010 x", run_addg6s, "t,a,b" },
    { "cdtbcd", "011111 ttttt aaaaa xxxxx 0100011010 x", run_cdtbcd, "a,t" },
    { "cbcdtd", "011111 ttttt aaaaa xxxxx 0100111010 x", run_cbcdtd, "a,t" },
};

ISA_CHAPTER(isa_fixed_bcd, "Power ISA I, 3.3.16 binary coded decimal assist", rows);
