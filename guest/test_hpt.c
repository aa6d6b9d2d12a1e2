/* SPDX-License-Identifier: Apache-2.0 */
/* guest/test_hpt.c - hypercalls on the hash table: what they answer to good and to hostile arguments.  Spec: LoPAR,
 * H_ENTER and the calls after it. */
#include "guest/guest.h"

static const struct page page = { 0x5555, 0x123000, 12 };
#define RW (HPTE_M | HPTE_RC | HPTE_PP_RW)
enum { EXACT_SLOT = 3 };

static uint64_t table_end(void)
{
    return 1ull << (machine.hpt_shift - 4);
}

static int64_t enter_at(uint64_t ptex, uint64_t v, uint64_t r)
{
    return HCALL(H_ENTER, H_EXACT, ptex, v, r);
}

static void remove(uint64_t ptex)
{
    CHECK(HCALL(H_REMOVE, 0, ptex, 0), H_SUCCESS);
}

static void test_ptex(void)
{
    const uint64_t bad[] = { table_end(), table_end() + 7, 1ull << 32, 1ull << 60, 1ull << 63, UINT64_MAX,
                             UINT64_MAX - 7 };

    for (unsigned i = 0; i < ARRAY_SIZE(bad); i++) {
        context("ptex", bad[i]);
        CHECK(HCALL(H_ENTER, 0, bad[i], page_v(&page), RW), H_PARAMETER);
        CHECK(HCALL(H_ENTER, H_EXACT, bad[i], page_v(&page), RW), H_PARAMETER);
        CHECK(HCALL(H_REMOVE, 0, bad[i], 0), H_PARAMETER);
        CHECK(HCALL(H_PROTECT, 0, bad[i], 0), H_PARAMETER);
        CHECK(HCALL(H_READ, 0, bad[i]), H_PARAMETER);
        CHECK(HCALL(H_READ, H_READ_4, bad[i]), H_PARAMETER);
        CHECK(HCALL(H_CLEAR_MOD, 0, bad[i]), H_PARAMETER);
        CHECK(HCALL(H_CLEAR_REF, 0, bad[i]), H_PARAMETER);
    }
    context("the last slot", table_end() - 1);
    CHECK(HCALL(H_READ, 0, table_end() - 1), H_SUCCESS);
    CHECK(HCALL(H_READ, H_READ_4, table_end() - 1), H_SUCCESS);
}

static void test_enter(void)
{
    uint64_t ptex = page_ptex(&page, machine.hpt_shift) + EXACT_SLOT;

    CHECK(enter_at(ptex, page_v(&page) | 0x60, 0x200000 | RW), H_SUCCESS);
    CHECK(hret[0], ptex);
    CHECK(HCALL(H_READ, 0, ptex), H_SUCCESS);
    CHECK(hret[0], page_v(&page));
    CHECK(hret[1], 0x200000 | RW);
    CHECK(enter_at(ptex, page_v(&page), 0x200000 | RW), H_PTEG_FULL);
    remove(ptex);
    CHECK(HCALL(H_READ, 0, ptex), H_SUCCESS);
    CHECK(hret[0] & HPTE_V, 0);
    CHECK(HCALL(H_REMOVE, 0, ptex, 0), H_NOT_FOUND);
}

static void test_group_full(void)
{
    uint64_t group = page_ptex(&page, machine.hpt_shift), used = 0;

    for (unsigned i = 0; i < 8; i++) {
        CHECK(HCALL(H_ENTER, 0, group + (i & 3), page_v(&page), RW), H_SUCCESS);
        CHECK(hret[0] & ~7ull, group);
        used |= 1ull << (hret[0] & 7);
    }
    CHECK(used, 0xff);
    CHECK(HCALL(H_ENTER, 0, group, page_v(&page), RW), H_PTEG_FULL);
    for (unsigned i = 0; i < 8; i++)
        remove(group + i);
}

/* Two words that no entry may have. */
static void test_enter_refuses(void)
{
    const struct {
        const char *what;
        uint64_t v, r;
    } row[] = {
        { "an unknown page size", page_v(&page) | HPTE_L, RW | 0x2000 },
        { "memory beyond the ceiling", page_v(&page), (machine.ceiling + (1ull << 40)) | RW },
        { "the block after the end", page_v(&page), machine.memory_top | RW },
        { "the highest address", page_v(&page), 0x0ffffffffffff000 | RW },
        { "16 MiB across the end", page_v(&page) | HPTE_L, machine.memory_top | RW },
        { "16 GiB of less memory", page_v(&page) | HPTE_L, 0x3000 | RW },
        { "cache-inhibited memory", page_v(&page), 0x20 | HPTE_PP_RW },
        { "guarded memory", page_v(&page), 0x18 | HPTE_PP_RW },
        { "write-through memory", page_v(&page), 0x50 | HPTE_PP_RW },
        { "memory without coherence", page_v(&page), HPTE_PP_RW },
        { "cached I/O", page_v(&page), (machine.ceiling + (1ull << 40)) | 0x10 },
    };

    for (unsigned i = 0; i < ARRAY_SIZE(row); i++) {
        context(row[i].what, row[i].r);
        if (row[i].r == (0x3000 | RW) && machine.memory_top >= 1ull << 34)
            continue;
        CHECK(HCALL(H_ENTER, 0, page_ptex(&page, machine.hpt_shift), row[i].v, row[i].r), H_PARAMETER);
    }
    CHECK(HCALL(H_ENTER, 1 << 15, 0, page_v(&page) | HPTE_L, 0x1000000 | RW), H_TOO_BIG);   /* ZERO_PAGE of 16 MiB */
}

static void test_page_sizes(void)
{
    static const struct {
        uint64_t l, penc, page_bytes;
    } row[] = {
        { 0, 0, 1 << 12 }, { HPTE_L, 0x1, 1 << 16 }, { HPTE_L, 0x7, 1 << 16 }, { HPTE_L, 0x8, 1 << 24 },
        { HPTE_L, 0x38, 1 << 24 }, { HPTE_L, 0, 1 << 24 },
    };
    uint64_t ptex = page_ptex(&page, machine.hpt_shift);

    for (unsigned i = 0; i < ARRAY_SIZE(row); i++) {
        context("page size", row[i].page_bytes);
        CHECK(enter_at(ptex, page_v(&page) | row[i].l, 0x2000000 | row[i].penc << 12 | RW), H_SUCCESS);
        remove(ptex);
    }
}

static void test_zero_page(void)
{
    static uint8_t target[4096] __attribute__((aligned(4096)));
    uint64_t ptex = page_ptex(&page, machine.hpt_shift), left = 0;

    memset(target, 0x5a, sizeof(target));
    CHECK(HCALL(H_ENTER, H_EXACT | 1 << 15, ptex, page_v(&page), (uint64_t)target | RW), H_SUCCESS);
    for (unsigned i = 0; i < sizeof(target); i++)
        left |= target[i];
    CHECK(left, 0);
    remove(ptex);
}

static void test_remove_matches(void)
{
    uint64_t ptex = page_ptex(&page, machine.hpt_shift), v = page_v(&page) | HPTE_BOLTED;

    enter_at(ptex, v, 0x200000 | RW);
    CHECK(HCALL(H_REMOVE, H_AVPN, ptex, (v & ~0x7full) ^ 0x80), H_NOT_FOUND);
    CHECK(HCALL(H_REMOVE, H_ANDCOND, ptex, HPTE_BOLTED), H_NOT_FOUND);
    CHECK(HCALL(H_REMOVE, H_AVPN, ptex, v & ~0x7full), H_SUCCESS);
    CHECK(hret[0], v);
    CHECK(hret[1], 0x200000 | RW);
    enter_at(ptex, page_v(&page), 0x200000 | RW);
    CHECK(HCALL(H_REMOVE, H_ANDCOND, ptex, HPTE_BOLTED), H_SUCCESS);
}

static void test_protect(void)
{
    uint64_t ptex = page_ptex(&page, machine.hpt_shift), v = page_v(&page);
    uint64_t flags = HPTE_N | HPTE_PP_RO | 0x100 | 0xe00 | 3ull << 12;      /* pp0, five bits of key */

    CHECK(HCALL(H_PROTECT, 0, ptex, 0), H_NOT_FOUND);
    enter_at(ptex, v, 0x200000 | RW);
    CHECK(HCALL(H_PROTECT, H_AVPN | HPTE_PP_RO, ptex, (v & ~0x7full) ^ 0x80), H_NOT_FOUND);
    CHECK(HCALL(H_PROTECT, H_AVPN | flags, ptex, v & ~0x7full), H_SUCCESS);
    HCALL(H_READ, 0, ptex);
    CHECK(hret[0], v);
    CHECK(hret[1] & ~HPTE_RC, 0xb000000000200000 | 0xe00 | HPTE_M | HPTE_N | HPTE_PP_RO);
    CHECK(HCALL(H_PROTECT, HPTE_PP_RW, ptex, 0), H_SUCCESS);
    HCALL(H_READ, 0, ptex);
    CHECK(hret[1] & ~HPTE_RC, 0x200000 | HPTE_M | HPTE_PP_RW);
    remove(ptex);
}

static void test_reference_and_change(void)
{
    uint64_t ptex = page_ptex(&page, machine.hpt_shift);

    CHECK(HCALL(H_CLEAR_MOD, 0, ptex), H_NOT_FOUND);
    CHECK(HCALL(H_CLEAR_REF, 0, ptex), H_NOT_FOUND);
    enter_at(ptex, page_v(&page), 0x200000 | RW);
    CHECK(HCALL(H_CLEAR_MOD, 0, ptex), H_SUCCESS);
    CHECK(hret[0], 0x200000 | RW);
    CHECK(HCALL(H_CLEAR_REF, 0, ptex), H_SUCCESS);
    CHECK(hret[0] & HPTE_RC, 0x100);
    HCALL(H_READ, 0, ptex);
    CHECK(hret[1] & HPTE_RC, 0);
    remove(ptex);
}

static void test_read_four(void)
{
    uint64_t group = page_ptex(&page, machine.hpt_shift);

    for (unsigned i = 0; i < 4; i++)
        enter_at(group + 4 + i, page_v(&page), (0x200000 + i * 0x1000) | RW);
    CHECK(HCALL(H_READ, H_READ_4, group + 6), H_SUCCESS);
    for (unsigned i = 0; i < 4; i++) {
        CHECK(hret[2 * i], page_v(&page));
        CHECK(hret[2 * i + 1], (0x200000 + i * 0x1000) | RW);
    }
    for (unsigned i = 0; i < 4; i++)
        remove(group + 4 + i);
}

#define BULK_REQUEST (1ull << 62)
#define BULK_END (3ull << 62)
#define BULK_ANDCOND (1ull << 56)
#define BULK_AVPN (2ull << 56)
#define BULK_CODE(word) ((word) >> 60 & 15)             /* type and code */

static void test_bulk_remove(void)
{
    uint64_t g = page_ptex(&page, machine.hpt_shift), v = page_v(&page);

    for (unsigned i = 0; i < 3; i++)
        enter_at(g + i, v | (i == 1 ? HPTE_BOLTED : 0), 0x200000 | RW);
    CHECK(HCALL(H_BULK_REMOVE, BULK_REQUEST | g, 0, BULK_REQUEST | BULK_ANDCOND | (g + 1), HPTE_BOLTED,
                BULK_REQUEST | BULK_AVPN | (g + 2), v & ~0x7full, BULK_REQUEST | (g + 3), 0), H_SUCCESS);
    CHECK(BULK_CODE(hret[0]), 8);                       /* done */
    CHECK(BULK_CODE(hret[2]), 9);                       /* bolted: not found */
    CHECK(BULK_CODE(hret[4]), 8);
    CHECK(BULK_CODE(hret[6]), 9);                       /* empty */
    CHECK(hret[0] & 0x0c00000000000000, 0x0c00000000000000);        /* R and C */
    CHECK(hret[4] & 0x00ffffffffffffff, g + 2);
    remove(g + 1);
}

static void test_bulk_remove_refuses(void)
{
    uint64_t g = page_ptex(&page, machine.hpt_shift), v = page_v(&page);

    enter_at(g, v, 0x200000 | RW);
    CHECK(HCALL(H_BULK_REMOVE, BULK_END, 0, BULK_REQUEST | g, 0), H_SUCCESS);      /* nothing after the end */
    CHECK(HCALL(H_READ, 0, g), H_SUCCESS);
    CHECK(hret[0], v);
    CHECK(HCALL(H_BULK_REMOVE, BULK_REQUEST | BULK_ANDCOND | BULK_AVPN | g, 0, BULK_END, 0), H_PARAMETER);
    CHECK(BULK_CODE(hret[0]), 10);
    CHECK(HCALL(H_BULK_REMOVE, 2ull << 62 | g, 0, BULK_END, 0), H_PARAMETER);      /* a response */
    CHECK(HCALL(H_BULK_REMOVE, g, 0, BULK_END, 0), H_PARAMETER);                   /* no type */
    CHECK(HCALL(H_BULK_REMOVE, BULK_REQUEST | 0x00ffffffffffffff, 0, BULK_END, 0), H_SUCCESS);
    CHECK(BULK_CODE(hret[0]), 10);                                                 /* no such slot */
    CHECK(HCALL(H_BULK_REMOVE, BULK_REQUEST | g, 0, 0, 0), H_PARAMETER);           /* what came before is done */
    CHECK(BULK_CODE(hret[0]), 8);
}

static void test_unknown_calls(void)
{
    static const uint64_t opcode[] = { 0, 2, 0x5, 0xf001, 0xfffc, 1ull << 32 | H_READ, UINT64_MAX };

    for (unsigned i = 0; i < ARRAY_SIZE(opcode); i++) {
        context("opcode", opcode[i]);
        CHECK(HCALL(opcode[i], 0), H_FUNCTION);
    }
}

static void test_page_init(void)
{
    static uint64_t from[512] __attribute__((aligned(4096))), to[512] __attribute__((aligned(4096)));

    from[7] = 0x1234;
    CHECK(HCALL(H_PAGE_INIT, 1 << 14, (uint64_t)to, (uint64_t)from), H_SUCCESS);
    CHECK(to[7], 0x1234);
    CHECK(HCALL(H_PAGE_INIT, 1 << 15, (uint64_t)to, 0), H_SUCCESS);
    CHECK(to[7], 0);
    CHECK(HCALL(H_PAGE_INIT, 1 << 15, (uint64_t)to + 8, 0), H_PARAMETER);
    CHECK(HCALL(H_PAGE_INIT, 1 << 14, (uint64_t)to, (uint64_t)from + 8), H_PARAMETER);
    CHECK(HCALL(H_PAGE_INIT, 1 << 14, (uint64_t)to, machine.memory_top), H_PARAMETER);
    CHECK(HCALL(H_PAGE_INIT, 1 << 15, machine.memory_top, 0), H_PARAMETER);
    CHECK(HCALL(H_PAGE_INIT, 1 << 15, UINT64_MAX & ~0xfffull, 0), H_PARAMETER);
}

static void test_logical(void)
{
    uint64_t cell = be64(0x1122334455667788);

    CHECK(HCALL(H_LOGICAL_CI_LOAD, 4, (uint64_t)&cell), H_SUCCESS);
    CHECK(hret[0], 0x11223344);
    CHECK(HCALL(H_LOGICAL_CI_STORE, 2, (uint64_t)&cell, 0xabcd), H_SUCCESS);
    CHECK(be64(cell), 0xabcd334455667788);
    CHECK(HCALL(H_LOGICAL_CI_LOAD, 3, (uint64_t)&cell), H_PARAMETER);
    CHECK(HCALL(H_LOGICAL_CI_LOAD, 8, (uint64_t)&cell + 4), H_PARAMETER);
    CHECK(HCALL(H_LOGICAL_CI_LOAD, 8, machine.memory_top), H_PARAMETER);
    CHECK(HCALL(H_LOGICAL_CI_STORE, 8, UINT64_MAX - 7, 0), H_PARAMETER);
    CHECK(HCALL(H_LOGICAL_CI_LOAD, UINT64_MAX, 0), H_PARAMETER);
}

static const struct test rows[] = {
    { "hpt-ptex", test_ptex },
    { "hpt-enter", test_enter },
    { "hpt-group-full", test_group_full },
    { "hpt-enter-refuses", test_enter_refuses },
    { "hpt-page-sizes", test_page_sizes },
    { "hpt-zero-page", test_zero_page },
    { "hpt-remove-matches", test_remove_matches },
    { "hpt-protect", test_protect },
    { "hpt-reference-and-change", test_reference_and_change },
    { "hpt-read-four", test_read_four },
    { "hpt-bulk-remove", test_bulk_remove },
    { "hpt-bulk-remove-refuses", test_bulk_remove_refuses },
    { "hcall-unknown", test_unknown_calls },
    { "hcall-page-init", test_page_init },
    { "hcall-logical", test_logical },
};
TESTS(hpt_tests, rows);
