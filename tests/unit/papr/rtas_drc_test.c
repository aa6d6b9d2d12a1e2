/* SPDX-License-Identifier: Apache-2.0 */
#include "base/endian.h"
#include "papr/drc.h"
#include "papr/lmb.h"
#include "tests/unit/papr/guest_rig.h"

enum { AREA = 0x30000, AREA_2 = 0x31000 };

static int up(void **state)
{
    return guest_rig_begin(state, 2, 16ull << 30);
}

static int32_t set(struct rig *r, uint32_t type, uint32_t index, uint32_t value)
{
    return RTAS(r, "set-indicator", 1, type, index, value);
}

static void plug(struct rig *r, uint32_t index)
{
    assert_int_equal(drc_attach(papr_drcs(r->p), index >> DRC_TYPE_SHIFT, index & DRC_ID_MASK, NULL), 0);
}

/* As Linux acquires a connector. */
static void acquire(struct rig *r, uint32_t index)
{
    assert_int_equal(RTAS(r, "get-sensor-state", 2, 9003, index), 0);
    assert_int_equal(rtas_result(r, 2, 1), DRC_SENSE_UNUSABLE);
    assert_int_equal(set(r, 9003, index, 1), 0);
    assert_int_equal(set(r, 9001, index, 1), 0);
}

static void start_walk(struct rig *r, uint32_t area, uint32_t index)
{
    rig_put32(r, area, index);
    rig_put32(r, area + 4, 0);
}

static int32_t step(struct rig *r, uint32_t area)
{
    return RTAS(r, "ibm,configure-connector", 1, area, 0);
}

static void text_at(struct rig *r, uint32_t area, unsigned cell, char *out, size_t len)
{
    assert_true(papr_read(r->p, area + rig_get32(r, area + 4 * cell), out, len));
    out[len - 1] = 0;
}

/* The node's name and the names of its properties, each followed by a blank. */
static void expect(struct rig *r, uint32_t area, int32_t answer, const char *name)
{
    char text[64];

    assert_int_equal(step(r, area), answer);
    if (!name)
        return;
    text_at(r, area, 2, text, sizeof(text));
    assert_string_equal(text, name);
}

static void a_block_is_walked_to_its_end(void **state)
{
    struct rig *r = *state;
    uint32_t index = DRC_INDEX(DRC_LMB, 9);
    struct drc_view view;

    plug(r, index);
    start_walk(r, AREA, index);
    assert_int_equal(step(r, AREA), -9003);
    acquire(r, index);
    expect(r, AREA, 2, "memory@90000000");
    expect(r, AREA, 3, "device_type");
    expect(r, AREA, 3, "reg");
    assert_int_equal(rig_get32(r, AREA + 12), 16);
    assert_int_equal(rig_get32(r, AREA + rig_get32(r, AREA + 16) + 4), 0x90000000);
    expect(r, AREA, 3, "ibm,associativity");
    assert_int_equal(rig_get32(r, AREA + 12), 20);
    expect(r, AREA, 3, "ibm,my-drc-index");
    assert_true(drc_get(papr_drcs(r->p), index, &view));
    assert_int_equal(view.state, DRC_UNISOLATED);
    expect(r, AREA, 0, NULL);
    assert_true(drc_get(papr_drcs(r->p), index, &view));
    assert_int_equal(view.state, DRC_CONFIGURED);
}

static void walks_interleave_and_restart(void **state)
{
    struct rig *r = *state;
    uint32_t one = DRC_INDEX(DRC_LMB, 9), two = DRC_INDEX(DRC_LMB, 10);

    plug(r, one);
    plug(r, two);
    acquire(r, one);
    acquire(r, two);
    start_walk(r, AREA, one);
    start_walk(r, AREA_2, two);
    expect(r, AREA, 2, "memory@90000000");
    expect(r, AREA_2, 2, "memory@a0000000");
    expect(r, AREA, 3, "device_type");
    expect(r, AREA, 3, "reg");
    expect(r, AREA_2, 3, "device_type");
    start_walk(r, AREA, one);               /* abandoned, and from the start */
    expect(r, AREA, 2, "memory@90000000");
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(step(r, AREA_2), 3);
    assert_int_equal(step(r, AREA_2), 0);
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(step(r, AREA), 3);
    assert_int_equal(step(r, AREA), 0);
}

static void a_forged_place_is_another_step_of_the_walk(void **state)
{
    struct rig *r = *state;
    uint32_t index = DRC_INDEX(DRC_LMB, 9);

    plug(r, index);
    acquire(r, index);
    start_walk(r, AREA, index);
    rig_put32(r, AREA + 4, 3);
    expect(r, AREA, 3, "ibm,associativity");
    rig_put32(r, AREA + 4, 0xffffffff);
    assert_int_equal(step(r, AREA), 0);
}

static void a_processor_node_is_complete(void **state)
{
    struct rig *r = *state;
    uint32_t index = DRC_INDEX(DRC_CPU, 1);
    unsigned properties = 0;
    bool index_seen = false, size_seen = false;
    int32_t answer;

    assert_int_equal(set(r, 9001, index, 0), 0);
    assert_int_equal(set(r, 9003, index, 0), 0);
    acquire(r, index);
    start_walk(r, AREA, index);
    expect(r, AREA, 2, "PowerPC,POWER9@1");
    while ((answer = step(r, AREA)) == 3) {
        char name[64];

        text_at(r, AREA, 2, name, sizeof(name));
        index_seen |= !strcmp(name, "ibm,my-drc-index");
        size_seen |= !strcmp(name, "ibm,pft-size");
        properties++;
    }
    assert_int_equal(answer, 0);
    assert_true(index_seen && size_seen && properties > 20);
}

static void bad_areas_and_indexes_change_nothing(void **state)
{
    struct rig *r = *state;
    uint32_t index = DRC_INDEX(DRC_LMB, 9);
    struct drc_view view;

    plug(r, index);
    acquire(r, index);
    assert_int_equal(step(r, 0xfffff000), -3);
    assert_int_equal(step(r, (uint32_t)(RIG_MEMORY - 4095)), -3);
    start_walk(r, AREA, DRC_INDEX(DRC_LMB, 64));
    assert_int_equal(step(r, AREA), -3);
    start_walk(r, AREA, 0);
    assert_int_equal(step(r, AREA), -3);
    start_walk(r, AREA, DRC_INDEX(DRC_LMB, 10));
    assert_int_equal(step(r, AREA), -9003);
    assert_true(drc_get(papr_drcs(r->p), index, &view));
    assert_int_equal(view.state, DRC_UNISOLATED);
}

static void indicators_and_sensors_check_their_arguments(void **state)
{
    struct rig *r = *state;
    uint32_t index = DRC_INDEX(DRC_LMB, 9);

    plug(r, index);
    assert_int_equal(set(r, 9003, index, 2), -3);
    assert_int_equal(set(r, 9003, index, 3), -3);
    assert_int_equal(set(r, 9001, index, 0xffffffff), -3);
    assert_int_equal(set(r, 9002, index, 0), -3);
    assert_int_equal(set(r, 9000, index, 0), -3);
    assert_int_equal(set(r, 0, 0, 0), -3);
    assert_int_equal(RTAS(r, "get-sensor-state", 2, 9, 0), -3);
    assert_int_equal(RTAS(r, "get-sensor-state", 2, 9001, index), -3);
    assert_int_equal(RTAS(r, "get-sensor-state", 2, 9003, DRC_INDEX(DRC_LMB, 64)), -3);
    assert_int_equal(RTAS(r, "get-sensor-state", 2, 9003, DRC_INDEX(DRC_LMB, 63)), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, up, rig_end)
        T(a_block_is_walked_to_its_end),
        T(walks_interleave_and_restart),
        T(a_forged_place_is_another_step_of_the_walk),
        T(a_processor_node_is_complete),
        T(bad_areas_and_indexes_change_nothing),
        T(indicators_and_sensors_check_their_arguments),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
