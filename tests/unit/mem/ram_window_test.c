/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <errno.h>

#include "mem/ram_window.h"

#define MIB (1ull << 20)
#define TIB (1ull << 40)

static void sixty_four_tebibytes_can_be_reserved_and_used_at_both_ends(void **state)
{
    struct error err = { 0 };
    struct ram_window *w = ram_window_new(64 * TIB, &err);
    uint8_t *base;

    (void)state;
    assert_non_null(w);
    assert_true(ram_window_size(w) == 64 * TIB);
    base = ram_window_base(w);
    assert_int_equal(ram_window_open(w, ra(0), 2 * MIB, &err), 0);
    assert_int_equal(ram_window_open(w, ra(64 * TIB - 2 * MIB), 2 * MIB, &err), 0);
    base[0] = 1;
    base[64 * TIB - 1] = 2;
    assert_int_equal(base[0] + base[64 * TIB - 1], 3);
    ram_window_free(w);
}

static void closed_and_cleared_pages_read_as_zero_when_opened_again(void **state)
{
    struct error err = { 0 };
    struct ram_window *w = ram_window_new(64 * MIB, &err);
    uint8_t *p = ram_window_base(w);

    (void)state;
    assert_int_equal(ram_window_open(w, ra(4 * MIB), 4 * MIB, &err), 0);
    memset(p + 4 * MIB, 0xaa, 4 * MIB);
    assert_int_equal(ram_window_clear(w, ra(4 * MIB), 2 * MIB), 0);
    assert_int_equal(p[4 * MIB], 0);
    assert_int_equal(p[6 * MIB], 0xaa);
    assert_int_equal(ram_window_close(w, ra(6 * MIB), 2 * MIB, &err), 0);
    assert_int_equal(ram_window_open(w, ra(6 * MIB), 2 * MIB, &err), 0);
    assert_int_equal(p[6 * MIB], 0);
    ram_window_free(w);
}

static void bad_ranges_are_refused_with_a_message(void **state)
{
    struct error err = { 0 };
    struct ram_window *w = ram_window_new(64 * MIB, &err);

    (void)state;
    assert_int_equal(ram_window_open(w, ra(1), 4096, &err), -EINVAL);
    assert_int_equal(ram_window_open(w, ra(0), 0, &err), -EINVAL);
    assert_int_equal(ram_window_open(w, ra(0), 65 * MIB, &err), -EINVAL);
    assert_int_equal(ram_window_open(w, ra(64 * MIB), 4096, &err), -EINVAL);
    assert_int_equal(ram_window_close(w, ra(4096), UINT64_MAX & ~4095ull, &err), -EINVAL);
    assert_true(strlen(err.msg) > 0);
    assert_null(ram_window_new(0, &err));
    assert_null(ram_window_new(1ull << 50, &err));
    ram_window_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sixty_four_tebibytes_can_be_reserved_and_used_at_both_ends),
        cmocka_unit_test(closed_and_cleared_pages_read_as_zero_when_opened_again),
        cmocka_unit_test(bad_ranges_are_refused_with_a_message),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
