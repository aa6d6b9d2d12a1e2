/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/jit_fixture.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/rcu.h"
#include "cpu/cpu.h"
#include "mem/mem_map.h"
#include "mem/ram_window.h"

static uint64_t no_time(void *opaque)
{
    (void)opaque;
    return 0;
}

static void put_vectors(uint8_t *ram)
{
    const uint32_t word = WORD_SC1;

    for (unsigned at = 0x100; at < 0x1000; at += 0x20)
        memcpy(ram + at, &word, 4);
}

static int start_side(struct jit_side *s, enum cpu_engine engine)
{
    struct cpu_config cfg = { .level = ISA_LEVEL_3_00, .timebase = no_time, .engine = engine };

    s->window = ram_window_new(JIT_RAM, NULL);
    s->map = cfg.map = mem_map_new();
    if (mem_map_add_ram(s->map, s->window, ra(0), JIT_RAM, NULL) || cpu_init(&s->cpu, &cfg, NULL))
        return -1;
    s->ram = ram_window_base(s->window);
    cpu_set_ile(&s->cpu, true);
    put_vectors(s->ram);
    return 0;
}

int jit_pair_new(void **state)
{
    struct jit_pair *p = calloc(1, sizeof(*p));

    rcu_register_thread();
    p->seed = 0x9e3779b97f4a7c15ull;
    *state = p;
    return start_side(&p->jit, CPU_ENGINE_JIT) || start_side(&p->interp, CPU_ENGINE_INTERP);
}

static void end_side(struct jit_side *s)
{
    cpu_fini(&s->cpu);
    mem_map_free(s->map);
    ram_window_free(s->window);
}

int jit_pair_free(void **state)
{
    struct jit_pair *p = *state;

    end_side(&p->jit);
    end_side(&p->interp);
    free(p);
    rcu_unregister_thread();
    return 0;
}

static void alias_side(struct jit_side *s, ra_t at)
{
    struct mem_region *again = mem_region_new_ram(mem_map_ram_block(s->map, s->window), 0, JIT_RAM);

    assert_non_null(again);
    assert_int_equal(mem_map_add(s->map, again, at, 0, NULL), 0);
    mem_region_put(again);
}

void jit_pair_alias(struct jit_pair *p, ra_t at)
{
    alias_side(&p->jit, at);
    alias_side(&p->interp, at);
}

uint64_t jit_random(struct jit_pair *p)
{
    p->seed ^= p->seed << 13;
    p->seed ^= p->seed >> 7;
    p->seed ^= p->seed << 17;
    return p->seed * 0x2545f4914f6cdd1dull;
}

void jit_pair_code(struct jit_pair *p, uint64_t at, const uint32_t *words, unsigned n)
{
    memcpy(p->jit.ram + at, words, 4 * n);
    memcpy(p->interp.ram + at, words, 4 * n);
    cpu_code_written(&p->jit.cpu, ra(at), 4 * n);
    cpu_code_written(&p->interp.cpu, ra(at), 4 * n);
}

static enum cpu_exit run_side(struct jit_side *s, const struct cpu *start)
{
    struct cpu *c = &s->cpu;

    memcpy(c, start, offsetof(struct cpu, id));
    c->stop = STOP_NONE;
    cpu_set_msr(c, start->msr);
    return cpu_run(c);
}

void jit_pair_run(struct jit_pair *p, const struct cpu *start)
{
    enum cpu_exit jit = run_side(&p->jit, start), interp = run_side(&p->interp, start);

    assert_int_equal(jit, interp);
    assert_true(jit == CPU_EXIT_HCALL || jit == CPU_EXIT_MACHINE_CHECK);
}

static void show(const char *name, unsigned n, uint64_t jit, uint64_t interp)
{
    if (jit != interp)
        print_error("  %s%u translated %016" PRIx64 " interpreted %016" PRIx64 "\n", name, n, jit, interp);
}

/* ThreadSanitizer looks at each byte of a memcmp(), some hundred thousand times in a test of one thread. */
__attribute__((no_sanitize("thread"))) static bool same_ram(const struct jit_pair *p)
{
#ifdef __SANITIZE_THREAD__
    const uint64_t *a = (const uint64_t *)p->jit.ram, *b = (const uint64_t *)p->interp.ram;
    uint64_t differ = 0;

    for (unsigned i = 0; i < JIT_RAM / 8; i++)
        differ |= a[i] ^ b[i];
    return !differ;
#else
    return !memcmp(p->jit.ram, p->interp.ram, JIT_RAM);
#endif
}

bool jit_pair_differ(struct jit_pair *p)
{
    const struct cpu *j = &p->jit.cpu, *i = &p->interp.cpu;
    bool ram = !same_ram(p);

    if (!ram && !memcmp(j, i, offsetof(struct cpu, id)))
        return false;
    for (unsigned n = 0; n < 32; n++)
        show("r", n, j->gpr[n], i->gpr[n]);
    for (unsigned n = 0; n < 64; n++) {
        show("vsr.d0 ", n, VSR_D(j->vsr[n], 0), VSR_D(i->vsr[n], 0));
        show("vsr.d1 ", n, VSR_D(j->vsr[n], 1), VSR_D(i->vsr[n], 1));
    }
    for (unsigned n = 0; n < 8; n++)
        show("cr", n, j->cr[n], i->cr[n]);
    for (unsigned n = 0; n < SPR_COUNT; n++)
        show("spr", n, j->spr[n], i->spr[n]);
    show("nip", 0, j->nip, i->nip);
    show("lr", 0, j->lr, i->lr);
    show("ctr", 0, j->ctr, i->ctr);
    show("xer", 0, cpu_xer(j), cpu_xer(i));
    show("fpscr", 0, j->fpscr, i->fpscr);
    show("vscr", 0, j->vscr, i->vscr);
    show("msr", 0, j->msr, i->msr);
    for (unsigned n = 0; ram && n < JIT_RAM; n++)
        show("ram ", n, p->jit.ram[n], p->interp.ram[n]);
    return true;
}

void jit_start_state(const struct jit_pair *p, struct cpu *start)
{
    const struct cpu *c = &p->interp.cpu;

    *start = (struct cpu){ .nip = JIT_CODE, .ile = 1, .dec_tb = 0x7fffffff };
    start->msr = MSR_SF | MSR_LE | MSR_ME | MSR_FP | MSR_VEC | MSR_VSX | MSR_RI;
    memcpy(start->spr, c->spr, sizeof(start->spr));
}
