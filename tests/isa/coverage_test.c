/* SPDX-License-Identifier: Apache-2.0 */
/* tests/isa/coverage_test.c - no row of the instruction table goes untested: each has recorded results or a reason. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "cpu/isa.h"
#include "exceptions.h"
#include "vectors.h"

enum { ENOUGH = 100 };

static void every_row_has_recorded_results_or_a_reason(void **state)
{
    struct isa *isa = isa_new(ISA_LEVEL_3_00);
    struct error err = { 0 };
    struct vectors *v = vectors_read(ISA_VECTORS, &err);
    unsigned bad = 0;

    (void)state;
    assert_non_null(v);
    for (size_t i = 0; i < isa_row_count(isa); i++) {
        const struct isa_row *row = isa_row_at(isa, i);
        const uint32_t *hashes;

        if (exception_for(row) || vectors_of(v, row, &hashes) >= ENOUGH)
            continue;
        print_error("%s: no recorded results; run tests/isa/record.sh\n", row->name);
        bad++;
    }
    vectors_free(v);
    isa_free(isa);
    assert_int_equal(bad, 0);
}

static void what_is_not_compared_exists_and_says_why(void **state)
{
    const char *names, *reason;

    (void)state;
    for (size_t i = 0; exception_mask_text(i, &names, &reason); i++) {
        assert_true(strlen(names) > 0);
        assert_true(strlen(reason) > 10);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_has_recorded_results_or_a_reason),
        cmocka_unit_test(what_is_not_compared_exists_and_says_why),
    };

    return cmocka_run_group_tests_name("isa_coverage", tests, NULL, NULL);
}
