/* SPDX-License-Identifier: Apache-2.0 */
/* Slots against the map they mirror: complete, maximal, and not touched without need. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include <errno.h>

#include "base/rcu.h"
#include "mem/ram_window.h"
#include "mem/slots_soft.h"
#include "tests/unit/rcu_group.h"

#define PAGE 0x1000ull
#define LMB (1ull << 28)

static const struct mem_ops ops;

static uint64_t rnd(uint64_t *s)
{
    *s ^= *s << 13;
    *s ^= *s >> 7;
    return *s ^= *s << 17;
}

static struct slots_stats stats(struct slots *s)
{
    struct slots_stats st;

    slots_stats(s, &st);
    return st;
}

static void nine_thousand_neighbours_become_one_slot_by_one_call(void **state)
{
    uint8_t *host = calloc(9000, 16);
    struct mem_map *m = mem_map_new();
    struct slots_soft *soft = slots_soft_new(64);
    struct slots_backend back = slots_soft_backend(soft);
    struct ram_block *b = ram_block_new(host, 9000 * 16, NULL, NULL);
    struct slots *s = slots_new(m, &back, NULL, 0, NULL);

    (void)state;
    slots_hold(s);
    for (uint64_t i = 0; i < 9000; i++) {
        struct mem_region *r = mem_region_new_ram(b, i * 16, 16);

        assert_int_equal(mem_map_add(m, r, ra(0x10000 + i * 16), 0, NULL), 0);
        mem_region_put(r);
    }
    assert_int_equal(stats(s).adds, 0);
    assert_int_equal(slots_release(s, NULL), 0);
    assert_int_equal(stats(s).adds, 1);
    assert_int_equal(stats(s).commits, 9000);
    assert_ptr_equal(slots_soft_at(soft, ra(0x10000 + 5)), host + 5);
    slots_free(s);
    ram_block_put(b);
    mem_map_free(m);
    slots_soft_free(soft);
    free(host);
}

static void plugging_inside_a_covered_window_changes_no_slot(void **state)
{
    struct ram_window *w = ram_window_new(1024 * LMB, NULL);
    struct mem_map *m = mem_map_new();
    struct slots_soft *soft = slots_soft_new(64);
    struct slots_backend back = slots_soft_backend(soft);
    struct slots_window win = { mem_map_ram_block(m, w), ra(0), 1024 * LMB, 0 };
    struct mem_region *bar = mem_region_new_mmio(&ops, NULL, PAGE);
    struct slots_stats before;
    struct slots *s;

    (void)state;
    back.max_len = 512 * LMB;
    s = slots_new(m, &back, &win, 1, NULL);
    before = stats(s);
    assert_int_equal(before.slots, 2);
    for (unsigned i = 0; i < 1024; i++)
        assert_int_equal(mem_map_add_ram(m, w, ra(i * LMB), LMB, NULL), 0);
    for (unsigned i = 0; i < 1024; i += 3)
        assert_int_equal(mem_map_remove_ram(m, w, ra(i * LMB), LMB, NULL), 0);
    assert_int_equal(stats(s).adds, before.adds);
    assert_int_equal(stats(s).dels, before.dels);
    /* A device inside the window has to be cut out, and heals when it goes. */
    assert_int_equal(mem_map_add(m, bar, ra(4 * LMB), 1, NULL), 0);
    assert_null(slots_soft_at(soft, ra(4 * LMB)));
    assert_ptr_equal(slots_soft_at(soft, ra(4 * LMB + PAGE)), ram_window_base(w) + 4 * LMB + PAGE);
    assert_int_equal(mem_map_del(m, bar), 0);
    assert_int_equal(stats(s).slots, 2);
    mem_region_put(bar);
    slots_free(s);
    mem_map_free(m);
    slots_soft_free(soft);
    ram_window_free(w);
}

struct order {
    struct slots_backend inner;
    int phase;                  /* 0 idle, 1 quiet and deleting, 2 adding */
    bool added_before_deleted;
    int quiet;
    int fail_adds;
};

static int order_add(void *opaque, const struct slot *s)
{
    struct order *o = opaque;

    o->phase = 2;
    if (o->fail_adds && o->fail_adds--)
        return -ENOMEM;
    return o->inner.add(o->inner.opaque, s);
}

static int order_del(void *opaque, const struct slot *s)
{
    struct order *o = opaque;

    assert_int_equal(o->quiet, 1);
    o->added_before_deleted |= o->phase == 2;
    return o->inner.del(o->inner.opaque, s);
}

static void order_quiesce(void *opaque)
{
    ((struct order *)opaque)->quiet++;
    ((struct order *)opaque)->phase = 1;
}

static void order_resume(void *opaque)
{
    ((struct order *)opaque)->quiet--;
}

/* Any layout: each page has the slot its answer wants;
 * deletions come first and with processors out; a failed add heals later. */
static void slots_follow_random_changes_page_by_page(void **state)
{
    enum { PAGES = 256, REGIONS = 16, ROUNDS = 600 };
    struct slots_soft *soft = slots_soft_new(PAGES);
    struct order o = { .inner = slots_soft_backend(soft) };
    struct slots_backend back = { .max_slots = PAGES, .max_len = 64 * PAGE, .add = order_add, .del = order_del,
                                  .quiesce = order_quiesce, .resume = order_resume, .opaque = &o };
    uint8_t *host = calloc(PAGES, PAGE);
    struct ram_block *b = ram_block_new(host, PAGES * PAGE, NULL, NULL);
    struct slots_window win = { b, ra(64 * PAGE), 100 * PAGE, 32 * PAGE };
    struct mem_map *m = mem_map_new();
    struct slots *s = slots_new(m, &back, &win, 1, NULL);
    struct mem_region *r[REGIONS] = { NULL };
    uint64_t seed = 4711;

    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        mem_map_begin(m);
        for (uint64_t n = 1 + rnd(&seed) % 3; n; n--) {
            unsigned i = rnd(&seed) % REGIONS;
            uint64_t len = 1 + rnd(&seed) % 60, start = rnd(&seed) % (PAGES - len), off = rnd(&seed) % (PAGES - len);

            if (r[i]) {
                mem_map_del(m, r[i]);
                mem_region_put(r[i]);
                r[i] = NULL;
                continue;
            }
            if (rnd(&seed) % 2)
                off = start;
            r[i] = rnd(&seed) % 4 == 0 ? mem_region_new_mmio(&ops, NULL, len * PAGE)
                   : rnd(&seed) % 5 == 0 ? mem_region_new_rom(b, off * PAGE, len * PAGE)
                                         : mem_region_new_ram(b, off * PAGE, len * PAGE);
            assert_int_equal(mem_map_add(m, r[i], ra(start * PAGE), (int)(rnd(&seed) % 3), NULL), 0);
        }
        o.phase = 0;
        o.fail_adds = rnd(&seed) % 10 == 0;
        mem_map_commit(m);
        if (slots_status(s, NULL) < 0) {        /* the next batch tries again */
            o.phase = 0;
            slots_hold(s);
            assert_int_equal(slots_release(s, NULL), 0);
        }
        assert_false(o.added_before_deleted);
        assert_int_equal(o.quiet, 0);
        for (uint64_t p = 0; p < PAGES; p++) {
            uint8_t *want = p >= 64 && p < 164 ? host + (p - 32) * PAGE : NULL;
            struct mem_hit hit;

            rcu_read_lock();
            if (mem_map_find_rcu(m, ra(p * PAGE), &hit))
                want = hit.host;
            rcu_read_unlock();
            assert_ptr_equal(slots_soft_at(soft, ra(p * PAGE)), want);
        }
    }
    for (int i = 0; i < REGIONS; i++)
        mem_region_put(r[i]);
    slots_free(s);
    assert_null(slots_soft_at(soft, ra(64 * PAGE)));
    mem_map_free(m);
    ram_block_put(b);
    rcu_barrier();
    slots_soft_free(soft);
    free(host);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nine_thousand_neighbours_become_one_slot_by_one_call),
        cmocka_unit_test(plugging_inside_a_covered_window_changes_no_slot),
        cmocka_unit_test(slots_follow_random_changes_page_by_page),
    };

    return cmocka_run_group_tests(tests, rcu_group_begin, rcu_group_end);
}
