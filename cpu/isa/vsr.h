/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/isa/vsr.h - what the vector chapters share: naming a VMX register, element loops, saturation.
 *
 * A VMX operand is 0..31 and lives in VSR 32..63.  Loops that treat all elements alike run over the host arrays of
 * union vsr in host order; what cares about the position of an element uses the mirrored VSR_* macros. */
#ifndef CPU_ISA_VSR_H
#define CPU_ISA_VSR_H

#include <string.h>

#include "cpu/op.h"

/* VMX register n as an lvalue. */
#define VR(c, n) ((c)->vsr[32 + (n)])

#define LANES(v, lane) (sizeof((v).lane) / sizeof((v).lane[0]))

/* Defines run_NAME for VRT <- EXPR per element of member `lane`; EXPR sees the old registers a, b and index i. */
#define VMX_LANES(name, lane, expr)                                                                                   \
    static void run_##name(struct cpu *c, const struct op *o)                                                         \
    {                                                                                                                 \
        union vsr a = VR(c, o->ra), b = VR(c, o->rb), r;                                                              \
                                                                                                                      \
        (void)a;                                                                                                      \
        (void)b;                                                                                                      \
        for (unsigned i = 0; i < LANES(r, lane); i++)                                                                 \
            r.lane[i] = (__typeof__(r.lane[0]))(expr);                                                                \
        VR(c, o->rt) = r;                                                                                             \
    }

/* Each byte of the control picks byte 0..31 of a then b (flip 0), or counts from the other end (flip 31). */
static inline union vsr vsr_permute(union vsr a, union vsr b, union vsr control, unsigned flip)
{
    uint8_t both[32];       /* in host order: the book's byte n of a, b is byte 31 - n here */
    union vsr r;

    memcpy(both, b.b, 16);
    memcpy(both + 16, a.b, 16);
    for (unsigned i = 0; i < 16; i++)
        r.b[i] = both[~(control.b[i] ^ flip) & 31];
    return r;
}

/* x limited to lo..hi; tells when that changed it. */
static inline int64_t vsr_clamp(int64_t x, int64_t lo, int64_t hi, bool *sat)
{
    int64_t y = x < lo ? lo : x > hi ? hi : x;

    *sat |= x != y;
    return y;
}

static inline void vsr_saturated(struct cpu *c, bool sat)
{
    if (sat)
        c->vscr |= VSCR_SAT;
}

#endif
