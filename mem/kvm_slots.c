/* SPDX-License-Identifier: Apache-2.0 */
#include "mem/kvm_slots_int.h"

#include "mem/dirty_log.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define PAGE 4096ull
#define MAX_SLOT_LEN (((1ull << 31) - 1) * PAGE & ~((1ull << 30) - 1))  /* KVM_MEM_MAX_NR_PAGES, in whole GiB */

static int set_region(struct kvm_slots *k, const struct slot *s, uint64_t len)
{
    struct kvm_userspace_memory_region r = {
        .slot = s->id, .guest_phys_addr = s->start.v, .memory_size = len, .userspace_addr = (uintptr_t)s->host,
        .flags = (s->readonly ? KVM_MEM_READONLY : 0) | (k->logging && !s->readonly ? KVM_MEM_LOG_DIRTY_PAGES : 0),
    };

    k->ioctls++;
    return ioctl(k->vm_fd, KVM_SET_USER_MEMORY_REGION, &r) < 0 ? -errno : 0;
}

void kvm_mark(const struct slot *s, uint64_t page)
{
    dirty_log_mark(ram_block_log(s->block), s->off + page * PAGE, PAGE);
}

/* KVM's bitmap of one slot into the log of its block. */
static int64_t fetch(struct kvm_slots *k, const struct slot *s)
{
    uint64_t pages = s->len / PAGE, words = (pages + 63) / 64, *bits = calloc(words, sizeof(*bits));
    struct kvm_dirty_log get = { .slot = s->id, .dirty_bitmap = bits };
    struct kvm_clear_dirty_log clear = { .slot = s->id, .num_pages = (uint32_t)pages, .dirty_bitmap = bits };
    int64_t found = 0;

    if (!bits)
        return -ENOMEM;
    if (ioctl(k->vm_fd, KVM_GET_DIRTY_LOG, &get) < 0 ||
        (k->manual_clear && ioctl(k->vm_fd, KVM_CLEAR_DIRTY_LOG, &clear) < 0)) {
        free(bits);
        return -errno;
    }
    for (uint64_t w = 0; w < words; w++)
        for (uint64_t b = bits[w]; b; b &= b - 1) {
            kvm_mark(s, w * 64 + (unsigned)__builtin_ctzll(b));
            found++;
        }
    free(bits);
    return found;
}

static int add(void *opaque, const struct slot *s)
{
    struct kvm_slots *k = opaque;
    int rc = set_region(k, s, s->len);

    if (rc == 0)
        k->by_id[s->id] = *s;
    return rc;
}

static int del(void *opaque, const struct slot *s)
{
    struct kvm_slots *k = opaque;

    if (k->logging && !k->ring_entries && !s->readonly)
        (void)fetch(k, s);              /* its bitmap goes with it */
    return set_region(k, s, 0);
}

static int capability(const struct kvm_slots *k, long cap)
{
    int rc = ioctl(k->vm_fd, KVM_CHECK_EXTENSION, cap);

    return rc > 0 ? rc : 0;
}

int kvm_enable(struct kvm_slots *k, uint32_t cap, uint64_t arg)
{
    struct kvm_enable_cap e = { .cap = cap, .args = { arg } };

    return ioctl(k->vm_fd, KVM_ENABLE_CAP, &e) < 0 ? -errno : 0;
}

/* Without its "TDP MMU" KVM keeps 8 bytes for each 4K page of each slot, touched or not: a 64 TiB window would take 128
 * GiB from the host, and the kernel kills processes to get them.
 * Refused before that: at most an eighth of the host's memory. */
static int affordable(const struct slots_window *window, unsigned windows, struct error *err)
{
    uint64_t bytes = 0, host = (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE);
    FILE *f = fopen("/sys/module/kvm/parameters/tdp_mmu", "r");
    int answer = f ? fgetc(f) : 'N';

    if (f)
        fclose(f);
    for (unsigned i = 0; i < windows; i++)
        bytes += window[i].len / PAGE * 8;
    if (answer == 'Y' || bytes <= host / 8)
        return 0;
    return error_set(err, ENOMEM,
                     "KVM on this host (kvm.tdp_mmu is off) would take "
                     "%" PRIu64 " MiB of host memory for the plug window; lower the memory ceiling", bytes >> 20);
}

struct kvm_slots *kvm_slots_new(int vm_fd, struct mem_map *m, const struct slots_window *window, unsigned windows,
                                struct error *err)
{
    struct kvm_slots *k = calloc(1, sizeof(*k));
    struct slots_backend back = { .max_len = MAX_SLOT_LEN, .add = add, .del = del, .opaque = k };

    if (!k) {
        error_set(err, ENOMEM, "no memory for the KVM slots");
        return NULL;
    }
    if (affordable(window, windows, err) < 0) {
        free(k);
        return NULL;
    }
    k->vm_fd = vm_fd;
    back.max_slots = (unsigned)capability(k, KVM_CAP_NR_MEMSLOTS);
    if (!back.max_slots)
        back.max_slots = 32;            /* what every KVM has */
    k->by_id = calloc(back.max_slots, sizeof(*k->by_id));
    k->ring_max = (unsigned)capability(k, KVM_CAP_DIRTY_LOG_RING);
    /* Clearing apart from fetching keeps the kernel from holding its lock for a whole slot; 1 =
     * no other behaviour changes. */
    if (capability(k, KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2) & KVM_DIRTY_LOG_MANUAL_PROTECT_ENABLE)
        k->manual_clear = kvm_enable(k, KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2, KVM_DIRTY_LOG_MANUAL_PROTECT_ENABLE) == 0;
    if (k->by_id)
        k->slots = slots_new(m, &back, window, windows, err);
    else
        error_set(err, ENOMEM, "no memory for the KVM slots");
    if (k->slots)
        return k;
    free(k->by_id);
    free(k);
    return NULL;
}

void kvm_slots_free(struct kvm_slots *k)
{
    if (!k)
        return;
    slots_free(k->slots);
    free(k->by_id);
    free(k);
}

struct slots *kvm_slots_mirror(struct kvm_slots *k)
{
    return k->slots;
}

struct pass {
    struct kvm_slots *k;
    int64_t found;
    int rc;
};

static void set_flags(const struct slot *s, void *arg)
{
    struct pass *p = arg;
    int rc = s->readonly ? 0 : set_region(p->k, s, s->len);

    if (rc < 0 && p->rc == 0)
        p->rc = rc;
}

int kvm_slots_log(struct kvm_slots *k, bool on, struct error *err)
{
    struct pass p = { .k = k };

    k->logging = on;
    slots_for_each(k->slots, set_flags, &p);
    if (p.rc < 0)
        return error_set(err, -p.rc, "KVM refuses dirty logging: %s", strerror(-p.rc));
    return 0;
}

static void fetch_one(const struct slot *s, void *arg)
{
    struct pass *p = arg;
    int64_t n = s->readonly ? 0 : fetch(p->k, s);

    if (n < 0)
        p->rc = (int)n;
    else
        p->found += n;
}

int64_t kvm_slots_collect(struct kvm_slots *k, struct error *err)
{
    struct pass p = { .k = k };

    slots_for_each(k->slots, fetch_one, &p);
    if (p.rc < 0)
        return error_set(err, -p.rc, "KVM does not give its dirty bitmap: %s", strerror(-p.rc));
    return p.found;
}

uint64_t kvm_slots_ioctls(const struct kvm_slots *k)
{
    return k->ioctls;
}
