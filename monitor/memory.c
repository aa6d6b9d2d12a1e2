/* SPDX-License-Identifier: Apache-2.0 */
/* monitor/memory.c - QMP commands on memory that comes and goes.
 * Spec: QEMU's QAPI reference for the names that exist there;
 * resize, resize-cancel and query-resize are ours (docs/hotplug.md). */
#include "monitor/memory.h"

#include <stdio.h>

/* ---- our own verb ---- */

const struct qmp_arg qmp_resize_args[] = { { "memory", 'i', false }, { "timeout", 'i', true }, { NULL } };

void qmp_resize(struct qmp_call *q)
{
    json_int_t bytes = qmp_integer(q, "memory");
    json_int_t timeout_s = qmp_integer(q, "timeout");
    struct error err = { 0 };

    if (bytes < 0)
        qmp_fail(q, "'memory' is in bytes and cannot be negative");
    else if (timeout_s < 0 || timeout_s > 1000000000)
        qmp_fail(q, "'timeout' is in seconds, from 0 (none) to 1000000000");
    else if (papr_resize_memory(q->m->machine, (uint64_t)bytes, timeout_s * 1000000000, &err) < 0)
        qmp_refuse(q, &err);
}

void qmp_resize_cancel(struct qmp_call *q)
{
    qmp_ask(q, papr_resize_cancel);
}

void qmp_query_resize(struct qmp_call *q)
{
    struct memory_status s;

    papr_memory_status(q->m->machine, &s);
    q->ret = json_pack("{s:s, s:b, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:f, s:f, s:f}",
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

void qmp_query_memory_size_summary(struct qmp_call *q)
{
    struct memory_status s;
    uint64_t base;

    papr_memory_status(q->m->machine, &s);
    base = s.present_bytes < s.boot_bytes ? s.present_bytes : s.boot_bytes;
    q->ret = json_pack("{s:I, s:I}", "base-memory", (json_int_t)base,
                     "plugged-memory", (json_int_t)(s.present_bytes - base));
}

void qmp_query_memory_devices(struct qmp_call *q)
{
    struct dimm_view v;

    q->ret = json_array();
    for (unsigned n = 0; papr_dimm_get(q->m->machine, n, &v); n++) {
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
        json_array_append_new(q->ret, json_pack("{s:s, s:o}", "type", "dimm", "data", data));
    }
}
