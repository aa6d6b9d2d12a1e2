/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/group.c - see group.h.
 *
 * cpu.seen is the time up to which a processor has caught up, CPU_OUTSIDE while it is outside cpu_run(). Entering
 * stores it and then looks at the clock;
 * a tick moves the clock and then looks at seen: one of the two sees the other. */
#include "cpu/group.h"

#include <stdlib.h>

#include "cpu/code_map.h"
#include "cpu/jit/jit.h"
#include "cpu/limits.h"
#include "cpu/tlb.h"

#define CPU_OUTSIDE UINT64_MAX

struct cpu_group *cpu_group_new(void)
{
    struct cpu_group *g = calloc(1, sizeof(*g));

    if (!g)
        return NULL;
    lock_init(&g->lock);
    g->code_chunks = JIT_CHUNKS;
    g->code = code_map_new(g);
    if (!g->code) {
        cpu_group_free(g);
        return NULL;
    }
    return g;
}

void cpu_group_limit_code(struct cpu_group *g, uint64_t bytes)
{
    uint64_t chunks = bytes / JIT_CHUNK_BYTES, least = JIT_SPARE_CHUNKS + 2;

    g->code_chunks = (unsigned)(chunks < least ? least : chunks < JIT_CHUNKS ? chunks : JIT_CHUNKS);
}

void cpu_group_free(struct cpu_group *g)
{
    if (!g)
        return;
    jit_space_free(g->jit);
    code_map_free(g->code);
    lock_fini(&g->lock);
    free(g);
}

void cpu_group_join(struct cpu_group *g, struct cpu *c)
{
    lock_take(&g->lock);
    c->group = g;
    c->group_next = g->first;
    c->caught_up = atomic_load(&g->clock);
    atomic_store(&c->seen, CPU_OUTSIDE);
    g->first = c;
    lock_drop(&g->lock);
}

void cpu_group_leave(struct cpu *c)
{
    struct cpu_group *g = c->group;
    struct cpu **at;

    lock_take(&g->lock);
    for (at = &g->first; *at != c; at = &(*at)->group_next)
        ;
    *at = c->group_next;
    lock_drop(&g->lock);
    c->group = NULL;
}

void cpu_group_enter(struct cpu *c)
{
    atomic_store(&c->seen, c->caught_up);
    cpu_group_look(c);
}

void cpu_group_exit(struct cpu *c)
{
    atomic_store_explicit(&c->seen, CPU_OUTSIDE, memory_order_release);
}

void cpu_group_catch_up(struct cpu *c)
{
    struct cpu_group *g = c->group;
    uint64_t now = atomic_load(&g->clock);

    if (now - c->caught_up > GROUP_TICKS)
        tlb_protect_all(c->tlb);
    else
        for (uint64_t t = c->caught_up + 1; t <= now; t++)
            if (g->protect[t % GROUP_TICKS])
                tlb_protect(c->tlb, g->protect[t % GROUP_TICKS], TLB_PAGE, false);
    c->caught_up = now;
    if (atomic_load_explicit(&c->seen, memory_order_relaxed) != CPU_OUTSIDE)
        atomic_store(&c->seen, now);
}

void cpu_group_look_now(struct cpu *c)
{
    lock_take(&c->group->lock);
    cpu_group_catch_up(c);
    lock_drop(&c->group->lock);
}

void cpu_group_attention(struct cpu_group *g)
{
    for (struct cpu *c = g->first; c; c = c->group_next)
        atomic_fetch_or(&c->attention, ATTENTION_LOOK);
}

uint64_t cpu_group_tick(struct cpu_group *g, uintptr_t page)
{
    uint64_t now = atomic_load_explicit(&g->clock, memory_order_relaxed) + 1;

    g->protect[now % GROUP_TICKS] = page;
    atomic_store(&g->clock, now);
    return now;
}

bool cpu_group_passed(const struct cpu_group *g, uint64_t when)
{
    for (const struct cpu *c = g->first; c; c = c->group_next)
        if (atomic_load(&c->seen) < when)
            return false;
    return true;
}
