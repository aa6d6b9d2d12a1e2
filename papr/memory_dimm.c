/* SPDX-License-Identifier: Apache-2.0 */
/* papr/memory_dimm.c - memory devices: a named range of blocks that the guest gets and gives back as a whole. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/size.h"
#include "papr/lmb.h"
#include "papr/memory_hotplug_int.h"

#define TAKE_BYTES (64ull << 20)

static bool overlap(struct block_range a, struct block_range b)
{
    return a.first < b.first + b.n && b.first < a.first + a.n;
}

bool dimm_owns(const struct memory_hotplug *m, uint32_t id, struct block_range *range)
{
    for (const struct dimm *d = m->dimms; d; d = d->next) {
        if (range_has(d->range, id)) {
            *range = d->range;
            return true;
        }
    }
    return false;
}

static struct dimm *find(struct memory_hotplug *m, const char *id)
{
    struct dimm *d = m->dimms;

    while (d && (!d->spec.id[0] || strcmp(d->spec.id, id) != 0))
        d = d->next;
    return d;
}

static const struct dimm *in_the_way(const struct memory_hotplug *m, struct block_range r)
{
    const struct dimm *d = m->dimms;

    while (d && !overlap(d->range, r))
        d = d->next;
    return d;
}

/* Nothing present there, connectors everywhere, no other device. */
static bool is_free(struct memory_hotplug *m, struct block_range r)
{
    struct drc_run run;

    return !in_the_way(m, r) && drc_next_run(drcs_of(m), DRC_LMB, r.first, &run) && run.first == r.first &&
           run.n >= r.n && !run.view.attached;
}

static bool find_free(struct memory_hotplug *m, struct block_range *r)
{
    struct drc_run run;

    for (uint32_t at = 0; drc_next_run(drcs_of(m), DRC_LMB, at, &run);) {
        const struct dimm *other;

        r->first = run.first;
        at = run.first + run.n;
        if (run.view.attached || run.n < r->n)
            continue;
        other = in_the_way(m, *r);
        if (!other)
            return true;
        at = other->range.first + other->range.n;
    }
    return false;
}

static int place(struct memory_hotplug *m, struct dimm *d, struct error *err)
{
    const struct dimm_spec *s = &d->spec;
    uint64_t end = drc_end(drcs_of(m), DRC_LMB), n = s->size_bytes >> PAPR_LMB_SHIFT;
    char size[SIZE_TEXT_BYTES];

    size_format(s->size_bytes, size);
    if (!n || s->size_bytes % PAPR_LMB_SIZE)
        return error_set(err, EINVAL, "a memory device of %s: its size must be a multiple of 256 MiB", size);
    if (s->addr != UINT64_MAX && s->addr % PAPR_LMB_SIZE)
        return error_set(err, EINVAL, "address 0x%" PRIx64 " is not a multiple of 256 MiB", s->addr);
    if (n > end)
        return error_set(err, ENOSPC, "a memory device of %s does not fit below the ceiling: see --max-memory", size);
    d->range.n = (uint32_t)n;
    if (s->addr == UINT64_MAX)
        return find_free(m, &d->range)
                   ? 0 : error_set(err, ENOSPC, "no free range of %s below the ceiling: see --max-memory", size);
    if (s->addr >> PAPR_LMB_SHIFT >= end || n > end - (s->addr >> PAPR_LMB_SHIFT))
        return error_set(err, EINVAL, "%s at 0x%" PRIx64 " reaches beyond the ceiling", size, s->addr);
    d->range.first = (uint32_t)(s->addr >> PAPR_LMB_SHIFT);
    return is_free(m, d->range) ? 0 : error_set(err, EINVAL, "part of %s at 0x%" PRIx64 " is in use", size, s->addr);
}

static void link_last(struct memory_hotplug *m, struct dimm *d)
{
    struct dimm **at = &m->dimms;

    while (*at)
        at = &(*at)->next;
    *at = d;
}

static void drop(struct memory_hotplug *m, struct dimm *d)
{
    struct dimm **at = &m->dimms;

    while (*at != d)
        at = &(*at)->next;
    *at = d->next;
    free(d);
}

void dimm_attach(struct memory_hotplug *m, const struct dimm *d)
{
    for (uint32_t i = 0; i < d->range.n; i++)
        drc_attach(drcs_of(m), DRC_LMB, d->range.first + i, NULL);
}

/* Finds its place and keeps others out of it. */
static int enlist(struct memory_hotplug *m, struct dimm *d, struct error *err) REQUIRES(m->lock)
{
    int rc;

    if (d->spec.id[0] && find(m, d->spec.id))
        return error_set(err, EEXIST, "there is a device '%s' already", d->spec.id);
    rc = place(m, d, err);
    if (rc)
        return rc;
    d->spec.addr = lmb_start(d->range.first);
    d->leaving = true;          /* not to be asked for yet */
    link_last(m, d);
    return 0;
}

/* Files may be slow: without the lock. */
static int open_memory(struct memory_hotplug *m, const struct dimm *d, const struct ram_policy *policy,
                       struct error *err)
{
    struct ram_policy later = *policy;

    if (!papr_has_policy(policy))
        return 0;
    later.prealloc = false;             /* dimm_take()'s work */
    return ram_window_open_policy(m->papr->ram, ra(d->spec.addr), d->spec.size_bytes, &later, err);
}

static void close_memory(struct memory_hotplug *m, const struct dimm *d)
{
    (void)ram_window_retire(m->papr->ram, ra(d->spec.addr), d->spec.size_bytes, NULL);
}

int papr_dimm_plug(struct papr *p, const struct dimm_spec *spec, struct error *err)
{
    struct memory_hotplug *m = p->memory_hotplug;
    struct dimm *d = calloc(1, sizeof(*d));
    struct job j;
    int rc;

    if (!d)
        return error_set(err, ENOMEM, "no memory for a memory device");
    d->spec = *spec;
    d->spec.policy = (struct ram_policy){ 0 };
    lock_take(&m->lock);
    rc = enlist(m, d, err);
    lock_drop(&m->lock);
    if (rc) {
        free(d);
        return rc;
    }
    rc = open_memory(m, d, &spec->policy, err);
    lock_take(&m->lock);
    d->leaving = false;
    d->untaken_bytes = spec->policy.prealloc ? spec->size_bytes : 0;
    j = (struct job){ .kind = JOB_PLUG, .dimm = d, .wanted = d->range.n, .below = d->range.first };
    if (!rc)
        rc = job_add(m, &j, err);
    if (rc) {
        close_memory(m, d);
        drop(m, d);
    }
    lock_drop(&m->lock);
    return rc;
}

int papr_dimm_unplug(struct papr *p, const char *id, struct error *err)
{
    struct memory_hotplug *m = p->memory_hotplug;
    struct dimm *d;
    int rc;

    lock_take(&m->lock);
    d = find(m, id);
    if (!d) {
        rc = error_set(err, ENOENT, "there is no device '%s'", id);
    } else if (d->leaving) {
        rc = error_set(err, EBUSY, "the guest has been asked for '%s' already", id);
    } else if (d->untaken_bytes) {
        d->leaving = true;              /* dimm_take() sees it */
        rc = 0;
    } else {
        rc = job_add(m, &(struct job){ .kind = JOB_UNPLUG, .dimm = d, .wanted = d->range.n }, err);
        d->leaving = !rc;
    }
    lock_drop(&m->lock);
    return rc;
}

/* It never was the guest's. */
static void give_up(struct memory_hotplug *m, struct dimm *d, const char *why)
{
    char id[PAPR_DEVICE_NAME_MAX];

    memcpy(id, d->spec.id, sizeof(id));
    job_finish(m, RESIZE_CANCELLED);
    close_memory(m, d);
    drop(m, d);
    papr_tell(m->papr, &(struct papr_event){ .kind = PAPR_EVENT_DEVICE_DELETED, .text = id, .why = why });
}

void dimm_take(struct memory_hotplug *m)
{
    struct dimm *d = m->jobs->dimm;
    uint64_t at = d->spec.addr + d->spec.size_bytes - d->untaken_bytes;
    uint64_t n = d->untaken_bytes < TAKE_BYTES ? d->untaken_bytes : TAKE_BYTES;
    const struct ram_policy kind = { .backing = d->spec.policy.backing, .huge_shift = d->spec.policy.huge_shift };
    struct error err = { 0 };
    int rc = 0;

    if (!d->leaving) {
        lock_drop(&m->lock);
        rc = ram_window_take(m->papr->ram, ra(at), n, &kind, &err);
        lock_take(&m->lock);
    }
    /* Loading a saved machine replaces jobs and devices, and closes memory. */
    if (!job_takes(m) || m->jobs->dimm != d || m->exiting)
        return;
    if (rc < 0 || d->leaving)
        give_up(m, d, d->leaving ? NULL : err.msg);
    else
        d->untaken_bytes -= n;
}

/* The job's device: gone, kept, or as it was. */
void dimm_finished(struct memory_hotplug *m, const struct job *j, enum resize_outcome outcome)
{
    struct papr_event ev = { .kind = PAPR_EVENT_DEVICE_DELETED };
    char id[PAPR_DEVICE_NAME_MAX];

    if (j->kind != JOB_UNPLUG)
        return;
    memcpy(id, j->dimm->spec.id, sizeof(id));
    ev.text = id;
    if (outcome == RESIZE_DONE) {
        close_memory(m, j->dimm);       /* also what the guest never took */
        drop(m, j->dimm);
    } else {
        j->dimm->leaving = false;
        ev.kind = PAPR_EVENT_UNPLUG_ERROR;
    }
    papr_tell(m->papr, &ev);
}

bool papr_dimm_get(struct papr *p, unsigned n, struct dimm_view *out)
{
    struct memory_hotplug *m = p->memory_hotplug;
    const struct dimm *d;

    lock_take(&m->lock);
    for (d = m->dimms; d && n; n--)
        d = d->next;
    if (d)
        *out = (struct dimm_view){ d->spec, d->untaken_bytes, d->leaving };
    lock_drop(&m->lock);
    return d;
}
