/* SPDX-License-Identifier: Apache-2.0 */
/* The KVM back end against the real kernel, with a vCPU storing all the while.
 * Exit status 77 (skipped) where /dev/kvm does not open. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include <errno.h>

#include "mem/dirty_log.h"
#include "mem/kvm_slots.h"
#include "mem/ram_window.h"
#include "tests/unit/mem/kvm_guest.h"
#include "tests/unit/rcu_group.h"
#include "tests/unit/wait.h"

#define MIB (1ull << 20)
#define LMB (256 * MIB)
#define CEILING (16ull << 30)     /* KVM may keep 8 bytes per possible page: not 64 TiB in a test */

struct rig {
    struct kvm_guest guest;
    struct ram_window *window;
    struct mem_map *map;
    struct kvm_slots *kvm;
    struct dirty_log *log;
};

static void rig_open(struct rig *r, uint64_t ceiling)
{
    struct slots_window win;
    struct error err = { 0 };

    assert_null(kvm_guest_open(&r->guest));
    r->window = ram_window_new(ceiling, NULL);
    r->map = mem_map_new();
    win = (struct slots_window){ mem_map_ram_block(r->map, r->window), ra(0), ceiling, 0 };
    r->kvm = kvm_slots_new(r->guest.vm, r->map, &win, 1, &err);
    assert_non_null(r->kvm);
    assert_int_equal(mem_map_add_ram(r->map, r->window, ra(0), LMB, NULL), 0);
    assert_true(mem_map_write(r->map, ra(KVM_GUEST_CODE), kvm_guest_code, sizeof(kvm_guest_code)));
    r->log = mem_map_ram_log(r->map, r->window);
}

static void rig_close(struct rig *r)
{
    kvm_slots_free(r->kvm);
    mem_map_free(r->map);
    kvm_guest_close(&r->guest);
    ram_window_free(r->window);
}

static uint8_t byte_at(const struct rig *r, uint64_t at)
{
    return __atomic_load_n(ram_window_base(r->window) + at, __ATOMIC_RELAXED);
}

/* Two changes of the byte at `at`: the guest went round all its pages in between, however little of a processor it
 * gets.  Its dirty ring, if it has one, is emptied meanwhile, as a monitor would: the vCPU stands while the ring is
 * full, and where real mode is emulated each store is an entry. */
static bool guest_writes(struct rig *r, uint64_t at, struct kvm_ring *ring)
{
    unsigned changes = 0;

    for (unsigned i = 0; i < WAIT_MS && changes < 2; i++) {
        uint8_t was = byte_at(r, at);

        usleep(1000);
        if (ring && kvm_ring_drain(ring) < 0)
            return false;
        changes += byte_at(r, at) != was;
    }
    return changes == 2;
}

/* One stretch of the guest's work, from start to stop. */
static void run_guest(struct rig *r, uint64_t at, struct kvm_ring *ring)
{
    bool wrote;

    kvm_guest_start(&r->guest);
    wrote = guest_writes(r, at, ring);
    kvm_guest_stop(&r->guest);
    assert_true(wrote);
}

static void plugging_beside_a_running_vcpu_needs_no_ioctl(void **state)
{
    struct rig r = { 0 };
    uint64_t before, after;
    bool before_wrote, after_wrote;
    int failed = 0;

    (void)state;
    rig_open(&r, CEILING);
    assert_null(kvm_guest_vcpu(&r.guest));
    kvm_guest_start(&r.guest);
    before_wrote = guest_writes(&r, KVM_GUEST_DATA, NULL);
    before = kvm_slots_ioctls(r.kvm);
    for (unsigned i = 1; i < CEILING / LMB; i++)
        failed |= mem_map_add_ram(r.map, r.window, ra(i * LMB), LMB, NULL);
    for (unsigned i = 1; i < CEILING / LMB; i++)
        failed |= mem_map_remove_ram(r.map, r.window, ra(i * LMB), LMB, NULL);
    after = kvm_slots_ioctls(r.kvm);
    after_wrote = guest_writes(&r, KVM_GUEST_DATA, NULL);
    kvm_guest_stop(&r.guest);
    assert_int_equal(failed, 0);
    assert_int_equal(before, after);
    assert_true(before_wrote && after_wrote);
    rig_close(&r);
}

static void a_window_that_would_eat_the_host_is_refused(void **state)
{
    struct rig r = { 0 };
    struct error err = { 0 };
    struct slots_window win = { .len = 1ull << 55 };

    (void)state;
    if (access("/sys/module/kvm/parameters/tdp_mmu", R_OK) == 0) {
        FILE *f = fopen("/sys/module/kvm/parameters/tdp_mmu", "r");
        int answer = fgetc(f);

        fclose(f);
        if (answer == 'Y')
            skip();
    }
    assert_null(kvm_guest_open(&r.guest));
    r.map = mem_map_new();
    assert_null(kvm_slots_new(r.guest.vm, r.map, &win, 1, &err));
    assert_int_equal(err.code, -ENOMEM);
    mem_map_free(r.map);
    kvm_guest_close(&r.guest);
}

static uint64_t collected(struct rig *r, uint64_t *bits)
{
    return dirty_log_collect(r->log, DIRTY_MIGRATION, 0, MIB, bits);
}

static void the_bitmap_of_a_running_vcpu_reaches_the_dirty_log(void **state)
{
    uint64_t bits[MIB / 4096 / 64] = { 0 };
    struct rig r = { 0 };

    (void)state;
    rig_open(&r, LMB);
    assert_null(kvm_guest_vcpu(&r.guest));
    assert_int_equal(dirty_log_arm(r.log, DIRTY_MIGRATION), 0);
    assert_int_equal(kvm_slots_log(r.kvm, true, NULL), 0);
    run_guest(&r, KVM_GUEST_DATA, NULL);
    (void)kvm_slots_collect(r.kvm, NULL);
    assert_in_range(collected(&r, bits), 16, 18);
    assert_int_equal(bits[KVM_GUEST_DATA / 4096 / 64] >> (KVM_GUEST_DATA / 4096 % 64) & 0xffff, 0xffff);
    /* Stopped: nothing more.  Started: the same pages again. */
    assert_int_equal(kvm_slots_collect(r.kvm, NULL), 0);
    assert_int_equal(collected(&r, bits), 0);
    run_guest(&r, KVM_GUEST_DATA, NULL);
    assert_int_equal(kvm_slots_collect(r.kvm, NULL), 16);
    assert_int_equal(collected(&r, bits), 16);
    assert_int_equal(kvm_slots_log(r.kvm, false, NULL), 0);
    rig_close(&r);
}

static void the_dirty_ring_of_a_running_vcpu_reaches_the_dirty_log(void **state)
{
    uint64_t bits[MIB / 4096 / 64] = { 0 };
    struct error err = { 0 };
    struct kvm_ring *ring;
    struct rig r = { 0 };

    (void)state;
    rig_open(&r, LMB);
    if (kvm_slots_use_ring(r.kvm, 4096, &err) < 0) {
        print_message("no dirty ring: %s\n", err.msg);
        rig_close(&r);
        skip();
    }
    assert_null(kvm_guest_vcpu(&r.guest));
    ring = kvm_ring_new(r.kvm, r.guest.vcpu, &err);
    assert_non_null(ring);
    assert_int_equal(dirty_log_arm(r.log, DIRTY_MIGRATION), 0);
    assert_int_equal(kvm_slots_log(r.kvm, true, NULL), 0);
    run_guest(&r, KVM_GUEST_DATA, ring);
    assert_true(kvm_ring_drain(ring) >= 0);
    assert_in_range(collected(&r, bits), 16, 18);
    assert_int_equal(bits[KVM_GUEST_DATA / 4096 / 64] >> (KVM_GUEST_DATA / 4096 % 64) & 0xffff, 0xffff);
    kvm_ring_free(ring);
    rig_close(&r);
}

static void rom_is_read_only_for_the_vcpu(void **state)
{
    struct rig r = { 0 };
    struct mem_region *rom;
    uint8_t before;

    (void)state;
    rig_open(&r, LMB);
    rom = mem_region_new_rom(mem_map_ram_block(r.map, r.window), KVM_GUEST_DATA, 0x1000);
    assert_int_equal(mem_map_add(r.map, rom, ra(KVM_GUEST_DATA), 1, NULL), 0);
    assert_int_equal(slots_status(kvm_slots_mirror(r.kvm), NULL), 0);
    assert_null(kvm_guest_vcpu(&r.guest));
    before = byte_at(&r, KVM_GUEST_DATA);
    run_guest(&r, KVM_GUEST_DATA + 0x1000, NULL);
    assert_true(atomic_load(&r.guest.exits) > 1);       /* each store to ROM leaves as MMIO */
    assert_int_equal(byte_at(&r, KVM_GUEST_DATA), before);
    assert_int_equal(mem_map_del(r.map, rom), 0);
    mem_region_put(rom);
    rig_close(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plugging_beside_a_running_vcpu_needs_no_ioctl),
        cmocka_unit_test(a_window_that_would_eat_the_host_is_refused),
        cmocka_unit_test(the_bitmap_of_a_running_vcpu_reaches_the_dirty_log),
        cmocka_unit_test(the_dirty_ring_of_a_running_vcpu_reaches_the_dirty_log),
        cmocka_unit_test(rom_is_read_only_for_the_vcpu),
    };
    struct kvm_guest probe;
    const char *why = kvm_guest_open(&probe);

    kvm_guest_close(&probe);
    if (why) {
        printf("skipped: %s\n", why);
        return 77;
    }
    return cmocka_run_group_tests(tests, rcu_group_begin, rcu_group_end);
}
