/* SPDX-License-Identifier: Apache-2.0 */
/* papr/papr_int.h - the machine's inside, shared by the files of papr/ only.
 *
 * Lock order (docs/locking.md): stop_lock, a part's own lock (of_client, rtas, events, vty, hpt, xics), machine_lock,
 * then a vcpu's run_lock, which is a leaf: nothing else is taken under it, so an interrupt controller may wake a
 * processor under its own lock. */
#ifndef PAPR_PAPR_INT_H
#define PAPR_PAPR_INT_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/lock.h"
#include "base/rcu.h"
#include "cpu/cpu.h"
#include "cpu/run.h"
#include "mem/mem_map.h"
#include "mem/ram_window.h"
#include "papr/papr.h"

#define PAPR_LMB_SHIFT 28
#define PAPR_LMB_SIZE (1ull << PAPR_LMB_SHIFT)
#define PAPR_TIMEBASE_HZ 512000000ull

struct papr;

/* Changes of memory that reach a processor between two runs of cpu_run(): translations to drop. */
enum vcpu_request_kind { VCPU_FLUSH_HPTE, VCPU_FLUSH_RAM };
struct vcpu_request {
    enum vcpu_request_kind kind;
    uint64_t a, b, c;
};
enum { VCPU_REQUESTS_MAX = 64 };
struct vcpu_requests {
    struct lock lock;               /* a leaf */
    struct cond taken;              /* the processor left cpu_run() or took its requests */
    struct vcpu_request item[VCPU_REQUESTS_MAX];
    unsigned count;
    bool overflow;                  /* more than fit: drop everything */
    _Atomic bool pending;
    _Atomic unsigned waiters;
};

/* Answers to the guest, counted by their one writer (base/counter.h). */
struct answer_count {
    uint64_t count, ns;
};
enum { HCALL_ROWS_MAX = 64 };

struct vcpu {
    struct cpu cpu;
    struct papr *papr;
    unsigned id;                    /* interrupt server number = index */
    struct lock run_lock;           /* guards the fields down to outside; a leaf */
    pthread_t thread;
    bool thread_started;            /* and not about to be joined */
    struct cond run_cond;
    bool prodded;                   /* H_PROD: the next H_CEDE returns at once */
    bool ceded;                     /* sleeping in H_CEDE */
    /* RTAS stopped state: not started, or after stop-self; own thread reads without the lock */
    bool stopped;
    bool parked;                    /* at the top of its loop, outside cpu_run() and every hypercall */
    /* promises not to touch its registers: parked, or waiting in papr_for_all_stopped() */
    bool outside;
    char device[PAPR_DEVICE_NAME_MAX];      /* what device_add called it; "": nothing */

    _Atomic bool held;              /* the guest's: its connector is not UNUSABLE */
    _Atomic bool in_guest;          /* inside cpu_run(), or about to look at its requests before entering */
    _Atomic bool sleeping;          /* waits on run_cond in vcpu_sleep() */
    _Atomic unsigned left_guest;    /* how often it came out */
    _Atomic uint64_t insns;                         /* as of then */
    _Atomic bool sreset_pending;    /* a system reset comes before the next guest instruction */
    uint64_t exit_ns[CPU_EXIT_KINDS];               /* time until each exit was answered; any thread reads */
    struct answer_count hcalls[HCALL_ROWS_MAX];     /* the same by row of hcall_table */
    struct vcpu_requests requests;  /* what others want done before the next guest instruction */

    bool joined;                    /* sleeping in H_JOIN; guarded by processor 0's run_lock */
    ra_t vpa, slb_shadow, dtl;      /* 0: not registered; guarded by run_lock */
};

/* ---- services of the machine core (papr.c, vcpu.c) ---- */
struct vcpu *papr_vcpu(struct papr *p, uint64_t id);                    /* NULL: no such processor */
struct vcpu *papr_guest_vcpu(struct papr *p, uint64_t id);              /* also NULL: the guest does not hold it */
unsigned papr_vcpu_count(const struct papr *p);                         /* as many as there can be */
struct mem_map *papr_map(struct papr *p);
struct ram_window *papr_ram(struct papr *p);
const struct papr_config *papr_config(const struct papr *p);
uint64_t papr_timebase(void *papr);                                     /* 512 MHz, monotonic; any thread */
/* out of H_CEDE, and out of cpu_run() for a look */
void vcpu_wake(struct vcpu *v) REQUIRES(v->run_lock);
void vcpu_kick(struct vcpu *v);                                         /* any thread, no lock needed */
/* Any thread: a system reset interrupt, whatever MSR[EE] says. */
void vcpu_system_reset(struct vcpu *v);
/* Sleeps until an interrupt is pending (until_irq), the vcpu is prodded (the flag is taken), a system reset comes, or
 * the machine wants it parked (then it returns early: H_CEDE may end spuriously).
 * H_CEDE, H_CONFER to self. Own thread, no locks held. */
void vcpu_sleep(struct vcpu *v, bool until_irq);
/* Starts a stopped vcpu: 64-bit big-endian real mode at pc with r3 (RTAS start-cpu). 0, or -EBUSY when not stopped. */
int vcpu_start(struct vcpu *v, uint64_t pc, uint64_t r3, const struct vcpu *caller);
void vcpu_stop_self(struct vcpu *v);                                    /* on its own thread */
bool vcpu_is_stopped(struct vcpu *v);
/* Runs fn(v, arg) for every vcpu while all of them are outside cpu_run() and outside hypercalls (but for callers of
 * this very function); for rare global changes (HPT commit, SET_MODE on all). caller: the vcpu whose thread this is, or
 * NULL. The caller holds no lock: take the ones fn needs inside it.
 * What the caller checked before must be checked again inside fn. */
void papr_for_all_stopped(struct papr *p, struct vcpu *caller, void (*fn)(struct vcpu *v, void *arg), void *arg);
/* Drops an HPTE's translations on every vcpu before it returns. The hpt's locks may be held, a device's not: an MMIO
 * access inside cpu_run() may be waiting for it. caller as above. */
void papr_flush_hpte(struct papr *p, struct vcpu *caller, uint64_t v, uint64_t r, uint64_t ptex);
/* The same in two steps, for a batch: post each, then wait once. */
void papr_flush_hpte_post(struct papr *p, struct vcpu *caller, uint64_t v, uint64_t r, uint64_t ptex);
void papr_flush_wait(struct papr *p, struct vcpu *caller);
/* The same for all that reaches host memory [host, host + len): RAM that goes away. */
void papr_flush_ram(struct papr *p, struct vcpu *caller, const uint8_t *host, uint64_t len);

/* What a guest asks for or runs into. They return at once; the calling processor executes nothing more. */
void papr_guest_power_off(struct papr *p);
void papr_guest_reset(struct papr *p);
void papr_guest_panic(struct papr *p, const char *text);
void papr_guest_checkstop(struct papr *p, const struct vcpu *v);
void papr_internal_error(struct papr *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void papr_emit(struct papr *p, const struct papr_event *ev);          /* under machine_lock */
void papr_tell(struct papr *p, const struct papr_event *ev);          /* takes it */

/* Whether it asks for anything but private memory, taken when touched. */
static inline bool papr_has_policy(const struct ram_policy *policy)
{
    return policy->backing != RAM_ANONYMOUS || policy->huge_shift || policy->no_huge || policy->node_plus_1 ||
           policy->reserve || policy->prealloc;
}

/* Guest memory as the machine reads and writes it: real addresses with the top nibble ignored (LoPAR, hypercall
 * arguments). False: not all RAM; nothing was changed. Writes void code made of what was there and mark dirty logs. */
bool papr_read(struct papr *p, uint64_t addr, void *buf, size_t len);
bool papr_write(struct papr *p, uint64_t addr, const void *buf, size_t len);
bool papr_is_ram(struct papr *p, uint64_t addr, uint64_t len);

/* ---- parts, one file each; created by papr_new(), reset by papr_reset_parts() ---- */
struct hpt *papr_hpt(struct papr *p);
/* An empty hash table of the size that the booted kernel wants for so much memory. All processors parked or in RTAS
 * stopped state, but for a caller in real mode. */
int papr_size_hpt(struct papr *p, uint64_t memory_bytes, struct error *err);
struct xics *papr_xics(struct papr *p);
struct vty *papr_vty(struct papr *p);
struct nvram *papr_nvram(struct papr *p);
struct events *papr_events(struct papr *p);
struct of_client *papr_of(struct papr *p);
struct rtas *papr_rtas(struct papr *p);
struct cas_state *papr_cas(struct papr *p);
struct drcs *papr_drcs(struct papr *p);
struct memory_hotplug *papr_memory_hotplug(struct papr *p);
/* What the guest has or may take now: boot memory and what was plugged, less what was removed. Any thread. */
uint64_t papr_memory_bytes(struct papr *p);

/* ---- hypercalls: papr/hcall_table.c holds one row each ---- */
/* arg[0] is r4; ret[0] becomes r4 (only the row's nrets are written back, whatever the status).
 * Returns r3. The vcpu's thread. */
typedef int64_t hcall_fn(struct vcpu *v, const uint64_t *arg, uint64_t *ret);
struct hcall_row {
    uint32_t opcode;
    const char *name;
    const char *hypertas;       /* name in ibm,hypertas-functions, or NULL */
    hcall_fn *run;
    uint8_t nargs, nrets;
};
extern const struct hcall_row hcall_table[];
extern const size_t hcall_table_size;
/* Reads r3.., runs the row, writes r3..; returns the row, NULL when there is none (H_FUNCTION). */
const struct hcall_row *hcall_dispatch(struct vcpu *v);

/* ---- RTAS: papr/rtas_table.c holds one row each, which also makes the tokens of /rtas ---- */
/* arg and ret are host-endian; the result becomes ret[0] (status);
 * fn fills ret[1..nrets-1] (zeroed before). The vcpu's thread. */
typedef int32_t rtas_fn(struct vcpu *v, const uint32_t *arg, uint32_t *ret);
struct rtas_row {
    const char *name;
    rtas_fn *run;
    uint8_t nargs, nrets;       /* nrets includes the status */
    uint8_t nargs_max;          /* 0: exactly nargs */
};
extern const struct rtas_row rtas_table[];
extern const size_t rtas_table_size;
enum { RTAS_TOKEN_BASE = 0x2000 };      /* token = base + row number */

#endif
