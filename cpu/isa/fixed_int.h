/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/isa/fixed_int.h - what the fixed-point and branch chapters share: mode, carries, recording, CR bits.
 * Thread: the processor's own. */
#ifndef CPU_ISA_FIXED_INT_H
#define CPU_ISA_FIXED_INT_H

#include "cpu/op.h"

static inline bool fixed_is_64(const struct cpu *c)
{
    return c->ea_mask >> 32;
}

/* Carry out of bit 0 (the most significant) of sum = a + b + carry in. */
static inline unsigned fixed_carry64(uint64_t a, uint64_t b, uint64_t sum)
{
    return (unsigned)(((a & b) | ((a | b) & ~sum)) >> 63);
}

/* a + b + carry, setting CA and CA32. */
static inline uint64_t fixed_add_carrying(struct cpu *c, uint64_t a, uint64_t b, unsigned carry)
{
    uint64_t sum = a + b + carry;
    unsigned carry32 = (unsigned)((a ^ b ^ sum) >> 32) & 1, carry64 = fixed_carry64(a, b, sum);

    c->ca = (uint8_t)(fixed_is_64(c) ? carry64 : carry32);
    c->ca32 = (uint8_t)carry32;
    return sum;
}

/* Is OE or Rc set in an XO form? */
static inline bool fixed_wants_flags(const struct op *o)
{
    return __builtin_expect(o->word & 0x401, 0);
}

/* LT, GT or EQ without a branch: which one it is hangs on the guest's data. */
static inline uint8_t fixed_order(bool less, bool greater)
{
    return (uint8_t)(CR_EQ + less * (CR_LT - CR_EQ) + greater * (CR_GT - CR_EQ));
}

/* Results that only Rc looks at. */
static inline void fixed_put_rt(struct cpu *c, const struct op *o, uint64_t v)
{
    c->gpr[o->rt] = v;
    if (__builtin_expect(o->rc_bit, 0))
        cpu_record_cr0(c, v);
}

static inline void fixed_put_ra(struct cpu *c, const struct op *o, uint64_t v)
{
    c->gpr[o->ra] = v;
    if (__builtin_expect(o->rc_bit, 0))
        cpu_record_cr0(c, v);
}

/* CR bit 0..31 as the book numbers them. */
static inline unsigned fixed_cr_bit(const struct cpu *c, unsigned bit)
{
    return c->cr[bit >> 2] >> (~bit & 3) & 1u;
}

static inline void fixed_set_cr_bit(struct cpu *c, unsigned bit, unsigned value)
{
    unsigned shift = ~bit & 3;

    c->cr[bit >> 2] = (uint8_t)((c->cr[bit >> 2] & ~(1u << shift)) | value << shift);
}

#endif
