/* SPDX-License-Identifier: Apache-2.0 */
/* papr/rtas_cpu.c - start-cpu, stop-self, query-cpu-stopped-state (LoPAR, "RTAS call definition"). */
#include "papr/drc.h"
#include "papr/rtas.h"

enum { CPU_STOPPED = 0, CPU_NOT_STOPPED = 2 };

/* processor -> status, state */
int32_t rtas_query_cpu_stopped_state(struct vcpu *v, const uint32_t *arg, uint32_t *ret)
{
    struct vcpu *target = papr_vcpu(v->papr, arg[0]);

    if (!target)
        return RTAS_PARAMETER_ERROR;
    ret[1] = vcpu_is_stopped(target) ? CPU_STOPPED : CPU_NOT_STOPPED;
    return RTAS_SUCCESS;
}

/* A processor that the guest has not taken, or has given back, is not its to start. */
static bool is_configured(struct papr *p, uint32_t id)
{
    struct drc_view view;

    return drc_get(papr_drcs(p), DRC_INDEX(DRC_CPU, id), &view) && view.state == DRC_CONFIGURED;
}

/* processor, address, r3 -> status */
int32_t rtas_start_cpu(struct vcpu *v, const uint32_t *arg, uint32_t *ret)
{
    struct vcpu *target = papr_vcpu(v->papr, arg[0]);

    (void)ret;
    if (!target || !is_configured(v->papr, arg[0]))
        return RTAS_PARAMETER_ERROR;
    return vcpu_start(target, arg[1], arg[2], v) ? RTAS_HARDWARE_ERROR : RTAS_SUCCESS;
}

/* Does not return to the guest. */
int32_t rtas_stop_self(struct vcpu *v, const uint32_t *arg, uint32_t *ret)
{
    (void)arg, (void)ret;
    vcpu_stop_self(v);
    return RTAS_SUCCESS;
}
