/* SPDX-License-Identifier: Apache-2.0 */
/* papr/lmb.c - see the header.
 *
 * Leaving: first the memory map, so that no new entry or translation can come into being; then what exists is dropped;
 * the window gives the pages back once no reader can hold their address.  A hypercall that checked the address before
 * the first step may still store an entry afterwards: it translates to nothing, which is the guest's affair. */
#include "papr/lmb.h"

#include "papr/hpt.h"
#include "papr/machine_int.h"

int lmb_take(struct papr *p, struct vcpu *caller, uint32_t id, struct error *err)
{
    struct ram_policy policy = papr_config(p)->memory_policy;
    ra_t start = ra(lmb_start(id));

    (void)caller;
    policy.progress = NULL;
    if (papr_has_policy(&policy) && !ram_window_has_policy(papr_ram(p), start) &&
        ram_window_open_policy(papr_ram(p), start, PAPR_LMB_SIZE, &policy, err))
        return -ENOMEM;
    return mem_map_add_ram(papr_map(p), papr_ram(p), ra(lmb_start(id)), PAPR_LMB_SIZE, err);
}

struct drop {
    ra_t start;
    bool done;
};

static void drop_entries(struct vcpu *v, void *arg)
{
    struct drop *d = arg;

    if (!d->done)
        hpt_drop_ra(papr_hpt(v->papr), d->start, PAPR_LMB_SIZE);
    d->done = true;
    cpu_tlb_flush_all(&v->cpu);
}

int lmb_give(struct papr *p, struct vcpu *caller, uint32_t id, struct error *err)
{
    struct drop d = { .start = ra(lmb_start(id)) };
    const uint8_t *host = ram_window_base(papr_ram(p)) + d.start.v;
    int rc = mem_map_remove_ram(papr_map(p), papr_ram(p), d.start, PAPR_LMB_SIZE, err);

    if (rc)
        return rc;
    if (lmb_is_mapped(p, id))
        papr_for_all_stopped(p, caller, drop_entries, &d);
    papr_flush_ram(p, caller, host, PAPR_LMB_SIZE);
    cpu_code_gone(p->cpus, host, PAPR_LMB_SIZE);
    return 0;
}

bool lmb_is_mapped(struct papr *p, uint32_t id)
{
    return hpt_maps_ra(papr_hpt(p), ra(lmb_start(id)), PAPR_LMB_SIZE) != 0;
}
