/* SPDX-License-Identifier: Apache-2.0 */
/* papr/memory_hotplug.c - jobs: begun by people, moved by what the guest does to its
 * connectors, watched by a thread. */
#include "papr/memory_hotplug_int.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/size.h"
#include "base/thread.h"
#include "papr/cas.h"

/* ---- what the guest did ---- */

static void settled(struct memory_hotplug *m, uint32_t id) REQUIRES(m->lock)
{
    struct batch *b = &m->jobs->batch;

    if (!range_has(b->range, id) || !b->left)
        return;
    b->left--;
    b->since_ns = time_now_ns();
    /* A guest takes a block before it knows whether it can use it: once one came back, a batch ends with its fence. */
    if (!b->left && !b->failed && !(m->jobs->kind == JOB_GROW && m->jobs->retries))
        batch_over(m);
}

/* Refused, or not by all of the batch: when the guest is through with it is only known from the fence. */
static void refused(struct memory_hotplug *m, uint32_t id) REQUIRES(m->lock)
{
    struct batch *b = &m->jobs->batch;

    if (!range_has(b->range, id))
        return;
    b->failed = true;
    b->since_ns = time_now_ns();
    batch_fence(m);
    cond_signal(&m->changed);
}

/* A block comes back that was not asked for: from a guest that could not use it, or from one that has its reasons. */
static void given(struct memory_hotplug *m, uint32_t id) REQUIRES(m->lock)
{
    struct job *j = m->jobs;
    struct block_range dimm;

    if (j && (j->kind == JOB_GROW || j->kind == JOB_PLUG)) {
        if (j->kind == JOB_GROW && !range_has(j->batch.range, id))
            batch_regret(m);
        refused(m, id);
        if (j->kind == JOB_GROW && !dimm_owns(m, id, &dimm))
            drc_detach(drcs_of(m), DRC_LMB, id, NULL);
    } else if (!j && m->last.kind == JOB_GROW && range_has(m->last.batch.range, id) &&
               time_now_ns() - m->last_end_ns < LATE_NS) {
        drc_detach(drcs_of(m), DRC_LMB, id, NULL);
        m->last.refused++;
        m->last_done -= m->last_done > 0;
        m->outcome = m->last_done ? RESIZE_PARTIAL : RESIZE_REFUSED;
    } else if (j && j->kind == JOB_SHRINK && !dimm_owns(m, id, &dimm)) {
        drc_detach(drcs_of(m), DRC_LMB, id, NULL);
    }
}

static void on_news(void *opaque, uint32_t id, enum drc_news news)
{
    struct memory_hotplug *m = opaque;
    struct job *j;

    lock_take(&m->lock);
    j = m->resetting ? NULL : m->jobs;
    if (news == DRC_NEWS_GIVEN && !m->resetting)
        given(m, id);
    else if (j && (news == DRC_NEWS_CONFIGURED || news == DRC_NEWS_REMOVED))
        settled(m, id);
    else if (j && (news == DRC_NEWS_KEPT || news == DRC_NEWS_FAILED))
        refused(m, id);
    else if (news == DRC_NEWS_SENSED && !m->resetting)
        batch_sensed(m, id);
    lock_drop(&m->lock);
}

/* ---- jobs ---- */

static uint64_t plugged_bytes(struct memory_hotplug *m)
{
    uint64_t now = papr_memory_bytes(m->papr), boot = m->papr->cfg.memory_bytes;

    return now > boot ? now - boot : 0;
}

/* At most once a second while it changes. */
void tell_size(struct memory_hotplug *m, bool last)
{
    int64_t now = time_now_ns();

    if (!last && now - m->size_told_ns < SECOND_NS)
        return;
    m->size_told_ns = now;
    papr_tell(m->papr, &(struct papr_event){ .kind = PAPR_EVENT_MEMORY_SIZE, .bytes = plugged_bytes(m) });
}

static void start(struct memory_hotplug *m, struct job *j) REQUIRES(m->lock)
{
    j->started = true;
    j->held_start = drc_held(drcs_of(m), DRC_LMB);
    if (j->kind == JOB_PLUG)
        dimm_attach(m, j->dimm);
}

static void begin(struct memory_hotplug *m) REQUIRES(m->lock)
{
    struct job *j = m->jobs;

    if (!j || j->started || m->resetting)
        return;
    if (job_takes(m)) {
        cond_signal(&m->changed);
        return;
    }
    start(m, j);
    j->vmm_start_ns = drc_busy_ns(drcs_of(m));
    papr_work_done(m->papr, &j->insns_start, &j->cpu_start_ns);
    if (j->kind == JOB_GROW)
        j->batch_max = GROW_BATCH;
    else if (j->kind == JOB_SHRINK)
        j->batch_max = SHRINK_BATCH;
    if (j->kind == JOB_SHRINK)
        j->below = UINT32_MAX;
    batch_next(m);
    cond_signal(&m->changed);
}

static bool is_resize(const struct job *j)
{
    return j->kind == JOB_GROW || j->kind == JOB_SHRINK;
}

static void remember(struct memory_hotplug *m, const struct job *j, enum resize_outcome outcome) REQUIRES(m->lock)
{
    char text[200];

    m->last = *j;
    m->last.next = NULL;
    m->outcome = outcome;
    m->last_done = job_done(m, j);
    m->last_end_ns = time_now_ns();
    m->last_vmm_ns = drc_busy_ns(drcs_of(m)) - j->vmm_start_ns;
    papr_work_done(m->papr, &m->last_insns, &m->last_cpu_ns);
    snprintf(text, sizeof(text), "%s", resize_outcome_name(outcome));
    papr_tell(m->papr, &(struct papr_event){ .kind = PAPR_EVENT_RESIZED, .text = text,
                                             .bytes = papr_memory_bytes(m->papr) });
}

/* The header tells the lock; clang's analysis does not see through it. */
void job_finish(struct memory_hotplug *m, enum resize_outcome outcome) NO_LOCK_ANALYSIS
{
    struct job *j = m->jobs;

    m->jobs = j->next;
    if (is_resize(j))
        remember(m, j, outcome);
    else
        dimm_finished(m, j, outcome);
    tell_size(m, true);
    free(j);
    begin(m);
}

static void *watch(void *arg);

int job_watch(struct memory_hotplug *m, struct error *err)
{
    int rc = m->thread_started ? 0 : thread_start(&m->thread, "memory", watch, m, err);

    m->thread_started |= !rc;
    cond_signal(&m->changed);
    return rc;
}

int job_add(struct memory_hotplug *m, const struct job *job, struct error *err) NO_LOCK_ANALYSIS
{
    struct job *j = malloc(sizeof(*j)), **at = &m->jobs;
    int rc;

    if (!j)
        return error_set(err, ENOMEM, "no memory for a hot-plug job");
    rc = job_watch(m, err);
    if (rc) {
        free(j);
        return rc;
    }
    *j = *job;
    j->start_ns = time_now_ns();
    while (*at)
        at = &(*at)->next;
    *at = j;
    begin(m);
    return 0;
}

/* ---- the thread ---- */

static void time_out(struct memory_hotplug *m, enum resize_outcome outcome) REQUIRES(m->lock)
{
    struct job *j = m->jobs;
    struct batch *b = &j->batch;

    /* What the guest has not begun with is withdrawn;
     * what it is asked to give back stays asked for, so that it may come late. */
    if (j->kind == JOB_GROW)
        for (uint32_t id = b->range.first; id < b->range.first + b->range.n; id++)
            drc_detach(drcs_of(m), DRC_LMB, id, NULL);
    job_finish(m, outcome);
}

/* Does what is due; returns when it must look again. */
static int64_t tick(struct memory_hotplug *m, int64_t now) REQUIRES(m->lock)
{
    struct job *j = m->jobs;
    struct batch *b = &j->batch;
    int64_t next = now + 100 * SECOND_NS;

    if (j->deadline_ns && now >= j->deadline_ns) {
        time_out(m, RESIZE_TIMED_OUT);
        return now;
    }
    if (j->deadline_ns)
        next = j->deadline_ns;
    if (!b->range.n)
        return next;
    if (!b->sent) {
        batch_resend(m);
        return now + SECOND_NS / 10;
    }
    if (!b->fence_sent && (b->fence_wanted || now - b->since_ns >= FENCE_AFTER_NS))
        batch_fence(m);
    if (!b->fence_sent && now - b->since_ns >= SILENCE_NS) {
        batch_over(m);
        return now;
    }
    if (!b->fence_sent)
        next = b->fence_wanted ? now + SECOND_NS : b->since_ns + FENCE_AFTER_NS;
    return next > j->deadline_ns && j->deadline_ns ? j->deadline_ns : next;
}

static void *watch(void *arg)
{
    struct memory_hotplug *m = arg;

    rcu_register_thread();
    lock_take(&m->lock);
    while (!m->exiting) {
        int64_t now = time_now_ns(), next = now;

        if (!m->jobs || m->resetting) {
            cond_wait(&m->changed, &m->lock);
            continue;
        }
        if (job_takes(m)) {
            dimm_take(m);
            begin(m);
            continue;
        }
        begin(m);           /* one that was loaded before it began */
        if (!m->jobs)
            continue;
        next = tick(m, now);
        if (next > now && !m->exiting)
            (void)cond_wait_until(&m->changed, &m->lock, next);
    }
    lock_drop(&m->lock);
    rcu_unregister_thread();
    return NULL;
}

/* ---- resizing ---- */

static uint64_t fixed_bytes(struct memory_hotplug *m)
{
    return papr_memory_bytes(m->papr) - (uint64_t)drc_attached(drcs_of(m), DRC_LMB) * PAPR_LMB_SIZE;
}

static int check_target(struct memory_hotplug *m, uint64_t bytes, struct error *err)
{
    uint64_t fixed = fixed_bytes(m);
    uint64_t max = m->papr->cfg.max_memory_bytes;
    uint64_t down = bytes - (bytes - fixed) % PAPR_LMB_SIZE;
    char want[SIZE_TEXT_BYTES], a[SIZE_TEXT_BYTES], b[SIZE_TEXT_BYTES];

    size_format(bytes, want);
    if (bytes < fixed)
        return error_set(err, EINVAL, "%s is too small: %s cannot be unplugged", want, size_format(fixed, a));
    if (bytes > max)
        return error_set(err, EINVAL, "%s is beyond the ceiling of %s: see --max-memory", want, size_format(max, a));
    if (bytes == down)
        return 0;
    return error_set(err, EINVAL, "memory comes in blocks of 256 MiB: use %s or %s instead of %s", size_format(down, a),
                     size_format(down + PAPR_LMB_SIZE <= max ? down + PAPR_LMB_SIZE : down, b), want);
}

/* What the guest has not taken, or gave back, needs no asking;
 * what an earlier request still asks for is asked for no more. */
static void tidy(struct memory_hotplug *m) REQUIRES(m->lock)
{
    struct block_range dimm;
    struct drc_run run;

    for (uint32_t at = 0; drc_next_run(drcs_of(m), DRC_LMB, at, &run); at = run.first + run.n) {
        if (!run.view.attached || (run.view.state != DRC_UNUSABLE && !run.view.unplug))
            continue;
        for (uint32_t id = run.first; id < run.first + run.n; id++) {
            if (dimm_owns(m, id, &dimm))
                continue;
            drc_leave(drcs_of(m), DRC_LMB, id);
            (void)drc_detach(drcs_of(m), DRC_LMB, id, NULL);
        }
    }
}

static int check_guest(struct memory_hotplug *m, bool grow, struct error *err)
{
    struct cas_state *cas = m->papr->cas;

    if (cas->negotiated && !cas_has(cas, OV5_DRMEM))
        return error_set(err, EOPNOTSUPP, "the guest cannot change its memory while it runs");
    if (cas->negotiated && !grow && !cas_has(cas, OV5_HP_EVT))
        return error_set(err, EOPNOTSUPP, "the guest cannot give memory back: its kernel takes no hot-plug interrupts");
    return 0;
}

static int resize(struct memory_hotplug *m, uint64_t bytes, int64_t timeout_ns, struct error *err) REQUIRES(m->lock)
{
    struct job j = { .target_bytes = bytes };
    uint64_t now;
    int rc = check_target(m, bytes, err);

    if (!rc && m->jobs)
        rc = error_set(err, EBUSY, "the guest's memory is being changed: wait for that, or cancel it");
    if (rc)
        return rc;
    tidy(m);
    now = papr_memory_bytes(m->papr);
    j.kind = bytes >= now ? JOB_GROW : JOB_SHRINK;
    j.wanted = (uint32_t)((bytes >= now ? bytes - now : now - bytes) >> PAPR_LMB_SHIFT);
    j.deadline_ns = timeout_ns > 0 ? time_now_ns() + timeout_ns : 0;
    rc = check_guest(m, j.kind == JOB_GROW, err);
    return rc ? rc : job_add(m, &j, err);
}

int papr_resize_memory(struct papr *p, uint64_t memory_bytes, int64_t timeout_ns, struct error *err)
{
    struct memory_hotplug *m = p->memory_hotplug;
    int rc;

    lock_take(&m->lock);
    rc = resize(m, memory_bytes, timeout_ns, err);
    lock_drop(&m->lock);
    return rc;
}

int papr_resize_cancel(struct papr *p, struct error *err)
{
    struct memory_hotplug *m = p->memory_hotplug;
    int rc = 0;

    lock_take(&m->lock);
    if (m->jobs && is_resize(m->jobs))
        time_out(m, RESIZE_CANCELLED);
    else
        rc = error_set(err, ENOENT, "no resize is running");
    lock_drop(&m->lock);
    return rc;
}

const char *resize_outcome_name(enum resize_outcome outcome)
{
    static const char *const names[] = {
        [RESIZE_NONE] = "none", [RESIZE_WAITING] = "waiting", [RESIZE_RUNNING] = "running", [RESIZE_DONE] = "done",
        [RESIZE_PARTIAL] = "partial", [RESIZE_REFUSED] = "refused", [RESIZE_TIMED_OUT] = "timed-out",
        [RESIZE_CANCELLED] = "cancelled",
    };

    return names[outcome];
}

static void describe(struct memory_hotplug *m, const struct job *j, struct memory_status *out) REQUIRES(m->lock)
{
    uint64_t insns, cpu_ns;

    out->grow = j->kind == JOB_GROW;
    out->target_bytes = j->target_bytes;
    out->blocks_wanted = j->wanted;
    out->blocks_refused = j->refused;
    out->batches = j->batches;
    out->fences = j->fences;
    if (j == m->jobs) {
        out->outcome = m->papr->cas->negotiated ? RESIZE_RUNNING : RESIZE_WAITING;
        out->blocks_done = job_done(m, j);
        out->elapsed_ns = time_now_ns() - j->start_ns;
        out->vmm_ns = drc_busy_ns(drcs_of(m)) - j->vmm_start_ns;
        papr_work_done(m->papr, &insns, &cpu_ns);
    } else {
        out->outcome = m->outcome;
        out->blocks_done = m->last_done;
        out->elapsed_ns = m->outcome == RESIZE_NONE ? 0 : m->last_end_ns - j->start_ns;
        out->vmm_ns = m->last_vmm_ns;
        insns = m->last_insns;
        cpu_ns = m->last_cpu_ns;
    }
    out->guest_insns = insns - j->insns_start;
    out->cpu_ns = (int64_t)(cpu_ns - j->cpu_start_ns);
}

/* "64 GiB added in 3.1 s", and what did not go well. */
static void put_text(struct memory_status *s)
{
    char done[SIZE_TEXT_BYTES], wanted[SIZE_TEXT_BYTES];
    int n;

    if (s->outcome == RESIZE_NONE)
        return;
    size_format(s->blocks_done << PAPR_LMB_SHIFT, done);
    size_format(s->blocks_wanted << PAPR_LMB_SHIFT, wanted);
    n = snprintf(s->text, sizeof(s->text), "%s of %s %s in %.1f s", done, wanted, s->grow ? "added" : "removed",
                 (double)s->elapsed_ns / 1e9);
    if (s->outcome == RESIZE_WAITING)
        snprintf(s->text + n, sizeof(s->text) - (size_t)n, "; waiting for the guest to come up");
    else if (s->blocks_refused)
        snprintf(s->text + n, sizeof(s->text) - (size_t)n, "; the guest refused %" PRIu64 " block%s of 256 MiB",
                 s->blocks_refused, s->blocks_refused == 1 ? "" : "s");
    else if (s->outcome == RESIZE_TIMED_OUT)
        snprintf(s->text + n, sizeof(s->text) - (size_t)n, "; the time was up before the guest had %s the rest",
                 s->grow ? "taken" : "given back");
    else if (s->outcome == RESIZE_CANCELLED)
        snprintf(s->text + n, sizeof(s->text) - (size_t)n, "; cancelled");
}

void papr_memory_status(struct papr *p, struct memory_status *out)
{
    struct memory_hotplug *m = p->memory_hotplug;

    lock_take(&m->lock);
    *out = (struct memory_status){
        .boot_bytes = p->cfg.memory_bytes, .max_bytes = p->cfg.max_memory_bytes, .present_bytes = papr_memory_bytes(p),
        .held_bytes = fixed_bytes(m) + (uint64_t)drc_held(p->drcs, DRC_LMB) * PAPR_LMB_SIZE,
    };
    describe(m, m->jobs && is_resize(m->jobs) ? m->jobs : &m->last, out);
    lock_drop(&m->lock);
    put_text(out);
}

/* ---- the machine ---- */

struct memory_image *memory_hotplug_image(struct memory_hotplug *m)
{
    return &m->image;
}

struct memory_hotplug *memory_hotplug_new(struct papr *p, struct error *err)
{
    struct memory_hotplug *m = calloc(1, sizeof(*m));

    if (!m) {
        error_set(err, ENOMEM, "no memory for memory hot-plug");
        return NULL;
    }
    m->papr = p;
    m->image.m = m;
    lock_init(&m->lock);
    cond_init(&m->changed);
    drc_listen(p->drcs, DRC_LMB, on_news, m);
    return m;
}

void memory_hotplug_free(struct memory_hotplug *m)
{
    if (!m)
        return;
    lock_take(&m->lock);
    m->exiting = true;
    cond_signal(&m->changed);
    lock_drop(&m->lock);
    if (m->thread_started)
        pthread_join(m->thread, NULL);
    memory_hotplug_forget(&m->image);
    memory_image_fini(&m->image);
    cond_fini(&m->changed);
    lock_fini(&m->lock);
    free(m);
}

void memory_hotplug_reset_begin(struct memory_hotplug *m, struct vcpu *caller)
{
    lock_take(&m->lock);
    m->caller = caller;
    m->resetting = true;
    lock_drop(&m->lock);
}

void memory_hotplug_reset_end(struct memory_hotplug *m, bool negotiated)
{
    lock_take(&m->lock);
    /* The events are gone: blocks of the batch count by what they are now. */
    m->fences_seen = m->fences_sent;
    if (m->jobs)
        m->jobs->batch = (struct batch){ 0 };
    while (negotiated && m->jobs && !job_takes(m)) {
        if (!m->jobs->started) {
            m->jobs->below = UINT32_MAX;
            start(m, m->jobs);
        }
        batch_offline(m);
    }
    m->resetting = false;
    m->caller = NULL;
    cond_signal(&m->changed);
    lock_drop(&m->lock);
}
