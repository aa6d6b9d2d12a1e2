/* SPDX-License-Identifier: Apache-2.0 */
/* papr/papr.h - the machine: a PAPR (pseries) partition, from creation to power-off.
 *
 * Threads: each function says its own; "any" means any thread without locks held.  Events are called from machine
 * threads and must not call back into blocking functions of the machine. */
#ifndef PAPR_PAPR_H
#define PAPR_PAPR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "cpu/cpu.h"
#include "cpu/run.h"
#include "mem/ram_policy.h"

struct papr;
struct console;             /* dev/console.h: where the vty's bytes go and come from */

#define PAPR_DEVICE_NAME_MAX 64     /* with the NUL */

struct papr_config {
    const char *kernel;         /* path: vmlinux ELF64 (LE or BE) or zImage */
    const char *initrd;         /* path or NULL */
    const char *append;         /* command line or NULL */
    const char *name;           /* ibm,partition-name or NULL */
    const char *uuid;           /* as base/uuid.h reads it, or NULL */
    uint64_t memory_bytes;      /* boot memory; multiple of 256 MiB is not required */
    uint64_t max_memory_bytes;  /* hot-plug ceiling; >= memory_bytes */
    struct ram_policy memory_policy;    /* of boot memory and of what a resize adds; anonymous memory only */
    unsigned cpus;              /* processors present at boot */
    unsigned max_cpus;          /* how many there can be; 0: as many */
    enum isa_level level;       /* power8 or power9 */
    enum cpu_engine engine;     /* how guest code runs (cpu/run.h) */
    uint64_t code_cache_bytes;  /* at most this much translated code; 0: the engine's own limit */
    struct console *console;    /* owned by the caller; NULL: none */
    const char *trace;          /* comma list of trace classes or NULL */
    const char *trace_file;     /* NULL: stderr */
    bool perf;                  /* tell Linux perf about translated code (cpu/perf_log.h) */
};

enum papr_status { PAPR_PRELAUNCH, PAPR_RUNNING, PAPR_PAUSED, PAPR_SHUTDOWN, PAPR_GUEST_PANICKED, PAPR_INTERNAL_ERROR };

enum papr_event_kind {
    PAPR_EVENT_SHUTDOWN,        /* the last one; guest: its own doing; text: why, in QMP's words (enum ShutdownCause) */
    PAPR_EVENT_RESET,
    PAPR_EVENT_POWERDOWN,       /* the power button was pressed */
    PAPR_EVENT_STOP,
    PAPR_EVENT_RESUME,
    PAPR_EVENT_GUEST_PANICKED,  /* text: what ibm,os-term said; SHUTDOWN follows, as after INTERNAL_ERROR */
    PAPR_EVENT_INTERNAL_ERROR,  /* text */
    PAPR_EVENT_DEVICE_DELETED,  /* text: its id; why: it never came to be, or NULL */
    PAPR_EVENT_UNPLUG_ERROR,    /* text: the id of the device that the guest keeps */
    PAPR_EVENT_MEMORY_SIZE,     /* bytes: plugged memory, beyond that of the start */
    PAPR_EVENT_RESIZED,         /* text: how it went; bytes: the memory there is now */
};

struct papr_event {
    enum papr_event_kind kind;
    bool guest;
    const char *text, *why;     /* valid during the call only; may be NULL */
    uint64_t bytes;
};

/* Creates a machine that is ready to start: memory reserved, nothing loaded yet.
 * NULL and *err on host or user mistakes. */
struct papr *papr_new(const struct papr_config *cfg, struct error *err);
/* Stops everything, waits for its threads, frees. Any thread that is not the machine's own. */
void papr_free(struct papr *p);

/* Where events go. Before papr_start(). */
void papr_set_event_sink(struct papr *p, void (*sink)(void *opaque, const struct papr_event *ev), void *opaque);

/* Loads the kernel and initrd, starts the processors' threads (paused if `paused`). 0 or negative errno with *err. */
int papr_start(struct papr *p, bool paused, struct error *err);

/* Any thread; none of these waits for the guest: after papr_stop() the guest's clock stands still, and a processor ends
 * the hypercall or the few thousand instructions that it is at.
 * stop and cont answer 0, or -EINVAL in a state that does not allow it. */
int papr_stop(struct papr *p, struct error *err);
int papr_cont(struct papr *p, struct error *err);
void papr_request_reset(struct papr *p);
void papr_request_powerdown(struct papr *p);    /* EPOW to the guest */
/* why: a constant for the SHUTDOWN event, "host-signal" for example. */
void papr_request_quit(struct papr *p, const char *why);

enum papr_status papr_status(const struct papr *p);

/* Waits until the machine ends (power-off, panic, quit, internal error); returns the final status. */
enum papr_status papr_wait(struct papr *p);

const char *papr_cpu_type(const struct papr *p);         /* as management tools name it */

struct papr_stats {
    uint64_t insns;             /* guest instructions completed, all processors */
    uint64_t guest_ns;          /* host CPU time of the processors' threads */
    uint64_t ram_touched_bytes;
    uint64_t hpt_touched_bytes; /* the hash table's host memory, which the guest's entries touched */
};
/* Any thread; a running guest is interrupted for a look, for at most some milliseconds. */
void papr_stats(struct papr *p, struct papr_stats *out);
/* Any thread, without disturbing the guest: what its processors did, all together. */
struct papr_engine_stats {
    struct cpu_stats cpu;
    struct cpu_group_stats group;
    uint64_t guest_ns;                      /* CPU time of their threads */
    uint64_t exit_ns[CPU_EXIT_KINDS];       /* time until each exit was answered, waiting included (H_CEDE) */
};
void papr_engine_stats(struct papr *p, struct papr_engine_stats *out);
/* The same of one hypercall: by row of their table; false: there is no such row. */
struct papr_hcall_stats {
    const char *name;
    uint64_t count, ns;
};
bool papr_hcall_stats(struct papr *p, size_t row, struct papr_hcall_stats *out);
/* The same for the rows of the instruction table: cpu_c_calls() of all processors. */
bool papr_c_calls(struct papr *p, size_t row, const char **name, uint64_t *count);

#endif
