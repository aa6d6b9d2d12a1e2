/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/jit/jit.h - translated code as the rest of the CPU sees it.
 *
 * The interpreter counts how often a block starts; a hot one becomes the head of a region (blocks along the likely
 * path) that is lowered to host code. Translations belong to all processors of a group: one makes them, any finds them
 * by the address of their first instruction.
 * Threads: a processor's own, except where any is said. */
#ifndef CPU_JIT_JIT_H
#define CPU_JIT_JIT_H

#include "base/error.h"
#include "cpu/block.h"
#include "cpu/cpu.h"

struct jit;

/* NULL and *err: no memory, or executable memory is forbidden here. */
struct jit *jit_new(struct cpu *c, struct error *err);
void jit_free(struct jit *j);

/* Counts a start of b at c->nip. The code to run instead, translated now if b just became hot; NULL: interpret. */
const uint8_t *jit_code(struct cpu *c, struct block *b);

/* Runs code and what it is linked to; afterwards nip, insns, budget and stop are as after interpreting. */
void jit_enter(struct cpu *c, const uint8_t *code);

/* Any thread: the code of a page is void. */
void jit_page_changed(struct cpu_group *g, struct code_page *p) REQUIRES(g->lock);
void jit_space_free(struct jit_space *s);       /* NULL allowed */

struct jit_counts {
    uint64_t translated, guest_ops, ns;         /* by base/counter.h: any thread may ask */
};
struct jit_counts jit_counts(const struct jit *j);

/* Any thread: how often translated code ran the C function of that row of the instruction table. */
uint64_t jit_c_calls(const struct jit *j, size_t row);

struct jit_space_counts {
    uint64_t host_bytes, evictions;             /* chunks thrown away */
};
struct jit_space_counts jit_space_counts(const struct jit_space *s);

#endif
