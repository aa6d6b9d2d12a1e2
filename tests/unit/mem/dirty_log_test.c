/* SPDX-License-Identifier: Apache-2.0 */
/* The dirty log against a plain bitmap.  Test names cite the promises of mem/dirty_log.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <errno.h>

#include "base/rcu.h"
#include "mem/dirty_batch.h"
#include "mem/dirty_block.h"
#include "mem/dirty_log.h"
#include "mem/dirty_scan.h"
#include "tests/unit/rcu_group.h"

#define SHIFT 12
#define BLOCK_BYTES (DIRTY_BLOCK_PAGES << SHIFT)
#define BLOCKS 3
#define PAGES (BLOCKS * DIRTY_BLOCK_PAGES)
#define WORDS (PAGES / 64)

static uint64_t rnd(uint64_t *s)
{
    *s ^= *s << 13;
    *s ^= *s >> 7;
    return *s ^= *s << 17;
}

/* A page number at, just before or just after a border of word, line, summary word or block. */
static uint64_t border_page(uint64_t *s)
{
    static const uint64_t grain[] = { 1, 64, DIRTY_LINE_PAGES, DIRTY_LINE_PAGES * 64, DIRTY_BLOCK_PAGES };
    uint64_t g = grain[rnd(s) % 5];
    uint64_t page = (rnd(s) % (PAGES / g + 1)) * g + rnd(s) % 3 - 1;

    return page < PAGES ? page : rnd(s) % PAGES;
}

static void model_mark(uint64_t *bits, uint64_t first, uint64_t last)
{
    for (; first <= last && first < PAGES; first++)
        bits[first / 64] |= 1ull << first % 64;
}

static void model_move(uint64_t *bits, uint64_t first, uint64_t last, uint64_t *out, uint64_t *n)
{
    for (*n = 0; first <= last; first++) {
        if (!(bits[first / 64] >> first % 64 & 1))
            continue;
        bits[first / 64] &= ~(1ull << first % 64);
        *n += 1;
        out[first / 64] |= 1ull << first % 64;
    }
}

/* D1 and D2 without concurrency: whatever is marked is collected once, whatever the borders. */
static void d1_d2_marks_and_collections_agree_with_a_plain_bitmap(void **state)
{
    uint64_t *model = calloc(WORDS, 8), *want = malloc(WORDS * 8), *got = malloc(WORDS * 8), seed = 88172645463325252u;
    struct dirty_log *log = dirty_log_new(PAGES << SHIFT, SHIFT);

    (void)state;
    assert_int_equal(dirty_log_arm(log, DIRTY_MIGRATION), 0);
    for (int round = 0; round < 300; round++) {
        uint64_t first, last, n;

        for (uint64_t i = rnd(&seed) % 20; i; i--) {
            first = border_page(&seed);
            last = rnd(&seed) % 8 ? first + rnd(&seed) % 130 : border_page(&seed);
            if (last < first)
                last = first;
            dirty_log_mark(log, (first << SHIFT) + rnd(&seed) % 4096, 0);
            dirty_log_mark(log, (first << SHIFT) + 4095, ((last - first) << SHIFT) + 1);
            model_mark(model, first, last);
        }
        first = border_page(&seed) & ~63ull;
        last = border_page(&seed);
        if (rnd(&seed) % 3 == 0)
            first = 0, last = PAGES - 1;
        if (last < first)
            last = first;
        memset(want, 0, WORDS * 8);
        memset(got, 0, WORDS * 8);
        model_move(model, first, last, want, &n);
        assert_int_equal(dirty_log_snapshot(log, DIRTY_MIGRATION, first << SHIFT, (last - first + 1) << SHIFT, NULL),
                         n);
        assert_int_equal(dirty_log_collect(log, DIRTY_MIGRATION, first << SHIFT, (last - first + 1) << SHIFT,
                                           got + first / 64), n);
        assert_memory_equal(got, want, WORDS * 8);
        memset(got, 0, WORDS * 8);
        dirty_log_snapshot(log, DIRTY_MIGRATION, 0, PAGES << SHIFT, got);
        assert_memory_equal(got, model, WORDS * 8);
    }
    dirty_log_free(log);
    free(model);
    free(want);
    free(got);
}

static void d2_clients_are_independent_and_start_clean(void **state)
{
    struct dirty_log *log = dirty_log_new(BLOCK_BYTES, SHIFT);

    (void)state;
    dirty_log_mark(log, 0, 1);
    assert_int_equal(dirty_log_arm(log, DIRTY_MIGRATION), 0);
    assert_int_equal(dirty_log_arm(log, DIRTY_MIGRATION), -EBUSY);
    dirty_log_mark(log, 4096, 1);
    assert_int_equal(dirty_log_arm(log, DIRTY_DISPLAY), 0);
    dirty_log_mark(log, 2 * 4096, 1);
    assert_int_equal(dirty_log_collect(log, DIRTY_MIGRATION, 0, BLOCK_BYTES, NULL), 2);
    assert_int_equal(dirty_log_collect(log, DIRTY_DISPLAY, 0, BLOCK_BYTES, NULL), 1);
    assert_int_equal(dirty_log_collect(log, DIRTY_DISPLAY, 0, BLOCK_BYTES, NULL), 0);
    dirty_log_mark(log, 0, 1);
    dirty_log_disarm(log, DIRTY_MIGRATION);
    assert_int_equal(dirty_log_arm(log, DIRTY_MIGRATION), 0);
    assert_int_equal(dirty_log_collect(log, DIRTY_MIGRATION, 0, BLOCK_BYTES, NULL), 0);
    dirty_log_free(log);
}

/* Historical defect 1: when tracking moved to blocks, start and size were swapped where a range crosses a block border:
 * the second part was marked at the wrong place with the wrong length.  Every way to cross is tried here. */
static void history_a_range_across_a_block_border_marks_both_sides_exactly(void **state)
{
    static const uint64_t reach[] = { 1, 2, 63, 64, 65, 511, 512, 513, DIRTY_BLOCK_PAGES };
    struct dirty_log *log = dirty_log_new(PAGES << SHIFT, SHIFT);
    uint64_t *want = calloc(WORDS, 8), *got = calloc(WORDS, 8), n;

    (void)state;
    assert_int_equal(dirty_log_arm(log, DIRTY_MIGRATION), 0);
    for (unsigned i = 0; i < 9; i++)
        for (unsigned j = 0; j < 9; j++) {
            uint64_t first = DIRTY_BLOCK_PAGES - reach[i], last = DIRTY_BLOCK_PAGES + reach[j] - 1;

            memset(want, 0, WORDS * 8);
            memset(got, 0, WORDS * 8);
            model_mark(want, first, last);
            dirty_log_mark(log, first << SHIFT, (last - first + 1) << SHIFT);
            n = dirty_log_collect(log, DIRTY_MIGRATION, 0, PAGES << SHIFT, got);
            assert_int_equal(n, last - first + 1);
            assert_memory_equal(got, want, WORDS * 8);
        }
    dirty_log_free(log);
    free(want);
    free(got);
}

static uint64_t bitmap_blocks(struct dirty_log *log)
{
    struct dirty_log_usage use;

    dirty_log_usage(log, &use);
    return use.blocks;
}

static uint64_t vm_bytes(void)
{
    unsigned long pages = 0;
    FILE *f = fopen("/proc/self/statm", "r");

    assert_non_null(f);
    assert_int_equal(fscanf(f, "%lu", &pages), 1);
    fclose(f);
    return pages * 4096ull;
}

/* Historical defect 2: the bitmaps leaked when the block with the highest address was unplugged and another one
 * plugged, because the array was made anew from the wrong length.  Address space counts every leaked bitmap. */
static void history_replacing_the_highest_block_leaks_no_bitmap(void **state)
{
    struct dirty_log *log = dirty_log_new(BLOCK_BYTES, SHIFT);
    uint64_t before;

    (void)state;
    assert_int_equal(dirty_log_arm(log, DIRTY_MIGRATION), 0);
    rcu_barrier();
    before = vm_bytes();
    for (unsigned i = 0; i < 2000; i++) {
        uint64_t at = (1 + i % 40) * BLOCK_BYTES;

        assert_int_equal(dirty_log_grow(log, at, BLOCK_BYTES), 0);
        assert_int_equal(bitmap_blocks(log), 2);
        dirty_log_mark(log, at + BLOCK_BYTES - 1, 1);
        assert_int_equal(dirty_log_shrink(log, at, BLOCK_BYTES), 0);
        assert_int_equal(bitmap_blocks(log), 1);
    }
    rcu_barrier();
    /* One leaked half is 32 KiB: 2000 leaks would be 64 MiB at the least. */
    assert_true(vm_bytes() < before + (8 << 20));
    assert_int_equal(dirty_log_collect(log, DIRTY_MIGRATION, 0, 100 * BLOCK_BYTES, NULL), 0);
    dirty_log_free(log);
}

static void d4_growth_keeps_marks_and_new_pages_are_clean(void **state)
{
    struct dirty_log *log = dirty_log_new(0, SHIFT);
    uint64_t lmb = 256ull << 20;

    (void)state;
    assert_int_equal(dirty_log_arm(log, DIRTY_MIGRATION), 0);
    for (uint64_t i = 0; i < 400; i++) {
        assert_int_equal(dirty_log_grow(log, i * lmb, lmb), 0);
        dirty_log_mark(log, i * lmb, 1);
        dirty_log_mark(log, (i + 1) * lmb - 1, 1);
    }
    assert_int_equal(bitmap_blocks(log), 100);
    assert_int_equal(dirty_log_collect(log, DIRTY_MIGRATION, 0, 400 * lmb, NULL), 800);
    assert_int_equal(dirty_log_collect(log, DIRTY_MIGRATION, 0, 400 * lmb, NULL), 0);
    dirty_log_free(log);
}

static void d5_blocks_live_while_any_of_their_pages_is_present(void **state)
{
    struct dirty_log *log = dirty_log_new(0, SHIFT);
    uint64_t quarter = BLOCK_BYTES / 4;

    (void)state;
    assert_int_equal(dirty_log_grow(log, 0, 2 * quarter), 0);
    assert_int_equal(dirty_log_grow(log, quarter, quarter), 0);        /* a second mapping of the same pages */
    assert_int_equal(dirty_log_arm(log, DIRTY_DISPLAY), 0);
    assert_int_equal(dirty_log_shrink(log, 0, 2 * quarter), 0);
    assert_int_equal(bitmap_blocks(log), 1);
    assert_int_equal(dirty_log_shrink(log, quarter, quarter), 0);
    assert_int_equal(bitmap_blocks(log), 0);
    assert_int_equal(dirty_log_shrink(log, quarter, quarter), -EINVAL);
    assert_int_equal(dirty_log_shrink(log, 1ull << 60, quarter), -EINVAL);
    assert_int_equal(dirty_log_grow(log, 1, quarter), -EINVAL);
    assert_int_equal(dirty_log_grow(log, 0, 0), -EINVAL);
    assert_int_equal(dirty_log_grow(log, UINT64_MAX & ~4095ull, 8192), -EINVAL);
    dirty_log_mark(log, 0, UINT64_MAX);
    dirty_log_free(log);
}

static void d6_nothing_armed_means_no_bitmaps(void **state)
{
    struct dirty_log *log = dirty_log_new(64ull << 40, SHIFT);
    struct dirty_log_usage use;

    (void)state;
    dirty_log_mark(log, 0, UINT64_MAX);
    dirty_log_usage(log, &use);
    assert_int_equal(use.bitmap_bytes, 0);
    assert_int_equal(dirty_log_arm(log, DIRTY_MIGRATION), 0);
    assert_int_equal(bitmap_blocks(log), 65536);
    dirty_log_mark(log, (64ull << 40) - 1, 1);
    assert_int_equal(dirty_log_collect(log, DIRTY_MIGRATION, 63ull << 40, 1ull << 40, NULL), 1);
    dirty_log_disarm(log, DIRTY_MIGRATION);
    assert_int_equal(bitmap_blocks(log), 0);
    dirty_log_free(log);
}

struct heard {
    uint64_t off, len;
    int calls, kicks;
};

static void hear(void *opaque, uint64_t off, uint64_t len)
{
    struct heard *h = opaque;

    h->off = off;
    h->len = len;
    h->calls++;
}

static void kick(void *opaque)
{
    ((struct heard *)opaque)->kicks++;
}

static bool settled(struct dirty_log *log, uint64_t off)
{
    bool yes;

    rcu_read_lock();
    yes = dirty_log_settled_rcu(log, off);
    rcu_read_unlock();
    return yes;
}

static void watched_code_is_told_the_bytes_stored_and_never_settles(void **state)
{
    struct dirty_log *log = dirty_log_new(4 * BLOCK_BYTES, SHIFT);
    struct heard h = { 0 };
    struct dirty_engine e = { .code_written = hear, .kick = kick, .opaque = &h };
    uint64_t epoch = dirty_log_epoch(log);

    (void)state;
    dirty_log_attach(log, &e);
    assert_int_equal(dirty_log_watch_code(log, 0x5010, 16), 0);
    assert_int_not_equal(dirty_log_epoch(log), epoch);
    assert_false(settled(log, 0x5000));
    assert_true(settled(log, 0x6000));
    dirty_log_mark(log, 0x4000, 0x1000);
    assert_int_equal(h.calls, 0);
    dirty_log_mark(log, 0x4ff0, 0x20);
    assert_int_equal(h.calls, 1);
    assert_int_equal(h.off, 0x5000);
    assert_int_equal(h.len, 0x10);
    assert_false(settled(log, 0x5000));
    dirty_log_unwatch_code(log, 0x5010, 16);
    assert_true(settled(log, 0x5000));
    dirty_log_mark(log, 0x5000, 8);
    assert_int_equal(h.calls, 1);
    assert_int_equal(dirty_log_watch_code(log, 100 * BLOCK_BYTES, 1), -EINVAL);
    dirty_log_sync(log);
    assert_int_equal(h.kicks, 1);
    dirty_log_detach(log, &e);
    dirty_log_free(log);
}

static void a_page_settles_by_its_mark_until_any_client_collects_it(void **state)
{
    struct dirty_log *log = dirty_log_new(4 * BLOCK_BYTES, SHIFT);
    uint64_t epoch;

    (void)state;
    assert_true(settled(log, 0));
    dirty_log_arm(log, DIRTY_MIGRATION);
    assert_false(settled(log, 0));
    dirty_log_mark(log, 0, 1);
    assert_true(settled(log, 0));
    epoch = dirty_log_epoch(log);
    dirty_log_arm(log, DIRTY_DISPLAY);
    assert_int_not_equal(dirty_log_epoch(log), epoch);
    assert_false(settled(log, 0));
    dirty_log_mark(log, 0, 1);
    epoch = dirty_log_epoch(log);
    assert_int_equal(dirty_log_collect(log, DIRTY_DISPLAY, BLOCK_BYTES, BLOCK_BYTES, NULL), 0);
    assert_int_equal(dirty_log_epoch(log), epoch);              /* nothing marked there: nobody disturbed */
    assert_int_equal(dirty_log_collect(log, DIRTY_DISPLAY, 0, BLOCK_BYTES, NULL), 1);
    assert_int_not_equal(dirty_log_epoch(log), epoch);
    assert_false(settled(log, 0));
    dirty_log_free(log);
}

/* Marks of random ranges through a batch, flushed in between, are the marks of a plain bitmap. */
static void e5_a_batch_marks_what_was_asked_once_it_is_flushed(void **state)
{
    struct dirty_log *log = dirty_log_new(2 * BLOCK_BYTES, SHIFT);
    uint64_t n = 2 * BLOCK_BYTES >> SHIFT, *bits = calloc(n / 64, 8), *out = calloc(n / 64, 8), seed = 11;
    struct dirty_batch b = { 0 };

    (void)state;
    rcu_read_lock();
    assert_true(dirty_batch_mark_rcu(log, &b, 0, 1));           /* nothing armed, nothing to do */
    assert_false(b.any);
    rcu_read_unlock();
    dirty_log_arm(log, DIRTY_MIGRATION);
    for (unsigned round = 0; round < 200; round++) {
        rcu_read_lock();
        for (unsigned i = 0; i < 20; i++) {
            uint64_t first = rnd(&seed) % (n - 200), last = first + rnd(&seed) % (i % 4 ? 3 : 200);

            if (round & 1)                                      /* around the border of the blocks */
                first = n / 2 - 1 - rnd(&seed) % 70, last = first + rnd(&seed) % 140;
            assert_true(dirty_batch_mark_rcu(log, &b, (first << SHIFT) + 8, ((last - first) << SHIFT) + 1));
            model_mark(bits, first, last);
        }
        dirty_batch_flush_rcu(log, &b);
        rcu_read_unlock();
        if (round % 8 == 7) {
            memset(out, 0, n / 8);
            dirty_log_collect(log, DIRTY_MIGRATION, 0, 2 * BLOCK_BYTES, out);
            assert_memory_equal(out, bits, n / 8);
            memset(bits, 0, n / 8);
        }
    }
    assert_int_equal(dirty_log_watch_code(log, 0x5000, 4), 0);
    rcu_read_lock();
    assert_false(dirty_batch_mark_rcu(log, &b, 0, 1));          /* engines must hear of stores at once */
    rcu_read_unlock();
    dirty_log_free(log);
    free(bits);
    free(out);
}

static void every_vector_loop_agrees_with_the_portable_one(void **state)
{
    uint64_t *a = aligned_alloc(64, 4096), *b = aligned_alloc(64, 4096), out_a[520], out_b[520], seed = 42;

    (void)state;
    for (unsigned i = 0; dirty_scan_nth(i); i++) {
        const struct dirty_scan *s = dirty_scan_nth(i);

        for (size_t lines = 0; lines <= 64; lines++) {
            for (unsigned w = 0; w < 512; w++)
                a[w] = b[w] = rnd(&seed) & rnd(&seed) & rnd(&seed);
            for (unsigned w = 0; w < 520; w++)
                out_a[w] = out_b[w] = rnd(&seed) & rnd(&seed);
            assert_int_equal(s->move(a, out_a + 3, lines), dirty_scan_portable.move(b, out_b + 3, lines));
            assert_memory_equal(a, b, 4096);
            assert_memory_equal(out_a, out_b, sizeof(out_a));
            assert_int_equal(s->take(a, 64), dirty_scan_portable.take(b, 64));
            assert_memory_equal(a, b, 4096);
        }
    }
    free(a);
    free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(d1_d2_marks_and_collections_agree_with_a_plain_bitmap),
        cmocka_unit_test(d2_clients_are_independent_and_start_clean),
        cmocka_unit_test(history_a_range_across_a_block_border_marks_both_sides_exactly),
        cmocka_unit_test(history_replacing_the_highest_block_leaks_no_bitmap),
        cmocka_unit_test(d4_growth_keeps_marks_and_new_pages_are_clean),
        cmocka_unit_test(d5_blocks_live_while_any_of_their_pages_is_present),
        cmocka_unit_test(d6_nothing_armed_means_no_bitmaps),
        cmocka_unit_test(watched_code_is_told_the_bytes_stored_and_never_settles),
        cmocka_unit_test(a_page_settles_by_its_mark_until_any_client_collects_it),
        cmocka_unit_test(e5_a_batch_marks_what_was_asked_once_it_is_flushed),
        cmocka_unit_test(every_vector_loop_agrees_with_the_portable_one),
    };

    return cmocka_run_group_tests(tests, rcu_group_begin, rcu_group_end);
}
