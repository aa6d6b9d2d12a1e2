/* SPDX-License-Identifier: Apache-2.0 */
/* papr/memory_batch.c - which blocks the guest is asked about next, and what follows from its answer.
 *
 * Growing takes the lowest absent blocks; a refused batch is tried again in halves, and a single block refused ends the
 * job. Shrinking goes from the top down, first over what the guest does not hold; a refused batch is split until the
 * blocks that cannot go are known one by one, and others are tried in their place. */
#include "papr/memory_hotplug_int.h"

#include "base/thread.h"
#include "papr/cas.h"

static struct drc_view look(struct memory_hotplug *m, uint32_t id)
{
    struct drc_view view = { 0 };

    drc_get(drcs_of(m), DRC_INDEX(DRC_LMB, id), &view);
    return view;
}

uint32_t job_done(struct memory_hotplug *m, const struct job *j)
{
    uint32_t held = drc_held(drcs_of(m), DRC_LMB);

    if (j->kind == JOB_GROW || j->kind == JOB_PLUG)
        return held > j->held_start ? held - j->held_start : 0;
    return held < j->held_start ? j->held_start - held : 0;
}

/* ---- events ---- */

static int send(struct memory_hotplug *m, enum hotplug_action action, struct block_range r)
{
    struct hotplug_event ev = { HOTPLUG_MEMORY, action, HOTPLUG_ID_COUNT_INDEX, r.n, DRC_INDEX(DRC_LMB, r.first) };

    if (!events_hotplug_source(m->papr->events)) {
        /* Records go to a program in the guest then, which knows counts and indexes only. */
        ev.id = r.n == 1 ? HOTPLUG_ID_INDEX : HOTPLUG_ID_COUNT;
    } else if (r.n == 1) {
        ev.id = HOTPLUG_ID_INDEX;
    }
    return events_hotplug(m->papr->events, &ev);
}

void batch_resend(struct memory_hotplug *m)
{
    struct job *j = m->jobs;
    bool add = j->kind == JOB_GROW || j->kind == JOB_PLUG;

    j->batch.sent = send(m, add ? HOTPLUG_ADD : HOTPLUG_REMOVE, j->batch.range) == 0;
    j->batch.since_ns = time_now_ns();
}

static void start_batch(struct memory_hotplug *m, struct block_range r, uint32_t left)
{
    struct job *j = m->jobs;

    j->batch = (struct batch){ .range = r, .left = left };
    j->batches++;
    batch_resend(m);
    if (j->refused || j->retries)
        batch_fence(m);
    cond_signal(&m->changed);
}

/* The highest absent block with a connector: the guest asks about it, and is told that there is none. */
static bool find_absent(struct memory_hotplug *m, uint32_t *id)
{
    struct drc_run run;
    bool found = false;

    for (uint32_t at = 0; drc_next_run(drcs_of(m), DRC_LMB, at, &run); at = run.first + run.n) {
        if (!run.view.attached) {
            *id = run.first + run.n - 1;
            found = true;
        }
    }
    return found;
}

void batch_fence(struct memory_hotplug *m)
{
    struct job *j = m->jobs;
    uint32_t id;

    j->batch.fence_wanted = true;
    if (j->batch.fence_sent || !j->batch.sent || !events_hotplug_source(m->papr->events) ||
        m->fences_sent - m->fences_seen == FENCES_MAX || !find_absent(m, &id) ||
        send(m, HOTPLUG_ADD, (struct block_range){ id, 1 }))
        return;
    j->batch.fence_sent = true;
    m->fence_id[m->fences_sent % FENCES_MAX] = id;
    j->batch.fence_number = ++m->fences_sent;
    j->fences++;
}

void batch_sensed(struct memory_hotplug *m, uint32_t id)
{
    struct batch *b = m->jobs ? &m->jobs->batch : NULL;

    for (uint64_t n = m->fences_seen; n < m->fences_sent; n++) {
        if (m->fence_id[n % FENCES_MAX] == id) {
            m->fences_seen = n + 1;
            break;
        }
    }
    if (b && b->fence_sent && b->fence_number <= m->fences_seen)
        batch_over(m);
}

/* ---- growing ---- */

/* How many blocks from `first` on belong to no device. */
static uint32_t free_of_devices(struct memory_hotplug *m, uint32_t first, uint32_t n)
{
    for (const struct dimm *d = m->dimms; d; d = d->next)
        if (d->range.first >= first && d->range.first - first < n)
            n = d->range.first - first;
    return n;
}

static bool lowest_absent(struct memory_hotplug *m, uint32_t max, struct block_range *out)
{
    struct block_range dimm;
    struct drc_run run;

    for (uint32_t at = 0; drc_next_run(drcs_of(m), DRC_LMB, at, &run);) {
        at = run.first + run.n;
        if (run.view.attached)
            continue;
        if (dimm_owns(m, run.first, &dimm)) {       /* its memory is being prepared */
            at = dimm.first + dimm.n;
            continue;
        }
        *out = (struct block_range){ run.first, free_of_devices(m, run.first, run.n < max ? run.n : max) };
        return true;
    }
    return false;
}

static void attach(struct memory_hotplug *m, struct block_range r)
{
    for (uint32_t id = r.first; id < r.first + r.n; id++)
        drc_attach(drcs_of(m), DRC_LMB, id, NULL);
}

/* Takes back what the guest did not take. */
static void withdraw(struct memory_hotplug *m, struct block_range r)
{
    for (uint32_t id = r.first; id < r.first + r.n; id++)
        if (look(m, id).attached && look(m, id).state == DRC_UNUSABLE)
            drc_detach(drcs_of(m), DRC_LMB, id, NULL);
}

static void grow_next(struct memory_hotplug *m)
{
    struct job *j = m->jobs;
    uint32_t done = job_done(m, j), max;
    struct block_range r;

    if (done >= j->wanted || (j->refused && j->batch_max == 0)) {
        job_finish(m, done >= j->wanted ? RESIZE_DONE : done ? RESIZE_PARTIAL : RESIZE_REFUSED);
        return;
    }
    max = j->wanted - done < j->batch_max ? j->wanted - done : j->batch_max;
    if (!lowest_absent(m, max, &r)) {
        job_finish(m, RESIZE_PARTIAL);
        return;
    }
    attach(m, r);
    start_batch(m, r, r.n);
}

/* The block that could not be used was the last of its batch: the next one, which is out, ends
 * with a fence, and is small after it. */
void batch_regret(struct memory_hotplug *m)
{
    struct job *j = m->jobs;

    j->retries = 1;
    if (j->batch_max > 1)
        j->batch_max /= 2;
    batch_fence(m);
}

static void grow_over(struct memory_hotplug *m)
{
    struct job *j = m->jobs;

    if (j->batch.left || j->batch.failed) {
        withdraw(m, j->batch.range);
        j->refused += j->batch.range.n == 1;
        j->batch_max = j->batch.range.n / 2;
        j->retries = 1;                     /* from now on with fences */
    }
}

/* ---- shrinking ---- */

static bool may_ask(struct memory_hotplug *m, uint32_t id)
{
    struct drc_view view = look(m, id);
    struct block_range dimm;

    return view.attached && view.state != DRC_UNUSABLE && !dimm_owns(m, id, &dimm);
}

/* The blocks up to `max` below `below` that the guest holds, together and highest. */
static bool highest_held(struct memory_hotplug *m, uint32_t below, uint32_t max, struct block_range *out)
{
    struct block_range dimm;
    struct drc_run run;
    uint32_t last = 0, first;
    bool found = false;

    for (uint32_t at = 0; drc_next_run(drcs_of(m), DRC_LMB, at, &run) && run.first < below; at = run.first + run.n) {
        uint32_t end = run.first + run.n < below ? run.first + run.n : below;

        if (!run.view.attached || run.view.state == DRC_UNUSABLE)
            continue;
        while (end > run.first && dimm_owns(m, end - 1, &dimm))
            end = dimm.first;
        if (end > run.first) {
            last = end - 1;
            found = true;
        }
    }
    if (!found)
        return false;
    for (first = last; first > 0 && last - first + 1 < max && may_ask(m, first - 1); first--)
        ;
    *out = (struct block_range){ first, last - first + 1 };
    return true;
}

static uint32_t ask_back(struct memory_hotplug *m, struct block_range r)
{
    uint32_t left = 0;

    for (uint32_t id = r.first; id < r.first + r.n; id++) {
        bool gone = false;

        if (drc_ask_back(drcs_of(m), DRC_LMB, id, &gone, NULL) == 0 && !gone)
            left++;
    }
    return left;
}

static bool next_retry(struct job *j, uint32_t max, struct block_range *r)
{
    struct block_range *top;

    if (!j->retries)
        return false;
    top = &j->retry[j->retries - 1];
    *r = *top;
    if (r->n > max) {
        *r = (struct block_range){ top->first + top->n - max, max };
        top->n -= max;
    } else {
        j->retries--;
    }
    return true;
}

static void shrink_next(struct memory_hotplug *m)
{
    struct job *j = m->jobs;
    uint32_t done = job_done(m, j), max = j->wanted > done ? j->wanted - done : 0;
    struct block_range r;

    if (!max) {
        job_finish(m, RESIZE_DONE);
        return;
    }
    max = max < j->batch_max ? max : j->batch_max;
    if (!next_retry(j, max, &r)) {
        if (!highest_held(m, j->below, max, &r)) {
            job_finish(m, done ? RESIZE_PARTIAL : RESIZE_REFUSED);
            return;
        }
        j->below = r.first;
    }
    start_batch(m, r, ask_back(m, r));
    if (!j->batch.left)
        batch_over(m);
}

static void retry_later(struct job *j, uint32_t first, uint32_t n)
{
    if (n && j->retries < RETRIES_MAX)
        j->retry[j->retries++] = (struct block_range){ first, n };
}

static void leave(struct memory_hotplug *m, struct block_range r)
{
    for (uint32_t id = r.first; id < r.first + r.n; id++)
        drc_leave(drcs_of(m), DRC_LMB, id);
}

static void shrink_over(struct memory_hotplug *m)
{
    struct job *j = m->jobs;
    struct block_range r = j->batch.range;

    if (!j->batch.left)
        return;
    leave(m, r);
    if (r.n == 1) {
        j->refused++;
        return;
    }
    retry_later(j, r.first, r.n / 2);
    retry_later(j, r.first + r.n / 2, r.n - r.n / 2);
}

/* ---- a device ---- */

static void plug_next(struct memory_hotplug *m)
{
    struct job *j = m->jobs;
    uint32_t end = j->dimm->range.first + j->dimm->range.n;
    struct block_range r = { j->below, end - j->below < GROW_BATCH ? end - j->below : GROW_BATCH };

    if (j->refused || !r.n) {
        job_finish(m, j->refused ? RESIZE_REFUSED : RESIZE_DONE);
        return;
    }
    j->below += r.n;
    start_batch(m, r, r.n);
}

static void unplug_next(struct memory_hotplug *m)
{
    struct job *j = m->jobs;

    if (j->batches) {
        job_finish(m, j->refused ? RESIZE_REFUSED : RESIZE_DONE);
        return;
    }
    start_batch(m, j->dimm->range, ask_back(m, j->dimm->range));
    if (!j->batch.left)
        batch_over(m);
}

static void device_over(struct memory_hotplug *m)
{
    struct job *j = m->jobs;

    if (!j->batch.left && !j->batch.failed)
        return;
    j->refused++;
    if (j->kind == JOB_UNPLUG)
        leave(m, j->batch.range);
}

/* ---- all kinds ---- */

void batch_next(struct memory_hotplug *m)
{
    static void (*const next[])(struct memory_hotplug *m) = {
        [JOB_GROW] = grow_next, [JOB_SHRINK] = shrink_next, [JOB_PLUG] = plug_next, [JOB_UNPLUG] = unplug_next,
    };

    if (m->resetting || !m->papr->cas->negotiated)
        return;
    next[m->jobs->kind](m);
}

void batch_over(struct memory_hotplug *m)
{
    struct job *j = m->jobs;

    if (j->kind == JOB_GROW)
        grow_over(m);
    else if (j->kind == JOB_SHRINK)
        shrink_over(m);
    else
        device_over(m);
    j->batch = (struct batch){ 0 };
    tell_size(m, false);
    batch_next(m);
}

/* ---- without the guest ---- */

static void grow_offline(struct memory_hotplug *m)
{
    struct job *j = m->jobs;
    struct block_range r;

    while (job_done(m, j) < j->wanted && lowest_absent(m, 1, &r)) {
        attach(m, r);
        if (drc_settle(drcs_of(m), DRC_LMB, r.first, NULL)) {
            drc_detach(drcs_of(m), DRC_LMB, r.first, NULL);
            return;
        }
    }
}

static void shrink_offline(struct memory_hotplug *m)
{
    struct job *j = m->jobs;
    struct block_range r;

    while (job_done(m, j) < j->wanted && highest_held(m, j->below, 1, &r)) {
        drc_take_back(drcs_of(m), m->caller, DRC_LMB, r.first);
        j->below = r.first;
    }
}

static void device_offline(struct memory_hotplug *m)
{
    struct job *j = m->jobs;

    for (uint32_t id = j->dimm->range.first; id < j->dimm->range.first + j->dimm->range.n; id++) {
        if (j->kind == JOB_UNPLUG)
            drc_take_back(drcs_of(m), m->caller, DRC_LMB, id);
        else
            drc_settle(drcs_of(m), DRC_LMB, id, NULL);
    }
}

void batch_offline(struct memory_hotplug *m)
{
    struct job *j = m->jobs;
    uint32_t done;

    j->batch = (struct batch){ 0 };
    if (j->kind == JOB_GROW)
        grow_offline(m);
    else if (j->kind == JOB_SHRINK)
        shrink_offline(m);
    else
        device_offline(m);
    done = job_done(m, j);
    job_finish(m, done >= j->wanted ? RESIZE_DONE : done ? RESIZE_PARTIAL : RESIZE_REFUSED);
}
