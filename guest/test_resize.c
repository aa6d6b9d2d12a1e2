/* SPDX-License-Identifier: Apache-2.0 */
/* guest/test_resize.c - H_RESIZE_HPT_PREPARE and _COMMIT.  Spec: LoPAR, both calls; docs/hpt.md.
 * Each test leaves the table at the size it found. */
#include "guest/guest.h"

#define RW (HPTE_M | HPTE_RC | HPTE_PP_RW)

static int64_t prepare(uint64_t shift)
{
    return HCALL(H_RESIZE_HPT_PREPARE, 0, shift);
}

static int64_t commit(uint64_t shift)
{
    int64_t status = HCALL(H_RESIZE_HPT_COMMIT, 0, shift);

    if (status == H_SUCCESS)
        machine.hpt_shift = (unsigned)shift;
    return status;
}

static int64_t resize(uint64_t shift)
{
    int64_t status = prepare(shift);

    return status ? status : commit(shift);
}

static void test_arguments(void)
{
    static const uint64_t bad[] = { 1, 17, 47, 63, 64, 255, (uint32_t)-1, UINT64_MAX, (uint64_t)-18, 1ull << 31 };

    for (unsigned i = 0; i < ARRAY_SIZE(bad); i++) {
        context("shift", bad[i]);
        CHECK(prepare(bad[i]), H_PARAMETER);
        CHECK(commit(bad[i]), H_CLOSED);
    }
    context("flags", 1);
    CHECK(HCALL(H_RESIZE_HPT_PREPARE, 1, machine.hpt_shift), H_PARAMETER);
    CHECK(HCALL(H_RESIZE_HPT_COMMIT, 1, machine.hpt_shift) != H_SUCCESS, true);
    context("more than the memory allows", 46);
    CHECK(prepare(46), H_RESOURCE);
    CHECK(HCALL(H_READ, 0, (1ull << (machine.hpt_shift - 4)) - 1), H_SUCCESS);
}

static void test_commit_without_prepare(void)
{
    CHECK(commit(machine.hpt_shift), H_CLOSED);
    CHECK(commit(0), H_CLOSED);
    CHECK(prepare(machine.hpt_shift - 1), H_SUCCESS);
    CHECK(commit(machine.hpt_shift - 2), H_CLOSED);     /* another size than prepared */
    CHECK(prepare(0), H_SUCCESS);                       /* cancelled */
    CHECK(commit(machine.hpt_shift - 1), H_CLOSED);
}

static void test_prepare_again(void)
{
    unsigned shift = machine.hpt_shift;

    CHECK(prepare(shift - 1), H_SUCCESS);
    CHECK(prepare(shift - 1), H_SUCCESS);
    CHECK(prepare(shift - 2), H_SUCCESS);               /* replaces it */
    CHECK(commit(shift - 1), H_CLOSED);
    CHECK(commit(shift - 2), H_SUCCESS);
    CHECK(resize(shift), H_SUCCESS);
}

enum { PAGES = 64 };

static struct page page_number(unsigned i)
{
    return (struct page){ 0x4000 + i * 0x9e37u, (i * 0x1355000ull) & 0xffff000, 12 };
}

static void test_bolted_survive(void)
{
    unsigned shift = machine.hpt_shift;
    uint8_t slot[PAGES];

    for (unsigned i = 0; i < PAGES; i++) {
        struct page p = page_number(i);

        CHECK(page_enter(&p, 0, i & 1 ? HPTE_BOLTED : 0, i << 12 | RW), H_SUCCESS);
        slot[i] = hret[0] & 7;
    }
    CHECK(resize(shift - 1), H_SUCCESS);
    CHECK(resize(shift), H_SUCCESS);
    for (unsigned i = 0; i < PAGES; i++) {
        struct page p = page_number(i);
        uint64_t ptex = page_ptex(&p, machine.hpt_shift) + slot[i];

        context("page", i);
        CHECK(HCALL(H_READ, 0, ptex), H_SUCCESS);
        if (i & 1) {
            CHECK(hret[0], page_v(&p) | HPTE_BOLTED);
            CHECK(hret[1], i << 12 | RW);
        }
        CHECK(HCALL(H_REMOVE, H_AVPN, ptex, page_v(&p) & ~0x7full), i & 1 ? H_SUCCESS : H_NOT_FOUND);
    }
}

/* Two entries whose groups fold together at half the size, in one slot: found by the commit, then known before it. */
static void test_impossible_shrink(void)
{
    unsigned shift = machine.hpt_shift;
    struct page a = { 0x40, 0, 12 }, b = { 0x40 ^ 1ull << (shift - 8), 0, 12 };
    uint64_t ptex_a = page_ptex(&a, shift) + 5, ptex_b = page_ptex(&b, shift) + 5;

    CHECK(HCALL(H_ENTER, H_EXACT, ptex_a, page_v(&a) | HPTE_BOLTED, RW), H_SUCCESS);
    CHECK(HCALL(H_ENTER, H_EXACT, ptex_b, page_v(&b) | HPTE_BOLTED, RW), H_SUCCESS);
    CHECK(prepare(shift - 1), H_SUCCESS);
    CHECK(commit(shift - 1), H_PTEG_FULL);
    for (unsigned i = 0; i < 100; i++) {
        context("repetition", i);
        CHECK(prepare(shift - 1), H_RESOURCE);
        CHECK(prepare(shift - 2), H_RESOURCE);          /* what collides here collides there */
    }
    CHECK(commit(shift - 1), H_CLOSED);
    CHECK(HCALL(H_REMOVE, 0, ptex_a, 0), H_SUCCESS);    /* one is gone: possible again */
    CHECK(resize(shift - 1), H_SUCCESS);
    CHECK(HCALL(H_READ, 0, page_ptex(&b, shift - 1) + 5), H_SUCCESS);
    CHECK(hret[0], page_v(&b) | HPTE_BOLTED);
    CHECK(resize(shift), H_SUCCESS);
    CHECK(HCALL(H_REMOVE, H_AVPN, ptex_b, page_v(&b) & ~0x7full), H_SUCCESS);
}

/* Bolted entries where no hash puts them, of all page sizes and both hashes: dropped, and nothing worse. */
static void test_misplaced(void)
{
    unsigned shift = machine.hpt_shift;
    static const uint64_t size[] = { 0, 0x1000, 0x7000, 0x8000, 0x38000, 0 };
    struct page p = { 0x77, 0x5000, 12 };

    for (unsigned i = 0; i < 48; i++) {
        uint64_t group = (page_ptex(&p, shift) + 8 * (i + 1) * 2051) & ((1ull << (shift - 4)) - 8);
        uint64_t v = page_v(&p) | HPTE_BOLTED | (i & 1 ? HPTE_H : 0) | (i % 6 ? HPTE_L : 0) | (i & 8 ? 1ull << 62 : 0);

        HCALL(H_ENTER, 0, group, v | (uint64_t)i << 40, 0x2000000 | size[i % 6] | RW);
    }
    CHECK(resize(shift - 1), H_SUCCESS);
    CHECK(resize(shift), H_SUCCESS);
    CHECK(HCALL(H_CLEAR_HPT, 0), H_SUCCESS);
    CHECK(HCALL(H_READ, 0, 0), H_SUCCESS);
}

static void test_sizes(void)
{
    unsigned shift = machine.hpt_shift, most = shift;
    struct page p = { 0x1234, 0x987000, 12 };
    uint64_t slot;

    CHECK(page_enter(&p, 0, HPTE_BOLTED, 0x300000 | RW), H_SUCCESS);
    slot = hret[0] & 7;
    while (resize(most + 1) == H_SUCCESS)
        most++;
    for (unsigned s = most; s-- > 18;) {
        context("shift", s);
        CHECK(resize(s), H_SUCCESS);
        HCALL(H_READ, 0, page_ptex(&p, s) + slot);
        CHECK(hret[0], page_v(&p) | HPTE_BOLTED);
        CHECK(HCALL(H_READ, 0, 1ull << (s - 4)), H_PARAMETER);
    }
    CHECK(resize(shift), H_SUCCESS);
    CHECK(HCALL(H_REMOVE, H_AVPN, page_ptex(&p, shift) + slot, page_v(&p) & ~0x7full), H_SUCCESS);
}

/* A loop that runs translated while its table is exchanged under it. */
static uint64_t resize_here(uint64_t shift)
{
    return (uint64_t)resize(shift);
}

static void test_translated(void)
{
    unsigned shift = machine.hpt_shift;

    translation_on();
    for (unsigned i = 0; i < 10; i++) {
        CHECK(enter((uint64_t)resize_here, i & 1 ? shift : shift - 1, 0, MSR_TRANSLATED), 0);
        CHECK(entered_r3, H_SUCCESS);
    }
    HCALL(H_CLEAR_HPT, 0);
    translation_off();
}

static const struct test rows[] = {
    { "resize-arguments", test_arguments },
    { "resize-commit-without-prepare", test_commit_without_prepare },
    { "resize-prepare-again", test_prepare_again },
    { "resize-bolted-survive", test_bolted_survive },
    { "resize-impossible-shrink", test_impossible_shrink },
    { "resize-misplaced", test_misplaced },
    { "resize-sizes", test_sizes },
    { "resize-translated", test_translated },
};
TESTS(resize_tests, rows);
