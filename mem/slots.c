/* SPDX-License-Identifier: Apache-2.0 */
#include "mem/slots.h"

#include "base/lock.h"
#include "mem/mem_region_int.h"
#include "mem/slot_want.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct slots {
    struct mem_map *map;
    struct slots_backend back;
    struct mem_listener listener;
    struct lock lock;           /* guards all below; taken under the map's lock */
    struct slot_wants want;
    struct slot *have;          /* in order */
    size_t n_have, room_have;
    unsigned *free_id, n_free;
    struct slots_window *window;
    unsigned n_windows;
    unsigned held;
    bool stale;                 /* wanted and existing may differ */
    int status;
    struct slots_stats stats;
};

static int want_set(struct slots *s, const struct slot_want *w)
{
    int rc = slot_want_set(&s->want, w);

    s->stale |= rc > 0;
    return rc < 0 ? rc : 0;
}

/* Nothing mapped inside a window still wants the window's slot. */
static int want_nothing(struct slots *s, uint64_t start, uint64_t last)
{
    int rc = want_set(s, &(struct slot_want){ .start = start, .last = last });

    for (unsigned i = 0; i < s->n_windows && rc == 0; i++) {
        const struct slots_window *w = &s->window[i];
        uint64_t from = start > w->start.v ? start : w->start.v, w_last = w->start.v + w->len - 1;
        uint64_t to = last < w_last ? last : w_last;

        if (from <= to)
            rc = want_set(s, &(struct slot_want){ from, to, w->block, w->off + (from - w->start.v), false });
    }
    return rc;
}

/* ---- from wanted to existing ---- */

static uint64_t slot_len(const struct slots *s, const struct slot_want *w, uint64_t start)
{
    uint64_t len = w->last - start + 1;

    return s->back.max_len && len > s->back.max_len ? s->back.max_len : len;
}

/* Walks the slots that are wanted, in order; *w and *start are the cursor. */
static bool next_wanted(const struct slots *s, size_t *w, uint64_t *start, struct slot *out)
{
    const struct slot_want *from;

    if (*w == s->want.n)
        return false;
    from = &s->want.w[*w];
    if (*start < from->start)
        *start = from->start;
    *out = (struct slot){ .start = ra(*start), .len = slot_len(s, from, *start), .block = from->block,
                          .off = from->off + (*start - from->start), .readonly = from->readonly };
    out->host = out->block->ram.host + out->off;
    *start += out->len;
    if (*start > from->last)
        *w += 1;
    return true;
}

static bool same_slot(const struct slot *a, const struct slot *b)
{
    return a->start.v == b->start.v && a->len == b->len && a->block == b->block && a->off == b->off &&
           a->readonly == b->readonly;
}

static void note_error(struct slots *s, int rc)
{
    if (rc < 0 && s->status == 0)
        s->status = rc;
    if (rc < 0)
        s->stale = true;
}

static void forget(struct slots *s, const struct slot *slot)
{
    s->free_id[s->n_free++] = slot->id;
    ram_block_put(slot->block);
}

/* Existing slots that are not wanted any more go; the others stay in order. */
static void delete_old(struct slots *s)
{
    size_t w = 0, keep = 0;
    uint64_t start = 0;
    struct slot want = { 0 };
    bool more = next_wanted(s, &w, &start, &want), quiet = false;

    for (size_t i = 0; i < s->n_have; i++) {
        int rc;

        while (more && want.start.v < s->have[i].start.v)
            more = next_wanted(s, &w, &start, &want);
        if (more && same_slot(&want, &s->have[i])) {
            s->have[keep++] = s->have[i];
            continue;
        }
        if (!quiet && s->back.quiesce)
            s->back.quiesce(s->back.opaque);
        quiet = true;
        rc = s->back.del(s->back.opaque, &s->have[i]);
        s->stats.dels++;
        note_error(s, rc);
        if (rc < 0)
            s->have[keep++] = s->have[i];
        else
            forget(s, &s->have[i]);
    }
    s->n_have = keep;
}

static int insert_have(struct slots *s, size_t at, const struct slot *slot)
{
    if (s->n_have == s->room_have) {
        size_t room = s->room_have * 2 + 16;
        struct slot *grown = realloc(s->have, room * sizeof(*grown));

        if (!grown)
            return -ENOMEM;
        s->have = grown;
        s->room_have = room;
    }
    memmove(s->have + at + 1, s->have + at, (s->n_have - at) * sizeof(*s->have));
    s->have[at] = *slot;
    s->n_have++;
    return 0;
}

static int add_one(struct slots *s, size_t at, struct slot *slot)
{
    int rc;

    if (!s->n_free)
        return -ENOSPC;
    slot->id = s->free_id[s->n_free - 1];
    rc = insert_have(s, at, slot);
    if (rc < 0)
        return rc;
    rc = s->back.add(s->back.opaque, slot);
    s->stats.adds++;
    if (rc < 0) {
        memmove(s->have + at, s->have + at + 1, (s->n_have - at - 1) * sizeof(*s->have));
        s->n_have--;
        return rc;
    }
    s->n_free--;
    atomic_fetch_add_explicit(&slot->block->refs, 1, memory_order_relaxed);     /* a held batch may outlive its regions */
    return 0;
}

static void add_new(struct slots *s)
{
    size_t w = 0, at = 0;
    uint64_t start = 0;
    struct slot want;

    while (next_wanted(s, &w, &start, &want)) {
        while (at < s->n_have && s->have[at].start.v < want.start.v)
            at++;
        if (at == s->n_have || !same_slot(&want, &s->have[at]))
            note_error(s, add_one(s, at, &want));
    }
}

static void flush(struct slots *s)
{
    uint64_t dels = s->stats.dels;

    if (s->held || !s->stale)
        return;
    s->stale = false;
    s->stats.batches++;
    delete_old(s);
    add_new(s);
    if (s->stats.dels != dels && s->back.resume)
        s->back.resume(s->back.opaque);
}

static void changed(void *opaque, const struct mem_change *c, size_t n)
{
    struct slots *s = opaque;

    lock_take(&s->lock);
    s->stats.commits++;
    for (size_t i = 0; i < n; i++) {
        uint64_t last = c[i].start.v + c[i].len - 1;
        const struct mem_answer *a = &c[i].now;

        if (a->block)
            note_error(s, want_set(s, &(struct slot_want){ c[i].start.v, last, a->block, a->off, a->kind == MEM_ROM }));
        else if (a->kind == MEM_NONE)
            note_error(s, want_nothing(s, c[i].start.v, last));
        else
            note_error(s, want_set(s, &(struct slot_want){ .start = c[i].start.v, .last = last }));
    }
    flush(s);
    lock_drop(&s->lock);
}

static int prepare(struct slots *s, const struct slots_window *window, unsigned windows)
{
    s->free_id = malloc((s->back.max_slots + 1) * sizeof(*s->free_id));
    s->window = calloc(windows + 1, sizeof(*window));
    if (!s->free_id || !s->window)
        return -ENOMEM;
    for (unsigned i = s->back.max_slots; i-- > 0;)
        s->free_id[s->n_free++] = i;
    s->n_windows = windows;
    for (unsigned i = 0; i < windows; i++) {
        s->window[i] = window[i];
        if (want_nothing(s, window[i].start.v, window[i].start.v + window[i].len - 1) < 0)
            return -ENOMEM;
    }
    return 0;
}

struct slots *slots_new(struct mem_map *m, const struct slots_backend *b, const struct slots_window *window,
                        unsigned windows, struct error *err)
{
    struct slots *s = calloc(1, sizeof(*s));

    if (!s) {
        error_set(err, ENOMEM, "no memory for the memory slots");
        return NULL;
    }
    s->map = m;
    s->back = *b;
    s->listener = (struct mem_listener){ .changed = changed, .opaque = s };
    lock_init(&s->lock);
    if (prepare(s, window, windows) < 0 || mem_map_listen(m, &s->listener) < 0) {
        error_set(err, ENOMEM, "no memory for the memory slots");
        s->map = NULL;
        slots_free(s);
        return NULL;
    }
    lock_take(&s->lock);
    flush(s);
    lock_drop(&s->lock);
    if (slots_status(s, err) < 0) {
        slots_free(s);
        return NULL;
    }
    return s;
}

void slots_free(struct slots *s)
{
    if (!s)
        return;
    if (s->map)
        mem_map_unlisten(s->map, &s->listener);
    s->want.n = 0;
    s->held = 0;
    s->stale = true;
    flush(s);
    lock_fini(&s->lock);
    free(s->want.w);
    free(s->have);
    free(s->free_id);
    free(s->window);
    free(s);
}

void slots_hold(struct slots *s)
{
    lock_take(&s->lock);
    s->held++;
    lock_drop(&s->lock);
}

int slots_release(struct slots *s, struct error *err)
{
    lock_take(&s->lock);
    s->held--;
    flush(s);
    lock_drop(&s->lock);
    return slots_status(s, err);
}

int slots_status(struct slots *s, struct error *err)
{
    int rc;

    lock_take(&s->lock);
    rc = s->status;
    s->status = 0;
    lock_drop(&s->lock);
    if (rc < 0)
        error_set(err, -rc, "a memory slot could not be changed: %s", strerror(-rc));
    return rc;
}

void slots_for_each(struct slots *s, void (*fn)(const struct slot *slot, void *arg), void *arg)
{
    lock_take(&s->lock);
    for (size_t i = 0; i < s->n_have; i++)
        fn(&s->have[i], arg);
    lock_drop(&s->lock);
}

void slots_stats(struct slots *s, struct slots_stats *out)
{
    lock_take(&s->lock);
    *out = s->stats;
    out->slots = (unsigned)s->n_have;
    lock_drop(&s->lock);
}
