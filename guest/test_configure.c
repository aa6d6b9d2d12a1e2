/* SPDX-License-Identifier: Apache-2.0 */
/* guest/test_configure.c - ibm,configure-connector: whole walks, interleaved, abandoned, forged.
 * Spec: LoPAR, ibm,configure-connector; its work area keeps the place. */
#include "guest/guest.h"

enum { DONE = 0, SIBLING = 1, CHILD = 2, PROPERTY = 3, PARENT = 4 };
enum { STEPS_MAX = 200 };

static uint32_t area[3][1024] __attribute__((aligned(4096)));
static uint8_t first_pass[STEPS_MAX][256];

static uint32_t some_lmb(void)
{
    return machine.lmb_boot_end > machine.lmb_first ? DRC_LMB(machine.lmb_boot_end - 1) : 0;
}

static const char *name_in(const uint32_t *a)
{
    uint32_t at = be32(a[2]);

    return CHECK_TRUE(at >= 20 && at < 4096) ? (const char *)a + at : "";
}

static const uint32_t *value_in(const uint32_t *a, uint32_t *bytes)
{
    uint32_t at = be32(a[4]);

    *bytes = be32(a[3]);
    CHECK_TRUE(!*bytes || (at >= 20 && at + *bytes <= 4096));
    return (const uint32_t *)((const char *)a + at);
}

static void test_lmb_node(void)
{
    bool type = false, reg = false, associativity = false;
    int32_t status;
    uint32_t bytes;

    if (!some_lmb()) {
        not_here("no boot memory above the first GiB");
        return;
    }
    configure_begin(area[0], some_lmb());
    CHECK(configure_step(area[0]), CHILD);
    CHECK(strncmp(name_in(area[0]), "memory@", 7), 0);
    while ((status = configure_step(area[0])) == PROPERTY) {
        const char *name = name_in(area[0]);
        const uint32_t *value = value_in(area[0], &bytes);

        if (!strcmp(name, "device_type"))
            type = !strcmp((const char *)value, "memory");
        if (!strcmp(name, "reg"))
            reg = bytes == 16 &&
                  (uint64_t)be32(value[0]) << 32 == (some_lmb() & 0x0fffffff) * machine.lmb_bytes >> 32 << 32 &&
                  be32(value[1]) == (uint32_t)((some_lmb() & 0x0fffffff) * machine.lmb_bytes) &&
                  ((uint64_t)be32(value[2]) << 32 | be32(value[3])) == machine.lmb_bytes;
        if (!strcmp(name, "ibm,associativity"))
            associativity = bytes >= 8;
    }
    CHECK(status, DONE);
    CHECK_TRUE(type);
    CHECK_TRUE(reg);
    CHECK_TRUE(associativity);
}

static void test_cpu_node(void)
{
    bool servers = false, index = false;
    unsigned steps = 0;
    int32_t status;
    uint32_t bytes;

    configure_begin(area[0], DRC_CPU(0));
    CHECK(configure_step(area[0]), CHILD);
    CHECK(strncmp(name_in(area[0]), "PowerPC,POWER", 13), 0);
    while ((status = configure_step(area[0])) == PROPERTY && steps++ < STEPS_MAX) {
        const char *name = name_in(area[0]);
        const uint32_t *value = value_in(area[0], &bytes);

        if (!strcmp(name, "ibm,ppc-interrupt-server#s"))
            servers = bytes >= 4 && be32(value[0]) == 0;
        if (!strcmp(name, "ibm,my-drc-index"))
            index = bytes == 4 && be32(value[0]) == DRC_CPU(0);
    }
    CHECK(status, DONE);
    CHECK_TRUE(steps > 10);
    CHECK_TRUE(servers);
    CHECK_TRUE(index);
}

/* Three walks step by step in turn give what each gives alone. */
static void test_interleaved(void)
{
    uint32_t index[3] = { DRC_CPU(0), some_lmb() ? some_lmb() : DRC_CPU(0), DRC_CPU(0) };
    int32_t status[3] = { 1, 1, 1 };
    unsigned steps[3] = { 0 };

    configure_begin(area[0], index[0]);
    for (unsigned i = 0; i < STEPS_MAX && configure_step(area[0]) > 0; i++)
        memcpy(first_pass[i], area[0], sizeof(first_pass[i]));
    for (unsigned i = 0; i < 3; i++)
        configure_begin(area[i], index[i]);
    for (unsigned turn = 0; turn < 3 * STEPS_MAX && (status[0] > 0 || status[1] > 0 || status[2] > 0); turn++) {
        unsigned i = turn % 3;

        if (status[i] <= 0)
            continue;
        status[i] = configure_step(area[i]);
        if (status[i] > 0 && index[i] == DRC_CPU(0))
            CHECK(memcmp(first_pass[steps[i]], area[i], sizeof(first_pass[0])), 0);
        steps[i] += status[i] > 0;
    }
    for (unsigned i = 0; i < 3; i++)
        CHECK(status[i], DONE);
    CHECK(steps[0], steps[2]);
}

static void test_abandoned(void)
{
    for (unsigned n = 1; n < 6; n++) {
        configure_begin(area[0], DRC_CPU(0));
        for (unsigned i = 0; i < n; i++)
            CHECK_TRUE(configure_step(area[0]) > 0);
        configure_begin(area[0], DRC_CPU(0));
        CHECK(configure_step(area[0]), CHILD);          /* from the beginning */
    }
    CHECK(configure_all(DRC_CPU(0)), DONE);
}

/* A place that no walk handed out: some step of the same walk, or its end. */
static void test_forged_place(void)
{
    static const uint32_t place[] = { 1, 2, 100, 1000, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff };

    for (unsigned i = 0; i < ARRAY_SIZE(place); i++) {
        int32_t status;

        context("place", place[i]);
        configure_begin(area[0], DRC_CPU(0));
        area[0][1] = be32(place[i]);
        status = configure_step(area[0]);
        CHECK_TRUE(status >= -9003 && status <= PARENT);
        if (status > 0)
            name_in(area[0]);
    }
}

/* The index changes between two steps. */
static void test_changed_index(void)
{
    configure_begin(area[0], DRC_CPU(0));
    CHECK(configure_step(area[0]), CHILD);
    area[0][0] = be32(DRC_PHB(0));
    CHECK(configure_step(area[0]), DRC_NOT_USABLE);
    area[0][0] = 0;
    CHECK(configure_step(area[0]), RTAS_PARAMETER);
    area[0][0] = be32(some_lmb());
    if (some_lmb())
        CHECK_TRUE(configure_step(area[0]) >= 0);
}

static void test_work_area(void)
{
    static const uint32_t high[] = { 0xfffff000, 0xffffffff, 0xfffffffc };

    configure_begin(area[0], DRC_CPU(0));
    for (unsigned i = 0; i < ARRAY_SIZE(high); i++)
        if (high[i] >= machine.memory_top)
            CHECK(RTAS("ibm,configure-connector", 1, NULL, high[i], 0), RTAS_PARAMETER);
    if (machine.memory_top < 1ull << 32)
        CHECK(RTAS("ibm,configure-connector", 1, NULL, (uint32_t)machine.memory_top - 8, 0), RTAS_PARAMETER);
}

static const struct test rows[] = {
    { "configure-lmb-node", test_lmb_node },
    { "configure-cpu-node", test_cpu_node },
    { "configure-interleaved", test_interleaved },
    { "configure-abandoned", test_abandoned },
    { "configure-forged-place", test_forged_place },
    { "configure-changed-index", test_changed_index },
    { "configure-work-area", test_work_area },
};
TESTS(configure_tests, rows);
