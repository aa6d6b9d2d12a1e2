/* SPDX-License-Identifier: Apache-2.0 */
/* guest/test_code.c - code that runs translated and changes: in its own page, in another, across two, through an alias,
 * by hypercall, by another entry of the hash table; and what translation refuses.  Each function is first run hot, so
 * that an engine that translates has done so. */
#include "guest/guest.h"

enum { HOT = 3000 };
enum { LI_R3 = 0x38600000, BLR = 0x4e800020, NOP = 0x60000000, ADDI_R3 = 0x38630000, SC1 = 0x44000022,
       SC = 0x44000002 };
enum { VECTOR_DSI = 0x300, VECTOR_DATA_SEGMENT = 0x380, VECTOR_ISI = 0x400, VECTOR_INSN_SEGMENT = 0x480,
       VECTOR_PROGRAM = 0x700, VECTOR_SYSTEM_CALL = 0xc00 };

static uint32_t code[3][1024] __attribute__((aligned(4096)));

/* Pages 0 to 2 at WINDOW, and page 0 once more at ALIAS. */
#define ALIAS 0x8000ull

static void map_code(void)
{
    memset(code, 0, sizeof(code));
    translation_on();
    for (unsigned i = 0; i < 3; i++)
        window_map(i * 4096, (uint64_t)code[i], HPTE_PP_RW);
    window_map(ALIAS, (uint64_t)code[0], HPTE_PP_RW);
}

static void unmap_code(void)
{
    translation_off();
}

static uint64_t run_at(uint64_t ea, uint64_t r3, uint64_t r4)
{
    uint64_t vector = enter(ea, r3, r4, MSR_TRANSLATED);

    return vector ? vector << 32 : entered_r3;
}

static void put_function(uint32_t *at, unsigned value)
{
    at[0] = LI_R3 | value;
    at[1] = BLR;
    code_written(at);
    code_written(at + 1);
}

static void run_hot(uint64_t ea)
{
    for (unsigned i = 0; i < HOT; i++)
        run_at(ea, 0, 0);
}

/* Translated, so that stores and cache instructions go through the alias that is given: (where, instruction). */
static uint64_t store_code(uint64_t at, uint64_t insn)
{
    *(volatile uint32_t *)at = (uint32_t)insn;
    code_written((void *)at);
    return 0;
}

static void store_translated(uint64_t ea, uint32_t insn)
{
    CHECK(enter((uint64_t)store_code, ea, insn, MSR_TRANSLATED), 0);
}

static void test_runs(void)
{
    map_code();
    put_function(code[0], 7);
    CHECK(run_at(WINDOW, 0, 0), 7);
    CHECK(run_at(WINDOW + ALIAS, 0, 0), 7);
    unmap_code();
}

static void test_other_page(void)
{
    map_code();
    put_function(code[0], 1);
    run_hot(WINDOW);
    for (unsigned i = 0; i < 500; i++) {
        context("change", i);
        store_translated(WINDOW, LI_R3 | i);
        CHECK(run_at(WINDOW, 0, 0), i);
    }
    unmap_code();
}

static void test_by_real_address(void)
{
    map_code();
    put_function(code[0], 1);
    run_hot(WINDOW);
    for (unsigned i = 0; i < 500; i++) {
        context("change", i);
        put_function(code[0], i);
        CHECK(run_at(WINDOW, 0, 0), i);
    }
    unmap_code();
}

static void test_alias(void)
{
    map_code();
    put_function(code[0], 1);
    run_hot(WINDOW);
    run_hot(WINDOW + ALIAS);
    for (unsigned i = 0; i < 500; i++) {
        context("change", i);
        store_translated(i & 1 ? WINDOW : WINDOW + ALIAS, LI_R3 | i);
        CHECK(run_at(i & 1 ? WINDOW + ALIAS : WINDOW, 0, 0), i);
        CHECK(run_at(i & 1 ? WINDOW : WINDOW + ALIAS, 0, 0), i);
    }
    unmap_code();
}

/* r3: address of the last instruction but one, r4: what to put there.  Changes what it is about to run. */
static const uint32_t own_page[] = {
    0x90830000,         /* stw r4,0(r3) */
    0x7c00186c,         /* dcbst 0,r3 */
    0x7c0004ac,         /* sync */
    0x7c001fac,         /* icbi 0,r3 */
    0x7c0004ac,         /* sync */
    0x4c00012c,         /* isync */
    LI_R3,
    BLR,
};
enum { OWN_TARGET = 6 };

static void test_own_page(void)
{
    map_code();
    memcpy(code[0], own_page, sizeof(own_page));
    code_written(code[0]);
    for (unsigned i = 0; i < HOT; i++) {
        context("change", i);
        if (!CHECK(run_at(WINDOW, WINDOW + 4 * OWN_TARGET, LI_R3 | i), i))
            break;
    }
    unmap_code();
}

/* The same, its stores through the alias. */
static void test_own_page_alias(void)
{
    map_code();
    memcpy(code[0], own_page, sizeof(own_page));
    code_written(code[0]);
    for (unsigned i = 0; i < HOT; i++) {
        context("change", i);
        if (!CHECK(run_at(WINDOW, WINDOW + ALIAS + 4 * OWN_TARGET, LI_R3 | i), i))
            break;
    }
    unmap_code();
}

/* A sequence over the border of two pages; either part changes. */
static void test_straddling(void)
{
    map_code();
    code[0][1022] = LI_R3;
    code[0][1023] = ADDI_R3;
    code[1][0] = ADDI_R3;
    code[1][1] = BLR;
    code_written(&code[0][1022]);
    code_written(code[1]);
    run_hot(WINDOW + 1022 * 4);
    for (unsigned i = 0; i < 300; i++) {
        context("change", i);
        store_translated(WINDOW + 1022 * 4, LI_R3 | i);
        CHECK(run_at(WINDOW + 1022 * 4, 0, 0), i + (i ? 7 * (i - 1) + 1000 : 0));
        store_translated(WINDOW + 4096, ADDI_R3 | 1000);
        store_translated(WINDOW + 1023 * 4, ADDI_R3 | 7 * i);
        CHECK(run_at(WINDOW + 1022 * 4, 0, 0), 8 * i + 1000);
    }
    unmap_code();
}

/* Data and code in one page: stores beside the code change nothing. */
static void test_data_beside(void)
{
    map_code();
    put_function(code[0], 11);
    run_hot(WINDOW);
    for (unsigned i = 0; i < 2000; i++) {
        code[0][512 + (i & 255)] = i;
        if (!CHECK(run_at(WINDOW, 0, 0), 11))
            break;
    }
    unmap_code();
}

/* The address stays, the memory behind it changes. */
static void test_remapped(void)
{
    map_code();
    put_function(code[0], 1);
    put_function(code[1], 2);
    run_hot(WINDOW);
    for (unsigned i = 0; i < 200; i++) {
        context("change", i);
        window_map(0, (uint64_t)code[i & 1], HPTE_PP_RW);
        if (!CHECK(run_at(WINDOW, 0, 0), 1 + (i & 1)))
            break;
    }
    unmap_code();
}

static void test_by_hypercall(void)
{
    map_code();
    put_function(code[0], 1);
    put_function(code[1], 2);
    put_function(code[2], 3);
    run_hot(WINDOW);
    for (unsigned i = 0; i < 200; i++) {
        context("change", i);
        CHECK(HCALL(H_PAGE_INIT, 1 << 14 | 1 << 23 | 1 << 22, (uint64_t)code[0], (uint64_t)code[1 + (i & 1)]),
              H_SUCCESS);
        if (!CHECK(run_at(WINDOW, 0, 0), 2 + (i & 1)))
            break;
    }
    CHECK(HCALL(H_LOGICAL_CI_STORE, 4, (uint64_t)code[0], be32(LI_R3 | 99)), H_SUCCESS);
    code_written(code[0]);
    CHECK(run_at(WINDOW, 0, 0), 99);
    unmap_code();
}

/* ---- what translation refuses ---- */
static uint64_t load_from(uint64_t ea, uint64_t unused)
{
    (void)unused;
    return *(volatile uint64_t *)ea;
}

static uint64_t store_to(uint64_t ea, uint64_t value)
{
    *(volatile uint64_t *)ea = value;
    return 0;
}

static void test_faults(void)
{
    map_code();
    put_function(code[0], 5);
    run_hot(WINDOW);
    CHECK(enter((uint64_t)load_from, WINDOW + 0x20000, 0, MSR_TRANSLATED), VECTOR_DSI);
    CHECK(interrupt_frame.dar, WINDOW + 0x20000);
    CHECK(interrupt_frame.dsisr, 0x40000000);
    CHECK(enter(WINDOW + 0x20000, 0, 0, MSR_TRANSLATED), VECTOR_ISI);
    CHECK(interrupt_frame.srr0, WINDOW + 0x20000);
    CHECK(interrupt_frame.srr1 & 0x40000000, 0x40000000);
    CHECK(enter((uint64_t)load_from, 0x7000000000, 0, MSR_TRANSLATED), VECTOR_DATA_SEGMENT);
    CHECK(enter(0x7000000000, 0, 0, MSR_TRANSLATED), VECTOR_INSN_SEGMENT);
    window_map(0, (uint64_t)code[0], HPTE_PP_RO);
    CHECK(enter((uint64_t)store_to, WINDOW, 1, MSR_TRANSLATED), VECTOR_DSI);
    CHECK(interrupt_frame.dsisr, 0x0a000000);
    CHECK(run_at(WINDOW, 0, 0), 5);
    window_map(0, (uint64_t)code[0], HPTE_PP_RW | HPTE_N);
    CHECK(enter(WINDOW, 0, 0, MSR_TRANSLATED), VECTOR_ISI);
    CHECK(interrupt_frame.srr1 & 0x10000000, 0x10000000);
    CHECK(window_unmap(0), H_SUCCESS);
    CHECK(enter(WINDOW, 0, 0, MSR_TRANSLATED), VECTOR_ISI);
    unmap_code();
}

/* H_PROTECT reaches code and data that were used a moment ago. */
static void test_protect(void)
{
    struct page p = { VSID_WINDOW, 0, 12 };
    uint64_t ptex = 0;

    map_code();
    put_function(code[0], 5);
    run_hot(WINDOW);
    for (unsigned i = 0; i < 8; i++) {
        HCALL(H_READ, 0, page_ptex(&p, machine.hpt_shift) + i);
        if ((hret[0] & ~0x7full) == (page_v(&p) & ~0x7full))
            ptex = page_ptex(&p, machine.hpt_shift) + i;
    }
    CHECK(HCALL(H_PROTECT, H_AVPN | HPTE_N | HPTE_PP_RO, ptex, page_v(&p) & ~0x7full), H_SUCCESS);
    CHECK(enter(WINDOW, 0, 0, MSR_TRANSLATED), VECTOR_ISI);
    CHECK(enter((uint64_t)store_to, WINDOW, 1, MSR_TRANSLATED), VECTOR_DSI);
    CHECK(HCALL(H_PROTECT, H_AVPN | HPTE_PP_RW, ptex, page_v(&p) & ~0x7full), H_SUCCESS);
    CHECK(run_at(WINDOW, 0, 0), 5);
    unmap_code();
}

/* ---- problem state ---- */
static void test_user(void)
{
    map_code();
    code[0][0] = SC1;                                   /* a hypercall is not for users */
    code[0][1] = SC;
    code[0][2] = 0x7c6000a6;                            /* mfmsr r3 */
    code_written(code[0]);
    CHECK(enter(WINDOW, H_RANDOM, 0, MSR_USER), VECTOR_SYSTEM_CALL);
    CHECK(interrupt_frame.gpr[3], H_PRIVILEGE);
    CHECK(interrupt_frame.srr0, WINDOW + 8);
    CHECK(enter(WINDOW + 8, 0, 0, MSR_USER), VECTOR_PROGRAM);
    CHECK(interrupt_frame.srr1 & 0x40000, 0x40000);     /* privileged */
    window_map(4096, (uint64_t)code[1], 0);             /* PP 00: not with key 1 */
    CHECK(enter(WINDOW + 4096, 0, 0, MSR_USER), VECTOR_ISI);
    unmap_code();
}

static const struct test rows[] = {
    { "code-runs", test_runs },
    { "code-other-page", test_other_page },
    { "code-by-real-address", test_by_real_address },
    { "code-alias", test_alias },
    { "code-own-page", test_own_page },
    { "code-own-page-alias", test_own_page_alias },
    { "code-straddling", test_straddling },
    { "code-data-beside", test_data_beside },
    { "code-remapped", test_remapped },
    { "code-by-hypercall", test_by_hypercall },
    { "code-faults", test_faults },
    { "code-protect", test_protect },
    { "code-user", test_user },
};
TESTS(code_tests, rows);
