/* SPDX-License-Identifier: Apache-2.0 */
/* papr/memory_hotplug_int.h - the inside of memory hot-plug, for papr/memory_*.c only. */
#ifndef PAPR_MEMORY_HOTPLUG_INT_H
#define PAPR_MEMORY_HOTPLUG_INT_H

#include <pthread.h>

#include "base/buf.h"
#include "papr/drc.h"
#include "papr/events.h"
#include "papr/machine_int.h"
#include "papr/memory_hotplug.h"

#define SECOND_NS 1000000000LL
#define FENCE_AFTER_NS (3 * SECOND_NS / 2)      /* of silence; at once when the guest has refused before */
#define SILENCE_NS (20 * SECOND_NS)             /* without a fence: taken for a refusal */
#define LATE_NS (30 * SECOND_NS)                /* a block given back that soon after a grow was refused */

enum { GROW_BATCH = 64, SHRINK_BATCH = 32, RETRIES_MAX = 64, FENCES_MAX = 16 };

enum job_kind { JOB_GROW, JOB_SHRINK, JOB_PLUG, JOB_UNPLUG };      /* the last two: of one device */

struct block_range {
    uint32_t first, n;
};

/* What the guest was asked for last. n 0: nothing. */
struct batch {
    struct block_range range;
    uint32_t left;              /* blocks of it not settled yet */
    bool sent;                  /* false: the event queue was full */
    bool failed;                /* the guest refused; it may still be at it */
    bool fence_wanted, fence_sent;
    uint64_t fence_number;
    int64_t since_ns;           /* the last sign of life */
};

struct job {
    struct job *next;
    enum job_kind kind;
    struct dimm *dimm;          /* JOB_PLUG, JOB_UNPLUG */
    bool started;
    uint64_t target_bytes;
    uint32_t wanted, refused;   /* blocks */
    uint32_t held_start;        /* blocks that the guest held when it began */
    uint32_t below;             /* JOB_SHRINK: next candidates are below; JOB_PLUG: next block */
    uint32_t batch_max;
    struct batch batch;
    struct block_range retry[RETRIES_MAX];      /* halves of refused batches */
    uint32_t retries;
    uint64_t batches, fences;
    int64_t start_ns, deadline_ns;              /* deadline 0: none */
    int64_t vmm_start_ns;
    uint64_t insns_start, cpu_start_ns;
};

struct dimm {
    struct dimm *next;
    struct dimm_spec spec;
    struct block_range range;
    uint64_t untaken_bytes;     /* while its memory is being taken; the guest knows nothing of it yet */
    bool leaving;
};

/* Between the state list and the rest, while a machine is saved or loaded. */
struct memory_image {
    struct memory_hotplug *m;
    uint32_t fence_id[FENCES_MAX];
    uint64_t fences_sent, fences_seen;
    struct buf dimm_bytes, job_bytes;           /* saving */
    struct dimm *dimms;                         /* loading */
    struct job *jobs;
};

struct memory_hotplug {
    struct papr *papr;
    struct memory_image image;
    struct lock lock;           /* guards the rest */
    struct cond changed;        /* the thread looks again */
    struct job *jobs;           /* the first one runs */
    struct job last;            /* the last resize, when it is over; and its figures */
    enum resize_outcome outcome;
    uint32_t last_done;
    int64_t last_end_ns, last_vmm_ns;
    uint64_t last_insns, last_cpu_ns;           /* totals, when it ended */
    uint32_t fence_id[FENCES_MAX];              /* of fence number n: n % FENCES_MAX */
    uint64_t fences_sent, fences_seen;          /* the guest reaches them in order, also those of batches long over */
    bool resetting;             /* connectors are being reset: count, do nothing */
    struct vcpu *caller;        /* whose thread does that */
    bool exiting, thread_started;
    int64_t size_told_ns;
    pthread_t thread;
    struct dimm *dimms;
};

static inline struct drcs *drcs_of(const struct memory_hotplug *m)
{
    return m->papr->drcs;
}

static inline bool range_has(struct block_range r, uint32_t id)
{
    return id >= r.first && id - r.first < r.n;
}

/* memory_batch.c: the job at the head of the list. All: REQUIRES(m->lock). */
void batch_next(struct memory_hotplug *m);          /* no batch is out: sends another one, or ends the job */
void batch_over(struct memory_hotplug *m);          /* the guest has finished with it */
void batch_fence(struct memory_hotplug *m);         /* sends one, if there is none and a place for it */
void batch_sensed(struct memory_hotplug *m, uint32_t id);    /* the guest asked about an absent block: a fence, maybe */
void batch_regret(struct memory_hotplug *m);        /* the guest gives back what a batch before had given it */
void batch_resend(struct memory_hotplug *m);
void batch_offline(struct memory_hotplug *m);       /* does the whole job without the guest, which has not looked yet */
uint32_t job_done(struct memory_hotplug *m, const struct job *j);

/* memory_hotplug.c. REQUIRES(m->lock). */
void job_finish(struct memory_hotplug *m, enum resize_outcome outcome);
int job_watch(struct memory_hotplug *m, struct error *err);        /* starts the thread, or has it look again */
int job_add(struct memory_hotplug *m, const struct job *job, struct error *err);
void tell_size(struct memory_hotplug *m, bool last);

/* memory_state.c */
void memory_image_fini(struct memory_image *image);

/* The first job takes memory from the host, piece by piece in the thread; it begins after that. */
static inline bool job_takes(const struct memory_hotplug *m)
{
    return m->jobs && m->jobs->kind == JOB_PLUG && m->jobs->dimm->untaken_bytes;
}

/* memory_dimm.c. REQUIRES(m->lock). */
/* One piece for job_takes(), without the lock meanwhile; or ends the job. */
void dimm_take(struct memory_hotplug *m) REQUIRES(m->lock);
void dimm_attach(struct memory_hotplug *m, const struct dimm *d);
bool dimm_owns(const struct memory_hotplug *m, uint32_t id, struct block_range *range);
void dimm_finished(struct memory_hotplug *m, const struct job *j, enum resize_outcome outcome);

#endif
