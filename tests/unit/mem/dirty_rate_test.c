/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <sys/mman.h>
#include <unistd.h>

#include "mem/dirty_rate.h"
#include "mem/ram_window.h"
#include "tests/unit/rcu_group.h"

#define MIB (1ull << 20)

static void the_share_of_changed_pages_is_found_and_nothing_is_touched(void **state)
{
    struct ram_window *w = ram_window_new(1024 * MIB, NULL);
    struct mem_map *m = mem_map_new();
    struct dirty_rate_result r;
    unsigned char there = 0;
    struct dirty_rate *d;

    (void)state;
    assert_null(dirty_rate_begin(m, 100, 1));
    assert_int_equal(mem_map_add_ram(m, w, ra(0), 64 * MIB, NULL), 0);
    assert_int_equal(mem_map_add_ram(m, w, ra(512 * MIB), 64 * MIB, NULL), 0);
    memset(ram_window_base(w), 1, 32 * MIB);
    d = dirty_rate_begin(m, 2000, 1);
    usleep(10000);
    memset(ram_window_base(w), 2, 16 * MIB);            /* an eighth of all RAM, present already */
    memset(ram_window_base(w) + 512 * MIB, 3, 16 * MIB); /* another, not yet present */
    dirty_rate_end(d, &r);
    assert_int_equal(r.sampled, 2000);
    assert_in_range(r.changed, 400, 600);               /* a quarter; 5 sigma */
    assert_true(r.ram_bytes == 128 * MIB && r.seconds >= 0.01 && r.bytes_per_second > 0);
    assert_int_equal(mincore(ram_window_base(w) + 560 * MIB, 4096, &there), 0);
    assert_int_equal(there & 1, 0);
    d = dirty_rate_begin(m, 100, 2);
    assert_int_equal(mem_map_remove_ram(m, w, ra(512 * MIB), 64 * MIB, NULL), 0);
    dirty_rate_end(d, &r);
    assert_true(r.sampled < 100 && r.changed == 0);
    mem_map_free(m);
    ram_window_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_share_of_changed_pages_is_found_and_nothing_is_touched),
    };

    return cmocka_run_group_tests(tests, rcu_group_begin, rcu_group_end);
}
