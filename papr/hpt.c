/* SPDX-License-Identifier: Apache-2.0 */
/* papr/hpt.c - one entry at a time, and the table as a whole.  Rules H1-H4 of papr/hpt.h. */
#include "papr/hpt_int.h"
#include "papr/ram_usage.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct lock *stripe_of(struct hpt *h, uint64_t ptex)
{
    return &h->stripe[(ptex >> 3) % HPT_STRIPES].lock;
}

void hpt_show(struct hpt *h, struct hpt_mem *m)
{
    h->cur = m;
    h->shown = m->t;
    for (unsigned i = 0; i <= HPT_SHIFT_MAX; i++)
        h->witness[i].shift = 0;
}

struct hpt *hpt_new(unsigned shift, uint64_t ceiling_bytes, struct error *err)
{
    struct hpt *h = aligned_alloc(64, (sizeof(struct hpt) + 63) / 64 * 64);
    uint64_t n_lmbs = (ceiling_bytes >> LMB_SHIFT) + 1;
    struct hpt_mem *m = h ? hpt_mem_new(shift, n_lmbs) : NULL;

    if (!m) {
        error_set(err, ENOMEM, "no memory for a hash page table of 2^%u bytes", shift);
        free(h);
        return NULL;
    }
    memset(h, 0, sizeof(*h));
    h->n_lmbs = n_lmbs;
    hpt_show(h, m);
    for (unsigned i = 0; i < HPT_STRIPES; i++)
        lock_init(&h->stripe[i].lock);
    lock_init(&h->resize_lock);
    return h;
}

void hpt_free(struct hpt *h)
{
    if (!h)
        return;
    hpt_mem_free(h->cur);
    hpt_mem_free(h->pending);
    for (unsigned i = 0; i < HPT_STRIPES; i++)
        lock_fini(&h->stripe[i].lock);
    lock_fini(&h->resize_lock);
    free(h);
}

const struct cpu_hpt *hpt_table(const struct hpt *h)
{
    return &h->shown;
}

unsigned hpt_shift(const struct hpt *h)
{
    return h->shown.shift;
}

void hpt_clear(struct hpt *h)
{
    if (hpt_mem_clear(h->cur))
        return;
    /* The host keeps the pages (locked memory): clear what is in use. */
    for (uint64_t g = pteg_map_next(&h->cur->used, 0); g < h->cur->used.n; g = pteg_map_next(&h->cur->used, g + 1)) {
        for (uint64_t ptex = g * 8; ptex < g * 8 + 8; ptex++)
            hpte_store(h->cur, ptex, 0, 0);
        pteg_map_put(&h->cur->used, g, 0);
        pteg_map_put(&h->cur->bolted, g, 0);
    }
    for (uint64_t i = 0; i < h->n_lmbs; i++)
        atomic_store_explicit(&h->cur->lmb_refs[i], 0, memory_order_relaxed);
}

int hpt_reset(struct hpt *h, unsigned shift, struct error *err)
{
    struct hpt_mem *m;

    hpt_cancel(h);
    hpt_clear(h);
    if (shift == h->cur->t.shift)
        return 0;
    m = hpt_mem_new(shift, h->n_lmbs);
    if (!m)
        return error_set(err, ENOMEM, "no memory for a hash page table of 2^%u bytes", shift);
    lock_take(&h->resize_lock);         /* against hpt_resident_bytes() */
    hpt_mem_free(h->cur);
    hpt_show(h, m);
    lock_drop(&h->resize_lock);
    return 0;
}

uint64_t hpt_resident_bytes(struct hpt *h)
{
    uint64_t bytes;

    lock_take(&h->resize_lock);
    bytes = ram_usage_bytes(h->cur->map, h->cur->map_bytes);
    lock_drop(&h->resize_lock);
    return bytes;
}

struct hpte hpt_read(struct hpt *h, uint64_t ptex)
{
    struct lock *l = stripe_of(h, ptex);
    struct hpte e;

    lock_take(l);
    e.v = hpte_load_v(h->cur, ptex);
    e.r = hpte_load_r(h->cur, ptex);
    lock_drop(l);
    return e;
}

bool hpt_insert(struct hpt *h, uint64_t ptex, bool exact, struct hpte e, uint64_t *ptex_used)
{
    struct lock *l = stripe_of(h, ptex);
    unsigned used, wanted;

    lock_take(l);
    used = pteg_map_get(&h->cur->used, ptex >> 3);
    wanted = exact ? ~used & 1u << (ptex & 7) : ~used & 0xff;
    if (wanted) {
        *ptex_used = (ptex & ~7ull) | (unsigned)__builtin_ctz(wanted);
        hpt_mem_place(h->cur, *ptex_used, e);
    }
    lock_drop(l);
    return wanted != 0;
}

static bool matches(uint64_t v, struct hpte_match m)
{
    return (v & HPTE_V_V) && !(m.avpn && (v & ~0x7full) != m.value) && !(m.andcond && (v & m.value));
}

bool hpt_detach(struct hpt *h, uint64_t ptex, struct hpte_match match, struct hpte *old)
{
    struct lock *l = stripe_of(h, ptex);
    bool found;

    lock_take(l);
    old->v = hpte_load_v(h->cur, ptex);
    old->r = hpte_load_r(h->cur, ptex);
    found = matches(old->v, match);
    if (found) {
        atomic_store(&h->cur->t.e[2 * ptex], 0);
        if (old->v & HPTE_V_BOLTED)
            pteg_map_put(&h->cur->bolted, ptex >> 3, pteg_map_get(&h->cur->bolted, ptex >> 3) & ~(1u << (ptex & 7)));
    }
    lock_drop(l);
    return found;
}

uint64_t hpt_release(struct hpt *h, uint64_t ptex, struct hpte old)
{
    struct lock *l = stripe_of(h, ptex);
    uint64_t r;

    lock_take(l);
    r = atomic_exchange(&h->cur->t.e[2 * ptex + 1], 0);
    pteg_map_put(&h->cur->used, ptex >> 3, pteg_map_get(&h->cur->used, ptex >> 3) & ~(1u << (ptex & 7)));
    hpt_mem_count(h->cur, old, -1);
    lock_drop(l);
    return r;
}

bool hpt_change(struct hpt *h, uint64_t ptex, struct hpte_match match, uint64_t clear, uint64_t set, struct hpte *old)
{
    struct lock *l = stripe_of(h, ptex);
    bool found;

    lock_take(l);
    old->v = hpte_load_v(h->cur, ptex);
    found = matches(old->v, match);
    if (found) {
        old->r = hpte_load_r(h->cur, ptex);
        /* A walker may add R or C at any time. */
        while (!atomic_compare_exchange_weak(&h->cur->t.e[2 * ptex + 1], &old->r, (old->r & ~clear) | set))
            ;
    }
    lock_drop(l);
    return found;
}

uint64_t hpt_maps_ra(struct hpt *h, ra_t start, uint64_t len)
{
    uint64_t sum = 0;

    for (uint64_t i = start.v >> LMB_SHIFT; i < (start.v + len) >> LMB_SHIFT && i < h->n_lmbs; i++)
        sum += atomic_load_explicit(&h->cur->lmb_refs[i], memory_order_relaxed);
    return sum;
}

static bool in_range(struct hpte e, ra_t start, uint64_t len)
{
    unsigned page_shift = hpte_page_shift(e.v, e.r);
    uint64_t page = hpte_page_ra(e.r, page_shift);

    return page < start.v + len && page + (1ull << page_shift) > start.v;
}

static unsigned drop_in_group(struct hpt *h, uint64_t g, ra_t start, uint64_t len)
{
    unsigned dropped = 0;

    for (uint64_t ptex = g * 8; ptex < g * 8 + 8; ptex++) {
        struct hpte e = { .v = hpte_load_v(h->cur, ptex), .r = hpte_load_r(h->cur, ptex) };
        struct hpte old;

        if ((e.v & HPTE_V_V) && in_range(e, start, len) && hpt_detach(h, ptex, (struct hpte_match){ 0 }, &old)) {
            hpt_release(h, ptex, old);
            dropped++;
        }
    }
    return dropped;
}

uint64_t hpt_drop_ra(struct hpt *h, ra_t start, uint64_t len)
{
    const struct pteg_map *used = &h->cur->used;
    uint64_t dropped = 0;

    if (hpt_maps_ra(h, start, len) == 0)
        return 0;
    for (uint64_t g = pteg_map_next(used, 0); g < used->n; g = pteg_map_next(used, g + 1))
        dropped += drop_in_group(h, g, start, len);
    return dropped;
}
