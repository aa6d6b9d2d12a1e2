/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/group.h - what the processors of one machine share: where code is (cpu/code_map.h), its translations (cpu/jit/),
 * and the clock by which one of them changes either while the others run.
 *
 * The clock ticks when something was changed that a processor may still be using: a page that became code while a fast
 * store path to it may stand in somebody's soft TLB, translated code that is to be overwritten. Each processor notes
 * the time up to which it has caught up, always at a place where it holds nothing of the past: before it decodes, and
 * when its read section is renewed (at most one budget later, and soon, because a tick asks for attention). Nobody
 * waits: who needs a change settled asks cpu_group_passed() and does without until then.
 *  G1  When cpu_group_passed(g, t), every processor has acted upon all ticks up to t, or is outside cpu_run() and will
 *      before its next guest instruction.
 * Threads: any; the functions with a struct cpu, that processor's own. */
#ifndef CPU_GROUP_H
#define CPU_GROUP_H

#include "base/addr.h"
#include "base/lock.h"
#include "cpu/cpu.h"

struct code_map;
struct jit_space;

enum { GROUP_TICKS = 256 };

struct cpu_group {
    struct lock lock;
    struct cpu *first;                      /* members, by group_next; under lock, as all below */
    _Atomic uint64_t clock;                 /* read without the lock */
    uintptr_t protect[GROUP_TICKS];         /* by tick: page of host memory to take fast store paths from; 0: none */
    struct code_map *code;
    struct jit_space *jit;                  /* NULL: nobody translates yet */
    unsigned code_chunks;                   /* of translated code, at most JIT_CHUNKS */
};

struct cpu_group *cpu_group_new(void);      /* NULL: no memory */
/* At most so much translated code, in whole chunks; before the first processor joins. */
void cpu_group_limit_code(struct cpu_group *g, uint64_t bytes);
void cpu_group_free(struct cpu_group *g);   /* after its last processor left */

void cpu_group_join(struct cpu_group *g, struct cpu *c);
void cpu_group_leave(struct cpu *c);

/* cpu_run() begins and ends. In between fast store paths and translated code may be in use. */
void cpu_group_enter(struct cpu *c);
void cpu_group_exit(struct cpu *c);

/* Acts upon all ticks so far. */
void cpu_group_catch_up(struct cpu *c) REQUIRES(c->group->lock);
void cpu_group_look_now(struct cpu *c);
static inline void cpu_group_look(struct cpu *c)
{
    if (atomic_load_explicit(&c->group->clock, memory_order_acquire) != c->caught_up)
        cpu_group_look_now(c);
}

/* Ticks; returns the new time. page, if not 0: no store to it may go unseen from now on. */
uint64_t cpu_group_tick(struct cpu_group *g, uintptr_t page) REQUIRES(g->lock);
bool cpu_group_passed(const struct cpu_group *g, uint64_t when) REQUIRES(g->lock);
/* Makes every processor leave translated code soon. */
void cpu_group_attention(struct cpu_group *g) REQUIRES(g->lock);

#endif
