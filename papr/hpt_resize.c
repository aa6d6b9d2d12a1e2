/* SPDX-License-Identifier: Apache-2.0 */
/* papr/hpt_resize.c - another size for the hash table: sizes worth having, prepare, commit, and witnesses.
 *
 * Spec: LoPAR, H_RESIZE_HPT_PREPARE and _COMMIT; docs/hpt.md.  Only bolted entries survive a commit.  Each keeps its
 * words and its slot number within the group; only the group changes.  When two of them meet in one slot the size is
 * impossible, and stays so while both stand: they are its witness. */
#include "papr/hpt_int.h"


static unsigned log2_ceil(uint64_t v)
{
    return v <= 1 ? 0 : 64 - (unsigned)__builtin_clzll(v - 1);
}

static unsigned clamp_shift(int shift)
{
    return shift < HPT_SHIFT_MIN ? HPT_SHIFT_MIN : shift > HPT_SHIFT_MAX ? HPT_SHIFT_MAX : (unsigned)shift;
}

unsigned hpt_boot_shift(uint64_t memory_bytes, unsigned guest_page_shift)
{
    unsigned page_shift = guest_page_shift ? guest_page_shift : 12;

    /* A guest with 4 KiB pages already gets the most the partition may have: no slack above it. */
    return clamp_shift((int)log2_ceil(memory_bytes) - (int)(page_shift + 1) + 7 + (page_shift >= 16));
}

unsigned hpt_limit_shift(uint64_t memory_bytes)
{
    return clamp_shift((int)log2_ceil(memory_bytes) - 7 + 1);
}

/* True while both colliding entries stand as they did. */
static bool witness_stands(const struct hpt *h, const struct hpt_witness *w)
{
    return w->shift && hpte_load_v(h->cur, w->ptex[0]) == w->v[0] && hpte_load_v(h->cur, w->ptex[1]) == w->v[1];
}

/* What meets in one slot at some size meets at every smaller one. */
static bool known_impossible(const struct hpt *h, unsigned shift)
{
    for (unsigned s = shift; s < h->cur->t.shift; s++) {
        if (witness_stands(h, &h->witness[s]))
            return true;
    }
    return false;
}

static enum hpt_resize prepare_locked(struct hpt *h, unsigned shift) REQUIRES(h->resize_lock)
{
    if (h->pending && h->pending->t.shift == shift)
        return HPT_RESIZE_OK;
    hpt_mem_free_later(h->pending);
    h->pending = NULL;
    if (known_impossible(h, shift)) {
        h->stats.witness_refusals++;
        return HPT_RESIZE_FULL;
    }
    h->stats.prepares++;
    h->pending = hpt_mem_new(shift, h->n_lmbs);
    return h->pending ? HPT_RESIZE_OK : HPT_RESIZE_NO_MEMORY;
}

enum hpt_resize hpt_prepare(struct hpt *h, unsigned shift)
{
    enum hpt_resize result;

    lock_take(&h->resize_lock);
    result = prepare_locked(h, shift);
    lock_drop(&h->resize_lock);
    return result;
}

void hpt_cancel(struct hpt *h)
{
    lock_take(&h->resize_lock);
    hpt_mem_free_later(h->pending);
    h->pending = NULL;
    lock_drop(&h->resize_lock);
}

unsigned hpt_pending_shift(struct hpt *h)
{
    unsigned shift;

    lock_take(&h->resize_lock);
    shift = h->pending ? h->pending->t.shift : 0;
    lock_drop(&h->resize_lock);
    return shift;
}

/* Keeps the entry that took the place e wants, and e. On a shrink only the high bits of the group vanish. */
static void find_rival(const struct hpt *h, const struct hpt_mem *to, uint64_t ptex, struct hpte e, uint64_t group,
                       struct hpt_witness *w)
{
    uint64_t step = 1ull << (to->t.shift - 7);

    for (uint64_t g = group; g < hpt_mem_groups(h->cur); g += step) {
        uint64_t rival = g << 3 | (ptex & 7);
        struct hpte o = { .v = hpte_load_v(h->cur, rival), .r = hpte_load_r(h->cur, rival) };
        uint64_t same;

        if (rival != ptex && (pteg_map_get(&h->cur->bolted, g) >> (ptex & 7) & 1) &&
            hpte_rehash(o, g, h->cur->t.shift, to->t.shift, &same)) {
            *w = (struct hpt_witness){ to->t.shift, { rival, ptex }, { o.v, e.v } };
            return;
        }
    }
}

/* Moves what is bolted in group g. False: no room for an entry; its witness is kept. */
static bool move_group(struct hpt *h, struct hpt_mem *to, uint64_t g, struct hpt_stats *stats)
{
    for (unsigned left = pteg_map_get(&h->cur->bolted, g); left; left &= left - 1) {
        uint64_t ptex = g << 3 | (unsigned)__builtin_ctz(left);
        struct hpte e = { .v = hpte_load_v(h->cur, ptex), .r = hpte_load_r(h->cur, ptex) };
        uint64_t new_group;

        /* The guest put it where no processor would look for it: nobody can miss it. */
        if (!hpte_rehash(e, g, h->cur->t.shift, to->t.shift, &new_group)) {
            stats->entries_misplaced++;
            continue;
        }
        if (pteg_map_get(&to->used, new_group) >> (ptex & 7) & 1) {
            find_rival(h, to, ptex, e, new_group, &h->witness[to->t.shift]);
            return false;
        }
        hpt_mem_place(to, new_group << 3 | (ptex & 7), e);
        stats->entries_moved++;
    }
    return true;
}

static bool move_all(struct hpt *h, struct hpt_mem *to, struct hpt_stats *stats)
{
    const struct pteg_map *bolted = &h->cur->bolted;

    stats->groups_visited = stats->entries_moved = stats->entries_misplaced = 0;
    for (uint64_t g = pteg_map_next(bolted, 0); g < bolted->n; g = pteg_map_next(bolted, g + 1)) {
        stats->groups_visited++;
        if (!move_group(h, to, g, stats))
            return false;
    }
    return true;
}

static enum hpt_resize commit_locked(struct hpt *h, unsigned shift) REQUIRES(h->resize_lock)
{
    struct hpt_mem *to = h->pending;

    if (!to || to->t.shift != shift)
        return HPT_RESIZE_NONE;
    h->pending = NULL;
    if (!move_all(h, to, &h->stats)) {
        hpt_mem_free_later(to);
        h->stats.commits_full++;
        return HPT_RESIZE_FULL;
    }
    hpt_mem_free_later(h->cur);
    hpt_show(h, to);
    h->stats.commits++;
    return HPT_RESIZE_OK;
}

enum hpt_resize hpt_commit(struct hpt *h, unsigned shift)
{
    enum hpt_resize result;

    lock_take(&h->resize_lock);
    result = commit_locked(h, shift);
    lock_drop(&h->resize_lock);
    return result;
}

void hpt_stats(struct hpt *h, struct hpt_stats *out)
{
    lock_take(&h->resize_lock);
    *out = h->stats;
    lock_drop(&h->resize_lock);
}
