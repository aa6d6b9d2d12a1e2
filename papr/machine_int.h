/* SPDX-License-Identifier: Apache-2.0 */
/* papr/machine_int.h - struct papr itself, for the files that make and run the machine: papr.c, parts.c, vcpu*.c,
 * lifecycle.c.  Everybody else uses the functions of papr_int.h.
 *
 * Parking.  A processor runs only while `park` is 0 and it is not in RTAS stopped state.  Whoever wants it out sets a
 * bit and kicks; the processor leaves cpu_run(), finishes the hypercall it may be in, and waits at
 * the top of its loop with `parked` set. */
#ifndef PAPR_MACHINE_INT_H
#define PAPR_MACHINE_INT_H

#include "papr/clock.h"
#include "papr/loader.h"
#include "papr/papr_int.h"
#include "papr/trace_open.h"

enum papr_park {
    PARK_PAUSED = 1,        /* not started, or stopped by the monitor */
    PARK_QUIET = 2,         /* papr_for_all_stopped() */
    PARK_REQUEST = 4,       /* a reset or an end is about to happen */
    PARK_EXITING = 8,       /* papr_free(): threads end */
};

enum papr_request {
    REQUEST_RESET_HOST = 1,
    REQUEST_RESET_GUEST = 2,
    REQUEST_POWER_OFF = 4,
    REQUEST_PANIC = 8,
    REQUEST_ERROR = 16,
    REQUEST_QUIT = 32,
    REQUEST_START = 64,
    REQUEST_EXIT = 128,
};

struct papr {
    /* fixed by papr_new() */
    struct papr_config cfg;         /* strings are the machine's own copies */
    struct ram_window *ram;
    struct mem_map *map;
    struct cpu_group *cpus;         /* what the processors share */
    unsigned nr_vcpus;
    struct vcpu **vcpus;
    struct trace *trace;            /* NULL: off */
    struct perf_log *perf;          /* NULL: off */
    void (*sink)(void *opaque, const struct papr_event *ev);
    void *sink_opaque;

    /* parts (parts.c) */
    struct hpt *hpt;
    struct xics *xics;
    struct vty *vty;
    struct nvram *nvram;
    struct events *events;
    struct of_client *of;
    struct rtas *rtas;
    struct cas_state *cas;
    struct drcs *drcs;
    struct memory_hotplug *memory_hotplug;

    struct clock clock;
    struct loader *loader;          /* after papr_start() */

    _Atomic uint32_t park;          /* enum papr_park */
    const char *_Atomic quit_why;   /* who asked for the end first; NULL: nobody */
    struct lock stop_lock;          /* one papr_for_all_stopped() at a time */

    struct lock machine_lock;       /* guards the fields down to the end; the event sink is called under it */
    struct cond changed;
    uint32_t requests;              /* enum papr_request, for the lifecycle thread */
    bool start_done;                /* it has tried to start the machine; then start_error says how that went */
    struct error start_error;
    char *request_text;             /* panic or error; the first one counts */
    bool ended;
    bool lifecycle_started;
    pthread_t lifecycle;
    _Atomic enum papr_status status;
};

extern const struct state_list vcpu_state;

/* papr.c: guest instructions, and CPU time of the processors' threads, as of when each last left the guest. */
void papr_work_done(struct papr *p, uint64_t *insns, uint64_t *cpu_ns);

/* parts.c */
int papr_create_parts(struct papr *p, struct error *err);
void papr_destroy_parts(struct papr *p);
int papr_reset_parts(struct papr *p, struct error *err);        /* all processors parked */

/* vcpu.c */
struct vcpu *vcpu_new(struct papr *p, unsigned id, struct error *err);
void vcpu_free(struct vcpu *v);             /* its thread has ended */
int vcpu_start_thread(struct vcpu *v, struct error *err);
void vcpu_join_thread(struct vcpu *v);      /* told to end; nothing if it was not started */
void vcpu_reset(struct vcpu *v);            /* parked; RTAS stopped state */
void vcpu_wait_parked(struct papr *p);      /* any thread but a vcpu's; a park bit is set and stays */
void vcpu_fresh_stats(struct vcpu *v);      /* brings v->insns and so on up to date if that is quick */
/* Sets or clears a park bit and makes every processor look at it. */
void vcpu_park_all(struct papr *p, uint32_t bit);
void vcpu_unpark_all(struct papr *p, uint32_t bit);

/* boot.c: loads the images, builds the tree, sets up processor 0. All processors parked and reset, RAM zeroed. */
int boot_prepare(struct papr *p, struct error *err);

/* lifecycle.c */
void lifecycle_stop(struct papr *p);

#endif
