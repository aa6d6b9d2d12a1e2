/* SPDX-License-Identifier: Apache-2.0 */
/* monitor/memory.c - QMP commands on memory that comes and goes.
 * Spec: QEMU's QAPI reference for the names that exist there;
 * resize, resize-cancel and query-resize are ours (docs/hotplug.md).
 *
 * A backend is a name, a size and a policy;
 * its memory is opened, and taken if so asked, when a device is made of it. */
#include "monitor/memory.h"

#include "papr/connectors.h"
#include "papr/memory_hotplug.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PERIPHERAL "/machine/peripheral/"

struct memdev {
    struct memdev *next;
    char id[PAPR_DEVICE_NAME_MAX];
    uint64_t size_bytes;
    char *path;                 /* of a file; else NULL */
    struct ram_policy policy;
};

/* ---- our own verb ---- */

const struct qmp_arg qmp_resize_args[] = { { "memory", 'i', false }, { "timeout", 'i', true }, { NULL } };

void qmp_resize(struct monitor *m, const json_t *args, json_t **ret, struct qmp_error *e)
{
    json_int_t bytes = json_integer_value(json_object_get(args, "memory"));
    json_int_t timeout_s = json_integer_value(json_object_get(args, "timeout"));
    struct error err = { 0 };

    (void)ret;
    if (bytes < 0 || timeout_s < 0 || timeout_s > 1000000000)
        qmp_error_set(e, GENERIC, "'memory' is in bytes and 'timeout' in seconds; neither can be %s",
                      bytes < 0 ? "negative" : "so");
    else if (papr_resize_memory(m->machine, (uint64_t)bytes, timeout_s * 1000000000, &err) < 0)
        qmp_refuse(e, &err);
}

void qmp_resize_cancel(struct monitor *m, const json_t *args, json_t **ret, struct qmp_error *e)
{
    (void)args;
    (void)ret;
    qmp_ask(m, e, papr_resize_cancel);
}

void qmp_query_resize(struct monitor *m, const json_t *args, json_t **ret, struct qmp_error *e)
{
    struct memory_status s;

    (void)args;
    (void)e;
    papr_memory_status(m->machine, &s);
    *ret = json_pack("{s:s, s:b, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:f, s:f, s:f}",
                     "outcome", resize_outcome_name(s.outcome), "grow", s.grow, "text", s.text,
                     "target", (json_int_t)s.target_bytes, "boot", (json_int_t)s.boot_bytes,
                     "max", (json_int_t)s.max_bytes, "present", (json_int_t)s.present_bytes,
                     "held", (json_int_t)s.held_bytes, "blocks-wanted", (json_int_t)s.blocks_wanted,
                     "blocks-done", (json_int_t)s.blocks_done, "blocks-refused", (json_int_t)s.blocks_refused,
                     "batches", (json_int_t)s.batches, "fences", (json_int_t)s.fences,
                     "instructions", (json_int_t)s.guest_insns, "cpu", (double)s.cpu_ns / 1e9,
                     "elapsed", (double)s.elapsed_ns / 1e9, "vmm", (double)s.vmm_ns / 1e9);
}

/* ---- QEMU's queries ---- */

void qmp_query_memory_size_summary(struct monitor *m, const json_t *args, json_t **ret, struct qmp_error *e)
{
    struct memory_status s;
    uint64_t base;

    (void)args;
    (void)e;
    papr_memory_status(m->machine, &s);
    base = s.present_bytes < s.boot_bytes ? s.present_bytes : s.boot_bytes;
    *ret = json_pack("{s:I, s:I}", "base-memory", (json_int_t)base,
                     "plugged-memory", (json_int_t)(s.present_bytes - base));
}

void qmp_query_memory_devices(struct monitor *m, const json_t *args, json_t **ret, struct qmp_error *e)
{
    struct dimm_view v;

    (void)args;
    (void)e;
    *ret = json_array();
    for (unsigned n = 0; papr_dimm_get(m->machine, n, &v); n++) {
        char memdev[PAPR_DEVICE_NAME_MAX + 16];
        json_t *data;

        snprintf(memdev, sizeof(memdev), "/objects/%s", v.spec.memdev);
        data = json_pack("{s:I, s:I, s:I, s:i, s:s, s:b, s:b}", "addr", (json_int_t)v.spec.addr,
                         "size", (json_int_t)v.spec.size_bytes, "slot", (json_int_t)n, "node", 0,
                         "memdev", memdev, "hotplugged", 1, "hotpluggable", 1);
        if (data && v.untaken_bytes)
            json_object_set_new(data, "taken", json_integer((json_int_t)(v.spec.size_bytes - v.untaken_bytes)));
        if (data && v.spec.id[0])
            json_object_set_new(data, "id", json_string(v.spec.id));
        json_array_append_new(*ret, json_pack("{s:s, s:o}", "type", "dimm", "data", data));
    }
}

void qmp_query_hotpluggable_cpus(struct monitor *m, const json_t *args, json_t **ret, struct qmp_error *e)
{
    struct papr_cpu_view v;

    (void)args;
    (void)e;
    *ret = json_array();
    for (unsigned id = 0; papr_cpu_get(m->machine, id, &v); id++) {
        json_t *cpu = json_pack("{s:s, s:i, s:{s:i}}", "type", papr_cpu_type(m->machine), "vcpus-count", 1,
                                "props", "core-id", (int)id);
        char path[PAPR_DEVICE_NAME_MAX + 32];

        snprintf(path, sizeof(path), PERIPHERAL "%s", v.name);
        if (cpu && v.present)
            json_object_set_new(cpu, "qom-path", json_string(path));
        json_array_insert_new(*ret, 0, cpu);        /* the last one first, as QEMU has them */
    }
}

/* ---- backends ---- */

static struct memdev **find(struct monitor *m, const char *id)
{
    struct memdev **at = &m->memdevs;

    while (*at && strcmp((*at)->id, id) != 0)
        at = &(*at)->next;
    return at;
}

static bool in_use(struct monitor *m, const char *id)
{
    struct dimm_view v;

    for (unsigned n = 0; papr_dimm_get(m->machine, n, &v); n++)
        if (!strcmp(v.spec.memdev, id))
            return true;
    return false;
}

const struct qmp_arg qmp_object_add_args[] = {
    { "qom-type", 's', false }, { "id", 's', false }, { "size", 'i', false }, { "share", 'b', true },
    { "prealloc", 'b', true },
    { "reserve", 'b', true }, { "mem-path", 's', true }, { "dump", 'b', true }, { "merge", 'b', true },
    { "hugetlb", 'b', true },
    { "hugetlbsize", 'i', true }, { "host-nodes", '*', true }, { "policy", 's', true }, { NULL },
};

static void read_backing(const json_t *args, struct ram_policy *p, struct qmp_error *e)
{
    const char *type = json_string_value(json_object_get(args, "qom-type"));
    const char *path = json_string_value(json_object_get(args, "mem-path"));
    const json_t *share = json_object_get(args, "share");

    if (!strcmp(type, "memory-backend-file")) {
        p->backing = RAM_FILE;
        p->private_file = !json_is_true(share);
        if (!path || !*path)
            qmp_error_set(e, GENERIC, "can't create backend with mem-path unset");
        return;
    }
    if (path)
        qmp_error_set(e, GENERIC, "Property '%.64s.mem-path' not found", type);
    else if (!strcmp(type, "memory-backend-memfd"))
        p->backing = json_is_false(share) ? RAM_ANONYMOUS : RAM_MEMFD;
    else if (!strcmp(type, "memory-backend-ram"))
        p->backing = json_is_true(share) ? RAM_MEMFD : RAM_ANONYMOUS;
    else
        qmp_error_set(e, GENERIC, "Parameter 'qom-type' does not accept value '%.64s'", type);
}

/* One node of the host, bound; or the host's choice. */
static void read_nodes(const json_t *args, struct ram_policy *p, struct qmp_error *e)
{
    const json_t *nodes = json_object_get(args, "host-nodes");
    const char *policy = json_string_value(json_object_get(args, "policy"));
    json_int_t node = json_integer_value(json_array_get(nodes, 0));

    if (!nodes && (!policy || !strcmp(policy, "default")))
        return;
    if (json_array_size(nodes) != 1 || !policy || strcmp(policy, "bind") != 0 || node < 0 || node > 1023)
        qmp_error_set(e, GENERIC, "host-nodes must be one node, with policy=bind");
    else
        p->node_plus_1 = (int)node + 1;
}

static void read_policy(const json_t *args, struct ram_policy *p, struct qmp_error *e)
{
    json_int_t huge = json_integer_value(json_object_get(args, "hugetlbsize"));

    read_backing(args, p, e);
    if (!e->class)
        read_nodes(args, p, e);
    p->prealloc = json_is_true(json_object_get(args, "prealloc"));
    p->reserve = json_is_true(json_object_get(args, "reserve"));
    if (json_is_true(json_object_get(args, "hugetlb")))
        p->huge_shift = huge == 1 << 30 ? 30 : 21;
    if (!e->class && huge && huge != 1 << 21 && huge != 1 << 30)
        qmp_error_set(e, GENERIC, "hugetlbsize must be 2 MiB or 1 GiB");
}

static void memdev_free(struct memdev *d)
{
    free(d->path);
    free(d);
}

static bool fill(struct memdev *d, const json_t *args, const struct ram_policy *policy)
{
    const char *path = json_string_value(json_object_get(args, "mem-path"));
    const char *id = json_string_value(json_object_get(args, "id"));

    memcpy(d->id, id, strlen(id));
    d->size_bytes = (uint64_t)json_integer_value(json_object_get(args, "size"));
    d->policy = *policy;
    d->path = path ? strdup(path) : NULL;
    d->policy.path = d->path;
    return d->path || !path;
}

void qmp_object_add(struct monitor *m, const json_t *args, json_t **ret, struct qmp_error *e)
{
    const char *id = json_string_value(json_object_get(args, "id"));
    json_int_t size = json_integer_value(json_object_get(args, "size"));
    struct ram_policy policy = { 0 };
    struct memdev *d;

    (void)ret;
    read_policy(args, &policy, e);
    if (!e->class && (!*id || strlen(id) >= PAPR_DEVICE_NAME_MAX || size <= 0))
        qmp_error_set(e, GENERIC, "Parameter '%s' is not possible", size <= 0 ? "size" : "id");
    else if (!e->class && *find(m, id))
        qmp_error_set(e, GENERIC, "attempt to add duplicate property '%s' to object (type 'container')", id);
    if (e->class)
        return;
    d = calloc(1, sizeof(*d));
    if (!d || !fill(d, args, &policy)) {
        qmp_error_set(e, GENERIC, "no memory for a backend");
        free(d);
        return;
    }
    d->next = m->memdevs;
    m->memdevs = d;
}

const struct qmp_arg qmp_object_del_args[] = { { "id", 's', false }, { NULL } };

void qmp_object_del(struct monitor *m, const json_t *args, json_t **ret, struct qmp_error *e)
{
    const char *id = json_string_value(json_object_get(args, "id"));
    struct memdev **at = find(m, id), *d = *at;

    (void)ret;
    if (!d) {
        qmp_error_set(e, GENERIC, "object '%.64s' not found", id);
    } else if (in_use(m, id)) {
        qmp_error_set(e, GENERIC, "object '%.64s' is in use, can not be deleted", id);
    } else {
        *at = d->next;
        memdev_free(d);
    }
}

void qmp_query_memdev(struct monitor *m, const json_t *args, json_t **ret, struct qmp_error *e)
{
    (void)args;
    (void)e;
    *ret = json_array();
    for (const struct memdev *d = m->memdevs; d; d = d->next)
        json_array_append_new(
            *ret, json_pack("{s:s, s:I, s:b, s:b, s:b, s:b, s:[], s:s}",
                            "id", d->id, "size", (json_int_t)d->size_bytes, "merge", 0, "dump", 0,
                            "prealloc", d->policy.prealloc,
                            "share", d->policy.backing == RAM_MEMFD ||
                                     (d->policy.backing == RAM_FILE && !d->policy.private_file),
                            "host-nodes", "policy", d->policy.node_plus_1 ? "bind" : "default"));
}

void memdevs_free(struct monitor *m)
{
    for (struct memdev *d = m->memdevs, *next; d; d = next) {
        next = d->next;
        memdev_free(d);
    }
    m->memdevs = NULL;
}

/* ---- devices ---- */

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

static void add_cpu(struct monitor *m, const json_t *args, struct qmp_error *e)
{
    const char *id = json_string_value(json_object_get(args, "id"));
    const json_t *core = json_object_get(args, "core-id");
    struct error err = { 0 };

    if (!core)
        qmp_error_set(e, GENERIC, "Parameter 'core-id' is missing");
    else if (json_object_get(args, "memdev") || json_object_get(args, "addr") || json_object_get(args, "slot"))
        qmp_error_set(e, GENERIC, "a processor has no 'memdev', 'addr' or 'slot'");
    else if (papr_cpu_plug(m->machine, (uint64_t)json_integer_value(core), id, &err) < 0)
        qmp_refuse(e, &err);
}

static void add_dimm(struct monitor *m, const json_t *args, struct qmp_error *e)
{
    const char *id = json_string_value(json_object_get(args, "id"));
    const char *memdev = json_string_value(json_object_get(args, "memdev"));
    const json_t *addr = json_object_get(args, "addr");
    struct dimm_spec spec = { .addr = addr ? (uint64_t)json_integer_value(addr) : UINT64_MAX };
    const struct memdev *d = memdev ? *find(m, memdev) : NULL;
    struct error err = { 0 };

    if (!memdev)
        qmp_error_set(e, GENERIC, "'memdev' property is not set");
    else if (!d)
        qmp_error_set(e, GENERIC, "Device '%.64s' not found", memdev);
    else if (in_use(m, memdev))
        qmp_error_set(e, GENERIC, "can't use already busy memdev: %.64s", memdev);
    else if (json_object_get(args, "core-id"))
        qmp_error_set(e, GENERIC, "Property 'pc-dimm.core-id' not found");
    if (e->class)
        return;
    memcpy(spec.memdev, d->id, sizeof(spec.memdev));
    if (id)
        memcpy(spec.id, id, strlen(id));
    spec.size_bytes = d->size_bytes;
    spec.policy = d->policy;
    if (papr_dimm_plug(m->machine, &spec, &err) < 0)
        qmp_refuse(e, &err);
}

void qmp_device_add(struct monitor *m, const json_t *args, json_t **ret, struct qmp_error *e)
{
    const char *driver = json_string_value(json_object_get(args, "driver"));
    const char *id = json_string_value(json_object_get(args, "id"));
    bool cpu = !strcmp(driver, papr_cpu_type(m->machine));

    (void)ret;
    if (!cpu && strcmp(driver, "pc-dimm") != 0)
        qmp_error_set(e, GENERIC, "'%.64s' is not a valid device model name", driver);
    else if (id && strlen(id) >= PAPR_DEVICE_NAME_MAX)
        qmp_error_set(e, GENERIC, "Parameter 'id' is longer than %d bytes", PAPR_DEVICE_NAME_MAX - 1);
    else if (id && (!*id || strpbrk(id, " /")))
        qmp_error_set(e, GENERIC, "Parameter 'id' expects an identifier");
    else if (id && device_exists(m, id))
        qmp_error_set(e, GENERIC, "Duplicate device ID '%.64s'", id);
    else if (json_integer_value(json_object_get(args, "node")) != 0)
        qmp_error_set(e, GENERIC, "there is no NUMA node but node 0");
    else if (cpu)
        add_cpu(m, args, e);
    else
        add_dimm(m, args, e);
}

const struct qmp_arg qmp_device_del_args[] = { { "id", 's', false }, { NULL } };

/* By id or by the path that queries and events show. */
void qmp_device_del(struct monitor *m, const json_t *args, json_t **ret, struct qmp_error *e)
{
    const char *id = json_string_value(json_object_get(args, "id"));
    struct error err = { 0 };
    int rc;

    (void)ret;
    if (!strncmp(id, PERIPHERAL, strlen(PERIPHERAL)))
        id += strlen(PERIPHERAL);
    rc = papr_dimm_unplug(m->machine, id, &err);
    if (rc == -ENOENT)
        rc = papr_cpu_unplug(m->machine, id, &err);
    if (rc == -ENOENT)
        qmp_error_set(e, "DeviceNotFound", "Device '%.64s' not found", id);
    else if (rc < 0)
        qmp_refuse(e, &err);
}

/* ---- connectors by index: for test guests, until bridges are devices ---- */

const struct qmp_arg qmp_connector_args[] = { { "index", 'i', false }, { NULL } };

static void connector(struct monitor *m, const json_t *args, struct qmp_error *e,
                      int (*fn)(struct papr *, uint32_t, struct error *))
{
    json_int_t index = json_integer_value(json_object_get(args, "index"));
    struct error err = { 0 };

    if (index < 0 || index > UINT32_MAX)
        qmp_error_set(e, GENERIC, "a connector's index has 32 bits");
    else if (fn(m->machine, (uint32_t)index, &err) < 0)
        qmp_refuse(e, &err);
}

void qmp_connector_plug(struct monitor *m, const json_t *args, json_t **ret, struct qmp_error *e)
{
    (void)ret;
    connector(m, args, e, papr_connector_plug);
}

void qmp_connector_unplug(struct monitor *m, const json_t *args, json_t **ret, struct qmp_error *e)
{
    (void)ret;
    connector(m, args, e, papr_connector_unplug);
}
