/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/hcall_rig.h - a machine that never runs, and hypercalls made by hand on its processors. */
#ifndef TESTS_UNIT_HCALL_RIG_H
#define TESTS_UNIT_HCALL_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "papr/hcalls.h"
#include "papr/hpt.h"
#include "papr/xics.h"

#define RIG_MEMORY (256ull << 20)
#define RIG_CEILING (1ull << 30)

struct rig {
    struct papr *p;
    struct vcpu *v;                                 /* the caller; processor 0 at first */
    uint64_t r4, r5, r6, r7, r8, r9, r10, r11, r12; /* what the last call left */
};

void rig_up(struct rig *r, unsigned cpus, enum isa_level level, struct console *con);
/* A second machine: no thread registration; papr_free() ends it. */
void rig_new(struct rig *r, unsigned cpus, enum isa_level level, struct console *con);
void rig_down(struct rig *r);
/* The same as fixtures of cmocka: *state is the rig, of which there is one; no console. */
int rig_begin(void **state, unsigned cpus, enum isa_level level);
int rig_end(void **state);

/* Up to nine arguments; the rest are a pattern. Returns r3. */
int64_t rig_call(struct rig *r, uint64_t opcode, unsigned n, const uint64_t *arg);
#define H(r, op, ...) \
    rig_call(r, op, sizeof((uint64_t[]){ 0, ##__VA_ARGS__ }) / 8 - 1, (uint64_t[]){ 0, ##__VA_ARGS__ } + 1)

/* Stores big-endian numbers into guest memory. */
void rig_put32(struct rig *r, uint64_t addr, uint32_t v);
uint32_t rig_get32(struct rig *r, uint64_t addr);

/* The words of an HPTE: base 4K page in a 256 MiB segment. */
static inline uint64_t hpte_v_4k(uint64_t vsid, uint64_t offset)
{
    return (vsid << 5 | offset >> 23) << 7 | HPTE_V_V;
}

#endif
