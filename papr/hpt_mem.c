/* SPDX-License-Identifier: Apache-2.0 */
/* papr/hpt_mem.c - the memory of one hash table: entries and byte maps in one mapping that costs what is touched. */
#include "papr/hpt_int.h"

#include <assert.h>
#include <stdlib.h>
#include <sys/mman.h>

struct hpt_mem *hpt_mem_new(unsigned shift, uint64_t n_lmbs)
{
    uint64_t groups = 1ull << (shift - 7);
    size_t map_bytes = pteg_map_bytes(groups);
    size_t bytes = ((size_t)1 << shift) + 2 * map_bytes + n_lmbs * sizeof(uint32_t);
    struct hpt_mem *m = calloc(1, sizeof(*m));
    uint8_t *at;

    assert(shift >= HPT_SHIFT_MIN && shift <= HPT_SHIFT_MAX);
    if (!m)
        return NULL;
    at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (at == MAP_FAILED) {
        free(m);
        return NULL;
    }
    /* Entries are scattered by design: a huge page per touched entry would make every table resident at once. */
    madvise(at, bytes, MADV_NOHUGEPAGE);
    m->map = at;
    m->map_bytes = bytes;
    m->t.e = (_Atomic uint64_t *)at;
    m->t.shift = shift;
    pteg_map_init(&m->used, groups, at + (1ull << shift));
    pteg_map_init(&m->bolted, groups, at + (1ull << shift) + map_bytes);
    m->lmb_refs = (_Atomic uint32_t *)(at + (1ull << shift) + 2 * map_bytes);
    m->n_lmbs = n_lmbs;
    return m;
}

void hpt_mem_free(struct hpt_mem *m)
{
    if (!m)
        return;
    munmap(m->map, m->map_bytes);
    free(m);
}

static void free_now(struct rcu_head *head)
{
    rcu_grace_passed();
    hpt_mem_free(caa_container_of(head, struct hpt_mem, rcu));
}

void hpt_mem_free_later(struct hpt_mem *m)
{
    if (m)
        call_rcu(&m->rcu, free_now);
}

bool hpt_mem_clear(struct hpt_mem *m)
{
    return madvise(m->map, m->map_bytes, MADV_DONTNEED) == 0;
}

void hpt_mem_count(struct hpt_mem *m, struct hpte e, int by)
{
    unsigned page_shift = hpte_page_shift(e.v, e.r);
    uint64_t start = hpte_page_ra(e.r, page_shift);
    uint64_t first = start >> LMB_SHIFT;
    uint64_t last = (start + (1ull << page_shift) - 1) >> LMB_SHIFT;

    for (uint64_t i = first; i <= last && i < m->n_lmbs; i++)
        atomic_fetch_add_explicit(&m->lmb_refs[i], (uint32_t)by, memory_order_relaxed);
}

void hpt_mem_place(struct hpt_mem *m, uint64_t ptex, struct hpte e)
{
    uint64_t group = ptex >> 3;
    uint8_t bit = (uint8_t)(1u << (ptex & 7));

    pteg_map_put(&m->used, group, pteg_map_get(&m->used, group) | bit);
    if (e.v & HPTE_V_BOLTED)
        pteg_map_put(&m->bolted, group, pteg_map_get(&m->bolted, group) | bit);
    hpt_mem_count(m, e, 1);
    hpte_store(m, ptex, e.v, e.r);
}
