/* SPDX-License-Identifier: Apache-2.0 */
/* main/run_opts.h - the options of `paprika run`. */
#ifndef MAIN_RUN_OPTS_H
#define MAIN_RUN_OPTS_H

#include "cpu/cpu.h"
#include "main/command.h"

#define NUMA_NODE_ANY UINT64_MAX

struct run_opts {
    const char *kernel, *initrd, *append, *name, *uuid;
    uint64_t memory_bytes, max_memory_bytes, code_cache_bytes, cpus, max_cpus;
    unsigned cpu, engine;
    const char *qmp, *serial;
    const char *trace, *trace_file;
    const char *marker;
    unsigned huge_pages;
    uint64_t numa_node;             /* as the host counts them, or NUMA_NODE_ANY */
    bool paused, perf, report, json, prealloc, reserve;
};

/* choices of --cpu, --engine, --serial; each ends with NULL */
extern const char *const cpu_models[], *const engine_names[], *const serial_places[];
enum isa_level cpu_model_level(unsigned choice);

/* Parses, fills in what was left out, checks what only the options together can tell.
 * 0, 1 when help was asked for, or -EINVAL. */
int run_opts_parse(struct run_opts *o, int argc, char **argv, struct error *err);

#endif
