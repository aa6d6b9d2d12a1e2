/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/fake_memory.h - the memory side of a machine that is none, for programs that
 * test what is above it. Include once. */
#ifndef TESTS_FAKE_MEMORY_H
#define TESTS_FAKE_MEMORY_H

#include <errno.h>

#include "papr/connectors.h"
#include "papr/memory_hotplug.h"
#include "papr/papr.h"

int papr_resize_memory(struct papr *p, uint64_t memory_bytes, int64_t timeout_ns, struct error *err)
{
    (void)p;
    (void)timeout_ns;
    return memory_bytes % (256 << 20) ? error_set(err, EINVAL, "memory comes in blocks of 256 MiB") : 0;
}

int papr_resize_cancel(struct papr *p, struct error *err)
{
    (void)p;
    return error_set(err, ENOENT, "no resize is running");
}

void papr_memory_status(struct papr *p, struct memory_status *out)
{
    (void)p;
    *out = (struct memory_status){ .boot_bytes = 2ull << 30, .max_bytes = 8ull << 30, .present_bytes = 3ull << 30,
                                   .outcome = RESIZE_DONE };
}

const char *resize_outcome_name(enum resize_outcome outcome)
{
    return outcome == RESIZE_DONE ? "done" : "none";
}

int papr_dimm_plug(struct papr *p, const struct dimm_spec *spec, struct error *err)
{
    (void)p;
    return spec->size_bytes % (256 << 20) ? error_set(err, EINVAL, "its size must be a multiple of 256 MiB") : 0;
}

int papr_dimm_unplug(struct papr *p, const char *id, struct error *err)
{
    (void)p;
    return error_set(err, ENOENT, "there is no device '%s'", id);
}

bool papr_dimm_get(struct papr *p, unsigned n, struct dimm_view *out)
{
    (void)p;
    (void)n;
    (void)out;
    return false;
}

int papr_connector_plug(struct papr *p, uint32_t index, struct error *err)
{
    (void)p;
    return error_set(err, EINVAL, "there is no connector 0x%x", index);
}

int papr_connector_unplug(struct papr *p, uint32_t index, struct error *err)
{
    return papr_connector_plug(p, index, err);
}

bool papr_cpu_get(struct papr *p, unsigned n, struct papr_cpu_view *out)
{
    (void)p;
    *out = (struct papr_cpu_view){ .present = n == 0, .name = "CPU 0" };
    return n < 2;
}

int papr_cpu_plug(struct papr *p, uint64_t n, const char *name, struct error *err)
{
    (void)p;
    (void)name;
    return n == 1 ? 0 : error_set(err, EEXIST, "it is there already");
}

int papr_cpu_unplug(struct papr *p, const char *name, struct error *err)
{
    (void)p;
    if (strcmp(name, "CPU 0"))
        return error_set(err, ENOENT, "there is none");
    return error_set(err, EINVAL, "the first processor stays");
}

const char *papr_cpu_type(const struct papr *p)
{
    (void)p;
    return "power9_v2.2-spapr-cpu-core";
}

#endif
