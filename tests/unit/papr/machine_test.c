/* SPDX-License-Identifier: Apache-2.0 */
/* Whole machines with a few instructions of guest: lifecycle, parking, several processors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <limits.h>
#include <sys/prctl.h>
#include <cmocka.h>

#include "base/endian.h"
#include "papr/machine_int.h"
#include "papr/rtas.h"
#include "tests/unit/papr/elf_file.h"
#include "tests/unit/papr/guest_rig.h"
#include "tests/unit/wait.h"

/* Enough assembler. */
#define LI(t, v) (0x38000000u | (t) << 21 | ((v) & 0xffff))
#define LIS(t, v) (0x3c000000u | (t) << 21 | ((v) & 0xffff))
#define ORI(a, v) (0x60000000u | (a) << 21 | (a) << 16 | ((v) & 0xffff))
#define ADDI(t, a, v) (0x38000000u | (t) << 21 | (a) << 16 | ((v) & 0xffff))
#define ADD(t, a, b) (0x7c000214u | (t) << 21 | (a) << 16 | (b) << 11)
#define LWZ(t, d, a) (0x80000000u | (t) << 21 | (a) << 16 | (d))
#define STW(t, d, a) (0x90000000u | (t) << 21 | (a) << 16 | (d))
#define CMPWI(a, v) (0x2c000000u | (a) << 16 | ((v) & 0xffff))
#define B(words) (0x48000000u | (((words) * 4) & 0x3fffffc))
#define BNE(words) (0x40820000u | (((words) * 4) & 0xfffc))
#define BEQ(words) (0x41820000u | (((words) * 4) & 0xfffc))
#define SC1 0x44000022u
#define CALL(n) LIS(3, 0), ORI(3, n), SC1

enum { CODE = 0x100000, DATA = 0x200000 };      /* DATA: beyond the image, zero at every start */
#define TO_DATA(r) LIS(r, DATA >> 16)
/* The head of an argument block at DATA (r10): 6 words; the call with it: 4. */
#define RTAS_BLOCK(name, nargs, nret) \
    LI(5, rtas_token(name)), STW(5, 0, 10), LI(5, nargs), STW(5, 4, 10), LI(5, nret), STW(5, 8, 10)
#define CALL_RTAS TO_DATA(4), CALL(H_RTAS)

struct outcome {
    struct lock lock;
    unsigned seen[16];          /* by event kind */
    bool guest;
    char text[200], why[32];    /* why: the SHUTDOWN event's */
    char kernel[32];            /* its file, until run() */
};

static void note(void *opaque, const struct papr_event *ev)
{
    struct outcome *o = opaque;

    lock_take(&o->lock);
    o->seen[ev->kind]++;
    o->guest = ev->guest;
    if (ev->kind == PAPR_EVENT_SHUTDOWN)
        snprintf(o->why, sizeof(o->why), "%s", ev->text ? ev->text : "");
    else
        snprintf(o->text, sizeof(o->text), "%s", ev->text ? ev->text : "");
    lock_drop(&o->lock);
}

static unsigned seen(struct outcome *o, enum papr_event_kind kind)
{
    unsigned n;

    lock_take(&o->lock);
    n = o->seen[kind];
    lock_drop(&o->lock);
    return n;
}

static struct papr *make(const uint32_t *code, size_t words, unsigned cpus, struct outcome *o)
{
    struct elf_file e = { .addr = CODE, .entry = CODE, .code = code, .words = words };
    struct papr_config cfg = { .memory_bytes = 128 << 20, .max_memory_bytes = 1 << 30, .cpus = cpus,
                               .level = ISA_LEVEL_3_00 };
    struct error err = { 0 };
    struct papr *p;

    *o = (struct outcome){ .guest = false };
    lock_init(&o->lock);
    elf_file_write(&e, o->kernel);
    cfg.kernel = o->kernel;
    p = papr_new(&cfg, &err);
    if (!p)
        fail_msg("%s", err.msg);
    papr_set_event_sink(p, note, o);
    return p;
}

static void run(struct papr *p, bool paused, const struct outcome *o)
{
    struct error err = { 0 };

    if (papr_start(p, paused, &err))
        fail_msg("%s", err.msg);
    unlink(o->kernel);
}

static struct papr *start(const uint32_t *code, size_t words, unsigned cpus, bool paused, struct outcome *o)
{
    struct papr *p = make(code, words, cpus, o);

    run(p, paused, o);
    return p;
}
#define START(code, cpus, paused, o) start(code, sizeof(code) / 4, cpus, paused, o)

static uint64_t insns(struct papr *p)
{
    struct papr_stats s;

    papr_stats(p, &s);
    return s.insns;
}

static void a_guest_powers_off(void **unused)
{
    const uint32_t code[] = { TO_DATA(10), LI(5, 0), STW(5, 12, 10), STW(5, 16, 10),
                              RTAS_BLOCK("power-off", 2, 1), CALL_RTAS, B(0) };
    struct outcome o;
    struct papr *p = START(code, 1, false, &o);

    (void)unused;
    assert_int_equal(papr_wait(p), PAPR_SHUTDOWN);
    assert_int_equal(o.seen[PAPR_EVENT_SHUTDOWN], 1);
    assert_true(o.guest);
    assert_string_equal(o.why, "guest-shutdown");
    assert_int_equal(papr_stop(p, NULL), -22);
    assert_int_equal(papr_cont(p, NULL), -22);
    papr_request_reset(p);
    papr_free(p);
}

static void a_guest_panics_with_its_words(void **unused)
{
    const uint32_t code[] = { TO_DATA(10), LIS(5, 'n' << 8 | 'o'), ORI(5, '!' << 8), STW(5, 64, 10),
                              ADDI(5, 10, 64), STW(5, 12, 10), LI(5, rtas_token("ibm,os-term")), STW(5, 0, 10),
                              LI(5, 1), STW(5, 4, 10), STW(5, 8, 10), CALL_RTAS, B(0) };
    struct outcome o;
    struct papr *p = START(code, 1, false, &o);

    (void)unused;
    assert_int_equal(papr_wait(p), PAPR_GUEST_PANICKED);
    assert_int_equal(o.seen[PAPR_EVENT_GUEST_PANICKED], 1);
    assert_string_equal(o.text, "no!");
    assert_int_equal(o.seen[PAPR_EVENT_SHUTDOWN], 1);
    assert_string_equal(o.why, "guest-panic");
    papr_free(p);
}

static void a_paused_machine_stands_still(void **unused)
{
    static const uint32_t code[] = { B(0) };
    struct outcome o;
    struct papr *p = START(code, 1, true, &o);
    uint64_t before;

    (void)unused;
    assert_int_equal(papr_status(p), PAPR_PRELAUNCH);
    assert_int_equal(insns(p), 0);
    assert_int_equal(papr_timebase(p), 0);
    assert_int_equal(papr_cont(p, NULL), 0);
    assert_int_equal(papr_cont(p, NULL), 0);
    WAIT_FOR(insns(p) >= 1000);
    assert_int_equal(papr_stop(p, NULL), 0);
    assert_int_equal(papr_stop(p, NULL), 0);
    assert_int_equal(papr_status(p), PAPR_PAUSED);
    vcpu_wait_parked(p);
    before = insns(p);
    usleep(20000);
    assert_int_equal(insns(p), before);
    assert_int_equal(papr_cont(p, NULL), 0);
    WAIT_FOR(insns(p) != before);
    assert_int_equal(o.seen[PAPR_EVENT_STOP], 1);
    assert_int_equal(o.seen[PAPR_EVENT_RESUME], 2);
    papr_request_quit(p, "host-ui");
    assert_int_equal(papr_wait(p), PAPR_SHUTDOWN);
    assert_false(o.guest);
    assert_string_equal(o.why, "host-ui");
    papr_free(p);
}

static void a_machine_may_be_freed_at_any_time(void **unused)
{
    static const uint32_t spin[] = { B(0) }, cede[] = { CALL(0xe0), B(-3) };
    struct outcome o;

    (void)unused;
    papr_free(START(spin, 2, true, &o));
    papr_free(START(spin, 2, false, &o));
    for (unsigned i = 0; i < 4; i++) {
        struct papr *p = START(cede, 1, false, &o);

        usleep(1000 * i);
        papr_free(p);
    }
}

/* The flag in memory must be gone after a reset, the one in NVRAM must not: then power-off. */
static void a_reset_reloads_memory_and_keeps_nvram(void **unused)
{
    const uint32_t code[] = {
        TO_DATA(10), LWZ(6, 0x100, 10), CMPWI(6, 0), BNE(0),                        /* memory not zero: hang */
        LI(6, 1), STW(6, 0x100, 10),
        RTAS_BLOCK("nvram-fetch", 3, 2), LI(5, 0x2000), STW(5, 12, 10),
        ADDI(5, 10, 0x80), STW(5, 16, 10), LI(5, 4), STW(5, 20, 10), CALL_RTAS,
        LWZ(6, 0x80, 10), CMPWI(6, 3), BEQ(34),                                      /* third time: power off */
        ADDI(6, 6, 1), STW(6, 0x80, 10),
        RTAS_BLOCK("nvram-store", 3, 2), LI(5, 0x2000), STW(5, 12, 10),
        ADDI(5, 10, 0x80), STW(5, 16, 10), LI(5, 4), STW(5, 20, 10), CALL_RTAS,
        RTAS_BLOCK("system-reboot", 0, 1), CALL_RTAS, B(0),                          /* to here: 34 words from BEQ */
        B(1), B(1), B(1), B(1), B(1),
        RTAS_BLOCK("power-off", 2, 1), CALL_RTAS, B(0),
    };
    struct outcome o;
    struct papr *p = START(code, 1, false, &o);

    (void)unused;
    assert_int_equal(papr_wait(p), PAPR_SHUTDOWN);
    assert_int_equal(o.seen[PAPR_EVENT_RESET], 3);
    papr_free(p);
}

static void resets_from_outside_need_no_guest(void **unused)
{
    static const uint32_t code[] = { B(0) };
    struct outcome o;
    struct papr *p = START(code, 2, false, &o);

    (void)unused;
    for (unsigned i = 0; i < 20; i++) {
        papr_request_reset(p);
        usleep(2000);
    }
    WAIT_FOR(seen(&o, PAPR_EVENT_RESET));
    assert_in_range(seen(&o, PAPR_EVENT_RESET), 1, 20);
    assert_int_equal(papr_status(p), PAPR_RUNNING);
    assert_int_equal(papr_stop(p, NULL), 0);
    papr_request_reset(p);
    usleep(20000);
    assert_int_equal(papr_status(p), PAPR_PAUSED);
    papr_free(p);
}

/* A word of a guest that runs. */
static uint32_t live_word(struct papr *p, uint32_t off)
{
    return __atomic_load_n((uint32_t *)(ram_window_base(papr_ram(p)) + DATA + off), __ATOMIC_RELAXED);
}

/* Processor 0 starts 1; both change the interrupt mode of all processors over and over, which
 * stops everybody each time. */
static void processors_that_stop_each_other_make_progress(void **unused)
{
    enum { TIMES = 300 };
    const uint32_t code[] = {
        /* 0 */ TO_DATA(10), RTAS_BLOCK("start-cpu", 3, 1),
        STW(5, 12, 10), LIS(5, CODE >> 16), ORI(5, 18 * 4), STW(5, 16, 10), STW(5, 20, 10), CALL_RTAS,
        /* 16 */ LI(20, 0), B(2),
        /* 18: processor 1 */ LI(20, 4),
        /* 19: both; r9 counts */ LI(9, TIMES),
        /* 20 */ LI(4, 3), LI(5, 3), LI(6, 0), LI(7, 0), CALL(0x31c),
        /* 27 */ CALL(0xe8) /* H_PROD of processor 3: none */, ADDI(9, 9, -1), CMPWI(9, 0), BNE(-12),
        /* 33: each says that it is through */ TO_DATA(10), ADD(10, 10, 20), LI(6, 1), STW(6, 0x200, 10), B(0),
    };
    struct outcome o;
    struct papr *p = START(code, 2, false, &o);

    (void)unused;
    WAIT_FOR(live_word(p, 0x200) && live_word(p, 0x204));
    assert_int_equal(papr_stop(p, NULL), 0);
    vcpu_wait_parked(p);
    assert_int_equal(papr_vcpu(p, 0)->cpu.ail, 3);
    assert_int_equal(papr_vcpu(p, 1)->cpu.ail, 3);
    papr_free(p);
}

/* A processor that does not run gets no chance to take its requests: the list overflows, and it
 * drops everything instead. */
static void more_requests_than_fit_are_taken(void **unused)
{
    static const uint32_t code[] = { B(0) };
    struct outcome o;
    struct papr *p = START(code, 1, true, &o);

    (void)unused;
    for (unsigned i = 0; i < 1000; i++)
        papr_flush_hpte_post(p, NULL, 0, 0, i);
    assert_true(papr_vcpu(p, 0)->requests.overflow);
    assert_int_equal(papr_cont(p, NULL), 0);
    WAIT_FOR(insns(p) >= 1000);
    assert_false(papr_vcpu(p, 0)->requests.overflow);
    papr_free(p);
}

enum { RTAS_BASE = 0x300000 };

/* Registers both vectors, then loads from where no memory is (or spins).
 * The handlers store r3 and the first word of the log. */
#define NMI_GUEST(after) \
    TO_DATA(10), RTAS_BLOCK("ibm,nmi-register", 2, 1), \
    LIS(5, CODE >> 16), ORI(5, 0x80), STW(5, 12, 10), LIS(5, CODE >> 16), ORI(5, 0xc0), STW(5, 16, 10), CALL_RTAS, \
    LIS(7, 0x7000), LI(3, 0x77), after, B(0), \
    B(1), B(1), B(1), B(1), B(1), B(1), B(1), B(1), B(1), B(1), B(1), \
    /* 0x80 */ LI(6, 1), STW(6, 0x300, 10), STW(3, 0x304, 10), LWZ(6, 4, 3), STW(6, 0x308, 10), B(16), \
    B(1), B(1), B(1), B(1), B(1), B(1), B(1), B(1), B(1), B(1), \
    /* 0xc0 */ LI(6, 2), STW(6, 0x300, 10), STW(3, 0x304, 10), LWZ(6, 8, 3), STW(6, 0x308, 10), \
    /* 0xd4 */ RTAS_BLOCK("power-off", 2, 1), CALL_RTAS, B(0)

static uint32_t data_word(struct papr *p, uint32_t off)
{
    uint8_t be[4];

    assert_true(papr_read(p, DATA + off, be, 4));
    return be32_get(be);
}

static struct papr *start_nmi_guest(const uint32_t *code, size_t words, struct outcome *o)
{
    struct papr *p = start(code, words, 1, true, o);

    assert_int_equal(rtas_instantiate(papr_rtas(p), RTAS_BASE), RTAS_BASE);
    assert_int_equal(papr_cont(p, NULL), 0);
    return p;
}

static void a_machine_check_brings_its_log(void **unused)
{
    const uint32_t code[] = { NMI_GUEST(LWZ(8, 0, 7)) };
    struct outcome o;
    struct papr *p;
    uint8_t address[8];

    (void)unused;
    rcu_register_thread();
    p = start_nmi_guest(code, sizeof(code) / 4, &o);
    assert_int_equal(papr_wait(p), PAPR_SHUTDOWN);
    assert_int_equal(data_word(p, 0x300), 2);
    assert_int_equal(data_word(p, 0x304), RTAS_BASE + RTAS_LOG_OFFSET);
    assert_int_equal(data_word(p, 0x308), 0x06744008);
    assert_true(papr_read(p, RTAS_BASE + RTAS_LOG_OFFSET + 8 + 48, address, 8));
    assert_int_equal(be64_get(address), 0x70000000);
    assert_true(papr_read(p, RTAS_BASE + RTAS_LOG_OFFSET, address, 8));
    assert_int_equal(be64_get(address), 0x77);
    papr_free(p);
    rcu_unregister_thread();
}

static void a_system_reset_saves_r3(void **unused)
{
    const uint32_t code[] = { NMI_GUEST(B(0)) };
    struct outcome o;
    struct papr *p;

    (void)unused;
    rcu_register_thread();
    p = start_nmi_guest(code, sizeof(code) / 4, &o);
    WAIT_FOR(insns(p) >= 1000);
    vcpu_system_reset(papr_vcpu(p, 0));
    assert_int_equal(papr_wait(p), PAPR_SHUTDOWN);
    assert_int_equal(data_word(p, 0x300), 1);
    assert_int_equal(data_word(p, 0x304), RTAS_BASE + RTAS_SRESET_OFFSET);
    assert_int_equal(data_word(p, 0x308), 0x77);
    papr_free(p);
    rcu_unregister_thread();
}

struct asker {
    struct papr *p;
    _Atomic bool over;
};

static void *ask(void *arg)
{
    struct asker *a = arg;
    struct papr_stats s;

    while (!atomic_load(&a->over))
        papr_stats(a->p, &s);
    return NULL;
}

static void counters_may_be_asked_for_while_it_starts(void **unused)
{
    static const uint32_t code[] = { B(0) };
    struct outcome o;
    struct asker a = { .p = make(code, 1, 4, &o) };
    pthread_t asker;

    (void)unused;
    assert_int_equal(pthread_create(&asker, NULL, ask, &a), 0);
    run(a.p, false, &o);
    WAIT_FOR(insns(a.p) >= 1000);
    atomic_store(&a.over, true);
    pthread_join(asker, NULL);
    papr_free(a.p);
}

static void two_machines_share_nothing(void **unused)
{
    static const uint32_t code[] = { B(0) };
    struct outcome o[2];
    struct papr *a = START(code, 1, false, &o[0]), *b = START(code, 1, false, &o[1]);
    uint64_t before;

    (void)unused;
    papr_request_quit(a, "host-ui");
    assert_int_equal(papr_wait(a), PAPR_SHUTDOWN);
    before = insns(b);
    WAIT_FOR(insns(b) != before);
    papr_free(a);
    assert_int_equal(papr_status(b), PAPR_RUNNING);
    papr_free(b);
    assert_int_equal(o[1].seen[PAPR_EVENT_SHUTDOWN], 0);
}

static void wrong_configurations_are_refused_by_name(void **unused)
{
    static const struct {
        struct papr_config cfg;
        const char *part;
    } wrong[] = {
        { { .memory_bytes = 1 << 20, .max_memory_bytes = 1 << 30, .cpus = 1 }, "--memory 1M" },
        { { .memory_bytes = (1 << 30) + 4096, .max_memory_bytes = 1ull << 31, .cpus = 1 }, "use 1040M" },
        { { .memory_bytes = 1 << 30, .max_memory_bytes = 1 << 29, .cpus = 1 }, "--max-memory 512M" },
        { { .memory_bytes = 1 << 30, .max_memory_bytes = 65ull << 40, .cpus = 1 }, "at most 64T" },
        { { .memory_bytes = 1ull << 60, .max_memory_bytes = 1ull << 60, .cpus = 1 }, "at most 64T" },
        { { .memory_bytes = 1 << 30, .max_memory_bytes = 1 << 30, .cpus = 0 }, "--cpus 0" },
        { { .memory_bytes = 1 << 30, .max_memory_bytes = 1 << 30, .cpus = 100000 }, "--cpus 100000" },
        { { .memory_bytes = 1 << 30, .max_memory_bytes = 1 << 30, .cpus = 3, .max_cpus = 2 },
          "--max-cpus 2: use 3 to" },
        { { .memory_bytes = 1 << 30, .max_memory_bytes = 1 << 30, .cpus = 1, .max_cpus = 2,
            .engine = CPU_ENGINE_LOCKSTEP }, "lockstep" },
        { { .memory_bytes = 1 << 30, .max_memory_bytes = 1 << 30, .cpus = 1, .trace = "exec,nonsense" },
          "--trace: no class \"nonsense\"" },
        { { .memory_bytes = 1 << 30, .max_memory_bytes = 1 << 30, .cpus = 1, .trace = "of",
            .trace_file = "/nonexistent/x" }, "--trace-file" },
    };

    (void)unused;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct error err = { 0 };

        assert_null(papr_new(&wrong[i].cfg, &err));
        if (!strstr(err.msg, wrong[i].part))
            fail_msg("\"%s\" lacks \"%s\"", err.msg, wrong[i].part);
        assert_null(strchr(err.msg, '\n'));
    }
}

static void a_machine_without_a_kernel_does_not_start(void **unused)
{
    struct papr_config cfg = { .kernel = "/nonexistent/vmlinux", .memory_bytes = 1 << 28, .max_memory_bytes = 1 << 28,
                               .cpus = 1 };
    struct error err = { 0 };
    struct papr *p = papr_new(&cfg, &err);

    (void)unused;
    assert_non_null(p);
    assert_int_equal(papr_start(p, false, &err), -2);
    assert_non_null(strstr(err.msg, "--kernel /nonexistent/vmlinux: no such file"));
    papr_free(p);
}

static long resident_pages(void)
{
    FILE *f = fopen("/proc/self/statm", "r");
    long size = 0, resident = 0;

    assert_non_null(f);
    assert_int_equal(fscanf(f, "%ld %ld", &size, &resident), 2);
    fclose(f);
    return resident;
}

/* Resident pages that a new machine adds to this process: what it touched, whatever the host is busy with. */
static long pages_of_new(uint64_t ceiling)
{
    struct papr_config cfg = { .memory_bytes = 1 << 30, .max_memory_bytes = ceiling, .cpus = 1,
                               .level = ISA_LEVEL_3_00 };
    struct error err = { 0 };
    long before = resident_pages(), after;
    struct papr *p = papr_new(&cfg, &err);

    if (!p)
        fail_msg("%s", err.msg);
    after = resident_pages();
    papr_free(p);
    return after - before;
}

/* 64 TiB, or what a sanitizer leaves of the address space. */
static uint64_t largest_ceiling(void)
{
    uint64_t ceiling = 64ull << 40;
    struct ram_window *w;

    while (ceiling > 1ull << 32 && !(w = ram_window_new(ceiling, NULL)))
        ceiling /= 2;
    if (ceiling > 1ull << 32)
        ram_window_free(w);
    return ceiling;
}

/* Work proportional to the ceiling would have to touch memory for it: 64 TiB are 262,144 blocks of 256 MiB. */
static void a_huge_ceiling_costs_nothing(void **unused)
{
    uint64_t ceiling = largest_ceiling();
    long small = LONG_MAX, huge = LONG_MAX;

    (void)unused;
    prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);      /* pages that are touched, not their neighbours */
    for (unsigned i = 0; i < 4; i++) {      /* the first ones pay for the allocator, too */
        long s = pages_of_new(1ull << 30), h = pages_of_new(ceiling);

        small = s < small ? s : small;
        huge = h < huge ? h : huge;
    }
    print_message("papr_new: %ld pages at 1 GiB, %ld at %u GiB\n", small, huge, (unsigned)(ceiling >> 30));
    prctl(PR_SET_THP_DISABLE, 0, 0, 0, 0);
    assert_true(huge < small + 256);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_guest_powers_off),
        cmocka_unit_test(a_guest_panics_with_its_words),
        cmocka_unit_test(a_paused_machine_stands_still),
        cmocka_unit_test(a_machine_may_be_freed_at_any_time),
        cmocka_unit_test(a_reset_reloads_memory_and_keeps_nvram),
        cmocka_unit_test(resets_from_outside_need_no_guest),
        cmocka_unit_test(processors_that_stop_each_other_make_progress),
        cmocka_unit_test(more_requests_than_fit_are_taken),
        cmocka_unit_test(a_machine_check_brings_its_log),
        cmocka_unit_test(a_system_reset_saves_r3),
        cmocka_unit_test(counters_may_be_asked_for_while_it_starts),
        cmocka_unit_test(two_machines_share_nothing),
        cmocka_unit_test(wrong_configurations_are_refused_by_name),
        cmocka_unit_test(a_machine_without_a_kernel_does_not_start),
        cmocka_unit_test(a_huge_ceiling_costs_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
