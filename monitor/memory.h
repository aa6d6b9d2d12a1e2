/* SPDX-License-Identifier: Apache-2.0 */
/* monitor/memory.h - what comes and goes: the rows of memory.c, backend.c and device.c, and the backends they share. */
#ifndef MONITOR_MEMORY_H
#define MONITOR_MEMORY_H

#include "monitor/monitor_int.h"
#include "papr/memory_hotplug.h"

typedef void qmp_fn(struct qmp_call *q);

qmp_fn qmp_resize, qmp_resize_cancel, qmp_query_resize;
qmp_fn qmp_query_memory_size_summary, qmp_query_memory_devices, qmp_query_memdev, qmp_query_hotpluggable_cpus;
qmp_fn qmp_connector_plug, qmp_connector_unplug;
qmp_fn qmp_object_add, qmp_object_del, qmp_device_add, qmp_device_del;
extern const struct qmp_arg qmp_resize_args[], qmp_object_add_args[], qmp_object_del_args[], qmp_device_add_args[],
    qmp_device_del_args[], qmp_connector_args[];

struct memdev {
    struct memdev *next;
    char id[PAPR_DEVICE_NAME_MAX];
    uint64_t size_bytes;
    char *path;                 /* of a file; else NULL */
    struct ram_policy policy;
};

/* NULL: none of that name. */
const struct memdev *memdev_find(struct monitor *m, const char *id);
/* Is a device made of it? */
bool memdev_in_use(struct monitor *m, const char *id);
void memdevs_free(struct monitor *m);

#endif
