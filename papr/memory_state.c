/* SPDX-License-Identifier: Apache-2.0 */
/* papr/memory_state.c - devices and unfinished jobs as saved state.  Times are saved as what is left of them.
 *
 * A device: id and memdev (u8 length, bytes), u32 first block, u32 blocks, u8 leaving.  A job: u8 kind, u8 started, u32 device (its
 * number; 0xffffffff: none), u64 target, u32 wanted, refused, held_start, below, batch_max, u64 time left (0: no limit); its batch: u32
 * first, n, left, u8 flags, u64 fence; u8 retries, and u32 first, n of each. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/taker.h"
#include "base/thread.h"
#include "papr/lmb.h"
#include "papr/memory_hotplug_int.h"

enum { FLAG_SENT = 1, FLAG_FAILED = 2, FLAG_FENCE_WANTED = 4, FLAG_FENCE_SENT = 8, NO_DEVICE = -1 };

static void put_name(struct buf *out, const char *name)
{
    buf_append_u8(out, (uint8_t)strlen(name));
    buf_append(out, name, strlen(name));
}

static int save_dimms(const void *obj, struct buf *out, struct error *err)
{
    const struct memory_hotplug *m = obj;

    (void)err;
    for (const struct dimm *d = m->dimms; d; d = d->next) {
        put_name(out, d->spec.id);
        put_name(out, d->spec.memdev);
        buf_append_le32(out, d->range.first);
        buf_append_le32(out, d->range.n);
        buf_append_u8(out, d->leaving);
    }
    return 0;
}

static uint32_t number_of(const struct memory_hotplug *m, const struct dimm *dimm)
{
    uint32_t n = 0;

    for (const struct dimm *d = m->dimms; d && d != dimm; d = d->next)
        n++;
    return dimm ? n : (uint32_t)NO_DEVICE;
}

static void save_batch(const struct batch *b, struct buf *out)
{
    buf_append_le32(out, b->range.first);
    buf_append_le32(out, b->range.n);
    buf_append_le32(out, b->left);
    buf_append_u8(out, (uint8_t)(b->sent * FLAG_SENT | b->failed * FLAG_FAILED | b->fence_wanted * FLAG_FENCE_WANTED |
                                 b->fence_sent * FLAG_FENCE_SENT));
    buf_append_le64(out, b->fence_number);
}

static int save_jobs(const void *obj, struct buf *out, struct error *err)
{
    const struct memory_hotplug *m = obj;
    int64_t now = time_now_ns();

    (void)err;
    for (const struct job *j = m->jobs; j; j = j->next) {
        const uint32_t numbers[] = { j->wanted, j->refused, j->held_start, j->below, j->batch_max };

        buf_append_u8(out, (uint8_t)j->kind);
        buf_append_u8(out, j->started);
        buf_append_le32(out, number_of(m, j->dimm));
        buf_append_le64(out, j->target_bytes);
        for (unsigned i = 0; i < 5; i++)
            buf_append_le32(out, numbers[i]);
        buf_append_le64(out, !j->deadline_ns ? 0 : j->deadline_ns > now ? (uint64_t)(j->deadline_ns - now) : 1);
        save_batch(&j->batch, out);
        buf_append_u8(out, (uint8_t)j->retries);
        for (uint32_t i = 0; i < j->retries; i++) {
            buf_append_le32(out, j->retry[i].first);
            buf_append_le32(out, j->retry[i].n);
        }
    }
    return 0;
}

/* ---- loading: untrusted ---- */

static int damaged(struct error *err)
{
    return error_set(err, EBADMSG, "saved memory devices or changes are damaged");
}

static bool range_ok(const struct memory_hotplug *m, struct block_range r)
{
    return r.first <= drc_end(drcs_of(m), DRC_LMB) && r.n <= drc_end(drcs_of(m), DRC_LMB) - r.first;
}

static bool is_taken(const struct memory_hotplug *m, struct block_range r)
{
    for (const struct dimm *d = m->dimms; d; d = d->next)
        if (d->range.first < r.first + r.n && r.first < d->range.first + d->range.n)
            return true;
    return false;
}

static void drop_jobs(struct memory_hotplug *m)
{
    while (m->jobs) {
        struct job *j = m->jobs;

        m->jobs = j->next;
        free(j);
    }
}

static void drop_dimms(struct memory_hotplug *m)
{
    while (m->dimms) {
        struct dimm *d = m->dimms;

        m->dimms = d->next;
        free(d);
    }
}

static int load_dimms(void *obj, const uint8_t *data, size_t len_bytes, struct error *err)
{
    struct taker t = taker_of(data, len_bytes);
    struct memory_hotplug *m = obj;
    struct dimm **last;

    lock_take(&m->lock);            /* the watching thread of an earlier load may be looking at them */
    drop_jobs(m);
    lock_drop(&m->lock);
    drop_dimms(m);
    last = &m->dimms;
    while (t.at < t.end) {
        struct dimm *d = calloc(1, sizeof(*d));

        if (!d)
            return error_set(err, ENOMEM, "no memory for a memory device");
        take_str(&t, take_u8(&t), d->spec.id, sizeof(d->spec.id));
        take_str(&t, take_u8(&t), d->spec.memdev, sizeof(d->spec.memdev));
        d->range.first = take_le32(&t);
        d->range.n = take_le32(&t);
        d->leaving = take_u8(&t) & 1;
        if (t.bad || !d->range.n || !range_ok(m, d->range) || is_taken(m, d->range)) {
            free(d);
            return damaged(err);
        }
        d->spec.addr = lmb_start(d->range.first);
        d->spec.size_bytes = lmb_start(d->range.n);
        *last = d;
        last = &d->next;
    }
    return 0;
}

static void take_batch(struct taker *t, struct batch *b)
{
    unsigned flags;

    b->range.first = take_le32(t);
    b->range.n = take_le32(t);
    b->left = take_le32(t);
    flags = take_u8(t);
    b->sent = flags & FLAG_SENT;
    b->failed = flags & FLAG_FAILED;
    b->fence_wanted = flags & FLAG_FENCE_WANTED;
    b->fence_sent = flags & FLAG_FENCE_SENT;
    b->fence_number = take_le64(t);
    b->since_ns = time_now_ns();
}

static struct dimm *dimm_at(struct memory_hotplug *m, uint32_t n)
{
    struct dimm *d = m->dimms;

    for (; d && n; n--)
        d = d->next;
    return d;
}

static void take_job(struct memory_hotplug *m, struct taker *t, struct job *j)
{
    uint32_t *const numbers[] = { &j->wanted, &j->refused, &j->held_start, &j->below, &j->batch_max };
    unsigned kind = take_u8(t);
    uint32_t device, end = drc_end(drcs_of(m), DRC_LMB);
    uint64_t left_ns;
    bool of_device;

    j->kind = kind;
    j->started = take_u8(t) & 1;
    device = take_le32(t);
    j->target_bytes = take_le64(t);
    for (unsigned i = 0; i < 5; i++)
        *numbers[i] = take_le32(t);
    left_ns = take_le64(t);
    j->start_ns = time_now_ns();
    j->deadline_ns = left_ns && left_ns < INT64_MAX / 2 ? j->start_ns + (int64_t)left_ns : 0;
    take_batch(t, &j->batch);
    j->retries = take_u8(t);
    t->bad |= kind > JOB_UNPLUG || j->retries > RETRIES_MAX || !range_ok(m, j->batch.range) || j->batch.left > j->batch.range.n ||
              j->wanted > end || j->batch_max > GROW_BATCH;
    for (uint32_t i = 0; !t->bad && i < j->retries; i++) {
        j->retry[i].first = take_le32(t);
        j->retry[i].n = take_le32(t);
        t->bad |= !range_ok(m, j->retry[i]);
    }
    if (t->bad)
        return;
    of_device = j->kind == JOB_PLUG || j->kind == JOB_UNPLUG;
    j->dimm = of_device ? dimm_at(m, device) : NULL;
    if (of_device && !j->dimm)
        t->bad = true;
    else if (j->kind == JOB_PLUG)
        t->bad |= j->below < j->dimm->range.first || j->below > j->dimm->range.first + j->dimm->range.n;
}

static int load_jobs(void *obj, const uint8_t *data, size_t len_bytes, struct error *err)
{
    struct taker t = taker_of(data, len_bytes);
    struct memory_hotplug *m = obj;
    struct job **last = &m->jobs;

    lock_take(&m->lock);            /* the watching thread of an earlier load may be looking at them */
    drop_jobs(m);
    lock_drop(&m->lock);
    while (t.at < t.end) {
        struct job *j = calloc(1, sizeof(*j));

        if (!j)
            return error_set(err, ENOMEM, "no memory for a hot-plug job");
        take_job(m, &t, j);
        if (t.bad) {
            free(j);
            return damaged(err);
        }
        j->vmm_start_ns = drc_busy_ns(drcs_of(m));
        papr_work_done(m->papr, &j->insns_start, &j->cpu_start_ns);
        *last = j;
        last = &j->next;
    }
    return 0;
}

static int check(const void *obj, struct error *err)
{
    const struct memory_hotplug *m = obj;

    return m->fences_seen > m->fences_sent || m->fences_sent - m->fences_seen > FENCES_MAX ? damaged(err) : 0;
}

static int go_on(void *obj, struct error *err)
{
    struct memory_hotplug *m = obj;
    int rc = 0;

    lock_take(&m->lock);
    if (m->jobs)
        rc = job_watch(m, err);
    lock_drop(&m->lock);
    return rc;
}

bool memory_hotplug_at_rest(struct memory_hotplug *m)
{
    bool rest;

    lock_take(&m->lock);
    rest = !m->jobs && !m->dimms && m->fences_seen == m->fences_sent;
    lock_drop(&m->lock);
    return rest;
}

void memory_hotplug_forget(struct memory_hotplug *m)
{
    lock_take(&m->lock);
    drop_jobs(m);
    drop_dimms(m);
    m->fences_seen = m->fences_sent;
    lock_drop(&m->lock);
}

static const struct state_custom dimms = { save_dimms, load_dimms };
static const struct state_custom jobs = { save_jobs, load_jobs };
static const struct state_field fields[] = {
    STATE_ARRAY_U32(struct memory_hotplug, fence_id, 1),
    STATE_U64(struct memory_hotplug, fences_sent, 1),
    STATE_U64(struct memory_hotplug, fences_seen, 1),
    STATE_CUSTOM("dimms", 1, &dimms),
    STATE_CUSTOM("jobs", 1, &jobs),
};
const struct state_list memory_hotplug_state = STATE_LIST("memory_hotplug", struct memory_hotplug, 1, fields, .check = check,
                                                          .post_load = go_on);
