/* SPDX-License-Identifier: Apache-2.0 */
/* papr/hcall_tce.c - DMA translation entries of the guest's windows.  Spec: LoPAR, H_PUT_TCE and family.
 *
 * The machine has no DMA window yet, so every logical I/O bus number is unknown and the calls are not advertised: the
 * one architected answer is H_PARAMETER. */
#include "papr/hcalls.h"

static int64_t unknown_liobn(void)
{
    return H_PARAMETER;
}

/* liobn, address -> tce */
int64_t h_get_tce(struct vcpu *v, const uint64_t *arg, uint64_t *ret)
{
    (void)v;
    (void)arg;
    (void)ret;
    return unknown_liobn();
}

/* liobn, address, tce */
int64_t h_put_tce(struct vcpu *v, const uint64_t *arg, uint64_t *ret)
{
    return h_get_tce(v, arg, ret);
}

/* liobn, address, list, n */
int64_t h_put_tce_indirect(struct vcpu *v, const uint64_t *arg, uint64_t *ret)
{
    return h_get_tce(v, arg, ret);
}

/* liobn, address, tce, n */
int64_t h_stuff_tce(struct vcpu *v, const uint64_t *arg, uint64_t *ret)
{
    return h_get_tce(v, arg, ret);
}
