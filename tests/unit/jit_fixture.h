/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/jit_fixture.h - two processors, each with its own memory: one translates, one interprets. The same program
 * runs on both, and everything the guest can see must be the same afterwards.
 *
 * Real mode, code at JIT_CODE, data below it. Every interrupt vector holds "sc 1", which ends a run. */
#ifndef TESTS_UNIT_JIT_FIXTURE_H
#define TESTS_UNIT_JIT_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cpu/run.h"

enum { JIT_RAM = 256 << 10, JIT_CODE = 0x30000, JIT_WARM = 45 };
#define WORD_SC1 0x44000022u
#define WORD_BDNZ(distance) (0x42000000u | ((uint32_t)(distance) & 0xfffc))

struct jit_side {
    struct cpu cpu;
    uint8_t *ram;
    struct mem_map *map;
    struct ram_window *window;
};

struct jit_pair {
    struct jit_side jit, interp;
    uint64_t seed;
};

int jit_pair_new(void **state);
int jit_pair_free(void **state);

/* All of both memories is also at another real address. */
void jit_pair_alias(struct jit_pair *p, ra_t at);

uint64_t jit_random(struct jit_pair *p);

/* Puts n words at an address of both memories, as a store of the guest's would. */
void jit_pair_code(struct jit_pair *p, uint64_t at, const uint32_t *words, unsigned n);

/* Both processors get these registers (problem state and MSR), then run until "sc 1" or a machine check from nip. */
void jit_pair_run(struct jit_pair *p, const struct cpu *start);

/* Is there a difference? Prints it. */
bool jit_pair_differ(struct jit_pair *p);

/* Registers to begin with: 0, MSR for everything, nip at JIT_CODE. */
void jit_start_state(const struct jit_pair *p, struct cpu *start);

#endif
