/* SPDX-License-Identifier: Apache-2.0 */
#include "mem/slots_int.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static int want_set(struct slots *s, const struct slot_want *w)
{
    int rc = slot_want_set(&s->want, w);

    s->stale |= rc > 0;
    s->lost |= rc < 0;
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

static void changed(void *opaque, const struct mem_change *c, size_t n)
{
    struct slots *s = opaque;

    lock_take(&s->lock);
    s->stats.commits++;
    for (size_t i = 0; i < n; i++) {
        uint64_t last = c[i].start.v + c[i].len - 1;
        const struct mem_answer *a = &c[i].now;

        if (a->block)
            slots_note_error(s, want_set(s, &(struct slot_want){ c[i].start.v, last, a->block, a->off,
                                                                 a->kind == MEM_ROM }));
        else if (a->kind == MEM_NONE)
            slots_note_error(s, want_nothing(s, c[i].start.v, last));
        else
            slots_note_error(s, want_set(s, &(struct slot_want){ .start = c[i].start.v, .last = last }));
    }
    slots_flush(s);
    lock_drop(&s->lock);
}

static int want_windows(struct slots *s)
{
    int rc = 0;

    for (unsigned i = 0; i < s->n_windows && rc == 0; i++)
        rc = want_nothing(s, s->window[i].start.v, s->window[i].start.v + s->window[i].len - 1);
    return rc;
}

/* Listening again tells the whole view. */
static void relearn(struct slots *s)
{
    bool lost;

    lock_take(&s->lock);
    lost = s->lost;
    lock_drop(&s->lock);
    if (!lost)
        return;
    mem_map_unlisten(s->map, &s->listener);
    lock_take(&s->lock);
    s->want.n = 0;
    s->stale = true;
    s->lost = false;
    slots_note_error(s, want_windows(s));
    lock_drop(&s->lock);
    if (mem_map_listen(s->map, &s->listener) < 0) {
        lock_take(&s->lock);
        s->lost = true;
        slots_note_error(s, -ENOMEM);
        lock_drop(&s->lock);
    }
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
    if (windows)
        memcpy(s->window, window, windows * sizeof(*window));
    return want_windows(s);
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
    slots_flush(s);
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
    slots_flush(s);
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
    relearn(s);
    lock_take(&s->lock);
    s->held--;
    slots_flush(s);
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
