/* SPDX-License-Identifier: Apache-2.0 */
/* guest/test_processors.c - two processors: one starts, wakes and interrupts the other, shares memory and code with it,
 * and gives it back.
 * Spec: LoPAR, start-cpu, stop-self, H_IPI, H_PROD, H_CONFER, H_JOIN; Power ISA II, storage model. */
#include "guest/guest.h"

enum { OTHER = 1, ROUNDS = 200, ADDS = 20000 };

static bool have_other(void)
{
    if (processor_here(OTHER))
        return true;
    not_here("one processor");
    return false;
}

/* ---- on the other one ---- */
static void wait_for_go(struct job *j, uint64_t value)
{
    while (j->go != value)
        job_yield(j);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
}

static void work_store(struct job *j)
{
    j->value = 0x1122334455667788;
    j->seen = 1;
    wait_for_go(j, 1);
}

/* ---- starting and stopping ---- */
static void test_start_stop(void)
{
    if (!have_other())
        return;
    CHECK(processor_state(0), CPU_RUNS);
    CHECK(processor_state(processors_end()), UINT32_MAX);
    CHECK(processor_start(processors_end(), work_store), RTAS_PARAMETER);
    CHECK(processor_start(DRC_CPU(OTHER), work_store), RTAS_PARAMETER);
    CHECK(processor_start(0, work_store), RTAS_HARDWARE);
    for (unsigned i = 0; i < 3; i++) {
        context("start", i);
        CHECK(processor_state(OTHER), CPU_STOPPED);
        CHECK(processor_start(OTHER, work_store), RTAS_OK);
        if (!CHECK_TRUE(wait_until(&the_job.seen, 1)))
            return;
        CHECK(the_job.number, OTHER);
        CHECK(the_job.value, 0x1122334455667788);
        CHECK(processor_state(OTHER), CPU_RUNS);
        CHECK(RTAS("start-cpu", 1, NULL, OTHER, 0x100, 0), RTAS_HARDWARE);
        the_job.go = 1;
        CHECK_TRUE(processor_wait_stopped(OTHER));
    }
}

/* What runs is not given back; what is given back does not run. */
static void test_isolate(void)
{
    uint32_t sense;

    if (!have_other())
        return;
    CHECK(processor_start(OTHER, work_store), RTAS_OK);
    CHECK_TRUE(wait_until(&the_job.seen, 1));
    CHECK(drc_ask(DRC_CPU(OTHER), ASK_ISOLATE), DRC_MULTI_LEVEL);
    CHECK(drc_ask(DRC_CPU(OTHER), ASK_UNUSABLE), RTAS_PARAMETER);
    CHECK(drc_sense(DRC_CPU(OTHER), &sense), RTAS_OK);
    CHECK(sense, 1);
    the_job.go = 1;
    CHECK_TRUE(processor_wait_stopped(OTHER));
    CHECK(drc_ask(DRC_CPU(OTHER), ASK_ISOLATE), RTAS_OK);
    CHECK(processor_start(OTHER, work_store), RTAS_PARAMETER);
    CHECK(drc_ask(DRC_CPU(OTHER), ASK_UNUSABLE), RTAS_OK);
    CHECK(processor_start(OTHER, work_store), RTAS_PARAMETER);
    CHECK(processor_state(OTHER), UINT32_MAX);
    CHECK(HCALL(H_PROD, OTHER), H_PARAMETER);
    CHECK(HCALL(H_IPI, OTHER, 4), H_PARAMETER);
    CHECK_TRUE(drc_take(DRC_CPU(OTHER)));
    CHECK(processor_start(OTHER, work_store), RTAS_OK);
    CHECK_TRUE(wait_until(&the_job.seen, 1));
    the_job.go = 1;
    CHECK_TRUE(processor_wait_stopped(OTHER));
}

/* ---- shared memory ---- */
static struct {
    uint64_t doubleword __attribute__((aligned(128)));
    uint32_t word __attribute__((aligned(128)));
    uint32_t lock __attribute__((aligned(128)));
    volatile uint64_t guarded[2];
} shared;

static void add_all(void)
{
    for (unsigned i = 0; i < ADDS; i++) {
        __atomic_fetch_add(&shared.doubleword, 3, __ATOMIC_RELAXED);
        __atomic_fetch_add(&shared.word, 5, __ATOMIC_RELAXED);
    }
}

/* Two words that only the lock keeps together; how often they were not is the answer. */
static uint64_t add_guarded(struct job *j)
{
    uint64_t broken = 0;

    for (unsigned i = 0; i < ADDS / 10; i++) {
        while (__atomic_exchange_n(&shared.lock, 1, __ATOMIC_ACQUIRE)) {
            if (j)
                job_yield(j);
            else
                HCALL(H_CONFER, UINT64_MAX, 0);
        }
        broken += shared.guarded[0] != shared.guarded[1];
        shared.guarded[0]++;
        shared.guarded[1]++;
        __atomic_store_n(&shared.lock, 0, __ATOMIC_RELEASE);
    }
    return broken;
}

static void work_add(struct job *j)
{
    j->seen = 1;
    add_all();
    j->value = add_guarded(j);
}

static void test_atomic(void)
{
    if (!have_other())
        return;
    memset(&shared, 0, sizeof(shared));
    CHECK(processor_start(OTHER, work_add), RTAS_OK);
    CHECK_TRUE(wait_until(&the_job.seen, 1));
    add_all();
    CHECK(add_guarded(NULL), 0);
    CHECK_TRUE(processor_wait_stopped(OTHER));
    CHECK(the_job.value, 0);
    CHECK(shared.doubleword, 2 * 3 * ADDS);
    CHECK(shared.word, 2 * 5 * ADDS);
    CHECK(shared.guarded[0], 2 * (ADDS / 10));
}

/* Each stores, synchronises, and loads what the other stores: one of the two sees it. arg[0] and [1] are stored by
 * processor 0 and by the other one; value is what that saw. */
static void work_cross(struct job *j)
{
    for (uint64_t n = 1; n <= ROUNDS; n++) {
        wait_for_go(j, n);
        j->arg[1] = n;
        __asm__ volatile("sync" : : : "memory");
        j->value = j->arg[0];
        __asm__ volatile("sync" : : : "memory");
        j->seen = n;
    }
}

static void test_cross(void)
{
    struct job *j = &the_job;

    if (!have_other())
        return;
    CHECK(processor_start(OTHER, work_cross), RTAS_OK);
    for (uint64_t n = 1; n <= ROUNDS; n++) {
        uint64_t saw;

        context("round", n);
        j->go = n;
        j->arg[0] = n;
        __asm__ volatile("sync" : : : "memory");
        saw = j->arg[1];
        if (!CHECK_TRUE(wait_until(&j->seen, n)) || !CHECK_TRUE(saw == n || j->value == n))
            break;
    }
    CHECK_TRUE(processor_wait_stopped(OTHER));
}

/* ---- code that one changes and the other runs ---- */
#define LI_R3 0x38600000u
#define BLR 0x4e800020u
static uint32_t function[32] __attribute__((aligned(128))) = { LI_R3, BLR };

static void work_call(struct job *j)
{
    for (uint64_t n = 1; n <= ROUNDS; n++) {
        wait_for_go(j, n);
        __asm__ volatile("isync" : : : "memory");
        for (unsigned i = 0; i < 100; i++)
            j->value = ((uint64_t (*)(void))function)();        /* often enough to be translated */
        j->seen = n;
    }
}

static void test_code(void)
{
    struct job *j = &the_job;

    if (!have_other())
        return;
    CHECK(processor_start(OTHER, work_call), RTAS_OK);
    for (uint64_t n = 1; n <= ROUNDS; n++) {
        context("round", n);
        *(volatile uint32_t *)function = LI_R3 | (uint32_t)n;
        code_written(function);
        j->go = n;
        if (!CHECK_TRUE(wait_until(&j->seen, n)) || !CHECK(j->value, n))
            break;
    }
    CHECK_TRUE(processor_wait_stopped(OTHER));
}

/* ---- a page that one maps elsewhere and the other loads from, while that waits with translation on or off ---- */
static volatile uint64_t pages[2][512] __attribute__((aligned(4096)));

static void set_msr(uint64_t msr)
{
    __asm__ volatile("mtmsrd %0\n\tisync" : : "r"(msr) : "memory");
}

static void work_load(struct job *j)
{
    segments_on();
    for (uint64_t n = 1; n <= ROUNDS; n++) {
        set_msr(n & 2 ? MSR_TRANSLATED : MSR_REAL);
        wait_for_go(j, n);
        set_msr(MSR_TRANSLATED);
        for (unsigned i = 0; i < 100; i++)
            j->value = *(volatile uint64_t *)WINDOW;
        j->seen = n;
    }
    set_msr(MSR_REAL);
}

static void test_mapping(void)
{
    struct job *j = &the_job;

    if (!have_other())
        return;
    translation_on();
    CHECK(processor_start(OTHER, work_load), RTAS_OK);
    for (uint64_t n = 1; n <= ROUNDS; n++) {
        context("round", n);
        pages[n & 1][0] = n;
        window_map(0, (uint64_t)pages[n & 1], HPTE_PP_RW);      /* H_REMOVE, H_ENTER */
        j->go = n;
        if (!CHECK_TRUE(wait_until(&j->seen, n)) || !CHECK(j->value, n))
            break;
    }
    CHECK_TRUE(processor_wait_stopped(OTHER));
    window_unmap(0);
    translation_off();
}

/* ---- waking and interrupting ---- */
static uint8_t area[1024] __attribute__((aligned(1024)));

/* Asleep until prodded. */
static void work_sleep(struct job *j)
{
    j->seen = 1;
    j->value = (uint64_t)job_hcall(j, H_CONFER, OTHER, 0);
}

static void test_prod(void)
{
    volatile uint32_t *count = (volatile uint32_t *)(area + 0x100);

    if (!have_other())
        return;
    memset(area, 0, sizeof(area));
    *(uint16_t *)(area + 4) = be16(640);
    CHECK(processor_start(OTHER, work_sleep), RTAS_OK);
    CHECK(HCALL(H_REGISTER_VPA, 1ull << 45, OTHER, (uint64_t)area), H_SUCCESS);
    CHECK_TRUE(wait_until(&the_job.seen, 1));
    CHECK(processor_state(OTHER), CPU_RUNS);
    CHECK(HCALL(H_PROD, OTHER), H_SUCCESS);
    CHECK_TRUE(processor_wait_stopped(OTHER));
    CHECK(the_job.value, H_SUCCESS);
    CHECK(be32(*count) & 1, 0);
    CHECK(HCALL(H_REGISTER_VPA, 5ull << 45, OTHER, 0), H_SUCCESS);
}

static void work_join(struct job *j)
{
    j->seen = 1;
    j->value = (uint64_t)job_hcall(j, H_JOIN, 0, 0);
    if (j->value == H_CONTINUE)
        job_hcall(j, H_PROD, 0, 0);
}

/* One sleeps, the last one is told to go on, whichever that is. */
static void test_join(void)
{
    int64_t answer;

    if (!have_other())
        return;
    CHECK(processor_start(OTHER, work_join), RTAS_OK);
    CHECK_TRUE(wait_until(&the_job.seen, 1));
    answer = HCALL(H_JOIN, 0);
    if (answer == H_CONTINUE)
        CHECK(HCALL(H_PROD, OTHER), H_SUCCESS);
    CHECK_TRUE(processor_wait_stopped(OTHER));
    CHECK_TRUE((answer == H_CONTINUE && the_job.value == H_SUCCESS) ||
               (answer == H_SUCCESS && the_job.value == H_CONTINUE));
}

/* Takes an interrupt from processor 0 by polling, ends it, sends one back. */
static void work_interrupt(struct job *j)
{
    job_hcall(j, H_CPPR, 0xff, 0);
    j->seen = 1;
    do {
        job_yield(j);
        job_hcall(j, H_XIRR, 0, 0);
    } while (!(j->regs[1] & 0xffffff));
    j->value = j->regs[1];
    job_hcall(j, H_IPI, OTHER, 0xff);
    job_hcall(j, H_EOI, j->value, 0);
    j->arg[0] = (uint64_t)job_hcall(j, H_IPI, 0, 4);
}

static void test_ipi(void)
{
    if (!have_other())
        return;
    set_decrementer(0x7fffffff);
    CHECK(HCALL(H_CPPR, 0xff), H_SUCCESS);
    CHECK(processor_start(OTHER, work_interrupt), RTAS_OK);
    CHECK_TRUE(wait_until(&the_job.seen, 1));
    CHECK(HCALL(H_IPI, OTHER, 5), H_SUCCESS);
    CHECK_TRUE(processor_wait_stopped(OTHER));
    CHECK(the_job.value, 0xff000002);
    CHECK(the_job.arg[0], H_SUCCESS);
    CHECK_TRUE(wait_for_interrupt(60ull * 512000000));
    CHECK(external_xirr, 0xff000002);
    CHECK(HCALL(H_IPI, 0, 0xff), H_SUCCESS);
    CHECK(HCALL(H_EOI, external_xirr), H_SUCCESS);
}

static const struct test rows[] = {
    { "processors-start-stop", test_start_stop },
    { "processors-isolate", test_isolate },
    { "processors-atomic", test_atomic },
    { "processors-cross", test_cross },
    { "processors-code", test_code },
    { "processors-mapping", test_mapping },
    { "processors-prod", test_prod },
    { "processors-join", test_join },
    { "processors-ipi", test_ipi },
};
TESTS(processors_tests, rows);
