/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/isa/vsr_mem.h - 16-byte loads and stores of a register, as one vector move of the host where the soft TLB hits.
 *
 * A move in two halves would stall what reads the whole register next.  The order of elements is what differs between
 * the forms: in little-endian mode memory order is the host's order of a number, so lvx moves as it
 * is and lxvd2x swaps doublewords. */
#ifndef CPU_ISA_VSR_MEM_H
#define CPU_ISA_VSR_MEM_H

#include <string.h>

#include "cpu/access.h"
#include "cpu/isa/vsr.h"

typedef uint64_t vec_d __attribute__((vector_size(16)));
typedef uint32_t vec_w __attribute__((vector_size(16)));
typedef uint16_t vec_h __attribute__((vector_size(16)));
typedef uint8_t vec_b __attribute__((vector_size(16)));

static inline vec_b vec_reverse_d(vec_b v)
{
    return (vec_b)__builtin_shufflevector((vec_d)v, (vec_d)v, 1, 0);
}

static inline vec_b vec_reverse_w(vec_b v)
{
    return (vec_b)__builtin_shufflevector((vec_w)v, (vec_w)v, 3, 2, 1, 0);
}

static inline vec_b vec_reverse_h(vec_b v)
{
    return (vec_b)__builtin_shufflevector((vec_h)v, (vec_h)v, 7, 6, 5, 4, 3, 2, 1, 0);
}

static inline vec_b vec_reverse_b(vec_b v)
{
    vec_d d = (vec_d)v;     /* by halves: a baseline host has no byte shuffle */

    return (vec_b)(vec_d){ __builtin_bswap64(d[1]), __builtin_bswap64(d[0]) };
}

static inline vec_b vec_same(vec_b v)
{
    return v;
}

typedef vec_b vec_order(vec_b v);

/* As cpu_guest_read64() and its kind: races are the guest's own. */
typedef vec_b __attribute__((aligned(1), may_alias)) vec_guest;

__attribute__((no_sanitize("thread"))) static inline vec_b vec_guest_read(uintptr_t at)
{
    return *(const volatile vec_guest *)at;
}

__attribute__((no_sanitize("thread"))) static inline void vec_guest_write(uintptr_t at, vec_b v)
{
    *(volatile vec_guest *)at = v;
}

/* Loads 16 bytes into *to, their elements ordered by `order` in little-endian mode and by
 * address in big-endian mode. */
static inline bool vsr_load(struct cpu *c, ea_t where, union vsr *to, vec_order *order)
{
    const struct tlb_entry *e = tlb_entry(c->tlb, c->dmode, where);
    vec_b v;

    if (__builtin_expect(e->read_tag == tlb_tag(where, 16), 1)) {
        v = vec_guest_read(e->addend + where.v);
    } else {
        vec_b missed;               /* apart, so that v itself stays in a register */

        if (!cpu_load_bytes(c, where, &missed, 16))
            return false;
        v = missed;
    }
    v = c->le ? order(v) : vec_reverse_b(v);
    memcpy(to, &v, 16);
    return true;
}

static inline bool vsr_store(struct cpu *c, ea_t where, const union vsr *from, vec_order *order)
{
    const struct tlb_entry *e = tlb_entry(c->tlb, c->dmode, where);
    vec_b v;

    memcpy(&v, from, 16);
    v = c->le ? order(v) : vec_reverse_b(v);
    if (__builtin_expect(e->write_tag != tlb_tag(where, 16), 0))
        return cpu_store_bytes(c, where, &v, 16);
    vec_guest_write(e->addend + where.v, v);
    return true;
}

#endif
