/* SPDX-License-Identifier: Apache-2.0 */
/* papr/lifecycle.c - what happens to the machine as a whole: start, pause, reset, power-off, panic, quit.
 *
 * Whoever wants a reset or an end posts a request: any thread, processors included.  Posting parks all processors, so
 * the guest executes nothing more; the lifecycle thread carries requests out, one after the other.  Pausing needs no
 * request: it is one bit.  Events are told under machine_lock, in the order in which things happen; the sink must not
 * call back into the machine. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/thread.h"
#include "papr/drc.h"
#include "papr/events.h"
#include "papr/machine_int.h"

#define REQUEST_ENDS (REQUEST_POWER_OFF | REQUEST_PANIC | REQUEST_ERROR | REQUEST_QUIT | REQUEST_EXIT)

static void request(struct papr *p, uint32_t bit, const char *text)
{
    lock_take(&p->machine_lock);
    if (!p->ended || bit == REQUEST_EXIT) {
        p->requests |= bit;
        if (text && !p->request_text)
            p->request_text = strdup(text);
        vcpu_park_all(p, PARK_REQUEST);
        cond_broadcast(&p->changed);
    }
    lock_drop(&p->machine_lock);
}

void papr_request_reset(struct papr *p)
{
    request(p, REQUEST_RESET_HOST, NULL);
}

void papr_guest_reset(struct papr *p)
{
    request(p, REQUEST_RESET_GUEST, NULL);
}

void papr_request_quit(struct papr *p, const char *why)
{
    const char *nobody = NULL;

    atomic_compare_exchange_strong(&p->quit_why, &nobody, why);
    request(p, REQUEST_QUIT, NULL);
}

void papr_guest_power_off(struct papr *p)
{
    request(p, REQUEST_POWER_OFF, NULL);
}

void papr_guest_panic(struct papr *p, const char *text)
{
    request(p, REQUEST_PANIC, text);
}

void papr_guest_checkstop(struct papr *p, const struct vcpu *v)
{
    char text[96];

    snprintf(text, sizeof(text), "processor %u: machine check while MSR[ME] was 0, at 0x%llx", v->id,
             (unsigned long long)v->cpu.nip);
    papr_guest_panic(p, text);
}

void papr_internal_error(struct papr *p, const char *fmt, ...)
{
    char text[512];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    request(p, REQUEST_ERROR, text);
}

void papr_request_powerdown(struct papr *p)
{
    papr_tell(p, &(struct papr_event){ .kind = PAPR_EVENT_POWERDOWN });
    events_power_button(p->events);
}

void papr_tell(struct papr *p, const struct papr_event *ev)
{
    lock_take(&p->machine_lock);
    papr_emit(p, ev);
    lock_drop(&p->machine_lock);
}

enum papr_status papr_status(const struct papr *p)
{
    return atomic_load(&p->status);
}

int papr_stop(struct papr *p, struct error *err)
{
    int rc = 0;

    lock_take(&p->machine_lock);
    if (p->ended) {
        rc = error_set(err, EINVAL, "the machine has ended");
    } else if (atomic_load(&p->status) == PAPR_RUNNING) {
        vcpu_park_all(p, PARK_PAUSED);
        clock_freeze(&p->clock);
        atomic_store(&p->status, PAPR_PAUSED);
        papr_emit(p, &(struct papr_event){ .kind = PAPR_EVENT_STOP });
    }
    lock_drop(&p->machine_lock);
    return rc;
}

int papr_cont(struct papr *p, struct error *err)
{
    int rc = 0;

    lock_take(&p->machine_lock);
    if (p->ended) {
        rc = error_set(err, EINVAL, "the machine has ended");
    } else if (!p->start_done) {
        rc = error_set(err, EINVAL, "the machine has not been started");
    } else if (atomic_load(&p->status) != PAPR_RUNNING) {
        clock_thaw(&p->clock);
        atomic_store(&p->status, PAPR_RUNNING);
        papr_emit(p, &(struct papr_event){ .kind = PAPR_EVENT_RESUME });
        vcpu_unpark_all(p, PARK_PAUSED);
    }
    lock_drop(&p->machine_lock);
    return rc;
}

enum papr_status papr_wait(struct papr *p)
{
    lock_take(&p->machine_lock);
    while (!p->ended)
        cond_wait(&p->changed, &p->machine_lock);
    lock_drop(&p->machine_lock);
    return papr_status(p);
}

/* All processors are parked and stay so. why: NULL tells nobody; cause: what is told before the end itself, or NULL. */
static void end(struct papr *p, enum papr_status status, bool guest, const char *why, const struct papr_event *cause)
{
    lock_take(&p->machine_lock);
    if (!p->ended) {
        p->ended = true;
        atomic_store(&p->status, status);
        clock_freeze(&p->clock);
        if (cause)
            papr_emit(p, cause);
        if (why)
            papr_emit(p, &(struct papr_event){ PAPR_EVENT_SHUTDOWN, guest, why });
        cond_broadcast(&p->changed);
    }
    lock_drop(&p->machine_lock);
}

static void end_in_error(struct papr *p, const char *text)
{
    end(p, PAPR_INTERNAL_ERROR, false, "host-error",
        &(struct papr_event){ .kind = PAPR_EVENT_INTERNAL_ERROR, .text = text });
}

static void end_by_request(struct papr *p, uint32_t requests)
{
    if (requests & REQUEST_ERROR)
        end_in_error(p, p->request_text);
    else if (requests & REQUEST_PANIC)
        end(p, PAPR_GUEST_PANICKED, true, "guest-panic",
            &(struct papr_event){ PAPR_EVENT_GUEST_PANICKED, true, p->request_text });
    else if (requests & REQUEST_POWER_OFF)
        end(p, PAPR_SHUTDOWN, true, "guest-shutdown", NULL);
    else
        end(p, PAPR_SHUTDOWN, false, atomic_load(&p->quit_why), NULL);      /* papr_free(): nobody is left to tell */
}

static int clear_range(struct papr *p, uint64_t start, uint64_t len)
{
    int rc = ram_window_clear(p->ram, ra(start), len);

    if (rc || !p->cfg.memory_policy.prealloc)
        return rc;
    return ram_window_take(p->ram, ra(start), len, &p->cfg.memory_policy, NULL);
}

/* Everything the guest has; nothing before the first start, when it is clean, and taken if so asked.
 * What a guest gave back is closed. */
static int clear_memory(struct papr *p)
{
    uint64_t whole = p->cfg.memory_bytes & -PAPR_LMB_SIZE;
    uint64_t fixed = DRC_LMBS_FIXED * PAPR_LMB_SIZE;
    uint64_t end = p->cfg.memory_bytes;
    struct drc_run run;
    int rc;

    if (!p->start_done)
        return 0;
    rc = clear_range(p, 0, end < fixed ? end : fixed);
    if (!rc && end > fixed && end > whole)
        rc = clear_range(p, whole, end - whole);
    for (uint32_t id = 0; !rc && drc_next_run(p->drcs, DRC_LMB, id, &run); id = run.first + run.n)
        if (run.view.attached && run.view.state != DRC_UNUSABLE)
            rc = clear_range(p, (uint64_t)run.first << PAPR_LMB_SHIFT, (uint64_t)run.n << PAPR_LMB_SHIFT);
    return rc;
}

/* A real machine reset: every processor, every part and all memory as at the first start. */
static int reset_machine(struct papr *p, struct error *err)
{
    int rc;

    for (unsigned i = 0; i < p->nr_vcpus; i++)
        vcpu_reset(p->vcpus[i]);
    rc = papr_reset_parts(p, err);
    if (!rc)
        rc = clear_memory(p);
    return rc ? rc : boot_prepare(p, err);
}

static void tell_start(struct papr *p, const struct error *err)
{
    lock_take(&p->machine_lock);
    p->start_error = *err;
    p->start_done = true;
    cond_broadcast(&p->changed);
    lock_drop(&p->machine_lock);
}

static void tell_reset(struct papr *p, bool guest)
{
    lock_take(&p->machine_lock);
    papr_emit(p, &(struct papr_event){ PAPR_EVENT_RESET, guest, NULL });
    if (!p->requests)
        vcpu_unpark_all(p, PARK_REQUEST);
    lock_drop(&p->machine_lock);
}

static void reset_by_request(struct papr *p, uint32_t requests)
{
    struct error err = { 0 };
    int rc = reset_machine(p, &err);

    if (requests & REQUEST_START)
        tell_start(p, &err);
    else if (rc)
        end_in_error(p, err.msg);
    else
        tell_reset(p, requests & REQUEST_RESET_GUEST);
}

static uint32_t take_requests(struct papr *p)
{
    uint32_t requests;

    lock_take(&p->machine_lock);
    while (!p->requests)
        cond_wait(&p->changed, &p->machine_lock);
    requests = p->requests;
    p->requests = 0;
    lock_drop(&p->machine_lock);
    return requests;
}

static void *lifecycle_main(void *arg)
{
    struct papr *p = arg;
    uint32_t requests;

    rcu_register_thread();
    do {
        requests = take_requests(p);
        vcpu_wait_parked(p);
        if ((requests & REQUEST_START) || !(requests & REQUEST_ENDS))
            reset_by_request(p, requests);
        if (requests & REQUEST_ENDS)
            end_by_request(p, requests);
    } while (!(requests & REQUEST_EXIT));
    rcu_unregister_thread();
    return NULL;
}

static int start_lifecycle(struct papr *p, struct error *err)
{
    int rc;

    lock_take(&p->machine_lock);
    rc = thread_start(&p->lifecycle, "lifecycle", lifecycle_main, p, err);
    p->lifecycle_started = !rc;
    lock_drop(&p->machine_lock);
    return rc;
}

/* The lifecycle thread loads the images, as it does for every reset: one thread that writes guest
 * memory besides the processors. */
static int start_by_request(struct papr *p, struct error *err)
{
    int rc;

    lock_take(&p->machine_lock);
    p->requests |= REQUEST_START;
    cond_broadcast(&p->changed);
    while (!p->start_done)
        cond_wait(&p->changed, &p->machine_lock);
    rc = p->start_error.code;
    if (rc)
        error_set(err, -rc, "%s", p->start_error.msg);
    lock_drop(&p->machine_lock);
    return rc;
}

int papr_start(struct papr *p, bool paused, struct error *err)
{
    int rc = 0;

    for (unsigned i = 0; !rc && i < p->nr_vcpus; i++)
        rc = vcpu_start_thread(p->vcpus[i], err);
    if (!rc)
        rc = start_lifecycle(p, err);
    if (!rc)
        rc = start_by_request(p, err);
    if (rc || paused)
        return rc;
    lock_take(&p->machine_lock);
    if (atomic_load(&p->status) == PAPR_PRELAUNCH) {
        clock_thaw(&p->clock);
        atomic_store(&p->status, PAPR_RUNNING);
        vcpu_unpark_all(p, PARK_PAUSED);
    }
    lock_drop(&p->machine_lock);
    return 0;
}

void lifecycle_stop(struct papr *p)
{
    if (p->lifecycle_started) {
        request(p, REQUEST_EXIT, NULL);
        pthread_join(p->lifecycle, NULL);
        p->lifecycle_started = false;
    }
    vcpu_park_all(p, PARK_EXITING);
    vcpu_unpark_all(p, 0);
    for (unsigned i = 0; i < p->nr_vcpus; i++)
        vcpu_join_thread(p->vcpus[i]);
}
