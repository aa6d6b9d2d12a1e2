/* SPDX-License-Identifier: Apache-2.0 */
/* Virtual processors: giving up, waking, joining, areas registered. */
#include "tests/unit/hcall_rig.h"

#include "base/endian.h"

#define REGISTER_VPA 0xdc
#define CEDE 0xe0
#define CONFER 0xe4
#define PROD 0xe8
#define GET_PPP 0x0ec
#define JOIN 0x298
#define SIGNAL_SYS_RESET 0x380

#define FN(n) ((uint64_t)(n) << 45)
#define VPA 0x10000ull

static int up(void **state)
{
    return rig_begin(state, 2, ISA_LEVEL_3_00);
}

static void vpa_size(struct rig *r, uint64_t addr, uint16_t size)
{
    uint8_t be[2];

    be16_put(be, size);
    assert_true(papr_write(r->p, addr + 4, be, 2));
}

static void a_vpa_is_checked_and_marked_shared(void **state)
{
    struct rig *r = *state;
    uint8_t status;

    vpa_size(r, VPA, 640);
    vpa_size(r, VPA + 0x80, 639);
    vpa_size(r, 0x10e00, 640);
    vpa_size(r, RIG_MEMORY - 512, 640);
    assert_int_equal(H(r, REGISTER_VPA, FN(1), 9, VPA), H_PARAMETER);
    assert_int_equal(H(r, REGISTER_VPA, FN(1), 0, 0), H_HARDWARE);
    assert_int_equal(H(r, REGISTER_VPA, FN(1), 0, VPA + 64), H_PARAMETER);
    assert_int_equal(H(r, REGISTER_VPA, FN(1), 0, VPA + 0x80), H_PARAMETER);
    assert_int_equal(H(r, REGISTER_VPA, FN(1), 0, 0x10e00), H_PARAMETER);
    assert_int_equal(H(r, REGISTER_VPA, FN(1), 0, RIG_MEMORY - 512), H_PARAMETER);
    assert_int_equal(H(r, REGISTER_VPA, FN(1), 0, RIG_MEMORY), H_PARAMETER);
    assert_int_equal(H(r, REGISTER_VPA, FN(1), 0, 0x0fffffffffffff80), H_PARAMETER);
    assert_int_equal(H(r, REGISTER_VPA, FN(0), 0, VPA), H_PARAMETER);
    assert_int_equal(H(r, REGISTER_VPA, FN(4), 0, VPA), H_PARAMETER);
    assert_int_equal(H(r, REGISTER_VPA, FN(1), 1, VPA), H_SUCCESS);
    assert_int_equal(papr_vcpu(r->p, 1)->vpa.v, VPA);
    assert_int_equal(papr_vcpu(r->p, 0)->vpa.v, 0);
    assert_true(papr_read(r->p, VPA + 9, &status, 1));
    assert_int_equal(status, 2);
}

static void other_areas_need_the_vpa_and_keep_it(void **state)
{
    struct rig *r = *state;

    rig_put32(r, 0x20004, 4096);
    rig_put32(r, 0x30004, 47);
    rig_put32(r, 0x40f84, 128);
    rig_put32(r, 0x50004, 0xfffffff0);
    assert_int_equal(H(r, REGISTER_VPA, FN(2), 0, 0x20000), H_RESOURCE);
    assert_int_equal(H(r, REGISTER_VPA, FN(3), 0, 0x40f80), H_RESOURCE);
    vpa_size(r, VPA, 1024);
    assert_int_equal(H(r, REGISTER_VPA, FN(1), 0, VPA), H_SUCCESS);
    assert_int_equal(H(r, REGISTER_VPA, FN(2), 0, 0x30000), H_PARAMETER);
    assert_int_equal(H(r, REGISTER_VPA, FN(2), 0, 0x50000), H_PARAMETER);
    assert_int_equal(H(r, REGISTER_VPA, FN(2), 0, 0), H_HARDWARE);
    assert_int_equal(H(r, REGISTER_VPA, FN(3), 0, 0x40f90), H_PARAMETER);
    assert_int_equal(H(r, REGISTER_VPA, FN(2), 0, 0x20000), H_SUCCESS);
    assert_int_equal(H(r, REGISTER_VPA, FN(3), 0, 0x40f80), H_SUCCESS);
    assert_int_equal(H(r, REGISTER_VPA, FN(5), 0, 0), H_RESOURCE);
    assert_int_equal(H(r, REGISTER_VPA, FN(6), 0, 0), H_SUCCESS);
    assert_int_equal(H(r, REGISTER_VPA, FN(5), 0, 0), H_RESOURCE);
    assert_int_equal(H(r, REGISTER_VPA, FN(7), 0, 0), H_SUCCESS);
    assert_int_equal(H(r, REGISTER_VPA, FN(5), 0, 0), H_SUCCESS);
    assert_int_equal(r->v->vpa.v | r->v->slb_shadow.v | r->v->dtl.v, 0);
}

static void cede_enables_interrupts_and_counts(void **state)
{
    struct rig *r = *state;

    vpa_size(r, VPA, 1024);
    H(r, REGISTER_VPA, FN(1), 0, VPA);
    /* With an interrupt pending the processor is never given up. */
    cpu_set_irq(&r->v->cpu, CPU_IRQ_EXTERNAL, true);
    assert_int_equal(H(r, CEDE), H_SUCCESS);
    assert_true(r->v->cpu.msr & MSR_EE);
    assert_int_equal(rig_get32(r, VPA + 0x100), 0);
    cpu_set_irq(&r->v->cpu, CPU_IRQ_EXTERNAL, false);
    r->v->cpu.dec_tb = cpu_timebase(&r->v->cpu) + (1ull << 40);
    assert_int_equal(H(r, PROD, 0), H_SUCCESS);
    assert_int_equal(H(r, CEDE), H_SUCCESS);
    assert_int_equal(rig_get32(r, VPA + 0x100), 2);
    assert_false(r->v->prodded);
}

static void prod_and_confer_know_their_processors(void **state)
{
    struct rig *r = *state;

    assert_int_equal(H(r, PROD, 2), H_PARAMETER);
    assert_int_equal(H(r, PROD, UINT64_MAX), H_PARAMETER);
    assert_int_equal(H(r, PROD, 1), H_SUCCESS);
    assert_true(papr_vcpu(r->p, 1)->prodded);
    assert_int_equal(H(r, CONFER, 2, 0), H_PARAMETER);
    assert_int_equal(H(r, CONFER, UINT64_MAX, 0), H_SUCCESS);
    assert_int_equal(H(r, CONFER, 1, 0), H_SUCCESS);
    H(r, PROD, 0);
    assert_int_equal(H(r, CONFER, 0, 0), H_SUCCESS);
    assert_false(r->v->prodded);
}

static void the_last_to_join_continues(void **state)
{
    struct rig *r = *state;

    r->v->cpu.msr |= MSR_EE;
    assert_int_equal(H(r, JOIN), H_BAD_MODE);
    r->v->cpu.msr &= ~MSR_EE;
    /* The other one is stopped: this one is the last. */
    assert_int_equal(H(r, JOIN), H_CONTINUE);
    assert_false(r->v->joined);
    papr_vcpu(r->p, 1)->stopped = false;
    H(r, PROD, 0);
    assert_int_equal(H(r, JOIN), H_SUCCESS);
    assert_false(r->v->joined);
    papr_vcpu(r->p, 1)->joined = true;
    assert_int_equal(H(r, JOIN), H_CONTINUE);
    /* A processor that was prodded has left, even if its thread has not run since: this one would be alone. */
    H(r, PROD, 1);
    H(r, PROD, 0);
    assert_int_equal(H(r, JOIN), H_SUCCESS);
    papr_vcpu(r->p, 1)->stopped = true;
}

static void its_share_is_all_of_its_processors(void **state)
{
    struct rig *r = *state;

    assert_int_equal(H(r, GET_PPP), H_SUCCESS);
    assert_int_equal(r->v->cpu.gpr[4], 200);
    assert_int_equal(r->v->cpu.gpr[5] | r->v->cpu.gpr[6], 0);
    assert_int_equal(r->v->cpu.gpr[7], 1ull << 48 | 2 << 16 | 2);
}

static bool sreset(struct rig *r, unsigned cpu)
{
    return atomic_exchange(&papr_vcpu(r->p, cpu)->sreset_pending, false);
}

static void system_reset_reaches_who_runs(void **state)
{
    struct rig *r = *state;

    assert_int_equal(H(r, SIGNAL_SYS_RESET, 2), H_PARAMETER);
    assert_int_equal(H(r, SIGNAL_SYS_RESET, -3ull), H_PARAMETER);
    papr_vcpu(r->p, 0)->stopped = papr_vcpu(r->p, 1)->stopped = false;
    assert_int_equal(H(r, SIGNAL_SYS_RESET, 1), H_SUCCESS);
    assert_true(!sreset(r, 0) && sreset(r, 1));
    assert_int_equal(H(r, SIGNAL_SYS_RESET, -1ull), H_SUCCESS);
    assert_true(sreset(r, 0) && sreset(r, 1));
    assert_int_equal(H(r, SIGNAL_SYS_RESET, -2ull), H_SUCCESS);
    assert_true(!sreset(r, 0) && sreset(r, 1));
    papr_vcpu(r->p, 1)->stopped = true;
    assert_int_equal(H(r, SIGNAL_SYS_RESET, -1ull), H_SUCCESS);
    assert_true(sreset(r, 0) && !sreset(r, 1));
    papr_vcpu(r->p, 0)->stopped = true;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_vpa_is_checked_and_marked_shared, up, rig_end),
        cmocka_unit_test_setup_teardown(other_areas_need_the_vpa_and_keep_it, up, rig_end),
        cmocka_unit_test_setup_teardown(cede_enables_interrupts_and_counts, up, rig_end),
        cmocka_unit_test_setup_teardown(prod_and_confer_know_their_processors, up, rig_end),
        cmocka_unit_test_setup_teardown(the_last_to_join_continues, up, rig_end),
        cmocka_unit_test_setup_teardown(its_share_is_all_of_its_processors, up, rig_end),
        cmocka_unit_test_setup_teardown(system_reset_reaches_who_runs, up, rig_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
