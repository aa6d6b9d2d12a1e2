/* SPDX-License-Identifier: Apache-2.0 */
/* papr/cas.h - ibm,client-architecture-support: what guest and machine agree on
 * (LoPAR, "PAPR binding", option vectors).
 *
 * Threads: cas_negotiate() on the calling processor's thread while all others are in RTAS stopped
 * state; the rest any, afterwards. */
#ifndef PAPR_CAS_H
#define PAPR_CAS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/state.h"
#include "papr/papr_int.h"

/* Bits of option vector 5: byte << 8 | mask, bytes counted from 1 = the first after the length. */
enum ov5_bit {
    OV5_LPAR = 0x0280,
    OV5_SPLPAR = 0x0240,
    OV5_DRMEM = 0x0220,
    OV5_LARGE_PAGES = 0x0210,
    OV5_FORM1 = 0x0580,
    OV5_HP_EVT = 0x0604,
    OV5_RESIZE_HPT = 0x0601,
    OV5_DRMEM_V2 = 0x1680,
    OV5_DRC_INFO = 0x1640,
};

enum {
    CAS_VECTOR_BYTES = 27,              /* bytes 0 (length) to 26 (radix extensions) */
    CAS_VECTOR_MAX = 32,
    CAS_MULTI_THREADS_ACTIVE = -9005,
};

struct cas_state {
    bool negotiated;
    uint8_t ov5[CAS_VECTOR_BYTES];      /* index = byte number; 0 unused */
    uint32_t compat_pvr;                /* logical PVR the guest runs under; 0: the processor's own */
};

struct cas_state *cas_new(struct error *err);
void cas_free(struct cas_state *cas);
void cas_reset(struct cas_state *cas);

/* Reads the vectors at `vectors` and, if they suit, takes over their common part. 0, or the status for the guest, and
 * nothing changed. The caller rebuilds the tree. */
uint32_t cas_negotiate(struct vcpu *v, uint64_t vectors);

bool cas_has(const struct cas_state *cas, enum ov5_bit bit);
/* /chosen ibm,arch-vec-5-platform-support: pairs of byte number and value. Returns the length. */
size_t cas_platform_support(uint8_t out[CAS_VECTOR_MAX]);
/* /chosen ibm,architecture-vec-5; 0: nothing negotiated yet. */
size_t cas_vector5(const struct cas_state *cas, uint8_t out[CAS_VECTOR_MAX]);
/* The cpu-version property, and the level of the instruction set to tell the guest about. */
uint32_t cas_cpu_version(const struct cas_state *cas, const struct vcpu *v);
enum isa_level cas_isa_level(const struct cas_state *cas, const struct vcpu *v);

extern const struct state_list cas_state_list;

#endif
