/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/mem/kvm_guest.h - a few bytes of real-mode x86 that keep a KVM vCPU storing to memory.
 *
 * The code at 0x1000 increments one byte in each of the 16 pages of [0x20000, 0x30000), round and round.  Shared by the
 * test and the benchmark. */
#ifndef TESTS_KVM_GUEST_H
#define TESTS_KVM_GUEST_H

#include <fcntl.h>
#include <linux/kvm.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define KVM_GUEST_CODE 0x1000
#define KVM_GUEST_DATA 0x20000

struct kvm_guest {
    int kvm, vm, vcpu;
    struct kvm_run *run;
    pthread_t thread;
    atomic_bool stop;
    atomic_ulong exits;
    atomic_int last_exit;
};

/* inc byte [bx]; add bx, 0x1000; jmp back */
static const uint8_t kvm_guest_code[] = { 0xfe, 0x07, 0x81, 0xc3, 0x00, 0x10, 0xeb, 0xf8 };

/* NULL, or why KVM cannot be used here. */
static inline const char *kvm_guest_open(struct kvm_guest *g)
{
    memset(g, 0, sizeof(*g));
    g->kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
    if (g->kvm < 0)
        return "/dev/kvm does not open";
    if (ioctl(g->kvm, KVM_GET_API_VERSION, 0) != KVM_API_VERSION)
        return "another KVM interface version";
    g->vm = ioctl(g->kvm, KVM_CREATE_VM, 0);
    if (g->vm < 0)
        return "KVM_CREATE_VM fails";
    (void)ioctl(g->vm, KVM_SET_TSS_ADDR, 0xfffbd000ul);
    return NULL;
}

static inline const char *kvm_guest_vcpu(struct kvm_guest *g)
{
    struct kvm_regs regs = { .rip = KVM_GUEST_CODE, .rflags = 2 };
    struct kvm_sregs sregs;

    g->vcpu = ioctl(g->vm, KVM_CREATE_VCPU, 0);
    if (g->vcpu < 0)
        return "KVM_CREATE_VCPU fails";
    g->run = mmap(NULL, (size_t)ioctl(g->kvm, KVM_GET_VCPU_MMAP_SIZE, 0), PROT_READ | PROT_WRITE, MAP_SHARED, g->vcpu,
                  0);
    if (g->run == MAP_FAILED || ioctl(g->vcpu, KVM_GET_SREGS, &sregs) < 0)
        return "the vCPU cannot be set up";
    sregs.cs.base = 0;
    sregs.cs.selector = 0;
    sregs.ds.base = KVM_GUEST_DATA;
    sregs.ds.selector = KVM_GUEST_DATA >> 4;
    if (ioctl(g->vcpu, KVM_SET_SREGS, &sregs) < 0 || ioctl(g->vcpu, KVM_SET_REGS, &regs) < 0)
        return "the vCPU's registers cannot be set";
    return NULL;
}

static inline void kvm_guest_signal(int sig)
{
    (void)sig;
}

static inline void *kvm_guest_loop(void *arg)
{
    struct kvm_guest *g = arg;

    while (!atomic_load(&g->stop)) {
        int rc = ioctl(g->vcpu, KVM_RUN, 0);

        atomic_store(&g->last_exit, rc < 0 ? -1 : (int)g->run->exit_reason);
        atomic_fetch_add(&g->exits, 1);
    }
    return NULL;
}

static inline void kvm_guest_start(struct kvm_guest *g)
{
    struct sigaction sa = { .sa_handler = kvm_guest_signal };

    sigaction(SIGUSR1, &sa, NULL);
    atomic_store(&g->stop, false);
    g->run->immediate_exit = 0;
    pthread_create(&g->thread, NULL, kvm_guest_loop, g);
}

static inline void kvm_guest_stop(struct kvm_guest *g)
{
    atomic_store(&g->stop, true);
    g->run->immediate_exit = 1;
    pthread_kill(g->thread, SIGUSR1);
    pthread_join(g->thread, NULL);
}

static inline void kvm_guest_close(struct kvm_guest *g)
{
    if (g->run)
        munmap(g->run, (size_t)ioctl(g->kvm, KVM_GET_VCPU_MMAP_SIZE, 0));
    if (g->vcpu > 0)
        close(g->vcpu);
    if (g->vm > 0)
        close(g->vm);
    if (g->kvm > 0)
        close(g->kvm);
}

#endif
