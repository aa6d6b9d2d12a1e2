/* SPDX-License-Identifier: Apache-2.0 */
/* Processors and host bridges, plugged and unplugged with a guest played by hand. */
#include "base/endian.h"
#include "papr/cas.h"
#include "papr/connectors.h"
#include "papr/drc.h"
#include "papr/drc_tree.h"
#include "papr/events.h"
#include "papr/fdt.h"
#include "tests/unit/papr/guest_rig.h"

#include <errno.h>
#include <libfdt.h>
#include <stdio.h>
#include <stdlib.h>

static struct heard {
    enum papr_event_kind kind;
    char text[32];
    unsigned n;
} heard;

static void sink(void *opaque, const struct papr_event *ev)
{
    (void)opaque;
    heard.kind = ev->kind;
    heard.n++;
    snprintf(heard.text, sizeof(heard.text), "%s", ev->text ? ev->text : "");
}

static int up(void **state)
{
    static struct rig rig;

    guest_rig_up(&rig, 3, 1ull << 30);
    heard = (struct heard){ 0 };
    papr_set_event_sink(rig.p, sink, NULL);
    events_cas(papr_events(rig.p), true);
    *state = &rig;
    return 0;
}

/* Fetches the record and compares what it says. */
static void expect_event(struct rig *r, enum hotplug_type type, enum hotplug_action action, uint32_t index)
{
    uint8_t log[116];

    assert_int_equal(RTAS(r, "check-exception", 1, 0x500, IRQ_HOTPLUG, EVENT_MASK_HOTPLUG, 1, RIG_BUFFER, sizeof(log)),
                     0);
    assert_true(papr_read(r->p, RIG_BUFFER, log, sizeof(log)));
    assert_int_equal(log[104], type);
    assert_int_equal(log[105], action);
    assert_int_equal(log[106], HOTPLUG_ID_INDEX);
    assert_int_equal(be32_get(log + 108), index);
}

static int32_t set(struct rig *r, uint32_t type, uint32_t index, uint32_t value)
{
    return RTAS(r, "set-indicator", 1, type, index, value);
}

static unsigned configure(struct rig *r, uint32_t index)
{
    unsigned steps = 0;

    rig_put32(r, RIG_BUFFER, index);
    rig_put32(r, RIG_BUFFER + 4, 0);
    while (RTAS(r, "ibm,configure-connector", 1, RIG_BUFFER, 0) > 0)
        steps++;
    return steps;
}

static void take(struct rig *r, uint32_t index)
{
    assert_int_equal(RTAS(r, "get-sensor-state", 2, 9003, index), 0);
    assert_int_equal(rtas_result(r, 2, 1), DRC_SENSE_UNUSABLE);
    assert_int_equal(set(r, 9003, index, 1), 0);
    assert_int_equal(set(r, 9001, index, 1), 0);
    assert_true(configure(r, index) > 1);
}

static void a_processor_goes_and_comes_back(void **state)
{
    struct rig *r = *state;
    uint32_t index = DRC_INDEX(DRC_CPU, 2);
    struct error err;

    assert_int_equal(papr_connector_plug(r->p, index, &err), -EEXIST);
    assert_int_equal(papr_connector_unplug(r->p, index, &err), 0);
    expect_event(r, HOTPLUG_CPU, HOTPLUG_REMOVE, index);
    assert_int_equal(set(r, 9001, index, 0), 0);
    assert_int_equal(heard.n, 0);
    assert_int_equal(RTAS(r, "start-cpu", 1, 2, 0x60, 0), -3);          /* only a configured one starts */
    assert_int_equal(set(r, 9003, index, 0), 0);
    assert_int_equal(RTAS(r, "start-cpu", 1, 2, 0x60, 0), -3);
    assert_int_equal(heard.n, 1);
    assert_int_equal(heard.kind, PAPR_EVENT_DEVICE_DELETED);
    assert_string_equal(heard.text, "CPU 2");
    assert_int_equal(papr_connector_unplug(r->p, index, &err), -ENOENT);
    assert_int_equal(papr_connector_plug(r->p, index, &err), 0);
    expect_event(r, HOTPLUG_CPU, HOTPLUG_ADD, index);
    take(r, index);
    assert_true(drc_at_rest(papr_drcs(r->p)));
}

static void a_refused_processor_stays(void **state)
{
    struct rig *r = *state;
    uint32_t index = DRC_INDEX(DRC_CPU, 1);
    struct error err;

    assert_int_equal(papr_connector_unplug(r->p, index, &err), 0);
    assert_int_equal(papr_connector_unplug(r->p, index, &err), 0);      /* reminded */
    expect_event(r, HOTPLUG_CPU, HOTPLUG_REMOVE, index);
    expect_event(r, HOTPLUG_CPU, HOTPLUG_REMOVE, index);
    assert_int_equal(set(r, 9001, index, 1), 0);
    assert_int_equal(heard.kind, PAPR_EVENT_UNPLUG_ERROR);
    assert_string_equal(heard.text, "CPU 1");
    assert_true(drc_at_rest(papr_drcs(r->p)));
}

/* LoPAR: the guest stops a processor before it isolates it. */
static void a_processor_that_runs_is_not_isolated(void **state)
{
    struct rig *r = *state;
    uint32_t index = DRC_INDEX(DRC_CPU, 1);

    papr_vcpu(r->p, 1)->stopped = false;
    assert_int_equal(set(r, 9001, index, 0), DRC_MULTI_LEVEL);
    assert_int_equal(set(r, 9001, DRC_INDEX(DRC_CPU, 0), 0), DRC_MULTI_LEVEL);
    assert_true(drc_at_rest(papr_drcs(r->p)));
    papr_vcpu(r->p, 1)->stopped = true;
    assert_int_equal(set(r, 9001, index, 0), 0);
}

static void give(struct rig *r, unsigned n)
{
    assert_int_equal(set(r, 9001, DRC_INDEX(DRC_CPU, n), 0), 0);
    assert_int_equal(set(r, 9003, DRC_INDEX(DRC_CPU, n), 0), 0);
}

static void a_processor_is_a_device_by_its_name(void **state)
{
    struct rig *r = *state;
    struct papr_cpu_view v;
    struct error err;

    assert_true(papr_cpu_get(r->p, 2, &v) && v.present);
    assert_string_equal(v.name, "CPU 2");
    assert_false(papr_cpu_get(r->p, 3, &v));
    assert_int_equal(papr_cpu_plug(r->p, 2, "mine", &err), -EEXIST);
    assert_int_equal(papr_cpu_plug(r->p, 3, "mine", &err), -EINVAL);
    assert_int_equal(papr_cpu_plug(r->p, UINT64_MAX, "mine", &err), -EINVAL);
    assert_int_equal(papr_cpu_unplug(r->p, "CPU 2", &err), 0);
    give(r, 2);
    assert_string_equal(heard.text, "CPU 2");
    assert_true(papr_cpu_get(r->p, 2, &v) && !v.present);
    assert_int_equal(papr_cpu_unplug(r->p, "CPU 2", &err), -ENOENT);
    assert_int_equal(papr_cpu_plug(r->p, 2, "mine", &err), 0);
    assert_true(papr_cpu_get(r->p, 2, &v) && v.present);
    assert_string_equal(v.name, "mine");
    take(r, DRC_INDEX(DRC_CPU, 2));
    assert_int_equal(papr_cpu_unplug(r->p, "CPU 2", &err), -ENOENT);
    assert_int_equal(papr_cpu_unplug(r->p, "mine", &err), 0);
    give(r, 2);
    assert_int_equal(heard.kind, PAPR_EVENT_DEVICE_DELETED);
    assert_string_equal(heard.text, "mine");
    assert_int_equal(papr_cpu_plug(r->p, 2, NULL, &err), 0);
    assert_true(papr_cpu_get(r->p, 2, &v));
    assert_string_equal(v.name, "CPU 2");
}

/* Numbers of processors in hypercalls and RTAS calls mean those that the guest holds. */
static void a_processor_given_back_is_unknown(void **state)
{
    struct rig *r = *state;

    assert_int_equal(H(r, 0x0e8, 2), H_SUCCESS);
    assert_int_equal(H(r, 0x06c, 2, 4), H_SUCCESS);
    assert_int_equal(RTAS(r, "ibm,set-xive", 1, IRQ_EPOW, 2, 5), 0);
    give(r, 2);
    assert_int_equal(H(r, 0x0e8, 2), H_PARAMETER);
    assert_int_equal(H(r, 0x0e4, 2, 0), H_PARAMETER);
    assert_int_equal(H(r, 0x06c, 2, 4), H_PARAMETER);
    assert_int_equal(H(r, 0x070, 2), H_PARAMETER);
    assert_int_equal(RTAS(r, "ibm,set-xive", 1, IRQ_EPOW, 2, 5), -3);
    assert_int_equal(RTAS(r, "query-cpu-stopped-state", 2, 2), -3);
    assert_int_equal(set(r, 9003, DRC_INDEX(DRC_CPU, 2), 1), 0);
    assert_int_equal(H(r, 0x070, 2), H_SUCCESS);
    assert_int_equal(r->v->cpu.gpr[4] & 0xffffff, 0);       /* the interrupt of before is not its any more */
    assert_int_equal(r->v->cpu.gpr[5], 0xff);
}

static void a_bridge_comes_and_goes(void **state)
{
    struct rig *r = *state;
    uint32_t index = DRC_INDEX(DRC_PHB, 5);
    struct error err;

    assert_int_equal(papr_connector_plug(r->p, index, &err), 0);
    expect_event(r, HOTPLUG_PHB, HOTPLUG_ADD, index);
    take(r, index);
    assert_int_equal(papr_connector_unplug(r->p, index, &err), 0);
    expect_event(r, HOTPLUG_PHB, HOTPLUG_REMOVE, index);
    assert_int_equal(set(r, 9001, index, 0), 0);
    assert_int_equal(set(r, 9003, index, 0), 0);
    assert_int_equal(heard.kind, PAPR_EVENT_DEVICE_DELETED);
    assert_true(drc_at_rest(papr_drcs(r->p)));
}

/* What is added while the guest runs has all that it would have had at boot. */
static void a_processors_node_is_the_boot_trees(void **state)
{
    struct rig *r = *state;
    struct error err;
    void *boot = fdt_make(r->p, &err), *added = drc_tree_make(r->p, DRC_INDEX(DRC_CPU, 1), &err);
    int node, at, n = 0;

    assert_non_null(boot);
    assert_non_null(added);
    node = fdt_path_offset(boot, "/cpus/PowerPC,POWER9@1");
    assert_true(node > 0);
    fdt_for_each_property_offset(at, boot, node) {
        const char *name;
        int bytes, have_bytes;
        const void *want = fdt_getprop_by_offset(boot, at, &name, &bytes);
        const void *have = fdt_getprop(added, 0, name, &have_bytes);

        if (!have || have_bytes != bytes || memcmp(have, want, (size_t)bytes) != 0)
            fail_msg("%s", name);
        n++;
    }
    fdt_for_each_property_offset(at, added, 0)
        n--;
    assert_int_equal(n, 0);
    free(added);
    free(boot);
}

static void a_bridges_node_is_complete(void **state)
{
    static const struct {
        const char *name;
        int bytes;
    } want[] = {
        { "device_type", 4 }, { "compatible", 16 }, { "reg", 16 }, { "#address-cells", 4 }, { "#size-cells", 4 },
        { "bus-range", 8 }, { "ranges", 84 }, { "#interrupt-cells", 4 }, { "interrupt-map-mask", 16 },
        { "interrupt-map", 448 }, { "ibm,pe-total-#msi", 4 }, { "ibm,dma-window", 20 }, { "ibm,associativity", 20 },
        { "ibm,my-drc-index", 4 }, { "ibm,pci-config-space-type", 4 },
        { "ibm,drc-indexes", 4 + 4 * 256 }, { "ibm,drc-power-domains", 4 + 4 * 256 },
    };
    struct rig *r = *state;
    struct error err;
    void *node = drc_tree_make(r->p, DRC_INDEX(DRC_PHB, 5), &err);
    const uint8_t *ranges;
    int bytes;

    assert_non_null(node);
    assert_string_equal(fdt_get_name(node, 0, NULL), "pci@800000020000005");
    for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++)
        if (!fdt_getprop(node, 0, want[i].name, &bytes) || bytes != want[i].bytes)
            fail_msg("%s: %d bytes", want[i].name, bytes);
    ranges = fdt_getprop(node, 0, "ranges", &bytes);
    assert_int_equal(be64_get(ranges + 12), (1ull << 46) + (5ull << 40));       /* the sixth TiB above all memory */
    assert_int_equal(be64_get(ranges + 56 + 4), be64_get(ranges + 56 + 12));
    assert_int_equal(be32_get(fdt_getprop(node, 0, "ibm,drc-indexes", &bytes)), 256);
    assert_int_equal(be32_get((const uint8_t *)fdt_getprop(node, 0, "ibm,drc-indexes", &bytes) + 8),
                     DRC_INDEX(DRC_PCI, 5 << 16 | 1));
    free(node);
}

static void what_the_guest_never_took_goes_at_once(void **state)
{
    struct rig *r = *state;
    struct error err;

    assert_int_equal(papr_connector_plug(r->p, DRC_INDEX(DRC_PHB, 5), &err), 0);
    assert_int_equal(papr_connector_unplug(r->p, DRC_INDEX(DRC_PHB, 5), &err), 0);
    assert_int_equal(heard.kind, PAPR_EVENT_DEVICE_DELETED);
}

static void wrong_indexes_are_refused(void **state)
{
    struct rig *r = *state;
    const uint32_t wrong[] = {
        0, 1, DRC_INDEX(DRC_CPU, 3), DRC_INDEX(DRC_PHB, 32), DRC_INDEX(DRC_LMB, 1), DRC_INDEX(DRC_LMB, 3), 0x30000000,
        0x90000000, 0xffffffff,
    };
    struct error err;

    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_int_equal(papr_connector_plug(r->p, wrong[i], &err), -EINVAL);
        assert_int_equal(papr_connector_unplug(r->p, wrong[i], &err), -EINVAL);
    }
    assert_int_equal(papr_connector_unplug(r->p, DRC_INDEX(DRC_CPU, 0), &err), -EINVAL);
    assert_int_equal(events_pending(papr_events(r->p)), 0);
    assert_true(drc_at_rest(papr_drcs(r->p)));
}

static void a_guest_that_fetches_nothing_is_told_no_more(void **state)
{
    struct rig *r = *state;
    struct papr_cpu_view v;
    struct drc_view asked;
    struct error err;

    assert_int_equal(papr_cpu_unplug(r->p, "CPU 2", &err), 0);
    give(r, 2);
    while (events_pending(papr_events(r->p)) < EVENT_QUEUE_MAX)
        assert_int_equal(papr_connector_unplug(r->p, DRC_INDEX(DRC_CPU, 1), &err), 0);
    assert_int_equal(papr_connector_unplug(r->p, DRC_INDEX(DRC_CPU, 1), &err), -ENOSPC);
    assert_true(drc_get(papr_drcs(r->p), DRC_INDEX(DRC_CPU, 1), &asked) && asked.unplug);
    assert_int_equal(papr_connector_plug(r->p, DRC_INDEX(DRC_PHB, 1), &err), -ENOSPC);
    assert_int_equal(papr_cpu_plug(r->p, 2, "mine", &err), -ENOSPC);
    assert_true(papr_cpu_get(r->p, 2, &v) && !v.present);
    assert_string_equal(v.name, "CPU 2");
}

static void what_could_not_be_asked_for_is_not_asked_back(void **state)
{
    struct rig *r = *state;
    struct drc_view view;
    struct error err;

    while (!events_power_button(papr_events(r->p)))
        ;
    assert_int_equal(papr_connector_unplug(r->p, DRC_INDEX(DRC_CPU, 1), &err), -ENOSPC);
    assert_true(drc_get(papr_drcs(r->p), DRC_INDEX(DRC_CPU, 1), &view) && view.attached && !view.unplug);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, up, rig_end)
        T(a_processor_goes_and_comes_back),
        T(a_refused_processor_stays),
        T(a_processor_that_runs_is_not_isolated),
        T(a_processor_is_a_device_by_its_name),
        T(a_processor_given_back_is_unknown),
        T(a_bridge_comes_and_goes),
        T(a_processors_node_is_the_boot_trees),
        T(a_bridges_node_is_complete),
        T(what_the_guest_never_took_goes_at_once),
        T(wrong_indexes_are_refused),
        T(a_guest_that_fetches_nothing_is_told_no_more),
        T(what_could_not_be_asked_for_is_not_asked_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
