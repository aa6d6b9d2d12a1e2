/* SPDX-License-Identifier: Apache-2.0 */
/* papr/lmb.h - one block of memory (LMB, 256 MiB) comes into the guest's memory map and leaves it. */
#ifndef PAPR_LMB_H
#define PAPR_LMB_H

#include "papr/papr_int.h"

static inline uint64_t lmb_start(uint64_t id)
{
    return id << PAPR_LMB_SHIFT;
}

/* Maps it, reading as zero. 0 or negative errno. No locks. */
int lmb_take(struct papr *p, struct vcpu *caller, uint32_t id, struct error *err);
/* Unmaps it; what translates to it goes, its pages go back to the host. caller: whose thread this is, or NULL. No
 * locks. Negative errno: nothing happened. */
int lmb_give(struct papr *p, struct vcpu *caller, uint32_t id, struct error *err);
/* Something translates to it: hash table entries (and DMA windows, once there are any). Any locks. */
bool lmb_is_mapped(struct papr *p, uint32_t id);

#endif
