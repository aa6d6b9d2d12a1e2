/* SPDX-License-Identifier: Apache-2.0 */
/* tests/isa/rng.h - the pseudo-random numbers of the instruction tests (SplitMix64): the same
 * case for ever from its seed. */
#ifndef TESTS_ISA_RNG_H
#define TESTS_ISA_RNG_H

#include <stdbool.h>
#include <stdint.h>

struct rng {
    uint64_t state;
};

static inline uint64_t rng_next(struct rng *r)
{
    uint64_t z = r->state += 0x9E3779B97F4A7C15ull;

    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ z >> 27) * 0x94D049BB133111EBull;
    return z ^ z >> 31;
}

/* 0 .. n - 1 */
static inline unsigned rng_below(struct rng *r, unsigned n)
{
    return (unsigned)((rng_next(r) >> 32) * n >> 32);
}

/* True once in n times. */
static inline bool rng_once_in(struct rng *r, unsigned n)
{
    return rng_below(r, n) == 0;
}

/* Two draws in one expression would be drawn in the order the compiler likes: every draw has its statement, so that
 * cases are the same everywhere. */
static inline unsigned __int128 rng_next128(struct rng *r)
{
    uint64_t high = rng_next(r), low = rng_next(r);

    return (unsigned __int128)high << 64 | low;
}

#endif
