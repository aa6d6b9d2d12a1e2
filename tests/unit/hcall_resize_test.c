/* SPDX-License-Identifier: Apache-2.0 */
/* H_RESIZE_HPT_PREPARE and _COMMIT: every condition of LoPAR's list, and that processors see the new table. */
#include "tests/unit/hcall_rig.h"

#define ENTER 0x08
#define PREPARE 0x36c
#define COMMIT 0x370
#define EXACT (1ull << 39)
#define BOLTED (HPTE_V_BOLTED | HPTE_V_V)

static int up(void **state)
{
    return rig_begin(state, 3, ISA_LEVEL_3_00);
}

static void prepare_checks_flags_and_size(void **state)
{
    struct rig *r = *state;

    assert_int_equal(H(r, PREPARE, 1, 20), H_PARAMETER);
    assert_int_equal(H(r, PREPARE, 0, 17), H_PARAMETER);
    assert_int_equal(H(r, PREPARE, 0, 47), H_PARAMETER);
    assert_int_equal(H(r, PREPARE, 0, 0xffffffff), H_PARAMETER);
    assert_int_equal(H(r, PREPARE, 0, UINT64_MAX), H_PARAMETER);
    assert_int_equal(H(r, PREPARE, 0, 0x80000014), H_PARAMETER);
    /* 256 MiB of RAM: 2^21 is RAM/128, one more is what 4 KiB pages ask for. */
    assert_int_equal(H(r, PREPARE, 0, 22), H_SUCCESS);
    assert_int_equal(H(r, PREPARE, 0, 23), H_RESOURCE);
    assert_int_equal(H(r, PREPARE, 0, 46), H_RESOURCE);
    /* A refused size did not replace the pending one. */
    assert_int_equal(H(r, COMMIT, 0, 22), H_SUCCESS);
    assert_int_equal(hpt_shift(papr_hpt(r->p)), 22);
}

static void commit_needs_the_pending_size(void **state)
{
    struct rig *r = *state;

    assert_int_equal(H(r, COMMIT, 0, 20), H_CLOSED);
    assert_int_equal(H(r, COMMIT, 0, 0), H_CLOSED);
    assert_int_equal(H(r, PREPARE, 0, 20), H_SUCCESS);
    assert_int_equal(H(r, COMMIT, 0, 21), H_CLOSED);
    assert_int_equal(H(r, COMMIT, 1, 20), H_PARAMETER);
    assert_int_equal(H(r, COMMIT, 0, 1ull << 32 | 20), H_CLOSED);
    assert_int_equal(H(r, COMMIT, 0, 20), H_SUCCESS);
    assert_int_equal(H(r, COMMIT, 0, 20), H_CLOSED);
    assert_int_equal(H(r, PREPARE, 0, 21), H_SUCCESS);
    assert_int_equal(H(r, PREPARE, 0, 0), H_SUCCESS);
    assert_int_equal(H(r, COMMIT, 0, 21), H_CLOSED);
}

static void all_processors_get_the_new_table(void **state)
{
    struct rig *r = *state;
    const _Atomic uint64_t *before = papr_vcpu(r->p, 2)->cpu.hpt->e;

    assert_int_equal(H(r, PREPARE, 0, 22), H_SUCCESS);
    assert_int_equal(H(r, COMMIT, 0, 22), H_SUCCESS);
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(papr_vcpu(r->p, i)->cpu.hpt->shift, 22);
        assert_true(papr_vcpu(r->p, i)->cpu.hpt->e != before);
    }
}

static void an_impossible_shrink_is_stopped_for_once_only(void **state)
{
    struct rig *r = *state;
    struct hpt *h = papr_hpt(r->p);
    uint64_t half = 1ull << (hpt_shift(h) - 7 - 1);
    unsigned shift = hpt_shift(h);
    struct hpt_stats s;

    /* 256 MiB boots with 2^19; make it 2^21 so that there is room below. */
    H(r, PREPARE, 0, 21);
    assert_int_equal(H(r, COMMIT, 0, 21), H_SUCCESS);
    shift = hpt_shift(h);
    half = 1ull << (shift - 7 - 1);
    assert_int_equal(H(r, ENTER, EXACT, 3 * 8, (3ull << 5) << 7 | BOLTED, 0x1000 | HPTE_R_M), H_SUCCESS);
    assert_int_equal(H(r, ENTER, EXACT, (3 + half) * 8, (3 + half) << 5 << 7 | BOLTED, 0x1000 | HPTE_R_M), H_SUCCESS);
    assert_int_equal(H(r, PREPARE, 0, shift - 1), H_SUCCESS);
    assert_int_equal(H(r, COMMIT, 0, shift - 1), H_PTEG_FULL);
    for (unsigned i = 0; i < 1000; i++)
        assert_int_equal(H(r, PREPARE, 0, shift - 1), H_RESOURCE);
    hpt_stats(h, &s);
    assert_int_equal(s.commits_full, 1);
    assert_int_equal(s.witness_refusals, 1000);
    assert_int_equal(hpt_shift(h), shift);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(prepare_checks_flags_and_size, up, rig_end),
        cmocka_unit_test_setup_teardown(commit_needs_the_pending_size, up, rig_end),
        cmocka_unit_test_setup_teardown(all_processors_get_the_new_table, up, rig_end),
        cmocka_unit_test_setup_teardown(an_impossible_shrink_is_stopped_for_once_only, up, rig_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
