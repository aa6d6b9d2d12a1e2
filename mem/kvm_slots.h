/* SPDX-License-Identifier: Apache-2.0 */
/* mem/kvm_slots.h - Linux KVM as a back end of mem/slots.h: KVM_SET_USER_MEMORY_REGION, dirty bitmaps, dirty rings.
 *
 * Works with any VM file descriptor.  What KVM reports dirty is marked in the dirty logs of the blocks behind the
 * slots, so that collectors see one source: pages stored to by the engine, by devices and by KVM.
 *
 * Threads: slot calls as mem/slots.h says; collecting takes the slots' lock; each ring is harvested by one thread at
 * a time. */
#ifndef MEM_KVM_SLOTS_H
#define MEM_KVM_SLOTS_H

#include "mem/slots.h"

struct kvm_slots;

/* vm_fd stays the caller's.  NULL: err says why. */
struct kvm_slots *kvm_slots_new(int vm_fd, struct mem_map *m, const struct slots_window *window, unsigned windows,
                                struct error *err);
void kvm_slots_free(struct kvm_slots *k);
struct slots *kvm_slots_mirror(struct kvm_slots *k);

/* Turns KVM's dirty logging on or off for all slots, present and to come. */
int kvm_slots_log(struct kvm_slots *k, bool on, struct error *err);
/* Fetches the bitmaps of all slots and marks the logs; pages are write-protected again.  A slot about to be deleted is
 * fetched by itself.  Returns the pages found, or a negative errno. */
int64_t kvm_slots_collect(struct kvm_slots *k, struct error *err);

/* Dirty rings: instead of bitmaps, if the kernel has them.  Before any vCPU exists.  -ENOTSUP: it has not. */
int kvm_slots_use_ring(struct kvm_slots *k, unsigned entries, struct error *err);
/* The ring of a vCPU; NULL: err says why. */
struct kvm_ring;
struct kvm_ring *kvm_ring_new(struct kvm_slots *k, int vcpu_fd, struct error *err);
void kvm_ring_free(struct kvm_ring *r);
/* Marks the logs with what the ring holds; returns the entries taken.  kvm_slots_reset_rings() lets KVM reuse them and
 * notice further stores to their pages: collect the log after it.  A vCPU whose ring is full (KVM_EXIT_DIRTY_RING_FULL)
 * does not run until both were called. */
unsigned kvm_ring_harvest(struct kvm_ring *r);
int kvm_slots_reset_rings(struct kvm_slots *k);
/* Both, if the ring holds anything: what to do when a vCPU's ring is full, and before the log is collected.  Entries
 * taken, or a negative errno. */
int kvm_ring_drain(struct kvm_ring *r);

uint64_t kvm_slots_ioctls(const struct kvm_slots *k);   /* KVM_SET_USER_MEMORY_REGION calls so far */

#endif
