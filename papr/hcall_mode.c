/* SPDX-License-Identifier: Apache-2.0 */
/* papr/hcall_mode.c - H_SET_MODE (breakpoint, watchpoint, where and how interrupts are taken) and H_REGISTER_PROC_TBL.
 *
 * Spec: LoPAR, both calls.  Interrupt location and endianness belong to the partition: they reach every processor,
 * started or not, at one moment.  The partition translates by its hash table alone, so process tables are refused and
 * "none" accepted. */
#include "papr/hcalls.h"

enum set_mode_resource {
    MODE_CIABR = 1,
    MODE_DAWR0 = 2,
    MODE_INTERRUPT_LOCATION = 3,
    MODE_INTERRUPT_ENDIAN = 4,
};

#define DAWRX_HYP 0x4ull
#define CIABR_PRIVILEGE 0x3ull
#define CIABR_PRIVILEGE_HYP 0x3ull

static int64_t set_ciabr(struct vcpu *v, uint64_t mflags, uint64_t value1, uint64_t value2)
{
    if (mflags)
        return h_unsupported_flag(mflags);
    if (value2)
        return H_P4;
    if ((value1 & CIABR_PRIVILEGE) == CIABR_PRIVILEGE_HYP)
        return H_P3;
    v->cpu.spr[SPR_CIABR] = value1;
    return H_SUCCESS;
}

/* The soft TLB withholds the watched page from its fast path: start it afresh. */
static int64_t set_dawr(struct vcpu *v, uint64_t mflags, uint64_t dawr, uint64_t dawrx)
{
    if (mflags)
        return h_unsupported_flag(mflags);
    if (dawrx & DAWRX_HYP)
        return H_P4;
    v->cpu.spr[SPR_DAWR0] = dawr;
    v->cpu.spr[SPR_DAWRX0] = dawrx;
    cpu_tlb_flush_all(&v->cpu);
    return H_SUCCESS;
}

static void ail_on(struct vcpu *v, void *arg)
{
    cpu_set_ail(&v->cpu, *(const unsigned *)arg);
}

static void ile_on(struct vcpu *v, void *arg)
{
    cpu_set_ile(&v->cpu, *(const unsigned *)arg != 0);
}

static int64_t set_everywhere(struct vcpu *v, void (*fn)(struct vcpu *v, void *arg), uint64_t mode,
                              const uint64_t *values)
{
    unsigned m = (unsigned)mode;

    if (values[0])
        return H_P3;
    if (values[1])
        return H_P4;
    papr_for_all_stopped(v->papr, v, fn, &m);
    return H_SUCCESS;
}

/* mflags, resource, value1, value2 */
int64_t h_set_mode(struct vcpu *v, const uint64_t *arg, uint64_t *ret)
{
    uint64_t mflags = arg[0];

    (void)ret;
    switch (arg[1]) {
    case MODE_CIABR:
        return set_ciabr(v, mflags, arg[2], arg[3]);
    case MODE_DAWR0:
        return set_dawr(v, mflags, arg[2], arg[3]);
    case MODE_INTERRUPT_LOCATION:
        if (mflags == 1 || mflags > 3)
            return h_unsupported_flag(mflags & ~2ull);
        return set_everywhere(v, ail_on, mflags, &arg[2]);
    case MODE_INTERRUPT_ENDIAN:
        if (mflags > 1)
            return h_unsupported_flag(mflags & ~1ull);
        return set_everywhere(v, ile_on, mflags, &arg[2]);
    default:
        return H_P2;
    }
}

#define PROC_TBL_MODIFY 0x10ull
#define PROC_TBL_REGISTER 0x8ull
#define PROC_TBL_RADIX 0x4ull
#define PROC_TBL_HASH_TABLE 0x2ull
#define PROC_TBL_GTSE 0x1ull
#define PROC_TBL_ALL 0x1full

/* flags, base, page size, table size */
int64_t h_register_proc_tbl(struct vcpu *v, const uint64_t *arg, uint64_t *ret)
{
    uint64_t flags = arg[0];

    (void)ret;
    if (v->cpu.level < ISA_LEVEL_3_00)
        return H_FUNCTION;
    if ((flags & ~PROC_TBL_ALL) || (flags & (PROC_TBL_RADIX | PROC_TBL_HASH_TABLE | PROC_TBL_GTSE)))
        return H_PARAMETER;
    if (flags == (PROC_TBL_MODIFY | PROC_TBL_REGISTER) || flags == PROC_TBL_REGISTER)
        return H_PARAMETER;
    return H_SUCCESS; /* keeps what is registered, or takes it away: nothing either way */
}
