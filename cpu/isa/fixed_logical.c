/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/isa/fixed_logical.c - boolean operations, sign extension, counts and bit permutes of fixed-point numbers.
 *
 * Spec: Power ISA 3.0B Book I, 3.3.13 (Fixed-Point Logical Instructions); priority hints: Book II, 3.2.
 * Thread: the processor's own.
 * Invariant: `or` without Rc, the guest's register move, tests nothing but "are all three registers one". */
#include <sched.h>

#include "cpu/isa/chapters.h"
#include "cpu/isa/fixed_int.h"

#define EACH_BYTE 0x0101010101010101ull

static void run_andi(struct cpu *c, const struct op *o)
{
    uint64_t v = c->gpr[o->rt] & (uint32_t)o->imm;

    c->gpr[o->ra] = v;
    cpu_record_cr0(c, v);
}

static void run_andis(struct cpu *c, const struct op *o)
{
    uint64_t v = c->gpr[o->rt] & (uint32_t)o->imm << 16;

    c->gpr[o->ra] = v;
    cpu_record_cr0(c, v);
}

static void run_ori(struct cpu *c, const struct op *o)
{
    c->gpr[o->ra] = c->gpr[o->rt] | (uint32_t)o->imm;
}

static void run_oris(struct cpu *c, const struct op *o)
{
    c->gpr[o->ra] = c->gpr[o->rt] | (uint32_t)o->imm << 16;
}

static void run_xori(struct cpu *c, const struct op *o)
{
    c->gpr[o->ra] = c->gpr[o->rt] ^ (uint32_t)o->imm;
}

static void run_xoris(struct cpu *c, const struct op *o)
{
    c->gpr[o->ra] = c->gpr[o->rt] ^ (uint32_t)o->imm << 16;
}

static void run_and(struct cpu *c, const struct op *o)
{
    fixed_put_ra(c, o, c->gpr[o->rt] & c->gpr[o->rb]);
}

static void run_andc(struct cpu *c, const struct op *o)
{
    fixed_put_ra(c, o, c->gpr[o->rt] & ~c->gpr[o->rb]);
}

static void run_nand(struct cpu *c, const struct op *o)
{
    fixed_put_ra(c, o, ~(c->gpr[o->rt] & c->gpr[o->rb]));
}

static void run_nor(struct cpu *c, const struct op *o)
{
    fixed_put_ra(c, o, ~(c->gpr[o->rt] | c->gpr[o->rb]));
}

static void run_orc(struct cpu *c, const struct op *o)
{
    fixed_put_ra(c, o, c->gpr[o->rt] | ~c->gpr[o->rb]);
}

static void run_xor(struct cpu *c, const struct op *o)
{
    fixed_put_ra(c, o, c->gpr[o->rt] ^ c->gpr[o->rb]);
}

static void run_eqv(struct cpu *c, const struct op *o)
{
    fixed_put_ra(c, o, ~(c->gpr[o->rt] ^ c->gpr[o->rb]));
}

/* or r,r,r: a program priority, or (27) a hint that another processor should run.  Registers not named do nothing.
 * Low priority is the body of a spin loop, or one pause in straight code: about one in 16 lets the host run another
 * thread, such as the lock's holder, so that loops get there in a microsecond and single pauses cost little. */
static __attribute__((noinline)) void priority_hint(struct cpu *c, unsigned reg)
{
    bool problem = c->msr & MSR_PR;
    unsigned priority = 0;

    switch (reg) {
    case 31:
        priority = problem ? 0 : 1;
        break;
    case 1:
        priority = 2;
        break;
    case 6:
        priority = 3;
        break;
    case 2:
        priority = 4;
        break;
    case 5:
        priority = problem ? 0 : 5;
        break;
    case 3:
        priority = problem ? 0 : 6;
        break;
    default:
        break;
    }
    if (priority)
        c->spr[SPR_PPR] = (c->spr[SPR_PPR] & ~(7ull << 50)) | (uint64_t)priority << 50;
    if (reg == 27 || ((priority == 1 || priority == 2) && (c->insns & 255) < 16))
        sched_yield();
}

static void run_or(struct cpu *c, const struct op *o)
{
    c->gpr[o->ra] = c->gpr[o->rt] | c->gpr[o->rb];
    if (__builtin_expect(o->ra == o->rt && o->rt == o->rb, 0))
        priority_hint(c, o->rt);
}

static void run_or_rc(struct cpu *c, const struct op *o)
{
    uint64_t v = c->gpr[o->rt] | c->gpr[o->rb];

    c->gpr[o->ra] = v;
    cpu_record_cr0(c, v);
}

static void run_extsb(struct cpu *c, const struct op *o)
{
    fixed_put_ra(c, o, (uint64_t)(int64_t)(int8_t)c->gpr[o->rt]);
}

static void run_extsh(struct cpu *c, const struct op *o)
{
    fixed_put_ra(c, o, (uint64_t)(int64_t)(int16_t)c->gpr[o->rt]);
}

static void run_extsw(struct cpu *c, const struct op *o)
{
    fixed_put_ra(c, o, (uint64_t)(int64_t)(int32_t)c->gpr[o->rt]);
}

static void run_cntlzw(struct cpu *c, const struct op *o)
{
    uint32_t v = (uint32_t)c->gpr[o->rt];

    fixed_put_ra(c, o, v ? (unsigned)__builtin_clz(v) : 32);
}

static void run_cntlzd(struct cpu *c, const struct op *o)
{
    uint64_t v = c->gpr[o->rt];

    fixed_put_ra(c, o, v ? (unsigned)__builtin_clzll(v) : 64);
}

static void run_cnttzw(struct cpu *c, const struct op *o)
{
    uint32_t v = (uint32_t)c->gpr[o->rt];

    fixed_put_ra(c, o, v ? (unsigned)__builtin_ctz(v) : 32);
}

static void run_cnttzd(struct cpu *c, const struct op *o)
{
    uint64_t v = c->gpr[o->rt];

    fixed_put_ra(c, o, v ? (unsigned)__builtin_ctzll(v) : 64);
}

/* 0xFF in each byte where RS and RB agree. */
static void run_cmpb(struct cpu *c, const struct op *o)
{
    uint64_t differ = c->gpr[o->rt] ^ c->gpr[o->rb];
    uint64_t low7 = (differ & ~(EACH_BYTE << 7)) + (EACH_BYTE * 0x7F);
    uint64_t equal = ~(low7 | differ | (EACH_BYTE * 0x7F)) >> 7;

    c->gpr[o->ra] = equal * 0xFF;
}

static uint64_t byte_counts(uint64_t v)
{
    v -= v >> 1 & 0x5555555555555555;
    v = (v & 0x3333333333333333) + (v >> 2 & 0x3333333333333333);
    return (v + (v >> 4)) & (EACH_BYTE * 0x0F);
}

static void run_popcntb(struct cpu *c, const struct op *o)
{
    c->gpr[o->ra] = byte_counts(c->gpr[o->rt]);
}

static void run_popcntw(struct cpu *c, const struct op *o)
{
    uint64_t v = byte_counts(c->gpr[o->rt]);

    v += v >> 8;
    v += v >> 16;
    c->gpr[o->ra] = v & 0x0000003F0000003F;
}

static void run_popcntd(struct cpu *c, const struct op *o)
{
    c->gpr[o->ra] = byte_counts(c->gpr[o->rt]) * EACH_BYTE >> 56;
}

/* Parity of the least significant bits of the bytes. */
static void run_prtyw(struct cpu *c, const struct op *o)
{
    uint64_t v = c->gpr[o->rt];

    v ^= v >> 16;
    v ^= v >> 8;
    c->gpr[o->ra] = v & 0x0000000100000001;
}

static void run_prtyd(struct cpu *c, const struct op *o)
{
    uint64_t v = c->gpr[o->rt];

    v ^= v >> 32;
    v ^= v >> 16;
    v ^= v >> 8;
    c->gpr[o->ra] = v & 1;
}

/* Byte i of RS (0 = most significant) picks a bit of RB for bit 56 + i of RA. */
static void run_bpermd(struct cpu *c, const struct op *o)
{
    uint64_t index = c->gpr[o->rt], from = c->gpr[o->rb], v = 0;

    for (unsigned i = 0; i < 8; i++) {
        unsigned bit = index >> (8 * i) & 0xFF;

        if (bit < 64)
            v |= (from >> (63 - bit) & 1) << i;
    }
    c->gpr[o->ra] = v;
}

static const struct isa_row rows[] = {
    { "andi.", "011100 ttttt aaaaa uuuuuuuuuuuuuuuu", run_andi, "a,t,u" },
    { "andis.", "011101 ttttt aaaaa uuuuuuuuuuuuuuuu", run_andis, "a,t,u" },
    { "ori", "011000 ttttt aaaaa uuuuuuuuuuuuuuuu", run_ori, "a,t,u" },
    { "oris", "011001 ttttt aaaaa uuuuuuuuuuuuuuuu", run_oris, "a,t,u" },
    { "xori", "011010 ttttt aaaaa uuuuuuuuuuuuuuuu", run_xori, "a,t,u" },
    { "xoris", "011011 ttttt aaaaa uuuuuuuuuuuuuuuu", run_xoris, "a,t,u" },
    { "and", "011111 ttttt aaaaa bbbbb 0000011100 r", run_and, "a,t,b" },
    { "andc", "011111 ttttt aaaaa bbbbb 0000111100 r", run_andc, "a,t,b" },
    { "nand", "011111 ttttt aaaaa bbbbb 0111011100 r", run_nand, "a,t,b" },
    { "nor", "011111 ttttt aaaaa bbbbb 0001111100 r", run_nor, "a,t,b" },
    { "or", "011111 ttttt aaaaa bbbbb 0110111100 0", run_or, "a,t,b" },
    { "or.", "011111 ttttt aaaaa bbbbb 0110111100 1", run_or_rc, "a,t,b" },
    { "orc", "011111 ttttt aaaaa bbbbb 0110011100 r", run_orc, "a,t,b" },
    { "xor", "011111 ttttt aaaaa bbbbb 0100111100 r", run_xor, "a,t,b" },
    { "eqv", "011111 ttttt aaaaa bbbbb 0100011100 r", run_eqv, "a,t,b" },
    { "extsb", "011111 ttttt aaaaa xxxxx 1110111010 r", run_extsb, "a,t" },
    { "extsh", "011111 ttttt aaaaa xxxxx 1110011010 r", run_extsh, "a,t" },
    { "extsw", "011111 ttttt aaaaa xxxxx 1111011010 r", run_extsw, "a,t" },
    { "cntlzw", "011111 ttttt aaaaa xxxxx 0000011010 r", run_cntlzw, "a,t" },
    { "cntlzd", "011111 ttttt aaaaa xxxxx 0000111010 r", run_cntlzd, "a,t" },
    { "cnttzw", "011111 ttttt aaaaa xxxxx 1000011010 r", run_cnttzw, "a,t", ISA_V3 },
    { "cnttzd", "011111 ttttt aaaaa xxxxx 1000111010 r", run_cnttzd, "a,t", ISA_V3 },
    { "cmpb", "011111 ttttt aaaaa bbbbb 0111111100 x", run_cmpb, "a,t,b" },
    { "popcntb", "011111 ttttt aaaaa xxxxx 0001111010 x", run_popcntb, "a,t" },
    { "popcntw", "011111 ttttt aaaaa xxxxx 0101111010 x", run_popcntw, "a,t" },
    { "popcntd", "011111 ttttt aaaaa xxxxx 0111111010 x", run_popcntd, "a,t" },
    { "prtyw", "011111 ttttt aaaaa xxxxx 0010011010 x", run_prtyw, "a,t" },
    { "prtyd", "011111 ttttt aaaaa xxxxx 0010111010 x", run_prtyd, "a,t" },
    { "bpermd", "011111 ttttt aaaaa bbbbb 0011111100 x", run_bpermd, "a,t,b" },
};

ISA_CHAPTER(isa_fixed_logical, "Power ISA I, 3.3.13 fixed-point logical", rows);
