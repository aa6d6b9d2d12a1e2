/* SPDX-License-Identifier: Apache-2.0 */
/* papr/vcpu.c - one processor of the machine: its thread, its exits, the RTAS stopped state.
 *
 * Threads: vcpu_main() is the processor's own; vcpu_start() any processor's; the rest with the processor parked. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/counter.h"
#include "base/thread.h"
#include "papr/hcalls.h"
#include "papr/machine_int.h"
#include "papr/rtas.h"
#include "papr/vcpu_int.h"

static void copy_modes(struct vcpu *v, const struct vcpu *from)
{
    cpu_set_ile(&v->cpu, from->cpu.ile);
    cpu_set_ail(&v->cpu, from->cpu.ail);
    v->cpu.spr[SPR_PCR] = from->cpu.spr[SPR_PCR];
}

int vcpu_start(struct vcpu *v, uint64_t pc, uint64_t r3, const struct vcpu *caller)
{
    int rc = -EBUSY;

    lock_take(&v->run_lock);
    if (v->stopped && v->parked) {
        cpu_reset(&v->cpu);
        hcall_vcpu_reset(v);
        copy_modes(v, caller);
        cpu_set_msr(&v->cpu, MSR_SF | MSR_ME);
        v->cpu.nip = pc;
        v->cpu.gpr[3] = r3;
        v->cpu.halted = 0;
        v->prodded = false;
        v->stopped = false;
        cond_broadcast(&v->run_cond);
        rc = 0;
    }
    lock_drop(&v->run_lock);
    return rc;
}

void vcpu_stop_self(struct vcpu *v)
{
    lock_take(&v->run_lock);
    v->cpu.halted = 1;
    v->stopped = true;
    lock_drop(&v->run_lock);
}

bool vcpu_is_stopped(struct vcpu *v)
{
    bool stopped;

    lock_take(&v->run_lock);
    stopped = v->stopped && (v->parked || !v->thread_started);
    lock_drop(&v->run_lock);
    return stopped;
}

void vcpu_reset(struct vcpu *v)
{
    lock_take(&v->run_lock);
    cpu_reset(&v->cpu);
    hcall_vcpu_reset(v);
    v->cpu.halted = 1;
    v->stopped = true;
    v->prodded = v->ceded = false;
    atomic_store(&v->sreset_pending, false);
    v->requests.count = 0;
    v->requests.overflow = false;
    atomic_store(&v->requests.pending, false);
    lock_drop(&v->run_lock);
}

/* ---- the thread ---- */

/* The hypercall's row if it was one. */
static const struct hcall_row *answer(struct vcpu *v, enum cpu_exit exit)
{
    switch (exit) {
    case CPU_EXIT_KICK:
        break;
    case CPU_EXIT_HCALL:
        return hcall_dispatch(v);
    case CPU_EXIT_HCALL_PR:
        v->cpu.gpr[3] = (uint64_t)H_PRIVILEGE;
        break;
    case CPU_EXIT_MISMATCH:
        papr_internal_error(v->papr, "translated code and interpreter differ on processor %u: see above", v->id);
        break;
    case CPU_EXIT_MACHINE_CHECK:
        rtas_nmi_machine_check(v);
        break;
    case CPU_EXIT_CHECKSTOP:
        papr_guest_checkstop(v->papr, v);
        break;
    }
    return NULL;
}

static void run_once(struct vcpu *v)
{
    const struct hcall_row *row;
    enum cpu_exit exit;
    uint64_t start, ns;

    if (atomic_load(&v->sreset_pending) && atomic_exchange(&v->sreset_pending, false))
        rtas_nmi_system_reset(v);
    if (!vcpu_enter_guest(v))
        return;
    exit = cpu_run(&v->cpu);
    start = (uint64_t)time_now_ns();
    vcpu_leave_guest(v);
    row = answer(v, exit);
    ns = (uint64_t)time_now_ns() - start;
    counter_add(&v->exit_ns[exit], ns);
    if (row) {
        counter_add(&v->hcalls[row - hcall_table].count, 1);
        counter_add(&v->hcalls[row - hcall_table].ns, ns);
    }
}

static void *vcpu_main(void *arg)
{
    struct vcpu *v = arg;

    rcu_register_thread();
    lock_take(&v->run_lock);
    vcpu_park(v);                            /* `parked` was true before this thread existed */
    lock_drop(&v->run_lock);
    while (!vcpu_exiting(v->papr)) {
        if (!vcpu_must_park(v)) {
            run_once(v);
            continue;
        }
        lock_take(&v->run_lock);
        vcpu_park(v);
        lock_drop(&v->run_lock);
    }
    lock_take(&v->run_lock);
    v->parked = v->outside = true;
    cond_broadcast(&v->run_cond);
    lock_drop(&v->run_lock);
    rcu_unregister_thread();
    return NULL;
}

int vcpu_start_thread(struct vcpu *v, struct error *err)
{
    char name[16];
    int rc;

    snprintf(name, sizeof(name), "vcpu %u", v->id);
    lock_take(&v->run_lock);
    rc = thread_start(&v->thread, name, vcpu_main, v, err);
    v->thread_started = !rc;
    lock_drop(&v->run_lock);
    return rc;
}

struct vcpu *vcpu_new(struct papr *p, unsigned id, struct error *err)
{
    struct cpu_config cfg = {
        .id = id, .level = p->cfg.level, .engine = p->cfg.engine, .map = p->map, .timebase = papr_timebase, .opaque = p,
        .trace = p->trace, .perf = p->perf, .group = p->cpus,
    };
    struct vcpu *v = aligned_alloc(64, (sizeof(*v) + 63) & ~63ull);

    if (!v) {
        error_set(err, ENOMEM, "out of memory for processor %u", id);
        return NULL;
    }
    memset(v, 0, sizeof(*v));
    v->papr = p;
    v->id = id;
    if (cpu_init(&v->cpu, &cfg, err)) {
        free(v);
        return NULL;
    }
    lock_init(&v->run_lock);
    cond_init(&v->run_cond);
    vcpu_requests_init(&v->requests);
    v->stopped = true;
    v->parked = v->outside = true;
    atomic_store(&v->held, id < p->cfg.cpus);
    return v;
}

static const struct state_field fields[] = {
    STATE_BOOL(struct vcpu, prodded, 1),
    STATE_BOOL(struct vcpu, stopped, 1),
    STATE_BOOL(struct vcpu, sreset_pending, 1),
    STATE_U64(struct vcpu, vpa, 1),
    STATE_U64(struct vcpu, slb_shadow, 1),
    STATE_U64(struct vcpu, dtl, 1),
    STATE_BYTES(struct vcpu, device, 2),
};
const struct state_list vcpu_state = STATE_LIST("vcpu", struct vcpu, 2, fields);

void vcpu_join_thread(struct vcpu *v)
{
    bool started;

    lock_take(&v->run_lock);
    started = v->thread_started;
    v->thread_started = false;
    lock_drop(&v->run_lock);
    if (started)
        pthread_join(v->thread, NULL);
}

void vcpu_free(struct vcpu *v)
{
    cpu_fini(&v->cpu);
    vcpu_requests_fini(&v->requests);
    cond_fini(&v->run_cond);
    lock_fini(&v->run_lock);
    free(v);
}
