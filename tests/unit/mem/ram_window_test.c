/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/rcu.h"
#include "mem/ram_policy.h"
#include "tests/unit/address_space.h"
#include "tests/unit/rcu_group.h"

#define MIB (1ull << 20)
#define TIB (1ull << 40)

static void sixty_four_tebibytes_can_be_reserved_and_used_at_both_ends(void **state)
{
    struct error err = { 0 };
    struct ram_window *w;
    uint8_t *base;

    (void)state;
    NEEDS_ADDRESS_SPACE(64 * TIB);
    w = ram_window_new(64 * TIB, &err);
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

static void pages_retired_stay_until_readers_left_and_may_be_opened_again(void **state)
{
    struct ram_window *w = ram_window_new(64 * MIB, NULL);
    uint8_t *p = ram_window_base(w);
    unsigned char in_core;

    (void)state;
    assert_int_equal(ram_window_open(w, ra(0), 8 * MIB, NULL), 0);
    memset(p, 0x11, 8 * MIB);
    rcu_read_lock();
    assert_int_equal(ram_window_retire(w, ra(0), 8 * MIB, NULL), 0);
    assert_int_equal(p[5 * MIB], 0x11);
    assert_int_equal(ram_window_open(w, ra(2 * MIB), 2 * MIB, NULL), 0);     /* the middle of it: zero, and stays */
    assert_int_equal(p[2 * MIB], 0);
    assert_int_equal(p[6 * MIB], 0x11);
    rcu_read_unlock();
    rcu_barrier();
    p[3 * MIB] = 1;
    assert_int_equal(mincore(p + 6 * MIB, 4096, &in_core), 0);
    assert_int_equal(in_core & 1, 0);
    ram_window_free(w);
}

static bool count_progress(void *opaque, uint64_t done, uint64_t total)
{
    *(int *)opaque += 1;
    return done <= total;
}

static void policies_open_shared_preallocated_and_file_memory(void **state)
{
    struct ram_window *w = ram_window_new(1024 * MIB, NULL);
    uint8_t *p = ram_window_base(w);
    char path[] = "/tmp/paprika-ram-XXXXXX";
    struct error err = { 0 };
    unsigned char in_core = 0;
    uint64_t off;
    int calls = 0;

    (void)state;
    assert_int_equal(ram_window_open_policy(w, ra(64 * MIB), 8 * MIB, &(struct ram_policy){ .backing = RAM_MEMFD },
                                            &err), 0);
    p[65 * MIB] = 7;
    assert_true(ram_window_fd(w, ra(65 * MIB), &off) >= 0);
    assert_int_equal(off, MIB);
    assert_int_equal(pread(ram_window_fd(w, ra(65 * MIB), &off), &in_core, 1, MIB), 1);
    assert_int_equal(in_core, 7);
    assert_int_equal(ram_window_clear(w, ra(64 * MIB), 8 * MIB), 0);
    assert_int_equal(p[65 * MIB], 0);
    assert_int_equal(ram_window_close(w, ra(66 * MIB), MIB, &err), 0);      /* its middle: two ranges are left */
    p[67 * MIB] = 8;
    assert_int_equal(ram_window_fd(w, ra(66 * MIB), &off), -1);
    assert_true(ram_window_fd(w, ra(67 * MIB), &off) >= 0 && off == 3 * MIB);

    close(mkstemp(path));
    assert_int_equal(ram_window_open_policy(w, ra(0), 2 * MIB,
                                            &(struct ram_policy){ .backing = RAM_FILE, .path = path }, &err), 0);
    p[0] = 9;
    assert_int_equal(ram_window_close(w, ra(0), 2 * MIB, &err), 0);
    assert_int_equal(ram_window_open(w, ra(0), 2 * MIB, &err), 0);
    assert_int_equal(p[0], 0);
    unlink(path);

    assert_int_equal(ram_window_open_policy(w, ra(128 * MIB), 130 * MIB,
                                            &(struct ram_policy){ .prealloc = true, .progress = count_progress,
                                                                  .opaque = &calls },
                                            &err), 0);
    assert_int_equal(calls, 3);
    assert_int_equal(mincore(p + 200 * MIB, 4096, &in_core), 0);
    assert_int_equal(in_core & 1, 1);
    assert_int_equal(ram_window_open_policy(w, ra(512 * MIB), MIB, &(struct ram_policy){ .huge_shift = 21 }, &err),
                     -EINVAL);
    assert_true(ram_window_open_policy(w, ra(512 * MIB), MIB, &(struct ram_policy){ .node_plus_1 = 1000 }, &err) < 0);
    assert_non_null(strstr(err.msg, "NUMA node 999"));
    assert_true(ram_window_open_policy(w, ra(512 * MIB), MIB,
                                       &(struct ram_policy){ .backing = RAM_FILE, .path = "/nowhere/ram" }, &err) < 0);
    assert_non_null(strstr(err.msg, "/nowhere/ram"));
    ram_window_free(w);
}

/* More than any host has: refused at once, and the place stays ours. */
static void memory_that_the_host_lacks_is_refused_when_asked_for(void **state)
{
    struct error err = { 0 };
    struct ram_window *w;
    unsigned char in_core;

    (void)state;
    NEEDS_ADDRESS_SPACE(64 * TIB);          /* ThreadSanitizer has none for its shadow of 4 TiB */
    w = ram_window_new(8 * TIB, NULL);
    assert_int_equal(ram_window_open_policy(w, ra(TIB), 4 * TIB, &(struct ram_policy){ .huge_shift = 30 }, &err),
                     -ENOMEM);
    assert_non_null(strstr(err.msg, "refuses 4T of guest memory in huge pages"));
    assert_int_equal(ram_window_open_policy(w, ra(TIB), 4 * TIB, &(struct ram_policy){ .prealloc = true }, &err),
                     -ENOMEM);
    assert_non_null(strstr(err.msg, "4.00 TiB, and the host has"));
    assert_int_equal(mincore((unsigned char *)ram_window_base(w) + TIB, 4096, &in_core), 0);
    assert_int_equal(ram_window_open(w, ra(TIB), MIB, &err), 0);
    ((unsigned char *)ram_window_base(w))[TIB] = 1;
    ram_window_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sixty_four_tebibytes_can_be_reserved_and_used_at_both_ends),
        cmocka_unit_test(closed_and_cleared_pages_read_as_zero_when_opened_again),
        cmocka_unit_test(pages_retired_stay_until_readers_left_and_may_be_opened_again),
        cmocka_unit_test(policies_open_shared_preallocated_and_file_memory),
        cmocka_unit_test(memory_that_the_host_lacks_is_refused_when_asked_for),
        cmocka_unit_test(bad_ranges_are_refused_with_a_message),
    };

    return cmocka_run_group_tests(tests, rcu_group_begin, rcu_group_end);
}
