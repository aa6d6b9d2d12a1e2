/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/fp/single.h - the format changes of loading and storing a single: bits only, no rounding, no exceptions.
 *
 * Spec: Power ISA I, "Double-Precision Operands" of the floating-point loads and stores: DOUBLE(WORD) and SINGLE(FRS).
 * Used by lfs, stfs, lxsspx, stxsspx, lxssp, stxssp and their relatives.  Threads: pure functions. */
#ifndef CPU_FP_SINGLE_H
#define CPU_FP_SINGLE_H

#include <stdint.h>

/* DOUBLE(): exact for every single; a signalling NaN stays signalling. */
static inline uint64_t fp_single_to_double(uint32_t s)
{
    uint64_t sign = (uint64_t)(s >> 31) << 63;
    uint32_t exp = s >> 23 & 0xff;
    uint64_t frac = s & 0x7fffff;
    unsigned shift;

    if (exp == 0xff)
        return sign | 0x7ffull << 52 | frac << 29;
    if (exp)
        return sign | (uint64_t)(exp + 896) << 52 | frac << 29;
    if (!frac)
        return sign;
    shift = (unsigned)__builtin_clz((uint32_t)frac) - 8;    /* brings the leading one to bit 23 */
    return sign | (uint64_t)(897 - shift) << 52 | (frac << shift & 0x7fffff) << 29;
}

/* SINGLE(): truncates the fraction, as the book's store does; what is below the smallest denormal becomes zero. */
static inline uint32_t fp_double_to_single(uint64_t d)
{
    uint32_t sign = (uint32_t)(d >> 63) << 31;
    unsigned exp = d >> 52 & 0x7ff;
    uint64_t frac = (d & 0xfffffffffffffull) | 1ull << 52;

    if (exp > 896)
        return (uint32_t)(d >> 62) << 30 | (uint32_t)(d >> 29 & 0x3fffffff);
    if (exp < 874)
        return sign;
    return sign | (uint32_t)(frac >> (29 + 897 - exp));
}

#endif
