/* SPDX-License-Identifier: Apache-2.0 */
/* papr/memory_hotplug.h - memory comes and goes while the guest runs: resizing the machine,
 * and memory devices (pc-dimm).
 *
 * Spec: LoPAR, "Dynamic Reconfiguration"; docs/hotplug.md.  A request becomes a job; jobs run one after the other, in
 * batches of blocks (LMBs, 256 MiB) that the guest is told of by one event each, never more than two events at a time.
 * What the guest does is seen from its connectors' transitions; a refusal that it does silently is found by a fence: an
 * event that makes the guest ask about a block that does not exist, which it does when it has
 * finished with everything before.
 *
 * Threads: any, none waits for the guest.  One lock inside, above the connectors' (docs/locking.md); one thread that
 * watches the time, started with the first job. */
#ifndef PAPR_MEMORY_HOTPLUG_H
#define PAPR_MEMORY_HOTPLUG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/state.h"
#include "mem/ram_policy.h"

struct papr;
struct vcpu;


/* ---- resizing ---- */

/* Asks the guest to become memory_bytes large: a multiple of 256 MiB that leaves at least the first GiB, at most the
 * ceiling.  0: the job has begun (or there was nothing to do).  -EINVAL: impossible; -EBUSY: another job runs;
 * -EOPNOTSUPP: the guest cannot.  timeout_ns: after that the guest is asked no more; 0: never. */
int papr_resize_memory(struct papr *p, uint64_t memory_bytes, int64_t timeout_ns, struct error *err);
/* Ends the running resize as its time limit would. -ENOENT: none. */
int papr_resize_cancel(struct papr *p, struct error *err);

enum resize_outcome {
    RESIZE_NONE,                /* never asked */
    RESIZE_WAITING,             /* for a guest that has not come up far enough */
    RESIZE_RUNNING,
    RESIZE_DONE,
    RESIZE_PARTIAL,             /* the guest refused some */
    RESIZE_REFUSED,             /* the guest refused all */
    RESIZE_TIMED_OUT,
    RESIZE_CANCELLED,
};
struct memory_status {
    uint64_t boot_bytes, max_bytes;
    uint64_t present_bytes;     /* what the guest has or may take */
    uint64_t held_bytes;        /* what it has taken */
    enum resize_outcome outcome;        /* of the resize that runs or ran last */
    bool grow;
    uint64_t target_bytes;
    uint64_t blocks_wanted, blocks_done, blocks_refused;
    uint64_t batches, fences;
    int64_t elapsed_ns;
    uint64_t guest_insns;       /* meanwhile, by all processors */
    int64_t cpu_ns;             /* CPU time of the processors' threads */
    int64_t vmm_ns;             /* of it, spent in this program on connectors and maps */
    char text[200];             /* one line for people */
};
void papr_memory_status(struct papr *p, struct memory_status *out);
const char *resize_outcome_name(enum resize_outcome outcome);

/* ---- memory devices ---- */

struct dimm_spec {
    char id[PAPR_DEVICE_NAME_MAX], memdev[PAPR_DEVICE_NAME_MAX];
    uint64_t addr;              /* UINT64_MAX: the lowest free range */
    uint64_t size_bytes;        /* a multiple of 256 MiB */
    struct ram_policy policy;   /* its memory; path is used during the call only, progress not at all */
};
/* -EINVAL, -EEXIST, -ENOSPC, and what opening its memory comes to; the id may be empty.  With
 * policy.prealloc the guest is asked once all of its memory is taken, which goes on afterwards:
 * dimm_view.untaken_bytes; if it fails, PAPR_EVENT_DEVICE_DELETED says why. */
int papr_dimm_plug(struct papr *p, const struct dimm_spec *spec, struct error *err);
/* Asks the guest to give it back, or stops taking its memory; tells the outcome by PAPR_EVENT_DEVICE_DELETED or
 * _UNPLUG_ERROR. -ENOENT; -EBUSY: asked already. */
int papr_dimm_unplug(struct papr *p, const char *id, struct error *err);

struct dimm_view {
    struct dimm_spec spec;
    uint64_t untaken_bytes;     /* of its memory, to be taken before the guest gets it */
    bool leaving;
};
/* The n-th device in order of plugging. False: no more. */
bool papr_dimm_get(struct papr *p, unsigned n, struct dimm_view *out);

/* ---- for the machine ---- */
struct memory_hotplug *memory_hotplug_new(struct papr *p, struct error *err);
void memory_hotplug_free(struct memory_hotplug *m);
/* Machine reset and CAS. Between the two calls connectors are reset; the guest does not run.  At the second one of a
 * CAS what was asked for is done at once: the guest has not looked yet. */
void memory_hotplug_reset_begin(struct memory_hotplug *m, struct vcpu *caller);
void memory_hotplug_reset_end(struct memory_hotplug *m, bool negotiated);

/* Saved: devices, and jobs that are not over.
 * At rest there is nothing to save: skip the section; a load without it forgets them. */
struct memory_image *memory_hotplug_image(struct memory_hotplug *m);       /* what the state list is about */
bool memory_hotplug_at_rest(struct memory_image *image);
void memory_hotplug_forget(struct memory_image *image);
extern const struct state_list memory_hotplug_state;

#endif
