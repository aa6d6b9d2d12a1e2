/* SPDX-License-Identifier: Apache-2.0 */
/* Event logs: their bytes, and the queue between machine and guest. */
#include "tests/unit/hcall_rig.h"

#include <errno.h>

#include "base/endian.h"
#include "papr/events.h"
#include "papr/rtas.h"

#define BUFFER 0x8000u
#define T_2026_01_15_12_34_56 1768480496

static int up(void **state)
{
    static struct rig rig;
    struct xive_setting on = { 0, 5, 5 };

    rig_up(&rig, 1, ISA_LEVEL_3_00, NULL);
    xics_set_cppr(papr_xics(rig.p), 0, 0xff);
    assert_true(xics_source_set(papr_xics(rig.p), IRQ_EPOW, on));
    assert_true(xics_source_set(papr_xics(rig.p), IRQ_HOTPLUG, on));
    *state = &rig;
    return 0;
}

static int32_t check_exception(struct rig *r, uint32_t mask, uint32_t buffer, uint32_t len)
{
    uint32_t arg[7] = { 0x500, 0, mask, 1, buffer, len, 0 }, ret[1];

    return rtas_check_exception(r->v, arg, ret);
}

/* The next interrupt, 0: none; its handler fetches one record of the mask, if any is given. */
static uint32_t interrupt(struct rig *r, uint32_t mask)
{
    uint32_t xirr = xics_accept(papr_xics(r->p), 0);

    if (!(xirr & 0xffffff))
        return 0;
    if (mask)
        assert_int_equal(check_exception(r, mask, BUFFER, 2048), 0);
    xics_eoi(papr_xics(r->p), 0, xirr);
    return xirr & 0xffffff;
}

static const struct hotplug_event add4 = { HOTPLUG_MEMORY, HOTPLUG_ADD, HOTPLUG_ID_COUNT_INDEX, 4, 0x80000010 };

static void a_hotplug_record_is_as_the_specification_shows(void **unused)
{
    static const uint8_t expected[116] = {
        0x06, 0x34, 0x60, 0xe5, 0x00, 0x00, 0x00, 0x6c, 0x86, 0x00, 0x8e, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
        0x00, 0x00, 0x00, 0x49, 0x42, 0x4d, 0x00, 0x50, 0x48, 0x00, 0x30, 0x00, 0x00, 0x00, 0x00, 0x20, 0x26,
        0x01, 0x15, 0x12, 0x34, 0x56, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x48, 0x00, 0x00,
        0x03, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01,
        0x00, 0x00, 0x00, 0x00, 0x55, 0x48, 0x00, 0x18, 0x00, 0x00, 0x00, 0x00, 0x80, 0x00, 0x00, 0x00, 0x00,
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x48, 0x50, 0x00, 0x14, 0x01, 0x00,
        0x00, 0x00, 0x02, 0x01, 0x04, 0x00, 0x00, 0x00, 0x00, 0x04, 0x80, 0x00, 0x00, 0x10,
    };
    uint8_t got[EVENT_LOG_MAX];

    (void)unused;
    assert_int_equal(event_build_hotplug(got, &add4, T_2026_01_15_12_34_56, 1), sizeof(expected));
    assert_memory_equal(got, expected, sizeof(expected));
}

static void other_identifiers_are_written_in_their_places(void **unused)
{
    struct hotplug_event by_index = { HOTPLUG_CPU, HOTPLUG_REMOVE, HOTPLUG_ID_INDEX, 7, 0x10000008 };
    struct hotplug_event by_count = { HOTPLUG_MEMORY, HOTPLUG_REMOVE, HOTPLUG_ID_COUNT, 7, 9 };
    uint8_t got[EVENT_LOG_MAX];

    (void)unused;
    assert_int_equal(event_build_hotplug(got, &by_index, 0, 2), 116);
    assert_memory_equal(got + 104, "\x01\x02\x02\x00\x10\x00\x00\x08\x00\x00\x00\x00", 12);
    assert_int_equal(event_build_hotplug(got, &by_count, 0, 2), 116);
    assert_memory_equal(got + 104, "\x02\x02\x03\x00\x00\x00\x00\x07\x00\x00\x00\x00", 12);
}

static void a_shutdown_record_is_an_epow(void **unused)
{
    uint8_t got[EVENT_LOG_MAX];

    (void)unused;
    assert_int_equal(event_build_epow_shutdown(got, T_2026_01_15_12_34_56, 3), 116);
    assert_int_equal(be32_get(got), 0x06340040);
    assert_int_equal(be32_get(got + 4), 108);
    assert_int_equal(got[0x50], 0xa0);
    assert_int_equal(got[0x53], 0xd0);
    assert_memory_equal(got + 0x60, "EP\0\x14\x02\0\0\0\x03\x01\x01\0", 12);
}

static void the_power_button_reaches_the_guest(void **state)
{
    struct rig *r = *state;
    uint8_t log[116];

    assert_int_equal(check_exception(r, EVENT_MASK_EPOW, BUFFER, 2048), 1);
    assert_int_equal(interrupt(r, 0), 0);
    assert_int_equal(events_power_button(papr_events(r->p)), 0);
    assert_int_equal(check_exception(r, EVENT_MASK_HOTPLUG, BUFFER, 2048), 1);
    assert_int_equal(interrupt(r, 0), IRQ_EPOW);
    assert_int_equal(interrupt(r, EVENT_MASK_EPOW), IRQ_EPOW);
    assert_true(papr_read(r->p, BUFFER, log, sizeof(log)));
    assert_memory_equal(log + 0x60, "EP", 2);
    assert_int_equal(check_exception(r, EVENT_MASK_EPOW, BUFFER, 2048), 1);
    assert_int_equal(interrupt(r, 0), 0);
}

static void hotplug_records_use_their_own_interrupt_if_agreed(void **state)
{
    struct rig *r = *state;
    struct events *e = papr_events(r->p);

    assert_int_equal(events_hotplug(e, &add4), 0);
    assert_int_equal(check_exception(r, EVENT_MASK_HOTPLUG, BUFFER, 2048), 1);
    assert_int_equal(interrupt(r, EVENT_MASK_EPOW), IRQ_EPOW);
    assert_int_equal(rig_get32(r, BUFFER), 0x063460e5);
    /* CAS: what the guest has not heard of it sees in the tree. */
    events_hotplug(e, &add4);
    events_power_button(e);
    events_hotplug(e, &add4);
    events_cas(e, true);
    assert_int_equal(events_pending(e), 1);
    events_hotplug(e, &add4);
    assert_int_equal(interrupt(r, EVENT_MASK_EPOW), IRQ_EPOW);
    assert_int_equal(interrupt(r, EVENT_MASK_HOTPLUG), IRQ_HOTPLUG);
    assert_int_equal(interrupt(r, 0), 0);
    events_hotplug(e, &add4);
    events_reset(e);
    assert_int_equal(events_pending(e), 0);
    assert_false(events_hotplug_source(e));
}

/* However records and interrupts fall together: a handler that runs finds a record, and none is left behind. */
static void every_interrupt_has_a_record_and_every_record_an_interrupt(void **state)
{
    struct rig *r = *state;
    struct events *e = papr_events(r->p);
    uint64_t seed = 77;
    unsigned queued = 0, handled = 0;

    events_cas(e, true);
    while (handled < 2000) {
        seed = seed * 6364136223846793005ull + 1442695040888963407ull;
        if (seed >> 40 & 1)
            queued += events_hotplug(e, &add4) == 0;
        else if (interrupt(r, EVENT_MASK_HOTPLUG))
            assert_int_equal(rig_get32(r, BUFFER + 0x40), ++handled);
        assert_int_equal(rtas_event_scan(r->v, (uint32_t[]){ ~0u, 0, BUFFER, 2048 }, (uint32_t[1]){ 0 }), 1);
        assert_int_equal(events_pending(e), queued - handled);
    }
    while (interrupt(r, EVENT_MASK_HOTPLUG))
        handled++;
    assert_int_equal(queued, handled);
}

static void the_guests_buffer_is_respected(void **state)
{
    struct rig *r = *state;
    struct events *e = papr_events(r->p);

    events_power_button(e);
    rig_put32(r, BUFFER + 20, 0x12345678);
    assert_int_equal(check_exception(r, EVENT_MASK_EPOW, RIG_MEMORY, 2048), -3);
    assert_int_equal(check_exception(r, EVENT_MASK_EPOW, RIG_MEMORY - 100, 2048), -3);
    assert_int_equal(check_exception(r, EVENT_MASK_EPOW, 0xffffffff, 2048), -3);
    assert_int_equal(events_pending(e), 1);
    assert_int_equal(check_exception(r, EVENT_MASK_EPOW, BUFFER, 20), 0);
    assert_int_equal(rig_get32(r, BUFFER), 0x06340040);
    assert_int_equal(rig_get32(r, BUFFER + 20), 0x12345678);
    events_power_button(e);
    assert_int_equal(check_exception(r, EVENT_MASK_EPOW, RIG_MEMORY - 116, 2048), 0);
}

static void a_guest_that_never_reads_fills_the_queue(void **state)
{
    struct rig *r = *state;
    struct events *e = papr_events(r->p);

    for (unsigned i = 0; i < EVENT_QUEUE_MAX; i++)
        assert_int_equal(events_hotplug(e, &add4), 0);
    assert_int_equal(events_hotplug(e, &add4), -ENOSPC);
    assert_int_equal(events_power_button(e), -ENOSPC);
    assert_int_equal(check_exception(r, EVENT_MASK_EPOW, BUFFER, 2048), 0);
    assert_int_equal(events_power_button(e), 0);
}

static void pending_records_are_saved(void **state)
{
    struct rig *r = *state, other;
    struct state_writer w;
    struct state_reader rd;
    struct error err;

    events_cas(papr_events(r->p), true);
    events_power_button(papr_events(r->p));
    events_hotplug(papr_events(r->p), &add4);
    state_writer_init(&w);
    assert_int_equal(state_save(&events_state, papr_events(r->p), 0, &w, &err), 0);
    rig_new(&other, 1, ISA_LEVEL_3_00, NULL);
    state_reader_init(&rd, w.out.data, w.out.len_bytes);
    assert_int_equal(state_load(&events_state, papr_events(other.p), 0, &rd, &err), 0);
    assert_int_equal(events_pending(papr_events(other.p)), 2);
    assert_int_equal(check_exception(&other, EVENT_MASK_HOTPLUG, BUFFER, 2048), 0);
    assert_int_equal(rig_get32(&other, BUFFER + 112), 0x80000010);
    assert_int_equal(rig_get32(&other, BUFFER + 0x40), 2);
    /* Every truncation is refused. */
    for (size_t cut = 1; cut < 116; cut++) {
        state_reader_init(&rd, w.out.data, w.out.len_bytes - cut);
        assert_true(state_load(&events_state, papr_events(other.p), 0, &rd, &err) < 0);
    }
    state_writer_fini(&w);
    papr_free(other.p);
}

#define T(name) cmocka_unit_test_setup_teardown(name, up, rig_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hotplug_record_is_as_the_specification_shows),
        cmocka_unit_test(other_identifiers_are_written_in_their_places),
        cmocka_unit_test(a_shutdown_record_is_an_epow),
        T(the_power_button_reaches_the_guest),
        T(hotplug_records_use_their_own_interrupt_if_agreed),
        T(every_interrupt_has_a_record_and_every_record_an_interrupt),
        T(the_guests_buffer_is_respected),
        T(a_guest_that_never_reads_fills_the_queue),
        T(pending_records_are_saved),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
