/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/isa/fixed_mem.h - addresses of the update forms, and 16-byte accesses that no other processor sees torn.
 * Thread: the processor's own. */
#ifndef CPU_ISA_FIXED_MEM_H
#define CPU_ISA_FIXED_MEM_H

#include "cpu/access.h"
#include "cpu/op.h"

/* Update forms have no (RA|0): RA = 0 is an invalid form. */
static inline ea_t fixed_ea_du(const struct cpu *c, const struct op *o)
{
    return ea((c->gpr[o->ra] + (uint64_t)(int64_t)o->imm) & c->ea_mask);
}

static inline ea_t fixed_ea_xu(const struct cpu *c, const struct op *o)
{
    return ea((c->gpr[o->ra] + c->gpr[o->rb]) & c->ea_mask);
}

/* (RA|0), of the forms without displacement. */
static inline ea_t fixed_ea_a(const struct cpu *c, const struct op *o)
{
    return ea(ra_or_zero(c, o) & c->ea_mask);
}

/* lq and stq (cpu/isa/atomic.c): naturally aligned, else the alignment interrupt.  False: an interrupt was raised. */
bool fixed_load_quad(struct cpu *c, ea_t at, unsigned __int128 *out);
bool fixed_store_quad(struct cpu *c, ea_t at, unsigned __int128 value);

#endif
