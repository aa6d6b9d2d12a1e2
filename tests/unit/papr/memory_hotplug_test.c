/* SPDX-License-Identifier: Apache-2.0 */
/* Growing and shrinking against a guest played by hand: it fetches event records and does with
 * connectors what Linux does. */
#include "base/endian.h"
#include "papr/cas.h"
#include "papr/drc.h"
#include "papr/events.h"
#include "papr/lmb.h"
#include "papr/machine_int.h"
#include "papr/memory_hotplug.h"
#include "tests/unit/papr/guest_rig.h"
#include "tests/unit/wait.h"

#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>

#define GIB (1ull << 30)
#ifdef __SANITIZE_THREAD__
#define CEILING (512 * GIB)            /* it leaves no room for more */
#else
#define CEILING (8192 * GIB)
#endif
#define BOOT (3 * GIB)

struct play {
    struct rig rig;
    uint32_t stuck_first, stuck_n;      /* blocks that this guest does not part with */
    uint32_t broken_first, broken_n;    /* blocks that it fails to take */
    bool early_configure;               /* refuses as older kernels do: by configure-connector alone */
    unsigned batches;                   /* asked to take, not counting fences */
    struct lock lock;                   /* the rest: an event may come from the thread that watches the guest */
    char deleted[128], kept[64], resized[64];
    uint64_t told_bytes;
};

static void sink(void *opaque, const struct papr_event *ev)
{
    struct play *g = opaque;
    size_t n;

    lock_take(&g->lock);
    n = strlen(g->deleted);
    if (ev->kind == PAPR_EVENT_DEVICE_DELETED)
        snprintf(g->deleted + n, sizeof(g->deleted) - n, ev->why ? "%s (%s)" : "%s", ev->text, ev->why);
    else if (ev->kind == PAPR_EVENT_UNPLUG_ERROR)
        snprintf(g->kept, sizeof(g->kept), "%s", ev->text);
    else if (ev->kind == PAPR_EVENT_RESIZED)
        snprintf(g->resized, sizeof(g->resized), "%s", ev->text);
    else if (ev->kind == PAPR_EVENT_MEMORY_SIZE)
        g->told_bytes = ev->bytes;
    lock_drop(&g->lock);
}

static struct play *play_new(void)
{
    static struct play g;
    struct papr_config cfg = {
        .kernel = "/nonexistent", .memory_bytes = BOOT, .max_memory_bytes = CEILING, .cpus = 1, .level = ISA_LEVEL_3_00,
    };
    struct error err = { 0 };

    rcu_register_thread();
    g = (struct play){ .rig = { .p = papr_new(&cfg, &err) } };
    if (!g.rig.p)
        fail_msg("%s", err.msg);
    lock_init(&g.lock);
    g.rig.v = papr_vcpu(g.rig.p, 0);
    g.rig.v->stopped = false;
    papr_set_event_sink(g.rig.p, sink, &g);
    return &g;
}

static void negotiate(struct play *g)
{
    struct cas_state *cas = papr_cas(g->rig.p);

    cas->negotiated = true;
    cas->ov5[OV5_DRMEM >> 8] |= OV5_DRMEM & 0xff;
    cas->ov5[OV5_HP_EVT >> 8] |= OV5_HP_EVT & 0xff;
    events_cas(papr_events(g->rig.p), true);
    memory_hotplug_reset_begin(papr_memory_hotplug(g->rig.p), g->rig.v);
    drc_reset(papr_drcs(g->rig.p), g->rig.v);
    memory_hotplug_reset_end(papr_memory_hotplug(g->rig.p), true);
}

static int up(void **state)
{
    struct play *g = play_new();

    negotiate(g);
    *state = g;
    return 0;
}

static int down(void **state)
{
    struct play *g = *state;

    rig_down(&g->rig);
    return 0;
}

static bool in(uint32_t id, uint32_t first, uint32_t n)
{
    return id >= first && id - first < n;
}

static int32_t set(struct play *g, uint32_t type, uint32_t id, uint32_t value)
{
    return RTAS(&g->rig, "set-indicator", 1, type, DRC_INDEX(DRC_LMB, id), value);
}

static void configure(struct play *g, uint32_t id)
{
    rig_put32(&g->rig, RIG_BUFFER, DRC_INDEX(DRC_LMB, id));
    rig_put32(&g->rig, RIG_BUFFER + 4, 0);
    while (RTAS(&g->rig, "ibm,configure-connector", 1, RIG_BUFFER, 0) > 0)
        ;
}

static enum drc_state state_of(struct play *g, uint32_t id)
{
    struct drc_view v;

    assert_true(drc_get(papr_drcs(g->rig.p), DRC_INDEX(DRC_LMB, id), &v));
    return v.state;
}

static bool add_one(struct play *g, uint32_t id)
{
    assert_int_equal(RTAS(&g->rig, "get-sensor-state", 2, 9003, DRC_INDEX(DRC_LMB, id)), 0);
    if (rtas_result(&g->rig, 2, 1) != DRC_SENSE_UNUSABLE || set(g, 9003, id, 1))
        return false;
    assert_int_equal(set(g, 9001, id, 1), 0);
    configure(g, id);
    if (!in(id, g->broken_first, g->broken_n))
        return true;
    assert_int_equal(set(g, 9001, id, 0), 0);
    assert_int_equal(set(g, 9003, id, 0), 0);
    return false;
}

static void release(struct play *g, uint32_t id)
{
    assert_int_equal(set(g, 9001, id, 0), 0);
    assert_int_equal(set(g, 9003, id, 0), 0);
}

static void add(struct play *g, uint32_t first, uint32_t n)
{
    uint32_t id = first;

    g->batches += n > 1;
    while (id < first + n && add_one(g, id))
        id++;
    if (id == first + n)
        return;
    while (id-- > first)
        release(g, id);
}

static void take_away(struct play *g, uint32_t first, uint32_t n)
{
    for (uint32_t id = first; id < first + n; id++) {
        if (!in(id, g->stuck_first, g->stuck_n))
            continue;
        while (n > 1 && id-- > first) {
            if (!g->early_configure)
                assert_int_equal(set(g, 9001, id, 1), 0);
            configure(g, id);
        }
        return;
    }
    for (uint32_t id = first; id < first + n; id++)
        if (state_of(g, id) == DRC_CONFIGURED)
            release(g, id);
}

/* Handles one record. False: none. */
static bool handle(struct play *g)
{
    uint8_t log[116];
    uint32_t n, first;

    if (RTAS(&g->rig, "check-exception", 1, 0x500, IRQ_HOTPLUG, EVENT_MASK_HOTPLUG, 1, RIG_BUFFER, sizeof(log)))
        return false;
    assert_true(papr_read(g->rig.p, RIG_BUFFER, log, sizeof(log)));
    n = log[106] == HOTPLUG_ID_COUNT_INDEX ? be32_get(log + 108) : 1;
    first = be32_get(log + (n > 1 || log[106] == HOTPLUG_ID_COUNT_INDEX ? 112 : 108)) & DRC_ID_MASK;
    if (log[105] == HOTPLUG_ADD)
        add(g, first, n);
    else
        take_away(g, first, n);
    return true;
}

static struct memory_status status(struct play *g)
{
    struct memory_status s;

    papr_memory_status(g->rig.p, &s);
    return s;
}

static void work_off(struct play *g)
{
    while (handle(g))
        ;
}

/* Lets the guest work until the resize is over. */
static struct memory_status work(struct play *g)
{
    WAIT_FOR((work_off(g), status(g).outcome != RESIZE_RUNNING));
    work_off(g);
    return status(g);
}

static void resize(struct play *g, uint64_t bytes)
{
    struct error err = { 0 };

    if (papr_resize_memory(g->rig.p, bytes, 0, &err))
        fail_msg("%s", err.msg);
}

static void check_map(struct play *g, uint32_t first, uint32_t end)
{
    for (uint32_t id = first; id < end; id++)
        assert_int_equal(papr_is_ram(g->rig.p, lmb_start(id), PAPR_LMB_SIZE), state_of(g, id) != DRC_UNUSABLE);
}

static void grows_in_batches_and_shrinks_again(void **state)
{
    struct play *g = *state;
    struct memory_status s;

    resize(g, BOOT + 256 * GIB);
    assert_int_equal(status(g).batches, 1);
    s = work(g);
    assert_int_equal(s.outcome, RESIZE_DONE);
    assert_int_equal(s.blocks_done, 1024);
    assert_int_equal(s.present_bytes, BOOT + 256 * GIB);
    assert_int_equal(s.held_bytes, BOOT + 256 * GIB);
    assert_int_equal(g->batches, 16);
    assert_int_equal(g->told_bytes, 256 * GIB);
    assert_string_equal(g->resized, "done");
    check_map(g, 4, 1100);
    resize(g, BOOT);
    s = work(g);
    assert_int_equal(s.outcome, RESIZE_DONE);
    assert_int_equal(s.blocks_done, 1024);
    assert_int_equal(g->told_bytes, 0);
    assert_true(drc_at_rest(papr_drcs(g->rig.p)));
    check_map(g, 4, 1100);
}

static void boot_memory_above_the_first_gib_goes_too(void **state)
{
    struct play *g = *state;

    resize(g, GIB);
    assert_int_equal(work(g).outcome, RESIZE_DONE);
    assert_int_equal(status(g).held_bytes, GIB);
    resize(g, BOOT);
    assert_int_equal(work(g).outcome, RESIZE_DONE);
    assert_true(drc_at_rest(papr_drcs(g->rig.p)));
}

static void refused(struct play *g, bool early_configure)
{
    struct memory_status s;

    g->early_configure = early_configure;
    resize(g, BOOT + 8 * GIB);
    assert_int_equal(work(g).outcome, RESIZE_DONE);
    g->stuck_first = 12;
    g->stuck_n = 8;
    resize(g, BOOT);
    s = work(g);
    assert_int_equal(s.outcome, RESIZE_DONE);       /* boot memory went in their place */
    assert_int_equal(s.held_bytes, BOOT);
    assert_int_equal(s.blocks_refused, 8);
    for (uint32_t id = 12; id < 20; id++)
        assert_int_equal(state_of(g, id), DRC_CONFIGURED);
    g->stuck_first = 4;
    g->stuck_n = 64;
    resize(g, 2 * GIB);
    s = work(g);
    assert_int_equal(s.outcome, RESIZE_REFUSED);
    assert_int_equal(s.held_bytes, BOOT);
    assert_int_equal(s.present_bytes, BOOT);
    g->stuck_n = 0;
    resize(g, GIB + 256 * (1 << 20));
    assert_int_equal(work(g).outcome, RESIZE_DONE);
}

static void blocks_the_guest_keeps_are_found_one_by_one(void **state)
{
    refused(*state, false);
}

static void so_they_are_with_a_guest_that_refuses_by_configuring(void **state)
{
    refused(*state, true);
}

static void what_the_guest_fails_to_take_is_withdrawn(void **state)
{
    struct play *g = *state;
    struct memory_status s;

    g->broken_first = 40;
    g->broken_n = 1000;
    resize(g, BOOT + 20 * GIB);
    s = work(g);
    assert_int_equal(s.outcome, RESIZE_PARTIAL);
    assert_int_equal(s.held_bytes, 40 * PAPR_LMB_SIZE);
    assert_int_equal(s.present_bytes, s.held_bytes);
    check_map(g, 4, 200);
}

static void a_silent_guest_runs_into_the_time_limit(void **state)
{
    struct play *g = *state;
    struct error err;

    assert_int_equal(papr_resize_memory(g->rig.p, BOOT + GIB, 100000000, &err), 0);
    WAIT_FOR(status(g).outcome != RESIZE_RUNNING);
    assert_int_equal(status(g).outcome, RESIZE_TIMED_OUT);
    assert_int_equal(status(g).present_bytes, BOOT);
    work_off(g);
    assert_true(drc_at_rest(papr_drcs(g->rig.p)));
}

static void a_late_release_still_counts(void **state)
{
    struct play *g = *state;
    struct error err;

    assert_int_equal(papr_resize_memory(g->rig.p, BOOT - GIB, 1, &err), 0);
    WAIT_FOR(status(g).outcome != RESIZE_RUNNING);
    assert_int_equal(status(g).outcome, RESIZE_TIMED_OUT);
    assert_int_equal(status(g).present_bytes, BOOT);
    work_off(g);
    assert_int_equal(status(g).present_bytes, BOOT - GIB);
}

static void cancelling_ends_it(void **state)
{
    struct play *g = *state;
    struct error err;

    assert_int_equal(papr_resize_cancel(g->rig.p, &err), -ENOENT);
    resize(g, BOOT + GIB);
    assert_int_equal(papr_resize_memory(g->rig.p, BOOT + GIB, 0, &err), -EBUSY);
    assert_int_equal(papr_resize_cancel(g->rig.p, &err), 0);
    assert_int_equal(status(g).outcome, RESIZE_CANCELLED);
    assert_int_equal(status(g).present_bytes, BOOT);
}

static void impossible_sizes_are_refused_and_change_nothing(void **state)
{
    struct play *g = *state;
    const uint64_t bad[] = {
        0, 1, GIB - 1, GIB + 1, GIB + (128 << 20), GIB - PAPR_LMB_SIZE, CEILING + 1, CEILING + PAPR_LMB_SIZE,
        CEILING - 1, 1ull << 63, UINT64_MAX,
    };
    struct error err;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(papr_resize_memory(g->rig.p, bad[i], 0, &err), -EINVAL);
        assert_true(err.msg[0]);
    }
    assert_true(drc_at_rest(papr_drcs(g->rig.p)));
    assert_int_equal(events_pending(papr_events(g->rig.p)), 0);
    resize(g, BOOT);
    assert_int_equal(status(g).outcome, RESIZE_DONE);
    resize(g, CEILING - PAPR_LMB_SIZE);
    assert_int_equal(papr_resize_cancel(g->rig.p, &err), 0);
    resize(g, CEILING);
    assert_int_equal(papr_resize_cancel(g->rig.p, &err), 0);
    work_off(g);
    assert_true(drc_at_rest(papr_drcs(g->rig.p)));
}

static void before_cas_it_waits_and_then_is_done_at_once(void **state)
{
    struct play *g = *state;
    struct cas_state *cas = papr_cas(g->rig.p);

    cas_reset(cas);
    resize(g, BOOT + 4 * GIB);
    assert_int_equal(status(g).outcome, RESIZE_WAITING);
    assert_int_equal(events_pending(papr_events(g->rig.p)), 0);
    negotiate(g);
    assert_int_equal(status(g).outcome, RESIZE_DONE);
    assert_int_equal(status(g).held_bytes, BOOT + 4 * GIB);
    check_map(g, 4, 40);
    cas_reset(cas);
    resize(g, 2 * GIB);
    negotiate(g);
    assert_int_equal(status(g).outcome, RESIZE_DONE);
    assert_int_equal(status(g).held_bytes, 2 * GIB);
}

/* Requests, good and bad, while connectors are being reset: done at its end, or refused as ever. */
static void requests_during_cas_or_reboot_wait_for_its_end(void **state)
{
    struct play *g = *state;
    struct memory_hotplug *m = papr_memory_hotplug(g->rig.p);
    struct error err;

    for (unsigned cas = 0; cas < 2; cas++) {
        cas_reset(papr_cas(g->rig.p));
        memory_hotplug_reset_begin(m, g->rig.v);
        resize(g, BOOT + (2 + cas) * GIB);
        assert_int_equal(papr_resize_memory(g->rig.p, BOOT + GIB, 0, &err), -EBUSY);
        assert_int_equal(papr_resize_memory(g->rig.p, CEILING + PAPR_LMB_SIZE, 0, &err), -EINVAL);
        assert_int_equal(papr_resize_memory(g->rig.p, 1ull << 63, 0, &err), -EINVAL);
        assert_int_equal(status(g).held_bytes, BOOT + 2 * cas * GIB);
        drc_reset(papr_drcs(g->rig.p), g->rig.v);
        memory_hotplug_reset_end(m, cas);
        if (!cas) {                                     /* a reboot: the new kernel's CAS does it */
            assert_int_equal(status(g).outcome, RESIZE_WAITING);
            negotiate(g);
        }
        assert_int_equal(status(g).outcome, RESIZE_DONE);
        assert_int_equal(status(g).held_bytes, BOOT + (2 + cas) * GIB);
        check_map(g, 4, 40);
    }
}

static void a_reboot_in_the_middle_completes_it(void **state)
{
    struct play *g = *state;

    resize(g, BOOT + 100 * GIB);
    assert_true(handle(g));
    negotiate(g);
    assert_int_equal(status(g).outcome, RESIZE_DONE);
    assert_int_equal(status(g).held_bytes, BOOT + 100 * GIB);
    resize(g, BOOT);
    assert_true(handle(g));
    negotiate(g);
    assert_int_equal(status(g).outcome, RESIZE_DONE);
    assert_int_equal(status(g).held_bytes, BOOT);
    assert_int_equal(events_pending(papr_events(g->rig.p)), 0);
    assert_true(drc_at_rest(papr_drcs(g->rig.p)));
}

static void a_guest_may_give_a_block_back_and_take_it_again(void **state)
{
    struct play *g = *state;

    release(g, 11);
    assert_int_equal(status(g).held_bytes, BOOT - PAPR_LMB_SIZE);
    assert_int_equal(status(g).present_bytes, BOOT);
    assert_true(add_one(g, 11));
    assert_true(drc_at_rest(papr_drcs(g->rig.p)));
    release(g, 11);
    resize(g, BOOT);                        /* takes up what was given back */
    assert_int_equal(work(g).outcome, RESIZE_DONE);
    assert_int_equal(status(g).held_bytes, BOOT);
}

static void dimm(struct play *g, const char *id, uint64_t addr, uint64_t bytes, int expected)
{
    struct dimm_spec spec = { .addr = addr, .size_bytes = bytes };
    struct error err;

    snprintf(spec.id, sizeof(spec.id), "%s", id);
    assert_int_equal(papr_dimm_plug(g->rig.p, &spec, &err), expected);
}

static bool device_told(struct play *g)
{
    bool told;

    lock_take(&g->lock);
    told = g->deleted[0] || g->kept[0];
    lock_drop(&g->lock);
    return told;
}

static void settle_all(struct play *g)
{
    WAIT_FOR((work_off(g), device_told(g)));
}

static void devices_come_and_go_as_a_whole(void **state)
{
    struct play *g = *state;
    struct dimm_view v;
    struct error err;

    dimm(g, "d0", UINT64_MAX, 4 * GIB, 0);
    dimm(g, "d1", 100 * GIB, 2 * GIB, 0);
    work_off(g);
    assert_int_equal(status(g).held_bytes, BOOT + 6 * GIB);
    assert_true(papr_dimm_get(g->rig.p, 1, &v));
    assert_int_equal(v.spec.addr, 100 * GIB);
    dimm(g, "d1", UINT64_MAX, GIB, -EEXIST);
    dimm(g, "d2", 101 * GIB, GIB, -EINVAL);
    dimm(g, "d2", 0, GIB, -EINVAL);
    dimm(g, "d2", GIB + 1, GIB, -EINVAL);
    dimm(g, "d2", 200 * GIB, 0, -EINVAL);
    dimm(g, "d2", 200 * GIB, 1 << 20, -EINVAL);
    dimm(g, "d2", CEILING - GIB, 2 * GIB, -EINVAL);
    dimm(g, "d2", CEILING, GIB, -EINVAL);
    dimm(g, "d2", 1ull << 63, GIB, -EINVAL);
    dimm(g, "d2", UINT64_MAX, CEILING, -ENOSPC);
    dimm(g, "d2", UINT64_MAX, 1ull << 63, -ENOSPC);
    assert_int_equal(papr_dimm_unplug(g->rig.p, "d2", &err), -ENOENT);
    g->stuck_first = 401;
    g->stuck_n = 1;
    assert_int_equal(papr_dimm_unplug(g->rig.p, "d1", &err), 0);
    assert_int_equal(papr_dimm_unplug(g->rig.p, "d1", &err), -EBUSY);
    settle_all(g);
    assert_string_equal(g->kept, "d1");
    assert_int_equal(status(g).held_bytes, BOOT + 6 * GIB);
    resize(g, BOOT + 2 * GIB);                      /* the resize leaves devices alone, and takes boot memory */
    assert_int_equal(work(g).outcome, RESIZE_PARTIAL);
    g->kept[0] = 0;
    g->stuck_n = 0;
    assert_int_equal(papr_dimm_unplug(g->rig.p, "d1", &err), 0);
    settle_all(g);
    assert_string_equal(g->deleted, "d1");
    assert_int_equal(status(g).held_bytes, 5 * GIB);
}

static void a_devices_memory_is_as_its_policy_says(void **state)
{
    struct play *g = *state;
    struct dimm_spec spec = { .id = "d0", .addr = UINT64_MAX, .size_bytes = PAPR_LMB_SIZE,
                              .policy = { .backing = RAM_MEMFD } };
    struct dimm_view v;
    struct error err;
    uint64_t off, word = 0x1122334455667788;
    int fd;

    assert_int_equal(papr_dimm_plug(g->rig.p, &spec, &err), 0);
    work_off(g);
    assert_true(papr_dimm_get(g->rig.p, 0, &v));
    assert_true(papr_write(g->rig.p, v.spec.addr + 8192, &word, 8));
    fd = ram_window_fd(papr_ram(g->rig.p), ra(v.spec.addr), &off);
    assert_true(fd >= 0);
    word = 0;
    assert_int_equal(pread(fd, &word, 8, (off_t)off + 8192), 8);
    assert_int_equal(word, 0x1122334455667788);
    assert_int_equal(papr_dimm_unplug(g->rig.p, "d0", &err), 0);
    settle_all(g);
    assert_string_equal(g->deleted, "d0");
    rcu_barrier();
    assert_int_equal(ram_window_fd(papr_ram(g->rig.p), ra(v.spec.addr), &off), -1);
    spec.policy = (struct ram_policy){ .backing = RAM_FILE, .path = "/nonexistent/file" };
    assert_true(papr_dimm_plug(g->rig.p, &spec, &err) < 0);
    assert_false(papr_dimm_get(g->rig.p, 0, &v));
    assert_true(drc_at_rest(papr_drcs(g->rig.p)));
}

static void many_devices_need_no_slots(void **state)
{
    struct play *g = *state;
    struct dimm_view v;
    unsigned n = 0;

    for (unsigned i = 0; i < 100; i++) {
        char id[16];

        snprintf(id, sizeof(id), "d%u", i);
        dimm(g, id, UINT64_MAX, PAPR_LMB_SIZE, 0);
    }
    work_off(g);
    assert_int_equal(status(g).held_bytes, BOOT + 25 * GIB);
    while (papr_dimm_get(g->rig.p, n, &v))
        n++;
    assert_int_equal(n, 100);
}

struct saved_part {
    const struct state_list *list;
    void *obj;
};

static void list_parts(struct play *g, struct saved_part part[4])
{
    part[0] = (struct saved_part){ &cas_state_list, papr_cas(g->rig.p) };
    part[1] = (struct saved_part){ &drc_state, papr_drcs(g->rig.p) };
    part[2] = (struct saved_part){ &events_state, papr_events(g->rig.p) };
    part[3] = (struct saved_part){ &memory_hotplug_state, memory_hotplug_image(papr_memory_hotplug(g->rig.p)) };
}

/* A second machine that goes on where this one stands, which is given up. */
static void move(struct play *g)
{
    struct saved_part part[4];
    struct state_writer w;
    struct state_reader r;
    struct error err = { 0 };
    struct papr *old = g->rig.p;

    list_parts(g, part);
    state_writer_init(&w);
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(state_save(part[i].list, part[i].obj, 0, &w, &err), 0);
    g->rig.p = papr_new(papr_config(old), &err);
    assert_non_null(g->rig.p);
    g->rig.v = papr_vcpu(g->rig.p, 0);
    g->rig.v->stopped = false;
    papr_set_event_sink(g->rig.p, sink, g);
    papr_free(old);
    list_parts(g, part);
    state_reader_init(&r, w.out.data, w.out.len_bytes);
    for (unsigned i = 0; i < 4; i++)
        if (state_load(part[i].list, part[i].obj, 0, &r, &err))
            fail_msg("%s", err.msg);
    state_writer_fini(&w);
}

static void an_unfinished_change_goes_on_elsewhere(void **state)
{
    struct play *g = *state;
    struct dimm_view v;

    dimm(g, "d0", UINT64_MAX, GIB, 0);
    work_off(g);
    resize(g, BOOT + 41 * GIB);
    assert_true(handle(g));
    move(g);
    assert_int_equal(status(g).outcome, RESIZE_RUNNING);
    assert_int_equal(status(g).blocks_wanted, 160);
    assert_int_equal(status(g).blocks_done, 64);
    assert_true(handle(g));
    move(g);
    assert_int_equal(work(g).outcome, RESIZE_DONE);
    assert_int_equal(status(g).held_bytes, BOOT + 41 * GIB);
    assert_true(papr_dimm_get(g->rig.p, 0, &v));
    assert_string_equal(v.spec.id, "d0");
    assert_int_equal(v.spec.size_bytes, GIB);
    g->stuck_first = 100;
    g->stuck_n = 1;
    resize(g, BOOT + GIB);
    for (unsigned i = 0; i < 4; i++) {
        WAIT_FOR(handle(g));
        move(g);
        check_map(g, 4, 200);
    }
    assert_int_equal(work(g).outcome, RESIZE_DONE);
    assert_int_equal(status(g).held_bytes, BOOT + GIB);
    assert_int_equal(status(g).blocks_refused, 1);
    assert_int_equal(state_of(g, 100), DRC_CONFIGURED);
}

/* false: it is gone. */
static bool device(struct play *g, const char *id, struct dimm_view *v)
{
    for (unsigned n = 0; papr_dimm_get(g->rig.p, n, v); n++)
        if (!strcmp(v->spec.id, id))
            return true;
    return false;
}

static void prealloc(struct play *g, const char *id, enum ram_backing backing, const char *path)
{
    struct dimm_spec spec = {
        .addr = UINT64_MAX, .size_bytes = PAPR_LMB_SIZE,
        .policy = { .backing = backing, .path = path, .prealloc = true },
    };
    struct error err;

    snprintf(spec.id, sizeof(spec.id), "%s", id);
    if (papr_dimm_plug(g->rig.p, &spec, &err) < 0)
        fail_msg("%s", err.msg);
}

static void a_devices_memory_is_taken_before_the_guest_hears_of_it(void **state)
{
    struct play *g = *state;
    unsigned char in_core = 0, *last;
    struct dimm_view v;

    dimm(g, "d0", UINT64_MAX, PAPR_LMB_SIZE, 0);
    prealloc(g, "d1", RAM_ANONYMOUS, NULL);
    assert_true(device(g, "d1", &v));
    assert_int_equal(v.untaken_bytes, PAPR_LMB_SIZE);           /* the guest has not taken d0 yet: it waits its turn */
    assert_int_equal(status(g).present_bytes, BOOT + PAPR_LMB_SIZE);
    move(g);                                                    /* taking is not saved, the job is */
    WAIT_FOR((work_off(g), status(g).held_bytes == BOOT + 2 * PAPR_LMB_SIZE));

    prealloc(g, "d2", RAM_ANONYMOUS, NULL);
    WAIT_FOR(!device(g, "d2", &v) || !v.untaken_bytes);
    last = ram_window_base(papr_ram(g->rig.p)) + v.spec.addr + PAPR_LMB_SIZE - 65536;
    assert_int_equal(mincore(last, 4096, &in_core), 0);
    assert_int_equal(in_core & 1, 1);
    WAIT_FOR((work_off(g), status(g).held_bytes == BOOT + 3 * PAPR_LMB_SIZE));
}

static void a_device_whose_memory_is_not_taken_goes_again(void **state)
{
    struct play *g = *state;
    struct dimm_view v;
    struct error err;
    char path[64];
    int fd = memfd_create("ram", 0);

    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    dimm(g, "d0", UINT64_MAX, PAPR_LMB_SIZE, 0);
    prealloc(g, "d1", RAM_FILE, path);
    prealloc(g, "d2", RAM_ANONYMOUS, NULL);
    assert_int_equal(papr_dimm_unplug(g->rig.p, "d2", &err), 0);    /* both wait for the guest, which takes d0 below */
    assert_int_equal(papr_dimm_unplug(g->rig.p, "d2", &err), -EBUSY);
    assert_int_equal(ftruncate(fd, 0), 0);
    WAIT_FOR((work_off(g), !device(g, "d2", &v)));
    assert_false(device(g, "d1", &v));
    assert_string_equal(g->deleted, "d1 (guest memory cannot all be taken now: Bad address)d2");
    resize(g, BOOT + 2 * PAPR_LMB_SIZE);                                /* its range is free again */
    assert_int_equal(work(g).outcome, RESIZE_DONE);
    close(fd);
}

static void damaged_jobs_are_refused(void **state)
{
    struct play *g = *state;
    struct memory_image *m = memory_hotplug_image(papr_memory_hotplug(g->rig.p));
    struct state_writer w;
    struct error err;

    dimm(g, "d0", UINT64_MAX, GIB, 0);
    dimm(g, "d1", UINT64_MAX, GIB, 0);
    state_writer_init(&w);
    assert_int_equal(state_save(&memory_hotplug_state, m, 0, &w, &err), 0);
    for (size_t i = 0; i < w.out.len_bytes; i++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            struct state_reader r;

            w.out.data[i] ^= (uint8_t)(1u << bit);
            state_reader_init(&r, w.out.data, w.out.len_bytes);
            (void)state_load(&memory_hotplug_state, m, 0, &r, &err);
            w.out.data[i] ^= (uint8_t)(1u << bit);
        }
    }
    memory_hotplug_forget(m);
    state_writer_fini(&w);
}

static unsigned lines_of(const char *path)
{
    FILE *f = fopen(path, "r");
    unsigned n = 0;

    for (int c; (c = fgetc(f)) != EOF;)
        n += c == '\n';
    fclose(f);
    return n;
}

static void a_thousand_cycles_leave_nothing_behind(void **state)
{
    struct play *g = *state;
    uint64_t seed = 3;
    unsigned maps = 0;

    for (unsigned cycle = 0; cycle < 1000; cycle++) {
        seed = seed * 6364136223846793005ull + 1442695040888963407ull;
        resize(g, BOOT + ((seed >> 33) % 64 + 1) * PAPR_LMB_SIZE);
        assert_int_equal(work(g).outcome, RESIZE_DONE);
        resize(g, BOOT);
        assert_int_equal(work(g).outcome, RESIZE_DONE);
        assert_true(drc_at_rest(papr_drcs(g->rig.p)));
        if (cycle == 10) {
            rcu_barrier();
            maps = lines_of("/proc/self/maps");
        }
    }
    rcu_barrier();
    /* Something left behind would be there a thousand times;
     * the map's nodes waiting for a grace period on a busy host are a few. */
    assert_true(lines_of("/proc/self/maps") <= maps + 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, up, down)
        T(grows_in_batches_and_shrinks_again),
        T(boot_memory_above_the_first_gib_goes_too),
        T(blocks_the_guest_keeps_are_found_one_by_one),
        T(so_they_are_with_a_guest_that_refuses_by_configuring),
        T(what_the_guest_fails_to_take_is_withdrawn),
        T(a_silent_guest_runs_into_the_time_limit),
        T(a_late_release_still_counts),
        T(cancelling_ends_it),
        T(impossible_sizes_are_refused_and_change_nothing),
        T(before_cas_it_waits_and_then_is_done_at_once),
        T(requests_during_cas_or_reboot_wait_for_its_end),
        T(a_reboot_in_the_middle_completes_it),
        T(a_guest_may_give_a_block_back_and_take_it_again),
        T(devices_come_and_go_as_a_whole),
        T(a_devices_memory_is_as_its_policy_says),
        T(a_devices_memory_is_taken_before_the_guest_hears_of_it),
        T(a_device_whose_memory_is_not_taken_goes_again),
        T(many_devices_need_no_slots),
        T(an_unfinished_change_goes_on_elsewhere),
        T(damaged_jobs_are_refused),
        T(a_thousand_cycles_leave_nothing_behind),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
