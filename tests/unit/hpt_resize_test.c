/* SPDX-License-Identifier: Apache-2.0 */
/* Resizing the hash table: against a model that knows every entry's whole virtual address, and the rules for what is
 * refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "papr/hpt_int.h"
#include "tests/unit/rcu_group.h"

#define GiB (1ull << 30)

static uint64_t rnd(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

/* An address in full, as the guest knows it. */
struct mapping {
    uint64_t vsid, offset;
    unsigned base_shift, penc;
    bool large, tera, secondary, bolted;
    unsigned slot;
};

/* The hash as the ISA writes it, from the whole address. */
static uint64_t group_of(const struct mapping *m, unsigned shift)
{
    uint64_t hash =
        m->tera ? m->vsid ^ m->vsid << 25 ^ m->offset >> m->base_shift : m->vsid ^ m->offset >> m->base_shift;

    return (m->secondary ? ~hash : hash) & ((1ull << (shift - 7)) - 1);
}

static uint64_t ptex_of(const struct mapping *m, unsigned shift)
{
    return group_of(m, shift) * 8 + m->slot;
}

static struct hpte words(const struct mapping *m)
{
    unsigned segment = m->tera ? 40 : 28;
    uint64_t offset = m->offset & ~((1ull << m->base_shift) - 1);
    unsigned __int128 va = (unsigned __int128)m->vsid << segment | offset;

    return (struct hpte){
        .v = (m->tera ? HPTE_V_B_1T : 0) | ((uint64_t)(va >> 23) << 7 & HPTE_V_AVPN) | (m->bolted ? HPTE_V_BOLTED : 0) |
             (m->large ? HPTE_V_L : 0) | (m->secondary ? HPTE_V_H : 0) | HPTE_V_V,
        .r = (uint64_t)m->penc << 12 | (m->offset & 0xfffff000000) | HPTE_R_M | (m->vsid & 1 ? HPTE_R_C : 0),
    };
}

static struct mapping random_mapping(uint64_t *seed)
{
    static const struct {
        unsigned base_shift, penc;
        bool large;
    } kinds[] = { { 12, 0, false }, { 12, 7, true }, { 12, 0x38, true },
                  { 16, 1, true },  { 16, 8, true }, { 24, 0, true } };
    unsigned kind = rnd(seed) % 6;
    struct mapping m = {
        .base_shift = kinds[kind].base_shift,
        .penc = kinds[kind].penc,
        .large = kinds[kind].large,
        .tera = rnd(seed) & 1,
        .secondary = rnd(seed) % 4 == 0,
        .bolted = rnd(seed) % 3 == 0,
        .slot = rnd(seed) % 8,
    };

    m.vsid = rnd(seed) & (m.tera ? (1ull << 38) - 1 : (1ull << 50) - 1);
    m.offset = rnd(seed) & (m.tera ? (1ull << 40) - 1 : (1ull << 28) - 1);
    if (rnd(seed) % 2) { /* far apart in a large table, close in a small one */
        m.vsid &= 0x3f80f;
        m.offset &= 0xf0000;
    }
    return m;
}

static struct hpt *table(unsigned shift)
{
    struct error err;
    struct hpt *h = hpt_new(shift, 64 * GiB, &err);

    assert_non_null(h);
    return h;
}

static bool put(struct hpt *h, const struct mapping *m)
{
    uint64_t used;

    return hpt_insert(h, ptex_of(m, hpt_shift(h)), true, words(m), &used);
}

/* What a naive rehash makes of it: NULL when two bolted entries meet. */
static struct hpte *model(const struct mapping *m, unsigned n, unsigned shift)
{
    struct hpte *t = calloc(1ull << (shift - 4), sizeof(*t));

    for (unsigned i = 0; i < n; i++) {
        struct hpte *slot = &t[ptex_of(&m[i], shift)];

        if (!m[i].bolted)
            continue;
        if (slot->v) {
            free(t);
            return NULL;
        }
        *slot = words(&m[i]);
    }
    return t;
}

static void assert_is_model(struct hpt *h, const struct hpte *t)
{
    uint64_t mapped = 0;

    for (uint64_t ptex = 0; ptex < 1ull << (hpt_shift(h) - 4); ptex++) {
        struct hpte e = hpt_read(h, ptex);

        assert_int_equal(e.v, t[ptex].v);
        assert_int_equal(e.r, t[ptex].r);
        assert_int_equal(pteg_map_get(&h->cur->used, ptex >> 3) >> (ptex & 7) & 1, e.v & 1);
        assert_int_equal(pteg_map_get(&h->cur->bolted, ptex >> 3) >> (ptex & 7) & 1, e.v & 1);
        mapped += e.v & 1;
    }
    assert_true(hpt_maps_ra(h, ra(0), 64 * GiB) <= mapped);
}

static void resizing_equals_a_naive_rehash(void **unused)
{
    struct mapping *m = malloc(4000 * sizeof(*m));
    unsigned moved = 0, full = 0;

    (void)unused;
    for (uint64_t round = 1; round <= 300; round++) {
        uint64_t seed = round * 0x9e3779b97f4a7c15;
        unsigned from = 18 + rnd(&seed) % 5, to = 18 + rnd(&seed) % 6;
        unsigned n = 0, wanted = 1u << (3 + rnd(&seed) % 9);
        struct hpt *h = table(from);
        struct hpte *expected;
        enum hpt_resize got;

        for (unsigned i = 0; i < wanted; i++) {
            m[n] = random_mapping(&seed);
            n += put(h, &m[n]);
        }
        expected = model(m, n, to);
        assert_int_equal(hpt_prepare(h, to), HPT_RESIZE_OK);
        got = hpt_commit(h, to);
        assert_int_equal(got, expected ? HPT_RESIZE_OK : HPT_RESIZE_FULL);
        assert_int_equal(hpt_pending_shift(h), 0);
        if (expected) {
            assert_int_equal(hpt_shift(h), to);
            assert_is_model(h, expected);
            moved++;
        } else {
            assert_int_equal(hpt_shift(h), from);
            for (unsigned i = 0; i < n; i++)
                assert_int_equal(hpt_read(h, ptex_of(&m[i], from)).v, words(&m[i]).v);
            full++;
        }
        free(expected);
        hpt_free(h);
    }
    assert_true(moved > 100 && full > 30);
    free(m);
}

/* Two bolted entries that meet below 2^20: groups 3 and 3 + 2^12 of a table with 2^13. */
static struct mapping left = { .vsid = 3, .base_shift = 12, .bolted = true, .slot = 5 };
static struct mapping right = { .vsid = 3 + (1 << 12), .base_shift = 12, .bolted = true, .slot = 5 };

static void an_impossible_shrink_leaves_a_witness(void **unused)
{
    struct hpt *h = table(20);
    struct hpte_match any = { 0 };
    struct hpt_stats s;
    struct hpte old;

    (void)unused;
    assert_true(put(h, &left) && put(h, &right));
    assert_int_equal(hpt_prepare(h, 19), HPT_RESIZE_OK);
    assert_int_equal(hpt_commit(h, 19), HPT_RESIZE_FULL);
    /* At once, at every repetition, and for all that is smaller. */
    assert_int_equal(hpt_prepare(h, 19), HPT_RESIZE_FULL);
    assert_int_equal(hpt_prepare(h, 19), HPT_RESIZE_FULL);
    assert_int_equal(hpt_prepare(h, 18), HPT_RESIZE_FULL);
    assert_int_equal(hpt_commit(h, 19), HPT_RESIZE_NONE);
    hpt_stats(h, &s);
    assert_int_equal(s.witness_refusals, 3);
    assert_int_equal(s.commits_full, 1);
    assert_int_equal(hpt_prepare(h, 20), HPT_RESIZE_OK);
    /* One of them goes: the size is worth another try. */
    assert_true(hpt_detach(h, ptex_of(&left, 20), any, &old));
    hpt_release(h, ptex_of(&left, 20), old);
    assert_int_equal(hpt_prepare(h, 19), HPT_RESIZE_OK);
    assert_int_equal(hpt_commit(h, 19), HPT_RESIZE_OK);
    assert_int_equal(hpt_read(h, ptex_of(&right, 19)).v, words(&right).v);
    hpt_free(h);
}

static void a_witness_ends_with_its_table(void **unused)
{
    struct hpt *h = table(20);

    (void)unused;
    assert_true(put(h, &left) && put(h, &right));
    assert_int_equal(hpt_prepare(h, 19), HPT_RESIZE_OK);
    assert_int_equal(hpt_commit(h, 19), HPT_RESIZE_FULL);
    /* Grown, both stand elsewhere; shrinking is refused for what stands there. */
    assert_int_equal(hpt_prepare(h, 24), HPT_RESIZE_OK);
    assert_int_equal(hpt_commit(h, 24), HPT_RESIZE_OK);
    assert_int_equal(hpt_prepare(h, 19), HPT_RESIZE_OK);
    assert_int_equal(hpt_commit(h, 19), HPT_RESIZE_FULL);
    hpt_clear(h);
    assert_int_equal(hpt_prepare(h, 19), HPT_RESIZE_OK);
    assert_int_equal(hpt_reset(h, 18, NULL), 0);
    assert_int_equal(hpt_pending_shift(h), 0);
    assert_int_equal(hpt_prepare(h, 18), HPT_RESIZE_OK);
    hpt_free(h);
}

static void pending_tables_replace_each_other(void **unused)
{
    struct hpt *h = table(20);

    (void)unused;
    assert_int_equal(hpt_commit(h, 21), HPT_RESIZE_NONE);
    assert_int_equal(hpt_prepare(h, 21), HPT_RESIZE_OK);
    assert_int_equal(hpt_prepare(h, 21), HPT_RESIZE_OK);
    assert_int_equal(hpt_commit(h, 22), HPT_RESIZE_NONE);
    assert_int_equal(hpt_pending_shift(h), 21);
    assert_int_equal(hpt_prepare(h, 22), HPT_RESIZE_OK);
    assert_int_equal(hpt_commit(h, 21), HPT_RESIZE_NONE);
    assert_int_equal(hpt_commit(h, 22), HPT_RESIZE_OK);
    assert_int_equal(hpt_shift(h), 22);
    hpt_prepare(h, 19);
    hpt_cancel(h);
    assert_int_equal(hpt_commit(h, 19), HPT_RESIZE_NONE);
    hpt_free(h);
}

/* A guest may bolt anything anywhere. */
static void entries_in_the_wrong_group_vanish(void **unused)
{
    struct hpt *h = table(20);
    struct mapping wrong = left;
    struct hpt_stats s;
    uint64_t used, seed = 5;

    (void)unused;
    wrong.vsid |= 1ull << 11;
    assert_true(hpt_insert(h, ptex_of(&left, 20), true, words(&wrong), &used));
    for (unsigned i = 0; i < 3000; i++) {
        struct hpte e = { rnd(&seed) | HPTE_V_BOLTED | HPTE_V_V, rnd(&seed) };

        e.v &= ~HPTE_V_RESERVED;
        if (hpte_page_shift(e.v, e.r))
            hpt_insert(h, rnd(&seed) % (1 << 16), false, e, &used);
    }
    for (unsigned shift = 25; shift >= 18; shift--) {
        if (hpt_prepare(h, shift) == HPT_RESIZE_OK)
            hpt_commit(h, shift);
        hpt_stats(h, &s);
        if (shift == 25)
            assert_true(s.entries_misplaced > 0);
    }
    hpt_free(h);
}

/* The cost is that of the bolted groups: a table of 2^36 bytes commits as fast as its few entries. */
static void a_commit_visits_bolted_groups_only(void **unused)
{
    struct hpt *h = table(36);
    uint64_t seed = 11;
    struct hpt_stats s;
    unsigned bolted = 0, loose = 0;

    (void)unused;
    while (bolted < 100 || loose < 1000) {
        struct mapping m = random_mapping(&seed);

        if (put(h, &m))
            *(m.bolted ? &bolted : &loose) += 1;
    }
    assert_int_equal(hpt_prepare(h, 37), HPT_RESIZE_OK);
    assert_int_equal(hpt_commit(h, 37), HPT_RESIZE_OK);
    hpt_stats(h, &s);
    assert_int_equal(s.entries_moved, bolted);
    assert_true(s.groups_visited <= bolted);
    assert_int_equal(s.entries_misplaced, 0);
    hpt_free(h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(resizing_equals_a_naive_rehash),    cmocka_unit_test(an_impossible_shrink_leaves_a_witness),
        cmocka_unit_test(a_witness_ends_with_its_table),     cmocka_unit_test(pending_tables_replace_each_other),
        cmocka_unit_test(entries_in_the_wrong_group_vanish), cmocka_unit_test(a_commit_visits_bolted_groups_only),
    };

    return cmocka_run_group_tests(tests, rcu_group_begin, rcu_group_end);
}
