/* SPDX-License-Identifier: Apache-2.0 */
/* papr/vcpu.c - one processor of the machine: its thread, its exits, parking, sleeping, and what other threads ask of it.
 *
 * Threads: vcpu_main() is the processor's own; the rest says.  Promises:
 *  V1  After a park bit is set and the processor kicked, it reaches `parked` without executing more than the current instruction
 *      chain and the hypercall it is in.
 *  V2  A request posted before papr_flush_wait() is carried out before that returns, or before the processor's next guest
 *      instruction if it was not in cpu_run(). */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/thread.h"
#include "papr/hcalls.h"
#include "papr/hpt.h"
#include "papr/machine_int.h"

static bool must_park(const struct vcpu *v)
{
    return atomic_load(&v->papr->park) || v->stopped;
}

static bool exiting(const struct papr *p)
{
    return atomic_load(&p->park) & PARK_EXITING;
}

/* ---- requests ---- */

static void requests_init(struct vcpu_requests *q)
{
    lock_init(&q->lock);
    cond_init(&q->taken);
}

static void requests_fini(struct vcpu_requests *q)
{
    cond_fini(&q->taken);
    lock_fini(&q->lock);
}

static void request_post(struct vcpu *v, struct vcpu_request r)
{
    struct vcpu_requests *q = &v->requests;

    lock_take(&q->lock);
    if (q->count < VCPU_REQUESTS_MAX)
        q->item[q->count++] = r;
    else
        q->overflow = true;
    atomic_store(&q->pending, true);
    lock_drop(&q->lock);
}

static void request_run(struct cpu *c, const struct vcpu_request *r)
{
    switch (r->kind) {
    case VCPU_FLUSH_HPTE:
        cpu_tlb_flush_hpte(c, r->a, r->b, r->c);
        break;
    case VCPU_FLUSH_RA:
        cpu_tlb_flush_ra(c, ra(r->a), r->b);
        break;
    case VCPU_CODE_WRITTEN:
        cpu_code_written(c, ra(r->a), r->b);
        break;
    }
}

/* Own thread, or parked. */
static void requests_take(struct vcpu *v)
{
    struct vcpu_requests *q = &v->requests;

    lock_take(&q->lock);
    if (q->overflow) {
        cpu_tlb_flush_all(&v->cpu);
        cpu_code_written(&v->cpu, ra(0), ram_window_size(v->papr->ram));
    } else {
        for (unsigned i = 0; i < q->count; i++)
            request_run(&v->cpu, &q->item[i]);
    }
    q->count = 0;
    q->overflow = false;
    atomic_store(&q->pending, false);
    lock_drop(&q->lock);
}

static void leave_guest(struct vcpu *v)
{
    struct vcpu_requests *q = &v->requests;

    atomic_store(&v->in_guest, false);
    if (!atomic_load(&q->waiters))
        return;
    lock_take(&q->lock);
    cond_broadcast(&q->taken);
    lock_drop(&q->lock);
}

/* True when the processor may go on into cpu_run(): nothing was pending once in_guest could be seen. */
static bool enter_guest(struct vcpu *v)
{
    atomic_store(&v->in_guest, true);
    if (!atomic_load(&v->requests.pending))
        return true;
    leave_guest(v);
    requests_take(v);
    return false;
}

void papr_flush_hpte_post(struct papr *p, struct vcpu *caller, uint64_t v, uint64_t r, uint64_t ptex)
{
    for (unsigned i = 0; i < p->nr_vcpus; i++) {
        if (p->vcpus[i] == caller)
            cpu_tlb_flush_hpte(&caller->cpu, v, r, ptex);
        else
            request_post(p->vcpus[i], (struct vcpu_request){ VCPU_FLUSH_HPTE, v, r, ptex });
    }
}

static void wait_out_of_guest(struct vcpu *v)
{
    struct vcpu_requests *q = &v->requests;

    if (!atomic_load(&v->in_guest) || !atomic_load(&q->pending))
        return;
    atomic_fetch_add(&q->waiters, 1);
    cpu_kick(&v->cpu);
    lock_take(&q->lock);
    while (atomic_load(&v->in_guest) && atomic_load(&q->pending))
        cond_wait(&q->taken, &q->lock);
    lock_drop(&q->lock);
    atomic_fetch_sub(&q->waiters, 1);
}

void papr_flush_wait(struct papr *p, struct vcpu *caller)
{
    for (unsigned i = 0; i < p->nr_vcpus; i++)
        if (p->vcpus[i] != caller)
            wait_out_of_guest(p->vcpus[i]);
}

void papr_flush_hpte(struct papr *p, struct vcpu *caller, uint64_t v, uint64_t r, uint64_t ptex)
{
    papr_flush_hpte_post(p, caller, v, r, ptex);
    papr_flush_wait(p, caller);
}

void papr_flush_ra(struct papr *p, struct vcpu *caller, ra_t start, uint64_t len)
{
    for (unsigned i = 0; i < p->nr_vcpus; i++)
        request_post(p->vcpus[i], (struct vcpu_request){ VCPU_FLUSH_RA, start.v, len, 0 });
    papr_flush_wait(p, caller);
}

void papr_code_written(struct papr *p, ra_t start, uint64_t len)
{
    for (unsigned i = 0; i < p->nr_vcpus; i++) {
        request_post(p->vcpus[i], (struct vcpu_request){ VCPU_CODE_WRITTEN, start.v, len, 0 });
        if (atomic_load(&p->vcpus[i]->in_guest))
            cpu_kick(&p->vcpus[i]->cpu);
    }
}

/* ---- parking and sleeping ---- */

static void park(struct vcpu *v) REQUIRES(v->run_lock)
{
    v->parked = v->outside = true;
    cond_broadcast(&v->run_cond);
    while (must_park(v) && !exiting(v->papr))
        cond_wait(&v->run_cond, &v->run_lock);
    v->parked = v->outside = false;
}

void vcpu_wake(struct vcpu *v)
{
    cpu_kick(&v->cpu);
    cond_broadcast(&v->run_cond);
}

void vcpu_kick(struct vcpu *v)
{
    cpu_kick(&v->cpu);
    atomic_thread_fence(memory_order_seq_cst);
    if (!atomic_load(&v->sleeping))
        return;
    lock_take(&v->run_lock);
    cond_broadcast(&v->run_cond);
    lock_drop(&v->run_lock);
}

static bool sleep_over(struct vcpu *v, bool until_irq) REQUIRES(v->run_lock)
{
    if (v->prodded) {
        v->prodded = false;
        return true;
    }
    return atomic_load(&v->papr->park) || (until_irq && cpu_irq_pending(&v->cpu));
}

/* The decrementer's deadline is in the processor's time base. */
static void sleep_once(struct vcpu *v, bool until_irq) REQUIRES(v->run_lock)
{
    uint64_t tb = cpu_dec_deadline(&v->cpu) - v->cpu.tb_offset;

    if (until_irq)
        (void)cond_wait_until(&v->run_cond, &v->run_lock, clock_deadline_ns(&v->papr->clock, tb));
    else
        cond_wait(&v->run_cond, &v->run_lock);
}

void vcpu_sleep(struct vcpu *v, bool until_irq)
{
    lock_take(&v->run_lock);
    v->ceded = true;
    atomic_store(&v->sleeping, true);
    atomic_thread_fence(memory_order_seq_cst);
    while (!sleep_over(v, until_irq))
        sleep_once(v, until_irq);
    atomic_store(&v->sleeping, false);
    v->ceded = false;
    lock_drop(&v->run_lock);
}

void vcpu_park_all(struct papr *p, uint32_t bit)
{
    atomic_fetch_or(&p->park, bit);
    for (unsigned i = 0; i < p->nr_vcpus; i++)
        vcpu_kick(p->vcpus[i]);
}

void vcpu_unpark_all(struct papr *p, uint32_t bit)
{
    atomic_fetch_and(&p->park, ~bit);
    for (unsigned i = 0; i < p->nr_vcpus; i++) {
        lock_take(&p->vcpus[i]->run_lock);
        cond_broadcast(&p->vcpus[i]->run_cond);
        lock_drop(&p->vcpus[i]->run_lock);
    }
}

static void wait_for(struct vcpu *v, const bool *what)
{
    lock_take(&v->run_lock);
    while (v->thread_started && !*what)
        cond_wait(&v->run_cond, &v->run_lock);
    lock_drop(&v->run_lock);
}

void vcpu_wait_parked(struct papr *p)
{
    for (unsigned i = 0; i < p->nr_vcpus; i++)
        wait_for(p->vcpus[i], &p->vcpus[i]->parked);
}

static void set_outside(struct vcpu *v, bool outside)
{
    if (!v)
        return;
    lock_take(&v->run_lock);
    v->outside = outside;
    cond_broadcast(&v->run_cond);
    lock_drop(&v->run_lock);
}

void papr_for_all_stopped(struct papr *p, struct vcpu *caller, void (*fn)(struct vcpu *v, void *arg), void *arg)
{
    set_outside(caller, true);          /* while waiting, another caller may work on this processor */
    lock_take(&p->stop_lock);
    set_outside(caller, false);
    vcpu_park_all(p, PARK_QUIET);
    for (unsigned i = 0; i < p->nr_vcpus; i++)
        if (p->vcpus[i] != caller)
            wait_for(p->vcpus[i], &p->vcpus[i]->outside);
    for (unsigned i = 0; i < p->nr_vcpus; i++)
        fn(p->vcpus[i], arg);
    vcpu_unpark_all(p, PARK_QUIET);
    lock_drop(&p->stop_lock);
}

/* ---- the RTAS stopped state ---- */

static void copy_modes(struct vcpu *v, const struct vcpu *from)
{
    cpu_set_ile(&v->cpu, from->cpu.ile);
    cpu_set_ail(&v->cpu, from->cpu.ail);
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
    v->requests.count = 0;
    v->requests.overflow = false;
    atomic_store(&v->requests.pending, false);
    lock_drop(&v->run_lock);
}

/* ---- the thread ---- */

static void run_once(struct vcpu *v)
{
    enum cpu_exit exit;

    if (!enter_guest(v))
        return;
    exit = cpu_run(&v->cpu);
    leave_guest(v);
    switch (exit) {
    case CPU_EXIT_KICK:
        break;
    case CPU_EXIT_HCALL:
        hcall_dispatch(v);
        break;
    case CPU_EXIT_HCALL_PR:
        v->cpu.gpr[3] = (uint64_t)H_PRIVILEGE;
        break;
    case CPU_EXIT_MISMATCH:
        papr_internal_error(v->papr, "translated code and interpreter differ on processor %u: see above", v->id);
        break;
    case CPU_EXIT_CHECKSTOP:
        papr_guest_checkstop(v->papr, v);
        break;
    }
}

static void *vcpu_main(void *arg)
{
    struct vcpu *v = arg;

    urcu_memb_register_thread();
    lock_take(&v->run_lock);
    park(v);                            /* `parked` was true before this thread existed */
    lock_drop(&v->run_lock);
    while (!exiting(v->papr)) {
        if (!must_park(v)) {
            run_once(v);
            continue;
        }
        lock_take(&v->run_lock);
        park(v);
        lock_drop(&v->run_lock);
    }
    lock_take(&v->run_lock);
    v->parked = v->outside = true;
    cond_broadcast(&v->run_cond);
    lock_drop(&v->run_lock);
    urcu_memb_unregister_thread();
    return NULL;
}

int vcpu_start_thread(struct vcpu *v, struct error *err)
{
    char name[16];
    int rc;

    snprintf(name, sizeof(name), "vcpu %u", v->id);
    rc = thread_start(&v->thread, name, vcpu_main, v, err);
    v->thread_started = !rc;
    return rc;
}

struct vcpu *vcpu_new(struct papr *p, unsigned id, struct error *err)
{
    struct cpu_config cfg = {
        .id = id, .level = p->cfg.level, .engine = p->cfg.engine, .map = p->map, .timebase = papr_timebase, .opaque = p,
        .trace = p->trace,
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
    requests_init(&v->requests);
    v->stopped = true;
    v->parked = v->outside = true;
    return v;
}

static const struct state_field fields[] = {
    STATE_BOOL(struct vcpu, prodded, 1),
    STATE_BOOL(struct vcpu, stopped, 1),
    STATE_U64(struct vcpu, vpa, 1),
    STATE_U64(struct vcpu, slb_shadow, 1),
    STATE_U64(struct vcpu, dtl, 1),
    STATE_U32(struct vcpu, dtl_size, 1),
};
const struct state_list vcpu_state = STATE_LIST("vcpu", struct vcpu, 1, fields);

void vcpu_free(struct vcpu *v)
{
    cpu_fini(&v->cpu);
    requests_fini(&v->requests);
    cond_fini(&v->run_cond);
    lock_fini(&v->run_lock);
    free(v);
}
