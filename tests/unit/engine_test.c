/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/engine_test.c - changing code and dirty tracking, seen from guest programs, in each engine.
 *
 * Real mode, little-endian, 256 KiB. A program ends with a hypercall.
 * Changed code is always followed by isync, as the ISA asks. */
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

#include "tests/unit/cpu_fixture.h"

#include "base/counter.h"
#include "base/rcu.h"
#include "cpu/block.h"
#include "mem/dirty_log.h"
#include "mem/mem_map.h"
#include "mem/ram_window.h"
#include "tests/unit/rcu_group.h"

enum { CODE = 0x1000, FUNCTION = 0x2000, DATA = 0x10000, PAGE_BYTES = 4096 };

struct rig {
    struct cpu cpu;
    struct ram_window *window;
    struct mem_map *map;
    uint8_t *ram;
};

static uint64_t no_time(void *opaque)
{
    (void)opaque;
    return 0;
}

static struct rig *rig_new(enum cpu_engine engine)
{
    struct rig *r = calloc(1, sizeof(*r));
    struct cpu_config cfg = { .level = ISA_LEVEL_3_00, .timebase = no_time, .engine = engine };

    r->window = ram_window_new(FIXTURE_RAM, NULL);
    cfg.map = r->map = mem_map_new();
    assert_int_equal(mem_map_add_ram(r->map, r->window, ra(0), FIXTURE_RAM, NULL), 0);
    r->ram = ram_window_base(r->window);
    assert_int_equal(cpu_init(&r->cpu, &cfg, NULL), 0);
    cpu_set_msr(&r->cpu, MSR_SF | MSR_LE | MSR_ME);
    return r;
}

static void rig_free(struct rig *r)
{
    cpu_fini(&r->cpu);
    mem_map_free(r->map);
    ram_window_free(r->window);
    free(r);
}

static uint32_t word_of(struct rig *r, const char *text, uint64_t at)
{
    return cpu_fixture_word(r->cpu.isa, text, at);
}

static void put(struct rig *r, uint64_t at, const char *const *text)
{
    cpu_fixture_put(r->cpu.isa, r->ram, at, text);
}

static enum cpu_exit run_from(struct rig *r, uint64_t at)
{
    enum cpu_exit why;

    r->cpu.nip = at;
    while ((why = cpu_run(&r->cpu)) == CPU_EXIT_KICK)
        ;
    return why;
}

static const enum cpu_engine engines[] = { CPU_ENGINE_INTERP, CPU_ENGINE_JIT, CPU_ENGINE_LOCKSTEP };

/* Calls the function at CTR many times, adding what it returns in r3 to r4; half-way it stores r6 at r7, four bytes, or
 * eight when they straddle. r5 counts down, r8 is the half. */
static void patch_program(struct rig *r, const char *store)
{
    const char *const text[] = {
        "ori 0,0,0", "bctrl", "add 4,4,3", "cmpd 0,5,8", "bf 2,0x101c", store, "isync",
        "addi 5,5,-1", "cmpdi 0,5,0", "bf 2,0x1000", "sc 1", NULL,
    };

    put(r, CODE, text);
    r->cpu.gpr[4] = 0;
    r->cpu.gpr[5] = 400;
    r->cpu.gpr[8] = 200;
    r->cpu.ctr = FUNCTION;
}

/* 201 calls return 1 (the store comes after the call with r5 = 200), 199 return 2. */
static void check_patched(struct rig *r)
{
    assert_int_equal(run_from(r, CODE), CPU_EXIT_HCALL);
    assert_int_equal(r->cpu.gpr[4], 201 * 1 + 199 * 2);
    rig_free(r);
}

static void a_store_to_code_of_another_page_is_seen_after_isync(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        struct rig *r = rig_new(engines[i]);

        patch_program(r, "stw 6,0(7)");
        put(r, FUNCTION, (const char *const[]){ "addi 3,0,1", "blr", NULL });
        r->cpu.gpr[6] = word_of(r, "addi 3,0,2", FUNCTION);
        r->cpu.gpr[7] = FUNCTION;
        check_patched(r);
    }
}

static void a_store_to_code_of_its_own_page_is_seen_after_isync(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        struct rig *r = rig_new(engines[i]);

        patch_program(r, "stw 6,0(7)");
        r->cpu.ctr = r->cpu.gpr[7] = CODE + 0x80;
        put(r, CODE + 0x80, (const char *const[]){ "addi 3,0,1", "blr", NULL });
        r->cpu.gpr[6] = word_of(r, "addi 3,0,2", FUNCTION);
        check_patched(r);
    }
}

static void a_store_over_a_page_border_is_seen_on_both_sides(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        struct rig *r = rig_new(engines[i]);

        patch_program(r, "std 6,0(7)");
        r->cpu.ctr = FUNCTION - 8;
        r->cpu.gpr[7] = FUNCTION - 4;
        put(r, FUNCTION - 8, (const char *const[]){ "addi 3,0,1", "ori 0,0,0", "ori 0,0,0", "blr", NULL });
        r->cpu.gpr[6] = (uint64_t)word_of(r, "addi 3,3,4", FUNCTION) << 32 | word_of(r, "addi 3,3,-3", FUNCTION);
        check_patched(r);
    }
}

static void a_byte_stored_into_an_instruction_is_seen(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        struct rig *r = rig_new(engines[i]);

        patch_program(r, "stb 6,0(7)");
        put(r, FUNCTION, (const char *const[]){ "addi 3,0,1", "blr", NULL });
        r->cpu.gpr[6] = 2;
        r->cpu.gpr[7] = FUNCTION;
        check_patched(r);
    }
}

static void code_the_machine_writes_is_seen(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        struct rig *r = rig_new(engines[i]);
        uint32_t word;

        put(r, CODE, (const char *const[]){ "addi 3,0,1", "add 4,4,3", "addi 5,5,-1", "cmpdi 0,5,0", "bf 2,0x1000",
                                            "sc 1", NULL });
        r->cpu.gpr[5] = 200;
        assert_int_equal(run_from(r, CODE), CPU_EXIT_HCALL);
        assert_int_equal(r->cpu.gpr[4], 200);
        word = word_of(r, "addi 3,0,5", CODE);
        memcpy(r->ram + CODE, &word, 4);
        cpu_code_written(&r->cpu, ra(CODE), 4);
        r->cpu.gpr[5] = 200;
        assert_int_equal(run_from(r, CODE), CPU_EXIT_HCALL);
        assert_int_equal(r->cpu.gpr[4], 200 + 1000);
        rig_free(r);
    }
}

/* Lines of 64 bytes without instructions may be stored to for ever: nothing is decoded again. */
static void data_beside_code_does_not_drop_it(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        struct rig *r = rig_new(engines[i]);
        struct block_counts n;

        put(r, CODE, (const char *const[]){ "std 5,0x100(7)", "ld 3,0x100(7)", "add 4,4,3", "addi 5,5,-1",
                                            "cmpdi 0,5,0", "bf 2,0x1000", "sc 1", NULL });
        r->cpu.gpr[5] = 2000;
        r->cpu.gpr[7] = CODE;
        assert_int_equal(run_from(r, CODE), CPU_EXIT_HCALL);
        assert_int_equal(r->cpu.gpr[4], 2000 * 2001 / 2);
        n = block_cache_counts(r->cpu.blocks);
        assert_int_equal(code_map_drops(r->cpu.group->code), EXIT_FLUSHES);     /* the only page, by the exit */
        assert_true(n.decoded < 5);
        rig_free(r);
    }
}

/* More blocks than the cache holds, each run twice: every instruction counts once. */
static void a_full_cache_empties_itself_and_goes_on(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        struct rig *r = rig_new(engines[i]);
        uint64_t last = FIXTURE_RAM - 8, before;
        uint32_t jump = word_of(r, "b 0x1004", CODE), end[2];

        for (uint64_t at = CODE; at < last; at += 4)
            memcpy(r->ram + at, &jump, 4);
        end[0] = word_of(r, "addi 4,4,1", last);
        end[1] = word_of(r, "sc 1", last + 4);
        memcpy(r->ram + last, end, sizeof(end));
        for (unsigned round = 1; round <= 2; round++) {
            before = r->cpu.insns;
            assert_int_equal(run_from(r, CODE), CPU_EXIT_HCALL);
            assert_int_equal(r->cpu.insns - before, (last - CODE) / 4 + 2);
            assert_int_equal(r->cpu.gpr[4], round);
        }
        assert_true(block_cache_counts(r->cpu.blocks).evictions >= 2);
        rig_free(r);
    }
}

/* ---- dirty tracking of a processor that runs ---- */

enum { FIRST = DATA, BYTES = FIXTURE_RAM - DATA, ROUNDS = 60 };

struct runner {
    enum cpu_engine engine;
    struct rig *rig;
    _Atomic int ready;
    _Atomic bool end;
};

/* For ever: stores a growing number to a place that hops over all pages, now fast, now after a refill. */
static void put_storing_loop(struct rig *r)
{
    put(r, CODE, (const char *const[]){
        "addi 5,5,1",                   /* r5: the number */
        "mulli 3,5,0x1248",
        "and 3,3,9",                    /* r9: mask of an aligned offset */
        "stdx 5,7,3",                   /* r7: start of the data */
        "addi 3,3,8", "and 3,3,9",
        "stwx 5,7,3",
        "b 0x1000", NULL });
    r->cpu.gpr[7] = FIRST;
    r->cpu.gpr[9] = 0x1fff8;
}

static void *run_processor(void *opaque)
{
    struct runner *x = opaque;

    rcu_register_thread();
    x->rig = rig_new(x->engine);
    put_storing_loop(x->rig);
    x->rig->cpu.nip = CODE;
    atomic_store(&x->ready, 1);
    while (!atomic_load(&x->end))
        cpu_run(&x->rig->cpu);
    atomic_store(&x->ready, 2);
    while (atomic_load(&x->ready) != 3)
        ;
    rig_free(x->rig);
    rcu_unregister_thread();
    return NULL;
}

static struct dirty_log *log_of(struct rig *r)
{
    struct mem_hit hit;
    bool found;

    rcu_read_lock();
    found = mem_map_find_rcu(r->map, ra(0), &hit);
    rcu_read_unlock();
    assert_true(found);
    return hit.log;
}

/* Brings the copy up to date with what a collection reports, as a migration does. */
static uint64_t collect(struct rig *r, struct dirty_log *log, uint8_t *copy)
{
    uint64_t pages[FIXTURE_RAM / PAGE_BYTES / 64 + 1] = { 0 };
    uint64_t n = dirty_log_collect(log, DIRTY_MIGRATION, 0, FIXTURE_RAM, pages);

    for (unsigned p = 0; p < FIXTURE_RAM / PAGE_BYTES; p++)
        if (pages[p / 64] >> p % 64 & 1)
            for (unsigned at = p * PAGE_BYTES; at < (p + 1) * PAGE_BYTES; at += 8)
                *(uint64_t *)(copy + at) = __atomic_load_n((uint64_t *)(r->ram + at), __ATOMIC_RELAXED);
    return n;
}

static void copy_all(struct rig *r, uint8_t *copy)
{
    for (unsigned at = 0; at < FIXTURE_RAM; at += 8)
        *(uint64_t *)(copy + at) = __atomic_load_n((uint64_t *)(r->ram + at), __ATOMIC_RELAXED);
}

/* The guest has run a few thousand instructions since. */
static void let_it_run(struct rig *r)
{
    uint64_t start = counter_get(&r->cpu.insns);

    while (counter_get(&r->cpu.insns) - start < 20000)
        sched_yield();
}

/* D1 and D7 of mem/dirty_log.h: after the last collection the copy is what the guest's memory is. */
static void no_store_is_lost(enum cpu_engine engine)
{
    struct runner x = { .engine = engine };
    uint8_t *copy = calloc(1, FIXTURE_RAM);
    struct dirty_log *log;
    pthread_t thread;
    uint64_t seen = 0;

    assert_int_equal(pthread_create(&thread, NULL, run_processor, &x), 0);
    while (!atomic_load(&x.ready))
        ;
    log = log_of(x.rig);
    for (unsigned round = 0; round < ROUNDS; round++) {
        if (round % 20 == 0) {
            assert_int_equal(dirty_log_arm(log, DIRTY_MIGRATION), 0);
            copy_all(x.rig, copy);
        }
        let_it_run(x.rig);
        seen += collect(x.rig, log, copy);
        if (round % 20 == 18 && round < ROUNDS - 20) {
            dirty_log_disarm(log, DIRTY_MIGRATION);
            round++;
        }
    }
    atomic_store(&x.end, true);
    cpu_kick(&x.rig->cpu);
    while (atomic_load(&x.ready) != 2)
        ;
    collect(x.rig, log, copy);
    assert_true(seen > ROUNDS);
    assert_memory_equal(copy, x.rig->ram, FIXTURE_RAM);
    dirty_log_disarm(log, DIRTY_MIGRATION);
    atomic_store(&x.ready, 3);
    pthread_join(thread, NULL);
    free(copy);
}

static void no_store_of_the_interpreter_is_lost(void **state)
{
    (void)state;
    no_store_is_lost(CPU_ENGINE_INTERP);
}

static void no_store_of_translated_code_is_lost(void **state)
{
    (void)state;
    no_store_is_lost(CPU_ENGINE_JIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_store_to_code_of_another_page_is_seen_after_isync),
        cmocka_unit_test(a_store_to_code_of_its_own_page_is_seen_after_isync),
        cmocka_unit_test(a_store_over_a_page_border_is_seen_on_both_sides),
        cmocka_unit_test(a_byte_stored_into_an_instruction_is_seen),
        cmocka_unit_test(code_the_machine_writes_is_seen),
        cmocka_unit_test(data_beside_code_does_not_drop_it),
        cmocka_unit_test(a_full_cache_empties_itself_and_goes_on),
        cmocka_unit_test(no_store_of_the_interpreter_is_lost),
        cmocka_unit_test(no_store_of_translated_code_is_lost),
    };

    return cmocka_run_group_tests(tests, rcu_group_begin, rcu_group_end);
}
