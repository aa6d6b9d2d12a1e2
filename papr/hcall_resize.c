/* SPDX-License-Identifier: Apache-2.0 */
/* papr/hcall_resize.c - H_RESIZE_HPT_PREPARE, H_RESIZE_HPT_COMMIT: another size for the hash table while the guest
 * runs.
 *
 * Spec: LoPAR, both calls; docs/hpt.md.  A pending table costs its touched pages only, so PREPARE never asks for
 * patience.  A shrink known to be impossible is refused by PREPARE with H_RESOURCE, which Linux takes quietly and
 * without stopping its processors; decision 050. */
#include "papr/hcalls.h"
#include "papr/hpt.h"

/* flags, shift */
int64_t h_resize_hpt_prepare(struct vcpu *v, const uint64_t *arg, uint64_t *ret)
{
    struct hpt *h = papr_hpt(v->papr);
    int64_t shift = (int32_t)arg[1];

    (void)ret;
    if (arg[0])
        return H_PARAMETER;
    if (shift == 0) {
        hpt_cancel(h);
        return H_SUCCESS;
    }
    if (shift < HPT_SHIFT_MIN || shift > HPT_SHIFT_MAX)
        return H_PARAMETER;
    if (shift > (int64_t)hpt_limit_shift(papr_memory_bytes(v->papr)))
        return H_RESOURCE;
    switch (hpt_prepare(h, (unsigned)shift)) {
    case HPT_RESIZE_OK:
        return H_SUCCESS;
    case HPT_RESIZE_FULL:
        return H_RESOURCE;
    default:
        return H_NO_MEM;
    }
}

struct commit {
    unsigned shift;
    bool done;
    enum hpt_resize result;
};

static void commit_on(struct vcpu *v, void *arg)
{
    struct commit *c = arg;
    struct hpt *h = papr_hpt(v->papr);

    if (!c->done)
        c->result = hpt_commit(h, c->shift);
    c->done = true;
    if (c->result == HPT_RESIZE_OK)
        cpu_set_hpt(&v->cpu, hpt_table(h));
}

/* flags, shift */
int64_t h_resize_hpt_commit(struct vcpu *v, const uint64_t *arg, uint64_t *ret)
{
    struct commit c = { .shift = arg[1] <= HPT_SHIFT_MAX ? (unsigned)arg[1] : 0, .result = HPT_RESIZE_NONE };

    (void)ret;
    if (arg[0])
        return H_PARAMETER;
    /* Nothing is stopped for a commit that cannot be: another processor may still take the table away meanwhile. */
    if (c.shift == 0 || hpt_pending_shift(papr_hpt(v->papr)) != c.shift)
        return H_CLOSED;
    papr_for_all_stopped(v->papr, v, commit_on, &c);
    switch (c.result) {
    case HPT_RESIZE_OK:
        return H_SUCCESS;
    case HPT_RESIZE_FULL:
        return H_PTEG_FULL;
    default:
        return H_CLOSED;
    }
}
