/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/fp/wide.h - 128 and 256-bit integers for significands.
 * "jam" shifts keep a sticky last bit: any 1 shifted out sets bit 0. */
#ifndef CPU_FP_WIDE_H
#define CPU_FP_WIDE_H

#include <stdint.h>

typedef unsigned __int128 u128;

struct u256 {
    u128 hi, lo;
};

#define U128_TOP ((u128)1 << 127)

/* x must not be 0. */
static inline unsigned u128_clz(u128 x)
{
    uint64_t hi = (uint64_t)(x >> 64);

    return hi ? (unsigned)__builtin_clzll(hi) : 64 + (unsigned)__builtin_clzll((uint64_t)x);
}

static inline u128 u128_shr_jam(u128 x, unsigned n)
{
    if (n == 0)
        return x;
    if (n >= 128)
        return x != 0;
    return x >> n | (x << (128 - n) != 0);
}

static inline struct u256 u256_shr_jam(struct u256 x, unsigned n)
{
    u128 lost = 0;

    if (n >= 256)
        return (struct u256){ 0, (x.hi | x.lo) != 0 };
    if (n >= 128) {
        lost = x.lo;
        x.lo = x.hi;
        x.hi = 0;
        n -= 128;
    }
    if (n) {
        lost |= x.lo << (128 - n);
        x.lo = x.lo >> n | x.hi << (128 - n);
        x.hi >>= n;
    }
    x.lo |= lost != 0;
    return x;
}

static inline struct u256 u256_shl(struct u256 x, unsigned n)
{
    if (n >= 128) {
        x.hi = x.lo;
        x.lo = 0;
        n -= 128;
    }
    if (n) {
        x.hi = x.hi << n | x.lo >> (128 - n);
        x.lo <<= n;
    }
    return x;
}

static inline struct u256 u256_add(struct u256 a, struct u256 b, unsigned *carry)
{
    u128 lo = a.lo + b.lo;
    u128 hi = a.hi + b.hi;
    unsigned out = hi < a.hi;

    if (lo < a.lo)
        out |= ++hi == 0;
    *carry = out;
    return (struct u256){ hi, lo };
}

static inline struct u256 u256_sub(struct u256 a, struct u256 b)
{
    return (struct u256){ a.hi - b.hi - (a.lo < b.lo), a.lo - b.lo };
}

static inline struct u256 u256_mul(u128 a, u128 b)
{
    uint64_t a1 = (uint64_t)(a >> 64), a0 = (uint64_t)a, b1 = (uint64_t)(b >> 64), b0 = (uint64_t)b;
    u128 low = (u128)a0 * b0;
    u128 mid1 = (u128)a1 * b0 + (uint64_t)(low >> 64);
    u128 mid2 = (u128)a0 * b1 + (uint64_t)mid1;

    return (struct u256){ (u128)a1 * b1 + (uint64_t)(mid1 >> 64) + (uint64_t)(mid2 >> 64), mid2 << 64 | (uint64_t)low };
}

#endif
