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
    } else if (memdev_in_use(m, id)) {
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
