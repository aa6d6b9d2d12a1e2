/* SPDX-License-Identifier: Apache-2.0 */
/* guest/test_drc.c - connectors: every request in every state, on a block of memory, a processor,
 * and absent ones of each class.
 * Spec: LoPAR, "Dynamic Reconfiguration"; docs/hotplug.md.  Nothing here needs the host: a guest may give back unasked
 * what it has, and take it again. */
#include "guest/guest.h"

enum { ISOLATION = 9001, LED = 9002, ALLOCATION = 9003, ENTITY_SENSE = 9003 };
enum { NO_CHANGE = -1 };

static uint8_t area[4096] __attribute__((aligned(4096)));

int32_t drc_sense(uint32_t index, uint32_t *sense)
{
    uint32_t out[2];
    int32_t status = RTAS("get-sensor-state", 2, out, ENTITY_SENSE, index);

    *sense = out[1];
    return status;
}

int32_t drc_ask(uint32_t index, enum drc_request what)
{
    switch (what) {
    case ASK_ISOLATE:
        return RTAS("set-indicator", 1, NULL, ISOLATION, index, 0);
    case ASK_UNISOLATE:
        return RTAS("set-indicator", 1, NULL, ISOLATION, index, 1);
    case ASK_UNUSABLE:
        return RTAS("set-indicator", 1, NULL, ALLOCATION, index, 0);
    case ASK_USABLE:
        return RTAS("set-indicator", 1, NULL, ALLOCATION, index, 1);
    default:
        return configure_all(index);
    }
}

void configure_begin(void *work, uint32_t index)
{
    memset(work, 0, 4096);
    ((uint32_t *)work)[0] = be32(index);
}

int32_t configure_step(void *work)
{
    return RTAS("ibm,configure-connector", 1, NULL, (uint32_t)(uintptr_t)work, 0);
}

int32_t configure_all(uint32_t index)
{
    int32_t status;

    configure_begin(area, index);
    do
        status = configure_step(area);
    while (status > 0 && status < 6);
    return status;
}

bool drc_take(uint32_t index)
{
    return !drc_ask(index, ASK_USABLE) && !drc_ask(index, ASK_UNISOLATE) && !configure_all(index);
}

bool drc_give(uint32_t index)
{
    return !drc_ask(index, ASK_ISOLATE) && !drc_ask(index, ASK_UNUSABLE);
}

/* Found out by what it answers; the state is the same afterwards. */
static unsigned state_of(uint32_t index)
{
    uint32_t sense;

    CHECK(drc_sense(index, &sense), RTAS_OK);
    if (sense == 2)
        return DRC_UNUSABLE;
    configure_begin(area, index);
    if (configure_step(area) == DRC_NOT_USABLE)
        return DRC_AVAILABLE;
    if (drc_ask(index, ASK_ISOLATE) != RTAS_OK)
        return DRC_UNISOLATED;
    CHECK(drc_ask(index, ASK_UNISOLATE), RTAS_OK);
    CHECK(configure_all(index), RTAS_OK);
    return DRC_CONFIGURED;
}

/* From CONFIGURED down to the state wanted. */
static void bring_to(uint32_t index, unsigned state)
{
    if (state == DRC_CONFIGURED)
        return;
    CHECK(drc_ask(index, ASK_ISOLATE), RTAS_OK);
    if (state == DRC_UNISOLATED)
        CHECK(drc_ask(index, ASK_UNISOLATE), RTAS_OK);
    if (state == DRC_UNUSABLE)
        CHECK(drc_ask(index, ASK_UNUSABLE), RTAS_OK);
}

static void back_to_configured(uint32_t index, unsigned state)
{
    if (state == DRC_UNUSABLE)
        CHECK(drc_ask(index, ASK_USABLE), RTAS_OK);
    if (state <= DRC_AVAILABLE)
        CHECK(drc_ask(index, ASK_UNISOLATE), RTAS_OK);
    if (state != DRC_CONFIGURED)
        CHECK(configure_all(index), RTAS_OK);
}

static const struct transition {
    unsigned from;
    enum drc_request ask;
    int32_t status;
    unsigned to;
} transitions[] = {
    { DRC_UNUSABLE, ASK_USABLE, RTAS_OK, DRC_AVAILABLE },
    { DRC_UNUSABLE, ASK_UNUSABLE, RTAS_OK, DRC_UNUSABLE },
    { DRC_UNUSABLE, ASK_UNISOLATE, RTAS_PARAMETER, DRC_UNUSABLE },
    { DRC_UNUSABLE, ASK_ISOLATE, RTAS_OK, DRC_UNUSABLE },
    { DRC_UNUSABLE, ASK_CONFIGURE, DRC_NOT_USABLE, DRC_UNUSABLE },
    { DRC_AVAILABLE, ASK_USABLE, RTAS_OK, DRC_AVAILABLE },
    { DRC_AVAILABLE, ASK_UNUSABLE, RTAS_OK, DRC_UNUSABLE },
    { DRC_AVAILABLE, ASK_UNISOLATE, RTAS_OK, DRC_UNISOLATED },
    { DRC_AVAILABLE, ASK_ISOLATE, RTAS_OK, DRC_AVAILABLE },
    { DRC_AVAILABLE, ASK_CONFIGURE, DRC_NOT_USABLE, DRC_AVAILABLE },
    { DRC_UNISOLATED, ASK_USABLE, RTAS_OK, DRC_UNISOLATED },
    { DRC_UNISOLATED, ASK_UNUSABLE, RTAS_PARAMETER, DRC_UNISOLATED },
    { DRC_UNISOLATED, ASK_UNISOLATE, RTAS_OK, DRC_UNISOLATED },
    { DRC_UNISOLATED, ASK_ISOLATE, RTAS_PARAMETER, DRC_UNISOLATED },
    { DRC_UNISOLATED, ASK_CONFIGURE, RTAS_OK, DRC_CONFIGURED },
    { DRC_CONFIGURED, ASK_USABLE, RTAS_OK, DRC_CONFIGURED },
    { DRC_CONFIGURED, ASK_UNUSABLE, RTAS_PARAMETER, DRC_CONFIGURED },
    { DRC_CONFIGURED, ASK_UNISOLATE, RTAS_OK, DRC_CONFIGURED },
    { DRC_CONFIGURED, ASK_ISOLATE, RTAS_OK, DRC_AVAILABLE },
    { DRC_CONFIGURED, ASK_CONFIGURE, RTAS_OK, DRC_CONFIGURED },
};

void drc_walk_transitions(uint32_t index)
{
    for (unsigned i = 0; i < ARRAY_SIZE(transitions); i++) {
        const struct transition *t = &transitions[i];

        context("row of transitions[]", i);
        bring_to(index, t->from);
        CHECK(drc_ask(index, t->ask), t->status);
        CHECK(state_of(index), t->to);
        back_to_configured(index, t->to);
    }
    CHECK(state_of(index), DRC_CONFIGURED);
}

/* The last block of boot memory; 0: there is none. */
static uint32_t own_lmb(void)
{
    return machine.lmb_boot_end > machine.lmb_first ? DRC_LMB(machine.lmb_boot_end - 1) : 0;
}

static void test_lmb(void)
{
    if (own_lmb())
        drc_walk_transitions(own_lmb());
    else
        not_here("no boot memory above the first GiB");
}

/* One that is stopped; the one this runs on cannot be isolated. */
static void test_cpu(void)
{
    uint32_t sense;

    CHECK(drc_ask(DRC_CPU(0), ASK_ISOLATE), DRC_MULTI_LEVEL);
    CHECK(drc_ask(DRC_CPU(0), ASK_UNUSABLE), RTAS_PARAMETER);
    CHECK(drc_sense(DRC_CPU(0), &sense), RTAS_OK);
    CHECK(sense, 1);
    if (processor_here(1))
        drc_walk_transitions(DRC_CPU(1));
}

static void walk_absent(uint32_t index)
{
    static const struct transition absent[] = {
        { 0, ASK_USABLE, RTAS_PARAMETER, 0 }, { 0, ASK_UNUSABLE, RTAS_OK, 0 }, { 0, ASK_UNISOLATE, RTAS_PARAMETER, 0 },
        { 0, ASK_ISOLATE, RTAS_OK, 0 }, { 0, ASK_CONFIGURE, DRC_NOT_USABLE, 0 },
    };
    uint32_t sense;

    for (unsigned i = 0; i < ARRAY_SIZE(absent); i++) {
        context("request to an absent connector", index);
        CHECK(drc_ask(index, absent[i].ask), absent[i].status);
        CHECK(drc_sense(index, &sense), RTAS_OK);
        CHECK(sense, 2);
    }
}

static void test_absent(void)
{
    if (!processor_here(processors_end() - 1))
        walk_absent(DRC_CPU(processors_end() - 1));
    walk_absent(DRC_PHB(0));
    walk_absent(DRC_PHB(5));
    if (machine.lmb_end > machine.lmb_boot_end) {
        walk_absent(DRC_LMB(machine.lmb_end - 1));
        walk_absent(DRC_LMB(machine.lmb_boot_end + (machine.memory_top % machine.lmb_bytes != 0)));
    }
}

static void test_unknown(void)
{
    const uint32_t index[] = {
        DRC_LMB(0), DRC_LMB(machine.lmb_first - 1), DRC_LMB(machine.lmb_end), DRC_LMB(0x0fffffff),
        DRC_CPU(processors_end()), DRC_CPU(0x0fffffff), DRC_PHB(0x0fffffff), 0, 1, 0x30000000, 0x50000000, 0x90000000,
        0xf0000000, 0xffffffff,
    };
    uint32_t sense;

    for (unsigned i = 0; i < ARRAY_SIZE(index); i++) {
        context("index", index[i]);
        CHECK(drc_sense(index[i], &sense), RTAS_PARAMETER);
        for (unsigned ask = ASK_ISOLATE; ask <= ASK_CONFIGURE; ask++)
            CHECK(drc_ask(index[i], ask), RTAS_PARAMETER);
        CHECK(RTAS("set-indicator", 1, NULL, LED, index[i], 1), RTAS_PARAMETER);
    }
}

static void test_arguments(void)
{
    static const uint32_t type[] = { ISOLATION, LED, ALLOCATION }, value[] = { 2, 3, 4, 0x80000000, 0xffffffff };
    uint32_t out[2];

    for (unsigned i = 0; i < ARRAY_SIZE(type); i++)
        for (unsigned j = 0; j < ARRAY_SIZE(value); j++)
            CHECK(RTAS("set-indicator", 1, NULL, type[i], DRC_CPU(0), value[j]), RTAS_PARAMETER);
    CHECK(RTAS("set-indicator", 1, NULL, LED, DRC_CPU(0), 0), RTAS_PARAMETER);      /* no light on a logical one */
    CHECK(RTAS("set-indicator", 1, NULL, 9000, DRC_CPU(0), 0), RTAS_PARAMETER);
    CHECK(RTAS("set-indicator", 1, NULL, 0, 0, 0), RTAS_PARAMETER);
    CHECK(RTAS("get-sensor-state", 2, out, 9, 0), RTAS_PARAMETER);
    CHECK(RTAS("get-sensor-state", 2, out, 0xffffffff, DRC_CPU(0)), RTAS_PARAMETER);
}

/* ---- what becomes of the memory ---- */

static uint64_t block_start(void)
{
    return (uint64_t)(own_lmb() & 0x0fffffff) * machine.lmb_bytes;
}

static const struct page page = { 0x3333, 0x77000, 12 };

/* Given back, it is gone: no address, no entry; taken again, it is empty. */
static void test_memory_goes(void)
{
    uint64_t start = block_start(), last = start + machine.lmb_bytes - 8;

    if (!own_lmb()) {
        not_here("no boot memory above the first GiB");
        return;
    }
    *(volatile uint64_t *)start = *(volatile uint64_t *)last = 0x1122334455667788;
    CHECK_TRUE(drc_give(own_lmb()));
    CHECK(HCALL(H_LOGICAL_CI_LOAD, 8, start), H_PARAMETER);
    CHECK(HCALL(H_LOGICAL_CI_STORE, 8, last, 1), H_PARAMETER);
    CHECK(page_enter(&page, 0, 0, start | HPTE_M | HPTE_RC | HPTE_PP_RW), H_PARAMETER);
    CHECK(HCALL(H_PAGE_INIT, 1 << 15, start, 0), H_PARAMETER);
    CHECK_TRUE(drc_take(own_lmb()));
    CHECK(*(volatile uint64_t *)start, 0);
    CHECK(*(volatile uint64_t *)last, 0);
    *(volatile uint64_t *)last = 5;
    CHECK(*(volatile uint64_t *)last, 5);
}

/* What an entry maps cannot be isolated, and stays whole. */
static void test_still_mapped(void)
{
    static const struct page big = { 0x3333, 0x3000000, 24 };
    uint64_t last = block_start() + machine.lmb_bytes - 4096;

    if (!own_lmb()) {
        not_here("no boot memory above the first GiB");
        return;
    }
    *(volatile uint64_t *)last = 77;
    CHECK(page_enter(&page, 0, 0, last | HPTE_M | HPTE_RC | HPTE_PP_RW), H_SUCCESS);
    CHECK(drc_ask(own_lmb(), ASK_ISOLATE), DRC_STILL_MAPPED);
    CHECK(*(volatile uint64_t *)last, 77);
    HCALL(H_CLEAR_HPT, 0);
    CHECK(page_enter(&big, 0, HPTE_BOLTED, block_start() | HPTE_M | HPTE_RC | HPTE_PP_RW), H_SUCCESS);
    CHECK(drc_ask(own_lmb(), ASK_ISOLATE), DRC_STILL_MAPPED);
    HCALL(H_CLEAR_HPT, 0);
    CHECK(state_of(own_lmb()), DRC_CONFIGURED);
    CHECK(*(volatile uint64_t *)last, 77);
}

/* An entry made between isolate and unusable is dropped with the memory. */
static void test_entries_drop(void)
{
    uint64_t ptex;

    if (!own_lmb()) {
        not_here("no boot memory above the first GiB");
        return;
    }
    CHECK(drc_ask(own_lmb(), ASK_ISOLATE), RTAS_OK);
    CHECK(page_enter(&page, 0, 0, block_start() | HPTE_M | HPTE_RC | HPTE_PP_RW), H_SUCCESS);
    ptex = hret[0];
    CHECK(drc_ask(own_lmb(), ASK_UNUSABLE), RTAS_OK);
    CHECK(HCALL(H_READ, 0, ptex), H_SUCCESS);
    CHECK(hret[0] & HPTE_V, 0);
    CHECK_TRUE(drc_take(own_lmb()));
}

static void test_many_times(void)
{
    if (!own_lmb()) {
        not_here("no boot memory above the first GiB");
        return;
    }
    for (unsigned i = 0; i < 200; i++) {
        volatile uint64_t *at = (uint64_t *)(block_start() + i * 0x10000);

        context("repetition", i);
        *at = i + 1;
        if (!CHECK_TRUE(drc_give(own_lmb())) || !CHECK_TRUE(drc_take(own_lmb())))
            break;
        CHECK(*at, 0);
    }
}

static const struct test rows[] = {
    { "drc-transitions-lmb", test_lmb },
    { "drc-transitions-cpu", test_cpu },
    { "drc-absent", test_absent },
    { "drc-unknown", test_unknown },
    { "drc-arguments", test_arguments },
    { "drc-memory-goes", test_memory_goes },
    { "drc-still-mapped", test_still_mapped },
    { "drc-entries-drop", test_entries_drop },
    { "drc-many-times", test_many_times },
};
TESTS(drc_tests, rows);
