/* SPDX-License-Identifier: Apache-2.0 */
/* base/addr.h - the three kinds of address, as types that cannot mix.
 * Effective (what an instruction computes), real (guest physical), and host (an ordinary pointer). */
#ifndef BASE_ADDR_H
#define BASE_ADDR_H

#include <stdint.h>

typedef struct {
    uint64_t v;
} ea_t;

typedef struct {
    uint64_t v;
} ra_t;

static inline ea_t ea(uint64_t v)
{
    return (ea_t){ v };
}

static inline ra_t ra(uint64_t v)
{
    return (ra_t){ v };
}

#endif
