/* SPDX-License-Identifier: Apache-2.0 */
/* mem/kvm_ring.c - KVM's dirty rings: each vCPU writes down the pages it dirties, in order,
 * instead of one bitmap per slot. */
#include "mem/kvm_slots_int.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

struct kvm_ring {
    struct kvm_slots *k;
    struct kvm_dirty_gfn *entry;
    unsigned next;                      /* counts on for ever; the low bits are the index */
};

int kvm_slots_use_ring(struct kvm_slots *k, unsigned entries, struct error *err)
{
    uint64_t bytes = (uint64_t)entries * sizeof(struct kvm_dirty_gfn);
    int rc;

    if (!k->ring_max || bytes > k->ring_max || !entries || (entries & (entries - 1)))
        return error_set(err, ENOTSUP, "KVM here has no dirty ring of %u entries", entries);
    rc = kvm_enable(k, KVM_CAP_DIRTY_LOG_RING, bytes);
    if (rc < 0)
        return error_set(err, -rc, "KVM refuses a dirty ring: %s", strerror(-rc));
    k->ring_entries = entries;
    return 0;
}

struct kvm_ring *kvm_ring_new(struct kvm_slots *k, int vcpu_fd, struct error *err)
{
    struct kvm_ring *r = calloc(1, sizeof(*r));
    size_t bytes = k->ring_entries * sizeof(struct kvm_dirty_gfn);
    long page = sysconf(_SC_PAGESIZE);

    if (r)
        r->entry = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu_fd, page * KVM_DIRTY_LOG_PAGE_OFFSET);
    if (!r || r->entry == MAP_FAILED) {
        error_set(err, r ? errno : ENOMEM, "cannot map the dirty ring of a vCPU");
        free(r);
        return NULL;
    }
    r->k = k;
    return r;
}

void kvm_ring_free(struct kvm_ring *r)
{
    if (!r)
        return;
    munmap(r->entry, r->k->ring_entries * sizeof(struct kvm_dirty_gfn));
    free(r);
}

unsigned kvm_ring_harvest(struct kvm_ring *r)
{
    unsigned n = 0;

    for (; n < r->k->ring_entries; n++, r->next++) {
        struct kvm_dirty_gfn *e = &r->entry[r->next & (r->k->ring_entries - 1)];

        if (__atomic_load_n(&e->flags, __ATOMIC_ACQUIRE) != KVM_DIRTY_GFN_F_DIRTY)
            break;
        kvm_mark(&r->k->by_id[e->slot & 0xffff], e->offset);
        __atomic_store_n(&e->flags, KVM_DIRTY_GFN_F_RESET, __ATOMIC_RELEASE);
    }
    return n;
}

int kvm_slots_reset_rings(struct kvm_slots *k)
{
    int rc = ioctl(k->vm_fd, KVM_RESET_DIRTY_RINGS, 0);

    return rc < 0 ? -errno : rc;
}

int kvm_ring_drain(struct kvm_ring *r)
{
    unsigned n = kvm_ring_harvest(r);
    int rc = n ? kvm_slots_reset_rings(r->k) : 0;

    return rc < 0 ? rc : (int)n;
}
