/* SPDX-License-Identifier: Apache-2.0 */
/* papr/memory_state.c - devices and unfinished jobs as saved state.  Times are saved as what is left of them.
 *
 * The watching thread may be at work on either side: what is saved is written into an image at once, under the lock;
 * what is loaded is gathered in the image, checked, and takes the place of the old under the lock.
 *
 * A device: id and memdev (u8 length, bytes), u32 first block, u32 blocks, u8 leaving.  A job: u8 kind, u8 started, u32
 * device (its number; 0xffffffff: none), u64 target, u32 wanted, refused, held_start, below, batch_max, u64 time left
 * (0: no limit); its batch: u32 first, n, left, u8 flags, u64 fence; u8 retries, and u32 first, n of each. */
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

static void save_dimms(const struct memory_hotplug *m, struct buf *out)
{
    for (const struct dimm *d = m->dimms; d; d = d->next) {
        put_name(out, d->spec.id);
        put_name(out, d->spec.memdev);
        buf_append_le32(out, d->range.first);
        buf_append_le32(out, d->range.n);
        buf_append_u8(out, d->leaving && !d->untaken_bytes);
    }
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

static void save_jobs(const struct memory_hotplug *m, struct buf *out)
{
    int64_t now = time_now_ns();

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
}

static void write_image(void *obj)
{
    struct memory_image *image = obj;
    struct memory_hotplug *m = image->m;

    buf_fini(&image->dimm_bytes);
    buf_fini(&image->job_bytes);
    lock_take(&m->lock);
    memcpy(image->fence_id, m->fence_id, sizeof(image->fence_id));
    image->fences_sent = m->fences_sent;
    image->fences_seen = m->fences_seen;
    save_dimms(m, &image->dimm_bytes);
    save_jobs(m, &image->job_bytes);
    lock_drop(&m->lock);
}

static int save_bytes(const struct buf *bytes, struct buf *out, struct error *err)
{
    if (bytes->failed)
        return error_set(err, ENOMEM, "no memory to save memory devices and changes");
    buf_append(out, bytes->data, bytes->len_bytes);
    return 0;
}

static int put_dimms(const void *obj, struct buf *out, struct error *err)
{
    return save_bytes(&((const struct memory_image *)obj)->dimm_bytes, out, err);
}

static int put_jobs(const void *obj, struct buf *out, struct error *err)
{
    return save_bytes(&((const struct memory_image *)obj)->job_bytes, out, err);
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

static bool is_taken(const struct dimm *dimms, struct block_range r)
{
    for (const struct dimm *d = dimms; d; d = d->next)
        if (d->range.first < r.first + r.n && r.first < d->range.first + d->range.n)
            return true;
    return false;
}

static void drop_jobs(struct job **jobs)
{
    while (*jobs) {
        struct job *j = *jobs;

        *jobs = j->next;
        free(j);
    }
}

static void drop_dimms(struct dimm **dimms)
{
    while (*dimms) {
        struct dimm *d = *dimms;

        *dimms = d->next;
        free(d);
    }
}

static int take_dimms(void *obj, const uint8_t *data, size_t len_bytes, struct error *err)
{
    struct taker t = taker_of(data, len_bytes);
    struct memory_image *image = obj;
    struct dimm **last = &image->dimms;

    drop_dimms(&image->dimms);              /* of a load that failed */
    while (t.at < t.end) {
        struct dimm *d = calloc(1, sizeof(*d));

        if (!d)
            return error_set(err, ENOMEM, "no memory for a memory device");
        take_str(&t, take_u8(&t), d->spec.id, sizeof(d->spec.id));
        take_str(&t, take_u8(&t), d->spec.memdev, sizeof(d->spec.memdev));
        d->range.first = take_le32(&t);
        d->range.n = take_le32(&t);
        d->leaving = take_u8(&t) & 1;
        if (t.bad || !d->range.n || !range_ok(image->m, d->range) || is_taken(image->dimms, d->range)) {
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

static struct dimm *dimm_at(struct dimm *d, uint32_t n)
{
    for (; d && n; n--)
        d = d->next;
    return d;
}

static void take_job(const struct memory_image *image, struct taker *t, struct job *j)
{
    struct memory_hotplug *m = image->m;
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
    t->bad |= kind > JOB_UNPLUG || j->retries > RETRIES_MAX || !range_ok(m, j->batch.range) ||
        j->batch.left > j->batch.range.n ||
              j->wanted > end || j->batch_max > GROW_BATCH;
    for (uint32_t i = 0; !t->bad && i < j->retries; i++) {
        j->retry[i].first = take_le32(t);
        j->retry[i].n = take_le32(t);
        t->bad |= !range_ok(m, j->retry[i]);
    }
    if (t->bad)
        return;
    of_device = j->kind == JOB_PLUG || j->kind == JOB_UNPLUG;
    j->dimm = of_device ? dimm_at(image->dimms, device) : NULL;
    if (of_device && !j->dimm)
        t->bad = true;
    else if (j->kind == JOB_PLUG)
        t->bad |= j->below < j->dimm->range.first || j->below > j->dimm->range.first + j->dimm->range.n;
}

static int take_jobs(void *obj, const uint8_t *data, size_t len_bytes, struct error *err)
{
    struct taker t = taker_of(data, len_bytes);
    struct memory_image *image = obj;
    struct job **last = &image->jobs;

    drop_jobs(&image->jobs);
    while (t.at < t.end) {
        struct job *j = calloc(1, sizeof(*j));

        if (!j)
            return error_set(err, ENOMEM, "no memory for a hot-plug job");
        take_job(image, &t, j);
        if (t.bad) {
            free(j);
            return damaged(err);
        }
        j->vmm_start_ns = drc_busy_ns(drcs_of(image->m));
        papr_work_done(image->m->papr, &j->insns_start, &j->cpu_start_ns);
        *last = j;
        last = &j->next;
    }
    return 0;
}

static int check(const void *obj, struct error *err)
{
    const struct memory_image *image = obj;

    return image->fences_seen > image->fences_sent || image->fences_sent - image->fences_seen > FENCES_MAX
               ? damaged(err) : 0;
}

/* The image takes the place of what there was, and goes on. */
static int go_on(void *obj, struct error *err)
{
    struct memory_image *image = obj;
    struct memory_hotplug *m = image->m;
    struct dimm *dimms;
    struct job *jobs;
    int rc = 0;

    lock_take(&m->lock);
    dimms = m->dimms;
    jobs = m->jobs;
    m->dimms = image->dimms;
    m->jobs = image->jobs;
    memcpy(m->fence_id, image->fence_id, sizeof(m->fence_id));
    m->fences_sent = image->fences_sent;
    m->fences_seen = image->fences_seen;
    if (m->jobs)
        rc = job_watch(m, err);
    lock_drop(&m->lock);
    image->dimms = dimms;
    image->jobs = jobs;
    memory_image_fini(image);
    return rc;
}

void memory_image_fini(struct memory_image *image)
{
    drop_jobs(&image->jobs);
    drop_dimms(&image->dimms);
    buf_fini(&image->dimm_bytes);
    buf_fini(&image->job_bytes);
}

bool memory_hotplug_at_rest(struct memory_image *image)
{
    struct memory_hotplug *m = image->m;
    bool rest;

    lock_take(&m->lock);
    rest = !m->jobs && !m->dimms && m->fences_seen == m->fences_sent;
    lock_drop(&m->lock);
    return rest;
}

void memory_hotplug_forget(struct memory_image *image)
{
    struct memory_hotplug *m = image->m;

    lock_take(&m->lock);
    drop_jobs(&m->jobs);
    drop_dimms(&m->dimms);
    m->fences_seen = m->fences_sent;
    lock_drop(&m->lock);
}

static const struct state_custom dimms = { put_dimms, take_dimms };
static const struct state_custom jobs = { put_jobs, take_jobs };
static const struct state_field fields[] = {
    STATE_ARRAY_U32(struct memory_image, fence_id, 1),
    STATE_U64(struct memory_image, fences_sent, 1),
    STATE_U64(struct memory_image, fences_seen, 1),
    STATE_CUSTOM("dimms", 1, &dimms),
    STATE_CUSTOM("jobs", 1, &jobs),
};
const struct state_list memory_hotplug_state = STATE_LIST("memory_hotplug", struct memory_image, 1, fields,
                                                          .pre_save = write_image, .check = check, .post_load = go_on);
