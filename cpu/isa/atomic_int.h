/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/isa/atomic_int.h - one host access for one guest access: loads and compare-and-swap of 1 to 16 aligned bytes.
 *
 * Threads: the processor's own, on memory that other processors use too.
 * The loads order nothing; a compare-and-swap that stores is a full fence.  Values are in memory order: in_order() and
 * in_order128() turn register order into memory order of the present mode, and back.
 * 16-byte accesses: x86-64 hosts with AVX move 16 aligned bytes at once. */
#ifndef CPU_ISA_ATOMIC_INT_H
#define CPU_ISA_ATOMIC_INT_H

#include <string.h>

#include "cpu/cpu.h"

typedef unsigned __int128 u128;
typedef long long vec16 __attribute__((vector_size(16))); /* moved by one aligned 16-byte host access */

static inline u128 swap128(u128 v)
{
    return (u128)__builtin_bswap64((uint64_t)v) << 64 | __builtin_bswap64((uint64_t)(v >> 64));
}

static inline uint64_t in_order(const struct cpu *c, uint64_t v, unsigned size)
{
    return c->le ? v : __builtin_bswap64(v) >> (64 - 8 * size);
}

static inline u128 in_order128(const struct cpu *c, u128 v)
{
    return c->le ? v : swap128(v);
}

/* What is at p now. */
static inline uint64_t peek(const void *p, unsigned size)
{
    switch (size) {
    case 1:
        return __atomic_load_n((const uint8_t *)p, __ATOMIC_RELAXED);
    case 2:
        return __atomic_load_n((const uint16_t *)p, __ATOMIC_RELAXED);
    case 4:
        return __atomic_load_n((const uint32_t *)p, __ATOMIC_RELAXED);
    default:
        return __atomic_load_n((const uint64_t *)p, __ATOMIC_RELAXED);
    }
}

/* C has no atomic load of 16 bytes that is one, so ThreadSanitizer is not to look. */
__attribute__((no_sanitize("thread"))) static inline u128 peek128(const void *p)
{
    vec16 v = *(const volatile vec16 *)p;
    u128 out;

    memcpy(&out, &v, sizeof(out));
    return out;
}

#define SWAP_IF(type)                                                                                         \
    ({                                                                                                        \
        type e = (type)expected;                                                                              \
        __atomic_compare_exchange_n((type *)p, &e, (type)desired, false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED); \
    })

/* Compare-and-swap in memory order. */
static inline bool swap_if(void *p, unsigned size, uint64_t expected, uint64_t desired)
{
    switch (size) {
    case 1:
        return SWAP_IF(uint8_t);
    case 2:
        return SWAP_IF(uint16_t);
    case 4:
        return SWAP_IF(uint32_t);
    default:
        return SWAP_IF(uint64_t);
    }
}

__attribute__((target("cx16"))) static inline bool swap_if128(void *p, u128 expected, u128 desired)
{
    return __sync_bool_compare_and_swap((u128 *)p, expected, desired);
}

#endif
