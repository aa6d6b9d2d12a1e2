/* SPDX-License-Identifier: Apache-2.0 */
/* papr/hcall_proc.c - virtual processors: giving up the processor, waking another, and the areas a processor shares
 * with us.
 *
 * Spec: LoPAR, H_CEDE, H_PROD, H_CONFER, H_JOIN, H_REGISTER_VPA, H_SIGNAL_SYS_RESET, H_GET_PPP.  We keep every SLB
 * entry and write no dispatch trace, so of the registered areas only the VPA is ever touched again: its dispatch
 * counter is odd while we do not run. */
#include "papr/hcalls.h"

#include "base/endian.h"
#include "papr/drc.h"

#include <sched.h>

#define VPA_SIZE_AT 4
#define VPA_STATUS_AT 9
#define VPA_SHARED_PROC 0x02
#define VPA_YIELD_AT 0x100
#define VPA_MIN_BYTES 640
#define DTL_ENTRY_BYTES 48
#define SLB_SHADOW_MIN_BYTES 8
#define SHARED_ALIGN 4096

/* ---- a processor's areas, which any other may register or look at ---- */
static uint64_t area_get(struct vcpu *v, const ra_t *area)
{
    uint64_t addr;

    lock_take(&v->run_lock);
    addr = area->v;
    lock_drop(&v->run_lock);
    return addr;
}

static void area_set(struct vcpu *v, ra_t *area, uint64_t addr)
{
    lock_take(&v->run_lock);
    *area = ra(addr);
    lock_drop(&v->run_lock);
}

/* ---- the dispatch counter ---- */

/* Where it is, and its value; 0: the processor has none. */
static uint64_t yield_count(struct vcpu *v, uint32_t *count)
{
    uint64_t vpa = area_get(v, &v->vpa);
    uint8_t be[4];

    if (!vpa || !papr_read(v->papr, vpa + VPA_YIELD_AT, be, sizeof(be)))
        return 0;
    *count = be32_get(be);
    return vpa + VPA_YIELD_AT;
}

/* Makes the counter odd (we do not run) or even. */
static void set_dispatched(struct vcpu *v, bool runs)
{
    uint8_t be[4];
    uint32_t count;
    uint64_t at = yield_count(v, &count);

    if (!at || !(count & 1) == runs)
        return;
    be32_put(be, count + 1);
    papr_write(v->papr, at, be, sizeof(be));
}

static void sleep_undispatched(struct vcpu *v, bool until_irq)
{
    set_dispatched(v, false);
    vcpu_sleep(v, until_irq);
    set_dispatched(v, true);
}

/* ---- giving up and waking ---- */

/* The interrupt that ends it is taken at the next instruction, with r3 = 0. */
int64_t h_cede(struct vcpu *v, const uint64_t *arg, uint64_t *ret)
{
    (void)arg;
    (void)ret;
    cpu_set_msr(&v->cpu, v->cpu.msr | MSR_EE);
    if (!cpu_irq_pending(&v->cpu))
        sleep_undispatched(v, true);
    cpu_look_soon(&v->cpu);             /* the guest may let in interrupts for the next instruction only */
    return H_SUCCESS;
}

/* Processor 0's run_lock guards everybody's `joined`, so that exactly one comes last. */
static void unjoin(struct vcpu *v)
{
    struct vcpu *first = papr_vcpu(v->papr, 0);

    lock_take(&first->run_lock);
    v->joined = false;
    lock_drop(&first->run_lock);
}

/* Ends a join here and not only when the processor wakes: until then it would still count as joined. */
static void prod(struct vcpu *v)
{
    unjoin(v);
    lock_take(&v->run_lock);
    v->prodded = true;
    vcpu_wake(v);
    lock_drop(&v->run_lock);
}

/* processor */
int64_t h_prod(struct vcpu *v, const uint64_t *arg, uint64_t *ret)
{
    struct vcpu *target = papr_guest_vcpu(v->papr, arg[0]);

    (void)ret;
    if (!target)
        return H_PARAMETER;
    prod(target);
    return H_SUCCESS;
}

/* processor (-1: anyone), its dispatch count as the caller saw it */
int64_t h_confer(struct vcpu *v, const uint64_t *arg, uint64_t *ret)
{
    bool anyone = arg[0] == UINT64_MAX;
    struct vcpu *target = anyone ? NULL : papr_guest_vcpu(v->papr, arg[0]);
    uint32_t count;

    (void)ret;
    if (!anyone && !target)
        return H_PARAMETER;
    if (target == v) {
        sleep_undispatched(v, false);
        return H_SUCCESS;
    }
    /* A target that runs, or has run since the caller looked, needs no time of ours. */
    if (target && (!yield_count(target, &count) || !(count & 1) || count != (uint32_t)arg[1]))
        return H_SUCCESS;
    sched_yield();
    return H_SUCCESS;
}

static bool join_as_last(struct vcpu *v, unsigned active)
{
    struct vcpu *first = papr_vcpu(v->papr, 0);
    unsigned joined = 1;

    lock_take(&first->run_lock);
    for (unsigned i = 0; i < papr_vcpu_count(v->papr); i++) {
        struct vcpu *w = papr_vcpu(v->papr, i);

        joined += w && w != v && w->joined;
    }
    v->joined = joined < active;
    lock_drop(&first->run_lock);
    return joined >= active;
}

int64_t h_join(struct vcpu *v, const uint64_t *arg, uint64_t *ret)
{
    unsigned active = 1;

    (void)arg;
    (void)ret;
    if (v->cpu.msr & MSR_EE)
        return H_BAD_MODE;
    for (unsigned i = 0; i < papr_vcpu_count(v->papr); i++) {
        struct vcpu *w = papr_vcpu(v->papr, i);

        active += w && w != v && !vcpu_is_stopped(w);
    }
    if (join_as_last(v, active))
        return H_CONTINUE;
    sleep_undispatched(v, false);
    unjoin(v);
    return H_SUCCESS;
}

/* processor, -1 all, -2 all but the caller */
int64_t h_signal_sys_reset(struct vcpu *v, const uint64_t *arg, uint64_t *ret)
{
    int64_t target = (int64_t)arg[0];

    (void)ret;
    if (target < -2 || (target >= 0 && !papr_guest_vcpu(v->papr, arg[0])))
        return H_PARAMETER;
    for (unsigned i = 0; i < papr_vcpu_count(v->papr); i++) {
        struct vcpu *w = papr_vcpu(v->papr, i);

        if (!w || vcpu_is_stopped(w) || (target >= 0 ? w->id != arg[0] : target == -2 && w == v))
            continue;
        vcpu_system_reset(w);
    }
    return H_SUCCESS;
}

/* -> entitled and unallocated capacity in hundredths of a processor, group and pool, then from the top: 7 bits of
 * nothing and the capped bit in byte 1, weights, processors active in the pool and on the platform. Every processor is
 * the guest's own, whole. */
int64_t h_get_ppp(struct vcpu *v, const uint64_t *arg, uint64_t *ret)
{
    uint64_t cpus = drc_attached(papr_drcs(v->papr), DRC_CPU);

    (void)arg;
    ret[0] = 100 * cpus;
    ret[3] = 1ull << 48 | cpus << 16 | papr_vcpu_count(v->papr);
    return H_SUCCESS;
}

/* ---- H_REGISTER_VPA ---- */
void hcall_vcpu_reset(struct vcpu *v)
{
    v->vpa = v->slb_shadow = v->dtl = ra(0);
}

enum vpa_function {
    VPA_REGISTER = 1,
    DTL_REGISTER = 2,
    SLB_SHADOW_REGISTER = 3,
    VPA_DEREGISTER = 5,
    DTL_DEREGISTER = 6,
    SLB_SHADOW_DEREGISTER = 7,
};

static bool crosses_page(uint64_t addr, uint64_t len)
{
    return addr % SHARED_ALIGN + len > SHARED_ALIGN;
}

static bool size_at(struct vcpu *v, uint64_t addr, unsigned bytes, uint32_t *size)
{
    uint8_t be[4];

    if (!papr_read(v->papr, addr + VPA_SIZE_AT, be, bytes))
        return false;
    *size = bytes == 2 ? be16_get(be) : be32_get(be);
    return papr_is_ram(v->papr, addr, *size);
}

static int64_t register_vpa(struct vcpu *caller, struct vcpu *target, uint64_t addr)
{
    uint32_t size;
    uint8_t status;

    if (!addr)
        return H_HARDWARE;
    if (addr % 128 || !size_at(caller, addr, 2, &size) || size < VPA_MIN_BYTES || crosses_page(addr, size))
        return H_PARAMETER;
    if (!papr_read(caller->papr, addr + VPA_STATUS_AT, &status, 1))
        return H_PARAMETER;
    status |= VPA_SHARED_PROC;
    papr_write(caller->papr, addr + VPA_STATUS_AT, &status, 1);
    area_set(target, &target->vpa, addr);
    return H_SUCCESS;
}

/* The dispatch trace log, or the SLB shadow buffer, which lies in one page. */
static int64_t register_area(struct vcpu *caller, struct vcpu *target, ra_t *area, uint64_t addr, uint32_t min_bytes,
                             bool one_page)
{
    uint32_t size;

    if (!addr)
        return H_HARDWARE;
    if (!size_at(caller, addr, 4, &size) || size < min_bytes || (one_page && crosses_page(addr, size)))
        return H_PARAMETER;
    if (!area_get(target, &target->vpa))
        return H_RESOURCE;
    area_set(target, area, addr);
    return H_SUCCESS;
}

static int64_t deregister_vpa(struct vcpu *target)
{
    if (area_get(target, &target->dtl) || area_get(target, &target->slb_shadow))
        return H_RESOURCE;
    area_set(target, &target->vpa, 0);
    return H_SUCCESS;
}

/* flags, processor, address */
int64_t h_register_vpa(struct vcpu *v, const uint64_t *arg, uint64_t *ret)
{
    struct vcpu *target = papr_guest_vcpu(v->papr, arg[1]);

    (void)ret;
    if (!target)
        return H_PARAMETER;
    switch ((enum vpa_function)(arg[0] >> 45 & 7)) {
    case VPA_REGISTER:
        return register_vpa(v, target, arg[2]);
    case DTL_REGISTER:
        return register_area(v, target, &target->dtl, arg[2], DTL_ENTRY_BYTES, false);
    case SLB_SHADOW_REGISTER:
        return register_area(v, target, &target->slb_shadow, arg[2], SLB_SHADOW_MIN_BYTES, true);
    case VPA_DEREGISTER:
        return deregister_vpa(target);
    case DTL_DEREGISTER:
        area_set(target, &target->dtl, 0);
        return H_SUCCESS;
    case SLB_SHADOW_DEREGISTER:
        area_set(target, &target->slb_shadow, 0);
        return H_SUCCESS;
    default:
        return H_PARAMETER;
    }
}
