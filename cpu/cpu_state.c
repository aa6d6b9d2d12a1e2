/* SPDX-License-Identifier: Apache-2.0 */
/* cpu/cpu_state.c - the saved fields of a processor. */
#include <errno.h>

#include "base/state.h"
#include "cpu/code_map.h"
#include "cpu/run.h"
#include "cpu/tlb.h"

static const struct state_field slb_fields[] = {
    STATE_U64(struct slb_entry, esid, 1),
    STATE_U64(struct slb_entry, vsid, 1),
};
static const struct state_list slb_list = STATE_LIST("slb-entry", struct slb_entry, 1, slb_fields);

static const struct state_field cpu_fields[] = {
    STATE_ARRAY_U64(struct cpu, gpr, 1),
    STATE_RAW_U64(struct cpu, vsr, 1),
    STATE_U64(struct cpu, nip, 1),
    STATE_U64(struct cpu, lr, 1),
    STATE_U64(struct cpu, ctr, 1),
    STATE_BYTES(struct cpu, cr, 1),
    STATE_U8_MAX(struct cpu, so, 1, 1),
    STATE_U8_MAX(struct cpu, ov, 1, 1),
    STATE_U8_MAX(struct cpu, ca, 1, 1),
    STATE_U8_MAX(struct cpu, ov32, 1, 1),
    STATE_U8_MAX(struct cpu, ca32, 1, 1),
    STATE_U8_MAX(struct cpu, xer_count, 1, 127),
    STATE_U64(struct cpu, fpscr, 1),
    STATE_U32(struct cpu, vscr, 1),
    STATE_U64(struct cpu, res_ra, 1),
    STATE_ARRAY_U64(struct cpu, res_value, 1),
    STATE_U8_MAX(struct cpu, res_size, 1, 16),
    STATE_U64(struct cpu, msr, 1),
    STATE_ARRAY_U64(struct cpu, spr, 1),
    STATE_ARRAY_STRUCT(struct cpu, slb, 1, &slb_list),
    STATE_U64(struct cpu, dec_tb, 1),
    STATE_U64(struct cpu, tb_offset, 1),
    STATE_U8_MAX(struct cpu, ail, 1, 3),
    STATE_U8_MAX(struct cpu, ile, 1, 1),
    STATE_U8_MAX(struct cpu, halted, 1, 1),
    STATE_U32(struct cpu, irq, 1),
};

/* CR fields are four bits wide, and MSR never shows what this processor does not have. */
static int check(const void *obj, struct error *err)
{
    const struct cpu *c = obj;

    for (unsigned i = 0; i < 8; i++)
        if (c->cr[i] > 15)
            return error_set(err, EINVAL, "saved processor: CR field %u holds more than four bits", i);
    if (c->msr & (MSR_HV | MSR_TM | MSR_TS))
        return error_set(err, EINVAL, "saved processor: MSR has bits of a state that a partition cannot be in");
    for (unsigned i = 0; i < SLB_ENTRIES; i++)
        if ((c->slb[i].vsid & SLB_VSID_B) > SLB_VSID_B_1T)
            return error_set(err, EINVAL, "saved processor: SLB entry %u has an unknown segment size", i);
    return 0;
}

static int post_load(void *obj, struct error *err)
{
    struct cpu *c = obj;

    (void)err;
    cpu_set_msr(c, c->msr);
    c->stop = STOP_NONE;
    c->budget = 0;
    c->dec_pending = false;
    if (c->tlb)
        tlb_flush_all(c->tlb);
    if (c->group)
        code_map_drop_all(c->group->code);
    return 0;
}

const struct state_list cpu_state = STATE_LIST("cpu", struct cpu, 1, cpu_fields, .check = check,
                                               .post_load = post_load);
