/* SPDX-License-Identifier: Apache-2.0 */
/* mem/slots_batch.c - from the slots that exist to those that are wanted: deletions first, what stays is left alone. */
#include "mem/slots_int.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

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

void slots_note_error(struct slots *s, int rc)
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
        slots_note_error(s, rc);
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
    /* a held batch may outlive its regions */
    atomic_fetch_add_explicit(&slot->block->refs, 1, memory_order_relaxed);
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
            slots_note_error(s, add_one(s, at, &want));
    }
}

void slots_flush(struct slots *s)
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
