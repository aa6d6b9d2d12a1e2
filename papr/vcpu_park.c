/* SPDX-License-Identifier: Apache-2.0 */
/* papr/vcpu_park.c - processors that do not run: parked because the machine wants it, asleep in H_CEDE, held while one
 * of them changes something for all.
 *
 *  V1  After a park bit is set and the processor kicked, it reaches `parked` without executing more than the current
 *      instruction chain and the hypercall it is in. */
#include "papr/machine_int.h"
#include "papr/vcpu_int.h"

bool vcpu_must_park(const struct vcpu *v)
{
    return atomic_load(&v->papr->park) || v->stopped;
}

bool vcpu_exiting(const struct papr *p)
{
    return atomic_load(&p->park) & PARK_EXITING;
}

void vcpu_park(struct vcpu *v) REQUIRES(v->run_lock)
{
    v->parked = v->outside = true;
    cond_broadcast(&v->run_cond);
    while (vcpu_must_park(v) && !vcpu_exiting(v->papr))
        cond_wait(&v->run_cond, &v->run_lock);
    v->parked = v->outside = false;
}

void vcpu_wake(struct vcpu *v)
{
    cpu_kick(&v->cpu);
    cond_broadcast(&v->run_cond);
}

void vcpu_system_reset(struct vcpu *v)
{
    atomic_store(&v->sreset_pending, true);
    vcpu_kick(v);
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
    return atomic_load(&v->papr->park) || atomic_load(&v->sreset_pending) || (until_irq && cpu_irq_pending(&v->cpu));
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
