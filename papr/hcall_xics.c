/* SPDX-License-Identifier: Apache-2.0 */
/* papr/hcall_xics.c - a processor and its interrupt presentation controller.  Spec: LoPAR, H_CPPR, H_IPI, H_IPOLL,
 * H_XIRR, H_XIRR_X, H_EOI. */
#include "papr/hcalls.h"
#include "papr/xics.h"

/* priority */
int64_t h_cppr(struct vcpu *v, const uint64_t *arg, uint64_t *ret)
{
    (void)ret;
    xics_set_cppr(papr_xics(v->papr), v->id, (uint8_t)arg[0]);
    return H_SUCCESS;
}

/* server, priority */
int64_t h_ipi(struct vcpu *v, const uint64_t *arg, uint64_t *ret)
{
    (void)ret;
    if (!papr_guest_vcpu(v->papr, arg[0]))
        return H_PARAMETER;
    xics_set_mfrr(papr_xics(v->papr), (unsigned)arg[0], (uint8_t)arg[1]);
    return H_SUCCESS;
}

/* server -> xirr, mfrr */
int64_t h_ipoll(struct vcpu *v, const uint64_t *arg, uint64_t *ret)
{
    uint8_t mfrr;

    if (!papr_guest_vcpu(v->papr, arg[0]))
        return H_PARAMETER;
    ret[0] = xics_poll(papr_xics(v->papr), (unsigned)arg[0], &mfrr);
    ret[1] = mfrr;
    return H_SUCCESS;
}

/* -> xirr */
int64_t h_xirr(struct vcpu *v, const uint64_t *arg, uint64_t *ret)
{
    (void)arg;
    ret[0] = xics_accept(papr_xics(v->papr), v->id);
    return H_SUCCESS;
}

/* -> xirr, time base */
int64_t h_xirr_x(struct vcpu *v, const uint64_t *arg, uint64_t *ret)
{
    h_xirr(v, arg, ret);
    ret[1] = cpu_timebase(&v->cpu);
    return H_SUCCESS;
}

/* xirr */
int64_t h_eoi(struct vcpu *v, const uint64_t *arg, uint64_t *ret)
{
    (void)ret;
    xics_eoi(papr_xics(v->papr), v->id, (uint32_t)arg[0]);
    return H_SUCCESS;
}
