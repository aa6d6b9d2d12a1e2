/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/access.h - loads and stores of the running processor, through its soft TLB.
 *
 * Each returns true when done; false when a synchronous interrupt was raised: the caller returns at once and must not
 * have changed any state.  Values are numbers in register order: the current endianness (MSR[LE]) is already applied.
 * The _fast forms of loads only try the soft TLB: false says nothing happened yet and _slow must be called.  Any
 * alignment is allowed, page borders included; an access that may cross a page is checked whole before it starts.
 * Thread: the processor's own. */
#ifndef CPU_ACCESS_H
#define CPU_ACCESS_H

#include "cpu/cpu.h"
#include "cpu/tlb.h"

/* Guest memory at any address.  One host access each, so aligned ones are whole for other processors. */
typedef uint8_t cpu_unaligned8;
typedef uint16_t __attribute__((aligned(1))) cpu_unaligned16;
typedef uint32_t __attribute__((aligned(1))) cpu_unaligned32;
typedef uint64_t __attribute__((aligned(1))) cpu_unaligned64;

/* Processors, devices and a migration's copying race for the guest's memory because the guest lets them: its races are
 * not ours, so ThreadSanitizer does not see these accesses (C's atomics cannot be
 * used: they want aligned addresses). */
#define CPU_GUEST_ACCESS(bits)                                                                                        \
    __attribute__((no_sanitize("thread"))) static inline uint##bits##_t cpu_guest_read##bits(uintptr_t at)            \
    {                                                                                                                 \
        return *(const volatile cpu_unaligned##bits *)at;                                                             \
    }                                                                                                                 \
    __attribute__((no_sanitize("thread"))) static inline void cpu_guest_write##bits(uintptr_t at, uint##bits##_t v)   \
    {                                                                                                                 \
        *(volatile cpu_unaligned##bits *)at = v;                                                                      \
    }
CPU_GUEST_ACCESS(8)
CPU_GUEST_ACCESS(16)
CPU_GUEST_ACCESS(32)
CPU_GUEST_ACCESS(64)

#define CPU_LOAD_FAST(bits, swap)                                                                                     \
    bool cpu_load##bits##_slow(struct cpu *c, ea_t ea, uint##bits##_t *out);                                          \
    static inline bool cpu_load##bits##_fast(const struct cpu *c, ea_t ea, uint##bits##_t *out)                       \
    {                                                                                                                 \
        const struct tlb_entry *e = tlb_entry(c->tlb, c->dmode, ea);                                                  \
        uint##bits##_t v;                                                                                             \
                                                                                                                      \
        if (__builtin_expect(e->read_tag != tlb_tag(ea, bits / 8), 0))                                                \
            return false;                                                                                             \
        v = cpu_guest_read##bits(e->addend + ea.v);                                                                   \
        *out = c->le ? v : swap(v);                                                                                   \
        return true;                                                                                                  \
    }                                                                                                                 \
    static inline bool cpu_load##bits(struct cpu *c, ea_t ea, uint##bits##_t *out)                                    \
    {                                                                                                                 \
        return cpu_load##bits##_fast(c, ea, out) || cpu_load##bits##_slow(c, ea, out);                                \
    }
#define CPU_STORE_FAST(bits, swap)                                                                                    \
    bool cpu_store##bits##_slow(struct cpu *c, ea_t ea, uint##bits##_t value);                                        \
    static inline bool cpu_store##bits(struct cpu *c, ea_t ea, uint##bits##_t value)                                  \
    {                                                                                                                 \
        const struct tlb_entry *e = tlb_entry(c->tlb, c->dmode, ea);                                                  \
                                                                                                                      \
        if (__builtin_expect(e->write_tag != tlb_tag(ea, bits / 8), 0))                                               \
            return cpu_store##bits##_slow(c, ea, value);                                                              \
        cpu_guest_write##bits(e->addend + ea.v, c->le ? value : swap(value));                                         \
        return true;                                                                                                  \
    }
#define CPU_SWAP_NONE(x) (x)

CPU_LOAD_FAST(8, CPU_SWAP_NONE)
CPU_LOAD_FAST(16, __builtin_bswap16)
CPU_LOAD_FAST(32, __builtin_bswap32)
CPU_LOAD_FAST(64, __builtin_bswap64)
CPU_STORE_FAST(8, CPU_SWAP_NONE)
CPU_STORE_FAST(16, __builtin_bswap16)
CPU_STORE_FAST(32, __builtin_bswap32)
CPU_STORE_FAST(64, __builtin_bswap64)

/* len bytes (1..256) in memory order, all or nothing, crossing at most one page border. */
bool cpu_load_bytes(struct cpu *c, ea_t ea, void *out, unsigned len);
bool cpu_store_bytes(struct cpu *c, ea_t ea, const void *data, unsigned len);

/* Checks that len bytes may be loaded (or stored) without doing it;
 * raises the interrupt that the access would raise. */
bool cpu_probe_load(struct cpu *c, ea_t ea, unsigned len);
bool cpu_probe_store(struct cpu *c, ea_t ea, unsigned len);

/* Atomic read-modify-write access: host address of size (1..16) naturally aligned bytes of RAM, with store permission
 * if `store`; NULL when an interrupt was raised (alignment included).
 * Valid until this instruction ends. ra_out may be NULL. */
void *cpu_atomic_ptr(struct cpu *c, ea_t ea, unsigned size, bool store, ra_t *ra_out);

/* Raises the alignment interrupt for an access at ea. */
void cpu_alignment(struct cpu *c, ea_t ea);

#endif
