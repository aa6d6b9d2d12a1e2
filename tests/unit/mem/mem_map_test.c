/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <errno.h>

#include "base/rcu.h"
#include "mem/mem_map.h"
#include "mem/ram_window.h"
#include "tests/unit/rcu_group.h"

#define MIB (1ull << 20)

static bool reg_read(void *opaque, uint64_t off, unsigned size, uint64_t *val)
{
    *val = *(uint64_t *)opaque + off;
    return size == 4;
}

static bool reg_write(void *opaque, uint64_t off, unsigned size, uint64_t val)
{
    (void)off;
    *(uint64_t *)opaque = val;
    return size == 4;
}

static const struct mem_ops reg_ops = { reg_read, reg_write };

static void ram_is_read_and_written_across_added_pieces_and_not_past_them(void **state)
{
    struct ram_window *w = ram_window_new(64 * MIB, NULL);
    struct mem_map *m = mem_map_new();
    uint8_t buf[16] = "0123456789abcde", got[16];

    (void)state;
    assert_int_equal(mem_map_add_ram(m, w, ra(0), 2 * MIB, NULL), 0);
    assert_int_equal(mem_map_add_ram(m, w, ra(2 * MIB), 2 * MIB, NULL), 0);
    assert_int_equal(mem_map_add_ram(m, w, ra(1 * MIB), 2 * MIB, NULL), -EEXIST);
    assert_true(mem_map_write(m, ra(2 * MIB - 8), buf, 16));
    assert_true(mem_map_read(m, ra(2 * MIB - 8), got, 16));
    assert_memory_equal(buf, got, 16);
    assert_false(mem_map_write(m, ra(4 * MIB - 8), "xxxxxxxxxxxxxxxx", 16));
    assert_int_equal(ram_window_base(w)[4 * MIB - 8], 0);
    assert_int_equal(mem_map_remove_ram(m, w, ra(1 * MIB), MIB, NULL), 0);
    assert_false(mem_map_read(m, ra(2 * MIB - 8), got, 16));
    assert_true(mem_map_read(m, ra(2 * MIB), got, 8));
    assert_int_equal(mem_map_remove_ram(m, w, ra(0), 2 * MIB, NULL), -ENOENT);
    rcu_barrier();
    mem_map_free(m);
    ram_window_free(w);
}

static void mmio_reaches_its_region_with_the_offset(void **state)
{
    struct mem_map *m = mem_map_new();
    uint64_t reg = 7, val = 0;
    struct mem_region *r = mem_region_new_mmio(&reg_ops, &reg, 4096);

    (void)state;
    assert_int_equal(mem_map_add(m, r, ra(0x10000), 0, NULL), 0);
    assert_true(mem_map_mmio_read(m, ra(0x10010), 4, &val));
    assert_int_equal(val, 7 + 0x10);
    assert_true(mem_map_mmio_write(m, ra(0x10000), 4, 9));
    assert_int_equal(reg, 9);
    assert_false(mem_map_mmio_read(m, ra(0x11000), 4, &val));
    assert_false(mem_map_read(m, ra(0x10000), &val, 4));
    assert_int_equal(mem_map_del(m, r), 0);
    assert_false(mem_map_mmio_read(m, ra(0x10010), 4, &val));
    mem_region_put(r);
    mem_map_free(m);
}

static struct mem_region *device(void)
{
    return mem_region_new_mmio(&reg_ops, NULL, 0x1000);
}

static bool answered(const struct mem_map *m, uint64_t at)
{
    struct mem_hit hit;

    return mem_map_find_rcu(m, ra(at), &hit);
}

/* Waiting for readers here would be waiting for ourselves. */
static void m2_commits_inside_a_read_section_are_done_at_once(void **state)
{
    struct mem_map *m = mem_map_new();
    struct mem_region *r = device();

    (void)state;
    rcu_read_lock();
    for (unsigned i = 0; i < 1000; i++) {
        assert_int_equal(mem_map_add(m, r, ra(i * 0x1000ull), 0, NULL), 0);
        assert_true(answered(m, i * 0x1000ull));
        assert_int_equal(mem_map_del(m, r), 0);
        assert_false(answered(m, i * 0x1000ull));
    }
    rcu_read_unlock();
    mem_region_put(r);
    mem_map_free(m);
}

/* Nodes copied per update, with n regions present. */
static uint64_t nodes_per_update(unsigned n)
{
    struct mem_map *m = mem_map_new();
    struct mem_region *r = device();
    struct mem_map_stats before, after;

    mem_map_begin(m);
    for (uint64_t i = 0; i < n; i++) {
        struct mem_region *there = device();

        mem_map_add(m, there, ra(i * 0x4000), 0, NULL);
        mem_region_put(there);
    }
    assert_int_equal(mem_map_commit(m), 0);
    mem_map_stats(m, &before);
    for (unsigned i = 0; i < 1000; i++) {
        mem_map_add(m, r, ra(i * 7919ull % n * 0x4000 + 0x2000), 0, NULL);
        mem_map_del(m, r);
    }
    mem_map_stats(m, &after);
    mem_region_put(r);
    mem_map_free(m);
    return (after.nodes - before.nodes) / (after.commits - before.commits);
}

static void m6_an_update_copies_nodes_by_the_logarithm_of_the_regions(void **state)
{
    uint64_t few = nodes_per_update(100), many = nodes_per_update(100000);

    (void)state;
    assert_true(few <= 4);
    assert_true(many <= few + 3);       /* a thousand times as many: 2.5 levels of 16 */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ram_is_read_and_written_across_added_pieces_and_not_past_them),
        cmocka_unit_test(m2_commits_inside_a_read_section_are_done_at_once),
        cmocka_unit_test(m6_an_update_copies_nodes_by_the_logarithm_of_the_regions),
        cmocka_unit_test(mmio_reaches_its_region_with_the_offset),
    };

    return cmocka_run_group_tests(tests, rcu_group_begin, rcu_group_end);
}
