/* SPDX-License-Identifier: Apache-2.0 */
/* papr/rtas_xics.c - where an interrupt source goes, and with what priority.
 * Spec: LoPAR, ibm,set-xive, ibm,get-xive, ibm,int-off, ibm,int-on.  Linux calls them from several processors at once.
 */
#include "papr/rtas.h"
#include "papr/xics.h"

/* source, server, priority */
int32_t rtas_ibm_set_xive(struct vcpu *v, const uint32_t *arg, uint32_t *ret)
{
    struct xive_setting s = { arg[1], (uint8_t)arg[2], (uint8_t)arg[2] };

    (void)ret;
    if (arg[2] > 0xff || !papr_guest_vcpu(v->papr, arg[1]) || !xics_source_set(papr_xics(v->papr), arg[0], s))
        return RTAS_PARAMETER_ERROR;
    return RTAS_SUCCESS;
}

/* source -> server, priority */
int32_t rtas_ibm_get_xive(struct vcpu *v, const uint32_t *arg, uint32_t *ret)
{
    struct xive_setting s;

    if (!xics_source_get(papr_xics(v->papr), arg[0], &s))
        return RTAS_PARAMETER_ERROR;
    ret[1] = s.server;
    ret[2] = s.priority;
    return RTAS_SUCCESS;
}

/* source: masks it, remembering its priority. */
int32_t rtas_ibm_int_off(struct vcpu *v, const uint32_t *arg, uint32_t *ret)
{
    struct xive_setting s;

    (void)ret;
    if (!xics_source_get(papr_xics(v->papr), arg[0], &s))
        return RTAS_PARAMETER_ERROR;
    s.saved_priority = s.priority;
    s.priority = XICS_PRIORITY_NONE;
    return xics_source_set(papr_xics(v->papr), arg[0], s) ? RTAS_SUCCESS : RTAS_PARAMETER_ERROR;
}

/* source */
int32_t rtas_ibm_int_on(struct vcpu *v, const uint32_t *arg, uint32_t *ret)
{
    struct xive_setting s;

    (void)ret;
    if (!xics_source_get(papr_xics(v->papr), arg[0], &s))
        return RTAS_PARAMETER_ERROR;
    s.priority = s.saved_priority;
    return xics_source_set(papr_xics(v->papr), arg[0], s) ? RTAS_SUCCESS : RTAS_PARAMETER_ERROR;
}
