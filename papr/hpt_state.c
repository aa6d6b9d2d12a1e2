/* SPDX-License-Identifier: Apache-2.0 */
/* papr/hpt_state.c - the hash table as saved state: its size, a pending resize, and the groups in use, in order.
 *
 * One record per group in use: u32 distance from the group before (the first from group -1; 0xffffffff and then u64
 * when it is that or more), u8 used slots, then v and r (u64 each) of every used slot.  Stopped machines only, so no
 * slot is detached. */
#include "papr/hpt_int.h"

#include <errno.h>

#include "base/taker.h"

#define FAR 0xffffffffu

static int save_groups(const void *obj, struct buf *out, struct error *err)
{
    const struct hpt *h = obj;
    const struct pteg_map *used = &h->cur->used;
    uint64_t before = UINT64_MAX;

    (void)err;
    for (uint64_t g = pteg_map_next(used, 0); g < used->n; g = pteg_map_next(used, g + 1)) {
        uint8_t slots = pteg_map_get(used, g);
        uint64_t distance = g - before;

        before = g;
        buf_append_le32(out, distance < FAR ? (uint32_t)distance : FAR);
        if (distance >= FAR)
            buf_append_le64(out, distance);
        buf_append_u8(out, slots);
        for (unsigned left = slots; left; left &= left - 1) {
            uint64_t ptex = g << 3 | (unsigned)__builtin_ctz(left);

            buf_append_le64(out, hpte_load_v(h->cur, ptex));
            buf_append_le64(out, hpte_load_r(h->cur, ptex));
        }
    }
    return 0;
}

static bool load_group(struct hpt *h, struct taker *t, uint64_t *before)
{
    uint64_t distance = take_le32(t);
    uint64_t g;
    unsigned slots;

    if (distance == FAR)
        distance = take_le64(t);
    g = *before + distance;
    slots = take_u8(t);
    if (t->bad || distance == 0 || g >= hpt_mem_groups(h->cur) || (g <= *before && *before != UINT64_MAX) || !slots)
        return false;
    for (unsigned left = slots; left; left &= left - 1) {
        struct hpte e = { .v = take_le64(t) };

        e.r = take_le64(t);
        if (t->bad || !(e.v & HPTE_V_V) || (e.v & HPTE_V_RESERVED) || !hpte_page_shift(e.v, e.r))
            return false;
        hpt_mem_place(h->cur, g << 3 | (unsigned)__builtin_ctz(left), e);
    }
    *before = g;
    return true;
}

/* After the plain fields, which stand before it in the list. */
static int load_groups(void *obj, const uint8_t *data, size_t len_bytes, struct error *err)
{
    struct hpt *h = obj;
    struct taker t = taker_of(data, len_bytes);
    uint64_t before = UINT64_MAX;
    int rc;

    if (h->saved.shift < HPT_SHIFT_MIN)
        return error_set(err, EBADMSG, "saved hash page table: 2^%u bytes is no size", h->saved.shift);
    rc = hpt_reset(h, h->saved.shift, err);
    while (rc == 0 && t.at < t.end) {
        if (!load_group(h, &t, &before))
            rc = error_set(err, EBADMSG, "saved hash page table: bad entries after group %llu",
                           (unsigned long long)before);
    }
    return rc;
}

static void fill_saved(void *obj)
{
    struct hpt *h = obj;

    h->saved.shift = (uint8_t)h->cur->t.shift;
    h->saved.pending_shift = (uint8_t)hpt_pending_shift(h);
}

/* A pending table may be dropped at any time; one that cannot be had here is. */
static int prepare_again(void *obj, struct error *err)
{
    struct hpt *h = obj;

    (void)err;
    if (h->saved.pending_shift >= HPT_SHIFT_MIN)
        hpt_prepare(h, h->saved.pending_shift);
    return 0;
}

static const struct state_custom groups = { save_groups, load_groups };

static const struct state_field hpt_fields[] = {
    STATE_U8_MAX(struct hpt, saved.shift, 1, HPT_SHIFT_MAX),
    STATE_U8_MAX(struct hpt, saved.pending_shift, 1, HPT_SHIFT_MAX),
    STATE_CUSTOM("groups", 1, &groups),
};

const struct state_list hpt_state =
    STATE_LIST("hpt", struct hpt, 1, hpt_fields, .pre_save = fill_saved, .post_load = prepare_again);
