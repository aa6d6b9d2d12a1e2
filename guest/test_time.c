/* SPDX-License-Identifier: Apache-2.0 */
/* guest/test_time.c - time base and decrementer.
 * Spec: Power ISA 2.07B Book III-S, 9; the time base runs at 512 MHz. */
#include "guest/guest.h"

enum { HZ = 512000000 };

static uint64_t decrementer(void)
{
    uint64_t v;

    __asm__ volatile("mfdec %0" : "=r"(v));
    return v;
}

static void test_timebase(void)
{
    uint64_t last = timebase(), start = last;

    for (unsigned i = 0; i < 20000; i++) {
        uint64_t now = timebase();

        if (!CHECK_TRUE(now >= last))
            break;
        last = now;
    }
    CHECK_TRUE(last > start);
}

/* Nanoseconds of the hour: what RTAS says and what the time base says agree. The host may stop us between any two
 * instructions, so each difference is bounded by those of the time base around it; and it may set its clock. */
static void test_timebase_rate(void)
{
    uint64_t t0 = timebase(), t1, t2, t3;
    uint32_t a[8], b[8];
    int64_t ns;

    CHECK(rtas("get-time-of-day", 0, 8, NULL, a), RTAS_OK);
    t1 = timebase();
    while (timebase() - t1 < HZ / 50)
        ;
    t2 = timebase();
    CHECK(rtas("get-time-of-day", 0, 8, NULL, b), RTAS_OK);
    t3 = timebase();
    ns = ((((int64_t)b[5] - a[5]) * 60 + b[6] - a[6] + 3600) % 3600) * 1000000000 + b[7] - a[7];
    CHECK_TRUE(ns >= (int64_t)((t2 - t1) * 995 / 512));
    CHECK_TRUE(ns <= (int64_t)((t3 - t0) * 1005 / 512) + 1000000000);
}

/* The host may stop us between any two instructions: each difference is bounded by those of the time base around it. */
static void test_decrementer_counts(void)
{
    uint64_t t0, t1, t2, t3, a, b;

    set_decrementer(0x7fffffff);
    t0 = timebase();
    a = decrementer();
    t1 = timebase();
    while (timebase() - t1 < 100000)
        ;
    t2 = timebase();
    b = decrementer();
    t3 = timebase();
    CHECK_TRUE(a - b >= t2 - t1);
    CHECK_TRUE(a - b <= t3 - t0);
}

static void test_decrementer_interrupt(void)
{
    uint64_t before = decrementer_taken, from = timebase();

    set_decrementer(HZ / 1000);
    CHECK_TRUE(wait_for_interrupt(10ull * HZ));
    CHECK(decrementer_taken, before + 1);
    CHECK_TRUE(timebase() - from >= HZ / 1000);
}

/* Expired while interrupts were off: taken when they are let in. */
static void test_decrementer_waits(void)
{
    uint64_t before = decrementer_taken, from = timebase();

    set_decrementer(1);
    while (timebase() - from < 10000)
        ;
    CHECK(decrementer_taken, before);
    CHECK_TRUE(decrementer() >> 31 & 1);
    CHECK_TRUE(wait_for_interrupt(10ull * HZ));
    CHECK(decrementer_taken, before + 1);
}

static void test_cede_until_decrementer(void)
{
    uint64_t before = decrementer_taken, from = timebase();

    set_decrementer(HZ / 1000);
    CHECK(HCALL(H_CEDE, 0), H_SUCCESS);
    __asm__ volatile("mtmsrd %0,1" : : "r"(MSR_RI) : "memory");
    CHECK(decrementer_taken, before + 1);
    CHECK_TRUE(timebase() - from >= HZ / 1000);
}

static const struct test rows[] = {
    { "time-base", test_timebase },
    { "time-base-rate", test_timebase_rate },
    { "time-decrementer-counts", test_decrementer_counts },
    { "time-decrementer-interrupt", test_decrementer_interrupt },
    { "time-decrementer-waits", test_decrementer_waits },
    { "time-cede", test_cede_until_decrementer },
};
TESTS(time_tests, rows);
