/* SPDX-License-Identifier: Apache-2.0 */
/* H_SET_MODE, H_REGISTER_PROC_TBL, small calls, and the table itself. */
#include "tests/unit/hcall_rig.h"

#include <stdlib.h>

#define SET_MODE 0x31c
#define REGISTER_PROC_TBL 0x37c

static int up(void **state)
{
    return rig_begin(state, 2, ISA_LEVEL_3_00);
}

static int up_power8(void **state)
{
    return rig_begin(state, 1, ISA_LEVEL_2_07);
}

static void interrupt_modes_reach_every_processor(void **state)
{
    struct rig *r = *state;

    assert_int_equal(H(r, SET_MODE, 3, 3, 0, 0), H_SUCCESS);
    assert_int_equal(H(r, SET_MODE, 1, 4, 0, 0), H_SUCCESS);
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(papr_vcpu(r->p, i)->cpu.ail, 3);
        assert_int_equal(papr_vcpu(r->p, i)->cpu.ile, 1);
    }
    assert_int_equal(H(r, SET_MODE, 1, 3, 0, 0), -256 - 63);
    assert_int_equal(H(r, SET_MODE, 8, 3, 0, 0), -256 - 60);
    assert_int_equal(H(r, SET_MODE, 3, 3, 1, 0), H_P3);
    assert_int_equal(H(r, SET_MODE, 3, 3, 0, 1), H_P4);
    assert_int_equal(H(r, SET_MODE, 2, 4, 0, 0), -256 - 62);
    assert_int_equal(H(r, SET_MODE, 1ull << 63, 4, 0, 0), -256);
    assert_int_equal(H(r, SET_MODE, 1, 4, 5, 0), H_P3);
    assert_int_equal(H(r, SET_MODE, 1, 4, 0, 5), H_P4);
    assert_int_equal(H(r, SET_MODE, 0, 0, 0, 0), H_P2);
    assert_int_equal(H(r, SET_MODE, 0, 5, 0, 0), H_P2);
    assert_int_equal(H(r, SET_MODE, 0, 1ull << 32 | 4, 0, 0), H_P2);
    assert_int_equal(r->v->cpu.ail, 3);
    assert_int_equal(H(r, SET_MODE, 0, 3, 0, 0), H_SUCCESS);
    assert_int_equal(H(r, SET_MODE, 0, 4, 0, 0), H_SUCCESS);
    assert_int_equal(papr_vcpu(r->p, 1)->cpu.ail | papr_vcpu(r->p, 1)->cpu.ile, 0);
}

static void breakpoints_are_the_callers_own(void **state)
{
    struct rig *r = *state;

    assert_int_equal(H(r, SET_MODE, 0, 1, 0x4001, 0), H_SUCCESS);
    assert_int_equal(r->v->cpu.spr[SPR_CIABR], 0x4001);
    assert_int_equal(papr_vcpu(r->p, 1)->cpu.spr[SPR_CIABR], 0);
    assert_int_equal(H(r, SET_MODE, 0, 1, 0x4003, 0), H_P3);
    assert_int_equal(H(r, SET_MODE, 0, 1, 0x4000, 1), H_P4);
    assert_int_equal(H(r, SET_MODE, 1, 1, 0x4000, 0), -256 - 63);
    assert_int_equal(H(r, SET_MODE, 0, 2, 0x8000, 0x63), H_SUCCESS);
    assert_int_equal(r->v->cpu.spr[SPR_DAWR0], 0x8000);
    assert_int_equal(r->v->cpu.spr[SPR_DAWRX0], 0x63);
    assert_int_equal(H(r, SET_MODE, 0, 2, 0x8000, 0x4), H_P4);
    assert_int_equal(H(r, SET_MODE, 4, 2, 0x8000, 0), -256 - 61);
}

static void no_process_table_is_taken(void **state)
{
    struct rig *r = *state;

    assert_int_equal(H(r, REGISTER_PROC_TBL, 0, 0, 0, 0), H_SUCCESS);
    assert_int_equal(H(r, REGISTER_PROC_TBL, 0x10, 0, 0, 0), H_SUCCESS);
    for (uint64_t flags = 1; flags < 0x40; flags++) {
        if (flags != 0x10)
            assert_int_equal(H(r, REGISTER_PROC_TBL, flags, 0x1000000, 0, 4), H_PARAMETER);
    }
    assert_int_equal(H(r, REGISTER_PROC_TBL, 1ull << 63, 0, 0, 0), H_PARAMETER);
}

static void power8_has_no_process_tables(void **state)
{
    struct rig *r = *state;

    assert_int_equal(H(r, REGISTER_PROC_TBL, 0, 0, 0, 0), H_FUNCTION);
}

static void debugger_accesses_are_big_endian_and_checked(void **state)
{
    struct rig *r = *state;

    rig_put32(r, 0x1000, 0x11223344);
    rig_put32(r, 0x1004, 0x55667788);
    assert_int_equal(H(r, 0x3c, 8, 0x1000), H_SUCCESS);
    assert_int_equal(r->r4, 0x1122334455667788);
    assert_int_equal(H(r, 0x3c, 1, 0x1003), H_SUCCESS);
    assert_int_equal(r->r4, 0x44);
    assert_int_equal(H(r, 0x44, 2, 0x1006), H_SUCCESS);
    assert_int_equal(r->r4, 0x7788);
    assert_int_equal(H(r, 0x40, 4, 0x1000, 0xaabbccdd), H_SUCCESS);
    assert_int_equal(H(r, 0x48, 2, 0x1004, 0x1eeff), H_SUCCESS);
    assert_int_equal(rig_get32(r, 0x1000), 0xaabbccdd);
    assert_int_equal(rig_get32(r, 0x1004), 0xeeff7788);
    for (uint64_t op = 0x3c; op <= 0x48; op += 4) {
        assert_int_equal(H(r, op, 3, 0x1000), H_PARAMETER);
        assert_int_equal(H(r, op, 0, 0x1000), H_PARAMETER);
        assert_int_equal(H(r, op, 16, 0x1000), H_PARAMETER);
        assert_int_equal(H(r, op, 4, 0x1002), H_PARAMETER);
        assert_int_equal(H(r, op, 4, RIG_MEMORY), H_PARAMETER);
        assert_int_equal(H(r, op, 8, UINT64_MAX - 7), H_PARAMETER);
    }
    assert_int_equal(H(r, 0x4c, 0, 0), H_SUCCESS);
    assert_int_equal(H(r, 0x50, 0, 0), H_SUCCESS);
}

static void small_calls_do_what_they_say(void **state)
{
    struct rig *r = *state;
    uint64_t first;

    assert_int_equal(H(r, 0x24, 0x1234567812345678), H_SUCCESS);
    assert_int_equal(r->v->cpu.spr[SPR_SPRG0], 0x1234567812345678);
    assert_int_equal(H(r, 0x28, 0), H_HARDWARE);
    assert_int_equal(H(r, 0x134, 0, 0), H_HARDWARE);
    assert_int_equal(H(r, 0x300), H_SUCCESS);
    first = r->r4;
    H(r, 0x300);
    assert_int_not_equal(first, r->r4);
    assert_int_equal(H(r, 0x1c8), H_SUCCESS);
    assert_int_equal(r->r4, 1ull << 56 | 1ull << 58);
    assert_int_equal(r->r5, 1ull << 56 | 1ull << 55);
    assert_int_equal(H(r, 0x2ec, 1, 1), H_SUCCESS);
    assert_int_equal(r->r4, 0);
    assert_int_equal(r->r6, 0x1ffffffff);
    assert_int_equal(r->r9, UINT64_MAX);
    assert_int_equal(H(r, 0x2ec, 1, 2), H_P2);
    assert_int_equal(H(r, 0x2ec, 2, 0), H_FUNCTION);
    assert_int_equal(H(r, 0x1c, 0x80000000, 0), H_PARAMETER);
    assert_int_equal(H(r, 0x20, 0x80000000, 0, 3), H_PARAMETER);
    assert_int_equal(H(r, 0x138, 0x80000000, 0, 3, 1), H_PARAMETER);
    assert_int_equal(H(r, 0x13c, 0x80000000, 0, 0x1000, 1), H_PARAMETER);
}

/* ---- the table ---- */
static void rows_rise_and_are_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < hcall_table_size; i++) {
        const struct hcall_row *row = &hcall_table[i];

        assert_true(i == 0 || hcall_table[i - 1].opcode < row->opcode);
        assert_ptr_equal(hcall_find(row->opcode), row);
        assert_true(row->nargs <= 9 && row->nrets <= 9 && row->run && row->name);
    }
}

static void unknown_opcodes_answer_function(void **state)
{
    struct rig *r = *state;

    for (uint64_t op = 0; op < 0x10010; op++) {
        if (hcall_find(op))
            continue;
        assert_int_equal(H(r, op, 1, 2, 3), H_FUNCTION);
        assert_int_equal(r->r4, 1);
        assert_int_equal(r->r6, 3);
    }
    assert_int_equal(H(r, UINT64_MAX), H_FUNCTION);
    assert_int_equal(H(r, 1ull << 32 | 8), H_FUNCTION);
}

/* Only r3 and the row's results change. */
static void other_registers_stay(void **state)
{
    struct rig *r = *state;

    H(r, 0x300);
    assert_int_equal(r->r5, 0xdead0000dead + 1);
    H(r, 0x68, 0xff);
    assert_int_equal(r->r4, 0xff);
    assert_int_equal(r->r12, 0xdead0000dead + 8);
}

static void hypertas_names_come_once_each(void **state)
{
    struct rig *r = *state;
    size_t len = hcall_hypertas_functions(r->p, NULL, 0), n = 0;
    char *names = malloc(len);
    bool hpt_resize = false, set_mode = false, splpar = false, tce = false;

    assert_int_equal(hcall_hypertas_functions(r->p, names, len), len);
    for (const char *s = names; s < names + len; s += strlen(s) + 1, n++) {
        hpt_resize |= !strcmp(s, "hcall-hpt-resize");
        set_mode |= !strcmp(s, "hcall-set-mode");
        splpar |= !strcmp(s, "hcall-splpar");
        tce |= !strcmp(s, "hcall-tce");
        for (const char *t = names; t < s; t += strlen(t) + 1)
            assert_string_not_equal(s, t);
    }
    assert_true(n > 8 && hpt_resize && set_mode && splpar && !tce);
    assert_int_equal(names[len - 1], 0);
    free(names);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(interrupt_modes_reach_every_processor, up, rig_end),
        cmocka_unit_test_setup_teardown(breakpoints_are_the_callers_own, up, rig_end),
        cmocka_unit_test_setup_teardown(no_process_table_is_taken, up, rig_end),
        cmocka_unit_test_setup_teardown(power8_has_no_process_tables, up_power8, rig_end),
        cmocka_unit_test_setup_teardown(debugger_accesses_are_big_endian_and_checked, up, rig_end),
        cmocka_unit_test_setup_teardown(small_calls_do_what_they_say, up, rig_end),
        cmocka_unit_test(rows_rise_and_are_found),
        cmocka_unit_test_setup_teardown(unknown_opcodes_answer_function, up, rig_end),
        cmocka_unit_test_setup_teardown(other_registers_stay, up, rig_end),
        cmocka_unit_test_setup_teardown(hypertas_names_come_once_each, up, rig_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
