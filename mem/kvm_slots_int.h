/* SPDX-License-Identifier: Apache-2.0 */
/* mem/kvm_slots_int.h - shared by kvm_slots.c (slots, bitmaps) and kvm_ring.c (dirty rings). */
#ifndef MEM_KVM_SLOTS_INT_H
#define MEM_KVM_SLOTS_INT_H

#include "mem/kvm_slots.h"

#include <linux/kvm.h>

struct kvm_slots {
    int vm_fd;
    struct slots *slots;
    struct slot *by_id;                 /* what rings name by number; valid while the slot exists */
    bool logging;                       /* changed only while no commit runs */
    bool manual_clear;
    unsigned ring_max;                  /* bytes the kernel allows; 0: no rings */
    unsigned ring_entries;              /* 0: bitmaps are used */
    uint64_t ioctls;
};

int kvm_enable(struct kvm_slots *k, uint32_t cap, uint64_t arg);
void kvm_mark(const struct slot *s, uint64_t page);

#endif
