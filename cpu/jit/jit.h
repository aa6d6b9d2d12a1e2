/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/jit/jit.h - translated code as the rest of the CPU sees it.
 *
 * The interpreter counts how often a block starts; a hot one becomes the head of a region (blocks along the likely path) that is lowered to
 * host code. Code is found through its head block, so dropping the block drops the code.
 * Thread: the processor's own. */
#ifndef CPU_JIT_JIT_H
#define CPU_JIT_JIT_H

#include "base/error.h"
#include "cpu/block.h"
#include "cpu/cpu.h"

struct jit;

/* NULL and *err: no memory, or executable memory is forbidden here. */
struct jit *jit_new(struct cpu *c, struct error *err);
void jit_free(struct jit *j);

/* b became hot: translates the region that starts at c->nip. False: nothing to gain (b is left alone from now on). */
bool jit_translate(struct cpu *c, struct block *b);

/* Runs b's code and what it is linked to; afterwards nip, insns, budget and stop are as after interpreting. */
void jit_enter(struct cpu *c, struct block *b);

/* Blocks of a host page are going away (it was stored to). */
void jit_page_dropped(struct jit *j, uintptr_t page);
/* Everything is going away: the block cache empties itself. */
void jit_flush(struct jit *j);
/* Translations of fetch addresses changed: what was remembered by effective address is void. */
void jit_forget_addresses(struct jit *j);

struct jit_counts {
    uint64_t translated, flushes, guest_ops, host_bytes;     /* by base/counter.h: any thread may ask */
    uint64_t host_capacity;
};
struct jit_counts jit_counts(const struct jit *j);

#endif
