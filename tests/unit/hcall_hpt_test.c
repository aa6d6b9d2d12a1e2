/* SPDX-License-Identifier: Apache-2.0 */
/* Hypercalls on the hash table: arguments, effects, and the words of LoPAR about each. */
#include "base/rcu.h"
#include "mem/dirty_log.h"
#include "papr/papr_int.h"
#include "tests/unit/hcall_rig.h"

#define REMOVE 0x04
#define ENTER 0x08
#define READ 0x0c
#define CLEAR_MOD 0x10
#define CLEAR_REF 0x14
#define PROTECT 0x18
#define PAGE_INIT 0x2c
#define BULK_REMOVE 0x124
#define CLEAR_HPT 0x358

#define EXACT (1ull << 39)
#define READ_4 (1ull << 37)
#define AVPN (1ull << 31)
#define ANDCOND (1ull << 30)
#define ZERO_PAGE (1ull << 15)
#define COPY_PAGE (1ull << 14)

#define V (0x123400ull << 7)
#define PAGE 0x5000ull

static int up(void **state)
{
    return rig_begin(state, 2, ISA_LEVEL_3_00);
}

static void enter_stores_and_read_shows(void **state)
{
    struct rig *r = *state;

    assert_int_equal(H(r, ENTER, 0, 0x123, V | 0x61, PAGE | HPTE_R_M | 2), H_SUCCESS);
    assert_int_equal(r->r4, 0x120);
    assert_int_equal(H(r, READ, 0, 0x120), H_SUCCESS);
    assert_int_equal(r->r4, V | 1);
    assert_int_equal(r->r5, PAGE | HPTE_R_M | 2);
    assert_int_equal(H(r, ENTER, 0, 0x120, V | 1, PAGE | HPTE_R_M), H_SUCCESS);
    assert_int_equal(r->r4, 0x121);
    assert_int_equal(H(r, READ, READ_4, 0x123), H_SUCCESS);
    assert_int_equal(r->r4, V | 1);
    assert_int_equal(r->r6, V | 1);
    assert_int_equal(r->r8, 0);
}

static void enter_sets_valid_itself(void **state)
{
    struct rig *r = *state;

    assert_int_equal(H(r, ENTER, EXACT, 9, V, PAGE | HPTE_R_M), H_SUCCESS);
    H(r, READ, 0, 9);
    assert_int_equal(r->r4, V | 1);
}

static void a_full_group_is_refused_and_exact_needs_its_slot(void **state)
{
    struct rig *r = *state;

    assert_int_equal(H(r, ENTER, EXACT, 0x45, V | 1, PAGE | HPTE_R_M), H_SUCCESS);
    assert_int_equal(r->r4, 0x45);
    assert_int_equal(H(r, ENTER, EXACT, 0x45, V | 1, PAGE | HPTE_R_M), H_PTEG_FULL);
    for (unsigned i = 0; i < 7; i++)
        assert_int_equal(H(r, ENTER, 0, 0x40, V | 1, PAGE | HPTE_R_M), H_SUCCESS);
    assert_int_equal(H(r, ENTER, 0, 0x40, V | 1, PAGE | HPTE_R_M), H_PTEG_FULL);
    assert_int_equal(H(r, REMOVE, 0, 0x43), H_SUCCESS);
    assert_int_equal(H(r, ENTER, 0, 0x40, V | 1, PAGE | HPTE_R_M), H_SUCCESS);
    assert_int_equal(r->r4, 0x43);
}

static void enter_refuses_what_no_page_is(void **state)
{
    struct rig *r = *state;
    uint64_t entries = 1ull << (hpt_shift(papr_hpt(r->p)) - 4);
    static const struct {
        uint64_t v, r;
    } bad[] = {
        { HPTE_V_L, 0x2000 | HPTE_R_M },   /* no such page size */
        { 0, PAGE | HPTE_R_M | HPTE_R_I }, /* RAM cache-inhibited */
        { 0, PAGE },                       /* RAM without M */
        { 0, PAGE | HPTE_R_M | HPTE_R_W },
        { 0, RIG_MEMORY | HPTE_R_M }, /* no RAM there (yet) */
        { 0, RIG_MEMORY | HPTE_R_I }, /* and no I/O either */
        { 0, (RIG_CEILING - 0x1000) | HPTE_R_I | HPTE_R_G },
        { 0, RIG_CEILING | HPTE_R_M }, /* I/O must be inhibited */
        { 0, RIG_CEILING | HPTE_R_I | HPTE_R_W },
        { HPTE_V_L, 0x3000 | HPTE_R_M }, /* 16 GiB page, 256 MiB RAM */
        { HPTE_V_L, 0x0fffffc000003000ull | HPTE_R_I | HPTE_R_W },
    };

    for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(H(r, ENTER, 0, 8, V | 1 | bad[i].v, bad[i].r), H_PARAMETER);
    assert_int_equal(H(r, ENTER, 0, entries, V | 1, PAGE | HPTE_R_M), H_PARAMETER);
    assert_int_equal(H(r, ENTER, 0, UINT64_MAX, V | 1, PAGE | HPTE_R_M), H_PARAMETER);
    assert_int_equal(H(r, ENTER, 0, 1ull << 63, V | 1, PAGE | HPTE_R_M), H_PARAMETER);
    assert_int_equal(H(r, ENTER, 0, entries - 1, V | 1, PAGE | HPTE_R_M), H_SUCCESS);
    assert_int_equal(H(r, ENTER, 0, 16, V | 1, RIG_CEILING | HPTE_R_I | HPTE_R_G), H_SUCCESS);
    assert_int_equal(H(r, ENTER, 0, 16, V | 1, 1ull << 45 | HPTE_R_I | HPTE_R_M), H_SUCCESS);
}

static int up_power8(void **state)
{
    return rig_begin(state, 1, ISA_LEVEL_2_07);
}

static void strong_access_ordering_is_power8s(void **state)
{
    struct rig *r = *state;
    bool power8 = r->v->cpu.level == ISA_LEVEL_2_07;

    assert_int_equal(H(r, ENTER, 0, 8, V | 1, PAGE | HPTE_R_SAO), power8 ? H_SUCCESS : H_PARAMETER);
    assert_int_equal(H(r, ENTER, 0, 8, V | 1, PAGE | HPTE_R_SAO | HPTE_R_G), H_PARAMETER);
    assert_int_equal(H(r, ENTER, 0, 8, V | 1, RIG_CEILING | HPTE_R_SAO), H_PARAMETER);
}

static void all_page_sizes_enter(void **state)
{
    struct rig *r = *state;
    static const uint64_t rpn[] = { 0x11000, 0x17000, 0x1008000, 0x1038000, 0x1000000 };

    assert_int_equal(H(r, ENTER, 0, 8, V | 1, 0x7000 | HPTE_R_M), H_SUCCESS);
    for (unsigned i = 0; i < 5; i++)
        assert_int_equal(H(r, ENTER, 0, 8, V | 5, rpn[i] | HPTE_R_M), H_SUCCESS);
    /* The last 16 MiB page of RAM, and the one beyond. */
    assert_int_equal(H(r, ENTER, 0, 16, V | 5, (RIG_MEMORY - (16 << 20)) | HPTE_R_M), H_SUCCESS);
    assert_int_equal(H(r, ENTER, 0, 16, V | 5, RIG_MEMORY | HPTE_R_M), H_PARAMETER);
    assert_int_equal(hpt_maps_ra(papr_hpt(r->p), ra(0), RIG_MEMORY), 7);
}

static void enter_zeroes_pages_on_request(void **state)
{
    struct rig *r = *state;

    rig_put32(r, 0x10000, 1);
    rig_put32(r, 0x1fffc, 2);
    rig_put32(r, 0x20000, 3);
    assert_int_equal(H(r, ENTER, ZERO_PAGE, 8, V | 5, 0x11000 | HPTE_R_M), H_SUCCESS);
    assert_int_equal(rig_get32(r, 0x10000), 0);
    assert_int_equal(rig_get32(r, 0x1fffc), 0);
    assert_int_equal(rig_get32(r, 0x20000), 3);
    assert_int_equal(H(r, ENTER, ZERO_PAGE, 8, V | 5, 0x1000000 | HPTE_R_M), H_TOO_BIG);
}

static void remove_returns_the_entry_and_checks_it(void **state)
{
    struct rig *r = *state;

    H(r, ENTER, EXACT, 0x200, V | HPTE_V_BOLTED | 1, PAGE | HPTE_R_M | HPTE_R_C);
    assert_int_equal(H(r, REMOVE, AVPN, 0x200, V + 0x80), H_NOT_FOUND);
    assert_int_equal(r->r4, 0);
    assert_int_equal(H(r, REMOVE, ANDCOND, 0x200, HPTE_V_BOLTED), H_NOT_FOUND);
    assert_int_equal(H(r, REMOVE, 0, 1ull << 60), H_PARAMETER);
    assert_int_equal(H(r, REMOVE, AVPN, 0x200, V), H_SUCCESS);
    assert_int_equal(r->r4, V | HPTE_V_BOLTED | 1);
    assert_int_equal(r->r5, PAGE | HPTE_R_M | HPTE_R_C);
    assert_int_equal(H(r, REMOVE, AVPN, 0x200, V), H_NOT_FOUND);
    assert_int_equal(H(r, READ, 0, 0x200), H_SUCCESS);
    assert_int_equal(r->r4 | r->r5, 0);
    assert_int_equal(hpt_maps_ra(papr_hpt(r->p), ra(0), RIG_MEMORY), 0);
}

static void protect_changes_protection_only(void **state)
{
    struct rig *r = *state;
    uint64_t words = PAGE | HPTE_R_M | HPTE_R_R | HPTE_R_C | HPTE_R_N | 2;

    H(r, ENTER, EXACT, 0x200, V | 1, words);
    assert_int_equal(H(r, PROTECT, AVPN, 0x200, V + 0x80), H_NOT_FOUND);
    assert_int_equal(H(r, PROTECT, 0, 1ull << 40, 0), H_PARAMETER);
    /* pp0, key 10101b, PP 1, not N */
    assert_int_equal(H(r, PROTECT, AVPN | 1ull << 8 | 2ull << 12 | 5ull << 9 | 1, 0x200, V), H_SUCCESS);
    H(r, READ, 0, 0x200);
    assert_int_equal(r->r4, V | 1);
    assert_int_equal(r->r5, PAGE | HPTE_R_M | HPTE_R_R | HPTE_R_C | HPTE_R_PP0 | 2ull << 60 | 5ull << 9 | 1);
    assert_int_equal(H(r, PROTECT, HPTE_R_N, 0x200, 0), H_SUCCESS);
    H(r, READ, 0, 0x200);
    assert_int_equal(r->r5, PAGE | HPTE_R_M | HPTE_R_R | HPTE_R_C | HPTE_R_N);
    assert_int_equal(H(r, PROTECT, 0, 0x201, 0), H_NOT_FOUND);
}

static void reference_and_change_are_cleared_one_by_one(void **state)
{
    struct rig *r = *state;

    H(r, ENTER, EXACT, 0x200, V | 1, PAGE | HPTE_R_M | HPTE_R_R | HPTE_R_C);
    assert_int_equal(H(r, CLEAR_MOD, 0, 0x200), H_SUCCESS);
    assert_int_equal(r->r4, PAGE | HPTE_R_M | HPTE_R_R | HPTE_R_C);
    assert_int_equal(H(r, CLEAR_REF, 0, 0x200), H_SUCCESS);
    assert_int_equal(r->r4, PAGE | HPTE_R_M | HPTE_R_R);
    H(r, READ, 0, 0x200);
    assert_int_equal(r->r5, PAGE | HPTE_R_M);
    assert_int_equal(H(r, CLEAR_MOD, 0, 0x201), H_NOT_FOUND);
    assert_int_equal(H(r, CLEAR_REF, 0, 1ull << 50), H_PARAMETER);
}

#define REQ (1ull << 62)
#define RESP (2ull << 62)
#define END (3ull << 62)

static void bulk_remove_answers_each_request(void **state)
{
    struct rig *r = *state;

    H(r, ENTER, EXACT, 0x300, V | 1, PAGE | HPTE_R_M | HPTE_R_R);
    H(r, ENTER, EXACT, 0x301, V | HPTE_V_BOLTED | 1, PAGE | HPTE_R_M | HPTE_R_C);
    assert_int_equal(H(r, BULK_REMOVE, REQ | 2ull << 56 | 0x300, V, REQ | 1ull << 56 | 0x301, HPTE_V_BOLTED,
                       REQ | 1ull << 40, 0, REQ | 0x301, 0),
                     H_SUCCESS);
    assert_int_equal(r->r4, RESP | 1ull << 59 | 2ull << 56 | 0x300);
    assert_int_equal(r->r6, RESP | 1ull << 60 | 1ull << 56 | 0x301);
    assert_int_equal(r->r8, RESP | 2ull << 60 | 1ull << 40);
    assert_int_equal(r->r10, RESP | 1ull << 58 | 0x301);
    assert_int_equal(r->r5, V);
    assert_int_equal(r->r7, HPTE_V_BOLTED);
}

static void bulk_remove_stops_at_end_and_at_nonsense(void **state)
{
    struct rig *r = *state;

    for (unsigned i = 0; i < 4; i++)
        H(r, ENTER, EXACT, 0x300 + i, V | 1, PAGE | HPTE_R_M);
    assert_int_equal(H(r, BULK_REMOVE, REQ | 0x300, 0, END | 7, 0, REQ | 0x301, 0, REQ | 0x302, 0), H_SUCCESS);
    assert_int_equal(r->r6, END | 7);
    assert_int_equal(r->r8, REQ | 0x301);
    assert_int_equal(H(r, BULK_REMOVE, REQ | 0x301, 0, RESP | 0x302, 0, REQ | 0x303, 0), H_PARAMETER);
    assert_int_equal(r->r4, RESP | 0x301);
    assert_int_equal(r->r6, RESP | 0x302);
    assert_int_equal(H(r, BULK_REMOVE, REQ | 3ull << 56 | 0x302, 0), H_PARAMETER);
    assert_int_equal(r->r4 & (RESP | 3ull << 60), RESP | 2ull << 60);
    assert_int_equal(H(r, READ, 0, 0x302), H_SUCCESS);
    assert_int_equal(r->r4, V | 1);
}

static void clear_hpt_empties_the_table(void **state)
{
    struct rig *r = *state;

    for (unsigned i = 0; i < 200; i++)
        H(r, ENTER, 0, i * 8, V | (i & 1 ? HPTE_V_BOLTED : 0) | 1, PAGE | HPTE_R_M);
    assert_int_equal(H(r, CLEAR_HPT), H_SUCCESS);
    for (unsigned i = 0; i < 200; i++) {
        H(r, READ, 0, i * 8);
        assert_int_equal(r->r4 | r->r5, 0);
        assert_int_equal(H(r, REMOVE, 0, i * 8), H_NOT_FOUND);
    }
    assert_int_equal(hpt_maps_ra(papr_hpt(r->p), ra(0), RIG_MEMORY), 0);
    assert_int_equal(H(r, ENTER, 0, 8, V | 1, PAGE | HPTE_R_M), H_SUCCESS);
    assert_int_equal(r->r4, 8);
}

static void page_init_zeroes_and_copies(void **state)
{
    struct rig *r = *state;

    rig_put32(r, 0x8ffc, 77);
    rig_put32(r, 0x9ffc, 88);
    rig_put32(r, 0xa000, 99);
    assert_int_equal(H(r, PAGE_INIT, COPY_PAGE, 0x9000, 0x8000), H_SUCCESS);
    assert_int_equal(rig_get32(r, 0x9ffc), 77);
    assert_int_equal(rig_get32(r, 0xa000), 99);
    assert_int_equal(H(r, PAGE_INIT, ZERO_PAGE, 0x9000, 0), H_SUCCESS);
    assert_int_equal(rig_get32(r, 0x9ffc), 0);
    assert_int_equal(H(r, PAGE_INIT, 0, 0x8000, 0), H_SUCCESS);
    assert_int_equal(rig_get32(r, 0x8ffc), 77);
    assert_int_equal(H(r, PAGE_INIT, ZERO_PAGE, 0x8004, 0), H_PARAMETER);
    assert_int_equal(H(r, PAGE_INIT, ZERO_PAGE, RIG_MEMORY, 0), H_PARAMETER);
    assert_int_equal(H(r, PAGE_INIT, COPY_PAGE, 0x8000, RIG_MEMORY), H_PARAMETER);
    assert_int_equal(H(r, PAGE_INIT, COPY_PAGE, 0x8000, 0x9008), H_PARAMETER);
    assert_int_equal(rig_get32(r, 0x8ffc), 77);
}

/* What the hypervisor writes for the guest is marked as the guest's own stores are. */
static void page_init_and_buffers_are_marked_dirty(void **state)
{
    struct rig *r = *state;
    struct dirty_log *log;
    struct mem_hit hit;
    uint64_t out = 0;

    rcu_read_lock();
    assert_true(mem_map_find_rcu(papr_map(r->p), ra(0), &hit));
    log = hit.log;
    rcu_read_unlock();
    assert_int_equal(dirty_log_arm(log, DIRTY_MIGRATION), 0);
    assert_int_equal(H(r, PAGE_INIT, COPY_PAGE, 0x9000, 0x8000), H_SUCCESS);
    assert_int_equal(H(r, PAGE_INIT, ZERO_PAGE, 0xb000, 0), H_SUCCESS);
    /* RTAS, client interface, terminal, events: all write through it */
    assert_true(papr_write(r->p, 0xdffe, "span", 4));
    assert_int_equal(dirty_log_collect(log, DIRTY_MIGRATION, 0, 64 * 4096, &out), 4);
    assert_int_equal(out, 1 << 0x9 | 1 << 0xb | 1 << 0xd | 1 << 0xe);
    dirty_log_disarm(log, DIRTY_MIGRATION);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(enter_stores_and_read_shows, up, rig_end),
        cmocka_unit_test_setup_teardown(enter_sets_valid_itself, up, rig_end),
        cmocka_unit_test_setup_teardown(a_full_group_is_refused_and_exact_needs_its_slot, up, rig_end),
        cmocka_unit_test_setup_teardown(enter_refuses_what_no_page_is, up, rig_end),
        cmocka_unit_test_setup_teardown(strong_access_ordering_is_power8s, up, rig_end),
        cmocka_unit_test_setup_teardown(strong_access_ordering_is_power8s, up_power8, rig_end),
        cmocka_unit_test_setup_teardown(all_page_sizes_enter, up, rig_end),
        cmocka_unit_test_setup_teardown(enter_zeroes_pages_on_request, up, rig_end),
        cmocka_unit_test_setup_teardown(remove_returns_the_entry_and_checks_it, up, rig_end),
        cmocka_unit_test_setup_teardown(protect_changes_protection_only, up, rig_end),
        cmocka_unit_test_setup_teardown(reference_and_change_are_cleared_one_by_one, up, rig_end),
        cmocka_unit_test_setup_teardown(bulk_remove_answers_each_request, up, rig_end),
        cmocka_unit_test_setup_teardown(bulk_remove_stops_at_end_and_at_nonsense, up, rig_end),
        cmocka_unit_test_setup_teardown(clear_hpt_empties_the_table, up, rig_end),
        cmocka_unit_test_setup_teardown(page_init_zeroes_and_copies, up, rig_end),
        cmocka_unit_test_setup_teardown(page_init_and_buffers_are_marked_dirty, up, rig_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
