/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/cpu_fixture.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/rcu.h"
#include "cpu/asm.h"
#include "cpu/isa.h"
#include "cpu/op.h"
#include "mem/mem_map.h"
#include "mem/ram_window.h"

static uint64_t no_time(void *opaque)
{
    (void)opaque;
    return 0;
}

/* A processor on f->map, ready to run. */
static int start(struct cpu_fixture *f, enum isa_level level)
{
    struct cpu_config cfg = { .level = level, .map = f->map, .timebase = no_time };

    if (cpu_init(&f->cpu, &cfg, NULL))
        return -1;
    f->ram = ram_window_base(f->window);
    cpu_set_msr(&f->cpu, MSR_SF | MSR_LE | MSR_ME | MSR_FP | MSR_VEC | MSR_VSX);
    f->cpu.nip = FIXTURE_CODE;
    return 0;
}

static int new_at(void **state, enum isa_level level)
{
    struct cpu_fixture *f = calloc(1, sizeof(*f));

    rcu_register_thread();
    f->window = ram_window_new(FIXTURE_RAM, NULL);
    f->map = mem_map_new();
    if (mem_map_add_ram(f->map, f->window, ra(0), FIXTURE_RAM, NULL) || start(f, level))
        return -1;
    *state = f;
    return 0;
}

struct cpu_fixture *cpu_fixture_share(struct cpu_fixture *f)
{
    struct cpu_fixture *g = calloc(1, sizeof(*g));

    rcu_register_thread();
    g->window = f->window;
    g->map = f->map;
    return start(g, f->cpu.level) ? NULL : g;
}

void cpu_fixture_unshare(struct cpu_fixture *f)
{
    cpu_fini(&f->cpu);
    free(f);
    rcu_unregister_thread();
}

int cpu_fixture_new(void **state)
{
    return new_at(state, ISA_LEVEL_3_00);
}

int cpu_fixture_new_power8(void **state)
{
    return new_at(state, ISA_LEVEL_2_07);
}

int cpu_fixture_free(void **state)
{
    struct cpu_fixture *f = *state;

    cpu_fini(&f->cpu);
    mem_map_free(f->map);
    ram_window_free(f->window);
    free(f);
    rcu_unregister_thread();
    return 0;
}

int cpu_fixture_run(struct cpu_fixture *f, uint32_t word)
{
    struct cpu *c = &f->cpu;
    const struct isa_row *row;
    uint32_t stop;
    struct op o;

    row = isa_decode(c->isa, word, &o);
    if (!row)
        return -1;
    c->block_ea = c->nip;
    o.run(c, &o);
    stop = c->stop;
    c->stop = STOP_NONE;
    if (stop & STOP_EXCEPTION)
        return (int)c->exc_vector;
    if (!(row->flags & ISA_ENDS))
        c->nip = op_next(c, &o);
    return 0;
}

void cpu_fixture_run_with(struct cpu_fixture *f, uint32_t word, uint64_t r4, uint64_t r5)
{
    f->cpu.gpr[4] = r4;
    f->cpu.gpr[5] = r5;
    if (cpu_fixture_run(f, word))
        abort();
}

uint32_t cpu_fixture_word(const struct isa *isa, const char *text, uint64_t at)
{
    struct error err = { 0 };
    uint32_t word = 0;

    if (asm_word(isa, text, at, &word, &err))
        fail_msg("%s: %s", text, err.msg);
    return word;
}

void cpu_fixture_put(const struct isa *isa, uint8_t *ram, uint64_t at, const char *const *text)
{
    for (; *text; text++, at += 4) {
        uint32_t word = cpu_fixture_word(isa, *text, at);

        memcpy(ram + at, &word, 4);
    }
}
