/* SPDX-License-Identifier: Apache-2.0 */
/* monitor/device.c - QMP commands on devices that come and go: processors, memory devices, connectors by index.
 * Spec: QEMU's QAPI reference; connector-plug and connector-unplug are ours (docs/hotplug.md). */
#include "monitor/memory.h"

#include "papr/connectors.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define PERIPHERAL "/machine/peripheral/"

void qmp_query_hotpluggable_cpus(struct qmp_call *q)
{
    struct papr_cpu_view v;

    q->ret = json_array();
    for (unsigned id = 0; papr_cpu_get(q->m->machine, id, &v); id++) {
        json_t *cpu = json_pack("{s:s, s:i, s:{s:i}}", "type", papr_cpu_type(q->m->machine), "vcpus-count", 1,
                                "props", "core-id", (int)id);
        char path[PAPR_DEVICE_NAME_MAX + 32];

        snprintf(path, sizeof(path), PERIPHERAL "%s", v.name);
        if (cpu && v.present)
            json_object_set_new(cpu, "qom-path", json_string(path));
        json_array_insert_new(q->ret, 0, cpu);        /* the last one first, as QEMU has them */
    }
}

const struct qmp_arg qmp_device_add_args[] = {
    { "driver", 's', false }, { "id", 's', true }, { "memdev", 's', true }, { "addr", 'i', true },
    { "node", 'i', true }, { "slot", 'i', true }, { "core-id", 'i', true }, { NULL },
};

/* By the name that device_del takes. */
static bool device_exists(struct monitor *m, const char *id)
{
    struct papr_cpu_view cpu;
    struct dimm_view dimm;

    for (unsigned n = 0; papr_cpu_get(m->machine, n, &cpu); n++)
        if (cpu.present && !strcmp(cpu.name, id))
            return true;
    for (unsigned n = 0; papr_dimm_get(m->machine, n, &dimm); n++)
        if (!strcmp(dimm.spec.id, id))
            return true;
    return false;
}

static void add_cpu(struct qmp_call *q)
{
    const char *id = qmp_string(q, "id");
    const json_t *core = qmp_get(q, "core-id");
    struct error err = { 0 };

    if (!core)
        qmp_fail(q, "Parameter 'core-id' is missing");
    else if (qmp_get(q, "memdev") || qmp_get(q, "addr") || qmp_get(q, "slot"))
        qmp_fail(q, "a processor has no 'memdev', 'addr' or 'slot'");
    else if (papr_cpu_plug(q->m->machine, (uint64_t)json_integer_value(core), id, &err) < 0)
        qmp_refuse(q, &err);
}

static void add_dimm(struct qmp_call *q)
{
    const char *id = qmp_string(q, "id");
    const char *memdev = qmp_string(q, "memdev");
    const json_t *addr = qmp_get(q, "addr");
    struct dimm_spec spec = { .addr = addr ? (uint64_t)json_integer_value(addr) : UINT64_MAX };
    const struct memdev *d = memdev ? memdev_find(q->m, memdev) : NULL;
    struct error err = { 0 };

    if (!memdev)
        qmp_fail(q, "'memdev' property is not set");
    else if (!d)
        qmp_fail(q, "Device '%.64s' not found", memdev);
    else if (memdev_in_use(q->m, memdev))
        qmp_fail(q, "can't use already busy memdev: %.64s", memdev);
    else if (qmp_get(q, "core-id"))
        qmp_fail(q, "Property 'pc-dimm.core-id' not found");
    if (q->e->class)
        return;
    memcpy(spec.memdev, d->id, sizeof(spec.memdev));
    if (id)
        memcpy(spec.id, id, strlen(id));
    spec.size_bytes = d->size_bytes;
    spec.policy = d->policy;
    if (papr_dimm_plug(q->m->machine, &spec, &err) < 0)
        qmp_refuse(q, &err);
}

void qmp_device_add(struct qmp_call *q)
{
    const char *driver = qmp_string(q, "driver");
    const char *id = qmp_string(q, "id");
    bool cpu = !strcmp(driver, papr_cpu_type(q->m->machine));

    if (!cpu && strcmp(driver, "pc-dimm") != 0)
        qmp_fail(q, "'%.64s' is not a valid device model name; there are pc-dimm and %s", driver,
                 papr_cpu_type(q->m->machine));
    else if (id && strlen(id) >= PAPR_DEVICE_NAME_MAX)
        qmp_fail(q, "Parameter 'id' is longer than %d bytes", PAPR_DEVICE_NAME_MAX - 1);
    else if (id && (!*id || strpbrk(id, " /")))
        qmp_fail(q, "Parameter 'id' expects an identifier");
    else if (id && device_exists(q->m, id))
        qmp_fail(q, "Duplicate device ID '%.64s'", id);
    else if (qmp_integer(q, "node") != 0)
        qmp_fail(q, "there is no NUMA node but node 0");
    else if (cpu)
        add_cpu(q);
    else
        add_dimm(q);
}

const struct qmp_arg qmp_device_del_args[] = { { "id", 's', false }, { NULL } };

/* By id or by the path that queries and events show. */
void qmp_device_del(struct qmp_call *q)
{
    const char *id = qmp_string(q, "id");
    struct error err = { 0 };
    int rc;

    if (!strncmp(id, PERIPHERAL, strlen(PERIPHERAL)))
        id += strlen(PERIPHERAL);
    rc = papr_dimm_unplug(q->m->machine, id, &err);
    if (rc == -ENOENT)
        rc = papr_cpu_unplug(q->m->machine, id, &err);
    if (rc == -ENOENT)
        qmp_error_set(q->e, "DeviceNotFound", "Device '%.64s' not found", id);
    else if (rc < 0)
        qmp_refuse(q, &err);
}

/* ---- connectors by index: for test guests, until bridges are devices ---- */

const struct qmp_arg qmp_connector_args[] = { { "index", 'i', false }, { NULL } };

static void connector(struct qmp_call *q, int (*fn)(struct papr *, uint32_t, struct error *))
{
    json_int_t index = qmp_integer(q, "index");
    struct error err = { 0 };

    if (index < 0 || index > UINT32_MAX)
        qmp_fail(q, "a connector's index has 32 bits");
    else if (fn(q->m->machine, (uint32_t)index, &err) < 0)
        qmp_refuse(q, &err);
}

void qmp_connector_plug(struct qmp_call *q)
{
    connector(q, papr_connector_plug);
}

void qmp_connector_unplug(struct qmp_call *q)
{
    connector(q, papr_connector_unplug);
}
