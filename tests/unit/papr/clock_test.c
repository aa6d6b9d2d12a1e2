/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/thread.h"
#include "cpu/limits.h"
#include "papr/clock.h"

static void a_frozen_clock_stands_still_and_goes_on_from_there(void **unused)
{
    struct clock c;
    uint64_t before;

    (void)unused;
    clock_init(&c);
    assert_int_equal(clock_timebase(&c), 0);
    clock_thaw(&c);
    while (clock_timebase(&c) < 1000)
        ;
    clock_freeze(&c);
    before = clock_timebase(&c);
    for (int64_t end = time_now_ns() + 2000000; time_now_ns() < end;)
        assert_int_equal(clock_timebase(&c), before);
    clock_thaw(&c);
    assert_in_range(clock_timebase(&c) - before, 0, 512000000);
}

static void a_second_has_512_million_ticks(void **unused)
{
    struct clock c;

    (void)unused;
    clock_init(&c);
    atomic_store(&c.frozen_ns, 1000000000);
    assert_int_equal(clock_timebase(&c), 512000000);
    atomic_store(&c.frozen_ns, 1953125);
    assert_int_equal(clock_timebase(&c), 1000000);
    atomic_store(&c.frozen_ns, INT64_MAX);
    assert_int_equal(clock_timebase(&c), INT64_MAX / 125 * 64 + INT64_MAX % 125 * 64 / 125);
}

static void a_deadline_is_not_before_its_tick(void **unused)
{
    struct clock c;

    (void)unused;
    clock_init(&c);
    for (uint64_t tb = 1; tb < 1000; tb++) {
        int64_t at = clock_deadline_ns(&c, tb);

        atomic_store(&c.frozen_ns, at / CLOCK_SLOWDOWN);
        assert_true(clock_timebase(&c) >= tb);
        atomic_store(&c.frozen_ns, (at - 1) / CLOCK_SLOWDOWN);
        assert_true(clock_timebase(&c) < tb);
    }
    assert_int_equal(clock_deadline_ns(&c, UINT64_MAX), INT64_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_frozen_clock_stands_still_and_goes_on_from_there),
        cmocka_unit_test(a_second_has_512_million_ticks),
        cmocka_unit_test(a_deadline_is_not_before_its_tick),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
