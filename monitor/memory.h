/* SPDX-License-Identifier: Apache-2.0 */
/* monitor/memory.h - the rows of monitor/memory.c: memory that comes and goes. */
#ifndef MONITOR_MEMORY_H
#define MONITOR_MEMORY_H

#include "monitor/monitor_int.h"

typedef void qmp_fn(struct monitor *m, const json_t *args, json_t **ret, struct qmp_error *e);

qmp_fn qmp_resize, qmp_resize_cancel, qmp_query_resize;
qmp_fn qmp_query_memory_size_summary, qmp_query_memory_devices, qmp_query_memdev, qmp_query_hotpluggable_cpus;
qmp_fn qmp_connector_plug, qmp_connector_unplug;
qmp_fn qmp_object_add, qmp_object_del, qmp_device_add, qmp_device_del;
extern const struct qmp_arg qmp_resize_args[], qmp_object_add_args[], qmp_object_del_args[], qmp_device_add_args[],
    qmp_device_del_args[], qmp_connector_args[];

void memdevs_free(struct monitor *m);

#endif
