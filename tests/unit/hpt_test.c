/* SPDX-License-Identifier: Apache-2.0 */
/* The hash table by itself: the summary of its byte maps, counts of mapped memory, saved state, and rules H1-H4 with
 * threads. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "papr/hpt_int.h"
#include "tests/unit/rcu_group.h"

#define LMB (256ull << 20)

static uint64_t rnd(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

static struct hpt *table(unsigned shift)
{
    struct error err;
    struct hpt *h = hpt_new(shift, 64 * LMB, &err);

    assert_non_null(h);
    return h;
}

static const struct hpte entry = { HPTE_V_V | 0x1000, 0x4000 | HPTE_R_M };

static void put(struct hpt *h, uint64_t ptex, struct hpte e)
{
    uint64_t used;

    assert_true(hpt_insert(h, ptex, true, e, &used));
    assert_int_equal(used, ptex);
}

/* ---- pteg_map ---- */
static void the_map_finds_what_a_scan_finds(void **unused)
{
    uint64_t seed = 42;

    (void)unused;
    for (unsigned log_n = 11; log_n <= 19; log_n++) {
        uint64_t n = 1ull << log_n, expected = 0;
        struct pteg_map m;
        void *room = aligned_alloc(64, pteg_map_bytes(n));

        memset(room, 0, pteg_map_bytes(n));
        pteg_map_init(&m, n, room);
        assert_int_equal(pteg_map_next(&m, 0), n);
        for (unsigned i = 0; i < 40; i++)
            pteg_map_put(&m, i == 0 ? n - 1 : i == 1 ? 63 : i == 2 ? 64 : rnd(&seed) % n, 1);
        for (unsigned i = 0; i < 10; i++)
            pteg_map_put(&m, pteg_map_next(&m, rnd(&seed) % (n - 1)), 0);
        for (uint64_t g = pteg_map_next(&m, 0); g < n; g = pteg_map_next(&m, g + 1)) {
            for (; expected < g; expected++)
                assert_int_equal(pteg_map_get(&m, expected), 0);
            assert_int_not_equal(pteg_map_get(&m, g), 0);
            expected = g + 1;
        }
        for (; expected < n; expected++)
            assert_int_equal(pteg_map_get(&m, expected), 0);
        free(room);
    }
}

/* ---- hpt ---- */
static void a_huge_table_costs_nothing_untouched(void **unused)
{
    struct hpt *h = table(37);
    struct hpte old;

    (void)unused;
    put(h, (1ull << 33) - 1, entry);
    put(h, 0, entry);
    assert_int_equal(hpt_drop_ra(h, ra(0), LMB), 2);
    assert_false(hpt_detach(h, 0, (struct hpte_match){ 0 }, &old));
    assert_int_equal(hpt_reset(h, 18, NULL), 0);
    assert_false(hpt_has(h, 1ull << 14));
    assert_true(hpt_has(h, (1ull << 14) - 1));
    hpt_free(h);
}

static void a_detached_slot_stays_occupied(void **unused)
{
    struct hpt *h = table(18);
    struct hpte old;
    uint64_t used;

    (void)unused;
    put(h, 8, entry);
    assert_true(hpt_detach(h, 8, (struct hpte_match){ 0 }, &old));
    assert_int_equal(old.v, entry.v);
    assert_int_equal(hpt_read(h, 8).v, 0);
    assert_false(hpt_insert(h, 8, true, entry, &used));
    assert_true(hpt_insert(h, 8, false, entry, &used));
    assert_int_equal(used, 9);
    assert_false(hpt_detach(h, 8, (struct hpte_match){ 0 }, &old));
    assert_int_equal(hpt_maps_ra(h, ra(0), LMB), 2);
    atomic_fetch_or(&hpt_table(h)->e[17], HPTE_R_R); /* a walker that was late */
    assert_int_equal(hpt_release(h, 8, entry), entry.r | HPTE_R_R);
    assert_int_equal(hpt_maps_ra(h, ra(0), LMB), 1);
    put(h, 8, entry);
    hpt_free(h);
}

static void memory_is_counted_by_256_mib(void **unused)
{
    struct hpt *h = table(20);

    (void)unused;
    put(h, 1, (struct hpte){ HPTE_V_V, 3 * LMB | HPTE_R_M });
    put(h, 2, (struct hpte){ HPTE_V_V | HPTE_V_L, (4 * LMB - (16 << 20)) | HPTE_R_M });
    put(h, 3, (struct hpte){ HPTE_V_V | HPTE_V_L, 0x3000 | HPTE_R_M }); /* 16 GiB at 0 */
    put(h, 4, (struct hpte){ HPTE_V_V, 1ull << 45 | HPTE_R_I });        /* beyond all RAM */
    assert_int_equal(hpt_maps_ra(h, ra(0), LMB), 1);
    assert_int_equal(hpt_maps_ra(h, ra(3 * LMB), LMB), 3);
    assert_int_equal(hpt_maps_ra(h, ra(63 * LMB), LMB), 1);
    assert_int_equal(hpt_maps_ra(h, ra(64 * LMB), 2 * LMB), 0);
    assert_int_equal(hpt_drop_ra(h, ra(64 * LMB), LMB), 0);
    assert_int_equal(hpt_drop_ra(h, ra(63 * LMB), LMB), 1);
    assert_int_equal(hpt_drop_ra(h, ra(3 * LMB), LMB), 2);
    assert_int_equal(hpt_maps_ra(h, ra(0), 64 * LMB), 0);
    assert_int_equal(hpt_read(h, 4).v, HPTE_V_V);
    hpt_free(h);
}

static void sizes_follow_the_guest(void **unused)
{
    const uint64_t GiB = 1ull << 30;

    (void)unused;
    /* One step above what Linux with 64 KiB pages asks for. */
    assert_int_equal(hpt_boot_shift(2 * GiB, 16), 22);
    assert_int_equal(hpt_boot_shift(129 * GiB, 16), 29);
    assert_int_equal(hpt_boot_shift(128 << 20, 16), 18);
    assert_int_equal(hpt_boot_shift(64 << 20, 16), 18);
    /* What Linux with 4 KiB pages asks for, which is the limit. */
    assert_int_equal(hpt_boot_shift(2 * GiB, 12), 25);
    assert_int_equal(hpt_boot_shift(2 * GiB, 0), 25);
    assert_int_equal(hpt_limit_shift(2 * GiB), 25);
    assert_int_equal(hpt_limit_shift(2 * GiB + 1), 26);
    assert_int_equal(hpt_limit_shift(UINT64_MAX), 46);
}

/* ---- saved state ---- */
static void fill(struct hpt *h, uint64_t seed, unsigned n)
{
    uint64_t used;

    for (unsigned i = 0; i < n; i++) {
        struct hpte e = { HPTE_V_V | (rnd(&seed) & 0xffffff80) | (rnd(&seed) & HPTE_V_BOLTED),
                          (rnd(&seed) & 0xffff000) | HPTE_R_M | (rnd(&seed) & HPTE_R_C) };

        hpt_insert(h, rnd(&seed) % (1ull << (hpt_shift(h) - 4)), rnd(&seed) & 1, e, &used);
    }
}

static void assert_same_tables(struct hpt *a, struct hpt *b)
{
    assert_int_equal(hpt_shift(a), hpt_shift(b));
    assert_int_equal(hpt_pending_shift(a), hpt_pending_shift(b));
    for (uint64_t g = 0; g < hpt_mem_groups(a->cur); g++) {
        assert_int_equal(pteg_map_get(&a->cur->used, g), pteg_map_get(&b->cur->used, g));
        assert_int_equal(pteg_map_get(&a->cur->bolted, g), pteg_map_get(&b->cur->bolted, g));
        assert_memory_equal(&a->cur->t.e[16 * g], &b->cur->t.e[16 * g], 128);
    }
    assert_memory_equal(a->cur->lmb_refs, b->cur->lmb_refs, 64 * sizeof(uint32_t));
}

static void saved_tables_come_back(void **unused)
{
    struct hpt *a = table(20), *b = table(22);
    struct state_writer w;
    struct state_reader r;
    struct error err;

    (void)unused;
    fill(a, 7, 5000);
    assert_int_equal(hpt_prepare(a, 23), HPT_RESIZE_OK);
    state_writer_init(&w);
    assert_int_equal(state_save(&hpt_state, a, 0, &w, &err), 0);
    fill(b, 8, 100);
    state_reader_init(&r, w.out.data, w.out.len_bytes);
    assert_int_equal(state_load(&hpt_state, b, 0, &r, &err), 0);
    assert_same_tables(a, b);
    /* An empty table is a few bytes, whatever its size. */
    buf_reset(&w.out);
    hpt_reset(a, 38, NULL);
    assert_int_equal(state_save(&hpt_state, a, 0, &w, &err), 0);
    assert_true(w.out.len_bytes < 128);
    state_writer_fini(&w);
    hpt_free(a);
    hpt_free(b);
}

static void damaged_tables_are_refused_or_sound(void **unused)
{
    struct hpt *a = table(18), *b = table(18);
    uint64_t seed = 99;
    struct state_writer w;
    struct error err;
    unsigned refused = 0;

    (void)unused;
    fill(a, 7, 30);
    state_writer_init(&w);
    assert_int_equal(state_save(&hpt_state, a, 0, &w, &err), 0);
    for (unsigned i = 0; i < 4000; i++) {
        size_t at = rnd(&seed) % w.out.len_bytes;
        uint8_t was = w.out.data[at];
        struct state_reader r;

        w.out.data[at] ^= (uint8_t)(1u << rnd(&seed) % 8);
        state_reader_init(&r, w.out.data, w.out.len_bytes);
        if (b->cur->t.shift > 24)
            hpt_reset(b, 18, NULL);
        if (state_load(&hpt_state, b, 0, &r, &err) < 0)
            refused++;
        w.out.data[at] = was;
        /* What has been loaded can be taken apart again. */
        hpt_drop_ra(b, ra(0), 64 * LMB);
        assert_int_equal(hpt_maps_ra(b, ra(0), 64 * LMB), 0);
    }
    assert_true(refused > 300);
    state_writer_fini(&w);
    hpt_free(a);
    hpt_free(b);
}

/* ---- threads: one per slot enters, changes and removes; walkers check H1 and H4 all the time ---- */
#define WRITERS 3
struct torture {
    struct hpt *h;
    _Atomic bool stop;
    unsigned id;
    uint64_t rounds, seen, lost;
};

/* r follows from v, but for R and C: what a walker may see is told by v alone. */
static struct hpte tell(uint64_t n)
{
    return (struct hpte){ HPTE_V_V | (n & 0xffff) << 7, (n & 0xffff) << 12 | HPTE_R_M };
}

static void *writer(void *arg)
{
    struct torture *t = arg;
    uint64_t seed = t->id + 1, used;
    struct hpte old;

    for (t->rounds = 0; t->rounds < 30000; t->rounds++) {
        uint64_t group = rnd(&seed) % 4;

        if (!hpt_insert(t->h, group * 8, false, tell(rnd(&seed)), &used))
            continue;
        if (rnd(&seed) % 2)
            hpt_change(t->h, used, (struct hpte_match){ 0 }, HPTE_R_PP, rnd(&seed) & HPTE_R_PP, &old);
        t->lost += !hpt_detach(t->h, used, (struct hpte_match){ 0 }, &old);
        hpt_release(t->h, used, old);
    }
    return NULL;
}

static void *walker(void *arg)
{
    struct torture *t = arg;
    const struct cpu_hpt *hpt = hpt_table(t->h);

    while (!atomic_load(&t->stop)) {
        for (uint64_t ptex = 0; ptex < 32; ptex++) {
            uint64_t v = atomic_load_explicit(&hpt->e[2 * ptex], memory_order_acquire);
            uint64_t r = atomic_load_explicit(&hpt->e[2 * ptex + 1], memory_order_acquire);

            if (!(v & HPTE_V_V) || atomic_load_explicit(&hpt->e[2 * ptex], memory_order_acquire) != v)
                continue;
            /* No flush protects this walker from a slot that is taken again: r may be a successor's, but never half of
             * one. */
            if ((v >> 7 & 0xffff) == (r >> 12 & 0xffff))
                t->seen++;
        }
    }
    return NULL;
}

static void writers_and_walkers_agree(void **unused)
{
    struct torture t[WRITERS + 1] = { 0 };
    pthread_t thread[WRITERS + 1];
    struct hpt *h = table(18);

    (void)unused;
    for (unsigned i = 0; i <= WRITERS; i++) {
        t[i].h = h;
        t[i].id = i;
        pthread_create(&thread[i], NULL, i < WRITERS ? writer : walker, &t[i]);
    }
    for (unsigned i = 0; i < WRITERS; i++)
        pthread_join(thread[i], NULL);
    atomic_store(&t[WRITERS].stop, true);
    pthread_join(thread[WRITERS], NULL);
    for (unsigned i = 0; i < WRITERS; i++)
        assert_int_equal(t[i].lost, 0);
    assert_int_equal(hpt_maps_ra(h, ra(0), 64 * LMB), 0);
    assert_int_equal(pteg_map_next(&h->cur->used, 0), h->cur->used.n);
    hpt_free(h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_map_finds_what_a_scan_finds),
        cmocka_unit_test(a_huge_table_costs_nothing_untouched),
        cmocka_unit_test(a_detached_slot_stays_occupied),
        cmocka_unit_test(memory_is_counted_by_256_mib),
        cmocka_unit_test(sizes_follow_the_guest),
        cmocka_unit_test(saved_tables_come_back),
        cmocka_unit_test(damaged_tables_are_refused_or_sound),
        cmocka_unit_test(writers_and_walkers_agree),
    };

    return cmocka_run_group_tests(tests, rcu_group_begin, rcu_group_end);
}
