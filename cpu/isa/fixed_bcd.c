/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/isa/fixed_bcd.c - decimal assist: addg6s, and conversion between BCD digits and declets.
 *
 * Spec: Power ISA 3.0B Book I, 3.3.16 (Binary Coded Decimal Assist), appendix B (Densely Packed Decimal).
 * Thread: the processor's own. */
#include "cpu/isa/chapters.h"
#include "cpu/isa/fixed_int.h"

/* 6 in each digit whose sum does not carry out: what a decimal correction subtracts. */
static void run_addg6s(struct cpu *c, const struct op *o)
{
    uint64_t a = c->gpr[o->ra], b = c->gpr[o->rb], sum = a + b;
    uint64_t carries = (a ^ b ^ sum) >> 4 | (uint64_t)fixed_carry64(a, b, sum) << 60;

    c->gpr[o->rt] = (~carries & 0x1111111111111111) * 6;
}

/* A digit's three low bits, or a large digit's (8, 9) one. */
static unsigned large(unsigned bit)
{
    return 8 | (bit & 1);
}

/* 10 bits pqr stu v wxy to three BCD digits.  v = 0: three small digits; else wx says which are large. */
static unsigned declet_to_bcd(unsigned d)
{
    unsigned pqr = d >> 7 & 7, stu = d >> 4 & 7, wxy = d & 7, pq = pqr & 6, st = stu & 6, r = d >> 7, u = d >> 4, y = d;

    if (!(d & 8))
        return pqr << 8 | stu << 4 | wxy;
    switch (wxy >> 1) {
    case 0:
        return pqr << 8 | stu << 4 | large(y);
    case 1:
        return pqr << 8 | large(u) << 4 | st | (y & 1);
    case 2:
        return large(r) << 8 | stu << 4 | pq | (y & 1);
    default:
        break;
    }
    switch (stu >> 1) {
    case 0:
        return large(r) << 8 | large(u) << 4 | pq | (y & 1);
    case 1:
        return large(r) << 8 | (pq | (u & 1)) << 4 | large(y);
    case 2:
        return pqr << 8 | large(u) << 4 | large(y);
    default:
        return large(r) << 8 | large(u) << 4 | large(y);
    }
}

/* Three BCD digits abcd efgh ijkm to 10 bits.  The large digits (a, e, i set) choose the form. */
static unsigned bcd_to_declet(unsigned bcd)
{
    unsigned bcd3 = bcd >> 8 & 7, fgh = bcd >> 4 & 7, jkm = bcd & 7;
    unsigned d = bcd >> 8 & 1, h = bcd >> 4 & 1, m = bcd & 1, jk = jkm & 6, fg = fgh & 6;

    switch ((bcd >> 9 & 4) | (bcd >> 6 & 2) | (bcd >> 3 & 1)) {
    case 0:
        return bcd3 << 7 | fgh << 4 | jkm;
    case 1:
        return bcd3 << 7 | fgh << 4 | 8 | m;
    case 2:
        return bcd3 << 7 | (jk | h) << 4 | 0xA | m;
    case 3:
        return bcd3 << 7 | (4 | h) << 4 | 0xE | m;
    case 4:
        return (jk | d) << 7 | fgh << 4 | 0xC | m;
    case 5:
        return (fg | d) << 7 | (2 | h) << 4 | 0xE | m;
    case 6:
        return (jk | d) << 7 | h << 4 | 0xE | m;
    default:
        return d << 7 | (6 | h) << 4 | 0xE | m;
    }
}

/* Each word holds two declets or six digits, right-justified. */
static void run_cdtbcd(struct cpu *c, const struct op *o)
{
    uint64_t from = c->gpr[o->rt], v = 0;

    for (unsigned word = 0; word < 64; word += 32)
        for (unsigned i = 0; i < 2; i++)
            v |= (uint64_t)declet_to_bcd(from >> (word + 10 * i) & 0x3FF) << (word + 12 * i);
    c->gpr[o->ra] = v;
}

static void run_cbcdtd(struct cpu *c, const struct op *o)
{
    uint64_t from = c->gpr[o->rt], v = 0;

    for (unsigned word = 0; word < 64; word += 32)
        for (unsigned i = 0; i < 2; i++)
            v |= (uint64_t)bcd_to_declet(from >> (word + 12 * i) & 0xFFF) << (word + 10 * i);
    c->gpr[o->ra] = v;
}

static const struct isa_row rows[] = {
    { "addg6s", "011111 ttttt aaaaa bbbbb x 001001010 x", run_addg6s, "t,a,b" },
    { "cdtbcd", "011111 ttttt aaaaa xxxxx 0100011010 x", run_cdtbcd, "a,t" },
    { "cbcdtd", "011111 ttttt aaaaa xxxxx 0100111010 x", run_cbcdtd, "a,t" },
};

ISA_CHAPTER(isa_fixed_bcd, "Power ISA I, 3.3.16 binary coded decimal assist", rows);
