/* SPDX-License-Identifier: Apache-2.0 */
/* papr/vcpu_request.c - what other threads want done before a processor's next guest instruction: translations to drop,
 * a look at its counters.
 *
 * A request is posted, then in_guest is read; a processor sets in_guest, then looks for requests.
 * One of the two sees the other, so
 *  V2  a request posted before papr_flush_wait() is carried out before that returns, or before the processor's next
 *      guest instruction if it was not in cpu_run().
 *  V3  A processor in real mode is not waited for when what goes is a translation: it has been kicked, and comes out
 *      before it translates again (cpu_translates()).  Linux changes its kernel's pages while all other processors spin
 *      in real mode; waiting for them page by page would take as long as the host takes to run each. */
#include <urcu/arch.h>

#include "base/thread.h"
#include "papr/machine_int.h"
#include "papr/vcpu_int.h"

enum {
    STATS_WAIT_NS = 20000000,
    LOOKS = 64,                 /* about three microseconds */
};

void vcpu_requests_init(struct vcpu_requests *q)
{
    lock_init(&q->lock);
    cond_init(&q->taken);
}

void vcpu_requests_fini(struct vcpu_requests *q)
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
    case VCPU_FLUSH_RAM:
        cpu_tlb_flush_ram(c, (const uint8_t *)(uintptr_t)r->a, r->b);
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
    } else {
        for (unsigned i = 0; i < q->count; i++)
            request_run(&v->cpu, &q->item[i]);
    }
    q->count = 0;
    q->overflow = false;
    atomic_store(&q->pending, false);
    lock_drop(&q->lock);
}

static void publish_stats(struct vcpu *v)
{
    struct cpu_stats s;

    cpu_stats(&v->cpu, &s);
    atomic_store_explicit(&v->insns, s.insns, memory_order_relaxed);
}

void vcpu_leave_guest(struct vcpu *v)
{
    struct vcpu_requests *q = &v->requests;

    publish_stats(v);
    atomic_fetch_add(&v->left_guest, 1);
    atomic_store(&v->in_guest, false);
    if (!atomic_load(&q->waiters))
        return;
    lock_take(&q->lock);
    cond_broadcast(&q->taken);
    lock_drop(&q->lock);
}

/* True when the processor may go on into cpu_run(): nothing was pending once in_guest could be seen. */
bool vcpu_enter_guest(struct vcpu *v)
{
    atomic_store(&v->in_guest, true);
    if (!atomic_load(&v->requests.pending))
        return true;
    vcpu_leave_guest(v);
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

static bool is_inside(struct vcpu *v)
{
    return atomic_load(&v->in_guest) && atomic_load(&v->requests.pending);
}

/* Somebody who has been kicked. One that the host runs is out in less than half a microsecond; to sleep and be woken
 * takes ten or fifty times that. */
static void wait_out_of_guest(struct vcpu *v)
{
    struct vcpu_requests *q = &v->requests;

    for (unsigned i = 0; i < LOOKS && is_inside(v); i++)
        caa_cpu_relax();
    if (!is_inside(v))
        return;
    atomic_fetch_add(&q->waiters, 1);
    cpu_kick(&v->cpu);
    lock_take(&q->lock);
    while (is_inside(v))
        cond_wait(&q->taken, &q->lock);
    lock_drop(&q->lock);
    atomic_fetch_sub(&q->waiters, 1);
}

static void kick_all_inside(struct papr *p, const struct vcpu *caller)
{
    for (unsigned i = 0; i < p->nr_vcpus; i++)
        if (p->vcpus[i] != caller && is_inside(p->vcpus[i]))
            cpu_kick(&p->vcpus[i]->cpu);
}

void papr_flush_wait(struct papr *p, struct vcpu *caller)
{
    kick_all_inside(p, caller);
    for (unsigned i = 0; i < p->nr_vcpus; i++) {
        struct vcpu *v = p->vcpus[i];

        if (v != caller && is_inside(v) && cpu_translates(&v->cpu))         /* V3 */
            wait_out_of_guest(v);
    }
}

void papr_flush_hpte(struct papr *p, struct vcpu *caller, uint64_t v, uint64_t r, uint64_t ptex)
{
    papr_flush_hpte_post(p, caller, v, r, ptex);
    papr_flush_wait(p, caller);
}

void papr_flush_ram(struct papr *p, struct vcpu *caller, const uint8_t *host, uint64_t len)
{
    for (unsigned i = 0; i < p->nr_vcpus; i++)
        request_post(p->vcpus[i], (struct vcpu_request){ VCPU_FLUSH_RAM, (uintptr_t)host, len, 0 });
    kick_all_inside(p, caller);
    for (unsigned i = 0; i < p->nr_vcpus; i++)
        if (p->vcpus[i] != caller && is_inside(p->vcpus[i]))
            wait_out_of_guest(p->vcpus[i]);
}

/* Asks a running processor for a look, and waits for it, but not for long. */
void vcpu_fresh_stats(struct vcpu *v)
{
    struct vcpu_requests *q = &v->requests;
    unsigned before = atomic_load(&v->left_guest);
    int64_t deadline_ns = time_now_ns() + STATS_WAIT_NS;

    if (!atomic_load(&v->in_guest))
        return;
    atomic_fetch_add(&q->waiters, 1);
    cpu_kick(&v->cpu);
    lock_take(&q->lock);
    while (atomic_load(&v->left_guest) == before && !cond_wait_until(&q->taken, &q->lock, deadline_ns))
        ;
    lock_drop(&q->lock);
    atomic_fetch_sub(&q->waiters, 1);
}
