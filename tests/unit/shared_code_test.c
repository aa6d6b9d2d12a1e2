/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/shared_code_test.c - several processors work on the same memory, and run the same code from one cache
 * while it changes under them: by a store of another processor, by a device, by eviction.
 * Numbers in brackets: invariants of cpu/code_map.h and cpu/group.h.
 *
 * Real mode, little-endian. A program ends with a hypercall. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/unit/cpu_fixture.h"

#include "base/rcu.h"
#include "cpu/code_map.h"
#include "cpu/limits.h"
#include "mem/mem_map.h"
#include "mem/ram_window.h"

enum { PROCESSORS = 3, RAM_BYTES = 1 << 20, FLAG = 0x8000, READERS = 0x1000, WRITER = 0x4000, FAR = 0x6000,
       NEAR = 0x1100, SLED = 0x10000,
       ALIAS = 1 << 28 };         /* all of RAM is there, too */

struct rig {
    struct cpu_group *group;
    struct mem_map *map;
    struct ram_window *window;
    uint8_t *ram;
    struct cpu cpu[PROCESSORS];
    enum cpu_exit why[PROCESSORS];
    pthread_t thread[PROCESSORS];
    unsigned started;
};

static uint64_t no_time(void *opaque)
{
    (void)opaque;
    return 0;
}

static void map_again(struct rig *r)
{
    struct mem_region *again = mem_region_new_ram(mem_map_ram_block(r->map, r->window), 0, RAM_BYTES);

    assert_int_equal(mem_map_add(r->map, again, ra(ALIAS), 0, NULL), 0);
    mem_region_put(again);
}

static struct rig *rig_new(const enum cpu_engine engine[PROCESSORS], unsigned chunks)
{
    struct rig *r = calloc(1, sizeof(*r));

    r->group = cpu_group_new();
    r->window = ram_window_new(RAM_BYTES, NULL);
    r->map = mem_map_new();
    assert_int_equal(mem_map_add_ram(r->map, r->window, ra(0), RAM_BYTES, NULL), 0);
    map_again(r);
    r->ram = ram_window_base(r->window);
    if (chunks < r->group->code_chunks)
        r->group->code_chunks = chunks;
    for (unsigned i = 0; i < PROCESSORS; i++) {
        struct cpu_config cfg = { .id = i, .level = ISA_LEVEL_3_00, .timebase = no_time, .engine = engine[i],
                                  .map = r->map, .group = r->group };

        assert_int_equal(cpu_init(&r->cpu[i], &cfg, NULL), 0);
        cpu_set_msr(&r->cpu[i], MSR_SF | MSR_LE | MSR_ME);
    }
    return r;
}

static void rig_free(struct rig *r)
{
    for (unsigned i = 0; i < PROCESSORS; i++)
        cpu_fini(&r->cpu[i]);
    cpu_group_free(r->group);
    mem_map_free(r->map);
    ram_window_free(r->window);
    free(r);
}

static uint32_t word_of(struct rig *r, const char *text, uint64_t at)
{
    return cpu_fixture_word(r->cpu[0].isa, text, at);
}

static void put(struct rig *r, uint64_t at, const char *const *text)
{
    cpu_fixture_put(r->cpu[0].isa, r->ram, at, text);
}

struct runner {
    struct rig *r;
    unsigned i;
};

static void *run(void *opaque)
{
    struct runner *u = opaque;
    enum cpu_exit why;

    rcu_register_thread();
    while ((why = cpu_run(&u->r->cpu[u->i])) == CPU_EXIT_KICK)
        ;
    rcu_unregister_thread();
    u->r->why[u->i] = why;
    free(u);
    return NULL;
}

static void start(struct rig *r, uint64_t nip)
{
    struct runner *u = malloc(sizeof(*u));

    *u = (struct runner){ r, r->started };
    r->cpu[r->started].nip = nip;
    assert_int_equal(pthread_create(&r->thread[r->started++], NULL, run, u), 0);
}

static void wait_for_all(struct rig *r)
{
    for (unsigned i = 0; i < r->started; i++)
        pthread_join(r->thread[i], NULL);
    for (unsigned i = 0; i < r->started; i++)
        assert_int_equal(r->why[i], CPU_EXIT_HCALL);
    r->started = 0;
}

/* ---- a function that changes all the time ---- */

/* Reads the flag (r7), synchronises, calls the function (CTR): its number must not be older than the flag, which goes
 * to r13. r8 ends it. r4 = 1: it was older. */
static void put_reader(struct rig *r)
{
    put(r, READERS, (const char *const[]){
        "ld 5,0(7)", "isync", "bctrl", "cmpd 0,3,5", "bt 0,0x1024", "std 5,0(13)", "cmpd 0,5,8", "bf 2,0x1000", "sc 1",
        "addi 4,0,1", "sc 1", NULL });
}

/* Puts number r6 + 1 into the function (r11; r10: the instruction with number 0), makes it seen, stores the number. Now
 * and then waits for both readers, and then so long that what they run gets hot. */
static void put_writer(struct rig *r)
{
    put(r, WRITER, (const char *const[]){
        "addi 6,6,1", "add 9,10,6", "stw 9,0(11)", "dcbst 0,11", "sync", "icbi 0,11", "sync", "std 6,0(7)",
        "andi. 9,6,15", "bf 2,0x4048", "ld 9,8(7)", "cmpd 0,9,6", "bt 0,0x4028", "ld 9,16(7)", "cmpd 0,9,6",
        "bt 0,0x4034", "mtspr 9,12", "bdnz 0x4044", "cmpd 0,6,8", "bf 2,0x4000", "sc 1", NULL });
}

static void put_function(struct rig *r, uint64_t at)
{
    put(r, at, (const char *const[]){ "addi 3,0,0", "blr", NULL });
}

static void start_reader(struct rig *r, uint64_t function, uint64_t rounds)
{
    struct cpu *c = &r->cpu[r->started];

    c->gpr[4] = 0;
    c->gpr[7] = FLAG;
    c->gpr[8] = rounds;
    c->gpr[13] = FLAG + 8 * (r->started + 1);
    c->ctr = function;
    start(r, READERS);
}

static const enum cpu_engine mixes[][PROCESSORS] = {
    { CPU_ENGINE_JIT, CPU_ENGINE_JIT, CPU_ENGINE_JIT },
    { CPU_ENGINE_INTERP, CPU_ENGINE_INTERP, CPU_ENGINE_JIT },
    { CPU_ENGINE_JIT, CPU_ENGINE_INTERP, CPU_ENGINE_INTERP },
};

/* Each mix with the function in a page of its own and in the callers';
 * the last one stores to it through another real address. */
enum { MIXES = sizeof(mixes) / sizeof(mixes[0]), VARIANTS = 2 * MIXES + 1 };

static uint64_t function_of(unsigned m)
{
    return m & 1 ? NEAR : FAR;
}

static uint64_t written_at(unsigned m)
{
    return function_of(m) + (m == VARIANTS - 1 ? ALIAS : 0);
}

/* [C1, C2] */
static void a_store_of_another_processor_is_seen_after_isync(void **state)
{
    (void)state;
    for (unsigned m = 0; m < VARIANTS; m++) {
        struct rig *r = rig_new(mixes[m / 2 % MIXES], UINT32_MAX);
        uint64_t function = function_of(m);
        struct cpu *w = &r->cpu[PROCESSORS - 1];

        put_reader(r);
        put_writer(r);
        put_function(r, function);
        for (unsigned i = 0; i < PROCESSORS - 1; i++)
            start_reader(r, function, 1000);
        w->gpr[6] = 0;
        w->gpr[7] = FLAG;
        w->gpr[8] = 1000;
        w->gpr[10] = word_of(r, "addi 3,0,0", 0);
        w->gpr[11] = written_at(m);
        w->gpr[12] = 50000;
        start(r, WRITER);
        wait_for_all(r);
        for (unsigned i = 0; i < PROCESSORS - 1; i++)
            assert_int_equal(r->cpu[i].gpr[4], 0);
        assert_true(code_map_drops(r->group->code) > 20);
        rig_free(r);
    }
}

/* [C1] A device stores, from a thread that is no processor. */
static void what_a_device_writes_is_seen_after_isync(void **state)
{
    (void)state;
    for (unsigned m = 0; m < VARIANTS; m++) {
        struct rig *r = rig_new(mixes[m / 2 % MIXES], UINT32_MAX);
        uint64_t function = function_of(m);
        uint32_t word = word_of(r, "addi 3,0,0", 0);

        put_reader(r);
        put_function(r, function);
        for (unsigned i = 0; i < PROCESSORS; i++)
            start_reader(r, function, 500);
        for (uint64_t n = 1; n <= 500; n++) {
            word++;
            assert_true(mem_map_write(r->map, ra(written_at(m)), &word, 4));
            cpu_group_code_written(r->group, r->map, ra(written_at(m)), 4);
            __atomic_store_n((uint64_t *)(r->ram + FLAG), n, __ATOMIC_SEQ_CST);
            if (n % 16 == 0)
                usleep(200);
        }
        wait_for_all(r);
        for (unsigned i = 0; i < PROCESSORS; i++)
            assert_int_equal(r->cpu[i].gpr[4], 0);
        rig_free(r);
    }
}

/* ---- more code than the cache holds ---- */

/* No more blocks than fit the pool of each, and more than fits the chunks. */
enum { CHUNKS = 8, MANY = CHUNKS * JIT_CHUNK_TRACES * 3 / 2,
       FITTING = POOL_BLOCKS / POOL_PARTS * POOL_FIRST_PARTS * 3 / 4,
       STUBS = MANY < FITTING ? MANY : FITTING, SLED_ROUNDS = 2 * JIT_HOT };

/* Stubs that each count one in r3 and jump to the next through CTR, in a way that is not guessed: a translation each.
 * The last goes back until r5 is 0. */
static void put_sled(struct rig *r)
{
    uint32_t stub[4] = { word_of(r, "addi 3,3,1", 0), word_of(r, "addi 12,12,16", 0), word_of(r, "mtspr 9,12", 0),
                         word_of(r, "bfctr 2", 0) };
    char end[32];

    for (uint64_t i = 0; i < STUBS; i++)
        memcpy(r->ram + SLED + 16 * i, stub, sizeof(stub));
    put(r, SLED + 16ull * STUBS,
        (const char *const[]){ "addi 5,5,-1", "or 12,11,11", "mtspr 9,12", "cmpdi 0,5,0", NULL });
    snprintf(end, sizeof(end), "bt 2,0x%x", SLED + 16 * STUBS + 24);
    put(r, SLED + 16ull * STUBS + 16, (const char *const[]){ end, "bctr", "sc 1", NULL });
}

static void start_on_sled(struct rig *r)
{
    struct cpu *c = &r->cpu[r->started];

    c->gpr[3] = 0;
    c->gpr[5] = SLED_ROUNDS;
    c->gpr[11] = c->gpr[12] = SLED;
    start(r, SLED);
}

static void check_sled(struct rig *r, unsigned n)
{
    struct cpu_group_stats s;

    for (unsigned i = 0; i < n; i++)
        assert_int_equal(r->cpu[i].gpr[3], (uint64_t)STUBS * SLED_ROUNDS);
    cpu_group_stats(r->group, &s);
    assert_true(s.code_evictions > 0);
}

static void a_full_cache_is_evicted_under_those_who_run_it(void **state)
{
    (void)state;
    for (unsigned n = 1; n <= PROCESSORS; n += PROCESSORS - 1) {
        struct rig *r = rig_new(mixes[0], CHUNKS);

        put_sled(r);
        for (unsigned i = 0; i < n; i++)
            start_on_sled(r);
        wait_for_all(r);
        check_sled(r, n);
        rig_free(r);
    }
}

/* Every instruction a device changes means the same as before: nothing but the way through the cache may differ. */
static void code_changes_while_the_cache_is_full(void **state)
{
    struct rig *r = rig_new(mixes[0], CHUNKS);
    uint32_t word[2] = { word_of(r, "addi 3,3,1", 0), word_of(r, "addic 3,3,1", 0) };

    (void)state;
    put_sled(r);
    for (unsigned i = 0; i < PROCESSORS; i++)
        start_on_sled(r);
    for (unsigned n = 0; n < 20000; n++) {
        uint64_t at = SLED + 16ull * (n * 7919ull % STUBS);

        assert_true(mem_map_write(r->map, ra(at), &word[n / STUBS & 1], 4));
        cpu_group_code_written(r->group, r->map, ra(at), 4);
        if (n % 64 == 0)
            usleep(100);
    }
    wait_for_all(r);
    check_sled(r, PROCESSORS);
    rig_free(r);
}

/* ---- memory that all work on ---- */

enum { COUNTERS = 0xa000, LINE = 128, COUNTS = 3000 };

/* Counts a doubleword (r7), a word (r9) and a byte (r10); then, holding the lock (r11; r12 is 1, r14 is 0), two
 * doublewords (r13) that only it keeps equal. r5 times; r4 = 1: they were not. */
static void put_counter(struct rig *r)
{
    put(r, READERS, (const char *const[]){
        "ldarx 3,0,7", "addi 3,3,1", "stdcx. 3,0,7", "bf 2,0x1000",
        "lwarx 3,0,9", "addi 3,3,1", "stwcx. 3,0,9", "bf 2,0x1010",
        "lbarx 3,0,10", "addi 3,3,1", "stbcx. 3,0,10", "bf 2,0x1020",
        "lwarx 3,0,11", "cmpdi 0,3,0", "bf 2,0x1030", "stwcx. 12,0,11", "bf 2,0x1030", "isync",
        "ld 3,0(13)", "ld 6,8(13)", "cmpd 0,3,6", "bt 2,0x105c", "addi 4,0,1",
        "addi 3,3,1", "std 3,0(13)", "std 3,8(13)", "lwsync", "stw 14,0(11)",
        "addi 5,5,-1", "cmpdi 0,5,0", "bf 2,0x1000", "sc 1", NULL });
}

static uint64_t count_at(const struct rig *r, unsigned line, unsigned bytes)
{
    uint64_t v = 0;

    memcpy(&v, r->ram + COUNTERS + line * LINE, bytes);
    return v;
}

/* Power ISA II, 1.7.4 and B.2: what load and reserve and store conditional are for. */
static void counters_are_exact_and_locks_hold(void **state)
{
    (void)state;
    for (unsigned m = 0; m < sizeof(mixes) / sizeof(mixes[0]); m++) {
        struct rig *r = rig_new(mixes[m], UINT32_MAX);

        put_counter(r);
        for (unsigned i = 0; i < PROCESSORS; i++) {
            struct cpu *c = &r->cpu[i];

            c->gpr[4] = c->gpr[14] = 0;
            c->gpr[5] = COUNTS;
            c->gpr[7] = COUNTERS;
            c->gpr[9] = COUNTERS + LINE;
            c->gpr[10] = COUNTERS + 2 * LINE;
            c->gpr[11] = COUNTERS + 3 * LINE;
            c->gpr[12] = 1;
            c->gpr[13] = COUNTERS + 4 * LINE;
            start(r, READERS);
        }
        wait_for_all(r);
        for (unsigned i = 0; i < PROCESSORS; i++)
            assert_int_equal(r->cpu[i].gpr[4], 0);
        assert_int_equal(count_at(r, 0, 8), PROCESSORS * COUNTS);
        assert_int_equal(count_at(r, 1, 4), PROCESSORS * COUNTS);
        assert_int_equal(count_at(r, 2, 1), PROCESSORS * COUNTS % 256);
        assert_int_equal(count_at(r, 3, 4), 0);
        assert_int_equal(count_at(r, 4, 8), PROCESSORS * COUNTS);
        rig_free(r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counters_are_exact_and_locks_hold),
        cmocka_unit_test(a_store_of_another_processor_is_seen_after_isync),
        cmocka_unit_test(what_a_device_writes_is_seen_after_isync),
        cmocka_unit_test(a_full_cache_is_evicted_under_those_who_run_it),
        cmocka_unit_test(code_changes_while_the_cache_is_full),
    };
    int rc;

    rcu_register_thread();
    rc = cmocka_run_group_tests(tests, NULL, NULL);
    rcu_unregister_thread();
    return rc;
}
