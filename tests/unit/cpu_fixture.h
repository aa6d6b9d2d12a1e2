/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/cpu_fixture.h - one processor in real mode with a little RAM, and instructions run on it one at a time.
 *
 * Instructions are given as words built by form, so that the tests also check the rows' bits. */
#ifndef TESTS_UNIT_CPU_FIXTURE_H
#define TESTS_UNIT_CPU_FIXTURE_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <string.h>

#include <cmocka.h>

#include "cpu/run.h"

#define FIXTURE_RAM (256u << 10)
#define FIXTURE_CODE 0x1000ull /* where the instruction under test stands */
#define FIXTURE_DATA 0x10000ull

struct cpu_fixture {
    struct cpu cpu;
    uint8_t *ram; /* real address 0 on */
    struct mem_map *map;
    struct ram_window *window;
};

/* cmocka set-up and tear-down of one test: a POWER9 (or POWER8), 64-bit, little-endian, translation off. */
int cpu_fixture_new(void **state);
int cpu_fixture_new_power8(void **state);
int cpu_fixture_free(void **state);

/* Another processor on the same memory, for a thread of its own (which calls both).  NULL: no memory. */
struct cpu_fixture *cpu_fixture_share(struct cpu_fixture *f);
void cpu_fixture_unshare(struct cpu_fixture *f);

/* Decodes and runs one instruction; nip moves on.  Returns the interrupt vector it raised, 0: none, -1: illegal word.
 */
int cpu_fixture_run(struct cpu_fixture *f, uint32_t word);
/* The same with these in r4 and r5; it must not interrupt. */
void cpu_fixture_run_with(struct cpu_fixture *f, uint32_t word, uint64_t r4, uint64_t r5);

/* The word of one instruction that stands at an address; the test fails when there is none. */
uint32_t cpu_fixture_word(const struct isa *isa, const char *text, uint64_t at);
/* Puts a program into memory, one instruction a string up to NULL; branch targets are absolute. */
void cpu_fixture_put(const struct isa *isa, uint8_t *ram, uint64_t at, const char *const *text);

static inline uint32_t word_d(unsigned primary, unsigned t, unsigned a, int imm)
{
    return primary << 26 | t << 21 | a << 16 | ((uint32_t)imm & 0xFFFF);
}

/* X and XO forms of primary opcode 31: xo counts as printed; XO forms with OE add 512. */
static inline uint32_t word_x(unsigned xo, unsigned t, unsigned a, unsigned b)
{
    return 31u << 26 | t << 21 | a << 16 | b << 11 | xo << 1;
}

enum { WORD_RC = 1, WORD_OE = 512 << 1 };

#endif
