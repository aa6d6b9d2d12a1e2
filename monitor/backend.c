/* SPDX-License-Identifier: Apache-2.0 */
/* monitor/backend.c - QMP commands on memory backends: object-add, object-del, query-memdev.
 * Spec: QEMU's QAPI reference.
 *
 * A backend is a name, a size and a policy;
 * its memory is opened, and taken if so asked, when a device is made of it. */
#include "monitor/memory.h"

#include <stdlib.h>
#include <string.h>

static struct memdev **find(struct monitor *m, const char *id)
{
    struct memdev **at = &m->memdevs;

    while (*at && strcmp((*at)->id, id) != 0)
        at = &(*at)->next;
    return at;
}

const struct memdev *memdev_find(struct monitor *m, const char *id)
{
    return *find(m, id);
}

bool memdev_in_use(struct monitor *m, const char *id)
{
    struct dimm_view v;

    for (unsigned n = 0; papr_dimm_get(m->machine, n, &v); n++)
        if (!strcmp(v.spec.memdev, id))
            return true;
    return false;
}

const struct qmp_arg qmp_object_add_args[] = {
    { "qom-type", 's', false }, { "id", 's', false }, { "size", 'i', false }, { "share", 'b', true },
    { "prealloc", 'b', true }, { "reserve", 'b', true }, { "mem-path", 's', true }, { "dump", 'b', true },
    { "merge", 'b', true }, { "hugetlb", 'b', true }, { "hugetlbsize", 'i', true }, { "host-nodes", '*', true },
    { "policy", 's', true }, { NULL },
};

static void read_backing(struct qmp_call *q, struct ram_policy *p)
{
    const char *type = qmp_string(q, "qom-type");
    const char *path = qmp_string(q, "mem-path");
    const json_t *share = qmp_get(q, "share");

    if (!strcmp(type, "memory-backend-file")) {
        p->backing = RAM_FILE;
        p->private_file = !json_is_true(share);
        if (!path || !*path)
            qmp_fail(q, "can't create backend with mem-path unset");
        return;
    }
    if (path)
        qmp_fail(q, "Property '%.64s.mem-path' not found", type);
    else if (!strcmp(type, "memory-backend-memfd"))
        p->backing = json_is_false(share) ? RAM_ANONYMOUS : RAM_MEMFD;
    else if (!strcmp(type, "memory-backend-ram"))
        p->backing = json_is_true(share) ? RAM_MEMFD : RAM_ANONYMOUS;
    else
        qmp_fail(q, "Parameter 'qom-type' does not accept value '%.64s'", type);
}

/* One node of the host, bound; or the host's choice. */
static void read_nodes(struct qmp_call *q, struct ram_policy *p)
{
    const json_t *nodes = qmp_get(q, "host-nodes");
    const char *policy = qmp_string(q, "policy");
    json_int_t node = json_integer_value(json_array_get(nodes, 0));

    if (!nodes && (!policy || !strcmp(policy, "default")))
        return;
    if (json_array_size(nodes) != 1 || !policy || strcmp(policy, "bind") != 0 || node < 0 || node > 1023)
        qmp_fail(q, "host-nodes must be one node, with policy=bind");
    else
        p->node_plus_1 = (int)node + 1;
}

static void read_policy(struct qmp_call *q, struct ram_policy *p)
{
    json_int_t huge = qmp_integer(q, "hugetlbsize");

    read_backing(q, p);
    if (!q->e->class)
        read_nodes(q, p);
    p->prealloc = json_is_true(qmp_get(q, "prealloc"));
    p->reserve = json_is_true(qmp_get(q, "reserve"));
    if (json_is_true(qmp_get(q, "hugetlb")))
        p->huge_shift = huge == 1 << 30 ? 30 : 21;
    if (!q->e->class && huge && huge != 1 << 21 && huge != 1 << 30)
        qmp_fail(q, "hugetlbsize must be 2 MiB or 1 GiB");
}

static void memdev_free(struct memdev *d)
{
    free(d->path);
    free(d);
}

static bool fill(struct memdev *d, const struct qmp_call *q, const struct ram_policy *policy)
{
    const char *path = qmp_string(q, "mem-path");
    const char *id = qmp_string(q, "id");

    memcpy(d->id, id, strlen(id));
    d->size_bytes = (uint64_t)qmp_integer(q, "size");
    d->policy = *policy;
    d->path = path ? strdup(path) : NULL;
    d->policy.path = d->path;
    return d->path || !path;
}

void qmp_object_add(struct qmp_call *q)
{
    const char *id = qmp_string(q, "id");
    json_int_t size = qmp_integer(q, "size");
    struct ram_policy policy = { 0 };
    struct memdev *d;

    read_policy(q, &policy);
    if (!q->e->class && size <= 0)
        qmp_fail(q, "Parameter 'size' must be more than 0");
    else if (!q->e->class && (!*id || strlen(id) >= PAPR_DEVICE_NAME_MAX))
        qmp_fail(q, "Parameter 'id' must have 1 to %d bytes", PAPR_DEVICE_NAME_MAX - 1);
    else if (!q->e->class && *find(q->m, id))
        qmp_fail(q, "attempt to add duplicate property '%s' to object (type 'container')", id);
    if (q->e->class)
        return;
    d = calloc(1, sizeof(*d));
    if (!d || !fill(d, q, &policy)) {
        qmp_fail(q, "no memory for a backend");
        free(d);
        return;
    }
    d->next = q->m->memdevs;
    q->m->memdevs = d;
}

const struct qmp_arg qmp_object_del_args[] = { { "id", 's', false }, { NULL } };

void qmp_object_del(struct qmp_call *q)
{
    const char *id = qmp_string(q, "id");
    struct memdev **at = find(q->m, id), *d = *at;

    if (!d) {
        qmp_fail(q, "object '%.64s' not found", id);
    } else if (memdev_in_use(q->m, id)) {
        qmp_fail(q, "object '%.64s' is in use, can not be deleted", id);
    } else {
        *at = d->next;
        memdev_free(d);
    }
}

void qmp_query_memdev(struct qmp_call *q)
{
    q->ret = json_array();
    for (const struct memdev *d = q->m->memdevs; d; d = d->next)
        json_array_append_new(
            q->ret, json_pack("{s:s, s:I, s:b, s:b, s:b, s:b, s:[], s:s}",
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
