/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "papr/of_claims.h"

#define MIB (1ull << 20)

static void a_claim_at_an_address_takes_exactly_that(void **unused)
{
    struct of_claims c;

    (void)unused;
    of_claims_init(&c, 256 * MIB);
    assert_true(of_claims_take(&c, 0x4000, 0x1000));
    assert_false(of_claims_take(&c, 0x4000, 0x1000));
    assert_false(of_claims_take(&c, 0x4fff, 1));
    assert_false(of_claims_take(&c, 0x3fff, 2));
    assert_false(of_claims_take(&c, 0, 256 * MIB));
    assert_true(of_claims_take(&c, 0x5000, 1));
    assert_true(of_claims_take(&c, 0x3fff, 1));
    assert_int_equal(c.n, 1);
}

static void claims_end_with_ram_and_with_4_gib(void **unused)
{
    struct of_claims c;

    (void)unused;
    of_claims_init(&c, 256 * MIB);
    assert_false(of_claims_take(&c, 256 * MIB, 1));
    assert_false(of_claims_take(&c, 256 * MIB - 1, 2));
    assert_false(of_claims_take(&c, UINT64_MAX, 2));
    assert_false(of_claims_take(&c, 0, 0));
    assert_true(of_claims_take(&c, 256 * MIB - 1, 1));
    of_claims_init(&c, 1ull << 46);
    assert_false(of_claims_take(&c, 1ull << 32, 1));
    assert_true(of_claims_take(&c, (1ull << 32) - 1, 1));
}

static void an_aligned_claim_finds_the_lowest_place(void **unused)
{
    struct of_claims c;

    (void)unused;
    of_claims_init(&c, 16 * MIB);
    assert_true(of_claims_take(&c, 0, 0x10000));
    assert_true(of_claims_take(&c, 0x11000, 0x1000));
    assert_int_equal(of_claims_find(&c, 0x1000, 0x1000), 0x10000);
    assert_int_equal(of_claims_find(&c, 0x2000, 0x1000), 0x12000);
    assert_int_equal(of_claims_find(&c, 0x1000, MIB), MIB);
    assert_int_equal(of_claims_find(&c, 16 * MIB, 1), UINT64_MAX);
    assert_int_equal(of_claims_find(&c, 1, 1ull << 31), UINT64_MAX);
}

static void releasing_the_middle_leaves_both_ends(void **unused)
{
    struct of_claims c;

    (void)unused;
    of_claims_init(&c, 16 * MIB);
    assert_true(of_claims_take(&c, 0x1000, 0x3000));
    assert_true(of_claims_release(&c, 0x2000, 0x1000));
    assert_int_equal(c.n, 2);
    assert_true(of_claims_take(&c, 0x2000, 0x1000));
    assert_int_equal(c.n, 1);
    assert_true(of_claims_release(&c, 0, UINT64_MAX));
    assert_int_equal(c.n, 0);
    assert_true(of_claims_release(&c, 5, 0));
}

static void too_many_ranges_are_refused_and_change_nothing(void **unused)
{
    struct of_claims c;

    (void)unused;
    of_claims_init(&c, 16 * MIB);
    for (unsigned i = 0; i < OF_CLAIMS_MAX; i++)
        assert_true(of_claims_take(&c, 0x3000 * i, 0x2000));
    assert_false(of_claims_take(&c, 15 * MIB, 1));
    assert_false(of_claims_release(&c, 0x800, 0x100));
    assert_false(of_claims_take(&c, 0x800, 0x100));
    assert_true(of_claims_release(&c, 0x800, 0x1800));
}

/* Against one bool per byte. */
static void random_claims_agree_with_a_naive_model(void **unused)
{
    enum { BYTES = 512 };
    bool taken[BYTES] = { false };
    struct of_claims c;

    (void)unused;
    of_claims_init(&c, BYTES);
    srand(1);
    for (unsigned step = 0; step < 20000; step++) {
        unsigned start = (unsigned)rand() % BYTES, len = 1 + (unsigned)rand() % 24, hits = 0;

        len = len > BYTES - start ? BYTES - start : len;
        for (unsigned i = start; i < start + len; i++)
            hits += taken[i];
        if (rand() & 1) {
            assert_int_equal(of_claims_take(&c, start, len), !hits);
            memset(taken + start, hits ? taken[start] : true, hits ? 1 : len);
        } else {
            assert_true(of_claims_release(&c, start, len));
            memset(taken + start, false, len);
        }
        for (uint32_t i = 1; i < c.n; i++)
            assert_true(c.range[i - 1].end < c.range[i].start);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_claim_at_an_address_takes_exactly_that),
        cmocka_unit_test(claims_end_with_ram_and_with_4_gib),
        cmocka_unit_test(an_aligned_claim_finds_the_lowest_place),
        cmocka_unit_test(releasing_the_middle_leaves_both_ends),
        cmocka_unit_test(too_many_ranges_are_refused_and_change_nothing),
        cmocka_unit_test(random_claims_agree_with_a_naive_model),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
