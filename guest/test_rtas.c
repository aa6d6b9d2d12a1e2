/* SPDX-License-Identifier: Apache-2.0 */
/* guest/test_rtas.c - the argument block of RTAS with counts, tokens and addresses that cannot be; small services.
 * Spec: LoPAR, "RTAS environment", "RTAS call definition". */
#include "guest/guest.h"

static uint32_t block[64] __attribute__((aligned(4096)));

static int64_t call(uint32_t token, uint32_t nargs, uint32_t nrets)
{
    for (unsigned i = 0; i < ARRAY_SIZE(block); i++)
        block[i] = 0xa5a5a5a5;
    block[0] = be32(token);
    block[1] = be32(nargs);
    block[2] = be32(nrets);
    return (int64_t)rtas_raw((uint64_t)block);
}

static void check_untouched(unsigned from)
{
    for (unsigned i = from; i < ARRAY_SIZE(block); i++)
        CHECK(block[i], 0xa5a5a5a5);
}

static void test_counts(void)
{
    static const uint32_t count[][2] = {
        { 17, 0 }, { 0, 17 }, { 16, 1 }, { 1, 16 }, { 0xffffffff, 1 }, { 1, 0xffffffff }, { 0x80000000, 0x80000000 },
        { 0xffffffff, 0xffffffff }, { 0x40000000, 0 }, { 0, 0x40000000 }, { 0xfffffff0, 17 },
    };

    for (unsigned i = 0; i < ARRAY_SIZE(count); i++) {
        context("nargs", count[i][0]);
        CHECK_TRUE(call(rtas_token("get-time-of-day"), count[i][0], count[i][1]) != 0);
        check_untouched(3);
    }
}

/* Fewer or more than the service has: -3 where there is room for it, and nothing behind it. */
static void test_wrong_counts(void)
{
    call(rtas_token("get-time-of-day"), 0, 1);
    CHECK(block[3], be32(RTAS_PARAMETER));
    check_untouched(4);
    call(rtas_token("get-time-of-day"), 3, 8);
    CHECK(block[6], be32(RTAS_PARAMETER));
    check_untouched(14);
    call(rtas_token("get-time-of-day"), 0, 0);
    check_untouched(3);
    call(rtas_token("get-time-of-day"), 0, 16);
    CHECK(block[3], 0);
    check_untouched(19);
}

static void test_tokens(void)
{
    static const uint32_t token[] = { 0, 1, 0xa, 0x1fff, 0x2fff, 0x7fffffff, 0xffffffff };

    for (unsigned i = 0; i < ARRAY_SIZE(token); i++) {
        context("token", token[i]);
        CHECK_TRUE(call(token[i], 0, 1) != 0);
        CHECK(block[3], be32(RTAS_PARAMETER));
        check_untouched(4);
    }
}

/* By hypercall: a gate could not pass 64 bits. */
static void test_addresses(void)
{
    const uint64_t bad[] = {
        machine.memory_top, machine.memory_top - 4, UINT64_MAX, UINT64_MAX - 3, UINT64_MAX - 11, 1ull << 63, 1ull << 46,
        machine.ceiling + (1ull << 40),
    };

    for (unsigned i = 0; i < ARRAY_SIZE(bad); i++) {
        context("address", bad[i]);
        CHECK(HCALL(H_RTAS, bad[i]), H_PARAMETER);
    }
}

static void test_time_of_day(void)
{
    uint32_t now[8], then[8];

    CHECK(rtas("get-time-of-day", 0, 8, NULL, now), RTAS_OK);
    CHECK_TRUE(now[1] >= 2024 && now[1] < 2200 && now[2] >= 1 && now[2] <= 12 && now[3] >= 1 && now[3] <= 31);
    CHECK_TRUE(now[4] < 24 && now[5] < 60 && now[6] < 61 && now[7] < 1000000000);
    CHECK(RTAS("set-time-of-day", 1, NULL, 2031, 2, 28, 23, 59, 58, 0), RTAS_OK);
    CHECK(rtas("get-time-of-day", 0, 8, NULL, then), RTAS_OK);
    CHECK(then[1], 2031);
    CHECK(RTAS("set-time-of-day", 1, NULL, 2031, 13, 1, 0, 0, 0, 0), RTAS_PARAMETER);
    CHECK(RTAS("set-time-of-day", 1, NULL, 2031, 2, 1, 24, 0, 0, 0), RTAS_PARAMETER);
    CHECK(RTAS("set-time-of-day", 1, NULL, now[1], now[2], now[3], now[4], now[5], now[6], now[7]), RTAS_OK);
}

static void test_system_parameters(void)
{
    static uint8_t buffer[64];
    uint32_t at = (uint32_t)(uintptr_t)buffer;

    memset(buffer, 0xee, sizeof(buffer));
    CHECK(RTAS("ibm,get-system-parameter", 1, NULL, 20, at, 10), RTAS_OK);
    CHECK(buffer[9] != 0xee, true);
    CHECK(buffer[10], 0xee);                            /* no more than asked for */
    CHECK(RTAS("ibm,get-system-parameter", 1, NULL, 20, at, 0), RTAS_OK);
    CHECK(RTAS("ibm,get-system-parameter", 1, NULL, 9999, at, 64), RTAS_PARAMETER);
    CHECK(RTAS("ibm,get-system-parameter", 1, NULL, 20, 0xfffffff0, 64), RTAS_PARAMETER);
}

static void test_processors(void)
{
    uint32_t out[2];

    CHECK(RTAS("query-cpu-stopped-state", 2, out, 0), RTAS_OK);
    CHECK(out[1], 2);
    CHECK(RTAS("query-cpu-stopped-state", 2, out, processors_end()), RTAS_PARAMETER);
    CHECK(RTAS("query-cpu-stopped-state", 2, out, 0xffffffff), RTAS_PARAMETER);
    CHECK(RTAS("start-cpu", 1, NULL, 0, 0x100000, 0), RTAS_HARDWARE);      /* runs already */
    CHECK(RTAS("start-cpu", 1, NULL, 77, 0x100000, 0), RTAS_PARAMETER);
}

static const struct test rows[] = {
    { "rtas-counts", test_counts },
    { "rtas-wrong-counts", test_wrong_counts },
    { "rtas-tokens", test_tokens },
    { "rtas-addresses", test_addresses },
    { "rtas-time-of-day", test_time_of_day },
    { "rtas-system-parameters", test_system_parameters },
    { "rtas-processors", test_processors },
};
TESTS(rtas_tests, rows);
