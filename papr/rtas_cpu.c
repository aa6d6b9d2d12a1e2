/* SPDX-License-Identifier: Apache-2.0 */
/* papr/rtas_cpu.c - start-cpu, stop-self, query-cpu-stopped-state (LoPAR, "RTAS call definition"). */
#include "papr/drc.h"
#include "papr/rtas.h"

enum { CPU_STOPPED = 0, CPU_NOT_STOPPED = 2 };

/* processor -> status, state */
int32_t rtas_query_cpu_stopped_state(struct vcpu *v, const uint32_t *arg, uint32_t *ret)
{
    struct vcpu *target = papr_guest_vcpu(v->papr, arg[0]);

    if (!target)
        return RTAS_PARAMETER_ERROR;
    ret[1] = vcpu_is_stopped(target) ? CPU_STOPPED : CPU_NOT_STOPPED;
    return RTAS_SUCCESS;
}

struct start {
    struct vcpu *caller, *target;
    uint64_t address, r3;
};

static int32_t start(void *arg)
{
    const struct start *s = arg;

    return vcpu_start(s->target, s->address, s->r3, s->caller) ? RTAS_HARDWARE_ERROR : RTAS_SUCCESS;
}

/* processor, address, r3 -> status. One that the guest has not taken, or has given back, is not its to start. */
int32_t rtas_start_cpu(struct vcpu *v, const uint32_t *arg, uint32_t *ret)
{
    struct start s = { v, papr_vcpu(v->papr, arg[0]), arg[1], arg[2] };

    (void)ret;
    if (!s.target)
        return RTAS_PARAMETER_ERROR;
    return drc_if_configured(papr_drcs(v->papr), DRC_INDEX(DRC_CPU, arg[0]), start, &s);
}

/* Does not return to the guest. */
int32_t rtas_stop_self(struct vcpu *v, const uint32_t *arg, uint32_t *ret)
{
    (void)arg, (void)ret;
    vcpu_stop_self(v);
    return RTAS_SUCCESS;
}
